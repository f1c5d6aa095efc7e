//! What a run of case tables found: all failures together, and a line for each table.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// One broken expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The table's file.
    pub file: PathBuf,
    /// The case.
    pub case: String,
    /// The world, or several.
    pub world: String,
    /// What was expected and what was found.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.file_name().unwrap_or_default().to_string_lossy();
        write!(out, "{file}: {} [{}]: {}", self.case, self.world, self.what)
    }
}

/// One table's result.
#[derive(Clone, Debug, Default)]
pub struct TableReport {
    /// The torture row, if it stands for one.
    pub row: Option<String>,
    /// What it is about.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// How many cases it has.
    pub cases: usize,
    /// How many of them failed somewhere.
    pub failed: usize,
    /// The worlds it ran in.
    pub worlds: BTreeSet<String>,
    /// Cases that did not run in every world: world, case and reason.
    pub skipped: Vec<(String, String, String)>,
}

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// A result for each table, in their order.
    pub tables: Vec<TableReport>,
    /// Every failure of every table.
    pub failures: Vec<Failure>,
}

impl Report {
    /// A line for each table: `AUTHN-021 junk-after-token pass 6/6 fake h1 h2`.
    pub fn lines(&self) -> Vec<String> {
        self.tables.iter().map(TableReport::line).collect()
    }

    /// The same for programs, failures included.
    pub fn to_json(&self) -> Value {
        let table = |table: &TableReport| {
            json!({
                "row": table.row,
                "name": table.name,
                "file": table.file.file_name().unwrap_or_default().to_string_lossy(),
                "pass": table.failed == 0,
                "cases": table.cases,
                "failed": table.failed,
                "worlds": table.worlds,
                "skipped": table.skipped.iter()
                    .map(|(world, case, reason)| json!({"world": world, "case": case, "reason": reason}))
                    .collect::<Vec<_>>(),
                "failures": self.failures.iter().filter(|failure| failure.file == table.file)
                    .map(|failure| json!({"case": failure.case, "world": failure.world, "what": failure.what}))
                    .collect::<Vec<_>>(),
            })
        };
        json!({"tables": self.tables.iter().map(table).collect::<Vec<_>>()})
    }

    /// Writes the report where other tools find it.
    pub fn write(&self, file: &Path) {
        let folder = file.parent().unwrap_or(Path::new("."));
        let text = serde_json::to_string_pretty(&self.to_json()).unwrap_or_default();
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text));
        written.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }

    /// Panics with every failure, if there is one, and prints the lines of the tables otherwise.
    #[track_caller]
    pub fn assert_clean(&self) {
        let failures: Vec<String> = self.failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
        assert!(!self.tables.is_empty(), "no table ran");
        for line in self.lines() {
            println!("{line}");
        }
    }
}

impl TableReport {
    fn line(&self) -> String {
        let passed = self.cases - self.failed;
        let verdict = if self.failed == 0 { "pass" } else { "FAIL" };
        let worlds: Vec<&str> = self.worlds.iter().map(String::as_str).collect();
        let title = self.row.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(" ");
        format!("{title} {verdict} {passed}/{} {}", self.cases, worlds.join(" "))
    }
}
