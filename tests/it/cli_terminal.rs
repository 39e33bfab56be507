//! What a person at a terminal sees: a line per running action while it runs, colours, and nothing left behind.

use crate::env::{Env, at_terminal, pipeline};

/// What remains on the screen of what was drawn: lines that were cleared and drawn over are gone.
fn screen(bytes: &str) -> String {
    let mut lines: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut rest = bytes.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => {
                assert_eq!(rest.next(), Some('['), "only CSI sequences are drawn with");
                let mut parameters = String::new();
                let command = loop {
                    match rest.next().unwrap() {
                        last if last.is_ascii_alphabetic() => break last,
                        other => parameters.push(other),
                    }
                };
                let number = parameters.parse().unwrap_or(1);
                match command {
                    'A' => row = row.saturating_sub(number),
                    'B' => row += number,
                    'K' if parameters == "2" => lines[row].clear(),
                    'K' => lines[row].truncate(column),
                    'J' => lines.truncate(row + 1),
                    'G' => column = number - 1,
                    'm' | 'h' | 'l' => {}
                    other => panic!("unknown control sequence {parameters:?}{other}"),
                }
            }
            '\r' => column = 0,
            '\n' => row += 1,
            printed => {
                // A terminal goes to the next line only when something is written there.
                if column == 200 {
                    (row, column) = (row + 1, 0);
                    lines.resize(lines.len().max(row + 1), Vec::new());
                }
                let line = &mut lines[row];
                line.resize(line.len().max(column + 1), ' ');
                line[column] = printed;
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), Vec::new());
    }
    lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned() + "\n").collect()
}

#[test]
fn a_run_is_drawn_live_and_leaves_a_line_per_action() {
    let env =
        Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "sleep 0.3"), ("Test", "exit 1")]))]);
    let (code, bytes) = at_terminal(&env, ["run"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(screen(&bytes), @"
    service [SHORT]: [SHORT] (main)
      Source/Checkout succeeded in [TIME]
      Build/Run succeeded in [TIME]
      Test/Run failed in [TIME]

    Test/Run failed in phase BUILD
      command      exit 1
      exit status  1
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: exit 1. Reason: exit status 1
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command exit 1
      │ [Container] [WHEN] Command did not exit successfully exit 1 exit status 1

    Failed service [SHORT] in [TIME]
    run it again from there: rehearsal retry [SHORT]
    ");
    assert!(bytes.contains("Build/Run  0s  BUILD"), "the phase is seen while it lasts: {bytes:?}");
    assert!(bytes.contains("\u{1b}[1;31mFailed\u{1b}[0m"), "{bytes:?}");
}

#[test]
fn colours_and_live_lines_can_be_switched_off() {
    let mut env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    let (_, bytes) = at_terminal(&env, ["run", "--color", "never"]);
    assert!(!bytes.contains("\u{1b}[1m") && !bytes.contains("\u{1b}[32m"), "{bytes:?}");
    env.set("NO_COLOR", "1");
    let (_, bytes) = at_terminal(&env, ["list"]);
    assert!(!bytes.contains('\u{1b}'), "{bytes:?}");
    env.set("CI", "true");
    let (_, bytes) = at_terminal(&env, ["run"]);
    assert!(!bytes.contains('\u{1b}') && bytes.contains("Build/Run started"), "{bytes:?}");
    let piped = env.stdout(["list", "--color", "always"], 0);
    assert!(piped.contains("\u{1b}[32mSucceeded\u{1b}[0m"), "{piped:?}");
}
