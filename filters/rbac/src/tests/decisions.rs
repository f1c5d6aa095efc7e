//! What becomes of requests.

use portcullis::ai::vocabulary::{Feature, Operation};
use serde_json::{Value, json};

use super::world::{Request, compiled, first_match};
use crate::policy::{Asked, Body, Effect, ModelPlace, Outcome, Policy, Reason, Truth, Verdict};

fn policy(rules: Value) -> Policy {
    compiled(&first_match(rules)).policy
}

fn reason(policy: &Policy, request: &Request) -> Reason {
    request.decided(policy).reason
}

fn is_allowed(policy: &Policy, request: &Request) -> bool {
    matches!(request.decided(policy).outcome, Outcome::Allow { .. })
}

fn get(path: &str) -> Request {
    let request = Request::chat("none");
    Request { method: "GET".into(), path: path.into(), operation: Operation::Unknown, is_empty: true, ..request }
}

/// RBAC-025.
#[test]
fn an_empty_policy_allows_nobody() {
    for combining in ["first_match", "deny_overrides"] {
        let policy = compiled(&json!({"combining": combining, "rules": []})).policy;
        let decision = Request::chat("gpt-mini").decided(&policy);
        assert_eq!((decision.outcome, decision.reason, decision.rule), (Outcome::Deny, Reason::NoRule, None));
    }
}

#[test]
fn the_first_rule_that_matches_decides() {
    let policy = policy(json!([
        {"name": "no", "effect": "deny", "who": {"subjects": ["bob"]}},
        {"name": "yes", "effect": "allow", "who": {"roles_any": ["user"]}},
        {"name": "late", "effect": "deny"},
    ]));
    let name = |request: &Request| request.decided(&policy).rule.map(|rule| rule.name.clone());
    assert_eq!(name(&Request::chat("m")).as_deref(), Some("yes"));
    assert_eq!(name(&Request::chat("m").identity(|identity| identity.sub = "bob".into())).as_deref(), Some("no"));
    assert_eq!(name(&Request::chat("m").identity(|identity| identity.roles.clear())).as_deref(), Some("late"));
}

/// RBAC-016.
#[test]
fn a_method_in_another_case_is_another_method() {
    let policy = policy(json!([
        {"name": "read", "effect": "allow", "who": {"caller": "anyone"}, "select": {"methods": ["GET", "PUT"]}},
    ]));
    for method in ["get", "Delete", "dElEtE", "PUT ", "PUT\t", "DELETE"] {
        let request = Request { method: method.into(), ..get("/admin") };
        assert_eq!(reason(&policy, &request), Reason::NoRule, "{method:?}");
    }
    assert!(is_allowed(&policy, &get("/admin")));
}

/// RBAC-018; what a value is stands in `policy/header.rs`.
#[test]
fn a_header_of_many_values_is_denied_by_one() {
    let policy = policy(json!([
        {"name": "no", "effect": "deny", "when": {"headers": [{"name": "x-role", "exact": "admin"}]}},
        {"name": "yes", "effect": "allow", "who": {"caller": "anyone"}},
    ]));
    for lines in [&["user", "admin"][..], &["user,admin"], &["admin,user"], &[" admin"], &["ADMIN"]] {
        let headers = lines.iter().map(|line| ("X-Role".to_owned(), line.as_bytes().to_vec())).collect();
        let request = Request { headers, ..get("/") };
        assert_eq!(reason(&policy, &request), Reason::DeniedByRule, "{lines:?}");
    }
    assert!(is_allowed(&policy, &get("/")));
}

/// RBAC-019.
#[test]
fn allow_unless_is_no_way_around_with_other_bytes() {
    let policy = policy(json!([
        {"name": "unless", "effect": "allow", "who": {"caller": "anyone"},
         "when": {"headers": [{"name": "x-zone", "regex": "^internal$", "not": true}]}},
    ]));
    let with = |value: &[u8]| Request { headers: vec![("x-zone".into(), value.to_vec())], ..get("/") };
    for value in [&b"internal\xff"[..], b"\xe9internal", b"\xff", b"internal"] {
        assert!(!is_allowed(&policy, &with(value)), "{value:?}");
    }
    assert!(is_allowed(&policy, &with(b"external")));
}

/// RBAC-021.
#[test]
fn no_header_says_where_a_caller_is() {
    let policy = policy(json!([
        {"name": "inside", "effect": "allow", "who": {"caller": "anyone"}, "when": {"source": ["10.0.0.0/8"]}},
    ]));
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "x-envoy-external-address"] {
        for value in ["10.0.0.1", "10.0.0.1, 8.8.8.8", "for=10.0.0.1"] {
            let headers = vec![(name.to_owned(), value.as_bytes().to_vec())];
            let request = Request { headers, source: Some("8.8.8.8".parse().unwrap()), ..get("/") };
            assert!(!is_allowed(&policy, &request), "{name}: {value}");
        }
    }
    let from = |source: Option<&str>| Request { source: source.map(|text| text.parse().unwrap()), ..get("/") };
    assert!(is_allowed(&policy, &from(Some("::ffff:10.0.0.1"))));
    assert!(!is_allowed(&policy, &from(None)));
}

/// RBAC-024.
#[test]
fn a_dot_in_a_claim_is_a_character() {
    let rule = |path: Value| {
        policy(json!([{"name": "r", "effect": "allow", "when": {"claims": [{"claim": path, "equals": "admin"}]}}]))
    };
    let with =
        |claims: Value| Request::chat("m").identity(|identity| identity.claims = claims.as_object().unwrap().clone());
    let nested_user = with(json!({"a.b": "admin", "a/b": "admin", "a~1b": "admin", "": "admin", "a": {"b": "user"}}));
    let nested_admin = with(json!({"a.b": "user", "a/b": "user", "a": {"b": "admin", "": "user"}}));
    assert!(!is_allowed(&rule(json!(["a", "b"])), &nested_user));
    assert!(is_allowed(&rule(json!(["a.b"])), &nested_user));
    assert!(is_allowed(&rule(json!([""])), &nested_user));
    assert!(is_allowed(&rule(json!(["a", "b"])), &nested_admin));
    for path in [json!(["a.b"]), json!(["a/b"]), json!(["a", ""]), json!([""]), json!(["a"])] {
        assert!(!is_allowed(&rule(path.clone()), &nested_admin), "{path}");
    }
}

/// RBAC-026; what a host is stands in the kit's `select.rs`.
#[test]
fn a_host_is_the_authority_and_nothing_else() {
    let policy = policy(json!([
        {"name": "public", "effect": "allow", "who": {"caller": "anyone"}, "select": {"hosts": ["public.example"]}},
    ]));
    let with = |host: &str, line: &str| Request {
        host: host.into(),
        headers: vec![("host".to_owned(), line.as_bytes().to_vec())],
        ..get("/")
    };
    assert!(is_allowed(&policy, &with("PUBLIC.example", "admin.example")));
    assert!(!is_allowed(&policy, &with("admin.example", "public.example")));
    assert!(!is_allowed(&policy, &with("public.example:80", "public.example")));
}

#[test]
fn a_host_that_is_denied_is_denied_at_every_port() {
    let denied = |hosts: &[&str]| {
        policy(json!([
            {"name": "no", "effect": "deny", "select": {"hosts": hosts}},
            {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
        ]))
    };
    for (pattern, host, is_denied) in [
        ("admin.example", "admin.example", true),
        ("admin.example", "ADMIN.example:80", true),
        ("admin.example", "admin.example:8443", true),
        ("admin.example", "other.example:80", false),
        ("*.example", "admin.example:80", true),
        ("admin.example:80", "admin.example:80", true),
        ("admin.example:80", "admin.example:8080", false),
        ("admin.example:80", "admin.example", false),
    ] {
        let request = Request { host: host.into(), ..get("/") };
        assert_eq!(!is_allowed(&denied(&[pattern]), &request), is_denied, "{pattern} {host}");
    }
}

/// RBAC-029; names twice, escapes and names in another case are the reader's.
#[test]
fn every_model_of_a_request_counts() {
    let policy = policy(json!([{"name": "mini", "effect": "allow", "what": {"models": ["gpt-mini"]}}]));
    let asked = |models: &[&str]| {
        let models = models.iter().map(|model| (*model).to_owned()).collect();
        Request { body: Some(Asked { models, ..Asked::default() }), ..Request::chat("") }
    };
    assert!(is_allowed(&policy, &asked(&["gpt-mini"])));
    for models in [&["gpt-mini", "gpt-big"][..], &[" gpt-big"], &["gpt-big"], &[" gpt-mini"], &["GPT-mini"], &[]] {
        assert!(!is_allowed(&policy, &asked(models)), "{models:?}");
    }
    assert!(!is_allowed(&policy, &Request { query_models: vec!["gpt-big".into()], ..asked(&["gpt-mini"]) }));
    assert!(!is_allowed(&policy, &Request { path_model: Some("gpt-big".into()), ..asked(&["gpt-mini"]) }));
    assert!(!is_allowed(&policy, &Request { body: None, path_model: Some("gpt-mini".into()), ..asked(&[]) }));
}

#[test]
fn the_models_of_an_api_key_bind_whatever_rules_say() {
    let policy = policy(json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}}]));
    let limited = |request: Request| request.identity(|identity| identity.models = Some(vec!["gpt-mini".into()]));
    assert!(is_allowed(&policy, &limited(Request::chat("gpt-mini"))));
    assert_eq!(reason(&policy, &limited(Request::chat("gpt-big"))), Reason::ModelNotAllowed);
    assert_eq!(reason(&policy, &limited(Request::chat("gpt-mini*"))), Reason::ModelNotAllowed);
    let silent = Request { body: Some(Asked::default()), ..Request::chat("") };
    assert_eq!(reason(&policy, &limited(silent.clone())), Reason::ModelMissing);
    assert_eq!(reason(&policy, &limited(Request { body: None, ..silent.clone() })), Reason::ModelMissing);
    let in_path = Request { path_model: Some("gpt-mini".into()), ..silent.clone() };
    assert!(is_allowed(&policy, &limited(in_path.clone())));
    assert_eq!(reason(&policy, &limited(Request { body: None, ..in_path })), Reason::ModelMissing);
    assert!(is_allowed(&policy, &limited(Request { operation: Operation::Files, ..silent.clone() })));
    assert!(is_allowed(&policy, &limited(get("/v1/models"))));
    let unknown =
        Request { operation: Operation::Unknown, path: "/v1/threads/runs".into(), body: None, ..silent.clone() };
    assert_eq!(reason(&policy, &limited(unknown.clone())), Reason::ModelMissing);
    assert_eq!(reason(&policy, &limited(Request { is_empty: true, ..unknown.clone() })), Reason::ModelMissing);
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        let with_body = limited(Request { method: method.into(), ..unknown.clone() });
        assert_eq!(reason(&policy, &with_body), Reason::ModelMissing, "{method}");
        assert!(is_allowed(&policy, &Request { is_empty: true, ..with_body }), "{method}");
    }
    let live = Request { headers: vec![("upgrade".into(), b"websocket".to_vec())], ..get("/v9/live") };
    assert_eq!(reason(&policy, &limited(live)), Reason::ModelMissing);
    limited(Request::chat("gpt-big")).with_head(|head| {
        assert_eq!(policy.decide(head, &Body::Unread).outcome, Outcome::NeedsBody);
    });
}

#[test]
fn a_model_that_is_named_where_nobody_looks_lets_nothing_pass() {
    let mini = json!({"name": "mini", "effect": "allow", "what": {"models": ["gpt-mini"]}});
    let all = json!({"name": "all", "effect": "allow", "who": {"caller": "anyone"}});
    let not_big = json!({"name": "no", "effect": "deny", "what": {"models": ["gpt-big"]}});
    let in_body = |model: &str| Request { model_place: ModelPlace::Head, ..Request::chat(model) };
    let in_query = Request { query_models: vec!["gpt-mini".into()], body: Some(Asked::default()), ..in_body("") };
    let said = Request { path_model: Some("gpt-mini".into()), ..in_body("gpt-mini") };
    let key = |request: &Request| request.clone().identity(|identity| identity.models = Some(vec!["gpt-mini".into()]));
    let (rule, open) = (policy(json!([mini])), policy(json!([not_big, all])));
    for silent in [in_body("gpt-mini"), in_query] {
        assert_eq!(reason(&rule, &silent), Reason::NoRule);
        assert_eq!(reason(&open, &key(&silent)), Reason::ModelMissing);
    }
    assert!(is_allowed(&rule, &said) && is_allowed(&open, &key(&said)));
    assert!(!is_allowed(&rule, &Request { body: in_body("gpt-big").body, ..said }));
    assert_eq!(reason(&open, &in_body("gpt-big")), Reason::DeniedByRule);
    assert_eq!(reason(&open, &key(&in_body("gpt-big"))), Reason::ModelNotAllowed);
}

#[test]
fn a_tenant_reaches_its_own_path_alone() {
    let policy = policy(json!([
        {"name": "own", "effect": "allow", "select": {"paths": ["/t/{tenant}/files", "/v2/{tenant}/*"]},
         "when": {"claims": [{"identity": "tenant", "equals": "{tenant}"}]}},
    ]));
    let of = |tenant: Option<&str>, path: &str| {
        let request = Request { path: path.into(), ..get("/") };
        request.identity(|identity| identity.tenant = tenant.map(str::to_owned))
    };
    assert!(is_allowed(&policy, &of(Some("acme"), "/t/acme/files")));
    assert!(is_allowed(&policy, &of(Some("acme"), "/t/%61cme/files")));
    assert!(is_allowed(&policy, &of(Some("acme"), "/v2/acme/x/y")));
    for (tenant, path) in [
        (Some("acme"), "/t/evil/files"),
        (None, "/t/acme/files"),
        (Some("acme"), "/t/ACME/files"),
        (Some(""), "/t/acme/files"),
    ] {
        assert!(!is_allowed(&policy, &of(tenant, path)), "{tenant:?} {path}");
    }
}

#[test]
fn a_claim_that_is_missing_counts_against_the_caller() {
    let claims = json!({"claims": [{"claim": ["suspended"], "equals": true}]});
    let policy = policy(json!([
        {"name": "no", "effect": "deny", "when": claims},
        {"name": "yes", "effect": "allow", "who": {"caller": "authenticated"}},
    ]));
    let with =
        |value: Value| Request::chat("m").identity(|identity| drop(identity.claims.insert("suspended".into(), value)));
    assert!(!is_allowed(&policy, &Request::chat("m")));
    assert!(!is_allowed(&policy, &with(json!(true))));
    assert!(!is_allowed(&policy, &with(json!([true]))));
    assert!(!is_allowed(&policy, &with(Value::Null)));
    assert!(is_allowed(&policy, &with(json!(false))));
}

#[test]
fn roles_come_from_where_the_operator_says() {
    let configuration = json!({
        "combining": "first_match", "client_certificates": "validated_by_listener",
        "roles": {
            "sources": [{"claim": ["realm", "groups"], "prefix": "group:"}, {"claim": ["scp"], "split": true},
                        {"certificate": "uri_san"}],
            "includes": {"admin": ["trainer"], "trainer": ["user"]},
            "certificates": {"admin": {"dns_sans": ["ops.example"]}},
        },
        "rules": [{"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}},
                  {"name": "groups", "effect": "allow", "who": {"roles_all": ["group:a", "group:b"]}}],
    });
    let policy = compiled(&configuration).policy;
    let with =
        |claims: Value| Request::chat("m").identity(|identity| identity.claims = claims.as_object().unwrap().clone());
    assert!(!is_allowed(&policy, &Request::chat("m")), "identity.roles is not a source here");
    assert!(is_allowed(&policy, &with(json!({"scp": "x admin"}))));
    assert!(!is_allowed(&policy, &with(json!({"realm": {"groups": ["user"]}}))));
    assert!(is_allowed(&policy, &with(json!({"realm": {"groups": ["a", "b"]}}))));
    assert!(!is_allowed(&policy, &with(json!({"realm": {"groups": "a b"}}))));
    let certificate = |uri: &str, dns: &str| crate::policy::Certificate {
        uri_sans: vec![uri.to_owned()],
        dns_sans: vec![dns.to_owned()],
        ..Default::default()
    };
    for (certificate, expected) in
        [(certificate("trainer", ""), true), (certificate("", "ops.example"), true), (certificate("x", "user"), false)]
    {
        let request = Request { certificate: Some(certificate), ..Request::chat("m").anonymous() };
        assert_eq!(is_allowed(&policy, &request), expected);
    }
}

#[test]
fn a_login_that_is_too_old_or_too_weak_is_asked_for_again() {
    let policy = policy(json!([
        {"name": "up", "effect": "allow", "who": {"roles_any": ["user"]},
         "step_up": {"acr": ["gold"], "amr": ["mfa"], "max_age": "15m"}},
        {"name": "all", "effect": "allow", "who": {"caller": "anyone"}},
    ]));
    let login = |acr: &str, amr: &str, ago: i64| {
        Request::chat("m").identity(|identity| {
            identity.acr = Some(acr.to_owned());
            identity.amr = vec![amr.to_owned()];
            identity.auth_time = super::world::NOW.checked_add_signed(-ago);
        })
    };
    assert!(is_allowed(&policy, &login("gold", "mfa", 900)));
    assert!(is_allowed(&policy, &login("gold", "mfa", -60)));
    for request in [
        login("gold", "mfa", 901),
        login("gold", "mfa", -61),
        login("tin", "mfa", 1),
        login("gold", "pwd", 1),
        Request::chat("m"),
    ] {
        assert_eq!(reason(&policy, &request), Reason::StepUpRequired);
    }
}

#[test]
fn without_an_identity_401_says_that_one_could_help() {
    let users = json!({"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}});
    let anonymous = Request::chat("m").anonymous();
    assert_eq!(reason(&policy(json!([users])), &anonymous), Reason::Unauthenticated);
    let closed = json!({"name": "closed", "effect": "deny"});
    assert_eq!(reason(&policy(json!([closed, users])), &anonymous), Reason::DeniedByRule);
    assert_eq!(reason(&policy(json!([users, closed])), &anonymous), Reason::Unauthenticated);
    let elsewhere =
        json!({"name": "e", "effect": "allow", "who": {"roles_any": ["user"]}, "select": {"paths": ["/x"]}});
    assert_eq!(reason(&policy(json!([elsewhere])), &anonymous), Reason::NoRule);
    assert_eq!(reason(&policy(json!([])), &anonymous), Reason::NoRule);
    assert_eq!(reason(&policy(json!([elsewhere])), &Request::chat("m")), Reason::NoRule);
    let guests = json!({"name": "guests", "effect": "deny", "who": {"caller": "anonymous"}});
    assert_eq!(reason(&policy(json!([guests, users])), &anonymous), Reason::Unauthenticated);
    let overriding = json!({"combining": "deny_overrides", "rules": [users, closed]});
    assert_eq!(reason(&compiled(&overriding).policy, &anonymous), Reason::DeniedByRule);
}

#[test]
fn a_body_is_waited_for_only_if_it_could_matter() {
    let outcome = |rules: Value, request: &Request| {
        let policy = policy(rules);
        request.with_head(|head| match policy.decide(head, &Body::Unread).outcome {
            Outcome::Allow { .. } => "allow",
            Outcome::Deny => "deny",
            Outcome::StepUp(_) => "step_up",
            Outcome::NeedsBody => "needs_body",
        })
    };
    let any = json!({"name": "any", "effect": "allow", "who": {"caller": "anyone"}});
    let mini = |effect: &str| json!({"name": "m", "effect": effect, "what": {"models": ["mini"]}});
    let other = json!({"name": "o", "effect": "deny", "who": {"roles_any": ["other"]}, "what": {"models": ["mini"]}});
    let chat = Request::chat("mini");
    for (rules, expected) in [
        (json!([mini("allow")]), "needs_body"),
        (json!([mini("deny")]), "deny"),
        (json!([mini("deny"), any]), "needs_body"),
        (json!([mini("allow"), any]), "allow"),
        (json!([any, mini("deny")]), "allow"),
        (json!([other, any]), "allow"),
    ] {
        assert_eq!(outcome(rules.clone(), &chat), expected, "{rules}");
    }
    let in_path = Request { path_model: Some("mini".into()), ..chat.clone() };
    assert_eq!(outcome(json!([mini("deny"), any]), &in_path), "deny");
    let elsewhere = Request { path_model: Some("big".into()), ..chat };
    assert_eq!(outcome(json!([mini("allow")]), &elsewhere), "deny");
}

#[test]
fn what_cannot_be_read_counts_against_the_caller() {
    let caps = json!({"request": {"tools": 0}, "forbids": ["logprobs"]});
    let allow = policy(json!([{"name": "a", "effect": "allow", "when": caps}]));
    let unread = Request { body: None, ..Request::chat("m") };
    assert!(!is_allowed(&allow, &unread));
    assert!(is_allowed(&allow, &Request { is_empty: true, ..unread.clone() }));
    assert!(is_allowed(&allow, &Request::chat("m")));
    let logprobs = Asked { features: vec![Feature::Logprobs], ..Asked::default() };
    assert!(!is_allowed(&allow, &Request { body: Some(logprobs), ..Request::chat("m") }));
    let deny = policy(json!([
        {"name": "d", "effect": "deny", "what": {"models": ["x"]}},
        {"name": "a", "effect": "allow", "who": {"caller": "anyone"}},
    ]));
    assert!(!is_allowed(&deny, &unread));
    assert!(is_allowed(&deny, &Request { is_empty: true, ..unread }));
}

#[test]
fn a_rule_in_shadow_is_told_and_decides_nothing() {
    let rules = |effect: &str, shadow: bool| {
        json!([{"name": "s", "effect": effect, "shadow": shadow, "who": {"roles_any": ["user"]}},
               {"name": "all", "effect": "allow", "who": {"caller": "anyone"}}])
    };
    let policy_of = |effect: &str, shadow| policy(rules(effect, shadow));
    let shadowed = policy_of("deny", true);
    let decision = Request::chat("m").decided(&shadowed);
    assert_eq!(decision.outcome, Outcome::Allow { clamp: None });
    assert_eq!(
        decision.shadowed.iter().map(|(rule, effect)| (rule.name.as_str(), *effect)).collect::<Vec<_>>(),
        [("s", Effect::Deny)]
    );
    assert!(Request::chat("m").decided(&policy_of("allow", true)).shadowed.is_empty());
    assert!(!is_allowed(&policy_of("deny", false), &Request::chat("m")));
}

#[test]
fn an_explanation_names_the_condition_that_failed() {
    let policy = policy(json!([
        {"name": "path", "effect": "allow", "who": {"roles_any": ["user"]}, "select": {"paths": ["/x"]}},
        {"name": "role", "effect": "allow", "who": {"roles_any": ["admin"]}},
        {"name": "model", "effect": "allow", "what": {"models": ["gpt"]}},
        {"name": "claim", "effect": "deny", "when": {"claims": [{"claim": ["x"], "equals": 1}]}},
        {"name": "yes", "effect": "allow", "who": {"caller": "anyone"}},
    ]));
    let explained = |body: &Body<'_>| {
        Request::chat("m").with_head(|head| {
            let all = policy.explain(head, body);
            all.iter().map(|one| (one.verdict, one.place.map(str::to_owned), one.truth)).collect::<Vec<_>>()
        })
    };
    let some = |place: &str| Some(place.to_owned());
    assert_eq!(
        explained(&Body::Unread),
        [
            (Verdict::Not, some("select.paths"), Some(Truth::Fails)),
            (Verdict::Not, some("who.roles_any"), Some(Truth::Fails)),
            (Verdict::Unknown, some("what.models"), Some(Truth::Unknown)),
            (Verdict::Matches, some("when.claims[0]"), Some(Truth::Error)),
            (Verdict::Matches, None, None),
        ]
    );
    assert_eq!(explained(&Body::None)[2], (Verdict::Not, some("what.models"), Some(Truth::Error)));
}

#[test]
fn where_order_means_nothing_the_laxest_allow_counts() {
    let rule = |name: &str, clamp: Value| {
        let mut rule = json!({"name": name, "effect": "allow", "who": {"roles_any": ["user"]}});
        rule["clamp"] = clamp;
        rule
    };
    let clamp_of = |rules: Value| {
        let policy = compiled(&json!({"combining": "deny_overrides", "rules": rules})).policy;
        match Request::chat("m").decided(&policy).outcome {
            Outcome::Allow { clamp } => clamp.and_then(|clamp| clamp.max_output_tokens),
            other => panic!("{other:?}"),
        }
    };
    let (small, large) = (rule("s", json!({"max_output_tokens": 10})), rule("l", json!({"max_output_tokens": 20})));
    assert_eq!(clamp_of(json!([small, large])), Some(20));
    assert_eq!(clamp_of(json!([large, small])), Some(20));
    assert_eq!(clamp_of(json!([large, rule("n", Value::Null)])), None);
}
