//! Deployments as actions of a pipeline: the course of events, hooks, what is refused and what is only planned.

use std::collections::BTreeMap;
use std::fs;

use rehearsal::action::{Cancel, Provider, Status, StopReason};
use rehearsal::deploy::CodeDeploy;
use rehearsal::spec::config::AutoRollback;

use crate::deploy_ground::{Told, Yard, appspec, group, local, perform};

const EVENTS: [&str; 7] = [
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
];

/// A hook that says which event it is.
const SAY: &str = "#!/bin/sh\necho $LIFECYCLE_EVENT of ${0##*/}\n";

#[test]
fn events_run_their_hooks_in_order_and_stop_that_of_the_revision_before() {
    // codedeploy.md 0, trap 2, and 6
    let yard = Yard::new();
    let provider = yard.provider();
    let hooks = |letter: &str| {
        let script = format!("{letter}.sh");
        let hooks: Vec<_> =
            ["ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"]
                .into_iter()
                .map(|event| (event, script.as_str()))
                .collect();
        appspec("", &hooks)
    };
    let (first, told) = yard.succeed(&provider, "one", &[("appspec.yml", &hooks("a")), ("a.sh", SAY)]);
    assert_eq!(told.events, EVENTS);
    assert_eq!(
        told.said(),
        "BeforeInstall of a.sh\nAfterInstall of a.sh\nApplicationStart of a.sh\nValidateService of a.sh\n"
    );
    assert_eq!(told.notes, [""; 0], "the first ApplicationStop is skipped without a word");
    assert!(first.starts_with("d-") && first.len() == 11, "{first}");

    let (second, told) = yard.succeed(&provider, "two", &[("appspec.yml", &hooks("b")), ("b.sh", SAY)]);
    assert!(told.said().starts_with("ApplicationStop of a.sh\nBeforeInstall of b.sh\n"), "{}", told.said());
    assert_ne!(first, second);
}

#[test]
fn a_hook_sees_what_the_agent_gives_it_and_nothing_of_the_user() {
    // codedeploy.md 3.3
    let yard = Yard::new();
    let script = "#!/bin/sh\nprintf '%s\\n' \"$APPLICATION_NAME $DEPLOYMENT_GROUP_NAME $LIFECYCLE_EVENT $BUNDLE_KEY\"\n\
                  test \"$(pwd -P)\" = \"$REHEARSAL_DEPLOYMENT_ROOT\" && echo in the root\n\
                  cd \"$REHEARSAL_DEPLOYMENT_ROOT/opt/codedeploy-agent/deployment-root\"\n\
                  cat \"$DEPLOYMENT_GROUP_ID/$DEPLOYMENT_ID/deployment-archive/data\"\n\
                  test -w \"$HOME\" && echo home; echo $SECRET; echo oops >&2\n";
    let spec = appspec("", &[("AfterInstall", "see.sh")]);
    let mut host = yard.host();
    host.environment.insert("SECRET".into(), "of the user".into());
    let provider = CodeDeploy::new(host, vec![group()], vec![local(Some("root"))], true);
    let files = [("appspec.yml", spec.as_str()), ("see.sh", script), ("data", "from the bundle\n")];
    let (_, told) = yard.succeed(&provider, "one", &files);
    assert_eq!(
        told.said(),
        "service production AfterInstall release/App/1111111\nin the root\nfrom the bundle\nhome\n\n"
    );
    assert!(told.text.contains("\n[stderr]oops\n"), "{}", told.text);
    assert!(told.text.contains("LifecycleEvent - AfterInstall\nScript - see.sh\n"), "{}", told.text);
}

#[test]
fn what_goes_wrong_in_a_hook_has_the_agents_code_and_words() {
    // codedeploy.md 3.3: the table of codes
    for (name, script, code, message, status) in [
        (
            "fails",
            Some("#!/bin/sh\necho half way\nexit 7\n"),
            "ScriptFailed",
            "Script at specified location: hook.sh failed with exit code 7",
            Some(7),
        ),
        (
            "hangs",
            Some("#!/bin/sh\necho half way\nexec sleep 1000\n"),
            "ScriptTimedOut",
            "Script at specified location: hook.sh failed to complete in 1 seconds",
            None,
        ),
        (
            "leaves-its-output-open",
            Some("#!/bin/sh\nsleep 1000 &\necho half way\n"),
            "UnknownError",
            "Script at specified location: hook.sh failed to close STDOUT or STDERR",
            Some(0),
        ),
        ("is-missing", None, "ScriptMissing", "Script does not exist at specified location: ", None),
        (
            "has-no-interpreter",
            Some("#!/no/such/shell\n"),
            "ScriptFailed",
            "Script at specified location: hook.sh failed: ",
            None,
        ),
    ] {
        let yard = Yard::new();
        let spec = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - {location: hook.sh, timeout: 1}\n  \
                    ApplicationStart:\n    - location: never.sh\n";
        let mut files = vec![("appspec.yml", spec), ("never.sh", "#!/bin/sh\necho never\n")];
        files.extend(script.map(|script| ("hook.sh", script)));
        let (outcome, told) = yard.deploy(&yard.provider(), "one", &files);
        assert_eq!(outcome.status, Status::Failed, "{name}");
        let failure = outcome.failure.unwrap();
        assert_eq!((failure.code.as_str(), failure.exit_status), (code, status), "{name}: {failure:?}");
        assert!(failure.message.starts_with(message), "{name}: {failure:?}");
        assert_eq!(failure.phase.as_deref(), Some("AfterInstall"), "{name}");
        assert_eq!(failure.command.as_deref(), Some("hook.sh"), "{name}");
        assert_eq!(told.events.last().unwrap(), "AfterInstall: Failed", "{name}");
        let id = outcome.external_execution_id.unwrap();
        assert_eq!(outcome.summary.unwrap(), format!("Deployment {id} Failed: HEALTH_CONSTRAINTS"));
        if name == "leaves-its-output-open" {
            assert!(told.notes.iter().any(|note| note.starts_with("ended: process ")), "{:?}", told.notes);
        }
    }
}

#[test]
fn a_script_that_cannot_be_run_is_made_runnable() {
    let yard = Yard::new();
    let spec = appspec("", &[("AfterInstall", "scripts/plain")]);
    let files = [("appspec.yml", spec.as_str()), ("scripts/plain", "#!/bin/sh\necho ran\n")];
    let (_, told) = yard.succeed(&yard.provider(), "one", &files);
    assert_eq!(told.said(), "ran\n");
}

#[test]
fn a_failure_after_install_still_counts_as_installed() {
    // codedeploy.md 0, trap 3
    let yard = Yard::new();
    let provider = yard.provider();
    let good = appspec("", &[("ApplicationStop", "a.sh"), ("ApplicationStart", "a.sh")]);
    let bad = appspec("", &[("ApplicationStop", "a.sh"), ("ApplicationStart", "bad.sh")]);
    let (first, _) = yard.succeed(&provider, "one", &[("appspec.yml", &good), ("a.sh", SAY)]);
    let (outcome, _) = yard.deploy(
        &provider,
        "two",
        &[("appspec.yml", &bad), ("a.sh", SAY), ("bad.sh", "#!/bin/sh\nexit 1\n")],
    );
    let second = outcome.external_execution_id.unwrap();
    let (_, told) = yard.succeed(&provider, "three", &[("appspec.yml", &good), ("a.sh", SAY)]);
    let note = &told.notes[0];
    assert!(note.contains(&second) && !note.contains(&first) && note.contains("skipped"), "{note}");
    assert!(!told.said().contains("ApplicationStop"), "{}", told.said());
}

#[test]
fn a_group_that_would_roll_back_says_that_it_does_not() {
    let yard = Yard::new();
    let mut group = group();
    group.auto_rollback_configuration =
        AutoRollback { enabled: true, events: vec!["DEPLOYMENT_FAILURE".into()] };
    let provider = CodeDeploy::new(yard.host(), vec![group], vec![local(None)], true);
    let spec = appspec("", &[("AfterInstall", "a.sh")]);
    let (outcome, told) =
        yard.deploy(&provider, "one", &[("appspec.yml", &spec), ("a.sh", "#!/bin/sh\nexit 1\n")]);
    assert_eq!(outcome.status, Status::Failed);
    assert!(
        told.notes.iter().any(|note| note.contains("automatic rollback is not there yet")),
        "{:?}",
        told.notes
    );
}

#[test]
fn revisions_that_cannot_be_used_fail_where_the_agent_notices() {
    for (name, files, event, words) in [
        ("no-appspec", vec![("index.html", "")], "BeforeInstall", "did not find an AppSpec file"),
        (
            "a-broken-appspec",
            vec![("appspec.yml", "version: 1.0\nos: linux\n")],
            "BeforeInstall",
            "`version` is not 0.0",
        ),
        ("windows", vec![("appspec.yml", "version: 0.0\nos: windows\n")], "BeforeInstall", "is for windows"),
    ] {
        let yard = Yard::new();
        let (outcome, told) = yard.deploy(&yard.provider(), name, &files);
        let failure = outcome.failure.unwrap();
        assert_eq!(failure.code, "UnknownError", "{name}");
        assert_eq!(failure.phase.as_deref(), Some(event), "{name}");
        assert!(failure.message.contains(words), "{name}: {}", failure.message);
        assert_eq!(told.events.last().unwrap(), &format!("{event}: Failed"), "{name}");
    }
    let yard = Yard::new();
    let job = yard.job("damaged", &[("a", "")]);
    fs::write(&job.inputs[0].archive, "no archive").unwrap();
    let (outcome, _) = perform(&yard.provider(), &job);
    assert_eq!(outcome.failure.unwrap().phase.as_deref(), Some("DownloadBundle"));
}

#[test]
fn a_bundle_of_one_folder_and_an_appspec_of_either_name_are_found() {
    // codedeploy.md 2 and 8.3
    let yard = Yard::new();
    let spec = appspec("files:\n  - {source: page, destination: /srv}", &[]);
    for (name, path) in [("stripped", "site-1.0/appspec.yml"), ("yaml", "appspec.yaml")] {
        let page = path.replace("appspec.yml", "page").replace("appspec.yaml", "page");
        yard.succeed(&yard.provider(), name, &[(path, &spec), (&page, name)]);
        assert_eq!(yard.read("/srv/page").as_deref(), Some(name));
    }
}

#[test]
fn configurations_that_cannot_be_used_are_refused_in_aws_words() {
    let yard = Yard::new();
    for (key, value, code) in [
        ("ApplicationName", "other", "ApplicationDoesNotExistException"),
        ("DeploymentGroupName", "other", "DeploymentGroupDoesNotExistException"),
        ("DeploymentGroupName", "", "InvalidActionConfiguration"),
    ] {
        let mut job = yard.job("one", &[("appspec.yml", &appspec("", &[]))]);
        job.configuration.insert(key.into(), value.into());
        let (outcome, told) = perform(&yard.provider(), &job);
        assert_eq!(outcome.failure.unwrap().code, code);
        assert_eq!(told.text, "");
        job.configuration = BTreeMap::new();
    }
}

#[test]
fn two_deployments_to_a_group_do_not_overlap() {
    // codedeploy.md 12
    let yard = Yard::new();
    let (first, second) = (yard.provider(), yard.provider());
    let spec = appspec("", &[("AfterInstall", "a.sh")]);
    let job = yard.job("one", &[("appspec.yml", &spec), ("a.sh", "#!/bin/sh\necho now\n")]);
    let other = yard.job("two", &[("appspec.yml", &spec), ("a.sh", "#!/bin/sh\necho now\n")]);
    let mut code = None;
    let mut told = Told::default();
    let during = Box::new(|| code = perform(&second, &other).0.failure.map(|failure| failure.code));
    told.when = Some(("[stdout]now", during));
    let outcome = first.perform(&job, &mut told, &Cancel::new().unwrap()).unwrap();
    drop(told);
    assert_eq!(outcome.status, Status::Succeeded);
    assert_eq!(code.as_deref(), Some("DeploymentLimitExceededException"));
    assert_eq!(perform(&second, &other).0.status, Status::Succeeded);
}

#[test]
fn a_deployment_that_is_stopped_ends_its_hook() {
    let yard = Yard::new();
    let spec = appspec("", &[("AfterInstall", "a.sh")]);
    let job = yard.job("one", &[("appspec.yml", &spec), ("a.sh", "#!/bin/sh\necho now\nexec sleep 1000\n")]);
    let cancel = Cancel::new().unwrap();
    let mut told = Told::default();
    let stop = cancel.clone();
    told.when = Some(("[stdout]now", Box::new(move || stop.request(StopReason::Stopped))));
    let outcome = yard.provider().perform(&job, &mut told, &cancel).unwrap();
    let failure = outcome.failure.unwrap();
    assert_eq!((outcome.status, failure.code.as_str()), (Status::Stopped, "MANUAL_STOP"));
    assert_eq!(told.events.last().unwrap(), "AfterInstall: Stopped");
    assert!(outcome.summary.unwrap().ends_with(" Stopped"));
}

#[test]
fn without_a_local_block_or_a_word_nothing_is_done_but_said() {
    let yard = Yard::new();
    let spec = format!(
        "{}permissions:\n  - {{object: /opt/service, pattern: '*.sh', owner: web, mode: 755}}\n",
        appspec(
            "file_exists_behavior: OVERWRITE\nfiles:\n  - {source: /app, destination: /opt/service}\n  \
             - {source: service.conf, destination: /etc/service}",
            &[("BeforeInstall", "scripts/prepare.sh"), ("ApplicationStart", "scripts/made-by-prepare.sh")],
        )
    );
    let files = [
        ("appspec.yml", spec.as_str()),
        ("app/run.sh", ""),
        ("app/page", ""),
        ("service.conf", ""),
        ("scripts/prepare.sh", "#!/bin/sh\ntouch \"$REHEARSAL_DEPLOYMENT_ROOT/ran\"\n"),
    ];
    for (name, local, allowed) in
        [("no-local-block", vec![], true), ("not-allowed", vec![local(Some("root"))], false)]
    {
        let provider = CodeDeploy::new(yard.host(), vec![group()], local, allowed);
        let job = yard.job(name, &files);
        let (outcome, told) = perform(&provider, &job);
        assert_eq!(outcome.status, Status::Succeeded, "{name}");
        insta::assert_snapshot!(
            format!("deploy-plan-{name}"),
            format!("{}---\n{}\n{}", told.text, outcome.simulated.join("\n"), outcome.summary.unwrap())
        );
        assert!(!yard.root().exists(), "{name}");
        let mut told = Told::default();
        assert_eq!(provider.wind_down(&job, &mut told, &Cancel::new().unwrap()).unwrap(), [""; 0]);
    }
    // What would fail anyway is no success.
    let provider = CodeDeploy::new(yard.host(), vec![group()], vec![], true);
    let missing = appspec("", &[("AfterInstall", "missing.sh")]);
    for (name, spec, event, code) in [
        ("broken", "os: linux\n", "BeforeInstall", "UnknownError"),
        ("missing", missing.as_str(), "AfterInstall", "ScriptMissing"),
    ] {
        let (outcome, _) = yard.deploy(&provider, name, &[("appspec.yml", spec)]);
        let failure = outcome.failure.unwrap();
        assert_eq!((failure.phase.as_deref(), failure.code.as_str()), (Some(event), code), "{name}");
    }
}

#[test]
fn files_alone_need_no_permission_for_hooks() {
    let yard = Yard::new();
    let provider = CodeDeploy::new(yard.host(), vec![group()], vec![local(Some("root"))], false);
    let spec = appspec("files:\n  - {source: page, destination: /srv}", &[]);
    let (_, told) = yard.succeed(&provider, "one", &[("appspec.yml", &spec), ("page", "hello")]);
    assert_eq!(yard.read("/srv/page").as_deref(), Some("hello"));
    assert_eq!(told.notes, [""; 0]);
}
