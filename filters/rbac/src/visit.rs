//! One request and its answer: decided on the head, after the body if a rule wants to know it, and looked at once more
//! when the answer comes.

use std::rc::Rc;

use portcullis::ai::outline::{self, Outline};
use portcullis::http::header::{OF_THE_WHOLE, is_encoded};
use portcullis::prelude::*;

use crate::facts::{Facts, route, status};
use crate::filter::{Rbac, strip};
use crate::inventory::{Sighting, Thing};
use crate::metrics::{CLAMPED, FILTERED};
use crate::models;
use crate::policy::Reason;
use crate::refusal::Denial;
use crate::step::{self, Judged, Step, Told};

/// One request and its answer.
pub struct Visit {
    rbac: Rc<Rbac>,
    stage: Stage,
}

/// What is known and not yet needed.
enum Stage {
    /// Nothing, or nothing more.
    Idle,
    /// The head of a request whose body is awaited.
    Body(Box<Facts>),
    /// What to look at when the answer comes.
    Answer(Box<Passed>),
    /// The head of a request whose answer is a list that is awaited.
    List(Box<Facts>),
}

/// A request that went on.
struct Passed {
    /// Where it went.
    route: Option<Vec<u8>>,
    /// What it asks for that is new, if that is remembered.
    unseen: Vec<Sighting>,
    /// What decides on the list that the answer is.
    list: Option<Box<Facts>>,
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let rbac = Rc::clone(&self.rbac);
        match Facts::read(host, &rbac) {
            Ok(facts) if rbac.refuses_override(&facts) => rbac.refuse(host, Denial::MethodOverride, None),
            Ok(facts) => self.judge_head(host, &rbac, facts),
            Err(reason) => rbac.refuse(host, reason.into(), None),
        }
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let rbac = Rc::clone(&self.rbac);
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Body(facts) => self.judge_body(host, &rbac, *facts, body),
            _ => rbac.refuse(host, Reason::NeedsBody.into(), None),
        }
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Answer(passed) => {
                let rbac = Rc::clone(&self.rbac);
                self.judge_answer(host, *passed).unwrap_or_else(|denial| rbac.refuse_answer(host, denial))
            }
            _ => Flow::Continue,
        }
    }

    fn on_response_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let shown = match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::List(facts) => self.show_list(host, &facts, body),
            _ => Err(Denial::ListNotReadable),
        };
        shown.map_or_else(|denial| self.rbac.refuse_answer(host, denial), |()| Flow::Continue)
    }
}

// The request.
impl Visit {
    pub(crate) fn new(rbac: Rc<Rbac>) -> Self {
        Self { rbac, stage: Stage::Idle }
    }

    fn judge_head(&mut self, host: &dyn Host, rbac: &Rbac, facts: Facts) -> Flow {
        match step::of_head(&rbac.policy, &facts) {
            Step::Await => {
                self.stage = Stage::Body(Box::new(facts));
                Flow::AwaitBody
            }
            Step::Unreadable(decision, denial) => rbac.refuse(host, denial, Some(&decision)),
            Step::Judged(judged) => self.settle(host, rbac, facts, judged),
        }
    }

    fn judge_body(&mut self, host: &dyn Host, rbac: &Rbac, facts: Facts, body: &[u8]) -> Flow {
        match step::of_body(&rbac.policy, &facts, body) {
            Ok(judged) => self.settle(host, rbac, facts, judged),
            Err(fault) => rbac.refuse(host, Denial::Body(fault), None),
        }
    }

    fn settle(&mut self, host: &dyn Host, rbac: &Rbac, facts: Facts, judged: Judged<'_>) -> Flow {
        if let Some(denial) = judged.denial() {
            return rbac.refuse(host, denial, Some(&judged.decision));
        }
        if rbac.hides(&facts) {
            return rbac.refuse(host, Reason::ModelNotAllowed.into(), Some(&judged.decision));
        }
        let Judged { decision, told, cut, outline } = judged;
        let replaced = cut.ok().flatten().map_or(Ok(()), |body| replace(host, &body));
        let replaced = replaced.and_then(|()| tell(host, outline.as_deref()));
        match replaced.and_then(|()| rbac.grant(host, &facts, &decision)) {
            Ok(()) => {
                self.stage = Stage::Answer(Box::new(Passed::of(rbac, facts, &told)));
                Flow::Continue
            }
            Err(_) => rbac.refuse(host, Reason::HostFailed.into(), Some(&decision)),
        }
    }
}

// The answer.
impl Visit {
    fn judge_answer(&mut self, host: &dyn Host, passed: Passed) -> Result<Flow, Denial> {
        if self.rbac.policy.needs().route && route(host).map_err(|_| Reason::HostFailed)? != passed.route {
            return Err(Reason::RouteMoved.into());
        }
        if passed.list.is_none() && passed.unseen.is_empty() {
            return Ok(Flow::Continue);
        }
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let status = status(&headers);
        if status.starts_with('2') {
            self.rbac.inventory.note(host, &passed.unseen);
        }
        match passed.list {
            Some(_) if status == "200" && is_encoded(&headers) => Err(Denial::ListNotReadable),
            Some(facts) if status == "200" => {
                self.stage = Stage::List(facts);
                Ok(Flow::AwaitBody)
            }
            // A part of a list, or what no API answers: only errors and answers without a body are shown as they are.
            Some(_) if status.starts_with('2') && status != "204" => Err(Denial::ListNotReadable),
            _ => Ok(Flow::Continue),
        }
    }

    fn show_list(&self, host: &dyn Host, facts: &Facts, body: &[u8]) -> Result<(), Denial> {
        let head = facts.head();
        let usable = self.rbac.policy.usable(&head);
        let filtered = models::filtered(body, &|model| usable.has(model))
            .map_err(|models::NotReadable| Denial::ListNotReadable)?;
        let Some(list) = filtered else { return Ok(()) };
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let stripped = strip(host, Side::Response, &headers, OF_THE_WHOLE);
        stripped.and_then(|()| host.replace_body(Side::Response, &list)).map_err(|_| Reason::HostFailed)?;
        host.measure(FILTERED, 1);
        Ok(())
    }
}

impl Passed {
    fn of(rbac: &Rbac, mut facts: Facts, told: &Told) -> Self {
        let models = facts.models().chain(told.models()).map(|model| Thing::Model(model));
        let (host, operation) = (facts.host(), facts.operation().word());
        let things = [Thing::Host(&host), Thing::Operation(operation)].into_iter().chain(models);
        Self {
            unseen: rbac.inventory.unseen(things),
            route: facts.route.take(),
            list: rbac.shows_list(&facts).then(|| Box::new(facts)),
        }
    }
}

/// Tells what the body asks for that goes on. One that is too large to be told is read by who wants to know.
fn tell(host: &dyn Host, outline: Option<&Outline>) -> Result<(), HostError> {
    outline.and_then(Outline::to_state).map_or(Ok(()), |state| host.set_property(outline::STATE, &state))
}

fn replace(host: &dyn Host, body: &[u8]) -> Result<(), HostError> {
    host.replace_body(Side::Request, body)?;
    host.measure(CLAMPED, 1);
    Ok(())
}
