use crate::ai::LIMITS;
use crate::ai::endpoint::Endpoint;
use crate::ai::read::{Fault, Reading, read};
use crate::ai::vocabulary::{Feature, Measure, Operation, Provenance, Unread, What};
use crate::http::path::Canonical;
use Provenance::{Assistant, Developer, FileName, System, ToolArguments, ToolDefinition, ToolResult, User};

fn request<'a>(path: &str, body: &'a str) -> Result<Reading<'a>, Fault> {
    let path = Canonical::read(path.as_bytes()).unwrap();
    let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
    read(body.as_bytes(), endpoint.request, LIMITS)
}

fn texts(reading: &Reading<'_>) -> Vec<(Provenance, String, u32)> {
    reading.texts.iter().map(|text| (text.provenance, text.text.unescaped().into_owned(), text.message)).collect()
}

fn notes(reading: &Reading<'_>, what: What) -> Vec<String> {
    reading.notes.iter().filter(|note| note.what == what).map(|note| note.text.unescaped().into_owned()).collect()
}

#[test]
fn every_text_of_a_chat_has_its_provenance_also_when_the_role_comes_last() {
    let reading = request(
        "/v1/chat/completions",
        r#"{"messages": [
            {"role": "system", "content": "be kind"},
            {"content": [{"text": "hi\n", "type": "text"}, {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                {"type": "image_url", "image_url": {"url": "DATA:image/png;base64,AA"}},
                {"type": "file", "file": {"filename": "a.txt", "file_id": "file-1"}}], "role": "user", "name": "Bob"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
                "function": {"name": "find", "arguments": "{\"q\":1}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"}],
          "tools": [{"type": "function", "function": {"name": "find", "description": "Finds.",
            "parameters": {"type": "object", "properties": {"q": {"description": "what"}}}}}],
          "model": "gpt", "stream": true, "max_tokens": 10, "max_completion_tokens": 1e2, "n": 2, "logprobs": true,
          "logit_bias": {"50256": -100}, "stop": ["x"], "user": "u1"}"#,
    )
    .unwrap();
    let expected = [
        (System, "be kind", 1),
        (User, "hi\n", 2),
        (FileName, "a.txt", 2),
        (User, "Bob", 2),
        (ToolArguments, "find", 3),
        (ToolArguments, "{\"q\":1}", 3),
        (ToolResult, "c1", 4),
        (ToolResult, "42", 4),
        (ToolDefinition, "find", 0),
        (ToolDefinition, "Finds.", 0),
    ];
    let found = texts(&reading);
    for (index, (provenance, text, message)) in expected.into_iter().enumerate() {
        assert_eq!(found[index], (provenance, text.to_owned(), message));
    }
    assert!(found[10..].iter().all(|(provenance, ..)| *provenance == ToolDefinition));
    assert!(found.iter().any(|(_, text, _)| text == "what"));
    assert_eq!(reading.model.unwrap().unescaped(), "gpt");
    assert_eq!(reading.stream, Some(true));
    assert_eq!(
        reading.numbers,
        [(Measure::MaxOutputTokens, 10), (Measure::MaxOutputTokens, 100), (Measure::Choices, 2)]
    );
    assert_eq!(reading.features, [Feature::Tools, Feature::Logprobs, Feature::LogitBias]);
    assert_eq!(notes(&reading, What::Tool), ["find"]);
    assert_eq!(notes(&reading, What::Call), ["find"]);
    let unread: Vec<_> = reading.unread.iter().map(|(why, _)| *why).collect();
    assert_eq!(unread, [Unread::Remote, Unread::Binary, Unread::ByReference]);
    assert!(reading.unknown.is_empty());
}

#[test]
fn what_no_table_names_is_read_and_reported() {
    let body = r#"{"model": "m", "messages": [], "new_prompt": {"deep": [["secret"]]}}"#;
    let reading = request("/v1/chat/completions", body).unwrap();
    assert_eq!(texts(&reading)[1], (Provenance::Unknown, "secret".to_owned(), 0));
    assert_eq!(body.get(reading.unknown[0].clone()), Some("\"new_prompt\""));
    let odd = request("/v1/chat/completions", r#"{"user": {"x": "hidden"}, "messages": "hidden too"}"#).unwrap();
    assert_eq!(texts(&odd).iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>(), ["x", "hidden", "hidden too"]);
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (body, code) in [
        (r#"{"Model": "a"}"#, "case_variant"),
        (r#"{"model": "a", "MODEL": "b"}"#, "case_variant"),
        (r#"{"\u017ftream": true}"#, "case_variant"),
        (r#"{"messages": [{"Content": "x"}]}"#, "case_variant"),
        (r#"{"model": null, "model": "b"}"#, "duplicate_member"),
        (r#"{"model": 1}"#, "wrong_type"),
        (r#"{"model": {"a": 1}}"#, "wrong_type"),
        (r#"{"stream": "true"}"#, "wrong_type"),
        (r#"{"stream": 1}"#, "wrong_type"),
        (r#"{"max_tokens": "10"}"#, "wrong_type"),
        (r#"{"max_tokens": 1.5}"#, "wrong_type"),
        (r#"{"max_tokens": true}"#, "wrong_type"),
        (r#"{"model": "a"} x"#, "trailing_data"),
    ] {
        assert_eq!(request("/v1/chat/completions", body).unwrap_err().code(), code, "{body}");
    }
    assert!(request("/v1/chat/completions", r#"{"model": null, "stream": null, "max_tokens": null}"#).is_ok());
    // A caller's own names are their own affair.
    assert!(request("/v1/chat/completions", r#"{"metadata": {"Name": "x", "name": "y"}}"#).is_ok());
}

#[test]
fn tokens_are_told_as_unread_and_texts_between_them_are_read() {
    let reading = request("/v1/completions", r#"{"prompt": [[1, 2, 3], "text", [4]], "echo": true, "logprobs": 5}"#);
    let reading = reading.unwrap();
    assert_eq!(texts(&reading), [(Provenance::User, "text".to_owned(), 0)]);
    assert_eq!(reading.unread.iter().map(|(why, _)| *why).collect::<Vec<_>>(), [Unread::TokenIds; 2]);
    assert_eq!(reading.features, [Feature::Echo]);
}

#[test]
fn an_answer_says_what_was_used_and_how_it_ended() {
    let path = Canonical::read(b"/v1/chat/completions").unwrap();
    let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
    let body = r#"{"choices": [
        {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"},
        {"message": {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}, "index": 1}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 4, "completion_tokens_details": {"reasoning_tokens": 3}}}"#;
    let reading = read(body.as_bytes(), endpoint.answer, LIMITS).unwrap();
    let found: Vec<_> = reading.texts.iter().map(|text| (text.provenance, text.index[0])).collect();
    assert_eq!(found, [(Assistant, 0), (ToolArguments, 1), (ToolArguments, 1)]);
    assert_eq!(notes(&reading, What::Finish), ["stop"]);
    assert_eq!(reading.numbers, [(Measure::InputTokens, 9), (Measure::OutputTokens, 4), (Measure::ReasoningTokens, 3)]);
}

#[test]
fn a_tool_of_the_apis_own_is_offered_by_its_type() {
    for (path, body, tools) in [
        (
            "/v1/responses",
            r#"{"tools": [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["v"]},
                {"type": "computer_use_preview", "environment": "linux"}, {"type": "code_interpreter", "container": {"type": "auto"}},
                {"type": "mcp", "server_label": "files", "server_url": "https://x.example"},
                {"type": "function", "name": "find"}, {"type": "custom", "name": "grep"}]}"#,
            &["web_search", "file_search", "computer_use_preview", "code_interpreter", "mcp", "files", "find", "grep"]
                [..],
        ),
        (
            "/v1/chat/completions",
            r#"{"tools": [{"type": "function", "function": {"name": "find"}}, {"type": "web_search"}]}"#,
            &["find", "web_search"],
        ),
        ("/v1/chat/completions", r#"{"web_search_options": {"search_context_size": "low"}}"#, &["web_search"]),
        ("/v1/chat/completions", r#"{"web_search_options": null}"#, &[]),
    ] {
        assert_eq!(notes(&request(path, body).unwrap(), What::Tool), tools, "{body}");
    }
}

#[test]
fn an_item_of_responses_is_said_by_its_role() {
    let body = r#"{"input": [{"role": "developer", "content": "judge"}, {"content": [{"type": "output_text", "text": "so"}],
        "role": "assistant"}, {"role": "user", "content": "hi"}, {"type": "function_call_output", "output": "42"}]}"#;
    let reading = request("/v1/responses", body).unwrap();
    let said: Vec<_> = reading.texts.iter().map(|text| (text.provenance, text.text.raw())).collect();
    assert_eq!(said, [(Developer, "judge"), (Assistant, "so"), (User, "hi"), (ToolResult, "42")]);
    let reading = request("/v1/responses", r#"{"input": "hi"}"#).unwrap();
    assert_eq!(reading.texts[0].provenance, User);
}

/// What an answer of Responses says, and whether it may have been said before.
fn told(body: &str) -> Vec<(Provenance, String, bool)> {
    let path = Canonical::read(b"/v1/responses").unwrap();
    let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
    let reading = read(body.as_bytes(), endpoint.answer, LIMITS).unwrap();
    assert_eq!(reading.unknown, [], "{body}");
    reading.texts.iter().map(|text| (text.provenance, text.text.unescaped().into_owned(), text.is_again)).collect()
}

#[test]
fn the_end_of_a_stream_says_all_to_who_was_sent_nothing_else() {
    let item = r#"{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "secret"}]}"#;
    for (event, provenance) in [
        (r#"{"type": "response.output_text.done", "text": "secret"}"#.to_owned(), Assistant),
        (r#"{"type": "response.refusal.done", "refusal": "secret"}"#.to_owned(), Provenance::Refusal),
        (r#"{"type": "response.function_call_arguments.done", "arguments": "secret"}"#.to_owned(), ToolArguments),
        (r#"{"type": "response.custom_tool_call_input.done", "input": "secret"}"#.to_owned(), ToolArguments),
        (r#"{"type": "response.code_interpreter_call_code.done", "code": "secret"}"#.to_owned(), ToolArguments),
        (r#"{"type": "response.content_part.done", "part": {"text": "secret"}}"#.to_owned(), Assistant),
        (format!(r#"{{"type": "response.output_item.done", "item": {item}}}"#), Assistant),
        (format!(r#"{{"type": "response.completed", "response": {{"output": [{item}]}}}}"#), Assistant),
        (r#"{"output_text": "secret"}"#.to_owned(), Assistant),
    ] {
        assert_eq!(told(&event), [(provenance, "secret".to_owned(), true)], "{event}");
    }
    assert_eq!(told(r#"{"delta": "secret"}"#), [(Assistant, "secret".to_owned(), false)]);
    assert_eq!(told(&format!(r#"{{"output": [{item}]}}"#)), [(Assistant, "secret".to_owned(), false)]);
}

#[test]
fn a_whole_answer_hides_nothing_and_what_no_table_names_is_reported() {
    let said = told(r#"{"instructions": "be kind", "text": {"format": {"type": "text"}}, "output": []}"#);
    assert_eq!(said, [(Developer, "be kind".to_owned(), false)]);
    for body in [r#"{"new_member": "prose"}"#, r#"{"response": {"new_member": "prose"}}"#] {
        let path = Canonical::read(b"/v1/responses").unwrap();
        let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.answer, LIMITS).unwrap();
        assert_eq!((texts(&reading).len(), reading.unknown.len()), (1, 1), "{body}");
    }
}

#[test]
fn the_tokens_of_an_answer_are_listed_where_they_stand() {
    for (path, body) in [
        ("/v1/responses", r#"{"output": [{"content": [{"logprobs": [{"token": "sec"}]}]}]}"#),
        ("/v1/responses", r#"{"type": "response.output_text.done", "logprobs": [{"token": "sec"}]}"#),
        ("/v1/chat/completions", r#"{"choices": [{"logprobs": {"content": [{"token": "sec", "bytes": [1]}]}}]}"#),
        ("/v1/audio/transcriptions", r#"{"logprobs": [{"token": "sec"}]}"#),
    ] {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.answer, LIMITS).unwrap();
        assert!(reading.unread.iter().all(|(why, _)| *why == Unread::Tokens) && !reading.unread.is_empty(), "{body}");
        assert!(body.get(reading.unread[0].1.clone()).unwrap().contains("sec"), "{body}");
    }
}

#[test]
fn each_model_that_works_is_told() {
    for (path, body) in [
        ("/v1/responses", r#"{"tools": [{"type": "image_generation", "model": "small"}]}"#),
        ("/v1/responses", r#"{"moderation": {"model": "small"}}"#),
        ("/v1/chat/completions", r#"{"moderation": {"model": "small"}}"#),
        ("/api/create", r#"{"from": "small"}"#),
        ("/v1/fine_tuning/jobs", r#"{"method": {"reinforcement": {"grader": {"model": "small"}}}}"#),
        (
            "/v1/fine_tuning/jobs",
            r#"{"method": {"reinforcement": {"grader": {"graders": {"first": {"model": "small"}}}}}}"#,
        ),
    ] {
        assert_eq!(notes(&request(path, body).unwrap(), What::Model), ["small"], "{body}");
    }
}

#[test]
fn azure_has_what_openai_keeps_too() {
    for (method, path, operation) in [
        ("GET", "/openai/v1/responses/r", Operation::Stored),
        ("POST", "/openai/deployments/m/images/edits", Operation::Image),
        ("POST", "/openai/fine_tuning/jobs", Operation::FineTune),
        ("POST", "/openai/v1/batches", Operation::Batch),
        ("GET", "/openai/files", Operation::Files),
        ("GET", "/openai/v1/models", Operation::Models),
    ] {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let found = Endpoint::find(method, &canonical).map(|found| found.endpoint.operation);
        assert_eq!(found, Some(operation), "{path}");
    }
}
