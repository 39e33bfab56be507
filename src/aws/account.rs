//! The record summed up: what would have happened.
//!
//! Owns: which effects are told at the end, in which order, and what is counted together.

use super::effect::{Deed, Effect, Handling, Subject};

/// What commands would have done, told in lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    deeds: Vec<(Deed, usize)>,
}

impl Account {
    /// Adds what an effect would have done, if it counts as simulated, or what was refused: a shell may well swallow that.
    pub fn add(&mut self, effect: &Effect) {
        let deed = match &effect.handling {
            Handling::Simulated | Handling::Downgraded { .. } => {
                effect.deed.clone().unwrap_or_else(|| Deed::new(words(&effect.subject)))
            }
            // Clients drop the reason that they are told.
            Handling::Refused { reason } if matches!(effect.subject, Subject::Connection { .. }) => {
                Deed::new(format!("{} (refused: {reason})", words(&effect.subject)))
            }
            Handling::Refused { .. } => Deed::new(format!("{}, which was refused", words(&effect.subject))),
            Handling::Answered | Handling::Failed { .. } | Handling::Forwarded { .. } | Handling::Real => {
                return;
            }
        };
        let same = |other: &Deed| other.words == deed.words && (deed.counted.is_some() || *other == deed);
        let times = deed.times;
        match self.deeds.iter_mut().find(|(other, _)| same(other)) {
            Some((_, count)) => *count += times,
            None => self.deeds.push((deed, times)),
        }
    }

    /// The lines, in the order in which things first happened; each follows `would have:`.
    pub fn lines(&self) -> Vec<String> {
        self.deeds.iter().map(|(deed, count)| line(deed, *count)).collect()
    }
}

fn line(deed: &Deed, count: usize) -> String {
    let Deed { words, counted, detail, times: _, stack: _ } = deed;
    match (counted, detail, count) {
        (_, Some(detail), 1) => format!("{words} ({detail})"),
        (None, None, 1) => words.clone(),
        (Some(singular), _, 1) => format!("{words} (1 {singular})"),
        (Some(singular), _, count) => format!("{words} ({count} {singular}s)"),
        (None, _, count) => format!("{words} ({count} times)"),
    }
}

/// The words for an effect that has none of its own.
fn words(subject: &Subject) -> String {
    match subject {
        Subject::Call { service, operation, .. } => format!("called {service}:{operation}"),
        Subject::Tool { argv } => format!("run `{}`", argv.join(" ")),
        Subject::Connection { host, port } => format!("connected to {host}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_refused_connection_is_told_with_its_reason() {
        let subject = Subject::Connection { host: "sts.amazonaws.com".into(), port: 443 };
        let handling = Handling::Refused { reason: "sts.amazonaws.com belongs to AWS".into() };
        let refused = Effect { subject, ..effect(None, handling) };
        let mut account = Account::default();
        account.add(&refused);
        assert_eq!(
            account.lines(),
            ["connected to sts.amazonaws.com:443 (refused: sts.amazonaws.com belongs to AWS)"]
        );
        account.add(&refused);
        assert!(account.lines()[0].ends_with("belongs to AWS) (2 times)"));
    }

    fn effect(deed: Option<Deed>, handling: Handling) -> Effect {
        let subject = Subject::Tool { argv: vec!["docker".into(), "push".into(), "web".into()] };
        Effect { at: Timestamp::UNIX_EPOCH, home: None, phase: None, command: None, subject, handling, deed }
    }

    #[test]
    fn the_same_things_are_counted_and_what_was_real_is_left_out() {
        let mut account = Account::default();
        let written = || Some(Deed::new("written s3://site").counted("object"));
        account.add(&effect(written(), Handling::Simulated));
        account.add(&effect(None, Handling::Simulated));
        account.add(&effect(written().map(|deed| deed.times(5)), Handling::Simulated));
        account.add(&effect(Some(Deed::new("pushed image web:1").with("sha256:ab")), Handling::Simulated));
        account.add(&effect(Some(Deed::new("read something")), Handling::Answered));
        account.add(&effect(None, Handling::Refused { reason: "no engine".into() }));
        assert_eq!(
            account.lines(),
            [
                "written s3://site (6 objects)",
                "run `docker push web`",
                "pushed image web:1 (sha256:ab)",
                "run `docker push web`, which was refused"
            ]
        );
    }
}
