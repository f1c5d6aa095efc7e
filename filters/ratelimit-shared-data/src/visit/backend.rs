//! What a request asks the backend, one limit after the other, so that nothing is taken from those behind one that refuses.

use std::collections::VecDeque;

use portcullis::ai::outline::Outline;
use portcullis::head::Head;
use portcullis::host::Millis;
use portcullis::prelude::*;

use super::Visit;
use super::request::Denied;
use crate::backend::{Backend, told};
use crate::counted::{Asking, Question};
use crate::filter::RateLimit;
use crate::refusal::Denial;
use crate::taken::Answered;

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
}

impl Visit {
    /// Asks what there is to ask, then goes on.
    pub(super) fn ask_backend(&mut self, host: &dyn Host, filter: &RateLimit, step: Step) -> Result<Flow, Denied> {
        let Some(backend) = filter.backend.as_ref().filter(|_| !self.questions.is_empty()) else {
            return self.go_on(host, filter, step);
        };
        while let Some(question) = self.questions.pop_front() {
            let limit = question.limit();
            match filter.question(host, backend, question) {
                Asking::Open(open) => return Ok(self.wait(backend, step, open)),
                Asking::Answered(answered) => self.note(host, filter, limit, answered)?,
            }
        }
        self.go_on(host, filter, step)
    }

    /// What the backend answered, or that it did not.
    pub(super) fn hear_backend(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        answer: &Answer,
    ) -> Result<Flow, Denied> {
        let failed = || (Denial::HostFailed, None);
        let Waiting { step, open } = *self.waiting.take().ok_or_else(failed)?;
        let backend = filter.backend.as_ref().ok_or_else(failed)?;
        let limit = open.limit();
        match filter.answered(host, backend, open, told(answer)) {
            Asking::Open(open) => Ok(self.wait(backend, step, open)),
            Asking::Answered(answered) => {
                self.note(host, filter, limit, answered)?;
                self.ask_backend(host, filter, step)
            }
        }
    }

    fn wait(&mut self, backend: &Backend, step: Step, open: Question) -> Flow {
        self.waiting = Some(Box::new(Waiting { step, open }));
        Flow::AwaitAnswer { deadline: Millis(backend.timeout.0.saturating_add(MARGIN.0)) }
    }

    /// Notes what came of asking a limit; in shadow a refusal is only told.
    pub(super) fn note(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        limit: usize,
        answered: Answered,
    ) -> Result<(), Denied> {
        match answered {
            Answered::Given(taken, shown) => {
                self.taken.push(taken);
                let spike = shown.filter(|shown| shown.unusual.is_spike).map(|shown| shown.limit);
                self.spiking = self.spiking.or(spike);
                self.shown.extend(shown);
                Ok(())
            }
            Answered::Uncounted => Ok(()),
            Answered::Denied(denial, shown) => {
                self.shown.extend(shown);
                self.refused(host, filter, limit, denial)
            }
        }
    }

    /// A limit refuses.
    pub(super) fn refused(
        &mut self,
        host: &dyn Host,
        filter: &RateLimit,
        limit: usize,
        denial: Denial,
    ) -> Result<(), Denied> {
        if !filter.limits.get(limit).is_some_and(|limit| limit.is_shadow) {
            return Err((denial, Some(limit)));
        }
        host.tolerate();
        self.shadowed = self.shadowed.or(Some(limit));
        Ok(())
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
