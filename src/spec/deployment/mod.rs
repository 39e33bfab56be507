//! What CodeDeploy takes as an application, a deployment group and a deployment configuration (codedeploy.md 7, 10).
//!
//! Owns: values of settings and how they go together, in the API's names, wherever they are written. Leaves to the readers
//! of those files: which keys there are, and of which type.

mod config;

pub(super) use config::read_config;

use super::quotas;
use super::reading::{Reader, head, place};
use super::settings::Settings;
use super::spelling::nearest;
use crate::diagnostic::Finding;
use crate::syntax::{Node, Tree};

/// Settings that do not go together.
const TOGETHER: &str = "deployment-settings";

const PLATFORMS: [&str; 3] = ["Server", "Lambda", "ECS"];
const ROLLBACK_EVENTS: [&str; 3] =
    ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
const TRIGGER_EVENTS: [&str; 10] = [
    "DeploymentStart",
    "DeploymentSuccess",
    "DeploymentFailure",
    "DeploymentStop",
    "DeploymentRollback",
    "DeploymentReady",
    "InstanceStart",
    "InstanceSuccess",
    "InstanceFailure",
    "InstanceReady",
];
/// The configurations that there are without making one (codedeploy.md 7.1, 7.3).
const PREDEFINED: [&str; 17] = [
    "CodeDeployDefault.OneAtATime",
    "CodeDeployDefault.HalfAtATime",
    "CodeDeployDefault.AllAtOnce",
    "CodeDeployDefault.LambdaAllAtOnce",
    "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "CodeDeployDefault.LambdaCanary10Percent30Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
];

/// Reads an application that is a tree of its own.
pub(super) fn read_application(tree: &Tree) -> Vec<Finding> {
    let mut reader = Reader::new(tree, "CodeDeploy");
    let application = Settings::of(tree.root(), true);
    name(&mut reader, &application, "applicationName");
    let before = reader.count();
    application.choice(&mut reader, "computePlatform", &PLATFORMS);
    let is_ec2 =
        application.text("computePlatform").is_some_and(|text| text.to_ascii_uppercase().contains("EC2"));
    if is_ec2 {
        reader.advise_since(before, "write `Server`: EC2 and machines of your own");
    }
    reader.finish(Some(())).findings
}

/// The role of a group is named by its ARN.
fn role<'t>(reader: &mut Reader<'t>, group: &Settings<'t>) {
    let (Some(entry), Some(text)) = (group.entry("serviceRoleArn"), group.text("serviceRoleArn")) else {
        return;
    };
    if let Some((why, severity)) = super::pipeline::wrong_role(text) {
        let finding =
            reader.error("invalid-value", format!("`serviceRoleArn` {why}"), place(entry), "no role");
        let finding = finding.help("it looks like arn:aws:iam::111122223333:role/NAME");
        reader.push(Finding { severity, ..finding }.aws("InvalidRoleException"));
    }
}

/// Reads a deployment group that is a tree of its own. `platform` is its application's, when that is known.
pub(super) fn read_group(tree: &Tree, platform: Option<&str>) -> Vec<Finding> {
    let mut reader = Reader::new(tree, "CodeDeploy");
    let group = Settings::of(tree.root(), true);
    name(&mut reader, &group, "applicationName");
    name(&mut reader, &group, "deploymentGroupName");
    role(&mut reader, &group);
    let platform = platform.filter(|platform| !of_other_platform(&mut reader, &group, platform));
    check_settings(&mut reader, &group, platform);
    style(&mut reader, &group, platform);
    configuration(&mut reader, &group, platform);
    if let Some(rollback) = group.below("autoRollbackConfiguration") {
        let events = rollback
            .entry("events")
            .filter(|events| events.value.is_unknown() || events.value.items().len() > 0);
        if rollback.is_on("enabled") && events.is_none() {
            let message = "`autoRollbackConfiguration` is enabled for no event";
            rollback.refuse(
                &mut reader,
                "invalid-value",
                "events",
                message,
                "InvalidAutoRollbackConfigException",
            );
        }
        rollback.choices(&mut reader, "events", &ROLLBACK_EVENTS);
        let mut stops = rollback.node.get("events").into_iter().flat_map(Node::items);
        let on_alarm = stops.find(|event| event.text() == Some("DEPLOYMENT_STOP_ON_ALARM"));
        if let Some(event) = on_alarm.filter(|_| !group.has("alarmConfiguration")) {
            let message = "a rollback on alarms, and no `alarmConfiguration`";
            let span = head(event.source(), event.span());
            reader.push(reader.warning(TOGETHER, message, span, "never happens"));
        }
    }
    needed(&mut reader, &group, platform);
    reader.finish(Some(())).findings
}

/// What selects servers.
const SELECTIONS: [&str; 5] =
    ["ec2TagFilters", "ec2TagSet", "autoScalingGroups", "onPremisesInstanceTagFilters", "onPremisesTagSet"];

/// Whether all of a group is for servers, and its application is of another platform: then that is said, once.
fn of_other_platform<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: &str) -> bool {
    let selection = SELECTIONS.iter().find(|key| group.entry(key).is_some_and(|e| e.value.items().len() > 0));
    let Some(selection) = selection.filter(|_| ["Lambda", "ECS"].contains(&platform)) else { return false };
    let of_servers =
        ["CodeDeployDefault.OneAtATime", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.AllAtOnce"];
    let configuration = group.text("deploymentConfigName").filter(|name| of_servers.contains(name));
    if configuration.is_none() || group.has("ecsServices") {
        return false;
    }
    let message = format!("the application is of {platform}, and this group is for servers");
    if let Some(entry) = group.entry(selection) {
        let finding = reader.error(TOGETHER, message, entry.key.span(), "selects servers");
        let help =
            format!("write `ComputePlatform: Server` for the application, or what a group of {platform} has");
        reader.push(finding.help(help));
    }
    true
}

/// What a group of a platform cannot do without (codedeploy.md 1, 10, 14).
fn needed<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    let Some(platform) = platform.filter(|_| group.is_complete()) else { return };
    let style = group.below("deploymentStyle");
    let is_blue_green = style.as_ref().and_then(|style| style.text("deploymentType")) == Some("BLUE_GREEN");
    let options = "blueGreenDeploymentConfiguration";
    let keys: &[&str] = match platform {
        "ECS" => &["ecsServices", "loadBalancerInfo", options],
        "Server" if is_blue_green => &[options],
        _ => &[],
    };
    let missing: Vec<_> = keys.iter().filter(|key| !group.has(key)).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        let message = format!("a blue/green group of the {platform} platform needs {}", missing.join(", "));
        group.refuse(reader, TOGETHER, "", message, "not in this group");
    }
    let is_server = platform == "Server";
    if let Some(info) = group.below("loadBalancerInfo").filter(|_| platform == "ECS")
        && !info.has("targetGroupPairInfoList")
        && ["elbInfoList", "targetGroupInfoList"].iter().any(|key| info.has(key))
    {
        let message = "the tasks of ECS move between the two groups of `targetGroupPairInfoList`";
        info.refuse(reader, TOGETHER, "", message, "for servers");
    }
    if !is_server && !group.has("deploymentStyle") {
        let message = format!(
            "a deployment of the {platform} platform is BLUE_GREEN; without `deploymentStyle` it is IN_PLACE"
        );
        if let Some(finding) = group.at(reader, TOGETHER, "", message, "no `deploymentStyle` here") {
            let finding = Finding { severity: crate::diagnostic::Severity::Warning, ..finding };
            reader.push(
                finding.help("add `deploymentType: BLUE_GREEN` and `deploymentOption: WITH_TRAFFIC_CONTROL`"),
            );
        }
    }
    if let Some(entry) = group.entry("ecsServices").filter(|_| platform != "ECS") {
        let message = format!("`ecsServices` are of the ECS platform; the application is of {platform}");
        reader.push(reader.warning(TOGETHER, message, entry.key.span(), format!("not for {platform}")));
    }
    for key in SELECTIONS {
        if !is_server && let Some(entry) = group.entry(key).filter(|entry| entry.value.items().len() > 0) {
            let message = format!("`{key}` selects servers; the application is of {platform}");
            reader.push(reader.warning(TOGETHER, message, entry.key.span(), format!("not for {platform}")));
        }
    }
}

/// Everything but names, the configuration and rollbacks, of a group that need not have all that AWS needs.
pub(super) fn check<'t>(reader: &mut Reader<'t>, node: Node<'t>) {
    check_settings(reader, &Settings::of(node, false), None);
}

/// Only servers are deployed to in place (codedeploy.md 1).
fn style<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    let Some(platform) = platform.filter(|platform| ["Lambda", "ECS"].contains(platform)) else { return };
    if let Some(style) = group.below("deploymentStyle")
        && style.text("deploymentType") == Some("IN_PLACE")
    {
        let message = format!("a deployment of the {platform} platform is BLUE_GREEN");
        style.refuse(reader, TOGETHER, "deploymentType", message, format!("not for {platform}"));
    }
}

fn check_settings<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    if let Some(style) = group.below("deploymentStyle") {
        style.choice(reader, "deploymentType", &["IN_PLACE", "BLUE_GREEN"]);
        style.choice(reader, "deploymentOption", &["WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL"]);
    }
    group.choice(reader, "outdatedInstancesStrategy", &["UPDATE", "IGNORE"]);
    instances(reader, group);
    alarms(reader, group);
    for trigger in group.each("triggerConfigurations") {
        trigger.choices(reader, "triggerEvents", &TRIGGER_EVENTS);
    }
    balancers(reader, group, platform);
    blue_green(reader, group, platform);
}

/// Which instances: filters or sets, not both (codedeploy.md 10).
fn instances<'t>(reader: &mut Reader<'t>, group: &Settings<'t>) {
    for (filters, set, list) in [
        ("ec2TagFilters", "ec2TagSet", "ec2TagSetList"),
        ("onPremisesInstanceTagFilters", "onPremisesTagSet", "onPremisesTagSetList"),
    ] {
        let says = |key: &str| {
            let entry = group.entry(key);
            entry.is_some_and(|entry| entry.value.items().len() > 0 || entry.value.entries().next().is_some())
        };
        if says(filters)
            && says(set)
            && let (Some(one), Some(other)) = (group.entry(filters), group.entry(set))
        {
            let message = format!("`{filters}` and `{set}` stand together");
            let finding = reader.error(TOGETHER, message, other.key.span(), "only one of them is allowed");
            reader.push(finding.label(one.key.span(), "the other one"));
        }
        let known = ["KEY_ONLY", "VALUE_ONLY", "KEY_AND_VALUE"];
        for filter in group.each(filters) {
            filter.choice(reader, "type", &known);
        }
        let Some(set) = group.below(set) else { continue };
        set.at_most(reader, list, quotas::TAG_GROUPS.value as usize);
        for filters in set.node.get(list).into_iter().flat_map(Node::items) {
            let (count, most) = (filters.items().len(), quotas::GROUP_TAGS.value as usize);
            if count > most {
                let message = format!("a group of `{}` has {count} tags; {most} are allowed", set.path(list));
                let span = head(filters.source(), filters.span());
                reader.push(reader.error("too-many", message, span, "too many"));
            }
            for filter in filters.items() {
                set.beside(filter).choice(reader, "type", &known);
            }
        }
    }
    group.at_most(reader, "autoScalingGroups", quotas::SCALING_GROUPS.value as usize);
}

/// `alarmConfiguration` (codedeploy.md 10.2).
fn alarms<'t>(reader: &mut Reader<'t>, group: &Settings<'t>) {
    let Some(alarms) = group.below("alarmConfiguration") else { return };
    alarms.at_most(reader, "alarms", quotas::ALARMS.value as usize);
    let is_empty = alarms
        .entry("alarms")
        .is_none_or(|entry| !entry.value.is_unknown() && entry.value.items().len() == 0);
    if alarms.is_on("enabled") && is_empty {
        let message = "`alarmConfiguration` is enabled without an alarm";
        alarms.refuse(reader, TOGETHER, "enabled", message, "InvalidAlarmConfigException");
    }
    let mut names = std::collections::HashMap::new();
    for alarm in alarms.each("alarms") {
        let (Some(name), Some(entry)) = (alarm.text("name"), alarm.entry("name")) else { continue };
        if name.chars().count() > 255 {
            alarm.refuse(
                reader,
                "invalid-value",
                "name",
                "the name of an alarm has up to 255 characters",
                "too long",
            );
        }
        if let Some(first) = names.insert(name, place(entry)) {
            let message = format!("the alarm `{name}` stands twice");
            let finding = reader.error("invalid-value", message, place(entry), "again here");
            reader.push(finding.label(first, "first here"));
        }
    }
}

/// `loadBalancerInfo` (codedeploy.md 10). Lambda's traffic is that of an alias, which needs no balancer.
fn balancers<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    let style = group.below("deploymentStyle");
    let with_control = style.as_ref().and_then(|style| style.text("deploymentOption"));
    let in_place = style.as_ref().and_then(|style| style.text("deploymentType")) == Some("IN_PLACE");
    // Of ECS it is told with all that it needs.
    // Only servers have a fleet.
    let options = group.below("blueGreenDeploymentConfiguration");
    let has_fleet = options.is_some_and(|options| options.has("greenFleetProvisioningOption"));
    let needs_one = in_place || platform == Some("Server") || platform.is_none() && has_fleet;
    let Some(info) = group.below("loadBalancerInfo") else {
        if needs_one
            && with_control == Some("WITH_TRAFFIC_CONTROL")
            && group.is_complete()
            && !group.has("loadBalancerInfo")
        {
            let message = "WITH_TRAFFIC_CONTROL needs `loadBalancerInfo`";
            if let Some(style) = style {
                style.refuse(reader, TOGETHER, "deploymentOption", message, "whose traffic?");
            }
        }
        return;
    };
    info.at_most(reader, "elbInfoList", 10);
    info.at_most(reader, "targetGroupInfoList", 10);
    info.at_most(reader, "targetGroupPairInfoList", 1);
    for pair in info.each("targetGroupPairInfoList") {
        let Some(groups) = pair.entry("targetGroups").filter(|entry| !entry.value.is_unknown()) else {
            continue;
        };
        let items = groups.value.items();
        let count = items.len();
        if count != 2 && !groups.value.items().any(Node::is_unknown) {
            let message = format!("`targetGroups` has {count} entries; a pair has 2");
            reader.push(reader.error("invalid-value", message, groups.key.span(), "blue and green"));
        }
        for key in ["prodTrafficRoute", "testTrafficRoute"] {
            if let Some(route) = pair.below(key) {
                route.at_most(reader, "listenerArns", quotas::LISTENERS.value as usize);
            }
        }
    }
}

/// `blueGreenDeploymentConfiguration` (codedeploy.md 10.1).
fn blue_green<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    let Some(options) = group.below("blueGreenDeploymentConfiguration") else { return };
    if let Some(fleet) = options.below("greenFleetProvisioningOption") {
        fleet.choice(reader, "action", &["DISCOVER_EXISTING", "COPY_AUTO_SCALING_GROUP"]);
    }
    if let Some(ready) = options.below("deploymentReadyOption") {
        let action = ready.choice(reader, "actionOnTimeout", &["CONTINUE_DEPLOYMENT", "STOP_DEPLOYMENT"]);
        // The longest wait is that of ECS.
        let hours = if platform == Some("Server") {
            quotas::SHIFT_WAIT_EC2.value
        } else {
            quotas::SHIFT_WAIT_ECS.value
        };
        let wait = ready.range(reader, "waitTimeInMinutes", 0..=i64::from(hours) * 60);
        if action == Some("CONTINUE_DEPLOYMENT") && wait.is_some_and(|wait| wait > 0) {
            let message = "`waitTimeInMinutes` is for STOP_DEPLOYMENT: CONTINUE_DEPLOYMENT does not wait";
            if let Some(finding) = ready.at(reader, TOGETHER, "waitTimeInMinutes", message, "no effect") {
                reader.push(Finding { severity: crate::diagnostic::Severity::Warning, ..finding });
            }
        }
    }
    if let Some(blue) = options.below("terminateBlueInstancesOnDeploymentSuccess") {
        blue.choice(reader, "action", &["TERMINATE", "KEEP_ALIVE"]);
        // What the API says; another page says 2800.
        blue.range(reader, "terminationWaitTimeInMinutes", 0..=2880);
    }
    let kind = group.below("deploymentStyle").and_then(|style| style.text("deploymentType"));
    if kind == Some("IN_PLACE")
        && let Some(entry) = group.entry("blueGreenDeploymentConfiguration")
    {
        let message = "`blueGreenDeploymentConfiguration` stands beside an IN_PLACE deployment";
        reader.push(reader.warning(TOGETHER, message, entry.key.span(), "no effect"));
    }
}

/// What the names of predefined configurations begin with.
const DEFAULT: &str = "CodeDeployDefault";

/// A predefined configuration exists, and is of the application's platform.
fn configuration<'t>(reader: &mut Reader<'t>, group: &Settings<'t>, platform: Option<&str>) {
    let (Some(text), Some(entry)) = (group.text("deploymentConfigName"), group.entry("deploymentConfigName"))
    else {
        return;
    };
    // One's own may have a dot as well: a slip is one that has the name of a predefined one behind it.
    let is_slip = text.split_once('.').is_some_and(|(begin, rest)| {
        let is_known =
            PREDEFINED.iter().any(|known| known.split_once('.').is_some_and(|(_, name)| name == rest));
        is_known && nearest(begin, &[DEFAULT]).is_some()
    });
    let is_default = text.strip_prefix(DEFAULT).is_some_and(|rest| rest.starts_with('.'));
    if !is_default && !is_slip {
        return;
    }
    let span = head(entry.value.source(), place(entry));
    if !PREDEFINED.contains(&text) {
        let message = format!("there is no deployment configuration `{text}`");
        let finding = reader.error("invalid-value", message, span, "unknown");
        let finding = match nearest(text, &PREDEFINED) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding,
        };
        reader.push(finding);
        return;
    }
    let of =
        ["Lambda", "ECS"].into_iter().find(|word| text.contains(&format!(".{word}"))).unwrap_or("Server");
    if let Some(platform) = platform.filter(|platform| *platform != of) {
        let message = format!("`{text}` is of the {of} platform; the application is of {platform}");
        reader.push(reader.error(TOGETHER, message, span, format!("not for {platform}")));
    }
}

/// Names have 1 to 100 characters of an alphabet (codedeploy.md 13).
fn name<'t>(reader: &mut Reader<'t>, settings: &Settings<'t>, key: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._+=,@-".contains(c);
    let longest = quotas::DEPLOYMENT_NAME.value;
    let Some(name) = settings.text(key) else { return };
    if name.is_empty() || name.len() > longest as usize || !name.chars().all(allowed) {
        let message = format!("`{name}` is no name for `{key}`");
        if let Some(finding) = settings.at(reader, "invalid-value", key, message, "name") {
            reader.push(finding.help(format!("1 to {longest} letters, digits and . _ + = , @ -")));
        }
    }
}
