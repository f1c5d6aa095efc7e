//! Streams that are closed, read by the tables of their own APIs.

use serde_json::Value;

use super::*;
use crate::ai::answer::Answer;
use crate::ai::vocabulary::Measure;
use crate::http::path::Canonical;
use crate::http::stream::event_stream::encode;

const SSE: &str = "text/event-stream";
const CHAT: &str = "/v1/chat/completions";
const COMPLETION: &str = "/v1/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";
const GOOGLE: &str = "/v1beta/models/g:streamGenerateContent";
const CONVERSE: &str = "/model/m/converse-stream";
const INVOKE: &str = "/model/m/invoke-with-response-stream";
const COHERE: &str = "/v2/chat";

fn endpoint(path: &str) -> &'static Endpoint {
    Endpoint::find("POST", &Canonical::read(path.as_bytes()).unwrap()).unwrap_or_else(|| panic!("{path}")).endpoint
}

/// An answer that is heard until it is closed.
struct Heard {
    answer: Answer,
    closing: Closing,
}

impl Heard {
    fn new(path: &str, kind: &str) -> Self {
        let answer = Answer::streamed(endpoint(path), kind.as_bytes(), 1 << 20).unwrap();
        let closing = Closing::of(endpoint(path), answer.framing()).unwrap_or_else(|| panic!("{path}"));
        Self { answer, closing }
    }

    fn of(path: &str, kind: &str, pieces: &[&[u8]]) -> Self {
        let mut heard = Self::new(path, kind);
        for piece in pieces {
            heard.push(piece);
        }
        heard
    }

    fn push(&mut self, piece: &[u8]) {
        self.answer.push(piece, &mut |reading| self.closing.hear(reading)).unwrap();
    }

    fn events(&self) -> Option<Vec<u8>> {
        let mut told = self.answer.told().clone();
        told.usage.take(&[(Measure::InputTokens, 3), (Measure::OutputTokens, 7)]);
        self.closing.events(&told)
    }

    fn text(&self) -> String {
        String::from_utf8(self.events().unwrap()).unwrap()
    }
}

/// The events of a stream by name, its data and, in Bedrock's messages, what is wrapped there.
fn sse(events: &[&str]) -> Vec<u8> {
    events.iter().flat_map(|data| format!("data: {data}\n\n").into_bytes()).collect()
}

fn messages(events: &[(&str, &str)]) -> Vec<u8> {
    events.iter().flat_map(|(name, data)| encode(&[(":event-type", name)], data.as_bytes())).collect()
}

fn wrapped(events: &[&str]) -> Vec<u8> {
    let wrap = |data: &&str| json!({"bytes": STANDARD.encode(data)}).to_string();
    events.iter().flat_map(|data| encode(&[(":event-type", "chunk")], wrap(data).as_bytes())).collect()
}

const MESSAGE: &[&str] = &[
    r#"{"type":"message_start","message":{"id":"msg","model":"c","usage":{"input_tokens":3,"output_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#,
];

const RESPONSE: &[&str] = &[
    r#"{"type":"response.created","sequence_number":0,"response":{"id":"r","created_at":5,"model":"m","status":"in_progress","output":[],"tools":[]}}"#,
    r#"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"a","type":"reasoning","summary":[]}}"#,
    r#"{"type":"response.output_item.done","sequence_number":2,"output_index":0,"item":{"id":"a","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]}}"#,
    r#"{"type":"response.output_item.added","sequence_number":3,"output_index":1,"item":{"id":"b","type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
    r#"{"type":"response.content_part.added","sequence_number":4,"item_id":"b","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}"#,
    r#"{"type":"response.output_text.delta","sequence_number":5,"item_id":"b","output_index":1,"content_index":0,"delta":"H\u00e9"}"#,
    r#"{"type":"response.output_text.delta","sequence_number":6,"item_id":"b","output_index":1,"content_index":0,"delta":" \"you\""}"#,
];

/// A path, the type of its answer, how it begins, and the word in which it ends when it is closed.
fn streams() -> Vec<(&'static str, &'static str, Vec<u8>, &'static str)> {
    let chunk =
        r#"{"id":"c","created":9,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#;
    let text = r#"{"id":"c","created":9,"model":"m","choices":[{"index":0,"text":"Hi","finish_reason":null}]}"#;
    let piece =
        r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]}}],"modelVersion":"g","responseId":"r"}"#;
    let converse: &[(&str, &str)] = &[
        ("messageStart", r#"{"role":"assistant","p":"ab"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"ab"}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0,"p":"ab"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":"Hi"}}"#),
    ];
    let cohere = [
        r#"{"type":"message-start","id":"x","delta":{"message":{"role":"assistant","content":[]}}}"#,
        r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
        r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}}"#,
    ];
    let line = "{\"model\":\"m\",\"created_at\":\"now\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n";
    let generated = "{\"model\":\"m\",\"created_at\":\"now\",\"response\":\"Hi\",\"done\":false}\r\n";
    let (events, ndjson) = ("application/vnd.amazon.eventstream", "application/x-ndjson");
    vec![
        (CHAT, SSE, sse(&[chunk]), "length"),
        (COMPLETION, SSE, sse(&[text]), "length"),
        (RESPONSES, SSE, sse(RESPONSE), "max_output_tokens"),
        (MESSAGES, SSE, sse(MESSAGE), "max_tokens"),
        (GOOGLE, SSE, sse(&[piece]), "MAX_TOKENS"),
        (GOOGLE, "application/json", format!("[{piece}\n,\r\n{piece}").into_bytes(), "MAX_TOKENS"),
        (CONVERSE, events, messages(converse), "max_tokens"),
        (INVOKE, events, wrapped(MESSAGE), "max_tokens"),
        (COHERE, SSE, sse(&cohere), "MAX_TOKENS"),
        ("/api/chat", ndjson, line.as_bytes().to_vec(), "length"),
        ("/api/generate", ndjson, generated.as_bytes().to_vec(), "length"),
    ]
}

/// What a whole answer told, and its texts.
fn read(path: &str, kind: &str, body: &[u8]) -> (Told, String) {
    let mut said = String::new();
    let mut each = |reading: &Reading<'_>| {
        assert_eq!(reading.unknown, [], "{path}: {}", String::from_utf8_lossy(reading.document));
        let texts = reading.texts.iter().filter(|text| !text.is_again);
        said.extend(texts.map(|text| text.text.unescaped().into_owned()));
    };
    let mut answer = Answer::streamed(endpoint(path), kind.as_bytes(), 1 << 20).unwrap();
    answer.push(body, &mut each).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    answer.finish(&mut each).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    (answer.told().clone(), said)
}

#[test]
fn a_stream_that_is_closed_ends_in_its_apis_word() {
    for (path, kind, body, finish) in streams() {
        let heard = Heard::of(path, kind, &[&body]);
        let whole = [body.as_slice(), &heard.events().unwrap()].concat();
        let (told, said) = read(path, kind, &whole);
        assert!(told.finish.iter().any(|word| word == finish), "{path} {kind}: {told:?}");
        assert!(!told.is_error && said.contains('H'), "{path} {kind}: {told:?} {said}");
        let has_number = told.usage.output().is_some();
        assert!(!has_number || told.usage.output() == Some(7), "{path} {kind}: {told:?}");
        let again = Heard::of(path, kind, &[&whole]);
        assert!(matches!(again.events().unwrap().as_slice(), b"" | b"\n]"), "{path}: it is over");
    }
}

#[test]
fn a_stream_is_closed_alike_however_it_is_cut() {
    for (path, kind, body, _) in streams() {
        let whole = Heard::of(path, kind, &[&body]).events();
        for cut in 0..body.len() {
            let (first, second) = body.split_at(cut);
            assert_eq!(Heard::of(path, kind, &[first, second]).events(), whole, "{path} cut at {cut}");
            // In the middle of a frame it is closed as behind the last that was whole.
            let mut heard = Heard::of(path, kind, &[first]);
            let border = heard.answer.border();
            let Some(events) = heard.events() else { continue };
            let before = Heard::of(path, kind, &[&first[..cut - border.begun]]);
            assert_eq!(Some(&events), before.events().as_ref(), "{path} cut at {cut}");
            let (told, _) = read(path, kind, &border.end(first, &events).unwrap());
            assert!(!told.finish.is_empty() && !told.is_error, "{path} cut at {cut}: {told:?}");
            heard.push(second);
            assert_eq!(heard.events(), whole, "{path} cut at {cut}");
        }
    }
}

#[test]
fn each_open_choice_ends_and_no_other() {
    let choice = |index: u32, finish: &str| format!(r#"{{"index":{index},"delta":{{}},"finish_reason":{finish}}}"#);
    let chunk = |choices: &str| format!(r#"{{"id":"c","model":"m","choices":[{choices}],"usage":null}}"#);
    let both = [choice(0, "null"), choice(2, "\"\"")].join(",");
    let body = [chunk(&both), chunk(&choice(1, "null")), chunk(&choice(1, "\"stop\"")), chunk(&choice(1, "null"))];
    let body = sse(&body.each_ref().map(String::as_str));
    let text = Heard::of(CHAT, SSE, &[&body]).text();
    let data: Vec<&str> = text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    let chunks: Vec<Value> = data[..3].iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    assert_eq!((data.len(), data[3]), (4, "[DONE]"));
    let ended = |chunk: &Value| (chunk["choices"][0]["index"].as_u64(), chunk["choices"][0]["finish_reason"].clone());
    assert_eq!([&chunks[0], &chunks[1]].map(ended), [(Some(0), json!("length")), (Some(2), json!("length"))]);
    assert_eq!(chunks[2]["usage"], json!({"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10}));
}

#[test]
fn the_blocks_and_calls_that_are_open_end() {
    let text = Heard::of(MESSAGES, SSE, &[&sse(MESSAGE)]).text();
    assert!(text.contains(r#"{"index":1,"type":"content_block_stop"}"#) && !text.contains(r#""index":0"#), "{text}");
    let call = r#"{"type":"tool-call-start","index":4,"delta":{"message":{"tool_calls":{"id":"i"}}}}"#;
    let text = Heard::of(COHERE, SSE, &[&sse(&[r#"{"type":"message-start","id":"x"}"#, call])]).text();
    assert!(text.starts_with("event: tool-call-end\ndata: {\"index\":4,"), "{text}");
    assert!(text.contains("event: message-end\n") && text.ends_with("data: [DONE]\n\n"), "{text}");
}

#[test]
fn what_ended_by_itself_gets_what_it_lacks() {
    let reason = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#;
    let body = sse(&[MESSAGE[0], reason]);
    assert_eq!(Heard::of(MESSAGES, SSE, &[&body]).text(), "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    let chunk = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    assert_eq!(Heard::of(CHAT, SSE, &[&sse(&[chunk])]).text(), "data: [DONE]\n\n");
    assert_eq!(Heard::of(CHAT, SSE, &[&sse(&[chunk, "[DONE]"])]).text(), "");
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"no"}}"#;
    assert_eq!(Heard::of(MESSAGES, SSE, &[&sse(&[MESSAGE[0], error])]).text(), "");
    let blocked = r#"[{"promptFeedback":{"blockReason":"SAFETY"}}"#;
    assert_eq!(Heard::of(GOOGLE, "application/json", &[blocked.as_bytes()]).text(), "\n]");
    let body =
        messages(&[("messageStart", r#"{"role":"assistant"}"#), ("messageStop", r#"{"stopReason":"end_turn"}"#)]);
    let events = Heard::of(CONVERSE, "application/vnd.amazon.eventstream", &[&body]).events().unwrap();
    assert_eq!(events.windows(8).filter(|bytes| bytes == b"metadata").count(), 1);
    assert!(!events.windows(10).any(|bytes| bytes == b"max_tokens"));
}

/// The data of an event of a response that was closed.
fn event(text: &str, name: &str) -> Value {
    let data = text.split(&format!("event: {name}\ndata: ")).nth(1).unwrap_or_else(|| panic!("{name}: {text}"));
    serde_json::from_str(data.split("\n\n").next().unwrap()).unwrap()
}

#[test]
fn a_response_repeats_what_it_said() {
    let text = Heard::of(RESPONSES, SSE, &[&sse(RESPONSE)]).text();
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let parts = ["response.output_text.done", "response.content_part.done", "response.output_item.done"];
    assert_eq!(names, [&parts[..], &["response.incomplete"]].concat());
    assert_eq!(event(&text, parts[0])["text"], "H\u{e9} \"you\"");
    assert_eq!(event(&text, parts[0])["sequence_number"], 7);
    let response = event(&text, "response.incomplete");
    assert_eq!(response["sequence_number"], 10);
    let response = &response["response"];
    assert_eq!((&response["id"], &response["status"]), (&json!("r"), &json!("incomplete")));
    assert_eq!(response["output"][0]["summary"][0]["text"], "hm");
    assert_eq!(response["output"][1]["content"][0]["text"], "H\u{e9} \"you\"");
    assert_eq!(response["output"][1]["status"], "incomplete");
    assert_eq!(response["usage"]["total_tokens"], 10);
}

#[test]
fn a_call_of_a_response_ends_half() {
    let added = r#"{"type":"response.output_item.added","output_index":0,"item":{"id":"f","type":"function_call","arguments":"","name":"n"}}"#;
    let delta = r#"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\":"}"#;
    let text = Heard::of(RESPONSES, SSE, &[&sse(&[RESPONSE[0], added, delta])]).text();
    let item = &event(&text, "response.output_item.done")["item"];
    assert_eq!((&item["arguments"], &item["status"]), (&json!("{\"a\":"), &json!("incomplete")));
}

#[test]
fn a_part_that_was_said_is_not_said_again() {
    let done = r#"{"type":"response.output_text.done","output_index":1,"content_index":0,"text":"H"}"#;
    let part = r#"{"type":"response.content_part.done","output_index":1,"content_index":0,"part":{"type":"output_text","text":"H","annotations":[]}}"#;
    for (more, ends) in [(&[done][..], 3), (&[done, part], 2)] {
        let text = Heard::of(RESPONSES, SSE, &[&sse(&[RESPONSE, more].concat())]).text();
        assert_eq!(text.matches("event: ").count(), ends, "{text}");
        let response = event(&text, "response.incomplete");
        assert!(response["response"]["output"][1]["content"][0]["text"].as_str().unwrap().starts_with('H'), "{text}");
    }
}

#[test]
fn of_a_long_response_nothing_is_repeated() {
    let long = "x".repeat(60_000);
    let delta = RESPONSE[5].replace("H\\u00e9", &long);
    let whole = [RESPONSE, &[&delta, &delta]].concat();
    let text = Heard::of(RESPONSES, SSE, &[&sse(&whole)]).text();
    assert!(event(&text, "response.incomplete")["response"]["output"][1].is_object());
    let text = Heard::of(RESPONSES, SSE, &[&sse(&[&whole[..], &[&delta]].concat())]).text();
    assert_eq!(text.matches("event: ").count(), 1);
    assert!(event(&text, "response.incomplete")["response"].get("output").is_none());
    let created = RESPONSE[0].replace(r#""tools":[]"#, &format!(r#""tools":[],"instructions":"{long}""#));
    let text = Heard::of(RESPONSES, SSE, &[&sse(&[&created, RESPONSE[3]])]).text();
    let response = event(&text, "response.incomplete")["response"].clone();
    assert_eq!((&response["id"], &response["model"], text.len() < 2000), (&json!("r"), &json!("m"), true));
}

#[test]
fn nothing_of_the_stream_is_written_as_it_was() {
    let id = "a\"}\n\ndata: {\"x\":\u{e9}\u{2028}\\";
    let chunk = json!({"id": id, "model": id, "created": "x", "choices": [{"delta": {}}]}).to_string();
    let text = Heard::of(CHAT, SSE, &[&sse(&[&chunk])]).text();
    let data = text.strip_prefix("data: ").unwrap().split("\n\n").next().unwrap();
    let chunk: Value = serde_json::from_str(data).unwrap();
    assert_eq!((&chunk["id"], &chunk["model"], &chunk["created"]), (&json!(id), &json!(id), &json!(0)));
    let long = json!({"id": "i".repeat(257), "choices": [{"delta": {}}]}).to_string();
    assert!(Heard::of(CHAT, SSE, &[&sse(&[&long])]).text().contains("\"id\":null"));
}

#[test]
fn more_than_is_remembered_is_not_closed() {
    let block = |at: usize| {
        let start = MESSAGE[3].replace(":1,", &format!(":{at},"));
        (start, format!(r#"{{"type":"content_block_stop","index":{at}}}"#))
    };
    let (mut open, mut ended) = (Heard::new(MESSAGES, SSE), Heard::new(MESSAGES, SSE));
    for heard in [&mut open, &mut ended] {
        heard.push(&sse(&MESSAGE[..1]));
    }
    for (at, is_closed) in (0..300).map(|at| (at, at < 128)) {
        let (start, stop) = block(at);
        open.push(&sse(&[&start]));
        assert_eq!(open.events().is_some(), is_closed, "{at} open");
        ended.push(&sse(&[&start, &stop]));
        assert!(ended.events().is_some(), "{at} ended");
    }
}

#[test]
fn a_stream_that_has_not_begun_is_not_closed() {
    for (path, kind, body, _) in streams() {
        assert_eq!(Heard::new(path, kind).events(), None, "{path}");
        assert_eq!(Heard::of(path, kind, &[&body[..1]]).events(), None, "{path}");
    }
    let titan = wrapped(&[r#"{"outputText":"Hi","index":0,"completionReason":null}"#]);
    assert_eq!(Heard::of(INVOKE, "application/vnd.amazon.eventstream", &[&titan]).events(), None);
}

#[test]
fn what_has_no_such_events_has_no_closing() {
    for (path, framing) in [
        (CHAT, Framing::Ndjson),
        (CHAT, Framing::EventStream),
        ("/v1/chat/completions/batch", Framing::Sse),
        ("/v1/responses/compact", Framing::Sse),
        ("/v1/audio/speech", Framing::Sse),
        ("/v1/complete", Framing::Sse),
        ("/v1/interactions", Framing::Sse),
        ("/v1beta/models/g:generateContent", Framing::JsonArray),
        (CONVERSE, Framing::Sse),
        ("/model/m/converse", Framing::EventStream),
        ("/v1/chat", Framing::Sse),
        ("/api/pull", Framing::Ndjson),
        ("/mcp", Framing::Sse),
        ("/a2a", Framing::Sse),
    ] {
        assert!(Closing::of(endpoint(path), framing).is_none(), "{path} {framing:?}");
    }
    let vertex = "/v1/projects/p/locations/l/publishers/anthropic/models/c:streamRawPredict";
    assert!(Closing::of(endpoint(vertex), Framing::Sse).is_some());
}

#[test]
fn the_last_of_all_numbers_is_no_end_of_the_filter() {
    let last = RESPONSE[6].replace(r#""sequence_number":6"#, &format!(r#""sequence_number":{}"#, u64::MAX));
    let body = sse(&[&RESPONSE[..6], &[&last]].concat());
    assert_eq!(event(&Heard::of(RESPONSES, SSE, &[&body]).text(), "response.incomplete")["sequence_number"], u64::MAX);
    let chunk = format!(r#"{{"id":"c","created":{0},"choices":[{{"index":{0},"delta":{{}}}}]}}"#, u64::MAX);
    let wide = sse(&[&chunk.replace("\"index\":18446744073709551615", "\"index\":4294967295")]);
    assert!(Heard::of(CHAT, SSE, &[&wide]).text().contains("\"index\":4294967295"));
}

#[test]
fn what_is_something_else_than_documented_is_passed_over() {
    let odd = ["null", "[]", "{}", "\"a\"", "1", "-1", "1e99", "[{}]", "{\"a\":{}}", "true"];
    let names = [
        "type",
        "index",
        "choices",
        "candidates",
        "id",
        "usage",
        "delta",
        "item",
        "part",
        "output_index",
        "response",
        "contentBlockIndex",
        "role",
        "sequence_number",
        "done",
        "created",
    ];
    for (path, kind, body, _) in streams() {
        let mut heard = Heard::of(path, kind, &[&body]);
        for value in odd {
            for name in names {
                heard.closing.stream.hear(format!("{{\"{name}\":{value}}}").as_bytes());
            }
            heard.closing.stream.hear(value.as_bytes());
            heard.closing.stream.hear(b"{\"id\":\"\xff\"");
        }
        let _ = heard.events();
    }
}
