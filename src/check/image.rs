//! The image that a buildspec runs on, as far as rehearsal.yml tells.

use std::path::Path;

use crate::spec::buildspec::BuildspecFile;
use crate::spec::sh;
use crate::syntax::{Node, Tree};

/// The image of the projects that build by the file at a path; none when there is none, or when their shells differ.
pub(super) fn of<'t>(config: &'t Tree, path: &Path) -> Option<&'t str> {
    let builds_by_it = |project: &Node<'_>| {
        let setting = project.get("source").and_then(|source| source.get("buildspec")).and_then(Node::text);
        match BuildspecFile::from_setting(setting) {
            BuildspecFile::Default => path == Path::new("buildspec.yml"),
            BuildspecFile::Path(file) => path == Path::new(&file),
            BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => false,
        }
    };
    let projects = config.root().get("projects").into_iter().flat_map(Node::items);
    let mut images = projects.filter(builds_by_it).map(image_of);
    let first = images.next()??;
    images.all(|other| other.is_some_and(|other| sh::of(other) == sh::of(first))).then_some(first)
}

/// The image of a project.
pub(super) fn image_of(project: Node<'_>) -> Option<&str> {
    project.get("environment")?.get("image")?.text()
}
