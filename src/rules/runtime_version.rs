//! `runtime-version`: a version of a runtime in a form that current images cannot install.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::image::Runtimes;

pub(super) const RULE: Rule = Rule {
    code: "runtime-version",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A version of a runtime in a form that current images cannot install",
    doc: "A version is a number (`3.12`), the newest of a major version (`22.x`), `latest`, or a variable (`$PYTHON`). Java is \
          `corretto` and its major version. Current images install versions that they do not hold, each runtime in its own \
          forms: PHP and Ruby only whole versions such as `8.0.30`. A whole version newer than all that are known may be on its \
          way: advice. Images with no such way say `Unknown runtime version \
          named`, in DOWNLOAD_SOURCE.\n\nThe text as it is written counts: `3.10` is no `3.1`.",
    example: Example::buildspec(
        "version: 0.2
phases:
  install:
    runtime-versions:
      java: 17
    commands:
      - java -version
",
        "version: 0.2
phases:
  install:
    runtime-versions:
      java: corretto17
    commands:
      - java -version
",
    ),
    reference: "codebuild.md 2.1, 2.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for entry in file.entries(&["phases", "install", "runtime-versions"]) {
        let (Some(runtime), Some(text)) = (entry.key.text(), entry.value.text()) else { continue };
        let text = text.trim();
        if text.is_empty() || text.contains('$') || text == "latest" {
            continue;
        }
        let Some(help) = mistake(runtime, text) else { continue };
        let message = format!("`{text}` is no version of {runtime} that current images can install");
        let finding = RULE.at(file.source(), entry.value.span(), message, "cannot be selected").help(help);
        // An image that holds it may be on its way.
        let severity = if is_newer(runtime, text) { Severity::Advice } else { finding.severity };
        findings.push(Finding { severity, ..finding });
    }
}

/// What to write instead; none when the version is fine, or the runtime is not known.
fn mistake(runtime: &str, text: &str) -> Option<String> {
    let bare = text.trim_start_matches(['v', 'V', '^', '~', '=', '>', ' ']);
    match runtime {
        "java" => {
            let version = text.strip_prefix("corretto");
            if version.is_some_and(is_number) {
                return None;
            }
            if let Some(major) =
                version.and_then(|version| version.strip_suffix(".x")).filter(|major| is_number(major))
            {
                return (!Runtimes::has_major(runtime, major)).then(|| format!("write `corretto{major}`"));
            }
            let digits: String = text
                .trim_start_matches(|c: char| !c.is_ascii_digit())
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            Some(match digits.as_str() {
                "" => "write `corretto21`, or another major version".to_owned(),
                major => format!("write `corretto{major}`"),
            })
        }
        "dotnet" | "golang" | "nodejs" | "php" | "python" | "ruby" | "rust" => {
            let parts: Vec<_> = text.split('.').collect();
            let well_formed = match parts[..] {
                [major] => is_number(major),
                [major, minor] => is_number(major) && (is_number(minor) || minor == "x"),
                [major, minor, patch] => [major, minor, patch].into_iter().all(is_number),
                _ => false,
            };
            if let ([major, "x"], true) = (&parts[..], well_formed) {
                return no_such_major(runtime, major);
            }
            if well_formed && !is_installed_on_demand(runtime, text) {
                return not_held(runtime, text, &parts);
            }
            if well_formed {
                None
            } else if bare != text && bare.starts_with(|c: char| c.is_ascii_digit()) {
                Some(format!("write `{bare}`"))
            } else if let [major, minor, "x" | "X" | "*"] = parts[..] {
                Some(format!("write `{major}.{minor}` or `{major}.x`"))
            } else {
                Some("write a number such as `3.12`, `3.x`, or `latest`".to_owned())
            }
        }
        _ => None,
    }
}

/// Whether current images install this version when they do not hold it (codebuild.md 2.2, custom versions).
pub(super) fn is_installed_on_demand(runtime: &str, text: &str) -> bool {
    let parts = text.split('.').filter(|part| is_number(part)).count();
    if parts != text.split('.').count() {
        return runtime == "java" && text.strip_prefix("corretto").is_some_and(is_number);
    }
    match runtime {
        "python" | "nodejs" => (1..=3).contains(&parts),
        "golang" => parts == 2 || parts == 3,
        "dotnet" | "php" | "ruby" => parts == 3,
        _ => false,
    }
}

/// The newest of a major version that no image has.
fn no_such_major(runtime: &str, major: &str) -> Option<String> {
    if Runtimes::has_major(runtime, major) {
        return None;
    }
    if is_installed_on_demand(runtime, major) {
        return Some(format!("write `{major}`, which is installed"));
    }
    let newest = Runtimes::current(runtime).last().copied().unwrap_or("latest");
    let held = newest.split('.').next().unwrap_or(newest);
    Some(format!("write `{held}.x`, or a version such as `{newest}`"))
}

/// Whether a version in a form that images hold is newer than those that are known: a major version alone is one of Node.js and Python.
fn is_newer(runtime: &str, text: &str) -> bool {
    let numbered = text.split('.').all(is_number);
    if !text.contains('.') && !matches!(runtime, "nodejs" | "python") {
        return false;
    }
    let newest = Runtimes::current(runtime).last();
    numbered && newest.is_some_and(|newest| numbers(text) > numbers(newest))
}

/// The first version of rust that an image had: its number moves with the releases of the images (codebuild.md 2.3).
const FIRST_RUST: [u32; 2] = [1, 93];

/// A version that only images can hold, and none does.
fn not_held(runtime: &str, text: &str, parts: &[&str]) -> Option<String> {
    let current = Runtimes::current(runtime);
    let newest = current.last().copied().unwrap_or("latest");
    if Runtimes::anywhere(runtime, text) {
        return None;
    }
    if runtime == "rust" {
        let was_held = parts.len() == 2 && (FIRST_RUST.to_vec()..=numbers(newest)).contains(&numbers(text));
        return (!was_held).then(|| "write `1.x`, and let rustup take another one".to_owned());
    }
    Some(match parts {
        [major] => format!("write `{major}.x`, or a version such as `{newest}`"),
        _ => format!(
            "add the patch number, as in `{text}.1`, or take one that images hold, such as `{newest}`"
        ),
    })
}

/// The numbers of a version, to compare it by.
pub(super) fn numbers(text: &str) -> Vec<u32> {
    text.split('.').filter_map(|part| part.parse().ok()).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_newer_than_what_is_known_may_be_on_its_way() {
        for (runtime, version, expected) in [
            ("php", "8.6", true),
            ("php", "8.0", false),
            ("golang", "2.x", false),
            ("rust", "1.98", true),
            ("ruby", "9", false),
            ("ruby", "4.1", true),
            ("nodejs", "28", true),
        ] {
            assert_eq!(is_newer(runtime, version), expected, "{runtime}: {version}");
        }
    }

    #[test]
    fn every_form_of_the_reference_is_accepted() {
        // codebuild.md 2.2
        for (runtime, version) in [
            ("python", "3.10"),
            ("python", "3"),
            ("python", "3.7.16"),
            ("python", "3.x"),
            ("nodejs", "18"),
            ("nodejs", "18.x"),
            ("nodejs", "14.21.3"),
            ("java", "corretto8"),
            ("java", "corretto17.x"),
            ("java", "corretto15"),
            ("dotnet", "5.0.408"),
            ("php", "8.0.30"),
            ("ruby", "4.0"),
            ("rust", "1.x"),
            ("rust", "1.95"),
            ("php", "7.3"),
            ("nodejs", "16.x"),
            ("nodejs", "26.x"),
            ("nodejs", "28"),
            ("golang", "1.27"),
            ("dotnet", "3.x"),
            ("ruby", "2.6"),
            ("golang", "1.11"),
            ("android", "29"),
        ] {
            assert_eq!(mistake(runtime, version), None, "{runtime}: {version}");
        }
        for (runtime, version, help) in [
            ("java", "openjdk11", "write `corretto11`"),
            ("java", "17", "write `corretto17`"),
            ("nodejs", "v18", "write `18`"),
            ("python", ">=3.8", "write `3.8`"),
            ("python", "3.8.x", "write `3.8` or `3.x`"),
            (
                "php",
                "7.2",
                "add the patch number, as in `7.2.1`, or take one that images hold, such as `8.5`",
            ),
            ("ruby", "3", "write `3.x`, or a version such as `4.0`"),
            ("dotnet", "8", "write `8.x`, or a version such as `10.0`"),
            ("golang", "1", "write `1.x`, or a version such as `1.26`"),
            ("golang", "2.x", "write `1.x`, or a version such as `1.26`"),
            ("php", "9.x", "write `8.x`, or a version such as `8.5`"),
            (
                "php",
                "8.9",
                "add the patch number, as in `8.9.1`, or take one that images hold, such as `8.5`",
            ),
            ("ruby", "5.x", "write `4.x`, or a version such as `4.0`"),
            ("dotnet", "9.x", "write `10.x`, or a version such as `10.0`"),
            ("nodejs", "19.x", "write `19`, which is installed"),
            ("python", "2.x", "write `2`, which is installed"),
            ("java", "corretto15.x", "write `corretto15`"),
            ("rust", "1.50", "write `1.x`, and let rustup take another one"),
            ("rust", "1.94.0", "write `1.x`, and let rustup take another one"),
            ("ruby", "newest", "write a number such as `3.12`, `3.x`, or `latest`"),
        ] {
            assert_eq!(mistake(runtime, version).as_deref(), Some(help), "{runtime}: {version}");
        }
    }
}
