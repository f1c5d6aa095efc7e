//! The filter on the fake host: what the client gets, what the upstream gets, what the operator sees.

use portcullis::ai::outline::Outline;
use portcullis::host::HostError;
use portcullis::host::fake::{Answer, Envoy, Request};
use portcullis::identity::{self, Identity};
use serde_json::{Value, json};

use super::world::{alice, first_match};
use crate::Rbac;

pub(crate) fn envoy(configuration: &Value) -> Envoy {
    Envoy::of_filter::<Rbac>(&configuration.to_string()).unwrap()
}

pub(crate) fn as_caller(envoy: &Envoy, identity: Option<&Identity>) {
    let state = identity.map(|identity| identity.to_state().unwrap());
    envoy.world().state(identity::STATE, state.as_deref());
}

pub(crate) fn metric(envoy: &Envoy, name: &str) -> u64 {
    envoy.world().metric(&format!("portcullis_rbac_{name}.instance.rbac")).unwrap()
}

pub(crate) fn verdict(answer: &Answer) -> Value {
    let parse = |bytes: &Vec<u8>| portcullis::json::parse(bytes, portcullis::json::Limits::default()).unwrap();
    answer.state.get("portcullis.rbac").map_or(Value::Null, parse)
}

pub(crate) fn chat(body: &str) -> Request {
    Request::post("/v1/chat/completions", body.as_bytes()).header("content-type", "application/json")
}

fn inference() -> Value {
    first_match(json!([
        {"name": "list", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["models"]}},
        {"name": "mini", "effect": "allow", "who": {"roles_any": ["user"]},
         "what": {"operations": ["chat"], "models": ["gpt-mini"]}},
        {"name": "admin", "effect": "allow", "who": {"roles_any": ["admin"]}, "step_up": {"acr": ["gold"], "max_age": "15m"}},
    ]))
}

#[test]
fn a_request_that_a_rule_allows_reaches_the_upstream_as_it_was() {
    let envoy = envoy(&inference());
    as_caller(&envoy, Some(&alice(&["user"])));
    let body = r#"{ "model" : "gpt-mini", "messages": [] }"#;
    let answer = envoy.send(&chat(body));
    assert_eq!(answer.upstream.as_ref().map(|sent| sent.body.clone()), Some(body.as_bytes().to_vec()));
    let expected = json!({"outcome": "allow", "rule": "mini", "code": "allowed", "mode": "enforce"});
    assert_eq!((answer.status, verdict(&answer)), (200, expected));
    assert_eq!(metric(&envoy, "requests_total.outcome.allow.code.allowed"), 1);
}

/// Every refusal in one table: who asks for what, and what comes back. Nothing of it is told to anybody.
#[test]
fn a_refusal_has_its_status_code_counter_and_verdict_and_goes_nowhere() {
    let envoy = envoy(&inference());
    let user = alice(&["user"]);
    let mut keyed = alice(&["user"]);
    keyed.models = Some(vec!["secret-model".to_owned()]);
    let good = r#"{"model": "gpt-mini"}"#;
    for (caller, request, status, code, counter) in [
        (None, chat(good), 401, "unauthenticated", "unauthenticated"),
        (Some(&user), chat(r#"{"model": "secret-model"}"#), 403, "no_rule", "no_rule"),
        (Some(&user), chat("{}"), 403, "no_rule", "no_rule"),
        (Some(&user), Request::get("/secret"), 403, "no_rule", "no_rule"),
        (Some(&user), Request::get("/v1/../secret"), 400, "ambiguous_request", "ambiguous_request"),
        (Some(&user), Request::get("/v1/models?model=%zz"), 400, "ambiguous_request", "ambiguous_request"),
        (Some(&user), Request::get("/v1/models?%zz"), 400, "ambiguous_request", "ambiguous_request"),
        (Some(&user), Request::get("/v1/models?model=a%252e"), 400, "ambiguous_request", "ambiguous_request"),
        (Some(&keyed), chat(good), 403, "model_not_allowed", "model_not_allowed"),
        (Some(&keyed), chat("{}"), 403, "model_missing", "model_missing"),
        (Some(&alice(&["admin"])), chat(good), 401, "insufficient_user_authentication", "step_up_required"),
        (Some(&user), chat(r#"{"model": "gpt-mini""#), 400, "unexpected_end", "body_not_readable"),
        (
            Some(&user),
            chat(r#"{"model": "gpt-mini", "model": "secret-model"}"#),
            400,
            "duplicate_member",
            "body_not_readable",
        ),
        (
            Some(&user),
            chat(r#"{"model": "gpt-mini", "Model": "secret-model"}"#),
            400,
            "case_variant",
            "body_not_readable",
        ),
        (Some(&user), chat(r#"{"model": ["gpt-mini", 7]}"#), 400, "wrong_type", "body_not_readable"),
        (Some(&user), chat(good).header("content-encoding", "gzip"), 415, "content_encoding", "content_encoding"),
    ] {
        as_caller(&envoy, caller);
        let name = format!("requests_total.outcome.deny.code.{counter}");
        let before = metric(&envoy, &name);
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (status, false), "{code}: {}", answer.text());
        assert_eq!(answer.details, format!("portcullis_rbac_{code}"));
        assert!(answer.text().contains(code), "{}", answer.text());
        assert_eq!(metric(&envoy, &name), before + 1, "{code}");
        assert_eq!(verdict(&answer)["outcome"], "deny");
        assert_eq!(answer.headers.first("www-authenticate").is_some(), status == 401, "{code}");
        assert!(!answer.text().contains("secret") && !verdict(&answer).to_string().contains("secret"));
    }
    let told = envoy.world().log().join("\n") + &format!("{:?}", envoy.world().metrics());
    assert!(!told.contains("secret") && !told.contains("alice"), "{told}");
}

#[test]
fn an_identity_that_cannot_be_read_lets_nobody_pass() {
    let envoy = envoy(&first_match(json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}}])));
    for state in [&b"alice"[..], br#"{"v":2,"sub":"alice"}"#, br#"{"v":1,"sub":"alice","sub":"admin"}"#] {
        envoy.world().state(identity::STATE, Some(state));
        let answer = envoy.send(&Request::get("/v1/models"));
        assert_eq!((answer.status, answer.details.as_str()), (503, "portcullis_rbac_identity_malformed"));
    }
}

/// Identity is in filter state: what a client writes into a header or a trailer is nobody's identity.
#[test]
fn a_caller_cannot_say_who_it_is() {
    let envoy = envoy(&inference());
    let mut state = Vec::new();
    state.extend_from_slice(&alice(&["admin", "user"]).to_state().unwrap());
    for name in ["portcullis.identity", "wasm.portcullis.identity", "x-portcullis-identity", "x-role", "x-caller"] {
        let text = String::from_utf8(state.clone()).unwrap();
        let request = chat(r#"{"model": "gpt-mini"}"#).header(name, &state).trailers(&[(name, &text)]);
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (401, false), "{name}");
    }
}

#[test]
fn a_step_up_says_what_is_wanted() {
    let envoy = envoy(&inference());
    as_caller(&envoy, Some(&alice(&["admin"])));
    let answer = envoy.send(&Request::get("/v1/files"));
    let challenge = String::from_utf8_lossy(answer.headers.first("www-authenticate").unwrap()).into_owned();
    assert!(challenge.starts_with("Bearer realm=\"rbac\", error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.ends_with("acr_values=\"gold\", max_age=\"900\""), "{challenge}");
}

/// An upload is decided on without holding it up, and a rule on models never allows what nobody read.
#[test]
fn an_upload_is_decided_on_its_head() {
    let files =
        json!({"name": "files", "effect": "allow", "who": {"caller": "anyone"}, "what": {"operations": ["files"]}});
    let audio = json!({"name": "audio", "effect": "allow", "who": {"caller": "anyone"}, "what": {"operations": ["audio"], "models": ["whisper"]}});
    let envoy = envoy(&first_match(json!([audio, files])));
    let running =
        envoy.open(&Request::post("/v1/files", b"--x").header("content-type", "multipart/form-data; boundary=x"));
    assert!(running.reached_upstream());
    let answer = envoy.send(&Request::post("/v1/files", b"--x--"));
    assert_eq!(answer.status, 200);
    let answer = envoy.send(&Request::post("/v1/audio/transcriptions", b"--x--"));
    assert_eq!((answer.status, answer.upstream.is_some()), (403, false));
}

#[test]
fn a_method_that_can_be_taken_for_another_goes_on_as_none() {
    let rules = json!([{"name": "read", "effect": "allow", "who": {"caller": "anyone"}, "select": {"methods": ["GET", "POST"]}}]);
    let sent = |mode: Option<&str>, request: &Request| {
        let mut configuration = first_match(rules.clone());
        if let Some(mode) = mode {
            configuration["method_override"] = json!(mode);
        }
        envoy(&configuration).send(request)
    };
    for name in ["x-http-method-override", "X-HTTP-Method", "x-method-override"] {
        let request = Request::get("/v1/files/1").header(name, "DELETE");
        let upstream = |mode| sent(mode, &request).upstream.map(|sent| sent.headers.first(name).is_some());
        assert_eq!((upstream(None), upstream(Some("pass")), upstream(Some("refuse"))), (Some(false), Some(true), None));
        assert_eq!(sent(Some("refuse"), &request).details, "portcullis_rbac_method_override");
    }
    for named in
        ["_meth%6fd=DELETE", "$httpMethod=DELETE", "%24httpMethod", "$httpHeaders=x-http-method-override:DELETE"]
    {
        let written = format!("/v1/files/1?a=1&{named}");
        let request = Request::get(&written);
        let path = |mode| sent(mode, &request).upstream.map(|sent| sent.headers.first(":path").unwrap().to_vec());
        assert_eq!(path(None), Some(b"/v1/files/1?a=1".to_vec()), "{named}");
        assert_eq!(path(Some("pass")), Some(written.clone().into_bytes()), "{named}");
        assert_eq!(path(Some("refuse")), None, "{named}");
    }
}

/// Another filter can move a request to another route after it was decided on; Envoy tells in the response.
#[test]
fn a_request_that_was_moved_to_another_route_is_not_answered() {
    let public = json!({"name": "all", "effect": "allow", "select": {"routes": ["public"]}});
    let envoy = envoy(&first_match(json!([public])));
    envoy.world().attribute("xds.route_name", b"public");
    let moved = |to: &[u8]| {
        let running = envoy.open(&Request::post("/v1/x", b"a"));
        envoy.world().attribute("xds.route_name", to);
        running.body(b"a", true);
        let answer = running.finish();
        envoy.world().attribute("xds.route_name", b"public");
        (answer.status, answer.details)
    };
    assert_eq!(moved(b"public").0, 200);
    assert_eq!(moved(b"admin"), (502, "portcullis_rbac_route_moved".to_owned()));
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.route_moved"), 1);
}

#[test]
fn a_rule_in_shadow_is_counted_and_refuses_nobody() {
    let rules = json!([
        {"name": "try", "effect": "deny", "shadow": true, "what": {"operations": ["chat"]}},
        {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
    ]);
    let envoy = envoy(&first_match(rules));
    let answer = envoy.send(&chat(r#"{"model": "gpt-mini"}"#));
    assert_eq!(answer.status, 200);
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.denied_by_rule"), 1);
    assert_eq!((&verdict(&answer)["rule"], &verdict(&answer)["shadow"]), (&json!("all"), &json!("try")));
}

#[test]
fn a_certificate_counts_only_where_the_listener_validates_it() {
    let rules = json!([{"name": "ops", "effect": "allow", "who": {"uri_sans": ["spiffe://example.org/ops"]}}]);
    let mut configuration = first_match(rules);
    configuration["client_certificates"] = json!("validated_by_listener");
    let envoy = envoy(&configuration);
    let status = || envoy.send(&Request::get("/v1/files")).status;
    envoy.world().attribute("connection.uri_san_peer_certificate", b"spiffe://example.org/ops");
    assert_ne!(status(), 200, "nothing was shown");
    envoy.world().attribute("connection.mtls", &[1]);
    assert_eq!(status(), 200);
    envoy.world().attribute("connection.uri_san_peer_certificate", b"spiffe://example.org/ops2");
    assert_ne!(status(), 200);
}

#[test]
fn the_callers_address_is_what_the_proxy_says() {
    let rules = json!([{"name": "inside", "effect": "allow", "who": {"caller": "anyone"}, "when": {"source": ["10.0.0.0/8", "::1"]}}]);
    let envoy = envoy(&first_match(rules));
    for (address, status) in [
        ("10.1.2.3:4711", 200),
        ("[::ffff:10.1.2.3]:1", 200),
        ("[::1]:1", 200),
        ("11.0.0.1:1", 403),
        ("10.1.2.3", 403),
        ("/tmp/socket", 403),
        ("", 403),
    ] {
        envoy.world().attribute("source.address", address.as_bytes());
        let answer = envoy.send(&Request::get("/x").header("x-forwarded-for", "10.0.0.1"));
        assert_eq!(answer.status, status, "{address}");
    }
}

/// Whatever call of the host fails, nothing passes, and the next request is served.
#[test]
fn a_host_that_fails_lets_nothing_pass() {
    for call in ["property", "header_map", "set_property", "remove_header"] {
        let envoy = envoy(&inference());
        as_caller(&envoy, Some(&alice(&["user"])));
        let request = chat(r#"{"model": "gpt-mini"}"#).header("x-http-method", "PUT");
        envoy.world().refuse(call, HostError::Status(2));
        let answer = envoy.send(&request);
        assert_eq!((answer.status, answer.upstream.is_some()), (503, false), "{call}");
        assert_eq!(metric(&envoy, "requests_total.outcome.allow.code.allowed"), 0, "{call}");
        envoy.world().allow(call);
        assert_eq!(envoy.send(&request).status, 200, "{call}");
    }
}

#[test]
fn who_lets_everybody_pass_is_told() {
    let open = envoy(&first_match(json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}}])));
    let shut = envoy(&inference());
    for (envoy, expected) in [(open, 1), (shut, 0)] {
        envoy.advance(portcullis::host::Millis(10));
        assert_eq!(metric(&envoy, "open"), expected);
    }
}

#[test]
fn the_example_decides_as_it_reads() {
    let envoy = Envoy::of_filter::<Rbac>(include_str!("../../example.json")).unwrap();
    let send = |roles: &[&str], address: &str, request: &Request| {
        as_caller(&envoy, Some(&alice(roles)));
        envoy.world().attribute("source.address", address.as_bytes());
        envoy.send(request).status
    };
    let mini = chat(r#"{"model": "gpt-mini", "max_tokens": 5}"#);
    assert_eq!(send(&["user"], "1.2.3.4:1", &mini), 200);
    assert_eq!(send(&["user"], "1.2.3.4:1", &Request::get("/v1/fine_tuning/jobs")), 403);
    assert_eq!(send(&["trainer"], "1.2.3.4:1", &Request::get("/v1/fine_tuning/jobs")), 200);
    assert_eq!(send(&["admin"], "1.2.3.4:1", &Request::get("/v1/organization/users")), 403);
    assert_eq!(send(&["admin"], "10.2.3.4:1", &Request::get("/v1/organization/users")), 200);
    let list = r#"{"data":[{"id":"gpt-mini"},{"id":"gpt-5"},{"id":"text-embedding-3"}]}"#;
    as_caller(&envoy, Some(&alice(&["user"])));
    let answer = envoy.send(&Request::get("/v1/models").answered(&[(":status", "200")], &[list.as_bytes()], None));
    assert_eq!(answer.text(), r#"{"data":[{"id":"gpt-mini"},{"id":"text-embedding-3"}]}"#);
}

#[test]
fn many_different_models_are_refused_and_many_requests_for_one_are_not() {
    let envoy = envoy(&first_match(json!([
        {"name": "no", "effect": "deny", "what": {"models": ["secret*"]}},
        {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
    ])));
    let ask = |query: &str, requests: usize, models: usize| {
        let one = |index: usize| json!({"custom_id": "c", "params": {"model": format!("m{}", index % models)}});
        let body = json!({"requests": (0..requests).map(one).collect::<Vec<_>>()}).to_string();
        let answer = envoy.send(&Request::post(&format!("/v1/messages/batches{query}"), body.as_bytes()));
        (answer.status, answer.details)
    };
    let too_many = || (400, "portcullis_rbac_too_many_models".to_owned());
    assert_eq!(ask("", 3_000, 1).0, 200);
    assert_eq!(ask("", 3_000, 64).0, 200);
    assert_eq!(ask("?model=m1", 64, 64).0, 200);
    assert_eq!(ask("", 65, 65), too_many());
    assert_eq!(ask("", 3_000, 3_000), too_many());
    assert_eq!(ask("?model=another", 64, 64), too_many());
    let query: Vec<String> = (0..65).map(|index| format!("model=q{index}")).collect();
    assert_eq!(ask(&format!("?{}", query.join("&")), 1, 1), too_many());
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.too_many_models"), 4);
}

#[test]
fn a_name_that_no_model_has_is_compared_with_nothing() {
    let envoy = envoy(&first_match(json!([
        {"name": "no", "effect": "deny", "what": {"models": ["*x*"]}},
        {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
    ])));
    let ask = |bytes: usize| envoy.send(&chat(&json!({"model": "\u{3a3}".repeat(bytes / 2)}).to_string())).status;
    assert_eq!((ask(512), ask(514), ask(500_000)), (200, 400, 400));
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.model_name_too_long"), 2);
}

/// An API at a path of the operator's, whose model a header says: it is decided as at the documented one.
#[test]
fn paths_of_the_operators_own_are_known() {
    let mut configuration = inference();
    configuration["dialects"] = json!([
        {"prefix": "/llm", "dialect": "openai", "strip_prefix": true, "model_from": {"header": "x-model"}},
    ]);
    let envoy = envoy(&configuration);
    as_caller(&envoy, Some(&alice(&["user"])));
    let post = |path, body: &str| Request::post(path, body.as_bytes()).header("content-type", "application/json");
    let ask =
        |model: &str, body: &str| envoy.send(&post("/llm/v1/chat/completions", body).header("x-model", model)).status;
    assert_eq!(ask("gpt-mini", "{}"), 200);
    assert_eq!(ask("secret-model", r#"{"model": "gpt-mini"}"#), 403);
    assert_eq!(ask("gpt-mini", r#"{"model": "secret-model"}"#), 403);
    assert_eq!(ask("gpt-\u{e9}", "{}"), 403);
    assert_eq!(ask("", r#"{"model": "gpt-mini"}"#), 403);
    // Without the header the server takes what it takes by default, whatever the body says.
    for path in ["/llm/v1/chat/completions", "/llm/v1/chat/completions?model=gpt-mini"] {
        assert_eq!(envoy.send(&post(path, r#"{"model": "gpt-mini"}"#)).status, 403, "{path}");
    }
    assert_eq!(envoy.send(&post("/other/v1/chat/completions", "{}")).status, 403);
}

/// What a filter behind reads instead of the body: of one that was cut, what it was cut to.
#[test]
fn what_a_body_asks_for_is_told_to_those_behind() {
    let rule = json!({"name": "mini", "effect": "allow", "who": {"roles_any": ["user"]},
        "what": {"operations": ["chat"], "models": ["gpt-mini"]}, "clamp": {"max_output_tokens": 100}});
    let body = r#"{"model": "gpt-mini", "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}"#;
    for (tells, cap) in [(true, Some(100)), (false, None)] {
        let mut configuration = first_match(json!([rule]));
        configuration["request_state"] = json!(tells);
        let envoy = envoy(&configuration);
        as_caller(&envoy, Some(&alice(&["user"])));
        let answer = envoy.send(&chat(body));
        let outline = answer.state.get("portcullis.request").and_then(|state| Outline::from_state(state));
        assert_eq!((answer.status, outline.as_ref().and_then(|outline| outline.cap)), (200, cap));
        assert_eq!(outline.map(|outline| outline.models), tells.then(|| vec!["gpt-mini".to_owned()]));
    }
}
