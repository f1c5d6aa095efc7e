//! Which provider gets a request, and what it gets beside it.

use std::net::SocketAddr;

use harness::gateway::{credential, endpoint, lead_to};
use serde_json::json;

use crate::world::{Gateway, chat, token};

pub(crate) fn a_tenants_requests_reach_its_region_alone_with_the_regions_credential(gateway: &Gateway) {
    for _ in 0..20 {
        assert!(gateway.send(&chat(&token("globex", "-"))).is(200));
    }
    assert_eq!(gateway.hits(), [0, 0, 20]);
    let seen = gateway.providers[2].last().unwrap();
    assert_eq!(seen.header("authorization"), Some(credential("us")));

    for _ in 0..20 {
        assert!(gateway.send(&chat(&token("acme", "-"))).is(200));
    }
    let [eu, canary, us] = gateway.hits();
    assert_eq!((eu + canary, us), (20, 20), "{eu} {canary}");
    assert!(gateway.send(&chat(&token("acme", "canary"))).is(200));
    assert_eq!(gateway.hits(), [eu, canary + 1, us]);
    assert_eq!(gateway.providers[1].last().unwrap().header("authorization"), Some(credential("eu")));

    // What a client writes into the headers that choose the region is removed; who has no region reaches none.
    assert!(gateway.send(&chat(&token("acme", "-")).header("x-portcullis-tenant", "globex")).is(200));
    assert_eq!(gateway.hits()[2], us);
    for tenant in ["hooli", "acmex", ""] {
        let before = gateway.hits();
        let answer = gateway.send(&chat(&token(tenant, "-")).header("x-portcullis-tenant", "globex"));
        assert_eq!((answer.status, gateway.hits()), (Some(403), before), "{tenant}");
        assert_eq!(answer.json()["error"]["code"], "no_region");
    }
}

pub(crate) fn a_provider_is_asked_by_its_own_name_and_told_nothing_of_the_caller(gateway: &Gateway) {
    let account =
        [("openai-organization", "org-2"), ("x-original-url", "/v1/files"), ("api-key", "sk-2"), ("via", "1.1 a")];
    let asked = |tenant: &str, ring: &str| {
        let request = chat(&token(tenant, ring)).authority("evil.example").header("accept-encoding", "gzip");
        let request = account.iter().fold(request, |request, (name, value)| request.header(name, value));
        assert!(gateway.send(&request.header("x-forwarded-host", "evil.example")).is(200));
    };
    for (tenant, ring, at, host) in
        [("acme", "canary", 1, "eu-canary.models.example"), ("globex", "-", 2, "us.models.example")]
    {
        asked(tenant, ring);
        let seen = gateway.providers[at].last().unwrap();
        assert_eq!(seen.header("host").as_deref(), Some(host));
        let own = ["accept-encoding", "x-forwarded-for", "x-forwarded-host", "x-envoy-external-address"];
        let told = account.iter().map(|(name, _)| *name).chain(own).chain(["x-portcullis-tenant", "x-portcullis-ring"]);
        assert_eq!(told.filter(|name| seen.header(name).is_some()).collect::<Vec<_>>(), [""; 0]);
    }
    let hits = gateway.hits();
    asked("initech", "-");
    let at = (0..2).find(|at| gateway.hits()[*at] > hits[*at]).unwrap();
    let host = ["eu.models.example", "eu-canary.models.example"][at];
    assert_eq!(gateway.providers[at].last().unwrap().header("host").as_deref(), Some(host), "by weight");
}

#[test]
fn a_region_that_is_away_is_no_reason_to_go_to_another() {
    let gateway = Gateway::with(|cluster, provider| {
        let is_us = cluster["name"] == "models_us";
        lead_to(cluster, if is_us { SocketAddr::from(([127, 0, 0, 1], 1)) } else { provider });
    });
    assert!(gateway.send(&chat(&token("globex", "-"))).is(503));
    assert_eq!(gateway.hits(), [0, 0, 0]);
}

#[test]
fn a_provider_whose_certificate_is_another_hosts_gets_nothing() {
    // Each region's provider is another gateway: of a good authority, by the name `gateway.test`.
    let provider = Gateway::start();
    let address = provider.envoy.address_of("main");
    let of_host = |host: &str| {
        Gateway::with(|cluster, _| {
            cluster["load_assignment"]["endpoints"] = endpoint(address);
            let context = &mut cluster["transport_socket"]["typed_config"]["common_tls_context"]["validation_context"];
            context["trusted_ca"] = json!({"inline_string": provider.files.authority.pem()});
            if !host.is_empty() {
                context["match_typed_subject_alt_names"][0]["matcher"]["exact"] = json!(host);
            }
        })
    };
    let failures = |gateway: &Gateway| gateway.envoy.stat("cluster.models_us.ssl.fail_verify_san");
    let asked = |gateway: &Gateway| gateway.send(&chat(&token("globex", "-"))).status;
    let wrong = of_host("");
    assert_eq!((asked(&wrong), failures(&wrong) > 0), (Some(503), true));
    // The credential of the region is no token to the other gateway.
    let right = of_host("gateway.test");
    assert_eq!((asked(&right), failures(&right)), (Some(401), 0));
}
