//! What can be typed: the tree of commands and their flags.
//!
//! Owns: names, help texts and the reading of single values. `history` and `watching` are commands of one kind, the others
//! stand here. Leaves to each command what the values mean together.

mod history;
mod watching;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use super::allowing::{Allow, Allowing};
pub use history::{Artifacts, List, Logs, Permissions, Show};
pub use watching::{BranchingModel, Hook, PrePush, Watch};

/// Run your AWS release pipeline on your own machine, from the same files AWS reads
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    /// Where commands run: isolated or host (container is not there yet); isolated where that works [env:
    /// REHEARSAL_SANDBOX]
    // Not clap's `env`: a variable is nothing that was typed, and must not clash with flags that stand alone.
    #[arg(long, global = true, value_enum, value_name = "KIND")]
    #[arg(hide_possible_values = true, help_heading = GLOBAL)]
    pub sandbox: Option<Sandbox>,

    /// Let commands in the isolated sandbox reach nothing outside, not even package registries
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_network: bool,

    /// When to use colours: auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, help_heading = GLOBAL)]
    pub color: Color,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const GLOBAL: &str = "Everywhere";

const EXIT_CODES: &str = "\
Exit codes:
  0    all well
  1    findings of severity error, or an execution that failed, was rejected, stopped,
       superseded or not let through a gate
  2    wrong usage, no repository, unknown commit, or a definition that cannot be used
  3    a limit was hit at run time (a timeout, a quota)
  4    Rehearsal itself could not go on (disk full, store unreadable)
  5    an approval is pending
  130  ended by Ctrl-C (143: by SIGTERM)";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show a complete example in a repository of its own: commit, build, test, approval, deployment
    Demo(Demo),
    /// Validate buildspecs, pipeline definitions and rehearsal.yml
    Check(Check),
    /// Run one build as CodeBuild would, on a copy of the working tree or on a commit
    Build(Build),
    /// Run a pipeline for a commit
    Run(Run),
    /// List executions, newest first
    List(List),
    /// Show an execution: stages, actions, artifacts, variables
    Show(Show),
    /// Print what an execution's commands wrote
    Logs(Logs),
    /// List an execution's artifacts, or unpack one
    Artifacts(Artifacts),
    /// List what an execution called at AWS, the least policy for it, and what the project's role lacks
    Permissions(Permissions),
    /// Run the failed stage of an execution again
    Retry(Retry),
    /// Approve what an execution waits for, and carry it on
    Approve(Reply),
    /// Reject what an execution waits for, which fails it
    Reject(Reply),
    /// Ask a running execution to stop, from any terminal
    Stop(Stop),
    /// Start pipelines for new commits and tags, as their triggers say
    Watch(Watch),
    /// Rehearse what is pushed before it leaves this machine
    #[command(subcommand)]
    Hook(Hook),
    /// Write a pipeline, buildspecs and a rehearsal.yml for this repository
    Init(Init),
    /// List the limits of the services: value, source, adjustable or not, where enforced
    Quotas(Quotas),
    /// Print a JSON Schema, by which an editor completes and checks what is typed
    Schema(Schema),
}

/// The `--sandbox` kinds of the design; there is no container yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sandbox {
    /// Directly on this machine, in a folder and an environment of its own
    Host,
    /// In namespaces of its own, where this machine lets it have them
    Isolated,
    /// In a container of the project's image: not there yet
    Container,
}

/// The `--color` choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// At a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `rehearsal demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the example in this folder, which must be empty or not there
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// `rehearsal check`
#[derive(Debug, Args)]
pub struct Check {
    /// Files and folders to check, - for standard input [default: all there are in the repository]
    pub paths: Vec<PathBuf>,
    /// Take the paths for buildspec, pipeline, appspec, template or config, instead of telling by their
    /// content
    #[arg(long = "as", value_enum, value_name = "KIND", requires = "paths", hide_possible_values = true)]
    pub kind: Option<CheckedKind>,
    /// Check the files as they are in this commit
    #[arg(long, value_name = "REV")]
    pub at: Option<String>,
    /// How to report: human, concise, json, sarif or github
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human", hide_possible_values = true)]
    pub format: CheckFormat,
    /// Repair what has a safe repair, and report what remains; with -, print the repaired text
    #[arg(long, conflicts_with_all = ["at", "fix_dry_run"])]
    pub fix: bool,
    /// Show what --fix would change, as a diff, and change nothing
    #[arg(long, conflicts_with_all = ["at", "format"])]
    pub fix_dry_run: bool,
    /// Take standard input for this file: its name, what it is, and what rehearsal.yml says of it
    #[arg(long, value_name = "NAME", requires = "paths")]
    pub stdin_filename: Option<PathBuf>,
    /// Ask shellcheck about commands: auto (where it is installed) or off [default: auto; REHEARSAL_SHELLCHECK]
    #[arg(long, value_enum, value_name = "WHEN", hide_possible_values = true)]
    pub shellcheck: Option<Shellcheck>,
    /// Also show advice: what works, and could be better
    #[arg(long)]
    pub pedantic: bool,
    /// Also fail on warnings
    #[arg(long)]
    pub strict: bool,
    /// Print what a code means, and why it matters
    #[arg(long, value_name = "CODE", exclusive = true)]
    pub explain: Option<String>,
}

/// The `--shellcheck` choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shellcheck {
    /// Where it is installed
    Auto,
    /// Never
    Off,
}

/// The `--as` kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckedKind {
    /// A buildspec
    Buildspec,
    /// A pipeline definition
    Pipeline,
    /// An appspec
    Appspec,
    /// A CloudFormation template
    Template,
    /// rehearsal.yml
    Config,
}

/// The `--format` choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Human,
    /// One line a finding
    Concise,
    /// One JSON document
    Json,
    /// One SARIF 2.1.0 document
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// `rehearsal build`
#[derive(Debug, Args)]
pub struct Build {
    /// Buildspec to run, relative to the source [default: the project's, else buildspec.yml]
    #[arg(long, value_name = "FILE")]
    pub buildspec: Option<String>,
    /// Project of rehearsal.yml whose settings apply
    #[arg(long, value_name = "NAME")]
    pub project: Option<String>,
    /// Set an environment variable for this build; may be repeated
    #[arg(short = 'e', long = "env", value_name = "NAME=VALUE", value_parser = assignment)]
    pub environment: Vec<(String, String)>,
    /// Read environment variables from a file, NAME=VALUE a line; -e wins over it
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Build this commit instead of a copy of the working tree
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// Shorten the build's time limit, for example 15m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Unpack the artifacts into this folder, which must be empty or not there
    #[arg(long, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,
    /// What was allowed
    #[command(flatten)]
    pub allowing: Allowing,
    /// How to report
    #[command(flatten)]
    pub report: Report,
}

/// `rehearsal run`
#[derive(Debug, Args)]
pub struct Run {
    /// Pipeline to run; may be left out when there is only one
    pub pipeline: Option<String>,
    /// Commit, branch or tag to run it for [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
    /// Run what the working tree holds, changes not committed included
    #[arg(long, conflicts_with = "commit")]
    pub worktree: bool,
    /// Set a pipeline variable; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub variables: Vec<(String, String)>,
    /// Stop after this stage, and ask nothing of the ones behind it
    #[arg(long, value_name = "STAGE")]
    pub until: Option<String>,
    /// Shorten the time limit of every build, for example 15m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What was allowed
    #[command(flatten)]
    pub allowing: Allowing,
    /// What to do about approvals
    #[command(flatten)]
    pub approving: Approving,
    /// How to report
    #[command(flatten)]
    pub report: Report,
}

/// What a run does about approvals when it does not ask at a terminal: it leaves them, unless one of these says otherwise.
#[derive(Debug, Clone, Copy, Default, Args)]
#[group(multiple = false)]
pub struct Approving {
    /// Approve every approval of this run beforehand
    #[arg(long)]
    pub approve: bool,
    /// Reject every approval of this run beforehand
    #[arg(long)]
    pub reject: bool,
    /// Wait until approvals are answered from another terminal
    #[arg(long)]
    pub wait: bool,
}

/// `rehearsal approve` and `rehearsal reject`
#[derive(Debug, Args)]
pub struct Reply {
    /// Execution: its id or the beginning of it [default: the only one that waits]
    pub execution: Option<String>,
    /// Which approval, when several wait
    #[arg(long, value_name = "STAGE/ACTION")]
    pub action: Option<String>,
    /// Comment for the record
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Wait until later approvals are answered from another terminal
    #[arg(long)]
    pub wait: bool,
    /// Shorten the time limit of every build that follows, for example 15m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What was allowed
    #[command(flatten)]
    pub allowing: Allowing,
    /// How to report
    #[command(flatten)]
    pub report: Report,
}

/// `rehearsal retry`
#[derive(Debug, Args)]
pub struct Retry {
    /// Execution: its id or the beginning of it [default: the newest]
    pub execution: Option<String>,
    /// Run all actions of the failed stage again, not only the failed ones
    #[arg(long)]
    pub all_actions: bool,
    /// Shorten the time limit of every build, for example 15m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What to do about approvals
    #[command(flatten)]
    pub approving: Approving,
    /// What was allowed
    #[command(flatten)]
    pub allowing: Allowing,
    /// How to report
    #[command(flatten)]
    pub report: Report,
}

/// `rehearsal stop`
#[derive(Debug, Args)]
pub struct Stop {
    /// Execution: its id or the beginning of it [default: the one that runs]
    pub execution: Option<String>,
    /// End running actions at once instead of letting them finish
    #[arg(long)]
    pub abandon: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `rehearsal init`
#[derive(Debug, Args)]
pub struct Init {
    /// How branches lead to a release: github-flow (one pipeline, on the default branch) or gitflow (one each for
    /// develop, release branches, and what is released)
    #[arg(long, value_enum, value_name = "FLOW", default_value = "github-flow", hide_possible_values = true)]
    pub branching: BranchingModel,
    /// What the project is written in: rust, node, python or other [default: what its files say]
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
    pub language: Option<Language>,
    /// Overwrite files that are there already
    #[arg(long)]
    pub force: bool,
}

/// The languages that `rehearsal init` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// With a Cargo.toml.
    Rust,
    /// With a package.json.
    Node,
    /// With a pyproject.toml, setup.py or requirements.txt.
    Python,
    /// Anything else: buildspecs to be filled in.
    Other,
}

/// `rehearsal quotas`
#[derive(Debug, Args)]
pub struct Quotas {
    /// Only those of this service: codebuild, codepipeline, codedeploy, sagemaker or eventbridge
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `rehearsal schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Of which file: buildspec, appspec, pipeline or rehearsal [default: list them]
    #[arg(value_enum, hide_possible_values = true)]
    pub kind: Option<SchemaKind>,
}

/// The schemas there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// Of buildspecs
    Buildspec,
    /// Of appspecs
    Appspec,
    /// Of pipeline definitions
    Pipeline,
    /// Of rehearsal.yml
    // What `check --as` calls it.
    #[value(alias = "config")]
    Rehearsal,
}

/// How a command that runs something reports.
#[derive(Debug, Clone, Copy, Args)]
pub struct Report {
    /// Print events as JSON, one a line; the last one is `finished`
    #[arg(long)]
    pub json: bool,
    /// Also fail on warnings, and when anything was simulated
    #[arg(long)]
    pub strict: bool,
}

/// Reads `NAME=VALUE`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// Reads a duration with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let hint = "write a number with a unit (h, m or s), for example 15m or 1h30m";
    let span: jiff::SignedDuration = text.parse().map_err(|_| hint.to_owned())?;
    Duration::try_from(span).ok().filter(|span| !span.is_zero()).ok_or_else(|| hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_tree_is_sound() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn values_are_read_exactly() {
        for (text, expected) in [
            ("A=b", Some(("A", "b"))),
            ("A=", Some(("A", ""))),
            ("A=b=c", Some(("A", "b=c"))),
            ("=b", None),
            ("A", None),
        ] {
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(assignment(text).ok(), expected, "{text}");
        }
        for (text, expected) in [
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("1h30m", Some(5400)),
            ("1h 30m", Some(5400)),
            ("15", None),
            ("0s", None),
            ("-5m", None),
            ("soon", None),
        ] {
            assert_eq!(duration(text).ok().map(|span| span.as_secs()), expected, "{text}");
        }
    }

    #[test]
    fn flags_that_exclude_each_other_are_refused() {
        assert!(parse("rehearsal run --worktree --commit HEAD").is_err());
        assert!(parse("rehearsal artifacts --json --extract A b").is_err());
        assert!(parse("rehearsal run --sandbox jail").is_err());
        assert!(parse("rehearsal run --allow network").is_err());
        assert!(parse("rehearsal run --allow").is_err());
        assert!(parse("rehearsal run --allow *").is_err());
        let arguments = parse("rehearsal run service --var A=b --sandbox host --color never").unwrap();
        assert_eq!(arguments.color, Color::Never);
    }
}
