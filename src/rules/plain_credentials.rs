//! `plain-credentials`: credentials where everybody can read them.

use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;

use super::record::{Check, Example, Rule};
use super::subject::secrets::{OF_AWS, credential, credential_among, held, password_of_url, stands_in};
use super::subject::{Buildspec, Command, Words, actions};
use crate::diagnostic::{Finding, Severity};
use crate::spec::FileKind;
use crate::spec::shell::Word;
use crate::spec::template::{Derived, DerivedKind};
use crate::syntax::{self, Node, SourceFile, Span, TextMap, Tree};

pub(super) const RULE: Rule = Rule {
    code: "plain-credentials",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Credentials in plain text",
    doc: "Values of `env.variables` stand in the repository, in the console and in the API, and are not masked in logs. The \
          build's own role gives it credentials; others belong to Secrets Manager or Parameter Store. The same goes for \
          commands: ids of access keys, tokens that are known by their shape, private keys, passwords in addresses \
          (`https://user:password@host`), values given to `AWS_SECRET_ACCESS_KEY`; and for the variables that a project or an \
          action of a pipeline sets, for tokens of webhooks and of credentials of sources, and for what stands in the place of a name below \
          `parameter-store` and `secrets-manager`. A variable whose name says password, secret, token or key is meant when its value looks like \
          one: words, paths and placeholders do not.",
    example: Example::buildspec(
        "version: 0.2
env:
  variables:
    AWS_SECRET_ACCESS_KEY: made-up
phases:
  build:
    commands:
      - make
",
        "version: 0.2
env:
  secrets-manager:
    SERVICE_KEY: service/key
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 6",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.variables",
    ),
    check: Check::Buildspec(check),
};

const HELP: &str =
    "remove it: the project's role gives builds their credentials; keep other secrets in Secrets Manager";

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["env", "variables"]).chain(file.variables_of_tasks()) {
        let (Some(name), Some(value)) = (entry.key.text(), entry.value.text()) else { continue };
        let Some(what) = held(name, value) else { continue };
        let message = format!("`{name}` holds {what} in plain text");
        let finding = RULE.at(file.source(), entry.key.span(), message, "readable for everybody");
        findings.push(finding.help(HELP));
    }
    for section in ["parameter-store", "secrets-manager"] {
        for entry in file.entries(&["env", section]) {
            let Some((what, ..)) = entry.value.text().and_then(credential) else { continue };
            let message = format!("this is {what}, in plain text: here stands the name of what holds it");
            let finding = RULE.at(file.source(), entry.value.span(), message, "readable for everybody");
            findings.push(finding.help(HELP));
        }
    }
    for command in file.commands() {
        let found = |(what, at, length): (&str, usize, usize)| {
            let offset = |at: usize| u32::try_from(at).unwrap_or_default();
            let span = command.at(Span::new(offset(at), offset(at + length)));
            RULE.at(file.source(), span, format!("this is {what}, in plain text"), "readable for everybody")
                .help(HELP)
        };
        if let Some(shape) = credential_among(command.text, command.letters) {
            findings.push(found(shape));
        } else if let Some((at, length)) = Some(command)
            .filter(|command| command.letters.has(b'@'))
            .and_then(|command| password_of_url(command.text))
        {
            findings.push(found(("a password", at, length)));
        } else if let Some(span) = assigned(command) {
            let message = "these are credentials of AWS, in plain text";
            let finding = RULE.at(file.source(), command.at(span), message, "readable for everybody");
            findings.push(finding.help(HELP));
        } else {
            findings.extend(named(command).map(|(span, name, what)| {
                let message = format!("`{name}` holds {what} in plain text");
                RULE.at(file.source(), command.at(span), message, "readable for everybody").help(HELP)
            }));
        }
    }
}

/// The variables that a project of rehearsal.yml or of a template, or an action of a pipeline, sets.
pub(super) fn in_settings(kind: FileKind, tree: &Tree, derived: &[Derived], findings: &mut Vec<Finding>) {
    if kind == FileKind::Config {
        let projects = tree.root().get("projects").into_iter().flat_map(Node::items);
        projects.for_each(|project| of_project(project, findings));
    }
    if kind == FileKind::Pipeline {
        of_pipeline(tree, findings);
    }
    if kind == FileKind::Template {
        of_resources(tree, findings);
    }
    for derived in derived {
        match derived.kind {
            DerivedKind::Project => of_project(derived.tree.root(), findings),
            DerivedKind::Pipeline => of_pipeline(&derived.tree, findings),
        }
    }
}

fn of_project(project: Node<'_>, findings: &mut Vec<Finding>) {
    let environment = project.get("environment");
    let list = environment.and_then(|environment| environment.get("environmentVariables"));
    findings.extend(
        list.into_iter()
            .flat_map(Node::items)
            .filter_map(|variable| of_variable(variable, |node| (Arc::clone(node.source()), node.span()))),
    );
}

fn of_pipeline(tree: &Tree, findings: &mut Vec<Finding>) {
    for action in actions(tree) {
        // What an action of the Commands provider sets.
        let own = action.node.get("environmentVariables").into_iter().flat_map(Node::items);
        findings.extend(
            own.filter_map(|variable| of_variable(variable, |node| (Arc::clone(node.source()), node.span()))),
        );
        // What it gives to CodeBuild is JSON in a text.
        if let Some(token) = action.configuration("OAuthToken") {
            findings.extend(of_token("OAuthToken", token));
        }
        let Some(outer) = action.configuration("EnvironmentVariables") else { continue };
        let Some(text) = outer.text().filter(|text| text.trim_start().starts_with('[')) else { continue };
        let inner = Arc::new(SourceFile::new(outer.source().name(), syntax::masked(text)));
        let Some(inner) = syntax::parse(&inner).tree else { continue };
        let map = TextMap::of(outer);
        findings.extend(inner.root().items().filter_map(|variable| {
            of_variable(variable, |node| (Arc::clone(outer.source()), map.span(node.span())))
        }));
    }
}

/// The tokens of webhooks, of credentials of sources and of defaults of parameters, which no project and no pipeline holds.
fn of_resources(template: &Tree, findings: &mut Vec<Finding>) {
    for parameter in template.root().get("Parameters").into_iter().flat_map(Node::entries) {
        let name = parameter.key.text().unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let is_secret = ["token", "password", "secret"].iter().any(|word| lower.ends_with(word));
        let default = parameter.value.get("Default").filter(|_| is_secret);
        findings.extend(default.and_then(|default| of_token(name, default)));
    }
    for resource in template.root().get("Resources").into_iter().flat_map(Node::entries) {
        let properties = resource.value.get("Properties");
        let (within, key) = match resource.value.get("Type").and_then(Node::text) {
            Some("AWS::CodeBuild::SourceCredential") => (properties, "Token"),
            Some("AWS::CodePipeline::Webhook") => {
                (properties.and_then(|node| node.get("AuthenticationConfiguration")), "SecretToken")
            }
            _ => continue,
        };
        let token = within.and_then(|node| node.get(key)).filter(|node| node.tag().is_none());
        findings.extend(token.and_then(|token| of_token(key, token)));
    }
}

/// A token: of a source action of GitHub's first version, of a webhook, of the credentials of a source.
fn of_token(key: &str, token: Node<'_>) -> Option<Finding> {
    let value = token.text().filter(|value| !token.is_unknown() && !value.contains("${"))?;
    let what = held("OAUTH_TOKEN", value)?;
    let message = format!("`{key}` holds {what} in plain text");
    let finding = RULE.at(token.source(), token.span(), message, "readable for everybody");
    Some(finding.help("name it as {{resolve:secretsmanager:…}} in a template, or use a connection"))
}

/// A variable with `name`, `value` and perhaps `type`: its value stands in the settings only where that is PLAINTEXT.
fn of_variable<'t>(
    variable: Node<'t>,
    place: impl Fn(Node<'t>) -> (Arc<SourceFile>, Span),
) -> Option<Finding> {
    let known = |key: &str| variable.get(key).filter(|node| !node.is_unknown());
    if variable.get("type").is_some_and(|kind| kind.text() != Some("PLAINTEXT") || kind.is_unknown()) {
        return None;
    }
    let (name, value) = (known("name")?, known("value")?.text()?);
    if value.contains("#{") || value.contains("${") {
        return None;
    }
    let what = held(name.text()?, value)?;
    let message = format!("`{}` holds {what} in plain text", name.text()?);
    let (source, span) = place(name);
    let help = "keep it in Secrets Manager or Parameter Store, and name it here with type: SECRETS_MANAGER or PARAMETER_STORE";
    Some(RULE.at(&source, span, message, "readable for everybody").help(help))
}

/// Parts of names of secrets, in small letters.
const NAMES: Words<7> = Words::of(["password", "passwd", "secret", "token", "apikey", "_key", "-dsonar."]);

/// What makes a command worth a walk: these, in any letters.
static MARKS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(NAMES.words()).ok());

/// `DB_PASSWORD=text`, `export SERVICE_TOKEN=text`, `-Dsonar.login=text`: where it is, and its name.
fn named(command: &Command<'_>) -> Option<(Span, String, &'static str)> {
    let lower = command.letters.folded();
    let is_marked = || MARKS.as_ref().is_some_and(|marks| marks.is_match(command.text));
    if !lower.has(b'=') || !NAMES.may_be_among(lower) || !is_marked() {
        return None;
    }
    let mut found = None;
    for (simple, _) in command.simples() {
        for assignment in &simple.assignments {
            let what = held(assignment.name, &assignment.value.text).filter(|_| assignment.value.literal);
            if let Some(what) = what {
                found.get_or_insert((assignment.value.span, assignment.name.to_owned(), what));
            }
        }
        let exports = matches!(simple.name(), Some("export" | "readonly" | "declare" | "local"));
        for word in simple.words.iter().skip(1).filter(|word| word.literal) {
            let Some((name, value)) = word.text.split_once('=') else { continue };
            let of_sonar = ["-Dsonar.login", "-Dsonar.token", "-Dsonar.password"].contains(&name);
            // A login of SonarQube is a token, or the name of somebody.
            let judged = if of_sonar && value.len() >= 32 { "SONAR_TOKEN" } else { name };
            if let Some(what) = held(judged, value).filter(|_| exports || of_sonar) {
                found.get_or_insert((word.span, name.to_owned(), what));
            }
        }
    }
    found
}

/// `AWS_SECRET_ACCESS_KEY=text`, `aws configure set aws_secret_access_key text`: where the text is.
fn assigned(command: &Command<'_>) -> Option<Span> {
    // What makes it worth a walk.
    const MARKS: Words<3> =
        Words::of(["AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "aws_secret_access_key"]);
    if !command.has_any(&MARKS) {
        return None;
    }
    let mut found = None;
    for (simple, _) in command.simples() {
        let value = |word: &Word<'_>| word.literal && !stands_in(&word.text);
        for assignment in &simple.assignments {
            if OF_AWS.contains(&assignment.name) && value(&assignment.value) {
                found.get_or_insert(assignment.value.span);
            }
        }
        for word in simple.arguments().iter().filter(|word| word.literal) {
            let named = word.text.split_once('=').filter(|(name, _)| OF_AWS.contains(name));
            if named.is_some_and(|(_, value)| !stands_in(value)) {
                found.get_or_insert(word.span);
            }
        }
        if simple.runs(&["aws", "configure", "set", "aws_secret_access_key"])
            && let Some(word) = simple.arguments().get(3).filter(|word| value(word))
        {
            found.get_or_insert(word.span);
        }
    }
    found
}
