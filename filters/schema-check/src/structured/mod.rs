//! Structured outputs: a request brings the schema that the model's answer must fit, and we hold it to that.
//!
//! The schema is the client's, so what it may cost is bounded before it is compiled, and what was compiled is kept: those
//! who ask for structured outputs ask for the same ones again.

mod cache;
mod compile;
mod places;

use std::rc::Rc;

use portcullis::ai::endpoint::Endpoint;

use crate::policy::{Reading, Unfit};
use crate::refusal::{Denial, Reason};

pub(crate) use cache::Formats;
use compile::Format;

/// What the answer must be.
pub(crate) struct Wanted {
    /// How the answer is read.
    pub(crate) endpoint: &'static Endpoint,
    format: Rc<Format>,
}

impl Wanted {
    /// What the request asks for; `None` if that is no format. Who names two would have us compile as many as fit into a
    /// body.
    pub(crate) fn of(
        endpoint: &'static Endpoint,
        reading: &Reading,
        formats: &Formats,
        body: &[u8],
    ) -> Result<Option<Self>, Denial> {
        let found = places::find(body, reading.limits, places::of(endpoint.dialect));
        match found.map_err(|error| Denial::of(Unfit::Json(error), ""))?.as_slice() {
            [] => Ok(None),
            [(pointer, schema)] => Ok(Some(Self { endpoint, format: formats.get(pointer, schema)? })),
            [_, (pointer, _), ..] => Err(Denial::says(Reason::Format, pointer, "repeated", "one response format")),
        }
    }

    /// Holds what a model said against it.
    pub(crate) fn hold(&self, reading: &Reading, text: &str) -> Result<(), Denial> {
        if text.len() > self.format.max_text_bytes {
            return Err(Reason::AnswerStructure.into());
        }
        let held = reading.hold(&self.format.schemas, Some(""), text.as_bytes());
        held.map(drop).map_err(|unfit| Denial::about(Reason::AnswerStructure, unfit.details("body", "")))
    }
}
