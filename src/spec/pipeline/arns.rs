//! ARNs in a definition, and texts that something else is to fill in.
//!
//! Owns: what is wrong with an ARN, whatever stands for the account and the region. Leaves to the readers: which service it is to be of.

use crate::diagnostic::Severity;

/// The last part of an ARN; of another text all that could be one.
pub(super) fn resource_of(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or("stateMachine:")
}

/// What is wrong with the ARN of a role.
pub(in crate::spec) fn wrong_role(text: &str) -> Option<(&'static str, Severity)> {
    arn(text, &["iam"]).or_else(|| {
        let is_role = text.splitn(6, ':').nth(5).is_none_or(|resource| resource.starts_with("role/"));
        (!is_open(text) && !is_role).then_some(("is not the ARN of a role", Severity::Error))
    })
}

/// Whether a text is to be filled in before AWS sees it.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['<', '$', '{', '*', '['])
}

/// What is wrong with an ARN, whatever stands for the account and the region. An account of too few digits may be one
/// that somebody made up to be filled in.
pub(in crate::spec) fn arn(text: &str, services: &[&str]) -> Option<(&'static str, Severity)> {
    let error = |why| Some((why, Severity::Error));
    // `ROLE_ARN` stands for something to be filled in; a number does not.
    let is_word = !text.contains(|c: char| c.is_ascii_lowercase() || ":/-.".contains(c))
        && (text.is_empty() || text.contains(|c: char| !c.is_ascii_digit()));
    if is_open(text) || is_word {
        return None;
    }
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let is_other =
        |service: &str| !services.contains(&service) && !service.chars().any(|c| c.is_ascii_uppercase());
    let is_of_aws = |partition: &str| partition == "aws" || partition.starts_with("aws-");
    let [prefix, partition, service, _, account, resource] = parts[..] else {
        // What is wrong with the rest does not matter for one of another service.
        return match parts[..] {
            ["arn", partition, service, ..] if is_of_aws(partition) && is_other(service) => {
                error("is the ARN of another service")
            }
            _ => error("is no ARN"),
        };
    };
    let has_letters = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
    if prefix != "arn" || !is_of_aws(partition) {
        error("is no ARN")
    } else if is_other(service) {
        error("is the ARN of another service")
    } else if account.is_empty() && service == "devicefarm" {
        // AWS's own pools of devices.
        None
    } else if !has_letters(account) && (account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit())) {
        Some(("has no account of twelve digits", Severity::Warning))
    } else if resource.is_empty() {
        error("names nothing")
    } else {
        None
    }
}
