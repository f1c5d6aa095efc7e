//! The request: limits that its head is enough for come first, so that nobody's body is awaited for whom they have no more.

use portcullis::ai::LIMITS;
use portcullis::ai::outline::{IN_FILTER_STATE, Outline};
use portcullis::ai::read::read;
use portcullis::head::{Body, Head, source};
use portcullis::prelude::*;

use super::{Passed, Visit};
use crate::config::StreamUsage;
use crate::filter::RateLimit;
use crate::inject;
use crate::policy::{Ask, Limit, Request, Unit, Use};
use crate::prompt::thing;
use crate::refusal::Denial;
use crate::taken::Answered;

/// A denial, and the limit that it comes from.
pub(super) type Denied = (Denial, Option<usize>);

/// What is known of a request when a limit is asked.
struct Known<'a> {
    request: Request<'a>,
    asked: &'a Outline,
    thing: u64,
    /// How many bytes its body has, as far as that is known.
    bytes: u64,
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
        let asked = Outline::empty();
        let known = Known {
            request: request(host, filter, &head, &head.models)?,
            asked: &asked,
            thing: 0,
            bytes: announced(&head),
        };
        self.take_all(host, filter, &known, |limit| !limit.needs_body())?;
        let is_open = |limit: &&Limit| limit.needs_body() && limit.is_about_head(&known.request);
        if !filter.limits.iter().any(|limit| is_open(&limit)) {
            return self.pass(host, filter, &head, &Outline::empty(), &head.models, true);
        }
        match head.body() {
            Body::Read => {
                if let Some(asked) = outlined(host, filter)? {
                    return self.take_outlined(host, filter, &head, &asked);
                }
                self.awaited = Some(Box::new(head));
                Ok(Flow::AwaitBody)
            }
            Body::Encoded => Err((Denial::ContentEncoding, None)),
            Body::OtherType => Err((Denial::ContentType, None)),
            Body::Unread | Body::Upgrade => {
                let asked = Outline::unread();
                let known = Known { asked: &asked, ..known };
                self.take_all(host, filter, &known, Limit::needs_body)?;
                self.pass(host, filter, &head, &asked, &head.models, true)
            }
        }
    }

    pub(super) fn judge_body(&mut self, host: &dyn Host, filter: &RateLimit, body: &[u8]) -> Result<Flow, Denied> {
        let Some(head) = self.awaited.take() else { return Err((Denial::HostFailed, None)) };
        let (asked, thing) = read_body(host, filter, &head, body).map_err(|denial| (denial, None))?;
        let models = [head.models.as_slice(), asked.models.as_slice()].concat();
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let known = Known {
            request: Request { tools: &asked.tools, ..request(host, filter, &head, &models)? },
            asked: &asked,
            thing,
            bytes,
        };
        self.sent = bytes;
        self.take_all(host, filter, &known, Limit::needs_body)?;
        self.ask_for_usage(host, filter, &head, &asked, body).map_err(|_| (Denial::HostFailed, None))?;
        self.pass(host, filter, &head, &asked, &models, false)
    }

    /// Asks the limits that want to know a body which another filter has read.
    fn take_outlined(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        head: &Head,
        asked: &Outline,
    ) -> Result<Flow, Denied> {
        let models = [head.models.as_slice(), asked.models.as_slice()].concat();
        let request = Request { tools: &asked.tools, ..request(host, filter, head, &models)? };
        let known = Known { request, asked, thing: 0, bytes: asked.bytes };
        self.take_all(host, filter, &known, Limit::needs_body)?;
        self.pass(host, filter, head, asked, &models, true)
    }

    /// Asks every limit of a kind that is about the request.
    fn take_all(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        known: &Known<'_>,
        is_asked: impl Fn(&Limit) -> bool,
    ) -> Result<(), Denied> {
        for (at, limit) in filter.limits.iter().enumerate().filter(|(_, limit)| is_asked(limit)) {
            if !limit.is_about(&known.request) {
                continue;
            }
            let denied = match units(filter, limit, known) {
                Ok(units) => self.take_one(host, filter, at, limit, known, units),
                Err(denial) => Some(denial),
            };
            match denied {
                Some(denial) if !limit.is_shadow => return Err((denial, Some(at))),
                Some(_) => self.shadowed = self.shadowed.or(Some(at)),
                None => {}
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
        units: u64,
    ) -> Option<Denial> {
        match filter.take(host, at, limit, &known.request, Ask { units, thing: known.thing }) {
            Answered::Given(taken, shown) => {
                self.taken.push(taken);
                self.shown.push(shown);
                None
            }
            Answered::Uncounted => None,
            Answered::Denied(denial, shown) => {
                self.shown.extend(shown);
                if limit.is_shadow {
                    host.tolerate();
                }
                Some(denial)
            }
        }
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
        let is_wanted =
            filter.stream_usage == StreamUsage::Inject && asked.streams && self.has_taken(filter, Unit::counts_tokens);
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

    fn pass(
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
        filter.grant(host, self.shadowed).map_err(failed)?;
        self.held_since = host.monotonic().0;
        self.passed = Some(Passed { endpoint: head.endpoint, input: asked.input, price: filter.prices.of(models) });
        let streams = has_body && counts_bytes && head.body() != Body::Upgrade;
        Ok(if streams { Flow::Stream(Streaming::default()) } else { Flow::Continue })
    }

    /// Gives back what was taken, and says no.
    pub(super) fn deny(&mut self, host: &dyn Host, filter: &RateLimit, (denial, limit): Denied) -> Flow {
        for taken in std::mem::take(&mut self.taken) {
            filter.settle(host, &taken, 0);
        }
        Flow::Reply(filter.refuse(host, denial, limit, &self.shown))
    }
}

fn request<'a>(
    host: &dyn Host,
    filter: &RateLimit,
    head: &'a Head,
    models: &'a [String],
) -> Result<Request<'a>, Denied> {
    let source = if filter.needs.source { source(host).map_err(|_| (Denial::HostFailed, None))? } else { None };
    Ok(Request {
        identity: head.identity.as_deref(),
        headers: &head.headers,
        subject: &head.subject,
        source,
        operation: head.operation(),
        models,
        tools: &[],
    })
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

/// How many units of a limit a request may use at most.
fn units(filter: &RateLimit, limit: &Limit, known: &Known<'_>) -> Result<u64, Denial> {
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
    let most = Use::at_most(asked.input, answer.saturating_mul(asked.choices), known.bytes);
    Ok(limit.unit.at_most(&most, price.as_ref()))
}

/// The length of the body, as the head announces it.
fn announced(head: &Head) -> u64 {
    let length = head.headers.first("content-length").and_then(|length| std::str::from_utf8(length).ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}
