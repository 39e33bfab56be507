//! Tools that publish packages, and those that only start another tool.

use super::line::Line;
use super::verdict::{self, Kind, Said, Scene, Verdict};
use super::wire::{Asked, Look};

fn instead(command: Vec<String>) -> Verdict {
    Verdict::Instead { commands: vec![command], kind: Kind::InPart }
}

/// `npm publish`, also of yarn and pnpm: the package is put together, and nothing sent. (`npm publish --dry-run` asks
/// the registry.)
pub(super) fn npm(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let mut command = vec!["npm".to_owned(), "pack".to_owned(), "--dry-run".to_owned()];
    for option in ["--prefix", "--cwd", "--dir", "-C"] {
        let folder = line.value(&[option]);
        command.extend(folder.into_iter().flat_map(|folder| ["--prefix".to_owned(), folder.to_owned()]));
    }
    for (name, value) in
        line.options.iter().filter(|(name, _)| ["--workspace", "-w", "--workspaces"].contains(name))
    {
        command.push((*name).to_owned());
        command.extend(value.map(str::to_owned));
    }
    let subcommands = if line.word(0) == Some("npm") { 2 } else { 1 };
    command.extend(line.words.iter().skip(subcommands).map(|word| (*word).to_owned()));
    instead(command)
}

/// Publishing that has a dry run of its own.
pub(super) fn dry_run(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let mut command = vec![line.asked.name.clone()];
    let mut skip = false;
    for word in &line.asked.args {
        if std::mem::take(&mut skip) {
            continue;
        }
        if matches!(word.as_str(), "--token" | "-u" | "--username" | "-p" | "--password")
            && is_credential(line, word)
        {
            skip = true;
        } else if !word.starts_with("--token=") && !word.starts_with("--password=") {
            command.push(word.clone());
        }
    }
    command.push("--dry-run".to_owned());
    instead(command)
}

/// `-p` and `-u` are credentials for poetry; `-p` is a package for cargo.
fn is_credential(line: &Line<'_>, word: &str) -> bool {
    line.asked.name == "poetry" || word.starts_with("--")
}

/// Files that are to be sent have to be there: patterns that nothing fits.
fn missing<'a>(line: &Line<'_>, files: &[&'a str]) -> Result<Option<&'a str>, Box<Look>> {
    let unknown = files.iter().filter(|file| !line.asked.seen.exist.contains_key(**file));
    let unknown: Vec<String> = unknown.map(|file| (*file).to_owned()).collect();
    if !unknown.is_empty() {
        return Err(Box::new(Look { exist: unknown, ..Look::default() }));
    }
    Ok(files.iter().copied().find(|file| line.asked.seen.exist.get(*file) == Some(&false)))
}

/// `twine upload`
pub(super) fn twine(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    match missing(line, &line.words[1..]) {
        Err(look) => Verdict::Look(look),
        Ok(Some(file)) => Said::failure(
            1,
            format!("ERROR    InvalidDistribution: Cannot find file (or expand pattern): '{file}'\n"),
        ),
        Ok(None) => Verdict::Recorded { deed: None },
    }
}

/// `gem push`
pub(super) fn files(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    match missing(line, &line.words[1..]) {
        Err(look) => Verdict::Look(look),
        Ok(Some(file)) => Said::failure(
            1,
            format!(
                "ERROR:  While executing gem ... (Errno::ENOENT)\n    No such file or directory - {file}\n"
            ),
        ),
        Ok(None) => Verdict::Recorded { deed: None },
    }
}

/// Maven: what deploys is only recorded. The phases before it would have to be run as another goal, which the build did
/// not ask for.
pub(super) fn maven(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let sends = |goal: &str| {
        matches!(goal, "deploy" | "site-deploy")
            || ["deploy:", "release:", "nexus-staging:", "jib:build", "docker:push", "scm:checkin", "wagon:"]
                .iter()
                .any(|plugin| goal.starts_with(plugin))
            || goal.ends_with(":deploy")
            || goal.contains("maven-release-plugin")
            || goal.contains("maven-deploy-plugin")
    };
    if line.words.iter().any(|goal| sends(goal)) {
        return Verdict::Recorded { deed: None };
    }
    Verdict::REAL
}

/// Gradle: tasks that publish become `assemble`, which makes what they would send.
pub(super) fn gradle(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let sends = |task: &str| {
        let task = task.rsplit(':').next().unwrap_or(task);
        let local = task.ends_with("ToMavenLocal");
        (task.starts_with("publish") && !local)
            || matches!(
                task,
                "uploadArchives"
                    | "artifactoryPublish"
                    | "jib"
                    | "dockerPush"
                    | "closeAndReleaseRepository"
                    | "bintrayUpload"
                    | "release"
            )
    };
    if !line.words.iter().any(|task| sends(task)) {
        return Verdict::REAL;
    }
    let mut arguments: Vec<&str> = Vec::new();
    for word in &line.asked.args {
        let task = if line.words.contains(&word.as_str()) && sends(word) { "assemble" } else { word };
        if task != "assemble" || !arguments.contains(&"assemble") {
            arguments.push(task);
        }
    }
    instead(line.command(arguments))
}

/// `npx`, `npm exec`, `yarn dlx`, `poetry run`, …: what they start is handled as if it had been typed.
pub(super) fn runner(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let own = usize::from(!matches!(line.asked.name.as_str(), "npx" | "pnpx" | "bunx"));
    let Some(tool) = line.word(own) else { return Verdict::REAL };
    // `aws-cdk@2` is the package of `cdk`.
    let name = match tool.rsplit_once('@').map_or(tool, |(name, _)| if name.is_empty() { tool } else { name })
    {
        "aws-cdk" => "cdk",
        "@sentry/cli" => "sentry-cli",
        name => name,
    };
    let Some(at) = line.asked.args.iter().position(|word| word == tool) else { return Verdict::REAL };
    let known = super::table::tool(name).is_some() && !matches!(name, "aws" | "npx" | "npm" | "yarn" | "git");
    if !known {
        return Verdict::REAL;
    }
    let inner = Asked {
        name: name.to_owned(),
        args: line.asked.args[at + 1..].to_vec(),
        // The runner finds or fetches it.
        found: line.asked.found.clone(),
        ..line.asked.clone()
    };
    match verdict::decide(&inner, scene) {
        Verdict::Instead { commands, kind } => {
            let through = |command: Vec<String>| {
                if command.first().is_none_or(|first| first != name) {
                    return command;
                }
                let mut words = line.command(&line.asked.args[..=at]);
                words.extend(command.into_iter().skip(1));
                words
            };
            Verdict::Instead { commands: commands.into_iter().map(through).collect(), kind }
        }
        // The tool's own arguments must not be typed before those of the runner.
        Verdict::Real { .. } => Verdict::REAL,
        other @ (Verdict::Recorded { .. }
        | Verdict::Other(_)
        | Verdict::Look(_)
        | Verdict::Said(_)
        | Verdict::Refused { .. }
        | Verdict::NotFound
        | Verdict::Engine(_)) => other,
    }
}
