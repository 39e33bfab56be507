//! What version 1 of the AWS CLI does in the place of version 2.

use super::*;

/// How a command is told that is decided for a build whose image has version 2, where this machine has `version`.
fn told_with(typed: &str, version: &str, found: &str, second: bool) -> String {
    let session = Session::new();
    let tools = Tools::default().with_second_cli(second);
    let scene = Scene { tools: &tools, desk: &session.desk };
    let mut asked = asked(typed, &|_| true);
    asked.found = Some(found.into());
    loop {
        match decide(&asked, &scene) {
            Verdict::Look(look) => {
                see(&look, &|_| true, &mut asked.seen);
                asked.seen.versions.insert("aws --version".to_owned(), version.to_owned());
                asked
                    .seen
                    .read
                    .extend([("good.b64".into(), Some("eyJhIjoxfQ==\n".into())), ("none".into(), None)]);
            }
            verdict => {
                let told = told(&verdict);
                return told
                    .lines()
                    .map(str::trim)
                    .find(|line| !line.is_empty())
                    .unwrap_or_default()
                    .to_owned();
            }
        }
    }
}

#[test]
fn what_version_two_takes_and_refuses_is_taken_and_refused() {
    let (first, second) = ("aws-cli/1.45.11 Python/3.11.7", "aws-cli/2.31.0 Python/3.13.7");
    for (typed, expected) in [
        ("aws --no-cli-pager sts get-caller-identity", "real without [0]"),
        (
            "aws lambda invoke --function-name f --payload {\"a\":1} --cli-binary-format raw-in-base64-out o",
            "real without [6, 7]",
        ),
        (
            "aws lambda invoke --cli-binary-format=raw-in-base64-out --function-name f --payload {} o",
            "real without [2]",
        ),
        ("aws lambda invoke --function-name f --payload eyJhIjoxfQ== o", "real"),
        ("aws lambda invoke --function-name f --payload {} o", "real"),
        ("aws lambda invoke --function-name f --payload file://good.b64 o", "real"),
        ("aws lambda invoke --function-name f --payload file://none o", "real"),
        ("aws lambda invoke --function-name f --payload fileb://event.json o", "real"),
        ("aws lambda invoke --function-name f o", "real"),
        ("aws sts get-caller-identity", "real"),
        ("aws ecr get-login-password", "real"),
    ] {
        assert_eq!(told_with(typed, first, "/usr/bin/aws", true), expected, "{typed}");
        assert_eq!(told_with(typed, second, "/usr/bin/aws", true), "real", "{typed}");
    }
    for (typed, expected) in [
        ("aws lambda invoke --function-name f --payload {\"a\":1} o", "fails 255:"),
        ("aws lambda invoke --function-name f --payload file://event.json o", "fails 255:"),
        ("aws kms encrypt --key-id k --plaintext a_secret", "fails 255:"),
        ("aws ecr get-login --no-include-email", "fails 252:"),
    ] {
        assert_eq!(told_with(typed, first, "/usr/bin/aws", true), expected, "{typed}");
        // Version 2 says so itself, a build that installs version 1 gets what it asked for, and of other images nobody
        // knows which version they have.
        for (version, found, known) in [
            (second, "/usr/bin/aws", true),
            (first, "/root/.local/bin/aws", true),
            (first, "/usr/bin/aws", false),
        ] {
            assert_eq!(told_with(typed, version, found, known), "real", "{typed} {version} {found} {known}");
        }
    }
}
