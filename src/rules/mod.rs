//! Rules: what can be wrong with a user's files, one file per rule.
//!
//! Owns: the record of every code that a finding can have (severity, documentation, example), and the checks that go
//! beyond reading a file. Leaves to `spec`: what is found while a file is read; those codes have their record here too.
//! Leaves to `check`: which files there are.
//!
//! **Adding a rule.** Write `src/rules/the_code.rs` with a [`Rule`] called `RULE`; list it in [`SECTIONS`]; run the tests
//! with `REHEARSAL_UPDATE=1`, which writes `docs/rules.md` and the page `docs/rules/CODE.md`, the fixtures of the record's example and what is
//! expected of them; read what they wrote. More cases go to `fixtures/rules/the-code/`: `bad-*.yml` with the expected
//! findings in `bad-*.out`, `good-*.yml` without any.
//!
//! **When something is an error**: AWS refuses the file, or the build cannot do what it is for. A warning: AWS takes it,
//! and does something other than what is written. Advice: it works, and could be better. What real files get away with is
//! no error, whatever the documentation says.

mod checking;
pub mod page;
pub mod record;
pub mod subject;

mod answer_file;
mod appspec_conflict;
mod appspec_file_name;
mod appspec_missing;
mod appspec_platform;
mod artifact_elsewhere;
mod artifact_identifier;
mod artifact_lacks_file;
mod artifact_setting;
mod bad_expansion;
mod base_directory_twice;
mod bashism;
mod batch_depend_on;
mod batch_environment;
mod batch_identifier;
mod batch_missing;
mod batch_nested;
mod batch_structure;
mod buildspec_file_name;
mod buildspec_missing;
mod cache_fallback_keys;
mod codebuild_variable;
mod command_not_a_string;
mod control_character;
mod curated_image;
mod curl_pipe_shell;
mod definition_missing;
mod deployment_settings;
mod deprecated_image;
mod docker_command;
mod docker_without_login;
mod docker_without_privileges;
mod empty_command;
mod empty_value;
mod environment_mismatch;
mod exported_variable;
mod file_too_large;
mod fixed_task_definition;
mod folded_continuation;
mod folder_as_file;
mod gate_too_early;
mod git_without_history;
mod hidden_failure;
mod image_definitions;
mod image_without_digest;
mod invalid_suppression;
mod invalid_value;
mod item_in_text;
mod lambda_compute;
mod literal_variable;
mod lost_shell_state;
mod merge_conflict;
mod missing_key;
mod misspelt_command;
mod no_evidence;
mod no_source_buildspec;
mod not_a_command;
mod not_exported;
mod not_supported_yet;
mod not_there_yet;
mod not_utf8;
mod octal_mode;
mod output_artifact;
mod password_on_command_line;
mod path_matches_nothing;
mod pipeline_action;
mod pipeline_action_type;
mod pipeline_artifacts;
mod pipeline_condition;
mod pipeline_configuration;
mod pipeline_incomplete;
mod pipeline_limit;
mod pipeline_name;
mod pipeline_structure;
mod pipeline_trigger;
mod pipeline_variables;
mod plain_credentials;
mod project_settings;
mod publish_after_failure;
mod redirection_slip;
mod removed_command;
mod report_format;
mod report_group_name;
mod reserved_variable;
mod revision_lacks_file;
mod role_lacks_action;
mod runtime_image;
mod runtime_name;
mod runtime_version;
mod script_not_executable;
mod secret_printed;
mod secret_reference;
mod several_documents;
mod shell_syntax;
mod shellcheck;
mod source_directory;
mod stray_quote;
mod string_for_list;
mod suppression_without_reason;
mod task_definition_template;
mod template;
mod template_reference;
mod template_structure;
mod test_without_blanks;
mod timeout_too_long;
mod too_many;
mod trigger_pattern;
mod unknown_action;
mod unknown_deployment_group;
mod unknown_key;
mod unknown_lifecycle_event;
mod unknown_operation;
mod unknown_parameter;
mod unknown_phase;
mod unknown_pipeline;
mod unknown_project;
mod unknown_report_group;
mod unknown_script;
mod unknown_stage;
mod unused_suppression;
mod unusual_space;
mod variable_name;
mod variable_twice;
mod version_0_1;
mod version_in_quotes;
mod waits_for_answer;
mod write_outside_source;
mod wrong_kind;
mod yaml_duplicate_key;
mod yaml_merge;
mod yaml_recursive_alias;
mod yaml_syntax;
mod yaml_tag;
mod yaml_too_deep;
mod yaml_too_many_aliases;
mod yaml_unknown_anchor;

pub use checking::{
    Built, Checked, Model, Slips, as_meant, check, check_built, check_called, check_together, drop_orphans,
    follow_slips, is_slip,
};
pub use folder_as_file::is_worth_a_look as has_bare_names;
pub use record::{Check, Example, Rule};

use crate::spec;

/// Rules that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// The rules, the commonest first.
    pub rules: &'static [Rule],
}

/// The one table.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "The text of any file",
        rules: &[
            yaml_syntax::RULE,
            yaml_unknown_anchor::RULE,
            yaml_duplicate_key::RULE,
            yaml_merge::RULE,
            yaml_too_deep::RULE,
            yaml_too_many_aliases::RULE,
            yaml_recursive_alias::RULE,
            several_documents::RULE,
            file_too_large::RULE,
            not_utf8::RULE,
            control_character::RULE,
            merge_conflict::RULE,
            template::RULE,
            unusual_space::RULE,
        ],
    },
    Section {
        title: "Any definition",
        rules: &[
            wrong_kind::RULE,
            invalid_value::RULE,
            missing_key::RULE,
            unknown_key::RULE,
            empty_value::RULE,
            string_for_list::RULE,
            stray_quote::RULE,
            too_many::RULE,
            not_supported_yet::RULE,
        ],
    },
    Section {
        title: "Buildspecs",
        rules: &[
            version_0_1::RULE,
            version_in_quotes::RULE,
            unknown_phase::RULE,
            command_not_a_string::RULE,
            empty_command::RULE,
            item_in_text::RULE,
            yaml_tag::RULE,
            shell_syntax::RULE,
            not_a_command::RULE,
            misspelt_command::RULE,
            bad_expansion::RULE,
            test_without_blanks::RULE,
            redirection_slip::RULE,
            docker_command::RULE,
            folded_continuation::RULE,
            bashism::RULE,
            shellcheck::RULE,
            removed_command::RULE,
            waits_for_answer::RULE,
            lost_shell_state::RULE,
            hidden_failure::RULE,
            publish_after_failure::RULE,
            runtime_name::RULE,
            runtime_version::RULE,
            runtime_image::RULE,
            environment_mismatch::RULE,
            codebuild_variable::RULE,
            reserved_variable::RULE,
            variable_name::RULE,
            variable_twice::RULE,
            literal_variable::RULE,
            plain_credentials::RULE,
            password_on_command_line::RULE,
            secret_printed::RULE,
            curl_pipe_shell::RULE,
            write_outside_source::RULE,
            secret_reference::RULE,
            exported_variable::RULE,
            artifact_identifier::RULE,
            artifact_setting::RULE,
            artifact_elsewhere::RULE,
            base_directory_twice::RULE,
            image_definitions::RULE,
            report_group_name::RULE,
            report_format::RULE,
            cache_fallback_keys::RULE,
            batch_structure::RULE,
            batch_identifier::RULE,
            batch_depend_on::RULE,
            batch_environment::RULE,
            curated_image::RULE,
            buildspec_file_name::RULE,
            docker_without_login::RULE,
        ],
    },
    Section {
        title: "Pipeline definitions",
        rules: &[
            pipeline_structure::RULE,
            pipeline_limit::RULE,
            pipeline_name::RULE,
            pipeline_action_type::RULE,
            pipeline_configuration::RULE,
            pipeline_action::RULE,
            pipeline_artifacts::RULE,
            pipeline_variables::RULE,
            pipeline_trigger::RULE,
            trigger_pattern::RULE,
            pipeline_condition::RULE,
            pipeline_incomplete::RULE,
        ],
    },
    Section {
        title: "CloudFormation templates",
        rules: &[template_structure::RULE, template_reference::RULE],
    },
    Section {
        title: "CodeBuild projects and CodeDeploy deployment groups",
        rules: &[
            project_settings::RULE,
            deployment_settings::RULE,
            deprecated_image::RULE,
            image_without_digest::RULE,
        ],
    },
    Section {
        title: "Appspecs",
        rules: &[
            unknown_lifecycle_event::RULE,
            timeout_too_long::RULE,
            octal_mode::RULE,
            appspec_conflict::RULE,
            appspec_file_name::RULE,
        ],
    },
    Section {
        title: "Several files together",
        rules: &[
            unknown_project::RULE,
            buildspec_missing::RULE,
            no_source_buildspec::RULE,
            batch_nested::RULE,
            batch_missing::RULE,
            definition_missing::RULE,
            appspec_missing::RULE,
            appspec_platform::RULE,
            revision_lacks_file::RULE,
            fixed_task_definition::RULE,
            task_definition_template::RULE,
            artifact_lacks_file::RULE,
            folder_as_file::RULE,
            unknown_script::RULE,
            script_not_executable::RULE,
            unknown_parameter::RULE,
            output_artifact::RULE,
            not_exported::RULE,
            source_directory::RULE,
            git_without_history::RULE,
            docker_without_privileges::RULE,
            lambda_compute::RULE,
            not_there_yet::RULE,
            unknown_deployment_group::RULE,
        ],
    },
    Section {
        title: "Gates beside their pipeline",
        rules: &[
            gate_too_early::RULE,
            unknown_pipeline::RULE,
            unknown_report_group::RULE,
            unknown_stage::RULE,
            unknown_action::RULE,
            no_evidence::RULE,
        ],
    },
    Section { title: "Answers for calls of AWS", rules: &[unknown_operation::RULE, answer_file::RULE] },
    Section {
        title: "Suppressions and `check` of rehearsal.yml",
        rules: &[
            unused_suppression::RULE,
            invalid_suppression::RULE,
            suppression_without_reason::RULE,
            path_matches_nothing::RULE,
        ],
    },
    Section { title: "What an execution asked for", rules: &[role_lacks_action::RULE] },
];

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    SECTIONS.iter().flat_map(|section| section.rules)
}

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
}

/// The code that a misspelt one was probably meant to be.
pub fn meant(code: &str) -> Option<&'static str> {
    let codes: Vec<_> = all().map(|rule| rule.code).collect();
    let near: Vec<_> = codes.chunks(50).filter_map(|some| spec::nearest(code, some)).collect();
    spec::nearest(code, &near)
}

/// Whether a finding says that a file cannot be read as what it is: then nothing else can be said of it, and silence would
/// mean that it was not checked.
pub fn is_unreadable(code: &str) -> bool {
    SECTIONS[0].rules.iter().any(|rule| rule.code == code) && code != yaml_duplicate_key::RULE.code
}

#[cfg(test)]
mod tests;
