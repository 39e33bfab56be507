//! `batch-structure`: a `batch` that no batch build can start.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, head, place};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Entry, Kind, Node, Style};

pub(super) const RULE: Rule = Rule {
    code: "batch-structure",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A `batch` that no batch build can start",
    doc: "A batch is one of `build-list`, `build-graph`, `build-matrix` and `build-fanout`. Lists and graphs hold tasks, each \
          with an `identifier`; the axes of a matrix, below `dynamic`, are lists; a fan-out says its `parallelism`. A task's \
          `env` names a `compute-type` or a `fleet`, not both. Flags are `true` or `false`, without quotes; another word is a \
          warning. AWS does not say what two types at once would mean.\n\nA plain \
          build does not look at `batch`, so `rehearsal build` runs such a file.",
    example: Example::buildspec(
        "version: 0.2
batch:
  build-list:
    unit:
      env:
        image: aws/codebuild/standard:7.0
phases:
  build:
    commands:
      - make
",
        "version: 0.2
batch:
  build-list:
    - identifier: unit
      env:
        image: aws/codebuild/standard:7.0
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 1.11",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"),
    check: Check::Buildspec(check),
};

const TYPES: [&str; 4] = ["build-list", "build-graph", "build-matrix", "build-fanout"];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(batch) = file.root().entry("batch") else { return };
    let mut found = Found { file, findings };
    if !found.is_kind("batch", batch, Kind::Mapping) {
        return;
    }
    let types: Vec<_> = TYPES.iter().filter_map(|name| Some((*name, batch.value.entry(name)?))).collect();
    match types[..] {
        [] if file.is_whole() => {
            let finding =
                RULE.at(file.source(), batch.key.span(), "the batch has no builds", "nothing to build");
            found.findings.push(finding.help(format!("add one of {}", TYPES.join(", "))));
        }
        [first, second, ..] => {
            let message = format!("the batch is both a {} and a {}", first.0, second.0);
            let finding = RULE.at(file.source(), second.1.key.span(), message, "one of them too many");
            found.findings.push(finding.label(first.1.key.span(), "the other one"));
        }
        _ => {}
    }
    found.flag("batch", batch.value, "fast-fail");
    for (name, entry) in types {
        match name {
            "build-list" | "build-graph" => found.tasks(name, entry),
            "build-matrix" => found.matrix(entry),
            _ => found.fanout(entry),
        }
    }
}

struct Found<'a, 't> {
    file: Buildspec<'t>,
    findings: &'a mut Vec<Finding>,
}

impl<'t> Found<'_, 't> {
    fn is_kind(&mut self, path: &str, entry: Entry<'t>, kind: Kind) -> bool {
        let expected = match kind {
            Kind::Mapping => "a mapping",
            Kind::Sequence => "a list",
            Kind::Scalar => "a single value",
        };
        let is = entry.value.kind() == kind;
        if !is {
            let message = format!("`{path}` is not {expected}");
            let finding = RULE.at(self.file.source(), place(entry), message, format!("{expected} is needed"));
            self.findings.push(finding.label(entry.key.span(), format!("of `{path}`")));
        }
        is
    }

    fn tasks(&mut self, list: &str, entry: Entry<'t>) {
        if !self.is_kind(&format!("batch.{list}"), entry, Kind::Sequence) {
            if let (Kind::Mapping, Some(last)) = (entry.value.kind(), self.findings.last_mut()) {
                last.help = Some("begin each task with `- identifier: NAME`".to_owned());
            }
            return;
        }
        if entry.value.items().len() == 0 {
            let message = format!("`batch.{list}` has no tasks");
            let finding = RULE.at(self.file.source(), place(entry), message, "nothing to build");
            self.findings.push(finding.help("begin each task with `- identifier: NAME`"));
        }
        for (index, value) in entry.value.items().enumerate() {
            let path = format!("batch.{list}[{index}]");
            if !self.is_kind(&path, Entry { key: entry.key, value }, Kind::Mapping) {
                continue;
            }
            match value.entry("identifier") {
                // `name` is told as unknown, and what it is to be.
                None if self.file.is_whole() && value.entry("name").is_none() => {
                    self.no_identifier(&path, value);
                }
                Some(entry) if entry.value.is_null() => self.no_identifier(&path, value),
                Some(entry) => {
                    self.is_kind(&format!("{path}.identifier"), entry, Kind::Scalar);
                }
                None => {}
            }
            self.scalars(&path, value, &["buildspec"]);
            for flag in ["ignore-failure", "debug-session"] {
                self.flag(&path, value, flag);
            }
            if let Some(needed) = value.entry("depend-on") {
                if needed.value.kind() == Kind::Mapping {
                    self.is_kind(&format!("{path}.depend-on"), needed, Kind::Sequence);
                }
                self.items(&format!("{path}.depend-on"), needed, false);
            }
            if let Some(env) = value.entry("env").filter(|env| !env.value.is_null())
                && self.is_kind(&format!("{path}.env"), env, Kind::Mapping)
            {
                self.env(&path, env.value);
            }
        }
    }

    fn no_identifier(&mut self, path: &str, task: Node<'t>) {
        let message = format!("`{path}` has no `identifier`");
        let finding = RULE.at(self.file.source(), head(task), message, "this task has no name");
        self.findings.push(finding.help("add `identifier:` with letters, digits and _"));
    }

    /// Says which items of a list are no single values, or nothing; the values of a variable may be the empty text.
    fn items(&mut self, path: &str, list: Entry<'t>, of_variable: bool) {
        for (index, value) in list.value.items().enumerate() {
            let path = format!("{path}[{index}]");
            if value.is_null() || value.is_blank() && !of_variable {
                let finding =
                    RULE.at(self.file.source(), head(value), format!("`{path}` is empty"), "nothing here");
                self.findings.push(finding.help("write the value, or remove the item"));
            } else {
                self.is_kind(&path, Entry { key: list.key, value }, Kind::Scalar);
            }
        }
    }

    /// Says which variables hold more than a single value.
    fn variables(&mut self, path: &str, env: Node<'t>) {
        let Some(variables) = env.entry("variables").filter(|entry| !entry.value.is_null()) else { return };
        let path = format!("{path}.variables");
        if self.is_kind(&path, variables, Kind::Mapping) {
            for variable in variables.value.entries() {
                let name = variable.key.text().unwrap_or_default();
                self.is_kind(&format!("{path}.{name}"), variable, Kind::Scalar);
            }
        }
    }

    /// Says which of these keys hold more than a single value.
    fn scalars(&mut self, path: &str, mapping: Node<'t>, keys: &[&str]) {
        for key in keys {
            if let Some(entry) = mapping.entry(key) {
                self.is_kind(&format!("{path}.{key}"), entry, Kind::Scalar);
            }
        }
    }

    /// A flag: `true` and `false` are documented, and a word in quotes is a text for the parser of batches.
    fn flag(&mut self, path: &str, mapping: Node<'t>, key: &str) {
        // Of what is empty that is said.
        let Some(entry) = mapping.entry(key).filter(|entry| !entry.value.is_blank()) else { return };
        let path = format!("{path}.{key}");
        if !self.is_kind(&path, entry, Kind::Scalar) {
            return;
        }
        let Some(scalar) = entry.value.scalar() else { return };
        let word = scalar.text.to_ascii_lowercase();
        let known = ["true", "false", "yes", "no", "on", "off", "y", "n"].contains(&word.as_str());
        if known && scalar.style == Style::Plain {
            return;
        }
        let message = format!("`{path}` is neither true nor false");
        let label = if known { "a text, not a flag" } else { "no flag" };
        let finding = RULE.at(self.file.source(), place(entry), message, label);
        self.findings
            .push(Finding { severity: Severity::Warning, ..finding.help("write `true` or `false`") });
    }

    fn env(&mut self, path: &str, env: Node<'t>) {
        self.scalars(&format!("{path}.env"), env, &["compute-type", "fleet", "image", "type"]);
        self.flag(&format!("{path}.env"), env, "privileged-mode");
        if let (Some(compute), Some(fleet)) = (env.entry("compute-type"), env.entry("fleet")) {
            let message = format!("`{path}.env` has a `compute-type` and a `fleet`");
            let finding = RULE.at(self.file.source(), fleet.key.span(), message, "they exclude each other");
            self.findings.push(finding.label(compute.key.span(), "the other one"));
        }
        self.variables(&format!("{path}.env"), env);
    }

    fn matrix(&mut self, entry: Entry<'t>) {
        const AXES: [&str; 3] = ["buildspec", "compute-type", "image"];
        let path = "batch.build-matrix";
        if !self.is_kind(path, entry, Kind::Mapping) {
            return;
        }
        if let Some(fixed) = entry.value.entry("static").filter(|entry| !entry.value.is_null())
            && self.is_kind(&format!("{path}.static"), fixed, Kind::Mapping)
        {
            self.flag(&format!("{path}.static"), fixed.value, "ignore-failure");
            if let Some(env) = fixed.value.entry("env").filter(|entry| !entry.value.is_null())
                && self.is_kind(&format!("{path}.static.env"), env, Kind::Mapping)
            {
                self.scalars(&format!("{path}.static.env"), env.value, &["type", "image"]);
                self.flag(&format!("{path}.static.env"), env.value, "privileged-mode");
                self.variables(&format!("{path}.static.env"), env.value);
            }
        }
        let Some(dynamic) = entry.value.entry("dynamic").filter(|entry| !entry.value.is_null()) else {
            return;
        };
        if !self.is_kind(&format!("{path}.dynamic"), dynamic, Kind::Mapping) {
            return;
        }
        let env = dynamic.value.entry("env").filter(|env| !env.value.is_null());
        let env = env.filter(|env| self.is_kind(&format!("{path}.dynamic.env"), *env, Kind::Mapping));
        let env = env.map(|env| env.value);
        let axes = dynamic.value.entry("buildspec").into_iter();
        let axes = axes.chain(env.and_then(|env| env.entry("compute-type")));
        let axes = axes.chain(env.and_then(|env| env.entry("image")));
        let variables = env.and_then(|env| env.entry("variables")).filter(|entry| !entry.value.is_null());
        let variables = variables.filter(|variables| {
            self.is_kind(&format!("{path}.dynamic.env.variables"), *variables, Kind::Mapping)
        });
        let variables = variables.into_iter().flat_map(|variables| variables.value.entries());
        let mut scalars = Vec::new();
        for axis in axes.chain(variables) {
            // One value where a list belongs is taken as a list of one elsewhere in buildspecs.
            if axis.value.kind() == Kind::Scalar && !axis.value.is_null() {
                scalars.push(axis);
            } else if axis.value.kind() == Kind::Sequence && axis.value.items().len() == 0 {
                let name = axis.key.text().unwrap_or_default();
                let message = format!("the axis `{name}` of the matrix has no values");
                let finding = RULE.at(self.file.source(), place(axis), message, "nothing to build");
                self.findings.push(finding.help("add a value, or remove the axis"));
            } else if axis.value.kind() == Kind::Sequence {
                let name = axis.key.text().unwrap_or_default();
                self.items(&format!("{path}.dynamic: {name}"), axis, !AXES.contains(&name));
            } else if axis.value.kind() == Kind::Mapping {
                let name = axis.key.text().unwrap_or_default();
                self.is_kind(&format!("{path}.dynamic: {name}"), axis, Kind::Sequence);
            }
        }
        for axis in scalars {
            let name = axis.key.text().unwrap_or_default();
            let message = format!("the axis `{name}` of the matrix is one value");
            let finding = RULE.at(self.file.source(), place(axis), message, "a list is documented");
            self.findings
                .push(Finding { severity: Severity::Warning, ..finding.help("write it as a list of one") });
        }
    }

    fn fanout(&mut self, entry: Entry<'t>) {
        let path = "batch.build-fanout";
        if !self.is_kind(path, entry, Kind::Mapping) {
            return;
        }
        self.flag(path, entry.value, "ignore-failure");
        let parallelism = entry.value.entry("parallelism");
        let number = parallelism.and_then(|entry| entry.value.text()?.trim().parse::<u32>().ok());
        if number.is_none_or(|number| number == 0) && (parallelism.is_some() || self.file.is_whole()) {
            let span = parallelism.map_or(entry.key.span(), place);
            let (message, help) = match parallelism {
                Some(_) => ("`batch.build-fanout.parallelism` is no number of builds", "write 2 or more"),
                None => ("`batch.build-fanout` does not say how many builds", "add `parallelism: 2` or more"),
            };
            let finding = RULE.at(self.file.source(), span, message, "`parallelism` is a number above 0");
            self.findings.push(finding.help(help));
        }
    }
}
