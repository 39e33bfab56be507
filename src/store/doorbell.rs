//! Noticing that somebody else appended.
//!
//! Owns: one small file per stream, which grows by a byte when its bell rings, and waiting for that. The file only
//! wakes; whether something came is read from the store. So a ring that is missed (network disks, no watches left)
//! costs a few seconds and nothing else.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher};

use super::Store;
use super::digest::Digest;
use super::error::Error;

/// How often is looked without being woken.
const POLL: Duration = Duration::from_secs(2);
/// A bell file that is longer begins anew.
const LONGEST: u64 = 64 * 1024;

/// Waits for a stream's bell.
pub struct Bell {
    store: Store,
    stream: String,
    seen: Look,
    wakes: Receiver<()>,
    /// Kept, so that waiting without a watcher is waiting.
    _wake: SyncSender<()>,
    _watcher: Option<notify::RecommendedWatcher>,
}

/// What changes when a bell rings: the last sequence number, and the length of the file.
type Look = (u64, u64);

impl Store {
    /// Rings the bell of `stream`. Appending does so by itself; a bell that cannot be rung is noticed later.
    pub fn ring(&self, stream: &str) {
        let rung =
            OpenOptions::new().append(true).create(true).open(self.bell_file(stream)).and_then(|mut file| {
                if file.metadata()?.len() >= LONGEST {
                    file.set_len(0)?;
                }
                file.write_all(b".")
            });
        // A full disk has been reported by then, or will be.
        drop(rung);
    }

    /// A bell that tells of everything appended to `stream` from now on. Events read after this call and waits
    /// on the bell leave no gap between them.
    pub fn bell(&self, stream: &str) -> Result<Bell, Error> {
        let (wake, wakes) = sync_channel(1);
        let file = self.bell_file(stream);
        let watcher = {
            let (wake, name) = (wake.clone(), file.file_name().map(ToOwned::to_owned));
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let ours = |path: &PathBuf| path.file_name() == name.as_deref();
                if event.map_or(true, |event| !event.kind.is_access() && event.paths.iter().any(ours)) {
                    // When one is waiting already, that one wakes for both.
                    let _ = wake.try_send(());
                }
            })
        };
        let watcher = watcher.ok().and_then(|mut watcher| {
            watcher.watch(file.parent()?, RecursiveMode::NonRecursive).ok()?;
            Some(watcher)
        });
        let mut bell = Bell {
            store: self.clone(),
            stream: stream.to_owned(),
            seen: (0, 0),
            wakes,
            _wake: wake,
            _watcher: watcher,
        };
        bell.seen = bell.look()?;
        Ok(bell)
    }

    pub(super) fn bell_file(&self, stream: &str) -> PathBuf {
        self.path().join("bells").join(Digest::of(stream.as_bytes()).short())
    }
}

impl Bell {
    /// Waits until the bell has rung since the last wait that returned true (at first: since the bell was made), at
    /// most for `timeout`. Several rings may be one.
    pub fn wait(&mut self, timeout: Duration) -> Result<bool, Error> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            while self.wakes.try_recv().is_ok() {}
            let look = self.look()?;
            if look != self.seen {
                self.seen = look;
                return Ok(true);
            }
            let left = deadline.map_or(POLL, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(false);
            }
            // Woken or not: the next look decides.
            let _ = self.wakes.recv_timeout(left.min(POLL));
        }
    }

    fn look(&self) -> Result<Look, Error> {
        let length = self.store.bell_file(&self.stream).metadata().map_or(0, |metadata| metadata.len());
        Ok((self.store.last_seq(&self.stream)?, length))
    }
}

impl std::fmt::Debug for Bell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Bell")
            .field("stream", &self.stream)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::store::{NewEvent, Paths};

    const CEILING: Duration = Duration::from_secs(30);

    fn event() -> NewEvent {
        let at = Timestamp::UNIX_EPOCH;
        NewEvent { execution: None, at, kind: "K".to_owned(), body: String::new() }
    }

    #[test]
    fn a_bell_tells_of_its_own_stream_only() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
        store.append("a", 0, &[event()]).unwrap();
        let mut bell = store.bell("a").unwrap();
        store.append("b", 0, &[event()]).unwrap();
        assert!(!bell.wait(Duration::ZERO).unwrap());
        store.append("a", 1, &[event()]).unwrap();
        store.append("a", 2, &[event()]).unwrap();
        assert!(bell.wait(Duration::ZERO).unwrap());
        assert!(!bell.wait(Duration::ZERO).unwrap());
        store.ring("a");
        assert!(bell.wait(Duration::ZERO).unwrap());
    }

    #[test]
    fn no_append_of_another_process_is_missed() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path()).unwrap();
        // Two stores share nothing but the files, as two processes do.
        let (one, other) = (Store::open(&paths).unwrap(), Store::open(&paths).unwrap());
        let mut bell = one.bell("a").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for seq in 0..50 {
                    other.append("a", seq, &[event()]).unwrap();
                }
            });
            while one.last_seq("a").unwrap() < 50 {
                assert!(bell.wait(CEILING).unwrap());
            }
        });
    }

    #[test]
    fn a_long_bell_file_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Paths::under(dir.path()).unwrap()).unwrap();
        std::fs::write(store.bell_file("a"), vec![b'.'; usize::try_from(LONGEST).unwrap()]).unwrap();
        let mut bell = store.bell("a").unwrap();
        store.ring("a");
        assert!(bell.wait(Duration::ZERO).unwrap());
        assert_eq!(store.bell_file("a").metadata().unwrap().len(), 1);
    }
}
