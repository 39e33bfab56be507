//! How durations, times, identifiers and counts are written for people.

use std::ffi::OsStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::diagnostic::human::reorders;

/// A duration as people say it: `0.34s`, `1.3s`, `12s`, `1m 05s`, `1h 02m`.
pub(crate) fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 1 {
        format!("0.{:02}s", span.as_millis() / 10)
    } else if seconds < 10 {
        let tenths = span.as_millis() / 100;
        format!("{}.{}s", tenths / 10, tenths % 10)
    } else if seconds < 60 {
        format!("{seconds}s")
    } else if seconds < 3600 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60)
    }
}

/// The time between two moments, never negative: clocks are set back now and then.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A moment in local time, to the second: `2026-11-23 05:11:07`.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The first eight characters of an identifier or commit, which are enough to type.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first line of a text, marked when there are more, without what would disturb a terminal, cut to `width` columns.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let mut lines = text.lines();
    let mut line = printable(lines.next().unwrap_or_default());
    if lines.next().is_some() {
        line.push('…');
    }
    if line.chars().count() <= width {
        return line;
    }
    let mut cut: String = line.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A line of foreign output as it may be repeated on a terminal: no escape sequences, no control characters, nothing that
/// shows it in another order; tabs stay.
pub(crate) fn printable(line: &str) -> String {
    let stripped = anstream::adapter::strip_str(line).to_string();
    stripped.chars().filter(|c| *c == '\t' || !(c.is_control() || reorders(*c))).collect()
}

/// A text in lines of at most `room` columns, broken between words; a word that is longer stays whole.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The command line once more, as a shell takes it: `rehearsal build -e 'A=two words'`.
pub(crate) fn command_line<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> String {
    let words = arguments.into_iter().map(|argument| quoted(&argument.to_string_lossy()));
    ["rehearsal".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_=+.,/:@%^".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The candidate nearest to what was typed, when it is near enough to be meant.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (typed.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&typed.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) that turn one text into the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) =
        (from.chars().take(100).collect(), to.chars().take(100).collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<usize>>()];
    for (i, left) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in to.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(left != right)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == to[j - 1] && from[i - 1] == *right {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (millis, expected) in [
            (0, "0.00s"),
            (18, "0.01s"),
            (349, "0.34s"),
            (1_349, "1.3s"),
            (9_999, "9.9s"),
            (10_000, "10s"),
            (59_999, "59s"),
            (65_000, "1m 05s"),
            (3_599_000, "59m 59s"),
            (3_720_000, "1h 02m"),
            (129_600_000, "36h 00m"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn a_clock_set_back_gives_no_negative_time() {
        let (early, late) = (Timestamp::from_second(100).unwrap(), Timestamp::from_second(90).unwrap());
        assert_eq!(between(early, late), Duration::ZERO);
        assert_eq!(between(late, early), Duration::from_secs(10));
    }

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        for (text, expected) in [
            ("plain", "plain"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}after", "after"),
            ("bell\u{7} and\tback\u{8}", "bell and\tback"),
            ("progress\r100%", "progress100%"),
            ("push \u{202e}tset\u{2066} \u{200f}x\u{61c}", "push tset x"),
        ] {
            assert_eq!(printable(text), expected, "{text:?}");
        }
        assert_eq!(one_line("first\nsecond", 10), "first…");
        assert_eq!(one_line("first\n", 10), "first");
        assert_eq!(one_line("a long line", 6), "a lon…");
    }

    #[test]
    fn a_command_line_can_be_pasted() {
        let words = ["build", "-e", "A=two words", "-e", "B=it's", "", "src/b.yml"];
        assert_eq!(
            command_line(words.iter().map(OsStr::new)),
            r"rehearsal build -e 'A=two words' -e 'B=it'\''s' '' src/b.yml"
        );
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        let names = ["service", "website", "Build/Compile"];
        for (typed, expected) in [
            ("servise", Some("service")),
            ("Service", Some("service")),
            ("build/compile", Some("Build/Compile")),
            ("websiet", Some("website")),
            ("deploy", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed:?}");
        }
    }
}
