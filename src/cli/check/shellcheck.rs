//! Running shellcheck.
//!
//! Owns: finding the program, one run for the commands of all files, and taking its answer apart. Leaves to the library's
//! `check`: which commands there are, and what becomes of its remarks. A program that hangs or prints something else costs
//! a note, never the check.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::check::shellcheck::{Level, Remark};
use crate::cli::host::Host;
use crate::cli::printed::printed;
use crate::process::{Command, GuardOptions};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(5);

/// As much of an answer as is read.
const ANSWER: usize = 16 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: PathBuf,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    level: String,
    code: u32,
    message: String,
}

/// Whether the user wants to hear nothing of it.
pub(super) fn is_off(host: &Host) -> bool {
    host.variables.get(OsStr::new("REHEARSAL_SHELLCHECK")).is_some_and(|when| when == "off")
}

/// The program, where it is installed.
pub(super) fn find(host: &Host) -> Option<PathBuf> {
    let path = host.variables.get(OsStr::new("PATH"))?;
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join("shellcheck")).find(|program| program.is_file())
}

/// What it says of these texts.
pub(super) fn run(program: &Path, texts: &[&str], host: &Host) -> Result<Vec<Remark>, String> {
    let folder = tempfile::Builder::new().prefix("rehearsal-").tempdir_in(&host.temp);
    let folder = folder.map_err(|error| error.to_string())?;
    let mut argv: Vec<OsString> = vec![program.into()];
    argv.extend(["--norc", "--format=json1", "--shell=bash"].map(OsString::from));
    for (index, text) in texts.iter().enumerate() {
        let name = index.to_string();
        std::fs::write(folder.path().join(&name), text).map_err(|error| error.to_string())?;
        argv.push(name.into());
    }
    let command = Command {
        argv,
        cwd: folder.path().to_owned(),
        env: host.variables.clone(),
        time_limit: Some(LIMIT),
        merged: false,
    };
    let guard = GuardOptions::new("check", host.program.clone(), &host.variables);
    // 1 says that it found something.
    let answer = printed(&guard, &command, &[0, 1])?;
    if answer.len() > ANSWER {
        return Err("it says too much".to_owned());
    }
    let answer: Answer =
        serde_json::from_slice(&answer).map_err(|_| "its answer is not understood".to_owned())?;
    Ok(answer.comments.into_iter().filter_map(remark).collect())
}

fn remark(comment: Comment) -> Option<Remark> {
    let text = comment.file.file_name()?.to_str()?.parse().ok()?;
    let level = match &*comment.level {
        "error" => Level::Error,
        "warning" => Level::Warning,
        _ => Level::Info,
    };
    Some(Remark {
        text,
        start: (comment.line, comment.column),
        end: (comment.end_line, comment.end_column),
        level,
        code: comment.code,
        message: comment.message,
    })
}
