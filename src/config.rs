//! From the operator's text to a filter's configuration, with a sentence for every mistake.
//!
//! A configuration is one JSON object. The kit reads the members that every filter has ([`Settings`]); the rest is the
//! filter's own type, in which unknown members are refused. A fault names the place, the value and what was expected:
//!
//! ```text
//! rules[0].within: invalid value: string "1 hour", expected a duration such as "250ms" or "60s", more than zero
//! ```

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde_json::{Map, Value};

use crate::ai::dialects::written::Mapping;
use crate::filter::Env;
use crate::host::Millis;
use crate::json;

/// What is wrong with a configuration, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    problem: String,
}

impl ConfigError {
    /// A value that is not what it must be. The value is shown, cut to 64 bytes: configurations hold no secrets.
    pub fn new(place: impl Into<String>, found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        let found = crate::telemetry::shown(found.to_string().as_bytes());
        Self { place: place.into(), problem: format!("found \"{found}\", expected {expected}") }
    }

    /// Something that is missing.
    pub fn missing(place: impl Into<String>, expected: impl fmt::Display) -> Self {
        Self { place: place.into(), problem: format!("missing, expected {expected}") }
    }

    /// Where it is, without what stands there.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What stands there, and what was expected.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The same fault seen from further out: `within("providers[0]")` turns `issuer` into `providers[0].issuer`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        let joint = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{outer}{joint}{}", self.place);
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.place.is_empty() { "configuration" } else { &self.place };
        write!(f, "{place}: {}", self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// Checks that a value is within its bounds, both of which may be.
pub fn in_range<T: Copy + fmt::Display + PartialOrd>(
    place: &str,
    found: T,
    bounds: RangeInclusive<T>,
) -> Result<(), ConfigError> {
    let (least, most) = bounds.clone().into_inner();
    if bounds.contains(&found) { Ok(()) } else { Err(ConfigError::new(place, found, format!("{least} to {most}"))) }
}

/// The members that every filter's configuration may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The instance's name, in metrics, verdicts and shared keys. Lower-case letters, digits, `-` and `_`, at most 32.
    /// Default: the filter's name. Two instances in one chain need two names.
    pub name: Option<String>,
    /// The largest body that is held, in bytes; a larger one is answered 413 (a response: 502). Default `1MiB`, at
    /// most `64MiB`. Envoy's own limits still apply before it.
    pub max_body_bytes: Size,
    /// What all open exchanges of one VM may hold together; past it new requests are answered 503 `overloaded`.
    /// Default `32MiB`, at most `512MiB`: Wasm memory never shrinks, and a VM ends at 1 GiB.
    pub memory_budget: Size,
    /// Which API is below which of your paths; the first that fits decides. At most 64. Default: none, and APIs are known
    /// by the paths that they document. The same in every filter of a chain.
    pub dialects: Vec<Mapping>,
    /// Whether the whole policy only looks on: it decides, counts and writes as always, and what it refuses passes
    /// (counter `kit_total.event.shadowed`, gauge `kit_shadow`). Default `false`. What stays in force is in
    /// [`adapter`](crate::adapter).
    pub shadow: bool,
    /// A second configuration of the same filter, without the settings of this list. It is asked about the same requests
    /// and touches none; how its decisions differ is counted (`kit_total.event.candidate_…`) and sampled to the log, see
    /// `src/adapter/candidate.rs`. It takes time and memory like a second filter. Default: none.
    pub candidate: Option<Map<String, Value>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            max_body_bytes: Size(1 << 20),
            memory_budget: Size(32 << 20),
            dialects: Vec::new(),
            shadow: false,
            candidate: None,
        }
    }
}

impl Settings {
    const MEMBERS: [&'static str; 6] = ["name", "max_body_bytes", "memory_budget", "dialects", "shadow", "candidate"];

    /// The candidate as the filter's own type.
    pub fn candidate<C: DeserializeOwned>(&self) -> Result<Option<C>, ConfigError> {
        let written = self.candidate.clone().map(|members| typed(Value::Object(members)));
        written.transpose().map_err(|fault| fault.within("candidate"))
    }

    fn check(&self) -> Result<(), ConfigError> {
        if let Some(name) = self.name.as_deref().filter(|name| !is_instance_name(name)) {
            let expected = "1 to 32 lower-case letters, digits, '-' or '_'";
            return Err(ConfigError::new("name", name, expected));
        }
        at_most("max_body_bytes", self.max_body_bytes, Size(64 << 20))?;
        at_most("memory_budget", self.memory_budget, Size(512 << 20))
    }
}

fn is_instance_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=32).contains(&name.len()) && name.bytes().all(fits)
}

fn at_most(place: &str, found: Size, most: Size) -> Result<(), ConfigError> {
    if found > most { Err(ConfigError::new(place, found, format!("at most {most}"))) } else { Ok(()) }
}

/// Reads a whole configuration: the kit's settings and the filter's own type.
pub fn read<C: DeserializeOwned>(text: &[u8]) -> Result<(Settings, C), ConfigError> {
    let value = json::parse(text, json::Limits::default())
        .map_err(|error| ConfigError { place: String::new(), problem: format!("not valid JSON: {error}") })?;
    let Value::Object(mut members) = value else {
        return Err(ConfigError::new("", kind_of(&value), "one JSON object"));
    };
    let settings: Settings = typed(Value::Object(take_settings(&mut members)))?;
    settings.check()?;
    Ok((settings, typed(Value::Object(members))?))
}

fn take_settings(members: &mut Map<String, Value>) -> Map<String, Value> {
    Settings::MEMBERS.into_iter().filter_map(|name| members.remove_entry(name)).collect()
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        ConfigError { place: if place == "." { String::new() } else { place }, problem: error.into_inner().to_string() }
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A number of bytes with a unit: `"64KiB"`, `"1MiB"`, `"512B"`. Zero is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes.trailing_zeros() >= 20 => write!(f, "{}MiB", bytes >> 20),
            bytes if bytes.trailing_zeros() >= 10 => write!(f, "{}KiB", bytes >> 10),
            bytes => write!(f, "{bytes}B"),
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const UNITS: &[(&str, u64)] = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("B", 1)];
        let wanted = Quantity { units: UNITS, expected: "a size such as \"64KiB\" or \"1MiB\", more than zero" };
        let bytes = deserializer.deserialize_str(wanted)?;
        usize::try_from(bytes).map(Self).map_err(|_| de::Error::custom("a size that fits in memory"))
    }
}

/// A length of time with a unit: `"250ms"`, `"60s"`, `"10m"`, `"1h"`. Zero is refused.
impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        let wanted = Quantity { units: UNITS, expected: "a duration such as \"250ms\" or \"60s\", more than zero" };
        deserializer.deserialize_str(wanted).map(Self)
    }
}

/// Prints as it is written, in the largest unit that fits.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(3_600_000, "h"), (60_000, "m"), (1000, "s")];
        let whole = UNITS.iter().find(|(factor, _)| self.0.is_multiple_of(*factor) && self.0 > 0);
        match whole.and_then(|(factor, name)| Some((self.0.checked_div(*factor)?, name))) {
            Some((number, name)) => write!(f, "{number}{name}"),
            None => write!(f, "{}ms", self.0),
        }
    }
}

/// A secret, by the name of the environment variable that holds it: a configuration is readable in Envoy's
/// `config_dump`. Envoy hands variables to a VM that its `vm_config` names (`environment_variables.host_env_keys`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The variable's name.
    pub env: String,
    /// How the secret is written in it. Default `text`: its bytes as they are.
    #[serde(default)]
    pub encoding: Encoding,
}

/// How bytes are written as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As they are.
    #[default]
    Text,
    /// Base64 with the standard alphabet, padded (RFC 4648 section 4).
    Base64,
    /// Two hex digits a byte.
    Hex,
}

impl Secret {
    /// The secret. Nothing of it is in the error.
    pub fn resolve(&self, env: &Env) -> Result<Vec<u8>, ConfigError> {
        let expected =
            "the name of an environment variable that is set (vm_config.environment_variables.host_env_keys)";
        let text = env.variable(&self.env).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| ConfigError::new("env", &self.env, expected))?;
        let (bytes, expected) = match self.encoding {
            Encoding::Text => (Some(text.as_bytes().to_vec()), ""),
            Encoding::Base64 => {
                (STANDARD.decode(text).ok(), "a variable that holds padded base64 (RFC 4648 section 4)")
            }
            Encoding::Hex => (hex(text), "a variable that holds two hex digits for each byte"),
        };
        bytes.ok_or_else(|| ConfigError::new("env", &self.env, expected))
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some((digit(high)? << 4) | digit(low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// A whole number and a unit.
struct Quantity {
    units: &'static [(&'static str, u64)],
    expected: &'static str,
}

impl Visitor<'_> for Quantity {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).unwrap_or_default();
        let factor = self.units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let value = number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
        value.filter(|value| *value > 0).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        within: Millis,
    }

    fn fault(text: &str) -> String {
        read::<Sample>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_fault_names_place_value_and_expectation() {
        for (text, sentence) in [
            (
                r#"{"rules":[{"within":"1 hour"}]}"#,
                "rules[0].within: invalid value: string \"1 hour\", expected a duration such as \"250ms\" or \"60s\", more than zero",
            ),
            (r#"{"rules":[{"within":"0s"}]}"#, "rules[0].within: invalid value: string \"0s\", expected a duration"),
            (r#"{"rules":[{"wihtin":"1s"}]}"#, "rules[0].wihtin: unknown field `wihtin`, expected `within`"),
            (
                r#"{"rules":[],"max_body_bytes":"1GiB"}"#,
                "max_body_bytes: invalid value: string \"1GiB\", expected a size",
            ),
            (r#"{"rules":[],"max_body_bytes":"65MiB"}"#, "max_body_bytes: found \"65MiB\", expected at most 64MiB"),
            (r#"{"rules":[],"name":"a.b"}"#, "name: found \"a.b\", expected 1 to 32 lower-case"),
            (r#"{"rules":[],"rules":[]}"#, "configuration: not valid JSON: "),
            ("[]", "configuration: found \"an array\", expected one JSON object"),
            ("", "configuration: not valid JSON: "),
            (
                r#"{"rules":[],"dialects":[{"prefix":"/a","dialect":"b"}]}"#,
                "dialects[0].dialect: unknown variant `b`, expected one of `openai`",
            ),
        ] {
            assert!(fault(text).starts_with(sentence), "{text}\n  {}\n  {sentence}", fault(text));
        }
    }

    #[test]
    fn settings_and_the_filters_own_members_stand_side_by_side() {
        let (settings, sample) =
            read::<Sample>(br#"{"name":"edge","rules":[{"within":"2m"}],"memory_budget":"8MiB"}"#).unwrap();
        assert_eq!((settings.name.as_deref(), settings.memory_budget), (Some("edge"), Size(8 << 20)));
        assert_eq!(sample, Sample { rules: vec![Rule { within: Millis(120_000) }] });
    }

    #[test]
    fn a_secret_is_what_a_variable_holds_in_its_encoding() {
        let env = Env::new("authn", [("S", "6162"), ("B", "YWI="), ("E", "")].map(|(a, b)| (a.into(), b.into())));
        let secret = |name: &str, encoding| Secret { env: name.to_owned(), encoding }.resolve(&env);
        assert_eq!(secret("S", Encoding::Text), Ok(b"6162".to_vec()));
        assert_eq!(secret("S", Encoding::Hex), Ok(b"ab".to_vec()));
        assert_eq!(secret("B", Encoding::Base64), Ok(b"ab".to_vec()));
        for (name, encoding) in
            [("N", Encoding::Text), ("E", Encoding::Text), ("B", Encoding::Hex), ("S1", Encoding::Hex)]
        {
            assert!(secret(name, encoding).is_err(), "{name}");
        }
        let fault = secret("B", Encoding::Hex).unwrap_err().to_string();
        assert!(
            fault.starts_with("env: found \"B\", expected a variable that holds two hex digits")
                && !fault.contains("YWI")
        );
    }

    #[test]
    fn durations_print_as_they_are_written() {
        for text in ["250ms", "60s", "10m", "24h", "90s"].map(str::to_owned) {
            let millis: Millis = serde_json::from_value(Value::String(text.clone())).unwrap();
            let printed = millis.to_string();
            assert!(printed == text || (text, printed) == ("60s".to_owned(), "1m".to_owned()));
        }
    }

    #[test]
    fn sizes_print_as_they_are_written() {
        for text in ["1B", "64KiB", "3MiB", "1025B"] {
            let size: Size = serde_json::from_value(Value::String(text.to_owned())).unwrap();
            assert_eq!(size.to_string(), text);
        }
    }
}
