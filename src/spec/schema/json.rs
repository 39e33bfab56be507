//! JSON in the order it was made, laid out for people: what fits stands on one line.

use std::fmt::Write as _;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    /// A text.
    Text(String),
    /// What stands for itself: a number, `true`, `false`, `null`.
    Bare(String),
    /// A list.
    List(Vec<Json>),
    /// Members in their order.
    Object(Vec<(String, Json)>),
}

/// Columns of a line, where breaking helps.
const COLUMNS: usize = 120;

impl Json {
    /// `null`
    pub(super) fn null() -> Self {
        Self::Bare("null".to_owned())
    }

    /// A list of texts.
    pub(super) fn texts(texts: &[&str]) -> Self {
        Self::List(texts.iter().map(|text| Self::from(*text)).collect())
    }

    /// The document, with a line end.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, indent: usize, before: usize) {
        let line = self.line();
        let is_short = indent + before + line.chars().count() < COLUMNS;
        let (open, close, items): (_, _, Vec<(String, &Json)>) = match self {
            Self::List(items) if !is_short => {
                ('[', ']', items.iter().map(|item| (String::new(), item)).collect())
            }
            Self::Object(members) if !is_short => {
                let member = |(name, value)| (format!("{}: ", quoted(name)), value);
                ('{', '}', members.iter().map(|(name, value)| member((name, value))).collect())
            }
            _ => return out.push_str(&line),
        };
        out.push(open);
        for (index, (name, value)) in items.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\n{:1$}{name}", "", indent + 2);
            value.write(out, indent + 2, name.chars().count());
        }
        let _ = write!(out, "\n{:indent$}{close}", "");
    }

    fn line(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Bare(text) => text.clone(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::line).collect::<Vec<_>>().join(", ")),
            Self::Object(members) if members.is_empty() => "{}".to_owned(),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}: {}", quoted(name), value.line());
                format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Bare(number.to_string())
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bare(flag.to_string())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

/// `object([("type", …)])`
pub(super) fn object<N: Into<String>, V: Into<Json>>(members: impl IntoIterator<Item = (N, V)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}
