//! Line endings, from the repository's form to the form in a work tree.
//!
//! Owns: deciding from `text` and `eol` whether line feeds become CRLF, and doing so. The answers are those of git on
//! Linux with `core.autocrlf=false` and no `core.eol`, whatever this machine says. Leaves to `attributes`: what the
//! attributes are.

use std::borrow::Cow;

use super::attributes::{Attributes, Eol, Text};

/// The content as it stands in a work tree.
pub(super) fn to_work_tree<'a>(content: &'a [u8], attributes: &Attributes) -> Cow<'a, [u8]> {
    let guess = match (attributes.text, attributes.eol) {
        (Text::Binary, _) | (_, None | Some(Eol::Lf)) => return Cow::Borrowed(content),
        // gitattributes(5): naming a line ending alone makes the file text.
        (Text::Unspecified | Text::Set | Text::Input, Some(Eol::Crlf)) => false,
        (Text::Auto, Some(Eol::Crlf)) => true,
    };
    let statistics = Statistics::of(content);
    if statistics.lone_lf == 0 || (guess && !statistics.is_plain_text()) {
        return Cow::Borrowed(content);
    }
    let mut converted = Vec::with_capacity(content.len() + statistics.lone_lf);
    let mut previous = 0;
    for &byte in content {
        if byte == b'\n' && previous != b'\r' {
            converted.push(b'\r');
        }
        converted.push(byte);
        previous = byte;
    }
    Cow::Owned(converted)
}

/// What git looks at when it guesses whether a file is text.
#[derive(Default)]
struct Statistics {
    nul: usize,
    lone_cr: usize,
    lone_lf: usize,
    crlf: usize,
    printable: usize,
    nonprintable: usize,
}

impl Statistics {
    fn of(content: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut bytes = content.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\r' if bytes.next_if_eq(&b'\n').is_some() => seen.crlf += 1,
                b'\r' => seen.lone_cr += 1,
                b'\n' => seen.lone_lf += 1,
                // Backspace, tab, form feed and escape are found in text.
                8 | 9 | 12 | 27 => seen.printable += 1,
                0 => {
                    seen.nul += 1;
                    seen.nonprintable += 1;
                }
                1..32 | 127 => seen.nonprintable += 1,
                32..127 | 128.. => seen.printable += 1,
            }
        }
        // A DOS end-of-file mark at the end does not count.
        if content.last() == Some(&26) {
            seen.nonprintable -= 1;
        }
        seen
    }

    /// Text whose line endings are all line feeds.
    fn is_plain_text(&self) -> bool {
        let binary = self.lone_cr > 0 || self.nul > 0 || self.printable >> 7 < self.nonprintable;
        !binary && self.crlf == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// gitattributes(5), "text" and "eol".
    #[test]
    fn line_endings_follow_the_attributes() {
        let crlf = Some(Eol::Crlf);
        let cases: &[(Text, Option<Eol>, &str, &str)] = &[
            (Text::Unspecified, None, "a\nb\n", "a\nb\n"),
            (Text::Unspecified, crlf, "a\nb\n", "a\r\nb\r\n"),
            (Text::Set, None, "a\n", "a\n"),
            (Text::Set, Some(Eol::Lf), "a\r\n", "a\r\n"),
            (Text::Set, crlf, "a\nb\r\nc\n", "a\r\nb\r\nc\r\n"),
            (Text::Set, crlf, "a\0\n", "a\0\r\n"),
            (Text::Input, crlf, "a\n", "a\r\n"),
            (Text::Binary, crlf, "a\n", "a\n"),
            (Text::Auto, None, "a\n", "a\n"),
            (Text::Auto, crlf, "a\nb\n", "a\r\nb\r\n"),
            (Text::Auto, crlf, "a\nb\r\n", "a\nb\r\n"),
            (Text::Auto, crlf, "a\rb\n", "a\rb\n"),
            (Text::Auto, crlf, "a\0b\n", "a\0b\n"),
            (Text::Auto, crlf, "\u{1}\n", "\u{1}\n"),
            (Text::Auto, crlf, "\t\u{c}ä\n", "\t\u{c}ä\r\n"),
            (Text::Auto, crlf, "a\n\u{1a}", "a\r\n\u{1a}"),
            (Text::Auto, crlf, "", ""),
        ];
        for (text, eol, content, expected) in cases {
            let attributes = Attributes { text: *text, eol: *eol, ..Attributes::default() };
            let converted = to_work_tree(content.as_bytes(), &attributes);
            assert_eq!(converted, expected.as_bytes(), "{text:?} {eol:?} {content:?}");
        }
    }
}
