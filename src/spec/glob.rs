//! Glob patterns of trigger filters (codepipeline.md 3.5).
//!
//! Owns: AWS's dialect, as a regular expression. Leaves to `pipeline::trigger`: what is matched.
//!
//! globset reads `**` inside a name (`main**`) as two single stars, nests braces, and takes `[^a]` for a negation; the
//! dialect of the reference does none of these. Where both agree, a test compares them.

use std::fmt::Write as _;

use regex::Regex;

/// A pattern that names are matched with, whole and case-sensitive.
#[derive(Debug, Clone)]
pub struct Glob(Regex);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no pattern: {why}")]
pub struct NotAGlob {
    /// The text.
    pub pattern: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Glob {
    /// Reads a pattern.
    pub fn new(pattern: &str) -> Result<Self, NotAGlob> {
        let refused = |why| NotAGlob { pattern: pattern.to_owned(), why };
        let text = translate(pattern).map_err(refused)?;
        Regex::new(&text).map(Self).map_err(|_| refused("it is too complicated"))
    }

    /// Whether a text is a pattern, without making it ready to match with.
    pub fn syntax(pattern: &str) -> Result<(), NotAGlob> {
        let refused = |why| NotAGlob { pattern: pattern.to_owned(), why };
        translate(pattern).map(|_| ()).map_err(refused)
    }

    /// Whether the whole of `name` fits.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// The part of a pattern that stands between braces.
struct Group {
    /// Whether a name begins where its alternatives begin.
    begins_name: bool,
}

fn translate(pattern: &str) -> Result<String, &'static str> {
    let mut text = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    let mut group: Option<Group> = None;
    // Whether what comes next is the beginning of a name: `**/` stands for any number of folders only there.
    let mut begins_name = true;
    while let Some(character) = rest.next() {
        let began_name = std::mem::replace(&mut begins_name, character == '/');
        match (character, &group) {
            ('*', _) if rest.peek() == Some(&'*') => {
                while rest.next_if_eq(&'*').is_some() {}
                if began_name && rest.next_if_eq(&'/').is_some() {
                    text.push_str("(?:.*/)?");
                    begins_name = true;
                } else {
                    text.push_str(".*");
                }
            }
            ('*', _) => text.push_str("[^/]*"),
            ('?', _) => text.push_str("[^/]"),
            ('[', _) => set(&mut rest, &mut text)?,
            (']', _) => literal(']', &mut text),
            ('{', None) => {
                group = Some(Group { begins_name: began_name });
                begins_name = began_name;
                text.push_str("(?:");
            }
            ('{', Some(_)) => return Err("braces cannot be nested"),
            (',', Some(Group { begins_name: first })) => {
                begins_name = *first;
                text.push('|');
            }
            ('}', Some(_)) => {
                group = None;
                text.push(')');
            }
            ('\\', _) => match rest.next() {
                Some(escaped) => {
                    begins_name = escaped == '/';
                    literal(escaped, &mut text);
                }
                None => return Err("nothing follows its last backslash"),
            },
            (plain, _) => literal(plain, &mut text),
        }
    }
    if group.is_some() {
        return Err("a brace is not closed");
    }
    text.push('$');
    Ok(text)
}

/// What follows `[`. Inside, `*`, `?` and `\` are literal; `-` is when it is first. No set holds `/`: a set stands for
/// one character of a name.
fn set(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) -> Result<(), &'static str> {
    const OPEN: &str = "a bracket is not closed";
    let negated = rest.next_if_eq(&'!').is_some();
    text.push_str(if negated { "[^/" } else { "[" });
    let mut members = 0;
    loop {
        let first = rest.next().ok_or(OPEN)?;
        if first == ']' && members > 0 {
            break;
        }
        members += 1;
        let is_range = first != '-' || members > 1;
        let last = if is_range && rest.peek() == Some(&'-') {
            let mut ahead = rest.clone();
            ahead.next();
            match ahead.next() {
                Some(']') => first,
                Some(last) => {
                    *rest = ahead;
                    last
                }
                None => return Err(OPEN),
            }
        } else {
            first
        };
        if first > last {
            return Err("a range in brackets ends before it begins");
        }
        // A range over `/` is cut in two.
        for (from, to) in without_slash(first, last) {
            member(from, text);
            text.push('-');
            member(to, text);
        }
    }
    if text.ends_with('[') {
        // Nothing but `/` was in it, which no name holds.
        text.push_str("^\\x{0}-\\x{10FFFF}");
    }
    text.push(']');
    Ok(())
}

/// The range without `/`, in at most two pieces.
fn without_slash(from: char, to: char) -> Vec<(char, char)> {
    if !(from..=to).contains(&'/') {
        return vec![(from, to)];
    }
    [(from, '.'), ('0', to)].into_iter().filter(|(from, to)| from <= to).collect()
}

fn member(character: char, text: &mut String) {
    // Writing to a text cannot fail.
    let _ = write!(text, "\\x{{{:X}}}", u32::from(character));
}

fn literal(character: char, text: &mut String) {
    text.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::cases;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::new(pattern).unwrap_or_else(|error| panic!("{error}")).matches(name)
    }

    /// The tables of codepipeline.md 3.5: tokens, then examples.
    #[test]
    fn patterns_match_what_the_reference_says() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("main*", &["main", "main-2"], &["feature/main", "main/x"]),
            ("feature/*", &["feature/a"], &["feature/a/b"]),
            ("feature/**", &["feature/a", "feature/a/b"], &["feature", "features/a"]),
            ("**", &["main", "a/b/c", ""], &[]),
            ("directory/**", &["directory/a", "directory/a/b/c.txt"], &["directory", "other/a"]),
            (
                "common/**/*.js",
                &["common/app.js", "common/x/app.js", "common/x/y/app.js"],
                &["src/app.js", "common/app.ts", "commonapp.js"],
            ),
            ("**/README.md", &["a/README.md", "README.md", "a/b/README.md"], &["aREADME.md"]),
            ("*.{java,class}", &["A.java", "A.class"], &["src/A.java", "A.jav"]),
            ("foo.?", &["foo.c"], &["foo.cc", "foo.", "foo./"]),
            // `**` crosses `/` wherever it stands.
            ("main**", &["main", "main-2", "main/x/y"], &["mai"]),
            ("a**/b", &["a/b", "ax/b", "ax/y/b"], &["ab"]),
            ("a/**/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab"]),
            ("**/**", &["a", "a/b"], &[]),
            ("{**/a,b}.txt", &["a.txt", "x/a.txt", "b.txt"], &["x/b.txt", "xa.txt"]),
            ("x{**/a,b}", &["x/a", "xy/a", "xb"], &["xa"]),
            // Sets.
            ("[abc]", &["a", "b"], &["d", "ab", ""]),
            ("[a-z]1", &["b1"], &["B1", "11"]),
            ("[!a]", &["b", "^"], &["a", "/", ""]),
            ("[^a]", &["^", "a"], &["b"]),
            ("[*?\\]x", &["*x", "?x", "\\x"], &["ax"]),
            ("[-a]", &["-", "a"], &["b"]),
            ("[!-a]", &["b"], &["-", "a"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[+-9]", &["+", ".", "0"], &["/"]),
            ("[/]", &[], &["/", "a"]),
            // Escapes.
            ("\\*", &["*"], &["a"]),
            ("\\{a,b\\}", &["{a,b}"], &["a"]),
            ("v1.0", &["v1.0"], &["v1x0"]),
            ("a,b]}", &["a,b]}"], &[]),
            // Whole, case-sensitive, and a leading dot is a character like others.
            ("main", &["main"], &["Main", "xmain", "main\n"]),
            ("*", &[".github", "größe"], &["a/b"]),
        ];
        for (pattern, fitting, others) in table {
            for name in *fitting {
                assert!(matches(pattern, name), "{pattern} must match {name:?}");
            }
            for name in *others {
                assert!(!matches(pattern, name), "{pattern} must not match {name:?}");
            }
        }
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        for (pattern, why) in [
            ("[a", "a bracket is not closed"),
            ("[", "a bracket is not closed"),
            ("[a-", "a bracket is not closed"),
            ("[z-a]", "a range in brackets ends before it begins"),
            ("{a", "a brace is not closed"),
            ("{a,{b}}", "braces cannot be nested"),
            ("a\\", "nothing follows its last backslash"),
        ] {
            assert_eq!(Glob::new(pattern).unwrap_err().why, why, "{pattern}");
        }
        assert_eq!(Glob::new("{a").unwrap_err().to_string(), "`{a` is no pattern: a brace is not closed");
    }

    /// Any name, with every character escaped.
    fn escaped(name: &str) -> String {
        name.chars().flat_map(|character| ['\\', character]).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(cases(256)))]

        #[test]
        fn any_text_is_a_pattern_or_refused(pattern in "[a-c/*?\\[\\]{},!\\\\^-]{0,16}", name in "[a-c/]{0,8}") {
            if let Ok(glob) = Glob::new(&pattern) {
                glob.matches(&name);
            }
        }

        #[test]
        fn an_escaped_name_matches_itself_alone(name in "[a-c/*?{}\\[\\].]{0,8}", other in "[a-c/.]{0,8}") {
            prop_assert!(matches(&escaped(&name), &name));
            prop_assert_eq!(matches(&escaped(&name), &other), name == other);
        }

        /// However a path is blurred, it still fits: a name to `*`, a run of folders (an empty one too) to `**/`.
        #[test]
        fn a_blurred_path_still_fits(
            before in prop::collection::vec("[a-c.]{1,3}", 0..3),
            folders in prop::collection::vec("[a-c.]{1,3}", 0..3),
            file in "[a-c.]{1,4}",
        ) {
            let path = [before.clone(), folders.clone(), vec![file]].concat().join("/");
            let blurred = [before.clone(), vec!["**/*".to_owned()]].concat().join("/");
            prop_assert!(matches(&blurred, &path), "{} {}", blurred, path);
            let stars = "*/".repeat(before.len() + folders.len());
            let starred = format!("{stars}*");
            prop_assert!(matches(&starred, &path), "{} {}", starred, path);
        }

        /// Where AWS's dialect and globset's agree (`**` is a whole name, no nesting, no sets), so do the matchers.
        #[test]
        fn the_common_dialect_is_globsets(
            names in prop::collection::vec("(\\*\\*|[ab*?]{1,3}|\\{a,b\\})", 1..4),
            path in prop::collection::vec("[ab]{1,3}", 1..4),
        ) {
            let names: Vec<_> = names.iter().map(|name| if name.contains("**") { "**" } else { name }).collect();
            // globset lets a last `/**` match only below the folder, and reads `**/**` as one.
            let pattern = names.join("/");
            let theirs = GlobBuilder::new(&pattern).literal_separator(true).build().unwrap().compile_matcher();
            let path = path.join("/");
            prop_assert_eq!(matches(&pattern, &path), theirs.is_match(&path), "{} {}", pattern, path);
        }
    }
}
