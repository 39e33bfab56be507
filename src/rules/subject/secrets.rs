//! What is a secret: by where a variable comes from, by its name, by the shape of a text.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Buildspec;
use super::letters::{Letters, Words};

/// How a variable is known to be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// From Parameter Store or Secrets Manager: CodeBuild masks the very text in logs (codebuild.md 6).
    Stored,
    /// Its name says so, and nothing masks it.
    Named,
}

/// Whether a variable holds a secret.
pub fn secret(file: Buildspec<'_>, name: &str) -> Option<Secret> {
    let stored = ["secrets-manager", "parameter-store"];
    if stored.iter().any(|section| file.at(&["env", section]).is_some_and(|node| node.entry(name).is_some()))
    {
        // Parameters are also used for what is no secret.
        let is_parameter =
            file.at(&["env", "parameter-store"]).is_some_and(|node| node.entry(name).is_some());
        return (!is_parameter || is_secret_name(name)).then_some(Secret::Stored);
    }
    if !is_secret_name(name) {
        return None;
    }
    // A plain word that stands in the file is no secret, whatever it is called.
    let value = file.at(&["env", "variables"]).and_then(|node| node.get(name)?.text());
    let is_word = value.is_some_and(|value| !value.is_empty() && held(name, value).is_none());
    (!is_word).then_some(Secret::Named)
}

/// Whether a variable's name says that it holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    // `DB_PASSWORD2` is one more of them.
    let upper = upper.trim_end_matches(|digit: char| digit.is_ascii_digit()).trim_end_matches('_');
    let last = upper.rsplit('_').next().unwrap_or_default();
    let keys = ["API_KEY", "SECRET_KEY", "PRIVATE_KEY", "ACCESS_KEY"];
    matches!(last, "PASSWORD" | "PASSWD" | "SECRET" | "TOKEN" | "APIKEY")
        || keys.iter().any(|key| upper.ends_with(key))
}

/// How a credential looks that is known by its first characters.
struct Shape {
    /// How it begins.
    prefix: &'static str,
    /// What it is.
    what: &'static str,
    /// What else than letters and digits it goes on with.
    also: &'static [u8],
    /// For how long, at least and at most.
    length: (usize, usize),
}

const fn shape(
    prefix: &'static str,
    what: &'static str,
    also: &'static [u8],
    length: (usize, usize),
) -> Shape {
    Shape { prefix, what, also, length }
}

/// The length of the id of an access key, which has capitals and digits only.
const KEY_ID: (usize, usize) = (16, 16);

const SHAPES: [Shape; 23] = [
    shape("AKIA", "the id of an access key", b"", KEY_ID),
    shape("ASIA", "the id of an access key", b"", KEY_ID),
    shape("ghp_", "a token of GitHub", b"_", (36, 255)),
    shape("gho_", "a token of GitHub", b"_", (36, 255)),
    shape("ghu_", "a token of GitHub", b"_", (36, 255)),
    shape("ghs_", "a token of GitHub", b"_", (36, 255)),
    shape("ghr_", "a token of GitHub", b"_", (36, 255)),
    shape("github_pat_", "a token of GitHub", b"_", (30, 255)),
    shape("squ_", "a token of SonarQube", b"", (40, 40)),
    shape("sqp_", "a token of SonarQube", b"", (40, 40)),
    shape("sqa_", "a token of SonarQube", b"", (40, 40)),
    shape("glpat-", "a token of GitLab", b"_-", (20, 255)),
    shape("npm_", "a token of npm", b"_", (36, 36)),
    shape("xoxb-", "a token of Slack", b"_-", (20, 255)),
    shape("xoxp-", "a token of Slack", b"_-", (20, 255)),
    shape("xoxa-", "a token of Slack", b"_-", (20, 255)),
    shape("xoxr-", "a token of Slack", b"_-", (20, 255)),
    shape("xoxs-", "a token of Slack", b"_-", (20, 255)),
    shape("sk_live_", "a key of Stripe", b"_", (20, 255)),
    shape("rk_live_", "a key of Stripe", b"_", (20, 255)),
    shape("AIzaSy", "a key of Google", b"_-", (33, 33)),
    shape("hooks.slack.com/services/T", "a webhook of Slack", b"/", (30, 255)),
    shape("-----BEGIN ", "a private key", b"", (0, 0)),
];

/// All that a credential may begin with.
const BEGINNINGS: Words<{ SHAPES.len() }> = {
    let mut all = [""; SHAPES.len()];
    let mut index = 0;
    while index < SHAPES.len() {
        all[index] = SHAPES[index].prefix;
        index += 1;
    }
    Words::of(all)
};

/// The same, looked for in one pass.
static PREFIXES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(BEGINNINGS.words()).ok());

/// A credential in a text: what it is, where it begins, and how long it is.
pub fn credential(text: &str) -> Option<(&'static str, usize, usize)> {
    credential_among(text, Letters::of(text))
}

/// The same in a text whose characters are known.
pub fn credential_among(text: &str, letters: Letters) -> Option<(&'static str, usize, usize)> {
    if !BEGINNINGS.may_be_among(letters) {
        return None;
    }
    PREFIXES.as_ref()?.find_iter(text).find_map(|found| {
        let shape = SHAPES.get(found.pattern().as_usize())?;
        let length = if shape.length == (0, 0) {
            private_key(&text[found.start()..])
        } else {
            shape.fits(text, found.start())
        };
        Some((shape.what, found.start(), length?))
    })
}

/// The length of the line that begins a private key.
fn private_key(text: &str) -> Option<usize> {
    let line = text.lines().next().unwrap_or_default();
    line.contains("PRIVATE KEY-----").then(|| line.trim_end().len())
}

impl Shape {
    /// How long the credential is that begins here, when it is one.
    fn fits(&self, text: &str, at: usize) -> Option<usize> {
        let is_key_id = self.length == KEY_ID;
        let goes_on = |byte: u8| match byte {
            b'a'..=b'z' => !is_key_id,
            _ => byte.is_ascii_alphanumeric() || self.also.contains(&byte),
        };
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let start = at + self.prefix.len();
        let length = text.as_bytes()[start..].iter().take_while(|byte| goes_on(**byte)).count();
        let begins = at.checked_sub(1).is_none_or(|before| !word(text.as_bytes()[before]));
        let (least, most) = self.length;
        let example = !is_key_id && is_placeholder(&text[start..start + length]);
        ((least..=most).contains(&length) && begins && !example).then_some(self.prefix.len() + length)
    }
}

/// The variables that the AWS SDKs take credentials from.
pub const OF_AWS: [&str; 3] = ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"];

/// What a variable with a literal value holds, when that is a secret: by its name, or by the value's shape.
pub fn held(name: &str, value: &str) -> Option<&'static str> {
    if let Some((what, ..)) = credential(value) {
        return Some(what);
    }
    if OF_AWS.contains(&name) {
        return (!stands_in(value)).then_some("credentials of AWS");
    }
    if password_of_url(value).is_some() {
        return Some("a password");
    }
    (is_secret_name(name) && is_likely_secret(value)).then_some("a secret")
}

/// Whether a value is what tests give to a client of AWS that talks to nobody.
pub fn stands_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = ["changeme", "dummy", "localstack", "minioadmin", "mocked", "placeholder", "testing"];
    let first = value.chars().next();
    value.len() < 6
        || value.starts_with(['<', '$', '{', '%'])
        || ["fake", "your-", "your_", "my-fake"].iter().any(|begin| lower.starts_with(begin))
        || words.contains(&&*lower)
        || value.chars().all(|c| Some(c) == first)
}

/// Whether a value of a variable with a secret's name is one, and neither stands for one nor says where one is: it mixes letters with
/// digits or signs as no name does.
fn is_likely_secret(value: &str) -> bool {
    let stands_for =
        ["local", "sample", "replace", "insert", "default", "arn:", "demo", "guest", "placeholder"];
    let lower = value.to_ascii_lowercase();
    let is_text = value.chars().all(|c| c.is_ascii_graphic() && !"/$<>{}`\\".contains(c));
    if value.len() < 6
        || !is_text
        || value.contains("://")
        || is_placeholder(value)
        || stands_for.iter().any(|word| lower.contains(word))
    {
        return false;
    }
    // `prod-db-2` is a name: its parts are words or numbers.
    let mut parts = value.split(['-', '_', '.', ':']);
    let is_plain = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphabetic()) || part.bytes().all(|byte| byte.is_ascii_digit())
    };
    !parts.all(is_plain)
}

/// The password in `scheme://user:password@host`, when it is literal: where it begins, and how long it is.
pub fn password_of_url(text: &str) -> Option<(usize, usize)> {
    if !text.contains('@') {
        return None;
    }
    text.match_indices("://").find_map(|(at, _)| {
        let start = at + 3;
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "/'\"`?#<>".contains(c)).unwrap_or(rest.len());
        let (user, _) = rest[..end].rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let made = password.contains(['$', '{', '}', '*', '%', '<', '(', '`']) || name.contains(['(', ' ']);
        // What listens on the build's own machine is made for the build.
        let host = rest[..end].rsplit_once('@').map_or("", |(_, host)| host);
        let is_own = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().any(|own| {
            host.strip_prefix(own).is_some_and(|behind| {
                !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || "-.".contains(c))
            })
        });
        let shouts = password.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        (!password.is_empty() && !made && !is_own && !shouts && name != password && !is_placeholder(password))
            .then(|| (start + name.len() + 1, password.len()))
    })
}

/// Whether a text stands for a secret rather than being one.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let first = lower.chars().next();
    let same = lower.chars().all(|c| Some(c) == first);
    let words = [
        "password", "example", "changeme", "secret", "token", "your", "dummy", "fake", "xxx", "test", "***",
        "...",
    ];
    text.is_empty()
        || same
        || text.starts_with(['<', '$', '{', '%'])
        || words.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A made-up secret, put together here so that no scanner takes this file for a leak.
    fn made(prefix: &str, length: usize) -> String {
        let signs = "A1B2C3D4E5F6G7H8I9J0".chars().cycle();
        prefix.chars().chain(signs.take(length)).collect()
    }

    #[test]
    fn credentials_are_told_by_their_shape() {
        for (prefix, length, expected) in [
            ("AKIA", 16, Some("the id of an access key")),
            ("AKIA", 15, None),
            ("AKIA", 20, None),
            ("gh".to_owned().as_str(), 40, None),
            ("ghp_", 36, Some("a token of GitHub")),
            ("npm_", 36, Some("a token of npm")),
            ("npm_", 12, None),
            ("xoxb-", 24, Some("a token of Slack")),
            ("XAKIA", 16, None),
        ] {
            let text = format!("export A={}; b", made(prefix, length));
            assert_eq!(credential(&text).map(|(what, ..)| what), expected, "{text}");
        }
        assert_eq!(credential(&format!("ghp_{}", "x".repeat(36))), None);
        let key = format!("x\n-----BEGIN RSA {} KEY-----\n", "PRIVATE");
        assert_eq!(credential(&key).map(|(what, at, _)| (what, at)), Some(("a private key", 2)));
    }

    #[test]
    fn passwords_of_addresses_are_told_from_users_and_variables() {
        for (text, expected) in [
            ("git clone https://user:hunter2@host.example/x", Some("hunter2")),
            ("https://user@host/x", None),
            ("https://user:$PASS@host/x", None),
            ("https://${USER}:${PASS}@host/x", None),
            ("https://x-access-token:ghs@host", Some("ghs")),
            ("https://host:8080/a@b", None),
            ("echo https://a:b c@d", None),
            ("postgres://postgres:password@localhost/db", None),
        ] {
            assert_eq!(password_of_url(text).map(|(at, length)| &text[at..at + length]), expected, "{text}");
        }
    }

    #[test]
    fn a_value_of_a_secrets_name_is_one_unless_it_stands_for_one() {
        for (name, value, expected) in [
            ("DB_PASSWORD", "S3cr3t!x9", true),
            ("DB_PASSWORD", "hunter2", true),
            ("API_KEY", "0f8fad5b-d9cb-469f-a165-70867728950e", true),
            ("DB_PASSWORD", "changeme1", false),
            ("DB_PASSWORD", "postgres", false),
            ("DB_PASSWORD", "$DB", false),
            ("DB_PASSWORD", "/service/db/password", false),
            ("DB_PASSWORD", "prod-db-2", false),
            ("GITHUB_TOKEN", "arn:aws:secretsmanager:eu-central-1:111122223333:x:t", false),
            ("GITHUB_TOKEN", "true", false),
            ("DB_PASSWORD", "local1!", false),
            ("DB_NAME", "S3cr3t!x9", false),
        ] {
            assert_eq!(held(name, value).is_some(), expected, "{name} {value}");
        }
        let hook = made("https://hooks.slack.com/services/T", 40);
        assert_eq!(held("HOOK", &hook), Some("a webhook of Slack"));
        assert_eq!(held("AWS_SECRET_ACCESS_KEY", "made-up"), Some("credentials of AWS"));
    }

    #[test]
    fn names_of_secrets_end_in_words_for_secrets() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("GITHUB_TOKEN", true),
            ("api_key", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("DB_PASSWORD2", true),
            ("TOKEN_1", true),
            ("TOKEN_FILE", false),
            ("SECRET_ARN", false),
            ("CACHE_KEY", false),
            ("TOKENS", false),
        ] {
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
    }
}
