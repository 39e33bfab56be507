//! Remarks of shellcheck on the commands of buildspecs.
//!
//! Owns: which commands it is asked about, which of its remarks make sense for items of a buildspec, and where each stands
//! in the file. Leaves to the caller: running it.

use std::sync::Arc;

use crate::diagnostic::{Finding, Severity};
use crate::rules::subject::{Commands, Scripts};
use crate::syntax::{SourceFile, Span, TextMap, Tree, UNKNOWN};

/// The most buildspecs it is asked about: what takes this long is wanted for a few files.
pub const FILES: usize = 50;

/// How grave shellcheck takes something to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It does not work.
    Error,
    /// It may not work.
    Warning,
    /// It could be better.
    Info,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which of the texts it is about, from 0.
    pub text: usize,
    /// The line and the column in it, in characters, from 1.
    pub start: (u32, u32),
    /// The same behind its end.
    pub end: (u32, u32),
    /// How grave it is.
    pub level: Level,
    /// The number behind `SC`.
    pub code: u32,
    /// What is wrong.
    pub message: String,
}

/// Takes texts to shellcheck.
pub type Ask<'a> = &'a dyn Fn(&[&str]) -> Vec<Remark>;

/// A command, and where it stands.
#[derive(Debug)]
pub(super) struct Text {
    source: Arc<SourceFile>,
    written: String,
    map: TextMap,
}

/// Codes that make no sense here: commands have no first line of their own (1008, 1128, 2148, 2239), and read what others set
/// and set what others read (2034, 2154); an item that fails at `cd` is over (2103, 2164); files to read are elsewhere
/// (1090, 1091).
const OUT_OF_PLACE: [u32; 10] = [1008, 1090, 1091, 1128, 2034, 2103, 2148, 2154, 2164, 2239];

/// The commands of a buildspec that a shell of Unix would run.
pub(super) fn texts(tree: &Tree) -> Vec<Text> {
    let scripts = Scripts::of(tree);
    let commands = Commands::of(&scripts);
    if !commands.are_read() {
        return Vec::new();
    }
    let sound = commands.all().iter().filter(|command| command.script.error.is_none());
    sound
        .filter(|command| !command.text.contains(UNKNOWN))
        .map(|command| Text {
            source: Arc::clone(tree.source()),
            written: command.text.to_owned(),
            map: TextMap::of(command.node),
        })
        .collect()
}

/// What shellcheck finds in them.
pub(super) fn findings(texts: &[Text], ask: Ask<'_>) -> Vec<Finding> {
    if texts.is_empty() {
        return Vec::new();
    }
    let all: Vec<&str> = texts.iter().map(|text| text.written.as_str()).collect();
    let remarks = ask(&all);
    // `bashism` speaks of what 3000 and more are about.
    let fits =
        |remark: &&Remark| !OUT_OF_PLACE.contains(&remark.code) && !(3000..4000).contains(&remark.code);
    remarks.iter().filter(fits).filter_map(|remark| finding(texts.get(remark.text)?, remark)).collect()
}

fn finding(text: &Text, remark: &Remark) -> Option<Finding> {
    let start = offset(&text.written, remark.start)?;
    let end = offset(&text.written, remark.end)?.max(start);
    // A label under a hundred lines helps nobody.
    let first = text.written[start..end].lines().next().unwrap_or_default().trim_end().len();
    let inner = |at: usize| u32::try_from(at).unwrap_or_default();
    let span = text.map.span(Span::new(inner(start), inner(start + first)));
    let message = format!("SC{}: {}", remark.code, remark.message.trim_end_matches('.'));
    let finding = Finding::warning("shellcheck", message, &text.source, span, "says shellcheck");
    let severity = match remark.level {
        Level::Error => Severity::Warning,
        Level::Warning | Level::Info => Severity::Advice,
    };
    Some(
        Finding { severity, ..finding }
            .help(format!("https://www.shellcheck.net/wiki/SC{} says more", remark.code)),
    )
}

/// The byte of a line and a column; none when there is no such line.
fn offset(text: &str, (line, column): (u32, u32)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line - 1)?.0 + 1,
    };
    let written = text[start..].split('\n').next().unwrap_or_default();
    let column = usize::try_from(column).ok()?.saturating_sub(1);
    Some(start + written.char_indices().nth(column).map_or(written.len(), |(at, _)| at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;

    #[test]
    fn remarks_are_taken_to_their_place_in_the_file() {
        let text = "phases:\n  build:\n    commands:\n      - \"echo \\\"é\\\" $x\"\n      - |\n        a\n        ls $y\n      - if\n";
        let source = Arc::new(SourceFile::new("buildspec.yml", text));
        let tree = syntax::parse(&source).tree.unwrap();
        let texts = texts(&tree);
        let ask = |asked: &[&str]| {
            assert_eq!(asked, ["echo \"é\" $x", "a\nls $y\n"]);
            let remark = |text, start, end, code, level| Remark {
                text,
                start,
                end,
                level,
                code,
                message: "No.".into(),
            };
            vec![
                remark(0, (1, 10), (1, 12), 2086, Level::Info),
                remark(1, (2, 4), (2, 6), 2086, Level::Error),
                remark(1, (1, 1), (2, 6), 2000, Level::Warning),
                remark(1, (9, 9), (9, 9), 2086, Level::Warning),
                remark(1, (1, 1), (1, 2), 2154, Level::Warning),
                remark(1, (1, 1), (1, 2), 3010, Level::Warning),
                remark(7, (1, 1), (1, 2), 2086, Level::Warning),
            ]
        };
        let found: Vec<_> = findings(&texts, &ask)
            .into_iter()
            .map(|finding| (source.slice(finding.primary.span).to_owned(), finding.severity, finding.message))
            .collect();
        let expected = [
            ("$x", Severity::Advice, "SC2086: No"),
            ("$y", Severity::Warning, "SC2086: No"),
            ("a", Severity::Advice, "SC2000: No"),
        ];
        let expected = expected.map(|(place, severity, said)| (place.to_owned(), severity, said.to_owned()));
        assert_eq!(found, expected);
    }
}
