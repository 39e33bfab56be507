//! Builds that install from the registry that the user's own clients are configured for: what they need comes, the user's
//! token does not.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use crate::env::{Env, buildspec, render};

/// A package index with one wheel, which tells its port and then each request with what was shown to it.
const INDEX: &str = r#"
import http.server, io, zipfile

NAME = "rh_greetings-1.0-py3-none-any.whl"
wheel = io.BytesIO()
with zipfile.ZipFile(wheel, "w") as files:
    info = "rh_greetings-1.0.dist-info/"
    files.writestr("rh_greetings.py", "WORD = 'installed from the registry'\n")
    files.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: rh-greetings\nVersion: 1.0\n")
    files.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    files.writestr(info + "RECORD", "")
PAGES = {
    "/simple/rh-greetings/": ("text/html", f'<a href="../../{NAME}">{NAME}</a>'.encode()),
    "/" + NAME: ("application/octet-stream", wheel.getvalue()),
}


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, self.headers.get("Authorization"), self.headers.get("Cookie"), flush=True)
        kind, body = PAGES.get(self.path, ("text/plain", b""))
        self.send_response(200 if self.path in PAGES else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
print(server.server_port, flush=True)
server.serve_forever()
"#;

struct Index {
    process: Child,
    said: BufReader<ChildStdout>,
    port: u16,
}

impl Index {
    fn start(env: &Env) -> Self {
        let mut process = env.prepare("python3").args(["-c", INDEX]).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut port = String::new();
        said.read_line(&mut port).unwrap();
        Self { process, said, port: port.trim().parse().unwrap() }
    }

    /// What it was asked for.
    fn asked(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (&mut self.said).lines().map(Result::unwrap).collect()
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // An error says that it ended before.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_build_installs_from_the_users_registry_without_the_users_token() {
    for (sandbox, host) in [("isolated", "127.0.0.1"), ("isolated", "localhost"), ("host", "127.0.0.1")] {
        let mut env = Env::repository();
        let index = Index::start(&env);
        let settings = env.root().join("home/.config/pip/pip.conf");
        fs::create_dir_all(settings.parent().unwrap()).unwrap();
        let port = index.port;
        fs::write(&settings, format!("[global]\nindex-url = http://me:t0ken@{host}:{port}/simple/\n"))
            .unwrap();
        env.set("REHEARSAL_SANDBOX", sandbox);
        env.file(
            "buildspec.yml",
            &buildspec(&[
                "pip install --disable-pip-version-check rh-greetings",
                "python3 -c 'import rh_greetings; print(rh_greetings.WORD)'",
                "! grep -rs t0k[e]n $HOME $CODEBUILD_SRC_DIR && ! env | grep t0k[e]n && echo without a token",
            ]),
        );
        let output = env.output(["build"]);
        let said = render(&output);
        assert_eq!(output.status.code(), Some(0), "{sandbox} {host}: {said}");
        for line in ["installed from the registry", "without a token"] {
            assert!(said.lines().any(|printed| printed == line), "{sandbox} {host}: {line}: {said}");
        }
        let asked = index.asked();
        assert_eq!(
            asked,
            ["/simple/rh-greetings/ None None", "/rh_greetings-1.0-py3-none-any.whl None None"],
            "{sandbox} {host}"
        );
    }
}

#[test]
fn without_a_network_the_users_registry_is_not_reached_either() {
    let mut env = Env::repository();
    let index = Index::start(&env);
    env.set("REHEARSAL_SANDBOX", "isolated");
    env.set("PIP_INDEX_URL", format!("http://127.0.0.1:{}/simple/", index.port));
    env.file("buildspec.yml", &buildspec(&["pip install --retries 0 rh-greetings"]));
    let output = env.output(["build", "--no-network"]);
    assert_eq!(output.status.code(), Some(1), "{}", render(&output));
    assert_eq!(index.asked(), [""; 0]);
}
