//! The record: what commands asked of AWS and of tools, and what became of it.
//!
//! Owns: the form of a record's lines (`logs/EXECUTION/ACTION.effects` in the store: JSON lines, documented in
//! docs/json.md) and reading them. Leaves to `account` summing up.

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stack_change::StackChange;
use crate::clock::Timestamp;

/// One thing that a command asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// When.
    pub at: Timestamp,
    /// The build phase it happened in, by its API name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The command of the buildspec that ran then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The account and region that the commands of this action see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// What was asked for.
    pub subject: Subject,
    /// What became of it.
    pub handling: Handling,
    /// What it would have done, when that is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deed: Option<Deed>,
}

/// Where commands are: `local: { account, region }` of rehearsal.yml, or what rehearsals make up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The account, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A call of an AWS API.
    Call {
        /// The service, by its prefix in IAM actions.
        service: String,
        /// The operation.
        operation: String,
        /// The region it was signed for.
        region: String,
        /// Its input, with secrets masked and long values cut.
        parameters: Value,
        /// The ARN of the role whose keys signed it, when a command had taken on one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    /// A tool on the table.
    Tool {
        /// Its arguments, its own name first, with secrets masked.
        argv: Vec<String>,
    },
    /// A connection to another machine.
    Connection {
        /// The host's name or address.
        host: String,
        /// The port.
        port: u16,
    },
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Handling {
    /// Answered, as AWS would, from what is known here.
    Answered,
    /// Answered with one of AWS's own errors, as AWS would.
    Failed {
        /// The error's code.
        code: String,
    },
    /// Taken for done although nothing was done.
    Simulated,
    /// Done in part: what was run instead.
    Downgraded {
        /// The arguments that ran.
        instead: Vec<String>,
    },
    /// Refused, and the command was told why.
    Refused {
        /// Why.
        reason: String,
    },
    /// Performed for real, as `--allow` let it.
    Forwarded {
        /// With this profile.
        profile: String,
    },
    /// Let through: a tool that acts on nothing real, a connection to a package registry.
    Real,
}

/// What something would have done, for the account at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deed {
    /// In words that follow `would have:`: `written s3://bucket/site`, `pushed image web:1.2`.
    pub words: String,
    /// What is counted when there are several of the same words, in the singular: `object`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<String>,
    /// What is said behind it when there is one alone: a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How many of them it is.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: usize,
    /// What it did to the resources of a stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackChange>,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_one(times: &usize) -> bool {
    *times == 1
}

impl Deed {
    /// A deed that is not counted.
    pub fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), counted: None, detail: None, times: 1, stack: None }
    }

    /// The same, counted.
    #[must_use]
    pub fn counted(self, singular: &str) -> Self {
        Self { counted: Some(singular.to_owned()), ..self }
    }

    /// The same for several at once.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// The same with a detail.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

impl Effect {
    /// Whether something was taken for done that was not: it counts as simulated.
    pub fn is_simulated(&self) -> bool {
        match self.handling {
            Handling::Simulated | Handling::Downgraded { .. } => true,
            Handling::Answered
            | Handling::Failed { .. }
            | Handling::Refused { .. }
            | Handling::Forwarded { .. }
            | Handling::Real => false,
        }
    }
}

/// Reads a record as far as it goes. A last line that a crash cut off is left out; no file is an empty record.
pub fn read(path: &Path) -> std::io::Result<Vec<Effect>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut effects = Vec::new();
    for line in BufReader::new(file).lines() {
        let Ok(effect) = serde_json::from_str(&line?) else { break };
        effects.push(effect);
    }
    Ok(effects)
}
