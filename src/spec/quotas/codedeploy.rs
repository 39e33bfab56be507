//! CodeDeploy (codedeploy.md 13).

use super::{Enforced, Quota, Unit, quotas};

quotas! {
    /// Applications of a region
    APPLICATIONS = "codedeploy.applications", 1000 Count, adjustable, "an account's, and there is none here", "codedeploy.md 13";
    /// Length of the name of an application, group or configuration
    DEPLOYMENT_NAME = "codedeploy.name", 100 Characters, fixed, check, "codedeploy.md 13";
    /// Deployment groups of an application
    DEPLOYMENT_GROUPS = "codedeploy.groups-per-application", 1000 Count, adjustable, "an account's, and there is none here", "codedeploy.md 13";
    /// Length of a revision's name
    REVISION_NAME = "codedeploy.revision-name", 100 Characters, fixed, "revisions here are commits", "codedeploy.md 13";
    /// GitHub tokens
    GITHUB_TOKENS = "codedeploy.github-tokens", 25 Count, fixed, "an account's, and there is none here", "codedeploy.md 13";
    /// Deployments of a group at once
    DEPLOYMENTS_PER_GROUP = "codedeploy.concurrent-deployments-per-group", 1 Count, fixed, run, "codedeploy.md 13";
    /// Deployments at once
    DEPLOYMENTS = "codedeploy.concurrent-deployments", 1000 Count, adjustable, "an account's, and there is none here", "codedeploy.md 13";
    /// Time limit of an in-place deployment
    IN_PLACE_TIMEOUT = "codedeploy.in-place-timeout", 8 Hours, fixed, "the limits of its events end a deployment sooner", "codedeploy.md 13";
    /// Time from the revision to the shift of traffic, EC2 blue/green
    SHIFT_WAIT_EC2 = "codedeploy.ec2-shift-wait", 48 Hours, fixed, check, "codedeploy.md 13";
    /// Time from the revision to the shift of traffic, ECS blue/green
    SHIFT_WAIT_ECS = "codedeploy.ecs-shift-wait", 120 Hours, fixed, check, "codedeploy.md 13";
    /// Time from completion to the end of the original
    TERMINATION_WAIT = "codedeploy.completion-to-termination", 48 Hours, fixed, "blue/green deployments are not supported yet", "codedeploy.md 13";
    /// Time limit of an EC2 blue/green deployment
    BLUE_GREEN_TIMEOUT = "codedeploy.ec2-blue-green-timeout", 109 Hours, fixed, "blue/green deployments are not supported yet", "codedeploy.md 13";
    /// Time limit of a Lambda deployment
    LAMBDA_DEPLOYMENT_TIMEOUT = "codedeploy.lambda-timeout", 50 Hours, fixed, "Lambda deployments are not supported yet", "codedeploy.md 13";
    /// Time limit of a lifecycle event
    LIFECYCLE_EVENT = "codedeploy.lifecycle-event-timeout", 3600 Seconds, fixed, run, "codedeploy.md 13";
    /// Revisions kept on an instance, the present one included
    REVISIONS_KEPT = "codedeploy.max-revisions", 5 Count, fixed, run, "codedeploy.md 8.2";
    /// Time within which an event must start
    EVENT_START = "codedeploy.event-start", 5 Minutes, fixed, "there is no agent to wait for here", "codedeploy.md 13";
    /// Length of a deployment's description
    DEPLOYMENT_DESCRIPTION = "codedeploy.description", 256 Characters, fixed, "descriptions mean nothing here", "codedeploy.md 13";
    /// Wait before the original ends, blue/green (2880 in the API)
    BLUE_GREEN_WAIT = "codedeploy.blue-green-termination-wait", 2800 Minutes, fixed, "blue/green deployments are not supported yet", "codedeploy.md 13";
    /// Listeners of a traffic route, ECS
    LISTENERS = "codedeploy.listeners-per-route", 1 Count, fixed, check, "codedeploy.md 13";
    /// Custom deployment configurations (50 in the list of service quotas)
    CUSTOM_CONFIGURATIONS = "codedeploy.custom-configurations", 200 Count, fixed, "an account's, and there is none here", "codedeploy.md 13";
    /// Time from the first to the last shift, Lambda canary and linear
    SHIFT_SPAN = "codedeploy.first-to-last-shift", 2880 Minutes, fixed, check, "codedeploy.md 13";
    /// Traffic shifted by one increment
    SHIFT_SHARE = "codedeploy.shift-per-increment", 99 Percent, fixed, check, "codedeploy.md 13";
    /// Tags of a group
    GROUP_TAGS = "codedeploy.tags-per-group", 10 Count, fixed, check, "codedeploy.md 13";
    /// Tag groups of a group
    TAG_GROUPS = "codedeploy.tag-groups-per-group", 3 Count, fixed, check, "codedeploy.md 13";
    /// Auto Scaling groups of a group
    SCALING_GROUPS = "codedeploy.scaling-groups-per-group", 10 Count, fixed, check, "codedeploy.md 13";
    /// Triggers of a group
    GROUP_TRIGGERS = "codedeploy.triggers-per-group", 10 Count, adjustable, "an account may have more, and notifications are not sent here", "codedeploy.md 13";
    /// Groups of an ECS service
    GROUPS_PER_SERVICE = "codedeploy.groups-per-ecs-service", 1 Count, fixed, "ECS deployments are not supported yet", "codedeploy.md 13";
    /// Instances of a deployment
    INSTANCES = "codedeploy.instances-per-deployment", 1000 Count, adjustable, "there is one instance here, this machine", "codedeploy.md 13";
    /// Instances in deployments at once
    INSTANCES_AT_ONCE = "codedeploy.instances-in-deployments", 1000 Count, adjustable, "there is one instance here, this machine", "codedeploy.md 13";
    /// Length of a tag's key
    DEPLOY_TAG_KEY = "codedeploy.tag-key", 128 Characters, fixed, "tags mean nothing here", "codedeploy.md 13";
    /// Length of a tag's value
    DEPLOY_TAG_VALUE = "codedeploy.tag-value", 256 Characters, fixed, "tags mean nothing here", "codedeploy.md 13";
    /// Alarms of a group
    ALARMS = "codedeploy.alarms-per-group", 10 Count, fixed, check, "codedeploy.md 13";
    /// Applications in one BatchGet call
    BATCH_APPLICATIONS = "codedeploy.applications-per-call", 100 Count, fixed, "there is no API here", "codedeploy.md 13";
    /// Revisions, deployments, instances or targets in one BatchGet call
    BATCH_OTHERS = "codedeploy.others-per-call", 25 Count, fixed, "there is no API here", "codedeploy.md 13";
}
