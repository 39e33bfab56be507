//! Names in a template that lead nowhere.
//!
//! Owns: what `Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn`, `Fn::If`, `Condition` and `Fn::FindInMap` name, in resources and
//! outputs. Leaves to whoever makes the stack: values.

use super::function::{Function, SubPart, Substitution, attribute_of, function, long, sub_parts};
use super::structure::SECTIONS;
use super::{Resource, Template, attributes, calls};
use crate::diagnostic::Finding;
use crate::spec::reading::{Reader, head};
use crate::spec::spelling::{is_misspelt, nearest};
use crate::syntax::{Kind, Node, Span, TextMap};

pub(super) const CODE: &str = "template-reference";

/// The section whose values are decided before any resource is there.
const CONDITIONS: &str = "Conditions";

/// Keys of texts that a shell reads, which has names of its own.
const OF_SHELLS: [&str; 3] = ["BuildSpec", "Commands", "UserData"];

/// Functions that a short call gives a text as it is.
const OF_TEXTS: [&str; 2] = ["Base64", "ImportValue"];

/// The sections whose names are asked for.
const NAMING: [&str; 4] = ["Conditions", "Mappings", "Parameters", "Resources"];

/// Findings of one text.
const MOST_OF_A_TEXT: usize = 200;

/// Names that a help lists.
const MOST_NAMES: usize = 10;

/// What `Ref` gives without anybody declaring it.
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Walks through the sections of a template in which names stand.
pub(super) struct Walk<'a, 'r, 't> {
    pub(super) reader: &'r mut Reader<'t>,
    pub(super) template: &'a Template<'t>,
    /// Where it is: `Resources`, `Outputs` or `Conditions`.
    block: &'static str,
    /// Whether it is in a resource of whose texts we know that nothing else replaces `${…}` in them.
    is_ours: bool,
    /// Whether what stands here counts whichever way the conditions turn out.
    is_always: bool,
    /// Sections that are misspelt or no mapping, which is told: any name may be one of theirs.
    lost: Vec<&'static str>,
}

pub(super) fn check<'t>(reader: &mut Reader<'t>, template: &Template<'t>) {
    if template.tree.is_partial() {
        return;
    }
    let root = template.tree.root();
    let is_lost = |section: &&&str| {
        root.get(section)
            .map_or_else(|| is_misspelt(root, &SECTIONS, section), |node| node.kind() != Kind::Mapping)
    };
    let lost = NAMING.iter().filter(is_lost).copied().collect();
    let mut walk = Walk { reader, template, block: "Resources", is_ours: true, is_always: true, lost };
    for resource in &template.resources {
        walk.is_always = resource.node.get("Condition").is_none();
        let services =
            ["AWS::CodeBuild::", "AWS::CodeDeploy::", "AWS::CodePipeline::", "AWS::IAM::", "AWS::S3::"];
        walk.is_ours = services.iter().any(|service| resource.kind.starts_with(service));
        if let Some(properties) = resource.node.get("Properties") {
            walk.node(properties);
        }
        if let Some(node) = resource.node.get("Condition").filter(|node| node.kind() == Kind::Scalar) {
            walk.condition(node);
        }
        if let Some(node) = resource.node.get("DependsOn") {
            let one = Some(node).filter(|node| node.kind() == Kind::Scalar);
            for node in one.into_iter().chain(node.items()) {
                walk.depends_on(node);
            }
        }
    }
    walk.block = "Outputs";
    walk.is_ours = true;
    for output in template.tree.root().get("Outputs").into_iter().flat_map(Node::entries) {
        if let Some(node) = output.value.get("Condition").filter(|node| node.kind() == Kind::Scalar) {
            walk.condition(node);
        }
        walk.is_always = output.value.get("Condition").is_none();
        for key in ["Value", "Export"] {
            output.value.get(key).into_iter().for_each(|node| walk.node(node));
        }
    }
    walk.block = CONDITIONS;
    walk.conditions();
}

impl<'t> Walk<'_, '_, 't> {
    fn node(&mut self, node: Node<'t>) {
        let Some(call) = function(node) else {
            self.literal(node);
            return self.below(node);
        };
        self.call(call);
        if call.is_short() && OF_TEXTS.contains(&call.name) {
            self.literal(node);
        }
        // Behind a tag may stand a call in its long form.
        match long(node).filter(|_| call.is_short()) {
            Some(inner) => {
                self.call(inner);
                self.argument(inner);
            }
            None => self.argument(call),
        }
    }

    /// What only `Fn::Sub` would look at.
    fn literal(&mut self, node: Node<'t>) {
        let (template, is_ours) = (self.template, self.is_ours);
        calls::literal(self.reader, node, |name| {
            is_ours && (template.parameters.contains_key(name) || template.resource(name).is_some())
        });
    }

    /// What stands within a call.
    fn argument(&mut self, call: Function<'t>) {
        match call.name {
            // Its text has been looked at.
            "Sub" => call.argument.items().skip(1).for_each(|own| self.below(own)),
            "If" => self.choice(call.argument),
            // The tag is done with.
            _ if call.is_short() => self.below(call.argument),
            _ => self.node(call.argument),
        }
    }

    /// What stands below an `Fn::If` counts only sometimes.
    fn choice(&mut self, argument: Node<'t>) {
        let outside = std::mem::replace(&mut self.is_always, false);
        self.below(argument);
        self.is_always = outside;
    }

    fn below(&mut self, node: Node<'t>) {
        node.items().for_each(|item| self.node(item));
        for entry in node.entries() {
            let is_ours = self.is_ours;
            self.is_ours &= entry.key.text().is_none_or(|key| !OF_SHELLS.contains(&key));
            self.node(entry.value);
            self.is_ours = is_ours;
        }
    }

    pub(super) fn call(&mut self, call: Function<'t>) {
        let argument = call.argument;
        calls::check(self.reader, call);
        match call.name {
            "Ref" => {
                let Some(name) = argument.text() else { return };
                if !self.is_referable(name) {
                    self.unresolved(name, argument.span(), None);
                } else if let Some(resource) = self.template.resource(name) {
                    self.sometimes(resource, argument.span());
                }
            }
            "GetAtt" => {
                let Some((name, node)) = attribute_of(argument) else { return };
                let Some(resource) = self.template.resource(name) else {
                    return self.undefined_attribute(name, node.span());
                };
                self.sometimes(resource, head(node.source(), node.span()));
                if let Some((attribute, span)) = attributes::named(argument) {
                    attributes::check(self.reader, resource, &attribute, span);
                }
            }
            "Sub" => self.substitution(argument),
            "If" => {
                let first = argument.items().next().filter(|node| function(*node).is_none());
                if let Some(node) = first {
                    self.condition(node);
                }
            }
            "FindInMap" => {
                let mut items = argument.items();
                let Some(map) = items.next().filter(|node| function(*node).is_none()) else { return };
                let Some(name) = map.text() else { return };
                match self.template.mappings.get(name) {
                    None => {
                        let words = format!(
                            "Template error: mapping named '{name}' is not present in the 'Mappings' section of template."
                        );
                        let known = self.template.mappings.keys().copied();
                        self.missing(("mapping", name), map, known, Some(words));
                    }
                    Some(mapping) => self.keys(argument, name, *mapping),
                }
            }
            _ => {}
        }
    }

    /// The keys of an `Fn::FindInMap`, as far as they are written.
    fn keys(&mut self, argument: Node<'t>, name: &str, mapping: Node<'t>) {
        let written = |node: Option<Node<'t>>| {
            let node = node.filter(|node| function(*node).is_none())?;
            Some((node, node.text()?))
        };
        let mut items = argument.items().skip(1);
        let (first, second) = (items.next(), items.next());
        if items.next().is_some()
            || mapping.entries().any(|entry| entry.key.text().is_some_and(|key| key.starts_with("Fn::")))
        {
            // With a default, nothing has to be there; a macro may put it there.
            return;
        }
        let first = first.filter(|_| mapping.kind() == Kind::Mapping);
        let maps: Vec<_> = match (first, written(first)) {
            (_, Some((key, text))) => {
                let Some(map) = mapping.get(text) else {
                    let known = mapping.entries().filter_map(|entry| entry.key.text());
                    return self.no_key(name, (text, key), known);
                };
                vec![map]
            }
            // Whichever it is, the second key has to be in one of them.
            (Some(_), None) => mapping.entries().map(|entry| entry.value).collect(),
            (None, None) => return,
        };
        let Some((key, text)) = written(second) else { return };
        if maps.iter().all(|map| map.kind() == Kind::Mapping && map.get(text).is_none()) && !maps.is_empty() {
            let known = maps.iter().flat_map(|map| map.entries()).filter_map(|entry| entry.key.text());
            self.no_key(name, (text, key), known);
        }
    }

    fn no_key(&mut self, mapping: &str, (text, key): (&str, Node<'t>), known: impl Iterator<Item = &'t str>) {
        let message = format!("the mapping `{mapping}` has no key `{text}`");
        let finding = self.reader.error(CODE, message, key.span(), "no such key");
        let finding = match closest(text, known) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding,
        };
        self.reader.push(finding.aws(format!("Template error: Unable to get mapping for {mapping}")));
    }

    fn is_referable(&self, name: &str) -> bool {
        PSEUDO_PARAMETERS.contains(&name)
            || self.template.parameters.contains_key(name)
            || self.template.resource(name).is_some()
    }

    fn substitution(&mut self, argument: Node<'t>) {
        let Some(Substitution { node, text, own }) = Substitution::of(argument) else { return };
        let mut map = None;
        if let Some((at, _)) = text.rmatch_indices("${").next().filter(|(at, _)| !text[*at..].contains('}')) {
            let map = map.get_or_insert_with(|| TextMap::of(node));
            let place = |at: usize| u32::try_from(at).unwrap_or_default();
            let span = map.span(Span::new(place(at), place(at + 2)));
            let finding = self.reader.warning(CODE, "this `${` is never closed", span, "stays as it is");
            self.reader.push(finding.help("write ${Name}"));
        }
        let before = self.reader.count();
        for (part, range) in sub_parts(text) {
            let SubPart::Variable(name) = part else { continue };
            // Of a hostile text enough is told.
            if self.reader.count() - before > MOST_OF_A_TEXT {
                break;
            }
            if name.is_empty() || own.contains_key(name) {
                continue;
            }
            let resource =
                name.split_once('.').map(|(id, attribute)| (self.template.resource(id), attribute));
            let is_there =
                resource.map_or_else(|| self.is_referable(name), |(resource, _)| resource.is_some());
            let map = map.get_or_insert_with(|| TextMap::of(node));
            let (start, end) = (u32::try_from(range.start), u32::try_from(range.end));
            let span = map.span(Span::new(start.unwrap_or_default(), end.unwrap_or_default()));
            let id = name.split('.').next().unwrap_or(name);
            if self.block == CONDITIONS && self.template.resource(id).is_some() {
                self.too_early(id, span);
                continue;
            }
            if let Some((Some(resource), attribute)) = resource {
                attributes::check(self.reader, resource, attribute, span);
            }
            if is_there {
                if let Some(resource) = self.template.resource(id) {
                    self.sometimes(resource, span);
                }
                continue;
            }
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_.:".contains(c);
            let literal = format!("${{!{name}}}");
            if name.chars().all(is_name) {
                let other = if own.is_empty() {
                    format!("write `{literal}` when the shell is to read it")
                } else {
                    let names: Vec<_> = own.keys().copied().take(MOST_NAMES).collect();
                    format!("the variables of this text are {}", names.join(", "))
                };
                self.unresolved(id, span, Some(other));
            } else {
                let message = format!("`${{{name}}}` is no name that `Fn::Sub` can put a value for");
                let finding =
                    self.reader.error(CODE, message, span, "CloudFormation reads this, not the shell");
                self.reader.push(finding.help(format!("write `{literal}` to keep it as it is")).aws(
                    "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, \
                     underscores, periods, and colons",
                ));
            }
        }
    }

    /// A resource that is there under a condition, asked for where the condition does not matter.
    fn sometimes(&mut self, resource: &Resource<'t>, span: Span) {
        let condition = resource.node.get("Condition").and_then(Node::text);
        let Some(condition) = condition.filter(|_| self.is_always) else { return };
        let id = resource.id.text().unwrap_or_default();
        let message = format!("`{id}` is there only when `{condition}` holds; this asks for it always");
        let finding = self.reader.warning(CODE, message, span, "refused when the condition does not hold");
        self.reader.push(
            finding
                .help(format!("write `!If [{condition}, …, !Ref AWS::NoValue]`, or put `Condition: {condition}` here too"))
                .aws(self.words(id)),
        );
    }

    /// What CloudFormation says of a name that leads nowhere.
    pub(super) fn words(&self, name: &str) -> String {
        match self.block {
            "Conditions" => format!(
                "Template format error: Unresolved dependencies [{name}]. Cannot reference resources in the Conditions \
                 block of the template"
            ),
            block => format!(
                "Template format error: Unresolved resource dependencies [{name}] in the {block} block of the template"
            ),
        }
    }

    fn unresolved(&mut self, name: &str, span: Span, other: Option<String>) {
        if self.has_lost(&["Parameters", "Resources"]) {
            return;
        }
        let message = format!("there is neither a parameter nor a resource `{name}`");
        let finding = self.reader.error(CODE, message, head(self.template.tree.source(), span), "unknown");
        let known = self.template.parameters.keys().chain(self.template.ids.keys()).copied();
        let known = known.chain(PSEUDO_PARAMETERS);
        let help = closest(name, known).map(|meant| format!("write `{meant}`")).or(other);
        let finding = help.into_iter().fold(finding, Finding::help);
        self.reader.push(finding.aws(self.words(name)));
    }

    /// Whether the names of one of these sections are not known, which is told.
    fn has_lost(&self, sections: &[&str]) -> bool {
        self.lost.iter().any(|lost| sections.contains(lost))
    }

    fn undefined_attribute(&mut self, name: &str, span: Span) {
        if self.has_lost(&["Resources"]) {
            return;
        }
        let finding = self.reader.error(CODE, format!("there is no resource `{name}`"), span, "unknown");
        let finding = match closest(name, self.template.ids.keys().copied()) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding,
        };
        self.reader.push(
            finding
                .aws(format!("Template error: instance of Fn::GetAtt references undefined resource {name}")),
        );
    }

    fn depends_on(&mut self, node: Node<'t>) {
        let Some(name) = node.text() else { return };
        if self.template.resource(name).is_none() {
            let known = self.template.ids.keys().copied();
            let aws = self.words(name);
            self.missing(("resource", name), node, known, Some(aws));
        }
    }

    pub(super) fn condition(&mut self, node: Node<'t>) {
        let Some(name) = node.text() else { return };
        if !self.template.conditions.contains_key(name) {
            let known = self.template.conditions.keys().copied();
            let aws = format!(
                "Template format error: Unresolved condition dependency {name} in the {} block of the template",
                self.block
            );
            self.missing(("condition", name), node, known, Some(aws));
        }
    }

    fn missing(
        &mut self,
        (what, name): (&str, &str),
        node: Node<'t>,
        known: impl Iterator<Item = &'t str>,
        aws: Option<String>,
    ) {
        let section = match what {
            "mapping" => "Mappings",
            "condition" => "Conditions",
            _ => "Resources",
        };
        if self.has_lost(&[section]) {
            return;
        }
        let finding = self.reader.error(CODE, format!("there is no {what} `{name}`"), node.span(), "unknown");
        let finding = match closest(name, known) {
            Some(meant) => finding.help(format!("write `{meant}`")),
            None => finding,
        };
        let finding = aws.into_iter().fold(finding, Finding::aws);
        self.reader.push(finding);
    }
}

/// The nearest of known names, the same one each time whatever their order.
fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // More names than `nearest` looks at.
    let mut known: Vec<_> = known.take(101).collect();
    known.sort_unstable();
    nearest(name, &known)
}
