//! AWS as builds meet it here: a server on loopback that records every call and answers what builds need to go on, and
//! stand-ins for the tools that would act on something real.
//!
//! | file | owns |
//! | --- | --- |
//! | `call` | a call, understood, and what can be said to it |
//! | [`catalog`] | AWS's services and operations as they appear on the wire |
//! | `desk` | what one session knows and keeps: its keys, what runs, the record |
//! | `effect` | what commands asked for and what became of it: the record |
//! | `stack_change` | what a change of a stack did to its resources, for the record |
//! | `account` | the record summed up: what would have happened |
//! | `endpoint` | the server on loopback: the wire, who may ask, the way out |
//! | `loopback` | the endpoint of one execution, started when it is needed |
//! | `world` | what answers are made from: account, stand-ins, buckets, things made in this execution |
//! | `shims` | stand-ins for the tools that would act on something real: what is run, and what only recorded |
//! | `answer_files` | the answers that rehearsal.yml gives: what is wrong with them, and reading them |
//! | `answers` | one file per service; `mod` is the one list of them |
//! | `forward` | calls that `--allow` lets through, signed with a profile of the user |
//! | `permissions` | the IAM policy that the record asks for, compared with a template's role |
//!
//! One endpoint serves one execution, one session one action of it. Nothing here reaches AWS; what `--allow` lets
//! through goes out by [`Forward`], with keys that never come near a build.

mod account;
mod answer_files;
mod answers;
mod call;
pub mod catalog;
mod desk;
mod effect;
mod endpoint;
pub mod forward;
mod loopback;
pub mod permissions;
pub mod shims;
mod stack_change;
mod world;

pub use account::Account;
pub use answer_files::{AnswerPlace, Content, judge_answers, load_answers};
pub use answers::operations as answered_operations;
pub use call::{Answer, ApiError, Body, Call, Forward, Payload, Protocol};
pub use desk::{Desk, MASK};
pub use effect::{Deed, Effect, Handling, Home, Subject, read as read_effects};
pub use endpoint::{
    Endpoint, Place, Reach, Registries, Session, Tools, Upstream, Upstreams, WayOut, registries,
};
pub use loopback::{Loopback, Outside, Visit};
pub use stack_change::{ResourceChange, ResourceTraits, StackChange, Step};
pub use world::{AnswerFile, Made, Values, World, placeholder, placeholder_read};
