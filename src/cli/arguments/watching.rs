//! What can be typed to follow a repository: `watch`, `hook`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{Report, duration};

/// `rehearsal watch`
#[derive(Debug, Args)]
pub struct Watch {
    /// What starts pipelines that do not say it: github-flow or gitflow [default: `branching` of rehearsal.yml]
    #[arg(long, value_enum, value_name = "MODEL", hide_possible_values = true)]
    pub branching: Option<BranchingModel>,
    /// Look once, carry what is started to its end, and exit as the worst of it did
    #[arg(long)]
    pub once: bool,
    /// Shorten the time limit of every build, for example 15m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How to report
    #[command(flatten)]
    pub report: Report,
}

/// The `--branching` choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BranchingModel {
    /// Short branches off main
    GithubFlow,
    /// develop, release branches and main
    Gitflow,
}

/// `rehearsal hook`
#[derive(Debug, Subcommand)]
pub enum Hook {
    /// Make git ask before each push from this repository
    Install,
    /// Remove what `install` wrote, and nothing else
    Uninstall,
    /// What git's hook calls: judge the refs on standard input
    PrePush(PrePush),
}

/// `rehearsal hook pre-push`
#[derive(Debug, Args)]
pub struct PrePush {
    /// Name of the remote
    pub remote: String,
    /// Its address
    pub url: String,
}
