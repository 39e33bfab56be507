//! Mistakes in pipeline definitions (codepipeline.md 1, 2, 3, 5).

use super::plant::Op;
use super::{Kind, kind};

const STAGE: &str = "pipeline/stages/*";
const ACTION: &str = "pipeline/stages/*/actions/*";

pub(super) const KINDS: &[Kind] = &[
    kind("a misspelt key of a pipeline", "pipeline/executionMode", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of an action", "pipeline/stages/*/actions/*/runOrder", Op::KeyTypo, "unknown-key")
        .also(&["pipeline-artifacts", "pipeline-variables"]),
    kind("a misspelt key of an action", "pipeline/stages/*/actions/*/namespace", Op::KeyTypo, "unknown-key")
        .also(&["pipeline-artifacts", "pipeline-variables"]),
    kind("a misspelt key of a stage", "pipeline/stages/*/onFailure", Op::KeyTypo, "unknown-key"),
    kind(
        "a misspelt key of a trigger",
        "pipeline/triggers/*/gitConfiguration/push",
        Op::KeyTypo,
        "unknown-key",
    )
    .also(&["pipeline-trigger"]),
    kind(
        "a misspelt configuration",
        "pipeline/stages/*/actions/*/configuration/ProjectName",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "no project",
        "pipeline/stages/*/actions/*/configuration/ProjectName",
        Op::Remove,
        "pipeline-configuration",
    ),
    kind("a list for a stage", STAGE, Op::Value("[a]"), "wrong-kind"),
    kind("a text for an action", ACTION, Op::Value("build"), "wrong-kind"),
    kind(
        "a number for a version",
        "pipeline/stages/*/actions/*/actionTypeId/version",
        Op::Value("1"),
        "wrong-kind",
    ),
    kind("another execution mode", "pipeline/executionMode", Op::Value("SERIAL"), "invalid-value"),
    kind("another pipeline type", "pipeline/pipelineType", Op::Value("V3"), "invalid-value"),
    kind(
        "a pipeline of the first type with what only the second has",
        "pipeline/pipelineType",
        Op::Value("V1"),
        "pipeline-structure",
    )
    .on(),
    kind("no name", "pipeline/name", Op::Remove, "missing-key"),
    kind("a stage without a name", "pipeline/stages/*/name", Op::Remove, "missing-key"),
    kind("an action without a name", "pipeline/stages/*/actions/*/name", Op::Remove, "missing-key")
        .also(&["pipeline-trigger"]),
    kind("a name with a space", "pipeline/stages/*/name", Op::Value("My Stage"), "pipeline-name"),
    kind(
        "an action's name with a slash",
        "pipeline/stages/*/actions/*/name",
        Op::Value("a/b"),
        "pipeline-name",
    )
    .also(&["pipeline-trigger"]),
    kind(
        "another owner",
        "pipeline/stages/*/actions/*/actionTypeId/owner",
        Op::Value("Amazon"),
        "invalid-value",
    ),
    kind(
        "an artifact nobody gives",
        "pipeline/stages/*/actions/*/inputArtifacts/*/name",
        Op::Value("Nowhere"),
        "pipeline-artifacts",
    )
    .also(&["pipeline-configuration"]),
    kind(
        "a namespace nobody has",
        "pipeline/stages/*/actions/*/configuration/EnvironmentVariables",
        Op::Value("'[{\"name\":\"A\",\"value\":\"#{Comit.CommitId}\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "a variable nobody declares",
        "pipeline/stages/*/actions/*/configuration/CustomData",
        Op::Value("\"#{variables.STAG}\""),
        "pipeline-variables",
    ),
    kind(
        "a trigger on a source that is not there",
        "pipeline/triggers/*/gitConfiguration/sourceActionName",
        Op::Value("Chekout"),
        "pipeline-trigger",
    ),
    kind("commands that are gone", "pipeline/stages/*/actions/*/commands", Op::Remove, "pipeline-action"),
];
