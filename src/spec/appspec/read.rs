//! The top level of an appspec, and `files`.
//!
//! Owns: which platform a file is for, `version`, `os`, `files`, `file_exists_behavior`, and what is not known. Leaves to
//! its siblings: `hooks` and `permissions`.

use std::sync::Arc;

use super::{AppSpec, FileExists, FileMapping, Os, hooks, permissions};
use crate::spec::Read;
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::reading::{Reader, head, is_there, nearest, place, rename, replace};
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Style, Tree};

/// Where the appspec reference stands.
pub(super) const URL: &str =
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html";

/// Reads an appspec, which may be YAML or JSON.
pub fn load(name: &str, bytes: &[u8]) -> Read<AppSpec> {
    document::load(name, bytes, Origin::Other, read)
}

/// Reads an appspec that was parsed already.
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<AppSpec> {
    document::load_parsed(source, parsed, Origin::Other, read)
}

/// Reads an appspec from its tree.
pub fn read(tree: &Tree) -> Read<AppSpec> {
    let mut reader = Reader::new(tree, "CodeDeploy");
    let root = tree.root();
    if root.kind() != Kind::Mapping {
        let span = head(tree.source(), root.span());
        let finding = if root.is_null() {
            let empty = "the appspec is empty";
            reader.error("wrong-kind", empty, span, "here")
        } else {
            let message = format!("the appspec is {}; CodeDeploy expects a mapping", kind_words(root.kind()));
            reader.error("wrong-kind", message, span, "here")
        };
        reader.push(finding.help("begin with `version: 0.0` and `os: linux`").url(URL));
        return reader.finish(None);
    }
    if let Some(resources) = root.entry("resources").or_else(|| root.entry("Resources")) {
        other_platform(&mut reader, resources);
        return reader.finish(None);
    }
    version(&mut reader, root);
    let mut spec = AppSpec {
        os: os(&mut reader, root),
        files: Vec::new(),
        file_exists_behavior: None,
        permissions: Vec::new(),
        hooks: Vec::new(),
    };
    for entry in root.entries() {
        match reader.key("", entry) {
            Some("files") => spec.files = files(&mut reader, entry),
            Some("file_exists_behavior") => spec.file_exists_behavior = file_exists(&mut reader, entry),
            Some("permissions") => spec.permissions = permissions::read(&mut reader, entry),
            Some("hooks" | "Hooks") => spec.hooks = hooks::read(&mut reader, entry),
            _ => {}
        }
    }
    if let (Os::Windows, Some(entry)) = (spec.os, root.entry("permissions"))
        && !spec.permissions.is_empty()
    {
        let message = "`permissions` in an appspec for Windows";
        let finding = reader.error("invalid-value", message, entry.key.span(), "only for Linux");
        reader.push(finding.help("remove it, or write `os: linux`").url(URL));
    }
    unknown_keys(
        &mut reader,
        "",
        root,
        &["version", "os", "files", "file_exists_behavior", "permissions", "hooks"],
    );
    reader.finish(Some(spec))
}

/// An appspec of the Lambda or ECS platform (codedeploy.md 4, 5).
fn other_platform<'t>(reader: &mut Reader<'t>, resources: Entry<'t>) {
    let types = resources.value.items().flat_map(Node::entries).filter_map(|resource| {
        let kind = resource.value.get("Type").or_else(|| resource.value.get("type"));
        kind.and_then(Node::text)
    });
    let platform = types.into_iter().find_map(|kind| match kind {
        "AWS::ECS::Service" => Some("ECS"),
        "AWS::Lambda::Function" => Some("Lambda"),
        _ => None,
    });
    let message = match platform {
        Some(platform) => format!("an appspec of the {platform} platform is not there yet"),
        None => "an appspec of the Lambda or ECS platform is not there yet".to_owned(),
    };
    let finding = reader.error("not-there-yet", message, resources.key.span(), "not of the Server platform");
    reader.push(finding.help("only the Server platform (EC2, on-premises) can be rehearsed"));
}

/// The agent compares with the number 0.0: `0` passes, `"0.0"` and `1.0` do not (codedeploy.md 2).
fn version<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    let Some(entry) = root.entry("version") else {
        if !root.tree().is_partial() {
            let span = head(root.source(), root.span());
            let finding =
                reader.error("missing-key", "the appspec has no `version`", span, "no `version` here");
            reader.push(finding.help("add a first line `version: 0.0`").url(URL));
        }
        return;
    };
    let scalar = entry.value.scalar();
    let text = scalar.map(|scalar| scalar.text).unwrap_or_default();
    let is_number = text.parse::<f64>() == Ok(0.0);
    if is_number && scalar.is_some_and(|scalar| scalar.style == Style::Plain) {
        return;
    }
    let span = head(root.source(), place(entry));
    let finding = if is_number {
        let message = "`version` is a text; the agent expects the number 0.0";
        let fix = replace(entry.value.span(), "0.0");
        reader
            .error("invalid-value", message, span, "a text, because of the quotes")
            .help("write `version: 0.0`, without quotes")
            .fix("Remove the quotes", fix)
    } else {
        reader
            .error("invalid-value", "`version` is not 0.0, the only one there is", span, "unknown version")
            .help("write `version: 0.0`")
    };
    reader.push(finding.url(URL));
}

fn os<'t>(reader: &mut Reader<'t>, root: Node<'t>) -> Os {
    let Some(entry) = root.entry("os") else {
        if !root.tree().is_partial() {
            let span = head(root.source(), root.span());
            let finding = reader.error("missing-key", "the appspec has no `os`", span, "no `os` here");
            reader.push(finding.help("add a line `os: linux`").url(URL));
        }
        return Os::Linux;
    };
    match entry.value.text() {
        Some("linux") => Os::Linux,
        Some("windows") => Os::Windows,
        other => {
            let span = head(root.source(), place(entry));
            let finding =
                reader.error("invalid-value", "`os` is neither linux nor windows", span, "unknown system");
            let meant = other.and_then(|text| nearest(text, &["linux", "windows"])).unwrap_or("linux");
            let finding = match other {
                Some(_) => rename(finding, entry.value.span(), &["linux", "windows"], meant, false),
                None => finding,
            };
            reader.push(finding.help(format!("write `os: {meant}`")).url(URL));
            Os::Linux
        }
    }
}

fn file_exists<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<FileExists> {
    match entry.value.text() {
        None if entry.value.is_null() => return None,
        Some("DISALLOW") => return Some(FileExists::Disallow),
        Some("OVERWRITE") => return Some(FileExists::Overwrite),
        Some("RETAIN") => return Some(FileExists::Retain),
        _ => {}
    }
    let text = entry.value.text().unwrap_or_default();
    let message = "`file_exists_behavior` is none of DISALLOW, OVERWRITE and RETAIN";
    let span = head(entry.value.source(), place(entry));
    let mut finding = reader.error("invalid-value", message, span, "unknown behaviour");
    let known = ["DISALLOW", "OVERWRITE", "RETAIN"];
    if let Some(meant) = nearest(text, &known) {
        finding = rename(finding, entry.value.span(), &known, meant, false);
    }
    reader.push(finding.url(URL));
    None
}

/// The mappings of a list. A file of the agent's has nothing else there.
pub(super) fn mappings<'t>(
    reader: &mut Reader<'t>,
    path: &str,
    entry: Entry<'t>,
) -> Vec<(String, Entry<'t>)> {
    match entry.value.kind() {
        Kind::Sequence => {}
        Kind::Scalar if entry.value.is_null() => return Vec::new(),
        Kind::Scalar | Kind::Mapping => {
            reader.wrong_kind(path, entry, "a list");
            return Vec::new();
        }
    }
    let mut found = Vec::new();
    for (index, value) in entry.value.items().enumerate() {
        let path = format!("{path}[{index}]");
        let item = Entry { key: entry.key, value };
        if value.kind() == Kind::Mapping {
            found.push((path, item));
        } else {
            reader.wrong_kind(&path, item, "a mapping");
        }
    }
    found
}

/// `files` (codedeploy.md 3.1).
fn files<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<FileMapping> {
    let mut files = Vec::new();
    for (path, item) in mappings(reader, "files", entry) {
        let text = |reader: &mut Reader<'t>, key: &str| {
            let entry = item.value.entry(key)?;
            reader.text(&format!("{path}.{key}"), entry).filter(|text| !text.is_empty())
        };
        let (source, destination) = (text(reader, "source"), text(reader, "destination"));
        let span = head(item.value.source(), item.value.span());
        match (source, destination) {
            (Some(source), Some(destination)) => {
                if !destination.starts_with('/') && !is_windows_path(&destination) {
                    let message = format!("`{path}.destination` is no full path");
                    let at = item.value.entry("destination").map_or(span, place);
                    let finding =
                        reader.warning("invalid-value", message, head(item.value.source(), at), "relative");
                    reader.push(finding.help(format!("write `/{}`", destination.trim_start_matches("./"))));
                }
                files.push(FileMapping { source, destination, span });
            }
            (None, _) => {
                let message = format!("`{path}` has no `source`");
                let finding = reader.error("missing-key", message, span, "no `source` here");
                let help = "write `source:` and a path in the bundle, or `/` for all of it";
                reader.push(finding.help(help).url(URL));
            }
            (Some(_), None) => {
                let message = format!("`{path}` has no `destination`");
                let finding = reader.error("missing-key", message, span, "no `destination` here");
                reader.push(finding.help("write `destination:` and the full path of a folder").url(URL));
            }
        }
        unknown_keys(reader, &path, item.value, &["source", "destination"]);
    }
    files
}

fn is_windows_path(text: &str) -> bool {
    text.as_bytes().get(1) == Some(&b':')
}

/// The agent ignores keys that it does not know (codedeploy.md 2).
pub(super) fn unknown_keys<'t>(reader: &mut Reader<'t>, section: &str, mapping: Node<'t>, known: &[&str]) {
    for entry in mapping.entries() {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        if known.contains(&name) || (section.is_empty() && name == "Hooks") {
            continue;
        }
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        let message = format!("CodeDeploy does not know `{path}`");
        let mut finding = reader.warning("unknown-key", message, entry.key.span(), "ignored").url(URL);
        if name == "file_exists_behavior" || name == "overwrite" {
            finding = finding.help("`file_exists_behavior` stands at the top level, for all files");
        } else if let Some(meant) = nearest(name, known) {
            finding = rename(finding, entry.key.span(), known, meant, is_there(mapping, meant));
        }
        reader.push(finding);
    }
}
