//! What runs a filter must run it as it needs.

use super::super::Kind;
use super::super::finding::{Finding, Rule};
use super::super::found::{Found, Host, Written};

const STRUCT: &str =
    "configuration: expected a google.protobuf.StringValue; in a Struct duplicate members are lost unseen";
const OPENS: &str =
    "expected FAIL_RELOAD, which has a new VM about a second after a trap; this lets everybody pass then";
const STAYS: &str = "expected FAIL_RELOAD, which has a new VM about a second after a trap; with this a worker answers 503 from \
                     then on";
const HOLDS_NOT: &str = "allow_on_headers_stop_iteration: expected true: without it no body is held, and what needs one is \
                         answered 500 flag_missing";
const HOLDS: &str = "allow_on_headers_stop_iteration: expected not to be set: authn reads no body, and an upload that waits \
                     for keys would be answered 413";

/// A rule, where in what is written, and a sentence.
type Note = (Rule, &'static str, String);

pub(in super::super) fn notes(found: &Found, kind: Kind) -> Vec<Finding> {
    let (written, notes) = match &found.host {
        Host::None => return Vec::new(),
        Host::Envoy(written) => (written, of_envoy(found, kind, written)),
        Host::WasmPlugin(written) => (written, of_plugin(found, kind, written)),
        Host::ExtensionPolicy(written) => (written, of_policy(found, kind, written)),
    };
    let line = |pointer: &str| written.lines.line(pointer);
    notes.into_iter().map(|(rule, place, says)| found.note_at(Some(kind), rule, line(place), says)).collect()
}

fn of_envoy(found: &Found, kind: Kind, written: &Written) -> Vec<Note> {
    const POLICY: &str = "/config/failure_policy";
    const HELD: &str = "/config/allow_on_headers_stop_iteration";
    const CONFIGURATION: &str = "/config/configuration";
    let kind_of_text = written.text("/config/configuration/@type");
    let is_string = kind_of_text.is_some_and(|kind| kind.ends_with("google.protobuf.StringValue"));
    // Without a policy Envoy's is FAIL_CLOSED; `fail_open` is the older name.
    let failure = match written.text(POLICY) {
        Some("FAIL_RELOAD") => None,
        Some("FAIL_OPEN") => Some(OPENS),
        None if written.is_true("/config/fail_open") => Some(OPENS),
        _ => Some(STAYS),
    };
    let held = match (found.awaits_bodies(kind), written.is_true(HELD)) {
        (true, false) => Some(HOLDS_NOT),
        (false, true) if kind == Kind::Authn => Some(HOLDS),
        _ => None,
    };
    let as_string = (!is_string).then(|| (Rule::StructConfiguration, CONFIGURATION, STRUCT.to_owned()));
    let failure = failure.map(|says| (Rule::FailurePolicy, POLICY, format!("failure_policy: {says}")));
    let held = held.map(|says| (Rule::HeldHeaders, HELD, says.to_owned()));
    [as_string, failure, held].into_iter().flatten().collect()
}

/// A `WasmPlugin` knows nothing of `allow_on_headers_stop_iteration`.
fn of_plugin(found: &Found, kind: Kind, written: &Written) -> Vec<Note> {
    const STRATEGY: &str = "/failStrategy";
    let failure = match written.text(STRATEGY) {
        Some("FAIL_RELOAD") => None,
        Some("FAIL_OPEN") => Some(OPENS),
        _ => Some(STAYS),
    };
    let failure = failure.map(|says| (Rule::FailurePolicy, STRATEGY, format!("failStrategy: {says}")));
    let held = found.awaits_bodies(kind).then(|| {
        let says = "a WasmPlugin cannot set allow_on_headers_stop_iteration, and what has a body is answered 500 \
                    flag_missing: expected an EnvoyFilter, as in envoy/istio/bodies.yaml";
        (Rule::HeldHeaders, "", says.to_owned())
    });
    failure.into_iter().chain(held).collect()
}

/// An `EnvoyExtensionPolicy` knows neither that nor a reload.
fn of_policy(found: &Found, kind: Kind, written: &Written) -> Vec<Note> {
    const OPEN: &str = "/failOpen";
    let failure = written.is_true(OPEN).then(|| {
        let says = "failOpen: expected false: after a trap this lets everybody pass";
        (Rule::FailurePolicy, OPEN, says.to_owned())
    });
    let held = found.awaits_bodies(kind).then(|| {
        let says = "an EnvoyExtensionPolicy cannot set allow_on_headers_stop_iteration, and what has a body is answered 500 \
                    flag_missing: expected an EnvoyPatchPolicy, as in envoy/gateway-api/bodies.yaml";
        (Rule::HeldHeaders, "", says.to_owned())
    });
    failure.into_iter().chain(held).collect()
}
