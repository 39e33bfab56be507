//! shellcheck's remarks on commands, where it is installed.

use std::os::unix::fs::PermissionsExt as _;

use crate::env::Env;

const BUILDSPEC: &str = "version: 0.2
phases:
  build:
    commands:
      - 'echo it''s $NAME'''
      - ls
      - |
        cd \"$DIR\"
        rm -rf \"$DIR/\"*
";

/// A place with a buildspec, and a program called shellcheck in front of all others.
fn with(script: &str) -> Env {
    let mut env = Env::new();
    let program = env.file("bin/shellcheck", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = program.parent().unwrap().display().to_string();
    let path = format!("{folder}:{}", crate::testing::callers_path().display());
    env.set("PATH", path);
    env.set("REHEARSAL_SHELLCHECK", "auto");
    env.file("buildspec.yml", BUILDSPEC);
    env
}

#[test]
fn remarks_stand_at_their_place_in_the_buildspec() {
    let env = with(
        r#"for file in 2; do test -f $file || exit 3; done
cat <<'EOF'
{"comments":[
{"file":"2","line":2,"endLine":2,"column":1,"endColumn":18,"level":"error","code":2115,"message":"Use \"${var:?}\".","fix":null},
{"file":"0","line":1,"endLine":1,"column":11,"endColumn":16,"level":"info","code":2086,"message":"Double quote.","fix":null},
{"file":"1","line":1,"endLine":1,"column":1,"endColumn":3,"level":"error","code":2148,"message":"Tips depend on target shell.","fix":null}
]}
EOF
exit 1"#,
    );
    insta::assert_snapshot!(env.run(["check", "--pedantic", "buildspec.yml"]), @r#"
    exit: 0
    --- stdout
    shellcheck

      ☞ SC2086: Double quote
       ╭─[buildspec.yml:5:21]
     4 │     commands:
     5 │       - 'echo it''s $NAME'''
       ·                     ──┬──
       ·                       ╰── says shellcheck
     6 │       - ls
       ╰────
      help: https://www.shellcheck.net/wiki/SC2086 says more

    shellcheck

      ⚠ SC2115: Use "${var:?}"
       ╭─[buildspec.yml:9:9]
     8 │         cd "$DIR"
     9 │         rm -rf "$DIR/"*
       ·         ───────┬───────
       ·                ╰── says shellcheck
       ╰────
      help: https://www.shellcheck.net/wiki/SC2115 says more

    checked 1 file: 1 warning, 1 piece of advice; `rehearsal check --explain shellcheck` says more
    "#);
    let silenced = env.run(["check", "--shellcheck", "off", "buildspec.yml"]);
    assert!(silenced.contains("no problems"), "{silenced}");
}

#[test]
fn a_program_that_fails_or_talks_nonsense_costs_a_note() {
    for (script, said) in [
        ("echo nonsense", "shellcheck was left out: its answer is not understood"),
        ("exit 4", "shellcheck was left out: exit status 4"),
        ("kill -9 $$", "shellcheck was left out: ended by signal 9"),
    ] {
        let found = with(script).run(["check", "buildspec.yml"]);
        assert!(found.starts_with("exit: 0\n"), "{found}");
        assert!(found.contains(said), "{found}");
    }
}

/// It waits for something that never comes, as long as it is let.
#[test]
fn a_program_that_hangs_is_ended() {
    let found = with("mkfifo never && read -r line < never").run(["check", "buildspec.yml"]);
    assert!(found.contains("shellcheck was left out: took longer than 5 seconds"), "{found}");
}

#[test]
fn the_program_itself_is_understood() {
    let folders: Vec<_> = std::env::split_paths(&crate::testing::callers_path()).collect();
    if !folders.iter().any(|folder| folder.join("shellcheck").is_file()) {
        println!("no shellcheck here: skipped");
        return;
    }
    let mut env = Env::new();
    env.set("REHEARSAL_SHELLCHECK", "auto");
    env.file("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands:\n      - rm -rf $DIR/*\n");
    let found = env.stdout(["check", "--pedantic", "--format", "concise", "buildspec.yml"], 0);
    assert!(found.contains("buildspec.yml:5:16: advice[shellcheck] SC2086"), "{found}");
}
