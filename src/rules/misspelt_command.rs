//! `misspelt-command`: a command that nobody knows, one slip of the keyboard beside one that everybody knows.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::is_slip;
use crate::spec::shell::{Simple, Word};

pub(super) const RULE: Rule = Rule {
    code: "misspelt-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A command one slip beside a well-known one",
    doc: "`exprot`, `dokcer` and `docker biuld` are no commands of any image: the shell finds no program of that name, or the program no command, \
          and the build fails. Looked at are names of letters only, two of which changed places, or of which one is missing, doubled or \
          wrong where the name is long enough to tell. A function, an alias or a script of that name is not meant.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - exprot STAGE=test
      - docker biuld .
",
        "version: 0.2
phases:
  build:
    commands:
      - export STAGE=test
      - docker build .
",
    ),
    reference: "codebuild.md 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

/// What is meant: commands of shells, of Linux and of the tools that builds use.
static MEANT: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    words(
        "amplify ansible apt apt-get awk aws basename bash black break brew bundle cargo case cat cdk chmod \
         chown cmake composer continue copilot curl cypress declare dirname docker done dotnet echo elif \
         else env eslint eval exec exit export false find gem git gradle grep gunzip gzip head helm java \
         javac jest kubectl local make maven mkdir mvn mypy node npm npx nvm packer php pip pip3 pnpm poetry \
         prettier printenv printf pulumi pushd python python3 rake read readonly return ruby ruff rustup sam \
         sed serverless shift sleep sort source sudo tail tar tee terraform test then touch trap true unset \
         unzip wget xargs yarn zip",
    )
});

/// The most names of a file that are looked for in all of it.
const MOST: usize = 100;

/// What is there, and looks like one of these.
const OTHERS: [&str; 19] = [
    "act",
    "argo",
    "bpython",
    "bundler",
    "cake",
    "dockerd",
    "funzip",
    "gmkdir",
    "gradlew",
    "gtouch",
    "gxargs",
    "ipython",
    "kubectx",
    "locale",
    "mkdirp",
    "prettierd",
    "pythonw",
    "tset",
    "usleep",
];

/// A program that has these commands, and no others.
struct Program {
    words: &'static [&'static str],
    commands: Vec<&'static str>,
}

/// Such programs. Some slips are aliases of npm's.
static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| {
    let program = |of: &'static [&'static str], commands| Program { words: of, commands: words(commands) };
    vec![
        program(&["aws", "s3"], "cp ls mb mv presign rb rm sync website"),
        program(
            &["docker"],
            "attach build builder buildx commit compose config container context cp create diff events exec \
             export history image images import info inspect kill load login logout logs manifest network \
             pause plugin port ps pull push rename restart rm rmi run save scout search secret service stack \
             start stats stop swarm system tag top trust unpause update version volume wait",
        ),
        program(
            &["npm"],
            "access add add-user adduser audit author bin bugs cache ci cit clean-install completion config \
             create dedupe deprecate diff dist-tag dist-tags docs doctor edit exec explain explore find \
             find-dupes fund get help hlep home hook info init innit ins inst insta instal install \
             install-ci-test install-clean install-test isnt isnta isntal isntall isntall-clean issues link list \
             login logout ls ogr org outdated owner pack ping pkg prefix profile prune publish query rebuild \
             remove repo restart root rum run run-script sbom search set show shrinkwrap sit star start stop \
             team test token tst udpate undeprecate uninstall unlink unpublish unstar update upgrade urn \
             verison version view whoami why",
        ),
        program(&["pip"], PIP),
        program(&["pip3"], PIP),
        program(
            &["terraform"],
            "apply console destroy fmt get graph import init login logout metadata modules output plan \
             providers query refresh show stacks state taint test untaint validate version workspace",
        ),
    ]
});
const PIP: &str = "cache check completion config debug download freeze hash help index inspect install list lock search \
    show uninstall wheel";

/// The words of a text, in their order.
fn words(text: &'static str) -> Vec<&'static str> {
    let mut words: Vec<_> = text.split_whitespace().collect();
    words.sort_unstable();
    words
}

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    let mut own = HashMap::new();
    for command in file.commands().iter().filter(|command| !is_plain_and_known(command)) {
        for (simple, _) in command.simples() {
            let Some(slip) = slip_of(simple) else { continue };
            let name = slip.word.text.to_string();
            if own.len() >= MOST && !own.contains_key(&name) {
                continue;
            }
            if *own.entry(name).or_insert_with_key(|name| is_defined(file, name)) {
                continue;
            }
            let at = command.at(slip.word.span);
            let finding = RULE.at(file.source(), at, slip.message(), "not found, most likely");
            findings.push(finding.help(format!("write `{}`", slip.meant)));
        }
    }
}

/// Whether a text is one command whose name is known and of whose words nothing is asked: most are, which is seen without a walk.
fn is_plain_and_known(command: &Command<'_>) -> bool {
    const WHOLE: [&str; 16] = [
        "cat", "cd", "chmod", "cp", "curl", "echo", "export", "ls", "make", "mkdir", "mvn", "python",
        "python3", "rm", "test", "yarn",
    ];
    let first = command.text.split([' ', '\t']).next().unwrap_or_default();
    !b"\n;|&(`".iter().any(|sign| command.letters.has(*sign)) && WHOLE.contains(&first)
}

/// A word that is misspelt.
struct Slip<'s, 't> {
    word: &'s Word<'t>,
    meant: &'static str,
    /// The program whose command it is to be; empty where it is to be a program.
    of: &'static [&'static str],
}

impl Slip<'_, '_> {
    fn message(&self) -> String {
        let written = &self.word.text;
        match self.of {
            [] => format!("no program `{written}` is known"),
            program => format!("`{}` has no command `{written}`", program.join(" ")),
        }
    }
}

fn slip_of<'s, 't>(simple: &'s Simple<'t>) -> Option<Slip<'s, 't>> {
    let word = simple.program().first()?;
    if is_plain(word)
        && let Some(meant) = nearest(&word.text, &MEANT)
        && OTHERS.binary_search(&&*word.text).is_err()
    {
        return Some(Slip { word, meant, of: &[] });
    }
    let name = simple.name()?;
    let program = PROGRAMS.iter().find(|program| program.words[0] == name && simple.runs(program.words))?;
    let word = simple.arguments().get(program.words.len() - 1).filter(|word| is_plain(word))?;
    Some(Slip { word, meant: nearest(&word.text, &program.commands)?, of: program.words })
}

fn is_plain(word: &Word<'_>) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    word.literal && !word.quoted && word.text.len() >= 3 && word.text.bytes().all(is_part)
}

/// Whether a word is a command that everybody knows.
pub(super) fn is_well_known(word: &str) -> bool {
    MEANT.binary_search(&word).is_ok()
}

/// Whether something in the file makes a command of this name.
fn is_defined(file: Buildspec<'_>, name: &str) -> bool {
    let text = file.source().text();
    let makes = |before: &str, behind: &str| text.contains(&format!("{before}{name}{behind}"));
    makes("", "()") || makes("", " ()") || makes("function ", "") || makes("alias ", "=") || makes("/", "")
}

/// The one known name that a word is a slip of; none for a known name.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    if known.binary_search(&word).is_ok() {
        return None;
    }
    let mut meant = known.iter().filter(|name| {
        // Most are another word by their length or their first letters.
        let ([a, b, ..], [c, d, ..]) = (word.as_bytes(), name.as_bytes()) else { return false };
        let is_near = word.len().abs_diff(name.len()) <= 1 && (a == c || a == d || b == c);
        is_near && is_slip(word.as_bytes(), name.as_bytes())
    });
    meant.next().copied().filter(|_| meant.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_word() {
        // codebuild.md 3.4: what no shell finds fails with 127.
        for (word, meant) in [
            ("exprot", Some("export")),
            ("exort", Some("export")),
            ("exxport", Some("export")),
            ("nmp", Some("npm")),
            ("ehco", Some("echo")),
            ("dokcer", Some("docker")),
            ("teraform", Some("terraform")),
            ("terrafarm", Some("terraform")),
            ("esle", Some("else")),
            ("export", None),
            // Too short to tell.
            ("nom", None),
            ("cet", None),
            ("expert", None),
            ("build", None),
            ("python3", None),
            ("atp-get", Some("apt-get")),
            ("pyhton3", Some("python3")),
        ] {
            assert_eq!(nearest(word, &MEANT), meant, "{word}");
        }
    }
}
