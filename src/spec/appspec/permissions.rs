//! `permissions` (codedeploy.md 3.2).
//!
//! Owns: the agent's checks of modes, access lists and SELinux contexts (codedeploy.md 2.1, 9 to 18), as they follow each
//! other there.

use super::Permission;
use super::agent::Refusal;
use super::read::{URL, is_meant, mappings, unknown_keys};
use crate::spec::reading::{Reader, head, place, replace};
use crate::syntax::{Entry, Kind, Node, Style};

pub(super) const KNOWN: [&str; 9] =
    ["object", "pattern", "except", "owner", "group", "mode", "acls", "context", "type"];

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
            "pattern" => {
                permission.pattern = reader.filled(&path, entry).unwrap_or(permission.pattern);
                one_level(reader, &path, entry);
            }
            "except" => {
                permission.except = list(reader, &path, entry);
                for value in entry.value.items() {
                    one_level(reader, &path, Entry { value, ..entry });
                }
            }
            "owner" => permission.owner = reader.filled(&path, entry),
            "group" => permission.group = reader.filled(&path, entry),
            "mode" => permission.mode = mode(reader, &path, entry),
            "acls" => permission.acls = acls(reader, &path, entry),
            "context" => permission.context = context(reader, &path, entry),
            "type" => (permission.files, permission.directories) = types(reader, &path, entry),
            _ => {}
        }
    }
    unknown_keys(reader, path, item.value, &KNOWN);
    if permission.object.trim().is_empty() {
        // What is of a wrong kind is there, and was said.
        if item.value.get("object").is_none_or(|object| object.scalar().is_some())
            && !is_meant(item.value, &KNOWN, "object")
        {
            let message = format!("`{path}` has no `object`");
            let finding = reader.error("missing-key", message, permission.span, "no `object` here");
            let finding = finding.help("write `object:` and the full path of a file or folder");
            reader.push(finding.aws(Refusal::NoObject.to_string()).url(URL));
        }
        return None;
    }
    Some(permission)
}

/// Says what the agent would refuse, in its words where they are known.
fn refuse<'t>(
    reader: &mut Reader<'t>,
    entry: Entry<'t>,
    message: String,
    label: &str,
    help: &str,
    words: Option<String>,
) {
    let span = head(entry.value.source(), place(entry));
    let finding = reader.error("invalid-value", message, span, label).help(help).url(URL);
    reader.push(match words {
        Some(words) => finding.aws(words),
        None => finding,
    });
}

/// A list of texts. The agent goes through it one by one, which it cannot do with a single text.
fn list<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<String> {
    match entry.value.kind() {
        Kind::Scalar if entry.value.is_null() => {
            reader.no_section(path, entry, "as if it were not there");
            Vec::new()
        }
        Kind::Scalar => {
            let before = reader.count();
            reader.wrong_kind(path, entry, "a list");
            reader.help_since(before, "put `- ` before it, on a line of its own");
            Vec::new()
        }
        Kind::Sequence | Kind::Mapping => {
            reader.no_items(path, entry);
            reader.texts(path, entry)
        }
    }
}

/// A pattern is held against names of one level: none of them has a `/`.
fn one_level<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) {
    if let Some(text) = entry.value.text().filter(|text| text.contains('/')) {
        let message = format!("`{path}` has {text}; a pattern is for the names right below the object");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "matches nothing");
        reader.push(finding.help("name the folder as an `object` of its own").url(URL));
    }
}

/// One to four octal digits. A plain number that begins with 0 is octal in YAML already, and reaches the agent as another
/// one (codedeploy.md 0, trap 8).
fn mode<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Option<u32> {
    let written = reader.filled(path, entry)?;
    let plain = entry.value.scalar().is_some_and(|scalar| scalar.style == Style::Plain);
    let octal = (plain && written.len() > 1 && written.starts_with('0'))
        .then(|| u32::from_str_radix(&written, 8).ok())
        .flatten();
    let text = octal.map_or_else(|| written.clone(), |value| value.to_string());
    if text.chars().count() > 4 {
        let message = format!("`{path}` is {text}; a mode has one to four digits");
        refuse(
            reader,
            entry,
            message,
            "not a mode",
            "write one to four octal digits, such as 755 or \"0644\"",
            Some(Refusal::ModeLength(&text).to_string()),
        );
        return None;
    }
    if let Some(bad) = text.chars().find(|c| !('0'..='7').contains(c)) {
        let so = match octal {
            Some(_) => format!("YAML reads `{written}` as an octal number, {text}"),
            None => format!("`{path}` is {text}"),
        };
        let message = format!("{so}, and `{bad}` is no octal digit");
        let padded = format!("{text:0>3}");
        refuse(
            reader,
            entry,
            message,
            "not a mode",
            "write one to four octal digits, such as 755 or \"0644\"",
            Some(Refusal::ModeDigit(&padded, bad).to_string()),
        );
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
    let types = list(reader, path, entry);
    if types.is_empty() {
        return (true, true);
    }
    for value in entry.value.items() {
        let Some(unknown) =
            value.text().filter(|text| !value.is_blank() && !["file", "directory"].contains(text))
        else {
            continue;
        };
        let message = format!("`{path}` has `{unknown}`, which is neither file nor directory");
        let words = Refusal::ObjectType(unknown).to_string();
        refuse(
            reader,
            Entry { value, ..entry },
            message,
            "unknown type",
            "write `file`, `directory` or both",
            Some(words),
        );
    }
    let has = |kind: &str| types.iter().any(|given| given == kind);
    (has("file"), has("directory"))
}

/// `[d[efault]:][u[ser]|g[roup]|m[ask]|o[ther]:][name]:perm`
fn acls<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> Vec<String> {
    let acls = list(reader, path, entry);
    for value in entry.value.items() {
        let Some(acl) = value.text().filter(|_| !value.is_blank()) else { continue };
        if let Err(refusal) = check_acl(acl) {
            let (why, label) = match refusal {
                Refusal::BaseAcl(_) => (format!("`{acl}` names nobody: `mode` sets that"), "without a name"),
                Refusal::AclLetter(_, bad) => {
                    (format!("`{bad}` in `{acl}` is none of r, w, x and -"), "unknown permission")
                }
                _ => (format!("`{acl}` is no entry of an access list"), "invalid access list"),
            };
            let message = format!("`{path}`: {why}");
            refuse(
                reader,
                Entry { value, ..entry },
                message,
                label,
                "write `u:NAME:rwx`, `g:NAME:rx` or `m::rwx`, with `d:` before it for what comes later",
                Some(refusal.to_string()),
            );
        }
    }
    acls
}

/// As the agent takes an entry apart, from its end.
fn check_acl(acl: &str) -> Result<(), Refusal<'_>> {
    let parts: Vec<&str> = acl.split(':').rev().collect();
    let invalid = Err(Refusal::Acl(acl));
    let kind_of = |text: &str| match text {
        "m" | "mask" => Some("mask"),
        "o" | "other" => Some("other"),
        "g" | "group" => Some("group"),
        "u" | "user" => Some("user"),
        _ => None,
    };
    let is_default = |text: &str| matches!(text, "d" | "default");
    let (permissions, name, kind, default) = match parts[..] {
        [permissions, name] => (permissions, name, None, false),
        [permissions, name, default] if is_default(default) => (permissions, name, None, true),
        [permissions, name, kind] if kind_of(kind).is_some() => (permissions, name, kind_of(kind), false),
        [permissions, name, kind, default] if is_default(default) && kind_of(kind).is_some() => {
            (permissions, name, kind_of(kind), true)
        }
        _ => return invalid,
    };
    // `m:rw` and `o:r` have a kind at the place of the name.
    let (kind, name) = match (kind, kind_of(name)) {
        (None, Some(kind @ ("mask" | "other"))) => (kind, ""),
        (None, _) => ("user", name),
        (Some(kind), _) => (kind, name),
    };
    if matches!(kind, "mask" | "other") && !name.is_empty() {
        return invalid;
    }
    if name.is_empty() && !default && kind != "mask" {
        return Err(Refusal::BaseAcl(acl));
    }
    let digit = permissions.len() == 1 && permissions.chars().all(|c| ('0'..='7').contains(&c));
    match permissions.chars().find(|c| !"rwx-".contains(*c)) {
        Some(bad) if !digit => Err(Refusal::AclLetter(acl, bad)),
        _ => Ok(()),
    }
}

/// The SELinux context. It cannot be set here, and is checked as the agent checks it.
fn context<'t>(reader: &mut Reader<'t>, path: &str, entry: Entry<'t>) -> bool {
    let Some(mapping) = reader.mapping(path, entry) else { return false };
    unknown_keys(reader, path, mapping, &["user", "name", "type", "range"]);
    let kind = mapping.get("type");
    if let Some(entry) = mapping.entry("name") {
        reader.filled(&format!("{path}.name"), entry);
    }
    if let Some(entry) = mapping.entry("type").filter(|entry| entry.value.kind() != Kind::Scalar) {
        reader.text(&format!("{path}.type"), entry);
    } else if kind.and_then(Node::text).is_none_or(str::is_empty) {
        let message = format!("`{path}` has no `type`");
        refuse(reader, entry, message, "no `type` here", "write `type:` and the type of the label", None);
    }
    // The guide has `user`.
    if let (Some(user), None) = (mapping.entry("user"), mapping.entry("name")) {
        let message = format!("the agent does not read `{path}.user`");
        let finding = reader.warning("unknown-key", message, user.key.span(), "ignored");
        reader.push(finding.help("write `name:` instead, which the agent reads as the user").url(URL));
    }
    if let Some(range) = mapping.entry("range")
        && let Some(text) = reader.filled(&format!("{path}.range"), range)
        && let Err(why) = check_range(&text)
    {
        let words = if why.is_empty() { Refusal::Range(&text).to_string() } else { why.clone() };
        let why = if why.is_empty() { format!("{text} goes down") } else { why };
        let message = format!("`{path}.range`: {why}");
        refuse(reader, range, message, "invalid range", "write it as s0, s0-s1 or s0:c0.c3", Some(words));
    }
    true
}

/// `sN[-sN][:cN[.cN](,cN[.cN])*]`, refused in the agent's words; without words for a range that goes down.
fn check_range(range: &str) -> Result<(), String> {
    let number = |letter: char, text: &str, what: &str| {
        let digits = text.strip_prefix(letter).filter(|rest| !rest.is_empty());
        let digits = digits.filter(|rest| rest.chars().all(|c| c.is_ascii_digit()));
        digits.map(|digits| digits.parse::<u32>().unwrap_or(u32::MAX)).ok_or(format!("invalid {what} {text}"))
    };
    let two = |text: &'_ str, at: char| match text.split_once(at) {
        Some((one, other)) if one.is_empty() || other.is_empty() => Err(format!("invalid range part {text}")),
        Some((one, other)) => Ok((one.to_owned(), Some(other.to_owned()))),
        None if text.is_empty() => Err(format!("invalid range part {text}")),
        None => Ok((text.to_owned(), None)),
    };
    let (levels, categories) = two(range, ':')?;
    let (low, high) = two(&levels, '-')?;
    let low = number('s', &low, "sensitivity")?;
    let high = high.map_or(Ok(low), |high| number('s', &high, "sensitivity"))?;
    if high < low {
        return Err(String::new());
    }
    let mut seen = std::collections::BTreeSet::new();
    for part in categories.iter().flat_map(|text| text.split(',')) {
        let (first, last) = if part.contains('.') { two(part, '.')? } else { (part.to_owned(), None) };
        let category = |text: &str| {
            let number = number('c', text, "category")?;
            if number > 1023 { Err(format!("invalid category {text}")) } else { Ok(number) }
        };
        let low = category(&first)?;
        let high = last.as_deref().map_or(Ok(low), category)?;
        if high < low {
            return Err(format!("invalid category range {part}"));
        }
        if !(low..=high).all(|category| seen.insert(category)) {
            return Err("duplicate categories".to_owned());
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
        let base = |acl| Some(Refusal::BaseAcl(acl).to_string());
        let letter = |acl, bad| Some(Refusal::AclLetter(acl, bad).to_string());
        let invalid = |acl| Some(Refusal::Acl(acl).to_string());
        for (acl, expected) in [
            ("user:web:rwx", None),
            ("u:web:rw-", None),
            ("web:7", None),
            ("d:u:web:rw", None),
            ("default:group::r", None),
            ("m::rw", None),
            ("m:rw", None),
            ("d:web:rw", None),
            // A user of the name `user`.
            ("user:r", None),
            ("u:web:", None),
            ("user::rwx", base("user::rwx")),
            ("o:r", base("o:r")),
            ("o::r", base("o::r")),
            ("u:web:rq", letter("u:web:rq", 'q')),
            ("u:web:8", letter("u:web:8", '8')),
            ("web", invalid("web")),
            ("u:a:b:r", invalid("u:a:b:r")),
            ("m:web:r", invalid("m:web:r")),
            ("x:web:r", invalid("x:web:r")),
            ("d:u:web:r:w", invalid("d:u:web:r:w")),
        ] {
            assert_eq!(check_acl(acl).err().map(|refusal| refusal.to_string()), expected, "{acl}");
        }
    }

    #[test]
    fn ranges_of_contexts_are_checked() {
        // codedeploy.md 2.1, 18
        for (range, expected) in [
            ("s0", None),
            ("s0-s3", None),
            ("s0:c0.c100,c200", None),
            ("s3-s0", Some("")),
            ("x0", Some("invalid sensitivity x0")),
            ("s", Some("invalid sensitivity s")),
            ("s0-", Some("invalid range part s0-")),
            ("s0:c5.c1", Some("invalid category range c5.c1")),
            ("s0:c1024", Some("invalid category c1024")),
            ("s0:d1", Some("invalid category d1")),
            ("s0:c1,c0.c3", Some("duplicate categories")),
            ("s0:", Some("invalid range part s0:")),
        ] {
            assert_eq!(check_range(range).err().as_deref(), expected, "{range}");
        }
    }
}
