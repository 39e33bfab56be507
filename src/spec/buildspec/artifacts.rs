//! `artifacts` (codebuild.md 1.9) and `reports` (1.8).

use super::keys::unknown_keys;
use super::{Artifacts, ReportGroup, Version};
use crate::spec::quotas;
use crate::spec::reading::{Reader, head, place, replace};
use crate::spec::schema::buildspec::{ARTIFACTS, REPORT_GROUP, SECONDARY};
use crate::spec::spelling::{is_misspelt, nearest};
use crate::syntax::{Entry, Kind, Span, Style};

/// The formats, which are matched without regard to case.
pub(in crate::spec) const FORMATS: [&str; 10] = [
    "JUNITXML",
    "CUCUMBERJSON",
    "NUNITXML",
    "NUNIT3XML",
    "TESTNGXML",
    "VISUALSTUDIOTRX",
    "CLOVERXML",
    "COBERTURAXML",
    "JACOCOXML",
    "SIMPLECOV",
];

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, version: Version) -> Option<Artifacts> {
    reader.no_section("artifacts", entry, "nothing is collected");
    let artifacts = definition(reader, "artifacts", entry, true);
    if entry.value.kind() == Kind::Mapping {
        let more: &[&str] = match version {
            Version::V0_1 => &["type"],
            Version::V0_2 => &[],
        };
        unknown_keys(reader, "artifacts", entry.value, &[ARTIFACTS.names, more].concat());
    }
    artifacts
}

/// Items of a list of paths that are no path as they stand: two lines that YAML makes one of, and a comma at the end.
pub(super) fn paths<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) {
    let one = Some(entry.value).filter(|value| value.kind() == Kind::Scalar);
    for item in one.into_iter().chain(entry.value.items()) {
        let Some(scalar) = item.scalar() else { continue };
        if let Some((first, _)) =
            scalar.text.split_once(", ").filter(|(first, _)| !first.contains(['{', '[']))
        {
            let message = format!("this is one path with a comma in it, and not several of `{path}`");
            let finding = reader.warning("string-for-list", message, item.span(), "matches nothing");
            reader.push(finding.help(format!("make each an item of its own: - {first}")));
            continue;
        }
        if ["s3://", "http://", "https://"].iter().any(|scheme| scalar.text.starts_with(scheme)) {
            let message = format!("this item of `{path}` is an address, and no path of a file");
            let finding = reader.warning("invalid-value", message, item.span(), "matches nothing");
            reader.push(finding.help("fetch it, or send it there, in a command"));
            continue;
        }
        if scalar.style != Style::Plain {
            continue;
        }
        let source = item.source();
        if let Some((first, second)) = source.slice(item.content_span()).split_once('\n') {
            let line = second.trim_start();
            // Of one that has its dash that is told with what it is in.
            if line.starts_with("- ") {
                continue;
            }
            let at = item.content_span().end - u32::try_from(line.len()).unwrap_or_default();
            let span = head(source, Span::new(at, item.content_span().end));
            let message = format!("this line is a part of the item above it, in `{path}`");
            let finding = reader.warning("item-in-text", message, span, "no item of its own");
            let begin = item.content_span().start;
            let first = Span::new(begin, begin + u32::try_from(first.trim_end().len()).unwrap_or_default());
            reader.push(
                finding
                    .label(first, "the text begins here")
                    .help("begin it with `- `, below the dash of the item above"),
            );
        } else if let Some(bare) = scalar.text.strip_suffix(',').filter(|bare| !bare.is_empty()) {
            let message = format!("the `,` at the end is a part of this item of `{path}`");
            let finding = reader.warning("invalid-value", message, item.span(), "matches nothing");
            let fix = replace(item.span(), bare);
            reader.push(finding.help(format!("write {bare}")).fix("Remove the comma", fix));
        }
    }
}

/// `!pattern` leaves nothing out: it is a name that begins with `!`.
fn negated<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) {
    for item in entry.value.items() {
        let Some(pattern) = item.text().and_then(|text| text.strip_prefix('!')) else { continue };
        let message = format!("`{path}` has no patterns that leave something out: this one is a name");
        let finding = reader.warning("invalid-value", message, item.span(), "matches nothing");
        reader.push(finding.help(format!("name {pattern} below `exclude-paths`")));
    }
}

fn definition<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>, primary: bool) -> Option<Artifacts> {
    let mapping = reader.mapping_around(path, entry, "files")?;
    let mut artifacts = Artifacts { span: entry.span(), ..Artifacts::default() };
    for entry in mapping.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "files" => {
                artifacts.files = reader.some_texts(&path, entry, "nothing is collected");
                paths(reader, &path, entry);
                negated(reader, &path, entry);
            }
            "name" => artifacts.name = reader.filled(&path, entry),
            "base-directory" => artifacts.base_directory = reader.filled(&path, entry),
            "discard-paths" => artifacts.discard_paths = reader.flag(&path, entry),
            // The reference shows one path and speaks of several: both are fine.
            "exclude-paths" if entry.value.text().is_some() && !entry.value.is_blank() => {
                if entry.value.text().is_some_and(|text| text.starts_with(['-', '–', '—'])) {
                    reader.one_for_many(&path, entry);
                }
                artifacts.exclude_paths = entry.value.text().map(str::to_owned).into_iter().collect();
            }
            "exclude-paths" => {
                artifacts.exclude_paths = reader.some_texts(&path, entry, "nothing is left out");
                paths(reader, &path, entry);
            }
            "enable-symlinks" => artifacts.enable_symlinks = reader.flag(&path, entry),
            "s3-prefix" => artifacts.s3_prefix = reader.filled(&path, entry),
            "secondary-artifacts" if primary => artifacts.secondary = secondary(reader, &path, entry),
            _ => {}
        }
    }
    let known = if primary { ARTIFACTS.names } else { SECONDARY.names };
    if mapping.entry("files").is_none() && !is_misspelt(mapping, known, "files") {
        let (message, span) = (format!("`{path}` has no `files`"), entry.key.span());
        reader.push(if primary && mapping.entry("secondary-artifacts").is_some() {
            // What the CDK writes for several outputs has none, and is live.
            reader
                .advice("missing-key", message, span, "documented as required beside secondary artifacts")
                .help("a list of none says that only the others are collected: `files: []`")
        } else {
            reader.warning("missing-key", message, span, "nothing is collected").help("add `files:`")
        });
    }
    if !primary {
        unknown_keys(reader, path, mapping, SECONDARY.names);
    }
    Some(artifacts)
}

fn secondary<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<(String, Artifacts)> {
    let Some(mapping) = reader.mapping(path, entry) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in mapping.entries() {
        let Some(name) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{name}");
        reader.no_section(&path, entry, "nothing is collected");
        if let Some(artifacts) = definition(reader, &path, entry, false) {
            all.push((name.to_owned(), artifacts));
        }
    }
    if all.len() > quotas::SECONDARY_ARTIFACTS.value as usize {
        let message = format!("more than {} secondary artifacts", quotas::SECONDARY_ARTIFACTS.value);
        reader.push(reader.error("too-many", message, entry.key.span(), "here"));
    }
    all
}

pub(super) fn reports<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<(String, ReportGroup)> {
    let Some(mapping) = reader.mapping("reports", entry) else { return Vec::new() };
    let mut groups = Vec::new();
    for entry in mapping.entries() {
        let Some(name) = reader.key("reports", entry) else { continue };
        if ["artifacts", "batch", "cache", "env", "phases", "proxy"].contains(&name) {
            let message = format!("`{name}` stands below `reports`, and is a report group there");
            let finding = reader.warning("unknown-key", message, entry.key.span(), "stands too deep");
            reader.push(finding.help(format!("write `{name}:` at the beginning of its line")));
            continue;
        }
        let before = reader.count();
        let group = group(reader, &format!("reports.{name}"), entry);
        if group.is_none() && REPORT_GROUP.names.contains(&name) {
            reader.help_since(
                before,
                "below `reports:` stands the name of a report group, and its keys below that",
            );
        }
        groups.extend(group.map(|group| (name.to_owned(), group)));
    }
    if groups.len() > quotas::REPORT_GROUPS.value as usize {
        let message = format!("more than {} report groups", quotas::REPORT_GROUPS.value);
        reader.push(reader.warning("too-many", message, entry.key.span(), "here"));
    }
    groups
}

fn group<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<ReportGroup> {
    reader.no_section(path, entry, "nothing is reported");
    let mapping = reader.mapping_around(path, entry, "files")?;
    let mut group = ReportGroup {
        files: Vec::new(),
        base_directory: None,
        discard_paths: false,
        file_format: FORMATS[0].to_owned(),
        span: entry.span(),
    };
    for entry in mapping.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "files" => {
                group.files = reader.some_texts(&path, entry, "nothing is reported");
                paths(reader, &path, entry);
            }
            "base-directory" => group.base_directory = reader.filled(&path, entry),
            "discard-paths" => group.discard_paths = reader.flag(&path, entry),
            "file-format" => group.file_format = format(reader, &path, entry),
            _ => {}
        }
    }
    if mapping.entry("files").is_none() && !is_misspelt(mapping, REPORT_GROUP.names, "files") {
        let message = format!("`{path}` has no `files`");
        let finding = reader.warning("missing-key", message, entry.key.span(), "nothing is reported");
        reader.push(finding.help("add `files:` with paths or globs of the report files"));
    }
    unknown_keys(reader, path, mapping, REPORT_GROUP.names);
    Some(group)
}

fn format<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> String {
    let text = reader.filled(path, entry).unwrap_or_default();
    let format = text.trim().to_ascii_uppercase();
    if format.is_empty() {
        return FORMATS[0].to_owned();
    }
    if !FORMATS.contains(&format.as_str()) {
        let message = format!("`{text}` is no format of reports");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "unknown format");
        reader.push(match meant(&format)[..] {
            [meant] => {
                let finding = finding.help(format!("write `{meant}`"));
                finding.fix(format!("Write `{meant}`"), replace(entry.value.span(), meant))
            }
            [one, other] => finding.help(format!("write `{one}` or `{other}`")),
            _ => finding.help(format!("the formats are {}", FORMATS.join(", "))),
        });
    }
    format
}

/// The formats that another word was probably meant to be: `JUNIT` and `junit-xml` are JUNITXML, `TRX` is VISUALSTUDIOTRX.
fn meant(format: &str) -> Vec<&'static str> {
    let plain: String = format.chars().filter(char::is_ascii_alphanumeric).collect();
    let named = |known: &&str| plain.len() >= 3 && (known.starts_with(&plain) || known.ends_with(&plain));
    let named: Vec<_> = FORMATS.into_iter().filter(named).collect();
    // XML ends most of them.
    if (1..=2).contains(&named.len()) { named } else { nearest(format, &FORMATS).into_iter().collect() }
}
