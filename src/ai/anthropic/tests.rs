use crate::ai::testing::{Event, Part, answer, expect_events, expect_parts, found, notes, request, texts};
use crate::ai::vocabulary::{Measure, Operation, Provenance, Unread, What};
use Provenance::{
    Assistant, Document, Metadata, Reasoning, Refusal, System, ToolArguments, ToolDefinition, ToolResult, Unknown, User,
};
use Unread::{Binary, ByReference, Remote};

/// Each kind of block.
const BLOCKS: &[Part<'_>] = &[
    (r#"{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}}"#, &[(User, "hi")], &[]),
    (
        r#"{"text": "cited", "type": "text", "citations": [{"type": "char_location", "cited_text": "a",
                "document_title": "b", "document_index": 0, "start_char_index": 0, "end_char_index": 1}]}"#,
        &[(User, "cited"), (Document, "a"), (Document, "b")],
        &[],
    ),
    (r#"{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}"#, &[], &[Binary]),
    (r#"{"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}"#, &[], &[Remote]),
    (r#"{"type": "image", "source": {"type": "file", "file_id": "file_1"}}"#, &[], &[ByReference]),
    (
        r#"{"type": "document", "title": "Report", "context": "Of May", "citations": {"enabled": true},
                "source": {"type": "base64", "media_type": "application/pdf", "data": "AA"}}"#,
        &[(Document, "Report"), (Document, "Of May")],
        &[Binary],
    ),
    (
        r#"{"type": "document", "source": {"data": "plain", "type": "text", "media_type": "text/plain"}}"#,
        &[(Document, "plain")],
        &[],
    ),
    (r#"{"type": "document", "source": {"type": "content", "content": "one"}}"#, &[(Document, "one")], &[]),
    (
        r#"{"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "two"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}]}}"#,
        &[(Document, "two")],
        &[Binary],
    ),
    (
        r#"{"type": "search_result", "source": "shelf 3", "title": "Docs", "content": [{"type": "text", "text": "f"}]}"#,
        &[(Document, "shelf 3"), (Document, "Docs"), (ToolResult, "f")],
        &[],
    ),
    (r#"{"type": "thinking", "thinking": "hm", "signature": "c2ln"}"#, &[(Reasoning, "hm")], &[]),
    (r#"{"type": "redacted_thinking", "data": "AA"}"#, &[], &[ByReference]),
    (
        r#"{"type": "tool_use", "id": "t1", "name": "find", "input": {"q": ["x"]}, "caller": {"type": "direct"}}"#,
        &[(ToolArguments, "find"), (ToolArguments, "q"), (ToolArguments, "x")],
        &[],
    ),
    (r#"{"type": "tool_result", "tool_use_id": "t1", "content": "42", "is_error": false}"#, &[(ToolResult, "42")], &[]),
    (
        r#"{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "a"},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "b"}},
                {"type": "tool_reference", "tool_name": "c"}]}"#,
        &[(ToolResult, "a"), (Document, "b"), (ToolDefinition, "c")],
        &[],
    ),
    (
        r#"{"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}}"#,
        &[(ToolArguments, "web_search"), (ToolArguments, "query"), (ToolArguments, "x")],
        &[],
    ),
    (
        r#"{"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"type": "web_search_result",
                "title": "T", "url": "https://x.example", "page_age": "May", "encrypted_content": "AA"}]}"#,
        &[(Document, "T"), (Document, "https://x.example"), (Document, "May")],
        &[ByReference],
    ),
    (
        r#"{"type": "web_fetch_tool_result", "tool_use_id": "s1", "content": {"type": "web_fetch_result",
                "url": "https://x.example", "retrieved_at": "2026-01-01", "content": {"type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "page"}}}}"#,
        &[(Document, "https://x.example"), (Document, "page")],
        &[],
    ),
    (
        r#"{"type": "code_execution_tool_result", "tool_use_id": "s1", "content": {"type": "code_execution_result",
                "stdout": "out", "stderr": "err", "return_code": 0,
                "content": [{"type": "code_execution_output", "file_id": "file_1"}]}}"#,
        &[(ToolResult, "out"), (ToolResult, "err")],
        &[ByReference],
    ),
    (
        r#"{"type": "text_editor_code_execution_tool_result", "tool_use_id": "s1", "content": {
                "type": "text_editor_code_execution_view_result", "content": "seen", "file_type": "text", "num_lines": 1}}"#,
        &[(ToolResult, "seen")],
        &[],
    ),
    (
        r#"{"type": "mcp_tool_use", "id": "m1", "name": "n", "server_name": "s", "input": {}}"#,
        &[(ToolArguments, "n")],
        &[],
    ),
    (
        r#"{"type": "mcp_tool_result", "tool_use_id": "m1", "content": [{"type": "text", "text": "r"}]}"#,
        &[(ToolResult, "r")],
        &[],
    ),
    (r#"{"type": "container_upload", "file_id": "file_1"}"#, &[], &[ByReference]),
];

#[test]
fn every_kind_of_block_is_read_or_listed() {
    expect_parts("/v1/messages", BLOCKS, |block| {
        format!(r#"{{"messages": [{{"content": [{block}], "role": "user"}}]}}"#)
    });
}

#[test]
fn the_rest_of_a_request_is_read_too() {
    let rows: &[Part<'_>] = &[
        (r#""system": "be kind""#, &[(System, "be kind")], &[]),
        (r#""system": [{"type": "text", "text": "be kind"}]"#, &[(System, "be kind")], &[]),
        (r#""messages": [{"role": "assistant", "content": "so"}]"#, &[(Assistant, "so")], &[]),
        (r#""messages": [{"role": "system", "content": "so"}]"#, &[(System, "so")], &[]),
        (r#""messages": [{"role": "narrator", "content": "so"}]"#, &[(Unknown, "so")], &[]),
        (
            r#""tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}]"#,
            &[(ToolDefinition, "f"), (ToolDefinition, "d"), (ToolDefinition, "type"), (ToolDefinition, "object")],
            &[],
        ),
        (
            r#""tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 2,
                "allowed_domains": ["x.example"], "user_location": {"type": "approximate", "city": "Bern"}}]"#,
            &[(ToolDefinition, "web_search"), (ToolDefinition, "x.example"), (User, "Bern")],
            &[],
        ),
        (
            r#""mcp_servers": [{"type": "url", "name": "files", "url": "https://x.example", "authorization_token": "t",
                "tool_configuration": {"enabled": true, "allowed_tools": ["ls"]}}]"#,
            &[(ToolDefinition, "files"), (ToolDefinition, "ls")],
            &[Remote],
        ),
        (r#""tool_choice": {"type": "tool", "name": "f"}"#, &[(ToolDefinition, "f")], &[]),
        (r#""thinking": {"type": "enabled", "budget_tokens": 1024}"#, &[], &[]),
        (r#""metadata": {"user_id": "u"}"#, &[(Metadata, "u")], &[]),
        (r#""container": "container_1""#, &[], &[ByReference]),
        (
            r#""container": {"id": "c", "skills": [{"type": "custom", "skill_id": "s", "version": "1"}]}"#,
            &[],
            &[ByReference; 2],
        ),
        (
            r#""context_management": {"edits": [{"type": "compact_20260112", "instructions": "shorten",
                "trigger": {"type": "input_tokens", "value": 9}}]}"#,
            &[(System, "shorten")],
            &[],
        ),
        (
            r#""output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"title": "x"}}}"#,
            &[(ToolDefinition, "title"), (ToolDefinition, "x")],
            &[],
        ),
        (r#""stop_sequences": ["x"], "service_tier": "auto", "temperature": 1, "top_p": 0.5, "top_k": 5"#, &[], &[]),
    ];
    expect_parts("/v1/messages", rows, |member| format!("{{{member}}}"));
}

#[test]
fn each_model_that_may_answer_is_told() {
    let body = r#"{"fallbacks": [{"model": "b", "max_tokens": 9}], "max_tokens": 5, "model": "a",
        "tools": [{"type": "advisor_20260301", "name": "advisor", "model": "c"}]}"#;
    let reading = request("/v1/messages", body).unwrap();
    assert_eq!(reading.model.unwrap().unescaped(), "a");
    assert_eq!(notes(&reading, What::Model), ["b", "c"]);
    assert_eq!(reading.numbers, [(Measure::MaxOutputTokens, 9), (Measure::MaxOutputTokens, 5)]);

    let batch = r#"{"requests": [
        {"custom_id": "1", "params": {"model": "a", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}},
        {"custom_id": "2", "params": {"model": "b", "max_tokens": 2, "system": "y", "messages": []}}]}"#;
    let reading = request("/v1/messages/batches", batch).unwrap();
    assert_eq!(reading.model.unwrap().unescaped(), "a");
    assert_eq!(notes(&reading, What::Model), ["b"]);
    assert_eq!(texts(&reading), [(User, "x".to_owned()), (System, "y".to_owned())]);
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (body, code) in [
        (r#"{"Model": "a"}"#, "case_variant"),
        (r#"{"messages": [{"role": "user", "Content": "x"}]}"#, "case_variant"),
        (r#"{"messages": [{"content": [{"type": "text", "Text": "x"}]}]}"#, "case_variant"),
        (r#"{"system": "a", "system": "b"}"#, "duplicate_member"),
        (r#"{"model": 1}"#, "wrong_type"),
        (r#"{"stream": "true"}"#, "wrong_type"),
        (r#"{"max_tokens": "10"}"#, "wrong_type"),
    ] {
        assert_eq!(request("/v1/messages", body).unwrap_err().code(), code, "{body}");
    }
}

#[test]
fn what_no_table_names_is_read_and_reported() {
    let body = r#"{"messages": [{"role": "user", "content": [{"type": "hologram", "beam": {"x": ["secret"]}}]}]}"#;
    let reading = request("/v1/messages", body).unwrap();
    assert_eq!(texts(&reading), [(Unknown, "x".to_owned()), (Unknown, "secret".to_owned())]);
    assert_eq!(body.get(reading.unknown[0].clone()), Some("\"beam\""));
    let odd = request("/v1/messages", r#"{"tool_choice": "hidden", "messages": "hidden too"}"#).unwrap();
    assert_eq!(texts(&odd), [(Unknown, "hidden".to_owned()), (Unknown, "hidden too".to_owned())]);
}

#[test]
fn a_message_says_what_was_used_and_how_it_ended() {
    let body = r#"{"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [
        {"type": "thinking", "thinking": "hm", "signature": "AA"}, {"type": "text", "text": "a"},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {"k": "v"}}], "stop_reason": "tool_use",
        "stop_sequence": null, "usage": {"input_tokens": 9, "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 5, "output_tokens": 4, "output_tokens_details": {"thinking_tokens": 2},
        "iterations": [{"type": "message", "input_tokens": 9}], "service_tier": "standard"}}"#;
    let reading = answer("/v1/messages", body);
    let expected =
        [(Reasoning, "hm"), (Assistant, "a"), (ToolArguments, "f"), (ToolArguments, "k"), (ToolArguments, "v")];
    assert_eq!(texts(&reading), expected.map(|(provenance, text)| (provenance, text.to_owned())));
    assert_eq!(notes(&reading, What::Finish), ["tool_use"]);
    assert_eq!(notes(&reading, What::Call), ["f"]);
    assert_eq!(notes(&reading, What::CallId), ["t1"]);
    assert_eq!(
        reading.numbers,
        [
            (Measure::InputTokens, 9),
            (Measure::CacheTokensBeside, 3),
            (Measure::CachedTokensBeside, 5),
            (Measure::OutputTokens, 4),
            (Measure::ReasoningTokens, 2)
        ]
    );
    assert_eq!(reading.unknown, []);
}

#[test]
fn each_event_of_a_stream_says_its_part() {
    let rows: &[Event<'_>] = &[
        (
            r#"{"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "m",
                "content": [], "stop_reason": null, "usage": {"input_tokens": 9, "output_tokens": 1}}}"#,
            &[],
            &[(Measure::InputTokens, 9), (Measure::OutputTokens, 1)],
        ),
        (r#"{"type": "ping"}"#, &[], &[]),
        (
            r#"{"type": "content_block_start", "index": 1, "content_block":
                {"type": "tool_use", "id": "t1", "name": "f", "input": {}}}"#,
            &[(ToolArguments, "f")],
            &[],
        ),
        (
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\""}}"#,
            &[(ToolArguments, "{\"")],
            &[],
        ),
        (
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "hi"}}"#,
            &[(Assistant, "hi")],
            &[],
        ),
        (
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "thinking_delta", "thinking": "hm"}}"#,
            &[(Reasoning, "hm")],
            &[],
        ),
        (
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "citations_delta",
                "citation": {"type": "page_location", "cited_text": "c", "document_index": 0}}}"#,
            &[(Document, "c")],
            &[],
        ),
        (r#"{"type": "content_block_stop", "index": 1}"#, &[], &[]),
        (
            r#"{"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": {"type": "refusal",
                "explanation": "no"}}, "usage": {"output_tokens": 7}}"#,
            &[(Refusal, "no")],
            &[(Measure::OutputTokens, 7)],
        ),
        (r#"{"type": "message_stop"}"#, &[], &[]),
        (
            r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
            &[(Unknown, "Overloaded")],
            &[],
        ),
    ];
    expect_events("/v1/messages", rows);
    assert_eq!(answer("/v1/messages", rows[4].0).texts[0].index[0], 1);
    assert_eq!(notes(&answer("/v1/messages", rows[8].0), What::Finish), ["refusal"]);
    assert_eq!(notes(&answer("/v1/messages", rows[10].0), What::Error), ["Overloaded"]);
}

#[test]
fn paths_say_what_is_done() {
    for (method, path, operation) in [
        ("POST", "/v1/messages", Operation::Chat),
        ("POST", "/anthropic/v1/messages", Operation::Chat),
        ("POST", "/v1/messages/count_tokens", Operation::CountTokens),
        ("POST", "/v1/messages/batches", Operation::Batch),
        ("GET", "/v1/messages/batches/b1/results", Operation::Batch),
        ("POST", "/v1/complete", Operation::Completion),
        ("GET", "/v1/models", Operation::Models),
        ("POST", "/v1/files", Operation::Files),
    ] {
        assert_eq!(found(method, path).map(|(operation, _)| operation), Some(operation), "{path}");
    }
    let old = request("/v1/complete", r#"{"prompt": "\n\nHuman: hi", "max_tokens_to_sample": 5}"#).unwrap();
    assert_eq!(texts(&old), [(User, "\n\nHuman: hi".to_owned())]);
    assert_eq!(texts(&answer("/v1/complete", r#"{"completion": "yes", "stop_reason": "stop"}"#)).len(), 1);
}

#[test]
fn a_tool_of_the_apis_own_is_offered_by_its_type() {
    let body = r#"{"tools": [{"type": "web_search_20250305", "name": "web_search"}, {"type": "bash_20250124", "name": "bash"},
        {"type": "computer_20250124", "name": "computer", "display_width_px": 1, "display_height_px": 1},
        {"type": "custom", "name": "find"}, {"name": "grep"}, {"name": "late", "type": "c\u0075stom"}]}"#;
    assert_eq!(
        notes(&request("/v1/messages", body).unwrap(), What::Tool),
        [
            "web_search_20250305",
            "web_search",
            "bash_20250124",
            "bash",
            "computer_20250124",
            "computer",
            "find",
            "grep",
            "late"
        ]
    );
}
