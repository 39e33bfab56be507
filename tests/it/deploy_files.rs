//! Install: files, what is there already, cleaning up, permissions, and that nothing leaves the deployment root.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use rehearsal::action::{Outcome, Status};
use rehearsal::deploy::CodeDeploy;

use crate::deploy_ground::{Yard, appspec, group, local, perform};

fn refusal(outcome: Outcome) -> String {
    assert_eq!(outcome.status, Status::Failed);
    let failure = outcome.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.phase.as_deref()), ("UnknownError", Some("Install")));
    failure.message
}

fn mode(yard: &Yard, path: &str) -> u32 {
    fs::metadata(yard.on_instance(path)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn files_and_the_contents_of_folders_land_where_the_appspec_says() {
    // codedeploy.md 3.1
    let yard = Yard::new();
    let files = "files:\n  - {source: conf/a.conf, destination: /etc/service}\n  \
                 - {source: app, destination: /opt/service}\n  - {source: /, destination: /srv/all/}";
    let spec = appspec(files, &[]);
    let bundle = [
        ("appspec.yml", spec.as_str()),
        ("conf/a.conf", "a"),
        ("app/run.sh", "run"),
        ("app/deep/er/page", "page"),
    ];
    yard.succeed(&yard.provider(), "one", &bundle);
    for (path, content) in [
        ("/etc/service/a.conf", "a"),
        ("/opt/service/run.sh", "run"),
        ("/opt/service/deep/er/page", "page"),
        ("/srv/all/app/deep/er/page", "page"),
        ("/srv/all/appspec.yml", &spec),
    ] {
        assert_eq!(yard.read(path).as_deref(), Some(content), "{path}");
    }
    assert_eq!(mode(&yard, "/opt/service/run.sh"), 0o755);
    let agent = yard.on_instance("/opt/codedeploy-agent/deployment-root/deployment-instructions");
    let mut names: Vec<_> =
        fs::read_dir(agent).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let id = names[0].strip_suffix("-cleanup").unwrap();
    assert_eq!(
        names[1..],
        [
            format!("{id}-install.json"),
            format!("{id}_last_successful_install"),
            format!("{id}_most_recent_install")
        ]
    );
}

#[test]
fn a_second_deployment_removes_what_the_first_installed_and_nothing_else() {
    // codedeploy.md 8.3
    let yard = Yard::new();
    let spec =
        appspec("files:\n  - {source: app, destination: /opt/service}", &[("AfterInstall", "made.sh")]);
    let made = "#!/bin/sh\n[ -e \"$REHEARSAL_DEPLOYMENT_ROOT/opt/service/kept/mine\" ] || \
                touch \"$REHEARSAL_DEPLOYMENT_ROOT/opt/service/kept/mine\"\n";
    let one = [
        ("appspec.yml", spec.as_str()),
        ("made.sh", made),
        ("app/kept/old", "1"),
        ("app/gone/old", "1"),
        ("app/both", "1"),
    ];
    let two = [("appspec.yml", spec.as_str()), ("made.sh", made), ("app/kept/new", "2"), ("app/both", "2")];
    let provider = yard.provider();
    yard.succeed(&provider, "one", &one);
    yard.succeed(&provider, "two", &two);
    // DISALLOW is the default, and what the group installed itself is no obstacle.
    assert_eq!(yard.read("/opt/service/both").as_deref(), Some("2"));
    assert!(!yard.on_instance("/opt/service/gone").exists());
    assert!(!yard.on_instance("/opt/service/kept/old").exists());
    assert!(yard.on_instance("/opt/service/kept/new").exists());
    assert!(yard.on_instance("/opt/service/kept/mine").exists(), "made by a script, never removed");
}

#[test]
fn a_file_that_is_there_already_is_treated_as_the_appspec_says() {
    // codedeploy.md 3.1: DISALLOW unless written
    for (behaviour, expected) in [
        ("", None),
        ("file_exists_behavior: DISALLOW\n", None),
        ("file_exists_behavior: OVERWRITE\n", Some("new")),
        ("file_exists_behavior: RETAIN\n", Some("old")),
    ] {
        let yard = Yard::new();
        fs::create_dir_all(yard.on_instance("/srv")).unwrap();
        fs::write(yard.on_instance("/srv/page"), "old").unwrap();
        let spec = appspec(&format!("{behaviour}files:\n  - {{source: page, destination: /srv}}"), &[]);
        let provider = yard.provider();
        let (outcome, _) = yard.deploy(&provider, "one", &[("appspec.yml", &spec), ("page", "new")]);
        match expected {
            Some(content) => {
                assert_eq!(outcome.status, Status::Succeeded, "{behaviour}");
                assert_eq!(yard.read("/srv/page").as_deref(), Some(content), "{behaviour}");
            }
            None => assert_eq!(
                refusal(outcome),
                "The deployment failed because a specified file already exists at this location: /srv/page"
            ),
        }
        if behaviour.contains("RETAIN") {
            // It is not the deployment's, so the next one does not remove it.
            let empty = appspec("", &[]);
            yard.succeed(&provider, "two", &[("appspec.yml", &empty)]);
            assert_eq!(yard.read("/srv/page").as_deref(), Some("old"));
        }
    }
}

#[test]
fn contradictions_are_refused_before_anything_is_written() {
    // codedeploy.md 2.1, 19, 20 and "Install-time failures"
    for (name, lines, words) in [
        (
            "two-sources",
            "files:\n  - {source: a/page, destination: /srv}\n  - {source: b/page, destination: /srv}",
            "/srv/page has two sources",
        ),
        (
            "file-and-folder",
            "files:\n  - {source: a/page, destination: /srv}\n  - {source: b, destination: /srv/page}",
            "/srv/page has to be a file and a folder at once",
        ),
        ("no-source", "files:\n  - {source: c, destination: /srv}", "source c is not in the revision"),
        (
            "source-outside",
            "files:\n  - {source: ../c, destination: /srv}",
            "source ../c leads out of the revision",
        ),
        (
            "the-agents-folder",
            "files:\n  - {source: a, destination: /opt/codedeploy-agent/x}",
            "is in the CodeDeploy agent's own folder",
        ),
        (
            "the-agents-folder-from-above",
            "files:\n  - {source: deep, destination: /opt}",
            "/opt/codedeploy-agent is in the CodeDeploy agent's own folder",
        ),
        (
            "the-agents-folder-from-the-top",
            "files:\n  - {source: top, destination: /}",
            "/opt/codedeploy-agent is in the CodeDeploy agent's own folder",
        ),
        (
            "pattern-of-a-file",
            "files:\n  - {source: a/page, destination: /srv}\npermissions:\n  - {object: /srv/page, pattern: '*', mode: 600}",
            "/srv/page is a file, and has the pattern *",
        ),
        (
            "except-of-a-file",
            "files:\n  - {source: a/page, destination: /srv}\npermissions:\n  - {object: /srv/page, except: [x], mode: 600}",
            "/srv/page is a file, and has `except`",
        ),
        (
            "two-permissions",
            "files:\n  - {source: a, destination: /srv}\npermissions:\n  - {object: /srv, mode: 600}\n  - {object: /srv, pattern: 'p*', mode: 644}",
            "/srv/page is in two entries of permissions",
        ),
    ] {
        let yard = Yard::new();
        let spec = appspec(lines, &[]);
        let bundle = [
            ("appspec.yml", spec.as_str()),
            ("a/page", "a"),
            ("b/page", "b"),
            ("deep/codedeploy-agent/page", ""),
            ("top/opt/codedeploy-agent/page", ""),
        ];
        let (outcome, _) = yard.deploy(&yard.provider(), "one", &bundle);
        let message = refusal(outcome);
        assert!(message.contains(words), "{name}: {message}");
        assert!(!yard.on_instance("/srv").exists(), "{name}");
    }
}

#[test]
fn no_link_leads_into_the_agents_own_folder() {
    let yard = Yard::new();
    fs::create_dir_all(yard.on_instance("/opt/codedeploy-agent")).unwrap();
    symlink("opt/codedeploy-agent", yard.on_instance("/srv")).unwrap();
    let spec = appspec("files:\n  - {source: page, destination: /srv}", &[]);
    let (outcome, _) = yard.deploy(&yard.provider(), "one", &[("appspec.yml", &spec), ("page", "")]);
    let message = refusal(outcome);
    assert!(message.contains("is in the CodeDeploy agent's own folder"), "{message}");
}

#[test]
fn permissions_are_set_as_far_as_one_may() {
    // codedeploy.md 3.2
    let yard = Yard::new();
    fs::create_dir_all(yard.on_instance("/srv")).unwrap();
    fs::write(yard.on_instance("/srv/before.sh"), "").unwrap();
    fs::set_permissions(yard.on_instance("/srv/before.sh"), fs::Permissions::from_mode(0o600)).unwrap();
    let spec = appspec(
        "files:\n  - {source: app, destination: /srv}\npermissions:\n  \
         - {object: /srv, pattern: '*.sh', except: ['secret*'], mode: 4755, owner: no-such-user}\n  \
         - {object: /srv/deep, mode: 640, type: [file], acls: ['u:web:r']}\n  \
         - {object: /srv/deep, mode: 700, type: [directory]}\n  - {object: /nothing, mode: 600}",
        &[],
    );
    let files = [
        ("appspec.yml", spec.as_str()),
        ("app/run.sh", ""),
        ("app/secret.sh", ""),
        ("app/page", ""),
        ("app/deep/er/page.sh", ""),
    ];
    let (_, told) = yard.succeed(&yard.provider(), "one", &files);
    for (path, expected) in [
        ("/srv/run.sh", 0o755),
        ("/srv/page", 0o644),
        ("/srv/deep/er/page.sh", 0o640),
        ("/srv/deep/er", 0o700),
        ("/srv/before.sh", 0o600),
    ] {
        assert_eq!(mode(&yard, path), expected, "{path}");
    }
    assert_eq!(
        told.notes,
        [
            "permissions of /srv: setuid and setgid are not set in a rehearsal",
            "permissions of /srv/deep: `acls` are not set in a rehearsal",
            "permissions of /nothing meet nothing that this deployment installs",
            "owner no-such-user is not known on this machine: files stay with you",
        ]
    );
}

#[test]
fn nothing_leads_out_of_the_deployment_root() {
    let yard = Yard::new();
    let outside = yard.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("theirs"), "precious").unwrap();

    // Words alone do not get out.
    let spec = appspec("files:\n  - {source: page, destination: /../../outside}", &[]);
    yard.succeed(&yard.provider(), "words", &[("appspec.yml", &spec), ("page", "hello")]);
    assert_eq!(yard.read("/outside/page").as_deref(), Some("hello"));

    // Nor does a link that is there already, on the way or at its end.
    symlink(&outside, yard.on_instance("/link")).unwrap();
    for destination in ["/link", "/link/below"] {
        let spec = appspec(&format!("files:\n  - {{source: page, destination: {destination}}}"), &[]);
        let name = format!("there{}", destination.replace('/', "-"));
        let (outcome, _) = yard.deploy(&yard.provider(), &name, &[("appspec.yml", &spec), ("page", "hello")]);
        let message = refusal(outcome);
        assert!(message.contains("is a link that leads out of the folder it is in"), "{message}");
    }

    // Nor one that the bundle brings itself: it is installed as a link, and not written through.
    let bundle = yard.path().join("bundles/brought");
    fs::create_dir_all(bundle.join("b/l")).unwrap();
    fs::create_dir_all(bundle.join("a")).unwrap();
    symlink(&outside, bundle.join("a/l")).unwrap();
    fs::write(bundle.join("b/l/theirs"), "overwritten").unwrap();
    let spec = appspec(
        "file_exists_behavior: OVERWRITE\nfiles:\n  - {source: a, destination: /srv}\n  - {source: b, destination: /srv}",
        &[],
    );
    fs::write(bundle.join("appspec.yml"), &spec).unwrap();
    refusal(perform(&yard.provider(), &yard.job_of("brought", &bundle)).0);

    // Nor the permissions of an installed link, nor what the clean-up list says.
    fs::remove_dir_all(bundle.join("b")).unwrap();
    let spec = appspec(
        "files:\n  - {source: a, destination: /srv}\npermissions:\n  - {object: /srv, mode: 777}",
        &[("AfterInstall", "list.sh")],
    );
    fs::write(bundle.join("appspec.yml"), &spec).unwrap();
    let list = format!(
        "#!/bin/sh\nfor list in \"$REHEARSAL_DEPLOYMENT_ROOT\"/opt/codedeploy-agent/deployment-root/deployment-instructions/*-cleanup; do\n  \
         echo {0}/theirs >>$list; echo \"$REHEARSAL_DEPLOYMENT_ROOT/srv/l/theirs\" >>$list\ndone\n",
        outside.display()
    );
    fs::write(bundle.join("list.sh"), list).unwrap();
    let before = fs::metadata(&outside).unwrap().permissions().mode();
    let provider = yard.provider();
    let (outcome, told) = perform(&provider, &yard.job_of("link", &bundle));
    assert_eq!(outcome.status, Status::Succeeded, "{}", told.text);
    assert_eq!(fs::read_link(yard.on_instance("/srv/l")).unwrap(), outside);
    assert_eq!(fs::metadata(&outside).unwrap().permissions().mode(), before);
    yard.succeed(&provider, "last", &[("appspec.yml", &appspec("", &[]))]);
    assert!(!yard.on_instance("/srv/l").is_symlink(), "the link itself has been cleaned up");
    assert_eq!(fs::read_to_string(outside.join("theirs")).unwrap(), "precious");
}

#[test]
fn scripts_and_appspecs_are_taken_from_the_revision_only() {
    let yard = Yard::new();
    let outside = yard.path().join("outside.sh");
    fs::write(&outside, "#!/bin/sh\necho not ours\n").unwrap();
    let bundle = yard.path().join("bundles/one");
    fs::create_dir_all(&bundle).unwrap();
    symlink(&outside, bundle.join("link.sh")).unwrap();
    for location in ["link.sh", "../../../../../../../../outside.sh"] {
        fs::write(bundle.join("appspec.yml"), appspec("", &[("AfterInstall", location)])).unwrap();
        let name = if location == "link.sh" { "link" } else { "up" };
        let (outcome, told) = perform(&yard.provider(), &yard.job_of(name, &bundle));
        let message = outcome.failure.unwrap().message;
        assert!(message.contains("leads out of the revision"), "{message}");
        assert_eq!(told.said(), "");
    }
    fs::write(yard.path().join("appspec.yml"), appspec("", &[])).unwrap();
    fs::remove_file(bundle.join("appspec.yml")).unwrap();
    symlink(yard.path().join("appspec.yml"), bundle.join("appspec.yml")).unwrap();
    let (outcome, _) = perform(&yard.provider(), &yard.job_of("appspec", &bundle));
    assert!(outcome.failure.unwrap().message.contains("leads out of the revision"));
}

#[test]
fn a_group_without_a_root_has_one_below_the_state() {
    let yard = Yard::new();
    let provider = CodeDeploy::new(yard.host(), vec![group()], vec![local(None)], true);
    let spec = appspec("files:\n  - {source: page, destination: /srv}", &[]);
    yard.succeed(&provider, "one", &[("appspec.yml", &spec), ("page", "hello")]);
    let roots: Vec<_> = fs::read_dir(yard.path().join("state/deployments")).unwrap().collect();
    let [Ok(root)] = &roots[..] else { panic!("{roots:?}") };
    assert!(root.file_name().to_str().unwrap().starts_with("service-production-"));
    assert_eq!(fs::read_to_string(root.path().join("srv/page")).unwrap(), "hello");
}

#[test]
fn five_revisions_are_kept() {
    // codedeploy.md 8.3
    let yard = Yard::new();
    let provider = yard.provider();
    let spec = appspec("", &[]);
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(yard.succeed(&provider, &format!("n{number}"), &[("appspec.yml", &spec)]).0);
    }
    let agent = yard.on_instance("/opt/codedeploy-agent/deployment-root");
    let groups: Vec<_> = fs::read_dir(agent).unwrap().map(|entry| entry.unwrap().path()).collect();
    let folder = groups.iter().find(|path| path.join(&ids[6]).is_dir()).unwrap();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 5);
    assert!(folder.join(&ids[6]).join("deployment-archive/appspec.yml").is_file());
    assert!(folder.join(&ids[6]).join("logs/scripts.log").is_file());
}
