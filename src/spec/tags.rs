//! Tags of resources: what AWS refuses of them (codepipeline.md 1.6, 7).

use super::reading::{Reader, head};
use crate::syntax::{Node, Span};

/// Tags of one resource.
const MOST: usize = 50;
/// Characters of a key, and of a value.
const LONGEST: [usize; 2] = [128, 256];

/// Checks tags, each with its key and its value as far as they are known. `span` is where to say that there are too many.
pub(super) fn check<'t>(reader: &mut Reader<'t>, tags: &[[Option<(String, Node<'t>)>; 2]], span: Span) {
    if tags.len() > MOST {
        let message = format!("there are {} tags; {MOST} are allowed", tags.len());
        reader.push(reader.error("too-many", message, span, "too many"));
    }
    let mut seen = std::collections::HashMap::new();
    for tag in tags {
        for (part, (what, most)) in tag.iter().zip(["key", "value"].into_iter().zip(LONGEST)) {
            let Some((text, node)) = part else { continue };
            let count = text.chars().count();
            if count == 0 && what == "key" {
                let place = head(node.source(), node.span());
                let message = "the key of a tag is empty; it has at least one character";
                reader.push(reader.error("invalid-value", message, place, "nothing here"));
            } else if count > most {
                let message = format!("the {what} of a tag has {count} characters; {most} are allowed");
                let place = head(node.source(), node.span());
                reader.push(reader.error("invalid-value", message, place, "too long"));
            }
        }
        let Some((key, node)) = &tag[0] else { continue };
        let place = head(node.source(), node.span());
        if key.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("aws:")) {
            let message = format!("the tag `{key}` begins with `aws:`, which only AWS may use");
            let finding = reader.error("invalid-value", message, place, "reserved");
            reader.push(finding.aws("InvalidTagsException: Not allowed to modify system tags"));
        }
        if let Some(first) = seen.insert(key.as_str(), place) {
            let message = format!("the tag `{key}` stands twice");
            reader
                .push(reader.error("invalid-value", message, place, "again here").label(first, "first here"));
        }
    }
}
