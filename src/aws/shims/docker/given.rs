//! The options of a command, as an engine gets them.
//!
//! Owns: going through them, each with what `values` makes of it. Leaves to `order` the rest of the command.

use super::Command;
use super::means::Means;
use super::order::{Kept, Need, Order};
use super::state::{full, is_reference};
use super::values::{self, Ready, Side};

/// What the options of a command ask for besides what they hand on.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) input: bool,
    pub(super) pushed: bool,
    pub(super) names: Vec<String>,
    /// From files, which come before what is given one by one.
    pub(super) first: Vec<String>,
}

/// Hands the options on, each with what becomes of its value.
pub(super) fn options(command: &Command<'_>, side: &Side<'_>, order: &mut Order) -> Result<Wanted, Kept> {
    let mut wanted = Wanted::default();
    let named =
        command.options.iter().filter(|(option, value)| option.means == Means::Env && !value.contains('='));
    let named: Vec<&str> = named.map(|(_, value)| *value).collect();
    side.variables(&named)?;
    for (option, given) in &command.options {
        let (name, given) = (option.name, *given);
        let ready = match option.means {
            Means::Switch | Means::Plain => Ready::value(given),
            Means::Moot | Means::MootSwitch => continue,
            Means::BeyondSwitch if given == "false" => continue,
            Means::Beyond | Means::BeyondSwitch => {
                return Err(Kept::Beyond(format!("{name} reaches beyond this build")));
            }
            Means::OneOf(list) => values::one_of(name, given, list)?,
            Means::Input => {
                wanted.input |= given == "true";
                Ready::value(given)
            }
            Means::Push => {
                wanted.pushed = given == "true";
                continue;
            }
            Means::Env if given.contains('=') => Ready::value(given),
            Means::Env => match side.variables(&[given])?.pop() {
                Some((name, value)) => Ready::value(format!("{name}={value}")),
                None => continue,
            },
            Means::EnvFile | Means::LabelFile => {
                let lines = side.lines(name, given)?;
                let plain: Vec<&str> = lines.iter().filter(|line| !line.contains('=')).copied().collect();
                let option = if option.means == Means::EnvFile { "--env" } else { "--label" };
                let known = if option == "--env" { side.variables(&plain)? } else { Vec::new() };
                for line in lines {
                    let value = known.iter().find(|(name, _)| name == line);
                    match value {
                        Some((name, value)) => wanted.first.push(format!("{option}={name}={value}")),
                        None if line.contains('=') || option == "--label" => {
                            wanted.first.push(format!("{option}={line}"));
                        }
                        None => {}
                    }
                }
                continue;
            }
            Means::Hosts => values::hosts(given)?,
            Means::Publish => values::publish(given)?,
            Means::Network => values::network(given)?,
            Means::Volume => side.volume(given)?,
            Means::Mount => side.mount(given)?,
            Means::Container => values::container(given),
            // A Dockerfile on standard input.
            Means::Read if given == "-" && command.name == "build" => {
                wanted.input = true;
                Ready::value(given)
            }
            Means::Read | Means::Written => Ready::value(side.path(given)?),
            Means::Context => side.context(given)?,
            Means::Output => {
                let exported = side.output(given)?;
                wanted.pushed |= exported.pushed;
                for name in exported.names {
                    tagged(&name, &mut wanted, order)?;
                }
                Ready { value: exported.value, ..Ready::default() }
            }
            Means::Secret => {
                let (ready, variable) = side.secret(given, order.variables.len())?;
                order.variables.extend(variable);
                ready
            }
            Means::CacheFrom | Means::CacheTo => {
                let ready = side.cache(given, option.means == Means::CacheFrom)?;
                if ready.value.is_none() {
                    order
                        .notes
                        .push(format!("left out: {name} {given}: no cache outside of this build is used"));
                }
                ready
            }
            Means::Tag => {
                tagged(given, &mut wanted, order)?;
                continue;
            }
            Means::Platform if given.contains(',') => {
                order
                    .notes
                    .push(format!("left out: {name} {given}: built for this machine's own platform only"));
                continue;
            }
            Means::Platform => Ready::value(given),
        };
        order.needs.extend(ready.needs);
        // Nobody's image is to get another's name by being pulled.
        let value = ready
            .value
            .map(|value| if name == "--pull" && value == "always" { "missing".into() } else { value });
        order.arguments.extend(value.map(|value| format!("{name}={value}")));
    }
    Ok(wanted)
}

/// Gives what is built a name.
fn tagged(name: &str, wanted: &mut Wanted, order: &mut Order) -> Result<(), Kept> {
    if !is_reference(name) {
        let told = format!("ERROR: failed to build: invalid tag \"{name}\": invalid reference format\n");
        return Err(Kept::Failed(1, told));
    }
    order.arguments.push(format!("--tag={name}"));
    order.needs.push(Need::Free(full(name)));
    wanted.names.push(full(name));
    Ok(())
}
