//! The IAM actions that a record asks for.
//!
//! Owns: which effects are calls of AWS, pushes and pulls of images among them, and what they need; and saying which
//! effects need something that the record does not show.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::resource::{Place, Resource, resources};
use super::stack::{Asking, CHANGING};
use crate::aws::catalog;
use crate::aws::effect::{Effect, Handling, Subject};

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// `s3:PutObject`
    pub action: String,
    /// On what.
    pub resource: Resource,
}

/// How a need came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// How often.
    pub times: usize,
    /// A command that asked for it.
    pub command: Option<String>,
    /// Whether a run at AWS surely needs it too.
    pub is_sure: bool,
}

/// What was needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Each, and how it came about.
    pub needs: BTreeMap<Need, Asked>,
    /// The accounts of the rehearsals it was needed in.
    pub accounts: BTreeSet<String>,
    /// What is not in it, and why, a line each.
    pub remarks: BTreeSet<String>,
}

/// What a push surely needs on its repository (the Docker sample of the CodeBuild User Guide).
const PUSH: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// What a pull surely needs.
const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Whether keys of this ARN are those of a role that a command took on, and not the project's own.
fn is_another(role: &str) -> bool {
    role.contains(":assumed-role/") && !role.contains("-service-role/")
}

impl Needs {
    /// Adds what an effect needs. `account` is that of the rehearsal.
    pub fn add(&mut self, effect: &Effect, account: &str) {
        let command = effect.command.as_deref();
        self.accounts.insert(account.to_owned());
        match &effect.subject {
            // What another role did, it needs; this one had to be allowed to take it on.
            Subject::Call { service, operation, role: Some(role), .. } if is_another(role) => {
                self.remarks.insert(format!("{service}:{operation} was called as {role}, which needs it"));
            }
            Subject::Call { service, operation, region, parameters, role: _ } => {
                self.add_call((service, operation), region, parameters, account, command);
                if service == "cloudformation" {
                    self.add_role_of_stack(operation, parameters, command);
                    let asking = Asking { operation, region, account, command };
                    match effect.handling {
                        Handling::Failed { .. } | Handling::Refused { .. } => {}
                        _ if !CHANGING.contains(&operation.as_str()) => {}
                        Handling::Answered
                        | Handling::Simulated
                        | Handling::Downgraded { .. }
                        | Handling::Forwarded { .. }
                        | Handling::Real => {
                            let change = effect.deed.as_ref().and_then(|deed| deed.stack.as_ref());
                            self.add_stack(change, &asking);
                        }
                    }
                }
            }
            // What really ran here called the endpoint, if anything.
            Subject::Tool { .. } if effect.handling == Handling::Real => {}
            Subject::Tool { argv } => self.add_tool(argv, account, command),
            // Whoever is connected to is no resource of the account.
            Subject::Connection { .. } => {}
        }
    }

    /// Adds what CodeBuild itself does in the project's name (codebuild.md 3.5): its log, and reports if there were any.
    pub fn add_codebuild(&mut self, project: &str, region: &str, account: &str, has_reports: bool) {
        self.accounts.insert(account.to_owned());
        let group = format!("arn:aws:logs:{region}:{account}:log-group:/aws/codebuild/{project}");
        for action in ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"] {
            self.need(action, Resource::Arn(format!("{group}:*")), Some("CodeBuild's own log"), true);
        }
        if has_reports {
            let reports =
                Resource::Arn(format!("arn:aws:codebuild:{region}:{account}:report-group/{project}-*"));
            for action in [
                "codebuild:BatchPutCodeCoverages",
                "codebuild:BatchPutTestCases",
                "codebuild:CreateReport",
                "codebuild:CreateReportGroup",
                "codebuild:UpdateReport",
            ] {
                self.need(action, reports.clone(), Some("CodeBuild's own reports"), true);
            }
        }
    }

    pub(super) fn need(&mut self, action: &str, resource: Resource, command: Option<&str>, is_sure: bool) {
        let need = Need { action: action.to_owned(), resource };
        let asked = self.needs.entry(need).or_default();
        asked.times += 1;
        asked.is_sure |= is_sure;
        if asked.command.is_none() {
            asked.command = command.map(str::to_owned);
        }
    }

    /// Who names a role for CloudFormation passes it on.
    fn add_role_of_stack(&mut self, operation: &str, parameters: &Value, command: Option<&str>) {
        const NAMING: [&str; 4] = ["CreateChangeSet", "CreateStack", "DeleteStack", "UpdateStack"];
        let role = parameters.get("RoleARN").and_then(Value::as_str).filter(|role| role.starts_with("arn:"));
        if let Some(role) = role.filter(|_| NAMING.contains(&operation)) {
            self.need("iam:PassRole", Resource::Arn(role.to_owned()), command, true);
        }
    }

    fn add_call(
        &mut self,
        (service, operation): (&str, &str),
        region: &str,
        parameters: &Value,
        account: &str,
        command: Option<&str>,
    ) {
        let known = catalog::services()
            .iter()
            .filter(|known| catalog::iam_prefix(known) == service || known.name == service)
            .find_map(|known| catalog::operation(known, operation));
        let Some(actions) = known.and_then(catalog::iam_actions) else {
            self.remarks.insert(format!("{service}:{operation}: its IAM actions are not known"));
            return;
        };
        let place = Place { region, account, parameters };
        for action in actions {
            for resource in resources(&action, operation, &place) {
                if resource == Resource::Unknown {
                    self.remarks.insert(format!("{action}: on which resource is not known, so it has `*`"));
                }
                self.need(&action, resource, command, true);
            }
        }
    }

    fn add_tool(&mut self, argv: &[String], account: &str, command: Option<&str>) {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        let Some((tool, words)) = words.split_first() else { return };
        let (actions, images): (&[&str], Vec<&str>) = match words {
            ["push", rest @ ..] | ["image", "push", rest @ ..] => (&PUSH, last_word(rest)),
            ["pull", rest @ ..] | ["image", "pull", rest @ ..] => (&PULL, last_word(rest)),
            ["build", rest @ ..] | ["buildx" | "image", "build", rest @ ..] if rest.contains(&"--push") => {
                (&PUSH, tags(rest))
            }
            _ => (&[], Vec::new()),
        };
        if !matches!(tool.rsplit('/').next(), Some("docker" | "podman")) {
            self.add_caller(tool.rsplit('/').next().unwrap_or(tool), words, command);
            return;
        }
        for image in images {
            let Some((owner, region, repository)) = ecr(image) else { continue };
            self.need("ecr:GetAuthorizationToken", Resource::Every, command, true);
            let owner = if owner.len() == 12 { owner } else { account };
            let arn = format!("arn:aws:ecr:{region}:{owner}:repository/{repository}");
            for action in actions {
                self.need(action, Resource::Arn(arn.clone()), command, true);
            }
        }
    }
}

/// What stands behind the flags.
fn last_word<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().rev().find(|word| !word.starts_with('-')).copied().into_iter().collect()
}

/// The values of `-t` and `--tag`.
fn tags<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.split_once('=') {
            Some(("--tag" | "-t", value)) => found.push(value),
            _ if matches!(*word, "-t" | "--tag") => found.extend(words.get(at + 1)),
            _ => {}
        }
    }
    found
}

/// Account, region and repository of an image in a private registry of ECR.
fn ecr(image: &str) -> Option<(&str, &str, &str)> {
    let (host, rest) = image.split_once('/')?;
    let (account, rest_of_host) = host.split_once(".dkr.ecr.")?;
    let region = rest_of_host.split('.').next()?;
    let repository = rest.split('@').next()?;
    let repository = repository.rsplit_once(':').map_or(repository, |(name, _)| name);
    Some((account, region, repository))
}
