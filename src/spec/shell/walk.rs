//! Walking over a script, and what a simple command runs.

use crate::syntax::Span;

use super::{
    AndOr, Command, CompoundKind, Connector, Function, List, Part, Pipeline, Redirection, Script, Simple,
    Word,
};

/// Commands that start the one behind their options, and those of their options that have a value.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("command", &[]),
    ("doas", &["-u"]),
    ("env", &["-u", "-C", "-S"]),
    ("exec", &["-a"]),
    ("nice", &["-n"]),
    ("nohup", &[]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("sudo", &["-u", "-g", "-h", "-p"]),
    ("time", &["-f", "-o"]),
    ("timeout", &["-s", "-k", "-t"]),
    ("xargs", &["-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a"]),
];

/// Where something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// Something looks at its status: a condition, `&&`, `||`, `!`.
    pub judged: bool,
    /// The script goes on as if nothing were where it fails: `||` behind it, `!` before it, the condition of an `if`.
    pub tolerated: bool,
    /// In the body of a function.
    pub in_function: bool,
    /// In `$( … )`, `<( … )`.
    pub in_substitution: bool,
    /// In a subshell, a substitution, a part of a pipeline: what it sets is gone behind it.
    pub in_subshell: bool,
    /// It runs only when something before it went one way: the body of `if`, `case`, the right side of `&&` and `||`.
    pub guarded: bool,
    /// What it prints goes elsewhere than to where the script prints: something around it is redirected, or goes into a pipe.
    pub is_taken: bool,
    /// Its place in its pipeline, from 0, and how many commands that has.
    pub stage: (usize, usize),
}

/// One thing on the way.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a, 't> {
    /// A list, before what is in it.
    List(&'a List<'t>),
    /// Pipelines with `&&` and `||`, before what is in them.
    AndOr(&'a AndOr<'t>),
    /// A pipeline, before what is in it.
    Pipeline(&'a Pipeline<'t>),
    /// A command of words; what is substituted in its words comes before it.
    Simple(&'a Simple<'t>),
    /// A function, before its body.
    Function(&'a Function<'t>),
    /// The variable of `for` or `select`.
    For(&'a str),
    /// A redirection of something composed, behind it.
    Redirection(&'a Redirection<'t>),
    /// A word, wherever one stands, before what is substituted in it.
    Word(&'a Word<'t>),
}

/// Everything in a script, in the order it stands. One `scratch` serves for any number of scripts.
pub fn steps<'a, 't>(
    script: &'a Script<'t>,
    scratch: &mut Vec<(Step<'a, 't>, Place)>,
) -> Box<[(Step<'a, 't>, Place)]> {
    scratch.clear();
    Walk { script, steps: scratch }.list(&script.list, Place::default());
    scratch.as_slice().into()
}

/// The simple commands on the way.
pub fn simples<'s, 'a, 't>(
    steps: &'s [(Step<'a, 't>, Place)],
) -> impl Iterator<Item = (&'a Simple<'t>, Place)> + use<'s, 'a, 't> {
    steps.iter().filter_map(|(step, place)| match step {
        Step::Simple(simple) => Some((*simple, *place)),
        _ => None,
    })
}

struct Walk<'a, 't, 's> {
    script: &'a Script<'t>,
    steps: &'s mut Vec<(Step<'a, 't>, Place)>,
}

impl<'a, 't> Walk<'a, 't, '_> {
    fn meet(&mut self, step: Step<'a, 't>, place: Place) {
        self.steps.push((step, place));
    }

    fn list(&mut self, list: &'a List<'t>, place: Place) {
        self.meet(Step::List(list), place);
        for item in &list.items {
            self.meet(Step::AndOr(item), place);
            let last = item.rest.len();
            let all = std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline));
            for (index, pipeline) in all.enumerate() {
                let judged = place.judged || index < last || pipeline.negated;
                let in_subshell = place.in_subshell || item.background.is_some();
                let guarded = place.guarded || index > 0;
                let or = item.rest.iter().skip(index).any(|(connector, _)| *connector == Connector::Or);
                let tolerated = place.tolerated || or || pipeline.negated;
                self.pipeline(pipeline, Place { judged, tolerated, in_subshell, guarded, ..place });
            }
        }
    }

    fn pipeline(&mut self, pipeline: &'a Pipeline<'t>, place: Place) {
        self.meet(Step::Pipeline(pipeline), place);
        let count = pipeline.commands.len();
        for (index, command) in pipeline.commands.iter().enumerate() {
            let in_subshell = place.in_subshell || count > 1;
            self.command(command, Place { stage: (index, count), in_subshell, ..place });
        }
    }

    fn command(&mut self, command: &'a Command<'t>, place: Place) {
        match command {
            Command::Simple(simple) => {
                let values = simple.assignments.iter().map(|assignment| &assignment.value);
                let targets = simple.redirections.iter().map(|redirection| &redirection.target);
                for word in values.chain(&simple.words).chain(targets) {
                    self.word(word, place);
                }
                for index in simple.redirections.iter().filter_map(|redirection| redirection.heredoc) {
                    if let Some(heredoc) = self.script.heredocs.get(index) {
                        self.parts(&heredoc.parts, place);
                    }
                }
                self.meet(Step::Simple(simple), place);
            }
            Command::Function(function) => {
                self.meet(Step::Function(function), place);
                self.command(&function.body, Place { in_function: true, judged: false, ..place });
            }
            Command::Compound(compound) => {
                let (stage, count) = place.stage;
                let is_taken = place.is_taken
                    || stage + 1 < count
                    || compound.redirections.iter().any(Redirection::takes_output);
                let place = Place { is_taken, ..place };
                let condition = Place { judged: true, tolerated: true, ..place };
                let branch = Place { guarded: true, ..place };
                match &compound.kind {
                    CompoundKind::Group(list) => self.list(list, place),
                    CompoundKind::Subshell(list) => self.list(list, Place { in_subshell: true, ..place }),
                    CompoundKind::If(branches, otherwise) => {
                        for (test, body) in branches {
                            self.list(test, condition);
                            self.list(body, branch);
                        }
                        if let Some(list) = otherwise {
                            self.list(list, branch);
                        }
                    }
                    CompoundKind::Loop(test, body) => {
                        self.list(test, condition);
                        self.list(body, place);
                    }
                    CompoundKind::For(name, words, body) => {
                        for word in words {
                            self.word(word, place);
                        }
                        self.meet(Step::For(name), place);
                        self.list(body, place);
                    }
                    CompoundKind::Case(word, arms) => {
                        self.word(word, place);
                        for list in arms {
                            self.list(list, branch);
                        }
                    }
                    CompoundKind::Test(words) => {
                        for word in words {
                            self.word(word, place);
                        }
                    }
                }
                for redirection in &compound.redirections {
                    self.meet(Step::Redirection(redirection), place);
                    self.word(&redirection.target, place);
                }
            }
        }
    }

    fn word(&mut self, word: &'a Word<'t>, place: Place) {
        self.meet(Step::Word(word), place);
        self.parts(&word.parts, place);
    }

    fn parts(&mut self, parts: &'a [Part<'t>], place: Place) {
        for part in parts {
            let (Part::Substitution(list, _) | Part::Process(list, _)) = part else { continue };
            self.list(
                list,
                Place { in_substitution: true, in_subshell: true, judged: false, stage: (0, 1), ..place },
            );
        }
    }
}

impl<'t> Simple<'t> {
    /// Finds the program, once all words are there.
    pub(super) fn settle(&mut self) {
        self.program = self.words.len() - behind_wrappers(&self.words).len();
        self.name = self.words.get(self.program).map_or(0, |word| folder(&word.text));
    }

    /// The words from the name of the program on, behind `sudo`, `env`, `time` and their like; none for assignments alone.
    pub fn program(&self) -> &[Word<'t>] {
        self.words.get(self.program..).unwrap_or_default()
    }

    /// The name of the program, without its folder, when it is literal.
    pub fn name(&self) -> Option<&str> {
        self.words.get(self.program).filter(|name| name.literal)?.text.get(self.name..)
    }

    /// `<NAME>` in its words, which nobody has filled in: the shell takes it for two redirections.
    pub fn placeholder(&self) -> Option<Span> {
        self.redirections.windows(2).find_map(|pair| {
            let [open, close] = pair else { return None };
            let together = open.target.span.start == open.span.start + 1 && close.span.start == open.span.end;
            let named =
                open.target.literal && open.target.text.starts_with(|c: char| c.is_ascii_alphabetic());
            (open.operator == "<" && close.operator == ">" && together && named)
                .then(|| Span::new(open.span.start, close.span.start + 1))
        })
    }

    /// The words that say what is done, as `docker build` and `aws s3 sync`: the program's name, and the plain words behind it.
    pub fn head(&self) -> Span {
        const MOST: usize = 3;
        let is_plain = |word: &&Word<'_>| {
            let mut bytes = word.text.bytes();
            word.literal
                && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let words = self.program();
        let behind = words.iter().skip(1).take_while(|word| !word.text.starts_with('-') && is_plain(word));
        let Some(first) = words.first() else { return self.span };
        behind.take(MOST - 1).last().map_or(first.span, |last| first.span.join(last.span))
    }

    /// The program's arguments.
    pub fn arguments(&self) -> &[Word<'t>] {
        self.program().get(1..).unwrap_or_default()
    }

    /// Whether the program's words begin with these.
    pub fn runs(&self, words: &[&str]) -> bool {
        let Some((first, rest)) = words.split_first() else { return false };
        let arguments = self.arguments();
        self.name() == Some(first)
            && arguments.len() >= rest.len()
            && rest.iter().zip(arguments).all(|(wanted, word)| word.literal && word.text == *wanted)
    }
}

/// How long the folder before a program's name is, with its `/`.
fn folder(program: &str) -> usize {
    program.rfind('/').map_or(0, |slash| slash + 1)
}

/// The words from the first on that is no wrapper's.
fn behind_wrappers<'a, 't>(mut words: &'a [Word<'t>]) -> &'a [Word<'t>] {
    while let Some((name, arguments)) = words.split_first() {
        let name = &name.text[folder(&name.text)..];
        let Some((_, valued)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) else { break };
        let mut rest = arguments;
        while let Some((word, behind)) = rest.split_first() {
            // What `command -v` does is no command.
            if name == "command" && matches!(&*word.text, "-v" | "-V") {
                return words;
            }
            let assigns = name == "env" && word.text.contains('=');
            if !word.text.starts_with('-') && !assigns {
                break;
            }
            let value = usize::from(valued.contains(&&*word.text));
            rest = behind.get(value..).unwrap_or_default();
        }
        if name == "timeout" {
            rest = rest.get(1..).unwrap_or_default();
        }
        if rest.is_empty() {
            break;
        }
        words = rest;
    }
    words
}

impl<'t> Word<'t> {
    /// The variables that are read in it, not those inside substitutions.
    pub fn variables(&self) -> impl Iterator<Item = &super::Variable<'t>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Substitution(..) | Part::Process(..) => None,
        })
    }
}
