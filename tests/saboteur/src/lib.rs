//! The rate limits with a traitor beside them in their VM, so that a test can end the VM, or overwrite what they remember as
//! any plugin of the same `vm_id` could.
//!
//! - `x-trap`: the VM traps in the request's headers.
//! - `x-overwrite: 1048576`: every page in shared data that exists is overwritten by so many bytes, and the answer is 204.
//!
//! Every other request is the filter's.

use std::rc::Rc;

use portcullis::filter::{Answer, Call, End, Env, Exchange, Filter, Flow, NextTick, Pass};
use portcullis::host::{Cas, Host, Side};
use portcullis::http::header::Headers;
use portcullis::prelude::ConfigError;
use portcullis::reply::{Reply, Status};
use portcullis::telemetry::Metric;
use ratelimit_shared_data::RateLimit;

/// The rate limits.
pub struct Saboteur(Rc<RateLimit>);

/// One of their requests.
pub struct Visit(<RateLimit as Filter>::Exchange);

impl Filter for Saboteur {
    const NAME: &'static str = RateLimit::NAME;
    const HEADERS: &'static [&'static str] = RateLimit::HEADERS;
    const METRICS: &'static [Metric] = RateLimit::METRICS;
    type Config = <RateLimit as Filter>::Config;
    type Exchange = Visit;

    fn compile(config: Self::Config, env: &Env) -> Result<Self, ConfigError> {
        RateLimit::compile(config, env).map(Rc::new).map(Self)
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit(self.0.exchange())
    }

    fn single_headers(&self) -> &[String] {
        self.0.single_headers()
    }

    fn on_tick(&self, host: &dyn Host) -> NextTick {
        self.0.on_tick(host)
    }
}

impl Exchange for Visit {
    #[allow(clippy::panic)] // that is what it is for
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let Ok(headers) = host.headers(Side::Request) else { return Flow::Close };
        assert!(headers.first("x-trap").is_none(), "a trap on purpose");
        match overwrites(&headers) {
            Some(bytes) => {
                overwrite(host, bytes);
                Flow::Reply(Reply::new(Status::Forbidden, "overwritten", "Every page was overwritten."))
            }
            None => self.0.on_request(host),
        }
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        self.0.on_request_body(host, body)
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        self.0.on_response(host)
    }

    fn on_response_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        self.0.on_response_body(host, body)
    }

    fn on_chunk(&mut self, host: &dyn Host, side: Side, chunk: &[u8], last: bool) -> Pass {
        self.0.on_chunk(host, side, chunk, last)
    }

    fn on_answer(&mut self, host: &dyn Host, call: Option<Call>, answer: &Answer) -> Flow {
        self.0.on_answer(host, call, answer)
    }

    fn on_end(&mut self, host: &dyn Host, end: &End) {
        self.0.on_end(host, end);
    }
}

fn overwrites(headers: &Headers) -> Option<usize> {
    std::str::from_utf8(headers.first("x-overwrite")?).ok()?.parse().ok()
}

/// The smallest table has 128 pages, and the overflow of its first limit.
fn overwrite(host: &dyn Host, bytes: usize) {
    let junk: Vec<u8> = (0_u8..=250).cycle().take(bytes).collect();
    let pages = (0..128).map(|page| format!("portcullis.ratelimit.ratelimit.128.{page}"));
    for key in pages.chain(["portcullis.ratelimit.ratelimit.128.overflow.0".to_owned()]) {
        while let Ok(Some(shared)) = host.shared(&key) {
            if host.set_shared(&key, &junk, Cas::Unchanged(shared.cas)).is_ok() {
                break;
            }
        }
    }
}

portcullis::entry!(Saboteur);
