//! What scenes share in which authn fetches its keys: issuers by name, their key sets, their tokens, and what the
//! statistics say of the calls.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::client::h1;
use harness::token::now;
use harness::{Envoy, Key, Listener, Reply, Request, Response, Token, WasmFilter};
use serde_json::{Map, Value, json};

/// A key that no issuer has, under a name of its own: bad answers carry it, and no token of it may ever pass.
pub(super) const EVIL: Key = Key::AttackerRsa;
/// Its `kid`.
pub(super) const EVIL_KID: &str = "evil";

/// An issuer whose keys are at `http://<name>.issuer.test/<name>`, by this cluster.
pub(super) struct Issuer {
    pub(super) name: &'static str,
    pub(super) cluster: &'static str,
}

impl Issuer {
    fn iss(&self) -> String {
        format!("https://{}.issuer.test", self.name)
    }

    /// Where its keys are.
    pub(super) fn path(&self) -> String {
        format!("/{}", self.name)
    }

    fn provider(&self, fetch: &Value) -> Value {
        let uri = format!("http://{0}.issuer.test/{0}", self.name);
        json!({
            "issuer": self.iss(), "audiences": ["api"], "algorithms": ["RS256"],
            "jwks_uri": {"uri": uri, "cluster": self.cluster, "fetch": fetch}
        })
    }

    /// A token that is right in everything, with a `jti` that no other has: no worker remembers it.
    pub(super) fn token(&self) -> Token {
        Token::good().claim("iss", self.iss()).claim("jti", unique())
    }

    /// A good one.
    pub(super) fn good(&self) -> Request {
        asking(&self.token().sign(Key::K1))
    }

    /// A good one but for its key, which is in no set of the issuer.
    pub(super) fn unknown(&self) -> Request {
        let kid = format!("nobody-{}", unique());
        asking(&self.token().header("kid", kid).sign(Key::K1))
    }

    /// One that the key signed which bad answers carry.
    pub(super) fn evil(&self) -> Request {
        asking(&self.token().header("kid", EVIL_KID).sign(EVIL))
    }
}

/// authn with these issuers, all fetched in the same way.
pub(super) fn authn(issuers: &[Issuer], fetch: &Value) -> Listener {
    let provider = |issuer: &Issuer| (issuer.name.to_owned(), issuer.provider(fetch));
    let providers: Map<String, Value> = issuers.iter().map(provider).collect();
    Listener::new().filter(WasmFilter::new("authn").configured(&json!({"providers": providers})))
}

/// A key set of good keys alone.
pub(super) fn good_set() -> Value {
    harness::jwks(&[Key::K1])
}

/// The same and the key that must never be believed.
pub(super) fn evil_set() -> Value {
    let mut evil = EVIL.jwk();
    evil["kid"] = json!(EVIL_KID);
    json!({"keys": [Key::K1.jwk(), evil]})
}

/// An answer that holds these keys.
pub(super) fn keys(set: &Value) -> Reply {
    Reply::json(set)
}

/// A request with a token.
pub(super) fn asking(token: &str) -> Request {
    Request::get("/v1/models").bearer(token)
}

/// A text that is different each time.
pub(super) fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", now(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Asks with new good tokens until one passes; how long that took, if it did in time.
pub(super) fn until_good(address: SocketAddr, issuer: &Issuer, within: Duration) -> Option<Duration> {
    let begin = Instant::now();
    while begin.elapsed() < within {
        if h1::send(address, &issuer.good()).is(200) {
            return Some(begin.elapsed());
        }
        sleep(Duration::from_millis(20));
    }
    None
}

/// Sends a request to each worker, on connections that are opened together.
pub(super) fn on_each_worker(envoy: &Envoy, mut request: impl FnMut() -> Request) -> Vec<Response> {
    let mut clients: Vec<_> = (0..envoy.workers()).map(|_| h1::Connection::open(envoy.address())).collect();
    clients.iter_mut().map(|client| client.send(&request())).collect()
}

/// How many calls a cluster got, or would have got.
pub(super) fn calls(envoy: &Envoy, cluster: &str) -> u64 {
    envoy.stat(&format!("cluster.{cluster}.upstream_rq_total"))
}

/// How many connections to a cluster were tried.
pub(super) fn connections(envoy: &Envoy, cluster: &str) -> u64 {
    envoy.stat(&format!("cluster.{cluster}.upstream_cx_total"))
}

/// Whether a refusal is one that these rows allow: 401 or 503, and whole.
pub(super) fn is_refusal(answer: &Response) -> bool {
    answer.is(401) || answer.is(503)
}
