//! What holds at a moment: which configuration, which keys. While something changes, both what was and what comes may be
//! right; outside of that only one is.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use harness::Key;

/// How long after a change both are right: until old connections have drained, or a new key set was fetched by `refresh`.
pub(crate) const GRACE: Duration = Duration::from_secs(6);

/// The two configurations that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    A,
    B,
}

/// What is right now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The configuration in force; none while it changes.
    pub(crate) variant: Option<Variant>,
    /// How many configurations there were.
    pub(crate) generation: u64,
    /// With which key the issuer signs.
    pub(crate) signs: Key,
    /// The key that is not the issuer's any more, once that is known everywhere.
    pub(crate) withdrawn: Option<Key>,
}

/// The issuer's keys take turns: one signs, the one before is still good, the third is withdrawn, and comes next.
const RING: [Key; 3] = [Key::Es256, Key::Ed25519, Key::K1];

/// What changes it.
pub(crate) struct Clock(Mutex<State>);

struct State {
    variant: Variant,
    generation: u64,
    is_changing: bool,
    step: usize,
    rotated: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let state = State { variant: Variant::A, generation: 0, is_changing: false, step: 1, rotated: Instant::now() };
        Self(Mutex::new(state))
    }

    pub(crate) fn now(&self) -> Moment {
        self.with(|state| {
            let is_known = state.rotated.elapsed() >= GRACE;
            let newest = RING[state.step % RING.len()];
            Moment {
                variant: (!state.is_changing).then_some(state.variant),
                generation: state.generation,
                signs: if is_known { newest } else { RING[(state.step - 1) % RING.len()] },
                withdrawn: is_known.then(|| RING[(state.step + 1) % RING.len()]),
            }
        })
    }

    /// What the issuer publishes.
    pub(crate) fn published(&self) -> [Key; 2] {
        self.with(|state| [RING[state.step % RING.len()], RING[(state.step - 1) % RING.len()]])
    }

    pub(crate) fn rotate(&self) {
        self.with(|state| (state.step, state.rotated) = (state.step + 1, Instant::now()));
    }

    /// From now on the other configuration comes.
    pub(crate) fn begin_update(&self) -> Variant {
        self.with(|state| {
            state.is_changing = true;
            if state.variant == Variant::A { Variant::B } else { Variant::A }
        })
    }

    /// From now on it is in force.
    pub(crate) fn end_update(&self, variant: Variant) {
        self.with(|state| {
            (state.variant, state.is_changing, state.generation) = (variant, false, state.generation + 1);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
