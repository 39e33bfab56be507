//! What a shim and [`respond`](super::respond) say to each other.
//!
//! Owns: the forms. A shim asks in one JSON document and is answered in JSON lines; when it is told to look at something
//! it asks again, with what it saw. Everything that decides is on the answering side, and nothing that touches the
//! build's files: those may lead anywhere, and the answering side may reach what the build may not.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The path that shims post to.
pub(super) const PATH: &str = "/-/shim";

/// Variables that answers may depend on.
pub(super) const VARIABLES: [&str; 6] = [
    "AWS_ENDPOINT_URL",
    "DOCKER_BUILDKIT",
    "DOCKER_CONFIG",
    "DOCKER_DEFAULT_PLATFORM",
    "HOME",
    "VIRTUAL_ENV",
];

/// What a shim has to know; the file is readable by its owner alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Config {
    /// The endpoint's port on loopback.
    pub(super) port: u16,
    /// What says that the question is of this session.
    pub(super) token: String,
    /// The folder of the shims, as the build sees it.
    pub(super) folder: PathBuf,
}

/// What a shim asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The name it was called by.
    pub(super) name: String,
    /// Its arguments, without the name.
    pub(super) args: Vec<String>,
    /// The working directory.
    pub(super) cwd: PathBuf,
    /// The program that would have run without the shim.
    pub(super) found: Option<PathBuf>,
    /// Whether what it prints goes elsewhere than what it complains: to another program, a variable, a file. The log of a
    /// build takes both.
    pub(super) piped: bool,
    /// Those of [`VARIABLES`] that are set.
    pub(super) env: BTreeMap<String, String>,
    /// What it saw when it was told to look.
    pub(super) seen: Seen,
    /// The status of the steps it was told to take.
    pub(super) ended: Option<i32>,
}

/// What a shim is told to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    /// Text files to read.
    pub(super) read: Vec<PathBuf>,
    /// Paths, or patterns with stars: is there anything?
    pub(super) exist: Vec<String>,
    /// Whether a file that fits a pattern contains a text: the two.
    pub(super) contain: Vec<(String, String)>,
    /// Variables.
    pub(super) variables: Vec<String>,
    /// Whether standard input is to be kept in a file.
    pub(super) input: bool,
    /// Programs on PATH, by name.
    pub(super) programs: Vec<String>,
    /// Commands that say a version: run, and what they print kept.
    pub(super) versions: Vec<Vec<String>>,
}

/// What it saw. What is not in here was not looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    /// The text of files; `None` where there is none to be read.
    pub(super) read: BTreeMap<PathBuf, Option<String>>,
    /// Whether there is something.
    pub(super) exist: BTreeMap<String, bool>,
    /// Whether a text was found, by that text.
    pub(super) contain: BTreeMap<String, bool>,
    /// The values of variables; `None` for those that are not set.
    pub(super) variables: BTreeMap<String, Option<String>>,
    /// The file that standard input was kept in.
    pub(super) input: Option<PathBuf>,
    /// Whether there is a program.
    pub(super) programs: BTreeMap<String, bool>,
    /// What commands printed, by the command's words with spaces between; empty where none ran.
    pub(super) versions: BTreeMap<String, String>,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reply {
    /// Print this (base64) on standard output.
    Out(String),
    /// Print this (base64) on standard error.
    Err(String),
    /// Nothing; tells whether anybody still listens.
    Tick,
    /// Write a file.
    Write {
        /// Where, from the working directory.
        path: PathBuf,
        /// What.
        text: String,
    },
    /// Read standard input to its end, so that whoever writes it is not disturbed.
    Drain,
    /// End with this status.
    Exit(i32),
    /// Become the program that was asked for.
    Become {
        /// Arguments before the typed ones.
        before: Vec<String>,
        /// The places of typed ones that are left out.
        without: Vec<usize>,
    },
    /// Become another command, found on PATH with the shims.
    Other(Vec<String>),
    /// Run these commands while they succeed (the program itself when the first word is its name), and ask again.
    Steps {
        /// The commands.
        commands: Vec<Vec<String>>,
        /// Whether their standard output is of no interest.
        quiet: bool,
    },
    /// Look, and ask again.
    Look(Box<Look>),
}

/// Writes an answer, line by line.
pub(super) struct Speaker<'a> {
    output: &'a mut dyn Write,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(output: &'a mut dyn Write) -> Self {
        Self { output }
    }

    /// Says one line.
    pub(super) fn say(&mut self, reply: &Reply) -> io::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }

    /// Has text printed on standard output.
    pub(super) fn out(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() { Ok(()) } else { self.say(&Reply::Out(STANDARD.encode(bytes))) }
    }

    /// Has text printed on standard error.
    pub(super) fn err(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() { Ok(()) } else { self.say(&Reply::Err(STANDARD.encode(bytes))) }
    }

    /// Has a line of ours printed on standard error.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        self.err(format!("rehearsal: {text}\n").as_bytes())
    }
}

/// The bytes behind a line's base64.
pub(super) fn bytes(text: &str) -> io::Result<Vec<u8>> {
    STANDARD.decode(text).map_err(io::Error::other)
}
