//! Planting a mistake into a text, at each place that a path names.

use rehearsal::syntax::{Entry, Kind, Node, Span, Style, Tree};

/// What is done at a place.
pub(crate) enum Op {
    /// Two letters of the key change places.
    KeyTypo,
    /// The key becomes another.
    Key(&'static str),
    /// The value, whatever it is, becomes this text.
    Value(&'static str),
    /// The same, with a text that is made of the old one.
    Change(fn(&str) -> String),
    /// The entry or item goes. The mistake is in what it was in.
    Remove,
    /// These lines come before the first entry of the mapping, or the first item of the list.
    Insert(&'static str),
    /// The same so many times; each `#` is the number.
    InsertMany(usize, &'static str),
    /// The entry or item stands twice. The mistake is in the second.
    Twice,
    /// The whole text becomes another; the mistake is anywhere.
    Text(fn(&str) -> Vec<u8>),
}

/// A text with a mistake.
pub(crate) struct Planted {
    pub(crate) bytes: Vec<u8>,
    /// Where it is.
    pub(crate) span: Span,
}

/// A place of a path: an entry of a mapping, an item of a list, or the root.
#[derive(Clone)]
struct Spot<'t> {
    entry: Option<Entry<'t>>,
    node: Node<'t>,
    /// What it is in, the nearest last.
    above: Vec<Above<'t>>,
}

/// What a place is in.
#[derive(Clone, Copy)]
struct Above<'t> {
    node: Node<'t>,
    /// Where it begins, with its key.
    start: u32,
}

impl Spot<'_> {
    /// Where it begins, with its key.
    fn start(&self) -> u32 {
        self.entry.map_or(self.node.span().start, |entry| entry.key.span().start)
    }
}

/// The text with the mistake, for each place that the path names. The mistake is looked for in so many levels above.
pub(crate) fn plant(tree: &Tree, path: &str, op: &Op, up: usize) -> Vec<Planted> {
    let mut spots = vec![Spot { entry: None, node: tree.root(), above: Vec::new() }];
    for step in path.split('/').filter(|step| !step.is_empty()) {
        // `batch[build-graph]` is a batch that has a `build-graph`.
        let (step, has) = step.split_once('[').unwrap_or((step, ""));
        let has = has.trim_end_matches(']');
        let fits = |spot: &Spot<'_>| has.is_empty() || spot.node.get(has).is_some();
        spots = spots.iter().flat_map(|spot| below(spot, step)).filter(fits).collect();
    }
    let widened = |spot: Spot<'_>| {
        let planted = one(tree.source().text(), &spot, op)?;
        let Some(levels) = spot.above.len().checked_sub(up).filter(|_| up > 0) else { return Some(planted) };
        let start = spot.above[levels].start;
        let end = spot.above[levels].node.span().end + u32::try_from(planted.bytes.len()).unwrap();
        let end = end.saturating_sub(tree.source().len()).max(planted.span.end);
        Some(Planted { span: Span::new(start, end), ..planted })
    };
    spots.into_iter().filter_map(widened).collect()
}

/// The places below a place.
fn below<'t>(spot: &Spot<'t>, step: &str) -> Vec<Spot<'t>> {
    let mut above = spot.above.clone();
    above.push(Above { node: spot.node, start: spot.start() });
    let entries = spot.node.written_entries().filter(|entry| step == "*" || entry.key.text() == Some(step));
    let entries = entries.map(|entry| Spot { entry: Some(entry), node: entry.value, above: above.clone() });
    let items = spot.node.items().filter(|_| step == "*");
    let items = items.map(|node| Spot { entry: None, node, above: above.clone() });
    entries.chain(items).collect()
}

fn is_flow(text: &str, node: Node<'_>) -> bool {
    node.kind() != Kind::Scalar && text[node.span().start as usize..].starts_with(['{', '['])
}

/// What an operation writes where, and where the mistake is then. Aliases, flow style and blocks of text are left alone
/// where something is to be written line by line.
fn one(text: &str, spot: &Spot<'_>, op: &Op) -> Option<Planted> {
    let value = spot.node.span();
    let whole = spot.entry.map_or(value, |entry| entry.span());
    let key = spot.entry.map(|entry| entry.key.span());
    let is_block =
        spot.node.scalar().is_some_and(|scalar| matches!(scalar.style, Style::Literal | Style::Folded));
    if value != spot.node.content_span() {
        return None;
    }
    match op {
        Op::KeyTypo => {
            let key = key?;
            let mut letters: Vec<char> = text[key.start as usize..key.end as usize].chars().collect();
            let at = (1..letters.len().saturating_sub(1)).find(|at| letters[*at] != letters[at + 1])?;
            letters.swap(at, at + 1);
            replace(text, key, &letters.into_iter().collect::<String>())
        }
        Op::Key(new) => replace(text, key?, new),
        Op::Value(_) | Op::Change(_) if is_block => None,
        Op::Value(new) => {
            let value = with_tag(text, spot.node);
            let planted = replace(text, value, &spaced(text, value, new))?;
            // What is not there is missed at its key, or its dash.
            let start = match *new {
                "" => key.map_or(value.start.saturating_sub(2), |key| key.start),
                new => planted.span.end - u32::try_from(new.len()).unwrap(),
            };
            Some(Planted { span: Span::new(start, planted.span.end), ..planted })
        }
        Op::Change(change) => replace(text, value, &change(&text[value.start as usize..value.end as usize])),
        Op::Remove => {
            let parent = spot.above.last()?;
            let count = parent.node.written_entries().count() + parent.node.items().len();
            if count < 2 || is_flow(text, parent.node) {
                return None;
            }
            // The first entry of an item shares its line with the dash: what comes next takes its place.
            let mut starts = parent.node.written_entries().map(|entry| entry.key.span().start);
            let lines = match lines_of(text, whole) {
                Some(lines) => lines,
                None => Span::new(whole.start, starts.find(|start| *start > whole.start)?),
            };
            let planted = replace(text, lines, "")?;
            let end = parent.node.span().end - lines.len();
            Some(Planted { span: Span::new(parent.start, end.max(parent.start + 1)), ..planted })
        }
        Op::Insert(lines) => insert(text, spot.node, lines),
        Op::InsertMany(count, lines) => {
            let lines: Vec<_> = (0..*count).map(|number| lines.replace('#', &number.to_string())).collect();
            insert(text, spot.node, &lines.join("\n"))
        }
        Op::Twice => {
            if is_flow(text, spot.above.last()?.node) || is_flow(text, spot.node) {
                return None;
            }
            let lines = lines_of(text, whole)?;
            let copy = text[lines.start as usize..lines.end as usize].to_owned();
            replace(text, Span::empty(lines.end), &copy)
        }
        Op::Text(change) => {
            let bytes = change(text);
            let end = u32::try_from(bytes.len()).unwrap();
            Some(Planted { bytes, span: Span::new(0, end) })
        }
    }
}

/// The place of a value with the tag before it.
fn with_tag(text: &str, node: Node<'_>) -> Span {
    let span = node.span();
    let before = text[..span.start as usize].trim_end();
    match node.tag().and_then(|tag| before.strip_suffix(tag)) {
        Some(rest) => Span::new(u32::try_from(rest.len()).unwrap(), span.end),
        None => span,
    }
}

/// A value that begins on the key's own line needs a space before it, which it has; one below the key stays there.
fn spaced(text: &str, value: Span, new: &str) -> String {
    let before = text[..value.start as usize].chars().next_back();
    if before == Some(':') && !new.is_empty() { format!(" {new}") } else { new.to_owned() }
}

fn replace(text: &str, span: Span, with: &str) -> Option<Planted> {
    let mut new = text.to_owned();
    new.replace_range(span.start as usize..span.end as usize, with);
    let end = span.start + u32::try_from(with.len()).unwrap();
    (new != text).then(|| Planted { bytes: new.into_bytes(), span: Span::new(span.start, end) })
}

/// The whole lines of an entry or item that has its lines for itself.
fn lines_of(text: &str, span: Span) -> Option<Span> {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let before = text[start..span.start as usize].trim_start();
    let is_mapping = |text: &str| text.contains(": ") || text.contains(":\n");
    let is_item = before == "- " && !is_mapping(&text[span.start as usize..span.end as usize]);
    if !before.is_empty() && !is_item {
        return None;
    }
    let end = text[span.end as usize..].find('\n').map_or(text.len(), |at| span.end as usize + at + 1);
    Some(Span::new(u32::try_from(start).unwrap(), u32::try_from(end).unwrap()))
}

/// Lines before the first entry or item, as far in.
fn insert(text: &str, node: Node<'_>, lines: &str) -> Option<Planted> {
    if is_flow(text, node) || node.kind() == Kind::Scalar {
        return None;
    }
    let at = node.span().start as usize;
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[start..at].chars().map(|_| ' ').collect::<String>();
    let body: Vec<_> = lines
        .lines()
        .enumerate()
        .map(|(number, line)| if number == 0 { line.to_owned() } else { format!("{indent}{line}") })
        .collect();
    let with = format!("{}\n{indent}", body.join("\n"));
    replace(text, Span::empty(u32::try_from(at).unwrap()), &with)
}
