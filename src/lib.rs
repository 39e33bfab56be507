//! Rehearsal runs an AWS release pipeline on your own machine, from the same files AWS reads.
//!
//! This page is the map. Each module owns one thing, and imports go one way:
//!
//! | module | owns | may import |
//! | --- | --- | --- |
//! | [`syntax`] | YAML text to a tree whose every key and value knows its bytes; limits; recovery | – |
//! | [`diagnostic`] | findings, labels, severities; one renderer per file | `syntax` |
//! | [`clock`] | time, waiting, fresh identifiers | – |
//! | [`action`] | what an action is: job, outcome, progress, cancellation | `clock` |
//! | [`spec`] | typed models read from the tree: buildspec, pipeline, rehearsal.yml; quotas | `action`, `clock`, `diagnostic`, `syntax` |
//! | [`rules`] | one file per rule: its record, its documentation, its check | `spec`, `diagnostic`, `syntax` |
//! | [`process`] | running commands under a guard and ending whole process trees | `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`store`] | the event log, logs, artifacts, workspaces, ownership, retention | `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`repo`] | git: resolving revisions, refs, exporting a commit | `store`, `process`, `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`aws`] | the loopback endpoint that stands in for AWS, the shims of tools, the account of what would have happened | `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`build`] | CodeBuild: phases, commands, environment, artifacts | `aws`, `store`, `process`, `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`gate`] | what test evidence is worth: conditions of gates, judged; no I/O | `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`deploy`] | CodeDeploy: deployments, their lifecycle events, hooks and files | `store`, `process`, `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`pipeline`] | CodePipeline: the pure execution state machine, and the driver that performs its effects | `deploy`, `build`, `gate`, `repo`, `aws`, `store`, `process`, `spec`, `action`, `clock`, `diagnostic`, `syntax` |
//! | [`check`] | which files there are to check, and checking them together | `pipeline`, `repo`, `rules`, `spec`, `diagnostic`, `syntax` |
//! | [`cli`] | arguments, one file per command; the only place that prints | all |
//!
//! The state machines (`pipeline::engine`, `deploy::lifecycle`) import no module that does I/O. `tests/architecture.rs`
//! compares this table with the `use crate::` lines of the source.

pub mod action;
pub mod aws;
pub mod build;
pub mod check;
pub mod cli;
pub mod clock;
pub mod deploy;
pub mod diagnostic;
pub mod gate;
pub mod pipeline;
pub mod process;
pub mod repo;
pub mod rules;
pub mod spec;
pub mod store;
pub mod syntax;
#[cfg(test)]
mod testing;
