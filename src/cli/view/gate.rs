//! A gate's judgement: a line per condition, in columns where they fit, below each other where they do not.

use crate::action::{Condition, Judgement, Verdict};
use crate::cli::output::{Ink, Paint};
use crate::cli::words;

/// Between columns.
const GAP: &str = "   ";

/// What a gate said before a stage: its verdict, and its conditions indented below it.
pub(crate) fn block(paint: Paint, columns: usize, stage: &str, judgement: &Judgement) -> String {
    let verdict = judgement.verdict();
    let word = match verdict {
        Verdict::Passed => "passed",
        Verdict::Inconclusive | Verdict::Error | Verdict::Failed => "let nothing through",
    };
    let mut block = vec![format!("gate before {stage} {}", paint.ink(ink(verdict), word))];
    let conditions = lines(paint, columns.saturating_sub(2), judgement);
    block.extend(conditions.into_iter().map(|line| format!("  {line}")));
    block.join("\n")
}

/// The conditions of a gate for people, in at most `columns` columns where words allow it.
pub(crate) fn lines(paint: Paint, columns: usize, judgement: &Judgement) -> Vec<String> {
    let rows: Vec<[String; 4]> = judgement.conditions.iter().map(row).collect();
    let seen = |text: &str| text.chars().count();
    let widths = [0, 1, 2, 3].map(|index: usize| rows.iter().map(|row| seen(&row[index])).max().unwrap_or(0));
    let fits = widths.iter().sum::<usize>() + 3 * GAP.len() <= columns;
    let inks = judgement.conditions.iter().map(|condition| ink(condition.verdict));
    let painted = rows.iter().zip(inks);
    if fits {
        let line = |(row, ink): (&[String; 4], Ink)| {
            let [subject, wanted, seen_text, verdict] = row;
            let [subject, wanted, seen_text] =
                [(subject, 0), (wanted, 1), (seen_text, 2)].map(|(text, index): (&String, usize)| {
                    format!("{text}{}", " ".repeat(widths[index] - seen(text)))
                });
            format!("{subject}{GAP}{wanted}{GAP}{seen_text}{GAP}{}", paint.ink(ink, verdict))
        };
        return painted.map(line).collect();
    }
    let indent = widths[0] + GAP.len();
    let room = columns.saturating_sub(indent).max(20);
    painted
        .flat_map(|(row, ink)| {
            let [subject, wanted, seen_text, verdict] = row;
            let padding = " ".repeat(indent - seen(subject));
            let first = format!("{subject}{padding}{}", paint.ink(ink, verdict));
            let rest = [wanted, seen_text].into_iter().flat_map(|text| words::wrapped(text, room));
            let rest = rest.map(|line| format!("{}{line}", " ".repeat(indent)));
            [first].into_iter().chain(rest.collect::<Vec<_>>())
        })
        .collect()
}

/// What each column says of a condition.
fn row(condition: &Condition) -> [String; 4] {
    let plain = |text: &str| words::printable(&text.lines().collect::<Vec<_>>().join(" "));
    [
        plain(&condition.subject),
        format!("wanted {}", plain(&condition.wanted)),
        format!("saw {}", plain(&condition.seen)),
        condition.verdict.word().to_owned(),
    ]
}

fn ink(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Passed => Ink::Good,
        Verdict::Inconclusive => Ink::Warning,
        Verdict::Error | Verdict::Failed => Ink::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(subject: &str, wanted: &str, seen: &str, verdict: Verdict) -> Condition {
        Condition { subject: subject.into(), wanted: wanted.into(), seen: seen.into(), verdict }
    }

    fn sample() -> Judgement {
        Judgement {
            conditions: vec![
                condition("unit tests", "at most 0 failures", "2 failures in 40 tests", Verdict::Failed),
                condition(
                    "unit coverage",
                    "at least 80 % of lines",
                    "80.00 %, 8 of 10 lines",
                    Verdict::Passed,
                ),
                condition(
                    "integration tests",
                    "at most 0 failures",
                    "Test/Integration has not run",
                    Verdict::Inconclusive,
                ),
            ],
        }
    }

    #[test]
    fn conditions_stand_in_columns() {
        insta::assert_snapshot!(lines(Paint(false), 100, &sample()).join("\n"));
        let painted = lines(Paint(true), 100, &sample()).join("\n");
        assert!(painted.contains("\u{1b}[1;31mfailed\u{1b}[0m"), "{painted:?}");
    }

    #[test]
    fn where_columns_do_not_fit_nothing_is_cut() {
        let mut judgement = sample();
        let seen =
            "evaluation.json is, byte for byte, evaluation.json of Sources: Test/Model did not write it";
        judgement.conditions.push(condition("model accuracy", "at least 0.9", seen, Verdict::Inconclusive));
        judgement.conditions.push(condition(
            "model auc",
            "at least 0.9",
            "two\nlines \u{1b}[31mred",
            Verdict::Error,
        ));
        insta::assert_snapshot!(lines(Paint(false), 60, &judgement).join("\n"));
        let narrow = lines(Paint(false), 60, &judgement);
        assert!(narrow.iter().all(|line| line.chars().count() <= 60), "{narrow:?}");
    }

    #[test]
    fn a_gate_without_conditions_has_no_lines() {
        assert!(lines(Paint(false), 80, &Judgement::default()).is_empty());
    }
}
