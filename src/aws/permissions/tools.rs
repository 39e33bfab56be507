//! Tools that call AWS by themselves.
//!
//! Owns: which of their commands do, and what is known of the rights these take. Everything else that is recorded
//! (`npm publish`, a message to a chat, `kubectl`) calls nothing at AWS that a role is asked for.

use super::need::Needs;
use super::resource::Resource;

/// Tools and the subcommands that call AWS; none stands for all of them.
const TOOLS: [(&[&str], &[&str]); 10] = [
    (
        &["sam"],
        &["deploy", "delete", "list", "logs", "package", "pipeline", "publish", "remote", "sync", "traces"],
    ),
    (
        &["cdk"],
        &[
            "bootstrap",
            "deploy",
            "destroy",
            "diff",
            "drift",
            "gc",
            "import",
            "migrate",
            "publish-assets",
            "refactor",
            "rollback",
            "watch",
        ],
    ),
    (&["serverless", "sls"], &["deploy", "info", "invoke", "logs", "metrics", "remove", "rollback"]),
    (&["chalice"], &["delete", "deploy", "invoke", "logs", "url"]),
    (
        &[
            "aws",
            "amplify",
            "ampx",
            "copilot",
            "eb",
            "ecs-cli",
            "ecs-deploy",
            "ecspresso",
            "eksctl",
            "lambroll",
            "lightsailctl",
            "rdk",
            "sceptre",
            "sst",
            "zappa",
        ],
        &[],
    ),
    (&["terraform", "tofu"], &["apply", "destroy", "import", "plan", "query", "refresh", "test"]),
    (&["terragrunt"], &["apply", "destroy", "import", "plan", "refresh", "run", "run-all"]),
    (&["cdktf"], &["apply", "deploy", "destroy", "diff", "plan"]),
    (&["pulumi"], &["destroy", "import", "preview", "refresh", "up", "update", "watch"]),
    (&["packer"], &["build"]),
];

impl Needs {
    /// Says what is not known of a tool that calls AWS.
    pub(super) fn add_caller(&mut self, name: &str, words: &[&str], command: Option<&str>) {
        let Some((_, subcommands)) = TOOLS.iter().find(|(names, _)| names.contains(&name)) else {
            // Whoever writes a host of AWS calls it, whatever the tool.
            if words.iter().any(|word| word.contains(".amazonaws.com")) {
                self.remarks.insert(format!("`{name}`: what it calls at AWS is not in the record"));
            }
            return;
        };
        let subcommand = words.iter().find(|word| subcommands.contains(word));
        if subcommand.is_none() && !subcommands.is_empty() {
            return;
        }
        let shown = subcommand.or_else(|| words.iter().find(|word| !word.starts_with('-'))).copied();
        let shown: Vec<_> = std::iter::once(name).chain(shown).collect();
        let shown = shown.join(" ");
        let mut remark = format!("`{shown}`: what it calls at AWS is not in the record");
        match (shown.as_str(), role(words)) {
            ("sam deploy" | "sam sync", Some(role)) => {
                if role.starts_with("arn:") {
                    self.need("iam:PassRole", Resource::Arn(role.to_owned()), command, true);
                }
                remark.push_str("; CloudFormation acts as ");
                remark.push_str(role);
            }
            ("sam deploy" | "sam sync" | "sam delete", None) => {
                remark += "; without --role-arn the stack's resources are made with this role's own rights, unless the \
                           stack has a role";
            }
            ("cdk deploy" | "cdk destroy" | "cdk watch", _) => {
                remark += "; it takes on the roles of its bootstrap where this role may (sts:AssumeRole on those named \
                           cdk-…), and else acts with this role's own rights";
            }
            _ => {}
        }
        self.remarks.insert(remark);
    }
}

/// The value of `--role-arn`.
fn role<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some(("--role-arn", role)) => return Some(role),
            _ if *word == "--role-arn" => return words.next().copied(),
            _ => {}
        }
    }
    None
}
