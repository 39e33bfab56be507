//! What a deployment leaves running: it outlives the action, ends with the execution, and can be started again.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use rehearsal::action::{Cancel, Job, Provider, StopReason};
use rehearsal::deploy::CodeDeploy;

use crate::deploy_ground::{Files, Told, Yard, appspec};
use crate::env::{until, until_file};

const START: &str = "#!/bin/sh
cd \"$REHEARSAL_DEPLOYMENT_ROOT/srv\" || exit 1
rm -f port
python3 server.py >server.log 2>&1 </dev/null &
echo $! >pid
until [ -s port ]; do sleep 0.02; done
";
const STOP: &str = "#!/bin/sh
cd \"$REHEARSAL_DEPLOYMENT_ROOT/srv\" || exit 1
kill \"$(cat pid)\"
while kill -0 \"$(cat pid)\" 2>/dev/null; do sleep 0.02; done
echo stopped by ${0##*/}
";
const SERVER: &str = "import http.server, os
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
with open('port.new', 'w') as file:
    file.write(str(server.server_port))
os.rename('port.new', 'port')
server.serve_forever()
";

fn service(yard: &Yard, name: &str, page: &str, stop: bool) -> Job {
    let mut hooks = vec![("ApplicationStart", "start.sh")];
    if stop {
        hooks.push(("ApplicationStop", "stop.sh"));
    }
    let files = "file_exists_behavior: OVERWRITE\nfiles:\n  - {source: page, destination: /srv}\n  - {source: server.py, destination: /srv}";
    let spec = appspec(files, &hooks);
    let files: Files<'_> = &[
        ("appspec.yml", &spec),
        ("start.sh", START),
        ("stop.sh", STOP),
        ("server.py", SERVER),
        ("page", page),
    ];
    yard.job(name, files)
}

/// What the deployed service answers; nothing when nobody listens.
fn page(yard: &Yard) -> Option<String> {
    let port: u16 = yard.read("/srv/port")?.parse().ok()?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(b"GET /page HTTP/1.0\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.rsplit("\r\n\r\n").next().map(str::to_owned)
}

fn perform(provider: &CodeDeploy, job: &Job) -> Told<'static> {
    let (outcome, told) = crate::deploy_ground::perform(provider, job);
    assert!(outcome.failure.is_none(), "{:?}\n{}", outcome.failure, told.text);
    told
}

fn wind_down(provider: &CodeDeploy, job: &Job) -> Vec<String> {
    let mut told = Told::default();
    provider.wind_down(job, &mut told, &Cancel::new().unwrap()).unwrap()
}

fn resume(provider: &CodeDeploy, job: &Job) -> Vec<String> {
    provider.resume(job, &mut Told::default(), &Cancel::new().unwrap()).unwrap()
}

/// A line with its deployment and process ids replaced.
fn plain(lines: &[String]) -> Vec<String> {
    let hide = |line: &String| {
        let words = line.split(' ').map(|word| {
            let bare = word.trim_end_matches(',');
            if bare.starts_with("d-") && bare.len() == 11 {
                word.replace(bare, "[D]")
            } else if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) {
                word.replace(bare, "[PID]")
            } else if bare.ends_with("/python3") {
                word.replace(bare, "[PYTHON]")
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    lines.iter().map(hide).collect()
}

#[test]
fn a_service_outlives_its_action_and_is_stopped_with_the_execution() {
    let yard = Yard::new();
    let provider = yard.provider();
    let job = service(&yard, "one", "first", true);
    perform(&provider, &job);
    assert_eq!(page(&yard).as_deref(), Some("first"));
    assert_eq!(plain(&wind_down(&provider, &job)), ["service/production: ApplicationStop of [D] has run"]);
    assert_eq!(page(&yard), None);
    assert_eq!(wind_down(&provider, &job), [""; 0], "nothing is left to wind down");

    // The next deployment, of another process, has nothing to stop, and says so.
    let told = perform(&yard.provider(), &service(&yard, "two", "second", true));
    let skipped = "ApplicationStop was skipped: nothing of [D], which was installed before, runs any more";
    assert_eq!(plain(&told.notes), [skipped]);
}

#[test]
fn what_survives_application_stop_is_ended_and_listed() {
    let yard = Yard::new();
    let provider = yard.provider();
    let job = service(&yard, "one", "first", false);
    perform(&provider, &job);
    assert_eq!(
        plain(&wind_down(&provider, &job)),
        [
            "service/production: [D] has no scripts for ApplicationStop",
            "service/production: ended: process [PID], [PYTHON] server.py",
        ]
    );
    assert_eq!(page(&yard), None);
}

#[test]
fn whoever_cannot_wait_for_application_stop_ends_the_service_at_once() {
    let yard = Yard::new();
    let provider = yard.provider();
    let spec = appspec("", &[("ApplicationStart", "start.sh"), ("ApplicationStop", "stop.sh")]);
    let start = "#!/bin/sh\nsleep 1000 >/dev/null 2>&1 </dev/null &\n";
    let job = yard.job(
        "one",
        &[("appspec.yml", &spec), ("start.sh", start), ("stop.sh", "#!/bin/sh\nexec sleep 1000\n")],
    );
    perform(&provider, &job);
    let cancel = Cancel::new().unwrap();
    cancel.request(StopReason::Signal(2));
    let lines = plain(&provider.wind_down(&job, &mut Told::default(), &cancel).unwrap());
    assert!(lines[0].starts_with("service/production: ApplicationStop of [D] failed: "), "{lines:?}");
    assert_eq!(lines[1..], ["service/production: ended: process [PID], sleep [PID]"]);
}

#[test]
fn a_running_service_is_stopped_by_its_own_revision_even_across_processes() {
    let yard = Yard::new();
    let (first, second) = (yard.provider(), yard.provider());
    let (one, two) = (service(&yard, "one", "first", true), service(&yard, "two", "second", true));
    perform(&first, &one);
    let told = perform(&second, &two);
    assert_eq!(told.said(), "stopped by stop.sh\n");
    assert_eq!(page(&yard).as_deref(), Some("second"));
    // The first execution ends later, and does no harm.
    assert_eq!(
        plain(&wind_down(&first, &one)),
        ["service/production: [D] has been replaced by another deployment"]
    );
    assert_eq!(page(&yard).as_deref(), Some("second"));
    wind_down(&second, &two);
    assert_eq!(page(&yard), None);
}

#[test]
fn what_another_process_left_at_an_approval_is_started_again() {
    let yard = Yard::new();
    let job = service(&yard, "one", "first", true);
    let first = yard.provider();
    perform(&first, &job);
    wind_down(&first, &job);
    drop(first);

    let second = yard.provider();
    assert_eq!(plain(&resume(&second, &job)), ["service/production: ApplicationStart of [D] has run again"]);
    assert_eq!(page(&yard).as_deref(), Some("first"));
    assert_eq!(resume(&second, &job), [""; 0], "it runs already");
    assert_eq!(
        plain(&resume(&yard.provider(), &job)),
        ["service/production: [D] is not started again: it runs in another process"]
    );
    assert_eq!(plain(&wind_down(&second, &job)), ["service/production: ApplicationStop of [D] has run"]);
    assert_eq!(page(&yard), None);

    // Somebody else's deployment has come in between.
    let other = service(&yard, "two", "second", true);
    perform(&second, &other);
    wind_down(&second, &other);
    assert_eq!(
        plain(&resume(&second, &job)),
        ["service/production: [D] is not started again: another deployment has replaced it"]
    );
    // A job that never deployed anything.
    assert_eq!(resume(&second, &service(&yard, "three", "third", true)), [""; 0]);
}

#[test]
fn starting_again_needs_the_same_permission() {
    let yard = Yard::new();
    let job = service(&yard, "one", "first", true);
    let first = yard.provider();
    perform(&first, &job);
    wind_down(&first, &job);
    let group = crate::deploy_ground::group();
    let local = crate::deploy_ground::local(Some("root"));
    let unallowed = CodeDeploy::new(yard.host(), vec![group], vec![local], false);
    let lines = resume(&unallowed, &job);
    assert!(lines[0].ends_with("only with --allow host-hooks"), "{lines:?}");
    assert_eq!(page(&yard), None);
}

#[test]
fn a_running_service_is_not_stopped_without_permission() {
    let yard = Yard::new();
    let provider = yard.provider();
    perform(&provider, &service(&yard, "one", "first", true));
    let (group, local) = (crate::deploy_ground::group(), crate::deploy_ground::local(Some("root")));
    let unallowed = CodeDeploy::new(yard.host(), vec![group], vec![local], false);
    let told = perform(&unallowed, &yard.job("two", &[("appspec.yml", &appspec("", &[]))]));
    let skipped = "ApplicationStop of [D], which runs, was skipped: hooks run on this machine only with --allow host-hooks";
    assert_eq!(plain(&told.notes), [skipped]);
    assert_eq!(told.said(), "");
}

#[test]
fn a_service_ends_when_its_provider_is_dropped() {
    let yard = Yard::new();
    let provider = yard.provider();
    perform(&provider, &service(&yard, "one", "first", true));
    assert!(page(&yard).is_some());
    drop(provider);
    assert_eq!(page(&yard), None);
}

#[test]
fn when_the_guard_is_killed_so_is_what_it_holds() {
    let yard = Yard::new();
    let spec = appspec("", &[("ApplicationStart", "start.sh"), ("ValidateService", "kill.sh")]);
    let start =
        "#!/bin/sh\nsleep 1000 >/dev/null 2>&1 </dev/null &\necho $! >\"$REHEARSAL_DEPLOYMENT_ROOT/pid\"\n";
    // The guard is the parent of every hook.
    let kill = "#!/bin/sh\nkill -KILL $PPID\nexec sleep 1000\n";
    let job = yard.job("one", &[("appspec.yml", &spec), ("start.sh", start), ("kill.sh", kill)]);
    let error = yard
        .provider()
        .perform(&job, &mut Told::default(), &Cancel::new().unwrap())
        .expect_err("Rehearsal could not go on");
    assert!(error.to_string().contains("guard"), "{error}");
    let pid = until_file(&yard.on_instance("/pid"));
    until("the daemon to be gone", || {
        let state = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).ok();
        state.is_none_or(|state| state.contains(") Z ")).then_some(())
    });
}
