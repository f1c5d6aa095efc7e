//! `make size`: what a filter takes in bytes and in memory, and that it takes no more for many callers than for some.
//!
//! 1. The bytes of each module.
//! 2. What another worker costs: resident memory of an Envoy with 24 workers less that with eight, a sixteenth of it,
//!    less the same without a filter; the median of three. Every worker has answered before. The first workers of an
//!    Envoy live in memory that its compiler has left behind.
//! 3. Growth: valid tokens, each used once, through one worker. Resident memory after all of them less that after a
//!    tenth, when the token cache is long full, may not exceed 2 MiB: the exit code says so. 50,000 tokens, or a million
//!    with `SLOW=1`, which takes minutes: each is signed here and checked there.
//!
//! `--format json` prints one JSON object instead of lines.

#![allow(clippy::cast_precision_loss, clippy::disallowed_methods)]

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};
use std::{env, fs, io, thread};

use harness::{Envoy, Key, Listener, Token, WasmFilter, jwks};
use portcullis_bench::load::{self, Requests};
use serde_json::{Value, json};

const AUTHN_AIM_BYTES: u64 = 3 << 19;
const GROWTH_BOUND_BYTES: u64 = 2 << 20;
const ROUNDS: usize = 3;
const FEW_WORKERS: u32 = 8;
const MORE_WORKERS: u32 = 16;
/// So many tokens are minted while as many are sent.
const BATCH: usize = 1000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<ExitCode> {
    let is_json = env::args().skip(1).eq(["--format", "json"].map(str::to_owned));
    let tokens = if env::var("SLOW").is_ok_and(|value| value == "1") { 1_000_000 } else { 50_000 };
    let report = Report { modules: modules()?, memory: memory()?, growth: growth(tokens)? };
    if is_json {
        println!("{:#}", report.to_json());
    } else {
        report.print();
    }
    Ok(if report.growth.fits() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Report {
    modules: Vec<(String, u64)>,
    memory: Vec<(String, i64)>,
    growth: Growth,
}

struct Growth {
    tokens: usize,
    after_a_tenth: u64,
    after_all: u64,
}

impl Growth {
    fn bytes(&self) -> u64 {
        self.after_all.saturating_sub(self.after_a_tenth)
    }

    fn fits(&self) -> bool {
        self.bytes() <= GROWTH_BOUND_BYTES
    }
}

/// Every filter, built.
fn modules() -> io::Result<Vec<(String, u64)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(harness::workspace().join("filters"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    names.into_iter().map(|name| fs::metadata(harness::wasm(&name)).map(|found| (name, found.len()))).collect()
}

fn memory() -> Outcome<Vec<(String, i64)>> {
    let tokens = Load { requests: Requests::with_credentials([token(0)]), count: 5000 };
    let texts = [("chats of 4 KiB", 4 << 10, 2000), ("chats of 256 KiB", 256 << 10, 400)];
    // Many words: each takes memory of its own.
    let texts =
        texts.map(|(name, bytes, count)| (name, Load { requests: Requests::chat_of("none", "a ", bytes), count }));
    let nothing = a_workers_share(None, &tokens)?;
    let mut shares = vec![
        ("empty".to_owned(), a_workers_share(Some(&WasmFilter::new("empty")), &tokens)? - nothing),
        ("authn".to_owned(), a_workers_share(Some(&authn()), &tokens)? - nothing),
    ];
    for (name, load) in &texts {
        let nothing = a_workers_share(None, load)?;
        for (guard, with) in [(guard(false), ""), (guard(true), ", with injection")] {
            let share = a_workers_share(Some(&guard), load)?;
            shares.push((format!("prompt-guard{with}, {name}"), share - nothing));
        }
    }
    Ok(shares)
}

/// What every worker has answered before its memory is measured.
struct Load {
    requests: Requests,
    count: u64,
}

/// The median of what one more worker costs with this filter.
fn a_workers_share(filter: Option<&WasmFilter>, load: &Load) -> Outcome<i64> {
    let mut shares = Vec::new();
    for _ in 0..ROUNDS {
        let (few, many) = (resident(filter, load, FEW_WORKERS)?, resident(filter, load, FEW_WORKERS + MORE_WORKERS)?);
        shares.push((i64::try_from(many)? - i64::try_from(few)?) / i64::from(MORE_WORKERS));
    }
    shares.sort_unstable();
    Ok(shares[ROUNDS / 2])
}

fn resident(filter: Option<&WasmFilter>, load: &Load, workers: u32) -> Outcome<u64> {
    let envoy = Envoy::builder(listener(filter.cloned())).workers(workers).start()?;
    let connections = usize::try_from(workers)?; // each new one goes to a worker that has none
    load::run_until(envoy.address(), &load.requests, connections, |answered| answered >= load.count)?;
    Ok(envoy.resident_bytes())
}

fn growth(tokens: usize) -> Outcome<Growth> {
    let envoy = Envoy::builder(listener(Some(authn()))).workers(1).start()?;
    let (mut sent, mut after_a_tenth) = (0, 0);
    for batch in minted(tokens) {
        sent += batch.len();
        let count = u64::try_from(batch.len())?;
        load::run_until(envoy.address(), &Requests::with_credentials(batch), load::CONNECTIONS, |answered| {
            answered >= count
        })?;
        if after_a_tenth == 0 && sent >= tokens / 10 {
            after_a_tenth = envoy.resident_bytes();
        }
    }
    let checked = envoy.stat("wasmcustom.portcullis_authn_token_cache_total.result.miss.instance.authn");
    if usize::try_from(checked)? != tokens {
        return Err(format!("{checked} of {tokens} tokens were checked: they were not all new").into());
    }
    Ok(Growth { tokens, after_a_tenth, after_all: envoy.resident_bytes() })
}

/// Tokens in batches, minted on a thread of its own.
fn minted(tokens: usize) -> Receiver<Vec<String>> {
    let (sender, receiver) = sync_channel(2);
    thread::spawn(move || {
        for from in (0..tokens).step_by(BATCH) {
            let batch = (from..tokens.min(from + BATCH)).map(token).collect();
            if sender.send(batch).is_err() {
                return;
            }
        }
    });
    receiver
}

fn token(number: usize) -> String {
    Token::good().claim("exp", harness::token::now() + 86_400).claim("jti", format!("t{number}")).sign(Key::Es256)
}

fn listener(filter: Option<WasmFilter>) -> Listener {
    let listener = Listener::new()
        .buffer_limit(8 << 20)
        .route(json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}}));
    match filter {
        Some(filter) => listener.filter(filter),
        // Somebody has to hold a body back: who answers before it came closes the connection.
        None => listener.native(json!({
            "name": "buffer",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer",
                "max_request_bytes": 1 << 20
            }
        })),
    }
}

fn authn() -> WasmFilter {
    WasmFilter::new("authn").configured(&json!({
        "providers": {"a": {
            "issuer": harness::token::ISSUER_A, "audiences": ["api"], "algorithms": ["ES256"],
            "jwks_inline": jwks(&[Key::Es256]), "roles_claim": ["roles"]
        }}
    }))
}

/// What has no words of an operator's, `injection` if it is wanted; what is found is flagged alone.
fn guard(injection: bool) -> WasmFilter {
    let mut detectors = json!({"signature": [{"action": "flag"}], "pii": [{}], "secrets": [{"action": "flag"}]});
    if injection {
        detectors["injection"] = json!([{"action": "flag"}]);
    }
    let policies = json!([{"name": "all", "detectors": detectors}]);
    WasmFilter::new("prompt-guard").configured(&json!({"max_body_bytes": "2MiB", "policies": policies}))
}

impl Report {
    fn print(&self) {
        for (name, bytes) in &self.modules {
            println!(
                "{name}.wasm: {bytes} bytes{}",
                if name == "authn" { aim(*bytes, AUTHN_AIM_BYTES) } else { String::new() }
            );
        }
        for (name, bytes) in &self.memory {
            println!("{name}: {:.1} MiB a worker", mib(*bytes));
        }
        let Growth { tokens, after_a_tenth, after_all } = self.growth;
        println!(
            "authn, one worker: {:.1} MiB after {} tokens, {:.1} MiB after {tokens}; growth {} KiB{}",
            after_a_tenth as f64 / f64::from(1 << 20),
            tokens / 10,
            after_all as f64 / f64::from(1 << 20),
            self.growth.bytes() >> 10,
            aim(self.growth.bytes(), GROWTH_BOUND_BYTES)
        );
    }

    fn to_json(&self) -> Value {
        let modules: Vec<Value> =
            self.modules.iter().map(|(name, bytes)| json!({"name": name, "bytes": bytes})).collect();
        let memory: Vec<Value> =
            self.memory.iter().map(|(name, bytes)| json!({"name": name, "bytes_a_worker": bytes})).collect();
        let Growth { tokens, after_a_tenth, after_all } = self.growth;
        json!({
            "modules": modules, "memory": memory, "authn_aim_bytes": AUTHN_AIM_BYTES,
            "growth": {"tokens": tokens, "after_a_tenth_bytes": after_a_tenth, "after_all_bytes": after_all,
                "growth_bytes": self.growth.bytes(), "bound_bytes": GROWTH_BOUND_BYTES, "met": self.growth.fits()}
        })
    }
}

fn aim(found: u64, bound: u64) -> String {
    format!(", aim {} ({} KiB)", if found <= bound { "met" } else { "MISSED" }, bound >> 10)
}

fn mib(bytes: i64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
