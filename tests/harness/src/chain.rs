//! The chain mode: with `CHAIN=1` a filter does not stand alone. Every listener with one of our filters has all five, in the
//! order of `envoy/gateway.yaml`; the others have the gateway's configurations and only look on (`shadow`), so that whatever
//! a test expects of its own filter must hold in their midst: bodies that are held and handed on, answers that pass through
//! all of them, streams, trailers, resets.

use std::env;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::gateway;

/// The packages in the order of the chain.
const ORDER: [&str; 5] = ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"];

/// Whether the others stand beside a filter.
pub fn is_on() -> bool {
    env::var_os("CHAIN").is_some_and(|value| value == "1")
}

/// The filters of a listener, with those that it lacks.
pub(crate) fn completed(filters: &[Value]) -> Vec<Value> {
    let mut all = filters.to_vec();
    if !is_on() || !filters.iter().any(|filter| place(filter).is_some()) {
        return all;
    }
    for (rank, other) in others().iter().enumerate() {
        if !filters.iter().any(|filter| place(filter) == Some(rank)) {
            let before = |filter: &Value| place(filter).is_some_and(|own| own > rank);
            let at = all.iter().position(before).unwrap_or(all.len());
            all.insert(at, other.clone());
        }
    }
    all
}

/// Which of the five a filter is.
fn place(filter: &Value) -> Option<usize> {
    let module = filter.pointer("/typed_config/config/vm_config/code/local/filename")?.as_str()?;
    let stem = Path::new(module).file_stem()?.to_str()?;
    ORDER.iter().position(|package| *package == stem)
}

/// The gateway's own, looking on.
fn others() -> &'static [Value] {
    static OTHERS: OnceLock<Vec<Value>> = OnceLock::new();
    OTHERS.get_or_init(|| {
        let published = gateway::filters();
        let named = |package: &str| {
            crate::wasm(package);
            // Limits by head stand before and are not those meant.
            let of_head = |name: &Value| name == "edge" || name == "callers";
            let is_it =
                |filter: &&Value| place(filter).map(|rank| ORDER[rank]) == Some(package) && !of_head(&filter["name"]);
            published.iter().find(is_it).cloned().map(looking_on).expect("the gateway has all five")
        };
        ORDER.iter().map(|package| named(package)).collect()
    })
}

/// Of its own VM, refusing nothing, and taking whatever another takes.
fn looking_on(mut filter: Value) -> Value {
    filter["typed_config"]["config"]["vm_config"]["vm_id"] = json!("looks-on");
    gateway::edit(&mut filter, |written| {
        written["shadow"] = json!(true);
        written["max_body_bytes"] = json!("64MiB");
        written["memory_budget"] = json!("512MiB");
    });
    filter
}
