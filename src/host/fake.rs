//! An Envoy in memory: the same plugin, driven through the same callbacks, without a proxy. It can refuse any host call.
//!
//! It models what `tests/host_facts.rs` establishes about the real one: what is buffered after a pause, that a body
//! callback which lets pass also lets held headers pass, that trailers replace the last piece, that a filter's own
//! reply runs through its own response callbacks, that read-only state is written once. It has one worker; what needs
//! several, a network or a trap is tested in Envoy only.
//!
//! ```
//! use portcullis::host::fake::{Envoy, Request};
//! # use portcullis::prelude::*;
//! # #[derive(serde::Deserialize)] struct Config {}
//! # struct Open;
//! # impl Filter for Open {
//! #     const NAME: &'static str = "open";
//! #     type Config = Config;
//! #     type Exchange = ();
//! #     fn compile(_: Config, _: &Env) -> Result<Self, ConfigError> { Ok(Self) }
//! #     fn exchange(self: &std::rc::Rc<Self>) {}
//! # }
//! # struct Nothing;
//! let envoy = Envoy::of_filter::<Open>("{}").unwrap();
//! let answer = envoy.send(&Request::get("/v1/models"));
//! assert_eq!((answer.status, answer.upstream.is_some()), (200, true));
//! ```

#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]

mod stream;
mod world;

pub use self::stream::{Answer, Request, Response, Running, Sent};
pub use self::world::{CallRecord, World};

use std::rc::Rc;

use self::stream::Wire;
use super::{ContextId, Millis, Plugin};
use crate::adapter::Adapter;
use crate::filter::{Answer as CallAnswer, Filter};

/// An Envoy with one filter in its chain.
pub struct Envoy {
    world: Rc<World>,
    plugin: Rc<dyn Plugin>,
}

impl Envoy {
    /// Loads a filter with this configuration; the error is what it logged when it refused.
    pub fn of_filter<F: Filter>(configuration: &str) -> Result<Self, String> {
        Self::of(Rc::new(Adapter::<F>::default()), configuration, &[], Rc::new(World::default()))
    }

    /// Loads a plugin into a world that a test prepared.
    pub fn of(
        plugin: Rc<dyn Plugin>,
        configuration: &str,
        variables: &[(&str, &str)],
        world: Rc<World>,
    ) -> Result<Self, String> {
        let owned: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if plugin.on_configure(world.as_ref(), &owned, configuration.as_bytes()) {
            Ok(Self { world, plugin })
        } else {
            Err(world.log().join("\n"))
        }
    }

    /// What surrounds the filter: clock, clusters, shared data, log, metrics.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Opens a stream and sends the request's headers; what follows is up to the test.
    pub fn open(&self, request: &Request) -> Running {
        Running::open(Rc::clone(&self.world), self.plugin.as_ref(), request)
    }

    /// Sends a whole request and waits for its answer, a minute at most.
    pub fn send(&self, request: &Request) -> Answer {
        let running = self.open(request);
        running.send_rest(request);
        for _ in 0..1200 {
            if running.is_over() {
                break;
            }
            self.advance(Millis(50));
        }
        running.finish()
    }

    /// Lets time pass: ticks run, calls time out.
    pub fn advance(&self, by: Millis) {
        let end = self.world.now() + by.0 * 1_000_000;
        loop {
            self.answer_calls();
            let Some(at) = self.world.next_event().filter(|at| *at <= end) else { break };
            self.world.set_time(at);
            if self.world.tick_is_due() {
                self.plugin.on_tick(self.world.as_ref());
                self.settle();
            }
        }
        self.world.set_time(end);
    }

    /// Answers the calls that can be answered now.
    pub fn answer_calls(&self) {
        while let Some((token, answer)) = self.world.next_answer() {
            let (headers, body) = match &answer {
                CallAnswer::Http { headers, body, .. } => (headers.len(), body.len()),
                _ => (0, 0),
            };
            self.world.begin_answer(token, answer);
            self.plugin.on_answer(self.world.as_ref(), token, headers, body);
            self.world.end_answer();
            self.settle();
        }
    }

    /// Envoy carries out replies and resumptions after the callback has returned.
    fn settle(&self) {
        let wires: Vec<Rc<Wire>> = self.world.wires();
        for wire in wires {
            wire.settle();
        }
    }
}

impl World {
    fn wires(&self) -> Vec<Rc<Wire>> {
        self.streams.borrow().values().cloned().collect()
    }

    fn wire(&self) -> Option<Rc<Wire>> {
        self.streams.borrow().get(&self.current.get()?).cloned()
    }

    fn opened(&self, wire: &Rc<Wire>) {
        self.streams.borrow_mut().insert(wire.id, Rc::clone(wire));
    }

    fn ended(&self, id: ContextId) {
        self.streams.borrow_mut().remove(&id);
        self.drop_calls(id);
    }
}
