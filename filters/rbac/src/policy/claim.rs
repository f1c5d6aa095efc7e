//! What a claim must be. "Must equal" means present, of the right type, and equal; a claim that is not there, or is not of
//! a kind that could be compared, counts against the caller.

use portcullis::http::path::Template;
use portcullis::identity::Identity;
use portcullis::select::Subject;
use serde_json::{Map, Value};

use super::request::Head;
use super::truth::Truth;
use crate::config::IdentityMember;

/// What a claim must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Where it stands.
    pub place: Place,
    /// What it must be there.
    pub test: Test,
    /// The rule's path templates, where something is compared with what they capture.
    pub templates: Vec<Template>,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Under this path of the claims.
    Claim(Vec<String>),
    /// Here in the identity.
    Identity(IdentityMember),
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these.
    OneOf(Vec<Wanted>),
    /// A list in which this stands.
    Contains(Wanted),
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A text, whole number or boolean.
    Value(Value),
    /// What the path captured under this name.
    Capture(String),
}

/// A value of the identity.
enum Found<'a> {
    Value(&'a Value),
    Text(&'a str),
    Texts(&'a [String]),
}

impl Claim {
    /// Whether something is compared with the path.
    pub(super) fn has_captures(&self) -> bool {
        let is_capture = |wanted: &Wanted| matches!(wanted, Wanted::Capture(_));
        match &self.test {
            Test::OneOf(wanted) => wanted.iter().any(is_capture),
            Test::Contains(wanted) => is_capture(wanted),
        }
    }

    pub(super) fn truth(&self, head: &Head<'_>) -> Truth {
        match &self.place {
            Place::Claim(path) => match head.identity.and_then(|identity| at(&identity.claims, path)) {
                Some(value) => self.test(&Found::Value(value), head.subject),
                None => Truth::Error,
            },
            Place::Identity(member) => match head.identity.and_then(|identity| member_of(identity, *member)) {
                Some(found) => self.test(&found, head.subject),
                None => Truth::Fails,
            },
        }
    }

    fn test(&self, found: &Found<'_>, subject: &Subject) -> Truth {
        match &self.test {
            Test::OneOf(_) if !found.is_scalar() => Truth::Error,
            Test::OneOf(wanted) => self.any(wanted, found, subject),
            Test::Contains(_) if !found.is_array() => Truth::Error,
            Test::Contains(wanted) => self.any(std::slice::from_ref(wanted), found, subject),
        }
    }

    fn any(&self, wanted: &[Wanted], found: &Found<'_>, subject: &Subject) -> Truth {
        let mut all = Truth::Fails;
        for wanted in wanted {
            match wanted {
                Wanted::Value(value) if found.has(value) => return Truth::Holds,
                Wanted::Value(_) => {}
                Wanted::Capture(name) => match self.capture(name, subject) {
                    Some(text) if found.has_text(text) => return Truth::Holds,
                    Some(_) => {}
                    None => all = Truth::Error,
                },
            }
        }
        all
    }

    /// What the first template that matches captures.
    fn capture<'a>(&'a self, name: &str, subject: &'a Subject) -> Option<&'a str> {
        let path = subject.path()?;
        let captures = self.templates.iter().find_map(|template| template.captures(path))?;
        captures.into_iter().find(|(found, _)| *found == name).map(|(_, text)| text)
    }
}

impl Found<'_> {
    fn is_scalar(&self) -> bool {
        match self {
            Self::Value(value) => value.is_string() || value.is_number() || value.is_boolean(),
            Self::Text(_) => true,
            Self::Texts(_) => false,
        }
    }

    fn is_array(&self) -> bool {
        match self {
            Self::Value(value) => value.is_array(),
            Self::Text(_) => false,
            Self::Texts(_) => true,
        }
    }

    /// Whether it is this, or has it in its list.
    fn has(&self, wanted: &Value) -> bool {
        match self {
            Self::Value(Value::Array(items)) => items.contains(wanted),
            Self::Value(value) => *value == wanted,
            Self::Text(_) | Self::Texts(_) => wanted.as_str().is_some_and(|wanted| self.has_text(wanted)),
        }
    }

    fn has_text(&self, wanted: &str) -> bool {
        match self {
            Self::Value(Value::Array(items)) => items.iter().any(|item| item == wanted),
            Self::Value(value) => *value == wanted,
            Self::Text(text) => *text == wanted,
            Self::Texts(texts) => texts.iter().any(|text| text == wanted),
        }
    }
}

fn member_of(identity: &Identity, member: IdentityMember) -> Option<Found<'_>> {
    match member {
        IdentityMember::Sub => Some(Found::Text(&identity.sub)),
        IdentityMember::Iss => identity.iss.as_deref().map(Found::Text),
        IdentityMember::Tenant => identity.tenant.as_deref().map(Found::Text),
        IdentityMember::Roles => Some(Found::Texts(&identity.roles)),
        IdentityMember::Scopes => Some(Found::Texts(&identity.scopes)),
        IdentityMember::Acr => identity.acr.as_deref().map(Found::Text),
        IdentityMember::Amr => Some(Found::Texts(&identity.amr)),
        IdentityMember::ApiKey => identity.api_key.as_deref().map(Found::Text),
    }
}

/// The value at the end of a path.
pub(super) fn at<'a>(claims: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(claims.get(first)?, |value, name| value.as_object()?.get(name))
}
