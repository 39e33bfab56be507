//! A command runs under the guard as it would run alone: its exit, its output, its surroundings.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use rehearsal::action::{Cancel, StopReason, Stream};
use rehearsal::clock::{Clock, SystemClock};
use rehearsal::process::{Guard, How, MARKER};

use crate::process_yard::{Yard, run, text};

/// What a loop of a script prints.
fn lines(count: u32, line: impl Fn(u32) -> String) -> String {
    (1..=count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn a_command_ends_as_it_ends() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    for (script, how) in [
        ("true", How::Exited(0)),
        ("exit 3", How::Exited(3)),
        ("nonesuch 2>/dev/null", How::Exited(127)),
        ("kill -9 $$", How::Signaled(9)),
        ("kill -TERM $$", How::Signaled(15)),
    ] {
        let (exit, _) = run(&mut guard, &yard.command(script));
        assert_eq!((exit.how, exit.left_open), (how, false), "{script}");
    }
    assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
}

#[test]
fn what_cannot_be_started_says_why_and_the_guard_goes_on() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let good = yard.command("true");
    let mut no_program = good.clone();
    no_program.argv[0] = "/nonesuch/sh".into();
    let mut no_folder = good.clone();
    no_folder.cwd = "/nonesuch".into();
    // One variable may have 128 KiB (execve(2)).
    let mut too_long = good.clone();
    too_long.env.insert("LONG".into(), "x".repeat(1 << 20).into());
    let mut nothing = good.clone();
    nothing.argv.clear();
    for (command, words) in [
        (no_program, "cannot start /nonesuch/sh: No such file or directory (os error 2)"),
        (no_folder, "cannot start bash in /nonesuch: No such file or directory (os error 2)"),
        (too_long, "cannot start bash: Argument list too long (os error 7)"),
        (nothing, "no program was named"),
    ] {
        let (exit, _) = run(&mut guard, &command);
        assert_eq!(exit.how, How::NotStarted(words.into()));
        assert_eq!(run(&mut guard, &good).0.how, How::Exited(0));
    }
}

#[test]
fn a_command_has_the_environment_it_was_given_and_nothing_else() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let mut command = yard.command("");
    let odd = OsString::from_vec(b"line one\nline \"two\" \xff $x".to_vec());
    command.argv = ["/usr/bin/env", "-0"].map(OsString::from).into();
    command.env = [("ODD".into(), odd.clone()), ("EMPTY".into(), "".into())].into();
    let (exit, output) = run(&mut guard, &command);
    assert_eq!(exit.how, How::Exited(0));
    let all: Vec<u8> = output.into_iter().flat_map(|(_, _, bytes)| bytes).collect();
    let mut variables: Vec<&[u8]> = all.split(|byte| *byte == 0).filter(|line| !line.is_empty()).collect();
    variables.sort_unstable();
    let mut expected = OsString::from("ODD=");
    expected.push(&odd);
    let expected = expected.into_vec();
    assert_eq!(variables[..2], [&b"EMPTY="[..], &expected]);
    assert!(variables[2].starts_with(format!("{MARKER}=").as_bytes()));
    assert_eq!(variables.len(), 3);
}

#[test]
fn a_command_has_sane_surroundings() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let (_, output) = run(
        &mut guard,
        &yard.command(
            r#"pwd; umask; ulimit -Sc
            read -r _ ignored < <(grep SigIgn /proc/self/status)
            echo "ignored $((16#$ignored & 0x7fffffff))"
            read -r line || echo "no input"
            (: >/dev/tty) 2>/dev/null || echo "no terminal"
            read -r _ _ _ _ group session _ < /proc/$$/stat
            echo "group $((group == $$)) session $((session == PPID))""#,
        ),
    );
    let here = yard.path().canonicalize().unwrap();
    assert_eq!(
        text(&output),
        format!("{}\n0022\n0\nignored 0\nno input\nno terminal\ngroup 1 session 1\n", here.display())
    );
}

#[test]
fn a_command_gets_no_descriptor_of_the_guard() {
    // What this test itself was started with, and cannot close, may be there.
    let inherited: BTreeSet<PathBuf> = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok())
        .collect();
    let yard = Yard::new();
    let mut guard = yard.guard();
    let mut command = yard.command("");
    let script = "import os\nfor f in range(3, 256):\n try: print(os.readlink(f'/proc/self/fd/{f}'))\n except OSError: pass";
    command.argv = ["python3", "-c", script].map(OsString::from).into();
    let (exit, output) = run(&mut guard, &command);
    assert_eq!(exit.how, How::Exited(0));
    for line in text(&output).lines() {
        assert!(inherited.contains(&PathBuf::from(line)), "{line} is not among {inherited:?}");
    }
}

#[test]
fn merged_output_keeps_its_order_and_separate_output_its_streams() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let script = "for i in $(seq 1 300); do echo out $i; echo err $i >&2; done";
    let mut command = yard.command(script);
    let (_, output) = run(&mut guard, &command);
    let expected = lines(300, |i| format!("out {i}\nerr {i}\n"));
    assert_eq!(text(&output), expected);
    assert!(output.iter().all(|(_, stream, _)| *stream == Stream::Stdout));

    command.merged = false;
    let (_, output) = run(&mut guard, &command);
    for (stream, name) in [(Stream::Stdout, "out"), (Stream::Stderr, "err")] {
        let only = output.iter().filter(|(_, of, _)| *of == stream).cloned().collect();
        assert_eq!(text(&only), lines(300, |i| format!("{name} {i}\n")));
    }
}

#[test]
fn output_is_stamped_when_it_is_written_and_not_when_the_command_ends() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        yard.path().join("go"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let before = SystemClock.now();
    let mut seen = Vec::new();
    let mut between = None;
    let exit = guard
        .run(
            &yard.command("echo first; read -r line < go; echo \"$line\""),
            &mut |at, _, bytes| {
                seen.push((at, String::from_utf8_lossy(bytes).into_owned()));
                if seen.len() == 1 {
                    // The command waits for this line, so what it says next is later.
                    between = Some(SystemClock.now());
                    std::fs::write(yard.path().join("go"), "second\n").unwrap();
                }
            },
            &Cancel::new().unwrap(),
        )
        .unwrap();
    assert_eq!(exit.how, How::Exited(0));
    let [(first, _), (second, _)] = &seen[..] else { panic!("{seen:?}") };
    let micros = |at: rehearsal::clock::Timestamp| at.as_microsecond();
    assert!(micros(before) <= micros(*first) && micros(*first) <= micros(between.unwrap()));
    assert!(micros(between.unwrap()) <= micros(*second) && micros(*second) <= micros(SystemClock.now()));
}

#[test]
fn large_and_binary_output_arrives_whole() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let (exit, output) = run(&mut guard, &yard.command("seq 1 1000000"));
    assert_eq!(exit.how, How::Exited(0));
    let all: Vec<u8> = output.into_iter().flat_map(|(_, _, bytes)| bytes).collect();
    let expected = lines(1_000_000, |i| format!("{i}\n"));
    assert!(all == expected.as_bytes(), "{} of {} bytes", all.len(), expected.len());

    let script = "python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096)'";
    let (exit, output) = run(&mut guard, &yard.command(script));
    assert_eq!(exit.how, How::Exited(0));
    let all: Vec<u8> = output.into_iter().flat_map(|(_, _, bytes)| bytes).collect();
    assert!(all.chunks(256).all(|chunk| chunk.iter().copied().eq(0..=255)) && all.len() == 1 << 20);
}

#[test]
fn everything_written_before_the_exit_arrives_though_a_child_holds_the_pipe() {
    let mut yard = Yard::new();
    let mut options = yard.options();
    options.drain = Duration::ZERO;
    let mut guard = Guard::start(&options).unwrap();
    // More than a pipe holds, and a background child that keeps it open: only what was there at the exit is owed.
    let (exit, output) = run(&mut guard, &yard.command("plain; seq 1 200000"));
    assert_eq!((exit.how, exit.left_open), (How::Exited(0), true));
    assert!(text(&output).ends_with("199999\n200000\n"));
    yard.expect(1);
    guard.finish(&mut |_, _, _| {}).unwrap();
    yard.assert_deserted();
}

#[test]
fn a_background_child_speaks_with_later_commands_and_at_the_end() {
    let mut yard = Yard::new();
    let mut guard = yard.guard();
    let script = "mkfifo go done; (exec 9>\"$FIFO\"; echo up >&9
        trap 'echo last words; exit' TERM
        read -r line < go; echo \"heard $line\"; echo >done; while :; do sleep 1000 & wait; done) & echo started";
    let (exit, output) = run(&mut guard, &yard.command(script));
    assert_eq!((exit.how, exit.left_open, text(&output)), (How::Exited(0), true, "started\n".into()));
    yard.expect(1);
    let (exit, output) = run(&mut guard, &yard.command("echo you > go; read -r _ < done"));
    assert_eq!((exit.how, exit.left_open, text(&output)), (How::Exited(0), false, "heard you\n".into()));
    let mut last = Vec::new();
    let leftovers = guard.finish(&mut |_, _, bytes| last.extend_from_slice(bytes)).unwrap();
    assert_eq!(String::from_utf8_lossy(&last), "last words\n");
    assert!(leftovers.iter().all(|leftover| leftover.ended));
    assert!(leftovers.iter().any(|leftover| leftover.command.starts_with("bash -c")), "{leftovers:?}");
    yard.assert_deserted();
}

#[test]
fn orphans_of_a_running_command_are_reaped_at_once() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let mut command = yard.command(
        "pid=$(sh -c 'sleep 0.01 >/dev/null & echo $!'); while kill -0 $pid; do :; done 2>/dev/null",
    );
    command.time_limit = Some(crate::process_yard::CEILING);
    assert_eq!(run(&mut guard, &command).0.how, How::Exited(0));
}

#[test]
fn a_request_to_end_that_came_before_starts_nothing() {
    let yard = Yard::new();
    let mut guard = yard.guard();
    let cancel = Cancel::new().unwrap();
    cancel.request(StopReason::Stopped);
    let exit = guard.run(&yard.command("touch started"), &mut |_, _, _| {}, &cancel).unwrap();
    assert_eq!(exit.how, How::Stopped(StopReason::Stopped));
    assert!(!yard.path().join("started").exists());
}

#[test]
fn a_guard_that_cannot_start_says_why() {
    let yard = Yard::new();
    for (program, wrapper, words) in [
        (
            "/nonesuch/rehearsal",
            &[][..],
            "cannot start /nonesuch/rehearsal: No such file or directory (os error 2)",
        ),
        ("rehearsal", &["nonesuch", "--"], "cannot start nonesuch: No such file or directory (os error 2)"),
        ("/bin/true", &[], "ended with status 0"),
        (
            "/bin/true",
            &["sh", "-c", "echo the wrapper complains >&2; exit 5"],
            "ended with status 5: the wrapper complains",
        ),
    ] {
        let mut options = yard.options();
        options.program = program.into();
        options.wrapper = wrapper.iter().map(OsString::from).collect();
        let error = Guard::start(&options).unwrap_err().to_string();
        assert!(error.starts_with("start the guard process: ") && error.ends_with(words), "{error}");
    }
}
