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
fn the_table() {
    let session = Session::new();
    let there = |name: &str| !name.ends_with("missing") && !name.contains(".aws-sam");
    let rows = [
        // AWS
        ("aws s3 sync dist s3://site", "real"),
        ("aws sqs list-queues", "real with --endpoint-url http://127.0.0.1:9"),
        ("aws --region eu-west-1 rds describe-db-instances", "real with --endpoint-url http://127.0.0.1:9"),
        ("aws --endpoint-url http://x sqs list-queues", "real"),
        ("aws sqs list-queues --endpoint-url=http://localhost:4566", "real"),
        (
            "aws sts --endpoint-url https://sts.eu-west-1.amazonaws.com get-caller-identity",
            "real with --endpoint-url http://127.0.0.1:9 without [1, 2]",
        ),
        (
            "aws sqs list-queues --endpoint-url=https://sqs.us-east-1.amazonaws.com/x",
            "real with --endpoint-url http://127.0.0.1:9 without [2]",
        ),
        ("aws s3 ls --endpoint-url https://amazonaws.com.example.org", "real"),
        ("aws --profile x sqs list-queues", "real with --endpoint-url http://127.0.0.1:9"),
        ("sam build", "real"),
        ("sam validate", "real"),
        ("sam package --s3-bucket b", "real"),
        ("sam deploy --stack-name a --no-confirm-changeset", "instead sam validate"),
        (
            "sam deploy -t t.yml --s3-bucket b --s3-prefix p",
            "instead sam validate --template-file t.yml && sam package --output-template-file /dev/null --s3-bucket b --template-file t.yml --s3-prefix p",
        ),
        ("sam delete --no-prompts", "recorded"),
        ("cdk synth", "real"),
        ("cdk deploy --all --require-approval never", "instead cdk synth --quiet"),
        (
            "cdk deploy -c env=prod Web Data --verbose",
            "instead cdk synth --quiet -c env=prod --verbose Web Data",
        ),
        ("cdk bootstrap aws://1/us-east-1", "recorded"),
        ("cdk destroy --force", "recorded"),
        ("serverless deploy --stage prod --verbose", "instead serverless package --stage prod --verbose"),
        ("serverless deploy function -f hello", "recorded"),
        ("sls remove", "recorded"),
        ("sls package", "real"),
        ("eb deploy", "recorded"),
        ("eb --version", "real"),
        ("copilot svc deploy", "recorded"),
        // Infrastructure
        ("terraform validate", "real"),
        ("terraform fmt -check", "real"),
        ("terraform init", "as good as terraform init -backend=false"),
        ("terraform init -backend=false -input=false", "real"),
        (
            "terraform -chdir=infra init -backend-config=a.hcl -backend-config b.hcl -input=false -reconfigure",
            "as good as terraform -chdir=infra init -backend=false -input=false",
        ),
        ("terraform plan -out tf.plan", "real"),
        ("terraform -chdir=infra apply -auto-approve", "instead terraform -chdir=infra validate"),
        ("terraform destroy -auto-approve", "instead terraform validate"),
        ("terraform output -raw url", "simulated"),
        ("terraform output -raw url |", "refused 1"),
        ("pulumi up --yes", "recorded"),
        ("ansible-playbook --syntax-check site.yml", "real"),
        ("ansible-playbook -i hosts site.yml", "recorded"),
        // Clusters
        ("kubectl version --client", "real"),
        ("kubectl version", "simulated"),
        ("kubectl kustomize overlays/prod", "real"),
        ("kubectl create configmap a --dry-run=client -o yaml", "real"),
        ("kubectl -n web apply -f k8s/", "recorded"),
        ("kubectl apply -f missing", "fails 1: error: the path \"missing\" does not exist"),
        ("kubectl apply -f -", "recorded"),
        ("kubectl logs -f missing", "simulated"),
        ("kubectl set image deployment/web web=web:2", "recorded"),
        ("kubectl rollout status deployment/web", "recorded"),
        ("helm lint chart", "real"),
        ("helm template ./chart", "real"),
        ("helm upgrade --install web ./chart -n web", "recorded"),
        ("helm upgrade --install web ./missing -n web", "fails 1: Error: path \"./missing\" not found"),
        ("helm install web stable/web -f missing", "fails 1: Error: open missing: no such file or directory"),
        ("helm uninstall web", "recorded"),
        // Packages
        ("npm ci", "real"),
        ("npm test", "real"),
        ("npm run deploy", "real"),
        ("npm publish --access public", "instead npm pack --dry-run"),
        ("npm publish ./dist --tag next", "instead npm pack --dry-run ./dist"),
        ("npm publish --dry-run", "real"),
        ("npm dist-tag add a@1 latest", "recorded"),
        ("npm exec -- cdk deploy", "instead npm exec -- cdk synth --quiet"),
        ("yarn publish --new-version 1.2.3", "instead npm pack --dry-run"),
        ("yarn npm publish", "instead npm pack --dry-run"),
        ("yarn install --frozen-lockfile", "real"),
        ("pnpm -r build", "real"),
        ("npx jest", "real"),
        ("npx cdk deploy --all", "instead npx cdk synth --quiet"),
        ("npx aws-cdk@2 synth", "real"),
        ("npx semantic-release", "recorded"),
        ("npx --yes serverless deploy", "instead npx --yes serverless package"),
        ("cargo build --release", "real"),
        ("cargo publish --token abc -p lib", "instead cargo publish -p lib --dry-run"),
        ("cargo yank --vers 1.0.0", "recorded"),
        ("poetry install", "real"),
        ("poetry publish --build -u u -p p", "instead poetry publish --build --dry-run"),
        ("poetry run pytest", "real"),
        ("poetry run twine upload dist/a.whl", "recorded"),
        ("twine check dist/*", "real"),
        ("twine upload --repository-url https://x -u u -p p dist/*", "recorded"),
        (
            "twine upload missing",
            "fails 1: ERROR    InvalidDistribution: Cannot find file (or expand pattern): 'missing'",
        ),
        ("gem install bundler", "real"),
        ("gem push a.gem", "recorded"),
        ("dotnet test", "real"),
        ("dotnet nuget push a.nupkg -k key", "recorded"),
        ("mvn -B clean verify", "real"),
        ("mvn -B clean deploy -DskipTests", "recorded"),
        ("mvn deploy:deploy-file -Dfile=a.jar", "recorded"),
        ("mvn -P release deploy", "recorded"),
        ("gradle build", "real"),
        ("gradle clean publish publishPlugins", "instead gradle clean assemble"),
        ("gradle publishToMavenLocal", "real"),
        ("goreleaser release --clean", "recorded"),
        ("goreleaser release --snapshot", "real"),
        // Sources and other machines
        ("git status", "real"),
        ("git push origin main", "recorded after git rev-parse --git-dir"),
        (
            "git -C sub -c user.name=a push --tags",
            "recorded after git -C sub -c user.name=a rev-parse --git-dir",
        ),
        ("git commit -m push", "real"),
        ("git lfs push origin main", "recorded"),
        ("gh release create v1", "recorded"),
        ("ssh -V", "real"),
        ("ssh -o StrictHostKeyChecking=no ec2-user@10.0.0.1 sudo_reboot", "recorded"),
        ("ssh git@github.com git-upload-pack_'a/b.git'", "real"),
        ("ssh git@github.com git-receive-pack_'a/b.git'", "recorded"),
        ("scp -i key a.zip ec2-user@host:/tmp", "recorded"),
        ("scp a.zip b.zip", "real"),
        ("rsync -rmq --exclude * . /tmp/out", "real"),
        ("rsync -az dist/ deploy@host:/var/www", "recorded"),
        ("sftp host", "recorded"),
        ("curl -sSL https://example.org/x -o x", "real"),
        ("curl -sSLo x https://example.org/x", "real"),
        ("curl -X POST -d {} https://hooks.example.org/x", "recorded"),
        ("curl -sXPOST https://hooks.example.org/x --data a=b", "recorded"),
        ("curl --data-binary @a https://codecov.example.org", "recorded"),
        ("curl -F file=@a https://example.org", "recorded"),
        ("curl -fsST a.zip https://example.org/", "recorded"),
        ("curl -X DELETE https://example.org/a", "recorded"),
        ("curl -G -d q=x https://example.org/search", "real"),
        ("curl -X POST -d {} http://localhost:8080/x", "real"),
        ("curl -T a http://127.0.0.1:9/bucket", "real"),
        ("curl -X POST https://example.org/status", "real"),
        ("wget https://example.org/x.tgz", "real"),
        ("wget --post-file=a https://example.org", "recorded"),
        ("sudo -E apt-get update", "becomes apt-get update"),
        ("sudo DEBUG=1 make", "becomes env DEBUG=1 make"),
        // Other clouds
        ("gcloud run deploy web", "recorded"),
        ("vercel --prod", "recorded"),
        ("heroku container:push web", "recorded"),
        ("podman build -t a .", "real"),
        ("podman push a", "recorded"),
        ("skopeo copy docker://a docker://b", "recorded"),
        ("skopeo inspect docker://a", "real"),
        ("crane digest a", "real"),
        ("crane push a.tar b", "recorded"),
        // Infrastructure, packages and databases that were added for what they reach
        (
            "packer build -force -var a=b -on-error=abort web.pkr.hcl",
            "instead packer validate -var=a=b web.pkr.hcl",
        ),
        ("packer init .", "real"),
        ("cdktf deploy --auto-approve", "instead cdktf synth"),
        ("bun install", "real"),
        ("bun publish", "instead npm pack --dry-run"),
        ("rake release", "recorded"),
        ("rake test", "real"),
        ("dart pub publish --force", "instead dart pub publish --force --dry-run"),
        ("snyk monitor", "recorded"),
        ("psql -h db.internal -f schema.sql", "recorded"),
        ("psql -h db.internal -c select |", "refused 1"),
        ("psql -h localhost -f schema.sql", "real"),
        ("psql postgresql://me:pw@db.internal:5432/shop -f schema.sql", "recorded"),
        ("psql postgresql://me:pw@127.0.0.1:5432/shop -f schema.sql", "real"),
        ("psql host=db.internal_dbname=shop -f schema.sql", "recorded"),
        ("psql shop", "real"),
        ("mysql -hdb.internal -ume -ps3cret shop", "recorded"),
        ("mysql -u me -ps3cret shop", "real"),
        ("mysqldump --host=db.internal shop |", "refused 1"),
        ("redis-cli -h 127.0.0.1 ping", "real"),
        ("redis-cli -h cache.internal flushall", "recorded"),
        ("flyway migrate", "recorded"),
        // Packages of the system
        ("apt-get update -y -q", "answered"),
        ("apt-get -qq install -y jq zip", "recorded"),
        ("apt-get install -y jq missing", "refused 100"),
        ("yum -y install terraform", "recorded"),
        ("apk add --no-cache missing", "refused 100"),
        ("apt-get clean", "answered"),
        // Helpers of the images
        ("pyenv global 3.11", "answered"),
        ("pyenv global 3.12", "answered"),
        ("pyenv global 3.4.99", "fails 1: pyenv: version `3.4.99' not installed"),
        ("pyenv install 3.4.99", "answered"),
        ("pyenv versions", "real"),
        ("n 3", "answered"),
        ("n stable", "answered"),
        ("n 16.15", "answered"),
        ("dockerd --host=unix:///var/run/docker.sock", "answered"),
        ("dockerd-entrypoint.sh", "answered"),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(typed, expected)| {
            let found = told(&session.decide(typed, &there));
            (found != *expected).then(|| format!("{typed}\n  {found}\n  and not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_tool_that_is_absent_is_recorded_if_it_would_act_and_not_found_if_not() {
    let session = Session::new();
    let rows = [
        ("aws s3 ls", "not found"),
        ("npm publish", "not found"),
        ("npm ci", "not found"),
        ("git push", "not found"),
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
        ("mvn deploy", "not found"),
        ("pyenv versions", "not found"),
        ("scp a host:b", "not found"),
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
    let good = [
        ("Dockerfile", "FROM alpine AS base\nCOPY app.py .\n"),
        ("./Dockerfile", "FROM alpine\nCOPY app.py .\n"),
        ("./app.py", ""),
    ];
    let mut told = String::new();
    for (typed, files) in [
        ("docker --version", &[][..]),
        ("docker info", &[]),
        ("docker login -u AWS --password-stdin 111122223333.dkr.ecr.us-east-1.amazonaws.com", &[]),
        ("docker login", &[]),
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
