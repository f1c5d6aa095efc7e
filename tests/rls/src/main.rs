//! The Rate Limit Service as a program:
//!
//! ```text
//! rls-server LIMITS (--redis URL | --memory) [--listen 127.0.0.1:0]
//! ```
//!
//! It prints where it serves in one line, and serves until it is ended.

// The rules of `clippy.toml` are for code that runs behind a proxy; this code runs beside it.
#![allow(clippy::disallowed_methods)]

use rls::limiter::{Limiter, Storage};
use rls::service::Service;
use rls::{grpc, limits};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::{env, fs};
use tokio::net::TcpListener;

const USAGE: &str = "expected: rls-server LIMITS (--redis URL | --memory) [--listen 127.0.0.1:0]";

struct Arguments {
    limits: String,
    storage: Storage,
    listen: SocketAddr,
}

fn main() -> ExitCode {
    let outcome = Arguments::read(env::args().skip(1)).and_then(run);
    outcome.map_or_else(
        |error| {
            eprintln!("rls-server: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(arguments: Arguments) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(serve(arguments))
}

async fn serve(Arguments { limits: file, storage, listen }: Arguments) -> Result<(), String> {
    let text = fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?;
    let limits = limits::parse(&text).map_err(|e| format!("{file}: {e}"))?;
    let service = Service::new(Limiter::open(limits, &storage).await?);
    let listener = TcpListener::bind(listen).await.map_err(|e| format!("{listen}: {e}"))?;
    println!("{}", listener.local_addr().map_err(|e| e.to_string())?);
    grpc::serve(listener, service).await.map_err(|e| e.to_string())
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut limits, mut storage) = (None, None);
        let mut listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        while let Some(word) = words.next() {
            match word.as_str() {
                "--memory" if storage.is_none() => storage = Some(Storage::Memory),
                "--redis" if storage.is_none() => storage = Some(Storage::Redis(words.next().ok_or(USAGE)?)),
                "--listen" => listen = words.next().and_then(|address| address.parse().ok()).ok_or(USAGE)?,
                _ if limits.is_none() && !word.starts_with('-') => limits = Some(word),
                _ => return Err(format!("{word}: {USAGE}")),
            }
        }
        Ok(Self { limits: limits.ok_or(USAGE)?, storage: storage.ok_or(USAGE)?, listen })
    }
}
