//! The answer, held against the contract, and what a model says in it against the format that the request asked for.
//!
//! Each of the two can look on only, and then the other decides all the same.

use std::rc::Rc;

use portcullis::http::header::{Headers, OF_THE_WHOLE, is_encoded};
use portcullis::http::stream::Framing;
use portcullis::prelude::*;

use super::{Stage, Visit};
use crate::answer::{Said, Streamed};
use crate::body::media::MediaType;
use crate::config::{Responses, StructuredOutputs};
use crate::expected::{Answer, answer_of, has_no_answer, status};
use crate::filter::SchemaCheck;
use crate::metrics::{ANSWER_REDACTED, ANSWER_UNSEEN, ANSWER_VALID};
use crate::policy::{Content, Reads, Rule};
use crate::redact::redacted;
use crate::refusal::{Denial, Reason};
use crate::structured::Wanted;

impl Visit {
    /// Whatever became of the request: one that passed in shadow has an answer all the same.
    pub(super) fn judge_answer(&mut self, host: &dyn Host, filter: &SchemaCheck) -> Result<Flow, Denial> {
        let Some(rule) = filter.rule(&self.about).filter(|rule| rule.looks_at_answers()) else {
            return Ok(Flow::Continue);
        };
        let headers = host.headers(Side::Response).map_err(|_| Reason::HostFailed)?;
        let expected = self.expect(rule, &headers);
        let expected = self.unless_faulty(host, filter, expected, Answer::Unseen)?;
        let wanted = self.want_of_answer(&headers);
        self.wanted = self.unless_faulty(host, filter, wanted, None)?;
        Ok(self.await_answer(host, rule, expected, &headers))
    }

    /// A fault that a rule only looks on at is counted, and there is nothing more to look for.
    fn unless_faulty<T>(
        &mut self,
        host: &dyn Host,
        filter: &SchemaCheck,
        judged: Result<T, Denial>,
        nothing: T,
    ) -> Result<T, Denial> {
        match judged {
            Err(denial) if filter.lets_pass(&self.about, denial.reason) => {
                self.is_faulty = true;
                filter.look_on(host, &self.about, &denial);
                Ok(nothing)
            }
            judged => judged,
        }
    }

    /// The last that is said of an answer at fault.
    pub(super) fn end_answer(&mut self, host: &dyn Host, filter: &SchemaCheck, denial: Denial) -> Flow {
        match self.unless_faulty(host, filter, Err(denial), ()) {
            Ok(()) => Flow::Continue,
            Err(denial) => filter.refuse_answer(host, &self.about, &denial),
        }
    }

    /// What the contract says.
    fn expect(&self, rule: &Rule, headers: &Headers) -> Result<Answer, Denial> {
        match &self.about.operation {
            Some(operation) if rule.responses != Responses::Pass => answer_of(operation, self.is_head, headers),
            _ => Ok(Answer::Unseen),
        }
    }

    /// What the request asked for, if this is an answer to it. A text in a form that nobody here reads is not that.
    fn want_of_answer(&mut self, headers: &Headers) -> Result<Option<Rc<Wanted>>, Denial> {
        let is_answered = status(headers).is_some_and(|status| status / 100 == 2);
        let wanted = self.wanted.take().filter(|_| is_answered && !has_no_answer(self.is_head, headers));
        let Some(wanted) = wanted else { return Ok(None) };
        let media = headers.first("content-type").and_then(|value| MediaType::parse(value).ok());
        let reads = media.filter(MediaType::is_utf8).map(|media| Reads::of(&media));
        let is_read = matches!(reads, Some(Reads::Json | Reads::Lines | Reads::Events));
        if is_read && !is_encoded(headers) { Ok(Some(wanted)) } else { Err(Reason::AnswerStructure.into()) }
    }

    fn await_answer(&mut self, host: &dyn Host, rule: &Rule, expected: Answer, headers: &Headers) -> Flow {
        let content_type = headers.first("content-type").unwrap_or_default();
        let said = self.wanted.as_ref().and_then(|wanted| Said::new(Rc::clone(wanted), content_type));
        let content = match expected {
            Answer::Events(content) => return self.stream_answer(rule, Some(content), said, content_type),
            Answer::Unseen if said.is_some() => return self.stream_answer(rule, None, said, content_type),
            Answer::Whole(content) => Some(content),
            Answer::Unseen if self.wanted.is_some() => None,
            Answer::Unseen => {
                self.count(host, ANSWER_UNSEEN);
                return Flow::Continue;
            }
        };
        self.stage = Stage::AnswerBody { content, said: said.map(Box::new) };
        Flow::AwaitBody
    }

    fn stream_answer(
        &mut self,
        rule: &Rule,
        content: Option<Rc<Content>>,
        said: Option<Said>,
        content_type: &[u8],
    ) -> Flow {
        let framing = Framing::of_content_type(content_type).unwrap_or(Framing::JsonArray);
        let may_refuse_events = content.is_some() && rule.responses != Responses::Shadow;
        let may_refuse_said = said.is_some() && rule.structured_outputs == StructuredOutputs::Enforce;
        let may_be_refused = may_refuse_events || may_refuse_said;
        let streamed = Streamed::new(framing, content, said, self.about.endpoint, may_be_refused);
        let streaming = Streaming { edits: streamed.edits(), window: streamed.window(), ..Streaming::default() };
        self.stage = Stage::Streamed(Box::new(streamed));
        Flow::Stream(streaming)
    }

    /// What is looked at while it passes.
    pub(super) fn pass_answer(&mut self, host: &dyn Host, filter: &SchemaCheck, chunk: &[u8], last: bool) -> Pass {
        let Stage::Streamed(mut streamed) = std::mem::replace(&mut self.stage, Stage::Idle) else { return Pass::Same };
        let Some(rule) = filter.rule(&self.about) else { return Pass::Same };
        let faults = streamed.look(&filter.policy.reading, rule, chunk, last);
        let (passed, too_long) = match streamed.pass(chunk, last) {
            Ok(passed) => (passed, None),
            Err(denial) => (Pass::Same, Some(denial)),
        };
        for denial in faults.into_iter().chain(too_long) {
            if let Err(denial) = self.unless_faulty(host, filter, Err(denial), ()) {
                filter.refuse_answer(host, &self.about, &denial);
                return streamed.cut(&denial);
            }
        }
        if last {
            self.count(host, ANSWER_VALID);
        }
        self.stage = Stage::Streamed(streamed);
        passed
    }

    pub(super) fn judge_answer_body(
        &mut self,
        host: &dyn Host,
        filter: &SchemaCheck,
        body: &[u8],
    ) -> Result<Flow, Denial> {
        let Stage::AnswerBody { content, said } = std::mem::replace(&mut self.stage, Stage::Idle) else {
            return Ok(Flow::Continue);
        };
        let reading = &filter.policy.reading;
        let said = match (said, self.wanted.take()) {
            (Some(mut said), _) => said.push(reading, body, true),
            (None, Some(wanted)) => Said::whole(&wanted, reading, body),
            (None, None) => Ok(()),
        };
        self.unless_faulty(host, filter, said, ())?;
        let is_redacted = match &content {
            Some(content) => self.hold_answer(host, filter, content.schema.as_deref(), body)?,
            None => false,
        };
        self.count(host, if is_redacted { ANSWER_REDACTED } else { ANSWER_VALID });
        Ok(Flow::Continue)
    }

    /// Holds an answer against the contract; whether something was taken out of it.
    fn hold_answer(
        &self,
        host: &dyn Host,
        filter: &SchemaCheck,
        schema: Option<&str>,
        body: &[u8],
    ) -> Result<bool, Denial> {
        let rule = filter.rule(&self.about).ok_or(Reason::HostFailed)?;
        let (reading, schemas) = (&filter.policy.reading, &rule.contract.answers);
        let Err(unfit) = reading.hold(schemas, schema, body) else { return Ok(false) };
        let denial = Denial::of_answer(unfit, "");
        let may_redact = rule.responses == Responses::Redact && denial.reason == Reason::AnswerSchema;
        let Some(schema) = schema.filter(|_| may_redact) else { return Err(denial) };
        let left = redacted(reading, schemas, schema, body).ok_or(denial)?;
        host.replace_body(Side::Response, &left).map_err(|_| Reason::HostFailed)?;
        for name in OF_THE_WHOLE {
            host.remove_header(Side::Response, name).map_err(|_| Reason::HostFailed)?;
        }
        Ok(true)
    }

    /// Counts an answer that passes, unless it was counted for a fault.
    fn count(&self, host: &dyn Host, counted: Metric) {
        if !self.is_faulty {
            host.measure(counted, 1);
        }
    }
}
