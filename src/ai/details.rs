//! Which places of a request are at fault, told in each dialect beside its error.
//!
//! A caller's own words are no part of it: whoever makes a [`Detail`] writes it in the words of a contract.

use std::fmt;

use serde_json::{Value, json};

use super::dialect::Dialect;

/// A fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Where that is: `body`, `path`, `query`, `header` or `cookie`.
    pub place: &'static str,
    /// A JSON pointer into the body (RFC 6901), or the name of a parameter.
    pub pointer: String,
    /// The byte of the body at which the value begins, if it is one of the body.
    pub at: Option<usize>,
    /// What was not fulfilled: a keyword of JSON Schema, or a word for what is none.
    pub keyword: String,
    /// What was expected.
    pub expected: String,
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.place, self.pointer.as_str()) {
            ("body", "") => f.write_str("The body")?,
            ("body", pointer) => f.write_str(pointer)?,
            (place, pointer) => write!(f, "{place} {pointer}")?,
        }
        write!(f, ": expected {} ({}).", self.expected, self.keyword)
    }
}

impl Detail {
    /// A fault at `pointer` of a place. That something was expected is said with it, however `expected` begins.
    pub fn new(
        place: &'static str,
        pointer: impl Into<String>,
        keyword: impl Into<String>,
        expected: impl fmt::Display,
    ) -> Self {
        let expected = expected.to_string();
        let expected = expected.strip_prefix("expected ").unwrap_or(&expected).to_owned();
        Self { place, pointer: pointer.into(), at: None, keyword: keyword.into(), expected }
    }

    /// The same, of a value that begins at this byte of the body.
    #[must_use]
    pub fn beginning(self, at: Option<usize>) -> Self {
        Self { at, ..self }
    }

    fn value(&self) -> Value {
        let mut value = json!({
            "in": self.place, "pointer": self.pointer, "keyword": self.keyword, "expected": self.expected
        });
        if let (Some(at), Value::Object(members)) = (self.at, &mut value) {
            members.insert("at".to_owned(), json!(at));
        }
        value
    }
}

/// Adds them to an error in the shape of a dialect: as `errors` beside its code, with Google as the violations that its
/// SDKs know.
pub(super) fn add(dialect: Dialect, error: &mut Value, details: &[Detail]) {
    let Some(first) = details.first() else { return };
    let list: Value = details.iter().map(Detail::value).collect();
    match (dialect, error) {
        (Dialect::Google, error) => {
            if let Some(Value::Array(known)) = error.pointer_mut("/error/details") {
                known.push(violations(details));
            }
        }
        (Dialect::Mcp | Dialect::A2a, Value::Array(errors)) => {
            for error in errors {
                put(error, "/error/data", "errors", &list);
            }
        }
        (Dialect::Mcp | Dialect::A2a, error) => put(error, "/error/data", "errors", &list),
        (Dialect::OpenAi, error) => {
            // `null` where no one member is at fault, as the API has it.
            put(error, "/error", "param", &json!(Some(&first.pointer).filter(|pointer| !pointer.is_empty())));
            put(error, "/error", "errors", &list);
        }
        (Dialect::Anthropic, error) => put(error, "/error", "errors", &list),
        (_, error) => put(error, "", "errors", &list),
    }
}

fn put(error: &mut Value, place: &str, name: &str, value: &Value) {
    if let Some(Value::Object(members)) = error.pointer_mut(place) {
        members.insert(name.to_owned(), value.clone());
    }
}

/// `google.rpc.BadRequest`.
fn violations(details: &[Detail]) -> Value {
    let violation = |detail: &Detail| json!({"field": detail.pointer, "description": format!("expected {} ({})", detail.expected, detail.keyword)});
    let violations: Value = details.iter().map(violation).collect();
    json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::rpc::Asked;
    use crate::reply::Status;

    fn detail() -> Detail {
        Detail::new("body", "/n", "maximum", "expected at most 8").beginning(Some(5))
    }

    #[test]
    fn every_dialect_says_where_and_what_was_expected() {
        for dialect in Dialect::ALL.iter().copied() {
            let error = dialect.error_about(&Asked::Unknown, Status::BadRequest, "schema", "No.", &[detail()]);
            let text = String::from_utf8(error.body.clone()).unwrap();
            assert!(text.contains("No. /n: expected at most 8 (maximum)."), "{dialect:?}: {text}");
            let listed = if dialect == Dialect::Google { "fieldViolations" } else { "\"errors\":[{\"at\":5," };
            assert!(text.contains(listed), "{dialect:?}: {text}");
        }
    }

    #[test]
    fn the_whole_body_is_no_param() {
        for (pointer, param) in [("/n", json!("/n")), ("", Value::Null)] {
            let detail = Detail { pointer: pointer.to_owned(), ..detail() };
            let error = Dialect::OpenAi.error_about(&Asked::Unknown, Status::BadRequest, "schema", "No.", &[detail]);
            assert_eq!(serde_json::from_slice::<Value>(&error.body).unwrap()["error"]["param"], param);
        }
    }

    #[test]
    fn an_error_about_nothing_in_particular_has_no_list() {
        for dialect in Dialect::ALL.iter().copied() {
            let error = dialect.error_about(&Asked::Unknown, Status::BadRequest, "schema", "No.", &[]);
            assert_eq!(error, dialect.error(Status::BadRequest, "schema", "No."));
        }
    }
}
