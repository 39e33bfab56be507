//! Records and templates written by hand, and what comes of them.

use std::path::Path;

use super::*;
use crate::aws::effect;
use crate::diagnostic::human::{Style, render};

const ACCOUNT: &str = "000000000000";

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/permissions").join(name)
}

/// What the record of the fixtures needs.
fn needs() -> Needs {
    let effects = effect::read(&fixture("web.effects")).unwrap();
    assert_eq!(effects.len(), 17, "a line of the record cannot be read");
    let mut needs = Needs::default();
    for effect in &effects {
        needs.add(effect, ACCOUNT);
    }
    needs.add_codebuild("web", "us-east-1", ACCOUNT, true);
    needs
}

fn role(template: &str) -> Result<Found, String> {
    let mut templates = Templates::default();
    templates.add("template.yml", template.as_bytes());
    templates.role_of("web")
}

#[test]
fn the_least_policy_covers_what_was_called() {
    let needs = needs();
    insta::assert_snapshot!("least-policy", serde_json::to_string_pretty(&policy(&needs)).unwrap());
    insta::assert_snapshot!(needs.remarks.iter().cloned().collect::<Vec<_>>().join("\n"), @"
    codedeploy:GetDeployment: on which resource is not known, so it has `*`
    dynamodb:ExecuteStatement: its IAM actions are not known
    ");
}

#[test]
fn a_role_with_the_least_policy_lacks_nothing() {
    let needs = needs();
    let document = serde_json::to_string(&policy(&needs)).unwrap();
    let found =
        role(&template(&format!("Policies: [{{ PolicyName: least, PolicyDocument: {document} }}]"))).unwrap();
    let judged = judge("web", &found, &needs);
    assert!(
        judged.lacking.is_empty() && judged.unjudged.is_empty(),
        "{:?}",
        (judged.lacking, judged.unjudged)
    );
}

#[test]
fn what_the_role_of_a_template_lacks_is_found() {
    let needs = needs();
    let found = role(&std::fs::read_to_string(fixture("template.yml")).unwrap()).unwrap();
    let judged = judge("web", &found, &needs);
    let unjudged: Vec<_> = judged
        .unjudged
        .iter()
        .map(|(need, why)| format!("{} on {}: {why}", need.action, need.resource.written()))
        .collect();
    insta::assert_snapshot!(
        "judged",
        format!(
            "{} allowed\n\nnot judged:\n{}\n\n{}",
            judged.allowed,
            unjudged.join("\n"),
            render(&judged.findings, Style::plain(110)).trim_end()
        )
    );
}

/// A template whose role has these properties.
fn template(properties: &str) -> String {
    format!(
        "Resources:\n  Build:\n    Type: AWS::CodeBuild::Project\n    Properties: {{ Name: web, ServiceRole: !GetAtt Role.Arn }}\n  \
         Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: build-role\n      {properties}\n"
    )
}

/// How a role is judged for one action on one resource.
fn verdict(template: &str, action: &str, resource: Resource) -> &'static str {
    let found = role(template).unwrap_or_else(|why| panic!("{why}: {template}"));
    let mut needs = Needs::default();
    needs.accounts.insert(ACCOUNT.to_owned());
    let asked = Asked { times: 1, command: None, is_sure: true };
    needs.needs.insert(Need { action: action.to_owned(), resource }, asked);
    let judged = judge("web", &found, &needs);
    match (judged.allowed, judged.lacking.len(), judged.unjudged.len()) {
        (1, 0, 0) => "allowed",
        (0, 1, 0) => "lacking",
        (0, 0, 1) => "not judged",
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_what_is_surely_lacking_is_lacking() {
    let statement = |text: &str| {
        template(&format!("Policies: [{{ PolicyName: p, PolicyDocument: {{ Statement: [{text}] }} }}]"))
    };
    let managed = |text: &str| template(&format!("ManagedPolicyArns: [{text}]"));
    let object = || Resource::Arn("arn:aws:s3:::site/a".to_owned());
    let image = || Resource::Arn(format!("arn:aws:ecr:us-east-1:{ACCOUNT}:repository/web"));
    for (template, action, resource, expected) in [
        (template(""), "s3:PutObject", object(), "lacking"),
        (statement("{ Effect: Allow, Action: '*', Resource: '*' }"), "s3:PutObject", object(), "allowed"),
        (
            statement("{ Effect: Allow, Action: 's3:p?tobject', Resource: '*' }"),
            "s3:PutObject",
            object(),
            "allowed",
        ),
        (
            statement("{ Effect: Allow, Action: s3:PutObject, Resource: 'arn:aws:s3:::site' }"),
            "s3:PutObject",
            object(),
            "lacking",
        ),
        (
            statement("{ Effect: Allow, Action: s3:PutObject, Resource: !Ref Somewhere }"),
            "s3:PutObject",
            object(),
            "not judged",
        ),
        (
            statement("{ Effect: Allow, Action: s3:PutObject, Resource: !If [A, x, y] }"),
            "s3:PutObject",
            object(),
            "not judged",
        ),
        (
            statement("!If [A, { Effect: Allow, Action: '*', Resource: '*' }, !Ref 'AWS::NoValue']"),
            "s3:PutObject",
            object(),
            "not judged",
        ),
        (
            statement("{ Effect: Allow, Action: s3:PutObject, Resource: '*', Condition: {} }"),
            "s3:PutObject",
            object(),
            "not judged",
        ),
        (
            statement("{ Effect: Allow, NotAction: 's3:*', Resource: '*' }"),
            "s3:PutObject",
            object(),
            "lacking",
        ),
        (
            statement("{ Effect: Allow, NotAction: 'iam:*', Resource: '*' }"),
            "s3:PutObject",
            object(),
            "allowed",
        ),
        (
            statement("{ Effect: Allow, Action: '*', NotResource: 'arn:aws:s3:::site/*' }"),
            "s3:PutObject",
            object(),
            "lacking",
        ),
        (
            statement(
                "{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: 's3:Put*', Resource: '*' }",
            ),
            "s3:PutObject",
            object(),
            "lacking",
        ),
        (
            statement(
                "{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: 's3:Put*', Resource: !Ref X }",
            ),
            "s3:PutObject",
            object(),
            "not judged",
        ),
        (
            statement(
                "{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: 's3:Get*', Resource: '*' }",
            ),
            "s3:PutObject",
            object(),
            "allowed",
        ),
        // The region and the account of a rehearsal do not count: neither for nor against the role.
        (
            statement(
                "{ Effect: Allow, Action: 'ecr:*', Resource: 'arn:aws:ecr:eu-west-1:999988887777:repository/web' }",
            ),
            "ecr:PutImage",
            image(),
            "allowed",
        ),
        (
            statement(
                "{ Effect: Allow, Action: 'ecr:*', Resource: 'arn:aws:ecr:eu-west-1:999988887777:repository/other' }",
            ),
            "ecr:PutImage",
            image(),
            "lacking",
        ),
        (
            statement(
                "{ Effect: Allow, Action: '*', Resource: '*' }, { Effect: Deny, Action: '*', Resource: 'arn:aws:ecr:eu-west-1:999988887777:*' }",
            ),
            "ecr:PutImage",
            image(),
            "not judged",
        ),
        // An action without resources needs `*` itself.
        (
            statement("{ Effect: Allow, Action: 'ecr:*', Resource: 'arn:aws:ecr:*:*:repository/web' }"),
            "ecr:GetAuthorizationToken",
            Resource::Every,
            "lacking",
        ),
        (
            statement("{ Effect: Allow, Action: 'ecr:*', Resource: 'arn:aws:ecr:*:*:repository/web' }"),
            "ecr:PutImage",
            Resource::Unknown,
            "not judged",
        ),
        (
            statement("{ Effect: Allow, Action: 'ecr:*', Resource: '*' }"),
            "ecr:PutImage",
            Resource::Unknown,
            "allowed",
        ),
        (managed("'arn:aws:iam::aws:policy/AdministratorAccess'"), "ecr:PutImage", image(), "allowed"),
        (
            managed("!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser'"),
            "ecr:PutImage",
            image(),
            "allowed",
        ),
        (
            managed("'arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser'"),
            "ecr:DeleteRepository",
            image(),
            "lacking",
        ),
        (managed("'arn:aws:iam::aws:policy/AmazonS3FullAccess'"), "ecr:PutImage", image(), "lacking"),
        (managed("'arn:aws:iam::aws:policy/AmazonSSMFullAccess'"), "ecr:PutImage", image(), "not judged"),
        (managed("!Ref GivenPolicy"), "ecr:PutImage", image(), "not judged"),
        (
            format!(
                "{}  P:\n    Type: AWS::IAM::Policy\n    Properties: {{ Roles: [build-role], PolicyDocument: {{ Statement: {{ Effect: Allow, Action: 'ecr:*', Resource: '*' }} }} }}\n",
                template("")
            ),
            "ecr:PutImage",
            image(),
            "allowed",
        ),
        (
            format!(
                "{}  P:\n    Type: AWS::IAM::Policy\n    Properties: {{ Roles: [!Ref RoleParameter], PolicyDocument: {{}} }}\n",
                template("")
            ),
            "ecr:PutImage",
            image(),
            "not judged",
        ),
        (
            format!(
                "{}  P:\n    Type: AWS::IAM::Policy\n    Properties: {{ Roles: [other-role], PolicyDocument: {{}} }}\n",
                template("")
            ),
            "ecr:PutImage",
            image(),
            "lacking",
        ),
        (
            format!(
                "{}  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {{ PolicyDocument: {{}} }}\n",
                template("")
            ),
            "s3:PutObject",
            object(),
            "not judged",
        ),
    ] {
        assert_eq!(verdict(&template, action, resource), expected, "{action}\n{template}");
    }
}

#[test]
fn a_role_that_is_not_in_the_template_is_told() {
    let project = |name: &str, role: &str| {
        format!(
            "Resources:\n  Build:\n    Type: AWS::CodeBuild::Project\n    Properties: {{ Name: {name}, ServiceRole: {role} }}\n  Role: {{ Type: AWS::IAM::Role }}\n"
        )
    };
    for (template, expected) in [
        (project("web", "!GetAtt Role.Arn"), None),
        (project("web", "{ 'Fn::GetAtt': [Role, Arn] }"), None),
        (project("web", "!Sub '${Role.Arn}'"), None),
        (project("!Sub '${AWS::StackName}eb'", "!Ref Role"), None),
        (project("web", "!Ref RoleParameter"), Some("the role of the project web is not in template.yml")),
        (project("web", "!ImportValue role"), Some("the role of the project web is not in template.yml")),
        (project("other", "!GetAtt Role.Arn"), Some("no template of the commit has the project web")),
        ("x: AWS::CodeBuild::Project".to_owned(), Some("no template of the commit has the project web")),
        ("\u{1}: [AWS::CodeBuild::Project".to_owned(), Some("no template of the commit has the project web")),
    ] {
        assert_eq!(role(&template).err().as_deref(), expected, "{template}");
    }
}
