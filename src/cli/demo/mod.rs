//! `rehearsal demo`: a complete example from its first commit to a deployed service that answers, in a repository of its
//! own.
//!
//! Owns: the repository with its history, the call to the deployed service, and that nothing stays. The rest is
//! `rehearsal run`, as anybody types it.

mod files;
mod service;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::{Allow, Allowing, Approving, Demo, Report, Run};
use super::ending::{Ending, Failure};
use super::host::Host;
use super::output::{Ink, Output};
use super::{artifacts, run};
use crate::clock::{Clock, SystemClock};
use crate::pipeline::engine::{ExecutionStatus, Fact};
use crate::repo::{NewCommit, NewFile, create};

/// The repository's name; the pipeline's is in its definition.
const NAME: &str = "service";

/// The history: the message of each commit, and what the paths of its files begin with. What is new in the last one is
/// everything else.
const HISTORY: [(&str, &[&str]); 3] = [
    ("A service that says hello", &[".gitignore", "README.md", "service/", "version.txt"]),
    ("Test it, alone and over HTTP", &["tests/"]),
    ("Release it with a pipeline", &[""]),
];

/// How long ago the first commit was made, and how much later the next ones.
const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn perform(arguments: &Demo, host: &Host, output: &Output) -> Result<Ending, Failure> {
    if !service::python_is_there(host) {
        return Err(Failure::unusable("the demo's service is written in Python, and there is no python3"));
    }
    let folder = Folder::make(arguments.keep.as_deref(), host)?;
    let repository = folder.path().join(NAME);
    create(&repository, "main", ("The demo", "demo@example.com"), &history())?;
    let place = repository.display();
    output.talk(format_args!("A small HTTP service with its release pipeline, in {place}"));
    output.talk("  source, build, unit and integration tests, approval, a gate on the tests, deployment");
    output.talk("  its deployment hooks run on this machine itself, below that folder: --allow host-hooks");
    let shown = format!("$ cd {place} && rehearsal run --allow host-hooks");
    output.talk(format_args!("\n{}", output.err.ink(Ink::Strong, shown)));

    let demo_host = folder.host(host, &repository);
    let mut unreachable = None;
    let ending = {
        let heard = std::cell::RefCell::new(&mut unreachable);
        let hear = |fact: &Fact| {
            // The execution has ended, and what it deployed is about to be stopped.
            if matches!(fact, Fact::ExecutionFinished { status: ExecutionStatus::Succeeded, .. }) {
                match service::call(&repository.join(".git/rehearsal")) {
                    Ok((address, answer)) => {
                        let typed = format!("$ curl {address}");
                        output.talk(format_args!("{}\n{answer}", output.err.ink(Ink::Strong, typed)));
                    }
                    Err(why) => **heard.borrow_mut() = Some(why),
                }
            }
        };
        run::carry(&typed(&demo_host), &demo_host, output, &hear)?
    };
    if let Some(why) = unreachable {
        return Err(Failure::broken(format!("the deployed service did not answer: {why}")));
    }
    if ending == Ending::Well {
        output.talk(format_args!("\n{}", happened(output)));
    }
    if folder.is_kept() {
        output.talk(format_args!("everything is kept: cd {place}"));
        output.talk("look with rehearsal show, logs and artifacts; change something, commit, rehearsal run");
    } else {
        output.talk("nothing of it stays; `rehearsal demo --keep DIR` keeps the repository and its history");
    }
    Ok(ending)
}

/// What was rehearsed, in words.
fn happened(output: &Output) -> String {
    let line = |what: &str, text: &str| format!("  {}  {text}", output.err.ink(Ink::Strong, what));
    [
        "What happened".to_owned(),
        line("Source  ", "the commit was exported as committed, to a folder outside of the repository"),
        line("Build   ", "buildspecs/build.yml ran as CodeBuild runs it, and gave the artifact Bundle"),
        line("Test    ", "unit and integration tests ran at the same time, and gave a report each"),
        line("Approval", "Release was approved, at this terminal or in the demo's name"),
        line(
            "Deploy  ",
            "the gate of rehearsal.yml read the reports; appspec.yml's files and hooks followed",
        ),
        line("End     ", "the service answered, its ApplicationStop ran, and no process is left"),
    ]
    .join("\n")
}

/// What a person would type.
fn typed(host: &Host) -> Run {
    Run {
        pipeline: None,
        commit: None,
        worktree: false,
        variables: Vec::new(),
        until: None,
        timeout: None,
        allowing: Allowing { allow: vec![Allow::HostHooks], ..Allowing::default() },
        approving: Approving { approve: !host.interactive, reject: false, wait: false },
        report: Report { json: false, strict: false },
    }
}

/// The commits of the repository, oldest first.
fn history() -> Vec<NewCommit<'static>> {
    let mut left: Vec<_> = files::FILES.iter().collect();
    let steps = u32::try_from(HISTORY.len()).unwrap_or(u32::MAX);
    let start = SystemClock.now().checked_sub(HOUR * steps).unwrap_or_default();
    let commits = HISTORY.iter().zip(0..).map(|((message, beginnings), step)| {
        let (new, later): (Vec<_>, Vec<_>) =
            left.iter().partition(|(path, ..)| beginnings.iter().any(|begin| path.starts_with(begin)));
        left = later;
        let files = new.into_iter().map(|(path, content, executable)| NewFile {
            path,
            content,
            executable: *executable,
        });
        NewCommit { message, at: start.checked_add(HOUR * step).unwrap_or(start), files: files.collect() }
    });
    commits.collect()
}

/// Where the demo takes place.
enum Folder {
    /// For this time only.
    Passing(tempfile::TempDir),
    /// The user's choice.
    Kept(PathBuf),
}

impl Folder {
    fn make(keep: Option<&Path>, host: &Host) -> Result<Self, Failure> {
        if let Some(keep) = keep {
            let keep = host.directory.join(keep);
            artifacts::must_be_empty(&keep)?;
            return Ok(Self::Kept(keep));
        }
        let folder = tempfile::Builder::new().prefix("rehearsal-demo-").tempdir_in(&host.temp);
        folder.map(Self::Passing).map_err(|error| {
            Failure::broken(format!("cannot make a folder in {}: {error}", host.temp.display()))
        })
    }

    fn path(&self) -> &Path {
        match self {
            Self::Passing(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }

    fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// The machine as `rehearsal run` finds it in the demo's repository. Where nothing is to stay, caches are the demo's
    /// own too.
    fn host(&self, host: &Host, repository: &Path) -> Host {
        let mut host = Host { directory: repository.to_owned(), ..host.clone() };
        if let Self::Passing(folder) = self {
            host.xdg_state_home = Some(folder.path().join("state"));
            host.xdg_cache_home = Some(folder.path().join("cache"));
        }
        if !host.interactive {
            host.variables.insert("USER".into(), "the demo".into());
        }
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_comes_with_one_commit() {
        let commits = history();
        let paths: Vec<_> = commits.iter().flat_map(|commit| &commit.files).map(|file| file.path).collect();
        let mut sorted = paths.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((paths.len(), sorted.len()), (files::FILES.len(), files::FILES.len()));
        assert!(commits.iter().all(|commit| !commit.files.is_empty()));
        assert!(commits.windows(2).all(|pair| pair[0].at < pair[1].at));
    }
}
