//! The tables of the dialects as rows: for the documentation, and for the comparison with published schemas.

use std::fmt::Write as _;

use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Reads, What};

/// A member, and what is done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its path, such as `messages.content.text`; `*` is any name. A list is no step.
    pub path: String,
    /// In a few words.
    pub meaning: String,
}

/// Every member that a request to an endpoint may have, by its path; where an object stands again, the path at which
/// its members were listed.
pub fn of_request(endpoint: &Endpoint) -> Vec<Field> {
    let mut rows = Rows { fields: Vec::new(), listed: Vec::new() };
    rows.add("", endpoint.request);
    rows.fields
}

struct Rows {
    fields: Vec<Field>,
    listed: Vec<(*const Shape, String)>,
}

impl Rows {
    fn add(&mut self, path: &str, is: Is) {
        let before = is.shape().and_then(|shape| self.listed.iter().find(|(other, _)| std::ptr::eq(*other, shape)));
        let again = match before {
            None => String::new(),
            Some((_, path)) if path.is_empty() => ", as the whole".to_owned(),
            Some((_, path)) => format!(", as `{path}`"),
        };
        if !path.is_empty() {
            self.fields.push(Field { path: path.to_owned(), meaning: meaning(is) + &again });
        }
        let Some(shape) = is.shape().filter(|_| again.is_empty()) else { return };
        self.listed.push((std::ptr::from_ref(shape), path.to_owned()));
        self.add_members(path, shape);
        if let Some(is) = shape.others {
            self.add(&join(path, "*"), is);
        }
    }

    fn add_members(&mut self, path: &str, shape: &'static Shape) {
        for (name, is) in shape.members {
            let path = join(path, name);
            if self.fields.iter().all(|field| field.path != path) {
                self.add(&path, *is);
            }
        }
        for other in shape.also {
            self.add_members(path, other);
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// What is done with a value, as the documentation says it.
pub fn meaning(is: Is) -> String {
    match is {
        Is::Plain | Is::Again => "passed over".to_owned(),
        Is::Text(provenance) => format!("text: {}", provenance.word()),
        Is::Object(_) => "object".to_owned(),
        Is::ToolType => format!("kept: {}, unless `function` or `custom`", What::Tool.word()),
        Is::BuiltIn(name, _) => format!("object, kept: {} `{name}`", What::Tool.word()),
        Is::TextOr(provenance, _) => format!("text: {}, or object", provenance.word()),
        Is::From(provenance, _) => format!("object from {}", provenance.word()),
        Is::TextOrTokens(provenance) => format!("text: {}; unread: token_ids", provenance.word()),
        Is::Or(other, _) => format!("{}, or object", meaning(*other)),
        Is::Role => "says the provenance".to_owned(),
        Is::Type => "type".to_owned(),
        Is::Index => "number of a choice or part".to_owned(),
        Is::Model => "model".to_owned(),
        Is::Stream => "stream".to_owned(),
        Is::StreamIf(word) => format!("stream if `{word}`"),
        Is::Number(measure) => format!("number: {}", measure.word()),
        Is::Decimal(measure) => format!("number: {}, also in quotes", measure.word()),
        Is::Uses(feature) => format!("feature: {}", feature.word()),
        Is::UsesIf(word, feature) => format!("feature: {} if `{word}`", feature.word()),
        Is::Using(feature, is) => format!("{}, feature: {}", meaning(*is), feature.word()),
        Is::Note(what) => format!("kept: {}", what.word()),
        Is::NoteText(what, provenance) => format!("kept: {}, text: {}", what.word(), provenance.word()),
        Is::Url => "unread: remote, or binary in a data URL".to_owned(),
        Is::Data => "unread: binary, or text".to_owned(),
        Is::Unread(why) => format!("unread: {}", why.word()),
        Is::Repeated(is) => format!("{}, said again", meaning(*is)),
    }
}

/// The documentation: a table for each kind of request, with the paths that take it.
pub fn document() -> String {
    let mut text = String::from(HEAD);
    let mut endpoints: Vec<&Endpoint> = Vec::new();
    for endpoint in Endpoint::all().filter(|endpoint| endpoint.request.shape().is_some()) {
        let is_first = |other: &&Endpoint| !is_same(other.request, endpoint.request);
        if endpoints.iter().all(is_first) {
            endpoints.push(endpoint);
        }
    }
    for endpoint in endpoints {
        let paths: Vec<_> = Endpoint::all()
            .filter(|other| is_same(other.request, endpoint.request))
            .map(|other| format!("`{} {}`{}", other.method, other.path, form(other)))
            .collect();
        let name = endpoint.request.shape().map_or("", |shape| shape.name);
        let _ = write!(
            text,
            "\n## {} {name}\n\n{}\n\n| field | what is done with it |\n|---|---|\n",
            endpoint.dialect.word(),
            paths.join(", ")
        );
        for field in of_request(endpoint) {
            let _ = writeln!(text, "| `{}` | {} |", field.path, field.meaning);
        }
    }
    text
}

/// Whether the table says what a body has, and nobody reads it.
const fn form(endpoint: &Endpoint) -> &'static str {
    match endpoint.reads {
        Reads::Stream => " (not read yet)",
        Reads::Head | Reads::Whole => "",
    }
}

const HEAD: &str = "\
# Fields

What is read of each request, printed from the tables in `src/ai/` (`cargo test -p portcullis --test fields` compares;
`UPDATE=1` writes it anew). A list is no step of a path. A number that stands where text does is text. A member that
stands in no table is read as text of unknown provenance and reported; one that differs from a known name in case alone
is refused. Google's names are taken in snake case too, and are not listed again.

Of a path that is marked so the body is not read yet: it is a form, or bytes, and of a form the table lists the fields.
What such a path does and its model, if the path names it, are all that a policy knows.
";

fn is_same(one: Is, other: Is) -> bool {
    match (one.shape(), other.shape()) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_request_is_passed_over_as_scores() {
        let mut seen = Vec::new();
        for endpoint in Endpoint::all() {
            expect_none(endpoint.request, &mut seen);
        }
        assert!(seen.len() > 100, "{} tables", seen.len());
    }

    fn expect_none(is: Is, seen: &mut Vec<*const Shape>) {
        assert!(!matches!(is.scalar(), Is::Again), "{:?}", is.shape().map(|shape| shape.name));
        let Some(shape) = is.shape() else { return };
        expect_none_in(shape, seen);
    }

    fn expect_none_in(shape: &'static Shape, seen: &mut Vec<*const Shape>) {
        if seen.iter().any(|other| std::ptr::eq(*other, shape)) {
            return;
        }
        seen.push(std::ptr::from_ref(shape));
        for (name, is) in shape.members {
            assert!(!matches!(is, Is::Again), "{}.{name}", shape.name);
            expect_none(*is, seen);
        }
        shape.others.into_iter().for_each(|is| expect_none(is, seen));
        shape.also.iter().for_each(|shape| expect_none_in(shape, seen));
    }
}
