//! Docker's commands and options.

/// Options before the command that have a value.
pub(super) const GLOBAL_VALUED: &[&str] =
    &["--config", "-c", "--context", "-H", "--host", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"];

/// Options of compose that have a value.
pub(in crate::aws::shims) const COMPOSE_VALUED: &[&str] = &[
    "-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi", "--progress",
    "--parallel", "-c", "--context", "-H", "--host",
];

const BUILD_VALUED: &[&str] = &[
    "--add-host", "--allow", "--annotation", "--attest", "--build-arg", "--build-context", "--builder", "--cache-from",
    "--cache-to", "--call", "--cgroup-parent", "--cpu-period", "--cpu-quota", "-c", "--cpu-shares", "--cpuset-cpus",
    "--cpuset-mems", "-f", "--file", "--iidfile", "--isolation", "--label", "-m", "--memory", "--memory-swap",
    "--metadata-file", "--network", "--no-cache-filter", "-o", "--output", "--platform", "--progress", "--provenance",
    "--sbom", "--secret", "--security-opt", "--shm-size", "--ssh", "-t", "--tag", "--target", "--ulimit",
];

const RUN_VALUED: &[&str] = &[
    "-a", "--add-host", "--annotation", "--attach", "--blkio-weight", "--cap-add", "--cap-drop", "--cgroup-parent",
    "--cgroupns", "--cidfile", "-c", "--cpu-period", "--cpu-quota", "--cpu-shares", "--cpus", "--cpuset-cpus",
    "--cpuset-mems", "--detach-keys", "--device", "--dns", "--dns-search", "--domainname", "-e", "--entrypoint", "--env",
    "--env-file", "--expose", "--gpus", "--group-add", "-h", "--health-cmd", "--health-interval", "--health-retries",
    "--health-timeout", "--hostname", "--ip", "--ip6", "--ipc", "--isolation", "--kernel-memory", "-l", "--label",
    "--label-file", "--link", "--log-driver", "--log-opt", "--mac-address", "-m", "--memory", "--memory-swap", "--mount",
    "--name", "--net", "--network", "--network-alias", "--net-alias", "--oom-score-adj", "--pid", "--pids-limit",
    "--platform", "-p", "--publish", "--pull", "--restart", "--runtime", "--security-opt", "--shm-size", "--stop-signal",
    "--stop-timeout", "--storage-opt", "--sysctl", "--tmpfs", "-u", "--user", "--ulimit", "--userns", "--uts", "-v",
    "--volume", "--volume-driver", "--volumes-from", "-w", "--workdir",
];

const EXEC_VALUED: &[&str] = &["--detach-keys", "-e", "--env", "--env-file", "-u", "--user", "-w", "--workdir"];

const OTHER_VALUED: &[&str] = &[
    "-f", "--format", "--filter", "-n", "--tail", "--since", "--until", "-u", "--username", "-p", "--password", "-e",
    "--email", "-o", "--output", "-i", "--input", "-t", "--time", "--tag", "-d", "--driver", "--subnet", "--gateway",
    "--name", "--platform", "--type", "-a", "--author", "-c", "--change", "-m", "--message", "-s", "--signal", "--arch",
    "--os", "--variant", "--label", "--opt", "--driver-opt", "--config", "--buildkitd-flags",
];

/// The options of a command that have a value.
pub(super) fn valued(command: &str) -> &'static [&'static str] {
    match command {
        "build" => BUILD_VALUED,
        "run" | "create" => RUN_VALUED,
        "exec" => EXEC_VALUED,
        // `-f` is `--force`, or follows, and `-t` and `-a` are no more than flags.
        "rm" | "rmi" | "logs" | "network rm" | "volume rm" | "ps" | "images" | "push" | "start" => {
            &["--format", "--filter", "-n", "--tail", "--since", "--until", "--last"]
        }
        _ => OTHER_VALUED,
    }
}

/// Whether what follows the first word is for what runs in a container.
pub(super) fn starts_another(command: &str) -> bool {
    matches!(command, "run" | "create" | "exec")
}

/// Commands that are one word, and what they are here.
const PLAIN: &[(&str, &str)] = &[
    ("build", "build"), ("run", "run"), ("create", "create"), ("exec", "exec"), ("ps", "ps"), ("images", "images"),
    ("pull", "pull"), ("push", "push"), ("tag", "tag"), ("rmi", "rmi"), ("rm", "rm"), ("stop", "stop"), ("kill", "kill"),
    ("start", "start"), ("restart", "restart"), ("pause", "pause"), ("unpause", "unpause"), ("rename", "rename"),
    ("update", "update"), ("attach", "attach"), ("commit", "commit"), ("cp", "cp"), ("diff", "diff"), ("logs", "logs"),
    ("wait", "wait"), ("top", "top"), ("port", "port"), ("stats", "stats"), ("export", "export"), ("import", "import"),
    ("save", "save"), ("load", "load"), ("inspect", "inspect"), ("history", "history"), ("info", "info"),
    ("version", "version"), ("login", "login"), ("logout", "logout"), ("events", "events"), ("search", "search"),
    ("compose", "compose"), ("context", "context"),
    ("swarm", "outside"), ("stack", "outside"), ("service", "outside"), ("node", "outside"), ("secret", "outside"),
    ("config", "outside"), ("trust", "outside"), ("plugin", "outside"), ("scout", "outside"), ("sbom", "outside"),
];

/// Commands that are two words.
const TWO: &[(&str, &str, &str)] = &[
    ("image", "ls", "images"), ("image", "list", "images"), ("image", "rm", "rmi"), ("image", "remove", "rmi"),
    ("image", "prune", "prune"), ("container", "ls", "ps"), ("container", "list", "ps"), ("container", "ps", "ps"),
    ("container", "prune", "prune"), ("container", "remove", "rm"), ("builder", "build", "build"), ("builder", "prune", "prune"),
    ("buildx", "build", "build"), ("buildx", "b", "build"), ("buildx", "create", "buildx create"),
    ("buildx", "use", "buildx use"), ("buildx", "rm", "buildx rm"), ("buildx", "stop", "buildx stop"),
    ("buildx", "inspect", "buildx inspect"), ("buildx", "ls", "buildx inspect"), ("buildx", "install", "buildx use"),
    ("buildx", "version", "version"), ("buildx", "bake", "outside"), ("buildx", "prune", "prune"), ("buildx", "du", "ps"),
    ("system", "prune", "prune"), ("system", "info", "info"), ("system", "df", "ps"), ("system", "events", "events"),
    ("network", "create", "network create"), ("network", "rm", "network rm"), ("network", "remove", "network rm"),
    ("network", "ls", "network ls"), ("network", "list", "network ls"), ("network", "prune", "prune"),
    ("network", "inspect", "network inspect"), ("network", "connect", "network connect"),
    ("network", "disconnect", "network connect"), ("volume", "create", "volume create"), ("volume", "rm", "volume rm"),
    ("volume", "ls", "volume ls"), ("volume", "inspect", "volume inspect"), ("volume", "prune", "prune"),
    ("manifest", "create", "manifest create"), ("manifest", "push", "manifest push"),
    ("manifest", "annotate", "manifest annotate"), ("manifest", "inspect", "manifest inspect"),
    ("manifest", "rm", "manifest annotate"),
];

/// The command among these words, and how many of them it takes.
pub(super) fn command(words: &[&str]) -> Option<(&'static str, usize)> {
    let plain = |word: &str| PLAIN.iter().find(|(name, _)| *name == word).map(|(_, command)| *command);
    match *words {
        ["buildx", "imagetools", "create", ..] => Some(("buildx imagetools create", 3)),
        ["buildx", "imagetools", "inspect", ..] => Some(("manifest inspect", 3)),
        [first, second, ..] => {
            if let Some((_, _, command)) = TWO.iter().find(|(group, name, _)| *group == first && *name == second) {
                return Some((command, 2));
            }
            if matches!(first, "image" | "container") {
                return plain(second).map(|command| (command, 2));
            }
            plain(first).map(|command| (command, 1))
        }
        [first] => plain(first).map(|command| (command, 1)),
        [] => None,
    }
}
