use super::{Call, Kind, MAX_MESSAGES, TooMany, calls};
use crate::ai::testing::{Event, Part, expect_events, expect_parts, found, notes, request, texts, unread};
use crate::ai::vocabulary::{Measure, Operation, Provenance, Unread, What};
use Provenance::{Assistant, Description, Document, FileName, Metadata, System, ToolArguments, ToolResult, User};

/// Each kind of `params` and of answers that a client sends.
const MESSAGES: &[Part<'_>] = &[
    (r#"{"id": 1, "method": "ping"}"#, &[], &[]),
    (
        r#"{"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {"roots": {}},
            "clientInfo": {"name": "a", "title": "b", "version": "1", "description": "c", "websiteUrl": "https://d"}}}"#,
        &[
            (Metadata, "roots"),
            (Metadata, "a"),
            (Metadata, "b"),
            (Metadata, "1"),
            (Metadata, "c"),
            (Metadata, "https://d"),
        ],
        &[],
    ),
    (
        r#"{"id": 1, "method": "tools/call", "params": {"name": "find", "arguments": {"q": ["x"]}, "task": {"ttl": 1},
            "_meta": {"progressToken": "p", "x.example/note": "own"}}}"#,
        &[(ToolArguments, "find"), (ToolArguments, "q"), (ToolArguments, "x"), (Metadata, "own")],
        &[],
    ),
    (
        r#"{"id": 1, "method": "completion/complete", "params": {"ref": {"type": "ref/prompt", "name": "p"},
            "argument": {"name": "a", "value": "b"}, "context": {"arguments": {"c": "d"}}}}"#,
        &[(ToolArguments, "p"), (ToolArguments, "a"), (ToolArguments, "b"), (ToolArguments, "c"), (ToolArguments, "d")],
        &[],
    ),
    (r#"{"id": 1, "method": "tools/list", "params": {"cursor": "AA=="}}"#, &[], &[]),
    (r#"{"method": "notifications/cancelled", "params": {"requestId": "1", "reason": "r"}}"#, &[(Metadata, "r")], &[]),
    (
        r#"{"id": 1, "result": {"role": "assistant", "content": {"type": "text", "text": "said"}, "model": "m"}}"#,
        &[(Assistant, "type"), (Assistant, "text"), (Assistant, "text"), (Assistant, "said")],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"action": "accept", "content": {"data": "written", "Type": "x"}}}"#,
        &[(User, "data"), (User, "written"), (User, "Type"), (User, "x")],
        &[],
    ),
    (
        r#"{"id": 1, "method": "prompts/get", "params": {"name": "p", "requestState": "AA", "inputResponses": {
            "a": {"content": {"login": "ada"}, "action": "accept"}, "b": {"content": "said", "role": "assistant"}}}}"#,
        &[(ToolArguments, "p"), (User, "login"), (User, "ada"), (Assistant, "said")],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"roots": [{"uri": "file:///home", "name": "Home"}]}}"#,
        &[(FileName, "file:///home"), (FileName, "Home")],
        &[],
    ),
    (r#"{"id": 1, "error": {"code": -1, "message": "no", "data": "x"}}"#, &[(Metadata, "no"), (Metadata, "x")], &[]),
];

/// Each kind of what a server sends.
const ANSWERS: &[Event<'_>] = &[
    (
        r#"{"id": 1, "result": {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s",
            "version": "1"}, "instructions": "Do."}}"#,
        &[(Description, "s"), (Description, "1"), (Description, "Do.")],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"tools": [{"name": "find", "title": "Find", "description": "Finds.", "inputSchema":
            {"type": "object"}, "annotations": {"title": "F", "readOnlyHint": true}}], "nextCursor": "AA"}}"#,
        &[
            (Description, "find"),
            (Description, "Find"),
            (Description, "Finds."),
            (Description, "type"),
            (Description, "object"),
            (Description, "F"),
        ],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"content": [{"type": "text", "text": "42"}, {"type": "resource", "resource": {
            "uri": "file:///a", "text": "whole"}}, {"type": "image", "data": "AA", "mimeType": "image/png"}],
            "structuredContent": {"n": "x"}, "isError": false}}"#,
        &[(ToolResult, "42"), (Document, "file:///a"), (Document, "whole"), (ToolResult, "n"), (ToolResult, "x")],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"contents": [{"uri": "a:b", "text": "page"}, {"uri": "a:c", "blob": "AA"}]}}"#,
        &[(Document, "a:b"), (Document, "page"), (Document, "a:c")],
        &[],
    ),
    (
        r#"{"id": 1, "result": {"description": "d", "messages": [{"content": {"type": "text", "text": "u"},
            "role": "user"}]}}"#,
        &[(Description, "d"), (User, "u")],
        &[],
    ),
    (
        r#"{"id": 1, "method": "sampling/createMessage", "params": {"messages": [{"role": "assistant", "content": [
            {"type": "tool_use", "id": "1", "name": "n", "input": {"a": "b"}}]}, {"role": "user", "content": [{
            "type": "tool_result", "toolUseId": "1", "content": [{"type": "text", "text": "r"}]}]}],
            "systemPrompt": "s", "maxTokens": 9, "modelPreferences": {"hints": [{"name": "claude"}]}}}"#,
        &[(Assistant, "n"), (ToolArguments, "a"), (ToolArguments, "b"), (ToolResult, "r"), (System, "s")],
        &[(Measure::MaxOutputTokens, 9)],
    ),
    (
        r#"{"id": 1, "result": {"resultType": "input_required", "requestState": "AA", "inputRequests": {"a": {"method":
            "elicitation/create", "params": {"mode": "url", "message": "m", "url": "https://x.example"}}}}}"#,
        &[(Description, "m"), (Description, "https://x.example")],
        &[],
    ),
    (r#"{"method": "notifications/message", "params": {"level": "info", "data": "d"}}"#, &[(Description, "d")], &[]),
    (
        r#"{"id": 1, "error": {"code": -32602, "message": "no", "data": ["x"]}}"#,
        &[(ToolResult, "no"), (ToolResult, "x")],
        &[],
    ),
];

#[test]
fn every_message_of_a_client_is_read() {
    expect_parts("/mcp", MESSAGES, str::to_owned);
    expect_parts("/mcp", MESSAGES, |message| format!("[{message}]"));
}

#[test]
fn every_message_of_a_server_is_read() {
    expect_events("/mcp", ANSWERS);
}

#[test]
fn bytes_and_pictures_are_told_as_unread() {
    let reading = crate::ai::testing::answer(
        "/mcp",
        r#"{"result": {"content": [{"type": "audio", "data": "AA"}], "contents": [{"blob": "AA"}],
            "tools": [{"name": "t", "icons": [{"src": "https://x/y.png"}, {"src": "data:image/png;base64,AA"}]}]}}"#,
    );
    assert_eq!(unread(&reading), [Unread::Binary, Unread::Binary, Unread::Remote, Unread::Binary]);
    assert_eq!(notes(&reading, What::Tool), ["t"]);
}

#[test]
fn it_is_found_at_its_path_and_below() {
    for path in ["/mcp", "/mcp/", "/mcp/github", "/mcp/a/b/c"] {
        for method in ["POST", "GET", "DELETE"] {
            assert_eq!(found(method, path), Some((Operation::Mcp, None)), "{method} {path}");
        }
    }
    for (method, path) in [("PUT", "/mcp"), ("POST", "/mcpx"), ("POST", "/x/mcp")] {
        assert_eq!(found(method, path), None, "{method} {path}");
    }
}

/// Kind, method, id, names, addresses.
type Row = (Kind, Option<String>, Option<String>, Vec<String>, Vec<String>);

fn rows(body: &str) -> Vec<Row> {
    let reading = request("/mcp", body).unwrap();
    let row = |call: Call<'_>| {
        let text = |text: crate::json::Text<'_>| text.unescaped().into_owned();
        let all = |texts: Vec<crate::json::Text<'_>>| texts.into_iter().map(text).collect();
        (call.kind, call.method.map(text), call.id.map(text), all(call.names), all(call.uris))
    };
    calls(&reading).unwrap().into_iter().map(row).collect()
}

fn row(kind: Kind, method: &str, id: &str, names: &[&str], uris: &[&str]) -> Row {
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    (kind, word(method), word(id), all(names), all(uris))
}

#[test]
fn each_message_of_a_batch_says_what_it_asks_for() {
    let body = r#"[{"params": {"name": "f\u0069nd"}, "method": "tools/call", "id": "a"},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "resources/read", "params": {"uri": "file:///x"}},
        {"id": 3, "method": "subscriptions/listen", "params": {"notifications": {"resourceSubscriptions": ["a:b", "a:c"]}}},
        {"id": 4, "result": {"content": {"name": "no call", "uri": "x:y"}}}, {}]"#;
    assert_eq!(
        rows(body),
        [
            row(Kind::Request, "tools/call", "a", &["find"], &[]),
            row(Kind::Notification, "notifications/initialized", "", &[], &[]),
            row(Kind::Request, "resources/read", "2", &[], &["file:///x"]),
            row(Kind::Request, "subscriptions/listen", "3", &[], &["a:b", "a:c"]),
            row(Kind::Answer, "", "4", &[], &[]),
            row(Kind::Unclear, "", "", &[], &[]),
        ]
    );
    assert_eq!((rows("[]"), rows("\"tools/call\"")), (Vec::new(), Vec::new()));
}

#[test]
fn a_batch_is_no_longer_than_can_be_answered() {
    let batch = |length: u32| format!("[{}]", vec!["{}"; usize::try_from(length).unwrap()].join(","));
    let count = |body: &str| calls(&request("/mcp", body).unwrap()).map(|calls| calls.len());
    assert_eq!(count(&batch(MAX_MESSAGES)), Ok(64));
    assert_eq!(count(&batch(MAX_MESSAGES + 1)), Err(TooMany));
}

#[test]
fn a_message_that_can_be_taken_for_another_is_unclear() {
    for body in [r#"{"id": 1, "params": {"name": "find"}}"#, r#"{"id": null}"#, "{}"] {
        assert_eq!(rows(body)[0].0, Kind::Unclear, "{body}");
    }
    assert_eq!(rows(r#"{"id": "null", "method": "ping"}"#)[0].0, Kind::Request);
    let batch = rows(r#"[{"id": 1, "method": "ping"}, {"id": "1", "method": "ping"}, {"id": 2, "method": "ping"}]"#);
    assert_eq!(batch.iter().map(|row| row.0).collect::<Vec<_>>(), [Kind::Request, Kind::Unclear, Kind::Request]);
}

#[test]
fn no_name_hides_another() {
    let both = r#"{"id": 1, "method": "tools/call", "params": {"ref": {"name": "allowed"}, "name": "forbidden"}}"#;
    assert_eq!(rows(both)[0].3, ["allowed", "forbidden"]);
    let nested = r#"{"id": 1, "method": "tools/call", "params": {"name": "a", "arguments": {"name": "b"}, "inputResponses":
        {"x": {"content": {"type": "tool_use", "name": "c"}}}, "_meta": {"name": "d"}}}"#;
    assert_eq!(rows(nested)[0].3, ["a"]);
}

#[test]
fn what_servers_read_differently_is_refused() {
    for (body, code) in [
        (r#"{"Method": "tools/call"}"#, "case_variant"),
        (r#"{"method": "ping", "METHOD": "tools/call"}"#, "case_variant"),
        (r#"{"method": "ping", "method": "tools/call"}"#, "duplicate_member"),
        (r#"{"params": {"Name": "find"}}"#, "case_variant"),
        (r#"{"params": {"_Meta": {}}}"#, "case_variant"),
        (r#"{"id": 1, "method": {"x": "tools/call"}, "params": {"name": "find"}}"#, "wrong_type"),
        (r#"{"id": 1, "method": ["tools/list", "tools/call"]}"#, "wrong_type"),
        (r#"{"id": [7], "method": "tools/list"}"#, "wrong_type"),
        (r#"{"id": {"a": 1}, "method": "tools/list"}"#, "wrong_type"),
        (r#"{"id": true, "method": "tools/list"}"#, "wrong_type"),
    ] {
        assert_eq!(request("/mcp", body).unwrap_err().code(), code, "{body}");
    }
    let unknown = request("/mcp", r#"{"id": 1, "method": "x", "params": {"new": "read"}}"#).unwrap();
    assert_eq!((texts(&unknown), unknown.unknown.len()), (vec![(Provenance::Unknown, "read".to_owned())], 1));
}

#[test]
fn a_request_of_a_server_is_a_message_of_its_own() {
    let reading = crate::ai::testing::answer(
        "/mcp",
        r#"{"id": 1, "result": {"inputRequests": {"a": {"method": "roots/list"}, "b": {"method": "elicitation/create"}}}}"#,
    );
    let calls = calls(&reading).unwrap().into_iter();
    let methods: Vec<_> = calls.filter_map(|call| Some((call.message, call.method?))).collect();
    assert_eq!(
        methods.iter().map(|(message, method)| (*message, method.raw())).collect::<Vec<_>>(),
        [(2, "roots/list"), (3, "elicitation/create")]
    );
}
