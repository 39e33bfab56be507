//! What installations in a buildspec bring, as far as they show it.
//!
//! Owns: reading installers (`pip install`, `npm install -g`, `go install`, …), and which commands may bring programs under
//! any name: scripts of the repository, downloads that a shell runs, `make install`. Package managers of the system bring
//! nothing here: what they would install is recorded, or has to be on this machine already. Leaves to `preflight`: what
//! is said of the names that stay missing.

use std::path::Path;

use super::shell_text::Simple;

/// What a command brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Brings {
    /// No program.
    Nothing,
    /// These packages or programs.
    Named(Vec<String>),
    /// Programs under names that it does not say.
    Anything,
}

/// Packages whose programs have other names, and these.
const PROGRAMS: [(&str, &[&str]); 20] = [
    ("ansible", &["ansible-playbook", "ansible-galaxy", "ansible-vault"]),
    ("@aws-amplify/cli", &["amplify"]),
    ("apache-airflow", &["airflow"]),
    ("build", &["pyproject-build"]),
    ("ipython", &["ipython", "ipython3"]),
    ("jupyter", &["jupyter", "jupyter-nbconvert"]),
    ("mkdocs-material", &["mkdocs"]),
    ("moto", &["moto_server"]),
    ("nose", &["nosetests"]),
    ("npm", &["npm", "npx"]),
    ("pytest-cov", &["pytest", "coverage"]),
    ("serverless", &["sls"]),
    ("sphinx", &["sphinx-build", "sphinx-apidoc", "sphinx-quickstart"]),
    ("tensorflow", &["tensorboard", "saved_model_cli"]),
    ("typescript", &["tsc", "tsserver"]),
    ("virtualenvwrapper", &["mkvirtualenv", "workon"]),
    ("protobuf", &["protoc"]),
    ("grpcio-tools", &["protoc"]),
    ("newman-reporter-htmlextra", &["newman"]),
    ("awscli-local", &["awslocal"]),
];

/// Goals of make that say that they install something.
const GOALS: [&str; 9] =
    ["bootstrap", "configure", "deps", "init", "install", "prepare", "requirements", "setup", "tools"];

/// What a command brings.
pub(super) fn brings(one: &Simple) -> Brings {
    let Some(name) = one.name.as_deref() else { return Brings::Anything };
    let sets_path = |word: &str| word.starts_with("PATH=");
    if sets_path(name) || one.words.iter().any(|word| sets_path(word)) {
        return Brings::Anything;
    }
    // A program of the system by its full name is what it is by its short one; others are scripts of the repository.
    let name = match name.rsplit_once('/') {
        None => name,
        Some((folder, name)) if ["/bin", "/usr/bin", "/usr/local/bin"].contains(&folder) => name,
        Some(_) => return Brings::Anything,
    };
    let words: Vec<&str> = one.words.iter().map(String::as_str).collect();
    let is = |at: usize, any: &[&str]| words.get(at).is_some_and(|word| any.contains(word));
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let rest = |from: usize| words.get(from..).unwrap_or_default();
    let when = |condition: bool, brings: Brings| if condition { brings } else { Brings::Nothing };
    match name {
        "." | "source" | "eval" | "alias" | "conda" | "mamba" | "asdf" | "mise" | "dpkg" | "rpm" => {
            Brings::Anything
        }
        "sh" | "bash" | "dash" | "zsh" => when(!is(0, &["--version", "-n"]), Brings::Anything),
        "make" => {
            when(words.iter().any(|word| GOALS.iter().any(|goal| word.contains(goal))), Brings::Anything)
        }
        "pip" | "pip3" | "pipx" => when(is(0, &["install"]), python(rest(1))),
        "uv" => match words.as_slice() {
            ["pip" | "tool", "install", rest @ ..] => python(rest),
            _ => Brings::Nothing,
        },
        "python" | "python3" => match words.as_slice() {
            ["-m", "pip", "install", rest @ ..] => python(rest),
            // A program of the repository.
            _ => when(words.iter().any(|word| is_kind(word, "py")), Brings::Anything),
        },
        "poetry" | "pipenv" | "bundle" => when(is(0, &["install", "sync"]), Brings::Anything),
        "npm" | "pnpm" => when(
            has(&["-g", "--global", "--location=global"]) && is_install(&words),
            packages(&words, &["--registry", "--prefix"]),
        ),
        "yarn" => when(is(0, &["global"]) && is(1, &["add"]), packages(rest(2), &[])),
        "gem" | "brew" => {
            when(is(0, &["install"]), packages(rest(1), &["-v", "--version", "-i", "--install-dir"]))
        }
        "cargo" => when(
            is(0, &["install"]),
            packages(rest(1), &["--version", "--git", "--path", "--root", "--features"]),
        ),
        "go" => when(is(0, &["install", "get"]), packages(rest(1), &[])),
        "dotnet" => when(is(0, &["tool"]) && is(1, &["install"]), packages(rest(2), &["--version"])),
        "composer" => when(is(0, &["global"]), packages(rest(2), &[])),
        "corepack" => Brings::Named(names(&["yarn", "pnpm"])),
        "nvm" | "n" | "fnm" => Brings::Named(names(&["node", "npm", "npx", "corepack"])),
        "sdk" => when(
            is(0, &["install"]),
            match words.get(1) {
                Some(&"java") => Brings::Named(names(&["java", "javac", "jar", "keytool"])),
                Some(&"maven") => Brings::Named(names(&["mvn"])),
                _ => packages(rest(1), &[]),
            },
        ),
        // What is in an archive shows in no word.
        "tar" | "unzip" => when(words.iter().any(|word| is_bin(word)), Brings::Anything),
        "cp" | "mv" | "ln" => when(
            words.iter().any(|word| word.contains('*')) && words.last().is_some_and(|word| is_bin(word)),
            Brings::Anything,
        ),
        _ => Brings::Nothing,
    }
}

/// `install`, `i` or `add` of npm and its like.
fn is_install(words: &[&str]) -> bool {
    words.iter().any(|word| matches!(*word, "install" | "i" | "add" | "update"))
}

/// Whether a file's name says that it is of this kind.
fn is_kind(word: &str, kind: &str) -> bool {
    Path::new(word).extension().is_some_and(|extension| extension == kind)
}

/// A folder of programs.
fn is_bin(word: &str) -> bool {
    word.trim_end_matches('/').ends_with("/bin")
}

/// The arguments of `pip install`.
fn python(words: &[&str]) -> Brings {
    let files = ["-r", "--requirement", "-e", "--editable", "-c", "--constraint"];
    let unnamed = |word: &&str| {
        files.contains(word)
            || word.starts_with("--requirement=")
            || word.starts_with('.')
            || word.contains('/')
            || word.contains('$')
            || is_kind(word, "whl")
    };
    let valued =
        ["-t", "--target", "--prefix", "--root", "-i", "--index-url", "--extra-index-url", "--python"];
    // Of those that have a value, an address is no package.
    let mut words = words.iter().copied();
    let mut arguments = Vec::new();
    while let Some(word) = words.next() {
        if valued.contains(&word) {
            words.next();
        } else {
            arguments.push(word);
        }
    }
    if arguments.iter().any(unnamed) { Brings::Anything } else { packages(&arguments, &[]) }
}

/// The packages among arguments, without options and versions; and what their programs are called. `valued` are options
/// with a value of their own.
fn packages(words: &[&str], valued: &[&str]) -> Brings {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(word) {
            words.next();
        } else if word.contains('$') || *word == "." {
            return Brings::Anything;
        } else if !word.starts_with('-') && !is_install(&[word]) {
            let name = bare(word);
            let others = PROGRAMS.iter().find(|(package, _)| *package == name);
            found.extend(others.iter().flat_map(|(_, programs)| names(programs)));
            // `example.com/x/cmd/tool` and `@scope/tool`.
            found.extend(name.rsplit('/').next().map(str::to_owned));
        }
    }
    Brings::Named(found)
}

/// A package without its version and extras: `moto[server]==4.0`, `typescript@5`, `@scope/tool@1`.
fn bare(word: &str) -> String {
    let from = usize::from(word.starts_with('@'));
    let end = word.get(from..).and_then(|rest| rest.find(['=', '<', '>', '~', '!', '[', '@', ';']));
    word.get(..end.map_or(word.len(), |end| end + from)).unwrap_or(word).to_lowercase()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
