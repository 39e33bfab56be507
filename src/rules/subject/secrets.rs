//! What is a secret: by where a variable comes from, by its name, by the shape of a text.

use super::Buildspec;

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
    is_secret_name(name).then_some(Secret::Named)
}

/// Whether a variable's name says that it holds a secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let last = upper.rsplit('_').next().unwrap_or_default();
    let keys = ["API_KEY", "SECRET_KEY", "PRIVATE_KEY", "ACCESS_KEY"];
    matches!(last, "PASSWORD" | "PASSWD" | "SECRET" | "TOKEN" | "APIKEY")
        || keys.iter().any(|key| upper.ends_with(key))
}

/// What it is, how it begins, what it goes on with, and for how long, at least and at most.
type Shape<'a> = (&'static str, &'a [&'a str], &'a dyn Fn(u8) -> bool, usize, usize);

/// A credential in a text: what it is, where it begins, and how long it is.
pub fn credential(text: &str) -> Option<(&'static str, usize, usize)> {
    let key = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let dashed = |byte: u8| word(byte) || byte == b'-';
    let shapes: [Shape<'_>; 8] = [
        ("the id of an access key", &["AKIA", "ASIA"], &key, 16, 16),
        ("a token of GitHub", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], &word, 36, 255),
        ("a token of GitHub", &["github_pat_"], &word, 30, 255),
        ("a token of GitLab", &["glpat-"], &dashed, 20, 255),
        ("a token of npm", &["npm_"], &word, 36, 36),
        ("a token of Slack", &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"], &dashed, 20, 255),
        ("a key of Stripe", &["sk_live_", "rk_live_"], &word, 20, 255),
        ("a key of Google", &["AIzaSy"], &dashed, 33, 33),
    ];
    for (what, prefixes, goes_on, least, most) in shapes {
        for prefix in prefixes {
            for (at, _) in text.match_indices(prefix) {
                let rest = &text.as_bytes()[at + prefix.len()..];
                let length = rest.iter().take_while(|byte| goes_on(**byte)).count();
                let before = at.checked_sub(1).map(|at| text.as_bytes()[at]);
                let found = &text[at..at + prefix.len() + length];
                let example = least > 16 && is_placeholder(&found[prefix.len()..]);
                if (least..=most).contains(&length) && !before.is_some_and(word) && !example {
                    return Some((what, at, found.len()));
                }
            }
        }
    }
    let at = text.find("-----BEGIN ")?;
    let line = text[at..].lines().next().unwrap_or_default();
    line.contains("PRIVATE KEY-----").then(|| ("a private key", at, line.trim_end().len()))
}

/// The password in `scheme://user:password@host`, when it is literal: where it begins, and how long it is.
pub fn password_of_url(text: &str) -> Option<(usize, usize)> {
    text.match_indices("://").find_map(|(at, _)| {
        let start = at + 3;
        let rest = &text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || "/'\"`?#<>".contains(c)).unwrap_or(rest.len());
        let (user, _) = rest[..end].rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let made = password.contains(['$', '{', '}', '*', '%', '<', '(', '`']) || name.contains(['(', ' ']);
        (!password.is_empty() && !made && !is_placeholder(password))
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
    fn names_of_secrets_end_in_words_for_secrets() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("GITHUB_TOKEN", true),
            ("api_key", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("TOKEN_FILE", false),
            ("SECRET_ARN", false),
            ("CACHE_KEY", false),
            ("TOKENS", false),
        ] {
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
    }
}
