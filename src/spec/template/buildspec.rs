//! Buildspecs in and beside a template.
//!
//! Owns: what each project's `Source.BuildSpec` and each action's `BuildspecOverride` are, put together from the texts they
//! are written in, with the place of every part. Leaves to `check`: checking them.

use super::Template;
use super::derived::{Derived, DerivedKind};
use super::function::{SubPart, function, sub_parts};
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::{Kind, Node, UNKNOWN};

/// What stands for a pseudo parameter in a text that is put together: a region, an account and their like are a word
/// without anything that a shell would take for more.
pub const PSEUDO_PARAMETER: &str = "\u{f8ff}word\u{f8ff}";

/// Whether a name is that of a pseudo parameter with such a value.
fn is_word(name: &str) -> bool {
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix"].contains(&name)
}

/// A text with the places of its parts.
#[derive(Debug, Clone)]
pub struct Assembled<'t> {
    /// The text. [`UNKNOWN`] stands for what is not known.
    pub text: String,
    /// Its parts, in order; together they are the text.
    pub pieces: Vec<Piece<'t>>,
}

/// A part of such a text.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'t> {
    /// Where it begins in the text.
    pub at: usize,
    /// Its length there.
    pub length: usize,
    /// The scalar it is written in.
    pub node: Node<'t>,
    /// Where it begins in the text of that scalar.
    pub offset: usize,
}

/// What a template says about the buildspec of a build.
#[derive(Debug, Clone)]
pub struct BuildspecSetting<'t> {
    /// The value.
    pub node: Node<'t>,
    /// Its text, as far as it is known.
    pub text: Assembled<'t>,
    /// `Source.Type` of the project, when it is known.
    pub source: Option<&'t str>,
    /// The project that builds by it.
    pub project: Option<SettingOf<'t>>,
}

/// What stands for the project that a setting belongs to.
#[derive(Debug, Clone, Copy)]
pub enum SettingOf<'t> {
    /// It is the project's own; its logical id.
    Project(&'t str),
    /// An action's, which names the project so.
    Action(Node<'t>),
}

impl SettingOf<'_> {
    /// Whether it is this project of the same template.
    pub fn is(&self, derived: &Derived) -> bool {
        if derived.kind != DerivedKind::Project {
            return false;
        }
        match self {
            Self::Project(id) => *id == derived.id,
            Self::Action(name) => {
                if let Some(call) = function(*name) {
                    return call.name == "Ref" && call.argument.text() == Some(&*derived.id);
                }
                let own = derived.tree.root().get("name").filter(|own| !own.is_unknown());
                name.text().is_some_and(|name| own.and_then(Node::text) == Some(name))
            }
        }
    }
}

impl<'t> Assembled<'t> {
    /// The text of one scalar.
    pub fn of_scalar(node: Node<'t>) -> Self {
        let mut assembled = Self { text: String::new(), pieces: Vec::new() };
        let text = node.text().unwrap_or_default();
        assembled.add(node, 0, text);
        assembled
    }

    fn add(&mut self, node: Node<'t>, offset: usize, text: &str) {
        self.pieces.push(Piece { at: self.text.len(), length: text.len(), node, offset });
        self.text.push_str(text);
    }

    /// The text of a node that may call `Fn::Sub` or `Fn::Join`; none when it is no text, or nothing is known of it.
    fn of(node: Node<'t>) -> Option<Self> {
        let mut assembled = Self { text: String::new(), pieces: Vec::new() };
        assembled.extend(node)?;
        Some(assembled)
    }

    fn extend(&mut self, node: Node<'t>) -> Option<()> {
        let Some(call) = function(node) else {
            self.add(node, 0, node.text()?);
            return Some(());
        };
        match call.name {
            "Sub" => {
                let text = match call.argument.kind() {
                    Kind::Scalar => call.argument,
                    Kind::Sequence => call.argument.items().next()?,
                    Kind::Mapping => return None,
                };
                for (part, range) in sub_parts(text.text()?) {
                    match part {
                        SubPart::Text(written) => self.add(text, range.start, written),
                        SubPart::Literal(name) => {
                            self.add(text, range.start, "${");
                            // Behind the `!`.
                            self.add(text, range.end - 1 - name.len(), name);
                            self.add(text, range.end - 1, "}");
                        }
                        SubPart::Variable(name) if is_word(name) => {
                            self.add(text, range.start, PSEUDO_PARAMETER);
                        }
                        SubPart::Variable(_) => self.add(text, range.start, UNKNOWN.encode_utf8(&mut [0; 4])),
                    }
                }
                Some(())
            }
            "Ref" if is_word(call.argument.text()?) => {
                self.add(call.argument, 0, PSEUDO_PARAMETER);
                Some(())
            }
            "Join" => {
                let by = call.argument.items().next()?;
                let separator = by.text().or_else(|| by.scalar().map(|scalar| scalar.text))?;
                let items = call.argument.items().nth(1)?;
                (items.kind() == Kind::Sequence).then_some(())?;
                for (index, item) in items.items().enumerate() {
                    if index > 0 {
                        self.add(by, 0, separator);
                    }
                    let (length, pieces) = (self.text.len(), self.pieces.len());
                    if function(item).is_none() {
                        self.add(item, 0, item.scalar()?.text);
                    } else if self.extend(item).is_none() {
                        self.text.truncate(length);
                        self.pieces.truncate(pieces);
                        self.add(item, 0, UNKNOWN.encode_utf8(&mut [0; 4]));
                    }
                }
                Some(())
            }
            _ => None,
        }
    }

    /// What it says, as the setting of a project.
    pub fn setting(&self) -> BuildspecFile {
        BuildspecFile::from_setting(Some(&self.text))
    }

    /// Whether whole lines of it are not known: then what seems not to be there may stand in them.
    pub fn has_unknown_lines(&self) -> bool {
        self.text.lines().any(|line| {
            let line = line.trim();
            !line.is_empty() && line.chars().all(|c| c == UNKNOWN)
        })
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        !self.text.contains(UNKNOWN)
    }
}

impl<'t> Template<'t> {
    /// The buildspecs that projects and actions name or hold.
    pub fn buildspecs(&self) -> Vec<BuildspecSetting<'t>> {
        let mut all = Vec::new();
        for resource in self.resources() {
            let Some(properties) = resource.properties else { continue };
            match resource.kind {
                "AWS::CodeBuild::Project" => {
                    let Some(source) = properties.value.get("Source") else { continue };
                    let kind = source.get("Type").filter(|node| function(*node).is_none());
                    let setting = source.get("BuildSpec");
                    all.extend(setting.and_then(|node| {
                        let text = Assembled::of(node)?;
                        let source = kind.and_then(Node::text);
                        let project = resource.id.text().map(SettingOf::Project);
                        Some(BuildspecSetting { node, text, source, project })
                    }));
                }
                "AWS::CodePipeline::Pipeline" => {
                    let stages = properties.value.get("Stages").into_iter().flat_map(Node::items);
                    let actions = stages.filter_map(|stage| stage.get("Actions")).flat_map(Node::items);
                    all.extend(actions.filter_map(|action| {
                        let configuration = action.get("Configuration")?;
                        let node = configuration.get("BuildspecOverride")?;
                        let text = Assembled::of(node)?;
                        let project = configuration.get("ProjectName").map(SettingOf::Action);
                        Some(BuildspecSetting { node, text, source: None, project })
                    }));
                }
                _ => {}
            }
        }
        all
    }
}
