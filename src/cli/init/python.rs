//! A Python project: what has to be installed before its tests, and how these are run.
//!
//! Owns: a reading of pyproject.toml and its older siblings by section and key, far from a TOML parser, which errs on
//! the side of installing the project.

use std::path::Path;

use super::project::{Buildspecs, Recipe, Top};
use super::template::scalar;
use crate::cli::ending::Failure;

/// Files of requirements, as they are usually called.
const REQUIREMENTS: [&str; 6] = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/test.txt",
];

/// Names of extras that hold what tests need.
const EXTRAS: [&str; 4] = ["test", "tests", "testing", "dev"];

/// Folders in which no tests of the project are.
const SKIPPED: [&str; 6] = ["node_modules", "venv", "env", "build", "dist", "site-packages"];

/// How deep tests are looked for.
const DEPTH: usize = 4;

pub(super) fn recipe(top: &Top<'_>) -> Result<Recipe, Failure> {
    let text = |file: &str| Ok::<_, Failure>(top.text(file)?.unwrap_or_default());
    let (project, cfg, setup) = (text("pyproject.toml")?, text("setup.cfg")?, text("setup.py")?);
    let mut requirements = Vec::new();
    for file in REQUIREMENTS {
        let text = text(file)?;
        if text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
            requirements.push((file, text));
        }
    }
    let configured = ["pytest.ini", "conftest.py", "tests/conftest.py"];
    let mut pytest =
        configured.iter().try_fold(false, |any, file| Ok::<_, Failure>(any || top.has(file)?))?;
    pytest |= text("tox.ini")?.contains("pytest");
    pytest |= [&project, &cfg, &setup]
        .into_iter()
        .chain(requirements.iter().map(|(_, text)| text))
        .any(|text| text.contains("pytest"));

    let mut install = Vec::new();
    let mut brought = requirements.iter().any(|(_, text)| text.contains("pytest"));
    if !requirements.is_empty() {
        let files: Vec<_> = requirements.iter().map(|(file, _)| format!("-r {file}")).collect();
        install.push(format!("python3 -m pip install {}", files.join(" ")));
    }
    let extra = EXTRAS
        .into_iter()
        .find(|extra| list(&project, "project.optional-dependencies", extra).contains("pytest"));
    let needs =
        has_dependencies(&project) || [&cfg, &setup].iter().any(|text| text.contains("install_requires"));
    if let Some(extra) = extra {
        install.push(format!("python3 -m pip install '.[{extra}]'"));
        brought = true;
    } else if is_package(&project, &cfg, &setup) && (needs || top.root.join("src").is_dir()) {
        install.push("python3 -m pip install .".to_owned());
        brought |= list(&project, "project", "dependencies").contains("pytest");
    }
    if pytest && !brought {
        install.push("python3 -m pip install pytest".to_owned());
    }

    let command = match test_folder(top.root) {
        None => None,
        Some(_) if pytest => Some("python3 -m pytest --junitxml=reports/unit.xml".to_owned()),
        Some(folder) => Some(unittest(&folder, top)?),
    };
    let mut recipe = Recipe {
        buildspecs: Buildspecs {
            build: include_str!("templates/build-python.yml.in"),
            test: include_str!("templates/test-python.yml.in"),
        },
        flags: Vec::new(),
        values: Vec::new(),
        notes: Vec::new(),
    };
    let Some(command) = command else {
        let note = "there are no tests (test*.py): there is no Test stage; write some and run init --force";
        recipe.notes.push(note.to_owned());
        return Ok(recipe);
    };
    recipe.flags.push("test");
    if pytest {
        recipe.flags.push("pytest");
    }
    if !install.is_empty() {
        recipe.flags.push("install");
    }
    let install: Vec<_> = install.iter().map(|command| format!("      - {command}")).collect();
    recipe.values.push(("INSTALL", install.join("\n")));
    recipe.values.push(("COMMAND", command));
    Ok(recipe)
}

/// unittest's command for tests in this folder below the top. A folder without an `__init__.py` is a top of its own.
fn unittest(folder: &str, top: &Top<'_>) -> Result<String, Failure> {
    Ok(if folder.is_empty() {
        "python3 -m unittest discover".to_owned()
    } else if top.has(&format!("{folder}/__init__.py"))? {
        format!("python3 -m unittest discover -s {} -t .", scalar(folder))
    } else {
        format!("python3 -m unittest discover -s {}", scalar(folder))
    })
}

/// The folder at the top that holds the tests: `tests` or `test` where these are, else the top itself.
fn test_folder(root: &Path) -> Option<String> {
    let usual = ["tests", "test"].into_iter().find(|folder| holds_tests(&root.join(folder), DEPTH));
    usual.map(str::to_owned).or_else(|| holds_tests(root, DEPTH).then(String::new))
}

fn holds_tests(folder: &Path, depth: usize) -> bool {
    // A folder that cannot be listed holds no tests for us.
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                let skipped = name.starts_with('.') || SKIPPED.contains(&&*name);
                depth > 0 && !skipped && holds_tests(&entry.path(), depth - 1)
            }
            Ok(_) => name
                .strip_suffix(".py")
                .is_some_and(|stem| stem.starts_with("test") || stem.ends_with("_test")),
            Err(_) => false,
        }
    })
}

/// Whether pip can install the project.
fn is_package(project: &str, cfg: &str, setup: &str) -> bool {
    let declared = ["project", "build-system", "tool.poetry"];
    !setup.is_empty()
        || sections(project).any(|(section, _)| declared.contains(&section))
        || sections(cfg).any(|(section, _)| section == "options")
}

/// Whether pyproject.toml asks for other packages.
fn has_dependencies(project: &str) -> bool {
    let poetry = sections(project)
        .filter(|(section, _)| *section == "tool.poetry.dependencies")
        .any(|(_, line)| line.split_once('=').is_some_and(|(key, _)| key.trim() != "python"));
    let quoted = |text: &str| text.contains(['"', '\'']);
    poetry
        || quoted(&list(project, "project", "dependencies"))
        || list(project, "project", "dynamic").contains("dependencies")
}

/// The lines of a TOML or INI file, each with the section it stands in; comments left out.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .scan("", |section, line| {
            let line = line.trim();
            if let Some(name) =
                line.strip_prefix('[').and_then(|line| line.split_once(']')).map(|(name, _)| name)
                && !line.contains('=')
                && !name.contains(['"', '\'', ','])
            {
                *section = name.trim();
            }
            Some((*section, line))
        })
        .filter(|(_, line)| !line.starts_with('#'))
}

/// What stands between the brackets of `key = [...]` in a section, on one line or several; empty when there is none.
fn list(text: &str, section: &str, key: &str) -> String {
    let mut found = String::new();
    let mut inside = false;
    for (_, line) in sections(text).filter(|(current, _)| *current == section) {
        let value = match line.split_once('=') {
            Some((name, value)) if !inside && name.trim() == key => value,
            _ if inside => line,
            _ => continue,
        };
        found.push_str(value);
        found.push('\n');
        // Brackets of extras (`package[extra]`) come in pairs.
        inside = found.matches('[').count() > found.matches(']').count();
        if !inside {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_on_one_line_and_on_several() {
        let text = "[project]\nname = \"x\"\ndependencies = [\n  \"a[b]>=1\", # why\n  # \"c\",\n]\n\n\
                    [project.optional-dependencies]\ntest = [\"pytest\"]\n[tool.x]\ndependencies = [\"no\"]\n";
        let dependencies = list(text, "project", "dependencies");
        assert!(dependencies.contains("a[b]") && !dependencies.contains('c'), "{dependencies}");
        assert!(!dependencies.contains("no"));
        assert!(list(text, "project.optional-dependencies", "test").contains("pytest"));
        assert_eq!(list(text, "project", "scripts"), "");
    }

    #[test]
    fn a_project_asks_for_packages_in_several_ways() {
        for (text, expected) in [
            ("[project]\ndependencies = []\n", false),
            ("[project]\nname = 'x'\n", false),
            ("[project]\ndependencies = ['requests']\n", true),
            ("[project]\ndynamic = ['version', 'dependencies']\n", true),
            ("[project]\ndynamic = ['version']\n", false),
            ("[tool.poetry.dependencies]\npython = '^3.11'\n", false),
            ("[tool.poetry.dependencies]\npython = '^3.11'\nrich = '*'\n", true),
            ("# [project]\n# dependencies = ['a']\n", false),
        ] {
            assert_eq!(has_dependencies(text), expected, "{text}");
        }
    }
}
