//! Which provider performs which action, and who judges the gates before stages.

use std::collections::HashMap;
use std::sync::Arc;

use crate::action::{self, Condition, Judgement, Provider, Verdict};
use crate::pipeline::engine::Execution;
use crate::spec::pipeline::{Action, Category};

/// Something that judges the gates before the stages of an execution.
pub trait Judge: Send + Sync {
    /// Judges the gate before `stage` by what the execution has done so far. Evidence that is missing or unreadable is
    /// part of the judgement; an error means that Rehearsal itself could not go on.
    fn judge(&self, execution: &Execution, stage: &str) -> Result<Judgement, action::Error>;
}

/// The table of providers, by category and name (codepipeline.md 2.1), and the judge of gates.
#[derive(Default, Clone)]
pub struct Providers {
    table: HashMap<(Category, String), Arc<dyn Provider>>,
    judge: Option<Arc<dyn Judge>>,
}

impl Providers {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with one provider more.
    #[must_use]
    pub fn with(mut self, category: Category, name: &str, provider: Arc<dyn Provider>) -> Self {
        self.table.insert((category, name.into()), provider);
        self
    }

    /// The provider that performs `action`; none when it is not there (yet).
    pub fn of(&self, action: &Action) -> Option<&Arc<dyn Provider>> {
        self.table.get(&(action.category, action.provider.clone()))
    }

    /// The same table with somebody who judges gates.
    #[must_use]
    pub fn judged_by(mut self, judge: Arc<dyn Judge>) -> Self {
        self.judge = Some(judge);
        self
    }

    /// Judges the gate before a stage. Where nobody can, nothing is let through.
    pub(super) fn judge(&self, execution: &Execution, stage: &str) -> Result<Judgement, action::Error> {
        match &self.judge {
            Some(judge) => judge.judge(execution, stage),
            None => Ok(not_judged("nothing here judges gates")),
        }
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.table.keys()).finish()
    }
}

/// The judgement of a gate that cannot be judged, for this reason.
pub(super) fn not_judged(why: &str) -> Judgement {
    let condition = Condition {
        subject: "gate".into(),
        wanted: "to be judged".into(),
        seen: why.into(),
        verdict: Verdict::Error,
    };
    Judgement { conditions: vec![condition] }
}
