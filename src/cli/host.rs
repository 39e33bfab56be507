//! The machine and the moment a command runs in, read once.
//!
//! Owns: the environment, the working directory, the terminal's facts and the user's folders, as plain values. Everything
//! below `cli` gets them as arguments; nothing else in the program asks the system for them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::arguments::Sandbox;

/// Widths between which text is wrapped and tables are cut; outside them the nearest one is used.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=160;

/// The width when nobody says one: the classic terminal.
const DEFAULT_WIDTH: usize = 80;

/// What is known of the machine when the command starts.
#[derive(Debug, Clone)]
pub struct Host {
    /// The command line, the program's own name first.
    pub typed: Vec<OsString>,
    /// Where commands are to run, if that was said.
    pub sandbox: Option<Sandbox>,
    /// Whether builds are to reach nothing outside.
    pub no_network: bool,
    /// The environment, whole.
    pub variables: BTreeMap<OsString, OsString>,
    /// The working directory.
    pub directory: PathBuf,
    /// This program, to be started again as a guard.
    pub program: PathBuf,
    /// The user's own home folder, where there is one.
    pub home: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub xdg_state_home: Option<PathBuf>,
    /// `XDG_CACHE_HOME`.
    pub xdg_cache_home: Option<PathBuf>,
    /// `TMPDIR`, or the system's folder for temporary files.
    pub temp: PathBuf,
    /// For local times.
    pub zone: TimeZone,
    /// Columns to write in.
    pub width: usize,
    /// Whether somebody who sees what is asked can answer.
    pub interactive: bool,
    /// Whether lines and arrows may be drawn around text; screen readers are better off without (`NO_GRAPHICS`).
    pub graphics: bool,
    /// What standard output can show.
    pub stdout: Display,
    /// What standard error can show.
    pub stderr: Display,
}

/// What one of the output streams can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// Whether somebody watches it directly.
    pub terminal: bool,
    /// Whether it takes colours when the user does not say.
    pub colour: bool,
    /// Whether lines may be drawn over again.
    pub live: bool,
}

impl Host {
    /// Reads the machine. Fails when the working directory is gone.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may ask the machine")]
    pub fn read() -> std::io::Result<Self> {
        let variables: BTreeMap<_, _> = std::env::vars_os().collect();
        let directory = std::env::current_dir()?;
        let program = std::env::current_exe()?;
        let columns =
            rustix::termios::tcgetwinsize(std::io::stderr()).map(|size| usize::from(size.ws_col)).ok();
        let terminals = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let host = Self::from(variables, directory, program, terminals, columns);
        let interactive = std::io::stdin().is_terminal() && host.stderr.terminal && !host.is_ci();
        Ok(Self { zone: TimeZone::system(), interactive, ..host })
    }

    /// The user's name: on AWS, that of the IAM user.
    pub fn user(&self) -> String {
        let name = ["USER", "LOGNAME"].iter().find_map(|name| self.variables.get(OsStr::new(name)));
        name.map_or_else(|| "rehearsal".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// Whether nobody sits there, as CI services say.
    fn is_ci(&self) -> bool {
        is_ci(&self.variables)
    }

    /// The same from values, for tests and for [`Host::read`]; times are in UTC.
    fn from(
        variables: BTreeMap<OsString, OsString>,
        directory: PathBuf,
        program: PathBuf,
        terminals: (bool, bool),
        columns: Option<usize>,
    ) -> Self {
        let get = |name: &str| variables.get(OsStr::new(name)).filter(|value| !value.is_empty());
        // Relative paths mean nothing here; the XDG specification wants them ignored.
        let folder = |name: &str| get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let asked = get("COLUMNS").and_then(|value| value.to_str()?.parse().ok());
        let width = asked.or(columns).filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH);
        let dumb = get("TERM").is_none_or(|term| term == "dumb");
        let no_colour = get("NO_COLOR").is_some();
        let ci = is_ci(&variables);
        let display = |terminal| Display {
            terminal,
            colour: terminal && !dumb && !no_colour,
            live: terminal && !dumb && !ci,
        };
        Self {
            typed: Vec::new(),
            sandbox: None,
            no_network: false,
            home: folder("HOME"),
            xdg_state_home: folder("XDG_STATE_HOME"),
            xdg_cache_home: folder("XDG_CACHE_HOME"),
            temp: folder("TMPDIR").unwrap_or_else(|| PathBuf::from("/tmp")),
            zone: TimeZone::UTC,
            interactive: false,
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            graphics: get("NO_GRAPHICS").is_none(),
            stdout: display(terminals.0),
            stderr: display(terminals.1),
            variables,
            directory,
            program,
        }
    }
}

fn is_ci(variables: &BTreeMap<OsString, OsString>) -> bool {
    variables.get(OsStr::new("CI")).is_some_and(|value| !value.is_empty() && value != "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(variables: &[(&str, &str)], terminal: bool, columns: Option<usize>) -> Host {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Host::from(variables, "/work".into(), "/bin/rehearsal".into(), (terminal, terminal), columns)
    }

    #[test]
    fn folders_are_taken_only_when_they_are_absolute() {
        let host =
            host(&[("HOME", "/home/u"), ("XDG_STATE_HOME", "relative"), ("XDG_CACHE_HOME", "")], false, None);
        assert_eq!(host.home, Some("/home/u".into()));
        assert_eq!((host.xdg_state_home, host.xdg_cache_home, host.temp), (None, None, "/tmp".into()));
    }

    #[test]
    fn terminals_are_asked_before_colours_and_live_lines_are_used() {
        type Case = (&'static [(&'static str, &'static str)], bool, bool, bool);
        let cases: &[Case] = &[
            (&[("TERM", "xterm")], true, true, true),
            (&[("TERM", "xterm")], false, false, false),
            (&[("TERM", "dumb")], true, false, false),
            (&[], true, false, false),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], true, false, true),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], true, true, true),
            (&[("TERM", "xterm"), ("CI", "true")], true, true, false),
            (&[("TERM", "xterm"), ("CI", "false")], true, true, true),
        ];
        for (variables, terminal, colour, live) in cases {
            let display = host(variables, *terminal, None).stderr;
            assert_eq!(
                (display.colour, display.live),
                (*colour, *live),
                "{variables:?} at a terminal: {terminal}"
            );
        }
    }

    #[test]
    fn the_width_has_bounds() {
        for (columns, window, expected) in [
            (None, None, 80),
            (None, Some(100), 100),
            (None, Some(0), 80),
            (Some("120"), Some(100), 120),
            (Some("wide"), Some(100), 100),
            (Some("7"), None, 40),
            (None, Some(5000), 160),
        ] {
            let variables: Vec<_> = columns.map(|value| ("COLUMNS", value)).into_iter().collect();
            assert_eq!(host(&variables, true, window).width, expected);
        }
    }
}
