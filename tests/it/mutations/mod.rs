//! Mistakes planted by program into files that are right: each is found, at its place, and nothing else is.
//!
//! A [`Kind`] is a row of a table ([`buildspec`], [`pipeline`], [`appspec`], [`template`], [`config`], [`text`]): where in a file the
//! mistake goes, what it is, and the code it must be found by. A row without a place to go fails, and so does one that
//! finds more than it planted. The rows make the page `docs/mutations.md`.

mod appspec;
mod broken;
mod buildspec;
mod config;
mod inside;
mod pipeline;
mod plant;
mod template;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rehearsal::check::{self, Content, Input, Place, Settings};
use rehearsal::diagnostic::Finding;
use rehearsal::diagnostic::human::{Style, render};
use rehearsal::pipeline::definition::FolderFiles;
use rehearsal::spec::FileKind;
use rehearsal::syntax::{self, Tree};

use crate::testing;
use plant::{Op, Planted};

/// A kind of mistake.
pub(crate) struct Kind {
    /// What it is, for people.
    what: &'static str,
    /// Where it goes: the keys from the root, `*` for any key or item.
    path: &'static str,
    /// What is done there.
    op: Op,
    /// The code it must be found by.
    code: &'static str,
    /// Codes of errors that follow from it.
    also: &'static [&'static str],
    /// In how many levels around it the finding may point.
    up: usize,
    /// Whether the finding may point at whatever comes later: where a reader gives up.
    on: bool,
    /// A word of files that it is no mistake in.
    not_in: Option<&'static str>,
}

/// A row of a table.
const fn kind(what: &'static str, path: &'static str, op: Op, code: &'static str) -> Kind {
    Kind { what, path, op, code, also: &[], up: 0, on: false, not_in: None }
}

impl Kind {
    /// Errors of these codes follow from it.
    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// The finding may point at what it is in, so many levels around it.
    const fn up(self, up: usize) -> Self {
        Self { up, ..self }
    }

    /// It is no mistake in files with this word.
    const fn not_in(self, word: &'static str) -> Self {
        Self { not_in: Some(word), ..self }
    }

    /// The finding may point at what comes later.
    const fn on(self) -> Self {
        Self { on: true, ..self }
    }
}

/// The tables, with the files that their mistakes go into.
const TABLES: [(&str, FileKind, &[Kind]); 6] = [
    ("Buildspecs", FileKind::Buildspec, buildspec::KINDS),
    ("Pipeline definitions", FileKind::Pipeline, pipeline::KINDS),
    ("Appspecs", FileKind::AppSpec, appspec::KINDS),
    ("CloudFormation templates", FileKind::Template, template::KINDS),
    ("rehearsal.yml", FileKind::Config, config::KINDS),
    ("The text of any file", FileKind::Buildspec, text::KINDS),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file that is right.
struct Base {
    name: String,
    tree: Tree,
}

/// The kind of a fixture, by its name.
fn kind_of(name: &str) -> FileKind {
    let has = |word: &str| name.contains(&format!(".{word}.")) || name.starts_with(&format!("{word}."));
    match () {
        () if has("pipeline") => FileKind::Pipeline,
        () if has("appspec") => FileKind::AppSpec,
        () if has("rehearsal") => FileKind::Config,
        () if has("template") => FileKind::Template,
        () => FileKind::Buildspec,
    }
}

/// Every fixture of a single file that is right.
fn bases() -> Vec<(FileKind, Base)> {
    let files = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = files(root().join("fixtures/mutations")).collect();
    for folder in files(root().join("fixtures/rules")) {
        let is_right = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("good-");
        paths.extend(files(folder).filter(|path| path.is_file() && is_right(path)));
    }
    paths.sort();
    let mut bases = Vec::new();
    for path in &paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap();
        let kind = kind_of(&name);
        let Ok(source) = syntax::decode(&name, &bytes) else { continue };
        // What silences findings would silence these too.
        if source.text().contains("rehearsal: ignore") {
            continue;
        }
        let Some(tree) = syntax::parse(&source).tree else { continue };
        let errors: Vec<_> = findings(kind, &name, &bytes).into_iter().filter(Finding::is_error).collect();
        assert!(
            errors.is_empty(),
            "{name} is not right:
{}",
            render(&errors, Style::plain(100))
        );
        bases.push((kind, Base { name: path.strip_prefix(root()).unwrap().display().to_string(), tree }));
    }
    bases
}

/// What is said of a file that stands alone.
fn findings(kind: FileKind, name: &str, bytes: &[u8]) -> Vec<Finding> {
    let files = FolderFiles { root: Path::new("/nonexistent") };
    let here = |path: &Path| path.display().to_string();
    let input = Input { name: name.to_owned(), path: None, kind, content: Content::Bytes(bytes.to_vec()) };
    check::check(
        vec![input],
        &Place {
            files: &files,
            complete: false,
            name: &here,
            settings: &Settings::default(),
            shellcheck: None,
            remotes: &[],
        },
    )
    .findings
}

/// What is wrong with what is said of a mistake.
fn complaint(row: &Kind, planted: &Planted, findings: &[Finding]) -> Option<String> {
    let expected = |finding: &&Finding| {
        finding.code == row.code
            && planted.span.start <= finding.primary.span.start
            && (row.on || finding.primary.span.end <= planted.span.end)
    };
    if !findings.iter().any(|finding| expected(&finding)) {
        let elsewhere = findings.iter().any(|finding| finding.code == row.code);
        return Some(if elsewhere { "found, at another place" } else { "not found" }.to_owned());
    }
    let extra = findings.iter().filter(|finding| {
        finding.is_error() && finding.code != row.code && !row.also.contains(&finding.code)
    });
    let codes: Vec<_> = extra.map(|finding| finding.code).collect();
    (!codes.is_empty()).then(|| format!("also found: {}", codes.join(", ")))
}

#[test]
fn each_planted_mistake_is_found_at_its_place_and_nothing_else() {
    let bases = bases();
    assert!(bases.len() > 40, "{}", bases.len());
    let (mut wrong, mut mistakes, mut kinds) = (Vec::new(), 0, 0);
    let mut barren = Vec::new();
    for (_, file, rows) in TABLES {
        for row in rows {
            kinds += 1;
            let mut planted_here = 0;
            // What the row leaves out; commands of Windows are not read, and version 1 of the AWS CLI has what version 2 has not.
            let apart = |base: &Base| {
                let text = base.tree.source().text();
                if row.not_in.is_some_and(|word| text.contains(word)) {
                    return true;
                }
                row.path.ends_with("commands") && (text.contains("powershell.exe") || text.contains("awscli"))
            };
            for (_, base) in bases.iter().filter(|(kind, base)| *kind == file && !apart(base)) {
                for planted in plant::plant(&base.tree, row.path, &row.op, row.up) {
                    planted_here += 1;
                    let found = findings(file, &base.name, &planted.bytes);
                    let Some(why) = complaint(row, &planted, &found) else { continue };
                    let shown = excerpt(&planted);
                    let drawn = render(&found, Style::plain(100));
                    wrong
                        .push(format!("{} ({}), {}: {why}\n{shown}\n{drawn}", row.what, row.code, base.name));
                }
            }
            mistakes += planted_here;
            if planted_here == 0 {
                barren.push(row.what);
            }
        }
    }
    let count = wrong.len();
    // One of each kind is enough to read.
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for text in wrong {
        first.entry(text.split(',').next().unwrap_or_default().to_owned()).or_insert(text);
    }
    let text: String = first.values().fold(String::new(), |mut text, one| {
        let _ = writeln!(text, "{one}");
        text
    });
    println!("{kinds} kinds, {mistakes} mistakes in {} files", bases.len());
    assert!(barren.is_empty(), "no place for: {barren:?}");
    assert!(first.is_empty(), "{count} of {mistakes} mistakes:\n{text}");
    assert!(kinds >= 60, "{kinds}");
}

/// The lines around a mistake.
fn excerpt(planted: &Planted) -> String {
    let text = String::from_utf8_lossy(&planted.bytes);
    let source = Arc::new(syntax::SourceFile::new("", text.as_ref()));
    let (first, last) = (source.position(planted.span.start).line, source.position(planted.span.end).line);
    let lines = (first.saturating_sub(1).max(1)..=last + 1).take(8).filter_map(|line| source.line_span(line));
    lines.map(|span| format!("    > {}", source.slice(span))).collect::<Vec<_>>().join("\n")
}

/// `REHEARSAL_UPDATE=1` writes the page anew.
#[test]
fn the_page_of_mutations_is_up_to_date() {
    let mut page = "# Planted mistakes\n\nThe kinds of mistakes that a test plants into files that are right, one after \
                    the other, and the code that each must be found by, at its place, without another error.\n\
                    Made from `tests/it/mutations`; `REHEARSAL_UPDATE=1 cargo test mutations` writes it anew.\n"
        .to_owned();
    for (title, _, rows) in TABLES {
        let _ = write!(page, "\n## {title}\n\n| mistake | where | found by |\n| --- | --- | --- |\n");
        for row in rows {
            let _ = writeln!(page, "| {} | `{}` | `{}` |", row.what.replace('|', "\\|"), row.path, row.code);
        }
    }
    let path = root().join("docs/mutations.md");
    if testing::updates() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/mutations.md is stale: run the tests with REHEARSAL_UPDATE=1");
}
