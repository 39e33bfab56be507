//! What one command hands to the next: variables and the working directory (codebuild.md 3.4).
//!
//! Owns: reading what a shell's `export -p` prints, whatever the values contain, and writing it back as a file the next
//! script sources. Leaves to `script`: the scripts themselves.
//!
//! Values go through the shell's own printing rather than through the process environment, so that a value longer than
//! the kernel lets a program be started with survives, as it does on AWS.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::process::shell::Kind;

/// Names and values, all exported.
pub(super) type Variables = BTreeMap<OsString, OsString>;

/// Names that bash refuses to have assigned: they may be exported, and have their own values in each shell.
const READ_ONLY_IN_BASH: [&str; 6] = ["BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"];

/// Names that belong to one shell alone: the directory is carried apart, `_` changes with every command.
const OF_ONE_SHELL: [&str; 3] = ["PWD", "_", "REHEARSAL_GUARD"];

/// What stands at the end of a complete record. A script that ended half-way, or ran out of disk, has not written it.
pub(super) const END: &str = "# end of variables";

/// Whether a shell can have a variable of this name.
pub(super) fn is_name(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// `text` as one word of a shell, taken literally.
pub(super) fn quoted(text: &OsStr) -> Vec<u8> {
    let mut quoted = vec![b'\''];
    for &byte in text.as_bytes() {
        if byte == b'\'' {
            quoted.extend_from_slice(b"'\\''");
        } else {
            quoted.push(byte);
        }
    }
    quoted.push(b'\'');
    quoted
}

/// The file that gives a script its variables.
pub(super) fn env_file(variables: &Variables, shell: Kind) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in variables.iter().filter(|(name, _)| is_name(name)) {
        text.extend_from_slice(b"export ");
        text.extend_from_slice(name.as_bytes());
        let own = matches!(shell, Kind::Bash | Kind::BashPosix)
            && READ_ONLY_IN_BASH.iter().any(|known| name == OsStr::new(known));
        if !own {
            text.push(b'=');
            text.extend(quoted(value));
        }
        text.push(b'\n');
    }
    text
}

/// Reads what `export -p` printed, followed by [`END`]. `None` when it is not complete.
///
/// dash prints `export NAME='…'`, bash `declare -x NAME="…"` (in POSIX mode `export NAME="…"`, for an array
/// `export -a NAME=(…)`), with `$'…'` where the value has control characters. Arrays are left out: they do not survive on AWS either.
pub(super) fn read(printed: &[u8]) -> Option<Variables> {
    let mut words = Words { rest: printed.strip_suffix(b"\n")?.strip_suffix(END.as_bytes())? };
    let mut variables = Variables::new();
    while !words.rest.is_empty() {
        let declared = match words.bare()? {
            b"export" if !words.rest.starts_with(b"-") => true,
            b"export" | b"declare" => {
                let attributes = words.bare()?;
                attributes.starts_with(b"-") && !attributes.iter().any(|flag| b"aA".contains(flag))
            }
            _ => return None,
        };
        let name = OsString::from_vec(words.name().to_vec());
        let value = words.value()?;
        if let (true, Value::Set(value)) = (declared, value)
            && !OF_ONE_SHELL.iter().any(|own| name == OsStr::new(own))
        {
            variables.insert(name, OsString::from_vec(value));
        }
    }
    Some(variables)
}

/// What stands behind a name.
enum Value {
    /// It is exported, and has no value.
    Unset,
    Set(Vec<u8>),
}

/// The words of a list of declarations.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// A word without quotes, up to the blank that follows it.
    fn bare(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|byte| *byte == b' ')?;
        let word = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(word)
    }

    /// A variable's name, up to `=` or the end of the line.
    fn name(&mut self) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| b"=\n".contains(byte)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        self.rest = &self.rest[end..];
        name
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// `=VALUE`, if there is one, and the end of the line.
    fn value(&mut self) -> Option<Value> {
        if self.byte()? == b'\n' {
            return Some(Value::Unset);
        }
        let mut value = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Some(Value::Set(value)),
                b'\'' => loop {
                    match self.byte()? {
                        b'\'' => break,
                        byte => value.push(byte),
                    }
                },
                b'"' => self.double_quoted(&mut value)?,
                b'$' if self.rest.first() == Some(&b'\'') => {
                    self.byte()?;
                    self.ansi_quoted(&mut value)?;
                }
                b'\\' => value.push(self.byte()?),
                // An array; only its end matters, and its elements are quoted like everything else.
                b'(' | b')' => {}
                byte => value.push(byte),
            }
        }
    }

    fn double_quoted(&mut self, value: &mut Vec<u8>) -> Option<()> {
        loop {
            match self.byte()? {
                b'"' => return Some(()),
                b'\\' => match self.byte()? {
                    byte @ (b'"' | b'\\' | b'$' | b'`') => value.push(byte),
                    b'\n' => {}
                    byte => value.extend([b'\\', byte]),
                },
                byte => value.push(byte),
            }
        }
    }

    fn ansi_quoted(&mut self, value: &mut Vec<u8>) -> Option<()> {
        loop {
            match self.byte()? {
                b'\'' => return Some(()),
                b'\\' => {
                    let escaped = match self.byte()? {
                        b'a' => 0x07,
                        b'b' => 0x08,
                        b't' => b'\t',
                        b'n' => b'\n',
                        b'v' => 0x0b,
                        b'f' => 0x0c,
                        b'r' => b'\r',
                        b'e' | b'E' => 0x1b,
                        digit @ b'0'..=b'7' => {
                            let mut number = u32::from(digit - b'0');
                            for _ in 0..2 {
                                let Some(next @ b'0'..=b'7') = self.rest.first() else { break };
                                number = number * 8 + u32::from(next - b'0');
                                self.byte()?;
                            }
                            u8::try_from(number & 0xff).ok()?
                        }
                        other => other,
                    };
                    value.push(escaped);
                }
                byte => value.push(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &[u8])]) -> Variables {
        pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from_vec(value.to_vec()))).collect()
    }

    fn printed(text: &[u8]) -> Option<Variables> {
        let mut text = text.to_vec();
        text.extend_from_slice(format!("{END}\n").as_bytes());
        read(&text)
    }

    #[test]
    fn what_the_shells_print_is_understood() {
        let dash = b"export A='x'\nexport B='a\nb\"$`\\ '\"'\"\nexport C\nexport D=''\nexport PWD='/x'\n";
        assert_eq!(printed(dash).unwrap(), variables(&[("A", b"x"), ("B", b"a\nb\"$`\\ '"), ("D", b"")]));
        let bash = b"declare -ix I=\"5\"\ndeclare -x OLDPWD\ndeclare -rx R=\"a\\\"b\\$c\\`d\\\\e\"\n\
                     declare -x Y=$'\\377\\303(\\001\\201\\n\\'\\\\'\ndeclare -ax L=([0]=\"a b\" [1]=\"c\")\n";
        assert_eq!(
            printed(bash).unwrap(),
            variables(&[("I", b"5"), ("R", b"a\"b$c`d\\e"), ("Y", b"\xff\xc3(\x01\x81\n'\\")])
        );
        let posix = b"export I=\"5\"\nexport OLDPWD\nexport X=$'a\\nb'\nexport -a L=([0]=\"a b\")\n";
        assert_eq!(printed(posix).unwrap(), variables(&[("I", b"5"), ("X", b"a\nb")]));
    }

    #[test]
    fn a_record_that_breaks_off_counts_for_nothing() {
        let whole = format!("export A='x'\nexport B=\"y\"\n{END}\n");
        assert!(read(whole.as_bytes()).is_some());
        for cut in 0..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..cut]), None, "{cut}");
        }
        assert_eq!(printed(b"unexpected words\n"), None);
    }

    #[test]
    fn names_that_are_no_shell_variables_stay_out_of_the_file() {
        let all = variables(&[("A", b"it's"), ("a.b", b"x"), ("1A", b"x"), ("", b"x"), ("UID", b"0")]);
        assert_eq!(env_file(&all, Kind::Dash), b"export A='it'\\''s'\nexport UID='0'\n");
        assert_eq!(env_file(&all, Kind::BashPosix), b"export A='it'\\''s'\nexport UID\n");
    }
}
