//! Words that a tool does not have: `kubectl aply`; its options are of `options`.
//!
//! Owns: telling a misspelt subcommand from one that a plugin brings, and saying so as the tool does. Leaves to
//! `vocabulary` the words. Only commands that the tool itself does not run come here; it would tell.

use super::line::Line;
use super::options;
use super::verdict::{Said, Scene, Verdict};
use super::vocabulary::{Manner, Vocabulary, texts};
use super::wire::Look;
use crate::spec::nearest;

/// The kind under which it is kept that a command brought plugins to a tool.
const PLUGINS: &str = "shim:plugins";

/// Words shorter than this are near to too many others.
const SHORTEST: usize = 4;

/// What is said of a word or option that the tool does not have; `None` when it has all, or that cannot be told.
pub(super) fn misspelt(line: &Line<'_>, valued: &[&str], scene: &Scene<'_>) -> Option<Verdict> {
    word(line, valued, scene).or_else(|| options::misspelt(line))
}

fn word(line: &Line<'_>, valued: &[&str], scene: &Scene<'_>) -> Option<Verdict> {
    let name = line.asked.name.as_str();
    let vocabulary = Vocabulary::of(name)?;
    let words = vocabulary.read();
    let first = certain(line, 0, valued)?;
    let Some(found) = words.iter().find(|word| word.text == first) else {
        let meant = nearest(first, &texts(&words));
        if !vocabulary.closed && (meant.is_none() || first.len() < SHORTEST) {
            return None;
        }
        return match plugin(line, first, scene) {
            Plugin::Look(look) => Some(Verdict::Look(look)),
            Plugin::There => None,
            Plugin::Absent => Some(unknown(vocabulary, name, &[], first, meant)),
        };
    };
    let below = texts(&found.below);
    if below.is_empty() {
        return None;
    }
    let second = certain(line, 1, valued)?;
    if below.contains(&second) {
        return None;
    }
    Some(unknown(vocabulary, name, &[first], second, nearest(second, &below)))
}

/// Keeps in mind that a command which is not run would have brought commands to a tool.
pub(super) fn notice(line: &Line<'_>, scene: &Scene<'_>) {
    if matches!(line.word(0), Some("alias" | "config" | "extension" | "ext" | "krew" | "plugin" | "plugins"))
    {
        scene.desk.world.made().put(PLUGINS, &line.asked.name, serde_json::Value::Null);
    }
}

/// A word by its place, unless it may be the value of an option before it.
fn certain<'a>(line: &Line<'a>, index: usize, valued: &[&str]) -> Option<&'a str> {
    for word in line.words.get(..=index)? {
        let at = line.asked.args.iter().position(|typed| std::ptr::eq(typed.as_str(), *word))?;
        let before = at.checked_sub(1).and_then(|before| line.asked.args.get(before));
        let may_take_it = |option: &String| {
            option.starts_with('-')
                && option != "--"
                && !option.contains('=')
                && !valued.contains(&option.as_str())
        };
        if before.is_some_and(may_take_it) {
            return None;
        }
    }
    line.word(index)
}

enum Plugin {
    Look(Box<Look>),
    There,
    Absent,
}

/// Whether a plugin may have brought a command: a program on PATH, a folder of the tool's, or an installation that was
/// recorded.
fn plugin(line: &Line<'_>, word: &str, scene: &Scene<'_>) -> Plugin {
    let tool = line.asked.name.as_str();
    if scene.desk.world.made().get(PLUGINS, tool).is_some() {
        return Plugin::There;
    }
    let program = match tool {
        "kubectl" => format!("kubectl-{}", word.replace('-', "_")),
        _ => format!("{tool}-{word}"),
    };
    let home = line.asked.env.get("HOME").map(String::as_str).unwrap_or_default();
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let extension = format!("{home}/.local/share/gh/extensions/gh-{word}");
    let plugins = format!("{home}/.local/share/helm/plugins/*/plugin.yaml");
    let named = [format!("name: {word}"), format!("name: \"{word}\"")];
    let seen = &line.asked.seen;
    let Some(there) = seen.programs.get(&program) else {
        let exist = (tool == "gh" && plain).then(|| extension.clone()).into_iter().collect();
        let contain = if tool == "helm" && plain {
            named.iter().map(|text| (plugins.clone(), text.clone())).collect()
        } else {
            Vec::new()
        };
        return Plugin::Look(Box::new(Look { programs: vec![program], exist, contain, ..Look::default() }));
    };
    let there = *there
        || (tool == "gh" && seen.exist.get(&extension) == Some(&true))
        || (tool == "helm" && named.iter().any(|text| seen.contain.get(text) == Some(&true)));
    if there { Plugin::There } else { Plugin::Absent }
}

/// A failure in the tool's own words. `before` are the words before the one that it does not have.
fn unknown(vocabulary: &Vocabulary, tool: &str, before: &[&str], word: &str, meant: Option<&str>) -> Verdict {
    let path = std::iter::once(tool).chain(before.iter().copied()).collect::<Vec<_>>().join(" ");
    let top = before.is_empty();
    let ours = meant.map(|meant| format!("rehearsal: did you mean `{path} {meant}`?\n")).unwrap_or_default();
    let this = meant.map(|meant| format!("\nDid you mean this?\n\t{meant}\n")).unwrap_or_default();
    let (status, text) = match vocabulary.manner {
        Manner::Kubectl if top => (1, format!("Error: unknown command \"{word}\" for \"{tool}\"\n{this}")),
        Manner::Kubectl => {
            (1, format!("error: unknown command \"{word}\"\nSee '{path} -h' for help and examples\n{ours}"))
        }
        Manner::Cobra if top => {
            let text = format!(
                "Error: unknown command \"{word}\" for \"{tool}\"\n{this}\nRun '{tool} --help' for usage.\n"
            );
            (1, text)
        }
        // It would print the help of `path` and succeed.
        Manner::Cobra => {
            let meant = meant.map(|meant| format!("; did you mean `{path} {meant}`?")).unwrap_or_default();
            let reason =
                format!("`{path}` has no command `{word}`, so it would print its help and do nothing{meant}");
            return Verdict::Refused { reason, status: 1 };
        }
        Manner::GitHub => {
            let text = format!(
                "unknown command \"{word}\" for \"{path}\"\n{this}\nUsage:  {path} <command>{} [flags]\n",
                if top { " <subcommand>" } else { "" }
            );
            (1, text)
        }
        Manner::Terraform if top => {
            let (product, hint) =
                if tool == "tofu" { ("OpenTofu", "tofu") } else { ("Terraform", "terraform") };
            let meant = meant.map(|meant| format!(" Did you mean \"{meant}\"?")).unwrap_or_default();
            let text = format!(
                "{product} has no command named \"{word}\".{meant}\n\nTo see all of {product}'s top-level commands, run:\n  {hint} -help\n\n"
            );
            (1, text)
        }
        Manner::Terraform => (
            1,
            format!(
                "Usage: {tool} [global options] {} <subcommand> [options] [args]\n{ours}",
                before.join(" ")
            ),
        ),
        Manner::Argparse => {
            let choices = texts(&vocabulary.read()).join(", ");
            let text = format!(
                "{tool}: error: argument command: invalid choice: '{word}' (choose from {choices})\n{ours}"
            );
            (2, text)
        }
        Manner::Click => {
            let text = format!(
                "Usage: {path} [OPTIONS] COMMAND [ARGS]...\nTry '{path} --help' for help.\n\nError: No such command '{word}'.\n{ours}"
            );
            (2, text)
        }
        Manner::Clap => {
            let tip = meant.map(|meant| format!("  tip: a similar subcommand exists: '{meant}'\n\n"));
            let text = format!(
                "error: unrecognized subcommand '{word}'\n\n{}Usage: {path} [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n",
                tip.unwrap_or_default()
            );
            (2, text)
        }
        Manner::Line(text, status) => {
            (status, format!("{}\n{ours}", text.replace("{word}", word).replace("{tool}", tool)))
        }
    };
    Said::failure(status, text)
}
