//! Stand-ins of tools, as programs: an endpoint of the test's own answers them by the library's `respond`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rehearsal::aws::shims::{self, Engine, Tools};
use rehearsal::aws::{Desk, World, read_effects};
use rehearsal::clock::SystemClock;

use crate::env::Env;

/// Shims first on PATH, real programs behind them, and somebody who answers.
struct Stage {
    env: Env,
    desk: Arc<Desk>,
    port: u16,
    server: Option<JoinHandle<()>>,
}

impl Stage {
    fn new(tools: impl FnOnce(&Path) -> Tools) -> Self {
        let env = Env::new();
        let root = env.root();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let world = World::new(
            "111122223333",
            "us-east-1",
            root.join("aws"),
            root.join("aws"),
            Arc::new(SystemClock),
        );
        let desk = Desk::open(Arc::new(world), None, &root.join("effects")).unwrap().with_tools(tools(&root));
        let desk = Arc::new(desk);
        let folder = root.join("shims");
        let place = shims::Place {
            folder: &folder,
            seen_as: &folder,
            program: Path::new(env!("CARGO_BIN_EXE_rehearsal")),
            port,
            token: desk.access_key(),
        };
        shims::write(&place, &shims::names()).unwrap();
        let answering = Arc::clone(&desk);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if !answer(stream.unwrap(), &answering) {
                    return;
                }
            }
        });
        Self { env, desk, port, server: Some(server) }
    }

    /// Puts a program behind the shims.
    fn program(&self, name: &str, script: &str) -> &Self {
        let file = self.root().join("real").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        self
    }

    fn root(&self) -> PathBuf {
        self.env.root()
    }

    /// What a shell prints that runs `text`, with its exit status.
    fn sh(&self, text: &str) -> String {
        self.sh_with(text, ":/usr/bin:/bin")
    }

    /// The same on a machine of which nothing but these folders is on PATH, behind the shims and the test's programs.
    fn sh_with(&self, text: &str, folders: &str) -> String {
        let root = self.root();
        let path = format!("{0}/shims:{0}/real{folders}", root.display());
        let mut shell = self.env.prepare("/bin/sh");
        let output = shell
            .args(["-c", text])
            .current_dir(root.join("work"))
            .env_clear()
            .env("PATH", path)
            .env("HOME", root.join("home"))
            .env("TMPDIR", root.join("tmp"))
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&root.display().to_string(), "ROOT");
        format!("{}{}exit {}", text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
    }

    /// What was recorded: each command and what became of it.
    fn record(&self) -> Vec<String> {
        let effects = read_effects(&self.root().join("effects")).unwrap();
        let line = |effect: &rehearsal::aws::Effect| {
            let rehearsal::aws::Subject::Tool { argv } = &effect.subject else { return "other".to_owned() };
            let outcome =
                serde_json::to_value(&effect.handling).unwrap()["outcome"].as_str().unwrap().to_owned();
            format!("{}: {outcome}", argv.join(" "))
        };
        effects.iter().map(line).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
            let _ = stream.write_all(b"END\r\n\r\n");
        }
        if let Some(server) = self.server.take() {
            server.join().unwrap();
        }
    }
}

/// Answers one request; whether more are expected.
fn answer(stream: TcpStream, desk: &Arc<Desk>) -> bool {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    if !first.starts_with("POST /-/shim ") {
        return false;
    }
    let (mut length, mut known) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().unwrap(),
            Some(("Authorization", value)) => known = value == format!("Bearer {}", desk.access_key()),
            Some(_) => {}
            None => break,
        }
    }
    let desk = Arc::clone(desk);
    // The shim asks again while others wait for their turn.
    std::thread::spawn(move || {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut stream = stream;
        if !known {
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
            return;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let mut chunks = Chunks(stream);
        if shims::respond(&body, &desk, &mut chunks).is_ok() {
            let _ = chunks.0.write_all(b"0\r\n\r\n");
        }
    });
    true
}

struct Chunks(TcpStream);

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        write!(self.0, "{:x}\r\n", bytes.len())?;
        self.0.write_all(bytes)?;
        self.0.write_all(b"\r\n")?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn no_engine(_: &Path) -> Tools {
    Tools::default()
}

#[test]
fn a_real_command_is_the_program_behind_the_shim_with_its_input_and_status() {
    let stage = Stage::new(no_engine);
    stage.program("git", r#"printf '<%s>' "$@"; cat; exit 3"#).program("aws", "echo aws \"$@\"");
    assert_eq!(stage.sh("printf in | git -C 'a b' status ''"), "<-C><a b><status><>inexit 3");
    assert_eq!(
        stage.sh("aws sqs list-queues"),
        "aws --endpoint-url http://127.0.0.1:9 sqs list-queues\nexit 0"
    );
    assert!(stage.record().is_empty());
}

#[test]
fn what_would_act_is_recorded_and_does_not_run() {
    let stage = Stage::new(no_engine);
    stage.program("kubectl", "echo contacted >&2");
    assert_eq!(
        stage.sh("mkdir k8s; kubectl apply -f k8s && eb deploy"),
        "rehearsal: recorded, not run: kubectl apply -f k8s\nrehearsal: recorded, not run: eb deploy\nexit 0"
    );
    // Whoever writes to a command that reads is not cut off.
    assert_eq!(
        stage.sh("{ head -c 1000000 /dev/zero; echo \"wrote $?\" >&2; } | kubectl apply -f -"),
        "wrote 0\nrehearsal: recorded, not run: kubectl apply -f -\nexit 0"
    );
    // A loop's input belongs to the loop.
    assert_eq!(
        stage.sh("printf 'a\\nb\\n' | while read -r x; do eb deploy $x; done"),
        "rehearsal: recorded, not run: eb deploy a\nrehearsal: recorded, not run: eb deploy b\nexit 0"
    );
    assert_eq!(stage.record().len(), 5);
}

#[test]
fn a_question_is_refused_only_where_its_answer_is_used() {
    let stage = Stage::new(no_engine);
    stage.program("kubectl", "echo contacted >&2");
    // As in the log of a build, which takes both.
    let shown = "rehearsal: recorded, not run: kubectl get pods (nobody here knows what it would print)";
    assert_eq!(stage.sh("exec 2>&1; kubectl get pods"), format!("{shown}\nexit 0"));
    assert_eq!(stage.sh("kubectl get pods > /dev/null"), format!("{shown}\nexit 0"));
    for used in
        ["pods=$(kubectl get pods)", "kubectl get pods > pods.txt", "kubectl get pods | cat > x; exit 1"]
    {
        let told = stage.sh(&format!("exec 2>&1; {used}"));
        assert!(told.contains("refused: kubectl get pods") && told.ends_with("exit 1"), "{told}");
    }
    let mut record = stage.record();
    record.dedup();
    assert_eq!(record, ["kubectl get pods: simulated", "kubectl get pods: refused"]);
}

#[test]
fn a_word_that_a_tool_does_not_have_fails_unless_a_plugin_brings_it() {
    let stage = Stage::new(no_engine);
    let told = stage.sh("kubectl neet-all && echo on");
    assert_eq!(told, "Error: unknown command \"neet-all\" for \"kubectl\"\nexit 1");
    stage.program("kubectl-neet_all", "echo contacted");
    assert_eq!(stage.sh("kubectl neet-all"), "rehearsal: recorded, not run: kubectl neet-all\nexit 0");
}

#[test]
fn what_is_done_in_part_is_recorded_only_when_that_succeeds() {
    let stage = Stage::new(no_engine);
    stage.program("cdk", "echo cdk \"$@\"; test ! -e broken");
    assert_eq!(
        stage.sh("cdk deploy --all"),
        "cdk synth --quiet\nrehearsal: not run: cdk deploy --all; run in its place: cdk synth --quiet\nexit 0"
    );
    assert!(stage.sh("touch broken; cdk deploy --all").ends_with("exit 1"));
    assert_eq!(stage.record(), ["cdk deploy --all: downgraded"]);
}

#[test]
fn git_push_needs_a_repository() {
    let stage = Stage::new(no_engine);
    let without = stage.sh("git push origin main");
    assert!(without.contains("not a git repository") && without.ends_with("exit 128"), "{without}");
    let with = stage.sh("git init -q r && git -C r push https://u:t@example.org/x main");
    assert_eq!(with, "rehearsal: recorded, not run: git -C r push https://***@example.org/x main\nexit 0");
}

#[test]
fn without_anybody_who_answers_a_shim_fails_and_says_so() {
    let stage = Stage::new(no_engine);
    let text = std::fs::read_to_string(stage.root().join("shims/.shims.json")).unwrap();
    std::fs::write(stage.root().join("shims/.shims.json"), text.replace("AKIA", "AKIB")).unwrap();
    let told = stage.sh("eb deploy");
    assert!(told.contains("eb was not run: nobody answers for it (the endpoint answered 403)"), "{told}");
    assert!(told.ends_with("exit 126"), "{told}");
}

#[test]
fn docker_builds_and_pushes_without_an_engine() {
    let stage = Stage::new(no_engine);
    let told = stage.sh(
        "echo FROM alpine > Dockerfile; echo 'COPY app .' >> Dockerfile; docker build -t web . ; echo $?; touch app\n\
         echo secret | docker login -u AWS --password-stdin r.example && docker build -q -t web . && docker tag web r.example/web:1 && docker push -q r.example/web:1",
    );
    let digest = told.lines().find(|line| line.starts_with("sha256:")).unwrap().to_owned();
    assert_eq!(
        told.replace(&digest, "DIGEST"),
        "1\nLogin Succeeded\nDIGEST\nr.example/web:1\n\
         ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref: \"/app\": not found\n\
         rehearsal: recorded, not run: docker build of web: this machine has no container engine; its Dockerfile and what that copies are there\n\
         rehearsal: recorded, not run: docker push r.example/web:1 (the digest is made up)\nexit 0"
    );
    assert!(
        !std::fs::read_to_string(stage.root().join("home/.docker/config.json")).unwrap().contains("c2VjcmV0")
    );
    assert_eq!(stage.desk.world.made().get("ecr:image", "web:1").unwrap()["digest"], digest);
}

/// A client that tells what it was called with, and knows its own images and labels.
const CLIENT: &str = r#"
log=${0%/*}/log
printf '%s\n' "$*" >> "$log"
case "$*" in
version*) echo 27 ;;
"image inspect --format {{.Id}} -- r.example/web:1") test ! -e "$log.untagged" && echo sha256:11 ;;
"image inspect"*missing*) echo 'no such image' >&2; exit 1 ;;
"image inspect --format {{.Id}}"*) echo "sha256:11 r.example/web@sha256:22" ;;
*inspect*foreign*) echo ;;
*inspect*) echo run-1 ;;
"ps -aq"*) test -e "$log.gone" || echo c1 ;;
"rm -f"*) touch "$log.gone" ;;
"rmi"*) touch "$log.untagged" ;;
build*) for last; do :; done; cat "$last/Dockerfile" >&2; echo built ;;
run*--interactive*) cat ;;
run*) echo "ran with ${TOKEN-nothing}" ;;
esac
"#;

fn engine(root: &Path) -> Tools {
    let client = root.join("client/docker");
    std::fs::create_dir_all(client.parent().unwrap()).unwrap();
    std::fs::write(&client, format!("#!/bin/sh\n{CLIENT}\n")).unwrap();
    std::fs::set_permissions(&client, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let env = [("PATH".into(), "/usr/bin:/bin".into())].into();
    // The build sees its folders at the same places but for the first, which it sees elsewhere.
    let folders = vec![
        ("/build/src".into(), root.join("work")),
        (root.join("work"), root.join("work")),
        (root.join("tmp"), root.join("tmp")),
    ];
    Tools::new(Some(Engine::new(client, env)), folders, "run-1")
}

#[test]
fn an_engine_gets_what_is_harmless_with_a_label_and_paths_of_its_own_side() {
    let stage = Stage::new(engine);
    let log = || {
        std::fs::read_to_string(stage.root().join("client/log"))
            .unwrap()
            .replace(&stage.root().display().to_string(), "ROOT")
    };
    let told = stage.sh(
        "echo FROM alpine > Dockerfile; export TOKEN=t\n\
         docker build -t web --build-arg TOKEN -f /build/src/Dockerfile . && docker run --rm -e TOKEN -v \"$PWD:/src\" web make test\n\
         echo input | docker run -i web cat",
    );
    // The build's variables are arguments: in the client's own environment they would act with the user's rights.
    assert_eq!(told, "built\nran with nothing\ninput\nFROM alpine\nexit 0");
    let called = log();
    let called: Vec<&str> = called.lines().filter(|line| !line.contains("inspect")).collect();
    assert_eq!(called[0], "version --format {{.Server.Version}}");
    assert_eq!(
        called[1],
        "build --tag=web --build-arg=TOKEN=t --file=ROOT/work/Dockerfile --label=rehearsal.execution=run-1 -- ROOT/work"
    );
    assert_eq!(
        called[2],
        "run --rm=true --env=TOKEN=t --volume=ROOT/work:/src --label=rehearsal.execution=run-1 -- web make test"
    );
    assert_eq!(
        stage.record(),
        [
            "docker build -t web --build-arg TOKEN -f /build/src/Dockerfile .: real",
            &format!("docker run --rm -e TOKEN -v {}/work:/src web make test: real", stage.root().display()),
            "docker run -i web cat: real",
        ]
    );
}

#[test]
fn an_engine_is_not_handed_what_reaches_further_or_belongs_to_others() {
    let stage = Stage::new(engine);
    std::os::unix::fs::symlink("/etc", stage.root().join("work/link")).unwrap();
    let rows = [
        (
            "docker run --privileged web",
            "recorded, not run: docker run: --privileged reaches beyond this build\nexit 0",
        ),
        (
            "docker run -v /:/host web",
            "recorded, not run: docker run: / is not in the folders of this build\nexit 0",
        ),
        (
            "docker run -v ./link:/etc web",
            "recorded, not run: docker run: ./link is not in the folders of this build\nexit 0",
        ),
        (
            "docker run --network host web",
            "recorded, not run: docker run: --network host reaches beyond this build\nexit 0",
        ),
        (
            "docker run -v /var/run/docker.sock:/var/run/docker.sock web",
            "is not in the folders of this build\nexit 0",
        ),
        (
            "docker run --mount type=bind,source=/etc,target=/x web",
            "/etc is not in the folders of this build\nexit 0",
        ),
        (
            "echo FROM alpine > Dockerfile; docker build -f Dockerfile /etc",
            "/etc is not in the folders of this build; its Dockerfile and what that copies are there\nexit 0",
        ),
        (
            "docker rm -f foreign",
            "refused: docker rm -f foreign: the container foreign is not one that this execution made\nexit 1",
        ),
        ("docker exec foreign sh", "the container foreign is not one that this execution made\nexit 1"),
        ("docker rmi foreign", "the image foreign is not one that this execution made\nexit 1"),
        ("docker system prune -f", "what this build made is removed at its end\nexit 0"),
        (
            "docker pull 1.dkr.ecr.us-east-1.amazonaws.com/missing",
            "recorded, not run: docker pull: its repository is in your account\nexit 0",
        ),
        (
            "docker push r.example/missing",
            "rehearsal: this build has no image r.example/missing:latest\nexit 1",
        ),
        ("docker tag web foreign", "or this one\nexit 1"),
        ("docker build -t foreign:1 .", "or this one\nexit 1"),
        ("docker run -v foreign:/x web", "the volume foreign is not one that this execution made\nexit 1"),
        ("docker inspect foreign", "this execution made nothing of this name\nexit 1"),
        (
            "docker -H tcp://10.0.0.1:2375 rm web",
            "recorded, not run: docker --host: that is an engine of others\nexit 0",
        ),
    ];
    for (typed, expected) in rows {
        let told = stage.sh(typed);
        assert!(told.ends_with(expected), "{typed}\n{told}");
    }
    let called = std::fs::read_to_string(stage.root().join("client/log")).unwrap();
    let acted =
        called.lines().filter(|line| !line.contains("inspect") && !line.starts_with("version")).count();
    assert_eq!(acted, 0, "{called}");
}

#[test]
fn a_push_is_recorded_with_the_engines_digest_and_what_was_made_is_removed() {
    let stage = Stage::new(engine);
    let told = stage.sh("docker tag base r.example/web:1 && docker push r.example/web:1");
    assert_eq!(
        told,
        "1: digest: sha256:22 size: 0\nrehearsal: recorded, not run: docker push r.example/web:1\nexit 0"
    );
    assert_eq!(stage.desk.world.made().get("ecr:image", "web:1").unwrap()["madeUp"], false);
    assert!(shims::tidy(stage.desk.tools()).is_empty());
    let called = std::fs::read_to_string(stage.root().join("client/log")).unwrap();
    assert!(
        called.contains("\nrm -f -v -- c1\n") && called.contains("\nrmi -- r.example/web:1\n"),
        "{called}"
    );
    assert!(!called.lines().any(|line| line.starts_with("push")), "{called}");
}

#[test]
fn what_acts_is_recorded_where_the_tool_is_absent_and_the_rest_is_not_found() {
    let stage = Stage::new(|_| Tools::default());
    let bare = |text: &str| stage.sh_with(text, "");
    insta::assert_snapshot!(bare("npm ci; npm publish; mvn -B package; mvn -B deploy; git push origin main"), @"
    npm: command not found
    rehearsal: recorded, not run: npm publish (and not checked: this machine has no npm)
    mvn: command not found
    rehearsal: recorded, not run: mvn -B deploy (and not checked: this machine has no mvn)
    rehearsal: recorded, not run: git push origin main (and not checked: this machine has no git)
    exit 0
    ");
    // Its output goes where its errors go, as in a build.
    insta::assert_snapshot!(
        bare("exec 2>&1; aws s3 sync dist s3://site; token=$(aws ecr get-login-password)"), @"
    rehearsal: recorded, not run: aws s3 sync dist s3://site (and not checked: this machine has no aws)
    aws: command not found
    rehearsal: every image of CodeBuild has the AWS CLI and this machine does not, so the build cannot go on as it would there. Install version 2 (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html) or, as a substitute, `pip install awscli`; it only talks to a server of this rehearsal
    exit 127
    ");
    assert_eq!(
        stage.record(),
        [
            "npm publish: simulated",
            "mvn -B deploy: simulated",
            "git push origin main: simulated",
            "aws s3 sync dist s3://site: simulated",
        ]
    );
}
