//! The second half of `make bench`: nanoseconds a byte to read a chat of 4 KiB and of 256 KiB and to hold it against a
//! contract, native and in a module in Envoy, and how many times as long the module takes.
//!
//! `--format json` prints one JSON object instead of lines. The exit code says whether every ratio is at most two.

#![allow(clippy::cast_precision_loss, clippy::disallowed_methods)]

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use harness::client::h1;
use harness::{Envoy, Listener, Request, WasmFilter};
use serde_json::{Value, json};

const SIZES: [(&str, usize); 2] = [("schema_chat4k", 4 << 10), ("schema_chat256k", 256 << 10)];
const ROUNDS: usize = 9;
/// Checked together in a round, so that a clock's tick is nothing.
const BYTES_A_ROUND: usize = 4 << 20;
const AIM: f64 = 2.0;

struct Row {
    name: &'static str,
    bytes: usize,
    native: f64,
    module: f64,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.module / self.native
    }
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let is_json = env::args().skip(1).eq(["--format", "json"].map(str::to_owned));
    let config = json!({"schema": schema(), "max_body_bytes": "2MiB"});
    let filter = WasmFilter::new("checker").configured(&config);
    let answers = json!({"match": {"prefix": "/"}, "direct_response": {"status": 500}});
    let envoy = Envoy::builder(Listener::new().filter(filter).route(answers)).start()?;
    let schemas = checker::compile(&schema()).ok_or("the schema does not compile")?;
    let mut rows = Vec::new();
    for (name, bytes) in SIZES {
        eprintln!("checking {name}");
        let body = chat(bytes);
        let native = best(&body, || {
            let begin = Instant::now();
            checker::repeat(&schemas, &body, times(&body)).ok_or("a body that is not valid")?;
            Ok(begin.elapsed().as_nanos() as f64)
        })?;
        let module = best(&body, || {
            let request = Request::post("/", &body).header("x-times", times(&body).to_string());
            let answer = h1::send(envoy.address(), &request);
            answer.text().parse::<f64>().map_err(|_| format!("expected nanoseconds, found {answer:?}"))
        })?;
        rows.push(Row { name, bytes: body.len(), native, module });
    }
    if is_json {
        print_json(&rows);
    } else {
        print(&rows);
    }
    Ok(if rows.iter().all(|row| row.ratio() <= AIM) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A chat as an API describes it: messages of several forms, told apart by a word.
fn schema() -> Value {
    let message = |role: &str, content: Value| {
        json!({"type": "object", "required": ["role", "content"], "additionalProperties": false,
            "properties": {"role": {"const": role}, "content": content, "name": {"type": "string", "maxLength": 64}}})
    };
    let part = json!({"type": "object", "required": ["type", "text"],
        "properties": {"type": {"const": "text"}, "text": {"type": "string"}}});
    let parts = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": part}]});
    json!({
        "type": "object", "required": ["model", "messages"], "additionalProperties": false,
        "properties": {
            "model": {"type": "string", "pattern": "^[a-z0-9.-]{1,64}$"},
            "stream": {"type": "boolean"},
            "temperature": {"type": "number", "minimum": 0, "maximum": 2},
            "messages": {"type": "array", "minItems": 1, "items": {"oneOf": [
                message("system", json!({"type": "string"})), message("user", parts.clone()), message("assistant", parts),
            ]}},
        },
    })
}

/// A conversation about as long: turns of prose of some three hundred bytes.
fn chat(bytes: usize) -> Vec<u8> {
    let prose = "The report says that revenue grew by twelve percent.\nWhat follows from that for the \"next\" year? ";
    let turns = bytes / 300;
    let message = |index: usize| {
        let role = ["user", "assistant"].get(index % 2).copied().unwrap_or("user");
        let text = prose.repeat(2 + index % 2);
        let content = if index.is_multiple_of(3) { json!([{"type": "text", "text": text}]) } else { json!(text) };
        json!({"role": role, "content": content})
    };
    let messages: Vec<Value> = (0..turns).map(message).collect();
    json!({"model": "gpt-5", "stream": true, "temperature": 0.2, "messages": messages}).to_string().into_bytes()
}

fn times(body: &[u8]) -> u32 {
    u32::try_from(BYTES_A_ROUND / body.len()).unwrap_or(1).max(1)
}

/// Nanoseconds a byte in the quickest round: what else the machine does only adds.
fn best(body: &[u8], round: impl Fn() -> Result<f64, String>) -> Result<f64, String> {
    let mut quickest = f64::INFINITY;
    for _ in 0..ROUNDS {
        quickest = quickest.min(round()?);
    }
    Ok(quickest / f64::from(times(body)) / body.len() as f64)
}

fn print(rows: &[Row]) {
    println!(
        "{:<16} {:>8} {:>15} {:>15} {:>12} {:>6}",
        "check", "bytes", "native ns/byte", "module ns/byte", "module MB/s", "ratio"
    );
    for row in rows {
        let (ratio, speed) = (row.ratio(), 1000.0 / row.module);
        println!(
            "{:<16} {:>8} {:>15.2} {:>15.2} {speed:>12.0} {ratio:>6.2}",
            row.name, row.bytes, row.native, row.module
        );
    }
    for row in rows {
        let said = if row.ratio() <= AIM { "met" } else { "MISSED" };
        println!("aim {said}: {} module {:.2} times native <= {AIM}", row.name, row.ratio());
    }
}

fn print_json(rows: &[Row]) {
    let row = |row: &Row| json!({"check": row.name, "bytes": row.bytes, "native": row.native, "module": row.module, "ratio": row.ratio()});
    println!("{:#}", json!({"unit": "ns/byte", "rows": rows.iter().map(row).collect::<Vec<_>>()}));
}
