//! One operation: its parameters, its body and its answers.

use portcullis::ai::details::Detail;

use super::content::Content;
use super::parameter::{Fault, Found, Given, Kinds, gather};
use crate::openapi::document::{Parameter, Place, Statuses};
use crate::schema::{Schemas, Verdict};
use crate::value::{Steps, Tree};

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
    Of { is_required: bool, content: Vec<Content> },
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) statuses: Statuses,
    /// What its body may be; empty: anything.
    pub(crate) content: Vec<Content>,
}

/// Most steps for a parameter.
const STEPS: Steps = Steps(100_000);

/// Most faults of parameters that are told.
const MOST: usize = 5;

impl Operation {
    /// What is wrong beside the body.
    pub(crate) fn faults(&self, schemas: &Schemas, mut given: Given<'_>) -> Vec<Detail> {
        let Some(parameters) = &self.parameters else { return Vec::new() };
        let mut faults = Vec::new();
        for (parameter, kinds) in parameters {
            faults.extend(fault(schemas, parameter, kinds, &mut given));
        }
        if self.refuses_undeclared && given.has_more() {
            faults.push(detail("query", "/*".to_owned(), "undeclared", "no parameter beside those of the contract"));
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

fn fault(schemas: &Schemas, parameter: &Parameter, kinds: &Kinds, given: &mut Given<'_>) -> Vec<Detail> {
    let place = word(parameter.place);
    let pointer = format!("/{}", parameter.name.replace('~', "~0").replace('/', "~1"));
    match gather(parameter, kinds, given) {
        Found::Absent if parameter.required => {
            vec![detail(place, pointer, "required", "this parameter")]
        }
        Found::Absent => Vec::new(),
        Found::Bad(Fault::Repeated) => vec![detail(place, pointer, "repeated", "one value")],
        Found::Bad(Fault::Style) => vec![detail(place, pointer, "style", "a value in the style of the contract")],
        Found::Values(values) => {
            let Some(schema) = parameter.value.schema() else { return Vec::new() };
            let mut first = None;
            for value in &values {
                match check(schemas, schema, value, place, &pointer) {
                    None => return Vec::new(),
                    Some(faults) => first = first.or(Some(faults)),
                }
            }
            first.unwrap_or_default()
        }
    }
}

/// What is wrong with a value; `None` if nothing is.
fn check(schemas: &Schemas, schema: &str, value: &str, place: &'static str, pointer: &str) -> Option<Vec<Detail>> {
    let Ok(mut tree) = Tree::read(value.as_bytes(), portcullis::json::Limits::default()) else {
        return Some(vec![detail(place, pointer.to_owned(), "json", "a value that every server reads alike")]);
    };
    if tree.large_integer().is_some() {
        return Some(vec![detail(place, pointer.to_owned(), "integers", "an integer of at most 64 bits")]);
    }
    tree.under(schema, STEPS);
    match schemas.check(&tree, MOST) {
        Verdict::Valid => None,
        Verdict::TooComplex => Some(vec![detail(place, pointer.to_owned(), "steps", "a simpler value")]),
        Verdict::Invalid(faults, _) => {
            let told = |fault: crate::schema::Fault| Detail {
                place,
                pointer: format!("{pointer}{}", fault.pointer),
                at: None,
                keyword: fault.keyword,
                expected: fault.expected,
            };
            Some(faults.into_iter().map(told).collect())
        }
    }
}

fn detail(place: &'static str, pointer: String, keyword: &str, expected: &str) -> Detail {
    Detail { place, pointer, at: None, keyword: keyword.to_owned(), expected: expected.to_owned() }
}

fn word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query | Place::QueryString => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}
