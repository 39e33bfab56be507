//! The commands of a buildspec, read as shell text once for all rules.

use std::sync::OnceLock;

use super::letters::{Letters, Words};
use crate::spec::buildspec::PhaseName;
use crate::spec::shell::{self, Place, Script, Simple, Step};
use crate::syntax::{Kind, Node, Span, TextMap, Tree};

/// What the commands run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    /// `env.shell: bash`.
    Bash,
    /// The image's `sh`.
    Sh,
    /// PowerShell or cmd.exe.
    Windows,
    /// What says so could not be read.
    Unknown,
}

impl RunsIn {
    /// Whether it is certainly a shell of Unix: what others run is not read.
    fn is_of_unix(self) -> bool {
        matches!(self, Self::Bash | Self::Sh)
    }
}

/// The commands of a buildspec as a shell reads them; [`Commands`] is how rules look at them.
#[derive(Debug)]
pub struct Scripts<'t> {
    all: Vec<Written<'t>>,
    runs_in: RunsIn,
}

/// A command as it is written.
#[derive(Debug)]
struct Written<'t> {
    phase: PhaseName,
    list: &'static str,
    index: usize,
    text: &'t str,
    node: Node<'t>,
    letters: Letters,
    script: Script<'t>,
}

/// The commands of a buildspec, in the order they run.
#[derive(Debug)]
pub struct Commands<'t> {
    all: Vec<Command<'t>>,
    /// What they run in.
    pub runs_in: RunsIn,
}

/// A command of a phase.
#[derive(Debug)]
pub struct Command<'t> {
    /// Its phase.
    pub phase: PhaseName,
    /// `commands` or `finally`.
    pub list: &'static str,
    /// Its place in the list.
    pub index: usize,
    /// The text.
    pub text: &'t str,
    /// Where it stands.
    pub node: Node<'t>,
    /// What it says to a shell of Unix; empty for others.
    pub script: &'t Script<'t>,
    /// What a walk over the script meets: made once, as most rules ask for it.
    pub steps: Box<[(Step<'t, 't>, Place)]>,
    /// The characters of the text.
    pub letters: Letters,
    /// Where its bytes stand, once somebody asked.
    map: OnceLock<TextMap>,
}

impl<'t> Scripts<'t> {
    /// Reads the commands of a buildspec.
    pub fn of(tree: &'t Tree) -> Self {
        let root = tree.root();
        let mut found = Vec::new();
        for phase in PhaseName::ALL {
            let Some(section) = root.get("phases").and_then(|phases| phases.get(phase.key())) else {
                continue;
            };
            for list in ["commands", "finally"] {
                let Some(node) = section.get(list) else { continue };
                let one = Some(node).filter(|node| node.kind() == Kind::Scalar);
                for (index, node) in one.into_iter().chain(node.items()).enumerate() {
                    let command = |text| (phase, list, index, text, Letters::of(text), node);
                    found.extend(node.text().map(command));
                }
            }
        }
        // A word in other letters is surely meant.
        let env = root.get("env").and_then(|env| env.get("shell")).and_then(Node::text);
        let env = env.map(str::to_ascii_lowercase);
        // Which shell it is may stand in what could not be read, and so may the end of a text.
        let is_lost = |lines: &Span| tree.source().slice(*lines).to_ascii_lowercase().contains("shell:");
        let runs_in = match env.as_deref() {
            _ if tree.left_out().iter().any(is_lost) || is_said_elsewhere(root) => RunsIn::Unknown,
            Some("bash" | "/bin/bash") => RunsIn::Bash,
            Some("sh" | "/bin/sh") => RunsIn::Sh,
            Some("powershell.exe" | "cmd.exe") => RunsIn::Windows,
            // Whatever was meant, it is no shell that is known here.
            Some(_) => RunsIn::Unknown,
            None if found.iter().any(|(.., text, letters, _)| is_of_windows(text, *letters)) => {
                RunsIn::Windows
            }
            None => RunsIn::Sh,
        };
        let is_cut = |node: Node<'_>| {
            let end = node.span().end;
            tree.left_out().iter().any(|lines| lines.start <= end.saturating_add(1) && end <= lines.end)
        };
        let read = |text, node| shell::parse(if runs_in.is_of_unix() && !is_cut(node) { text } else { "" });
        let all = found.into_iter().map(|(phase, list, index, text, letters, node)| Written {
            phase,
            list,
            index,
            text,
            node,
            letters,
            script: read(text, node),
        });
        Self { all: all.collect(), runs_in }
    }
}

impl<'t> Commands<'t> {
    /// Walks through the commands of a buildspec.
    pub fn of(scripts: &'t Scripts<'t>) -> Self {
        let mut walk = Vec::new();
        let all = scripts.all.iter().map(|written| Command {
            phase: written.phase,
            list: written.list,
            index: written.index,
            text: written.text,
            node: written.node,
            script: &written.script,
            steps: shell::steps(&written.script, &mut walk),
            letters: written.letters,
            map: OnceLock::new(),
        });
        Self { all: all.collect(), runs_in: scripts.runs_in }
    }

    /// The commands, in the order they run.
    pub fn all(&self) -> &[Command<'t>] {
        &self.all
    }

    /// Whether the commands were read: those for Windows, or for nobody knows what, are not.
    pub fn are_read(&self) -> bool {
        self.runs_in.is_of_unix()
    }
}

impl<'t> Command<'t> {
    /// Its simple commands, in the order they stand, with their places.
    pub fn simples(&self) -> impl Iterator<Item = (&'t Simple<'t>, Place)> {
        shell::simples(&self.steps)
    }

    /// Whether a word is in its text.
    #[inline]
    pub fn has(&self, word: &str) -> bool {
        self.letters.hold(Letters::of(word)) && self.text.contains(word)
    }

    /// Whether one of some words is in its text.
    pub fn has_any<const N: usize>(&self, words: &Words<N>) -> bool {
        words.are_in(self.text, self.letters)
    }

    /// Where bytes of the text stand in the file, as far as its first line: a label under a hundred lines helps nobody.
    pub fn at(&self, inner: Span) -> Span {
        let text = self.text.get(inner.start as usize..inner.end as usize).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default().trim_end().len();
        let end = inner.start + u32::try_from(first).unwrap_or_default();
        self.map.get_or_init(|| TextMap::of(self.node)).span(Span::new(inner.start, end))
    }
}

/// Whether a shell is named where nobody looks for it: then it is wrong, and not known.
fn is_said_elsewhere(root: Node<'_>) -> bool {
    let env = root.get("env");
    let is_other_kind = env.is_some_and(|env| env.kind() != Kind::Mapping && !env.is_null());
    let own = env.and_then(|env| env.get("shell"));
    let phases = root.get("phases");
    let each = phases.into_iter().flat_map(Node::entries).map(|entry| entry.value);
    let mut others = each.chain(phases).chain(env.and_then(|env| env.get("variables"))).chain([root]);
    let is_shell = |node: Node<'_>| {
        node.entries().any(|entry| entry.key.text().is_some_and(|key| key.eq_ignore_ascii_case("shell")))
    };
    is_other_kind || own.is_some_and(|own| own.kind() != Kind::Scalar) || others.any(is_shell)
}

/// Words of PowerShell and of programs for Windows.
const OF_WINDOWS: Words<20> = Words::of([
    "$env:",
    "$Env:",
    "$ENV:",
    "Write-Host",
    "Write-Output",
    "Get-",
    "New-Item",
    "Set-Location",
    "Copy-Item",
    "Remove-Item",
    "Invoke-",
    "Set-Item",
    "$LASTEXITCODE",
    "$LastExitCode",
    "$ErrorActionPreference",
    "[System.",
    "Install-",
    "$null",
    "Start-Process",
    "choco install",
]);

/// How lines of PowerShell and of batch files begin, and no others.
const OPENINGS: [&str; 7] = ["& \"", "& '", "& $", "@echo off", "if exist ", "if not exist ", "for %%"];

/// Whether a text is written for PowerShell or cmd.exe. A buildspec does not say so where the image is one of Windows.
fn is_of_windows(text: &str, letters: Letters) -> bool {
    OF_WINDOWS.are_in(text, letters)
        || letters.has(b'%') && has_percent_variable(text)
        || is_line_of_windows(text.trim_start().lines().next().unwrap_or_default().trim_end())
            // What a shell of Unix would run shows nothing.
            && shell::parse(text).error.is_some()
}

/// Whether a first line has a form that only these have: `if (…) {`, `foreach (…) {`, `& "program"`, `if exist x`. What
/// comes later may be the text of another language.
fn is_line_of_windows(line: &str) -> bool {
    let word = line.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let behind = line[word.len()..].trim_start();
    let is_block = ["if", "elseif", "for", "foreach", "while", "switch"].contains(&word)
        && behind.starts_with('(')
        && !behind.starts_with("((")
        && behind.contains('{');
    is_block || OPENINGS.iter().any(|opening| line.starts_with(opening))
}

/// Whether there is a variable as cmd.exe reads it: `%NAME%`.
fn has_percent_variable(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let rest = &text[at + 1..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').count();
        length > 3 && rest[length..].starts_with('%')
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::syntax::{self, SourceFile};

    #[test]
    fn commands_are_not_read_where_their_shell_or_their_end_could_not_be() {
        let source = |env: &str, command: &str| {
            let text =
                format!("env:\n  {env}\nphases:\n  build:\n    commands:\n      - {command}\n      - make\n");
            Arc::new(SourceFile::new("buildspec.yml", text))
        };
        for (env, command, are_read, is_empty) in [
            ("shell: bash", "make a", true, false),
            ("shell: \"cmd.exe\" x", "make a", false, true),
            ("variables: \"A\" x", "make a", true, false),
            ("shell: /bin/sh", "make a", true, false),
            ("shell: BASH", "make a", true, false),
            ("shell: pwsh", "make a", false, true),
            ("shell: [cmd.exe]", "make a", false, true),
            ("variables: {shell: cmd.exe}", "make a", false, true),
            ("shell: bash", "|\n        make a\n      then", true, true),
        ] {
            let tree = syntax::parse(&source(env, command)).tree.unwrap();
            let scripts = Scripts::of(&tree);
            let commands = Commands::of(&scripts);
            let script = &commands.all()[0].script;
            assert_eq!(
                (commands.are_read(), script.list.items.is_empty()),
                (are_read, is_empty),
                "{env} {command}"
            );
        }
    }

    #[test]
    fn powershell_and_batch_files_are_told_by_their_words() {
        for (text, expected) in [
            ("make", false),
            ("echo $PATH", false),
            ("date +%Y-%m-%d", false),
            ("curl -w %HTTP", false),
            ("apt-get install -y x", false),
            ("npm run Get", false),
            ("$env:PATH += ';C:/x'", true),
            ("if ($LASTEXITCODE -ne 0) { exit 1 }", true),
            ("cd %CODEBUILD_SRC_DIR%", true),
            ("choco install codecov", true),
            ("if (!(Test-Path x)) { mkdir x }", true),
            ("foreach ($f in ls) { echo $f }", true),
            ("if ($a) {", true),
            ("& \"C:/tool.exe\" -x", true),
            ("if not exist out mkdir out", true),
            ("if (cd a && make); then echo; fi", false),
            ("for ((i=0;i<3;i++)) { echo $i; }", false),
            ("$CMD=x", false),
            ("make & wait", false),
            ("echo remove it if exist a", false),
            ("cat > a.js <<EOF\nif (a) {\n}\nEOF", false),
            ("awk '\n  if ($1) { print }\n'", false),
            ("if (make) || { echo a; }; then echo b; fi", false),
            ("if (grep -q a b) || [ \"${x}\" = y ]; then make; fi", false),
            ("ssh host \"if (Test-Path a) { del a }\"", false),
        ] {
            assert_eq!(is_of_windows(text, Letters::of(text)), expected, "{text}");
        }
    }
}
