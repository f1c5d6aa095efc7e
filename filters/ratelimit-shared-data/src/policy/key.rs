//! Whose bucket it is: everything that a limit looks at, hashed with a key that nobody outside knows.
//!
//! 128 bits of `SipHash`: two keys of one limit share a bucket by chance once in 2^64 pairs. Who knew the key could look for
//! many that meet in one place of the table; it is made at random by the first worker (`table`).

use std::hash::Hasher as _;
use std::net::IpAddr;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// What hashes are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret(pub [u8; 16]);

/// What a key is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

/// A key that is being told, part by part.
pub struct Key(SipHasher13);

/// What there may be in the place of a part.
const HERE: u8 = 1;
const ABSENT: u8 = 0;
const SEVERAL: u8 = 2;

/// What a request says where a limit looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// This.
    Is(&'a [u8]),
    /// This address.
    Address(IpAddr),
    /// Nothing: all who say nothing share a bucket.
    Absent,
    /// More than one thing: all who do share a bucket, for else each mixture would be a new one.
    Several,
}

impl Secret {
    /// Begins the key of a limit of this name, whose buckets have this form.
    pub fn key(&self, limit: &str, form: &str) -> Key {
        let mut key = Key(SipHasher13::new_with_key(&self.0));
        key.add(Part::Is(limit.as_bytes()));
        key.add(Part::Is(form.as_bytes()));
        key
    }

    /// A hash of bytes in this place.
    pub fn hash(&self, place: u64, bytes: &[u8]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        hasher.write_u64(place);
        hasher.write(bytes);
        hasher.finish128().h1
    }
}

impl Key {
    /// Adds what the request says where the limit looks next. No two lists of parts are told alike.
    pub fn add(&mut self, part: Part<'_>) {
        match part {
            Part::Is(bytes) => self.tell(HERE, bytes),
            Part::Address(IpAddr::V4(address)) => self.tell(HERE, &address.octets()),
            Part::Address(IpAddr::V6(address)) => self.tell(HERE, &address.octets()),
            Part::Absent => self.tell(ABSENT, &[]),
            Part::Several => self.tell(SEVERAL, &[]),
        }
    }

    fn tell(&mut self, tag: u8, bytes: &[u8]) {
        self.0.write_u8(tag);
        self.0.write_u64(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.write(bytes);
    }

    /// What it is known by.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.0.finish128().as_bytes())
    }
}

impl Fingerprint {
    /// Its two halves.
    pub fn halves(&self) -> [u64; 2] {
        let number = u128::from_le_bytes(self.0);
        #[allow(clippy::cast_possible_truncation)] // the lower half is meant
        [number as u64, (number >> 64) as u64]
    }

    /// Its place among so many.
    pub fn place(&self, places: u32) -> u32 {
        let [_, half] = self.halves();
        u32::try_from(half.checked_rem(u64::from(places.max(1))).unwrap_or_default()).unwrap_or_default()
    }
}
