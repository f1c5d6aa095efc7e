//! PF-010: a thousand callers send the largest body that is let pass, all but its last byte, and wait. Whoever is beyond
//! what the gateway holds and forwards at once is refused (`memory_budget`, circuit breakers), nothing traps, and the next
//! thousand need no more memory.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use harness::client::h1;
use harness::{Request, Response};
use serde_json::json;

use super::{Gateway, somebody, somewhere, token};
use crate::staged::{Outcome, scaled};

/// How often they come: in the first half memory settles.
const ROUNDS: usize = 6;
/// By how much more than in the first half memory may be used in the second, in percent: a heap breathes.
const BREATH: u64 = 10;

pub(crate) fn play() -> Outcome {
    let mut outcome = Outcome::default();
    let gateway = Gateway::start(2);
    let count = scaled(1000) as usize;
    let (mut resident, mut told) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let hits = gateway.plan.provider.hits();
        let answers = round(&gateway, count);
        let with = |status: u16| answers.iter().filter(|answer| answer.status == Some(status)).count();
        let (served, large, unavailable) = (with(200), with(413), with(503));
        let odd = answers.iter().find(|answer| !matches!(answer.status, Some(200 | 413 | 503)));
        outcome.check(odd.is_none(), || format!("{odd:?}"));
        let reached = gateway.plan.provider.hits() - hits;
        outcome.check(reached == served as u64, || format!("{reached} reached the provider, {served} were served"));
        resident.push(gateway.envoy.resident_bytes());
        told.push(format!("{served} served, {large} too large, {unavailable} refused"));
    }
    let (settling, after) = resident.split_at(ROUNDS / 2);
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or_default();
    let (before, after) = (most(settling), most(after));
    outcome.check(after <= before + before * BREATH / 100, || format!("memory grows: {resident:?}"));
    gateway.check("bodies", &mut outcome);
    outcome.faults.truncate(5);
    outcome.notes =
        format!("{count} bodies at once; {}; at most {} MiB, then {} MiB", told[0], before >> 20, after >> 20);
    outcome
}

fn round(gateway: &Gateway, count: usize) -> Vec<Response> {
    let all = Barrier::new(count);
    let body = largest();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..count).map(|_| scope.spawn(|| send(gateway, &body, &all))).collect();
        clients.into_iter().filter_map(|client| client.join().ok()).collect()
    })
}

fn send(gateway: &Gateway, body: &[u8], all: &Barrier) -> Response {
    let request = Request::post("/v1/chat/completions", body).header("content-type", "application/json");
    let mut client = h1::Connection::open_from(somewhere(), gateway.address()).patience(Duration::from_mins(1));
    let (last, most) = body.split_last().expect("a body");
    client.write(&h1::head(&request.bearer(token(&somebody()))));
    client.write(most);
    all.wait();
    client.write(&[*last]);
    client.finish(b"POST")
}

/// Nearly `per_connection_buffer_limit_bytes`, in messages of the most that prompt-guard's `shape` lets a text have.
fn largest() -> Vec<u8> {
    let message = json!({"role": "user", "content": "The report says that revenue grew. ".repeat(5800)});
    json!({"model": "demo", "messages": vec![message; 5]}).to_string().into_bytes()
}
