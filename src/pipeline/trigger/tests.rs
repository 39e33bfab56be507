//! Pushes against definitions, case by case, with the section of codepipeline.md that decides each.

use serde_json::{Value, json};

use super::*;
use crate::spec::config::{Model, RefRule};
use crate::spec::pipeline;
use crate::store::Digest;
use crate::syntax;

/// A section, push filters, a ref, changed files, and whether it starts.
type Case = (&'static str, Value, &'static str, &'static [&'static str], bool);

/// A trigger type, or why nothing starts.
type Detects = Result<TriggerType, &'static str>;

/// A definition with these source actions (name, provider, configuration) and triggers.
fn definition(sources: &[(&str, &str, Value)], triggers: &Value) -> Definition {
    let sources: Vec<_> = sources
        .iter()
        .map(|(name, provider, configuration)| {
            let owner = if *provider == "GitHub" { "ThirdParty" } else { "AWS" };
            json!({
                "name": name,
                "actionTypeId": {"category": "Source", "owner": owner, "provider": provider, "version": "1"},
                "configuration": configuration,
                "outputArtifacts": [{"name": format!("Of{name}")}],
            })
        })
        .collect();
    let stage = |name: &str, category: &str, provider: &str, configuration: Value| {
        json!({"name": name, "actions": [{
            "name": name,
            "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
            "configuration": configuration,
        }]})
    };
    let text = json!({
        "name": "service",
        "roleArn": "arn:aws:iam::111122223333:role/r",
        "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "triggers": triggers,
        "stages": [
            {"name": "Source", "actions": sources},
            stage("Ask", "Approval", "Manual", json!({})),
        ],
    })
    .to_string();
    let read = pipeline::load("pipeline.json", text.as_bytes());
    assert!(!crate::diagnostic::any_error(&read.findings), "{:?}", read.findings);
    Definition {
        path: Some("pipeline.json".to_owned()),
        all: Vec::new(),
        pipeline: read.value.unwrap(),
        source: syntax::decode("pipeline.json", text.as_bytes()).unwrap(),
        digest: Digest::of(text.as_bytes()),
        findings: Vec::new(),
        assumed: Vec::new(),
    }
}

fn connection(branch: &str, detects: Option<&str>) -> Value {
    let mut configuration = json!({
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaa",
        "FullRepositoryId": "owner/service",
        "BranchName": branch,
    });
    if let Some(detects) = detects {
        configuration["DetectChanges"] = detects.into();
    }
    configuration
}

/// A pipeline with one connection on `main`, and a trigger with these push filters.
fn triggered(push: &Value) -> Definition {
    let trigger = json!([{
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "Checkout", "push": push},
    }]);
    definition(&[("Checkout", "CodeStarSourceConnection", connection("main", None))], &trigger)
}

/// A push of a ref that was there before, with these changed files.
fn push(name: &str, files: &[&str]) -> RefChange {
    let name = RefName::parse(name).unwrap();
    RefChange { name, changed: Changed::Paths(files.iter().map(ToString::to_string).collect()) }
}

/// The trigger type of a start, or the reasons against it.
fn outcome(definition: &Definition, change: &RefChange) -> Result<TriggerType, String> {
    match judge(definition, None, change) {
        Verdict::Starts(cause) => Ok(cause.kind),
        Verdict::Not(reasons) => Err(reasons.join("; ")),
    }
}

#[test]
fn filters_let_through_what_the_reference_says() {
    let patterns = |includes: Value, excludes: Value| {
        let lists = [("includes", includes), ("excludes", excludes)];
        let given = lists.into_iter().filter(|(_, list)| *list != json!([]));
        Value::Object(given.map(|(key, list)| (key.to_owned(), list)).collect())
    };
    let only = |key: &str, includes, excludes| json!([{key: patterns(includes, excludes)}]);
    let files = |includes, excludes| json!([{"branches": {"includes": ["main"]}, "filePaths": patterns(includes, excludes)}]);
    let cases: Vec<Case> = vec![
        // 0.1, 3.4: excludes beat includes, the same pattern in both lists too.
        ("0.1", only("branches", json!(["**"]), json!(["wip/**"])), "refs/heads/wip/a", &[], false),
        ("0.1", only("branches", json!(["**"]), json!(["wip/**"])), "refs/heads/a", &[], true),
        ("3.4", only("branches", json!(["main"]), json!(["main"])), "refs/heads/main", &[], false),
        // 3.4: without includes, everything that is not excluded.
        ("3.4", only("branches", json!([]), json!(["wip*"])), "refs/heads/main", &[], true),
        // 3.4: patterns of a list are ORed.
        ("3.4", only("branches", json!(["a", "b"]), json!([])), "refs/heads/b", &[], true),
        // 3.4: names are compared without their folder.
        ("3.4", only("branches", json!(["refs/heads/main"]), json!([])), "refs/heads/main", &[], false),
        // 3.4: tags for tags, branches for branches.
        ("3.4", only("branches", json!(["**"]), json!([])), "refs/tags/v1", &[], false),
        ("3.4", only("tags", json!(["**"]), json!([])), "refs/heads/v1", &[], false),
        ("9.4", only("tags", json!(["v*"]), json!(["*-rc*"])), "refs/tags/v1", &[], true),
        ("9.4", only("tags", json!(["v*"]), json!(["*-rc*"])), "refs/tags/v1-rc1", &[], false),
        // 0.2: two filters for tags and branches; filters are ORed.
        (
            "0.2",
            json!([{"tags": {"includes": ["v*"]}}, {"branches": {"includes": ["main"]}}]),
            "refs/tags/v1",
            &[],
            true,
        ),
        (
            "0.2",
            json!([{"tags": {"includes": ["v*"]}}, {"branches": {"includes": ["main"]}}]),
            "refs/heads/main",
            &[],
            true,
        ),
        // 0.1: criteria of one filter are ANDed.
        ("0.1", files(json!(["src/**"]), json!([])), "refs/heads/main", &["src/a/b.c"], true),
        ("0.1", files(json!(["src/**"]), json!([])), "refs/heads/main", &["docs/a.md"], false),
        ("0.1", files(json!(["src/**"]), json!([])), "refs/heads/other", &["src/a.c"], false),
        // 0.4: each file on its own; one that is included and not excluded is enough.
        (
            "0.4",
            files(json!(["src/**"]), json!(["**/*.md"])),
            "refs/heads/main",
            &["src/a.md", "src/b.c"],
            true,
        ),
        ("0.4", files(json!(["src/**"]), json!(["**/*.md"])), "refs/heads/main", &["src/a.md", "b.c"], false),
        ("0.4", files(json!([]), json!(["**/*.md"])), "refs/heads/main", &["README.md"], false),
        ("3.4", files(json!(["**"]), json!([])), "refs/heads/main", &[], false),
        // 0.6: `/**/` is also no folder at all.
        ("0.6", files(json!(["common/**/*.js"]), json!([])), "refs/heads/main", &["common/app.js"], true),
    ];
    for (section, push_filters, name, changed, fires) in cases {
        let judged = outcome(&triggered(&push_filters), &push(name, changed));
        assert_eq!(judged.is_ok(), fires, "{section}: {push_filters} for {name} {changed:?}: {judged:?}");
        assert!(judged.is_err() || judged == Ok(TriggerType::WebhookV2));
    }
}

#[test]
fn only_the_first_hundred_files_are_seen() {
    let filters = json!([{"branches": {"includes": ["main"]}, "filePaths": {"includes": ["last"]}}]);
    let definition = triggered(&filters);
    let many = |before: usize| {
        let mut files: Vec<_> = (0..before).map(|number| format!("file-{number:03}")).collect();
        files.push("last".to_owned());
        RefChange { name: RefName::Branch("main".to_owned()), changed: Changed::Paths(files) }
    };
    assert_eq!(outcome(&definition, &many(99)), Ok(TriggerType::WebhookV2));
    assert_eq!(
        outcome(&definition, &many(100)).unwrap_err(),
        "trigger of Checkout: none of the first 100 of 101 changed files is let through by `filePaths`"
    );
}

#[test]
fn a_new_branch_fires_filters_of_branches_only() {
    for (changed, why) in [
        (Changed::NewRef, "trigger of Checkout: a new branch starts nothing by `filePaths`"),
        (Changed::Unknown, "trigger of Checkout: which files changed is not known, as `filePaths` needs"),
    ] {
        let change = RefChange { name: RefName::Branch("main".to_owned()), changed };
        let with_files = json!({"branches": {"includes": ["main"]}, "filePaths": {"includes": ["**"]}});
        assert_eq!(outcome(&triggered(&json!([with_files])), &change).unwrap_err(), why);
        let both = json!([with_files, {"branches": {"includes": ["main"]}}]);
        assert_eq!(outcome(&triggered(&both), &change), Ok(TriggerType::WebhookV2));
    }
}

#[test]
fn why_nothing_starts_is_said_in_words() {
    let filters = json!([
        {"branches": {"includes": ["main", "release/**"], "excludes": ["release/old*"]}},
        {"tags": {"includes": ["v*"]}},
    ]);
    let definition = triggered(&filters);
    let why = |name: &str| outcome(&definition, &push(name, &[])).unwrap_err();
    insta::assert_snapshot!(why("refs/heads/topic"), @"trigger of Checkout: branch topic is not in `branches` (main, release/**); a filter of tags starts nothing for a branch");
    insta::assert_snapshot!(why("refs/heads/release/old1"), @"trigger of Checkout: branch release/old1 is excluded by `release/old*`; a filter of tags starts nothing for a branch");
    insta::assert_snapshot!(why("refs/tags/nightly"), @"trigger of Checkout: a filter without `tags` starts nothing for a tag; tag nightly is not in `tags` (v*)");
    let mut broken = triggered(&json!([{"branches": {"includes": ["main"]}}]));
    let branches = broken.pipeline.triggers[0].push[0].branches.as_mut().unwrap();
    branches.includes.push("{a".to_owned());
    insta::assert_snapshot!(outcome(&broken, &push("refs/heads/main", &[])).unwrap_err(), @"trigger of Checkout: `{a` is no pattern: a brace is not closed");
}

#[test]
fn a_trigger_of_pull_requests_alone_starts_nothing_here() {
    let trigger = json!([{
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {
            "sourceActionName": "Checkout",
            "pullRequest": [{"events": ["OPEN"], "branches": {"includes": ["main"]}}],
        },
    }]);
    let definition =
        definition(&[("Checkout", "CodeStarSourceConnection", connection("main", None))], &trigger);
    // 0.5: `BranchName` does not detect pushes any more.
    insta::assert_snapshot!(
        outcome(&definition, &push("refs/heads/main", &[])).unwrap_err(),
        @"trigger of Checkout: it has pull request filters only, and there are no pull requests here"
    );
}

/// Sections 3.1 and 3.2.
#[test]
fn without_a_trigger_a_source_detects_pushes_to_its_branch() {
    let codecommit = |polls: Option<&str>| {
        let mut configuration = json!({"RepositoryName": "service", "BranchName": "main"});
        if let Some(polls) = polls {
            configuration["PollForSourceChanges"] = polls.into();
        }
        configuration
    };
    let github = |polls: &str| json!({"Owner": "o", "Repo": "r", "Branch": "main", "OAuthToken": "t", "PollForSourceChanges": polls});
    let cases: Vec<(&str, Value, Detects)> = vec![
        ("CodeStarSourceConnection", connection("main", None), Ok(TriggerType::Webhook)),
        ("CodeStarSourceConnection", connection("main", Some("true")), Ok(TriggerType::Webhook)),
        (
            "CodeStarSourceConnection",
            connection("main", Some("false")),
            Err("Checkout has `DetectChanges` \"false\" and no trigger"),
        ),
        ("CodeCommit", codecommit(None), Ok(TriggerType::PollForSourceChanges)),
        ("CodeCommit", codecommit(Some("true")), Ok(TriggerType::PollForSourceChanges)),
        ("CodeCommit", codecommit(Some("false")), Ok(TriggerType::CloudWatchEvent)),
        ("GitHub", github("true"), Ok(TriggerType::PollForSourceChanges)),
        ("GitHub", github("false"), Ok(TriggerType::Webhook)),
    ];
    for (provider, configuration, expected) in cases {
        let definition = definition(&[("Checkout", provider, configuration.clone())], &json!([]));
        let judged = outcome(&definition, &push("refs/heads/main", &[]));
        assert_eq!(judged, expected.map_err(str::to_owned), "{provider} {configuration}");
        assert!(outcome(&definition, &push("refs/heads/other", &[])).is_err());
        assert!(outcome(&definition, &push("refs/tags/main", &[])).is_err());
        // A new branch is a push like others to whoever asks for no files.
        let change = RefChange { name: RefName::Branch("main".to_owned()), changed: Changed::NewRef };
        assert_eq!(outcome(&definition, &change).is_ok(), expected.is_ok());
    }
}

/// 0.5 and 3.3: a trigger switches off the detection of its own source action, whatever `DetectChanges` says; that of the
/// others goes on.
#[test]
fn a_trigger_switches_off_the_detection_of_its_own_source() {
    let trigger = json!([{
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "One", "push": [{"tags": {"includes": ["v*"]}}]},
    }]);
    let sources = [
        ("One", "CodeStarSourceConnection", connection("main", Some("true"))),
        ("Other", "CodeStarSourceConnection", connection("other", None)),
    ];
    let definition = definition(&sources, &trigger);
    let judged = |name: &str| outcome(&definition, &push(name, &[]));
    assert_eq!(judged("refs/tags/v1"), Ok(TriggerType::WebhookV2));
    assert_eq!(judged("refs/heads/other"), Ok(TriggerType::Webhook));
    insta::assert_snapshot!(judged("refs/heads/main").unwrap_err(), @"trigger of One: a filter of tags starts nothing for a branch; Other detects pushes to other only");
}

/// Section 9, and design 5: `branching` fills in only where the definition says nothing.
#[test]
fn a_branching_model_starts_what_nothing_else_starts() {
    let says_nothing = {
        let mut definition = definition(
            &[("Checkout", "CodeCommit", json!({"RepositoryName": "r", "BranchName": "x"}))],
            &json!([]),
        );
        definition.path = None;
        definition
    };
    let map = Branching::Map(vec![
        RefRule { pattern: "main".to_owned(), pipelines: vec!["other".to_owned(), "service".to_owned()] },
        RefRule { pattern: "refs/tags/v*".to_owned(), pipelines: vec!["service".to_owned()] },
        RefRule { pattern: "refs/heads/release/**".to_owned(), pipelines: vec!["service".to_owned()] },
        RefRule { pattern: "topic".to_owned(), pipelines: vec!["other".to_owned()] },
    ]);
    let github = Branching::Model(Model::GithubFlow);
    let gitflow = Branching::Model(Model::Gitflow);
    let (whole, tests, no) = (Some(Extent::Whole), Some(Extent::Tests), None);
    let cases = [
        (None, "refs/heads/any/thing", whole),
        (None, "refs/tags/v1", no),
        (Some(&github), "refs/heads/main", whole),
        (Some(&github), "refs/heads/master", whole),
        (Some(&github), "refs/heads/feature/a", tests),
        (Some(&github), "refs/heads/typo", tests),
        (Some(&github), "refs/tags/v1", no),
        (Some(&gitflow), "refs/heads/develop", whole),
        (Some(&gitflow), "refs/heads/release/v1.0", whole),
        (Some(&gitflow), "refs/heads/sandbox/a", whole),
        (Some(&gitflow), "refs/heads/feature/a", tests),
        (Some(&gitflow), "refs/heads/bugfix/a", tests),
        (Some(&gitflow), "refs/heads/hotfix/a", tests),
        (Some(&gitflow), "refs/heads/main", no),
        (Some(&gitflow), "refs/heads/typo", no),
        (Some(&gitflow), "refs/heads/develop/x", no),
        (Some(&gitflow), "refs/tags/v1", no),
        (Some(&map), "refs/heads/main", whole),
        (Some(&map), "refs/tags/main", no),
        (Some(&map), "refs/tags/v1", whole),
        (Some(&map), "refs/heads/v1", no),
        (Some(&map), "refs/heads/release/v1", whole),
        (Some(&map), "refs/heads/topic", no),
    ];
    for (branching, name, expected) in cases {
        let extent = match judge(&says_nothing, branching, &push(name, &[])) {
            Verdict::Starts(cause) => Some(cause.extent),
            Verdict::Not(_) => None,
        };
        assert_eq!(extent, expected, "{branching:?} {name}");
    }
    // What the definition says is not added to.
    let says = triggered(&json!([{"branches": {"includes": ["develop"]}}]));
    for branching in [&github, &map] {
        assert!(matches!(judge(&says, Some(branching), &push("refs/heads/main", &[])), Verdict::Not(_)));
    }
    // A source that no ref can change says nothing of branches.
    let bucket = json!({"S3Bucket": "b", "S3ObjectKey": "k"});
    let of_bucket = definition(&[("Checkout", "S3", bucket)], &json!([]));
    assert!(matches!(judge(&of_bucket, Some(&github), &push("refs/heads/main", &[])), Verdict::Starts(_)));
}

#[test]
fn tests_end_before_anything_reaches_out() {
    let stages = |text: &str| {
        let stages = text.split_whitespace().map(|stage| {
            let (name, categories) = stage.split_once('=').unwrap();
            let actions = categories.split('+').enumerate().map(|(index, category)| {
                json!({
                    "name": format!("A{index}"), "category": category, "owner": "AWS", "provider": "P",
                    "version": "1", "runOrder": 1,
                })
            });
            json!({"name": name, "actions": actions.collect::<Vec<_>>()})
        });
        let stages: Vec<_> = stages.collect();
        serde_json::from_value::<pipeline::Pipeline>(json!({"name": "p", "stages": stages})).unwrap()
    };
    for (text, expected) in [
        ("S=Source B=Build", Tests::All),
        ("S=Source B=Build T=Test+Compute D=Deploy", Tests::Until("T")),
        ("S=Source B=Build M=Test+Approval T=Test", Tests::Until("B")),
        ("S=Source B=Build I=Invoke", Tests::Until("B")),
        ("S=Source D=Deploy T=Test", Tests::NoneBefore("D")),
        ("S=Source D=Build+Deploy", Tests::NoneBefore("D")),
    ] {
        assert_eq!(tests(&stages(text)), expected, "{text}");
    }
}
