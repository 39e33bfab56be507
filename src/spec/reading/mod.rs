//! Reading values from nodes, with findings for what does not fit.
//!
//! Owns: the small steps every reader takes (a mapping, a text, a flag, a list of texts) and their words. Leaves to each
//! reader: which keys there are; to `spelling`: what a misspelt name was meant to be.

mod nothing;
mod place;

use std::sync::Arc;

use super::Read;
use super::document::kind_words;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{Entry, Kind, Node, SourceFile, Span, Style, Tree, UNKNOWN};

pub(super) use nothing::unsaid;
pub(super) use place::{dash_before, head, place, replace};

use nothing::empty_text;
use place::is_in_flow;

/// Collects findings while a file is read.
pub(super) struct Reader<'t> {
    source: &'t Arc<SourceFile>,
    tree: &'t Tree,
    findings: Vec<Finding>,
    /// Who reads the file, for the words of findings: `CodeBuild`.
    service: &'static str,
}

impl<'t> Reader<'t> {
    pub(super) fn new(tree: &'t Tree, service: &'static str) -> Self {
        Self { source: tree.source(), tree, findings: Vec::new(), service }
    }

    /// Ends reading: a value stands only when nothing was an error.
    pub(super) fn finish<T>(self, value: Option<T>) -> Read<T> {
        let mut findings = self.findings;
        findings.sort_by_key(|finding| finding.primary.span);
        Read { value: value.filter(|_| !crate::diagnostic::any_error(&findings)), findings }
    }

    /// The text that is read.
    pub(super) fn source(&self) -> &'t Arc<SourceFile> {
        self.source
    }

    /// The name of the file, as the user gave it.
    pub(super) fn file(&self) -> &'t str {
        self.source.name()
    }

    /// Whether an error is said of this place, or of one in or around it.
    pub(super) fn has_error_about(&self, span: Span) -> bool {
        let touches = |other: Span| other.start <= span.end && span.start <= other.end;
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.primary.span).any(touches)
    }

    /// Where findings point.
    pub(super) fn places(&self) -> impl Iterator<Item = Span> {
        self.findings.iter().map(|finding| finding.primary.span)
    }

    /// How many findings there are, for [`Self::help_since`].
    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    /// Gives help to the findings that came since, where they have none or are of a wrong kind.
    pub(super) fn help_since(&mut self, count: usize, help: &str) {
        for finding in self.findings.iter_mut().skip(count) {
            if finding.code == "wrong-kind" || finding.help.is_none() {
                finding.help = Some(help.to_owned());
            }
        }
    }

    /// Gives the findings that came since this help in place of theirs, and of their fix.
    pub(super) fn advise_since(&mut self, count: usize, help: &str) {
        for finding in self.findings.iter_mut().skip(count) {
            finding.help = Some(help.to_owned());
            finding.fix = None;
        }
    }

    /// Reports. Nothing can be wrong with a value that is not known.
    pub(super) fn push(&mut self, finding: Finding) {
        // A character in quotes is written by its number.
        let quoted = format!("{UNKNOWN:?}");
        let names_it =
            finding.message.contains(UNKNOWN) || finding.message.contains(quoted.trim_matches('\''));
        if !self.tree.is_unknown(finding.primary.span) && !names_it {
            self.findings.push(finding);
        }
    }

    /// Reports what is known of a part of a text that is not known as a whole.
    pub(super) fn push_within(&mut self, finding: Finding) {
        if !finding.message.contains(UNKNOWN) {
            self.findings.push(finding);
        }
    }

    pub(super) fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Finding {
        Finding::error(code, message, self.source, span, label)
    }

    pub(super) fn warning(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Finding {
        Finding::warning(code, message, self.source, span, label)
    }

    pub(super) fn advice(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Finding {
        Finding::advice(code, message, self.source, span, label)
    }

    /// Says that a node is not of the expected kind.
    pub(super) fn wrong_kind(&mut self, path: &str, entry: Entry<'t>, expected: &str) {
        // Of what is empty that is said.
        let last = self.findings.last();
        if last.is_some_and(|last| last.code == "empty-value" && last.primary.span == place(entry)) {
            return;
        }
        let finding = self.of_wrong_kind(path, entry, expected);
        self.push(finding);
    }

    /// That a node is not of the expected kind.
    pub(super) fn of_wrong_kind(&self, path: &str, entry: Entry<'t>, expected: &str) -> Finding {
        let is = kind_words(entry.value.kind());
        let message = format!("`{path}` is {is}; {} expects {expected}", self.service);
        let span = head(self.source, place(entry));
        let finding =
            self.error("wrong-kind", message, span, is).label(entry.key.span(), format!("of `{path}`"));
        let mut entries = entry.value.entries();
        let is_tail = entries.next().is_some_and(|only| only.value.is_null()) && entries.next().is_none();
        match colon_missing(entry.value) {
            Some(help) => finding.help(help),
            None if is_tail && expected != "a mapping" => finding.help("remove the `:` at its end"),
            None => finding,
        }
    }

    /// The mapping of an entry. Nothing there is no mapping and no mistake.
    pub(super) fn mapping(&mut self, path: &str, entry: Entry<'t>) -> Option<Node<'t>> {
        match entry.value.kind() {
            Kind::Mapping => Some(entry.value),
            Kind::Scalar if entry.value.is_null() => None,
            Kind::Scalar | Kind::Sequence => {
                self.wrong_kind(path, entry, "a mapping");
                None
            }
        }
    }

    /// The same, with what to write around a list that stands there instead.
    pub(super) fn mapping_around(&mut self, path: &str, entry: Entry<'t>, key: &str) -> Option<Node<'t>> {
        let before = self.findings.len();
        let mapping = self.mapping(path, entry);
        if let (Some(finding), Kind::Sequence) = (self.findings.get_mut(before), entry.value.kind()) {
            finding.help = Some(format!("write `{key}:` above the list, and indent the list below it"));
        }
        mapping
    }

    /// The text of an entry, empty for nothing.
    pub(super) fn text(&mut self, path: &str, entry: Entry<'t>) -> Option<String> {
        match entry.value.kind() {
            Kind::Scalar => entry.value.text().map(str::to_owned),
            Kind::Sequence | Kind::Mapping => {
                self.wrong_kind(path, entry, "a single value");
                None
            }
        }
    }

    /// A flag, as YAML 1.1 writes it (codebuild.md 0, trap 2). Anything else counts as no, and is said.
    pub(super) fn flag(&mut self, path: &str, entry: Entry<'t>) -> bool {
        self.no_section(path, entry, "taken as no");
        let Some(text) = self.text(path, entry) else { return false };
        match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "y" => true,
            "no" | "false" | "off" | "n" => false,
            blank if blank.trim().is_empty() => false,
            _ => {
                let finding = self
                    .warning(
                        "invalid-value",
                        format!("`{path}` is neither yes nor no"),
                        place(entry),
                        "taken as no",
                    )
                    .help("write `yes` or `no`");
                self.push(finding);
                false
            }
        }
    }

    /// A list of texts. One text alone is accepted, as real files show, and said; empty items are left out.
    pub(super) fn texts(&mut self, path: &str, entry: Entry<'t>) -> Vec<String> {
        match entry.value.kind() {
            Kind::Scalar => {
                let Some(text) = entry.value.text() else { return Vec::new() };
                self.one_for_many(path, entry);
                vec![text.to_owned()]
            }
            Kind::Mapping => {
                self.wrong_kind(path, entry, "a list");
                Vec::new()
            }
            Kind::Sequence => {
                let mut texts = Vec::new();
                for (index, value) in entry.value.items().enumerate() {
                    let item = Entry { key: entry.key, value };
                    texts.extend(self.text(&format!("{path}[{index}]"), item));
                }
                texts
            }
        }
    }

    pub(super) fn one_for_many(&mut self, path: &str, entry: Entry<'t>) {
        let message = format!("`{path}` is one text; the documentation asks for a list");
        let span = head(self.source, place(entry));
        let finding = self.advice("string-for-list", message, span, "taken as a list of one");
        // `-dist/**` and `– dist/**`: what was to be an item.
        if entry.value.text().is_some_and(|text| text.starts_with(['-', '–', '—']))
            && !path.starts_with("phases.")
        {
            let message = format!("`{path}` is one text that begins with a dash: YAML makes no item of it");
            let finding = Finding { message, severity: Severity::Warning, ..finding };
            return self.push(finding.help("write `- ` before the item: a short dash, and a blank"));
        }
        let list = list_of_one(entry.value);
        let finding = match &list {
            Some(list) if is_in_flow(entry) && list.len() <= 60 => finding.help(format!("write `{list}`")),
            _ if is_in_flow(entry) => finding.help("put it in brackets"),
            _ => finding.help("put `- ` before it, on a line of its own"),
        };
        self.push(match list {
            Some(list) => finding.fix("Put it in brackets", replace(entry.value.span(), list)),
            None => finding,
        });
    }

    /// Names and values of a mapping of texts. A name without a value has the empty text, and is said.
    pub(super) fn pairs(&mut self, path: &str, entry: Entry<'t>) -> Vec<(String, String)> {
        let Some(mapping) = self.mapping(path, entry) else { return Vec::new() };
        let mut pairs = Vec::new();
        for entry in mapping.entries() {
            let Some(name) = self.key(path, entry) else { continue };
            let path = format!("{path}.{name}");
            if entry.value.is_null() {
                let finding = self.warning(
                    "empty-value",
                    format!("`{path}` has no value"),
                    place(entry),
                    "taken as empty text",
                );
                self.push(match (self.commented(entry), empty_text(entry)) {
                    (Some(text), _) => {
                        finding.help(format!("`#` begins a comment: write \"{text}\" to mean that text"))
                    }
                    (None, edits) => {
                        let finding = finding.help("write \"\" to mean the empty text");
                        match edits {
                            Some(edits) => finding.fix("Write the empty text", edits),
                            None => finding,
                        }
                    }
                });
            } else if entry.value.kind() != Kind::Scalar {
                self.wrong_kind(&path, entry, "a single value");
                let section = ["variables", "parameter-store", "secrets-manager", "exported-variables"];
                if let (Some(finding), true) = (self.findings.last_mut(), section.contains(&name)) {
                    finding.help = Some(format!("move `{name}:` out to stand below `env:`"));
                }
                continue;
            }
            pairs.push((name.to_owned(), entry.value.text().unwrap_or_default().to_owned()));
        }
        pairs
    }

    /// The text of a key.
    pub(super) fn key(&mut self, path: &str, entry: Entry<'t>) -> Option<&'t str> {
        let key = entry.key.scalar().map(|key| key.text);
        if key.is_none() {
            let is = kind_words(entry.key.kind());
            let at = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
            let finding =
                self.error("wrong-kind", format!("a key{at} is {is}"), entry.key.span(), "not a name");
            self.push(finding);
        }
        key
    }
}

/// What to write where a text was to be a mapping: it begins with a key that has no blank behind its `:`, or has no `:`.
fn colon_missing(value: Node<'_>) -> Option<String> {
    let scalar = value.scalar().filter(|scalar| scalar.style == Style::Plain)?;
    let first = value.source().slice(value.content_span()).lines().next()?.trim();
    let end = first.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(first.len());
    let (key, rest) = first.split_at(end);
    if key.is_empty() || key.starts_with('-') {
        return None;
    }
    match rest.strip_prefix(':') {
        Some(tight) if !tight.is_empty() && !tight.starts_with("//") => {
            Some(format!("write `{key}: {tight}`, with a blank behind the `:`"))
        }
        // More follows below a word that stands alone.
        None if rest.is_empty() && scalar.text.len() > key.len() => {
            Some(format!("write `{key}:`, with a `:` behind it"))
        }
        _ => None,
    }
}

/// A text in one line as a list of one; none for what is not that simple.
fn list_of_one(value: Node<'_>) -> Option<String> {
    let written = value.source().slice(value.span());
    let style = value.scalar()?.style;
    if written.is_empty() || written.contains('\n') || value.tag().is_some() {
        return None;
    }
    match style {
        Style::Plain if written.contains(['[', ']', '{', '}', ',', ':', '#', '"', '\'']) => {
            Some(format!("['{}']", written.replace('\'', "''")))
        }
        Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => Some(format!("[{written}]")),
        Style::Literal | Style::Folded => None,
    }
}
