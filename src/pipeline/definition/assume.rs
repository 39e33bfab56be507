//! Zero configuration: the pipeline that is assumed when there is a buildspec and no definition.

use std::path::Path;

use super::{BUILDSPEC, Configuration, Definition, Error, Files};
use crate::spec::{buildspec, pipeline};
use crate::store::Digest;
use crate::syntax;

/// The name under which the assumed definition shows up in findings.
const NAME: &str = "(assumed pipeline)";

/// A pipeline of two stages, Source and Build, called `fallback`.
pub(super) fn pipeline(
    files: &dyn Files,
    configuration: &mut Configuration,
    name: Option<&str>,
    fallback: &str,
    branch: &str,
) -> Result<Definition, Error> {
    let pipeline_name = usable_name(fallback);
    if let Some(name) = name.filter(|name| *name != pipeline_name) {
        return Err(Error::Unknown { place: files.place(), name: name.to_owned(), candidates: Vec::new() });
    }
    let projects = &configuration.config.committed.projects;
    let mut assumed = vec![format!(
        "{} has no pipeline definition: assumed pipeline `{pipeline_name}`, Source (branch {branch}) and Build",
        files.place()
    )];
    let project = match projects.as_slice() {
        [] => {
            assumed.push(format!(
                "assumed project `{pipeline_name}`: {BUILDSPEC}, CodeBuild's default settings"
            ));
            configuration.assume_project(&pipeline_name);
            pipeline_name.clone()
        }
        [only] => only.name.clone(),
        [first, ..] => {
            // With a buildspec at its default place, the project of the pipeline's name is meant, else the first.
            let same = projects.iter().find(|project| project.name == pipeline_name);
            let name = same.unwrap_or(first).name.clone();
            assumed.push(format!("rehearsal.yml has {} projects: assumed `{name}`", projects.len()));
            name
        }
    };
    let text = text(&pipeline_name, branch, &project, has_artifacts(files)?);
    let read = pipeline::load(NAME, text.as_bytes());
    let source = syntax::decode(NAME, text.as_bytes()).unwrap_or_else(|refused| refused.source);
    match read.value {
        Some(pipeline) => Ok(Definition {
            path: None,
            pipeline,
            source,
            digest: Digest::of(text.as_bytes()),
            findings: read.findings,
            all: vec![pipeline_name.clone()],
            assumed,
        }),
        None => Err(Error::Unusable(read.findings)),
    }
}

/// Whether the buildspec gives artifacts. An output artifact of an action whose buildspec has none would be an error.
fn has_artifacts(files: &dyn Files) -> Result<bool, Error> {
    let Some(bytes) = files.read(Path::new(BUILDSPEC))? else { return Ok(false) };
    Ok(buildspec::load(BUILDSPEC, &bytes).value.is_some_and(|buildspec| buildspec.artifacts.is_some()))
}

/// A name of the pattern that pipelines and projects have in common (codepipeline.md 1.2): `[A-Za-z0-9_-]{1,100}`.
pub fn usable_name(name: &str) -> String {
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let name: String = name.chars().map(|character| if fits(character) { character } else { '-' }).collect();
    let name: String = name.trim_matches('-').chars().take(100).collect();
    if name.len() < 2 { "pipeline".to_owned() } else { name }
}

/// The definition's text, in JSON, which is YAML: nothing in it needs quoting rules of its own.
fn text(name: &str, branch: &str, project: &str, artifacts: bool) -> String {
    let outputs =
        if artifacts { serde_json::json!([{"name": "BuildArtifact"}]) } else { serde_json::json!([]) };
    let type_of = |category: &str, provider: &str| serde_json::json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"});
    serde_json::json!({
        "name": name,
        "roleArn": "arn:aws:iam::111122223333:role/assumed",
        "artifactStore": {"type": "S3", "location": "assumed-artifacts"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Source",
                "actionTypeId": type_of("Source", "CodeCommit"),
                "configuration": {"RepositoryName": name, "BranchName": branch},
                "outputArtifacts": [{"name": "SourceArtifact"}],
                "namespace": "SourceVariables",
            }]},
            {"name": "Build", "actions": [{
                "name": "Build",
                "actionTypeId": type_of("Build", "CodeBuild"),
                "configuration": {"ProjectName": project},
                "inputArtifacts": [{"name": "SourceArtifact"}],
                "outputArtifacts": outputs,
                "namespace": "BuildVariables",
            }]},
        ],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_folder_name_gives_a_usable_one() {
        for (folder, name) in [
            ("service", "service"),
            ("my service", "my-service"),
            (".dotted.", "dotted"),
            ("größe", "gr--e"),
            ("日本", "pipeline"),
            ("", "pipeline"),
        ] {
            assert_eq!(usable_name(folder), name, "{folder}");
        }
        assert_eq!(usable_name(&"x".repeat(200)).len(), 100);
    }
}
