//! Configurations that are refused when they are read, each with the sentence that an operator gets.

use serde_json::json;

use super::*;
use crate::Authn;

fn fault(configuration: &Value) -> String {
    let text = configuration.to_string();
    match portcullis::adapter::compile::<Authn>(&[], text.as_bytes()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn with_keys(keys: &Value) -> Value {
    with(configuration(), json!({"key_sets": {"partners": {"keys": keys}}}))
}

fn with_rules(rules: &Value) -> Value {
    with(configuration(), json!({"rules": rules}))
}

#[test]
fn the_good_configuration_is_accepted() {
    for configuration in [
        configuration(),
        json!({"providers": {"main": provider()}}),
        json!({"key_sets": {"partners": {"keys": [acme()]}}, "name": "edge", "memory_budget": "8MiB"}),
        with(configuration(), json!({"realm": "Example API", "verdict": false, "token_cache": {"entries": 0}})),
    ] {
        assert_eq!(fault(&configuration), "", "{configuration}");
    }
}

#[test]
fn a_fault_names_place_value_and_expectation() {
    let other = with(acme(), json!({"id": "other", "sha256": sha256("other")}));
    let anonymous = |when: Value| json!([{"name": "a", "when": when, "require": {"anonymous": true}}]);
    for (configuration, sentence) in [
        // Nothing could ever pass.
        (json!({}), "providers: missing, expected at least one provider or key set"),
        (configured_with(json!({"audiences": []})), "providers.main.audiences: found \"[]\", expected at least one"),
        (configured_with(json!({"algorithms": []})), "providers.main.algorithms: found \"[]\", expected at least one"),
        (configured_with(json!({"typ": []})), "providers.main.typ: found \"[]\", expected at least one"),
        (with(configuration(), json!({"credentials": []})), "credentials: found \"[]\", expected at least one"),
        (with_rules(&json!([])), "rules: found \"[]\", expected at least one rule"),
        (
            with_rules(&json!([{"name": "a", "require": {"any": []}}])),
            "rules[0].require.any: found \"[]\", expected at least one",
        ),
        (with_keys(&json!([])), "key_sets.partners.keys: found \"[]\", expected at least one key"),
        // Providers.
        (configured_with(json!({"issuer": ""})), "providers.main.issuer: found \"\", expected 1 to 256 bytes"),
        (configured_with(json!({"issuer": null})), "providers.main: missing field `issuer`"),
        (configured_with(json!({"audiences": null})), "providers.main: missing field `audiences`"),
        (configured_with(json!({"audiences": [""]})), "providers.main.audiences[0]: found \"\""),
        (
            configured_with(json!({"algorithms": ["RS256", "none"]})),
            "providers.main.algorithms[1]: found \"none\", expected one of RS256, ",
        ),
        (
            configured_with(json!({"algorithms": ["HS256"]})),
            "providers.main.algorithms: found \"HS256\", expected HS256, HS384 and HS512 with secrets alone",
        ),
        (configured_with(json!({"algorithms": ["rs256"]})), "providers.main.algorithms[0]: found \"rs256\""),
        (configured_with(json!({"clock_skew": "6m"})), "providers.main.clock_skew: found \"6m\", expected at most 5m"),
        (
            configured_with(json!({"clock_skew": "500ms"})),
            "providers.main.clock_skew: found \"500ms\", expected whole seconds",
        ),
        (
            configured_with(json!({"clock_skew": 60})),
            "providers.main.clock_skew: invalid type: integer `60`, expected a duration",
        ),
        (
            configured_with(json!({"max_token_bytes": "65KiB"})),
            "providers.main.max_token_bytes: found \"65KiB\", expected 256B to 64KiB",
        ),
        (
            configured_with(json!({"max_token_bytes": "255B"})),
            "providers.main.max_token_bytes: found \"255B\", expected 256B to 64KiB",
        ),
        (configured_with(json!({"max_keys_tried": 0})), "providers.main.max_keys_tried: found \"0\", expected 1 to 10"),
        (
            configured_with(json!({"max_keys_tried": 11})),
            "providers.main.max_keys_tried: found \"11\", expected 1 to 10",
        ),
        (
            configured_with(json!({"roles_claim": []})),
            "providers.main.roles_claim: found \"[]\", expected 1 to 8 member names",
        ),
        (configured_with(json!({"roles_claim": "roles"})), "providers.main.roles_claim: invalid type: string"),
        (configured_with(json!({"audience": ["api"]})), "providers.main.audience: unknown field `audience`"),
        (
            with(configuration(), json!({"providers": {"a": provider(), "b": provider()}})),
            "providers.b.issuer: found \"https://idp.example\", expected an issuer that no other",
        ),
        (
            with(configuration(), json!({"providers": {"a b": provider()}})),
            "providers.a b.name: found \"a b\", expected 1 to 64 letters",
        ),
        (
            with(configuration(), json!({"providers": {"partners": provider()}})),
            "key_sets.partners: found \"partners\", expected a name that no provider has",
        ),
        // Key sets of providers.
        (
            configured_with(json!({"jwks_inline": {"keys": []}})),
            "providers.main.jwks_inline: found \"no usable key\", expected at least one key",
        ),
        (
            configured_with(json!({"jwks_inline": "x"})),
            "providers.main.jwks_inline: found \"something else than a JWK set\", expected an object with an array",
        ),
        (
            configured_with(json!({"jwks_inline": {"keys": [with(rsa_jwk("k1", RSA_A), json!({"d": "AQ"}))]}})),
            "providers.main.jwks_inline.keys[0]: found \"a private key or a shared secret, which is now known\", expected public keys only",
        ),
        (
            configured_with(json!({"jwks_inline": {"keys": [rsa_jwk("k", RSA_A), rsa_jwk("k", RSA_B)]}})),
            "providers.main.jwks_inline.keys[1]: found \"the kid of an earlier key\", expected a kid that no other",
        ),
        (
            configured_with(json!({"jwks_inline": {"keys": [rsa_jwk("k", RSA_1024)]}})),
            "providers.main.jwks_inline: found \"no usable key\", expected at least one key",
        ),
        (
            configured_with(json!({"algorithms": ["RS256"], "jwks_inline": {"keys": [p256_jwk("e", P256_A)]}})),
            "providers.main.jwks_inline: found \"no usable key\", expected at least one key",
        ),
        // API keys. AUTHN-048.
        (
            with_keys(&json!([acme(), with(other.clone(), json!({"id": "acme"}))])),
            "key_sets.partners.keys[1].id: found \"acme\", expected an id that no other",
        ),
        (
            with_keys(&json!([acme(), with(acme(), json!({"id": "b"}))])),
            "key_sets.partners.keys[1].sha256: found \"the hash of another key\"",
        ),
        (
            with_keys(&json!([with(acme(), json!({"sha256": sha256("")}))])),
            "key_sets.partners.keys[0].sha256: found \"the hash of an empty key\"",
        ),
        (
            with_keys(&json!([with(acme(), json!({"sha256": sha256("x").to_uppercase()}))])),
            "key_sets.partners.keys[0].sha256: found \"64 bytes\", expected the SHA-256",
        ),
        (
            with_keys(&json!([with(acme(), json!({"sha256": ""}))])),
            "key_sets.partners.keys[0].sha256: found \"0 bytes\"",
        ),
        (with_keys(&json!([with(acme(), json!({"subject": ""}))])), "key_sets.partners.keys[0].subject: found \"\""),
        (
            with_keys(&json!([with(acme(), json!({"roles": ["a\nb"]}))])),
            "key_sets.partners.keys[0].roles[0]: found \"a\\nb\"",
        ),
        (
            with_keys(&json!([with(acme(), json!({"roles": vec!["r".repeat(200); 50]}))])),
            "key_sets.partners.keys[0]: found \"acme\", expected an identity of at most 8 KiB",
        ),
        (
            with_keys(&json!([with(acme(), json!({"not_after": "2027-01-01"}))])),
            "key_sets.partners.keys[0].not_after: invalid type",
        ),
        (with_keys(&json!([with(acme(), json!({"key": "x"}))])), "key_sets.partners.keys[0].key: unknown field `key`"),
        // Rules.
        (
            with_rules(&json!([{"name": "a", "require": {"any": ["main", "nobody"]}}])),
            "rules[0].require.any[1]: found \"nobody\", expected the name of a provider or key set",
        ),
        (
            with_rules(&json!([{"name": "", "require": {"any": ["main"]}}])),
            "rules[0].name: found \"\", expected 1 to 64 letters",
        ),
        (
            with_rules(
                &json!([{"name": "a", "require": {"any": ["main"]}}, {"name": "a", "require": {"any": ["main"]}}]),
            ),
            "rules[1].name: found \"a\", expected a name that no other rule has",
        ),
        (with_rules(&json!([{"name": "a"}])), "rules[0]: missing field `require`"),
        (
            with_rules(&json!([{"name": "a", "require": {"each": ["main"]}}])),
            "rules[0].require: unknown variant `each`, expected one of `any`, `all`, `anonymous`",
        ),
        (with_rules(&json!([{"name": "a", "require": {"any": ["main"], "anonymous": true}}])), "rules[0].require"),
        (
            with_rules(&json!([{"name": "a", "when": {"paths": ["v1"]}, "require": {"any": ["main"]}}])),
            "rules[0].when.paths[0]: found \"v1\"",
        ),
        (
            with_rules(&anonymous(json!({}))),
            "rules[0].when: missing, expected conditions: anonymous without any would open the whole filter",
        ),
        (
            with_rules(&json!([{"name": "a", "when": {"paths": ["/a"]}, "require": {"anonymous": false}}])),
            "rules[0].require.anonymous: found \"false\", expected true",
        ),
        // Credentials.
        (
            with(configuration(), json!({"credentials": [{"header": "X-Api-Key"}]})),
            "credentials[0].header: found \"X-Api-Key\", expected a header name in lower case",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": ":path"}]})),
            "credentials[0].header: found \":path\"",
        ),
        (with(configuration(), json!({"credentials": [{"header": "host"}]})), "credentials[0].header: found \"host\""),
        (with(configuration(), json!({"credentials": [{"header": ""}]})), "credentials[0].header: found \"\""),
        (
            with(configuration(), json!({"credentials": [{"header": "a", "prefix": "Bearer"}]})),
            "credentials[0].prefix: found \"Bearer\", expected a scheme and one blank",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": "a", "prefix": " "}]})),
            "credentials[0].prefix: found \" \"",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": "a", "prefix": ""}]})),
            "credentials[0].prefix: found \"\"",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": "a"}, {"header": "a"}]})),
            "credentials[1].header: found \"a\", expected a place that has no",
        ),
        (
            with(
                configuration(),
                json!({"credentials": [{"header": "a", "prefix": "B "}, {"header": "a", "prefix": "b "}]}),
            ),
            "credentials[1].header: found \"a\"",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": "a", "prefix": "B "}, {"header": "a"}]})),
            "credentials[1].header: found \"a\"",
        ),
        (
            with(configuration(), json!({"credentials": [{"header": "a"}, {"header": "a", "prefix": "B "}]})),
            "credentials[1].header: found \"a\"",
        ),
        (
            with(configuration(), json!({"credentials": [{"query": "key", "prefix": "Bearer "}]})),
            "credentials[0].prefix: found \"Bearer\", expected no prefix",
        ),
        (
            with(configuration(), json!({"credentials": [{"cookie": "a;b"}]})),
            "credentials[0].cookie: found \"a;b\", expected 1 to 64 letters",
        ),
        (configured_with(json!({"jwks_inline": null})), "providers.main: missing, expected exactly one of jwks_inline"),
        (
            configured_with(json!({"jwks_uri": {"uri": "https://idp.example/keys", "cluster": "idp"}})),
            "providers.main: missing, expected exactly one of jwks_inline",
        ),
        (
            with_uri(json!({"uri": "idp.example/keys"})),
            "providers.main.jwks_uri.uri: found \"idp.example/keys\", expected a URL",
        ),
        (with_uri(json!({"cluster": ""})), "providers.main.jwks_uri.cluster: found \"\", expected the name"),
        (
            with_uri(json!({"fetch": {"refresh": "1h", "max_stale": "1m"}})),
            "providers.main.jwks_uri.fetch.max_stale: found \"1m\", expected 1h to 720h",
        ),
        (
            with_discovery(json!({"clusters": {}})),
            "providers.main.oidc_discovery.clusters: found \"{}\", expected at least one host",
        ),
        (
            with_discovery(json!({"clusters": {"other.example": "idp"}})),
            "providers.main.oidc_discovery.clusters: found \"https://idp.example/.well-known/openid-configuration\", expected clusters to name",
        ),
        (
            with_discovery(json!({"clusters": {"https://idp.example": "idp"}})),
            "providers.main.oidc_discovery.clusters: found \"https://idp.example\", expected host or host:port",
        ),
        (
            configured_with(json!({"required_claims": [{"claim": ["a"]}]})),
            "providers.main.required_claims[0]: missing, expected exactly one of equals, any_of and contains",
        ),
        (
            configured_with(json!({"required_claims": [{"claim": ["a"], "equals": 1.5}]})),
            "providers.main.required_claims[0].equals: found \"1.5\", expected a text, a whole number or a boolean",
        ),
        (
            configured_with(json!({"required_claims": [{"claim": [], "equals": 1}]})),
            "providers.main.required_claims[0].claim: found \"[]\", expected 1 to 8 member names",
        ),
        (
            configured_with(json!({"max_token_age": "1500ms"})),
            "providers.main.max_token_age: found \"1500ms\", expected whole seconds",
        ),
        (
            with(configuration(), json!({"key_sets": {"a": {}}})),
            "key_sets.a: missing, expected exactly one of keys and document",
        ),
        (
            with(configuration(), json!({"key_sets": {"a": {"keys": [acme()], "pepper": {"env": "NOT_SET"}}}})),
            "key_sets.a.pepper.env: found \"NOT_SET\", expected the name of an environment variable that is set",
        ),
        (
            with_keys(&json!([with(acme(), json!({"hmac_sha256": sha256("x")}))])),
            "key_sets.partners.keys[0].hmac_sha256: found \"a hash\", expected sha256 in a set without a pepper",
        ),
        (
            with_rules(&json!([{"name": "a", "require": {"all": ["main", "main"]}}])),
            "rules[0].require.all[1]: found \"main\", expected each name once",
        ),
        (
            with_rules(&json!([{"name": "a", "require": {"any": ["main"]}, "mode": "off"}])),
            "rules[0].mode: unknown variant `off`, expected `enforce` or `shadow`",
        ),
        (
            with(configuration(), json!({"identity": {"headers": [{"header": "x-api-key", "value": ["sub"]}]}})),
            "identity.headers[0].header: found \"x-api-key\", expected a header in which no credential stands",
        ),
        (
            with(configuration(), json!({"identity": {"headers": [{"header": "content-type", "value": ["sub"]}]}})),
            "identity.headers[0].header: found \"content-type\", expected a header name in lower case",
        ),
        (
            with(
                configuration(),
                json!({"identity": {"headers": [{"header": "x-a", "value": ["sub"]}], "routes_by": ["x-b"]}}),
            ),
            "identity.routes_by[0]: found \"x-b\", expected a header that identity.headers lists",
        ),
        (
            with(configuration(), json!({"identity": {"headers": [{"header": "x-a", "value": ["claims", "b"]}]}})),
            "identity.headers[0].value: found \"[\\\"claims\\\", \\\"b\\\"]\", expected a claim that identity.claims lists",
        ),
        (
            with(configuration(), json!({"identity": {"headers": [{"header": "x-a", "value": ["name"]}]}})),
            "identity.headers[0].value: found \"[\\\"name\\\"]\", expected a path that begins with one of sub, iss",
        ),
        (
            with(configuration(), json!({"protected_resources": [{"resource": "http://api.example"}]})),
            "protected_resources[0].resource: found \"http://api.example\", expected an https URL",
        ),
        (
            with(
                configuration(),
                json!({"protected_resources": [{"resource": "https://a/x"}, {"resource": "https://b/x/"}]}),
            ),
            "protected_resources[1].resource: found \"https://b/x/\", expected a path that no other resource has",
        ),
        (
            with(configuration(), json!({"credentials": [{"query": "api_key", "header": "x-api-key"}]})),
            "credentials[0]: missing, expected exactly one of header, query and cookie",
        ),
        // The rest.
        (
            with(configuration(), json!({"identity": {"claims": [["a"], ["a", "b"]]}})),
            "identity.claims[1]: found \"[\\\"a\\\", \\\"b\\\"]\", expected a path that no other path is a part of",
        ),
        (with(configuration(), json!({"identity": {"claims": [["a"], ["a"]]}})), "identity.claims[0]: found"),
        (
            with(configuration(), json!({"identity": {"claims": [[]]}})),
            "identity.claims[0]: found \"[]\", expected 1 to 8 member names",
        ),
        (with(configuration(), json!({"identity": {"claims": ["a.b"]}})), "identity.claims[0]: invalid type: string"),
        (
            with(configuration(), json!({"identity": {"claims": vec![["x"]; 33]}})),
            "identity.claims: found \"33\", expected 0 to 32",
        ),
        (
            with(configuration(), json!({"token_cache": {"entries": 65_537}})),
            "token_cache.entries: found \"65537\", expected 0 to 65536",
        ),
        (
            with(configuration(), json!({"token_cache": {"max_age": "2h"}})),
            "token_cache.max_age: found \"2h\", expected at most 1h",
        ),
        (with(configuration(), json!({"realm": "a\"b"})), "realm: found \"a\\\"b\", expected 1 to 64 printable"),
        (with(configuration(), json!({"realm": ""})), "realm: found \"\""),
        (with(configuration(), json!({"unknown": 1})), "unknown: unknown field `unknown`"),
    ] {
        let found = fault(&configuration);
        assert!(found.starts_with(sentence), "{configuration}\n  found    {found}\n  expected {sentence}");
    }
}

fn with_uri(changes: Value) -> Value {
    let remote = json!({"uri": "https://idp.example/keys", "cluster": "idp"});
    configured_with(json!({"jwks_inline": null, "jwks_uri": with(remote, changes)}))
}

#[allow(clippy::needless_pass_by_value, reason = "cases read better")]
fn with_discovery(discovery: Value) -> Value {
    configured_with(json!({"jwks_inline": null, "oidc_discovery": discovery}))
}

/// Who writes the key itself where its hash belongs should not find it in a log as well.
#[test]
fn a_fault_shows_no_secret() {
    let plain = with_keys(&json!([with(acme(), json!({"sha256": ACME_KEY}))]));
    assert!(!fault(&plain).contains("sk-acme"));
    let private = with(rsa_jwk("k1", RSA_A), json!({"d": "c2VjcmV0"}));
    assert!(!fault(&configured_with(json!({"jwks_inline": {"keys": [private]}}))).contains("c2VjcmV0"));
}

#[test]
fn skipped_keys_and_open_rules_are_told() {
    let keys = json!({"keys": [rsa_jwk("k1", RSA_A), rsa_jwk("k2", RSA_1024), with(p256_jwk("e1", P256_A), json!({"use": "enc"}))]});
    let told = compiled(&configured_with(json!({"jwks_inline": keys})));
    assert_eq!(
        told.skipped,
        [
            "providers.main.jwks_inline.keys[1] is skipped: the RSA modulus has under 2048 or over 4096 bits",
            "providers.main.jwks_inline.keys[2] is skipped: use or key_ops say that it does not verify signatures",
        ]
    );
    let secrets = json!({"keys": [
        {"kty": "oct", "kid": "s1", "k": b64([7; 32])}, {"kty": "oct", "kid": "s2", "k": b64([8; 31])},
    ]});
    let env = Env::new("authn", [("SECRETS".to_owned(), secrets.to_string())]);
    let by_secret = json!({"jwks_inline": null, "hmac_jwks": {"env": "SECRETS"}, "algorithms": ["HS256"]});
    let told = compile::compile(&read(&configured_with(by_secret)), &env).map_err(|error| error.to_string()).unwrap();
    assert_eq!(
        told.skipped,
        ["providers.main.hmac_jwks.keys[1] is skipped: the secret is shorter than the hash of its algorithm"]
    );
    for (when, is_open) in [
        (json!({"paths": ["/*"]}), true),
        (json!({"paths": ["/healthz", "/*"]}), true),
        (json!({"paths": ["/v1/*"]}), false),
        (json!({"paths": ["/*"], "methods": ["GET"]}), false),
    ] {
        let rules = json!([{"name": "a", "when": when, "require": {"anonymous": true}}]);
        assert_eq!(compiled(&with_rules(&rules)).is_open, is_open, "{when}");
    }
}
