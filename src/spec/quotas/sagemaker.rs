//! SageMaker: hosting, deployment guardrails and pipelines of models (ml-release.md 2, 3, 5), and EventBridge (10).

use super::{Enforced, Quota, Unit, quotas};

quotas! {
    /// Payload of a real-time request
    REAL_TIME_PAYLOAD = "sagemaker.real-time-payload", 25 Megabytes, fixed, "endpoints are not supported yet", "ml-release.md 0, 2";
    /// Time limit of a real-time request
    REAL_TIME_TIMEOUT = "sagemaker.real-time-timeout", 60 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Time limit of a streamed answer
    STREAMING_TIMEOUT = "sagemaker.streaming-timeout", 8 Minutes, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Production variants of an endpoint
    VARIANTS = "sagemaker.variants", 10 Count, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Payload of a serverless request, in and out
    SERVERLESS_PAYLOAD = "sagemaker.serverless-payload", 4 Megabytes, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Time limit of a serverless request
    SERVERLESS_TIMEOUT = "sagemaker.serverless-timeout", 60 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Memory of a serverless endpoint
    SERVERLESS_MEMORY = "sagemaker.serverless-memory", 6144 Megabytes, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Requests at once to a serverless endpoint
    SERVERLESS_CONCURRENCY = "sagemaker.serverless-concurrency", 200 Count, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Size of a serverless container image
    SERVERLESS_IMAGE = "sagemaker.serverless-image", 10 Gigabytes, fixed, "endpoints are not supported yet", "ml-release.md 0, 2";
    /// Disk of a serverless endpoint
    SERVERLESS_DISK = "sagemaker.serverless-disk", 5 Gigabytes, fixed, "endpoints are not supported yet", "ml-release.md 0, 2";
    /// Serverless endpoints of a region
    SERVERLESS_ENDPOINTS = "sagemaker.serverless-endpoints", 50 Count, fixed, "an account's, and there is none here", "ml-release.md 2";
    /// Payload of an asynchronous request
    ASYNC_PAYLOAD = "sagemaker.async-payload", 1 Gigabytes, fixed, "endpoints are not supported yet", "ml-release.md 2";
    /// Time limit of an asynchronous request that names none
    ASYNC_TIMEOUT_DEFAULT = "sagemaker.async-timeout-default", 900 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 0, 2";
    /// Time limit of an asynchronous request, at most
    ASYNC_TIMEOUT_MAX = "sagemaker.async-timeout-maximum", 3600 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 0, 2";
    /// Payload of a batch request
    BATCH_PAYLOAD = "sagemaker.batch-payload", 100 Megabytes, fixed, "batch transforms are not supported yet", "ml-release.md 2";
    /// Time limit of a batch request
    BATCH_TIMEOUT = "sagemaker.batch-timeout", 3600 Seconds, fixed, "batch transforms are not supported yet", "ml-release.md 2";
    /// Time limit of a guarded deployment, at least
    GUARDED_TIMEOUT_MIN = "sagemaker.deployment-timeout-minimum", 600 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 3";
    /// Time limit of a guarded deployment, at most
    GUARDED_TIMEOUT_MAX = "sagemaker.deployment-timeout-maximum", 28_800 Seconds, fixed, "endpoints are not supported yet", "ml-release.md 3";
    /// Share of a rolling batch, at least
    ROLLING_BATCH_MIN = "sagemaker.rolling-batch-minimum", 5 Percent, fixed, "endpoints are not supported yet", "ml-release.md 3";
    /// Share of a rolling batch, at most
    ROLLING_BATCH_MAX = "sagemaker.rolling-batch-maximum", 50 Percent, fixed, "endpoints are not supported yet", "ml-release.md 3";
    /// Attempts of a retried pipeline step
    STEP_ATTEMPTS = "sagemaker.step-attempts", 20 Count, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Time within which a pipeline step is retried
    STEP_RETRY_SPAN = "sagemaker.step-retry-span", 14_400 Minutes, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Length of a pipeline definition
    DEFINITION_LENGTH = "sagemaker.pipeline-definition", 1_048_576 Characters, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Parameters of a pipeline
    PIPELINE_PARAMETERS = "sagemaker.pipeline-parameters", 200 Count, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Length of a step's name
    STEP_NAME = "sagemaker.step-name", 64 Characters, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Steps of a selective execution
    SELECTED_STEPS = "sagemaker.selected-steps", 50 Count, fixed, "SageMaker pipelines are not read", "ml-release.md 5";
    /// Length of an event pattern (4096 in the API)
    EVENT_PATTERN = "eventbridge.event-pattern", 2048 Characters, adjustable, "events are not supported yet", "ml-release.md 10.2";
    /// Length of the name of a rule
    RULE_NAME = "eventbridge.rule-name", 64 Characters, fixed, "events are not supported yet", "ml-release.md 10.4";
    /// Targets of a rule
    RULE_TARGETS = "eventbridge.targets-per-rule", 5 Count, fixed, "events are not supported yet", "ml-release.md 10.4";
    /// Rules of a bus
    RULES = "eventbridge.rules-per-bus", 300 Count, adjustable, "events are not supported yet", "ml-release.md 10.4";
    /// Buses
    BUSES = "eventbridge.buses", 100 Count, adjustable, "events are not supported yet", "ml-release.md 10.4";
    /// Length of a target's constant input
    TARGET_INPUT = "eventbridge.target-input", 8192 Characters, fixed, "events are not supported yet", "ml-release.md 10.4";
}
