//! `rehearsal check`: what AWS would refuse or ignore, said before it is pushed.
//!
//! Owns: how findings are reported, and the exit code. Leaves to `gather`: which files are meant. Leaves to the library's
//! `check`: what is wrong with them.

mod fixing;
mod gather;
mod paths;
mod shellcheck;

use std::fmt::Write as _;

use fixing::Outcome;
use gather::Gathered;

use super::arguments::{Check, CheckFormat};
use super::ending::{Ending, Failure};
use super::host::Host;
use super::output::{Ink, Output};
use super::{view, words};
use crate::check::{self, Apart, Report, Silencer};
use crate::diagnostic::human::visible;
use crate::diagnostic::{self, Finding, Severity, sarif};
use crate::rules;

pub(super) fn perform(arguments: &Check, host: &Host, output: &Output) -> Result<Ending, Failure> {
    if let Some(code) = &arguments.explain {
        return explain(code, output);
    }
    let mut gathered = gather::gather(arguments, host, output)?;
    if arguments.fix {
        if gathered.text.is_none() {
            fixing::write(&gathered.repairs, host)?;
        }
        gathered.report = std::mem::take(&mut gathered.after);
    }
    let all = gathered.report.findings.len();
    let findings = std::mem::take(&mut gathered.report.findings);
    let shown: Vec<_> = findings.into_iter().filter(|finding| gathered.shows(arguments, finding)).collect();
    gathered.report.findings = shown;
    tell(arguments, &gathered, all - gathered.report.findings.len(), output)?;
    fixing::left_out(&gathered.repairs, output);
    if let (CheckFormat::Human, Some(words)) = (arguments.format, apart(&gathered.report.apart)) {
        output.note(words);
    }
    for (name, what) in &gathered.passed_over {
        output.note(format_args!("{name} is {what}, and was not checked"));
    }
    if let Some(why) = &gathered.shellcheck {
        output.note(format_args!("shellcheck was left out: {why}; --shellcheck off does not ask it"));
    }
    if let Some(trouble) = gathered.trouble {
        return Err(trouble);
    }
    let failing = if arguments.strict { Severity::Warning } else { Severity::Error };
    Ok(if gathered.report.findings.iter().any(|finding| finding.severity >= failing) {
        Ending::NotWell
    } else {
        Ending::Well
    })
}

/// Reports in the format that is asked for; `hidden` findings are advice that nobody asked for.
fn tell(arguments: &Check, gathered: &Gathered, hidden: usize, output: &Output) -> Result<(), Failure> {
    let Report { findings, files, .. } = &gathered.report;
    let path = |finding: &Finding| {
        let name = finding.source.name();
        gathered.paths.get(name).cloned().unwrap_or_else(|| name.to_owned())
    };
    let outcome = Outcome::of(&gathered.repairs);
    if arguments.fix_dry_run {
        output.raw(fixing::diff(&gathered.repairs, output).as_bytes())?;
        let left = gathered.after.findings.iter().filter(|finding| gathered.shows(arguments, finding));
        output.talk(format_args!(
            "{}; {} left",
            outcome.words("would fix"),
            words::count(left.count(), "problem", "problems")
        ));
        return Ok(());
    }
    match arguments.format {
        CheckFormat::Human => {
            let fixed = if arguments.fix { format!("{}\n", outcome.words("fixed")) } else { String::new() };
            let sum = sum(findings, *files, hidden, output);
            if let (true, Some(text)) = (arguments.fix, &gathered.text) {
                output.raw(text)?;
                let mut drawn = Vec::new();
                output.draw(&mut drawn, findings)?;
                output.talk(format_args!("{fixed}{}{sum}", String::from_utf8_lossy(&drawn)));
            } else if *files > 0 {
                output.stream(|out| {
                    write!(out, "{fixed}")?;
                    output.draw(out, findings)?;
                    writeln!(out, "{sum}")
                })?;
            }
        }
        CheckFormat::Concise => output.stream(|out| diagnostic::concise::write(out, findings))?,
        CheckFormat::Github => output.stream(|out| diagnostic::github::write(out, findings, &path))?,
        CheckFormat::Json => {
            let fixed = arguments.fix.then_some(outcome.findings);
            let apart: Vec<_> = gathered.report.apart.iter().map(|apart| apart.name.as_str()).collect();
            output.stream(|out| diagnostic::json::write(out, findings, *files, fixed, &apart))?;
        }
        CheckFormat::Sarif => output.result(view::json::text(&sarif(gathered, &path)))?,
    }
    Ok(())
}

/// What the files were not held against, in one line.
fn apart(all: &[Apart]) -> Option<String> {
    let first = all.first()?;
    let (more, they) = match all.len() {
        1 => (String::new(), "it is"),
        count => (format!(" and {}", words::count(count - 1, "other", "others")), "they are"),
    };
    let why = match &first.about {
        Some(about) if more.is_empty() => {
            format!("it is about {}, which no remote of this repository is", visible(about))
        }
        Some(_) => "they are about repositories that no remote of this one is".to_owned(),
        None => format!("nothing shows that {they} about this repository"),
    };
    // A template stays apart beside a rehearsal.yml too: stacks of many repositories may lie in one.
    let remedy = if all.iter().all(|apart| apart.is_template) {
        String::new()
    } else {
        format!("; a rehearsal.yml says that {they}")
    };
    Some(format!("the files here were not held against {}{more}: {why}{remedy}", visible(&first.name)))
}

/// The SARIF document, silenced findings with it.
fn sarif(gathered: &Gathered, path: &dyn Fn(&Finding) -> String) -> serde_json::Value {
    let shown = gathered.report.findings.iter().map(|finding| (finding, path(finding), None));
    let silenced = gathered.report.silenced.iter().map(|silenced| {
        let by = match &silenced.by {
            Silencer::Comment { reason } => sarif::Silenced::InSource(reason),
            Silencer::Settings => sarif::Silenced::External,
        };
        (&silenced.finding, path(&silenced.finding), Some(by))
    });
    let all: Vec<_> = shown.chain(silenced).collect();
    let found: Vec<_> = all
        .iter()
        .map(|(finding, path, silenced)| sarif::Found { finding, path, silenced: *silenced })
        .collect();
    sarif::render(&found, &|code| {
        rules::find(code).map(|rule| sarif::About {
            code: rule.code,
            severity: rule.severity,
            summary: rule.summary,
            doc: rule.doc,
            page: check::page(rule),
            url: rule.url,
        })
    })
}

/// One line that sums up the findings.
fn sum(findings: &[Finding], files: usize, hidden: usize, output: &Output) -> String {
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
    let mut text = format!("checked {}: {counts}", words::count(files, "file", "files"));
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
