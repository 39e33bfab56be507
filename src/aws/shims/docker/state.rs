//! What one session made: images, as far as they are known without an engine, and networks.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::order::Kind;

/// What was made so far.
#[derive(Debug, Default)]
pub(in crate::aws::shims) struct State {
    /// Images by their full name, and where each is from.
    images: BTreeMap<String, Image>,
    /// Networks and volumes, without an engine.
    made: BTreeSet<String>,
    /// Things of others that this session may look at: images that it pulled, ran or built upon.
    used: BTreeSet<String>,
    /// Those of them that were not there before.
    pulled: BTreeSet<String>,
    /// What an engine would have made, had the command been handed to it: the kind and the name.
    recorded: BTreeSet<(Kind, String)>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// `sha256:…`
    pub(super) digest: String,
    /// Whether a build of this session made it.
    pub(super) built: bool,
    /// Whether it is in an engine.
    pub(super) real: bool,
}

impl State {
    /// The image of this name.
    pub(super) fn image(&self, name: &str) -> Option<&Image> {
        self.images.get(&full(name)).or_else(|| {
            let of_digest = |image: &&Image| {
                let id = image.digest.strip_prefix("sha256:").unwrap_or_default();
                name.len() >= 12 && id.starts_with(name.strip_prefix("sha256:").unwrap_or(name))
            };
            self.images.values().find(of_digest)
        })
    }

    /// Makes an image known.
    pub(super) fn add(&mut self, name: &str, image: Image) {
        self.images.insert(full(name), image);
    }

    /// Forgets an image; whether it was known.
    pub(super) fn forget(&mut self, name: &str) -> bool {
        self.images.remove(&full(name)).is_some()
    }

    /// The full names of all tags of a repository.
    pub(super) fn tags(&self, repository: &str) -> Vec<String> {
        self.images.keys().filter(|name| split(name).0 == repository).cloned().collect()
    }

    /// All images.
    pub(super) fn images(&self) -> impl Iterator<Item = (&str, &Image)> {
        self.images.iter().map(|(name, image)| (name.as_str(), image))
    }

    /// Makes a network or volume known, or forgets it.
    pub(super) fn network(&mut self, name: &str, there: bool) {
        if there {
            self.made.insert(name.to_owned());
        } else {
            self.made.remove(name);
        }
    }

    /// Whether this session made such a network or volume.
    pub(super) fn has_network(&self, name: &str) -> bool {
        self.made.contains(name)
    }

    /// Makes an image known as one that this session may look at; `pulled` when it was not in the engine before.
    pub(super) fn used(&mut self, name: &str, pulled: bool) {
        self.used.insert(full(name));
        if pulled {
            self.pulled.insert(full(name));
        }
    }

    /// Whether this session may look at an image of others.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.used.contains(&full(name))
    }

    /// Whether an image is only there because this session pulled it.
    pub(super) fn has_pulled(&self, name: &str) -> bool {
        self.pulled.contains(&full(name))
    }

    /// Notes that something would have been made.
    pub(super) fn record(&mut self, kind: Kind, name: &str) {
        self.recorded.insert((kind, name.to_owned()));
    }

    /// Whether something would have been made, had it been handed to the engine.
    pub(super) fn is_recorded(&self, kind: Kind, name: &str) -> bool {
        self.recorded.contains(&(kind, name.to_owned()))
    }
}

/// A digest made up from a text.
pub(super) fn made_up(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::from("sha256:"), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An image's name with its tag, without the registry that is meant where none is named.
pub(super) fn full(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let (repository, tag) = split(name);
    if name.contains('@') { name.to_owned() } else { format!("{repository}:{tag}") }
}

/// An image's repository and tag (or digest).
pub(super) fn split(name: &str) -> (&str, &str) {
    if let Some((repository, digest)) = name.split_once('@') {
        return (repository, digest);
    }
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    match name[start..].find(':') {
        Some(colon) => (&name[..start + colon], &name[start + colon + 1..]),
        None => (name, "latest"),
    }
}

/// Whether this could be an image's name: what docker says of others is `invalid reference format`.
pub(super) fn is_reference(name: &str) -> bool {
    let (repository, tag) = split(name);
    let hosted =
        repository.split_once('/').filter(|(host, _)| host.contains(['.', ':']) || *host == "localhost");
    let (host, path) = hosted.map_or((None, repository), |(host, path)| (Some(host), path));
    let is_host = host.is_none_or(|host| {
        let (name, port) = host.split_once(':').unwrap_or((host, "0"));
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && port.chars().all(|c| c.is_ascii_digit())
    });
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    let is_tag = !tag.is_empty()
        && tag.len() <= 128
        && !tag.starts_with(['.', '-'])
        && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    is_host && path.split('/').all(is_part) && (is_tag || tag.starts_with("sha256:"))
}

/// Whether an image is in somebody's own registry of AWS, which a rehearsal does not reach.
pub(super) fn is_private(name: &str) -> bool {
    let host = name.split('/').next().unwrap_or_default();
    host.contains(".dkr.ecr.") || host.contains(".dkr-ecr.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_are_taken_apart() {
        for (name, repository, tag) in [
            ("web", "web", "latest"),
            ("web:1.2", "web", "1.2"),
            ("localhost:5000/web", "localhost:5000/web", "latest"),
            ("1.dkr.ecr.us-east-1.amazonaws.com/a/b:x", "1.dkr.ecr.us-east-1.amazonaws.com/a/b", "x"),
            ("web@sha256:ab", "web", "sha256:ab"),
        ] {
            assert_eq!(split(name), (repository, tag), "{name}");
        }
    }

    #[test]
    fn what_docker_takes_for_a_name_is_one() {
        for (name, is) in [
            ("web:1", true),
            ("111122223333.dkr.ecr.us-east-1.amazonaws.com/web:latest", true),
            ("Web:1", false),
            (".dkr.ecr.us-east-1.amazonaws.com/web", false),
            ("web:", false),
            ("host/", false),
            (":latest", false),
            ("web:feature/x", false),
        ] {
            assert_eq!(is_reference(name), is, "{name}");
        }
    }
}
