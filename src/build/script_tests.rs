//! The scripts under the real shells: what one command hands to the next, and what it does not.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::*;
use crate::testing::{cases, require_tools};

const SHELLS: [(Kind, &str, &[&str]); 3] =
    [(Kind::Dash, "dash", &[]), (Kind::BashPosix, "bash", &["--posix"]), (Kind::Bash, "bash", &[])];

/// A build reduced to its commands: real shells, the real state folder, no guard.
struct Bench {
    _root: tempfile::TempDir,
    folder: StateFolder,
    shell: (&'static str, &'static [&'static str]),
    carry: Carry,
    left: Left,
}

/// What a command printed, and its exit status.
type Ran = (Vec<u8>, Option<i32>);

impl Bench {
    fn new(index: usize, carry: Carry) -> Self {
        require_tools();
        let root = tempfile::tempdir().unwrap();
        let base = root.path().canonicalize().unwrap();
        let (kind, program, arguments) = SHELLS[index];
        let state = base.join("state it's");
        let folder = StateFolder::new(state.clone(), state, kind).unwrap();
        let directory = base.join("src");
        fs::create_dir(&directory).unwrap();
        let path = (OsString::from("PATH"), OsString::from("/usr/local/bin:/usr/bin:/bin"));
        let left = Left { variables: Variables::from([path]), directory };
        Self { _root: root, folder, shell: (program, arguments), carry, left }
    }

    #[expect(clippy::disallowed_methods, reason = "the shells are what is tested here")]
    fn start(&self) -> Ran {
        let output = Command::new(self.shell.0)
            .args(self.shell.1)
            .arg(self.folder.script())
            .env_clear()
            .envs(started_with(&self.left.variables, &self.left.directory))
            .current_dir(&self.left.directory)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap_or_else(|error| panic!("this test needs {}: {error}", self.shell.0));
        (output.stdout, output.status.code())
    }

    fn run(&mut self, command: &str) -> Ran {
        self.folder.write(command, &self.left.variables, self.carry).unwrap();
        let ran = self.start();
        if let Some(left) = self.folder.left(&self.left.variables).unwrap() {
            self.left = left;
        }
        ran
    }

    fn says(&mut self, command: &str) -> String {
        String::from_utf8(self.run(command).0).unwrap()
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        self.left.variables.insert(name.into(), OsString::from_vec(value.to_vec()));
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.left.variables.get(OsStr::new(name)).map(|value| value.clone().into_vec())
    }
}

fn in_each_shell(test: impl Fn(&mut Bench, &str)) {
    for (index, (_, program, arguments)) in SHELLS.iter().enumerate() {
        test(&mut Bench::new(index, Carry::State), &format!("{program} {}", arguments.join(" ")));
    }
}

#[test]
fn variables_survive_exported_or_not_whatever_they_contain() {
    in_each_shell(|bench, shell| {
        bench.run("A='one\ntwo'\nexport B=\"it's \\\"$A\\\" \\$HOME \\\\ `echo tick`\"");
        bench.run("C=$(printf '\\377\\303(\\001\\201\\202\\210\\t.')");
        bench.run("D=\nE='  spaced  '; F='*'; G='trailing\n'");
        let said = bench.run("printf '%s|' \"$A\" \"$B\" \"$C\" \"$D\" \"$E\" \"$F\" \"$G\"").0;
        let expected: &[u8] =
            b"one\ntwo|it's \"one\ntwo\" $HOME \\ tick|\xff\xc3(\x01\x81\x82\x88\t.||  spaced  |*|trailing\n|";
        assert_eq!(said, expected, "{shell}");
        assert_eq!(bench.get("D"), Some(Vec::new()), "{shell}");
    });
}

#[test]
fn every_byte_survives_in_every_locale() {
    let all: Vec<u8> = (1..=255).collect();
    in_each_shell(|bench, shell| {
        for locale in ["C", "C.UTF-8", ""] {
            bench.set("LC_ALL", locale.as_bytes());
            bench.set("ALL", &all);
            bench.set("ZALL", &all);
            bench.run("COPY=$ALL; ALSO=\"x${ALL}x\"");
            bench.run("export AGAIN=\"$COPY\"");
            for name in ["ALL", "ZALL", "COPY", "AGAIN"] {
                assert_eq!(bench.get(name).as_deref(), Some(all.as_slice()), "{shell} {locale} {name}");
            }
        }
    });
}

#[test]
fn any_value_and_any_directory_survive() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};

    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"'\"$`\\\n !#*~=()".to_vec())];
    let bytes = prop::collection::vec(byte.prop_filter("no NUL", |byte| *byte != 0), 1..12);
    let name = bytes.clone().prop_filter("a name", |name| {
        !name.contains(&b'/') && name.as_slice() != b"." && name.as_slice() != b".."
    });
    let config = Config { cases: cases(12), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(bytes, name), |(value, name)| {
            in_each_shell(|bench, shell| {
                bench.set("VALUE", &value);
                bench.set("NAME", &name);
                bench.run("mkdir -- \"./$NAME\"; cd \"./$NAME\"; COPY=$VALUE");
                bench.run("AGAIN=$COPY");
                assert_eq!(bench.get("AGAIN").as_deref(), Some(value.as_slice()), "{shell}");
                let directory = bench.left.directory.file_name().map(|name| name.as_bytes().to_vec());
                assert_eq!(directory.as_deref(), Some(name.as_slice()), "{shell}");
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_value_longer_than_a_program_can_be_started_with_survives() {
    in_each_shell(|bench, shell| {
        bench.run("LONG=$(head -c 300000 /dev/zero | tr '\\0' x)");
        assert_eq!(bench.says("echo \"${#LONG}\""), "300000\n", "{shell}");
    });
}

#[test]
fn the_working_directory_survives_under_the_name_it_was_given() {
    in_each_shell(|bench, shell| {
        let src = bench.left.directory.clone();
        bench.run("mkdir -p 'deep/a b\nc ' && ln -s deep link");
        bench.run("cd link && cd 'a b\nc '");
        assert_eq!(bench.left.directory, src.join("link/a b\nc "), "{shell}");
        assert_eq!(bench.says("pwd; cd ..; pwd -P"), format!("{0}/link/a b\nc \n{0}/deep\n", src.display()));
        assert_eq!(
            bench.says("cd - >/dev/null; pwd"),
            format!("{}/link/a b\nc \n", src.display()),
            "{shell}"
        );
    });
}

#[test]
fn what_belongs_to_one_shell_does_not_survive() {
    in_each_shell(|bench, shell| {
        bench.run(
            "greet() { echo hello; }\nalias ll='echo alias'\nset -eu\ntrap 'echo trapped' EXIT\numask 077",
        );
        assert_eq!(bench.run("greet 2>/dev/null").1, Some(127), "{shell}: functions");
        assert_eq!(bench.says("false\necho \"on ${UNSET-}\""), "on \n", "{shell}: set -eu, traps");
        let umask = bench.says("umask");
        assert_ne!(umask.trim(), "0077", "{shell}: umask");
        assert_eq!(bench.run("ll 2>/dev/null").1, Some(127), "{shell}: aliases");
    });
}

#[test]
fn arrays_do_not_survive() {
    for index in [1, 2] {
        let mut bench = Bench::new(index, Carry::State);
        bench.run("LIST=(a 'b c'); export LIST; declare -A MAP=([k]=v); export MAP; PLAIN=kept");
        let odd = bench.left.variables.keys().find(|name| !carried::is_name(name));
        assert_eq!(odd, None, "an array is no variable of programs");
        assert_eq!(bench.says("echo \"${LIST-gone} ${MAP-gone} $PLAIN\""), "gone gone kept\n");
    }
}

#[test]
fn a_removed_variable_stays_removed() {
    in_each_shell(|bench, shell| {
        bench.set("TOKEN", b"x");
        bench.run("unset TOKEN");
        assert_eq!(bench.says("echo \"${TOKEN-gone}\""), "gone\n", "{shell}");
    });
}

#[test]
fn a_command_that_ends_its_script_saves_nothing() {
    in_each_shell(|bench, shell| {
        for command in ["X=1; exit 3", "X=1; set -e; (exit 3); :", "X=1; exec sh -c 'exit 3'"] {
            assert_eq!(bench.run(command).1, Some(3), "{shell}: {command}");
            assert_eq!(bench.get("X"), None, "{shell}: {command}");
        }
        assert_eq!(bench.run("X=1; exit 0").1, Some(0));
        assert_eq!(bench.says("echo \"${X-none}\""), "none\n", "{shell}");
    });
}

#[test]
fn the_status_is_that_of_the_last_line() {
    in_each_shell(|bench, shell| {
        assert_eq!(bench.run("false\ntrue").1, Some(0), "{shell}");
        assert_eq!(bench.run("true\n(exit 7)").1, Some(7), "{shell}");
        assert_eq!(bench.run("false | true").1, Some(0), "{shell}: no pipefail");
        assert_eq!(bench.get("CODEBUILD_LAST_EXIT").as_deref(), Some(b"0".as_slice()), "{shell}");
        assert_eq!(bench.run("").1, Some(0), "{shell}: nothing");
    });
}

#[test]
fn commands_that_would_upset_the_lines_after_them_do_not() {
    in_each_shell(|bench, shell| {
        for command in [
            "KEPT=1 # a comment",
            "KEPT=1; echo a >/dev/null \\",
            "KEPT=1\ncat <<END >/dev/null\ntext\nEND",
            "KEPT=1; set -C",
            "KEPT=1; umask 777",
            "KEPT=1; exec >/dev/null",
            "KEPT=1; IFS=/",
            "KEPT=1; pwd() { echo wrong; }; echo() { :; }",
            "KEPT=1; set -- 1 2 3; shift",
            "KEPT=1; readonly KEPT",
            "KEPT=1; export UID PPID",
            "KEPT=1; cd /",
            "KEPT=1; command() { echo wrong; }",
            "KEPT=1; [ -z \"$BASH_VERSION\" ] || trap 'echo \"$BASH_COMMAND\" >&2' DEBUG",
            "KEPT=1; [ -z \"$BASH_VERSION\" ] || trap 'echo \"$BASH_COMMAND\"' DEBUG",
            "KEPT=1; [ -z \"$BASH_VERSION\" ] || BASH_XTRACEFD=1; set -x",
            "KEPT=1; alias command=false echo=: set=: exit=:",
            "KEPT=1; mkdir -p gone && cd gone && rmdir ../gone && set -e",
        ] {
            bench.run("unset KEPT; cd /; cd - >/dev/null");
            let before = bench.left.directory.clone();
            let ran = bench.run(command);
            assert_eq!(ran, (Vec::new(), Some(0)), "{shell}: {command}");
            if command.contains("gone") {
                assert_eq!(bench.left.directory, before.join("gone"), "{shell}");
                bench.left.directory = before;
            }
            assert_eq!(bench.get("KEPT").as_deref(), Some(b"1".as_slice()), "{shell}: {command}");
            assert_eq!(bench.run(":").1, Some(0), "{shell}: after {command}");
        }
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the shells are what is tested here")]
fn messages_name_the_lines_that_aws_names() {
    for index in 0..SHELLS.len() {
        let bench = Bench::new(index, Carry::State);
        bench.folder.write("no-such-program", &bench.left.variables, Carry::State).unwrap();
        let output =
            Command::new(bench.shell.0).args(bench.shell.1).arg(bench.folder.script()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("script.sh: line 4: ") || said.contains("script.sh: 4: "), "{said}");
    }
}

#[test]
fn tracing_shows_the_commands_of_the_user_alone() {
    in_each_shell(|bench, shell| {
        let said = bench.says("exec 2>&1; set -x; echo hi");
        assert_eq!(said, "+ echo hi\nhi\n", "{shell}");
    });
}

#[test]
fn in_version_0_1_nothing_is_carried_over() {
    for index in 0..SHELLS.len() {
        let mut bench = Bench::new(index, Carry::Nothing);
        let src = bench.left.directory.clone();
        bench.set("GIVEN", b"1");
        assert_eq!(bench.run("cd /; export X=1; exit 4").1, Some(4));
        assert_eq!(bench.says("pwd; echo \"${X-none} $GIVEN\""), format!("{}\nnone 1\n", src.display()));
    }
}

#[test]
fn names_that_shells_cannot_hold_reach_programs_where_the_shell_passes_them_on() {
    let mut bench = Bench::new(2, Carry::State);
    bench.set("spring.profile", b"test");
    bench.run(":");
    assert!(bench.says("env").contains("spring.profile=test\n"));
}

#[test]
fn values_that_aws_evaluates_are_expanded_by_the_shell() {
    in_each_shell(|bench, shell| {
        bench.set("V", b"it's \"1\"");
        let text = "builds/$V-$(echo \"a b\" | tr a-z A-Z)/'x' EXPANDED";
        bench.folder.write_expansion(text, &bench.left.variables).unwrap();
        assert_eq!(bench.start().1, Some(0), "{shell}");
        assert_eq!(bench.folder.answer().unwrap(), "builds/it's \"1\"-A B/'x' EXPANDED", "{shell}");
        bench.folder.write_question("echo said >&2", &bench.left.variables).unwrap();
        assert_eq!(bench.start(), (Vec::new(), Some(0)), "{shell}");
        assert_eq!(bench.folder.answer().unwrap(), "said", "{shell}");
    });
}

#[test]
fn a_function_called_exit_does_not_turn_a_failure_into_success() {
    for index in [1, 2] {
        let mut bench = Bench::new(index, Carry::State);
        bench.run("shopt -u expand_aliases; set +o posix; exit() { echo wrong; }; (command exit 3)");
        assert_eq!(bench.get("CODEBUILD_LAST_EXIT").as_deref(), Some(b"3".as_slice()));
        let ran = bench.run("set +o posix; exit() { echo wrong; }; (command exit 3)");
        assert_eq!(ran, (Vec::new(), Some(3)));
    }
}

#[test]
fn nothing_leads_out_of_the_state_folder() {
    in_each_shell(|bench, shell| {
        let outside = bench.left.directory.join("outside");
        fs::write(&outside, "theirs").unwrap();
        let state = bench.folder.root.clone();
        bench.set("STATE", state.as_os_str().as_bytes());
        bench.set("OUT", outside.as_os_str().as_bytes());
        // What the next script is written to, and what it is read from.
        bench.run("KEPT=1");
        for name in ["script.sh", "env.sh", "env.next", "dir.next", "answer.next"] {
            bench.run(&format!("ln -sf \"$OUT\" \"$STATE/{name}\"; exit 0"));
            assert_eq!(bench.says("echo \"$KEPT\""), "1\n", "{shell}: {name}");
            bench.folder.write_question("echo said", &bench.left.variables).unwrap();
            bench.run(&format!("rm -f \"$STATE/{name}\"; mkfifo \"$STATE/{name}\"; exit 0"));
            assert_eq!(bench.says("echo \"$KEPT\""), "1\n", "{shell}: {name}");
        }
        bench.run("mv \"$STATE\" \"$STATE.old\"; mkdir theirs; ln -s \"$PWD/theirs\" \"$STATE\"; exit 0");
        bench.folder.write("echo x", &bench.left.variables, bench.carry).unwrap_err();
        assert_eq!(fs::read_dir(bench.left.directory.join("theirs")).unwrap().count(), 0, "{shell}");
        assert_eq!(fs::read_to_string(outside).unwrap(), "theirs", "{shell}");
    });
}

#[test]
fn carried_variables_are_read_by_nobody_else() {
    let mut bench = Bench::new(0, Carry::State);
    bench.run("rm -r \"$(dirname \"$0\")\"; X=1");
    assert_eq!(bench.get("X").as_deref(), None, "cleared away before it was saved");
    bench.run(":");
    let mode = fs::metadata(&bench.folder.root).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn the_first_line_stands_for_a_command() {
    let table = BTreeMap::from([("", ""), ("\n\n  a b  \nc", "  a b"), ("one", "one"), (" \n", "")]);
    for (command, line) in table {
        assert_eq!(first_line(command), line);
    }
}
