//! Configurations: what is refused, with its place, and what is needless.

use serde_json::{Value, json};

use super::world::{compiled, fault, first_match};
use crate::config::Config;

fn rule(changes: Value) -> Value {
    let mut rule = json!({"name": "r", "effect": "allow", "who": {"roles_any": ["user"]}});
    let Value::Object(changes) = changes else { panic!("an object of changes") };
    for (name, change) in changes {
        match change {
            Value::Null => drop(rule.as_object_mut().unwrap().remove(&name)),
            change => rule[name] = change,
        }
    }
    rule
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (changes, says) in [
        (json!({"name": "R"}), "rules[0].name"),
        (json!({"name": ""}), "rules[0].name"),
        (json!({"who": null}), "rules[0].who"),
        (json!({"who": {}}), "rules[0].who"),
        (json!({"who": {"roles_any": []}}), "rules[0].who.roles_any"),
        (json!({"who": {"roles_any": ["a", "a"]}}), "rules[0].who.roles_any[1]"),
        (json!({"who": {"roles_all": [" a"]}}), "rules[0].who.roles_all[0]"),
        (json!({"who": {"subjects": [""]}}), "rules[0].who.subjects[0]"),
        (json!({"who": {"api_keys": []}}), "rules[0].who.api_keys"),
        (json!({"who": {"api_keys": ["*", "a"]}}), "rules[0].who.api_keys"),
        (json!({"who": {"caller": "anonymous", "subjects": ["a"]}}), "rules[0].who.caller"),
        (json!({"who": {"uri_sans": ["spiffe://a"]}}), "rules[0].who.uri_sans"),
        (json!({"select": {"paths": []}}), "rules[0].select.paths"),
        (json!({"select": {"paths": ["x"]}}), "rules[0].select.paths[0]"),
        (json!({"select": {"paths": ["/{a}/{a}"]}}), "rules[0].select.paths[0]"),
        (json!({"select": {"methods": ["get"]}}), "rules[0].select.methods[0]"),
        (json!({"select": {"hosts": ["A"]}}), "rules[0].select.hosts[0]"),
        (json!({"what": {"operations": ["chatting"]}}), "rules[0].what.operations[0]"),
        (json!({"what": {"dialects": ["open"]}}), "rules[0].what.dialects[0]"),
        (json!({"what": {"models": []}}), "rules[0].what.models"),
        (json!({"what": {"models": ["a".repeat(129)]}}), "rules[0].what.models[0]"),
        (json!({"what": {"resources": ["a**"]}}), "rules[0].what.resources[0]"),
        (json!({"when": {"source": ["10.0.0.1/8"]}}), "rules[0].when.source[0]"),
        (json!({"when": {"source": []}}), "rules[0].when.source"),
        (
            json!({"when": {"times": [{"from": "08:00", "to": "18:00", "zone": "Mars/Base"}]}}),
            "rules[0].when.times[0].zone",
        ),
        (
            json!({"when": {"times": [{"days": [], "from": "08:00", "to": "18:00", "zone": "UTC"}]}}),
            "rules[0].when.times[0].days",
        ),
        (json!({"when": {"times": [{"from": "8", "to": "18:00", "zone": "UTC"}]}}), "rules[0].when.times[0].from"),
        (json!({"when": {"claims": [{"equals": 1}]}}), "rules[0].when.claims[0]"),
        (json!({"when": {"claims": [{"claim": [], "equals": 1}]}}), "rules[0].when.claims[0].claim"),
        (json!({"when": {"claims": [{"claim": ["a"], "equals": 1, "contains": 1}]}}), "rules[0].when.claims[0]"),
        (json!({"when": {"claims": [{"claim": ["a"], "equals": 0.5}]}}), "rules[0].when.claims[0].equals"),
        (json!({"when": {"claims": [{"claim": ["a"], "one_of": []}]}}), "rules[0].when.claims[0].one_of"),
        (json!({"when": {"claims": [{"claim": ["a"], "equals": "{t}"}]}}), "rules[0].when.claims[0].equals"),
        (
            json!({"select": {"paths": ["/{t}/x", "/y"]}, "when": {"claims": [{"claim": ["a"], "equals": "{t}"}]}}),
            "rules[0].when.claims[0].equals",
        ),
        (json!({"when": {"claims": [{"identity": "roles", "equals": "a"}]}}), "rules[0].when.claims[0].identity"),
        (json!({"when": {"headers": [{"name": "x-a"}]}}), "rules[0].when.headers[0]"),
        (json!({"when": {"headers": [{"name": "X-A", "exact": "a"}]}}), "rules[0].when.headers[0].name"),
        (json!({"when": {"headers": [{"name": ":path", "exact": "a"}]}}), "rules[0].when.headers[0].name"),
        (json!({"when": {"headers": [{"name": "x-a", "exact": "a", "prefix": "a"}]}}), "rules[0].when.headers[0]"),
        (json!({"when": {"headers": [{"name": "x-a", "exact": "a,b"}]}}), "rules[0].when.headers[0].exact"),
        (json!({"when": {"headers": [{"name": "x-a", "regex": "("}]}}), "rules[0].when.headers[0].regex"),
        (json!({"when": {"headers": [{"name": "x-a", "present": true, "not": true}]}}), "rules[0].when.headers[0].not"),
        (json!({"when": {"request": {}}}), "rules[0].when.request"),
        (json!({"when": {"request": {"images": true}}}), "rules[0].when.request.images"),
        (json!({"when": {"request": {"choices": 0}}}), "rules[0].when.request"),
        (json!({"when": {"forbids": ["thinking"]}}), "rules[0].when.forbids[0]"),
        (json!({"step_up": {}}), "rules[0].step_up"),
        (json!({"step_up": {"acr": []}}), "rules[0].step_up.acr"),
        (json!({"step_up": {"max_age": "721h"}}), "rules[0].step_up.max_age"),
        (json!({"step_up": {"max_age": "1500ms"}}), "rules[0].step_up.max_age"),
        (json!({"step_up": {"acr": ["a"]}, "who": {"caller": "anonymous"}}), "rules[0].step_up"),
        (json!({"effect": "deny", "step_up": {"acr": ["a"]}}), "rules[0].step_up"),
        (json!({"effect": "deny", "clamp": {"choices": 1}}), "rules[0].clamp"),
        (json!({"clamp": {}}), "rules[0].clamp"),
        (json!({"clamp": {"choices": 0}}), "rules[0].clamp.choices"),
    ] {
        let found = fault(&first_match(json!([rule(changes.clone())])));
        assert!(found.starts_with(says), "{changes}: {found}");
    }
}

#[test]
fn a_mistake_outside_of_rules_is_told_too() {
    let base = json!({"combining": "first_match", "rules": [rule(json!({}))]});
    for (member, value, says) in [
        ("models", json!({"api_key_models": false}), "models.api_key_models"),
        ("inventory", json!({"entries": 4097}), "inventory.entries"),
        ("rules", json!([rule(json!({})), rule(json!({}))]), "rules[1].name"),
        ("roles", json!({"sources": []}), "roles.sources"),
        ("roles", json!({"sources": [{}]}), "roles.sources[0]"),
        ("roles", json!({"sources": [{"identity": "roles", "claim": ["a"]}]}), "roles.sources[0]"),
        ("roles", json!({"sources": [{"identity": "roles", "split": true}]}), "roles.sources[0].split"),
        ("roles", json!({"sources": [{"certificate": "uri_san"}]}), "roles.sources[0].certificate"),
        ("roles", json!({"certificates": {"a": {"uri_sans": ["b"]}}}), "roles.certificates.a"),
        ("roles", json!({"includes": {"a": ["a"]}}), "roles.includes.a"),
        ("roles", json!({"includes": {"a": ["b"], "b": ["c"], "c": ["a"]}}), "roles.includes.a"),
        ("roles", json!({"includes": {"a": []}}), "roles.includes.a"),
    ] {
        let mut configuration = base.clone();
        configuration[member] = value.clone();
        let found = fault(&configuration);
        assert!(found.starts_with(says), "{value}: {found}");
    }
    let many: Vec<Value> = (0..4097).map(|number| rule(json!({"name": format!("r{number}")}))).collect();
    assert!(fault(&first_match(many.into())).starts_with("rules: "));
}

/// RBAC-025.
#[test]
fn what_nobody_knows_is_refused() {
    for text in [
        json!({}),
        json!({"rules": []}),
        json!({"combining": "first_match"}),
        json!({"combining": "first_match", "rules": [], "deny_rulse": []}),
        json!({"combining": "first_match", "rules": [{"name": "r", "effect": "allow", "wen": {}}]}),
        json!({"combining": "first_match", "rules": [{"name": "r", "effect": "allow", "when": {"src": []}}]}),
        json!({"combining": "first_match", "rules": [{"name": "r"}]}),
    ] {
        assert!(serde_json::from_value::<Config>(text.clone()).is_err(), "{text}");
    }
    compiled(&first_match(json!([{"name": "r", "effect": "deny"}])));
    compiled(&first_match(json!([{"name": "r", "effect": "allow", "who": {"caller": "anyone"}}])));
}

#[test]
fn what_is_needless_is_told() {
    let rules = json!([
        {"name": "users", "effect": "allow", "who": {"roles_any": ["user", "admin"]}},
        {"name": "chat", "effect": "deny", "who": {"roles_any": ["user"]}, "what": {"operations": ["chat"]}},
        {"name": "admins", "effect": "allow", "who": {"roles_any": ["admin"]}, "what": {"models": ["gpt-4*", "gpt-4o", "a"]}},
        {"name": "files", "effect": "deny", "what": {"operations": ["files", "batch"]}},
        {"name": "batch", "effect": "allow", "who": {"caller": "anyone"}, "what": {"operations": ["batch"]}},
    ]);
    let lint = compiled(&first_match(rules.clone())).lint;
    assert_eq!(
        lint,
        [
            "rule \"admins\" never decides: \"users\" before it matches all that it matches",
            "rule \"batch\" never decides: \"files\" before it matches all that it matches",
            "rule \"admins\": model \"gpt-4o\" is covered by \"gpt-4*\"",
        ]
    );
    let lint = compiled(&json!({"combining": "deny_overrides", "rules": rules})).lint;
    assert_eq!(lint[0], "rule \"batch\" never decides: \"files\" denies all that it allows");
    assert_eq!(lint.len(), 2);
}

#[test]
fn a_host_that_is_denied_hides_each_of_its_ports() {
    let rule =
        |name: &str, effect: &str, host: &str| json!({"name": name, "effect": effect, "select": {"hosts": [host]}});
    let lint = |first: Value, second: Value| compiled(&first_match(json!([first, second]))).lint.len();
    assert_eq!(lint(rule("no", "deny", "a.example"), rule("yes", "allow", "a.example:80")), 1);
    assert_eq!(lint(rule("no", "deny", "a.example"), rule("yes", "allow", "a.example")), 1);
    assert_eq!(lint(rule("yes", "allow", "a.example"), rule("no", "deny", "a.example")), 0);
    assert_eq!(lint(rule("no", "deny", "a.example:80"), rule("yes", "allow", "a.example")), 0);
}

#[test]
fn a_rule_in_shadow_that_no_body_is_read_for_is_told() {
    let lint = |what: Value, clamp: Value| {
        let trial = json!({"name": "trial", "effect": "deny", "shadow": true, "what": {"models": ["gpt-big"]}});
        let live =
            json!({"name": "live", "effect": "allow", "who": {"roles_any": ["user"]}, "what": what, "clamp": clamp});
        compiled(&first_match(json!([trial, live]))).lint
    };
    let expected =
        "rule \"trial\" is in shadow and looks at the body, and no rule in force does: no body is awaited for it";
    assert_eq!(lint(json!({"operations": ["chat"]}), Value::Null), [expected]);
    assert_eq!(lint(json!({"models": ["gpt-*"]}), Value::Null), [""; 0]);
    assert_eq!(lint(json!({}), json!({"choices": 1})), [""; 0]);
}

#[test]
fn the_claims_that_a_policy_looks_at_are_told() {
    let configuration = json!({
        "combining": "first_match", "roles": {"sources": [{"claim": ["groups"]}]},
        "rules": [rule(json!({"when": {"claims": [{"claim": ["org", "unit"], "equals": 1}, {"identity": "acr", "equals": "x"}]}}))],
    });
    assert_eq!(compiled(&configuration).claims, [vec!["groups".to_owned()], vec!["org".to_owned(), "unit".to_owned()]]);
}
