//! The claims of a token (RFC 7519), each asked for by name and type: what is there in another type is a fault, never
//! converted and never taken as absent.

use portcullis::json::{self, Limits};
use serde_json::{Map, Value};

use super::denial::{Denial, Reason};
use super::text;
use super::time::{Round, numeric_date};

/// The way to a claim: member names, outermost first. A list, because a name may hold any character, a dot too.
pub type Path = Vec<String>;

/// The claims set of a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

/// Far more than issuers write, far less than would cost. `max_token_bytes` bounds the document before.
const LIMITS: Limits = Limits {
    depth: 16,
    duplicates: json::Duplicates::Refuse,
    exact_integers: false,
    members: 1_000,
    values: 10_000,
    name_bytes: 1_024,
    string_bytes: 64 << 10,
    number_bytes: 64,
    tree_bytes: 4 << 20,
};

impl Claims {
    /// Reads a payload: one strict JSON object.
    pub fn read(payload: &[u8]) -> Result<Self, Denial> {
        match json::parse(payload, LIMITS) {
            Ok(Value::Object(claims)) => Ok(Self(claims)),
            _ => Err(Reason::MalformedToken.about("claims")),
        }
    }

    /// A claim that is text.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Denial> {
        self.0.get(name).map(|value| plain(value, name)).transpose()
    }

    /// A claim that is a list of texts; absent, an empty one.
    pub fn texts(&self, name: &'static str) -> Result<Vec<String>, Denial> {
        self.0.get(name).map_or(Ok(Vec::new()), |value| plain_list(value, name))
    }

    /// A claim that is a date.
    pub fn date(&self, name: &'static str, round: Round) -> Result<Option<u64>, Denial> {
        let read = |value| numeric_date(value, round).ok_or(Reason::BadClaim.about(name));
        self.0.get(name).map(read).transpose()
    }

    /// A claim as it is.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The value at the end of a path; `None` if it ends before, or leads through something that is not an object.
    pub fn at(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, name| value.get(name))
    }

    /// The text at the end of a path that the operator chose.
    pub fn text_at(&self, path: &[String], about: &'static str) -> Result<Option<String>, Denial> {
        self.reach(path, about)?.map(|value| plain(value, about).map(str::to_owned)).transpose()
    }

    /// The list of texts at the end of such a path.
    pub fn texts_at(&self, path: &[String], about: &'static str) -> Result<Vec<String>, Denial> {
        self.reach(path, about)?.map_or(Ok(Vec::new()), |value| plain_list(value, about))
    }

    /// Like [`Claims::at`], but what leads through something else than objects is a fault: something is there.
    fn reach(&self, path: &[String], about: &'static str) -> Result<Option<&Value>, Denial> {
        let mut members = Some(&self.0);
        let mut found = None;
        for name in path {
            found = members.ok_or(Reason::BadClaim.about(about))?.get(name);
            let Some(value) = found else { return Ok(None) };
            members = value.as_object();
        }
        Ok(found)
    }
}

/// A value that is text which may travel on.
pub(super) fn plain<'a>(value: &'a Value, about: &'static str) -> Result<&'a str, Denial> {
    value.as_str().filter(|text| text::is_plain(text)).ok_or(Reason::BadClaim.about(about))
}

/// One text, or a list of texts.
pub(super) fn texts_of<'a>(value: &'a Value, about: &'static str) -> Result<Vec<&'a str>, Denial> {
    match value {
        Value::Array(values) => values.iter().map(|value| plain(value, about)).collect(),
        one => one.as_str().map(|text| vec![text]).ok_or(Reason::BadClaim.about(about)),
    }
}

fn plain_list(value: &Value, about: &'static str) -> Result<Vec<String>, Denial> {
    let values = value.as_array().ok_or(Reason::BadClaim.about(about))?;
    values.iter().map(|value| plain(value, about).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        Claims::read(text.as_bytes()).unwrap()
    }

    fn path(names: &[&str]) -> Path {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_path_is_a_list_of_names_and_a_dot_is_a_character() {
        let claims = claims(r#"{"a.b":1,"a":{"b":2,"":3}}"#);
        for (names, found) in [
            (&["a.b"][..], Some(1)),
            (&["a", "b"], Some(2)),
            (&["a", ""], Some(3)),
            (&["b"], None),
            (&["a.b", "c"], None),
        ] {
            assert_eq!(claims.at(&path(names)).and_then(Value::as_u64), found, "{names:?}");
        }
    }

    #[test]
    fn absent_is_told_apart_from_malformed() {
        let claims = claims(r#"{"a":{"r":["x"]},"s":"x","n":null}"#);
        let bad = Err(Reason::BadClaim.about("roles"));
        for (names, found) in [
            (&["a", "r"][..], Ok(vec!["x".to_owned()])),
            (&["a", "none"], Ok(vec![])),
            (&["none", "r"], Ok(vec![])),
            (&["s"], bad.clone()),
            (&["s", "r"], bad.clone()),
            (&["a"], bad.clone()),
            (&["n"], bad),
        ] {
            assert_eq!(claims.texts_at(&path(names), "roles"), found, "{names:?}");
        }
    }

    #[test]
    fn what_is_not_one_strict_object_is_no_claims_set() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(17), "}".repeat(17));
        for text in
            ["", "[]", "\"a\"", "null", r#"{"a":1,"a":1}"#, r#"{"a":1}x"#, r#"{"n":1e400}"#, r#"{"a":"\ud800"}"#, &deep]
        {
            assert_eq!(Claims::read(text.as_bytes()), Err(Reason::MalformedToken.about("claims")), "{text}");
        }
    }
}
