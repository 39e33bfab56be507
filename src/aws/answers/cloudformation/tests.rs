//! Stacks, step by step.

use serde_json::{Value, json};

use crate::aws::answers::tests::Bench;
use crate::aws::answers::tests::Then::{Did, Fails, Holds};

const TEMPLATE: &str = "\
Parameters:
  Stage: {Type: String}
  Key: {Type: String, NoEcho: true, Default: none}
Resources:
  Site: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub 'site-${Stage}'}}
  Topic: {Type: 'AWS::SNS::Topic'}
Outputs:
  Site: {Value: !Ref Site, Description: where the site lies, Export: {Name: !Sub '${AWS::StackName}-site'}}
  Arn: {Value: !Ref Topic}
";

fn stage(name: &str) -> Value {
    json!([{"ParameterKey": "Stage", "ParameterValue": name}])
}

fn web(parameters: &Value) -> Value {
    json!({"StackName": "web", "TemplateBody": TEMPLATE, "Parameters": parameters})
}

#[test]
fn a_stack_is_there_once_it_was_created_and_gone_once_it_was_deleted() {
    Bench::new().play(&[
        ("cloudformation:DescribeStacks", json!({"StackName": "web"}), Fails("ValidationError", "Stack with id web does not exist")),
        ("cloudformation:UpdateStack", web(&stage("prod")), Fails("ValidationError", "Stack [web] does not exist")),
        ("cloudformation:CreateStack", web(&json!([])), Fails("ValidationError", "Parameters: [Stage] must have values")),
        (
            "cloudformation:CreateStack",
            web(&json!([{"ParameterKey": "Stag", "ParameterValue": "x"}, {"ParameterKey": "Stage", "ParameterValue": "x"}])),
            Fails("ValidationError", "Parameters: [Stag] do not exist in the template"),
        ),
        ("cloudformation:CreateStack", json!({"StackName": "web"}), Fails("ValidationError", "Either Template URL or Template Body must be specified.")),
        ("cloudformation:CreateStack", json!({"StackName": "my_web", "TemplateBody": TEMPLATE}), Fails("ValidationError", "'my_web' at 'stackName'")),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "web", "TemplateURL": "https://code.s3.amazonaws.com/t.yml"}),
            Fails("ValidationError", "s3://code"),
        ),
        ("cloudformation:CreateStack", web(&stage("prod")), Did("created stack web (2 resources)")),
        ("cloudformation:CreateStack", web(&stage("prod")), Fails("AlreadyExistsException", "Stack [web] already exists")),
        (
            "cloudformation:DescribeStacks",
            json!({"StackName": "web"}),
            Holds(&[
                ("/Stacks/0/StackStatus", json!("CREATE_COMPLETE")),
                ("/Stacks/0/StackId", json!("arn:aws:cloudformation:eu-west-1:111122223333:stack/web/…")),
                ("/Stacks/0/Outputs/0/OutputValue", json!("arn:aws:sns:eu-west-1:111122223333:web-Topic-…")),
                ("/Stacks/0/Outputs/1/OutputKey", json!("Site")),
                ("/Stacks/0/Outputs/1/OutputValue", json!("site-prod")),
                ("/Stacks/0/Outputs/1/ExportName", json!("web-site")),
                ("/Stacks/0/Parameters", json!([
                    {"ParameterKey": "Key", "ParameterValue": "****"},
                    {"ParameterKey": "Stage", "ParameterValue": "prod"},
                ])),
            ]),
        ),
        ("cloudformation:DescribeStacks", json!({"StackName": "@/Stacks/0/StackId"}), Holds(&[("/Stacks/0/StackName", json!("web"))])),
        ("cloudformation:ListExports", json!({}), Holds(&[("/Exports/0/Name", json!("web-site")), ("/Exports/0/Value", json!("site-prod"))])),
        ("cloudformation:ListStackResources", json!({"StackName": "web"}), Holds(&[("/StackResourceSummaries/0/PhysicalResourceId", json!("site-prod"))])),
        ("cloudformation:DescribeStackResource", json!({"StackName": "web", "LogicalResourceId": "Site"}), Holds(&[("/StackResourceDetail/ResourceStatus", json!("CREATE_COMPLETE"))])),
        ("cloudformation:DescribeStackResource", json!({"StackName": "web", "LogicalResourceId": "X"}), Fails("ValidationError", "Resource X does not exist for stack web")),
        ("cloudformation:GetTemplate", json!({"StackName": "web"}), Holds(&[("/TemplateBody", json!(TEMPLATE))])),
        ("cloudformation:UpdateStack", web(&stage("prod")), Fails("ValidationError", "No updates are to be performed.")),
        (
            "cloudformation:UpdateStack",
            json!({"StackName": "web", "UsePreviousTemplate": "true", "Parameters": [{"ParameterKey": "Stage", "UsePreviousValue": "true"}]}),
            Fails("ValidationError", "No updates are to be performed."),
        ),
        ("cloudformation:UpdateStack", web(&stage("test")), Did("changed stack web (1 resource)")),
        ("cloudformation:DescribeStacks", json!({}), Holds(&[("/Stacks/0/StackStatus", json!("UPDATE_COMPLETE"))])),
        ("cloudformation:DescribeStackEvents", json!({"StackName": "web"}), Holds(&[
            ("/StackEvents/0/ResourceStatus", json!("UPDATE_COMPLETE")),
            ("/StackEvents/0/ResourceType", json!("AWS::CloudFormation::Stack")),
            ("/StackEvents/1/LogicalResourceId", json!("Site")),
        ])),
        ("cloudformation:ListStacks", json!({"StackStatusFilter": ["CREATE_COMPLETE"]}), Holds(&[("/StackSummaries", json!([]))])),
        ("cloudformation:DeleteStack", json!({"StackName": "web"}), Did("deleted stack web")),
        ("cloudformation:DescribeStacks", json!({"StackName": "web"}), Fails("ValidationError", "Stack with id web does not exist")),
        ("cloudformation:DeleteStack", json!({"StackName": "web"}), Did("deleted stack web")),
    ]);
}

#[test]
fn a_change_set_is_prepared_and_executed() {
    let set = |kind: &str, name: &str, value: &str| {
        let mut wanted = web(&stage(value));
        wanted["ChangeSetName"] = json!(name);
        wanted["ChangeSetType"] = json!(kind);
        wanted
    };
    let named = |name: &str| json!({"StackName": "web", "ChangeSetName": name});
    Bench::new().play(&[
        ("cloudformation:CreateChangeSet", set("UPDATE", "one", "prod"), Fails("ValidationError", "Stack [web] does not exist")),
        ("cloudformation:CreateChangeSet", set("CREATE", "one", "prod"), Did("prepared a change set of stack web")),
        (
            "cloudformation:DescribeChangeSet",
            json!({"ChangeSetName": "@/Id"}),
            Holds(&[
                ("/Status", json!("CREATE_COMPLETE")),
                ("/ExecutionStatus", json!("AVAILABLE")),
                ("/Changes/0/ResourceChange/Action", json!("Add")),
                ("/Changes/1/ResourceChange/LogicalResourceId", json!("Topic")),
            ]),
        ),
        ("cloudformation:DescribeStacks", json!({"StackName": "web"}), Holds(&[("/Stacks/0/StackStatus", json!("REVIEW_IN_PROGRESS"))])),
        ("cloudformation:ListChangeSets", json!({"StackName": "web"}), Holds(&[("/Summaries/0/ChangeSetName", json!("one"))])),
        ("cloudformation:ExecuteChangeSet", named("one"), Did("created stack web (2 resources)")),
        ("cloudformation:DescribeStacks", json!({"StackName": "web"}), Holds(&[("/Stacks/0/StackStatus", json!("CREATE_COMPLETE"))])),
        ("cloudformation:CreateChangeSet", set("CREATE", "two", "prod"), Fails("ValidationError", "Stack [web] already exists and cannot be created again with the changeSet [two].")),
        ("cloudformation:CreateChangeSet", set("UPDATE", "two", "prod"), Did("prepared a change set of stack web")),
        (
            "cloudformation:DescribeChangeSet",
            named("two"),
            Holds(&[
                ("/Status", json!("FAILED")),
                ("/StatusReason", json!("The submitted information didn't contain changes. Submit different information to create a change set.")),
            ]),
        ),
        ("cloudformation:ExecuteChangeSet", named("two"), Fails("InvalidChangeSetStatus", "cannot be executed in its current status of [FAILED]")),
        ("cloudformation:DeleteChangeSet", named("two"), Did("deleted change set two")),
        ("cloudformation:DescribeChangeSet", named("two"), Fails("ChangeSetNotFound", "ChangeSet [two] does not exist")),
        ("cloudformation:CreateChangeSet", set("UPDATE", "three", "test"), Did("prepared a change set of stack web")),
        ("cloudformation:DescribeChangeSet", named("three"), Holds(&[("/Changes/0/ResourceChange/Action", json!("Modify")), ("/Changes/1", Value::Null)])),
        ("cloudformation:ExecuteChangeSet", named("three"), Did("changed stack web (1 resource)")),
        ("cloudformation:DescribeStacks", json!({"StackName": "web"}), Holds(&[("/Stacks/0/StackStatus", json!("UPDATE_COMPLETE"))])),
    ]);
}

#[test]
fn what_an_earlier_execution_rehearsed_can_be_read_and_made_again() {
    let bench = Bench::new();
    bench.play(&[(
        "cloudformation:CreateStack",
        web(&stage("prod")),
        Did("created stack web (2 resources)"),
    )]);
    let bench = bench.next_execution();
    let mut set = web(&stage("prod"));
    set["ChangeSetName"] = json!("again");
    bench.play(&[
        ("cloudformation:ListExports", json!({}), Holds(&[("/Exports/0/Value", json!("site-prod"))])),
        // Its content on AWS is not known, so it always has changes.
        ("cloudformation:CreateChangeSet", set, Did("prepared a change set of stack web")),
        (
            "cloudformation:DescribeChangeSet",
            json!({"StackName": "web", "ChangeSetName": "again"}),
            Holds(&[("/Status", json!("CREATE_COMPLETE"))]),
        ),
        ("cloudformation:UpdateStack", web(&stage("prod")), Did("changed stack web (2 resources)")),
        (
            "cloudformation:UpdateStack",
            web(&stage("prod")),
            Fails("ValidationError", "No updates are to be performed."),
        ),
    ]);
    let bench = bench.next_execution();
    // The bench calls its second and third execution alike: only the first differs.
    bench.play(&[(
        "cloudformation:CreateStack",
        web(&stage("prod")),
        Fails("AlreadyExistsException", "already exists"),
    )]);
}

#[test]
fn templates_are_validated_and_summed_up() {
    let role = "Description: d\nParameters: {P: {Type: String, Default: x}}\nResources: {R: {Type: 'AWS::IAM::Role'}}\n";
    Bench::new().play(&[
        (
            "cloudformation:ValidateTemplate",
            json!({"TemplateBody": role}),
            Holds(&[
                ("/Description", json!("d")),
                ("/Parameters/0/DefaultValue", json!("x")),
                ("/Capabilities", json!(["CAPABILITY_IAM"])),
                (
                    "/CapabilitiesReason",
                    json!("The following resource(s) require capabilities: [AWS::IAM::Role]"),
                ),
            ]),
        ),
        (
            "cloudformation:GetTemplateSummary",
            json!({"TemplateBody": role}),
            Holds(&[("/ResourceTypes", json!(["AWS::IAM::Role"]))]),
        ),
        (
            "cloudformation:ValidateTemplate",
            json!({"TemplateBody": "Resources: ["}),
            Fails("ValidationError", "Template format error: YAML not well-formed."),
        ),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "roles", "TemplateBody": role}),
            Fails("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"),
        ),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "roles", "TemplateBody": role, "Capabilities": ["CAPABILITY_IAM"]}),
            Did("created stack roles (1 resource)"),
        ),
    ]);
}

#[test]
fn parameters_of_parameter_store_are_looked_up() {
    let template = "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>'}}\n\
                    Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutputs: {O: {Value: !Ref P}}\n";
    let wanted = |name: &str| json!({"StackName": "web", "TemplateBody": template, "Parameters": [{"ParameterKey": "P", "ParameterValue": name}]});
    let bench = Bench::with(|world| {
        world.parameters.insert("/web/url".to_owned(), Ok("https://x".to_owned()));
    });
    bench.play(&[
        (
            "cloudformation:CreateStack",
            wanted("/none"),
            Fails(
                "ValidationError",
                "Unable to fetch parameters [/none] from parameter store for this account.",
            ),
        ),
        ("cloudformation:CreateStack", wanted("/web/url"), Did("created stack web (1 resource)")),
        (
            "cloudformation:DescribeStacks",
            json!({}),
            Holds(&[("/Stacks/0/Outputs/0/OutputValue", json!("https://x"))]),
        ),
    ]);
}

#[test]
fn stacks_are_kept_for_their_owner_alone_without_what_is_hidden() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let hidden = json!([
        {"ParameterKey": "Stage", "ParameterValue": "prod"},
        {"ParameterKey": "Key", "ParameterValue": "s3cr3t"},
    ]);
    bench.play(&[("cloudformation:CreateStack", web(&hidden), Did("created stack web (2 resources)"))]);
    let path = bench.desk.world.shared.join("stacks/111122223333-eu-west-1.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("site-prod") && !text.contains("s3cr3t"), "{text}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, "{").unwrap();
    bench.play(&[("cloudformation:DescribeStacks", json!({}), Fails("RehearsalStacks", "failed to keep"))]);
}

/// What a change tells of the rights it takes: names that AWS makes up are patterns, roles have their path.
#[test]
fn a_change_tells_what_it_did_to_which_resources() {
    let template = "\
Parameters: {Given: {Type: String, Default: 'arn:aws:iam::111122223333:role/given'}}
Resources:
  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Ref 'AWS::NoValue', Tags: [{Key: a, Value: b}]}}
  Store: {Type: 'AWS::S3::Bucket'}
  Named: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${AWS::StackName}-jobs'}}
  Elsewhere: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !ImportValue nobody-knows}}
  Role: {Type: 'AWS::IAM::Role', Properties: {Path: /service/, Policies: []}}
  Rights: {Type: 'AWS::IAM::Policy', Properties: {Roles: [!Ref Role, other]}}
  Policy: {Type: 'AWS::S3::BucketPolicy', Properties: {Bucket: !Ref Store}}
  Code: {Type: 'AWS::Lambda::Function', Properties: {FunctionName: web, Role: !GetAtt Role.Arn}}
  Task: {Type: 'AWS::ECS::TaskDefinition', Properties: {TaskRoleArn: !Ref Given, ExecutionRoleArn: !ImportValue x}}
  Rule: {Type: 'AWS::Events::Rule', Properties: {Targets: [{RoleArn: !Ref Given}, {Id: a}]}}
";
    let bench = Bench::new();
    let told = |operation: &str, parameters: Value| {
        let change = bench.say(operation, parameters).deed.unwrap().stack.unwrap();
        let lines = change.resources.iter().map(|it| {
            let traits = &it.traits;
            format!(
                "{:?} {} {:?} {:?} {:?}",
                it.step, it.kind, traits.names, traits.properties, traits.passes
            )
        });
        let sure = if change.is_sure { "surely" } else { "perhaps" };
        format!("{sure}, role {:?}\n{}", change.role, lines.collect::<Vec<_>>().join("\n"))
    };
    let capabilities = json!(["CAPABILITY_NAMED_IAM"]);
    let created = told(
        "cloudformation:CreateStack",
        json!({"StackName": "shop", "TemplateBody": template, "Capabilities": capabilities}),
    );
    insta::assert_snapshot!(created, @r#"
    surely, role None
    Create AWS::Lambda::Function ["web"] ["FunctionName", "Role"] ["arn:aws:iam::111122223333:role/service/shop-*"]
    Create AWS::SQS::Queue ["*"] ["QueueName"] []
    Create AWS::SQS::Queue ["shop-jobs"] ["QueueName"] []
    Create AWS::S3::BucketPolicy ["shop-*"] ["Bucket"] []
    Create AWS::IAM::Policy ["service/shop-*", "*other"] ["Roles"] []
    Create AWS::IAM::Role ["service/shop-*"] ["Path", "Policies"] []
    Create AWS::Events::Rule ["shop-*"] ["Targets"] ["arn:aws:iam::111122223333:role/given"]
    Create AWS::S3::Bucket ["shop-*"] [] []
    Create AWS::ECS::TaskDefinition ["*"] ["ExecutionRoleArn", "TaskRoleArn"] ["arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/given"]
    Create AWS::SNS::Topic ["shop-*"] ["Tags"] []
    "#);
    let topic = "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}";
    let role = "arn:aws:iam::111122223333:role/cloudformation";
    let small = |name: &str, more: Value| {
        let mut parameters = json!({"StackName": name, "TemplateBody": topic});
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        parameters
    };
    // A role stays with its stack; whoever changes a stack cannot know what AWS has of it.
    let set = json!({"ChangeSetName": "one", "ChangeSetType": "CREATE", "RoleARN": role});
    bench.say("cloudformation:CreateChangeSet", small("web", set));
    let executed =
        told("cloudformation:ExecuteChangeSet", json!({"StackName": "web", "ChangeSetName": "one"}));
    let deleted = told("cloudformation:DeleteStack", json!({"StackName": "web"}));
    let with_macro = "Transform: Mine\nResources: {Topic: {Type: 'AWS::SNS::Topic'}}";
    let capabilities = json!(["CAPABILITY_AUTO_EXPAND"]);
    let expanded = told(
        "cloudformation:CreateStack",
        json!({"StackName": "m", "TemplateBody": with_macro, "Capabilities": capabilities}),
    );
    insta::assert_snapshot!([executed, deleted, expanded].join("\n"), @r#"
    perhaps, role Some("arn:aws:iam::111122223333:role/cloudformation")
    Create AWS::SNS::Topic ["web-*"] [] []
    perhaps, role Some("arn:aws:iam::111122223333:role/cloudformation")
    Delete AWS::SNS::Topic ["web-*"] [] []
    perhaps, role None
    Create AWS::SNS::Topic ["m-*"] [] []
    "#);
    assert!(
        bench.say("cloudformation:DeleteStack", json!({"StackName": "nobody"})).deed.unwrap().stack.is_none()
    );
}
