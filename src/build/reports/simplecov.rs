//! `SIMPLECOV` (codebuild.md 3.13): JSON with the hits of each line, or null where a line holds no code. Several suites
//! cover the same files together.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{CoveredLines, Format, Found, Malformed};
use crate::action::ReportKind;

pub(super) const FORMAT: Format = Format { name: "SIMPLECOV", kind: ReportKind::CodeCoverage, read };

#[derive(serde::Deserialize)]
struct Suite {
    coverage: BTreeMap<String, File>,
}

/// The lines of a file; old versions write the list alone.
struct File(Vec<Line>);

/// Whether a line was reached; none where it holds no code, or is left out by a comment in it.
struct Line(Option<bool>);

fn read(text: &str) -> Result<Found, Malformed> {
    let suites: BTreeMap<String, Suite> =
        serde_json::from_str(text).map_err(|error| Malformed::json(&error))?;
    let mut covered = CoveredLines::default();
    for (name, File(lines)) in suites.into_values().flat_map(|suite| suite.coverage) {
        let file = covered.file(name);
        for (number, line) in (1..).zip(lines) {
            if let Line(Some(reached)) = line {
                covered.line(file, number, reached);
            }
        }
    }
    Ok(covered.found())
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileVisitor)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = File;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the lines of a file")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<File, A::Error> {
        let mut lines = Vec::new();
        while let Some(line) = items.next_element()? {
            lines.push(line);
        }
        Ok(File(lines))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
        let mut lines = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "lines" {
                lines = Some(map.next_value()?);
            } else {
                map.next_value::<de::IgnoredAny>()?;
            }
        }
        lines.map(File).ok_or_else(|| de::Error::missing_field("lines"))
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LineVisitor)
    }
}

struct LineVisitor;

impl Visitor<'_> for LineVisitor {
    type Value = Line;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a count, null or `ignored`")
    }

    fn visit_u64<E: de::Error>(self, hits: u64) -> Result<Line, E> {
        Ok(Line(Some(hits > 0)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Line, E> {
        Ok(Line(None))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Line, E> {
        if word == "ignored" {
            Ok(Line(None))
        } else {
            Err(de::Error::invalid_value(de::Unexpected::Str(word), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::LineCounts;

    #[test]
    fn suites_cover_lines_together() {
        let text = r#"{"RSpec": {"coverage": {"/a.rb": {"lines": [null, 1, 0, 0, "ignored"], "branches": {}}}, "timestamp": 1},
            "Minitest": {"coverage": {"/a.rb": [null, 0, 2, 0], "/b.rb": {"lines": [0]}}}}"#;
        let lines = read(text).map_err(|error| error.to_string()).unwrap().lines;
        assert_eq!(lines, Some(LineCounts { covered: 2, missed: 2 }));
    }

    #[test]
    fn what_is_no_simplecov_report_is_told() {
        for text in [
            "[]",
            "{\"a\": {}}",
            "{\"a\": {\"coverage\": {\"b\": [-1]}}}",
            "{\"a\": {\"coverage\": {\"b\": [\"x\"]}}}",
            "{",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
