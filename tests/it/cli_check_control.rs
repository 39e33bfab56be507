//! `rehearsal check`: what is silenced, what is repaired, and what each format looks like.

use std::io::Write as _;
use std::process::Stdio;

use crate::env::{Env, buildspec, render};

const SLIPS: &str = "version: 0.2
phases:
  biuld: # the only one
    commands: make
artifact:
  files: [app.zip]
";

/// A name that each format has to write in its own way.
const TRICKY: &str = "ci 100%/büild,spec: a.yml";

const SEVERAL: &str = "# rehearsal: ignore-file[unknown-key] read by our own tool
version: 0.2
phases:
  biuld:
    commands:
      - ! grep -q 'ü' a
      - echo 100%: done
artifact: {}
";

fn with_input(env: &Env, arguments: &[&str], input: &str) -> String {
    let mut command = env.rehearsal(arguments.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    render(&child.wait_with_output().unwrap())
}

#[test]
fn fixes_are_shown_then_made_and_made_once() {
    let env = Env::with(&[("buildspec.yml", SLIPS), ("ci/buildspec-ok.yml", &buildspec(&["make"]))]);
    insta::assert_snapshot!(env.run(["check", "--fix-dry-run"]));
    assert_eq!(std::fs::read_to_string(env.work().join("buildspec.yml")).unwrap(), SLIPS);
    insta::assert_snapshot!(env.run(["check", "--fix"]));
    insta::assert_snapshot!(std::fs::read_to_string(env.work().join("buildspec.yml")).unwrap());
    insta::assert_snapshot!(env.run(["check", "--fix"]), @"
    exit: 0
    --- stdout
    fixed nothing
    checked 2 files: no problems (1 piece of advice: --pedantic shows it)
    ");
    insta::assert_snapshot!(env.run(["check", "--fix-dry-run"]), @"
    exit: 0
    --- stderr
    would fix nothing; 0 problems left
    ");
}

#[test]
fn programs_are_told_how_many_were_fixed() {
    let env = Env::with(&[("buildspec.yml", SLIPS)]);
    insta::assert_snapshot!(env.run(["check", "--fix", "--format", "json"]), @r#"
    exit: 0
    --- stdout
    {"version":1,"findings":[],"summary":{"errors":0,"files":1,"fixed":2,"warnings":0}}
    "#);
}

#[test]
fn standard_input_is_repaired_to_standard_output() {
    let env = Env::new();
    insta::assert_snapshot!(with_input(&env, &["check", "--fix", "-"], SLIPS));
    insta::assert_snapshot!(with_input(&env, &["check", "--fix-dry-run", "-"], SLIPS));
    assert!(
        with_input(&env, &["check", "--fix", "-"], &buildspec(&["make"])).contains(&buildspec(&["make"]))
    );
}

#[test]
fn a_name_for_standard_input_says_what_it_is_and_where() {
    let env = Env::with(&[(
        "rehearsal.yml",
        "check: { paths: [{ match: [\"legacy/**\"], ignore: [unknown-key] }] }\n",
    )]);
    let text = "version: 0.2\nphases: {build: {commands: [make]}}\nartifact: {}\n";
    let said =
        |name: &str| with_input(&env, &["check", "--format", "concise", "--stdin-filename", name, "-"], text);
    insta::assert_snapshot!(said("ci/buildspec.yml"), @"
    exit: 0
    --- stdout
    ci/buildspec.yml:3:1: warning[unknown-key] CodeBuild does not know `artifact`
    ci/buildspec.yml:3:1: warning[missing-key] `artifacts` has no `files`
    ");
    insta::assert_snapshot!(said("legacy/buildspec.yml"), @"exit: 0");
    insta::assert_snapshot!(with_input(
        &env,
        &["check", "--stdin-filename", "appspec.yml", "-"],
        "os: linux\n"
    ));
}

#[test]
fn each_format_writes_the_same_findings_in_its_own_way() {
    let env = Env::with(&[(TRICKY, SEVERAL)]);
    for format in ["human", "concise", "github", "json"] {
        insta::assert_snapshot!(
            format!("check_format_{format}"),
            env.run(["check", "--as", "buildspec", "--format", format, TRICKY])
        );
    }
    let text = env.stdout(["check", "--as", "buildspec", "--format", "sarif", TRICKY], 1);
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    for rule in document["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        // The pages of rules are no part of this.
        rule["help"]["markdown"] = "[PAGE]".into();
    }
    insta::assert_json_snapshot!("check_format_sarif", document);
    // A commit's files are told of in the same words.
    for format in ["concise", "github", "json", "sarif"] {
        let arguments = ["check", "--as", "buildspec", "--format", format, TRICKY];
        let at = [&arguments[..], &["--at", "HEAD"]].concat();
        assert_eq!(env.stdout(at, 1), env.stdout(arguments, 1), "{format}");
    }
}

#[test]
fn paths_for_services_begin_at_the_top_of_the_repository() {
    let env = Env::with(&[("services/api/buildspec.yml", SLIPS)]);
    let mut below = env.rehearsal(["check", "--format", "github", "buildspec.yml"]);
    below.current_dir(env.work().join("services/api"));
    let text = String::from_utf8(below.output().unwrap().stdout).unwrap();
    assert!(text.starts_with("::error file=services/api/buildspec.yml,line=3,"), "{text}");
}

#[test]
fn the_working_tree_decides_what_is_silenced_also_for_a_commit() {
    let ignoring = "check: { ignore: [unknown-phase] }\n";
    let env = Env::with(&[("buildspec.yml", SLIPS), ("rehearsal.yml", ignoring)]);
    let codes = |arguments: &[&str], exit| env.stdout(arguments.to_vec(), exit);
    assert!(!codes(&["check", "--format", "concise"], 0).contains("unknown-phase"));
    assert!(!codes(&["check", "--format", "concise", "--at", "HEAD"], 0).contains("unknown-phase"));
    env.file("rehearsal.yml", "check: { select: [unknown-key, suppression-without-reason] }\n");
    env.file("buildspec.yml", &SLIPS.replace("the only one", "rehearsal: ignore[unknown-phase]"));
    // The commit ignores; the working tree does not.
    insta::assert_snapshot!(codes(&["check", "--format", "concise"], 0), @"
    buildspec.yml:3:10: advice[suppression-without-reason] this suppression does not say why
    buildspec.yml:5:1: warning[unknown-key] CodeBuild does not know `artifact`
    ");
    std::fs::remove_file(env.work().join("rehearsal.yml")).unwrap();
    assert!(codes(&["check", "--format", "concise", "--at", "HEAD"], 1).contains("unknown-phase"));
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    let env = Env::with(&[("buildspec.yml", SLIPS)]);
    for arguments in [
        &["check", "--fix", "--at", "HEAD"][..],
        &["check", "--fix", "--fix-dry-run"],
        &["check", "--fix-dry-run", "--format", "json"],
        &["check", "--stdin-filename", "a.yml"],
    ] {
        let said = env.run(arguments.to_vec());
        assert!(said.starts_with("exit: 2\n--- stderr\nerror: "), "{said}");
    }
    insta::assert_snapshot!(env.run(["check", "--stdin-filename", "a.yml", "buildspec.yml"]), @"
    exit: 2
    --- stderr
    error: --stdin-filename is about standard input, which is not read
    hint: `rehearsal check --stdin-filename NAME -` reads it
    ");
    insta::assert_snapshot!(env.run(["check", "--fix", "-", "buildspec.yml"]), @"
    exit: 2
    --- stderr
    error: with --fix, standard input is checked alone
    hint: the repaired text is printed where the report would be
    ");
    insta::assert_snapshot!(env.run(["check", "--fix", "--format", "sarif", "-"]), @"
    exit: 2
    --- stderr
    error: with --fix, standard input has no --format
    hint: the repaired text is printed where the report would be
    ");
}

#[test]
fn what_stands_below_a_key_that_is_wanted_as_it_is_is_nobodys() {
    let text = "version: 0.2
phases: {build: {commands: [make]}}
artifact: # rehearsal: ignore[unknown-key] read by our own packager
  file:
    app: 7
";
    let env = Env::with(&[("buildspec.yml", text)]);
    insta::assert_snapshot!(env.run(["check", "--format", "concise"]), @"exit: 0");
    env.file(
        "buildspec.yml",
        &text.replace(" # rehearsal: ignore[unknown-key] read by our own packager", ""),
    );
    insta::assert_snapshot!(env.run(["check", "--format", "concise"]), @"
    exit: 0
    --- stdout
    buildspec.yml:3:1: warning[unknown-key] CodeBuild does not know `artifact`
    buildspec.yml:4:3: warning[unknown-key] CodeBuild does not know `artifacts.file`
    buildspec.yml:5:5: warning[wrong-kind] `artifacts.files` is a mapping; CodeBuild expects a list
    ");
}
