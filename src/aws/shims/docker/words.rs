//! Docker's commands: by which words they go, how many arguments they take, which options.

use super::means::Opt;
use super::options;
use super::reading::{self, Reading};

/// Options of compose that have a value.
pub(in crate::aws::shims) const COMPOSE_VALUED: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--project-directory",
    "--ansi",
    "--progress",
    "--parallel",
    "-c",
    "--context",
    "-H",
    "--host",
];

/// A command of docker.
#[derive(Debug)]
pub(super) struct Form {
    /// The words it goes by.
    pub(super) words: &'static str,
    /// What it is here: several words may be one command.
    pub(super) name: &'static str,
    /// Its arguments, as docker names them.
    operands: &'static str,
    /// How many it takes.
    count: (usize, usize),
    pub(super) options: &'static [Opt],
}

const MANY: usize = usize::MAX;

const fn form(
    words: &'static str,
    name: &'static str,
    operands: &'static str,
    count: (usize, usize),
    options: &'static [Opt],
) -> Form {
    Form { words, name, operands, count, options }
}

const CONTEXT: &str = "PATH | URL | -";
const CONTAINERS: &str = "CONTAINER [CONTAINER...]";
const ONE: (usize, usize) = (1, 1);
const SOME: (usize, usize) = (1, MANY);
const NONE: (usize, usize) = (0, 0);

/// All commands that are looked at; the first that fits is meant.
pub(super) const FORMS: &[Form] = &[
    form("build", "build", CONTEXT, ONE, options::BUILD),
    form("builder build", "build", CONTEXT, ONE, options::BUILD),
    form("buildx build", "build", CONTEXT, ONE, options::BUILD),
    form("buildx b", "build", CONTEXT, ONE, options::BUILD),
    form("run", "run", "IMAGE [COMMAND] [ARG...]", SOME, options::RUN),
    form("create", "create", "IMAGE [COMMAND] [ARG...]", SOME, options::RUN),
    form("exec", "exec", "CONTAINER COMMAND [ARG...]", (2, MANY), options::EXEC),
    form("tag", "tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", (2, 2), &[]),
    form("pull", "pull", "NAME[:TAG|@DIGEST]", ONE, options::PULL),
    form("push", "push", "NAME[:TAG]", ONE, options::PUSH),
    form("images", "images", "[REPOSITORY[:TAG]]", (0, 1), options::IMAGES),
    form("image ls", "images", "[REPOSITORY[:TAG]]", (0, 1), options::IMAGES),
    form("image list", "images", "[REPOSITORY[:TAG]]", (0, 1), options::IMAGES),
    form("rmi", "rmi", "IMAGE [IMAGE...]", SOME, options::RMI),
    form("image rm", "rmi", "IMAGE [IMAGE...]", SOME, options::RMI),
    form("image remove", "rmi", "IMAGE [IMAGE...]", SOME, options::RMI),
    form("image inspect", "image inspect", "IMAGE [IMAGE...]", SOME, options::INSPECT),
    form("history", "history", "IMAGE", ONE, options::HISTORY),
    form("save", "save", "IMAGE [IMAGE...]", SOME, options::SAVE),
    form("load", "load", "", NONE, options::LOAD),
    form("import", "import", "file|URL|- [REPOSITORY[:TAG]]", SOME, options::IMPORT),
    form("ps", "ps", "", NONE, options::PS),
    form("container ls", "ps", "", NONE, options::PS),
    form("container list", "ps", "", NONE, options::PS),
    form("container ps", "ps", "", NONE, options::PS),
    form("container inspect", "container inspect", CONTAINERS, SOME, options::INSPECT),
    form("container remove", "rm", CONTAINERS, SOME, options::RM),
    form("inspect", "inspect", "NAME|ID [NAME|ID...]", SOME, options::INSPECT),
    form("rm", "rm", CONTAINERS, SOME, options::RM),
    form("stop", "stop", CONTAINERS, SOME, options::STOP),
    form("restart", "restart", CONTAINERS, SOME, options::STOP),
    form("kill", "kill", CONTAINERS, SOME, options::SIGNAL),
    form("start", "start", CONTAINERS, SOME, options::START),
    form("pause", "pause", CONTAINERS, SOME, &[]),
    form("unpause", "unpause", CONTAINERS, SOME, &[]),
    form("wait", "wait", CONTAINERS, SOME, &[]),
    form("update", "update", CONTAINERS, SOME, options::UPDATE),
    form("rename", "rename", "CONTAINER NEW_NAME", (2, 2), &[]),
    form("attach", "attach", "CONTAINER", ONE, options::ATTACH),
    form("commit", "commit", "CONTAINER [REPOSITORY[:TAG]]", (1, 2), options::COMMIT),
    form("cp", "cp", "CONTAINER:SRC_PATH DEST_PATH|-", (2, 2), options::COPY),
    form("diff", "diff", "CONTAINER", ONE, &[]),
    form("logs", "logs", "CONTAINER", ONE, options::LOGS),
    form("top", "top", "CONTAINER [ps OPTIONS]", SOME, &[]),
    form("port", "port", "CONTAINER [PRIVATE_PORT[/PROTO]]", (1, 2), &[]),
    form("stats", "stats", "[CONTAINER...]", (0, MANY), options::STATS),
    form("export", "export", "CONTAINER", ONE, options::SAVE),
    form("network create", "network create", "NETWORK", ONE, options::NETWORK_CREATE),
    form("network rm", "network rm", "NETWORK [NETWORK...]", SOME, options::FORCE),
    form("network remove", "network rm", "NETWORK [NETWORK...]", SOME, options::FORCE),
    form("network ls", "network ls", "", NONE, options::LIST),
    form("network list", "network ls", "", NONE, options::LIST),
    form("network inspect", "network inspect", "NETWORK [NETWORK...]", SOME, options::INSPECT),
    form("network connect", "network connect", "NETWORK CONTAINER", (2, 2), options::NETWORK_CONNECT),
    form("network disconnect", "network disconnect", "NETWORK CONTAINER", (2, 2), options::FORCE),
    form("volume create", "volume create", "[VOLUME]", (0, 1), options::VOLUME_CREATE),
    form("volume rm", "volume rm", "VOLUME [VOLUME...]", SOME, options::FORCE),
    form("volume remove", "volume rm", "VOLUME [VOLUME...]", SOME, options::FORCE),
    form("volume ls", "volume ls", "", NONE, options::LIST),
    form("volume list", "volume ls", "", NONE, options::LIST),
    form("volume inspect", "volume inspect", "VOLUME [VOLUME...]", SOME, options::INSPECT),
    form("login", "login", "[SERVER]", (0, 1), options::LOGIN),
    form("logout", "logout", "[SERVER]", (0, 1), &[]),
    form("info", "info", "", NONE, options::FORMAT),
    form("system info", "info", "", NONE, options::FORMAT),
    form("version", "version", "", NONE, options::FORMAT),
    form("buildx version", "version", "", NONE, &[]),
    form(
        "manifest create",
        "manifest create",
        "MANIFEST_LIST MANIFEST [MANIFEST...]",
        (2, MANY),
        options::MANIFEST,
    ),
    form("manifest push", "manifest push", "MANIFEST_LIST", ONE, options::MANIFEST),
    form("manifest annotate", "manifest annotate", "MANIFEST_LIST MANIFEST", (2, 2), options::MANIFEST),
    form("manifest inspect", "manifest inspect", "[MANIFEST_LIST] MANIFEST", (1, 2), options::MANIFEST),
    form("manifest rm", "manifest annotate", "MANIFEST_LIST [MANIFEST_LIST...]", SOME, &[]),
    form("buildx create", "buildx create", "[CONTEXT|ENDPOINT]", (0, 1), options::BUILDER),
    form("buildx use", "buildx use", "NAME", ONE, options::BUILDER),
    form("buildx rm", "buildx use", "[NAME] [NAME...]", (0, MANY), options::BUILDER),
    form("buildx stop", "buildx use", "[NAME]", (0, 1), options::BUILDER),
    form("buildx inspect", "buildx use", "[NAME]", (0, 1), options::BUILDER),
    form("buildx ls", "buildx use", "", NONE, options::BUILDER),
    form("buildx install", "buildx use", "", NONE, &[]),
    form(
        "buildx imagetools create",
        "buildx imagetools create",
        "[SOURCE...]",
        (0, MANY),
        options::IMAGETOOLS,
    ),
    form("buildx imagetools inspect", "manifest inspect", "NAME", ONE, options::IMAGETOOLS),
    form("system prune", "prune", "", NONE, options::PRUNE),
    form("image prune", "prune", "", NONE, options::PRUNE),
    form("container prune", "prune", "", NONE, options::PRUNE),
    form("network prune", "prune", "", NONE, options::PRUNE),
    form("volume prune", "prune", "", NONE, options::PRUNE),
    form("builder prune", "prune", "", NONE, options::PRUNE),
    form("buildx prune", "prune", "", NONE, options::PRUNE),
    form("system df", "df", "", NONE, options::WATCHING),
    form("buildx du", "df", "", NONE, options::WATCHING),
    form("events", "events", "", NONE, options::WATCHING),
    form("system events", "events", "", NONE, options::WATCHING),
    form("search", "search", "TERM", ONE, options::WATCHING),
];

/// Commands that are also called with `image` before them.
const OF_IMAGES: [&str; 8] = ["build", "history", "import", "load", "pull", "push", "save", "tag"];

/// Commands that are also called with `container` before them.
const OF_CONTAINERS: [&str; 21] = [
    "attach", "commit", "cp", "create", "diff", "exec", "export", "kill", "logs", "pause", "port", "rename",
    "restart", "rm", "run", "start", "stats", "stop", "top", "unpause", "update",
];

/// Commands of several words that have no meaning without the second.
const GROUPS: [&str; 8] =
    ["image", "container", "network", "volume", "system", "manifest", "builder", "buildx"];

/// Commands that are about more than one machine, about the client, or about other files.
const OUTSIDE: [&str; 14] = [
    "swarm",
    "stack",
    "service",
    "node",
    "secret",
    "config",
    "trust",
    "plugin",
    "scout",
    "sbom",
    "checkpoint",
    "model",
    "mcp",
    "desktop",
];

/// What the words of a command line call.
#[derive(Debug)]
pub(super) enum Called {
    /// A command, and how many words are its own.
    Form(&'static Form, usize),
    /// `compose`, which is read by itself.
    Compose,
    /// `context`, which is about the client's settings.
    Settings,
    /// What no rehearsal does.
    Outside,
    /// A group of commands without one of them.
    Group,
    /// Nothing that docker has: the words of which none is a command.
    Unknown(String),
    /// Nothing at all.
    Nothing,
}

/// What these words call.
pub(super) fn called(words: &[&str]) -> Called {
    let Some((first, rest)) = words.split_first() else { return Called::Nothing };
    if let Some(form) = FORMS.iter().find(|form| {
        let mut own = form.words.split(' ');
        own.by_ref().zip(words).all(|(own, word)| own == *word)
            && form.words.split(' ').count() <= words.len()
    }) {
        return Called::Form(form, form.words.split(' ').count());
    }
    let second = rest.first().copied();
    let members: &[&str] = match *first {
        "image" => &OF_IMAGES,
        "container" => &OF_CONTAINERS,
        "compose" => return Called::Compose,
        "context" => return Called::Settings,
        "buildx" if second == Some("bake") => return Called::Outside,
        word if OUTSIDE.contains(&word) => return Called::Outside,
        word if !GROUPS.contains(&word) => return Called::Unknown((*first).to_owned()),
        _ => &[],
    };
    match second {
        Some(second) if members.contains(&second) || (*first == "container" && second == "wait") => {
            FORMS.iter().find(|form| form.words == second).map_or(Called::Group, |form| Called::Form(form, 2))
        }
        Some(second) => Called::Unknown(format!("{first} {second}")),
        None => Called::Group,
    }
}

/// Why docker does not take a command line: its words, and its status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Usage(pub(super) String, pub(super) i32);

impl Form {
    /// Whether what follows the first argument is for what runs in a container.
    pub(super) fn starts_another(&self) -> bool {
        matches!(self.name, "run" | "create" | "exec" | "top")
    }

    /// How it is used, with the words that were typed for it.
    pub(super) fn usage(&self, typed: &str) -> String {
        let options = if self.options.is_empty() { "" } else { " [OPTIONS]" };
        format!("Usage:  docker {typed}{options} {}", self.operands).trim_end().to_owned()
    }

    /// Reads its arguments.
    pub(super) fn read<'a>(&self, typed: &str, arguments: &'a [String]) -> Result<Reading<'a>, Usage> {
        let told = |what: String, status, see: &str| {
            let usage = self.usage(typed);
            Usage(
                format!("{what}\n\n{usage}\n\n{see} 'docker {typed} --help' for more information\n"),
                status,
            )
        };
        let reading = reading::read(arguments, self.options, self.starts_another())
            .map_err(|what| told(what, 125, "Run"))?;
        let (least, most) = self.count;
        let given = reading.words.len();
        if reading.help || (least..=most).contains(&given) {
            return Ok(reading);
        }
        let arguments = |count| if count == 1 { "argument" } else { "arguments" };
        let (what, see) = match (least, most) {
            (0, 0) => ("accepts no arguments".to_owned(), "Run"),
            (least, most) if least == most => (format!("requires {least} {}", arguments(least)), "Run"),
            (least, MANY) => (format!("requires at least {least} {}", arguments(least)), "See"),
            (0, most) => (format!("requires at most {most} {}", arguments(most)), "Run"),
            (least, most) => {
                (format!("requires at least {least} and at most {most} {}", arguments(most)), "Run")
            }
        };
        Err(told(format!("docker: 'docker {typed}' {what}"), 1, see))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_call_what_docker_calls() {
        for (typed, expected) in [
            ("run", "run 1"),
            ("image ls", "images 2"),
            ("image tag", "tag 2"),
            ("image run", "unknown image run"),
            ("container run", "run 2"),
            ("container wait", "wait 2"),
            ("network disconnect", "network disconnect 2"),
            ("network", "group"),
            ("network foo", "unknown network foo"),
            ("buildx imagetools create", "buildx imagetools create 3"),
            ("buildx bake", "outside"),
            ("stack deploy", "outside"),
            ("frobnicate", "unknown frobnicate"),
        ] {
            let words: Vec<&str> = typed.split(' ').collect();
            let found = match called(&words) {
                Called::Form(form, count) => format!("{} {count}", form.name),
                Called::Unknown(words) => format!("unknown {words}"),
                Called::Outside => "outside".into(),
                Called::Group => "group".into(),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{typed}");
        }
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_as_docker_tells_it() {
        // What docker 28.2 says.
        for (typed, arguments, expected) in [
            ("run", "", "docker: 'docker run' requires at least 1 argument"),
            ("tag", "a", "docker: 'docker tag' requires 2 arguments"),
            ("build", "", "docker: 'docker build' requires 1 argument"),
            ("ps", "x", "docker: 'docker ps' accepts no arguments"),
            ("images", "a b", "docker: 'docker images' requires at most 1 argument"),
        ] {
            let form = FORMS.iter().find(|form| form.words == typed).unwrap();
            let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
            let Usage(told, status) = form.read(typed, &arguments).unwrap_err();
            assert_eq!((told.lines().next().unwrap(), status), (expected, 1), "{typed}");
        }
        let Usage(told, status) = FORMS
            .iter()
            .find(|form| form.words == "run")
            .unwrap()
            .read("run", &["--foo".into()])
            .unwrap_err();
        assert_eq!(status, 125);
        assert_eq!(
            told,
            "unknown flag: --foo\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'docker run --help' for more information\n"
        );
    }
}
