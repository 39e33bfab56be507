//! The AWS CLI: it runs against the endpoint.
//!
//! Owns: commands that would not reach the endpoint by themselves, and what its two versions do differently. Where the
//! build's image is known to have version 2 and this machine has version 1, a command is what version 2 makes of it: options
//! that only that knows are left out, and what only version 1 takes fails. A version 1 that the build installed is its own.

use std::path::{Path, PathBuf};

use super::line::Line;
use super::no_cli;
use super::verdict::{Said, Scene, Verdict};
use super::wire::Look;

/// Services of which the AWS CLI does not read `AWS_ENDPOINT_URL` (awscli 1.46: they have endpoint settings of their own).
const DEAF: [&str; 4] = ["sqs", "rds", "docdb", "neptune"];

/// Ends of the names under which AWS answers.
const AWS_HOSTS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];

/// Options that only version 2 has, and whether each has a value.
const SECOND: [(&str, bool); 4] = [
    ("--cli-binary-format", true),
    ("--no-cli-pager", false),
    ("--cli-auto-prompt", false),
    ("--no-cli-auto-prompt", false),
];

/// Options with bytes as their value: version 2 takes base64, version 1 the bytes themselves.
const BYTES: [(&str, &str, &str); 3] = [
    ("lambda", "invoke", "--payload"),
    ("kms", "encrypt", "--plaintext"),
    ("kinesis", "put-record", "--data"),
];

/// What prints the version.
const VERSION: [&str; 2] = ["aws", "--version"];

/// What becomes of a command of the AWS CLI.
pub(super) fn aws(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    if line.asked.found.is_none() {
        return no_cli::aws(line);
    }
    let mut before = Vec::new();
    let mut without = Vec::new();
    if let Some(endpoint) = line.asked.env.get("AWS_ENDPOINT_URL") {
        let named = line.value(&["--endpoint-url"]);
        let of_aws = named.is_some_and(is_of_aws);
        if of_aws {
            without.extend(places(line, "--endpoint-url", true));
        }
        let deaf = named.is_none() && line.word(0).is_some_and(|service| DEAF.contains(&service));
        if of_aws || deaf {
            before = vec!["--endpoint-url".to_owned(), endpoint.clone()];
        }
    }
    match versions(line, scene) {
        Version::Look(look) => return Verdict::Look(look),
        Version::Same => {}
        Version::First => match as_second(line) {
            Some(verdict) => return verdict,
            None => without.extend(SECOND.iter().flat_map(|(name, valued)| places(line, name, *valued))),
        },
    }
    Verdict::Real { before, without }
}

/// Whether a URL is one of AWS's.
fn is_of_aws(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default().to_ascii_lowercase();
    AWS_HOSTS.iter().any(|end| host.ends_with(end))
}

/// Where in the arguments an option and its value are.
fn places(line: &Line<'_>, name: &str, valued: bool) -> Vec<usize> {
    let mut places = Vec::new();
    for (at, word) in line.asked.args.iter().enumerate() {
        if word == name {
            places.push(at);
            places.extend(valued.then_some(at + 1));
        } else if word.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')) {
            places.push(at);
        }
    }
    places
}

/// Whether the version that runs is the one that runs on AWS.
enum Version {
    Look(Box<Look>),
    Same,
    First,
}

fn versions(line: &Line<'_>, scene: &Scene<'_>) -> Version {
    let matters =
        SECOND.iter().any(|(name, _)| line.has(&[name])) || bytes(line).is_some() || is_old_login(line);
    if !matters || !scene.tools.second_cli || is_of_the_build(line) {
        return Version::Same;
    }
    match line.asked.seen.versions.get(&VERSION.join(" ")) {
        None => Version::Look(Box::new(Look {
            versions: vec![VERSION.map(str::to_owned).to_vec()],
            ..Look::default()
        })),
        Some(said) if said.starts_with("aws-cli/1.") => Version::First,
        Some(_) => Version::Same,
    }
}

/// Whether the build itself installed the CLI.
fn is_of_the_build(line: &Line<'_>) -> bool {
    let folders = ["HOME", "VIRTUAL_ENV"].into_iter().filter_map(|name| line.asked.env.get(name));
    let folders: Vec<&String> = folders.filter(|folder| Path::new(folder).components().count() > 1).collect();
    line.asked.found.as_ref().is_some_and(|found| folders.iter().any(|folder| found.starts_with(folder)))
}

/// `aws ecr get-login`
fn is_old_login(line: &Line<'_>) -> bool {
    line.word(0) == Some("ecr") && line.word(1) == Some("get-login")
}

/// The option with bytes, and its value.
fn bytes<'a>(line: &Line<'a>) -> Option<(&'static str, &'a str)> {
    let (_, _, option) = BYTES
        .iter()
        .find(|(service, operation, _)| line.word(0) == Some(service) && line.word(1) == Some(operation))?;
    Some((option, line.value(&[option])?))
}

/// What version 2 refuses and version 1 takes.
fn as_second(line: &Line<'_>) -> Option<Verdict> {
    if is_old_login(line) {
        let text = "\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\nTo see help text, you can run:\n\n  \
                    aws help\n  aws <command> help\n  aws <command> <subcommand> help\n\n\
                    aws: error: argument operation: Invalid choice: 'get-login', maybe you meant:\n\n  * get-login-password\n\
                    rehearsal: version 2 of the AWS CLI, which the image of this build has, is without `ecr get-login`; write: \
                    aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY\n";
        return Some(Said::failure(252, text));
    }
    let (option, value) = bytes(line)?;
    if line.value(&["--cli-binary-format"]) == Some("raw-in-base64-out") || value.starts_with("fileb://") {
        return None;
    }
    let text = match value.strip_prefix("file://") {
        None => value.to_owned(),
        Some(path) => match line.asked.seen.read.get(Path::new(path)) {
            None => return Some(Verdict::look(Look { read: vec![PathBuf::from(path)], ..Look::default() })),
            // The CLI tells what is wrong with the file.
            Some(None) => return None,
            Some(Some(text)) => text.clone(),
        },
    };
    let failure = |why: &str| {
        format!(
            "\n{why}\nrehearsal: version 2 of the AWS CLI, which the image of this build has, takes {option} as base64; \
             add --cli-binary-format raw-in-base64-out to give it as it is\n"
        )
    };
    match decoded(&text) {
        Bytes::Broken => {
            Some(Said::failure(255, failure(&format!("Invalid base64: \"{}\"", text.trim_end()))))
        }
        // It would send other bytes than those that are written.
        Bytes::Garbled => Some(Said::failure(
            254,
            failure(&format!("rehearsal: {option} is no base64: what would be sent is nonsense")),
        )),
        Bytes::Clean => None,
    }
}

/// What Python's lenient decoder makes of a text: it passes over what is no letter of base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    /// It is no base64 at all.
    Broken,
    /// It is decoded to something that nobody wrote.
    Garbled,
    /// It is base64, or nothing.
    Clean,
}

fn decoded(text: &str) -> Bytes {
    let letter = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let letters = text.chars().filter(letter).count();
    let pads = text.chars().filter(|c| *c == '=').count();
    let whole = match letters % 4 {
        0 => true,
        2 => pads >= 2,
        3 => pads >= 1,
        _ => false,
    };
    let clean = text.chars().all(|c| letter(&c) || c == '=' || c.is_ascii_whitespace());
    match (whole, clean || letters == 0) {
        (false, _) => Bytes::Broken,
        (true, false) => Bytes::Garbled,
        (true, true) => Bytes::Clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_told_from_what_is_not() {
        for (text, expected) in [
            ("eyJhIjoxfQ==", Bytes::Clean),
            ("eyJhIjoxfQ==\n", Bytes::Clean),
            ("{}", Bytes::Clean),
            (r#"{"a":1}"#, Bytes::Broken),
            (r#"{"name": "Bob"}"#, Bytes::Broken),
            (r#"{"name": "x23"}"#, Bytes::Broken),
            (r#"{"name": 2026}"#, Bytes::Garbled),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }
}
