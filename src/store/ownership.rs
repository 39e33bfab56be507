//! Who performs an execution's effects.
//!
//! Owns: one lock per execution, which the kernel releases when its holder dies (design 5).

use super::Store;
use super::error::Error;
use super::lock::Claim;

/// The right to perform an execution's effects, given back when this is dropped or the process dies.
#[derive(Debug)]
pub struct Ownership {
    execution: String,
    _claim: Claim,
}

impl Ownership {
    /// The execution that is owned.
    pub fn execution(&self) -> &str {
        &self.execution
    }
}

impl Store {
    /// Takes ownership of `execution`; `None` when somebody who is alive has it.
    pub fn own(&self, execution: &str) -> Result<Option<Ownership>, Error> {
        let claim = self.0.owners.claim(execution)?;
        Ok(claim.map(|claim| Ownership { execution: execution.to_owned(), _claim: claim }))
    }

    /// Whether somebody who is alive owns `execution`. Asking disturbs nobody.
    pub fn is_owned(&self, execution: &str) -> Result<bool, Error> {
        self.0.owners.is_claimed(execution)
    }
}
