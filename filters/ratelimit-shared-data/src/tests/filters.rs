//! The filter on the fake host: what the client gets, what the upstream gets, what the operator sees.

use portcullis::host::HostError;
use portcullis::host::fake::Request;
use portcullis::identity::{self, Identity};
use portcullis::prelude::Millis;
use serde_json::{Value, json};

use super::world::{
    answered, as_caller, asking, chat, envoy, field, limited, metric, passes, refused, requests, tokens, verdict, with,
};

#[test]
fn as_many_pass_as_the_limit_says_and_the_next_is_told_when() {
    for algorithm in ["gcra", "sliding_window", "fixed_window"] {
        let envoy = limited(&with(requests(10), json!({"algorithm": algorithm})));
        as_caller(&envoy, "alice");
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 10), 10, "{algorithm}");
        let answer = envoy.send(&Request::get("/v1/models"));
        assert_eq!((answer.status, answer.upstream.is_some()), (429, false), "{algorithm}");
        let wait: u64 = field(&answer, "retry-after").unwrap().parse().unwrap();
        assert!((1..=64).contains(&wait), "{algorithm}: {wait}");
        assert!(answer.text().contains("rate_limit_exceeded"));
        assert_eq!(field(&answer, "ratelimit-policy").unwrap(), "\"calls\";q=10;w=60");
        assert!(field(&answer, "ratelimit").unwrap().starts_with("\"calls\";r=0;t="));
        let expected = json!({"outcome": "deny", "limit": "calls", "code": "rate_limit_exceeded", "mode": "enforce"});
        assert_eq!(verdict(&answer), expected);
        assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.rate_limit_exceeded"), 1);
        envoy.advance(Millis(wait * 1000));
        assert_eq!(envoy.send(&Request::get("/v1/models")).status, 200, "{algorithm}");
    }
}

#[test]
fn each_caller_has_a_bucket_and_who_is_nobody_has_none() {
    let envoy = limited(&requests(2));
    for caller in ["alice", "bob"] {
        as_caller(&envoy, caller);
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 2, "{caller}");
    }
    envoy.world().state(identity::STATE, None);
    let answer = envoy.send(&Request::get("/v1/models"));
    assert_eq!((answer.status, verdict(&answer)["code"].as_str()), (403, Some("no_identity")));
    assert_eq!(metric(&envoy, "requests_total.outcome.deny.code.no_identity"), 1);
}

#[test]
fn an_address_tells_strangers_apart() {
    let envoy = limited(&with(requests(2), json!({"key": ["subject", "source"]})));
    envoy.world().state(identity::STATE, None);
    assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 2);
}

/// Every part of a key: requests that differ in it have two buckets, those that say nothing have one.
#[test]
fn a_key_tells_apart_what_it_says() {
    let identity = |change: fn(&mut Identity)| {
        let mut identity = Identity::of("alice");
        change(&mut identity);
        identity.to_state()
    };
    for (part, one, other) in [
        (json!("tenant"), identity(|who| who.tenant = Some("a".into())), identity(|who| who.tenant = Some("b".into()))),
        (json!("api_key"), identity(|who| who.api_key = Some("a".into())), identity(|who| who.api_key = None)),
        (json!("subject"), identity(|who| who.iss = Some("a".into())), identity(|who| who.iss = Some("b".into()))),
        (
            json!({"role": ["gold", "silver"]}),
            identity(|who| who.roles = vec!["silver".into(), "gold".into()]),
            identity(|who| who.roles = vec!["x".into(), "silver".into()]),
        ),
        (
            json!({"claim": ["plan", "name"]}),
            identity(|who| drop(who.claims.insert("plan".into(), json!({"name": "a"})))),
            identity(|who| drop(who.claims.insert("plan".into(), json!({"name": 1})))),
        ),
    ] {
        let envoy = limited(&with(requests(1), json!({"key": [part]})));
        let passed = |state: &Option<Vec<u8>>| {
            envoy.world().state(identity::STATE, state.as_deref());
            passes(&envoy, &Request::get("/v1/models"), 1)
        };
        assert_eq!([passed(&one), passed(&other), passed(&one), passed(&other)], [1, 1, 0, 0], "{part}");
    }
    let models = |model: Value| chat(&json!({"model": model, "messages": []}));
    let header = |value: &str| Request::get("/v1/models").header("x-team", value);
    let tool = |name: &str| {
        let call =
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": {}}});
        Request::post("/mcp", call.to_string().as_bytes()).header("content-type", "application/json")
    };
    let captured = json!({"key": [{"capture": "team"}], "select": {"paths": ["/{team}/*"]}});
    for (changes, requests_of) in [
        (json!({"key": ["model"]}), [models(json!("a")), models(json!("b"))]),
        (json!({"key": ["operation"]}), [models(json!("a")), Request::get("/v1/models")]),
        (json!({"key": [{"header": "x-team"}]}), [header("a"), header("b")]),
        (json!({"key": ["tool"]}), [tool("a"), tool("b")]),
        (captured, [Request::get("/a/x"), Request::get("/b/x")]),
    ] {
        let envoy = limited(&with(requests(1), changes.clone()));
        let passed = [0, 1, 0, 1].map(|at| passes(&envoy, &requests_of[at], 1));
        assert_eq!(passed, [1, 1, 0, 0], "{changes}");
    }
}

/// Row RL-008, and the aliases under which a server knows a model.
#[test]
fn what_is_written_otherwise_or_not_at_all_is_no_new_bucket() {
    let header = |value: &str| Request::get("/v1/models").header("x-team", value);
    let model = |name: &str| chat(&json!({"model": name, "messages": []}));
    let several = |one: &str, other: &str| chat(&json!({"model": one, "models": [other], "messages": []}));
    for (key, alike) in [
        (json!([{"header": "x-team"}]), vec![Request::get("/v1/models"), header(""), header("  ")]),
        (
            json!([{"header": "x-team"}]),
            vec![header("a"), header(" a "), Request::get("/v1/models").header("X-Team", "a")],
        ),
        (json!(["model"]), vec![model("gpt-4o"), model("GPT-4o"), model(" gpt-4o"), model("models/gpt-4o")]),
        (json!(["model"]), vec![several("a", "b"), several("a", "c"), several("d", "e")]),
        (json!(["model"]), vec![chat(&json!({"messages": []})), chat(&json!({"model": null, "messages": []}))]),
    ] {
        let envoy = limited(&with(requests(1), json!({"key": key})));
        let passed: usize = alike.iter().map(|request| passes(&envoy, request, 2)).sum();
        assert_eq!(passed, 1, "{key}");
    }
    let envoy = limited(&with(requests(1), json!({"key": [{"header": "x-team"}]})));
    let twice = envoy.send(&header("a").header("x-team", "b"));
    assert_eq!((twice.status, twice.upstream.is_some()), (400, false));
}

/// Row RL-006: the address is Envoy's; a header makes no bucket, and of IPv6 neither do the last 64 bits.
#[test]
fn an_address_is_that_of_the_connection() {
    let envoy = limited(&with(requests(1), json!({"key": ["source"]})));
    let passed = |address: &str, forwarded: &str| {
        envoy.world().attribute("source.address", address.as_bytes());
        passes(&envoy, &Request::get("/v1/models").header("x-forwarded-for", forwarded), 1)
    };
    assert_eq!(
        [passed("192.0.2.1:10", "1.1.1.1"), passed("192.0.2.1:11", "2.2.2.2"), passed("192.0.2.2:10", "1.1.1.1")],
        [1, 0, 1]
    );
    assert_eq!(
        [passed("[2001:db8::1]:1", ""), passed("[2001:db8::2]:1", ""), passed("[2001:db8:0:1::1]:1", "")],
        [1, 0, 1]
    );
    let envoy = limited(&with(requests(1), json!({"key": [{"source_block": {"ipv4": 24, "ipv6": 48}}]})));
    let passed = |address: &str| {
        envoy.world().attribute("source.address", address.as_bytes());
        passes(&envoy, &Request::get("/v1/models"), 1)
    };
    assert_eq!([passed("192.0.2.1:1"), passed("192.0.2.255:1"), passed("192.0.3.1:1")], [1, 0, 1]);
    assert_eq!([passed("[2001:db8:0:1::]:1"), passed("[2001:db8:0:ffff::]:1"), passed("[2001:db8:1::]:1")], [1, 0, 1]);
}

#[test]
fn a_limit_is_about_what_it_selects() {
    let chat_of = |model: &str| chat(&json!({"model": model, "messages": []}));
    for (changes, hit, missed) in [
        (json!({"operations": ["chat"]}), chat_of("a"), Request::get("/v1/models")),
        (json!({"models": ["gpt-4*"]}), chat_of("GPT-4o"), chat_of("small")),
        (json!({"select": {"methods": ["GET"]}}), Request::get("/v1/models"), chat_of("a")),
        (json!({"select": {"hosts": ["api.example"]}}), Request::get("/v1/models"), Request::default()),
    ] {
        let envoy = limited(&with(requests(1), changes.clone()));
        assert_eq!(passes(&envoy, &hit, 3), 1, "{changes}");
        if !missed.headers.is_empty() {
            assert_eq!(passes(&envoy, &missed, 3), 3, "{changes}");
        }
    }
    // A port that a client names is no way around, nor is a model that nobody names.
    let envoy = limited(&with(requests(1), json!({"select": {"hosts": ["api.example"]}})));
    let mut headers = Request::get("/v1/models");
    headers.headers = [(":method", "GET"), (":scheme", "http"), (":authority", "api.example:443"), (":path", "/")]
        .into_iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
        .collect();
    assert_eq!(passes(&envoy, &headers, 3), 1);
    let envoy = limited(&with(requests(1), json!({"models": ["gpt-4*"]})));
    assert_eq!(passes(&envoy, &chat(&json!({"messages": []})), 3), 1);
}

/// A limit that is about nothing would be loaded and never refuse.
#[test]
fn a_list_of_no_operations_is_refused() {
    let written = json!({"limits": [with(requests(1), json!({"operations": []}))]});
    assert!(refused(&written).contains("limits[0].operations: found \"[]\""), "{}", refused(&written));
}

/// `""` is no model: a server takes its default for it, as for a request that names none.
#[test]
fn a_model_without_a_name_is_none() {
    let named = |model: Value| chat(&json!({"model": model, "messages": []}));
    for nameless in ["", " ", "\u{200b}", "models/"] {
        let envoy = limited(&with(requests(1), json!({"key": ["model"]})));
        assert_eq!([passes(&envoy, &named(json!(null)), 1), passes(&envoy, &named(json!(nameless)), 1)], [1, 0]);
        let envoy = limited(&with(requests(1), json!({"models": ["gpt-4*"]})));
        assert_eq!(passes(&envoy, &named(json!(nameless)), 3), 1, "{nameless:?} may mean any");
    }
}

#[test]
fn a_fault_in_a_list_of_defaults_says_in_which() {
    for (default, place) in [
        (json!({"model": "a", "tokens": 0}), "limits[0].default_output_tokens[1].tokens"),
        (json!({"model": "a**b", "tokens": 1}), "limits[0].default_output_tokens[1].model"),
    ] {
        let defaults = json!([{"model": "b", "tokens": 1}, default, {"model": "*", "tokens": 1}]);
        let fault = refused(&json!({"limits": [with(tokens(9), json!({"default_output_tokens": defaults}))]}));
        assert!(fault.contains(place), "{fault}");
    }
}

#[test]
fn all_limits_must_let_pass_and_who_is_refused_spends_nothing() {
    let envoy = envoy(&json!({"limits": [
        with(requests(5), json!({"name": "many"})),
        with(requests(1), json!({"name": "few", "key": [{"header": "x-team"}]})),
    ]}));
    as_caller(&envoy, "alice");
    let of = |team: &str| Request::get("/v1/models").header("x-team", team);
    assert_eq!(passes(&envoy, &of("a"), 9), 1, "few refuses, and many gives back what it gave");
    assert_eq!([passes(&envoy, &of("b"), 3), passes(&envoy, &of("c"), 3), passes(&envoy, &of("d"), 3)], [1, 1, 1]);
    assert_eq!([passes(&envoy, &of("e"), 3), passes(&envoy, &of("f"), 3)], [1, 0], "many has no more");
}

#[test]
fn a_limit_in_shadow_counts_and_refuses_nobody() {
    let envoy = limited(&with(requests(2), json!({"mode": "shadow"})));
    assert_eq!(passes(&envoy, &Request::get("/v1/models"), 5), 5);
    let answer = envoy.send(&Request::get("/v1/models"));
    let expected = json!({"outcome": "allow", "code": "allowed", "mode": "enforce", "shadow": "calls"});
    assert_eq!((verdict(&answer), field(&answer, "ratelimit")), (expected, None));
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.rate_limit_exceeded"), 4);
    envoy.advance(Millis(1));
    assert_eq!(metric(&envoy, "open"), 1);
}

#[test]
fn a_claim_gives_another_quota() {
    let tiers = json!({"claim": ["plan"], "quotas": [{"is": "gold", "limit": 5}]});
    let envoy = limited(&with(requests(2), json!({"tiers": tiers})));
    for (subject, plan, expected) in [("a", json!("gold"), 5), ("b", json!("silver"), 2), ("c", json!(["gold"]), 2)] {
        let mut identity = Identity::of(subject);
        identity.claims.insert("plan".to_owned(), plan);
        envoy.world().state(identity::STATE, identity.to_state().as_deref());
        assert_eq!(passes(&envoy, &Request::get("/v1/models"), 9), expected, "{subject}");
    }
}

#[test]
fn fields_are_told_where_the_operator_says() {
    let fields = json!({"ratelimit": "always", "openai": "always"});
    let envoy = envoy(&json!({"fields": fields, "limits": [requests(3), tokens(1000)]}));
    let answer = envoy.send(&answered(asking(&json!(50)), &json!({"prompt_tokens": 10, "completion_tokens": 5})));
    assert_eq!(field(&answer, "ratelimit-policy").unwrap(), "\"calls\";q=3;w=60, \"tokens\";q=1000;qu=\"tokens\";w=60");
    assert!(field(&answer, "ratelimit").unwrap().starts_with("\"calls\";r=2;t=6"), "{answer:?}");
    for (name, value) in [
        ("x-ratelimit-limit-requests", "3"),
        ("x-ratelimit-remaining-requests", "2"),
        ("x-ratelimit-limit-tokens", "1000"),
    ] {
        assert_eq!(field(&answer, name).as_deref(), Some(value), "{name}");
    }
    assert!(field(&answer, "x-ratelimit-reset-requests").unwrap().starts_with("1m"));
}

/// Nobody passes whom the host keeps from being counted.
#[test]
fn what_the_host_refuses_refuses_the_request() {
    for method in ["shared", "set_shared", "header_map"] {
        let envoy = limited(&requests(5));
        envoy.world().refuse(method, HostError::Status(10));
        let answer = envoy.send(&Request::get("/v1/models"));
        assert_eq!((answer.status, answer.upstream.is_some()), (503, false), "{method}");
    }
    for (setting, expected) in [("deny", 503), ("allow", 200)] {
        let envoy = envoy(&json!({"limits": [requests(5)], "on_contention": setting}));
        envoy.world().refuse("set_shared", HostError::CasMismatch);
        // The secret, which the first request makes, is there already if others won.
        envoy.world().allow("set_shared");
        assert_eq!(envoy.send(&Request::get("/v1/models")).status, 200);
        envoy.world().refuse("set_shared", HostError::CasMismatch);
        assert_eq!(envoy.send(&Request::get("/v1/models")).status, expected, "{setting}");
        assert_eq!(metric(&envoy, "table_total.event.contended"), 1);
    }
    let envoy = limited(&requests(5));
    envoy.world().state(identity::STATE, Some(b"{}"));
    assert_eq!(envoy.send(&Request::get("/v1/models")).status, 503);
}
