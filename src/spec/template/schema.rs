//! The properties of our resource types, as the CloudFormation template reference has them.
//!
//! Owns: names, types, which are required, and the name each has in the service's own API, by which the readers of
//! pipelines, projects and deployment groups know it. The tables are in `schema/`.

mod codebuild;
mod codedeploy;
mod codepipeline;

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// A text; a number or a flag counts as one.
    Text,
    /// A text with something in it.
    Filled,
    /// A whole number, also in quotes.
    Number,
    /// `true` or `false`, also in quotes.
    Flag,
    /// A list.
    List(&'static Of),
    /// A mapping of known properties.
    Object(Shape),
    /// A mapping of any names.
    Map,
    /// A list of mappings that the API has as one mapping: from the first property to the second.
    Pairs(Shape, &'static str, &'static str),
    /// A list of mappings of one property that the API has as a list of that property's values.
    Wrapped(Shape, &'static str),
    /// Not looked into.
    Any,
}

/// A property.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) of: Of,
    pub(super) is_required: bool,
    /// The name in the API where it is not the same one beginning with a small letter; empty when the API has it elsewhere.
    api: Option<&'static str>,
}

/// The properties of a mapping.
pub(super) type Shape = &'static [Field];

/// A property that may be left out.
const fn may(name: &'static str, of: Of) -> Field {
    Field { name, of, is_required: false, api: None }
}

/// A property that must be there.
const fn must(name: &'static str, of: Of) -> Field {
    Field { name, of, is_required: true, api: None }
}

impl Field {
    /// The same with another name in the API.
    const fn called(self, api: &'static str) -> Self {
        Self { api: Some(api), ..self }
    }

    /// The name in the API; none when the API has it elsewhere.
    pub(super) fn api_name(&self) -> Option<String> {
        match self.api {
            Some("") => None,
            Some(name) => Some(name.to_owned()),
            None => {
                let mut letters = self.name.chars();
                let first = letters.next()?.to_ascii_lowercase();
                Some(std::iter::once(first).chain(letters).collect())
            }
        }
    }
}

const TAG: Shape = &[must("Key", Of::Text), must("Value", Of::Text)];
const TAGS: Field = may("Tags", Of::List(&Of::Object(TAG)));

/// The properties of a resource type; none for one whose properties are not looked at.
pub(super) fn of(kind: &str) -> Option<Shape> {
    Some(match kind {
        "AWS::CodeBuild::Project" => codebuild::PROJECT,
        "AWS::CodeBuild::ReportGroup" => codebuild::REPORT_GROUP,
        "AWS::CodeBuild::SourceCredential" => codebuild::SOURCE_CREDENTIAL,
        "AWS::CodePipeline::Pipeline" => codepipeline::PIPELINE,
        "AWS::CodePipeline::Webhook" => codepipeline::WEBHOOK,
        "AWS::CodeDeploy::Application" => codedeploy::APPLICATION,
        "AWS::CodeDeploy::DeploymentConfig" => codedeploy::CONFIG,
        "AWS::CodeDeploy::DeploymentGroup" => codedeploy::GROUP,
        _ => return None,
    })
}

/// The resource types of the three services.
pub(super) const TYPES: [&str; 10] = [
    "AWS::CodeBuild::Fleet",
    "AWS::CodeBuild::Project",
    "AWS::CodeBuild::ReportGroup",
    "AWS::CodeBuild::SourceCredential",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::CustomActionType",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodePipeline::Webhook",
];

/// Every property below a shape, by its name in the API.
pub(super) fn names(shape: Shape, into: &mut std::collections::HashMap<String, &'static str>) {
    for field in shape {
        if let Some(api) = field.api_name() {
            into.insert(api, field.name);
        }
        let mut of = field.of;
        while let Of::List(inner) = of {
            of = *inner;
        }
        match of {
            Of::Object(shape) | Of::Pairs(shape, ..) | Of::Wrapped(shape, _) => names(shape, into),
            Of::Text | Of::Filled | Of::Number | Of::Flag | Of::List(_) | Of::Map | Of::Any => {}
        }
    }
}
