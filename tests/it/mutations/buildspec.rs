//! Mistakes in buildspecs (codebuild.md 0, 1, 2, 4, 5).

use super::plant::Op;
use super::{Kind, kind};

pub(super) const KINDS: &[Kind] = &[
    // Names.
    kind("a misspelt key", "env", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key", "proxy", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key", "reports", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key", "artifacts", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key", "cache", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of `env`", "env/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of `proxy`", "proxy/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt phase", "phases/*", Op::KeyTypo, "unknown-phase"),
    kind("a phase with a hyphen", "phases/pre_build", Op::Key("pre-build"), "unknown-phase"),
    kind("a phase in capitals", "phases/build", Op::Key("Build"), "unknown-phase"),
    kind("a misspelt key of a phase", "phases/*/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of a report group", "reports/*/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt key of `artifacts`", "artifacts/*", Op::KeyTypo, "unknown-key"),
    kind(
        "a misspelt key of a secondary artifact",
        "artifacts/secondary-artifacts/*/*",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind("a misspelt key of `cache`", "cache/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt kind of batch", "batch/*", Op::KeyTypo, "unknown-key").also(&["batch-structure"]),
    kind("a misspelt key of a task", "batch/build-graph/*/*", Op::KeyTypo, "unknown-key")
        .also(&["batch-structure", "batch-depend-on"]),
    kind("a misspelt key of a task's `env`", "batch/build-graph/*/env/*", Op::KeyTypo, "unknown-key"),
    kind("a misspelt runtime", "phases/install/runtime-versions/*", Op::KeyTypo, "runtime-name"),
    // Nesting.
    kind("a phase at the top", "", Op::Insert("post_build:\n  commands:\n    - make"), "unknown-key"),
    kind(
        "artifacts below `phases`",
        "phases",
        Op::Insert("artifacts:\n  files: [\"**/*\"]"),
        "unknown-phase",
    ),
    kind("variables at the top", "", Op::Insert("variables:\n  STAGE: beta"), "unknown-key"),
    kind(
        "runtimes below `phases`",
        "phases",
        Op::Insert("runtime-versions:\n  python: 3.12"),
        "unknown-phase",
    ),
    kind(
        "runtimes in another phase",
        "phases/build",
        Op::Insert("runtime-versions:\n  python: 3.12"),
        "unknown-key",
    ),
    kind(
        "parameters below `variables`",
        "env/variables",
        Op::Insert("parameter-store:\n  TOKEN: /token"),
        "wrong-kind",
    ),
    // Kinds of values.
    kind("a list for `phases`", "phases", Op::Value("[build]"), "wrong-kind"),
    kind("a list for a phase", "phases/*", Op::Value("[make]"), "wrong-kind"),
    kind("a text for a phase", "phases/*", Op::Value("make"), "wrong-kind"),
    kind("a mapping for `commands`", "phases/*/commands", Op::Value("{a: b}"), "wrong-kind"),
    kind("a list for `env`", "env", Op::Value("[a]"), "wrong-kind"),
    kind("a list for `variables`", "env/variables", Op::Value("[A=b]"), "wrong-kind"),
    kind("a mapping for a variable", "env/variables/*", Op::Value("{a: b}"), "wrong-kind"),
    kind("a mapping for `exported-variables`", "env/exported-variables", Op::Value("{a: b}"), "wrong-kind"),
    kind("a list for `artifacts`", "artifacts", Op::Value("[app.zip]"), "wrong-kind"),
    kind("a mapping for `files`", "artifacts/files", Op::Value("{a: b}"), "wrong-kind"),
    kind("a list for `cache`", "cache", Op::Value("[node_modules]"), "wrong-kind"),
    kind("a list for `reports`", "reports", Op::Value("[unit]"), "wrong-kind"),
    kind("a text for `files`", "artifacts/files", Op::Value("app.zip"), "string-for-list"),
    kind(
        "a command that became a mapping",
        "phases/*/commands/*",
        Op::Value("echo done: yes"),
        "command-not-a-string",
    ),
    kind(
        "a command that is a list",
        "phases/*/commands/*",
        Op::Value("[make, test]"),
        "command-not-a-string",
    ),
    kind("a command that is nothing", "phases/*/commands/*", Op::Value(""), "empty-command"),
    kind("no command at all", "phases/*/commands", Op::Value(""), "empty-value"),
    // Values.
    kind("another version", "version", Op::Value("0.3"), "invalid-value"),
    kind("the old version", "version", Op::Value("0.1"), "version-0-1"),
    kind("another shell", "env/shell", Op::Value("zsh"), "invalid-value"),
    kind("another `on-failure`", "phases/*/on-failure", Op::Value("STOP"), "invalid-value"),
    kind("one retry too many", "phases/*/on-failure", Op::Value("RETRY-101"), "invalid-value"),
    kind("a flag that is none", "artifacts/discard-paths", Op::Value("maybe"), "invalid-value"),
    kind("another report format", "reports/*/file-format", Op::Value("JUNIT"), "invalid-value"),
    kind(
        "a runtime's version with an operator",
        "phases/install/runtime-versions/*",
        Op::Value("\">=18\""),
        "runtime-version",
    ),
    kind("a variable in a variable", "env/variables/*", Op::Value("$HOME/bin"), "literal-variable"),
    kind(
        "a name of CodeBuild's own",
        "env/variables",
        Op::Insert("CODEBUILD_STAGE: beta"),
        "reserved-variable",
    ),
    kind("a variable no shell can read", "env/variables", Op::Insert("TARGET-STAGE: beta"), "variable-name"),
    kind(
        "an AWS key in the clear",
        "env/variables",
        Op::Insert("AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        "plain-credentials",
    ),
    kind(
        "a secret's version twice over",
        "env/secrets-manager/*",
        Op::Value("service/db:password:AWSCURRENT:1111"),
        "secret-reference",
    ),
    kind(
        "a report group of five names too many",
        "reports",
        Op::InsertMany(5, "extra#:\n  files: [a.xml]"),
        "too-many",
    )
    .up(1),
    kind(
        "a fallback key too many",
        "cache/fallback-keys",
        Op::Insert("- a-\n- b-\n- c-\n- d-\n- e-"),
        "too-many",
    )
    .up(1),
    kind("fallback keys without a key", "cache/key", Op::Remove, "cache-fallback-keys"),
    kind(
        "an artifact too many",
        "artifacts/secondary-artifacts",
        Op::InsertMany(12, "extra#:\n  files: [a]"),
        "too-many",
    )
    .up(1),
    kind(
        "an artifact no name can have",
        "artifacts/secondary-artifacts/*",
        Op::Key("test results"),
        "artifact-identifier",
    ),
    // What is missing.
    kind("no commands", "phases/pre_build/commands", Op::Remove, "missing-key"),
    kind("no files", "artifacts/files", Op::Remove, "missing-key"),
    kind("no files of a report group", "reports/*/files", Op::Remove, "missing-key"),
    // Batches.
    kind("a task without a name", "batch/build-graph/*/identifier", Op::Remove, "batch-structure"),
    kind(
        "a task's name with a hyphen",
        "batch/build-graph/*/identifier",
        Op::Value("unit-tests"),
        "batch-identifier",
    )
    .also(&["batch-depend-on"]),
    kind(
        "two tasks of one name",
        "batch[fast-fail]/build-graph",
        Op::Insert("- identifier: unit"),
        "batch-identifier",
    )
    .on(),
    kind(
        "waiting for a task that is not there",
        "batch/build-graph/*/depend-on/*",
        Op::Value("biuld"),
        "batch-depend-on",
    ),
    kind("waiting for itself", "batch/build-graph/*/depend-on/*", Op::Value("package"), "batch-depend-on"),
    kind(
        "another compute type",
        "batch/build-graph/*/env/compute-type",
        Op::Value("BUILD_GENERAL1_SMAL"),
        "batch-environment",
    ),
    kind("another environment type", "batch/build-graph/*/env/type", Op::Value("LINUX"), "batch-environment"),
    kind(
        "two kinds of batch",
        "batch[build-graph]",
        Op::Insert("build-fanout:\n  parallelism: 2"),
        "batch-structure",
    )
    .up(1),
    kind("a list of tasks that is none", "batch/build-graph", Op::Value("{a: b}"), "batch-structure").up(1),
    kind(
        "an axis of one value",
        "batch/build-matrix/dynamic/env/variables/*",
        Op::Value("one"),
        "batch-structure",
    )
    .up(1),
    // Commands.
    kind(
        "a setting that is gone with the next command",
        "phases/*/commands",
        Op::Insert("- set -e"),
        "lost-shell-state",
    ),
    kind(
        "a command that is no more",
        "phases/*/commands",
        Op::Insert("- $(aws ecr get-login --no-include-email)"),
        "removed-command",
    ),
    kind(
        "an exported name no variable can have",
        "env/exported-variables/*",
        Op::Value("MY-STAGE"),
        "exported-variable",
    ),
];
