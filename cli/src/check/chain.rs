//! Filters that a request meets one after the other, and what stands around them.

use serde_json::Value;

use super::Kind;
use super::finding::Finding;
use super::found::Found;
use super::lines::Lines;
use super::lint::{alone, together};

/// Filters that a request meets one after the other.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) found: Vec<Found>,
    /// Whether no other filter can stand in it: it is an `http_filters`.
    pub(super) is_whole: bool,
    /// Who runs them, where that is known.
    pub(super) manager: Option<Manager>,
}

/// A connection manager.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manager {
    /// Whether headers with `_` in their names come through to it.
    pub(super) takes_underscores: bool,
    /// Whether the caller's address is what a header says.
    pub(super) believes_headers: bool,
    /// Headers by which routes are chosen, and the lines of those routes.
    pub(super) routed_by: Vec<(String, usize)>,
}

impl Manager {
    pub(super) fn of(manager: &Value, lines: &Lines) -> Self {
        let action = manager.pointer("/common_http_protocol_options/headers_with_underscores_action");
        let is_set = |member: &str| manager.get(member).is_some_and(|value| *value != Value::Bool(false));
        Self {
            takes_underscores: !matches!(action.and_then(Value::as_str), Some("REJECT_REQUEST" | "DROP_HEADER")),
            believes_headers: !is_set("use_remote_address") && !is_set("original_ip_detection_extensions"),
            routed_by: headers_of_routes(manager, lines),
        }
    }
}

fn headers_of_routes(manager: &Value, lines: &Lines) -> Vec<(String, usize)> {
    let list =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (host, of_host) in list(manager, "/route_config/virtual_hosts").iter().enumerate() {
        for (route, of_route) in list(of_host, "/routes").iter().enumerate() {
            for (at, header) in list(of_route, "/match/headers").iter().enumerate() {
                let pointer = format!("/route_config/virtual_hosts/{host}/routes/{route}/match/headers/{at}");
                let name = header.get("name").and_then(Value::as_str).unwrap_or_default();
                found.push((name.to_ascii_lowercase(), lines.line(&pointer)));
            }
        }
    }
    found
}

impl Chain {
    /// What is said of it; `kind` says whose configurations they are.
    pub(super) fn findings(&self, kind: Option<Kind>) -> Vec<Finding> {
        let (mut findings, mut links) = (Vec::new(), Vec::new());
        for found in &self.found {
            let Some(kind) = kind.or_else(|| found.kind()) else {
                findings.push(found.is_nobodys());
                continue;
            };
            findings.extend(alone::notes(found, kind));
            match found.link(kind) {
                Ok(link) => links.push(link),
                Err(error) => findings.push(found.fault(&error)),
            }
        }
        findings.extend(together::notes(self, &links));
        findings
    }
}
