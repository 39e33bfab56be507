//! FINALIZING: what a build comes to.
//!
//! Owns: ending what still runs, the account of what would have happened, exported variables, the result. Leaves to `session`:
//! everything before, to `aws`: what counts as simulated.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::carried::Variables;
use super::phase::Phase;
use super::request::BuildResult;
use super::session::{Ready, Session};
use crate::action::{Error, Failure, PhaseStatus};
use crate::aws;

impl Session<'_> {
    /// FINALIZING, and the result.
    pub(super) fn finalize(
        mut self,
        ready: Option<&Ready>,
        failure: Option<Failure>,
    ) -> Result<BuildResult, Error> {
        self.log.entered(Phase::Finalizing);
        let reports = self.take_reports(ready, self.course.status());
        let exported = ready.map(|ready| self.exported(ready)).unwrap_or_default();
        let log = &mut self.log;
        let left = self.runner.finish(&mut |at, stream, bytes| log.output(at, stream, bytes))?;
        for process in left {
            let (pid, command) = (process.pid, process.command);
            if process.ended {
                self.log.remark(&format!("ended with the build: process {pid}, {command}"));
            } else {
                self.log.note(&format!("could not be ended: process {pid}, {command}"));
            }
        }
        self.log.flush();
        let mut simulated: Vec<_> =
            self.placeholders.iter().map(|title| aws::placeholder_read(title)).collect();
        simulated.extend(match self.aws.take() {
            Some(session) => {
                let desk = session.desk().clone();
                session.close();
                for left in aws::shims::tidy(desk.tools()) {
                    self.log.note(&left);
                }
                // What other commands failed at they have coped with, or it is not why the build failed.
                if let Some(Failure { phase, command: Some(command), .. }) = &failure {
                    for hint in desk.hints(phase.as_deref(), Some(command.trim_end())) {
                        self.log.note(&hint);
                    }
                }
                desk.tally()?
            }
            None => Vec::new(),
        });
        self.log.ended(Phase::Finalizing, "SUCCEEDED", PhaseStatus::Succeeded, None);
        Ok(BuildResult {
            status: self.course.status(),
            failure: failure.map(|failure| self.log.masked(failure)),
            findings: self.findings,
            artifacts: self.artifacts,
            reports,
            simulated_files: self.simulated_files,
            simulated,
            exported,
        })
    }

    /// The exported variables as they are at the end of the last phase that ran (codebuild.md 3.9).
    fn exported(&mut self, ready: &Ready) -> BTreeMap<String, String> {
        let mut exported = BTreeMap::new();
        for name in &ready.buildspec.env.exported_variables {
            if name.starts_with("AWS_") {
                self.log.note(&format!("exported-variables: {name} begins with AWS_, so it is not exported"));
            } else if ready.unexportable.contains(name) {
                self.log.note(&format!(
                    "exported-variables: the project reads {name} from Parameter Store or Secrets Manager, so it is not exported"
                ));
            } else if let Some(value) = value_of(&ready.left.variables, name) {
                exported.insert(name.clone(), value);
            } else if self.course.succeeding() {
                self.log.note(&format!("exported-variables: {name} is not set, so it is not exported"));
            }
        }
        exported
    }
}

fn value_of(variables: &Variables, name: &str) -> Option<String> {
    variables.get(&OsString::from(name)).map(|value| value.to_string_lossy().into_owned())
}
