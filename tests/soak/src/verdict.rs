//! Whether all was well.

use std::time::Duration;

use harness::slope;
use serde_json::{Value, json};

use crate::client::CLIENTS;
use crate::kinds::{ADDRESS, KINDS, SECRET};
use crate::provider::Provider;
use crate::tally::Tally;
use crate::world::World;

const MIB: f64 = 1024.0 * 1024.0;
/// How fast resident memory may grow once it has settled, in bytes a minute. Istio's leak was 10 MB.
const GROWTH: f64 = MIB;
/// Measurements in a minute: one before each new configuration.
const A_MINUTE: usize = 6;
/// Measurements before memory has settled: caches fill, and what a new configuration needs beside the old one is kept.
const SETTLING: usize = A_MINUTE;
/// Measurements that tell growth from the allocator's steps of about 1 MiB, which alone would be 2 MiB a minute in 40 s.
const TELLING: usize = 2 * A_MINUTE;
/// What `calls` of `envoy/gateway.yaml` lets a caller do: at once, and then in a second.
const CALLS: (f64, f64) = (30.0, 2.0);
/// What `tokens` lets a caller spend in a minute, and what the spender does with a call.
const TOKENS: (f64, f64) = (40_000.0, 2000.0);
/// How many calls may be under way beyond a limit of tokens: clients ask at once, and an answer tells what it cost.
const UNDER_WAY: f64 = CLIENTS as f64;

/// How much of what it might a caller who asks all the time is let at least: requests come in no rhythm.
const LEAST: f64 = 0.9;
/// Seconds in which Envoy has begun to serve and nothing is measured yet.
const SLACK: f64 = 5.0;

/// What the play took.
pub(crate) struct Measured {
    pub(crate) length: Duration,
    pub(crate) answered: u64,
    pub(crate) resident: Vec<u64>,
}

impl Measured {
    /// By how many bytes resident memory grows in a minute once it has settled; none if that was not measured long enough.
    fn growth(&self) -> Option<f64> {
        let settled = &self.resident[SETTLING.max(self.resident.len() / 3).min(self.resident.len())..];
        (settled.len() >= TELLING).then(|| slope(settled) * A_MINUTE as f64)
    }

    pub(crate) fn line(&self) -> String {
        let last = self.resident.last().copied().unwrap_or_default();
        format!(
            "{} requests in {:.0} s, {:.1} MiB at the end, {}",
            self.answered,
            self.length.as_secs_f64(),
            last as f64 / MIB,
            self.growth().map_or_else(
                || format!("growth not judged: {} minutes would tell", (SETTLING + TELLING) / A_MINUTE),
                |bytes| format!("{:+.2} MiB a minute", bytes / MIB)
            )
        )
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"seconds": self.length.as_secs_f64(), "requests": self.answered, "resident_bytes": self.resident,
            "growth_bytes_a_minute": self.growth()})
    }
}

/// What was not as it must be.
pub(crate) fn faults(world: &World, tally: &Tally, measured: &Measured) -> Vec<String> {
    let mut faults = tally.faults();
    let mut check = |holds: bool, fault: String| {
        if !holds {
            faults.push(fault);
        }
    };
    check(tally.wrong() == 0, format!("{} answers were wrong", tally.wrong()));
    for kind in KINDS {
        let right = (kind.right)(&world.shared().clock.now());
        let came = kind.leaves || right.iter().any(|told| tally.of(kind.name, told) > 0);
        check(came, format!("{}: never {right:?}", kind.name));
    }
    let wrong: u64 = world.shared().regions.iter().map(Provider::wrong).sum();
    check(wrong == 0, format!("{wrong} requests reached a provider and must not have"));
    let trap = world.envoy().trap();
    check(trap.is_none(), format!("a module trapped: {trap:?}"));
    check(world.envoy().is_alive(), "Envoy is gone".to_owned());
    check(measured.growth().is_none_or(|bytes| bytes <= GROWTH), format!("memory grows: {:?}", measured.resident));
    let log = world.envoy().log();
    for secret in [ADDRESS, SECRET, "Ignore all previous", "Bearer ", "eyJ", crate::world::API_KEY] {
        check(!log.contains(secret), format!("the log holds {secret:?}"));
    }
    limits(tally, measured, &mut check);
    faults
}

/// That limits let pass what they should, and no more, whatever changed meanwhile.
fn limits(tally: &Tally, measured: &Measured, check: &mut impl FnMut(bool, String)) {
    const WINDOW: f64 = 60.0;
    let seconds = measured.length.as_secs_f64() + crate::CALIBRATION.as_secs_f64();
    let (burst, rate) = CALLS;
    let calls = tally.of("greedy", "200") as f64;
    let may = burst + rate * seconds;
    check(calls <= may + rate * SLACK, format!("a caller may call {may:.0} times, and did {calls}"));
    check(calls >= may * LEAST, format!("a caller may call {may:.0} times, and was let {calls}"));
    let (budget, price) = TOKENS;
    let spent = tally.of("spender", "200") as f64 * price;
    let may = ((seconds + SLACK) / WINDOW).ceil() * budget + UNDER_WAY * price;
    check(spent <= may, format!("a caller may spend {may:.0} tokens, and did {spent}"));
    let least = (seconds / WINDOW).floor() * budget * LEAST;
    check(spent >= least, format!("a caller may spend {least:.0} tokens, and was let {spent}"));
}
