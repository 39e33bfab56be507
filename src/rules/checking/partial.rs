//! What can be said of a file of which some lines could not be read.
//!
//! Owns: which findings stand. One about what stands at its own place does; one about what is not there, or of another kind than
//! expected, may come of the lines that are missing, and is not told near them.

use crate::diagnostic::Finding;
use crate::rules::record::Rule;
use crate::rules::{
    bad_expansion, base_directory_twice, bashism, codebuild_variable, command_not_a_string, curated_image,
    curl_pipe_shell, deprecated_image, docker_command, folded_continuation, hidden_failure,
    image_definitions, image_without_digest, invalid_suppression, literal_variable, lost_shell_state,
    merge_conflict, missing_key, misspelt_command, not_a_command, octal_mode, password_on_command_line,
    pipeline_name, plain_credentials, redirection_slip, removed_command, report_group_name,
    reserved_variable, runtime_name, runtime_version, secret_printed, secret_reference, stray_quote,
    suppression_without_reason, template, test_without_blanks, timeout_too_long, trigger_pattern,
    unknown_key, unknown_lifecycle_event, unknown_phase, unusual_space, variable_name, version_0_1,
    version_in_quotes, waits_for_answer, write_outside_source, yaml_duplicate_key, yaml_syntax,
};
use crate::spec::FileKind;
use crate::syntax::{Span, Tree};

/// Those that look at nothing but their own place.
const LOCAL: [&Rule; 46] = [
    &bad_expansion::RULE,
    &base_directory_twice::RULE,
    &bashism::RULE,
    &codebuild_variable::RULE,
    &command_not_a_string::RULE,
    &curated_image::RULE,
    &curl_pipe_shell::RULE,
    &deprecated_image::RULE,
    &docker_command::RULE,
    &folded_continuation::RULE,
    &hidden_failure::RULE,
    &image_definitions::RULE,
    &image_without_digest::RULE,
    &invalid_suppression::RULE,
    &literal_variable::RULE,
    &lost_shell_state::RULE,
    &merge_conflict::RULE,
    &misspelt_command::RULE,
    &not_a_command::RULE,
    &octal_mode::RULE,
    &password_on_command_line::RULE,
    &pipeline_name::RULE,
    &plain_credentials::RULE,
    &redirection_slip::RULE,
    &removed_command::RULE,
    &report_group_name::RULE,
    &reserved_variable::RULE,
    &runtime_name::RULE,
    &runtime_version::RULE,
    &secret_printed::RULE,
    &secret_reference::RULE,
    &stray_quote::RULE,
    &suppression_without_reason::RULE,
    &template::RULE,
    &test_without_blanks::RULE,
    &timeout_too_long::RULE,
    &trigger_pattern::RULE,
    &unknown_key::RULE,
    &unknown_lifecycle_event::RULE,
    &unknown_phase::RULE,
    &unusual_space::RULE,
    &variable_name::RULE,
    &version_0_1::RULE,
    &version_in_quotes::RULE,
    &waits_for_answer::RULE,
    &write_outside_source::RULE,
];

/// Takes away what may come of lines that could not be read.
pub(super) fn sift(kind: FileKind, tree: &Tree, findings: &mut Vec<Finding>) {
    if !tree.is_partial() {
        return;
    }
    let outline = Outline::of(tree.source().text());
    // A line that stands too far to the left ends what it was meant for: it is near what ends there too.
    let is_missing =
        |area: Span| tree.left_out().iter().any(|lines| lines.start <= area.end && area.start <= lines.end);
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.code == yaml_syntax::RULE.code)
        .map(|finding| finding.primary.span)
        .collect();
    // A line that is too deep or not deep enough brings what follows it to where it does not belong.
    let is_moved = |finding: &Finding| {
        let (at, first) = (finding.primary.span, finding.secondary.first());
        let between =
            |error: &Span| first.is_some_and(|first| first.span.end <= error.start) && error.end <= at.start;
        let is_twice = finding.code == yaml_duplicate_key::RULE.code && errors.iter().any(between);
        is_twice
            || (finding.code == unknown_key::RULE.code && errors.iter().any(|error| error.start == at.start))
    };
    findings.retain(|finding| !is_moved(finding));
    findings.retain(|finding| {
        let at = finding.primary.span;
        let is_local = LOCAL.iter().any(|rule| rule.code == finding.code);
        if is_local || finding.code.starts_with("yaml-") {
            return true;
        }
        // What a template's resources say is put together from all over it, and so is what a whole file has.
        let is_of_whole = kind == FileKind::Template
            || (finding.code == missing_key::RULE.code && outline.is_at_the_top(at));
        !is_of_whole
            && !is_missing(match finding.code {
                "shell-syntax" => outline.around(at),
                _ => outline.section(at),
            })
    });
}

/// The lines of a text, as their indentation puts them below each other.
struct Outline {
    lines: Vec<Line>,
    length: u32,
}

struct Line {
    start: u32,
    /// The line that it stands below; none at the top.
    parent: Option<usize>,
    /// Where what stands below it ends.
    end: u32,
}

impl Outline {
    fn of(text: &str) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        // The lines that are not at their end, with their indentation: each deeper than the one before.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            // A list may stand at the column of its key: what is behind the dash counts.
            let content = line.trim_start_matches([' ', '-', '\t']);
            if !content.trim().is_empty() && !content.starts_with('#') {
                let indent = line.len() - content.len();
                while let Some((last, _)) = open.pop_if(|(_, other)| *other >= indent) {
                    lines[last].end = start;
                }
                open.push((lines.len(), indent));
            }
            let is_open = open.last().is_some_and(|(last, _)| *last == lines.len());
            let parent = open.iter().rev().nth(usize::from(is_open)).map(|(line, _)| *line);
            lines.push(Line { start, parent, end: u32::MAX });
            start = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        }
        Self { lines, length: start }
    }

    fn line(&self, at: u32) -> Option<usize> {
        self.lines.partition_point(|line| line.start <= at).checked_sub(1)
    }

    fn is_at_the_top(&self, at: Span) -> bool {
        self.line(at.start).is_none_or(|line| self.lines[line].parent.is_none())
    }

    /// The lines of a place, with the one before and the one behind.
    fn around(&self, at: Span) -> Span {
        let start = self.line(at.start).map_or(0, |line| self.lines[line.saturating_sub(1)].start);
        let below = self.line(at.end).and_then(|line| self.lines.get(line + 2));
        Span::new(start, below.map_or(self.length, |line| line.start))
    }

    /// What stands beside a place below the same key, with the key; at the top of a file only what is below the place.
    fn section(&self, at: Span) -> Span {
        let Some(own) = self.line(at.start) else { return at };
        let line = &self.lines[self.lines[own].parent.unwrap_or(own)];
        Span::new(line.start, line.end.min(self.length).max(at.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
a:
  b:
    c: 1
    # said

    d: 2
  e:
  - f
  - g
h: 3
";

    #[test]
    fn a_section_is_what_stands_below_the_same_key() {
        let outline = Outline::of(TEXT);
        for (at, expected) in [
            ("c: 1", "  b:\n    c: 1\n    # said\n\n    d: 2\n"),
            ("d: 2", "  b:\n    c: 1\n    # said\n\n    d: 2\n"),
            ("g", "  e:\n  - f\n  - g\n"),
            ("h", "h: 3\n"),
            ("a", &TEXT[..TEXT.len() - 5]),
            ("b", &TEXT[..TEXT.len() - 5]),
        ] {
            let start = u32::try_from(TEXT.find(at).unwrap()).unwrap();
            let section = outline.section(Span::new(start, start + 1));
            assert_eq!(&TEXT[section.start as usize..section.end as usize], expected, "{at}");
        }
    }

    #[test]
    fn around_a_place_are_the_lines_before_and_behind() {
        let outline = Outline::of(TEXT);
        for (at, expected) in [("a", "a:\n  b:\n"), ("g", "  - f\n  - g\nh: 3\n"), ("h", "  - g\nh: 3\n")] {
            let start = u32::try_from(TEXT.find(at).unwrap()).unwrap();
            let around = outline.around(Span::new(start, start + 1));
            assert_eq!(&TEXT[around.start as usize..around.end as usize], expected, "{at}");
        }
    }
}
