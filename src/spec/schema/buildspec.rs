//! The keys of a buildspec (codebuild.md 1).

use super::json::{Json, object};
use super::write::{Definitions, document as whole, required_keys};
use super::{ANY, Key, Section, Together, Value, and, key, section};
use crate::spec::buildspec::{FORMATS, SHELLS};
use crate::spec::compute::{COMPUTE_TYPES, ENVIRONMENT_TYPES};
use crate::spec::quotas;

use Value::{Either, Flag, Map, Pattern, Proposed, Single, Switch};

/// A list of texts. One text alone is accepted, and warned about.
const TEXTS: Value = Value::ListOrOne(&Single, 0);
const NAMED: Value = Map(&Single, ANY);
/// `on_failure` reads the same, which a test holds.
pub(in crate::spec) const ON_FAILURE: &str = "^([Aa][Bb][Oo][Rr][Tt]|[Cc][Oo][Nn][Tt][Ii][Nn][Uu][Ee]|[Rr][Ee][Tt][Rr][Yy]\
    (-(0*(100|[0-9]{1,2})(-[\\s\\S]*)?|-[\\s\\S]*|[0-9]*[^0-9-][\\s\\S]*))?)$";

/// The top level (1.2).
pub(in crate::spec) const TOP: Section = section!("buildspec", &[
    key("version", Value::Made(version), "The version of the format: 0.2. In 0.1 each command has a shell of its own.").filled(),
    key("run-as", Single, "The Linux user that runs all commands; a phase can name another one. Without it: root."),
    key("env", Value::Section(&ENV), "Environment variables of the build, secrets, and the shell."),
    key("proxy", Value::Section(&PROXY), "What to send through an explicit proxy server."),
    key("batch", Value::Section(&BATCH), "The builds of a batch; a plain build does not look here.").filled(),
    key("phases", Value::Section(&PHASES), "The commands of the build, phase by phase."),
    key("reports", Map(&Value::OrNothing(&Value::Section(&REPORT_GROUP)), ANY), "Report groups with the files of their reports. A name that is no ARN gets the project's name before it."),
    key("artifacts", Value::Section(&ARTIFACTS), "What the build hands on."),
    key("cache", Value::Section(&CACHE), "What is kept for the next build; the project says where."),
])
.sends_home("");

fn version() -> Json {
    let word = object([("type", Json::from("string")), ("pattern", "^\\s*\\+?0*\\.[12]0*\\s*$".into())]);
    let number =
        object([("enum", Json::List(vec![Json::Bare("0.2".to_owned()), Json::Bare("0.1".to_owned())]))]);
    object([("anyOf", Json::List(vec![number, word]))])
}

/// The shells; those of Windows also by the names that are only warned of.
const SHELL: &str = r"^(bash|/bin/bash|sh|/bin/sh|[Pp][Oo][Ww][Ee][Rr][Ss][Hh][Ee][Ll][Ll](\.[Ee][Xx][Ee])?|[Cc][Mm][Dd](\.[Ee][Xx][Ee])?)$";

/// `env` (1.5).
pub(in crate::spec) const ENV: Section = section!("env", &[
    key("shell", Pattern(SHELL, "bash, /bin/sh, powershell.exe or cmd.exe", &SHELLS), "The shell of all commands. Linux has sh unless this says bash; Windows has PowerShell."),
    key("variables", NAMED, "Variables in plain text. Everybody who can see the build can read them."),
    key("parameter-store", NAMED, "Variables from Systems Manager Parameter Store, each with the parameter's name."),
    key("secrets-manager", NAMED, "Variables from Secrets Manager: `secret-id:json-key:version-stage:version-id`, of which the first is needed."),
    key("exported-variables", TEXTS, "Names of variables that later actions of a pipeline can use as #{namespace.NAME}."),
    key("git-credential-helper", Flag, "Whether git commands of the build may use the source's credentials.").default("no"),
])
.sends_home("env");

/// `proxy` (1.6).
pub(in crate::spec) const PROXY: Section = section!(
    "proxy",
    &[
        key("upload-artifacts", Flag, "Whether artifacts are uploaded through the proxy.").default("no"),
        key("logs", Flag, "Whether logs are sent to CloudWatch through the proxy.").default("no"),
    ]
);

/// `phases` (1.7).
pub(in crate::spec) const PHASES: Section = section!(
    "phases",
    &[
        key("install", Value::Section(&INSTALL), "Packages and runtimes that the build needs."),
        key("pre_build", Value::Section(&PHASE), "What comes before the build: logins, dependencies."),
        key("build", Value::Section(&PHASE), "The build itself, and its tests."),
        key(
            "post_build",
            Value::Section(&PHASE),
            "What comes after the build. It runs after a failed build too: CODEBUILD_BUILD_SUCCEEDING tells."
        ),
    ]
)
.closed();

const PHASE_KEYS: &[Key] = &[
    key("run-as", Single, "The Linux user that runs the commands of this phase."),
    key(
        "on-failure",
        Pattern(
            ON_FAILURE,
            "ABORT, CONTINUE, RETRY, RETRY-count, RETRY-expression or RETRY-count-expression, with a count from 0 to 100",
            &["ABORT", "CONTINUE", "RETRY", "RETRY-3"],
        ),
        "What a failed command leads to: ABORT, CONTINUE with the next phase, RETRY, RETRY-count, RETRY-expression or RETRY-count-expression.",
    ),
    key("commands", TEXTS, "The commands, one after the other. The first that fails ends the list."),
    key("finally", TEXTS, "Commands that run after `commands`, also when one of them failed."),
];

/// A phase other than install.
pub(in crate::spec) const PHASE: Section = section!("phase", PHASE_KEYS).sends_home("phases.build");

const INSTALL_KEYS: [Key; 5] = and(
    PHASE_KEYS,
    key("runtime-versions", NAMED, "Runtimes of the managed image, each with its version, or `latest`."),
);

/// The install phase.
pub(in crate::spec) const INSTALL: Section = section!("install", &INSTALL_KEYS).sends_home("phases.install");

/// A report group (1.8).
pub(in crate::spec) const REPORT_GROUP: Section = section!(
    "report-group",
    &[
        key("files", TEXTS, "Report files, as paths or globs. Without them nothing is reported."),
        key("base-directory", Single, "The folder that `files` are looked for in."),
        key("discard-paths", Flag, "Whether the exported raw files lose their folders.").default("no"),
        key(
            "file-format",
            Proposed(&FORMATS),
            "The format of the files; capitals and small letters are the same."
        )
        .default(FORMATS[0]),
    ]
);

const SECONDARY_KEYS: &[Key] = &[
    key(
        "files",
        TEXTS,
        "What is collected, as paths or globs: `'**/*'` is everything. Without it nothing is.",
    ),
    key("name", Single, "The artifact's name; used only when the project says overrideArtifactName."),
    key(
        "base-directory",
        Single,
        "The folder that `files` are looked for in; may be a glob of top-level folders.",
    ),
    key("discard-paths", Flag, "Whether files lose their folders.").default("no"),
    key("exclude-paths", TEXTS, "What of `files` is left out, below the base directory."),
    key("enable-symlinks", Flag, "Whether links inside the artifact stay links in a ZIP.").default("no"),
    key("s3-prefix", Single, "What stands before the build's id when the namespace type is BUILD_ID."),
];

/// One of the secondary artifacts (1.9).
pub(in crate::spec) const SECONDARY: Section = section!("secondary-artifact", SECONDARY_KEYS);

const ARTIFACTS_KEYS: [Key; 8] = and(
    SECONDARY_KEYS,
    key(
        "secondary-artifacts",
        Map(&Value::OrNothing(&Value::Section(&SECONDARY)), quotas::SECONDARY_ARTIFACTS.value),
        "More artifacts, each under its artifactIdentifier of the project.",
    ),
);

/// `artifacts` (1.9).
pub(in crate::spec) const ARTIFACTS: Section = section!("artifacts", &ARTIFACTS_KEYS).sends_home("artifacts");

/// `cache` (1.10).
pub(in crate::spec) const CACHE: Section = section!(
    "cache",
    &[
        key("paths", TEXTS, "What is kept, as paths or globs. Without it nothing is."),
        key(
            "key",
            Single,
            "The name of the entry, with variables and `$(codebuild-hash-files FILE)`; for caches on S3."
        ),
        key("fallback-keys", TEXTS, "Beginnings of other entries to look for, five at most."),
        key("action", Proposed(&["restore", "save"]), "Only `restore` or only `save`; without it both."),
    ]
)
.sends_home("cache");

/// `batch` (1.11).
pub(in crate::spec) const BATCH: Section = section!(
    "batch",
    &[
        key("fast-fail", Switch, "Whether the first failed build ends the batch.").default("false"),
        key("build-list", TASKS, "Builds side by side.").filled(),
        key("build-graph", TASKS, "Builds that wait for each other (`depend-on`).").filled(),
        key("build-matrix", Value::Section(&MATRIX), "One build for each combination of values.").filled(),
        key("build-fanout", Value::Section(&FANOUT), "The same build several times, to share out its tests.")
            .filled(),
    ]
)
.together(&[Together::ExactlyOne(&["build-list", "build-graph", "build-matrix", "build-fanout"])]);

const TASKS: Value = Value::List(&Value::Section(&TASK), 1, ANY);

/// A build of a list or graph.
pub(in crate::spec) const TASK: Section = section!(
    "task",
    &[
        key("identifier", Value::Made(identifier), "The build's name: letters, digits and _.").required(),
        key(
            "buildspec",
            Single,
            "The buildspec of this build, as a path; without it the one that the batch stands in."
        ),
        key("debug-session", Switch, "Whether the build may be stopped and looked into.").default("false"),
        key("env", Value::Section(&TASK_ENV), "What of the project's environment is different."),
        key("ignore-failure", Switch, "Whether the batch goes on, and may succeed, when this build fails.")
            .default("false"),
        key("depend-on", TEXTS, "Identifiers of builds that come before this one; in a graph only."),
    ]
);

fn identifier() -> Json {
    object([
        ("type", Json::texts(&["string", "number", "boolean"])),
        ("pattern", "^[A-Za-z0-9_]{1,127}$".into()),
        ("patternErrorMessage", "1 to 127 letters, digits and _".into()),
    ])
}

/// `env` of a build.
pub(in crate::spec) const TASK_ENV: Section = section!(
    "task-env",
    &[
        key("compute-type", Proposed(&COMPUTE_TYPES), "The size of the machine."),
        key("fleet", Single, "The ARN of a fleet; excludes `compute-type`."),
        key("image", Single, "The image."),
        key("privileged-mode", Switch, "Whether the build may run Docker.").default("false"),
        key("type", Proposed(&ENVIRONMENT_TYPES), "The environment type."),
        key("variables", Map(&Value::Anything, ANY), "More variables, by name."),
    ]
)
.together(&[Together::NotBoth("compute-type", "fleet")]);

/// `build-matrix`.
pub(in crate::spec) const MATRIX: Section = section!(
    "matrix",
    &[
        key("static", Value::Section(&STATIC), "What is the same for all builds."),
        key("dynamic", Value::Section(&DYNAMIC), "What differs: each list is an axis."),
    ]
);

/// `static` of a matrix.
pub(in crate::spec) const STATIC: Section = section!(
    "matrix-static",
    &[
        key("ignore-failure", Switch, "Whether the batch goes on, and may succeed, when a build fails.")
            .default("false"),
        key("env", Value::Section(&STATIC_ENV), "What of the project's environment is different."),
    ]
);

/// `env` of `static`. `image` stood here in an older edition of the reference.
pub(in crate::spec) const STATIC_ENV: Section = section!(
    "matrix-static-env",
    &[
        key("privileged-mode", Switch, "Whether the builds may run Docker.").default("false"),
        key("type", Proposed(&ENVIRONMENT_TYPES), "The environment type."),
        key("image", Single, "The image.").unproposed(),
    ]
);

/// One value is taken as a list of one, and warned about.
const AXIS: Value = Value::ListOrOne(&Value::Anything, 1);

/// `dynamic` of a matrix.
pub(in crate::spec) const DYNAMIC: Section = section!(
    "matrix-dynamic",
    &[
        key("buildspec", AXIS, "Buildspecs, as paths."),
        key(
            "env",
            Either(&[Value::Section(&DYNAMIC_ENV), Single]),
            "What of the project's environment differs."
        ),
    ]
);

/// `env` of `dynamic`.
pub(in crate::spec) const DYNAMIC_ENV: Section = section!(
    "matrix-dynamic-env",
    &[
        key("compute-type", Value::ListOrOne(&Proposed(&COMPUTE_TYPES), 1), "Sizes of the machine."),
        key("image", AXIS, "Images."),
        key("variables", Map(&AXIS, ANY), "Variables, each with the list of its values."),
    ]
);

/// `build-fanout`.
pub(in crate::spec) const FANOUT: Section = section!(
    "fanout",
    &[
        key("parallelism", Value::Made(parallelism), "How many builds.").required(),
        key("ignore-failure", Switch, "Whether the batch may succeed when a build fails.").default("false"),
    ]
);

fn parallelism() -> Json {
    object([
        ("type", Json::texts(&["integer", "string"])),
        ("minimum", 1.into()),
        ("pattern", "^\\s*\\+?0*[1-9][0-9]*\\s*$".into()),
        ("patternErrorMessage", "A whole number above zero".into()),
    ])
}

/// Every name that has a place somewhere, or had one in version 0.1.
pub(super) fn all_names() -> Vec<&'static str> {
    let sections = [TOP, ENV, PROXY, PHASES, INSTALL, REPORT_GROUP, ARTIFACTS, CACHE, BATCH]
        .iter()
        .flat_map(|section| section.names);
    let mut all: Vec<_> = sections.copied().chain(["environment_variables", "plaintext", "type"]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

pub(super) fn document() -> Json {
    let mut definitions = Definitions::default();
    // A file with only a `batch` needs neither version nor phases.
    let mut root = definitions.section(&TOP);
    root.retain(|(name, _)| name != "title");
    let open = object([("type", Json::from("object")), ("additionalProperties", true.into())]);
    root.extend([
        ("if".to_owned(), required_keys(&["batch"])),
        (
            "else".to_owned(),
            object([
                ("required", Json::texts(&["version", "phases"])),
                // Said to be open: it is the definition that knows the phases.
                ("properties", object([("phases", open)])),
            ]),
        ),
    ]);
    whole(
        "buildspec of AWS CodeBuild",
        "What CodeBuild runs, and what it hands on. Keys that are not known are ignored by CodeBuild, and not flagged here: \
         `rehearsal check` warns about them.",
        root,
        definitions,
    )
}
