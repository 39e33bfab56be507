//! What becomes of which command, and what is said about it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::verdict::{Kind, Verdict, decide};
use super::wire::{Look, Seen};
use super::*;
use crate::aws::effect::{self, Effect};
use crate::aws::world::{AnswerFile, World};
use crate::clock::{ManualClock, Timestamp};

mod cli;
mod page;
mod rows;
mod words;

/// The file that standard input is kept in.
const INPUT: &str = "/tmp/input";

/// A desk with its record in a folder that goes with it.
struct Session {
    desk: Desk,
    folder: tempfile::TempDir,
    /// Files that shims wrote for earlier commands.
    written: RefCell<BTreeMap<PathBuf, String>>,
}

impl Session {
    fn new() -> Self {
        Self::answering(BTreeMap::new())
    }

    /// The same where rehearsal.yml gives answers.
    fn answering(answers: BTreeMap<String, Result<AnswerFile, String>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let mut world =
            World::new("111122223333", "us-east-1", folder.path().into(), folder.path().into(), clock);
        world.answers = answers;
        let desk = Desk::open(Arc::new(world), None, &folder.path().join("effects")).unwrap();
        let desk = desk.with_tools(Tools::default().with_second_cli(true));
        Self { desk, folder, written: RefCell::default() }
    }

    fn record(&self) -> Vec<Effect> {
        effect::read(&self.folder.path().join("effects")).unwrap()
    }

    /// Decides about a command, letting it see what `there` says is there.
    fn decide(&self, typed: &str, there: &dyn Fn(&str) -> bool) -> Verdict {
        let mut asked = asked(typed, there);
        let scene = Scene { tools: self.desk.tools(), desk: &self.desk };
        loop {
            match decide(&asked, &scene) {
                Verdict::Look(look) => see(&look, there, &mut asked.seen),
                verdict => return verdict,
            }
        }
    }

    /// What a command prints and ends with, and the record of it.
    fn run(&self, typed: &str, files: &[(&str, &str)]) -> String {
        let there = |name: &str| !name.ends_with("missing") && !name.starts_with("no-");
        let mut asked = asked(typed, &there);
        let before = self.record().len();
        let mut told: Vec<String> = Vec::new();
        loop {
            let mut lines = Vec::new();
            let scene = Scene { tools: self.desk.tools(), desk: &self.desk };
            let verdict = decide(&asked, &scene);
            verdict::perform(verdict, &asked, &scene, &mut Speaker::new(&mut lines)).unwrap();
            let mut again = false;
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let text = |text: &str| String::from_utf8(wire::bytes(text).unwrap()).unwrap();
                match serde_json::from_slice(line).unwrap() {
                    Reply::Out(out) => {
                        told.extend(text(&out).lines().map(|line| format!("out: {line}")));
                    }
                    Reply::Err(err) => {
                        told.extend(text(&err).lines().map(|line| format!("err: {line}")));
                    }
                    Reply::Exit(status) => told.push(format!("exit: {status}")),
                    Reply::Look(look) => {
                        let there = |name: &str| {
                            let given = files.iter().any(|(file, _)| *file == name);
                            given || (files.is_empty() && there(name)) || name == "."
                        };
                        see(&look, &there, &mut asked.seen);
                        for path in &look.read {
                            let file = files.iter().find(|(name, _)| Path::new(name) == path);
                            let given = file.map(|(_, text)| (*text).to_owned());
                            let input = (path == Path::new(INPUT)).then(|| "a password\n".to_owned());
                            let text = given.or(input).or_else(|| self.written.borrow().get(path).cloned());
                            asked.seen.read.insert(path.clone(), text);
                        }
                        again = true;
                    }
                    Reply::Steps { commands, .. } => {
                        told.push(format!("runs: {commands:?}"));
                        asked.ended = Some(0);
                        again = true;
                    }
                    Reply::Become { before, .. } => told.push(format!("becomes: {before:?}")),
                    Reply::Other(words) => told.push(format!("becomes: {words:?}")),
                    Reply::Write { path, text } => {
                        told.push(format!("writes: {} {text}", path.display()));
                        self.written.borrow_mut().insert(path, text);
                    }
                    Reply::Drain => told.push("drains".to_owned()),
                    Reply::Tick => {}
                }
            }
            if !again {
                break;
            }
        }
        for effect in &self.record()[before..] {
            let deed = effect.deed.as_ref().map(|deed| format!(" ({})", deed.words)).unwrap_or_default();
            let handling = serde_json::to_value(&effect.handling).unwrap();
            told.push(format!("record: {}{deed}", handling["outcome"].as_str().unwrap()));
        }
        told.into_iter().map(|line| line + "\n").collect()
    }
}

/// A command as it is typed, with `_` for spaces within words; ` |` at its end says that its output is used.
fn asked(typed: &str, there: &dyn Fn(&str) -> bool) -> Asked {
    let (typed, piped) = typed.strip_suffix(" |").map_or((typed, false), |typed| (typed, true));
    let mut words = typed.split(' ').map(|word| word.replace('_', " "));
    let name = words.next().unwrap();
    let found = there(&name).then(|| PathBuf::from(format!("/usr/bin/{name}")));
    let env = [("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), ("HOME", "/root")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Asked { name, args: words.collect(), cwd: "/src".into(), found, piped, env, ..Asked::default() }
}

fn see(look: &Look, there: &dyn Fn(&str) -> bool, seen: &mut Seen) {
    seen.exist.extend(look.exist.iter().map(|path| (path.clone(), there(path))));
    seen.programs.extend(look.programs.iter().map(|name| (name.clone(), there(name))));
    seen.contain.extend(look.contain.iter().map(|(_, text)| (text.clone(), false)));
    seen.variables.extend(look.variables.iter().map(|name| {
        (name.clone(), Some("3.12".to_owned()).filter(|_| name == "PYTHON_312_VERSION" || name == "TOKEN"))
    }));
    seen.read.extend(look.read.iter().map(|path| (path.clone(), Some("FROM alpine\n".to_owned()))));
    if look.input {
        seen.input = Some(INPUT.into());
    }
    let version =
        |command: &str| if command == "aws --version" { "aws-cli/1.45.11 Python/3.11" } else { "v 3.11.7" };
    let versions = look.versions.iter().map(|command| command.join(" "));
    seen.versions.extend(versions.map(|command| (command.clone(), version(&command).to_owned())));
}

/// A verdict in a word or line.
fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Real { before, without } => {
            let with = if before.is_empty() { String::new() } else { format!(" with {}", before.join(" ")) };
            let without = if without.is_empty() { String::new() } else { format!(" without {without:?}") };
            format!("real{with}{without}")
        }
        Verdict::Recorded { .. } => "recorded".into(),
        Verdict::Instead { commands, kind } => {
            let commands: Vec<_> = commands.iter().map(|command| command.join(" ")).collect();
            let what = match kind {
                Kind::Check => "recorded after",
                Kind::InPart => "instead",
                Kind::AsGood => "as good as",
            };
            format!("{what} {}", commands.join(" && "))
        }
        Verdict::Other(words) => format!("becomes {}", words.join(" ")),
        Verdict::Look(_) => "looks".into(),
        Verdict::Said(said) if said.status != 0 => format!("fails {}: {}", said.status, said.err.trim_end()),
        Verdict::Said(said) if said.simulated => "simulated".into(),
        Verdict::Said(_) => "answered".into(),
        Verdict::Refused { status, .. } => format!("refused {status}"),
        Verdict::NotFound => "not found".into(),
        Verdict::Engine(_) => "engine".into(),
    }
}

#[test]
fn a_tool_that_is_absent_is_recorded_if_it_would_act_and_not_found_if_not() {
    let session = Session::new();
    let rows = [
        ("aws s3 ls", "not found"),
        ("aws --version", "not found"),
        ("aws s3 sync dist s3://b --delete", "recorded"),
        ("aws --region eu-west-1 s3 cp a s3://b/a", "recorded"),
        ("aws s3 cp s3://b/a a", "not found"),
        ("aws s3 sync dist s3://b --dryrun", "not found"),
        ("aws s3 rm s3://b/a", "recorded"),
        ("aws s3api put-object --bucket b --key k --body a", "recorded"),
        ("aws s3api get-object --bucket b --key k a", "not found"),
        ("aws deploy create-deployment --application-name a", "recorded"),
        ("aws deploy create-deployment --application-name a |", "not found"),
        ("aws cloudformation deploy --stack-name s --template-file t", "recorded"),
        ("aws cloudformation package --template-file t --s3-bucket b", "not found"),
        ("aws cloudformation wait stack-update-complete --stack-name s", "not found"),
        ("aws ecs update-service --cluster c --service s --force-new-deployment", "recorded"),
        ("aws ecr get-login-password |", "not found"),
        ("aws ssm get-parameter --name n", "not found"),
        ("aws lambda invoke --function-name f out.json", "not found"),
        ("aws frobnicate create-it", "not found"),
        ("npm publish", "recorded"),
        ("npm publish --help", "not found"),
        ("npm publish --dry-run", "not found"),
        ("npm ci", "not found"),
        ("yarn npm publish", "recorded"),
        ("npx cdk deploy", "recorded"),
        ("npx jest", "not found"),
        ("cargo publish --token t", "recorded"),
        ("cargo build", "not found"),
        ("git push", "recorded"),
        ("git push --help", "not found"),
        ("git clone https://example.org/x", "not found"),
        (
            "twine upload dist/*",
            "fails 1: ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'",
        ),
        ("terraform validate", "recorded"),
        ("terraform apply", "recorded"),
        ("sam deploy --s3-bucket b", "recorded"),
        ("helm lint chart", "recorded"),
        ("kubectl get pods", "simulated"),
        ("eb deploy", "recorded"),
        ("curl https://example.org", "not found"),
        ("curl -T app.jar https://example.org/app.jar", "recorded"),
        ("wget -q https://example.org", "not found"),
        ("mvn deploy", "recorded"),
        ("mvn -B verify", "not found"),
        ("gradle publish", "recorded"),
        ("gradle build", "not found"),
        ("dotnet nuget push a.nupkg", "recorded"),
        ("dotnet build", "not found"),
        ("psql -h db.example.org -c q", "recorded"),
        ("psql -h db.example.org -c q |", "refused 1"),
        ("mysqldump --host=db.example.org d", "simulated"),
        ("psql -h localhost -c q", "not found"),
        ("pyenv versions", "not found"),
        ("scp a host:b", "recorded"),
        ("scp a b", "not found"),
        ("ssh host uptime", "recorded"),
    ];
    for (typed, expected) in rows {
        let found = told(&session.decide(typed, &|_| false));
        assert_eq!(found, expected, "{typed}");
    }
}

#[test]
fn every_name_has_one_tool_and_every_pattern_can_be_met() {
    let mut all = names();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count);
    for tool in table::TOOLS {
        assert_eq!(tool.rows.last().map(|row| row.0), Some(""), "{:?}", tool.names);
        for (index, row) in tool.rows.iter().enumerate() {
            assert!(row.0.is_empty() == (index + 1 == tool.rows.len()), "{:?}: {:?}", tool.names, row.0);
        }
    }
}

#[test]
fn what_is_printed_and_recorded() {
    let session = Session::new();
    let mut told = String::new();
    for typed in [
        "kubectl apply -f k8s/",
        "kubectl apply -f -",
        "twine upload -u me -p s3cret dist/*",
        "cdk deploy --all",
        "git push https://me:tok@example.org/a.git",
        "apt-get install -y no-such-thing jq",
        "pyenv global 3.12",
        "npm whoami",
    ] {
        write!(told, "$ {typed}\n{}\n", session.run(typed, &[])).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn docker_without_an_engine() {
    let session = Session::new();
    let made = |region: &str| serde_json::json!({ "region": region });
    session.desk.world.made().put("ecr:token", "TOKEN", made("us-east-1"));
    let good = [
        ("Dockerfile", "FROM alpine AS base\nCOPY app.py .\n"),
        ("./Dockerfile", "FROM alpine\nCOPY app.py .\n"),
        ("./app.py", ""),
    ];
    let mut told = String::new();
    for (typed, files) in [
        ("docker --version", &[][..]),
        ("docker info", &[]),
        (
            "docker login -u AWS --password-stdin 111122223333.dkr.ecr.us-east-1.amazonaws.com",
            &[(INPUT, "TOKEN\n")],
        ),
        ("docker login", &[]),
        // A token is good for its region, whoever's registry it is (aws-cli issue 5317).
        ("docker login -u AWS -p TOKEN 444455556666.dkr.ecr.us-east-1.amazonaws.com", &[]),
        ("docker login -u AWS -p TOKEN 111122223333.dkr.ecr.eu-west-1.amazonaws.com", &[]),
        ("docker login -u AWS -p other https://111122223333.dkr.ecr.us-east-1.amazonaws.com", &[]),
        ("docker login -u AWS -p other registry.example.com", &[]),
        ("docker build -t web .", &good),
        ("docker build -t web .", &[("./Dockerfile", "FROM alpine\nCOPY nothing.py .\n")]),
        ("docker build -t web .", &[("x", "")]),
        ("docker build -t web folder-missing", &[]),
        ("docker build -t .dkr.ecr..amazonaws.com/web .", &good),
        ("docker build .", &[("./Dockerfile", "FROM alpine\nCOPPY x .\n")]),
        ("docker tag web:latest 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1", &[]),
        ("docker tag wbe:latest 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1", &[]),
        ("docker push 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1", &[]),
        ("docker push 111122223333.dkr.ecr.us-east-1.amazonaws.com/other", &[]),
        ("docker tag web:latest 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1", &[]),
        ("docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1", &[]),
        ("docker login -u AWS --password-stdin 111122223333.dkr.ecr.eu-west-1.amazonaws.com", &[(INPUT, "")]),
        ("docker images -q web", &[]),
        ("docker run --rm web pytest", &[]),
        ("docker run --rm alpine true", &[]),
        ("docker pull alpine", &[]),
        ("docker buildx build --platform linux/amd64,linux/arm64 -t web:2 --push .", &good),
        ("docker network create n", &[]),
        ("docker network rm n", &[]),
        ("docker system prune -af", &[]),
        ("docker stop web", &[]),
        ("docker rm -f web", &[]),
        ("docker frobnicate", &[]),
        ("docker-compose -f compose-missing build", &[]),
        ("docker compose up -d", &[]),
        ("docker logout", &[]),
    ] {
        write!(told, "$ {typed}\n{}\n", session.run(typed, files)).unwrap();
    }
    insta::assert_snapshot!(told);
    let made = session.desk.world.made();
    assert_eq!(made.get("ecr:image", "web:1").unwrap()["repository"], "web");
    assert!(made.get("ecr:image", "other:latest").is_none());
}
