//! Identities that were read a moment ago: the same callers come again, and reading one costs more than deciding on it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::{IN_FILTER_STATE, Identity, MAX_BYTES, Unknown};
use crate::host::Host;

/// How much filter state is remembered at most. What is read of it takes up to ten times as much memory.
const CAPACITY: usize = 128 * 1024;

/// What this worker has read, by its exact bytes in filter state. A full memory is emptied.
#[derive(Debug, Default)]
pub struct Recent {
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_state: HashMap<Box<[u8]>, Rc<Identity>>,
    bytes: usize,
}

impl Recent {
    /// Reads what authn wrote.
    pub fn read(&self, host: &dyn Host) -> Result<Rc<Identity>, Unknown> {
        let state = host.property(&["filter_state", IN_FILTER_STATE]).map_err(Unknown::Host)?.ok_or(Unknown::Absent)?;
        let mut known = self.known.borrow_mut();
        if let Some(identity) = known.by_state.get(&*state) {
            return Ok(Rc::clone(identity));
        }
        let identity = Rc::new(Identity::from_state(&state)?);
        known.remember(state, &identity);
        Ok(identity)
    }
}

impl Known {
    fn remember(&mut self, state: Vec<u8>, identity: &Rc<Identity>) {
        debug_assert!(state.len() <= MAX_BYTES, "from_state refuses it");
        if self.bytes.saturating_add(state.len()) > CAPACITY {
            *self = Self::default();
        }
        self.bytes = self.bytes.saturating_add(state.len());
        self.by_state.insert(state.into_boxed_slice(), Rc::clone(identity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_in_its_bounds_whoever_comes() {
        let mut known = Known::default();
        for number in 0..3_000 {
            let identity = Identity::of(format!("{number}-{}", "x".repeat(number % 4000)));
            known.remember(identity.to_state().unwrap(), &Rc::new(identity));
            let held: usize = known.by_state.keys().map(|state| state.len()).sum();
            assert!(held == known.bytes && held <= CAPACITY, "{held} {}", known.bytes);
        }
    }
}
