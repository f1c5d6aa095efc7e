//! Who is calling: what a request must show, and what that proves. Pure: values in, decisions out.
//!
//! [`Policy::rule`] finds the rule, [`Policy::decide`] everything that can be told without a signature check, and
//! [`Unverified::settle`] the rest. The crate's first page lists the checks in their order.

mod api_key;
mod base64url;
mod claims;
mod credential;
mod denial;
mod der;
mod fingerprint;
mod jwk;
mod jws;
mod mapping;
mod permit;
mod rule;
mod seen;
mod signature;
mod text;
mod time;
mod token;

pub use self::api_key::{ApiKey, ApiKeys};
pub use self::claims::{Claims, Path};
pub use self::credential::{Source, Sources};
pub use self::denial::{Denial, Reason};
pub use self::fingerprint::Fingerprint;
pub use self::jwk::{Algorithm, Fault, Key, KeyId, KeySet, Kind, SetFault};
pub use self::jws::{Header, Jws};
pub use self::mapping::Mapping;
pub use self::permit::{Evidence, Permit};
pub use self::rule::{Accepted, Requirement, Rule};
pub use self::seen::Capacity;
pub use self::signature::Signature;
pub use self::text::{EXPECTED as PLAIN_TEXT, is_plain};
pub use self::time::Now;
pub use self::token::Provider;

use std::cell::RefCell;
use std::rc::Rc;

use portcullis::http::header::Headers;
use portcullis::select::{Needs, Subject, Unclear};

use self::credential::Presented;
use self::seen::{Remembered, Seen};
use self::token::Assertion;

/// A compiled configuration.
#[derive(Debug)]
pub struct Policy {
    sources: Sources,
    rules: Vec<Rule>,
    needs: Needs,
    seen: RefCell<Seen>,
}

/// What can be told about a request without checking a signature.
#[derive(Debug)]
pub enum Decision<'a> {
    /// It may pass.
    Allow(Permit<'a>),
    /// It may pass if this is signed.
    Verify(Box<Unverified<'a>>),
}

/// A token that is right in everything but, perhaps, its signature.
#[derive(Debug)]
pub struct Unverified<'a> {
    policy: &'a Policy,
    rule: &'a Rule,
    provider: &'a Rc<Provider>,
    token: Jws<'a>,
    assertion: Assertion,
    print: Fingerprint,
    strips: Vec<&'a str>,
    now: Now,
}

/// Nobody could say whether a signature is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided;

impl Policy {
    /// A policy of these rules, in this order.
    pub fn new(sources: Sources, rules: Vec<Rule>, capacity: Capacity) -> Self {
        let needs = rules.iter().fold(Needs::default(), |needs, rule| needs.and(rule.matcher.needs()));
        Self { sources, rules, needs, seen: RefCell::new(Seen::new(capacity)) }
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

    /// The headers in which credentials may stand.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The rule that is about a request; `route` is the name of Envoy's route.
    pub fn rule(&self, headers: &Headers, route: Option<&[u8]>) -> Result<&Rule, Denial> {
        let subject = Subject::read(headers, route, self.needs).map_err(unclear)?;
        self.rules.iter().find(|rule| rule.is_about(&subject)).ok_or(Reason::NoRule.into())
    }

    /// What a rule makes of a request.
    pub fn decide<'a>(&'a self, rule: &'a Rule, headers: &'a Headers, now: Now) -> Result<Decision<'a>, Denial> {
        match &rule.requirement {
            Requirement::Anonymous => {
                let strips = self.sources.present(headers);
                Ok(Decision::Allow(Permit::new(&rule.name, Evidence::Anonymous, None, strips)))
            }
            Requirement::Any(accepted) => self.weigh(rule, accepted, self.sources.read(headers)?, now),
        }
    }

    /// API keys first, by the exact bytes: clients send them as `Bearer` too, and one may look like a token.
    fn weigh<'a>(
        &'a self,
        rule: &'a Rule,
        accepted: &'a Accepted,
        presented: Presented<'a>,
        now: Now,
    ) -> Result<Decision<'a>, Denial> {
        if presented.text.len() > accepted.max_bytes() {
            return Err(Reason::CredentialTooLarge.into());
        }
        let print = Fingerprint::of(presented.text.as_bytes());
        if let Some(key) = accepted.api_key(&print) {
            key.check(now)?;
            let state = Some(Rc::clone(&key.state));
            return Ok(Decision::Allow(Permit::new(&rule.name, Evidence::ApiKey, state, vec![presented.header])));
        }
        check_can_be_token(accepted, presented)?;
        match self.seen.borrow_mut().recall(&print, now).filter(|known| accepted.includes(&known.provider)) {
            Some(known) => recalled(rule, &known, presented, now).map(Decision::Allow),
            None => self.examine(rule, accepted, presented, print, now).map(|token| Decision::Verify(Box::new(token))),
        }
    }

    fn examine<'a>(
        &'a self,
        rule: &'a Rule,
        accepted: &'a Accepted,
        presented: Presented<'a>,
        print: Fingerprint,
        now: Now,
    ) -> Result<Unverified<'a>, Denial> {
        let token = Jws::read(presented.text)?;
        let claims = Claims::read(&token.payload)?;
        let issuer = claims.text("iss")?.ok_or(Reason::BadClaim.about("iss"))?;
        let provider = accepted.issued_by(issuer).ok_or(Reason::UnknownIssuer)?;
        if presented.text.len() > provider.max_token_bytes {
            return Err(Reason::CredentialTooLarge.into());
        }
        let assertion = provider.examine(&token.header, &claims, now)?;
        let strips = strips(provider, presented);
        Ok(Unverified { policy: self, rule, provider, token, assertion, print, strips, now })
    }
}

impl<'a> Unverified<'a> {
    /// Asks about the signature, for each key that may have made it: only one that is good makes a permit.
    pub fn settle(self, is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>) -> Result<Permit<'a>, Denial> {
        let Assertion { algorithm, validity, state } = self.assertion;
        self.token.signer(&self.provider.keys, algorithm, self.provider.max_keys_tried, is_good)?;
        let (provider, since_millis) = (Rc::clone(self.provider), self.now.monotonic_millis);
        let known = Remembered { provider, validity, state: Rc::clone(&state), since_millis };
        self.policy.seen.borrow_mut().remember(self.print, Rc::new(known));
        Ok(Permit::new(&self.rule.name, Evidence::Verified, Some(state), self.strips))
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
    let may_be_token = presented.may_be_token && jws::has_three_parts(presented.text);
    match (may_be_token, accepted.providers.is_empty(), accepted.key_sets.is_empty()) {
        (true, false, _) => Ok(()),
        (false, false, true) => Err(Reason::MalformedToken.into()),
        _ => Err(Reason::UnknownApiKey.into()),
    }
}

/// Nothing is computed again for a token that was verified before; time has gone on.
fn recalled<'a>(rule: &'a Rule, known: &Remembered, presented: Presented<'a>, now: Now) -> Result<Permit<'a>, Denial> {
    known.validity.check(now, known.provider.clock_skew_seconds)?;
    let state = Some(Rc::clone(&known.state));
    Ok(Permit::new(&rule.name, Evidence::Remembered, state, strips(&known.provider, presented)))
}

/// There is one credential, so there is one header to strip.
fn strips<'a>(provider: &Provider, presented: Presented<'a>) -> Vec<&'a str> {
    if provider.forward { Vec::new() } else { vec![presented.header] }
}
