//! The keys of `gates` in rehearsal.yml.

use super::json::{Json, object};
use super::{ANY, Section, Together, Value, key, section};

use Value::{List, Made, Said, Whole};

/// A gate.
pub(in crate::spec) const GATE: Section = section!(
    "gate",
    &[
        key("before", Said, "The stage that asks.").required(),
        key("pipeline", Said, "The pipeline; without it every one that has the stage.").filled(),
        key("unit", Value::Section(&TESTS), "Reports of unit tests.").filled(),
        key("integration", Value::Section(&TESTS), "Reports of integration tests.").filled(),
        key("model", Value::Section(&MODEL), "Metrics of a model.").filled(),
    ]
)
.closed()
.together(&[Together::AtLeastOne(&["unit", "integration", "model"])]);

/// `unit` and `integration`.
pub(in crate::spec) const TESTS: Section = section!(
    "tests",
    &[
        key("reports", List(&Value::Section(&REPORT), 1, ANY), "The report groups that count.").required(),
        key("max-failures", Whole(0, ANY), "Failed tests that are let through.").filled().default("0"),
        key("line-coverage", Made(percent), "Percent of lines that must be covered."),
    ]
)
.closed();

fn percent() -> Json {
    object([("type", Json::from("number")), ("minimum", 0.into()), ("maximum", 100.into())])
}

const ACTION: Value = Made(action);

fn action() -> Json {
    object([
        ("type", "string"),
        ("pattern", "^[^/]+/[^/]+$"),
        ("patternErrorMessage", "A stage and an action: Test/Unit"),
    ])
}

/// One of `reports`.
pub(in crate::spec) const REPORT: Section = section!(
    "report",
    &[
        key("action", ACTION, "The action that made the report: STAGE/ACTION.").required(),
        key("group", Said, "The report group of its buildspec.").required(),
    ]
)
.closed();

/// `model`.
pub(in crate::spec) const MODEL: Section = section!(
    "model",
    &[
        key("evaluation", Value::Section(&EVALUATION), "The file with the metrics.").required(),
        key("conditions", List(&Value::Section(&METRIC), 1, ANY), "What the metrics must be; all of it.")
            .required(),
    ]
)
.closed();

/// `evaluation`.
pub(in crate::spec) const EVALUATION: Section = section!(
    "evaluation",
    &[
        key("action", ACTION, "The action that made the file: STAGE/ACTION.").required(),
        key("path", Said, "The file's path inside the action's artifact.").required(),
    ]
)
.closed();

/// One of `conditions` of a model.
pub(in crate::spec) const METRIC: Section = section!(
    "metric",
    &[
        key("metric", Said, "Keys of the file, with dots between them.").required(),
        key("at-least", NUMBER, "The least that is enough."),
        key("at-most", NUMBER, "The most that is enough."),
        key("equals", NUMBER, "What it must be."),
    ]
)
.closed()
.together(&[Together::ExactlyOne(&["at-least", "at-most", "equals"])]);

const NUMBER: Value = Made(|| object([("type", "number")]));
