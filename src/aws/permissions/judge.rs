//! What a role surely lacks.
//!
//! Owns: the decision on each need, as IAM makes it (a statement that denies wins, and what nothing allows is denied),
//! in three values; and the findings. Conditions are not judged.

use std::collections::BTreeSet;

use super::glob::{Covers, Glob};
use super::need::{Need, Needs};
use super::template::{Found, Statement};
use crate::diagnostic::Finding;

/// What a role has and lacks of what was needed.
#[derive(Debug, Default)]
pub struct Judged {
    /// How many needs it covers.
    pub allowed: usize,
    /// What it surely lacks, and whether that is because a statement denies it.
    pub lacking: Vec<(Need, bool)>,
    /// What cannot be judged, and why.
    pub unjudged: Vec<(Need, String)>,
    /// A finding for each action that it surely lacks.
    pub findings: Vec<Finding>,
}

/// Judges the role of `project` for `needs`.
pub fn judge(project: &str, role: &Found, needs: &Needs) -> Judged {
    let mut judged = Judged::default();
    for (need, asked) in &needs.needs {
        match verdict(role, need, &needs.accounts) {
            Verdict::Allowed => judged.allowed += 1,
            Verdict::Lacking { .. } if !asked.is_sure => {
                let why = "the stack may be there already or have a role of its own, and not all tags have to be allowed".to_owned();
                judged.unjudged.push((need.clone(), why));
            }
            Verdict::Lacking { denied } => judged.lacking.push((need.clone(), denied)),
            Verdict::Unknown(why) => judged.unjudged.push((need.clone(), why)),
        }
    }
    let mut rest = judged.lacking.as_slice();
    while let Some((first, denied)) = rest.first() {
        let end =
            rest.iter().take_while(|(need, other)| need.action == first.action && other == denied).count();
        let resources: Vec<_> = rest[..end].iter().map(|(need, _)| need.resource.written()).collect();
        judged.findings.push(finding(project, role, &first.action, &resources, *denied));
        rest = &rest[end..];
    }
    judged
}

fn finding(project: &str, role: &Found, action: &str, resources: &[&str], denied: bool) -> Finding {
    let first = resources.first().copied().unwrap_or("*");
    let more = match resources.len() {
        0 | 1 => String::new(),
        number => format!(" and {} more", number - 1),
    };
    let verb = if denied { "denies" } else { "does not allow" };
    let message = format!("the role {} of the project {project} {verb} {action} on {first}{more}", role.role);
    let found = Finding::error(
        "role-lacks-action",
        message,
        &role.source,
        role.span,
        "what builds call is refused to it",
    );
    let listed: Vec<_> = resources.iter().take(5).map(|resource| format!("\"{resource}\"")).collect();
    let help = if denied {
        "a statement with `Effect: Deny` covers it, and that wins over any that allows it".to_owned()
    } else {
        format!(
            "add a statement: {{ Effect: Allow, Action: \"{action}\", Resource: [{}] }}{}",
            listed.join(", "),
            if resources.len() > 5 { "; the least policy has them all" } else { "" }
        )
    };
    found.help(help)
}

enum Verdict {
    Allowed,
    Lacking { denied: bool },
    Unknown(String),
}

fn verdict(role: &Found, need: &Need, accounts: &BTreeSet<String>) -> Verdict {
    let own_log =
        need.action.starts_with("logs:") && need.resource.written().contains(":log-group:/aws/codebuild/");
    if own_log && role.has_logs_config {
        return Verdict::Unknown("the project says itself where its log goes".to_owned());
    }
    let service = need.action.split(':').next().unwrap_or_default();
    let action = Glob::exactly(&need.action.to_ascii_lowercase());
    let resource = need.resource.needed(accounts);
    let mut allowed = Covers::No;
    let mut denied = Covers::No;
    for statement in &role.statements {
        let covers = covers(statement, &action, &resource);
        if statement.allows {
            allowed = allowed.max(covers);
        } else {
            denied = denied.max(covers);
        }
    }
    match (denied, allowed) {
        (Covers::Yes, _) => Verdict::Lacking { denied: true },
        (Covers::No, Covers::Yes) => Verdict::Allowed,
        (Covers::Perhaps, _) => Verdict::Unknown("a statement may deny it".to_owned()),
        (Covers::No, Covers::Perhaps) => {
            Verdict::Unknown("whether a statement allows it is known only when it is deployed".to_owned())
        }
        (Covers::No, Covers::No) => match role.unknown.first() {
            Some(why) => Verdict::Unknown(why.clone()),
            None if need.action == "logs:CreateLogGroup" => {
                Verdict::Unknown("it is not needed where the log group is there already".to_owned())
            }
            None if need.resource.written().contains(":report-group/") => Verdict::Unknown(
                "which of these are needed depends on the report groups there are".to_owned(),
            ),
            None if role.resource_policies.contains(&service) => Verdict::Unknown(
                "a policy of the resource itself, in the same template, may allow it".to_owned(),
            ),
            None => Verdict::Lacking { denied: false },
        },
    }
}

/// Whether a statement is about an action on a resource. What is not known of the resource is taken in its favour: as
/// covered where the statement allows, and as not surely covered where it denies.
fn covers(statement: &Statement, action: &Glob, resource: &Glob) -> Covers {
    let best = |globs: &[Glob], needed: &Glob, strictly: bool| {
        let each =
            globs.iter().map(|glob| if strictly { glob.surely_covers(needed) } else { glob.covers(needed) });
        each.max().unwrap_or(Covers::No)
    };
    let but = |covers: Covers| match covers {
        Covers::Yes => Covers::No,
        Covers::Perhaps => Covers::Perhaps,
        Covers::No => Covers::Yes,
    };
    let of_action = best(&statement.actions, action, true);
    let of_action = if statement.all_but_actions { but(of_action) } else { of_action };
    let of_resource = match (statement.all_but_resources, statement.allows) {
        (false, allows) => best(&statement.resources, resource, !allows),
        (true, true) => but(best(&statement.resources, resource, true)),
        (true, false) => but(best(&statement.resources, resource, false)),
    };
    let covers = of_action.min(of_resource);
    if statement.is_conditional { covers.min(Covers::Perhaps) } else { covers }
}
