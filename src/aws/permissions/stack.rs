//! What CloudFormation needs when it makes a stack with the caller's own rights.
//!
//! Owns: when it does, and what that takes for resources of types that are known; saying of the others that it is not.
//! Source: CloudFormation User Guide, "CloudFormation service role". A need is sure only of a call that creates a stack:
//! any other may find one at AWS that has these resources, or a role, already.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::{Kind, kind};
use super::need::Needs;
use super::resource::{Resource, partition};
use crate::aws::stack_change::{ResourceChange, StackChange, Step};

/// Operations that change the resources of a stack.
pub(super) const CHANGING: [&str; 4] = ["CreateStack", "DeleteStack", "ExecuteChangeSet", "UpdateStack"];

/// Where the stack is, and who asked for it.
pub(super) struct Asking<'a> {
    pub(super) operation: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) command: Option<&'a str>,
}

impl Needs {
    /// Adds what a change of a stack takes; none when the record does not tell what changed.
    pub(super) fn add_stack(&mut self, change: Option<&StackChange>, asking: &Asking<'_>) {
        let Some(change) = change else {
            self.remarks.insert(format!(
                "cloudformation:{}: the resources of the stack are made with this role's own rights unless the stack has \
                 a role; what they need is not in the record",
                asking.operation
            ));
            return;
        };
        if let Some(role) = &change.role {
            let stack = &change.stack;
            self.remarks.insert(format!(
                "stack {stack}: CloudFormation acts as {role}, which needs what the resources need"
            ));
            return;
        }
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut unknown: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in &change.resources {
            for role in &resource.traits.passes {
                if resource.step != Step::Delete {
                    let arn = in_partition(role, asking.region);
                    self.need("iam:PassRole", Resource::Arn(arn), asking.command, change.is_sure);
                }
            }
            match kind(&resource.kind).filter(|kind| kind.arn.is_empty() || !resource.traits.names.is_empty())
            {
                Some(kind) => {
                    if !kind.create.is_empty() {
                        known.insert(kind.name);
                    }
                    self.add_resource(kind, resource, change, asking);
                }
                None => *unknown.entry(&resource.kind).or_default() += 1,
            }
        }
        let stack = &change.stack;
        for (kind, count) in unknown {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            self.remarks.insert(format!(
                "stack {stack}: for {kind}{times} CloudFormation acts with this role's own rights; what that takes is not known here"
            ));
        }
        if !known.is_empty() {
            let list: Vec<_> = known.into_iter().collect();
            self.remarks.insert(format!(
                "stack {stack}: CloudFormation acts with this role's own rights; for {} only what is sure is listed: other \
                 properties of theirs, and reading them, may take more",
                list.join(", ")
            ));
        }
    }

    fn add_resource(
        &mut self,
        kind: &Kind,
        resource: &ResourceChange,
        change: &StackChange,
        asking: &Asking<'_>,
    ) {
        let actions = match resource.step {
            Step::Create => kind.create,
            Step::Update => kind.update,
            Step::Delete => kind.delete,
        };
        let has = |property: &str| resource.traits.properties.iter().any(|name| name == property);
        let mut all: Vec<(&str, bool)> = actions.iter().map(|action| (*action, change.is_sure)).collect();
        for (property, action) in kind.also.iter().filter(|_| resource.step == Step::Create) {
            // Not every type fails when its tags are denied.
            if *property == "Tags" && (has(property) || change.has_tags) {
                all.push((action, false));
            } else if has(property) {
                all.push((action, change.is_sure));
            }
        }
        for (action, is_sure) in all {
            for about in resources(kind, &resource.traits.names, asking) {
                self.need(action, about, asking.command, is_sure);
            }
        }
    }
}

/// The ARNs of what is made.
fn resources(kind: &Kind, names: &[String], asking: &Asking<'_>) -> Vec<Resource> {
    if kind.arn.is_empty() {
        return vec![Resource::Unknown];
    }
    let arn = |name: &String| {
        if name.starts_with("arn:") {
            return Resource::Arn(name.clone());
        }
        // A parameter's own slash is the one behind `parameter`.
        let name = if kind.name == "AWS::SSM::Parameter" { name.trim_start_matches('/') } else { name };
        let arn = kind.arn.replace("{region}", asking.region).replace("{account}", asking.account);
        Resource::Arn(in_partition(&arn.replace("{}", name), asking.region))
    };
    names.iter().map(arn).collect()
}

fn in_partition(arn: &str, region: &str) -> String {
    match arn.strip_prefix("arn:aws:") {
        Some(rest) => format!("arn:{}:{rest}", partition(region)),
        None => arn.to_owned(),
    }
}
