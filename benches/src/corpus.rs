//! The inputs of the fuzz targets, each read whole: whether any takes far longer a byte than the others.

#![allow(clippy::cast_precision_loss, reason = "nanoseconds and bytes of seconds and kilobytes")]
#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::fs;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use portcullis::ai::answer::{Answer, read_whole};
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::read;
use portcullis::json::Limits;

/// Of shorter ones, what a document costs is more than what its bytes do.
pub const SHORTEST: usize = 256;
const TYPES: [&str; 4] =
    ["text/event-stream", "application/x-ndjson", "application/json", "application/vnd.amazon.eventstream"];
const ROUNDS: usize = 5;
const BYTES_A_ROUND: usize = 256 << 10;

/// An input, and what its first bytes say it is (`fuzz/src/lib.rs`).
pub struct Input {
    /// Its file.
    pub file: PathBuf,
    endpoint: &'static Endpoint,
    what: u8,
    body: Vec<u8>,
}

/// How long inputs took.
#[derive(Default)]
pub struct Speed {
    /// How many.
    pub inputs: usize,
    /// Nanoseconds a byte of all together.
    pub average: f64,
    /// Of the slowest that is long enough.
    pub slowest: f64,
    /// Which that is.
    pub which: PathBuf,
}

/// The inputs below a folder: one folder a dialect.
///
/// # Errors
///
/// What could not be read.
pub fn inputs(corpus: &Path) -> io::Result<Vec<Input>> {
    let mut found = Vec::new();
    for folder in fs::read_dir(corpus)? {
        let folder = folder?;
        let endpoints: Vec<_> =
            Endpoint::all().filter(|endpoint| *endpoint.dialect.word() == *folder.file_name()).collect();
        for file in fs::read_dir(folder.path())? {
            let file = file?.path();
            found.extend(input(&endpoints, file)?);
        }
    }
    Ok(found)
}

fn input(endpoints: &[&'static Endpoint], file: PathBuf) -> io::Result<Option<Input>> {
    let bytes = fs::read(&file)?;
    let [which, what, _, body @ ..] = bytes.as_slice() else { return Ok(None) };
    let Some(index) = usize::from(*which).checked_rem(endpoints.len()) else { return Ok(None) };
    Ok(Some(Input { file, endpoint: endpoints[index], what: what % 6, body: body.to_vec() }))
}

/// Reads every input often enough for a clock.
#[must_use]
pub fn speed(inputs: &[Input]) -> Speed {
    let mut speed = Speed { inputs: inputs.len(), ..Speed::default() };
    let (mut bytes, mut nanos) = (0.0, 0.0);
    for input in inputs {
        let taken = input.nanos();
        let length = input.body.len() as f64;
        (bytes, nanos) = (bytes + length, nanos + taken);
        if input.body.len() >= SHORTEST && taken / length > speed.slowest {
            (speed.slowest, speed.which) = (taken / length, input.file.clone());
        }
    }
    speed.average = nanos / bytes;
    speed
}

impl Input {
    fn read(&self) {
        match self.what {
            0 => drop(black_box(read(black_box(&self.body), self.endpoint.request, Limits::default()))),
            1 => drop(black_box(read_whole(self.endpoint, black_box(&self.body), Limits::default()))),
            kind => self.stream(TYPES[usize::from(kind) - 2]),
        }
    }

    fn stream(&self, kind: &str) {
        let Ok(mut answer) = Answer::streamed(self.endpoint, kind.as_bytes(), 4096) else { return };
        let mut each = |reading: &portcullis::ai::read::Reading<'_>| {
            black_box(reading.texts.len());
        };
        black_box(answer.push(black_box(&self.body), &mut each).and_then(|()| answer.finish(&mut each))).ok();
    }

    /// Nanoseconds to read it, in the quickest round: what else the machine does only adds.
    fn nanos(&self) -> f64 {
        let times = (BYTES_A_ROUND / self.body.len().max(1)).clamp(1, 4096);
        let round = || {
            let begin = Instant::now();
            (0..times).for_each(|_| self.read());
            begin.elapsed().as_nanos() as f64 / times as f64
        };
        (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
    }
}
