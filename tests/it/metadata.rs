//! The addresses where machines of a cloud keep credentials, and any other: builds in the isolated sandbox reach none of them,
//! builds on the host only those that `docs/fidelity.md` owns up to.
//!
//! All of it runs in a network of its own, which the test makes, where those addresses lead to a server of the test's: were a
//! sandbox broken, the build would meet that server and nobody else.

use std::process::Output;

use crate::env::{Env, buildspec, render};

/// Makes the network, serves in it, shows that the server can be reached, and runs the builds.
const NETWORK: &str = r#"
import fcntl, http.server, socket, socketserver, struct, subprocess, sys, threading

ADDRESSES = ["169.254.169.254", "169.254.170.2", "192.0.2.1"]
reached = []


class Answer(http.server.BaseHTTPRequestHandler):
    def handle(self):
        reached.append(self.connection.getsockname()[0])
        super().handle()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"PLANTED-ROLE")

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for index, address in enumerate(["127.0.0.1", *ADDRESSES]):
    name = f"lo:{index}".encode() if index else b"lo"
    if index:
        fcntl.ioctl(control, 0x8916, struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(address)))
    fcntl.ioctl(control, 0x8914, struct.pack("16sh", name, 0x41))
server = Server(("0.0.0.0", 80), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
for address in ADDRESSES:
    ask = socket.create_connection((address, 80), 5)
    ask.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert b"PLANTED-ROLE" in ask.makefile("rb").read(), address
assert sorted(reached) == sorted(ADDRESSES), reached
for sandbox in ["isolated", "host"]:
    reached.clear()
    run = subprocess.run([sys.argv[1], "build", "--sandbox", sandbox], capture_output=True, text=True)
    print(f"== {sandbox}: {run.returncode}, reached {sorted(set(reached))}")
    print("\n".join(line for line in run.stdout.splitlines() if line.startswith("by ")))
    if run.returncode:
        print(run.stdout, run.stderr)
"#;

/// What a build tries: by a socket, through the proxy that it is given, and past it.
const BUILD: &str = r#"
import socket, urllib.request

def attempt(way, work):
    try:
        print("by", way, work(), flush=True)
    except Exception as error:
        print("by", way, "refused", getattr(error, "code", ""), flush=True)

def connected(address):
    socket.create_connection((address, 80), 5).close()
    return "connected"

past = urllib.request.build_opener(urllib.request.ProxyHandler({}))
URL = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
for address in ["169.254.169.254", "169.254.170.2", "192.0.2.1"]:
    attempt(f"socket to {address}:", lambda: connected(address))
attempt("the proxy:", lambda: urllib.request.urlopen(URL, timeout=5).read().decode())
attempt("no proxy:", lambda: past.open(URL, timeout=5).read().decode())
"#;

/// Runs the script in a network of its own. An ordinary user needs a user namespace for that, which not every machine grants;
/// root needs none.
fn in_a_network(env: &Env) -> Output {
    let script = env.root().join("network.py");
    std::fs::write(&script, NETWORK).unwrap();
    let ways: [&[&str]; 2] = [&["--net", "--"], &["--user", "--map-root-user", "--net", "--"]];
    let mut last = None;
    for way in ways {
        let works = env.prepare("unshare").args(way).arg("true").output();
        if works.is_ok_and(|output| output.status.success()) {
            let mut command = env.prepare("unshare");
            command.args(way).arg("python3").arg(&script).arg(env!("CARGO_BIN_EXE_rehearsal"));
            last = Some(command.output().unwrap());
            break;
        }
    }
    last.expect("this test needs `unshare --net`")
}

#[test]
fn no_build_in_the_isolated_sandbox_reaches_a_metadata_server() {
    let mut env = Env::repository();
    env.unset("REHEARSAL_SANDBOX");
    env.file("steal.py", BUILD);
    env.file("buildspec.yml", &buildspec(&["python3 steal.py"]));
    env.commit("a build that asks for credentials");
    let output = in_a_network(&env);
    assert!(output.status.success(), "{}", render(&output));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @"
    == isolated: 0, reached []
    by socket to 169.254.169.254: refused 
    by socket to 169.254.170.2: refused 
    by socket to 192.0.2.1: refused 
    by the proxy: refused 403
    by no proxy: refused 
    == host: 0, reached ['169.254.169.254', '169.254.170.2', '192.0.2.1']
    by socket to 169.254.169.254: connected
    by socket to 169.254.170.2: connected
    by socket to 192.0.2.1: connected
    by the proxy: refused 403
    by no proxy: PLANTED-ROLE
    ");
    // What the host lets through is said where users look for it.
    let page = include_str!("../../docs/fidelity.md");
    assert!(page.contains("the metadata address of a machine in a cloud (`169.254.169.254`)"));
}
