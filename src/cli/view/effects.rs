//! What commands asked of AWS and of tools, as `show --effects` lists it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json;
use crate::aws::{Effect, Handling, Subject};
use crate::cli::output::{Ink, Paint};
use crate::cli::words;

/// The effects of one run of an action.
pub(crate) struct Run {
    /// `STAGE/ACTION`.
    pub(crate) action: String,
    /// The action execution's identifier.
    pub(crate) id: String,
    /// Its effects, in order.
    pub(crate) effects: Vec<Effect>,
}

/// The runs in order, each with its commands, each with what it asked for.
pub(crate) fn listing(paint: Paint, columns: usize, runs: &[Run]) -> String {
    let mut blocks = Vec::new();
    for run in runs.iter().filter(|run| !run.effects.is_empty()) {
        let mut block = paint.ink(Ink::Strong, &run.action);
        let mut last = None;
        let mut repeated = Repeated::default();
        for effect in &run.effects {
            let place = (&effect.phase, &effect.command);
            if last != Some(place) {
                repeated.flush(&mut block);
                last = Some(place);
                let phase = effect.phase.as_deref().unwrap_or("outside of phases");
                let command = effect.command.as_deref().unwrap_or_default();
                let heading = words::one_line(&format!("{phase}: {command}"), columns.saturating_sub(2));
                let _ = write!(block, "\n  {}", paint.ink(Ink::Faint, heading.trim_end_matches([':', ' '])));
            }
            let (word, ink) = outcome(&effect.handling);
            let told = words::one_line(&said(effect), columns.saturating_sub(15));
            repeated.push(&mut block, format!("\n    {} {told}", paint.ink(ink, format!("{word:<10}"))));
        }
        repeated.flush(&mut block);
        blocks.push(block);
    }
    if blocks.is_empty() {
        return "no command asked anything of AWS, or of a tool that acts on something real".to_owned();
    }
    blocks.join("\n\n")
}

/// The same for programs.
pub(crate) fn document(execution: &str, runs: &[Run]) -> Value {
    let mut all = Vec::new();
    for run in runs {
        for effect in &run.effects {
            let mut fields = json!({"action": run.action, "action_execution": run.id});
            json::extend(&mut fields, json!(effect));
            fields["simulated"] = effect.is_simulated().into();
            all.push(fields);
        }
    }
    json!({"version": 1, "execution": execution, "effects": all})
}

/// Equal lines one after the other become one with their number: a waiter asks the same thing twenty times.
#[derive(Default)]
struct Repeated {
    line: Option<String>,
    count: usize,
}

impl Repeated {
    fn push(&mut self, block: &mut String, line: String) {
        if self.line.as_ref() == Some(&line) {
            self.count += 1;
            return;
        }
        self.flush(block);
        (self.line, self.count) = (Some(line), 1);
    }

    fn flush(&mut self, block: &mut String) {
        if let Some(line) = self.line.take() {
            block.push_str(&line);
            if self.count > 1 {
                let _ = write!(block, " ({} times)", self.count);
            }
        }
    }
}

fn outcome(handling: &Handling) -> (&'static str, Ink) {
    match handling {
        Handling::Answered => ("answered", Ink::Faint),
        Handling::Failed { .. } => ("failed", Ink::Bad),
        Handling::Simulated => ("simulated", Ink::Warning),
        Handling::Downgraded { .. } => ("partly", Ink::Warning),
        Handling::Refused { .. } => ("refused", Ink::Bad),
        Handling::Forwarded { .. } => ("forwarded", Ink::Active),
        Handling::Real => ("real", Ink::Good),
    }
}

/// What was asked for and what became of it, on one line.
fn said(effect: &Effect) -> String {
    let mut text = match &effect.subject {
        Subject::Call { service, operation, parameters, role, .. } => {
            let mut text = format!("{service}:{operation}");
            if let Value::Object(members) = parameters
                && !members.is_empty()
            {
                let _ = write!(text, " {parameters}");
            }
            if let Some(role) = role {
                let _ = write!(text, " as {role}");
            }
            text
        }
        Subject::Tool { argv } => argv.join(" "),
        Subject::Connection { host, port } => format!("connection to {host}:{port}"),
    };
    match &effect.handling {
        Handling::Failed { code } => {
            let _ = write!(text, ": {code}");
        }
        Handling::Refused { reason } => {
            let _ = write!(text, ": {reason}");
        }
        Handling::Downgraded { instead } => {
            let _ = write!(text, ", of which ran: {}", instead.join(" "));
        }
        Handling::Forwarded { profile } => {
            let _ = write!(text, " with profile {profile}");
        }
        Handling::Answered | Handling::Simulated | Handling::Real => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn effect(command: &str, subject: Subject, handling: Handling) -> Effect {
        let phase = Some("BUILD".to_owned());
        let command = Some(command.to_owned());
        Effect { at: Timestamp::UNIX_EPOCH, home: None, phase, command, subject, handling, deed: None }
    }

    fn call(service: &str, operation: &str, parameters: Value) -> Subject {
        let region = "us-east-1".to_owned();
        Subject::Call { service: service.into(), operation: operation.into(), region, parameters, role: None }
    }

    #[test]
    fn effects_stand_below_their_commands() {
        let tool = |text: &str| Subject::Tool { argv: text.split(' ').map(str::to_owned).collect() };
        let read = || call("sts", "GetCallerIdentity", json!({}));
        let effects = vec![
            effect("aws sts get-caller-identity", read(), Handling::Answered),
            effect("make wait", read(), Handling::Answered),
            effect("make wait", read(), Handling::Answered),
            effect(
                "make wait",
                call("s3", "PutObject", json!({"Bucket": "b", "Key": "k"})),
                Handling::Simulated,
            ),
            effect(
                "make wait",
                call("ec2", "DescribeVpcs", json!({})),
                Handling::Refused { reason: "nobody here answers it".into() },
            ),
            effect(
                "sam deploy",
                tool("sam deploy"),
                Handling::Downgraded { instead: vec!["sam".into(), "validate".into()] },
            ),
            effect(
                "x",
                Subject::Connection { host: "s3.amazonaws.com".into(), port: 443 },
                Handling::Refused { reason: "AWS is not reached from here".into() },
            ),
        ];
        let runs = [Run { action: "Build/Build".into(), id: "r".into(), effects }];
        insta::assert_snapshot!(listing(Paint(false), 100, &runs), @r#"
        Build/Build
          BUILD: aws sts get-caller-identity
            answered   sts:GetCallerIdentity
          BUILD: make wait
            answered   sts:GetCallerIdentity (2 times)
            simulated  s3:PutObject {"Bucket":"b","Key":"k"}
            refused    ec2:DescribeVpcs: nobody here answers it
          BUILD: sam deploy
            partly     sam deploy, of which ran: sam validate
          BUILD: x
            refused    connection to s3.amazonaws.com:443: AWS is not reached from here
        "#);
        assert_eq!(document("e", &runs)["effects"][3]["simulated"], true);
        assert!(listing(Paint(false), 100, &[]).starts_with("no command"));
    }
}
