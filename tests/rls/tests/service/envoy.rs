//! A stock Envoy's own filter asks it: what is spoken here is Envoy's protocol.

use crate::{for_each_user, user};
use harness::client::h1;
use harness::config::{Protocol, cluster};
use harness::{Envoy, Listener, Request, Response, Upstream};
use rls::{Client, RateLimitRequest, Redis, RlsServer, Storage};
use serde_json::{Value, json};

#[test]
fn envoys_own_rate_limit_filter_counts_refuses_and_tells_what_is_left() {
    let world = World::start(10);
    for (hits, status, left) in [("4", 200, "6"), ("6", 200, "0"), ("1", 429, "0")] {
        let answer = world.ask("ann", hits);
        assert_eq!(answer.status, Some(status), "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-remaining").as_deref(), Some(left), "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-limit").as_deref(), Some("10, 10;w=3600;name=\"hourly\""));
        let reset: u64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!((3590..=3600).contains(&reset), "{reset}");
    }
    assert_eq!(world.ask("bob", "1").status, Some(200));
    assert_eq!(world.upstream.hits(), 3);

    let asked = RateLimitRequest::of("ai").with(user("bob").hits(0));
    let answer = Client::of(world.server.address()).ask(&asked).unwrap();
    assert_eq!(answer.statuses[0].limit_remaining, 9, "what Envoy took is taken for everybody");
}

#[test]
fn envoys_own_filter_refuses_what_the_service_cannot_answer() {
    let mut world = World::start(10);
    assert_eq!(world.ask("ann", "1").status, Some(200));
    world.redis.kill();
    assert_eq!(world.ask("ann", "1").status, Some(500));
    assert_eq!(world.upstream.hits(), 1);
    assert_eq!(world.envoy.stat("cluster.upstream.ratelimit.error"), 1);
}

/// An Envoy that asks a server that counts in Redis.
struct World {
    envoy: Envoy,
    upstream: Upstream,
    server: RlsServer,
    redis: Redis,
}

impl World {
    fn start(most: u64) -> Self {
        let redis = Redis::start();
        let server = RlsServer::start(&for_each_user(most), &Storage::Redis(redis.url()));
        let upstream = Upstream::h1();
        let envoy = Envoy::builder(Listener::new().native(filter()))
            .upstream(upstream.address())
            .cluster(cluster("rls", Some(server.address()), Protocol::H2))
            .start()
            .unwrap();
        Self { envoy, upstream, server, redis }
    }

    fn ask(&self, user: &str, hits: &str) -> Response {
        h1::send(self.envoy.address(), &Request::get("/").header("x-user", user).header("x-hits", hits))
    }
}

fn filter() -> Value {
    json!({
        "name": "envoy.filters.http.ratelimit",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit",
            "domain": "ai",
            "timeout": "5s",
            "failure_mode_deny": true,
            "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
            "rate_limits": [{
                "actions": [{"request_headers": {"header_name": "x-user", "descriptor_key": "user"}}],
                "hits_addend": {"format": "%REQ(x-hits)%"}
            }],
            "rate_limit_service": {
                "transport_api_version": "V3",
                "grpc_service": {"envoy_grpc": {"cluster_name": "rls"}}
            }
        }
    })
}
