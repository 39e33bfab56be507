"""Calls every operation that docs/aws.md lists, and ten that nobody answers, with boto3 as it is; one line for each.

The input is made from the service's own model: required members only, by their names, with what earlier calls gave. So
what a Create made, a Describe of the same service finds.
"""

import functools
import json
import re
import sys

import boto3
from botocore.exceptions import ClientError

# Names of services where IAM's prefix is not boto3's.
CLIENTS = {"states": "stepfunctions", "events": "events"}
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
CHANGED = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {"Type": "AWS::SQS::Queue"}}})
VALUES = {
    "Bucket": "shop-artifacts", "Key": "site/index.html", "CopySource": "shop-artifacts/site/index.html", "Body": b"shop",
    "TemplateBody": TEMPLATE, "StackName": "shop", "ChangeSetName": "shop-change", "RoleArn": "arn:aws:iam::000000000000:role/shop",
    "Name": "/shop/value", "SecretId": "/shop/value", "Certificate": b"a", "PrivateKey": b"b",
    "PolicyDocument": "{}", "AssumeRolePolicyDocument": "{}", "definition": "{}", "imageManifest": "{}", "PartNumber": 1,
    "ResourceType": "ECSService", "Path": "/shop", "TopicArn": "arn:aws:sns:us-east-1:000000000000:shop", "approvalRule": "x",
    "imageIds": [{"imageTag": "1"}], "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:shop",
}
ORDER = ["Create", "Register", "Put", "Import", "Request", "Initiate", "Upload", "Complete", "Encrypt", "Start", "Submit", "Run", "Add", "Attach",
         "Publish", "Send", "Update", "Change", "Execute", "Assume", "Get", "Batch", "Describe", "List", "Head", "Validate"]
# Members that the model does not require and the service does.
EXTRA = {
    "CreateStack": {"TemplateBody": TEMPLATE, "OnFailure": "DELETE"}, "UpdateStack": {"TemplateBody": CHANGED},
    "CreateChangeSet": {"StackName": "shop-two", "TemplateBody": TEMPLATE, "ChangeSetType": "CREATE"},
    "ExecuteChangeSet": {"StackName": "shop-two"}, "DescribeChangeSet": {"StackName": "shop-two"},
    "DescribeStackResource": {"StackName": "shop", "LogicalResourceId": "Topic"},
    "DescribeStackResources": {"StackName": "shop"}, "GetTemplate": {"StackName": "shop"},
    "CreateEnvironment": {"EnvironmentName": "shop"}, "UpdateEnvironment": {"EnvironmentName": "shop"},
    "CreateModelPackage": {"ModelPackageGroupName": "shop"}, "RetryBuild": {"id": "shop:1"}, "CopyObject": {"Key": "copy"},
    "CreateSecret": {"SecretString": "shop"}, "PutSecretValue": {"SecretString": "shop"},
    "Publish": {"TopicArn": VALUES["TopicArn"]}, "PutParameter": {"Type": "String"},
    "ContinueDeployment": {"deploymentId": "d-1EW9MBNA3"},
    "GetTemplateSummary": {"StackName": "shop"}, "ValidateTemplate": {"TemplateBody": TEMPLATE}, "PutImage": {"imageTag": "1"},
    "DescribeLogStreams": {"logGroupName": "shop"},
}
# What an earlier call of the same service gave under another name: operation -> (member, that call, where in its answer).
GIVEN = {
    "apigateway:GetDeployment": ("deploymentId", "CreateDeployment", ["id"]),
    "codebuild:BatchGetBuilds": ("ids", "StartBuild", ["build", "id"]),
    "iam:GetPolicy": ("PolicyArn", "CreatePolicy", ["Policy", "Arn"]),
    "kms:Decrypt": ("CiphertextBlob", "Encrypt", ["CiphertextBlob"]),
    "kms:ReEncrypt": ("CiphertextBlob", "Encrypt", ["CiphertextBlob"]),
    "sagemaker:DescribeModelPackage": ("ModelPackageName", "CreateModelPackage", ["ModelPackageArn"]),
    "ssm:ListCommandInvocations": ("CommandId", "SendCommand", ["Command", "CommandId"]),
}
UNANSWERED = [("ec2", "DescribeVpcs"), ("ec2", "RunInstances"), ("rds", "DescribeDBInstances"), ("rds", "CreateDBCluster"),
              ("codecommit", "GetBranch"), ("glue", "StartJobRun"), ("athena", "StartQueryExecution"), ("elbv2", "DescribeLoadBalancers"),
              ("cognito-idp", "ListUserPools"), ("wafv2", "CreateWebACL")]


def value(shape, name, seen):
    if VALUES.get(name) is not None and shape.type_name in ("string", "blob", "integer", "list"):
        return VALUES[name]
    if isinstance(seen.get(name), {"string": str, "integer": int}.get(shape.type_name, type(None))) and name in seen:
        return seen[name]
    if shape.type_name == "structure":
        return {key: value(shape.members[key], key, seen) for key in shape.required_members}
    if shape.type_name == "list":
        # What a call gave as jobId is wanted as jobs, a deploymentId as deploymentIds.
        single = [name[:-1], name[:-1] + "Id", name[:-1] + "Arn"]
        known = next((seen[key] for key in single if isinstance(seen.get(key), str)), None)
        if known is not None and shape.member.type_name == "string":
            return [known]
        return [value(shape.member, name, seen) for _ in range(max(1, shape.metadata.get("min", 1)))]
    if shape.type_name == "map":
        return {"a": value(shape.value, name, seen)}
    if shape.type_name == "blob":
        return seen[name] if isinstance(seen.get(name), bytes) else b"shop"
    if shape.type_name in ("integer", "long"):
        return max(1, shape.metadata.get("min", 1))
    if shape.type_name in ("float", "double"):
        return 1.0
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "timestamp":
        return "2026-01-01T00:00:00Z"
    if getattr(shape, "enum", None):
        return shape.enum[0]
    return "shop".ljust(shape.metadata.get("min", 0), "x")


def remember(output, seen):
    if isinstance(output, dict):
        for key, inner in output.items():
            if isinstance(inner, (str, int, bytes)) and not isinstance(inner, bool):
                seen[key] = inner
            remember(inner, seen)
    elif isinstance(output, list):
        for inner in output:
            remember(inner, seen)


def call(prefix, operation, seen):
    client = boto3.client(CLIENTS.get(prefix, prefix))
    model = client.meta.service_model.operation_model(operation)
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    shape = model.input_shape
    given = {key: value(shape.members[key], key, seen) for key in shape.required_members} if shape else {}
    given |= EXTRA.get(operation, {})
    if f"{prefix}:{operation}" in GIVEN:
        member, earlier, path = GIVEN[f"{prefix}:{operation}"]
        found = functools.reduce(lambda answer, key: answer[key], path, seen[earlier])
        given[member] = [found] if shape.members[member].type_name == "list" else found
    if operation == "CompleteMultipartUpload":
        given["MultipartUpload"] = {"Parts": [{"PartNumber": 1, "ETag": seen["PartETag"]}]}
    try:
        output = getattr(client, method)(**given)
        output.pop("ResponseMetadata", None)
        if operation == "UploadPart":
            seen["PartETag"] = output["ETag"]
        seen[operation] = output
        remember({key: inner for key, inner in output.items() if not hasattr(inner, "read")}, seen)
        return "answered"
    except ClientError as error:
        # A refusal is final: a client that tries again makes every build wait.
        retries = error.response["ResponseMetadata"]["RetryAttempts"]
        return error.response["Error"]["Code"] + (f" after {retries} retries" if retries else "")


def rank(operation):
    last = ("Delete", "Abort", "Stop", "Deregister", "Remove", "Disable")
    word = re.match("[A-Z][a-z]+", operation.removeprefix("Batch")).group()
    return (len(ORDER) + 1 if word in last else ORDER.index(word) if word in ORDER else len(ORDER), operation)


def main():
    for line in open(sys.argv[1]):
        found = re.match(r"\| `([a-z0-9-]+)` \| (.*) \|$", line)
        if found:
            seen = {}
            for operation in sorted(found.group(2).split(", "), key=rank):
                print(f"{found.group(1)}:{operation} {call(found.group(1), operation, seen)}", flush=True)
    for prefix, operation in UNANSWERED:
        print(f"{prefix}:{operation} {call(prefix, operation, {})}", flush=True)


main()
