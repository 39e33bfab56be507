//! `rehearsal logs`: what an execution's commands wrote, as they wrote it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::arguments::Logs;
use super::ending::{Ending, Failure};
use super::history::{self, Record};
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Place;
use super::words;
use crate::clock::Timestamp;
use crate::pipeline::{self, engine::Execution};
use crate::store::{LogChunk, LogReader, Store};

/// How much is read at once.
const PIECE: usize = 256 * 1024;

/// How often a followed log is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn perform(arguments: &Logs, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let Some(place) = Place::of_history(host, output)? else {
        return Err(history::not_found(arguments.execution.as_deref()));
    };
    let record = history::find(&place.store, arguments.execution.as_deref())?;
    if let Some(action) = &arguments.action {
        check_action(&record.execution, action)?;
    }
    let mut printer = Printer {
        output,
        zone: arguments.timestamps.then(|| host.zone.clone()),
        headings: arguments.action.is_none(),
        current: None,
        line_start: true,
        places: BTreeMap::new(),
    };
    if !arguments.follow {
        printer.print_new(&place.store, &record.execution, arguments.action.as_deref())?;
        return Ok(Ending::Well);
    }
    follow(&place, record, arguments.action.as_deref(), &mut printer)
}

/// Prints what comes until the execution has ended.
fn follow(
    place: &Place,
    mut record: Record,
    action: Option<&str>,
    printer: &mut Printer<'_>,
) -> Result<Ending, Failure> {
    let mut bell = place.store.bell(&record.stream)?;
    loop {
        // Asked before reading: what was written before the end is then printed.
        let live = record.execution.status.is_live();
        printer.print_new(&place.store, &record.execution, action)?;
        if !live {
            return Ok(Ending::Well);
        }
        if !place.store.is_owned(&record.execution.id)? {
            pipeline::recover(&place.store, &*place.clock)?;
            // Printing may have taken long (a pager): what counts is how things stand now.
            record = history::find(&place.store, Some(&record.execution.id))?;
            if record.execution.awaited_stage().is_some() {
                let id = words::short(&record.execution.id);
                return Err(Failure::pending(format!("{id} waits before a stage, and nobody carries it on")));
            }
            if let Some(stage) = record.execution.untouched_stage() {
                let id = words::short(&record.execution.id);
                return Err(Failure::pending(format!(
                    "{id} is next in stage {stage}, and nobody carries it on"
                ))
                .hint(format!("go on with it: rehearsal retry {id}")));
            }
        }
        bell.wait(LOOK)?;
        record = history::find(&place.store, Some(&record.execution.id))?;
    }
}

fn check_action(execution: &Execution, name: &str) -> Result<(), Failure> {
    let stages = execution.stages.iter();
    let names: Vec<_> = stages
        .flat_map(|stage| stage.actions.iter().map(move |action| format!("{}/{}", stage.name, action.name)))
        .collect();
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let failure = Failure::unusable(format!("{} has no action `{name}`", execution.definition.name));
    Err(match words::nearest(name, names.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("it has {}", names.join(", "))),
    })
}

/// Prints logs piece by piece.
struct Printer<'a> {
    output: &'a Output,
    /// In whose time lines are stamped, when they are.
    zone: Option<TimeZone>,
    headings: bool,
    /// The action whose output stands last.
    current: Option<String>,
    line_start: bool,
    /// How far each action execution's log has been printed.
    places: BTreeMap<String, u64>,
}

impl Printer<'_> {
    /// Prints what has come since, of the newest run of each action.
    fn print_new(&mut self, store: &Store, execution: &Execution, only: Option<&str>) -> Result<(), Failure> {
        for stage in &execution.stages {
            for action in &stage.actions {
                let name = format!("{}/{}", stage.name, action.name);
                if only.is_some_and(|only| only != name) {
                    continue;
                }
                let Some(run) = action.runs.last() else { continue };
                if let Some(reader) = store.log_reader(&execution.id, &run.id)? {
                    self.print_log(&name, &run.id, &reader)?;
                }
            }
        }
        Ok(())
    }

    fn print_log(&mut self, name: &str, run: &str, reader: &LogReader) -> Result<(), Failure> {
        let mut place = self.places.get(run).copied().unwrap_or(0);
        loop {
            let chunks = reader.read(place, PIECE)?;
            let Some(last) = chunks.last() else { break };
            place = last.end();
            self.head(name)?;
            for chunk in &chunks {
                self.chunk(chunk)?;
            }
        }
        self.places.insert(run.to_owned(), place);
        Ok(())
    }

    fn head(&mut self, name: &str) -> Result<(), Failure> {
        if !self.headings || self.current.as_deref() == Some(name) {
            return Ok(());
        }
        if !self.line_start {
            self.output.raw(b"\n")?;
            self.line_start = true;
        }
        let gap = if self.current.is_some() { "\n" } else { "" };
        self.current = Some(name.to_owned());
        self.output
            .result(format_args!("{gap}{}", self.output.out.ink(Ink::Strong, format_args!("==> {name}"))))?;
        Ok(())
    }

    fn chunk(&mut self, chunk: &LogChunk) -> Result<(), Failure> {
        let Some(zone) = &self.zone else {
            self.line_start = chunk.bytes.ends_with(b"\n");
            return Ok(self.output.raw(&chunk.bytes)?);
        };
        let stamp = chunk.at.map_or_else(|| "-".repeat(23), |at| stamp(at, zone));
        let mut text = Vec::with_capacity(chunk.bytes.len() * 2);
        for line in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line_start {
                text.extend_from_slice(stamp.as_bytes());
                text.push(b' ');
            }
            text.extend_from_slice(line);
            self.line_start = line.ends_with(b"\n");
        }
        Ok(self.output.raw(&text)?)
    }
}

/// A moment in local time, to the millisecond.
fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
