//! JSON Schemas against `check`: an editor must not refuse what `check` accepts, and most of what can be seen in the
//! shape of a file it should refuse as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::tests::{alone, corpus, findings, fixtures, input, names};
use super::*;
use crate::diagnostic::Finding;
use crate::spec::schema::Schema;
use crate::syntax::{self, Entry, Kind, Node, Style};

/// The schema of a kind of files; templates have none.
fn schema(kind: FileKind) -> Option<Schema> {
    match kind {
        FileKind::Buildspec => Some(Schema::Buildspec),
        FileKind::AppSpec => Some(Schema::AppSpec),
        FileKind::Pipeline => Some(Schema::Pipeline),
        FileKind::Config => Some(Schema::Rehearsal),
        FileKind::Template => None,
    }
}

struct Validators(Vec<(Schema, jsonschema::Validator)>);

impl Validators {
    fn new() -> Self {
        Self::changed(|_| {})
    }

    /// Those of schemas after a change.
    fn changed(change: impl Fn(&mut Value)) -> Self {
        let validator = |schema: Schema| {
            let mut document = serde_json::from_str(&schema.text()).unwrap();
            change(&mut document);
            (schema, jsonschema::draft7::new(&document).unwrap())
        };
        Self(Schema::ALL.map(validator).into())
    }

    /// What the schema of a file says against it; none when there is no schema, or no whole tree.
    fn complaints(&self, kind: FileKind, bytes: &[u8]) -> Option<Vec<String>> {
        let schema = schema(kind)?;
        let (_, validator) = self.0.iter().find(|(of, _)| *of == schema)?;
        let source = syntax::decode("file", bytes).ok()?;
        let parsed = syntax::parse(&source);
        let tree = parsed.tree.filter(|tree| !tree.is_partial())?;
        let value = as_editors_see(tree.root());
        Some(
            validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect(),
        )
    }
}

/// The types of YAML 1.2's core schema, by which editors read.
fn as_editors_see(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Mapping => {
            let name =
                |entry: Entry<'_>| entry.key.scalar().map(|key| key.text.to_owned()).unwrap_or_default();
            let members: Map<_, _> =
                node.entries().map(|entry| (name(entry), as_editors_see(entry.value))).collect();
            members.into()
        }
        Kind::Sequence => node.items().map(as_editors_see).collect(),
        Kind::Scalar => {
            let Some(scalar) = node.scalar() else { return Value::Null };
            let tagged = node.tag().is_some();
            match scalar.text {
                text if scalar.style != Style::Plain || tagged => text.into(),
                "" | "~" | "null" | "Null" | "NULL" => Value::Null,
                "true" | "True" | "TRUE" => true.into(),
                "false" | "False" | "FALSE" => false.into(),
                text => number(text).unwrap_or_else(|| text.into()),
            }
        }
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.trim_start_matches(['-', '+']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || digits == "." {
        return None;
    }
    let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.then(|| text.parse::<i64>().ok()).flatten().map(Value::from);
    whole.or_else(|| text.parse::<f64>().ok().map(Value::from))
}

/// A file, and what is said of it alone.
struct Tried {
    path: PathBuf,
    kind: FileKind,
    bytes: Vec<u8>,
    findings: Vec<Finding>,
}

/// The files of a path: one, or those of a repository.
fn tried(path: &Path) -> Vec<Tried> {
    let found = findings(path);
    if path.is_file() {
        let bytes = std::fs::read(path).unwrap();
        return vec![Tried { path: path.to_owned(), kind: input(path).kind, bytes, findings: found }];
    }
    let mut all = Vec::new();
    for relative in walk(path) {
        let full = path.join(&relative);
        let Ok(bytes) = std::fs::read(&full) else { continue };
        let tree = syntax::decode("file", &bytes).ok().and_then(|source| syntax::parse(&source).tree);
        let Some(kind) = FileKind::of(&relative, tree.as_ref()) else { continue };
        let name = full.display().to_string();
        let own = found.iter().filter(|finding| name.ends_with(finding.source.name())).cloned().collect();
        all.push(Tried { path: full, kind, bytes, findings: own });
    }
    all
}

fn all_fixtures() -> Vec<Tried> {
    let mut all = Vec::new();
    for code in names(&fixtures()) {
        let folder = fixtures().join(&code);
        for name in names(&folder).iter().filter(|name| name.strip_suffix(".out").is_none()) {
            all.extend(tried(&folder.join(name)));
        }
    }
    all
}

#[test]
fn an_editor_refuses_no_fixture_that_check_accepts() {
    let validators = Validators::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = all_fixtures();
    for name in names(&root.join("fixtures/mutations")) {
        let path = root.join("fixtures/mutations").join(&name);
        let kind = match name.as_str() {
            "rehearsal.yml" => FileKind::Config,
            "appspec.yml" => FileKind::AppSpec,
            "pipeline.yml" => FileKind::Pipeline,
            "template.yml" => FileKind::Template,
            _ => input(&path).kind,
        };
        all.push(Tried { bytes: std::fs::read(&path).unwrap(), path, kind, findings: Vec::new() });
    }
    for folder in ["buildspecs", "examples/service", "examples/ml-model"] {
        all.extend(tried(&root.join(folder)));
    }
    for name in names(&root.join("fixtures/idioms")) {
        all.extend(
            Some(root.join("fixtures/idioms").join(name))
                .filter(|path| path.is_dir())
                .iter()
                .flat_map(|path| tried(path)),
        );
    }
    let (mut accepted, mut wrong) = (BTreeMap::new(), Vec::new());
    for file in all.iter().filter(|file| !file.findings.iter().any(Finding::is_error)) {
        let Some(complaints) = validators.complaints(file.kind, &file.bytes) else { continue };
        *accepted.entry(file.kind.word()).or_insert(0) += 1;
        wrong.extend(complaints.iter().map(|complaint| format!("{}: {complaint}", file.path.display())));
    }
    println!("{accepted:?} accepted");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted.len() == 4 && accepted["buildspec"] > 150 && accepted["pipeline"] > 30, "{accepted:?}");
}

#[test]
fn an_editor_refuses_no_file_of_the_corpus_that_check_accepts() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let validators = Validators::new();
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let mut files: Vec<_> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<_> = line.split('\t').collect();
            (corpus.join(fields[0]), Some(FileKind::Buildspec), fields[1].starts_with("valid"))
        })
        .collect();
    for (folder, kind) in [("appspec", FileKind::AppSpec), ("pipeline", FileKind::Pipeline)] {
        for name in names(&corpus.join(folder)) {
            let path = corpus.join(folder).join(name);
            let bytes = std::fs::read(&path).unwrap();
            let tree = syntax::decode("file", &bytes).ok().and_then(|source| syntax::parse(&source).tree);
            let is_it = FileKind::of(Path::new("file.yml"), tree.as_ref()) == Some(kind);
            let found = alone(Input { kind, ..input(&path) });
            // What a file of another platform has is judged by its schema alone until it is read.
            let errors = found.iter().filter(|finding| finding.is_error() && finding.code != "not-there-yet");
            files.push((path, is_it.then_some(kind), errors.count() == 0));
        }
    }
    let (mut accepted, mut refused, mut wrong) = (BTreeMap::new(), 0, Vec::new());
    for (path, kind, is_valid) in files {
        let Some(kind) = kind else { continue };
        let Some(complaints) = validators.complaints(kind, &std::fs::read(&path).unwrap()) else { continue };
        if is_valid {
            *accepted.entry(kind.word()).or_insert(0) += 1;
            wrong.extend(complaints.iter().map(|complaint| format!("{}: {complaint}", path.display())));
        } else {
            refused += u32::from(!complaints.is_empty());
        }
    }
    println!("{accepted:?} accepted, {refused} of the others refused");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As with `yaml.disableAdditionalProperties`: what says nothing of other keys has none.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("type").and_then(Value::as_str) == Some("object") {
                members.entry("additionalProperties").or_insert(false.into());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn where_all_unknown_keys_are_flagged_nothing_else_is() {
    let validators = Validators::changed(close);
    let (mut passed, mut flagged, mut wrong) = (0, 0, Vec::new());
    // What comments and rehearsal.yml silence, no schema knows.
    let silenced = ["suppression", "path-matches-nothing"];
    for file in all_fixtures() {
        let path = file.path.display().to_string();
        let Some(complaints) = validators.complaints(file.kind, &file.bytes) else { continue };
        if silenced.iter().any(|word| path.contains(word)) {
            continue;
        }
        if file.findings.iter().all(|finding| !finding.is_error() && finding.code != "unknown-key") {
            passed += 1;
            wrong.extend(complaints.iter().map(|complaint| format!("{path}: {complaint}")));
        } else {
            flagged += u32::from(!complaints.is_empty());
        }
    }
    println!("{passed} without an unknown key passed, {flagged} of the others were flagged");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(passed > 200 && flagged > 90, "{passed} {flagged}");
}

/// Codes of mistakes that show in the shape of a file.
const IN_THE_SHAPE: [&str; 14] = [
    "batch-structure",
    "command-not-a-string",
    "invalid-value",
    "missing-key",
    "pipeline-action-type",
    "pipeline-condition",
    "pipeline-configuration",
    "pipeline-limit",
    "pipeline-name",
    "pipeline-structure",
    "pipeline-trigger",
    "unknown-key",
    "unknown-phase",
    "wrong-kind",
];

#[test]
fn an_editor_refuses_most_fixtures_whose_mistake_shows_in_their_shape() {
    let validators = Validators::new();
    let codes: BTreeSet<_> = IN_THE_SHAPE.into();
    let (mut refused, mut all, mut passed) = (0, 0, Vec::new());
    for file in all_fixtures() {
        let errors = file.findings.iter().filter(|finding| finding.is_error());
        let errors: BTreeSet<_> =
            errors.map(|finding| finding.code).filter(|code| codes.contains(code)).collect();
        if errors.is_empty() {
            continue;
        }
        let Some(complaints) = validators.complaints(file.kind, &file.bytes) else { continue };
        all += 1;
        refused += usize::from(!complaints.is_empty());
        if complaints.is_empty() {
            let path = file.path.strip_prefix(fixtures()).unwrap_or(&file.path).display().to_string();
            passed.push(format!("{path}: {}", errors.into_iter().collect::<Vec<_>>().join(", ")));
        }
    }
    println!("{refused} of {all} refused; the others:\n{}", passed.join("\n"));
    assert!(refused * 100 >= all * 75, "{refused} of {all} refused; the others:\n{}", passed.join("\n"));
}
