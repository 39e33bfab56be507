//! Options that the commonest commands of recorded tools do not have: `helm upgrade --instal`.
//!
//! Owns: the lists, and what is said. A list may lack what a later version of a tool brought, so only an option that is
//! nearly one of the list is taken for misspelt.

use super::line::Line;
use super::verdict::{Said, Verdict};
use crate::spec::nearest;

/// The long options of a command, without their dashes.
struct Options {
    tools: &'static [&'static str],
    /// The words of the commands: alternatives, separated by `|`.
    commands: &'static str,
    names: &'static str,
}

const fn options(tools: &'static [&'static str], commands: &'static str, names: &'static str) -> Options {
    Options { tools, commands, names }
}

/// Options that hold for all commands of a tool.
const EVERYWHERE: [(&str, &str); 6] = [
    (
        "kubectl",
        "as as-group as-uid as-user-extra cache-dir certificate-authority client-certificate client-key cluster context \
         disable-compression help insecure-skip-tls-verify kubeconfig kuberc log-flush-frequency match-server-version namespace \
         password profile profile-output record request-timeout server tls-server-name token user username v vmodule \
         warnings-as-errors",
    ),
    (
        "helm",
        "burst-limit content-cache debug help kube-apiserver kube-as-group kube-as-user kube-ca-file kube-context \
         kube-insecure-skip-tls-verify kube-tls-server-name kube-token kubeconfig namespace qps registry-config \
         repository-cache repository-config color",
    ),
    ("gh", "help repo"),
    ("copilot", "help"),
    ("terraform", "chdir help version"),
    ("tofu", "chdir help version"),
];

/// The lists.
#[rustfmt::skip]
const OPTIONS: &[Options] = &[
    options(&["kubectl"], "apply", "all allow-missing-template-keys cascade dry-run field-manager filename force force-conflicts grace-period kustomize openapi-patch output overwrite prune prune-allowlist prune-whitelist recursive selector server-side show-managed-fields subresource template timeout validate wait"),
    options(&["kubectl"], "set image", "all allow-missing-template-keys dry-run field-manager filename kustomize local output recursive selector show-managed-fields template"),
    options(&["kubectl"], "rollout status", "filename kustomize recursive revision selector timeout watch"),
    options(&["kubectl"], "rollout restart|rollout undo", "allow-missing-template-keys dry-run field-manager filename kustomize output recursive selector show-managed-fields template to-revision"),
    options(&["kubectl"], "delete", "all all-namespaces cascade dry-run field-selector filename force grace-period ignore-not-found interactive kustomize now output raw recursive selector timeout wait"),
    options(&["kubectl"], "wait", "all all-namespaces allow-missing-template-keys field-selector filename for local output recursive selector show-managed-fields template timeout"),
    options(&["kubectl"], "scale", "all allow-missing-template-keys current-replicas dry-run filename kustomize output recursive replicas resource-version selector show-managed-fields template timeout"),
    options(&["helm"], "upgrade|install", "atomic ca-file cert-file cleanup-on-fail create-namespace dependency-update description devel disable-openapi-validation dry-run enable-dns force force-conflicts force-replace generate-name hide-notes hide-secret history-max insecure-skip-tls-verify install key-file keyring labels name-template no-hooks output pass-credentials password plain-http post-renderer post-renderer-args recreate-pods render-subchart-notes replace repo reset-then-reuse-values reset-values reuse-values rollback-on-failure server-side set set-file set-json set-literal set-string skip-crds skip-schema-validation take-ownership timeout username values verify version wait wait-for-jobs"),
    options(&["gh"], "release create", "discussion-category draft fail-on-no-commits generate-notes latest notes notes-file notes-from-tag notes-start-tag prerelease target title verify-tag"),
    options(&["gh"], "pr create", "assignee base body body-file draft dry-run editor fill fill-first fill-verbose head label milestone no-maintainer-edit project recover reviewer template title web"),
    options(&["eb"], "deploy", "archive debug env-group-suffix help label message modules no-color no-verify-ssl process profile quiet region source staged timeout verbose version"),
    options(&["copilot"], "svc deploy|job deploy|env deploy", "allow-downgrade app allow-env-downgrade detach diff diff-yes env force name no-rollback resource-tags tag"),
    options(&["copilot"], "deploy", "all allow-downgrade app aws-access-key-id aws-secret-access-key aws-session-token deploy-env detach diff diff-yes env force init-env init-wkld name no-rollback profile region resource-tags tag yes-init-wkld"),
    options(&["twine"], "upload", "attestations cert client-cert comment config-file disable-progress-bar help identity no-color non-interactive password repository repository-url sign sign-with skip-existing username verbose version"),
    options(&["sam"], "deploy", "beta-features capabilities config-env config-file confirm-changeset debug disable-rollback fail-on-empty-changeset force-upload guided help image-repositories image-repository kms-key-id max-wait-duration metadata no-beta-features no-confirm-changeset no-disable-rollback no-execute-changeset no-fail-on-empty-changeset no-progressbar notification-arns on-failure parameter-overrides profile region resolve-image-repos resolve-s3 role-arn s3-bucket s3-prefix save-params signing-profiles stack-name tags template template-file use-json"),
    options(&["terraform", "tofu"], "apply|destroy|plan|refresh", "allow-deferral auto-approve backup compact-warnings concise consolidate-errors consolidate-warnings deny-unknown destroy detailed-exitcode exclude exclude-file force generate-config-out input invoke json json-into lock lock-timeout no-color out parallelism refresh refresh-only replace show-sensitive state state-out suppress-forget-errors target target-file var var-file"),
];

/// What is said of an option that the command does not have.
pub(super) fn misspelt(line: &Line<'_>) -> Option<Verdict> {
    let tool = line.asked.name.as_str();
    let (command, options) =
        OPTIONS.iter().filter(|options| options.tools.contains(&tool)).find_map(|options| {
            let mut commands = options.commands.split('|');
            Some((
                commands.find(|command| {
                    command.split(' ').zip(0..).all(|(word, at)| line.word(at) == Some(word))
                })?,
                options,
            ))
        })?;
    let everywhere = EVERYWHERE.iter().find(|(name, _)| *name == tool).map_or("", |(_, names)| names);
    let known: Vec<&str> = options.names.split(' ').chain(everywhere.split_whitespace()).collect();
    // Terraform's options have one dash or two, argparse takes the beginning of one.
    let single = matches!(tool, "terraform" | "tofu");
    let long = |given: &'_ str| given.len() > 4 && (given.starts_with("--") || single);
    let named = line.options.iter().map(|(given, _)| *given).filter(|given| long(given));
    let (given, meant) = named.into_iter().find_map(|given| {
        let name = given.trim_start_matches('-');
        let begins = tool == "twine" && known.iter().any(|known| known.starts_with(name));
        (!known.contains(&name) && !begins).then(|| Some((given, nearest(name, &known)?))).flatten()
    })?;
    let path = format!("{tool} {command}");
    let dashes = if single { "-" } else { "--" };
    let ours = format!("rehearsal: did you mean `{dashes}{meant}`?\n");
    let (status, text) = match tool {
        "kubectl" => (1, format!("error: unknown flag: {given}\nSee '{path} --help' for usage.\n{ours}")),
        "gh" => (1, format!("unknown flag: {given}\n\nUsage:  {path} [flags]\n{ours}")),
        "twine" | "eb" => (2, format!("{tool}: error: unrecognized arguments: {given}\n{ours}")),
        "sam" => {
            let text = format!(
                "Usage: {path} [OPTIONS]\nTry '{path} --help' for help.\n\nError: No such option: {given} Did you mean --{meant}?\n"
            );
            (2, text)
        }
        "terraform" | "tofu" => {
            let name = given.trim_start_matches('-');
            let text = format!(
                "Error: Failed to parse command-line flags\n\nflag provided but not defined: -{name}\n\n\
                 For more help on using this command, run:\n  {path} -help\n{ours}"
            );
            (1, text)
        }
        _ => (1, format!("Error: unknown flag: {given}\n{ours}")),
    };
    Some(Said::failure(status, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_short_enough_to_find_what_was_meant() {
        for options in OPTIONS {
            for tool in options.tools {
                let everywhere =
                    EVERYWHERE.iter().find(|(name, _)| name == tool).map_or("", |(_, names)| names);
                let known: Vec<&str> =
                    options.names.split(' ').chain(everywhere.split_whitespace()).collect();
                // crate::spec::nearest looks at no more.
                assert!(known.len() <= 100, "{tool} {}", options.commands);
                assert!(known.iter().all(|name| !name.starts_with('-') && !name.is_empty()), "{known:?}");
            }
        }
    }
}
