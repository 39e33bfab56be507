//! `not-a-command`: a word where a command is expected that no shell finds.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, RunsIn, Words};
use super::unusual_space::is_unusual;
use super::variable_name::is_name;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Simple, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "not-a-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A word where a command is expected that no shell finds",
    doc: "An option as an item of its own, mostly the rest of a command that ended in `\\` (each item of a list of commands is run by \
          itself); blanks around the `=` of an assignment; `[` without a blank behind it; typographic quotes; a password in `$(…)` that is to be \
          given to `docker login`; a character that only looks like a space. The shell looks for a program of that name, finds none, and the \
          command fails with 127.\n\n\
          Beside these: `[` without its `]`, which fails each time; `$STATUS -eq 0` without `[`, which runs what the variable holds; \
          options with a long dash, which programs take for names; and a long dash, or one without a blank, before the only item of a list.",
    example: Example::buildspec(
        r"version: 0.2
phases:
  build:
    commands:
      - aws s3 sync build s3://site \
      - --acl public-read
",
        r"version: 0.2
phases:
  build:
    commands:
      - aws s3 sync build s3://site --acl public-read
",
    ),
    reference: "codebuild.md 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    // Of a tag of YAML that took a word of the command, that is told.
    let whole = |command: &&Command<'_>| command.node.tag().is_none() && is_worth_a_walk(command);
    for command in file.commands().iter().filter(whole) {
        let found = command.simples().filter(|(_, place)| !place.in_function).find_map(|(simple, _)| {
            bracket(simple, command.text)
                .or_else(|| of(simple, command.text))
                .or_else(|| condition(simple))
                .or_else(|| typographic(simple))
                .or_else(|| password(simple, command.text))
        });
        let Some(slip) = found else { continue };
        let finding = RULE.at(file.source(), command.at(slip.span), slip.message, slip.label);
        findings.push(finding.help(slip.help));
    }
}

/// What is wrong with a command.
struct Slip {
    span: Span,
    message: String,
    label: &'static str,
    help: &'static str,
}

impl Slip {
    fn new(span: Span, message: String, help: &'static str) -> Self {
        Self { span, message, label: "no shell finds this", help }
    }
}

/// What stands between the sides of a comparison.
const SIGNS: Words<9> =
    Words::of([" -eq ", " -ne ", " -gt ", " -ge ", " -lt ", " -le ", " = ", " == ", " != "]);

/// Whether a command has what any of these slips has.
fn is_worth_a_walk(command: &Command<'_>) -> bool {
    let (text, letters) = (command.text, command.letters);
    let begins_with_value =
        || letters.has(b'$') && text.lines().any(|line| line.trim_start().starts_with('$'));
    let assigns = letters.has(b'=') && (text.contains(" =") || begins_with_value());
    let is_copied = letters.has(b'$') && (text.starts_with("$ ") || text.contains("\n$ "));
    let compares = letters.has(b'$') && command.has_any(&SIGNS);
    if letters.has(b'[')
        || assigns
        || is_copied
        || compares
        || !letters.are_ascii()
        || letters.has(b'=') && sets_more_than_one_word(command)
        || command.has("get-login-password")
    {
        return true;
    }
    letters.has(b'-') && begins_with_option(text)
}

/// Whether a blank stands behind the `=` of an `export` or a `set`: only then is there more than a name with its value.
fn sets_more_than_one_word(command: &Command<'_>) -> bool {
    let has_blank = |text: &str| text.split_once('=').is_some_and(|(_, behind)| behind.contains(' '));
    command.has("export ") && has_blank(command.text) || command.has("set ")
}

/// Whether an option stands where a command begins.
fn begins_with_option(text: &str) -> bool {
    text.match_indices('-').any(|(at, _)| {
        let before = &text[..at];
        // Most of them are inside of a word.
        if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-') {
            return false;
        }
        let ahead = before.trim_end_matches([' ', '\t', '"', '\'']);
        let begins = ahead.is_empty() || ahead.ends_with(['\n', ';', '|', '&', '(', '{', ')']);
        // `NAME=value --option`, `then --option`
        let word = || ahead.rsplit([' ', '\t', '\n']).next().unwrap_or_default();
        before.len() > ahead.len() && (word().contains('=') || ["then", "do", "else", "!"].contains(&word()))
            || begins
    })
}

/// What is wrong with the first word of a command: where, what, and what to do.
fn of(simple: &Simple<'_>, whole: &str) -> Option<Slip> {
    let first = simple.words.first()?;
    if !first.literal {
        return assigned(first);
    }
    let text = &*first.text;
    let next = simple.words.get(1).filter(|word| !word.quoted).map(|word| &*word.text);
    let quote = |text: &str| text.starts_with(['“', '”', '‘', '’', '«']);
    let span = first.span;
    // With a dash of its own behind it, it is an item that became a text.
    let is_item = simple.words.iter().any(|word| word.text == "-" && !word.quoted);
    // `-'make all'` is the text of one item without its blank.
    let is_plain =
        whole.get(span.start as usize..).is_some_and(|written| written.starts_with(['-', '–', '—']));
    if is_plain && (text.starts_with('-') && text.contains(' ') || text.starts_with(['–', '—'])) {
        let message = "this is a dash and a command: YAML makes no item of it".to_owned();
        return Some(Slip::new(span, message, "write `- ` before the command: a short dash, and a blank"));
    }
    if !first.quoted && text == "-" && simple.words.len() > 1 {
        let message = "this `-` is run as a command: inside of a block of text it begins no item".to_owned();
        return Some(Slip::new(span, message, "leave it out: each line is a command already"));
    }
    if !first.quoted && text.len() > 1 && text.starts_with('-') && !is_item {
        let message = format!("`{text}` is an option, and no command");
        let help = if simple.assignments.is_empty() {
            "write it behind its command, in the same item and line; a line that goes on ends in `\\`"
        } else {
            "write NAME=$(…) to keep what a command prints"
        };
        return Some(Slip::new(span, message, help));
    }
    if !first.quoted && text == "$" && simple.words.len() > 1 {
        let message =
            "`$` is run as a command: it is the prompt of where the line was copied from".to_owned();
        return Some(Slip::new(span, message, "leave it out"));
    }
    let is_assignment = |next: &str| {
        next == "="
            || next.starts_with('=')
                && !next.starts_with("==")
                && !text.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    if !first.quoted && is_name(text) && next.is_some_and(is_assignment) && simple.words.len() < 4 {
        let message = format!("`{text}` is run as a command: an assignment has no blanks around its `=`");
        return Some(Slip::new(span, message, "write NAME=value"));
    }
    let export = matches!(text, "export" | "readonly" | "local");
    let tight = |word: &&Word<'_>| export && !word.quoted && word.text.starts_with('=');
    if let Some(word) = simple.words.iter().skip(1).find(tight) {
        let message = "an assignment has no blanks around its `=`".to_owned();
        return Some(Slip::new(word.span, message, "write NAME=value"));
    }
    if let ("set", [only]) = (text, simple.arguments())
        && !only.quoted
        && only.text.split_once('=').is_some_and(|(name, _)| is_name(name))
    {
        let message = format!("`set` sets no variable: `{}` becomes `$1`", only.text);
        let slip = Slip::new(only.span, message, "write NAME=value, without `set`");
        return Some(Slip { label: "the first argument of the script", ..slip });
    }
    if let Some(slip) = unquoted(simple).filter(|_| export) {
        return Some(slip);
    }
    if quote(text) {
        let message = format!("`{text}` begins with a typographic quote, which is a letter to the shell");
        return Some(Slip::new(span, message, "write \" or '"));
    }
    None
}

/// `export NAME=one -two`: a value with a blank that lacks its quotes.
fn unquoted(simple: &Simple<'_>) -> Option<Slip> {
    let mut rest = simple.words.iter().skip(1).skip_while(|word| !word.text.contains('='));
    rest.next()?;
    let word = rest.find(|word| {
        let name = word.text.split('=').next().unwrap_or_default();
        word.literal && !word.quoted && !is_name(name)
    })?;
    let message = format!("`{}` is no name of a variable: the value before it ends at the blank", word.text);
    let slip = Slip::new(word.span, message, "put the whole value in quotes: NAME=\"… …\"");
    Some(Slip { label: "the command ends with a failure here", ..slip })
}

/// `$NAME=value`: what the variable holds, and the rest, is run.
fn assigned(first: &Word<'_>) -> Option<Slip> {
    let rest = first.text.strip_prefix('$')?;
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let is_one = length > 0 && rest[length..].starts_with('=') && !first.text.starts_with("$1");
    is_one.then(|| {
        let message = format!("`{}` is run as a command: a name that gets a value has no `$`", first.text);
        Slip::new(first.span, message, "write NAME=value, without the `$`")
    })
}

/// `$STATUS -eq 0`: a comparison that nobody makes.
fn condition(simple: &Simple<'_>) -> Option<Slip> {
    let [first, sign, value] = &simple.words[..] else { return None };
    // `$PERL -ne '…'` has an option: what is compared is a number, or a variable.
    let is_value = || value.text.starts_with('$') || value.text.parse::<i64>().is_ok();
    let is_sign = match &*sign.text {
        "=" | "==" | "!=" => true,
        "-eq" | "-ne" | "-gt" | "-ge" | "-lt" | "-le" => is_value(),
        _ => false,
    };
    (!first.literal && !sign.quoted && is_sign).then(|| {
        let message = format!("`{}` is run as a command: a comparison stands in `[ … ]`", first.text);
        Slip { label: "runs what it holds", ..Slip::new(first.span, message, "write [ … ] around it") }
    })
}

/// `–name`: an option with a long dash, as texts on the web have it.
fn typographic(simple: &Simple<'_>) -> Option<Slip> {
    if matches!(simple.name(), Some("echo" | "printf")) {
        return None;
    }
    if let Some(first) = simple.words.first().filter(|first| first.text.starts_with(is_unusual)) {
        let message = "this command begins with a character that looks like a space and is none".to_owned();
        return Some(Slip::new(first.span, message, "write a plain space"));
    }
    // Inside of a name: `cd src` with such a blank is one word.
    let is_inside = |word: &&Word<'_>| !word.quoted && word.text.contains(is_unusual);
    if let Some(first) = simple.words.first().filter(is_inside) {
        let message = "a character that looks like a space and is none makes one word of these".to_owned();
        return Some(Slip::new(first.span, message, "write a plain space"));
    }
    let word = simple.arguments().iter().find(|word| {
        let behind = word.text.strip_prefix(['–', '—']).filter(|_| !word.quoted);
        behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
    })?;
    let message = format!("`{}` begins with a long dash, which makes no option", word.text);
    Some(Slip { label: "a letter to the program", ..Slip::new(word.span, message, "write - or --") })
}

/// `["$A" = b ]` and `[ "$A" = b]`: a test whose brackets are a part of its words.
fn bracket(simple: &Simple<'_>, text: &str) -> Option<Slip> {
    let (first, last) = (simple.words.first()?, simple.words.last()?);
    let written = |word: &Word<'_>| text.get(word.span.start as usize..word.span.end as usize);
    let name = written(first)?;
    let behind = name.strip_prefix("[[").or_else(|| name.strip_prefix('['))?;
    let is_test = simple.words.len() > 1 || !name.ends_with(']');
    if behind.starts_with(['-', '!', '"', '\'', '$']) && is_test {
        let message = format!("`{name}` is run as a command: a blank belongs behind `[`");
        return Some(Slip::new(first.span, message, "write `[ … ]`, with blanks inside"));
    }
    let end = written(last)?;
    if name != "[" || simple.words.iter().any(|word| word.text == "]") {
        return None;
    }
    if end.ends_with(']') && end != name {
        let message = format!("`[` has no `]` of its own: a blank belongs before that of `{end}`");
        return Some(Slip::new(last.span, message, "write `[ … ]`, with blanks inside"));
    }
    // `[ a = b && c = d ]`
    let behind = text.get(simple.span.end as usize..)?.trim_start();
    if let Some(sign) = ["&&", "||"].into_iter().find(|sign| behind.starts_with(sign))
        && behind
            .lines()
            .next()
            .unwrap_or_default()
            .split("; ")
            .next()
            .is_some_and(|rest| rest.contains(" ]"))
    {
        let message = format!("`{sign}` ends the command `[` before its `]`");
        let slip = Slip::new(first.span, message, "write [ … ] && [ … ], each with brackets of its own");
        return Some(Slip { label: "never closed", ..slip });
    }
    let message = "this `[` has no `]`: the test always fails".to_owned();
    let slip = Slip::new(first.span, message, "write `[ … ]`, with blanks inside");
    Some(Slip { label: "never closed", ..slip })
}

/// `$(aws ecr get-login-password) | docker login …`: the password is run, and the login reads nothing.
fn password(simple: &Simple<'_>, text: &str) -> Option<Slip> {
    // `eval $(…)` runs it just as well.
    let first = simple.words.iter().find(|word| word.text != "eval")?;
    let written = text.get(first.span.start as usize..first.span.end as usize)?;
    // What another program makes of it, `$(echo docker login …)`, may well be a command.
    let inner = written.trim_start_matches(['"', '$', '(', '`']).trim_start();
    let is_run =
        inner.len() < written.len() && inner.starts_with("aws ") && inner.contains("get-login-password");
    is_run.then(|| {
        let what = if written.contains("docker login") { "what the login prints" } else { "the password" };
        let message = format!("this runs {what} as a command");
        let help = "write aws ecr get-login-password … | docker login …, without `$(` and `)`";
        Slip::new(first.span, message, help)
    })
}
