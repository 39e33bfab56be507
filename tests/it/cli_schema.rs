//! `rehearsal schema`: what editors get.

use std::path::Path;

use crate::env::Env;

#[test]
fn schemas_are_listed_and_printed_as_the_documentation_has_them() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["schema"]), @"
    exit: 0
    --- stdout
    buildspec  buildspecs of CodeBuild, versions 0.2 and 0.1
    appspec    appspecs of CodeDeploy: Server, Lambda and ECS
    pipeline   pipeline definitions, as `aws codepipeline get-pipeline` prints them
    rehearsal  rehearsal.yml
    --- stderr
    note: `rehearsal schema buildspec > buildspec.schema.json` writes one for an editor
    ");
    for kind in ["buildspec", "appspec", "pipeline", "rehearsal"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{kind}.json"));
        assert!(env.stdout(["schema", kind], 0) == std::fs::read_to_string(&path).unwrap(), "{kind}");
    }
    assert_eq!(env.stdout(["schema", "config"], 0), env.stdout(["schema", "rehearsal"], 0));
}

#[test]
fn an_unknown_kind_is_told_what_is_near() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["schema", "buildspce"]), @"
    exit: 2
    --- stderr
    error: invalid value 'buildspce' for '[KIND]'
      [possible values: buildspec, appspec, pipeline, rehearsal]

      tip: a similar value exists: 'buildspec'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(["schema", "template"]), @"
    exit: 2
    --- stderr
    error: invalid value 'template' for '[KIND]'
      [possible values: buildspec, appspec, pipeline, rehearsal]

    For more information, try '--help'.
    ");
}
