//! One request and its answer: held against a contract on the head, after the body, and when the answer comes.

use std::rc::Rc;

use portcullis::http::header::{Headers, OF_THE_WHOLE};
use portcullis::prelude::*;
use portcullis::select::Subject;

use crate::check::Check;
use crate::config::{Responses, Unmatched};
use crate::expected::{Body, answer_of, body_of};
use crate::filter::{About, SchemaCheck};
use crate::metrics::{ALLOWED, ANSWER_REDACTED, ANSWER_VALID, UNMATCHED};
use crate::policy::{Content, Given, NoOperation, Operation, Rule};
use crate::redact::redacted;
use crate::refusal::{Denial, Reason};
use crate::stream::Stream;

/// One request and its answer.
pub struct Visit {
    filter: Rc<SchemaCheck>,
    about: About,
    is_head: bool,
    stage: Stage,
}

/// What is known and not yet needed.
enum Stage {
    /// Nothing, or nothing more.
    Idle,
    /// What the body of the request must be.
    Body(Body),
    /// A body that is read while it passes.
    Stream(Box<Stream>),
    /// What the body of the answer must be.
    AnswerBody(Rc<Content>),
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_head(host, &filter).unwrap_or_else(|denial| filter.refuse(host, &self.about, denial))
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        let judged = match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Body(expected) => self.judge_body(&filter, &expected, body),
            _ => Err(Reason::HostFailed.into()),
        };
        let granted = judged.map(|()| filter.grant(host, &self.about, ALLOWED));
        granted.unwrap_or_else(|denial| filter.refuse(host, &self.about, denial))
    }

    fn on_chunk(&mut self, host: &dyn Host, _: Side, chunk: &[u8], last: bool) -> Pass {
        let filter = Rc::clone(&self.filter);
        let Stage::Stream(stream) = &mut self.stage else { return Pass::Same };
        let Some(rule) = filter.rule(&self.about) else { return Pass::Same };
        let flow = match stream.push(Check::of(&filter.policy, rule), chunk, last) {
            Ok(()) if !last => return Pass::Same,
            Ok(()) => filter.grant(host, &self.about, ALLOWED),
            Err(denial) => {
                self.stage = Stage::Idle;
                filter.refuse(host, &self.about, denial)
            }
        };
        if let Flow::Reply(reply) = flow { Pass::Refuse(reply) } else { Pass::Same }
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_answer(host, &filter).unwrap_or_else(|denial| filter.refuse_answer(host, &self.about, &denial))
    }

    fn on_response_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        let Stage::AnswerBody(content) = std::mem::replace(&mut self.stage, Stage::Idle) else { return Flow::Continue };
        let judged = self.judge_answer_body(host, &filter, content.schema.as_deref(), body);
        judged.unwrap_or_else(|denial| filter.refuse_answer(host, &self.about, &denial))
    }
}

// The request.
impl Visit {
    pub(crate) fn new(filter: Rc<SchemaCheck>) -> Self {
        Self { filter, about: About::default(), is_head: false, stage: Stage::Idle }
    }

    fn judge_head(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let headers = host.headers(Side::Request).map_err(|_| Reason::HostFailed)?;
        let subject = subject(host, filter, &headers)?;
        self.about.rule = filter.policy.find(&subject);
        let Some(rule) = filter.rule(&self.about) else {
            return match filter.policy.unmatched {
                Unmatched::Pass => Ok(filter.grant(host, &self.about, UNMATCHED)),
                Unmatched::Deny => Err(Reason::UnknownOperation.into()),
            };
        };
        let path = subject.path().ok_or(Reason::Ambiguous)?;
        let (operation, captures) = rule.contract.find(subject.method(), path).map_err(no_operation)?;
        self.about.operation = Some(Rc::clone(&operation));
        self.is_head = subject.method() == "HEAD";
        if rule.responses != Responses::Pass && headers.first("accept-encoding").is_some() {
            host.remove_header(Side::Request, "accept-encoding").map_err(|_| Reason::HostFailed)?;
        }
        let given = Given::of(captures, &headers).map_err(|_| Reason::Ambiguous)?;
        let faults = operation.faults(&filter.policy.reading, &rule.contract.requests, given);
        if !faults.is_empty() {
            return Err(Denial::about(Reason::Parameter, faults));
        }
        self.await_body(host, filter, &operation, rule, &headers)
    }

    fn await_body(
        &mut self,
        host: &dyn Host,
        filter: &SchemaCheck,
        operation: &Operation,
        rule: &Rule,
        headers: &Headers,
    ) -> Result<Flow, Denial> {
        match body_of(operation, headers, &rule.files)? {
            Body::Unseen => Ok(filter.grant(host, &self.about, ALLOWED)),
            Body::Stream(stream) => {
                let window = stream.window();
                self.stage = Stage::Stream(stream);
                Ok(Flow::Stream(Streaming { edits: false, window }))
            }
            expected => {
                self.stage = Stage::Body(expected);
                Ok(Flow::AwaitBody)
            }
        }
    }

    fn judge_body(&self, filter: &SchemaCheck, expected: &Body, body: &[u8]) -> Result<(), Denial> {
        let rule = filter.rule(&self.about).ok_or(Reason::HostFailed)?;
        let check = Check::of(&filter.policy, rule);
        match expected {
            Body::Unseen => Ok(()),
            Body::None if body.is_empty() => Ok(()),
            Body::None => Err(Reason::BodyUnexpected.into()),
            Body::Json { is_required, .. } | Body::Pairs { is_required, .. } | Body::Unsaid { is_required }
                if body.is_empty() =>
            {
                if *is_required {
                    Err(Reason::BodyMissing.into())
                } else {
                    Ok(())
                }
            }
            Body::Unsaid { .. } => Err(Reason::ContentType.into()),
            Body::Json { content, .. } => check.json(content.schema.as_deref(), body, ""),
            Body::Pairs { content, .. } => check.pairs(content, body),
            Body::Stream(_) => Err(Reason::HostFailed.into()),
        }
    }
}

// The answer.
impl Visit {
    /// Whatever became of the request: one that passed in shadow has an answer all the same.
    fn judge_answer(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let (Some(operation), Some(rule)) = (&self.about.operation, filter.rule(&self.about)) else {
            return Ok(Flow::Continue);
        };
        if rule.responses == Responses::Pass {
            return Ok(Flow::Continue);
        }
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        if let Some(content) = answer_of(operation, self.is_head, &headers)? {
            self.stage = Stage::AnswerBody(content);
            return Ok(Flow::AwaitBody);
        }
        host.measure(ANSWER_VALID, 1);
        Ok(Flow::Continue)
    }

    fn judge_answer_body(
        &self,
        host: &dyn Host,
        filter: &SchemaCheck,
        schema: Option<&str>,
        body: &[u8],
    ) -> Result<Flow, Denial> {
        let rule = filter.rule(&self.about).ok_or(Reason::HostFailed)?;
        let (reading, schemas) = (&filter.policy.reading, &rule.contract.answers);
        let Err(unfit) = reading.hold(schemas, schema, body) else {
            host.measure(ANSWER_VALID, 1);
            return Ok(Flow::Continue);
        };
        let denial = Denial::of_answer(unfit);
        let may_redact = rule.responses == Responses::Redact && denial.reason == Reason::AnswerSchema;
        let Some(schema) = schema.filter(|_| may_redact) else { return Err(denial) };
        let left = redacted(reading, schemas, schema, body).ok_or(denial)?;
        host.replace_body(Side::Response, &left).map_err(|_| Reason::HostFailed)?;
        for name in OF_THE_WHOLE {
            host.remove_header(Side::Response, name).map_err(|_| Reason::HostFailed)?;
        }
        host.measure(ANSWER_REDACTED, 1);
        Ok(Flow::Continue)
    }
}

fn subject(host: &dyn Host, filter: &SchemaCheck, headers: &Headers) -> Result<Subject, Reason> {
    let needs = filter.policy.needs();
    let route = if needs.route { host.property(&["xds", "route_name"]).map_err(|_| Reason::HostFailed)? } else { None };
    Subject::read(headers, route.as_deref(), needs).map_err(|_| Reason::Ambiguous)
}

fn no_operation(why: NoOperation) -> Denial {
    match why {
        NoOperation::Path => Reason::UnknownOperation.into(),
        NoOperation::Method(allow) => Denial { allow: Some(allow), ..Reason::Method.into() },
    }
}
