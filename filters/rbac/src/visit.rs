//! One request and its answer: decided on the head, after the body if a rule wants to know it, and looked at once more
//! when the answer comes.

use std::rc::Rc;

use portcullis::ai::LIMITS;
use portcullis::ai::read::read;
use portcullis::ai::vocabulary::Operation;
use portcullis::prelude::*;

use crate::asked::asked;
use crate::clamp::{self, NoPlace, clamped};
use crate::facts::{Facts, Plan, is_encoded, status};
use crate::filter::Rbac;
use crate::inventory::Thing;
use crate::metrics::{CLAMPED, FILTERED};
use crate::models;
use crate::policy::{Asked, Body, Decision, Outcome, Reason};
use crate::refusal::Denial;

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
    host: String,
    operation: Operation,
    models: Vec<String>,
    /// What decides on the list that the answer is.
    list: Option<Box<Facts>>,
}

/// Headers that say something of the whole list, which is not shown.
const OF_THE_WHOLE: &[&str] = &["etag", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges"];

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let rbac = Rc::clone(&self.rbac);
        match Facts::read(host, &rbac.dialects, rbac.policy.needs()) {
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
        let decision = rbac.policy.decide(&facts.head(), &Body::Unread);
        let wants_body = decision.outcome == Outcome::NeedsBody || is_to_be_cut(&facts, &decision);
        match facts.plan() {
            _ if !wants_body => self.settle(host, rbac, facts, &decision, None),
            Plan::Await if facts.readable().is_some() && facts.is_encoded() => {
                rbac.refuse(host, Denial::ContentEncoding, Some(&decision))
            }
            Plan::Await => {
                self.stage = Stage::Body(Box::new(facts));
                Flow::AwaitBody
            }
            Plan::Empty => self.judge_without(host, rbac, facts, &Body::Empty),
            Plan::Pass => self.judge_without(host, rbac, facts, &Body::None),
        }
    }

    /// Decides on a request whose body says nothing, because there is none or because it is not read.
    fn judge_without(&mut self, host: &dyn Host, rbac: &Rbac, facts: Facts, body: &Body<'_>) -> Flow {
        let decision = rbac.policy.decide(&facts.head(), body);
        let is_uncut = matches!(body, Body::None) && is_to_be_cut(&facts, &decision);
        if is_uncut && clamp::has_output(facts.operation()) {
            return rbac.refuse(host, Reason::CapRequired.into(), Some(&decision));
        }
        self.settle(host, rbac, facts, &decision, None)
    }

    fn judge_body(&mut self, host: &dyn Host, rbac: &Rbac, facts: Facts, body: &[u8]) -> Flow {
        let Some(endpoint) = facts.readable().filter(|_| !body.is_empty()) else {
            let body = if body.is_empty() { Body::Empty } else { Body::None };
            return self.judge_without(host, rbac, facts, &body);
        };
        let reading = match read(body, endpoint.request, LIMITS) {
            Ok(reading) => reading,
            Err(fault) => return rbac.refuse(host, Denial::Body(fault), None),
        };
        let asked = asked(endpoint, facts.path(), body, &reading);
        let decision = rbac.policy.decide(&facts.head(), &Body::Read(&asked));
        if let Outcome::Allow { clamp: Some(clamp) } = decision.outcome {
            let cut = clamped(endpoint, body, &reading, &asked, clamp);
            if let Err(reason) = replace(host, cut) {
                return rbac.refuse(host, reason.into(), Some(&decision));
            }
        }
        self.settle(host, rbac, facts, &decision, Some(asked))
    }

    fn settle(
        &mut self,
        host: &dyn Host,
        rbac: &Rbac,
        facts: Facts,
        decision: &Decision<'_>,
        asked: Option<Asked>,
    ) -> Flow {
        if !matches!(decision.outcome, Outcome::Allow { .. }) {
            return rbac.refuse(host, decision.reason.into(), Some(decision));
        }
        match rbac.grant(host, &facts, decision) {
            Ok(()) => {
                self.stage = Stage::Answer(Box::new(Passed::of(rbac, facts, asked)));
                Flow::Continue
            }
            Err(_) => rbac.refuse(host, Reason::HostFailed.into(), Some(decision)),
        }
    }
}

// The answer.
impl Visit {
    fn judge_answer(&mut self, host: &dyn Host, passed: Passed) -> Result<Flow, Denial> {
        let route = host.property(&["xds", "route_name"]).map_err(|_| Reason::HostFailed)?;
        if route != passed.route {
            return Err(Reason::RouteMoved.into());
        }
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let status = status(&headers);
        if status.starts_with('2') {
            self.rbac.inventory.note(host, passed.things());
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
        let may_use = |model: &str| self.rbac.policy.may_use(&head, model);
        let filtered = models::filtered(body, &may_use).map_err(|models::NotReadable| Denial::ListNotReadable)?;
        let Some(list) = filtered else { return Ok(()) };
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let present = OF_THE_WHOLE.iter().filter(|name| headers.first(name).is_some());
        let written = present.into_iter().try_for_each(|name| host.remove_header(Side::Response, name));
        written.and_then(|()| host.replace_body(Side::Response, &list)).map_err(|_| Reason::HostFailed)?;
        host.measure(FILTERED, 1);
        Ok(())
    }
}

impl Passed {
    fn of(rbac: &Rbac, facts: Facts, asked: Option<Asked>) -> Self {
        let mut models: Vec<String> = facts.models().cloned().collect();
        models.extend(asked.into_iter().flat_map(|asked| asked.models));
        Self {
            route: facts.route.clone(),
            host: facts.host(),
            operation: facts.operation(),
            models,
            list: rbac.shows_list(&facts).then(|| Box::new(facts)),
        }
    }

    fn things(&self) -> impl Iterator<Item = Thing<'_>> {
        let models = self.models.iter().map(|model| Thing::Model(model));
        [Thing::Host(&self.host), Thing::Operation(self.operation.word())].into_iter().chain(models)
    }
}

/// Whether a rule cuts what the request says.
fn is_to_be_cut(facts: &Facts, decision: &Decision<'_>) -> bool {
    matches!(decision.outcome, Outcome::Allow { clamp: Some(_) }) && !facts.is_lookup()
}

fn replace(host: &dyn Host, cut: Result<Option<Vec<u8>>, NoPlace>) -> Result<(), Reason> {
    let Some(body) = cut.map_err(|NoPlace| Reason::CapRequired)? else { return Ok(()) };
    host.replace_body(Side::Request, &body).map_err(|_| Reason::HostFailed)?;
    host.measure(CLAMPED, 1);
    Ok(())
}
