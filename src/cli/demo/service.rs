//! The demo's service, as somebody outside meets it: its port, and what it answers.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::cli::host::Host;

/// How long the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read.
const LONGEST: u64 = 64 * 1024;

/// Where the service writes its port, below its deployment root.
const PORT_FILE: &str = "run/service/service.port";

/// What is asked for.
const PATH: &str = "/health";

/// Whether the interpreter that the example needs is on PATH.
pub(super) fn python_is_there(host: &Host) -> bool {
    let path = host.variables.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("python3").is_file())
}

/// Calls the service that was deployed below this state directory; its address and what it answered.
pub(super) fn call(state: &Path) -> Result<(String, String), String> {
    let port = port(&state.join("deployments"))?;
    let answer = ask(port).map_err(|error| format!("port {port}: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its headers")?;
    match head.split_whitespace().nth(1) {
        Some("200") => Ok((format!("http://127.0.0.1:{port}{PATH}"), body.trim_end().to_owned())),
        _ => Err(format!("it answered {}", head.lines().next().unwrap_or_default())),
    }
}

/// The port of the one deployment that there is.
fn port(deployments: &Path) -> Result<u16, String> {
    let wrong = |error: io::Error| format!("{}: {error}", deployments.display());
    for root in std::fs::read_dir(deployments).map_err(wrong)? {
        let file = root.map_err(wrong)?.path().join(PORT_FILE);
        if let Ok(text) = std::fs::read_to_string(&file) {
            return text.trim().parse().map_err(|_| format!("{} holds no port", file.display()));
        }
    }
    Err(format!("no {PORT_FILE} below {}", deployments.display()))
}

fn ask(port: u16) -> io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {PATH} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}
