//! What is said of configurations, files and chains.

use super::chain::Chain;
use super::find::Search;
use super::finding::{Finding, Level};
use super::found::Found;
use portcullis::adapter;
use rbac::Rbac;
use serde_json::{Value, json};

fn chain(configurations: &[Value]) -> Vec<Finding> {
    let of_json = |(at, written): (usize, &Value)| Found::of_json(&format!("{at}.json"), written.to_string());
    let found = configurations.iter().enumerate().map(of_json).collect();
    Chain { found, ..Chain::default() }.findings(None)
}

/// What is said of Envoy's YAML.
fn in_envoy(value: &Value) -> Vec<String> {
    told_of(&[("envoy.yaml", &value.to_string())])
}

/// What is said of files.
fn told_of(files: &[(&str, &str)]) -> Vec<String> {
    let mut search = Search::default();
    for (name, text) in files {
        search.look_through(name, text, 1).unwrap();
    }
    search.into_chains().iter().flat_map(|chain| chain.findings(None)).map(|finding| finding.to_string()).collect()
}

/// A filter as Envoy's YAML has it, with what it should have.
fn filter(module: &str, configuration: &Value) -> Value {
    json!({"typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
        "config": {
            "name": "a-filter", "failure_policy": "FAIL_RELOAD",
            "allow_on_headers_stop_iteration": configuration.get("providers").or(configuration.get("key_sets")).is_none(),
            "vm_config": {"code": {"local": {"filename": format!("/etc/{module}")}}},
            "configuration": {
                "@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration.to_string(),
            },
        },
    }})
}

fn said(configurations: &[Value]) -> Vec<String> {
    chain(configurations).iter().map(ToString::to_string).collect()
}

fn authn(claims: &Value) -> Value {
    let keys = json!([{"id": "a", "subject": "a", "sha256": "0".repeat(64)}]);
    json!({"key_sets": {"k": {"keys": keys}}, "identity": {"claims": claims}})
}

fn rbac(rules: &Value) -> Value {
    json!({"combining": "first_match", "rules": rules})
}

/// What needs the body.
fn of_tokens(mut limit: Value) -> Value {
    limit["limits"][0]["unit"] = json!("total_tokens");
    limit["limits"][0]["default_output_tokens"] = json!([{"model": "*", "tokens": 100}]);
    limit
}

/// A rate limit with this key.
fn limit(key: &Value) -> Value {
    let limit = json!({"name": "l", "key": key, "unit": "requests", "limit": 5, "window": "1s", "algorithm": "gcra"});
    json!({"limits": [limit]})
}

fn about(claim: &[&str]) -> Value {
    json!([{"name": "r", "effect": "allow", "when": {"claims": [{"claim": claim, "equals": "x"}]}}])
}

#[test]
fn a_fault_is_the_sentence_of_the_load() {
    let misspelt = json!({"combining": "first_match", "ruls": []});
    let expected = adapter::compile::<Rbac>(&[], misspelt.to_string().as_bytes()).err().unwrap().to_string();
    assert_eq!(said(&[misspelt]), [format!("0.json:1: {expected}")]);
    assert_eq!(chain(&[json!({})])[0].level, Level::Fault);
    assert_eq!(said(&[rbac(&json!([]))]), [""; 0]);
}

#[test]
fn a_rule_that_never_decides_is_told() {
    let rule = |name| json!({"name": name, "effect": "allow", "who": {"roles_any": ["user"]}});
    let told = said(&[rbac(&json!([rule("first"), rule("second")]))]);
    assert!(told.len() == 1 && told[0].starts_with("0.json:1: rbac: note: rule \"second\" never decides"), "{told:?}");
}

#[test]
fn a_claim_that_nobody_exports_is_told() {
    let exports = json!([["groups"], ["org", "unit"]]);
    for (claim, is_told) in [
        (&["groups"][..], false),
        (&["groups", "x"], false),
        (&["org", "unit"], false),
        (&["org"], true),
        (&["level"], true),
    ] {
        let told = said(&[authn(&exports), rbac(&about(claim))]);
        assert_eq!(told.len(), usize::from(is_told), "{claim:?}: {told:?}");
    }
    assert_eq!(said(&[rbac(&about(&["level"]))]), [""; 0], "nothing is known of an authn that was not given");
}

#[test]
fn order_and_dialects_count() {
    let told = said(&[rbac(&json!([])), authn(&json!([]))]);
    assert!(told.len() == 1 && told[0].contains("before authn"), "{told:?}");
    let mut mapped = rbac(&json!([]));
    mapped["dialects"] = json!([{"prefix": "/llm", "dialect": "ollama", "strip_prefix": true}]);
    let told = said(&[authn(&json!([])), mapped]);
    assert!(told.len() == 1 && told[0].contains("dialects: expected what 0.json says"), "{told:?}");
}

#[test]
fn a_limit_for_each_caller_stands_behind_authn_and_one_for_each_address_where_it_likes() {
    let (authn, rbac) = (authn(&json!([])), rbac(&json!([])));
    for (key, asks_who) in [
        (json!(["subject"]), true),
        (json!(["source", "tenant"]), true),
        (json!(["api_key"]), true),
        (json!([{"role": ["gold"]}]), true),
        (json!(["source"]), false),
        (json!(["source", "model", {"header": "x-team"}]), false),
        (json!([]), false),
    ] {
        let limit = limit(&key);
        assert_eq!(said(&[authn.clone(), rbac.clone(), limit.clone()]), [""; 0], "{key}");
        assert_eq!(said(std::slice::from_ref(&limit)), [""; 0], "{key}: nothing is known of what stands before");
        let told = said(&[limit.clone(), authn.clone()]);
        assert_eq!(told.iter().filter(|told| told.contains("before authn")).count(), usize::from(asks_who), "{told:?}");
        // A crowd is stopped before its bodies are held; who may not ask spends no tokens.
        let told = said(&[authn.clone(), limit.clone(), rbac.clone()]);
        assert!(!told.iter().any(|told| told.contains("before rbac")) || key.to_string().contains("model"), "{told:?}");
        let told = said(&[authn.clone(), of_tokens(limit.clone()), rbac.clone()]);
        assert_eq!(told.iter().filter(|told| told.contains("before rbac")).count(), usize::from(asks_who), "{told:?}");
        let whole = in_envoy(&json!({"http_filters": [filter("ratelimit-shared-data.wasm", &limit)]}));
        assert_eq!(whole.len(), usize::from(asks_who), "{whole:?}");
    }
    let mut tiered = limit(&json!([]));
    tiered["limits"][0]["tiers"] = json!({"claim": ["plan"], "quotas": [{"is": "gold", "limit": 9}]});
    let told = said(&[tiered, self::authn(&json!([["plan"]]))]);
    assert!(told.len() == 1 && told[0].contains("before authn"), "{told:?}");
}

#[test]
fn a_limit_stands_before_what_costs_more() {
    let guard = json!({"policies": [{"name": "p"}]});
    let contract = json!({"rules": [{"name": "r", "schemas": {"request": true}}]});
    for dear in [guard, contract] {
        let (authn, limit) = (authn(&json!([])), limit(&json!(["subject"])));
        assert_eq!(said(&[authn.clone(), limit.clone(), dear.clone()]), [""; 0]);
        let told = said(&[authn, dear, limit]);
        assert!(told.len() == 1 && told[0].contains("it stands behind 1.json"), "{told:?}");
    }
}

#[test]
fn two_limits_in_one_chain_have_two_names() {
    let (edge, inner) = (limit(&json!(["source"])), limit(&json!(["subject"])));
    let told = said(&[edge.clone(), authn(&json!([])), inner.clone()]);
    assert!(
        told.len() == 1
            && told[0].contains("2.json:1: ratelimit-shared-data: note: name: expected another than in 0.json"),
        "{told:?}"
    );
    let mut named = edge;
    named["name"] = json!("edge");
    assert_eq!(said(&[named, authn(&json!([])), inner]), [""; 0]);
}

#[test]
fn a_claim_that_a_limit_looks_at_is_exported() {
    let by_claim = limit(&json!([{"claim": ["org", "unit"]}]));
    let mut by_tier = limit(&json!([]));
    by_tier["limits"][0]["tiers"] = json!({"claim": ["org", "unit"], "quotas": [{"is": "gold", "limit": 9}]});
    let mut tried = limit(&json!([]));
    tried["candidate"] = by_claim.clone();
    for limit in [by_claim, by_tier, tried] {
        assert_eq!(said(&[authn(&json!([["org"]])), limit.clone()]), [""; 0], "{limit}");
        let told = said(&[authn(&json!([["plan"]])), limit.clone()]);
        assert!(told.len() == 1 && told[0].contains("looks at claim [\"org\",\"unit\"]"), "{limit}: {told:?}");
    }
}

#[test]
fn a_limit_that_lets_pass_what_it_does_not_count_is_told() {
    let mut open = limit(&json!([]));
    open["on_contention"] = json!("allow");
    assert!(said(&[open])[0].starts_with("0.json:1: ratelimit-shared-data: note: on_contention: allow"));
    let mut shadow = limit(&json!([]));
    shadow["limits"][0]["mode"] = json!("shadow");
    assert!(said(&[shadow])[0].starts_with("0.json:1: ratelimit-shared-data: note: limits: all are in shadow"));
}

#[test]
fn headers_wait_for_a_body_where_a_limit_needs_one() {
    let told = |limit: &Value, holds_headers: bool| {
        let mut filter = filter("ratelimit-shared-data.wasm", limit);
        filter["typed_config"]["config"]["allow_on_headers_stop_iteration"] = json!(holds_headers);
        in_envoy(&json!({"http_filters": [filter]}))
    };
    for (key, needs_body) in [(json!(["source"]), false), (json!(["model"]), true), (json!(["tool"]), true)] {
        let limit = limit(&key);
        assert_eq!(told(&limit, true), [""; 0], "{key}");
        let without = told(&limit, false);
        assert_eq!(without.len(), usize::from(needs_body), "{key}: {without:?}");
        assert!(without.iter().all(|note| note.contains("allow_on_headers_stop_iteration")), "{without:?}");
    }
}

#[test]
fn a_candidate_is_looked_at_like_the_policy_in_force() {
    let rule = |name| json!({"name": name, "effect": "allow", "who": {"roles_any": ["user"]}});
    let mut tried = rbac(&json!([]));
    tried["candidate"] = rbac(&json!([rule("first"), rule("second")]));
    let told = said(&[tried]);
    assert!(
        told.len() == 1 && told[0].starts_with("0.json:1: rbac: note: candidate: rule \"second\" never"),
        "{told:?}"
    );

    let mut tried = rbac(&json!([]));
    tried["candidate"] = rbac(&about(&["level"]));
    let told = said(&[authn(&json!([])), tried]);
    assert!(told.len() == 1 && told[0].contains("its candidate looks at claim [\"level\"]"), "{told:?}");

    let mut tried = authn(&json!([["level"]]));
    tried["candidate"] = authn(&json!([]));
    let told = said(&[tried, rbac(&about(&["level"]))]);
    assert!(told.len() == 1 && told[0].contains("the candidate of authn in 0.json"), "{told:?}");
}

#[test]
fn what_envoy_must_be_told_is_looked_at() {
    let quiet = filter("rbac.wasm", &rbac(&json!([])));
    for (member, value, is_told) in [
        ("failure_policy", json!("FAIL_RELOAD"), false),
        ("failure_policy", json!("FAIL_CLOSED"), true),
        ("failure_policy", json!("FAIL_OPEN"), true),
        ("allow_on_headers_stop_iteration", json!(false), true),
    ] {
        let mut filter = quiet.clone();
        filter["typed_config"]["config"][member] = value.clone();
        let told = in_envoy(&json!({"http_filters": [filter]}));
        assert_eq!(told.len(), usize::from(is_told), "{member} {value}: {told:?}");
    }
    let mut unset = quiet;
    let config = unset["typed_config"]["config"].as_object_mut().unwrap();
    config.remove("failure_policy");
    let told = in_envoy(&json!({"http_filters": [unset.clone()]}));
    assert!(told.len() == 1 && told[0].contains("a worker answers 503"), "Envoy's default is FAIL_CLOSED: {told:?}");
    unset["typed_config"]["config"]["fail_open"] = json!(true);
    assert_eq!(in_envoy(&json!({"http_filters": [unset]})).len(), 1);
}

#[test]
fn a_filter_is_known_by_its_configuration_whatever_its_module_is_called() {
    let hidden =
        json!([{"name": "a", "effect": "allow", "who": {"caller": "anyone"}}, {"name": "b", "effect": "deny"}]);
    let told = in_envoy(&json!({"http_filters": [filter("plugin.wasm", &limit(&json!(["subject"])))]}));
    assert!(told.len() == 1 && told[0].contains("no authn stands in its chain"), "{told:?}");
    for module in ["rbac.wasm", "plugin.wasm", "portcullis-rbac-1.2.wasm"] {
        let told = in_envoy(&json!({"http_filters": [filter(module, &rbac(&hidden))]}));
        assert!(told.len() == 1 && told[0].contains("rule \"b\" never decides"), "{module}: {told:?}");
    }
    let told = in_envoy(&json!({"http_filters": [filter("waf.wasm", &json!({"directives": []}))]}));
    assert!(told.len() == 1 && told[0].contains("envoy.yaml:1: a-filter: info: it was not looked at"), "{told:?}");
}

#[test]
fn who_misspells_a_member_still_means_the_filter_that_it_is_called_by() {
    let misspelt = json!({"combining ": "first_match"});
    let told = |module: &str, name: &str, text: &str| {
        let mut filter = filter(module, &json!({}));
        filter["typed_config"]["config"]["name"] = json!(name);
        filter["typed_config"]["config"]["configuration"]["value"] = json!(text);
        in_envoy(&json!({"http_filters": [filter]}))
    };
    for (module, name) in
        [("portcullis_rbac-0.1.wasm", "a"), ("plugin.wasm", "rbac"), ("plugin.wasm", "Portcullis-RBAC")]
    {
        let told = told(module, name, &misspelt.to_string());
        assert!(
            told.iter().any(|told| told.contains("combining") && !told.contains("info: ")),
            "{module} {name}: {told:?}"
        );
    }
    for (module, name) in [("waf.wasm", "waf"), ("arbac.wasm", "rbacs")] {
        let told_of_other = told(module, name, &misspelt.to_string());
        assert!(told_of_other.len() == 1 && told_of_other[0].contains("info: "), "{told_of_other:?}");
        let broken = told(module, name, "{\"combining\": ");
        assert!(broken.len() == 1 && broken[0].contains("expected JSON"), "{broken:?}");
        assert_eq!(told(module, name, "directives: none").len(), 1, "another's own language");
    }
}

#[test]
fn a_filter_has_the_variables_that_its_host_gives_it() {
    let shared = json!({"providers": {"p": {"issuer": "https://i.example", "audiences": ["a"], "algorithms": ["HS256"],
        "hmac_secret": {"env": "PORTCULLIS_CHECK_SECRET"}}}, "rules": [{"name": "r", "require": {"any": ["p"]}}]});
    let mut filter = filter("authn.wasm", &shared);
    let told = |filter: &Value| in_envoy(&json!({"http_filters": [filter]}));
    assert!(told(&filter).iter().any(|told| told.contains("PORTCULLIS_CHECK_SECRET")), "{:?}", told(&filter));
    let secret = "0123456789abcdef".repeat(4);
    let given = json!({"key_values": {"PORTCULLIS_CHECK_SECRET": secret}});
    filter["typed_config"]["config"]["vm_config"]["environment_variables"] = given;
    assert_eq!(told(&filter), [""; 0]);
}

#[test]
fn lists_and_maps_of_kubernetes_are_looked_into() {
    let hidden =
        json!([{"name": "a", "effect": "allow", "who": {"caller": "anyone"}}, {"name": "b", "effect": "deny"}]);
    let value = filter("rbac.wasm", &rbac(&hidden));
    let policy = json!({"apiVersion": "gateway.envoyproxy.io/v1alpha1", "kind": "EnvoyPatchPolicy",
                        "spec": {"jsonPatches": [{"operation": {"op": "add", "value": value}}]}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod"}, policy]});
    let told = told_of(&[("a", &list.to_string())]);
    assert!(told.len() == 1 && told[0].contains("rule \"b\" never decides"), "{told:?}");

    let envoy = json!({"http_filters": [value]}).to_string();
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  notes.txt: '{{'\n  envoy.yaml: |\n    # Envoy\n    {envoy}\n"
    );
    let told = told_of(&[("a", &map)]);
    assert!(told.len() == 1 && told[0].starts_with("a:7: ") && told[0].contains("never decides"), "{told:?}");
}

#[test]
fn what_a_candidate_opens_is_told() {
    let mut limit = limit(&json!(["source"]));
    limit["candidate"] = json!({"limits": limit["limits"], "on_contention": "allow"});
    let told = said(&[limit]);
    assert!(told.len() == 1 && told[0].contains("candidate: on_contention"), "{told:?}");
    let hidden = json!([{"name": "all"}, {"name": "b"}]);
    let told = said(&[json!({"policies": [{"name": "p"}], "candidate": {"policies": hidden}})]);
    assert!(told.len() == 1 && told[0].contains("candidate: "), "{told:?}");
}

#[test]
fn each_listener_has_a_chain_of_its_own() {
    let users = rbac(&json!([{"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}}]));
    let (authn, rbac) = (filter("authn.wasm", &authn(&json!([]))), filter("rbac.wasm", &users));
    assert_eq!(in_envoy(&json!([{"http_filters": [authn, rbac]}])), [""; 0]);
    let told = in_envoy(&json!([{"http_filters": [authn]}, {"http_filters": [rbac]}]));
    assert!(told.len() == 1 && told[0].contains("no authn stands in its chain"), "{told:?}");
}

#[test]
fn names_with_underscores_are_kept_out() {
    let told = |options: &Value| {
        in_envoy(&json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "common_http_protocol_options": options,
            "http_filters": [filter("authn.wasm", &authn(&json!([]))), filter("rbac.wasm", &rbac(&json!([])))],
        }))
    };
    assert_eq!(told(&json!({"headers_with_underscores_action": "REJECT_REQUEST"})), [""; 0]);
    for options in [json!({}), json!({"headers_with_underscores_action": "ALLOW"})] {
        let told = told(&options);
        assert!(told.len() == 1 && told[0].contains("headers_with_underscores_action"), "{told:?}");
    }
}

#[test]
fn a_fault_in_a_block_is_told_with_the_files_line() {
    let text = "http_filters:\n- name: x\n  typed_config:\n    \"@type\": envoy.extensions.filters.http.wasm.v3.Wasm\n    \
                config:\n      name: gate\n      failure_policy: FAIL_OPEN\n      allow_on_headers_stop_iteration: true\n      \
                vm_config: {code: {local: {filename: rbac.wasm}}}\n      configuration:\n        \"@type\": \
                google.protobuf.StringValue\n        value: |\n          {\n            \"combining\": \"first_match\",\n            \
                \"rules\": [\n              {\"name\": \"r\", \"effect\": \"perhaps\"}\n            ]\n          }\n";
    let told = told_of(&[("envoy.yaml", text)]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("envoy.yaml:7: gate: note: failure_policy: "), "{told:?}");
    assert!(told[1].starts_with("envoy.yaml:16: gate: rules[0].effect: "), "{told:?}");
}

fn plugin(phase: &str, code: &str, configuration: &Value) -> String {
    json!({"apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "metadata": {"namespace": "ai"},
           "spec": {"selector": {"matchLabels": {"app": "gate"}}, "phase": phase, "failStrategy": "FAIL_RELOAD",
                    "url": format!("oci://registry.example/portcullis/{code}:0.1.0"), "pluginName": code,
                    "pluginConfig": configuration}})
    .to_string()
}

#[test]
fn plugins_of_istio_stand_in_the_order_of_their_phases() {
    let (authn, limit) = (authn(&json!([])), limit(&json!(["subject"])));
    let limit = |phase| plugin(phase, "ratelimit-shared-data", &limit);
    let authn = |phase| plugin(phase, "authn", &authn);
    assert_eq!(told_of(&[("b", &limit("AUTHZ")), ("a", &authn("AUTHN"))]), [""; 0]);
    let told = told_of(&[("b", &limit("AUTHN")), ("a", &authn("AUTHZ"))]);
    assert!(told.len() == 1 && told[0].contains("before authn"), "{told:?}");
}

#[test]
fn what_reads_bodies_is_no_plugin_of_a_mesh() {
    let told = told_of(&[("a", &plugin("AUTHZ", "rbac", &rbac(&json!([]))))]);
    assert!(told.len() == 1 && told[0].contains("expected an EnvoyFilter"), "{told:?}");
    let policy = json!({"apiVersion": "gateway.envoyproxy.io/v1alpha1", "kind": "EnvoyExtensionPolicy", "spec": {
        "targetRefs": [{"kind": "Gateway", "name": "g"}],
        "wasm": [{"name": "rbac", "failOpen": true, "config": rbac(&json!([])),
                  "code": {"type": "Image", "image": {"url": "registry.example/portcullis/rbac:0.1.0"}}}]}});
    let told = told_of(&[("a", &policy.to_string())]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("failOpen: expected false") && told[1].contains("expected an EnvoyPatchPolicy"),
        "{told:?}"
    );
}

#[test]
fn a_patch_of_a_mesh_is_looked_at_like_envoys_own() {
    let hidden =
        json!([{"name": "a", "effect": "allow", "who": {"caller": "anyone"}}, {"name": "b", "effect": "deny"}]);
    let value = filter("rbac.wasm", &rbac(&hidden));
    let patch = json!({"applyTo": "HTTP_FILTER", "patch": {"operation": "INSERT_BEFORE", "value": value}});
    let of_istio = json!({"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter",
                          "spec": {"configPatches": [patch]}});
    let of_gateway = json!({"apiVersion": "gateway.envoyproxy.io/v1alpha1", "kind": "EnvoyPatchPolicy",
                            "spec": {"jsonPatches": [{"operation": {"op": "add", "value": value}}]}});
    for resource in [of_istio, of_gateway] {
        let told = told_of(&[("a", &resource.to_string())]);
        assert!(told.len() == 1 && told[0].contains("rule \"b\" never decides"), "{told:?}");
    }
}

#[test]
fn a_filter_in_a_typed_struct_is_found() {
    for name in ["udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct"] {
        let mut filter = filter("rbac.wasm", &rbac(&json!([])));
        let mut held = filter["typed_config"].take();
        held["config"]["failure_policy"] = json!("FAIL_OPEN");
        let kind = held.as_object_mut().unwrap().remove("@type").unwrap();
        filter["typed_config"] =
            json!({"@type": format!("type.googleapis.com/{name}"), "type_url": kind, "value": held});
        let told = in_envoy(&json!({"http_filters": [filter]}));
        assert!(told.len() == 1 && told[0].contains("a-filter: note: failure_policy"), "{name}: {told:?}");
        filter["typed_config"]["type_url"] =
            json!("type.googleapis.com/envoy.extensions.filters.http.router.v3.Router");
        assert_eq!(in_envoy(&json!({"http_filters": [filter]})), [""; 0], "{name}");
    }
}

fn manager(options: &Value, filters: &[Value]) -> Value {
    let mut manager = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "common_http_protocol_options": {"headers_with_underscores_action": "REJECT_REQUEST"},
        "http_filters": filters,
    });
    manager.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    manager
}

#[test]
fn rules_by_address_want_the_address_of_the_connection() {
    let by_address = rbac(
        &json!([{"name": "r", "effect": "allow", "who": {"caller": "anyone"}, "when": {"source": ["10.0.0.0/8"]}}]),
    );
    for configuration in [("rbac.wasm", by_address), ("ratelimit-shared-data.wasm", limit(&json!(["source"])))] {
        let filters = [filter("authn.wasm", &authn(&json!([]))), filter(configuration.0, &configuration.1)];
        let told = in_envoy(&manager(&json!({}), &filters));
        let told: Vec<_> = told.iter().filter(|told| told.contains("use_remote_address")).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        for options in [json!({"use_remote_address": true}), json!({"original_ip_detection_extensions": [{}]})] {
            let told = in_envoy(&manager(&options, &filters));
            assert!(!told.iter().any(|told| told.contains("use_remote_address")), "{told:?}");
        }
    }
}

#[test]
fn a_route_follows_no_header_that_authn_writes_unless_it_is_meant() {
    let mut writes = authn(&json!([]));
    writes["identity"]["headers"] = json!([{"header": "x-tenant", "value": ["tenant"]}]);
    let routes =
        json!({"route_config": {"virtual_hosts": [{"routes": [{"match": {"headers": [{"name": "X-Tenant"}]}}]}]}});
    let told = in_envoy(&manager(&routes, &[filter("authn.wasm", &writes)]));
    assert!(told.len() == 1 && told[0].contains("a route follows x-tenant"), "{told:?}");
    writes["identity"]["routes_by"] = json!(["x-tenant"]);
    assert_eq!(in_envoy(&manager(&routes, &[filter("authn.wasm", &writes)])), [""; 0]);
}

#[test]
fn a_chain_that_two_listeners_share_is_told_once() {
    let text = "a: &chain\n  http_filters:\n  - \"@type\": envoy.extensions.filters.http.wasm.v3.Wasm\n    config: {name: w}\nb: *chain\n";
    let mut search = Search::default();
    search.look_through("e", text, 1).unwrap();
    assert_eq!(super::once(search.into_chains().iter().flat_map(|chain| chain.findings(None))).len(), 1);
}
