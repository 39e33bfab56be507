//! The options that docker has, command by command: the one list of what may be handed to an engine.
//!
//! Owns: each option's name, whether it takes a value, and what that value is. Leaves to `means` what there is to be, to
//! `reading` how command lines are read with it, to `values` what becomes of a value. What is not in here, docker does not have.
//! Source: `docker COMMAND --help` of docker 28.2 and buildx 0.24, with the hidden options of their sources.

use super::means::Means::{
    Beyond, BeyondSwitch, CacheFrom, CacheTo, Container, Context, Env, EnvFile, Hosts, Input, LabelFile,
    Moot, MootSwitch, Mount, Network, OneOf, Output, Plain, Platform, Publish, Push, Read, Secret, Switch,
    Tag, Volume, Written,
};
use super::means::{Opt, o, s};

/// Before the command.
pub(super) const GLOBAL: &[Opt] = &[
    o("--config", Moot),
    s('c', "--context", Beyond),
    s('D', "--debug", MootSwitch),
    s('H', "--host", Beyond),
    s('l', "--log-level", Moot),
    o("--tls", BeyondSwitch),
    o("--tlscacert", Beyond),
    o("--tlscert", Beyond),
    o("--tlskey", Beyond),
    o("--tlsverify", BeyondSwitch),
    s('v', "--version", MootSwitch),
];

/// `build`, of docker and of buildx.
pub(super) const BUILD: &[Opt] = &[
    o("--add-host", Hosts),
    o("--allow", Beyond),
    o("--annotation", Plain),
    // Attestations are pushed with an image, and nothing is pushed.
    o("--attest", Moot),
    o("--provenance", Moot),
    o("--sbom", Moot),
    o("--build-arg", Env),
    o("--build-context", Context),
    o("--builder", Moot),
    o("--cache-from", CacheFrom),
    o("--cache-to", CacheTo),
    o("--call", Plain),
    o("--print", Plain),
    o("--check", Switch),
    o("--cgroup-parent", Beyond),
    o("--compress", MootSwitch),
    o("--cpu-period", Plain),
    o("--cpu-quota", Plain),
    s('c', "--cpu-shares", Plain),
    o("--cpuset-cpus", Plain),
    o("--cpuset-mems", Plain),
    s('D', "--debug", MootSwitch),
    o("--detach", BeyondSwitch),
    o("--disable-content-trust", MootSwitch),
    s('f', "--file", Read),
    o("--force-rm", MootSwitch),
    o("--iidfile", Written),
    o("--isolation", OneOf(&["default", ""])),
    o("--label", Plain),
    // What is built is always loaded.
    o("--load", MootSwitch),
    s('m', "--memory", Plain),
    o("--memory-swap", Plain),
    o("--metadata-file", Written),
    o("--network", OneOf(&["default", "none", "bridge", ""])),
    o("--no-cache", Switch),
    o("--no-cache-filter", Plain),
    s('o', "--output", Output),
    o("--platform", Platform),
    o("--progress", Plain),
    // A newer image would take the name of one that others use.
    o("--pull", MootSwitch),
    o("--push", Push),
    s('q', "--quiet", Switch),
    o("--rm", MootSwitch),
    o("--root", Beyond),
    o("--secret", Secret),
    o("--security-opt", Beyond),
    o("--server-config", Beyond),
    o("--shm-size", Plain),
    o("--squash", MootSwitch),
    o("--ssh", Beyond),
    s('t', "--tag", Tag),
    o("--target", Plain),
    o("--ulimit", Plain),
];

/// `run` and `create`.
pub(super) const RUN: &[Opt] = &[
    o("--add-host", Hosts),
    // Annotations are for the runtime, which may take one for a permission.
    o("--annotation", Beyond),
    s('a', "--attach", Plain),
    o("--blkio-weight", Plain),
    o("--blkio-weight-device", Beyond),
    o("--cap-add", Beyond),
    o("--cap-drop", Plain),
    o("--cgroup-parent", Beyond),
    o("--cgroupns", OneOf(&["private", ""])),
    o("--cidfile", Written),
    o("--cpu-count", Plain),
    o("--cpu-percent", Plain),
    o("--cpu-period", Plain),
    o("--cpu-quota", Plain),
    o("--cpu-rt-period", Beyond),
    o("--cpu-rt-runtime", Beyond),
    s('c', "--cpu-shares", Plain),
    o("--cpus", Plain),
    o("--cpuset-cpus", Plain),
    o("--cpuset-mems", Plain),
    s('d', "--detach", Switch),
    o("--detach-keys", Moot),
    o("--device", Beyond),
    o("--device-cgroup-rule", Beyond),
    o("--device-read-bps", Beyond),
    o("--device-read-iops", Beyond),
    o("--device-write-bps", Beyond),
    o("--device-write-iops", Beyond),
    o("--disable-content-trust", MootSwitch),
    o("--dns", Plain),
    o("--dns-opt", Plain),
    o("--dns-option", Plain),
    o("--dns-search", Plain),
    o("--domainname", Plain),
    o("--entrypoint", Plain),
    s('e', "--env", Env),
    o("--env-file", EnvFile),
    o("--expose", Plain),
    o("--gpus", Beyond),
    o("--group-add", Plain),
    o("--health-cmd", Plain),
    o("--health-interval", Plain),
    o("--health-retries", Plain),
    o("--health-start-interval", Plain),
    o("--health-start-period", Plain),
    o("--health-timeout", Plain),
    s('h', "--hostname", Plain),
    o("--init", Switch),
    s('i', "--interactive", Input),
    o("--io-maxbandwidth", Plain),
    o("--io-maxiops", Plain),
    o("--ip", Plain),
    o("--ip6", Plain),
    o("--ipc", OneOf(&["none", "private", "shareable", "", "container:*"])),
    o("--isolation", OneOf(&["default", ""])),
    o("--kernel-memory", Plain),
    s('l', "--label", Plain),
    o("--label-file", LabelFile),
    o("--link", Container),
    o("--link-local-ip", Plain),
    o("--log-driver", OneOf(&["json-file", "local", "none"])),
    o("--log-opt", OneOf(&["max-size=*", "max-file=*", "compress=*", "mode=*", "max-buffer-size=*"])),
    o("--mac-address", Plain),
    s('m', "--memory", Plain),
    o("--memory-reservation", Plain),
    o("--memory-swap", Plain),
    o("--memory-swappiness", Plain),
    o("--mount", Mount),
    o("--name", Plain),
    o("--net", Network),
    o("--network", Network),
    o("--net-alias", Plain),
    o("--network-alias", Plain),
    o("--no-healthcheck", Switch),
    o("--oom-kill-disable", BeyondSwitch),
    o("--oom-score-adj", Beyond),
    o("--pid", OneOf(&["", "container:*"])),
    o("--pids-limit", Plain),
    o("--platform", Plain),
    o("--privileged", BeyondSwitch),
    s('p', "--publish", Publish),
    // There is no saying that they are for this machine only.
    s('P', "--publish-all", BeyondSwitch),
    // A newer image would take the name of one that others use.
    o("--pull", OneOf(&["missing", "never", "always"])),
    s('q', "--quiet", Switch),
    o("--read-only", Switch),
    // The others start a container again when the build is long over.
    o("--restart", OneOf(&["no", "", "on-failure", "on-failure:*"])),
    o("--rm", Switch),
    o("--runtime", Beyond),
    o("--security-opt", OneOf(&["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"])),
    o("--shm-size", Plain),
    o("--sig-proxy", Switch),
    o("--stop-signal", Plain),
    o("--stop-timeout", Plain),
    o("--storage-opt", Beyond),
    o("--sysctl", Beyond),
    o("--tmpfs", Plain),
    // There is no terminal.
    s('t', "--tty", MootSwitch),
    o("--ulimit", Plain),
    o("--use-api-socket", BeyondSwitch),
    s('u', "--user", Plain),
    o("--userns", Beyond),
    o("--uts", Beyond),
    s('v', "--volume", Volume),
    o("--volume-driver", Beyond),
    o("--volumes-from", Container),
    s('w', "--workdir", Plain),
];

pub(super) const EXEC: &[Opt] = &[
    s('d', "--detach", Switch),
    o("--detach-keys", Moot),
    s('e', "--env", Env),
    o("--env-file", EnvFile),
    s('i', "--interactive", Input),
    o("--privileged", BeyondSwitch),
    s('t', "--tty", MootSwitch),
    s('u', "--user", Plain),
    s('w', "--workdir", Plain),
];

pub(super) const UPDATE: &[Opt] = &[
    o("--blkio-weight", Plain),
    o("--cpu-period", Plain),
    o("--cpu-quota", Plain),
    o("--cpu-rt-period", Beyond),
    o("--cpu-rt-runtime", Beyond),
    s('c', "--cpu-shares", Plain),
    o("--cpus", Plain),
    o("--cpuset-cpus", Plain),
    o("--cpuset-mems", Plain),
    o("--kernel-memory", Plain),
    s('m', "--memory", Plain),
    o("--memory-reservation", Plain),
    o("--memory-swap", Plain),
    o("--pids-limit", Plain),
    o("--restart", OneOf(&["no", "", "on-failure", "on-failure:*"])),
];

/// A network's own addresses and drivers are this machine's.
pub(super) const NETWORK_CREATE: &[Opt] = &[
    o("--attachable", Switch),
    o("--aux-address", Beyond),
    o("--config-from", Beyond),
    o("--config-only", BeyondSwitch),
    s('d', "--driver", OneOf(&["bridge"])),
    o("--gateway", Beyond),
    o("--ingress", BeyondSwitch),
    o("--internal", Switch),
    o("--ip-range", Beyond),
    o("--ipam-driver", OneOf(&["default"])),
    o("--ipam-opt", Beyond),
    o("--ipv4", Switch),
    o("--ipv6", Switch),
    o("--label", Plain),
    s('o', "--opt", Beyond),
    o("--scope", OneOf(&["local"])),
    o("--subnet", Beyond),
];

pub(super) const NETWORK_CONNECT: &[Opt] = &[
    o("--alias", Plain),
    o("--driver-opt", Beyond),
    o("--gw-priority", Plain),
    o("--ip", Plain),
    o("--ip6", Plain),
    o("--link", Container),
    o("--link-local-ip", Plain),
];

/// The options of the driver mount whatever they name.
pub(super) const VOLUME_CREATE: &[Opt] = &[
    o("--availability", Beyond),
    s('d', "--driver", OneOf(&["local"])),
    o("--group", Beyond),
    o("--label", Plain),
    o("--limit-bytes", Beyond),
    o("--name", Plain),
    s('o', "--opt", Beyond),
    o("--required-bytes", Beyond),
    o("--scope", Beyond),
    o("--secret", Beyond),
    o("--sharing", Beyond),
    o("--topology-preferred", Beyond),
    o("--topology-required", Beyond),
    o("--type", Beyond),
];

pub(super) const IMAGES: &[Opt] = &[
    s('a', "--all", Switch),
    o("--digests", Switch),
    s('f', "--filter", Plain),
    o("--format", Plain),
    o("--no-trunc", Switch),
    s('q', "--quiet", Switch),
    o("--tree", Switch),
];

pub(super) const PS: &[Opt] = &[
    s('a', "--all", Switch),
    s('f', "--filter", Plain),
    o("--format", Plain),
    s('n', "--last", Plain),
    s('l', "--latest", Switch),
    o("--no-trunc", Switch),
    s('q', "--quiet", Switch),
    s('s', "--size", Switch),
];

pub(super) const LIST: &[Opt] = &[
    o("--cluster", BeyondSwitch),
    s('f', "--filter", Plain),
    o("--format", Plain),
    o("--no-trunc", Switch),
    s('q', "--quiet", Switch),
];

pub(super) const INSPECT: &[Opt] = &[
    s('f', "--format", Plain),
    o("--platform", Plain),
    s('s', "--size", Switch),
    o("--type", Moot),
    s('v', "--verbose", Switch),
];

pub(super) const FORMAT: &[Opt] = &[s('f', "--format", Plain)];

pub(super) const HISTORY: &[Opt] = &[
    o("--format", Plain),
    s('H', "--human", Switch),
    o("--no-trunc", Switch),
    o("--platform", Plain),
    s('q', "--quiet", Switch),
];

pub(super) const LOGS: &[Opt] = &[
    o("--details", Switch),
    s('f', "--follow", Switch),
    o("--since", Plain),
    s('n', "--tail", Plain),
    s('t', "--timestamps", Switch),
    o("--until", Plain),
];

pub(super) const STATS: &[Opt] =
    &[s('a', "--all", BeyondSwitch), o("--format", Plain), o("--no-stream", Switch), o("--no-trunc", Switch)];

pub(super) const PULL: &[Opt] = &[
    s('a', "--all-tags", BeyondSwitch),
    o("--disable-content-trust", MootSwitch),
    o("--platform", Plain),
    s('q', "--quiet", Switch),
];

pub(super) const PUSH: &[Opt] = &[
    s('a', "--all-tags", MootSwitch),
    o("--disable-content-trust", MootSwitch),
    o("--platform", Moot),
    s('q', "--quiet", MootSwitch),
];

pub(super) const SAVE: &[Opt] = &[s('o', "--output", Written), o("--platform", Plain)];
pub(super) const LOAD: &[Opt] = &[s('i', "--input", Read), o("--platform", Plain), s('q', "--quiet", Switch)];
pub(super) const IMPORT: &[Opt] =
    &[s('c', "--change", Plain), s('m', "--message", Plain), o("--platform", Plain)];
pub(super) const COMMIT: &[Opt] = &[
    s('a', "--author", Plain),
    s('c', "--change", Plain),
    s('m', "--message", Plain),
    s('p', "--pause", Switch),
];
pub(super) const COPY: &[Opt] =
    &[s('a', "--archive", Switch), s('L', "--follow-link", Switch), s('q', "--quiet", Switch)];

// The volumes of a container that is removed would stay without a name.
pub(super) const RM: &[Opt] =
    &[s('f', "--force", Switch), s('l', "--link", BeyondSwitch), s('v', "--volumes", MootSwitch)];
pub(super) const RMI: &[Opt] = &[s('f', "--force", Switch), o("--no-prune", Switch), o("--platform", Plain)];
pub(super) const FORCE: &[Opt] = &[s('f', "--force", Switch)];
pub(super) const SIGNAL: &[Opt] = &[s('s', "--signal", Plain)];
pub(super) const STOP: &[Opt] = &[s('s', "--signal", Plain), o("--time", Plain), s('t', "--timeout", Plain)];
pub(super) const START: &[Opt] = &[
    s('a', "--attach", Switch),
    o("--checkpoint", Beyond),
    o("--checkpoint-dir", Beyond),
    o("--detach-keys", Moot),
    s('i', "--interactive", Input),
];
pub(super) const ATTACH: &[Opt] =
    &[o("--detach-keys", Moot), o("--no-stdin", Switch), o("--sig-proxy", Switch)];

/// What is never handed on, and so has no meaning but its form.
pub(super) const LOGIN: &[Opt] = &[
    s('e', "--email", Moot),
    s('p', "--password", Moot),
    o("--password-stdin", MootSwitch),
    s('u', "--username", Moot),
];
pub(super) const PRUNE: &[Opt] = &[
    s('a', "--all", MootSwitch),
    o("--builder", Moot),
    o("--filter", Moot),
    s('f', "--force", MootSwitch),
    o("--keep-storage", Moot),
    o("--max-used-space", Moot),
    o("--min-free-space", Moot),
    o("--reserved-space", Moot),
    o("--verbose", MootSwitch),
    o("--volumes", MootSwitch),
];
pub(super) const BUILDER: &[Opt] = &[
    o("--all-inactive", MootSwitch),
    o("--append", MootSwitch),
    o("--bootstrap", MootSwitch),
    o("--builder", Moot),
    o("--buildkitd-config", Moot),
    o("--buildkitd-flags", Moot),
    o("--config", Moot),
    o("--default", MootSwitch),
    o("--driver", Moot),
    o("--driver-opt", Moot),
    s('f', "--force", MootSwitch),
    o("--format", Moot),
    o("--global", MootSwitch),
    o("--keep-daemon", MootSwitch),
    o("--keep-state", MootSwitch),
    o("--leave", MootSwitch),
    o("--name", Moot),
    o("--no-trunc", MootSwitch),
    o("--node", Moot),
    o("--platform", Moot),
    o("--use", MootSwitch),
];
pub(super) const IMAGETOOLS: &[Opt] = &[
    o("--annotation", Moot),
    o("--append", MootSwitch),
    o("--builder", Moot),
    o("--dry-run", MootSwitch),
    s('f', "--file", Moot),
    o("--format", Moot),
    o("--prefer-index", MootSwitch),
    o("--progress", Moot),
    o("--raw", MootSwitch),
    s('t', "--tag", Moot),
];
pub(super) const MANIFEST: &[Opt] = &[
    s('a', "--amend", MootSwitch),
    o("--arch", Moot),
    o("--insecure", MootSwitch),
    o("--os", Moot),
    o("--os-features", Moot),
    o("--os-version", Moot),
    s('p', "--purge", MootSwitch),
    o("--variant", Moot),
    s('v', "--verbose", MootSwitch),
];
pub(super) const WATCHING: &[Opt] = &[
    s('f', "--filter", Moot),
    o("--format", Moot),
    o("--limit", Moot),
    o("--no-trunc", MootSwitch),
    o("--since", Moot),
    o("--until", Moot),
    s('v', "--verbose", MootSwitch),
    o("--builder", Moot),
];
