//! Variables of one build: `-e` and `--env-file`.

use std::path::Path;

use crate::cli::arguments::Build;
use crate::cli::ending::Failure;
use crate::spec::config::{ProjectVariable, ProjectVariableKind};

/// The variables of this start; of one name, the last counts, and `-e` comes after the file.
pub(super) fn overrides(arguments: &Build, directory: &Path) -> Result<Vec<ProjectVariable>, Failure> {
    let mut pairs = Vec::new();
    if let Some(path) = &arguments.env_file {
        let path = directory.join(path);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::unusable(format!("cannot read {}: {error}", path.display())))?;
        pairs = lines(&text).map_err(|(line, text)| {
            Failure::unusable(format!("{}:{line}: `{text}` is not NAME=VALUE", path.display()))
        })?;
    }
    pairs.extend(arguments.environment.iter().cloned());
    let mut variables: Vec<ProjectVariable> = Vec::new();
    for (name, value) in pairs {
        variables.retain(|variable| variable.name != name);
        variables.push(ProjectVariable { name, value, kind: ProjectVariableKind::Plaintext });
    }
    Ok(variables)
}

/// NAME=VALUE a line, as `docker run --env-file` reads it: values are taken as they are, quotes included; empty lines
/// and those that begin with `#` are passed over.
fn lines(text: &str) -> Result<Vec<(String, String)>, (usize, String)> {
    let meant = text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    meant
        .map(|(index, line)| match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
            _ => Err((index + 1, line.to_owned())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_variables_is_taken_literally() {
        let text = "# comment\n\nA=1\n B = two words \nC=\"quoted\"\nD=a=b\nE=\r\n";
        let pairs = lines(text).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "1"), ("B", " two words "), ("C", "\"quoted\""), ("D", "a=b"), ("E", "")]);
        assert_eq!(lines("A=1\nexport"), Err((2, "export".to_owned())));
        assert_eq!(lines("=x"), Err((1, "=x".to_owned())));
    }
}
