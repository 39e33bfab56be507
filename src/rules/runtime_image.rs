//! `runtime-image`: runtimes that the project's image cannot select.

use super::record::{Check, Example, Rule};
use super::runtime_version::{is_installed_on_demand, numbers};
use super::subject::{Buildspec, Project};
use crate::diagnostic::{Finding, Severity};
use crate::spec::image::{Image, Made, Runtimes};
use crate::syntax::Entry;

pub(super) const RULE: Rule = Rule {
    code: "runtime-image",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Runtimes that the project's image cannot select",
    doc: "Ubuntu and Amazon Linux images of AWS select runtimes. Those for Lambda compute, Windows and macOS come with what they \
          have, and pass over `runtime-versions`; so do images that are not made for CodeBuild. Of the others each holds some \
          versions, and installs more by itself: Python, Node and Go in any form, Java by its major version, .NET, PHP and \
          Ruby only by a whole version such as `8.0.30`.",
    example: Example::config(
        "projects:
  - name: service
    source:
      type: CODEPIPELINE
      buildspec: |
        version: 0.2
        phases:
          install:
            runtime-versions:
              ruby: 3.1
            commands:
              - bundle install
    environment:
      image: aws/codebuild/standard:8.0
",
        "projects:
  - name: service
    source:
      type: CODEPIPELINE
      buildspec: |
        version: 0.2
        phases:
          install:
            runtime-versions:
              ruby: 3.4
            commands:
              - bundle install
    environment:
      image: aws/codebuild/standard:8.0
",
    ),
    reference: "codebuild.md 0 (20), 2.1, 2.2, 2.3",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html"),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    let install = file.at(&["phases", "install"]);
    let Some(section) = install.and_then(|install| install.entry("runtime-versions")) else { return };
    let Some(image) = project.image else {
        // Whatever the image is, those that AWS still lists have none.
        let android = section.value.entries().find(|entry| entry.key.text() == Some("android"));
        if let Some(entry) = android {
            let message = "only images of the past have `android`";
            let finding = RULE.at(file.source(), entry.key.span(), message, "no image that AWS lists has it");
            let finding = finding.help("take an image of your own that has the Android SDK");
            findings.push(Finding { severity: Severity::Advice, ..finding });
        }
        return;
    };
    if section.value.entries().next().is_none() {
        return;
    }
    if let Some(what) = without_choice(image) {
        let message = format!("`{image}` of {} is {what}: it selects no runtimes", project.called());
        let finding = RULE.at(file.source(), section.key.span(), message, "passed over");
        findings.push(finding.help("remove it, and take an image that has what the build needs").aws(
            "Skipping install of runtimes. Runtime version selection is not supported by this build image",
        ));
        return;
    }
    let Some(held) = Runtimes::of(image) else { return };
    for entry in section.value.entries() {
        findings.extend(one(file, entry, image, held));
    }
}

/// What an image is that has no choice of runtimes.
fn without_choice(image: &str) -> Option<&'static str> {
    match Image::named(image) {
        Some(image) => match image.made? {
            Made::Linux(_) => None,
            Made::Lambda(_) => Some("made for Lambda compute"),
            Made::Windows => Some("made for Windows"),
            Made::Mac => Some("made for macOS"),
        },
        // `node:22`: an official image of Docker Hub knows nothing of CodeBuild. Others may be built on AWS's own.
        None => {
            (!image.contains(['/', '$', '#', '@']) && image.contains(':')).then_some("not made for CodeBuild")
        }
    }
}

fn one(file: Buildspec<'_>, entry: Entry<'_>, image: &str, held: &Runtimes) -> Option<Finding> {
    let (runtime, text) = (entry.key.text()?, entry.value.text()?.trim());
    if runtime == "android" {
        let message = format!("`{image}` has no Android");
        let finding = RULE.at(file.source(), entry.key.span(), message, "only old images have it");
        return Some(finding.help("take an image of your own that has the Android SDK"));
    }
    let known = ["dotnet", "golang", "java", "nodejs", "php", "python", "ruby", "rust"].contains(&runtime);
    if !known || text.is_empty() || text.contains('$') {
        return None;
    }
    let versions = held.versions(runtime);
    if versions.is_empty() {
        let message = format!("`{image}` has no {runtime}");
        let finding = RULE.at(file.source(), entry.key.span(), message, "cannot be selected");
        return Some(finding.help(format!("install {runtime} in a command, or take an image that has it")));
    }
    let number = text.strip_prefix("corretto").unwrap_or(text);
    let is_version = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    // What is malformed for any image is said by another rule; rust's number moves with the releases of the image.
    let fits = text == "latest"
        || versions.contains(&number)
        || is_installed_on_demand(runtime, text)
        || runtime == "rust"
        || versions.last().is_some_and(|newest| numbers(number) > numbers(newest));
    let fits = match number.strip_suffix(".x") {
        Some(major) => {
            let of_major = |version: &&&str| version.split('.').next() == Some(major);
            let is_newer = versions.last().is_some_and(|newest| numbers(major) > numbers(newest));
            is_newer || versions.iter().any(|version| of_major(&version))
        }
        None => fits || !is_version || !Runtimes::anywhere(runtime, number),
    };
    if fits {
        return None;
    }
    let names: Vec<_> = versions
        .iter()
        .map(|version| if runtime == "java" { format!("corretto{version}") } else { (*version).to_owned() })
        .collect();
    let names = names.join(", ");
    let message = format!("`{image}` has no {runtime} {text}");
    let finding = RULE.at(file.source(), entry.value.span(), message, "cannot be selected");
    Some(finding.help(format!("write one of {names}, or take another image")).aws(format!(
        "YAML_FILE_ERROR: Unknown runtime version named '{text}' of {runtime}. This build image has the following versions: {names}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::subject::{Commands, Scripts};
    use crate::syntax::{SourceFile, parse};
    use std::sync::Arc;

    /// How many findings there are for a project with this image.
    fn found(image: &str, runtimes: &str) -> usize {
        let text = format!("version: 0.2\nphases:\n  install:\n    runtime-versions: {runtimes}\n");
        let source = Arc::new(SourceFile::new("buildspec.yml", text));
        let tree = parse(&source).tree.unwrap();
        let scripts = Scripts::of(&tree);
        let mut findings = Vec::new();
        check(
            Buildspec { tree: &tree, shell: &Commands::of(&scripts) },
            &Project { image: Some(image), ..Project::default() },
            &mut findings,
        );
        findings.len()
    }

    #[test]
    fn what_an_image_can_select_is_not_said() {
        // codebuild.md 2.1 to 2.3
        for (image, runtimes, expected) in [
            ("aws/codebuild/standard:7.0", "{python: 3.12, nodejs: 20, java: corretto21}", 0),
            ("aws/codebuild/standard:7.0", "{python: 3.7, nodejs: 14.21, golang: 1.19, java: corretto15}", 0),
            ("aws/codebuild/standard:7.0", "{php: 8.0.30, ruby: 3.0.6, dotnet: 5.0.408}", 0),
            ("aws/codebuild/standard:7.0", "{php: 9.0, ruby: 4.1, dotnet: 11.0, nodejs: 28.x}", 0),
            ("aws/codebuild/standard:7.0", "{nodejs: latest, python: 3.x, ruby: $RUBY}", 0),
            ("aws/codebuild/standard:8.0", "{rust: 1.90}", 0),
            ("aws/codebuild/standard:7.0", "{rust: 1.90}", 1),
            ("aws/codebuild/standard:7.0", "{android: 29}", 1),
            ("aws/codebuild/standard:8.0", "{ruby: 3.1, php: 8.1, dotnet: 6.0}", 3),
            ("aws/codebuild/standard:8.0", "{nodejs: 18.x}", 1),
            ("aws/codebuild/standard:8.0", "{java: corretto17.x}", 0),
            ("aws/codebuild/standard:6.0", "{java: corretto8.x}", 1),
            ("aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12", "{python: 3.12}", 1),
            ("aws/codebuild/windows-base:2019-3.0", "{dotnet: 8.0, python: 3.12}", 1),
            ("aws/codebuild/standard:4.0", "{python: 3.8}", 0),
            ("node:22", "{nodejs: 22}", 1),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/build:1", "{nodejs: 22}", 0),
            ("node:22", "{}", 0),
        ] {
            assert_eq!(found(image, runtimes), expected, "{image} {runtimes}");
        }
    }
}
