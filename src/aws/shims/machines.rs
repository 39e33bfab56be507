//! Other machines: ssh and what copies by it; and `sudo`, which makes this one somebody else's.

use super::line::Line;
use super::verdict::{Scene, Verdict};

const REAL: Verdict = Verdict::Real { before: Vec::new() };

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host =
        host.rsplit_once('@').map_or(host, |(_, host)| host).trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

/// `ssh`. What git fetches by it only reads.
pub(super) fn ssh(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let Some(host) = line.word(0) else { return REAL };
    let command = line.words[1..].join(" ");
    let reads = ["git-upload-pack", "git-upload-archive", "git upload-pack"];
    let host = host.strip_prefix("ssh://").unwrap_or(host);
    if is_loopback(host) || reads.iter().any(|read| command.starts_with(read)) {
        return REAL;
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
    if line.words.iter().any(remote) { Verdict::Recorded { deed: None } } else { REAL }
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
