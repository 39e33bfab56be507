//! `fixtures/rules`: for each rule files with its mistake, beside what is said of them, and files without a word. And
//! the corpus of real files, where there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::pipeline::definition::FolderFiles;
use crate::rules::Check;
use crate::testing;

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules")
}

/// Rules whose mistake no file in the repository shows, and why.
const WITHOUT_FIXTURE: [(&str, &str); 9] = [
    ("file-too-large", "a megabyte is no file to keep; `hostile` below makes one"),
    ("gate-too-early", "found with `unknown-stage`, whose fixture shows it"),
    ("no-evidence", "found with `unknown-stage`, whose fixture shows it"),
    ("not-there-yet", "found when a pipeline is started; `cli_bad_input` shows it"),
    ("role-lacks-action", "found in the record of an execution; `cli_permissions` shows it"),
    ("shellcheck", "another program finds it; `cli_shellcheck` shows it"),
    ("unknown-action", "found with `unknown-stage`, whose fixture shows it"),
    ("unknown-deployment-group", "found when a pipeline is started; `cli_deploy` shows it"),
    ("unknown-pipeline", "found with `unknown-stage`, whose fixture shows it"),
];

/// The file names of a folder, in order.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What is said of a fixture: a file, or a folder that is the whole repository.
pub(super) fn findings(path: &Path) -> Vec<Finding> {
    let here = |path: &Path| path.display().to_string();
    if path.is_dir() {
        let files = FolderFiles { root: path };
        let found = find(&files, &walk(path), None, &here);
        assert!(!found.inputs.is_empty() && found.unreadable.is_empty(), "{}", path.display());
        return check(
            found.inputs,
            &Place {
                files: &files,
                complete: true,
                name: &here,
                settings: &Settings::load(&files),
                shellcheck: None,
                remotes: &[],
            },
        )
        .findings;
    }
    alone(input(path))
}

/// What is said of a file that stands alone.
pub(super) fn alone(input: Input) -> Vec<Finding> {
    let empty = tempfile::tempdir().unwrap();
    let files = FolderFiles { root: empty.path() };
    let place = Place {
        files: &files,
        complete: false,
        name: &|path: &Path| path.display().to_string(),
        settings: &Settings::default(),
        shellcheck: None,
        remotes: &[],
    };
    check(vec![input], &place).findings
}

/// A file that stands alone; its name says what it is.
pub(super) fn input(path: &Path) -> Input {
    let name = path.file_name().unwrap().to_str().unwrap();
    let bytes = std::fs::read(path).unwrap();
    let kind = if name.contains(".rehearsal.") {
        FileKind::Config
    } else if name.contains(".pipeline.") {
        FileKind::Pipeline
    } else if name.contains(".appspec.") {
        FileKind::AppSpec
    } else if name.contains(".template.") {
        FileKind::Template
    } else {
        FileKind::Buildspec
    };
    Input { name: name.to_owned(), path: None, kind, content: Content::Bytes(bytes) }
}

/// The examples of the documentation are fixtures too.
fn write_examples() {
    for rule in rules::all() {
        let Some(example) = rule.example else { continue };
        let folder = fixtures().join(rule.code);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("bad-example", example.bad), ("good-example", example.good)] {
            std::fs::write(folder.join(example_name(name, example.kind)), text).unwrap();
        }
    }
}

fn example_name(name: &str, kind: FileKind) -> String {
    match kind {
        FileKind::Config => format!("{name}.rehearsal.yml"),
        FileKind::Pipeline => format!("{name}.pipeline.yml"),
        FileKind::AppSpec => format!("{name}.appspec.yml"),
        FileKind::Template => format!("{name}.template.yml"),
        FileKind::Buildspec => format!("{name}.yml"),
    }
}

#[test]
fn each_rule_finds_its_mistake_and_is_silent_otherwise() {
    if testing::updates() {
        write_examples();
    }
    let mut wrong = Vec::new();
    let mut cases = 0;
    for rule in rules::all() {
        if WITHOUT_FIXTURE.iter().any(|(code, _)| *code == rule.code) {
            continue;
        }
        let folder = fixtures().join(rule.code);
        let (mut bad, mut good) = (0, 0);
        for name in names(&folder) {
            let path = folder.join(&name);
            let is_output = path.extension().is_some_and(|extension| extension == "out");
            if is_output {
                continue;
            }
            cases += 1;
            let found = findings(&path);
            let drawn = render(&found, Style::plain(100));
            if name.starts_with("bad-") {
                bad += 1;
                if !found.iter().any(|finding| finding.code == rule.code) {
                    wrong.push(format!("{}/{name} is not found:\n{drawn}", rule.code));
                }
                let stem = name.split('.').next().unwrap();
                let expected = folder.join(format!("{stem}.out"));
                if testing::updates() {
                    std::fs::write(&expected, &drawn).unwrap();
                }
                if std::fs::read_to_string(&expected).unwrap_or_default() != drawn {
                    wrong.push(format!("{}/{name} says something else than {stem}.out:\n{drawn}", rule.code));
                }
            } else {
                good += 1;
                assert!(name.starts_with("good-"), "{}/{name} is neither bad nor good", rule.code);
                if !found.is_empty() {
                    wrong.push(format!("{}/{name} is not silent:\n{drawn}", rule.code));
                }
            }
        }
        if bad == 0 || good == 0 {
            wrong.push(format!("{} needs a bad and a good fixture", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases > 100, "{cases}");
}

#[test]
fn no_fixture_is_without_its_rule_or_its_input() {
    let codes: BTreeSet<_> = rules::all().map(|rule| rule.code).collect();
    for code in names(&fixtures()) {
        assert!(codes.contains(code.as_str()), "fixtures/rules/{code} belongs to no rule");
        let folder = fixtures().join(&code);
        let inputs: BTreeSet<_> = names(&folder)
            .into_iter()
            .filter(|name| name.strip_suffix(".out").is_none())
            .map(|name| name.split('.').next().unwrap().to_owned())
            .collect();
        for output in names(&folder).iter().filter_map(|name| name.strip_suffix(".out")) {
            assert!(inputs.contains(output), "fixtures/rules/{code}/{output}.out has no input");
        }
    }
    for (code, _) in WITHOUT_FIXTURE {
        assert!(codes.contains(code), "{code}");
    }
}

/// What the documentation shows is what was tried.
#[test]
fn the_examples_of_the_documentation_are_fixtures() {
    for rule in rules::all() {
        match rule.example {
            Some(example) => {
                for (name, text) in [("bad-example", example.bad), ("good-example", example.good)] {
                    let path = fixtures().join(rule.code).join(example_name(name, example.kind));
                    let written = std::fs::read_to_string(&path).unwrap_or_default();
                    assert_eq!(written, text, "{}", path.display());
                }
            }
            None => assert!(!matches!(rule.check, Check::Buildspec(_)) || rule.code == "buildspec-file-name"),
        }
    }
}

/// `REHEARSAL_UPDATE=1` writes the pages anew.
#[test]
fn the_pages_of_rules_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules");
    let pages: BTreeMap<_, _> = rules::all().map(|rule| (format!("{}.md", rule.code), page(rule))).collect();
    if testing::updates() {
        std::fs::create_dir_all(&folder).unwrap();
        for name in names(&folder).iter().filter(|name| !pages.contains_key(*name)) {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, text) in &pages {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    assert_eq!(names(&folder), pages.keys().cloned().collect::<Vec<_>>());
    for (name, text) in &pages {
        let written = std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(written == *text, "docs/rules/{name} is stale: run the tests with REHEARSAL_UPDATE=1");
    }
}

#[test]
fn a_page_is_a_whole_answer() {
    insta::assert_snapshot!(page(rules::find("literal-variable").unwrap()));
}

#[test]
fn a_file_out_to_harm_costs_nothing() {
    let here = |path: &Path| path.display().to_string();
    let empty = tempfile::tempdir().unwrap();
    let files = FolderFiles { root: empty.path() };
    let place = Place {
        files: &files,
        complete: true,
        name: &here,
        settings: &Settings::default(),
        shellcheck: None,
        remotes: &[],
    };
    let filled = |head: &str, unit: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        for n in 0.. {
            if text.len() > 250_000 {
                break;
            }
            text += &unit(n);
        }
        text
    };
    let graph = "version: 0.2\nbatch:\n  build-graph:\n";
    for (name, bytes, code) in [
        ("megabytes", vec![b'#'; 2_000_000], "file-too-large"),
        (
            "a chain of tasks",
            filled(graph, &|n| format!("    - {{identifier: t{n}, depend-on: [t{}]}}\n", n + 1)).into_bytes(),
            "batch-depend-on",
        ),
        (
            "tasks of one name",
            filled(graph, &|_| "    - {identifier: a, depend-on: [a, a, a]}\n".to_owned()).into_bytes(),
            "batch-identifier",
        ),
        (
            "variables of one kind",
            filled("version: 0.2\nphases: {}\nenv:\n  variables:\n", &|n| {
                format!("    CODEBUILD_{n}-x: $A\n")
            })
            .into_bytes(),
            "reserved-variable",
        ),
    ] {
        let input = Input {
            name: name.to_owned(),
            path: None,
            kind: FileKind::Buildspec,
            content: Content::Bytes(bytes),
        };
        let report = check(vec![input], &place);
        assert!(
            report.findings.iter().any(|finding| finding.code == code),
            "{name}: {:?}",
            report.findings.first()
        );
        assert!(report.findings.len() <= 100, "{name}: {}", report.findings.len());
        assert!(render(&report.findings, Style::plain(100)).len() < 2_000_000);
    }
}

/// Files of which some cannot be read.
struct Locked;

impl Files for Locked {
    fn place(&self) -> String {
        "a locked cupboard".to_owned()
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, crate::repo::Error> {
        Ok(Vec::new())
    }

    fn look(&self, path: &Path) -> Result<Found, crate::repo::Error> {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        match path.to_str() {
            Some("open/buildspec.yml") => {
                Ok(Found::File(b"version: 0.2\nphases: {build: {commands: [a]}}\n".to_vec()))
            }
            Some("ci/buildspec-link.yml") => Ok(Found::Other("a link that leads nowhere")),
            Some("rehearsal.yml") => Ok(Found::Nothing),
            _ => {
                Err(crate::repo::Error::Io { attempted: format!("read {}", path.display()), source: denied })
            }
        }
    }
}

#[test]
fn what_should_be_checked_and_cannot_be_read_is_never_passed_over_in_silence() {
    let here = |path: &Path| path.display().to_string();
    let paths = ["buildspec.yml", "ci/buildspec-link.yml", "open/buildspec.yml", "other.json"];
    let found = find(&Locked, &paths.map(PathBuf::from), None, &here);
    let names = |named: &[(String, String)]| named.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found.unreadable), ["buildspec.yml"]);
    assert!(found.unreadable[0].1.contains("read buildspec.yml"), "{:?}", found.unreadable);
    assert_eq!(found.passed_over, [("ci/buildspec-link.yml".to_owned(), "a link that leads nowhere")]);
    assert_eq!(
        found.inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>(),
        ["open/buildspec.yml"]
    );
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the corpus is")]
pub(super) fn corpus() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("REHEARSAL_CORPUS").map_or(near, PathBuf::from);
    folder.join("labels.tsv").is_file().then_some(folder)
}

/// Labelled invalid, and rightly not an error here; with the reason. None so far.
const NOT_REFUSED: [(&str, &str); 0] = [];

/// What people wrote and what CodeBuild made of it (the corpus is no part of the repository).
#[test]
fn real_buildspecs_are_judged_as_they_are_labelled() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let (mut wrong, mut refused, mut accepted, mut silent) = (String::new(), 0, 0, 0);
    for line in labels.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        let (file, label, reason) = (fields[0], fields[1], fields[2]);
        let path = corpus.join(file);
        // A label says what a file is; by its content most are recognised without it.
        let found = findings(&path);
        let error = found.iter().any(Finding::is_error);
        match (label, error) {
            ("invalid", false) if !NOT_REFUSED.iter().any(|(name, _)| *name == file) => {
                let _ = writeln!(wrong, "missed, though {reason}: {file}");
            }
            ("invalid", _) => refused += 1,
            (_, true) => {
                let _ =
                    writeln!(wrong, "{label}, yet an error: {file}\n{}", render(&found, Style::plain(100)));
            }
            ("valid-with-warnings", false) if found.is_empty() => {
                let _ = writeln!(wrong, "silent, though {reason}: {file}");
            }
            _ => {
                accepted += 1;
                silent += u32::from(found.is_empty());
            }
        }
    }
    println!("{refused} refused, {accepted} accepted ({silent} of them without a word)");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Discovery tells buildspecs by their content, whatever they are called.
#[test]
fn real_buildspecs_are_recognised_by_their_content() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let (mut all, mut missed) = (0, Vec::new());
    for name in names(&corpus.join("buildspec")) {
        let text = std::fs::read(corpus.join("buildspec").join(&name)).unwrap();
        let Ok(source) = syntax::decode(&name, &text) else { continue };
        let parsed = syntax::parse(&source);
        let whole = parsed.tree.as_ref().filter(|tree| !tree.is_partial());
        let Some(tree) = whole else { continue };
        all += 1;
        if FileKind::of(Path::new("file.yml"), Some(tree)) != Some(FileKind::Buildspec) {
            missed.push(name);
        }
    }
    println!("{} of {all} recognised by their content", all - missed.len());
    assert!(missed.is_empty(), "{missed:?}");
    for (folder, kind) in [("appspec", FileKind::AppSpec), ("pipeline", FileKind::Pipeline)] {
        for name in names(&corpus.join(folder)) {
            let text = std::fs::read(corpus.join(folder).join(&name)).unwrap();
            let Ok(source) = syntax::decode(&name, &text) else { continue };
            let parsed = syntax::parse(&source);
            let recognised = FileKind::of(Path::new("file.yml"), parsed.tree.as_ref());
            let template = recognised == Some(FileKind::Template);
            if recognised != Some(kind) && !template {
                println!("{folder}/{name}: {recognised:?}");
            }
        }
    }
}
