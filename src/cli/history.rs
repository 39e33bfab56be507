//! What was run here: every execution of every stream, folded from the log.
//!
//! Owns: finding an execution by (the beginning of) its id, and the names of streams. A build alone is an execution of
//! one action; builds do not wait for each other, so each has a stream of its own below `build/PROJECT`.

use super::ending::Failure;
use super::words;
use crate::pipeline::engine::Execution;
use crate::pipeline::{Journal, is_pipeline_stream};
use crate::store::Store;

/// What the streams of builds begin with (design 5).
const BUILDS: &str = "build/";

/// The stream of a pipeline.
pub(crate) fn pipeline_stream(name: &str) -> String {
    format!("pipeline/{name}")
}

/// The stream of a run of the working tree, which neither waits for others nor supersedes them (design 2).
pub(crate) fn worktree_stream(execution: &str) -> String {
    format!("worktree/{execution}")
}

/// The stream of a run before a push, which neither waits for others nor supersedes them (design 2).
pub(crate) fn hook_stream(execution: &str) -> String {
    format!("hook/{execution}")
}

/// The stream of a build alone.
pub(crate) fn build_stream(project: &str, execution: &str) -> String {
    format!("{BUILDS}{project}/{execution}")
}

/// The stream on which the builds of a project are counted. It holds no executions.
pub(crate) fn count_stream(project: &str) -> String {
    format!("{BUILDS}{project}")
}

/// What streams have in common of whose executions the newest success is kept: a pipeline, a project's builds, runs of
/// the working tree, runs before pushes.
pub(crate) fn family(stream: &str) -> &str {
    match stream.rsplit_once('/') {
        Some((family, _)) if stream.starts_with(BUILDS) || matches!(family, "worktree" | "hook") => family,
        Some(_) | None => stream,
    }
}

/// An execution and where its events are.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The stream.
    pub(crate) stream: String,
    /// The execution.
    pub(crate) execution: Execution,
}

impl Record {
    /// Whether it is a build alone, without a pipeline around it.
    pub(crate) fn is_build(&self) -> bool {
        self.stream.starts_with(BUILDS)
    }
}

/// All executions, newest first.
pub(crate) fn all(store: &Store) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    for stream in store.streams()? {
        if is_pipeline_stream(&stream) {
            let journal = Journal::open(store, &stream)?;
            let executions = journal.state().executions().iter().cloned();
            records.extend(executions.map(|execution| Record { stream: stream.clone(), execution }));
        }
    }
    records.sort_by_key(|record| std::cmp::Reverse(record.execution.started));
    Ok(records)
}

/// What is said where there is no execution, or none of the id that was asked for.
pub(crate) fn not_found(part: Option<&str>) -> Failure {
    match part {
        Some(part) => no_id(part).hint("`rehearsal list` shows the executions there are"),
        None => Failure::unusable("nothing was run here yet")
            .hint("`rehearsal run` runs a pipeline, `rehearsal build` a build"),
    }
}

/// What is said when only a running execution would do, and there is none.
pub(crate) fn nothing_runs() -> Failure {
    Failure::unusable("nothing is running here")
}

fn no_id(part: &str) -> Failure {
    Failure::unusable(format!("no execution's id begins with `{part}`"))
}

/// The execution whose id begins with `part`; without one the only one that has not ended.
pub(crate) fn find_live(store: &Store, part: Option<&str>) -> Result<Record, Failure> {
    if part.is_some() {
        return find(store, part);
    }
    let mut live = all(store)?;
    live.retain(|record| record.execution.status.is_live());
    match <[Record; 1]>::try_from(live) {
        Ok([record]) => Ok(record),
        Err(none) if none.is_empty() => Err(nothing_runs()),
        Err(several) => {
            let ids: Vec<_> = several.iter().map(|record| words::short(&record.execution.id)).collect();
            Err(Failure::unusable(format!("{} executions are running", several.len()))
                .hint(format!("name one of {}", ids.join(", "))))
        }
    }
}

/// The execution whose id begins with `part`; without one the newest.
pub(crate) fn find(store: &Store, part: Option<&str>) -> Result<Record, Failure> {
    let records = all(store)?;
    let Some(part) = part else {
        let newest = records.into_iter().next();
        return newest.ok_or_else(|| not_found(None));
    };
    let begins = |record: &&Record| record.execution.id.starts_with(&part.to_lowercase());
    let found: Vec<_> = records.iter().filter(begins).collect();
    match found.as_slice() {
        [record] => Ok((*record).clone()),
        [] => {
            if records.iter().any(|record| record.execution.definition.name == part) {
                let hint = format!("`rehearsal list {part}` shows the executions of that name");
                return Err(no_id(part).hint(hint));
            }
            let ids = records.iter().map(|record| words::short(&record.execution.id));
            Err(match words::nearest(part, ids) {
                Some(near) => no_id(part).hint(format!("did you mean {near}?")),
                None => not_found(Some(part)),
            })
        }
        several => {
            let ids: Vec<_> = several.iter().take(10).map(|record| record.execution.id.as_str()).collect();
            Err(Failure::unusable(format!("{} executions begin with `{part}`", several.len()))
                .hint(format!("write more of one of {}", ids.join(", "))))
        }
    }
}
