//! Structured outputs: a request brings the schema that the model's answer must fit, and we hold it to that.
//!
//! The schema is the client's, so what it may cost is bounded before it is compiled, and what was compiled is kept: those
//! who ask for structured outputs ask for the same ones again.

mod cache;
mod compile;
mod places;

use std::rc::Rc;

use portcullis::ai::endpoint::Endpoint;

use crate::policy::Reading;
use crate::refusal::{Denial, Reason};
use crate::schema::Schemas;

pub(crate) use cache::Formats;

/// What the answer must be.
pub(crate) struct Wanted {
    /// How the answer is read.
    pub(crate) endpoint: &'static Endpoint,
    /// A request names one; who names several in the spellings of its API gets what fits all.
    schemas: Vec<Rc<Schemas>>,
}

impl Wanted {
    /// What the request asks for; `None` if that is no format.
    pub(crate) fn of(
        endpoint: &'static Endpoint,
        reading: &Reading,
        formats: &Formats,
        body: &[u8],
    ) -> Result<Option<Self>, Denial> {
        let places = places::of(endpoint.dialect);
        if places.is_empty() {
            return Ok(None);
        }
        let Ok(found) = places::find(body, reading.limits, places) else { return Ok(None) };
        let schemas = found
            .into_iter()
            .map(|(pointer, schema)| formats.get(&pointer, schema))
            .collect::<Result<Vec<_>, Denial>>()?;
        Ok((!schemas.is_empty()).then_some(Self { endpoint, schemas }))
    }

    /// Holds what a model said against it.
    pub(crate) fn hold(&self, reading: &Reading, text: &str) -> Result<(), Denial> {
        let one = |schemas: &Rc<Schemas>| reading.hold(schemas, Some(""), text.as_bytes()).map(drop);
        let held = self.schemas.iter().try_for_each(one);
        held.map_err(|unfit| Denial::about(Reason::AnswerStructure, unfit.details("body", "")))
    }
}
