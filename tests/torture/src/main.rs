//! `make torture`: a line for each row, `AUTHN-021 junk-after-token pass 6/6 fake h1 h2`, and
//! `target/torture/report.json`.
//!
//! Rows can be named as arguments, and tables without a row by the beginning of their file's name. `--scenes` alone shows
//! what no table can say: all tables are in `cargo test` too. Rows marked slow run at a twentieth of their length; `SLOW=1`
//! runs them in full.
//! What failed is told again at the end, with its first faults. Exit 1 when a row fails.

#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::{env, fs};

use harness::cases::{self, Report, Table};
use serde_json::{Value, json};
use torture::rows::{self, Row};
use torture::staged::{self, Scene};

fn main() -> ExitCode {
    let wanted: BTreeSet<String> = env::args().skip(1).collect();
    match run(&wanted) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("torture: {fault}");
            ExitCode::from(2)
        }
    }
}

fn run(wanted: &BTreeSet<String>) -> Result<bool, String> {
    let only_scenes = wanted.contains("--scenes");
    let tables = if only_scenes { Vec::new() } else { cases::tables("") };
    let is_wanted = |row: &Row| {
        if only_scenes { staged::of(&row.id).is_some() } else { wanted.is_empty() || wanted.contains(&row.id) }
    };
    let mut told = Vec::new();
    for row in rows::listed()? {
        if is_wanted(&row) {
            let result = show(&row, &tables);
            println!("{}", result["line"].as_str().unwrap_or_default());
            told.push(result);
        }
    }
    for prefix in wanted.iter().filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())) {
        told.extend(cases::tables(prefix).iter().filter(|table| table.row.is_none()).map(show_topic));
    }
    let failed = told.iter().filter(|row| row["verdict"] == "FAIL").count();
    let count = |verdict: &str| told.iter().filter(|row| row["verdict"] == verdict).count();
    println!("{} pass, {failed} fail, {} wait", count("pass"), count("waits"));
    told.iter().filter(|row| row["verdict"] == "FAIL").for_each(tell_again);
    save(&told)?;
    Ok(failed == 0)
}

/// A failed row once more, where the end of a long log shows it.
fn tell_again(row: &Value) {
    const FAULTS: usize = 5;
    println!("\n{}", row["line"].as_str().unwrap_or_default());
    let parts = row["shown"].as_array().into_iter().flatten();
    let faults = parts.flat_map(|part| part["failures"].as_array().into_iter().flatten());
    faults.take(FAULTS).filter_map(Value::as_str).for_each(|fault| println!("    {fault}"));
}

fn show(row: &Row, tables: &[Table]) -> Value {
    let title = format!("{} {}", row.id, row.name);
    let own: Vec<Table> = tables.iter().filter(|table| table.row.as_ref() == Some(&row.id)).cloned().collect();
    let parts: Vec<Value> = staged::of(&row.id)
        .map(|scene| show_scene(&title, scene))
        .into_iter()
        .chain((!own.is_empty()).then(|| show_tables(&title, &own)))
        .collect();
    if parts.is_empty() {
        let reason = row.waits.clone().unwrap_or_else(|| "nothing shows it: add a case table".to_owned());
        let verdict = if row.waits.is_some() { "waits" } else { "FAIL" };
        return json!({"row": row.id, "verdict": verdict, "line": format!("{title} {verdict} {reason}")});
    }
    let verdict = if parts.iter().all(|part| part["verdict"] == "pass") { "pass" } else { "FAIL" };
    let line = parts.iter().filter_map(|part| part["line"].as_str()).collect::<Vec<_>>().join("; ");
    json!({"row": row.id, "verdict": verdict, "line": line, "shown": parts})
}

fn show_scene(title: &str, scene: &Scene) -> Value {
    let result = (scene.play)();
    let verdict = if result.faults.is_empty() { "pass" } else { "FAIL" };
    let passed = scene.variants - result.faults.len().min(scene.variants);
    result.faults.iter().for_each(|fault| eprintln!("{title}: {fault}"));
    let notes = if result.notes.is_empty() { String::new() } else { format!(" ({})", result.notes) };
    let line = format!("{title} {verdict} {passed}/{} {}{notes}", scene.variants, scene.worlds);
    json!({"verdict": verdict, "line": line, "failures": result.faults})
}

fn show_tables(title: &str, own: &[Table]) -> Value {
    let report = torture::run(own);
    report.failures.iter().for_each(|failure| eprintln!("{title}: {failure}"));
    let verdict = if report.failures.is_empty() { "pass" } else { "FAIL" };
    let (line, failures) = (report.lines().join("; "), told(&report));
    json!({"verdict": verdict, "line": line, "failures": failures, "report": report.to_json()})
}

fn show_topic(table: &Table) -> Value {
    let report = torture::run(std::slice::from_ref(table));
    report.failures.iter().for_each(|failure| eprintln!("{failure}"));
    let verdict = if report.failures.is_empty() { "pass" } else { "FAIL" };
    let line = report.lines().join("; ");
    println!("{line}");
    let shown = json!([{"failures": told(&report)}]);
    json!({"row": null, "verdict": verdict, "line": line, "shown": shown, "report": report.to_json()})
}

fn told(report: &Report) -> Vec<String> {
    report.failures.iter().map(ToString::to_string).collect()
}

fn save(told: &[Value]) -> Result<(), String> {
    let folder = harness::workspace().join("target/torture");
    let text = format!("{:#}\n", json!({"rows": told}));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("report.json"), text));
    written.map_err(|e| format!("{}: {e}", folder.display()))
}
