//! What stacks and tools need that the calls themselves do not show.

use serde_json::{Value, json};

use super::*;
use crate::aws::effect::Effect;

const ACCOUNT: &str = "123456789012";

fn needs(effects: &[Value]) -> Needs {
    let mut needs = Needs::default();
    for effect in effects {
        let mut whole =
            json!({"at": "2026-11-25T10:00:00Z", "command": "deploy", "handling": {"outcome": "simulated"}});
        whole.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        let effect: Effect = serde_json::from_value(whole).unwrap();
        needs.add(&effect, ACCOUNT);
    }
    needs
}

/// A call of CloudFormation that did `stack`.
fn call(operation: &str, parameters: &Value, stack: Option<Value>) -> Value {
    let call = json!({"call": {"service": "cloudformation", "operation": operation, "region": "eu-west-1", "parameters": parameters}});
    let deed = stack.map(|stack| json!({"words": "changed stack shop", "stack": stack}));
    json!({"subject": call, "deed": deed})
}

fn stack(is_sure: bool, resources: &Value) -> Value {
    json!({"stack": "shop", "is_sure": is_sure, "resources": resources})
}

fn tool(command: &str) -> Value {
    json!({"subject": {"tool": {"argv": command.split(' ').collect::<Vec<_>>()}}})
}

/// Needs beside the calls of CloudFormation itself, a line each, and the remarks.
fn told(needs: &Needs) -> String {
    let own = |action: &str| action.starts_with("cloudformation:");
    let listed = needs.needs.iter().filter(|(need, _)| !own(&need.action)).map(|(need, asked)| {
        let sure = if asked.is_sure { "surely" } else { "perhaps" };
        format!("{sure} {} on {}", need.action, need.resource.written())
    });
    let remarks = needs.remarks.iter().map(|remark| format!("- {remark}"));
    listed.chain(remarks).collect::<Vec<_>>().join("\n")
}

// CloudFormation User Guide, "CloudFormation service role": without one it acts with the caller's rights.
#[test]
fn the_resources_of_a_stack_take_the_callers_rights() {
    let all = json!([
        {"step": "create", "kind": "AWS::SNS::Topic", "names": ["shop-*"], "properties": ["DisplayName", "Tags"]},
        {"step": "create", "kind": "AWS::IAM::Role", "names": ["service/shop-*"], "properties": ["Policies"]},
        {"step": "create", "kind": "AWS::Lambda::Function", "names": ["web"], "properties": ["Role"],
         "passes": ["arn:aws:iam::123456789012:role/service/shop-*"]},
        {"step": "create", "kind": "AWS::EC2::VPC", "names": ["*"]},
        {"step": "create", "kind": "AWS::CDK::Metadata", "names": ["*"]},
        {"step": "create", "kind": "AWS::MSK::Cluster", "names": ["*"]},
        {"step": "create", "kind": "Custom::Seed", "names": ["*"]},
        {"step": "create", "kind": "Custom::Seed", "names": ["*"]},
    ]);
    insta::assert_snapshot!(told(&needs(&[call("CreateStack", &json!({"StackName": "shop"}), Some(stack(true, &all)))])), @"
    surely ec2:CreateVpc on *
    surely iam:CreateRole on arn:aws:iam::123456789012:role/service/shop-*
    surely iam:PassRole on arn:aws:iam::123456789012:role/service/shop-*
    surely iam:PutRolePolicy on arn:aws:iam::123456789012:role/service/shop-*
    surely lambda:CreateFunction on arn:aws:lambda:eu-west-1:123456789012:function:web
    surely sns:CreateTopic on arn:aws:sns:eu-west-1:123456789012:shop-*
    perhaps sns:TagResource on arn:aws:sns:eu-west-1:123456789012:shop-*
    - stack shop: CloudFormation acts with this role's own rights; for AWS::EC2::VPC, AWS::IAM::Role, AWS::Lambda::Function, AWS::SNS::Topic only what is sure is listed: other properties of theirs, and reading them, may take more
    - stack shop: for AWS::MSK::Cluster CloudFormation acts with this role's own rights; what that takes is not known here
    - stack shop: for Custom::Seed (2 times) CloudFormation acts with this role's own rights; what that takes is not known here
    ");
}

#[test]
fn what_a_change_of_a_stack_takes_depends_on_the_change_and_its_role() {
    let queue = |step: &str| json!([{"step": step, "kind": "AWS::SQS::Queue", "names": ["jobs"], "properties": ["Tags"]}]);
    let role = "arn:aws:iam::123456789012:role/cloudformation";
    let with_role = Some(json!({"stack": "shop", "role": role, "resources": queue("create")}));
    let failed = |effect: Value| {
        let mut effect = effect;
        effect["handling"] = json!({"outcome": "failed", "code": "ValidationError"});
        effect
    };
    let name = json!({"StackName": "shop"});
    let cases = [
        ("executed", call("ExecuteChangeSet", &name, Some(stack(false, &queue("create"))))),
        ("updated", call("UpdateStack", &name, Some(stack(false, &queue("update"))))),
        ("deleted", call("DeleteStack", &name, Some(stack(false, &queue("delete"))))),
        (
            "with a role",
            call("UpdateStack", &json!({"StackName": "shop", "RoleARN": role}), with_role.clone()),
        ),
        (
            "prepared with a role",
            call("CreateChangeSet", &json!({"StackName": "shop", "RoleARN": role}), None),
        ),
        ("executed with that role", call("ExecuteChangeSet", &name, with_role)),
        ("by an answer file", call("UpdateStack", &name, None)),
        ("failed", failed(call("UpdateStack", &name, None))),
        ("read", call("DescribeStacks", &name, None)),
    ];
    let all: Vec<_> = cases
        .iter()
        .map(|(title, effect)| format!("{title}:\n{}", told(&needs(std::slice::from_ref(effect)))))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"), @"
    executed:
    perhaps sqs:CreateQueue on arn:aws:sqs:eu-west-1:123456789012:jobs
    perhaps sqs:TagQueue on arn:aws:sqs:eu-west-1:123456789012:jobs
    - stack shop: CloudFormation acts with this role's own rights; for AWS::SQS::Queue only what is sure is listed: other properties of theirs, and reading them, may take more

    updated:
    perhaps sqs:SetQueueAttributes on arn:aws:sqs:eu-west-1:123456789012:jobs
    - stack shop: CloudFormation acts with this role's own rights; for AWS::SQS::Queue only what is sure is listed: other properties of theirs, and reading them, may take more

    deleted:
    perhaps sqs:DeleteQueue on arn:aws:sqs:eu-west-1:123456789012:jobs
    - stack shop: CloudFormation acts with this role's own rights; for AWS::SQS::Queue only what is sure is listed: other properties of theirs, and reading them, may take more

    with a role:
    surely iam:PassRole on arn:aws:iam::123456789012:role/cloudformation
    - stack shop: CloudFormation acts as arn:aws:iam::123456789012:role/cloudformation, which needs what the resources need

    prepared with a role:
    surely iam:PassRole on arn:aws:iam::123456789012:role/cloudformation

    executed with that role:
    - stack shop: CloudFormation acts as arn:aws:iam::123456789012:role/cloudformation, which needs what the resources need

    by an answer file:
    - cloudformation:UpdateStack: the resources of the stack are made with this role's own rights unless the stack has a role; what they need is not in the record

    failed:


    read:
    ");
}

#[test]
fn only_tools_that_call_aws_are_said_to() {
    for command in [
        "npm publish",
        "curl -X POST -d @- https://hooks.slack.com/services/x",
        "terraform init",
        "terraform validate",
        "kubectl apply -f k8s",
        "helm upgrade web chart",
        "git push origin main",
        "mvn deploy",
        "sam build",
        "cdk synth",
    ] {
        assert_eq!(
            needs(&[tool(command)]),
            Needs { accounts: [ACCOUNT.to_owned()].into(), ..Needs::default() },
            "{command}"
        );
    }
    let role = "arn:aws:iam::123456789012:role/cloudformation";
    let all: Vec<_> = [
        "terraform -chdir=infra apply -auto-approve",
        "eb deploy web",
        "copilot svc deploy",
        "pulumi up --yes",
        "sam deploy --stack-name web",
        "cdk deploy Web",
        "curl -T web.zip https://x.execute-api.eu-west-1.amazonaws.com/prod",
        &format!("sam deploy --role-arn {role}"),
    ]
    .into_iter()
    .map(|command| told(&needs(&[tool(command)])))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    - `terraform apply`: what it calls at AWS is not in the record
    - `eb deploy`: what it calls at AWS is not in the record
    - `copilot svc`: what it calls at AWS is not in the record
    - `pulumi up`: what it calls at AWS is not in the record
    - `sam deploy`: what it calls at AWS is not in the record; without --role-arn the stack's resources are made with this role's own rights, unless the stack has a role
    - `cdk deploy`: what it calls at AWS is not in the record; it takes on the roles of its bootstrap where this role may (sts:AssumeRole on those named cdk-…), and else acts with this role's own rights
    - `curl`: what it calls at AWS is not in the record
    surely iam:PassRole on arn:aws:iam::123456789012:role/cloudformation
    - `sam deploy`: what it calls at AWS is not in the record; CloudFormation acts as arn:aws:iam::123456789012:role/cloudformation
    ");
    // What really ran called the endpoint.
    let mut real = tool("terraform plan");
    real["handling"] = json!({"outcome": "real"});
    assert!(needs(&[real]).remarks.is_empty());
}

// Only what is sure is a finding: a stack that is changed may have its resources, or a role, at AWS already.
#[test]
fn rights_that_a_stack_may_not_need_are_never_lacking() {
    let template = "Resources:\n  Build:\n    Type: AWS::CodeBuild::Project\n    Properties: { Name: web, ServiceRole: !GetAtt Role.Arn }\n  \
                    Role: { Type: AWS::IAM::Role, Properties: { Policies: [{ PolicyName: p, PolicyDocument: { Statement: { Effect: Allow, \
                    Action: ['cloudformation:*', 'sns:TagResource'], Resource: '*' } } }] } }\n";
    let mut templates = Templates::default();
    templates.add("template.yml", template.as_bytes());
    let role = templates.role_of("web").unwrap();
    let topic = json!([{"step": "create", "kind": "AWS::SNS::Topic", "names": ["t"], "properties": ["Tags"]},
                       {"step": "create", "kind": "AWS::SQS::Queue", "names": ["q"], "properties": ["Tags"]}]);
    for (operation, is_sure, allowed, lacking, unjudged) in [
        ("CreateStack", true, 2, &["sns:CreateTopic", "sqs:CreateQueue"][..], &["sqs:TagQueue"][..]),
        ("CreateStack", false, 2, &[], &["sns:CreateTopic", "sqs:CreateQueue", "sqs:TagQueue"]),
        ("ExecuteChangeSet", false, 2, &[], &["sns:CreateTopic", "sqs:CreateQueue", "sqs:TagQueue"]),
    ] {
        let needs = needs(&[call(operation, &json!({"StackName": "shop"}), Some(stack(is_sure, &topic)))]);
        let judged = judge("web", &role, &needs);
        let names = |needs: Vec<&Need>| needs.into_iter().map(|need| need.action.clone()).collect::<Vec<_>>();
        assert_eq!(judged.allowed, allowed, "{operation}");
        assert_eq!(names(judged.lacking.iter().map(|(need, _)| need).collect()), lacking, "{operation}");
        assert_eq!(names(judged.unjudged.iter().map(|(need, _)| need).collect()), unjudged, "{operation}");
    }
}
