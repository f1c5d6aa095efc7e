//! What a model says, by the schema of the request.

use portcullis::host::fake::{Answer, Envoy, Request};
use serde_json::{Value, json};

use super::{code, envoy, metric, parsed, post};

fn configuration(structured_outputs: &str) -> Value {
    json!({"rules": [
        {"name": "openai", "select": {"paths": ["/v1/chat/completions", "/v1/responses"]}, "contract": "openai",
         "structured_outputs": structured_outputs},
        {"name": "anthropic", "select": {"paths": ["/v1/messages"]}, "contract": "anthropic", "structured_outputs": structured_outputs},
        {"name": "any", "schemas": {"request": true}, "structured_outputs": structured_outputs},
    ]})
}

fn schema() -> Value {
    json!({"type": "object", "required": ["city"], "additionalProperties": false, "properties": {"city": {"type": "string"}}})
}

fn asked(schema: &Value) -> Request {
    let format = json!({"type": "json_schema", "json_schema": {"name": "place", "schema": schema}});
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "response_format": format});
    post("/v1/chat/completions", &body.to_string())
}

fn answered(envoy: &Envoy, request: Request, content_type: &str, pieces: &[&str]) -> Answer {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    envoy.send(&request.answered(&[(":status", "200"), ("content-type", content_type)], &pieces, None))
}

fn completion(choices: &[Value]) -> String {
    let choice =
        |(index, message): (usize, &Value)| json!({"index": index, "finish_reason": "stop", "message": message});
    json!({"object": "chat.completion", "choices": choices.iter().enumerate().map(choice).collect::<Vec<_>>()})
        .to_string()
}

fn said(text: &str) -> Value {
    json!({"role": "assistant", "content": text})
}

const JSON: &str = "application/json";
const SSE: &str = "text/event-stream";
const GOOD: &str = r#"{"city": "Bern"}"#;

#[test]
fn what_the_model_says_is_as_the_request_asked() {
    let envoy = envoy(&configuration("enforce"));
    let tool = json!({"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]});
    let mut talking = tool.clone();
    talking["content"] = json!("Let me look.");
    for (choices, expected) in [
        (&[said(GOOD)][..], ""),
        (&[said(GOOD), said(r#"{"city":"Chur"}"#)], ""),
        (&[said(GOOD), said("Chur")], "structured_output_violation"),
        (&[said("{}")], "structured_output_violation"),
        (&[said(r#"{"city":"Bern","zip":3000}"#)], "structured_output_violation"),
        (&[said(r#"{"city":"Bern"} and more"#)], "structured_output_violation"),
        (&[said(r#"{"city":"Bern","city":"Chur"}"#)], "structured_output_violation"),
        (&[said("```json\n{\"city\":\"Bern\"}\n```")], "structured_output_violation"),
        (&[said(r#"{"city":"Be"#)], "structured_output_violation"),
        (&[tool], ""),
        (&[talking], ""),
        (&[said("")], "structured_output_violation"),
        (&[json!({"role": "assistant", "content": null, "refusal": "no"})], ""),
    ] {
        let answer = answered(&envoy, asked(&schema()), JSON, &[&completion(choices)]);
        assert_eq!(code(&answer), expected, "{choices:?}");
        assert_eq!(answer.status, if expected.is_empty() { 200 } else { 502 });
    }
    // Without a format there is nothing to keep to, and an error is no answer.
    let free = post("/v1/chat/completions", r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    assert_eq!(answered(&envoy, free, JSON, &[&completion(&[said("Chur")])]).status, 200);
    let failed = asked(&schema()).answered(&[(":status", "429"), ("content-type", JSON)], &[b"{\"error\":{}}"], None);
    assert_eq!(envoy.send(&failed).status, 429);
    for (content_type, body) in [("text/plain", "{}"), (JSON, "{")] {
        assert_eq!(answered(&envoy, asked(&schema()), content_type, &[body]).status, 502, "{content_type}");
    }
}

fn delta(index: u32, text: &str, finish: Option<&str>) -> String {
    let chunk = json!({"object": "chat.completion.chunk", "choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}]});
    format!("data: {chunk}\n\n")
}

#[test]
fn a_stream_ends_in_error_before_its_client_takes_it_for_whole() {
    let envoy = envoy(&configuration("enforce"));
    let done = "data: [DONE]\n\n";
    let good = [delta(0, "{\"ci", None), delta(0, "ty\":\"Bern\"}", None), delta(0, "", Some("stop")), done.to_owned()]
        .concat();
    let answer = answered(&envoy, asked(&schema()), SSE, &[&good]);
    assert_eq!((answer.status, answer.text()), (200, good));
    let two = [
        delta(0, GOOD, None),
        delta(1, "{\"city\":", None),
        delta(0, "", Some("stop")),
        delta(1, "\"Chur\"}", Some("stop")),
        done.to_owned(),
    ];
    let answer = answered(&envoy, asked(&schema()), SSE, &two.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(answer.text(), two.concat());
    let bad = [delta(0, "{\"ci", None), delta(0, "vic\":1}", None), delta(0, "", Some("stop")), done.to_owned()];
    let answer = answered(&envoy, asked(&schema()), SSE, &bad.iter().map(String::as_str).collect::<Vec<_>>());
    let text = answer.text();
    assert!(text.starts_with(&bad[..2].concat()) && !text.contains("\"stop\""), "{text}");
    assert!(text.contains("structured_output_violation") && text.ends_with(done), "{text}");
    // One that does not say that it ended is judged when the stream does, and that is before its last word.
    let open = delta(0, "{\"ci", None);
    for pieces in [&[open.as_str()][..], &[&open, done], &[&open, done, ""]] {
        let text = answered(&envoy, asked(&schema()), SSE, pieces).text();
        assert!(text.contains("structured_output_violation") && text.matches(done).count() == 1, "{text}");
    }
}

#[test]
fn each_api_has_its_own_place_for_a_schema_and_its_own_answer() {
    let envoy = envoy(&configuration("enforce"));
    let responses = json!({"model": "m", "input": "hi", "text": {"format": {"type": "json_schema", "name": "x", "schema": schema()}}});
    let output = |text: &str| {
        json!({"object": "response", "status": "completed", "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text, "annotations": []}]}]})
    };
    let messages = json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}],
        "output_config": {"format": {"type": "json_schema", "schema": schema()}}});
    let message = |text: &str| {
        json!({"type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": text}]})
    };
    let ollama = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}], "format": schema()});
    let chat = |text: &str| json!({"model": "m", "message": {"role": "assistant", "content": text}, "done": true, "done_reason": "stop"});
    let google = json!({"contents": [{"parts": [{"text": "hi"}]}], "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": schema()}});
    let candidates = |text: &str| json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}]});
    let is_held = |path: &str, request: &Value, answer: fn(&str) -> Value| {
        let send = |text: &str| {
            let whole = answer(text).to_string();
            answered(&envoy, post(path, &request.to_string()), JSON, &[&whole]).status
        };
        assert_eq!((send(GOOD), send("Bern")), (200, 502), "{path}");
    };
    is_held("/v1/responses", &responses, output);
    is_held("/v1/messages", &messages, message);
    is_held("/api/chat", &ollama, chat);
    is_held("/v1beta/models/g:generateContent", &google, candidates);

    let lines = |one: &str, two: &str| {
        let first = json!({"model": "m", "message": {"role": "assistant", "content": one}, "done": false});
        format!("{first}\n{}\n", chat(two))
    };
    let stream =
        |body: &str| answered(&envoy, post("/api/chat", &ollama.to_string()), "application/x-ndjson", &[body]).text();
    let good = lines("{\"city\"", ":\"Bern\"}");
    assert_eq!(stream(&good), good);
    assert!(stream(&lines("{\"a\"", ": 1}")).contains("structured_output_violation"));
}

/// A list of answers streams to who asks for none of this, and is held against the contract all the same.
#[test]
fn a_format_does_not_stand_in_for_the_contract() {
    let item = json!({"type": "object", "properties": {"candidates": {}}, "additionalProperties": false});
    let rule = |structured_outputs: &str| {
        json!({"rules": [{"name": "x", "structured_outputs": structured_outputs, "responses": "enforce",
        "schemas": {"request": true, "response": {"type": "array", "items": item}}}]})
    };
    let request = json!({"generationConfig": {"responseJsonSchema": schema()}}).to_string();
    let answer = |text: &str| {
        json!([{"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}]}])
            .to_string()
    };
    let leak = r#"[{"candidates": [], "password": "x"}]"#;
    for (structured_outputs, body, expected) in [
        ("enforce", answer(GOOD), ""),
        ("enforce", answer("Bern"), "structured_output_violation"),
        ("enforce", leak.to_owned(), "answer_schema_violation"),
        ("shadow", leak.to_owned(), "answer_schema_violation"),
        ("pass", leak.to_owned(), "answer_schema_violation"),
    ] {
        let envoy = envoy(&rule(structured_outputs));
        let sent = answered(&envoy, post("/v1beta/models/g:streamGenerateContent", &request), JSON, &[&body]);
        let found = parsed(&sent.body)["error"]["details"][0]["reason"].as_str().unwrap_or_default().to_owned();
        assert_eq!(found.to_lowercase(), expected, "{structured_outputs} {}", sent.text());
    }
}

#[test]
fn a_request_names_one_format() {
    let envoy =
        envoy(&json!({"rules": [{"name": "any", "schemas": {"request": true}, "structured_outputs": "enforce"}]}));
    let two = json!({"response_format": {"json_schema": {"schema": {}}}, "text": {"format": {"schema": {}}}});
    assert_eq!(code(&envoy.send(&post("/v1/chat/completions", &two.to_string()))), "invalid_response_format");
    let other = json!({"response_format": {"json_schema": {"_schema": {}, "Schema": {}, "schema": {}}}});
    let request = post("/v1/chat/completions", &other.to_string());
    assert_eq!(answered(&envoy, request, JSON, &[&completion(&[said("{}")])]).status, 200);
}

/// Each of the definitions applies the next twice.
fn doubling(depth: usize) -> Value {
    let next = |n: usize| json!({"$ref": format!("#/$defs/{n}")});
    let twice = |n: usize| (n.to_string(), json!({"allOf": [next(n.saturating_add(1)), next(n.saturating_add(1))]}));
    let mut definitions: serde_json::Map<String, Value> = (0..depth).map(twice).collect();
    definitions.insert(depth.to_string(), json!({"type": "object"}));
    json!({"$defs": definitions, "$ref": "#/$defs/0"})
}

/// A pattern that no automaton holds goes through a text state by state, at every place where it applies.
#[test]
fn a_text_is_gone_through_a_few_times_and_no_more() {
    let slow = json!({"pattern": "^(a|aa){30}b|qwerty"});
    let times = |n: usize| json!({"$defs": {"p": slow}, "anyOf": vec![json!({"$ref": "#/$defs/p"}); n]});
    let envoy = envoy(&configuration("enforce"));
    let text = serde_json::Value::from("a".repeat(10_000)).to_string();
    let answer = answered(&envoy, asked(&times(30)), JSON, &[&completion(&[said(&text)])]);
    assert_eq!(code(&answer), "structured_output_violation");
    assert!(envoy.world().log().iter().any(|line| line.ends_with(" steps")), "{:?}", envoy.world().log());
    // What fits at once does not pay for what does not.
    let qwerty = serde_json::Value::from("qwerty".repeat(1_000)).to_string();
    assert_eq!(answered(&envoy, asked(&times(30)), JSON, &[&completion(&[said(&qwerty)])]).status, 200);
}

#[test]
fn patterns_of_everyday_are_enforced() {
    for pattern in [
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
        r"^[\w.+-]+@[\w-]+\.[\w.]{2,20}$",
        "^[A-Za-z0-9_]{1,64}$",
        "^[A-Z][a-z]+( [A-Z][a-z]+)*$",
        r"^\+?[1-9]\d{1,14}$",
        "^(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)$",
    ] {
        let answer = answered(
            &envoy(&configuration("enforce")),
            asked(&json!({"pattern": pattern})),
            JSON,
            &[&completion(&[said("1")])],
        );
        assert_eq!(answer.status, 200, "{pattern} {}", answer.text());
    }
}

#[test]
fn a_schema_that_cannot_be_enforced_is_refused() {
    let many = (0..17).map(|n| (n.to_string(), json!({"pattern": "a"}))).collect::<serde_json::Map<_, _>>();
    for schema in [
        json!({"type": "objekt"}),
        json!({"$ref": "https://example.com/schema"}),
        json!({"$ref": "#"}),
        json!({"pattern": "(?=secret)"}),
        json!({"pattern": r"(\w{50}){50}"}),
        json!({"properties": many}),
        json!({"title": "x".repeat(33_000)}),
        json!({"unevaluatedProperties": false}),
        json!({"allOf": [{"unevaluatedItems": {"type": "string"}}]}),
        doubling(6),
        json!({"enum": (0..5000).collect::<Vec<_>>()}),
    ] {
        let answer = envoy(&configuration("enforce")).send(&asked(&schema));
        assert_eq!((answer.status, code(&answer).as_str()), (400, "invalid_response_format"), "{}", answer.text());
        assert!(!answer.text().contains("secret") && !answer.text().contains("objekt"), "{}", answer.text());
        assert_eq!(parsed(&answer.body)["error"]["param"], "/response_format/json_schema/schema");
        let looked_on = envoy(&configuration("shadow"));
        assert_eq!(answered(&looked_on, asked(&schema), JSON, &[&completion(&[said("x")])]).status, 200);
        assert_eq!(metric(&looked_on, "requests_total.outcome.shadow.code.refused"), 1);
    }
}

#[test]
fn each_of_contract_and_format_decides_where_the_other_looks_on() {
    let contract = json!({"request": {"required": ["model"]}, "response": {"required": ["choices"]}});
    let send = |responses: &str, structured: &str, body: &str| {
        let rule = json!({"name": "x", "schemas": contract, "requests": "shadow", "responses": responses, "structured_outputs": structured});
        let envoy = envoy(&json!({"rules": [rule]}));
        let request =
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema()}}});
        let answer = answered(&envoy, post("/v1/chat/completions", &request.to_string()), JSON, &[body]);
        code(&answer)
    };
    let (faulty, other) = (completion(&[said("Bern")]), r#"{"choice": []}"#);
    assert_eq!(send("pass", "enforce", &faulty), "structured_output_violation");
    assert_eq!(send("shadow", "enforce", &faulty), "structured_output_violation");
    assert_eq!(send("enforce", "shadow", &faulty), "");
    assert_eq!(send("enforce", "shadow", other), "answer_schema_violation");
    assert_eq!(send("enforce", "pass", other), "answer_schema_violation");
    assert_eq!(send("shadow", "shadow", other), "");
}
