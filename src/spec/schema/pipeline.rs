//! The keys of a pipeline definition (codepipeline.md 1).

use super::json::{Json, object};
use super::write::{Definitions, constant, document as whole, required_keys};
use super::{ANY, Section, Together, Value, key, section, settings};
use crate::spec::pipeline::{CATEGORIES, Owner, RULES, of_all_actions, of_all_rules, providers_of};
use crate::spec::quotas;

use Value::{Anything, List, Map, OrNothing, Pattern, Single, Text, Whole, Word};

/// Names of pipelines, stages and actions.
const NAME: Value = Pattern("^[A-Za-z0-9.@_-]{1,100}$", "1 to 100 letters, digits and . @ _ -", &[]);
const ARTIFACT: Value = Pattern("^[A-Za-z0-9_-]{1,100}$", "1 to 100 letters, digits, _ and -", &[]);
const ROLE: Value = Text(1, 1024);
/// Items that say nothing are passed over.
const COMMANDS: Value = List(&OrNothing(&Text(1, 1000)), 0, 50);
const MINUTES: Value = Whole(quotas::APPROVAL_TIMEOUT_MIN.value, quotas::APPROVAL_TIMEOUT_MAX.value);

/// What `get-pipeline` prints.
pub(in crate::spec) const ENVELOPE: Section = section!(
    "envelope",
    &[
        key("pipeline", Value::Section(&PIPELINE), "The definition.").required(),
        key("metadata", Anything, "What the service says of the pipeline; not read."),
        key("tags", List(&Value::Section(&TAG), 0, 50), "Tags of the pipeline."),
    ]
)
.closed();

/// A tag (1.6, 7).
pub(in crate::spec) const TAG: Section = section!(
    "tag",
    &[
        key("key", Text(0, 128), "The name of the tag; it does not begin with `aws:`.").required(),
        key("value", Text(0, 256), "Its value.").required(),
    ]
)
.closed();

/// The definition (1.2).
pub(in crate::spec) const PIPELINE: Section = section!("pipeline", &[
    key("name", NAME, "The pipeline's name.").required(),
    key("roleArn", ROLE, "The role that CodePipeline works with. AWS needs it; a rehearsal does not."),
    key("artifactStore", Value::Section(&STORE), "The bucket for artifacts, when all actions are in one region."),
    key("artifactStores", Map(&Value::Section(&STORE), ANY), "The buckets for artifacts, by region."),
    key("stages", List(&Value::Section(&STAGE), quotas::STAGES_MIN.value, quotas::STAGES_MAX.value), "The stages, in order. The first has the sources.").required(),
    key("version", Whole(1, ANY), "Counted by the service.").unproposed(),
    key("executionMode", Word(&["SUPERSEDED", "QUEUED", "PARALLEL"]), "What executions that meet do: the newest waiting one stays, all wait, or none does. The last two: V2 only.").default("SUPERSEDED"),
    key("pipelineType", Word(&["V1", "V2"]), "V2 has triggers, variables, conditions and execution modes."),
    key("variables", List(&Value::Section(&VARIABLE), 0, quotas::PIPELINE_VARIABLES.value), "Variables of the pipeline, used as #{variables.NAME}. V2 only."),
    key("triggers", List(&Value::Section(&TRIGGER), 0, quotas::TRIGGERS.value), "What starts the pipeline. V2 only."),
])
.closed()
.together(&[Together::NotBoth("artifactStore", "artifactStores")]);

/// A store of artifacts.
pub(in crate::spec) const STORE: Section = section!(
    "store",
    &[
        key("type", Word(&["S3"]), "The only kind there is.").required(),
        key("location", Text(1, ANY), "The bucket's name.").required(),
        key("encryptionKey", Value::Section(&ENCRYPTION_KEY), "The key that artifacts are encrypted with."),
    ]
)
.closed();

/// `encryptionKey` of a store.
pub(in crate::spec) const ENCRYPTION_KEY: Section = section!(
    "encryption-key",
    &[
        key("id", Text(1, 400), "The key's id, ARN or alias.").required(),
        key("type", Word(&["KMS"]), "The only kind there is.").required(),
    ]
)
.closed();

/// A variable of the pipeline (5).
pub(in crate::spec) const VARIABLE: Section = section!(
    "variable",
    &[
        key(
            "name",
            Pattern("^[A-Za-z0-9@_-]{1,128}$", "1 to 128 letters, digits and @ _ -", &[]),
            "The variable's name."
        )
        .required(),
        key(
            "defaultValue",
            Text(1, quotas::VARIABLE_VALUE.value),
            "Its value; without one it must be given at each start."
        ),
        key("description", Text(0, quotas::VARIABLE_DESCRIPTION.value), "What it is for."),
    ]
)
.closed();

/// A stage (1.3).
pub(in crate::spec) const STAGE: Section = section!(
    "stage",
    &[
        key("name", NAME, "The stage's name.").required(),
        key("blockers", List(&Value::Section(&BLOCKER), 0, ANY), "Reserved by AWS.").unproposed(),
        key(
            "actions",
            List(&Value::Section(&ACTION), 1, quotas::ACTIONS_PER_STAGE.value),
            "What is done, in the order of `runOrder`."
        )
        .required(),
        key("beforeEntry", Value::Section(&BEFORE_ENTRY), "Conditions to enter the stage. V2 only."),
        key("onSuccess", Value::Section(&ON_SUCCESS), "Conditions on the stage's success. V2 only."),
        key("onFailure", Value::Section(&ON_FAILURE), "What a failed stage leads to. V2 only."),
    ]
)
.closed();

/// A blocker of a stage.
pub(in crate::spec) const BLOCKER: Section = section!(
    "blocker",
    &[
        key("name", Text(1, 100), "The blocker's name.").required(),
        key("type", Word(&["Schedule"]), "The only kind there is.").required(),
    ]
)
.closed();

/// An action (1.4).
pub(in crate::spec) const ACTION: Section = section!(
    "action",
    &[
        key("name", NAME, "The action's name.").required(),
        key("actionTypeId", Value::Section(&ACTION_TYPE), "What kind of action it is.").required(),
        key(
            "runOrder",
            Whole(1, 999),
            "Actions of one number run side by side, those of a higher one later."
        )
        .default("1"),
        key(
            "configuration",
            Map(&OrNothing(&Text(1, quotas::CONFIGURATION_VALUE.value)), ANY),
            "What the provider is told. Every value is a string: numbers and flags need quotes."
        ),
        key("commands", COMMANDS, "The commands of a Commands action, each in one line."),
        key(
            "environmentVariables",
            List(&Value::Section(&ENVIRONMENT_VARIABLE), 0, 10),
            "Environment variables of the action."
        ),
        key(
            "inputArtifacts",
            List(&Value::Section(&INPUT), 0, ANY),
            "Artifacts of earlier actions that it gets."
        ),
        key("outputArtifacts", List(&Value::Section(&OUTPUT), 0, ANY), "Artifacts that it makes."),
        key(
            "outputVariables",
            List(&OrNothing(&Text(1, 128)), 0, 15),
            "Variables that a Commands action hands on."
        ),
        key("roleArn", ROLE, "The role that the action works with."),
        key(
            "region",
            Pattern(
                "^[A-Za-z0-9_-]{4,30}$",
                "The name of a region, such as eu-central-1",
                &["us-east-1", "eu-central-1"]
            ),
            "The region it works in; without it the pipeline's."
        ),
        key(
            "namespace",
            Pattern("^[A-Za-z0-9@_-]{1,100}$", "1 to 100 letters, digits and @ _ -", &[]),
            "The name that its variables are known by: #{NAMESPACE.key}."
        ),
        key("timeoutInMinutes", MINUTES, "How long a manual approval waits."),
    ]
)
.closed()
.more(|| settings::configurations(&of_all_actions(), "actionTypeId"));

/// `actionTypeId` (2.1).
pub(in crate::spec) const ACTION_TYPE: Section = section!(
    "action-type",
    &[
        key(
            "category",
            Word(&["Source", "Build", "Test", "Deploy", "Invoke", "Approval", "Compute"]),
            "The category."
        )
        .required(),
        key("owner", Word(&["AWS", "ThirdParty", "Custom"]), "Whose action type it is.").required(),
        key(
            "provider",
            Pattern("^[A-Za-z0-9_-]{1,35}$", "1 to 35 letters, digits, _ and -", &[]),
            "The provider of the category."
        )
        .required(),
        key(
            "version",
            Pattern("^[A-Za-z0-9_-]{1,9}$", "1 to 9 letters, digits, _ and -", &["1"]),
            "The version, in quotes: \"1\" for every type of AWS."
        )
        .required(),
    ]
)
.closed()
.more(types);

/// Which categories an owner has, and which providers each of them. What an account calls its own is not known.
fn types() -> Vec<Json> {
    let mut all = Vec::new();
    for owner in [Owner::Aws, Owner::ThirdParty] {
        let is_owner = ("owner", constant(owner.api_name()));
        let with_some = CATEGORIES.map(|category| (category.api_name(), providers_of(category, owner)));
        let with_some = with_some.into_iter().filter(|(_, providers)| !providers.is_empty());
        let some: Vec<_> = with_some.collect();
        let names: Vec<_> = some.iter().map(|(category, _)| *category).collect();
        let then = [("category", object([("enum", Json::texts(&names))])), ("version", constant("1"))];
        all.push(when([is_owner.clone()], then));
        all.extend(some.into_iter().map(|(category, providers)| {
            let then = [("provider", object([("enum", Json::texts(&providers))]))];
            when([("category", constant(category)), is_owner.clone()], then)
        }));
    }
    all
}

/// That a mapping with these values has those.
fn when<const N: usize, const M: usize>(this: [(&str, Json); N], then: [(&str, Json); M]) -> Json {
    let keys: Vec<_> = this.iter().map(|(key, _)| *key).collect();
    object([
        ("if", object([("required", Json::texts(&keys)), ("properties", object(this))])),
        ("then", object([("properties", object(then))])),
    ])
}

/// An environment variable of an action.
pub(in crate::spec) const ENVIRONMENT_VARIABLE: Section = section!(
    "environment-variable",
    &[
        key(
            "name",
            Pattern("^[A-Za-z0-9_]{1,128}$", "1 to 128 letters, digits and _", &[]),
            "The variable's name."
        )
        .required(),
        key("value", Text(1, 2000), "Its value, or the secret's name.").required(),
        key(
            "type",
            Word(&["PLAINTEXT", "SECRETS_MANAGER"]),
            "Whether the value names a secret; for Commands actions only."
        )
        .default("PLAINTEXT"),
    ]
)
.closed();

/// An input artifact.
pub(in crate::spec) const INPUT: Section =
    section!("input-artifact", &[key("name", ARTIFACT, "The artifact's name.").required()]).closed();

/// An output artifact.
pub(in crate::spec) const OUTPUT: Section = section!(
    "output-artifact",
    &[
        key("name", ARTIFACT, "The artifact's name.").required(),
        key("files", List(&OrNothing(&Text(1, 128)), 0, 10), "What a Commands action collects."),
    ]
)
.closed();

/// `beforeEntry` (4.9).
pub(in crate::spec) const BEFORE_ENTRY: Section = section!(
    "before-entry",
    &[key(
        "conditions",
        List(&Value::Section(&ENTRY_CONDITION), 1, 1),
        "One condition, with up to five rules."
    )
    .required(),]
)
.closed();

/// `onSuccess` (4.9).
pub(in crate::spec) const ON_SUCCESS: Section = section!(
    "on-success",
    &[key(
        "conditions",
        List(&Value::Section(&SUCCESS_CONDITION), 1, 1),
        "One condition, with up to five rules."
    )
    .required(),]
)
.closed();

/// `onFailure` (4.9).
pub(in crate::spec) const ON_FAILURE: Section = section!(
    "on-failure",
    &[
        key("result", Word(&["ROLLBACK", "RETRY"]), "What is done."),
        key("retryConfiguration", Value::Section(&RETRY), "How `result: RETRY` is done.").filled(),
        key(
            "conditions",
            List(&Value::Section(&FAILURE_CONDITION), 1, 1),
            "One condition, with up to five rules."
        ),
    ]
)
.closed();

/// `retryConfiguration`.
pub(in crate::spec) const RETRY: Section =
    section!("retry", &[key("retryMode", Word(&["FAILED_ACTIONS", "ALL_ACTIONS"]), "What is run again."),])
        .closed();

const RULES_OF_ONE: Value = List(&Value::Section(&RULE), 1, 5);

/// A condition of `beforeEntry`.
pub(in crate::spec) const ENTRY_CONDITION: Section = section!(
    "entry-condition",
    &[
        key("result", Word(&["FAIL", "SKIP"]), "What is done when the rules do not hold."),
        key("rules", RULES_OF_ONE, "All of them have to hold.").required(),
    ]
)
.closed();

/// A condition of `onSuccess`.
pub(in crate::spec) const SUCCESS_CONDITION: Section = section!(
    "success-condition",
    &[
        key("result", Word(&["FAIL", "ROLLBACK"]), "What is done when the rules do not hold."),
        key("rules", RULES_OF_ONE, "All of them have to hold.").required(),
    ]
)
.closed();

/// A condition of `onFailure`.
pub(in crate::spec) const FAILURE_CONDITION: Section = section!(
    "failure-condition",
    &[
        key("result", Word(&["ROLLBACK"]), "What is done when the rules hold."),
        key("rules", RULES_OF_ONE, "All of them have to hold.").required(),
    ]
)
.closed();

/// A rule of a condition.
pub(in crate::spec) const RULE: Section = section!(
    "rule",
    &[
        key("name", NAME, "The rule's name.").required(),
        key("ruleTypeId", Value::Section(&RULE_TYPE), "What kind of rule it is.").required(),
        key(
            "configuration",
            Map(&OrNothing(&Text(1, quotas::RULE_CONFIGURATION_VALUE.value)), ANY),
            "What the rule is told. Every value is a string."
        ),
        key("commands", COMMANDS, "The commands of a Commands rule."),
        key("inputArtifacts", Anything, "Artifacts that it gets, each with its `name`."),
        key("roleArn", ROLE, "The role that the rule works with."),
        key("region", Single, "The region it works in."),
        key("timeoutInMinutes", MINUTES, "How long it may take."),
    ]
)
.closed()
.more(|| settings::configurations(&of_all_rules(), "ruleTypeId"));

/// `ruleTypeId`.
pub(in crate::spec) const RULE_TYPE: Section = section!(
    "rule-type",
    &[
        key("category", Word(&["Rule"]), "The only one there is.").required(),
        key("owner", Word(&["AWS"]), "The only one there is."),
        key("provider", Word(&RULES), "The kind of rule.").required(),
        key("version", Word(&["1"]), "The version, in quotes."),
    ]
)
.closed();

/// A trigger (1.5).
pub(in crate::spec) const TRIGGER: Section = section!(
    "trigger",
    &[
        key("providerType", Word(&["CodeStarSourceConnection"]), "The only one there is.").required(),
        key("gitConfiguration", Value::Section(&GIT), "What of the repository starts the pipeline.")
            .required(),
    ]
)
.closed();

/// `gitConfiguration`.
pub(in crate::spec) const GIT: Section = section!(
    "git",
    &[
        key("sourceActionName", NAME, "The source action, one with a connection.").required(),
        key(
            "push",
            List(&Value::Section(&PUSH), 1, quotas::TRIGGER_FILTERS.value),
            "Pushes: one of these filters has to fit."
        ),
        key(
            "pullRequest",
            List(&Value::Section(&PULL_REQUEST), 1, quotas::TRIGGER_FILTERS.value),
            "Pull requests: one of these filters has to fit."
        ),
    ]
)
.closed()
.together(&[Together::AtLeastOne(&["push", "pullRequest"])]);

/// A filter of pushes.
pub(in crate::spec) const PUSH: Section = section!(
    "push",
    &[
        key("tags", Value::Section(&PATTERNS), "Tags; alone in its filter."),
        key("branches", Value::Section(&PATTERNS), "Branches."),
        key("filePaths", Value::Section(&PATTERNS), "Changed files; with `branches`."),
    ]
)
.closed()
.together(&[Together::AtLeastOne(&["tags", "branches"])]);

/// A filter of pull requests.
pub(in crate::spec) const PULL_REQUEST: Section = section!(
    "pull-request",
    &[
        key(
            "events",
            List(&OrNothing(&Word(&["OPEN", "UPDATED", "CLOSED"])), 1, 3),
            "What happens to the pull request; all of it unless written."
        ),
        key("branches", Value::Section(&PATTERNS), "Branches that it goes into.").required(),
        key("filePaths", Value::Section(&PATTERNS), "Changed files."),
    ]
)
.closed();

const GLOBS: Value =
    List(&OrNothing(&Text(1, quotas::FILTER_PATTERN.value)), 1, quotas::FILTER_PATTERNS.value);

/// What fits a filter.
pub(in crate::spec) const PATTERNS: Section = section!(
    "patterns",
    &[
        key("includes", GLOBS, "Patterns of which one has to fit: * stays within a name, ** crosses /."),
        key("excludes", GLOBS, "Patterns of which none may fit; they win."),
    ]
)
.closed();

pub(super) fn document() -> Json {
    let mut definitions = Definitions::default();
    let root = vec![
        ("if".to_owned(), required_keys(&["pipeline"])),
        ("then".to_owned(), definitions.reference(&ENVELOPE)),
        ("else".to_owned(), definitions.reference(&PIPELINE)),
    ];
    for known in of_all_actions().iter().chain(&of_all_rules()) {
        definitions.add(known.name.clone(), settings::configuration(known));
    }
    whole(
        "pipeline definition of AWS CodePipeline",
        "What `aws codepipeline get-pipeline` prints, as JSON or YAML, with the `pipeline` envelope or without it.",
        root,
        definitions,
    )
}
