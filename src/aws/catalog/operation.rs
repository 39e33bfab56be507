//! One operation of a service: where it is bound in HTTP, which of its members are sensitive, what its output has.
//!
//! Owns: reading a line of the table. Leaves to `rest`: what fits a request; to `access` and `iam`: what it means.

use std::fmt;

use super::access::Access;
use super::service::Service;

/// An operation of a service.
pub struct Operation {
    /// Its service.
    pub service: &'static Service,
    /// Its name in the API: `PutObject`.
    pub name: &'static str,
    /// Method and path, for the REST protocols.
    pub route: Option<Route>,
    words: &'static str,
}

/// Method and path of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The pattern: `{Member}` is one segment, `{Member+}` one or more.
    pub path: &'static str,
    /// What the query string must hold, empty when nothing: `uploads`, `list-type=2`.
    pub query: &'static str,
}

/// The member that a whole body stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    /// Its name.
    pub member: &'static str,
    /// It is the bytes of the body themselves, not a document of the protocol.
    pub is_raw: bool,
}

/// A member that stands outside the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    /// Its name on the wire.
    pub(super) wire: &'static str,
    /// Its name in the API.
    pub(super) member: &'static str,
    /// A request without it is not one of this operation.
    pub(super) is_required: bool,
}

impl Operation {
    /// The member that a parameter of the query string stands for; where the table says nothing, the parameter's own
    /// name is the member's.
    pub fn query_member(&self, wire: &str) -> Option<&'static str> {
        self.query_bindings().find(|binding| binding.wire == wire).map(|binding| binding.member)
    }

    /// The member that a header stands for, and for a header of many (`x-amz-meta-colour`) the rest of its name.
    pub fn header_member(&self, header: &str) -> Option<(&'static str, Option<String>)> {
        self.marked('@').find_map(|word| {
            if let Some((prefix, member)) = word.split_once("*=") {
                let (start, rest) = header.split_at_checked(prefix.len())?;
                return start.eq_ignore_ascii_case(prefix).then(|| (member, Some(rest.to_owned())));
            }
            let binding = Binding::read(word)?;
            binding.wire.eq_ignore_ascii_case(header).then_some((binding.member, None))
        })
    }

    /// The member that the body is, when it is one member alone.
    pub fn body(&self) -> Option<Body> {
        self.marked('$').next().map(|word| match word.strip_prefix('$') {
            Some(member) => Body { member, is_raw: true },
            None => Body { member: word, is_raw: false },
        })
    }

    /// The members of its output.
    pub fn output_members(&self) -> impl Iterator<Item = &'static str> {
        self.marked('>').flat_map(|names| names.split(','))
    }

    /// The members to keep out of every record: `Member`, or `Member.Inner` (for a list: of each element).
    pub fn sensitive(&self) -> impl Iterator<Item = &'static str> {
        self.marked('*')
    }

    /// What a call of it does and gives.
    pub fn access(&self) -> Access {
        Access::of(self)
    }

    /// It changes nothing at AWS and is called for its answer.
    pub fn is_read(&self) -> bool {
        match self.access() {
            Access::Read | Access::Secret => true,
            Access::Write => false,
        }
    }

    /// The service's own model calls it read-only. Most models say nothing of the kind.
    pub(super) fn is_marked_read_only(&self) -> bool {
        self.words.split(' ').any(|word| word == "-")
    }

    pub(super) fn query_bindings(&self) -> impl Iterator<Item = Binding> {
        self.marked('?').filter_map(Binding::read)
    }

    /// The headers without which a request is not one of this operation.
    pub(super) fn required_headers(&self) -> impl Iterator<Item = &'static str> {
        self.marked('@')
            .filter_map(Binding::read)
            .filter(|binding| binding.is_required)
            .map(|binding| binding.wire)
    }

    /// The words that begin with a mark, without it.
    fn marked(&self, mark: char) -> impl Iterator<Item = &'static str> + use<> {
        self.words.split(' ').filter_map(move |word| word.strip_prefix(mark))
    }
}

impl Binding {
    fn read(word: &'static str) -> Option<Self> {
        let (wire, member) = word.split_once('=')?;
        let required = wire.strip_prefix('!');
        Some(Self { wire: required.unwrap_or(wire), member, is_required: required.is_some() })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.name, self.name)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The operations of a section of the table, in its order.
pub(super) fn all(service: &'static Service, section: &'static str) -> Vec<Operation> {
    let is_rest = service.protocols.iter().any(|protocol| protocol.is_rest());
    section.lines().filter(|line| !line.is_empty()).map(|line| read(service, is_rest, line)).collect()
}

fn read(service: &'static Service, is_rest: bool, line: &'static str) -> Operation {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    if !is_rest {
        return Operation { service, name, route: None, words: rest };
    }
    let (method, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let (target, words) = rest.split_once(' ').unwrap_or((rest, ""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Operation { service, name, route: Some(Route { method, path, query }), words }
}
