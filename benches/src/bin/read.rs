//! `make bench-read`: nanoseconds a byte to read a chat, of 4 KiB and 256 KiB, native and in a module in Envoy; and the
//! slowest bodies that we know, compared with the average of what the fuzz targets keep.
//!
//! `--format json` prints one JSON object instead of lines. The exit code says whether the slowest is at most five times
//! that average; how fast a chat is is an aim, and printed as one. Prose is no measure of the slowest: of a long string
//! eight bytes are read at once, which nothing that has a structure can be.

#![allow(clippy::cast_precision_loss, clippy::disallowed_methods)]

use std::process::ExitCode;
use std::time::Instant;
use std::{env, iter};

use harness::client::h1;
use harness::{Envoy, Listener, Request, WasmFilter};
use portcullis::ai::endpoint::Endpoint;
use portcullis::http::path::Canonical;
use portcullis_bench::corpus::{self, SHORTEST, Speed};
use serde_json::{Value, json};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus");
const CHAT: &str = "/v1/chat/completions";
/// What is asked here may be in anybody's words: no table has more names.
const INVOKE: &str = "/model/m/invoke";
const LARGE: usize = 256 << 10;
const ROUNDS: usize = 7;
/// Read together in a round, so that a clock's tick is nothing.
const BYTES_A_ROUND: usize = 16 << 20;
const AIM_NATIVE: f64 = 4.0;
const AIM_MODULE: f64 = 8.0;
/// The slowest body may take so many times as long a byte as the average.
const WORST: f64 = 5.0;

struct Row {
    name: &'static str,
    bytes: usize,
    native: f64,
    module: f64,
}

type Body = (&'static str, Vec<u8>);

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let is_json = env::args().skip(1).eq(["--format", "json"].map(str::to_owned));
    let filter = WasmFilter::new("reader").configured(&json!({"max_body_bytes": "2MiB"}));
    let envoy = Envoy::builder(Listener::new().filter(filter).route(json!({
        "match": {"prefix": "/"}, "direct_response": {"status": 500}
    })))
    .start()?;
    let mut rows = Vec::new();
    for (path, bodies) in [(CHAT, chats()), (INVOKE, invocations())] {
        for (name, body) in bodies {
            eprintln!("reading {name}");
            let (native, module) = (native(path, &body)?, module(&envoy, path, &body)?);
            rows.push(Row { name, bytes: body.len(), native, module });
        }
    }
    eprintln!("reading {CORPUS}");
    let speed = corpus::speed(&corpus::inputs(CORPUS.as_ref())?);
    let slowest = rows.iter().map(|row| row.native).fold(speed.slowest, f64::max);
    if is_json {
        println!("{:#}", to_json(&rows, &speed, slowest));
    } else {
        print(&rows, &speed, slowest);
    }
    Ok(if slowest <= speed.average * WORST { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Two ordinary chats, and what is hard to read: each as dense in its kind as it gets.
fn chats() -> Vec<Body> {
    let names = (0..LARGE / 10).map(|number| format!("\"{number:06}\":1")).collect::<Vec<_>>().join(",");
    let text = |inner: &str| {
        let inner = inner.repeat((LARGE - 40) / inner.len());
        format!("{{\"messages\":[{{\"content\":\"{inner}\"}}]}}").into_bytes()
    };
    vec![
        ("chat, 4 KiB", chat(4 << 10)),
        ("chat, 256 KiB", chat(LARGE)),
        ("escapes", text("\\n")),
        ("surrogate pairs", text("\\ud83d\\ude00")),
        ("short texts", filled("{\"messages\":[{\"content\":[", "\"a\"", "]}]}")),
        ("tokens", filled("{\"messages\":[", "1", "]}")),
        ("empty messages", filled("{\"messages\":[", "{}", "]}")),
        ("messages with a role", filled("{\"messages\":[", "{\"role\":\"user\"}", "]}")),
        ("names", format!("{{\"metadata\":{{{names}}}}}").into_bytes()),
        ("unknown members", format!("{{{names}}}").into_bytes()),
        ("depth", filled("{\"metadata\":[", &format!("{}{}", "[".repeat(100), "]".repeat(100)), "]}")),
        ("white space", [&b"{"[..], &vec![b' '; LARGE], b"}"].concat()),
    ]
}

/// Objects that have next to nothing in them, where an object may have hundreds of members.
fn invocations() -> Vec<Body> {
    vec![
        ("empty objects", filled("[", "{}", "]")),
        ("unknown names", filled("[", "{\"\u{e9}\":1}", "]")),
        ("known names", filled("[", "{\"k\":1}", "]")),
    ]
}

/// As many of an item as there is room for.
fn filled(open: &str, item: &str, close: &str) -> Vec<u8> {
    let count = (LARGE - open.len() - close.len()) / (item.len() + 1);
    let items = iter::repeat_n(item, count).collect::<Vec<_>>().join(",");
    format!("{open}{items}{close}").into_bytes()
}

/// A conversation about as long, as SDKs write it: some system prompt, turns of prose with line ends, tools.
fn chat(bytes: usize) -> Vec<u8> {
    let turn = "The report says that revenue grew by twelve percent.\nWhat follows from that for the \"next\" year? ";
    let tool = json!({"type": "function", "function": {"name": "lookup", "description": "Looks a number up.",
        "parameters": {"type": "object", "properties": {"number": {"type": "integer", "description": "which"}}}}});
    let fixed =
        json!({"model": "gpt", "stream": true, "temperature": 0.2, "tools": [tool], "messages": []}).to_string();
    let length = (bytes - fixed.len()) / 8;
    let message = |index: usize| {
        let role = if index == 0 {
            "system"
        } else if index % 2 == 1 {
            "user"
        } else {
            "assistant"
        };
        let content: String = turn.chars().cycle().take(length.saturating_sub(40)).collect();
        json!({"role": role, "content": content})
    };
    let messages: Vec<Value> = (0..8).map(message).collect();
    json!({"model": "gpt", "stream": true, "temperature": 0.2, "tools": [tool], "messages": messages})
        .to_string()
        .into_bytes()
}

fn times(body: &[u8]) -> u32 {
    u32::try_from(BYTES_A_ROUND / body.len()).unwrap_or(1).max(1)
}

fn native(path: &str, body: &[u8]) -> Result<f64, String> {
    let path = Canonical::read(path.as_bytes()).map_err(|error| error.to_string())?;
    let endpoint = Endpoint::find("POST", &path).ok_or("no endpoint")?.endpoint;
    let round = || {
        let begin = Instant::now();
        reader::repeat(endpoint, body, times(body)).ok_or("a body that is not read")?;
        Ok(begin.elapsed().as_nanos() as f64)
    };
    best(body, round)
}

fn module(envoy: &Envoy, path: &str, body: &[u8]) -> Result<f64, String> {
    let round = || {
        let request = Request::post(path, body).header("x-times", times(body).to_string());
        let answer = h1::send(envoy.address(), &request);
        answer.text().parse::<f64>().map_err(|_| format!("expected nanoseconds, found {answer:?}"))
    };
    best(body, round)
}

/// Nanoseconds a byte in the quickest round: what else the machine does only adds.
fn best(body: &[u8], round: impl Fn() -> Result<f64, String>) -> Result<f64, String> {
    let mut quickest = f64::INFINITY;
    for _ in 0..ROUNDS {
        quickest = quickest.min(round()?);
    }
    Ok(quickest / f64::from(times(body)) / body.len() as f64)
}

fn print(rows: &[Row], speed: &Speed, slowest: f64) {
    println!("{:<22} {:>8} {:>14} {:>14}", "body", "bytes", "native ns/byte", "module ns/byte");
    for row in rows {
        println!("{:<22} {:>8} {:>14.2} {:>14.2}", row.name, row.bytes, row.native, row.module);
    }
    for row in rows.iter().filter(|row| row.name.starts_with("chat")) {
        let said = |is_met| if is_met { "met" } else { "MISSED" };
        println!("aim {}: {} native {:.2} <= {AIM_NATIVE}", said(row.native <= AIM_NATIVE), row.name, row.native);
        println!("aim {}: {} module {:.2} <= {AIM_MODULE}", said(row.module <= AIM_MODULE), row.name, row.module);
    }
    println!("{} inputs of fuzz/corpus: {:.1} ns/byte together", speed.inputs, speed.average);
    println!("slowest of at least {SHORTEST} bytes: {:.1} ns/byte, {}", speed.slowest, speed.which.display());
    println!("slowest / average: {:.1}, at most {WORST}", slowest / speed.average);
}

fn to_json(rows: &[Row], speed: &Speed, slowest: f64) -> Value {
    let row = |row: &Row| json!({"body": row.name, "bytes": row.bytes, "native": row.native, "module": row.module});
    json!({
        "unit": "ns/byte",
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "corpus": {"inputs": speed.inputs, "average": speed.average, "slowest": speed.slowest},
        "slowest_to_average": slowest / speed.average,
    })
}
