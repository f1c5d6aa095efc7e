//! One request and its answer: held against a contract on the head, after the body, and when the answer comes.

mod answer;
mod request;

use std::rc::Rc;

use portcullis::prelude::*;

use crate::answer::{Said, Streamed};
use crate::expected::Body;
use crate::filter::{About, SchemaCheck};
use crate::policy::Content;
use crate::refusal::Reason;
use crate::stream::Stream;
use crate::structured::Wanted;

/// One request and its answer.
pub struct Visit {
    filter: Rc<SchemaCheck>,
    about: About,
    is_head: bool,
    /// What the request asked for in a structured output.
    wanted: Option<Rc<Wanted>>,
    stage: Stage,
    /// What was at fault in the request first, and passes.
    noted: Option<Reason>,
    /// Whether something of the answer was at fault, and passes.
    is_faulty: bool,
}

/// What is known and not yet needed.
enum Stage {
    /// Nothing, or nothing more.
    Idle,
    /// What the body of the request must be.
    Body(Body),
    /// A body that is read while it passes.
    Stream(Box<Stream>),
    /// What the body of the answer must be by the contract, which may not say, and by the request.
    AnswerBody { content: Option<Rc<Content>>, said: Option<Box<Said>> },
    /// An answer that is looked at while it passes.
    Streamed(Box<Streamed>),
}

impl Visit {
    pub(crate) fn new(filter: Rc<SchemaCheck>) -> Self {
        Self {
            filter,
            about: About::default(),
            is_head: false,
            wanted: None,
            stage: Stage::Idle,
            noted: None,
            is_faulty: false,
        }
    }
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_head(host, &filter).unwrap_or_else(|denial| self.end(host, &filter, denial))
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_body(host, &filter, body).unwrap_or_else(|denial| self.end(host, &filter, denial))
    }

    fn on_chunk(&mut self, host: &dyn Host, side: Side, chunk: &[u8], last: bool) -> Pass {
        let filter = Rc::clone(&self.filter);
        match side {
            Side::Request => self.pass_request(host, &filter, chunk, last),
            Side::Response => self.pass_answer(host, &filter, chunk, last),
        }
    }

    fn on_response(&mut self, host: &dyn Host) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_answer(host, &filter).unwrap_or_else(|denial| self.end_answer(host, &filter, denial))
    }

    fn on_response_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        let filter = Rc::clone(&self.filter);
        self.judge_answer_body(host, &filter, body).unwrap_or_else(|denial| self.end_answer(host, &filter, denial))
    }
}
