//! What may be handed to the user's container engine.
//!
//! Owns: translating a build's paths, the label on what is made, keeping back what reaches beyond the build's folders.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::engine::LABEL;
use super::state::{full, is_reference};
use super::{Command, is_pushed};
use crate::aws::shims::Tools;
use crate::aws::shims::line::Line;
use crate::aws::shims::verdict::{Said, Scene, Verdict};
use crate::aws::shims::wire::{Asked, Look};

/// A kind of thing in an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Container,
    Image,
    Network,
    Volume,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
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
    pub(super) arguments: Vec<String>,
    /// Variables that they speak of.
    pub(super) variables: BTreeMap<String, String>,
    /// What it touches, which has to be of this execution.
    pub(super) touched: Vec<(Kind, String)>,
    /// The directory it runs in, outside.
    pub(super) directory: Option<PathBuf>,
    /// The file that is its standard input.
    pub(super) input: Option<PathBuf>,
    /// What follows when it succeeds.
    pub(super) after: After,
}

/// What follows a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// Images of these names are of this execution.
    Named(Vec<String>),
    /// The image was built and is as good as pushed, or only that: its names.
    Pushed { names: Vec<String>, built: bool },
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
            "-o" | "--output" if is_pushed(line) && !given.contains("dest=") => continue,
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
    order.after = if is_pushed(line) { After::Pushed { names, built: true } } else { After::Named(names) };
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
