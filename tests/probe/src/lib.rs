//! A plugin without the adapter: it makes the host calls that its program names, in the callback it names, and logs the
//! status of each. `tests/host_facts.rs` asks a proxy with it what it really does.
//!
//! ```json
//! {"request_headers": ["pause"], "request_body_end": [{"replace_body": "other"}, "continue"]}
//! ```
//! A callback is looked up as `request_body_end`, then `response_body_3` (the third of its kind), then
//! `response_body`; without a program it continues.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use portcullis::host::{Action, ContextId, HostError, HttpCall, LocalReply, Millis, Plugin, Proxy, Side, Stream};
use portcullis::json;
use portcullis::telemetry::{MetricKind, shown};
use serde::Deserialize;

/// What to do in which callback.
pub type Program = HashMap<String, Vec<Op>>;

/// A host call, or what the callback returns.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Return `Continue`.
    Continue,
    /// Return `Pause`.
    Pause,
    /// Replace all buffered bytes of the side at hand.
    ReplaceBody(String),
    /// Replace a header of the side at hand.
    SetHeader(String, String),
    /// Log the values of a header of the side at hand.
    LogHeader(String),
    /// Log a property.
    LogProperty(Vec<String>),
    /// Set a property.
    SetProperty(String, String),
    /// Declare a property read-only.
    DeclareProperty(String),
    /// Reply with this status and one header.
    Reply(u32, String, String),
    /// Reset the stream.
    Close,
    /// Call a cluster with a timeout of half a second.
    Call(String),
    /// Let the request go on.
    ResumeRequest,
    /// Count in the metric `probe_total`.
    Count,
    /// Ask for a tick every so many milliseconds.
    Tick(u64),
    /// End the VM.
    Trap,
}

/// The plugin.
#[derive(Default)]
pub struct Probe {
    program: RefCell<Rc<Program>>,
    metric: Cell<Option<u32>>,
}

impl Probe {
    fn scene(&self) -> Scene {
        let program = Rc::clone(&self.program.borrow());
        Scene { program, metric: self.metric.get(), size: Cell::default(), counts: RefCell::default() }
    }
}

impl Plugin for Probe {
    fn on_configure(&self, proxy: &dyn Proxy, _: &[(String, String)], text: &[u8]) -> bool {
        let program =
            json::parse(text, json::Limits::default()).ok().and_then(|value| serde_json::from_value(value).ok());
        let Some(program) = program else {
            proxy.log(log(), "probe: not a program");
            return false;
        };
        self.program.replace(Rc::new(program));
        self.metric.set(proxy.define_metric(MetricKind::Counter, "probe_total").ok());
        self.scene().run(proxy, Side::Request, "configure", false);
        true
    }

    fn on_tick(&self, proxy: &dyn Proxy) {
        self.scene().run(proxy, Side::Request, "tick", false);
    }

    fn on_answer(&self, proxy: &dyn Proxy, _: u32, headers: usize, _: usize) {
        let event = if headers == 0 { "failure" } else { "answer" };
        self.scene().run(proxy, Side::Request, event, false);
    }

    fn stream(&self, _: ContextId) -> Rc<dyn Stream> {
        Rc::new(self.scene())
    }
}

struct Scene {
    program: Rc<Program>,
    metric: Option<u32>,
    size: Cell<usize>,
    counts: RefCell<HashMap<String, u32>>,
}

impl Stream for Scene {
    fn on_headers(&self, proxy: &dyn Proxy, side: Side, end: bool) -> Action {
        self.run(proxy, side, &format!("{}_headers", name(side)), end)
    }

    fn on_body(&self, proxy: &dyn Proxy, side: Side, size: usize, end: bool) -> Action {
        self.size.set(size);
        self.run(proxy, side, &format!("{}_body", name(side)), end)
    }

    fn on_trailers(&self, proxy: &dyn Proxy, side: Side) -> Action {
        self.run(proxy, side, &format!("{}_trailers", name(side)), true)
    }

    fn on_end(&self, proxy: &dyn Proxy) {
        self.run(proxy, Side::Request, "log", false);
    }
}

fn name(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "response",
    }
}

fn log() -> portcullis::log::Level {
    portcullis::log::Level::Warn
}

impl Scene {
    fn run(&self, proxy: &dyn Proxy, side: Side, event: &str, end: bool) -> Action {
        let mut action = Action::Continue;
        for op in self.ops(event, end) {
            let outcome = match op {
                Op::Continue => {
                    action = Action::Continue;
                    continue;
                }
                Op::Pause => {
                    action = Action::Pause;
                    continue;
                }
                op => self.perform(proxy, side, op),
            };
            proxy.log(log(), &format!("probe: {event}({}, {end}) {op:?} {outcome:?}", self.size.get()));
        }
        action
    }

    fn ops(&self, event: &str, end: bool) -> &[Op] {
        let count = {
            let mut counts = self.counts.borrow_mut();
            let count = counts.entry(event.to_owned()).or_default();
            *count = count.saturating_add(1);
            *count
        };
        let at_end = end.then(|| format!("{event}_end"));
        let names = [at_end, Some(format!("{event}_{count}")), Some(event.to_owned())];
        names.into_iter().flatten().find_map(|name| self.program.get(&name)).map(Vec::as_slice).unwrap_or_default()
    }

    fn perform(&self, proxy: &dyn Proxy, side: Side, op: &Op) -> Result<String, HostError> {
        match op {
            Op::Continue | Op::Pause => {}
            Op::ReplaceBody(text) => proxy.replace_body(side, self.size.get(), text.as_bytes())?,
            Op::SetHeader(name, value) => proxy.replace_header(side, name, value.as_bytes())?,
            Op::LogHeader(name) => {
                let headers = proxy.header_map(side)?;
                return Ok(headers.all(name).map(shown).collect::<Vec<_>>().join("|"));
            }
            Op::LogProperty(path) => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                return Ok(proxy.property(&path)?.map_or("absent".to_owned(), |value| shown(&value)));
            }
            Op::SetProperty(name, value) => proxy.set_property(name, value.as_bytes())?,
            Op::DeclareProperty(name) => proxy.declare_property(name)?,
            Op::Reply(status, name, value) => {
                let headers = [(name.as_str(), value.as_bytes())];
                proxy.reply(&LocalReply { status: *status, details: "probe", headers: &headers, body: b"probe" })?;
            }
            Op::Close => proxy.close()?,
            Op::Call(cluster) => {
                let headers = [(":method", "GET"), (":path", "/call"), (":authority", "cluster")];
                proxy.call(&HttpCall { cluster, headers: &headers, body: b"", timeout: Millis(500) })?;
            }
            Op::ResumeRequest => proxy.resume(Side::Request)?,
            Op::Count => self.metric.into_iter().for_each(|id| proxy.increment_metric(id, 1)),
            Op::Tick(millis) => proxy.tick_every(Some(Millis(*millis))),
            Op::Trap => std::process::abort(),
        }
        Ok(String::new())
    }
}

portcullis::plugin!(Probe);
