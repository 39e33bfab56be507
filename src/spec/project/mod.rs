//! What CodeBuild takes as a project: the constraints of CreateProject, wherever the project is written (a template,
//! rehearsal.yml, what `aws codebuild batch-get-projects` prints).
//!
//! Owns: values of settings and how they go together, in the API's names. Leaves to the readers of those files: which keys
//! there are, and of which type.

mod environment;
mod sources;

mod webhook;

use super::pipeline::wrong_role;
use super::quotas;
use super::reading::{Reader, place};
use super::settings::{Settings, is_identifier};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Node, Tree};

/// Settings that do not go together.
const TOGETHER: &str = "project-settings";

/// Reads a project that is a tree of its own.
pub(super) fn read(tree: &Tree) -> Vec<Finding> {
    let mut reader = Reader::new(tree, "CodeBuild");
    let project = Settings::of(tree.root(), true);
    own(&mut reader, &project);
    check_all(&mut reader, &project);
    reader.finish(Some(())).findings
}

/// The name and the limits (codebuild.md 3.10, 4.3).
fn own<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let (least, most) = (quotas::PROJECT_NAME_MIN.value, quotas::PROJECT_NAME_MAX.value);
    if let Some(name) = project.text("name") {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let fits = name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(letters)
            && (least as usize..=most as usize).contains(&name.len());
        if !fits {
            let message = format!("`{name}` is no name for a project");
            let finding = project.at(reader, "invalid-value", "name", message, "name");
            let help =
                format!("{least} to {most} letters, digits, - and _, beginning with a letter or digit");
            if let Some(finding) = finding {
                reader.push(finding.help(help));
            }
        }
    }
    // The name of a role is taken as well.
    if let (Some(entry), Some(text)) = (project.entry("serviceRole"), project.text("serviceRole"))
        && let Some((why, severity)) = wrong_role(text).filter(|_| text.starts_with("arn:"))
    {
        let finding = reader.error("invalid-value", format!("`serviceRole` {why}"), place(entry), "no role");
        let finding = finding.help("it looks like arn:aws:iam::111122223333:role/NAME");
        reader.push(Finding { severity, ..finding });
    }
    let bounds = |least: quotas::Quota, most: quotas::Quota| i64::from(least.value)..=i64::from(most.value);
    let timeout = bounds(quotas::BUILD_TIMEOUT_MIN, quotas::BUILD_TIMEOUT_MAX);
    project.range(reader, "timeoutInMinutes", timeout);
    let queued = bounds(quotas::QUEUED_TIMEOUT_MIN, quotas::QUEUED_TIMEOUT_MAX);
    project.range(reader, "queuedTimeoutInMinutes", queued);
    project.range(reader, "concurrentBuildLimit", 1..=i64::MAX);
}

/// Everything but the name and the limits, of a project that need not have all that AWS needs.
pub(super) fn check<'t>(reader: &mut Reader<'t>, node: Node<'t>) {
    check_all(reader, &Settings::of(node, false));
}

fn check_all<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    if let Some(text) = project.text("description")
        && text.chars().count() > quotas::PROJECT_DESCRIPTION.value as usize
    {
        let (count, most) = (text.chars().count(), quotas::PROJECT_DESCRIPTION.value);
        let message = format!("`description` has {count} characters; {most} are allowed");
        project.refuse(reader, "invalid-value", "description", message, "too long");
    }
    project.at_most(reader, "tags", quotas::PROJECT_TAGS.value as usize);
    project.choice(reader, "projectVisibility", &["PUBLIC_READ", "PRIVATE"]);
    environment::check(reader, project);
    sources::check(reader, project);
    webhook::check(reader, project);
    cache(reader, project);
    logs(reader, project);
    network(reader, project);
    file_systems(reader, project);
    lambda(reader, project);
}

/// The type of the environment, when it is known.
fn kind<'t>(project: &Settings<'t>) -> Option<&'t str> {
    project.below("environment")?.text("type")
}

/// `cache` (codebuild.md 3.8).
fn cache<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let Some(cache) = project.below("cache") else { return };
    let kind_of_cache = cache.choice(reader, "type", &["NO_CACHE", "S3", "LOCAL"]);
    let modes = ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"];
    cache.choices(reader, "modes", &modes);
    match kind_of_cache {
        Some("S3") => {
            cache.needs(reader, "location", "a cache in S3 needs a `location`: the bucket, and a prefix");
            if cache.has("modes") {
                warn(reader, &cache, "modes", "`modes` belong to a cache of type LOCAL", "no effect on S3");
            }
        }
        Some("LOCAL") => local_cache(reader, project, &cache),
        _ => {}
    }
}

fn local_cache<'t>(reader: &mut Reader<'t>, project: &Settings<'t>, cache: &Settings<'t>) {
    cache.needs(reader, "modes", "a LOCAL cache needs at least one of its `modes`");
    let Some(environment) = project.below("environment") else { return };
    let has_docker = cache
        .node
        .get("modes")
        .is_some_and(|modes| modes.items().any(|mode| mode.text() == Some("LOCAL_DOCKER_LAYER_CACHE")));
    let is_privileged = environment.is_on("privilegedMode")
        || environment.entry("privilegedMode").is_some_and(|entry| entry.value.is_unknown());
    let is_windows = environment.text("type").is_some_and(|kind| kind.starts_with("WINDOWS"));
    if has_docker && (!is_privileged || is_windows) {
        let message = "`LOCAL_DOCKER_LAYER_CACHE` needs Linux and privileged mode";
        warn(reader, cache, "modes", message, "has no effect");
    }
    let why = if environment.text("type") == Some("LINUX_GPU_CONTAINER") {
        "on LINUX_GPU_CONTAINER"
    } else if environment.text("computeType") == Some("BUILD_GENERAL1_2XLARGE") {
        "on BUILD_GENERAL1_2XLARGE"
    } else if project.below("vpcConfig").is_some_and(|vpc| vpc.text("vpcId").is_some_and(|id| !id.is_empty()))
    {
        "in a VPC"
    } else {
        return;
    };
    warn(reader, cache, "type", format!("there is no local cache {why}"), "has no effect");
}

/// A warning about settings that do not go together: AWS takes them, and does something else.
fn warn<'t>(
    reader: &mut Reader<'t>,
    settings: &Settings<'t>,
    key: &str,
    message: impl Into<String>,
    label: &str,
) {
    if let Some(finding) = settings.at(reader, TOGETHER, key, message, label) {
        reader.push(Finding { severity: Severity::Warning, ..finding });
    }
}

/// `logsConfig`.
fn logs<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let Some(logs) = project.below("logsConfig") else { return };
    let states = ["ENABLED", "DISABLED"];
    if let Some(watch) = logs.below("cloudWatchLogs") {
        watch.choice(reader, "status", &states);
    }
    if let Some(bucket) = logs.below("s3Logs") {
        bucket.choice(reader, "bucketOwnerAccess", &["NONE", "READ_ONLY", "FULL"]);
        let status = bucket.choice(reader, "status", &states);
        if status == Some("ENABLED") {
            bucket.needs(reader, "location", "logs in S3 need a `location`: the bucket, and a prefix");
        }
    }
}

/// `vpcConfig` (codebuild.md 4.1).
fn network<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let Some(vpc) = project.below("vpcConfig") else { return };
    vpc.at_most(reader, "subnets", quotas::SUBNETS.value as usize);
    vpc.at_most(reader, "securityGroupIds", quotas::SECURITY_GROUPS.value as usize);
    let missing: Vec<_> =
        ["vpcId", "subnets", "securityGroupIds"].into_iter().filter(|key| !vpc.has(key)).collect();
    // The CLI prints an empty one for a project that has none.
    if vpc.is_complete() && !missing.is_empty() && missing.len() < 3 {
        let missing: Vec<_> = missing.iter().map(|key| format!("`{key}`")).collect();
        let message = format!("`vpcConfig` has no {}", missing.join(" and no "));
        vpc.refuse(reader, "missing-key", "", message, "all three belong together");
    }
}

/// `fileSystemLocations` (codebuild.md 4.3).
fn file_systems<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    for location in project.each("fileSystemLocations") {
        location.choice(reader, "type", &["EFS"]);
        if let Some(identifier) = location.text("identifier")
            && !is_identifier(identifier, quotas::FILE_SYSTEM_IDENTIFIER.value as usize)
        {
            let message = format!("`{identifier}` is no identifier of a file system");
            let finding = location.at(reader, "invalid-value", "identifier", message, "identifier");
            if let Some(finding) = finding {
                reader.push(finding.help("up to 128 letters, digits and _"));
            }
        }
    }
}

/// What Lambda compute does not have (codebuild.md 5.2).
fn lambda<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    if !kind(project).is_some_and(|kind| kind.ends_with("_LAMBDA_CONTAINER")) {
        return;
    }
    let has_cache =
        project.below("cache").and_then(|cache| cache.text("type")).is_some_and(|kind| kind != "NO_CACHE");
    let has_vpc =
        project.below("vpcConfig").is_some_and(|vpc| vpc.has("vpcId") && vpc.text("vpcId") != Some(""));
    for (key, is_used, what) in [
        ("cache", has_cache, "no cache"),
        ("vpcConfig", has_vpc, "no VPC"),
        ("timeoutInMinutes", project.has("timeoutInMinutes"), "no time limit of one's own: it is 15 minutes"),
        ("queuedTimeoutInMinutes", project.has("queuedTimeoutInMinutes"), "no time limit in the queue"),
        ("fileSystemLocations", !project.each("fileSystemLocations").is_empty(), "no file systems"),
        ("badgeEnabled", project.is_on("badgeEnabled"), "no badges"),
    ] {
        if is_used {
            warn(reader, project, key, format!("Lambda compute has {what}"), "not supported there");
        }
    }
}
