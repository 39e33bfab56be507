//! The variables a build starts with: who defines them, and who wins (codebuild.md 1.5, 3.6).
//!
//! Owns: precedence, the reserved prefix, fetching stand-ins, what must be masked and what cannot be exported. Leaves to
//! `process::environment`: the part that every command gets, and to `service`: the `CODEBUILD_*` variables.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

use super::carried::Variables;
use super::missing::{self, Missing, STAND_IN_MISSING};
use super::stand_in::{StandIns, Unavailable};
use crate::action::Failure;
use crate::process::environment::assign;
use crate::spec::buildspec::Env;
use crate::spec::config::{ProjectVariable, ProjectVariableKind};

/// All who define variables, weakest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definitions<'a> {
    /// What every command gets: PATH, HOME, …
    pub(super) base: &'a Variables,
    /// `env` of the buildspec.
    pub(super) buildspec: &'a Env,
    /// The project's.
    pub(super) project: &'a [ProjectVariable],
    /// Those of this start: the action's, or the command line's.
    pub(super) overrides: &'a [ProjectVariable],
    /// What CodeBuild sets itself.
    pub(super) service: &'a [(String, String)],
}

/// The outcome of putting them together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Assembled {
    /// What commands start with.
    pub(super) variables: Variables,
    /// Values that must not appear in logs.
    pub(super) secrets: Vec<String>,
    /// Names that `exported-variables` cannot export: fetched on behalf of the project (codebuild.md 3.9).
    pub(super) unexportable: BTreeSet<String>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
    /// What has a dummy for its value, a line each.
    pub(super) placeholders: Vec<String>,
}

/// Puts the variables together. Fails when a value cannot be had, naming all of those.
pub(super) fn assemble(from: &Definitions<'_>, stand_ins: &StandIns) -> Result<Assembled, Failure> {
    let mut effective: BTreeMap<&str, (&str, ProjectVariableKind, bool)> = BTreeMap::new();
    // AWS does not rank the three blocks of one buildspec; the more special one wins.
    for (block, kind) in [
        (&from.buildspec.variables, ProjectVariableKind::Plaintext),
        (&from.buildspec.parameter_store, ProjectVariableKind::ParameterStore),
        (&from.buildspec.secrets_manager, ProjectVariableKind::SecretsManager),
    ] {
        effective.extend(block.iter().map(|(name, value)| (name.as_str(), (value.as_str(), kind, false))));
    }
    for variables in [from.project, from.overrides] {
        effective.extend(variables.iter().map(|v| (v.name.as_str(), (v.value.as_str(), v.kind, true))));
    }

    let mut assembled = Assembled { variables: from.base.clone(), ..Assembled::default() };
    let mut missing: Vec<Missing> = Vec::new();
    let mut refused: Vec<(&'static str, String)> = Vec::new();
    for (name, (value, kind, of_project)) in effective {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            assembled.notes.push(format!("`{name}` cannot be an environment variable, so it is not set"));
            continue;
        }
        if name.starts_with("CODEBUILD_") && from.service.iter().any(|(service, _)| service == name) {
            assembled.notes.push(format!("{name} is CodeBuild's own: the value given for it has no effect"));
            continue;
        }
        // Always so on CodeBuild (codebuild.md 3.6); here it may be the home of the user who runs rehearsal.
        let home = assembled.variables.get(OsStr::new("HOME"));
        if name == "HOME" && value == "/root" && home.is_none_or(|home| home != value) {
            assembled.notes.push("HOME is a private folder here, not /root".to_owned());
            continue;
        }
        let fetched = match kind {
            ProjectVariableKind::Plaintext => Ok(value.to_owned()),
            ProjectVariableKind::ParameterStore => stand_ins.parameter(value, name),
            ProjectVariableKind::SecretsManager => stand_ins.secret(value, name),
        };
        match fetched {
            Ok(value) => {
                if kind != ProjectVariableKind::Plaintext {
                    assembled.secrets.push(value.clone());
                    if of_project {
                        assembled.unexportable.insert(name.to_owned());
                    }
                }
                assign(&mut assembled.variables, name.as_ref(), value.as_ref());
            }
            Err(Unavailable::Missing(one)) if stand_ins.placeholders => {
                assign(&mut assembled.variables, name.as_ref(), one.placeholder().as_ref());
                if of_project {
                    assembled.unexportable.insert(name.to_owned());
                }
                let line = one.title();
                if !assembled.placeholders.contains(&line) {
                    assembled.placeholders.push(line);
                }
            }
            Err(Unavailable::Missing(one)) => missing.push(one),
            Err(Unavailable::Refused { code, message }) => refused.push((code, message)),
        }
    }
    assembled.variables.extend(from.service.iter().map(|(name, value)| (name.into(), value.into())));
    if !assembled.placeholders.is_empty() {
        assembled.notes.push(format!("placeholders stand in for {}", assembled.placeholders.join(", ")));
    }
    if missing.is_empty() && refused.is_empty() {
        return Ok(assembled);
    }
    // What AWS would refuse as well says more than what is only missing here.
    let code = refused.first().map_or(STAND_IN_MISSING, |(code, _)| code);
    let mut messages: Vec<String> = refused.into_iter().map(|(_, message)| message).collect();
    if !missing.is_empty() {
        messages.push(missing::message(&missing));
    }
    Err(Failure { code: code.to_owned(), message: messages.join("; "), ..Failure::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &str, value: &str) -> ProjectVariable {
        ProjectVariable { name: name.into(), value: value.into(), kind: ProjectVariableKind::Plaintext }
    }

    fn fetched(name: &str, value: &str, kind: ProjectVariableKind) -> ProjectVariable {
        ProjectVariable { kind, ..plain(name, value) }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn stand_ins() -> StandIns {
        StandIns {
            parameters: BTreeMap::from([("/p".to_owned(), Ok("from-p".to_owned()))]),
            secrets: BTreeMap::from([("s".to_owned(), Ok(r#"{"k":"from-s"}"#.to_owned()))]),
            placeholders: false,
        }
    }

    fn get<'a>(assembled: &'a Assembled, name: &str) -> Option<&'a str> {
        assembled.variables.get(OsStr::new(name)).and_then(|value| value.to_str())
    }

    #[test]
    fn a_start_beats_the_project_which_beats_the_buildspec() {
        // codebuild.md 1.5 and trap 12
        let base = Variables::from([("PATH".into(), "/bin".into()), ("A".into(), "base".into())]);
        let buildspec = Env {
            variables: pairs(&[
                ("A", "spec"),
                ("B", "spec"),
                ("C", "spec"),
                ("PATH", "$PATH:/x"),
                ("D", "spec"),
            ]),
            parameter_store: pairs(&[("D", "/p")]),
            ..Env::default()
        };
        let from = Definitions {
            base: &base,
            buildspec: &buildspec,
            project: &[plain("B", "project"), plain("C", "project")],
            overrides: &[plain("C", "start")],
            service: &pairs(&[("CODEBUILD_BUILD_NUMBER", "7")]),
        };
        let assembled = assemble(&from, &stand_ins()).unwrap();
        for (name, value) in
            [("A", "spec"), ("B", "project"), ("C", "start"), ("D", "from-p"), ("PATH", "$PATH:/x")]
        {
            assert_eq!(get(&assembled, name), Some(value), "{name}");
        }
        assert_eq!(get(&assembled, "CODEBUILD_BUILD_NUMBER"), Some("7"));
        assert_eq!(assembled.secrets, ["from-p"]);
        assert!(assembled.notes.is_empty(), "{:?}", assembled.notes);
    }

    #[test]
    fn what_the_project_fetched_cannot_be_exported() {
        // codebuild.md 3.9
        let buildspec = Env { secrets_manager: pairs(&[("MINE", "s:k")]), ..Env::default() };
        let from = Definitions {
            base: &Variables::new(),
            buildspec: &buildspec,
            project: &[
                fetched("P", "/p", ProjectVariableKind::ParameterStore),
                fetched("S", "s:k", ProjectVariableKind::SecretsManager),
            ],
            overrides: &[],
            service: &[],
        };
        let assembled = assemble(&from, &stand_ins()).unwrap();
        assert_eq!(get(&assembled, "S"), Some("from-s"));
        assert_eq!(assembled.unexportable, BTreeSet::from(["P".to_owned(), "S".to_owned()]));
    }

    #[test]
    fn all_values_that_cannot_be_had_are_named_at_once() {
        // Wherever they are asked for: in the buildspec, by the project, at this start.
        let buildspec = Env {
            parameter_store: pairs(&[("A", "/a"), ("C", "/c")]),
            secrets_manager: pairs(&[("B", "b:key")]),
            ..Env::default()
        };
        let from = Definitions {
            base: &Variables::new(),
            buildspec: &buildspec,
            project: &[fetched("P", "/p", ProjectVariableKind::ParameterStore), plain("C", "given")],
            overrides: &[fetched("O", "o", ProjectVariableKind::SecretsManager)],
            service: &[],
        };
        let error = assemble(&from, &StandIns::default()).unwrap_err();
        assert_eq!(error.code, STAND_IN_MISSING);
        for part in ["/a (for A)", "b (for B)", "/p (for P)", "o (for O)", "\n  /a: { env: A }\n"] {
            assert!(error.message.contains(part), "{part}: {}", error.message);
        }
        assert!(!error.message.contains("/c"), "{}", error.message);

        let filled = assemble(&from, &StandIns { placeholders: true, ..StandIns::default() }).unwrap();
        assert_eq!(get(&filled, "A"), Some("placeholder-for-/a"));
        assert_eq!(get(&filled, "B"), Some("placeholder-for-b:key"));
        assert_eq!(get(&filled, "C"), Some("given"));
        assert_eq!(filled.placeholders.len(), 4);
        assert_eq!(filled.notes.len(), 1);
        assert!(filled.secrets.is_empty());
    }

    #[test]
    fn what_aws_refuses_too_is_no_missing_stand_in() {
        let buildspec =
            Env { secrets_manager: pairs(&[("A", "s:k:AWSCURRENT:1"), ("B", "gone")]), ..Env::default() };
        let from = Definitions {
            base: &Variables::new(),
            buildspec: &buildspec,
            project: &[],
            overrides: &[],
            service: &[],
        };
        let error = assemble(&from, &stand_ins()).unwrap_err();
        assert_eq!(error.code, "Secrets Manager Error");
        assert!(
            error.message.contains("names both a version stage and a version id")
                && error.message.contains("gone (for B)")
        );
        let placeholders = StandIns { placeholders: true, ..stand_ins() };
        assert_eq!(assemble(&from, &placeholders).unwrap_err().code, "Secrets Manager Error");
    }

    #[test]
    fn what_cannot_be_set_is_told() {
        let buildspec = Env {
            variables: pairs(&[
                ("CODEBUILD_SRC_DIR", "/x"),
                ("CODEBUILD_CONFIG_AUTO_DISCOVER", "false"),
                ("A=B", ""),
            ]),
            ..Env::default()
        };
        let from = Definitions {
            base: &Variables::new(),
            buildspec: &buildspec,
            project: &[],
            overrides: &[],
            service: &pairs(&[("CODEBUILD_SRC_DIR", "/src")]),
        };
        let assembled = assemble(&from, &StandIns::default()).unwrap();
        assert_eq!(get(&assembled, "CODEBUILD_SRC_DIR"), Some("/src"));
        assert_eq!(get(&assembled, "CODEBUILD_CONFIG_AUTO_DISCOVER"), Some("false"));
        assert_eq!(assembled.notes.len(), 2);
    }
}
