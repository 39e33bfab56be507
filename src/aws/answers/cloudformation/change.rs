//! Creating, changing and deleting stacks.
//!
//! Owns: which change is allowed when, change sets, and what is told about them. A stack is there when it was rehearsed;
//! one that an earlier execution rehearsed may be created again, and always has changes: what of it AWS has is not known.
//! Every change is complete at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stacks::{self, ChangeSet, Resource, Stack, Stacks, execution};
use super::structure::acknowledged;
use super::traits;
use super::wanted::{self, Given};
use super::{does_not_exist, members, validation};
use crate::aws::answers::input::{text, texts};
use crate::aws::answers::made::{done, output};
use crate::aws::answers::{Outcome, Said};
use crate::aws::call::{Answer, ApiError, Call};
use crate::aws::desk::Desk;
use crate::aws::effect::Deed;
use crate::aws::stack_change::{self, ResourceChange, StackChange};
use crate::clock::new_id;

const UNCHANGED: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

/// A stack that only holds change sets.
const IN_REVIEW: &str = "REVIEW_IN_PROGRESS";

/// A name as CloudFormation takes it.
fn stack_name(call: &Call) -> Result<&str, ApiError> {
    let name = text(call, "StackName")?;
    if name.starts_with("arn:") {
        return Ok(name);
    }
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 128
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits {
        Ok(name)
    } else {
        Err(validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        )))
    }
}

/// The stack that a change goes out from, if it is there and more than a place for change sets.
fn before<'s>(stacks: &'s Stacks, name: &str) -> Option<(String, &'s Stack)> {
    let (name, stack) = stacks.find(name)?;
    (stack.status != IN_REVIEW).then(|| (name.to_owned(), stack))
}

/// Whether a stack is as an earlier execution left it.
fn is_stale(stack: &Stack, desk: &Desk) -> bool {
    stack.execution != execution(desk)
}

fn new_stack_id(call: &Call, desk: &Desk, name: &str) -> String {
    desk.world.arn("cloudformation", &call.region, &format!("stack/{name}/{}", new_id()))
}

/// `CreateStack`
pub(super) fn create(call: &Call, desk: &Desk) -> Outcome {
    let name = stack_name(call)?;
    let (id, change) = stacks::change(desk, &call.region, |stacks| {
        if let Some((_, stack)) = before(stacks, name)
            && !is_stale(stack, desk)
        {
            return Err(ApiError::new("AlreadyExistsException", format!("Stack [{name}] already exists")));
        }
        let given = given(call, desk, None, true)?;
        let id = new_stack_id(call, desk, name);
        let wanted = wanted::stack(call, desk, (name, &id), given, (None, &stacks.exports()))?;
        let change = put(stacks, desk, name, wanted);
        Ok((id, StackChange { is_sure: !is_transformed(stacks, name), ..change }))
    })?;
    did(json!({ "StackId": id }), "created", change)
}

/// `UpdateStack`
pub(super) fn update(call: &Call, desk: &Desk) -> Outcome {
    let (id, change) = stacks::change(desk, &call.region, |stacks| {
        let asked = stack_name(call)?;
        let (name, stack) =
            before(stacks, asked).ok_or_else(|| validation(format!("Stack [{asked}] does not exist")))?;
        let given = given(call, desk, Some(stack), true)?;
        let exports = stacks.exports();
        let wanted = wanted::stack(call, desk, (&name, &stack.id), given, (Some(stack), &exports))?;
        if !is_stale(stack, desk) && same(stack, &wanted) {
            return Err(validation("No updates are to be performed."));
        }
        let id = stack.id.clone();
        Ok((id, put(stacks, desk, &name, wanted)))
    })?;
    did(json!({ "StackId": id }), "changed", change)
}

/// `DeleteStack`: succeeds also when there is none.
pub(super) fn delete(call: &Call, desk: &Desk) -> Outcome {
    let asked = stack_name(call)?;
    let (name, change) = stacks::change(desk, &call.region, |stacks| {
        let name = stacks.find(asked).map_or(asked, |(name, _)| name).to_owned();
        let stack = stacks.stacks.remove(&name).filter(|stack| stack.status != IN_REVIEW);
        let change = stack.map(|stack| StackChange {
            role: call.text("RoleARN").map(str::to_owned).or_else(|| stack.role.clone()),
            resources: stack.resources.iter().map(|resource| changed(Step::Remove, resource)).collect(),
            ..traits::change(&name, &stack)
        });
        Ok((name, change))
    })?;
    let deed = Deed::new(format!("deleted stack {name}"));
    Ok(Said::wrote(Answer::Output(json!({})), Deed { stack: change, ..deed }))
}

/// `CreateChangeSet`
pub(super) fn create_change_set(call: &Call, desk: &Desk) -> Outcome {
    let (asked, set) = (stack_name(call)?, text(call, "ChangeSetName")?);
    let creates = call.text("ChangeSetType") == Some("CREATE");
    let (name, stack_id, set_id) = stacks::change(desk, &call.region, |stacks| {
        let existing = before(stacks, asked);
        let (name, stack) = match existing {
            Some((_, stack)) if creates && !is_stale(stack, desk) => {
                return Err(validation(format!(
                    "Stack [{asked}] already exists and cannot be created again with the changeSet [{set}]."
                )));
            }
            Some((name, stack)) if !creates => (name, Some(stack)),
            Some(_) => (asked.to_owned(), None),
            None if creates => (asked.to_owned(), None),
            None => return Err(validation(format!("Stack [{asked}] does not exist"))),
        };
        if stacks.find(&name).is_some_and(|(_, stack)| stack.change_sets.contains_key(set)) {
            let message =
                format!("ChangeSet {set} cannot be created due to a mismatch with existing attribute Name");
            return Err(ApiError::new("AlreadyExistsException", message));
        }
        let reviewed = stacks.find(&name).map(|(_, stack)| stack.id.clone());
        let id = match stack {
            Some(stack) => stack.id.clone(),
            None => reviewed.unwrap_or_else(|| new_stack_id(call, desk, &name)),
        };
        let given = given(call, desk, stack, false)?;
        let wanted = wanted::stack(call, desk, (&name, &id), given, (stack, &stacks.exports()))?;
        let unchanged = stack.is_some_and(|stack| !is_stale(stack, desk) && same(stack, &wanted));
        let changes = if unchanged { Vec::new() } else { changes(stack, &wanted) };
        let set_id = desk.world.arn("cloudformation", &call.region, &format!("changeSet/{set}/{}", new_id()));
        let (status, execution_status) =
            if unchanged { ("FAILED", "UNAVAILABLE") } else { ("CREATE_COMPLETE", "AVAILABLE") };
        let made = ChangeSet {
            id: set_id.clone(),
            status: status.to_owned(),
            reason: unchanged.then(|| UNCHANGED.to_owned()),
            execution_status: execution_status.to_owned(),
            at: desk.world.clock.now().as_second(),
            changes,
            wanted: Box::new(Stack { change_sets: BTreeMap::new(), events: Vec::new(), ..wanted }),
        };
        let empty = || Stack {
            id: id.clone(),
            execution: execution(desk),
            status: IN_REVIEW.to_owned(),
            created: made.at,
            ..Stack::default()
        };
        let holder = if stack.is_some() {
            stacks.stacks.entry(name.clone()).or_insert_with(empty)
        } else {
            // Of a stack that an earlier execution rehearsed, nothing stays when it is created again.
            let review = stacks.stacks.remove(&name).filter(|stack| stack.status == IN_REVIEW);
            stacks.stacks.entry(name.clone()).or_insert_with(|| review.unwrap_or_else(empty))
        };
        holder.change_sets.insert(set.to_owned(), made);
        Ok((name, id.clone(), set_id))
    })?;
    done(json!({ "Id": set_id, "StackId": stack_id }), format!("prepared a change set of stack {name}"))
}

/// `ExecuteChangeSet`
pub(super) fn execute_change_set(call: &Call, desk: &Desk) -> Outcome {
    let set = text(call, "ChangeSetName")?;
    let (change, new) = stacks::change(desk, &call.region, |stacks| {
        let (name, own, change) = change_set(stacks, call.text("StackName"), set)?;
        if change.execution_status != "AVAILABLE" {
            let message = format!(
                "ChangeSet [{}] cannot be executed in its current status of [{}]",
                change.id, change.status
            );
            return Err(ApiError::new("InvalidChangeSetStatus", message));
        }
        let (name, own, mut wanted) = (name.to_owned(), own.to_owned(), (*change.wanted).clone());
        let stack = stacks.stacks.get(&name);
        let new = stack.is_none_or(|stack| stack.status == IN_REVIEW);
        wanted.events = stack.map(|stack| stack.events.clone()).unwrap_or_default();
        // Executing one change set makes the others of the stack void.
        let done = stack.and_then(|stack| stack.change_sets.get(&own)).cloned();
        let made = put(stacks, desk, &name, wanted);
        if let (Some(stack), Some(mut done)) = (stacks.stacks.get_mut(&name), done) {
            "EXECUTE_COMPLETE".clone_into(&mut done.execution_status);
            stack.change_sets.insert(own, done);
        }
        Ok((made, new))
    })?;
    did(json!({}), if new { "created" } else { "changed" }, change)
}

/// `DeleteChangeSet`: succeeds also when there is none.
pub(super) fn delete_change_set(call: &Call, desk: &Desk) -> Outcome {
    let set = text(call, "ChangeSetName")?;
    stacks::change(desk, &call.region, |stacks| {
        let found = change_set(stacks, call.text("StackName"), set);
        let found = found.ok().map(|(name, own, _)| (name.to_owned(), own.to_owned()));
        if let Some((name, own)) = found
            && let Some(stack) = stacks.stacks.get_mut(&name)
        {
            stack.change_sets.remove(&own);
        }
        Ok(())
    })?;
    done(json!({}), format!("deleted change set {set}"))
}

/// `DescribeChangeSet`
pub(super) fn describe_change_set(call: &Call, desk: &Desk) -> Outcome {
    let stacks = stacks::read(desk, &call.region)?;
    let (name, own, set) = change_set(&stacks, call.text("StackName"), text(call, "ChangeSetName")?)?;
    output(json!({
        "ChangeSetName": own,
        "ChangeSetId": set.id,
        "StackId": set.wanted.id,
        "StackName": name,
        "Description": set.wanted.description,
        "Parameters": members::parameters(&set.wanted),
        "CreationTime": { "$timestamp": set.at },
        "ExecutionStatus": set.execution_status,
        "Status": set.status,
        "StatusReason": set.reason,
        "NotificationARNs": [],
        "Capabilities": set.wanted.capabilities,
        "Tags": set.wanted.tags,
        "Changes": set.changes,
    }))
}

/// `ListChangeSets`
pub(super) fn list_change_sets(call: &Call, desk: &Desk) -> Outcome {
    let asked = text(call, "StackName")?;
    let stacks = stacks::read(desk, &call.region)?;
    let (name, stack) = stacks.find(asked).ok_or_else(|| does_not_exist(asked))?;
    let summaries: Vec<Value> = stack
        .change_sets
        .iter()
        .map(|(own, set)| {
            json!({
                "ChangeSetName": own,
                "ChangeSetId": set.id,
                "StackId": stack.id,
                "StackName": name,
                "ExecutionStatus": set.execution_status,
                "Status": set.status,
                "StatusReason": set.reason,
                "CreationTime": { "$timestamp": set.at },
            })
        })
        .collect();
    output(json!({ "Summaries": summaries }))
}

/// The change set of this name or id: its stack's name, its own, and itself.
fn change_set<'s>(
    stacks: &'s Stacks,
    stack: Option<&str>,
    set: &str,
) -> Result<(&'s str, &'s str, &'s ChangeSet), ApiError> {
    let missing =
        || ApiError::new("ChangeSetNotFound", format!("ChangeSet [{set}] does not exist")).with_status(404);
    let candidates: Vec<(&str, &Stack)> = match stack {
        Some(name) => vec![stacks.find(name).ok_or_else(missing)?],
        None => stacks.stacks.iter().map(|(name, stack)| (name.as_str(), stack)).collect(),
    };
    let mut sets = candidates.into_iter().flat_map(|(name, stack)| {
        stack.change_sets.iter().map(move |(own, change)| (name, own.as_str(), change))
    });
    sets.find(|(_, own, change)| *own == set || change.id == set).ok_or_else(missing)
}

fn given(call: &Call, desk: &Desk, before: Option<&Stack>, directly: bool) -> Result<Given, ApiError> {
    let given = wanted::given(call, desk, before)?;
    acknowledged(&given.value, &texts(call, "Capabilities"), directly)?;
    Ok(given)
}

/// Whether an update would change nothing.
fn same(before: &Stack, wanted: &Stack) -> bool {
    let digests = |stack: &Stack| -> Vec<(String, String)> {
        stack.resources.iter().map(|it| (it.logical.clone(), it.digest.clone())).collect()
    };
    digests(before) == digests(wanted)
        && before.outputs == wanted.outputs
        && before.parameters == wanted.parameters
        && before.tags == wanted.tags
        && before.description == wanted.description
}

/// What becomes of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Add,
    Modify,
    Remove,
}

/// The steps from one stack to the other.
fn steps<'s>(before: Option<&'s Stack>, wanted: &'s Stack) -> Vec<(Step, &'s Resource)> {
    let old = before.map_or(&[][..], |stack| &stack.resources);
    let mut steps = Vec::new();
    for resource in &wanted.resources {
        match old.iter().find(|other| other.logical == resource.logical) {
            None => steps.push((Step::Add, resource)),
            Some(other) if other.digest != resource.digest => steps.push((Step::Modify, resource)),
            Some(_) => {}
        }
    }
    let left = |resource: &&Resource| wanted.resources.iter().all(|other| other.logical != resource.logical);
    steps.extend(old.iter().filter(left).map(|resource| (Step::Remove, resource)));
    steps
}

/// The steps as `DescribeChangeSet` lists them.
fn changes(before: Option<&Stack>, wanted: &Stack) -> Vec<Value> {
    let change = |(step, resource): (Step, &Resource)| {
        let (action, physical) = match step {
            Step::Add => ("Add", None),
            Step::Modify => ("Modify", Some(&resource.physical)),
            Step::Remove => ("Remove", Some(&resource.physical)),
        };
        json!({ "Type": "Resource", "ResourceChange": {
            "Action": action,
            "LogicalResourceId": resource.logical,
            "PhysicalResourceId": physical,
            "ResourceType": resource.kind,
            "Replacement": (step == Step::Modify).then_some("False"),
            "Scope": if step == Step::Modify { json!(["Properties"]) } else { json!([]) },
            "Details": [],
        } })
    };
    steps(before, wanted).into_iter().map(change).collect()
}

/// Puts a stack in its place, complete; which resources that changed, or all of them when that is not known.
fn put(stacks: &mut Stacks, desk: &Desk, name: &str, mut wanted: Stack) -> StackChange {
    let now = desk.world.clock.now().as_second();
    let before =
        stacks.stacks.remove(name).filter(|stack| stack.status != IN_REVIEW && stack.id == wanted.id);
    let stale = before.as_ref().is_none_or(|stack| is_stale(stack, desk));
    let taken: Vec<(Step, Resource)> =
        steps(before.as_ref(), &wanted).into_iter().map(|(step, it)| (step, it.clone())).collect();
    let verb = if before.is_some() { "UPDATE" } else { "CREATE" };
    wanted.updated = before.as_ref().map(|_| now);
    wanted.status = format!("{verb}_COMPLETE");
    for resource in &mut wanted.resources {
        let old =
            before.iter().flat_map(|stack| &stack.resources).find(|old| old.logical == resource.logical);
        match old {
            Some(old) if old.digest == resource.digest => resource.clone_from(old),
            Some(_) => "UPDATE_COMPLETE".clone_into(&mut resource.status),
            None => "CREATE_COMPLETE".clone_into(&mut resource.status),
        }
    }
    let (id, kind) = (wanted.id.clone(), "AWS::CloudFormation::Stack");
    wanted.note(name, &id, kind, &format!("{verb}_IN_PROGRESS"), now);
    for (step, resource) in &taken {
        let verb = match step {
            Step::Add => "CREATE",
            Step::Modify => "UPDATE",
            Step::Remove => "DELETE",
        };
        wanted.note(&resource.logical, &resource.physical, &resource.kind, &format!("{verb}_COMPLETE"), now);
    }
    wanted.note(name, &id, kind, &format!("{verb}_COMPLETE"), now);
    wanted.change_sets.clear();
    let resources = if stale {
        wanted.resources.iter().map(|resource| changed(Step::Add, resource)).collect()
    } else {
        taken.iter().map(|(step, resource)| changed(*step, resource)).collect()
    };
    let change = StackChange { resources, ..traits::change(name, &wanted) };
    stacks.stacks.insert(name.to_owned(), wanted);
    change
}

fn is_transformed(stacks: &Stacks, name: &str) -> bool {
    stacks.stacks.get(name).is_none_or(|stack| stack.is_transformed)
}

fn changed(step: Step, resource: &Resource) -> ResourceChange {
    let step = match step {
        Step::Add => stack_change::Step::Create,
        Step::Modify => stack_change::Step::Update,
        Step::Remove => stack_change::Step::Delete,
    };
    ResourceChange { step, kind: resource.kind.clone(), traits: resource.traits.clone() }
}

/// The answer to a change that was only pretended.
#[expect(clippy::unnecessary_wraps, reason = "answers end with it")]
fn did(output: Value, verb: &str, change: StackChange) -> Outcome {
    let count = match change.resources.len() {
        1 => "1 resource".to_owned(),
        several => format!("{several} resources"),
    };
    let deed = Deed::new(format!("{verb} stack {} ({count})", change.stack));
    Ok(Said::wrote(Answer::Output(output), Deed { stack: Some(change), ..deed }))
}
