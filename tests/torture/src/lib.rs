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

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use harness::cases::{self, Report, Table};

/// The filters of the fake host are not optimised: what takes 100 KiB of stack in a module takes megabytes here, and a thread
/// of a test has two.
const STACK_BYTES: usize = 64 << 20;

/// How many tables run at a time: most of the time of one is spent waiting for an Envoy.
const AT_A_TIME: usize = 2;

/// The worlds: the fake host, and a real Envoy over both protocols; in container mode the real one alone.
pub fn run(tables: &[Table]) -> Report {
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::new());
    let work = || {
        while let Some(table) = tables.get(next.fetch_add(1, Ordering::Relaxed)) {
            let report = in_every_world(table);
            reports.lock().expect("no runner panics while it holds it").push(report);
        }
    };
    thread::scope(|scope| {
        let runner = || thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).expect("a thread");
        let runners: Vec<_> = (0..AT_A_TIME.min(tables.len())).map(|_| runner()).collect();
        for runner in runners {
            runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    merged(tables, reports.into_inner().expect("all runners are done"))
}

fn in_every_world(table: &Table) -> Report {
    let table = std::slice::from_ref(table);
    if harness::container::image().is_some() || harness::chain::is_on() {
        return cases::run(table, &[&cases::gateway::InEnvoy]);
    }
    cases::run(table, &[&fake_world::open, &cases::gateway::InEnvoy])
}

/// The reports of the tables in their order.
fn merged(tables: &[Table], mut reports: Vec<Report>) -> Report {
    let place = |report: &Report| {
        let file = report.tables.first().map(|table| &table.file);
        tables.iter().position(|table| Some(&table.file) == file)
    };
    reports.sort_by_key(place);
    reports.into_iter().fold(Report::default(), |mut all, one| {
        all.tables.extend(one.tables);
        all.failures.extend(one.failures);
        all
    })
}
