//! What becomes of one command, decided and then carried out.
//!
//! Owns: the forms a decision has, what each means for the record and for what is printed. Leaves to `table` and the
//! files of the tools which it is.

use std::io;
use std::path::PathBuf;

use super::line::{Line, masked, shown};
use super::table::{self, Absent, Handling, Tool};
use super::vocabulary::Sort;
use super::wire::{Asked, Look, Reply, Speaker};
use super::{Tools, asking, docker, spelling};
use crate::aws::desk::Desk;
use crate::aws::effect::{self, Deed, Subject};

/// What is said of an AWS CLI that is not here.
const ABSENT_CLI: &str = "every image of CodeBuild has the AWS CLI and this machine does not, so the build cannot go on as it would \
                          there. Install version 2 (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html) or, \
                          as a substitute, `pip install awscli`; it only talks to a server of this rehearsal";

/// What a decision may depend on besides the command.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// Settings, and what was made so far.
    pub(super) tools: &'a Tools,
    /// The session.
    pub(super) desk: &'a Desk,
}

/// What becomes of a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It is run.
    Real {
        /// Arguments before its own.
        before: Vec<String>,
        /// The places of those of its own that it does not get.
        without: Vec<usize>,
    },
    /// It is not run, and recorded.
    Recorded {
        /// What it would have done.
        deed: Option<Deed>,
    },
    /// Others are run in its place; only if they succeed is it recorded as done in part.
    Instead {
        /// The commands.
        commands: Vec<Vec<String>>,
        /// What they are to the command.
        kind: Kind,
    },
    /// Another command is run, with its own shim where it has one.
    Other(Vec<String>),
    /// First the shim has to look.
    Look(Box<Look>),
    /// It is answered here.
    Said(Said),
    /// It is refused.
    Refused {
        /// Why, and what to do.
        reason: String,
        /// The status it ends with.
        status: i32,
    },
    /// This machine does not have it.
    NotFound,
    /// The user's container engine performs it.
    Engine(Box<docker::Order>),
}

impl Verdict {
    /// It is run as it was typed.
    pub(super) const REAL: Self = Self::Real { before: Vec::new(), without: Vec::new() };

    /// First the shim has to look.
    pub(super) fn look(look: Look) -> Self {
        Self::Look(Box::new(look))
    }
}

/// What commands are to the one that they are run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// They only say whether it would have failed at once; then it is recorded.
    Check,
    /// They do what of it can be done here: it counts as simulated.
    InPart,
    /// They do all of it that matters: it counts as done.
    AsGood,
}

/// An answer in place of a tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Said {
    /// What is printed on standard output.
    pub(super) out: String,
    /// What is printed on standard error.
    pub(super) err: String,
    /// The status it ends with.
    pub(super) status: i32,
    /// Files that are written.
    pub(super) writes: Vec<(PathBuf, String)>,
    /// Whether something was taken for done; otherwise the answer is what is known here.
    pub(super) simulated: bool,
    /// What it would have done.
    pub(super) deed: Option<Deed>,
}

impl Said {
    /// A failure in the tool's own words.
    pub(super) fn failure(status: i32, err: impl Into<String>) -> Verdict {
        Verdict::Said(Self { err: err.into(), status, ..Self::default() })
    }

    /// An answer on standard output.
    pub(super) fn answer(out: impl Into<String>) -> Verdict {
        Verdict::Said(Self { out: out.into(), ..Self::default() })
    }
}

/// What becomes of what was asked.
pub(super) fn decide(asked: &Asked, scene: &Scene<'_>) -> Verdict {
    match table::tool(&asked.name) {
        Some(tool) => of_tool(tool, asked, scene),
        None => Verdict::REAL,
    }
}

fn of_tool(tool: &Tool, asked: &Asked, scene: &Scene<'_>) -> Verdict {
    let line = Line::read(asked, tool.valued);
    let handling = table::handling(tool, &line);
    if let Some(verdict) = asking::given(&line, asking::acts(handling, &line), scene) {
        return verdict;
    }
    let verdict = match handling {
        Handling::Real => Verdict::REAL,
        Handling::Recorded => Verdict::Recorded { deed: None },
        Handling::Needless => Verdict::Said(Said::default()),
        Handling::Code(code) => code(&line, scene),
    };
    let own = |commands: &[Vec<String>]| commands.iter().any(|words| words.first() == Some(&asked.name));
    let needs_it = match &verdict {
        Verdict::Real { .. } => true,
        // What is run in its place would only be half of it where the tool is not here.
        Verdict::Instead { commands, .. } => {
            own(commands) || (asked.found.is_none() && tool.absent == Absent::ActsAlone)
        }
        _ => false,
    };
    let is_real = matches!(verdict, Verdict::Real { .. });
    let depends = needs_it || matches!(verdict, Verdict::Recorded { .. });
    match (asked.found.is_some(), tool.absent) {
        // The program itself tells what is wrong with the command.
        (true, _) if is_real => return verdict,
        (true, _) if asking::is_help(&line) => return Verdict::REAL,
        (false, Absent::ActsAlone) if is_real || (depends && line.has(&["--help"])) => {
            return Verdict::NotFound;
        }
        (false, Absent::Recorded) if depends && asking::about_itself(&line) => return asking::made_up(&line),
        (true | false, Absent::Recorded | Absent::ActsAlone) => {}
    }
    if let Some(verdict) = spelling::misspelt(&line, tool.valued, scene) {
        return verdict;
    }
    if !needs_it && !matches!(verdict, Verdict::Recorded { deed: None }) {
        return verdict;
    }
    match asking::sort(&line) {
        Sort::Asks => asking::unanswered(&line, false),
        Sort::Brings => asking::unanswered(&line, true),
        Sort::Prints if asked.found.is_some() => Verdict::REAL,
        Sort::Prints => asking::unanswered(&line, false),
        Sort::Acts if asked.found.is_none() || !needs_it => {
            spelling::notice(&line, scene);
            Verdict::Recorded { deed: None }
        }
        Sort::Acts => verdict,
    }
}

/// What is said of a recorded command whose tool would have done more than act, and is not here.
fn unchecked(asked: &Asked) -> String {
    let alone = table::tool(&asked.name).is_some_and(|tool| tool.absent == Absent::ActsAlone);
    if alone && asked.found.is_none() {
        format!(" (and not checked: this machine has no {})", asked.name)
    } else {
        String::new()
    }
}

/// Carries a decision out.
pub(super) fn perform(
    verdict: Verdict,
    asked: &Asked,
    scene: &Scene<'_>,
    speaker: &mut Speaker<'_>,
) -> io::Result<()> {
    let argv = masked(asked);
    let typed = shown(&argv);
    let record = |handling, deed| scene.desk.record(Subject::Tool { argv: argv.clone() }, handling, deed);
    let drain = |speaker: &mut Speaker<'_>| {
        if Line::read(asked, &[]).reads_input() { speaker.say(&Reply::Drain) } else { Ok(()) }
    };
    match verdict {
        Verdict::Real { before, without } => speaker.say(&Reply::Become { before, without }),
        Verdict::Other(command) => speaker.say(&Reply::Other(command)),
        Verdict::Look(look) => speaker.say(&Reply::Look(look)),
        Verdict::Recorded { deed } => {
            drain(speaker)?;
            record(effect::Handling::Simulated, deed);
            speaker.note(&format!("recorded, not run: {typed}{}", unchecked(asked)))?;
            speaker.say(&Reply::Exit(0))
        }
        Verdict::Instead { commands, kind } => match asked.ended {
            None => {
                if kind != Kind::Check {
                    let instead: Vec<String> = commands.iter().map(|command| shown(command)).collect();
                    speaker.note(&format!("not run: {typed}; run in its place: {}", instead.join(" && ")))?;
                }
                speaker.say(&Reply::Steps { commands, quiet: kind == Kind::Check })
            }
            Some(0) => {
                match kind {
                    Kind::Check => {
                        record(effect::Handling::Simulated, None);
                        speaker.note(&format!("recorded, not run: {typed}"))?;
                    }
                    Kind::InPart => {
                        let instead = commands.iter().map(|command| shown(command)).collect();
                        record(effect::Handling::Downgraded { instead }, None);
                    }
                    Kind::AsGood => record(effect::Handling::Answered, None),
                }
                speaker.say(&Reply::Exit(0))
            }
            Some(status) => speaker.say(&Reply::Exit(status)),
        },
        Verdict::Said(said) => {
            drain(speaker)?;
            speaker.out(said.out.as_bytes())?;
            speaker.err(said.err.as_bytes())?;
            for (path, text) in said.writes {
                speaker.say(&Reply::Write { path, text })?;
            }
            let handling = if said.status != 0 {
                effect::Handling::Failed { code: said.status.to_string() }
            } else if said.simulated {
                effect::Handling::Simulated
            } else {
                effect::Handling::Answered
            };
            record(handling, said.deed);
            speaker.say(&Reply::Exit(said.status))
        }
        Verdict::Refused { reason, status } => {
            record(effect::Handling::Refused { reason: reason.clone() }, None);
            speaker.note(&format!("refused: {typed}: {reason}"))?;
            speaker.say(&Reply::Exit(status))
        }
        Verdict::NotFound => {
            speaker.err(format!("{}: command not found\n", asked.name).as_bytes())?;
            if asked.name == "aws" {
                speaker.note(ABSENT_CLI)?;
            }
            speaker.say(&Reply::Exit(127))
        }
        Verdict::Engine(order) => docker::obey(&order, asked, scene, speaker, &record),
    }
}
