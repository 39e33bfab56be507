//! The one end-to-end test binary. Each promise has its own file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod build;
mod build_action;
mod build_ground;
mod cli_allow;
mod cli_approvals;
mod cli_bad_input;
mod cli_build;
mod cli_check;
mod cli_check_control;
mod cli_demo;
mod cli_deploy;
mod cli_history;
mod cli_hook;
mod cli_init;
mod cli_permissions;
mod cli_quotas;
mod cli_reports;
mod cli_run;
mod cli_schema;
mod cli_shellcheck;
mod cli_stopping;
mod cli_terminal;
mod cli_watch;
mod crash;
mod deploy;
mod deploy_files;
mod deploy_ground;
mod deploy_service;
mod docker;
mod dry_run;
mod env;
mod example_builds;
mod examples;
mod hostile;
mod idioms;
mod idioms_run;
mod isolation;
mod metadata;
mod mutations;
mod pid_namespace;
mod process;
mod process_ending;
mod process_environment;
mod process_sandbox;
mod process_yard;
mod real_clients;
mod sandbox;
mod shims;
mod state_trouble;
mod store;
mod story;
#[path = "../../src/testing.rs"]
mod testing;
mod usage;
