//! The gateway, its providers and its issuer, and what changes of them.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use harness::config::{Protocol, cluster};
use harness::gateway::{self, Files};
use harness::{Envoy, Reply, Upstream, jwks};
use serde_json::{Value, json};

use crate::moment::{Clock, Variant};
use crate::provider::Provider;

/// How long after Envoy took a listener the connections of the one before are drained, and some more.
const DRAINED: Duration = Duration::from_millis(2500);

/// The API key of the file's comment, and its partner's.
pub(crate) const API_KEY: &str = "example-key-do-not-deploy";

/// All of it.
pub(crate) struct World {
    shared: Shared,
    changes: Changes,
}

/// What clients see.
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) regions: [Provider; 2],
    issuer: Upstream,
}

/// What changes.
pub(crate) struct Changes {
    pub(crate) envoy: Envoy,
    files: Files,
    clusters: Clusters,
}

/// Where the clusters lead.
struct Clusters {
    eu: SocketAddr,
    us: SocketAddr,
    issuer: SocketAddr,
}

impl World {
    pub(crate) fn start() -> Self {
        for filter in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"] {
            harness::wasm(filter);
        }
        let (files, clock, issuer) = (Files::new(), Clock::new(), Upstream::h1());
        let regions = ["eu", "us"].map(Provider::start);
        publish(&issuer, &clock);
        let clusters =
            Clusters { eu: regions[0].address(), us: regions[1].address(), issuer: issuer.forget().address() };
        let config = configuration(&files, &clusters, Variant::A);
        let envoy = Envoy::of(config).workers(1).updatable().start().unwrap_or_else(|failure| panic!("{failure}"));
        let shared = Shared { address: envoy.address(), clock, regions, issuer };
        Self { shared, changes: Changes { envoy, files, clusters } }
    }

    /// What clients see, and what changes.
    pub(crate) fn split(&mut self) -> (&Shared, &mut Changes) {
        (&self.shared, &mut self.changes)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn envoy(&self) -> &Envoy {
        &self.changes.envoy
    }
}

impl Shared {
    /// The issuer takes a new key, and one is withdrawn.
    pub(crate) fn rotate(&self) {
        self.clock.rotate();
        publish(&self.issuer, &self.clock);
    }
}

impl Changes {
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.envoy.resident_bytes()
    }

    /// The other configuration, and then nothing but that.
    pub(crate) fn update(&mut self, shared: &Shared) {
        let variant = shared.clock.begin_update();
        let config = configuration(&self.files, &self.clusters, variant);
        self.envoy.replace(config).unwrap_or_else(|failure| panic!("{failure}"));
        sleep(DRAINED);
        shared.clock.end_update(variant);
    }
}

fn publish(issuer: &Upstream, clock: &Clock) {
    issuer.answer("/keys", Reply::json(&jwks(&clock.published())));
}

/// The file, led elsewhere. `B` differs from `A` in who is known, in what they may do and in what may be said.
fn configuration(files: &Files, clusters: &Clusters, variant: Variant) -> Value {
    let mut config = gateway::plain(files, clusters.eu, clusters.us);
    let listener = gateway::listener_of(&mut config);
    gateway::lift_limit_by_address(listener);
    for name in ["authn", "rbac", "prompt-guard"] {
        gateway::edit(gateway::filter_of(listener, name), |written| change(name, written, variant));
    }
    let all = config["static_resources"]["clusters"].as_array_mut().expect("clusters");
    all.push(cluster("issuer", Some(clusters.issuer), Protocol::H1));
    config
}

fn change(filter: &str, written: &mut Value, variant: Variant) {
    let is_b = variant == Variant::B;
    match filter {
        "authn" => {
            let main = &mut written["providers"]["main"];
            main.as_object_mut().map(|provider| provider.remove("jwks_inline"));
            main["algorithms"] = json!(["ES256", "EdDSA", "RS256"]);
            main["jwks_uri"] = json!({"uri": "http://idp.example/keys", "cluster": "issuer",
                "fetch": {"refresh": "4s", "cooldown": "1s"}});
            written["key_sets"]["partners"]["keys"][0]["disabled"] = json!(is_b);
        }
        "rbac" if is_b => {
            let rules = written["rules"].as_array_mut().expect("rules");
            let chat = rules.iter_mut().find(|rule| rule["name"] == "chat").expect("a rule");
            chat["what"]["models"] = json!(["demo"]);
        }
        "prompt-guard" if is_b => {
            let policies = written["policies"].as_array_mut().expect("policies");
            let default = policies.iter_mut().find(|policy| policy["name"] == "default").expect("a policy");
            default["detectors"]["deny"][0]["literals"] = json!(["project yak"]);
        }
        _ => {}
    }
}
