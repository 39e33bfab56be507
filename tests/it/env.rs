//! The harness: a home, a working directory and perhaps a repository of its own for each test, and the program run in
//! them with nothing of the caller's environment.
//!
//! What a run gave is one text for a snapshot: exit code, standard output, standard error. Whatever differs from run to
//! run (identifiers, times, durations, folders) is replaced by a name in brackets.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::testing::{callers_path, require_tools};

/// How long a test waits for something that must happen.
pub(crate) const CEILING: Duration = Duration::from_secs(30);

/// What a test sees of the world.
pub(crate) struct Env {
    root: tempfile::TempDir,
    variables: Vec<(String, String)>,
    _filters: insta::internals::SettingsBindDropGuard,
}

impl Env {
    /// An empty folder that is no repository.
    pub(crate) fn new() -> Self {
        static TOOLS: Once = Once::new();
        TOOLS.call_once(|| {
            require_tools();
            heed_signals();
        });
        let root = tempfile::Builder::new().prefix("it-").tempdir().expect("a temporary folder");
        let path = root.path().canonicalize().expect("the temporary folder");
        for folder in ["home", "work", "state", "cache", "tmp"] {
            std::fs::create_dir(path.join(folder)).expect("a folder of the test");
        }
        let variables = [
            ("HOME", path.join("home")),
            ("TMPDIR", path.join("tmp")),
            ("XDG_STATE_HOME", path.join("state")),
            ("XDG_CACHE_HOME", path.join("cache")),
            ("PATH", callers_path().into()),
        ];
        let fixed = [
            ("TZ", "UTC"),
            ("LANG", "C.UTF-8"),
            ("COLUMNS", "100"),
            ("TERM", "dumb"),
            // Tests of the isolated sandbox ask for it.
            ("REHEARSAL_SANDBOX", "host"),
            // Not every machine has it.
            ("REHEARSAL_SHELLCHECK", "off"),
        ];
        let mut variables: Vec<_> =
            variables.iter().map(|(name, path)| ((*name).to_owned(), path.display().to_string())).collect();
        variables.extend(fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { root, variables, _filters: filters().bind_to_scope() }
    }

    /// A repository without commits, on branch `main`.
    pub(crate) fn repository() -> Self {
        let env = Self::new();
        env.git(["init", "--quiet", "--initial-branch=main"]);
        env
    }

    /// A repository with one commit of these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let env = Self::repository();
        for (path, text) in files {
            env.file(path, text);
        }
        env.commit("first commit");
        env
    }

    /// The folder that holds everything of this test.
    pub(crate) fn root(&self) -> PathBuf {
        self.root.path().canonicalize().expect("the temporary folder")
    }

    /// The working directory.
    pub(crate) fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// The folders of actions and builds that are still there; none once nothing runs.
    pub(crate) fn workspaces(&self) -> Vec<PathBuf> {
        let work = self.root().join("cache/rehearsal/work");
        std::fs::read_dir(work)
            .map(|entries| {
                entries.flatten().map(|entry| entry.path()).filter(|path| !path.ends_with(".locks")).collect()
            })
            .unwrap_or_default()
    }

    /// Sets a variable for the runs that follow.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables.retain(|(existing, _)| existing != name);
        self.variables.push((name.to_owned(), value.as_ref().to_string_lossy().into_owned()));
    }

    /// Removes a variable for the runs that follow.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.retain(|(existing, _)| existing != name);
    }

    /// Writes a file below the working directory.
    pub(crate) fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("the file's folder");
        std::fs::write(&path, text).expect("the file");
        path
    }

    /// Commits all there is and gives the commit's id, which depends on nothing but content and message.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git in the working directory and gives what it printed.
    pub(crate) fn git<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        let output = self.prepare("git").args(arguments).output().expect("git");
        assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text from git")
    }

    /// A command with this test's environment and working directory.
    #[expect(clippy::disallowed_methods, reason = "the harness starts the program from outside")]
    pub(crate) fn prepare(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "A U Thor")
                .env(format!("GIT_{who}_EMAIL"), "author@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-11-23T05:11:07+00:00");
        }
        command.current_dir(self.work()).stdin(Stdio::null());
        command
    }

    /// The program with these arguments, not yet started. It sees no `GIT_*` variable.
    pub(crate) fn rehearsal<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.prepare(env!("CARGO_BIN_EXE_rehearsal"));
        let git: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        for name in git.iter().filter(|name| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        command.args(arguments);
        command
    }

    /// Runs the program to its end and renders what it gave.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        render(&self.output(arguments))
    }

    /// Runs the program to its end.
    pub(crate) fn output<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        let mut command = assert_cmd::Command::from_std(self.rehearsal(arguments));
        command.timeout(4 * CEILING).output().expect("the program")
    }

    /// Runs the program, which must end with this code, and gives its standard output.
    pub(crate) fn stdout<'a>(&self, arguments: impl IntoIterator<Item = &'a str>, code: i32) -> String {
        let output = self.output(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", render(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Starts the program in the background, its output captured.
    pub(crate) fn start<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Running {
        Running::of(self.rehearsal(arguments))
    }
}

/// Lets the programs that tests start hear signals that whoever started the tests had them ignore, as a script does with
/// a background job: what a process handles, its children begin with as usual.
fn heed_signals() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        if ignored & (1 << (signal - 1)) != 0 {
            signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false))).expect("a signal handler");
        }
    }
}

/// The program while it runs; ended with the test.
pub(crate) struct Running(Option<Child>);

impl Running {
    /// A prepared command, started with its output captured.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().expect("the program")))
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().expect("still running").id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.id().try_into().expect("a process id"))
            .expect("a process id");
        rustix::process::kill_process(id, signal).expect("a signal");
    }

    /// Waits for its end and gives what it printed. One that does not end is killed, and ends with that signal.
    pub(crate) fn finish(mut self) -> Output {
        let child = self.0.take().expect("still running");
        let id = rustix::process::Pid::from_child(&child);
        let (ended, waits) = channel::<()>();
        let watchdog = std::thread::spawn(move || {
            if waits.recv_timeout(4 * CEILING) == Err(RecvTimeoutError::Timeout) {
                let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        });
        let output = child.wait_with_output().expect("the program's end");
        drop(ended);
        watchdog.join().expect("the watchdog");
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until `happened` gives a value.
pub(crate) fn until<T>(what: &str, mut happened: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = happened() {
            return value;
        }
        assert!(began.elapsed() < CEILING, "waited {CEILING:?} for {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Waits until a file is there and holds something.
pub(crate) fn until_file(path: &Path) -> String {
    until(&path.display().to_string(), || std::fs::read_to_string(path).ok().filter(|text| !text.is_empty()))
}

/// One text of all that a run gave. The end of each stream is seen, a missing line end too.
pub(crate) fn render(output: &Output) -> String {
    let stream = |name: &str, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "[no line end]\n" };
        if text.is_empty() { String::new() } else { format!("--- {name}\n{text}{end}") }
    };
    format!(
        "exit: {}\n{}{}",
        describe(output.status),
        stream("stdout", &output.stdout),
        stream("stderr", &output.stderr)
    )
}

fn describe(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| code.to_string())
}

/// Runs the program at a terminal of 200 columns and gives the exit code and all bytes that reached the terminal.
pub(crate) fn at_terminal<'a>(env: &Env, arguments: impl IntoIterator<Item = &'a str>) -> (i32, String) {
    const SCRIPT: &str = "
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 200, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";
    let program = env.rehearsal([]);
    let mut command = env.prepare("python3");
    for (name, _) in env.prepare("python3").get_envs() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env_remove("COLUMNS").env("TERM", "xterm-256color");
    command.args(["-c", SCRIPT]).arg(program.get_program()).args(arguments);
    let output = command.output().expect("python3");
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What varies, and the names it goes by in snapshots.
fn filters() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    // Of whichever test's folder, since one may have several; before everything else that a path may hold.
    let any = r"(?:/[^\s/:]+)*/it-[A-Za-z0-9]{6}";
    for folder in ["work", "home", "state", "cache", "tmp"] {
        settings.add_filter(&format!("{any}/{folder}"), format!("[{}]", folder.to_uppercase()));
    }
    settings.add_filter(any, "[ROOT]");
    settings.add_filter(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "[ID]");
    settings.add_filter(r"\bd-[A-Z0-9]{9}\b", "[DEPLOYMENT]");
    settings.add_filter(r"\b[0-9a-f]{64}\b", "[SHA256]");
    settings.add_filter(r"\b[0-9a-f]{40}\b", "[COMMIT]");
    settings.add_filter(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "[WHEN]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[WHEN]");
    settings.add_filter(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}", "[WHEN]");
    // The width of a column of durations is not the same each time.
    settings.add_filter(r"\b(\d+[hm] )?\d+(\.\d+)?s {2,}", "[TIME]  ");
    settings.add_filter(r"\btook {2,}", "took  ");
    settings.add_filter(r"(?m)\b(\d+[hm] )?\d+(\.\d+)?s( |$|[,:])", "[TIME]$3");
    settings.add_filter(r"work-[0-9a-f]{16}", "work-[HASH]");
    settings.add_filter(r"\b[0-9a-f]{8}\b", "[SHORT]");
    settings
}

/// A definition: a source stage, and a stage with one Commands action `Run` for each name and command.
pub(crate) fn pipeline(name: &str, stages: &[(&str, &str)]) -> String {
    let mut text = format!(
        "pipeline:
  name: {name}
  roleArn: arn:aws:iam::111122223333:role/pipeline
  pipelineType: V2
  artifactStore: {{ type: S3, location: artifacts-of-tests }}
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: {{ category: Source, owner: AWS, provider: CodeCommit, version: \"1\" }}
          configuration: {{ RepositoryName: {name}, BranchName: main }}
          outputArtifacts: [{{ name: Sources }}]
          namespace: Source
"
    );
    let stages = stages.iter().map(|(stage, command)| {
        let command = serde_json::Value::from(*command);
        format!(
            "    - name: {stage}
      actions:
        - name: Run
          actionTypeId: {{ category: Compute, owner: AWS, provider: Commands, version: \"1\" }}
          inputArtifacts: [{{ name: Sources }}]
          commands: [{command}]
"
        )
    });
    text.extend(stages);
    text
}

/// A buildspec whose build phase has these commands.
pub(crate) fn buildspec(commands: &[&str]) -> String {
    let commands: Vec<_> =
        commands.iter().map(|command| format!("      - {}\n", serde_json::Value::from(*command))).collect();
    format!("version: 0.2\nphases:\n  build:\n    commands:\n{}", commands.concat())
}
