//! CodePipeline: definitions, the pure state machine of executions, and the driver that performs their effects.
//!
//! | part | owns |
//! | --- | --- |
//! | [`definition`] | which pipeline is run, and from which files |
//! | [`engine`] | which facts follow from which request, and what they add up to; no I/O |
//! | [`StoredJudge`] | what the actions of an execution gave, and what gates say to it |
//! | [`Journal`] | one stream of the store as the engine sees it |
//! | [`trigger`] | which pushes start which pipelines; no I/O |
//! | [`driver`] | performing the effects of the executions that this process owns |
//! | [`recover()`] | ending executions whose process died |
//!
//! A process that only asks for something (a stop, for instance) makes its request through a [`Journal`]; whoever owns
//! the execution notices.

pub mod definition;
pub mod driver;
pub mod engine;
mod gates;
mod journal;
mod recover;
#[cfg(test)]
mod testing;
pub mod trigger;

pub use gates::{StoredEvidence, StoredJudge};
pub use journal::{Journal, JournalError, Watcher, is_pipeline_stream};
pub use recover::{Completed, Completion, recover};
