//! What a request asks the backend, one limit after the other, so that nothing is taken from those behind one that refuses.

use std::collections::VecDeque;

use portcullis::ai::outline::Outline;
use portcullis::head::Head;
use portcullis::host::Millis;
use portcullis::prelude::*;

use super::Visit;
use super::request::Denied;
use crate::asking::{Asking, Question};
use crate::backend::{Backend, told};
use crate::filter::RateLimit;
use crate::refusal::Denial;

/// How much longer than the call a request waits.
const MARGIN: Millis = Millis(1000);

/// A request on its way through the limits that its head, or its body, was enough for.
pub(super) struct Step {
    pub(super) head: Head,
    pub(super) then: Then,
}

/// What comes when they have let it pass.
pub(super) enum Then {
    /// The limits that want to know its body.
    Body,
    /// It goes on.
    Passes { asked: Outline, models: Vec<String>, has_body: bool },
}

/// A request that waits for the backend.
pub(super) struct Waiting {
    step: Step,
    open: Question,
    call: Call,
}

impl Visit {
    /// Asks what there is to ask, then goes on. When it has been silent once, it is asked no more.
    pub(super) fn ask_backend(&mut self, host: &dyn Host, filter: &RateLimit, step: Step) -> Result<Flow, Denied> {
        let Some(backend) = filter.backend.as_ref().filter(|_| !self.questions.is_empty()) else {
            return self.go_on(host, filter, step);
        };
        while let Some(question) = self.questions.pop_front() {
            let limit = question.limit();
            let asking = if self.is_silent {
                Asking::Answered(filter.unavailable(host, backend, &question))
            } else {
                filter.question(host, backend, question)
            };
            match asking {
                Asking::Open(open, call) => return Ok(self.wait(backend, Waiting { step, open, call })),
                Asking::Answered(answered) => self.note(host, filter, limit, answered)?,
            }
        }
        self.go_on(host, filter, step)
    }

    /// What the backend answered, or that it did not. The answer to a call that nobody waits for changes nothing.
    pub(super) fn hear_backend(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        call: Option<Call>,
        answer: &Answer,
    ) -> Result<Flow, Denied> {
        let Some(waiting) = self.waiting.take() else { return Ok(Flow::Continue) };
        let backend = filter.backend.as_ref().ok_or((Denial::HostFailed, None))?;
        if call.is_some_and(|call| call != waiting.call) {
            return Ok(self.wait(backend, *waiting));
        }
        let Waiting { step, open, .. } = *waiting;
        let limit = open.limit();
        let asking = if let Some(told) = told(answer) {
            filter.answered(host, backend, open, told)
        } else {
            self.is_silent = true;
            Asking::Answered(filter.unavailable(host, backend, &open))
        };
        match asking {
            Asking::Open(open, call) => Ok(self.wait(backend, Waiting { step, open, call })),
            Asking::Answered(answered) => {
                self.note(host, filter, limit, answered)?;
                self.ask_backend(host, filter, step)
            }
        }
    }

    fn wait(&mut self, backend: &Backend, waiting: Waiting) -> Flow {
        self.waiting = Some(Box::new(waiting));
        Flow::AwaitAnswer { deadline: Millis(backend.timeout.0.saturating_add(MARGIN.0)) }
    }

    fn go_on(&mut self, host: &dyn Host, filter: &RateLimit, step: Step) -> Result<Flow, Denied> {
        match step.then {
            Then::Body => self.after_head(host, filter, step.head),
            Then::Passes { asked, models, has_body } => self.pass(host, filter, &step.head, &asked, &models, has_body),
        }
    }
}

/// What is still to be asked.
pub(super) type Questions = VecDeque<Question>;
