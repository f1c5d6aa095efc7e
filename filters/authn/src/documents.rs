//! The documents that a configuration depends on: what is fetched from `on_tick`, and what requests may wait for.

use std::cell::RefCell;

use portcullis::document::{Document, Location, Refresh};
use portcullis::prelude::*;

use crate::policy::{ApiKeys, DocumentId, Fault, KeySet};

/// The most lines that the log gets about the skipped keys of one set.
const MAX_LINES: usize = 16;

/// All of them, by number.
#[derive(Default)]
pub(crate) struct Documents(Vec<Source>);

enum Source {
    Keys(Keys),
    Discovered(Box<Discovered>),
    ApiKeys(Document<ApiKeys>),
}

impl Documents {
    pub(crate) fn add_keys(&mut self, keys: Keys) -> DocumentId {
        self.add(Source::Keys(keys))
    }

    pub(crate) fn add_discovered(&mut self, configuration: Document<Location>, keys: Keys) -> DocumentId {
        self.add(Source::Discovered(Box::new(Discovered { configuration, keys })))
    }

    pub(crate) fn add_api_keys(&mut self, document: Document<ApiKeys>) -> DocumentId {
        self.add(Source::ApiKeys(document))
    }

    fn add(&mut self, source: Source) -> DocumentId {
        self.0.push(source);
        DocumentId(self.0.len().saturating_sub(1))
    }

    /// Whether nothing is fetched.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fetches what is due; says when to look again.
    pub(crate) fn tick(&self, host: &dyn Host) -> Option<Millis> {
        self.0.iter().map(|source| source.tick(host)).min()
    }

    /// Gives an answer to whoever asked for it.
    pub(crate) fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) {
        if self.0.iter().any(|source| source.on_answer(host, call, answer)) {
            host.tick_soon();
        }
    }

    /// Asks for a newer document, for a request that misses something in it: whether one is coming.
    pub(crate) fn ask(&self, host: &dyn Host, id: DocumentId) -> Result<bool, HostError> {
        let refresh = self.0.get(id.0).map_or(Ok(Refresh::NotNow), |source| source.ask(host))?;
        Ok(refresh != Refresh::NotNow)
    }

    /// How many fetches of a document have ended: when this changes, a request that waits decides again.
    pub(crate) fn attempts(&self, id: DocumentId) -> u64 {
        self.0.get(id.0).map_or(0, Source::attempts)
    }

    /// How many have no good value.
    pub(crate) fn missing(&self) -> usize {
        self.0.iter().filter(|source| source.is_missing()).count()
    }

    /// How many keys of fetched sets were skipped.
    pub(crate) fn skipped(&self) -> usize {
        self.0.iter().map(Source::skipped).sum()
    }
}

/// An issuer's set on the network.
pub(crate) struct Keys {
    /// What it is, for the log: `providers.main.jwks_uri`.
    name: String,
    document: Document<KeySet>,
    /// The skipped entries that the log names.
    told: RefCell<Vec<(usize, Fault)>>,
}

impl Keys {
    pub(crate) fn new(name: String, document: Document<KeySet>) -> Self {
        Self { name, document, told: RefCell::default() }
    }

    fn tick(&self, host: &dyn Host) -> Millis {
        let next = self.document.tick(host);
        self.tell_skipped(host);
        next
    }

    /// Said once, and again when it is no longer true: a set is fetched many times a day, and is mostly what it was.
    fn tell_skipped(&self, host: &dyn Host) {
        let Some(keys) = self.document.latest().get() else { return };
        if *self.told.borrow() != keys.skipped() {
            self.told.replace(keys.skipped().to_vec());
            skipped_lines(&self.name, &keys).for_each(|line| host.log(log::Level::Warn, &line));
        }
    }

    fn skipped(&self) -> usize {
        self.document.latest().get().map_or(0, |keys| keys.skipped().len())
    }
}

/// A line for each key that was skipped; the last of too many says how many more there are.
fn skipped_lines<'a>(name: &'a str, keys: &'a KeySet) -> impl Iterator<Item = String> + 'a {
    let skipped = keys.skipped();
    let named = if skipped.len() > MAX_LINES { MAX_LINES.saturating_sub(1) } else { skipped.len() };
    let rest = skipped.len().saturating_sub(named);
    let more = (rest > 0).then(|| format!("{name}: {rest} more keys are skipped"));
    skipped.iter().take(named).map(move |skipped| skipped_line(name, *skipped)).chain(more)
}

/// What the log says of a key that is skipped: where it is and what is wrong with it, and nothing that stands in it.
pub(crate) fn skipped_line(set: &str, (index, fault): (usize, Fault)) -> String {
    format!("{set}.keys[{index}] is skipped: {fault}")
}

/// The issuer's configuration says where its keys are.
struct Discovered {
    configuration: Document<Location>,
    keys: Keys,
}

impl Discovered {
    /// Looks for the keys where the configuration says.
    fn follow(&self) {
        if let Some(location) = self.configuration.latest().get() {
            self.keys.document.locate(&location);
        }
    }
}

impl Source {
    fn tick(&self, host: &dyn Host) -> Millis {
        match self {
            Self::Keys(keys) => keys.tick(host),
            Self::ApiKeys(document) => document.tick(host),
            Self::Discovered(both) => {
                let next = both.configuration.tick(host);
                both.follow();
                next.min(both.keys.tick(host))
            }
        }
    }

    fn on_answer(&self, host: &dyn Host, call: Call, answer: &Answer) -> bool {
        match self {
            Self::Keys(keys) => keys.document.on_answer(host, call, answer),
            Self::ApiKeys(document) => document.on_answer(host, call, answer),
            Self::Discovered(both) => {
                let is_own = both.configuration.on_answer(host, call, answer)
                    || both.keys.document.on_answer(host, call, answer);
                both.follow();
                is_own
            }
        }
    }

    fn ask(&self, host: &dyn Host) -> Result<Refresh, HostError> {
        match self {
            Self::Keys(keys) => keys.document.ask(host),
            Self::ApiKeys(document) => document.ask(host),
            Self::Discovered(both) if both.configuration.latest().get().is_some() => both.keys.document.ask(host),
            Self::Discovered(both) => both.configuration.ask(host),
        }
    }

    fn attempts(&self) -> u64 {
        match self {
            Self::Keys(keys) => keys.document.attempts(),
            Self::ApiKeys(document) => document.attempts(),
            Self::Discovered(both) => both.configuration.attempts().wrapping_add(both.keys.document.attempts()),
        }
    }

    fn is_missing(&self) -> bool {
        match self {
            Self::Keys(keys) => keys.document.latest().get().is_none(),
            Self::Discovered(both) => both.keys.document.latest().get().is_none(),
            Self::ApiKeys(document) => document.latest().get().is_none(),
        }
    }

    fn skipped(&self) -> usize {
        match self {
            Self::Keys(keys) => keys.skipped(),
            Self::Discovered(both) => both.keys.skipped(),
            Self::ApiKeys(_) => 0,
        }
    }
}
