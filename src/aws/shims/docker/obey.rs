//! Handing a command to the user's container engine, and what it comes to.
//!
//! Owns: running the client and streaming what it prints, refusing to touch what others made, recording.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::engine::Engine;
use super::order::{After, Kind, Order};
use super::state::{Image, made_up, split};
use super::{locked, pushed};
use crate::aws::effect::{Deed, Handling};
use crate::aws::shims::verdict::Scene;
use crate::aws::shims::wire::{Asked, Reply, Speaker};

/// How often it is asked whether the build still listens.
const BEAT: Duration = Duration::from_secs(1);

/// Hands a command to the engine and tells the shim what comes of it.
pub(in crate::aws::shims) fn obey(
    order: &Order,
    asked: &Asked,
    scene: &Scene<'_>,
    speaker: &mut Speaker<'_>,
    record: &dyn Fn(Handling, Option<Deed>),
) -> io::Result<()> {
    let Some(engine) = &scene.tools.engine else { return speaker.say(&Reply::Exit(1)) };
    for (kind, name) in &order.touched {
        let named_here = *kind == Kind::Image && locked(scene.tools).image(name).is_some();
        if !named_here && !engine.is_ours(*kind, name, &scene.tools.execution) {
            let reason = format!("the {} {name} is not one that this execution made", kind.word());
            record(Handling::Refused { reason: reason.clone() }, None);
            speaker.note(&format!("refused: docker {}: {reason}", asked.args.join(" ")))?;
            return speaker.say(&Reply::Exit(1));
        }
    }
    if let After::Pushed { names, built: false } = &order.after {
        return push(engine, order, names, scene, speaker, record);
    }
    let status = stream(engine, order, speaker)?;
    if status != 0 {
        record(Handling::Failed { code: status.to_string() }, None);
        return speaker.say(&Reply::Exit(status));
    }
    let known = |name: &str| {
        let image = Image { digest: made_up(name), built: true };
        locked(scene.tools).add(name, image);
    };
    match &order.after {
        After::Nothing => record(Handling::Real, None),
        After::Named(names) => {
            for name in names {
                known(name);
            }
            record(Handling::Real, None);
        }
        After::Unnamed(names) => {
            for name in names {
                locked(scene.tools).forget(name);
            }
            record(Handling::Real, None);
        }
        After::Pushed { names, .. } => {
            for name in names {
                known(name);
                let asking = ["image", "inspect", "--format", "{{.Id}} {{join .RepoDigests \" \"}}", name];
                let (digest, is_made_up) = digest_of(engine.ask(&asking).as_deref(), name);
                pushed(name, &digest, is_made_up, scene);
                speaker.note(&format!("built, and recorded as pushed: {name}"))?;
                record(Handling::Simulated, Some(deed(name, &digest, is_made_up)));
            }
        }
    }
    speaker.say(&Reply::Exit(0))
}

fn deed(name: &str, digest: &str, is_made_up: bool) -> Deed {
    let mark = if is_made_up { ", made up" } else { "" };
    Deed::new(format!("pushed image {name}")).with(format!("{digest}{mark}"))
}

/// The digest of an image from what the engine says of it (`ID REPOSITORY@DIGEST …`), and whether it is made up: before it
/// is pushed, an engine often does not know it.
fn digest_of(said: Option<&str>, name: &str) -> (String, bool) {
    let repository = split(name).0;
    let mut words = said.unwrap_or_default().split_whitespace();
    let id = words.next().unwrap_or(name).to_owned();
    let known = words.find_map(|word| word.strip_prefix(repository)?.strip_prefix('@'));
    known.map_or_else(|| (made_up(&id), true), |digest| (digest.to_owned(), false))
}

fn push(
    engine: &Engine,
    order: &Order,
    names: &[String],
    scene: &Scene<'_>,
    speaker: &mut Speaker<'_>,
    record: &dyn Fn(Handling, Option<Deed>),
) -> io::Result<()> {
    let arguments: Vec<&str> = order.arguments.iter().map(String::as_str).collect();
    let said = engine.ask(&arguments);
    for name in names {
        let (repository, tag) = split(name);
        if said.is_none() {
            record(Handling::Failed { code: "1".into() }, None);
            speaker.err(format!("The push refers to repository [{repository}]\nAn image does not exist locally with the tag: {repository}\n").as_bytes())?;
            return speaker.say(&Reply::Exit(1));
        }
        let (digest, is_made_up) = digest_of(said.as_deref(), name);
        pushed(name, &digest, is_made_up, scene);
        speaker.out(format!("{tag}: digest: {digest} size: 0\n").as_bytes())?;
        let mark = if is_made_up { " (the digest is made up)" } else { "" };
        speaker.note(&format!("recorded, not run: docker push {name}{mark}"))?;
        record(Handling::Simulated, Some(deed(name, &digest, is_made_up)));
    }
    speaker.say(&Reply::Exit(0))
}

/// The arguments with the build's own values of variables that are only named. They must not get into the client's environment,
/// which acts with the user's rights: it looks there for its settings and plugins.
fn with_values(arguments: &[String], variables: &BTreeMap<String, String>) -> Vec<String> {
    const OPTIONS: [&str; 3] = ["-e", "--env", "--build-arg"];
    let mut named = false;
    let filled = arguments.iter().map(|argument| {
        let (option, name) = match argument.split_once('=') {
            Some((option, name)) if OPTIONS.contains(&option) => (Some(option), name),
            _ if named => (None, argument.as_str()),
            _ => {
                named = OPTIONS.contains(&argument.as_str());
                return argument.clone();
            }
        };
        named = false;
        match (variables.get(name), option) {
            (Some(value), Some(option)) => format!("{option}={name}={value}"),
            (Some(value), None) => format!("{name}={value}"),
            (None, _) => argument.clone(),
        }
    });
    filled.collect()
}

/// Runs the client, handing on what it prints; its status. When nobody listens any more the client is ended.
fn stream(engine: &Engine, order: &Order, speaker: &mut Speaker<'_>) -> io::Result<i32> {
    let (out, out_end) = io::pipe()?;
    let (err, err_end) = io::pipe()?;
    let arguments = with_values(&order.arguments, &order.variables);
    let client = duct::cmd(&engine.program, arguments).full_env(&engine.env).unchecked();
    let client = match &order.input {
        Some(file) => client.stdin_file(fs::File::open(file)?),
        None => client.stdin_null(),
    };
    let client = match &order.directory {
        Some(folder) => client.dir(folder),
        None => client,
    };
    let client = client.stdout_file(out_end).stderr_file(err_end);
    let handle = client.start()?;
    // The expression holds the writing ends of the pipes.
    drop(client);
    let (sender, pieces) = channel();
    let readers = [(out, true, sender.clone()), (err, false, sender)];
    let readers: Vec<_> = readers
        .map(|(pipe, is_out, sender)| std::thread::spawn(move || read_on(pipe, is_out, &sender)))
        .into();
    let told = loop {
        let told = match pieces.recv_timeout(BEAT) {
            Ok((true, bytes)) => speaker.out(&bytes),
            Ok((false, bytes)) => speaker.err(&bytes),
            Err(RecvTimeoutError::Timeout) => speaker.say(&Reply::Tick),
            Err(RecvTimeoutError::Disconnected) => break Ok(()),
        };
        if told.is_err() {
            // It may have ended by itself.
            let _ = handle.kill();
            break told;
        }
    };
    drop(pieces);
    let status = handle.wait()?.status.code().unwrap_or(1);
    for reader in readers {
        // A reader has nothing to say.
        let _ = reader.join();
    }
    told.map(|()| status)
}

fn read_on(mut pipe: io::PipeReader, is_out: bool, sender: &Sender<(bool, Vec<u8>)>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = pipe.read(&mut buffer) {
        if sender.send((is_out, buffer[..read].to_vec())).is_err() {
            return;
        }
    }
}
