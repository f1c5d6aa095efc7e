//! The gateway, and who stands around it.

use std::net::SocketAddr;

use harness::client::h1;
use harness::gateway::{self, Files, lead_to, published};
use harness::{Envoy, Key, Reply, Request, Response, Upstream};
use serde_json::{Value, json};

const CLUSTERS: [&str; 3] = ["models_eu", "models_eu_canary", "models_us"];

/// The gateway, and a provider in the place of each cluster's.
pub(crate) struct Gateway {
    pub(crate) envoy: Envoy,
    pub(crate) files: Files,
    pub(crate) providers: [Upstream; 3],
}

impl Gateway {
    pub(crate) fn start() -> Self {
        Self::with(lead_to)
    }

    /// Addresses that are never served.
    pub(crate) fn with_list(prefix: &str, length: u8) -> Self {
        let list = json!([{"direct_remote_ip": {"address_prefix": prefix, "prefix_len": length}}]);
        Self::of(lead_to, |listener| {
            listener["filter_chains"][0]["filters"][0]["typed_config"]["rules"]["policies"]["blocked"]["principals"] =
                list.clone();
        })
    }

    pub(crate) fn with(change: impl Fn(&mut Value, SocketAddr)) -> Self {
        Self::of(change, |_| ())
    }

    fn of(change: impl Fn(&mut Value, SocketAddr), of_listener: impl Fn(&mut Value)) -> Self {
        for filter in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"] {
            harness::wasm(filter);
        }
        let (files, providers) = (Files::new(), CLUSTERS.map(|_| Upstream::h1()));
        for provider in &providers {
            provider.answer_all(|_| answer());
        }
        let mut config = published(&files);
        let listeners = config["static_resources"]["listeners"].as_array_mut().unwrap();
        for listener in listeners.iter_mut().filter(|listener| listener["name"] != "metrics") {
            of_listener(listener);
            gateway::trust(listener, &[Key::Es256]);
        }
        for (name, provider) in CLUSTERS.iter().zip(&providers) {
            let clusters = config["static_resources"]["clusters"].as_array_mut().unwrap();
            let cluster = clusters.iter_mut().find(|cluster| cluster["name"] == *name).unwrap();
            change(cluster, provider.address());
        }
        Self { envoy: Envoy::of(config).start().unwrap(), files, providers }
    }

    /// Where plain connections end that go on to a listener through TLS.
    pub(crate) fn main(&self) -> SocketAddr {
        self.files.authority.tunnel(self.envoy.address_of("main"), None)
    }

    pub(crate) fn send(&self, request: &Request) -> Response {
        h1::send(self.main(), request)
    }

    /// How many requests each provider got.
    pub(crate) fn hits(&self) -> [u64; 3] {
        [0, 1, 2].map(|at| self.providers[at].hits())
    }
}

fn answer() -> Reply {
    Reply::json(&json!({"object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": "Nice."}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}))
    .header("server", "provider/1")
    .header("set-cookie", "account=1")
    .header("openai-organization", "org-1")
    .header("access-control-allow-origin", "*")
}

pub(crate) fn token(tenant: &str, ring: &str) -> String {
    gateway::token(&format!("user of {tenant}"), tenant).claim("ring", ring).sign(Key::Es256)
}

pub(crate) fn chat(token: &str) -> Request {
    let body = json!({"model": "demo", "messages": [{"role": "user", "content": "Hello"}]});
    Request::post_json("/v1/chat/completions", &body).bearer(token)
}
