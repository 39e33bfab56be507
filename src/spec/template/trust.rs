//! Roles of a template that do not trust the service that is to take them on (codebuild.md 9; codepipeline.md 1.6).
//!
//! Owns: what the role of a project, a pipeline or a deployment group says of who may take it on, where all of that is written in the
//! template. Leaves to `attributes`: names and ARNs.

use super::evaluate::Evaluation;
use super::function::{attribute_of, function};
use super::{Resource, Template};
use crate::spec::reading::{Reader, head};
use crate::spec::spelling::nearest;
use crate::syntax::{Kind, Node};

const CODE: &str = "template-reference";

/// Who a statement lets take a role on.
struct Statement<'t> {
    services: Vec<(String, Node<'t>)>,
    /// Whether it lets them do that.
    is_right: bool,
    actions: Vec<(String, Node<'t>)>,
}

/// Checks the role of a resource.
pub(super) fn check<'t>(
    reader: &mut Reader<'t>,
    template: &Template<'t>,
    evaluation: &Evaluation<'_, 't>,
    resource: &Resource<'t>,
) {
    let (key, service) = match resource.kind {
        "AWS::CodeBuild::Project" => ("ServiceRole", "codebuild"),
        "AWS::CodePipeline::Pipeline" => ("RoleArn", "codepipeline"),
        "AWS::CodeDeploy::DeploymentGroup" => ("ServiceRoleArn", "codedeploy"),
        _ => return,
    };
    let Some(node) = resource.properties.and_then(|properties| properties.value.get(key)) else { return };
    let Some((name, role)) = role(template, node) else { return };
    let Some(statements) = statements(evaluation, role) else { return };
    let is_it = |text: &str| trusts(text, service);
    if statements
        .iter()
        .any(|statement| statement.is_right && statement.services.iter().any(|(text, _)| is_it(text)))
    {
        return;
    }
    let host = format!("{service}.amazonaws.com");
    let mut all = statements.iter().flat_map(|statement| &statement.services);
    // Of a role that others take on it is told where it is used.
    let own = statements.iter().find(|statement| statement.services.iter().any(|(text, _)| is_it(text)));
    let slip = all.find(|(text, _)| nearest(text, &[&host]).is_some() && !is_other(text));
    let finding = if let Some(statement) = own {
        let Some((written, at)) = statement.actions.first() else { return };
        let message = format!("the role `{name}` lets {host} do `{written}`, and not take it on");
        let finding = reader.error(CODE, message, head(at.source(), at.span()), "not sts:AssumeRole");
        finding.help("write sts:AssumeRole")
    } else if let Some((written, at)) = slip {
        let message = format!("the role `{name}` trusts {written}, which is no service");
        let finding = reader.error(CODE, message, head(at.source(), at.span()), "no service");
        finding.help(format!("write {host}"))
    } else {
        let trusted: Vec<_> = statements
            .iter()
            .flat_map(|statement| &statement.services)
            .map(|(text, _)| text.as_str())
            .collect();
        let others = if trusted.is_empty() { "no service".to_owned() } else { trusted.join(", ") };
        let message = format!("the role `{name}` trusts {others}, and not {host}");
        let finding = reader.error(CODE, message, head(node.source(), node.span()), "cannot be taken on");
        finding.help(format!("add {host} to the principals of `{name}`"))
    };
    reader.push(match service {
        "codepipeline" => finding.aws("CodePipeline is not authorized to perform AssumeRole on role"),
        "codebuild" => finding.aws("CodeBuild is not authorized to perform: sts:AssumeRole"),
        _ => finding,
    });
}

/// The role of the template that a property names.
fn role<'a, 't>(template: &'a Template<'t>, node: Node<'t>) -> Option<(&'t str, &'a Resource<'t>)> {
    let call = function(node)?;
    let name = match call.name {
        "Ref" => call.argument.text()?,
        "GetAtt" => attribute_of(call.argument)?.0,
        "Sub" => call.argument.text()?.strip_prefix("${")?.strip_suffix(".Arn}")?,
        _ => return None,
    };
    let role = template.resource(name).filter(|resource| resource.kind == "AWS::IAM::Role")?;
    // A role that there may be twice, each time under another condition, is not looked at.
    role.node.get("Condition").is_none().then_some((name, role))
}

/// Whether a principal is a service, in whatever region or partition.
fn trusts(principal: &str, service: &str) -> bool {
    let Some(rest) = principal.strip_prefix(service).and_then(|rest| rest.strip_prefix('.')) else {
        return false;
    };
    let rest = rest.strip_suffix(".cn").unwrap_or(rest);
    rest == "amazonaws.com" || rest.strip_suffix(".amazonaws.com").is_some_and(|region| !region.contains('.'))
}

/// Whether a principal is another service of these.
fn is_other(principal: &str) -> bool {
    ["codebuild", "codepipeline", "codedeploy"].iter().any(|service| trusts(principal, service))
}

/// The statements that allow something, when all of them are known.
fn statements<'t>(evaluation: &Evaluation<'_, 't>, role: &Resource<'t>) -> Option<Vec<Statement<'t>>> {
    let document = role.properties?.value.get("AssumeRolePolicyDocument")?;
    let listed = plain(document)?.get("Statement").or_else(|| document.get("statement"))?;
    let mut statements = Vec::new();
    for statement in one_or_many(listed)? {
        let statement = plain(statement).filter(|node| node.kind() == Kind::Mapping)?;
        let known = ["Sid", "Effect", "Principal", "Action", "Condition"];
        if !statement.entries().all(|entry| entry.key.text().is_some_and(|key| known.contains(&key))) {
            return None;
        }
        let effect = evaluation.text(statement.get("Effect")?)?;
        if &*effect != "Allow" {
            return None;
        }
        let principal = plain(statement.get("Principal")?)?;
        if principal.kind() != Kind::Mapping {
            return None;
        }
        let mut services = Vec::new();
        for entry in principal.entries() {
            match entry.key.text()? {
                "Service" => services.extend(texts(evaluation, entry.value)?),
                // `*` may be anybody.
                "AWS" => {
                    let all = texts(evaluation, entry.value)?;
                    all.iter().all(|(text, _)| text != "*").then_some(())?;
                }
                "Federated" => {}
                _ => return None,
            }
        }
        let actions = texts(evaluation, statement.get("Action")?)?;
        let is_right = |action: &str| {
            let action = action.to_ascii_lowercase();
            action == "sts:assumerole" || action.contains('*')
        };
        let is_right = actions.iter().any(|(action, _)| is_right(action));
        statements.push(Statement { services, is_right, actions });
    }
    (!statements.is_empty()).then_some(statements)
}

/// A node that is no call of a function.
fn plain(node: Node<'_>) -> Option<Node<'_>> {
    function(node).is_none().then_some(node)
}

fn one_or_many(node: Node<'_>) -> Option<Vec<Node<'_>>> {
    let node = plain(node)?;
    Some(match node.kind() {
        Kind::Sequence => node.items().collect(),
        Kind::Scalar | Kind::Mapping => vec![node],
    })
}

/// The texts of a list, or the one text, each with its place.
fn texts<'t>(evaluation: &Evaluation<'_, 't>, node: Node<'t>) -> Option<Vec<(String, Node<'t>)>> {
    if function(node).is_some() {
        return Some(vec![(evaluation.text(node)?, node)]);
    }
    let items = one_or_many(node)?;
    items.into_iter().map(|item| Some((evaluation.text(item)?, item))).collect()
}
