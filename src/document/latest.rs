//! The value that is in force, where those who decide find it without knowing where it comes from.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A value that is replaced now and then; `None` while there is no good one.
#[derive(Debug)]
pub struct Latest<T> {
    value: RefCell<Option<Rc<T>>>,
    version: Cell<u64>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self { value: RefCell::new(None), version: Cell::new(0) }
    }
}

impl<T> Latest<T> {
    /// A value that is there from the start.
    pub fn of(value: T) -> Self {
        let latest = Self::default();
        latest.set(Some(value));
        latest
    }

    /// The value.
    pub fn get(&self) -> Option<Rc<T>> {
        self.value.borrow().clone()
    }

    /// Replaces it.
    pub fn set(&self, value: Option<T>) {
        self.value.replace(value.map(Rc::new));
        self.version.set(self.version.get().wrapping_add(1));
    }

    /// Changes whenever the value does: what was concluded from another version must be looked at again.
    pub fn version(&self) -> u64 {
        self.version.get()
    }
}
