//! The request: limits that its head is enough for come first, so that nobody's body is awaited for whom they have no more.

use portcullis::ai::LIMITS;
use portcullis::ai::outline::{IN_FILTER_STATE, Outline};
use portcullis::ai::read::read;
use portcullis::head::{Body, Head, source};
use portcullis::prelude::*;

use super::backend::{Step, Then};
use super::{Passed, Visit};
use crate::asking::Question;
use crate::backend::Backend;
use crate::config::StreamUsage;
use crate::filter::RateLimit;
use crate::inject;
use crate::policy::{Ask, Limit, Request, Unit, Use};
use crate::prompt::thing;
use crate::refusal::Denial;

/// A denial, and the limit that it comes from.
pub(super) type Denied = (Denial, Option<usize>);

/// What is known of a request when a limit is asked.
struct Known<'a> {
    request: Request<'a>,
    asked: &'a Outline,
    thing: u64,
}

impl Visit {
    pub(super) fn judge_head(&mut self, host: &dyn Host, filter: &RateLimit) -> Result<Flow, Denied> {
        let identities = filter.needs.identity.then_some(&filter.identities);
        let head = if filter.needs.head {
            Head::read(host, &filter.dialects, identities, filter.needs.route)
        } else {
            Head::of_caller(host, identities)
        };
        let head = head.map_err(|unclear| (Denial::Unclear(unclear), None))?;
        let asked = Outline::empty().of_bytes(announced(&head));
        let known = known(host, filter, &head, &head.models, &asked)?;
        self.take_all(host, filter, &known, |limit| !limit.needs_body())?;
        self.ask_backend(host, filter, Step { head, then: Then::Body })
    }

    /// The limits that its head is enough for have let it pass: the others want to know its body, if any is about it.
    pub(super) fn after_head(&mut self, host: &dyn Host, filter: &RateLimit, head: Head) -> Result<Flow, Denied> {
        let asked = Outline::empty();
        if !filter.needs.body {
            return self.pass(host, filter, &head, &asked, &head.models, true);
        }
        let known = known(host, filter, &head, &head.models, &asked)?;
        let is_open = |limit: &Limit| limit.needs_body() && limit.is_about_head(&known.request);
        if !filter.limits.iter().any(is_open) {
            return self.pass(host, filter, &head, &asked, &head.models, true);
        }
        match head.body() {
            Body::Read => {
                if let Some(asked) = outlined(host, filter)? {
                    return self.take_known(host, filter, head, asked, 0, true);
                }
                self.awaited = Some(Box::new(head));
                Ok(Flow::AwaitBody)
            }
            Body::Encoded => Err((Denial::ContentEncoding, None)),
            Body::OtherType => Err((Denial::ContentType, None)),
            Body::Unread | Body::Upgrade => {
                let asked = Outline::unread().of_bytes(announced(&head));
                self.take_known(host, filter, head, asked, 0, true)
            }
        }
    }

    pub(super) fn judge_body(&mut self, host: &dyn Host, filter: &RateLimit, body: &[u8]) -> Result<Flow, Denied> {
        let Some(head) = self.awaited.take() else { return Err((Denial::HostFailed, None)) };
        let (asked, thing) = read_body(host, filter, &head, body).map_err(|denial| (denial, None))?;
        self.sent = asked.bytes;
        self.ask_for_usage(host, filter, &head, &asked, body).map_err(|_| (Denial::HostFailed, None))?;
        self.take_known(host, filter, *head, asked, thing, false)
    }

    /// Asks the limits that want to know the body, of which this is known.
    fn take_known(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        head: Head,
        asked: Outline,
        thing: u64,
        has_body: bool,
    ) -> Result<Flow, Denied> {
        let models = [head.models.as_slice(), asked.models.as_slice()].concat();
        let known = Known { thing, ..known(host, filter, &head, &models, &asked)? };
        self.take_all(host, filter, &known, Limit::needs_body)?;
        self.ask_backend(host, filter, Step { head, then: Then::Passes { asked, models, has_body } })
    }

    /// Asks every limit of a kind that is about the request; what the backend counts it is asked afterwards.
    fn take_all(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        known: &Known<'_>,
        is_asked: impl Fn(&Limit) -> bool,
    ) -> Result<(), Denied> {
        for (at, limit) in filter.limits.iter().enumerate().filter(|(_, limit)| is_asked(limit)) {
            if limit.is_about(&known.request) {
                self.take_one(host, filter, at, limit, known)?;
            }
        }
        Ok(())
    }

    fn take_one(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        at: usize,
        limit: &Limit,
        known: &Known<'_>,
    ) -> Result<(), Denied> {
        let is_known = if limit.lacks_caller(&known.request) { Err(Denial::NoIdentity) } else { Ok(()) };
        let units = match is_known.and_then(|()| units(filter, limit, known)) {
            Ok(units) => units,
            Err(denial) => return self.refused(host, filter, at, denial),
        };
        let ask = Ask { units: units.most, thing: known.thing };
        let wanted = filter.wanted(host, at, limit, &known.request, ask);
        let answered = match wanted {
            Ok(wanted) if limit.is_remote => {
                match Question::new(host, filter, limit, &known.request, wanted, units.at_first) {
                    Ok(question) => {
                        self.questions.push_back(question);
                        return Ok(());
                    }
                    Err(untouched) => filter.untouched(host, untouched),
                }
            }
            Ok(wanted) => filter.take(host, limit, wanted),
            Err(untouched) => filter.untouched(host, untouched),
        };
        self.note(host, filter, at, answered)
    }

    /// Asks for what a streamed answer uses, if a limit counts it and the client did not ask.
    fn ask_for_usage(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        head: &Head,
        asked: &Outline,
        body: &[u8],
    ) -> Result<(), HostError> {
        let counts_tokens = || filter.limits.iter().any(|limit| limit.unit.counts_tokens());
        let is_wanted = filter.stream_usage == StreamUsage::Inject && asked.streams && counts_tokens();
        let Some(body) = head.endpoint.filter(|_| is_wanted).and_then(|endpoint| inject::asking(endpoint, body)) else {
            return Ok(());
        };
        self.asked_for_usage = true;
        host.replace_body(Side::Request, &body)
    }

    /// Whether something was taken from a limit of such a unit.
    pub(super) fn has_taken(&self, filter: &RateLimit, is_one: impl Fn(Unit) -> bool) -> bool {
        self.taken.iter().filter_map(|taken| filter.limits.get(taken.limit)).any(|limit| is_one(limit.unit))
    }

    pub(super) fn pass(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        head: &Head,
        asked: &Outline,
        models: &[String],
        has_body: bool,
    ) -> Result<Flow, Denied> {
        let failed = |_| (Denial::HostFailed, None);
        let counts_bytes = self.has_taken(filter, |unit| unit == Unit::Bytes);
        if self.has_taken(filter, Unit::counts_tokens) {
            RateLimit::ask_uncoded(host, &head.headers).map_err(failed)?;
        }
        filter.grant(host, self.shadowed, self.spiking).map_err(failed)?;
        if !self.taken.is_empty() && filter.needs.leases {
            self.held_since = host.monotonic().0;
        }
        self.passed = Some(Passed { endpoint: head.endpoint, input: asked.input, price: filter.prices.of(models) });
        let streams = has_body && counts_bytes && head.body() != Body::Upgrade;
        Ok(if streams { Flow::Stream(Streaming::default()) } else { Flow::Continue })
    }

    /// Gives back what was taken, as far as it can be, and says no.
    pub(super) fn deny(&mut self, host: &dyn Host, filter: &RateLimit, (denial, limit): Denied) -> Flow {
        for taken in std::mem::take(&mut self.taken) {
            filter.settle(host, &taken, 0);
        }
        Flow::Reply(filter.refuse(host, denial, limit, &self.shown))
    }
}

/// What is known of a request that asks for so much.
fn known<'a>(
    host: &dyn Host,
    filter: &RateLimit,
    head: &'a Head,
    models: &'a [String],
    asked: &'a Outline,
) -> Result<Known<'a>, Denied> {
    let source = if filter.needs.source { source(host).map_err(|_| (Denial::HostFailed, None))? } else { None };
    let request = Request {
        identity: head.identity.as_deref(),
        headers: &head.headers,
        subject: &head.subject,
        source,
        operation: head.operation(),
        models,
        tools: &asked.tools,
    };
    Ok(Known { request, asked, thing: 0 })
}

/// What another filter told of the body, if that is enough: neither is anything to be written into it, nor do its texts count.
fn outlined(host: &dyn Host, filter: &RateLimit) -> Result<Option<Outline>, Denied> {
    if filter.limits.iter().any(|limit| limit.unit == Unit::Distinct) {
        return Ok(None);
    }
    let state = host.property(&["filter_state", IN_FILTER_STATE]).map_err(|_| (Denial::HostFailed, None))?;
    let outline = state.as_deref().and_then(Outline::from_state);
    Ok(outline.filter(|outline| !(outline.streams && filter.stream_usage == StreamUsage::Inject)))
}

/// What a body asks for, and what tells its prompt from others.
fn read_body(host: &dyn Host, filter: &RateLimit, head: &Head, body: &[u8]) -> Result<(Outline, u64), Denial> {
    let Some(endpoint) = head.endpoint.filter(|_| !body.is_empty()) else {
        return Ok((Outline::empty(), 0));
    };
    let reading = read(body, endpoint.request, LIMITS).map_err(Denial::Body)?;
    let is_distinct = filter.limits.iter().any(|limit| limit.unit == Unit::Distinct);
    let thing = match filter.table.secret(host) {
        Ok(secret) if is_distinct => thing(&secret, &reading),
        _ => 0,
    };
    Ok((Outline::of(endpoint, body, &reading), thing))
}

/// How many units a request costs.
struct Units {
    /// At most.
    most: u64,
    /// When it comes, where nobody takes back what it does not use.
    at_first: u64,
}

/// How many units of a limit a request may use.
fn units(filter: &RateLimit, limit: &Limit, known: &Known<'_>) -> Result<Units, Denial> {
    let (asked, models) = (known.asked, known.request.models);
    let price = filter.prices.of(models);
    if limit.unit == Unit::Cost && price.is_none() {
        return Err(Denial::NoPrice);
    }
    let answer = match asked.cap {
        Some(cap) => cap,
        None if known.request.operation.has_output() => limit.default_output(models),
        None => 0,
    };
    let of = |output| limit.unit.at_most(&Use::at_most(asked.input, output, asked.bytes), price.as_ref());
    let most = of(answer.saturating_mul(asked.choices));
    let reserves = filter.backend.as_ref().is_none_or(Backend::reserves);
    let at_first = match limit.unit {
        _ if reserves => most,
        // How much of its input comes from a cache only the answer tells.
        Unit::CachedTokens => 0,
        _ => of(0),
    };
    Ok(Units { most, at_first })
}

/// The length of the body, as the head announces it.
fn announced(head: &Head) -> u64 {
    let length = head.headers.first("content-length").and_then(|length| std::str::from_utf8(length).ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}
