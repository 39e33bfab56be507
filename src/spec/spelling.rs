//! Misspelt names.
//!
//! Owns: which known name was meant, the change to it, and when that change is safe. Leaves to the readers: which names
//! there are.

use super::reading::replace;
use crate::diagnostic::Finding;
use crate::syntax::{Entry, Node, Span};

/// A finding about a misspelt name, with the change to what was `meant` among the `known` ones. The change is safe for a slip:
/// when nothing but one letter, the case or the dashes differ, no other name is as near, and what was meant is not there
/// too.
pub fn rename(finding: Finding, span: Span, known: &[&str], meant: &str, is_there: bool) -> Finding {
    let whole = finding.source.slice(span);
    let quote = whole.get(..1).filter(|quote| ["\"", "'"].contains(quote)).unwrap_or_default().to_owned();
    let written = whole.trim_matches(['"', '\'']).to_owned();
    let slips = |name: &&&str| distance(&plain(&written), &plain(name)) <= 1;
    // What begins or ends with such a mark is parked there.
    let is_parked = written.starts_with(['_', '.']) || written.ends_with('_');
    let only = !is_parked
        && (meant.len() >= 4 || is_clear(&plain(&written), &plain(meant)))
        && slips(&&meant)
        && known.iter().filter(slips).count() == 1;
    let title = format!("Rename to `{meant}`");
    let finding = finding.help(format!("write `{meant}`"));
    let edits = replace(span, format!("{quote}{meant}{quote}"));
    if only && !is_there { finding.fix(title, edits) } else { finding.suggest(title, edits) }
}

/// Whether a short name can be no other one: nothing but its case, an `s` at its end or two letters in each other's place differ.
fn is_clear(written: &str, meant: &str) -> bool {
    if written == meant {
        return true;
    }
    let mut letters: [Vec<char>; 2] = [written.chars().collect(), meant.chars().collect()];
    for letters in &mut letters {
        letters.sort_unstable();
    }
    meant.len() == 3 && (letters[0] == letters[1] || written.strip_suffix('s') == Some(meant))
}

/// Whether a name of two letters can be no other one: one of them stands twice, or they changed places.
fn is_clear_of_two(written: &str, meant: &str) -> bool {
    let mut letters: Vec<char> = written.chars().collect();
    let swapped: String = letters.iter().rev().collect();
    letters.dedup();
    meant.len() == 2 && (letters.iter().collect::<String>() == meant || swapped == meant)
}

/// Whether a mapping has a key, or two that may be meant to be it, as far as is worth looking: of a mapping with very many keys,
/// or with merged ones, none is said to be absent.
pub fn is_there(mapping: Node<'_>, key: &str) -> bool {
    const MANY: usize = 100;
    let mut entries = mapping.written_entries();
    let mut slips = 0;
    let known = |entry: Entry<'_>| {
        let name = entry.key.text().unwrap_or_default();
        slips += usize::from(distance(&plain(name), &plain(key)) <= 1);
        entry.is_merge() || name == key || slips > 1
    };
    entries.by_ref().take(MANY).any(known) || entries.next().is_some()
}

/// Whether a mapping has no such key, as far as is worth looking: of one with very many keys none is said to be absent.
pub(super) fn lacks(mapping: Node<'_>, key: &str) -> bool {
    const MANY: usize = 100;
    let mut entries = mapping.entries();
    entries.by_ref().take(MANY).all(|entry| entry.key.text() != Some(key)) && entries.next().is_none()
}

/// Whether an unknown key of a mapping was probably meant to be one that is missing: then that is said of it, and nothing
/// of what is missing.
pub(super) fn is_misspelt(mapping: Node<'_>, known: &[&str], missing: &str) -> bool {
    const MANY: usize = 100;
    let names = mapping.entries().take(MANY).filter_map(|entry| entry.key.text());
    names.filter(|name| !known.contains(name)).any(|name| nearest(name, known) == Some(missing))
}

/// A name without what people mix up.
fn plain(text: &str) -> String {
    text.to_ascii_lowercase().replace(['-', '_'], "")
}

/// The known name that `name` was probably meant to be.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // A hostile file can bring ten thousand names, and as many misspelt ones.
    if known.len() > 100 {
        return None;
    }
    let written = plain(name);
    let distances = known.iter().map(|candidate| (distance(&written, &plain(candidate)), *candidate));
    let (distance, candidate) = distances.min()?;
    if distance <= candidate.len() / 3 || distance == 1 && is_clear_of_two(&written, &plain(candidate)) {
        return Some(candidate);
    }
    // `config` for `configuration`.
    let mut longer = known.iter().filter(|known| name.len() >= 5 && known.starts_with(name));
    longer.next().copied().filter(|_| longer.next().is_none())
}

/// Edits (insert, remove, replace, swap of neighbours) between two short names.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().take(64).collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or_default()
}

/// Whether a word is a name in which two letters changed places; or, of a long one, a letter is missing, too many or another one.
pub fn is_slip(word: &[u8], name: &[u8]) -> bool {
    let same = word.iter().zip(name).take_while(|(one, other)| one == other).count();
    let (word, rest) = (&word[same..], &name[same..]);
    match (word, rest) {
        ([a, b, word @ ..], [c, d, rest @ ..]) if a == d && b == c && word == rest => true,
        // `python3` and `apt-get` are no slips.
        ([a, ..], [b, ..]) if !a.is_ascii_alphabetic() || !b.is_ascii_alphabetic() => false,
        ([a], []) | ([], [a]) if !a.is_ascii_alphabetic() => false,
        ([_, word @ ..], [_, rest @ ..]) if name.len() >= 7 && word == rest => true,
        ([_, word @ ..], rest) if name.len() >= 5 && word == rest => true,
        (word, [_, rest @ ..]) if name.len() >= 5 && word == rest => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        let phases = ["install", "pre_build", "build", "post_build"];
        for (name, expected) in [
            ("prebuild", Some("pre_build")),
            ("pre-build", Some("pre_build")),
            ("biuld", Some("build")),
            ("Build", Some("build")),
            ("postbuild", Some("post_build")),
            ("runtime-versions", None),
            ("post_", Some("post_build")),
            ("idd", None),
            ("artifacts", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &phases), expected, "{name}");
        }
    }

    #[test]
    fn of_a_name_of_two_letters_one_may_stand_twice_or_in_the_place_of_the_other() {
        for (name, expected) in
            [("oss", Some("os")), ("so", Some("os")), ("osx", None), ("ons", None), ("is", None), ("o", None)]
        {
            assert_eq!(nearest(name, &["os"]), expected, "{name}");
        }
    }
}
