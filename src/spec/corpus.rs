//! Files that people wrote for AWS, with labels that say what CodeBuild makes of them.
//!
//! The corpus is no part of the repository; without it this test says so in one line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{FileKind, appspec, buildspec, pipeline, template};
use crate::diagnostic::Finding;
use crate::diagnostic::human::{Style, render};
use crate::syntax::{self, Span, TextMap};

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the corpus is")]
fn corpus() -> Option<PathBuf> {
    let near = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("REHEARSAL_CORPUS").map_or(near, PathBuf::from);
    folder.join("labels.tsv").is_file().then_some(folder)
}

/// The commands of all buildspecs that are accepted and run in a shell of Unix, each once.
pub(super) fn commands() -> Option<Vec<String>> {
    let corpus = corpus()?;
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let mut all = std::collections::BTreeSet::new();
    for line in labels.lines().filter(|line| line.contains("\tvalid")) {
        let file = line.split('\t').next().unwrap_or_default();
        let Some(value) = buildspec::load(file, &std::fs::read(corpus.join(file)).unwrap()).value else {
            continue;
        };
        let phases =
            [value.phases.install, value.phases.pre_build, value.phases.build, value.phases.post_build];
        let lists =
            phases.into_iter().flatten().flat_map(|phase| phase.commands.into_iter().chain(phase.finally));
        all.extend(lists.map(|command| command.text));
    }
    Some(all.into_iter().collect())
}

/// The grounds on which a label of the kinds below is certain: a log of CodeBuild, or a repair within hours.
const PROVEN: [&str; 2] = ["E", "F"];

#[test]
fn no_accepted_buildspec_of_the_corpus_is_refused_and_broken_ones_are() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut refused: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut accepted = 0;
    for line in labels.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        let (file, label, reason, basis) = (fields[0], fields[1], fields[2], fields[3]);
        let read = buildspec::load(file, &std::fs::read(corpus.join(file)).unwrap());
        let errors: Vec<_> = read.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
        assert_eq!(read.value.is_none(), !errors.is_empty(), "{file}");
        match label {
            "invalid" => {
                let kind = match reason {
                    reason if reason.starts_with("YAML syntax") => "syntax",
                    reason if reason.contains("one of the four phase names") => "phase name",
                    reason if reason.contains("is a mapping, not a string") => "command",
                    reason if reason.starts_with("batch/") => "batch",
                    _ => "kind",
                };
                let count = refused.entry(kind).or_default();
                count.1 += 1;
                count.0 += u32::from(!errors.is_empty());
                if errors.is_empty() && kind != "batch" && PROVEN.contains(&basis) {
                    wrong.push(format!("not refused, though {reason}: {file}"));
                }
            }
            _ if errors.is_empty() => accepted += 1,
            _ => wrong.push(format!("{label}, yet refused: {file}\n{}", render(&errors, Style::plain(100)))),
        }
    }
    println!("{accepted} accepted as labelled; refused of those labelled invalid: {refused:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all = |kind| refused.get(kind).is_some_and(|(refused, labelled)| refused == labelled);
    assert!(["syntax", "phase name", "command", "kind"].into_iter().all(all), "{refused:?}");
}

/// Lines and words of a real parser of AWS's family stand in the labels; a quotation of ours must not be invented.
#[test]
fn syntax_errors_of_the_corpus_have_the_place_and_the_words_of_libyaml() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let (mut words_agree, mut lines_agree, mut all) = (0, 0, 0);
    for line in labels.lines().skip(1).filter(|line| line.contains("\tYAML syntax: ")) {
        let fields: Vec<_> = line.split('\t').collect();
        let (words, at) = fields[2].trim_start_matches("YAML syntax: ").split_once(" (line ").unwrap();
        let at: u32 = at.split_once(')').unwrap().0.parse().unwrap();
        let read = buildspec::load(fields[0], &std::fs::read(corpus.join(fields[0])).unwrap());
        let finding = read.findings.iter().find(|finding| finding.is_error()).unwrap();
        let ours = finding.source.position(finding.primary.span.start).line;
        // libyaml notices a missing `:` on the line after.
        lines_agree += u32::from(ours == at || ours + 1 == at);
        match &finding.aws_message {
            Some(message) if message.contains(words) => words_agree += 1,
            Some(message) => panic!("{}: {words} became {message}", fields[0]),
            None => {}
        }
        all += 1;
    }
    println!("of {all} syntax errors {lines_agree} have libyaml's line and {words_agree} its words");
    assert!(lines_agree >= 11 && words_agree >= 11, "{lines_agree} lines, {words_agree} words");
}

/// What `aws codepipeline get-pipeline` printed for people's own pipelines, which therefore exist.
#[test]
fn definitions_of_the_corpus_are_accepted_without_a_word() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let mut accepted = 0;
    for entry in std::fs::read_dir(corpus.join("pipeline")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = syntax::decode(&name, std::fs::read(&path).unwrap()).unwrap();
        let is_definition = syntax::parse(&source)
            .tree
            .is_some_and(|tree| pipeline::is_definition(tree.root().get("pipeline").unwrap_or(tree.root())));
        if is_definition {
            let read = pipeline::load_source(&source);
            assert_eq!(render(&read.findings, Style::plain(100)), "");
            accepted += 1;
        }
    }
    println!("{accepted} pipeline definitions accepted");
    assert!(accepted >= 4, "{accepted}");
}

/// Of the templates that people published one names a project and a role that it does not have.
const BROKEN_TEMPLATES: [&str; 1] = ["pipeline-cfn-nag-pass"];

#[test]
fn templates_of_the_corpus_are_accepted() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let mut accepted = 0;
    for entry in std::fs::read_dir(corpus.join("pipeline")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = syntax::decode(&name, std::fs::read(&path).unwrap()).unwrap();
        let parsed = syntax::parse(&source);
        let kind = parsed.tree.as_ref().and_then(FileKind::of_content);
        // A template of a template language is said to be one by a rule of its own.
        if kind != Some(FileKind::Template) || source.text().contains("{{") {
            continue;
        }
        let read = template::load_parsed(&source, &parsed);
        let is_broken = BROKEN_TEMPLATES.iter().any(|broken| name.contains(broken));
        let errors: Vec<_> = read.findings.into_iter().filter(Finding::is_error).collect();
        let expected = |finding: &Finding| is_broken && finding.code == "template-reference";
        assert!(errors.iter().all(expected), "{name}\n{}", render(&errors, Style::plain(100)));
        assert_eq!(!errors.is_empty(), is_broken, "{name}");
        accepted += 1;
    }
    println!("{accepted} templates accepted");
    assert!(accepted >= 30, "{accepted}");
}

/// Files of the Server platform that are refused on purpose: events of one's own, which `codedeploy-local` alone runs, a
/// template with words in the place of values, and files for an agent that is not AWS's.
const REFUSED: [&str; 3] = ["sample_custom_event_app_bundle", "template-advanced", "codedeploy-agent-go"];

#[test]
fn appspecs_of_the_corpus_are_accepted() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let (mut accepted, mut elsewhere, mut wrong) = (0, 0, Vec::new());
    let load = |name: &str, bytes: &[u8]| {
        let source = syntax::decode(name, bytes).unwrap();
        appspec::load_parsed(&source, &syntax::parse(&source))
    };
    for entry in std::fs::read_dir(corpus.join("appspec")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = load(&name, &std::fs::read(&path).unwrap());
        let errors: Vec<_> = read.findings.iter().filter(|finding| finding.is_error()).cloned().collect();
        match errors.first() {
            None if read.value.is_none() => elsewhere += 1,
            None => accepted += 1,
            Some(_) if REFUSED.iter().any(|refused| name.contains(refused)) => {}
            Some(_) => wrong.push(format!("{name}\n{}", render(&errors, Style::plain(100)))),
        }
    }
    println!("{accepted} appspecs accepted, {elsewhere} of another platform");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted >= 30 && elsewhere >= 10, "{accepted} and {elsewhere}");
}

/// Commands and other values of real files are found again, character by character.
#[test]
fn values_of_real_files_are_where_their_map_says() {
    let Some(corpus) = corpus() else {
        println!("no corpus of real files here: skipped");
        return;
    };
    let labels = std::fs::read_to_string(corpus.join("labels.tsv")).unwrap();
    let mut values = 0;
    for file in labels.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let Ok(source) = syntax::decode(file, std::fs::read(corpus.join(file)).unwrap()) else { continue };
        let Some(tree) = syntax::parse(&source).tree else { continue };
        let mut nodes = vec![tree.root()];
        while let Some(node) = nodes.pop() {
            nodes.extend(node.items());
            nodes.extend(node.written_entries().flat_map(|entry| [entry.key, entry.value]));
            let Some(text) = node.text().filter(|text| !text.is_empty()) else { continue };
            let map = TextMap::of(node);
            assert!(map.is_exact(), "{file}: {text}");
            values += 1;
            for (at, word) in text.match_indices(|c: char| c.is_ascii_alphanumeric()) {
                let at = u32::try_from(at).unwrap();
                assert_eq!(source.slice(map.span(Span::new(at, at + 1))), word, "{file}: {text}");
            }
        }
    }
    assert!(values > 5_000, "{values}");
}
