//! Stand-ins for tools that would act on something real: first on PATH, each asks what to do and does it.
//!
//! | file | owns |
//! | --- | --- |
//! | `table` | which command of which tool is run, run in part, or only recorded: the one table |
//! | `verdict` | what such a decision means for the record and for what is printed |
//! | `vocabulary`, `options`, `spelling` | the subcommands and options that tools have, and what becomes of others |
//! | `asking` | commands that ask what nobody here knows |
//! | `line` | reading command lines, masking what is secret in them |
//! | `client`, `wire` | the shim itself, and what it and [`respond`] say to each other |
//! | `cli` | the AWS CLI: what has to reach the endpoint, and what its two versions take |
//! | `no_cli` | the AWS CLI where this machine has none |
//! | `docker` | images and containers: the user's engine, or what can be said without one |
//! | the others | one family of tools each |
//!
//! A shim is a file of two lines that starts this binary with a hidden argument ([`ARGUMENT`]). Nothing is decided in
//! it. What a recorded command would have printed on AWS is not known: it prints one line on standard error.

mod asking;
mod cli;
mod client;
mod cloud;
mod cluster;
mod docker;
mod git;
mod image;
mod line;
mod machines;
mod no_cli;
mod options;
mod packages;
mod publish;
mod spelling;
mod table;
mod verdict;
mod vocabulary;
mod web;
mod wire;

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub use client::main;
pub use docker::Engine;

use super::desk::Desk;
use verdict::Scene;
use wire::{Asked, Config, Reply, Speaker};

/// The hidden argument that makes the binary a shim: `__shim CONFIG NAME ARGUMENTS…`.
pub const ARGUMENT: &str = "__shim";

/// What answers to shims are made from: one for each session.
#[derive(Debug, Default)]
pub struct Tools {
    /// The user's container engine, where there is one.
    pub engine: Option<Engine>,
    /// Folders that the build may use: each as the build sees it, and as it is outside. What is in none of them is
    /// nothing that an engine may be handed.
    pub folders: Vec<(PathBuf, PathBuf)>,
    /// The execution, for the label of what is made in the engine.
    pub execution: String,
    /// Whether the image that the build is for has version 2 of the AWS CLI, as far as that is known.
    pub second_cli: bool,
    /// Whether the machine may have an engine, but the sandbox of the build keeps it away.
    pub kept: bool,
    /// What was made so far.
    state: Mutex<docker::State>,
}

impl Tools {
    /// Settings with which nothing was made yet.
    pub fn new(engine: Option<Engine>, folders: Vec<(PathBuf, PathBuf)>, execution: &str) -> Self {
        Self {
            engine,
            folders,
            execution: execution.to_owned(),
            second_cli: false,
            kept: false,
            state: Mutex::default(),
        }
    }

    /// The same for a build whose image has version 2 of the AWS CLI, or not.
    #[must_use]
    pub fn with_second_cli(self, second_cli: bool) -> Self {
        Self { second_cli, ..self }
    }

    /// Why there is no engine.
    fn absence(&self) -> &'static str {
        if self.kept {
            "the isolated sandbox keeps the container engine of this machine away"
        } else {
            "this machine has no container engine"
        }
    }

    /// Where a path of the build is outside: `None` for one that leads out of the build's folders, also by a link.
    fn outside(&self, path: &Path) -> Option<PathBuf> {
        self.folders.iter().find_map(|(inside, outside)| {
            let rest = path.strip_prefix(inside).ok()?;
            let place = outside.join(rest).canonicalize().ok()?;
            // A file that is still to be written is as good as its folder.
            place.starts_with(outside.canonicalize().ok()?).then_some(place)
        })
    }
}

/// The names of all shims, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = table::TOOLS.iter().flat_map(|tool| tool.names).copied().collect();
    names.sort_unstable();
    names
}

/// Whether the shim of this name needs the program behind it: without that, what acts on something real is recorded, and
/// everything else is a command not found.
pub fn needs_program(name: &str) -> bool {
    table::tool(name).is_some_and(|tool| tool.absent == table::Absent::ActsAlone)
}

/// Where shims are written, and what they need to know.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The folder of the shims, as it is here.
    pub folder: &'a Path,
    /// The same folder as the build sees it.
    pub seen_as: &'a Path,
    /// The `rehearsal` binary, as the build sees it.
    pub program: &'a Path,
    /// The endpoint's port.
    pub port: u16,
    /// The token of the session: [`Desk::access_key`].
    pub token: &'a str,
}

/// The name of the configuration beside the shims.
const CONFIG: &str = ".shims.json";

/// Writes the shims called `names` (see [`names`]) and their configuration, which its owner alone can read.
pub fn write(place: &Place<'_>, names: &[&str]) -> io::Result<()> {
    fs::create_dir_all(place.folder)?;
    let config = Config { port: place.port, token: place.token.to_owned(), folder: place.seen_as.to_owned() };
    let file = place.folder.join(CONFIG);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(&serde_json::to_vec(&config)?)?;
    let quoted = |path: &Path| {
        let mut text = b"'".to_vec();
        for byte in path.as_os_str().as_encoded_bytes() {
            match byte {
                b'\'' => text.extend_from_slice(b"'\\''"),
                byte => text.push(*byte),
            }
        }
        text.push(b'\'');
        text
    };
    let (program, config) = (quoted(place.program), quoted(&place.seen_as.join(CONFIG)));
    for name in names {
        let mut text = b"#!/bin/sh\nexec ".to_vec();
        text.extend_from_slice(&program);
        text.extend_from_slice(format!(" {ARGUMENT} ").as_bytes());
        text.extend_from_slice(&config);
        text.extend_from_slice(format!(" {name} \"$@\"\n").as_bytes());
        let file = place.folder.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Answers a shim: `body` is what it posted, the answer is written as it comes to be, in JSON lines. An error is one of
/// writing: the shim is gone.
pub fn respond(body: &[u8], desk: &Desk, output: &mut dyn Write) -> io::Result<()> {
    let mut speaker = Speaker::new(output);
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(error) => {
            speaker.note(&format!("a stand-in asked what cannot be read: {error}"))?;
            return speaker.say(&Reply::Exit(126));
        }
    };
    let scene = Scene { tools: desk.tools(), desk };
    let verdict = verdict::decide(&asked, &scene);
    verdict::perform(verdict, &asked, &scene, &mut speaker)
}

/// Removes what commands of this execution made in the user's container engine. What could not be removed is told.
pub fn tidy(tools: &Tools) -> Vec<String> {
    tools.engine.as_ref().map(|engine| docker::tidy(engine, tools)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
