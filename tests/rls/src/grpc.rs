//! The service as HTTP/2 sees it: what protoc would have generated, for one call.

use crate::proto::{PATH, RateLimitRequest, RateLimitResponse};
use crate::service::Service;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::server::{Server, TcpIncoming};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Serves on this listener until it is dropped.
pub async fn serve(listener: TcpListener, service: Service) -> Result<(), tonic::transport::Error> {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder().serve_with_incoming(Door(Arc::new(service)), incoming).await
}

/// Leads a path to its call.
#[derive(Clone)]
struct Door(Arc<Service>);

impl tonic::codegen::Service<http::Request<Body>> for Door {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let call = ShouldRateLimit(Arc::clone(&self.0));
        Box::pin(async move {
            if request.uri().path() != PATH {
                return Ok(Status::unimplemented(format!("expected {PATH}")).into_http());
            }
            Ok(Grpc::new(ProstCodec::default()).unary(call, request).await)
        })
    }
}

struct ShouldRateLimit(Arc<Service>);

impl UnaryService<RateLimitRequest> for ShouldRateLimit {
    type Response = RateLimitResponse;
    type Future = BoxFuture<Response<RateLimitResponse>, Status>;

    fn call(&mut self, request: Request<RateLimitRequest>) -> Self::Future {
        let service = Arc::clone(&self.0);
        Box::pin(async move { service.should_rate_limit(request.get_ref()).await.map(Response::new) })
    }
}
