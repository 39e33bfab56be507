//! The answers that `aws` of rehearsal.yml gives.
//!
//! Owns: from paths to [`AnswerFile`]s. Leaves to `judge` what is wrong with them, which is said before anything runs, to
//! `names` which operation a key means. What goes wrong with a file in between is no error here: the call that wants it
//! tells why, and other calls go on.

mod judge;
mod names;

use std::collections::BTreeMap;
use std::path::Path;

pub use judge::{AnswerPlace, Content, judge_answers};

use super::world::AnswerFile;
use crate::spec::config::{Answered, Given};

/// Reads what `aws` names, relative to the working tree `root`; the keys are those of [`World::answers`](super::World).
pub fn load_answers(
    root: &Path,
    given: &BTreeMap<Answered, Given>,
) -> BTreeMap<String, Result<AnswerFile, String>> {
    given.iter().map(|(answered, given)| (answered.to_string(), load(root, answered, &given.path))).collect()
}

/// Whether calls have this name.
#[cfg(test)]
pub(super) fn is_operation(service: &str, operation: &str) -> bool {
    names::find(service, operation).is_ok()
}

fn load(root: &Path, answered: &Answered, path: &Path) -> Result<AnswerFile, String> {
    let place = root.join(path);
    if let (Ok(place), Ok(root)) = (place.canonicalize(), root.canonicalize())
        && !place.starts_with(root)
    {
        return Err(format!("{} leads out of the working tree", path.display()));
    }
    match answered {
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
    use std::path::PathBuf;

    use crate::syntax::Span;

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
        let given = [
            (operation("DescribeVpcs"), "good.json".into()),
            (operation("DescribeHosts"), "list.json".into()),
            (operation("DescribeTags"), "torn.json".into()),
            (operation("DescribeImages"), "absent.json".into()),
            (bucket("site"), "site".into()),
            (bucket("good"), "good.json".into()),
        ];
        let given = given
            .map(|(key, path): (Answered, PathBuf)| {
                (key, Given { path, key: Span::empty(0), value: Span::empty(0) })
            })
            .into();
        let answers = load_answers(root.path(), &given);
        assert_eq!(answers["ec2:DescribeVpcs"], Ok(AnswerFile::Output(r#"{"Vpcs": []}"#.into())));
        assert_eq!(answers["s3://site"], Ok(AnswerFile::Folder(root.path().join("site"))));
        for (key, reason) in [
            ("ec2:DescribeHosts", "list.json is no JSON object"),
            ("ec2:DescribeTags", "torn.json is no JSON"),
            ("ec2:DescribeImages", "failed to read absent.json"),
            ("s3://good", "good.json is no folder"),
        ] {
            let why = answers[key].as_ref().unwrap_err();
            assert!(why.contains(reason), "{key}: {why}");
        }
    }
}
