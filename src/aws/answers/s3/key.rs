//! What keys may be, and the names of files they are kept under.
//!
//! Owns: one file name for each key and the way back, on any file system: keys hold `..`, empty segments, slashes at the
//! end and up to 1,024 bytes, are objects and prefixes at once, and differ by case alone. Also the percent signs of
//! listings.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::errors::{Fallible, key_too_long};

/// The longest key, in bytes (S3 user guide, "Naming Amazon S3 objects").
const LONGEST: usize = 1024;

/// How much of a name one folder takes: file systems take 255 bytes, and endings come behind.
const PIECE: usize = 200;

/// Ends the names of folders, and stands in no name of a file.
const FOLDER: char = '+';

/// Refuses keys that S3 would refuse.
pub(super) fn checked(key: &str) -> Fallible<&str> {
    if key.len() > LONGEST { Err(key_too_long()) } else { Ok(key) }
}

/// The path of a key's file, without an ending, relative to the folder of all keys. Lower-case letters, digits, `-`, `_`
/// and `.` stay, other bytes become `%xx`; what is longer than a file name goes on in folders.
pub(super) fn file(key: &str) -> PathBuf {
    let mut name = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => name.push(char::from(byte)),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
    let mut path = PathBuf::new();
    let mut rest = name.as_str();
    while rest.len() > PIECE {
        let (piece, more) = rest.split_at(PIECE);
        path.push(format!("{piece}{FOLDER}"));
        rest = more;
    }
    path.push(rest);
    path
}

/// Whether the name is one of a folder that longer names go on in.
pub(super) fn is_folder(name: &str) -> bool {
    name.ends_with(FOLDER)
}

/// The key of a name put together from `folders` and the last one, which has no ending; none when no key has it.
pub(super) fn of_file(folders: &str, last: &str) -> Option<String> {
    let name: String = folders.chars().filter(|c| *c != FOLDER).chain(last.chars()).collect();
    String::from_utf8(decoded(&name)?).ok()
}

/// The path of a key as people would expect it, when it has one: no segment is empty, `.`, `..` or too long.
pub(super) fn plain(key: &str) -> Option<&Path> {
    let fits = |segment: &str| !matches!(segment, "" | "." | "..") && segment.len() <= 255;
    let is_plain = key.split('/').all(fits) && !key.contains('\0');
    is_plain.then(|| Path::new(key))
}

/// Bytes behind percent signs; none when one is followed by something else than two digits.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first == b'%' {
            let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    Some(bytes)
}

/// A text as listings have it with `encoding-type=url`: as in HTML forms, but for the slash.
pub(super) fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_file_of_its_own_and_comes_back_from_it() {
        let long = "a/".repeat(512);
        let longer = "é%".repeat(256);
        let keys = [
            "index.html",
            "README.md",
            "readme.md",
            "a",
            "a/",
            "a/b",
            "a//b",
            "/",
            "..",
            "../x",
            ".",
            "a+b",
            "a%2fb",
            "ü",
            "\u{1}",
            "x y",
            "+",
            long.as_str(),
            longer.as_str(),
            &long[..1000],
        ];
        let mut seen = std::collections::BTreeSet::new();
        for key in keys {
            let path = file(key);
            let text = path.to_str().unwrap();
            assert!(path.iter().all(|piece| piece.len() < 250), "{key}");
            assert!(seen.insert(text.to_lowercase()), "{key} shares its file");
            let (folders, last) = text.rsplit_once('/').unwrap_or(("", text));
            let folders = folders.replace('/', "");
            assert_eq!(of_file(&folders, last).as_deref(), Some(key));
        }
        assert_eq!(of_file("", "%zz"), None);
        assert_eq!(of_file("", "%ff"), None);
    }

    #[test]
    fn only_plain_keys_are_paths() {
        for key in ["a", "a/b.c", "a b/ü"] {
            assert!(plain(key).is_some(), "{key}");
        }
        let long = "x".repeat(256);
        for key in ["", "/", "a/", "/a", "a//b", "..", "a/../b", "./a", "a\0", long.as_str()] {
            assert!(plain(key).is_none(), "{key}");
        }
    }

    #[test]
    fn listings_write_percent_signs_as_forms_do() {
        assert_eq!(url_encoded("a b/c+d~é*.txt"), "a+b/c%2Bd%7E%C3%A9*.txt");
    }
}
