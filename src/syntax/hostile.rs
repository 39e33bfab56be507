//! Files that are out to harm: each is refused, or harmless, in bounded time and memory (crates.md 1).
//!
//! Small ones stand in fixtures/hostile; large ones are made here.

use std::sync::Arc;

use super::*;

/// What a file comes to: the fatal problem that refused it, or a tree.
fn verdict(bytes: &[u8]) -> Result<Tree, ProblemKind> {
    let source = match decode("hostile.yml", bytes) {
        Ok(source) => source,
        Err(refused) => return Err(refused.problem.kind),
    };
    let parsed = parse(&source);
    let fatal = parsed.problems.iter().map(|problem| problem.kind).find(|kind| kind.is_fatal());
    match fatal {
        Some(kind) => {
            assert!(parsed.tree.is_none());
            Err(kind)
        }
        None => Ok(parsed.tree.expect("neither a tree nor a reason")),
    }
}

/// `a0` is a list of ten, and each further list is ten times the one before.
fn laughs(levels: usize) -> String {
    let level = |n: usize| match n {
        0 => format!("a0: &a0 [{}]\n", ["lol"; 10].join(", ")),
        n => format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", ")),
    };
    (0..levels).map(level).collect()
}

/// One list of 5 000 items, and 20 000 aliases of it: 100 kB that serde_yaml dies of.
fn long_list() -> String {
    format!("a: &a [{}]\nb: [{}]\n", vec!["1"; 5_000].join(","), vec!["*a"; 20_000].join(","))
}

#[test]
fn hostile_files_are_refused() {
    let megabyte = LIMITS.bytes;
    for (name, bytes, expected) in
        [
            ("a billion laughs", laughs(9).into_bytes(), ProblemKind::TooManyAliases),
            ("one long list, 20 000 times", long_list().into_bytes(), ProblemKind::TooManyAliases),
            (
                "one long text, 1 000 times",
                format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 1_000].join(",")).into_bytes(),
                ProblemKind::TooManyAliases,
            ),
            ("10 000 brackets", "[".repeat(10_000).into_bytes(), ProblemKind::TooDeep),
            ("10 000 braces", "{".repeat(10_000).into_bytes(), ProblemKind::TooDeep),
            ("10 000 braces with keys", "{a: ".repeat(10_000).into_bytes(), ProblemKind::TooDeep),
            ("10 000 dashes", "- ".repeat(10_000).into_bytes(), ProblemKind::TooDeep),
            ("10 000 question marks", "? ".repeat(10_000).into_bytes(), ProblemKind::TooDeep),
            (
                "3 000 nested keys",
                (0..3_000).flat_map(|n| [" ".repeat(n), "k:\n".to_owned()]).collect::<String>().into_bytes()
                    [..megabyte]
                    .to_vec(),
                ProblemKind::TooDeep,
            ),
            (
                "anchors inside anchors",
                (0..100)
                    .map(|n| {
                        if n == 0 {
                            "a0: &a0 [x]\n".to_owned()
                        } else {
                            format!("a{n}: &a{n} [*a{}]\n", n - 1)
                        }
                    })
                    .collect::<String>()
                    .into_bytes(),
                ProblemKind::TooDeep,
            ),
            ("an alias inside its own list", b"a: &a [b, *a]\n".to_vec(), ProblemKind::RecursiveAlias),
            ("an alias inside its own mapping", b"a: &a {b: *a}\n".to_vec(), ProblemKind::RecursiveAlias),
            ("a merge of itself", b"a: &a\n  <<: *a\n".to_vec(), ProblemKind::RecursiveAlias),
            ("NUL", b"a: \0b\n".to_vec(), ProblemKind::ControlCharacter),
            ("an escape sequence", b"a: \x1b[2J\n".to_vec(), ProblemKind::ControlCharacter),
            ("UTF-16, little endian", b"\xff\xfea\0:\0 \0b\0".to_vec(), ProblemKind::NotUtf8),
            ("UTF-16, big endian", b"\xfe\xff\0a\0:\0 \0b".to_vec(), ProblemKind::NotUtf8),
            ("UTF-16 without its mark", b"a\0:\0 \0b\0\n\0".to_vec(), ProblemKind::ControlCharacter),
            ("Latin-1", b"a: caf\xe9\n".to_vec(), ProblemKind::NotUtf8),
            ("10 MB", "a: b\n".repeat(2_000_000).into_bytes(), ProblemKind::TooLarge),
            ("a byte too much", vec![b'#'; megabyte + 1], ProblemKind::TooLarge),
        ]
    {
        assert_eq!(verdict(&bytes).map(|_| ()), Err(expected), "{name}");
    }
}

/// As large as a file may be, in shapes that made other parsers slow. Each takes a moment, and none is refused.
#[test]
fn large_files_without_malice_are_read() {
    let full = |unit: &str| unit.repeat(LIMITS.bytes / unit.len());
    for (name, text) in [
        ("one long list", format!("a:\n{}", "- b\n".repeat(200_000))),
        ("one long flow list", format!("[{}]", "a,".repeat(400_000))),
        ("one long line", format!("a: {}", "x".repeat(1_000_000))),
        ("one long quoted text", format!("a: \"{}\"", "\\u00e9".repeat(150_000))),
        ("one long block", format!("a: |\n{}", "  x\n".repeat(200_000))),
        ("only comments", full("# x\n")),
        ("comments between items", format!("a:\n{}", "- b # c\n# d\n".repeat(50_000))),
        ("only line breaks", full("\n")),
        ("only spaces", full(" ")),
        ("many anchors", (0..50_000).map(|n| format!("- &a{n} x")).collect::<Vec<_>>().join("\n")),
        ("many different keys", (0..80_000).map(|n| format!("k{n}: v")).collect::<Vec<_>>().join("\n")),
        ("one key, over and over", full("k: v\n")),
        ("aliases within the limit", format!("a: &a [x]\nb: [{}]\n", vec!["*a"; 40_000].join(","))),
        ("64 levels", format!("{}{}", "[".repeat(LIMITS.depth), "]".repeat(LIMITS.depth))),
        ("a block inside brackets of empty entries", format!("[{}]", "[],".repeat(200_000))),
    ] {
        assert!(verdict(text.as_bytes()).is_ok(), "{name}");
    }
}

/// Broken at every turn: recovery must not make a quadratic cost of it.
#[test]
fn large_broken_files_end_too() {
    let full = |unit: &str| unit.repeat(LIMITS.bytes / unit.len());
    for unit in [
        "a: @\n",
        "a: [\n",
        "a: \"\n",
        "'",
        "\"",
        "*",
        "&",
        "!",
        "%",
        "@",
        "|\n",
        ": ",
        "? a\n- b\n",
        "- [a\n",
        "]",
        "}",
        "\t",
        "a:\tb\n\t",
        "*a ",
        "&a &b ",
    ] {
        let source = Arc::new(SourceFile::new("broken.yml", full(unit)));
        let parsed = parse(&source);
        assert!(!parsed.problems.is_empty() || parsed.tree.is_some(), "{unit:?}");
    }
}

/// What is left once all is blanked must not be read again and again.
#[test]
fn recovery_ends_when_nothing_is_left_to_blank() {
    for text in ["|0\n>1\n\u{feff}", "\u{feff}|0\n\u{feff}", &"a: 'b'# c\n".repeat(1_000)] {
        let parsed = parse(&Arc::new(SourceFile::new("broken.yml", text)));
        assert!(!parsed.problems.is_empty(), "{text:?}");
    }
}

#[test]
fn the_files_of_fixtures_hostile_are_refused() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let verdicts: Vec<_> = names
        .iter()
        .map(|name| {
            let refused = verdict(&std::fs::read(folder.join(name)).unwrap()).map(|_| ());
            format!("{}: {:?}", name.to_string_lossy(), refused.unwrap_err())
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}
