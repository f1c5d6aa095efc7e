//! One request and its answer: held until its body was looked at whole.

mod body;
mod head;
mod moderate;
mod read;
mod told;
mod written;

use std::rc::Rc;

use portcullis::prelude::*;

use crate::facts::Facts;
use crate::filter::PromptGuard;
use crate::mask::Masks;
use crate::moderation::Question;
use crate::refusal::Reason;
use body::Judged;
use written::Written;

/// One request and its answer.
pub struct Visit {
    filter: Rc<PromptGuard>,
    /// The head of a request whose body is awaited.
    facts: Option<Box<Facts>>,
    /// What waits for the judgement of a service.
    pending: Option<Box<Pending>>,
    /// What was written instead of values.
    masks: Option<Masks>,
}

/// A request that waits for the judgement of a service.
struct Pending {
    judged: Judged,
    written: Written,
    question: Question,
}

impl Visit {
    pub(crate) fn new(filter: Rc<PromptGuard>) -> Self {
        Self { filter, facts: None, pending: None, masks: None }
    }

    /// What was written instead of values in this request, and which value that was.
    pub fn masked(&self) -> impl Iterator<Item = (&str, &str)> {
        self.masks.iter().flat_map(Masks::values)
    }
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_head(host, &filter).unwrap_or_else(|denial| filter.refuse(host, None, denial))
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        match self.facts.take() {
            Some(facts) => self.judge_body(host, &filter, *facts, body),
            None => filter.refuse(host, None, Reason::HostFailed.into()),
        }
    }

    fn on_answer(&mut self, host: &dyn Host, _: Option<Call>, answer: &Answer) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.hear(host, &filter, answer)
    }

    /// A question that nobody waits for is no longer open.
    fn on_end(&mut self, _: &dyn Host, _: &End) {
        self.pending = None;
    }
}
