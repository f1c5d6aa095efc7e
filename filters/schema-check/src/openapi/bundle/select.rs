//! Which operations are kept: by `operationId`, by method and path, or by tag.

use serde_json::Value;

use super::super::Fault;

/// The operations that are named; none named: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    names: Vec<String>,
    without_answers: bool,
}

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// So many near names are listed, at most so far away.
const MAX_NEAR: usize = 5;
const MAX_DISTANCE: usize = 4;

impl Selection {
    /// By names: `createChat`, `POST /chat`, `tag:Chat`.
    pub fn of(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), without_answers: false }
    }

    /// The same without what is said of answers: half of a document, for a gateway that looks at requests alone.
    #[must_use]
    pub fn without_answers(mut self, without: bool) -> Self {
        self.without_answers = without;
        self
    }

    /// Whether a path is named itself.
    pub(super) fn names_path(&self, path: &str) -> bool {
        self.names.iter().any(|name| name.split_once(' ').is_some_and(|(_, named)| named == path))
    }

    /// Refuses names that no operation has.
    pub(super) fn all_known<'a>(&self, items: impl Iterator<Item = (&'a str, &'a Value)>) -> Result<(), Fault> {
        let names: Vec<String> =
            items.flat_map(|(path, item)| operations(path, item)).flat_map(|(_, names)| names).collect();
        match self.names.iter().find(|name| !names.contains(name)) {
            Some(name) => Err(Fault::new("/paths", unknown(name, &names))),
            None => Ok(()),
        }
    }

    /// Takes the other operations out of a path item.
    pub(super) fn keep(&self, path: &str, item: &mut Value) {
        if self.without_answers {
            leave_out_answers(item);
        }
        if self.names.is_empty() {
            return;
        }
        let others: Vec<String> = operations(path, item)
            .into_iter()
            .filter(|(_, names)| !names.iter().any(|name| self.names.contains(name)))
            .map(|(method, _)| method)
            .collect();
        for method in others {
            let Some(fields) = item.as_object_mut() else { return };
            fields.remove(&method);
            if let Some(added) = fields.get_mut("additionalOperations").and_then(Value::as_object_mut) {
                added.remove(&method);
            }
        }
    }
}

fn leave_out_answers(item: &mut Value) {
    let Some(fields) = item.as_object_mut() else { return };
    let (fixed, added): (Vec<_>, Vec<_>) = fields
        .iter_mut()
        .filter(|(field, _)| METHODS.contains(&field.as_str()) || *field == "additionalOperations")
        .map(|(field, value)| (field == "additionalOperations", value))
        .partition(|(is_added, _)| !is_added);
    let added = added.into_iter().filter_map(|(_, added)| added.as_object_mut()).flat_map(|added| added.values_mut());
    for operation in fixed.into_iter().map(|(_, operation)| operation).chain(added) {
        if let Some(operation) = operation.as_object_mut() {
            operation.insert("responses".to_owned(), serde_json::json!({"default": {"description": ""}}));
        }
    }
}

pub(super) fn has_operations(item: &Value) -> bool {
    !operations("", item).is_empty()
}

/// The operations of a path item: the field of each, and its names.
fn operations(path: &str, item: &Value) -> Vec<(String, Vec<String>)> {
    let fixed = METHODS
        .iter()
        .filter_map(|method| Some(((*method).to_owned(), method.to_ascii_uppercase(), item.get(*method)?)));
    let added = item.get("additionalOperations").and_then(Value::as_object).into_iter().flatten();
    let added = added.map(|(method, operation)| (method.clone(), method.clone(), operation));
    fixed
        .chain(added)
        .map(|(field, method, operation)| (field, names(&format!("{method} {path}"), operation)))
        .collect()
}

fn names(place: &str, operation: &Value) -> Vec<String> {
    let tags = operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let id = operation.get("operationId").and_then(Value::as_str).map(str::to_owned);
    let tags = tags.map(|tag| format!("tag:{tag}"));
    [place.to_owned()].into_iter().chain(id).chain(tags).collect()
}

fn unknown(name: &str, names: &[String]) -> String {
    let mut near: Vec<(usize, &String)> = names.iter().map(|known| (distance(name, known), known)).collect();
    near.sort();
    near.dedup();
    let near: Vec<&str> =
        near.iter().filter(|(far, _)| *far <= MAX_DISTANCE).take(MAX_NEAR).map(|(_, name)| name.as_str()).collect();
    let expected = format!("an operation called {name}: an operationId, METHOD /path or tag:name of this document");
    if near.is_empty() { expected } else { format!("{expected}, such as {}", near.join(", ")) }
}

/// The edit distance of Levenshtein, without regard to case.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.to_lowercase().chars().enumerate() {
        let mut next = vec![line.saturating_add(1)];
        for (column, found) in other.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let replaced = at(&row, column).saturating_add(usize::from(letter != *found));
            let added = at(&next, column).saturating_add(1);
            let removed = at(&row, column.saturating_add(1)).saturating_add(1);
            next.push(replaced.min(added).min(removed));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
