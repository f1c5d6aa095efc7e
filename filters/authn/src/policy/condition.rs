//! What a claim must be beside the registered ones. "Must equal" means present, of the right type, and equal: the text
//! `"1"` is not the number 1, and a list with one item is not that item.

use serde_json::Value;

use super::claims::{Claims, Path};
use super::denial::{Denial, Reason};

/// What a claim must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The path to the claim.
    pub claim: Path,
    /// What it must be there.
    pub test: Test,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these: texts, whole numbers, booleans.
    OneOf(Vec<Value>),
    /// An array in which this stands.
    Contains(Value),
}

impl Condition {
    /// Whether the claims fit.
    pub(super) fn check(&self, claims: &Claims) -> Result<(), Denial> {
        let fits = claims.at(&self.claim).is_some_and(|value| self.test.fits(value));
        if fits { Ok(()) } else { Err(Reason::ClaimMismatch.into()) }
    }
}

impl Test {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::OneOf(allowed) => allowed.contains(value),
            Self::Contains(item) => value.as_array().is_some_and(|items| items.contains(item)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(test: &Test, claims: &str) -> bool {
        let condition = Condition { claim: vec!["c".to_owned()], test: test.clone() };
        condition.check(&Claims::read(claims.as_bytes()).unwrap()).is_ok()
    }

    #[test]
    fn a_claim_must_be_there_of_the_type_and_equal() {
        let one = Test::OneOf(vec![json!("access"), json!(1), json!(true)]);
        for claims in [r#"{"c":"access"}"#, r#"{"c":1}"#, r#"{"c":true}"#] {
            assert!(fits(&one, claims), "{claims}");
        }
        for claims in [
            "{}",
            r#"{"c":null}"#,
            r#"{"c":"Access"}"#,
            r#"{"c":"access "}"#,
            r#"{"c":["access"]}"#,
            r#"{"c":"1"}"#,
            r#"{"c":"true"}"#,
            r#"{"c":1.5}"#,
            r#"{"C":"access"}"#,
        ] {
            assert!(!fits(&one, claims), "{claims}");
        }
    }

    #[test]
    fn a_list_must_be_a_list_and_contain() {
        let holds = Test::Contains(json!("a"));
        assert!(fits(&holds, r#"{"c":["b","a"]}"#));
        for claims in [r#"{"c":"a"}"#, r#"{"c":[]}"#, r#"{"c":["A"]}"#, r#"{"c":{"a":1}}"#, "{}"] {
            assert!(!fits(&holds, claims), "{claims}");
        }
    }
}
