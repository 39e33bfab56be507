//! References to secrets (codebuild.md 1.5): `secret-id:json-key:version-stage:version-id`.

/// A value of `env.secrets-manager`, or of a project's variable of type `SECRETS_MANAGER`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretReference<'a> {
    /// The secret's name or ARN.
    pub id: &'a str,
    /// A key in the secret's JSON; absent means the whole text.
    pub json_key: Option<&'a str>,
    /// A staging label.
    pub version_stage: Option<&'a str>,
    /// A version's UUID.
    pub version_id: Option<&'a str>,
}

impl<'a> SecretReference<'a> {
    /// Takes a reference apart. An ARN has seven fields of its own, separated by colons.
    pub fn parse(text: &'a str) -> Self {
        let own = if text.starts_with("arn:") { 7 } else { 1 };
        let cut = text.match_indices(':').nth(own - 1).map_or(text.len(), |(at, _)| at);
        let (id, rest) = text.split_at(cut);
        let mut fields = rest.split(':').skip(1).map(|field| (!field.is_empty()).then_some(field));
        let mut next = || fields.next().flatten();
        Self { id, json_key: next(), version_stage: next(), version_id: next() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_positional_and_an_arn_has_seven_of_its_own() {
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf";
        let with_key = format!("{arn}:password");
        for (text, expected) in [
            ("db", ("db", None, None, None)),
            ("db:password", ("db", Some("password"), None, None)),
            ("db::AWSPREVIOUS", ("db", None, Some("AWSPREVIOUS"), None)),
            ("db:k::1234", ("db", Some("k"), None, Some("1234"))),
            ("db:", ("db", None, None, None)),
            (arn, (arn, None, None, None)),
            (&with_key, (arn, Some("password"), None, None)),
        ] {
            let parsed = SecretReference::parse(text);
            assert_eq!(
                (parsed.id, parsed.json_key, parsed.version_stage, parsed.version_id),
                expected,
                "{text}"
            );
        }
    }
}
