//! What the curated images have: the variables that name their runtimes, programs (codebuild.md 2.5, 5.4).
//!
//! Owns: the list of programs. Values of the variables are what this machine has, or the version that is asked for. Leaves to
//! `spec::image`: which runtimes there are.

use std::path::{Path, PathBuf};

use crate::spec::image::Runtimes;

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

/// Whether an image has a program; `None` for images that are not known.
pub(super) fn has(image: &str, program: &str) -> Option<bool> {
    let image = Runtimes::of(image)?;
    let rust = !image.rust.is_empty() && matches!(program, "cargo" | "rustc" | "rustup");
    Some(rust || PROGRAMS.contains(&program))
}

/// Whether an image is known to have version 2 of the AWS CLI: all of the table but the oldest do.
pub(super) fn has_second_cli(image: &str) -> bool {
    Runtimes::of(image).is_some_and(|image| !image.names.contains(&"amazonlinux2-aarch64-standard:2.0"))
}

/// The variables by which an image's own scripts select runtimes. `is_dir` says which folders there are here, `java_home` is
/// `JAVA_HOME` of this machine.
pub(super) fn variables(
    image: &str,
    java_home: Option<&Path>,
    is_dir: &dyn Fn(&Path) -> bool,
) -> Vec<(String, String)> {
    let Some(image) = Runtimes::of(image) else { return Vec::new() };
    let mut variables = Vec::new();
    let joined = |version: &str| version.replace('.', "");
    for (name, versions) in [("PYTHON", image.python), ("RUBY", image.ruby), ("PHP", image.php)] {
        variables.extend(
            versions
                .iter()
                .map(|version| (format!("{name}_{}_VERSION", joined(version)), (*version).to_owned())),
        );
    }
    let named = |(name, version): (String, &&str)| (name, (*version).to_owned());
    variables
        .extend(image.nodejs.iter().map(|version| (format!("NODE_{version}_VERSION"), version)).map(named));
    let minor = |version: &str| version.trim_start_matches("1.").to_owned();
    variables.extend(
        image.golang.iter().map(|version| (format!("GOLANG_{}_VERSION", minor(version)), version)).map(named),
    );
    for version in image.java {
        // A Java that is not here has no home: `JAVA_HOME` set to one would break the Java that is.
        let Some(home) = java(version, java_home, is_dir) else { continue };
        let home = home.to_string_lossy().into_owned();
        variables.extend(["JAVA", "JDK", "JRE"].map(|kind| (format!("{kind}_{version}_HOME"), home.clone())));
    }
    variables
}

/// The home of a Java of this version on this machine.
fn java(version: &str, java_home: Option<&Path>, is_dir: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let is_version = |home: &&Path| {
        let text = home.to_string_lossy();
        let digits = |c: char| !c.is_ascii_digit();
        text.rsplit('/').next().is_some_and(|name| name.split(digits).any(|part| part == version))
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
