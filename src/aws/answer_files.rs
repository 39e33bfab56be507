//! Reading the answers that `aws` of rehearsal.yml gives.
//!
//! Owns: from paths to [`AnswerFile`]s. A file that cannot be used is no error here: the call that wants it tells why,
//! and other calls go on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::catalog;
use super::world::AnswerFile;
use crate::spec::config::Answered;
use crate::spec::nearest;

/// Reads what `aws` names, relative to the working tree `root`; the keys are those of [`World::answers`](super::World).
pub fn load_answers(
    root: &Path,
    given: &BTreeMap<Answered, PathBuf>,
) -> BTreeMap<String, Result<AnswerFile, String>> {
    given.iter().map(|(answered, path)| (answered.to_string(), load(root, answered, path))).collect()
}

/// Whether a service, by its prefix in IAM actions, has such an operation; none when the service is not known.
pub(super) fn exists(service: &str, operation: &str) -> Option<bool> {
    let mut services = of_prefix(service).peekable();
    services.peek()?;
    Some(services.any(|service| catalog::operation(service, operation).is_some()))
}

/// Services whose actions have this prefix: it is what they sign with or are called.
fn of_prefix(prefix: &str) -> impl Iterator<Item = &'static catalog::Service> {
    catalog::services()
        .iter()
        .filter(move |service| service.name == prefix || service.signing_names().any(|name| name == prefix))
}

/// What to say when there is no such operation.
fn unknown(service: &str, operation: &str) -> String {
    // A service has hundreds: those that begin alike come first, and the rest is not looked at.
    let alike =
        |name: &str| name.bytes().zip(operation.bytes()).take_while(|(one, other)| one == other).count();
    let mut names: Vec<&str> =
        of_prefix(service).flat_map(catalog::Service::operations).map(|known| known.name).collect();
    names.sort_by_key(|name| std::cmp::Reverse(alike(name)));
    names.truncate(100);
    match nearest(operation, &names) {
        Some(meant) => format!("{service} has no operation {operation}; write {service}:{meant}"),
        None => format!("{service} has no operation {operation}"),
    }
}

fn load(root: &Path, answered: &Answered, path: &Path) -> Result<AnswerFile, String> {
    let place = root.join(path);
    if let (Ok(place), Ok(root)) = (place.canonicalize(), root.canonicalize())
        && !place.starts_with(root)
    {
        return Err(format!("{} leads out of the working tree", path.display()));
    }
    match answered {
        Answered::Operation { service, operation } if exists(service, operation) == Some(false) => {
            Err(unknown(service, operation))
        }
        Answered::Operation { .. } => {
            let text = std::fs::read_to_string(&place)
                .map_err(|error| format!("failed to read {}: {error}", path.display()))?;
            match serde_json::from_str(&text) {
                Ok(serde_json::Value::Object(_)) => Ok(AnswerFile::Output(text)),
                Ok(_) => Err(format!("{} is no JSON object: an output has members", path.display())),
                Err(error) => Err(format!("{} is no JSON: {error}", path.display())),
            }
        }
        Answered::Command(words) => {
            let tool = words.split(' ').next().unwrap_or_default();
            if !super::shims::names().contains(&tool) {
                return Err(format!(
                    "{tool} is run as it is: only tools that are not run can be answered for"
                ));
            }
            std::fs::read_to_string(&place)
                .map(AnswerFile::Output)
                .map_err(|error| format!("failed to read {}: {error}", path.display()))
        }
        Answered::Bucket(_) => match std::fs::metadata(&place) {
            Ok(found) if found.is_dir() => Ok(AnswerFile::Folder(place)),
            Ok(_) => Err(format!("{} is no folder", path.display())),
            Err(error) => Err(format!("failed to read {}: {error}", path.display())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_says_why_and_the_rest_is_there() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("good.json"), r#"{"Vpcs": []}"#).unwrap();
        std::fs::write(root.path().join("list.json"), "[]").unwrap();
        std::fs::write(root.path().join("torn.json"), "{").unwrap();
        std::fs::create_dir(root.path().join("site")).unwrap();
        let operation =
            |name: &str| Answered::Operation { service: "ec2".into(), operation: name.to_owned() };
        let bucket = |name: &str| Answered::Bucket(name.to_owned());
        let given = BTreeMap::from([
            (operation("DescribeVpcs"), "good.json".into()),
            (operation("DescribeHosts"), "list.json".into()),
            (operation("DescribeTags"), "torn.json".into()),
            (operation("DescribeImages"), "absent.json".into()),
            (operation("DescribeVpc"), "good.json".into()),
            (bucket("site"), "site".into()),
            (bucket("good"), "good.json".into()),
        ]);
        let answers = load_answers(root.path(), &given);
        assert_eq!(answers["ec2:DescribeVpcs"], Ok(AnswerFile::Output(r#"{"Vpcs": []}"#.into())));
        assert_eq!(answers["s3://site"], Ok(AnswerFile::Folder(root.path().join("site"))));
        for (key, reason) in [
            ("ec2:DescribeHosts", "list.json is no JSON object"),
            ("ec2:DescribeTags", "torn.json is no JSON"),
            ("ec2:DescribeImages", "failed to read absent.json"),
            ("ec2:DescribeVpc", "ec2 has no operation DescribeVpc; write ec2:DescribeVpcs"),
            ("s3://good", "good.json is no folder"),
        ] {
            let why = answers[key].as_ref().unwrap_err();
            assert!(why.contains(reason), "{key}: {why}");
        }
    }
}
