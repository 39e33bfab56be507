//! The user's container engine: what may be handed to it, with which labels, and clearing up afterwards.
//!
//! Owns: finding the engine, translating paths of a build, refusing what reaches beyond the build's folders or touches
//! what others made, streaming what the engine's client prints. The client runs in this process's surroundings and not in
//! the build's, which never sees the socket; work that was handed to the engine is not below the guard of the build.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::state::{Image, full, is_reference, made_up, split};
use super::{Command, locked, pushed};
use crate::aws::effect::{Deed, Handling};
use crate::aws::shims::Tools;
use crate::aws::shims::line::Line;
use crate::aws::shims::verdict::{Said, Scene, Verdict};
use crate::aws::shims::wire::{Asked, Look, Reply, Speaker};

/// How long an engine may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is asked whether the build still listens.
const BEAT: Duration = Duration::from_secs(1);

/// The label on what is made, with the execution as its value.
const LABEL: &str = "rehearsal.execution";

/// A container engine and its client.
#[derive(Debug)]
pub struct Engine {
    /// The `docker` program.
    pub program: PathBuf,
    /// The environment of the client.
    pub env: BTreeMap<OsString, OsString>,
    there: OnceLock<bool>,
}

impl Engine {
    /// An engine that this client reaches with this environment.
    pub fn new(program: PathBuf, env: BTreeMap<OsString, OsString>) -> Self {
        Self { program, env, there: OnceLock::new() }
    }

    /// The engine that `docker` reaches in the user's environment: `program` is the one on the user's PATH, `config` an empty
    /// folder of ours that keeps the user's own credentials out of it. `None` when nothing names an engine.
    pub fn find(program: PathBuf, host: &BTreeMap<OsString, OsString>, config: &Path) -> Option<Self> {
        let var = |name: &str| host.get(OsStr::new(name)).filter(|value| !value.is_empty());
        let settings = var("DOCKER_CONFIG").map(PathBuf::from);
        let settings = settings.or_else(|| var("HOME").map(|home| Path::new(home).join(".docker")));
        let of_context =
            || settings.as_deref().and_then(|folder| context_host(folder, var("DOCKER_CONTEXT")));
        let rootless = || var("XDG_RUNTIME_DIR").map(|run| Path::new(run).join("docker.sock"));
        let socket = || {
            let usual = std::iter::once(PathBuf::from("/var/run/docker.sock")).chain(rootless());
            usual.into_iter().find(|path| path.exists()).map(|path| {
                let mut address = OsString::from("unix://");
                address.push(path);
                address
            })
        };
        let address = var("DOCKER_HOST").cloned().or_else(of_context).or_else(socket)?;
        let mut env = BTreeMap::from([
            (OsString::from("DOCKER_HOST"), address),
            (OsString::from("DOCKER_CONFIG"), config.as_os_str().to_owned()),
            (OsString::from("HOME"), config.as_os_str().to_owned()),
        ]);
        for name in ["PATH", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"] {
            env.extend(var(name).map(|value| (OsString::from(name), value.clone())));
        }
        Some(Self::new(program, env))
    }

    /// Whether the engine answers; asked once.
    pub(super) fn answers(&self) -> bool {
        *self.there.get_or_init(|| {
            let asking = self.expression(["version", "--format", "{{.Server.Version}}"]);
            let Ok(handle) = asking.stdout_null().stderr_null().stdin_null().start() else { return false };
            if let Ok(Some(output)) = handle.wait_timeout(PATIENCE) {
                output.status.success()
            } else {
                // It is given up on either way.
                let _ = handle.kill();
                false
            }
        })
    }

    fn expression<S: Into<OsString>>(&self, arguments: impl IntoIterator<Item = S>) -> duct::Expression {
        duct::cmd(&self.program, arguments.into_iter().map(Into::into)).full_env(&self.env).unchecked()
    }

    /// What a question is answered with; `None` when it fails.
    fn ask(&self, arguments: &[&str]) -> Option<String> {
        let output = self.expression(arguments).stdin_null().stderr_null().stdout_capture().run().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Whether this execution made such a thing.
    fn is_ours(&self, kind: Kind, name: &str, execution: &str) -> bool {
        let labels = match kind {
            Kind::Container | Kind::Image => "{{index .Config.Labels \"rehearsal.execution\"}}",
            Kind::Network | Kind::Volume => "{{index .Labels \"rehearsal.execution\"}}",
        };
        self.ask(&[kind.word(), "inspect", "--format", labels, "--", name])
            .is_some_and(|label| label == execution)
    }
}

/// The address of the context that is selected in docker's settings.
fn context_host(settings: &Path, selected: Option<&OsString>) -> Option<OsString> {
    let json = |path: PathBuf| serde_json::from_slice::<serde_json::Value>(&fs::read(path).ok()?).ok();
    let name = match selected {
        Some(name) => name.to_string_lossy().into_owned(),
        None => json(settings.join("config.json"))?.get("currentContext")?.as_str()?.to_owned(),
    };
    let digest = made_up_of(&name);
    let meta = json(settings.join("contexts/meta").join(digest).join("meta.json"))?;
    Some(meta.pointer("/Endpoints/docker/Host")?.as_str()?.into())
}

/// Docker keeps a context in a folder named by the digest of its name.
fn made_up_of(name: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(name.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::aws::shims) enum Kind {
    Container,
    Image,
    Network,
    Volume,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Image => "image",
            Self::Network => "network",
            Self::Volume => "volume",
        }
    }
}

/// A command for the engine.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::aws::shims) struct Order {
    /// The client's arguments.
    arguments: Vec<String>,
    /// Variables that they speak of.
    variables: BTreeMap<String, String>,
    /// What it touches, which has to be of this execution.
    touched: Vec<(Kind, String)>,
    /// The directory it runs in, outside.
    directory: Option<PathBuf>,
    /// The file that is its standard input.
    input: Option<PathBuf>,
    /// What follows when it succeeds.
    after: After,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum After {
    Nothing,
    /// Images of these names are of this execution.
    Named(Vec<String>),
    /// The image was built and is as good as pushed, or only that: its names.
    Pushed {
        names: Vec<String>,
        built: bool,
    },
    /// These names are gone.
    Unnamed(Vec<String>),
}

/// Why a command is not handed to the engine.
enum Kept {
    Look(Box<Look>),
    /// It reaches further than the build may.
    Beyond(String),
}

impl Kept {
    fn look(look: Look) -> Self {
        Self::Look(Box::new(look))
    }
}

/// A command for which there is an engine.
pub(super) fn command(command: &Command<'_>, scene: &Scene<'_>) -> Verdict {
    let label = format!("{LABEL}={}", scene.tools.execution);
    match order(command, scene, &label) {
        Ok(order) => Verdict::Engine(Box::new(order)),
        Err(Kept::Look(look)) => Verdict::Look(look),
        Err(Kept::Beyond(why)) => Verdict::Said(Said {
            err: format!("rehearsal: recorded, not run: docker {}: {why}\n", command.name),
            simulated: true,
            ..Said::default()
        }),
    }
}

fn order(command: &Command<'_>, scene: &Scene<'_>, label: &str) -> Result<Order, Kept> {
    let line = &command.line;
    let asked = line.asked;
    let words = |from: usize| line.words.iter().skip(from).map(|word| (*word).to_owned());
    let base = |arguments: Vec<String>| Order {
        arguments,
        variables: BTreeMap::new(),
        touched: Vec::new(),
        directory: scene.tools.outside(&asked.cwd),
        input: None,
        after: After::Nothing,
    };
    // The same words with the command's own name before them.
    let plain = || {
        let own = command.name.split(' ').map(str::to_owned);
        base(own.chain(asked.args.iter().cloned()).collect())
    };
    let touching = |kind: Kind, names: Vec<String>| {
        let touched = names.into_iter().map(|name| (kind, name)).collect();
        Order { touched, ..plain() }
    };
    Ok(match command.name {
        "build" => build(command, scene, base(vec!["build".into(), "--label".into(), label.into()]))?,
        "run" | "create" => {
            run(command, scene, base(vec![command.name.into(), "--label".into(), label.into()]))?
        }
        "network create" | "volume create" => {
            let mut order = base(command.name.split(' ').map(str::to_owned).collect());
            order.arguments.extend(["--label".to_owned(), label.to_owned()]);
            order.arguments.extend(asked.args.iter().cloned());
            order
        }
        "tag" => Order { after: After::Named(words(1).collect()), ..plain() },
        "push" | "manifest push" => {
            let name = line.word(0).unwrap_or_default();
            if !is_reference(name) {
                return Err(Kept::Beyond(format!("`{name}` is no name of an image")));
            }
            let look = ["image", "inspect", "--format", "{{.Id}} {{join .RepoDigests \" \"}}", name];
            let after = After::Pushed { names: vec![full(name)], built: false };
            Order { after, ..base(look.map(str::to_owned).to_vec()) }
        }
        "pull" => {
            let name = line.word(0).unwrap_or_default();
            if is_private(name) {
                return Err(Kept::Beyond("its repository is in your account".into()));
            }
            plain()
        }
        "rmi" => {
            Order { after: After::Unnamed(words(0).collect()), ..touching(Kind::Image, words(0).collect()) }
        }
        "rm" | "stop" | "kill" | "start" | "restart" | "pause" | "unpause" | "update" | "wait" | "logs" => {
            touching(Kind::Container, words(0).collect())
        }
        "exec" | "rename" | "attach" | "commit" | "top" | "port" | "diff" | "export" => {
            touching(Kind::Container, words(0).take(1).collect())
        }
        "network rm" => touching(Kind::Network, words(0).collect()),
        "network connect" => touching(Kind::Network, words(0).take(1).collect()),
        "volume rm" => touching(Kind::Volume, words(0).collect()),
        "cp" => copy(command, scene, &base)?,
        "save" | "load" | "import" => archive(command, scene, &base)?,
        "ps" | "images" | "inspect" | "history" | "info" | "version" | "network ls" | "network inspect"
        | "volume ls" | "volume inspect" => plain(),
        other => {
            return Err(Kept::Beyond(format!("docker {other} is not handed to the engine of this machine")));
        }
    })
}

/// Whether an image is in somebody's own registry of AWS, which a rehearsal does not reach.
fn is_private(name: &str) -> bool {
    let host = name.split('/').next().unwrap_or_default();
    host.contains(".dkr.ecr.") && host.contains(".amazonaws.com")
}

fn path(text: &str, asked: &Asked, tools: &Tools) -> Result<String, Kept> {
    let outside = tools.outside(&asked.cwd.join(text));
    let outside = outside.or_else(|| {
        // A file that is still to be written.
        let whole = asked.cwd.join(text);
        let folder = tools.outside(whole.parent()?)?;
        let place = folder.join(whole.file_name()?);
        place.symlink_metadata().is_err().then_some(place)
    });
    match outside.and_then(|path| path.into_os_string().into_string().ok()) {
        Some(path) => Ok(path),
        None => Err(Kept::Beyond(format!("{text} is not in the folders of this build"))),
    }
}

/// Replaces the paths in options such as `type=local,src=PATH`.
fn fields(text: &str, keys: &[&str], asked: &Asked, tools: &Tools) -> Result<String, Kept> {
    let fields = text.split(',').map(|field| match field.split_once('=') {
        Some((key, value)) if keys.contains(&key) => Ok(format!("{key}={}", path(value, asked, tools)?)),
        Some(_) | None => Ok(field.to_owned()),
    });
    Ok(fields.collect::<Result<Vec<_>, Kept>>()?.join(","))
}

/// Variables that are named without a value: the client does not have the build's own.
fn variables(line: &Line<'_>, options: &[&str]) -> Result<BTreeMap<String, String>, Kept> {
    let named = line.values(options).filter(|value| !value.contains('='));
    let named: Vec<String> = named.map(str::to_owned).collect();
    let seen = &line.asked.seen.variables;
    if named.iter().any(|name| !seen.contains_key(name)) {
        return Err(Kept::look(Look { variables: named, ..Look::default() }));
    }
    Ok(named.into_iter().filter_map(|name| Some((name.clone(), seen.get(&name)?.clone()?))).collect())
}

/// The file that standard input was kept in.
fn input(line: &Line<'_>, tools: &Tools) -> Result<PathBuf, Kept> {
    match &line.asked.seen.input {
        None => Err(Kept::look(Look { input: true, ..Look::default() })),
        Some(file) => tools
            .outside(file)
            .ok_or_else(|| Kept::Beyond("its standard input is not in the folders of this build".into())),
    }
}

fn build(command: &Command<'_>, scene: &Scene<'_>, mut order: Order) -> Result<Order, Kept> {
    let (line, tools) = (&command.line, scene.tools);
    let asked = line.asked;
    order.variables = variables(line, &["--build-arg"])?;
    for (name, value) in &line.options {
        let given = value.unwrap_or_default();
        let value = match *name {
            "--push" | "--builder" | "--load" => continue,
            "-o" | "--output" if super::is_pushed(line) && !given.contains("dest=") => continue,
            "-f" | "--file" if given != "-" => Some(path(given, asked, tools)?),
            "--iidfile" | "--metadata-file" => Some(path(given, asked, tools)?),
            "-o" | "--output" if given.contains('=') => Some(fields(given, &["dest"], asked, tools)?),
            "-o" | "--output" => Some(path(given, asked, tools)?),
            "--secret" => Some(fields(given, &["src", "source"], asked, tools)?),
            "--cache-from" | "--cache-to" => Some(fields(given, &["src", "dest"], asked, tools)?),
            "--build-context" => match given.split_once('=') {
                Some((name, place)) if !place.contains("://") => {
                    Some(format!("{name}={}", path(place, asked, tools)?))
                }
                _ => Some(given.to_owned()),
            },
            "--ssh" => return Err(Kept::Beyond("--ssh would use the keys of this machine".into())),
            "--allow" | "--security-opt" => {
                return Err(Kept::Beyond(format!("{name} gives it more than a build has")));
            }
            "--network" if given == "host" => {
                return Err(Kept::Beyond("--network host reaches this machine".into()));
            }
            _ => value.map(str::to_owned),
        };
        // The letters of `-qt` come once more on their own.
        if name.len() > 2 && !name.starts_with("--") {
            continue;
        }
        order.arguments.push((*name).to_owned());
        order.arguments.extend(value);
    }
    if line.has(&["--push"]) || command.line.has(&["--load"]) {
        // An image has to be in the engine to be known.
        order.arguments.push("--load".to_owned());
    }
    let [context] = line.words[..] else {
        return Err(Kept::Beyond("it has no context".into()));
    };
    if context == "-" || line.value(&["-f", "--file"]) == Some("-") {
        order.input = Some(input(line, tools)?);
    }
    let remote = context == "-" || context.contains("://") || context.starts_with("git@");
    order.arguments.push(if remote { context.to_owned() } else { path(context, asked, tools)? });
    let names: Vec<String> = line.values(&["-t", "--tag"]).map(full).collect();
    order.after =
        if super::is_pushed(line) { After::Pushed { names, built: true } } else { After::Named(names) };
    Ok(order)
}

/// Options of a container that reach this machine.
const BEYOND: [&str; 9] = [
    "--privileged",
    "--device",
    "--cap-add",
    "--security-opt",
    "--volumes-from",
    "--volume-driver",
    "--runtime",
    "--cgroup-parent",
    "--sysctl",
];

fn run(command: &Command<'_>, scene: &Scene<'_>, mut order: Order) -> Result<Order, Kept> {
    let (line, tools) = (&command.line, scene.tools);
    let asked = line.asked;
    order.variables = variables(line, &["-e", "--env"])?;
    for (name, value) in &line.options {
        let given = value.unwrap_or_default();
        if BEYOND.contains(name) && !matches!(*value, Some("false")) {
            return Err(Kept::Beyond(format!("{name} reaches this machine")));
        }
        if matches!(*name, "--network" | "--net" | "--pid" | "--ipc" | "--uts" | "--userns" | "--cgroupns")
            && (given == "host" || given.starts_with("container:"))
        {
            return Err(Kept::Beyond(format!("{name} {given} reaches this machine")));
        }
        let value = match *name {
            "-v" | "--volume" => Some(match given.split_once(':') {
                Some((place, rest)) if place.starts_with(['/', '.', '~']) || place.contains('/') => {
                    format!("{}:{rest}", path(place, asked, tools)?)
                }
                _ => given.to_owned(),
            }),
            "--mount" if given.contains("type=bind") => {
                Some(fields(given, &["source", "src"], asked, tools)?)
            }
            "--env-file" | "--label-file" | "--cidfile" => Some(path(given, asked, tools)?),
            // There is no terminal.
            "-t" | "--tty" => continue,
            _ => value.map(str::to_owned),
        };
        if name.len() > 2 && !name.starts_with("--") {
            continue;
        }
        order.arguments.push((*name).to_owned());
        order.arguments.extend(value);
    }
    if line.has(&["-i", "--interactive"]) {
        order.input = Some(input(line, tools)?);
    }
    order.arguments.extend(line.words.iter().map(|word| (*word).to_owned()));
    Ok(order)
}

fn copy(
    command: &Command<'_>,
    scene: &Scene<'_>,
    base: &dyn Fn(Vec<String>) -> Order,
) -> Result<Order, Kept> {
    let mut order = base(vec!["cp".to_owned()]);
    for word in &command.line.words {
        let container = word
            .split_once(':')
            .map(|(name, _)| name)
            .filter(|name| !name.contains('/') && !name.starts_with('.'));
        match container {
            Some(name) => {
                order.touched.push((Kind::Container, name.to_owned()));
                order.arguments.push((*word).to_owned());
            }
            None if *word == "-" => {
                return Err(Kept::Beyond("archives are not copied by way of a pipe".into()));
            }
            None => order.arguments.push(path(word, command.line.asked, scene.tools)?),
        }
    }
    Ok(order)
}

fn archive(
    command: &Command<'_>,
    scene: &Scene<'_>,
    base: &dyn Fn(Vec<String>) -> Order,
) -> Result<Order, Kept> {
    let line = &command.line;
    let mut order = base(vec![command.name.to_owned()]);
    for (name, value) in &line.options {
        order.arguments.push((*name).to_owned());
        order.arguments.extend(match (*name, *value) {
            ("-o" | "--output" | "-i" | "--input", Some(file)) => Some(path(file, line.asked, scene.tools)?),
            (_, value) => value.map(str::to_owned),
        });
    }
    let from_input = match command.name {
        "load" => !line.has(&["-i", "--input"]),
        "import" => line.word(0) == Some("-"),
        _ => false,
    };
    if from_input {
        order.input = Some(input(line, scene.tools)?);
    }
    for (index, word) in line.words.iter().enumerate() {
        let is_file = command.name == "import" && index == 0 && *word != "-" && !word.contains("://");
        order.arguments.push(if is_file { path(word, line.asked, scene.tools)? } else { (*word).to_owned() });
    }
    Ok(order)
}

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

/// Runs the client, handing on what it prints; its status. When nobody listens any more the client is ended.
fn stream(engine: &Engine, order: &Order, speaker: &mut Speaker<'_>) -> io::Result<i32> {
    let (out, out_end) = io::pipe()?;
    let (err, err_end) = io::pipe()?;
    let mut env = engine.env.clone();
    env.extend(order.variables.iter().map(|(name, value)| (name.into(), value.into())));
    let client = duct::cmd(&engine.program, &order.arguments).full_env(env).unchecked();
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

/// Removes what this execution made. What could not be removed is told.
pub(in crate::aws::shims) fn tidy(engine: &Engine, tools: &Tools) -> Vec<String> {
    if engine.there.get() != Some(&true) {
        // It was never asked for anything.
        return Vec::new();
    }
    let mut left = Vec::new();
    let mut remove = |what: &str, names: Vec<String>, arguments: &[&str]| {
        for name in names {
            let all: Vec<&str> = arguments.iter().copied().chain([name.as_str()]).collect();
            if engine.ask(&all).is_none() {
                left.push(format!("the {what} {name} could not be removed from the container engine"));
            }
        }
    };
    let filter = format!("label={LABEL}={}", tools.execution);
    let listed = |arguments: &[&str]| -> Vec<String> {
        let all: Vec<&str> = arguments.iter().copied().chain(["--filter", &filter]).collect();
        let said = engine.ask(&all).unwrap_or_default();
        let mut names: Vec<String> = said.lines().map(str::to_owned).collect();
        names.dedup();
        names
    };
    remove("container", listed(&["ps", "-aq"]), &["rm", "-f", "-v"]);
    let named: Vec<String> = locked(tools).images().map(|(name, _)| name.to_owned()).collect();
    let there = |name: &String| engine.ask(&["image", "inspect", "--format", "{{.Id}}", name]).is_some();
    remove("image", named.into_iter().filter(there).collect(), &["rmi"]);
    remove("image", listed(&["images", "-q"]), &["rmi", "-f"]);
    remove("network", listed(&["network", "ls", "-q"]), &["network", "rm"]);
    remove("volume", listed(&["volume", "ls", "-q"]), &["volume", "rm"]);
    left
}
