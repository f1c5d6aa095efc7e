//! What it costs to hold a body against a schema, where that is done: in a module, on the proxy's clock. Not for production.
//!
//! It reads the body of a request and checks it as often as its header `x-times` says, and answers with the nanoseconds that
//! all of them took.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;

use portcullis::json::Limits;
use portcullis::prelude::*;
use schema_check::schema::{Author, Common, Draft, Formats, Schemas, Verdict};
use schema_check::value::{Steps, Tree};
use serde_json::Value;

/// The schema.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    schema: Value,
}

/// The filter.
pub struct Checker(Schemas);

impl Filter for Checker {
    const NAME: &'static str = "checker";
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> {
        compile(&config.schema).map(Self).ok_or_else(|| ConfigError::missing("schema", "a schema that compiles"))
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit(Rc::clone(self))
    }
}

/// One measurement.
pub struct Visit(Rc<Checker>);

impl Exchange for Visit {
    fn on_request(&mut self, _: &dyn Host) -> Flow {
        Flow::AwaitBody
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let refused = || Reply::new(Status::BadRequest, "not_valid", "Expected a number and a valid body.");
        Flow::Reply(time(host, &self.0.0, body).unwrap_or_else(refused))
    }
}

fn time(host: &dyn Host, schemas: &Schemas, body: &[u8]) -> Option<Reply> {
    let headers = host.headers(Side::Request).ok()?;
    let times: u32 = std::str::from_utf8(headers.first("x-times")?).ok()?.parse().ok()?;
    let begin = host.monotonic().0;
    repeat(schemas, body, times)?;
    let nanos = host.monotonic().0.saturating_sub(begin);
    Some(Reply::document("nanoseconds", "text/plain", nanos.to_string().into_bytes()))
}

/// Compiles the schema, as the filter does.
pub fn compile(schema: &Value) -> Option<Schemas> {
    let common = Common {
        library: &BTreeMap::new(),
        draft: Draft::Draft202012,
        formats: Formats::Check,
        author: Author::Operator,
    };
    Schemas::of_one(schema, &common).ok()
}

/// Reads and checks a valid body so often.
pub fn repeat(schemas: &Schemas, body: &[u8], times: u32) -> Option<()> {
    let steps = Steps(u32::MAX);
    for _ in 0..times {
        let mut tree = Tree::read(black_box(body), Limits::default()).ok()?;
        tree.under("", steps);
        if schemas.check(&tree, 1) != Verdict::Valid {
            return None;
        }
    }
    Some(())
}

portcullis::entry!(Checker);
