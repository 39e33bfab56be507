//! Trigger filters (codepipeline.md 3.3 and 3.4).
//!
//! Owns: filters are ORed, criteria of one filter ANDed, patterns of a list ORed, and an exclude always wins.

use super::{Changed, Judged, RefChange, RefName};
use crate::pipeline::engine::TriggerType;
use crate::spec::glob::Glob;
use crate::spec::pipeline::{Patterns, PushFilter, Trigger};

/// How many changed files AWS looks at (codepipeline.md 0.4). It says nothing of their order; here they are sorted.
const FILES: usize = 100;

pub(super) fn judge(trigger: &Trigger, change: &RefChange) -> Judged {
    let source = &trigger.source_action_name;
    let mut reasons = Vec::new();
    for filter in &trigger.push {
        match fires(filter, change) {
            Ok(()) => {
                return Ok((
                    TriggerType::WebhookV2,
                    format!("a trigger of {source} lets {} through", change.name),
                ));
            }
            Err(why) if reasons.contains(&why) => {}
            Err(why) => reasons.push(why),
        }
    }
    if trigger.push.is_empty() {
        reasons.push("it has pull request filters only, and there are no pull requests here".to_owned());
    }
    Err(format!("trigger of {source}: {}", reasons.join("; ")))
}

fn fires(filter: &PushFilter, change: &RefChange) -> Result<(), String> {
    match (&change.name, &filter.tags, &filter.branches) {
        (RefName::Tag(tag), Some(tags), _) => lets_through("tag", "tags", tags, tag),
        (RefName::Tag(_), None, _) => Err("a filter without `tags` starts nothing for a tag".to_owned()),
        (RefName::Branch(_), Some(_), _) => Err("a filter of tags starts nothing for a branch".to_owned()),
        (RefName::Branch(branch), None, branches) => {
            if let Some(branches) = branches {
                lets_through("branch", "branches", branches, branch)?;
            }
            filter.file_paths.as_ref().map_or(Ok(()), |paths| files(paths, &change.changed))
        }
    }
}

/// Each file on its own: one that is included and not excluded is enough.
fn files(patterns: &Patterns, changed: &Changed) -> Result<(), String> {
    let paths = match changed {
        Changed::Paths(paths) => paths,
        Changed::NewRef => return Err("a new branch starts nothing by `filePaths`".to_owned()),
        Changed::Unknown => {
            return Err("which files changed is not known, as `filePaths` needs".to_owned());
        }
    };
    let criterion = Criterion::new(patterns)?;
    if paths.iter().take(FILES).any(|path| criterion.check(path).is_ok()) {
        return Ok(());
    }
    let which = match paths.len() {
        0 => "no file changed".to_owned(),
        1 => format!("`{}`, the only changed file, is not let through", paths[0]),
        count if count > FILES => {
            format!("none of the first {FILES} of {count} changed files is let through")
        }
        count => format!("none of {count} changed files is let through"),
    };
    Err(format!("{which} by `filePaths`"))
}

fn lets_through(kind: &str, key: &str, patterns: &Patterns, name: &str) -> Result<(), String> {
    match Criterion::new(patterns)?.check(name) {
        Ok(()) => Ok(()),
        Err(Some(exclude)) => Err(format!("{kind} {name} is excluded by `{exclude}`")),
        Err(None) => Err(format!("{kind} {name} is not in `{key}` ({})", patterns.includes.join(", "))),
    }
}

/// `includes` and `excludes`, read.
struct Criterion<'p> {
    includes: Vec<Glob>,
    excludes: Vec<(&'p str, Glob)>,
}

impl<'p> Criterion<'p> {
    fn new(patterns: &'p Patterns) -> Result<Self, String> {
        let read = |pattern: &'p String| Glob::new(pattern).map_err(|error| error.to_string());
        Ok(Self {
            includes: patterns.includes.iter().map(read).collect::<Result<_, _>>()?,
            excludes: patterns
                .excludes
                .iter()
                .map(|pattern| Ok((pattern.as_str(), read(pattern)?)))
                .collect::<Result<_, String>>()?,
        })
    }

    /// Whether a name is let through; else the pattern that excludes it, if it is one.
    fn check(&self, name: &str) -> Result<(), Option<&'p str>> {
        if let Some((pattern, _)) = self.excludes.iter().find(|(_, glob)| glob.matches(name)) {
            return Err(Some(pattern));
        }
        // Without `includes`, everything that is not excluded (codepipeline.md 3.4).
        let included = self.includes.is_empty() || self.includes.iter().any(|glob| glob.matches(name));
        if included { Ok(()) } else { Err(None) }
    }
}
