//! Other machines: ssh and what copies by it; and `sudo`, which makes this one somebody else's.

use super::line::Line;
use super::verdict::{Scene, Verdict};
use super::wire::Look;

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host =
        host.rsplit_once('@').map_or(host, |(_, host)| host).trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

/// `ssh`. What git fetches by it only reads.
pub(super) fn ssh(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let Some(host) = line.word(0) else { return Verdict::REAL };
    let command = line.words[1..].join(" ");
    let reads = ["git-upload-pack", "git-upload-archive", "git upload-pack"];
    let host = host.strip_prefix("ssh://").unwrap_or(host);
    if is_loopback(host) || reads.iter().any(|read| command.starts_with(read)) {
        return Verdict::REAL;
    }
    Verdict::Recorded { deed: None }
}

/// `scp`, `sftp`, `rsync`: between folders of this machine they are real.
pub(super) fn copy(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let remote = |word: &&str| -> bool {
        if let Some((scheme, rest)) = word.split_once("://") {
            let host = rest.split(['/', ':']).next().unwrap_or_default();
            return matches!(scheme, "ssh" | "scp" | "sftp" | "rsync") && !is_loopback(host);
        }
        // A colon before any slash makes it a host's.
        let host = word.split('/').next().unwrap_or_default().split_once(':').map(|(host, _)| host);
        match host {
            Some(host) => !is_loopback(host),
            None => line.asked.name == "sftp",
        }
    };
    if line.words.iter().any(remote) { Verdict::Recorded { deed: None } } else { Verdict::REAL }
}

/// Clients of databases: on this machine they are real, elsewhere they are recorded.
pub(super) fn database(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    if line.has(&["--version", "-V", "--help", "-?"]) {
        return Verdict::REAL;
    }
    let hosts = named_hosts(&line.asked.args);
    let is_here = |host: &str| host.is_empty() || host.starts_with('/') || is_loopback(host);
    if !hosts.is_empty() {
        return if hosts.iter().all(|host| is_here(host)) {
            Verdict::REAL
        } else {
            Verdict::Recorded { deed: None }
        };
    }
    // Variables name the host when nothing else does; of these clients, only those of PostgreSQL and MySQL read one.
    let variable = match line.asked.name.as_str() {
        name if name.starts_with("mysql") || name.starts_with("mariadb") => "MYSQL_HOST",
        name if DATABASES_OF_POSTGRES.contains(&name) => "PGHOST",
        _ => return Verdict::REAL,
    };
    match line.asked.seen.variables.get(variable) {
        None => Verdict::look(Look { variables: vec![variable.to_owned()], ..Look::default() }),
        Some(Some(host)) if !is_here(host) => Verdict::Recorded { deed: None },
        Some(Some(_) | None) => Verdict::REAL,
    }
}

/// Clients of PostgreSQL.
pub(super) const DATABASES_OF_POSTGRES: &[&str] =
    &["psql", "pg_dump", "pg_dumpall", "pg_restore", "createdb", "dropdb", "createuser", "vacuumdb"];

/// The hosts that arguments name: `-h HOST`, `--host=HOST`, `-S HOST`, a URL, libpq's `host=HOST`.
fn named_hosts(args: &[String]) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut next = false;
    for word in args {
        let plain = |host: &str| host_of(host).to_owned();
        if std::mem::take(&mut next) {
            hosts.push(plain(word));
        } else if matches!(word.as_str(), "-h" | "--host" | "-S") {
            next = true;
        } else if let Some(host) = word.strip_prefix("--host=").or_else(|| word.strip_prefix("-h")) {
            hosts.push(plain(host));
        } else if let Some((_, rest)) = word.split_once("://") {
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let names = authority.rsplit_once('@').map_or(authority, |(_, names)| names);
            hosts.extend(names.split(',').map(plain));
        } else {
            hosts.extend(word.split(' ').filter_map(|pair| pair.strip_prefix("host=")).map(plain));
        }
    }
    hosts
}

/// A host without its port.
fn host_of(text: &str) -> &str {
    let text = text.strip_prefix("tcp:").unwrap_or(text);
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => text.split([':', ',', '\\']).next().unwrap_or(text),
    }
}

/// `sudo`: builds on CodeBuild are root; here they are the user, and stay that.
pub(super) fn sudo(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let rest = line.rest();
    let assigned = rest.iter().take_while(|word| is_assignment(word)).count();
    if assigned == rest.len() {
        return Verdict::Said(super::verdict::Said::default());
    }
    let env = (assigned > 0).then(|| "env".to_owned());
    Verdict::Other(env.into_iter().chain(rest.iter().cloned()).collect())
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
