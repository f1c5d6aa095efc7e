//! Documents are views of the code: what they leave out or invent is a failed test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use portcullis::ai::dialects::written::{Described, Mapping};
use portcullis::config::{Encoding, Secret, Settings};
use portcullis::document::Fetch;
use portcullis::select::When;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::*;
use crate::config;
use crate::metrics::METRICS;
use crate::policy::Algorithm;

const README: &str = include_str!("../../README.md");
const DIALECTS: &str = include_str!("../../../../docs/dialects.md");
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

/// Every type of a configuration, where its schema stands, and under which heading of the README its fields do.
fn types() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    let whole = [fields::<config::Config>(), fields::<Settings>()].concat();
    vec![
        ("", "## Configuration", whole),
        ("/$defs/credential", "### `credentials[]`", fields::<config::Credential>()),
        ("/$defs/provider", "### `providers.*`", fields::<config::Provider>()),
        ("/$defs/condition", "### `providers.*`", fields::<config::Condition>()),
        ("/$defs/remote", "### Keys from the network", fields::<config::Remote>()),
        ("/$defs/fetch", "### Keys from the network", fields::<Fetch>()),
        ("/$defs/discovery", "### Keys from the network", fields::<config::Discovery>()),
        ("/$defs/secret", "### Secrets", fields::<Secret>()),
        ("/$defs/key_set", "### `key_sets.*`", fields::<config::KeySet>()),
        ("/$defs/api_key", "### `key_sets.*`", fields::<config::ApiKey>()),
        ("/$defs/rule", "### `rules[]`", fields::<config::Rule>()),
        ("/$defs/requirement", "### `rules[]`", fields::<config::Requirement>()),
        ("/$defs/when", "### `rules[]`", fields::<When>()),
        ("/$defs/identity", "### `identity`", fields::<config::Identity>()),
        ("/$defs/identity_header", "### `identity`", fields::<config::IdentityHeader>()),
        ("/$defs/protected_resource", "### `protected_resources[]`", fields::<config::ProtectedResource>()),
        ("/$defs/token_cache", "### `token_cache`", fields::<config::TokenCache>()),
        ("/$defs/dialect", "### `dialects[]`", fields::<Mapping>()),
        ("/$defs/endpoint", "### `dialects[].endpoints[]`", fields::<Described>()),
    ]
}

/// The rows of the tables of fields under a heading of the README, or of the page on what every filter has: the names, and the last cell.
fn rows(heading: &str) -> Vec<(Vec<&'static str>, &'static str)> {
    let lines = README
        .lines()
        .chain(DIALECTS.lines())
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('#'));
    let mut rows = Vec::new();
    let mut is_of_fields = false;
    for line in lines {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells[..] {
            ["", "field", ..] => is_of_fields = true,
            ["", names, .., last, ""] if is_of_fields && !names.starts_with('-') => {
                rows.push((names.split('`').skip(1).step_by(2).collect(), last));
            }
            [_] => is_of_fields = false,
            _ => {}
        }
    }
    rows
}

#[test]
fn the_schema_knows_exactly_the_fields_of_the_configuration() {
    let schema = parse(SCHEMA.as_bytes());
    for (place, _, fields) in types() {
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
fn the_readme_has_a_row_for_every_field_where_it_belongs_and_for_nothing_else() {
    let mut sections: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, heading, fields) in types() {
        sections.entry(heading).or_default().extend(fields);
    }
    for (heading, fields) in sections {
        let documented: BTreeSet<&str> = rows(heading).into_iter().flat_map(|(names, _)| names).collect();
        assert_eq!(documented, fields, "{heading}");
    }
}

#[test]
fn the_readme_and_the_schema_give_the_bounds_of_a_fetch() {
    let (default, bounds) = (Fetch::default(), Fetch::BOUNDS);
    let row = |least: &dyn Display, most: &dyn Display| (least.to_string(), most.to_string());
    let known = [
        ("refresh", default.refresh.to_string(), row(bounds.refresh.start(), bounds.refresh.end())),
        ("max_stale", default.max_stale.to_string(), row(&"refresh", bounds.max_stale.end())),
        ("timeout", default.timeout.to_string(), row(bounds.timeout.start(), bounds.timeout.end())),
        ("cooldown", default.cooldown.to_string(), row(bounds.cooldown.start(), bounds.cooldown.end())),
        ("max_bytes", default.max_bytes.to_string(), row(bounds.max_bytes.start(), bounds.max_bytes.end())),
    ];
    assert_eq!(known.iter().map(|(field, ..)| *field).collect::<Vec<_>>(), fields::<Fetch>());
    let (readme, schema) = (rows("### Keys from the network"), parse(SCHEMA.as_bytes()));
    for (field, default, (least, most)) in known {
        let (_, cell) = readme.iter().find(|(names, _)| names.contains(&field)).unwrap();
        assert_eq!(*cell, format!("`{default}`, `{least}` to `{most}`"), "{field}");
        let property = &schema["$defs"]["fetch"]["properties"][field];
        let description = property["description"].as_str().unwrap();
        assert!(description.ends_with(&format!(" {least} to {most}.")), "{field}: {description}");
        assert_eq!(property["default"], default, "{field}");
    }
}

#[test]
fn the_readme_lists_every_code_and_every_metric() {
    let row = |name: &str| README.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
    for code in Reason::ALL.iter().map(|reason| reason.name()).chain(["method_not_allowed"]) {
        assert!(row(code).is_some(), "{code}");
    }
    for metric in METRICS {
        let mut parts = metric.name.split('.');
        let name = parts.next().unwrap();
        let row = row(&format!("portcullis_authn_{name}")).unwrap_or_else(|| panic!("{name}"));
        // The codes of refusals have rows of their own.
        let is_refusal = metric.name.contains(".outcome.deny.") || metric.name.contains(".outcome.shadow.");
        let parts = parts.take(if is_refusal { 2 } else { usize::MAX });
        parts.for_each(|part| assert!(row.contains(&format!("`{part}`")), "{}: {part}", metric.name));
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
