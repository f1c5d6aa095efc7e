use std::collections::BTreeSet;

use super::{OF_MODELS, OF_OTHERS, STORED};
use crate::ai::dialect::Dialect;
use crate::ai::fields::meaning;
use crate::ai::shape::Shape;
use crate::ai::testing::{Event, Part, answer, expect_events, expect_parts, found, notes, request, texts};
use crate::ai::vocabulary::{Feature, Measure, Operation, Provenance, Unread, What};
use Provenance::{
    Assistant, Document, FileName, Metadata, Reasoning, Refusal, System, ToolArguments, ToolDefinition, ToolResult,
    Unknown, User,
};
use Unread::{Binary, ByReference, Remote};

const GENERATE: &str = "/v1beta/models/gemini:generateContent";

/// Each kind of part, in either spelling.
const PARTS: &[Part<'_>] = &[
    (r#"{"text": "hi"}"#, &[(User, "hi")], &[]),
    (r#"{"text": "hm", "thought": true, "thoughtSignature": "AA"}"#, &[(User, "hm")], &[]),
    (r#"{"inlineData": {"mimeType": "image/png", "data": "AA"}}"#, &[], &[Binary]),
    (
        r#"{"inline_data": {"mime_type": "image/png", "data": "AA", "display_name": "n"}}"#,
        &[(FileName, "n")],
        &[Binary],
    ),
    (r#"{"fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/a.mp4"}}"#, &[], &[Remote]),
    (
        r#"{"file_data": {"mime_type": "video/mp4", "file_uri": "https://x.example/a"}, "video_metadata": {"fps": 1,
            "start_offset": "1s"}}"#,
        &[],
        &[Remote],
    ),
    (
        r#"{"functionCall": {"id": "c1", "name": "f", "args": {"k": ["v"]}}}"#,
        &[(ToolArguments, "f"), (ToolArguments, "k"), (ToolArguments, "v")],
        &[],
    ),
    (r#"{"function_call": {"name": "f", "will_continue": true}}"#, &[(ToolArguments, "f")], &[]),
    (
        r#"{"functionResponse": {"name": "f", "response": {"k": "v"}, "parts": [{"inlineData":
            {"mimeType": "image/png", "data": "AA"}}, {"text": "t"}]}}"#,
        &[(ToolResult, "f"), (ToolResult, "k"), (ToolResult, "v"), (ToolResult, "t")],
        &[Binary],
    ),
    (
        r#"{"function_response": {"name": "f", "response": {"k": "v"}}}"#,
        &[(ToolResult, "f"), (ToolResult, "k"), (ToolResult, "v")],
        &[],
    ),
    (r#"{"executableCode": {"language": "PYTHON", "code": "1"}}"#, &[(ToolArguments, "1")], &[]),
    (r#"{"code_execution_result": {"outcome": "OUTCOME_OK", "output": "1"}}"#, &[(ToolResult, "1")], &[]),
    (r#"{"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}}"#, &[(ToolResult, "1")], &[]),
];

#[test]
fn every_kind_of_part_is_read_or_listed() {
    let said = |part: &str| format!(r#"{{"contents": [{{"parts": [{part}], "role": "user"}}]}}"#);
    expect_parts(GENERATE, PARTS, said);
    expect_parts("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", PARTS, said);
    // A role that is not there is the user's.
    expect_parts(GENERATE, PARTS, |part| format!(r#"{{"contents": {{"parts": {part}}}}}"#));
}

#[test]
fn the_rest_of_a_request_is_read_too() {
    let rows: &[Part<'_>] = &[
        (r#""systemInstruction": {"role": "user", "parts": [{"text": "be kind"}]}"#, &[(System, "be kind")], &[]),
        (r#""system_instruction": {"parts": {"text": "be kind"}}"#, &[(System, "be kind")], &[]),
        (r#""contents": [{"parts": [{"text": "so"}], "role": "model"}]"#, &[(Assistant, "so")], &[]),
        (r#""contents": [{"parts": [{"text": "so"}], "role": "function"}]"#, &[(ToolResult, "so")], &[]),
        (r#""contents": [{"parts": [{"text": "so"}], "role": "narrator"}]"#, &[(Unknown, "so")], &[]),
        (
            r#""tools": [{"functionDeclarations": [{"name": "f", "description": "d", "parameters": {"type": "OBJECT"},
                "response": {"type": "STRING"}}]}, {"googleSearch": {}}, {"codeExecution": {}}, {"urlContext": {}}]"#,
            &[
                (ToolDefinition, "f"),
                (ToolDefinition, "d"),
                (ToolDefinition, "type"),
                (ToolDefinition, "OBJECT"),
                (ToolDefinition, "type"),
                (ToolDefinition, "STRING"),
            ],
            &[],
        ),
        (
            r#""tools": [{"function_declarations": [{"name": "f", "parameters_json_schema": {"title": "x"}}]}]"#,
            &[(ToolDefinition, "f"), (ToolDefinition, "title"), (ToolDefinition, "x")],
            &[],
        ),
        (
            r#""tools": [{"retrieval": {"vertexAiSearch": {"datastore": "d", "filter": "f"}}}]"#,
            &[(ToolDefinition, "f")],
            &[ByReference],
        ),
        (
            r#""tools": [{"mcpServers": [{"name": "files", "streamableHttpTransport": {"url": "https://x.example",
                "headers": {"authorization": "secret"}}}]}]"#,
            &[(ToolDefinition, "files")],
            &[Remote],
        ),
        (
            r#""toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}}"#,
            &[(ToolDefinition, "f")],
            &[],
        ),
        (r#""safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]"#, &[], &[]),
        (
            r#""generationConfig": {"stopSequences": ["x"], "responseMimeType": "text/plain", "temperature": 0.5,
                "responseSchema": {"description": "s"}, "thinkingConfig": {"include_thoughts": true},
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}}"#,
            &[(ToolDefinition, "description"), (ToolDefinition, "s")],
            &[],
        ),
        (r#""cachedContent": "cachedContents/1""#, &[], &[ByReference]),
        (r#""labels": {"team": "blue"}"#, &[(Metadata, "team"), (Metadata, "blue")], &[]),
    ];
    expect_parts(GENERATE, rows, |member| format!("{{{member}}}"));
}

#[test]
fn numbers_and_features_are_told_in_either_spelling() {
    for body in [
        r#"{"generationConfig": {"maxOutputTokens": 5, "candidateCount": 2, "responseLogprobs": true, "logprobs": 3}}"#,
        r#"{"generation_config": {"max_output_tokens": 5, "candidate_count": 2, "response_logprobs": true, "logprobs": 3}}"#,
    ] {
        let reading = request(GENERATE, body).unwrap();
        let numbers = [(Measure::MaxOutputTokens, 5), (Measure::Choices, 2), (Measure::TopLogprobs, 3)];
        assert_eq!(reading.numbers, numbers);
        assert_eq!(reading.features, [Feature::Logprobs]);
    }
    let routed = r#"{"generationConfig": {"routingConfig": {"manualMode": {"modelName": "other"}}}}"#;
    assert_eq!(notes(&request(GENERATE, routed).unwrap(), What::Model), ["other"]);
}

#[test]
fn the_tables_of_requests_have_each_name_in_both_spellings() {
    let mut seen = BTreeSet::new();
    for endpoint in OF_MODELS.iter().chain(OF_OTHERS).chain(STORED).filter(|one| one.dialect == Dialect::Google) {
        if let Some(shape) = endpoint.request.shape() {
            expect_both(shape, &mut seen);
        }
    }
    assert!(seen.len() > 50);
}

fn expect_both(shape: &'static Shape, seen: &mut BTreeSet<usize>) {
    if !seen.insert(std::ptr::from_ref(shape).addr()) {
        return;
    }
    for (name, is) in shape.members {
        let other = shape.member(&snake_case(name)).unwrap_or_else(|| panic!("{}: {name}", shape.name));
        assert_eq!(meaning(other), meaning(*is), "{}: {name}", shape.name);
        assert_eq!(other.shape().map(std::ptr::from_ref), is.shape().map(std::ptr::from_ref), "{name}");
        is.shape().into_iter().for_each(|shape| expect_both(shape, seen));
    }
    shape.also.iter().for_each(|shape| expect_both(shape, seen));
}

fn snake_case(name: &str) -> String {
    name.chars()
        .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
        .collect()
}

#[test]
fn a_name_in_both_spellings_is_said_twice() {
    for (body, code) in [
        (r#"{"generationConfig": {"maxOutputTokens": 5}, "generation_config": {}}"#, Some("duplicate_member")),
        (r#"{"generationConfig": {"maxOutputTokens": 5, "max_output_tokens": 50}}"#, Some("duplicate_member")),
        (r#"{"contents": [{"parts": [{"inlineData": {}}, {"inline_data": {}}]}]}"#, None),
    ] {
        assert_eq!(request(GENERATE, body).err().map(|fault| fault.code()), code, "{body}");
    }
}

#[test]
fn a_number_may_stand_in_quotes_if_it_is_a_plain_integer() {
    let limit = |value: &str| {
        let body = format!(r#"{{"generationConfig": {{"maxOutputTokens": {value}}}}}"#);
        request(GENERATE, &body).map(|reading| reading.numbers).map_err(|fault| fault.code())
    };
    for (value, number) in [
        (r#""100""#, 100),
        (r#""0""#, u64::MAX),
        (r#""1\u0030""#, 10),
        (r#""-1""#, u64::MAX),
        ("100", 100),
        ("1e2", 100),
    ] {
        assert_eq!(limit(value), Ok(vec![(Measure::MaxOutputTokens, number)]), "{value}");
    }
    for value in [
        r#""""#,
        r#""-""#,
        r#"" 1""#,
        r#""+1""#,
        r#""010""#,
        r#""1.0""#,
        r#""1e2""#,
        r#""0x1""#,
        r#""18446744073709551616""#,
        r#""\u0661""#,
        "true",
        "{}",
    ] {
        assert_eq!(limit(value), Err("wrong_type"), "{value}");
    }
    let usage = answer(GENERATE, r#"{"usageMetadata": {"promptTokenCount": "7", "totalTokenCount": 9}}"#);
    assert_eq!(usage.numbers, [(Measure::InputTokens, 7), (Measure::TotalTokens, 9)]);
    assert!(request("/v1/chat/completions", r#"{"max_tokens": "100"}"#).is_err());
    assert!(request("/v1/interactions", r#"{"generation_config": {"max_output_tokens": "100"}}"#).is_err());
}

#[test]
fn who_trains_a_model_says_from_which() {
    let tuned = request("/v1beta/tunedModels", r#"{"tunedModelSource": {"tunedModel": "tunedModels/a"}}"#).unwrap();
    assert_eq!(notes(&tuned, What::Model), ["tunedModels/a"]);
}

#[test]
fn an_agent_reads_its_environment() {
    for (member, says) in [
        (r#""environment": {"env": {"NOTE": "so"}}"#, &[(Metadata, "NOTE"), (Metadata, "so")][..]),
        (r#""environment": {"network": {"allow": ["x"]}}"#, &[(Metadata, "allow"), (Metadata, "x")]),
        (
            r#""tools": [{"type": "exa_ai_search", "exa_ai_search_config": {"api_key": "k", "custom_configs": {"a": "b"}}}]"#,
            &[(ToolDefinition, "a"), (ToolDefinition, "b")],
        ),
    ] {
        expect_parts("/v1beta/interactions", &[(member, says, &[])], |member| format!("{{{member}}}"));
    }
    let new = r#"{"tools": [{"type": "exa_ai_search", "exa_ai_search_config": {"custom": "so"}}]}"#;
    assert_eq!(texts(&request("/v1beta/interactions", new).unwrap()), [(Unknown, "so".to_owned())]);
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (body, code) in [
        (r#"{"Contents": []}"#, "case_variant"),
        (r#"{"systeminstruction": {}}"#, "case_variant"),
        (r#"{"System_instruction": {}}"#, "case_variant"),
        (r#"{"contents": [{"parts": [{"TEXT": "x"}]}]}"#, "case_variant"),
        (r#"{"contents": [], "contents": []}"#, "duplicate_member"),
        (r#"{"generationConfig": {"candidate_count": true}}"#, "wrong_type"),
        (r#"{"model": 1}"#, "wrong_type"),
    ] {
        assert_eq!(request(GENERATE, body).unwrap_err().code(), code, "{body}");
    }
}

#[test]
fn what_no_table_names_is_read_and_reported() {
    let body = r#"{"contents": [{"parts": [{"hologram": {"x": ["secret"]}}]}]}"#;
    let reading = request(GENERATE, body).unwrap();
    assert_eq!(texts(&reading), [(Unknown, "x".to_owned()), (Unknown, "secret".to_owned())]);
    assert_eq!(body.get(reading.unknown[0].clone()), Some("\"hologram\""));
    let odd = request(GENERATE, r#"{"contents": "hidden", "systemInstruction": "hidden too"}"#).unwrap();
    assert_eq!(texts(&odd), [(Unknown, "hidden".to_owned()), (Unknown, "hidden too".to_owned())]);
}

#[test]
fn what_is_built_on_a_chat_is_read_as_one() {
    let said = r#"{"parts": [{"text": "hi"}]}"#;
    for (path, body) in [
        ("/v1beta/models/g:countTokens", format!(r#"{{"contents": [{said}]}}"#)),
        ("/v1beta/models/g:countTokens", format!(r#"{{"generateContentRequest": {{"contents": [{said}]}}}}"#)),
        ("/v1beta/models/e:embedContent", format!(r#"{{"content": {said}, "taskType": "X"}}"#)),
        ("/v1beta/models/e:batchEmbedContents", format!(r#"{{"requests": [{{"model": "e", "content": {said}}}]}}"#)),
        ("/v1beta/cachedContents", format!(r#"{{"contents": [{said}], "ttl": "1s"}}"#)),
        (
            "/v1beta/models/g:batchGenerateContent",
            format!(
                r#"{{"batch": {{"inputConfig": {{"requests": {{"requests": [{{"request": {{"contents": {said}}}}}]}}}}}}}}"#
            ),
        ),
        ("/v1/projects/p/locations/l/endpoints/1:predict", r#"{"instances": [{"prompt": "hi"}]}"#.to_owned()),
    ] {
        let reading = request(path, &body).unwrap();
        assert_eq!(texts(&reading), [(User, "hi".to_owned())], "{path}");
        assert_eq!(reading.unknown, [], "{path}");
    }
}

#[test]
fn an_answer_says_what_was_used_and_how_it_ended() {
    let events: &[Event<'_>] = &[
        (
            r#"{"candidates": [{"index": 0, "finishReason": "STOP", "safetyRatings": [{"category": "X"}], "content":
                {"role": "model", "parts": [{"text": "hm", "thought": true}, {"text": "a"}, {"functionCall": {"name": "f",
                "args": {"k": "v"}}}]}, "citationMetadata": {"citations": [{"title": "T"}]}}], "modelVersion": "g",
                "usageMetadata": {"promptTokenCount": 9, "cachedContentTokenCount": 4, "candidatesTokenCount": 3,
                "thoughtsTokenCount": 2, "totalTokenCount": 14, "promptTokensDetails": [{"modality": "TEXT"}]}}"#,
            &[
                (Assistant, "hm"),
                (Assistant, "a"),
                (ToolArguments, "f"),
                (ToolArguments, "k"),
                (ToolArguments, "v"),
                (Document, "citations"),
                (Document, "title"),
                (Document, "T"),
            ],
            &[
                (Measure::InputTokens, 9),
                (Measure::CachedTokens, 4),
                (Measure::OutputTokens, 3),
                (Measure::ReasoningTokensBeside, 2),
                (Measure::TotalTokens, 14),
            ],
        ),
        (r#"{"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "no"}}"#, &[(Refusal, "no")], &[]),
        (
            r#"{"error": {"code": 429, "message": "Too many", "status": "RESOURCE_EXHAUSTED"}}"#,
            &[(Unknown, "Too many")],
            &[],
        ),
        // Without `alt=sse` a stream is one array.
        (
            r#"[{"candidates": [{"content": {"parts": [{"text": "a"}]}}]}, {"candidates": [{"content": {"parts":
                [{"text": "b"}]}, "finishReason": "STOP"}]}]"#,
            &[(Assistant, "a"), (Assistant, "b")],
            &[],
        ),
    ];
    expect_events(GENERATE, events);
    expect_events("/v1beta/models/gemini:streamGenerateContent?alt=sse", events);
    assert_eq!(notes(&answer(GENERATE, events[0].0), What::Finish), ["STOP"]);
    assert_eq!(notes(&answer(GENERATE, events[0].0), What::Call), ["f"]);
    assert_eq!(notes(&answer(GENERATE, events[1].0), What::Finish), ["SAFETY"]);
    assert_eq!(notes(&answer(GENERATE, events[2].0), What::Error), ["Too many"]);
    let two = answer(GENERATE, r#"{"candidates": [{"content": {"parts": [{"text": "a"}]}, "index": 1}]}"#);
    assert_eq!(two.texts[0].index[0], 1);
}

#[test]
fn paths_say_what_is_done() {
    for (method, path, operation, model) in [
        (
            "POST",
            "/v1/projects/p/locations/l/publishers/google/models/g:serverStreamingPredict",
            Operation::Unknown,
            Some("g"),
        ),
        ("POST", GENERATE, Operation::Chat, Some("gemini")),
        ("POST", "/v1/models/gemini:streamGenerateContent", Operation::Chat, Some("gemini")),
        ("POST", "/v1alpha/models/gemini%3AgenerateContent", Operation::Chat, Some("gemini")),
        ("POST", "/v1beta/tunedModels/mine:generateContent", Operation::Chat, Some("mine")),
        (
            "POST",
            "/v1beta1/projects/p/locations/l/publishers/google/models/g:countTokens",
            Operation::CountTokens,
            Some("g"),
        ),
        ("POST", "/v1/projects/p/locations/l/endpoints/17:generateContent", Operation::Chat, Some("17")),
        ("POST", "/v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict", Operation::Chat, Some("c@1")),
        ("POST", "/v1/projects/p/locations/l/publishers/meta/models/m:rawPredict", Operation::Unknown, Some("m")),
        ("POST", "/v1/projects/p/locations/l/endpoints/openapi/chat/completions", Operation::Chat, None),
        ("GET", "/v1beta/models", Operation::Models, None),
        ("GET", "/v1beta/models/gemini", Operation::Models, Some("gemini")),
        ("POST", "/upload/v1beta/files", Operation::Files, None),
        ("POST", "/v1beta/cachedContents", Operation::Stored, None),
    ] {
        assert_eq!(found(method, path), Some((operation, model.map(str::to_owned))), "{path}");
    }
    assert_eq!(found("POST", "/v1beta/models/gemini:sing"), None);
    assert_eq!(found("POST", "/v1beta/models/:generateContent"), None);
}

#[test]
fn models_of_others_are_asked_in_their_words() {
    let path = "/v1/projects/p/locations/l/publishers/anthropic/models/claude:streamRawPredict";
    let body = r#"{"anthropic_version": "vertex-2023-10-16", "stream": true, "max_tokens": 5,
        "messages": [{"role": "user", "content": "hi"}]}"#;
    let reading = request(path, body).unwrap();
    assert_eq!(texts(&reading), [(User, "hi".to_owned())]);
    assert_eq!((reading.stream, reading.unknown), (Some(true), vec![]));
}

#[test]
fn the_steps_of_an_interaction_are_read() {
    let rows: &[Part<'_>] = &[
        (r#""input": "hi", "system_instruction": "be kind""#, &[(User, "hi"), (System, "be kind")], &[]),
        (r#""input": {"type": "text", "text": "hi"}"#, &[(User, "hi")], &[]),
        (
            r#""input": [{"content": [{"text": "hi", "type": "text"}, {"type": "image", "data": "AA", "mime_type":
                "image/png"}, {"type": "document", "uri": "https://x.example/a"}], "type": "user_input"}]"#,
            &[(User, "hi")],
            &[Binary, Remote],
        ),
        (
            r#""input": [{"type": "model_output", "content": [{"type": "text", "text": "so"}]}]"#,
            &[(Assistant, "so")],
            &[],
        ),
        (r#""input": [{"type": "thought", "summary": [{"type": "text", "text": "hm"}]}]"#, &[(Reasoning, "hm")], &[]),
        (
            r#""input": [{"type": "function_call", "id": "c", "name": "f", "arguments": {"k": "v"}},
                {"type": "function_result", "call_id": "c", "name": "f", "result": {"K": "r"}}]"#,
            &[
                (ToolArguments, "f"),
                (ToolArguments, "k"),
                (ToolArguments, "v"),
                (ToolArguments, "f"),
                (ToolResult, "K"),
                (ToolResult, "r"),
            ],
            &[],
        ),
        (
            r#""tools": [{"type": "function", "name": "f", "description": "d"}, {"type": "mcp_server", "name": "files",
                "url": "https://x.example", "headers": {"authorization": "secret"}}], "previous_interaction_id": "i""#,
            &[(ToolDefinition, "f"), (ToolDefinition, "d"), (ToolDefinition, "files")],
            &[Remote, ByReference],
        ),
    ];
    expect_parts("/v1beta/interactions", rows, |member| format!("{{{member}}}"));
    let agent = r#"{"agent": "a", "agent_config": {"type": "x", "model": "m"}, "store": true, "background": true}"#;
    let reading = request("/v1/interactions", agent).unwrap();
    assert_eq!(reading.model.as_ref().map(|model| model.unescaped().into_owned()), Some("a".to_owned()));
    assert_eq!(notes(&reading, What::Model), ["m"]);
    assert_eq!(reading.features, [Feature::Store, Feature::Background]);
}

#[test]
fn each_event_of_an_interaction_says_its_part() {
    let used: &[(Measure, u64)] =
        &[(Measure::InputTokens, 9), (Measure::OutputTokens, 4), (Measure::ReasoningTokensBeside, 2)];
    let events: &[Event<'_>] = &[
        (
            r#"{"id": "i", "object": "interaction", "model": "m", "status": "completed", "steps": [{"type": "thought",
                "signature": "AA"}, {"type": "model_output", "content": [{"type": "text", "text": "a"}]},
                {"type": "function_call", "id": "c", "name": "f", "arguments": {}}], "usage": {"total_input_tokens": 9,
                "total_output_tokens": 4, "total_thought_tokens": 2}}"#,
            &[(Assistant, "a"), (ToolArguments, "f")],
            used,
        ),
        (r#"{"event_type": "interaction.created", "interaction": {"id": "i", "status": "in_progress"}}"#, &[], &[]),
        (r#"{"event_type": "step.start", "index": 0, "step": {"type": "model_output"}}"#, &[], &[]),
        (
            r#"{"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": "a"}}"#,
            &[(Assistant, "a")],
            &[],
        ),
        (
            r#"{"event_type": "step.delta", "index": 0, "delta": {"type": "arguments_delta", "arguments": "{\""}}"#,
            &[(ToolArguments, "{\"")],
            &[],
        ),
        (
            r#"{"event_type": "step.delta", "index": 0, "delta": {"type": "thought_summary", "content": {"type": "text",
                "text": "hm"}}}"#,
            &[(Reasoning, "hm")],
            &[],
        ),
        (r#"{"event_type": "step.stop", "index": 0}"#, &[], &[]),
        (
            r#"{"event_type": "interaction.completed", "interaction": {"id": "i", "status": "completed", "steps": [
                {"type": "model_output", "content": [{"type": "text", "text": "a"}]}], "usage": {"total_input_tokens": 9,
                "total_output_tokens": 4, "total_thought_tokens": 2}}}"#,
            &[(Assistant, "a")],
            used,
        ),
        (r#"{"event_type": "error", "error": {"code": "x", "message": "no"}}"#, &[(Unknown, "no")], &[]),
    ];
    expect_events("/v1/interactions", events);
    assert_eq!(notes(&answer("/v1/interactions", events[7].0), What::Finish), ["completed"]);
    assert_eq!(notes(&answer("/v1/interactions", events[8].0), What::Error), ["no"]);
}

#[test]
fn a_tool_of_the_apis_own_is_offered_by_its_name_in_snake_case() {
    for (tools, names) in [
        (r#"{"googleSearch": {}}, {"codeExecution": {}}"#, &["google_search", "code_execution"][..]),
        (
            r#"{"google_search": {}, "code_execution": {}, "url_context": {}}"#,
            &["google_search", "code_execution", "url_context"],
        ),
        (r#"{"urlContext": {}}, {"functionDeclarations": [{"name": "find"}]}"#, &["url_context", "find"]),
        (r#"{"computerUse": {"environment": "ENVIRONMENT_BROWSER"}}"#, &["computer_use"]),
        (r#"{"retrieval": {"vertexRagStore": {}}}"#, &["retrieval"]),
        (r#"{"googleSearch": null}"#, &[]),
    ] {
        let body = format!(r#"{{"tools": [{tools}]}}"#);
        assert_eq!(notes(&request(GENERATE, &body).unwrap(), What::Tool), names, "{tools}");
    }
    let body = r#"{"tools": [{"type": "google_search"}, {"type": "function", "name": "find"}]}"#;
    assert_eq!(notes(&request("/v1/interactions", body).unwrap(), What::Tool), ["google_search", "find"]);
}
