//! Compute types and environment types of CodeBuild, and which of them go together (codebuild.md 5.1, 5.2).

/// The processor of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// `x86_64`
    X86,
    /// `aarch64`
    Arm,
}

/// `computeType` of the API.
pub const COMPUTE_TYPES: [&str; 12] = [
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
    "BUILD_LAMBDA_1GB",
    "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB",
    "BUILD_LAMBDA_8GB",
    "BUILD_LAMBDA_10GB",
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
];

/// Environment types of the API.
pub const ENVIRONMENT_TYPES: [&str; 12] = [
    "LINUX_CONTAINER",
    "LINUX_GPU_CONTAINER",
    "ARM_CONTAINER",
    "WINDOWS_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
    "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER",
    "LINUX_EC2",
    "ARM_EC2",
    "WINDOWS_EC2",
    "MAC_ARM",
];

/// Whether this environment type is Lambda compute.
pub fn is_lambda(kind: &str) -> bool {
    matches!(kind, "LINUX_LAMBDA_CONTAINER" | "ARM_LAMBDA_CONTAINER")
}

/// Whether this environment type is Windows.
pub fn is_windows(kind: &str) -> bool {
    kind.starts_with("WINDOWS_")
}

/// The processor of an environment type; none of an unknown one.
pub fn arch(kind: &str) -> Option<Arch> {
    match kind {
        "ARM_CONTAINER" | "ARM_LAMBDA_CONTAINER" | "ARM_EC2" | "MAC_ARM" => Some(Arch::Arm),
        _ if ENVIRONMENT_TYPES.contains(&kind) => Some(Arch::X86),
        _ => None,
    }
}

/// The compute types that AWS offers on demand for an environment type; none where the table says nothing.
pub fn offered(kind: &str) -> Option<&'static [&'static str]> {
    const GENERAL: &[&str] = &[
        "BUILD_GENERAL1_SMALL",
        "BUILD_GENERAL1_MEDIUM",
        "BUILD_GENERAL1_LARGE",
        "BUILD_GENERAL1_XLARGE",
        "BUILD_GENERAL1_2XLARGE",
    ];
    const LAMBDA: &[&str] = &[
        "BUILD_LAMBDA_1GB",
        "BUILD_LAMBDA_2GB",
        "BUILD_LAMBDA_4GB",
        "BUILD_LAMBDA_8GB",
        "BUILD_LAMBDA_10GB",
    ];
    Some(match kind {
        "LINUX_CONTAINER" | "ARM_CONTAINER" => GENERAL,
        "LINUX_EC2" | "ARM_EC2" => &GENERAL[..3],
        "LINUX_GPU_CONTAINER" => &["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_LARGE"],
        "WINDOWS_SERVER_2019_CONTAINER" | "WINDOWS_EC2" => &GENERAL[1..3],
        "WINDOWS_SERVER_2022_CONTAINER" => &GENERAL[1..],
        "LINUX_LAMBDA_CONTAINER" | "ARM_LAMBDA_CONTAINER" => LAMBDA,
        // WINDOWS_CONTAINER is legacy, MAC_ARM is reserved capacity only.
        _ => return None,
    })
}

/// Whether AWS offers a compute type for an environment type, on demand. What the table does not say is not denied.
pub fn go_together(compute: &str, kind: &str) -> bool {
    let on_demand = compute.starts_with("BUILD_") && COMPUTE_TYPES.contains(&compute);
    !on_demand || offered(kind).is_none_or(|offered| offered.contains(&compute))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compute_and_environment_go_together_as_the_table_says() {
        // codebuild.md 5.2
        for (compute, kind, expected) in [
            ("BUILD_GENERAL1_2XLARGE", "LINUX_CONTAINER", true),
            ("BUILD_GENERAL1_XLARGE", "LINUX_EC2", false),
            ("BUILD_GENERAL1_MEDIUM", "LINUX_GPU_CONTAINER", false),
            ("BUILD_GENERAL1_SMALL", "WINDOWS_SERVER_2019_CONTAINER", false),
            ("BUILD_GENERAL1_XLARGE", "WINDOWS_SERVER_2022_CONTAINER", true),
            ("BUILD_GENERAL1_SMALL", "WINDOWS_SERVER_2022_CONTAINER", false),
            ("BUILD_LAMBDA_2GB", "ARM_LAMBDA_CONTAINER", true),
            ("BUILD_LAMBDA_2GB", "LINUX_CONTAINER", false),
            ("BUILD_GENERAL1_SMALL", "LINUX_LAMBDA_CONTAINER", false),
            ("BUILD_GENERAL1_SMALL", "WINDOWS_CONTAINER", true),
            ("ATTRIBUTE_BASED_COMPUTE", "LINUX_CONTAINER", true),
            ("$SIZE", "LINUX_LAMBDA_CONTAINER", true),
        ] {
            assert_eq!(go_together(compute, kind), expected, "{compute} {kind}");
        }
    }
}
