//! Wrong usage: refused before anything happens, in one sentence that says what to write.

use crate::env::Env;

#[test]
fn wrong_usage_is_exit_code_2() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["biuld"]), @"
    exit: 2
    --- stderr
    error: unrecognized subcommand 'biuld'

      tip: a similar subcommand exists: 'build'

    Usage: rehearsal [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(["run", "--timeout", "15"]), @"
    exit: 2
    --- stderr
    error: invalid value '15' for '--timeout <TIME>': write a number with a unit (h, m or s), for example 15m or 1h30m

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(["run", "--var", "A"]), @"
    exit: 2
    --- stderr
    error: invalid value 'A' for '--var <NAME=VALUE>': write NAME=VALUE

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(env.run(["list", "--sandbox", "container"]), @"
    exit: 2
    --- stderr
    error: the sandbox `container` is not there yet: this version runs nothing in the project's image
    hint: use --sandbox isolated: held back as in a container, with the programs of this machine
    hint: or --sandbox host: on this machine itself
    ");
    let mut env = env;
    env.set("REHEARSAL_SANDBOX", "jail");
    insta::assert_snapshot!(env.run(["list"]), @"
    exit: 2
    --- stderr
    error: REHEARSAL_SANDBOX is `jail`, which is no sandbox
    hint: it can be isolated or host
    ");
}

#[test]
fn help_says_what_there_is_and_what_the_exit_codes_mean() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["--help"]), @"
    exit: 0
    --- stdout
    Run your AWS release pipeline on your own machine, from the same files AWS reads

    Usage: rehearsal [OPTIONS] <COMMAND>

    Commands:
      demo         Show a complete example in a repository of its own: commit, build, test, approval,
                   deployment
      check        Validate buildspecs, pipeline definitions and rehearsal.yml
      build        Run one build as CodeBuild would, on a copy of the working tree or on a commit
      run          Run a pipeline for a commit
      list         List executions, newest first
      show         Show an execution: stages, actions, artifacts, variables
      logs         Print what an execution's commands wrote
      artifacts    List an execution's artifacts, or unpack one
      permissions  List what an execution called at AWS, the least policy for it, and what the project's
                   role lacks
      retry        Run the failed stage of an execution again
      approve      Approve what an execution waits for, and carry it on
      reject       Reject what an execution waits for, which fails it
      stop         Ask a running execution to stop, from any terminal
      watch        Start pipelines for new commits and tags, as their triggers say
      hook         Rehearse what is pushed before it leaves this machine
      init         Write a pipeline, buildspecs and a rehearsal.yml for this repository
      quotas       List the limits of the services: value, source, adjustable or not, where enforced
      schema       Print a JSON Schema, by which an editor completes and checks what is typed

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Everywhere:
          --sandbox <KIND>  Where commands run: isolated or host (container is not there yet); isolated
                            where that works [env: REHEARSAL_SANDBOX]
          --no-network      Let commands in the isolated sandbox reach nothing outside, not even package
                            registries
          --color <WHEN>    When to use colours: auto, always or never [default: auto]

    Exit codes:
      0    all well
      1    findings of severity error, or an execution that failed, was rejected, stopped,
           superseded or not let through a gate
      2    wrong usage, no repository, unknown commit, or a definition that cannot be used
      3    a limit was hit at run time (a timeout, a quota)
      4    Rehearsal itself could not go on (disk full, store unreadable)
      5    an approval is pending
      130  ended by Ctrl-C (143: by SIGTERM)
    ");
    insta::assert_snapshot!(env.run(["run", "-h"]), @"
    exit: 0
    --- stdout
    Run a pipeline for a commit

    Usage: rehearsal run [OPTIONS] [PIPELINE]

    Arguments:
      [PIPELINE]  Pipeline to run; may be left out when there is only one

    Options:
          --commit <REV>         Commit, branch or tag to run it for [default: HEAD]
          --worktree             Run what the working tree holds, changes not committed included
          --var <NAME=VALUE>     Set a pipeline variable; may be repeated
          --until <STAGE>        Stop after this stage, and ask nothing of the ones behind it
          --timeout <TIME>       Shorten the time limit of every build, for example 15m or 1h30m
          --allow <WHAT>         Allow for this run: host-hooks (deployment scripts on this machine
                                 itself), or with --profile, for real: fetch (stand-ins that say so),
                                 read (reads but secrets), SERVICE:OPERATION; may be repeated
          --profile <NAME>       Profile of your AWS configuration that --allow uses; builds never see
                                 its keys
          --placeholder-secrets  Fill in marked dummies for parameters and secrets that have no
                                 stand-in; counts as simulated
          --approve              Approve every approval of this run beforehand
          --reject               Reject every approval of this run beforehand
          --wait                 Wait until approvals are answered from another terminal
          --json                 Print events as JSON, one a line; the last one is `finished`
          --strict               Also fail on warnings, and when anything was simulated
      -h, --help                 Print help

    Everywhere:
          --sandbox <KIND>  Where commands run: isolated or host (container is not there yet); isolated
                            where that works [env: REHEARSAL_SANDBOX]
          --no-network      Let commands in the isolated sandbox reach nothing outside, not even package
                            registries
          --color <WHEN>    When to use colours: auto, always or never [default: auto]
    ");
    insta::assert_snapshot!(env.run(["build", "-h"]), @"
    exit: 0
    --- stdout
    Run one build as CodeBuild would, on a copy of the working tree or on a commit

    Usage: rehearsal build [OPTIONS]

    Options:
          --buildspec <FILE>     Buildspec to run, relative to the source [default: the project's, else
                                 buildspec.yml]
          --project <NAME>       Project of rehearsal.yml whose settings apply
      -e, --env <NAME=VALUE>     Set an environment variable for this build; may be repeated
          --env-file <FILE>      Read environment variables from a file, NAME=VALUE a line; -e wins over
                                 it
          --commit <REV>         Build this commit instead of a copy of the working tree
          --timeout <TIME>       Shorten the build's time limit, for example 15m or 1h30m
          --artifacts <DIR>      Unpack the artifacts into this folder, which must be empty or not there
          --allow <WHAT>         Allow for this run: host-hooks (deployment scripts on this machine
                                 itself), or with --profile, for real: fetch (stand-ins that say so),
                                 read (reads but secrets), SERVICE:OPERATION; may be repeated
          --profile <NAME>       Profile of your AWS configuration that --allow uses; builds never see
                                 its keys
          --placeholder-secrets  Fill in marked dummies for parameters and secrets that have no
                                 stand-in; counts as simulated
          --json                 Print events as JSON, one a line; the last one is `finished`
          --strict               Also fail on warnings, and when anything was simulated
      -h, --help                 Print help

    Everywhere:
          --sandbox <KIND>  Where commands run: isolated or host (container is not there yet); isolated
                            where that works [env: REHEARSAL_SANDBOX]
          --no-network      Let commands in the isolated sandbox reach nothing outside, not even package
                            registries
          --color <WHEN>    When to use colours: auto, always or never [default: auto]
    ");
}
