//! `shell-syntax`: a command that no shell would run.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Command, Project};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Heredoc, Opener, Sh, Step, SyntaxError, Trouble};
use crate::spec::template::PSEUDO_PARAMETER;
use crate::syntax::{Span, Style, UNKNOWN};

pub(super) const RULE: Rule = Rule {
    code: "shell-syntax",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A command that no shell would run",
    doc: "A quote or a `$(` that is not closed, an `if` without `fi`, a `then` without `;` before it: `sh` and `bash` refuse the \
          whole command, and the build fails there. Each item of `commands` is a script of its own: an `if` in one item and its \
          `fi` in another never meet. What only one of the two shells refuses is no error here; `bashism` speaks of that. \
          A here-document without its last line is a warning: the shell takes what there is, which in CodeBuild is what stands behind \
          the command in the script around it, and nothing of the next items. A `<PLACEHOLDER>` that nobody has filled in is a warning, since whoever copied the file will.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - if [ -f Makefile ]; then
      - make
      - fi
",
        "version: 0.2
phases:
  build:
    commands:
      - |
        if [ -f Makefile ]; then
          make
        fi
",
    ),
    reference: "codebuild.md 0 (8), 3.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html"),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    if project.sh().is_some_and(|(sh, _)| sh == Sh::PowerShell) {
        return;
    }
    let commands = file.commands();
    let mut index = 0;
    while let Some(command) = commands.get(index) {
        index += 1;
        // What a template puts in may close what is open, but for the region and its like.
        if !command.letters.are_ascii()
            && command.text.contains(UNKNOWN)
            && command.text.replace(PSEUDO_PARAMETER, "").contains(UNKNOWN)
        {
            continue;
        }
        if command.letters.has(b'<') {
            let placeholders = command.simples().filter_map(|(simple, _)| simple.placeholder());
            findings.extend(placeholders.map(|span| not_filled_in(file, command, span)));
        }
        findings.extend(command.steps.iter().find_map(|(step, _)| match step {
            Step::For(name) if name.starts_with('$') => Some(loop_variable(file, command, name)),
            _ => None,
        }));
        if command.script.error.is_none() && command.script.heredocs.iter().any(|heredoc| !heredoc.is_ended) {
            let open = command.script.heredocs.iter().filter(|heredoc| !heredoc.is_ended);
            findings.extend(open.map(|heredoc| endless(file, command, heredoc)));
        }
        let Some(error) = command.script.error.filter(|error| error.trouble != Trouble::TooDeep) else {
            continue;
        };
        if let Some(finding) = swallowed(file, command) {
            findings.push(finding);
            continue;
        }
        let mut finding =
            RULE.at(file.source(), command.at(place(&error)), message(command, &error), label(&error));
        if let Some(placeholder) = placeholder(command.text, &error) {
            findings.push(not_filled_in(file, command, placeholder));
            continue;
        }
        if let Some(end) = rest(&commands[index..], command, &error) {
            let last = &commands[index + end];
            index += end + 1;
            let span = last
                .script
                .error
                .map_or_else(|| super::subject::head(last.node), |error| last.at(error.span));
            let opener = written(command, error.opened.unwrap_or(error.span));
            finding = finding.label(span, "this is the end of another script").help(format!(
                "each item is a script of its own: put all from `{opener}` on into one item, below `- |`"
            ));
        } else {
            finding = explain(finding, command, &error);
        }
        findings.push(finding);
    }
}

/// A here-document without an end takes what would close the command.
fn swallowed(file: Buildspec<'_>, command: &Command<'_>) -> Option<Finding> {
    let heredoc = command.script.heredocs.iter().find(|heredoc| !heredoc.is_ended)?;
    command.text.trim_end().contains('\n').then_some(())?;
    let word = &heredoc.word;
    let message =
        format!("`{}` is never ended, and takes the rest of the item", written(command, heredoc.opened));
    let label = format!("no line `{word}` behind it in this item");
    let finding = RULE.at(file.source(), command.at(heredoc.opened), message, label);
    Some(finding.help(format!("`{word}` must stand alone in its line, without a space before or behind it")))
}

/// A here-document that goes on to the end of the item, and beyond it into CodeBuild's own script around it.
fn endless(file: Buildspec<'_>, command: &Command<'_>, open: &Heredoc<'_>) -> Finding {
    let end = &open.word;
    let message = format!("`{}` is never ended", written(command, open.opened));
    let label = format!("no line `{end}` behind it in this item");
    let finding = RULE.at(file.source(), command.at(open.opened), message, label);
    let help = if command.text.trim_end().contains('\n') {
        format!("`{end}` must stand alone in its line, without a space before or behind it")
    } else {
        format!("each item is a script of its own: put all down to `{end}` into one item, below `- |`")
    };
    Finding { severity: Severity::Warning, ..finding }.help(help)
}

/// `for $i in 1 2 3`: a syntax error to dash, and to bash no name.
fn loop_variable(file: Buildspec<'_>, command: &Command<'_>, name: &str) -> Finding {
    let start = name.as_ptr() as usize - command.text.as_ptr() as usize;
    let offset = |at: usize| u32::try_from(at).unwrap_or_default();
    let span = command.at(Span::new(offset(start), offset(start + name.len())));
    let message = format!("`{name}` is no name for the variable of a loop");
    let finding = RULE.at(file.source(), span, message, "the loop does not run");
    finding.help(format!("write {}, without the `$`", name.trim_start_matches('$')))
}

fn not_filled_in(file: Buildspec<'_>, command: &Command<'_>, span: Span) -> Finding {
    let message = format!("`{}` is not filled in", written(command, span));
    let finding = RULE.at(file.source(), command.at(span), message, "the shell takes it for redirections");
    Finding { severity: Severity::Warning, ..finding }.help("write the value")
}

/// Where to point: at what was opened rather than at the end of the text.
fn place(error: &SyntaxError) -> Span {
    match error.trouble {
        Trouble::NoCommand => Span::new(error.span.start.saturating_sub(1), error.span.end),
        _ => error.span,
    }
}

fn written<'t>(command: &Command<'t>, span: Span) -> &'t str {
    command.text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn message(command: &Command<'_>, error: &SyntaxError) -> String {
    let found = written(command, error.span);
    match error.trouble {
        Trouble::Unclosed(opener) => format!("`{}` is never closed", opener.as_str()),
        Trouble::Missing(word) => format!("`{found}` without `{word}`"),
        Trouble::NoCommand => "the command ends where another has to follow".to_owned(),
        Trouble::NoTarget => format!("`{found}` without a file"),
        Trouble::Unexpected(Some(word)) if found.is_empty() => {
            format!("the line ends where `{word}` has to follow")
        }
        Trouble::Unexpected(Some(word)) => format!("`{found}` where `{word}` has to follow"),
        Trouble::Unexpected(None) if found.is_empty() => "the line ends too early".to_owned(),
        Trouble::Unexpected(None) | Trouble::TooDeep => format!("`{found}` cannot stand here"),
    }
}

fn label(error: &SyntaxError) -> String {
    match error.trouble {
        Trouble::Unclosed(opener) => format!("no `{}` behind it", opener.closer()),
        Trouble::Missing(word) => format!("no `{word}` behind it"),
        Trouble::NoCommand => "nothing behind it".to_owned(),
        Trouble::NoTarget | Trouble::Unexpected(_) | Trouble::TooDeep => "the shell stops here".to_owned(),
    }
}

/// What usually is the cause.
fn explain(finding: Finding, command: &Command<'_>, error: &SyntaxError) -> Finding {
    let folded =
        matches!(command.node.scalar().map(|scalar| scalar.style), Some(Style::Folded | Style::Plain));
    let several = file_lines(command) > 1;
    if let Some(swallowed) = error.swallowed {
        let word = written(command, swallowed);
        let finding = finding.label(command.at(swallowed), "an argument of the command before it");
        return if folded && several {
            finding.help(format!(
                "`{word}` needs a `;` or a new line before it; only `- |` keeps the lines apart"
            ))
        } else {
            finding.help(format!("`{word}` needs a `;` or a new line before it"))
        };
    }
    let help = match error.trouble {
        _ if folded && several && command.text.lines().count() == 1 => {
            "YAML joins these lines with spaces: only `- |` keeps them apart"
        }
        Trouble::Unclosed(Opener::SingleQuote) => {
            "an apostrophe in a text: put the text in double quotes, or write `\\'`"
        }
        Trouble::Unclosed(Opener::DoubleQuote) => "a `\"` that is meant as such: write `\\\"`",
        Trouble::Missing("fi" | "done" | "esac" | "}") => {
            "each item of the list is a script of its own: what is opened in it has to be closed in it"
        }
        Trouble::Unexpected(None) if is_closer(written(command, error.span)) => {
            "each item of the list is a script of its own: what is closed in it has to be opened in it"
        }
        Trouble::Unexpected(None) if written(command, error.span) == "(" => {
            "put it in quotes if it is meant as text; an array or a pattern needs `env: shell: bash`"
        }
        _ => return finding,
    };
    finding.help(help)
}

fn file_lines(command: &Command<'_>) -> usize {
    let written = command.node.source().slice(command.node.content_span());
    written.trim_end().lines().count()
}

fn is_closer(word: &str) -> bool {
    matches!(word, "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}" | ")")
}

/// Which of the following items ends what this one opens: its place among them.
fn rest(following: &[Command<'_>], command: &Command<'_>, error: &SyntaxError) -> Option<usize> {
    let opener = written(command, error.opened.unwrap_or(error.span));
    let closer = match (error.trouble, opener) {
        (Trouble::Missing(_), "if" | "elif") => "fi",
        (Trouble::Missing(_), "for" | "while" | "until" | "select") => "done",
        (Trouble::Missing(_), "case") => "esac",
        (Trouble::Missing(_), "{") => "}",
        (Trouble::Unclosed(opener), _) => opener.closer(),
        _ => return None,
    };
    let same = |other: &&Command<'_>| other.phase == command.phase && other.list == command.list;
    following.iter().take_while(same).position(|other| {
        let ends = other.script.error.is_some_and(|error| match closer {
            "'" | "\"" | "`" => {
                matches!(error.trouble, Trouble::Unclosed(opener) if opener.closer() == closer)
            }
            _ => written(other, error.span) == closer,
        });
        ends || closer == "esac" && other.text.trim() == closer
    })
}

/// A `<PLACEHOLDER>` at the error.
fn placeholder(text: &str, error: &SyntaxError) -> Option<Span> {
    let close = text[..(error.span.end as usize).min(text.len())].rfind('>')?;
    let open = text[..close].rfind('<')?;
    let inside = &text[open + 1..close];
    let named = inside.len() > 1
        && inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '%')
        && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-. =%:/".contains(&byte));
    // The error lies at its `>`, or at what is right behind.
    let near = error.span.start as usize <= close + 2;
    let span = Span::new(u32::try_from(open).ok()?, u32::try_from(close + 1).ok()?);
    (named && near && matches!(error.trouble, Trouble::NoTarget | Trouble::Unexpected(_))).then_some(span)
}
