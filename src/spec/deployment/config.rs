//! Deployment configurations (codedeploy.md 7): how many hosts stay healthy, and how traffic moves.

use super::{PLATFORMS, TOGETHER, name};
use crate::diagnostic::Finding;
use crate::spec::quotas;
use crate::spec::reading::Reader;
use crate::spec::settings::Settings;
use crate::syntax::Tree;

/// Reads a deployment configuration that is a tree of its own.
pub(in crate::spec) fn read_config(tree: &Tree) -> Vec<Finding> {
    let mut reader = Reader::new(tree, "CodeDeploy");
    let config = Settings::of(tree.root(), true);
    name(&mut reader, &config, "deploymentConfigName");
    if config.text("deploymentConfigName").is_some_and(|name| name.starts_with("CodeDeployDefault.")) {
        let message = "the name of a configuration of one's own does not begin with `CodeDeployDefault.`";
        config.refuse(&mut reader, "invalid-value", "deploymentConfigName", message, "AWS's own");
    }
    let platform = config.choice(&mut reader, "computePlatform", &PLATFORMS);
    let is_unknown = config.has("computePlatform") && platform.is_none();
    if let Some(hosts) = config.below("minimumHealthyHosts") {
        healthy(&mut reader, &hosts);
    }
    if let Some(zonal) = config.below("zonalConfig") {
        for key in ["monitorDurationInSeconds", "firstZoneMonitorDurationInSeconds"] {
            zonal.range(&mut reader, key, 0..=i64::MAX);
        }
        if let Some(hosts) = zonal.below("minimumHealthyHostsPerZone") {
            healthy(&mut reader, &hosts);
        }
    }
    if let Some(routing) = config.below("trafficRoutingConfig") {
        traffic(&mut reader, &routing);
    }
    let is_server = platform.is_none_or(|platform| platform == "Server");
    let misplaced: &[&str] =
        if is_server { &["trafficRoutingConfig"] } else { &["minimumHealthyHosts", "zonalConfig"] };
    for key in misplaced.iter().filter(|key| config.has(key) && !is_unknown) {
        let platform = platform.unwrap_or("Server");
        let message = format!("a configuration of the {platform} platform has no `{key}`");
        config.refuse(&mut reader, TOGETHER, key, message, "of another platform");
    }
    reader.finish(Some(())).findings
}

/// `minimumHealthyHosts` (codedeploy.md 7.1).
fn healthy<'t>(reader: &mut Reader<'t>, hosts: &Settings<'t>) {
    match hosts.choice(reader, "type", &["HOST_COUNT", "FLEET_PERCENT"]) {
        Some("FLEET_PERCENT") => hosts.range(reader, "value", 0..=99),
        _ => hosts.range(reader, "value", 0..=i64::MAX),
    };
}

/// `trafficRoutingConfig` (codedeploy.md 7.3).
fn traffic<'t>(reader: &mut Reader<'t>, routing: &Settings<'t>) {
    let kind = routing.choice(reader, "type", &["TimeBasedCanary", "TimeBasedLinear", "AllAtOnce"]);
    let longest = i64::from(quotas::SHIFT_SPAN.value);
    let share = 1..=i64::from(quotas::SHIFT_SHARE.value);
    for (own, key, words) in [
        ("TimeBasedCanary", "timeBasedCanary", ["canaryPercentage", "canaryInterval"]),
        ("TimeBasedLinear", "timeBasedLinear", ["linearPercentage", "linearInterval"]),
    ] {
        let Some(kind) = kind else { return };
        match routing.below(key) {
            // With what belongs to the other type that is told.
            None if kind == own
                && !["timeBasedCanary", "timeBasedLinear"].iter().any(|key| routing.has(key)) =>
            {
                routing.needs(reader, key, format!("routing of type {own} needs `{key}`"));
            }
            Some(_) if kind != own => {
                let message = format!("`{key}` belongs to the type {own}");
                routing.refuse(reader, TOGETHER, key, message, format!("the type is {kind}"));
            }
            Some(steps) => {
                let percent = steps.range(reader, words[0], share.clone());
                let interval = steps.range(reader, words[1], 0..=longest);
                if let (Some(percent), Some(interval), "TimeBasedLinear") = (percent, interval, own) {
                    let span = (100 + percent - 1) / percent - 1;
                    if span.saturating_mul(interval) > longest {
                        let minutes = span * interval;
                        let message = format!("the shift takes {minutes} minutes; {longest} are allowed");
                        steps.refuse(reader, "invalid-value", words[1], message, "too long");
                    }
                }
            }
            None => {}
        }
    }
}
