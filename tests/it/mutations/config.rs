//! Mistakes in rehearsal.yml (design 6).

use super::plant::Op;
use super::{Kind, kind};

pub(super) const KINDS: &[Kind] = &[
    kind("a misspelt key", "projects", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key", "gates", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of a project", "projects/*/timeoutInMinutes", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of a gate", "gates/*/unit", Op::KeyTypo, "unknown-key").also(&["missing-key"]),
    kind(
        "a build's limit below what AWS takes",
        "projects/*/timeoutInMinutes",
        Op::Value("4"),
        "invalid-value",
    ),
    kind(
        "a build's limit above what AWS takes",
        "projects/*/timeoutInMinutes",
        Op::Value("2161"),
        "invalid-value",
    ),
    kind(
        "an image that AWS has not",
        "projects/*/environment/image",
        Op::Value("aws/codebuild/standrad:7.0"),
        "curated-image",
    ),
    kind("another sandbox", "sandbox", Op::Value("jail"), "invalid-value"),
    kind("a list for `projects` of a text", "projects", Op::Value("service"), "wrong-kind"),
    kind("a project without a name", "projects/*/name", Op::Remove, "missing-key"),
    kind("a quota that is none", "quotas/*", Op::Key("codebuild.concurent-builds"), "unknown-key"),
];
