//! `make keys`: ten million different keys leave Envoy's memory flat.
//!
//! 32 limits look at one header field each, and each request brings a new value in each: 32 keys a request, none of which
//! comes twice. Resident memory after all keys less that after a tenth of them, when the table is long full, may not exceed
//! 2 MiB: the exit code says so. `KEYS=` and `SLOTS=` are other numbers of keys and of slots;
//! `WINDOW=1s` makes places change hands all the time, which the default of an hour does not.
//!
//! `--format json` prints one JSON object instead of lines.

#![allow(clippy::cast_precision_loss, clippy::disallowed_methods)]

use std::env;
use std::process::ExitCode;

use harness::{Envoy, Listener, WasmFilter};
use portcullis_bench::load::{self, Requests};
use serde_json::{Value, json};

const BOUND_BYTES: u64 = 2 << 20;
/// As many as a filter takes.
const LIMITS: usize = 32;
/// So many requests are made at once.
const BATCH: usize = 1000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<ExitCode> {
    let is_json = env::args().skip(1).eq(["--format", "json"].map(str::to_owned));
    let (keys, slots) = (setting("KEYS", 10_000_000_usize), setting("SLOTS", 65_536_usize));
    let envoy = start(slots, &setting("WINDOW", "1h".to_owned()))?;
    let at_start = envoy.resident_bytes();
    let mut after_a_tenth = 0;
    for tenth in 1..=10 {
        send(&envoy, keys * (tenth - 1) / 10 / LIMITS, keys * tenth / 10 / LIMITS)?;
        let now = envoy.resident_bytes();
        eprintln!("{} of {keys} keys: {:.1} MiB", keys * tenth / 10, mib(now));
        after_a_tenth = if tenth == 1 { now } else { after_a_tenth };
    }
    let after_all = envoy.resident_bytes();
    let growth = after_all.saturating_sub(after_a_tenth);
    let overflowed = envoy.stat("wasmcustom.portcullis_ratelimit_table_total.event.overflowed.instance.ratelimit");
    if is_json {
        let report: Value = json!({"keys": keys, "slots": slots, "at_start_bytes": at_start,
            "after_a_tenth_bytes": after_a_tenth, "after_all_bytes": after_all, "overflowed": overflowed});
        println!("{report:#}");
    } else {
        println!("{keys} keys in {slots} slots: {:.1} MiB at start", mib(at_start));
        println!("after a tenth {:.1} MiB, after all {:.1} MiB", mib(after_a_tenth), mib(after_all));
        println!("grown by {:.1} MiB, at most {:.1}", mib(growth), mib(BOUND_BYTES));
        println!("{overflowed} keys found their page full and shared one bucket of their limit");
    }
    Ok(if growth <= BOUND_BYTES { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn name(limit: usize) -> String {
    format!("x-key-{limit}")
}

fn start(slots: usize, window: &str) -> Outcome<Envoy> {
    let limit = |number| {
        json!({"name": name(number), "key": [{"header": name(number)}], "unit": "requests", "limit": 1_000_000_000,
               "window": window, "algorithm": "sliding_window"})
    };
    let limits: Vec<Value> = (0..LIMITS).map(limit).collect();
    let filter = WasmFilter::new("ratelimit-shared-data").configured(&json!({"slots": slots, "limits": limits}));
    let route = json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}});
    Ok(Envoy::builder(Listener::new().route(route).filter(filter)).start()?)
}

/// Sends requests with these numbers; none has a key that another has.
fn send(envoy: &Envoy, from: usize, to: usize) -> Outcome<()> {
    let fields = |request: usize| (0..LIMITS).map(|limit| (name(limit), format!("{request:x}-{limit}"))).collect();
    for begin in (from..to).step_by(BATCH) {
        let requests = Requests::with_fields((begin..to.min(begin + BATCH)).map(fields));
        let count = (to.min(begin + BATCH) - begin) as u64;
        load::run_until(envoy.address(), &requests, 1, |answered| answered >= count)?;
    }
    Ok(())
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
