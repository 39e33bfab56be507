//! `rehearsal permissions`: what an execution called at AWS, as IAM sees it.
//!
//! Owns: which records and templates are read, and how it looks. Leaves to `aws::permissions`: what is needed, and what a
//! role lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::Permissions;
use super::ending::{Ending, Failure};
use super::equip;
use super::history::{self, Record};
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::view;
use super::view::table::{self, Cell};
use super::words;
use crate::action;
use crate::aws::permissions::{Found, Judged, Need, Needs, Templates, judge, policy};
use crate::aws::read_effects;
use crate::build::{DEFAULT_ACCOUNT, DEFAULT_REGION};
use crate::diagnostic::Finding;
use crate::diagnostic::human::reorders;
use crate::pipeline::definition::{CommitFiles, Files, FolderFiles};
use crate::repo::{CommitId, Repository};

/// What is always so.
const REMARK: &str = "what CodeBuild reads and writes itself depends on the account: the bucket of the pipeline's artifacts \
                      (s3:GetObject, s3:GetObjectVersion, s3:PutObject), variables from Parameter Store \
                      (ssm:GetParameters) and Secrets Manager (secretsmanager:GetSecretValue), and the keys they are \
                      encrypted with (kms:Decrypt)";

/// What was needed, and the regions that the builds ran in.
type InRegions = (Needs, BTreeSet<String>);

/// What the actions of one role needed.
struct Project {
    /// The project's name; none for actions that run commands in the pipeline's name.
    name: Option<String>,
    needs: Needs,
    /// The regions it ran in.
    regions: BTreeSet<String>,
    /// The role and what it lacks, or why there is nothing to say about it.
    role: Result<(Found, Judged), String>,
}

pub(super) fn perform(arguments: &Permissions, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = history::find(&place.store, arguments.execution.as_deref())?;
    let needs = needs(&record, &place)?;
    let templates = templates(&record, &place)?;
    let projects: Vec<_> = needs
        .into_iter()
        .map(|(name, (needs, regions))| {
            let role = match &name {
                Some(name) => templates
                    .role_of(name)
                    .map(|role| (judge(name, &role, &needs), role))
                    .map(|(judged, role)| (role, judged)),
                None => {
                    Err("commands of a pipeline run with the pipeline's role, which is not looked for"
                        .to_owned())
                }
            };
            Project { name, needs, regions, role }
        })
        .collect();
    let findings: Vec<Finding> = projects
        .iter()
        .filter_map(|project| project.role.as_ref().ok())
        .flat_map(|(_, judged)| judged.findings.iter().cloned())
        .collect();
    if arguments.json {
        output.result(view::json::text(&document(&record, &projects, &findings)))?;
    } else {
        let blocks: Vec<_> = projects.iter().map(|project| block(project, output)).collect();
        let text = if blocks.is_empty() {
            format!("{} called nothing: no build of it began", words::short(&record.execution.id))
        } else {
            blocks.join("\n\n")
        };
        output.result(text)?;
        output.findings(&findings);
    }
    Ok(if findings.is_empty() { Ending::Well } else { Ending::NotWell })
}

/// What the builds of each project needed, over all attempts.
fn needs(record: &Record, place: &Place) -> Result<BTreeMap<Option<String>, InRegions>, Failure> {
    let execution = &record.execution;
    let own = equip::home(place);
    let mut found: BTreeMap<Option<String>, InRegions> = BTreeMap::new();
    for stage in &execution.stages {
        for slot in &stage.actions {
            let declared = execution.declaration(&stage.name, &slot.name);
            let project = declared.filter(|action| action.provider == "CodeBuild");
            let project = project.and_then(|action| action.configuration.get("ProjectName"));
            for run in &slot.runs {
                let path = place.store.effects_path(&execution.id, &run.id)?;
                let effects = read_effects(&path).map_err(action::Error::at("read", &path))?;
                if project.is_none() && effects.is_empty() {
                    continue;
                }
                let (needs, regions) = found.entry(project.cloned()).or_default();
                // Where it ran; of a build that asked for nothing only rehearsal.yml tells, as it is now.
                let home = effects.iter().find_map(|effect| effect.home.as_ref()).unwrap_or(&own);
                regions.insert(home.region.clone());
                for effect in &effects {
                    needs.add(effect, &home.account);
                }
                if let Some(project) = project {
                    let reports = !run.result.reports.is_empty();
                    needs.add_codebuild(project, &home.region, &home.account, reports);
                }
            }
        }
    }
    Ok(found)
}

/// The templates of what was built: those of the commit, or of the working tree as it is now.
fn templates(record: &Record, place: &Place) -> Result<Templates, Failure> {
    let origin = &record.execution.origin;
    let mut templates = Templates::default();
    let mut add = |files: &dyn Files, list: Vec<std::path::PathBuf>| {
        for path in list.iter().filter(|path| may_be_template(path)) {
            // What cannot be read is no template.
            if let Ok(Some(bytes)) = files.read(path) {
                templates.add(&path.display().to_string(), &bytes);
            }
        }
    };
    let commit = origin.commit.as_deref().filter(|_| !origin.worktree).and_then(CommitId::parse);
    match (&place.repository, commit, &place.root) {
        (Some(repository), Some(commit), _) => {
            let list = repository.list(&commit)?;
            add(&CommitFiles { repository: &**repository, commit: &commit }, list);
        }
        (Some(repository), None, Some(root)) => add(&FolderFiles { root }, repository.list_work_tree()?),
        (None, _, Some(root)) => add(&FolderFiles { root }, crate::check::walk(root)),
        (_, _, None) => {}
    }
    Ok(templates)
}

fn may_be_template(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["yml", "yaml", "json", "template"].contains(&extension))
}

/// What of the account and the region is nobody's choice.
fn made_up(project: &Project) -> Option<String> {
    let account =
        project.needs.accounts.contains(DEFAULT_ACCOUNT).then(|| format!("account {DEFAULT_ACCOUNT}"));
    let region = project.regions.contains(DEFAULT_REGION).then(|| format!("region {DEFAULT_REGION}"));
    let what: Vec<_> = [account, region].into_iter().flatten().collect();
    let (verb, keys) = match what.as_slice() {
        [] => return None,
        [one] if one.starts_with("region") => ("is that", "region"),
        [_] => ("is that", "account"),
        _ => ("are those", "account, region"),
    };
    let what = what.join(" and the ");
    Some(format!(
        "the {what} {verb} of rehearsals: put yours, here or in rehearsal.yml (`local: {{ {keys} }}`)"
    ))
}

fn block(project: &Project, output: &Output) -> String {
    let paint = output.out;
    let needs = &project.needs;
    let title =
        project.name.as_ref().map_or("commands of the pipeline".to_owned(), |name| format!("project {name}"));
    let rows: Vec<Vec<Cell>> = needs
        .needs
        .iter()
        .map(|(Need { action, resource }, asked)| {
            let by = words::one_line(asked.command.as_deref().unwrap_or_default(), output.columns);
            let resource = words::printable(resource.written());
            vec![action.as_str().into(), resource.into(), asked.times.to_string().into(), by.into()]
        })
        .collect();
    let mut parts = vec![
        paint.ink(Ink::Strong, title),
        table::table(paint, output.columns, &["action", "resource", "times", "asked for by"], &rows),
        format!("{}\n{}", paint.ink(Ink::Faint, "least policy for its role"), pretty(&policy(needs))),
    ];
    let mut remarks: Vec<&str> = needs.remarks.iter().map(String::as_str).collect();
    let made_up = made_up(project);
    remarks.extend(made_up.as_deref());
    remarks.push(REMARK);
    let remarks: Vec<_> =
        remarks.into_iter().map(|remark| format!("  {}", words::printable(remark))).collect();
    parts.push(format!("{}\n{}", paint.ink(Ink::Faint, "to be known"), remarks.join("\n")));
    parts.push(match &project.role {
        Err(why) => format!("{}\n  {why}", paint.ink(Ink::Faint, "role not judged")),
        Ok((role, judged)) => {
            let title = format!("role {} of {}", role.role, role.source.name());
            let mut lines = vec![format!(
                "{}\n  {} allowed, {} lacking, {} not judged",
                paint.ink(Ink::Faint, title),
                judged.allowed,
                judged.lacking.len(),
                judged.unjudged.len()
            )];
            lines.extend(judged.unjudged.iter().map(|(Need { action, resource }, why)| {
                words::printable(&format!("  not judged: {action} on {}: {why}", resource.written()))
            }));
            lines.join("\n")
        }
    });
    parts.join("\n\n")
}

/// A document on lines of its own. What a terminal would obey is written as JSON writes it.
fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.chars().fold(String::new(), |mut safe, c| {
        if reorders(c) || (c.is_control() && c != '\n') {
            // Writing to memory does not fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
        safe
    })
}

fn document(record: &Record, projects: &[Project], findings: &[Finding]) -> Value {
    let need = |Need { action, resource }: &Need| json!({"action": action, "resource": resource.written()});
    let listed: Vec<_> = projects
        .iter()
        .map(|project| {
            let needs = project.needs.needs.iter().map(|(Need { action, resource }, asked)| {
                json!({"action": action, "resource": resource.written(), "times": asked.times, "command": asked.command})
            });
            let role = match &project.role {
                Err(why) => json!({"name": null, "path": null, "why": why}),
                Ok((role, judged)) => json!({
                    "name": role.role,
                    "path": role.source.name(),
                    "allowed": judged.allowed,
                    "lacking": judged.lacking.iter().map(|(lacking, _)| need(lacking)).collect::<Vec<_>>(),
                    "not_judged": judged
                        .unjudged
                        .iter()
                        .map(|(Need { action, resource }, why)| {
                            json!({"action": action, "resource": resource.written(), "why": why})
                        })
                        .collect::<Vec<_>>(),
                }),
            };
            json!({
                "project": project.name,
                "needs": needs.collect::<Vec<_>>(),
                "policy": policy(&project.needs),
                "remarks": project.needs.remarks,
                "role": role,
            })
        })
        .collect();
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({"code": finding.code, "message": finding.message, "path": finding.source.name(), "help": finding.help})
        })
        .collect();
    json!({"version": 1, "execution": record.execution.id, "projects": listed, "findings": findings})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_cannot_talk_to_the_terminal_and_stays_the_same_document() {
        let value = json!({"Resource": ["a\u{9b}31m\u{202e}b\u{1b}", "ü"]});
        let text = pretty(&value);
        assert!(text.contains(r"a\u009b31m\u202eb\u001b") && text.contains('ü'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
