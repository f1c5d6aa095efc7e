//! limitador behind one question: may so many hits pass?
//!
//! What it guarantees. `check_rate_limited_and_update` of limitador 0.14 is not exact with any storage: with Redis, sync
//! or async, it reads in one script and adds in another; with the cached Redis storage it adds to a copy and writes it
//! back later; in memory it reads all counters before it adds. Between the two a second request is let in. `reserve` is
//! exact: with Redis one Lua script compares every counter that a descriptor touches with its limit and takes the hits,
//! or takes none; in memory the same happens under a lock. So hits are taken as reservations that nobody commits and that
//! live as long as the window. Whoever asks, from however many processes: of a limit of N, never more than N are let in
//! within a window, and as long as every request asks for 1, exactly N.
//!
//! Where it ends:
//! 1. The window is fixed and begins with the first request, be it refused.
//! 2. A reservation ends by the clock of the process that took it, so processes must share a clock. It also ends earlier
//!    than the window by the time that its call to Redis took: in the last milliseconds of a window what was taken first
//!    can be taken again.
//! 3. Each descriptor is a step of its own: what an earlier descriptor of a request took stays taken when a later one is
//!    refused, as in Envoy's reference service.
//! 4. A refused descriptor takes nothing, however many hits are left; Envoy's reference service counts it. So what was
//!    used before it is reported (tokens of an answer) is lost when it is more than what is left.
//! 5. Nothing can be given back: limitador has no negative hits.
//! 6. Redis reads all reservations of a counter at each call, a millisecond for a thousand: this is for tests, not for load.

use crate::limits::MOST;
use crate::proto::Entry;
use limitador::counter::Counter;
use limitador::errors::LimitadorError;
use limitador::limit::{Context, Limit, Namespace};
use limitador::reservation::{ReservationLimits, ReserveResult};
use limitador::storage::AsyncStorage;
use limitador::storage::Storage as SyncStorage;
use limitador::storage::redis::AsyncRedisStorage;
use limitador::{AsyncRateLimiter, AsyncRateLimiterBuilder, RateLimiter, RateLimiterBuilder};
use redis::RedisError;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::collections::HashMap;
use std::time::Duration;

/// How long Redis may take to answer or to take a connection.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many counters are kept in memory.
const COUNTERS: u64 = 100_000;

/// Where counters are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In the process that serves.
    Memory,
    /// In the Redis at this URL, `redis://127.0.0.1:6379`.
    Redis(String),
}

/// Limits and their counters.
pub struct Limiter(Kind);

enum Kind {
    Memory(RateLimiter),
    Redis(AsyncRateLimiter),
}

/// What became of the hits of a descriptor.
pub struct Verdict {
    /// Whether they may not pass.
    pub limited: bool,
    /// The counter that has least left; none when no limit applies.
    pub decisive: Option<Counter>,
}

impl Limiter {
    /// Takes these limits and connects to the storage.
    pub async fn open(limits: Vec<Limit>, storage: &Storage) -> Result<Self, String> {
        let longest = limits.iter().map(Limit::seconds).max().unwrap_or(1);
        let reservations = ReservationLimits { max_fraction: 1.0, max_ttl: Duration::from_secs(longest) };
        let kind = match storage {
            Storage::Memory => {
                let limiter = RateLimiterBuilder::with_storage(SyncStorage::new(COUNTERS));
                Kind::Memory(limiter.reservation_limits(reservations).build())
            }
            Storage::Redis(url) => {
                let storage = connect(url).await.map_err(|e| format!("{url}: {e}"))?;
                let storage = AsyncStorage::with_counter_storage(Box::new(storage));
                Kind::Redis(AsyncRateLimiterBuilder::new(storage).reservation_limits(reservations).build())
            }
        };
        let limiter = Self(kind);
        for limit in limits {
            limiter.add(limit);
        }
        Ok(limiter)
    }

    /// Takes these hits, fewer than 10^14, of every limit that applies to the entries, or of none.
    pub async fn take(&self, domain: &str, entries: &[Entry], hits: u64) -> Result<Verdict, LimitadorError> {
        debug_assert!(hits <= MOST, "the service refuses them");
        let namespace = Namespace::from(domain);
        let context = context(entries);
        let ReserveResult { limited, counters, .. } = match &self.0 {
            Kind::Memory(limiter) => limiter.reserve(&namespace, &context, hits, None)?,
            Kind::Redis(limiter) => limiter.reserve(&namespace, &context, hits, None).await?,
        };
        Ok(Verdict { limited, decisive: counters.into_iter().min_by_key(Counter::remaining) })
    }

    fn add(&self, limit: Limit) {
        match &self.0 {
            Kind::Memory(limiter) => limiter.add_limit(limit),
            Kind::Redis(limiter) => limiter.add_limit(limit),
        };
    }
}

/// A connection that gives up in time and is made anew by the next request.
async fn connect(url: &str) -> Result<AsyncRedisStorage, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(PATIENCE)
        .set_response_timeout(PATIENCE);
    let manager = ConnectionManager::new_with_config(redis::Client::open(url)?, config).await?;
    AsyncRedisStorage::new_with_conn_manager(manager).await
}

/// What conditions and variables can name.
fn context(entries: &[Entry]) -> Context<'static> {
    let values: HashMap<String, String> =
        entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect();
    let mut context = Context::from(values.clone());
    context.list_binding("descriptors".to_owned(), vec![values]);
    context
}
