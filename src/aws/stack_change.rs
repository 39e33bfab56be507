//! What a change of a CloudFormation stack did to its resources, for the record.
//!
//! Owns: its form. CloudFormation makes resources with the rights of whoever changes the stack, unless a role is named
//! (CloudFormation User Guide, "CloudFormation service role"); `permissions` makes of it which rights those are.

use serde::{Deserialize, Serialize};

/// A change of a stack that was taken for done.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StackChange {
    /// The stack's name.
    pub stack: String,
    /// The ARN of the role that CloudFormation has for this stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether AWS surely does the same: the call creates the stack, and no macro changes the template.
    #[serde(default)]
    pub is_sure: bool,
    /// Whether the stack itself has tags, which its resources get too.
    #[serde(default)]
    pub has_tags: bool,
    /// Its resources, in the order of the template.
    pub resources: Vec<ResourceChange>,
}

/// What becomes of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceChange {
    /// What is done.
    pub step: Step,
    /// Its type: `AWS::SNS::Topic`.
    pub kind: String,
    /// What is known of it.
    #[serde(flatten)]
    pub traits: ResourceTraits,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

/// What the template tells of a resource, as far as rights depend on it. `*` stands for what is not known of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResourceTraits {
    /// The names or ARNs of what it is about: its own, or of what it belongs to (the role of a policy).
    #[serde(default)]
    pub names: Vec<String>,
    /// The properties that it has.
    #[serde(default)]
    pub properties: Vec<String>,
    /// The ARNs of the roles that it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<String>,
}
