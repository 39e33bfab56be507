//! Tables and lists of fields, aligned by what is seen rather than by bytes.

use crate::cli::output::{Ink, Paint};

/// A cell: its text and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    ink: Option<Ink>,
}

impl Cell {
    /// A cell that means something.
    pub(crate) fn inked(ink: Ink, text: impl Into<String>) -> Self {
        Self { text: text.into(), ink: Some(ink) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), ink: None }
    }
}

/// Rows below a heading. The last column is cut at `width`, the others are as wide as they must be.
pub(crate) fn table(paint: Paint, width: usize, heading: &[&str], rows: &[Vec<Cell>]) -> String {
    let seen = |text: &str| text.chars().count();
    let columns: Vec<usize> = (0..heading.len())
        .map(|column| {
            rows.iter().map(|row| seen(&row[column].text)).chain([seen(heading[column])]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[Cell]| {
        let mut text = String::new();
        let mut used = 0;
        for (index, (cell, column)) in cells.iter().zip(&columns).enumerate() {
            let last = index + 1 == cells.len();
            let room = if last { width.saturating_sub(used).max(10) } else { usize::MAX };
            let shown = crate::cli::words::one_line(&cell.text, room);
            let padding = if last { 0 } else { column + 2 - seen(&shown) };
            used += column + 2;
            text.push_str(&cell.ink.map_or_else(|| shown.clone(), |ink| paint.ink(ink, &shown)));
            text.push_str(&" ".repeat(padding));
        }
        text.trim_end().to_owned()
    };
    let heading: Vec<Cell> = heading.iter().map(|text| Cell::inked(Ink::Faint, *text)).collect();
    let mut lines = vec![line(&heading)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Named values, one a line, the values aligned; further lines of a value are aligned too. `indent` goes before all.
pub(crate) fn fields(paint: Paint, indent: &str, fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (name, value) in fields {
        for (index, line) in value.lines().enumerate() {
            let name = if index == 0 { *name } else { "" };
            let padding = " ".repeat(width - name.len());
            lines.push(format!("{indent}{}{padding}  {line}", paint.ink(Ink::Faint, name)));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_what_is_seen() {
        let rows = vec![
            vec![Cell::from("é"), Cell::inked(Ink::Good, "Succeeded"), Cell::from("first\nsecond")],
            vec![Cell::from("longer"), Cell::from("Failed"), Cell::from("x".repeat(40))],
        ];
        insta::assert_snapshot!(table(Paint(false), 40, &["id", "status", "note"], &rows), @"
        id      status     note
        é       Succeeded  first…
        longer  Failed     xxxxxxxxxxxxxxxxxxxx…
        ");
        let painted = table(Paint(true), 40, &["id", "status", "note"], &rows);
        assert!(painted.contains("\u{1b}[32mSucceeded\u{1b}[0m  first"), "{painted:?}");
    }

    #[test]
    fn values_of_several_lines_stay_aligned() {
        let text = fields(Paint(false), "  ", &[("command", "a\nb".into()), ("exit status", "1".into())]);
        insta::assert_snapshot!(text, @"
          command      a
                       b
          exit status  1
        ");
    }
}
