//! What was seen: models, operations and hosts, each told once.
//!
//! Workers share a table of fingerprints, so that what one has told another does not tell again; each keeps a set of its
//! own besides, so that what is known costs no call. Only what a rule allowed and an upstream answered with 2xx is
//! seen: nobody else can fill the table. A table that is full stays as it is, and what is new is counted alone.
//!
//! Shared data has no owner: a table that no writer of ours could have written is begun anew.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use portcullis::host::Cas;
use portcullis::prelude::*;
use portcullis::telemetry::shown;

use crate::metrics::{INVENTORY_FULL, INVENTORY_LOST, INVENTORY_SEEN};

/// The version that is written and the only one that is read.
const VERSION: u8 = 1;
/// How often a table is tried that others write too. Who does not succeed tries again with the next request.
const ATTEMPTS: usize = 4;

/// What was seen, as one worker knows it.
pub(crate) struct Inventory {
    key: String,
    entries: usize,
    known: RefCell<HashSet<u64>>,
    is_full: Cell<bool>,
}

/// What is worth knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Thing<'a> {
    Model(&'a str),
    Operation(&'a str),
    Host(&'a str),
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    First,
    Before,
    NoRoom,
    Lost,
}

impl fmt::Display for Thing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Model(name) => ("model", name),
            Self::Operation(name) => ("operation", name),
            Self::Host(name) => ("host", name),
        };
        write!(f, "first seen: {kind} \"")?;
        name.as_bytes().chunks(64).take(2).try_for_each(|piece| f.write_str(&shown(piece)))?;
        f.write_str("\"")
    }
}

impl Thing<'_> {
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl Inventory {
    /// An inventory of so many entries; of none, nothing is seen.
    pub(crate) fn new(instance: &str, entries: usize) -> Self {
        let key = format!("portcullis.rbac.{instance}.inventory.{entries}");
        Self { key, entries, known: RefCell::default(), is_full: Cell::new(false) }
    }

    /// Whether there is nothing new, as far as this worker knows.
    pub(crate) fn knows<'a>(&self, things: impl IntoIterator<Item = Thing<'a>>) -> bool {
        let known = self.known.borrow();
        self.entries == 0 || things.into_iter().all(|thing| known.contains(&thing.fingerprint()))
    }

    /// Tells what is new. A table that cannot be read or written is counted, and refuses nobody.
    pub(crate) fn note<'a>(&self, host: &dyn Host, things: impl IntoIterator<Item = Thing<'a>>) {
        if self.entries == 0 {
            return;
        }
        for thing in things {
            let fingerprint = thing.fingerprint();
            if !self.known.borrow().contains(&fingerprint) {
                self.tell(host, &thing, self.seen(host, fingerprint));
            }
        }
    }

    fn tell(&self, host: &dyn Host, thing: &Thing<'_>, seen: Seen) {
        match seen {
            Seen::First => {
                host.log(log::Level::Info, &thing.to_string());
                host.measure(INVENTORY_SEEN, 1);
            }
            Seen::Before => {}
            Seen::NoRoom => {
                self.is_full.set(true);
                host.measure(INVENTORY_FULL, 1);
            }
            Seen::Lost => host.measure(INVENTORY_LOST, 1),
        }
    }

    fn seen(&self, host: &dyn Host, fingerprint: u64) -> Seen {
        if self.is_full.get() {
            return Seen::NoRoom;
        }
        for _ in 0..ATTEMPTS {
            match self.try_to_add(host, fingerprint) {
                Err(HostError::CasMismatch) => {}
                Err(_) => {
                    host.tolerate();
                    return Seen::Lost;
                }
                Ok(seen) => return seen,
            }
        }
        Seen::Lost
    }

    fn try_to_add(&self, host: &dyn Host, fingerprint: u64) -> Result<Seen, HostError> {
        let shared = host.shared(&self.key)?;
        let cas = shared.as_ref().map_or(Cas::Absent, |shared| Cas::Unchanged(shared.cas));
        let mut table = shared.and_then(|shared| self.table(&shared.value)).unwrap_or_default();
        // Not added to what was known: whoever writes the table could fill this worker with it.
        self.known.replace(table.iter().copied().collect());
        if table.contains(&fingerprint) {
            return Ok(Seen::Before);
        }
        if table.len() >= self.entries {
            return Ok(Seen::NoRoom);
        }
        table.push(fingerprint);
        host.set_shared(&self.key, &bytes(&table), cas)?;
        self.known.borrow_mut().insert(fingerprint);
        Ok(Seen::First)
    }

    /// What a writer of ours has written.
    fn table(&self, value: &[u8]) -> Option<Vec<u64>> {
        let (version, rest) = value.split_first()?;
        let (words, rest) = rest.as_chunks::<8>();
        let is_sound = *version == VERSION && rest.is_empty() && words.len() <= self.entries;
        is_sound.then(|| words.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }
}

fn bytes(table: &[u64]) -> Vec<u8> {
    std::iter::once(VERSION).chain(table.iter().flat_map(|word| word.to_le_bytes())).collect()
}
