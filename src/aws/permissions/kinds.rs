//! The actions that making a resource of a CloudFormation stack surely takes, by its type.
//!
//! Owns: the table of the commonest types. Sources: the Service Authorization Reference and the `handlers` of the types'
//! schemas, of which only the calls that make, change and remove the resource are here: what the properties that are named
//! here ask for beside these, and nothing that is only read. Types that are not here are not known.

/// A type of resource.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The resource of its actions: `{}` is its name, or all of it when that is an ARN, `{region}` and `{account}` those of
    /// the stack. Empty when the actions have no narrower one that could be told beforehand.
    pub(super) arn: &'static str,
    pub(super) create: &'static [&'static str],
    pub(super) update: &'static [&'static str],
    pub(super) delete: &'static [&'static str],
    /// What else making it takes when it has a property.
    pub(super) also: &'static [(&'static str, &'static str)],
}

/// The type of this name.
pub(super) fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

type List = &'static [&'static str];
type Also = &'static [(&'static str, &'static str)];

const fn row(
    name: &'static str,
    arn: &'static str,
    create: List,
    update: List,
    delete: List,
    also: Also,
) -> Kind {
    Kind { name, arn, create, update, delete, also }
}

#[rustfmt::skip]
const KINDS: [Kind; 55] = [
    row("AWS::ApiGateway::Deployment", "", &["apigateway:POST"], &["apigateway:PATCH"], &["apigateway:DELETE"], &[]),
    row("AWS::ApiGateway::Method", "", &["apigateway:PUT"], &["apigateway:PUT"], &["apigateway:DELETE"], &[]),
    row("AWS::ApiGateway::Resource", "", &["apigateway:POST"], &["apigateway:PATCH"], &["apigateway:DELETE"], &[]),
    row("AWS::ApiGateway::RestApi", "", &["apigateway:POST"], &["apigateway:PATCH"], &["apigateway:DELETE"], &[]),
    row("AWS::ApiGateway::Stage", "", &["apigateway:POST"], &["apigateway:PATCH"], &["apigateway:DELETE"], &[]),
    row("AWS::ApiGatewayV2::Api", "", &["apigateway:POST"], &["apigateway:PATCH"], &["apigateway:DELETE"], &[]),
    row("AWS::CDK::Metadata", "", &[], &[], &[], &[]),
    row("AWS::CloudFormation::WaitConditionHandle", "", &[], &[], &[], &[]),
    row("AWS::CloudFront::Distribution", "", &["cloudfront:CreateDistribution"], &["cloudfront:UpdateDistribution"], &["cloudfront:DeleteDistribution"], &[("Tags", "cloudfront:TagResource")]),
    row("AWS::CloudWatch::Alarm", "arn:aws:cloudwatch:{region}:{account}:alarm:{}", &["cloudwatch:PutMetricAlarm"], &["cloudwatch:PutMetricAlarm"], &["cloudwatch:DeleteAlarms"], &[("Tags", "cloudwatch:TagResource")]),
    row("AWS::CodeBuild::Project", "arn:aws:codebuild:{region}:{account}:project/{}", &["codebuild:CreateProject"], &["codebuild:UpdateProject"], &["codebuild:DeleteProject"], &[]),
    row("AWS::CodePipeline::Pipeline", "arn:aws:codepipeline:{region}:{account}:{}", &["codepipeline:CreatePipeline"], &["codepipeline:UpdatePipeline"], &["codepipeline:DeletePipeline"], &[("Tags", "codepipeline:TagResource")]),
    row("AWS::DynamoDB::Table", "arn:aws:dynamodb:{region}:{account}:table/{}", &["dynamodb:CreateTable"], &["dynamodb:UpdateTable"], &["dynamodb:DeleteTable"], &[("PointInTimeRecoverySpecification", "dynamodb:UpdateContinuousBackups"), ("Tags", "dynamodb:TagResource"), ("TimeToLiveSpecification", "dynamodb:UpdateTimeToLive")]),
    row("AWS::EC2::Instance", "", &["ec2:RunInstances"], &["ec2:ModifyInstanceAttribute"], &["ec2:TerminateInstances"], &[("Tags", "ec2:CreateTags")]),
    row("AWS::EC2::InternetGateway", "", &["ec2:CreateInternetGateway"], &[], &["ec2:DeleteInternetGateway"], &[("Tags", "ec2:CreateTags")]),
    row("AWS::EC2::Route", "", &["ec2:CreateRoute"], &["ec2:ReplaceRoute"], &["ec2:DeleteRoute"], &[]),
    row("AWS::EC2::RouteTable", "", &["ec2:CreateRouteTable"], &[], &["ec2:DeleteRouteTable"], &[("Tags", "ec2:CreateTags")]),
    row("AWS::EC2::SecurityGroup", "", &["ec2:CreateSecurityGroup"], &[], &["ec2:DeleteSecurityGroup"], &[("SecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress"), ("SecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress"), ("Tags", "ec2:CreateTags")]),
    row("AWS::EC2::Subnet", "", &["ec2:CreateSubnet"], &["ec2:ModifySubnetAttribute"], &["ec2:DeleteSubnet"], &[("Tags", "ec2:CreateTags")]),
    row("AWS::EC2::SubnetRouteTableAssociation", "", &["ec2:AssociateRouteTable"], &["ec2:ReplaceRouteTableAssociation"], &["ec2:DisassociateRouteTable"], &[]),
    row("AWS::EC2::VPC", "", &["ec2:CreateVpc"], &["ec2:ModifyVpcAttribute"], &["ec2:DeleteVpc"], &[("Tags", "ec2:CreateTags")]),
    row("AWS::ECR::Repository", "arn:aws:ecr:{region}:{account}:repository/{}", &["ecr:CreateRepository"], &[], &["ecr:DeleteRepository"], &[("LifecyclePolicy", "ecr:PutLifecyclePolicy"), ("RepositoryPolicyText", "ecr:SetRepositoryPolicy"), ("Tags", "ecr:TagResource")]),
    row("AWS::ECS::Cluster", "", &["ecs:CreateCluster"], &["ecs:UpdateCluster"], &["ecs:DeleteCluster"], &[]),
    row("AWS::ECS::Service", "", &["ecs:CreateService"], &["ecs:UpdateService"], &["ecs:DeleteService"], &[]),
    row("AWS::ECS::TaskDefinition", "", &["ecs:RegisterTaskDefinition"], &["ecs:RegisterTaskDefinition"], &["ecs:DeregisterTaskDefinition"], &[]),
    row("AWS::ElasticLoadBalancingV2::Listener", "", &["elasticloadbalancing:CreateListener"], &["elasticloadbalancing:ModifyListener"], &["elasticloadbalancing:DeleteListener"], &[]),
    row("AWS::ElasticLoadBalancingV2::ListenerRule", "", &["elasticloadbalancing:CreateRule"], &["elasticloadbalancing:ModifyRule"], &["elasticloadbalancing:DeleteRule"], &[]),
    row("AWS::ElasticLoadBalancingV2::LoadBalancer", "", &["elasticloadbalancing:CreateLoadBalancer"], &[], &["elasticloadbalancing:DeleteLoadBalancer"], &[("Tags", "elasticloadbalancing:AddTags")]),
    row("AWS::ElasticLoadBalancingV2::TargetGroup", "", &["elasticloadbalancing:CreateTargetGroup"], &["elasticloadbalancing:ModifyTargetGroup"], &["elasticloadbalancing:DeleteTargetGroup"], &[("Tags", "elasticloadbalancing:AddTags")]),
    row("AWS::Events::Rule", "", &["events:PutRule"], &["events:PutRule"], &["events:DeleteRule", "events:RemoveTargets"], &[("Targets", "events:PutTargets"), ("Tags", "events:TagResource")]),
    row("AWS::IAM::InstanceProfile", "arn:aws:iam::{account}:instance-profile/{}", &["iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile"], &["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"], &["iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"], &[]),
    row("AWS::IAM::ManagedPolicy", "arn:aws:iam::{account}:policy/{}", &["iam:CreatePolicy"], &["iam:CreatePolicyVersion"], &["iam:DeletePolicy"], &[]),
    row("AWS::IAM::Policy", "arn:aws:iam::{account}:role/{}", &["iam:PutRolePolicy"], &["iam:PutRolePolicy"], &["iam:DeleteRolePolicy"], &[]),
    row("AWS::IAM::Role", "arn:aws:iam::{account}:role/{}", &["iam:CreateRole"], &["iam:UpdateAssumeRolePolicy", "iam:UpdateRole"], &["iam:DeleteRole"], &[("ManagedPolicyArns", "iam:AttachRolePolicy"), ("Policies", "iam:PutRolePolicy"), ("Tags", "iam:TagRole")]),
    row("AWS::KMS::Alias", "", &["kms:CreateAlias"], &["kms:UpdateAlias"], &["kms:DeleteAlias"], &[]),
    row("AWS::KMS::Key", "", &["kms:CreateKey"], &["kms:PutKeyPolicy"], &["kms:ScheduleKeyDeletion"], &[("EnableKeyRotation", "kms:EnableKeyRotation"), ("Tags", "kms:TagResource")]),
    row("AWS::Lambda::Alias", "arn:aws:lambda:{region}:{account}:function:{}", &["lambda:CreateAlias"], &["lambda:UpdateAlias"], &["lambda:DeleteAlias"], &[]),
    row("AWS::Lambda::EventSourceMapping", "", &["lambda:CreateEventSourceMapping"], &["lambda:UpdateEventSourceMapping"], &["lambda:DeleteEventSourceMapping"], &[]),
    row("AWS::Lambda::Function", "arn:aws:lambda:{region}:{account}:function:{}", &["lambda:CreateFunction"], &["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"], &["lambda:DeleteFunction"], &[("ReservedConcurrentExecutions", "lambda:PutFunctionConcurrency"), ("Tags", "lambda:TagResource")]),
    row("AWS::Lambda::Permission", "arn:aws:lambda:{region}:{account}:function:{}", &["lambda:AddPermission"], &["lambda:AddPermission", "lambda:RemovePermission"], &["lambda:RemovePermission"], &[]),
    row("AWS::Lambda::Version", "arn:aws:lambda:{region}:{account}:function:{}", &["lambda:PublishVersion"], &[], &["lambda:DeleteFunction"], &[]),
    row("AWS::Logs::LogGroup", "arn:aws:logs:{region}:{account}:log-group:{}:*", &["logs:CreateLogGroup"], &["logs:PutRetentionPolicy"], &["logs:DeleteLogGroup"], &[("RetentionInDays", "logs:PutRetentionPolicy"), ("Tags", "logs:TagResource")]),
    row("AWS::RDS::DBCluster", "", &["rds:CreateDBCluster"], &["rds:ModifyDBCluster"], &["rds:DeleteDBCluster"], &[("Tags", "rds:AddTagsToResource")]),
    row("AWS::RDS::DBInstance", "", &["rds:CreateDBInstance"], &["rds:ModifyDBInstance"], &["rds:DeleteDBInstance"], &[("Tags", "rds:AddTagsToResource")]),
    row("AWS::Route53::RecordSet", "", &["route53:ChangeResourceRecordSets"], &["route53:ChangeResourceRecordSets"], &["route53:ChangeResourceRecordSets"], &[]),
    row("AWS::S3::Bucket", "arn:aws:s3:::{}", &["s3:CreateBucket"], &[], &["s3:DeleteBucket"], &[("BucketEncryption", "s3:PutEncryptionConfiguration"), ("CorsConfiguration", "s3:PutBucketCORS"), ("LifecycleConfiguration", "s3:PutLifecycleConfiguration"), ("LoggingConfiguration", "s3:PutBucketLogging"), ("NotificationConfiguration", "s3:PutBucketNotification"), ("OwnershipControls", "s3:PutBucketOwnershipControls"), ("PublicAccessBlockConfiguration", "s3:PutBucketPublicAccessBlock"), ("Tags", "s3:PutBucketTagging"), ("VersioningConfiguration", "s3:PutBucketVersioning"), ("WebsiteConfiguration", "s3:PutBucketWebsite")]),
    row("AWS::S3::BucketPolicy", "arn:aws:s3:::{}", &["s3:PutBucketPolicy"], &["s3:PutBucketPolicy"], &["s3:DeleteBucketPolicy"], &[]),
    row("AWS::SNS::Subscription", "arn:aws:sns:{region}:{account}:{}", &["sns:Subscribe"], &["sns:SetSubscriptionAttributes"], &["sns:Unsubscribe"], &[]),
    row("AWS::SNS::Topic", "arn:aws:sns:{region}:{account}:{}", &["sns:CreateTopic"], &["sns:SetTopicAttributes"], &["sns:DeleteTopic"], &[("Subscription", "sns:Subscribe"), ("Tags", "sns:TagResource")]),
    row("AWS::SNS::TopicInlinePolicy", "arn:aws:sns:{region}:{account}:{}", &["sns:SetTopicAttributes"], &["sns:SetTopicAttributes"], &["sns:SetTopicAttributes"], &[]),
    row("AWS::SQS::Queue", "arn:aws:sqs:{region}:{account}:{}", &["sqs:CreateQueue"], &["sqs:SetQueueAttributes"], &["sqs:DeleteQueue"], &[("Tags", "sqs:TagQueue")]),
    row("AWS::SQS::QueuePolicy", "", &["sqs:SetQueueAttributes"], &["sqs:SetQueueAttributes"], &["sqs:SetQueueAttributes"], &[]),
    row("AWS::SSM::Parameter", "arn:aws:ssm:{region}:{account}:parameter/{}", &["ssm:PutParameter"], &["ssm:PutParameter"], &["ssm:DeleteParameter"], &[("Tags", "ssm:AddTagsToResource")]),
    row("AWS::SecretsManager::Secret", "arn:aws:secretsmanager:{region}:{account}:secret:{}-??????", &["secretsmanager:CreateSecret"], &["secretsmanager:UpdateSecret"], &["secretsmanager:DeleteSecret"], &[("Tags", "secretsmanager:TagResource")]),
    row("AWS::StepFunctions::StateMachine", "arn:aws:states:{region}:{account}:stateMachine:{}", &["states:CreateStateMachine"], &["states:UpdateStateMachine"], &["states:DeleteStateMachine"], &[("Tags", "states:TagResource")]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_resources_are_of_one_service_and_names_in_order() {
        assert!(KINDS.is_sorted_by_key(|kind| kind.name));
        for Kind { name, arn, create, update, delete, also } in &KINDS {
            let actions =
                create.iter().chain(*update).chain(*delete).chain(also.iter().map(|(_, action)| action));
            for action in actions {
                let (service, operation) = action.split_once(':').unwrap();
                assert!(operation.starts_with(|c: char| c.is_ascii_uppercase()), "{name}: {action}");
                assert!(
                    arn.is_empty() || arn.split(':').nth(2) == Some(service),
                    "{name}: {action} on {arn}"
                );
            }
            assert!(create.is_empty() == delete.is_empty(), "{name}");
        }
    }
}
