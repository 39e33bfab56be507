//! What the curated images have: runtimes, the variables that name them, programs (codebuild.md 2.3, 2.5, 5.4).
//!
//! Owns: the table. Values of the variables are what this machine has, or the version that is asked for.

use std::path::{Path, PathBuf};

/// One family of curated images.
struct Image {
    /// How its names begin, behind `aws/codebuild/`.
    names: &'static [&'static str],
    go: &'static [u32],
    java: &'static [u32],
    node: &'static [u32],
    php: &'static [&'static str],
    python: &'static [&'static str],
    ruby: &'static [&'static str],
    rust: bool,
}

const GO: &[u32] = &[20, 21, 22, 23, 24, 25, 26];
const JAVA: &[u32] = &[8, 11, 17, 21, 25];
const NODE: &[u32] = &[18, 20, 22, 24, 26];
const PYTHON: &[&str] = &["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"];
const NEW_PYTHON: &[&str] = &["3.10", "3.11", "3.12", "3.13", "3.14"];
const RUBY: &[&str] = &["3.1", "3.2", "3.3", "3.4", "4.0"];
const NEW_RUBY: &[&str] = &["3.3", "3.4", "4.0"];
const PHP: &[&str] = &["8.2", "8.3", "8.4", "8.5"];

/// codebuild.md 2.3, in the order of its columns.
#[rustfmt::skip]
const IMAGES: &[Image] = &[
    Image { names: &["standard:5.0"], go: &[15, 16], java: &[8, 11], node: &[12, 14], php: &["7.3", "7.4", "8.0"], python: &["3.7", "3.8", "3.9"], ruby: &["2.6", "2.7"], rust: false },
    Image { names: &["standard:6.0"], go: &[18], java: &[17], node: &[16], php: &["8.1"], python: &["3.10"], ruby: &["3.1"], rust: false },
    Image { names: &["standard:7.0"], go: GO, java: JAVA, node: NODE, php: PHP, python: PYTHON, ruby: RUBY, rust: false },
    Image { names: &["standard:8.0"], go: &[24, 25, 26], java: JAVA, node: &[22, 24, 26], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: true },
    Image { names: &["amazonlinux-x86_64-standard:4.0", "amazonlinux2-x86_64-standard:4.0"], go: &[18], java: &[17], node: &[16], php: &["8.1"], python: &["3.9"], ruby: &["3.1"], rust: false },
    Image { names: &["amazonlinux-x86_64-standard:5.0", "amazonlinux2-x86_64-standard:5.0"], go: GO, java: JAVA, node: NODE, php: PHP, python: PYTHON, ruby: RUBY, rust: false },
    Image { names: &["amazonlinux-x86_64-standard:6.0"], go: &[24, 25, 26], java: JAVA, node: &[22, 24, 26], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: true },
    Image { names: &["amazonlinux-aarch64-standard:2.0", "amazonlinux2-aarch64-standard:2.0"], go: &[12, 13, 14], java: &[8, 11], node: &[10, 12], php: &["7.3", "7.4"], python: &["3.7", "3.8", "3.9"], ruby: &["2.6", "2.7"], rust: false },
    Image { names: &["amazonlinux-aarch64-standard:3.0", "amazonlinux2-aarch64-standard:3.0"], go: GO, java: JAVA, node: &[18, 20, 22, 24], php: &["8.1", "8.2", "8.3", "8.4", "8.5"], python: PYTHON, ruby: RUBY, rust: true },
    Image { names: &["amazonlinux-aarch64-standard:4.0"], go: &[24, 25, 26], java: JAVA, node: &[22, 24], php: PHP, python: NEW_PYTHON, ruby: NEW_RUBY, rust: true },
];

/// Programs that all of these images have, by their definitions.
const PROGRAMS: &[&str] = &[
    "ant",
    "autoconf",
    "automake",
    "aws",
    "aws-iam-authenticator",
    "bash",
    "bundle",
    "bundler",
    "bzip2",
    "composer",
    "curl",
    "docker",
    "docker-compose",
    "dockerd",
    "dotnet",
    "ecs-cli",
    "eksctl",
    "expect",
    "file",
    "g++",
    "gcc",
    "gem",
    "git",
    "go",
    "goenv",
    "gpg",
    "gradle",
    "grunt",
    "gzip",
    "java",
    "javac",
    "jar",
    "jq",
    "keytool",
    "kubectl",
    "less",
    "libtool",
    "make",
    "mvn",
    "n",
    "node",
    "npm",
    "npx",
    "openssl",
    "patch",
    "perl",
    "php",
    "phpenv",
    "pip",
    "pip3",
    "pipenv",
    "pkg-config",
    "pwsh",
    "pyenv",
    "python",
    "python3",
    "rake",
    "rbenv",
    "rsync",
    "ruby",
    "sam",
    "sbt",
    "scp",
    "ssh",
    "ssh-keygen",
    "ssh-keyscan",
    "tar",
    "tclsh",
    "unzip",
    "vim",
    "virtualenv",
    "webpack",
    "wget",
    "xmllint",
    "xsltproc",
    "xz",
    "yarn",
    "zip",
];

/// The image of this name, when it is one of the table.
fn curated(image: &str) -> Option<&'static Image> {
    let name = image.strip_prefix("aws/codebuild/")?;
    // A finer version may follow: `standard:7.0-25.10.10`.
    let is = |own: &&str| name == *own || name.strip_prefix(*own).is_some_and(|rest| rest.starts_with('-'));
    IMAGES.iter().find(|image| image.names.iter().any(is))
}

/// Whether an image has a program; `None` for images that are not known.
pub(super) fn has(image: &str, program: &str) -> Option<bool> {
    let image = curated(image)?;
    let rust = image.rust && matches!(program, "cargo" | "rustc" | "rustup");
    Some(rust || PROGRAMS.contains(&program))
}

/// Whether an image is known to have version 2 of the AWS CLI: all of the table but the oldest do.
pub(super) fn has_second_cli(image: &str) -> bool {
    curated(image).is_some_and(|image| !image.names.contains(&"amazonlinux2-aarch64-standard:2.0"))
}

/// The variables by which an image's own scripts select runtimes. `is_dir` says which folders there are here, `java_home` is
/// `JAVA_HOME` of this machine.
pub(super) fn variables(
    image: &str,
    java_home: Option<&Path>,
    is_dir: &dyn Fn(&Path) -> bool,
) -> Vec<(String, String)> {
    let Some(image) = curated(image) else { return Vec::new() };
    let mut variables = Vec::new();
    let joined = |version: &str| version.replace('.', "");
    for (name, versions) in [("PYTHON", image.python), ("RUBY", image.ruby), ("PHP", image.php)] {
        variables.extend(
            versions
                .iter()
                .map(|version| (format!("{name}_{}_VERSION", joined(version)), (*version).to_owned())),
        );
    }
    variables
        .extend(image.node.iter().map(|version| (format!("NODE_{version}_VERSION"), version.to_string())));
    variables
        .extend(image.go.iter().map(|version| (format!("GOLANG_{version}_VERSION"), format!("1.{version}"))));
    for version in image.java {
        // A Java that is not here has no home: `JAVA_HOME` set to one would break the Java that is.
        let Some(home) = java(*version, java_home, is_dir) else { continue };
        let home = home.to_string_lossy().into_owned();
        variables.extend(["JAVA", "JDK", "JRE"].map(|kind| (format!("{kind}_{version}_HOME"), home.clone())));
    }
    variables
}

/// The home of a Java of this version on this machine.
fn java(version: u32, java_home: Option<&Path>, is_dir: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let is_version = |home: &&Path| {
        let text = home.to_string_lossy();
        let digits = |c: char| !c.is_ascii_digit();
        text.rsplit('/').next().is_some_and(|name| name.split(digits).any(|part| part == version.to_string()))
    };
    if let Some(home) = java_home.filter(is_version) {
        return Some(home.to_owned());
    }
    let dotted = format!("1.{version}.0");
    let names = [
        format!("java-{version}-amazon-corretto"),
        format!("java-{version}-amazon-corretto.x86_64"),
        format!("java-{version}-openjdk-amd64"),
        format!("java-{version}-openjdk-arm64"),
        format!("java-{version}-openjdk"),
        format!("java-{dotted}-openjdk-amd64"),
        format!("java-{dotted}-openjdk"),
        format!("temurin-{version}-jdk-amd64"),
    ];
    names.iter().map(|name| Path::new("/usr/lib/jvm").join(name)).find(|home| is_dir(home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_the_runtimes_of_the_image() {
        // codebuild.md 2.3, 2.5
        let here = |path: &Path| path == Path::new("/usr/lib/jvm/java-17-openjdk-amd64");
        let all = variables("aws/codebuild/standard:7.0", None, &here);
        let value = |name: &str| all.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        for (name, expected) in [
            ("PYTHON_312_VERSION", Some("3.12")),
            ("PYTHON_37_VERSION", None),
            ("NODE_20_VERSION", Some("20")),
            ("GOLANG_22_VERSION", Some("1.22")),
            ("RUBY_32_VERSION", Some("3.2")),
            ("PHP_82_VERSION", Some("8.2")),
            ("JAVA_17_HOME", Some("/usr/lib/jvm/java-17-openjdk-amd64")),
            ("JRE_17_HOME", Some("/usr/lib/jvm/java-17-openjdk-amd64")),
            ("JAVA_21_HOME", None),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
        let of_machine =
            variables("aws/codebuild/standard:6.0-23.11.30", Some(Path::new("/opt/jdk-17")), &|_| false);
        assert!(of_machine.contains(&("JDK_17_HOME".into(), "/opt/jdk-17".into())), "{of_machine:?}");
        assert!(variables("example.org/own:1", None, &here).is_empty());
    }

    #[test]
    fn programs_of_images_are_known_or_not() {
        for (image, program, has_it) in [
            ("aws/codebuild/standard:7.0", "mvn", Some(true)),
            ("aws/codebuild/standard:7.0", "terraform", Some(false)),
            ("aws/codebuild/standard:7.0", "cargo", Some(false)),
            ("aws/codebuild/standard:8.0", "cargo", Some(true)),
            ("aws/codebuild/amazonlinux2-x86_64-standard:5.0", "kubectl", Some(true)),
            ("python:3.12", "python3", None),
        ] {
            assert_eq!(has(image, program), has_it, "{image} {program}");
        }
    }
}
