//! Path patterns of `.gitattributes`, matched as git matches them.
//!
//! Owns: one pattern, relative to the folder whose file wrote it, against one path. Works on bytes, since git's paths
//! are bytes, and in time proportional to pattern times path whatever the pattern says (a commit may be hostile).
//! Leaves to `super`: which patterns there are and what follows from a match.

/// One pattern line.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Matches folders only (the pattern ended in a slash).
    folders_only: bool,
    /// Is matched against the last component only (the pattern has no slash).
    last_component: bool,
    /// What comes before the first special character.
    literal: Vec<u8>,
    rest: Rest,
}

/// What comes after the literal start of a pattern.
#[derive(Debug)]
enum Rest {
    Nothing,
    /// `*` and then only literal bytes, in a pattern for the last component: by far the most common kind.
    Suffix(Vec<u8>),
    Tokens(Vec<Token>),
    /// A pattern with an unfinished or unknown bracket expression, or a lone backslash at its end.
    Malformed,
}

#[derive(Debug, Clone)]
enum Token {
    Byte(u8),
    /// `?`: one byte that is no slash.
    Any,
    /// `*`: bytes that are no slash.
    Star,
    /// `**/`: no folder at all (skips the next token too), or
    Folders,
    /// any bytes up to and with a slash.
    UpToSlash,
    /// `**` at the end: anything.
    Everything,
    Set(Set),
}

/// A set of bytes.
#[derive(Debug, Clone, Copy)]
struct Set([u64; 4]);

impl Set {
    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
    }
}

impl Pattern {
    /// Reads a pattern. `None` for a negated one, which git ignores in attributes.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        if text.first() == Some(&b'!') {
            return None;
        }
        let folders_only = text.last() == Some(&b'/');
        let text = if folders_only { &text[..text.len() - 1] } else { text };
        let last_component = !text.contains(&b'/');
        let text = text.strip_prefix(b"/").unwrap_or(text);
        let special = text.iter().position(|byte| is_special(*byte)).unwrap_or(text.len());
        let (literal, rest) = text.split_at(special);
        Some(Self {
            folders_only,
            last_component,
            literal: literal.to_vec(),
            rest: Rest::new(rest, last_component),
        })
    }

    /// Whether the pattern covers `path`, given relative to the folder of the pattern's file.
    pub(super) fn matches(&self, path: &[u8], is_folder: bool) -> bool {
        if self.folders_only && !is_folder {
            return false;
        }
        let path = if self.last_component {
            &path[path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1)..]
        } else {
            path
        };
        let Some(path) = path.strip_prefix(self.literal.as_slice()) else { return false };
        match &self.rest {
            Rest::Nothing => path.is_empty(),
            Rest::Suffix(suffix) => path.ends_with(suffix),
            Rest::Tokens(tokens) => run(tokens, path),
            Rest::Malformed => false,
        }
    }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'*' | b'?' | b'[' | b'\\')
}

impl Rest {
    fn new(text: &[u8], last_component: bool) -> Self {
        match text {
            [] => Self::Nothing,
            [b'*', suffix @ ..] if last_component && !suffix.iter().any(|byte| is_special(*byte)) => {
                Self::Suffix(suffix.to_vec())
            }
            _ => tokens(text, last_component).map_or(Self::Malformed, Self::Tokens),
        }
    }
}

/// `None` when the text is malformed, in which case git matches nothing with it.
fn tokens(text: &[u8], last_component: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => {
                tokens.push(Token::Byte(*text.get(at + 1)?));
                at += 2;
            }
            b'?' => {
                tokens.push(Token::Any);
                at += 1;
            }
            b'*' => {
                let end = at + text[at..].iter().take_while(|byte| **byte == b'*').count();
                at += stars(text, at, end, last_component, &mut tokens);
            }
            b'[' => {
                let (set, length) = bracket(&text[at..])?;
                tokens.push(Token::Set(set));
                at += length;
            }
            _ => {
                tokens.push(Token::Byte(byte));
                at += 1;
            }
        }
    }
    Some(tokens)
}

/// Reads the run of stars `text[at..end]` and says how many bytes it took. Two or more are special between slashes.
fn stars(text: &[u8], at: usize, end: usize, last_component: bool, tokens: &mut Vec<Token>) -> usize {
    let alone = !last_component && end - at > 1 && (at == 0 || text[at - 1] == b'/');
    match &text[end..] {
        [] if alone => tokens.push(Token::Everything),
        [b'/', ..] if alone => {
            tokens.extend([Token::Folders, Token::UpToSlash]);
            return end + 1 - at;
        }
        [b'\\', b'/', ..] if alone => tokens.push(Token::Everything),
        _ => tokens.push(Token::Star),
    }
    end - at
}

/// Reads the bracket expression that `text` begins with, and says how many bytes it took.
fn bracket(text: &[u8]) -> Option<(Set, usize)> {
    let mut set = Set([0; 4]);
    let mut at = 1;
    let negated = matches!(text.get(at)?, b'!' | b'^');
    at += usize::from(negated);
    let first = at;
    // The start of a possible range: the byte just read, unless it ended a range or was a class.
    let mut previous = None;
    loop {
        let byte = *text.get(at)?;
        if byte == b']' && at > first {
            break;
        }
        if byte == b'-' && previous.is_some() && text.get(at + 1).is_some_and(|next| *next != b']') {
            let (last, length) = escaped(&text[at + 1..])?;
            (previous.unwrap_or(last)..=last).for_each(|byte| set.insert(byte));
            previous = None;
            at += 1 + length;
        } else if let Some((class, length)) = named_class(&text[at..])? {
            (0..=127_u8).filter(class).for_each(|byte| set.insert(byte));
            previous = None;
            at += length;
        } else {
            let (byte, length) = escaped(&text[at..])?;
            set.insert(byte);
            previous = Some(byte);
            at += length;
        }
    }
    if negated {
        set.0.iter_mut().for_each(|word| *word = !*word);
    }
    set.0[0] &= !(1 << b'/');
    Some((set, at + 1))
}

/// One byte of a bracket expression, and how many bytes it took.
fn escaped(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', byte, ..] => Some((*byte, 2)),
        [b'\\'] | [] => None,
        [byte, ..] => Some((*byte, 1)),
    }
}

type Class = fn(&u8) -> bool;

/// `[:name:]`, if that is what comes here. The outer `None` is a name that does not exist.
#[expect(clippy::option_option, reason = "absent and malformed are different answers")]
fn named_class(text: &[u8]) -> Option<Option<(Class, usize)>> {
    let Some(inner) = text.strip_prefix(b"[:") else { return Some(None) };
    let end = inner.iter().position(|byte| *byte == b']')?;
    let Some(name) = inner[..end].strip_suffix(b":") else { return Some(None) };
    let class: Class = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some(Some((class, 2 + end + 1)))
}

/// Runs the tokens over the whole text, all possibilities side by side.
fn run(tokens: &[Token], text: &[u8]) -> bool {
    let mut now = vec![false; tokens.len() + 1];
    let mut next = vec![false; tokens.len() + 1];
    enter(tokens, &mut now, 0);
    for &byte in text {
        next.fill(false);
        for (at, token) in tokens.iter().enumerate().filter(|(at, _)| now[*at]) {
            match token {
                Token::Byte(wanted) if *wanted == byte => enter(tokens, &mut next, at + 1),
                Token::Any if byte != b'/' => enter(tokens, &mut next, at + 1),
                Token::Set(set) if set.contains(byte) => enter(tokens, &mut next, at + 1),
                Token::Star if byte != b'/' => enter(tokens, &mut next, at),
                Token::UpToSlash => {
                    next[at] = true;
                    if byte == b'/' {
                        enter(tokens, &mut next, at + 1);
                    }
                }
                Token::Everything => enter(tokens, &mut next, at),
                Token::Byte(_) | Token::Any | Token::Set(_) | Token::Star | Token::Folders => {}
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    now[tokens.len()]
}

/// Marks the place `at` and those that can be reached from it without a byte.
fn enter(tokens: &[Token], places: &mut [bool], mut at: usize) {
    while !places[at] {
        places[at] = true;
        match tokens.get(at) {
            Some(Token::Star | Token::Everything) => at += 1,
            Some(Token::Folders) => {
                places[at + 1] = true;
                at += 2;
            }
            Some(Token::Byte(_) | Token::Any | Token::UpToSlash | Token::Set(_)) | None => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// gitattributes(5) and gitignore(5), "PATTERN FORMAT"; the last group are git's answers where the text is silent.
    #[test]
    fn patterns_match_as_git_says() {
        let cases: &[(&str, &str, bool)] = &[
            // Without a slash: the last component, at any depth.
            ("*.txt", "a.txt", true),
            ("*.txt", "x/y/a.txt", true),
            ("*.txt", "a.txt.bak", false),
            ("readme", "docs/readme", true),
            ("readme", "readme2", false),
            ("a?c", "abc", true),
            ("[a-c]x[!0-9]", "bxy", true),
            ("[a-c]x[!0-9]", "bx1", false),
            ("my[[:space:]]file", "my file", true),
            // With a slash: the whole path, a star stops at slashes.
            ("/a.txt", "a.txt", true),
            ("/a.txt", "x/a.txt", false),
            ("docs/*.md", "docs/a.md", true),
            ("docs/*.md", "docs/x/a.md", false),
            ("docs/*.md", "x/docs/a.md", false),
            ("**/b", "b", true),
            ("**/b", "x/y/b", true),
            ("**/b", "xb", false),
            ("a/**", "a/x/y", true),
            ("a/**", "a", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "ab", false),
            ("a/**/*.c", "a/x.c", true),
            ("x/a**b", "x/a/b", false),
            // A trailing slash: folders only.
            ("docs/", "docs/", true),
            ("docs/", "docs", false),
            ("docs/", "x/docs/", true),
            ("/docs/", "x/docs/", false),
            ("docs/", "docs/a", false),
            // Escapes, malformed brackets, bytes.
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[]x]", "]", true),
            ("[a", "a", false),
            ("[[:no:]]", "a", false),
            ("a\\", "a", false),
            ("foo**/bar", "foo/x/bar", true),
            ("x/[/]y", "x//y", false),
        ];
        for (pattern, path, expected) in cases {
            let (path, is_folder) = path.strip_suffix('/').map_or((*path, false), |path| (path, true));
            let matched = Pattern::new(pattern.as_bytes()).unwrap().matches(path.as_bytes(), is_folder);
            assert_eq!(matched, *expected, "{pattern} against {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_its_length_allows() {
        let pattern = format!("x/{}b", "*a/**/".repeat(300));
        let path = format!("x/{}", "aaa/".repeat(1000));
        assert!(!Pattern::new(pattern.as_bytes()).unwrap().matches(path.as_bytes(), false));
    }

    #[test]
    fn a_negated_pattern_is_none() {
        assert!(Pattern::new(b"!x").is_none());
    }
}
