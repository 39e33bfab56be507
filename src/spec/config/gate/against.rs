//! Gates beside the pipeline they are for: what cannot be as written.

use std::sync::Arc;

use super::{ActionName, Gate};
use crate::diagnostic::Finding;
use crate::spec::pipeline::{Action, Category, Pipeline};
use crate::spec::spelling::nearest;
use crate::syntax::{SourceFile, Span};

/// Everything in `gates` that does not fit `pipeline`; `source` is the rehearsal.yml they come from. Gates for other
/// pipelines, which have to be among `all` by name, are passed over.
pub fn check_against(
    gates: &[Gate],
    pipeline: &Pipeline,
    all: &[String],
    source: &Arc<SourceFile>,
) -> Vec<Finding> {
    let check = Check { pipeline, source };
    let checked = gates.iter().flat_map(|gate| match &gate.pipeline {
        // A gate for a pipeline that is not there would never be asked.
        Some(other) if *other != pipeline.name && !all.contains(other) => {
            vec![check.nowhere(gate, other, all)]
        }
        _ if gate.concerns(&pipeline.name) => check.gate(gate),
        _ => Vec::new(),
    });
    checked.collect()
}

struct Check<'a> {
    pipeline: &'a Pipeline,
    source: &'a Arc<SourceFile>,
}

impl Check<'_> {
    fn gate(&self, gate: &Gate) -> Vec<Finding> {
        let Some(before) = self.stage(&gate.before) else {
            let finding = self.unknown_stage(&gate.before, gate.span);
            let help = finding.help.clone().unwrap_or_default();
            let other = "a gate for another pipeline only says so: `pipeline: NAME`";
            return vec![finding.help(format!("{help}\n{other}"))];
        };
        if before == 0 {
            let message = format!("a gate stands before {}, the first stage", gate.before);
            let finding = self.error("gate-too-early", message, gate.span, "nothing has run before it");
            return vec![finding.help("put it before a stage that comes after the tests")];
        }
        let mut findings = Vec::new();
        for name in gate.actions() {
            match self.action(name, before, &gate.before) {
                Err(finding) => findings.push(*finding),
                Ok(action) => findings.extend(self.gives(gate, name, action)),
            }
        }
        findings
    }

    fn nowhere(&self, gate: &Gate, other: &str, all: &[String]) -> Finding {
        let names: Vec<_> = all.iter().map(String::as_str).collect();
        let message = format!("a gate is for pipeline `{other}`, which is not there");
        let finding = self.error("unknown-pipeline", message, gate.span, "would never be asked");
        finding.help(match nearest(other, &names) {
            Some(meant) => format!("write `pipeline: {meant}`"),
            None => format!("there is {}", names.join(", ")),
        })
    }

    /// The action of this name, which must run before the stage with the index `before`.
    fn action(&self, name: &ActionName, before: usize, gated: &str) -> Result<&Action, Box<Finding>> {
        let Some(index) = self.stage(&name.stage) else {
            let mut finding = self.unknown_stage(&name.stage, name.span);
            let names: Vec<_> = self.pipeline.stages.iter().map(|stage| stage.name.as_str()).collect();
            if let Some(meant) = nearest(&name.stage, &names) {
                finding = finding.help(format!("write `{meant}/{}`", name.action));
            }
            return Err(Box::new(finding));
        };
        let actions = &self.pipeline.stages[index].actions;
        let Some(action) = actions.iter().find(|action| action.name == name.action) else {
            let names: Vec<_> = actions.iter().map(|action| action.name.as_str()).collect();
            let message = format!("stage {} has no action `{}`", name.stage, name.action);
            let finding = self.error("unknown-action", message, name.span, "unknown");
            return Err(Box::new(finding.help(match nearest(&name.action, &names) {
                Some(meant) => format!("write `{}/{meant}`", name.stage),
                None => format!("its actions are {}", names.join(", ")),
            })));
        };
        if index >= before {
            let message = format!("{name} runs only after {gated} is entered");
            let finding = self.error("gate-too-early", message, name.span, "no evidence of it can be there");
            let help = "name an action of an earlier stage, or put the gate before a later one";
            return Err(Box::new(finding.help(help)));
        }
        Ok(action)
    }

    /// What an action cannot give as evidence.
    fn gives(&self, gate: &Gate, name: &ActionName, action: &Action) -> Option<Finding> {
        let of_model =
            gate.model.as_ref().is_some_and(|model| std::ptr::eq(&raw const model.evaluation.action, name));
        if of_model && !action.category.can_evaluate() {
            let category = action.category.api_name();
            let message = format!("{name} evaluates nothing: its category is {category}");
            let finding = self.error("no-evidence", message, name.span, "gives nothing new");
            return Some(finding.help("name the action whose commands write the file"));
        }
        if of_model {
            return action.output_artifacts.is_empty().then(|| {
                let message = format!("{name} has no output artifact, so there is no file of it");
                let finding = self.error("no-evidence", message, name.span, "gives nothing");
                finding.help("give the action an output artifact that holds the file")
            });
        }
        let reports =
            matches!(action.category, Category::Build | Category::Test) && action.provider == "CodeBuild";
        (!reports).then(|| {
            let message = format!("{name} makes no reports: its provider is {}", action.provider);
            let finding = self.error("no-evidence", message, name.span, "gives nothing");
            finding.help("only CodeBuild actions have reports, from the `reports` of their buildspec")
        })
    }

    fn stage(&self, name: &str) -> Option<usize> {
        self.pipeline.stages.iter().position(|stage| stage.name == name)
    }

    fn unknown_stage(&self, name: &str, span: Span) -> Finding {
        let names: Vec<_> = self.pipeline.stages.iter().map(|stage| stage.name.as_str()).collect();
        let message = format!("pipeline {} has no stage `{name}`", self.pipeline.name);
        let finding = self.error("unknown-stage", message, span, "unknown");
        finding.help(match nearest(name, &names) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("its stages are {}", names.join(", ")),
        })
    }

    fn error(&self, code: &'static str, message: String, span: Span, label: &str) -> Finding {
        Finding::error(code, message, self.source, span, label)
    }
}
