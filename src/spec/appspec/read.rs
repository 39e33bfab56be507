//! The top level of an appspec.
//!
//! Owns: the way in for files of every platform, `version`, and for servers `os`, `file_exists_behavior` and what is not
//! known. Leaves to its siblings: the files of Lambda and ECS, and the sections.

use std::sync::Arc;

use super::agent::Refusal;
use super::platform::{self, Platform, is_server};
use super::section::{find, is_placeholder};
use super::{AppSpec, FileExists, Os, files, hooks, permissions, reach, resources};
use crate::diagnostic::{Finding, Severity};
use crate::spec::Read;
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::reading::{Reader, head, place, replace};
use crate::spec::spelling::{is_misspelt, is_there, lacks, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Style, Tree};

/// Where the appspec reference stands.
pub(super) const URL: &str =
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html";

/// Reads the appspec of a deployment, which may be YAML or JSON. Only those for servers can be deployed here.
pub fn load(name: &str, bytes: &[u8]) -> Read<AppSpec> {
    document::load(name, bytes, Origin::Other, |tree| {
        let mut read = read(tree);
        if let Some(resources) = find(tree.root(), "Resources").filter(|_| !is_server(tree.root())) {
            read.findings.push(not_there_yet(tree, resources));
        }
        read
    })
}

/// Reads an appspec that was parsed already. One of Lambda or ECS is checked, and has no value.
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<AppSpec> {
    document::load_parsed(source, parsed, Origin::Other, read)
}

/// Reads an appspec from its tree.
fn read(tree: &Tree) -> Read<AppSpec> {
    let mut reader = Reader::new(tree, "CodeDeploy");
    let root = tree.root();
    if root.kind() != Kind::Mapping {
        let span = head(tree.source(), root.span());
        let finding = if root.is_null() {
            let empty = "the appspec is empty";
            reader.error("wrong-kind", empty, span, "here").aws(Refusal::Empty.to_string())
        } else {
            let message = format!("the appspec is {}; CodeDeploy expects a mapping", kind_words(root.kind()));
            reader.error("wrong-kind", message, span, "here")
        };
        reader.push(finding.help("begin with `version: 0.0` and `os: linux`").url(URL));
        return reader.finish(None);
    }
    if !is_server(root) {
        resources::read(&mut reader, tree);
        return reader.finish(None);
    }
    file_name(&mut reader, root);
    version(&mut reader, root, Platform::Server);
    let mut spec = AppSpec {
        os: os(&mut reader, root),
        files: Vec::new(),
        file_exists_behavior: None,
        permissions: Vec::new(),
        hooks: Vec::new(),
    };
    for entry in root.entries() {
        match reader.key("", entry) {
            Some("files") => spec.files = files::read(&mut reader, entry, spec.os),
            Some("file_exists_behavior") => spec.file_exists_behavior = file_exists(&mut reader, entry),
            Some("permissions") => spec.permissions = permissions::read(&mut reader, entry),
            Some("hooks") => spec.hooks = hooks::read(&mut reader, entry, spec.os),
            _ => {}
        }
    }
    if spec.os == Os::Linux && !root.tree().is_partial() {
        let written = root.get("files").map_or(0, |files| files.items().len());
        reach::unreached(&mut reader, &spec, written);
        reach::scripts(&mut reader, &spec);
    }
    if let (Os::Windows, Some(entry)) = (spec.os, root.entry("permissions"))
        && !spec.permissions.is_empty()
    {
        let message = "`permissions` in an appspec for Windows";
        let finding = reader.error("invalid-value", message, entry.key.span(), "only for Linux");
        let finding = finding.aws(Refusal::PermissionsOnWindows.to_string());
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

/// Where the agent looks for the file, to the letter (codedeploy.md 2). Another name may become this one in a build.
fn file_name<'t>(reader: &mut Reader<'t>, root: Node<'t>) {
    let name = reader.file().rsplit(['/', '\\']).next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    // `appsepc.yml`; what has more to its name, such as `appspec-production.yml`, is called so on purpose.
    let is_slip = lower.chars().all(|c| c.is_ascii_lowercase() || c == '.')
        && nearest(&lower, &["appspec.yml", "appspec.yaml"])
            .is_some_and(|meant| lower.len().abs_diff(meant.len()) <= 1);
    let is_near = is_slip || ["appspec.yml", "appspec.yaml", "appspec.json"].contains(&lower.as_str());
    if !is_near || name == "appspec.yml" || name == "appspec.yaml" {
        return;
    }
    let message = format!("the agent does not look for an appspec called {name}");
    let span = head(root.source(), root.span());
    let finding = reader.warning("appspec-file-name", message, span, "an appspec for servers");
    reader.push(finding.help("call it appspec.yml").url(URL));
}

/// An appspec of the Lambda or ECS platform (codedeploy.md 4, 5) cannot be deployed here.
fn not_there_yet(tree: &Tree, resources: Entry<'_>) -> Finding {
    let message = match platform::platform(tree) {
        Some(platform) => format!("an appspec of the {} platform is not there yet", platform.name()),
        None => "an appspec of the Lambda or ECS platform is not there yet".to_owned(),
    };
    let span = resources.key.span();
    let finding = Finding::error("not-there-yet", message, tree.source(), span, "not of the Server platform");
    finding.help("only the Server platform (EC2, on-premises) can be rehearsed")
}

/// The agent compares with the number 0.0: `0` passes, `"0.0"` and `1.0` do not (codedeploy.md 2). What the service does
/// with the text in a file of Lambda or ECS is not known.
pub(super) fn version<'t>(reader: &mut Reader<'t>, root: Node<'t>, platform: Platform) {
    let is_server = platform == Platform::Server;
    let refusal = |text: &str| Refusal::Version(text).to_string();
    let Some(entry) = root.entry("version") else {
        // In a file of Lambda or ECS the other keys may well be written so.
        let is_it = |entry: &Entry<'_>| !is_server && entry.key.text() == Some("Version");
        let capital = root.entries().find(is_it).map(|entry| entry.key.span());
        if !root.tree().is_partial() {
            let span = capital.unwrap_or(head(root.source(), root.span()));
            let label = if capital.is_some() { "the small letter counts" } else { "no `version` here" };
            let finding = reader.error("missing-key", "the appspec has no `version`", span, label);
            let finding = if is_server { finding.aws(refusal("")) } else { finding };
            let finding = match capital {
                Some(span) => rename(finding, span, &["version"], "version", false),
                None => finding.help("add a first line `version: 0.0`"),
            };
            reader.push(finding.url(URL));
        }
        return;
    };
    let scalar = entry.value.scalar();
    let text = scalar.map(|scalar| scalar.text).unwrap_or_default();
    // Something else writes it in; as it is, the agent of servers refuses it.
    let is_open = is_placeholder(text) || root.source().slice(entry.value.span()).starts_with("{{");
    if is_open && !is_server {
        return;
    }
    let is_number = text.parse::<f64>() == Ok(0.0);
    if is_number && scalar.is_some_and(|scalar| scalar.style == Style::Plain) {
        return;
    }
    let span = head(root.source(), place(entry));
    let finding = if is_number {
        let who = if is_server { "the agent expects" } else { "CodeDeploy documents" };
        let message = format!("`version` is a text; {who} the number 0.0");
        let fix = replace(entry.value.span(), "0.0");
        let finding = reader.error("invalid-value", message, span, "a text, because of the quotes");
        let severity = if is_server { Severity::Error } else { Severity::Advice };
        Finding { severity, ..finding }
            .help("write `version: 0.0`, without quotes")
            .fix("Remove the quotes", fix)
    } else {
        let message = "`version` is not 0.0, the only one there is";
        let finding = reader.error("invalid-value", message, span, "unknown version");
        // Files of ECS with `version: 1` are deployed day by day.
        let severity = match text.parse::<f64>() {
            _ if is_server || scalar.is_none() || entry.value.is_null() => Severity::Error,
            Ok(_) => Severity::Advice,
            Err(_) => Severity::Warning,
        };
        Finding { severity, ..finding }.help("write `version: 0.0`")
    };
    let finding = if is_server { finding.aws(refusal(text)) } else { finding };
    reader.push(finding.url(URL));
}

fn os<'t>(reader: &mut Reader<'t>, root: Node<'t>) -> Os {
    let Some(entry) = root.entry("os") else {
        // Of a misspelt one that is said.
        if !root.tree().is_partial() && !is_misspelt(root, &["os"], "os") {
            let span = head(root.source(), root.span());
            let finding = reader.error("missing-key", "the appspec has no `os`", span, "no `os` here");
            let finding = finding.aws(Refusal::Os("").to_string());
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
            let finding = finding.aws(Refusal::Os(other.unwrap_or_default()).to_string());
            reader.push(finding.help(format!("write `os: {meant}`")).url(URL));
            if meant == "windows" { Os::Windows } else { Os::Linux }
        }
    }
}

fn file_exists<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<FileExists> {
    match entry.value.text() {
        None if entry.value.is_null() => {
            reader.no_section("file_exists_behavior", entry, "as if it were not there");
            return None;
        }
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
    reader.push(finding.aws(Refusal::FileExists(text).to_string()).url(URL));
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
            let before = reader.count();
            reader.wrong_kind(path, entry, "a list");
            reader.help_since(before, "write a list below it: each entry begins with `- `");
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

/// The agent ignores keys that it does not know (codedeploy.md 2).
pub(super) fn unknown_keys<'t>(reader: &mut Reader<'t>, section: &str, mapping: Node<'t>, known: &[&str]) {
    for entry in mapping.entries() {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        if known.contains(&name) {
            continue;
        }
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        let message = format!("CodeDeploy does not know `{path}`");
        let mut finding = reader.warning("unknown-key", message, entry.key.span(), "ignored").url(URL);
        if name == "file_exists_behavior" || name == "overwrite" {
            finding = finding.help("`file_exists_behavior` stands at the top level, for all files");
        } else if section.is_empty() && Platform::Server.events().contains(&name) {
            "ignored: its scripts do not run".clone_into(&mut finding.primary.text);
            finding = finding.help(format!("indent `{name}:` to stand below `hooks:`"));
        } else if let Some(meant) = nearest(name, known).or_else(|| by_another_name(name, known)) {
            let is_needed = if section.is_empty() { meant == "os" } else { NEEDED.contains(&meant) };
            if is_needed && lacks(mapping, meant) {
                if meant == "os" {
                    finding = finding.aws(Refusal::Os("").to_string());
                }
                finding.severity = Severity::Error;
                finding.primary.text = format!("ignored, and `{meant}` is missed");
            }
            finding = rename(finding, entry.key.span(), known, meant, is_there(mapping, meant));
        }
        reader.push(finding);
    }
}

/// Keys that an item of `files`, `hooks` and `permissions` has to have.
const NEEDED: [&str; 4] = ["destination", "location", "object", "source"];

/// What a key is called elsewhere.
fn by_another_name<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let meant = match name {
        "src" | "from" => "source",
        "dest" | "dst" | "target" | "to" => "destination",
        "script" | "path" | "file" | "command" => "location",
        _ => return None,
    };
    known.iter().find(|known| **known == meant).copied()
}

/// Whether an unknown key of a mapping stands for a key that is missing: then that is said of it.
pub(super) fn is_meant(mapping: Node<'_>, known: &[&str], missing: &str) -> bool {
    const MANY: usize = 100;
    let names = mapping.entries().take(MANY).filter_map(|entry| entry.key.text());
    let names = names.filter(|name| !known.contains(name));
    let mut meant = names.filter_map(|name| nearest(name, known).or_else(|| by_another_name(name, known)));
    meant.any(|name| name == missing)
}
