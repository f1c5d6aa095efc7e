//! The file of limits, as limitador's own server reads it: a list, YAML or JSON.
//!
//! ```yaml
//! - namespace: ai                              # the domain of a request
//!   name: tokens                               # optional, for answers
//!   max_value: 1000                            # hits…
//!   seconds: 60                                # …in a window that begins with the first
//!   conditions: ["descriptors[0].kind == 'tokens'"]
//!   variables: ["descriptors[0].user"]         # a counter for each value
//! ```
//!
//! Conditions and variables are CEL. Each descriptor is judged by itself, so it is always `descriptors[0]`; its entries
//! can also be named alone (`kind == 'tokens'`). A limit applies where its conditions hold and its variables are there.

use limitador::limit::{Expression, Limit, Predicate};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// Beyond it the numbers in limitador's script are no longer exact: Lua writes 14 digits.
pub(crate) const MOST: u64 = 99_999_999_999_999;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    namespace: String,
    max_value: u64,
    seconds: u64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    conditions: Vec<String>,
    #[serde(default)]
    variables: Vec<String>,
}

/// The limits of a text.
pub fn parse(text: &str) -> Result<Vec<Limit>, String> {
    of(serde_norway::from_str(text).map_err(|e| format!("expected a list of limits in YAML or JSON: {e}"))?)
}

/// The limits of a value.
pub fn from_value(value: &Value) -> Result<Vec<Limit>, String> {
    of(serde_json::from_value(value.clone()).map_err(|e| format!("expected a list of limits: {e}"))?)
}

fn of(written: Vec<Written>) -> Result<Vec<Limit>, String> {
    let mut seen = HashSet::new();
    for (place, one) in written.into_iter().enumerate() {
        let limit = one.compile().map_err(|e| format!("[{place}]: {e}"))?;
        if !seen.insert(limit) {
            // To limitador they are one: the later would take the place of the other.
            return Err(format!("[{place}]: another limit has the same namespace, seconds, conditions and variables"));
        }
    }
    Ok(seen.into_iter().collect())
}

impl Written {
    fn compile(self) -> Result<Limit, String> {
        if self.seconds == 0 {
            return Err("seconds: expected at least 1".to_owned());
        }
        if self.max_value > MOST {
            return Err(format!("max_value: expected at most {MOST}"));
        }
        let conditions = all(self.conditions, |text| Predicate::parse(text).map_err(|e| e.to_string()))?;
        let variables = all(self.variables, |text| Expression::parse(text).map_err(|e| e.to_string()))?;
        let mut limit = Limit::new(self.namespace, self.max_value, self.seconds, conditions, variables);
        if let Some(name) = self.name {
            limit.set_name(name);
        }
        Ok(limit)
    }
}

fn all<T>(texts: Vec<String>, parsed: impl Fn(String) -> Result<T, String>) -> Result<Vec<T>, String> {
    texts.into_iter().map(parsed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_limitadors_server_is_understood() {
        let text = "
        - {namespace: ai, max_value: 10, seconds: 60, name: all, conditions: [], variables: []}
        - namespace: ai
          max_value: 2
          seconds: 60
          conditions: [\"descriptors[0]['req.method'] == 'GET'\"]
          variables: [\"descriptors[0].user\"]";
        assert_eq!(parse(text).unwrap().len(), 2);
        assert_eq!(parse(r#"[{"namespace": "ai", "max_value": 10, "seconds": 60}]"#).unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            ("x", "expected a list"),
            ("[{namespace: a, max_value: 1}]", "seconds"),
            ("[{namespace: a, max_value: 1, seconds: 0}]", "[0]: seconds: expected at least 1"),
            ("[{namespace: a, max_value: -1, seconds: 1}]", "max_value"),
            ("[{namespace: a, max_value: 100000000000000, seconds: 1}]", "[0]: max_value: expected at most"),
            ("[{namespace: a, max_value: 1, seconds: 1, conditions: ['(']}]", "[0]: couldn't parse ("),
            ("[{namespace: a, max_value: 1, seconds: 1, burst: 2}]", "burst"),
            ("[{namespace: a, max_value: 1, seconds: 1}, {namespace: a, max_value: 2, seconds: 1}]", "[1]: another"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(said), "{text}: {told}");
        }
    }
}
