//! Which files `rehearsal check` is about: those that are named, else all there are.
//!
//! Owns: where they are read from (the working tree, a folder outside of a repository, a commit, standard input), and
//! what is said when one cannot be read.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::paths::{plain, seen_from};
use super::shellcheck;
use crate::check::{self, Content, Discovery, Fixed, Input, Place, Report, Settings};
use crate::cli::arguments::{Check, CheckFormat, CheckedKind, Shellcheck};
use crate::cli::ending::Failure;
use crate::cli::host::Host;
use crate::cli::output::Output;
use crate::cli::place::Ground;
use crate::diagnostic::{Finding, Severity};
use crate::pipeline::definition::{CommitFiles, Files, FolderFiles, Overlaid, WorkTreeFiles};
use crate::repo::{self, Found, GitRepository, Repository};
use crate::spec::FileKind;
use crate::syntax::{self, LIMITS, ProblemKind, Tree};

/// What was checked, and what could not be.
pub(super) struct Gathered {
    pub(super) report: Report,
    pub(super) settings: Settings,
    /// The paths of the files from the top, by their names, for formats that want them.
    pub(super) paths: HashMap<String, String>,
    /// Files with what `--fix` makes of them; nothing is written yet. The report is about what they were.
    pub(super) repairs: Vec<Repair>,
    /// What is left to report when they are written.
    pub(super) after: Report,
    /// The text of standard input, repaired, where it alone is to be.
    pub(super) text: Option<Vec<u8>>,
    /// What is called like a file to check and is none: name, and what it is instead.
    pub(super) passed_over: Vec<(String, &'static str)>,
    /// Why shellcheck has nothing to say, when it should have.
    pub(super) shellcheck: Option<String>,
    /// The first path that could not be checked; the rest was.
    pub(super) trouble: Option<Failure>,
}

/// A file and what it becomes.
pub(super) struct Repair {
    pub(super) name: String,
    pub(super) fixed: Fixed,
}

impl Gathered {
    /// Whether a finding is shown: advice is for those who ask for it, at large or by its name.
    pub(super) fn shows(&self, arguments: &Check, finding: &Finding) -> bool {
        shows(arguments, &self.settings, finding)
    }
}

fn shows(arguments: &Check, settings: &Settings, finding: &Finding) -> bool {
    finding.severity != Severity::Advice || arguments.pedantic || settings.selects(finding.code)
}

/// Checks what is asked for.
pub(super) fn gather(arguments: &Check, host: &Host, output: &Output) -> Result<Gathered, Failure> {
    usage(arguments)?;
    let aside = Aside::of(arguments, host);
    let from = aside.as_ref().map_or(Cow::Borrowed(host), |aside| {
        Cow::Owned(Host { directory: aside.folder.clone(), ..host.clone() })
    });
    if let Some(rev) = &arguments.at {
        let ground = Ground::find(&from)?;
        let Some(repository) = ground.repository.as_deref() else {
            return Err(Failure::unusable(format!(
                "{} is not inside a git repository",
                from.directory.display()
            ))
            .hint("--at takes files from a commit"));
        };
        let commit = repository.resolve(rev)?;
        let files = CommitFiles { repository, commit: &commit.id };
        let list = repository.list(&commit.id)?;
        let top = repository.work_dir().unwrap_or(&from.directory);
        return Ok(Gathering {
            arguments,
            host,
            aside,
            files: &files,
            top,
            list: OnceCell::from(list),
            repository: None,
            remotes: repository.remotes(),
            commit: true,
        }
        .run());
    }
    let ground = Ground::find_anywhere(&from, output);
    let Some(top) = ground.root(&from) else {
        return Err(Failure::unusable("this repository has no working tree")
            .hint("`rehearsal check --at HEAD` checks the files of a commit"));
    };
    let folder = FolderFiles { root: &top };
    let repository = ground.repository.as_deref();
    let tree = repository.map(|repository| WorkTreeFiles { folder: FolderFiles { root: &top }, repository });
    let files: &dyn Files = tree.as_ref().map_or(&folder, |tree| tree);
    let remotes = repository.map(GitRepository::remotes).unwrap_or_default();
    let list = OnceCell::new();
    Ok(Gathering { arguments, host, aside, files, top: &top, list, repository, remotes, commit: false }.run())
}

/// A folder on the command line that is in another repository than the user is: it is checked as if they stood there.
struct Aside {
    /// As it was typed.
    typed: PathBuf,
    /// Where it is.
    folder: PathBuf,
}

impl Aside {
    /// The one folder that is asked for, when it is such a folder.
    fn of(arguments: &Check, host: &Host) -> Option<Self> {
        let [typed] = &arguments.paths[..] else { return None };
        let folder = host.directory.join(typed).canonicalize().ok().filter(|folder| folder.is_dir())?;
        let top = |directory: &Path| {
            let repository = repo::discover(directory).ok()?;
            repository.work_dir()?.canonicalize().ok()
        };
        match (top(&folder), top(&host.directory)) {
            (Some(theirs), ours) if Some(&theirs) != ours.as_ref() => {
                Some(Self { typed: typed.clone(), folder })
            }
            // Files in a folder of no repository may have nothing to do with each other.
            _ => None,
        }
    }
}

/// What arguments cannot be together, as far as clap cannot tell.
fn usage(arguments: &Check) -> Result<(), Failure> {
    let is_input = |path: &PathBuf| path.as_path() == Path::new("-");
    let reads_input = arguments.paths.iter().any(is_input);
    if arguments.stdin_filename.is_some() && !reads_input {
        return Err(Failure::unusable("--stdin-filename is about standard input, which is not read")
            .hint("`rehearsal check --stdin-filename NAME -` reads it"));
    }
    if !reads_input {
        return Ok(());
    }
    if arguments.fix && arguments.paths.len() > 1 {
        return Err(Failure::unusable("with --fix, standard input is checked alone")
            .hint("the repaired text is printed where the report would be"));
    }
    if arguments.fix && arguments.format != CheckFormat::Human {
        return Err(Failure::unusable("with --fix, standard input has no --format")
            .hint("the repaired text is printed where the report would be"));
    }
    if arguments.at.is_some() {
        return Err(Failure::unusable("--at takes files from a commit, and standard input is in none"));
    }
    Ok(())
}

struct Gathering<'a> {
    arguments: &'a Check,
    host: &'a Host,
    /// Where the files are, when that is not where the user stands.
    aside: Option<Aside>,
    /// The files at the top.
    files: &'a dyn Files,
    /// The top: the folder that paths in files are relative to.
    top: &'a Path,
    /// All files that count, once somebody asked for them.
    list: OnceCell<Vec<PathBuf>>,
    /// Where the working tree belongs to.
    repository: Option<&'a GitRepository>,
    /// The addresses of the repository's remotes.
    remotes: Vec<String>,
    /// Whether the files are those of a commit, and nothing is read from the disk.
    commit: bool,
}

impl Gathering<'_> {
    fn run(&self) -> Gathered {
        let is_top = |path: &Path| self.inside(path).is_some_and(|inside| inside.as_os_str().is_empty());
        let complete = match &self.arguments.paths[..] {
            [] => true,
            [only] => only.as_path() != Path::new("-") && is_top(only),
            _ => false,
        };
        let mut found = Discovery::default();
        let mut trouble: Option<Failure> = None;
        if complete {
            match self.list() {
                Ok(list) => found = check::find(self.files, list, None, &|path| self.name(path)),
                Err(failure) => trouble = Some(failure),
            }
            if found.inputs.is_empty() && found.unreadable.is_empty() && trouble.is_none() {
                let place = match &self.arguments.paths[..] {
                    [] => self.files.place(),
                    given => given[0].display().to_string(),
                };
                let failure = Failure::unusable(format!("{place} has nothing to check"));
                trouble = Some(failure.hint("name files: `rehearsal check PATH`"));
            }
        }
        for path in self.arguments.paths.iter().filter(|_| !complete) {
            match self.given(path) {
                Ok(more) => {
                    found.inputs.extend(more.inputs);
                    found.unreadable.extend(more.unreadable);
                    found.passed_over.extend(more.passed_over);
                }
                Err(failure) => trouble = trouble.or(Some(failure)),
            }
        }
        let mut names = std::collections::HashSet::new();
        found.inputs.retain(|input| names.insert(input.name.clone()));
        if let (Some((name, why)), None) = (found.unreadable.first(), &trouble) {
            trouble = Some(Failure::unusable(format!("cannot check {name}: {why}")));
        }
        let settings = Settings::load(&FolderFiles { root: self.top });
        let program = match self.arguments.shellcheck {
            Some(Shellcheck::Off) => None,
            None if shellcheck::is_off(self.host) => None,
            Some(Shellcheck::Auto) | None => shellcheck::find(self.host),
        };
        let trouble_of_shellcheck = RefCell::new(None);
        let ask = |texts: &[&str]| {
            let program = program.as_deref().unwrap_or(Path::new("shellcheck"));
            shellcheck::run(program, texts, self.host).unwrap_or_else(|why| {
                trouble_of_shellcheck.replace(Some(why));
                Vec::new()
            })
        };
        let place = Place {
            files: self.files,
            complete,
            name: &|path| self.name(path),
            settings: &settings,
            shellcheck: program.is_some().then_some(&ask),
            remotes: &self.remotes,
        };
        let is_input = self.arguments.paths == [Path::new("-")];
        let repairs_files = self.arguments.fix || self.arguments.fix_dry_run;
        // What is not needed of ten thousand files is not kept.
        let names_paths = matches!(self.arguments.format, CheckFormat::Github | CheckFormat::Sarif);
        let named = found.inputs.iter().filter(|_| names_paths).map(|input| {
            let inside = input.path.clone().or_else(|| self.inside(Path::new(&input.name)));
            let path = inside.map_or_else(|| input.name.clone(), |path| path.display().to_string());
            (input.name.clone(), path)
        });
        let paths = named.collect();
        let inputs = if repairs_files || is_input { found.inputs.clone() } else { Vec::new() };
        let report = check::check(found.inputs, &place);
        if let (Some((name, why)), None) = (report.unreadable.first(), &trouble) {
            trouble = Some(Failure::unusable(format!("cannot check {name}: {why}")));
        }
        let mut repairs = Vec::new();
        let mut after = Report::default();
        if repairs_files {
            let wanted = |finding: &Finding| shows(self.arguments, &settings, finding);
            let fixed = check::fix(&inputs, &place, &report, &wanted);
            let path = |fixed: &Fixed| Some((inputs.get(fixed.index)?.path.clone()?, fixed.bytes.clone()));
            let written = fixed.iter().filter_map(path).collect();
            let files = Overlaid { files: self.files, written };
            after = check::check(check::repaired(&inputs, &fixed), &Place { files: &files, ..place });
            for fixed in fixed {
                let Some(input) = inputs.get(fixed.index) else { continue };
                repairs.push(Repair { name: input.name.clone(), fixed });
            }
        }
        let text = repairs.first().map(|repair| repair.fixed.bytes.clone());
        let unchanged = || Some(inputs.first()?.read(self.files).ok()?.into_owned());
        let text = text.or_else(unchanged).filter(|_| is_input);
        let passed_over = found.passed_over;
        let shellcheck = trouble_of_shellcheck.take();
        Gathered { report, settings, paths, repairs, after, text, passed_over, shellcheck, trouble }
    }

    /// The files of the commit, or those of the working tree that count; everything below a folder that is in no repository.
    fn list(&self) -> Result<&[PathBuf], Failure> {
        if let Some(list) = self.list.get() {
            return Ok(list);
        }
        let list = match self.repository {
            Some(repository) => repository.list_work_tree()?,
            None => check::walk(self.top),
        };
        Ok(self.list.get_or_init(|| list))
    }

    /// What a path on the command line stands for.
    fn given(&self, path: &Path) -> Result<Discovery, Failure> {
        if path == Path::new("-") {
            return self.standard_input();
        }
        let inside = self.inside(path);
        let (bytes, inside) = if self.commit {
            let inside = inside.ok_or_else(|| {
                Failure::unusable(format!("{} is outside of the repository", path.display()))
            })?;
            match self.files.look(&inside)? {
                Found::File(bytes) => (bytes, Some(inside)),
                Found::Other("a folder") => return self.folder(path, Some(&inside)),
                Found::Nothing if inside.as_os_str().is_empty() => return self.folder(path, Some(&inside)),
                Found::Nothing => {
                    return Err(Failure::unusable(format!(
                        "{} has no {}",
                        self.files.place(),
                        path.display()
                    )));
                }
                Found::Other(what) => {
                    return Err(Failure::unusable(format!("{} is {what}, not a file", path.display())));
                }
            }
        } else {
            let cannot = |error: std::io::Error| {
                Failure::unusable(match error.kind() {
                    std::io::ErrorKind::NotFound => format!("there is no {}", path.display()),
                    _ => format!("cannot read {}: {error}", path.display()),
                })
            };
            let whole = self.host.directory.join(path);
            let metadata = std::fs::metadata(&whole).map_err(cannot)?;
            if metadata.is_dir() {
                return self.folder(path, inside.as_deref());
            }
            if !metadata.is_file() {
                // A named pipe would keep its reader waiting for ever.
                return Err(Failure::unusable(format!("{} is no ordinary file", path.display()))
                    .hint("standard input is read with `rehearsal check -`"));
            }
            let file = std::fs::File::open(&whole).map_err(cannot)?;
            (limited(file).map_err(cannot)?, inside)
        };
        let name = path.display().to_string();
        let kind = self.kind(&name, Some(path), &bytes)?;
        Ok(Discovery {
            inputs: vec![Input { name, path: inside, kind, content: Content::Bytes(bytes) }],
            ..Discovery::default()
        })
    }

    fn standard_input(&self) -> Result<Discovery, Failure> {
        let bytes = limited(std::io::stdin().lock())
            .map_err(|error| Failure::unusable(format!("cannot read standard input: {error}")))?;
        let Some(file) = &self.arguments.stdin_filename else {
            let kind = self.kind("standard input", None, &bytes)?;
            let name = "<stdin>".to_owned();
            return Ok(Discovery {
                inputs: vec![Input { name, path: None, kind, content: Content::Bytes(bytes) }],
                ..Discovery::default()
            });
        };
        let name = file.display().to_string();
        let kind = self.kind(&name, Some(file), &bytes)?;
        let path = self.inside(file);
        Ok(Discovery {
            inputs: vec![Input { name, path, kind, content: Content::Bytes(bytes) }],
            ..Discovery::default()
        })
    }

    /// The files below a folder.
    fn folder(&self, path: &Path, inside: Option<&Path>) -> Result<Discovery, Failure> {
        let found = if let Some(inside) = inside {
            let below = Some(inside).filter(|inside| !inside.as_os_str().is_empty());
            check::find(self.files, self.list()?, below, &|path| self.name(path))
        } else {
            let root = self.host.directory.join(path);
            let files = FolderFiles { root: &root };
            let name = |inner: &Path| path.join(inner).display().to_string();
            let mut found = check::find(&files, &check::walk(&root), Some(Path::new("")), &name);
            // What is elsewhere has nothing to do with the files at the top.
            let root: Arc<Path> = root.into();
            for input in &mut found.inputs {
                if let Some(path) = input.path.take() {
                    input.content = Content::Below { root: Arc::clone(&root), path };
                }
            }
            found
        };
        if found.inputs.is_empty() && found.unreadable.is_empty() {
            return Err(Failure::unusable(format!("{} has nothing to check", path.display())));
        }
        Ok(found)
    }

    fn kind(&self, name: &str, path: Option<&Path>, bytes: &[u8]) -> Result<FileKind, Failure> {
        match self.arguments.kind {
            Some(CheckedKind::Buildspec) => return Ok(FileKind::Buildspec),
            Some(CheckedKind::Pipeline) => return Ok(FileKind::Pipeline),
            Some(CheckedKind::Appspec) => return Ok(FileKind::AppSpec),
            Some(CheckedKind::Template) => return Ok(FileKind::Template),
            Some(CheckedKind::Config) => return Ok(FileKind::Config),
            None => {}
        }
        let source = syntax::decode(name, bytes).ok();
        let parsed = source.as_ref().map(syntax::parse);
        let tree = parsed.as_ref().and_then(|parsed| parsed.tree.as_ref());
        let kind = match path {
            Some(path) => FileKind::of(path, tree),
            None => tree.and_then(FileKind::of_content),
        };
        let text = source.as_ref().filter(|_| tree.is_none_or(Tree::is_partial));
        let kind = kind.or_else(|| text.and_then(|source| FileKind::of_broken(source.text())));
        // Of what is too large nothing else is said than that.
        let kind = kind.or_else(|| (bytes.len() > LIMITS.bytes).then_some(FileKind::Template));
        kind.ok_or_else(|| {
            let broken = parsed
                .iter()
                .flat_map(|parsed| &parsed.problems)
                .find(|problem| matches!(problem.kind, ProblemKind::Syntax { .. }));
            let failure = match broken.zip(source) {
                Some((problem, source)) => {
                    let at = source.position(problem.span.start);
                    Failure::unusable(format!(
                        "cannot tell what {name} is: it cannot be read at line {}, column {}: {}",
                        at.line, at.column, problem.message
                    ))
                }
                None => Failure::unusable(format!("cannot tell what {name} is")),
            };
            failure.hint("say so: --as buildspec, pipeline, appspec, template or config")
        })
    }

    /// A path on the command line relative to the top; none when it is not below it.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let top = self.top.canonicalize().unwrap_or_else(|_| self.top.to_owned());
        let whole = self.host.directory.join(path);
        let whole =
            if self.commit { None } else { whole.canonicalize().ok() }.unwrap_or_else(|| plain(&whole));
        whole.strip_prefix(&top).or_else(|_| whole.strip_prefix(self.top)).ok().map(Path::to_owned)
    }

    /// The name of a path below the top, as seen from the working directory.
    fn name(&self, path: &Path) -> String {
        let whole = self.top.join(path);
        let typed = self.aside.as_ref().and_then(|aside| {
            let inner = whole.strip_prefix(&aside.folder).ok()?;
            Some(aside.typed.join(inner))
        });
        typed.unwrap_or_else(|| seen_from(&self.host.directory, &whole)).display().to_string()
    }
}

/// At most as many bytes as are ever decoded, and one more, so that whoever decodes them says that it is too much.
fn limited(reader: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LIMITS.bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
