//! What a service said lately, by a hash of what it was asked.

use std::collections::{BTreeMap, VecDeque};

use portcullis::host::{Millis, Monotonic};

use super::Said;

/// A hash of texts.
pub(super) type Key = [u8; 32];

/// What was said, with its time; the oldest goes first.
#[derive(Debug)]
pub(super) struct Cache {
    entries: usize,
    max_age: Millis,
    said: BTreeMap<Key, (Said, Monotonic)>,
    order: VecDeque<Key>,
}

impl Cache {
    pub(super) fn new(entries: usize, max_age: Millis) -> Self {
        Self { entries, max_age, said: BTreeMap::new(), order: VecDeque::new() }
    }

    pub(super) fn get(&self, key: &Key, now: Monotonic) -> Option<Said> {
        let (said, since) = self.said.get(key)?;
        (now.since(*since) < self.max_age).then_some(*said)
    }

    pub(super) fn put(&mut self, key: Key, said: Said, now: Monotonic) {
        if self.entries == 0 {
            return;
        }
        if self.said.insert(key, (said, now)).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > self.entries {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.said.remove(&oldest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Monotonic {
        Monotonic(0).plus(Millis(millis))
    }

    #[test]
    fn what_was_said_is_known_until_it_is_old_or_too_much_came_after() {
        let mut cache = Cache::new(2, Millis(100));
        let said = |is_flagged| Said { is_flagged, score: 0.5 };
        cache.put([1; 32], said(true), at(0));
        assert_eq!(cache.get(&[1; 32], at(99)), Some(said(true)));
        assert_eq!(cache.get(&[1; 32], at(100)), None);
        cache.put([1; 32], said(false), at(100));
        assert_eq!(cache.get(&[1; 32], at(101)), Some(said(false)));
        cache.put([2; 32], said(true), at(101));
        cache.put([3; 32], said(true), at(101));
        assert_eq!(cache.get(&[1; 32], at(101)), None);
        assert_eq!(cache.said.len(), 2);
    }
}
