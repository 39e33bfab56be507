//! Which provider performs which action.

use std::collections::HashMap;
use std::sync::Arc;

use crate::action::Provider;
use crate::spec::pipeline::{Action, Category};

/// The table of providers, by category and name (codepipeline.md 2.1).
#[derive(Default, Clone)]
pub struct Providers(HashMap<(Category, String), Arc<dyn Provider>>);

impl Providers {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with one provider more.
    #[must_use]
    pub fn with(mut self, category: Category, name: &str, provider: Arc<dyn Provider>) -> Self {
        self.0.insert((category, name.into()), provider);
        self
    }

    /// The provider that performs `action`; none when it is not there (yet).
    pub fn of(&self, action: &Action) -> Option<&Arc<dyn Provider>> {
        self.0.get(&(action.category, action.provider.clone()))
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}
