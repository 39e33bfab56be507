//! Hiding secrets in output (codebuild.md 6).
//!
//! Owns: finding secrets in a stream of chunks, also where a chunk ends inside one. Leaves to `stand_in`: what is a
//! secret.
//!
//! As on AWS, only the exact value is recognised: not its Base64, not the lines of a value of several lines one by one.

/// What stands in a secret's place; seen in real logs, though not documented.
const MASK: &[u8] = b"***";

/// The length of an AWS access key ID: four letters and sixteen letters or digits.
const KEY_ID: usize = 20;

/// Hides the secrets of one stream. What may be the beginning of a secret is held back until the next chunk, or until
/// [`Mask::flush`].
#[derive(Debug, Clone)]
pub(super) struct Mask {
    secrets: Vec<Vec<u8>>,
    /// Whether a secret, or an access key ID, can begin with this byte.
    starts: [bool; 256],
    held: Vec<u8>,
}

/// What is at some place in a stream.
enum Found {
    Nothing,
    /// A secret of this length.
    Secret(usize),
    /// The stream must go on before it can be said.
    Undecided,
}

impl Mask {
    /// A mask for these values. Empty ones are left out.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let secrets: Vec<Vec<u8>> =
            secrets.into_iter().filter(|secret| !secret.is_empty()).map(<[u8]>::to_vec).collect();
        let mut starts = [false; 256];
        starts[usize::from(b'A')] = true;
        for first in secrets.iter().filter_map(|secret| secret.first()) {
            starts[usize::from(*first)] = true;
        }
        Self { secrets, starts, held: Vec::new() }
    }

    /// What of the stream can be shown after `chunk`.
    pub(super) fn pass(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(chunk);
        self.show(false)
    }

    /// The rest, when the stream pauses or ends.
    pub(super) fn flush(&mut self) -> Vec<u8> {
        self.show(true)
    }

    /// A whole text with its secrets hidden.
    pub(super) fn text(&self, text: &str) -> String {
        let mut whole = Self { held: text.as_bytes().to_vec(), ..self.clone() };
        String::from_utf8_lossy(&whole.show(true)).into_owned()
    }

    fn show(&mut self, at_end: bool) -> Vec<u8> {
        let held = std::mem::take(&mut self.held);
        let mut shown = Vec::with_capacity(held.len());
        let mut at = 0;
        while at < held.len() {
            let rest = &held[at..];
            let possible = rest.iter().position(|byte| self.starts[usize::from(*byte)]);
            let plain = possible.unwrap_or(rest.len());
            shown.extend_from_slice(&rest[..plain]);
            at += plain;
            let rest = &held[at..];
            if rest.is_empty() {
                break;
            }
            match self.look(rest, at_end) {
                Found::Nothing => {
                    shown.push(rest[0]);
                    at += 1;
                }
                Found::Secret(length) => {
                    shown.extend_from_slice(MASK);
                    at += length;
                }
                Found::Undecided => {
                    self.held = rest.to_vec();
                    break;
                }
            }
        }
        shown
    }

    /// What begins where `rest` begins; the longest secret, when several do.
    fn look(&self, rest: &[u8], at_end: bool) -> Found {
        let mut longest = 0;
        for secret in &self.secrets {
            if rest.starts_with(secret) {
                longest = longest.max(secret.len());
            } else if !at_end && secret.starts_with(rest) {
                return Found::Undecided;
            }
        }
        match key_id(rest) {
            Some(true) => longest = longest.max(KEY_ID),
            Some(false) if !at_end => return Found::Undecided,
            _ => {}
        }
        if longest == 0 { Found::Nothing } else { Found::Secret(longest) }
    }
}

/// Whether `rest` begins with an access key ID (`true`) or could, if it went on (`false`).
fn key_id(rest: &[u8]) -> Option<bool> {
    let seen = &rest[..rest.len().min(KEY_ID)];
    let prefix = |prefix: &[u8]| seen.iter().zip(prefix).all(|(a, b)| a == b);
    let fits = (prefix(b"AKIA") || prefix(b"ASIA"))
        && seen.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    fits.then_some(seen.len() == KEY_ID)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(secrets: &[&str], chunks: &[&str]) -> String {
        let mut mask = Mask::new(secrets.iter().map(|secret| secret.as_bytes()));
        let mut shown: Vec<u8> = chunks.iter().flat_map(|chunk| mask.pass(chunk.as_bytes())).collect();
        shown.extend(mask.flush());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn secrets_are_hidden_wherever_chunks_end() {
        assert_eq!(masked(&["hunter2"], &["pass hunter2!\n"]), "pass ***!\n");
        assert_eq!(masked(&["hunter2"], &["pass hun", "ter", "2!\n"]), "pass ***!\n");
        assert_eq!(masked(&["hunter2"], &["pass hun", "ters\n"]), "pass hunters\n");
        assert_eq!(masked(&["aab"], &["aa", "aab aa"]), "aa*** aa");
        assert_eq!(masked(&["ab", "abcd"], &["abc", "d abc"]), "*** ***c");
        assert_eq!(masked(&["a\nb"], &["x a\n", "b y"]), "x *** y");
        assert_eq!(masked(&[""], &["nothing to hide"]), "nothing to hide");
        assert_eq!(masked(&["bc", "abx"], &["abc"]), "a***");
    }

    #[test]
    fn access_key_ids_are_hidden() {
        let id = format!("AKIA{}", "X7".repeat(8));
        assert_eq!(masked(&[], &[&id[..9], &id[9..], " AKIAB ASIA"]), "*** AKIAB ASIA");
    }

    #[test]
    fn what_cannot_be_a_secret_is_shown_at_once() {
        let mut mask = Mask::new([b"hunter2".as_slice()]);
        assert_eq!(mask.pass(b"Password? "), b"Password? ");
        assert_eq!(mask.pass(b"hu"), b"");
        assert_eq!(mask.flush(), b"hu");
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(text in "[ab]{0,40}", cut in 0usize..40, secrets in prop::collection::vec("[ab]{1,4}", 1..4)) {
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let cut = cut.min(text.len());
            prop_assert_eq!(masked(&secrets, &[&text[..cut], &text[cut..]]), masked(&secrets, &[&text]));
        }
    }
}
