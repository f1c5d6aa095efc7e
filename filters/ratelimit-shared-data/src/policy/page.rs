//! A page of the table: up to eight buckets in one value of shared data.
//!
//! A key has one page and may be anywhere in it, so that one compare-and-set decides on the bucket and its place at once: no
//! two workers can give one key two buckets. Whoever writes a page leaves out what counts no more, so that pages are as long
//! as what is alive.
//!
//! Shared data has no owner: another plugin may write what it likes. A page ends in a keyed hash of it and of its number; one
//! that does not is corrupt. It is written anew as closed: nobody who would be in it gets anything until a window of their
//! limit has passed, for nobody knows what they had spent.
//!
//! ```text
//! version (1) | closed at (8) | buckets: length (2), fingerprint (16), forgotten at (8), state | hash (8)
//! ```

use super::bytes::{Bytes, Reader};
use super::key::{Fingerprint, Secret};

/// The version that is written and the only one that is read.
const VERSION: u8 = 1;
/// How many buckets a page holds at most.
pub const BUCKETS: usize = 8;
/// The bytes of a hash; of a page without buckets; of a bucket without its state.
const HASH: usize = 8;
const FRAME: usize = 17;
const ENTRY: usize = 26;

/// A page that was read, or one that is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a> {
    closed_at: u64,
    buckets: Vec<Entry<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    fingerprint: Fingerprint,
    forgotten_at: u64,
    state: &'a [u8],
}

/// It is none that we wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupt;

/// There is no room for another bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl<'a> Page<'a> {
    /// A page without buckets.
    pub fn empty() -> Self {
        Self { closed_at: 0, buckets: Vec::new() }
    }

    /// A page in the place of one that was corrupt.
    pub fn closed(at: u64) -> Self {
        Self { closed_at: at.max(1), buckets: Vec::new() }
    }

    /// Reads page number `number`.
    pub fn read(secret: &Secret, number: u32, bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let (content, hash) = bytes.split_last_chunk::<HASH>().ok_or(Corrupt)?;
        if content.first() != Some(&VERSION) || secret.hash(u64::from(number), content).to_le_bytes() != *hash {
            return Err(Corrupt);
        }
        Self::parse(content).ok_or(Corrupt)
    }

    fn parse(content: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        reader.take(1)?;
        let mut page = Self { closed_at: reader.u64()?, buckets: Vec::new() };
        while !reader.rest().is_empty() {
            let length = usize::from(u16::from_le_bytes(reader.array()?));
            let (fingerprint, forgotten_at) = (Fingerprint(reader.array()?), reader.u64()?);
            page.buckets.push(Entry { fingerprint, forgotten_at, state: reader.take(length)? });
        }
        Some(page)
    }

    /// Since when it has been closed, if it ever was.
    pub fn closed_at(&self) -> Option<u64> {
        (self.closed_at > 0).then_some(self.closed_at)
    }

    /// The state of a key's bucket, if it has one of which something counts.
    pub fn find(&self, now: u64, fingerprint: Fingerprint) -> Option<&'a [u8]> {
        let is_it = |entry: &&Entry<'_>| entry.fingerprint == fingerprint && entry.forgotten_at > now;
        self.buckets.iter().find(is_it).map(|entry| entry.state)
    }

    /// Puts a bucket in, in the place of the key's last one, or where there is room.
    pub fn put(&mut self, now: u64, fingerprint: Fingerprint, forgotten_at: u64, state: &'a [u8]) -> Result<(), Full> {
        self.buckets.retain(|entry| entry.forgotten_at > now && entry.fingerprint != fingerprint);
        if self.buckets.len() >= BUCKETS {
            return Err(Full);
        }
        self.buckets.push(Entry { fingerprint, forgotten_at, state });
        Ok(())
    }

    /// The bytes of page number `number`.
    pub fn write(&self, secret: &Secret, number: u32) -> Vec<u8> {
        let length = |entry: &Entry<'_>| ENTRY.saturating_add(entry.state.len());
        let lengths = self.buckets.iter().map(length).fold(FRAME, usize::saturating_add);
        let mut bytes = Vec::with_capacity(lengths);
        bytes.push(VERSION);
        bytes.put(&self.closed_at.to_le_bytes());
        for entry in &self.buckets {
            bytes.put(&u16::try_from(entry.state.len()).unwrap_or(u16::MAX).to_le_bytes());
            bytes.put(&entry.fingerprint.0);
            bytes.put(&entry.forgotten_at.to_le_bytes());
            bytes.put(entry.state);
        }
        let hash = secret.hash(u64::from(number), &bytes);
        bytes.put(&hash.to_le_bytes());
        bytes
    }
}
