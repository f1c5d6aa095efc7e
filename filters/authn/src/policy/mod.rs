//! Who is calling: what a request must show, and what that proves. Pure: values in, decisions out.
//!
//! [`Policy::rule`] finds the rule, [`Policy::decide`] everything that can be told without a signature check, and
//! [`Case::settle`] the rest. The crate's first page lists the checks in their order.

mod api_key;
mod base64url;
mod caller;
mod case;
mod claims;
mod condition;
mod credential;
mod denial;
mod der;
mod fingerprint;
mod jwk;
mod jws;
mod mapping;
mod permit;
mod resource;
mod rule;
mod seen;
mod signature;
mod text;
mod time;
mod token;

pub use self::api_key::{ApiKey, ApiKeySet, ApiKeys};
pub use self::caller::{Announced, Caller};
pub use self::case::{Case, Undecided};
pub use self::claims::{Claims, Path};
pub use self::condition::{Condition, Test};
pub use self::credential::{Content, Form, Place, Source, Sources};
pub use self::denial::{Denial, DocumentId, Reason};
pub use self::fingerprint::{Fingerprint, Pepper};
pub use self::jwk::{Algorithm, Fault, Key, KeyId, KeySet, Kind, SetFault};
pub use self::jws::{Header, Jws};
pub use self::mapping::Mapping;
pub use self::permit::{Evidence, Permit};
pub use self::resource::{Resource, Resources};
pub use self::rule::{Accepted, Requirement, Rule, Voucher};
pub use self::seen::Capacity;
pub use self::signature::Signature;
pub use self::text::{EXPECTED as PLAIN_TEXT, is_plain};
pub use self::time::Now;
pub use self::token::Provider;

use std::cell::RefCell;
use std::rc::Rc;

use portcullis::http::header::Headers;
use portcullis::select::{Needs, Subject, Unclear};

use self::case::{Proof, Unverified};
use self::credential::Presented;
use self::seen::{Remembered, Seen};

/// A compiled configuration.
#[derive(Debug)]
pub struct Policy {
    sources: Sources,
    rules: Vec<Rule>,
    needs: Needs,
    announced: Rc<[Announced]>,
    seen: RefCell<Seen>,
}

impl Policy {
    /// A policy of these rules, in this order.
    pub fn new(sources: Sources, rules: Vec<Rule>, announced: Rc<[Announced]>, capacity: Capacity) -> Self {
        let needs = rules.iter().fold(Needs::default(), |needs, rule| needs.and(rule.matcher.needs()));
        Self { sources, rules, needs, announced, seen: RefCell::new(Seen::new(capacity)) }
    }

    /// How many tokens are remembered.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.seen.borrow().len()
    }

    /// What the rules look at.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// The places in which credentials may stand.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The headers that tell the upstream who is calling; nobody else may send them.
    pub fn announced(&self) -> &[Announced] {
        &self.announced
    }

    /// The rule that is about a request; `route` is the name of Envoy's route.
    pub fn rule(&self, headers: &Headers, route: Option<&[u8]>) -> Result<&Rule, Denial> {
        // Envoy chooses the route again when a header goes: it may not be chosen by one that a caller put there.
        if self.needs.route && self.announced.iter().any(|announced| headers.first(&announced.header).is_some()) {
            return Err(Reason::AmbiguousRequest.about("route"));
        }
        let subject = Subject::read(headers, route, self.needs).map_err(unclear)?;
        self.rules.iter().find(|rule| rule.is_about(&subject)).ok_or(Reason::NoRule.into())
    }

    /// What a rule makes of a request.
    pub fn decide<'a>(&'a self, rule: &'a Rule, headers: &'a Headers, now: Now) -> Result<Case<'a>, Denial> {
        match &rule.requirement {
            Requirement::Anonymous => {
                let present = self.sources.present(headers)?;
                if self.needs.route && !present.is_empty() {
                    return Err(Reason::AmbiguousRequest.about("route"));
                }
                Ok(Case::anonymous(self, rule, present))
            }
            Requirement::Any(accepted) => self.examine(rule, accepted, self.sources.read(headers, 1)?, now),
            Requirement::All(accepted) => {
                let presented = self.sources.read(headers, accepted.vouchers().len())?;
                self.examine(rule, accepted, presented, now)
            }
        }
    }

    fn examine<'a>(
        &'a self,
        rule: &'a Rule,
        accepted: &'a Accepted,
        presented: Vec<Presented<'a>>,
        now: Now,
    ) -> Result<Case<'a>, Denial> {
        let proofs: Result<Vec<_>, _> =
            presented.into_iter().map(|presented| self.weigh(accepted, presented, now)).collect();
        Ok(Case::of(self, rule, proofs?))
    }

    /// API keys first, by the exact bytes: clients send them as `Bearer` too, and one may look like a token.
    fn weigh<'a>(&'a self, accepted: &'a Accepted, presented: Presented<'a>, now: Now) -> Result<Proof<'a>, Denial> {
        if presented.text.len() > accepted.max_bytes() {
            return Err(Reason::CredentialTooLarge.into());
        }
        let print = Fingerprint::of(presented.text.as_bytes());
        let found = if presented.form == Form::Token { Ok(None) } else { accepted.api_key(presented.text, &print) };
        match found {
            Ok(Some((key, set))) => {
                key.check(now)?;
                Ok(Proof::of_key(key, set, presented.place))
            }
            Ok(None) => self.weigh_token(accepted, presented, print, now),
            // The set that is missing could have the key; a token is one without it.
            Err(missing) => self.weigh_token(accepted, presented, print, now).map_err(|denial| match denial.reason {
                Reason::MalformedToken | Reason::UnknownApiKey | Reason::UnknownIssuer => missing,
                _ => denial,
            }),
        }
    }

    fn weigh_token<'a>(
        &'a self,
        accepted: &'a Accepted,
        presented: Presented<'a>,
        print: Fingerprint,
        now: Now,
    ) -> Result<Proof<'a>, Denial> {
        check_can_be_token(accepted, presented)?;
        let known = self.seen.borrow_mut().recall(&print, now);
        match known.filter(|known| accepted.includes(&known.provider)) {
            Some(known) => recalled(&known, presented, now),
            None => Unverified::read(accepted, presented, print, now).map(Proof::Open),
        }
    }

    fn remember(&self, print: Fingerprint, token: Remembered) {
        self.seen.borrow_mut().remember(print, Rc::new(token));
    }
}

fn unclear(unclear: Unclear) -> Denial {
    match unclear {
        Unclear::NoPath => Reason::NoPath.into(),
        Unclear::Path(_) => Reason::AmbiguousRequest.about("path"),
        Unclear::Host => Reason::AmbiguousRequest.about("host"),
        Unclear::Method => Reason::AmbiguousRequest.about("method"),
    }
}

/// What cannot be a token was meant to be an API key, wherever there are any.
fn check_can_be_token(accepted: &Accepted, presented: Presented<'_>) -> Result<(), Denial> {
    let has_parts = jws::has_three_parts(presented.text);
    match (presented.form, accepted.has_providers(), accepted.has_key_sets()) {
        (Form::Token | Form::Any, true, _) if has_parts => Ok(()),
        (Form::Token, _, _) | (Form::Any, true, false) => Err(Reason::MalformedToken.into()),
        _ => Err(Reason::UnknownApiKey.into()),
    }
}

/// Nothing is computed again for a token that was verified before; time has gone on.
fn recalled<'a>(known: &Remembered, presented: Presented<'a>, now: Now) -> Result<Proof<'a>, Denial> {
    known.validity.check(now, known.provider.clock_skew_seconds)?;
    Ok(Proof::of_token(&known.provider, known.caller.clone(), Evidence::Remembered, presented.place))
}
