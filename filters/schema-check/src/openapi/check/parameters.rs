//! Parameters that stand together: no two of one name and place, and a query that is read in one way.

use serde_json::{Map, Value};

use super::super::Fault;
use super::super::pointer::{child, find, item};
use super::table::Kind;
use super::walk::Seen;

/// A parameter of a list: its name, its place and where it stands.
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) pointer: String,
}

/// The parameters of a path item or operation, references within the document followed. What leads nowhere is left
/// out: it is refused where an operation needs it.
pub(super) fn of<'a>(document: &'a Value, at: &str, fields: &'a Map<String, Value>) -> Vec<Named<'a>> {
    let at = child(at, "parameters");
    let list = fields.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = |(index, parameter): (usize, &'a Value)| {
        let parameter = followed(document, parameter)?;
        let text = |name| parameter.get(name).and_then(Value::as_str);
        Some(Named { name: text("name")?, place: text("in")?, pointer: item(&at, index) })
    };
    list.iter().enumerate().filter_map(named).collect()
}

/// So many references in a row are a circle.
const MAX_HOPS: usize = 32;

fn followed<'a>(document: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..MAX_HOPS {
        let Some(reference) = value.get("$ref") else { return Some(value) };
        value = find(document, reference.as_str()?)?.1;
    }
    None
}

pub(super) fn look(seen: &Seen<'_>, document: &Value) -> Result<(), Fault> {
    if !matches!(seen.kind, Kind::PathItem | Kind::Operation) {
        return Ok(());
    }
    let own = of(document, seen.pointer, seen.fields);
    let outer_at = seen.pointer.rsplit_once('/').map(|(outer, _)| outer).filter(|_| seen.kind == Kind::Operation);
    let outer_at = outer_at.map(|at| at.strip_suffix("/additionalOperations").unwrap_or(at));
    let outer = outer_at.and_then(|at| Some((at, document.pointer(at)?.as_object()?)));
    let outer = outer.map(|(at, fields)| of(document, at, fields)).unwrap_or_default();
    twice(&own)?;
    one_query(&own, &outer)
}

fn twice(own: &[Named<'_>]) -> Result<(), Fault> {
    for (index, parameter) in own.iter().enumerate() {
        let is_same = |other: &&Named<'_>| {
            other.place == parameter.place
                && if other.place == "header" {
                    other.name.eq_ignore_ascii_case(parameter.name)
                } else {
                    other.name == parameter.name
                }
        };
        if own.iter().take(index).any(|other| is_same(&other)) {
            return Err(Fault::new(&parameter.pointer, "parameters of different names or places"));
        }
    }
    Ok(())
}

fn one_query(own: &[Named<'_>], outer: &[Named<'_>]) -> Result<(), Fault> {
    let all = || outer.iter().chain(own);
    let whole: Vec<_> = all().filter(|parameter| parameter.place == "querystring").collect();
    let is_overriding = |one: &Named<'_>, other: &Named<'_>| one.name == other.name;
    match whole.as_slice() {
        [one] if all().any(|parameter| parameter.place == "query") => {
            Err(Fault::new(&one.pointer, "no parameter in: query beside one in: querystring, which is the whole query"))
        }
        [] | [_] => Ok(()),
        [outer, own] if is_overriding(outer, own) => Ok(()),
        [_, second, ..] => Err(Fault::new(&second.pointer, "one parameter in: querystring: it is the whole query")),
    }
}
