//! Which roles a caller has: from the identity, from claims, from the client certificate, and what those include.

use std::collections::BTreeMap;

use portcullis::identity::Identity;
use serde_json::Value;

use super::bits::Bits;
use super::request::{Certificate, Head};
use crate::config::{CertificateRoles, IdentityRoles};

/// The number of a role that some rule names.
pub type RoleId = usize;

/// Where roles come from.
#[derive(Debug, Default)]
pub struct Roles {
    /// The places in which names of roles are found.
    pub sources: Vec<Source>,
    /// What a name brings: itself and what it includes, as far as rules name it.
    pub grants: BTreeMap<String, Vec<RoleId>>,
    /// What exact names in certificates bring.
    pub by_uri: BTreeMap<String, Vec<RoleId>>,
    /// What exact names in certificates bring.
    pub by_dns: BTreeMap<String, Vec<RoleId>>,
    /// How many roles rules name.
    pub count: usize,
}

/// A place in which names of roles are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The place.
    pub place: Place,
    /// What is put before every name.
    pub prefix: String,
}

/// A place in which names of roles are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A list of the identity.
    Identity(IdentityRoles),
    /// A claim.
    Claim {
        /// The path to it.
        path: Vec<String>,
        /// Whether a text is split at blanks.
        split: bool,
    },
    /// The client certificate.
    Certificate(CertificateRoles),
}

/// The roles of a caller.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) roles: Bits,
    /// Whether there may be roles that could not be found.
    pub(super) is_complete: bool,
}

impl Roles {
    /// The roles of a caller, as far as rules name them.
    pub(super) fn held(&self, head: &Head<'_>) -> Held {
        let mut held = Held { roles: Bits::none(self.count), is_complete: true };
        if self.count == 0 {
            return held;
        }
        for source in &self.sources {
            self.collect(source, head, &mut held);
        }
        if let Some(certificate) = head.certificate {
            let uris = certificate.uri_sans.iter().filter_map(|name| self.by_uri.get(name));
            let names = certificate.dns_sans.iter().filter_map(|name| self.by_dns.get(name));
            uris.chain(names).flatten().for_each(|role| held.roles.insert(*role));
        }
        held
    }

    fn collect(&self, source: &Source, head: &Head<'_>, held: &mut Held) {
        match (&source.place, head.identity, head.certificate) {
            (Place::Identity(list), Some(identity), _) => {
                let names = match list {
                    IdentityRoles::Roles => &identity.roles,
                    IdentityRoles::Scopes => &identity.scopes,
                };
                self.grant(source, names.iter().map(String::as_str), held);
            }
            (Place::Claim { path, split }, Some(identity), _) => match names_at(identity, path, *split) {
                Some(names) => self.grant(source, names.into_iter(), held),
                None => held.is_complete = false,
            },
            (Place::Certificate(kind), _, Some(certificate)) => {
                self.grant(source, names_in(certificate, *kind).iter().map(String::as_str), held);
            }
            (Place::Identity(_) | Place::Claim { .. }, None, _) | (Place::Certificate(_), _, None) => {}
        }
    }

    fn grant<'a>(&self, source: &Source, names: impl Iterator<Item = &'a str>, held: &mut Held) {
        for name in names {
            let found = match source.prefix.as_str() {
                "" => self.grants.get(name),
                prefix => self.grants.get(&[prefix, name].concat()),
            };
            found.into_iter().flatten().for_each(|role| held.roles.insert(*role));
        }
    }
}

/// `None` if there is no claim, or something that holds no names.
fn names_at<'a>(identity: &'a Identity, path: &[String], split: bool) -> Option<Vec<&'a str>> {
    match super::claim::at(&identity.claims, path)? {
        Value::String(text) if split => Some(text.split_ascii_whitespace().collect()),
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn names_in(certificate: &Certificate, kind: CertificateRoles) -> &[String] {
    match kind {
        CertificateRoles::UriSan => &certificate.uri_sans,
        CertificateRoles::DnsSan => &certificate.dns_sans,
        CertificateRoles::Subject => std::slice::from_ref(&certificate.subject),
    }
}
