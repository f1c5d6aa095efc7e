//! The request, held against a contract on the head, and on the body.

use std::rc::Rc;

use portcullis::http::header::Headers;
use portcullis::prelude::*;
use portcullis::select::Subject;

use super::{Stage, Visit};
use crate::check::Check;
use crate::config::{StructuredOutputs, Unmatched};
use crate::expected::{Body, body_of};
use crate::filter::SchemaCheck;
use crate::metrics::{ALLOWED, UNMATCHED};
use crate::policy::{Given, NoOperation, Operation, Rule};
use crate::refusal::{Denial, Reason};
use crate::structured::Wanted;

impl Visit {
    pub(super) fn judge_head(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let headers = host.headers(Side::Request).map_err(|_| Reason::HostFailed)?;
        let subject = subject(host, filter, &headers)?;
        self.about.rule = filter.policy.find(&subject);
        let Some(rule) = filter.rule(&self.about) else {
            return match filter.policy.unmatched {
                Unmatched::Pass => Ok(filter.grant(host, &self.about, None, UNMATCHED)),
                Unmatched::Deny => Err(Reason::UnknownOperation.into()),
            };
        };
        let path = subject.path().ok_or(Reason::Ambiguous)?;
        let (operation, captures) = rule.contract.find(subject.method(), path).map_err(no_operation)?;
        self.about.operation = Some(Rc::clone(&operation));
        self.is_head = subject.method() == "HEAD";
        if rule.looks_at_answers() {
            self.about.endpoint = filter.policy.dialects.find(subject.method(), path).endpoint();
            if headers.first("accept-encoding").is_some() {
                host.remove_header(Side::Request, "accept-encoding").map_err(|_| Reason::HostFailed)?;
            }
        }
        let given = Given::of(captures, &headers).map_err(|_| Reason::Ambiguous)?;
        let faults = operation.faults(&filter.policy.reading, &rule.contract.requests, given);
        let judged = if faults.is_empty() { Ok(()) } else { Err(Denial::about(Reason::Parameter, faults)) };
        self.unless_noted(host, filter, judged)?;
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
            Body::Unseen => Ok(self.grant(host, filter)),
            // What is said to be empty is complete for a server with its head: it could answer before the end was seen.
            Body::Stream(stream) if headers.first("content-length") != Some(b"0") => {
                let window = stream.window();
                self.stage = Stage::Stream(stream);
                Ok(Flow::Stream(Streaming { window, ..Streaming::default() }))
            }
            expected => {
                self.stage = Stage::Body(expected);
                Ok(Flow::AwaitBody)
            }
        }
    }

    /// What is read while it passes.
    pub(super) fn pass_request(&mut self, host: &dyn Host, filter: &SchemaCheck, chunk: &[u8], last: bool) -> Pass {
        let Stage::Stream(stream) = &mut self.stage else { return Pass::Same };
        let Some(rule) = filter.rule(&self.about) else { return Pass::Same };
        let flow = match stream.push(Check::of(&filter.policy, rule), chunk, last) {
            Ok(()) if !last => return Pass::Same,
            Ok(()) => self.grant(host, filter),
            Err(denial) => {
                self.stage = Stage::Idle;
                self.end(host, filter, denial)
            }
        };
        if let Flow::Reply(reply) = flow { Pass::Refuse(reply) } else { Pass::Same }
    }

    /// A fault that a rule only looks on at is noted, and none: it keeps nobody from looking further.
    fn unless_noted(
        &mut self,
        host: &dyn Host,
        filter: &SchemaCheck,
        judged: Result<(), Denial>,
    ) -> Result<(), Denial> {
        match judged {
            Err(denial) if filter.lets_pass(&self.about, denial.reason) => {
                if self.noted.is_none() {
                    self.noted = Some(denial.reason);
                    filter.look_on(host, &self.about, &denial);
                }
                Ok(())
            }
            judged => judged,
        }
    }

    /// The last that is said of a request at fault.
    pub(super) fn end(&mut self, host: &dyn Host, filter: &SchemaCheck, denial: Denial) -> Flow {
        match self.unless_noted(host, filter, Err(denial)) {
            Ok(()) => self.grant(host, filter),
            Err(denial) => filter.refuse(host, &self.about, denial),
        }
    }

    fn grant(&self, host: &dyn Host, filter: &SchemaCheck) -> Flow {
        filter.grant(host, &self.about, self.noted, ALLOWED)
    }

    /// Finds what the request asks for in a structured output.
    fn want(&mut self, filter: &SchemaCheck, expected: &Body, body: &[u8]) -> Result<(), Denial> {
        let asks = filter.rule(&self.about).is_some_and(|rule| rule.structured_outputs != StructuredOutputs::Pass);
        let (Some(endpoint), Body::Json { .. }, true) = (self.about.endpoint, expected, asks) else { return Ok(()) };
        let wanted = Wanted::of(endpoint, &filter.policy.reading, &filter.formats, body)?;
        self.wanted = wanted.map(Rc::new);
        Ok(())
    }

    pub(super) fn judge_body(&mut self, host: &dyn Host, filter: &SchemaCheck, body: &[u8]) -> Result<Flow, Denial> {
        let Stage::Body(mut expected) = std::mem::replace(&mut self.stage, Stage::Idle) else {
            return Err(Reason::HostFailed.into());
        };
        let checked = self.check_body(filter, &mut expected, body);
        self.unless_noted(host, filter, checked)?;
        let wanted = self.want(filter, &expected, body);
        self.unless_noted(host, filter, wanted)?;
        Ok(self.grant(host, filter))
    }

    fn check_body(&self, filter: &SchemaCheck, expected: &mut Body, body: &[u8]) -> Result<(), Denial> {
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
            Body::Stream(stream) => stream.push(check, body, true),
        }
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
