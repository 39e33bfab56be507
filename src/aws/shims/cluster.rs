//! Tools of Kubernetes: what is asked of a cluster is recorded, after a look at the files it speaks of.

use super::line::Line;
use super::verdict::{Said, Scene, Verdict};
use super::wire::Look;

/// Whether files that a command names are missing: `None` while that has to be looked at.
fn missing<'a>(line: &Line<'_>, paths: &[&'a str]) -> Result<Option<&'a str>, Box<Look>> {
    let unknown: Vec<String> = paths
        .iter()
        .filter(|path| !line.asked.seen.exist.contains_key(**path))
        .map(|path| (*path).to_owned())
        .collect();
    if !unknown.is_empty() {
        return Err(Box::new(Look { exist: unknown, ..Look::default() }));
    }
    Ok(paths.iter().copied().find(|path| line.asked.seen.exist.get(*path) == Some(&false)))
}

fn is_file(path: &&str) -> bool {
    *path != "-" && !path.contains("://") && !path.starts_with("github.com/")
}

/// `kubectl apply` and all that speaks with a cluster.
pub(super) fn kubectl(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    // `-f` of `logs` follows, and has no value of its own.
    let with_files =
        matches!(line.word(0), Some("apply" | "create" | "delete" | "replace" | "diff" | "patch" | "set"));
    let named: Vec<&str> =
        line.values(&["-f", "--filename"]).flat_map(|list| list.split(',')).filter(is_file).collect();
    match if with_files { missing(line, &named) } else { Ok(None) } {
        Err(look) => Verdict::Look(look),
        Ok(Some(path)) => Said::failure(1, format!("error: the path \"{path}\" does not exist\n")),
        Ok(None) => Verdict::Recorded { deed: None },
    }
}

/// `helm upgrade` and `helm install`.
pub(super) fn helm(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    let chart = line.words.iter().skip(1).copied().rfind(|word| word.starts_with(['.', '/']));
    let values = line.values(&["-f", "--values"]).flat_map(|list| list.split(',')).filter(is_file);
    let named: Vec<&str> = chart.into_iter().chain(values).collect();
    match missing(line, &named) {
        Err(look) => Verdict::Look(look),
        Ok(Some(path)) if Some(path) == chart => {
            Said::failure(1, format!("Error: path \"{path}\" not found\n"))
        }
        Ok(Some(path)) => Said::failure(1, format!("Error: open {path}: no such file or directory\n")),
        Ok(None) => Verdict::Recorded { deed: None },
    }
}
