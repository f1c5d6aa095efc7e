//! The contract between a filter and the kit, each line of it played on the fake host and in a real Envoy over
//! HTTP/1.1 and HTTP/2: bodies, streams, calls, ticks, replies, closing and the end of an exchange, on both sides.
//!
//! The filter is `actor`, which does what its configuration says. In Envoy all plays share one VM, each with a
//! configuration and a listener of its own: what one remembers must not reach another. What only several workers, a trap or a missing flag
//! can show stands at the end, in Envoy alone.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

mod in_envoy;
mod in_fake;
mod looking_on;
mod play;
mod plays;

use std::time::{Duration, Instant};

use harness::client::h1;
use harness::config::Protocol;
use harness::{Envoy, Listener, Request, Upstream, WasmFilter};
use serde_json::json;

use in_envoy::Stage;
use play::{Play, faults};
use plays::plays;

#[test]
fn every_play_ends_as_written_on_the_fake_host() {
    let faults: Vec<_> = plays().iter().flat_map(|play| faults(play, "fake", &in_fake::play(play))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn every_play_in_envoy(protocol: Protocol, world: &str) {
    let plays = plays();
    let stage = Stage::of(&plays, protocol);
    let run = |(index, play): (usize, &Play)| faults(play, world, &stage.run(index, play, protocol));
    let faults: Vec<_> = plays.iter().enumerate().flat_map(run).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_play_ends_as_written_in_envoy_over_http1() {
    every_play_in_envoy(Protocol::H1, "h1");
}

#[test]
fn every_play_ends_as_written_in_envoy_over_http2() {
    every_play_in_envoy(Protocol::H2, "h2");
}

#[test]
fn names_of_plays_are_unique() {
    let mut names: Vec<_> = plays().into_iter().map(|play| play.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_missing_flag_is_found_and_named_within_six_seconds() {
    let config = json!({"request": {"flow": "await_body"}});
    let filter = WasmFilter::new("actor").configured(&config).allow_on_headers_stop_iteration(false);
    let upstream = Upstream::h1();
    let envoy = Envoy::builder(Listener::new().filter(filter)).upstream(upstream.address()).start().unwrap();
    let begin = Instant::now();
    let response = h1::send(envoy.address(), &Request::post("/v1/chat/completions", "hello"));
    assert_eq!(response.status, Some(500), "{response:?}");
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
    assert_eq!(response.json()["error"]["code"], "flag_missing");
    assert!(envoy.log().contains("set allow_on_headers_stop_iteration: true"));
    assert_eq!(upstream.hits(), 0);
}
