//! `rehearsal quotas`: every limit of the services that is known, and where it is enforced.

use serde_json::{Value, json};

use super::arguments::Quotas;
use super::ending::{Ending, Failure};
use super::equip;
use super::host::Host;
use super::output::{Ink, Output};
use super::place::Ground;
use super::view;
use super::view::table::{self, Cell};
use super::words;
use crate::pipeline::definition::{Configuration, FolderFiles};
use crate::spec::config::WorkingTree;
use crate::spec::quotas::{self, Enforced, Quota};

/// Columns for what a quota limits, at least.
const LEAST_ROOM: usize = 20;

pub(super) fn perform(arguments: &Quotas, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let services = services();
    if let Some(name) = &arguments.service
        && !services.contains(&name.as_str())
    {
        let failure = Failure::unusable(format!("no quota of a service `{name}` is known"));
        return Err(match words::nearest(name, services.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("there is {}", services.join(", "))),
        });
    }
    let own = own(host, output)?;
    let asked = |service: &str| arguments.service.as_deref().is_none_or(|only| only == service);
    if arguments.json {
        let listed = quotas::all().filter(|quota| asked(quota.service()));
        let listed: Vec<_> = listed.map(|quota| entry(quota, &own)).collect();
        output.result(view::json::text(&json!({"version": 1, "quotas": listed})))?;
        return Ok(Ending::Well);
    }
    let mut blocks = Vec::new();
    for service in services.into_iter().filter(|service| asked(service)) {
        let of_service: Vec<_> = quotas::all().filter(|quota| quota.service() == service).collect();
        let mut pages: Vec<&str> = Vec::new();
        for quota in &of_service {
            if !pages.contains(&quota.page()) {
                pages.push(quota.page());
            }
        }
        for page in pages {
            let rows: Vec<_> = of_service
                .iter()
                .filter(|quota| quota.page() == page)
                .map(|quota| row(quota, &own))
                .collect();
            let rows = fitted(rows, output.columns);
            let heading = [service, "value", "adjustable", "enforced", "what it limits"];
            let title = output.out.ink(Ink::Strong, page);
            blocks.push(format!("{title}\n{}", table::table(output.out, output.columns, &heading, &rows)));
        }
    }
    output.result(blocks.join("\n\n"))?;
    Ok(Ending::Well)
}

/// The services, in the order of the table.
fn services() -> Vec<&'static str> {
    let mut services: Vec<_> = quotas::all().map(Quota::service).collect();
    services.dedup();
    services
}

/// The user's own figures: those of the working tree, if there is one.
fn own(host: &Host, output: &Output) -> Result<WorkingTree, Failure> {
    let Some(root) = Ground::find_anywhere(host, output).root(host) else {
        return Ok(WorkingTree::default());
    };
    let files = FolderFiles { root: &root };
    let read = Configuration::read(&files, Some(&files)).map_err(super::plan::unusable)?;
    Ok(read.config.working_tree)
}

/// The figure that is in force here, when it is another than AWS's.
fn here(quota: &Quota, own: &WorkingTree) -> Option<u32> {
    let figure = if quota.name == quotas::CONCURRENT_BUILDS.name {
        Some(equip::concurrent_builds(own))
    } else {
        own.quotas.get(quota.name).copied()
    };
    figure.filter(|figure| *figure != quota.value)
}

/// What a row says, its last column a text to be wrapped.
fn row(quota: &Quota, own: &WorkingTree) -> ([String; 3], (&'static str, Ink), String) {
    let name = quota.name.split_once('.').map_or(quota.name, |(_, what)| what);
    let value = match here(quota, own) {
        Some(figure) => format!("{figure} (AWS: {})", quota.figure()),
        None => quota.figure(),
    };
    let (enforced, ink, why) = match quota.enforced {
        Enforced::Check => ("check", Ink::Good, None),
        Enforced::Run => ("run", Ink::Good, None),
        Enforced::Not(why) => ("no", Ink::Faint, Some(why)),
    };
    let what = why.map_or_else(|| quota.what.to_owned(), |why| format!("{}; {why}", quota.what));
    let adjustable = if quota.adjustable { "yes" } else { "no" };
    ([name.to_owned(), value, adjustable.to_owned()], (enforced, ink), what)
}

/// Rows whose last column goes on below itself where it does not fit: why something is not enforced is never cut off.
fn fitted(rows: Vec<([String; 3], (&'static str, Ink), String)>, columns: usize) -> Vec<Vec<Cell>> {
    let widest =
        |index: usize| rows.iter().map(|(cells, ..)| cells[index].chars().count()).max().unwrap_or(0);
    // The two columns between are as wide as their headings, and two blanks stand behind each.
    let used = widest(0) + widest(1) + "adjustable".len() + "enforced".len() + 4 * 2;
    let room = columns.saturating_sub(used).max(LEAST_ROOM);
    let mut fitted = Vec::new();
    for ([name, value, adjustable], (enforced, ink), what) in rows {
        let mut lines = words::wrapped(&what, room).into_iter();
        let first = lines.next().unwrap_or_default();
        fitted.push(vec![
            name.into(),
            value.into(),
            adjustable.into(),
            Cell::inked(ink, enforced),
            first.into(),
        ]);
        fitted.extend(lines.map(|line| ["", "", "", "", &line].map(Cell::from).to_vec()));
    }
    fitted
}

fn entry(quota: &Quota, own: &WorkingTree) -> Value {
    let (enforced, why) = match quota.enforced {
        Enforced::Check => ("check", None),
        Enforced::Run => ("run", None),
        Enforced::Not(why) => ("no", Some(why)),
    };
    json!({
        "name": quota.name,
        "what": quota.what,
        "value": quota.value,
        "here": here(quota, own).unwrap_or(quota.value),
        "unit": quota.unit.word(),
        "source": quota.page(),
        "adjustable": quota.adjustable,
        "enforced": enforced,
        "why_not": why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Paint;

    #[test]
    fn what_does_not_fit_goes_on_below() {
        let own = WorkingTree::default();
        let rows = [&quotas::PHASE_RETRIES_MAX, &quotas::LAMBDA_TIMEOUT].map(|quota| row(quota, &own));
        let heading = ["codebuild", "value", "adjustable", "enforced", "what it limits"];
        let shown = table::table(Paint(false), 100, &heading, &fitted(rows.to_vec(), 100));
        insta::assert_snapshot!(shown, @"
        codebuild       value   adjustable  enforced  what it limits
        phase-retries   100     no          check     Retries of a phase with `on-failure: RETRY`
        lambda-timeout  15 min  no          no        Time limit of a build on Lambda compute; builds on
                                                      Lambda compute run here like others
        ");
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    }
}
