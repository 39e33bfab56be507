//! What services say, step by step.
//!
//! Owns: a bench for stories. Each step is a call and what it comes to; texts that begin with `@` are places in the last
//! output. One file for the services of a kind.

mod delivery;
mod identity;
mod images;
mod running;
mod stand_ins;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Said, answer};
use crate::aws::call::{Answer, Body, Call, Protocol};
use crate::aws::desk::Desk;
use crate::aws::world::World;
use crate::clock::{ManualClock, Timestamp};

/// What a call comes to.
pub(super) enum Then<'t> {
    /// An output that holds these values, by JSON pointers; a text that ends in `…` is how the value begins.
    Holds(&'t [(&'t str, Value)]),
    /// A write, with the words behind `would have:`.
    Did(&'t str),
    /// An error with this code, whose message holds this.
    Fails(&'t str, &'t str),
    /// Nobody knows.
    Unanswered,
}

use self::Then::{Did, Fails, Holds, Unanswered};

/// A session in which nothing was called yet.
pub(super) struct Bench {
    pub(super) dir: tempfile::TempDir,
    pub(super) desk: Desk,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(prepare: impl FnOnce(&mut World)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path().join("shared");
        Self::within(dir, "execution-1", &shared, prepare)
    }

    /// The next execution of the same repository.
    pub(super) fn next_execution(self) -> Self {
        let shared = self.desk.world.shared.clone();
        Self::within(self.dir, "execution-2", &shared, |_| {})
    }

    fn within(
        dir: tempfile::TempDir,
        execution: &str,
        shared: &std::path::Path,
        prepare: impl FnOnce(&mut World),
    ) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_750_000_000).unwrap()));
        let folder = dir.path().join(execution);
        let mut world = World::new("111122223333", "eu-west-1", folder, shared.to_owned(), clock);
        prepare(&mut world);
        let desk = Desk::open(Arc::new(world), None, &dir.path().join("record")).unwrap().of_project("web");
        Self { dir, desk }
    }

    pub(super) fn call(&self, name: &str, parameters: Value) -> Call {
        let (service, operation) = name.split_once(':').unwrap();
        let reads = ["Get", "List", "Describe", "BatchGet"];
        Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            read: reads.iter().any(|verb| operation.starts_with(verb)),
            parameters,
            region: "eu-west-1".to_owned(),
            access_key: self.desk.access_key().to_owned(),
            protocol: Protocol::Json { one_one: true },
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            body: Body::Memory(Vec::new()),
        }
    }

    pub(super) fn say(&self, name: &str, parameters: Value) -> Said {
        answer(&self.call(name, parameters), &self.desk)
    }

    pub(super) fn output(&self, name: &str, parameters: Value) -> Value {
        match self.say(name, parameters).answer {
            Answer::Output(output) => output,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// Plays a story.
    pub(super) fn play(&self, steps: &[(&str, Value, Then<'_>)]) {
        let mut last = Value::Null;
        for (number, (name, parameters, then)) in steps.iter().enumerate() {
            let told = format!("step {number}, {name} {parameters}");
            let said = self.say(name, filled(parameters, &last, &told));
            let words = said.deed.map(|deed| deed.words);
            match (then, said.answer) {
                (Holds(expected), Answer::Output(output)) => {
                    for (pointer, value) in *expected {
                        let found = output.pointer(pointer).unwrap_or(&Value::Null);
                        assert!(
                            is_like(found, value),
                            "{told}: {pointer} is {found}, not {value}, in {output}"
                        );
                    }
                    last = output;
                }
                (Did(expected), answer @ (Answer::Output(_) | Answer::Raw { .. })) => {
                    assert_eq!(words.as_deref(), Some(*expected), "{told}");
                    if let Answer::Output(output) = answer {
                        last = output;
                    }
                }
                (Fails(code, part), Answer::Error(error)) => {
                    assert_eq!(error.code, *code, "{told}: {}", error.message);
                    assert!(error.message.contains(part), "{told}: {}", error.message);
                    assert!((400..429).contains(&error.status), "{told}: clients would try again");
                }
                (Unanswered, Answer::Unanswered) => {}
                (_, answer) => panic!("{told}: {answer:?}"),
            }
        }
    }
}

fn is_like(found: &Value, expected: &Value) -> bool {
    match (found.as_str(), expected.as_str().and_then(|text| text.strip_suffix('…'))) {
        (Some(found), Some(begin)) => found.starts_with(begin),
        _ => found == expected,
    }
}

fn filled(value: &Value, last: &Value, told: &str) -> Value {
    match value {
        Value::String(text) if text.starts_with('@') => {
            last.pointer(&text[1..]).unwrap_or_else(|| panic!("{told}: no {text} in {last}")).clone()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, last, told)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), filled(member, last, told))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn what_no_service_knows_is_unanswered() {
    Bench::new().play(&[
        ("ec2:DescribeSubnets", json!({}), Unanswered),
        ("nowhere:DescribeNothing", json!({}), Unanswered),
        ("sts:Other", json!({}), Unanswered),
    ]);
}

#[test]
fn the_documentation_lists_what_is_answered() {
    let row = |(service, names): (&str, Vec<&str>)| format!("| `{service}` | {} |\n", names.join(", "));
    let rows: String = super::operations().into_iter().map(row).collect();
    let table = format!("| service | operations |\n| --- | --- |\n{rows}");
    let page = include_str!("../../../docs/aws.md");
    assert!(page.ends_with(&table), "docs/aws.md has to end with:\n{table}");
}

#[test]
fn every_operation_is_one_of_aws() {
    for (prefix, operations) in super::operations() {
        for name in operations {
            assert!(crate::aws::answer_files::is_operation(prefix, name), "{prefix}:{name}");
        }
    }
}

#[test]
fn services_and_operations_stand_once_and_in_order() {
    let services: Vec<_> = super::SERVICES.iter().map(|service| service.prefix).collect();
    assert!(services.is_sorted_by(|one, next| one < next), "{services:?}");
    for service in super::SERVICES {
        let names: Vec<_> = service.operations.iter().map(|(name, _)| name).collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{}: {names:?}", service.prefix);
    }
    assert!(super::operations().len() >= 30);
}

/// Whoever sends by hand may leave out what clients demand.
#[test]
fn nothing_that_is_left_out_or_of_another_kind_makes_an_answer_panic() {
    let odd = [
        json!({}),
        json!(null),
        json!({"StackName": 1, "FunctionName": [], "name": {}, "Names": "x", "Entries": {}, "imageIds": [1]}),
        json!({"FunctionName": "", "KeyId": "", "CiphertextBlob": "é", "Plaintext": "%", "RoleArn": ":::::"}),
        json!({"TemplateBody": "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref A}}}",
               "StackName": "web", "ChangeSetName": "c", "Parameters": [1, {"ParameterKey": []}]}),
    ];
    let bench = Bench::new();
    for (service, operations) in super::operations() {
        for operation in operations {
            for parameters in &odd {
                let said = bench.say(&format!("{service}:{operation}"), parameters.clone());
                if let Answer::Error(error) = said.answer {
                    assert!((400..429).contains(&error.status), "{service}:{operation}: {error:?}");
                }
            }
        }
    }
}
