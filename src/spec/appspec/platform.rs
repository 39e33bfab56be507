//! Which platform an appspec is for (codedeploy.md 2).
//!
//! Owns: telling the platforms apart by what is in the file, and their lifecycle events. A file does not name its platform;
//! the deployment group has one, and the file must be of that.

use super::section::find;
use crate::spec::spelling::nearest;
use crate::syntax::{Kind, Node, Tree};

/// A compute platform of CodeDeploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// EC2 and machines on the premises.
    Server,
    /// Functions.
    Lambda,
    /// Services of containers.
    Ecs,
}

/// The types of resources that a file can name.
pub(super) const TYPES: [&str; 2] = ["AWS::ECS::Service", "AWS::Lambda::Function"];

impl Platform {
    /// The name in CodeDeploy's API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Lambda => "Lambda",
            Self::Ecs => "ECS",
        }
    }

    /// The events that can have hooks (codedeploy.md 6). Those of a load balancer may be named by a file whose group has
    /// none; they are then not reached.
    pub fn events(self) -> &'static [&'static str] {
        match self {
            Self::Server => &[
                "BeforeBlockTraffic",
                "AfterBlockTraffic",
                "ApplicationStop",
                "BeforeInstall",
                "AfterInstall",
                "ApplicationStart",
                "ValidateService",
                "BeforeAllowTraffic",
                "AfterAllowTraffic",
            ],
            Self::Lambda => &["BeforeAllowTraffic", "AfterAllowTraffic"],
            Self::Ecs => &[
                "BeforeInstall",
                "AfterInstall",
                "AfterAllowTestTraffic",
                "BeforeAllowTraffic",
                "AfterAllowTraffic",
            ],
        }
    }

    /// The events that belong to CodeDeploy alone.
    pub(super) fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Server => &["Start", "DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "End"],
            Self::Lambda => &["Start", "AllowTraffic", "End"],
            Self::Ecs => &["Start", "Install", "AllowTestTraffic", "AllowTraffic", "End"],
        }
    }

    /// That of a type of resources.
    pub(super) fn of_type(text: &str) -> Option<Self> {
        match text {
            "AWS::ECS::Service" => Some(Self::Ecs),
            "AWS::Lambda::Function" => Some(Self::Lambda),
            _ => None,
        }
    }
}

/// The platform of a file; none for a file of Lambda or ECS that does not say which.
pub fn platform(tree: &Tree) -> Option<Platform> {
    let root = tree.root();
    if is_server(root) { Some(Platform::Server) } else { by_resources(root) }
}

/// The task definition that a file of ECS deploys.
pub fn task_definition(tree: &Tree) -> Option<Node<'_>> {
    Some(find(properties(tree)?, "TaskDefinition")?.value)
}

/// The container that gets the traffic in an appspec of ECS.
pub fn container(tree: &Tree) -> Option<Node<'_>> {
    Some(find(find(properties(tree)?, "LoadBalancerInfo")?.value, "ContainerName")?.value)
}

/// The properties of the first resource.
fn properties(tree: &Tree) -> Option<Node<'_>> {
    let resource = find(tree.root(), "Resources")?.value.items().next()?.entries().next()?.value;
    Some(find(resource, "Properties")?.value)
}

/// Whether a file is for servers: only the others have resources, and a list of hooks.
pub(super) fn is_server(root: Node<'_>) -> bool {
    if find(root, "Resources").is_some() {
        return false;
    }
    let server = ["os", "files", "permissions"].iter().any(|key| root.get(key).is_some());
    let has_list = find(root, "Hooks").is_some_and(|hooks| hooks.value.kind() == Kind::Sequence);
    server || !(has_list || misspelt(root))
}

/// Whether `Resources` is there under another name.
fn misspelt(root: Node<'_>) -> bool {
    let mut lists = root.entries().filter(|entry| entry.value.kind() == Kind::Sequence);
    lists.any(|entry| entry.key.text().is_some_and(|key| nearest(key, &["Resources"]).is_some()))
}

/// The platform that the type of a resource says, or its properties do.
fn by_resources(root: Node<'_>) -> Option<Platform> {
    let resources = find(root, "Resources")?.value;
    let itself = (resources.kind() == Kind::Mapping).then_some(resources);
    // In a file that is not indented well the type stands beside the resource.
    let around = || resources.items().chain(itself);
    let inside = around().flat_map(Node::entries).map(|entry| entry.value);
    let all: Vec<_> = around().chain(inside).take(50).collect();
    let by_type = all.iter().find_map(|node| Platform::of_type(find(*node, "Type")?.value.text()?));
    let by_properties = all.iter().find_map(|node| find(*node, "Properties")).and_then(|properties| {
        let has = |key: &str| find(properties.value, key).is_some();
        match () {
            () if has("TaskDefinition") || has("LoadBalancerInfo") => Some(Platform::Ecs),
            () if has("TargetVersion") || has("CurrentVersion") => Some(Platform::Lambda),
            () => None,
        }
    });
    match (by_type, by_properties) {
        // One of them is wrong, which is told; nothing rests on it.
        (Some(one), Some(other)) if one != other => None,
        (by_type, by_properties) => by_type.or(by_properties),
    }
}
