//! Any bytes, as a YAML tree: read or refused, with every place inside the text, and walked to its end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rehearsal::syntax::{Node, SourceFile, Span, decode, parse};

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = decode("case.yml", bytes) else { return };
    let parsed = parse(&source);
    assert!(parsed.tree.is_some() || !parsed.problems.is_empty(), "neither a tree nor a reason");
    for problem in &parsed.problems {
        is_inside(&source, problem.span);
    }
    if let Some(tree) = &parsed.tree {
        walk(&source, tree.root());
    }
});

fn walk(source: &SourceFile, node: Node<'_>) {
    is_inside(source, node.span());
    node.items().for_each(|item| walk(source, item));
    for entry in node.entries() {
        walk(source, entry.key);
        walk(source, entry.value);
    }
}

fn is_inside(source: &SourceFile, span: Span) {
    assert!(source.text().get(span.start as usize..span.end as usize).is_some(), "{span:?}");
}
