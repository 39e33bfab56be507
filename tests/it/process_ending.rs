//! Nothing is left behind: however a command, a guard or its owner ends, everything below is ended.

use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use rehearsal::action::{Cancel, StopReason};
use rehearsal::process::{Exit, Guard, How, end_orphans};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::process_yard::{CEILING, Yard, run, wait_for_end};

/// Starts one of each kind, of which some ignore TERM and some have left the group, the session and the environment.
const ALL_KINDS: &str = "plain; group; session; double; bare; stopped";
const NAMES: [&str; 6] = ["bare", "double", "group", "plain", "session", "stopped"];

/// The same without the kind that has no marker: a guard that is killed leaves no other trace of it.
const MARKED_KINDS: &str = "plain; group; session; double; stopped";

/// Runs a script that stays, and does `then` once `count` processes are up.
fn run_until(
    yard: &mut Yard,
    guard: &mut Guard,
    script: &str,
    count: usize,
    cancel: &Cancel,
    mut then: impl FnMut(),
) -> Result<Exit, rehearsal::action::Error> {
    let command = yard.command(&format!("{script}\necho started; exec sleep 1000"));
    let mut heard = Vec::new();
    guard.run(
        &command,
        &mut |_, _, bytes| {
            heard.extend_from_slice(bytes);
            if heard == b"started\n" {
                yard.expect(count);
                then();
            }
        },
        cancel,
    )
}

/// The ways a guard is started.
fn wrappers() -> [&'static [&'static str]; 3] {
    [&[], &["unshare", "--net", "--"], &["unshare", "--user", "--map-root-user", "--net", "--"]]
}

/// A guard behind this wrapper. `unshare --net` alone needs a privilege, which not every machine grants.
fn guard_behind(yard: &Yard, wrapper: &[&str]) -> Option<Guard> {
    let mut options = yard.options();
    options.wrapper = wrapper.iter().map(Into::into).collect();
    match Guard::start(&options) {
        Ok(guard) => Some(guard),
        Err(error) if wrapper.len() == 3 && error.to_string().contains("Operation not permitted") => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_stop_ends_everything_of_whatever_kind() {
    for wrapper in wrappers() {
        let mut yard = Yard::new();
        let Some(mut guard) = guard_behind(&yard, wrapper) else { continue };
        let cancel = Cancel::new().unwrap();
        let stop = || cancel.request(StopReason::Signal(2));
        let exit = run_until(&mut yard, &mut guard, ALL_KINDS, NAMES.len(), &cancel, stop).unwrap();
        assert_eq!(exit.how, How::Stopped(StopReason::Signal(2)), "{wrapper:?}");
        assert_eq!(yard.expect(NAMES.len()), NAMES);
        yard.assert_deserted();
        assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
    }
}

#[test]
fn a_time_limit_ends_everything_also_what_earlier_commands_started() {
    let mut yard = Yard::new();
    let mut guard = yard.guard();
    let (exit, _) = run(&mut guard, &yard.command(ALL_KINDS));
    assert_eq!(exit.how, How::Exited(0));
    yard.expect(NAMES.len());
    let mut command = yard.command("plain; trap '' TERM; while :; do sleep 1000; done");
    command.time_limit = Some(Duration::from_millis(300));
    assert_eq!(run(&mut guard, &command).0.how, How::TimedOut);
    yard.assert_deserted();
    // The guard itself goes on.
    assert_eq!(run(&mut guard, &yard.command("true")).0.how, How::Exited(0));
}

#[test]
fn a_time_limit_holds_while_nobody_reads_the_output() {
    let mut yard = Yard::new();
    let mut guard = yard.guard();
    let mut command = yard.command("plain; double; while [ ! -e flood ]; do sleep 0.01; done; exec yes");
    command.time_limit = Some(Duration::from_secs(1));
    std::fs::write(yard.path().join("flood"), "").unwrap();
    let mut waited = false;
    let exit = guard
        .run(
            &command,
            &mut |_, _, _| {
                if !waited {
                    waited = true;
                    yard.wait_until_deserted();
                }
            },
            &Cancel::new().unwrap(),
        )
        .unwrap();
    assert_eq!((exit.how, waited), (How::TimedOut, true));
}

#[test]
fn a_command_that_hears_term_may_say_something_first() {
    let yard = Yard::new();
    let mut options = yard.options();
    options.grace = CEILING;
    let mut guard = Guard::start(&options).unwrap();
    let command =
        yard.command("trap 'seq 1 50000; echo cleaned up; exit 0' TERM; echo ready; sleep 1000 & wait");
    let cancel = Cancel::new().unwrap();
    let mut heard = Vec::new();
    let exit = guard
        .run(
            &command,
            &mut |_, _, bytes| {
                heard.extend_from_slice(bytes);
                cancel.request(StopReason::Stopped);
            },
            &cancel,
        )
        .unwrap();
    assert_eq!(exit, Exit { how: How::Stopped(StopReason::Stopped), left_open: false });
    assert!(heard.ends_with(b"50000\ncleaned up\n"));
}

#[test]
fn finishing_ends_and_lists_what_is_left() {
    for wrapper in wrappers() {
        let mut yard = Yard::new();
        let Some(mut guard) = guard_behind(&yard, wrapper) else { continue };
        let (exit, _) = run(&mut guard, &yard.command(ALL_KINDS));
        assert_eq!((exit.how, exit.left_open), (How::Exited(0), true));
        yard.expect(NAMES.len());
        let leftovers = guard.finish(&mut |_, _, _| {}).unwrap();
        assert!(
            leftovers.len() >= NAMES.len() && leftovers.iter().all(|leftover| leftover.ended),
            "{leftovers:?}"
        );
        yard.assert_deserted();
    }
}

#[test]
fn dropping_a_guard_ends_everything() {
    for wrapper in wrappers() {
        let mut yard = Yard::new();
        let Some(mut guard) = guard_behind(&yard, wrapper) else { continue };
        run(&mut guard, &yard.command(ALL_KINDS));
        yard.expect(NAMES.len());
        drop(guard);
        yard.assert_deserted();
    }
}

#[test]
fn a_guard_that_is_told_to_end_ends_everything_and_says_so() {
    let mut yard = Yard::new();
    let mut guard = yard.guard();
    let pid = Pid::from_raw(guard.pid().try_into().unwrap()).unwrap();
    let cancel = Cancel::new().unwrap();
    let term = || {
        // Signals of the terminal mean nothing to a guard: its owner tells it what to do about them.
        for signal in [Signal::INT, Signal::HUP, Signal::QUIT, Signal::TERM] {
            kill_process(pid, signal).unwrap();
        }
    };
    let exit = run_until(&mut yard, &mut guard, ALL_KINDS, NAMES.len(), &cancel, term).unwrap();
    assert_eq!(exit.how, How::Stopped(StopReason::Signal(15)));
    yard.assert_deserted();
    // It has exited; what comes after is told so.
    let error = guard.run(&yard.command("true"), &mut |_, _, _| {}, &cancel).unwrap_err().to_string();
    assert!(error.contains(&format!("the guard process {} ended with status 0", guard.pid())), "{error}");
    assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
}

#[test]
fn a_guard_that_is_killed_is_noticed_and_what_it_left_is_ended() {
    for wrapper in wrappers() {
        for cancelled in [false, true] {
            let mut yard = Yard::new();
            let Some(mut guard) = guard_behind(&yard, wrapper) else { continue };
            let pid = Pid::from_raw(guard.pid().try_into().unwrap()).unwrap();
            let cancel = Cancel::new().unwrap();
            let kill = || {
                kill_process(pid, Signal::KILL).unwrap();
                if cancelled {
                    cancel.request(StopReason::Stopped);
                }
            };
            let count = NAMES.len() - 1;
            let result = run_until(&mut yard, &mut guard, MARKED_KINDS, count, &cancel, kill);
            yard.assert_deserted();
            match result {
                Ok(exit) => assert_eq!((exit.how, cancelled), (How::Stopped(StopReason::Stopped), true)),
                Err(error) => {
                    let text = error.to_string();
                    assert!(!cancelled && text.contains("was ended by signal 9; of "), "{text}");
                }
            }
            assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
        }
    }
}

#[test]
fn a_guard_whose_output_somebody_wrote_into_is_not_trusted_any_more() {
    let mut yard = Yard::new();
    let mut guard = yard.guard();
    // Only root can do this: others may not look into a guard.
    let script = format!(
        "{ALL_KINDS}; read -r < go; echo nonsense that is long enough > /proc/$PPID/fd/1 || exec false"
    );
    std::fs::write(yard.path().join("go"), "\n").unwrap();
    let result = guard.run(&yard.command(&script), &mut |_, _, _| {}, &Cancel::new().unwrap());
    match result {
        Ok(exit) => assert_eq!(exit.how, How::Exited(1)),
        Err(error) => {
            assert!(error.to_string().contains("cannot be understood: a frame of kind 110"), "{error}");
            yard.wait_until_deserted();
        }
    }
    drop(guard);
    yard.assert_deserted();
}

#[test]
fn orphans_of_a_dead_guard_are_found_and_those_of_a_living_one_left_alone() {
    let mut lost = Yard::new();
    let mut kept = Yard::new();
    let mut dead = lost.guard();
    let mut alive = kept.guard();
    run(&mut alive, &kept.command("plain; session"));
    kept.expect(2);
    run(&mut dead, &lost.command(MARKED_KINDS));
    lost.expect(NAMES.len() - 1);
    let pid = Pid::from_raw(dead.pid().try_into().unwrap()).unwrap();
    let descriptor = pidfd_open(pid, PidfdFlags::empty()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    wait_for_end(&descriptor);
    // Not what the owner of the guard does by itself, but what the next command does.
    assert!(end_orphans("another").unwrap().is_empty());
    let leftovers = end_orphans(&lost.scope()).unwrap();
    assert!(!leftovers.is_empty());
    lost.wait_until_deserted();
    assert!(leftovers.iter().all(|leftover| leftover.ended), "{leftovers:?}");
    assert!(!kept.is_deserted());
    assert_eq!(run(&mut alive, &kept.command("true")).0.how, How::Exited(0));
    alive.finish(&mut |_, _, _| {}).unwrap();
    kept.assert_deserted();
}

/// A process that holds a guard's input, as Rehearsal does, and shows the guard's output.
const OWNER: &str = r#"
import json, os, struct, subprocess, sys
guard = subprocess.Popen([sys.argv[1], "__guard"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def ask(request):
    body = json.dumps(request).encode()
    os.write(guard.stdin.fileno(), struct.pack("<I", len(body)) + body)
ask({"Begin": {"version": 3, "id": "test", "grace_ms": 3000, "drain_ms": 200}})
ask({"Run": {"argv": ["bash", "-c", sys.argv[2]], "cwd": "/", "env": [[n, os.environ[n]] for n in ("PATH", "FIFO")],
             "limit_ms": None, "merged": True}})
os.write(1, f"guard {guard.pid}\n".encode())
while piece := os.read(guard.stdout.fileno(), 65536):
    os.write(1, piece)
"#;

#[test]
fn sigkill_of_the_owner_at_any_moment_leaves_nothing_alive() {
    let mut moment = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..crate::testing::cases(12) {
        let mut yard = Yard::new();
        let script = yard
            .command(&format!("for i in $(seq 1 6); do {ALL_KINDS}; echo round $i; done; seq 1 100000000"));
        let mut owner = command("python3")
            .args(["-c", OWNER, env!("CARGO_BIN_EXE_rehearsal")])
            .args(&script.argv[2..])
            .env_clear()
            .envs(yard.env())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(owner.stdout.take().unwrap()).split(b'\n');
        let first = String::from_utf8(lines.next().unwrap().unwrap()).unwrap();
        let guard: i32 = first.strip_prefix("guard ").unwrap().parse().unwrap();
        let guard: OwnedFd = pidfd_open(Pid::from_raw(guard).unwrap(), PidfdFlags::empty()).unwrap();
        // xorshift: the moments differ, and are the same in each run of the test.
        moment ^= moment << 13;
        moment ^= moment >> 7;
        moment ^= moment << 17;
        for _ in 0..moment % 10 {
            lines.next().unwrap().unwrap();
        }
        owner.kill().unwrap();
        owner.wait().unwrap();
        wait_for_end(&guard);
        yard.wait_until_deserted();
    }
}

#[expect(clippy::disallowed_methods, reason = "a process that is not below a guard, on purpose")]
fn command(program: &str) -> std::process::Command {
    std::process::Command::new(program)
}
