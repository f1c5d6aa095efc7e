//! Limits that a service counts for many Envoys: what it is asked, what its answers mean, and what becomes of requests when it
//! gives none.

use portcullis::host::HostError;
use portcullis::host::fake::{Envoy, Request};
use portcullis::identity::{self, Identity};
use portcullis::prelude::{Answer, Millis};
use serde_json::{Value, json};

use super::service::{Kind, Service, answered as http, grpc};
use super::world::{
    answered, as_caller, asking, chat, envoy, field, metric, neighbour, passes, refused, requests, tokens, with,
};
use crate::backend::proto::{DescriptorStatus, RateLimitResponse};

fn configured(limits: &Value, rls: Value) -> Value {
    json!({"limits": limits, "backend": {"rls": with(json!({"cluster": "counter"}), rls)}})
}

/// An Envoy that asks a service about this limit.
fn asks(service: &std::rc::Rc<Service>, limit: &Value, rls: Value) -> Envoy {
    let envoy = envoy(&configured(&json!([limit]), rls));
    service.serve(&envoy);
    as_caller(&envoy, "alice");
    envoy
}

fn models() -> Request {
    Request::get("/v1/models")
}

#[test]
fn many_envoys_share_a_limit() {
    for kind in [Kind::Reference, Kind::Limitador] {
        let service = Service::new(kind, 10);
        let envoys = [(); 3].map(|()| asks(&service, &requests(10), json!({})));
        let passed: usize = (0..5).map(|_| envoys.iter().map(|envoy| passes(envoy, &models(), 1)).sum::<usize>()).sum();
        assert_eq!(passed, 10, "{kind:?}");
        assert_eq!(service.names(), ["portcullis limit=calls subject=alice issuer="]);
        assert_eq!(metric(&envoys[0], "backend_total.event.asked"), 5);
    }
}

#[test]
fn who_is_refused_is_told_what_the_service_says() {
    let service = Service::new(Kind::Reference, 3);
    let envoy = asks(&service, &requests(3), json!({}));
    assert_eq!(passes(&envoy, &models(), 3), 3);
    let answer = envoy.send(&models());
    assert_eq!((answer.status, field(&answer, "retry-after").as_deref()), (429, Some("31")));
    assert_eq!(field(&answer, "ratelimit").as_deref(), Some("\"calls\";r=0;t=31"));
    assert_eq!(field(&answer, "ratelimit-policy").as_deref(), Some("\"calls\";q=3;w=60"));
    let silent = asks(&Service::new(Kind::Limitador, 0), &with(requests(3), json!({"window": "20s"})), json!({}));
    let answer = silent.send(&models());
    assert_eq!((answer.status, field(&answer, "retry-after").as_deref()), (429, Some("20")));
    assert_eq!(field(&answer, "ratelimit"), None);
}

/// Names stand in the service's configuration; what may be a credential, is long or is no text, does not leave as it is.
#[test]
fn a_counter_is_named_by_what_the_key_says() {
    let named = |key: Value, request: &Request| {
        let service = Service::new(Kind::Reference, 3);
        let limit = with(
            requests(3),
            json!({"key": key, "tiers": {"claim": ["plan"], "quotas": [{"is": "gold", "limit": 9}]}}),
        );
        let envoy = asks(&service, &limit, json!({"domain": "ai"}));
        let mut who = Identity::of("alice");
        who.claims.insert("plan".into(), json!("gold"));
        who.roles = vec!["admin".into()];
        envoy.world().state(identity::STATE, who.to_state().as_deref());
        assert_eq!(envoy.send(request).status, 200);
        service.names().concat()
    };
    for (key, request, name) in [
        (json!([]), models(), "ai limit=calls tier=gold"),
        (json!(["tenant", {"constant": "a"}]), models(), "ai limit=calls tier=gold tenant= constant=a"),
        (json!([{"claim": ["plan"]}]), models(), "ai limit=calls tier=gold claim.plan=\"gold\""),
        (json!([{"role": ["user", "admin"]}]), models(), "ai limit=calls tier=gold role=admin"),
        (json!(["operation"]), models(), "ai limit=calls tier=gold operation=models"),
        (json!(["model"]), chat(&json!({"model": "Small", "messages": []})), "ai limit=calls tier=gold model=small"),
        (
            json!([{"header": "x-key"}]),
            models().header("x-key", "a secret"),
            "ai limit=calls tier=gold header.x-key=sha256:984ca5162200734c592148f1820b7105",
        ),
        (json!([{"header": "x-key"}]), models(), "ai limit=calls tier=gold header.x-key="),
    ] {
        assert_eq!(named(key, &request), name);
    }
    let long = named(json!(["model"]), &chat(&json!({"model": "m".repeat(300), "messages": []})));
    assert!(long.ends_with("model=sha256:88c6e4c1d93376019f71bdb9b6927a58"), "{long}");
}

#[test]
fn without_refunds_an_answer_is_charged_after_it() {
    for kind in [Kind::Reference, Kind::Limitador] {
        let service = Service::new(kind, 1000);
        let envoy = asks(&service, &tokens(1000), json!({}));
        let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
        assert_eq!(envoy.send(&answered(asking(&json!(500)), &usage)).status, 200);
        envoy.advance(Millis(50));
        let totals = service.totals.borrow().clone();
        assert!(matches!(totals[..], [1..=12, 42]), "{kind:?}: its own tokens, then all, {totals:?}");
        assert_eq!(metric(&envoy, "overruns_total.event.debited"), 0);
        assert_eq!(metric(&envoy, "backend_total.event.owed"), 1);
    }
}

#[test]
fn with_refunds_the_most_is_charged_and_the_rest_comes_back() {
    let service = Service::new(Kind::Reference, 1000);
    let envoy = asks(&service, &tokens(1000), json!({"refunds": "negative_hits"}));
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
    assert_eq!(envoy.send(&answered(asking(&json!(500)), &usage)).status, 200);
    assert!(service.total() > 500);
    envoy.advance(Millis(50));
    assert_eq!(service.total(), 42);
    let failed = asking(&json!(500)).answered(&[(":status", "500")], &[], None);
    assert_eq!(envoy.send(&failed).status, 500);
    envoy.advance(Millis(50));
    assert_eq!(service.total(), 42, "a refusal of the upstream costs nothing");
    let more = json!({"total_tokens": 700, "prompt_tokens": 100, "completion_tokens": 600});
    envoy.send(&answered(asking(&json!(50)), &more));
    envoy.advance(Millis(50));
    assert_eq!((service.total(), metric(&envoy, "overruns_total.event.debited")), (742, 1));
}

#[test]
fn what_a_limit_gave_before_another_refused_comes_back_where_it_can() {
    for (refunds, left) in [("negative_hits", 0), ("none", 5)] {
        let service = Service::new(Kind::Reference, 1000);
        let mine = with(requests(1), json!({"name": "mine", "counted_by": "envoy"}));
        let limits = json!([requests(1000), mine, with(tokens(1), json!({"name": "few", "counted_by": "envoy"}))]);
        let envoy = envoy(&configured(&limits, json!({"refunds": refunds})));
        service.serve(&envoy);
        for _ in 0..5 {
            assert_eq!(envoy.send(&asking(&json!(100))).status, 403);
        }
        envoy.advance(Millis(50));
        assert_eq!(service.total(), left, "{refunds}");
        assert_eq!(passes(&envoy, &models(), 2), 1, "nobody else's are lost");
    }
}

/// Limitador counts none of what it refuses: who owes more than is left would owe nothing.
#[test]
fn a_debt_beyond_what_is_left_uses_it_up() {
    for kind in [Kind::Limitador, Kind::Reference] {
        for used in [90_u64, 100, 101, 1000, 1_000_000] {
            let service = Service::new(kind, 100);
            let envoy = asks(&service, &tokens(100), json!({}));
            let usage = json!({"prompt_tokens": 1, "completion_tokens": used - 1, "total_tokens": used});
            envoy.send(&answered(asking(&json!(10)), &usage));
            envoy.advance(Millis(3000));
            assert_eq!(service.total().min(100), used.min(100), "{kind:?}: {used}");
            assert!(service.calls.get() < 50, "{}", service.calls.get());
        }
    }
}

fn ills() -> Vec<(&'static str, Option<Answer>)> {
    let unknown = grpc(&RateLimitResponse::default());
    vec![
        ("no answer in time", None),
        ("an error of the proxy", Some(http(503, b"no healthy upstream", &[]))),
        ("an error of gRPC", Some(http(200, b"", &[("grpc-status", "14")]))),
        ("no status", Some(http(200, b"\0\0\0\0\0", &[]))),
        ("no message", Some(http(200, b"", &[("grpc-status", "0")]))),
        ("half a message", Some(http(200, b"\0\0\0\0\x09\x08", &[("grpc-status", "0")]))),
        ("a compressed one", Some(http(200, b"\x01\0\0\0\x02\x08\x01", &[("grpc-status", "0")]))),
        ("no protobuf", Some(http(200, b"\0\0\0\0\x02\xff\xff", &[("grpc-status", "0")]))),
        ("a code that is none", Some(unknown)),
        ("a reset", Some(Answer::Unreachable)),
    ]
}

#[test]
fn without_an_answer_the_operator_decides() {
    for (ill, answer) in ills() {
        let service = Service::new(Kind::Reference, 1000);
        service.fall_ill(answer);
        let denied = asks(&service, &requests(1000), json!({}));
        let reply = denied.send(&models());
        assert_eq!((reply.status, reply.upstream.is_some()), (503, false), "{ill}");
        assert!(reply.text().contains("backend_unavailable"), "{ill}: {}", reply.text());
        assert_eq!(metric(&denied, "backend_total.event.unavailable"), 1, "{ill}");
        assert_eq!(metric(&denied, "open"), 0);

        let open = asks(&service, &requests(1), json!({"on_unavailable": "allow"}));
        assert_eq!(passes(&open, &models(), 3), 3, "{ill}");
        assert_eq!(metric(&open, "open"), 1);

        let local = asks(&service, &requests(10), json!({"on_unavailable": "local", "local_percent": 30}));
        assert_eq!(passes(&local, &models(), 10), 3, "{ill}");
        assert_eq!(metric(&local, "backend_total.event.local"), 10);
        service.recover();
        assert_eq!(passes(&local, &models(), 5), 5, "{ill}: it is back");
    }
    let nowhere = envoy(&configured(&json!([requests(1)]), json!({})));
    assert_eq!(nowhere.send(&models()).status, 503, "there is no such cluster");
}

#[test]
fn what_is_owed_to_a_service_that_is_away_it_is_told_when_it_is_back() {
    let service = Service::new(Kind::Limitador, 1000);
    let envoy = asks(&service, &tokens(1000), json!({}));
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
    for _ in 0..2 {
        service.recover();
        service.fall_ill_after(1, Some(Answer::Unreachable));
        assert_eq!(envoy.send(&answered(asking(&json!(100)), &usage)).status, 200);
        envoy.advance(Millis(5000));
        assert!(service.total() < 42);
    }
    service.recover();
    envoy.advance(Millis(2000));
    assert_eq!(service.total(), 84);
}

#[test]
fn what_is_owed_for_longer_than_a_window_is_given_up() {
    let service = Service::new(Kind::Limitador, 1000);
    let envoy = asks(&service, &tokens(1000), json!({}));
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
    service.fall_ill_after(1, Some(Answer::Unreachable));
    assert_eq!(envoy.send(&answered(asking(&json!(100)), &usage)).status, 200);
    envoy.advance(Millis(62_000));
    assert_eq!(metric(&envoy, "backend_total.event.untold"), 1);
    let calls = service.calls.get();
    envoy.advance(Millis(10_000));
    assert_eq!(service.calls.get(), calls);
}

/// Hits that came back twice would let too much pass.
#[test]
fn what_comes_back_comes_back_once() {
    let service = Service::new(Kind::Reference, 1000);
    let envoy = asks(&service, &tokens(1000), json!({"refunds": "negative_hits"}));
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
    service.fall_ill_after(1, Some(Answer::Unreachable));
    assert_eq!(envoy.send(&answered(asking(&json!(100)), &usage)).status, 200);
    envoy.advance(Millis(100));
    service.recover();
    envoy.advance(Millis(10_000));
    assert!(service.total() > 100);
    assert_eq!(metric(&envoy, "backend_total.event.untold"), 1);
}

#[test]
fn with_leases_few_requests_ask_and_never_more_pass() {
    for kind in [Kind::Reference, Kind::Limitador] {
        let service = Service::new(kind, 1000);
        let rls = json!({"local_first": {"percent": 5}});
        let envoys = [(); 3].map(|()| asks(&service, &requests(1000), rls.clone()));
        let passed: usize =
            (0..400).map(|_| envoys.iter().map(|envoy| passes(envoy, &models(), 1)).sum::<usize>()).sum();
        assert_eq!(passed, 1000, "{kind:?}: all of them ask until the end");
        let asked: u64 = envoys.iter().map(|envoy| metric(envoy, "backend_total.event.asked")).sum();
        let leased: u64 = envoys.iter().map(|envoy| metric(envoy, "backend_total.event.leased")).sum();
        assert!(leased > 940, "{kind:?}: {leased}");
        assert!(asked < 30 + 2 * 200, "{kind:?}: {asked}");
    }
}

/// What one Envoy holds others do not get: that is the price, and all of it.
#[test]
fn what_one_holds_others_lack() {
    let service = Service::new(Kind::Limitador, 1000);
    let rls = json!({"local_first": {"percent": 5}});
    let [holder, other] = [(); 2].map(|()| asks(&service, &requests(1000), rls.clone()));
    assert_eq!(passes(&holder, &models(), 1), 1);
    assert_eq!(service.total(), 50);
    assert_eq!(passes(&other, &models(), 1200), 950);
    assert_eq!(passes(&holder, &models(), 100), 49);
}

#[test]
fn a_lease_is_good_for_its_time_and_no_longer() {
    let service = Service::new(Kind::Reference, 1000);
    let rls = json!({"local_first": {"percent": 5, "lease": "10s"}});
    let envoy = asks(&service, &requests(1000), rls);
    assert_eq!(passes(&envoy, &models(), 2), 2);
    assert_eq!(service.calls.get(), 1);
    envoy.advance(Millis(10_000));
    service.forget();
    assert_eq!(passes(&envoy, &models(), 1), 1);
    assert_eq!((service.calls.get(), service.total()), (2, 50), "what is over is not used in the next window");
}

/// The service's window ends in 30.5 seconds: no lease is good for longer.
#[test]
fn a_lease_ends_with_the_window_of_the_service() {
    let service = Service::new(Kind::Reference, 1000);
    let envoy = asks(&service, &requests(1000), json!({"local_first": {"percent": 50, "lease": "1h"}}));
    assert_eq!(passes(&envoy, &models(), 1), 1);
    envoy.advance(Millis(30_600));
    assert_eq!(passes(&envoy, &models(), 1), 1);
    assert_eq!(service.calls.get(), 2);
}

#[test]
fn with_leases_what_an_answer_does_not_use_is_good_for_the_next() {
    let service = Service::new(Kind::Limitador, 10_000);
    let envoy = asks(&service, &tokens(10_000), json!({"local_first": {"percent": 10}}));
    let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
    for _ in 0..20 {
        assert_eq!(envoy.send(&answered(asking(&json!(150)), &usage)).status, 200);
    }
    assert_eq!((service.total(), service.calls.get()), (1000, 1), "20 times 42 are 840 of a lease of 1000");
    let more = json!({"prompt_tokens": 12, "completion_tokens": 500, "total_tokens": 512});
    envoy.send(&answered(asking(&json!(20)), &more));
    envoy.advance(Millis(50));
    assert_eq!(service.total(), 1352, "what it used beyond comes from the lease, and the rest is owed");
}

#[test]
fn workers_of_one_envoy_share_a_lease() {
    let service = Service::new(Kind::Limitador, 1000);
    let configuration = configured(&json!([requests(1000)]), json!({"local_first": {"percent": 5}}));
    let one = asks(&service, &requests(1000), json!({"local_first": {"percent": 5}}));
    let other = neighbour(&one, &configuration);
    service.serve(&other);
    as_caller(&other, "alice");
    assert_eq!(passes(&one, &models(), 25) + passes(&other, &models(), 25), 50);
    assert_eq!((service.calls.get(), service.total()), (1, 50));
}

/// A lease whose asker never came back: another asks when the call must be over.
#[test]
fn nobody_waits_for_a_lease_that_nobody_brings() {
    let service = Service::new(Kind::Limitador, 1000);
    service.fall_ill(None);
    let envoy = asks(&service, &requests(1000), json!({"local_first": {"percent": 5}, "timeout": "1s"}));
    let lost = envoy.open(&models());
    drop(lost.finish());
    service.recover();
    assert_eq!(passes(&envoy, &models(), 1), 1);
    assert_eq!(service.total(), 1, "it asks for itself alone");
    envoy.advance(Millis(1000));
    assert_eq!(passes(&envoy, &models(), 2), 2);
    assert_eq!(service.total(), 51);
}

/// What the service counted and nobody heard of stays counted: too little passes, not too much.
#[test]
fn a_client_that_leaves_while_the_service_is_asked_costs_what_it_asked_for() {
    let service = Service::new(Kind::Reference, 1000);
    let envoy = asks(&service, &tokens(1000), json!({"refunds": "negative_hits"}));
    service.counts_in_silence.set(true);
    service.fall_ill(None);
    let running = envoy.open(&asking(&json!(100)));
    running.body(br#"{"model":"small","max_tokens":100,"messages":[]}"#, true);
    envoy.answer_calls();
    drop(running.finish());
    service.recover();
    envoy.advance(Millis(5000));
    assert_eq!((service.total(), service.calls.get()), (100, 1));
    assert_eq!(envoy.send(&asking(&json!(100))).status, 200);
}

#[test]
fn what_is_under_way_each_envoy_counts_for_itself() {
    let service = Service::new(Kind::Reference, 1000);
    let concurrent = json!({"name": "at-once", "key": [], "unit": "concurrent", "limit": 1});
    let limits = json!([concurrent, with(requests(9), json!({"name": "mine", "counted_by": "envoy"}))]);
    let envoy = envoy(&configured(&limits, json!({})));
    service.serve(&envoy);
    assert_eq!(passes(&envoy, &models(), 12), 9);
    assert_eq!(service.calls.get(), 0);
}

#[test]
fn in_shadow_the_service_is_asked_and_refuses_nobody() {
    let service = Service::new(Kind::Limitador, 1);
    let envoy = asks(&service, &with(requests(1), json!({"mode": "shadow"})), json!({}));
    assert_eq!(passes(&envoy, &models(), 3), 3);
    assert_eq!(metric(&envoy, "requests_total.outcome.shadow.code.rate_limit_exceeded"), 2);
    service.fall_ill(Some(Answer::Unreachable));
    assert_eq!(passes(&envoy, &models(), 3), 3);
}

#[test]
fn what_the_service_has_no_limit_for_passes_only_if_the_operator_says_so() {
    let service = Service::new(Kind::Reference, 1);
    let status = |limit_remaining| DescriptorStatus { limit_remaining, ..DescriptorStatus::default() };
    let answer = |left| grpc(&RateLimitResponse { overall_code: 1, statuses: vec![status(left)] });
    service.fall_ill(Some(answer(0)));
    let envoy = asks(&service, &requests(1), json!({}));
    let reply = envoy.send(&models());
    assert_eq!((reply.status, metric(&envoy, "backend_total.event.unmatched")), (503, 1));
    assert!(reply.text().contains("backend_unmatched"));
    let open = asks(&service, &requests(1), json!({"on_unmatched": "allow"}));
    assert_eq!(passes(&open, &models(), 2), 2);
    assert_eq!(metric(&open, "open"), 1);
    service.fall_ill(Some(answer(u32::MAX)));
    assert_eq!(passes(&envoy, &models(), 2), 2, "it was told not to limit");
}

/// The service's window ends in 30.5 seconds; what was charged in it is not owed to anybody in the next.
#[test]
fn nothing_comes_back_to_a_window_that_gave_nothing() {
    for (wait, left, untold) in [(29_000, 42, 0), (32_000, 0, 1)] {
        let service = Service::new(Kind::Reference, 1000);
        let envoy = asks(&service, &tokens(1000), json!({"refunds": "negative_hits"}));
        let usage = json!({"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42});
        let running = envoy.open(&answered(asking(&json!(500)), &usage));
        running.body(br#"{"model":"small","max_tokens":500,"messages":[]}"#, true);
        envoy.world().refuse("call", HostError::Unreachable);
        envoy.answer_calls();
        assert_eq!((running.finish().status, service.total()), (200, 500));
        envoy.advance(Millis(wait));
        if untold > 0 {
            service.forget();
        }
        envoy.world().allow("call");
        envoy.advance(Millis(1500));
        assert_eq!((service.total(), metric(&envoy, "backend_total.event.untold")), (left, untold), "{wait}");
    }
}

#[test]
fn with_leases_what_is_left_over_is_used_up() {
    for kind in [Kind::Reference, Kind::Limitador] {
        let service = Service::new(kind, 1010);
        let envoy = asks(&service, &requests(1010), json!({"local_first": {"percent": 7}}));
        assert_eq!(passes(&envoy, &models(), 1200), 1010, "{kind:?}");
    }
}

#[test]
fn money_by_leases_ends_where_the_limit_does() {
    for kind in [Kind::Reference, Kind::Limitador] {
        let service = Service::new(kind, 100);
        let limit = json!({"name": "budget", "key": [], "unit": "cost", "limit": "0.0001", "window": "60s",
            "algorithm": "fixed_window", "default_output_tokens": [{"model": "*", "tokens": 10}]});
        let prices = json!({"models": [{"model": "*", "input": "0.15", "output": "0.60"}]});
        let mut configuration = configured(&json!([limit]), json!({"local_first": {"percent": 10}}));
        configuration["prices"] = prices;
        let envoy = envoy(&configuration);
        service.serve(&envoy);
        let usage = json!({"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16});
        let request = answered(asking(&json!(10)), &usage);
        let statuses: Vec<u16> = (0..40).map(|_| envoy.send(&request).status).collect();
        // 7 tokens at 0.15 and 9 at 0.60 a million are 6.45 millionths.
        let passed = statuses.iter().filter(|status| **status == 200).count();
        assert!((9..=15).contains(&passed) && statuses.last() == Some(&429), "{kind:?}: {statuses:?}");
        assert!(service.calls.get() < 150, "{kind:?}: {}", service.calls.get());
    }
}

/// Nobody knows how long an answer will be: it asks for one byte, and owes the rest.
#[test]
fn bytes_by_leases_are_asked_for_too() {
    let service = Service::new(Kind::Limitador, 1000);
    let limit = json!({"name": "traffic", "key": [], "unit": "bytes", "limit": 1000, "window": "60s",
                       "algorithm": "fixed_window"});
    let envoy = asks(&service, &limit, json!({"local_first": {"percent": 10}}));
    let page = vec![b'a'; 400];
    let request = models().answered(&[(":status", "200"), ("content-type", "text/plain")], &[&page], None);
    let statuses: Vec<u16> = (0..6)
        .map(|_| {
            let status = envoy.send(&request).status;
            envoy.advance(Millis(50));
            status
        })
        .collect();
    assert!(statuses.starts_with(&[200, 200]) && statuses.last() == Some(&429), "{statuses:?}");
}

#[test]
fn tiers_have_leases_of_their_own() {
    let service = Service::new(Kind::Limitador, 1000);
    let tiers = json!({"claim": ["plan"], "quotas": [{"is": "gold", "limit": 500}]});
    let envoy = asks(&service, &with(requests(100), json!({"key": [], "tiers": tiers})), json!({"local_first": {}}));
    let mut who = Identity::of("alice");
    for (plan, calls) in [("gold", 1), ("free", 2), ("gold", 2), ("free", 2)] {
        who.claims.insert("plan".into(), json!(plan));
        envoy.world().state(identity::STATE, who.to_state().as_deref());
        assert_eq!(passes(&envoy, &models(), 1), 1);
        assert_eq!(service.calls.get(), calls, "{plan}");
    }
    assert_eq!(service.total(), 25 + 5);
}

#[test]
fn what_is_more_than_an_envoys_part_is_not_more_than_there_ever_is() {
    let service = Service::new(Kind::Reference, 1000);
    service.fall_ill(Some(Answer::Unreachable));
    let envoy = asks(&service, &tokens(1000), json!({"on_unavailable": "local", "local_percent": 10}));
    assert_eq!(envoy.send(&asking(&json!(50))).status, 200);
    assert_eq!(envoy.send(&asking(&json!(500))).status, 503);
    assert_eq!(envoy.send(&asking(&json!(5000))).status, 403);
}

#[test]
fn a_service_that_was_silent_once_is_not_waited_for_again() {
    let service = Service::new(Kind::Reference, 1000);
    service.fall_ill(Some(Answer::Unreachable));
    let limits = json!([requests(9), with(requests(9), json!({"name": "b"})), with(requests(9), json!({"name": "c"}))]);
    let envoy = envoy(&configured(&limits, json!({"on_unavailable": "allow"})));
    service.serve(&envoy);
    assert_eq!(passes(&envoy, &models(), 1), 1);
    assert_eq!((service.calls.get(), metric(&envoy, "backend_total.event.unavailable")), (1, 3));
}

#[test]
fn without_refunds_what_comes_from_a_cache_is_charged_when_it_is_known() {
    let service = Service::new(Kind::Limitador, 1000);
    let limit = json!({"name": "cached", "key": [], "unit": "cached_tokens", "limit": 1000, "window": "60s",
                       "algorithm": "fixed_window"});
    let envoy = asks(&service, &limit, json!({}));
    let usage = json!({"prompt_tokens": 900, "completion_tokens": 30, "prompt_tokens_details": {"cached_tokens": 5}});
    envoy.send(&answered(asking(&json!(10)), &usage));
    envoy.advance(Millis(50));
    assert_eq!(service.total(), 5);
}

/// What cannot be meant stands in the table of bad configurations.
#[test]
fn a_service_remembers_for_longer_than_an_hour() {
    let long = configured(&json!([with(requests(1), json!({"window": "24h"}))]), json!({}));
    assert_eq!(refused(&long), "");
}
