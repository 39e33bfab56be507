//! Templates: text files with lines that are there under a condition, and names that stand for values.
//!
//! A line that begins with `{flag}` is kept when the flag is set, one with `{!flag}` when it is not. `@NAME@` becomes
//! that value.

/// The text for these flags and values.
pub(super) fn fill(template: &str, flags: &[&str], values: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    for line in template.lines() {
        if let Some(line) = kept(line, flags) {
            text.push_str(&named(line, values));
            text.push('\n');
        }
    }
    text
}

/// The line without its condition, when that holds.
fn kept<'t>(line: &'t str, flags: &[&str]) -> Option<&'t str> {
    let Some((condition, rest)) = line.strip_prefix('{').and_then(|line| line.split_once('}')) else {
        return Some(line);
    };
    let holds = match condition.strip_prefix('!') {
        Some(flag) => !flags.contains(&flag),
        None => flags.contains(&condition),
    };
    holds.then_some(rest)
}

/// The line with its values. A value is not looked at again.
fn named(line: &str, values: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('@') {
        text.push_str(before);
        let value = after.split_once('@').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, behind))
        });
        if let Some((value, behind)) = value {
            text.push_str(value);
            rest = behind;
        } else {
            text.push('@');
            rest = after;
        }
    }
    text + rest
}

/// A text as a YAML scalar that stays a text, also between brackets.
pub(super) fn scalar(text: &str) -> String {
    const NOT_TEXT: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let mut letters = text.chars();
    let plain = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter))
        && !NOT_TEXT.contains(&text.to_lowercase().as_str());
    // JSON's way of writing a text is one of YAML's.
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_by_their_flags_and_names_become_values() {
        let template = "a: @A@ @B@\n{x}x: 1\n{!x}not-x: @A@@A@\n{y}y: 2\nmail@example.com\n";
        let values = [("A", "one".to_owned()), ("B", "@A@".to_owned())];
        assert_eq!(fill(template, &["x"], &values), "a: one @A@\nx: 1\nmail@example.com\n");
        assert_eq!(fill(template, &["y"], &values), "a: one @A@\nnot-x: oneone\ny: 2\nmail@example.com\n");
    }

    #[test]
    fn a_scalar_stays_the_text_it_is() {
        for (text, expected) in [
            ("service", "service"),
            ("release/1.0", "release/1.0"),
            ("2026-11-25", "\"2026-11-25\""),
            ("1e5", "\"1e5\""),
            ("On", "\"On\""),
            ("feature/#1", "\"feature/#1\""),
            ("a,b", "\"a,b\""),
            ("größe", "\"größe\""),
            ("say\"so\"", r#""say\"so\"""#),
            ("", "\"\""),
        ] {
            assert_eq!(scalar(text), expected);
            let read: String = serde_yaml::from_str(&scalar(text)).unwrap();
            assert_eq!(read, text);
        }
    }
}
