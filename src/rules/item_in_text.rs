//! `item-in-text`: a list item that became a part of the text before it.

use super::misspelt_command::is_well_known;
use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Kind, Node, Span, Style};

/// Lines of a text that are looked at: each that may be quoted takes a look at those before it.
const MOST_LINES: usize = 200;
/// Keys that have a list.
const LISTS: [&str; 7] =
    ["commands", "exclude-paths", "exported-variables", "files", "finally", "git-credential-helper", "paths"];

pub(super) const RULE: Rule = Rule {
    code: "item-in-text",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A list item that became a part of the text before it",
    doc: "A text without quotes goes on over lines that are indented deeper, and takes their `- ` for its own. So does one whose dash \
          has no blank behind it: the whole list is one text then. What looks like two commands is one; so are two commands on two lines without a dash between them.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make lint
       - make test
",
        "version: 0.2
phases:
  build:
    commands:
      - make lint
      - make test
",
    ),
    reference: "codebuild.md 1.7",
    url: None,
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    below(file.root(), false, findings);
    for command in file.commands() {
        findings.extend(joined(command.node));
    }
}

/// Commands that take no command behind them.
const WHOLE: [&str; 6] = ["cd", "chmod", "echo", "export", "mkdir", "rm"];
/// What stands behind such a word when it is a command, and not a word of a sentence; of the others nothing is asked.
const SUBCOMMANDS: &[(&str, &[&str])] = &[
    (
        "aws",
        &[
            "cloudformation",
            "codeartifact",
            "ecr",
            "ecs",
            "eks",
            "lambda",
            "s3",
            "s3api",
            "secretsmanager",
            "ssm",
            "sts",
        ],
    ),
    ("cargo", &["build", "clippy", "fmt", "install", "nextest", "publish", "run", "test"]),
    (
        "docker",
        &["build", "buildx", "compose", "info", "login", "ps", "pull", "push", "run", "tag", "version"],
    ),
    (
        "git",
        &[
            "add",
            "branch",
            "checkout",
            "clone",
            "commit",
            "config",
            "fetch",
            "pull",
            "push",
            "submodule",
            "tag",
        ],
    ),
    ("go", &["build", "get", "install", "mod", "run", "test", "vet"]),
    ("npm", &["build", "ci", "i", "install", "publish", "run", "start", "test"]),
    ("pip", &["install"]),
    ("pip3", &["install"]),
    ("terraform", &["apply", "destroy", "fmt", "init", "plan", "validate", "workspace"]),
    ("yarn", &["build", "install", "run", "test"]),
];

/// Whether a line is a command of its own by its first words.
fn begins_command(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next().filter(|first| BEGINS.contains(first)) else { return false };
    let next = words.next().unwrap_or_default();
    match SUBCOMMANDS.iter().find(|(name, _)| *name == first) {
        Some((_, known)) if !known.is_empty() => known.contains(&next) || next.starts_with('-'),
        _ if first.starts_with("python") => next.starts_with('-') || next.contains('.'),
        _ => true,
    }
}

/// Words that begin a command, and hardly stand for anything else.
const BEGINS: [&str; 24] = [
    "apt-get",
    "aws",
    "cargo",
    "cd",
    "chmod",
    "docker",
    "echo",
    "export",
    "git",
    "go",
    "gradle",
    "kubectl",
    "mkdir",
    "mvn",
    "npm",
    "npx",
    "pip",
    "pip3",
    "python",
    "python3",
    "sam",
    "sudo",
    "terraform",
    "yarn",
];

/// Commands of programs that take no command behind them.
const COMPLETE: &[(&str, &[&str])] = &[
    ("cargo", &["build", "publish", "test"]),
    ("docker", &["build", "login", "pull", "push", "tag"]),
    ("go", &["build", "get", "install", "test", "vet"]),
    ("gradle", &[]),
    ("make", &[]),
    ("mvn", &[]),
    ("npm", &["build", "ci", "install", "publish", "run", "test"]),
    ("pip", &["install"]),
    ("pip3", &["install"]),
    ("sam", &[]),
    ("terraform", &[]),
    ("yarn", &["build", "install", "test"]),
];

/// Whether a line is a command that takes no command behind it.
fn is_complete(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    let [first, rest @ ..] = &words[..] else { return false };
    if WHOLE.contains(first) {
        // What it is to do something to stands in the same line; a mode comes first.
        let needed = usize::from(*first != "echo") + usize::from(*first == "chmod");
        return rest.iter().filter(|word| !word.starts_with('-')).count() >= needed;
    }
    let known = COMPLETE.iter().find(|(name, _)| name == first);
    let is_known = known
        .is_some_and(|(_, known)| known.is_empty() || rest.first().is_some_and(|next| known.contains(next)));
    // An option may take what stands behind it.
    is_known && !rest.last().is_some_and(|last| last.starts_with('-'))
}

/// A line that begins a command of its own, in a text that YAML makes one line of.
fn joined(node: Node<'_>) -> Option<Finding> {
    let scalar = node.scalar().filter(|scalar| matches!(scalar.style, Style::Plain | Style::Folded))?;
    let span = node.content_span();
    let written = node.source().slice(span);
    if !written.contains('\n') {
        return None;
    }
    let is_folded = scalar.style == Style::Folded;
    let mut lines = written.split_inclusive('\n').take(MOST_LINES).peekable();
    if lines.peek().is_some_and(|head| head.starts_with('>')) {
        lines.next();
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut first = lines.next()?;
    // The first line may begin with its text, behind its indentation.
    let is_at_start = first.as_ptr() == written.as_ptr();
    let column = if is_at_start { node.source().position(span.start).column } else { 1 };
    let base = (column as usize).saturating_sub(1) + indent(first);
    let mut place = base;
    // Between quotes words are no commands.
    let mut quotes = 0;
    for second in lines {
        quotes += first.matches(['"', '\'', '`']).count();
        if quotes % 2 == 0 && is_break(first, second, is_folded && (base != place || base != indent(second)))
        {
            let start = second.as_ptr() as usize - written.as_ptr() as usize + indent(second);
            let start = span.start + u32::try_from(start).ok()?;
            let place = Span::new(start, start + u32::try_from(second.trim().len()).ok()?);
            let message = "this command is a part of the text above it: YAML makes one line of them";
            let finding = RULE.at(node.source(), place, message, "no command of its own");
            return Some(finding.help("make it an item of its own, or put the lines below `- |`"));
        }
        (first, place) = (second, indent(second));
    }
    None
}

/// Whether a line is a command that has ended, and the next one begins another. In a `>` text a line that stands `deeper` stays a line.
fn is_break(first: &str, second: &str, deeper: bool) -> bool {
    let word = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let ends = ["&&", "||", "|", "\\", ";", "&", "(", "{"];
    let last = first.split_whitespace().next_back().unwrap_or_default();
    let is_open =
        ends.iter().any(|end| first.trim_end().ends_with(end)) || ["then", "do", "else"].contains(&last);
    let is_whole = is_complete(first) || word(first) == "git" && word(second) == "git";
    // `echo make sure` is prose.
    let begins = begins_command(second) || word(second) == "make" && word(first) != "echo";
    is_whole && begins && !is_open && !deeper
}

fn below(node: Node<'_>, is_item: bool, findings: &mut Vec<Finding>) {
    match node.kind() {
        // What an alias stands for is looked at where it is written.
        _ if node.span() != node.content_span() => {}
        Kind::Scalar => findings.extend(swallowed(node, is_item)),
        Kind::Sequence => node.items().for_each(|item| below(item, true, findings)),
        Kind::Mapping => node.written_entries().for_each(|entry| below(entry.value, false, findings)),
    }
}

/// Whether a `-` is what a program reads or writes, or stands in quotes: what is before it says so, or what is behind.
fn is_file_name(content: &str, before: &str) -> bool {
    let behind = content[1..].trim_start();
    let last = before.split_whitespace().next_back().unwrap_or_default();
    // A program that everybody knows is no file; and the first item without a blank behind its dash is no option.
    let is_program = behind.split_whitespace().next().is_some_and(is_well_known);
    let is_option = last.len() > 1 && last.starts_with('-') && before.trim() != last && !is_program;
    let is_copy = before.lines().next_back().is_some_and(|line| line.contains("aws s3 cp "));
    let is_quoted = ['"', '\'', '`'].iter().any(|quote| before.matches(*quote).count() % 2 == 1);
    behind.starts_with(['|', '<', '>', '&', ';']) || is_option || is_copy || is_quoted
}

/// The first line of a plain text, behind its own first one, that begins like an item.
fn swallowed(node: Node<'_>, is_item: bool) -> Option<Finding> {
    let scalar = node.scalar().filter(|scalar| scalar.style == Style::Plain && scalar.text.contains("- "))?;
    let span = node.content_span();
    let written = node.source().slice(span);
    // A word alone above items is a key without its `:`, which is told.
    let head = written.lines().next()?.trim_end();
    if !is_item && LISTS.contains(&head) {
        return None;
    }
    let mut at = 0;
    for (number, line) in written.split_inclusive('\n').enumerate().take(MOST_LINES) {
        let content = line.trim();
        if number > 0 && content.starts_with("- ") && !is_file_name(content, &written[..at]) {
            let start = span.start + u32::try_from(at + line.len() - line.trim_start().len()).ok()?;
            let place = Span::new(start, start + u32::try_from(content.len()).ok()?);
            let message = "this item is a part of the text above it";
            let tight = scalar.text.starts_with('-') && !scalar.text.starts_with("--");
            let finding = RULE.at(node.source(), place, message, "no item of its own");
            let first = Span::new(span.start, span.start + u32::try_from(head.len()).ok()?);
            let finding = finding.label(first, "the text begins here");
            return Some(finding.help(match (tight, is_item) {
                (true, _) => "write a blank behind the dash of the first item",
                (false, true) => "begin it below the dash of the item above",
                (false, false) => "write `- ` before the first item, too",
            }));
        }
        at += line.len();
    }
    None
}
