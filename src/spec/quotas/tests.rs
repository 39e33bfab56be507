//! The table says of itself only what is so.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::*;

fn named() -> impl Iterator<Item = &'static (&'static str, Quota)> {
    #[expect(unused_qualifications, reason = "each service has its own")]
    let services = [codebuild::NAMED, codepipeline::NAMED, codedeploy::NAMED, sagemaker::NAMED];
    services.into_iter().flatten()
}

/// All code below src/ but this module and test modules, comments left out.
fn code() -> String {
    let mut code = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let own = path.ends_with("spec/quotas") || path.ends_with("tests") || path.ends_with("tests.rs");
            if own {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
            code.extend(
                lines.filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")),
            );
        }
    }
    code
}

#[test]
fn every_quota_has_its_own_name_and_names_its_source() {
    let names: BTreeSet<_> = all().map(|quota| quota.name).collect();
    assert_eq!(names.len(), all().count());
    for quota in all() {
        assert!(quota.source.contains(".md "), "{}", quota.name);
        assert_ne!(quota.page(), quota.source, "{} names a page", quota.name);
        assert!(quota.what.starts_with(char::is_uppercase) && !quota.what.ends_with('.'), "{}", quota.what);
        assert!(
            quota.name.split_once('.').is_some_and(|(service, what)| !service.is_empty() && !what.is_empty())
        );
    }
}

#[test]
fn what_is_said_to_be_enforced_is_and_nothing_else() {
    let code = code();
    let used = |constant: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        code.match_indices("quotas::").any(|(at, prefix)| {
            let rest = &code[at + prefix.len()..];
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            &rest[..end] == constant
        })
    };
    for (constant, quota) in named() {
        let enforced = !matches!(quota.enforced, Enforced::Not(_));
        assert_eq!(used(constant), enforced, "{} ({constant}): the table and the code disagree", quota.name);
    }
}

#[test]
fn only_what_is_enforced_can_be_given_another_value_with_an_effect() {
    let adjustable: Vec<_> = all()
        .filter(|quota| quota.adjustable && !matches!(quota.enforced, Enforced::Not(_)))
        .map(|q| q.name)
        .collect();
    assert_eq!(adjustable, ["codebuild.concurrent-builds"]);
}

#[test]
fn times_are_a_length_of_time() {
    assert_eq!(BUILD_TIMEOUT_MIN.duration(), Some(Duration::from_secs(300)));
    assert_eq!(TEST_ACTION_TIMEOUT.duration(), Some(Duration::from_secs(8 * 3600)));
    assert_eq!(STAGES_MIN.duration(), None);
    assert_eq!((BUILD_TIMEOUT_MIN.figure(), STAGES_MIN.figure()), ("5 min".to_owned(), "2".to_owned()));
    assert_eq!(STAGES_MIN.service(), "codepipeline");
}
