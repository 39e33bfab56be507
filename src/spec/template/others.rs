//! Resources beside pipelines, projects and deployment groups: report groups, credentials of sources, webhooks.
//!
//! Owns: the values that their services refuse (codebuild.md 3.13; codepipeline.md 8, PutWebhook). Leaves to `properties`: which
//! properties there are.

use super::evaluate::{Evaluation, Value};
use super::function::function;
use super::{Resource, Template};
use crate::spec::reading::Reader;
use crate::spec::reading::place;
use crate::spec::spelling::nearest;
use crate::syntax::Node;

/// What the configuration of an authentication has.
const KEYS: [&str; 2] = ["AllowedIPRange", "SecretToken"];
/// Filters of one webhook.
const MOST_FILTERS: usize = 5;

pub(super) struct Values<'a, 'r, 't> {
    pub(super) reader: &'r mut Reader<'t>,
    pub(super) template: &'a Template<'t>,
    pub(super) evaluation: &'a Evaluation<'a, 't>,
}

impl<'t> Values<'_, '_, 't> {
    pub(super) fn check(&mut self, resource: &Resource<'t>, properties: Node<'t>) {
        match resource.kind {
            "AWS::CodeBuild::ReportGroup" => {
                self.one_of(properties, "Type", &["TEST", "CODE_COVERAGE"]);
                if let Some(export) = properties.get("ExportConfig") {
                    self.one_of(export, "ExportConfigType", &["S3", "NO_EXPORT"]);
                    if let Some(bucket) = export.get("S3Destination") {
                        self.one_of(bucket, "Packaging", &["NONE", "ZIP"]);
                    }
                }
            }
            "AWS::CodeBuild::SourceCredential" => {
                let kinds =
                    ["OAUTH", "BASIC_AUTH", "PERSONAL_ACCESS_TOKEN", "CODECONNECTIONS", "SECRETS_MANAGER"];
                self.one_of(properties, "AuthType", &kinds);
                let servers = ["GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET", "GITLAB", "GITLAB_SELF_MANAGED"];
                self.one_of(properties, "ServerType", &servers);
            }
            "AWS::CodePipeline::Webhook" => self.webhook(properties),
            _ => {}
        }
    }

    fn one_of(&mut self, within: Node<'t>, key: &str, known: &[&str]) {
        let Some(entry) = within.entry(key) else { return };
        let Some(value) = self.evaluation.text(entry.value).filter(|value| !known.contains(&&**value)) else {
            return;
        };
        let message = format!("`{key}` is `{value}`; AWS takes {}", known.join(", "));
        let finding = self.reader.error("invalid-value", message, place(entry), "not one of these");
        let same = known.iter().find(|known| known.eq_ignore_ascii_case(&value)).copied();
        let finding = match same.or_else(|| nearest(&value, known)) {
            Some(meant) => finding.help(format!("write {meant}")),
            None => finding,
        };
        self.reader.push(finding);
    }

    /// A webhook of a source of version 1 of GitHub.
    fn webhook(&mut self, properties: Node<'t>) {
        self.one_of(properties, "Authentication", &["GITHUB_HMAC", "IP", "UNAUTHENTICATED"]);
        let way = properties.get("Authentication").and_then(|node| self.evaluation.text(node));
        let needed = match way.as_deref() {
            Some("GITHUB_HMAC") => Some("SecretToken"),
            Some("IP") => Some("AllowedIPRange"),
            _ => None,
        };
        if let (Some(needed), Some(entry)) = (needed, properties.entry("AuthenticationConfiguration"))
            && let Value::Written(given) = self.evaluation.value(entry.value)
            && given.get(needed).is_none()
            // A name that is not known is told, and may be this one.
            && given.entries().all(|entry| entry.key.text().is_some_and(|key| KEYS.contains(&key)))
            && function(given).is_none()
            && !given.tree().is_partial()
        {
            let message =
                format!("a webhook with `Authentication: {}` needs `{needed}`", way.unwrap_or_default());
            let finding = self.reader.error("missing-key", message, entry.key.span(), "not here");
            self.reader.push(finding.aws("InvalidWebhookAuthenticationParametersException"));
        }
        if let Some(entry) = properties.entry("Filters")
            && entry.value.items().len() > MOST_FILTERS
        {
            let count = entry.value.items().len();
            let message = format!("the webhook has {count} filters; AWS allows {MOST_FILTERS}");
            self.reader.push(self.reader.error("too-many", message, entry.key.span(), "too many"));
        }
        let target = properties.get("TargetPipeline");
        let call = target.and_then(function).filter(|call| call.name == "Ref");
        if let Some(node) = call.map(|call| call.argument)
            && let Some(resource) = node.text().and_then(|name| self.template.resource(name))
            && resource.kind.starts_with("AWS::")
            && resource.kind != "AWS::CodePipeline::Pipeline"
        {
            let id = resource.id.text().unwrap_or_default();
            let message = format!("`TargetPipeline` refers to `{id}`, which is {}", resource.kind);
            let finding = self.reader.error("template-reference", message, node.span(), "no pipeline");
            self.reader.push(finding);
        }
        if let Some(name) = call.and_then(|call| call.argument.text()) {
            self.target_action(properties, name);
        }
    }

    /// The action that a webhook starts: one of the first stage of its pipeline.
    fn target_action(&mut self, webhook: Node<'t>, pipeline: &str) {
        let Some(entry) = webhook.entry("TargetAction") else { return };
        let Some(wanted) = self.evaluation.text(entry.value) else { return };
        let Some(resource) = self.template.resource(pipeline) else { return };
        let stages = resource.properties.and_then(|properties| properties.value.get("Stages"));
        let Some(first) = stages.and_then(|stages| stages.items().next()) else { return };
        let Some(actions) = first.get("Actions") else { return };
        let names = actions.items().map(|action| self.evaluation.text(action.get("Name")?));
        let Some(names) = names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty()) else { return };
        if function(actions).is_some() || names.contains(&wanted) {
            return;
        }
        let message = format!("no action of the first stage of `{pipeline}` is called `{wanted}`");
        let finding = self.reader.error("template-reference", message, place(entry), "not there");
        let finding = finding.help(format!("write {}", names.join(" or ")));
        self.reader.push(finding.aws(format!(
            "Webhook Action with name {wanted} was not found in the first stage of the pipeline"
        )));
    }
}
