//! Values of several fields: `type=local,dest=out`.
//!
//! Owns: reading them by the rules of Go's encoding/csv, as docker does, and writing them anew. What is in doubt is no value.

/// The fields of a value; `None` when docker would not take it for one either.
pub(super) fn fields(text: &str) -> Option<Vec<String>> {
    if text.is_empty() || text.contains(['\n', '\r']) {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            until_quote(quoted)?
        } else {
            let (field, after) =
                rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
            if field.contains('"') {
                return None;
            }
            (field.to_owned(), after)
        };
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return Some(fields),
        }
    }
}

/// A field up to the quote that ends it, where two are one, and what follows its comma.
fn until_quote(text: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None if after.is_empty() => return Some((field, None)),
            None => return Some((field, Some(after.strip_prefix(',')?))),
        }
    }
}

/// A value of these fields.
pub(super) fn joined(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        if field.contains([',', '"']) || field.starts_with(' ') {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// A value's keys and values.
#[derive(Debug, Default)]
pub(super) struct Pairs(Vec<(String, Option<String>)>);

impl Pairs {
    /// Reads them: keys in small letters, `synonyms` (each and what it stands for) replaced. An error says what is wrong; what is
    /// there twice is.
    pub(super) fn read(text: &str, synonyms: &[(&str, &str)]) -> Result<Self, String> {
        let fields = fields(text).ok_or_else(|| format!("`{text}` cannot be read"))?;
        let mut pairs: Vec<(String, Option<String>)> = Vec::new();
        for field in fields {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (field.as_str(), None),
            };
            let key = key.to_lowercase();
            let key =
                synonyms.iter().find(|(name, _)| *name == key).map_or(key, |(_, own)| (*own).to_owned());
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(format!("`{text}` says {key} twice"));
            }
            pairs.push((key, value));
        }
        Ok(Self(pairs))
    }

    /// Removes a key; its value, which is empty where there is none.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(at).1.unwrap_or_default())
    }

    /// What is left of these keys, as fields; the first other key is an error.
    pub(super) fn only(self, keys: &[&str]) -> Result<Vec<String>, String> {
        let fields = self.0.into_iter().map(|(key, value)| match value {
            _ if !keys.contains(&key.as_str()) => Err(key),
            Some(value) => Ok(format!("{key}={value}")),
            None => Ok(key),
        });
        fields.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_those_of_encoding_csv() {
        for (text, expected) in [
            ("a", Some(vec!["a"])),
            ("a=b,c", Some(vec!["a=b", "c"])),
            ("a,,", Some(vec!["a", "", ""])),
            ("\"a,b\",c", Some(vec!["a,b", "c"])),
            ("\"a\"\"b\"", Some(vec!["a\"b"])),
            ("a=\"b\"", None),
            ("\"a\"b", None),
            ("\"a", None),
            ("a\nb", None),
            ("", None),
        ] {
            let expected = expected.map(|fields| fields.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(fields(text), expected, "{text}");
        }
    }

    #[test]
    fn keys_have_no_case_and_no_second_value() {
        let mut pairs = Pairs::read("TYPE=bind,src=a,ro", &[("src", "source")]).unwrap();
        assert_eq!(pairs.take("type").as_deref(), Some("bind"));
        assert_eq!(pairs.take("source").as_deref(), Some("a"));
        assert_eq!(pairs.only(&["ro"]).unwrap(), ["ro"]);
        assert!(Pairs::read("src=a,source=b", &[("src", "source")]).is_err());
        assert_eq!(Pairs::read("a=b,x=y", &[]).unwrap().only(&["a"]).unwrap_err(), "x");
    }

    proptest! {
        #[test]
        fn what_is_joined_is_read_again(all in proptest::collection::vec("[ -~]{1,8}", 1..4)) {
            prop_assert_eq!(fields(&joined(&all)), Some(all));
        }
    }
}
