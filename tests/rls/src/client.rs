//! A raw call, for tests of the server itself.

use crate::proto::{PATH, RateLimitRequest, RateLimitResponse};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tonic::Status;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a Rate Limit Service, made by the first call. A call over one that broke is an error; the next makes
/// another.
pub struct Client {
    runtime: Runtime,
    grpc: Grpc<Channel>,
}

impl Client {
    /// A client of the server at this address.
    ///
    /// # Panics
    /// When this machine cannot make a runtime.
    pub fn of(address: SocketAddr) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address is a URI");
        let channel = runtime.block_on(async { endpoint.timeout(PATIENCE).connect_lazy() });
        Self { runtime, grpc: Grpc::new(channel) }
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, request: &RateLimitRequest) -> Result<RateLimitResponse, Status> {
        self.call(PATH, request)
    }

    /// Asks at another path.
    pub fn call(&mut self, path: &'static str, request: &RateLimitRequest) -> Result<RateLimitResponse, Status> {
        let Self { runtime, grpc } = self;
        runtime.block_on(async {
            grpc.ready().await.map_err(|e| Status::unavailable(e.to_string()))?;
            let request = tonic::Request::new(request.clone());
            let answer = grpc.unary(request, PathAndQuery::from_static(path), ProstCodec::default()).await?;
            Ok(answer.into_inner())
        })
    }
}
