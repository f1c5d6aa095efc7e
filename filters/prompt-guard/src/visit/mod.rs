//! One request and its answer: held until its body was looked at whole.

mod body;
mod head;

use std::rc::Rc;

use portcullis::prelude::*;

use crate::facts::Facts;
use crate::filter::PromptGuard;
use crate::mask::Masks;
use crate::refusal::Reason;

/// One request and its answer.
pub struct Visit {
    filter: Rc<PromptGuard>,
    /// The head of a request whose body is awaited.
    facts: Option<Box<Facts>>,
    /// What was written instead of values.
    masks: Option<Masks>,
}

impl Visit {
    pub(crate) fn new(filter: Rc<PromptGuard>) -> Self {
        Self { filter, facts: None, masks: None }
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
}
