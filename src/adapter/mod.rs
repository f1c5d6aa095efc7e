//! The life of a stream, known once for all filters: the proxy's callbacks become the questions of [`Exchange`], and
//! the answers become host calls.
//!
//! Every rule here is a fact about Envoy that was a hole or an outage somewhere (`tests/host_facts.rs` keeps them):
//! - while an exchange waits, the header, body and trailer callbacks of that side all hold;
//! - a body is whole at its last piece, at trailers, or at once when there is none;
//! - a body and its `content-length` change together;
//! - a stream is answered once, and its own answer is not judged;
//! - every wait has a deadline.
//!
//! # Shadow
//!
//! With `shadow: true` the filter is asked, writes and counts as always, and what it refuses passes: replies, resets,
//! stopped bodies, on either side. So does what the kit would refuse for it: repeated headers, bodies over the cap, a
//! failed host call, a missing flag. Each is counted (`kit_total.event.shadowed`), one in a second is logged, and nobody
//! is asked about that exchange again; `on_end` is told the code. Documents are served.
//!
//! - A streamed body passes as it came, whatever the filter would make of it: what it held back of one piece would be
//!   missing when it refuses the next.
//! - What the filter wrote before it refused stays: its verdict (which says `deny`), headers and query parameters that it
//!   removed, a whole body that it replaced. What it would have removed goes to the upstream.
//! - In force stay the memory budget (503 `overloaded`: a failed allocation is a trap), and that a body whose
//!   `content-length` was changed without it goes nowhere (503 `host_failed`: it would be request smuggling).
//! - Requests are held as always, for a body or an answer: Envoy's own limits on what is held apply.
//!
//! [`Adapter`] is one configuration in one VM, `Kit` what it shares with its streams, `Live` one stream, and `Door`
//! the [`Host`](crate::host::Host) that a filter is handed. `candidate` is a second policy that is asked the same.
//!
//! [`Exchange`]: crate::filter::Exchange

mod candidate;
mod door;
mod half;
mod kit;
mod live;
mod single;
mod unconfigured;

use std::cell::RefCell;
use std::rc::Rc;

use self::candidate::Candidate;
use self::door::{Door, Memo};
use self::kit::{Kit, Owner};
use self::live::Live;
use self::unconfigured::Unconfigured;
use crate::ai::dialects::Dialects;
use crate::config::{self, ConfigError, Settings};
use crate::filter::{Answer, Call, Env, Filter, NextTick};
use crate::host::{ContextId, HostError, Millis, Plugin, Proxy, Stream};
use crate::http::header::Headers;

/// One configuration of a filter in one VM.
pub struct Adapter<F: Filter> {
    core: RefCell<Option<Rc<Core<F>>>>,
}

impl<F: Filter> Default for Adapter<F> {
    fn default() -> Self {
        Self { core: RefCell::new(None) }
    }
}

/// A compiled filter and what its streams share.
struct Core<F: Filter> {
    filter: Rc<F>,
    kit: Kit<F>,
    candidate: Option<Candidate<F>>,
}

/// A configuration, compiled.
pub struct Compiled<F> {
    /// What every filter has.
    pub settings: Settings,
    /// Which API is at which path.
    pub dialects: Rc<Dialects>,
    /// The filter.
    pub filter: F,
    /// The second policy that only looks on.
    pub candidate: Option<F>,
}

/// Reads and compiles a configuration, as the proxy does at load and the command line tool offline.
pub fn compile<F: Filter>(variables: &[(String, String)], text: &[u8]) -> Result<Compiled<F>, ConfigError> {
    let (settings, own) = config::read::<F::Config>(text)?;
    let dialects = Rc::new(Dialects::compile(&settings.dialects)?);
    let instance = settings.name.clone().unwrap_or_else(|| F::NAME.to_owned());
    let env = Env::new(instance, variables.iter().cloned()).with_dialects(Rc::clone(&dialects));
    let filter = F::compile(own, &env)?;
    let candidate = settings.candidate::<F::Config>()?.map(|own| F::compile(own, &env)).transpose();
    let candidate = candidate.map_err(|fault| fault.within("candidate"))?;
    Ok(Compiled { settings, dialects, filter, candidate })
}

impl<F: Filter> Plugin for Adapter<F> {
    fn on_configure(&self, proxy: &dyn Proxy, variables: &[(String, String)], configuration: &[u8]) -> bool {
        match compile::<F>(variables, configuration) {
            Ok(Compiled { settings, dialects, filter, candidate }) => {
                let candidate = candidate.map(|filter| Candidate::new(filter, &dialects));
                let kit = Kit::new(proxy, &filter, &settings, dialects);
                kit.tell_operator(proxy);
                self.core.replace(Some(Rc::new(Core { filter: Rc::new(filter), kit, candidate })));
                proxy.tick_every(Some(Millis(1)));
                true
            }
            Err(error) => {
                proxy.log(log::Level::Error, &format!("portcullis {}: configuration refused: {error}", F::NAME));
                false
            }
        }
    }

    fn on_tick(&self, proxy: &dyn Proxy) {
        let Some(core) = self.core.borrow().clone() else { return };
        let worked = core.tick_filter(proxy);
        core.tick_candidate(proxy);
        core.sweep(proxy, worked);
        core.schedule(proxy);
    }

    fn on_answer(&self, proxy: &dyn Proxy, token: u32, headers: usize, _body: usize) {
        let Some(core) = self.core.borrow().clone() else { return };
        let Some(owner) = core.kit.calls.borrow_mut().remove(&token) else { return };
        let answer = read_answer(proxy, headers);
        match owner {
            Owner::Filter => core.answer_filter(proxy, Call(token), &answer),
            Owner::Stream(id) => core.answer_stream(proxy, id, Call(token), &answer),
        }
        core.schedule(proxy);
    }

    fn stream(&self, id: ContextId) -> Rc<dyn Stream> {
        match self.core.borrow().as_ref() {
            Some(core) => Live::new(id, Rc::clone(core)),
            None => Rc::new(Unconfigured::new(F::NAME)),
        }
    }
}

impl<F: Filter> Core<F> {
    /// Gives the filter its tick if it is due; says whether it has work of its own that streams could wait for.
    fn tick_filter(&self, proxy: &dyn Proxy) -> bool {
        let now = proxy.monotonic();
        if !self.kit.filter_is_due(now) {
            return false;
        }
        let was_asked = self.kit.tick_asked.take();
        let memo = Memo::default();
        let next = self.filter.on_tick(&Door::new(proxy, &self.kit, Owner::Filter, &memo));
        self.kit.next_tick.set(match next {
            NextTick::Never => None,
            NextTick::In(millis) => Some(now.plus(millis)),
        });
        was_asked || next != NextTick::Never
    }

    fn tick_candidate(&self, proxy: &dyn Proxy) {
        if let Some(candidate) = &self.candidate {
            let memo = Memo::default();
            candidate.tick(&Door::new(proxy, &self.kit, Owner::Filter, &memo));
        }
    }

    fn schedule(&self, proxy: &dyn Proxy) {
        self.kit.schedule(proxy, self.candidate.as_ref().and_then(Candidate::next_tick));
    }

    /// Ends waits whose deadline has passed, and wakes those that wait for the filter's own work if there was some.
    fn sweep(&self, proxy: &dyn Proxy, worked: bool) {
        let now = proxy.monotonic();
        for live in self.kit.waiting() {
            if proxy.act_on(live.id()).is_err() {
                continue;
            }
            live.on_deadline(proxy, now);
            if worked {
                live.on_woken(proxy);
            }
        }
    }

    fn answer_filter(&self, proxy: &dyn Proxy, call: Call, answer: &Answer) {
        let memo = Memo::default();
        self.filter.on_answer(&Door::new(proxy, &self.kit, Owner::Filter, &memo), call, answer);
        self.sweep(proxy, true);
    }

    fn answer_stream(&self, proxy: &dyn Proxy, id: ContextId, call: Call, answer: &Answer) {
        let Some(live) = self.kit.stream(id) else { return };
        if proxy.act_on(id).is_ok() {
            live.on_answer(proxy, call, answer);
        }
    }
}

/// Reads the answer to a call. No headers means that it failed on the way (a reset, or more than Envoy buffers).
fn read_answer(proxy: &dyn Proxy, headers: usize) -> Answer {
    if headers == 0 {
        return Answer::Unreachable;
    }
    read_http(proxy).unwrap_or(Answer::Unreachable)
}

fn read_http(proxy: &dyn Proxy) -> Result<Answer, HostError> {
    let headers = proxy.answer_map(false)?;
    let status = status_of(&headers).ok_or(HostError::Malformed)?;
    let body = proxy.answer_body(Answer::MAX_BODY.saturating_add(1))?;
    if body.len() > Answer::MAX_BODY {
        return Err(HostError::Malformed);
    }
    Ok(Answer::Http { status, headers, body, trailers: proxy.answer_map(true).unwrap_or_default() })
}

fn status_of(headers: &Headers) -> Option<u16> {
    let text = std::str::from_utf8(headers.first(":status")?).ok()?;
    text.parse().ok().filter(|status| (100..=599).contains(status))
}
