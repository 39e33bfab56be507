//! `environment-mismatch`: keys that the environment of the build does not know.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Project, place};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::PhaseName;
use crate::spec::compute;
use crate::spec::image::{Image, Made};
use crate::syntax::Entry;

pub(super) const RULE: Rule = Rule {
    code: "environment-mismatch",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A key or a shell that the environment of the build does not have",
    doc: "`run-as` is for Linux. Windows has `powershell.exe` and `cmd.exe`, Linux `bash` and `/bin/sh`. Lambda compute knows \
          neither `on-failure` nor a cache, and reserved capacity, where macOS runs, no `on-failure`. What the environment is \
          follows from `env.shell`, or from the project that builds by the file.",
    example: Example::buildspec(
        "version: 0.2
run-as: builder
env:
  shell: powershell.exe
phases:
  build:
    commands:
      - dotnet build
",
        "version: 0.2
env:
  shell: powershell.exe
phases:
  build:
    commands:
      - dotnet build
",
    ),
    reference: "codebuild.md 0 (16), 1.4, 1.5, 1.7, 5.2, 5.3",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    let kind = project.kind.unwrap_or_default();
    let made = project.image.and_then(Image::named).and_then(|image| image.made);
    let windows = compute::is_windows(kind) || made == Some(Made::Windows);
    let lambda = compute::is_lambda(kind) || matches!(made, Some(Made::Lambda(_)));
    let mac = kind == "MAC_ARM" || made == Some(Made::Mac);
    let linux = !windows && !mac && (compute::arch(kind).is_some() || made.is_some());
    let shell = file.root().get("env").and_then(|env| env.entry("shell"));
    let written = shell.and_then(|entry| entry.value.text()).unwrap_or_default();
    let of_windows = matches!(written, "powershell.exe" | "cmd.exe");
    let of_linux = matches!(written, "bash" | "/bin/sh" | "/bin/bash" | "sh");
    let where_it_runs = |what: &str| format!("{} runs on {what}", project.called());
    if let Some(shell) = shell
        && ((windows && of_linux) || (linux && of_windows))
    {
        let (is, has) =
            if windows { ("Windows", "powershell.exe` or `cmd.exe") } else { ("Linux", "bash` or `/bin/sh") };
        let message = format!("{}, which has no `{written}`", where_it_runs(is));
        let finding = RULE.at(file.source(), place(shell), message, "no such shell there");
        findings.push(finding.help(format!("write `{has}`")));
    }
    let mut say = |entry: Entry<'_>, message: String, help: &str| {
        let finding = RULE.at(file.source(), entry.key.span(), message, "no effect there");
        findings.push(finding.help(help));
    };
    let phases = || PhaseName::ALL.into_iter().filter_map(|name| file.at(&["phases", name.key()]));
    if windows || (of_windows && !linux) {
        let all = phases().chain(Some(file.root())).filter_map(|node| node.entry("run-as"));
        for entry in all {
            let why =
                if windows { where_it_runs("Windows") } else { format!("`{written}` is a shell of Windows") };
            say(entry, format!("{why}, and `run-as` is for Linux"), "remove it");
        }
    }
    if lambda || mac {
        let on = if lambda { "Lambda compute" } else { "reserved capacity" };
        for entry in phases().filter_map(|node| node.entry("on-failure")) {
            let message = format!("{}, which has no `on-failure`", where_it_runs(on));
            say(entry, message, "handle the failure in the command: `make || true`");
        }
    }
    if let Some(entry) = file.root().entry("cache").filter(|entry| lambda && !entry.value.is_null()) {
        say(entry, format!("{}, which has no cache", where_it_runs("Lambda compute")), "remove it");
    }
}
