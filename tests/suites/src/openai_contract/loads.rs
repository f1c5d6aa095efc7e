//! What it takes to load the document: time until Envoy is ready, and memory a worker.
//!
//! 1. Time: an Envoy that runs already gets a listener with the contract; from then to its first answer, less that of a
//!    contract of one schema. The least of three, because nothing makes it faster than it is. So the time that Envoy takes
//!    to compile the module, which is seconds and the same for every contract, is no part of it. Envoy reads a configuration
//!    once on its main thread and then once on its worker.
//! 2. Memory: resident memory of an Envoy with ten workers less that with two, an eighth of it, once it stands still. It
//!    holds all that a worker holds, so it is more than the memory of the VM.

use std::thread;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::{Envoy, Listener, Request, WasmFilter};
use serde_json::{Value, json};

use super::{SUITE, configuration};
use crate::suite::{Fault, Score, Verdict, Verdicts};

/// What a bundle may take.
struct Aim {
    case: &'static str,
    time: Duration,
    bytes: u64,
}

const SOME: Aim = Aim { case: "four operations", time: Duration::from_secs(1), bytes: 64 << 20 };
const ALL: Aim = Aim { case: "all operations", time: Duration::from_secs(5), bytes: 64 << 20 };

const ROUNDS: usize = 3;
const FEW_WORKERS: u32 = 2;
const MORE_WORKERS: u32 = 8;

pub(super) fn judge(some: &Value, all: &Value) -> Result<Score, Fault> {
    let trivial = json!({"rules": [{"name": "any", "schemas": {"request": true}}]}).to_string();
    let configurations = [configuration(some), configuration(all)];
    let times = least(&trivial, &configurations)?;
    let mut did = Verdicts::new();
    for ((aim, configuration), time) in [SOME, ALL].into_iter().zip(&configurations).zip(times) {
        let bytes = bytes_a_worker(configuration)?;
        eprintln!(
            "{}.loads: {}: {} bytes of configuration, {} ms (aim {}), {} KiB a worker (aim {})",
            SUITE.name,
            aim.case,
            configuration.len(),
            time.as_millis(),
            aim.time.as_millis(),
            bytes >> 10,
            aim.bytes >> 10
        );
        did.insert(aim.case.to_owned(), Verdict::of(time <= aim.time && bytes <= aim.bytes));
    }
    let must: Verdicts = did.keys().map(|case| (case.clone(), Verdict::Accept)).collect();
    Ok(Score::of(format!("{}.loads", SUITE.name), 2, &must, &did))
}

/// The least time of each, less that of a trivial contract.
fn least(trivial: &str, configurations: &[String; 2]) -> Result<[Duration; 2], Fault> {
    let mut envoy = Envoy::builder(listener(trivial)).updatable().start().map_err(surroundings)?;
    let (mut least, mut least_trivial) = ([Duration::MAX; 2], Duration::MAX);
    for _ in 0..ROUNDS {
        for (least, configuration) in least.iter_mut().zip(configurations) {
            *least = update(&mut envoy, configuration, 404)?.min(*least);
            least_trivial = update(&mut envoy, trivial, 400)?.min(least_trivial);
        }
    }
    eprintln!("{}.loads: one schema: {} ms", SUITE.name, least_trivial.as_millis());
    Ok(least.map(|time| time.saturating_sub(least_trivial)))
}

/// From an update to the first answer of the new filter, which is known by its status.
fn update(envoy: &mut Envoy, configuration: &str, status: u16) -> Result<Duration, Fault> {
    #[allow(clippy::disallowed_methods, reason = "a measurement")]
    let begin = Instant::now();
    envoy.update(listener(configuration)).map_err(surroundings)?;
    while answered(envoy)? != status {
        if begin.elapsed() > Duration::from_mins(1) {
            return Err(Fault::Surroundings("an Envoy for the document: the new listener never answered".to_owned()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(begin.elapsed())
}

fn bytes_a_worker(configuration: &str) -> Result<u64, Fault> {
    let resident = |workers: u32| {
        let envoy = Envoy::builder(listener(configuration)).workers(workers).start().map_err(surroundings)?;
        answered(&envoy)?;
        Ok::<u64, Fault>(still(&envoy))
    };
    let (few, many) = (resident(FEW_WORKERS)?, resident(FEW_WORKERS.saturating_add(MORE_WORKERS))?);
    Ok(many.saturating_sub(few).checked_div(u64::from(MORE_WORKERS)).unwrap_or_default())
}

/// The status of the filter's answer: it refuses this request.
fn answered(envoy: &Envoy) -> Result<u16, Fault> {
    let mut client = h1::Connection::open(envoy.address());
    let answer = client.send(&Request::get("/nowhere"));
    let ours = answer.status.filter(|status| matches!(status, 400 | 404));
    ours.ok_or_else(|| Fault::Surroundings(format!("an Envoy for the document: got {answer:?}")))
}

/// Resident memory once it has been the same for a second: workers make their VMs one after another.
fn still(envoy: &Envoy) -> u64 {
    let (mut before, mut same) = (0_u64, 0);
    for _ in 0..240 {
        let now = envoy.resident_bytes();
        same = if now.abs_diff(before) < 1 << 20 { u32::saturating_add(same, 1) } else { 0 };
        before = now;
        if same >= 4 {
            break;
        }
        thread::sleep(Duration::from_millis(250));
    }
    before
}

fn listener(configuration: &str) -> Listener {
    Listener::new().filter(WasmFilter::new("schema-check").configured_raw(configuration))
}

#[allow(clippy::needless_pass_by_value, reason = "the argument of `map_err`")]
fn surroundings(error: harness::StartFailure) -> Fault {
    Fault::Surroundings(format!("an Envoy for the document: {error}"))
}
