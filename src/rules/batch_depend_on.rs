//! `batch-depend-on`: an order of tasks that cannot be kept.

use std::collections::HashMap;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Task};
use crate::diagnostic::{Finding, Severity};
use crate::spec::nearest;
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "batch-depend-on",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A `depend-on` that names no task, or leads in a circle",
    doc: "A task of `build-graph` waits for the tasks that its `depend-on` names. CodeBuild refuses a name that no task has. \
          Tasks that wait for each other can never start. In a `build-list` there is no order: `depend-on` is ignored there, \
          which is a warning.",
    example: Example::buildspec(
        "version: 0.2
batch:
  build-graph:
    - identifier: build
      buildspec: build.yml
    - identifier: test
      buildspec: test.yml
      depend-on:
        - biuld
",
        "version: 0.2
batch:
  build-graph:
    - identifier: build
      buildspec: build.yml
    - identifier: test
      buildspec: test.yml
      depend-on:
        - build
",
    ),
    reference: "codebuild.md 1.11",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html#build-spec.batch.build-graph",
    ),
    check: Check::Buildspec(check),
};

/// How many other places of the same slip are shown.
const MOST_LABELS: usize = 3;

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let tasks = file.tasks();
    let graph: Vec<_> = tasks.iter().filter(|task| task.list == "build-graph").collect();
    let listed = tasks.iter().filter(|task| task.list == "build-list");
    let mut ignored = listed.filter_map(|task| task.node.entry("depend-on"));
    if let Some(entry) = ignored.next() {
        let message = "a `build-list` has no order; `depend-on` is ignored";
        let finding = RULE.at(file.source(), entry.key.span(), message, "no effect here");
        let finding = ignored
            .take(MOST_LABELS)
            .fold(finding, |finding, entry| finding.label(entry.key.span(), "nor here"));
        let finding = finding.help("write `build-graph` for `build-list`");
        findings.push(Finding { severity: Severity::Warning, ..finding });
    }
    let mut places = HashMap::new();
    for (at, task) in graph.iter().enumerate() {
        if let Some((name, _)) = task.identifier() {
            places.entry(name).or_insert(at);
        }
    }
    let names: Vec<&str> = graph.iter().filter_map(|task| Some(task.identifier()?.0)).collect();
    let mut edges: Vec<Vec<(usize, Node<'_>)>> = Vec::new();
    for task in &graph {
        let mut to = Vec::new();
        for node in needed(task) {
            let Some(name) = node.text().filter(|_| !node.is_blank()) else { continue };
            match places.get(name) {
                Some(at) => to.push((*at, node)),
                // A task that could not be read may be the one that is meant.
                None if file.is_whole() && names.len() == graph.len() => {
                    let message = format!("no task of the batch is named `{name}`");
                    let finding = RULE.at(file.source(), node.span(), message, "unknown task");
                    findings.push(match nearest(name, &names) {
                        Some(meant) => finding.help(format!("write `{meant}`")),
                        None => finding.help("name a task of this batch, or remove it"),
                    });
                }
                None => {}
            }
        }
        edges.push(to);
    }
    circles(file, &graph, &edges, findings);
}

/// What a task waits for; one text is taken as a list of one.
fn needed<'t>(task: &Task<'t>) -> Vec<Node<'t>> {
    let Some(node) = task.node.get("depend-on") else { return Vec::new() };
    match node.kind() {
        Kind::Scalar => vec![node],
        Kind::Sequence => node.items().collect(),
        Kind::Mapping => Vec::new(),
    }
}

/// Says each circle once, at the place that closes it.
fn circles(
    file: Buildspec<'_>,
    graph: &[&Task<'_>],
    edges: &[Vec<(usize, Node<'_>)>],
    findings: &mut Vec<Finding>,
) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let name = |at: usize| graph[at].identifier().map_or("", |(name, _)| name);
    let mut marks = vec![Mark::New; graph.len()];
    for start in 0..graph.len() {
        if marks[start] != Mark::New {
            continue;
        }
        // The way from `start` to here: a task, and the next of its edges to follow.
        let mut way = vec![(start, 0)];
        marks[start] = Mark::Open;
        while let Some((at, next)) = way.last_mut() {
            let Some((to, node)) = edges[*at].get(*next).copied() else {
                marks[*at] = Mark::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    way.push((to, 0));
                }
                Mark::Open => {
                    let from = way.iter().position(|(at, _)| *at == to).unwrap_or_default();
                    let mut round: Vec<_> = way[from..].iter().map(|(at, _)| name(*at)).collect();
                    round.push(name(to));
                    let message = format!("tasks wait for each other: {}", round.join(" -> "));
                    findings.push(RULE.at(file.source(), node.span(), message, "this closes the circle"));
                }
                Mark::Done => {}
            }
        }
    }
}
