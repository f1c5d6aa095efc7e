//! `make soak`: ten minutes of good and bad traffic through `envoy/gateway.yaml` at half of what one worker bears, while a
//! new configuration comes every ten seconds (xDS through files), the issuer rotates its keys every twenty, providers reset
//! connections and clients leave.
//!
//! It fails if one decision was wrong, a module trapped, memory grew, something that was refused reached a provider, or
//! something secret reached the log. `MINUTES=` changes the length; `target/soak/report.json` holds what is printed.
//!
//! Changed against the file: listeners are plain HTTP on loopback, providers are the test's, the limit by address is lifted
//! (all traffic is from one), and keys of tokens come by `jwks_uri`.

// The lints of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods, clippy::cast_precision_loss)]

mod client;
mod kinds;
mod moment;
mod provider;
mod tally;
mod verdict;
mod world;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::client::{CLIENTS, Pace};
use crate::tally::Tally;
use crate::verdict::Measured;
use crate::world::World;

/// How often the gateway gets another configuration.
const UPDATE: Duration = Duration::from_secs(10);
/// How often the issuer gets another key, in updates.
const ROTATION: u64 = 2;
/// How long it is measured what the gateway bears.
const CALIBRATION: Duration = Duration::from_secs(8);

fn main() -> ExitCode {
    let minutes: f64 = env::var("MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10.0);
    let length = Duration::from_secs_f64(minutes * 60.0);
    let mut world = World::start();
    let tally = Tally::default();
    let most = calibrate(&world, &tally);
    println!(
        "one worker bears {most:.0} of these requests a second; for {minutes} minutes it is asked for half of that"
    );
    let measured = play(&mut world, &tally, most / 2.0, length);
    print!("{}", tally.table());
    let faults = verdict::faults(&world, &tally, &measured);
    save(&tally, &measured, &faults);
    println!("{}", measured.line());
    for fault in &faults {
        println!("FAIL: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many requests of this mixture are answered in a second when nobody waits.
fn calibrate(world: &World, tally: &Tally) -> f64 {
    let (stop, next) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (stop, next) = (&stop, &next);
            scope.spawn(move || client::run(client, world.shared(), tally, &Pace { next, each: Duration::ZERO }, stop));
        }
        sleep(CALIBRATION);
        stop.store(true, Ordering::SeqCst);
    });
    tally.answered() as f64 / CALIBRATION.as_secs_f64()
}

/// The traffic, and what changes meanwhile.
fn play(world: &mut World, tally: &Tally, rate: f64, length: Duration) -> Measured {
    let (stop, next) = (AtomicBool::new(false), AtomicU64::new(0));
    let (begin, already) = (Instant::now(), tally.answered());
    let pace = || Pace { next: &next, each: Duration::from_secs_f64(CLIENTS as f64 / rate) };
    let mut resident = Vec::new();
    let (shared, changes) = world.split();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (stop, pace) = (&stop, pace());
            scope.spawn(move || client::run(client, shared, tally, &pace, stop));
        }
        for number in 1.. {
            let due = begin + UPDATE * number;
            sleep(due.saturating_duration_since(Instant::now()));
            resident.push(changes.resident_bytes());
            eprintln!("{}", tally.progress(begin.elapsed(), length, *resident.last().unwrap_or(&0)));
            if begin.elapsed() >= length {
                break;
            }
            if u64::from(number) % ROTATION == 0 {
                shared.rotate();
            }
            changes.update(shared);
        }
        stop.store(true, Ordering::SeqCst);
    });
    Measured { length: begin.elapsed(), answered: tally.answered() - already, resident }
}

fn save(tally: &Tally, measured: &Measured, faults: &[String]) {
    let folder = harness::workspace().join("target/soak");
    let report = serde_json::json!({"kinds": tally.to_json(), "measured": measured.to_json(), "faults": faults});
    let written =
        fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("report.json"), format!("{report:#}\n")));
    if let Err(error) = written {
        eprintln!("{}: {error}", folder.display());
    }
}
