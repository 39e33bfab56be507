//! Real AWS clients, unmodified, in builds: boto3 with every operation that is answered and ten that are not, and the
//! JavaScript SDK. The AWS CLI runs in the idioms. They come from the folder in REHEARSAL_CLIENTS; without it, requests of
//! theirs that were recorded are answered in `src/aws/endpoint/tests`, and a line says so.

use std::path::{Path, PathBuf};

use crate::env::{Env, render};
use crate::testing::{clients, say};

/// The folder of real clients that has this half; a line says when there is none.
fn half(name: &str) -> Option<PathBuf> {
    let found = clients().filter(|folder| folder.join(name).is_dir());
    if found.is_none() {
        say(&format!("REHEARSAL_CLIENTS names no folder with {name}: its recorded requests have to do"));
    }
    found
}

/// Runs a command in a build, and gives what it printed.
fn printed(clients: &Path, files: &[(&str, &str)], command: &str, sandbox: &str) -> String {
    let mut env = Env::repository();
    env.set("CLIENTS", clients);
    env.set("PYTHONPATH", clients.join("python"));
    env.set("REHEARSAL_SANDBOX", sandbox);
    env.file("rehearsal.yml", "local: { inherit: [CLIENTS, PYTHONPATH] }\n");
    env.file("buildspec.yml", &crate::env::buildspec(&[command]));
    for (name, text) in files {
        env.file(name, text);
    }
    env.commit("a build with a client");
    let output = env.output(["build"]);
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    let effects = env.stdout(["show", "--effects"], 0);
    format!("{}---\n{effects}", String::from_utf8(output.stdout).unwrap())
}

#[test]
fn boto3_calls_every_operation_that_is_answered_and_ten_that_are_not() {
    let Some(clients) = half("python") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let files = [("every.py", read("tests/clients/every_operation.py")), ("aws.md", read("docs/aws.md"))];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let told = printed(&clients, &files, "python3 every.py aws.md", "host");
    let (answers, _) = told.split_once("---\n").unwrap();
    let unanswered: Vec<_> = answers.lines().filter(|line| line.ends_with("RehearsalUnanswered")).collect();
    assert!(answers.lines().count() > 200, "{answers}");
    insta::assert_snapshot!(answers);
    assert!(unanswered.iter().any(|line| line.starts_with("ec2:DescribeVpcs")), "{unanswered:#?}");
}

#[test]
fn the_javascript_sdk_puts_and_gets() {
    let Some(clients) = half("node") else { return };
    let script =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/buckets.mjs"));
    let told =
        printed(&clients, &[("buckets.mjs", &script.unwrap())], "node --no-warnings buckets.mjs", "host");
    insta::assert_snapshot!(told);
}

#[test]
fn the_aws_cli_meets_what_is_not_there_as_at_aws() {
    let Some(clients) = half("python") else { return };
    let script = "set -x
aws=\"python3 -m awscli\"
$aws s3control list-access-points --account-id 111122223333
$aws s3control create-access-point --account-id 111122223333 --name pages --bucket shop-pages
$aws sts get-caller-identity --region us-esat-1
$aws cloudformation create-stack --stack-name web --template-url file:///builds/web.yml
$aws ssm get-parameter --name /shop/value --query Parameter.Value
$aws secretsmanager get-secret-value --secret-id shop/key --query SecretString
$aws cloudformation describe-stacks --stack-name web
";
    let mut env = Env::repository();
    env.set("PYTHONPATH", clients.join("python"));
    env.set("REHEARSAL_SANDBOX", "host");
    env.file("rehearsal.yml", "local: { inherit: [PYTHONPATH] }\n");
    env.file("meet.sh", script);
    env.file("buildspec.yml", &crate::env::buildspec(&["sh meet.sh 2>&1"]));
    env.commit("a build with the CLI");
    let output = env.output(["build", "--placeholder-secrets"]);
    assert_eq!(output.status.code(), Some(1), "{}", render(&output));
    let effects = env.run(["show", "--effects"]);
    insta::assert_snapshot!(format!("{}\n---\n{effects}", render(&output)));
}

/// `--endpoint-url` with an address of AWS leads to the endpoint, with one of this machine to that, and profiles are those
/// of the build, which has none (CLI user guide, "Configuration and credential file settings").
#[test]
fn the_cli_goes_where_it_is_led_and_knows_no_profile_of_the_user() {
    let Some(clients) = half("python") else { return };
    let mut env = Env::repository();
    env.set("CLIENTS", &clients);
    env.set("REHEARSAL_SANDBOX", "host");
    env.file("rehearsal.yml", "local: { inherit: [CLIENTS] }\n");
    let cli = "export PATH=\"$PATH:$CLIENTS/python/bin\" PYTHONPATH=\"$CLIENTS/python\"";
    let commands = [
        "aws sts --endpoint-url https://sts.us-east-1.amazonaws.com get-caller-identity --query Account --output text",
        "aws --no-cli-pager sqs create-queue --queue-name q --output text | sed 's|:[0-9][0-9]*/|:PORT/|'",
        "aws sqs create-queue --queue-name q --endpoint-url http://127.0.0.1:1 || echo status $?",
        "aws sqs create-queue --queue-name q --profile x || echo status $?",
        "AWS_PROFILE=x aws s3 ls || echo status $?",
        "aws lambda invoke --function-name f --payload '{\"a\":1}' o || echo status $?",
        "aws lambda invoke --function-name f --payload '{\"a\":1}' --cli-binary-format raw-in-base64-out o --query StatusCode",
    ];
    env.file(
        "buildspec.yml",
        &crate::env::buildspec(&std::iter::once(cli).chain(commands).collect::<Vec<_>>()),
    );
    env.commit("a build with the CLI");
    let output = env.output(["build"]);
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
