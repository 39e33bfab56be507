//! `rehearsal check` and files out to harm: each ends in a finding or is passed over, in a moment, and `--fix` touches none.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::env::{Env, buildspec};

const MISSPELT: &str = "version: 0.2\nphases:\n  biuld:\n    commands:\n      - make\n";

/// Names by which files of every kind are found.
const NAMES: [&str; 5] = ["buildspec.yml", "appspec.yml", "pipeline.yml", "template.yml", "rehearsal.yml"];

/// What may stand in a file, and the code of what is said of it in each, where it is the same everywhere.
fn contents() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    vec![
        ("other letters", b"version: 0.2 # r\xe9p\n".to_vec(), "not-utf8"),
        ("sixteen bits", utf16("version: 0.2\n"), "not-utf8"),
        ("a zero byte", b"version: 0.2\0\n".to_vec(), "control-character"),
        ("ten megabytes", vec![b'#'; 10_000_000], "file-too-large"),
        ("deep", format!("phases: {}", "[".repeat(100_000)).into_bytes(), "yaml-too-deep"),
        (
            "deep blocks",
            (0..1_000).map(|n| " ".repeat(n) + "a:\n").collect::<String>().into_bytes(),
            "yaml-too-deep",
        ),
        ("a bomb", bomb.as_bytes().to_vec(), "yaml-too-many-aliases"),
        ("a circle", b"a: &a [*a]\n".to_vec(), "yaml-recursive-alias"),
        ("a long line", format!("k: \"{}\n", "x".repeat(900_000)).into_bytes(), "yaml-syntax"),
        ("a tab", b"phases:\n\tbuild: {}\n".to_vec(), "yaml-syntax"),
        (
            "a conflict",
            b"<<<<<<< HEAD\nversion: 0.2\n=======\nversion: 0.1\n>>>>>>> b\n".to_vec(),
            "merge-conflict",
        ),
    ]
}

/// The findings of a file, by their codes.
fn codes(document: &str, name: &str) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let all = document["findings"].as_array().unwrap();
    let of = all.iter().filter(|finding| finding["path"] == name);
    of.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn files_of_every_kind_out_to_harm_are_findings_and_stay_as_they_are() {
    for (what, bytes, code) in contents() {
        let env = Env::repository();
        for name in NAMES {
            fs::write(env.work().join(name), &bytes).unwrap();
        }
        for arguments in [&["check", "--format", "json"][..], &["check", "--fix", "--format", "json"]] {
            let output = env.output(arguments.iter().copied());
            let (said, trouble) = (
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8_lossy(&output.stderr).into_owned(),
            );
            assert_eq!(output.status.code(), Some(1), "{what}: {said} {trouble}");
            for name in ["buildspec.yml", "appspec.yml", "rehearsal.yml"] {
                assert!(codes(&said, name).iter().any(|found| found == code), "{what} in {name}: {said}");
            }
            for name in NAMES {
                assert!(fs::read(env.work().join(name)).unwrap() == bytes, "{what}: {name} was changed");
            }
        }
        // Named, a file of a kind that nothing in it shows is refused or checked, and never a panic.
        for (name, kind) in [("pipeline.yml", "pipeline"), ("template.yml", "template")] {
            let output = env.output(["check", "--as", kind, "--format", "json", name]);
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(1), "{what}: {said}");
            assert!(codes(&said, name).iter().any(|found| found == code), "{what} in {name}: {said}");
        }
    }
}

/// What is in a folder, links as they are; pipes by their name alone.
fn state(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut state = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        let name = entry.file_name().into_string().unwrap();
        let holds = if kind.is_symlink() {
            fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes()
        } else if kind.is_file() {
            fs::read(entry.path()).unwrap()
        } else {
            Vec::new()
        };
        state.insert(name, holds);
    }
    state
}

/// A repository with everything that is called like a file to check and is none.
fn no_files() -> Env {
    let env = Env::with(&[("buildspec.yml", &good())]);
    let folder = env.work();
    symlink("buildspec-circle.yml", folder.join("buildspec-circle.yml")).unwrap();
    symlink("absent.yml", folder.join("buildspec-dangling.yml")).unwrap();
    symlink("/etc", folder.join("elsewhere")).unwrap();
    symlink("/dev/zero", folder.join("buildspec-endless.yml")).unwrap();
    fs::create_dir(folder.join("buildspec-folder.yml")).unwrap();
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, folder.join("buildspec-pipe.yml"), fifo, 0o644.into(), 0).unwrap();
    env
}

fn good() -> String {
    buildspec(&["make"])
}

#[test]
fn what_is_no_file_is_passed_over_or_refused() {
    let env = no_files();
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    --- stderr
    note: buildspec-circle.yml is a link that leads in a circle, and was not checked
    note: buildspec-dangling.yml is a link that leads nowhere, and was not checked
    note: buildspec-endless.yml is a link that leads out of the source, and was not checked
    ");
    insta::assert_snapshot!(env.run(["check", "buildspec-pipe.yml"]), @"
    exit: 2
    --- stderr
    error: buildspec-pipe.yml is no ordinary file
    hint: standard input is read with `rehearsal check -`
    ");
    insta::assert_snapshot!(env.run(["check", "buildspec-circle.yml"]), @"
    exit: 2
    --- stderr
    error: cannot read buildspec-circle.yml: Too many levels of symbolic links (os error 40)
    ");
    insta::assert_snapshot!(env.run(["check", "buildspec-folder.yml"]), @"
    exit: 2
    --- stderr
    error: buildspec-folder.yml has nothing to check
    ");
}

#[test]
fn fixing_leaves_alone_what_is_no_file() {
    let env = no_files();
    let before = state(&env.work());
    for name in [
        "buildspec-circle.yml",
        "buildspec-dangling.yml",
        "buildspec-folder.yml",
        "buildspec-pipe.yml",
        "buildspec-endless.yml",
    ] {
        let said = env.run(["check", "--fix", name]);
        assert!(said.starts_with("exit: 2\n"), "{name}: {said}");
    }
    let said = env.run(["check", "--fix"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    assert_eq!(state(&env.work()), before);
}

/// A link to a file to check is that file: it is repaired where it is, and the link stays one. What is outside of the
/// repository is not the repository's to repair.
#[test]
fn fixing_goes_through_a_link_and_not_out_of_the_repository() {
    let env = Env::repository();
    env.file("ci/real.yml", MISSPELT);
    symlink("ci/real.yml", env.work().join("buildspec.yml")).unwrap();
    let outside = env.root().join("outside.yml");
    fs::write(&outside, MISSPELT).unwrap();
    symlink(&outside, env.work().join("buildspec-out.yml")).unwrap();
    insta::assert_snapshot!(env.run(["check", "--fix"]), @"
    exit: 0
    --- stdout
    fixed 2 problems in 2 files
    checked 2 files: no problems
    --- stderr
    note: buildspec-out.yml is a link that leads out of the source, and was not checked
    ");
    assert!(fs::symlink_metadata(env.work().join("buildspec.yml")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&outside).unwrap(), MISSPELT);
}

#[test]
fn submodules_and_repositories_inside_are_others() {
    let env = Env::with(&[("buildspec.yml", &good())]);
    let inner = env.work().join("vendor");
    fs::create_dir(&inner).unwrap();
    for arguments in [&["init", "--quiet"][..], &["commit", "--quiet", "--allow-empty", "-m", "inner"]] {
        assert!(env.prepare("git").current_dir(&inner).args(arguments).status().unwrap().success());
    }
    fs::write(inner.join("buildspec.yml"), MISSPELT).unwrap();
    insta::assert_snapshot!(env.run(["check"]), @"
    exit: 0
    --- stdout
    checked 1 file: no problems
    ");
    // As a submodule too.
    let add = ["-c", "protocol.file.allow=always", "-c", "advice.addEmbeddedRepo=false", "add", "vendor"];
    assert!(env.prepare("git").args(add).status().unwrap().success());
    env.commit("a submodule");
    for arguments in [&["check"][..], &["check", "--fix"], &["check", "--at", "HEAD"]] {
        let said = env.run(arguments.iter().copied());
        assert!(said.contains("checked 1 file: no problems"), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_to_string(inner.join("buildspec.yml")).unwrap(), MISSPELT);
    // Named, it is checked.
    assert!(env.run(["check", "vendor/buildspec.yml"]).starts_with("exit: 1\n"));
}

#[test]
fn names_out_to_harm_are_names() {
    let env = Env::repository();
    let names = [
        "-rf buildspec.yml",
        "$(touch pwned) buildspec.yml",
        "buildspec-\u{1b}[31mred.yml",
        "buildspec-\nx.yml",
        "buildspec-'\";.yml",
    ];
    for name in names {
        fs::write(env.work().join(name), MISSPELT).unwrap();
    }
    env.commit("names");
    for format in ["human", "concise", "github", "json", "sarif"] {
        let output = env.output(["check", "--format", format]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!said.contains('\u{1b}'), "{format}: {said:?}");
        let lines = said.lines().filter(|line| line.contains("unknown-phase")).count();
        assert!(lines > 0, "{format}: {said}");
    }
    insta::assert_snapshot!(env.stdout(["check", "--format", "concise"], 1), @r#"
    $(touch pwned) buildspec.yml:3:3: error[unknown-phase] `biuld` is not a build phase
    -rf buildspec.yml:3:3: error[unknown-phase] `biuld` is not a build phase
    buildspec- x.yml:3:3: error[unknown-phase] `biuld` is not a build phase
    buildspec-?[31mred.yml:3:3: error[unknown-phase] `biuld` is not a build phase
    buildspec-'";.yml:3:3: error[unknown-phase] `biuld` is not a build phase
    "#);
    assert!(env.run(["check", "--fix"]).starts_with("exit: 0\n"));
    assert!(!env.work().join("pwned").exists());
}

#[test]
fn a_template_that_is_too_large_is_not_passed_over() {
    let env = Env::with(&[("buildspec.yml", &good())]);
    let resource = "\"P\": {\"Type\": \"AWS::CodeBuild::Project\"},\n".repeat(40_000);
    fs::write(env.work().join("stack.json"), format!("{{\"Resources\": {{\n{resource}\"Q\": {{}}}}}}"))
        .unwrap();
    let said = env.stdout(["check", "--format", "json"], 1);
    assert_eq!(codes(&said, "stack.json"), ["file-too-large"]);
    let named = env.stdout(["check", "--format", "json", "stack.json"], 1);
    assert_eq!(codes(&named, "stack.json"), ["file-too-large"]);
}

/// Texts of one item in which very much is wrong: what is said of each place must not cost a look at the whole.
#[test]
fn a_text_with_very_many_mistakes_ends_in_a_moment() {
    let command = |unit: &str, count: usize| {
        format!("version: 0.2\nphases:\n  build:\n    commands:\n      - |\n{}", unit.repeat(count))
    };
    let variables: Vec<_> = (0..20_000).map(|n| format!("k{n}: v")).collect();
    let variables = variables.join(", ");
    for (name, text, code) in [
        ("echo.yml", command("        echo $DB_PASSWORD\n", 20_000), "secret-printed"),
        ("background.yml", command("        npm test &\n", 30_000), "hidden-failure"),
        ("misspelt.yml", command("        nmp ci\n", 30_000), "misspelt-command"),
        ("named.yml", command("        echo $CODEBUILD_BUILD_NUMER\n", 20_000), "codebuild-variable"),
        ("images.yml", command("        echo '[x:' > imagedefinitions.json\n", 15_000), "image-definitions"),
        (
            "nothing.template.yml",
            format!(
                "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n{}",
                "      - \n".repeat(50_000)
            ),
            "template-structure",
        ),
        ("expansions.yml", command("        echo ${a.b}\n", 30_000), "bad-expansion"),
        ("images-built.yml", command("        docker build -t A\n", 20_000), "docker-command"),
        ("emptied.yml", command("        sort a.txt > a.txt\n", 20_000), "redirection-slip"),
        ("scripts.yml", command("        ./gradlew build\n", 30_000), ""),
        (
            "written.yml",
            format!(
                "version: 0.2\nphases:\n  build:\n    commands:\n{}artifacts:\n  files:\n{}",
                (0..5_000).map(|n| format!("      - echo a > f{n}.txt\n")).collect::<Vec<_>>().concat(),
                (0..5_000).map(|n| format!("    - g{n}.txt\n")).collect::<Vec<_>>().concat()
            ),
            "",
        ),
        ("fetch.yml", command("        aws ecr get-login-password\n", 15_000), "secret-printed"),
        (
            "folded.yml",
            format!(
                "version: 0.2\nphases:\n  build:\n    commands:\n      - a {}\n        {{b: c\n",
                "\\ ".repeat(200_000)
            ),
            "",
        ),
        (
            "sub.template.yml",
            format!(
                "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub\n        - '{}'\n        - {{{variables}}}\n",
                "${x}".repeat(20_000)
            ),
            "template-reference",
        ),
        ("marks.pipeline.json", format!("{}{{,}}", "\u{feff}".repeat(100_000)), "pipeline-structure"),
    ] {
        let env = Env::repository();
        env.file(name, &text);
        let kind =
            ["template", "pipeline"].into_iter().find(|kind| name.contains(kind)).unwrap_or("buildspec");
        let output = env.output(["check", "--as", kind, "--format", "json", name]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{name}: {:?}", output.status);
        let found = codes(&said, name);
        assert!(
            found.len() <= 100 && (code.is_empty() || found.iter().any(|found| found == code)),
            "{name}: {found:?}"
        );
    }
}
