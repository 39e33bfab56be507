//! CodeBuild (codebuild.md 1, 3.10, 4, 9).

use super::{Enforced, Quota, Unit, quotas};

quotas! {
    /// Time limit of a build, at least
    BUILD_TIMEOUT_MIN = "codebuild.build-timeout-minimum", 5 Minutes, fixed, check, "codebuild.md 3.10";
    /// Time limit of a build, at most
    BUILD_TIMEOUT_MAX = "codebuild.build-timeout-maximum", 2160 Minutes, fixed, check, "codebuild.md 3.10";
    /// Time limit of a build whose project names none
    BUILD_TIMEOUT_DEFAULT = "codebuild.build-timeout-default", 60 Minutes, fixed, run, "codebuild.md 3.10";
    /// Time a build may wait in the queue, at least
    QUEUED_TIMEOUT_MIN = "codebuild.queued-timeout-minimum", 5 Minutes, fixed, check, "codebuild.md 3.10";
    /// Time a build may wait in the queue, at most
    QUEUED_TIMEOUT_MAX = "codebuild.queued-timeout-maximum", 480 Minutes, fixed, check, "codebuild.md 3.10";
    /// Time a build may wait in the queue when its project names none (one page of AWS says 60)
    QUEUED_TIMEOUT_DEFAULT = "codebuild.queued-timeout-default", 480 Minutes, fixed, run, "codebuild.md 3.10, 9";
    /// Builds at once; AWS begins with 1 for most compute types, here it is the number of cores
    CONCURRENT_BUILDS = "codebuild.concurrent-builds", 1 Count, adjustable, run, "codebuild.md 4.1";
    /// Builds in the queue, for each that may run at once
    QUEUE_LENGTH = "codebuild.queued-builds-per-concurrent-build", 5 Count, fixed, run, "codebuild.md 3.10";
    /// Time limit of a build on Lambda compute
    LAMBDA_TIMEOUT = "codebuild.lambda-timeout", 15 Minutes, fixed, "builds on Lambda compute run here like others", "codebuild.md 3.10";
    /// Validity of an idempotency token
    IDEMPOTENCY_TOKEN = "codebuild.idempotency-token-validity", 5 Minutes, fixed, "builds are not started through the API", "codebuild.md 3.10";
    /// Length of an idempotency token
    IDEMPOTENCY_TOKEN_LENGTH = "codebuild.idempotency-token-length", 64 Characters, fixed, "builds are not started through the API", "codebuild.md 3.10";
    /// Retries of a phase with `on-failure: RETRY`
    PHASE_RETRIES_MAX = "codebuild.phase-retries", 100 Count, fixed, check, "codebuild.md 1.7, 4.3";
    /// Retries of a phase with `on-failure: RETRY` that names no number
    PHASE_RETRIES_DEFAULT = "codebuild.phase-retries-default", 3 Count, fixed, check, "codebuild.md 1.7";
    /// Build projects
    PROJECTS = "codebuild.projects", 5000 Count, adjustable, "an account's, and there is none here", "codebuild.md 4.1";
    /// Tags of a project
    PROJECT_TAGS = "codebuild.tags-per-project", 50 Count, fixed, check, "codebuild.md 4.1";
    /// Builds in one information request
    BATCH_GET_BUILDS = "codebuild.builds-per-request", 100 Count, fixed, "there is no API here", "codebuild.md 4.1";
    /// Projects in one information request
    BATCH_GET_PROJECTS = "codebuild.projects-per-request", 100 Count, fixed, "there is no API here", "codebuild.md 4.1";
    /// Security groups of a VPC configuration
    SECURITY_GROUPS = "codebuild.security-groups", 5 Count, fixed, check, "codebuild.md 4.1";
    /// Subnets of a VPC configuration
    SUBNETS = "codebuild.subnets", 16 Count, fixed, check, "codebuild.md 4.1";
    /// Builds at once on each ARM type
    CONCURRENT_ARM = "codebuild.concurrent-builds-arm", 1 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on each ARM Lambda type
    CONCURRENT_ARM_LAMBDA = "codebuild.concurrent-builds-arm-lambda", 1 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on each of Linux Small to XLarge
    CONCURRENT_LINUX = "codebuild.concurrent-builds-linux", 1 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on Linux 2XLarge
    CONCURRENT_LINUX_2XLARGE = "codebuild.concurrent-builds-linux-2xlarge", 0 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on each Linux GPU type
    CONCURRENT_GPU = "codebuild.concurrent-builds-linux-gpu", 0 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on each Linux Lambda type
    CONCURRENT_LINUX_LAMBDA = "codebuild.concurrent-builds-linux-lambda", 1 Count, adjustable, "all builds share codebuild.concurrent-builds", "codebuild.md 4.1";
    /// Builds at once on each Windows type
    CONCURRENT_WINDOWS = "codebuild.concurrent-builds-windows", 1 Count, adjustable, "Windows builds do not run here", "codebuild.md 4.1";
    /// Compute fleets
    FLEETS = "codebuild.fleets", 10 Count, fixed, "there are no fleets here", "codebuild.md 4.2";
    /// Length of a fleet's name
    FLEET_NAME = "codebuild.fleet-name", 128 Characters, fixed, "there are no fleets here", "codebuild.md 4.2";
    /// Length of a project's name, at least
    PROJECT_NAME_MIN = "codebuild.project-name-minimum", 2 Characters, fixed, check, "codebuild.md 4.3";
    /// Length of a project's name, at most (older texts: 255)
    PROJECT_NAME_MAX = "codebuild.project-name-maximum", 150 Characters, fixed, check, "codebuild.md 4.3";
    /// Length of a project's description
    PROJECT_DESCRIPTION = "codebuild.project-description", 255 Characters, fixed, check, "codebuild.md 4.3";
    /// Report groups of a buildspec
    REPORT_GROUPS = "codebuild.reports-per-project", 5 Count, fixed, check, "codebuild.md 4.3";
    /// Secondary sources of a project
    SECONDARY_SOURCES = "codebuild.secondary-sources", 12 Count, fixed, check, "codebuild.md 4.3";
    /// Secondary source versions of a project
    SECONDARY_SOURCE_VERSIONS = "codebuild.secondary-source-versions", 12 Count, fixed, check, "codebuild.md 4.3";
    /// Secondary artifacts of a build
    SECONDARY_ARTIFACTS = "codebuild.secondary-artifacts", 12 Count, fixed, check, "codebuild.md 4.3";
    /// Length of the identifier of a source or artifact
    IDENTIFIER = "codebuild.identifier", 127 Characters, fixed, check, "codebuild.md 4.3";
    /// Length of the identifier of a file system
    FILE_SYSTEM_IDENTIFIER = "codebuild.file-system-identifier", 128 Characters, fixed, check, "codebuild.md 4.3";
    /// Report groups (older texts: 1000)
    REPORT_GROUPS_OF_ACCOUNT = "codebuild.report-groups", 5000 Count, adjustable, "an account's, and there is none here", "codebuild.md 4.3";
    /// Length of a report group's name, at least
    REPORT_GROUP_NAME_MIN = "codebuild.report-group-name-minimum", 2 Characters, fixed, "not checked yet", "codebuild.md 4.3";
    /// Length of a report group's name, at most
    REPORT_GROUP_NAME_MAX = "codebuild.report-group-name-maximum", 128 Characters, fixed, "not checked yet", "codebuild.md 4.3";
    /// Test cases that a report keeps
    TEST_CASES = "codebuild.test-cases-per-report", 500 Count, fixed, "a report here keeps the counts of all cases, and none of them", "codebuild.md 4.3";
    /// Length of a test case's message
    TEST_CASE_MESSAGE = "codebuild.test-case-message", 5000 Characters, fixed, "messages stay in the report files", "codebuild.md 4.3";
    /// Length of a test case's name
    TEST_CASE_NAME = "codebuild.test-case-name", 1000 Characters, fixed, "names stay in the report files", "codebuild.md 4.3";
    /// Time a report can be seen
    REPORT_AVAILABILITY = "codebuild.report-availability", 30 Days, fixed, "history is kept by count and size here", "codebuild.md 4.3";
    /// Time the history of builds is kept
    BUILD_HISTORY = "codebuild.build-history", 365 Days, fixed, "history is kept by count and size here", "codebuild.md 4.3";
    /// Length of a tag's key
    TAG_KEY = "codebuild.tag-key", 127 Characters, fixed, "tags mean nothing here", "codebuild.md 4.3";
    /// Length of a tag's value
    TAG_VALUE = "codebuild.tag-value", 255 Characters, fixed, "tags mean nothing here", "codebuild.md 4.3";
    /// Fallback keys of a cache
    CACHE_FALLBACK_KEYS = "codebuild.cache-fallback-keys", 5 Count, fixed, check, "codebuild.md 4.3";
    /// Items on a page of a list
    PAGE_SIZE = "codebuild.page-size", 100 Count, fixed, "there is no API here", "codebuild.md 4.3";
    /// Size of a custom image, uncompressed
    IMAGE_SIZE = "codebuild.image-size", 50 Gigabytes, fixed, "there are no images here", "codebuild.md 4.3";
    /// Size of a custom image on BUILD_GENERAL1_2XLARGE
    IMAGE_SIZE_2XLARGE = "codebuild.image-size-2xlarge", 100 Gigabytes, fixed, "there are no images here", "codebuild.md 4.3";
    /// Time that the discovery of reports may take
    AUTO_DISCOVERY = "codebuild.report-auto-discovery", 5 Seconds, fixed, "reports that no buildspec names are not looked for", "codebuild.md 3.13";
}
