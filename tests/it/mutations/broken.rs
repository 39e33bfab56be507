//! Lines that are no YAML in files that are right: what is said of the rest is nothing that is not said of the whole file.

use std::collections::BTreeSet;

use super::{bases, findings};

/// What a line becomes, behind its indentation.
const BREAKS: [&str; 6] = ["@x", "\"unclosed", "- [unclosed", "{unclosed", "a: b: c", "x"];

#[test]
fn a_line_that_is_no_yaml_says_nothing_of_the_rest() {
    let (mut files, mut lines, mut saved, mut wrong) = (0, 0, 0, Vec::new());
    for (kind, base) in bases().iter().filter(|(_, base)| base.name.starts_with("fixtures/mutations/")) {
        files += 1;
        let text = base.tree.source().text();
        let said = |text: &str| {
            let found = findings(*kind, &base.name, text.as_bytes());
            let of_rest = found.into_iter().filter(|finding| !finding.code.starts_with("yaml-"));
            of_rest.map(|finding| (finding.code, finding.message)).collect::<BTreeSet<_>>()
        };
        let whole = said(text);
        let all: Vec<_> = text.split_inclusive('\n').collect();
        for (number, line) in all.iter().enumerate().filter(|(_, line)| line.starts_with(' ')) {
            // Half of them on each line, the others on the next.
            let indent = &line[..line.len() - line.trim_start().len()];
            let placed = BREAKS.iter().map(|broken| format!("{indent}{broken}\n"));
            // A tab; one in quotes that goes on.
            let content = line.trim();
            let own = [format!("\t{content}\n"), format!("{indent}\"{content}\" x\n")];
            for broken in placed.chain(own).skip(number % 2).step_by(2) {
                let text = [&all[..number], &[broken.as_str()], &all[number + 1..]].concat().concat();
                let source = std::sync::Arc::new(rehearsal::syntax::SourceFile::new("", text.as_str()));
                let parsed = rehearsal::syntax::parse(&source);
                if parsed.problems.is_empty() {
                    continue;
                }
                lines += 1;
                saved += usize::from(parsed.tree.is_some());
                let more: Vec<_> = said(&text).difference(&whole).cloned().collect();
                if !more.is_empty() {
                    wrong.push(format!("{}:{}: {broken:?}: {more:?}", base.name, number + 1));
                }
            }
        }
    }
    println!("{lines} broken lines in {files} files; something was read of {saved}");
    assert!(lines > 1000, "{lines}");
    assert!(wrong.is_empty(), "{} of {lines}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}
