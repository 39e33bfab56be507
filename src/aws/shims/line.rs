//! A command line of a tool, read.
//!
//! Owns: which words are options, their values, and which are what tools call subcommands and arguments; masking what is
//! secret in them. Leaves to `table`: what the words mean.

use super::wire::Asked;
use crate::aws::desk::MASK;

/// A command line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What was asked.
    pub(super) asked: &'a Asked,
    /// The words that are neither options nor their values.
    pub(super) words: Vec<&'a str>,
    /// The options, in order, with the values that are known to be theirs.
    pub(super) options: Vec<(&'a str, Option<&'a str>)>,
    /// Where in the arguments the first of `words` is.
    pub(super) first: usize,
}

impl<'a> Line<'a> {
    /// Reads what was asked. `valued` are the options that take the next word as their value, with their dashes.
    pub(super) fn read(asked: &'a Asked, valued: &[&str]) -> Self {
        let mut line = Self { asked, words: Vec::new(), options: Vec::new(), first: asked.args.len() };
        let mut rest = asked.args.iter().map(String::as_str).enumerate();
        while let Some((index, word)) = rest.next() {
            if word == "--" {
                line.first = line.first.min(index + 1);
                line.words.extend(rest.by_ref().map(|(_, word)| word));
            } else if !word.starts_with('-') || word == "-" {
                line.first = line.first.min(index);
                line.words.push(word);
            } else if valued.contains(&word) {
                line.options.push((word, rest.next().map(|(_, value)| value)));
            } else if let Some((name, value)) = attached(word, valued) {
                line.options.push((name, Some(value)));
            } else if let Some((name, value)) = word.split_once('=') {
                line.options.push((name, Some(value)));
            } else {
                line.options.push((word, None));
                // `-it` is `-i` and `-t`; one of them may have a value, which ends the word or is the next.
                let letters = cluster(word).unwrap_or_default();
                for (at, letter) in letters.char_indices() {
                    let name = short(letter);
                    let behind = &letters[at + 1..];
                    if !valued.contains(&name) {
                        line.options.push((name, None));
                        continue;
                    }
                    let mut next = || rest.next().map(|(_, value)| value);
                    line.options.push((name, if behind.is_empty() { next() } else { Some(behind) }));
                    break;
                }
            }
        }
        line
    }

    /// A word by its place.
    pub(super) fn word(&self, index: usize) -> Option<&'a str> {
        self.words.get(index).copied()
    }

    /// Whether one of these options is given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(name))
    }

    /// The values of these options.
    pub(super) fn values<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'a str> + 's {
        self.options.iter().filter(|(name, _)| names.contains(name)).filter_map(|(_, value)| *value)
    }

    /// The last value of these options.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.values(names).last()
    }

    /// The typed arguments before the first word: options that hold for all subcommands.
    pub(super) fn globals(&self) -> Vec<String> {
        self.asked.args[..self.first.min(self.asked.args.len())].to_vec()
    }

    /// The arguments from the first word on.
    pub(super) fn rest(&self) -> &'a [String] {
        &self.asked.args[self.first.min(self.asked.args.len())..]
    }

    /// The tool with these arguments.
    pub(super) fn command<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<String> {
        let own = std::iter::once(self.asked.name.clone());
        own.chain(arguments.into_iter().map(|word| word.as_ref().to_owned())).collect()
    }

    /// Whether the command reads its standard input by what it says of itself.
    pub(super) fn reads_input(&self) -> bool {
        let input = |word: &str| matches!(word, "-" | "/dev/stdin" | "@-");
        self.asked.args.iter().any(|word| input(word) || word == "--password-stdin" || word == "--with-token")
            || self.options.iter().any(|(_, value)| value.is_some_and(input))
    }
}

/// The value that is written together with a short option: `-fFILE`.
fn attached<'a>(word: &'a str, valued: &[&str]) -> Option<(&'a str, &'a str)> {
    let second = word.char_indices().nth(2)?.0;
    let (name, value) = word.split_at(second);
    (!word.starts_with("--") && valued.contains(&name))
        .then_some((name, value.strip_prefix('=').unwrap_or(value)))
}

/// The letters of several short options in one word.
fn cluster(word: &str) -> Option<&str> {
    let letters = word.strip_prefix('-').filter(|letters| letters.len() > 1)?;
    letters.chars().all(|c| c.is_ascii_alphabetic()).then_some(letters)
}

/// A letter as an option.
fn short(letter: char) -> &'static str {
    const ALL: &str = "-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z-A-B-C-D-E-F-G-H-I-J-K-L-M-N-O-P-Q-R-S-T-U-V-W-X-Y-Z";
    ALL.find(letter).map_or("", |at| &ALL[at - 1..=at])
}

/// Options whose value is secret, whatever the tool.
const SECRET: [&str; 18] = [
    "--password",
    "--token",
    "--api-key",
    "--apikey",
    "--auth-token",
    "--access-token",
    "--secret",
    "--client-secret",
    "--otp",
    "--passphrase",
    "--github-token",
    "--gh-token",
    "--auth",
    "--private-key",
    "--secret-key",
    "--key-password",
    "--pass",
    "--_authToken",
];

/// Options with a value that is secret for some tools.
const SECRET_OF: [(&str, &str); 14] = [
    ("redis-cli", "-a"),
    ("sqlcmd", "-P"),
    ("curl", "-u"),
    ("curl", "--user"),
    ("lftp", "-u"),
    ("dotnet", "-k"),
    ("hatch", "-a"),
    ("pdm", "-P"),
    ("nuget", "-ApiKey"),
    ("sshpass", "-p"),
    ("mongosh", "-p"),
    ("mongo", "-p"),
    ("mongodump", "-p"),
    ("mongorestore", "-p"),
];

/// Options that hold a secret of commands that log in or publish, and something else elsewhere: `docker run -p 80:80`.
const SECRET_OF_LOGINS: [(&str, &str); 12] = [
    ("docker", "-p"),
    ("podman", "-p"),
    ("nerdctl", "-p"),
    ("buildah", "-p"),
    ("crane", "-p"),
    ("oras", "-p"),
    ("helm", "-p"),
    ("twine", "-p"),
    ("poetry", "-p"),
    ("uv", "-p"),
    ("uv", "-t"),
    ("az", "-p"),
];

/// Tools to which a password is given together with its option: `-pSECRET`.
const ATTACHED: [&str; 6] = ["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump"];

/// The command with its name first, its secrets masked.
pub(super) fn masked(asked: &Asked) -> Vec<String> {
    let mut words = vec![asked.name.clone()];
    let logs_in =
        asked.args.iter().any(|word| matches!(word.as_str(), "login" | "publish" | "push" | "upload"));
    let secret = |name: &str| {
        let name_is = |of: &(&str, &str)| *of == (asked.name.as_str(), name);
        SECRET.contains(&name.to_ascii_lowercase().as_str())
            || SECRET.contains(&name)
            || SECRET_OF.iter().any(name_is)
            || (logs_in && SECRET_OF_LOGINS.iter().any(name_is))
    };
    let mut hide = false;
    for word in &asked.args {
        if std::mem::take(&mut hide) {
            words.push(MASK.to_owned());
            continue;
        }
        if secret(word) {
            hide = true;
            words.push(word.clone());
            continue;
        }
        if word.len() > 2 && word.starts_with("-p") && ATTACHED.contains(&asked.name.as_str()) {
            words.push(format!("-p{MASK}"));
            continue;
        }
        words.push(match word.split_once('=') {
            Some((name, _)) if secret(name) || is_secret_name(name) => format!("{name}={MASK}"),
            Some(_) | None => without_credentials(word),
        });
    }
    words
}

/// Whether a variable or setting of this name holds a secret.
fn is_secret_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_uppercase();
    ["PASSWORD", "TOKEN", "SECRET", "APIKEY", "API_KEY", "PASSPHRASE"].iter().any(|end| name.ends_with(end))
}

/// A word without the user part of URLs and without the value of headers that authorize.
fn without_credentials(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    for header in
        ["authorization:", "private-token:", "x-api-key:", "x-jfrog-art-api:", "job-token:", "cookie:"]
    {
        if let Some(at) = lower.find(header)
            && at <= 2
        {
            return format!("{} {MASK}", &word[..at + header.len()]);
        }
    }
    let Some(scheme) = word.find("://") else { return word.to_owned() };
    let (before, rest) = word.split_at(scheme + 3);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        // `ssh://git@host` names a user that everybody uses.
        Some(at) if before.ends_with("ssh://") && !rest[..at].contains(':') => word.to_owned(),
        Some(at) => format!("{before}{MASK}{}", &rest[at..]),
        None => word.to_owned(),
    }
}

/// A command as it is shown to people: words with spaces in them are quoted.
pub(super) fn shown(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let plain =
            !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || "'\"\\$`;&|<>(){}".contains(c));
        if plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Asked {
        let mut words = text.split(' ').map(str::to_owned);
        Asked { name: words.next().unwrap(), args: words.collect(), ..Asked::default() }
    }

    #[test]
    fn secrets_are_masked_wherever_tools_take_them() {
        for (typed, shown_as) in [
            ("docker login -u me -p s3cret registry", "docker login -u me -p *** registry"),
            ("docker run -p 80:80 web", "docker run -p 80:80 web"),
            ("twine upload --password=s3cret dist/a.whl", "twine upload --password=*** dist/a.whl"),
            ("git push https://me:tok@github.com/a/b.git", "git push https://***@github.com/a/b.git"),
            ("git push ssh://git@github.com/a/b.git", "git push ssh://git@github.com/a/b.git"),
            ("heroku config:set API_TOKEN=abc", "heroku config:set API_TOKEN=***"),
            ("docker build --build-arg NPM_TOKEN=abc .", "docker build --build-arg NPM_TOKEN=*** ."),
            ("mysql -h db -u me -ps3cret shop", "mysql -h db -u me -p*** shop"),
            ("mysql -u me -p shop", "mysql -u me -p shop"),
            ("redis-cli -a s3cret ping", "redis-cli -a *** ping"),
            ("psql postgres://me:s3cret@db/shop", "psql postgres://***@db/shop"),
            ("poetry publish -u me -p s3cret", "poetry publish -u me -p ***"),
            ("cargo publish -p greet --token s3cret", "cargo publish -p greet --token ***"),
            ("hatch publish -u me -a s3cret", "hatch publish -u me -a ***"),
            ("uv publish --username me -p s3cret", "uv publish --username me -p ***"),
            ("sshpass -p s3cret ssh host", "sshpass -p *** ssh host"),
            ("mongosh mongodb.example -u me -p s3cret", "mongosh mongodb.example -u me -p ***"),
            ("az login -u me -p s3cret", "az login -u me -p ***"),
            ("uv run -p 3.12 x", "uv run -p 3.12 x"),
            ("gem push --otp 123 a.gem", "gem push --otp *** a.gem"),
            ("curl -u me:pw -T a https://x/y", "curl -u *** -T a https://x/y"),
        ] {
            assert_eq!(masked(&asked(typed)).join(" "), shown_as, "{typed}");
        }
        let header = Asked {
            name: "curl".into(),
            args: ["-H", "Authorization: token abc", "-HAuthorization: Bearer x"].map(String::from).to_vec(),
            ..Asked::default()
        };
        assert_eq!(shown(&masked(&header)), "curl -H 'Authorization: ***' '-HAuthorization: ***'");
    }

    #[test]
    fn options_with_values_are_not_taken_for_subcommands() {
        let asked = asked("git -C folder -c a=b --git-dir=x push -f origin main");
        let line = Line::read(&asked, &["-C", "-c"]);
        assert_eq!(line.words, ["push", "origin", "main"]);
        assert_eq!(line.globals(), ["-C", "folder", "-c", "a=b", "--git-dir=x"]);
        assert_eq!(line.value(&["-C"]), Some("folder"));
        assert!(line.has(&["-f", "--force"]) && !line.has(&["--dry-run"]));
        assert_eq!(line.rest(), ["push", "-f", "origin", "main"]);
    }
}
