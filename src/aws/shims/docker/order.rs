//! What may be handed to the user's container engine.
//!
//! Owns: the command as the engine gets it, written anew: only options of the table (`options`), each with what `values` made
//! of it, our label after all others, so that it cannot be overwritten. Leaves to `needs` what has to be so in the engine, to
//! `obey` handing it over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::engine::{Engine, LABEL};
use super::given::{Wanted, options};
use super::state::{full, is_private, is_reference};
use super::values::{self, Side};
use super::{Command, dockerfile, locked, login, needs, simulate, without};
use crate::aws::shims::verdict::{Said, Scene, Verdict};
use crate::aws::shims::wire::Look;

/// A kind of thing in an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// What has to be so in the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// This execution made it.
    Ours(Kind, String),
    /// The image may be looked at: this execution made, pulled or used it.
    Known(String),
    /// No other image has this name.
    Free(String),
    /// The volume is of this execution, or there is none of this name yet.
    Volume(String),
    /// The image is there, since it cannot be pulled: what is run.
    There(String),
    /// The same of what is built upon.
    Base(String),
}

impl Need {
    fn name(&self) -> &str {
        match self {
            Self::Ours(_, name)
            | Self::Known(name)
            | Self::Free(name)
            | Self::Volume(name)
            | Self::There(name)
            | Self::Base(name) => name,
        }
    }

    /// Whether the name could be one: it becomes a part of what the client asks the engine, where `/` and `..` mean more.
    fn is_name(&self) -> bool {
        match self {
            Self::Ours(Kind::Container | Kind::Network | Kind::Volume, name) | Self::Volume(name) => {
                values::is_name(name)
            }
            Self::Ours(Kind::Image, name)
            | Self::Known(name)
            | Self::Free(name)
            | Self::There(name)
            | Self::Base(name) => is_reference(name),
        }
    }
}

/// A command for the engine.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::aws::shims) struct Order {
    /// The client's arguments.
    pub(super) arguments: Vec<String>,
    /// Variables of the client, under names of ours.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) needs: Vec<Need>,
    /// The file that is its standard input.
    pub(super) input: Option<PathBuf>,
    /// What is said before it is handed over.
    pub(super) notes: Vec<String>,
    /// Images of others that are this execution's to look at from then on.
    pub(super) uses: Vec<String>,
    /// What follows when it succeeds.
    pub(super) after: After,
}

/// What follows a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    #[default]
    Nothing,
    /// Images of these names are of this execution; with `pushed` they are as good as pushed.
    Named { names: Vec<String>, pushed: bool },
    /// These names are gone.
    Unnamed(Vec<String>),
    /// In place of a push: these images are as good as pushed.
    Push(Vec<String>),
    /// This image was not there before.
    Pulled(String),
    /// An archive was loaded: names in it may be those of others.
    Loaded,
    /// In place of the engine's list of images.
    Listed(Listing),
}

/// A list of images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) form: Form,
    /// Of this repository, or of this name.
    pub(super) wanted: Option<String>,
}

/// What is said of each image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// The usual table.
    Table,
    /// What it is.
    Ids,
    /// What this template says.
    Own(String),
}

/// Why a command is not handed to the engine.
#[derive(Debug)]
pub(super) enum Kept {
    Look(Box<Look>),
    /// It reaches further than the build may: recorded, not run.
    Beyond(String),
    /// It would fail: its status, and what docker says.
    Failed(i32, String),
    /// It would touch what others made.
    Refused(String),
}

impl Kept {
    pub(super) fn look(look: Look) -> Self {
        Self::Look(Box::new(look))
    }
}

/// A command for which there is an engine.
pub(super) fn command(command: &Command<'_>, scene: &Scene<'_>, engine: &Engine) -> Verdict {
    // An image whose build was only recorded is in no engine.
    let simulated = |name: &str| locked(scene.tools).image(name).is_some_and(|image| !image.real);
    let named = match command.name {
        "tag" | "push" | "rmi" | "image inspect" | "inspect" | "history" | "save" | "run" | "create" => {
            command.line.word(0)
        }
        _ => None,
    };
    if command.name.starts_with("manifest ") || named.is_some_and(simulated) {
        return without::command(command, scene);
    }
    if let ("pull", Some(name)) = (command.name, command.line.word(0))
        && engine.has(Kind::Image, name)
    {
        // Were a newer one pulled, this one would lose its name, and may be somebody's.
        locked(scene.tools).used(name, false);
        return Said::answer(format!("Status: Image is up to date for {0}\n{0}\n", full(name)));
    }
    let order = order(command, scene, Some(engine));
    match order.and_then(|order| needs::met(&order, engine, scene.tools).map(|()| order)) {
        Ok(order) => Verdict::Engine(Box::new(order)),
        Err(Kept::Look(look)) => Verdict::Look(look),
        Err(Kept::Failed(status, err)) => Said::failure(status, err),
        Err(Kept::Refused(reason)) => Verdict::Refused { reason, status: 1 },
        Err(Kept::Beyond(why)) if command.name == "build" => simulate::build(command, scene, &why),
        Err(Kept::Beyond(why)) => {
            let made = match command.name {
                "run" | "create" => command.line.value(&["--name"]).map(|name| (Kind::Container, name)),
                "network create" => command.line.word(0).map(|name| (Kind::Network, name)),
                "volume create" => command.line.word(0).map(|name| (Kind::Volume, name)),
                _ => None,
            };
            if let Some((kind, name)) = made {
                locked(scene.tools).record(kind, name);
            }
            Verdict::Said(Said {
                err: format!("rehearsal: recorded, not run: docker {}: {why}\n", command.name),
                simulated: true,
                ..Said::default()
            })
        }
    }
}

/// The command as the engine gets it.
pub(super) fn order(
    command: &Command<'_>,
    scene: &Scene<'_>,
    engine: Option<&Engine>,
) -> Result<Order, Kept> {
    let line = &command.line;
    let side = Side { asked: line.asked, tools: scene.tools };
    let mut order = Order::default();
    let mut wanted = options(command, &side, &mut order)?;
    let label = format!("{LABEL}={}", scene.tools.execution);
    order.arguments.splice(0..0, std::mem::take(&mut wanted.first));
    let words = || line.words.iter().map(|word| (*word).to_owned());
    let mut operands: Vec<String> = words().collect();
    let ours = |kind: Kind, names: &mut dyn Iterator<Item = String>| -> Vec<Need> {
        names.map(|name| Need::Ours(kind, name)).collect()
    };
    let mut name = command.name.to_owned();
    match command.name {
        "build" => {
            order.arguments.push(format!("--label={label}"));
            operands = build(command, &side, &wanted, &mut order)?;
        }
        "run" | "create" => {
            let image = line.word(0).unwrap_or_default();
            if !is_reference(image) {
                return Err(Kept::Failed(125, "docker: invalid reference format\n".into()));
            }
            order.arguments.push(format!("--label={label}"));
            order.uses.push(image.to_owned());
            if is_private(image) {
                order.needs.push(Need::There(image.to_owned()));
            }
        }
        "network create" | "volume create" => order.arguments.push(format!("--label={label}")),
        "tag" => {
            if let Some(wrong) = operands.iter().find(|name| !is_reference(name)) {
                let told = format!(
                    "Error parsing reference: \"{wrong}\" is not a valid repository/tag: invalid reference format\n"
                );
                return Err(Kept::Failed(1, told));
            }
            order.needs.push(Need::Known(operands[0].clone()));
            order.needs.push(Need::Free(full(&operands[1])));
            order.after = After::Named { names: vec![operands[1].clone()], pushed: false };
        }
        "push" => {
            let name = line.word(0).unwrap_or_default();
            if !is_reference(name) {
                return Err(Kept::Failed(1, "invalid reference format\n".into()));
            }
            match login::missing(line, name) {
                Some(Verdict::Look(look)) => return Err(Kept::Look(look)),
                Some(_) => return Err(Kept::Failed(1, "no basic auth credentials\n".into())),
                None => {}
            }
            let all = line.has(&["--all-tags"]);
            let names = if all { locked(scene.tools).tags(name) } else { vec![full(name)] };
            order.after = After::Push(if names.is_empty() { vec![full(name)] } else { names });
            return Ok(order);
        }
        "pull" => {
            let image = line.word(0).unwrap_or_default();
            if !is_reference(image) {
                return Err(Kept::Failed(1, "invalid reference format\n".into()));
            }
            if is_private(image) {
                return Err(Kept::Beyond("its repository is in your account".into()));
            }
            order.after = After::Pulled(image.to_owned());
        }
        "rmi" => {
            order.needs = ours(Kind::Image, &mut words());
            order.after = After::Unnamed(words().collect());
        }
        "image inspect" | "history" | "save" => order.needs = words().map(Need::Known).collect(),
        "rm" => {
            // A volume without a name would be left when its container is gone.
            order.arguments.push("--volumes=true".into());
            order.needs = ours(Kind::Container, &mut words());
        }
        "stop" | "kill" | "start" | "restart" | "pause" | "unpause" | "update" | "wait" | "logs"
        | "container inspect" => order.needs.extend(ours(Kind::Container, &mut words())),
        "stats" if !operands.is_empty() => order.needs.extend(ours(Kind::Container, &mut words())),
        "exec" | "rename" | "attach" | "top" | "port" | "diff" | "export" => {
            order.needs.extend(ours(Kind::Container, &mut words().take(1)));
        }
        "commit" => {
            order.needs.extend(ours(Kind::Container, &mut words().take(1)));
            named(&operands, &label, &mut order)?;
        }
        "import" => {
            // The client looks at no more.
            operands.truncate(2);
            let from = line.word(0).unwrap_or_default();
            if values::is_remote(from) || from.contains("://") {
                return Err(Kept::Beyond(format!("{from} would be fetched by the engine of this machine")));
            }
            if from == "-" {
                order.input = Some(side.input()?);
            } else {
                operands[0] = side.path(from)?;
            }
            named(&operands, &label, &mut order)?;
        }
        "load" => {
            if line.value(&["--input"]).is_none() {
                order.input = Some(side.input()?);
            }
            order.after = After::Loaded;
        }
        "network rm" | "network inspect" => order.needs = ours(Kind::Network, &mut words()),
        "network connect" | "network disconnect" => {
            order.needs.extend(ours(Kind::Network, &mut words().take(1)));
            order.needs.extend(ours(Kind::Container, &mut words().skip(1)));
        }
        "volume rm" | "volume inspect" => order.needs = ours(Kind::Volume, &mut words()),
        "cp" => {
            for operand in &mut operands {
                copied(operand, &side, &mut order.needs)?;
            }
        }
        "inspect" => {
            let kind = kind(line.value(&["--type"]), &line.words, engine, scene)?;
            name = format!("{} inspect", kind.word());
            order.needs = match kind {
                Kind::Image => words().map(Need::Known).collect(),
                Kind::Container | Kind::Network | Kind::Volume => ours(kind, &mut words()),
            };
        }
        "ps" | "network ls" | "volume ls" => order.arguments.push(format!("--filter=label={label}")),
        "images" => match listing(line) {
            Some(listing) => {
                order
                    .arguments
                    .retain(|option| ["--all=", "--no-trunc="].iter().any(|name| option.starts_with(name)));
                order.after = After::Listed(listing);
                operands.clear();
            }
            // Those that bear the label: what else this execution may look at cannot be told from the rest of these lists.
            None => order.arguments.push(format!("--filter=label={label}")),
        },
        "info" | "version" => {}
        other => {
            return Err(Kept::Beyond(format!("docker {other} is not handed to the engine of this machine")));
        }
    }
    if wanted.input {
        order.input = Some(side.input()?);
    }
    if let Some(need) = order.needs.iter().find(|need| !need.is_name()) {
        return Err(Kept::Refused(format!("{:?} is no name of what this execution made", need.name())));
    }
    let own = name.split(' ').map(str::to_owned).collect::<Vec<_>>();
    order.arguments.splice(0..0, own);
    if !operands.is_empty() {
        // From here on nothing is an option, whatever it looks like.
        order.arguments.push("--".into());
        order.arguments.extend(operands);
    }
    Ok(order)
}

/// The second of these operands names a new image, which is labelled.
fn named(operands: &[String], label: &str, order: &mut Order) -> Result<(), Kept> {
    order.arguments.push(format!("--change=LABEL {label}"));
    if let Some(name) = operands.get(1) {
        if !is_reference(name) {
            return Err(Kept::Failed(1, "invalid reference format\n".into()));
        }
        order.needs.push(Need::Free(full(name)));
        order.after = After::Named { names: vec![name.clone()], pushed: false };
    }
    Ok(())
}

fn build(
    command: &Command<'_>,
    side: &Side<'_>,
    wanted: &Wanted,
    order: &mut Order,
) -> Result<Vec<String>, Kept> {
    let line = &command.line;
    let context = line.word(0).unwrap_or_default();
    if values::is_remote(context) || context.contains("://") || values::is_remote_name(context) {
        return Err(Kept::Beyond(
            "its context would be fetched by the engine of this machine, past all that is recorded; clone it and build the folder".into(),
        ));
    }
    order.after = After::Named { names: wanted.names.clone(), pushed: wanted.pushed };
    let file = line.value(&["--file"]);
    if context == "-" {
        order.input = Some(side.input()?);
        return Ok(vec![context.to_owned()]);
    }
    let folder = side.path(context)?;
    if file == Some("-") {
        return Ok(vec![folder]);
    }
    let file = file.map_or_else(|| Path::new(context).join("Dockerfile"), PathBuf::from);
    side.path(&file.to_string_lossy())?;
    match line.asked.seen.read.get(&file) {
        None => return Err(Kept::look(Look { read: vec![file], ..Look::default() })),
        // The builder says what is wrong with it.
        Some(None) => {}
        Some(Some(text)) => {
            let arguments = line.values(&["--build-arg"]).filter_map(|argument| argument.split_once('='));
            let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let plan = dockerfile::read(text, &arguments, line.value(&["--target"]));
            for base in plan.map(|plan| plan.bases).unwrap_or_default() {
                if is_private(&base) {
                    order.needs.push(Need::Base(base.clone()));
                }
                if is_reference(&base) && base != "scratch" {
                    order.uses.push(base);
                }
            }
        }
    }
    Ok(vec![folder])
}

/// `CONTAINER:PATH`, or a path of the build.
fn copied(operand: &mut String, side: &Side<'_>, needs: &mut Vec<Need>) -> Result<(), Kept> {
    let container = operand.split_once(':').map(|(name, _)| name);
    match container.filter(|name| !name.contains('/') && !name.starts_with('.')) {
        Some(name) => needs.push(Need::Ours(Kind::Container, name.to_owned())),
        None if operand == "-" => {
            return Err(Kept::Beyond("archives are not copied by way of a pipe".into()));
        }
        None => *operand = side.path(operand)?,
    }
    Ok(())
}

/// What kind of thing is inspected: of what this execution made where nothing says so.
fn kind(
    given: Option<&str>,
    names: &[&str],
    engine: Option<&Engine>,
    scene: &Scene<'_>,
) -> Result<Kind, Kept> {
    let all = [Kind::Container, Kind::Image, Kind::Network, Kind::Volume];
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        let kind = all.into_iter().find(|kind| kind.word() == given);
        return kind.ok_or_else(|| Kept::Beyond(format!("--type {given} reaches beyond this build")));
    }
    let is_ours = |kind: Kind, name: &str| {
        let known = {
            let state = locked(scene.tools);
            kind == Kind::Image && (state.image(name).is_some() || state.uses(name))
        };
        known || engine.is_some_and(|engine| engine.is_ours(kind, name, &scene.tools.execution))
    };
    let found = all.into_iter().find(|kind| names.iter().all(|name| is_ours(*kind, name)));
    found.ok_or_else(|| {
        Kept::Refused(format!("{}: this execution made nothing of this name", names.join(" ")))
    })
}

/// A list of images of which each row can be told to be this execution's or not.
fn listing(line: &super::Line<'_>) -> Option<Listing> {
    let format = line.value(&["--format"]);
    let is_pattern = line.word(0).is_some_and(|wanted| wanted.contains(['*', '?', '[']));
    if is_pattern
        || line.has(&["--filter", "--digests", "--tree"])
        || format.is_some_and(|format| format.starts_with("table"))
    {
        return None;
    }
    let form = match format {
        _ if line.has(&["--quiet"]) => Form::Ids,
        None => Form::Table,
        Some("json") => Form::Own("{{json .}}".into()),
        Some(format) => Form::Own(format.to_owned()),
    };
    Some(Listing { form, wanted: line.word(0).map(str::to_owned) })
}
