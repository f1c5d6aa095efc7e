//! One operation: its parameters, its body and its answers.

use std::rc::Rc;

use portcullis::ai::details::Detail;

use super::content::Content;
use super::parameter::{Fault, Found, Given, Kinds, gather};
use super::reading::{MOST, Reading};
use crate::openapi::document::{Parameter, Place, Statuses};
use crate::schema::Schemas;

/// What can be done.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// What a verdict calls it.
    pub(crate) name: String,
    /// What stands beside the body; `None`: nothing is said of it.
    pub(crate) parameters: Option<Vec<(Parameter, Kinds)>>,
    /// Whether a parameter of the query that is not among them is refused.
    pub(crate) refuses_undeclared: bool,
    pub(crate) body: RequestBody,
    /// What may be answered; empty: anything.
    pub(crate) responses: Vec<Response>,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum RequestBody {
    /// There is none.
    None,
    /// One of these, or none if it need not be there.
    Of { is_required: bool, content: Vec<Rc<Content>> },
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) statuses: Statuses,
    /// What its body may be; empty: anything.
    pub(crate) content: Vec<Rc<Content>>,
}

impl Operation {
    /// What is wrong beside the body.
    pub(crate) fn faults(&self, reading: &Reading, schemas: &Schemas, mut given: Given<'_>) -> Vec<Detail> {
        let Some(parameters) = &self.parameters else { return Vec::new() };
        let mut faults = Vec::new();
        for (parameter, kinds) in parameters {
            faults.extend(fault(reading, schemas, parameter, kinds, &mut given));
        }
        if self.refuses_undeclared && given.has_more() {
            faults.push(Detail::new(
                "query",
                "/*".to_owned(),
                "undeclared",
                "no parameter beside those of the contract",
            ));
        }
        faults.truncate(MOST);
        faults
    }

    /// What may be answered with this status; `None` if it is not in the contract.
    pub(crate) fn response(&self, status: u16) -> Option<&Response> {
        let fits = |response: &&Response| match response.statuses {
            Statuses::Exact(exact) => exact == status,
            Statuses::Class(class) => status / 100 == u16::from(class),
            Statuses::Default => true,
        };
        self.responses.iter().filter(fits).min_by_key(|response| response.statuses)
    }
}

fn fault(
    reading: &Reading,
    schemas: &Schemas,
    parameter: &Parameter,
    kinds: &Kinds,
    given: &mut Given<'_>,
) -> Vec<Detail> {
    let place = word(parameter.place);
    let pointer = format!("/{}", parameter.name.replace('~', "~0").replace('/', "~1"));
    match gather(parameter, kinds, given) {
        Found::Absent if parameter.required => vec![Detail::new(place, pointer, "required", "this parameter")],
        Found::Absent => Vec::new(),
        Found::Bad(Fault::Repeated) => vec![Detail::new(place, pointer, "repeated", "one value")],
        Found::Bad(Fault::Style) => vec![Detail::new(place, pointer, "style", "a value in the style of the contract")],
        Found::Values(values) => {
            let schema = parameter.value.schema();
            let mut unfit = values.iter().map(|value| reading.hold(schemas, schema, value.as_bytes()).err());
            // Any of what it can be will do; if none does, the first is what it looks like.
            let Some(first) = unfit.next().flatten() else { return Vec::new() };
            if unfit.any(|other| other.is_none()) { Vec::new() } else { first.details(place, &pointer) }
        }
    }
}

fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query | Place::QueryString => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}
