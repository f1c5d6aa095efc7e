//! Headers that may stand only once: one server takes the first of several values, the next the last or all of them. And
//! names with `_` that some servers take for that of a header which the filter knows.

use crate::ai::dialects::Dialects;
use crate::filter::Filter;
use crate::http::header::{self, Headers};

/// The names that one filter knows, in lower case.
pub(super) struct Single {
    /// Those that may stand only once: the kit's own, those that say a model, and the filter's credential sources.
    once: Vec<String>,
    /// Those that the filter writes.
    written: Vec<String>,
    /// Those that it decides by, however often they stand there.
    read: Vec<String>,
}

impl Single {
    pub(super) fn of<F: Filter>(filter: &F, dialects: &Dialects) -> Self {
        let of_models = dialects.headers().map(str::to_owned);
        let named: Vec<String> = filter.single_headers().iter().cloned().chain(of_models).collect();
        Self {
            once: lower(header::SINGLE, &named),
            written: lower(F::HEADERS, filter.operator_headers()),
            read: lower(&[], filter.read_headers()),
        }
    }

    /// Whether the filter said that it writes this header.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.written.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// By the fields that are there, and not by the names that may be: asking for each cost 1.5 µs of every request.
    pub(super) fn is_repeated_in(&self, headers: &Headers) -> bool {
        headers.iter().any(|(name, value)| {
            if name.contains(&b'_') && self.has_alias(name) {
                return true;
            }
            let known = self.once.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()));
            known.is_some_and(|known| {
                let is_joined = || header::JOINED.contains(&known.as_str()) && header::is_joined(value);
                headers.only(known).is_err() || is_joined()
            })
        })
    }

    /// Whether a server that takes `_` for `-`, as CGI does, takes this name for one that the filter reads or writes.
    fn has_alias(&self, name: &[u8]) -> bool {
        let is_alias = |known: &String| {
            let letter = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
            known.as_bytes() != name && name.iter().map(letter).eq(known.bytes())
        };
        self.written.iter().chain(&self.once).chain(&self.read).any(is_alias)
    }
}

fn lower(names: &[&str], more: &[String]) -> Vec<String> {
    names.iter().copied().chain(more.iter().map(String::as_str)).map(str::to_ascii_lowercase).collect()
}
