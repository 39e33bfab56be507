//! Names in shell text, and what is said of those that are missing.

use super::*;

fn names(text: &str) -> Vec<String> {
    read(text).into_iter().filter_map(|one| one.name).filter(|name| name != DEFINITION).collect()
}

#[test]
fn command_names_are_found_in_shell_text() {
    for (text, found) in [
        ("a b c", vec!["a"]),
        ("a; b && c || d | e & f", vec!["a", "b", "c", "d", "e", "f"]),
        ("if a; then b; elif c; then d; else e; fi", vec!["a", "b", "c", "d", "e"]),
        ("while a; do b; done > x", vec!["a", "b"]),
        ("for x in p q; do r $x; done", vec!["r"]),
        ("for x in p q\ndo\n  r $x\ndone", vec!["r"]),
        ("case $x in p|q) a;; *) b ;; esac; c", vec!["a", "b", "c"]),
        ("X=1 Y=\"a b\" a", vec!["a"]),
        ("X=$(a b | c) d", vec!["a", "c", "d"]),
        ("echo \"$(a \"$(b)\") x\" y", vec!["b", "a", "echo"]),
        ("echo `a b`", vec!["a", "echo"]),
        ("! a", vec!["a"]),
        ("(a; b) && { c; d; }", vec!["a", "b", "c", "d"]),
        ("$tool x", vec![]),
        ("echo 'a; b' # c; d", vec!["echo"]),
        ("a <<EOF\nb; c\nEOF\nd", vec!["a", "d"]),
        ("a <<-'EOF' | b\n c\n EOF\nd", vec!["a", "b", "d"]),
        ("a > b 2>&1 < c; d", vec!["a", "d"]),
        ("a &> b; c", vec!["a", "c"]),
        ("a \\\n  b \\\n  c", vec!["a"]),
        ("env -u A B=1 a x", vec!["env", "a"]),
        ("nohup a & sudo -E b", vec!["nohup", "a", "sudo", "b"]),
        ("time a", vec!["time", "a"]),
        ("a | xargs -n 1 -I {} b {}", vec!["a", "xargs", "b"]),
        ("timeout -k 5 10 a", vec!["timeout", "a"]),
        ("command -v a", vec!["command", "command"]),
        ("[[ $a == b && c ]] && d", vec!["d"]),
        ("[ -z \"$a\" ] && b", vec!["[", "b"]),
        ("f() { a; }; f", vec!["a", "f"]),
        ("x=(a b c); d", vec!["d"]),
        ("echo $((1 + 2)) ${x:-a b}", vec!["echo"]),
        ("a <(b)", vec!["b", "a"]),
        ("'quoted name' x; \"b\"", vec!["quoted name", "b"]),
    ] {
        assert_eq!(names(text), found, "{text}");
    }
}

fn missing_from(commands: &[&str]) -> Vec<String> {
    let here = [
        "apt-get", "cat", "chmod", "curl", "echo", "go", "make", "mv", "npm", "pip", "python", "sh", "sudo",
        "tar", "xargs",
    ];
    missing(commands, "aws/codebuild/standard:7.0", &|name| here.contains(&name))
}

#[test]
fn what_is_missing_is_named_once_and_what_may_come_from_somewhere_is_not() {
    for (commands, expected) in [
        (vec!["mvn -B verify", "mvn package", "frobnicate"], vec!["mvn", "frobnicate"]),
        (vec!["pip install tox", "tox -e py3"], vec![]),
        (vec!["pip install -r requirements.txt", "pytest"], vec![]),
        (vec!["pip install -r requirements.txt", "mvn verify"], vec!["mvn"]),
        // What an installation visibly does not bring is missing all the same.
        (vec!["pip install pytest", "pytest", "frob"], vec!["frob"]),
        (
            vec!["python -m pip install --upgrade pip 'moto[server]>=4'", "moto_server &", "frob"],
            vec!["frob"],
        ),
        (vec!["pip install sphinx nose==1.3", "sphinx-build . x", "nosetests"], vec![]),
        (vec!["pip install -i https://x/simple tox", "tox", "frob"], vec!["frob"]),
        (vec!["pip install .", "frob"], vec![]),
        (vec!["pip install $TOOLS", "frob"], vec![]),
        (vec!["npm install -g typescript@5 @scope/frob", "tsc && frob && brof"], vec!["brof"]),
        (vec!["npm ci && npm run build", "frob"], vec!["frob"]),
        (vec!["go install example.com/x/cmd/frob@latest", "frob", "brof"], vec!["brof"]),
        (vec!["apt-get install -y frob-tools libx-dev", "frob && brof"], vec!["brof"]),
        (vec!["curl -sSL https://example.com/install | sh", "frob"], vec![]),
        (
            vec![
                "curl -LO https://example.com/v1/frob && chmod +x frob && mv frob /usr/local/bin",
                "frob",
                "brof",
            ],
            vec!["brof"],
        ),
        (vec!["tar -xzf x.tgz -C /usr/local/bin", "frob"], vec![]),
        (vec!["make install", "frob"], vec![]),
        (vec!["make build", "frob"], vec!["frob"]),
        (vec!["python scripts/setup.py", "frob"], vec![]),
        (vec!["/usr/bin/cat x", "frob"], vec!["frob"]),
        (vec!["command -v frob || echo no", "frob"], vec![]),
        (vec!["build() {\n  frob\n}\nbuild"], vec!["frob"]),
        (vec!["./gradlew build", "frob"], vec![]),
        (vec!["echo frob; frob"], vec![]),
        (vec!["export PATH=$PATH:/opt/x/bin", "frob"], vec!["frob"]),
        (vec!["sudo frob | xargs brof"], vec!["frob", "brof"]),
        (vec!["cat <<EOF\nfrob\nEOF"], vec![]),
    ] {
        // A PATH that is set may hold anything.
        let expected = if commands[0].contains("PATH") { vec![] } else { expected };
        assert_eq!(missing_from(&commands), expected, "{commands:?}");
    }
}

#[test]
fn what_is_missing_is_told_with_what_of_it_is_recorded_all_the_same() {
    let text =
        "version: 0.2\nphases: { build: { commands: [npm ci, npm publish, frobnicate, aws s3 ls] } }\n";
    let buildspec = crate::spec::buildspec::load("buildspec.yml", text.as_bytes()).value.unwrap();
    let told = note(&buildspec, "aws/codebuild/standard:7.0", &|_| false).unwrap();
    insta::assert_snapshot!(told, @"this machine does not have commands of this build: npm, aws, which aws/codebuild/standard:7.0 has; frobnicate, which aws/codebuild/standard:7.0 does not have either. Of npm, aws, what would act on something real is recorded, unchecked. The AWS CLI is needed to rehearse what calls it; it only talks to a server of ours. Install version 2 from https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html, or `pip install awscli`");
}

/// Every buildspec of a folder of real ones, when there is one: what would be said of each is printed.
#[test]
fn nothing_ends_badly_on_real_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/buildspec");
    if !folder.is_dir() {
        println!("no corpus of real files here: skipped");
        return;
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let Some(buildspec) = crate::spec::buildspec::load("buildspec.yml", &bytes).value else { continue };
        let path_here = std::env::split_paths("/usr/bin:/bin").collect::<Vec<_>>();
        let is_program = |name: &str| path_here.iter().any(|folder| folder.join(name).is_file());
        if let Some(note) = note(&buildspec, "aws/codebuild/standard:7.0", &is_program) {
            println!("{}: {note}", path.file_name().unwrap().display());
        }
    }
}
