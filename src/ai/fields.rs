//! The tables of the dialects as rows: for the documentation, and for the comparison with published schemas.

use std::fmt::Write as _;

use super::endpoint::Endpoint;
use super::shape::{Is, Shape};

/// A member, and what is done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its path, such as `messages.content.text`; `*` is any name. A list is no step.
    pub path: String,
    /// In a few words.
    pub meaning: String,
}

/// Every member that a request to an endpoint may have, by its path.
pub fn of_request(endpoint: &Endpoint) -> Vec<Field> {
    let mut fields = Vec::new();
    add(&mut fields, "", endpoint.request, &mut Vec::new());
    fields
}

fn add(fields: &mut Vec<Field>, path: &str, is: Is, around: &mut Vec<*const Shape>) {
    if !path.is_empty() {
        fields.push(Field { path: path.to_owned(), meaning: meaning(is) });
    }
    let Some(shape) = is.shape() else { return };
    if around.contains(&std::ptr::from_ref(shape)) {
        return;
    }
    around.push(shape);
    add_members(fields, path, shape, around);
    if let Some(is) = shape.others {
        add(fields, &join(path, "*"), is, around);
    }
    around.pop();
}

fn add_members(fields: &mut Vec<Field>, path: &str, shape: &'static Shape, around: &mut Vec<*const Shape>) {
    for (name, is) in shape.members {
        let path = join(path, name);
        if fields.iter().all(|field| field.path != path) {
            add(fields, &path, *is, around);
        }
    }
    for other in shape.also {
        add_members(fields, path, other, around);
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
        Is::TextOr(provenance, _) => format!("text: {}, or object", provenance.word()),
        Is::From(provenance, _) => format!("object from {}", provenance.word()),
        Is::TextOrTokens(provenance) => format!("text: {}; unread: token_ids", provenance.word()),
        Is::Or(other, _) => format!("{}, or object", meaning(*other)),
        Is::Role => "says the provenance".to_owned(),
        Is::Type => "type".to_owned(),
        Is::Index => "number of a choice or part".to_owned(),
        Is::Model => "model".to_owned(),
        Is::Stream => "stream".to_owned(),
        Is::Number(measure) => format!("number: {}", measure.word()),
        Is::Uses(feature) => format!("feature: {}", feature.word()),
        Is::Note(what) => format!("kept: {}", what.word()),
        Is::NoteText(what, provenance) => format!("kept: {}, text: {}", what.word(), provenance.word()),
        Is::Url => "unread: remote, or binary in a data URL".to_owned(),
        Is::Data => "unread: binary, or text".to_owned(),
        Is::Unread(why) => format!("unread: {}", why.word()),
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
            .map(|other| format!("`{} {}`", other.method, other.path))
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

const HEAD: &str = "\
# Fields

What is read of each request, printed from the tables in `src/ai/` (`cargo test -p portcullis --test fields` compares;
`UPDATE=1` writes it anew). A list is no step of a path. A member that stands in no table is read as text of unknown
provenance and reported; one that differs from a known name in case alone is refused.
";

fn is_same(one: Is, other: Is) -> bool {
    match (one.shape(), other.shape()) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        _ => false,
    }
}
