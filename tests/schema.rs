//! The JSON Schemas that filters publish: what a filter takes is valid, and what its schema refuses, the filter refuses.
//! A filter refuses more, because a schema cannot say that a name is known, a hash unique or a duration short enough.

// The lints against panics are for code that runs behind a proxy.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::arithmetic_side_effects, clippy::disallowed_methods, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use authn::Authn;
use harness::cases::{self, Config};
use harness::workspace;
use jsonschema::Validator;
use portcullis::adapter;
use portcullis::ai::vocabulary::{Operation, Provenance};
use prompt_guard::PromptGuard;
use prompt_guard::detect::{pii, secrets, signature};
use ratelimit_shared_data::RateLimit;
use rbac::Rbac;
use schema_check::SchemaCheck;
use serde_json::{Value, json};

/// A configuration, whose it is, and the environment it is for.
struct Written {
    name: String,
    configuration: Value,
    variables: Vec<(String, String)>,
}

#[test]
fn authns_schema_is_one() {
    assert!(jsonschema::meta::is_valid(&json("filters/authn/schema.json")));
}

#[test]
fn what_authn_takes_is_valid_by_its_schema() {
    let schema = schema();
    let written = [published(), presets(), tabled("authn")].concat();
    assert!(written.len() >= 20, "{}", written.len());
    let (taken, refused): (Vec<_>, Vec<_>) = written.iter().partition(|written| fault(written).is_none());
    assert!(taken.len() >= 15 && refused.len() >= 5, "{} taken, {} refused", taken.len(), refused.len());
    let wrong: Vec<String> = taken
        .iter()
        .flat_map(|written| {
            let errors = schema.iter_errors(&written.configuration);
            errors.map(|error| format!("{}: {} {error}", written.name, error.instance_path())).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each is a good configuration with one change (RFC 7396), and a part of authn's sentence about it.
#[test]
fn what_a_schema_can_refuse_is_refused_twice() {
    let schema = schema();
    let base = json!({
        "providers": {"main": {
            "issuer": "https://idp.example", "audiences": ["api"], "algorithms": ["ES256"],
            "jwks_inline": json("filters/authn/example.json")["providers"]["main"]["jwks_inline"],
        }},
        "key_sets": {"partners": json("filters/authn/example.json")["key_sets"]["partners"]},
        "rules": [{"name": "all", "require": {"any": ["main", "partners"]}}],
    });
    let main = |changes: Value| json!({"providers": {"main": changes}});
    let remote = json!({"uri": "https://idp.example/keys", "cluster": "idp"});
    let by = |place: &str, remote: Value| main(json!({"jwks_inline": null, place: remote}));
    let good = [
        json!({}),
        by("jwks_uri", remote.clone()),
        by("oidc_discovery", json!({"clusters": {"idp.example": "idp"}})),
        main(json!({"preset": "okta", "algorithms": null, "jwks_inline": null, "jwks_uri": remote})),
        json!({"credentials": [{"query": "key"}, {"cookie": "session", "form": "token"}]}),
        json!({"protected_resources": [{"resource": "https://models.example.com/mcp"}]}),
        documented_dialects(),
        json!({"dialects": [{"prefix": "/", "dialect": "ollama"}]}),
        json!({"dialects": [{"prefix": "/{model}/x", "dialect": "cohere", "strip_prefix": true, "model_from": "path"}]}),
        json!({"shadow": true, "candidate": base}),
    ];
    for change in good {
        let written = Written::of("good", merged(&base, &change));
        assert_eq!((fault(&written), schema.is_valid(&written.configuration)), (None, true), "{change}");
    }
    for (change, says) in [
        (json!({"relam": "x"}), "relam"),
        (json!({"realm": "a\"b"}), "realm"),
        (json!({"name": "A"}), "name"),
        (json!({"providers": null, "key_sets": null, "rules": null}), "providers"),
        (json!({"credentials": []}), "credentials"),
        (json!({"credentials": [{"header": "X-Key"}]}), "credentials[0].header"),
        (json!({"credentials": [{"header": "content-length"}]}), "credentials[0].header"),
        (json!({"credentials": [{"header": "x-key", "cookie": "k"}]}), "credentials[0]"),
        (json!({"credentials": [{"cookie": "k", "prefix": "Bearer "}]}), "credentials[0].prefix"),
        (json!({"credentials": [{"query": "a b"}]}), "credentials[0].query"),
        (json!({"credentials": [{"header": "x-key", "form": "jwt"}]}), "credentials[0].form"),
        (main(json!({"issuer": null})), "providers.main"),
        (main(json!({"audiences": []})), "providers.main.audiences"),
        (main(json!({"algorithms": null})), "providers.main.algorithms"),
        (main(json!({"algorithms": ["none"]})), "providers.main.algorithms[0]"),
        (main(json!({"preset": "okra"})), "providers.main.preset"),
        (main(json!({"jwks_inline": null})), "providers.main"),
        (main(json!({"jwks_uri": remote})), "providers.main"),
        (by("jwks_uri", json!({"uri": "ftp://idp.example/keys", "cluster": "idp"})), "providers.main.jwks_uri.uri"),
        (by("jwks_uri", json!({"uri": "https://idp.example/keys"})), "providers.main.jwks_uri"),
        (
            by("jwks_uri", merged(&remote, &json!({"fetch": {"refresh": "0s"}}))),
            "providers.main.jwks_uri.fetch.refresh",
        ),
        (by("jwks_uri", merged(&remote, &json!({"fetch": {"retries": 3}}))), "providers.main.jwks_uri.fetch.retries"),
        (by("oidc_discovery", json!({"clusters": {}})), "providers.main.oidc_discovery"),
        (by("hmac_secret", json!({"value": "secret"})), "providers.main.hmac_secret"),
        (main(json!({"clock_skew": 60})), "providers.main.clock_skew"),
        (main(json!({"max_token_bytes": "16K"})), "providers.main.max_token_bytes"),
        (main(json!({"max_keys_tried": 0})), "providers.main.max_keys_tried"),
        (main(json!({"roles_claim": []})), "providers.main.roles_claim"),
        (main(json!({"required_claims": [{"claim": ["a"]}]})), "providers.main.required_claims[0]"),
        (
            main(json!({"required_claims": [{"claim": ["a"], "equals": 0.5}]})),
            "providers.main.required_claims[0].equals",
        ),
        (
            main(json!({"required_claims": [{"claim": ["a"], "any_of": []}]})),
            "providers.main.required_claims[0].any_of",
        ),
        (json!({"key_sets": {"partners": {"keys": []}}}), "key_sets.partners.keys"),
        (json!({"key_sets": {"partners": {"document": remote}}}), "key_sets.partners"),
        (
            json!({"key_sets": {"partners": {"keys": [{"id": "a", "subject": "b"}]}}}),
            "key_sets.partners.keys[0].sha256",
        ),
        (json!({"key_sets": {"partners": {"keys": [{"id": "a", "subject": "b", "sha256": "AB"}]}}}), "keys[0].sha256"),
        (json!({"rules": []}), "rules"),
        (json!({"rules": [{"name": "r", "require": {}}]}), "rules[0].require"),
        (json!({"rules": [{"name": "r", "require": {"any": []}}]}), "rules[0].require.any"),
        (json!({"rules": [{"name": "r", "require": {"all": ["main", "main"]}}]}), "rules[0].require.all[1]"),
        (json!({"rules": [{"name": "r", "require": {"any": ["main"]}, "mode": "audit"}]}), "rules[0].mode"),
        (json!({"identity": {"headers": [{"header": "x-who"}]}}), "identity.headers[0]"),
        (json!({"identity": {"claims": [[]]}}), "identity.claims[0]"),
        (
            json!({"protected_resources": [{"resource": "http://models.example.com"}]}),
            "protected_resources[0].resource",
        ),
        (json!({"token_cache": {"entries": 70000}}), "token_cache.entries"),
        (json!({"dialects": [{"prefix": "llm", "dialect": "ollama"}]}), "dialects[0].prefix"),
        (json!({"dialects": [{"prefix": "/llm/", "dialect": "ollama"}]}), "dialects[0].prefix"),
        (json!({"dialects": [{"prefix": "/llm/*", "dialect": "ollama"}]}), "dialects[0].prefix"),
        (json!({"dialects": [{"prefix": "/", "dialect": "chatgpt"}]}), "dialects[0].dialect"),
        (json!({"dialects": [{"prefix": "/", "dialect": "ollama", "add_prefix": "api"}]}), "dialects[0].add_prefix"),
        (json!({"dialects": [{"prefix": "/", "dialect": "openai", "model_from": "query"}]}), "dialects[0].model_from"),
        (
            json!({"dialects": [{"prefix": "/", "dialect": "openai", "model_from": {"header": "X-Model"}}]}),
            "dialects[0].model_from.header",
        ),
        (json!({"dialects": [{"prefix": "/", "dialect": "generic"}]}), "dialects[0].endpoints"),
        (described(&json!({"operation": "talk"})), "dialects[0].endpoints[0].operation"),
        (described(&json!({"operation": "mcp"})), "dialects[0].endpoints[0].operation"),
        (described(&json!({"operation": "chat", "method": "post"})), "dialects[0].endpoints[0].method"),
        (described(&json!({"operation": "chat", "request": {"a": "plain"}})), "dialects[0].endpoints[0].request.a"),
        (
            described(&json!({"operation": "chat", "request": {"/a~2": "plain"}})),
            "dialects[0].endpoints[0].request./a~2",
        ),
        (described(&json!({"operation": "chat", "request": {"/a": "again"}})), "dialects[0].endpoints[0].request./a"),
        (described(&json!({"operation": "chat", "answer": {"/a": {"text": "human"}}})), "answer./a.text"),
        (json!({"shadow": "yes"}), "shadow"),
        (json!({"candidate": {}}), "candidate.providers"),
        (json!({"candidate": merged(&base, &json!({"rules": []}))}), "candidate.rules"),
        (json!({"candidate": merged(&base, &json!({"shadow": true}))}), "candidate.shadow"),
        (json!({"candidate": merged(&base, &json!({"name": "other"}))}), "candidate.name"),
        (json!({"candidate": merged(&base, &json!({"candidate": base}))}), "candidate.candidate"),
    ] {
        let written = Written::of("bad", merged(&base, &change));
        let fault = fault(&written);
        assert!(fault.as_ref().is_some_and(|fault| fault.contains(says)), "{change}: {fault:?} is not about {says}");
        assert!(!schema.is_valid(&written.configuration), "{change}");
    }
}

/// What every filter takes, whatever it is for.
#[test]
fn every_schema_has_the_members_of_the_kit() {
    let mapping = json!({"prefix": "/llm", "dialect": "openai", "strip_prefix": true});
    for filter in ["authn", "rbac", "ratelimit-shared-data", "schema-check", "prompt-guard"] {
        let schema = jsonschema::validator_for(&json(&format!("filters/{filter}/schema.json"))).unwrap();
        let example = json(&format!("filters/{filter}/example.json"));
        for member in [
            json!({"name": "other"}),
            json!({"max_body_bytes": "2MiB"}),
            json!({"memory_budget": "16MiB"}),
            json!({"shadow": true}),
            json!({"dialects": [mapping]}),
            json!({"candidate": example}),
        ] {
            let errors: Vec<String> =
                schema.iter_errors(&merged(&example, &member)).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{filter}: {member}: {errors:?}");
        }
    }
}

#[test]
fn rbacs_schema_takes_what_rbac_takes() {
    let schema = json("filters/rbac/schema.json");
    assert!(jsonschema::meta::is_valid(&schema));
    let schema = jsonschema::validator_for(&schema).unwrap();
    let readme = read("filters/rbac/README.md");
    let blocks = readme.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let shown = blocks.map(|block| ("README.md".to_owned(), serde_json::from_str(block).unwrap()));
    let example = [("example.json".to_owned(), json("filters/rbac/example.json"))];
    let tables = tabled("rbac").into_iter().map(|written| (written.name, written.configuration));
    let mut taken = 0;
    for (name, configuration) in shown.chain(example).chain(tables) {
        if adapter::compile::<Rbac>(&[], configuration.to_string().as_bytes()).is_ok() {
            taken += 1;
            let errors: Vec<String> = schema.iter_errors(&configuration).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    assert!(taken >= 2, "{taken}");
}

#[test]
fn rate_limits_schema_takes_what_the_rate_limit_takes() {
    let schema = json("filters/ratelimit-shared-data/schema.json");
    assert!(jsonschema::meta::is_valid(&schema));
    let schema = jsonschema::validator_for(&schema).unwrap();
    let of_all = json!({
        "slots": 1024, "on_full": "deny", "on_contention": "allow",
        "backend": {"rls": {
            "cluster": "c", "domain": "ai", "authority": "rls.example:8081", "timeout": "5ms", "on_unavailable": "local", "on_unmatched": "allow",
            "local_percent": 25, "refunds": "none", "local_first": {"percent": 50, "lease": "100ms"}
        }},
        "prices": {"models": [
            {"model": "gpt-*", "input": "2.50", "cached_input": "0.000001", "output": "1000000"},
            {"model": "*", "input": "0", "output": "0.0"}
        ]},
        "fields": {"ratelimit": "never", "openai": "always"}, "stream_usage": "inject", "after_stop": "cut",
        "drain_for": "100ms", "verdict": false,
        "limits": [
            {
                "name": "a", "unit": "requests", "limit": 1_000_000_000_000_000_u64, "window": "8784h", "volatile": true,
                "key": ["subject", "tenant", "api_key", "model", "operation", "tool", "source", {"capture": "team"}],
                "algorithm": "gcra", "burst": 1, "lease": "10s", "operations": ["chat"], "models": ["*"],
                "select": {"hosts": ["*.example.com", "a.example:8443"], "methods": ["POST", "M-SEARCH"],
                    "paths": ["/{team}/*"], "routes": ["main"]},
                "mode": "shadow",
                "tiers": {"claim": ["plan", "name"], "quotas": [{"is": "gold", "limit": 2, "burst": 3}]}
            },
            {
                "name": "b", "unit": "cost", "limit": "10000000.00", "window": "1h", "algorithm": "sliding_window",
                "key": [{"role": ["a", "b"]}, {"claim": ["plan"]}, {"header": "x-team"}, {"constant": "c"},
                    {"source_block": {"ipv4": 8, "ipv6": 128}}],
                "default_output_tokens": [{"model": "o*", "tokens": 10_000_000}, {"model": "*", "tokens": 1}],
                "overrun": "cut", "counted_by": "envoy",
                "spike": {"factor": 20, "for": "24h", "percent": 0}, "risk": {"threshold": 1.0, "for": "1s", "percent": 99},
                "tiers": {"claim": ["plan"], "quotas": [{"is": "gold", "limit": "0.000001"}]}
            },
            {"name": "c", "key": [], "unit": "concurrent", "limit": 8, "lease": "1h"},
            {"name": "d", "key": [], "unit": "distinct", "limit": 100_000, "window": "60m"},
            {"name": "e", "key": [], "unit": "bytes", "limit": 1, "window": "1s", "algorithm": "fixed_window",
             "counted_by": "backend"}
        ]
    });
    let compiled = adapter::compile::<RateLimit>(&[], of_all.to_string().as_bytes());
    assert!(compiled.is_ok(), "{:?}", compiled.err());
    let published = in_envoy("envoy/ratelimit-shared-data.yaml", &[0, 2]);
    let own = [json("filters/ratelimit-shared-data/example.json"), of_all].into_iter().chain(published);
    let own = own.enumerate().map(|(at, written)| (format!("our own, {at}"), written));
    let tables = tabled("ratelimit-shared-data").into_iter().map(|written| (written.name, written.configuration));
    let mut taken = 0;
    for (name, configuration) in own.chain(tables) {
        if adapter::compile::<RateLimit>(&[], configuration.to_string().as_bytes()).is_ok() {
            taken += 1;
            let errors: Vec<String> = schema.iter_errors(&configuration).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    assert!(taken >= 4, "{taken}");
}

/// Each is a good configuration with one change (RFC 7396), and a part of the filter's sentence about it.
#[test]
fn what_rate_limits_schema_can_refuse_is_refused_twice() {
    let with = |changes: Value| merged(&limit(&json!({})), &changes);
    refused_twice(vec![
        (json!({}), "limits"),
        (json!({"limits": []}), "limits"),
        (json!({"limts": []}), "limts"),
        (with(json!({"slots": 1023})), "slots"),
        (with(json!({"slots": 4_194_305})), "slots"),
        (with(json!({"on_full": "evict"})), "on_full"),
        (with(json!({"on_contention": "retry"})), "on_contention"),
        (with(json!({"fields": {"ratelimit": "sometimes"}})), "fields.ratelimit"),
        (with(json!({"fields": {"ietf": "always"}})), "fields.ietf"),
        (with(json!({"stream_usage": "ask"})), "stream_usage"),
        (with(json!({"after_stop": "reset"})), "after_stop"),
        (with(json!({"drain_for": "0s"})), "drain_for"),
        (with(json!({"verdict": "yes"})), "verdict"),
        (with(json!({"prices": {"models": []}})), "prices.models"),
        (limit(&json!({"name": "L"})), "limits[0].name"),
        (limit(&json!({"name": ""})), "limits[0].name"),
        (limit(&json!({"name": null})), "limits[0]: missing field `name`"),
        (limit(&json!({"key": null})), "limits[0]: missing field `key`"),
        (limit(&json!({"key": ["user"]})), "limits[0].key[0]"),
        (limit(&json!({"key": vec!["subject"; 9]})), "limits[0].key: found \"9 parts\""),
        (limit(&json!({"key": [{"role": []}]})), "limits[0].key[0].role"),
        (limit(&json!({"key": [{"role": ["a\n"]}]})), "limits[0].key[0].role"),
        (limit(&json!({"key": [{"claim": []}]})), "limits[0].key[0].claim"),
        (limit(&json!({"key": [{"claim": vec!["a"; 9]}]})), "limits[0].key[0].claim"),
        (limit(&json!({"key": [{"claim": "plan"}]})), "limits[0].key[0].claim"),
        (limit(&json!({"key": [{"header": "X-Team"}]})), "limits[0].key[0].header"),
        (limit(&json!({"key": [{"header": ""}]})), "limits[0].key[0].header"),
        (limit(&json!({"key": [{"header": "a", "constant": "b"}]})), "limits[0].key[0]"),
        (limit(&json!({"key": [{"capture": "team"}]})), "limits[0].key[0].capture"),
        (limit(&json!({"key": [{"constant": ""}]})), "limits[0].key[0].constant"),
        (limit(&json!({"key": [{"source_block": {"ipv4": 24}}]})), "limits[0].key[0].source_block"),
        (limit(&json!({"key": [{"source_block": {"ipv4": 7, "ipv6": 64}}]})), "source_block.ipv4"),
        (limit(&json!({"key": [{"source_block": {"ipv4": 8, "ipv6": 129}}]})), "source_block.ipv6"),
        (limit(&json!({"unit": "tokens"})), "limits[0].unit"),
        (limit(&json!({"limit": 0})), "limits[0].limit"),
        (limit(&json!({"limit": -1})), "limits[0].limit"),
        (limit(&json!({"limit": 1_000_000_000_000_001_u64})), "limits[0].limit"),
        (limit(&json!({"limit": "5"})), "limits[0].limit"),
        (limit(&json!({"limit": 0.5})), "limits[0].limit"),
        (limit(&json!({"window": null})), "limits[0].window: missing"),
        (limit(&json!({"window": "1d"})), "limits[0].window"),
        (limit(&json!({"window": 60})), "limits[0].window"),
        (limit(&json!({"window": "2h"})), "limits[0].window"),
        (limit(&json!({"window": "24h", "volatile": false})), "limits[0].window"),
        (limit(&json!({"algorithm": null})), "limits[0].algorithm: missing"),
        (limit(&json!({"algorithm": "token_bucket"})), "limits[0].algorithm"),
        (limit(&json!({"burst": 0})), "limits[0].burst"),
        (limit(&json!({"burst": 1, "algorithm": "fixed_window"})), "limits[0].burst"),
        (limit(&json!({"lease": "5"})), "limits[0].lease"),
        (limit(&json!({"select": {"paths": ["v1"]}})), "limits[0].select.paths[0]"),
        (limit(&json!({"select": {"hosts": []}})), "limits[0].select.hosts"),
        (limit(&json!({"select": {"hosts": ["API.example"]}})), "limits[0].select.hosts[0]"),
        (limit(&json!({"select": {"methods": ["post"]}})), "limits[0].select.methods[0]"),
        (limit(&json!({"select": {"path": ["/"]}})), "limits[0].select.path"),
        (limit(&json!({"operations": ["talk"]})), "limits[0].operations[0]"),
        (limit(&json!({"operations": []})), "limits[0].operations"),
        (limit(&json!({"models": []})), "limits[0].models"),
        (limit(&json!({"models": ["a**b"]})), "limits[0].models[0]"),
        (limit(&json!({"mode": "audit"})), "limits[0].mode"),
    ]);
}

/// The same of what depends on the unit, and of money.
#[test]
fn what_rate_limits_schema_can_refuse_of_units_is_refused_twice() {
    let at_once =
        |changes: Value| limit(&merged(&json!({"unit": "concurrent", "window": null, "algorithm": null}), &changes));
    let different = |changes: Value| limit(&merged(&json!({"unit": "distinct", "algorithm": null}), &changes));
    let tiered = |quota: Value| json!({"tiers": {"claim": ["plan"], "quotas": [quota]}});
    for good in [
        limit(&json!({})),
        limit(&counted(&json!({}))),
        paid(&json!({})),
        at_once(json!({})),
        different(json!({})),
        limit(&tiered(json!({"is": "gold", "limit": 9, "burst": 1}))),
        paid(&tiered(json!({"is": "gold", "limit": "9", "burst": "1"}))),
        limit(&json!({"window": "2h", "volatile": true})),
    ] {
        let fault = adapter::compile::<RateLimit>(&[], good.to_string().as_bytes()).err();
        assert!(fault.is_none() && ratelimit_schema().is_valid(&good), "{good}: {fault:?}");
    }
    refused_twice(vec![
        (limit(&json!({"tiers": {"claim": [], "quotas": [{"is": "a", "limit": 1}]}})), "limits[0].tiers.claim"),
        (limit(&json!({"tiers": {"claim": ["plan"], "quotas": []}})), "limits[0].tiers.quotas"),
        (limit(&tiered(json!({"is": "", "limit": 1}))), "limits[0].tiers.quotas[0].is"),
        (limit(&tiered(json!({"is": "a", "limit": 0}))), "limits[0].tiers.quotas[0].limit"),
        (limit(&tiered(json!({"is": "a", "limit": "1"}))), "limits[0].tiers.quotas[0].limit"),
        (
            limit(&merged(&tiered(json!({"is": "a", "limit": 1, "burst": 1})), &json!({"algorithm": "fixed_window"}))),
            "limits[0].tiers.quotas[0].burst",
        ),
        (limit(&json!({"default_output_tokens": [{"model": "*", "tokens": 1}]})), "limits[0].default_output_tokens"),
        (limit(&json!({"overrun": "cut"})), "limits[0].overrun"),
        (limit(&counted(&json!({"overrun": "refuse"}))), "limits[0].overrun"),
        (limit(&counted(&json!({"default_output_tokens": null}))), "limits[0].default_output_tokens: missing"),
        (
            limit(&counted(&json!({"default_output_tokens": [{"model": "a", "tokens": 1}]}))),
            "limits[0].default_output_tokens",
        ),
        (
            limit(&counted(&json!({"default_output_tokens": [{"model": "*", "tokens": 0}]}))),
            "default_output_tokens[0].tokens",
        ),
        (
            limit(&counted(&json!({"default_output_tokens": [{"model": "*", "tokens": 10_000_001}]}))),
            "default_output_tokens[0].tokens",
        ),
        (at_once(json!({"window": "1s"})), "limits[0].window"),
        (at_once(json!({"algorithm": "gcra"})), "limits[0].algorithm"),
        (at_once(json!({"burst": 1})), "limits[0].burst"),
        (different(json!({"algorithm": "gcra"})), "limits[0].algorithm"),
        (different(json!({"limit": 100_001})), "limits[0].limit"),
        (different(tiered(json!({"is": "a", "limit": 1}))), "limits[0].tiers"),
        (paid(&json!({"limit": 5})), "limits[0].limit"),
        (paid(&json!({"limit": "0.00"})), "limits[0].limit"),
        (paid(&json!({"limit": "1e3"})), "limits[0].limit"),
        (paid(&json!({"limit": "0.0000001"})), "limits[0].limit"),
        (paid(&json!({"limit": "10000000.000001"})), "limits[0].limit"),
        (paid(&json!({"burst": 5})), "limits[0].burst"),
        (paid(&tiered(json!({"is": "a", "limit": 1}))), "limits[0].tiers.quotas[0].limit"),
        (priced(&json!({}), &Value::Null), "limits[0].unit"),
        (priced(&json!({}), &price(&json!({"input": 1}))), "prices.models[0].input"),
        (priced(&json!({}), &price(&json!({"input": "1000000.01"}))), "prices.models[0].input"),
        (priced(&json!({}), &price(&json!({"output": null}))), "prices.models[0]: missing field `output`"),
        (priced(&json!({}), &price(&json!({"cached_input": "-1"}))), "prices.models[0].cached_input"),
        (priced(&json!({}), &price(&json!({"model": ""}))), "prices.models[0].model"),
    ]);
}

/// A configuration with one limit, so changed.
fn limit(changes: &Value) -> Value {
    let limit = json!({"name": "l", "key": [], "unit": "requests", "limit": 5, "window": "60s", "algorithm": "gcra"});
    json!({"limits": [merged(&limit, changes)]})
}

/// The changes that make it count tokens of answers, and others.
fn counted(changes: &Value) -> Value {
    merged(&json!({"unit": "output_tokens", "default_output_tokens": [{"model": "*", "tokens": 9}]}), changes)
}

/// A limit of money, so changed.
fn paid(changes: &Value) -> Value {
    priced(changes, &price(&json!({})))
}

fn priced(changes: &Value, prices: &Value) -> Value {
    let money = counted(&merged(&json!({"unit": "cost", "limit": "1.50"}), changes));
    merged(&limit(&money), &json!({"prices": prices}))
}

fn price(changes: &Value) -> Value {
    json!({"models": [merged(&json!({"model": "*", "input": "1", "output": "2"}), changes)]})
}

fn ratelimit_schema() -> Validator {
    jsonschema::validator_for(&json("filters/ratelimit-shared-data/schema.json")).unwrap()
}

/// Whether the filter refuses each, with a sentence that says this, and its schema does.
fn refused_twice(written: Vec<(Value, &str)>) {
    let (schema, mut wrong) = (ratelimit_schema(), Vec::new());
    for (written, says) in written {
        let fault = adapter::compile::<RateLimit>(&[], written.to_string().as_bytes()).err();
        let fault = fault.map(|fault| fault.to_string());
        if schema.is_valid(&written) || !fault.as_ref().is_some_and(|fault| fault.contains(says)) {
            wrong.push(format!("{written}: {fault:?} is not about {says}, or the schema takes it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_operations_of_rate_limits_schema_are_those_of_its_code() {
    let schema = json("filters/ratelimit-shared-data/schema.json");
    let words: Vec<&str> = Operation::ALL.iter().map(|operation| operation.word()).collect();
    assert_eq!(schema["$defs"]["operation"]["enum"], json!(words));
}

#[test]
fn schema_checks_schema_takes_what_schema_check_takes() {
    let schema = json("filters/schema-check/schema.json");
    assert!(jsonschema::meta::is_valid(&schema));
    let schema = jsonschema::validator_for(&schema).unwrap();
    let example = [("example.json".to_owned(), json("filters/schema-check/example.json"))];
    let tables = tabled("schema-check").into_iter().map(|written| (written.name, written.configuration));
    for (name, configuration) in example.into_iter().chain(tables) {
        if adapter::compile::<SchemaCheck>(&[], configuration.to_string().as_bytes()).is_ok() {
            let errors: Vec<String> = schema.iter_errors(&configuration).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
}

/// Each is a good configuration with one change (RFC 7396), and a part of schema-check's sentence about it.
#[test]
fn what_schema_checks_schema_can_refuse_is_refused_twice() {
    let schema = jsonschema::validator_for(&json("filters/schema-check/schema.json")).unwrap();
    let base = json!({"rules": [{"name": "r", "schemas": {"request": true}}]});
    let rule = |changes: Value| json!({"rules": [merged(&base["rules"][0], &changes)]});
    for (change, says) in [
        (json!({"rules": null}), "rules"),
        (json!({"rules": []}), "rules"),
        (json!({"ruls": []}), "ruls"),
        (json!({"unmatched": "allow"}), "unmatched"),
        (json!({"limits": {"depth": 129}}), "limits.depth"),
        (json!({"limits": {"members": 0}}), "limits.members"),
        (json!({"limits": {"integers": "int32"}}), "limits.integers"),
        (json!({"limits": {"string_bytes": "16M"}}), "limits.string_bytes"),
        (rule(json!({"name": "R"})), "rules[0].name"),
        (rule(json!({"schemas": null})), "rules[0].openapi"),
        (rule(json!({"openapi": {"openapi": "3.1.0"}})), "rules[0].schemas"),
        (rule(json!({"base_path": "/x"})), "rules[0].base_path"),
        (rule(json!({"schemas": {"request": null}})), "rules[0].schemas.request"),
        (rule(json!({"schemas": {"draft": "5"}})), "rules[0].schemas.draft"),
        (rule(json!({"schemas": {"content_types": []}})), "rules[0].schemas.content_types"),
        (rule(json!({"contract": "openai.chat"})), "rules[0]"),
        (rule(json!({"schemas": null, "contract": "OpenAI"})), "rules[0].contract"),
        (rule(json!({"unknown_members": "deny"})), "rules[0].unknown_members"),
        (rule(json!({"requests": "off"})), "rules[0].requests"),
        (rule(json!({"responses": "strip"})), "rules[0].responses"),
        (rule(json!({"files": {"pictures": ["svg"]}})), "rules[0].files.pictures[0]"),
        (rule(json!({"files": {"max_side": 0}})), "rules[0].files.max_side"),
        (rule(json!({"files": {"urls": {"members": []}}})), "rules[0].files.urls.members"),
        (rule(json!({"files": {"urls": {"ports": [0]}}})), "rules[0].files.urls"),
    ] {
        let written = merged(&base, &change);
        let fault = adapter::compile::<SchemaCheck>(&[], written.to_string().as_bytes()).err();
        assert!(fault.as_ref().is_some_and(|fault| fault.to_string().contains(says)), "{change}: {fault:?}");
        assert!(!schema.is_valid(&written), "{change}");
    }
}

#[test]
fn prompt_guards_schema_takes_what_prompt_guard_takes() {
    let schema = json("filters/prompt-guard/schema.json");
    assert!(jsonschema::meta::is_valid(&schema));
    let schema = jsonschema::validator_for(&schema).unwrap();
    let of_all = json!({"policies": [guarded(&json!({
        "select": {"hosts": ["api.example.com"], "methods": ["POST"], "paths": ["/v1/*"], "routes": ["main"]},
        "tenants": ["acme"], "models": ["gpt-*"], "operations": ["chat"], "unrecognised": "scan_raw",
        "detectors": {
            "deny": [{"name": "d", "literals": ["a"], "inside_words": true, "expressions": ["a+"], "action": "mask",
                "provenances": ["user"]}],
            "allow": [{"expressions": ["b"], "detectors": ["deny", "signature", "pii", "secrets"]}],
            "signature": [{"shapes": ["hidden_comment"], "action": "shadow", "provenances": ["document"]}],
            "pii": [{"kinds": ["email"], "own": {"member": {"expression": "M[0-9]{8}", "check": "mod11_10"}},
                "at_least": 2, "action": "flag", "provenances": ["user"]}],
            "secrets": [{"kinds": ["github_token"], "action": "mask", "provenances": ["user"]}],
            "shape": [{"max_text_bytes": "1KiB", "max_total_bytes": "1MiB", "max_messages": 9, "scripts": ["latin"],
                "languages": ["eng"], "control_characters": true, "max_hidden": 0, "max_repetition": 60, "action": "flag",
                "provenances": ["user"]}],
            "moderation": {"cluster": "m", "url": "https://m.example/v1", "api": "json", "request": {"q": ["$text"]},
                "verdict": "/flagged", "threshold": 0.5, "ask": "flagged", "timeout": "1s", "max_open": 9,
                "max_bytes": "8KiB", "on_unavailable": "allow", "cache_entries": 0, "cache_age": "1m", "action": "flag",
                "provenances": ["user"]},
        },
        "unread": {"token_ids": "deny", "by_reference": "deny", "binary": "deny", "remote": "deny", "undecoded": "pass"},
        "mask": {"with": "format", "signed": "pass"}, "spotlight": {"provenances": ["tool_result"]},
        "refusal": {"text": "No.", "as": "answer"},
    }))]});
    let own_alone = json!({"policies": [guarded(&json!({"detectors": {
        "pii": [{"kinds": [], "own": {"member": {"expression": "M[0-9]{8}"}}}],
        "moderation": {"cluster": "m", "url": "https://m.example/v1", "api": "chat", "model": "guard"}
    }}))]});
    let written = [json("filters/prompt-guard/example.json"), json!({}), of_all, own_alone];
    for configuration in &written {
        let compiled = adapter::compile::<PromptGuard>(&[], configuration.to_string().as_bytes());
        assert!(compiled.is_ok(), "{configuration}: {:?}", compiled.err());
    }
    let written = written.into_iter().enumerate().map(|(at, written)| (format!("our own, {at}"), written));
    let tables = tabled("prompt-guard").into_iter().map(|written| (written.name, written.configuration));
    let mut taken = 0;
    for (name, configuration) in written.chain(tables) {
        if adapter::compile::<PromptGuard>(&[], configuration.to_string().as_bytes()).is_ok() {
            taken += 1;
            let errors: Vec<String> = schema.iter_errors(&configuration).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    assert!(taken >= 3, "{taken}");
}

/// Each is a good policy with one change (RFC 7396), and a part of prompt-guard's sentence about it.
#[test]
fn what_prompt_guards_schema_can_refuse_is_refused_twice() {
    let schema = jsonschema::validator_for(&json("filters/prompt-guard/schema.json")).unwrap();
    let policy = |change: Value| json!({"policies": [guarded(&change)]});
    let by = |detector: &str, rule: Value| policy(json!({"detectors": {detector: [rule]}}));
    let judged = |change: Value| {
        let service = merged(&json!({"cluster": "m", "url": "https://m.example/v1"}), &change);
        policy(json!({"detectors": {"moderation": service}}))
    };
    let mut wrong = Vec::new();
    for (written, says) in [
        (json!({"policies": []}), "policies"),
        (json!({"polices": []}), "polices"),
        (json!({"unmatched": "allow"}), "unmatched"),
        (json!({"verdict": 1}), "verdict"),
        (policy(json!({"name": null})), "policies[0]: missing field `name`"),
        (policy(json!({"name": "P"})), "policies[0].name"),
        (policy(json!({"tenants": []})), "policies[0].tenants"),
        (policy(json!({"models": []})), "policies[0].models"),
        (policy(json!({"models": ["a**b"]})), "policies[0].models[0]"),
        (policy(json!({"operations": ["talk"]})), "policies[0].operations"),
        (policy(json!({"unrecognised": "pass"})), "policies[0].unrecognised"),
        (policy(json!({"unread": {"token_ids": "maybe"}})), "unread.token_ids"),
        (policy(json!({"unread": {"binary": "embeddings"}})), "unread.binary"),
        (policy(json!({"mask": {"with": "stars"}})), "mask.with"),
        (policy(json!({"mask": {"signed": "resign"}})), "mask.signed"),
        (policy(json!({"spotlight": {"provenances": []}})), "spotlight.provenances"),
        (policy(json!({"refusal": {"text": ""}})), "refusal.text"),
        (policy(json!({"refusal": {"text": "a\nb"}})), "refusal.text"),
        (policy(json!({"detectors": {"llm": []}})), "llm"),
        (by("deny", json!({"literals": ["a"]})), "detectors.deny[0]: missing field `name`"),
        (by("deny", json!({"name": "d"})), "detectors.deny[0].literals"),
        (by("deny", json!({"name": "d", "literals": [""]})), "detectors.deny[0].literals[0]"),
        (by("deny", json!({"name": "d", "expressions": [""]})), "detectors.deny[0].expressions[0]"),
        (by("deny", json!({"name": "d", "literals": ["a"], "action": "allow"})), "detectors.deny[0].action"),
        (by("deny", json!({"name": "d", "literals": ["a"], "provenances": []})), "detectors.deny[0].provenances"),
        (by("allow", json!({"literals": ["a"]})), "detectors.allow[0]: missing field `detectors`"),
        (by("allow", json!({"literals": ["a"], "detectors": ["shape"]})), "detectors.allow[0].detectors[0]"),
        (by("signature", json!({"shapes": ["jailbreak"]})), "detectors.signature[0].shapes"),
        (by("pii", json!({"kinds": ["Email"]})), "detectors.pii[0].kinds"),
        (by("pii", json!({"at_least": 0})), "detectors.pii[0].at_least"),
        (by("pii", json!({"own": {"a": {"expression": ""}}})), "detectors.pii[0].own.a.expression"),
        (by("pii", json!({"own": {"a": {"expression": "x", "check": "sum"}}})), "detectors.pii[0].own.a.check"),
        (by("pii", json!({"kinds": []})), "detectors.pii[0].kinds"),
        (by("pii", json!({"own": {"A": {"expression": "x"}}})), "detectors.pii[0].own: found \"A\""),
        (by("secrets", json!({"kinds": ["github"]})), "detectors.secrets[0].kinds[0]"),
        (by("shape", json!({"max_messages": 0})), "detectors.shape[0].max_messages"),
        (by("shape", json!({"max_repetition": 101})), "detectors.shape[0].max_repetition"),
        (by("shape", json!({"max_text_bytes": "1K"})), "detectors.shape[0].max_text_bytes"),
        (by("shape", json!({"scripts": ["Latin"]})), "detectors.shape[0].scripts"),
        (by("shape", json!({"languages": ["English"]})), "detectors.shape[0].languages"),
        (by("shape", json!({"languages": []})), "detectors.shape[0].languages"),
        (by("shape", json!({"action": "mask"})), "detectors.shape[0].action"),
        (judged(json!({"cluster": ""})), "moderation.cluster"),
        (judged(json!({"url": "m.example"})), "moderation.url"),
        (judged(json!({"api": "chat"})), "moderation.model: missing"),
        (judged(json!({"api": "chat", "model": "m", "threshold": 0.5})), "moderation.threshold"),
        (judged(json!({"request": ["$text"]})), "moderation.request"),
        (judged(json!({"verdict": "/a"})), "moderation.verdict"),
        (judged(json!({"api": "json", "verdict": "/a"})), "moderation.request: missing"),
        (judged(json!({"api": "json", "request": ["$text"]})), "moderation.verdict: missing"),
        (judged(json!({"api": "json", "request": ["$text"], "verdict": "a"})), "moderation.verdict: found \"a\""),
        (judged(json!({"api": "json", "request": ["$text"], "verdict": "/a", "model": "m"})), "moderation.model"),
        (judged(json!({"threshold": 1.5})), "moderation.threshold"),
        (judged(json!({"max_open": 0})), "moderation.max_open"),
        (judged(json!({"cache_entries": 100_001})), "moderation.cache_entries"),
        (judged(json!({"timeout": "2"})), "moderation.timeout"),
        (judged(json!({"action": "mask"})), "moderation.action"),
    ] {
        let fault = adapter::compile::<PromptGuard>(&[], written.to_string().as_bytes()).err();
        let fault = fault.map(|fault| fault.to_string());
        if schema.is_valid(&written) || !fault.as_ref().is_some_and(|fault| fault.contains(says)) {
            wrong.push(format!("{written}: {fault:?} is not about {says}, or the schema takes it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_words_of_prompt_guards_schema_are_those_of_its_code() {
    let schema = json("filters/prompt-guard/schema.json");
    let words = |place: &str| -> Vec<String> {
        let words = schema.pointer(place).and_then(Value::as_array).unwrap_or_else(|| panic!("{place}"));
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let kinds: Vec<&str> = pii::Kind::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words("/$defs/pii/properties/kinds/items/enum"), kinds);
    let rules: Vec<&str> = secrets::rules().collect();
    assert_eq!(words("/$defs/secrets/properties/kinds/items/enum"), rules);
    let reasons: Vec<&str> = signature::Reason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(words("/$defs/signature/properties/shapes/items/enum"), reasons);
    let provenances: Vec<&str> = Provenance::ALL.iter().map(|provenance| provenance.word()).collect();
    assert_eq!(words("/$defs/provenance/enum"), provenances);
    let operations: Vec<&str> = Operation::ALL.iter().map(|operation| operation.word()).collect();
    assert_eq!(words("/$defs/operation/enum"), operations);
}

/// Each word stands in the README's tables and lists between backticks.
#[test]
fn prompt_guards_readme_names_every_kind_rule_and_provenance() {
    let readme = read("filters/prompt-guard/README.md");
    let kinds = pii::Kind::ALL.iter().map(|kind| kind.word());
    let provenances = Provenance::ALL.iter().map(|provenance| provenance.word());
    let missing: Vec<&str> = kinds.chain(provenances).chain(secrets::rules()).collect();
    let missing: Vec<&str> = missing.into_iter().filter(|word| !readme.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Each is a good configuration with one change (RFC 7396), and a part of rbac's sentence about it.
#[test]
fn what_rbacs_schema_can_refuse_is_refused_twice() {
    let schema = jsonschema::validator_for(&json("filters/rbac/schema.json")).unwrap();
    let base = json!({"combining": "first_match", "rules": []});
    let rule = |changes: Value| json!({"rules": [merged(&json!({"name": "r", "effect": "allow"}), &changes)]});
    for (change, says) in [
        (json!({"combining": null}), "combining"),
        (json!({"combining": "last_match"}), "combining"),
        (json!({"rules": null}), "rules"),
        (json!({"ruls": []}), "ruls"),
        (json!({"client_certificates": "trusted"}), "client_certificates"),
        (json!({"models": {"api_key_models": false}}), "models.api_key_models"),
        (json!({"inventory": {"entries": 5000}}), "inventory.entries"),
        (json!({"method_override": "ignore"}), "method_override"),
        (json!({"roles": {"sources": []}}), "roles.sources"),
        (rule(json!({"effect": "permit"})), "rules[0].effect"),
        (rule(json!({"name": "Rule"})), "rules[0].name"),
        (rule(json!({"whom": {}})), "rules[0].whom"),
        (rule(json!({"who": {"roles_any": []}})), "rules[0].who.roles_any"),
        (rule(json!({"what": {"operations": ["talk"]}})), "rules[0].what.operations"),
        (rule(json!({"what": {"dialects": ["chatgpt"]}})), "rules[0].what.dialects"),
        (rule(json!({"what": {"models": ["a**b"]}})), "rules[0].what.models"),
        (rule(json!({"when": {"forbids": ["temperature"]}})), "rules[0].when.forbids"),
    ] {
        let configuration = merged(&base, &change);
        let fault = adapter::compile::<Rbac>(&[], configuration.to_string().as_bytes()).err();
        let fault = fault.map(|fault| fault.to_string());
        assert!(fault.as_ref().is_some_and(|fault| fault.contains(says)), "{change}: {fault:?} is not about {says}");
        assert!(!schema.is_valid(&configuration), "{change}");
    }
}

/// A policy of prompt-guard with these members.
fn guarded(change: &Value) -> Value {
    merged(&json!({"name": "p"}), change)
}

/// What `docs/dialects.md` shows.
fn documented_dialects() -> Value {
    let page = read("docs/dialects.md");
    let block = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    serde_json::from_str(block).unwrap()
}

/// An API of one endpoint.
fn described(endpoint: &Value) -> Value {
    let endpoint = merged(&json!({"path": "/x"}), endpoint);
    json!({"dialects": [{"prefix": "/", "dialect": "generic", "endpoints": [endpoint]}]})
}

impl Written {
    fn of(name: impl Into<String>, configuration: Value) -> Self {
        Self { name: name.into(), configuration, variables: Vec::new() }
    }
}

impl Clone for Written {
    fn clone(&self) -> Self {
        let Self { name, configuration, variables } = self;
        Self { name: name.clone(), configuration: configuration.clone(), variables: variables.clone() }
    }
}

/// Why authn refuses it.
fn fault(written: &Written) -> Option<String> {
    let text = written.configuration.to_string();
    adapter::compile::<Authn>(&written.variables, text.as_bytes()).err().map(|error| error.to_string())
}

/// What stands in `envoy/` and beside the filter.
fn published() -> Vec<Written> {
    let mut all = vec![Written::of("example.json", json("filters/authn/example.json"))];
    for file in ["envoy/authn.yaml", "envoy/authn-discovery.yaml"] {
        all.extend(in_envoy(file, &[0]).into_iter().map(|configuration| Written::of(file, configuration)));
    }
    all
}

/// The configurations of filters in these places of the chain in a file for Envoy.
fn in_envoy(file: &str, places: &[usize]) -> Vec<Value> {
    let envoy: Value = serde_norway::from_str(&read(file)).unwrap();
    let chain = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters";
    let written = |place: &usize| {
        let value = format!("{chain}/{place}/typed_config/config/configuration/value");
        serde_json::from_str(envoy.pointer(&value).and_then(Value::as_str).unwrap()).unwrap()
    };
    places.iter().map(written).collect()
}

fn presets() -> Vec<Written> {
    let folders =
        fs::read_dir(workspace().join("filters/authn/tests/presets")).unwrap().map(|entry| entry.unwrap().path());
    let written = |folder: PathBuf| {
        let provider: Value = serde_json::from_str(&fs::read_to_string(folder.join("provider.json")).unwrap()).unwrap();
        Written::of(folder.display().to_string(), json!({"providers": {"product": provider}}))
    };
    folders.filter(|path| path.is_dir()).map(written).collect()
}

/// Every configuration of a filter's case tables.
fn tabled(filter: &str) -> Vec<Written> {
    let tables = cases::tables("").into_iter().filter(|table| table.filter == filter);
    let written = |name: &str, config: &Config, variables: &BTreeMap<String, String>| {
        let variables = variables.clone().into_iter().collect();
        Written { name: name.to_owned(), configuration: config.resolve().unwrap(), variables }
    };
    let all = tables.flat_map(|table| {
        let own = written(&table.title(), &table.config, &table.variables);
        let cases = table.cases.iter().filter_map(|case| Some((&case.name, case.config.as_ref()?)));
        let cases =
            cases.map(|(name, config)| written(&format!("{}: {name}", table.title()), config, &table.variables));
        std::iter::once(own).chain(cases).collect::<Vec<_>>()
    });
    all.filter(|written| written.configuration.is_object()).collect()
}

fn schema() -> Validator {
    jsonschema::validator_for(&json("filters/authn/schema.json")).unwrap()
}

/// A change as RFC 7396 has it; `null` removes.
fn merged(base: &Value, change: &Value) -> Value {
    let (Value::Object(base), Value::Object(change)) = (base, change) else { return change.clone() };
    let mut merged = base.clone();
    for (name, change) in change {
        match change {
            Value::Null => drop(merged.remove(name)),
            change => drop(merged.insert(name.clone(), self::merged(base.get(name).unwrap_or(&Value::Null), change))),
        }
    }
    Value::Object(merged)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
