//! curl and wget: downloads are real, uploads are recorded where the command line shows them.

use super::line::Line;
use super::machines::is_loopback;
use super::verdict::{Scene, Verdict};

/// The options of curl that have a value and that commands use.
pub(super) const CURL_VALUED: &[&str] = &[
    "-A",
    "-b",
    "-c",
    "-C",
    "-d",
    "-D",
    "-e",
    "-E",
    "-F",
    "-H",
    "-K",
    "-m",
    "-o",
    "-P",
    "-Q",
    "-r",
    "-t",
    "-T",
    "-u",
    "-U",
    "-w",
    "-x",
    "-X",
    "-y",
    "-Y",
    "-z",
    "--cacert",
    "--cert",
    "--connect-timeout",
    "--connect-to",
    "--cookie",
    "--cookie-jar",
    "--data",
    "--data-ascii",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--form",
    "--form-string",
    "--header",
    "--json",
    "--key",
    "--limit-rate",
    "--max-time",
    "--output",
    "--output-dir",
    "--proxy",
    "--range",
    "--referer",
    "--request",
    "--resolve",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--upload-file",
    "--url",
    "--user",
    "--user-agent",
    "--write-out",
    "--aws-sigv4",
    "--oauth2-bearer",
    "--variable",
    "--expand-data",
];

/// The options of wget that have a value and that commands use.
pub(super) const WGET_VALUED: &[&str] = &[
    "-O",
    "-o",
    "-a",
    "-e",
    "-i",
    "-B",
    "-t",
    "-T",
    "-w",
    "-Q",
    "-P",
    "-U",
    "-l",
    "-A",
    "-R",
    "-D",
    "-I",
    "-X",
    "--output-document",
    "--header",
    "--tries",
    "--timeout",
    "--user",
    "--password",
    "--directory-prefix",
    "--user-agent",
    "--method",
    "--body-data",
    "--body-file",
    "--post-data",
    "--post-file",
];

const BODIES: [&str; 13] = [
    "-d",
    "--data",
    "--data-ascii",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "-F",
    "--form",
    "--form-string",
    "--json",
    "--expand-data",
    "-T",
    "--upload-file",
];

/// Whether a request with this method, or without one, and with or without a body changes something.
fn writes(method: Option<&str>, body: bool) -> bool {
    match method.map(str::to_ascii_uppercase).as_deref() {
        None => body,
        Some("GET" | "HEAD" | "OPTIONS") => false,
        Some("DELETE") => true,
        Some(_) => body,
    }
}

fn verdict<'a>(writes: bool, mut urls: impl Iterator<Item = &'a str>) -> Verdict {
    if writes && !urls.all(|url| is_loopback(host(url))) {
        return Verdict::Recorded { deed: None };
    }
    Verdict::REAL
}

/// The host of a URL, which may lack its scheme.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// `curl`
pub(super) fn curl(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let method = line.value(&["-X", "--request"]);
    let body = line.options.iter().any(|(name, _)| BODIES.contains(name));
    // `-G` puts the data into the URL.
    let reads = line.has(&["-G", "--get", "-I", "--head"]);
    let urls = line.words.iter().copied().chain(line.values(&["--url"]));
    verdict(!reads && writes(method, body), urls)
}

/// `wget`
pub(super) fn wget(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let body = line.has(&["--post-data", "--post-file", "--body-data", "--body-file"]);
    verdict(writes(line.value(&["--method"]), body), line.words.iter().copied())
}
