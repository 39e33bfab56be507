//! The user's container engine.
//!
//! Owns: finding it, asking it short questions, clearing up what an execution made in it. Its client runs in this process's
//! surroundings and not in the build's, which never sees the socket; work that was handed to the engine is not below the
//! guard of the build. Leaves to `order` what may be handed to it, to `obey` how.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::locked;
use super::order::Kind;
use crate::aws::shims::Tools;

/// How long an engine may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// The label on what is made, with the execution as its value.
pub(super) const LABEL: &str = "rehearsal.execution";

/// A container engine and its client.
#[derive(Debug)]
pub struct Engine {
    /// The `docker` program.
    pub program: PathBuf,
    /// The environment of the client.
    pub env: BTreeMap<OsString, OsString>,
    there: OnceLock<bool>,
}

impl Engine {
    /// An engine that this client reaches with this environment.
    pub fn new(program: PathBuf, env: BTreeMap<OsString, OsString>) -> Self {
        Self { program, env, there: OnceLock::new() }
    }

    /// The engine that `docker` reaches in the user's environment: `program` is the one on the user's PATH, `config` an empty
    /// folder of ours that keeps the user's own credentials out of it. `None` when nothing names an engine.
    pub fn find(program: PathBuf, host: &BTreeMap<OsString, OsString>, config: &Path) -> Option<Self> {
        let var = |name: &str| host.get(OsStr::new(name)).filter(|value| !value.is_empty());
        let settings = var("DOCKER_CONFIG").map(PathBuf::from);
        let settings = settings.or_else(|| var("HOME").map(|home| Path::new(home).join(".docker")));
        let of_context =
            || settings.as_deref().and_then(|folder| context_host(folder, var("DOCKER_CONTEXT")));
        let rootless = || var("XDG_RUNTIME_DIR").map(|run| Path::new(run).join("docker.sock"));
        let socket = || {
            let usual = std::iter::once(PathBuf::from("/var/run/docker.sock")).chain(rootless());
            usual.into_iter().find(|path| path.exists()).map(|path| {
                let mut address = OsString::from("unix://");
                address.push(path);
                address
            })
        };
        let address = var("DOCKER_HOST").cloned().or_else(of_context).or_else(socket)?;
        let mut env = BTreeMap::from([
            (OsString::from("DOCKER_HOST"), address),
            (OsString::from("DOCKER_CONFIG"), config.as_os_str().to_owned()),
            (OsString::from("HOME"), config.as_os_str().to_owned()),
            // The client would start git in a folder of the build, with settings that the build wrote.
            (OsString::from("BUILDX_GIT_INFO"), OsString::from("false")),
            (OsString::from("BUILDX_NO_DEFAULT_ATTESTATIONS"), OsString::from("1")),
            (OsString::from("DOCKER_CLI_HINTS"), OsString::from("false")),
        ]);
        for name in ["PATH", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"] {
            env.extend(var(name).map(|value| (OsString::from(name), value.clone())));
        }
        Some(Self::new(program, env))
    }

    /// Whether the engine answers; asked once.
    pub(super) fn answers(&self) -> bool {
        *self.there.get_or_init(|| {
            let asking = self.expression(["version", "--format", "{{.Server.Version}}"]);
            let Ok(handle) = asking.stdout_null().stderr_null().stdin_null().start() else { return false };
            if let Ok(Some(output)) = handle.wait_timeout(PATIENCE) {
                output.status.success()
            } else {
                // It is given up on either way.
                let _ = handle.kill();
                false
            }
        })
    }

    fn expression<S: Into<OsString>>(&self, arguments: impl IntoIterator<Item = S>) -> duct::Expression {
        duct::cmd(&self.program, arguments.into_iter().map(Into::into)).full_env(&self.env).unchecked()
    }

    /// What a question is answered with; `None` when it fails.
    pub(super) fn ask(&self, arguments: &[&str]) -> Option<String> {
        let output = self.expression(arguments).stdin_null().stderr_null().stdout_capture().run().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Whether this execution made such a thing.
    pub(super) fn is_ours(&self, kind: Kind, name: &str, execution: &str) -> bool {
        let labels = match kind {
            Kind::Container | Kind::Image => "{{index .Config.Labels \"rehearsal.execution\"}}",
            Kind::Network | Kind::Volume => "{{index .Labels \"rehearsal.execution\"}}",
        };
        self.ask(&[kind.word(), "inspect", "--format", labels, "--", name])
            .is_some_and(|label| label == execution)
    }

    /// Whether there is such a thing, whoever made it.
    pub(super) fn has(&self, kind: Kind, name: &str) -> bool {
        let id = match kind {
            Kind::Container | Kind::Image | Kind::Network => "{{.Id}}",
            Kind::Volume => "{{.Name}}",
        };
        self.ask(&[kind.word(), "inspect", "--format", id, "--", name]).is_some()
    }

    /// All names of images, with what each stands for.
    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        let said =
            self.ask(&["images", "--all", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"]);
        let said = said.unwrap_or_default();
        let rows = said.lines().filter_map(|line| line.split_once(' ')).map(|(id, name)| {
            // What has no name goes by what it is.
            let name = if name.contains("<none>") { id } else { name };
            (name.to_owned(), id.to_owned())
        });
        rows.collect()
    }
}

/// The address of the context that is selected in docker's settings.
fn context_host(settings: &Path, selected: Option<&OsString>) -> Option<OsString> {
    let json = |path: PathBuf| serde_json::from_slice::<serde_json::Value>(&fs::read(path).ok()?).ok();
    let name = match selected {
        Some(name) => name.to_string_lossy().into_owned(),
        None => json(settings.join("config.json"))?.get("currentContext")?.as_str()?.to_owned(),
    };
    let digest = made_up_of(&name);
    let meta = json(settings.join("contexts/meta").join(digest).join("meta.json"))?;
    Some(meta.pointer("/Endpoints/docker/Host")?.as_str()?.into())
}

/// Docker keeps a context in a folder named by the digest of its name.
fn made_up_of(name: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(name.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Removes what this execution made. What could not be removed is told.
pub(in crate::aws::shims) fn tidy(engine: &Engine, tools: &Tools) -> Vec<String> {
    if engine.there.get() != Some(&true) {
        // It was never asked for anything.
        return Vec::new();
    }
    let filter = format!("label={LABEL}={}", tools.execution);
    let listed = |arguments: &[&str]| -> Vec<String> {
        let all: Vec<&str> = arguments.iter().copied().chain(["--filter", &filter]).collect();
        let said = engine.ask(&all).unwrap_or_default();
        // An image has a line for each of its names.
        let mut names: Vec<String> = Vec::new();
        for line in said.lines() {
            if !names.iter().any(|name| name == line) {
                names.push(line.to_owned());
            }
        }
        names
    };
    let named = || -> Vec<String> {
        let state = locked(tools);
        state.images().filter(|(_, image)| image.real).map(|(name, _)| name.to_owned()).collect()
    };
    // An image that others are built upon, or that has several names, goes once those are gone.
    for _ in 0..2 {
        let remove = |names: Vec<String>, arguments: &[&str]| {
            for name in names {
                let all: Vec<&str> = arguments.iter().copied().chain(["--", name.as_str()]).collect();
                // What is left in the end is told.
                let _ = engine.ask(&all);
            }
        };
        remove(listed(&["ps", "-aq"]), &["rm", "-f", "-v"]);
        remove(named().into_iter().filter(|name| engine.has(Kind::Image, name)).collect(), &["rmi"]);
        remove(listed(&["images", "-q"]), &["rmi", "-f"]);
        remove(listed(&["network", "ls", "-q"]), &["network", "rm"]);
        remove(listed(&["volume", "ls", "-q"]), &["volume", "rm"]);
    }
    let left = |what: &'static str, names: Vec<String>| {
        names
            .into_iter()
            .map(move |name| format!("the {what} {name} could not be removed from the container engine"))
    };
    let images = named().into_iter().filter(|name| engine.has(Kind::Image, name));
    left("container", listed(&["ps", "-aq"]))
        .chain(left("image", images.chain(listed(&["images", "-q"])).collect()))
        .chain(left("network", listed(&["network", "ls", "-q"])))
        .chain(left("volume", listed(&["volume", "ls", "-q"])))
        .collect()
}
