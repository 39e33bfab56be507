//! The event log as its users see it: order, conflicts, crowds, and files it cannot use.

use std::path::Path;

use super::*;
use crate::clock::Timestamp;

fn open(dir: &Path) -> Store {
    Store::open(&Paths::under(dir).unwrap()).unwrap()
}

fn event(execution: &str, body: &str) -> NewEvent {
    NewEvent {
        execution: (!execution.is_empty()).then(|| execution.to_owned()),
        at: Timestamp::from_nanosecond(1_763_874_000_123_456_789).unwrap(),
        kind: "Happened".to_owned(),
        body: body.to_owned(),
    }
}

/// Every file below `dir` with its bytes.
fn snapshot(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn events_come_back_as_they_were_appended() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let events = [event("one", "{\"a\": \"\u{fc}\\u0000\0\"}"), event("", ""), event("two", "x")];
    assert_eq!(store.append("pipeline/p", 0, &events[..2]).unwrap(), Appended { first: 1, last: 2 });
    assert_eq!(store.append("pipeline/p", 2, &events[2..]).unwrap(), Appended { first: 3, last: 3 });
    store.append("build/b", 0, &events[..1]).unwrap();
    drop(store);

    let store = open(dir.path());
    let stored = store.events("pipeline/p", 0).unwrap();
    for (event, (new, seq)) in stored.iter().zip(events.iter().zip(1..)) {
        let StoredEvent { stream, seq: found, execution, at, kind, body } = event.clone();
        assert_eq!((stream.as_str(), found), ("pipeline/p", seq));
        assert_eq!(NewEvent { execution, at, kind, body }, *new);
    }
    assert_eq!(stored.len(), 3);
    assert_eq!(store.events("pipeline/p", 2).unwrap(), stored[2..]);
    assert_eq!(store.last_seq("pipeline/p").unwrap(), 3);
    assert_eq!(store.streams().unwrap(), ["build/b", "pipeline/p"]);
    assert_eq!(store.events("absent", 0).unwrap(), []);
    assert_eq!(store.last_seq("absent").unwrap(), 0);
}

#[test]
fn who_expects_another_number_appends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append("s", 0, &[event("e", "1"), event("e", "2")]).unwrap();
    for expected in [0, 1, 3, u64::MAX] {
        let error = store.append("s", expected, &[event("e", "x")]).unwrap_err();
        assert!(matches!(error, AppendError::Conflict { current: 2, .. }), "{error}");
    }
    assert_eq!(store.append("s", 2, &[]).unwrap().last, 2);
    assert_eq!(store.events("s", 0).unwrap().len(), 2);
    assert_eq!(store.append("empty", 0, &[]).unwrap().last, 0);
    assert_eq!(store.streams().unwrap(), ["s"]);
}

#[test]
fn an_execution_is_found_by_the_beginning_of_its_identifier() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(store.stream_of("").unwrap(), Lookup::Unknown);
    store.append("a", 0, &[event("abc-1", ""), event("abd", ""), event("abc-1-more", "")]).unwrap();
    let mut later = event("abd", "");
    later.at = Timestamp::MAX;
    store.append("0-later", 0, &[later]).unwrap();
    let found = |execution: &str| Lookup::Found { execution: execution.to_owned(), stream: "a".to_owned() };
    for (part, expected) in [
        ("abd", found("abd")),
        ("abc-1", found("abc-1")),
        ("abc-1-", found("abc-1-more")),
        ("abc", Lookup::Ambiguous(vec!["abc-1".to_owned(), "abc-1-more".to_owned()])),
        ("", Lookup::Ambiguous(vec!["abc-1".to_owned(), "abc-1-more".to_owned(), "abd".to_owned()])),
        ("abe", Lookup::Unknown),
        ("ABD", Lookup::Unknown),
        ("ab%", Lookup::Unknown),
        ("a_d", Lookup::Unknown),
    ] {
        assert_eq!(store.stream_of(part).unwrap(), expected, "{part}");
    }
}

#[test]
fn every_writer_in_a_crowd_decides_on_the_whole_stream() {
    let dir = tempfile::tempdir().unwrap();
    let writers = 4;
    let each = 25;
    std::thread::scope(|scope| {
        for writer in 0..writers {
            // Half of the writers share a connection, as threads do; half have their own, as processes do.
            let store = open(dir.path());
            let store = if writer % 2 == 0 { store.clone() } else { store };
            scope.spawn(move || {
                let mut seen = 0;
                let mut done = 0;
                while done < each {
                    seen += store.events("s", seen).unwrap().len() as u64;
                    match store.append("s", seen, &[event("e", &seen.to_string())]) {
                        Ok(_) => done += 1,
                        Err(AppendError::Conflict { current, .. }) => assert!(current > seen),
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    let bodies: Vec<String> =
        open(dir.path()).events("s", 0).unwrap().into_iter().map(|event| event.body).collect();
    let expected: Vec<String> = (0..writers * each).map(|seen| seen.to_string()).collect();
    assert_eq!(bodies, expected);
}

#[test]
fn first_comers_may_come_together() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for stream in 0..6 {
                let dir = dir.path();
                scope.spawn(move || open(dir).append(&stream.to_string(), 0, &[event("e", "")]).unwrap());
            }
        });
        assert_eq!(open(dir.path()).streams().unwrap().len(), 6);
    }
}

#[test]
fn a_newer_store_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append("s", 0, &[event("e", "")]).unwrap();
    store.connection().pragma_update(None, "user_version", 7).unwrap();
    drop(store);
    for folder in ["artifacts", "owners"] {
        std::fs::remove_dir_all(dir.path().join("state").join(folder)).unwrap();
    }
    let before = snapshot(dir.path());
    let error = Store::open(&Paths::under(dir.path()).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 7, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("newer version of Rehearsal"), "{error}");
    assert_eq!(snapshot(dir.path()), before);
}

#[test]
fn a_damaged_store_is_said_to_be_that() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path()).unwrap();
    std::fs::write(
        paths.state().join("events.sqlite3"),
        "this is no database, but it is long enough ".repeat(99),
    )
    .unwrap();
    let error = Store::open(&paths).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("move the folder away"), "{error}");
}

#[test]
fn a_full_disk_appends_all_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append("s", 0, &[event("e", "small")]).unwrap();
    let pages: i64 = store.connection().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |pages: i64| {
        store.connection().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    limit(pages + 1);
    let error = store.append("s", 1, &[event("e", "small"), event("e", &"x".repeat(100_000))]).unwrap_err();
    assert!(matches!(&error, AppendError::Store(Error::Full { .. })), "{error}");
    assert!(error.to_string().starts_with("no space left to record events in "), "{error}");
    assert_eq!(store.events("s", 0).unwrap().len(), 1);
    limit(pages + 1_000);
    store.append("s", 1, &[event("e", "later")]).unwrap();
}

#[test]
fn acknowledged_events_are_on_the_disk_and_readers_do_not_wait() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pragma = |name: &str| -> String {
        let value = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
        format!("{:?}", store.connection().query_row(&format!("PRAGMA {name}"), [], value).unwrap())
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
}

#[test]
fn an_execution_has_one_owner_until_that_one_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (open(dir.path()), open(dir.path()));
    let owned = one.own("e").unwrap().unwrap();
    assert_eq!(owned.execution(), "e");
    assert!(other.own("e").unwrap().is_none() && one.own("e").unwrap().is_none());
    assert!(other.is_owned("e").unwrap() && !other.is_owned("f").unwrap());
    drop(owned);
    assert!(!one.is_owned("e").unwrap());
    assert!(other.own("e").unwrap().is_some());
}

#[test]
fn equal_content_is_kept_once_and_not_to_be_changed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let file = dir.path().join("file");
    std::fs::write(&file, "abc").unwrap();
    let digest = store.keep_artifact("one", &file).unwrap();
    assert_eq!(digest, Digest::of(b"abc"));
    assert_eq!(store.keep_artifact("two", &file).unwrap(), digest);
    let kept = store.artifact(&digest).unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), b"abc");
    assert!(kept.metadata().unwrap().permissions().readonly());
    assert!(store.artifact(&Digest::of(b"other")).is_none());
    let files: Vec<PathBuf> = snapshot(&store.artifacts()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(files, [store.artifacts().join(".incoming/.gate"), kept]);
    assert!(store.keep_artifact("one", &dir.path().join("absent")).is_err());
    assert!(store.keep_artifact("one", dir.path()).is_err());
    assert_eq!(snapshot(&store.artifacts()).len(), 2);
}
