//! `rehearsal init`: a pipeline, buildspecs and a rehearsal.yml for the repository around the working directory.
//!
//! Owns: the order of things, and what is said. Leaves to [`project`] what the repository holds, to [`plan`] what is
//! written for it, to [`write`] that all of it is written or nothing.

mod node;
mod plan;
mod project;
mod python;
mod template;
mod write;

#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::arguments::{BranchingModel, Init, Language};
use super::ending::{Ending, Failure};
use super::host::Host;
use super::output::Output;
use super::words;
use crate::pipeline::definition::usable_name;
use crate::repo::{self, Repository};
use plan::Names;
use project::{Recipe, Top};

/// Variables of the user's shell without which downloads fail on some networks, and who asks for them.
const NETWORK: [(&str, Option<Language>); 14] = [
    ("HTTPS_PROXY", None),
    ("HTTP_PROXY", None),
    ("NO_PROXY", None),
    ("https_proxy", None),
    ("http_proxy", None),
    ("no_proxy", None),
    ("SSL_CERT_FILE", None),
    ("SSL_CERT_DIR", None),
    ("CARGO_HTTP_CAINFO", Some(Language::Rust)),
    ("NODE_EXTRA_CA_CERTS", Some(Language::Node)),
    ("NPM_CONFIG_REGISTRY", Some(Language::Node)),
    ("PIP_CERT", Some(Language::Python)),
    ("PIP_INDEX_URL", Some(Language::Python)),
    ("REQUESTS_CA_BUNDLE", Some(Language::Python)),
];

/// Room for what is put behind the name: pipelines have 100 characters (codepipeline.md 1.2).
const NAME_CHARACTERS: usize = 80;

pub(super) fn perform(arguments: &Init, host: &Host, output: &Output) -> Result<Ending, Failure> {
    let repository = repo::discover(&host.directory).map_err(|error| {
        let outside = matches!(error, repo::Error::NotARepository { .. });
        let failure = Failure::from(error);
        if outside { failure.hint("`git init` makes it one") } else { failure }
    })?;
    let Some(root) = repository.work_dir() else {
        return Err(Failure::unusable("this repository is bare: there is no working tree to write to"));
    };
    let top = Top { root, repository: &repository };
    let language = language(arguments.language, &project::languages(&top)?)?;
    let recipe = project::recipe(&top, language)?;
    let inherit = inherited(language, &recipe, host);
    let names = Names { inherit, ..names(&repository, root, arguments.branching)? };
    let files = plan::plan(&recipe, arguments.branching, &names);

    write::check(root, &files, arguments.force)?;
    let overwritten = write::write(root, &files, arguments.force)?;
    for file in &files {
        let verb = if overwritten.contains(&file.path) { "overwrote" } else { "wrote" };
        output.result(format_args!("{verb} {}", file.path))?;
    }
    let written = Written { repository: &repository, root, language, names, files };
    output.note(format_args!("written for {}, {}", written.kind(), written.flow(arguments.branching)));
    for note in &recipe.notes {
        output.note(note);
    }
    advise(&repository, arguments.branching, output)?;
    for file in written.ignored()? {
        output.warn(format_args!("git ignores {file}"));
    }
    let steps = written.next(arguments.branching, &host.directory)?;
    output.talk(format_args!("next:\n  {}", steps.join("\n  ")));
    Ok(Ending::Well)
}

/// What was written, and for what.
struct Written<'a> {
    repository: &'a dyn Repository,
    root: &'a Path,
    language: Language,
    names: Names,
    files: Vec<plan::File>,
}

impl Written<'_> {
    fn kind(&self) -> &'static str {
        match self.language {
            Language::Rust => "a Rust project",
            Language::Node => "a Node project",
            Language::Python => "a Python project",
            Language::Other => "a project of another kind",
        }
    }

    fn flow(&self, flow: BranchingModel) -> String {
        let main = &self.names.main;
        match flow {
            BranchingModel::GithubFlow => format!("GitHub Flow on branch {main}"),
            BranchingModel::Gitflow => format!("Gitflow on branches {}, release/* and {main}", plan::DEVELOP),
        }
    }

    /// Files that `git add` passes over.
    fn ignored(&self) -> Result<Vec<&str>, Failure> {
        let mut ignored = Vec::new();
        for file in &self.files {
            if self.repository.ignores(Path::new(&file.path))? {
                ignored.push(file.path.as_str());
            }
        }
        Ok(ignored)
    }

    /// What to type next, a line each.
    fn next(&self, flow: BranchingModel, directory: &Path) -> Result<Vec<String>, Failure> {
        let mut steps = Vec::new();
        if self.root != directory {
            let root: PathBuf = self.root.components().collect();
            steps.push(format!("cd {}", words::quoted(&root.to_string_lossy())));
        }
        if self.language == Language::Other {
            steps.push("write your commands into buildspecs/build.yml and buildspecs/test.yml".to_owned());
        }
        let add = if self.ignored()?.is_empty() { "git add" } else { "git add --force" };
        let paths = match self.repository.head() {
            // The first commit needs the project, too.
            Err(repo::Error::NoCommits { .. }) if add == "git add" => ".".to_owned(),
            Ok(_) | Err(_) => tops(&self.files),
        };
        steps.push(format!("{add} {paths} && git commit -m 'Add a release pipeline'"));
        steps.push(match flow {
            BranchingModel::GithubFlow => "rehearsal run".to_owned(),
            BranchingModel::Gitflow => format!("rehearsal run {}-{}", self.names.project, plan::DEVELOP),
        });
        Ok(steps)
    }
}

/// The files and folders at the top that hold these files.
fn tops(files: &[plan::File]) -> String {
    let mut tops: Vec<_> = files.iter().map(|file| file.path.split('/').next().unwrap_or_default()).collect();
    tops.dedup();
    tops.join(" ")
}

/// The language to write for: the one that was asked for, else the only one there is.
fn language(asked: Option<Language>, found: &[(Language, &'static str)]) -> Result<Language, Failure> {
    let file = |language| found.iter().find(|(there, _)| *there == language).map(|(_, file)| *file);
    match asked {
        Some(Language::Other) => return Ok(Language::Other),
        Some(language) if file(language).is_some() => return Ok(language),
        Some(language) => {
            let (name, files) = described(language);
            return Err(Failure::unusable(format!(
                "this repository has no {name} project at its top: no {files}"
            ))
            .hint("--language other writes buildspecs for you to fill in"));
        }
        None => {}
    }
    match found {
        [(only, _)] => Ok(*only),
        [] => {
            let files = "Cargo.toml, package.json, pyproject.toml, setup.py or requirements.txt";
            Err(Failure::unusable(format!(
                "this repository has no project that is known here at its top: no {files}"
            ))
            .hint("--language other writes buildspecs for you to fill in"))
        }
        several => {
            let list = several.iter().map(|(language, file)| {
                let (name, _) = described(*language);
                format!("\n  --language {}  ({file})", name.to_lowercase())
            });
            let message = format!("this repository has projects of {} languages", several.len());
            Err(Failure::unusable(message).hint(format!("choose one:{}", list.collect::<String>())))
        }
    }
}

/// A language's name, and the files that show it.
fn described(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Rust => ("Rust", "Cargo.toml"),
        Language::Node => ("Node", "package.json"),
        Language::Python => ("Python", "pyproject.toml, setup.py or requirements.txt"),
        Language::Other => ("other", "file of any kind"),
    }
}

/// What things are called in the files.
fn names(repository: &dyn Repository, root: &Path, flow: BranchingModel) -> Result<Names, Failure> {
    let folder = root.file_name().unwrap_or_default().to_string_lossy();
    let name = usable_name(&folder);
    let name: String = name.trim_start_matches(['-', '_']).chars().take(NAME_CHARACTERS).collect();
    let name = if name.is_empty() { "pipeline".to_owned() } else { name };
    let default = repository.default_branch()?;
    let main = match (flow, default) {
        // In Gitflow the default branch is often develop; the one of releases is another.
        (BranchingModel::Gitflow, Some(branch)) if branch == plan::DEVELOP => {
            let there = ["main", "master"].into_iter().find(|name| has_branch(repository, name));
            there.unwrap_or("main").to_owned()
        }
        (_, Some(branch)) => branch,
        (_, None) => "main".to_owned(),
    };
    Ok(Names { project: name, main, inherit: Vec::new() })
}

/// The variables that downloads of this project's build may need, as far as they are set.
fn inherited(language: Language, recipe: &Recipe, host: &Host) -> Vec<String> {
    let downloads = match language {
        Language::Rust | Language::Node => true,
        Language::Python => recipe.flags.contains(&"install"),
        Language::Other => false,
    };
    let set = |name: &str| host.variables.get(OsStr::new(name)).is_some_and(|value| !value.is_empty());
    NETWORK
        .iter()
        .filter(|(name, of)| downloads && of.is_none_or(|of| of == language) && set(name))
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

/// Whether a branch is there, here or at a remote.
fn has_branch(repository: &dyn Repository, name: &str) -> bool {
    [name.to_owned(), format!("origin/{name}")]
        .iter()
        .any(|rev| repository.resolve(rev).is_ok_and(|commit| commit.branch.as_deref() == Some(name)))
}

/// What does not fit between the branches there are and the flow that was chosen.
fn advise(repository: &dyn Repository, flow: BranchingModel, output: &Output) -> Result<(), Failure> {
    let develop = plan::DEVELOP;
    let there = has_branch(repository, develop) || repository.branch()?.as_deref() == Some(develop);
    match flow {
        BranchingModel::GithubFlow if there => output.note(format_args!(
            "there is a branch {develop}: `rehearsal init --branching gitflow` writes pipelines for such a repository"
        )),
        BranchingModel::Gitflow if !there => {
            output.note(format_args!("there is no branch {develop} yet: `git branch {develop}` makes it"));
        }
        BranchingModel::GithubFlow | BranchingModel::Gitflow => {}
    }
    Ok(())
}
