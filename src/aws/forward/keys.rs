//! Keys of the user: values that nothing prints.

use std::fmt;

use crate::clock::Timestamp;

/// An access key with its secret, and the token that belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Keys {
    access_key: String,
    secret: String,
    token: Option<String>,
    /// When they stop working, where that is known.
    expires: Option<Timestamp>,
}

impl Keys {
    /// Keys that work until somebody takes them away.
    pub(super) fn new(access_key: &str, secret: &str, token: Option<&str>) -> Self {
        let (access_key, secret) = (access_key.to_owned(), secret.to_owned());
        Self { access_key, secret, token: token.map(str::to_owned), expires: None }
    }

    /// The same keys until `expires`.
    #[must_use]
    pub(super) fn until(self, expires: Option<Timestamp>) -> Self {
        Self { expires, ..self }
    }

    /// The access key id, which every request names.
    pub(super) fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The secret that signs.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// The session token that goes along.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whether they work for a while longer than now.
    pub(super) fn last(&self, now: Timestamp) -> bool {
        /// Keys that end within this time are not begun with.
        const MARGIN: std::time::Duration = std::time::Duration::from_secs(60);
        self.expires.is_none_or(|expires| now.saturating_add(MARGIN).is_ok_and(|soon| soon < expires))
    }

    /// `text` without what must not be seen of these keys.
    pub(super) fn hidden(&self, text: &str) -> String {
        let secrets = [Some(self.secret.as_str()), self.token.as_deref(), Some(self.access_key.as_str())];
        secrets
            .into_iter()
            .flatten()
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(secret, crate::aws::MASK))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_no_text() {
        let keys = Keys::new("AKIDEXAMPLE", "s3cret", Some("t0ken"));
        let shown = format!("{keys:?} {}", keys.hidden("AKIDEXAMPLE sent s3cret and t0ken"));
        assert_eq!(shown, "Keys(hidden) *** sent *** and ***");
    }

    #[test]
    fn keys_that_end_soon_are_not_begun_with() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let until = |text: &str| Keys::new("a", "b", None).until(Some(text.parse().unwrap()));
        assert!(Keys::new("a", "b", None).last(now));
        assert!(until("2026-01-01T00:02:00Z").last(now));
        assert!(!until("2026-01-01T00:00:30Z").last(now));
        assert!(!until("2025-12-31T00:00:00Z").last(now));
    }
}
