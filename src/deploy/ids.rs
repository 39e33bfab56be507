//! Identifiers of deployments and their groups.

use crate::clock;
use crate::store::Digest;

/// A fresh deployment id: `d-` and nine of `A-Z0-9` (codedeploy.md 1).
pub(super) fn deployment() -> String {
    const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let digits = clock::new_id().replace('-', "");
    let mut number = u128::from_str_radix(&digits, 16).unwrap_or_default();
    let mut id = "d-".to_owned();
    for _ in 0..9 {
        id.push(char::from(LETTERS[usize::try_from(number % 36).unwrap_or_default()]));
        number /= 36;
    }
    id
}

/// The id of a group: always the same for the same names, in the form of a UUID (of version 8, which is free to be made
/// from anything).
pub(super) fn group(application: &str, group: &str) -> String {
    // The separator is in no name's alphabet.
    let digest = Digest::of(format!("{application}/{group}").as_bytes());
    let hex = digest.as_str();
    format!("{}-{}-8{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

/// The name of a group's own folder, which people recognise and no two groups share.
pub(super) fn folder(application: &str, group: &str, id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    let readable = |name: &str| name.chars().take(40).map(plain).collect::<String>();
    format!("{}-{}-{}", readable(application), readable(group), &id[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_forms_of_the_reference() {
        let id = deployment();
        assert!(id.strip_prefix("d-").is_some_and(
            |rest| rest.len() == 9 && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        ));
        assert_ne!(id, deployment());
        let of = group("service", "production");
        assert_eq!(of, group("service", "production"));
        assert_ne!(of, group("service", "staging"));
        assert!(of.len() == 36 && of.parse::<uuid::Uuid>().is_ok(), "{of}");
        assert_eq!(folder("a.b", "..", "0123456789"), "a-b----01234567");
    }
}
