//! The names an object has had, so that a second one of the same is found in
//! constant time, whatever the names are.
//!
//! Most objects are small: their names are compared one by one, in one list
//! for all open objects, without an allocation of their own. An object that
//! grows past [`FEW`] gets a hash set. The set's keys are random (`RandomState`),
//! so a client cannot choose names that collide.

use std::borrow::Cow;
use std::collections::HashSet;

/// Above this many members an object's names are hashed. Sixteen comparisons,
/// nearly all of them decided by the length, cost about one `SipHash`.
const FEW: usize = 16;

/// The names of all open objects that are small, outermost object first.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    few: Vec<Cow<'a, str>>,
}

/// One open object.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// How many members it has; the reader counts.
    pub(super) members: usize,
    /// Where its names begin in [`Names::few`]. They reach to the end of it:
    /// the objects inside have left when a name is added.
    first: usize,
    /// All its names, once they are more than [`FEW`].
    many: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Names<'a> {
    /// An object begins.
    pub(super) fn enter(&self) -> Scope<'a> {
        Scope { members: 0, first: self.few.len(), many: None }
    }

    /// An object ends.
    pub(super) fn leave(&mut self, scope: &Scope<'a>) {
        self.few.truncate(scope.first);
    }

    /// Whether every object has left.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty()
    }

    /// Adds a name to the innermost object; `false` if it is there already.
    pub(super) fn insert(&mut self, scope: &mut Scope<'a>, name: Cow<'a, str>) -> bool {
        if let Some(many) = &mut scope.many {
            return many.insert(name);
        }
        let own = self.few.get(scope.first..).unwrap_or_default();
        if own.contains(&name) {
            return false;
        }
        if own.len() < FEW {
            self.few.push(name);
        } else {
            scope.many = Some(self.few.drain(scope.first..).chain([name]).collect());
        }
        true
    }
}
