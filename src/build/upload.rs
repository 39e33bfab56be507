//! UPLOAD_ARTIFACTS: packing what the buildspec defines (codebuild.md 3.7, codepipeline.md 6).
//!
//! Owns: which definitions are wanted, and their names. Leaves to `artifacts`: which files, and to `store::archive`: ZIPs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::artifacts::{self, Definition, Fence, Purpose};
use super::request::{BuiltArtifact, Outputs};
use super::session::{Fault, Ready, Session, broken, written};
use crate::action::Error;
use crate::spec::buildspec::Artifacts;
use crate::store::archive::{self, Selection, pack};

/// One artifact to be made: its identifier, the output it is for, its definition.
type Wanted<'a> = (Option<&'a str>, Option<&'a str>, &'a Artifacts);

impl Session<'_> {
    /// Performs the phase.
    pub(super) fn upload(&mut self, ready: &Ready) -> Result<(), Fault> {
        let wanted = wanted(&self.request.outputs, ready.buildspec.artifacts.as_ref())?;
        // A new folder, since one of a known name could be a link that a command has made.
        let fence = self.fence(ready);
        let folder = tempfile::Builder::new().prefix("artifacts-").tempdir_in(&self.layout.root);
        let folder = folder.map_err(Error::at("create a folder in", &self.layout.root))?.keep();
        for (index, (identifier, output, definition)) in wanted.into_iter().enumerate() {
            self.within_limits()?;
            let files = Definition { fence: fence.clone(), ..Definition::from(definition) };
            let log = &mut self.log;
            let found =
                artifacts::collect(&files, &ready.source, &ready.left.variables, &mut |line| log.agent(line));
            let found = found.map_err(|error| Fault::failed("CLIENT_ERROR", error.to_string()))?;
            for note in &found.notes {
                self.log.note(note);
            }
            let archive = folder.join(format!("{index:02}.zip"));
            let packed = match pack(Selection::Listed(&found.files), &archive) {
                Ok(packed) => packed,
                Err(archive::Error::System(error)) => return Err(broken("pack an artifact", error)),
                Err(
                    error @ (archive::Error::Damaged { .. }
                    | archive::Error::Refused { .. }
                    | archive::Error::TooLarge { .. }
                    | archive::Error::Clash { .. }
                    | archive::Error::Name { .. }),
                ) => return Err(Fault::failed("CLIENT_ERROR", error.to_string())),
            };
            for (path, name) in &found.files {
                if self.simulated.made(path) {
                    self.simulated_files.add(name);
                }
            }
            for path in packed.skipped {
                self.log.note(&format!("artifacts: {} is no file, so it is left out", path.display()));
            }
            let name = match output {
                Some(output) => output.to_owned(),
                None => self.name(ready, identifier, definition)?,
            };
            let files = found.files.len();
            self.artifacts.push(BuiltArtifact {
                identifier: identifier.map(str::to_owned),
                name,
                archive,
                files,
            });
        }
        Ok(())
    }

    /// What of this machine no artifact takes.
    pub(super) fn fence(&self, ready: &Ready) -> Fence {
        let home = self.host.environment.get(OsStr::new("HOME")).map(Path::new);
        let own = [&self.layout.root, &ready.source].into_iter().chain(&self.host.caches);
        Fence::new(home, &own.map(PathBuf::as_path).collect::<Vec<_>>())
    }

    /// The name of an artifact that is for no output: the buildspec's `name`, expanded by the shell.
    fn name(&mut self, ready: &Ready, identifier: Option<&str>, of: &Artifacts) -> Result<String, Fault> {
        let usual = identifier.unwrap_or(&self.request.project.name).to_owned();
        let Some(text) = of.name.as_deref().filter(|name| !name.is_empty()) else { return Ok(usual) };
        if !text.contains(['$', '`', '\\']) {
            return Ok(text.to_owned());
        }
        written(ready, ready.folder.write_expansion(text, &ready.left.variables))?;
        let expanded = self.ask(ready)?;
        Ok(expanded.filter(|name| !name.is_empty()).unwrap_or_else(|| {
            self.log.note(&format!("artifacts: the name `{text}` could not be expanded; {usual} is used"));
            usual
        }))
    }
}

impl From<&Artifacts> for Definition {
    fn from(artifacts: &Artifacts) -> Self {
        Self {
            files: artifacts.files.clone(),
            base_directory: artifacts.base_directory.clone(),
            discard_paths: artifacts.discard_paths,
            exclude_paths: artifacts.exclude_paths.clone(),
            enable_symlinks: artifacts.enable_symlinks,
            fence: Fence::default(),
            purpose: Purpose::Artifacts,
        }
    }
}

/// The artifacts to be made, or what is missing in the buildspec.
fn wanted<'a>(outputs: &'a Outputs, defined: Option<&'a Artifacts>) -> Result<Vec<Wanted<'a>>, Fault> {
    let missing = || Fault::failed("CLIENT_ERROR", "no definition for primary artifacts in buildspec");
    match outputs {
        Outputs::Nothing => Ok(Vec::new()),
        Outputs::Declared => {
            let Some(primary) = defined else { return Ok(Vec::new()) };
            let of_secondary = primary.secondary.iter().map(|(id, one)| (Some(id.as_str()), None, one));
            // Only secondary artifacts are wanted by those who leave out `files`.
            let own =
                (!primary.files.is_empty() || primary.secondary.is_empty()).then_some((None, None, primary));
            Ok(own.into_iter().chain(of_secondary).collect())
        }
        Outputs::Primary(output) => Ok(vec![(None, Some(output.as_str()), defined.ok_or_else(missing)?)]),
        Outputs::Secondary(names) => {
            let primary = defined.ok_or_else(missing)?;
            let find = |name: &'a String| {
                let found = primary.secondary.iter().find(|(identifier, _)| identifier == name);
                found.map(|(id, one)| (Some(id.as_str()), Some(name.as_str()), one)).ok_or_else(|| {
                    Fault::failed(
                        "CLIENT_ERROR",
                        format!("no definition for secondary artifacts {name} in buildspec"),
                    )
                })
            };
            names.iter().map(find).collect()
        }
    }
}
