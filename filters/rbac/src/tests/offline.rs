//! What the command line tells is what the filter does.

use portcullis::adapter;
use portcullis::host::fake::Request;
use serde_json::{Value, json};

use super::filters::{as_caller, chat, envoy, verdict};
use super::world::{alice, first_match};
use crate::{Rbac, offline};

/// The code of a request: from the filter on the fake host, and told without it.
fn both(configuration: &Value, request: &Request) -> (String, String) {
    let alice = alice(&["user"]);
    let envoy = envoy(configuration);
    as_caller(&envoy, Some(&alice));
    let code = verdict(&envoy.send(request))["code"].as_str().unwrap().to_owned();
    let written = offline::Request {
        headers: request.headers.clone(),
        body: request.body.concat(),
        identity: alice.to_state(),
        ..offline::Request::default()
    };
    let compiled = adapter::compile::<Rbac>(&[], configuration.to_string().as_bytes()).unwrap();
    let told = compiled.filter.explain(&written).map(|explanation| explanation.decision.reason.name());
    (code, told.unwrap_or_else(|code| code).to_owned())
}

#[test]
fn what_is_told_offline_is_what_the_filter_decides() {
    let mini = json!({"name": "mini", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"models": ["mini"]}});
    let cut = json!({"name": "cut", "effect": "allow", "who": {"caller": "anyone"}, "clamp": {"max_output_tokens": 9}});
    let whole = json!({"name": "whole", "effect": "allow", "when": {"request": {"stream": false}}});
    let (mini, cut, whole) = (first_match(json!([mini])), first_match(json!([cut])), first_match(json!([whole])));
    let good = r#"{"model": "mini"}"#;
    // More texts than are told of an API's body, and fewer values than there may be in other JSON.
    let many = format!(r#"{{"model": "mini", "input": [{}0]}}"#, "0,".repeat(200_000));
    for (configuration, request, code) in [
        (&mini, chat(good), "allowed"),
        (&mini, chat(&many), "too_many_values"),
        (&cut, chat(&many), "too_many_values"),
        (&cut, chat(good), "allowed"),
        (&cut, chat(r#"{"model": "mini", "model": "big"}"#), "duplicate_member"),
        (&mini, chat(r#"{"model": "big"}"#), "no_rule"),
        (&mini, chat(""), "no_rule"),
        (&mini, chat(good).header("content-encoding", "gzip"), "content_encoding"),
        (&mini, Request::post("/v1/files", b"--x--"), "no_rule"),
        (&mini, Request::get("/v1/models"), "no_rule"),
        (&cut, Request::get("/v1/models"), "allowed"),
        (&whole, Request::get("/v1/responses/r"), "allowed"),
        (&whole, Request::get("/v1/responses/r?stream=true"), "no_rule"),
        (&whole, Request::post("/v1beta/models/g:streamGenerateContent", b"{}"), "no_rule"),
        (&whole, Request::post("/v1beta/models/g:generateContent", b"{}"), "allowed"),
        // An MCP server chooses how it answers.
        (&whole, Request::post("/mcp", br#"{"jsonrpc": "2.0", "id": 1, "method": "ping"}"#), "no_rule"),
    ] {
        let (done, told) = both(configuration, &request);
        assert_eq!((done.as_str(), told.as_str()), (code, code), "{:?}", request.headers);
    }
}
