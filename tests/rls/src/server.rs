//! A Rate Limit Service that belongs to its test: on a port of its own, in a runtime of its own, ended with the value that
//! started it.

use crate::grpc::serve;
use crate::limiter::{Limiter, Storage};
use crate::limits;
use crate::service::Service;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};

/// How long its end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server.
pub struct RlsServer {
    limits: Value,
    storage: Storage,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl RlsServer {
    /// Starts one with these limits (a list, see [`limits`]) and waits until it serves.
    ///
    /// # Panics
    /// With the sentence that says what is wrong with the limits or the storage.
    pub fn start(limits: &Value, storage: &Storage) -> Self {
        let mut server = Self {
            limits: limits.clone(),
            storage: storage.clone(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            runtime: None,
        };
        server.restart();
        server
    }

    /// Where it serves, also while it is killed.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it at once: connections break, and what it held in memory is gone.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(PATIENCE);
        }
    }

    /// Starts it anew on its port.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn restart(&mut self) {
        self.kill();
        let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let opened = runtime.block_on(open(&self.limits, &self.storage, self.address));
        let (listener, service) = opened.unwrap_or_else(|e| panic!("no Rate Limit Service: {e}"));
        self.address = listener.local_addr().expect("it is bound");
        runtime.spawn(serve(listener, service));
        self.runtime = Some(runtime);
    }
}

impl Drop for RlsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn open(limits: &Value, storage: &Storage, address: SocketAddr) -> Result<(TcpListener, Service), String> {
    let limiter = Limiter::open(limits::from_value(limits)?, storage).await?;
    let listener = TcpListener::bind(address).await.map_err(|e| format!("{address}: {e}"))?;
    Ok((listener, Service::new(limiter)))
}
