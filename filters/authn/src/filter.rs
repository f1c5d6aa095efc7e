//! When the policy is asked, which values it is given, and what its answer becomes: with `verify` and `documents` all
//! that knows the proxy.

use std::cell::Cell;
use std::rc::Rc;

use portcullis::identity;
use portcullis::prelude::*;
use portcullis::reply::realm;
use serde::Serialize;

use crate::compile::{self, Compiled};
use crate::config::Config;
use crate::documents::Documents;
use crate::hand_on::{COOKIE, announce, strip};
use crate::metrics::{
    ALLOWED, CACHE_HIT, CACHE_MISS, DOCUMENTS_MISSING, KEYS_SKIPPED, METRICS, NOT_SERVED, OPEN, SERVED,
};
use crate::policy::{Denial, Evidence, Now, Permit, Place, Policy, Reason, Resource, Resources, Rule};
use crate::refusal::{self, Realm};
use crate::verify::is_good;
use crate::visit::{Places, Visit};

/// One configuration of the filter.
pub struct Authn {
    policy: Policy,
    resources: Resources,
    documents: Documents,
    realm: String,
    writes_verdict: bool,
    headers: Vec<String>,
    single_headers: Vec<String>,
    query: Vec<String>,
    skipped: Vec<String>,
    is_open: bool,
    places: Places,
    /// The time of the last tick, which is exact enough for the age of what is remembered and costs nothing to read.
    age: Cell<u64>,
    tick: Millis,
    has_ticked: Cell<bool>,
}

impl Filter for Authn {
    const NAME: &'static str = "authn";
    const STATE: &'static [&'static str] = &[identity::STATE];
    const METRICS: &'static [Metric] = METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let Compiled { policy, resources, documents, skipped, is_open, max_age } = compile::compile(&config, env)?;
        let realm = realm(config.realm.as_deref().unwrap_or(env.instance()))?;
        let (single_headers, query, has_cookie) = places(&policy);
        let announced = policy.announced().iter().map(|announced| announced.header.clone());
        let cookie = has_cookie.then(|| COOKIE.to_owned());
        Ok(Self {
            headers: single_headers.iter().cloned().chain(announced).chain(cookie).collect(),
            single_headers,
            query,
            policy,
            resources,
            documents,
            realm,
            writes_verdict: config.verdict,
            skipped,
            is_open,
            places: Places::default(),
            age: Cell::new(0),
            tick: Millis((max_age.0 / 16).clamp(1_000, 60_000)),
            has_ticked: Cell::new(false),
        })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit::new(Rc::clone(self))
    }

    fn operator_headers(&self) -> &[String] {
        &self.headers
    }

    fn single_headers(&self) -> &[String] {
        &self.single_headers
    }

    fn operator_query(&self) -> &[String] {
        &self.query
    }

    fn on_tick(&self, host: &dyn Host) -> NextTick {
        self.age.set(host.monotonic().0 / 1_000_000);
        if !self.has_ticked.replace(true) {
            self.tell_operator(host);
        }
        let next = self.documents.tick(host);
        host.measure(DOCUMENTS_MISSING, count(self.documents.missing()));
        host.measure(KEYS_SKIPPED, count(self.skipped.len().saturating_add(self.documents.skipped())));
        NextTick::In(next.map_or(self.tick, |next| next.min(self.tick)))
    }

    fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) {
        self.documents.on_answer(host, call, answer);
    }
}

/// The headers and query parameters in which credentials may stand, and whether cookies are among the places.
fn places(policy: &Policy) -> (Vec<String>, Vec<String>, bool) {
    let (mut headers, mut query, mut has_cookie) = (Vec::new(), Vec::new(), false);
    for place in policy.sources().places() {
        match place {
            Place::Header(name) => headers.push(name.clone()),
            Place::Query(name) => query.push(name.clone()),
            Place::Cookie(_) => has_cookie = true,
        }
    }
    (headers, query, has_cookie)
}

impl Authn {
    pub(crate) fn documents(&self) -> &Documents {
        &self.documents
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }

    /// The rule that is about a request.
    pub(crate) fn rule(&self, host: &dyn Host, headers: &Headers) -> Result<&Rule, Denial> {
        let route = if self.policy.needs().route { host.property(&["xds", "route_name"]) } else { Ok(None) };
        self.policy.rule(headers, route.map_err(|_| Reason::HostFailed)?.as_deref())
    }

    /// What the rule makes of it.
    pub(crate) fn permit<'a>(
        &'a self,
        host: &dyn Host,
        rule: &'a Rule,
        headers: &'a Headers,
    ) -> Result<Permit<'a>, Denial> {
        let now = Now { unix_seconds: host.wall().seconds(), monotonic_millis: self.age.get() };
        self.policy.decide(rule, headers, now)?.settle(|signature| is_good(host, signature))
    }

    /// Writes who is calling and takes the credentials away. Whoever cannot be announced does not pass.
    pub(crate) fn grant(
        &self,
        host: &dyn Host,
        rule: &Rule,
        headers: &Headers,
        permit: &Permit<'_>,
    ) -> Result<Flow, Denial> {
        let strips = if rule.is_shadow { &[] } else { permit.strips() };
        let written = permit.caller().map_or(Ok(()), |caller| host.set_property(identity::STATE, caller.state()));
        let stripped = strip(host, headers, strips);
        let announced = announce(host, headers, self.policy.announced(), permit.caller());
        written.and(stripped).and(announced).map_err(|_| Reason::HostFailed)?;
        // The verdict is written once, so it comes last: who is refused after all has another.
        let noted = self.note(host, &Verdict { outcome: "allow", code: "ok", ..Verdict::about(Some(rule)) });
        noted.map_err(|_| Reason::HostFailed)?;
        permit.evidence().iter().copied().filter_map(cache_metric).for_each(|metric| host.measure(metric, 1));
        host.measure(ALLOWED, 1);
        Ok(Flow::Continue)
    }

    /// A rule in shadow: the refusal is told and counted, and the request goes on without an identity.
    pub(crate) fn look_on(&self, host: &dyn Host, rule: &Rule, headers: &Headers, denial: Denial) -> Flow {
        let cleared = announce(host, headers, self.policy.announced(), None);
        let noted = cleared.and_then(|()| self.note(host, &Verdict::denial(Some(rule), denial)));
        host.measure(refusal::of(denial.reason).shadow, 1);
        match noted {
            Ok(()) => Flow::Continue,
            Err(_) => self.refuse(host, b"", Some(rule), Reason::HostFailed.into()),
        }
    }

    /// Says no, and why.
    pub(crate) fn refuse(&self, host: &dyn Host, path: &[u8], rule: Option<&Rule>, denial: Denial) -> Flow {
        let refusal = refusal::of(denial.reason);
        host.measure(refusal.metric, 1);
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, &Verdict { mode: ENFORCE, ..Verdict::denial(rule, denial) }).ok();
        host.log(log::Level::Debug, &format!("refused: {} {}", denial.reason.name(), denial.about.unwrap_or_default()));
        let metadata_url = self.resources.of(path).map(Resource::metadata_url);
        Flow::Reply(refusal.reply(&Realm { name: &self.realm, metadata_url }))
    }

    /// The metadata of a resource, which is for everybody (RFC 9728 section 3), if this is a request for it.
    pub(crate) fn metadata(&self, host: &dyn Host, path: &[u8], method: Option<&[u8]>) -> Option<Reply> {
        let resource = self.resources.at_well_known(path)?;
        if !matches!(method, Some(b"GET" | b"HEAD")) {
            host.measure(NOT_SERVED, 1);
            let reply = Reply::new(Status::MethodNotAllowed, "method_not_allowed", "Metadata can only be read.");
            return Some(reply.header("allow", "GET, HEAD".to_owned()));
        }
        host.measure(SERVED, 1);
        Some(Reply::document("metadata", "application/json", resource.metadata().to_vec()))
    }

    fn note(&self, host: &dyn Host, verdict: &Verdict<'_>) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let state = serde_json::to_vec(verdict).map_err(|_| HostError::Malformed)?;
        host.set_verdict(&state)
    }

    /// Said once, after the configuration was read.
    fn tell_operator(&self, host: &dyn Host) {
        self.skipped.iter().for_each(|line| host.log(log::Level::Warn, line));
        if self.is_open {
            host.log(log::Level::Warn, "a rule lets everybody pass everywhere: it is anonymous or in shadow");
        }
        if !self.documents.is_empty() && has_blank_vm_id(host) {
            host.log(
                log::Level::Warn,
                "vm_id is empty: every plugin without one can write the keys that are fetched; give authn one of its own",
            );
        }
        host.measure(OPEN, u64::from(self.is_open));
    }
}

/// Whether this VM's shared data is that of all plugins without a `vm_id`. Unknown is no.
fn has_blank_vm_id(host: &dyn Host) -> bool {
    host.property(&["plugin_vm_id"]).is_ok_and(|id| id.is_some_and(|id| id.is_empty()))
}

/// The decision as access logs get it: names the operator chose and codes, never a byte of the request.
#[derive(Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'static str>,
    mode: &'static str,
}

const ENFORCE: &str = "enforce";

impl<'a> Verdict<'a> {
    fn about(rule: Option<&'a Rule>) -> Self {
        let mode = if rule.is_some_and(|rule| rule.is_shadow) { "shadow" } else { ENFORCE };
        Self { outcome: "deny", rule: rule.map(|rule| rule.name.as_str()), code: "", about: None, mode }
    }

    fn denial(rule: Option<&'a Rule>, denial: Denial) -> Self {
        Self { code: denial.reason.name(), about: denial.about, ..Self::about(rule) }
    }
}

fn cache_metric(evidence: Evidence) -> Option<Metric> {
    match evidence {
        Evidence::Remembered => Some(CACHE_HIT),
        Evidence::Verified => Some(CACHE_MISS),
        Evidence::ApiKey => None,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
