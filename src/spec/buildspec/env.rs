//! `env`, and `environment_variables` of version 0.1 (codebuild.md 1.3, 1.5).

use super::keys::unknown_keys;
use super::{Env, Shell, Version};
use crate::diagnostic::{Finding, Severity};
use crate::spec::reading::{Reader, place};
use crate::spec::schema::buildspec::ENV;
use crate::syntax::{Entry, Kind, Node};

pub(super) fn read<'t>(reader: &mut Reader<'t>, root: Node<'t>, version: Version) -> Env {
    let mut env = Env::default();
    if version == Version::V0_1
        && let Some(entry) = root.entry("environment_variables")
        && let Some(mapping) = reader.mapping("environment_variables", entry)
    {
        if let Some(entry) = mapping.entry("plaintext") {
            env.variables = reader.pairs("environment_variables.plaintext", entry);
        }
        unknown_keys(reader, "environment_variables", mapping, &["plaintext"]);
    }
    // Whether 0.1 knows `env` is not documented; a file that has it means it.
    if let Some(entry) = root.entry("env")
        && let Some(mapping) = reader.mapping("env", entry)
    {
        section(reader, mapping, &mut env);
    }
    env
}

fn section<'t>(reader: &mut Reader<'t>, mapping: Node<'t>, env: &mut Env) {
    for entry in mapping.entries() {
        match reader.key("env", entry) {
            Some("shell") => env.shell = shell(reader, entry),
            Some("variables") => {
                let before = reader.count();
                env.variables.append(&mut reader.pairs("env.variables", entry));
                if entry.value.kind() == Kind::Sequence {
                    reader.help_since(before, "write each variable as `NAME: value`, without `-`");
                }
            }
            Some("parameter-store") => {
                let before = reader.count();
                env.parameter_store = reader.pairs("env.parameter-store", entry);
                reader.empty_since(
                    before,
                    "no parameter is named",
                    "write the parameter's name: `/CodeBuild/name`",
                );
            }
            Some("secrets-manager") => {
                let before = reader.count();
                env.secrets_manager = reader.pairs("env.secrets-manager", entry);
                reader.empty_since(
                    before,
                    "no secret is named",
                    "write the secret's name: `secret:json-key`",
                );
            }
            Some("exported-variables") => {
                let so = "nothing is exported";
                env.exported_variables = reader.some_texts("env.exported-variables", entry, so);
            }
            Some("git-credential-helper") => {
                env.git_credential_helper = reader.flag("env.git-credential-helper", entry);
            }
            _ => {}
        }
    }
    unknown_keys(reader, "env", mapping, ENV.names);
}

/// The values of `shell`; the last two are other words for the first.
pub(in crate::spec) const SHELLS: [&str; 6] =
    ["bash", "/bin/sh", "powershell.exe", "cmd.exe", "/bin/bash", "sh"];

/// Four values are documented; what CodeBuild does with another is not. A build in the wrong shell would prove nothing,
/// so it is refused.
fn shell<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<Shell> {
    let text = reader.word("env.shell", entry)?;
    let known = SHELLS.iter().position(|name| *name == text);
    if known.is_none() {
        let message = format!("`{text}` is no shell that CodeBuild offers");
        let finding = reader.error("invalid-value", message, place(entry), "unknown shell");
        // Windows finds these by the shorter name, too, and what CodeBuild does is not known.
        let short = |finding: Finding| Finding { severity: Severity::Warning, ..finding };
        reader.push(match text.to_ascii_lowercase().trim_end_matches(".exe") {
            "powershell" => short(finding).help("write `powershell.exe`"),
            "pwsh" => finding.help("write `powershell.exe`"),
            "cmd" => short(finding).help("write `cmd.exe`"),
            _ => finding.help("write `bash`, `/bin/sh`, `powershell.exe` or `cmd.exe`"),
        });
    }
    let shells = [Shell::Bash, Shell::Sh, Shell::PowerShell, Shell::Cmd, Shell::Bash, Shell::Sh];
    known.map(|at| shells[at])
}
