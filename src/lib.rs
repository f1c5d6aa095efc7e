//! The kit that Portcullis filters are built from.
//!
//! A filter is a configuration that compiles into a policy, and a policy that answers questions. This one lets only
//! requests with a certain header pass, and it is a whole filter:
//!
//! ```
//! use std::rc::Rc;
//! use portcullis::prelude::*;
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config { header: String }
//!
//! struct Gate(Config);
//! struct Visit(Rc<Gate>);
//!
//! impl Filter for Gate {
//!     const NAME: &'static str = "gate";
//!     type Config = Config;
//!     type Exchange = Visit;
//!     fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> { Ok(Self(config)) }
//!     fn exchange(self: &Rc<Self>) -> Visit { Visit(Rc::clone(self)) }
//! }
//!
//! impl Exchange for Visit {
//!     fn on_request(&mut self, host: &dyn Host) -> Flow {
//!         match host.headers(Side::Request) {
//!             Ok(headers) if headers.first(&self.0.0.header).is_some() => Flow::Continue,
//!             _ => Flow::Reply(Reply::new(Status::Forbidden, "closed", "The gate is closed.")),
//!         }
//!     }
//! }
//!
//! portcullis::entry!(Gate);
//! ```
//!
//! The rooms:
//! - [`filter`]: what a filter is; [`reply`]: how it refuses, or serves a document; [`config`]: how an operator's text becomes a policy.
//! - [`head`], [`select`], [`pattern`], [`identity`], [`telemetry`]: what several filters need to say which, who and how many.
//! - [`http`], [`json`], [`ai`], [`splice`], [`text`]: bytes read strictly. Pure: no proxy in sight.
//! - [`host`]: the door to the proxy. `adapter` knows the life of a stream; `entry` hands it Envoy's callbacks.

#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod adapter;
pub mod ai;
pub mod config;
pub mod document;
#[cfg(target_arch = "wasm32")]
pub mod entry;
pub mod filter;
pub mod head;
pub mod host;
pub mod http;
pub mod identity;
pub mod json;
pub mod pattern;
pub mod reply;
pub mod risk;
pub mod select;
pub mod splice;
pub mod telemetry;
pub mod text;

pub use log;

/// What a filter crate imports.
pub mod prelude {
    pub use crate::config::ConfigError;
    pub use crate::filter::{AfterStop, Answer, Call, End, Env, Exchange, Filter, Flow, NextTick, Pass, Streaming};
    pub use crate::host::{Host, HostError, Millis, Side, Wall};
    pub use crate::http::header::Headers;
    pub use crate::reply::{Reply, Status};
    pub use crate::telemetry::Metric;
}

/// Makes a filter the content of a module. Outside wasm32 it expands to nothing, so that filters link into tests.
#[macro_export]
macro_rules! entry {
    ($filter:ty) => {
        $crate::plugin!($crate::adapter::Adapter<$filter>);
    };
}

/// The same for a [`Plugin`](host::Plugin) that does without the adapter: probes of the proxy itself.
#[macro_export]
macro_rules! plugin {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(missing_docs)]
        mod module {
            use super::*;
            $crate::entry::initialize! {{
                $crate::entry::start::<$plugin>();
            }}
        }
    };
}
