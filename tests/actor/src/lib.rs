//! A filter that does what its configuration says, so that every part of the contract between a filter and the kit can
//! be tried in a real Envoy and on the fake host. Not for production: it can be told to trap.
//!
//! ```json
//! {"request": {"flow": "await_body"}, "request_body": {"do": [{"replace_body": "other"}]}}
//! ```

use std::cell::Cell;
use std::rc::Rc;

use portcullis::ai::rpc::{Asked, RpcId};
use portcullis::filter::End;
use portcullis::host::HttpCall;
use portcullis::prelude::*;
use serde::Deserialize;

/// What to do at each event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Headers that it may write.
    pub headers: Vec<String>,
    /// Query parameters that it may remove.
    pub query: Vec<String>,
    /// At `on_request`.
    pub request: Step,
    /// At `on_request_body`.
    pub request_body: Step,
    /// At `on_response`.
    pub response: Step,
    /// At `on_response_body`.
    pub response_body: Step,
    /// At `on_answer` with an HTTP answer.
    pub answer: Step,
    /// At `on_answer` after a wake-up.
    pub woken: Step,
    /// At `on_answer` after the deadline.
    pub timed_out: Step,
    /// At `on_answer` when the call failed.
    pub unreachable: Step,
    /// At `on_chunk`.
    pub chunk: Chunk,
    /// At `on_tick`.
    pub tick: Option<Tick>,
}

/// What to do at an event: first these, then the flow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Host calls to make.
    #[serde(rename = "do")]
    pub acts: Vec<Act>,
    /// What to return.
    pub flow: Next,
}

/// A host call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Sets a request header.
    SetHeader(String, String),
    /// Sets a response header.
    SetResponseHeader(String, String),
    /// Removes a request header.
    RemoveHeader(String),
    /// Removes query parameters.
    RemoveQuery(Vec<String>),
    /// Replaces the body of the side at hand.
    ReplaceBody(String),
    /// Writes filter state `actor`.
    SetState(String),
    /// Calls a cluster.
    Call(String),
    /// Asks for a tick.
    TickSoon,
    /// Says that failed calls do not matter.
    Tolerate,
    /// Ends the VM.
    Trap,
    /// Ends the VM if the request has the header `x-trap` with this value.
    TrapIf(String),
}

/// A flow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Next {
    /// `Flow::Continue`
    #[default]
    Continue,
    /// `Flow::AwaitBody`
    AwaitBody,
    /// `Flow::Stream`, with edits or without.
    Stream(bool),
    /// `Flow::AwaitAnswer` with this deadline in milliseconds.
    AwaitAnswer(u64),
    /// `Flow::Reply` with 403 `acted`, to the JSON-RPC request 1.
    Reply,
    /// `Flow::Reply` with a document.
    Document,
    /// `Flow::Reply` with a header value that holds CR LF.
    SplitReply,
    /// `Flow::Close`
    Close,
}

/// What to do with a piece.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Chunk {
    /// Let it pass.
    #[default]
    Same,
    /// Upper case.
    Upper,
    /// Hold back the last four bytes until the end.
    HoldBack,
    /// Stop at the first piece that holds this text.
    StopAt(String),
    /// Refuse at the first piece that holds this text.
    RefuseAt(String),
}

/// What to do at a tick.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {
    /// A cluster to call once.
    pub call: Option<String>,
    /// The time between ticks, in milliseconds; without it the next comes only when it is asked for.
    #[serde(default)]
    pub every: Option<u64>,
    /// Do nothing until a request has asked for a tick.
    #[serde(default)]
    pub when_asked: bool,
    /// Then ask for another, and do nothing before it.
    #[serde(default)]
    pub again: bool,
    /// Ends the VM at the first tick after a request with `x-trap: tick`.
    #[serde(default)]
    pub trap: bool,
}

/// The compiled filter.
pub struct Actor {
    config: Config,
    asked: Cell<bool>,
    asked_again: Cell<bool>,
    called: Cell<bool>,
    trap_at_tick: Cell<bool>,
}

const ENDED: Metric = Metric::counter("ended_total");
const ANSWERED: Metric = Metric::counter("tick_answers_total");
const TICKS: Metric = Metric::counter("ticks_total");

impl Filter for Actor {
    const NAME: &'static str = "actor";
    const STATE: &'static [&'static str] = &["actor"];
    const METRICS: &'static [Metric] = &[ENDED, ANSWERED, TICKS];
    type Config = Config;
    type Exchange = Scene;

    fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            config,
            asked: Cell::default(),
            asked_again: Cell::default(),
            called: Cell::default(),
            trap_at_tick: Cell::default(),
        })
    }

    fn exchange(self: &Rc<Self>) -> Scene {
        Scene { actor: Rc::clone(self), side: Side::Request, tail: Vec::new(), trap: None }
    }

    fn operator_headers(&self) -> &[String] {
        &self.config.headers
    }

    fn operator_query(&self) -> &[String] {
        &self.config.query
    }

    fn on_tick(&self, host: &dyn Host) -> NextTick {
        let Some(tick) = &self.config.tick else { return NextTick::Never };
        host.measure(TICKS, 1);
        if tick.trap && self.trap_at_tick.get() {
            std::process::abort();
        }
        if tick.when_asked && !self.asked.get() {
            return NextTick::Never;
        }
        if tick.again && !self.asked_again.replace(true) {
            host.tick_soon();
        } else if let Some(cluster) = tick.call.as_deref().filter(|_| !self.called.replace(true)) {
            call(host, cluster);
        }
        tick.every.map_or(NextTick::Never, |every| NextTick::In(Millis(every)))
    }

    fn on_answer(&self, host: &dyn Host, _: Call, answer: &Answer) {
        if matches!(answer, Answer::Http { status: 200, .. }) {
            host.measure(ANSWERED, 1);
            host.log(log_level(), "the tick's call was answered");
        }
    }
}

fn call(host: &dyn Host, cluster: &str) -> bool {
    let headers = [(":method", "GET"), (":path", "/call"), (":authority", "cluster")];
    host.call(&HttpCall { cluster, headers: &headers, body: b"", timeout: Millis(1000) }).is_ok()
}

/// One exchange.
pub struct Scene {
    actor: Rc<Actor>,
    side: Side,
    tail: Vec<u8>,
    trap: Option<Vec<u8>>,
}

impl Scene {
    fn act(&mut self, host: &dyn Host, step: &Step) -> Flow {
        for act in &step.acts {
            if !self.perform(host, act) {
                return Flow::Reply(Reply::unavailable("no_cluster"));
            }
        }
        Self::flow(&step.flow)
    }

    /// Failed calls are left to the kit; only a cluster that cannot be reached is the filter's to judge.
    fn perform(&mut self, host: &dyn Host, act: &Act) -> bool {
        match act {
            Act::SetHeader(name, value) => drop(host.set_header(Side::Request, name, value.as_bytes())),
            Act::SetResponseHeader(name, value) => drop(host.set_header(Side::Response, name, value.as_bytes())),
            Act::RemoveHeader(name) => drop(host.remove_header(Side::Request, name)),
            Act::RemoveQuery(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                host.remove_query(&names).ok();
            }
            Act::ReplaceBody(text) => drop(host.replace_body(self.side, text.as_bytes())),
            Act::SetState(text) => drop(host.set_property("actor", text.as_bytes())),
            Act::Call(cluster) => return call(host, cluster),
            Act::TickSoon => {
                self.actor.asked.set(true);
                host.tick_soon();
            }
            Act::Tolerate => host.tolerate(),
            Act::Trap => std::process::abort(),
            Act::TrapIf(phase) => self.trap_if(phase),
        }
        true
    }

    fn trap_if(&self, phase: &str) {
        if self.trap.as_deref() == Some(phase.as_bytes()) {
            std::process::abort();
        }
    }

    fn flow(next: &Next) -> Flow {
        let reply = Reply::new(Status::Forbidden, "acted", "The actor refused.");
        match next {
            Next::Continue => Flow::Continue,
            Next::AwaitBody => Flow::AwaitBody,
            Next::Stream(edits) => Flow::Stream(Streaming { edits: *edits, window: 4, ..Streaming::default() }),
            Next::AwaitAnswer(millis) => Flow::AwaitAnswer { deadline: Millis(*millis) },
            Next::Reply => Flow::Reply(reply.answering(Asked::One(RpcId::Number(1)))),
            Next::Document => Flow::Reply(Reply::document("served", "application/json", b"{}".to_vec())),
            Next::SplitReply => Flow::Reply(reply.header("x-split", "a\r\nx-smuggled: yes".to_owned())),
            Next::Close => Flow::Close,
        }
    }

    fn hold_back(&mut self, chunk: &[u8], last: bool) -> Pass {
        self.tail.extend_from_slice(chunk);
        let keep = if last { 0 } else { 4 };
        let held = self.tail.split_off(self.tail.len().saturating_sub(keep));
        Pass::Instead(std::mem::replace(&mut self.tail, held))
    }
}

fn holds(chunk: &[u8], text: &str) -> bool {
    chunk.windows(text.len().max(1)).any(|window| window == text.as_bytes())
}

impl Exchange for Scene {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        if let Ok(headers) = host.headers(Side::Request) {
            self.trap = headers.first("x-trap").map(<[u8]>::to_vec);
            self.actor.trap_at_tick.set(self.trap.as_deref() == Some(b"tick"));
        }
        self.act(host, &self.actor.config.request.clone())
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        host.log(log_level(), &format!("request body of {} bytes", body.len()));
        self.act(host, &self.actor.config.request_body.clone())
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        self.side = Side::Response;
        self.act(host, &self.actor.config.response.clone())
    }

    fn on_response_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        host.log(log_level(), &format!("response body of {} bytes", body.len()));
        self.act(host, &self.actor.config.response_body.clone())
    }

    fn on_chunk(&mut self, _: &dyn Host, _: Side, chunk: &[u8], last: bool) -> Pass {
        match &self.actor.config.chunk {
            Chunk::Upper if !chunk.is_empty() => Pass::Instead(chunk.to_ascii_uppercase()),
            Chunk::HoldBack => self.hold_back(chunk, last),
            Chunk::StopAt(text) if holds(chunk, text) => Pass::Stop(b"data: [DONE]\n\n".to_vec()),
            Chunk::RefuseAt(text) if holds(chunk, text) => {
                Pass::Refuse(Reply::new(Status::BadRequest, "acted", "The actor refused."))
            }
            _ => Pass::Same,
        }
    }

    fn on_answer(&mut self, host: &dyn Host, _: Option<Call>, answer: &Answer) -> Flow {
        let config = &self.actor.config;
        let step = match answer {
            Answer::Http { .. } => &config.answer,
            Answer::Woken => &config.woken,
            Answer::TimedOut => &config.timed_out,
            Answer::Unreachable => &config.unreachable,
        };
        self.act(host, &step.clone())
    }

    fn on_end(&mut self, host: &dyn Host, end: &End) {
        self.trap_if("log");
        host.measure(ENDED, 1);
        let replied = end.replied.unwrap_or("-");
        host.log(log_level(), &format!("end replied={replied} complete={}", end.complete));
    }
}

fn log_level() -> portcullis::log::Level {
    portcullis::log::Level::Info
}

portcullis::entry!(Actor);
