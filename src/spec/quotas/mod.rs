//! Limits of the services, with their sources: every one that the references give, enforced here or not.
//!
//! Owns: the numbers, and what is said about each. One file per service; what enforces a limit takes it from here. Leaves
//! to `spec` readers, `build` and `pipeline`: enforcing, to `config`: other values for those that are adjustable.

mod codebuild;
mod codedeploy;
mod codepipeline;
mod sagemaker;

use std::time::Duration;

pub use codebuild::*;
pub use codedeploy::*;
pub use codepipeline::*;
pub use sagemaker::*;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// A stable name, `service.what`.
    pub name: &'static str,
    /// What is limited, a phrase.
    pub what: &'static str,
    /// The figure.
    pub value: u32,
    /// What is counted.
    pub unit: Unit,
    /// Where it is written.
    pub source: &'static str,
    /// Whether AWS raises it on request.
    pub adjustable: bool,
    /// Where it is enforced.
    pub enforced: Enforced,
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Things.
    Count,
    /// Characters.
    Characters,
    /// Bytes.
    Bytes,
    /// Thousands of bytes, or 1024 of them: AWS says KB.
    Kilobytes,
    /// AWS's MB.
    Megabytes,
    /// AWS's GB.
    Gigabytes,
    /// Hundredths.
    Percent,
}

impl Unit {
    /// The unit as it stands behind a figure; empty for things.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Days => "days",
            Self::Count => "",
            Self::Characters => "characters",
            Self::Bytes => "bytes",
            Self::Kilobytes => "KB",
            Self::Megabytes => "MB",
            Self::Gigabytes => "GB",
            Self::Percent => "%",
        }
    }

    /// So many of this unit as a length of time, for units that are one.
    pub fn span(self, number: u32) -> Option<Duration> {
        self.seconds().map(|seconds| Duration::from_secs(u64::from(number) * seconds))
    }

    fn seconds(self) -> Option<u64> {
        match self {
            Self::Seconds => Some(1),
            Self::Minutes => Some(60),
            Self::Hours => Some(60 * 60),
            Self::Days => Some(24 * 60 * 60),
            Self::Count
            | Self::Characters
            | Self::Bytes
            | Self::Kilobytes
            | Self::Megabytes
            | Self::Gigabytes
            | Self::Percent => None,
        }
    }
}

/// Where a quota is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforced {
    /// When a definition is read, before anything runs.
    Check,
    /// While something runs.
    Run,
    /// Nowhere, and why.
    Not(&'static str),
}

impl Quota {
    /// The service it is a quota of: `codebuild`.
    pub fn service(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(service, _)| service)
    }

    /// The page of AWS that gives the figure, as people look for it.
    pub fn page(&self) -> &'static str {
        let (file, section) = self.source.split_once(' ').unwrap_or((self.source, ""));
        let within = |part: &str| {
            section.split(',').next().is_some_and(|first| {
                first == part || first.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let found = PAGES.iter().find(|(of, part, _)| *of == file && within(part));
        found.map_or(self.source, |(_, _, page)| page)
    }

    /// The figure as a length of time, for quotas that are one.
    pub fn duration(&self) -> Option<Duration> {
        self.unit.span(self.value)
    }

    /// The figure with its unit: `60 min`.
    pub fn figure(&self) -> String {
        match self.unit.word() {
            "" => self.value.to_string(),
            word => format!("{} {word}", self.value),
        }
    }
}

/// Which page stands behind a section of the references.
const PAGES: [(&str, &str, &str); 15] = [
    ("codebuild.md", "1.7", "CodeBuild User Guide: Build specification reference"),
    ("codebuild.md", "3.10", "CodeBuild User Guide: Working with builds"),
    ("codebuild.md", "3.13", "seen in the logs of builds"),
    ("codebuild.md", "4", "CodeBuild User Guide: Quotas"),
    ("codepipeline.md", "2.14", "CodePipeline User Guide: Commands action reference"),
    ("codepipeline.md", "5", "CodePipeline User Guide: Quotas"),
    ("codepipeline.md", "6", "CodePipeline User Guide: Quotas"),
    ("codepipeline.md", "7", "CodePipeline User Guide: Quotas"),
    ("codedeploy.md", "8", "CodeDeploy User Guide: Agent configuration reference"),
    ("codedeploy.md", "13", "CodeDeploy User Guide: Limits"),
    ("ml-release.md", "0", "SageMaker Developer Guide: Model hosting FAQs"),
    ("ml-release.md", "2", "SageMaker Developer Guide: Model hosting FAQs"),
    ("ml-release.md", "3", "SageMaker Developer Guide: Deployment guardrails"),
    ("ml-release.md", "5", "SageMaker Developer Guide: Pipeline steps"),
    ("ml-release.md", "10", "EventBridge User Guide: Quotas"),
];

/// Every quota, service by service.
pub fn all() -> impl Iterator<Item = &'static Quota> {
    #[expect(unused_qualifications, reason = "each service has its own")]
    let services = [codebuild::ALL, codepipeline::ALL, codedeploy::ALL, sagemaker::ALL];
    services.into_iter().flatten()
}

/// Declares constants, and the list of them. A row: the constant, its name, its figure and unit, `fixed` or `adjustable`,
/// where it is enforced, its source. What is limited is the row's documentation.
macro_rules! quotas {
    (@adjustable fixed) => { false };
    (@adjustable adjustable) => { true };
    (@enforced check) => { Enforced::Check };
    (@enforced run) => { Enforced::Run };
    (@enforced $why:literal) => { Enforced::Not($why) };
    ($(#[doc = $what:literal] $id:ident = $name:literal, $value:literal $unit:ident, $adjustable:ident, $enforced:tt, $source:literal;)*) => {
        $(#[doc = $what] pub const $id: Quota = Quota {
            name: $name,
            what: $what.trim_ascii(),
            value: $value,
            unit: Unit::$unit,
            source: $source,
            adjustable: quotas!(@adjustable $adjustable),
            enforced: quotas!(@enforced $enforced),
        };)*
        /// Every quota of the service, in the order of the reference.
        pub(super) const ALL: &[Quota] = &[$($id),*];
        /// The constants by their own names.
        #[cfg(test)]
        pub(super) const NAMED: &[(&str, Quota)] = &[$((stringify!($id), $id)),*];
    };
}
use quotas;

#[cfg(test)]
mod tests;
