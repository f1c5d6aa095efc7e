//! The `Host` that a filter is handed: reads headers once, checks every write, and remembers what failed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::kit::{Owner, Shares};
use crate::filter::Call;
use crate::host::{Cas, Host, HostError, HttpCall, Monotonic, Proxy, Shared, Side, Signed, Wall};
use crate::http::header::{self, Headers};
use crate::http::query::{self, BadName, Query};
use crate::telemetry::Metric;

/// What is remembered between the events of one stream.
#[derive(Default)]
pub(super) struct Memo {
    request: RefCell<Option<Rc<Headers>>>,
    response: RefCell<Option<Rc<Headers>>>,
    /// A call failed and the filter has not said that it dealt with it.
    failed: RefCell<Option<HostError>>,
    /// A body was half replaced: nothing may go on, whatever the filter says.
    broken: Cell<bool>,
    /// Calls under way: the stream must be found when their answers come.
    calls: Cell<usize>,
    /// The side whose body is whole and held, and the bytes in the proxy's buffer.
    body: Cell<Option<(Side, usize)>>,
}

impl Memo {
    fn headers(&self, side: Side) -> &RefCell<Option<Rc<Headers>>> {
        match side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        }
    }

    /// Drops the header map of a side that goes on: nobody will ask again.
    /// The length that the headers announce, where somebody has read them: who says that it will be too much need not be
    /// waited for.
    pub(super) fn announced(&self, side: Side) -> Option<usize> {
        let headers = self.headers(side).borrow();
        let length = headers.as_ref()?.first("content-length")?;
        let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
        // What is no number is Envoy's to refuse; one that does not fit is more than anything.
        is_number.then(|| std::str::from_utf8(length).ok().and_then(|length| length.parse().ok()).unwrap_or(usize::MAX))
    }

    pub(super) fn drop_headers(&self, side: Side) {
        self.headers(side).replace(None);
    }

    pub(super) fn take_failure(&self) -> Option<HostError> {
        self.failed.take().or_else(|| self.is_broken().then_some(HostError::BodyNotHeld))
    }

    /// Whether a body stands under another's length.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    pub(super) fn has_calls(&self) -> bool {
        self.calls.get() > 0
    }

    pub(super) fn count_answer(&self) {
        self.calls.set(self.calls.get().saturating_sub(1));
    }

    pub(super) fn hold_body(&self, body: Option<(Side, usize)>) {
        self.body.set(body);
    }
}

pub(super) struct Door<'a> {
    proxy: &'a dyn Proxy,
    shares: &'a dyn Shares,
    owner: Owner,
    memo: &'a Memo,
}

impl<'a> Door<'a> {
    pub(super) fn new(proxy: &'a dyn Proxy, shares: &'a dyn Shares, owner: Owner, memo: &'a Memo) -> Self {
        Self { proxy, shares, owner, memo }
    }

    /// Remembers a failure, so that letting pass in spite of it is refused.
    fn noted<T>(&self, result: Result<T, HostError>) -> Result<T, HostError> {
        if let Err(error) = &result {
            self.memo.failed.replace(Some(error.clone()));
        }
        result
    }

    fn check_write(&self, side: Side, name: &str) -> Result<(), HostError> {
        let is_free = side == Side::Response || self.shares.may_write(name);
        if is_free && !header::is_framing(name) { Ok(()) } else { Err(HostError::NotDeclared) }
    }

    fn write_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.check_write(side, name)?;
        if !header::is_writable(value) {
            return Err(HostError::BadHeaderValue);
        }
        self.memo.drop_headers(side);
        self.proxy.replace_header(side, name, value)
    }

    fn erase_header(&self, side: Side, name: &str) -> Result<(), HostError> {
        self.check_write(side, name)?;
        self.memo.drop_headers(side);
        self.proxy.remove_header(side, name)
    }

    fn erase_query(&self, names: &[&str]) -> Result<(), HostError> {
        if !names.iter().all(|name| self.shares.removable_query().iter().any(|declared| declared == name)) {
            return Err(HostError::NotDeclared);
        }
        let headers = self.read_headers(Side::Request)?;
        let Some(path) = headers.first(":path") else { return Ok(()) };
        let Some(rest) = Query::of(path).map_err(|BadName| HostError::Malformed)?.without(names) else { return Ok(()) };
        self.memo.drop_headers(Side::Request);
        self.proxy.replace_header(Side::Request, ":path", &rest)
    }

    /// Takes the declared parameters out of a request that goes nowhere: the access log keeps its path.
    pub(super) fn hide_query(&self) -> Result<(), HostError> {
        let names = self.shares.removable_query();
        if names.is_empty() {
            return Ok(());
        }
        let headers = self.read_headers(Side::Request)?;
        let Some(rest) = headers.first(":path").and_then(|path| query::hidden(path, names)) else { return Ok(()) };
        self.memo.drop_headers(Side::Request);
        self.proxy.replace_header(Side::Request, ":path", &rest)
    }

    pub(super) fn read_headers(&self, side: Side) -> Result<Rc<Headers>, HostError> {
        if let Some(headers) = self.memo.headers(side).borrow().as_ref() {
            return Ok(Rc::clone(headers));
        }
        let headers = Rc::new(self.proxy.header_map(side)?);
        self.memo.headers(side).replace(Some(Rc::clone(&headers)));
        Ok(headers)
    }

    pub(super) fn read_property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        self.proxy.property(path)
    }

    pub(super) fn read_shared(&self, key: &str) -> Result<Option<Shared>, HostError> {
        self.proxy.shared(key)
    }

    pub(super) fn verdict(&self) -> &str {
        self.shares.verdict()
    }

    pub(super) fn holds_body(&self, side: Side) -> bool {
        self.memo.body.get().is_some_and(|(held, _)| held == side)
    }

    /// The length first, then the body: if the second fails the exchange is refused and nothing leaves, not even what
    /// the filter would tolerate. A body under another's length is request smuggling.
    fn write_body(&self, side: Side, body: &[u8]) -> Result<(), HostError> {
        let Some((_, buffered)) = self.memo.body.get().filter(|(held, _)| *held == side) else {
            return Err(HostError::BodyNotHeld);
        };
        if self.read_headers(side)?.first("content-length").is_some() {
            self.memo.drop_headers(side);
            self.memo.broken.set(true);
            self.proxy.replace_header(side, "content-length", body.len().to_string().as_bytes())?;
        }
        self.proxy.replace_body(side, buffered, body)?;
        self.memo.broken.set(false);
        self.memo.body.set(Some((side, body.len())));
        Ok(())
    }
}

impl Host for Door<'_> {
    fn headers(&self, side: Side) -> Result<Rc<Headers>, HostError> {
        self.noted(self.read_headers(side))
    }

    fn property(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        self.noted(self.read_property(path))
    }

    fn set_header(&self, side: Side, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.noted(self.write_header(side, name, value))
    }

    fn remove_header(&self, side: Side, name: &str) -> Result<(), HostError> {
        self.noted(self.erase_header(side, name))
    }

    fn remove_query(&self, names: &[&str]) -> Result<(), HostError> {
        self.noted(self.erase_query(names))
    }

    fn set_property(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.noted(self.proxy.set_property(name, value))
    }

    fn set_verdict(&self, value: &[u8]) -> Result<(), HostError> {
        self.noted(self.proxy.set_property(self.verdict(), value))
    }

    fn replace_body(&self, side: Side, body: &[u8]) -> Result<(), HostError> {
        self.noted(self.write_body(side, body))
    }

    fn shared(&self, key: &str) -> Result<Option<Shared>, HostError> {
        self.noted(self.read_shared(key))
    }

    /// A mismatch is an ordinary answer: read again and decide again.
    fn set_shared(&self, key: &str, value: &[u8], cas: Cas) -> Result<(), HostError> {
        if cas == Cas::Unchanged(0) {
            return Err(HostError::CasMismatch); // the host's 0 means "whatever is there"
        }
        match self.proxy.set_shared(key, value, cas) {
            Err(HostError::CasMismatch) => Err(HostError::CasMismatch),
            result => self.noted(result),
        }
    }

    fn wall(&self) -> Wall {
        self.proxy.wall()
    }

    fn monotonic(&self) -> Monotonic {
        self.proxy.monotonic()
    }

    /// A cluster that cannot be reached is an ordinary answer too: the filter says what it means.
    fn call(&self, call: &HttpCall<'_>) -> Result<Call, HostError> {
        if call.timeout.0 == 0 {
            return Err(HostError::Status(2));
        }
        let token = self.proxy.call(call)?;
        self.shares.called(token, self.owner);
        self.memo.calls.set(self.memo.calls.get().saturating_add(1));
        Ok(Call(token))
    }

    fn verify(&self, signed: &Signed<'_>) -> Result<bool, HostError> {
        self.proxy.verify(signed)
    }

    fn tick_soon(&self) {
        self.shares.tick_soon(self.proxy);
    }

    fn measure(&self, metric: Metric, value: u64) {
        self.shares.measure(self.proxy, metric, value);
    }

    fn log(&self, level: log::Level, line: &str) {
        self.shares.log(self.proxy, level, line);
    }

    fn tolerate(&self) {
        self.memo.failed.replace(None);
    }
}
