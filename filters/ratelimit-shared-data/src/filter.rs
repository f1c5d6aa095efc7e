//! What the limits' answers become: a request that goes on, or a refusal, told to the operator.

use std::cell::Cell;
use std::rc::Rc;

use portcullis::ai::dialects::Dialects;
use portcullis::identity::Recent;
use portcullis::prelude::*;
use serde::Serialize;

use crate::backend::Backend;
use crate::backend::owed::Owed;
use crate::compile::{self, Compiled};
use crate::config::{self, Config, Fields, OnContention, OnFull, StreamUsage};
use crate::fields;
use crate::metrics::{ALLOWED, METRICS, OPEN, SHADOWED};
use crate::policy::limit::KeyPart;
use crate::policy::watch::Why;
use crate::policy::{Algorithm, Limit, Meter, Now, Prices};
use crate::refusal::{self, Denial};
use crate::table::Table;
use crate::taken::Shown;
use crate::visit::Visit;

/// Answers that tell what they used come uncoded: the request says so.
const ACCEPT_ENCODING: &str = "accept-encoding";

/// One configuration of the filter.
pub struct RateLimit {
    pub(crate) limits: Vec<Limit>,
    pub(crate) prices: Prices,
    pub(crate) table: Table,
    pub(crate) backend: Option<Backend>,
    /// What the backend is told after the fact.
    pub(crate) owed: Owed,
    pub(crate) dialects: Rc<Dialects>,
    pub(crate) identities: Recent,
    pub(crate) needs: Needs,
    pub(crate) on_full: OnFull,
    pub(crate) on_contention: OnContention,
    pub(crate) after_stop: AfterStop,
    pub(crate) stream_usage: StreamUsage,
    pub(crate) fields: Fields,
    writes_verdict: bool,
    headers: Vec<String>,
    has_ticked: Cell<bool>,
}

/// What limits look at, so that only that is asked for.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // facts, each needed or not whatever the others are
pub(crate) struct Needs {
    /// Where the request goes, and what stands in its head.
    pub(crate) head: bool,
    /// What its body says.
    pub(crate) body: bool,
    /// How long what was taken has been held.
    pub(crate) leases: bool,
    pub(crate) identity: bool,
    pub(crate) route: bool,
    pub(crate) source: bool,
    pub(crate) wall: bool,
    /// How risky a request was found.
    pub(crate) risk: bool,
}

impl Filter for RateLimit {
    const NAME: &'static str = "ratelimit";
    const HEADERS: &'static [&'static str] = &[ACCEPT_ENCODING];
    const METRICS: &'static [Metric] = METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let Compiled { limits, backend, prices, pages, headers, .. } = compile::compile(&config)?;
        let after_stop = match config.after_stop {
            config::AfterStop::Drain => AfterStop::Drain(config.drain_for),
            config::AfterStop::Cut => AfterStop::Cut,
        };
        Ok(Self {
            needs: Needs::of(&limits),
            limits,
            prices,
            table: Table::new(env.instance(), pages),
            backend,
            owed: Owed::default(),
            dialects: Rc::clone(env.dialects()),
            identities: Recent::default(),
            on_full: config.on_full,
            on_contention: config.on_contention,
            after_stop,
            stream_usage: config.stream_usage,
            fields: config.fields,
            writes_verdict: config.verdict,
            headers,
            has_ticked: Cell::new(false),
        })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit::new(Rc::clone(self))
    }

    fn single_headers(&self) -> &[String] {
        &self.headers
    }

    /// Once, after the configuration was read, what the operator should know; then what the backend is owed.
    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if !self.has_ticked.replace(true) {
            self.tell_operator(host);
        }
        self.backend.as_ref().map_or(NextTick::Never, |backend| self.owed.tell(host, backend))
    }

    fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) {
        self.owed.hear(host, call, answer);
    }
}

impl Needs {
    fn of(limits: &[Limit]) -> Self {
        let has = |is_one: fn(&KeyPart) -> bool| limits.iter().flat_map(|limit| &limit.key).any(is_one);
        Self {
            head: limits.iter().any(Limit::looks_at_head),
            body: limits.iter().any(Limit::needs_body),
            leases: limits.iter().any(|limit| limit.meter().lease().is_some()),
            identity: has(KeyPart::is_of_identity) || limits.iter().any(|limit| limit.tiers.is_some()),
            route: limits.iter().any(|limit| limit.select.needs().route),
            source: has(KeyPart::is_of_address),
            risk: limits.iter().any(|limit| limit.risk().is_some()),
            wall: limits.iter().any(|limit| is_aligned(limit.meter())),
        }
    }
}

/// Whether its windows begin by the clock that people read.
fn is_aligned(meter: Meter) -> bool {
    match meter {
        Meter::AtOnce(algorithm) | Meter::AtEnd(algorithm, _) => algorithm == Algorithm::FixedWindow,
        Meter::Distinct(_) => true,
        Meter::UnderWay(_) => false,
    }
}

impl RateLimit {
    fn tell_operator(&self, host: &dyn Host) {
        let is_uncounted = self.backend.as_ref().is_some_and(Backend::is_open);
        let is_open = is_uncounted
            || self.on_contention == OnContention::Allow
            || self.limits.iter().all(|limit| limit.is_shadow);
        if is_open {
            host.log(log::Level::Warn, "requests pass that no limit counts, or all limits are in shadow");
        }
        host.measure(OPEN, u64::from(is_open));
    }

    pub(crate) fn now(&self, host: &dyn Host) -> Now {
        Now { monotonic: host.monotonic().0, wall: if self.needs.wall { host.wall().0 } else { 0 } }
    }

    /// Lets a request go on. What a limit in shadow would have refused is told.
    pub(crate) fn grant(
        &self,
        host: &dyn Host,
        shadowed: Option<usize>,
        spiking: Option<usize>,
    ) -> Result<(), HostError> {
        host.measure(ALLOWED, 1);
        host.measure(SHADOWED, u64::from(shadowed.is_some()));
        let (shadow, spike) = (self.name(shadowed), self.name(spiking));
        match (shadow, spike) {
            (None, None) if self.writes_verdict => host.set_verdict(PASSES),
            _ => self.note(host, &Verdict { shadow, spike, ..Verdict::of("allow", "allowed") }),
        }
    }

    /// Says no, and why.
    pub(crate) fn refuse(&self, host: &dyn Host, denial: Denial, limit: Option<usize>, shown: &[Shown]) -> Reply {
        let refusal = refusal::of(denial);
        host.measure(refusal.metric, 1);
        let decisive = shown.iter().rev().find(|shown| Some(shown.limit) == limit);
        let shrunk = decisive.and_then(|shown| shown.unusual.shrunk).map(|shrunk| word(shrunk.why));
        let verdict = Verdict { limit: self.name(limit), shrunk, ..Verdict::of("deny", refusal.code) };
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, &verdict).ok();
        host.log(log::Level::Debug, &format!("refused: {} {}", refusal.code, verdict.limit.unwrap_or_default()));
        let reply = refusal.reply(denial.wait());
        fields::of_refusal(self.fields, &self.limits, shown)
            .into_iter()
            .fold(reply, |reply, (name, value)| reply.header(name, value))
    }

    fn name(&self, limit: Option<usize>) -> Option<&str> {
        limit.and_then(|limit| self.limits.get(limit)).map(|limit| limit.name.as_str())
    }

    fn note(&self, host: &dyn Host, verdict: &Verdict<'_>) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let state = serde_json::to_vec(verdict).map_err(|_| HostError::Malformed)?;
        host.set_verdict(&state)
    }

    /// Asks the upstream for an answer that can be read.
    pub(crate) fn ask_uncoded(host: &dyn Host, headers: &Headers) -> Result<(), HostError> {
        match headers.first(ACCEPT_ENCODING) {
            Some(_) => host.remove_header(Side::Request, ACCEPT_ENCODING),
            None => Ok(()),
        }
    }
}

/// The verdict on most requests, as it is written.
const PASSES: &[u8] = br#"{"outcome":"allow","code":"allowed","mode":"enforce"}"#;

/// What access logs read as `%FILTER_STATE(wasm.portcullis.ratelimit:PLAIN)%`. Nothing in it comes from a request.
#[derive(Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    /// The limit that refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a str>,
    code: &'static str,
    mode: &'static str,
    /// The first limit in shadow that would have refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<&'a str>,
    /// The first limit whose key spends much faster than it used to.
    #[serde(skip_serializing_if = "Option::is_none")]
    spike: Option<&'a str>,
    /// Why the limit that refuses is smaller than it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    shrunk: Option<&'static str>,
}

impl Verdict<'_> {
    fn of(outcome: &'static str, code: &'static str) -> Self {
        Self { outcome, limit: None, code, mode: "enforce", shadow: None, spike: None, shrunk: None }
    }
}

/// Why a limit is smaller, as the verdict says it.
fn word(why: Why) -> &'static str {
    match why {
        Why::Spike => "spike",
        Why::Risk => "risk",
    }
}
