//! Where a command works: the repository around the working directory, if there is one, and the store that goes with it.
//!
//! Owns: opening both, and what every command does first: ending processes that a killed one left behind, removing its
//! workspaces, completing its record. Leaves to `store`: which folders these are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::ending::Failure;
use super::host::Host;
use super::output::Output;
use super::words;
use crate::clock::{Clock, SystemClock};
use crate::pipeline::{self, Completion, JournalError};
use crate::process;
use crate::repo::{self, GitRepository, Repository};
use crate::store::{self, Paths, Store, Surroundings};

/// Where a command works, before anything of ours is opened or made there.
pub(crate) struct Ground {
    /// The repository; none outside of one.
    pub(crate) repository: Option<Arc<GitRepository>>,
}

impl Ground {
    /// What is around the working directory. A repository in a format we cannot read is an error.
    pub(crate) fn find(host: &Host) -> Result<Self, Failure> {
        match repo::discover(&host.directory) {
            Ok(repository) => Ok(Self { repository: Some(Arc::new(repository)) }),
            Err(repo::Error::NotARepository { .. }) => Ok(Self { repository: None }),
            Err(error) => Err(error.into()),
        }
    }

    /// The same for a command that needs no repository: one that cannot be read is passed over.
    pub(crate) fn find_anywhere(host: &Host, output: &Output) -> Self {
        match repo::discover(&host.directory) {
            Ok(repository) => Self { repository: Some(Arc::new(repository)) },
            Err(repo::Error::NotARepository { .. }) => Self { repository: None },
            Err(error) => {
                output.warn(format_args!("{error}; going on as if there were none"));
                Self { repository: None }
            }
        }
    }

    /// The top of the user's own files: of the working tree, or the working directory outside a repository. A bare
    /// repository has none.
    pub(crate) fn root(&self, host: &Host) -> Option<PathBuf> {
        match &self.repository {
            Some(repository) => repository.work_dir().map(Path::to_owned),
            None => Some(host.directory.clone()),
        }
    }

    fn surroundings<'a>(&'a self, host: &'a Host) -> Surroundings<'a> {
        let repository = self.repository.as_deref();
        Surroundings {
            git_common_dir: repository.map(Repository::common_dir),
            project: repository.and_then(Repository::work_dir).unwrap_or(&host.directory),
            home: host.home.as_deref(),
            xdg_state_home: host.xdg_state_home.as_deref(),
            xdg_cache_home: host.xdg_cache_home.as_deref(),
            temp: &host.temp,
        }
    }

    /// Opens the store to run something; it is made when there is none. What a killed command left is tidied up.
    pub(crate) fn open(self, host: &Host, output: &Output) -> Result<Place, Failure> {
        let place = self.place(Paths::choose(&self.surroundings(host))?, host, output)?;
        place.tidy(output)?;
        place.complete(output)?;
        Ok(place)
    }

    fn place(&self, paths: Paths, host: &Host, output: &Output) -> Result<Place, Failure> {
        for note in paths.notes() {
            output.note(note);
        }
        Ok(Place {
            store: Store::open(&paths)?,
            repository: self.repository.clone(),
            root: self.root(host),
            paths,
            clock: Arc::new(SystemClock),
        })
    }
}

/// An open store, and what it belongs to.
pub(crate) struct Place {
    /// The repository; none outside of one.
    pub(crate) repository: Option<Arc<GitRepository>>,
    /// The top of the user's own files; see [`Ground::root`].
    pub(crate) root: Option<PathBuf>,
    /// The folders in use.
    pub(crate) paths: Paths,
    /// The history.
    pub(crate) store: Store,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Why tidying up did not come to its end.
enum Trouble {
    /// There is no space left. Reading needs none.
    Full(store::Error),
    /// Anything else.
    Other(Failure),
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Full { .. } => Self::Full(error),
            other => Self::Other(other.into()),
        }
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Store(error) => error.into(),
            other => Self::Other(other.into()),
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Full(error) => error.into(),
            Trouble::Other(failure) => failure,
        }
    }
}

impl Place {
    /// The history of the working directory, tidied up; none where nothing was run yet. On a full disk it can still be
    /// read, only not completed.
    pub(crate) fn of_history(host: &Host, output: &Output) -> Result<Option<Self>, Failure> {
        let ground = Ground::find(host)?;
        let Some(paths) = Paths::existing(&ground.surroundings(host)) else { return Ok(None) };
        let place = ground.place(paths, host, output)?;
        for step in [Self::tidy, Self::complete] {
            match step(&place, output) {
                Err(Trouble::Full(error)) => {
                    output.warn(format_args!("the record may end too early: {error}"));
                }
                other => other?,
            }
        }
        Ok(Some(place))
    }

    /// Where workspaces are made, under the name that commands see it by.
    pub(crate) fn work(&self) -> Result<PathBuf, Failure> {
        let work = self.paths.work();
        work.canonicalize()
            .map_err(|error| Failure::broken(format!("cannot use {}: {error}", work.display())))
    }

    /// The scope of guards: those of this user's work folder, whatever the repository.
    pub(crate) fn scope(&self) -> String {
        let digest = Sha256::digest(self.paths.work().as_os_str().as_encoded_bytes());
        digest.iter().take(4).fold(String::new(), |scope, byte| format!("{scope}{byte:02x}"))
    }

    /// Ends and removes what a killed command left.
    fn tidy(&self, output: &Output) -> Result<(), Trouble> {
        match process::end_orphans(&self.scope()) {
            Ok(leftovers) => {
                let (ended, alive): (Vec<_>, Vec<_>) = leftovers.iter().partition(|leftover| leftover.ended);
                if !ended.is_empty() {
                    let processes = words::count(ended.len(), "process", "processes");
                    output
                        .note(format_args!("ended {processes} that an interrupted command had left behind"));
                }
                for leftover in alive {
                    output.warn(format_args!(
                        "process {} was left behind and cannot be ended: {}",
                        leftover.pid, leftover.command
                    ));
                }
            }
            Err(error) => output.warn(error),
        }
        for folder in store::sweep(self.paths.work())? {
            output.warn(format_args!("cannot remove the left-over workspace {}", folder.display()));
        }
        Ok(())
    }

    /// Completes the record of executions whose process died.
    fn complete(&self, output: &Output) -> Result<(), Trouble> {
        for found in pipeline::recover(&self.store, &*self.clock)? {
            let id = words::short(&found.execution);
            match found.what {
                Completion::Interrupted => {
                    output.note(format_args!("{id} was interrupted: the process that ran it died"));
                }
                Completion::Expired { stage, action } => {
                    output.note(format_args!("{id}: nobody answered {stage}/{action} in time"));
                }
            }
        }
        Ok(())
    }
}
