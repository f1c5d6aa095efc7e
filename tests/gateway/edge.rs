//! What the gateway refuses and says before anything is known of a caller.

use harness::Request;
use harness::client::h1;
use harness::tls::Names;
use serde_json::json;

use crate::world::{Gateway, chat, token};

pub(crate) fn every_answer_has_the_headers_that_browsers_need(gateway: &Gateway) {
    let escaped = Request::get("/v1%2fmodels");
    let requests =
        [Request::get("/healthz"), escaped, chat("none"), chat(&token("initech", "-")), chat(&token("hooli", "-"))];
    for (request, status) in requests.iter().zip([200, 400, 401, 200, 403]) {
        let answer = gateway.send(request);
        assert!(answer.is(status), "{:?}", answer.status);
        for (name, value) in [
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name).as_deref(), Some(value), "{status}");
        }
        let hidden = [
            "server",
            "set-cookie",
            "openai-organization",
            "access-control-allow-origin",
            "x-envoy-upstream-service-time",
        ];
        assert_eq!(hidden.map(|name| answer.header(name)), [const { None }; 5]);
    }
}

/// More than `address` would let pass of one address.
pub(crate) fn strangers_do_not_use_up_what_probes_need(gateway: &Gateway) {
    for number in 0..300 {
        let answer = gateway.send(&Request::get("/healthz"));
        assert!(answer.is(200), "{number}: {:?}", answer.status);
        assert_eq!(answer.header("x-envoy-upstream-healthchecked-cluster"), None);
    }
    assert!(gateway.send(&Request::get("/healthz/x")).is(401));
}

pub(crate) fn a_page_of_another_site_can_neither_read_nor_act(gateway: &Gateway) {
    let good = || chat(&token("initech", "-")).authority("api.example.com");
    assert!(gateway.send(&good()).is(200), "what is no browser");
    let own = gateway.send(&good().header("origin", "https://console.example.com"));
    let may_read = own.header("access-control-allow-origin");
    assert_eq!((own.status, may_read.as_deref()), (Some(200), Some("https://console.example.com")));
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("cookie", "session=1")] {
        assert!(gateway.send(&good().header(name, value)).is(403), "{name}: {value}");
    }
    let preflight = |origin: &str| {
        let request = Request::new("OPTIONS", "/v1/chat/completions").header("origin", origin);
        gateway.send(&request.header("access-control-request-method", "POST"))
    };
    let allowed = preflight("https://console.example.com").header("access-control-allow-origin");
    assert_eq!(allowed.as_deref(), Some("https://console.example.com"));
    assert_eq!(preflight("https://evil.example").header("access-control-allow-origin"), None);
}

pub(crate) fn who_has_no_certificate_of_ours_does_not_reach_http(gateway: &Gateway) {
    let address = gateway.envoy.address_of("mtls");
    let good = gateway.files.clients.sign(Names { common: "agent", ..Names::default() });
    let foreign = gateway.files.authority.sign(Names { common: "agent", ..Names::default() });
    let ask =
        |certificate| h1::send(gateway.files.authority.tunnel(address, certificate), &chat(&token("initech", "-")));
    assert!(ask(Some(&good)).is(200));
    assert_eq!(ask(Some(&foreign)).status, None);
    assert_eq!(ask(None).status, None);
    assert_eq!(h1::send(address, &Request::get("/healthz")).status, None, "plain HTTP");
}

/// That they are there `make up` shows: the admin interface of a test is elsewhere.
pub(crate) fn who_scrapes_sees_metrics_alone(gateway: &Gateway) {
    let metrics = gateway.envoy.address_of("metrics");
    let status = |request: &Request| h1::send(metrics, request).status;
    assert_eq!(status(&Request::get("/stats/prometheus")), Some(503), "it leads to the admin interface");
    for path in ["/", "/config_dump", "/stats", "/stats/prometheus/../../quitquitquit", "/listeners"] {
        assert_eq!(status(&Request::get(path)), Some(404), "{path}");
    }
    assert_eq!(status(&Request::post_json("/stats/prometheus", &json!({}))), Some(404));
}

pub(crate) fn tls_below_1_3_is_refused(gateway: &Gateway) {
    for listener in ["main", "mtls"] {
        let address = gateway.envoy.address_of(listener);
        assert!(gateway.files.authority.speaks_1_2(address).is_err(), "{listener}");
    }
}

#[test]
fn an_address_of_the_list_is_not_served() {
    let gateway = Gateway::with_list("127.0.0.0", 8);
    assert_eq!(gateway.send(&Request::get("/healthz")).status, None);
    assert!(gateway.envoy.stat("addresses.rbac.denied") > 0);
}
