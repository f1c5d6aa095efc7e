//! The documents that a configuration depends on: what is fetched from `on_tick`, and what requests may wait for.

use portcullis::document::{Document, Location, Refresh};
use portcullis::prelude::*;

use crate::policy::{ApiKeys, DocumentId, KeySet};

/// All of them, by number.
#[derive(Default)]
pub(crate) struct Documents(Vec<Source>);

enum Source {
    Keys(Document<KeySet>),
    Discovered(Box<Discovered>),
    ApiKeys(Document<ApiKeys>),
}

impl Documents {
    pub(crate) fn add_keys(&mut self, document: Document<KeySet>) -> DocumentId {
        self.add(Source::Keys(document))
    }

    pub(crate) fn add_discovered(&mut self, configuration: Document<Location>, keys: Document<KeySet>) -> DocumentId {
        self.add(Source::Discovered(Box::new(Discovered { configuration, keys })))
    }

    pub(crate) fn add_api_keys(&mut self, document: Document<ApiKeys>) -> DocumentId {
        self.add(Source::ApiKeys(document))
    }

    fn add(&mut self, source: Source) -> DocumentId {
        self.0.push(source);
        DocumentId(self.0.len().saturating_sub(1))
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

/// The issuer's configuration says where its keys are.
struct Discovered {
    configuration: Document<Location>,
    keys: Document<KeySet>,
}

impl Discovered {
    /// Looks for the keys where the configuration says.
    fn follow(&self) {
        if let Some(location) = self.configuration.latest().get() {
            self.keys.locate(&location);
        }
    }
}

impl Source {
    fn tick(&self, host: &dyn Host) -> Millis {
        match self {
            Self::Keys(document) => document.tick(host),
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
            Self::Keys(document) => document.on_answer(host, call, answer),
            Self::ApiKeys(document) => document.on_answer(host, call, answer),
            Self::Discovered(both) => {
                let is_own =
                    both.configuration.on_answer(host, call, answer) || both.keys.on_answer(host, call, answer);
                both.follow();
                is_own
            }
        }
    }

    fn ask(&self, host: &dyn Host) -> Result<Refresh, HostError> {
        match self {
            Self::Keys(document) => document.ask(host),
            Self::ApiKeys(document) => document.ask(host),
            Self::Discovered(both) if both.configuration.latest().get().is_some() => both.keys.ask(host),
            Self::Discovered(both) => both.configuration.ask(host),
        }
    }

    fn attempts(&self) -> u64 {
        match self {
            Self::Keys(document) => document.attempts(),
            Self::ApiKeys(document) => document.attempts(),
            Self::Discovered(both) => both.configuration.attempts().wrapping_add(both.keys.attempts()),
        }
    }

    fn is_missing(&self) -> bool {
        match self {
            Self::Keys(document) => document.latest().get().is_none(),
            Self::Discovered(both) => both.keys.latest().get().is_none(),
            Self::ApiKeys(document) => document.latest().get().is_none(),
        }
    }

    fn skipped(&self) -> usize {
        match self {
            Self::Keys(document) => count_skipped(document),
            Self::Discovered(both) => count_skipped(&both.keys),
            Self::ApiKeys(_) => 0,
        }
    }
}

fn count_skipped(document: &Document<KeySet>) -> usize {
    document.latest().get().map_or(0, |keys| keys.skipped().len())
}
