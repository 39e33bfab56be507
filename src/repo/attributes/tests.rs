//! What `.gitattributes` files say, against a table and against git itself.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::repo::fixture::{Grown, command};

fn look_up(files: &[(&str, &str)], path: &str) -> Attributes {
    let mut vocabulary = Vocabulary::new();
    let mut scope = None;
    for (folder, content) in files {
        scope = Some(Rc::new(vocabulary.enter(scope, folder.as_bytes(), content.as_bytes())));
    }
    let (path, is_folder) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
    vocabulary.look_up(&scope.unwrap(), path.as_bytes(), is_folder)
}

/// gitattributes(5): forms of a line, precedence, macros.
#[test]
fn lines_mean_what_the_manual_says() {
    let auto = Attributes { text: Text::Auto, ..Attributes::default() };
    let text = Attributes { text: Text::Set, ..Attributes::default() };
    let binary = Attributes { text: Text::Binary, ..Attributes::default() };
    let crlf = Attributes { eol: Some(Eol::Crlf), ..Attributes::default() };
    let none = Attributes::default;
    let ignored = Attributes { export_ignore: true, ..Attributes::default() };
    let cases: &[(&str, &str, &Attributes)] = &[
        ("a text", "a", &text),
        ("a -text", "a", &binary),
        ("a text=auto", "a", &auto),
        ("a text !text", "a", &none()),
        ("a text\na !text", "a", &none()),
        ("a !text\na text", "a", &text),
        ("a crlf", "a", &text),
        ("a -crlf", "a", &binary),
        ("a crlf text=auto", "a", &auto),
        ("a text=unheard-of", "a", &none()),
        ("a eol=crlf", "a", &crlf),
        ("a eol", "a", &none()),
        ("a binary", "a", &binary),
        ("a binary\na text=auto", "a", &auto),
        ("a text=auto binary", "a", &binary),
        ("a binary\na !binary", "a", &none()),
        ("a -binary", "a", &none()),
        ("[attr]mine text=auto\na mine", "a", &auto),
        ("a mine\n[attr]mine text=auto", "a", &auto),
        ("[attr]mine text\n[attr]mine text=auto\na mine", "a", &auto),
        ("[attr]one two\n[attr]two text\na one", "a", &text),
        ("[attr]binary text\na binary", "a", &text),
        ("  a \t text \r", "a", &text),
        ("# a text\n\n", "a", &none()),
        ("\"a b\" text", "a b", &text),
        ("\"caf\\303\\251\" text", "café", &text),
        ("\"a\\tb\" text", "a\tb", &text),
        ("\"a text", "\"a", &text),
        ("\"a\\8\" text", "\"a8\"", &text),
        ("!a text", "a", &none()),
        ("a text bad@name", "a", &none()),
        ("a text -", "a", &none()),
        ("a text builtin_x", "a", &none()),
        ("a text # eol=crlf", "a", &none()),
        ("a export-ignore=yes", "a", &none()),
        ("d/ export-ignore", "d/", &ignored),
        ("d/ export-ignore", "d", &none()),
        ("\u{feff}a text", "a", &text),
        ("a text\0\nb text", "b", &none()),
    ];
    for (content, path, expected) in cases {
        assert_eq!(look_up(&[("", content)], path), **expected, "{content:?} for {path}");
    }
    let long = format!("a {}text", " ".repeat(LONGEST_LINE));
    assert_eq!(look_up(&[("", &long)], "a"), none());
}

#[test]
fn deeper_files_win_attribute_by_attribute() {
    let files = [("", "*.txt text eol=crlf\n/sub/x.txt filter=top"), ("sub", "*.txt -text\n/y.txt eol=lf")];
    let x = look_up(&files, "sub/x.txt");
    assert_eq!((x.text, x.eol, x.filter.as_deref()), (Text::Binary, Some(Eol::Crlf), Some("top")));
    let y = look_up(&files, "sub/y.txt");
    assert_eq!((y.text, y.eol, y.filter), (Text::Binary, Some(Eol::Lf), None));
    // Macros are defined at the top only.
    let nested = look_up(&[("", "*.txt mine\n"), ("sub", "[attr]mine text\n")], "sub/x.txt");
    assert_eq!(nested, Attributes::default());
}

/// Small alphabets, so that patterns and paths meet often.
fn file() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "a",
        "b",
        "b",
        "/",
        "/",
        "*",
        "?",
        "**",
        "**/",
        "/**",
        "/**/",
        ".",
        "[ab]",
        "[!b]",
        "[^a-b]",
        "[[:alpha:]]",
        "[[:punct:]b]",
        "[]a]",
        "[a",
        "[[:no:]]",
        "[a-]",
        "[\\a]",
        "[[:a]",
        "\\a",
        "\\*",
        "\\",
    ]);
    let pattern = prop_oneof![
        8 => (prop::collection::vec(piece, 1..7), prop::sample::select(vec!["", "", "/"]))
            .prop_map(|(pieces, end)| pieces.concat() + end),
        1 => Just("[attr]m".to_owned()),
        1 => "\"[ab*/]{1,3}\"",
    ];
    let attribute = prop::sample::select(vec![
        "text",
        "-text",
        "!text",
        "text=auto",
        "eol=crlf",
        "eol=lf",
        "export-ignore",
        "-export-ignore",
        "m",
        "-m",
        "binary",
        "ident",
        "filter=f",
        "!filter",
        "filter=",
        "-=",
        "crlf",
    ]);
    let line = (pattern, prop::collection::vec(attribute, 1..4))
        .prop_map(|(pattern, attributes)| format!("{pattern} {}\n", attributes.join(" ")));
    prop::collection::vec(line, 1..5).prop_map(|lines| lines.concat())
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[ab]{1,2}(\\.[ab])?(/[ab]{1,2}){0,3}/?", 1..8)
}

/// What `git check-attr` says of each path and attribute, where it says anything.
fn of_git(grown: &Grown, paths: &[String]) -> BTreeMap<(String, String), String> {
    let names = ["text", "crlf", "eol", "export-ignore", "ident", "filter"];
    let mut git = command("git");
    git.current_dir(grown.path()).args(["check-attr", "-z", "--stdin"]).args(names);
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let input = paths.join("\0") + "\0";
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let fields: Vec<_> = output.split_terminator('\0').map(str::to_owned).collect();
    fields.chunks(3).map(|field| ((field[0].clone(), field[1].clone()), field[2].clone())).collect()
}

fn read_as_git_prints(says: &BTreeMap<(String, String), String>, path: &str) -> Attributes {
    let state = |name: &str| match says[&(path.to_owned(), name.to_owned())].as_str() {
        "unspecified" => State::Unspecified,
        "set" => State::True,
        "unset" => State::False,
        value => State::Value(value.as_bytes().to_vec()),
    };
    let value = |name: &str| match state(name) {
        State::Value(value) => Some(String::from_utf8(value).unwrap()),
        State::True | State::False | State::Unspecified => None,
    };
    Attributes {
        text: text(Some(&state("text"))).or_else(|| text(Some(&state("crlf")))).unwrap_or_default(),
        eol: value("eol").map(|eol| if eol == "lf" { Eol::Lf } else { Eol::Crlf }),
        export_ignore: state("export-ignore") == State::True,
        ident: state("ident") == State::True,
        filter: value("filter"),
        ..Attributes::default()
    }
}

/// `REHEARSAL_CASES` gives another number of cases.
#[test]
fn any_file_means_what_it_means_to_git() {
    let cases = crate::testing::cases(100);
    let grown = Grown::empty(&[]);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let verdict = runner.run(&(file(), file(), paths()), |(top, below, paths)| {
        grown.write(".gitattributes", &top);
        grown.write("a/.gitattributes", &below);
        let says = of_git(&grown, &paths);
        for path in &paths {
            let files = [("", top.as_str()), ("a", below.as_str())];
            let files = if path.starts_with("a/") { &files[..] } else { &files[..1] };
            // A folder's own attributes are not those for what it contains.
            let files = if path == "a/" { &files[..1] } else { files };
            prop_assert_eq!(look_up(files, path), read_as_git_prints(&says, path), "{}", path);
        }
        Ok(())
    });
    if let Err(error) = verdict {
        panic!("{error}");
    }
}
