//! `on-failure` (codebuild.md 1.7): `ABORT`, `CONTINUE`, `RETRY`, `RETRY-count`, `RETRY-regex`, `RETRY-count-regex`.

use super::OnFailure;
use crate::spec::quotas;
use crate::spec::spelling::nearest;

/// What is wrong with a value, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: String,
}

/// Takes the value apart, or says what is wrong with it. Keywords are matched without regard to case, as AWS's own
/// examples write `Retry-`.
pub(super) fn parse(text: &str) -> Result<OnFailure, Wrong> {
    let (keyword, rest) = text.split_once('-').map_or((text, None), |(keyword, rest)| (keyword, Some(rest)));
    match (keyword.to_ascii_uppercase().as_str(), rest) {
        ("ABORT", None) => Ok(OnFailure::Abort),
        ("CONTINUE", None) => Ok(OnFailure::Continue),
        ("RETRY", rest) => retry(rest),
        _ => {
            let help = match nearest(text, &["ABORT", "CONTINUE", "RETRY"]) {
                Some(meant) => format!("write `{meant}`"),
                None => "write ABORT, CONTINUE, RETRY, or RETRY-3-expression".to_owned(),
            };
            Err(Wrong { message: format!("`{text}` is no value of `on-failure`"), help })
        }
    }
}

/// What begins with digits is a count: `RETRY-404` counts, it is no expression.
fn retry(rest: Option<&str>) -> Result<OnFailure, Wrong> {
    let default = u8::try_from(quotas::PHASE_RETRIES_DEFAULT.value).unwrap_or(u8::MAX);
    let Some(rest) = rest else { return Ok(OnFailure::Retry { count: default, pattern: None }) };
    if rest.is_empty() {
        let message = "a count or an expression must follow `RETRY-`".to_owned();
        return Err(Wrong { message, help: "write RETRY to try three times, whatever the error".to_owned() });
    }
    let (first, pattern) =
        rest.split_once('-').map_or((rest, None), |(first, pattern)| (first, Some(pattern)));
    if first.is_empty() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(OnFailure::Retry { count: default, pattern: Some(rest.to_owned()) });
    }
    match first.parse::<u8>() {
        Ok(count) if u32::from(count) <= quotas::PHASE_RETRIES_MAX.value => Ok(OnFailure::Retry {
            count,
            pattern: pattern.filter(|text| !text.is_empty()).map(str::to_owned),
        }),
        _ => {
            let most = quotas::PHASE_RETRIES_MAX.value;
            let message = format!("{first} retries are too many: 0 to {most} are allowed");
            let help = format!(
                "to mean an expression that begins with digits, write a count before it: RETRY-3-{rest}"
            );
            Err(Wrong { message, help })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_reference_is_understood() {
        let retry = |count, pattern: Option<&str>| {
            Ok(OnFailure::Retry { count, pattern: pattern.map(str::to_owned) })
        };
        for (text, expected) in [
            ("ABORT", Ok(OnFailure::Abort)),
            ("abort", Ok(OnFailure::Abort)),
            ("CONTINUE", Ok(OnFailure::Continue)),
            ("RETRY", retry(3, None)),
            ("RETRY-4", retry(4, None)),
            ("RETRY-0", retry(0, None)),
            ("RETRY-100", retry(100, None)),
            ("RETRY-invalid+", retry(3, Some("invalid+"))),
            ("RETRY-8-invalid+", retry(8, Some("invalid+"))),
            ("RETRY-two-words", retry(3, Some("two-words"))),
            ("Retry-.*Error: Unable.*", retry(3, Some(".*Error: Unable.*"))),
            ("Retry-3-.*connection timed out.*", retry(3, Some(".*connection timed out.*"))),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        for text in ["", "STOP", "RETRY-", "RETRY-101", "RETRY-404", "ABORT-1", "CONTINUE-x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    /// An editor knows the pattern only.
    #[test]
    fn the_schema_and_the_reader_agree() {
        let pattern = regex::Regex::new(crate::spec::schema::buildspec::ON_FAILURE).unwrap();
        let agree = |text: &str| pattern.is_match(text) == parse(text).is_ok();
        for text in [
            "ABORT",
            "retry",
            "RETRY-0",
            "RETRY-100",
            "RETRY-101",
            "RETRY-007-x",
            "RETRY-404-x",
            "RETRY--",
            "RETRY-",
        ] {
            assert!(agree(text), "{text}");
        }
        let words = "(ABORT|abort|CONTINUE|RETRY|Retry|STOP)?(-[0-9]{0,4})?(-[a-z0-9.*\n-]{0,4})?";
        proptest::proptest!(|(text in words)| proptest::prop_assert!(agree(&text), "{text}"));
    }
}
