//! Appspecs of the Lambda and ECS platforms (codedeploy.md 4, 5).
//!
//! Owns: their top level, the one resource, and how it is indented. Leaves to its siblings: the properties of a function and
//! of a service, and hooks.

use super::platform::{Platform, TYPES, platform};
use super::read::{URL, version};
use super::section::{Section, find};
use super::{ecs, functions, lambda};
use crate::spec::reading::{Reader, head, place};
use crate::spec::spelling::{is_there, nearest, rename};
use crate::syntax::{Entry, Kind, Node, Tree};

/// Keys of the other platform, which mean nothing here.
const OF_SERVERS: [&str; 4] = ["os", "files", "permissions", "file_exists_behavior"];

/// Checks a file that is not for servers.
pub(super) fn read<'t>(reader: &mut Reader<'t>, tree: &'t Tree) {
    let root = tree.root();
    let platform = platform(tree);
    version(reader, root, platform.unwrap_or(Platform::Ecs));
    match find(root, "Resources") {
        Some(entry) => resources(reader, entry, platform),
        None if tree.is_partial() => {}
        None => {
            let span = head(root.source(), root.span());
            let message = "the appspec has no `Resources`";
            let finding = reader.error("missing-key", message, span, "no `Resources` here");
            let help = "write `Resources:` and below it the function or the service that is deployed; an appspec for \
                        servers has `os:`, and a mapping of events below `hooks:`";
            reader.push(finding.help(help).url(URL));
        }
    }
    if let Some(entry) = find(root, "Hooks") {
        functions::read(reader, entry, platform);
    }
    for entry in root.entries() {
        let Some(name) = reader.key("", entry) else { continue };
        top_level(reader, root, entry, name, platform);
    }
}

fn top_level<'t>(
    reader: &mut Reader<'t>,
    root: Node<'t>,
    entry: Entry<'t>,
    name: &str,
    platform: Option<Platform>,
) {
    const KNOWN: [&str; 3] = ["version", "Resources", "Hooks"];
    if KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return;
    }
    let finding = if OF_SERVERS.contains(&name) {
        let message = format!("`{name}` is for servers");
        let of = platform.map_or("not of servers", |platform| match platform {
            Platform::Ecs => "this is an appspec of ECS",
            Platform::Lambda | Platform::Server => "this is an appspec of Lambda",
        });
        reader.warning("unknown-key", message, entry.key.span(), of).help("remove it")
    } else {
        let message = format!("CodeDeploy does not know `{name}`");
        let finding = reader.warning("unknown-key", message, entry.key.span(), "not known");
        match nearest(name, &KNOWN) {
            Some(meant) => rename(finding, entry.key.span(), &KNOWN, meant, is_there(root, meant)),
            None => finding,
        }
    };
    reader.push(finding.url(URL));
}

/// `Resources`: a list of one resource.
fn resources<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, platform: Option<Platform>) {
    let key = entry.key.text().unwrap_or("Resources");
    match entry.value.kind() {
        Kind::Sequence => {}
        Kind::Mapping => {
            let count = reader.count();
            reader.wrong_kind(key, entry, "a list");
            reader.help_since(count, "put `- ` before the name of the resource");
            return;
        }
        Kind::Scalar => {
            reader.wrong_kind(key, entry, "a list");
            return;
        }
    }
    let mut found = Vec::new();
    for (index, value) in entry.value.items().enumerate() {
        let path = format!("{key}[{index}]");
        let item = Entry { key: entry.key, value };
        if value.kind() != Kind::Mapping {
            reader.wrong_kind(&path, item, "a mapping");
        } else if value.entries().next().is_none() {
            let message = format!("`{path}` names nothing to deploy");
            let finding =
                reader.error("missing-key", message, head(value.source(), value.span()), "an empty mapping");
            reader.push(finding.help("name a function or a service: `- TargetService:`").url(URL));
        } else if let Some(beside) = find(value, "Type").or_else(|| find(value, "Properties")) {
            not_indented(reader, value, beside);
            found.push(Found { path, entry: item, is_named: false });
        } else {
            let named = value.entries().filter_map(|resource| {
                let name = resource.key.text()?;
                Some(Found { path: format!("{path}.{name}"), entry: resource, is_named: true })
            });
            found.extend(named.take(100));
        }
    }
    if found.is_empty() && entry.value.items().len() == 0 {
        let message = format!("`{key}` names nothing to deploy");
        let finding = reader.error("missing-key", message, entry.key.span(), "an empty list");
        reader.push(finding.help("name a function or a service: `- TargetService:`").url(URL));
    }
    if let Some(second) = found.get(1) {
        let message = format!("`{key}` has {} resources; CodeDeploy deploys one", found.len());
        let value = second.entry.value;
        let span = if second.is_named { second.entry.key.span() } else { head(value.source(), value.span()) };
        let finding = reader.error("too-many", message, span, "one too many");
        reader.push(
            finding.help("deploy the other one with an appspec and a deployment group of its own").url(URL),
        );
    }
    for one in found {
        resource(reader, &one, platform);
    }
}

/// A resource of the list.
struct Found<'t> {
    path: String,
    entry: Entry<'t>,
    /// Whether it has the name that it needs.
    is_named: bool,
}

/// `Type` and `Properties` stand where the name of the resource stands.
fn not_indented<'t>(reader: &mut Reader<'t>, item: Node<'t>, beside: Entry<'t>) {
    let word = beside.key.text().unwrap_or("Type");
    let own = ["Type", "Properties"];
    let name = item.entries().find(|entry| {
        entry.key.text().is_some_and(|key| !own.iter().any(|own| own.eq_ignore_ascii_case(key)))
    });
    let finding = if let Some(name) = name {
        let called = name.key.text().unwrap_or_default();
        let message = format!("`{word}` stands beside `{called}`; it belongs below it");
        let finding = reader.error("wrong-kind", message, beside.key.span(), "not indented enough");
        let finding = finding.label(name.key.span(), "has nothing");
        finding.help(format!("indent what belongs to `{called}` more than its name"))
    } else {
        let message = format!("the resource with this `{word}` has no name");
        let finding = reader.error("wrong-kind", message, beside.key.span(), "a name stands here");
        finding.help("write a name above it, `- TargetService:`, and indent the rest below it")
    };
    reader.push(finding.url(URL));
}

/// A resource: its type and its properties.
fn resource<'t>(reader: &mut Reader<'t>, found: &Found<'t>, platform: Option<Platform>) {
    let (path, entry) = (&found.path, found.entry);
    if entry.value.kind() != Kind::Mapping {
        let count = reader.count();
        reader.wrong_kind(path, entry, "a mapping");
        reader.help_since(count, "write `Type:` and `Properties:` below it, indented");
        return;
    }
    let section = Section::of(entry.value, path.as_str(), head(entry.value.source(), entry.key.span()));
    let mut own = platform;
    if let Some(kind) =
        section.needed(reader, "Type", "write `Type: AWS::ECS::Service` or `Type: AWS::Lambda::Function`")
        && let Some(text) = section.text(reader, kind, "Type")
    {
        own = Platform::of_type(text).or(platform);
        if Platform::of_type(text).is_none() {
            let message = format!("CodeDeploy does not deploy the type `{text}`");
            let span = head(kind.value.source(), place(kind));
            let finding = reader.error("invalid-value", message, span, "unknown type");
            let finding = match nearest(text, &TYPES) {
                Some(meant) => rename(finding, kind.value.span(), &TYPES, meant, false),
                None => finding.help(format!("a type is one of {}", TYPES.join(", "))),
            };
            reader.push(finding.url(URL));
        }
    }
    let help = match own {
        Some(Platform::Lambda) => {
            "write `Properties:` and below it Name, Alias, CurrentVersion and TargetVersion"
        }
        _ => "write `Properties:` and below it TaskDefinition and LoadBalancerInfo",
    };
    let below: &[&str] = if own == Some(Platform::Lambda) { &lambda::PROPERTIES } else { &ecs::PROPERTIES };
    if section.strays(reader, "Properties", below) {
        return;
    }
    let properties = section.needed(reader, "Properties", help);
    let beside = entry.value.entries().filter(|_| found.is_named && own.is_some());
    let is_stray = |entry: &Entry<'_>| {
        entry.key.text().is_some_and(|name| below.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    let beside: Vec<_> = beside.filter(is_stray).filter_map(|entry| entry.key.text()).collect();
    if let Some(entry) = properties
        && let Some(node) = reader.mapping(&section.path("Properties"), entry)
    {
        // There is one resource, so that this much of the path says it all.
        let properties = Section::of(node, entry.key.text().unwrap_or("Properties"), entry.key.span());
        let properties = properties.with_told(&beside);
        if let Some((own, kind)) = own.zip(section.entry("Type"))
            && of_other(reader, node, own, kind)
        {
            return;
        }
        match own {
            Some(Platform::Ecs) => ecs::properties(reader, &properties),
            Some(Platform::Lambda) => lambda::properties(reader, &properties),
            Some(Platform::Server) | None => {}
        }
    }
    if found.is_named {
        for stray in entry.value.entries().filter(is_stray) {
            let name = stray.key.text().unwrap_or_default();
            let message = format!("`{name}` stands beside `Properties`; it belongs below it");
            let finding = reader.error("missing-key", message, stray.key.span(), "not indented enough");
            reader.push(finding.help(format!("indent `{name}` as much as the other properties")).url(URL));
        }
        let known: Vec<_> = ["Type", "Properties"].into_iter().chain(below.iter().copied()).collect();
        section.unknown(reader, if own.is_some() { &known } else { &["Type", "Properties"] });
    }
}

/// Whether the properties are those of the other platform, with none of the type's own: then that is said, once.
fn of_other<'t>(reader: &mut Reader<'t>, properties: Node<'t>, own: Platform, kind: Entry<'t>) -> bool {
    let (mine, others, meant) = match own {
        Platform::Lambda => (&lambda::PROPERTIES[..], &ecs::PROPERTIES[..], TYPES[0]),
        _ => (&ecs::PROPERTIES[..], &lambda::PROPERTIES[..], TYPES[1]),
    };
    let has = |key: &&&str| find(properties, key).is_some();
    if mine.iter().any(|key| has(&key)) || others.iter().filter(has).count() < 2 {
        return false;
    }
    let written = kind.value.text().unwrap_or_default();
    let message = format!("`Type` is {written}, and the properties are those of {meant}");
    let span = head(kind.value.source(), place(kind));
    let finding = reader.error("invalid-value", message, span, "of the other platform");
    reader.push(finding.help(format!("write `Type: {meant}`")).url(URL));
    true
}
