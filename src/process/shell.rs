//! Which shell runs a command.
//!
//! Owns: where the shell of an image is on this machine. Leaves to `spec`: what `sh` is in an image; to `build`: the
//! scripts.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::spec::shell::{self, Sh};

/// The shells there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `sh` of Debian and Ubuntu.
    Dash,
    /// `sh` of Amazon Linux and other Red Hat relatives: `bash --posix`.
    BashPosix,
    /// `env.shell: bash`.
    Bash,
}

impl Kind {
    /// The program's name.
    fn program(self) -> &'static str {
        match self {
            Self::Dash => "dash",
            Self::BashPosix | Self::Bash => "bash",
        }
    }
}

/// A shell of this machine, ready to run scripts. As text: what it is and why it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// Which one.
    pub kind: Kind,
    /// Where it is.
    pub program: PathBuf,
    /// The image's name says nothing about its `sh`, or the image has one that is not here (busybox): the closest was
    /// chosen, which is worth telling.
    pub assumed: bool,
}

impl Shell {
    /// The arguments that run `script`.
    pub fn argv(&self, script: &Path) -> Vec<OsString> {
        let mut argv = vec![self.program.clone().into_os_string()];
        if self.kind == Kind::BashPosix {
            argv.push("--posix".into());
        }
        argv.push(script.into());
        argv
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program.display();
        match (self.kind, self.assumed) {
            (Kind::Dash, false) => write!(f, "{program}, as sh of the Debian family"),
            (Kind::BashPosix, false) => write!(f, "{program} --posix, as sh of the Red Hat family"),
            (Kind::Dash, true) => write!(f, "{program}, assumed to be close to the image's sh"),
            (Kind::BashPosix, true) => write!(f, "{program} --posix, assumed to be close to the image's sh"),
            (Kind::Bash, _) => write!(f, "{program}, as the buildspec's env.shell says"),
        }
    }
}

/// There is no shell to run commands with.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The shell is not installed here.
    #[error("{wanted} is not installed on this machine, and commands for {what_for} run in it")]
    Missing {
        /// The program.
        wanted: &'static str,
        /// The image, or `env.shell`.
        what_for: String,
    },
    /// No shell of this kind runs here (PowerShell, cmd.exe, an unknown name).
    #[error("{shell} is not supported: commands run in sh or bash")]
    Unsupported {
        /// What was asked for.
        shell: String,
    },
}

/// Chooses the shell for commands of a build on `image`, whose buildspec says `env.shell: env_shell` (codebuild.md 1.5
/// and 3.4); `find` looks a program up on this machine.
pub fn resolve(
    image: &str,
    env_shell: Option<&str>,
    find: &dyn Fn(&str) -> Option<PathBuf>,
) -> Result<Shell, Error> {
    let (kind, assumed) = match env_shell {
        Some("bash") => (Kind::Bash, false),
        None | Some("sh") => sh_of(image)?,
        Some(other) => return Err(Error::Unsupported { shell: other.to_owned() }),
    };
    let wanted = kind.program();
    let Some(program) = find(wanted) else {
        let what_for = match kind {
            Kind::Bash => "env.shell: bash".to_owned(),
            Kind::Dash | Kind::BashPosix => format!("the image {image}"),
        };
        return Err(Error::Missing { wanted, what_for });
    };
    Ok(Shell { kind, program, assumed })
}

/// What `sh` is in an image, and whether that is a guess.
fn sh_of(image: &str) -> Result<(Kind, bool), Error> {
    match shell::sh_of(image) {
        (Sh::Dash, assumed) => Ok((Kind::Dash, assumed)),
        (Sh::BashPosix, assumed) => Ok((Kind::BashPosix, assumed)),
        (Sh::PowerShell, _) => {
            Err(Error::Unsupported { shell: format!("PowerShell (of the image {image})") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the shape of a look-up")]
    fn found(name: &str) -> Option<PathBuf> {
        Some(Path::new("/usr/bin").join(name))
    }

    #[test]
    fn sh_is_the_sh_of_the_image() {
        use Kind::{BashPosix, Dash};
        for (image, kind, assumed) in [
            // codebuild.md 5.4
            ("aws/codebuild/standard:7.0", Dash, false),
            ("aws/codebuild/standard:8.0-1.0.0", Dash, false),
            ("aws/codebuild/amazonlinux-x86_64-standard:5.0", BashPosix, false),
            ("aws/codebuild/amazonlinux2-x86_64-standard:3.0", BashPosix, false),
            ("aws/codebuild/amazonlinux-aarch64-lambda-standard:python3.12", BashPosix, false),
            ("AWS/CodeBuild/standard:7.0", Dash, false),
            ("macos-arm-base:15", BashPosix, true),
            // Others: the name tells, or it is a guess.
            ("python:3.12-slim", Dash, false),
            ("public.ecr.aws/docker/library/node:20", Dash, false),
            ("node:20-alpine3.19", Dash, true),
            ("public.ecr.aws/amazonlinux/amazonlinux:2023", BashPosix, false),
            ("public.ecr.aws/lambda/python:3.12", BashPosix, false),
            ("maven:3-amazoncorretto-21", BashPosix, false),
            ("registry.access.redhat.com/ubi9/ubi:9.4", BashPosix, false),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/builder@sha256:00", Dash, true),
            ("", Dash, true),
        ] {
            for shell in [None, Some("sh")] {
                let resolved = resolve(image, shell, &found).unwrap();
                assert_eq!((resolved.kind, resolved.assumed), (kind, assumed), "{image}");
            }
            assert_eq!(resolve(image, Some("bash"), &found).unwrap().kind, Kind::Bash, "{image}");
        }
    }

    #[test]
    fn each_shell_is_started_its_own_way() {
        let script = Path::new("/w/script.sh");
        for (image, shell, argv, text) in [
            (
                "aws/codebuild/standard:7.0",
                None,
                &["/usr/bin/dash", "/w/script.sh"][..],
                "/usr/bin/dash, as sh of the Debian family",
            ),
            (
                "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                None,
                &["/usr/bin/bash", "--posix", "/w/script.sh"],
                "/usr/bin/bash --posix, as sh of the Red Hat family",
            ),
            (
                "aws/codebuild/standard:7.0",
                Some("bash"),
                &["/usr/bin/bash", "/w/script.sh"],
                "/usr/bin/bash, as the buildspec's env.shell says",
            ),
            (
                "mine",
                None,
                &["/usr/bin/dash", "/w/script.sh"],
                "/usr/bin/dash, assumed to be close to the image's sh",
            ),
        ] {
            let resolved = resolve(image, shell, &found).unwrap();
            assert_eq!(resolved.argv(script), argv);
            assert_eq!(resolved.to_string(), text);
        }
    }

    #[test]
    fn what_cannot_run_is_said_clearly() {
        let nothing = |_: &str| None;
        for (image, shell, text) in [
            (
                "aws/codebuild/standard:7.0",
                None,
                "dash is not installed on this machine, and commands for the image aws/codebuild/standard:7.0 run in it",
            ),
            (
                "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                Some("sh"),
                "bash is not installed on this machine, and commands for the image \
                 aws/codebuild/amazonlinux-x86_64-standard:5.0 run in it",
            ),
            (
                "x",
                Some("bash"),
                "bash is not installed on this machine, and commands for env.shell: bash run in it",
            ),
            ("x", Some("powershell.exe"), "powershell.exe is not supported: commands run in sh or bash"),
            (
                "aws/codebuild/windows-base:2022-1.0",
                None,
                "PowerShell (of the image aws/codebuild/windows-base:2022-1.0) is not supported: commands run in sh or \
                 bash",
            ),
        ] {
            assert_eq!(resolve(image, shell, &nothing).unwrap_err().to_string(), text);
        }
    }
}
