//! The documentation of rules: the list `docs/rules.md` and the pages `docs/rules/CODE.md`, which `rehearsal check --explain`
//! prints too, all from the table.

use std::fmt::Write as _;

use super::{Check, Rule, SECTIONS};

/// The list of all rules.
pub fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nWhat `rehearsal check` finds, generated from `src/rules/`; each rule has a page, which `rehearsal check --explain CODE` prints too.\n\
         How to switch rules off, for a line, a file or a folder: [check.md](check.md).\n\n\
         - **error**: AWS refuses the file, or the build cannot do what it is for.\n\
         - **warning**: AWS takes it, and does something other than what is written.\n\
         - **advice**: it works, and could be better; shown with `--pedantic`.\n\n\
         The severity given is the worst one; where the same code can be less, its page says when.\n",
    );
    for section in SECTIONS {
        let _ = write!(
            text,
            "\n## {}\n\n| code | severity | what it finds |\n| --- | --- | --- |\n",
            section.title
        );
        for rule in section.rules {
            let severity = rule.severity.word();
            let _ = writeln!(text, "| [`{0}`](rules/{0}.md) | {severity} | {1} |", rule.code, rule.summary);
        }
    }
    text
}

/// What `check` says of a rule's bad example.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// What it prints.
    pub text: &'a str,
    /// Whether `--fix` repairs it.
    pub is_fixed: bool,
}

/// The page of one rule, in Markdown.
pub fn entry(rule: &Rule, said: Option<Said<'_>>) -> String {
    let mut text = format!("# {}\n\n{}.\n\n{}\n", rule.code, rule.summary, wrapped(rule.doc));
    if let Some(example) = rule.example {
        let _ = write!(text, "\nWrong:\n\n```yaml\n{}```\n", example.bad);
        if let Some(said) = said {
            let _ = write!(text, "\n`rehearsal check` says:\n\n```text\n{}\n```\n", said.text.trim_end());
        }
        let _ = write!(text, "\nRight:\n\n```yaml\n{}```\n", example.good);
    }
    let mut facts = vec![rule.severity.word().to_owned(), format!("since {}", rule.since)];
    facts.push(
        match rule.check {
            Check::Reading | Check::Text(_) | Check::Broken(_) | Check::AppSpec(_) | Check::Buildspec(_) => {
                "seen in the file alone"
            }
            Check::Built(_) => "seen in a buildspec, best with the project that builds by it",
            Check::Called(_) | Check::Across(_) | Check::Pipelines(_) => {
                "seen where several files of a repository are checked together"
            }
            Check::Starting => "found when a pipeline is started",
        }
        .to_owned(),
    );
    facts.extend(said.filter(|said| said.is_fixed).map(|_| "`--fix` repairs it".to_owned()));
    facts.push(format!("rests on {}", rule.reference));
    let _ = writeln!(text, "\n{}.", capital(&facts.join(", ")));
    if let Some(url) = rule.url {
        let _ = writeln!(text, "AWS: <{url}>");
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Paragraphs in lines of at most a hundred characters.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let paragraph = |text: &str| {
        let mut lines = vec![String::new()];
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(word),
                Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines.join("\n")
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}
