//! What an engine is handed of what is typed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::order::{Kept, Order};
use super::*;
use crate::aws::desk::Desk;
use crate::aws::world::World;
use crate::clock::{ManualClock, Timestamp};

/// A build with two folders, of which one it knows under another name, and files around them that are not its own.
struct Ground {
    desk: Desk,
    root: tempfile::TempDir,
}

impl Ground {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().canonicalize().unwrap();
        let (work, other) = (place.join("work"), place.join("FOREIGN"));
        std::fs::create_dir_all(work.join("sub")).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        for (file, text) in [
            (work.join("Dockerfile"), "FROM alpine\nCOPY app .\n"),
            (work.join("private.dockerfile"), "FROM 1.dkr.ecr.us-east-1.amazonaws.com/base\n"),
            (work.join("vars"), "# a comment\nA=1\n\nTOKEN\nUNSET\n"),
            (work.join("input"), "input"),
            (other.join("secret"), "secret"),
        ] {
            std::fs::write(file, text).unwrap();
        }
        std::os::unix::fs::symlink("../FOREIGN", work.join("link")).unwrap();
        std::os::unix::fs::symlink("../../FOREIGN/secret", work.join("sub/Dockerfile")).unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let world = World::new("111122223333", "us-east-1", place.join("aws"), place.join("aws"), clock);
        let tools = Tools::new(None, vec![("/src".into(), work)], "run-1");
        let desk = Desk::open(Arc::new(world), None, &place.join("effects")).unwrap().with_tools(tools);
        Self { desk, root }
    }

    fn work(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("work")
    }

    /// The order that comes of these words, or what is said in its place.
    fn order(&self, arguments: &[&str]) -> Result<Order, String> {
        let count = (1..=3).rev().find(|count| {
            matches!(words::called(&arguments[..(*count).min(arguments.len())]), Called::Form(_, found) if found == *count)
        });
        let count = count.ok_or("no command")?;
        let Called::Form(form, _) = words::called(&arguments[..count]) else {
            return Err("no command".into());
        };
        let words = arguments[count..].iter().map(|word| (*word).to_owned()).collect();
        let mut asked = Asked { name: "docker".into(), args: words, cwd: "/src".into(), ..Asked::default() };
        for _ in 0..20 {
            let again = asked.clone();
            let reading = form.read(form.words, &again.args).map_err(|Usage(told, _)| told)?;
            if reading.help {
                return Err("help".into());
            }
            let line = Line { asked: &again, options: reading.named(), words: reading.words, first: 0 };
            let command = Command { name: form.name, line, options: reading.options };
            let scene = Scene { tools: self.desk.tools(), desk: &self.desk };
            match order::order(&command, &scene, None) {
                Ok(order) => return Ok(order),
                Err(Kept::Beyond(why)) => return Err(format!("recorded: {why}")),
                Err(Kept::Refused(why)) => return Err(format!("refused: {why}")),
                Err(Kept::Failed(status, told)) => return Err(format!("fails {status}: {told}")),
                Err(Kept::Look(look)) => {
                    for name in look.variables {
                        let value = (name == "TOKEN").then(|| "t".to_owned());
                        asked.seen.variables.insert(name, value);
                    }
                    for file in look.read {
                        let place = self.desk.tools().outside(&Path::new("/src").join(&file));
                        asked
                            .seen
                            .read
                            .insert(file, place.and_then(|place| std::fs::read_to_string(place).ok()));
                    }
                    if look.input {
                        asked.seen.input = Some("/src/input".into());
                    }
                }
            }
        }
        Err("looks without end".into())
    }

    fn told(&self, typed: &str) -> String {
        let arguments: Vec<&str> = typed.split(' ').collect();
        let told = match self.order(&arguments) {
            Ok(order) => {
                let mut told = order.arguments.join(" ");
                told.push_str(if order.input.is_some() { " <input" } else { "" });
                for (name, value) in &order.variables {
                    write!(told, " {name}={value}").unwrap();
                }
                for note in &order.notes {
                    write!(told, " ({note})").unwrap();
                }
                told.push(';');
                for need in &order.needs {
                    write!(told, " {need:?}").unwrap();
                }
                told
            }
            Err(told) => told,
        };
        let place = self.root.path().canonicalize().unwrap();
        told.replace(&place.display().to_string(), "ROOT")
    }
}

#[test]
fn what_an_engine_is_handed() {
    let ground = Ground::new();
    let rows = [
        // Options, written anew.
        (
            "run --init=true --rm -itu root web sh -c x",
            "run --init=true --rm=true --interactive=true --user=root --label=rehearsal.execution=run-1 -- web sh -c x <input;",
        ),
        (
            "run -e TOKEN -e UNSET -e A=b --env-file vars web",
            "run --env=A=1 --env=TOKEN=t --env=TOKEN=t --env=A=b --label=rehearsal.execution=run-1 -- web;",
        ),
        (
            "run --label rehearsal.execution=run-2 web",
            "run --label=rehearsal.execution=run-2 --label=rehearsal.execution=run-1 -- web;",
        ),
        ("run --name --privileged web", "run --name=--privileged --label=rehearsal.execution=run-1 -- web;"),
        ("run --privileged=false web", "run --label=rehearsal.execution=run-1 -- web;"),
        ("run web --privileged", "run --label=rehearsal.execution=run-1 -- web --privileged;"),
        ("run --pull always web", "run --pull=missing --label=rehearsal.execution=run-1 -- web;"),
        // Files.
        (
            "run -v /src:/app:ro -v data:/data -v /cache web",
            "run --volume=ROOT/work:/app:ro --volume=data:/data --volume=/cache --label=rehearsal.execution=run-1 -- web; Volume(\"data\")",
        ),
        (
            "run -v ./new/dir:/app web",
            "run --volume=ROOT/work/new/dir:/app --label=rehearsal.execution=run-1 -- web;",
        ),
        (
            "run --mount TYPE=bind,src=sub,destination=/app,ro web",
            "run --mount=type=bind,source=ROOT/work/sub,target=/app,readonly --label=rehearsal.execution=run-1 -- web;",
        ),
        (
            "run --mount source=data,target=/d web",
            "run --mount=type=volume,source=data,target=/d --label=rehearsal.execution=run-1 -- web; Volume(\"data\")",
        ),
        ("run --cidfile id web", "run --cidfile=ROOT/work/id --label=rehearsal.execution=run-1 -- web;"),
        // Ports are for this machine only.
        (
            "run -p 80:80 -p 0.0.0.0:81:81/tcp -p 82 web",
            "run --publish=127.0.0.1:80:80 --publish=127.0.0.1:81:81/tcp --publish=127.0.0.1::82 --label=rehearsal.execution=run-1 -- web;",
        ),
        (
            "run --net n --network name=m,alias=db --link db:d web",
            "run --net=n --network=name=m,alias=db --link=db:d --label=rehearsal.execution=run-1 -- web; Ours(Network, \"n\") Ours(Network, \"m\") Ours(Container, \"db\")",
        ),
        (
            "run --ipc container:db --security-opt no-new-privileges web",
            "run --ipc=container:db --security-opt=no-new-privileges --label=rehearsal.execution=run-1 -- web; Ours(Container, \"db\")",
        ),
        // Builds.
        (
            "build -t web --label rehearsal.execution= .",
            "build --tag=web --label=rehearsal.execution= --label=rehearsal.execution=run-1 -- ROOT/work; Free(\"web:latest\")",
        ),
        (
            "buildx build --push --load --builder b --provenance false --build-arg TOKEN --platform linux/amd64,linux/arm64 -t r/web:1 .",
            "build --build-arg=TOKEN=t --tag=r/web:1 --label=rehearsal.execution=run-1 -- ROOT/work (left out: --platform linux/amd64,linux/arm64: built for this machine's own platform only); Free(\"r/web:1\")",
        ),
        (
            "build -o type=image,name=a,push=true .",
            "build --tag=a --label=rehearsal.execution=run-1 -- ROOT/work; Free(\"a:latest\")",
        ),
        (
            "build -o out --secret id=TOKEN --secret id=f,src=vars .",
            "build --output=type=local,dest=ROOT/work/out --secret=id=TOKEN,env=REHEARSAL_SECRET_0 --secret=id=f,src=ROOT/work/vars --label=rehearsal.execution=run-1 -- ROOT/work REHEARSAL_SECRET_0=t;",
        ),
        (
            "build --cache-from type=local,src=sub --cache-to type=registry,ref=r/c --cache-from type=s3,bucket=b .",
            "build --cache-from=type=local,src=ROOT/work/sub --label=rehearsal.execution=run-1 -- ROOT/work (left out: --cache-to type=registry,ref=r/c: no cache outside of this build is used) (left out: --cache-from type=s3,bucket=b: no cache outside of this build is used);",
        ),
        (
            "build -f private.dockerfile .",
            "build --file=ROOT/work/private.dockerfile --label=rehearsal.execution=run-1 -- ROOT/work; Base(\"1.dkr.ecr.us-east-1.amazonaws.com/base\")",
        ),
        ("build -", "build --label=rehearsal.execution=run-1 -- - <input;"),
        ("build -f - .", "build --file=- --label=rehearsal.execution=run-1 -- ROOT/work <input;"),
        // The rest.
        (
            "tag web user/important",
            "tag -- web user/important; Known(\"web\") Free(\"user/important:latest\")",
        ),
        ("rm -f web", "rm --force=true --volumes=true -- web; Ours(Container, \"web\")"),
        (
            "network disconnect n web",
            "network disconnect -- n web; Ours(Network, \"n\") Ours(Container, \"web\")",
        ),
        ("volume create data", "volume create --label=rehearsal.execution=run-1 -- data;"),
        ("volume create -- --label=web", "volume create --label=rehearsal.execution=run-1 -- --label=web;"),
        ("volume ls -q", "volume ls --quiet=true --filter=label=rehearsal.execution=run-1;"),
        ("images -q --no-trunc web", "images --no-trunc=true;"),
        ("images --digests", "images --digests=true --filter=label=rehearsal.execution=run-1;"),
        ("container ls -a", "ps --all=true --filter=label=rehearsal.execution=run-1;"),
        ("inspect --type image web", "image inspect -- web; Known(\"web\")"),
        ("save -o web.tar web", "save --output=ROOT/work/web.tar -- web; Known(\"web\")"),
        ("cp web:/app/. out/.", "cp -- web:/app/. ROOT/work/out/.; Ours(Container, \"web\")"),
        (
            "import input web",
            "import --change=LABEL rehearsal.execution=run-1 -- ROOT/work/input web; Free(\"web:latest\")",
        ),
    ];
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(typed, expected)| {
            let found = ground.told(typed);
            (found != *expected).then(|| format!("{typed}\n  {found}\n  and not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_reaches_beyond_the_build_is_not_handed_on() {
    let ground = Ground::new();
    for typed in [
        "run --privileged web",
        "run --device /dev/kvm web",
        "run --gpus all web",
        "run --cap-add SYS_ADMIN web",
        "run --security-opt seccomp=unconfined web",
        "run --pid host web",
        "run --ipc host web",
        "run --uts host web",
        "run --userns host web",
        "run --cgroupns host web",
        "run --network host web",
        "run --network name=host web",
        "run --network ns:/proc/1/ns/net web",
        "run --cgroup-parent / web",
        "run --runtime other web",
        "run --sysctl net.ipv4.ip_forward=1 web",
        "run --restart always web",
        "run --log-driver syslog web",
        "run --add-host me:host-gateway web",
        "run --use-api-socket web",
        "run -P web",
        "run -p 10.0.0.1:80:80 web",
        "run --volume-driver nfs web",
        "run -v /:/host web",
        "run -v /etc:/etc web",
        "run -v ../FOREIGN:/x web",
        "run -v ./link:/x web",
        "run -v ./link/new:/x web",
        "run -v .:/x:rshared web",
        "run -v /var/run/docker.sock:/var/run/docker.sock web",
        "run --mount type=bind,src=/etc,dst=/x web",
        "run --mount type=bind,src=sub,source=/etc,dst=/x web",
        "run --mount type=BIND,SRC=link,dst=/x web",
        "run --mount \"type=bind\",\"src=/etc\",dst=/x web",
        "run --mount type=volume,dst=/x,volume-driver=local,volume-opt=device=/etc web",
        "run --mount type=image,src=other,dst=/x web",
        "build /etc",
        "build link",
        "build sub",
        "build -f link/secret .",
        "build --ssh default .",
        "build --secret id=a,src=/etc/passwd .",
        "build --secret id=a,src=vars,SOURCE=/etc/passwd .",
        "build --build-context a=/etc .",
        "build --build-context a=https://example.org/a.git .",
        "build --build-context a=oci-layout://link .",
        "build --allow network.host .",
        "build --network host .",
        "build --security-opt x .",
        "build --cache-to type=local,dest=/etc .",
        "build -o /etc .",
        "build -o type=tar,dest=link/x .",
        "build --iidfile ../FOREIGN/id .",
        "build https://github.com/a/b.git",
        "build git@github.com:a/b",
        "build github.com/a/b",
        "build git://example.org/a",
        "network create --driver macvlan n",
        "network create --subnet 10.0.0.0/8 n",
        "volume create -o type=none -o device=/etc -o o=bind data",
        "exec --privileged web sh",
        "cp web:/x /etc",
        "cp link/secret web:/x",
        "save -o /etc/x web",
        "load -i link/secret",
        "import https://example.org/a.tar",
        "pull 1.dkr.ecr.us-east-1.amazonaws.com/web",
        "update --restart always web",
        "events",
        "stats",
    ] {
        let told = ground.told(typed);
        assert!(told.starts_with("recorded: "), "{typed}\n{told}");
    }
}

#[test]
fn what_docker_does_not_take_is_told_in_its_words() {
    let ground = Ground::new();
    for (typed, expected) in [
        ("run --foo web", "unknown flag: --foo"),
        ("build --foo .", "unknown flag: --foo"),
        (
            "run -v a/b:/x web",
            "fails 125: docker: Error response from daemon: create a/b: \"a/b\" includes invalid characters for a local volume name",
        ),
        ("run --env-file nothing web", "fails 125: docker: open nothing: no such file or directory"),
        ("run Web", "fails 125: docker: invalid reference format"),
        ("build -t Web .", "fails 1: ERROR: failed to build: invalid tag \"Web\": invalid reference format"),
        (
            "tag web :x",
            "fails 1: Error parsing reference: \":x\" is not a valid repository/tag: invalid reference format",
        ),
    ] {
        assert_eq!(ground.told(typed).lines().next().unwrap(), expected, "{typed}");
    }
}

/// Values, many of which lead out of the build's folders, by a link, a list of fields, or at once.
const VALUES: [&str; 33] = [
    "web",
    ".",
    "-",
    "true",
    "false",
    "sub",
    "link",
    "/etc",
    "../FOREIGN",
    "link/secret",
    "/src/link/x",
    "sub/Dockerfile",
    "sub/../link",
    "/src/../FOREIGN",
    "./link:/x",
    "/:/x",
    "/src/link:/x:ro",
    "data:/x",
    "type=bind,src=link,dst=/x",
    "type=bind,\"source=/src/link\",dst=/x",
    "TYPE=bind,SRC=../FOREIGN,dst=/x",
    "type=bind,src=sub,src=link,dst=/x",
    "type=bind,src=sub,dst=/x",
    "type=local,dest=link/out",
    "type=local,src=link",
    "type=tar,dest=/etc/x",
    "id=a,src=link/secret",
    "id=link",
    "a=link",
    "a=/etc",
    "web:link",
    "host",
    "container:web",
];

/// A command, and arguments for it: options that it has, in each way to write them, and now and then anything.
fn typed() -> impl Strategy<Value = (&'static Form, Vec<String>)> {
    let with_files = ["build", "run", "create", "save", "load", "cp", "import", "exec"];
    let all: Vec<&'static Form> = words::FORMS.iter().collect();
    let with_files: Vec<&'static Form> =
        all.iter().filter(|form| with_files.contains(&form.words)).copied().collect();
    let form = prop_oneof![prop::sample::select(all), prop::sample::select(with_files)];
    let value = || prop::sample::select(&VALUES[..]);
    let option = (any::<prop::sample::Index>(), value(), 0..4_u8);
    let piece = prop_oneof![
        6 => option.prop_map(Ok),
        1 => prop_oneof!["-[a-zA-Z]{1,4}", "[ -~]{0,12}", Just("--".to_owned())].prop_map(Err),
    ];
    let pieces = proptest::collection::vec(piece, 0..4);
    (form, pieces, proptest::collection::vec(value(), 0..3)).prop_map(|(form, pieces, operands)| {
        let mut arguments = Vec::new();
        for piece in pieces {
            match piece {
                Err(word) => arguments.push(word),
                Ok(_) if form.options.is_empty() => {}
                Ok((index, value, way)) => {
                    let option = &form.options[index.index(form.options.len())];
                    match (way, option.letter) {
                        _ if option.means.is_switch() => arguments.push(option.name.to_owned()),
                        (0, Some(letter)) => arguments.push(format!("-{letter}{value}")),
                        (1, Some(letter)) => arguments.extend([format!("-{letter}"), value.to_owned()]),
                        (0 | 2, _) => arguments.push(format!("{}={value}", option.name)),
                        _ => arguments.extend([option.name.to_owned(), value.to_owned()]),
                    }
                }
            }
        }
        arguments.extend(operands.into_iter().map(str::to_owned));
        (form, arguments)
    })
}

/// Whether this is a path that goes through a link out of the build's folders, or to what is not in them.
fn leads_out(text: &str) -> bool {
    let is_up = Path::new(text).components().any(|part| part.as_os_str() == "..");
    if let Ok(rest) = Path::new(text).strip_prefix(GROUND.with(Ground::work)) {
        return is_up || rest.starts_with("link");
    }
    let strange =
        |part: std::path::Component<'_>| part.as_os_str() == "link" || part.as_os_str() == "FOREIGN";
    text.contains('/') && (is_up || text.starts_with("/etc") || Path::new(text).components().any(strange))
}

thread_local! {
    static GROUND: Ground = Ground::new();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(2000)))]

    #[test]
    fn an_order_has_only_options_of_the_table_and_no_place_outside((form, arguments) in typed()) {
        let words: Vec<&str> = form.words.split(' ').chain(arguments.iter().map(String::as_str)).collect();
        let order = GROUND.with(|ground| ground.order(&words));
        let Ok(order) = order else { return Ok(()) };
        let mut handed = order.arguments.iter();
        let mut known: Vec<&Opt> = form.options.iter().collect();
        known.extend(options::BUILD.iter().filter(|option| option.name == "--label"));
        known.extend(options::IMPORT.iter().filter(|option| option.name == "--change"));
        known.extend(options::PS.iter().filter(|option| option.name == "--filter"));
        for argument in handed.by_ref().take_while(|argument| *argument != "--") {
            let Some(option) = argument.strip_prefix('-') else {
                prop_assert!(form.name.split(' ').chain(["image", "container", "network", "volume", "inspect"]).any(|word| word == argument));
                continue;
            };
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            let fits = known.iter().find(|known| known.name == name);
            let is_derived = matches!(name, "--env" | "--label" | "--tag" | "--volumes");
            prop_assert!(is_derived || fits.is_some(), "{} in {:?}", option, order.arguments);
            let is_text = matches!(fits.map(|known| known.means), Some(Means::Plain | Means::Env | Means::Platform | Means::Hosts));
            prop_assert!(!matches!(fits.map(|known| known.means), Some(Means::Beyond)));
            let is_context = fits.is_some_and(|known| known.means == Means::Context);
            let value = value.split_once('=').filter(|_| is_context).map_or(value, |(_, place)| place);
            let separators: &[char] = match fits.map(|known| known.means) {
                Some(Means::Read | Means::Written | Means::Context) => &[],
                Some(Means::Volume) => &[':'],
                _ => &[',', '=', '"'],
            };
            // A volume without a source is one of the container's own, a cache without fields is an image.
            let is_own = match fits.map(|known| known.means) {
                Some(Means::Volume) => !value.contains(':'),
                Some(Means::CacheFrom) => !value.contains('='),
                _ => false,
            };
            let leads_out = !is_own && value.split(separators).any(leads_out);
            prop_assert!(is_derived || is_text || !leads_out, "{argument} of {words:?}");
        }
        // What stands behind `--` is the name of something, whatever it looks like.
        let options: Vec<_> = order.arguments.iter().take_while(|argument| *argument != "--").collect();
        let has_label = options.iter().rposition(|argument| argument.starts_with("--label="));
        if matches!(form.name, "build" | "run" | "create" | "network create" | "volume create") {
            prop_assert_eq!(options[has_label.unwrap()], "--label=rehearsal.execution=run-1");
        }
        if matches!(form.name, "build" | "cp" | "import") {
            for place in handed.filter(|place| place.starts_with('/') && !place.contains(':')) {
                let is_in = Path::new(place).starts_with(GROUND.with(Ground::work));
                prop_assert!(is_in && !leads_out(place), "{place} of {words:?}");
            }
        }
    }
}
