//! Which files were made while something was simulated: those are no evidence.
//!
//! Owns: the times of commands in which something was taken for done that was not, and whether a file is of such a time.
//! Leaves to `aws`: what counts as simulated, to `gate`: what follows.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

use super::dated::Dated;
use super::session::{Fault, Session};

/// The times in which a command ran of which something was simulated.
#[derive(Debug, Default)]
pub(super) struct SimulatedTimes(Vec<(Dated, Dated)>);

impl SimulatedTimes {
    /// Adds the time of a command.
    pub(super) fn add(&mut self, began: Dated, ended: Dated) {
        self.0.push((began, ended));
    }

    /// Whether something of this date was made then. What bears the very date of the beginning was there before: clocks of
    /// file systems are coarse, and a command needs longer than that to simulate anything.
    pub(super) fn covers(&self, modified: SystemTime) -> bool {
        self.0.iter().any(|(began, ended)| began.is_before(modified) && !ended.is_before(modified))
    }

    /// Whether there are such times at all.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this file was.
    pub(super) fn made(&self, file: &File) -> bool {
        if self.is_empty() {
            return false;
        }
        file.metadata().is_ok_and(|metadata| {
            // Whoever sets the first date changes the second.
            let changed = Duration::new(
                metadata.ctime().unsigned_abs(),
                u32::try_from(metadata.ctime_nsec()).unwrap_or_default(),
            );
            let changed = SystemTime::UNIX_EPOCH.checked_add(changed);
            metadata.modified().into_iter().chain(changed).any(|moment| self.covers(moment))
        })
    }
}

impl Session<'_> {
    /// Begins to watch what a command asks of AWS: when it began, and how much was simulated before.
    pub(super) fn watch(&self, text: &str) -> Result<Option<(Dated, usize)>, Fault> {
        let Some(session) = &self.aws else { return Ok(None) };
        session.desk().at(Some(self.phase().api_name()), Some(text.trim_end()));
        Ok(Some((Dated::now(&self.layout.root)?, session.desk().simulated())))
    }

    /// What it wrote is no evidence if something was simulated meanwhile.
    pub(super) fn see(&mut self, watched: Option<(Dated, usize)>) -> Result<(), Fault> {
        if let (Some(session), Some((began, before))) = (&self.aws, watched)
            && session.desk().simulated() > before
        {
            self.simulated.add(began, Dated::now(&self.layout.root)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_time_between_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let began = Dated::now(folder.path()).unwrap().later(folder.path()).unwrap();
        std::fs::write(&path, "x").unwrap();
        let made = path.metadata().unwrap().modified().unwrap();
        let ended = began.later(folder.path()).unwrap().later(folder.path()).unwrap();
        let mut times = SimulatedTimes::default();
        let file = File::options().write(true).open(&path).unwrap();
        assert!(!times.made(&file) && !times.covers(made));
        times.add(began, ended);
        let second = Duration::from_secs(1);
        assert!(times.covers(made + Duration::from_nanos(1)) || made == ended.moment());
        assert!(!times.covers(made - second) && !times.covers(made + second));
        file.set_modified(ended.moment()).unwrap();
        assert!(times.made(&file));
    }
}
