//! What becomes of an option's value before an engine gets it.
//!
//! Owns: paths, and values of several parts with paths, networks, volumes, containers or images in them. Each is taken apart,
//! and only what is known to stay in the build is put together again. Leaves to `order` which option has which value.

use std::path::PathBuf;

use super::csv::Pairs;
use super::order::{Kept, Kind, Need};
use super::place::outside;
use super::state::{is_private, is_reference};
use crate::aws::shims::Tools;
use crate::aws::shims::wire::{Asked, Look};

/// The build's side of an order.
pub(super) struct Side<'a> {
    pub(super) asked: &'a Asked,
    pub(super) tools: &'a Tools,
}

/// A value for the engine, and what has to be so for it to be handed on.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// `None`: the option is left out.
    pub(super) value: Option<String>,
    pub(super) needs: Vec<Need>,
}

impl Ready {
    pub(super) fn value(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), needs: Vec::new() }
    }

    fn with(value: impl Into<String>, needs: Vec<Need>) -> Self {
        Self { value: Some(value.into()), needs }
    }
}

fn beyond(option: &str, value: &str) -> Kept {
    Kept::Beyond(format!("{option} {value} reaches beyond this build"))
}

/// Whether this is a name that networks, volumes and containers may have.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

impl Side<'_> {
    /// The place of a path outside.
    pub(super) fn path(&self, text: &str) -> Result<String, Kept> {
        let place = outside(self.tools, &self.asked.cwd.join(text));
        // `docker cp` distinguishes a folder's content by the dot at its end.
        let dot = if text.ends_with("/.") { "/." } else { "" };
        match place.and_then(|path| path.into_os_string().into_string().ok()) {
            Some(path) => Ok(path + dot),
            None => Err(Kept::Beyond(format!("{text} is not in the folders of this build"))),
        }
    }

    /// The values of variables of the build, each with its name; those that are not set are left out.
    pub(super) fn variables(&self, names: &[&str]) -> Result<Vec<(String, String)>, Kept> {
        let seen = &self.asked.seen.variables;
        if names.iter().any(|name| !seen.contains_key(*name)) {
            let variables = names.iter().map(|name| (*name).to_owned()).collect();
            return Err(Kept::look(Look { variables, ..Look::default() }));
        }
        let values = names.iter().filter_map(|name| Some(((*name).to_owned(), seen.get(*name)?.clone()?)));
        Ok(values.collect())
    }

    /// The file that standard input was kept in.
    pub(super) fn input(&self) -> Result<PathBuf, Kept> {
        match &self.asked.seen.input {
            None => Err(Kept::look(Look { input: true, ..Look::default() })),
            Some(file) => self
                .tools
                .outside(file)
                .ok_or_else(|| Kept::Beyond("its standard input is not in the folders of this build".into())),
        }
    }

    /// The lines of a file of variables or labels, which the build itself reads.
    pub(super) fn lines(&self, option: &str, file: &str) -> Result<Vec<&str>, Kept> {
        let path = PathBuf::from(file);
        match self.asked.seen.read.get(&path) {
            None => Err(Kept::look(Look { read: vec![path], ..Look::default() })),
            Some(None) => Err(Kept::Failed(125, format!("docker: open {file}: no such file or directory\n"))),
            Some(Some(text)) => {
                let lines = text.lines().map(str::trim_start);
                let lines: Vec<&str> =
                    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
                let spaced = |line: &&&str| {
                    let name = line.split('=').next().unwrap_or_default();
                    name.is_empty() || name.contains(char::is_whitespace)
                };
                match lines.iter().find(spaced) {
                    Some(line) => Err(Kept::Failed(
                        125,
                        format!("docker: invalid {option} file ({file}): {line:?} is no name\n"),
                    )),
                    None => Ok(lines),
                }
            }
        }
    }

    /// `-v`: `TARGET`, `NAME:TARGET:MODE` or `PATH:TARGET:MODE`.
    pub(super) fn volume(&self, text: &str) -> Result<Ready, Kept> {
        const MODES: [&str; 10] =
            ["ro", "rw", "z", "Z", "nocopy", "private", "rprivate", "cached", "delegated", "consistent"];
        let parts: Vec<&str> = text.split(':').collect();
        let (source, rest) = match parts[..] {
            [_] => return Ok(Ready::value(text)),
            [source, target] => (source, target.to_owned()),
            [source, target, modes] if modes.split(',').all(|mode| MODES.contains(&mode)) => {
                (source, format!("{target}:{modes}"))
            }
            _ => return Err(beyond("--volume", text)),
        };
        if is_name(source) {
            return Ok(Ready::with(text, vec![Need::Volume(source.to_owned())]));
        }
        if !source.starts_with(['/', '.']) {
            let told = format!(
                "docker: Error response from daemon: create {source}: {source:?} includes invalid characters for a local volume name\n"
            );
            return Err(Kept::Failed(125, told));
        }
        let place = self.path(source)?;
        if place.contains(':') {
            return Err(beyond("--volume", text));
        }
        Ok(Ready::value(format!("{place}:{rest}")))
    }

    /// `--mount`: fields.
    pub(super) fn mount(&self, text: &str) -> Result<Ready, Kept> {
        const SYNONYMS: [(&str, &str); 4] =
            [("src", "source"), ("dst", "target"), ("destination", "target"), ("ro", "readonly")];
        let wrong = |why: String| Kept::Beyond(format!("--mount: {why}"));
        let mut pairs = Pairs::read(text, &SYNONYMS).map_err(wrong)?;
        let kind = pairs.take("type").map_or_else(|| "volume".to_owned(), |kind| kind.to_lowercase());
        let source = pairs.take("source").filter(|source| !source.is_empty());
        let mut fields = vec![format!("type={kind}")];
        let mut needs = Vec::new();
        let more: &[&str] = match (kind.as_str(), source) {
            ("bind", Some(source)) => {
                fields.push(format!("source={}", self.path(&source)?));
                &["consistency", "bind-recursive", "bind-nonrecursive"]
            }
            ("volume", Some(name)) if is_name(&name) => {
                fields.push(format!("source={name}"));
                needs.push(Need::Volume(name));
                &["volume-nocopy", "volume-subpath"]
            }
            ("volume", None) => &["volume-nocopy"],
            ("tmpfs", None) => &["tmpfs-size", "tmpfs-mode"],
            _ => return Err(beyond("--mount", text)),
        };
        let keys: Vec<&str> = ["target", "readonly"].iter().chain(more).copied().collect();
        let left = pairs.only(&keys).map_err(|key| wrong(format!("{key} reaches beyond this build")))?;
        fields.extend(left);
        Ok(Ready::with(super::csv::joined(&fields), needs))
    }

    /// `--secret`: a file of the build, or a variable, which gets a name that nothing else has in the client's environment.
    /// With it: that variable.
    pub(super) fn secret(&self, text: &str, count: usize) -> Result<(Ready, Option<(String, String)>), Kept> {
        let wrong = |why: String| Kept::Beyond(format!("--secret: {why}"));
        let mut pairs = Pairs::read(text, &[("src", "source")]).map_err(wrong)?;
        let (kind, id) = (pairs.take("type"), pairs.take("id").unwrap_or_default());
        let (source, named) = (pairs.take("source"), pairs.take("env"));
        pairs.only(&[]).map_err(|key| wrong(format!("{key} is not known")))?;
        let (file, variable) = match (kind.as_deref().unwrap_or_default(), source, named) {
            ("" | "file", Some(source), None) => (Some(source), None),
            ("env", Some(source), None) => (None, Some(source)),
            ("" | "env", None, Some(name)) => (None, Some(name)),
            // The variable of this name where there is one, else the file.
            ("" | "file" | "env", None, None) => {
                let is_set = kind.as_deref() != Some("file") && !self.variables(&[id.as_str()])?.is_empty();
                if is_set { (None, Some(id.clone())) } else { (Some(id.clone()), None) }
            }
            _ => return Err(beyond("--secret", text)),
        };
        if let Some(name) = variable {
            let (_, value) = self.variables(&[name.as_str()])?.pop().unwrap_or_default();
            let own = format!("REHEARSAL_SECRET_{count}");
            let fields = [format!("id={id}"), format!("env={own}")];
            return Ok((Ready::value(super::csv::joined(&fields)), Some((own, value))));
        }
        let place = self.path(&file.unwrap_or_default())?;
        let fields = [format!("id={id}"), format!("src={place}")];
        Ok((Ready::value(super::csv::joined(&fields)), None))
    }

    /// `--build-context NAME=…`: a folder of the build, an image, or a target's output.
    pub(super) fn context(&self, text: &str) -> Result<Ready, Kept> {
        let Some((name, place)) = text.split_once('=') else { return Err(beyond("--build-context", text)) };
        match place.split_once("://") {
            Some(("docker-image", image)) if !is_private(image) => Ok(Ready::value(text)),
            Some(("target", _)) => Ok(Ready::value(text)),
            Some(_) => Err(beyond("--build-context", text)),
            None if is_remote(place) || is_remote_name(place) => Err(beyond("--build-context", text)),
            None => Ok(Ready::value(format!("{name}={}", self.path(place)?))),
        }
    }

    /// `--cache-from` and `--cache-to`: a folder of the build, what is in the image itself, and to read from a public image;
    /// others are left out, which costs no more than time.
    pub(super) fn cache(&self, text: &str, is_read: bool) -> Result<Ready, Kept> {
        let own = |name: &str| is_reference(name) && !is_private(name);
        if !text.contains('=') {
            let is_kept =
                is_read && super::csv::fields(text).is_some_and(|all| all.iter().all(|name| own(name)));
            return Ok(if is_kept { Ready::value(text) } else { Ready::default() });
        }
        let synonyms = [("source", "src"), ("destination", "dest")];
        let Ok(mut pairs) = Pairs::read(text, &synonyms) else { return Ok(Ready::default()) };
        let kind = pairs.take("type").unwrap_or_default();
        let (place, image) = (pairs.take(if is_read { "src" } else { "dest" }), pairs.take("ref"));
        let keys: &[&str] = if is_read {
            &["tag", "digest"]
        } else {
            &[
                "mode",
                "compression",
                "compression-level",
                "force-compression",
                "ignore-error",
                "oci-mediatypes",
            ]
        };
        let Ok(left) = pairs.only(keys) else { return Ok(Ready::default()) };
        let mut fields = vec![format!("type={kind}")];
        match (kind.as_str(), place, image) {
            ("local", Some(place), None) => {
                let key = if is_read { "src" } else { "dest" };
                fields.push(format!("{key}={}", self.path(&place)?));
            }
            ("registry", None, Some(image)) if is_read && own(&image) => fields.push(format!("ref={image}")),
            ("inline", None, None) if !is_read => {}
            _ => return Ok(Ready::default()),
        }
        fields.extend(left);
        Ok(Ready::value(super::csv::joined(&fields)))
    }
}

/// Whether docker takes a build's context, or what is fetched, for an address.
pub(super) fn is_remote(text: &str) -> bool {
    ["http://", "https://", "git://", "git@", "github.com/", "ssh://"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Whether it is `USER@HOST:PATH`, which a builder clones; a path of this form begins with `./` to be one.
pub(super) fn is_remote_name(text: &str) -> bool {
    text.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'))
}

/// `--network`: none, the engine's default, one of this execution, or a container's.
pub(super) fn network(text: &str) -> Result<Ready, Kept> {
    if let Some(name) = text.strip_prefix("container:") {
        return Ok(Ready::with(text, vec![Need::Ours(Kind::Container, name.to_owned())]));
    }
    let (name, more) = if text.contains('=') {
        let wrong = |why: String| Kept::Beyond(format!("--network: {why}"));
        let mut pairs = Pairs::read(text, &[]).map_err(wrong)?;
        let name = pairs.take("name").unwrap_or_default();
        let more = pairs.only(&["alias", "ip", "ip6"]).map_err(|_| beyond("--network", text))?;
        (name, more)
    } else {
        (text.to_owned(), Vec::new())
    };
    if !is_name(&name) || name == "host" {
        return Err(beyond("--network", text));
    }
    let needs = match name.as_str() {
        "none" | "bridge" | "default" => Vec::new(),
        _ => vec![Need::Ours(Kind::Network, name.clone())],
    };
    if more.is_empty() {
        return Ok(Ready::with(name, needs));
    }
    let fields: Vec<String> = std::iter::once(format!("name={name}")).chain(more).collect();
    Ok(Ready::with(super::csv::joined(&fields), needs))
}

/// `--publish`: only for this machine itself, whatever address is asked for.
pub(super) fn publish(text: &str) -> Result<Ready, Kept> {
    let ports = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '-')
    };
    let text = text.strip_prefix("[::1]:").or_else(|| text.strip_prefix("[::]:")).unwrap_or(text);
    let parts: Vec<&str> = text.split(':').collect();
    let (host, container) = match parts[..] {
        [container] => ("", container),
        [host, container] => (host, container),
        ["127.0.0.1" | "0.0.0.0" | "localhost" | "", host, container] => (host, container),
        _ => return Err(beyond("--publish", text)),
    };
    let (inside, protocol) = container.split_once('/').unwrap_or((container, "tcp"));
    if !ports(inside) || !matches!(protocol, "tcp" | "udp" | "sctp") || !(host.is_empty() || ports(host)) {
        return Err(beyond("--publish", text));
    }
    Ok(Ready::value(format!("127.0.0.1:{host}:{container}")))
}

/// `NAME`, or `NAME:MORE`: a container of this execution.
pub(super) fn container(text: &str) -> Ready {
    let name = text.split(':').next().unwrap_or_default();
    Ready::with(text, vec![Need::Ours(Kind::Container, name.to_owned())])
}

/// `NAME:ADDRESS`: this machine is no address for a build.
pub(super) fn hosts(text: &str) -> Result<Ready, Kept> {
    if text.contains("host-gateway") { Err(beyond("--add-host", text)) } else { Ok(Ready::value(text)) }
}

/// One of a list, or what begins like one.
pub(super) fn one_of(option: &str, text: &str, list: &[&str]) -> Result<Ready, Kept> {
    let fits = |one: &&&str| match one.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == **one,
    };
    match list.iter().find(fits) {
        None => Err(beyond(option, text)),
        Some(&"container:*") => {
            let name = text.trim_start_matches("container:").to_owned();
            Ok(Ready::with(text, vec![Need::Ours(Kind::Container, name)]))
        }
        Some(_) => Ok(Ready::value(text)),
    }
}

/// Where a build's result goes.
pub(super) struct Exported {
    pub(super) value: Option<String>,
    /// Whether it is pushed.
    pub(super) pushed: bool,
    /// Names that the image gets by it.
    pub(super) names: Vec<String>,
}

impl Side<'_> {
    /// `--output`.
    pub(super) fn output(&self, text: &str) -> Result<Exported, Kept> {
        const PLAIN: [&str; 9] = [
            "compression",
            "compression-level",
            "force-compression",
            "oci-mediatypes",
            "tar",
            "platform-split",
            "rewrite-timestamp",
            "unpack",
            "attestation-prefix",
        ];
        let local = |value: String| Exported { value: Some(value), pushed: false, names: Vec::new() };
        if text == "-" {
            return Ok(local("type=tar,dest=-".into()));
        }
        if !text.contains('=') {
            let fields = ["type=local".to_owned(), format!("dest={}", self.path(text)?)];
            return Ok(local(super::csv::joined(&fields)));
        }
        let wrong = |why: String| Kept::Beyond(format!("--output: {why}"));
        let mut pairs = Pairs::read(text, &[("destination", "dest")]).map_err(wrong)?;
        let kind = pairs.take("type").unwrap_or_default();
        let names = pairs.take("name").unwrap_or_default();
        let names: Vec<String> =
            names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let pushed = pairs.take("push").is_some_and(|value| value != "false") || kind == "registry";
        match (kind.as_str(), pairs.take("dest")) {
            // What is built is in the engine, and nothing is pushed.
            ("cacheonly", None) => Ok(local("type=cacheonly".into())),
            ("registry" | "image" | "docker", None) => Ok(Exported { value: None, pushed, names }),
            ("local" | "tar" | "oci" | "docker", Some(dest)) => {
                let dest = if dest == "-" { dest } else { self.path(&dest)? };
                let mut fields = vec![format!("type={kind}"), format!("dest={dest}")];
                fields.extend(
                    pairs.only(&PLAIN).map_err(|key| wrong(format!("{key} reaches beyond this build")))?,
                );
                Ok(local(super::csv::joined(&fields)))
            }
            _ => Err(beyond("--output", text)),
        }
    }
}
