//! What the role of a project must be allowed for what its builds did here.
//!
//! | file | owns |
//! | --- | --- |
//! | `need` | the IAM actions that a record asks for |
//! | `stack`, `kinds` | what CloudFormation needs for a stack's resources, when it has no role of its own |
//! | `tools` | tools that call AWS by themselves |
//! | `resource` | the ARN that a call is about |
//! | `policy` | the least policy that covers needs |
//! | `glob` | patterns with pieces that are not known, compared |
//! | `template`, `value` | the role and its statements in a CloudFormation template |
//! | `managed` | AWS's own policies, where their content is certain |
//! | `judge` | what a role surely lacks |
//!
//! Owns: putting these together. The account and the region of a rehearsal need not be those of the template: neither
//! counts when a need is compared with a role. Whatever cannot be known is not judged, and listed as such. What grants rights from
//! outside of the template (policies attached by hand, policies of buckets and keys, service control policies) is not
//! seen.

mod glob;
mod judge;
mod kinds;
mod managed;
mod need;
mod policy;
mod resource;
mod stack;
#[cfg(test)]
mod stack_tests;
mod template;
#[cfg(test)]
mod tests;
mod tools;
mod value;

pub use judge::{Judged, judge};
pub use need::{Asked, Need, Needs};
pub use policy::policy;
pub use resource::Resource;
pub use template::{Found, Templates};
