//! Which files are written, and what is in them.
//!
//! Owns: one pipeline for GitHub Flow, three for Gitflow (codepipeline.md 9.1, 9.2, 9.4), and the names in them. The
//! text is in `templates/`.

use super::project::Recipe;
use super::template::{fill, scalar};
use crate::cli::arguments::BranchingModel;

/// Gitflow's branch of development.
pub(super) const DEVELOP: &str = "develop";

const PIPELINE: &str = include_str!("templates/pipeline.yml.in");
const CONFIGURATION: &str = include_str!("templates/rehearsal.yml.in");

/// What things are called.
pub(super) struct Names {
    /// The project: pipelines and CodeBuild projects begin with it.
    pub(super) project: String,
    /// The branch of what is released.
    pub(super) main: String,
    /// Variables that builds get from the user's shell.
    pub(super) inherit: Vec<String>,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Relative to the top of the working tree.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
}

/// One pipeline.
struct Pipeline<'a> {
    path: &'a str,
    name: String,
    about: String,
    /// A pattern of branches that start it.
    pattern: String,
    /// Whether tags start it, too.
    tags: bool,
    /// The branch that it takes when somebody starts it.
    branch: &'a str,
    /// What usually follows its stages.
    next: &'a str,
}

/// The files, in the order in which they are told.
pub(super) fn plan(recipe: &Recipe, flow: BranchingModel, names: &Names) -> Vec<File> {
    let pipelines = match flow {
        BranchingModel::GithubFlow => vec![github_flow(names)],
        BranchingModel::Gitflow => gitflow(names),
    };
    let mut flags = recipe.flags.clone();
    if !names.inherit.is_empty() {
        flags.push("inherit");
    }
    let paths: Vec<_> = pipelines.iter().map(|pipeline| pipeline.path).collect();
    let shared = [
        ("BUILD", scalar(&format!("{}-build", names.project))),
        ("TEST", scalar(&format!("{}-test", names.project))),
        ("REPOSITORY", scalar(&format!("example/{}", names.project))),
        ("PIPELINES", format!("[{}]", paths.join(", "))),
        ("INHERIT", format!("[{}]", names.inherit.join(", "))),
    ];
    let values: Vec<_> = shared.iter().chain(&recipe.values).cloned().collect();

    let mut files: Vec<_> = pipelines.iter().map(|pipeline| pipeline.file(&flags, &values)).collect();
    let mut add = |path: &str, template: &str| {
        files.push(File { path: path.to_owned(), text: fill(template, &flags, &values) });
    };
    add("buildspecs/build.yml", recipe.buildspecs.build);
    if flags.contains(&"test") {
        add("buildspecs/test.yml", recipe.buildspecs.test);
    }
    add("rehearsal.yml", CONFIGURATION);
    files
}

fn github_flow(names: &Names) -> Pipeline<'_> {
    Pipeline {
        path: "pipeline.yml",
        name: names.project.clone(),
        about: format!(
            "The release pipeline. GitHub Flow: whatever reaches {} is on its way to production.",
            names.main
        ),
        pattern: literal(&names.main),
        tags: false,
        branch: &names.main,
        next: "What usually follows: a stage with a manual approval, and one that deploys.",
    }
}

fn gitflow(names: &Names) -> Vec<Pipeline<'_>> {
    let name = |suffix: &str| format!("{}-{suffix}", names.project);
    vec![
        Pipeline {
            path: "pipelines/develop.yml",
            name: name(DEVELOP),
            about: format!("Gitflow, {DEVELOP}: each push, for the development environment."),
            pattern: DEVELOP.to_owned(),
            tags: false,
            branch: DEVELOP,
            next: "What usually follows: a stage that deploys to development.",
        },
        Pipeline {
            path: "pipelines/release.yml",
            name: name("release"),
            about: "Gitflow, release/*: built once, on its way to staging and production. Hotfixes go this way, too."
                .to_owned(),
            pattern: "release/**".to_owned(),
            tags: false,
            branch: &names.main,
            next: "What usually follows: deployments to staging and production, a manual approval before each.",
        },
        Pipeline {
            path: "pipelines/main.yml",
            name: name("main"),
            about: format!("Gitflow, {}: what has been released, and its tags. Mirrors production.", names.main),
            pattern: literal(&names.main),
            tags: true,
            branch: &names.main,
            next: "What may follow: a stage that publishes what a tag names. Production was deployed from release/*.",
        },
    ]
}

/// A branch's name as a pattern that matches nothing else: git allows one character that means something in a pattern
/// (codepipeline.md 3.5).
fn literal(branch: &str) -> String {
    branch.replace('{', r"\{").replace('}', r"\}")
}

impl Pipeline<'_> {
    fn file(&self, flags: &[&'static str], shared: &[(&'static str, String)]) -> File {
        let mut flags = flags.to_vec();
        if self.tags {
            flags.push("tags");
        }
        let own = [
            ("ABOUT", self.about.clone()),
            ("PIPELINE", scalar(&self.name)),
            ("PATTERN", scalar(&self.pattern)),
            ("BRANCH", scalar(self.branch)),
            ("NEXT", self.next.to_owned()),
        ];
        let values: Vec<_> = own.iter().chain(shared).cloned().collect();
        File { path: self.path.to_owned(), text: fill(PIPELINE, &flags, &values) }
    }
}
