//! A here-document whose lines fell out of the text of its command.
//!
//! Owns: telling it from its marks. Inside `- |` every line is indented; the lines of a here-document that begin at column 0 end
//! the text, and are taken for keys of the file until one is none: the last, most often.

use super::Span;

/// The lines that fell out, with the one that ends the here-document, where the line of an error is the end of one or comes right
/// behind it.
pub(super) fn fallen_out(text: &str, error: u32) -> Option<Span> {
    let error = error as usize;
    let line_end = text[error..].find('\n').map_or(text.len(), |at| error + at + 1);
    let lines = text.get(..line_end)?.split_inclusive('\n');
    // The first line at column 0 behind an opening, with the word that ends it.
    let (mut word, mut fallen): (Option<&str>, Option<usize>) = (None, None);
    let mut found = None;
    let mut begin = 0;
    for line in lines {
        let is_outside = line.starts_with(|c: char| !c.is_whitespace());
        if let Some(ending) = word.filter(|_| is_outside || fallen.is_some()) {
            let start = *fallen.get_or_insert(begin);
            if line.trim_end() == ending {
                found = Some(Span::new(u32::try_from(start).ok()?, u32::try_from(begin + line.len()).ok()?));
                (word, fallen) = (None, None);
            }
        } else if !is_outside {
            word = opened(line).or(word.filter(|word| line.trim() != *word));
        }
        begin += line.len();
    }
    // Behind the word nothing is but the line of the error.
    found.filter(|found| text.get(found.end as usize..error).is_none_or(|between| between.trim().is_empty()))
}

/// The word that ends a here-document which a line opens.
fn opened(line: &str) -> Option<&str> {
    let (_, rest) = line.rsplit_once("<<")?;
    let rest = rest.trim_start_matches(['-', ' ', '\'', '"', '\\']);
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    (length > 0).then(|| &rest[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_between_the_opening_and_its_word_fell_out() {
        for (text, error, expected) in [
            ("a:\n  - |\n    cat <<EOF\nx: y\nEOF\n  - z\n", "EOF\n  -", Some("x: y\nEOF\n")),
            ("a:\n  - |\n    cat <<'E' > f\nx: y\n  z: 1\nE\n  - z\n", "- z", Some("x: y\n  z: 1\nE\n")),
            ("a:\n  - |\n    cat <<-EOF\n    x\n    EOF\nb\nc: d\n", "b", None),
            ("a:\n  - |\n    cat <<EOF\nx: y\nEOF\nb: c\nd\n", "d", None),
            ("a:\n  - |\n    cat\nx\n", "x", None),
        ] {
            let error = u32::try_from(text.find(error).unwrap()).unwrap();
            let found = fallen_out(text, error).map(|span| &text[span.start as usize..span.end as usize]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
