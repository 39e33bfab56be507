//! Keys of a `configuration` that need each other, or do not go together (codepipeline.md 2.4 to 2.14).
//!
//! Owns: what the keys of one action say together. Leaves to `configuration`: each by itself.

use super::arns::is_open;
use super::configuration::{CODE, Of, missing, refuse};
use super::{Action, Category, json, settings};
use crate::diagnostic::{Finding, Severity};
use crate::spec::reading::{Reader, head, place};
use crate::syntax::Node;

/// Keys that need each other, or do not go together.
pub(super) fn check<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let is = |key: &str, value: &str| action.configuration.get(key).is_some_and(|text| text == value);
    let has = |key: &str| of.has(action, key);
    let entry = |key: &str| node.and_then(|node| node.entry(key));
    match action.provider.as_str() {
        "CodeBuild" => {
            if !has("PrimarySource") && action.input_artifacts.len() > 1 {
                let message = format!("`{}` has several input artifacts and no `PrimarySource`", action.name);
                let finding = reader.error(CODE, message, of.span, "which one holds the buildspec?");
                reader.push(finding.help(format!("add PrimarySource: {}", action.input_artifacts[0])));
            }
            if let Some(entry) = entry("CombineArtifacts").filter(|_| is("CombineArtifacts", "true"))
                && !has("BatchEnabled")
            {
                let message = "`CombineArtifacts` combines the artifacts of a batch, and this is none";
                let finding = reader.warning(CODE, message, entry.key.span(), "has no effect");
                reader.push(finding.help("add BatchEnabled: \"true\""));
            } else if let Some(entry) = entry("CombineArtifacts").filter(|_| is("CombineArtifacts", "true"))
                && action.output_artifacts.len() > 1
            {
                let message = "`CombineArtifacts` makes one artifact of a batch, and this action has several";
                let finding = reader.warning(CODE, message, entry.key.span(), "one output artifact");
                reader.push(finding.help("leave one output artifact, or take CombineArtifacts away"));
            }
        }
        "S3" if is("Extract", "false") && !has("ObjectKey") => {
            missing(reader, of, "ObjectKey", "is required where Extract is false");
        }
        "CloudFormation" => cloudformation(reader, action, of, node),
        "CodeDeployToECS" => {
            for number in 1..=4 {
                let (artifact, container) =
                    (format!("Image{number}ArtifactName"), format!("Image{number}ContainerName"));
                let (with, without) = match (entry(&artifact), entry(&container)) {
                    (Some(entry), None) if !has(&container) => (entry, container),
                    (None, Some(entry)) if !has(&artifact) => (entry, artifact),
                    _ => continue,
                };
                let message =
                    format!("`{}` has no `{without}` beside it", with.key.text().unwrap_or_default());
                let finding = reader.warning(CODE, message, with.key.span(), "has no effect alone");
                reader.push(finding.help(format!("add `{without}`")));
            }
        }
        "CloudFormationStackSet" => {
            for (with, without) in [("DeploymentTargets", "Regions"), ("Regions", "DeploymentTargets")] {
                if let Some(entry) = entry(with).filter(|_| !has(without)) {
                    let message = format!("`{with}` has no `{without}` beside it");
                    let finding = reader.error(CODE, message, entry.key.span(), "they go together");
                    reader.push(finding.help(format!("add `{without}`")));
                }
            }
        }
        "Lambda" if action.category == Category::Deploy => lambda(reader, action, of, node),
        "StepFunctions" => step_functions(reader, action, of, node),
        "ServiceCatalog" if has("ConfigurationFilePath") && has("TemplateFilePath") => {
            if let Some(entry) = entry("TemplateFilePath") {
                let message =
                    "`TemplateFilePath` and `ConfigurationFilePath` say two ways to describe the product";
                let finding = reader.error(CODE, message, entry.key.span(), "one of them");
                reader.push(finding.help("the configuration file names the template"));
            }
        }
        "ServiceCatalog" if node.is_some() => {
            // Either a configuration file says all, or the keys do.
            let wanted: &[&str] = if has("ConfigurationFilePath") {
                &[]
            } else if has("TemplateFilePath") {
                &["ProductVersionName", "ProductType"]
            } else {
                &["ConfigurationFilePath"]
            };
            for key in wanted.iter().filter(|key| !has(key)) {
                let why = match *key {
                    "ConfigurationFilePath" => "is required, or `TemplateFilePath`",
                    _ => "is required beside TemplateFilePath",
                };
                missing(reader, of, key, why);
            }
        }
        "InspectorScan" => inspector(reader, action, of, node),
        "EKS" if node.is_some() => {
            let helm = ["HelmReleaseName", "HelmChartLocation", "HelmValuesFiles"];
            if let Some(entry) = helm.iter().find_map(|key| entry(key)).filter(|_| has("ManifestFiles")) {
                let message = "Helm's keys and `ManifestFiles` say two ways to deploy";
                let finding = reader.error(CODE, message, entry.key.span(), "one of them");
                reader.push(finding.help("keep the Helm chart, or the manifests"));
            } else if !has("ManifestFiles") && helm.iter().all(|key| !has(key)) {
                missing(
                    reader,
                    of,
                    "ManifestFiles",
                    "is required, or `HelmReleaseName` and `HelmChartLocation`",
                );
            } else if !has("ManifestFiles") {
                for key in helm[..2].iter().filter(|key| !has(key)) {
                    missing(reader, of, key, "is required for a Helm chart");
                }
            }
        }
        "EC2" if has("PreScript") || has("PostScript") => {
            for key in ["TargetDirectory", "PostScript"].iter().filter(|key| !has(key)) {
                missing(reader, of, key, "is required for a deployment with scripts");
            }
        }
        "CodeStarSourceConnection" | "CodeCommit" => {
            let named = entry("BranchName").and_then(|entry| Some((entry, entry.value.text()?)));
            if let Some((entry, branch)) = named
                && let Some(short) = branch.strip_prefix("refs/heads/")
            {
                let message = "`BranchName` is the name of a branch, not of its ref";
                let finding = reader.warning(CODE, message, place(entry), "no branch has this name");
                reader.push(finding.help(format!("write {short}")));
            }
        }
        "Commands" => {
            let windows = "WINDOWS_SERVER_2022_CONTAINER";
            let small = is("ComputeType", "BUILD_GENERAL1_SMALL") || !has("ComputeType");
            if let Some(entry) = entry("EnvironmentType").filter(|_| is("EnvironmentType", windows) && small)
            {
                let help = "add ComputeType: BUILD_GENERAL1_MEDIUM";
                refuse(reader, entry, "EnvironmentType", "has no size BUILD_GENERAL1_SMALL", help);
            }
        }
        _ => {}
    }
}

/// Artifacts that CodeBuild gets as secondary ones: their names are identifiers there, which have no `-` (codebuild.md 4.3).
pub(super) fn identifiers(reader: &mut Reader<'_>, action: &Action, node: Node<'_>) {
    if action.provider != "CodeBuild" {
        return;
    }
    let primary = action.configuration.get("PrimarySource").or(action.input_artifacts.first());
    // Which one is the primary may not be known.
    let is_known = primary.is_none_or(|primary| action.input_artifacts.contains(primary));
    let inputs = action.input_artifacts.iter().filter(|name| is_known && Some(*name) != primary);
    let outputs = action.output_artifacts.iter().map(|artifact| &artifact.name);
    let outputs = outputs.filter(|_| action.output_artifacts.len() > 1);
    for (key, name) in
        inputs.map(|name| ("inputArtifacts", name)).chain(outputs.map(|name| ("outputArtifacts", name)))
    {
        if !name.contains('-') {
            continue;
        }
        let mut items = node.get(key).into_iter().flat_map(Node::items);
        let Some(node) = items.find_map(|item| item.get("name").filter(|node| node.text() == Some(name)))
        else {
            continue;
        };
        let message = format!("one of several artifacts of a build needs a name without `-`: `{name}`");
        let finding = reader.error(CODE, message, head(node.source(), node.span()), "has a `-`");
        // Of outputs AWS's own words are known, of inputs what others have met.
        let severity = if key == "outputArtifacts" { Severity::Error } else { Severity::Warning };
        let finding = Finding { severity, ..finding }.help("use letters, digits and _");
        reader.push(finding.aws(
            "Error calling startBuild: Invalid input: identifier must contain only alphanumeric characters and underscores and be \
             less than 128 characters in length",
        ));
    }
}

/// The scan of a source needs it, the scan of an image a repository (codepipeline.md 2.1, 2.13).
fn inspector<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let mode = action.configuration.get("InspectorRunMode").map(String::as_str);
    let Some(entry) = node.and_then(|node| node.entry("InspectorRunMode")) else { return };
    let has_repository = action.configuration.contains_key("ECRRepositoryName");
    match mode {
        Some("ECRImageScan") => {
            if !has_repository {
                missing(reader, of, "ECRRepositoryName", "is required for the scan of an image");
            }
            if !action.input_artifacts.is_empty() {
                let finding = reader.error(
                    CODE,
                    "the scan of an image has no input artifact",
                    place(entry),
                    "an image's",
                );
                reader.push(finding.help("remove `inputArtifacts`"));
            }
        }
        Some("SourceCodeScan") if action.input_artifacts.is_empty() => {
            let finding =
                reader.error(CODE, "the scan of a source has one input artifact", place(entry), "a source's");
            reader.push(finding.help("add `inputArtifacts` with the source"));
        }
        _ => {}
    }
}

/// A version of a function, and how traffic comes to it (codepipeline.md 2.10).
fn lambda<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let has = |key: &str| of.has(action, key);
    let known = |key: &str| {
        let entry = node?.entry(key)?;
        let is_known = |text: &&str| !text.trim().is_empty() && !text.contains("#{") && !is_open(text);
        Some((entry, entry.value.text().filter(is_known)?))
    };
    if let Some((entry, text)) = known("DeployStrategy") {
        match wait_of(text) {
            None => {
                let help =
                    "write AllAtOnce, or the like of Canary10Percent5Minutes or Linear10PercentEvery1Minute";
                refuse(reader, entry, "DeployStrategy", &format!("cannot be `{text}`"), help);
            }
            Some(wait) if wait > LONGEST_SHIFT => {
                let what = format!("takes {wait} minutes; {LONGEST_SHIFT} (two days) are allowed");
                refuse(reader, entry, "DeployStrategy", &what, "take larger steps, or wait less");
            }
            Some(wait) if wait > 0 && !has("FunctionAlias") => {
                missing(reader, of, "FunctionAlias", "is required for a strategy that shifts traffic");
            }
            Some(_) => {}
        }
    }
    if let Some((entry, text)) = known("Alarms") {
        let count = text.split(',').count();
        if count > MOST_ALARMS {
            let message = format!("`Alarms` names {count} alarms; {MOST_ALARMS} are allowed");
            let span = head(entry.value.source(), place(entry));
            reader.push(reader.error("pipeline-limit", message, span, "too many"));
        }
    }
    if action.input_artifacts.is_empty() && !has("PublishedTargetVersion") {
        missing(reader, of, "PublishedTargetVersion", "is required without an input artifact");
    }
}

/// Alarms of a deployment (codepipeline.md 2.10).
const MOST_ALARMS: usize = 10;

/// Minutes that a shift of traffic may wait in all (codepipeline.md 2.10).
const LONGEST_SHIFT: u64 = 2 * 24 * 60;

/// The minutes that a strategy waits in all; none for what is no strategy.
fn wait_of(strategy: &str) -> Option<u64> {
    if strategy == "AllAtOnce" {
        return Some(0);
    }
    let is_linear = strategy.starts_with("Linear");
    let rest = strategy.strip_prefix("Canary").or_else(|| strategy.strip_prefix("Linear"))?;
    let (percent, rest) = rest.split_once("Percent")?;
    let rest = if is_linear { rest.strip_prefix("Every")? } else { rest };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let percent = number(percent).filter(|percent| (1..=100).contains(percent))?;
    let minutes = match rest.strip_suffix("Minutes") {
        Some(minutes) => number(minutes)?,
        // One minute stands in the singular.
        None => number(rest.strip_suffix("Minute")?).filter(|minutes| *minutes == 1)?,
    };
    let waits = if is_linear { 100_u64.div_ceil(percent) - 1 } else { 1 };
    Some(waits.saturating_mul(minutes))
}

/// The input of a state machine: a JSON text, or a file (codepipeline.md 2.13).
fn step_functions<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let entry = |key: &str| node.and_then(|node| node.entry(key));
    match (action.configuration.get("InputType").map(String::as_str), entry("Input")) {
        (Some("FilePath"), input) => {
            if input.is_none() {
                missing(reader, of, "Input", "is required where InputType is FilePath");
            }
            if let Some(entry) = entry("InputType").filter(|_| action.input_artifacts.is_empty()) {
                refuse(reader, entry, "InputType", "needs an input artifact that holds the file", "add it");
            }
        }
        // Of an empty or misspelt `InputType` that is told.
        (None | Some("Literal"), Some(input))
            if input.value.text().is_some() && !input.value.is_blank() && !of.told.contains(&"InputType") =>
        {
            json::any(reader, "Input", input);
        }
        _ => {}
    }
}

/// Which keys a mode needs (codepipeline.md 2.9).
fn cloudformation<'t>(reader: &mut Reader<'t>, action: &Action, of: &Of<'_>, node: Option<Node<'t>>) {
    let has = |key: &str| of.has(action, key);
    let Some(mode) = action.configuration.get("ActionMode").map(String::as_str) else { return };
    if !settings::ACTION_MODES.contains(&mode) {
        return;
    }
    let makes = matches!(mode, "CREATE_UPDATE" | "REPLACE_ON_FAILURE" | "CHANGE_SET_REPLACE");
    let by_change_set = matches!(mode, "CHANGE_SET_REPLACE" | "CHANGE_SET_EXECUTE");
    for (key, needed) in
        [("TemplatePath", makes), ("ChangeSetName", by_change_set), ("RoleArn", mode != "CHANGE_SET_EXECUTE")]
    {
        if needed && !has(key) {
            missing(reader, of, key, &format!("is required for {mode}"));
        }
    }
    if let Some(artifact) = action.output_artifacts.first().filter(|_| !has("OutputFileName")) {
        let message =
            format!("`{}` has the output artifact `{}` and no `OutputFileName`", of.name, artifact.name);
        let finding = reader.warning(CODE, message, of.span, "without a file there is no artifact");
        reader.push(finding.help("add OutputFileName: outputs.json, or remove the artifact"));
    }
    if let Some(entry) = node.and_then(|node| node.entry("OutputFileName"))
        && action.output_artifacts.is_empty()
    {
        let message =
            format!("`{}` has `OutputFileName` and no output artifact that the file could be in", of.name);
        let finding = reader.warning(CODE, message, entry.key.span(), "the outputs go nowhere");
        reader.push(finding.help("add an output artifact, or remove this"));
    }
    if let Some(entry) = node.and_then(|node| node.entry("ChangeSetName")).filter(|_| !by_change_set) {
        let message = format!("`ChangeSetName` means nothing for {mode}");
        reader.push(reader.warning(CODE, message, entry.key.span(), "ignored"));
    }
}

#[cfg(test)]
mod tests {
    use super::wait_of;

    #[test]
    fn strategies_are_of_the_forms_of_the_reference() {
        // codepipeline.md 2.10
        for (strategy, minutes) in [
            ("AllAtOnce", Some(0)),
            ("Canary10Percent5Minutes", Some(5)),
            ("Linear10PercentEvery1Minute", Some(9)),
            ("Linear10PercentEvery3Minutes", Some(27)),
            ("Linear1PercentEvery60Minutes", Some(5940)),
            ("Canary10Percent5Minute", None),
            ("Linear10PercentEvery", None),
            ("Linear10Percent1Minute", None),
            ("Canary10PercentEvery5Minutes", None),
            ("Canary0Percent5Minutes", None),
            ("CanaryPercent5Minutes", None),
            ("Canary+5Percent5Minutes", None),
            ("canary10Percent5Minutes", None),
            ("", None),
        ] {
            assert_eq!(wait_of(strategy), minutes, "{strategy}");
        }
    }
}
