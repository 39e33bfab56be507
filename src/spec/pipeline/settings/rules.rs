//! The keys of `configuration` of a rule in a condition (codepipeline.md 4.9).

use super::Value::{Number, Text, Word, Words};
use super::{CODEBUILD, LAMBDA, Setting, Settings, may, needs};

const VARIABLE_CHECK: &[Setting] = &[
    needs("Variable", Text),
    needs("Operator", Word(&["EQ", "NE", "CONTAINS", "MATCHES"])),
    needs("Value", Text),
];

const ALARM: &[Setting] = &[
    needs("AlarmName", Text),
    may("AlarmStates", Words(&["ALARM", "OK", "INSUFFICIENT_DATA"])),
    may("WaitTime", Number(0, u32::MAX)),
];

const WINDOW: &[Setting] = &[needs("Cron", Text), may("TimeZone", Text)];

/// The settings of a rule's provider (codepipeline.md 4.9); whatever the provider, there are some or none.
pub(in crate::spec) fn of_rule(provider: &str) -> Settings {
    let (keys, has_others) = match provider {
        "VariableCheck" => (VARIABLE_CHECK, false),
        "LambdaInvoke" => (LAMBDA, false),
        "CloudWatchAlarm" => (ALARM, false),
        "DeploymentWindow" => (WINDOW, false),
        "CodeBuild" => (CODEBUILD, false),
        _ => (&[] as &[Setting], true),
    };
    Settings { keys, has_others }
}
