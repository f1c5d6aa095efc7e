//! What was seen: models, operations and hosts, each told once.
//!
//! Workers share a table of fingerprints, so that what one has told another does not tell again; each keeps a set of its
//! own besides, so that what is known costs no call. Only what a rule allowed and an upstream answered with 2xx is
//! seen: nobody else can fill the table, and nobody with one request. A table that is full stays as it is, and what is new
//! is counted alone.
//!
//! Shared data has no owner: a table that no writer of ours could have written is begun anew.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use portcullis::host::Cas;
use portcullis::prelude::*;

use crate::metrics::{INVENTORY_FULL, INVENTORY_LOST, INVENTORY_SEEN};

/// The version that is written and the only one that is read.
const VERSION: u8 = 1;
/// How often a table is tried that others write too. Who does not succeed tries again with the next request.
const ATTEMPTS: usize = 4;

/// How much of one request is new at most: its host, its operation, and models.
const AT_ONCE: usize = 2 + 16;

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

/// Something that is new, kept until the answer: a caller chose its name, so no more of it than is told.
#[derive(Debug)]
pub(crate) struct Sighting {
    fingerprint: u64,
    line: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    First,
    Before,
    NoRoom,
    Lost,
}

/// The table could not be read or written.
struct Lost;

impl fmt::Display for Thing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Model(name) => ("model", name),
            Self::Operation(name) => ("operation", name),
            Self::Host(name) => ("host", name),
        };
        if is_a_name(name) {
            write!(f, "first seen: {kind} \"{name}\"")
        } else {
            write!(f, "first seen: {kind} that is no name, of {} bytes", name.len())
        }
    }
}

/// The longest name that is told.
const MAX_NAME: usize = 96;

/// Whether a text has nothing that models, operations and hosts have not: a log holds no prompt that somebody sends as a
/// model.
fn is_a_name(text: &str) -> bool {
    let may_be = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/@[]".contains(&byte);
    text.len() <= MAX_NAME && text.bytes().all(may_be)
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

    /// What is new as far as this worker knows; so many at most, and nothing if nothing is remembered.
    pub(crate) fn unseen<'a>(&self, things: impl Iterator<Item = Thing<'a>>) -> Vec<Sighting> {
        let (mut new, known) = (Vec::<Sighting>::new(), self.known.borrow());
        for thing in things.take_while(|_| self.entries > 0) {
            let fingerprint = thing.fingerprint();
            let is_new = !known.contains(&fingerprint) && new.iter().all(|other| other.fingerprint != fingerprint);
            if is_new && new.len() < AT_ONCE {
                new.push(Sighting { fingerprint, line: thing.to_string() });
            }
        }
        new
    }

    /// Tells what is new. A table that cannot be read or written is counted, and refuses nobody.
    pub(crate) fn note(&self, host: &dyn Host, sighted: &[Sighting]) {
        let is_new = |sighting: &&Sighting| !self.known.borrow().contains(&sighting.fingerprint);
        let new: Vec<&Sighting> = sighted.iter().filter(is_new).collect();
        if new.is_empty() {
            return;
        }
        let seen = self.seen(host, &new).unwrap_or_else(|Lost| vec![Seen::Lost; new.len()]);
        new.into_iter().zip(seen).for_each(|(sighting, seen)| self.tell(host, sighting, seen));
    }

    fn tell(&self, host: &dyn Host, sighting: &Sighting, seen: Seen) {
        match seen {
            Seen::First => {
                host.log(log::Level::Info, &sighting.line);
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

    fn seen(&self, host: &dyn Host, new: &[&Sighting]) -> Result<Vec<Seen>, Lost> {
        if self.is_full.get() {
            return Ok(vec![Seen::NoRoom; new.len()]);
        }
        for _ in 0..ATTEMPTS {
            match self.try_to_add(host, new) {
                Err(HostError::CasMismatch) => {}
                Err(_) => {
                    host.tolerate();
                    return Err(Lost);
                }
                Ok(seen) => return Ok(seen),
            }
        }
        Err(Lost)
    }

    /// Adds all that is new in one step.
    fn try_to_add(&self, host: &dyn Host, new: &[&Sighting]) -> Result<Vec<Seen>, HostError> {
        let shared = host.shared(&self.key)?;
        let cas = shared.as_ref().map_or(Cas::Absent, |shared| Cas::Unchanged(shared.cas));
        let mut table = shared.and_then(|shared| self.table(&shared.value)).unwrap_or_default();
        // Not added to what was known: whoever writes the table could fill this worker with it.
        self.known.replace(table.iter().copied().collect());
        let seen: Vec<Seen> = new.iter().map(|sighting| self.put(&mut table, sighting.fingerprint)).collect();
        if seen.contains(&Seen::First) {
            host.set_shared(&self.key, &bytes(&table), cas)?;
            self.known.borrow_mut().extend(table);
        }
        Ok(seen)
    }

    fn put(&self, table: &mut Vec<u64>, fingerprint: u64) -> Seen {
        if table.contains(&fingerprint) {
            return Seen::Before;
        }
        if table.len() >= self.entries {
            return Seen::NoRoom;
        }
        table.push(fingerprint);
        Seen::First
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
