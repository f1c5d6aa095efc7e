//! A client's schema, compiled: what it may cost is bounded first.

use std::collections::BTreeMap;

use portcullis::json::{self, Limits};
use serde_json::Value;

use crate::answer::MAX_BYTES as MAX_BYTES_SAID;
use crate::refusal::{Denial, Reason};
use crate::schema::{Author, Common, Draft, Formats, Schemas};

/// The longest schema, as it is written. A larger one takes a worker longer than a request should.
const MAX_BYTES: usize = 32 << 10;

/// How large it may be otherwise.
const LIMITS: Limits = Limits { depth: 32, members: 1_000, values: 4_000, ..Limits::DEFAULT };

/// So many patterns it may have.
const MOST_PATTERNS: usize = 16;

/// What a pattern takes, compiled and while it is matched.
const PATTERN_BYTES: usize = 128 << 10;

/// What the model's text is held against.
pub(crate) struct Format {
    pub(super) schemas: Schemas,
    /// The longest text that is.
    pub(super) max_text_bytes: usize,
    /// How much memory it takes at most, estimated.
    pub(super) bytes: usize,
}

/// The longest text that patterns go through: they may do so slowly.
const MAX_MATCHED_BYTES: usize = 64 << 10;

/// What a byte of a schema takes when it is compiled, beside its patterns.
const BYTES_FOR_ONE: usize = 64;

/// Compiles it.
pub(super) fn compile(pointer: &str, written: &[u8]) -> Result<Format, Denial> {
    let refused = |keyword, expected: &str| Denial::says(Reason::Format, pointer, keyword, expected);
    if written.len() > MAX_BYTES {
        return Err(refused("maxLength", "a schema of at most 32768 bytes"));
    }
    let schema = json::parse(written, LIMITS).map_err(|error| refused(error.fault.code(), &error.fault.to_string()))?;
    let patterns = patterns(&schema);
    if patterns > MOST_PATTERNS {
        return Err(refused("pattern", "a schema of at most 16 patterns"));
    }
    let none = BTreeMap::new();
    let common =
        Common { library: &none, draft: Draft::Draft202012, formats: Formats::AsDeclared, author: Author::Client };
    // What exactly is wrong would repeat the client's own words.
    let schemas = Schemas::of_one(&schema, &common);
    let schemas = schemas.map_err(|_| refused("schema", "a schema that can be enforced"))?;
    let bytes = written.len().saturating_mul(BYTES_FOR_ONE).saturating_add(patterns.saturating_mul(PATTERN_BYTES));
    let max_text_bytes = if patterns == 0 { MAX_BYTES_SAID } else { MAX_MATCHED_BYTES };
    Ok(Format { schemas, max_text_bytes, bytes })
}

fn patterns(schema: &Value) -> usize {
    let mut open = vec![schema];
    let mut count = 0_usize;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let names = members.get("patternProperties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
                count = count.saturating_add(names).saturating_add(usize::from(members.contains_key("pattern")));
                open.extend(members.values());
            }
            Value::Array(elements) => open.extend(elements),
            _ => {}
        }
    }
    count
}
