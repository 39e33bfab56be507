//! Who answers which calls. One file per service, and one list.
//!
//! Owns: the list. Leaves to each file: the operations of its service that builds need in order to go on, answered as
//! AWS would from the session's [`Desk`](super::Desk) and its world. What a file does not know is [`Answer::Unanswered`](super::Answer).

mod s3;

use super::call::{Answer, Call};
use super::desk::Desk;
use super::effect::Deed;

/// What a service says to a call.
pub(super) struct Said {
    /// The answer.
    pub(super) answer: Answer,
    /// What a write would have done, when the answer pretends that it was done.
    pub(super) deed: Option<Deed>,
}

impl Said {
    /// An answer to a read.
    pub(super) fn read(answer: Answer) -> Self {
        Self { answer, deed: None }
    }

    /// An answer to a write that was only pretended.
    pub(super) fn wrote(answer: Answer, deed: Deed) -> Self {
        Self { answer, deed: Some(deed) }
    }
}

/// One service.
pub(super) struct Service {
    /// Its prefix in IAM actions.
    pub(super) prefix: &'static str,
    /// Answers a call of it.
    pub(super) answer: fn(&Call, &Desk) -> Said,
}

/// The services that are answered.
const SERVICES: &[Service] = &[Service { prefix: "s3", answer: s3::answer }];

/// What is said to `call`.
pub(super) fn answer(call: &Call, desk: &Desk) -> Said {
    match SERVICES.iter().find(|service| service.prefix == call.service) {
        Some(service) => (service.answer)(call, desk),
        None => Said::read(Answer::Unanswered),
    }
}
