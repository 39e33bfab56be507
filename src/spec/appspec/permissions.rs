//! `permissions` (codedeploy.md 3.2).
//!
//! Owns: the agent's checks of modes, access lists and SELinux contexts (codedeploy.md 2.1, 9 to 18).

use super::Permission;
use super::read::{URL, mappings, unknown_keys};
use crate::spec::reading::{Reader, head, place, replace};
use crate::syntax::{Entry, Kind, Style};

const KNOWN: [&str; 9] = ["object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type"];

pub(super) fn read<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Vec<Permission> {
    let items = mappings(reader, "permissions", entry);
    items.into_iter().filter_map(|(path, item)| permission(reader, &path, item)).collect()
}

fn permission<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>) -> Option<Permission> {
    let mut permission = Permission {
        object: String::new(),
        pattern: "**".to_owned(),
        except: Vec::new(),
        owner: None,
        group: None,
        mode: None,
        acls: Vec::new(),
        context: false,
        files: true,
        directories: true,
        span: head(item.value.source(), item.value.span()),
    };
    for entry in item.value.entries() {
        let Some(key) = reader.key(path, entry) else { continue };
        let path = format!("{path}.{key}");
        match key {
            "object" => permission.object = reader.text(&path, entry).unwrap_or_default(),
            "pattern" => permission.pattern = reader.text(&path, entry).unwrap_or(permission.pattern),
            "except" => permission.except = reader.texts(&path, entry),
            "owner" => permission.owner = reader.text(&path, entry),
            "group" => permission.group = reader.text(&path, entry),
            "mode" => permission.mode = mode(reader, &path, entry),
            "acls" => permission.acls = acls(reader, &path, entry),
            "context" => permission.context = context(reader, &path, entry),
            "type" => (permission.files, permission.directories) = types(reader, &path, entry),
            _ => {}
        }
    }
    unknown_keys(reader, path, item.value, &KNOWN);
    if permission.object.is_empty() {
        let message = format!("`{path}` has no `object`");
        let finding = reader.error("missing-key", message, permission.span, "no `object` here");
        reader.push(finding.help("write `object:` and the full path of a file or folder").url(URL));
        return None;
    }
    Some(permission)
}

/// Says what the agent would refuse.
fn refuse<'t>(reader: &mut Reader<'t>, entry: Entry<'t>, message: String, label: &str) {
    let span = head(entry.value.source(), place(entry));
    reader.push(reader.error("invalid-value", message, span, label).url(URL));
}

/// One to four octal digits. A plain number that begins with 0 is octal in YAML already, and reaches the agent as another
/// one (codedeploy.md 0, trap 8).
fn mode<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<u32> {
    let written = reader.text(path, entry)?;
    let plain = entry.value.scalar().is_some_and(|scalar| scalar.style == Style::Plain);
    let octal = (plain && written.len() > 1 && written.starts_with('0'))
        .then(|| u32::from_str_radix(&written, 8).ok())
        .flatten();
    let text = octal.map_or_else(|| written.clone(), |value| value.to_string());
    if text.is_empty() || text.len() > 4 {
        let message = format!("`{path}` is {text}; a mode has one to four digits");
        refuse(reader, entry, message, "not a mode");
        return None;
    }
    if let Some(bad) = text.chars().find(|c| !('0'..='7').contains(c)) {
        let message = format!("`{path}` is {text}, and `{bad}` is no octal digit");
        refuse(reader, entry, message, "not a mode");
        return None;
    }
    if octal.is_some() {
        let message = format!("YAML reads {written} as the octal number {text}, and {text} is the mode");
        let span = place(entry);
        let finding = reader.warning("octal-mode", message, span, format!("mode {text}"));
        let fix = replace(entry.value.span(), format!("\"{written}\""));
        reader.push(finding.help(format!("write \"{written}\"")).fix("Put the mode in quotes", fix));
    }
    u32::from_str_radix(&text, 8).ok()
}

fn types<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> (bool, bool) {
    let types = reader.texts(path, entry);
    if types.is_empty() {
        return (true, true);
    }
    let one = (entry.value.kind() == Kind::Scalar).then_some(entry.value);
    for value in entry.value.items().chain(one) {
        let Some(unknown) = value.text().filter(|text| !["file", "directory"].contains(text)) else {
            continue;
        };
        let message = format!("`{path}` has `{unknown}`, which is neither file nor directory");
        refuse(reader, Entry { value, ..entry }, message, "unknown type");
    }
    let has = |kind: &str| types.iter().any(|given| given == kind);
    (has("file"), has("directory"))
}

/// `[d[efault]:][u[ser]|g[roup]|m[ask]|o[ther]:][name]:perm`
fn acls<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<String> {
    let acls = reader.texts(path, entry);
    for acl in &acls {
        if let Err(why) = check_acl(acl) {
            refuse(reader, entry, format!("`{path}`: {why}"), "invalid access list");
        }
    }
    acls
}

fn check_acl(acl: &str) -> Result<(), String> {
    let mut parts: Vec<&str> = acl.split(':').collect();
    let default = parts.len() > 1 && matches!(parts[0], "d" | "default");
    if default {
        parts.remove(0);
    }
    let kinds = ["u", "user", "g", "group", "m", "mask", "o", "other"];
    let (kind, name, permissions) = match parts[..] {
        [kind, name, permissions] if kinds.contains(&kind) => (kind, name, permissions),
        [kind, permissions] if kinds.contains(&kind) => (kind, "", permissions),
        [name, permissions] => ("user", name, permissions),
        _ => return Err(format!("`{acl}` is no entry of an access list")),
    };
    if name.is_empty() && !default && !matches!(kind, "m" | "mask") {
        return Err(format!("`{acl}` names nobody: `mode` sets that"));
    }
    let digit = permissions.len() == 1 && permissions.chars().all(|c| ('0'..='7').contains(&c));
    if !digit && let Some(bad) = permissions.chars().find(|c| !"rwx-".contains(*c)) {
        return Err(format!("`{bad}` in `{acl}` is none of r, w, x and -"));
    }
    Ok(())
}

/// The SELinux context. It cannot be set here, and is checked as the agent checks it.
fn context<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> bool {
    let Some(mapping) = reader.mapping(path, entry) else { return false };
    unknown_keys(reader, path, mapping, &["user", "name", "type", "range"]);
    if mapping.entry("type").is_none_or(|kind| kind.value.is_null()) {
        let message = format!("`{path}` has no `type`");
        refuse(reader, entry, message, "no `type` here");
    }
    if let Some(range) = mapping.entry("range")
        && let Some(text) = reader.text(&format!("{path}.range"), range)
        && let Err(why) = check_range(&text)
    {
        let message = format!("`{path}.range`: {why}");
        refuse(reader, range, message, "invalid range");
    }
    true
}

/// `sN[-sN][:cN[.cN](,cN[.cN])*]`
fn check_range(range: &str) -> Result<(), String> {
    let number =
        |letter: char, text: &str| text.strip_prefix(letter).and_then(|rest| rest.parse::<u32>().ok());
    let (levels, categories) = match range.split_once(':') {
        Some((levels, categories)) => (levels, Some(categories)),
        None => (range, None),
    };
    let (low, high) = levels.split_once('-').unwrap_or((levels, levels));
    match (number('s', low), number('s', high)) {
        (Some(low), Some(high)) if low <= high => {}
        _ => return Err(format!("invalid sensitivity range {levels}")),
    }
    let mut seen = std::collections::BTreeSet::new();
    for part in categories.into_iter().flat_map(|text| text.split(',')) {
        let (low, high) = part.split_once('.').unwrap_or((part, part));
        let (Some(low), Some(high)) = (number('c', low), number('c', high)) else {
            return Err(format!("invalid category {part}"));
        };
        if low > high || high > 1023 {
            return Err(format!("invalid category range {part}"));
        }
        if !(low..=high).all(|category| seen.insert(category)) {
            return Err(format!("duplicate categories in {range}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_lists_are_checked_as_by_the_agent() {
        // codedeploy.md 2.1, 14 to 16
        for (acl, expected) in [
            ("user:web:rwx", None),
            ("u:web:rw-", None),
            ("web:7", None),
            ("d:u:web:rw", None),
            ("default:group::r", None),
            ("m::rw", None),
            ("user::rwx", Some("`user::rwx` names nobody: `mode` sets that")),
            ("o:r", Some("`o:r` names nobody: `mode` sets that")),
            ("u:web:rq", Some("`q` in `u:web:rq` is none of r, w, x and -")),
            ("u:web:8", Some("`8` in `u:web:8` is none of r, w, x and -")),
            ("web", Some("`web` is no entry of an access list")),
            ("u:a:b:r", Some("`u:a:b:r` is no entry of an access list")),
        ] {
            assert_eq!(check_acl(acl).err().as_deref(), expected, "{acl}");
        }
    }

    #[test]
    fn ranges_of_contexts_are_checked() {
        // codedeploy.md 2.1, 18
        for (range, fine) in [
            ("s0", true),
            ("s0-s3", true),
            ("s0:c0.c100,c200", true),
            ("s3-s0", false),
            ("x0", false),
            ("s0:c5.c1", false),
            ("s0:c1024", false),
            ("s0:c1,c0.c3", false),
            ("s0:", false),
        ] {
            assert_eq!(check_range(range).is_ok(), fine, "{range}");
        }
    }
}
