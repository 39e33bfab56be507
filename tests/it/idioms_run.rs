//! The idioms of real buildspecs, run: each goes through with the effects it should have, and its broken twin fails for
//! AWS's reason. The AWS CLI comes from the folder in REHEARSAL_CLIENTS; without it those idioms are left out, and a line
//! says so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::env::{Env, render};
use crate::idioms::{Expected, expected, folder};

/// The folder of real clients, where there is one.
fn clients() -> Option<PathBuf> {
    crate::testing::clients().filter(|folder| folder.join("python").is_dir())
}

/// A test's own folder with an `aws` that is the real CLI, first on PATH.
fn with_aws(env: &mut Env, clients: &Path) {
    let bin = env.root().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let python = clients.join("python");
    let script = format!("#!/bin/sh\nPYTHONPATH='{}' exec python3 -m awscli \"$@\"\n", python.display());
    fs::write(bin.join("aws"), script).unwrap();
    fs::set_permissions(bin.join("aws"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), crate::testing::callers_path().to_string_lossy());
    env.set("PATH", path);
}

fn copy(from: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let (path, target) = (entry.path(), into.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn is_there(command: &str) -> bool {
    std::env::split_paths(&crate::testing::callers_path()).any(|folder| folder.join(command).is_file())
}

/// What an idiom needs and this machine does not have.
fn missing<'a>(row: &'a Expected, clients: Option<&PathBuf>) -> Option<&'a str> {
    row.needs.iter().map(String::as_str).find(|need| match *need {
        "aws" => clients.is_none(),
        // The tests never use an engine of the user's.
        "docker-engine" => true,
        command => !is_there(command),
    })
}

/// What a build would have done, in words: calls by their names, tools by their arguments and deeds.
fn effects(env: &Env) -> (Vec<String>, Vec<String>) {
    let text = env.stdout(["show", "--effects", "--json"], 0);
    let document: Value = serde_json::from_str(&text).unwrap();
    let (mut done, mut read) = (Vec::new(), Vec::new());
    for effect in document["effects"].as_array().unwrap() {
        let simulated = effect["simulated"] == true;
        let call = &effect["subject"]["call"];
        if let (Some(service), Some(operation)) = (call["service"].as_str(), call["operation"].as_str()) {
            let name = format!("{service}:{operation}");
            if simulated { done.push(name) } else { read.push(name) }
        } else if simulated {
            let argv = effect["subject"]["tool"]["argv"].as_array().unwrap();
            let mut words: Vec<_> = argv.iter().map(|word| word.as_str().unwrap()).collect();
            words.extend(effect["deed"]["words"].as_str());
            done.push(words.join(" "));
        }
    }
    (done, read)
}

/// Whether the words of `wanted` stand in `seen` in this order.
fn says(seen: &str, wanted: &str) -> bool {
    let mut words = seen.split_whitespace();
    wanted.split_whitespace().all(|wanted| words.any(|word| word == wanted))
}

/// A repository that holds the idiom, in which nothing was rehearsed yet.
fn repository(row: &Expected, clients: Option<&PathBuf>) -> Env {
    let mut env = Env::repository();
    if let Some(clients) = clients {
        with_aws(&mut env, clients);
    }
    copy(&folder().join(&row.folder), &env.work());
    env.commit("an idiom");
    env
}

fn run(row: &Expected, clients: Option<&PathBuf>) -> Result<(), String> {
    let env = repository(row, clients);
    let absent = missing(row, clients);
    if let (Some(absent), "-") = (absent, row.without.as_str()) {
        crate::testing::say(&format!("{}: left out, since there is no {absent} here", row.folder));
        return Ok(());
    }
    let good = env.output(["build"]);
    let text = render(&good);
    if let (Some(_), Some(words)) = (absent, row.without.strip_prefix("Failed: ")) {
        let fits = good.status.code() == Some(1) && text.contains(words);
        return if fits { Ok(()) } else { Err(format!("should fail with {words}:\n{text}")) };
    }
    if good.status.code() != Some(0) {
        return Err(format!("should succeed:\n{text}"));
    }
    let (done, read) = effects(&env);
    let mut left = done.iter();
    if let Some(wanted) = row.effects.iter().find(|wanted| !left.any(|seen| says(seen, wanted))) {
        return Err(format!("no effect {wanted} in its place among {done:#?}\n{text}"));
    }
    if done.len() != row.effects.len() {
        return Err(format!("these effects are too many: {done:#?}, wanted {:#?}\n{text}", row.effects));
    }
    if let Some(wanted) = row.reads.iter().find(|wanted| !read.contains(wanted)) {
        return Err(format!("no read {wanted} among {read:#?}\n{text}"));
    }
    // What the good one left would be taken up: a stack has the parameters it was made with.
    let broken = repository(row, clients).output(["build", "--buildspec", "broken.yml"]);
    let text = render(&broken);
    // What AWS would refuse before anything starts has another code than what fails on the way.
    if !matches!(broken.status.code(), Some(1 | 2)) || !text.contains(&row.reason) {
        return Err(format!("the broken twin should fail with {}:\n{text}", row.reason));
    }
    Ok(())
}

/// Runs every fourth idiom, beginning with this one.
fn quarter(first: usize) {
    let clients = clients();
    if clients.is_none() {
        crate::testing::say(
            "REHEARSAL_CLIENTS names no folder of clients: idioms with the AWS CLI are left out",
        );
    }
    let failed: Vec<_> = expected()
        .iter()
        .skip(first)
        .step_by(4)
        .filter_map(|row| run(row, clients.as_ref()).err().map(|why| format!("{}: {why}", row.folder)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn idioms_run_and_their_twins_fail_first_quarter() {
    quarter(0);
}

#[test]
fn idioms_run_and_their_twins_fail_second_quarter() {
    quarter(1);
}

#[test]
fn idioms_run_and_their_twins_fail_third_quarter() {
    quarter(2);
}

#[test]
fn idioms_run_and_their_twins_fail_fourth_quarter() {
    quarter(3);
}
