//! Docker in whole builds, with a client of the test's own that stands for a container engine and notes what it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::env::{Env, buildspec, render};

/// An engine that knows images, volumes and containers by files with the label of each.
const CLIENT: &str = r#"#!/bin/sh
here=${0%/*}
printf '%s\n' "$*" >> "$here/log"
for last; do :; done
kind=$1
case $1 in image|container|volume|network) shift ;; esac
file() { printf '%s/have/%s.%s' "$here" "$1" "$(printf %s "$2" | tr /: __)"; }
label() { printf '%s\n' "$1" | tr ' ' '\n' | sed -n 's/.*rehearsal\.execution=//p' | tail -1; }
listed() { for each in "$here/have/$1".*; do test "$(cat "$each")" = "$(label "$all")" && printf '%s\n' "${each#*have/$1.}"; done; true; }
all="$*"
case $1 in
version) echo 28 ;;
inspect)
    test -e "$(file "$kind" "$last")" || exit 1
    case $all in
    *Labels*) cat "$(file "$kind" "$last")" ;;
    *) echo sha256:11 ;;
    esac ;;
build)
    for each; do case $each in --tag=*) label "$all" > "$(file image "${each#--tag=}:latest")" ;; esac; done
    echo built ;;
run)
    for each; do case $each in --name=*) label "$all" > "$(file container "${each#--name=}")" ;; esac; done
    echo ran ;;
create) label "$all" > "$(file "$kind" "$last")" ;;
tag) cp "$(file image "$3")" "$(file image "$last")" ;;
ps) listed container ;;
images) listed image ;;
ls) listed "$kind" ;;
rmi) rm "$(file image "$last")" ;;
rm) case $kind in rm) kind=container ;; esac; rm "$(file "$kind" "$last")" ;;
esac
"#;

/// A repository whose build has these commands, and an engine with things of the user's.
fn ground(commands: &[&str]) -> Env {
    let mut env = Env::repository();
    let bin = env.root().join("bin");
    fs::create_dir_all(bin.join("have")).unwrap();
    fs::write(bin.join("docker"), CLIENT).unwrap();
    fs::set_permissions(bin.join("docker"), fs::Permissions::from_mode(0o755)).unwrap();
    for foreign in ["image.user_important_latest", "container.foreign", "volume.foreign"] {
        fs::write(bin.join("have").join(foreign), "").unwrap();
    }
    let path = format!("{}:{}", bin.display(), crate::testing::callers_path().to_string_lossy());
    env.set("PATH", path);
    env.set("DOCKER_HOST", "unix:///nowhere/docker.sock");
    env.file("Dockerfile", "FROM alpine\nCOPY app.txt .\n");
    env.file("app.txt", "shop\n");
    env.file("buildspec.yml", &buildspec(commands));
    env.commit("an image");
    env
}

fn have(env: &Env) -> Vec<String> {
    let entries = fs::read_dir(env.root().join("bin/have")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_engine_is_left_as_it_was_and_what_is_the_users_stays_the_users() {
    let env = ground(&[
        "docker build -t shop --label rehearsal.execution=stolen .",
        "docker run -d --name web -v data:/data -v foreign-not:/x shop:latest",
        "docker network create n",
        "docker rm -f foreign || echo kept",
        "docker run -v foreign:/x shop:latest || echo kept",
        "docker tag shop:latest user/important:latest || echo kept",
        "docker build -t user/important . || echo kept",
        "docker run --nope shop || echo \"status $?\"",
    ]);
    let before = have(&env);
    let told = render(&env.output(["build", "--sandbox", "host"]));
    assert!(told.contains("exit: 0") || told.contains("Succeeded"), "{told}");
    // Each is said once by the command that was kept from it.
    assert_eq!(told.lines().filter(|line| line.trim() == "kept").count(), 4, "{told}");
    assert!(told.contains("unknown flag: --nope") && told.contains("status 125"), "{told}");
    assert_eq!(have(&env), before);
    let log = fs::read_to_string(env.root().join("bin/log")).unwrap();
    let acts =
        ["build", "run", "tag", "rmi", "rm ", "network create", "volume create", "volume rm", "network rm"];
    let acted: Vec<&str> = log.lines().filter(|line| acts.iter().any(|act| line.starts_with(act))).collect();
    let execution = acted[0].split("rehearsal.execution=").last().unwrap().split(' ').next().unwrap();
    let acted: Vec<String> = acted
        .iter()
        .map(|line| {
            let line = line.replace(execution, "EXECUTION");
            // The folder of the build has a name of its own each time.
            line.split(' ')
                .map(|word| if word.ends_with("/src") && word.starts_with('/') { "SRC" } else { word })
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    insta::assert_snapshot!(acted.join("\n"));
}

#[test]
fn the_isolated_sandbox_has_no_engine_and_says_so() {
    let env = ground(&["docker build -t shop .", "docker run --rm shop:latest true"]);
    let told = render(&env.output(["build", "--sandbox", "isolated"]));
    for words in [
        "recorded, not run: docker build of shop: the isolated sandbox keeps the container engine of this machine away",
        "so it was not built and cannot be run. Run this with --sandbox host, or leave the command out of the rehearsal",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!env.root().join("bin/log").exists(), "the client was called");
}
