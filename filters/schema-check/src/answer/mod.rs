//! Answers that stream, looked at while they pass: each event by the contract, and what the model says in all of them by the
//! format that the request asked for.
//!
//! Where an answer may be refused, nothing of an event or line passes before all of it was looked at.

mod events;
mod held;
mod said;

use std::rc::Rc;

use portcullis::ai::dialect::Dialect;
use portcullis::ai::endpoint::Endpoint;
use portcullis::http::stream::Framing;
use portcullis::prelude::Pass;

use crate::policy::{Content, Reading, Rule};
use crate::refusal::{Denial, Reason};

use events::Events;
use held::Held;
pub(crate) use said::Said;

/// The longest event, and the longest text of a structured output: an event has the whole of an answer at its end.
pub(crate) const MAX_BYTES: usize = 256 << 10;

/// An answer in the middle of being looked at.
pub(crate) struct Streamed {
    framing: Framing,
    /// By the contract; `None` once there is nothing to look for.
    events: Option<Events>,
    /// By the format of the request.
    said: Option<Said>,
    held: Option<Held>,
    /// How cut answers end.
    endpoint: Option<&'static Endpoint>,
}

impl Streamed {
    /// At the beginning of an answer in this framing. `may_be_refused` holds back what was not looked at.
    pub(crate) fn new(
        framing: Framing,
        content: Option<Rc<Content>>,
        said: Option<Said>,
        endpoint: Option<&'static Endpoint>,
        may_be_refused: bool,
    ) -> Self {
        let has_ends = matches!(framing, Framing::Sse | Framing::Ndjson);
        Self {
            framing,
            events: content.map(|content| Events::new(framing, content)),
            said,
            held: (may_be_refused && has_ends).then(|| Held::new(framing)),
            endpoint,
        }
    }

    /// Whether pieces may be held back.
    pub(crate) fn edits(&self) -> bool {
        self.held.is_some()
    }

    /// How many bytes of it are kept at most.
    pub(crate) fn window(&self) -> usize {
        let of = |is_there: bool, bytes: usize| if is_there { bytes } else { 0 };
        let looked_at = of(self.events.is_some(), MAX_BYTES).saturating_add(of(self.said.is_some(), Said::WINDOW));
        looked_at.saturating_add(of(self.held.is_some(), MAX_BYTES))
    }

    /// Looks at the next piece; `last` comes once. What is at fault is not looked at any further.
    pub(crate) fn look(&mut self, reading: &Reading, rule: &Rule, piece: &[u8], last: bool) -> Vec<Denial> {
        let by_contract = self.events.as_mut().and_then(|events| events.push(reading, rule, piece, last).err());
        if by_contract.is_some() {
            self.events = None;
        }
        let by_format = self.said.as_mut().and_then(|said| said.push(reading, piece, last).err());
        if by_format.is_some() {
            self.said = None;
        }
        by_contract.into_iter().chain(by_format).collect()
    }

    /// What passes of a piece that was looked at. An event is not so long, or it was refused; comments may be.
    pub(crate) fn pass(&mut self, piece: &[u8], last: bool) -> Result<Pass, Denial> {
        let passed = self.held.as_mut().map_or(Some(Pass::Same), |held| held.pass(piece, last));
        passed.ok_or_else(|| Reason::AnswerJson.into())
    }

    /// What becomes of an answer that is refused: its API's own words for an end in error, where bytes may be changed.
    pub(crate) fn cut(&self, denial: &Denial) -> Pass {
        // A client of JSON-RPC looks for its own `id`, which is not known here.
        let is_rpc = |endpoint: &&Endpoint| matches!(endpoint.dialect, Dialect::Mcp | Dialect::A2a);
        match self.endpoint.filter(|endpoint| self.edits() && !is_rpc(endpoint)) {
            Some(endpoint) => Pass::Stop(denial.ending(endpoint, self.framing)),
            // What is wrong with an answer is the operator's to know.
            None => Pass::Refuse(Denial::from(denial.reason).reply()),
        }
    }
}
