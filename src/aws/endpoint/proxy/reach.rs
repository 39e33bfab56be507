//! What a build reaches, said by whoever starts it.
//!
//! Owns: the three ways out, places by host and port, the user's own proxies as their environment names them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::hosts;

/// What a session's proxy lets through, and who may ask.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// What is let through.
    pub way_out: WayOut,
    /// Only the build can connect to the listener, because it is in a network namespace of its own: whoever connects is
    /// of the session, whatever keys it signs with, and also when it does not sign (AssumeRoleWithWebIdentity,
    /// `--no-sign-request`). On the bare host anybody might be asking, so only the session's keys count.
    pub private: bool,
    /// The user's own proxies, through which connections are made.
    pub upstreams: Upstreams,
}

/// What is let through. Hosts of AWS never are, nor where machines keep the credentials of their role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WayOut {
    /// Nothing.
    #[default]
    Closed,
    /// The public internet, and these package registries wherever they are. Names are looked up here.
    Public {
        /// Where the user's own clients find their packages.
        registries: Vec<Place>,
    },
    /// Whatever this machine reaches. For the bare host, where nothing keeps a build from going around the proxy.
    Host,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// A name or address, in lower case, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Place {
    /// Reads `HOST:PORT`, `[ADDRESS]:PORT`, or without a port when there is a usual one. Whatever stands before an `@` is
    /// left out.
    pub fn parse(text: &str, usual: Option<u16>) -> Option<Self> {
        let text = text.rsplit_once('@').map_or(text, |(_, place)| place);
        let (host, port, is_host) = if let Some(rest) = text.strip_prefix('[') {
            let (host, port) = rest.split_once(']')?;
            let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
            (host, port, host.parse::<Ipv6Addr>().is_ok())
        } else {
            let (host, port) = text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
            let host = host.strip_suffix('.').unwrap_or(host);
            (host, port, is_name(host))
        };
        let port = match port {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => port.parse().ok()?,
            Some(_) => return None,
            None => usual?,
        };
        let host = host.to_ascii_lowercase();
        (is_host && port != 0).then_some(Self { host, port })
    }

    /// Whether it is this machine's loopback address.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Reads the place of an `http://` or `https://` URL.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let usual = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        Self::parse(&rest[..end], Some(usual))
    }
}

/// Whether a text is a host's name, or an IPv4 address. A user's proxy could take anything else for another name than the
/// one that was judged: it may undo `%2E`, end a name at a backslash, or leave out a second dot at the end.
fn is_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// The user's own proxies.
#[derive(Debug, Clone, Default)]
pub struct Upstreams {
    /// For what is encrypted.
    pub https: Option<Upstream>,
    /// For plain HTTP.
    pub http: Option<Upstream>,
    /// Hosts and domains that are reached without them; `*` is all.
    pub direct: Vec<String>,
}

/// A proxy that connections are made through.
#[derive(Clone, PartialEq, Eq)]
pub enum Upstream {
    /// One that speaks HTTP.
    Http {
        /// Where it is.
        place: Place,
        /// What it is shown in `Proxy-Authorization`.
        authorization: Option<String>,
    },
    /// One that speaks something else, by its scheme: `socks5`. Nothing is let through then.
    Unspoken(String),
}

/// Without the password.
impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { place, .. } => write!(f, "Http({place})"),
            Self::Unspoken(scheme) => write!(f, "Unspoken({scheme})"),
        }
    }
}

impl Upstreams {
    /// As an environment names them: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
    pub fn of_environment(variables: &BTreeMap<OsString, OsString>) -> Self {
        let get = |name: &str| {
            let names = [name.to_ascii_lowercase(), name.to_owned()];
            let found = names
                .iter()
                .find_map(|name| variables.get(OsStr::new(name)).filter(|value| !value.is_empty()));
            found.and_then(|value| value.to_str()).map(str::to_owned)
        };
        let proxy = |name: &str| Upstream::parse(&get(name).or_else(|| get("ALL_PROXY"))?);
        let direct = get("NO_PROXY").unwrap_or_default();
        let direct = direct.split([',', ' ']).map(|entry| entry.trim().to_ascii_lowercase());
        Self {
            https: proxy("HTTPS_PROXY"),
            http: proxy("HTTP_PROXY"),
            direct: direct.filter(|entry| !entry.is_empty()).collect(),
        }
    }

    /// The proxy for a place, if it is reached through one.
    pub(in crate::aws::endpoint) fn of(&self, place: &Place, tunnel: bool) -> Option<&Upstream> {
        let is_direct = self.direct.iter().any(|entry| {
            let name = entry.split_once(':').map_or(entry.as_str(), |(name, _)| name);
            let name = name.trim_start_matches('*').trim_start_matches('.');
            entry == "*" || *entry == place.host || (!name.is_empty() && hosts::is_below(&place.host, name))
        });
        if is_direct {
            return None;
        }
        if tunnel { self.https.as_ref() } else { self.http.as_ref() }
    }
}

impl Upstream {
    /// Reads `http://USER:PASSWORD@HOST:PORT`; without a scheme it is HTTP.
    fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !scheme.eq_ignore_ascii_case("http") {
            return Some(Self::Unspoken(scheme.to_ascii_lowercase()));
        }
        let rest = rest.split('/').next().unwrap_or_default();
        let place = Place::parse(rest, Some(80))?;
        let user = rest.rsplit_once('@').map(|(user, _)| user);
        let authorization = user.map(|user| {
            // Names and passwords are percent-encoded in a URL; a plus sign is one.
            let user = user.replace('+', "%2B");
            let decoded = super::super::wire::query::pairs(&user);
            let (mut text, value) = decoded.into_iter().next().unwrap_or_default();
            if user.contains('=') {
                text = format!("{text}={value}");
            }
            if !text.contains(':') {
                text.push(':');
            }
            format!("Basic {}", STANDARD.encode(text))
        });
        Some(Self::Http { place, authorization })
    }
}
