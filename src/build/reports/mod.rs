//! Reports of tests and coverage: what the buildspec's `reports` section makes of files (codebuild.md 1.8, 3.13).
//!
//! Owns: which files belong to a report, whether they are of this build, reading them within bounds, and the report's
//! status. One format is one file, and [`FORMATS`] lists them. Leaves to `artifacts`: globs, to `gate`: what follows.

mod clover;
mod cobertura;
mod cucumber;
mod jacoco;
mod junit;
mod nunit;
mod simplecov;
mod testng;
mod trx;
mod xml;

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::artifacts::{self, Definition, expand_variables};
use super::carried::Variables;
use super::dated::Dated;
use super::request::Content as Source;
use super::session::{Fault, Ready, Session};
use crate::action::{
    LineCounts, PhaseStatus, Report, ReportKind, ReportStatus, TestCounts, Trouble, TroubleKind,
};
use crate::spec::buildspec::ReportGroup;
use crate::spec::quotas;
use crate::store::archive;

/// One format of report files.
struct Format {
    /// The value of `file-format`.
    name: &'static str,
    kind: ReportKind,
    read: fn(&str) -> Result<Found, Malformed>,
}

/// The formats that are read: all that CodeBuild knows.
const FORMATS: [Format; 10] = [
    junit::FORMAT,
    cucumber::FORMAT,
    nunit::FORMAT_2,
    nunit::FORMAT_3,
    testng::FORMAT,
    trx::FORMAT,
    clover::FORMAT,
    cobertura::FORMAT,
    jacoco::FORMAT,
    simplecov::FORMAT,
];

/// The longest report file that is read. AWS names no limit.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Files of one report, at most.
const MOST_FILES: usize = 10_000;

/// Troubles of one report that are told; more help nobody.
const MOST_TROUBLE: usize = 10;

/// What one file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Found {
    tests: TestCounts,
    lines: Option<LineCounts>,
}

/// The lines of files that some test reached, each counted once however often it is listed.
#[derive(Debug, Default)]
struct CoveredLines {
    files: HashMap<String, usize>,
    lines: HashMap<(usize, u64), bool>,
}

impl CoveredLines {
    /// The number of a file, by which its lines are told.
    fn file(&mut self, name: String) -> usize {
        let next = self.files.len();
        *self.files.entry(name).or_insert(next)
    }

    fn line(&mut self, file: usize, number: u64, covered: bool) {
        *self.lines.entry((file, number)).or_default() |= covered;
    }

    fn found(&self) -> Found {
        let covered = self.lines.values().filter(|covered| **covered).count() as u64;
        let lines = LineCounts { covered, missed: self.lines.len() as u64 - covered };
        Found { lines: Some(lines), ..Found::default() }
    }
}

/// A file that is not what its format promises.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Malformed {
    line: usize,
    why: String,
}

impl Malformed {
    fn at(text: &str, offset: usize, why: String) -> Self {
        let offset = (0..=offset.min(text.len())).rev().find(|offset| text.is_char_boundary(*offset));
        let line = text[..offset.unwrap_or_default()].matches('\n').count() + 1;
        Self { line, why }
    }

    fn json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why).to_owned();
        Self { line: error.line().max(1), why }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.why)
    }
}

/// The name of a report group (codebuild.md 1.8): as written, variables replaced; of an ARN, the name in it.
fn group_name(written: &str, variables: &Variables) -> String {
    let name = expand_variables(written, variables).to_string_lossy().into_owned();
    match name.strip_prefix("arn:").and_then(|_| name.rsplit_once("report-group/")) {
        Some((_, of_arn)) => of_arn.to_owned(),
        None => name,
    }
}

impl Session<'_> {
    /// Makes the reports of a build whose commands are over. A report that failed does not fail the build.
    pub(super) fn report(&mut self, ready: &Ready) -> Result<(), Fault> {
        let groups = &ready.buildspec.reports;
        let mut reports = Vec::new();
        for (written, group) in groups.iter().take(quotas::REPORT_GROUPS.value as usize) {
            self.within_limits()?;
            let report = self.collect(ready, written, group)?;
            self.tell(&report);
            reports.push(report);
        }
        self.reports = Some(reports);
        Ok(())
    }

    /// The reports of a build; those of one that ended before they were made are incomplete (codebuild.md 3.13).
    pub(super) fn take_reports(&mut self, ready: Option<&Ready>, ended: PhaseStatus) -> Vec<Report> {
        if let Some(reports) = self.reports.take() {
            return reports;
        }
        let Some(ready) = ready else { return Vec::new() };
        let how = match ended {
            PhaseStatus::TimedOut => "timed out",
            PhaseStatus::Stopped => "was stopped",
            PhaseStatus::Failed | PhaseStatus::Succeeded => "ended",
        };
        let groups = ready.buildspec.reports.iter();
        let reports = groups.map(|(written, group)| {
            let mut gathering = Gathering::default();
            gathering.trouble(TroubleKind::Missing, format!("the build {how} before its reports were made"));
            gathering.report(self.masked_group(ready, written), kind_of(&group.file_format))
        });
        let reports: Vec<_> = reports.collect();
        for report in &reports {
            self.tell(report);
        }
        reports
    }

    /// A report that cannot be relied on is worth a look; what the others say is in the log and in `show`.
    fn tell(&mut self, report: &Report) {
        match report.status {
            ReportStatus::Incomplete => self.log.note(&in_words(report)),
            ReportStatus::Succeeded | ReportStatus::Failed => self.log.remark(&in_words(report)),
        }
    }

    fn masked_group(&self, ready: &Ready, written: &str) -> String {
        self.log.masked_text(&group_name(written, &ready.left.variables))
    }

    fn collect(&mut self, ready: &Ready, written: &str, group: &ReportGroup) -> Result<Report, Fault> {
        let name = self.masked_group(ready, written);
        let mut gathering = Gathering::default();
        let Some(format) = FORMATS.iter().find(|format| format.name == group.file_format) else {
            gathering.trouble(
                TroubleKind::Missing,
                format!("files in the format {} are not read here", group.file_format),
            );
            return Ok(gathering.report(name, kind_of(&group.file_format)));
        };
        let definition = Definition {
            files: group.files.clone(),
            base_directory: group.base_directory.clone(),
            purpose: artifacts::Purpose::Reports,
            fence: self.fence(ready),
            ..Definition::default()
        };
        let source = self.source(ready);
        let (log, variables) = (&mut self.log, &ready.left.variables);
        let found = artifacts::collect(&definition, &source, variables, &mut |line| log.agent(line));
        let found = match found {
            Ok(found) => found,
            Err(error @ (artifacts::Error::NoBaseDirectory(_) | artifacts::Error::NothingMatched)) => {
                let asked = group.files.join(", ");
                gathering.trouble(
                    TroubleKind::Missing,
                    match error {
                        artifacts::Error::NothingMatched => format!("no file matches {asked}"),
                        other => other.to_string(),
                    },
                );
                return Ok(self.masked_report(gathering.report(name, format.kind)));
            }
            Err(error @ artifacts::Error::Unreadable { .. }) => {
                gathering.trouble(TroubleKind::Missing, error.to_string());
                return Ok(self.masked_report(gathering.report(name, format.kind)));
            }
        };
        for note in &found.notes {
            self.log.note(note);
        }
        if found.files.len() > MOST_FILES {
            let text = format!("{} files match, and {MOST_FILES} are read", found.files.len());
            gathering.trouble(TroubleKind::Malformed, text);
        }
        let archives = self.source_archives();
        for (path, shown) in found.files.iter().take(MOST_FILES) {
            self.within_limits()?;
            let shown = shown.display().to_string();
            let file = self.layout.view().open(path);
            let simulated = file.as_ref().is_ok_and(|file| self.simulated.made(file));
            gathering.file(format, file, &shown, ready.began, &archives);
            if simulated {
                let text = format!("{shown} was written by a command of which something was simulated");
                gathering.trouble(TroubleKind::Simulated, text);
            }
        }
        Ok(self.masked_report(gathering.report(name, format.kind)))
    }

    /// The archives that the sources were unpacked from. A source that is a folder has only dates.
    fn source_archives(&self) -> Vec<&Path> {
        let secondary = self.request.secondary.iter().map(|(_, source)| source);
        let all = std::iter::once(&self.request.primary).chain(secondary);
        let archives = all.filter_map(|source| match &source.content {
            Source::Archive(archive) => Some(archive.as_path()),
            Source::Folder(_) => None,
        });
        archives.collect()
    }

    fn masked_report(&self, mut report: Report) -> Report {
        for trouble in &mut report.trouble {
            trouble.text = self.log.masked_text(&trouble.text);
        }
        report
    }
}

/// What kind of report a format makes; one that nobody knows is taken for the default's.
fn kind_of(format: &str) -> ReportKind {
    let known = FORMATS.iter().find(|known| known.name == format);
    known.map_or(ReportKind::Test, |format| format.kind)
}

/// A report on its way.
#[derive(Debug, Default)]
struct Gathering {
    tests: TestCounts,
    lines: Option<LineCounts>,
    trouble: Vec<Trouble>,
    untold: usize,
}

impl Gathering {
    fn trouble(&mut self, kind: TroubleKind, text: String) {
        // A kind that no trouble told so far has is always told: a gate's verdict depends on it.
        if self.trouble.len() < MOST_TROUBLE || self.trouble.iter().all(|told| told.kind != kind) {
            self.trouble.push(Trouble { kind, text });
        } else {
            self.untold += 1;
        }
    }

    /// Reads one file into the report. What has exactly the content of a file in `archives`, the sources, was copied and
    /// not written anew.
    fn file(
        &mut self,
        format: &Format,
        file: io::Result<File>,
        shown: &str,
        began: Dated,
        archives: &[&Path],
    ) {
        let content = match file.and_then(|file| content(file, began)) {
            Ok(Some(content)) => content,
            Ok(None) => {
                return self.trouble(TroubleKind::Stale, format!("{shown} was not written by this build"));
            }
            Err(error) => {
                return self.trouble(TroubleKind::Malformed, format!("{shown} cannot be read: {error}"));
            }
        };
        for archive in archives {
            match archive::same(archive, &content) {
                Ok(None) => {}
                Ok(Some(name)) => {
                    let text = format!("{shown} is, byte for byte, {name} of the sources");
                    return self.trouble(TroubleKind::Stale, text);
                }
                Err(error) => {
                    let text = format!("{shown} cannot be compared with the sources: {error}");
                    return self.trouble(TroubleKind::Malformed, text);
                }
            }
        }
        let found = text(content).and_then(|text| (format.read)(&text));
        match found {
            Ok(found) => {
                self.tests += found.tests;
                if let Some(lines) = found.lines {
                    *self.lines.get_or_insert_default() += lines;
                }
            }
            Err(malformed) => {
                let text = format!("{shown} is no {} report: {malformed}", format.name);
                self.trouble(TroubleKind::Malformed, text);
            }
        }
    }

    fn report(mut self, group: String, kind: ReportKind) -> Report {
        if let (Some(last), more @ 1..) = (self.trouble.last_mut(), self.untold) {
            let _ = write!(last.text, " (and {more} more like it)");
        }
        let status = if !self.trouble.is_empty() {
            ReportStatus::Incomplete
        } else if self.tests.failures() > 0 {
            ReportStatus::Failed
        } else {
            ReportStatus::Succeeded
        };
        Report { group, kind, status, tests: self.tests, lines: self.lines, trouble: self.trouble }
    }
}

/// The content of a file, opened without waiting; none when it is older than `began`.
fn content(file: File, began: Dated) -> io::Result<Option<Vec<u8>>> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if began.is_after(metadata.modified()?) {
        return Ok(None);
    }
    let mut content = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} MB", LONGEST / 1024 / 1024)));
    }
    Ok(Some(content))
}

/// The text of a file. In another encoding than UTF-8 that has all of ASCII, what counts can still be read.
fn text(content: Vec<u8>) -> Result<String, Malformed> {
    let content = match content.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => rest.to_vec(),
        None => content,
    };
    String::from_utf8(content).or_else(|error| {
        let offset = error.utf8_error().valid_up_to();
        let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let declaration = lossy.split_once("?>").map_or("", |(start, _)| start).to_ascii_lowercase();
        let single_byte =
            ["iso-8859-", "windows-125", "us-ascii"].iter().any(|name| declaration.contains(name));
        if single_byte && lossy.starts_with("<?xml") {
            return Ok(lossy);
        }
        // Up to there nothing was replaced.
        Err(Malformed::at(&lossy, offset, "not UTF-8".to_owned()))
    })
}

/// A report in one line.
fn in_words(report: &Report) -> String {
    let status = match report.status {
        ReportStatus::Succeeded => "SUCCEEDED",
        ReportStatus::Failed => "FAILED",
        ReportStatus::Incomplete => "INCOMPLETE",
    };
    let mut said = vec![status.to_owned()];
    match (report.kind, report.lines) {
        (ReportKind::Test, _) => {
            let TestCounts { succeeded, failed, error, skipped, unknown } = report.tests;
            let counts = [
                ("succeeded", succeeded),
                ("failed", failed),
                ("error", error),
                ("skipped", skipped),
                ("unknown", unknown),
            ];
            said.push(format!("{} test cases", report.tests.total()));
            said.extend(
                counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")),
            );
        }
        (ReportKind::CodeCoverage, Some(lines)) => {
            said.push(format!("{} of {} lines covered", lines.covered, lines.total()));
        }
        (ReportKind::CodeCoverage, None) => said.push("nothing about lines".to_owned()),
    }
    said.extend(report.trouble.iter().map(|trouble| trouble.text.clone()));
    format!("report {}: {}", report.group, said.join(", "))
}

#[cfg(test)]
mod tests;
