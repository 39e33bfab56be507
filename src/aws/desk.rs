//! What one session knows and keeps: who asks, what runs meanwhile, the record of it.
//!
//! Owns: writing the record, the account of it, masking, the access keys of a session. Leaves to `endpoint` the wire, to
//! `answers` and `shims` what is said.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::account::Account;
use super::call::Forward;
use super::effect::{Deed, Effect, Handling, Home, Subject};
use super::shims::Tools;
use super::stack_change::StackChange;
use super::world::World;
use crate::action::Error;
use crate::clock;

/// What stands in a record or log for a secret.
pub const MASK: &str = "***";

/// The longest text that the record keeps of a command, in characters.
const LONGEST_COMMAND: usize = 4000;

/// Words of a tool's arguments that the record keeps.
const MOST_WORDS: usize = 200;

/// The longest text that the record keeps of a single value, in characters.
const LONGEST_VALUE: usize = 300;

/// What is said at most about calls of one command that failed.
const MOST_HINTS: usize = 5;

/// The desk of one session. Shared by the threads that serve it.
pub struct Desk {
    /// What answers are made from.
    pub world: Arc<World>,
    /// Performs what was allowed.
    pub forward: Option<Arc<dyn Forward>>,
    /// The access key id that the build was given: whoever knows it is of this session.
    access_key: String,
    /// The CodeBuild project, which names the role of the build.
    project: Option<String>,
    /// Keys that AssumeRole and its like gave out, and the role's ARN behind each.
    assumed: Mutex<BTreeMap<String, String>>,
    /// What answers to the shims of tools are made from.
    tools: Tools,
    now: Mutex<Now>,
    /// What to do about what failed, each once.
    hints: Mutex<Vec<Hint>>,
    record: Mutex<Record>,
}

/// What runs now.
#[derive(Debug, Default, Clone)]
struct Now {
    phase: Option<String>,
    command: Option<String>,
    secrets: Vec<String>,
}

/// What to do about something that failed, and in which phase and command that was.
#[derive(Debug, PartialEq, Eq)]
struct Hint {
    phase: Option<String>,
    command: Option<String>,
    text: String,
}

impl Hint {
    fn is_of(&self, phase: Option<&str>, command: Option<&str>) -> bool {
        self.phase.as_deref() == phase && self.command.as_deref() == command
    }
}

struct Record {
    file: File,
    account: Account,
    simulated: usize,
    /// The first thing that went wrong with the file.
    trouble: Option<std::io::Error>,
}

impl Desk {
    /// The desk of a session whose record goes to the end of `record`.
    pub fn open(world: Arc<World>, forward: Option<Arc<dyn Forward>>, record: &Path) -> Result<Self, Error> {
        if let Some(folder) = record.parent() {
            std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
        }
        let file = File::options().create(true).append(true).open(record);
        let file = file.map_err(Error::at("open", record))?;
        let record = Record { file, account: Account::default(), simulated: 0, trouble: None };
        Ok(Self {
            world,
            forward,
            access_key: new_key("AKIA"),
            project: None,
            assumed: Mutex::default(),
            tools: Tools::default(),
            now: Mutex::default(),
            hints: Mutex::default(),
            record: Mutex::new(record),
        })
    }

    /// The same with settings for the shims of tools.
    #[must_use]
    pub fn with_tools(self, tools: Tools) -> Self {
        Self { tools, ..self }
    }

    /// What answers to the shims of tools are made from.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// The same desk, of a session of this CodeBuild project.
    #[must_use]
    pub fn of_project(self, name: &str) -> Self {
        Self { project: Some(name.to_owned()), ..self }
    }

    /// The name of the CodeBuild project, when it is known.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The access key id that the build is given.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Whether a request that was signed with this key id is of this session.
    pub fn knows(&self, access_key: &str) -> bool {
        access_key == self.access_key || held(&self.assumed).contains_key(access_key)
    }

    /// A new access key id for whoever takes on the role `arn`.
    pub fn assume(&self, arn: &str) -> String {
        let key = new_key("ASIA");
        held(&self.assumed).insert(key.clone(), arn.to_owned());
        key
    }

    /// The ARN behind a key that [`Desk::assume`] gave out.
    pub fn assumed(&self, access_key: &str) -> Option<String> {
        held(&self.assumed).get(access_key).cloned()
    }

    /// Says what runs from now on. Of a command that runs again, what was said of the first time is forgotten.
    pub fn at(&self, phase: Option<&str>, command: Option<&str>) {
        held(&self.hints).retain(|hint| !hint.is_of(phase, command));
        let mut now = held(&self.now);
        now.phase = phase.map(str::to_owned);
        now.command = command.map(str::to_owned);
    }

    /// Values that the record must not hold, longest first.
    pub fn hide(&self, mut secrets: Vec<String>) {
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        held(&self.now).secrets = secrets;
    }

    /// Records something. Secrets are masked, long values cut. What the same command failed at before is no longer what it
    /// ended with, so hints on that are dropped; connections tell nothing of that, since clients open several at once.
    pub fn record(&self, subject: Subject, handling: Handling, deed: Option<Deed>) {
        let now = held(&self.now).clone();
        if !matches!(subject, Subject::Connection { .. }) {
            let (phase, command) = (now.phase.as_deref(), now.command.as_deref());
            held(&self.hints).retain(|hint| !hint.is_of(phase, command));
        }
        let hide = |text: &str| hidden(text, &now.secrets);
        let subject = match subject {
            Subject::Call { service, operation, region, parameters, role } => {
                let parameters = shortened(parameters, &now.secrets);
                Subject::Call { service, operation, region, parameters, role }
            }
            Subject::Tool { argv } => {
                let words = argv.iter().take(MOST_WORDS).map(|word| cut(hide(word), LONGEST_VALUE));
                let more = argv.len().saturating_sub(MOST_WORDS);
                let more = (more > 0).then(|| format!("… ({more} more words)"));
                Subject::Tool { argv: words.chain(more).collect() }
            }
            connection @ Subject::Connection { .. } => connection,
        };
        let effect = Effect {
            at: self.world.clock.now(),
            home: Some(Home { account: self.world.account.clone(), region: self.world.region.clone() }),
            phase: now.phase.clone(),
            command: now.command.as_deref().map(|command| cut(hide(command), LONGEST_COMMAND)),
            subject,
            handling,
            deed: deed.map(|deed| {
                let detail = deed.detail.as_deref().map(hide);
                let stack = deed.stack.map(|stack| masked_names(stack, &hide));
                Deed { words: hide(&deed.words), detail, stack, ..deed }
            }),
        };
        let mut record = held(&self.record);
        record.account.add(&effect);
        record.simulated += usize::from(effect.is_simulated());
        let written = serde_json::to_vec(&effect).map_err(std::io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            record.file.write_all(&line)
        });
        if let Err(error) = written {
            record.trouble.get_or_insert(error);
        }
    }

    /// Keeps what to do about what the running command failed at, in case the build fails for it.
    pub fn hint(&self, text: String) {
        let Now { phase, command, .. } = held(&self.now).clone();
        let mut hints = held(&self.hints);
        let of_command = hints.iter().filter(|hint| hint.is_of(phase.as_deref(), command.as_deref())).count();
        let hint = Hint { phase, command, text };
        if of_command < MOST_HINTS && !hints.contains(&hint) {
            hints.push(hint);
        }
    }

    /// What to do about what this command of this phase ended with, in the order in which it failed.
    pub fn hints(&self, phase: Option<&str>, command: Option<&str>) -> Vec<String> {
        let hints = held(&self.hints);
        hints.iter().filter(|hint| hint.is_of(phase, command)).map(|hint| hint.text.clone()).collect()
    }

    /// How many effects counted as simulated so far.
    pub fn simulated(&self) -> usize {
        held(&self.record).simulated
    }

    /// What would have happened so far, in lines that follow `would have:`; an error when the record could not be written.
    pub fn tally(&self) -> Result<Vec<String>, Error> {
        let mut record = held(&self.record);
        match record.trouble.take() {
            Some(trouble) => Err(Error::during("write the record of effects")(trouble)),
            None => Ok(record.account.lines()),
        }
    }
}

/// A key id in AWS's form: four letters that say its kind, sixteen of A-Z and 2-7, at random.
fn new_key(kind: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let id = clock::new_id();
    // Of a version 4 UUID, the digits but those that say so are random: four bits each.
    let digits = id.bytes().filter(u8::is_ascii_hexdigit).enumerate();
    let random: Vec<u8> = digits
        .filter(|(at, _)| !matches!(at, 12 | 16))
        .map(|(_, digit)| if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 })
        .collect();
    let mut key = kind.to_owned();
    // Thirty digits make fifteen letters of eight bits cut to five, and a last one of what is left.
    let pairs = random.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + usize::from(*digit)));
    key.extend(pairs.map(|number| char::from(ALPHABET[number % ALPHABET.len()])));
    key.push('7');
    key
}

fn hidden(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASK))
}

/// A text of at most so many characters, and how many more there were.
fn cut(mut text: String, longest: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(longest) {
        let more = text[end..].chars().count();
        text.truncate(end);
        text = format!("{text}… ({more} more characters)");
    }
    text
}

fn shortened(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let text = cut(hidden(&text, secrets), LONGEST_VALUE);
            Value::String(text)
        }
        Value::Array(items) => items.into_iter().map(|item| shortened(item, secrets)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, shortened(member, secrets))).collect()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A change of a stack without secrets in names.
fn masked_names(mut change: StackChange, hide: &impl Fn(&str) -> String) -> StackChange {
    for resource in &mut change.resources {
        let traits = &mut resource.traits;
        for name in traits.names.iter_mut().chain(&mut traits.passes) {
            *name = hide(name);
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::effect;
    use crate::clock::{ManualClock, Timestamp};

    #[test]
    fn what_is_recorded_can_be_read_again_without_its_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/run.effects");
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let folder = dir.path().join("aws");
        let world = World::new("111122223333", "us-east-1", folder.clone(), folder, clock);
        let desk = Desk::open(Arc::new(world), None, &path).unwrap();
        desk.hide(vec!["s3cr3t".into(), String::new()]);
        desk.at(Some("BUILD"), Some("aws ssm put-parameter --value s3cr3t"));
        desk.record(
            Subject::Call {
                service: "ssm".into(),
                operation: "PutParameter".into(),
                region: "us-east-1".into(),
                parameters: serde_json::json!({"Value": "s3cr3t", "Long": "x".repeat(1000)}),
                role: None,
            },
            Handling::Simulated,
            Some(Deed::new("set the parameter s3cr3t").with("to s3cr3t")),
        );
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("s3cr3t") && text.contains(MASK) && text.contains("700 more"), "{text}");
        let effects = effect::read(&path).unwrap();
        assert_eq!(effects.len(), 1);
        assert_eq!(effects[0].phase.as_deref(), Some("BUILD"));
        assert_eq!(desk.simulated(), 1);
        assert_eq!(desk.tally().unwrap(), ["set the parameter *** (to ***)"]);
    }

    #[test]
    fn keys_have_the_form_of_aws_and_are_known() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let world = World::new("111122223333", "us-east-1", dir.path().into(), dir.path().into(), clock);
        let desk = Desk::open(Arc::new(world), None, &dir.path().join("e")).unwrap();
        let key = desk.access_key().to_owned();
        assert!(key.len() == 20 && key.starts_with("AKIA"), "{key}");
        let role = desk.assume("arn:aws:sts::1:assumed-role/r/s");
        assert!(desk.knows(&key) && desk.knows(&role) && !desk.knows("AKIAIOSFODNN7EXAMPLE"));
        assert_eq!(desk.assumed(&role).as_deref(), Some("arn:aws:sts::1:assumed-role/r/s"));
    }
}
