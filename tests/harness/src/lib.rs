//! Everything a test needs to drive a filter in a real Envoy.
//!
//! A test owns its world: an [`Envoy`] on ports it was given, a recording [`Upstream`] behind it, and
//! a client that can send what no library would. Nothing is shared between tests but the compiled
//! modules, and nothing outlives the value that started it.
//!
//! ```no_run
//! use harness::{Envoy, Listener, Request, Token, Upstream, WasmFilter, client::h1};
//! use serde_json::json;
//!
//! let upstream = Upstream::h1();
//! let envoy = Envoy::builder(Listener::new().filter(WasmFilter::new("authn").configured(&json!({}))))
//!     .upstream(upstream.address())
//!     .workers(2)
//!     .start()
//!     .unwrap();
//!
//! let mut client = h1::Connection::open(envoy.address());
//! let answer = client.send(&Request::get("/v1/models").header("authorization", "Bearer x"));
//!
//! assert_eq!(answer.status, Some(401));
//! assert_eq!(upstream.hits(), 0);
//! # let _ = Token::good();
//! ```
//!
//! The rooms: [`envoy`] runs it, [`config`](mod@config) writes its configuration, [`container`] runs the same as a
//! container when `ENVOY_IMAGE` is set; [`upstream`] records and answers; [`client`] sends;
//! [`wasm`](mod@wasm) builds the modules; [`token`] mints credentials, [`tls`] certificates; [`cases`] reads the case
//! tables and runs them in every world.
//!
//! Every wait has a bound. What a test cannot mend (no Envoy, a broken build) panics with the
//! sentence that mends it.

// The rules of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods)]
#![allow(clippy::missing_panics_doc, clippy::missing_errors_doc, clippy::must_use_candidate)]
#![allow(clippy::return_self_not_must_use, clippy::module_name_repetitions)]

pub mod cases;
pub mod chain;
pub mod client;
pub mod config;
pub mod container;
pub mod envoy;
pub mod gateway;
mod growth;
pub mod scratch;
pub mod tls;
pub mod token;
pub mod upstream;
pub mod wasm;
mod wire;

pub use client::{Ended, Request, Response};
pub use config::{FailurePolicy, Listener, WasmFilter};
pub use envoy::{Envoy, StartFailure};
pub use growth::slope;
pub use token::{Key, Token, jwks};
pub use upstream::{Reply, Seen, Upstream};
pub use wasm::{wasm, wasm_with};

use std::path::{Path, PathBuf};

/// Header fields in the order of the wire, names and values as bytes.
pub type Headers = Vec<(Vec<u8>, Vec<u8>)>;

/// All values of the field `name`, in any spelling of its case.
pub fn values<'h>(headers: &'h Headers, name: &str) -> Vec<&'h [u8]> {
    let is_named = |(key, _): &&(Vec<u8>, Vec<u8>)| key.eq_ignore_ascii_case(name.as_bytes());
    headers.iter().filter(is_named).map(|(_, value)| value.as_slice()).collect()
}

/// The folder of the workspace this crate belongs to.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
