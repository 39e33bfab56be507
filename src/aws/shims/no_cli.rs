//! The AWS CLI where this machine has none.
//!
//! Owns: which of its commands only act, so that they can be recorded as those of other tools are. Whatever is needed for
//! its answer, its files or its settings is a command not found: nobody else can give that.

use super::line::Line;
use super::verdict::Verdict;
use crate::aws::catalog::{self, Operation};

/// Commands of the CLI's own that act, apart from those of `s3`: they are no operations.
const OWN: [(&str, &str); 6] = [
    ("cloudformation", "deploy"),
    ("deploy", "push"),
    ("deploy", "register"),
    ("ecs", "deploy"),
    ("emr", "terminate-clusters"),
    ("gamelift", "upload-build"),
];

/// Commands that write a file with what comes back.
const BRINGS: [(&str, &str); 3] =
    [("lambda", "invoke"), ("sagemaker-runtime", "invoke-endpoint"), ("apigateway", "create-api-key")];

/// Names of services in the CLI that are not those of the table.
const SERVICES: [(&str, &str); 2] = [("deploy", "codedeploy"), ("s3api", "s3")];

/// What becomes of a command of a CLI that is not here.
pub(super) fn aws(line: &Line<'_>) -> Verdict {
    // What it prints would be used, and nobody has that.
    if !line.asked.piped && acts(line) { Verdict::Recorded { deed: None } } else { Verdict::REAL }
}

fn acts(line: &Line<'_>) -> bool {
    let (Some(service), Some(command)) = (line.word(0), line.word(1)) else { return false };
    if line.has(&["--dry-run", "--dryrun", "--generate-cli-skeleton"]) || command == "help" {
        return false;
    }
    if service == "s3" {
        let is_bucket = |word: Option<&str>| word.is_some_and(|word| word.starts_with("s3://"));
        return match command {
            "cp" | "mv" | "sync" => is_bucket(line.word(3)),
            "rm" | "mb" | "rb" | "website" => is_bucket(line.word(2)),
            _ => false,
        };
    }
    if OWN.contains(&(service, command)) {
        return true;
    }
    !BRINGS.contains(&(service, command)) && operation(service, command).is_some_and(|found| !found.is_read())
}

/// The operation of a command: `update-service` is `UpdateService`.
fn operation(service: &str, command: &str) -> Option<&'static Operation> {
    let name = SERVICES.iter().find(|(cli, _)| *cli == service).map_or(service, |(_, name)| *name);
    let letters = || command.bytes().filter(|letter| *letter != b'-');
    let is_it = |operation: &&Operation| {
        operation.name.len() == letters().count()
            && operation.name.bytes().map(|letter| letter.to_ascii_lowercase()).eq(letters())
    };
    catalog::by_name(name)?.operations().iter().find(is_it)
}
