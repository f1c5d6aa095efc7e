//! AUTHN-046, its last sentence: how long the look-up of an API key takes says nothing about how much of a guess was
//! right. Measured natively on the policy itself, as dudect does (Reparaz, Balasch, Verbauwhede 2017): two classes of
//! guesses in random order, the slowest samples cropped, Welch's t between the rest.
//!
//! A comparison that stops at the first difference is measured in the same way and must be found out, or the
//! measurement proves nothing: how many samples that takes on this machine is found out first.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use authn::Authn;
use portcullis::filter::{Call, Env, Exchange, Filter, Flow};
use portcullis::host::{Cas, Host, HostError, HttpCall, Monotonic, Shared, Side, Signed, Wall};
use portcullis::http::header::Headers;
use portcullis::telemetry::Metric;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Outcome;

/// Samples of a measurement on a quiet machine.
const SAMPLES: usize = 100_000;
/// With so many that find no leak the measurement is given up.
const MOST_SAMPLES: usize = 16 * SAMPLES;
/// From here on a difference is not chance.
const THRESHOLD: f64 = 4.5;
/// How many guesses of each class there are; each sample takes one at random.
const GUESSES: usize = 4096;
/// A noisy machine gets another chance; a leak shows in each.
const TRIES: usize = 3;

/// The key in the gateway.
const KEY: &[u8; 24] = b"sk-acme-7Qw9zR4tY1uI3oP5";

pub(super) const VARIANTS: usize = 4;

pub(super) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let filter = filter();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let none = key_begins(&mut random, false);
    let but_last = key_but_last(&mut random);
    let leaking = |guess: &Guess| self::time(&filter, guess, |guess| stops_early(guess, black_box(KEY)));
    let (samples, t) = enough_samples(&mut random, &[&but_last, &none], leaking);
    outcome.check(t.abs() > THRESHOLD, || format!("over {samples} samples, a comparison that stops early: t = {t:.1}"));
    if t.abs() <= THRESHOLD {
        return outcome;
    }
    let mut notes = vec![format!("{samples} samples, a comparison that stops early: t = {t:.0}")];
    let safe = |guess: &Guess| self::time(&filter, guess, |_| false);
    for (name, class) in [
        ("first byte", key_begins(&mut random, true)),
        ("all but the last", but_last),
        ("first byte of the hash", hash_begins(&mut random)),
    ] {
        let t = smallest_t(&mut random, samples, &[&class, &none], safe);
        outcome.check(t.abs() < THRESHOLD, || format!("{name}: t = {t:.1} over {samples} samples"));
        notes.push(format!("{name}: t = {t:.1}"));
    }
    outcome.notes = notes.join(", ");
    outcome
}

/// How many samples this machine needs to find a leak out in every try, and the smallest t of the tries.
fn enough_samples(random: &mut Random, classes: &[&[Guess]; 2], leaking: impl Fn(&Guess) -> u64) -> (usize, f64) {
    let mut samples = SAMPLES;
    loop {
        let t = smallest_t(random, samples, classes, &leaking);
        if t.abs() > THRESHOLD || samples >= MOST_SAMPLES {
            return (samples, t);
        }
        samples *= 2;
    }
}

/// authn with one API key.
fn filter() -> Rc<Authn> {
    let config = json!({"credentials": [{"header": "x-api-key"}], "key_sets": {"partners": {"keys": [
        {"id": "acme", "sha256": hex(&digest(KEY)), "subject": "acme-app"}
    ]}}});
    let config = serde_json::from_value(config).expect("a configuration");
    Rc::new(Authn::compile(config, &Env::new("authn", [])).expect("a good configuration"))
}

/// How many nanoseconds the filter takes to refuse a guess, and what else is done after it.
fn time(filter: &Rc<Authn>, guess: &Guess, also: impl Fn(&[u8]) -> bool) -> u64 {
    let mut headers = Headers::new();
    headers.push(b":method", b"GET");
    headers.push(b":path", b"/v1/models");
    headers.push(b"x-api-key", guess);
    let host = Quiet(Rc::new(headers));
    let mut exchange = filter.exchange();
    let begin = Instant::now();
    let flow = exchange.on_request(black_box(&host));
    let known = also(guess);
    let nanos = begin.elapsed().as_nanos();
    assert!(matches!(flow, Flow::Reply(_)) && !black_box(known), "a guess was right");
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// A host that answers at once.
struct Quiet(Rc<Headers>);

impl Host for Quiet {
    fn headers(&self, _: Side) -> Result<Rc<Headers>, HostError> {
        Ok(Rc::clone(&self.0))
    }
    fn property(&self, _: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        Ok(None)
    }
    fn set_header(&self, _: Side, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
    fn remove_header(&self, _: Side, _: &str) -> Result<(), HostError> {
        Ok(())
    }
    fn remove_query(&self, _: &[&str]) -> Result<(), HostError> {
        Ok(())
    }
    fn set_property(&self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
    fn set_verdict(&self, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
    fn replace_body(&self, _: Side, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
    fn shared(&self, _: &str) -> Result<Option<Shared>, HostError> {
        Ok(None)
    }
    fn set_shared(&self, _: &str, _: &[u8], _: Cas) -> Result<(), HostError> {
        Ok(())
    }
    fn wall(&self) -> Wall {
        Wall(1_800_000_000_000_000_000)
    }
    fn monotonic(&self) -> Monotonic {
        Monotonic(1_000_000_000)
    }
    fn call(&self, _: &HttpCall<'_>) -> Result<Call, HostError> {
        Err(HostError::Unreachable)
    }
    fn verify(&self, _: &Signed<'_>) -> Result<bool, HostError> {
        Err(HostError::Unsupported)
    }
    fn tick_soon(&self) {}
    fn measure(&self, _: Metric, _: u64) {}
    fn log(&self, _: log::Level, _: &str) {}
    fn tolerate(&self) {}
}

type Guess = [u8; KEY.len()];

/// Guesses that share the key's first byte and no other, or not even that.
fn key_begins(random: &mut Random, alike: bool) -> Vec<Guess> {
    let other = |random: &mut Random, at: usize| loop {
        let byte = random.letter();
        if byte != KEY[at] {
            return byte;
        }
    };
    let guess = |_| {
        let mut guess: Guess = std::array::from_fn(|at| other(random, at));
        if alike {
            guess[0] = KEY[0];
        }
        guess
    };
    (0..GUESSES).map(guess).collect()
}

/// Guesses that are right but for their end.
fn key_but_last(random: &mut Random) -> Vec<Guess> {
    let mut wrong = key_begins(random, false);
    let last = KEY.len() - 1;
    for guess in &mut wrong {
        guess[..last].copy_from_slice(&KEY[..last]);
    }
    wrong
}

/// Guesses whose hash begins as the key's does.
fn hash_begins(random: &mut Random) -> Vec<Guess> {
    let first = digest(KEY)[0];
    let mut found = Vec::with_capacity(GUESSES);
    while found.len() < GUESSES {
        let guess: Guess = std::array::from_fn(|_| random.letter());
        if digest(&guess)[0] == first {
            found.push(guess);
        }
    }
    found
}

/// The comparison that everybody writes first.
#[inline(never)]
fn stops_early(guess: &[u8], key: &[u8]) -> bool {
    for (a, b) in guess.iter().zip(key) {
        if a != b {
            return false;
        }
    }
    guess.len() == key.len()
}

/// The t nearest to zero of some measurements.
fn smallest_t(random: &mut Random, count: usize, classes: &[&[Guess]; 2], time: impl Fn(&Guess) -> u64) -> f64 {
    let each = (0..TRIES).map(|_| measure(random, count, classes, &time));
    each.min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(f64::INFINITY)
}

/// Welch's t between the times of two classes, with what is slower than nine in ten cropped.
fn measure(random: &mut Random, count: usize, classes: &[&[Guess]; 2], time: impl Fn(&Guess) -> u64) -> f64 {
    let mut samples: Vec<(usize, u64)> = Vec::with_capacity(count + count / 10);
    let mut guess = *KEY;
    for _ in 0..count + count / 10 {
        let class = usize::try_from(random.next() % 2).unwrap_or(0);
        guess.copy_from_slice(&classes[class][random.below(GUESSES)]); // one place in memory for both
        samples.push((class, time(black_box(&guess))));
    }
    let samples = &samples[count / 10..]; // the first ones warm up
    let mut sorted: Vec<u64> = samples.iter().map(|(_, nanos)| *nanos).collect();
    sorted.sort_unstable();
    let limit = sorted[sorted.len() * 9 / 10];
    let of = |wanted| samples.iter().filter(move |(class, nanos)| *class == wanted && *nanos <= limit).map(|(_, n)| *n);
    welch(of(0), of(1))
}

#[allow(clippy::cast_precision_loss)]
fn welch(a: impl Iterator<Item = u64>, b: impl Iterator<Item = u64>) -> f64 {
    /// Count, mean, variance over count (Welford).
    fn moments(values: impl Iterator<Item = u64>) -> (f64, f64) {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for value in values.map(|value| value as f64) {
            count += 1.0;
            let off = value - mean;
            mean += off / count;
            squares += off * (value - mean);
        }
        (mean, squares / (count - 1.0) / count)
    }
    let ((mean_a, error_a), (mean_b, error_b)) = (moments(a), moments(b));
    (mean_a - mean_b) / (error_a + error_b).sqrt()
}

/// `SplitMix64`: the same on each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % limit
    }

    fn letter(&mut self) -> u8 {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        LETTERS[self.below(LETTERS.len())]
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
