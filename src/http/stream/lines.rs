//! Lines out of pieces: what server-sent events and NDJSON have in common.

use std::borrow::Cow;

use super::{Border, Fault};

/// LF, CR or CR LF ends a line.
pub(super) struct Lines {
    /// The beginning of the line whose end has not come; never longer than `max`.
    carried: Vec<u8>,
    /// A CR was the last byte: an LF that follows ends no line of its own.
    after_cr: bool,
    /// The line in hand, or the last one, began behind a CR alone: readers that split at LF see no line begin there.
    pub(super) is_behind_cr: bool,
    /// How many bytes were read since the last border, line ends too.
    begun: usize,
    max: usize,
}

impl Lines {
    pub(super) fn new(max: usize) -> Self {
        Self { carried: Vec::new(), after_cr: false, is_behind_cr: false, begun: 0, max }
    }

    /// The next line that ends in `rest`, without its end, and `rest` what is behind it. `None`: all of it was read.
    pub(super) fn next<'a>(&mut self, rest: &mut &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        self.begin(rest);
        let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else {
            self.begun = self.begun.saturating_add(rest.len());
            self.carry(std::mem::take(rest))?;
            return Ok(None);
        };
        self.begun = self.begun.saturating_add(end).saturating_add(1);
        let (line, tail) = rest.split_at_checked(end).unwrap_or_default();
        self.after_cr = tail.first() == Some(&b'\r');
        *rest = tail.get(1..).unwrap_or_default();
        if self.carried.is_empty() {
            return if line.len() > self.max { Err(Fault::TooLarge) } else { Ok(Some(Cow::Borrowed(line))) };
        }
        self.carry(line)?;
        Ok(Some(Cow::Owned(std::mem::take(&mut self.carried))))
    }

    /// A frame, if there was one, has ended with the line in hand.
    pub(super) fn settle(&mut self) {
        self.begun = 0;
    }

    pub(super) fn border(&self) -> Border {
        Border { begun: self.begun, is_behind_cr: self.after_cr }
    }

    /// What stands behind the last line end; `None` when nothing does.
    pub(super) fn last(&mut self) -> Option<Vec<u8>> {
        (!self.carried.is_empty()).then(|| std::mem::take(&mut self.carried))
    }

    /// Passes over the LF of a CR LF, and notes how the line behind it begins.
    fn begin(&mut self, rest: &mut &[u8]) {
        let (after_cr, Some((first, tail))) = (self.after_cr, rest.split_first()) else { return };
        if self.carried.is_empty() {
            self.is_behind_cr = after_cr && *first != b'\n';
        }
        self.after_cr = false;
        if after_cr && *first == b'\n' {
            // At a border it belongs to what ended there.
            self.begun = self.begun.saturating_add(usize::from(self.begun > 0));
            *rest = tail;
        }
    }

    fn carry(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.carried.len().saturating_add(bytes.len()) > self.max {
            return Err(Fault::TooLarge);
        }
        self.carried.extend_from_slice(bytes);
        Ok(())
    }
}
