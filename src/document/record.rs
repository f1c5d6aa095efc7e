//! What workers share about a document: a small record that says who fetches and when, and the body.
//!
//! Both are little-endian numbers behind a version. Anything else, and any time that no writer of ours would have
//! written, reads as nothing: shared data has no owner.

use super::Fetch;
use crate::host::{Millis, Monotonic};

/// The version that is written and the only one that is read.
const VERSION: u8 = 1;
/// The first wait after a failure; each further one is twice as long.
const FIRST_BACKOFF: Millis = Millis(1000);
/// The longest wait after a failure while there is a good document.
pub(super) const LAST_BACKOFF: Millis = Millis(30_000);
/// The longest wait while there is none: meanwhile requests are refused, and shall not be five seconds after the outage
/// (PF-005; a fetch may take two).
pub(super) const BACKOFF_WITHOUT: Millis = Millis(2000);
/// No writer of ours sets a time further ahead than the longest `refresh`.
const FURTHEST: Millis = Millis(24 * 3_600_000);

/// Who fetches and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// A worker holds the lease until `not_before`.
    pub(super) is_fetching: bool,
    /// The body that goes with this record; 0: there is none yet.
    pub(super) generation: u64,
    /// How many fetches have ended.
    pub(super) attempts: u64,
    /// How many of the last ones brought nothing.
    pub(super) failures: u64,
    /// When the next fetch may begin, in monotonic nanoseconds.
    pub(super) not_before: u64,
    /// When the last one began that a request had asked for; 0: none was.
    pub(super) last_asked: u64,
}

impl Head {
    pub(super) fn read(bytes: &[u8], now: Monotonic) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (is_fetching, rest) = rest.split_first()?;
        let [generation, attempts, failures, not_before, last_asked] = words(rest)?;
        let head = Self { is_fetching: *is_fetching == 1, generation, attempts, failures, not_before, last_asked };
        let is_sound = not_before <= now.plus(FURTHEST).0 && last_asked <= now.0;
        (*version == VERSION && is_sound).then_some(head)
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let numbers = [self.generation, self.attempts, self.failures, self.not_before, self.last_asked];
        let mut bytes = vec![VERSION, u8::from(self.is_fetching)];
        bytes.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
        bytes
    }

    /// Whether a worker fetches now.
    pub(super) fn is_held(&self, now: Monotonic) -> bool {
        self.is_fetching && !self.is_due(now)
    }

    /// Whether the next fetch may begin; a lease that ran out counts too.
    pub(super) fn is_due(&self, now: Monotonic) -> bool {
        self.not_before <= now.0
    }

    /// Whether it is so long ago that a request brought about a fetch.
    pub(super) fn asked_at_least(&self, ago: Millis, now: Monotonic) -> bool {
        self.last_asked == 0 || Monotonic(self.last_asked).plus(ago) <= now
    }

    pub(super) fn after_good(self, generation: u64, fetch: &Fetch, now: Monotonic) -> Self {
        let early = jitter(now, fetch.refresh.0 / 10);
        let wait = Millis(fetch.refresh.0.saturating_sub(early));
        Self { generation, failures: 0, ..self.ended(now.plus(wait)) }
    }

    pub(super) fn after_bad(self, now: Monotonic, longest: Millis) -> Self {
        let factor = 1_u64.checked_shl(u32::try_from(self.failures).unwrap_or(u32::MAX)).unwrap_or(u64::MAX);
        let wait = FIRST_BACKOFF.0.saturating_mul(factor.max(1)).min(longest.0);
        let early = jitter(now, wait / 10);
        Self { failures: self.failures.saturating_add(1), ..self.ended(now.plus(Millis(wait.saturating_sub(early)))) }
    }

    fn ended(self, next: Monotonic) -> Self {
        Self { is_fetching: false, not_before: next.0, attempts: self.attempts.wrapping_add(1), ..self }
    }
}

/// The body of a document as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body<'a> {
    pub(super) generation: u64,
    /// When it was fetched, in monotonic nanoseconds.
    pub(super) fetched_at: u64,
    pub(super) bytes: &'a [u8],
}

impl<'a> Body<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let (version, rest) = record.split_first()?;
        let (numbers, bytes) = rest.split_at_checked(16)?;
        let [generation, fetched_at] = words(numbers)?;
        (*version == VERSION).then_some(Self { generation, fetched_at, bytes })
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let numbers = [self.generation, self.fetched_at].map(u64::to_le_bytes).concat();
        [&[VERSION][..], &numbers, self.bytes].concat()
    }
}

fn words<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let (words, rest) = bytes.as_chunks::<8>();
    let words: &[[u8; 8]; N] = words.try_into().ok().filter(|_| rest.is_empty())?;
    Some(words.map(u64::from_le_bytes))
}

/// A number below `span`, different each time: the low digits of the clock.
fn jitter(now: Monotonic, span: u64) -> u64 {
    (now.0 / 1000).checked_rem(span).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Monotonic = Monotonic(1_000_000_000_000);

    fn head() -> Head {
        Head { is_fetching: true, generation: 3, attempts: 9, failures: 2, not_before: NOW.0, last_asked: NOW.0 }
    }

    #[test]
    fn records_are_read_back_as_written() {
        assert_eq!(Head::read(&head().to_bytes(), NOW), Some(head()));
        let body = Body { generation: 7, fetched_at: 8, bytes: b"{}" };
        assert_eq!(Body::read(&body.to_bytes()), Some(body));
    }

    #[test]
    fn a_record_that_nobody_of_us_wrote_is_none() {
        let bytes = head().to_bytes();
        for cut in 0..bytes.len() {
            assert_eq!(Head::read(&bytes[..cut], NOW), None);
        }
        assert_eq!(Head::read(&[&bytes[..], &[0]].concat(), NOW), None);
        for head in [
            Head { not_before: u64::MAX, ..head() },
            Head { not_before: NOW.plus(FURTHEST).0 + 1, ..head() },
            Head { last_asked: NOW.0 + 1, ..head() },
        ] {
            assert_eq!(Head::read(&head.to_bytes(), NOW), None);
        }
        assert_eq!(Head::read(&[&[2], &bytes[1..]].concat(), NOW), None);
        assert_eq!(Body::read(&[1; 16]), None);
        assert_eq!(Body::read(&[2; 17]), None);
    }

    #[test]
    fn waits_double_to_half_a_minute() {
        let mut head = Head::default();
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            head = head.after_bad(NOW, LAST_BACKOFF);
            let wait = Monotonic(head.not_before).since(NOW).0;
            assert!((seconds * 900..=seconds * 1000).contains(&wait), "{seconds} s: {wait} ms");
        }
        let tired = Head { failures: u64::MAX, ..head }.after_bad(NOW, LAST_BACKOFF);
        assert!(Monotonic(tired.not_before).since(NOW) <= LAST_BACKOFF);
        assert!(Monotonic(tired.after_bad(NOW, BACKOFF_WITHOUT).not_before).since(NOW) <= BACKOFF_WITHOUT);
    }

    #[test]
    fn a_good_answer_lasts_for_a_refresh_less_a_tenth_at_most() {
        let fetch = Fetch::default();
        for nanos in 0..1000 {
            let now = Monotonic(NOW.0 + nanos * 7_777_777);
            let wait = Monotonic(head().after_good(4, &fetch, now).not_before).since(now).0;
            assert!((fetch.refresh.0 * 9 / 10..=fetch.refresh.0).contains(&wait), "{wait}");
        }
    }
}
