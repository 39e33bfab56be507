//! A build that tries to read and use what is the user's, in every way that we could think of. In the isolated sandbox none
//! works; on the host some do, and each of those stands in `docs/fidelity.md`.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use OnHost::{Gets, Held, Untried};

use crate::env::{Env, buildspec};
use crate::sandbox::{PLANTED, isolated};

/// Files of the user's home that no build may see.
const SECRETS: [&str; 13] = [
    ".aws/credentials",
    ".aws/config",
    ".netrc",
    ".docker/config.json",
    ".npmrc",
    ".ssh/id_ed25519",
    ".cargo/credentials.toml",
    ".config/gh/hosts.yml",
    ".m2/settings.xml",
    ".gnupg/secring.gpg",
    ".kube/config",
    ".pypirc",
    ".bash_history",
];

/// What comes of an attempt on the bare host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnHost {
    /// It gets what it wants, as a line of docs/fidelity.md says.
    Gets(&'static str),
    /// It gets nothing there either.
    Held,
    /// It is not tried: it would read what is no test's, change the machine, or depends on it. The line holds for it too.
    Untried(&'static str),
}

// What docs/fidelity.md says of builds on the host.
const FILES: &str = "every file of yours can be read and changed by its absolute path";
const NETWORK: &str = "your network";
const AGENTS: &str = "agents (ssh, gpg), keyrings and the Docker socket can be used";
const HOME: &str = "looks up your home in the user database instead of `HOME` finds the real one";
const PROCESSES: &str = "other processes of yours can be read in `/proc`";
const RIGHTS: &str = "what you may do to the machine, a build may do";

/// An environment with secrets in the home, in variables and in sockets.
fn planted() -> (Env, UnixListener) {
    let mut env = Env::repository();
    let home = env.root().join("home");
    for name in SECRETS {
        let file = home.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("{PLANTED} in {name}\n")).unwrap();
    }
    env.file("untracked-secret.env", PLANTED);
    env.file(".gitignore", "*.env\n");
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "GITHUB_TOKEN",
        "NPM_TOKEN",
    ] {
        env.set(name, PLANTED);
    }
    let agent = env.root().join("agent");
    env.set("SSH_AUTH_SOCK", &agent);
    env.set("DOCKER_HOST", format!("unix://{}", agent.display()));
    let listener = UnixListener::bind(&agent).unwrap();
    listener.set_nonblocking(true).unwrap();
    (env, listener)
}

/// What it tries. What comes of it must not have the planted word.
fn attempts(env: &Env, port: u16) -> Vec<(OnHost, &'static str, String)> {
    let (root, home, work) = (env.root(), env.root().join("home"), env.work());
    let (root, home, work) = (root.display(), home.display(), work.display());
    let me = std::process::id();
    vec![
        (Gets(FILES), "by absolute path", SECRETS.map(|name| format!("cat {home}/{name}")).join("; ")),
        (Held, "by HOME", SECRETS.map(|name| format!("cat ~/{name}")).join("; ")),
        (
            Untried(HOME),
            "the home of the user database",
            "cat $(getent passwd 0 | cut -d: -f6)/.aws/credentials".to_owned(),
        ),
        (
            Untried(FILES),
            "its real home",
            "cat /home/*/.aws/* /home/*/.ssh/* /root/.netrc /root/.claude/* /root/.npmrc".to_owned(),
        ),
        (
            Gets(FILES),
            "the working tree",
            format!("cat {work}/untracked-secret.env {work}/.git/config; ls -a {work}"),
        ),
        (Gets(FILES), "the folder above", format!("ls -a {root} && echo {PLANTED}")),
        (Held, "its own climbing", "cat ../../../../../../home/.netrc ../../../../*/home/.netrc".to_owned()),
        (
            Untried(FILES),
            "files of that name anywhere",
            "find / -path /usr -prune -o -path /proc -prune -o -name credentials -type f -exec cat {} +"
                .to_owned(),
        ),
        (
            Untried(FILES),
            "anything with the word",
            format!(
                "grep -rsl --exclude-dir=.pyenv --exclude-dir=.rustup {PLANTED} /home /root /etc /tmp /run /var /dev/shm && echo {PLANTED}"
            ),
        ),
        (Untried(PROCESSES), "environment of process 1", "cat /proc/1/environ".to_owned()),
        (Untried(PROCESSES), "environment of every process", "cat /proc/[0-9]*/environ".to_owned()),
        (
            Gets(PROCESSES),
            "root of every process",
            format!("cat /proc/[0-9]*/root{home}/.netrc /proc/[0-9]*/cwd/../.netrc"),
        ),
        (
            Untried(PROCESSES),
            "descriptors of every process",
            "for fd in /proc/[0-9]*/fd/*; do cat $fd/.netrc; done".to_owned(),
        ),
        (
            Gets(PROCESSES),
            "process of the caller",
            format!("cat /proc/{me}/environ; ls /proc/{me} && echo {PLANTED}"),
        ),
        (
            Untried(PROCESSES),
            "memory of the guard",
            format!("dd if=/proc/1/mem bs=1 count=1 && echo {PLANTED}"),
        ),
        (Held, "its environment", "env; set".to_owned()),
        (
            Untried(RIGHTS),
            "shadow and machine settings",
            format!(
                "cat /etc/shadow /etc/sudoers /etc/pip.conf /etc/npmrc /etc/ssl/private/* && echo {PLANTED}"
            ),
        ),
        (
            Untried(AGENTS),
            "the docker socket",
            format!("ls -d /var/run/docker.sock /run/docker.sock /run/user && echo {PLANTED}"),
        ),
        (
            Gets(AGENTS),
            "the ssh agent",
            format!(
                "python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"{root}/agent\"); print(\"{PLANTED}\")'"
            ),
        ),
        (
            Untried(AGENTS),
            "the ssh agent by its client",
            format!("SSH_AUTH_SOCK={root}/agent ssh-add -l && echo {PLANTED}"),
        ),
        (
            Untried(RIGHTS),
            "a fresh mount",
            format!(
                "mount -t tmpfs none /mnt; mount -o remount,rw,bind /usr && echo {PLANTED}; umount /etc && echo {PLANTED}"
            ),
        ),
        (
            Untried(RIGHTS),
            "a mount in namespaces of its own",
            format!(
                "unshare -Urm sh -c 'umount -l /etc && echo {PLANTED}; mount -o remount,rw,bind /usr && echo {PLANTED}'"
            ),
        ),
        (
            Untried(RIGHTS),
            "a device",
            format!(
                "mknod disk b 8 0 && echo {PLANTED}; ls /dev/sd* /dev/vd* /dev/nvme* /dev/mem /dev/kvm && echo {PLANTED}"
            ),
        ),
        (
            Untried(RIGHTS),
            "settings of the kernel",
            format!(
                ": >>/proc/sys/kernel/sysrq && echo {PLANTED}; : >>/proc/sysrq-trigger && echo {PLANTED}; : >>/proc/sys/kernel/core_pattern && echo {PLANTED}"
            ),
        ),
        (
            Untried(RIGHTS),
            "the kernel",
            format!(
                "ls /sys/kernel /proc/acpi/* /proc/scsi/* && echo {PLANTED}; head -c1 /proc/kcore | grep -q . && echo {PLANTED}"
            ),
        ),
        (Untried(RIGHTS), "a kill from inside", "kill -KILL 1; kill -STOP 1".to_owned()),
        (
            Gets(NETWORK),
            "loopback address of the host",
            format!(
                "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 3); print(\"{PLANTED}\")'"
            ),
        ),
        (Untried(NETWORK), "a way out", format!("ip route | grep . && echo {PLANTED}")),
        (
            Untried(NETWORK),
            "the hypervisor",
            format!(
                "python3 -c 'import socket; socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM); print(\"{PLANTED}\")'"
            ),
        ),
        (
            Untried(AGENTS),
            "keys of the session",
            format!(
                "python3 -c 'import ctypes; keys = ctypes.CDLL(None).syscall(250, 0, -3, 0); keys >= 0 and print(\"{PLANTED}\")'"
            ),
        ),
        (Untried(NETWORK), "a name", format!("getent hosts example.com && echo {PLANTED}")),
        (
            Untried(NETWORK),
            "a host that the machine knows",
            format!("grep -v -e localhost -e '^$' /etc/hosts && echo {PLANTED}"),
        ),
    ]
}

/// What one attempt after another printed.
fn printed<'a>(said: &'a str, names: &[&'static str]) -> Vec<(&'static str, Vec<&'a str>)> {
    let mut tried = said.split("\n== ").skip(usize::from(!said.starts_with("== ")));
    let mut all = Vec::new();
    for name in names {
        let came = tried.next().unwrap_or_else(|| panic!("{name} was not tried:\n{said}"));
        let came = came.trim_start_matches("== ");
        assert!(came.starts_with(name), "{name}: {came}");
        // The log of the build names each command before it runs; what a command printed is what counts.
        all.push((*name, came.lines().filter(|line| !line.starts_with("[Container]")).collect()));
    }
    all
}

fn commands(attempts: &[(OnHost, &'static str, String)]) -> Vec<String> {
    let one = |(_, name, attempt): &(OnHost, &str, String)| {
        format!("echo; echo '== {name}'; ( {attempt}\n) 2>/dev/null || true")
    };
    attempts.iter().map(one).collect()
}

#[test]
fn a_hostile_build_gets_none_of_the_users_secrets_and_reaches_nobody() {
    let (mut env, agent) = planted();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    open.set_nonblocking(true).unwrap();
    let attempts = attempts(&env, open.local_addr().unwrap().port());
    assert!(attempts.len() >= 30);
    let commands = commands(&attempts);
    let lines: Vec<&str> = commands.iter().map(String::as_str).collect();
    let said = isolated(&mut env, &lines);

    let names: Vec<_> = attempts.iter().map(|attempt| attempt.1).collect();
    for (name, printed) in printed(&said, &names) {
        assert!(!printed.iter().any(|line| line.contains(PLANTED)), "{name}: {}", printed.join("\n"));
    }
    for (whom, error) in [("the agent", agent.accept().err()), ("the listener", open.accept().err())] {
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::WouldBlock), "{whom} was reached");
    }
}

#[test]
fn what_a_hostile_build_gets_on_the_host_is_listed_for_users() {
    let (mut env, _agent) = planted();
    let open = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut attempts = attempts(&env, open.local_addr().unwrap().port());
    let page = include_str!("../../docs/fidelity.md");
    let (_, page) = page.split_once("### The host\n").unwrap();
    let (page, _) = page.split_once("\n## ").unwrap();
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for (outcome, name, _) in &attempts {
        if let Gets(line) | Untried(line) = outcome {
            assert!(page.contains(line), "{name}: docs/fidelity.md does not say: {line}");
        }
    }

    attempts.retain(|attempt| !matches!(attempt.0, Untried(_)));
    let commands = commands(&attempts);
    let lines: Vec<&str> = commands.iter().map(String::as_str).collect();
    env.set("REHEARSAL_SANDBOX", "host");
    env.file("buildspec.yml", &buildspec(&lines));
    let said = env.stdout(["build"], 0);
    let names: Vec<_> = attempts.iter().map(|attempt| attempt.1).collect();
    for ((outcome, ..), (name, printed)) in attempts.iter().zip(printed(&said, &names)) {
        let gets = printed.iter().any(|line| line.contains(PLANTED));
        assert_eq!(gets, *outcome != Held, "{name}: {}", printed.join("\n"));
    }
}
