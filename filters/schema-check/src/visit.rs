//! One request and its answer: held against a contract on the head, after the body, and when the answer comes.

use std::rc::Rc;

use portcullis::http::header::{Headers, OF_THE_WHOLE};
use portcullis::prelude::*;
use portcullis::select::Subject;

use crate::check::{Body, body_of, holds, holds_pairs, holds_request, steps};
use crate::config::{Responses, Unmatched};
use crate::filter::{About, SchemaCheck};
use crate::metrics::{ALLOWED, ANSWER_REDACTED, ANSWER_VALID, UNMATCHED};
use crate::policy::{Given, NoOperation, Operation, Rule};
use crate::redact::redacted;
use crate::refusal::{Denial, Reason};
use crate::stream::{Against, Stream};

/// One request and its answer.
pub struct Visit {
    filter: Rc<SchemaCheck>,
    about: About,
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
    /// The answer is looked at: the place of the operation in the contract.
    Answer { method: String, path: Vec<u8> },
    /// The schema that the body of the answer must fit, if there is one.
    AnswerBody(Option<String>),
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
        let settled = judged.map(|()| self.settle(host, &filter));
        settled.unwrap_or_else(|denial| filter.refuse(host, &self.about, denial))
    }

    fn on_chunk(&mut self, host: &dyn Host, _: Side, chunk: &[u8], last: bool) -> Pass {
        let filter = Rc::clone(&self.filter);
        let Stage::Stream(stream) = &mut self.stage else { return Pass::Same };
        let Some(rule) = self.about.rule.and_then(|rule| filter.policy.rules.get(rule)) else { return Pass::Same };
        let against = Against { policy: &filter.policy, schemas: &rule.contract.requests };
        let flow = match stream.push(against, chunk, last) {
            Ok(()) if !last => return Pass::Same,
            Ok(()) => self.settle(host, &filter),
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
        let Stage::AnswerBody(schema) = std::mem::replace(&mut self.stage, Stage::Idle) else { return Flow::Continue };
        let judged = self.judge_answer_body(host, &filter, schema.as_deref(), body);
        judged.unwrap_or_else(|denial| filter.refuse_answer(host, &self.about, &denial))
    }
}

// The request.
impl Visit {
    pub(crate) fn new(filter: Rc<SchemaCheck>) -> Self {
        Self { filter, about: About::default(), stage: Stage::Idle }
    }

    fn judge_head(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let headers = host.headers(Side::Request).map_err(|_| Reason::HostFailed)?;
        let subject = subject(host, filter, &headers)?;
        let Some(at) = filter.policy.find(&subject) else {
            return match filter.policy.unmatched {
                Unmatched::Pass => Ok(filter.grant(host, &self.about, UNMATCHED)),
                Unmatched::Deny => Err(Reason::UnknownOperation.into()),
            };
        };
        self.about.rule = Some(at);
        let rule = filter.policy.rules.get(at).ok_or(Reason::HostFailed)?;
        let path = subject.path().ok_or(Reason::Ambiguous)?;
        let (operation, captures) = rule.contract.find(subject.method(), path).map_err(no_operation)?;
        self.about.operation = Some(operation.name.clone());
        let given = Given::of(captures, &headers).map_err(|_| Reason::Ambiguous)?;
        let faults = operation.faults(&rule.contract.requests, given);
        if !faults.is_empty() {
            return Err(Denial::about(Reason::Parameter, faults));
        }
        if rule.responses != Responses::Pass && headers.first("accept-encoding").is_some() {
            host.remove_header(Side::Request, "accept-encoding").map_err(|_| Reason::HostFailed)?;
        }
        self.await_body(host, filter, operation, &headers)
    }

    fn await_body(
        &mut self,
        host: &dyn Host,
        filter: &SchemaCheck,
        operation: &Operation,
        headers: &Headers,
    ) -> Result<Flow, Denial> {
        let files = &self.rule(filter).ok_or(Reason::HostFailed)?.files;
        match body_of(operation, headers, files)? {
            Body::Unseen => Ok(self.settle(host, filter)),
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
        let rule = self.rule(filter).ok_or(Reason::HostFailed)?;
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
            Body::Json { schema, .. } => holds_request(&filter.policy, rule, schema.as_deref(), body),
            Body::Pairs { content, .. } => holds_pairs(&filter.policy, rule, content, body),
            Body::Stream(_) => Err(Reason::HostFailed.into()),
        }
    }

    fn settle(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Flow {
        let looks_at_answer = self.rule(filter).is_some_and(|rule| rule.responses != Responses::Pass);
        if looks_at_answer {
            let Ok(headers) = host.headers(Side::Request) else {
                return filter.refuse(host, &self.about, Reason::HostFailed.into());
            };
            let method = String::from_utf8_lossy(headers.first(":method").unwrap_or_default()).into_owned();
            self.stage = Stage::Answer { method, path: headers.first(":path").unwrap_or_default().to_vec() };
        }
        filter.grant(host, &self.about, ALLOWED)
    }

    fn rule<'f>(&self, filter: &'f SchemaCheck) -> Option<&'f Rule> {
        filter.policy.rules.get(self.about.rule?)
    }
}

// The answer.
impl Visit {
    fn judge_answer(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let Stage::Answer { method, path } = std::mem::replace(&mut self.stage, Stage::Idle) else {
            return Ok(Flow::Continue);
        };
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let rule = self.rule(filter).ok_or(Reason::HostFailed)?;
        let path = portcullis::http::path::Canonical::read(&path).map_err(|_| Reason::HostFailed)?;
        let (operation, _) = rule.contract.find(&method, &path).map_err(no_operation)?;
        match crate::check::answer_of(operation, &method, &headers)? {
            None => {
                host.measure(ANSWER_VALID, 1);
                Ok(Flow::Continue)
            }
            Some(schema) => {
                self.stage = Stage::AnswerBody(schema);
                Ok(Flow::AwaitBody)
            }
        }
    }
}

impl Visit {
    fn judge_answer_body(
        &self,
        host: &dyn Host,
        filter: &SchemaCheck,
        schema: Option<&str>,
        body: &[u8],
    ) -> Result<Flow, Denial> {
        let rule = self.rule(filter).ok_or(Reason::HostFailed)?;
        let (policy, schemas) = (&filter.policy, &rule.contract.answers);
        let Err(denial) = holds(policy, schemas, schema, body).map_err(of_answer) else {
            host.measure(ANSWER_VALID, 1);
            return Ok(Flow::Continue);
        };
        let may_redact = rule.responses == Responses::Redact && denial.reason == Reason::AnswerSchema;
        let Some(schema) = schema.filter(|_| may_redact) else { return Err(denial) };
        let left = redacted(schemas, schema, body, policy.limits, steps(body.len())).ok_or(denial)?;
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

/// The same fault, of the server.
fn of_answer(denial: Denial) -> Denial {
    let reason = match denial.reason {
        Reason::Json | Reason::TooComplex => Reason::AnswerJson,
        Reason::Schema => Reason::AnswerSchema,
        other => other,
    };
    Denial { reason, ..denial }
}
