//! The keys of an appspec (codedeploy.md 2 to 5).

use super::json::{Json, object};
use super::write::{Definitions, constant, document as whole, required_keys};
use super::{ANY, Section, Value, key, section};

use Value::{Flag, List, Made, Map, Said, Single, Word};

const TEXTS: Value = Value::ListOrOne(&Single, 0);

/// The top level of the Server platform (2).
pub(in crate::spec) const SERVER: Section = section!(
    "appspec",
    &[
        key("version", Made(version), "The version of the format: the number 0.0, without quotes.")
            .required(),
        key("os", Word(&["linux", "windows"]), "The system of the instances.").required(),
        key("files", List(&Value::Section(&FILE), 0, ANY), "What of the bundle is copied, and where to."),
        key(
            "file_exists_behavior",
            Word(&["DISALLOW", "OVERWRITE", "RETAIN"]),
            "What happens to a file that is at its destination already. Without it: what the deployment says, else DISALLOW, which fails."
        ),
        key(
            "permissions",
            List(&Value::Section(&PERMISSION), 0, ANY),
            "Owners, modes and access lists of what was copied; Linux only."
        ),
        key("hooks", Value::Section(&HOOKS), "Scripts of the bundle, by lifecycle event."),
    ]
);

/// The agent compares with the number.
fn version() -> Json {
    object([("enum", Json::List(vec![Json::Bare("0.0".to_owned())]))])
}

/// One of `files` (3.1).
pub(in crate::spec) const FILE: Section = section!(
    "file",
    &[
        key("source", Said, "A file or folder of the bundle; `/` is all of it.").required(),
        key("destination", Said, "The folder it is copied to, as a full path.").required(),
    ]
);

/// One of `permissions` (3.2).
pub(in crate::spec) const PERMISSION: Section = section!(
    "permission",
    &[
        key("object", Said, "A file or folder at its destination, as a full path.").required(),
        key("pattern", Single, "Which files below the object are meant.").default("**"),
        key("except", TEXTS, "Which of them are not."),
        key("owner", Single, "The user they belong to."),
        key("group", Single, "The group they belong to."),
        key("mode", Single, "The mode, in quotes: one to four octal digits."),
        key("acls", TEXTS, "Entries of the access list, such as `u:web:rw`."),
        key("context", Value::Section(&CONTEXT), "The SELinux context."),
        key(
            "type",
            Value::Either(&[List(&Value::OrNothing(&KIND), 0, ANY), KIND]),
            "Whether files, directories or both are meant; both unless written."
        ),
    ]
);

const KIND: Value = Word(&["file", "directory"]);

/// `context` of a permission.
pub(in crate::spec) const CONTEXT: Section = section!(
    "context",
    &[
        key("name", Single, "The SELinux user. The guide calls it `user`, which the agent does not read."),
        key("type", Said, "The SELinux type.").required(),
        key("range", Single, "Levels and categories: `s0-s3:c0.c100,c200`."),
    ]
);

const SCRIPTS: Value = List(&Value::Section(&SCRIPT), 0, ANY);

/// `hooks` of the Server platform (3.3, 6).
pub(in crate::spec) const HOOKS: Section = section!(
    "hooks",
    &[
        key("BeforeBlockTraffic", SCRIPTS, "Before the load balancer takes the instance out."),
        key("AfterBlockTraffic", SCRIPTS, "After the load balancer took the instance out."),
        key(
            "ApplicationStop",
            SCRIPTS,
            "To stop what runs. The scripts of the last successful deployment are run, not these."
        ),
        key("BeforeInstall", SCRIPTS, "Before files are copied."),
        key("AfterInstall", SCRIPTS, "After files are copied: configuration, permissions."),
        key("ApplicationStart", SCRIPTS, "To start what was stopped."),
        key("ValidateService", SCRIPTS, "To see whether it works."),
        key("BeforeAllowTraffic", SCRIPTS, "Before the load balancer takes the instance in again."),
        key("AfterAllowTraffic", SCRIPTS, "After the load balancer took the instance in again."),
    ]
)
.closed();

/// A script of a hook (3.3).
pub(in crate::spec) const SCRIPT: Section = section!(
    "script",
    &[
        key("location", Said, "The script's path in the bundle.").required(),
        key(
            "timeout",
            Made(timeout),
            "Seconds that it may take; an hour unless written, and all scripts of an event together."
        )
        .default("3600"),
        key("runas", Single, "The user that runs it. Without it: root."),
        key("sudo", Flag, "Whether `runas` goes through sudo; the agent knows it, the guide does not.")
            .unproposed(),
    ]
);

/// The digits that it begins with.
fn timeout() -> Json {
    object([
        ("type", Json::texts(&["number", "string", "null"])),
        ("minimum", 1.into()),
        ("pattern", "^\\s*0*[1-9]".into()),
        ("patternErrorMessage", "Seconds: a whole number above zero".into()),
    ])
}

/// The top level of the Lambda and ECS platforms (4, 5).
pub(in crate::spec) const SERVICE: Section = section!(
    "service-appspec",
    &[
        key("version", Made(any_version), "The version of the format: 0.0.").required(),
        key(
            "Resources",
            List(&Map(&Value::Section(&RESOURCE), 1), 1, 1),
            "What is deployed: one function, or one service, under a name of yours."
        )
        .required(),
        key(
            "Hooks",
            List(&Value::Section(&FUNCTIONS), 0, ANY),
            "Lambda functions that judge the deployment, by lifecycle event."
        ),
    ]
)
.in_any_case();

/// Written as a text in JSON here and there.
fn any_version() -> Json {
    object([("enum", Json::List(vec![Json::Bare("0.0".to_owned()), "0.0".into()]))])
}

/// What is deployed.
pub(in crate::spec) const RESOURCE: Section = section!(
    "resource",
    &[
        key("Type", Word(&["AWS::Lambda::Function", "AWS::ECS::Service"]), "What kind of thing it is.")
            .required(),
        key("Properties", Value::Anything, "What is to be deployed of it.").required(),
    ]
)
.in_any_case()
.more(properties);

fn properties() -> Vec<Json> {
    let of = |kind: &str, section: &str| {
        let either = |name: &str| {
            let names = [name.to_owned(), name.to_ascii_lowercase()];
            names.map(|name| {
                object([
                    ("required", Json::texts(&[&name])),
                    ("properties", object([(name, constant(kind))])),
                ])
            })
        };
        let reference = super::write::reference(section);
        object([
            ("if", object([("anyOf", Json::List(either("Type").to_vec()))])),
            (
                "then",
                object([(
                    "properties",
                    object([("Properties", reference.clone()), ("properties", reference)]),
                )]),
            ),
        ])
    };
    vec![of("AWS::Lambda::Function", LAMBDA.name), of("AWS::ECS::Service", ECS.name)]
}

/// `Properties` of a function (4).
pub(in crate::spec) const LAMBDA: Section = section!(
    "lambda",
    &[
        key("Name", Said, "The function's name.").required(),
        key("Alias", Said, "The alias that traffic goes through.").required(),
        key("CurrentVersion", Said, "The version that has the traffic now.").required(),
        key("TargetVersion", Said, "The version that it goes to.").required(),
    ]
)
.in_any_case();

/// `Properties` of a service (5).
pub(in crate::spec) const ECS: Section = section!(
    "ecs",
    &[
        key(
            "TaskDefinition",
            Said,
            "The ARN of the task definition; `<TASK_DEFINITION>` where a pipeline fills it in."
        )
        .required(),
        key("LoadBalancerInfo", Value::Section(&LOAD_BALANCER), "The container that traffic goes to.")
            .required(),
        key("PlatformVersion", Single, "The version of Fargate.").default("LATEST"),
        key("NetworkConfiguration", Value::Section(&NETWORK), "Where tasks run."),
        key(
            "CapacityProviderStrategy",
            List(&Value::Section(&CAPACITY), 0, ANY),
            "Capacity providers, and how tasks are spread over them."
        ),
    ]
)
.in_any_case();

/// `LoadBalancerInfo`.
pub(in crate::spec) const LOAD_BALANCER: Section = section!(
    "load-balancer",
    &[
        key("ContainerName", Said, "A container of the task definition.").required(),
        key("ContainerPort", Said, "Its port, a number.").required(),
    ]
)
.in_any_case();

/// `NetworkConfiguration`.
pub(in crate::spec) const NETWORK: Section = section!(
    "network",
    &[key(
        "AwsvpcConfiguration",
        Value::Section(&AWSVPC),
        "Subnets, security groups, and whether tasks get a public address: all three or none.",
    )]
)
.in_any_case();

/// `AwsvpcConfiguration`.
pub(in crate::spec) const AWSVPC: Section = section!(
    "awsvpc",
    &[
        key("Subnets", TEXTS, "Ids of subnets."),
        key("SecurityGroups", TEXTS, "Ids of security groups."),
        key(
            "AssignPublicIp",
            Value::Proposed(&["ENABLED", "DISABLED"]),
            "Whether tasks get a public address."
        ),
    ]
)
.in_any_case();

/// One of `CapacityProviderStrategy`.
pub(in crate::spec) const CAPACITY: Section = section!(
    "capacity",
    &[
        key("CapacityProvider", Single, "The provider's name."),
        key("Base", Single, "Tasks that it runs at least; of one provider only."),
        key("Weight", Single, "Its share of the tasks."),
    ]
)
.in_any_case();

/// One of `Hooks` of the Lambda and ECS platforms.
pub(in crate::spec) const FUNCTIONS: Section = section!(
    "functions",
    &[
        key("BeforeInstall", Single, "Before the new tasks are made; ECS only."),
        key("AfterInstall", Single, "After the new tasks are made; ECS only."),
        key("AfterAllowTestTraffic", Single, "After test traffic goes to the new tasks; ECS only."),
        key("BeforeAllowTraffic", Single, "Before traffic is shifted."),
        key("AfterAllowTraffic", Single, "After traffic is shifted."),
    ]
)
.closed();

pub(super) fn document() -> Json {
    let mut definitions = Definitions::default();
    let server = definitions.reference(&SERVER);
    let service = definitions.reference(&SERVICE);
    for section in [&LAMBDA, &ECS] {
        definitions.reference(section);
    }
    let is_service = ["Resources", "resources"].map(|name| required_keys(&[name]));
    let root = vec![
        ("if".to_owned(), object([("anyOf", Json::List(is_service.to_vec()))])),
        ("then".to_owned(), service),
        ("else".to_owned(), server),
    ];
    whole(
        "appspec of AWS CodeDeploy",
        "What is deployed, and the scripts or functions that go with it: Server with `os`, Lambda and ECS with `Resources`.",
        root,
        definitions,
    )
}
