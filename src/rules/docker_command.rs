//! `docker-command`: a call of docker that fails whatever the build does.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, RunsIn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Pipeline, Simple, Step, Word};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "docker-command",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A call of docker that fails whatever the build does",
    doc: "`docker build` takes one argument, the folder of its context, most often `.`; without it, or with two, it ends with a failure. The name \
          of an image has small letters only (its tag may have others). A login to ECR is refused with a password that another region gave, \
          and `get-login-password` prints nothing for a login that stands in the same command without a `|` between them.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - docker build -t service:latest
",
        "version: 0.2
phases:
  build:
    commands:
      - docker build -t service:latest .
",
    ),
    reference: "codebuild.md 3.4, 5.6",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker.html"),
    check: Check::Buildspec(check),
};

/// Options of `docker build` and `docker buildx build` that stand alone.
const FLAGS: [&str; 15] = [
    "--check",
    "--compress",
    "--debug",
    "--disable-content-trust",
    "--force-rm",
    "--load",
    "--no-cache",
    "--pull",
    "--push",
    "--quiet",
    "--rm",
    "--squash",
    "--stream",
    "-D",
    "-q",
];

/// Those that take a value, which may be the next word.
const VALUED: [&str; 43] = [
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--call",
    "--cgroup-parent",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--file",
    "--iidfile",
    "--isolation",
    "--label",
    "--memory",
    "--memory-swap",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--output",
    "--platform",
    "--policy",
    "--progress",
    "--provenance",
    "--sbom",
    "--secret",
    "--security-opt",
    "--shm-size",
    "--ssh",
    "--tag",
    "--target",
    "--ulimit",
    "-c",
    "-f",
    "-m",
    "-o",
    "-t",
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    if !matches!(file.shell.runs_in, RunsIn::Sh | RunsIn::Bash) {
        return;
    }
    for command in file.commands().iter().filter(|command| command.has("docker")) {
        for &(step, _) in &command.steps {
            let found = match step {
                Step::Simple(simple) => [context(simple), name(simple), login(simple)],
                Step::Pipeline(pipeline) => [region(pipeline), None, None],
                _ => continue,
            };
            findings.extend(found.into_iter().flatten().map(|Slip { span, message, label, help }| {
                RULE.at(file.source(), command.at(span), message, label).help(help)
            }));
        }
    }
}

/// What is wrong with a command.
struct Slip {
    span: Span,
    message: String,
    label: &'static str,
    help: String,
}

/// The arguments of `docker build`, in any of its spellings.
fn of_build<'a, 't>(simple: &'a Simple<'t>) -> Option<&'a [Word<'t>]> {
    let spellings: [&[&str]; 4] = [
        &["docker", "build"],
        &["docker", "image", "build"],
        &["docker", "buildx", "build"],
        &["docker", "builder", "build"],
    ];
    let words = spellings.into_iter().find(|words| simple.runs(words))?;
    // xargs puts its own behind them.
    let is_given =
        simple.words.iter().take_while(|word| word.text != "docker").any(|word| word.text == "xargs");
    simple.arguments().get(words.len() - 1..).filter(|_| !is_given)
}

/// A `docker build` without the folder it builds, or with several.
fn context(simple: &Simple<'_>) -> Option<Slip> {
    let mut places = Vec::new();
    let mut arguments = of_build(simple)?.iter();
    while let Some(word) = arguments.next() {
        let text = &*word.text;
        // A variable may be an option, and any number of words, and so may a pattern.
        let is_option = text.starts_with("--") && text.contains('=');
        let is_pattern = !word.quoted && text.contains(['*', '?', '[']);
        if (!word.literal || is_pattern) && !is_option {
            return None;
        }
        // A `\` before a line that YAML joins makes such a word, which is told.
        if text.starts_with(' ') {
            return None;
        }
        let name = text.split('=').next().unwrap_or(text);
        if text == "-" || !text.starts_with('-') {
            places.push(word);
        } else if VALUED.contains(&name) {
            if name == text {
                arguments.next()?;
            }
        } else if !FLAGS.contains(&name) && !VALUED.iter().any(|short| is_attached(short, text)) {
            return None;
        }
    }
    match places[..] {
        [] => Some(Slip {
            span: simple.head(),
            message: "this build of an image has no context".to_owned(),
            label: "\"requires 1 argument\"",
            help: "write the folder with the Dockerfile behind it: docker build … .".to_owned(),
        }),
        [first, second, ..] => Some(Slip {
            span: second.span,
            message: format!("`docker build` takes one context; `{}` is a second one", second.text),
            label: "\"requires 1 argument\"",
            help: format!("leave one out; the first is `{}`", first.text),
        }),
        [_] => None,
    }
}

/// `-tname`
fn is_attached(short: &str, text: &str) -> bool {
    short.len() == 2 && text.len() > 2 && text.starts_with(short)
}

/// An image with capitals in its name.
fn name(simple: &Simple<'_>) -> Option<Slip> {
    let arguments = simple.arguments();
    let names: Vec<&Word<'_>> = if let Some(arguments) = of_build(simple) {
        let tags = arguments.windows(2).filter(|pair| matches!(&*pair[0].text, "-t" | "--tag"));
        tags.map(|pair| &pair[1]).collect()
    } else if ["pull", "push", "tag"].iter().any(|verb| simple.runs(&["docker", verb])) {
        arguments[1..].iter().filter(|word| !word.text.starts_with('-')).collect()
    } else {
        return None;
    };
    let word = names.into_iter().find(|word| has_capitals(&word.text))?;
    Some(Slip {
        span: word.span,
        message: format!("the name of the image `{}` has capitals", word.text),
        label: "\"repository name must be lowercase\"",
        help: "write it in small letters".to_owned(),
    })
}

/// Whether a repository's name has capitals; what stands before its first `/` may be a host, and variables are not known.
fn has_capitals(image: &str) -> bool {
    let path = image.split_once('/').map_or(image, |(_, path)| path);
    let name = path.split(['@', ':']).next().unwrap_or(path);
    let is_known = !image.starts_with('$') && !name.contains(['$', '`', '{']);
    is_known && name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// A login whose `|` is lost, or whose option has one dash.
fn login(simple: &Simple<'_>) -> Option<Slip> {
    if simple.runs(&["aws", "ecr", "get-login-password"]) {
        let lost =
            simple.arguments().windows(2).find(|pair| pair[0].text == "docker" && pair[1].text == "login")?;
        return Some(Slip {
            span: lost[0].span.join(lost[1].span),
            message: "a `|` is missing before `docker login`".to_owned(),
            label: "read as arguments of `aws ecr get-login-password`",
            help: "write: aws ecr get-login-password … | docker login … --password-stdin …".to_owned(),
        });
    }
    let option = simple.arguments().iter().find(|word| word.text == "-password-stdin")?;
    simple.runs(&["docker", "login"]).then(|| Slip {
        span: option.span,
        message: "`-password-stdin` is no option: it has two dashes".to_owned(),
        label: "read as the password `assword-stdin`",
        help: "write --password-stdin".to_owned(),
    })
}

/// A password of one region for the registry of another.
fn region(pipeline: &Pipeline<'_>) -> Option<Slip> {
    let [shell::Command::Simple(first), shell::Command::Simple(last)] = &pipeline.commands[..] else {
        return None;
    };
    if !first.runs(&["aws", "ecr", "get-login-password"]) || !last.runs(&["docker", "login"]) {
        return None;
    }
    let arguments = first.arguments();
    let given =
        arguments.windows(2).find(|pair| pair[0].text == "--region").filter(|pair| pair[1].literal)?;
    let region = &*given[1].text;
    let (host, wanted) = last.arguments().iter().find_map(|word| {
        let (_, behind) = word.text.split_once(".dkr.ecr.")?;
        let wanted = behind.split('.').next()?;
        (!wanted.contains(['$', '{', '`']) && !wanted.is_empty()).then_some((word, wanted))
    })?;
    (wanted != region).then(|| Slip {
        span: host.span,
        message: format!("the password is one of {region}, and this registry is in {wanted}"),
        label: "400 Bad Request",
        help: format!("write --region {wanted}"),
    })
}
