//! What has to be so in the engine before it gets a command.
//!
//! Owns: asking the engine, and what is said when it is not so. What others made is neither changed nor shown; a name that
//! is another image's is not taken from it.

use super::engine::Engine;
use super::locked;
use super::order::{Kept, Kind, Need, Order};
use crate::aws::shims::Tools;

/// Whether all that an order needs is so.
pub(super) fn met(order: &Order, engine: &Engine, tools: &Tools) -> Result<(), Kept> {
    order.needs.iter().try_for_each(|need| one(need, engine, tools))
}

fn one(need: &Need, engine: &Engine, tools: &Tools) -> Result<(), Kept> {
    let recorded = |kind: Kind, name: &str| {
        if locked(tools).is_recorded(kind, name) {
            let why = format!("the {} {name} was recorded only, so it is not there", kind.word());
            return Err(Kept::Beyond(why));
        }
        Ok(())
    };
    let foreign = |kind: Kind, name: &str| {
        Kept::Refused(format!("the {} {name} is not one that this execution made", kind.word()))
    };
    let is_own_image = |name: &str| {
        let named = locked(tools).image(name).is_some();
        named || engine.is_ours(Kind::Image, name, &tools.execution)
    };
    let gone = "its repository is in your account, which a rehearsal does not reach, and the engine of this machine does not have it";
    let is_so = match need {
        Need::Ours(Kind::Image, name) => locked(tools).has_pulled(name) || is_own_image(name),
        Need::Ours(kind, name) => {
            recorded(*kind, name)?;
            engine.is_ours(*kind, name, &tools.execution)
        }
        Need::Known(name) => locked(tools).uses(name) || is_own_image(name),
        Need::Free(name) => !engine.has(Kind::Image, name) || is_own_image(name),
        Need::Volume(name) => {
            recorded(Kind::Volume, name)?;
            !engine.has(Kind::Volume, name) || engine.is_ours(Kind::Volume, name, &tools.execution)
        }
        Need::There(name) | Need::Base(name) => engine.has(Kind::Image, name),
    };
    match need {
        _ if is_so => Ok(()),
        Need::Ours(kind, name) => Err(foreign(*kind, name)),
        Need::Known(name) => Err(foreign(Kind::Image, name)),
        Need::Volume(name) => Err(foreign(Kind::Volume, name)),
        Need::Free(name) => Err(Kept::Refused(format!(
            "{name} is the name of another image on this machine, which would lose it. Give that one another name (docker tag {name} NAME; docker rmi {name}), or this one"
        ))),
        Need::There(name) => {
            Err(Kept::Failed(125, format!("Unable to find image '{name}' locally\nrehearsal: {gone}\n")))
        }
        Need::Base(name) => Err(Kept::Beyond(format!("it is built upon {name}: {gone}"))),
    }
}
