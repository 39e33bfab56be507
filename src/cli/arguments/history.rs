//! What can be typed to look at executions that were: `list`, `show`, `permissions`, `logs`, `artifacts`.

use clap::Args;

/// `rehearsal list`
#[derive(Debug, Args)]
pub struct List {
    /// Only executions of this pipeline
    pub pipeline: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `rehearsal show`
#[derive(Debug, Args)]
pub struct Show {
    /// Execution: its id or the beginning of it [default: the newest]
    pub execution: Option<String>,
    /// List what its commands asked of AWS and of tools that act on something real
    #[arg(long)]
    pub effects: bool,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `rehearsal permissions`
#[derive(Debug, Args)]
pub struct Permissions {
    /// Execution: its id or the beginning of it [default: the newest]
    pub execution: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// `rehearsal logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// Execution: its id or the beginning of it [default: the newest]
    pub execution: Option<String>,
    /// Only this action's log
    #[arg(long, value_name = "STAGE/ACTION")]
    pub action: Option<String>,
    /// Keep printing until the execution ends
    #[arg(short, long)]
    pub follow: bool,
    /// Begin each line with the time it was written
    #[arg(long)]
    pub timestamps: bool,
}

/// `rehearsal artifacts`
#[derive(Debug, Args)]
pub struct Artifacts {
    /// Execution: its id or the beginning of it [default: the newest]
    pub execution: Option<String>,
    /// Unpack artifact NAME into DIR, which must be empty or not there
    #[arg(long, num_args = 2, value_names = ["NAME", "DIR"])]
    pub extract: Option<Vec<String>>,
    /// Print one JSON document
    #[arg(long, conflicts_with = "extract")]
    pub json: bool,
}
