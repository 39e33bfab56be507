//! `script-not-executable`: a script that the shell is not allowed to run.

use super::record::{Check, Rule};
use super::subject::{Called, Surroundings};
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "script-not-executable",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A script of the repository that is not executable",
    doc: "`./build.sh` needs a file that may be executed; git keeps that with the file (mode 100755), and a build has it as git does. A file that was \
          made on Windows, or copied, has mode 100644: \"Permission denied\". The same goes for the wrappers of Gradle and Maven.",
    example: None,
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Called(check),
};

fn check(called: &[Called], around: &Surroundings<'_>, findings: &mut Vec<Finding>) {
    let mut told: Vec<&str> = Vec::new();
    for called in called.iter().filter(|called| called.is_direct) {
        let Some(script) = (around.script)(&called.path).filter(|_| !told.contains(&&*called.path)) else {
            continue;
        };
        if script.is_executable != Some(false) || called.may_be_executable {
            continue;
        }
        let message = format!("`{}` is not executable", called.written);
        let finding = RULE.at(&called.source, called.span, message, "Permission denied");
        let help = format!("write: git update-index --chmod=+x {}, or chmod +x before it", called.path);
        findings.push(finding.help(help));
        told.push(&called.path);
    }
}
