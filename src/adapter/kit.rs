//! What all streams of one configuration share: settings, metrics, memory held, calls under way, streams that wait.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use super::live::Waits;
use super::single::Single;
use crate::ai::dialects::Dialects;
use crate::config::Settings;
use crate::filter::Filter;
use crate::host::{ContextId, Millis, Monotonic, Proxy};
use crate::telemetry::{Meter, Metric, Sampler, kit as metrics};

/// How often waits are looked at: a deadline is kept to within this.
const SWEEP: Millis = Millis(50);
/// The shortest time to a tick that a proxy can be asked for.
const SOON: Millis = Millis(1);

/// Who made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Filter,
    Stream(ContextId),
}

pub(super) struct Kit<F> {
    pub(super) max_body: usize,
    memory_budget: usize,
    /// What the policy refuses passes.
    pub(super) is_shadow: bool,
    pub(super) shadow_lines: Sampler,
    meter: Meter,
    /// Which API is at which path.
    pub(super) dialects: Rc<Dialects>,
    /// Request headers that may stand only once, and those that may be written.
    pub(super) single: Single,
    /// Query parameters that may be removed.
    removable: Vec<String>,
    pub(super) calls: RefCell<HashMap<u32, Owner>>,
    streams: RefCell<HashMap<ContextId, Weak<dyn Waits>>>,
    held: Cell<usize>,
    /// A body callback came while headers were held: `allow_on_headers_stop_iteration` is set.
    pub(super) flag_proven: Cell<bool>,
    /// When the filter wants its next tick; the first is due at once.
    pub(super) next_tick: Cell<Option<Monotonic>>,
    /// Somebody asked for a tick of the filter meanwhile.
    pub(super) tick_asked: Cell<bool>,
    period: Cell<Option<Millis>>,
    /// How log lines begin: `portcullis authn`, or `portcullis authn/edge` for an instance with a name of its own.
    title: String,
    /// The name of the verdict in filter state.
    verdict: String,
    filter: std::marker::PhantomData<F>,
}

impl<F: Filter> Kit<F> {
    /// Defines metrics and filter state with the proxy.
    pub(super) fn new(proxy: &dyn Proxy, filter: &F, settings: &Settings, dialects: Rc<Dialects>) -> Self {
        let instance = settings.name.as_deref().unwrap_or(F::NAME);
        let verdict = match settings.name.as_deref() {
            Some(name) if name != F::NAME => format!("portcullis.{}.{name}", F::NAME),
            _ => format!("portcullis.{}", F::NAME),
        };
        for state in F::STATE.iter().copied().chain([verdict.as_str()]) {
            if proxy.declare_property(state).is_err() {
                // The proxy keeps the first declaration of a root context; a later write then fails, which refuses.
                proxy.log(log::Level::Warn, &format!("portcullis {}: {state} was declared before", F::NAME));
            }
        }
        Self {
            max_body: settings.max_body_bytes.0,
            memory_budget: settings.memory_budget.0,
            is_shadow: settings.shadow,
            shadow_lines: Sampler::default(),
            meter: Meter::define(proxy, F::NAME, instance, F::METRICS),
            single: Single::of(filter, &dialects),
            removable: filter.operator_query().to_vec(),
            dialects,
            calls: RefCell::default(),
            streams: RefCell::default(),
            held: Cell::new(0),
            flag_proven: Cell::new(false),
            next_tick: Cell::new(Some(Monotonic(0))),
            tick_asked: Cell::new(false),
            period: Cell::new(Some(SOON)),
            verdict,
            title: if instance == F::NAME {
                format!("portcullis {instance}")
            } else {
                format!("portcullis {}/{instance}", F::NAME)
            },
            filter: std::marker::PhantomData,
        }
    }

    /// Says what the operator must not overlook.
    pub(super) fn tell_operator(&self, proxy: &dyn Proxy) {
        self.measure(proxy, metrics::SHADOW, u64::from(self.is_shadow));
        if self.is_shadow {
            self.log(proxy, log::Level::Warn, "shadow is on: what the policy refuses passes");
        }
    }

    /// Takes `bytes` from the memory budget, if there are so many left.
    pub(super) fn hold(&self, bytes: usize) -> bool {
        let held = self.held.get().saturating_add(bytes);
        let fits = held <= self.memory_budget;
        if fits {
            self.held.set(held);
        }
        fits
    }

    /// Gives `bytes` back.
    pub(super) fn release(&self, bytes: usize) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    /// Keeps a stream where answers and the tick find it.
    pub(super) fn register(&self, id: ContextId, live: Weak<dyn Waits>) {
        self.streams.borrow_mut().insert(id, live);
    }

    /// A stream waits for nothing any more.
    pub(super) fn unregister(&self, id: ContextId) {
        self.streams.borrow_mut().remove(&id);
    }

    /// Forgets the calls that a stream made.
    pub(super) fn forget_calls(&self, id: ContextId) {
        self.calls.borrow_mut().retain(|_, owner| *owner != Owner::Stream(id));
    }

    pub(super) fn stream(&self, id: ContextId) -> Option<Rc<dyn Waits>> {
        self.streams.borrow().get(&id).and_then(Weak::upgrade)
    }

    /// The registered streams, copied: an event may forget one.
    pub(super) fn waiting(&self) -> Vec<Rc<dyn Waits>> {
        self.streams.borrow().values().filter_map(Weak::upgrade).collect()
    }

    pub(super) fn filter_is_due(&self, now: Monotonic) -> bool {
        self.tick_asked.get() || self.next_tick.get().is_some_and(|due| due <= now)
    }

    /// Asks for as many ticks as are needed and no more.
    pub(super) fn schedule(&self, proxy: &dyn Proxy, of_candidate: Option<Monotonic>) {
        let asked = self.tick_asked.get().then_some(SOON);
        let due = [self.next_tick.get(), of_candidate].into_iter().flatten().min();
        let filter = due.map(|due| due.since(proxy.monotonic()).max(SOON));
        let sweep = if self.streams.borrow().is_empty() { None } else { Some(SWEEP) };
        let period = [asked, filter, sweep].into_iter().flatten().min();
        if self.period.replace(period) != period {
            proxy.tick_every(period);
        }
    }

    /// Asks for the sweep, from the callback of a stream that begins to wait.
    pub(super) fn sweep_soon(&self, proxy: &dyn Proxy) {
        self.tick_within(proxy, SWEEP);
    }

    /// Asks for a tick in this time if none comes earlier. A timer that is set again begins again: it is left alone.
    fn tick_within(&self, proxy: &dyn Proxy, time: Millis) {
        if self.period.get().is_none_or(|period| period > time) {
            self.period.set(Some(time));
            proxy.tick_every(Some(time));
        }
    }
}

/// What streams and their doors ask of a kit, whatever its filter is.
pub(super) trait Shares {
    fn measure(&self, proxy: &dyn Proxy, metric: Metric, value: u64);
    fn may_write(&self, name: &str) -> bool;
    fn removable_query(&self) -> &[String];
    fn called(&self, token: u32, owner: Owner);
    fn tick_soon(&self, proxy: &dyn Proxy);
    fn verdict(&self) -> &str;
    fn log(&self, proxy: &dyn Proxy, level: log::Level, line: &str);
}

impl<F: Filter> Shares for Kit<F> {
    fn measure(&self, proxy: &dyn Proxy, metric: Metric, value: u64) {
        self.meter.measure(proxy, metric, value);
    }

    fn may_write(&self, name: &str) -> bool {
        self.single.is_written(name)
    }

    fn removable_query(&self) -> &[String] {
        &self.removable
    }

    fn called(&self, token: u32, owner: Owner) {
        self.calls.borrow_mut().insert(token, owner);
    }

    fn tick_soon(&self, proxy: &dyn Proxy) {
        self.tick_asked.set(true);
        self.tick_within(proxy, SOON);
    }

    fn verdict(&self) -> &str {
        &self.verdict
    }

    fn log(&self, proxy: &dyn Proxy, level: log::Level, line: &str) {
        proxy.log(level, &format!("{}: {line}", self.title));
    }
}
