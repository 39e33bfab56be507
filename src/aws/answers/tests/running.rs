//! Where code runs: Lambda, ECS, SageMaker, EKS, Beanstalk, Step Functions, Batch.

use super::*;

#[test]
fn a_function_is_known_once_something_changed_it() {
    let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
    Bench::new().play(&[
        ("lambda:GetFunction", json!({"FunctionName": "api"}), Unanswered),
        ("lambda:ListFunctions", json!({}), Unanswered),
        (
            "lambda:UpdateFunctionCode",
            json!({"FunctionName": "api", "ZipFile": zip}),
            Did("updated the code of function api"),
        ),
        (
            "lambda:GetFunctionConfiguration",
            json!({"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:api"}),
            Holds(&[
                ("/LastUpdateStatus", json!("Successful")),
                ("/State", json!("Active")),
                ("/CodeSize", json!(22)),
                ("/FunctionArn", json!("arn:aws:lambda:eu-west-1:111122223333:function:api")),
            ]),
        ),
        (
            "lambda:UpdateFunctionConfiguration",
            json!({"FunctionName": "api", "MemorySize": 512}),
            Did("updated the configuration of function api"),
        ),
        (
            "lambda:GetFunction",
            json!({"FunctionName": "api"}),
            Holds(&[("/Configuration/MemorySize", json!(512)), ("/Configuration/CodeSize", json!(22))]),
        ),
        ("lambda:PublishVersion", json!({"FunctionName": "api"}), Did("published version 1 of function api")),
        (
            "lambda:UpdateAlias",
            json!({"FunctionName": "api", "Name": "live", "FunctionVersion": "@/Version"}),
            Did("pointed alias live of function api at version 1"),
        ),
        (
            "lambda:GetAlias",
            json!({"FunctionName": "api", "Name": "live"}),
            Holds(&[("/FunctionVersion", json!("1"))]),
        ),
        (
            "lambda:CreateAlias",
            json!({"FunctionName": "api", "Name": "live", "FunctionVersion": "1"}),
            Fails("ResourceConflictException", "Alias already exists"),
        ),
        (
            "lambda:GetFunction",
            json!({"FunctionName": "api", "Qualifier": "live"}),
            Holds(&[("/Configuration/Version", json!("1"))]),
        ),
        (
            "lambda:ListVersionsByFunction",
            json!({"FunctionName": "api"}),
            Holds(&[("/Versions/0/Version", json!("$LATEST")), ("/Versions/1/Version", json!("1"))]),
        ),
        (
            "lambda:UpdateFunctionCode",
            json!({"FunctionName": "api", "ImageUri": "x", "Publish": true}),
            Did("updated the code of function api"),
        ),
        (
            "lambda:GetFunction",
            json!({"FunctionName": "api:2"}),
            Holds(&[("/Configuration/PackageType", json!("Image"))]),
        ),
        (
            "lambda:CreateFunction",
            json!({"FunctionName": "api", "Code": {}}),
            Fails("ResourceConflictException", "Function already exist: api"),
        ),
        (
            "lambda:CreateFunction",
            json!({"FunctionName": "job", "Code": {"S3Bucket": "b"}, "Runtime": "python3.12"}),
            Did("created function job"),
        ),
        ("lambda:Invoke", json!({"FunctionName": "api"}), Did("invoked function api")),
        (
            "lambda:AddPermission",
            json!({"FunctionName": "api", "StatementId": "s"}),
            Did("gave a permission on function api"),
        ),
        ("lambda:PublishLayerVersion", json!({"LayerName": "l"}), Did("published version 1 of layer l")),
        ("lambda:DeleteFunction", json!({"FunctionName": "api"}), Did("deleted function api")),
    ]);
}

#[test]
fn a_service_is_stable_after_its_update() {
    let containers = json!([{"name": "web", "image": "web:1"}]);
    Bench::new().play(&[
        ("ecs:DescribeServices", json!({"cluster": "prod", "services": ["web"]}), Unanswered),
        ("ecs:DescribeTaskDefinition", json!({"taskDefinition": "web"}), Unanswered),
        ("ecs:RegisterTaskDefinition", json!({"family": "web", "containerDefinitions": []}), Fails("ClientException", "Container list cannot be empty.")),
        ("ecs:RegisterTaskDefinition", json!({"family": "web", "containerDefinitions": containers}), Did("registered task definition web:1")),
        ("ecs:DescribeTaskDefinition", json!({"taskDefinition": "@/taskDefinition/taskDefinitionArn"}), Holds(&[("/taskDefinition/containerDefinitions/0/image", json!("web:1"))])),
        ("ecs:RegisterTaskDefinition", json!({"family": "web", "containerDefinitions": containers}), Did("registered task definition web:2")),
        ("ecs:DescribeTaskDefinition", json!({"taskDefinition": "web"}), Holds(&[("/taskDefinition/revision", json!(2))])),
        (
            "ecs:UpdateService",
            json!({"cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/prod", "service": "web", "taskDefinition": "web", "desiredCount": 3}),
            Did("updated service web of cluster prod"),
        ),
        (
            "ecs:DescribeServices",
            json!({"cluster": "prod", "services": ["web"]}),
            Holds(&[
                ("/services/0/runningCount", json!(3)),
                ("/services/0/desiredCount", json!(3)),
                ("/services/0/deployments/1", Value::Null),
                ("/services/0/taskDefinition", json!("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:2")),
            ]),
        ),
        ("ecs:UpdateService", json!({"cluster": "prod", "service": "web", "forceNewDeployment": true}), Did("updated service web of cluster prod")),
        ("ecs:DescribeServices", json!({"cluster": "prod", "services": ["web", "api"]}), Unanswered),
        ("ecs:RunTask", json!({"cluster": "prod", "taskDefinition": "web"}), Did("run a task of web in cluster prod")),
        ("ecs:DescribeTasks", json!({"cluster": "prod", "tasks": ["@/tasks/0/taskArn"]}), Holds(&[("/tasks/0/lastStatus", json!("RUNNING"))])),
        (
            "ecs:DescribeTasks",
            json!({"cluster": "prod", "tasks": ["@/tasks/0/taskArn"]}),
            Holds(&[("/tasks/0/lastStatus", json!("STOPPED")), ("/tasks/0/containers/0/exitCode", json!(0))]),
        ),
        ("ecs:DeleteService", json!({"cluster": "prod", "service": "web"}), Did("deleted service web of cluster prod")),
        ("ecs:UpdateService", json!({"cluster": "prod", "service": "web"}), Fails("ServiceNotActiveException", "")),
    ]);
}

#[test]
fn models_reach_their_endpoint() {
    Bench::new().play(&[
        ("sagemaker:DescribeEndpoint", json!({"EndpointName": "live"}), Unanswered),
        ("sagemaker:CreateModel", json!({"ModelName": "m", "ExecutionRoleArn": "r"}), Did("created model m")),
        ("sagemaker:CreateModel", json!({"ModelName": "m"}), Fails("ValidationException", "Cannot create already existing model \"m\".")),
        ("sagemaker:CreateEndpointConfig", json!({"EndpointConfigName": "c"}), Did("created endpoint configuration c")),
        ("sagemaker:UpdateEndpoint", json!({"EndpointName": "live", "EndpointConfigName": "c"}), Did("updated endpoint live")),
        ("sagemaker:DescribeEndpoint", json!({"EndpointName": "live"}), Holds(&[("/EndpointStatus", json!("InService")), ("/EndpointConfigName", json!("c"))])),
        ("sagemaker:CreateTrainingJob", json!({"TrainingJobName": "t", "OutputDataConfig": {"S3OutputPath": "s3://b/out/"}}), Did("created training job t")),
        (
            "sagemaker:DescribeTrainingJob",
            json!({"TrainingJobName": "t"}),
            Holds(&[("/TrainingJobStatus", json!("Completed")), ("/ModelArtifacts/S3ModelArtifacts", json!("s3://b/out/t/output/model.tar.gz"))]),
        ),
        ("sagemaker:CreateModelPackage", json!({"ModelPackageGroupName": "G"}), Did("registered model package g/1")),
        ("sagemaker:CreateModelPackage", json!({"ModelPackageGroupName": "G"}), Did("registered model package g/2")),
        ("sagemaker:ListModelPackages", json!({"ModelPackageGroupName": "G"}), Holds(&[("/ModelPackageSummaryList/0/ModelPackageVersion", json!(2))])),
        (
            "sagemaker:UpdateModelPackage",
            json!({"ModelPackageArn": "@/ModelPackageSummaryList/0/ModelPackageArn", "ModelApprovalStatus": "Approved"}),
            Did("set model package g/2 to Approved"),
        ),
        ("sagemaker:ListModelPackages", json!({"ModelPackageGroupName": "G", "ModelApprovalStatus": "Approved"}), Holds(&[("/ModelPackageSummaryList/0/ModelPackageVersion", json!(2)), ("/ModelPackageSummaryList/1", Value::Null)])),
        ("sagemaker:StartPipelineExecution", json!({"PipelineName": "p"}), Did("started SageMaker pipeline p")),
        ("sagemaker:DescribePipelineExecution", json!({"PipelineExecutionArn": "@/PipelineExecutionArn"}), Holds(&[("/PipelineExecutionStatus", json!("Succeeded"))])),
    ]);
}

#[test]
fn other_platforms_know_what_was_made_there() {
    Bench::new().play(&[
        (
            "elasticbeanstalk:CreateApplicationVersion",
            json!({"ApplicationName": "shop", "VersionLabel": "v1", "Process": "true"}),
            Did("created version v1 of application shop"),
        ),
        (
            "elasticbeanstalk:DescribeApplicationVersions",
            json!({"ApplicationName": "shop", "VersionLabels": ["v1"]}),
            Holds(&[("/ApplicationVersions/0/Status", json!("PROCESSED"))]),
        ),
        ("elasticbeanstalk:DescribeEnvironments", json!({"EnvironmentNames": ["shop-prod"]}), Unanswered),
        (
            "elasticbeanstalk:UpdateEnvironment",
            json!({"EnvironmentName": "shop-prod", "VersionLabel": "v1"}),
            Did("updated environment shop-prod to version v1"),
        ),
        (
            "elasticbeanstalk:DescribeEnvironments",
            json!({"EnvironmentNames": ["shop-prod"]}),
            Holds(&[("/Environments/0/Status", json!("Ready"))]),
        ),
        ("eks:DescribeCluster", json!({"name": "prod"}), Holds(&[("/cluster/status", json!("ACTIVE"))])),
        (
            "states:StartExecution",
            json!({"stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:import"}),
            Did("started state machine import"),
        ),
        (
            "states:DescribeExecution",
            json!({"executionArn": "@/executionArn"}),
            Holds(&[("/status", json!("SUCCEEDED"))]),
        ),
        (
            "batch:SubmitJob",
            json!({"jobName": "nightly", "jobQueue": "q", "jobDefinition": "d"}),
            Did("submitted job nightly"),
        ),
        (
            "batch:DescribeJobs",
            json!({"jobs": ["@/jobId"]}),
            Holds(&[("/jobs/0/status", json!("SUCCEEDED"))]),
        ),
        ("batch:DescribeJobs", json!({"jobs": ["other"]}), Unanswered),
    ]);
}
