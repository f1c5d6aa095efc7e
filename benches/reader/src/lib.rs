//! What it costs to read a request, where it is read: in a module, on the proxy's clock. Not for production.
//!
//! It reads the body of a request as often as its header `x-times` says, by the table of its path, and answers with the
//! nanoseconds that all of them took.

use portcullis::ai::LIMITS;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::read;
use portcullis::http::path::Canonical;
use portcullis::prelude::*;

use std::hint::black_box;
use std::rc::Rc;

/// Nothing to configure.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// The filter.
pub struct Reader;

impl Filter for Reader {
    const NAME: &'static str = "reader";
    type Config = Config;
    type Exchange = Visit;

    fn compile(Config {}: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit
    }
}

/// One measurement.
pub struct Visit;

impl Exchange for Visit {
    fn on_request(&mut self, _: &dyn Host) -> Flow {
        Flow::AwaitBody
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let refused =
            || Reply::new(Status::BadRequest, "not_read", "Expected a known path, a number and a sound body.");
        Flow::Reply(time(host, body).unwrap_or_else(refused))
    }
}

fn time(host: &dyn Host, body: &[u8]) -> Option<Reply> {
    let headers = host.headers(Side::Request).ok()?;
    let times: u32 = std::str::from_utf8(headers.first("x-times")?).ok()?.parse().ok()?;
    let path = Canonical::read(headers.first(":path")?).ok()?;
    let endpoint = Endpoint::find("POST", &path)?.endpoint;
    let begin = host.monotonic().0;
    repeat(endpoint, body, times)?;
    let nanos = host.monotonic().0.saturating_sub(begin);
    Some(Reply::document("nanoseconds", "text/plain", nanos.to_string().into_bytes()))
}

/// Reads a body so often.
pub fn repeat(endpoint: &Endpoint, body: &[u8], times: u32) -> Option<()> {
    for _ in 0..times {
        black_box(read(black_box(body), endpoint.request, LIMITS).ok()?);
    }
    Some(())
}

portcullis::entry!(Reader);
