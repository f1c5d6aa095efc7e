//! The `Host` that a candidate is handed: it reads what is there and changes nothing.
//!
//! | method | for a candidate |
//! |---|---|
//! | `headers` | the request's as they came, until it goes on; then, and of the answer, as they are now |
//! | `property` | what it set itself, else what is there |
//! | `set_property`, `set_verdict` | remembered for `property` until its end; nobody else sees it |
//! | `set_header`, `remove_header`, `remove_query` | `Ok`, and forgotten; a value that would split the message is refused |
//! | `replace_body` | `Ok`, and forgotten, while the body is whole and held |
//! | `shared` | what is there: with the same keys, documents that the policy in force has fetched |
//! | `set_shared`, `call` | `Err(Unsupported)`; the exchange is undecided, whatever it makes of it |
//! | `wall`, `monotonic`, `verify` | as they are |
//! | `tick_soon`, `measure` | nothing |
//! | `log` | nothing; from a tick the line, behind `candidate: ` |
//! | `tolerate` | its own failures are forgotten; a read that fails is the candidate's alone |

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::adapter::door::Door;
use crate::filter::Call;
use crate::host::{Cas, Host, HostError, HttpCall, Monotonic, Shared, Side, Signed, Wall};
use crate::http::header::{self, Headers};
use crate::telemetry::Metric;

/// What is remembered between the events of one exchange.
#[derive(Default)]
pub(super) struct Notes {
    request: RefCell<Option<Rc<Headers>>>,
    state: RefCell<HashMap<String, Vec<u8>>>,
    /// How many bytes of it nobody has asked the memory budget for yet.
    grown: Cell<usize>,
    /// A call failed and the filter has not said that it dealt with it.
    failed: Cell<bool>,
    /// It wanted what no candidate gets: its decision would be about nothing.
    blocked: Cell<bool>,
}

impl Notes {
    pub(super) fn keep_headers(&self, headers: Option<Rc<Headers>>) {
        self.request.replace(headers);
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.get()
    }

    pub(super) fn take_failure(&self) -> bool {
        self.failed.take()
    }

    pub(super) fn take_grown(&self) -> usize {
        self.grown.take()
    }

    pub(super) fn forget(&self) {
        self.request.replace(None);
        self.state.take();
    }

    fn remember(&self, name: &str, value: &[u8]) {
        self.grown.set(self.grown.get().saturating_add(name.len()).saturating_add(value.len()));
        self.state.borrow_mut().insert(name.to_owned(), value.to_vec());
    }
}

pub(super) struct Aside<'a> {
    door: &'a Door<'a>,
    notes: &'a Notes,
    tells: bool,
}

impl<'a> Aside<'a> {
    pub(super) fn new(door: &'a Door<'a>, notes: &'a Notes) -> Self {
        Self { door, notes, tells: false }
    }

    /// One whose lines are for the operator.
    pub(super) fn telling(door: &'a Door<'a>, notes: &'a Notes) -> Self {
        Self { door, notes, tells: true }
    }

    /// Remembers a failure, as the door does.
    fn noted<T>(&self, result: Result<T, HostError>) -> Result<T, HostError> {
        if result.is_err() {
            self.notes.failed.set(true);
        }
        result
    }

    fn blocked<T>(&self) -> Result<T, HostError> {
        self.notes.blocked.set(true);
        Err(HostError::Unsupported)
    }
}

impl Host for Aside<'_> {
    fn headers(&self, side: Side) -> Result<Rc<Headers>, HostError> {
        let kept = self.notes.request.borrow().clone().filter(|_| side == Side::Request);
        self.noted(kept.map_or_else(|| self.door.read_headers(side), Ok))
    }

    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        let name = match path {
            ["filter_state", name] => name.strip_prefix("wasm."),
            [name] => Some(*name),
            _ => None,
        };
        let own = name.and_then(|name| self.notes.state.borrow().get(name).cloned());
        self.noted(own.map_or_else(|| self.door.read_property(path), |own| Ok(Some(own))))
    }

    fn set_header(&self, _: Side, _: &str, value: &[u8]) -> Result<(), HostError> {
        self.noted(if header::is_writable(value) { Ok(()) } else { Err(HostError::BadHeaderValue) })
    }

    fn remove_header(&self, _: Side, _: &str) -> Result<(), HostError> {
        Ok(())
    }

    fn remove_query(&self, _: &[&str]) -> Result<(), HostError> {
        Ok(())
    }

    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.notes.remember(name, value);
        Ok(())
    }

    fn set_verdict(&self, value: &[u8]) -> Result<(), HostError> {
        self.set_property(self.door.verdict(), value)
    }

    fn replace_body(&self, side: Side, _: &[u8]) -> Result<(), HostError> {
        self.noted(if self.door.holds_body(side) { Ok(()) } else { Err(HostError::BodyNotHeld) })
    }

    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError> {
        self.noted(self.door.read_shared(key))
    }

    fn set_shared(&self, _: &str, _: &[u8], _: Cas) -> Result<(), HostError> {
        self.blocked()
    }

    fn wall(&self) -> Wall {
        self.door.wall()
    }

    fn monotonic(&self) -> Monotonic {
        self.door.monotonic()
    }

    fn call(&self, _: &HttpCall<'_>) -> Result<Call, HostError> {
        self.blocked()
    }

    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError> {
        self.door.verify(signed)
    }

    fn tick_soon(&self) {}

    fn measure(&self, _: Metric, _: u64) {}

    fn log(&self, level: log::Level, line: &str) {
        if self.tells {
            self.door.log(level, &format!("candidate: {line}"));
        }
    }

    fn tolerate(&self) {
        self.notes.failed.set(false);
    }
}
