//! What the store promises when several processes use it, when one is killed, and when the disk is full or read-only.
//!
//! The other processes are this test binary once more: the test `in_another_process`, told by the environment what
//! to do.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rehearsal::action::Stream;
use rehearsal::clock::Timestamp;
use rehearsal::store::{AppendError, Error, NewEvent, Paths, Store, Surroundings, Workspace, archive, sweep};

const ROLE: &str = "REHEARSAL_TEST_ROLE";
const DIR: &str = "REHEARSAL_TEST_DIR";
const CEILING: Duration = Duration::from_secs(30);

#[test]
#[expect(clippy::disallowed_methods, reason = "a test's own child is told what to do by the environment")]
fn in_another_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let dir = PathBuf::from(std::env::var_os(DIR).unwrap());
    match role.as_str() {
        "crowd" => {
            let store = open(&dir);
            join_the_crowd(|| store.clone(), 20);
        }
        "come and go" => join_the_crowd(|| open(&dir), 20),
        "append" => append_until_killed(&open(&dir)),
        "hold" => hold_until_killed(&dir),
        "full" => fill_the_disk(&dir),
        "nearly full" => open_on_every_size(&dir),
        "read-only" => choose_with_a_read_only_git_directory(&dir),
        other => panic!("no such role: {other}"),
    }
}

/// This binary in `role`, started by `wrapper` (empty: directly).
#[expect(clippy::disallowed_methods, reason = "a second process is what is tested")]
fn start(wrapper: &[&str], role: &str, dir: &Path) -> Child {
    let binary = std::env::current_exe().unwrap();
    let binary = binary.to_str().unwrap();
    let arguments = ["store::in_another_process", "--exact", "--nocapture"];
    let words: Vec<&str> = wrapper.iter().copied().chain([binary]).chain(arguments).collect();
    Command::new(words[0])
        .args(&words[1..])
        .env(ROLE, role)
        .env(DIR, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("this test needs {}: {error}", words[0]))
}

/// Runs this binary in `role`, as root of a mount namespace of its own, after `mounts`.
fn in_a_mount_namespace(mounts: &str, role: &str, dir: &Path) {
    let script = format!("dir=$1; shift; {{ {mounts}; }} || exit 77; exec \"$@\"");
    let user = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    let wrapper = ["unshare", user, "sh", "-c", &script, "sh", dir.to_str().unwrap()];
    let mut child = start(&wrapper, role, dir);
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    let status = child.wait().unwrap();
    assert_ne!(status.code(), Some(77), "this test needs unshare with the right to mount");
    assert!(status.success(), "{status}: {output}");
}

/// Tells the parent something.
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn say(line: &str) {
    println!("> {line}");
}

/// Kills the child with SIGKILL, after so many lines that begin with `> `, and returns the last of them.
fn kill_after(mut child: Child, lines: usize) -> String {
    let output = BufReader::new(child.stdout.take().unwrap());
    let line = output.lines().map(Result::unwrap).filter(|line| line.starts_with("> ")).nth(lines - 1);
    child.kill().unwrap();
    child.wait().unwrap();
    line.expect("the child ended before it was killed")
}

fn open(dir: &Path) -> Store {
    Store::open(&Paths::under(dir).unwrap()).unwrap()
}

fn event(body: String) -> NewEvent {
    let at = Timestamp::UNIX_EPOCH;
    NewEvent { execution: Some("e".to_owned()), at, kind: "Happened".to_owned(), body }
}

/// Appends `rounds` events, each of which says how many its writer had seen.
fn join_the_crowd(store: impl Fn() -> Store, rounds: usize) {
    let mut seen = 0;
    let mut done = 0;
    while done < rounds {
        let store = store();
        seen += store.events("s", seen).unwrap().len() as u64;
        match store.append("s", seen, &[event(seen.to_string())]) {
            Ok(_) => done += 1,
            Err(AppendError::Conflict { current, .. }) => assert!(current > seen),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn writers_in_several_processes_decide_on_the_whole_stream() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut bell = store.bell("s").unwrap();
    let roles = ["crowd", "crowd", "come and go"];
    let children = roles.map(|role| start(&[], role, dir.path()));
    // The bell wakes for what other processes append, to the last event.
    while store.last_seq("s").unwrap() < 60 {
        assert!(bell.wait(CEILING).unwrap(), "nothing came any more");
    }
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let bodies: Vec<String> = store.events("s", 0).unwrap().into_iter().map(|event| event.body).collect();
    assert_eq!(bodies, (0..60).map(|seen| seen.to_string()).collect::<Vec<_>>());
}

fn append_until_killed(store: &Store) {
    for seq in 0.. {
        let events = [event("x".repeat(3_000)), event("y".repeat(3_000))];
        say(&store.append("s", seq * 2, &events).unwrap().last.to_string());
    }
}

#[test]
fn no_acknowledged_event_is_lost_to_a_kill_and_none_is_halved() {
    let dir = tempfile::tempdir().unwrap();
    let mut before = 0;
    for lines in [1, 7, 40] {
        let child = start(&[], "append", &dir.path().join(lines.to_string()));
        let acknowledged: u64 = kill_after(child, lines)[2..].parse().unwrap();
        let store = open(&dir.path().join(lines.to_string()));
        let events = store.events("s", 0).unwrap();
        assert!(events.len() as u64 >= acknowledged && events.len().is_multiple_of(2), "{}", events.len());
        assert_eq!(events.last().unwrap().seq, events.len() as u64);
        assert_eq!(store.last_seq("s").unwrap(), events.len() as u64);
        for pair in events.chunks(2) {
            assert_eq!((&pair[0].body, &pair[1].body), (&"x".repeat(3_000), &"y".repeat(3_000)));
        }
        store.append("s", events.len() as u64, &[event("on".to_owned())]).unwrap();
        assert!(acknowledged > before);
        before = acknowledged;
    }
}

/// Owns, builds in a workspace, writes a log, until the end.
fn hold_until_killed(dir: &Path) {
    let paths = Paths::under(dir).unwrap();
    let store = Store::open(&paths).unwrap();
    let _owned = store.own("e").unwrap().unwrap();
    let workspace = Workspace::create(paths.work(), "w").unwrap();
    fs::create_dir_all(workspace.path().join("src/deep")).unwrap();
    fs::write(workspace.path().join("src/deep/file"), "x").unwrap();
    let mut log = store.log_writer("e", "a").unwrap();
    log.write(Timestamp::UNIX_EPOCH, Stream::Stdout, b"not even a line").unwrap();
    say("ready");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn the_kernel_gives_back_what_a_killed_process_held() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path()).unwrap();
    let store = Store::open(&paths).unwrap();
    let mut child = start(&[], "hold", dir.path());
    let mut output = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    assert!(output.any(|line| line == "> ready"));
    assert!(store.is_owned("e").unwrap());
    assert!(store.own("e").unwrap().is_none());
    assert_eq!(sweep(paths.work()).unwrap(), Vec::<PathBuf>::new());
    assert!(paths.work().join("w/src/deep/file").exists());
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(!store.is_owned("e").unwrap());
    assert!(store.own("e").unwrap().is_some());
    assert_eq!(sweep(paths.work()).unwrap(), Vec::<PathBuf>::new());
    assert!(!paths.work().join("w").exists());
    let log = store.log_reader("e", "a").unwrap().unwrap();
    assert_eq!(log.tail(1).unwrap()[0].text, "not even a line");
}

#[test]
fn a_full_disk_is_said_and_nothing_is_half_written() {
    let dir = tempfile::tempdir().unwrap();
    in_a_mount_namespace(
        "mkdir \"$dir/disk\" && mount -t tmpfs -o size=1m none \"$dir/disk\"",
        "full",
        dir.path(),
    );
}

fn fill_the_disk(dir: &Path) {
    let (big, dir) = (dir.join("big"), dir.join("disk"));
    let paths = Paths::under(&dir).unwrap();
    let store = Store::open(&paths).unwrap();
    fs::write(&big, vec![7; 2_000_000]).unwrap();

    let error = store.keep_artifact("e", &big).unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
    let error = archive::pack(
        archive::Selection::Listed(&[(std::env::current_exe().unwrap(), "binary".into())]),
        &dir.join("a.zip"),
    );
    assert!(matches!(error, Err(archive::Error::System(Error::Full { .. }))), "{error:?}");
    assert!(!dir.join("a.zip").exists());

    let mut log = store.log_writer("e", "a").unwrap();
    let mut written = 0;
    let error = loop {
        let stream = if written % 2 == 0 { Stream::Stdout } else { Stream::Stderr };
        match log.write(Timestamp::UNIX_EPOCH, stream, &[b'x'; 1_000]) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().starts_with("no space left to write "), "{error}");
    let reader = store.log_reader("e", "a").unwrap().unwrap();
    assert_eq!(reader.length().unwrap(), log.length());
    assert!(log.length() >= written * 1_000);
    let read: usize = reader.read(0, 2_000_000).unwrap().iter().map(|chunk| chunk.bytes.len()).sum();
    assert_eq!(read as u64, log.length());

    let error = append_until_full(&store, 0);
    let AppendError::Store(Error::Full { .. }) = error else { panic!("{error:?}") };
    assert!(error.to_string().starts_with("no space left to record events in "), "{error}");
    fs::remove_file(reader.path()).unwrap();
    drop(log);
    drop(reader);
    append_until_full(&store, store.last_seq("s").unwrap());
    let recorded = store.last_seq("s").unwrap();
    assert!(recorded > 5, "{recorded}");

    // Another process still reads, on the full disk, what was acknowledged and nothing else.
    let other = Store::open(&paths).unwrap();
    let events = other.events("s", 0).unwrap();
    assert_eq!(events.len() as u64, recorded);
    assert!(events.iter().all(|event| event.body.len() == 20_000));
    let files: Vec<_> = fs::read_dir(paths.state().join("artifacts/.incoming")).unwrap().collect();
    assert_eq!(files.len(), 1, "the gate alone: {files:?}");
}

fn append_until_full(store: &Store, mut seq: u64) -> AppendError {
    loop {
        match store.append("s", seq, &[event("x".repeat(20_000))]) {
            Ok(appended) => seq = appended.last,
            Err(error) => {
                assert_eq!(store.last_seq("s").unwrap(), seq);
                return error;
            }
        }
    }
}

#[test]
fn whatever_room_is_left_opening_works_or_says_that_there_is_too_little() {
    let dir = tempfile::tempdir().unwrap();
    in_a_mount_namespace(
        "mkdir \"$dir/disk\" && mount -t tmpfs -o size=1m none \"$dir/disk\"",
        "nearly full",
        dir.path(),
    );
}

fn open_on_every_size(dir: &Path) {
    let dir = dir.join("disk");
    let (mut opened, mut refused) = (0, 0);
    for pages in 0..64 {
        let root = dir.join("root");
        fs::create_dir(&root).unwrap();
        let paths = Paths::under(&root).unwrap();
        // All of the disk, less so many pages.
        let mut ballast = vec![0; 2_000_000];
        let _ = fs::write(dir.join("ballast"), &ballast);
        ballast.truncate(usize::try_from(fs::metadata(dir.join("ballast")).unwrap().len()).unwrap());
        let file = fs::OpenOptions::new().write(true).open(dir.join("ballast")).unwrap();
        file.set_len((ballast.len() as u64).saturating_sub(pages * 4_096)).unwrap();
        match Store::open(&paths) {
            Ok(store) => {
                opened += 1;
                match store.append("s", 0, &[event("x".to_owned())]) {
                    Ok(_) | Err(AppendError::Store(Error::Full { .. })) => {}
                    Err(error) => panic!("{pages} pages: {error:?}"),
                }
            }
            Err(Error::Full { .. }) => refused += 1,
            Err(error) => panic!("{pages} pages: {error:?}"),
        }
        fs::remove_dir_all(root).unwrap();
        fs::remove_file(dir.join("ballast")).unwrap();
    }
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}

#[test]
fn a_read_only_git_directory_moves_the_state_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("repo/.git")).unwrap();
    in_a_mount_namespace(
        "mount --bind \"$dir/repo/.git\" \"$dir/repo/.git\" && mount -o remount,bind,ro \"$dir/repo/.git\"",
        "read-only",
        dir.path(),
    );
}

fn choose_with_a_read_only_git_directory(dir: &Path) {
    let paths = Paths::choose(&Surroundings {
        git_common_dir: Some(&dir.join("repo/.git")),
        project: &dir.join("repo"),
        home: Some(&dir.join("home")),
        xdg_state_home: None,
        xdg_cache_home: None,
        temp: &dir.join("tmp"),
    })
    .unwrap();
    assert!(paths.state().starts_with(dir.join("home/.local/state/rehearsal")), "{paths:?}");
    assert!(paths.notes()[0].contains("Read-only file system"), "{:?}", paths.notes());
    Store::open(&paths).unwrap().append("s", 0, &[event("x".to_owned())]).unwrap();
    assert_eq!(fs::read_dir(dir.join("repo/.git")).unwrap().count(), 0);
}
