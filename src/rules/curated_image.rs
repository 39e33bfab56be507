//! `curated-image`: an image of AWS that is not there, or is made for another environment.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Edit, Finding, Severity};
use crate::spec::compute::{self, Arch};
use crate::spec::image::{Image, Kept, Made};
use crate::syntax::{Kind, Node};

pub(super) const RULE: Rule = Rule {
    code: "curated-image",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An image of AWS that is not there, or is made for another environment",
    doc: "An `image` of a project or of a batch's task that begins with `aws/codebuild/` is one that AWS keeps. What is in none of its lists cannot be \
          pulled, unless it is newer than this version of Rehearsal. An image for ARM does not run on x86, one for Lambda \
          compute only there, one for Windows only on Windows. Images that AWS calls deprecated still work, slowly, since no \
          host has them in its cache: that is advice.",
    example: Example::buildspec(
        "version: 0.2
batch:
  build-list:
    - identifier: unit
      buildspec: unit.yml
      env:
        image: aws/codebuild/standard:7
",
        "version: 0.2
batch:
  build-list:
    - identifier: unit
      buildspec: unit.yml
      env:
        image: aws/codebuild/standard:7.0
",
    ),
    reference: "codebuild.md 1.11, 5.4",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for task in file.tasks() {
        let value = |key| task.node.get("env").and_then(|env| env.get(key));
        one(file, value("image"), value("type"), findings);
    }
    let kind = file.at(&["batch", "build-matrix", "static", "env", "type"]);
    one(file, file.at(&["batch", "build-matrix", "static", "env", "image"]), kind, findings);
    let axis = file.at(&["batch", "build-matrix", "dynamic", "env", "image"]);
    for value in axis.into_iter().flat_map(|axis| axis.items().chain(Some(axis))) {
        one(file, Some(value), kind, findings);
    }
}

fn one(file: Buildspec<'_>, node: Option<Node<'_>>, kind: Option<Node<'_>>, findings: &mut Vec<Finding>) {
    let Some(node) = node.filter(|node| node.kind() == Kind::Scalar) else { return };
    let Some((text, image)) = node.text().and_then(|text| Some((text, Image::named(text)?))) else { return };
    if text.contains('$') {
        return;
    }
    match image.kept {
        Kept::Listed => {}
        Kept::Deprecated => {
            let message = format!("AWS calls `{text}` deprecated");
            let finding = RULE.at(file.source(), node.span(), message, "no host has it in its cache");
            let finding = finding.help("take a newer one, such as `aws/codebuild/standard:7.0`");
            findings.push(Finding { severity: Severity::Advice, ..finding });
        }
        Kept::Nowhere => {
            let message = format!("AWS has no image `{text}` in its lists");
            let finding = RULE.at(file.source(), node.span(), message, "cannot be pulled");
            // A hostile file can bring ten thousand images; what is shown of a file ends long before.
            let meant = if findings.len() < 100 { Image::meant(text) } else { None };
            findings.push(match meant {
                Some(meant) => finding.help(format!("write `{meant}`")).suggest(
                    format!("Write `{meant}`"),
                    vec![Edit { span: node.span(), replacement: meant.clone() }],
                ),
                None => finding.help("take one of AWS's list, such as `aws/codebuild/standard:7.0`"),
            });
        }
    }
    let Some((kind, written)) = kind.and_then(|kind| Some((kind, kind.text()?))) else { return };
    let Some(made) = image.made.filter(|_| compute::arch(written).is_some()) else { return };
    let Some(fault) = fault(made, written) else { return };
    let message = format!("`{text}` is made for {fault}, not for {written}");
    let finding = RULE.at(file.source(), node.span(), message, "does not start there");
    findings.push(finding.label(kind.span(), "the environment's type"));
}

/// What an image is made for, when that is not this environment type.
fn fault(made: Made, kind: &str) -> Option<&'static str> {
    let (lambda, windows, mac) = (compute::is_lambda(kind), compute::is_windows(kind), kind == "MAC_ARM");
    let linux = !lambda && !windows && !mac;
    let same = |arch| compute::arch(kind) == Some(arch);
    match made {
        Made::Linux(arch) if linux && same(arch) => None,
        Made::Linux(Arch::X86) => Some("Linux on x86"),
        Made::Linux(Arch::Arm) => Some("Linux on ARM"),
        Made::Lambda(arch) if lambda && same(arch) => None,
        Made::Lambda(Arch::X86) => Some("Lambda compute on x86"),
        Made::Lambda(Arch::Arm) => Some("Lambda compute on ARM"),
        Made::Windows => (!windows).then_some("Windows"),
        Made::Mac => (!mac).then_some("macOS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_goes_with_the_types_it_is_made_for() {
        // codebuild.md 5.2, 5.4
        for (made, kind, expected) in [
            (Made::Linux(Arch::X86), "LINUX_CONTAINER", None),
            (Made::Linux(Arch::X86), "LINUX_GPU_CONTAINER", None),
            (Made::Linux(Arch::X86), "LINUX_EC2", None),
            (Made::Linux(Arch::X86), "ARM_CONTAINER", Some("Linux on x86")),
            (Made::Linux(Arch::Arm), "ARM_EC2", None),
            (Made::Linux(Arch::Arm), "LINUX_CONTAINER", Some("Linux on ARM")),
            (Made::Linux(Arch::Arm), "MAC_ARM", Some("Linux on ARM")),
            (Made::Lambda(Arch::Arm), "ARM_LAMBDA_CONTAINER", None),
            (Made::Lambda(Arch::X86), "LINUX_CONTAINER", Some("Lambda compute on x86")),
            (Made::Windows, "WINDOWS_SERVER_2022_CONTAINER", None),
            (Made::Windows, "LINUX_CONTAINER", Some("Windows")),
            (Made::Mac, "MAC_ARM", None),
        ] {
            assert_eq!(fault(made, kind), expected, "{made:?} {kind}");
        }
    }
}
