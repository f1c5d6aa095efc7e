//! The smallest filter: callers say the word and are greeted, everybody else is refused.
//!
//! 1. A request needs `x-word` once, with exactly the configured word: 403 `wrong_word` otherwise.
//! 2. The answer to those who pass gets `x-hello: friend`.

use std::rc::Rc;

use portcullis::prelude::*;

/// What the operator writes: `{"word": "mellon"}`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The word. Not empty.
    word: String,
}

/// One configuration of the filter.
pub struct Hello {
    word: String,
}

const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.ok");
const WRONG_WORD: Metric = Metric::counter("requests_total.outcome.deny.code.wrong_word");

impl Filter for Hello {
    const NAME: &'static str = "hello";
    const METRICS: &'static [Metric] = &[ALLOWED, WRONG_WORD];
    type Config = Config;
    type Exchange = Visit;

    fn compile(Config { word }: Config, _: &Env) -> Result<Self, ConfigError> {
        if word.is_empty() { Err(ConfigError::new("word", word, "a word")) } else { Ok(Self { word }) }
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit(Rc::clone(self))
    }
}

/// One request and its answer.
pub struct Visit(Rc<Hello>);

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let word = self.0.word.as_bytes();
        if host.headers(Side::Request).is_ok_and(|headers| headers.only("x-word") == Ok(Some(word))) {
            host.measure(ALLOWED, 1);
            return Flow::Continue;
        }
        host.measure(WRONG_WORD, 1);
        Flow::Reply(Reply::new(Status::Forbidden, "wrong_word", "Say the word."))
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        // A call that fails is remembered by the kit, which refuses with 503 `host_failed`.
        let _ = host.set_header(Side::Response, "x-hello", b"friend");
        Flow::Continue
    }
}

portcullis::entry!(Hello);
