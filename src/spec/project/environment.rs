//! `environment`: compute, image and variables (codebuild.md 5).

use super::{TOGETHER, warn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::compute::{COMPUTE_TYPES, ENVIRONMENT_TYPES};
use crate::spec::image::{Image, Kept};
use crate::spec::reading::{Reader, place};
use crate::spec::settings::Settings;

/// Of an image that AWS no longer maintains.
const DEPRECATED: &str = "deprecated-image";
/// Of an image that is in none of AWS's lists.
const CURATED: &str = "curated-image";
/// Of an image whose tag can be moved.
const MOVABLE: &str = "image-without-digest";

pub(super) fn check<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let Some(environment) = project.below("environment") else { return };
    let kind = environment.choice(reader, "type", &ENVIRONMENT_TYPES);
    let compute = environment.choice(reader, "computeType", &COMPUTE_TYPES);
    environment.choice(reader, "imagePullCredentialsType", &["CODEBUILD", "SERVICE_ROLE"]);
    let kernels = ["LINUX_KERNEL_4", "LINUX_KERNEL_6", "LINUX_KERNEL_LATEST"];
    environment.choice(reader, "hostKernel", &kernels);
    if let Some(registry) = environment.below("registryCredential") {
        registry.choice(reader, "credentialProvider", &["SECRETS_MANAGER"]);
    }
    if let Some(server) = environment.below("dockerServer") {
        server.choice(reader, "computeType", &COMPUTE_TYPES[..5]);
    }
    // The instances of a fleet are what they are.
    if !environment.has("fleet") {
        if let (Some(kind), Some(compute)) = (kind, compute) {
            together(reader, &environment, kind, compute);
        }
        if kind == Some("MAC_ARM") {
            let message = "MAC_ARM needs a `fleet`: there is no macOS on demand";
            environment.refuse(reader, TOGETHER, "type", message, "reserved capacity only");
        }
    }
    if let Some(kind) = kind
        && environment.is_on("privilegedMode")
        && (kind.starts_with("WINDOWS") || kind.contains("LAMBDA"))
    {
        let message = format!("{kind} has no privileged mode");
        warn(reader, &environment, "privilegedMode", message, "not supported there");
    }
    if let Some(text) = environment.text("image") {
        image(reader, &environment, text, kind);
    }
    variables(reader, &environment);
}

/// The compute of an environment type on demand (codebuild.md 5.2), by the last part of its name.
fn sizes(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "LINUX_CONTAINER" | "ARM_CONTAINER" => &["SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE"],
        "LINUX_EC2" | "ARM_EC2" => &["SMALL", "MEDIUM", "LARGE"],
        "LINUX_GPU_CONTAINER" => &["SMALL", "LARGE"],
        "WINDOWS_CONTAINER" | "WINDOWS_SERVER_2019_CONTAINER" | "WINDOWS_EC2" => &["MEDIUM", "LARGE"],
        "WINDOWS_SERVER_2022_CONTAINER" => &["MEDIUM", "LARGE", "XLARGE", "2XLARGE"],
        "LINUX_LAMBDA_CONTAINER" | "ARM_LAMBDA_CONTAINER" => &["1GB", "2GB", "4GB", "8GB", "10GB"],
        _ => return None,
    })
}

fn together<'t>(reader: &mut Reader<'t>, environment: &Settings<'t>, kind: &str, compute: &str) {
    let Some(sizes) = sizes(kind) else { return };
    let prefix = if kind.contains("LAMBDA") { "BUILD_LAMBDA_" } else { "BUILD_GENERAL1_" };
    let is_general = compute.starts_with("BUILD_");
    let fits = compute.strip_prefix(prefix).is_some_and(|size| sizes.contains(&size));
    if fits || !is_general {
        return;
    }
    let message = format!("{kind} has no compute {compute}");
    let finding = environment.at(reader, TOGETHER, "computeType", message, "not of this type");
    let Some(mut finding) = finding else { return };
    if let Some(entry) = environment.entry("type") {
        finding = finding.label(place(entry), "the type");
    }
    let all: Vec<_> = sizes.iter().map(|size| format!("{prefix}{size}")).collect();
    reader.push(finding.help(format!("write one of {}", all.join(", "))));
}

/// What an image of AWS's runs on.
fn platform(image: &str) -> Option<(&'static str, &'static [&'static str])> {
    const X86: &[&str] = &["LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "LINUX_EC2"];
    let name = image.split(':').next().unwrap_or(image);
    Some(match name {
        "standard" | "amazonlinux2-x86_64-standard" | "amazonlinux-x86_64-standard" => {
            ("Linux on x86-64", X86)
        }
        "amazonlinux2-aarch64-standard" | "amazonlinux-aarch64-standard" => {
            ("Linux on ARM", &["ARM_CONTAINER", "ARM_EC2"])
        }
        "amazonlinux-x86_64-lambda-standard" => ("Lambda on x86-64", &["LINUX_LAMBDA_CONTAINER"]),
        "amazonlinux-aarch64-lambda-standard" => ("Lambda on ARM", &["ARM_LAMBDA_CONTAINER"]),
        "windows-base" => (
            "Windows",
            &[
                "WINDOWS_CONTAINER",
                "WINDOWS_SERVER_2019_CONTAINER",
                "WINDOWS_SERVER_2022_CONTAINER",
                "WINDOWS_EC2",
            ],
        ),
        _ => return None,
    })
}

/// The versions of AWS's images that are deprecated, or are no longer named at all (codebuild.md 5.4).
fn is_deprecated(image: &str) -> bool {
    let (name, version) = image.split_once(':').unwrap_or((image, ""));
    // A finer version than the documentation's: `5.0-24.07.01`.
    let version = version.split('-').next().unwrap_or(version);
    match name {
        "standard" => matches!(version, "1.0" | "2.0" | "3.0" | "4.0"),
        "amazonlinux2-x86_64-standard" | "amazonlinux-x86_64-standard" => {
            matches!(version, "1.0" | "2.0" | "3.0")
        }
        "amazonlinux2-aarch64-standard" | "amazonlinux-aarch64-standard" => version == "1.0",
        // Images of the time before `standard`, one for each language.
        "ubuntu-base" | "docker" | "dot-net" | "golang" | "java" | "nodejs" | "php" | "python" | "ruby"
        | "android-java-6" | "android-java-7" | "android-java-8" | "nodejs4" => true,
        // Windows Server 2016.
        "windows-base" => matches!(version, "1.0" | "2.0"),
        // Platforms of Elastic Beanstalk, as old.
        _ => name.starts_with("eb-"),
    }
}

fn image<'t>(reader: &mut Reader<'t>, environment: &Settings<'t>, text: &str, kind: Option<&str>) {
    let Some(image) = text.strip_prefix("aws/codebuild/") else {
        if text.chars().any(char::is_whitespace) || text.is_empty() {
            let message = format!("`{text}` is no name of an image");
            environment.refuse(reader, "invalid-value", "image", message, "blanks in it");
            return;
        }
        return of_others(reader, environment, text);
    };
    if environment.text("imagePullCredentialsType") == Some("SERVICE_ROLE") {
        let message = "an image of AWS's needs the credentials CODEBUILD, not SERVICE_ROLE";
        environment.refuse(reader, TOGETHER, "imagePullCredentialsType", message, "for private images");
    }
    if let (Some((what, types)), Some(kind)) = (platform(image), kind)
        && !types.contains(&kind)
    {
        let message = format!("the image `{text}` is for {what}, not for {kind}");
        let finding = environment.at(reader, TOGETHER, "image", message, "does not run there");
        if let Some(mut finding) = finding {
            if let Some(entry) = environment.entry("type") {
                finding = finding.label(place(entry), "the type");
            }
            reader.push(finding.help(format!("write `type: {}`, or another image", types[0])));
        }
    }
    if !is_deprecated(image)
        && Image::named(text).is_some_and(|named| named.kept == Kept::Nowhere)
        && let Some(entry) = environment.entry("image")
    {
        let message = format!("AWS has no image `{text}` in its lists");
        let finding = reader.warning(CURATED, message, place(entry), "cannot be pulled");
        reader.push(match Image::meant(text) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding.help("take one of AWS's list, such as `aws/codebuild/standard:7.0`"),
        });
    }
    if is_deprecated(image)
        && let Some(finding) =
            environment.at(reader, DEPRECATED, "image", format!("the image `{text}` is deprecated"), "old")
    {
        let newest = if image.contains("aarch64") {
            "aws/codebuild/amazonlinux-aarch64-standard:3.0"
        } else {
            "aws/codebuild/standard:7.0"
        };
        let finding = finding.help(format!("a maintained one is {newest}"));
        reader.push(Finding { severity: Severity::Advice, ..finding });
    }
}

/// An image that AWS does not keep.
fn of_others<'t>(reader: &mut Reader<'t>, environment: &Settings<'t>, text: &str) {
    let Some(entry) = environment.entry("image") else { return };
    if let Some(pull) = environment.entry("imagePullCredentialsType")
        && environment.text("imagePullCredentialsType") == Some("CODEBUILD")
        && is_private(text)
    {
        let message = "CODEBUILD as the credentials for a private image: its repository has to let CodeBuild itself pull";
        let finding = reader.warning(TOGETHER, message, place(pull), "for AWS's own images");
        let finding = finding.label(place(entry), "the image");
        let help = "write SERVICE_ROLE, or allow codebuild.amazonaws.com in the policy of the repository";
        reader.push(Finding { severity: Severity::Advice, ..finding.help(help) });
    }
    if !text.contains('@') {
        let message = format!("the image `{text}` is named by a tag, which can be moved to another image");
        let finding = reader.warning(MOVABLE, message, place(entry), "no digest");
        let help = "name it by its digest: `repository@sha256:…`";
        reader.push(Finding { severity: Severity::Advice, ..finding.help(help) });
    }
}

/// Whether an image lies in a registry of ECR that is somebody's own.
fn is_private(image: &str) -> bool {
    let registry = image.split('/').next().unwrap_or_default();
    let account = registry.split('.').next().unwrap_or_default();
    account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && registry.contains(".dkr.ecr")
}

fn variables<'t>(reader: &mut Reader<'t>, environment: &Settings<'t>) {
    let mut names = std::collections::HashMap::new();
    for variable in environment.each("environmentVariables") {
        variable.choice(reader, "type", &["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"]);
        let (Some(name), Some(entry)) = (variable.text("name"), variable.entry("name")) else { continue };
        if name.is_empty() {
            variable.refuse(reader, "missing-key", "name", "a variable has no name", "nothing here");
            continue;
        }
        if let Some(at) = variable.text("value").and_then(|value| value.split_once("#{")?.1.split_once('}'))
            && let Some(value) = variable.entry("value")
        {
            let message = format!("`#{{{}}}` is not replaced here: it stays as it is", at.0);
            let finding = reader.warning("literal-variable", message, place(value), "a pipeline's variable");
            reader.push(finding.help("set it in `EnvironmentVariables` of the pipeline's action"));
        }
        if name.starts_with("CODEBUILD_") && !name.starts_with("CODEBUILD_CONFIG_") {
            let message = format!("`{name}` is a name that CodeBuild keeps for itself");
            let finding = reader.warning("reserved-variable", message, place(entry), "reserved");
            reader.push(finding.help("give it a name of your own"));
        }
        if let Some(first) = names.insert(name, place(entry)) {
            let message = format!("the variable `{name}` stands twice");
            let finding = reader.warning("invalid-value", message, place(entry), "again here");
            reader.push(finding.label(first, "first here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_with_sizes_is_a_type_and_every_size_a_compute() {
        for kind in ENVIRONMENT_TYPES {
            let prefix = if kind.contains("LAMBDA") { "BUILD_LAMBDA_" } else { "BUILD_GENERAL1_" };
            assert_eq!(sizes(kind).is_none(), kind == "MAC_ARM", "{kind}");
            for size in sizes(kind).unwrap_or_default() {
                assert!(COMPUTE_TYPES.contains(&format!("{prefix}{size}").as_str()), "{kind} {size}");
            }
        }
        for image in ["standard:7.0", "amazonlinux-aarch64-standard:3.0", "windows-base:2022-1.0"] {
            assert!(
                platform(image)
                    .is_some_and(|(_, types)| types.iter().all(|kind| ENVIRONMENT_TYPES.contains(kind)))
            );
        }
    }
}
