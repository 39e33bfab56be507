//! The shim itself: a thin client that asks what to do and does it.
//!
//! Owns: finding the program behind the shims, asking, printing, becoming another program. It decides nothing. It runs
//! once for each call of a tool, so it opens nothing but its configuration and one connection.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};

use super::wire::{self, Asked, Config, Look, Reply, Seen};

/// The status of a shim that cannot ask, and of a program that cannot be started.
const BROKEN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// The longest text that is read for the other side, in bytes.
const LONGEST: u64 = 4 << 20;

/// Runs a shim: `__shim CONFIG NAME ARGUMENTS…`. Its exit status is the tool's.
pub fn main() -> u8 {
    let mut arguments = std::env::args_os().skip(2);
    let (Some(config), Some(name)) = (arguments.next(), arguments.next()) else {
        complain("a shim is started by the tool it stands for, not by hand");
        return BROKEN;
    };
    let shim = Shim { name: name.to_string_lossy().into_owned(), arguments: arguments.collect() };
    match shim.perform(Path::new(&config)) {
        Ok(status) => status,
        Err(error) => {
            complain(&format!(
                "{} was not run: nobody answers for it ({error}). Its stand-in works only while the build that it was made for runs.",
                shim.name
            ));
            BROKEN
        }
    }
}

struct Shim {
    name: String,
    arguments: Vec<OsString>,
}

/// The PATH of a shim and the folder of the shims on it.
struct Programs {
    path: OsString,
    folder: PathBuf,
}

/// What follows an answer.
enum Next {
    Exit(u8),
    Look(Box<Look>),
    Ended(i32),
}

impl Shim {
    fn perform(&self, config: &Path) -> io::Result<u8> {
        let config: Config = serde_json::from_slice(&fs::read(config)?)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a shim is a program of its own, started by a tool's name"
        )]
        let (path, cwd) =
            (std::env::var_os("PATH").unwrap_or_default(), std::env::current_dir().unwrap_or_default());
        let programs = Programs { path, folder: config.folder.clone() };
        let mut asked = Asked {
            name: self.name.clone(),
            args: self.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            cwd,
            found: programs.behind(&self.name),
            piped: is_piped(),
            env: variables(),
            ..Asked::default()
        };
        let mut input = None;
        loop {
            match self.answer(&config, &asked, &programs)? {
                Next::Exit(status) => return Ok(status),
                Next::Ended(status) => asked.ended = Some(status),
                Next::Look(look) => {
                    programs.look(&look, &asked.cwd, &mut asked.seen);
                    if look.input {
                        let kept = kept_input()?;
                        asked.seen.input = Some(kept.path().to_owned());
                        input.replace(kept);
                    }
                }
            }
        }
    }

    /// Asks once and does what is answered.
    fn answer(&self, config: &Config, asked: &Asked, programs: &Programs) -> io::Result<Next> {
        let mut lines = post(config, &serde_json::to_vec(asked)?)?;
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Err(io::Error::other("the answer ended too early"));
            }
            match serde_json::from_slice(&line)? {
                // Nobody may be there to read what is printed.
                Reply::Out(text) => {
                    drop(io::stdout().write_all(&wire::bytes(&text)?).and_then(|()| io::stdout().flush()));
                }
                Reply::Err(text) => drop(io::stderr().write_all(&wire::bytes(&text)?)),
                Reply::Tick => {}
                Reply::Write { path, text } => {
                    if let Err(error) = write_private(&path, &text) {
                        complain(&format!("cannot write {}: {error}", path.display()));
                        return Ok(Next::Exit(1));
                    }
                }
                Reply::Drain => drop(io::copy(&mut io::stdin(), &mut io::sink())),
                Reply::Exit(status) => return Ok(Next::Exit(exit_status(status))),
                Reply::Become { before, without } => {
                    let Some(program) = &asked.found else { return Ok(Next::Exit(NOT_FOUND)) };
                    let before = before.into_iter().map(OsString::from);
                    let typed = self.arguments.iter().enumerate().filter(|(at, _)| !without.contains(at));
                    return Ok(Next::Exit(
                        self.become_program(program, before.chain(typed.map(|(_, word)| word.clone()))),
                    ));
                }
                Reply::Other(words) => {
                    let Some((name, rest)) = words.split_first() else { return Ok(Next::Exit(0)) };
                    let Some(program) = programs.any(name) else {
                        complain(&format!("{name}: command not found"));
                        return Ok(Next::Exit(NOT_FOUND));
                    };
                    return Ok(Next::Exit(self.become_program(&program, rest.iter().map(OsString::from))));
                }
                Reply::Steps { commands, quiet } => {
                    return Ok(Next::Ended(self.steps(&commands, quiet, asked, programs)));
                }
                Reply::Look(look) => return Ok(Next::Look(look)),
            }
        }
    }

    /// Becomes a program; comes back only when that is not possible.
    fn become_program(&self, program: &Path, arguments: impl Iterator<Item = OsString>) -> u8 {
        #[expect(clippy::disallowed_methods, reason = "this process becomes the program; none is started")]
        let error = std::process::Command::new(program).args(arguments).exec();
        complain(&format!("cannot run {} for {}: {error}", program.display(), self.name));
        BROKEN
    }

    /// Runs commands while they succeed; the status of the last.
    fn steps(&self, commands: &[Vec<String>], quiet: bool, asked: &Asked, programs: &Programs) -> i32 {
        for command in commands {
            let Some((name, rest)) = command.split_first() else { continue };
            let own = || asked.found.clone().filter(|_| *name == self.name);
            let Some(program) = own().or_else(|| programs.any(name)) else {
                complain(&format!("{name}: command not found"));
                return NOT_FOUND.into();
            };
            let step = duct::cmd(program, rest).unchecked();
            let step = if quiet { step.stdout_null() } else { step };
            match step.run() {
                Ok(output) if output.status.success() => {}
                Ok(output) => {
                    let signal = output.status.signal().map(|signal| 128 + signal);
                    return output.status.code().or(signal).unwrap_or(1);
                }
                Err(error) => {
                    complain(&format!("cannot run {name}: {error}"));
                    return BROKEN.into();
                }
            }
        }
        0
    }
}

impl Programs {
    /// A program on PATH that is no shim.
    fn behind(&self, name: &str) -> Option<PathBuf> {
        let shims = self.folder.canonicalize().ok();
        self.find(name, |folder| {
            folder != self.folder && (shims.is_none() || folder.canonicalize().ok() != shims)
        })
    }

    /// A program on PATH, shims among them.
    fn any(&self, name: &str) -> Option<PathBuf> {
        self.find(name, |_| true)
    }

    fn find(&self, name: &str, wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let is_program =
            |path: &Path| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
        if name.contains('/') {
            return Some(PathBuf::from(name)).filter(|path| is_program(path));
        }
        std::env::split_paths(&self.path)
            .filter(|folder| !folder.as_os_str().is_empty() && wanted(folder))
            .map(|folder| folder.join(name))
            .find(|path| is_program(path))
    }

    /// Looks at what is asked for.
    fn look(&self, look: &Look, cwd: &Path, seen: &mut Seen) {
        for path in &look.read {
            seen.read.insert(path.clone(), text_of(&cwd.join(path)));
        }
        for pattern in &look.exist {
            seen.exist.insert(pattern.clone(), !fitting(cwd, pattern).is_empty());
        }
        for (pattern, text) in &look.contain {
            let mut files = fitting(cwd, pattern).into_iter();
            let found =
                files.any(|file| text_of(&file).is_some_and(|content| content.contains(text.as_str())));
            seen.contain.insert(text.clone(), found);
        }
        for name in &look.variables {
            seen.variables.insert(name.clone(), variable(name));
        }
        for name in &look.programs {
            seen.programs.insert(name.clone(), self.behind(name).is_some());
        }
        for command in &look.versions {
            let said = command.split_first().and_then(|(name, rest)| {
                let program = self.behind(name)?;
                let output =
                    duct::cmd(program, rest).stdin_null().stderr_to_stdout().unchecked().read().ok()?;
                Some(output)
            });
            seen.versions.insert(command.join(" "), said.unwrap_or_default());
        }
    }
}

/// The text of a plain file that is not too long.
fn text_of(path: &Path) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(LONGEST).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The path itself, or all that a pattern with stars stands for.
fn fitting(cwd: &Path, pattern: &str) -> Vec<PathBuf> {
    let is_pattern = |text: &str| text.contains(['*', '?', '[']);
    let is_there = |place: &PathBuf| place.symlink_metadata().is_ok();
    let itself = cwd.join(pattern);
    if !is_pattern(pattern) || is_there(&itself) {
        return Some(itself).filter(is_there).into_iter().collect();
    }
    let mut places = vec![if pattern.starts_with('/') { PathBuf::from("/") } else { cwd.to_owned() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        if part == "**" {
            return places.into_iter().filter(|place| place.is_dir()).collect();
        }
        if !is_pattern(part) {
            places = places.into_iter().map(|place| place.join(part)).filter(is_there).collect();
            continue;
        }
        // What is no pattern for us may be one for the tool.
        let Ok(glob) = globset::Glob::new(part) else { return places };
        let glob = glob.compile_matcher();
        let entries = places.iter().filter_map(|place| fs::read_dir(place).ok()).flatten().flatten();
        let hidden = part.starts_with('.');
        places = entries
            .filter(|entry| glob.is_match(entry.file_name()))
            .filter(|entry| hidden || !entry.file_name().as_encoded_bytes().starts_with(b"."))
            .map(|entry| entry.path())
            .collect();
    }
    places
}

/// Whether standard output goes elsewhere than standard error, and not to nowhere.
fn is_piped() -> bool {
    let device = |fd: &dyn std::os::fd::AsFd| rustix::fs::fstat(fd.as_fd()).ok();
    let (Some(out), Some(err)) = (device(&io::stdout()), device(&io::stderr())) else { return false };
    let is_null = || {
        let null = rustix::fs::stat("/dev/null").ok();
        null.is_some_and(|null| (null.st_dev, null.st_ino) == (out.st_dev, out.st_ino))
    };
    (out.st_dev, out.st_ino) != (err.st_dev, err.st_ino) && !is_null()
}

fn variables() -> BTreeMap<String, String> {
    wire::VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), variable(name)?))).collect()
}

fn variable(name: &str) -> Option<String> {
    // A name with these in it is none, and asking for it is an error.
    if name.is_empty() || name.contains(['=', '\0']) {
        return None;
    }
    #[expect(clippy::disallowed_methods, reason = "a shim is a program of its own, started by a tool's name")]
    let value = std::env::var_os(OsStr::new(name))?;
    Some(value.to_string_lossy().into_owned())
}

/// Writes a file that its owner alone can read, where there was none.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file?.write_all(text.as_bytes())
}

/// Standard input, to its end, in a file that goes when it is dropped.
fn kept_input() -> io::Result<tempfile::NamedTempFile> {
    let folder = variable("TMPDIR").unwrap_or_else(|| "/tmp".to_owned());
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut io::stdin(), &mut file)?;
    Ok(file)
}

fn exit_status(status: i32) -> u8 {
    u8::try_from(status & 0xff).unwrap_or(1)
}

fn complain(words: &str) {
    // Nobody may be there to read it.
    let _ = writeln!(io::stderr(), "rehearsal: {words}");
}

/// Posts a question; the answer's body, as it comes.
fn post(config: &Config, body: &[u8]) -> io::Result<Box<dyn BufRead>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, config.port))?;
    stream.set_nodelay(true)?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        wire::PATH,
        config.port,
        config.token,
        body.len()
    );
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    stream.write_all(&request)?;
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status)?;
    let mut chunked = false;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim_end().is_empty() {
            break;
        }
        let header = header.to_ascii_lowercase();
        chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
    }
    match status.split_ascii_whitespace().nth(1) {
        Some("200") if chunked => Ok(Box::new(BufReader::new(Chunked { reader, left: 0, first: true }))),
        Some("200") => Ok(Box::new(reader)),
        Some(code) => Err(io::Error::other(format!("the endpoint answered {code}"))),
        None => Err(io::Error::other("the endpoint gave no answer")),
    }
}

/// A body in chunks.
struct Chunked {
    reader: BufReader<TcpStream>,
    left: usize,
    first: bool,
}

impl Read for Chunked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let mut size = String::new();
            if !std::mem::take(&mut self.first) {
                self.reader.read_line(&mut size)?;
                size.clear();
            }
            self.reader.read_line(&mut size)?;
            let size = size.split(';').next().unwrap_or_default().trim().to_owned();
            self.left = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
            if self.left == 0 {
                // From now on every read finds the end.
                self.first = true;
                return Ok(0);
            }
        }
        let wanted = self.left.min(buffer.len());
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        Ok(read)
    }
}
