//! `make bench-chain`: what the gateway's five filters add where CPU time alone does not say it.
//!
//! 1. The time to an answer at half of the load that one worker can bear, with the filters and without, from the moment at
//!    which a request was due: one that waits behind another counts from then (no coordinated omission). Chats of 4 KiB;
//!    50th to 99th percentile; the two take turns, and the median of the rounds is told.
//! 2. What another worker costs in memory: resident memory of an Envoy with six workers less that with two, a quarter of it,
//!    less the same without filters.
//!
//! The load runs on the same machine. `ROUNDS=` and `SECONDS_A_ROUND=` change the length.

#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use harness::{Envoy, Listener};
use portcullis_bench::{gateway, load};
use serde_json::json;

const AIM_P99: Duration = Duration::from_millis(1);
const AIM_BYTES: i64 = 96 << 20;
const FEW_WORKERS: u32 = 2;
const MORE_WORKERS: u32 = 4;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let rounds = setting("ROUNDS", 9);
    let length = Duration::from_secs_f64(setting("SECONDS_A_ROUND", 3.0));
    let envoy = Envoy::builder(listener(false)).also("chain", listener(true)).workers(1).start()?;
    let (plain, chain) = (envoy.address(), envoy.address_of("chain"));
    load::run(chain, &gateway::chat(), Duration::from_millis(500))?; // warms up caches and the compiler
    let most = load::run(chain, &gateway::chat(), length)? as f64 / length.as_secs_f64();
    let rate = most / 2.0;
    println!("one worker bears {most:.0} chats of 4 KiB a second with five filters; half of it is {rate:.0}");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        without.push(times(plain, rate, length)?);
        with.push(times(chain, rate, length)?);
    }
    for (name, part) in [("p50", 0.5), ("p90", 0.9), ("p98", 0.98), ("p99", 0.99)] {
        let (without, with) = (median(&without, part), median(&with, part));
        println!("{name}: {without:?} without, {with:?} with, {:?} added", with.saturating_sub(without));
    }
    let added = median(&with, 0.99).saturating_sub(median(&without, 0.99));
    println!("aim {}: p99 added at half load {added:?} <= {AIM_P99:?}", verdict(added <= AIM_P99));
    let bytes = a_workers_share(true)? - a_workers_share(false)?;
    println!(
        "aim {}: memory of a worker {:.1} <= 96 MiB",
        verdict(bytes <= AIM_BYTES),
        bytes as f64 / f64::from(1 << 20)
    );
    Ok(())
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn listener(has_filters: bool) -> Listener {
    let buffer = json!({"name": "envoy.filters.http.buffer", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer", "max_request_bytes": 1 << 20}});
    let listener = Listener::new().route(json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}}));
    let filters = if has_filters { gateway::filters() } else { Vec::new() };
    filters.into_iter().fold(listener.native(buffer), Listener::native)
}

/// The times to answers of requests that are due at this rate, sorted.
fn times(address: SocketAddr, rate: f64, length: Duration) -> io::Result<Vec<Duration>> {
    let count = (rate * length.as_secs_f64()) as u64;
    let (next, start) = (AtomicU64::new(0), Instant::now() + Duration::from_millis(50));
    let client = || -> io::Result<Vec<Duration>> {
        let (mut own, mut connection) = (Vec::new(), load::Client::open(address)?);
        let requests = gateway::chat();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(own);
            }
            let due = start + Duration::from_secs_f64(number as f64 / rate);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            connection.ask(&requests)?;
            own.push(due.elapsed());
        }
    };
    let mut all = Vec::new();
    thread::scope(|scope| -> io::Result<()> {
        let clients: Vec<_> = (0..load::CONNECTIONS).map(|_| scope.spawn(client)).collect();
        for client in clients {
            all.extend(client.join().expect("a client")?);
        }
        Ok(())
    })?;
    all.sort_unstable();
    Ok(all)
}

/// The median of the rounds of the time that this part of the answers took at most.
fn median(rounds: &[Vec<Duration>], part: f64) -> Duration {
    let at = |times: &Vec<Duration>| times.get((times.len() as f64 * part) as usize).copied().unwrap_or_default();
    let mut all: Vec<Duration> = rounds.iter().map(at).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// What one more worker takes.
fn a_workers_share(has_filters: bool) -> Outcome<i64> {
    let resident = |workers: u32| -> Outcome<i64> {
        let envoy = Envoy::builder(listener(has_filters)).workers(workers).start()?;
        let connections = usize::try_from(workers)?; // each new one goes to a worker that has none
        load::run_until(envoy.address(), &gateway::chat(), connections, |answered| answered >= 2000)?;
        Ok(i64::try_from(envoy.resident_bytes())?)
    };
    Ok((resident(FEW_WORKERS + MORE_WORKERS)? - resident(FEW_WORKERS)?) / i64::from(MORE_WORKERS))
}
