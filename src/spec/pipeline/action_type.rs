//! `actionTypeId` (codepipeline.md 1.4, 2.1): the four parts, and whether they belong together.
//!
//! Owns: pointing at the part that is wrong, and at no other. Leaves to `providers`: which types there are.

use super::fields::{self, Alphabet};
use super::{Category, Owner, providers, settings};
use crate::diagnostic::Severity;
use crate::spec::quotas;
use crate::spec::reading::{Reader, place, replace};
use crate::spec::schema::pipeline::ACTION_TYPE;
use crate::spec::spelling::nearest;
use crate::syntax::{Entry, Node};

/// The type of an action: category, owner, provider, version.
pub(super) type Type = (Category, Owner, String, String);

/// All categories.
pub(in crate::spec) const CATEGORIES: [Category; 7] = [
    Category::Source,
    Category::Build,
    Category::Test,
    Category::Deploy,
    Category::Invoke,
    Category::Approval,
    Category::Compute,
];

/// Reads the type of an action. One that does not exist is read as the one that was probably meant, so that nothing
/// follows from the mistake; none when that cannot be told.
pub(super) fn read<'t>(reader: &mut Reader<'t>, path: &str, node: Node<'t>, action: &str) -> Option<Type> {
    let action_node = node;
    let is_stray = |key: &&str| node.entry(key).is_some();
    let has_strays = ACTION_TYPE.names.iter().any(is_stray);
    // Of what stands beside it that is said.
    let entry = match node.entry("actionTypeId").filter(|_| has_strays) {
        Some(entry) => entry,
        None => fields::required(reader, path, node, "actionTypeId")?,
    };
    let configuration = node.get("configuration").into_iter().flat_map(Node::entries);
    let keys: Vec<_> = configuration.filter_map(|entry| entry.key.text()).collect();
    let path = format!("{path}.actionTypeId");
    let node = if has_strays && entry.value.is_null() {
        node
    } else {
        let inner = fields::object(reader, &path, entry)?;
        fields::only(reader, &path, inner, &ACTION_TYPE);
        inner
    };
    let owners = [Owner::Aws, Owner::ThirdParty, Owner::Custom].map(|owner| (owner.api_name(), owner));
    let categories = CATEGORIES.map(|category| (category.api_name(), category));
    let mut field = |key: &str| match action_node.entry(key).filter(|_| node.entry(key).is_none()) {
        Some(beside) => Some(beside),
        None => fields::required(reader, &path, node, key),
    };
    let entries = (field("category"), field("owner"), field("provider"), field("version"));
    let category = entries.0.and_then(|entry| fields::choice(reader, "category", entry, &categories));
    let owner = entries.1.and_then(|entry| fields::choice(reader, "owner", entry, &owners));
    let longest = quotas::PROVIDER_NAME.value as usize;
    // Of another owner's provider, its letters are the least that is wrong.
    let alphabet = if owner == Some(Owner::Custom) { Alphabet::Artifact } else { Alphabet::Any };
    let provider = entries
        .2
        .and_then(|entry| fields::name(reader, &format!("{path}.provider"), entry, alphabet, longest))?;
    let version = entries
        .3
        .and_then(|entry| fields::name(reader, &format!("{path}.version"), entry, Alphabet::Artifact, 9));
    // Of one that is empty that is said, of the provider too.
    let written = version.as_deref().filter(|version| !version.is_empty());
    let (Some(category), Some(owner), Some(version)) =
        (category, owner, written.filter(|_| !provider.is_empty()))
    else {
        if let (Some(category), Some(owner), true) = (category, owner, provider.is_empty()) {
            return Some((category, owner, provider, version.unwrap_or_default()));
        }
        let (category, owner, _) = providers::of_provider(category, owner, &provider)?;
        return Some((category, owner, provider, version.unwrap_or_default()));
    };
    let by_keys = settings::by_keys(category, &keys);
    let Some(mut mistake) = providers::mistake(category, owner, &provider, version) else {
        let of_another = by_keys.filter(|other| is_of_another((category, owner, &provider), &keys, *other));
        if let Some((category, other, meant)) = of_another {
            let at = entries.2.unwrap_or(entry);
            strange(reader, at, action, (owner, &provider), (other, meant));
            return Some((category, other, meant.to_owned(), version.to_owned()));
        }
        return Some((category, owner, provider, version.to_owned()));
    };
    // The configuration tells better than a likeness of names what was meant, and is not held against anything else.
    let fits = |near: &(Category, Owner, &'static str)| {
        let known = settings::of(near.0, near.1, near.2);
        let names: Vec<_> = known.iter().flat_map(|known| known.keys).map(|setting| setting.key).collect();
        let is_near = |key: &&str| names.contains(key) || nearest(key, &names).is_some();
        let has_all = |known: settings::Settings| {
            let mut needed = known.keys.iter().filter(|setting| setting.is_required);
            needed.all(|setting| keys.contains(&setting.key))
        };
        known.is_none_or(|known| {
            (known.has_others || keys.iter().all(is_near)) && (near.0 == category || has_all(known))
        })
    };
    if mistake.near.is_some_and(|near| !fits(&near)) {
        mistake = providers::Mistake { part: "provider", meant: None, near: by_keys };
    }
    // A version with a stranger in it is one mistake.
    if mistake.part == "version" && !version.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        return Some((category, owner, provider, version.to_owned()));
    }
    let at = match mistake.part {
        "category" => entries.0,
        "owner" => entries.1,
        "version" => entries.3,
        _ => entries.2,
    };
    let written = (category, owner, provider.as_str(), version);
    refuse(reader, at.unwrap_or(entry), action, written, &mistake);
    let near = mistake.near.map(|(category, owner, provider)| (category, owner, provider.to_owned()));
    let (category, owner, provider) = near.unwrap_or((category, owner, provider));
    Some((category, owner, provider, version.to_owned()))
}

/// Whether nothing of a configuration belongs to the type that is written, and all of it to another one.
fn is_of_another(
    (category, owner, provider): (Category, Owner, &str),
    keys: &[&str],
    other: (Category, Owner, &'static str),
) -> bool {
    if (category, owner, provider) == other {
        return false;
    }
    match settings::of(category, owner, provider) {
        Some(own) => !own.has_others && keys.iter().all(|key| own.keys.iter().all(|known| known.key != *key)),
        // An action type of one's own may be called as AWS's are, but hardly with the same configuration.
        None => owner == Owner::Custom && provider == other.2,
    }
}

fn strange<'t>(
    reader: &mut Reader<'t>,
    at: Entry<'t>,
    action: &str,
    (owner, provider): (Owner, &str),
    (other, meant): (Owner, &str),
) {
    let message = if provider == meant {
        format!(
            "`{provider}` of `{action}` is an action type of your own here, and has the configuration of {}'s",
            other.api_name()
        )
    } else {
        format!("the configuration of `{action}` is that of a {meant} action")
    };
    let finding = reader.error("pipeline-action-type", message, place(at), "of another type");
    let help = format!("write `owner: {}`, `provider: {meant}`", other.api_name());
    let severity = if owner == Owner::Custom { Severity::Warning } else { Severity::Error };
    reader.push(crate::diagnostic::Finding { severity, ..finding.help(help) });
}

fn refuse<'t>(
    reader: &mut Reader<'t>,
    at: Entry<'t>,
    action: &str,
    (category, owner, provider, version): (Category, Owner, &str, &str),
    mistake: &providers::Mistake,
) {
    let words = format!(
        "ActionType (Category: '{}', Provider: '{provider}', Owner: '{}', Version: '{version}')",
        category.api_name(),
        owner.api_name()
    );
    let label = match mistake.part {
        "category" => format!("`{provider}` is of another category"),
        "owner" => format!("`{provider}` belongs to another owner"),
        "version" => "no such version".to_owned(),
        _ => "unknown provider".to_owned(),
    };
    // Which partners there are changes, and is not written down in one place.
    if owner == Owner::ThirdParty && mistake.part == "provider" && mistake.near.is_none() {
        let message = format!("the partner `{provider}` is not known here");
        let finding =
            reader.advice("pipeline-action-type", message, place(at), "its configuration is not looked at");
        return reader.push(finding);
    }
    let finding = reader.error("pipeline-action-type", format!("there is no {words}"), place(at), label);
    let finding = match mistake.meant {
        Some("1") if mistake.part == "version" => finding
            .help("the version is \"1\" for every type of AWS")
            .fix("Write the version that there is", replace(at.value.span(), "\"1\"")),
        Some(meant) => finding.help(format!("write `{meant}`")),
        None if let Some((_, owner, provider)) = mistake.near => finding.help(format!(
            "its configuration is that of `owner: {}`, `provider: {provider}`",
            owner.api_name()
        )),
        None if mistake.part == "category" => {
            finding.help(format!("write {}", providers::categories(owner, provider).join(" or ")))
        }
        None => {
            let known = providers::providers(category, owner);
            let own = "for an action type of your own, write `owner: Custom`";
            let words = if known.is_empty() {
                format!("{} has no {} actions; {own}", owner.api_name(), category.api_name())
            } else {
                format!("{} {} actions: {}; {own}", owner.api_name(), category.api_name(), known.join(", "))
            };
            finding.help(words)
        }
    };
    reader.push(finding.aws(format!(
        "InvalidActionDeclarationException: {words} in action '{action}' is not available in region"
    )));
}
