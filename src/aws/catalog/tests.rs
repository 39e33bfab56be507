//! Requests as clients send them, and what they mean; what the table promises of every operation in it.

use std::collections::BTreeSet;

use super::*;

/// Signing name, method and target, a header it has, and the operation.
const REQUESTS: &[(&str, &str, &str, &str)] = &[
    ("s3", "GET /", "", "s3:ListBuckets"),
    ("s3", "GET /?x-id=ListBuckets", "", "s3:ListBuckets"),
    ("s3", "PUT /site", "", "s3:CreateBucket"),
    ("s3", "PUT /site/", "", "s3:CreateBucket"),
    ("s3", "HEAD /site", "", "s3:HeadBucket"),
    ("s3", "DELETE /site", "", "s3:DeleteBucket"),
    ("s3", "GET /site", "", "s3:ListObjects"),
    ("s3", "GET /site?list-type=2&prefix=a%2Fb&encoding-type=url", "", "s3:ListObjectsV2"),
    ("s3", "GET /site/?list-type=2", "", "s3:ListObjectsV2"),
    ("s3", "GET /site?list-type=1", "", "s3:ListObjects"),
    ("s3", "GET /site?location", "", "s3:GetBucketLocation"),
    ("s3", "GET /site?versioning=", "", "s3:GetBucketVersioning"),
    ("s3", "GET /site?versions", "", "s3:ListObjectVersions"),
    ("s3", "GET /site?uploads", "", "s3:ListMultipartUploads"),
    ("s3", "GET /site?lifecycle", "", "s3:GetBucketLifecycleConfiguration"),
    ("s3", "PUT /site?notification", "", "s3:PutBucketNotificationConfiguration"),
    ("s3", "PUT /site?policy", "", "s3:PutBucketPolicy"),
    ("s3", "PUT /site?website", "", "s3:PutBucketWebsite"),
    ("s3", "POST /site?delete", "", "s3:DeleteObjects"),
    ("s3", "GET /site/index.html", "", "s3:GetObject"),
    ("s3", "GET /site/folder/", "", "s3:GetObject"),
    ("s3", "GET /site//odd", "", "s3:GetObject"),
    ("s3", "GET /site/a/b/c.txt?acl", "", "s3:GetObjectAcl"),
    ("s3", "GET /site/a/b/c.txt?uploadId=u", "", "s3:ListParts"),
    ("s3", "GET /site/a?attributes", "x-amz-object-attributes", "s3:GetObjectAttributes"),
    ("s3", "HEAD /site/a/b", "", "s3:HeadObject"),
    ("s3", "PUT /site/a/b?x-id=PutObject", "content-type", "s3:PutObject"),
    ("s3", "PUT /site/a/b", "X-Amz-Copy-Source", "s3:CopyObject"),
    ("s3", "PUT /site/a/b?partNumber=1&uploadId=u", "", "s3:UploadPart"),
    ("s3", "PUT /site/a/b?uploadId=u&partNumber=1", "x-amz-copy-source", "s3:UploadPartCopy"),
    ("s3", "POST /site/a/b?uploads", "", "s3:CreateMultipartUpload"),
    ("s3", "POST /site/a/b?uploadId=u", "", "s3:CompleteMultipartUpload"),
    ("s3", "DELETE /site/a/b?uploadId=u", "", "s3:AbortMultipartUpload"),
    ("s3", "DELETE /site/a/b", "", "s3:DeleteObject"),
    ("s3", "DELETE /site/a/b?tagging", "", "s3:DeleteObjectTagging"),
    ("lambda", "GET /2015-03-31/functions", "", "lambda:ListFunctions"),
    ("lambda", "GET /2015-03-31/functions/", "", "lambda:ListFunctions"),
    ("lambda", "POST /2015-03-31/functions", "", "lambda:CreateFunction"),
    ("lambda", "GET /2015-03-31/functions/f", "", "lambda:GetFunction"),
    ("lambda", "GET /2015-03-31/functions/f/configuration", "", "lambda:GetFunctionConfiguration"),
    ("lambda", "PUT /2015-03-31/functions/f/code", "", "lambda:UpdateFunctionCode"),
    ("lambda", "PUT /2015-03-31/functions/f/configuration", "", "lambda:UpdateFunctionConfiguration"),
    ("lambda", "POST /2015-03-31/functions/f/invocations", "", "lambda:Invoke"),
    ("lambda", "POST /2015-03-31/functions/f/versions", "", "lambda:PublishVersion"),
    ("lambda", "PUT /2015-03-31/functions/f/aliases/live", "", "lambda:UpdateAlias"),
    ("lambda", "POST /2018-10-31/layers/l/versions", "", "lambda:PublishLayerVersion"),
    ("lambda", "GET /2018-10-31/layers?find=LayerVersion&Arn=a", "", "lambda:GetLayerVersionByArn"),
    ("lambda", "GET /2018-10-31/layers", "", "lambda:ListLayers"),
    ("cloudfront", "POST /2020-05-31/distribution/E1/invalidation", "", "cloudfront:CreateInvalidation"),
    ("cloudfront", "GET /2020-05-31/distribution/E1/invalidation/I1", "", "cloudfront:GetInvalidation"),
    ("cloudfront", "GET /2020-05-31/distribution/E1/config", "", "cloudfront:GetDistributionConfig"),
    ("cloudfront", "PUT /2020-05-31/distribution/E1/config", "", "cloudfront:UpdateDistribution"),
    ("cloudfront", "GET /2020-05-31/distribution", "", "cloudfront:ListDistributions"),
    ("cloudfront", "POST /2020-05-31/distribution?WithTags", "", "cloudfront:CreateDistributionWithTags"),
    ("apigateway", "POST /restapis", "", "apigateway:CreateRestApi"),
    ("apigateway", "POST /restapis?mode=import", "", "apigateway:ImportRestApi"),
    ("apigateway", "PUT /restapis/r1", "", "apigateway:PutRestApi"),
    ("apigateway", "POST /restapis/r1/deployments", "", "apigateway:CreateDeployment"),
    ("apigateway", "GET /restapis/r1/stages/dev/exports/oas30", "", "apigateway:GetExport"),
    ("apigateway", "PATCH /restapis/r1/stages/dev", "", "apigateway:UpdateStage"),
    ("apigateway", "GET /v2/apis", "", "apigatewayv2:GetApis"),
    ("apigateway", "POST /v2/apis/a1/deployments", "", "apigatewayv2:CreateDeployment"),
    ("eks", "GET /clusters/c1", "", "eks:DescribeCluster"),
    ("eks", "GET /clusters", "", "eks:ListClusters"),
    ("eks", "POST /clusters/c1/update-config", "", "eks:UpdateClusterConfig"),
    ("codeartifact", "POST /v1/authorization-token?domain=d", "", "codeartifact:GetAuthorizationToken"),
    (
        "codeartifact",
        "GET /v1/repository/endpoint?domain=d&repository=r&format=npm",
        "",
        "codeartifact:GetRepositoryEndpoint",
    ),
    ("route53", "POST /2013-04-01/hostedzone/Z1/rrset", "", "route53:ChangeResourceRecordSets"),
    ("route53", "POST /2013-04-01/hostedzone/Z1/rrset/", "", "route53:ChangeResourceRecordSets"),
    ("route53", "GET /2013-04-01/hostedzonesbyname?dnsname=a", "", "route53:ListHostedZonesByName"),
    ("batch", "POST /v1/submitjob", "", "batch:SubmitJob"),
    ("batch", "POST /v1/registerjobdefinition", "", "batch:RegisterJobDefinition"),
    ("elasticfilesystem", "GET /2015-02-01/file-systems", "", "efs:DescribeFileSystems"),
    ("es", "GET /2021-01-01/opensearch/domain/d", "", "opensearch:DescribeDomain"),
    ("xray", "POST /TraceSegments", "", "xray:PutTraceSegments"),
    ("amplify", "POST /apps/a/branches/main/jobs", "", "amplify:StartJob"),
    ("bedrock", "POST /model/amazon.nova%3A0/invoke", "", "bedrock-runtime:InvokeModel"),
    ("sagemaker", "POST /endpoints/e/invocations", "", "sagemaker-runtime:InvokeEndpoint"),
    ("scheduler", "PUT /schedules/nightly", "", "scheduler:UpdateSchedule"),
    ("appconfig", "GET /applications/a/environments", "", "appconfig:ListEnvironments"),
    ("aoss", "GET /2015-03-31/functions", "", "-"),
    ("lambda", "PATCH /2015-03-31/functions", "", "-"),
    ("s3", "BREW /site", "", "-"),
];

/// The members that a path gives.
type Labels = std::collections::BTreeMap<String, String>;

fn found(signing: &str, line: &str, headers: &str) -> Option<(&'static Operation, Labels)> {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    find_rest(by_signing_name(signing), method, path, query, |name| name.eq_ignore_ascii_case(headers))
}

#[test]
fn requests_mean_these_operations() {
    for (signing, line, headers, expected) in REQUESTS {
        let operation =
            found(signing, line, headers).map_or("-".to_owned(), |(operation, _)| operation.to_string());
        assert_eq!(operation, *expected, "{signing}: {line} {headers}");
    }
}

#[test]
fn the_path_gives_members() {
    type Members = &'static [(&'static str, &'static str)];
    const PATHS: &[(&str, &str, Members)] = &[
        ("s3", "GET /site/a%20b/c+d%2Fe.txt", &[("Bucket", "site"), ("Key", "a b/c+d/e.txt")]),
        ("s3", "GET /site/folder/", &[("Bucket", "site"), ("Key", "folder/")]),
        ("s3", "GET /site//odd", &[("Bucket", "site"), ("Key", "/odd")]),
        ("s3", "GET /site/50%", &[("Bucket", "site"), ("Key", "50%")]),
        ("s3", "GET /site/%zz%", &[("Bucket", "site"), ("Key", "%zz%")]),
        ("eks", "GET /clusters/prod", &[("name", "prod")]),
        (
            "lambda",
            "GET /2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af",
            &[("Resource", "arn:aws:lambda:eu-west-1:111122223333:function:f")],
        ),
        // A label for more than one segment, with literals behind it.
        (
            "workspaces-web",
            "PUT /portals/arn/of/portal/userSettings?userSettingsArn=a",
            &[("portalArn", "arn/of/portal")],
        ),
    ];
    for (signing, line, expected) in PATHS {
        let labels = found(signing, line, "").unwrap().1;
        let expected: Labels = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(labels, expected, "{line}");
    }
}

/// Whatever the table says of an operation leads back to it, but for the one that only its host tells apart.
#[test]
fn every_rest_operation_is_found_by_its_own_route() {
    let mut others = BTreeSet::new();
    let mut count = 0;
    for service in services() {
        for operation in service.operations() {
            let Some(route) = operation.route else { continue };
            let path = route.path.replace(['{', '}', '+'], "");
            let required = operation.query_bindings().filter(|binding| binding.is_required);
            let query = required.map(|binding| format!("{}=1", binding.wire));
            let query: Vec<String> = std::iter::once(route.query.to_owned()).chain(query).collect();
            let headers: Vec<_> = operation.required_headers().collect();
            let found =
                find_rest([service], route.method, &path, &query.join("&"), |name| headers.contains(&name));
            count += 1;
            if found.as_ref().is_none_or(|(found, _)| found.name != operation.name) {
                others.insert(format!(
                    "{operation} {} -> {:?}",
                    route.path,
                    found.map(|(found, _)| found.name)
                ));
            }
        }
    }
    assert!(count > 10_000, "{count}");
    // Told apart by the host alone.
    assert_eq!(
        others.into_iter().collect::<Vec<_>>(),
        ["s3:ListDirectoryBuckets / -> Some(\"ListBuckets\")"]
    );
}

#[test]
fn services_are_found_by_every_name_of_theirs() {
    let names = |found: Vec<&'static Service>| found.iter().map(|service| service.name).collect::<Vec<_>>();
    assert!(services().len() > 400);
    assert!(services().is_sorted_by_key(|service| service.name));
    assert_eq!(names(by_signing_name("rds").collect()), ["docdb", "neptune", "rds"]);
    assert_eq!(names(by_signing_name("s3express").collect()), ["s3", "s3control"]);
    assert_eq!(names(by_signing_name("elasticloadbalancing").collect()), ["elb", "elbv2"]);
    assert_eq!(
        names(by_target_prefix("Timestream_20181101").collect()),
        ["timestream-query", "timestream-write"]
    );
    assert_eq!(by_signing_name("nothing").count(), 0);

    let cloudwatch = by_name("cloudwatch").unwrap();
    assert_eq!(cloudwatch.protocols, [Protocol::Cbor, Protocol::Json, Protocol::Query]);
    assert_eq!((cloudwatch.endpoint_prefix, cloudwatch.service_id), ("monitoring", "CloudWatch"));
    assert!(cloudwatch.is_query_compatible && !cloudwatch.is_global);
    let ssm = by_name("ssm").unwrap();
    assert_eq!((ssm.json_version, ssm.target_prefix), (Some("1.1"), Some("AmazonSSM")));
    let sts = by_name("sts").unwrap();
    assert_eq!((sts.api_version, sts.protocols[0]), ("2011-06-15", Protocol::Query));
    assert!(by_name("iam").unwrap().is_global);
}

#[test]
fn the_target_header_names_an_operation() {
    const HEADERS: [(&str, &str); 6] = [
        ("AmazonSSM.GetParameter", "ssm:GetParameter"),
        ("secretsmanager.GetSecretValue", "secretsmanager:GetSecretValue"),
        ("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", "cloudtrail:LookupEvents"),
        ("Timestream_20181101.WriteRecords", "timestream-write:WriteRecords"),
        ("AmazonSSM.NoSuchThing", "-"),
        ("AmazonSSM", "-"),
    ];
    for (header, expected) in HEADERS {
        let operation = by_target(header).map_or("-".to_owned(), ToString::to_string);
        assert_eq!(operation, expected, "{header}");
    }
}

/// The operation called `service:Operation`.
fn named(text: &str) -> &'static Operation {
    let (service, name) = text.split_once(':').unwrap();
    operation(by_name(service).unwrap(), name).unwrap_or_else(|| panic!("no {text}"))
}

#[test]
fn members_outside_the_body_and_sensitive_ones() {
    let list = named("s3:ListObjectsV2");
    assert_eq!(list.query_member("prefix"), Some("Prefix"));
    assert_eq!(list.query_member("x-id"), None);
    let put = named("s3:PutObject");
    assert_eq!(put.header_member("Cache-control"), Some(("CacheControl", None)));
    assert_eq!(put.header_member("x-amz-meta-Colour"), Some(("Metadata", Some("Colour".into()))));
    assert_eq!(put.header_member("user-agent"), None);
    assert_eq!(put.body(), Some(Body { member: "Body", is_raw: true }));
    assert_eq!(named("s3:DeleteObjects").body(), Some(Body { member: "Delete", is_raw: false }));
    assert_eq!(list.body(), None);
    let invoke = named("lambda:Invoke");
    assert_eq!(invoke.header_member("x-amz-invocation-type"), Some(("InvocationType", None)));

    let sensitive = |text| named(text).sensitive().collect::<Vec<_>>();
    assert_eq!(sensitive("ssm:PutParameter"), ["Value"]);
    assert!(sensitive("secretsmanager:CreateSecret").contains(&"SecretString"));
    assert!(sensitive("lambda:UpdateFunctionConfiguration").contains(&"Environment.Variables"));
    assert!(sensitive("iam:ChangePassword").contains(&"NewPassword"));
    assert!(sensitive("s3:ListBuckets").is_empty());
}

#[test]
fn reads_change_nothing_and_are_called_for_their_answer() {
    use Access::{Read, Secret, Write};
    const ROWS: &[(&str, Access)] = &[
        ("s3:GetObject", Read),
        ("s3:HeadBucket", Read),
        ("s3:ListObjectsV2", Read),
        ("s3:SelectObjectContent", Read),
        ("s3:PutObject", Write),
        ("sts:GetCallerIdentity", Read),
        ("sts:GetSessionToken", Secret),
        ("sts:AssumeRole", Secret),
        ("sts:DecodeAuthorizationMessage", Read),
        ("ssm:GetParameter", Secret),
        ("ssm:DescribeParameters", Read),
        ("ssm:PutParameter", Write),
        ("ssm:SendCommand", Write),
        ("secretsmanager:GetSecretValue", Secret),
        ("secretsmanager:BatchGetSecretValue", Secret),
        ("secretsmanager:GetRandomPassword", Secret),
        ("secretsmanager:DescribeSecret", Read),
        ("ecr:GetAuthorizationToken", Secret),
        ("ecr:BatchCheckLayerAvailability", Read),
        ("ecr:BatchGetImage", Read),
        ("ecr:BatchDeleteImage", Write),
        ("ecr:PutImage", Write),
        ("codeartifact:GetAuthorizationToken", Secret),
        ("dynamodb:Query", Read),
        ("dynamodb:Scan", Read),
        ("dynamodb:BatchGetItem", Read),
        ("dynamodb:BatchWriteItem", Write),
        ("dynamodb:BatchExecuteStatement", Write),
        ("dynamodb:ExecuteStatement", Write),
        ("dynamodb:TransactGetItems", Read),
        ("sqs:ReceiveMessage", Write),
        ("sqs:GetQueueUrl", Read),
        ("cloudformation:DescribeStacks", Read),
        ("cloudformation:ValidateTemplate", Read),
        ("cloudformation:EstimateTemplateCost", Read),
        ("cloudformation:DetectStackDrift", Read),
        ("cloudformation:TestType", Write),
        ("cloudformation:ExecuteChangeSet", Write),
        ("cloudtrail:LookupEvents", Read),
        ("codebuild:BatchGetBuilds", Read),
        ("codebuild:StartBuild", Write),
        ("codebuild:ListSourceCredentials", Read),
        ("codecommit:TestRepositoryTriggers", Write),
        ("elasticache:TestFailover", Write),
        ("events:TestEventPattern", Read),
        ("kms:Decrypt", Secret),
        ("kms:Encrypt", Read),
        ("lambda:Invoke", Write),
        ("logs:FilterLogEvents", Read),
        ("logs:StartQuery", Read),
        ("logs:PutLogEvents", Write),
        ("license-manager:CheckInLicense", Write),
        ("sagemaker-runtime:InvokeEndpoint", Read),
        ("redshift:GetClusterCredentials", Write),
        ("iam:SimulatePrincipalPolicy", Read),
        ("iam:GetAccountPasswordPolicy", Read),
        ("apigateway:GetApiKey", Secret),
        ("verifiedpermissions:IsAuthorized", Read),
        ("ec2:GetPasswordData", Secret),
        ("ec2:DescribeInstances", Read),
        ("ec2:RunInstances", Write),
    ];
    for (text, expected) in ROWS {
        assert_eq!(named(text).access(), *expected, "{text}");
        assert_eq!(named(text).is_read(), *expected != Write, "{text}");
    }
}

#[test]
fn actions_of_iam() {
    const ROWS: &[(&str, Option<&[&str]>)] = &[
        ("s3:GetObject", Some(&["s3:GetObject"])),
        ("s3:HeadObject", Some(&["s3:GetObject"])),
        ("s3:ListObjectsV2", Some(&["s3:ListBucket"])),
        ("s3:HeadBucket", Some(&["s3:ListBucket"])),
        ("s3:ListBuckets", Some(&["s3:ListAllMyBuckets"])),
        ("s3:CreateMultipartUpload", Some(&["s3:PutObject"])),
        ("s3:CompleteMultipartUpload", Some(&["s3:PutObject"])),
        ("s3:AbortMultipartUpload", Some(&["s3:AbortMultipartUpload"])),
        ("s3:DeleteObjects", Some(&["s3:DeleteObject"])),
        ("s3:CopyObject", Some(&["s3:GetObject", "s3:PutObject"])),
        ("s3:PutBucketCors", Some(&["s3:PutBucketCORS"])),
        ("s3control:CreateJob", Some(&["s3:CreateJob"])),
        ("lambda:Invoke", Some(&["lambda:InvokeFunction"])),
        ("lambda:UpdateFunctionCode", Some(&["lambda:UpdateFunctionCode"])),
        ("apigateway:CreateDeployment", Some(&["apigateway:POST"])),
        ("apigatewayv2:GetApis", Some(&["apigateway:GET"])),
        ("cloudwatch:PutMetricData", Some(&["cloudwatch:PutMetricData"])),
        ("ecr:GetAuthorizationToken", Some(&["ecr:GetAuthorizationToken"])),
        ("logs:CreateLogStream", Some(&["logs:CreateLogStream"])),
        ("events:PutEvents", Some(&["events:PutEvents"])),
        ("stepfunctions:StartExecution", Some(&["states:StartExecution"])),
        ("elbv2:DescribeTargetHealth", Some(&["elasticloadbalancing:DescribeTargetHealth"])),
        ("sesv2:SendEmail", Some(&["ses:SendEmail"])),
        ("emr:RunJobFlow", Some(&["elasticmapreduce:RunJobFlow"])),
        ("resourcegroupstaggingapi:GetResources", Some(&["tag:GetResources"])),
        ("sqs:SendMessageBatch", Some(&["sqs:SendMessage"])),
        ("sts:GetCallerIdentity", Some(&[])),
        ("sts:AssumeRole", Some(&["sts:AssumeRole"])),
        ("dynamodb:ExecuteStatement", None),
        ("sso:GetRoleCredentials", None),
    ];
    for (text, expected) in ROWS {
        let actions = iam_actions(named(text));
        let actions: Option<Vec<&str>> =
            actions.as_ref().map(|actions| actions.iter().map(String::as_str).collect());
        assert_eq!(actions.as_deref(), *expected, "{text}");
    }
}

#[test]
fn the_tables_name_operations_that_exist() {
    for (service, name) in access::exceptions().chain(iam::named_operations()) {
        let service = by_name(service).unwrap_or_else(|| panic!("no service {service}"));
        assert!(name == "*" || operation(service, name).is_some(), "no {}:{name}", service.name);
    }
}
