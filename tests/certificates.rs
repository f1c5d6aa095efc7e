//! Roles by client certificate, over TLS to a real Envoy: what the filter is told of a certificate, and what a listener
//! must do for an operator to say `client_certificates: validated_by_listener`.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use harness::client::h1;
use harness::tls::{Authority, Certificate, Names};
use harness::{Ended, Envoy, Listener, Request, Upstream, WasmFilter};
use serde_json::{Value, json};

const OPS: &str = "spiffe://example.org/ops";

/// A gateway that wants certificates of its own authority, and everything that may be shown to it.
struct World {
    envoy: Envoy,
    own: Authority,
    other: Authority,
    upstream: Upstream,
}

impl World {
    fn start(must_show: bool, validation: &Value) -> Self {
        let (own, other, upstream) = (Authority::default(), Authority::new("others"), Upstream::h1());
        let listener = Listener::new()
            .transport_socket(own.listener(&own, must_show, validation))
            .filter(WasmFilter::new("rbac").configured(&policy()));
        let envoy = Envoy::builder(listener).upstream(upstream.address()).start().unwrap();
        Self { envoy, own, other, upstream }
    }

    /// The status of an answer; none if the connection is closed instead.
    fn status(&self, path: &str, shown: Option<&Certificate>) -> Option<u16> {
        let tunnel = self.own.tunnel(self.envoy.address(), shown);
        let answer = h1::send(tunnel, &Request::get(path));
        assert!(answer.status.is_some() || matches!(answer.ended, Ended::Closed | Ended::Reset(_)), "{answer:?}");
        answer.status
    }
}

fn policy() -> Value {
    json!({
        "combining": "first_match",
        "client_certificates": "validated_by_listener",
        "roles": {
            "sources": [{"certificate": "subject"}],
            "certificates": {"batch": {"dns_sans": ["batch.example.org"]}},
        },
        "rules": [
            {"name": "ops", "effect": "allow", "who": {"uri_sans": [OPS]}, "select": {"paths": ["/ops"]}},
            {"name": "batch", "effect": "allow", "who": {"roles_any": ["batch"]}, "select": {"paths": ["/batch"]}},
            {"name": "named", "effect": "allow", "who": {"roles_any": ["CN=alice"]}, "select": {"paths": ["/named"]}},
            {"name": "open", "effect": "allow", "who": {"caller": "anyone"}, "select": {"paths": ["/open"]}},
        ],
    })
}

fn names<'n>(uris: &'n [&'n str], dns: &'n [&'n str]) -> Names<'n> {
    Names { common: "someone", uris, dns }
}

/// A role could come with a token too, so who lacks one is told to log in: 401. A name in a certificate cannot: 403.
#[test]
fn a_certificate_gives_the_roles_of_its_names() {
    let world = World::start(true, &json!({}));
    let served = || world.upstream.hits();
    let alice = Names { common: "alice", ..Names::default() };
    for (shown, path, expected) in [
        (names(&[OPS], &[]), "/ops", 200),
        (names(&[OPS], &[]), "/batch", 401),
        (names(&["spiffe://example.org/ops2"], &[]), "/ops", 403),
        (names(&["spiffe://example.org/ops/"], &[]), "/ops", 403),
        (names(&[], &[OPS]), "/ops", 403),
        (names(&[], &["batch.example.org"]), "/batch", 200),
        (names(&["batch.example.org"], &[]), "/batch", 401),
        (names(&[OPS], &["batch.example.org"]), "/batch", 200),
        (names(&[], &[]), "/ops", 403),
        (alice, "/named", 200),
        (Names { common: "alice,O=x", ..alice }, "/named", 401),
        (Names { common: "batch", ..alice }, "/batch", 401),
    ] {
        let (certificate, before) = (world.own.sign(shown), served());
        assert_eq!(world.status(path, Some(&certificate)), Some(expected), "{path} {shown:?}");
        assert_eq!(served() > before, expected == 200, "{path} {shown:?}");
    }
}

/// Envoy tells modules the first name of each kind: one behind it gives nothing, and takes nothing away.
#[test]
fn of_several_names_the_first_counts() {
    let world = World::start(true, &json!({}));
    let other = "spiffe://example.org/other";
    for (uris, expected) in [([OPS, other], 200), ([other, OPS], 403)] {
        let certificate = world.own.sign(names(&uris, &[]));
        assert_eq!(world.status("/ops", Some(&certificate)), Some(expected), "{uris:?}");
    }
}

#[test]
fn a_certificate_of_somebody_else_does_not_get_through_the_listener() {
    for must_show in [true, false] {
        let world = World::start(must_show, &json!({}));
        let (own, foreign) = (world.own.sign(names(&[OPS], &[])), world.other.sign(names(&[OPS], &[])));
        assert_eq!(world.status("/ops", Some(&own)), Some(200), "its own");
        assert_eq!(world.status("/ops", Some(&foreign)), None);
        assert_eq!(world.status("/open", Some(&foreign)), None);
        let (ops, open) = if must_show { (None, None) } else { (Some(403), Some(200)) };
        assert_eq!((world.status("/ops", None), world.status("/open", None)), (ops, open), "nothing shown");
    }
}

/// What the documentation warns of: such a listener shows modules what nobody checked.
#[test]
fn a_listener_that_accepts_what_it_does_not_trust_validates_nothing() {
    let world = World::start(false, &json!({"trust_chain_verification": "ACCEPT_UNTRUSTED"}));
    let foreign = world.other.sign(names(&[OPS], &[]));
    assert_eq!(world.status("/ops", Some(&foreign)), Some(200));
}
