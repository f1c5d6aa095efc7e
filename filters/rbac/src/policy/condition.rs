//! A condition of a rule, and whether it holds.

use std::net::IpAddr;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::vocabulary::Operation;
use portcullis::http::path::Template;
use portcullis::identity::Identity;
use portcullis::select::Matcher;

use super::address::Network;
use super::body::{self, Cap, Forbidden};
use super::claim::Claim;
use super::header::Header;
use super::names::Names;
use super::request::{Body, Head};
use super::role::{Held, RoleId};
use super::rule::Effect;
use super::time::Window;
use super::truth::Truth;
use crate::config::Caller;
use portcullis::pattern::Pattern;

/// A condition. Of values in a list any may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Whether there is an identity.
    Caller(Caller),
    /// One of these roles.
    RolesAny(Vec<RoleId>),
    /// All of these roles.
    RolesAll(Vec<RoleId>),
    /// The subject.
    Subjects(Vec<String>),
    /// The tenant.
    Tenants(Vec<String>),
    /// The issuer.
    Issuers(Vec<String>),
    /// The API key's id; none: any API key.
    ApiKeys(Option<Vec<String>>),
    /// A URI in the client certificate.
    UriSans(Vec<String>),
    /// The method.
    Methods(Vec<String>),
    /// The path.
    Paths(Paths),
    /// The host.
    Hosts(Selected),
    /// Envoy's route.
    Routes(Selected),
    /// Which API.
    Dialects(Vec<Dialect>),
    /// What is done.
    Operations(Vec<Operation>),
    /// Where the caller is.
    Source(Vec<Network>),
    /// When.
    Times(Vec<Window>),
    /// A claim.
    Claim(Claim),
    /// A header.
    Header(Header),
    /// Models that are named.
    Models(Vec<Pattern>),
    /// Resources that are named.
    Resources(Vec<Pattern>),
    /// A cap.
    Cap(Cap),
    /// What must not be used.
    Forbids(Vec<Forbidden>),
}

/// Paths, compiled and as they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    /// The templates.
    pub templates: Vec<Template>,
    /// Their texts.
    pub written: Vec<String>,
}

/// One condition of the kit's, compiled and as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    /// The condition.
    pub matcher: Matcher,
    /// Its texts; of a host that is denied with what stands for its ports.
    pub written: Vec<String>,
}

/// A request, and what was found out about it once for all rules.
pub(super) struct Facts<'a> {
    pub(super) head: &'a Head<'a>,
    pub(super) body: &'a Body<'a>,
    pub(super) held: &'a Held,
    pub(super) models: Names<'a>,
    pub(super) resources: Names<'a>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(head: &'a Head<'a>, body: &'a Body<'a>, held: &'a Held) -> Self {
        Self { head, body, held, models: Names::models(head, body), resources: Names::resources(body) }
    }
}

impl Condition {
    pub(super) fn truth(&self, facts: &Facts<'_>, effect: Effect) -> Truth {
        let (head, body) = (facts.head, facts.body);
        match self {
            Self::Caller(caller) => is_calling(*caller, head),
            Self::RolesAny(roles) => facts.held.has_any(roles),
            Self::RolesAll(roles) => facts.held.has_all(roles),
            Self::Subjects(wanted) => is_among(head, wanted, |identity| Some(identity.sub.as_str())),
            Self::Tenants(wanted) => is_among(head, wanted, |identity| identity.tenant.as_deref()),
            Self::Issuers(wanted) => is_among(head, wanted, |identity| identity.iss.as_deref()),
            Self::ApiKeys(Some(wanted)) => is_among(head, wanted, |identity| identity.api_key.as_deref()),
            Self::ApiKeys(None) => head.identity.is_some_and(|identity| identity.api_key.is_some()).into(),
            Self::UriSans(wanted) => head
                .certificate
                .is_some_and(|certificate| certificate.uri_sans.iter().any(|name| wanted.contains(name)))
                .into(),
            Self::Methods(methods) => methods.iter().any(|method| method == head.subject.method()).into(),
            Self::Paths(paths) => paths.fit(head).into(),
            Self::Hosts(selected) | Self::Routes(selected) => selected.matcher.matches(head.subject).into(),
            Self::Dialects(dialects) => dialects.contains(&head.dialect).into(),
            Self::Operations(operations) => operations.contains(&head.operation).into(),
            Self::Source(networks) => is_from(networks, head.source),
            Self::Times(windows) => is_within(windows, head.now),
            Self::Claim(claim) => claim.truth(head),
            Self::Header(header) => header.truth(head.headers, effect),
            Self::Models(patterns) => body::models(patterns, facts, effect),
            Self::Resources(patterns) => body::resources(patterns, facts, effect),
            Self::Cap(cap) => cap.truth(body),
            Self::Forbids(forbidden) => body::avoids(forbidden, body),
        }
    }

    /// Whether the body has a say in it.
    pub(crate) fn reads_body(&self) -> bool {
        matches!(self, Self::Models(_) | Self::Resources(_) | Self::Cap(_) | Self::Forbids(_))
    }

    /// Whether a login could change it.
    pub(super) fn is_about_caller(&self) -> bool {
        matches!(
            self,
            Self::Caller(_)
                | Self::RolesAny(_)
                | Self::RolesAll(_)
                | Self::Subjects(_)
                | Self::Tenants(_)
                | Self::Issuers(_)
                | Self::ApiKeys(_)
                | Self::Claim(_)
        )
    }

    /// Whether it says the same of every request of one caller, as far as they come at one time with the same headers.
    pub(super) fn is_about_any_request(&self) -> bool {
        match self {
            Self::Claim(claim) => !claim.has_captures(),
            Self::UriSans(_) | Self::Source(_) | Self::Times(_) | Self::Header(_) => true,
            other => other.is_about_caller(),
        }
    }
}

impl Held {
    fn has_any(&self, wanted: &[RoleId]) -> Truth {
        if wanted.iter().any(|role| self.roles.contains(*role)) { Truth::Holds } else { self.missing() }
    }

    fn has_all(&self, wanted: &[RoleId]) -> Truth {
        if wanted.iter().all(|role| self.roles.contains(*role)) { Truth::Holds } else { self.missing() }
    }

    fn missing(&self) -> Truth {
        if self.is_complete { Truth::Fails } else { Truth::Error }
    }
}

impl Paths {
    fn fit(&self, head: &Head<'_>) -> bool {
        let path = head.subject.path();
        path.is_some_and(|path| self.templates.iter().any(|template| template.captures(path).is_some()))
    }
}

fn is_calling(wanted: Caller, head: &Head<'_>) -> Truth {
    match wanted {
        Caller::Anyone => Truth::Holds,
        Caller::Authenticated => head.identity.is_some().into(),
        Caller::Anonymous => head.identity.is_none().into(),
    }
}

/// What is asked of an identity: whoever has none does not fit.
fn is_among<'a>(head: &Head<'a>, wanted: &[String], part: impl FnOnce(&'a Identity) -> Option<&'a str>) -> Truth {
    head.identity.and_then(part).is_some_and(|found| wanted.iter().any(|wanted| wanted == found)).into()
}

fn is_from(networks: &[Network], source: Option<IpAddr>) -> Truth {
    source.map_or(Truth::Error, |source| networks.iter().any(|network| network.contains(source)).into())
}

fn is_within(windows: &[Window], now: u64) -> Truth {
    let mut any = Truth::Fails;
    for window in windows {
        match window.contains(now) {
            Some(true) => return Truth::Holds,
            Some(false) => {}
            None => any = Truth::Error,
        }
    }
    any
}

impl Condition {
    /// What it says of a caller who has yet to log in: that there is nobody is the one thing that stops to hold.
    pub(super) fn of_somebody(&self) -> Truth {
        (*self != Self::Caller(Caller::Anonymous)).into()
    }
}
