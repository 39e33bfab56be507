//! Limits of the services that Rehearsal enforces, with their sources.
//!
//! Owns: the numbers. Each is used from here by what enforces it. Leaves to `spec` readers and to `build`: enforcing.

use std::time::Duration;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// A stable name, `service.what`.
    pub name: &'static str,
    /// The figure.
    pub value: u32,
    /// What is counted.
    pub unit: Unit,
    /// Where it is written.
    pub source: &'static str,
    /// Whether AWS raises it on request.
    pub adjustable: bool,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Things.
    Count,
    /// Characters.
    Characters,
    /// Seconds.
    Seconds,
}

impl Quota {
    /// The figure as a length of time, for quotas in minutes or seconds.
    pub fn duration(&self) -> Option<Duration> {
        match self.unit {
            Unit::Minutes => Some(Duration::from_secs(u64::from(self.value) * 60)),
            Unit::Seconds => Some(Duration::from_secs(u64::from(self.value))),
            Unit::Count | Unit::Characters => None,
        }
    }
}

macro_rules! quotas {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $value:literal, $unit:ident, $source:literal;)*) => {
        $($(#[$doc])* pub const $id: Quota = Quota {
            name: $name, value: $value, unit: Unit::$unit, source: $source, adjustable: false,
        };)*
        /// Every quota, in the order of the services.
        pub const ALL: &[Quota] = &[$($id),*];
    };
}

quotas! {
    /// The shortest time limit of a build.
    BUILD_TIMEOUT_MIN = "codebuild.build-timeout-minimum", 5, Minutes, "codebuild.md 3.10";
    /// The longest time limit of a build.
    BUILD_TIMEOUT_MAX = "codebuild.build-timeout-maximum", 2160, Minutes, "codebuild.md 3.10";
    /// The time limit of a build whose project names none.
    BUILD_TIMEOUT_DEFAULT = "codebuild.build-timeout-default", 60, Minutes, "codebuild.md 3.10";
    /// The shortest time a build may wait in the queue.
    QUEUED_TIMEOUT_MIN = "codebuild.queued-timeout-minimum", 5, Minutes, "codebuild.md 3.10";
    /// The longest time a build may wait in the queue.
    QUEUED_TIMEOUT_MAX = "codebuild.queued-timeout-maximum", 480, Minutes, "codebuild.md 3.10";
    /// The time a build may wait in the queue when its project names none.
    QUEUED_TIMEOUT_DEFAULT = "codebuild.queued-timeout-default", 480, Minutes, "codebuild.md 9";
    /// Retries of a phase with `on-failure: RETRY`.
    PHASE_RETRIES_MAX = "codebuild.phase-retries", 100, Count, "codebuild.md 1.7";
    /// Retries of a phase with `on-failure: RETRY` that names no number.
    PHASE_RETRIES_DEFAULT = "codebuild.phase-retries-default", 3, Count, "codebuild.md 1.7";
    /// Secondary artifacts of a build.
    SECONDARY_ARTIFACTS = "codebuild.secondary-artifacts", 12, Count, "codebuild.md 4.3";
    /// Report groups of a buildspec.
    REPORT_GROUPS = "codebuild.reports-per-project", 5, Count, "codebuild.md 4.3";
    /// `cache.fallback-keys`.
    CACHE_FALLBACK_KEYS = "codebuild.cache-fallback-keys", 5, Count, "codebuild.md 4.3";
    /// Stages of a pipeline, at least.
    STAGES_MIN = "codepipeline.stages-minimum", 2, Count, "codepipeline.md 7";
    /// Stages of a pipeline, at most.
    STAGES_MAX = "codepipeline.stages-maximum", 50, Count, "codepipeline.md 7";
    /// Actions of a stage.
    ACTIONS_PER_STAGE = "codepipeline.actions-per-stage", 50, Count, "codepipeline.md 7";
    /// Actions of a pipeline.
    ACTIONS_PER_PIPELINE = "codepipeline.actions-per-pipeline", 1000, Count, "codepipeline.md 7";
    /// Pipeline variables.
    PIPELINE_VARIABLES = "codepipeline.variables", 50, Count, "codepipeline.md 5";
    /// Triggers of a pipeline.
    TRIGGERS = "codepipeline.triggers", 50, Count, "codepipeline.md 7";
    /// A configuration value of an action, as written.
    CONFIGURATION_VALUE = "codepipeline.configuration-value", 1000, Characters, "codepipeline.md 7";
    /// The time limit of a Commands action.
    COMMANDS_TIMEOUT = "codepipeline.commands-timeout", 55, Minutes, "codepipeline.md 2.14";
    /// The time limit of a CodeBuild action.
    CODEBUILD_ACTION_TIMEOUT = "codepipeline.codebuild-timeout", 2160, Minutes, "codepipeline.md 7";
    /// How long an approval waits that names no time.
    APPROVAL_TIMEOUT_DEFAULT = "codepipeline.approval-timeout-default", 10080, Minutes, "codepipeline.md 2.6";
    /// All scripts of one lifecycle event together, and a script that names no timeout.
    LIFECYCLE_EVENT = "codedeploy.lifecycle-event", 3600, Seconds, "codedeploy.md 3.3, 13";
    /// Deployments to one group at once.
    DEPLOYMENTS_PER_GROUP = "codedeploy.deployments-per-group", 1, Count, "codedeploy.md 12, 13";
    /// Revisions that are kept on an instance, the present one included.
    REVISIONS_KEPT = "codedeploy.max-revisions", 5, Count, "codedeploy.md 8.2, 8.3";
    /// The name of an application or deployment group.
    DEPLOYMENT_NAME = "codedeploy.name-length", 100, Characters, "codedeploy.md 13";
    /// The time limit of a test action.
    TEST_ACTION_TIMEOUT = "codepipeline.test-timeout", 480, Minutes, "codepipeline.md 7";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_has_its_own_name_and_names_its_source() {
        let mut names: Vec<_> = ALL.iter().map(|quota| quota.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|quota| quota.source.contains(".md ")));
    }

    #[test]
    fn minutes_are_a_length_of_time() {
        assert_eq!(BUILD_TIMEOUT_MIN.duration(), Some(Duration::from_secs(300)));
        assert_eq!(STAGES_MIN.duration(), None);
    }
}
