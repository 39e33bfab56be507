//! What comes of a build: artifacts and exported variables.

use std::collections::BTreeMap;

use super::{Bench, Outputs, PhaseStatus};

#[test]
fn exported_variables_are_those_at_the_end() {
    let ran = Bench::new(
        "version: 0.2
env:
  exported-variables: [V, W]
  variables: {V: a}
phases:
  build:
    commands: [V=b; W=plain]
  post_build:
    commands: ['V=\"c

        d\"']
",
    )
    .run();
    let expected = BTreeMap::from([("V".into(), "c\nd".into()), ("W".into(), "plain".into())]);
    assert_eq!(ran.result.exported, expected);
}

#[test]
fn artifacts_are_made_as_the_outputs_ask() {
    let spec = "version: 0.2
phases:
  build:
    commands: ['mkdir out; echo 1 > out/a; echo 2 > out/b; V=7']
artifacts:
  files: ['**/*']
  base-directory: out
  name: app-$V-$(echo x)
  secondary-artifacts:
    one: {files: [out/a]}
    two: {files: [b], base-directory: out, name: second}
";
    let made = |outputs: Outputs| {
        let mut bench = Bench::new(spec);
        bench.request.outputs = outputs;
        let ran = bench.run();
        let made: Vec<_> = ran
            .result
            .artifacts
            .iter()
            .map(|one| (one.identifier.clone().unwrap_or_default(), one.name.clone(), one.files))
            .collect();
        assert!(ran.result.artifacts.iter().all(|one| one.archive.is_file()));
        (made, ran.ending().1)
    };
    let of = |id: &str, name: &str, files| (id.to_owned(), name.to_owned(), files);
    // codepipeline.md 6
    assert_eq!(made(Outputs::Nothing), (vec![], String::new()));
    assert_eq!(made(Outputs::Primary("Binary".into())), (vec![of("", "Binary", 2)], String::new()));
    let secondary = Outputs::Secondary(vec!["two".into(), "one".into()]);
    assert_eq!(made(secondary), (vec![of("two", "two", 1), of("one", "one", 1)], String::new()));
    let declared = vec![of("", "app-7-x", 2), of("one", "one", 1), of("two", "second", 1)];
    assert_eq!(made(Outputs::Declared), (declared, String::new()));
    let (_, words) = made(Outputs::Secondary(vec!["one".into(), "three".into()]));
    assert_eq!(words, "CLIENT_ERROR no definition for secondary artifacts three in buildspec");
}

#[test]
fn artifacts_that_are_not_there_fail_the_upload() {
    // codebuild.md 8.2
    let mut bench = Bench::phases("  build:\n    commands: [true]\n");
    bench.request.outputs = Outputs::Primary("Binary".into());
    assert_eq!(bench.run().ending().1, "CLIENT_ERROR no definition for primary artifacts in buildspec");
    let bench = Bench::new(
        "version: 0.2
phases: {build: {commands: [true]}}
artifacts: {files: [no-such]}
",
    );
    let ran = bench.run();
    assert_eq!(ran.ending().1, "CLIENT_ERROR no matching artifact paths found");
    assert_eq!(ran.result.failure.unwrap().phase.as_deref(), Some("UPLOAD_ARTIFACTS"));
}

#[test]
fn a_name_is_expanded_also_when_the_working_directory_is_gone() {
    let ran = Bench::new(
        "version: 0.2
phases:
  post_build:
    commands: ['mkdir x; cd x; rmdir ../x']
artifacts:
  files: ['**/*']
  name: app-$(echo x)
",
    )
    .run();
    assert_eq!(ran.result.artifacts[0].name, "app-x", "{}", ran.text);
}

#[test]
fn a_build_whose_scripts_have_no_place_fails() {
    for (command, words) in [
        ("rm -rf ../../tmp", ""),
        ("rm -rf ../../tmp; ln -s \"$PWD\" ../../tmp", "CLIENT_ERROR a command left no place "),
        ("rm ../../tmp/script.sh; mkdir ../../tmp/script.sh", "CLIENT_ERROR a command left no place "),
        ("rm -rf ../../../output", "CLIENT_ERROR a command left no place "),
    ] {
        let ran = Bench::phases(&format!("  build:\n    commands: ['{command}; exit 0', ':']\n")).run();
        let (status, said) = ran.ending();
        assert_eq!(status == PhaseStatus::Succeeded, words.is_empty(), "{command}: {}", ran.text);
        assert!(said.starts_with(words), "{command}: {said}");
    }
}

#[test]
fn a_command_cannot_choose_where_artifacts_are_packed() {
    let ran = Bench::new(
        "version: 0.2
phases:
  build:
    commands: ['mkdir theirs; ln -s \"$PWD/theirs\" ../../../../artifacts']
artifacts:
  files: ['buildspec.yml', 'theirs/*']
",
    );
    let theirs = ran.request.workspace.join("codebuild/output/src1/src/theirs");
    let result = ran.run().result;
    assert!(result.artifacts[0].archive.is_file());
    assert_eq!(std::fs::read_dir(theirs).unwrap().count(), 0);
}
