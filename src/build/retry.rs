//! `on-failure` of a phase: what a failure leads to, and whether the phase is tried again (codebuild.md 1.7).
//!
//! Owns: counting attempts and matching the error. Leaves to `phase`: which phase follows.
//!
//! AWS leaves open what `RETRY` repeats. Chosen: the phase, from its first command, with the variables and directory it
//! began with, at once. The pattern is looked for in the phase's error message and in what the failed command printed
//! last, since the documented examples (`.*Error: Unable to connect to database.*`) quote programs, not CodeBuild.

use regex::Regex;

use super::phase::Reaction;
use crate::spec::buildspec::OnFailure;

/// How much of a failed command's output is searched.
pub(super) const SEARCHED: usize = 64 * 1024;

/// What a phase does about failures.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    reaction: Reaction,
    left: u8,
    pattern: Option<Regex>,
}

impl Policy {
    /// The policy of a phase that says `on_failure`. Fails on a pattern that is no regular expression.
    pub(super) fn new(on_failure: Option<&OnFailure>) -> Result<Self, regex::Error> {
        let plain = |reaction| Self { reaction, left: 0, pattern: None };
        Ok(match on_failure {
            None => plain(Reaction::Usual),
            Some(OnFailure::Abort) => plain(Reaction::Abort),
            Some(OnFailure::Continue) => plain(Reaction::Continue),
            Some(OnFailure::Retry { count, pattern }) => Self {
                reaction: Reaction::Usual,
                left: *count,
                pattern: pattern.as_deref().map(Regex::new).transpose()?,
            },
        })
    }

    /// What a failure that is final leads to.
    pub(super) fn reaction(&self) -> Reaction {
        self.reaction
    }

    /// Whether the phase is to be tried again after it failed with `message`; counts the attempt when it is.
    pub(super) fn again(&mut self, message: &str, output: &[u8]) -> bool {
        let matches = self.pattern.as_ref().is_none_or(|pattern| {
            pattern.is_match(message) || pattern.is_match(&String::from_utf8_lossy(output))
        });
        if !matches || self.left == 0 {
            return false;
        }
        self.left -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(count: u8, pattern: Option<&str>) -> Policy {
        Policy::new(Some(&OnFailure::Retry { count, pattern: pattern.map(str::to_owned) })).unwrap()
    }

    /// How many times a phase that always fails like this is run.
    fn runs(mut policy: Policy, message: &str, output: &str) -> u32 {
        let mut runs = 1;
        while policy.again(message, output.as_bytes()) {
            runs += 1;
        }
        runs
    }

    #[test]
    fn a_phase_is_tried_again_as_often_as_written() {
        // codebuild.md 1.7
        let message = "Error while executing command: ./migrate. Reason: exit status 1";
        let output = "connecting\nError: Unable to connect to database db1\n";
        let table = [
            (retry(3, None), 4),
            (retry(0, None), 1),
            (retry(8, Some("invalid+")), 1),
            (retry(3, Some(".*Error: Unable to connect to database.*")), 4),
            (retry(2, Some("exit status 1")), 3),
            (retry(2, Some("^connecting$")), 1),
            (Policy::new(Some(&OnFailure::Abort)).unwrap(), 1),
            (Policy::new(Some(&OnFailure::Continue)).unwrap(), 1),
            (Policy::new(None).unwrap(), 1),
        ];
        for (policy, expected) in table {
            assert_eq!(runs(policy.clone(), message, output), expected, "{policy:?}");
        }
    }

    #[test]
    fn used_up_retries_end_as_if_nothing_was_said() {
        assert_eq!(retry(3, None).reaction(), Reaction::Usual);
        assert_eq!(Policy::new(Some(&OnFailure::Abort)).unwrap().reaction(), Reaction::Abort);
        assert_eq!(Policy::new(Some(&OnFailure::Continue)).unwrap().reaction(), Reaction::Continue);
    }

    #[test]
    fn a_pattern_must_be_a_regular_expression() {
        let broken = OnFailure::Retry { count: 3, pattern: Some("(".into()) };
        assert!(Policy::new(Some(&broken)).is_err());
    }
}
