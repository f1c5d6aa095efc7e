//! A Rate Limit Service for tests: Envoy's protocol (`envoy.service.ratelimit.v3.RateLimitService`, gRPC over HTTP/2 with
//! prior knowledge) before limitador, with counters in Redis or in memory.
//!
//! ```no_run
//! use rls::{Client, Code, RateLimitDescriptor, RateLimitRequest, Redis, RlsServer, Storage};
//! use serde_json::json;
//!
//! let redis = Redis::start();
//! let limits = json!([{"namespace": "ai", "max_value": 10, "seconds": 60, "variables": ["descriptors[0].user"]}]);
//! let server = RlsServer::start(&limits, &Storage::Redis(redis.url()));
//!
//! let request = RateLimitRequest::of("ai").with(RateLimitDescriptor::of(&[("user", "ann")]).hits(11));
//! let answer = Client::of(server.address()).ask(&request).unwrap();
//!
//! assert_eq!(answer.overall_code(), Code::OverLimit);
//! ```
//!
//! The rooms: [`proto`] the messages, [`limits`] what an operator writes, [`limiter`] limitador and what it guarantees,
//! [`service`] a request and its answer, [`grpc`] the wire. For tests: [`RlsServer`], [`Redis`], [`Client`]. The same
//! server is a program, `rls-server`.

// The rules of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods)]

mod client;
pub mod grpc;
pub mod limiter;
pub mod limits;
mod redis_server;
mod server;
pub mod service;

pub use client::Client;
pub use limiter::Storage;
pub use ratelimit_shared_data::backend::proto;

pub use proto::{Code, RateLimitDescriptor, RateLimitRequest, RateLimitResponse};
pub use redis_server::Redis;
pub use server::RlsServer;
