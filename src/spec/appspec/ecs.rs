//! The service that an appspec of the ECS platform deploys (codedeploy.md 5).

use super::read::URL;
use super::section::{Section, is_quoted};
use crate::diagnostic::{Finding, Severity};
use crate::spec::pipeline::wrong_arn;
use crate::spec::reading::{Reader, head, place, replace};
use crate::spec::spelling::{nearest, rename};
use crate::syntax::{Entry, Kind};

pub(super) const PROPERTIES: [&str; 5] = [
    "TaskDefinition",
    "LoadBalancerInfo",
    "PlatformVersion",
    "NetworkConfiguration",
    "CapacityProviderStrategy",
];

/// Its properties.
pub(super) fn properties<'t>(reader: &mut Reader<'t>, properties: &Section<'t>) {
    task_definition(reader, properties);
    let help = "write `LoadBalancerInfo:` and below it ContainerName and ContainerPort";
    let of_balancer = ["ContainerName", "ContainerPort"];
    let strays = properties.strays(reader, "LoadBalancerInfo", &of_balancer);
    if !strays
        && let Some(entry) = properties.needed(reader, "LoadBalancerInfo", help)
        && let Some(balancer) = properties.below(reader, entry, "LoadBalancerInfo")
    {
        balancer.needed_text(reader, "ContainerName", "write the name of a container of the task definition");
        if balancer.needed(reader, "ContainerPort", "write the port that the container listens on").is_some()
        {
            port(reader, &balancer);
        }
        balancer.unknown(reader, &["ContainerName", "ContainerPort"]);
    }
    platform_version(reader, properties);
    if let Some(entry) = properties.entry("NetworkConfiguration")
        && let Some(network) = properties.below(reader, entry, "NetworkConfiguration")
    {
        let help = "write `AwsvpcConfiguration:` and below it Subnets, SecurityGroups and AssignPublicIp";
        if let Some(entry) = network.needed(reader, "AwsvpcConfiguration", help)
            && let Some(vpc) = network.below(reader, entry, "AwsvpcConfiguration")
        {
            vpc_settings(reader, &vpc);
        }
        network.unknown(reader, &["AwsvpcConfiguration"]);
    }
    strategy(reader, properties);
    let strays: &[&str] = if strays { &of_balancer } else { &[] };
    properties.unknown(reader, &[&PROPERTIES, strays].concat());
}

/// A whole ARN, unless something else writes it in later, as CodePipeline and the action for GitHub do: so another text is
/// no error.
fn task_definition<'t>(reader: &mut Reader<'t>, properties: &Section<'t>) {
    let help = "write the ARN of the task definition; CodePipeline writes it in for `<TASK_DEFINITION>`";
    let Some(entry) = properties.needed(reader, "TaskDefinition", help) else { return };
    // A star is no sign of a text that is still to be written in here.
    let written = entry.value.text().unwrap_or_default().trim();
    let parts: Vec<_> = written.splitn(6, ':').collect();
    if let ["arn", _, "ecs", region, account, resource] = parts[..]
        && (region.is_empty() || account.is_empty() || resource.ends_with(":*"))
        && !written.contains(['<', '$', '{'])
    {
        let message =
            format!("`TaskDefinition` is {written}: an ARN has a region, an account and a number at its end");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "not a whole ARN");
        let help = "write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION";
        return reader.push(finding.help(help).url(URL));
    }
    let Some(text) = properties.text(reader, entry, "TaskDefinition") else { return };
    if let Some((why, _)) =
        wrong_arn(text, &["ecs"]).filter(|_| text.starts_with("arn:") && parts.get(2) != Some(&"ecs"))
    {
        let message = format!("`TaskDefinition` {why}: {text}");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "no task definition");
        let help = "write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION";
        return reader.push(finding.help(help).url(URL));
    }
    if !(text.starts_with("arn:") && text.contains(":task-definition/")) {
        let message = format!("`TaskDefinition` is {text}, which is no ARN of a task definition");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "not an ARN");
        let help = "write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION, or `<TASK_DEFINITION>` for \
                    CodePipeline to write it in";
        reader.push(finding.help(help).url(URL));
    }
}

/// The only value that is no text.
fn port<'t>(reader: &mut Reader<'t>, balancer: &Section<'t>) {
    let port = balancer.number(reader, "ContainerPort", 1, 65_535);
    let Some((entry, port)) = balancer.entry("ContainerPort").zip(port) else { return };
    if is_quoted(entry) {
        let message = format!("`{}` is a text; it is a number", balancer.path("ContainerPort"));
        let finding =
            reader.warning("wrong-kind", message, entry.value.span(), "a text, because of the quotes");
        let fix = replace(entry.value.span(), port.to_string());
        reader.push(
            finding.help(format!("write {port} without quotes")).fix("Remove the quotes", fix).url(URL),
        );
    }
}

fn platform_version<'t>(reader: &mut Reader<'t>, properties: &Section<'t>) {
    let Some(entry) = properties.optional(reader, "PlatformVersion") else { return };
    let Some(text) = properties.text(reader, entry, "PlatformVersion") else { return };
    let parts: Vec<_> = text.split('.').collect();
    let is_number = parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok());
    if text != "LATEST" && !is_number {
        let message = format!("`PlatformVersion` is {text}; Fargate has none of that name");
        let span = head(entry.value.source(), place(entry));
        let finding = reader.warning("invalid-value", message, span, "no version of the platform");
        reader.push(finding.help("write LATEST, or a version such as \"1.4.0\"").url(URL));
    }
}

/// All three, or none of them.
fn vpc_settings<'t>(reader: &mut Reader<'t>, vpc: &Section<'t>) {
    const ALL: [&str; 3] = ["Subnets", "SecurityGroups", "AssignPublicIp"];
    for key in ALL {
        let help = "Subnets, SecurityGroups and AssignPublicIp are given together, or not at all";
        let Some(entry) = vpc.needed(reader, key, help) else { continue };
        if key != "AssignPublicIp" {
            if entry.value.kind() != Kind::Sequence {
                let is_known = entry.value.text().is_none_or(|text| !super::section::is_placeholder(text));
                if is_known {
                    let before = reader.count();
                    reader.wrong_kind(&vpc.path(key), entry, "a list");
                    reader.help_since(before, "put it in brackets: `[…]`");
                }
            } else if entry.value.items().len() == 0 {
                let message = format!("`{}` is an empty list", vpc.path(key));
                reader.push(
                    reader
                        .error("missing-key", message, entry.key.span(), "nothing here")
                        .help(help)
                        .url(URL),
                );
            }
            let prefix = if key == "Subnets" { "subnet-" } else { "sg-" };
            for (index, value) in entry.value.items().enumerate() {
                identifier(
                    reader,
                    &format!("{}[{index}]", vpc.path(key)),
                    Entry { key: entry.key, value },
                    prefix,
                );
            }
            continue;
        }
        let known = ["ENABLED", "DISABLED"];
        let Some(text) = vpc.text(reader, entry, key).filter(|text| !known.contains(text)) else { continue };
        let message = format!("`{}` is {text}; it is ENABLED or DISABLED", vpc.path(key));
        let span = head(entry.value.source(), place(entry));
        let finding = reader.error("invalid-value", message, span, "unknown value");
        let finding = match nearest(text, &known) {
            Some(meant) => rename(finding, entry.value.span(), &known, meant, false),
            None => finding.help("write ENABLED or DISABLED"),
        };
        reader.push(finding.url(URL));
    }
    vpc.unknown(reader, &ALL);
}

/// The id of a subnet or of a security group.
fn identifier<'t>(reader: &mut Reader<'t>, path: &str, item: Entry<'t>, prefix: &str) {
    if item.value.kind() != Kind::Scalar {
        return reader.wrong_kind(path, item, "a single value");
    }
    let text = item.value.text().unwrap_or_default().trim();
    // What another tool replaces may look like anything.
    let is_other = ["acl-", "eni-", "igw-", "sg-", "subnet-", "vpc-"]
        .iter()
        .any(|other| *other != prefix && text.starts_with(other));
    let is_sure = text.is_empty() || text.contains(' ');
    if super::section::is_placeholder(text) || !is_sure && !is_other {
        return;
    }
    let span = head(item.value.source(), place(item));
    let span = if span.is_empty() { item.key.span() } else { span };
    let message = if text.is_empty() {
        format!("`{path}` is empty")
    } else {
        format!("`{path}` is `{text}`, which is no id: those begin with `{prefix}`")
    };
    let finding = reader.error("invalid-value", message, span, "not an id");
    let finding = if text.contains(" - ") {
        finding.help("the next line is a part of this item: give both the same depth")
    } else {
        finding
    };
    let severity = if is_sure { Severity::Error } else { Severity::Warning };
    reader.push(Finding { severity, ..finding }.url(URL));
}

/// `CapacityProviderStrategy`: one base, and some weight.
fn strategy<'t>(reader: &mut Reader<'t>, properties: &Section<'t>) {
    const KEY: &str = "CapacityProviderStrategy";
    let Some(entry) = properties.entry(KEY) else { return };
    if entry.value.kind() != Kind::Sequence {
        let before = reader.count();
        reader.wrong_kind(&properties.path(KEY), entry, "a list");
        reader.help_since(before, "write a list below it: `- CapacityProvider: FARGATE`");
        return;
    }
    let (mut based, mut weights) = (None, Vec::new());
    for (index, item) in entry.value.items().enumerate() {
        let path = format!("{}[{index}]", properties.path(KEY));
        if item.kind() != Kind::Mapping {
            reader.wrong_kind(&path, Entry { key: entry.key, value: item }, "a mapping");
            continue;
        }
        let provider = Section::of(item, path, head(item.source(), item.span()));
        provider.needed_text(reader, "CapacityProvider", "write the name of a capacity provider");
        let base = provider.number(reader, "Base", 0, u64::MAX);
        weights.push(weight(reader, &provider));
        if let (Some(base), Some(written)) = (base.filter(|base| *base > 0), provider.entry("Base")) {
            if let Some(first) = based {
                let message = format!("{base} is a second base; one provider may have one");
                let finding = reader.error("invalid-value", message, place(written), "again here");
                reader.push(finding.label(first, "the first one").url(URL));
            } else {
                based = Some(place(written));
            }
        }
        provider.unknown(reader, &["CapacityProvider", "Base", "Weight"]);
    }
    // A weight that cannot be read is not zero.
    if weights.len() > 1 && weights.iter().all(|weight| *weight == Some(0)) {
        let message = format!("no provider of `{}` has a weight above zero", properties.path(KEY));
        let finding = reader.error("invalid-value", message, entry.key.span(), "no task would be placed");
        reader.push(finding.help("write `Weight: 1` for one of them").url(URL));
    }
}

/// The weight of a provider, zero unless written; none when it is not known.
fn weight<'t>(reader: &mut Reader<'t>, provider: &Section<'t>) -> Option<u64> {
    match provider.optional(reader, "Weight") {
        Some(_) => provider.number(reader, "Weight", 0, u64::MAX),
        None => Some(0),
    }
}
