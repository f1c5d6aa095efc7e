//! The table that all workers of an Envoy share: a fixed number of pages in shared data, each changed by compare-and-set.
//!
//! 1. A key has one page. It is read, the bucket in it is changed, and the page is written if nobody wrote it meanwhile; if
//!    somebody did, all of it is done again, the decision too (`ATTEMPTS` times at most).
//! 2. A page that nobody wrote is written only if still nobody did. The host takes a first write without a condition; with
//!    an impossible one it refuses the second (`tests/host_facts.rs`).
//! 3. A page that is full gives no bucket: the overflow of the limit does, one bucket that all such keys share, or nobody.
//! 4. A page that is corrupt is written anew as closed (`policy::page`).
//!
//! What hashes are keyed with is made at random by the first worker, and read by the others. Whoever finds it in another
//! form lets nobody pass: with another key every bucket would be a new one.

use std::cell::OnceCell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use portcullis::host::{Cas, Shared};
use portcullis::prelude::*;

use crate::policy::bytes::Reader;
use crate::policy::{Account, Fingerprint, Full, Leased, Now, Page, Quota, Secret, Terms};

/// How often a page is tried that others write too. Measured with one update a request on one key: two retries at most.
const ATTEMPTS: usize = 16;

/// How a secret begins in shared data; a secret of another version is none.
const SECRET_VERSION: u8 = 1;

/// How many bytes most buckets have at most.
const USUAL_STATE: usize = 256;

/// Whose bucket the overflow of a limit is.
const EVERYBODY: Fingerprint = Fingerprint([0; 16]);

/// The table, as one worker knows it.
pub(crate) struct Table {
    prefix: String,
    pages: u32,
    secret: OnceCell<Secret>,
}

/// What is kept of a key.
pub(crate) trait Slot: Clone + PartialEq + Sized {
    /// What says how it is written.
    type Form: Copy;
    /// What is known of a key that nobody knows.
    fn fresh(form: Self::Form) -> Self;
    /// Reads what `write` wrote of the same form.
    fn read(form: Self::Form, bytes: &[u8]) -> Option<Self>;
    /// Writes it.
    fn write(&self, bytes: &mut Vec<u8>);
    /// When nothing of it counts, so that its place can be another's.
    fn forgotten_at(&self, form: Self::Form, quota: &Quota) -> u64;
}

/// Where a key is kept, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a, F> {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) form: F,
    pub(crate) quota: &'a Quota,
    /// The limit's number, which names its overflow.
    pub(crate) limit: usize,
}

impl Slot for Account {
    type Form = Terms;

    fn fresh(terms: Terms) -> Self {
        Self::new(terms)
    }

    fn read(terms: Terms, bytes: &[u8]) -> Option<Self> {
        Self::read(terms, bytes)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.write(bytes);
    }

    fn forgotten_at(&self, terms: Terms, quota: &Quota) -> u64 {
        self.forgotten_at(terms, quota)
    }
}

impl Slot for Leased {
    type Form = ();

    fn fresh((): ()) -> Self {
        Self::default()
    }

    fn read((): (), bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let read = Self::read(&mut reader)?;
        reader.rest().is_empty().then_some(read)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        self.write(bytes);
    }

    fn forgotten_at(&self, (): (), _: &Quota) -> u64 {
        self.forgotten_at()
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untouched {
    /// Others wrote it each time.
    Contention,
    /// The page has no room.
    Full,
    /// The page was corrupt: so long, in nanoseconds, nobody in it gets anything.
    Closed(u64),
    /// The host refused.
    Host,
}

impl Table {
    /// A table of so many pages.
    pub(crate) fn new(instance: &str, pages: u32) -> Self {
        let prefix = format!("portcullis.ratelimit.{instance}.{pages}");
        Self { prefix, pages, secret: OnceCell::new() }
    }

    /// What hashes are keyed with.
    pub(crate) fn secret(&self, host: &dyn Host) -> Result<Secret, Untouched> {
        if let Some(secret) = self.secret.get() {
            return Ok(*secret);
        }
        let secret = self.agree(host)?;
        Ok(*self.secret.get_or_init(|| secret))
    }

    fn agree(&self, host: &dyn Host) -> Result<Secret, Untouched> {
        let key = format!("{}.secret", self.prefix);
        if host.shared(&key).map_err(refused)?.is_none() {
            match host.set_shared(&key, &[&[SECRET_VERSION][..], &random().0].concat(), Cas::Absent) {
                Ok(()) | Err(HostError::CasMismatch) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        let shared = host.shared(&key).map_err(refused)?.ok_or(Untouched::Host)?;
        let secret = shared.value.strip_prefix(&[SECRET_VERSION]).and_then(|secret| secret.try_into().ok());
        secret.map(Secret).ok_or(Untouched::Host)
    }

    /// Changes what is kept of a key and tells what `change` tells, which may be asked several times and is believed once.
    /// What it leaves as it was is not written.
    pub(crate) fn update<S: Slot, T>(
        &self,
        host: &dyn Host,
        place: Place<'_, S::Form>,
        now: Now,
        change: impl FnMut(&mut S) -> T,
    ) -> Result<T, Untouched> {
        let number = place.fingerprint.place(self.pages);
        self.update_page(host, number, &format!("{}.{number}", self.prefix), place, now, change)
    }

    /// The same in the overflow of the limit.
    pub(crate) fn update_overflow<S: Slot, T>(
        &self,
        host: &dyn Host,
        place: Place<'_, S::Form>,
        now: Now,
        change: impl FnMut(&mut S) -> T,
    ) -> Result<T, Untouched> {
        let key = format!("{}.overflow.{}", self.prefix, place.limit);
        let number = self.pages.saturating_add(u32::try_from(place.limit).unwrap_or(u32::MAX));
        self.update_page(host, number, &key, Place { fingerprint: EVERYBODY, ..place }, now, change)
    }

    fn update_page<S: Slot, T>(
        &self,
        host: &dyn Host,
        number: u32,
        key: &str,
        place: Place<'_, S::Form>,
        now: Now,
        mut change: impl FnMut(&mut S) -> T,
    ) -> Result<T, Untouched> {
        let secret = self.secret(host)?;
        for _ in 0..ATTEMPTS {
            let shared = host.shared(key).map_err(refused)?;
            let cas = shared.as_ref().map_or(Cas::Absent, |shared| Cas::Unchanged(shared.cas));
            let (told, page) = changed(&secret, number, shared.as_ref(), place, now, &mut change)?;
            let Some(page) = page else { return told };
            match host.set_shared(key, &page, cas) {
                Ok(()) => return told,
                Err(HostError::CasMismatch) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        Err(Untouched::Contention)
    }
}

/// What `change` told, and the page to write, if it is another.
type Changed<T> = (Result<T, Untouched>, Option<Vec<u8>>);

fn changed<S: Slot, T>(
    secret: &Secret,
    number: u32,
    shared: Option<&Shared>,
    place: Place<'_, S::Form>,
    now: Now,
    change: &mut impl FnMut(&mut S) -> T,
) -> Result<Changed<T>, Untouched> {
    let window = place.quota.window;
    let read = shared.map_or_else(|| Ok(Page::empty()), |shared| Page::read(secret, number, &shared.value));
    let Ok(mut page) = read else {
        let closed = Page::closed(now.monotonic).write(secret, number);
        return Ok((Err(Untouched::Closed(window)), Some(closed)));
    };
    let rest = page.closed_at().map_or(0, |at| at.saturating_add(window).saturating_sub(now.monotonic));
    if rest > 0 {
        return Err(Untouched::Closed(rest));
    }
    let found = page.find(now.monotonic, place.fingerprint);
    let before = found.map_or_else(|| Some(S::fresh(place.form)), |state| S::read(place.form, state));
    // The hash says that we wrote it and the fingerprint in which form, so that this does not happen.
    let before = before.ok_or(Untouched::Closed(window))?;
    let mut after = before.clone();
    let told = change(&mut after);
    if after == before {
        return Ok((Ok(told), None));
    }
    let mut state = Vec::with_capacity(USUAL_STATE);
    after.write(&mut state);
    let forgotten_at = after.forgotten_at(place.form, place.quota);
    page.put(now.monotonic, place.fingerprint, forgotten_at, &state).map_err(|Full| Untouched::Full)?;
    Ok((Ok(told), Some(page.write(secret, number))))
}

fn refused(_: HostError) -> Untouched {
    Untouched::Host
}

/// A secret that nobody can guess: what the host's random numbers key a hasher with.
fn random() -> Secret {
    let half = || RandomState::new().build_hasher().finish().to_le_bytes();
    let mut secret = [0; 16];
    secret.iter_mut().zip(half().into_iter().chain(half())).for_each(|(byte, random)| *byte = random);
    Secret(secret)
}
