//! A Dockerfile, read as far as a build without an engine can be judged.
//!
//! Owns: instructions, stages, which files of the context the stages that are built copy. Leaves to `simulate` what is
//! said about them.

use std::collections::BTreeMap;

/// What a Dockerfile needs of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Paths and patterns that have to be in the context: the instruction's line, and the path as it is written.
    pub(super) sources: Vec<(usize, String)>,
    /// The images that stages begin with.
    pub(super) bases: Vec<String>,
}

/// Why a Dockerfile cannot be built, in the words of docker's builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem(pub(super) String);

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

#[derive(Debug, Default)]
struct Stage {
    name: String,
    base: String,
    /// Stages it copies from.
    from: Vec<String>,
    sources: Vec<(usize, String)>,
}

/// Reads a Dockerfile. `arguments` are those of the command line, `target` the stage that is wanted.
pub(super) fn read(
    text: &str,
    arguments: &BTreeMap<String, String>,
    target: Option<&str>,
) -> Result<Plan, Problem> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (number, instruction, rest) in instructions(text) {
        let name = instruction.to_ascii_uppercase();
        if !INSTRUCTIONS.contains(&name.as_str()) {
            return Err(Problem(format!(
                "dockerfile parse error on line {number}: unknown instruction: {instruction}"
            )));
        }
        match (name.as_str(), stages.last_mut()) {
            ("ARG", _) => {
                for word in rest.split_whitespace() {
                    let (name, default) =
                        word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
                    let default = default.and_then(|value| substituted(unquoted(value), &known));
                    let before = known.get(name).cloned().flatten();
                    known.insert(name.to_owned(), arguments.get(name).cloned().or(default).or(before));
                }
            }
            ("ENV", _) => {
                for (name, value) in assignments(&rest) {
                    let value = substituted(unquoted(&value), &known);
                    known.insert(name, value);
                }
            }
            ("FROM", _) => {
                let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
                let Some(base) = words.next() else {
                    return Err(Problem(format!(
                        "dockerfile parse error on line {number}: FROM requires either one or three arguments"
                    )));
                };
                let base = substituted(base, &known).unwrap_or_default();
                if base.is_empty() && known.values().all(Option::is_some) {
                    return Err(Problem("base name should not be blank".into()));
                }
                let named = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and(words.next());
                let name = named.map_or_else(|| stages.len().to_string(), str::to_ascii_lowercase);
                stages.push(Stage { name, base, ..Stage::default() });
            }
            ("COPY" | "ADD", Some(stage)) => copied(number, name == "ADD", &rest, &known, stage),
            (_, None) => {
                return Err(Problem(format!(
                    "dockerfile parse error on line {number}: no build stage in current context"
                )));
            }
            (_, Some(_)) => {}
        }
    }
    if stages.is_empty() {
        return Err(Problem(if text.trim().is_empty() {
            "the Dockerfile cannot be empty".into()
        } else {
            "dockerfile parse error: file with no instructions".into()
        }));
    }
    plan(&stages, target)
}

/// Only the stages that the wanted one needs are built.
fn plan(stages: &[Stage], target: Option<&str>) -> Result<Plan, Problem> {
    let position = |name: &str, before: usize| {
        let name = name.to_ascii_lowercase();
        let by_name = stages[..before].iter().rposition(|stage| stage.name == name);
        by_name.or_else(|| name.parse().ok().filter(|index| *index < before))
    };
    let wanted = match target {
        None => stages.len() - 1,
        Some(target) => position(target, stages.len())
            .ok_or_else(|| Problem(format!("target stage \"{target}\" could not be found")))?,
    };
    let mut plan = Plan { sources: Vec::new(), bases: Vec::new() };
    let mut open = vec![wanted];
    let mut seen = Vec::new();
    while let Some(index) = open.pop() {
        if seen.contains(&index) {
            continue;
        }
        seen.push(index);
        let stage = &stages[index];
        plan.sources.extend(stage.sources.iter().cloned());
        open.extend(stage.from.iter().filter_map(|name| position(name, index)));
        match position(&stage.base, index) {
            Some(base) => open.push(base),
            None => plan.bases.push(stage.base.clone()),
        }
    }
    plan.sources.sort();
    Ok(plan)
}

fn copied(number: usize, add: bool, rest: &str, known: &BTreeMap<String, Option<String>>, stage: &mut Stage) {
    let mut rest = rest.trim();
    let mut from = None;
    while let Some(option) = rest.strip_prefix("--") {
        let end = option.find(char::is_whitespace).unwrap_or(option.len());
        from = option[..end].strip_prefix("from=").map(str::to_owned).or(from);
        rest = option[end..].trim_start();
    }
    if let Some(from) = from {
        stage.from.push(from);
        return;
    }
    let words: Vec<String> = if rest.starts_with('[') {
        serde_json::from_str(rest).unwrap_or_default()
    } else {
        rest.split_whitespace().map(|word| unquoted(word).to_owned()).collect()
    };
    let Some((_, sources)) = words.split_last() else { return };
    for source in sources {
        // What comes from elsewhere, stands in the file itself, or depends on what is not known here.
        let elsewhere = add && (source.contains("://") || source.starts_with("git@"));
        if let Some(source) =
            substituted(source, known).filter(|source| !elsewhere && !source.starts_with("<<"))
        {
            stage.sources.push((number, source));
        }
    }
}

/// The instructions: the line each begins on, its name and the rest, with continued lines joined.
fn instructions(text: &str) -> Vec<(usize, String, String)> {
    let escape =
        if text.lines().next().is_some_and(|line| line.replace(' ', "").eq_ignore_ascii_case("#escape=`")) {
            '`'
        } else {
            '\\'
        };
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut whole = line.to_owned();
        while whole.ends_with(escape) {
            whole.pop();
            let next = lines
                .by_ref()
                .map(|(_, line)| line.trim())
                .find(|line| !line.starts_with('#') && !line.is_empty());
            match next {
                Some(next) => {
                    whole.push(' ');
                    whole.push_str(next);
                }
                None => break,
            }
        }
        let (name, rest) = whole.split_once(char::is_whitespace).unwrap_or((&whole, ""));
        let heredocs =
            matches!(name.to_ascii_uppercase().as_str(), "RUN" | "COPY" | "ADD").then(|| markers(rest));
        for marker in heredocs.into_iter().flatten() {
            let _ = lines.by_ref().map(|(_, line)| line.trim()).find(|line| *line == marker);
        }
        found.push((index + 1, name.to_owned(), rest.to_owned()));
    }
    found
}

/// The words that end the here-documents of an instruction.
fn markers(rest: &str) -> Vec<String> {
    rest.match_indices("<<")
        .filter_map(|(at, _)| {
            let word = rest[at + 2..].trim_start_matches('-').split_whitespace().next()?;
            let word = unquoted(word);
            let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_word.then(|| word.to_owned())
        })
        .collect()
}

fn assignments(rest: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.split_first() {
        Some((name, _)) if !name.contains('=') => vec![((*name).to_owned(), words[1..].join(" "))],
        Some(_) => words
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        None => Vec::new(),
    }
}

fn unquoted(word: &str) -> &str {
    let inner = |quote| word.strip_prefix(quote).and_then(|word: &str| word.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(word)
}

/// A text with its variables replaced; `None` when one is not known.
fn substituted(text: &str, known: &BTreeMap<String, Option<String>>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (name, default, after) = if let Some(braced) = rest.strip_prefix('{') {
            let end = braced.find('}')?;
            let (name, default) =
                braced[..end].split_once(":-").map_or((&braced[..end], None), |(n, d)| (n, Some(d)));
            (name, default, &braced[end + 1..])
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (&rest[..end], None, &rest[end..])
        };
        let value = known.get(name).cloned().flatten().filter(|value| !value.is_empty());
        out.push_str(&value.or_else(|| default.map(str::to_owned))?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(text: &str, target: Option<&str>) -> Result<Vec<String>, String> {
        let arguments = BTreeMap::from([("DIR".to_owned(), "src".to_owned())]);
        let plan = read(text, &arguments, target).map_err(|problem| problem.0)?;
        Ok(plan.sources.into_iter().map(|(line, path)| format!("{line} {path}")).chain(plan.bases).collect())
    }

    #[test]
    fn what_is_copied_from_the_context_is_found() {
        for (text, found) in [
            ("FROM alpine\nCOPY a b /x/\n", vec!["2 a", "2 b", "alpine"]),
            ("FROM alpine\nCOPY [\"a b\", \"/x/\"]\n", vec!["2 a b", "alpine"]),
            ("ARG V=3\nFROM alpine:$V\nADD https://x/y z /\n", vec!["3 z", "alpine:3"]),
            ("FROM alpine\nARG DIR\nCOPY --chown=a:b ${DIR}/x .\n", vec!["3 src/x", "alpine"]),
            ("FROM alpine\nCOPY $UNKNOWN .\n", vec!["alpine"]),
            ("FROM alpine\nRUN a \\\n  # note\n  && b \\\n  c\nCOPY d .\n", vec!["6 d", "alpine"]),
            ("FROM alpine\nCOPY <<EOF /x\nCOPY nothing .\nEOF\nCOPY y .\n", vec!["5 y", "alpine"]),
            (
                "FROM a AS build\nCOPY x .\nFROM b\nCOPY --from=build /x .\nCOPY y .\n",
                vec!["2 x", "5 y", "b", "a"],
            ),
            ("FROM a AS unused\nCOPY x .\nFROM b\nCOPY y .\n", vec!["4 y", "b"]),
        ] {
            assert_eq!(plan_of(text, None).unwrap(), found, "{text}");
        }
        assert_eq!(
            plan_of("FROM a AS test\nCOPY x .\nFROM b\nCOPY y .\n", Some("test")).unwrap(),
            ["2 x", "a"]
        );
    }

    #[test]
    fn what_cannot_be_built_is_told_as_the_builder_does() {
        for (text, target, message) in [
            ("", None, "the Dockerfile cannot be empty"),
            ("FROM a\nCOPPY x .\n", None, "dockerfile parse error on line 2: unknown instruction: COPPY"),
            ("RUN x\n", None, "dockerfile parse error on line 1: no build stage in current context"),
            ("FROM a\n", Some("test"), "target stage \"test\" could not be found"),
        ] {
            assert_eq!(plan_of(text, target).unwrap_err(), message, "{text}");
        }
    }
}
