//! The rows of the torture table, as this repository knows them: which there are, what shows each, and a digest of what
//! each asked when it was last read, so that a changed row is noticed.

use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use serde_norway::Value;
use sha2::{Digest, Sha256};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id, stable.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The first twelve hex digits of the SHA-256 of its request and expectation.
    pub digest: String,
    /// Why nothing shows it yet.
    #[serde(default)]
    pub waits: Option<String>,
}

/// Where the table lies beside this repository.
pub fn table_file() -> PathBuf {
    harness::workspace().join("../shared/torture.yaml")
}

/// The rows as this repository lists them.
pub fn listed() -> Result<Vec<Row>, String> {
    let file = harness::workspace().join("tests/torture/rows.yaml");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    serde_norway::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
}

/// The rows as the table has them today.
pub fn of_table(text: &str) -> Result<Vec<Row>, String> {
    let table: Value = serde_norway::from_str(text).map_err(|e| e.to_string())?;
    let groups = table.get("groups").and_then(Value::as_mapping).ok_or("no groups")?;
    let rows = groups.values().filter_map(Value::as_sequence).flatten();
    rows.map(|row| row_of(row).ok_or_else(|| format!("a row without id or name: {row:?}"))).collect()
}

fn row_of(row: &Value) -> Option<Row> {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Row { id: text("id")?, name: text("name")?, digest: digest(row), waits: None })
}

/// Request and expectation in one form, whatever the line breaks of the file.
fn digest(row: &Value) -> String {
    let part = |name: &str| serde_json::to_string(&row.get(name)).unwrap_or_default();
    let hash = Sha256::digest(format!("{}{}", part("request"), part("expect")));
    let mut digest = format!("{hash:x}");
    digest.truncate(12);
    digest
}
