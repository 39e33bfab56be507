//! DOWNLOAD_SOURCE: sources, buildspec, variables, shell, runtimes (codebuild.md 3.3).
//!
//! Owns: the order of that work, CodeBuild's lines about it, and the notes on what a rehearsal does not do. Leaves to
//! `environment`, `service`, `stand_in` and `runtimes`: the parts.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment::{Assembled, Definitions, assemble};
use super::request::{BuildspecFile, Content, Instructions, Source};
use super::retry::Policy;
use super::script::{Carry, Left, StateFolder};
use super::service::{self, SourceFacts};
use super::session::{Fault, Ready, Session, broken, make, written};
use super::{DEFAULT_IMAGE, artifacts, image, machine, preflight, runtimes, tools};
use crate::action::Error;
use crate::aws::shims::needs_program;
use crate::diagnostic::{Severity, human};
use crate::process::environment::{Basis, base, find_program, is_program, prepare};
use crate::process::shell::{self, Shell};
use crate::spec::Read;
use crate::spec::buildspec::{self, Buildspec, PhaseName, Shell as ShellName, Version};
use crate::store::archive::{self, Limits, unpack};
use crate::syntax::SourceFile;

impl Session<'_> {
    /// Performs the phase.
    pub(super) fn download(&mut self) -> Result<Ready, Fault> {
        let version = env!("CARGO_PKG_VERSION");
        self.log.agent(&format!("Running on Rehearsal {version}"));
        for line in ["Waiting for agent ping", "Waiting for DOWNLOAD_SOURCE", "Phase is DOWNLOAD_SOURCE"] {
            self.log.agent(line);
        }
        for note in std::mem::take(&mut self.layout.notes) {
            self.log.note(&note);
        }
        let directories = self.fetch()?;
        let Some(source) = directories.first().cloned() else {
            return Err(Fault::failed("CLIENT_ERROR", "the build has no source"));
        };
        let buildspec = self.buildspec(&source)?;
        // From here on by the names that commands know.
        let directories: Vec<PathBuf> =
            directories.iter().map(|directory| self.layout.inside(directory)).collect();
        let source = self.layout.inside(&source);
        let policies = policies(&buildspec)?;
        let assembled = self.variables(&directories, &buildspec)?;
        let shell = self.shell(&buildspec, &assembled)?;
        self.notes(&buildspec);
        self.preflight(&buildspec, &assembled);

        let state = self.layout.state();
        let inside = self.layout.inside(&state);
        let folder =
            StateFolder::new(state.clone(), inside, shell.kind).map_err(Error::at("create", &state))?;
        let carry = match buildspec.version {
            Version::V0_1 => Carry::Nothing,
            Version::V0_2 => Carry::State,
        };
        let left = Left { variables: assembled.variables, directory: source.clone() };
        let unexportable = assembled.unexportable;
        let began = self.sourced.later(&self.layout.root)?;
        let ready = Ready { buildspec, policies, shell, folder, carry, left, source, unexportable, began };
        self.runtimes(&ready)?;
        self.announce(&ready);
        Ok(ready)
    }

    /// Makes the sources available; their directories, the primary one first.
    fn fetch(&mut self) -> Result<Vec<PathBuf>, Fault> {
        let secondary = self.request.secondary.iter();
        let all: Vec<(Option<&str>, &Source)> = std::iter::once((None, &self.request.primary))
            .chain(secondary.map(|(identifier, source)| (Some(identifier.as_str()), source)))
            .collect();
        let mut directories = Vec::new();
        for (index, (identifier, source)) in all.into_iter().enumerate() {
            self.within_limits()?;
            let directory = match &source.content {
                Content::Folder(folder) => {
                    folder.canonicalize().map_err(Error::at("find the source", folder))?
                }
                Content::Archive(archive) => {
                    let directory = self.layout.unpacked(index);
                    self.unpack(archive, &directory)?;
                    directory
                }
            };
            let suffix = identifier.map(|identifier| format!("_{identifier}")).unwrap_or_default();
            let inside = self.layout.inside(&directory);
            self.log.agent(&format!("CODEBUILD_SRC_DIR{suffix}={}", inside.display()));
            directories.push(directory);
        }
        Ok(directories)
    }

    fn unpack(&mut self, archive: &Path, directory: &Path) -> Result<(), Fault> {
        match unpack(archive, directory, Limits::default()) {
            Ok(unpacked) => {
                for link in unpacked.escaping {
                    self.log.remark(&format!("the link {} leads out of the source", link.display()));
                }
                Ok(())
            }
            Err(archive::Error::System(error)) => Err(broken("unpack a source", error)),
            Err(
                error @ (archive::Error::Damaged { .. }
                | archive::Error::Refused { .. }
                | archive::Error::TooLarge { .. }
                | archive::Error::Clash { .. }
                | archive::Error::Name { .. }),
            ) => Err(Fault::failed("CLIENT_ERROR", error.to_string())),
        }
    }

    /// Finds and reads the buildspec (codebuild.md 1.1).
    fn buildspec(&mut self, source: &Path) -> Result<Buildspec, Fault> {
        let file = match &self.request.instructions {
            Instructions::Given(buildspec) => return Ok((**buildspec).clone()),
            Instructions::File(file) => file,
        };
        let read = match file {
            BuildspecFile::Default => self.buildspec_file(source, "buildspec.yml")?,
            BuildspecFile::Path(path) => self.buildspec_file(source, path)?,
            BuildspecFile::Inline(text) => {
                let place = self.layout.inside(&self.layout.inline_buildspec());
                self.log.agent(&format!("YAML location is {}", place.display()));
                let name = format!("buildspec of the project {}", self.request.project.name);
                buildspec::load_source(&Arc::new(SourceFile::new(name, text.clone())))
            }
            BuildspecFile::Remote(arn) => {
                let message = format!("the buildspec is in S3 ({arn}), which a rehearsal does not reach");
                return Err(Fault::failed("CLIENT_ERROR", message));
            }
        };
        self.judge(read)
    }

    fn buildspec_file(&mut self, source: &Path, path: &str) -> Result<Read<Buildspec>, Fault> {
        let full = source.join(path);
        let named = self.layout.inside(&full);
        self.log.agent(&format!("YAML location is {}", named.display()));
        // A link of the source may lead anywhere; what is read stays in the workspace.
        let inside = full.canonicalize().is_ok_and(|full| {
            // Reading a pipe would never end.
            full.is_file() && (full.starts_with(&self.layout.root) || full.starts_with(source))
        });
        let text = if inside { fs::read(&full).ok() } else { None };
        let Some(text) = text else {
            if path == "buildspec.yml" && source.join("buildspec.yaml").exists() {
                self.log.note(
                    "CodeBuild looks for buildspec.yml; another name, such as buildspec.yaml, has to be configured",
                );
            }
            // AWS's text (codebuild.md 8.2).
            let message = format!("stat {}: no such file or directory", named.display());
            return Err(Fault::failed("YAML_FILE_ERROR", message));
        };
        Ok(buildspec::load(path, &text))
    }

    /// Tells what was found in a buildspec, and whether CodeBuild goes on with it.
    fn judge(&mut self, read: Read<Buildspec>) -> Result<Buildspec, Fault> {
        let Read { value, mut findings } = read;
        // Advice is for `check`: the build is what is written.
        findings.retain(|finding| finding.severity != Severity::Advice);
        let mut shown = findings.clone();
        for finding in shown.iter_mut().filter(|finding| finding.severity != Severity::Error) {
            // Said as AWS says it, it need not be quoted once more.
            if let Some(message) = finding.aws_message.take() {
                self.log.agent(&message);
            }
        }
        if !shown.is_empty() {
            self.log.block(&human::render(&shown, human::Style::plain(100)));
        }
        let first = findings.iter().find(|finding| finding.is_error()).map(|finding| {
            let message = finding.aws_message.as_ref().unwrap_or(&finding.message);
            message.strip_prefix("YAML_FILE_ERROR: ").unwrap_or(message).to_owned()
        });
        self.findings = findings;
        value.ok_or_else(|| {
            Fault::failed(
                "YAML_FILE_ERROR",
                first.unwrap_or_else(|| "the buildspec cannot be used".to_owned()),
            )
        })
    }

    /// Puts the variables together, and from here on hides secrets.
    fn variables(&mut self, directories: &[PathBuf], buildspec: &Buildspec) -> Result<Assembled, Fault> {
        self.log.agent("Processing environment variables");
        let request = self.request;
        let layout = self.layout.clone();
        let caches = self.host.caches.as_ref().map(|caches| layout.inside(caches));
        let basis = Basis {
            host: &self.host.environment,
            view: layout.view(),
            home: &layout.inside(&layout.home()),
            temp: &layout.inside(&layout.temp()),
            ceiling: &layout.inside(&layout.ceiling()),
            shims: Some(&layout.inside(&layout.shims())),
            caches: caches.as_deref(),
            region: &request.identity.region,
            inherit: &self.host.inherit,
        };
        for folder in [layout.home(), layout.temp()] {
            make(&folder)?;
        }
        prepare(&basis).map_err(Error::at("prepare", basis.home))?;
        tools::write(&layout.shims()).map_err(Error::at("write", &layout.shims()))?;
        let mut base = base(&basis, &Path::is_dir);
        let java_home = self.host.environment.get(OsStr::new("JAVA_HOME")).map(Path::new);
        let of_image = image::variables(self.image(), java_home, &Path::is_dir);
        base.variables.extend(of_image.into_iter().map(|(name, value)| (name.into(), value.into())));
        if let Some(session) = &self.aws {
            base.variables.extend(session.environment());
            if let Some(registries) = self.host.loopback.as_ref().map(|loopback| loopback.registries()) {
                let variables = registries.variables.iter();
                base.variables.extend(variables.map(|(name, value)| (name.into(), value.into())));
                for host in &registries.kept_back {
                    self.log.note(&format!(
                        "the package registry at {host} is not told to the build: the path of its URL holds what looks like a token"
                    ));
                }
            }
            tools::write_shims(&layout, &self.host.guard.program, session)
                .map_err(Error::at("write", &layout.shims()))?;
        }
        for name in base.refused {
            self.log.note(&format!(
                "local.inherit: {name} is not passed on, since it would lead builds to what is the user's own"
            ));
        }

        let primary = (None, &request.primary);
        let secondary = request.secondary.iter().map(|(identifier, source)| (Some(identifier), source));
        let facts: Vec<SourceFacts<'_>> = std::iter::once(primary)
            .chain(secondary)
            .zip(directories)
            .map(|((identifier, source), directory)| SourceFacts {
                identifier: identifier.map(String::as_str),
                directory,
                version: source.version.as_deref(),
                repository: source.repository.as_deref(),
            })
            .collect();
        let image = self.image();
        let mut own =
            service::variables(&request.identity, &request.project.name, image, &facts, self.started);
        own.extend(request.known.iter().cloned());
        let revision = request.revision.clone();
        own.extend(revision.map(|revision| ("CODEBUILD_RESOLVED_SOURCE_VERSION".to_owned(), revision)));
        let definitions = Definitions {
            base: &base.variables,
            buildspec: &buildspec.env,
            project: &request.project.environment.environment_variables,
            overrides: &request.overrides,
            service: &own,
        };
        let mut assembled = assemble(&definitions, &request.stand_ins).map_err(Fault::Failed)?;
        self.placeholders.clone_from(&assembled.placeholders);
        self.log.hide(&assembled.secrets);
        if let Some(session) = &self.aws {
            session.desk().hide(assembled.secrets.clone());
        }
        for note in std::mem::take(&mut assembled.notes) {
            self.log.note(&note);
        }
        Ok(assembled)
    }

    fn image(&self) -> &str {
        self.request.project.environment.image.as_deref().unwrap_or(DEFAULT_IMAGE)
    }

    fn shell(&mut self, buildspec: &Buildspec, assembled: &Assembled) -> Result<Shell, Fault> {
        let wanted = buildspec.env.shell.map(|shell| match shell {
            ShellName::Bash => "bash",
            ShellName::Sh => "sh",
            ShellName::PowerShell => "powershell.exe",
            ShellName::Cmd => "cmd.exe",
        });
        // The user's own PATH finds the shell, whatever PATH the build sets for itself.
        let path = self.host.environment.get(OsStr::new("PATH"));
        let path = path.or_else(|| assembled.variables.get(OsStr::new("PATH")));
        let path = path.map_or(OsStr::new("/usr/bin:/bin"), |path| path.as_os_str());
        let view = self.layout.view();
        // One of the user's own that commands cannot see is no help to them.
        let find = |name: &str| {
            let of_user = find_program(name, path).and_then(|program| view.inside(&program));
            of_user.or_else(|| find_program(name, OsStr::new("/usr/bin:/bin")).filter(|_| !view.is_host()))
        };
        let image = self.image().to_owned();
        let shell = shell::resolve(&image, wanted, &find)
            .map_err(|error| Fault::failed("CLIENT_ERROR", error.to_string()))?;
        if shell.assumed {
            self.log.note(&format!("commands run in {shell}; the image {image} may have another"));
        }
        Ok(shell)
    }

    /// What this buildspec asks for and a rehearsal does not do.
    fn notes(&mut self, buildspec: &Buildspec) {
        let phases = PhaseName::ALL.into_iter().filter_map(|name| buildspec.phases.get(name));
        let mut users: Vec<&str> =
            phases.filter_map(|phase| phase.run_as.as_deref()).chain(buildspec.run_as.as_deref()).collect();
        users.sort_unstable();
        users.dedup();
        let isolated = !self.layout.view().is_host();
        if !users.is_empty() {
            let who = if isolated { "root of the sandbox" } else { "you" };
            self.log.note(&format!("run-as: commands run as {who}, not as {}", users.join(" or ")));
        }
        let cached = buildspec.cache.as_ref().is_some_and(|cache| !cache.paths.is_empty());
        for (present, note) in [
            (cached, "cache: nothing is restored or saved; the cache is not rehearsed yet"),
            (buildspec.batch.is_some(), "batch: a single build ignores it, as on AWS"),
            (buildspec.env.git_credential_helper, "git-credential-helper: builds get no credentials here"),
            (
                self.request.project.environment.privileged_mode,
                if isolated {
                    "privilegedMode: the sandbox gives commands no more rights for it, and no Docker daemon"
                } else {
                    "privilegedMode: commands have the rights that you have, no more and no less"
                },
            ),
        ] {
            if present {
                self.log.note(note);
            }
        }
    }

    /// Tells which commands will not be found.
    fn preflight(&mut self, buildspec: &Buildspec, assembled: &Assembled) {
        let path = assembled.variables.get(OsStr::new("PATH")).map(OsString::as_os_str).unwrap_or_default();
        let shims = self.layout.shims();
        let view = self.layout.view();
        let folders: Vec<_> =
            std::env::split_paths(path).filter_map(|folder| view.outside(&folder)).collect();
        let is_there = |name: &str| {
            let folders = folders.iter().filter(|folder| !needs_program(name) || **folder != shims);
            // Links in a folder of the build's own lead where commands are.
            folders.filter_map(|folder| view.resolve(&folder.join(name))).any(|file| is_program(&file))
        };
        let note = preflight::note(buildspec, self.image(), &is_there);
        let on_host = self.layout.view().is_host();
        for note in note.into_iter().chain(machine::note(buildspec).filter(|_| on_host)) {
            self.log.note(&note);
        }
    }

    /// Compares `runtime-versions` with this machine.
    fn runtimes(&mut self, ready: &Ready) -> Result<(), Fault> {
        let wanted = ready.buildspec.phases.install.as_ref().map(|phase| phase.runtime_versions.clone());
        let wanted = wanted.unwrap_or_default();
        if wanted.is_empty() {
            self.log.agent("No runtime version selected in buildspec.");
        }
        for (runtime, version) in wanted {
            let version = artifacts::expand_variables(&version, &ready.left.variables);
            let version = version.to_string_lossy();
            let question = match runtimes::question(&runtime) {
                Ok(question) => question,
                Err(note) => {
                    self.log.note(&note);
                    continue;
                }
            };
            self.log.agent(&format!(
                "Selecting '{runtime}' runtime version '{version}' based on manual selections..."
            ));
            written(ready, ready.folder.write_question(question, &ready.left.variables))?;
            let answer = self.ask(ready)?;
            if let Some(note) = runtimes::verdict(&runtime, &version, answer.as_deref()) {
                self.log.note(&note);
            }
        }
        Ok(())
    }

    fn announce(&mut self, ready: &Ready) {
        self.log.agent(&format!("Moving to directory {}", ready.source.display()));
        match &ready.buildspec.cache {
            None => {
                self.log.agent("Cache is not defined in the buildspec");
                self.log.agent("Skip cache due to: no paths specified to be cached");
            }
            Some(cache) if cache.paths.is_empty() => {
                self.log.agent("Skip cache due to: no paths specified to be cached");
            }
            Some(_) => {}
        }
        self.log.agent("Registering with agent");
        let phases: BTreeMap<PhaseName, usize> = PhaseName::ALL
            .into_iter()
            .filter_map(|name| ready.buildspec.phases.get(name).map(|phase| (name, phase.commands.len())))
            .collect();
        self.log.agent(&format!("Phases found in YAML: {}", phases.len()));
        for (name, commands) in phases {
            self.log.agent(&format!(" {}: {commands} commands", name.api_name()));
        }
    }
}

/// `on-failure` of each phase. A pattern that cannot be compiled is found here, before anything runs.
fn policies(buildspec: &Buildspec) -> Result<BTreeMap<PhaseName, Policy>, Fault> {
    let mut policies = BTreeMap::new();
    for name in PhaseName::ALL {
        let Some(phase) = buildspec.phases.get(name) else { continue };
        let policy = Policy::new(phase.on_failure.as_ref()).map_err(|error| {
            let message = format!("on-failure of {} is no regular expression: {error}", name.key());
            Fault::failed("YAML_FILE_ERROR", message)
        })?;
        policies.insert(name, policy);
    }
    Ok(policies)
}
