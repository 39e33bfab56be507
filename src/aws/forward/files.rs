//! The user's AWS configuration: `~/.aws/config` and `~/.aws/credentials`.
//!
//! Owns: the syntax of both files, and which section is which. Leaves to `profile`: what the settings mean.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The settings of a section. Those below another (`s3 =` and lines that are set in) are named `s3.endpoint_url`.
pub(super) type Section = BTreeMap<String, String>;

/// Both files, read.
#[derive(Default)]
pub(super) struct Files {
    /// Where they are, for messages.
    pub(super) places: [PathBuf; 2],
    /// `[profile NAME]` of the one and `[NAME]` of the other, which wins.
    pub(super) profiles: BTreeMap<String, Section>,
    /// `[services NAME]`.
    pub(super) services: BTreeMap<String, Section>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("places", &self.places).finish_non_exhaustive()
    }
}

impl Files {
    /// Reads both. A file that is not there has nothing in it.
    pub(super) fn read(config: &Path, credentials: &Path) -> Result<Self, String> {
        let mut files = Self { places: [config.to_owned(), credentials.to_owned()], ..Self::default() };
        for (name, settings) in sections(&text(config)?) {
            let (kind, name) = name.split_once(char::is_whitespace).unwrap_or((name.as_str(), ""));
            let name = name.trim().trim_matches(['"', '\'']).to_owned();
            match (kind, name.as_str()) {
                ("default", "") => files.profiles.entry("default".to_owned()).or_default().extend(settings),
                ("profile", _) => files.profiles.entry(name).or_default().extend(settings),
                ("services", _) => files.services.entry(name).or_default().extend(settings),
                _ => {}
            }
        }
        for (name, settings) in sections(&text(credentials)?) {
            files.profiles.entry(name).or_default().extend(settings);
        }
        Ok(files)
    }
}

fn text(path: &Path) -> Result<String, String> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

/// The sections of a file in its order. Lines that say nothing to us are passed over, as the AWS CLI does.
fn sections(text: &str) -> Vec<(String, Section)> {
    let mut found: Vec<(String, Section)> = Vec::new();
    let mut above: Option<String> = None;
    for line in text.lines() {
        let written = line.trim();
        if written.is_empty() || written.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = written.strip_prefix('[') {
            let name = name.split_once(']').map_or(name, |(name, _)| name).trim();
            found.push((name.to_owned(), Section::new()));
            above = None;
            continue;
        }
        let (Some((_, section)), Some((key, value))) = (found.last_mut(), written.split_once('=')) else {
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().to_owned());
        let is_set_in = line.starts_with([' ', '\t']);
        if let (Some(above), true) = (&above, is_set_in) {
            section.insert(format!("{above}.{key}"), value);
        } else {
            above = value.is_empty().then(|| key.clone());
            section.insert(key, value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_in_both_files_and_credentials_win() {
        let dir = tempfile::tempdir().unwrap();
        let (config, credentials) = (dir.path().join("config"), dir.path().join("credentials"));
        let text = "# comment\n[default]\nregion=eu-west-1\n\n[profile \"my dev\"]\nservices = local\naws_access_key_id = A\n\
                    s3 =\n  addressing_style = path\nREGION = us-west-2\n[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n\
                    sfn =\n\tendpoint_url = http://127.0.0.1:2\n[sso-session x]\nsso_region = q\n";
        std::fs::write(&config, text).unwrap();
        std::fs::write(&credentials, "[my dev]\naws_access_key_id=B\naws_secret_access_key = a#b=c==\n")
            .unwrap();
        let files = Files::read(&config, &credentials).unwrap();
        assert_eq!(files.profiles.keys().collect::<Vec<_>>(), ["default", "my dev"]);
        let dev = &files.profiles["my dev"];
        assert_eq!(dev["aws_access_key_id"], "B");
        assert_eq!(dev["aws_secret_access_key"], "a#b=c==");
        assert_eq!(dev["s3.addressing_style"], "path");
        assert_eq!(dev["region"], "us-west-2");
        assert_eq!(files.services["local"]["s3.endpoint_url"], "http://127.0.0.1:1");
        assert_eq!(files.services["local"]["sfn.endpoint_url"], "http://127.0.0.1:2");
        assert!(!format!("{files:?}").contains("a#b"), "{files:?}");
    }

    #[test]
    fn files_that_are_not_there_hold_nothing() {
        let nowhere = Path::new("/nowhere/at/all");
        assert!(Files::read(nowhere, nowhere).unwrap().profiles.is_empty());
    }
}
