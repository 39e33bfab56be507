//! What to tell a user who has no stand-ins for parameters and secrets, and the dummies that may be filled in instead.
//!
//! Owns: the message, with a block to paste into rehearsal.yml, and the placeholder of each. Leaves to `stand_in`: what is
//! missing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::aws::placeholder;

/// The code of a failure for want of stand-ins. It says nothing on what AWS would have done.
pub const STAND_IN_MISSING: &str = "STAND_IN_MISSING";

/// The section of rehearsal.yml that a stand-in belongs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Parameters,
    Secrets,
}

impl Section {
    fn key(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::Secrets => "secrets",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Parameters => "parameter",
            Self::Secrets => "secret",
        }
    }
}

/// A value that there is no stand-in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// Where it belongs.
    pub(super) section: Section,
    /// The name by which AWS knows it, or its ARN.
    pub(super) name: String,
    /// The key in its JSON that is asked for.
    pub(super) json_key: Option<String>,
    /// The variable that it is for.
    pub(super) variable: String,
    /// Why the stand-in that is given does not help; `None` when none is given.
    pub(super) reason: Option<String>,
}

impl Missing {
    /// `the secret db`
    pub(super) fn title(&self) -> String {
        format!("the {} {}", self.section.word(), self.name)
    }

    /// A dummy that says what it is.
    pub(super) fn placeholder(&self) -> String {
        let key = self.json_key.as_ref().map(|key| format!(":{key}")).unwrap_or_default();
        placeholder(&format!("{}{key}", self.name))
    }
}

/// What all these come to: which are missing, and what to do.
pub(super) fn message(missing: &[Missing]) -> String {
    let mut titles: Vec<(String, Vec<&str>)> = Vec::new();
    for one in missing.iter().filter(|one| one.reason.is_none()) {
        match titles.iter_mut().find(|(title, _)| *title == one.title()) {
            Some((_, variables)) => variables.push(&one.variable),
            None => titles.push((one.title(), vec![&one.variable])),
        }
    }
    let mut sentences: Vec<String> = Vec::new();
    if !titles.is_empty() {
        let listed: Vec<_> = titles
            .iter()
            .map(|(title, variables)| format!("{title} (for {})", variables.join(", ")))
            .collect();
        sentences.push(format!("there is no stand-in for {}", listed.join(", ")));
    }
    for one in missing {
        if let Some(reason) = &one.reason {
            let sentence = format!("the stand-in for {} cannot be had: {reason}", one.title());
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    let mut text = sentences.join("; ");
    if !titles.is_empty() {
        text.push_str("; add to rehearsal.yml, or run with --placeholder-secrets:\n");
        text.push_str(&block(missing));
    }
    text
}

/// The lines for rehearsal.yml, for those that have no stand-in.
fn block(missing: &[Missing]) -> String {
    let mut sections: BTreeMap<Section, BTreeMap<&str, Vec<&Missing>>> = BTreeMap::new();
    for one in missing.iter().filter(|one| one.reason.is_none()) {
        sections.entry(one.section).or_default().entry(&one.name).or_default().push(one);
    }
    let mut lines = Vec::new();
    for (section, names) in sections {
        lines.push(format!("{}:", section.key()));
        for (name, wanted) in names {
            let mut keys: Vec<_> = wanted.iter().filter_map(|one| one.json_key.as_deref()).collect();
            keys.sort_unstable();
            keys.dedup();
            let value = if keys.is_empty() {
                format!("env: {}", scalar(&wanted[0].variable))
            } else {
                let pairs: Vec<_> = keys.iter().map(|key| format!("{}: \"…\"", quoted(key))).collect();
                format!("literal: '{{{}}}'", pairs.join(", ").replace('\'', "''"))
            };
            lines.push(format!("  {}: {{ {value} }}", scalar(name)));
        }
    }
    lines.join("\n")
}

/// A text as a scalar of YAML: as it is where nobody could take it for something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_/.-".contains(c);
    let begins_plainly = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/');
    // Words that YAML takes for values of their own.
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_word = words.contains(&text.to_ascii_lowercase().as_str());
    if begins_plainly && text.chars().all(plain) && !is_word { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes, which JSON and YAML read alike.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::config::{self, StandIn};

    fn missing(section: Section, name: &str, json_key: Option<&str>, variable: &str) -> Missing {
        Missing {
            section,
            name: name.to_owned(),
            json_key: json_key.map(str::to_owned),
            variable: variable.to_owned(),
            reason: None,
        }
    }

    #[test]
    fn all_are_named_at_once_with_lines_to_paste() {
        use Section::{Parameters, Secrets};
        let unset = Missing {
            reason: Some("the variable X is not set".into()),
            ..missing(Parameters, "/unset", None, "X")
        };
        let all = [
            missing(Parameters, "/app/token", None, "TOKEN"),
            missing(Secrets, "service/db", Some("user"), "DB_USER"),
            missing(Secrets, "service/db", Some("pass\"word'"), "DB_PASSWORD"),
            missing(Secrets, "plain", None, "PLAIN"),
            missing(Secrets, "arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf", None, "ARN"),
            missing(Parameters, "42", None, "on"),
            unset.clone(),
        ];
        insta::assert_snapshot!(message(&all), @r#"
        there is no stand-in for the parameter /app/token (for TOKEN), the secret service/db (for DB_USER, DB_PASSWORD), the secret plain (for PLAIN), the secret arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf (for ARN), the parameter 42 (for on); the stand-in for the parameter /unset cannot be had: the variable X is not set; add to rehearsal.yml, or run with --placeholder-secrets:
        parameters:
          /app/token: { env: TOKEN }
          "42": { env: "on" }
        secrets:
          "arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf": { env: ARN }
          plain: { env: PLAIN }
          service/db: { literal: '{"pass\"word''": "…", "user": "…"}' }
        "#);
        assert_eq!(
            message(&[unset]),
            "the stand-in for the parameter /unset cannot be had: the variable X is not set"
        );
    }

    #[test]
    fn what_is_to_be_pasted_is_read_as_it_is_meant() {
        use Section::{Parameters, Secrets};
        for name in
            ["/a/b", "42", "true", "No", "a: b", "- x", "é", "a'b\"c", "#x", "~", "arn:aws:x:y", "a\tb", "."]
        {
            let all = [
                missing(Parameters, name, None, name),
                missing(Secrets, name, Some(name), "A"),
                missing(Secrets, name, Some("user"), "B"),
            ];
            let text = block(&all);
            let read = config::load("rehearsal.yml", text.as_bytes()).value;
            let read = read.unwrap_or_else(|| panic!("{text}")).working_tree;
            assert_eq!(read.parameters.get(name), Some(&StandIn::Env(name.to_owned())), "{text}");
            let Some(StandIn::Literal(json)) = read.secrets.get(name) else { panic!("{text}") };
            let fields: BTreeMap<String, String> = serde_json::from_str(json).unwrap();
            assert!(fields.contains_key(name) && fields.contains_key("user"), "{text}");
        }
    }

    #[test]
    fn placeholders_say_what_they_stand_for() {
        let secret = missing(Section::Secrets, "service/db", Some("user"), "X");
        assert_eq!(secret.placeholder(), "placeholder-for-service/db:user");
        assert_eq!(missing(Section::Parameters, "/a", None, "X").placeholder(), "placeholder-for-/a");
    }
}
