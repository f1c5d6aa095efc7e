//! Documents are views of the code: what they leave out or invent is a failed test.

use std::collections::BTreeSet;

use portcullis::config::{Encoding, Secret, Settings};
use portcullis::document::Fetch;
use portcullis::select::When;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::*;
use crate::config;
use crate::policy::Algorithm;

const README: &str = include_str!("../../README.md");
const SCHEMA: &str = include_str!("../../schema.json");

/// A deserializer that is told the names of a struct's fields, and nothing more.
struct Names<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.extend(fields);
        Err(de::Error::custom("told"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_struct(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

fn fields<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    let mut names = Vec::new();
    assert!(T::deserialize(Names(&mut names)).is_err());
    assert!(!names.is_empty());
    names
}

/// Every type of a configuration, and where its schema stands.
fn types() -> Vec<(&'static str, Vec<&'static str>)> {
    let whole = [fields::<config::Config>(), fields::<Settings>()].concat();
    vec![
        ("", whole),
        ("/$defs/credential", fields::<config::Credential>()),
        ("/$defs/provider", fields::<config::Provider>()),
        ("/$defs/key_set", fields::<config::KeySet>()),
        ("/$defs/api_key", fields::<config::ApiKey>()),
        ("/$defs/rule", fields::<config::Rule>()),
        ("/$defs/requirement", fields::<config::Requirement>()),
        ("/$defs/when", fields::<When>()),
        ("/$defs/remote", fields::<config::Remote>()),
        ("/$defs/fetch", fields::<Fetch>()),
        ("/$defs/discovery", fields::<config::Discovery>()),
        ("/$defs/secret", fields::<Secret>()),
        ("/$defs/condition", fields::<config::Condition>()),
        ("/$defs/identity", fields::<config::Identity>()),
        ("/$defs/identity_header", fields::<config::IdentityHeader>()),
        ("/$defs/protected_resource", fields::<config::ProtectedResource>()),
        ("/$defs/token_cache", fields::<config::TokenCache>()),
    ]
}

#[test]
fn the_schema_knows_exactly_the_fields_of_the_configuration() {
    let schema = parse(SCHEMA.as_bytes());
    for (place, fields) in types() {
        let object = schema.pointer(place).unwrap_or_else(|| panic!("{place} is missing"));
        let known: BTreeSet<&str> = object["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(known, fields.into_iter().collect(), "{place}");
        assert_eq!(object["additionalProperties"], Value::Bool(false), "{place}");
        let described = object["properties"].as_object().unwrap().values();
        assert!(
            described.into_iter().all(|property| property["description"].is_string() || property["$ref"].is_string()),
            "{place}"
        );
    }
}

#[test]
fn the_readme_has_a_row_for_every_field() {
    for (place, fields) in types() {
        for field in fields {
            assert!(README.contains(&format!("`{field}`")), "{place} {field}");
        }
    }
}

#[test]
fn the_readme_lists_every_code_and_every_metric() {
    for reason in Reason::ALL {
        assert!(README.contains(&format!("| `{}` |", reason.name())), "{}", reason.name());
    }
    for name in ["requests_total", "token_cache_total", "fetches_total", "documents_missing", "keys_skipped", "open"] {
        assert!(README.contains(&format!("`portcullis_authn_{name}`")), "{name}");
    }
}

/// `tests/readme.rs` runs the README's YAML, whose configuration is the example, in a real Envoy.
#[test]
fn the_readme_and_the_schema_know_every_value_that_can_be_chosen() {
    for (place, values) in [
        ("/$defs/credential/properties/form", fields::<config::Form>()),
        ("/$defs/provider/properties/preset", fields::<config::Preset>()),
        ("/$defs/secret/properties/encoding", fields::<Encoding>()),
        ("/$defs/rule/properties/mode", fields::<config::Mode>()),
    ] {
        let known = parse(SCHEMA.as_bytes()).pointer(place).unwrap()["enum"].clone();
        assert_eq!(known, serde_json::json!(values), "{place}");
        assert!(values.iter().all(|value| README.contains(&format!("`{value}`"))), "{place}");
    }
    let known = &parse(SCHEMA.as_bytes())["$defs"]["provider"]["properties"]["algorithms"]["items"]["enum"];
    let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    assert_eq!(*known, serde_json::json!(algorithms));
    assert!(algorithms.iter().all(|name| README.contains(&format!("`{name}`"))));
}
