//! `source`, `artifacts` and their secondary ones (codebuild.md 3.7).

use super::{TOGETHER, warn};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::BuildspecFile;
use crate::spec::quotas;
use crate::spec::reading::{Reader, place};
use crate::spec::settings::{Settings, is_identifier};

const SOURCES: [&str; 9] = [
    "CODECOMMIT",
    "CODEPIPELINE",
    "GITHUB",
    "GITLAB",
    "GITLAB_SELF_MANAGED",
    "S3",
    "BITBUCKET",
    "GITHUB_ENTERPRISE",
    "NO_SOURCE",
];

pub(super) fn check<'t>(reader: &mut Reader<'t>, project: &Settings<'t>) {
    let source = project.below("source").map(|source| (one_source(reader, &source), source));
    let artifacts = project.below("artifacts").map(|artifacts| (one_output(reader, &artifacts), artifacts));
    if let (Some((Some(from), source)), Some((Some(to), artifacts))) = (&source, &artifacts) {
        // codepipeline.md 6
        let is_half = (*from == "CODEPIPELINE") != (*to == "CODEPIPELINE");
        if is_half && let (Some(one), Some(other)) = (source.entry("type"), artifacts.entry("type")) {
            let message = format!("the source is {from} and the artifacts are {to}");
            let finding =
                reader.error(TOGETHER, message, place(other), "CODEPIPELINE is for both or for neither");
            reader.push(finding.label(place(one), "the source"));
        }
    }
    if let Some((Some("NO_SOURCE"), source)) = &source {
        let setting = source.entry("buildspec");
        let is_unknown = setting.is_some_and(|entry| entry.value.is_unknown());
        let inline = BuildspecFile::from_setting(setting.and_then(|entry| entry.value.text()));
        if source.is_complete()
            && !is_unknown
            && !matches!(inline, BuildspecFile::Inline(_) | BuildspecFile::Remote(_))
        {
            let message = "a project without a source has its buildspec's text in the setting";
            source.refuse(reader, TOGETHER, "buildspec", message, "no file is there to read it from");
        }
    }
    for (key, most) in [
        ("secondarySources", quotas::SECONDARY_SOURCES),
        ("secondaryArtifacts", quotas::SECONDARY_ARTIFACTS),
        ("secondarySourceVersions", quotas::SECONDARY_SOURCE_VERSIONS),
    ] {
        project.at_most(reader, key, most.value as usize);
    }
    let sources = project.each("secondarySources");
    for source in &sources {
        if one_source(reader, source) == Some("CODEPIPELINE") {
            let message = "a secondary source cannot be of type CODEPIPELINE";
            let finding = source.at(reader, TOGETHER, "type", message, "for the primary one only");
            let aws = "InvalidInputException: Invalid input: sourceType CODEPIPELINE is not allowed for secondarySources";
            if let Some(finding) = finding {
                reader.push(finding.aws(aws));
            }
        }
    }
    let known = identified(reader, &sources, "sourceIdentifier");
    let outputs = project.each("secondaryArtifacts");
    for output in &outputs {
        if one_output(reader, output) == Some("CODEPIPELINE") {
            let message = "a secondary artifact cannot be of type CODEPIPELINE";
            let finding = output.at(reader, TOGETHER, "type", message, "for the primary one only");
            let aws = "InvalidInputException: Invalid input: artifactType CODEPIPELINE is not allowed for secondaryArtifacts";
            if let Some(finding) = finding {
                reader.push(finding.aws(aws));
            }
        }
    }
    identified(reader, &outputs, "artifactIdentifier");
    if let Some(known) = known {
        for version in project.each("secondarySourceVersions") {
            let Some(name) = version.text("sourceIdentifier").filter(|name| !known.contains(name)) else {
                continue;
            };
            let message = format!("no secondary source has the identifier `{name}`");
            version.refuse(reader, TOGETHER, "sourceIdentifier", message, "unknown");
        }
    }
}

/// The identifiers of a list: each must have one of its own. None when one of them is not known.
fn identified<'t>(reader: &mut Reader<'t>, list: &[Settings<'t>], key: &str) -> Option<Vec<&'t str>> {
    let mut names: std::collections::HashMap<&str, crate::syntax::Span> = std::collections::HashMap::new();
    let mut all_known = true;
    for item in list {
        let Some(entry) = item.entry(key) else {
            item.needs(reader, key, format!("`{}` is missing: secondary ones need a name", item.path(key)));
            continue;
        };
        let Some(name) = item.text(key) else {
            all_known = false;
            continue;
        };
        if !is_identifier(name, quotas::IDENTIFIER.value as usize) {
            let message = format!("`{name}` is no identifier");
            let finding = reader.error("invalid-value", message, place(entry), "identifier");
            reader.push(finding.help(format!("up to {} letters, digits and _", quotas::IDENTIFIER.value)));
        }
        if let Some(first) = names.insert(name, place(entry)) {
            let message = format!("the identifier `{name}` stands twice");
            let finding = reader.error("invalid-value", message, place(entry), "again here");
            reader.push(finding.label(first, "first here"));
        }
    }
    all_known.then(|| names.into_keys().collect())
}

fn one_source<'t>(reader: &mut Reader<'t>, source: &Settings<'t>) -> Option<&'t str> {
    let kind = source.choice(reader, "type", &SOURCES);
    source.range(reader, "gitCloneDepth", 0..=i64::MAX);
    if let Some(text) = source.text("buildspec").map(str::trim)
        && !text.contains('\n')
        && !text.starts_with('{')
        && text.starts_with("version:")
        && let Some(finding) = source.at(
            reader,
            "invalid-value",
            "buildspec",
            "`buildspec` is one line, which AWS takes for the name of a file",
            "a file's name",
        )
    {
        reader.push(finding.help("write the buildspec below `|`, which keeps its lines"));
    }
    if let Some(auth) = source.below("auth") {
        auth.choice(reader, "type", &["OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER"]);
    }
    match kind {
        Some("CODEPIPELINE" | "NO_SOURCE") => {
            if let Some(entry) = source.entry("location")
                && entry.value.text() != Some("")
            {
                let message = format!("a source of type {} has no `location`", kind.unwrap_or_default());
                warn(reader, source, "location", message, "no effect");
            }
        }
        Some(kind) => {
            let message = format!("a source of type {kind} needs a `location`");
            if source.text("location") == Some("") {
                source.refuse(reader, "missing-key", "location", message, "nothing here");
            } else {
                source.needs(reader, "location", message);
            }
        }
        None => {}
    }
    kind
}

fn one_output<'t>(reader: &mut Reader<'t>, artifacts: &Settings<'t>) -> Option<&'t str> {
    let kind = artifacts.choice(reader, "type", &["CODEPIPELINE", "NO_ARTIFACTS", "S3"]);
    artifacts.choice(reader, "packaging", &["NONE", "ZIP"]);
    artifacts.choice(reader, "namespaceType", &["NONE", "BUILD_ID"]);
    artifacts.choice(reader, "bucketOwnerAccess", &["NONE", "READ_ONLY", "FULL"]);
    match kind {
        Some("S3") => {
            artifacts.needs(reader, "location", "artifacts in S3 need a `location`: the bucket");
            if let Some((bucket, folder)) = artifacts.text("location").and_then(|text| text.split_once('/'))
                && !bucket.contains(['$', '#', '{'])
            {
                let message = "`location` is the name of a bucket, which has no `/`";
                let finding = artifacts.at(reader, TOGETHER, "location", message, "a bucket and a folder");
                let help = match (bucket, folder.trim_end_matches('/')) {
                    ("", _) => "write the bucket alone".to_owned(),
                    (bucket, "") => format!("write {bucket}"),
                    (bucket, folder) => format!("write {bucket}, and the folder in `path`: {folder}"),
                };
                if let Some(finding) = finding {
                    reader.push(finding.help(help));
                }
            }
        }
        Some(kind @ "NO_ARTIFACTS") if artifacts.text("encryptionDisabled").is_some() => {
            let message = format!("`encryptionDisabled` is for artifacts in S3, not for {kind}");
            if let Some(finding) =
                artifacts.at(reader, TOGETHER, "encryptionDisabled", message, "not allowed")
            {
                let words = "InvalidInputException: Invalid artifacts: artifact type NO_ARTIFACTS should have null \
                             encryptionDisabled";
                reader.push(finding.aws(words));
            }
        }
        // AWS's page says that it is ignored; others have met this.
        Some("NO_ARTIFACTS") if artifacts.text("name").is_some() => {
            let words = "InvalidInputException: Invalid artifacts: artifact type NO_ARTIFACTS should have null output name";
            let message = "artifacts of type NO_ARTIFACTS have no `name`";
            if let Some(finding) = artifacts.at(reader, TOGETHER, "name", message, "no effect, or refused") {
                reader.push(Finding { severity: Severity::Warning, ..finding }.help("remove it").aws(words));
            }
        }
        // The documentation says that it is refused here too; projects that have it are in use.
        Some(kind @ "CODEPIPELINE") if artifacts.is_on("encryptionDisabled") => {
            let message = format!("`encryptionDisabled` is for artifacts in S3, not for {kind}");
            warn(
                reader,
                artifacts,
                "encryptionDisabled",
                message,
                "no effect: the pipeline encrypts its artifacts",
            );
        }
        _ => {}
    }
    kind
}
