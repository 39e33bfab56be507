//! Mistakes in the text of a file, whatever it says.

use super::plant::Op;
use super::{Kind, kind};

pub(super) const KINDS: &[Kind] = &[
    kind("a tab for indentation", "phases/build", Op::Change(|old| format!("\t{old}")), "yaml-syntax").on(),
    kind("a quote that is not closed", "phases/*/commands/*", Op::Value("'make"), "yaml-syntax").on(),
    kind("a bracket that is not closed", "phases/*/commands/*", Op::Value("[make"), "yaml-syntax").on(),
    kind("a test without quotes", "phases/*/commands/*", Op::Value("[ -f Makefile ] && make"), "yaml-syntax"),
    kind(
        "a quoted text with more behind it",
        "phases/*/commands/*",
        Op::Value("\"make\" all"),
        "yaml-syntax",
    ),
    kind("a glob without quotes", "artifacts/files/*", Op::Value("*.zip"), "yaml-unknown-anchor"),
    kind("an anchor that is never set", "phases/*/commands/*", Op::Value("*build"), "yaml-unknown-anchor"),
    kind("a key that stands twice", "env/variables/*", Op::Twice, "yaml-duplicate-key"),
    kind("a section that stands twice", "artifacts", Op::Twice, "yaml-duplicate-key"),
    kind("a merge of a text", "env/variables", Op::Insert("<<: text"), "yaml-merge"),
    kind(
        "a second document",
        "",
        Op::Text(|text| format!("{text}\n---\nversion: 0.2\nphases: {{}}\n").into_bytes()),
        "several-documents",
    ),
    kind(
        "a text that is UTF-16",
        "",
        Op::Text(|text| {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        }),
        "not-utf8",
    ),
    kind("a byte that is no UTF-8", "", Op::Text(|text| [text.as_bytes(), b"# \xff\n"].concat()), "not-utf8"),
    kind("a NUL byte", "", Op::Text(|text| format!("{text}# \0\n").into_bytes()), "control-character"),
    kind(
        "the markers of an unfinished merge",
        "",
        Op::Text(|text| format!("<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n").into_bytes()),
        "merge-conflict",
    ),
    kind(
        "a file of more than a megabyte",
        "",
        Op::Text(|text| format!("{text}# {}\n", "x".repeat(1024 * 1024)).into_bytes()),
        "file-too-large",
    ),
    kind(
        "nesting without end",
        "env/variables/*",
        Op::Change(|_| format!("{}{}", "[".repeat(200), "]".repeat(200))),
        "yaml-too-deep",
    )
    .on(),
    kind(
        "a suppression without brackets",
        "",
        Op::Text(|text| format!("{text}# rehearsal: ignore unknown-key\n").into_bytes()),
        "invalid-suppression",
    ),
    kind(
        "a suppression of nothing",
        "",
        Op::Text(|text| format!("# rehearsal: ignore-file[unknown-key] for once\n{text}").into_bytes()),
        "unused-suppression",
    ),
    kind("a space that YAML does not know", "phases/*/commands", Op::Key("\u{a0}commands"), "unusual-space")
        .on(),
    kind(
        "a command with `: ` before a quoted text",
        "phases/*/commands/*",
        Op::Value("awk -F: '{ print }' | sort"),
        "yaml-syntax",
    ),
];
