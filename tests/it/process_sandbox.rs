//! Guards in the isolated sandbox: they end everything as on the host, and hand their listeners out.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rehearsal::action::{Cancel, StopReason};
use rehearsal::process::sandbox::{Entered, Room, Sandbox};
use rehearsal::process::{Command, Guard, How};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::process_yard::{Yard, run, text};

const ALL_KINDS: &str = "plain; group; session; double; bare; stopped";
const COUNT: usize = 6;

/// What a yard is called inside.
const INSIDE: &str = "/codebuild";

/// A sandbox in which the yard is the only folder of a build.
fn enter(yard: &Yard) -> Entered {
    let (options, env) = (yard.options(), yard.env());
    let files = yard.path().join("files");
    let writable = [(yard.path().to_owned(), PathBuf::from(INSIDE))];
    let room = Room { host: &env, writable: &writable, readable: &[], private: &[], files: &files };
    let sandbox =
        Sandbox::isolated(&options, &env).unwrap_or_else(|error| panic!("{error}: {}", error.remedy));
    sandbox.enter(&options, &room).unwrap()
}

/// A command of the yard, under the names that it has inside.
fn command(yard: &Yard, script: &str) -> Command {
    let mut command = yard.command(script);
    command.cwd = INSIDE.into();
    command.env.insert("FIFO".into(), Path::new(INSIDE).join("fifo").into());
    command
}

fn guard(yard: &Yard) -> Guard {
    Guard::start(&enter(yard).guard).unwrap()
}

fn process(guard: &Guard) -> Pid {
    Pid::from_raw(guard.pid().try_into().unwrap()).unwrap()
}

#[test]
fn commands_are_root_in_namespaces_of_their_own() {
    let yard = Yard::new();
    let mut guard = guard(&yard);
    let script = "id -un; echo $$ >mine; readlink /proc/1/exe; hostname; cat /sys/x /run/* 2>/dev/null
for kind in user pid net ipc uts mnt; do readlink /proc/self/ns/$kind; done >namespaces
grep -E '^(NoNewPrivs|CapBnd)' /proc/self/status";
    let (exit, output) = run(&mut guard, &command(&yard, script));
    assert_eq!(exit.how, How::Exited(0), "{}", text(&output));
    // chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, sys_chroot, setfcap
    let expected = "root\nrehearsal\nCapBnd:\t00000000800405fb\nNoNewPrivs:\t1\n";
    assert_eq!(text(&output), expected);
    for line in std::fs::read_to_string(yard.path().join("namespaces")).unwrap().lines() {
        let kind = line.split(':').next().unwrap();
        let ours = std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap();
        assert_ne!(Path::new(line), ours);
    }
    assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
}

#[test]
fn a_stop_a_limit_and_a_drop_end_everything_of_whatever_kind() {
    for way in ["stop", "limit", "drop", "finish"] {
        let mut yard = Yard::new();
        let mut guard = guard(&yard);
        let (exit, output) = run(&mut guard, &command(&yard, ALL_KINDS));
        assert_eq!(exit.how, How::Exited(0), "{}", text(&output));
        yard.expect(COUNT);
        let mut last = command(&yard, "echo up; exec sleep 1000");
        let cancel = Cancel::new().unwrap();
        match way {
            "stop" => {
                let mut stop = |_, _, _: &[u8]| cancel.request(StopReason::Signal(2));
                let exit = guard.run(&last, &mut stop, &cancel).unwrap();
                assert_eq!(exit.how, How::Stopped(StopReason::Signal(2)));
                yard.assert_deserted();
            }
            "limit" => {
                last.time_limit = Some(Duration::from_millis(200));
                assert_eq!(run(&mut guard, &last).0.how, How::TimedOut);
                yard.assert_deserted();
                // The guard itself goes on.
                assert_eq!(run(&mut guard, &command(&yard, "true")).0.how, How::Exited(0));
            }
            "drop" => drop(guard),
            _ => assert!(guard.finish(&mut |_, _, _| {}).unwrap().len() >= COUNT),
        }
        yard.assert_deserted();
    }
}

#[test]
fn when_the_wrapper_is_killed_or_the_guard_is_everything_ends() {
    for whom in ["wrapper", "guard"] {
        let mut yard = Yard::new();
        let mut guard = guard(&yard);
        let (exit, _) = run(&mut guard, &command(&yard, ALL_KINDS));
        assert_eq!(exit.how, How::Exited(0));
        yard.expect(COUNT);
        // The marker of what is below the guard is not in the wrapper's environment.
        let wrapper = process(&guard);
        let victim = if whom == "wrapper" { wrapper } else { child_of(wrapper) };
        let mut killed = false;
        let result = guard.run(
            &command(&yard, "echo up; exec sleep 1000"),
            &mut |_, _, _| {
                if !std::mem::replace(&mut killed, true) {
                    kill_process(victim, Signal::KILL).unwrap();
                }
            },
            &Cancel::new().unwrap(),
        );
        let error = result.unwrap_err().to_string();
        assert!(error.contains(&format!("the guard process {} ", guard.pid())), "{error}");
        yard.wait_until_deserted();
        assert_eq!(guard.finish(&mut |_, _, _| {}).unwrap(), []);
    }
}

/// The only child of a process.
fn child_of(process: Pid) -> Pid {
    let process = process.as_raw_nonzero();
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
    Pid::from_raw(children.trim().parse().unwrap()).unwrap()
}

#[test]
fn a_build_cannot_kill_its_guard_nor_see_what_it_has_open() {
    let yard = Yard::new();
    let mut guard = guard(&yard);
    let script =
        "kill -KILL 1; kill -STOP 1; ls /proc/1/root/ /proc/1/cwd/ 2>/dev/null; cat /proc/1/environ 2>/dev/null
tr '\\0' ' ' </proc/1/cmdline; echo nonsense >/proc/1/fd/1";
    let (_, output) = run(&mut guard, &command(&yard, script));
    let said = text(&output);
    assert!(
        said.starts_with("/rehearsal/bin/rehearsal __guard ") && said.contains("Permission denied"),
        "{said}"
    );
    assert_eq!(run(&mut guard, &command(&yard, "true")).0.how, How::Exited(0));
}

#[test]
fn a_listener_opened_inside_is_served_from_outside() {
    for isolated in [true, false] {
        let yard = Yard::new();
        let mut guard = if isolated { guard(&yard) } else { yard.guard() };
        let listener = guard.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0);
        // Another one does not take its place.
        assert_ne!(guard.listen(0).unwrap().local_addr().unwrap(), address);
        // A port that is taken is refused, and the guard goes on.
        assert!(guard.listen(address.port()).is_err());
        let serve = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 9];
            stream.read_exact(&mut question).unwrap();
            stream.write_all(b"answer\n").unwrap();
            question
        });
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}; echo question >&3; cat <&3", address.port());
        let command = if isolated { command(&yard, &script) } else { yard.command(&script) };
        let (exit, output) = run(&mut guard, &command);
        assert_eq!((exit.how, text(&output).as_str()), (How::Exited(0), "answer\n"));
        assert_eq!(&serve.join().unwrap(), b"question\n");
        // Nothing of it is on this machine's own loopback address.
        let here = TcpStream::connect(address).is_ok();
        assert!(!(isolated && here), "{address} is reachable here");
    }
}

#[test]
fn what_the_caller_has_open_does_not_get_in() {
    // A descriptor of a folder outside, as a shell may leave one open: not closed when a program is started.
    let yard = Yard::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "PLANTED").unwrap();
    let folder = std::fs::File::open(outside.path()).unwrap();
    let number = rustix::io::fcntl_dupfd_cloexec(&folder, 50).unwrap();
    rustix::io::fcntl_setfd(&number, rustix::io::FdFlags::empty()).unwrap();
    let low: OwnedFd = rustix::io::dup(&folder).unwrap();
    let mut guard = guard(&yard);
    drop((number, low));
    let script = "for fd in /proc/self/fd/*; do cat $fd/secret; done 2>/dev/null; ls /proc/self/fd | wc -l";
    let (_, output) = run(&mut guard, &command(&yard, script));
    // The three standard streams, and the folder that ls lists.
    assert_eq!(text(&output), "4\n");
}

#[test]
fn when_its_owner_is_killed_nothing_is_left() {
    let mut yard = Yard::new();
    let entered = enter(&yard);
    let mut argv: Vec<_> = entered.guard.wrapper.clone();
    argv.push(entered.guard.program.clone().into());
    let script = command(&yard, &format!("{ALL_KINDS}; sleep 1000")).argv[2].clone();
    let mut owner = python(&yard);
    owner.arg("-c").arg(OWNER).arg(script).args(argv);
    let mut owner = owner.spawn().unwrap();
    yard.expect(COUNT);
    let wrapper = child_of(Pid::from_child(&owner));
    let wrapper = pidfd_open(wrapper, PidfdFlags::empty()).unwrap();
    owner.kill().unwrap();
    owner.wait().unwrap();
    crate::process_yard::wait_for_end(&wrapper);
    yard.wait_until_deserted();
}

/// A process that holds a guard's input, as Rehearsal does.
const OWNER: &str = r#"
import json, os, struct, subprocess, sys
guard = subprocess.Popen(sys.argv[2:] + ["__guard"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def ask(request):
    body = json.dumps(request).encode()
    os.write(guard.stdin.fileno(), struct.pack("<I", len(body)) + body)
ask({"Begin": {"version": 3, "id": "test", "grace_ms": 3000, "drain_ms": 200}})
ask({"Run": {"argv": ["bash", "-c", sys.argv[1]], "cwd": "/", "limit_ms": None, "merged": True,
             "env": [["PATH", os.environ["PATH"]], ["FIFO", "/codebuild/fifo"]]}})
while os.read(guard.stdout.fileno(), 65536):
    pass
"#;

#[expect(clippy::disallowed_methods, reason = "a process that is not below a guard, on purpose")]
fn python(yard: &Yard) -> std::process::Command {
    let mut command = std::process::Command::new("python3");
    command.env_clear().envs(yard.env()).stdin(std::process::Stdio::null());
    command
}
