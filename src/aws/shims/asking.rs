//! Commands that ask: what they would print is known to nobody here.
//!
//! Owns: which commands ask, what becomes of them, the answers that rehearsal.yml gives, what a tool that is not here says
//! of itself. Leaves to `vocabulary` the signs of its words.
//!
//! A question whose output only goes to the log may go on: it is recorded, and nothing depends on it. One whose output
//! is used by another program, a variable or a file is refused, as the endpoint refuses reads that nobody answers.

use super::line::{Line, masked, shown};
use super::table::Handling;
use super::verdict::{Said, Scene, Verdict};
use super::vocabulary::{Sort, Vocabulary};
use crate::aws::effect::Deed;
use crate::aws::world::AnswerFile;

/// Words that ask wherever they stand in commands of tools with deep trees of commands.
const ASK_ANYWHERE: [(&str, &[&str]); 4] = [
    (
        "gcloud",
        &[
            "describe",
            "list",
            "get-value",
            "get-iam-policy",
            "get-ancestors",
            "list-tags",
            "print-access-token",
            "print-identity-token",
            "read",
            "tail",
            "versions",
        ],
    ),
    ("az", &["get-access-token", "list", "query", "show"]),
    ("doctl", &["get", "list"]),
    ("glab", &["list", "status", "view"]),
];

/// Options by which `gh api` and its like send something.
const SENDS: [&str; 7] = ["-X", "--method", "-f", "--raw-field", "-F", "--field", "--input"];

/// Clients of databases: nobody knows whether a statement asks, so they ask where their output is used.
const DATABASES: [&str; 7] = ["psql", "mysql", "mariadb", "mongosh", "mongo", "redis-cli", "sqlcmd"];

/// What kind of command this is.
pub(super) fn sort(line: &Line<'_>) -> Sort {
    let name = line.asked.name.as_str();
    if matches!(name, "gh" | "glab") && line.word(0) == Some("api") {
        return if line.has(&SENDS) { Sort::Acts } else { Sort::Asks };
    }
    let is_dump = name.ends_with("dump") || name.ends_with("dumpall");
    if is_dump || (DATABASES.contains(&name) && line.asked.piped) {
        return Sort::Asks;
    }
    let anywhere = ASK_ANYWHERE.iter().find(|(tool, _)| *tool == name);
    if anywhere.is_some_and(|(_, asking)| line.words.iter().any(|word| asking.contains(word))) {
        return Sort::Asks;
    }
    let words = Vocabulary::of(name).map(Vocabulary::read).unwrap_or_default();
    let Some(word) = words.iter().find(|word| Some(word.text) == line.word(0)) else { return Sort::Acts };
    let below = word.below.iter().find(|below| Some(below.text) == line.word(1));
    below.map_or(word.sort, |below| if below.sort == Sort::Acts { word.sort } else { below.sort })
}

/// What becomes of a command that asks, or brings files, which nobody here has.
pub(super) fn unanswered(line: &Line<'_>, brings: bool) -> Verdict {
    let typed = shown(&masked(line.asked));
    if !line.asked.piped && !brings {
        return Verdict::Said(Said {
            err: format!("rehearsal: recorded, not run: {typed} (nobody here knows what it would print)\n"),
            simulated: true,
            deed: Some(Deed::new(format!("asked `{typed}`"))),
            ..Said::default()
        });
    }
    let words = line.words.iter().filter(|word| !word.contains(['"', '\\'])).take(4).copied();
    let key = std::iter::once(line.asked.name.as_str()).chain(words).collect::<Vec<_>>().join(" ");
    let why = if brings {
        "nobody here has the files that it would bring"
    } else {
        "nobody here knows what it would print, and that is used"
    };
    let way = format!(
        "Write what it would print into a file and name that in rehearsal.yml (aws: {{ \"{key}\": answer.txt }})"
    );
    let other = if brings {
        "; the files themselves have to be in the repository"
    } else {
        ". Where only the log takes it (no pipe, no `$(…)`, no `>`), it is recorded and the build goes on"
    };
    Verdict::Refused { reason: format!("{why}. {way}{other}"), status: 1 }
}

/// The answer that rehearsal.yml gives: that of the most words which the command has in the same order. `acts` is
/// whether the command would do something besides.
pub(super) fn given(line: &Line<'_>, acts: bool, scene: &Scene<'_>) -> Option<Verdict> {
    let asked = line.asked;
    let fits = |key: &str| {
        let mut typed = std::iter::once(&asked.name).chain(&asked.args);
        let mut words = key.split(' ');
        words.next() == typed.next().map(String::as_str) && words.all(|word| typed.any(|one| one == word))
    };
    let of_commands = scene.desk.world.answers.iter().filter(|(key, _)| key.contains(' '));
    let (key, answer) =
        of_commands.filter(|(key, _)| fits(key)).max_by_key(|(key, _)| key.split(' ').count())?;
    Some(match answer {
        Ok(AnswerFile::Output(text)) => {
            let err = if acts {
                format!("rehearsal: recorded, not run: {}\n", shown(&masked(asked)))
            } else {
                String::new()
            };
            Verdict::Said(Said { out: text.clone(), err, simulated: acts, ..Said::default() })
        }
        Ok(AnswerFile::Folder(_)) => return None,
        Err(reason) => Verdict::Refused {
            reason: format!("its answer in rehearsal.yml (`{key}`) cannot be used: {reason}"),
            status: 1,
        },
    })
}

/// Whether a command of a tool with a list of words only asks for help.
pub(super) fn is_help(line: &Line<'_>) -> bool {
    line.has(&["--help"]) && Vocabulary::of(&line.asked.name).is_some()
}

/// Whether a command only asks the tool about itself: its version, its help.
pub(super) fn about_itself(line: &Line<'_>) -> bool {
    let alone = line.words.is_empty() && line.has(&["--version", "-version", "-v", "-V", "-h", "-help"]);
    alone
        || line.has(&["--help"])
        || match (line.asked.name.as_str(), line.word(0)) {
            // The server has a version too.
            ("kubectl" | "oc", Some("version")) => line.has(&["--client"]),
            // It writes versions.
            ("changeset", Some("version")) => false,
            (_, word) => matches!(word, Some("version" | "help" | "completion")),
        }
}

/// What a tool that is not here says about itself.
pub(super) fn made_up(line: &Line<'_>) -> Verdict {
    let name = &line.asked.name;
    if line.word(0) == Some("completion") {
        return Verdict::Said(Said::default());
    }
    let of =
        if line.has(&["--help", "-h", "-help"]) || line.word(0) == Some("help") { "help" } else { "0.0.0" };
    Said::answer(format!("{name} {of} (made up by rehearsal: this machine has no {name})\n"))
}

/// Whether a command that is handled like this would act.
pub(super) fn acts(handling: Handling, line: &Line<'_>) -> bool {
    !matches!(handling, Handling::Real) && sort(line) == Sort::Acts
}
