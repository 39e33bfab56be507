//! How one command runs: the script it becomes, and the folder where its state waits for the next (codebuild.md 3.4).
//!
//! Owns: the scripts' text, the state folder's files. Leaves to `carried`: reading and writing variables, and to
//! `session`: running the scripts and what their status means.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::io::Errno;

use super::carried::{self, Variables};
use crate::process::shell::Kind;

/// More than a shell has ever said of its variables; what is longer was made to exhaust memory.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The folder with the running script and what it leaves behind; on AWS `/codebuild/output/tmp`.
///
/// Commands can write to it, and so can put links or pipes in the place of its files and of the folder itself. The
/// folder above it is therefore held open, no link is followed from there, each file is made anew, and only plain files
/// are read: nothing leads out of it, nothing blocks.
#[derive(Debug, Clone)]
pub(super) struct StateFolder {
    root: PathBuf,
    /// What commands call it.
    inside: PathBuf,
    above: Arc<OwnedFd>,
    shell: Kind,
}

/// How a folder is opened: itself, and not what a link in its place leads to.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

const SCRIPT: &str = "script.sh";
const VARIABLES: &str = "env.sh";
const NEXT_VARIABLES: &str = "env.next";
const NEXT_DIRECTORY: &str = "dir.next";
const ANSWER: &str = "answer.next";

/// What the commands of a build share (codebuild.md 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carry {
    /// Version 0.1: every command starts afresh.
    Nothing,
    /// Version 0.2: variables and the working directory go from one to the next.
    State,
}

/// What a command left behind: its variables and its working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) variables: Variables,
    pub(super) directory: PathBuf,
}

impl StateFolder {
    /// The folder at `root`, which commands call `inside`; it is made when it is needed, also again when a command cleared it away.
    pub(super) fn new(root: PathBuf, inside: PathBuf, shell: Kind) -> io::Result<Self> {
        let above = root.parent().ok_or(Errno::INVAL)?;
        fs::create_dir_all(above)?;
        let above = openat(CWD, above, FOLDER, Mode::empty())?;
        Ok(Self { root, inside, above: Arc::new(above), shell })
    }

    /// The folder, open.
    fn open(&self) -> Result<OwnedFd, Errno> {
        openat(&*self.above, self.root.file_name().unwrap_or_default(), FOLDER, Mode::empty())
    }

    /// The script that is to be run, as commands know it.
    pub(super) fn script(&self) -> PathBuf {
        self.inside.join(SCRIPT)
    }

    /// Writes the script for `command`, which starts with `variables`.
    pub(super) fn write(&self, command: &str, variables: &Variables, carry: Carry) -> io::Result<()> {
        self.reset(variables)?;
        let (set, saved) = match carry {
            Carry::Nothing => (b":".as_slice(), Vec::new()),
            Carry::State => (b"set -a".as_slice(), self.saving()),
        };
        // The command begins on line 4, as on AWS, so that the shell's own messages name the same lines. The blank
        // line after it keeps a backslash at its end from reaching the next one.
        let mut text = b"# One command of the build; the lines around it carry variables over.\n. ".to_vec();
        text.extend(carried::quoted(self.inside.join(VARIABLES).as_os_str()));
        text.push(b'\n');
        text.extend_from_slice(set);
        text.push(b'\n');
        text.extend_from_slice(command.as_bytes());
        text.extend_from_slice(b"\n\n");
        text.extend(saved);
        self.put(SCRIPT, &text)
    }

    /// Writes a script that answers with `text` as the shell expands it, for values that AWS evaluates (artifact names).
    pub(super) fn write_expansion(&self, text: &str, variables: &Variables) -> io::Result<()> {
        let mut mark = String::from("EXPANDED");
        while text.contains(&mark) {
            mark.push('_');
        }
        self.write_asking(&format!("command -p cat <<{mark}\n{text}\n{mark}\n"), variables)
    }

    /// Writes a script that answers with what `command` says.
    pub(super) fn write_question(&self, command: &str, variables: &Variables) -> io::Result<()> {
        self.write_asking(&format!("{{ {command}; }} 2>&1"), variables)
    }

    /// Writes a script whose output is kept as the answer. It goes to a file of its own, since what the build left
    /// running in the background may be writing to the same output.
    fn write_asking(&self, command: &str, variables: &Variables) -> io::Result<()> {
        self.reset(variables)?;
        self.put(ANSWER, b"")?;
        let mut script = b". ".to_vec();
        script.extend(carried::quoted(self.inside.join(VARIABLES).as_os_str()));
        script.extend_from_slice(b"\nexec >|");
        script.extend(carried::quoted(self.inside.join(ANSWER).as_os_str()));
        script.push(b'\n');
        script.extend_from_slice(command.as_bytes());
        script.push(b'\n');
        self.put(SCRIPT, &script)
    }

    /// What the last asking script answered.
    pub(super) fn answer(&self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.take(ANSWER)?.unwrap_or_default()).trim().to_owned())
    }

    /// What the last script left behind. `None` when it did not get there: it ran `exit`, or failed under `set -e`.
    /// `before` is what it started with: variables that a shell cannot hold stay as they were.
    pub(super) fn left(&self, before: &Variables) -> io::Result<Option<Left>> {
        let (Some(printed), Some(directory)) = (self.take(NEXT_VARIABLES)?, self.take(NEXT_DIRECTORY)?)
        else {
            return Ok(None);
        };
        let Some(mut variables) = carried::read(&printed) else { return Ok(None) };
        variables.extend(of_programs(before));
        let Some(directory) = directory.strip_suffix(b"\n") else { return Ok(None) };
        let directory = PathBuf::from(OsString::from_vec(directory.to_vec()));
        Ok(Some(Left { variables, directory }))
    }

    /// The tail of a script that carries state over.
    fn saving(&self) -> Vec<u8> {
        // What the user's command made of the shell ends here: `set -x` shows the user's commands alone, traps do
        // not write into the record, and neither functions nor aliases stand in for the commands that write it.
        let mut text = b"{ CODEBUILD_LAST_EXIT=$?; \\set +evx; \\unset -f command; \\unalias -a; ".to_vec();
        if matches!(self.shell, Kind::Bash | Kind::BashPosix) {
            text.extend_from_slice(b"command trap - DEBUG; ");
        }
        // `>|` writes also under `set -C`.
        text.extend_from_slice(b"} >/dev/null 2>&1\n{ command export -p && command echo '");
        text.extend_from_slice(carried::END.as_bytes());
        text.extend_from_slice(b"'; } >|");
        text.extend(carried::quoted(self.inside.join(NEXT_VARIABLES).as_os_str()));
        // In POSIX mode bash does not name a directory that was removed.
        text.extend_from_slice(b"\n{ command pwd || command printf '%s\\n' \"$PWD\"; } 2>/dev/null >|");
        text.extend(carried::quoted(self.inside.join(NEXT_DIRECTORY).as_os_str()));
        text.extend_from_slice(b"\ncommand exit \"$CODEBUILD_LAST_EXIT\"\n");
        text
    }

    /// Writes the variables, and empties the files that the script fills at its end. They are made here, because a
    /// command may have set a umask under which it could not read them again.
    fn reset(&self, variables: &Variables) -> io::Result<()> {
        // Nobody else may read it, since it holds every variable, secrets among them.
        match mkdirat(&*self.above, self.root.file_name().unwrap_or_default(), Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        self.put(VARIABLES, &carried::env_file(variables, self.shell))?;
        self.put(NEXT_VARIABLES, b"")?;
        self.put(NEXT_DIRECTORY, b"")
    }

    /// Makes the file `name` anew.
    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let folder = self.open()?;
        match unlinkat(&folder, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        File::from(openat(&folder, name, flags, Mode::RUSR | Mode::WUSR)?).write_all(content)
    }

    /// What is in the file `name`; `None` when a command removed it or put something else there.
    fn take(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match self.open().and_then(|folder| openat(folder, name, flags, Mode::empty())) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::NXIO | Errno::ACCESS) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        let mut content = Vec::new();
        file.take(LONGEST).read_to_end(&mut content)?;
        Ok(Some(content))
    }
}

/// The environment a script's shell is started with. Shell variables come from the file it sources; here is only what
/// cannot stand there, and the directory's name, which a shell believes when it is another name of where it is.
pub(super) fn started_with(variables: &Variables, directory: &Path) -> Variables {
    of_programs(variables).chain([(OsString::from("PWD"), directory.as_os_str().to_owned())]).collect()
}

/// The variables that programs can have and shells cannot, such as `spring.profile`.
fn of_programs(variables: &Variables) -> impl Iterator<Item = (OsString, OsString)> {
    variables
        .iter()
        .filter(|(name, _)| !carried::is_name(name))
        .map(|(name, value)| (name.clone(), value.clone()))
}

/// A command's first line, which is what messages name (codebuild.md 3.5).
pub(super) fn first_line(command: &str) -> &str {
    command.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim_end()
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
