//! docs/tools.md, whose tables are made from the one of the code.

use super::super::table::{Absent, Handling, TOOLS, Tool};
use super::super::vocabulary::{Sort, VOCABULARIES, Vocabulary, Word};
use super::*;

/// Words in code, alternatives by slashes: a bar would end the cell.
fn spans(words: &[String]) -> String {
    let spans = words.iter().map(|words| match words.as_str() {
        "" => "the rest".to_owned(),
        words => format!("`{}`", words.replace('|', "/")),
    });
    spans.collect::<Vec<_>>().join(", ")
}

/// The commands of a list that are of a sort.
fn sorted(words: &[Word], sort: Sort) -> Vec<String> {
    let mut found = Vec::new();
    for word in words {
        if word.sort == sort {
            found.push(word.text.to_owned());
        }
        let below = word.below.iter().filter(|below| below.sort == sort).map(|below| below.text);
        let below = below.collect::<Vec<_>>().join("|");
        if !below.is_empty() {
            found.push(format!("{} {below}", word.text));
        }
    }
    found
}

/// The line of a list with commands that do not act; none where it has none.
fn asking(vocabulary: &Vocabulary) -> Option<String> {
    let words = vocabulary.read();
    let of = |sort| sorted(&words, sort);
    let cells = [of(Sort::Asks), of(Sort::Brings), of(Sort::Prints)];
    let names: Vec<String> = vocabulary.tools.iter().map(|name| (*name).to_owned()).collect();
    let any = cells.iter().any(|cell| !cell.is_empty());
    any.then(|| line(std::iter::once(names).chain(cells).map(|cell| spans(&cell))))
}

/// A line of a table; what is empty gets a dash.
fn line(cells: impl Iterator<Item = String>) -> String {
    let cells = cells.map(|cell| if cell.is_empty() { "–".to_owned() } else { cell });
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

fn row(tool: &Tool) -> String {
    let of = |wanted: fn(&Handling) -> bool| -> String {
        let rows = tool.rows.iter().filter(|row| wanted(&row.1));
        spans(&rows.map(|row| row.0.to_owned()).collect::<Vec<_>>())
    };
    let names: Vec<String> = tool.names.iter().map(|name| (*name).to_owned()).collect();
    let cells = [
        spans(&names),
        of(|handling| matches!(handling, Handling::Real)),
        of(|handling| matches!(handling, Handling::Code(_))),
        of(|handling| matches!(handling, Handling::Recorded)),
        of(|handling| matches!(handling, Handling::Needless)),
        match tool.absent {
            Absent::Recorded => "recorded",
            Absent::ActsAlone => "recorded if it acts",
        }
        .to_owned(),
    ];
    line(cells.into_iter())
}

#[test]
fn the_page_has_the_tables_of_the_code() {
    let rows: String = TOOLS.iter().map(row).collect();
    let asking: String = VOCABULARIES.iter().filter_map(asking).collect();
    let tables = format!(
        "| tools | run | looked into | recorded | no effect | absent here |\n\
         | --- | --- | --- | --- | --- | --- |\n{rows}\n\
         ## What asks\n\n\
         The last column is run where the tool is here, and asks where it is not.\n\n\
         | tools | ask | bring files | print what they make of files here |\n\
         | --- | --- | --- | --- |\n{asking}"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tools.md");
    let page = fs::read_to_string(&path).unwrap();
    if crate::testing::updates() {
        let (text, _) = page.split_once("| tools |").unwrap_or((&page, ""));
        fs::write(&path, format!("{text}{tables}")).unwrap();
        return;
    }
    assert!(page.ends_with(&tables), "docs/tools.md is stale: run the tests with REHEARSAL_UPDATE=1");
}
