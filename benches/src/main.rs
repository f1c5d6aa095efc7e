//! `make bench`: CPU time of the Envoy process per request, side by side in one Envoy.
//!
//! Rows differ by their filter alone. Time is what the kernel says the process ran (`/proc/PID/task/*/schedstat`), so the
//! load generator does not count. Rounds are short, many and alternate between rows, so that whatever disturbs the machine
//! disturbs all alike; as it can only add, `cpu_us` is the lower quartile, and `spread_us` the distance to the upper one.
//! `ROUNDS=` and `SECONDS_A_ROUND=` change the length, `ROWS="..."` names rows, `WORKERS=2` makes two workers. A ratio compares `cpu_us`, and none is
//! formed with a denominator under 5 µs. Aims are printed with what was measured, met or missed.

#![allow(clippy::disallowed_methods, clippy::cast_precision_loss)]

mod aims;
mod rows;

use aims::Aim;
use harness::Envoy;
use portcullis_bench::load;
use rows::Row;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use std::{env, fs, io};

/// The smallest denominator of a ratio, in microseconds.
const LEAST_DENOMINATOR_US: f64 = 5.0;

/// Who is compared with whom.
const RATIOS: [(&str, &str); 9] = [
    ("authn_warm_rs256", "native_jwt_cached_rs256"),
    ("authn_warm_rs256", "native_jwt_rs256"),
    ("authn_warm_es256", "native_jwt_es256"),
    ("authn_cold_rs256", "native_jwt_rs256"),
    ("authn_cold_es256", "native_jwt_es256"),
    ("authn_apikey", "native_api_key"),
    ("rbac_10_head", "native_rbac_10"),
    ("rbac_1000_head", "native_rbac_1000"),
    ("ratelimit_hot_key", "native_local_ratelimit"),
];

/// What one round of one row measured.
#[derive(Clone, Copy)]
struct Round {
    cpu_us: f64,
    rps: f64,
}

/// What all rounds of a row say.
struct Summary {
    name: &'static str,
    cpu_us: f64,
    added_us: f64,
    spread_us: f64,
    rps: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds = setting("ROUNDS", 25);
    let length = Duration::from_secs_f64(setting("SECONDS_A_ROUND", 0.4));
    let wanted = env::var("ROWS").unwrap_or_default();
    let is_wanted =
        |row: &Row| row.name == "plain" || wanted.is_empty() || wanted.split(' ').any(|name| name == row.name);
    let rows: Vec<Row> = rows::all().into_iter().filter(is_wanted).collect();
    let envoy = start(&rows)?;
    let mut measured: Vec<Vec<Round>> = rows.iter().map(|_| Vec::new()).collect();
    for row in &rows {
        measure(&envoy, row, Duration::from_millis(500))?; // warms up caches and the compiler
    }
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (row, found) in rows.iter().zip(&mut measured) {
            found.push(measure(&envoy, row, length)?);
        }
    }
    let summaries = summarise(&rows, &measured);
    let aims = aims::of(&summaries);
    print_table(&summaries);
    for aim in &aims {
        println!("{aim}");
    }
    save(&summaries, &aims)?;
    Ok(())
}

fn setting<T: std::str::FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn start(rows: &[Row]) -> Result<Envoy, harness::StartFailure> {
    let mut rows = rows.iter();
    let first = rows.next().map(|row| row.listener.clone()).unwrap_or_default();
    rows.fold(Envoy::builder(first), |builder, row| builder.also(row.name, row.listener.clone()))
        .workers(setting("WORKERS", 1))
        .start()
}

fn measure(envoy: &Envoy, row: &Row, length: Duration) -> io::Result<Round> {
    let address = if row.name == "plain" { envoy.address() } else { envoy.address_of(row.name) };
    let (cpu, wall) = (cpu_nanos(envoy.pid())?, Instant::now());
    let answered = load::run(address, &row.requests, length)? as f64;
    let cpu = cpu_nanos(envoy.pid())? - cpu;
    Ok(Round { cpu_us: cpu as f64 / 1000.0 / answered, rps: answered / wall.elapsed().as_secs_f64() })
}

/// Nanoseconds that all threads of a process have run.
fn cpu_nanos(pid: u32) -> io::Result<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        total += text.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(total)
}

fn summarise(rows: &[Row], measured: &[Vec<Round>]) -> Vec<Summary> {
    let plain = quantile(measured[0].iter().map(|round| round.cpu_us), 1);
    let summary = |(row, rounds): (&Row, &Vec<Round>)| {
        let costs = || rounds.iter().map(|round| round.cpu_us);
        let cpu_us = quantile(costs(), 1);
        Summary {
            name: row.name,
            cpu_us,
            added_us: cpu_us - plain,
            spread_us: quantile(costs(), 3) - quantile(costs(), 1),
            rps: quantile(rounds.iter().map(|round| round.rps), 3),
        }
    };
    rows.iter().zip(measured).map(summary).collect()
}

/// A quartile: the second is the median.
fn quantile(values: impl Iterator<Item = f64>, quarters: usize) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() * quarters / 4).copied().unwrap_or_default()
}

fn print_table(summaries: &[Summary]) {
    println!("{:<26} {:>8} {:>9} {:>9} {:>9}", "row", "cpu_us", "added_us", "spread_us", "rps");
    for row in summaries {
        println!("{:<26} {:>8.1} {:>9.1} {:>9.1} {:>9.0}", row.name, row.cpu_us, row.added_us, row.spread_us, row.rps);
    }
    for (ours, theirs) in RATIOS {
        let cost = |name| summaries.iter().find(|row| row.name == name).map_or(0.0, |row| row.cpu_us);
        if cost(theirs) >= LEAST_DENOMINATOR_US && cost(ours) > 0.0 {
            println!("{ours} / {theirs}: {:.2}", cost(ours) / cost(theirs));
        }
    }
}

fn tenth(value: f64) -> Value {
    json!((value * 10.0).round() / 10.0)
}

fn save(summaries: &[Summary], aims: &[Aim]) -> io::Result<()> {
    let folder = harness::workspace().join("target/bench");
    fs::create_dir_all(&folder)?;
    let row = |row: &Summary| -> Value {
        json!({"name": row.name, "cpu_us": tenth(row.cpu_us), "added_us": tenth(row.added_us),
            "spread_us": tenth(row.spread_us), "rps": row.rps.round()})
    };
    let rows: Vec<Value> = summaries.iter().map(row).collect();
    let aims: Vec<Value> = aims.iter().map(Aim::to_json).collect();
    fs::write(folder.join("results.json"), format!("{:#}\n", json!({"rows": rows, "aims": aims})))
}
