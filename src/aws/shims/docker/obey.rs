//! Handing a command to the user's container engine, and what it comes to.
//!
//! Owns: running the client and streaming what it prints, refusing to touch what others made, recording.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustix::fs::OFlags;

use super::engine::{Engine, LABEL};
use super::order::{After, Form, Kind, Listing, Need, Order};
use super::state::{Image, full, made_up, split};
use super::{locked, pushed};
use crate::aws::effect::{Deed, Handling};
use crate::aws::shims::verdict::Scene;
use crate::aws::shims::wire::{Asked, Reply, Speaker};

/// How often it is asked whether the build still listens.
const BEAT: Duration = Duration::from_secs(1);

/// What an engine is asked of an image that is pushed.
const DIGESTS: &str = "{{.Id}}{{range .RepoDigests}} {{.}}{{end}}";

/// Hands a command to the engine and tells the shim what comes of it.
pub(in crate::aws::shims) fn obey(
    order: &Order,
    asked: &Asked,
    scene: &Scene<'_>,
    speaker: &mut Speaker<'_>,
    record: &dyn Fn(Handling, Option<Deed>),
) -> io::Result<()> {
    let Some(engine) = &scene.tools.engine else { return speaker.say(&Reply::Exit(1)) };
    for note in &order.notes {
        speaker.note(note)?;
    }
    match &order.after {
        After::Push(names) => return push(engine, names, scene, speaker, record),
        After::Listed(listing) => {
            speaker.out(list(engine, &order.arguments, listing, scene).as_bytes())?;
            record(Handling::Real, None);
            return speaker.say(&Reply::Exit(0));
        }
        After::Nothing | After::Named { .. } | After::Unnamed(_) | After::Pulled(_) | After::Loaded => {}
    }
    // A volume that a container is started with comes to be without a label.
    let label = format!("{LABEL}={}", scene.tools.execution);
    for need in &order.needs {
        if let Need::Volume(name) = need {
            // The client says why it cannot be used.
            let _ = engine.ask(&["volume", "create", "--label", &label, "--", name]);
        }
    }
    let before = (order.after == After::Loaded).then(|| engine.tags());
    let status = stream(engine, order, asked, speaker)?;
    if status != 0 {
        record(Handling::Failed { code: status.to_string() }, None);
        return speaker.say(&Reply::Exit(status));
    }
    let add = |name: &str| {
        let image = Image { digest: made_up(name), built: true, real: true };
        locked(scene.tools).add(name, image);
    };
    for name in &order.uses {
        locked(scene.tools).used(name, false);
    }
    match &order.after {
        After::Nothing | After::Push(_) | After::Listed(_) => {}
        After::Named { names, pushed: false } => names.iter().for_each(|name| add(name)),
        After::Named { names, pushed: true } => {
            for name in names {
                add(name);
                let asking = ["image", "inspect", "--format", DIGESTS, "--", name];
                let (digest, is_made_up) = digest_of(engine.ask(&asking).as_deref(), name);
                pushed(name, &digest, is_made_up, scene);
                speaker.note(&format!("built, and recorded as pushed: {name}"))?;
                record(Handling::Simulated, Some(deed(name, &digest, is_made_up)));
            }
            return speaker.say(&Reply::Exit(0));
        }
        After::Unnamed(names) => {
            for name in names {
                locked(scene.tools).forget(name);
            }
        }
        After::Pulled(name) => locked(scene.tools).used(name, true),
        After::Loaded => {
            let taken = restored(engine, &before.unwrap_or_default(), scene, &add);
            if !taken.is_empty() {
                let names = taken.join(", ");
                let reason = format!(
                    "the archive has images of names that are those of others on this machine, which got them back: {names}"
                );
                record(Handling::Refused { reason: reason.clone() }, None);
                speaker.note(&format!("refused: docker load: {reason}"))?;
                return speaker.say(&Reply::Exit(1));
            }
        }
    }
    record(Handling::Real, None);
    speaker.say(&Reply::Exit(0))
}

/// The images of this execution, and those that it uses: the engine's own list has all of a machine.
fn list(engine: &Engine, arguments: &[String], listing: &Listing, scene: &Scene<'_>) -> String {
    const COLUMNS: &str = "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    let ask = |more: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        engine.ask(&arguments).unwrap_or_default()
    };
    let filter = format!("--filter=label={LABEL}={}", scene.tools.execution);
    let own = ask(&["--quiet", &filter]);
    let own: Vec<&str> = own.lines().collect();
    let format = match &listing.form {
        Form::Table => COLUMNS,
        Form::Ids => "{{.ID}}",
        Form::Own(format) => format,
    };
    let rows = ask(&["--format", &format!("{{{{.Repository}}}}:{{{{.Tag}}}}\t{{{{.ID}}}}\t{format}")]);
    let is_shown = |name: &str, id: &str| {
        let state = locked(scene.tools);
        (own.contains(&id) || state.image(name).is_some() || state.uses(name))
            && listing
                .wanted
                .as_ref()
                .is_none_or(|wanted| full(name) == full(wanted) || split(name).0 == wanted)
    };
    let rows = rows.lines().filter_map(|row| {
        let mut parts = row.splitn(3, '\t');
        let (name, id, row) = (parts.next()?, parts.next()?, parts.next()?);
        is_shown(name, id).then_some(row)
    });
    match listing.form {
        Form::Ids | Form::Own(_) => rows.flat_map(|row| [row, "\n"]).collect(),
        Form::Table => {
            let header = "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE";
            let rows: Vec<Vec<&str>> =
                std::iter::once(header).chain(rows).map(|row| row.split('\t').collect()).collect();
            let width = |column: usize| {
                rows.iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            };
            let widths: Vec<usize> = (0..5).map(width).collect();
            let line = |row: &Vec<&str>| {
                let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
                format!("{}\n", cells.collect::<Vec<_>>().join("   ").trim_end())
            };
            rows.iter().map(line).collect()
        }
    }
}

/// After an archive was loaded: what is new is of this execution, and what others had is theirs again. The names that were taken
/// from them.
fn restored(
    engine: &Engine,
    before: &std::collections::BTreeMap<String, String>,
    scene: &Scene<'_>,
    add: &dyn Fn(&str),
) -> Vec<String> {
    let mut taken = Vec::new();
    for (name, id) in engine.tags() {
        match before.get(&name) {
            Some(known) if *known == id => {}
            None => add(&name),
            Some(known) => {
                let is_own = locked(scene.tools).image(&name).is_some()
                    || engine.is_ours(Kind::Image, known, &scene.tools.execution);
                if is_own {
                    add(&name);
                } else {
                    let _ = engine.ask(&["tag", "--", known, &name]);
                    taken.push(name);
                    // What has no name any more would be left.
                    add(&id);
                }
            }
        }
    }
    taken
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
    names: &[String],
    scene: &Scene<'_>,
    speaker: &mut Speaker<'_>,
    record: &dyn Fn(Handling, Option<Deed>),
) -> io::Result<()> {
    for name in names {
        let (repository, tag) = split(name);
        let is_known = locked(scene.tools).image(name).is_some()
            || engine.is_ours(Kind::Image, name, &scene.tools.execution);
        let asking = ["image", "inspect", "--format", DIGESTS, "--", name];
        let Some(said) = is_known.then(|| engine.ask(&asking)).flatten() else {
            record(Handling::Failed { code: "1".into() }, None);
            speaker.err(format!("The push refers to repository [{repository}]\nAn image does not exist locally with the tag: {repository}\n").as_bytes())?;
            speaker.note(&format!("this build has no image {name}"))?;
            return speaker.say(&Reply::Exit(1));
        };
        let (digest, is_made_up) = digest_of(Some(&said), name);
        pushed(name, &digest, is_made_up, scene);
        speaker.out(format!("{tag}: digest: {digest} size: 0\n").as_bytes())?;
        let mark = if is_made_up { " (the digest is made up)" } else { "" };
        speaker.note(&format!("recorded, not run: docker push {name}{mark}"))?;
        record(Handling::Simulated, Some(deed(name, &digest, is_made_up)));
    }
    speaker.say(&Reply::Exit(0))
}

/// Runs the client, handing on what it prints; its status. When nobody listens any more the client is ended.
fn stream(engine: &Engine, order: &Order, asked: &Asked, speaker: &mut Speaker<'_>) -> io::Result<i32> {
    let (out, out_end) = io::pipe()?;
    let (err, err_end) = io::pipe()?;
    // A build's variables must not get into the client's environment, which acts with the user's rights: it looks there for
    // its settings and plugins. Two have no more than a meaning for builds.
    let mut env = engine.env.clone();
    env.extend(order.variables.iter().map(|(name, value)| (name.into(), value.into())));
    for (name, is_safe) in
        [("DOCKER_BUILDKIT", is_flag as fn(&str) -> bool), ("DOCKER_DEFAULT_PLATFORM", is_platform)]
    {
        let given = asked.env.get(name).filter(|value| is_safe(value));
        env.extend(given.map(|value| (name.into(), value.into())));
    }
    // All paths are whole: there is no folder that another one would be looked for in.
    let client = duct::cmd(&engine.program, &order.arguments).full_env(env).dir("/").unchecked();
    let client = match &order.input {
        Some(file) => {
            // A link that was put there since would lead out of the build's folders.
            let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
            client.stdin_file(fs::OpenOptions::new().read(true).custom_flags(flags).open(file)?)
        }
        None => client.stdin_null(),
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

fn is_flag(text: &str) -> bool {
    matches!(text, "0" | "1")
}

fn is_platform(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
}

fn read_on(mut pipe: io::PipeReader, is_out: bool, sender: &Sender<(bool, Vec<u8>)>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = pipe.read(&mut buffer) {
        if sender.send((is_out, buffer[..read].to_vec())).is_err() {
            return;
        }
    }
}
