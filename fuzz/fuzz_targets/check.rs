//! Any bytes, as a file of some kind, through all of `rehearsal check`: every finding at a place inside the file, drawn,
//! and repaired where it says so.
//!
//! The first byte says what kind of file the rest is: `b`uildspec, `p`ipeline, `a`ppspec, `t`emplate, or rehearsal.yml.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use rehearsal::check::{Content, Input, Place, Settings, check, fix, repaired};
use rehearsal::diagnostic::human::{Style, render};
use rehearsal::pipeline::definition::FolderFiles;
use rehearsal::spec::FileKind;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let (kind, name) = match kind {
        b'b' => (FileKind::Buildspec, "buildspec.yml"),
        b'p' => (FileKind::Pipeline, "pipeline.yml"),
        b'a' => (FileKind::AppSpec, "appspec.yml"),
        b't' => (FileKind::Template, "template.yml"),
        _ => (FileKind::Config, "rehearsal.yml"),
    };
    let place = Place {
        files: &FolderFiles { root: Path::new("/nonexistent") },
        complete: true,
        name: &|path| path.display().to_string(),
        settings: &Settings::default(),
        shellcheck: None,
        remotes: &[],
    };
    let input = Input { name: name.to_owned(), path: Some(name.into()), kind, content: Content::Bytes(bytes.to_vec()) };
    let report = check(vec![input.clone()], &place);
    for finding in &report.findings {
        let labels = std::iter::once(&finding.primary).chain(&finding.secondary).map(|label| label.span);
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in labels.chain(edits) {
            let text = finding.source.text();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{finding:?}");
        }
    }
    render(&report.findings, Style::plain(80));
    let inputs = [input];
    let fixed = fix(&inputs, &place, &report, &|_| true);
    check(repaired(&inputs, &fixed), &place);
});
