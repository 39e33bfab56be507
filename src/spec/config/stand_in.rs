//! Stand-ins for parameters and secrets: a text, or one of `literal`, `env`, `file`, `command`, `fetch`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::StandIn;
use crate::spec::schema::config::STAND_IN;

impl<'de> Deserialize<'de> for StandIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StandInVisitor)
    }
}

struct StandInVisitor;

/// `true`, or the name to fetch.
struct Fetch(Option<String>);

impl<'de> Deserialize<'de> for Fetch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FetchVisitor;
        impl Visitor<'_> for FetchVisitor {
            type Value = Fetch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, or the name under which AWS has the value")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Fetch, E> {
                if value {
                    Ok(Fetch(None))
                } else {
                    Err(E::invalid_value(de::Unexpected::Bool(value), &self))
                }
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Fetch, E> {
                if name.is_empty() {
                    return Err(E::invalid_value(de::Unexpected::Str(name), &self));
                }
                Ok(Fetch(Some(name.to_owned())))
            }
        }
        deserializer.deserialize_any(FetchVisitor)
    }
}

impl<'de> Visitor<'de> for StandInVisitor {
    type Value = StandIn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text (a number needs quotes), or one of literal, env, file, command and fetch")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<StandIn, E> {
        Ok(StandIn::Literal(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StandIn, A::Error> {
        let key = map.next_key::<String>()?;
        let Some(key) = key else { return Err(de::Error::invalid_length(0, &self)) };
        let stand_in = match key.as_str() {
            "literal" => StandIn::Literal(map.next_value()?),
            "env" => StandIn::Env(map.next_value()?),
            "file" => StandIn::File(map.next_value()?),
            "command" => StandIn::Command(map.next_value()?),
            "fetch" => StandIn::Fetch(map.next_value::<Fetch>()?.0),
            _ => return Err(de::Error::unknown_field(&key, STAND_IN.names)),
        };
        match map.next_key::<String>()? {
            Some(second) => {
                Err(de::Error::custom(format!("`{key}` and `{second}` stand together: keep one")))
            }
            None => Ok(stand_in),
        }
    }
}
