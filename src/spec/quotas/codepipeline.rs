//! CodePipeline (codepipeline.md 2, 5, 6, 7).

use super::{Enforced, Quota, Unit, quotas};

quotas! {
    /// Pipelines of a region
    PIPELINES = "codepipeline.pipelines", 1000 Count, adjustable, "an account's, and there is none here", "codepipeline.md 7";
    /// Polling pipelines of a region
    POLLING_PIPELINES = "codepipeline.polling-pipelines", 300 Count, fixed, "an account's, and there is none here", "codepipeline.md 7";
    /// Webhooks of a region
    WEBHOOKS = "codepipeline.webhooks", 300 Count, adjustable, "there are no webhooks here", "codepipeline.md 7";
    /// Custom actions of a region
    CUSTOM_ACTIONS = "codepipeline.custom-actions", 50 Count, adjustable, "custom actions are not supported yet", "codepipeline.md 7";
    /// Stages of a pipeline, at least
    STAGES_MIN = "codepipeline.stages-minimum", 2 Count, fixed, check, "codepipeline.md 7";
    /// Stages of a pipeline, at most
    STAGES_MAX = "codepipeline.stages-maximum", 50 Count, fixed, check, "codepipeline.md 7";
    /// Actions of a stage
    ACTIONS_PER_STAGE = "codepipeline.actions-per-stage", 50 Count, fixed, check, "codepipeline.md 7";
    /// Actions of a pipeline (500 in older texts)
    ACTIONS_PER_PIPELINE = "codepipeline.actions-per-pipeline", 1000 Count, fixed, check, "codepipeline.md 7";
    /// Parallel actions of a stage (50 in older texts)
    PARALLEL_ACTIONS = "codepipeline.parallel-actions", 100 Count, fixed, check, "codepipeline.md 7";
    /// Sequential actions of a stage (50 in older texts)
    SEQUENTIAL_ACTIONS = "codepipeline.sequential-actions", 100 Count, fixed, check, "codepipeline.md 7";
    /// Executions of a pipeline at once in mode QUEUED or PARALLEL
    CONCURRENT_EXECUTIONS = "codepipeline.concurrent-executions", 50 Count, fixed, "the modes QUEUED and PARALLEL are not supported yet", "codepipeline.md 7";
    /// Action executions at once inside one PARALLEL execution
    PARALLEL_MODE_ACTIONS = "codepipeline.parallel-mode-actions", 5 Count, fixed, "the mode PARALLEL is not supported yet", "codepipeline.md 7";
    /// Length of a configuration key of an action
    CONFIGURATION_KEY = "codepipeline.configuration-key", 50 Characters, fixed, check, "codepipeline.md 7";
    /// Length of a configuration value of an action, as written
    CONFIGURATION_VALUE = "codepipeline.configuration-value", 1000 Characters, fixed, check, "codepipeline.md 7";
    /// Length of a configuration value of a rule
    RULE_CONFIGURATION_VALUE = "codepipeline.rule-configuration-value", 10000 Characters, fixed, check, "codepipeline.md 7";
    /// Time the history of executions is kept, 12 months
    HISTORY = "codepipeline.history", 365 Days, fixed, "history is kept by count and size here", "codepipeline.md 7";
    /// Length of the name of a pipeline, stage, action or artifact
    NAME = "codepipeline.name", 100 Characters, fixed, check, "codepipeline.md 7";
    /// Length of a provider's name (25 on the page of quotas)
    PROVIDER_NAME = "codepipeline.provider-name", 35 Characters, fixed, check, "codepipeline.md 7";
    /// Triggers of a pipeline
    TRIGGERS = "codepipeline.triggers", 50 Count, fixed, check, "codepipeline.md 7";
    /// Filters of a trigger for pushes, and for pull requests
    TRIGGER_FILTERS = "codepipeline.trigger-filters", 3 Count, fixed, check, "codepipeline.md 7";
    /// Patterns that include, or exclude, in a filter, for each of branches, file paths and tags
    FILTER_PATTERNS = "codepipeline.filter-patterns", 8 Count, fixed, check, "codepipeline.md 7";
    /// Length of a pattern in a filter
    FILTER_PATTERN = "codepipeline.filter-pattern", 255 Characters, fixed, check, "codepipeline.md 7";
    /// Size of all triggers
    TRIGGERS_SIZE = "codepipeline.triggers-size", 200 Kilobytes, fixed, "what the other limits on triggers let through fits", "codepipeline.md 7";
    /// Pipeline variables
    PIPELINE_VARIABLES = "codepipeline.variables", 50 Count, fixed, check, "codepipeline.md 5";
    /// Length of the name of a pipeline variable
    VARIABLE_NAME = "codepipeline.variable-name", 128 Characters, fixed, check, "codepipeline.md 5";
    /// Length of the value of a pipeline variable
    VARIABLE_VALUE = "codepipeline.variable-value", 1000 Characters, fixed, check, "codepipeline.md 5";
    /// Length of the description of a pipeline variable
    VARIABLE_DESCRIPTION = "codepipeline.variable-description", 200 Characters, fixed, check, "codepipeline.md 5";
    /// Size of all output variables of an action
    OUTPUT_VARIABLES = "codepipeline.output-variables", 122_880 Bytes, fixed, run, "codepipeline.md 5";
    /// Size of the resolved configuration of an action
    RESOLVED_CONFIGURATION = "codepipeline.resolved-configuration", 100 Kilobytes, fixed, "not enforced yet", "codepipeline.md 5";
    /// Size of CommitMessage
    COMMIT_MESSAGE = "codepipeline.commit-message", 100 Kilobytes, fixed, "not enforced yet", "codepipeline.md 5";
    /// Size of ParameterOverrides
    PARAMETER_OVERRIDES = "codepipeline.parameter-overrides", 1 Kilobytes, fixed, "CloudFormation actions are not supported yet", "codepipeline.md 7";
    /// Size of an image definitions file
    IMAGE_DEFINITIONS = "codepipeline.image-definitions", 100 Kilobytes, fixed, "ECS actions are not supported yet", "codepipeline.md 7";
    /// Size of the artifact of an S3 source
    S3_SOURCE = "codepipeline.s3-source-size", 7 Gigabytes, fixed, "S3 sources are not supported yet", "codepipeline.md 6";
    /// Size of the artifact of a git source
    GIT_SOURCE = "codepipeline.git-source-size", 1 Gigabytes, fixed, "not enforced yet", "codepipeline.md 6";
    /// Size of the input artifact of a Beanstalk action
    BEANSTALK_INPUT = "codepipeline.beanstalk-input-size", 512 Megabytes, fixed, "Beanstalk actions are not supported yet", "codepipeline.md 6";
    /// Size of the input artifact of a CloudFormation action
    CLOUDFORMATION_INPUT = "codepipeline.cloudformation-input-size", 256 Megabytes, fixed, "CloudFormation actions are not supported yet", "codepipeline.md 6";
    /// Size of the input artifact of a CodeDeployToECS action
    ECS_INPUT = "codepipeline.codedeploy-to-ecs-input-size", 3 Megabytes, fixed, "ECS actions are not supported yet", "codepipeline.md 6";
    /// Files in an S3 object
    S3_FILES = "codepipeline.files-per-object", 100_000 Count, fixed, "S3 deploy actions are not supported yet", "codepipeline.md 6";
    /// Tags of a resource
    TAGS = "codepipeline.tags", 50 Count, fixed, "tags mean nothing here", "codepipeline.md 7";
    /// Rules of a condition
    RULES_PER_CONDITION = "codepipeline.rules-per-condition", 5 Count, fixed, "stage conditions are not supported yet", "codepipeline.md 7";
    /// Conditions of a kind in a stage
    CONDITIONS_PER_KIND = "codepipeline.conditions-per-kind", 1 Count, fixed, "stage conditions are not supported yet", "codepipeline.md 7";
    /// Automatic retries of a stage execution
    AUTOMATIC_RETRIES = "codepipeline.automatic-retries", 1 Count, fixed, "automatic retries are not supported yet", "codepipeline.md 7";
    /// Inactivity before polling is disabled
    POLLING_INACTIVITY = "codepipeline.polling-inactivity", 30 Days, fixed, "watching here ends with its process", "codepipeline.md 7";
    /// Time within which a disabled transition resumes by itself
    TRANSITION_RESUME = "codepipeline.transition-resume", 30 Days, fixed, "transitions cannot be disabled yet", "codepipeline.md 7";
    /// Time limit of a CloudFormation deploy action
    CLOUDFORMATION_TIMEOUT = "codepipeline.cloudformation-timeout", 3 Days, adjustable, "CloudFormation actions are not supported yet", "codepipeline.md 7";
    /// Time limit of a CodeDeploy action
    CODEDEPLOY_ACTION_TIMEOUT = "codepipeline.codedeploy-timeout", 5 Days, adjustable, "a deployment here ends earlier, by its events' own limits", "codepipeline.md 7";
    /// Time limit of a Lambda invoke action
    LAMBDA_ACTION_TIMEOUT = "codepipeline.lambda-timeout", 24 Hours, adjustable, "Lambda actions are not supported yet", "codepipeline.md 7";
    /// Silence of a Lambda invoke action
    LAMBDA_SILENCE = "codepipeline.lambda-silence", 20 Minutes, fixed, "Lambda actions are not supported yet", "codepipeline.md 7";
    /// Time limit of an S3 deploy action
    S3_DEPLOY_TIMEOUT = "codepipeline.s3-deploy-timeout", 90 Minutes, adjustable, "S3 deploy actions are not supported yet", "codepipeline.md 7";
    /// Time limit of a manual approval that names none
    APPROVAL_TIMEOUT_DEFAULT = "codepipeline.approval-timeout-default", 7 Days, fixed, run, "codepipeline.md 7";
    /// Time limit of a manual approval, at least
    APPROVAL_TIMEOUT_MIN = "codepipeline.approval-timeout-minimum", 5 Minutes, fixed, check, "codepipeline.md 7";
    /// Time limit of a manual approval, at most
    APPROVAL_TIMEOUT_MAX = "codepipeline.approval-timeout-maximum", 86_400 Minutes, fixed, check, "codepipeline.md 7";
    /// Time limit of a CodeBuild build action
    CODEBUILD_ACTION_TIMEOUT = "codepipeline.codebuild-timeout", 36 Hours, fixed, run, "codepipeline.md 7";
    /// Time limit of a test action
    TEST_ACTION_TIMEOUT = "codepipeline.test-timeout", 8 Hours, fixed, run, "codepipeline.md 7";
    /// Time limit of a custom action
    CUSTOM_ACTION_TIMEOUT = "codepipeline.custom-action-timeout", 24 Hours, fixed, "custom actions are not supported yet", "codepipeline.md 7";
    /// Time limit of a Step Functions action
    STEP_FUNCTIONS_TIMEOUT = "codepipeline.step-functions-timeout", 7 Days, fixed, "Step Functions actions are not supported yet", "codepipeline.md 7";
    /// Time limit of a Commands action
    COMMANDS_TIMEOUT = "codepipeline.commands-timeout", 55 Minutes, fixed, run, "codepipeline.md 2.14, 7";
    /// Time limit of an ECS deploy action
    ECS_TIMEOUT = "codepipeline.ecs-timeout", 1 Hours, fixed, "ECS actions are not supported yet", "codepipeline.md 7";
    /// Time limit of every other action
    OTHER_TIMEOUT = "codepipeline.other-action-timeout", 1 Hours, adjustable, "sources here take no time worth limiting", "codepipeline.md 7";
}
