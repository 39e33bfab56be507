//! Source actions, through the provider's own interface.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::action::{OutputArtifact, Provider, Stream};
use crate::clock::Timestamp;
use crate::repo::fixture::{Grown, listing};

#[derive(Default)]
struct Notes(Vec<String>);

impl Sink for Notes {
    fn output(&mut self, _: Timestamp, _: Stream, _: &[u8]) {}

    fn progress(&mut self, progress: Progress) {
        if let Progress::Note(line) = progress {
            self.0.push(line);
        }
    }
}

fn job(grown: &Grown, provider: &str, configuration: &[(&str, &str)], revision: Option<&str>) -> Job {
    let workspace = grown.beside("workspace");
    let _ = std::fs::remove_dir_all(&workspace);
    std::fs::create_dir(&workspace).unwrap();
    Job {
        pipeline: "service".into(),
        execution: "11111111-1111-4111-8111-111111111111".into(),
        stage: "Source".into(),
        action: "Checkout".into(),
        action_execution: "22222222-2222-4222-8222-222222222222".into(),
        provider: provider.into(),
        configuration: configuration.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        commands: Vec::new(),
        environment_variables: Vec::new(),
        output_variables: Vec::new(),
        inputs: Vec::new(),
        outputs: vec![OutputArtifact { name: "SourceArtifact".into(), files: Vec::new() }],
        workspace,
        revision: revision.map(|revision| grown.id(revision).to_string()),
    }
}

fn source(grown: &Grown) -> GitSource {
    GitSource::new(Arc::new(grown.open()))
}

fn perform(source: &GitSource, job: &Job) -> (Outcome, Vec<String>) {
    let mut notes = Notes::default();
    let outcome = source.perform(job, &mut notes, &Cancel::new().unwrap()).unwrap();
    (outcome, notes.0)
}

/// Unpacks the only artifact.
fn artifact(grown: &Grown, job: &Job, outcome: &Outcome) -> PathBuf {
    let [(name, archive)] = &outcome.artifacts[..] else { panic!("{:?}", outcome.artifacts) };
    assert_eq!((name.as_str(), archive), ("SourceArtifact", &job.workspace.join("SourceArtifact.zip")));
    assert_eq!(
        std::fs::read_dir(&job.workspace).unwrap().count(),
        1,
        "nothing else is left in the workspace"
    );
    let folder = grown.beside("unpacked");
    archive::unpack(archive, &folder, archive::Limits::default()).unwrap();
    folder
}

fn variables(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refusal(grown: &Grown, job: &Job) -> (String, String) {
    let (outcome, _) = perform(&source(grown), job);
    assert_eq!(outcome.status, Status::Failed);
    let failure = outcome.failure.unwrap();
    (failure.code, failure.message)
}

const CONNECTION: [(&str, &str); 3] =
    [("ConnectionArn", "arn:example"), ("FullRepositoryId", "owner/service"), ("BranchName", "main")];

/// codepipeline.md 2.2
#[test]
fn a_connection_hands_over_the_commit_and_its_variables() {
    let grown = Grown::from("history");
    let job = job(&grown, "CodeStarSourceConnection", &CONNECTION, Some("feature/login"));
    let (outcome, notes) = perform(&source(&grown), &job);
    let commit = grown.id("feature/login").to_string();
    assert_eq!(outcome.status, Status::Succeeded);
    assert_eq!(outcome.revision.as_ref(), Some(&commit));
    assert_eq!(outcome.external_execution_id.as_ref(), Some(&commit));
    assert_eq!(outcome.summary.as_deref(), Some("Add the login"));
    assert_eq!(
        outcome.variables,
        variables(&[
            ("AuthorDate", "2024-01-02T12:00:00Z"),
            ("AuthorDisplayName", "Ada Author"),
            ("AuthorEmail", "ada@example.com"),
            ("AuthorId", "ada@example.com"),
            ("BranchName", "main"),
            ("CommitId", &commit),
            ("CommitMessage", "Add the login\n\nIt has a body\nof two lines."),
            ("ConnectionArn", "arn:example"),
            ("FullRepositoryName", "owner/service"),
            ("ProviderType", "GitHub"),
        ])
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(listing(&artifact(&grown, &job, &outcome)), grown.exported("feature/login"));
    let tagged = source(&grown).for_tag(Some("v1.0".into()));
    assert_eq!(perform(&tagged, &job).0.variables["TagName"], "v1.0");
}

/// codepipeline.md 2.3
#[test]
fn code_commit_and_git_hub_have_variables_of_their_own() {
    let grown = Grown::from("history");
    let commit = grown.id("v0.1").to_string();
    let common = [
        ("AuthorDate", "2024-01-01T12:00:00Z"),
        ("CommitId", &commit),
        ("CommitMessage", "First commit"),
        ("CommitterDate", "2024-01-01T13:00:00Z"),
    ];
    let code_commit =
        job(&grown, "CodeCommit", &[("RepositoryName", "service"), ("BranchName", "trunk")], Some("v0.1"));
    let own = [("BranchName", "trunk"), ("RepositoryName", "service")];
    assert_eq!(perform(&source(&grown), &code_commit).0.variables, variables(&[&common[..], &own].concat()));
    let configuration =
        [("Owner", "owner"), ("Repo", "service"), ("Branch", "trunk"), ("OAuthToken", "****")];
    let git_hub = job(&grown, "GitHub", &configuration, Some("v0.1"));
    let url = format!("https://github.com/owner/service/commit/{commit}");
    let own = [("BranchName", "trunk"), ("CommitUrl", url.as_str()), ("RepositoryName", "service")];
    assert_eq!(perform(&source(&grown), &git_hub).0.variables, variables(&[&common[..], &own].concat()));
}

#[test]
fn the_branch_is_the_configured_one_or_the_one_being_rehearsed() {
    let grown = Grown::from("history");
    let without: [(&str, &str); 0] = [];
    let cases = [
        (&CONNECTION[..], Some("topic"), Some("main")),
        (&without[..], Some("topic"), Some("topic")),
        (&[("BranchName", "")][..], Some("topic"), Some("topic")),
        (&without[..], None, Some("main")),
    ];
    for (configuration, rehearsed, expected) in cases {
        let job = job(&grown, "CodeStarSourceConnection", configuration, Some("v0.1"));
        let source = source(&grown).on_branch(rehearsed.map(str::to_owned));
        let variables = perform(&source, &job).0.variables;
        assert_eq!(
            variables.get("BranchName").map(String::as_str),
            expected,
            "{configuration:?} {rehearsed:?}"
        );
    }
}

/// codepipeline.md 2.2: a manual start takes the head of the branch.
#[test]
fn without_a_revision_the_head_of_the_branch_is_taken() {
    let grown = Grown::from("history");
    let job = job(&grown, "CodeCommit", &[("BranchName", "feature/login")], None);
    assert_eq!(perform(&source(&grown), &job).0.revision, Some(grown.id("feature/login").to_string()));
}

#[test]
fn a_clone_reference_holds_the_history() {
    let grown = Grown::from("history");
    let configuration = [&CONNECTION[..], &[("OutputArtifactFormat", "CODEBUILD_CLONE_REF")]].concat();
    let job = job(&grown, "CodeStarSourceConnection", &configuration, Some("main"));
    let (outcome, _) = perform(&source(&grown), &job);
    let folder = artifact(&grown, &job, &outcome);
    let git = |arguments: &[&str]| grown.git_in(&folder, arguments);
    assert_eq!(git(&["rev-parse", "HEAD", "--abbrev-ref", "HEAD"]), format!("{}\nmain", grown.id("main")));
    assert_eq!(git(&["rev-list", "--count", "HEAD"]), "5");
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["fsck", "--full", "--strict", "--no-dangling"]), "");
}

#[test]
fn the_working_tree_can_stand_for_the_commit() {
    let grown = Grown::from("history");
    grown.write("README.md", "not committed\n");
    let source = GitSource::of_work_tree(Arc::new(grown.open()));
    let zipped = job(&grown, "CodeCommit", &[("BranchName", "main")], None);
    let (outcome, _) = perform(&source, &zipped);
    assert_eq!(outcome.revision, Some(grown.id("main").to_string()));
    let folder = artifact(&grown, &zipped, &outcome);
    assert_eq!(listing(&folder)["README.md"], "not committed\\n");
    std::fs::remove_dir_all(folder).unwrap();
    let configuration = [("BranchName", "main"), ("OutputArtifactFormat", "CODEBUILD_CLONE_REF")];
    let cloned = job(&grown, "CodeCommit", &configuration, None);
    let (outcome, _) = perform(&source, &cloned);
    let folder = artifact(&grown, &cloned, &outcome);
    assert_eq!(grown.git_in(&folder, &["status", "--porcelain"]), " M README.md");
}

#[test]
fn what_the_artifact_lacks_is_noted() {
    let grown = Grown::from("odd");
    let (outcome, notes) = perform(&source(&grown), &job(&grown, "CodeCommit", &[], Some("main")));
    assert_eq!(outcome.status, Status::Succeeded);
    assert_eq!(
        notes,
        [
            "Git LFS pointers, not their contents (1): data/model.bin",
            "submodules left empty (1): lib/sub",
            "attribute `export-subst` not applied (1): data/version",
            "attribute `filter=crypt` not applied (1): data/key.enc",
            "attribute `ident` not applied (1): data/marked",
        ]
    );
}

#[test]
fn what_cannot_be_done_fails_the_action() {
    let grown = Grown::from("history");
    let job =
        |provider: &str, configuration: &[(&str, &str)]| job(&grown, provider, configuration, Some("main"));
    let format = |value| [("OutputArtifactFormat", value)];
    let misconfigured = [
        job("S3", &[]),
        job("CodeCommit", &format("TARBALL")),
        job("GitHub", &format("CODEBUILD_CLONE_REF")),
        Job { outputs: Vec::new(), ..job("CodeCommit", &[]) },
    ];
    for job in misconfigured {
        let (code, message) = refusal(&grown, &job);
        assert_eq!(code, "ConfigurationError", "{message}");
    }
    let gone = Job { revision: Some("0".repeat(40)), ..job("CodeCommit", &[]) };
    let (code, message) = refusal(&grown, &gone);
    assert_eq!(code, "RevisionUnavailable");
    assert!(message.starts_with("no branch, tag or commit is called `000"), "{message}");
    // A workspace that is not there is no fault of the job.
    let homeless = Job { workspace: grown.beside("README.md/workspace"), ..job("CodeCommit", &[]) };
    std::fs::write(grown.beside("README.md"), "").unwrap();
    assert!(source(&grown).perform(&homeless, &mut Notes::default(), &Cancel::new().unwrap()).is_err());
}

#[test]
fn a_stopped_source_action_says_so() {
    let grown = Grown::from("history");
    let job = job(&grown, "CodeCommit", &[], Some("main"));
    for (reason, status) in [
        (StopReason::Stopped, Status::Stopped),
        (StopReason::Signal(2), Status::Stopped),
        (StopReason::TimedOut, Status::TimedOut),
    ] {
        let cancel = Cancel::new().unwrap();
        cancel.request(reason);
        let outcome = source(&grown).perform(&job, &mut Notes::default(), &cancel).unwrap();
        assert_eq!(outcome.status, status);
        assert!(outcome.failure.is_some() && outcome.artifacts.is_empty());
    }
}

#[test]
fn a_long_message_is_cut_between_characters() {
    assert_eq!(message("one line\n"), "one line");
    let long = "ä".repeat(LONGEST_MESSAGE);
    assert_eq!(message(&long).len(), LONGEST_MESSAGE);
    let odd = format!("x{long}");
    assert_eq!(message(&odd).len(), LONGEST_MESSAGE - 1);
}
