//! A request that is right in everything but, perhaps, signatures; and what it becomes once they are checked.

use std::cell::Cell;
use std::rc::Rc;

use super::Policy;
use super::api_key::{ApiKey, ApiKeySet};
use super::caller::Caller;
use super::claims::Claims;
use super::credential::{Place, Presented};
use super::denial::{Denial, Reason};
use super::fingerprint::Fingerprint;
use super::jwk::KeySet;
use super::jws::Jws;
use super::permit::{Evidence, Permit};
use super::rule::{Accepted, Requirement, Rule, Voucher};
use super::seen::Remembered;
use super::signature::Signature;
use super::time::Now;
use super::token::{Assertion, Provider};

/// Nobody could say whether a signature is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided;

/// What can be told about a request without checking a signature.
#[derive(Debug)]
pub struct Case<'a> {
    policy: &'a Policy,
    rule: &'a Rule,
    stage: Stage<'a>,
}

#[derive(Debug)]
enum Stage<'a> {
    /// Nothing is wanted; these places hold credentials all the same.
    Anonymous(Vec<&'a Place>),
    /// One for each credential that was shown.
    Shown(Vec<Proof<'a>>),
}

/// What a credential proves.
#[derive(Debug)]
pub(super) enum Proof<'a> {
    /// Who calls with it.
    Closed(Settled<'a>),
    /// Who calls with it, if it is signed.
    Open(Box<Unverified<'a>>),
}

/// A credential that is good.
#[derive(Debug)]
pub(super) struct Settled<'a> {
    voucher: Voucher,
    caller: Caller,
    evidence: Evidence,
    strip: Option<&'a Place>,
}

/// A token that is right in everything but, perhaps, its signature.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    provider: &'a Rc<Provider>,
    keys: Rc<KeySet>,
    version: u64,
    token: Jws<'a>,
    assertion: Assertion,
    print: Fingerprint,
    place: &'a Place,
    now: Now,
}

impl<'a> Case<'a> {
    pub(super) fn anonymous(policy: &'a Policy, rule: &'a Rule, strips: Vec<&'a Place>) -> Self {
        Self { policy, rule, stage: Stage::Anonymous(strips) }
    }

    pub(super) fn of(policy: &'a Policy, rule: &'a Rule, proofs: Vec<Proof<'a>>) -> Self {
        Self { policy, rule, stage: Stage::Shown(proofs) }
    }

    /// Asks about signatures, for each key that may have made one: only good ones make a permit.
    pub fn settle(
        self,
        mut is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
    ) -> Result<Permit<'a>, Denial> {
        let Self { policy, rule, stage } = self;
        let proofs = match stage {
            Stage::Anonymous(strips) => return Ok(Permit::anonymous(&rule.name, strips)),
            Stage::Shown(proofs) => proofs,
        };
        let settled: Result<Vec<_>, _> = proofs.into_iter().map(|proof| proof.settle(policy, &mut is_good)).collect();
        permit(policy, rule, &settled?)
    }
}

fn permit<'a>(policy: &Policy, rule: &'a Rule, settled: &[Settled<'a>]) -> Result<Permit<'a>, Denial> {
    let caller = match &rule.requirement {
        Requirement::All(accepted) => together(policy, accepted, settled)?,
        Requirement::Any(_) | Requirement::Anonymous => settled.first().map(|first| first.caller.clone()),
    };
    let caller = caller.ok_or(Reason::NoCredential)?;
    let evidence = settled.iter().map(|settled| settled.evidence).collect();
    let strips = settled.iter().filter_map(|settled| settled.strip).collect();
    Ok(Permit::of(&rule.name, caller, evidence, strips))
}

/// Each voucher has accepted one credential: the first says who is calling, an API key beside it limits what for.
fn together(policy: &Policy, accepted: &Accepted, settled: &[Settled<'_>]) -> Result<Option<Caller>, Denial> {
    let mut caller: Option<Caller> = None;
    for voucher in accepted.vouchers() {
        let own = settled.iter().find(|settled| settled.voucher.is(voucher)).ok_or(Reason::NoCredential)?;
        caller = Some(match caller {
            None => own.caller.clone(),
            Some(caller) if voucher.key_set().is_some() => caller.with_key(&own.caller, &policy.announced)?,
            Some(caller) => caller,
        });
    }
    Ok(caller)
}

impl<'a> Proof<'a> {
    pub(super) fn of_key(key: ApiKey, set: &Rc<ApiKeySet>, place: &'a Place) -> Self {
        Self::Closed(Settled {
            voucher: Voucher::Keys(Rc::clone(set)),
            caller: key.caller,
            evidence: Evidence::ApiKey,
            strip: Some(place),
        })
    }

    pub(super) fn of_token(provider: &Rc<Provider>, caller: Caller, evidence: Evidence, place: &'a Place) -> Self {
        Self::Closed(Settled::of_token(provider, caller, evidence, place))
    }

    fn settle(
        self,
        policy: &Policy,
        is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
    ) -> Result<Settled<'a>, Denial> {
        match self {
            Self::Closed(settled) => Ok(settled),
            Self::Open(unverified) => unverified.settle(policy, is_good),
        }
    }
}

impl<'a> Settled<'a> {
    fn of_token(provider: &Rc<Provider>, caller: Caller, evidence: Evidence, place: &'a Place) -> Self {
        let strip = (!provider.forward).then_some(place);
        Self { voucher: Voucher::Provider(Rc::clone(provider)), caller, evidence, strip }
    }
}

impl<'a> Unverified<'a> {
    /// Everything about a token but its signature; an error if no key can have made it.
    pub(super) fn read(
        accepted: &'a Accepted,
        presented: Presented<'a>,
        print: Fingerprint,
        now: Now,
    ) -> Result<Box<Self>, Denial> {
        let token = Jws::read(presented.text)?;
        let claims = Claims::read(&token.payload)?;
        let issuer = claims.text("iss")?.ok_or(Reason::BadClaim.about("iss"))?;
        let provider = accepted.issued_by(issuer)?;
        if presented.text.len() > provider.max_token_bytes {
            return Err(Reason::CredentialTooLarge.into());
        }
        let assertion = provider.examine(&token.header, &claims, now)?;
        let (keys, version) = (provider.keys()?, provider.keys.version());
        if keys.candidates(assertion.algorithm, token.header.kid.as_deref()).next().is_none() {
            return Err(Reason::UnknownKey.lacking(provider.document));
        }
        Ok(Box::new(Self { provider, keys, version, token, assertion, print, place: presented.place, now }))
    }

    fn settle(
        self,
        policy: &Policy,
        is_good: impl FnMut(&Signature<'_>) -> Result<bool, Undecided>,
    ) -> Result<Settled<'a>, Denial> {
        let Assertion { algorithm, validity, caller } = self.assertion;
        let signer = self.token.signer(&self.keys, algorithm, self.provider.max_keys_tried, is_good);
        let key = signer.map_err(|denial| match (denial.reason, &self.token.header.kid) {
            // Of a token that names no key nobody can tell a bad signature from a new key.
            (Reason::BadSignature, None) => Reason::BadSignature.lacking(self.provider.document),
            _ => denial,
        })?;
        let (provider, version) = (Rc::clone(self.provider), Cell::new(self.version));
        let since_millis = self.now.monotonic_millis;
        policy.remember(
            self.print,
            Remembered { provider, validity, caller: caller.clone(), since_millis, key, version },
        );
        Ok(Settled::of_token(self.provider, caller, Evidence::Verified, self.place))
    }
}
