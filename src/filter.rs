//! What a filter is: a configuration that compiles into a policy, and an exchange that asks it questions.
//!
//! A filter crate implements [`Filter`] for its compiled policy and [`Exchange`] for one request and its answer. It
//! says what it waits for by name ([`Flow`]) and never how: bodies that end in trailers, streams that hold, calls
//! that time out are the adapter's.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::de::DeserializeOwned;

use crate::ai::dialects::Dialects;
use crate::config::ConfigError;
use crate::host::{Host, Millis, Side};
use crate::http::header::Headers;
use crate::reply::Reply;
use crate::telemetry::Metric;

/// A compiled policy. Everything that a filter remembers lives in this value: two configurations in one VM share nothing.
pub trait Filter: Sized + 'static {
    /// `authn`, `rbac`, `ratelimit`, `prompt_guard` or `schema_check`: part of metrics, codes and filter state.
    const NAME: &'static str;
    /// The only request headers this filter writes or removes, beside those that [`Filter::operator_headers`] names.
    const HEADERS: &'static [&'static str] = &[];
    /// Filter state that this filter writes for others, beside its verdict. Each is declared read-only: a second write is
    /// refused by the proxy, so two instances in one chain cannot both write it.
    const STATE: &'static [&'static str] = &[];
    /// The counters, gauges and histograms of this filter, defined once when the configuration is read.
    const METRICS: &'static [Metric] = &[];

    /// What the operator writes, without the settings that the kit reads itself (see [`crate::config::Settings`]).
    type Config: DeserializeOwned;
    /// One request and its answer.
    type Exchange: Exchange;

    /// Turns what was written into what it means. Runs once per VM, and offline in the command line tool.
    fn compile(config: Self::Config, env: &Env) -> Result<Self, ConfigError>;
    /// A new exchange.
    fn exchange(self: &Rc<Self>) -> Self::Exchange;

    /// Headers that the operator told this filter to write or remove.
    fn operator_headers(&self) -> &[String] {
        &[]
    }
    /// Query parameters that the operator told this filter to remove ([`Host::remove_query`]).
    fn operator_query(&self) -> &[String] {
        &[]
    }
    /// Header names that may stand only once in a request, beside the kit's own list: every credential source.
    fn single_headers(&self) -> &[String] {
        &[]
    }
    /// Names of request headers that decisions hang on and that may stand more than once. Like those above they have no
    /// alias: a name that some servers take for one of them, with `_` for `-`, is refused.
    fn read_headers(&self) -> &[String] {
        &[]
    }
    /// Work that belongs to no request. First asked right after the configuration was read.
    fn on_tick(&self, _host: &dyn Host) -> NextTick {
        NextTick::Never
    }
    /// The answer to a call made from `on_tick`. Exchanges that wait without a call of their own are woken after it.
    fn on_answer(&self, _host: &dyn Host, _call: Call, _answer: &Answer) {}
}

/// One request and its answer. Every method has a default that lets pass.
///
/// A filter does nothing for `shadow` and `candidate` (see [`adapter`](crate::adapter)): it decides, and does not know
/// whether its decision is felt.
///
/// The order of events: `on_request`, then `on_request_body` or `on_chunk` if asked for, `on_response`, then its
/// body, and `on_end` exactly once. `on_answer` and a later decision may stand between any two.
pub trait Exchange: 'static {
    /// Request headers are readable.
    fn on_request(&mut self, _host: &dyn Host) -> Flow {
        Flow::Continue
    }
    /// The whole request body, once, after [`Flow::AwaitBody`]; empty when there is none.
    fn on_request_body(&mut self, _host: &dyn Host, _body: &[u8]) -> Flow {
        Flow::Continue
    }
    /// Response headers are readable.
    fn on_response(&mut self, _host: &dyn Host) -> Flow {
        Flow::Continue
    }
    /// The whole response body, once, after [`Flow::AwaitBody`]; empty when there is none.
    fn on_response_body(&mut self, _host: &dyn Host, _body: &[u8]) -> Flow {
        Flow::Continue
    }
    /// A piece of a body, after [`Flow::Stream`]. `last` comes once, with an empty chunk if the body ends in trailers.
    fn on_chunk(&mut self, _host: &dyn Host, _side: Side, _chunk: &[u8], _last: bool) -> Pass {
        Pass::Same
    }
    /// What [`Flow::AwaitAnswer`] waited for, or why it waited in vain. Decide again; nothing was let through.
    ///
    /// The default refuses: an exchange that waits must say what the answer means.
    fn on_answer(&mut self, _host: &dyn Host, _call: Option<Call>, _answer: &Answer) -> Flow {
        Flow::Reply(Reply::unavailable("unanswered"))
    }
    /// The exchange is over: settle, refund, log. Called exactly once if `on_request` ran. Nobody hears the answer to a
    /// call made here.
    fn on_end(&mut self, _host: &dyn Host, _end: &End) {}
}

/// An exchange that lets everything pass.
impl Exchange for () {}

/// What the exchange waits for, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// Nothing: this side goes on, and the filter sees no more of it.
    Continue,
    /// The whole body. Headers are held until it is judged. Needs `allow_on_headers_stop_iteration: true` in Envoy.
    AwaitBody,
    /// The body piece by piece, while it passes.
    Stream(Streaming),
    /// The answer to a call, or a wake-up after the filter's own; everything of this side is held meanwhile.
    AwaitAnswer {
        /// How long, from now. Past it `on_answer` gets [`Answer::TimedOut`].
        deadline: Millis,
    },
    /// This reply, instead of the upstream's answer.
    Reply(Reply),
    /// A reset: nothing better can be said.
    Close,
}

/// How a body is streamed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streaming {
    /// Whether pieces may be changed or the body stopped. If so `content-length` is removed: the length is not known in
    /// advance. A change that was not announced here resets the stream.
    pub edits: bool,
    /// How many bytes the exchange keeps at most between pieces. Counted against the memory budget.
    pub window: usize,
    /// What becomes of the rest of an answer that was stopped.
    pub after_stop: AfterStop,
}

/// What becomes of the rest of an answer that was stopped ([`Pass::Stop`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterStop {
    /// It is dropped, so that an upstream which ends by itself gives the client a clean end; one that goes on so long is cut
    /// off, for it would be paid for.
    Drain(Millis),
    /// The stream is reset with the next piece, or in about a second if none comes.
    Cut,
}

impl Default for AfterStop {
    fn default() -> Self {
        Self::Drain(Millis(2000))
    }
}

impl AfterStop {
    /// How long the rest is dropped.
    pub(crate) fn longest(self) -> Millis {
        match self {
            Self::Drain(longest) => longest,
            Self::Cut => Millis(0),
        }
    }
}

/// What becomes of a piece of a streamed body. A streamed side never waits: what must be asked elsewhere before it passes
/// is awaited whole ([`Flow::AwaitBody`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// It passes as it is.
    Same,
    /// These bytes pass instead of it.
    Instead(Vec<u8>),
    /// These closing bytes, then nothing more of the body.
    Stop(Vec<u8>),
    /// This reply if the answer has not begun, else a reset.
    Refuse(Reply),
}

/// A call that was made, to match its answer. Unique within a plugin configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call(pub u32);

/// What came of a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP response, complete. Envoy writes some itself: 504 for its timeout, 503 for a refused connection.
    Http {
        /// `:status`, 100 to 599.
        status: u16,
        /// Header fields.
        headers: Headers,
        /// The body, at most [`Answer::MAX_BODY`] bytes.
        body: Vec<u8>,
        /// Trailer fields (`grpc-status` comes here).
        trailers: Headers,
    },
    /// The filter's own work moved on: decide again.
    Woken,
    /// The deadline passed.
    TimedOut,
    /// The call failed on the way: reset, no complete answer, or one larger than [`Answer::MAX_BODY`].
    Unreachable,
}

impl Answer {
    /// The largest answer that is read: 4 MiB. Envoy itself stops at 32 MiB, which a VM should not hold.
    pub const MAX_BODY: usize = 4 * 1024 * 1024;
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The code of the reply that this filter gave, if it did; in `shadow` of the one that it would have given.
    pub replied: Option<&'static str>,
    /// Whether the answer ended by itself; `false` when somebody left or reset in between.
    pub complete: bool,
}

/// When [`Filter::on_tick`] wants to be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTick {
    /// Never.
    Never,
    /// In about this time.
    In(Millis),
}

/// The surroundings of a configuration: its instance name, the environment variables that Envoy hands to the VM, and what
/// every filter's configuration says of the operator's paths.
#[derive(Debug, Clone, Default)]
pub struct Env {
    instance: String,
    variables: BTreeMap<String, String>,
    dialects: Rc<Dialects>,
}

impl Env {
    /// An environment of these variables.
    pub fn new(instance: impl Into<String>, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { instance: instance.into(), variables: variables.into_iter().collect(), dialects: Rc::default() }
    }

    /// The same with an operator's own paths.
    #[must_use]
    pub fn with_dialects(self, dialects: Rc<Dialects>) -> Self {
        Self { dialects, ..self }
    }

    /// Which API is at which path: `dialects` in the configuration, and what the APIs document.
    pub fn dialects(&self) -> &Rc<Dialects> {
        &self.dialects
    }

    /// The instance's name: `name` in the configuration, else the filter's.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// An environment variable (`environment_variables.host_env_keys` of Envoy's `vm_config`).
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}
