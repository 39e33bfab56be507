//! Helpers of the curated images that select a runtime (codebuild.md 2.5): `pyenv global`, `n`, ….
//!
//! Owns: comparing what is asked for with what this machine has. Nothing is selected: a build uses what is first on
//! PATH, and is told when that is another version.

use super::line::Line;
use super::verdict::{Said, Scene, Verdict};
use super::wire::Look;

/// A helper, what it selects, and how that says its version.
const HELPERS: [(&str, &str, &[&str]); 7] = [
    ("pyenv", "python", &["python3", "--version"]),
    ("goenv", "go", &["go", "version"]),
    ("rbenv", "ruby", &["ruby", "--version"]),
    ("phpenv", "php", &["php", "--version"]),
    ("nodenv", "node", &["node", "--version"]),
    ("jenv", "java", &["java", "-version"]),
    ("n", "node", &["node", "--version"]),
];

/// `pyenv global 3.12` and its like.
pub(super) fn select(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    compare(line, line.words.get(1..).unwrap_or_default())
}

/// `n 20`
pub(super) fn node(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let wanted = match line.word(0) {
        Some("install" | "i") => line.words.get(1..).unwrap_or_default(),
        Some("rm" | "prune" | "ls" | "bin" | "which" | "run" | "exec") => &[],
        Some(_) => &line.words[..],
        None => &[],
    };
    compare(line, wanted)
}

/// `pyenv versions`, `pyenv init`, …: the machine's own helper answers, where there is one.
pub(super) fn ask(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    if line.asked.found.is_some() {
        return Verdict::REAL;
    }
    match line.word(0) {
        Some("init" | "rehash") => Said::answer(""),
        Some(_) | None => Verdict::NotFound,
    }
}

fn compare(line: &Line<'_>, wanted: &[&str]) -> Verdict {
    let helper = HELPERS.iter().find(|(name, _, _)| *name == line.asked.name);
    let (Some((name, runtime, command)), Some(first)) = (helper, wanted.first()) else {
        return Said::answer("");
    };
    let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    let seen = &line.asked.seen;
    let known = variables(runtime);
    let Some(said) = seen.versions.get(&command.join(" ")) else {
        return Verdict::look(Look { versions: vec![command], variables: known, ..Look::default() });
    };
    let here = version(said);
    if here.as_deref().is_some_and(|here| wanted.iter().any(|wanted| is_version(wanted, here))) {
        return Said::answer("");
    }
    // The image's own versions are known by its variables; an image without them may have any.
    let mut of_image = known.iter().filter_map(|name| seen.variables.get(name)?.as_deref()).peekable();
    let installs = matches!(line.word(0), Some("install" | "i")) || *name == "n";
    let is_known = of_image.peek().is_none() || installs;
    if !is_known
        && !of_image.any(|own| wanted.iter().any(|wanted| is_version(own, wanted) || is_version(wanted, own)))
    {
        return Said::failure(1, format!("{name}: version `{first}' not installed\n"));
    }
    let here = here.map_or_else(
        || format!("this machine has no {runtime}"),
        |here| format!("commands use {runtime} {here} of this machine"),
    );
    Verdict::Said(Said {
        err: format!("rehearsal: {name} would select {runtime} {first} on CodeBuild; {here}\n"),
        ..Said::default()
    })
}

/// The variables in which an image may say its versions of a runtime (codebuild.md 2.5).
fn variables(runtime: &str) -> Vec<String> {
    let all = |name: &str, suffixes: &mut dyn Iterator<Item = String>| -> Vec<String> {
        suffixes.map(|suffix| format!("{name}_{suffix}_VERSION")).collect()
    };
    let dotted = |major: u32, minors: std::ops::RangeInclusive<u32>| {
        minors.map(move |minor| format!("{major}{minor}"))
    };
    match runtime {
        "python" => all("PYTHON", &mut dotted(3, 7..=15)),
        "ruby" => all("RUBY", &mut dotted(2, 6..=7).chain(dotted(3, 0..=5)).chain(dotted(4, 0..=1))),
        "php" => all("PHP", &mut dotted(7, 3..=4).chain(dotted(8, 0..=6))),
        "go" => all("GOLANG", &mut (12..=30).map(|minor: u32| minor.to_string())),
        "node" => all("NODE", &mut (10..=30).step_by(2).map(|major: u32| major.to_string())),
        _ => Vec::new(),
    }
}

/// The first version in what a program printed.
fn version(said: &str) -> Option<String> {
    let words = said.split(|c: char| c.is_whitespace() || c == '"');
    words
        .map(|word| word.trim_start_matches(|c: char| !c.is_ascii_digit()))
        .map(|word| word.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default())
        .find(|word| word.contains('.'))
        .map(|word| word.trim_end_matches('.').to_owned())
}

/// Whether a version is one of what is wanted; words such as `lts` and `latest` are any.
fn is_version(wanted: &str, here: &str) -> bool {
    let numbers = wanted.trim_start_matches(|c: char| !c.is_ascii_digit());
    if numbers.is_empty() {
        return true;
    }
    let numbers = numbers.trim_end_matches(".x");
    here == numbers || here.strip_prefix(numbers).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_and_compared_by_their_parts() {
        for (said, wanted, fits) in [
            ("Python 3.11.7\n", "3.11", true),
            ("Python 3.11.7\n", "3.1", false),
            ("go version go1.22.5 linux/amd64", "1.22", true),
            ("v20.11.1", "20", true),
            ("v20.11.1", "lts", true),
            ("v20.11.1", "v18.x", false),
            ("openjdk version \"17.0.12\" 2024", "17", true),
        ] {
            assert_eq!(is_version(wanted, &version(said).unwrap()), fits, "{said} {wanted}");
        }
    }
}
