//! Plays of policies that only look on: one in shadow, and a candidate beside one in force.

#![allow(clippy::too_many_lines)] // tables

use std::time::Duration;

use harness::Request;
use serde_json::{Value, json};

use crate::play::{Expect, Play, play};
use crate::plays::{counted, get, logged, pieces, post, reached, refused};

pub(crate) fn shadow() -> Vec<Play> {
    let shadow = |config: Value| with(config, "shadow", json!(true));
    let stream = |chunk: Value| json!({"request": {"flow": {"stream": true}}, "response": {"flow": {"stream": true}}, "chunk": chunk});
    let ask = |cluster: &str, then: &str| json!({"request": {"do": [{"call": cluster}], "flow": {"await_answer": 300}}, then: {"flow": "reply"}});
    let good_bad = || Request::new("POST", "/v1/files").chunk("good ").chunk_after(Duration::from_millis(100), "bad");
    vec![
        play(
            "in shadow, a request that is refused by its headers goes on",
            shadow(json!({"request": {"flow": "reply"}, "response": {"flow": "reply"}})),
            post("hello"),
            logged(
                logged(shadowed(goes_on("hello", "acted")), "in shadow, let pass in the request: acted"),
                "shadow is on",
            ),
        ),
        play(
            "in shadow, a request that is refused by its body goes on with it",
            shadow(json!({"request": {"flow": "await_body"}, "request_body": {"flow": "reply"}})),
            pieces().trailer("x-end", "1"),
            shadowed(goes_on("hello world", "acted")),
        ),
        play(
            "in shadow, nothing is reset",
            shadow(json!({"request": {"flow": "close"}})),
            get(),
            logged(shadowed(reached("")), "in shadow, let pass in the request: reset"),
        ),
        play(
            "in shadow, what the filter lets pass is written as always",
            shadow(
                json!({"headers": ["x-mine"], "request": {"do": [{"set_header": ["x-mine", "1"]}], "flow": "await_body"},
                "request_body": {"do": [{"replace_body": "another body"}]}}),
            ),
            post("hello"),
            is_shadow(Expect { upstream_header: Some(("x-mine", "1")), ..reached("another body") }),
        ),
        play(
            "in shadow, a document is served",
            shadow(json!({"request": {"flow": "document"}})),
            get(),
            is_shadow(Expect { body: Some("{}"), ..refused(200) }),
        ),
        play(
            "in shadow, an answer that is refused by its headers goes on",
            shadow(json!({"response": {"flow": "reply"}})),
            get(),
            logged(shadowed(goes_on("", "acted")), "in shadow, let pass in the response: acted"),
        ),
        play(
            "in shadow, an answer that is refused by its body goes on",
            shadow(json!({"response": {"flow": "await_body"}, "response_body": {"flow": "reply"}})),
            get(),
            Expect { body: Some("hello world"), trailers: true, ..shadowed(goes_on("", "acted")) },
        )
        .answered(&["hello ", "world"], false, true),
        play(
            "in shadow, a stream that is refused in the middle goes on",
            shadow(stream(json!({"refuse_at": "bad"}))),
            good_bad(),
            shadowed(goes_on("good bad", "acted")),
        ),
        play(
            "in shadow, an answer is not stopped",
            shadow(stream(json!({"stop_at": "bad"}))),
            get(),
            Expect { body: Some("good badworse"), ..shadowed(reached("")) },
        )
        .answered(&["good ", "bad", "worse"], false, false),
        play(
            "in shadow, a stream is not edited, so nothing that was held back is lost",
            shadow(stream(json!("hold_back"))),
            pieces().trailer("x-end", "1"),
            is_shadow(Expect { body: Some("hello world"), trailers: true, ..reached("hello world") }),
        )
        .answered(&["hello ", "world"], false, true),
        play(
            "in shadow, a stream keeps its length",
            shadow(stream(json!("upper"))),
            post("hello"),
            is_shadow(Expect { upstream_header: Some(("content-length", "5")), ..reached("hello") }),
        ),
        play(
            "in shadow, a refusal by an answer lets the body go on",
            shadow(ask("side", "answer")),
            post("hello"),
            shadowed(goes_on("hello", "acted")),
        ),
        play(
            "in shadow, a refusal at the deadline lets the body go on",
            shadow(ask("silent", "timed_out")),
            pieces().trailer("x-end", "1"),
            shadowed(counted(goes_on("hello world", "acted"), "kit_total.event.timed_out")),
        ),
        play(
            "in shadow, a body over the cap goes on",
            shadow(json!({"max_body_bytes": "8B", "request": {"flow": "await_body"}})),
            pieces(),
            shadowed(counted(goes_on("hello world", "body_too_large"), "kit_total.event.body_too_large")),
        ),
        play(
            "in shadow, an answer over the cap goes on",
            shadow(json!({"max_body_bytes": "1B", "response": {"flow": "await_body"}})),
            get(),
            shadowed(counted(goes_on("", "response_too_large"), "kit_total.event.body_too_large")),
        ),
        play(
            "in shadow, repeated headers go on, and the filter is not asked",
            shadow(json!({})),
            get().header("mcp-session-id", "a").header("mcp-session-id", "b"),
            shadowed(counted(unended(), "kit_total.event.repeated_header")),
        ),
        play(
            "in shadow, a host call that failed refuses nobody",
            shadow(json!({"request": {"do": [{"set_header": ["x-other", "1"]}]}})),
            get(),
            shadowed(counted(goes_on("", "host_failed"), "kit_total.event.host_failed")),
        ),
        play(
            "in shadow, the memory budget is in force",
            shadow(json!({"memory_budget": "1KiB"})),
            get(),
            is_shadow(counted(refused(503), "kit_total.event.overloaded")),
        ),
    ]
}

pub(crate) fn candidates() -> Vec<Play> {
    let beside = |candidate: Value, config: Value| with(config, "candidate", candidate);
    let refuses = || json!({"request": {"flow": "reply"}});
    let refuses_body = || json!({"request": {"flow": "await_body"}, "request_body": {"flow": "reply"}});
    let holds = || json!({"request": {"flow": "await_body"}});
    let stream = |chunk: Value| json!({"request": {"flow": {"stream": true}}, "response": {"flow": {"stream": true}}, "chunk": chunk});
    let asks = |then: Value| {
        let mut config = then;
        config["request"] = json!({"do": [{"call": "side"}], "flow": {"await_answer": 300}});
        config
    };
    let edits = json!({"headers": ["x-mine"], "query": ["key"], "request": {"do": [
        {"set_header": ["x-mine", "candidate"]}, {"remove_query": ["key"]}, {"set_state": "candidate"}],
        "flow": "await_body"}, "request_body": {"do": [{"replace_body": "the candidate's"}]},
        "response": {"do": [{"set_response_header": ["x-candidate", "1"]}]}});
    vec![
        play("a candidate that agrees", beside(json!({}), json!({})), get(), same(reached(""))),
        play(
            "a candidate that would refuse refuses nobody",
            beside(refuses(), json!({})),
            post("hello"),
            logged(
                stricter(reached("hello")),
                "candidate differs on the request: pass in force, refuse acted by the candidate",
            ),
        ),
        play(
            "a candidate that would let pass lets nobody pass",
            beside(json!({}), refuses()),
            get(),
            logged(
                counted(refused(403), "kit_total.event.candidate_looser"),
                "candidate differs on the request: refuse acted in force, pass by the candidate",
            ),
        ),
        play("a candidate that refuses too", beside(refuses(), refuses()), get(), same(refused(403))),
        play(
            "a candidate that refuses in another way",
            beside(json!({"request": {"flow": "close"}}), refuses()),
            get(),
            counted(refused(403), "kit_total.event.candidate_other_code"),
        ),
        play(
            "a candidate that would serve",
            beside(json!({"request": {"flow": "document"}}), json!({})),
            get(),
            counted(reached(""), "kit_total.event.candidate_other_code"),
        ),
        play(
            "a candidate writes nothing",
            beside(edits, json!({"request": {"do": [{"set_state": "mine"}], "flow": "await_body"}})),
            Request::post("/v1/chat/completions?key=1", "hello").header("x-mine", "the client's"),
            Expect {
                upstream_path: Some("/v1/chat/completions?key=1"),
                upstream_header: Some(("x-mine", "the client's")),
                lacks_header: Some("x-candidate"),
                ..same(reached("hello"))
            },
        ),
        play(
            "a candidate sees the body that came in",
            beside(
                refuses_body(),
                json!({"request": {"flow": "await_body"}, "request_body": {"do": [{"replace_body": "a longer one"}]}}),
            ),
            post("hello"),
            stricter(reached("a longer one")),
        ),
        play(
            "a candidate that is content with the head has decided",
            beside(refuses(), holds()),
            pieces(),
            stricter(reached("hello world")),
        ),
        play(
            "a candidate that wants a body that goes on is undecided",
            beside(refuses_body(), json!({})),
            post("hello"),
            undecided(reached("hello")),
        ),
        play(
            "a candidate that wants a body that is refused before is undecided",
            beside(refuses_body(), refuses()),
            post("hello"),
            undecided(refused(403)),
        ),
        play(
            "a candidate gets a body that is held after an answer",
            beside(refuses_body(), asks(json!({"answer": {"flow": "await_body"}}))),
            pieces(),
            stricter(reached("hello world")),
        ),
        play(
            "a candidate that calls is undecided",
            beside(asks(json!({})), json!({})),
            post("hello"),
            undecided(reached("hello")),
        ),
        play(
            "a candidate that fails where the other does not is stricter",
            beside(json!({"request": {"do": [{"set_header": ["x-mine", "a\r\nb: c"]}]}}), json!({})),
            get(),
            stricter(reached("")),
        ),
        play(
            "a candidate refuses the answer",
            beside(
                json!({"response": {"flow": "await_body"}, "response_body": {"flow": "reply"}}),
                json!({"response": {"flow": "await_body"}}),
            ),
            get(),
            logged(stricter(reached("")), "candidate differs on the response: pass in force"),
        ),
        play(
            "a candidate that streams what is streamed",
            beside(stream(json!({"refuse_at": "bad"})), stream(json!("upper"))),
            Request::new("POST", "/v1/files").chunk("good ").chunk_after(Duration::from_millis(50), "bad"),
            stricter(Expect { body: Some("OK"), ..reached("GOOD BAD") }),
        ),
        play(
            "a candidate that streams and agrees",
            beside(stream(json!("hold_back")), stream(json!("same"))),
            pieces().trailer("x-end", "1"),
            same(Expect { body: Some("hello world"), ..reached("hello world") }),
        )
        .answered(&["hello ", "world"], false, false),
        play(
            "a candidate that would stop an answer stops none",
            beside(stream(json!({"stop_at": "bad"})), stream(json!("same"))),
            get(),
            logged(stricter(Expect { body: Some("good bad"), ..reached("") }), "pass in force, reset by the candidate"),
        )
        .answered(&["good ", "bad"], false, false),
        play(
            "a candidate that streams what is held is undecided",
            beside(stream(json!("same")), holds()),
            post("hello"),
            undecided(reached("hello")),
        ),
        play(
            "a candidate is compared with what shadow would have done",
            with(beside(refuses(), refuses()), "shadow", json!(true)),
            get(),
            Expect {
                counters: vec![
                    ("kit_total.event.shadowed", 1),
                    ("kit_total.event.candidate_same", 1),
                    ("kit_shadow", 1),
                ],
                ..goes_on("", "acted")
            },
        ),
        play(
            "what the kit refuses is not compared",
            beside(refuses(), json!({"max_body_bytes": "1B", "request": {"flow": "await_body"}})),
            post("hello"),
            counted(refused(413), "kit_total.event.body_too_large"),
        ),
    ]
}

fn with(mut config: Value, name: &str, value: Value) -> Value {
    config[name] = value;
    config
}

/// It reached the upstream although the filter refused with this code.
fn goes_on(body: &'static str, code: &str) -> Expect {
    let line = match code {
        "acted" => "end replied=acted complete=true",
        "body_too_large" => "end replied=body_too_large complete=true",
        "response_too_large" => "end replied=response_too_large complete=true",
        "host_failed" => "end replied=host_failed complete=true",
        _ => panic!("{code}"),
    };
    Expect { log: vec![line], ..reached(body) }
}

/// It reached the upstream, and the filter was never asked.
fn unended() -> Expect {
    Expect { log: Vec::new(), ..reached("") }
}

fn shadowed(expect: Expect) -> Expect {
    is_shadow(counted(expect, "kit_total.event.shadowed"))
}

fn is_shadow(expect: Expect) -> Expect {
    counted(expect, "kit_shadow")
}

fn same(expect: Expect) -> Expect {
    counted(expect, "kit_total.event.candidate_same")
}

fn stricter(expect: Expect) -> Expect {
    counted(expect, "kit_total.event.candidate_stricter")
}

fn undecided(expect: Expect) -> Expect {
    counted(expect, "kit_total.event.candidate_undecided")
}
