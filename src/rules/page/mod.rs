//! The documentation of rules: the page `docs/rules.md` and what `rehearsal check --explain` prints, both from the table.

use std::fmt::Write as _;

use super::{Check, Rule, SECTIONS};
use crate::diagnostic::Severity;

/// The whole page.
pub fn page() -> String {
    let mut text = String::from(
        "# Rules\n\nWhat `rehearsal check` finds, generated from `src/rules/`. `rehearsal check --explain CODE` prints one entry.\n\n\
         - **error**: AWS refuses the file, or the build cannot do what it is for.\n\
         - **warning**: AWS takes it, and does something other than what is written.\n\
         - **advice**: it works, and could be better; shown with `--pedantic`.\n\n\
         The severity given is the worst one; where the same code can be less, the text says when.\n",
    );
    for section in SECTIONS {
        let _ = write!(
            text,
            "\n## {}\n\n| code | severity | what it finds |\n| --- | --- | --- |\n",
            section.title
        );
        for rule in section.rules {
            let _ =
                writeln!(text, "| [`{0}`](#{0}) | {1} | {2} |", rule.code, word(rule.severity), rule.summary);
        }
        for rule in section.rules {
            let _ = write!(text, "\n{}", entry(rule));
        }
    }
    text
}

/// One rule in Markdown.
pub fn entry(rule: &Rule) -> String {
    let mut text = format!("### {}\n\n{}.\n\n{}\n", rule.code, rule.summary, wrapped(rule.doc));
    if let Some(example) = rule.example {
        let _ = write!(
            text,
            "\nWrong:\n\n```yaml\n{}```\n\nRight:\n\n```yaml\n{}```\n",
            example.bad, example.good
        );
    }
    let mut facts = vec![word(rule.severity).to_owned(), format!("since {}", rule.since)];
    facts.push(
        match rule.check {
            Check::Reading | Check::Text(_) | Check::Broken(_) | Check::Buildspec(_) => "found in one file",
            Check::Built(_) => "found in a buildspec and the project that builds by it",
            Check::Across(_) => "found in several files together",
            Check::Starting => "found when a pipeline is started",
        }
        .to_owned(),
    );
    facts.push(format!("rests on {}", rule.reference));
    let _ = writeln!(text, "\n{}.", capital(&facts.join(", ")));
    if let Some(url) = rule.url {
        let _ = writeln!(text, "AWS: <{url}>");
    }
    text
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
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
