//! The function that an appspec of the Lambda platform deploys (codedeploy.md 4).

use super::read::URL;
use super::section::{Section, refuse};
use crate::spec::reading::{Reader, head, place};

pub(super) const PROPERTIES: [&str; 4] = ["Name", "Alias", "CurrentVersion", "TargetVersion"];

/// Its four properties, each of which is needed.
pub(super) fn properties<'t>(reader: &mut Reader<'t>, properties: &Section<'t>) {
    properties.needed_text(reader, "Name", "write the name of the function");
    properties.needed_text(reader, "Alias", "write the alias whose traffic is shifted");
    for (key, help) in [
        ("CurrentVersion", "write the version that the alias points to"),
        ("TargetVersion", "write the version that the alias is to point to"),
    ] {
        let Some(entry) = properties.needed(reader, key, help) else { continue };
        let latest = entry.value.text().map(str::trim) == Some("$LATEST");
        let text = if latest { Some("$LATEST") } else { properties.text(reader, entry, key) };
        let is_version = |text: &str| text.parse::<u64>().is_ok_and(|version| version > 0);
        if let Some(text) = text.filter(|text| !is_version(text)) {
            let message =
                format!("`{}` is {text}; a version is a whole number above zero", properties.path(key));
            let label = if latest { "no published version" } else { "not a version" };
            refuse(reader, entry, message, label);
        }
    }
    let version =
        |key: &str| properties.entry(key).and_then(|entry| Some((entry, entry.value.text()?.trim())));
    if let (Some((_, current)), Some((entry, target))) = (version("CurrentVersion"), version("TargetVersion"))
        && current == target
        && target.parse::<u64>().is_ok()
    {
        let message =
            format!("`CurrentVersion` and `TargetVersion` are both {target}: there is nothing to shift");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "the version of before");
        reader.push(finding.help("publish a version, and write its number here").url(URL));
    }
    properties.unknown(reader, &PROPERTIES);
}
