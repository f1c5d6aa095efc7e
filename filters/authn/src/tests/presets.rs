//! Each preset against its product: what an operator writes, what the product answers and issues, who that is here, and
//! which lookalikes are refused. The fixtures are in `tests/presets`.

use std::rc::Rc;

use portcullis::adapter::Adapter;
use portcullis::filter::Answer as CallAnswer;
use portcullis::host::fake::{Answer, CallRecord, Envoy, Request, World as Surroundings};
use serde_json::json;

use super::*;
use crate::Authn;

/// A product's fixtures.
struct Product {
    name: &'static str,
    provider: Value,
    discovery: Value,
    jwks: Value,
    accepted: Value,
    refused: Value,
}

macro_rules! products {
    ($($name:literal),*) => {
        fn products() -> Vec<Product> {
            vec![$(Product {
                name: $name,
                provider: parse(include_bytes!(concat!("../../tests/presets/", $name, "/provider.json"))),
                discovery: parse(include_bytes!(concat!("../../tests/presets/", $name, "/discovery.json"))),
                jwks: parse(include_bytes!(concat!("../../tests/presets/", $name, "/jwks.json"))),
                accepted: parse(include_bytes!(concat!("../../tests/presets/", $name, "/accepted.json"))),
                refused: parse(include_bytes!(concat!("../../tests/presets/", $name, "/refused.json"))),
            }),*]
        }
    };
}

products!("okta", "auth0", "cognito", "entra", "google", "keycloak");

impl Product {
    fn issuer(&self) -> &str {
        self.provider["issuer"].as_str().unwrap()
    }

    /// A gateway in front of which this product issues, once it has fetched what it needs.
    fn gateway(&self) -> Envoy {
        let world = Rc::new(Surroundings::default());
        let documents = [
            (format!("{}/.well-known/openid-configuration", self.issuer().trim_end_matches('/')), &self.discovery),
            (self.discovery["jwks_uri"].as_str().unwrap().to_owned(), &self.jwks),
        ];
        let documents = documents.map(|(url, document)| (url, document.to_string().into_bytes()));
        world.cluster("idp", move |call| {
            let url = format!("https://{}{}", field(call, ":authority"), field(call, ":path"));
            let found = documents.iter().find(|(known, _)| *known == url);
            Some(http(found.map(|(_, body)| body.clone())))
        });
        let configuration = json!({"providers": {self.name: self.provider}}).to_string();
        Envoy::of(Rc::new(Adapter::<Authn>::default()), &configuration, &[], world).unwrap()
    }
}

fn field<'a>(call: &'a CallRecord, name: &str) -> &'a str {
    call.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn http(body: Option<Vec<u8>>) -> CallAnswer {
    let status: u16 = if body.is_some() { 200 } else { 404 };
    let headers = [(&b":status"[..], status.to_string().as_bytes())].into_iter().collect();
    CallAnswer::Http { status, headers, body: body.unwrap_or_default(), trailers: Headers::default() }
}

/// A fixture's token, signed with the key that its `kid` stands for; with the realm's secret where it says HMAC.
fn signed(token: &Value) -> String {
    let signer = match token["header"]["alg"].as_str().unwrap() {
        "HS512" => Signer::Key(Algorithm::HS512, EncodingKey::from_secret(&[7; 64])),
        _ => rs256(RSA_A),
    };
    sign(&token["header"].to_string(), &token["claims"].to_string(), &signer)
}

fn send(gateway: &Envoy, token: &Value) -> Answer {
    let credential = format!("Bearer {}", signed(token));
    gateway.send(&Request::get("/v1/models").header("authorization", credential))
}

fn each(tokens: &Value) -> impl Iterator<Item = (&str, &Value)> {
    tokens.as_array().unwrap().iter().map(|token| (token["what"].as_str().unwrap(), token))
}

#[test]
fn tokens_of_every_product_are_accepted_as_whom_they_name() {
    for product in products() {
        let gateway = product.gateway();
        for (what, token) in each(&product.accepted) {
            let answer = send(&gateway, token);
            assert_eq!(answer.status, 200, "{} {what}: {}", product.name, answer.text());
            assert_eq!(parse(&answer.state["portcullis.identity"]), token["identity"], "{} {what}", product.name);
            assert!(answer.upstream.unwrap().headers.first("authorization").is_none());
        }
        assert_eq!(gateway.world().calls().len(), 2, "{}: one discovery, one key set", product.name);
    }
}

#[test]
fn lookalikes_of_every_product_are_refused() {
    for product in products() {
        let gateway = product.gateway();
        for (what, token) in each(&product.refused) {
            let answer = send(&gateway, token);
            let verdict = parse(&answer.state["portcullis.authn"]);
            assert_eq!(verdict["code"], token["code"], "{} {what}: {verdict}", product.name);
            assert!(answer.upstream.is_none(), "{} {what}", product.name);
        }
    }
}

/// Their own keys cannot be at fault when lookalikes are refused: everything else about them is good.
#[test]
fn a_preset_is_what_refuses_lookalikes_that_differ_in_kind() {
    for (name, what) in [("cognito", "claim_mismatch"), ("entra", "claim_mismatch"), ("keycloak", "claim_mismatch")] {
        let mut product = products().into_iter().find(|product| product.name == name).unwrap();
        let preset = product.provider.as_object_mut().unwrap().remove("preset").unwrap();
        assert_eq!(preset, name);
        product.provider["algorithms"] = json!(["RS256"]);
        let gateway = product.gateway();
        let lookalikes = each(&product.refused).filter(|(_, token)| token["code"] == what);
        let audience = &product.provider["audiences"][0];
        for (_, token) in lookalikes {
            let mut token = token.clone();
            token["claims"]["aud"] = audience.clone();
            assert_eq!(send(&gateway, &token).status, 200, "{name}: {token}");
        }
    }
}

/// OpenID Connect Discovery section 4.1: a `/` at the issuer's end is removed before the well-known path is added.
#[test]
fn an_issuer_that_ends_in_a_slash_has_no_empty_segment_in_its_discovery() {
    let product = products().into_iter().find(|product| product.name == "auth0").unwrap();
    let gateway = product.gateway();
    assert_eq!(send(&gateway, &product.accepted[0]).status, 200);
    assert_eq!(field(&gateway.world().calls()[0], ":path"), "/.well-known/openid-configuration");
}

#[test]
fn what_is_written_replaces_what_a_preset_says() {
    let mut product = products().into_iter().find(|product| product.name == "keycloak").unwrap();
    product.provider["roles_claim"] = json!(["resource_access", "account", "roles"]);
    product.provider["tenant_claim"] = json!(["azp"]);
    let answer = send(&product.gateway(), &product.accepted[0]);
    let identity = parse(&answer.state["portcullis.identity"]);
    assert_eq!(identity["roles"], json!(["manage-account", "manage-account-links", "view-profile"]));
    assert_eq!(identity["tenant"], "chat-ui");

    product.provider["required_claims"] = json!([{"claim": ["azp"], "equals": "chat-ui"}]);
    let verdicts =
        each(&product.refused).map(|(_, token)| parse(&send(&product.gateway(), token).state["portcullis.authn"]));
    let codes: Vec<Value> = verdicts.map(|verdict| verdict["code"].clone()).collect();
    assert!(codes.contains(&json!("claim_mismatch")), "the preset's claims hold too: {codes:?}");

    product.provider["algorithms"] = json!(["ES256"]);
    product.provider["jwks_inline"] = jwks();
    product.provider.as_object_mut().unwrap().remove("oidc_discovery");
    let verdict = parse(&send(&product.gateway(), &product.accepted[0]).state["portcullis.authn"]);
    assert_eq!(verdict["code"], "alg_not_allowed");
}

/// The table at the top of `presets.rs` is what reviewers read, the README's what operators do.
#[test]
fn the_tables_of_presets_say_what_they_fill_in() {
    use crate::config::Preset;
    use crate::presets::defaults;

    let tables = [include_str!("../presets.rs"), include_str!("../../README.md")];
    let rows = [
        ("okta", Preset::Okta),
        ("auth0", Preset::Auth0),
        ("cognito", Preset::Cognito),
        ("entra", Preset::Entra),
        ("google", Preset::Google),
        ("keycloak", Preset::Keycloak),
    ];
    for (name, preset) in rows {
        let defaults = defaults(preset);
        let code = |texts: &[&str]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
        let path = |path: Option<&[&str]>| path.map_or(String::new(), |path| format!("`{}`", path.join(".")));
        let required = defaults.required.iter().map(|(claim, text)| format!("`{}` is `{text}`", claim.join(".")));
        let said = [
            if defaults.types.is_empty() { "none is sent".to_owned() } else { code(defaults.types) },
            path(Some(defaults.audience_claim)),
            required.collect::<Vec<_>>().join(", "),
            path(defaults.roles_claim),
            path(defaults.tenant_claim),
        ];
        for table in tables {
            let mut lines = table.lines().map(|line| line.trim_start_matches("//! "));
            let row = lines.find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            assert_eq!(cells[3..8], said, "{name}");
        }
        assert_eq!(defaults.algorithms, ["RS256"], "{name}: the sentence below the table");
        assert_eq!(serde_json::from_value::<Preset>(json!(name)).unwrap(), preset);
    }
}
