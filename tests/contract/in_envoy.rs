//! All plays in one real Envoy.

use std::time::Duration;

use harness::client::{h1, h2};
use harness::config::{Protocol, cluster};
use harness::{Ended, Envoy, Listener, Reply, Seen, Upstream, WasmFilter};
use serde_json::json;

use crate::play::{Given, Got, METRIC, Play, counters, pairs};

/// One Envoy for all plays: a listener and a configuration for each, all in one VM.
pub(crate) struct Stage {
    envoy: Envoy,
    upstream: Upstream,
    _clusters: [Upstream; 4],
}

impl Stage {
    pub(crate) fn of(plays: &[Play], protocol: Protocol) -> Self {
        let upstream = match protocol {
            Protocol::H1 => Upstream::h1(),
            Protocol::H2 => Upstream::h2(),
        };
        let answers: Vec<_> = plays.iter().map(|play| play.answer.clone()).collect();
        upstream.answer_all(move |seen| answers[seen.header("x-play").unwrap().parse::<usize>().unwrap()].reply());
        let clusters = [Upstream::h1(), Upstream::h1(), Upstream::h1(), Upstream::h1()];
        clusters[0].answer("/call", Reply::ok());
        clusters[1].answer("/call", Reply::silence());
        clusters[2].answer("/call", Reply::ok().chunk("part").then_reset());
        clusters[3].answer("/call", Reply::ok().wait(Duration::from_millis(200)).chunk("done"));
        let listener = |(index, play): (usize, &Play)| {
            let mut config = play.config.clone();
            config["name"] = json!(instance(index));
            Listener::new()
                .filter(WasmFilter::new("actor").configured(&config).allow_on_headers_stop_iteration(play.flag))
        };
        let mut listeners = plays.iter().enumerate().map(listener);
        let mut builder = Envoy::builder(listeners.next().unwrap());
        for (index, listener) in listeners.enumerate() {
            builder = builder.also(&instance(index + 1), listener);
        }
        builder = match protocol {
            Protocol::H1 => builder.upstream(upstream.address()),
            Protocol::H2 => builder.upstream_h2(upstream.address()),
        };
        for (name, server) in ["side", "silent", "cut", "later"].iter().zip(&clusters) {
            builder = builder.cluster(cluster(name, Some(server.address()), Protocol::H1));
        }
        let builder = builder.cluster(cluster("empty", None, Protocol::H1));
        let envoy = builder.argument("--component-log-level").argument("wasm:info").start().unwrap();
        Self { envoy, upstream, _clusters: clusters }
    }

    pub(crate) fn run(&self, index: usize, play: &Play, protocol: Protocol) -> Got {
        let address = if index == 0 { self.envoy.address() } else { self.envoy.address_of(&instance(index)) };
        let request = play.request.clone().header("x-play", index.to_string());
        let response = match protocol {
            Protocol::H1 => h1::send(address, &request),
            Protocol::H2 => h2::send(address, &request),
        };
        let counter = |name: &str| format!("wasmcustom.{METRIC}{name}.instance.{}", instance(index));
        self.envoy.wait_for_stat(&counter("ended_total"), 1, Duration::from_millis(200));
        let seen = self.upstream.requests().into_iter().find(|seen| seen.header("x-play") == Some(index.to_string()));
        let own = format!("portcullis actor/{}: ", instance(index));
        Got {
            status: response.status.unwrap_or_default(),
            body: response.text(),
            cut: response.ended != Ended::Complete,
            upstream: seen.as_ref().map(|seen| String::from_utf8_lossy(&seen.body).into_owned()),
            upstream_path: seen.as_ref().map(Seen::path),
            upstream_headers: seen.map(|seen| pairs(&seen.headers)).unwrap_or_default(),
            headers: pairs(&response.headers),
            trailers: !response.trailers.is_empty(),
            counters: counters(|name| self.envoy.stat(&counter(name))),
            ended: self.envoy.stat(&counter("ended_total")),
            log: self.envoy.log().lines().filter(|line| line.contains(&own)).collect::<Vec<_>>().join("\n"),
        }
    }
}

fn instance(index: usize) -> String {
    format!("play-{index}")
}

impl Given {
    fn reply(&self) -> Reply {
        let reply = match (self.length, self.pieces.as_slice()) {
            (true, pieces) => Reply::ok().body(pieces.concat()),
            (false, pieces) => {
                pieces.iter().fold(Reply::ok(), |reply, piece| reply.chunk(piece).wait(Duration::from_millis(30)))
            }
        };
        if self.trailers { reply.trailer("x-end", "1") } else { reply }
    }
}
