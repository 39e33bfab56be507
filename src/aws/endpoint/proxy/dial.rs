//! Connecting to a place outside, if it is let through.
//!
//! Owns: the decision, looking names up, connecting to one of the addresses that were checked, chaining to the user's
//! own proxy.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Trouble;
use super::hosts;
use super::own;
use super::reach::{Place, Reach, Upstream, WayOut};

/// For looking a name up, for each address that is tried, and for the user's proxy to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Addresses of a name that are tried.
const TRIED: usize = 4;

/// The longest head of another proxy's answer, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// Names that mean something only inside a private network.
const INSIDE: [&str; 8] =
    ["corp", "home.arpa", "internal", "intranet", "lan", "local", "localdomain", "localhost"];

/// Connects to `place`. With `tunnel` the connection leads there; without, it takes plain HTTP, and may lead to the user's
/// proxy.
pub(super) async fn dial(reach: &Reach, place: &Place, tunnel: bool) -> Result<TcpStream, Trouble> {
    let is_registry = match &reach.way_out {
        WayOut::Closed => {
            let reason = format!("{place} is outside, and `--no-network` closes the way out");
            return Err(refused(reason, "Run it without `--no-network` to let it through."));
        }
        WayOut::Public { registries } => registries.contains(place),
        WayOut::Host => true,
    };
    if hosts::is_aws(&place.host) {
        let reason = format!("{} belongs to AWS, which a rehearsal does not reach", place.host);
        let help = "Calls through an SDK or the AWS CLI go to AWS_ENDPOINT_URL, and are answered and recorded there; this \
                    connection went around it. `--allow SERVICE:OPERATION --profile P` lets single calls through that way.";
        return Err(refused(reason, help));
    }
    let upstream = reach.upstreams.of(place, tunnel);
    let addresses = match look_up(place).await {
        Ok(addresses) => addresses,
        // Where everything goes through a proxy, names outside may not be known here.
        Err(_) if upstream.is_some() && (is_registry || is_public_name(&place.host)) => Vec::new(),
        Err(why) => return Err(why),
    };
    if let Some(address) = addresses.iter().find(|address| hosts::is_metadata(address.ip())) {
        let reason = match place.host.parse::<IpAddr>() {
            Ok(_) => format!("{place} is where machines keep the credentials of their role"),
            Err(_) => {
                format!("{place} is {}, where machines keep the credentials of their role", address.ip())
            }
        };
        return Err(refused(
            reason,
            "A rehearsal has made-up credentials, which are in the environment already.",
        ));
    }
    if let Some(address) = addresses.iter().find(|address| !is_registry && hosts::is_private(address.ip())) {
        let reason = match place.host.parse::<IpAddr>() {
            Ok(_) => format!("{place} is an address of a private network"),
            Err(_) => format!("{place} is {}, an address of a private network", address.ip()),
        };
        let help = "The isolated sandbox reaches the public internet and the package registries that pip, npm, cargo, Go \
                    and Maven are configured for on this machine. `--sandbox host` has no such limit.";
        return Err(refused(reason, help));
    }
    if matches!(reach.way_out, WayOut::Public { .. }) && !is_registry {
        if let Some(address) = addresses.iter().find(|address| own::is_own(address.ip())) {
            let reason = match place.host.parse::<IpAddr>() {
                Ok(_) => format!("{place} is an address of this machine"),
                Err(_) => format!("{place} is {}, an address of this machine", address.ip()),
            };
            let help = "What this machine serves is not for builds, as at AWS. A package registry that your clients are \
                        configured for is let through.";
            return Err(refused(reason, help));
        }
        if hosts::is_number(&place.host) {
            let help = "AWS has addresses that nothing tells from others, so only names are let through, and the package \
                        registries that your clients are configured for. `--sandbox host` has no such limit.";
            return Err(refused(format!("{place} is an address without a name"), help));
        }
    }
    match upstream {
        None => direct(place, &addresses).await,
        Some(Upstream::Http { place: proxy, authorization }) => {
            let stream = direct(proxy, &look_up(proxy).await?).await?;
            if tunnel { chain(stream, proxy, place, authorization.as_deref()).await } else { Ok(stream) }
        }
        Some(Upstream::Unspoken(scheme)) => Err(Trouble::Failed(format!(
            "the proxy of this machine is a {scheme} proxy, which rehearsal does not speak; it speaks to http proxies"
        ))),
    }
}

fn refused(reason: String, help: &str) -> Trouble {
    Trouble::Refused { reason, help: help.to_owned() }
}

/// Whether a name that is not known here may be one of the public internet.
fn is_public_name(host: &str) -> bool {
    host.parse::<IpAddr>().is_err()
        && host.contains('.')
        && host.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
        && !INSIDE.iter().any(|domain| hosts::is_below(host, domain))
}

async fn look_up(place: &Place) -> Result<Vec<SocketAddr>, Trouble> {
    if let Ok(address) = place.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, place.port)]);
    }
    match timeout(PATIENCE, tokio::net::lookup_host((place.host.as_str(), place.port))).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                return Err(Trouble::Failed(format!("{} has no address", place.host)));
            }
            Ok(addresses)
        }
        Ok(Err(error)) => Err(Trouble::Failed(format!("cannot look up {}: {error}", place.host))),
        Err(_) => Err(Trouble::Failed(format!("cannot look up {}: no answer in ten seconds", place.host))),
    }
}

async fn direct(place: &Place, addresses: &[SocketAddr]) -> Result<TcpStream, Trouble> {
    let mut last = "it has no address".to_owned();
    for address in addresses.iter().take(TRIED) {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small pieces are not to wait for more.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => "no answer in ten seconds".clone_into(&mut last),
        }
    }
    Err(Trouble::Failed(format!("cannot connect to {place}: {last}")))
}

/// Asks the user's proxy for a tunnel.
async fn chain(
    mut stream: TcpStream,
    proxy: &Place,
    place: &Place,
    authorization: Option<&str>,
) -> Result<TcpStream, Trouble> {
    let authorization =
        authorization.map(|text| format!("Proxy-Authorization: {text}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{authorization}\r\n");
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        // Byte by byte: what follows belongs to the tunnel.
        while !answer.ends_with(b"\r\n\r\n") && answer.len() < LONGEST_ANSWER {
            answer.push(stream.read_u8().await?);
        }
        Ok::<_, std::io::Error>(answer)
    };
    let why = match timeout(PATIENCE, exchange).await {
        Ok(Ok(answer)) => {
            let text = String::from_utf8_lossy(&answer);
            let line = text.lines().next().unwrap_or_default();
            let status = line.split(' ').nth(1).unwrap_or_default();
            if status.len() == 3 && status.starts_with('2') {
                return Ok(stream);
            }
            format!("it says `{}`", line.trim())
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in ten seconds".to_owned(),
    };
    Err(Trouble::Failed(format!("the proxy of this machine, {proxy}, does not connect to {place}: {why}")))
}
