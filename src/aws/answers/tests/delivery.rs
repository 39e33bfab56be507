//! Pipelines, deployments, builds, messages, names and tables.

use super::*;

#[test]
fn what_a_build_starts_elsewhere_succeeds() {
    let revision = json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k"}});
    Bench::new().play(&[
        ("codepipeline:GetPipelineState", json!({"name": "release"}), Unanswered),
        ("codepipeline:StartPipelineExecution", json!({"name": "release"}), Did("started pipeline release")),
        (
            "codepipeline:GetPipelineExecution",
            json!({"pipelineName": "release", "pipelineExecutionId": "@/pipelineExecutionId"}),
            Holds(&[("/pipelineExecution/status", json!("Succeeded"))]),
        ),
        (
            "codepipeline:GetPipelineState",
            json!({"name": "release"}),
            Holds(&[("/pipelineName", json!("release"))]),
        ),
        ("codepipeline:PutJobSuccessResult", json!({"jobId": "j"}), Did("reported success of job j")),
        (
            "codepipeline:PutApprovalResult",
            json!({"pipelineName": "release", "actionName": "Approve", "result": {"status": "Approved"}}),
            Did("approved action Approve of pipeline release"),
        ),
        ("codedeploy:GetDeployment", json!({"deploymentId": "d-1"}), Unanswered),
        (
            "codedeploy:RegisterApplicationRevision",
            json!({"applicationName": "shop", "revision": revision}),
            Did("registered a revision of application shop"),
        ),
        (
            "codedeploy:GetApplicationRevision",
            json!({"applicationName": "shop", "revision": revision}),
            Holds(&[("/revision/revisionType", json!("S3"))]),
        ),
        (
            "codedeploy:CreateDeployment",
            json!({"applicationName": "shop", "deploymentGroupName": "prod", "revision": revision}),
            Did("deployed application shop to group prod"),
        ),
        (
            "codedeploy:GetDeployment",
            json!({"deploymentId": "@/deploymentId"}),
            Holds(&[("/deploymentInfo/status", json!("Succeeded"))]),
        ),
        ("codebuild:StartBuild", json!({"projectName": "tests"}), Did("started a build of project tests")),
        (
            "codebuild:BatchGetBuilds",
            json!({"ids": ["@/build/id"]}),
            Holds(&[("/builds/0/buildStatus", json!("SUCCEEDED"))]),
        ),
        ("codebuild:BatchGetBuilds", json!({"ids": ["tests:1"]}), Unanswered),
    ]);
}

#[test]
fn messages_are_taken_and_counted() {
    let bench = Bench::new();
    bench.play(&[
        (
            "sns:Publish",
            json!({"TopicArn": "arn:aws:sns:eu-west-1:111122223333:alerts", "Message": "m"}),
            Did("published to topic alerts"),
        ),
        ("sns:Publish", json!({"Message": "m"}), Fails("InvalidParameter", "TopicArn or TargetArn")),
        (
            "sqs:GetQueueUrl",
            json!({"QueueName": "jobs"}),
            Holds(&[("/QueueUrl", json!("https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"))]),
        ),
        (
            "sqs:SendMessage",
            json!({"QueueUrl": "@/QueueUrl", "MessageBody": "This is a test message"}),
            Did("sent to queue jobs"),
        ),
        (
            "events:PutEvents",
            json!({"Entries": [{"Source": "a"}, {"Source": "b"}]}),
            Did("put events on bus default"),
        ),
        ("cloudwatch:PutMetricData", json!({"Namespace": "Build"}), Did("put metrics into Build")),
        ("logs:CreateLogGroup", json!({"logGroupName": "/build"}), Did("created log group /build")),
        (
            "logs:CreateLogGroup",
            json!({"logGroupName": "/build"}),
            Fails("ResourceAlreadyExistsException", "The specified log group already exists"),
        ),
        (
            "logs:CreateLogStream",
            json!({"logGroupName": "/build", "logStreamName": "s"}),
            Did("created log stream s of /build"),
        ),
        (
            "logs:DescribeLogStreams",
            json!({"logGroupName": "/build"}),
            Holds(&[("/logStreams/0/logStreamName", json!("s"))]),
        ),
        (
            "logs:PutLogEvents",
            json!({"logGroupName": "/build", "logStreamName": "s"}),
            Did("put log events into /build"),
        ),
        (
            "ses:SendEmail",
            json!({"Destination": {"ToAddresses": ["a@example.com"]}}),
            Did("sent mail to a@example.com"),
        ),
        (
            "kinesis:PutRecords",
            json!({"StreamName": "clicks", "Records": [{}]}),
            Did("put records on stream clicks"),
        ),
    ]);
    let events = bench.output("events:PutEvents", json!({"Entries": [{}, {}]}));
    assert_eq!(events["FailedEntryCount"], 0);
    assert_eq!(events["Entries"].as_array().unwrap().len(), 2);
}

/// Clients compare these sums. The digests are of Python's `hashlib.md5`, over the attributes laid out as the SQS
/// developer guide says ("Calculating the MD5 message digest for message attributes").
#[test]
fn sqs_gives_the_sums_that_clients_compare() {
    let attributes = json!({
        "test_attribute_name_2": {"DataType": "String", "StringValue": "v"},
        "test_attribute_name_1": {"DataType": "Binary", "BinaryValue": "AQI="},
    });
    let message = json!({"QueueUrl": "q/jobs", "MessageBody": "This is a test message", "MessageAttributes": attributes});
    let said = Bench::new().output("sqs:SendMessage", message);
    assert_eq!(said["MD5OfMessageBody"], "fafb00f5732ab283681e124bf8747ed1");
    assert_eq!(said["MD5OfMessageAttributes"], "63210147618956d7c6ee0732740362e6");
}

#[test]
fn changes_of_names_and_caches_are_complete_when_asked_again() {
    Bench::new().play(&[
        (
            "cloudfront:CreateInvalidation",
            json!({"DistributionId": "E123", "InvalidationBatch": {"Paths": {"Quantity": "1", "Items": ["/*"]}, "CallerReference": "1"}}),
            Did("invalidated 1 path of distribution E123"),
        ),
        ("cloudfront:GetInvalidation", json!({"DistributionId": "E123", "Id": "@/Invalidation/Id"}), Holds(&[("/Invalidation/Status", json!("Completed"))])),
        ("cloudfront:GetInvalidation", json!({"DistributionId": "E123", "Id": "I1"}), Unanswered),
        (
            "route53:ChangeResourceRecordSets",
            json!({"HostedZoneId": "/hostedzone/Z1", "ChangeBatch": {"Changes": [{"Action": "UPSERT"}, {"Action": "DELETE"}]}}),
            Did("changed 2 records of hosted zone Z1"),
        ),
        (
            "route53:ChangeResourceRecordSets",
            json!({"HostedZoneId": "Z1", "ChangeBatch": {"Changes": {"Change": {"Action": "UPSERT"}}}}),
            Did("changed 1 record of hosted zone Z1"),
        ),
        ("route53:GetChange", json!({"Id": "@/ChangeInfo/Id"}), Holds(&[("/ChangeInfo/Status", json!("INSYNC"))])),
        ("acm:RequestCertificate", json!({"DomainName": "example.com"}), Did("requested a certificate for example.com")),
        ("acm:DescribeCertificate", json!({"CertificateArn": "@/CertificateArn"}), Holds(&[("/Certificate/Status", json!("ISSUED"))])),
        ("apigateway:CreateDeployment", json!({"restApiId": "r1", "stageName": "prod"}), Did("deployed API r1 to stage prod")),
        ("apigateway:CreateDeployment", json!({"ApiId": "h1", "StageName": "prod"}), Did("deployed API h1 to stage prod")),
        ("apigateway:GetDeployment", json!({"ApiId": "h1", "DeploymentId": "@/deploymentId"}), Holds(&[("/deploymentStatus", json!("DEPLOYED"))])),
    ]);
}

#[test]
fn tables_take_items_and_give_none() {
    let table = json!({"TableName": "users", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    Bench::new().play(&[
        ("dynamodb:DescribeTable", json!({"TableName": "users"}), Unanswered),
        ("dynamodb:CreateTable", table.clone(), Did("created table users")),
        ("dynamodb:CreateTable", table, Fails("ResourceInUseException", "Table already exists: users")),
        (
            "dynamodb:DescribeTable",
            json!({"TableName": "users"}),
            Holds(&[("/Table/TableStatus", json!("ACTIVE"))]),
        ),
        (
            "dynamodb:PutItem",
            json!({"TableName": "users", "Item": {"id": {"S": "1"}}}),
            Did("written to table users"),
        ),
        ("dynamodb:GetItem", json!({"TableName": "users", "Key": {"id": {"S": "1"}}}), Unanswered),
        ("dynamodb:BatchWriteItem", json!({"RequestItems": {"users": []}}), Did("written to table users")),
        ("dynamodb:DeleteTable", json!({"TableName": "users"}), Did("deleted table users")),
        ("dynamodb:DescribeTable", json!({"TableName": "users"}), Unanswered),
    ]);
}
