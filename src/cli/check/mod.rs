//! `rehearsal check`: what AWS would refuse or ignore, said before it is pushed.
//!
//! Owns: how findings are reported, and the exit code. Leaves to `gather`: which files are meant. Leaves to the library's
//! `check`: what is wrong with them.

mod gather;

use std::fmt::Write as _;

use super::arguments::{Check, CheckFormat};
use super::ending::{Ending, Failure};
use super::host::Host;
use super::output::{Ink, Output};
use super::{view, words};
use crate::check::{self, Report};
use crate::diagnostic::{self, Finding, Severity};
use crate::rules;

pub(super) fn perform(arguments: &Check, host: &Host, output: &Output) -> Result<Ending, Failure> {
    if let Some(code) = &arguments.explain {
        return explain(code, output);
    }
    let gathered = gather::gather(arguments, host, output)?;
    let Report { mut findings, files, unchecked, .. } = gathered.report;
    let all = findings.len();
    if !arguments.pedantic {
        // What is asked for by its name is shown unasked.
        findings.retain(|finding| {
            finding.severity != Severity::Advice || gathered.settings.selects(finding.code)
        });
    }
    let hidden = all - findings.len();
    match arguments.format {
        CheckFormat::Human => {
            if files > 0 {
                output.result(human(&findings, files, hidden, output))?;
            }
        }
        CheckFormat::Json => output.result(view::json::text(&diagnostic::json::render(&findings, files)))?,
    }
    for (name, what) in &gathered.passed_over {
        output.note(format_args!("{name} is {what}, and was not checked"));
    }
    for (name, kind) in &unchecked {
        output.note(format_args!("{name} is {}, which is not checked yet", kind.words()));
    }
    if let Some(trouble) = gathered.trouble {
        return Err(trouble);
    }
    let failing = if arguments.strict { Severity::Warning } else { Severity::Error };
    Ok(if findings.iter().any(|finding| finding.severity >= failing) {
        Ending::NotWell
    } else {
        Ending::Well
    })
}

/// The findings, and one line that sums them up.
fn human(findings: &[Finding], files: usize, hidden: usize, output: &Output) -> String {
    let mut text = output.drawn(findings);
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    let counted = |severity, one: &str, many: &str, ink| {
        let count = findings.iter().filter(|finding| finding.severity == severity).count();
        (count > 0).then(|| output.out.ink(ink, words::count(count, one, many)))
    };
    let counts: Vec<_> = [
        counted(Severity::Error, "error", "errors", Ink::Bad),
        counted(Severity::Warning, "warning", "warnings", Ink::Warning),
        counted(Severity::Advice, "piece of advice", "pieces of advice", Ink::Active),
    ]
    .into_iter()
    .flatten()
    .collect();
    let counts = if counts.is_empty() { output.out.ink(Ink::Good, "no problems") } else { counts.join(", ") };
    let _ = write!(text, "checked {}: {counts}", words::count(files, "file", "files"));
    if let Some(worst) = findings.iter().max_by_key(|finding| finding.severity) {
        // Of several equally bad ones `max` gives the last; the first is what is seen first.
        let first = findings.iter().find(|finding| finding.severity == worst.severity).unwrap_or(worst);
        let _ = write!(text, "; `rehearsal check --explain {}` says more", first.code);
    }
    if hidden > 0 {
        let _ = write!(
            text,
            " ({}: --pedantic shows {})",
            words::count(hidden, "piece of advice", "pieces of advice"),
            if hidden == 1 { "it" } else { "them" }
        );
    }
    text
}

/// The documentation of a code.
fn explain(code: &str, output: &Output) -> Result<Ending, Failure> {
    let Some(rule) = rules::find(code) else {
        let failure = Failure::unusable(format!("no finding has the code `{code}`"));
        return Err(match words::nearest(code, rules::all().map(|rule| rule.code)) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("every finding shows its code; the documentation of all is docs/rules.md"),
        });
    };
    output.result(check::page(rule).trim_end())?;
    Ok(Ending::Well)
}
