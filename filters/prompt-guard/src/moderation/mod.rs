//! A service that judges texts: another model, asked through a cluster before a request goes on.
//!
//! 1. It is asked about the texts that the rule is about, all in one call; or only if another detector found something
//!    (`ask: flagged`). What was undone of an encoding is asked instead of the text where it stands for all of it.
//! 2. What it said of the same texts lately is not asked again.
//! 3. No answer in time, another status than 200, an answer that is none of its API, too many open calls, or more text than
//!    one call may hold: then `on_unavailable` decides, counted.

mod api;
mod cache;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use portcullis::host::{HttpCall, Millis};
use portcullis::http::url::Url;
use portcullis::prelude::*;
use sha2::{Digest as _, Sha256};

pub(crate) use self::api::{Api, Said, TEXT, Template};
use self::cache::{Cache, Key};

/// A service, compiled.
pub(crate) struct Moderation {
    pub(crate) cluster: String,
    pub(crate) url: Url,
    pub(crate) api: Api,
    /// The value of `authorization`, if the service wants one.
    pub(crate) authorization: Option<String>,
    /// From which score on a text is at fault, from 0 to 1.
    pub(crate) threshold: Option<f64>,
    pub(crate) asks_always: bool,
    pub(crate) timeout: Millis,
    pub(crate) max_open: usize,
    pub(crate) max_bytes: usize,
    /// Whether a request goes on that it could not judge.
    pub(crate) passes_unjudged: bool,
    open: Rc<Cell<usize>>,
    cache: RefCell<Cache>,
}

/// Why there is no judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asking {
    /// It said so lately.
    Known(Said),
    /// It was asked.
    Open(Question),
}

/// A question that waits for its answer; its place among the open ones is free when it is dropped.
#[derive(Debug)]
pub(crate) struct Question {
    key: Key,
    texts: usize,
    _place: Place,
}

/// A place among the open questions.
#[derive(Debug)]
struct Place(Rc<Cell<usize>>);

impl Place {
    fn taken(open: &Rc<Cell<usize>>) -> Self {
        open.set(open.get().saturating_add(1));
        Self(Rc::clone(open))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Moderation {
    #[allow(clippy::too_many_arguments)] // each is a member of the configuration
    pub(crate) fn new(
        cluster: String,
        url: Url,
        api: Api,
        authorization: Option<String>,
        threshold: Option<f64>,
        asks_always: bool,
        limits: Limits,
        passes_unjudged: bool,
    ) -> Self {
        let Limits { timeout, max_open, max_bytes, cache_entries, cache_age } = limits;
        Self {
            cluster,
            url,
            api,
            authorization,
            threshold,
            asks_always,
            timeout,
            max_open,
            max_bytes,
            passes_unjudged,
            open: Rc::default(),
            cache: RefCell::new(Cache::new(cache_entries, cache_age)),
        }
    }

    /// Asks about texts, or remembers.
    pub(crate) fn ask(&self, host: &dyn Host, texts: &[String]) -> Result<Asking, Unavailable> {
        let key = key(texts);
        if let Some(said) = self.cache.borrow().get(&key, host.monotonic()) {
            return Ok(Asking::Known(said));
        }
        let bytes: usize = texts.iter().map(String::len).sum();
        if bytes > self.max_bytes || self.open.get() >= self.max_open {
            return Err(Unavailable);
        }
        let body = self.api.body(texts);
        let length = body.len().to_string();
        let mut headers = vec![
            (":method", "POST"),
            (":path", self.url.path()),
            (":authority", self.url.authority()),
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("content-length", length.as_str()),
        ];
        headers.extend(self.authorization.as_deref().map(|value| ("authorization", value)));
        let call = HttpCall { cluster: &self.cluster, headers: &headers, body: &body, timeout: self.timeout };
        host.call(&call).map_err(|_| Unavailable)?;
        Ok(Asking::Open(Question { key, texts: texts.len(), _place: Place::taken(&self.open) }))
    }

    /// What an answer says; it is remembered.
    pub(crate) fn hear(&self, host: &dyn Host, question: &Question, answer: &Answer) -> Result<Said, Unavailable> {
        let Answer::Http { status: 200, body, .. } = answer else { return Err(Unavailable) };
        let said = self.api.read(body, question.texts, self.threshold).ok_or(Unavailable)?;
        self.cache.borrow_mut().put(question.key, said, host.monotonic());
        Ok(said)
    }
}

/// What bounds the work of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) timeout: Millis,
    pub(crate) max_open: usize,
    pub(crate) max_bytes: usize,
    pub(crate) cache_entries: usize,
    pub(crate) cache_age: Millis,
}

/// The texts, by a hash that nobody can find other texts for.
fn key(texts: &[String]) -> Key {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}
