//! Every attack we know by name, tried on every filter in every world.
//!
//! The rows of the torture table are listed in `rows.yaml`. A row is shown by a case table of the same name under
//! `tests/cases/`, which runs on the fake host and in Envoy over HTTP/1.1 and HTTP/2, or by code in [`staged`] where a
//! table cannot say it, or it waits, with a reason.

#![allow(
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate
)]

pub mod fake_world;
pub mod rows;
pub mod staged;

use std::thread;

use harness::cases::{self, Report, Table};

/// The filters of the fake host are not optimised: what takes 100 KiB of stack in a module takes megabytes here, and a thread
/// of a test has two.
const STACK_BYTES: usize = 64 << 20;

/// The worlds: the fake host, and a real Envoy over both protocols; in container mode the real one alone.
pub fn run(tables: &[Table]) -> Report {
    let run = || {
        if harness::container::image().is_some() {
            return cases::run(tables, &[&cases::gateway::InEnvoy]);
        }
        cases::run(tables, &[&fake_world::open, &cases::gateway::InEnvoy])
    };
    thread::scope(|scope| {
        let runner = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run).expect("a thread");
        runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
