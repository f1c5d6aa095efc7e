//! The environment that a filter gets: what its host hands on, and nothing else.

use serde_json::Value;

use super::found::{Host, Written};

/// Names and values. What is handed on out of the environment of the host is taken from that of this command.
pub(super) fn of(host: &Host) -> Vec<(String, String)> {
    match host {
        Host::None => own().collect(),
        Host::Envoy(written) => of_envoy(written),
        Host::WasmPlugin(written) => of_plugin(written),
        Host::ExtensionPolicy(written) => handed_on(written.value.pointer("/env/hostKeys")).collect(),
    }
}

/// `vm_config.environment_variables` of Envoy's filter.
fn of_envoy(written: &Written) -> Vec<(String, String)> {
    const VARIABLES: &str = "/config/vm_config/environment_variables";
    let part = |name: &str| written.value.pointer(&format!("{VARIABLES}/{name}"));
    let pairs = part("key_values").and_then(Value::as_object).into_iter().flatten();
    let pairs = pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    pairs.chain(handed_on(part("host_env_keys"))).collect()
}

/// `vmConfig.env` of Istio: values, and names of variables of the proxy.
fn of_plugin(written: &Written) -> Vec<(String, String)> {
    let entries = written.value.pointer("/vmConfig/env").and_then(Value::as_array).into_iter().flatten();
    let pair = |entry: &Value| {
        let name = entry.get("name")?.as_str()?;
        let is_of_host = entry.get("valueFrom").and_then(Value::as_str) == Some("HOST");
        if is_of_host {
            return own().find(|(own, _)| own == name);
        }
        Some((name.to_owned(), entry.get("value")?.as_str()?.to_owned()))
    };
    entries.filter_map(pair).collect()
}

/// Those of this command that a list names.
fn handed_on(names: Option<&Value>) -> impl Iterator<Item = (String, String)> {
    let names: Vec<&str> = names.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    own().filter(move |(name, _)| names.contains(&name.as_str()))
}

/// Those of this command that are text.
fn own() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
}
