//! What may be real, for the run it is typed for and no other (design 1.2): `--allow`, `--profile`, and dummies for secrets.
//!
//! Owns: reading these flags, what they need of each other, and writing them again for whoever carries the run on. None of
//! them has a variable of the environment or a key in rehearsal.yml: a fetched commit, a shell's startup file or a hook must
//! not be able to let anything through. Leaves to `aws::forward`: what is let through.

use clap::Args;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::ending::Failure;
use super::words;
use crate::aws::forward::Permit;

/// The flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Allowing {
    /// Allow for this run: host-hooks (deployment scripts on this machine itself), or with --profile, for real: fetch
    /// (stand-ins that say so), read (reads but secrets), SERVICE:OPERATION; may be repeated
    #[arg(long, value_name = "WHAT", value_parser = Allow::read)]
    pub allow: Vec<Allow>,
    /// Profile of your AWS configuration that --allow uses; builds never see its keys
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Fill in marked dummies for parameters and secrets that have no stand-in; counts as simulated
    #[arg(long)]
    pub placeholder_secrets: bool,
}

/// What `--allow` can allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// Deployment hooks run on this machine itself, below the group's deployment root.
    HostHooks,
    /// Stand-ins of kind `fetch` are read from AWS.
    Fetch,
    /// Calls are performed for real.
    Calls(Permit),
}

impl Allow {
    /// Reads what is typed.
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "host-hooks" => Ok(Self::HostHooks),
            "fetch" => Ok(Self::Fetch),
            other => Permit::read(other).map(Self::Calls),
        }
    }

    /// As it is typed.
    fn typed(&self) -> String {
        match self {
            Self::HostHooks => "host-hooks".to_owned(),
            Self::Fetch => "fetch".to_owned(),
            Self::Calls(permit) => permit.to_string(),
        }
    }

    fn needs_profile(&self) -> bool {
        match self {
            Self::HostHooks => false,
            Self::Fetch | Self::Calls(_) => true,
        }
    }
}

impl Allowing {
    /// Whether hooks of deployments may run on this machine.
    pub(super) fn host_hooks(&self) -> bool {
        self.allow.contains(&Allow::HostHooks)
    }

    /// Whether stand-ins may be fetched.
    pub(super) fn fetch(&self) -> bool {
        self.allow.contains(&Allow::Fetch)
    }

    /// What calls may be performed for real.
    pub(super) fn permits(&self) -> Vec<Permit> {
        let permits = self.allow.iter().filter_map(|allow| match allow {
            Allow::Calls(permit) => Some(permit.clone()),
            Allow::HostHooks | Allow::Fetch => None,
        });
        permits.collect()
    }

    /// The profile, if what is allowed needs one. What does not go together is an error.
    pub(super) fn needed_profile(&self) -> Result<Option<&str>, Failure> {
        let needing = self.allow.iter().find(|allow| allow.needs_profile());
        match (needing, self.profile.as_deref()) {
            (None, None) => Ok(None),
            (Some(_), Some(profile)) => Ok(Some(profile)),
            (Some(allow), None) => {
                let message = format!("--allow {} needs --profile: with whose keys?", allow.typed());
                Err(Failure::unusable(message)
                    .hint("name a profile of your AWS configuration: --profile NAME"))
            }
            (None, Some(profile)) => {
                let message =
                    format!("--profile {profile} is for nothing: nothing is allowed that needs keys");
                Err(Failure::unusable(message)
                    .hint("say what may be real: --allow fetch, read or SERVICE:OPERATION, for example s3:GetObject"))
            }
        }
    }

    /// The same flags again, each with a blank before it.
    pub(super) fn flags(&self) -> String {
        let mut flags = String::new();
        let mut told = Vec::new();
        for allow in &self.allow {
            if !told.contains(&allow) {
                flags.push_str(" --allow ");
                flags.push_str(&allow.typed());
                told.push(allow);
            }
        }
        if let Some(profile) = &self.profile {
            flags.push_str(" --profile ");
            flags.push_str(&words::quoted(profile));
        }
        if self.placeholder_secrets {
            flags.push_str(" --placeholder-secrets");
        }
        flags
    }
}

/// Says why where one of the flags is typed for a command that takes none of them.
pub(super) fn explained<'a>(
    mut error: clap::Error,
    typed: impl Iterator<Item = std::borrow::Cow<'a, str>>,
) -> clap::Error {
    let is_ours = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => {
            ["--allow", "--profile", "--placeholder-secrets"].contains(&flag.as_str())
        }
        _ => false,
    };
    let command = typed.into_iter().find(|word| matches!(word.as_ref(), "watch" | "hook"));
    if let (ErrorKind::UnknownArgument, true, Some(command)) = (error.kind(), is_ours, command) {
        let why = format!(
            "permissions are typed for one run, and `rehearsal {command}` starts runs that nobody typed; \
             allow it with `rehearsal run` or `rehearsal build`"
        );
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![why.into()]));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(allow: &[&str], profile: Option<&str>) -> Allowing {
        Allowing {
            allow: allow.iter().map(|text| Allow::read(text).unwrap()).collect(),
            profile: profile.map(str::to_owned),
            placeholder_secrets: false,
        }
    }

    #[test]
    fn keys_are_needed_by_what_is_real_and_by_nothing_else() {
        for (allow, profile, expected) in [
            (&[][..], None, Ok(None)),
            (&["host-hooks"], None, Ok(None)),
            (&["read", "s3:PutObject"], Some("dev"), Ok(Some("dev"))),
            (&["fetch"], Some("dev"), Ok(Some("dev"))),
            (
                &["host-hooks", "s3:PutObject"],
                None,
                Err("--allow s3:PutObject needs --profile: with whose keys?"),
            ),
            (&["fetch"], None, Err("--allow fetch needs --profile: with whose keys?")),
            (
                &["host-hooks"],
                Some("dev"),
                Err("--profile dev is for nothing: nothing is allowed that needs keys"),
            ),
            (&[], Some("dev"), Err("--profile dev is for nothing: nothing is allowed that needs keys")),
        ] {
            let allowing = allowing(allow, profile);
            let got = allowing.needed_profile().map_err(|failure| failure.message);
            assert_eq!(got, expected.map_err(str::to_owned), "{allow:?}");
        }
    }

    #[test]
    fn flags_are_written_as_they_are_typed() {
        assert_eq!(Allowing::default().flags(), "");
        let all = Allowing {
            placeholder_secrets: true,
            ..allowing(&["host-hooks", "stepfunctions:StartExecution", "read", "read"], Some("my dev"))
        };
        assert_eq!(
            all.flags(),
            " --allow host-hooks --allow states:StartExecution --allow read --profile 'my dev' --placeholder-secrets"
        );
    }
}
