use crate::ai::testing::{Event, Part, answer, expect_events, expect_parts, found, notes, request, texts, unread};
use crate::ai::vocabulary::{Feature, Measure, Operation, Provenance, Unread, What};
use crate::http::path::{Ambiguous, Canonical};
use Provenance::{
    Assistant, Document, FileName, Metadata, Reasoning, System, ToolArguments, ToolDefinition, ToolResult, Unknown,
    User,
};
use Unread::{Binary, ByReference, Remote};

const CONVERSE: &str = "/model/eu.anthropic.claude-v1%3A0/converse";
const INVOKE: &str = "/model/m/invoke";

/// Each kind of block of a conversation.
const BLOCKS: &[Part<'_>] = &[
    (r#"{"text": "hi"}"#, &[(User, "hi")], &[]),
    (r#"{"image": {"format": "png", "source": {"bytes": "AA"}}}"#, &[], &[Binary]),
    (
        r#"{"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://b/a", "bucketOwner": "1"}}}}"#,
        &[],
        &[Remote],
    ),
    (r#"{"audio": {"format": "mp3", "source": {"bytes": "AA"}}}"#, &[], &[Binary]),
    (
        r#"{"document": {"format": "pdf", "name": "report", "source": {"bytes": "AA"}, "context": "Of May",
            "citations": {"enabled": true}}}"#,
        &[(FileName, "report"), (Document, "Of May")],
        &[Binary],
    ),
    (r#"{"document": {"name": "n", "source": {"text": "plain"}}}"#, &[(FileName, "n"), (Document, "plain")], &[]),
    (
        r#"{"document": {"source": {"content": [{"text": "a"}, {"text": "b"}]}}}"#,
        &[(Document, "a"), (Document, "b")],
        &[],
    ),
    (
        r#"{"toolUse": {"toolUseId": "t1", "name": "f", "input": {"k": "v"}}}"#,
        &[(ToolArguments, "f"), (ToolArguments, "k"), (ToolArguments, "v")],
        &[],
    ),
    (
        r#"{"toolResult": {"toolUseId": "t1", "status": "success", "content": [{"text": "a"}, {"json": {"k": "v"}},
            {"image": {"format": "png", "source": {"bytes": "AA"}}}, {"document": {"source": {"text": "d"}}}]}}"#,
        &[(ToolResult, "a"), (ToolResult, "k"), (ToolResult, "v"), (Document, "d")],
        &[Binary],
    ),
    (r#"{"guardContent": {"text": {"text": "look", "qualifiers": ["query"]}}}"#, &[(User, "look")], &[]),
    (r#"{"cachePoint": {"type": "default", "ttl": "5m"}}"#, &[], &[]),
    (r#"{"reasoningContent": {"reasoningText": {"text": "hm", "signature": "AA"}}}"#, &[(Reasoning, "hm")], &[]),
    (r#"{"reasoningContent": {"redactedContent": "AA"}}"#, &[], &[ByReference]),
    (
        r#"{"citationsContent": {"content": [{"text": "so"}], "citations": [{"title": "T", "sourceContent":
            [{"text": "c"}], "location": {"web": {"url": "https://x.example"}}}]}}"#,
        &[
            (User, "so"),
            (Document, "T"),
            (Document, "c"),
            (Document, "web"),
            (Document, "url"),
            (Document, "https://x.example"),
        ],
        &[],
    ),
    (
        r#"{"searchResult": {"source": "s", "title": "T", "content": [{"text": "f"}], "citations": {"enabled": true}}}"#,
        &[(Document, "s"), (Document, "T"), (Document, "f")],
        &[],
    ),
];

#[test]
fn every_kind_of_block_is_read_or_listed() {
    let said = |block: &str| format!(r#"{{"messages": [{{"content": [{block}], "role": "user"}}]}}"#);
    expect_parts(CONVERSE, BLOCKS, said);
    // Nova takes the same blocks in its own requests.
    expect_parts(INVOKE, BLOCKS, said);
    expect_parts("/model/m/count-tokens", BLOCKS, |block| format!(r#"{{"input": {{"converse": {}}}}}"#, said(block)));
}

#[test]
fn the_rest_of_a_conversation_is_read_too() {
    let rows: &[Part<'_>] = &[
        (
            r#""system": [{"text": "be kind"}, {"guardContent": {"text": {"text": "truly"}}}, {"cachePoint": {"type":
                "default"}}]"#,
            &[(System, "be kind"), (System, "truly")],
            &[],
        ),
        (r#""messages": [{"role": "assistant", "content": [{"text": "so"}]}]"#, &[(Assistant, "so")], &[]),
        (r#""messages": [{"role": "narrator", "content": [{"text": "so"}]}]"#, &[(Unknown, "so")], &[]),
        (
            r#""toolConfig": {"tools": [{"toolSpec": {"name": "f", "description": "d", "inputSchema": {"json": {}}}}],
                "toolChoice": {"any": {}}}"#,
            &[(ToolDefinition, "f"), (ToolDefinition, "d"), (ToolDefinition, "json"), (ToolDefinition, "any")],
            &[],
        ),
        (
            r#""additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "top_k": 5}"#,
            &[],
            &[],
        ),
        (r#""additionalModelRequestFields": {"system": "hidden"}"#, &[(System, "hidden")], &[]),
        (r#""promptVariables": {"topic": {"text": "moon"}}"#, &[(User, "moon")], &[]),
        (r#""requestMetadata": {"team": "blue"}"#, &[(Metadata, "team"), (Metadata, "blue")], &[]),
        (
            r#""guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1", "trace": "enabled"},
                "inferenceConfig": {"temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]},
                "performanceConfig": {"latency": "optimized"}, "additionalModelResponseFieldPaths": ["/x"]"#,
            &[],
            &[],
        ),
    ];
    expect_parts(CONVERSE, rows, |member| format!("{{{member}}}"));
}

#[test]
fn what_invoke_takes_is_read_for_each_family() {
    let rows: &[Part<'_>] = &[
        (
            r#""anthropic_version": "bedrock-2023-05-31", "max_tokens": 5, "system": "s", "messages": [{"role": "user",
                "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
                {"type": "text", "text": "hi"}, {"type": "tool_result", "tool_use_id": "t", "content": "r"}]}]"#,
            &[(System, "s"), (User, "hi"), (ToolResult, "r")],
            &[Binary],
        ),
        (
            r#""schemaVersion": "messages-v1", "system": [{"text": "s"}], "messages": [{"role": "user", "content":
                [{"text": "hi"}]}], "inferenceConfig": {"maxTokens": 5, "topK": 3}"#,
            &[(System, "s"), (User, "hi")],
            &[],
        ),
        (
            r#""messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url":
                {"url": "data:image/png;base64,AA"}}]}, {"role": "assistant", "tool_calls": [{"id": "c", "function":
                {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "content": "r", "tool_call_id": "c"}],
                "max_tokens": 5"#,
            &[(User, "hi"), (ToolArguments, "f"), (ToolArguments, "{}"), (ToolResult, "r"), (ToolResult, "c")],
            &[Binary],
        ),
        (r#""inputText": "hi", "textGenerationConfig": {"maxTokenCount": 5, "topP": 1}"#, &[(User, "hi")], &[]),
        (r#""inputText": "hi", "dimensions": 4, "normalize": true"#, &[(User, "hi")], &[]),
        (
            r#""taskType": "TEXT_IMAGE", "textToImageParams": {"text": "a cat", "negativeText": "dogs"},
                "imageGenerationConfig": {"numberOfImages": 1, "quality": "standard"}"#,
            &[(User, "a cat"), (User, "dogs")],
            &[],
        ),
        (r#""prompt": "<s>[INST] hi [/INST]", "max_tokens": 5"#, &[(User, "<s>[INST] hi [/INST]")], &[]),
        (r#""prompt": "hi", "max_gen_len": 5, "temperature": 0.5, "top_p": 0.9"#, &[(User, "hi")], &[]),
        (
            r#""message": "hi", "chat_history": [{"message": "a", "role": "USER"}, {"role": "CHATBOT", "message": "b"}],
                "preamble": "s", "documents": [{"title": "T", "snippet": "d"}], "max_tokens": 5, "p": 0.5, "k": 1,
                "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": [{"text": "r"}]}]"#,
            &[
                (User, "hi"),
                (User, "a"),
                (Assistant, "b"),
                (System, "s"),
                (Document, "title"),
                (Document, "T"),
                (Document, "snippet"),
                (Document, "d"),
                (ToolArguments, "f"),
                (ToolResult, "text"),
                (ToolResult, "r"),
            ],
            &[],
        ),
        (r#""texts": ["a", "b"], "input_type": "search_document""#, &[(User, "a"), (User, "b")], &[]),
        (
            r#""prompt": "hi", "maxTokens": 5, "numResults": 2, "countPenalty": {"scale": 0}"#,
            &[(User, "hi"), (Metadata, "scale"), (Metadata, "0")],
            &[],
        ),
        (
            r#""text_prompts": [{"text": "a cat", "weight": 1}], "cfg_scale": 10, "seed": 0, "steps": 50,
                "init_image": "AA", "output_format": "png""#,
            &[(User, "a cat"), (ToolDefinition, "png")],
            &[Binary],
        ),
    ];
    expect_parts(INVOKE, rows, |members| format!("{{{members}}}"));
    expect_parts("/async-invoke", rows, |members| format!(r#"{{"modelId": "m", "modelInput": {{{members}}}}}"#));
}

#[test]
fn numbers_and_features_are_told() {
    for (path, body) in [
        (CONVERSE, r#"{"inferenceConfig": {"maxTokens": 5}}"#),
        (CONVERSE, r#"{"additionalModelRequestFields": {"max_tokens": 5}}"#),
        (INVOKE, r#"{"max_tokens": 5}"#),
        (INVOKE, r#"{"max_gen_len": 5}"#),
        (INVOKE, r#"{"maxTokens": 5}"#),
        (INVOKE, r#"{"max_tokens_to_sample": 5}"#),
        (INVOKE, r#"{"textGenerationConfig": {"maxTokenCount": 5}}"#),
        (INVOKE, r#"{"inferenceConfig": {"max_new_tokens": 5}}"#),
    ] {
        assert_eq!(request(path, body).unwrap().numbers, [(Measure::MaxOutputTokens, 5)], "{body}");
    }
    assert_eq!(request(INVOKE, r#"{"return_prompt": true}"#).unwrap().features, [Feature::Echo]);
    assert_eq!(
        unread(&request("/model/m/count-tokens", r#"{"input": {"invokeModel": {"body": "AA"}}}"#).unwrap()),
        [Binary]
    );
    let guarded = r#"{"source": "INPUT", "content": [{"text": {"text": "hi", "qualifiers": ["query"]}}]}"#;
    assert_eq!(texts(&request("/guardrail/g/version/1/apply", guarded).unwrap()), [(User, "hi".to_owned())]);
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (path, body, code) in [
        (CONVERSE, r#"{"Messages": []}"#, "case_variant"),
        (CONVERSE, r#"{"messages": [{"content": [{"tooluse": {}}]}]}"#, "case_variant"),
        (CONVERSE, r#"{"messages": [], "messages": []}"#, "duplicate_member"),
        (CONVERSE, r#"{"inferenceConfig": {"maxTokens": "5"}}"#, "wrong_type"),
        (INVOKE, r#"{"Prompt": "x"}"#, "case_variant"),
        (INVOKE, r#"{"inputtext": "x"}"#, "case_variant"),
        (INVOKE, r#"{"messages": [{"Role": "user"}]}"#, "case_variant"),
        (INVOKE, r#"{"max_gen_len": true}"#, "wrong_type"),
    ] {
        assert_eq!(request(path, body).unwrap_err().code(), code, "{body}");
    }
}

#[test]
fn what_no_table_names_is_read_and_reported() {
    for path in [CONVERSE, INVOKE] {
        let body = r#"{"messages": [{"role": "user", "content": [{"hologram": {"x": ["secret"]}}]}]}"#;
        let reading = request(path, body).unwrap();
        assert_eq!(texts(&reading), [(Unknown, "x".to_owned()), (Unknown, "secret".to_owned())]);
        assert_eq!(body.get(reading.unknown[0].clone()), Some("\"hologram\""));
    }
    let odd = request(CONVERSE, r#"{"system": "hidden", "messages": "hidden too"}"#).unwrap();
    assert_eq!(texts(&odd), [(Unknown, "hidden".to_owned()), (Unknown, "hidden too".to_owned())]);
}

const USED: &[(Measure, u64)] = &[
    (Measure::InputTokens, 9),
    (Measure::CachedTokensBeside, 5),
    (Measure::CacheTokensBeside, 3),
    (Measure::OutputTokens, 4),
    (Measure::TotalTokens, 21),
];

#[test]
fn a_conversation_says_what_was_used_and_how_it_ended() {
    let whole: Event<'_> = (
        r#"{"output": {"message": {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "hm",
            "signature": "AA"}}}, {"text": "a"}, {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"k": "v"}}}]}},
            "stopReason": "tool_use", "metrics": {"latencyMs": 1}, "usage": {"inputTokens": 9, "cacheReadInputTokens": 5,
            "cacheWriteInputTokens": 3, "outputTokens": 4, "totalTokens": 21}}"#,
        &[(Reasoning, "hm"), (Assistant, "a"), (ToolArguments, "f"), (ToolArguments, "k"), (ToolArguments, "v")],
        USED,
    );
    expect_events(CONVERSE, &[whole]);
    expect_events(INVOKE, &[whole]);
    assert_eq!(notes(&answer(CONVERSE, whole.0), What::Finish), ["tool_use"]);
    assert_eq!(notes(&answer(CONVERSE, whole.0), What::Call), ["f"]);
    assert_eq!(notes(&answer(CONVERSE, whole.0), What::CallId), ["t1"]);
    assert_eq!(notes(&answer(CONVERSE, r#"{"message": "Too many"}"#), What::Error), ["Too many"]);
}

/// An event, its name, and what it says.
const EVENTS: &[(&str, Event<'_>)] = &[
    ("messageStart", (r#"{"role": "assistant", "p": "abc"}"#, &[], &[])),
    (
        "contentBlockStart",
        (
            r#"{"start": {"toolUse": {"toolUseId": "t1", "name": "f"}}, "contentBlockIndex": 1}"#,
            &[(ToolArguments, "f")],
            &[],
        ),
    ),
    ("contentBlockDelta", (r#"{"delta": {"text": "hi"}, "contentBlockIndex": 1}"#, &[(Assistant, "hi")], &[])),
    (
        "contentBlockDelta",
        (r#"{"delta": {"toolUse": {"input": "{\""}}, "contentBlockIndex": 1}"#, &[(ToolArguments, "{\"")], &[]),
    ),
    (
        "contentBlockDelta",
        (r#"{"delta": {"reasoningContent": {"text": "hm"}}, "contentBlockIndex": 1}"#, &[(Reasoning, "hm")], &[]),
    ),
    (
        "contentBlockDelta",
        (r#"{"delta": {"toolResult": [{"text": "r"}]}, "contentBlockIndex": 1}"#, &[(ToolResult, "r")], &[]),
    ),
    (
        "contentBlockDelta",
        (r#"{"delta": {"citation": {"title": "T"}}, "contentBlockIndex": 1}"#, &[(Document, "T")], &[]),
    ),
    ("contentBlockStop", (r#"{"contentBlockIndex": 1}"#, &[], &[])),
    ("messageStop", (r#"{"stopReason": "end_turn"}"#, &[], &[])),
    (
        "metadata",
        (
            r#"{"usage": {"inputTokens": 9, "cacheReadInputTokens": 5, "cacheWriteInputTokens": 3, "outputTokens": 4,
                "totalTokens": 21}, "metrics": {"latencyMs": 1}}"#,
            &[],
            USED,
        ),
    ),
];

#[test]
fn each_event_of_a_conversation_says_its_part() {
    for (name, (event, says, counts)) in EVENTS {
        let named = format!(r#"{{"{name}": {event}}}"#);
        expect_events("/model/m/converse-stream", &[(event, says, counts), (&named, says, counts)]);
        expect_events("/model/m/invoke-with-response-stream", &[(&named, says, counts)]);
    }
    assert_eq!(answer(CONVERSE, EVENTS[2].1.0).texts[0].index[0], 1);
    assert_eq!(notes(&answer(CONVERSE, EVENTS[8].1.0), What::Finish), ["end_turn"]);
    let failed = r#"{"throttlingException": {"message": "Too many"}}"#;
    assert_eq!(notes(&answer(CONVERSE, failed), What::Error), ["Too many"]);
}

#[test]
fn what_models_answer_to_invoke_is_read_for_each_family() {
    let rows: &[(Event<'_>, &[&str])] = &[
        (
            (
                r#"{"type": "message", "role": "assistant", "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn",
                    "usage": {"input_tokens": 9, "output_tokens": 4}}"#,
                &[(Assistant, "a")],
                &[(Measure::InputTokens, 9), (Measure::OutputTokens, 4)],
            ),
            &["end_turn"],
        ),
        (
            (
                r#"{"type": "message_start", "message": {"role": "assistant", "content": [], "usage": {"input_tokens": 9}}}"#,
                &[],
                &[(Measure::InputTokens, 9)],
            ),
            &[],
        ),
        (
            (
                r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}"#,
                &[(Assistant, "a")],
                &[],
            ),
            &[],
        ),
        (
            (
                r#"{"inputTextTokenCount": 9, "results": [{"tokenCount": 4, "outputText": "a", "completionReason": "FINISH"}]}"#,
                &[(Assistant, "a")],
                &[(Measure::InputTokens, 9), (Measure::OutputTokens, 4)],
            ),
            &["FINISH"],
        ),
        (
            (
                r#"{"outputText": "a", "index": 0, "totalOutputTextTokenCount": 4, "completionReason": "LENGTH",
                    "amazon-bedrock-invocationMetrics": {"inputTokenCount": 9}}"#,
                &[(Assistant, "a")],
                &[(Measure::OutputTokens, 4)],
            ),
            &["LENGTH"],
        ),
        (
            (
                r#"{"generation": "a", "prompt_token_count": 9, "generation_token_count": 4, "stop_reason": "stop"}"#,
                &[(Assistant, "a")],
                &[(Measure::InputTokens, 9), (Measure::OutputTokens, 4)],
            ),
            &["stop"],
        ),
        ((r#"{"outputs": [{"text": "a", "stop_reason": "stop"}]}"#, &[(Assistant, "a")], &[]), &["stop"]),
        (
            (
                r#"{"choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 9, "completion_tokens": 4}}"#,
                &[(Assistant, "a")],
                &[(Measure::InputTokens, 9), (Measure::OutputTokens, 4)],
            ),
            &["stop"],
        ),
        (
            (
                r#"{"text": "a", "finish_reason": "COMPLETE", "tool_calls": [{"name": "f", "parameters": {"k": "v"}}],
                    "chat_history": [{"role": "CHATBOT", "message": "a"}]}"#,
                &[(Assistant, "a"), (ToolArguments, "f"), (ToolArguments, "k"), (ToolArguments, "v"), (Assistant, "a")],
                &[],
            ),
            &["COMPLETE"],
        ),
        (
            (
                r#"{"completions": [{"data": {"text": "a", "tokens": []}, "finishReason": {"reason": "endoftext"}}]}"#,
                &[(Assistant, "a")],
                &[],
            ),
            &["endoftext"],
        ),
        ((r#"{"images": ["AA"], "error": null}"#, &[], &[]), &[]),
        // A frame that nobody unwrapped says so.
        ((r#"{"bytes": "AA", "p": "abc"}"#, &[], &[]), &[]),
    ];
    for (event, ends) in rows {
        expect_events(INVOKE, &[*event]);
        assert_eq!(notes(&answer(INVOKE, event.0), What::Finish), *ends, "{}", event.0);
    }
    assert_eq!(unread(&answer(INVOKE, r#"{"bytes": "AA", "p": "abc"}"#)), [Binary]);
    let failed = r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#;
    assert_eq!(notes(&answer(INVOKE, failed), What::Error), ["Overloaded"]);
}

#[test]
fn paths_say_what_is_done_and_by_which_model() {
    for (method, path, operation, model) in [
        ("POST", CONVERSE, Operation::Chat, Some("eu.anthropic.claude-v1:0")),
        ("POST", "/model/meta.llama-v1:0/invoke-with-response-stream", Operation::Chat, Some("meta.llama-v1:0")),
        ("POST", "/model/m/count-tokens", Operation::CountTokens, Some("m")),
        ("POST", "/guardrail/g/version/DRAFT/apply", Operation::Moderation, None),
        ("GET", "/async-invoke", Operation::Stored, None),
    ] {
        assert_eq!(found(method, path), Some((operation, model.map(str::to_owned))), "{path}");
    }
    // An ARN holds a slash, and some servers would see two segments.
    let arn =
        b"/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude/converse";
    assert_eq!(Canonical::read(arn), Err(Ambiguous::BadEscape));
    let without_slash = "/model/arn%3Aaws%3Abedrock%3A%3A1%3Acustom-model/converse";
    assert_eq!(found("POST", without_slash).unwrap().1.as_deref(), Some("arn:aws:bedrock::1:custom-model"));
}
