//! What the official SDKs make of our refusals and of the ends of streams that we cut off: the table in `docs/sdks.md` is
//! what they do, asked anew. `UPDATE=1` writes it. [`guarded`] asks them through a real Envoy.
//!
//! The SDKs come from `PyPI`, by checksum (`tests/fixtures/sdks/`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, clippy::arithmetic_side_effects)]

mod closed;
mod declined;
mod guarded;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::ai::dialect::Dialect;
use portcullis::ai::ending::Cut;
use portcullis::ai::rpc::{Asked, RpcId};
use portcullis::ai::vocabulary::Operation;
use portcullis::http::stream::Framing;
use portcullis::reply::Status;
use serde_json::{Value, json};

/// Which calls of which SDKs are asked: whole, and streamed with the folder of its fixture.
struct Sdk {
    name: &'static str,
    folder: &'static str,
    dialect: Dialect,
    operation: Operation,
    framing: Framing,
    whole: &'static str,
    streamed: &'static str,
}

const SDKS: &[Sdk] = &[
    sdk("openai", "openai/openai-3.52.0", Dialect::OpenAi, Operation::Chat, Framing::Sse, ["chat", "chat-stream"]),
    sdk(
        "openai",
        "openai/openai-3.52.0",
        Dialect::OpenAi,
        Operation::Responses,
        Framing::Sse,
        ["response", "response-stream"],
    ),
    sdk(
        "anthropic",
        "anthropic/anthropic-2.11.0",
        Dialect::Anthropic,
        Operation::Chat,
        Framing::Sse,
        ["message", "message-stream"],
    ),
    sdk(
        "google-genai",
        "google/google-genai-3.4.0",
        Dialect::Google,
        Operation::Chat,
        Framing::Sse,
        ["generate", "generate-stream"],
    ),
    sdk(
        "boto3",
        "bedrock/boto3-1.44.5",
        Dialect::Bedrock,
        Operation::Chat,
        Framing::EventStream,
        ["converse", "converse-stream"],
    ),
    sdk("cohere", "cohere/cohere-7.3.1", Dialect::Cohere, Operation::Chat, Framing::Sse, ["chat", "chat-stream"]),
    sdk("ollama", "ollama/ollama-0.6.3", Dialect::Ollama, Operation::Chat, Framing::Ndjson, ["chat", "chat-stream"]),
    sdk("mcp", "mcp/mcp-2.3.0", Dialect::Mcp, Operation::Mcp, Framing::Sse, ["tools-call", "tools-call-stream"]),
    sdk("a2a-sdk", "a2a/a2a-sdk-1.3.0", Dialect::A2a, Operation::A2a, Framing::Sse, ["message", "message-stream"]),
];

const fn sdk(
    name: &'static str,
    folder: &'static str,
    dialect: Dialect,
    operation: Operation,
    framing: Framing,
    [whole, streamed]: [&'static str; 2],
) -> Sdk {
    Sdk { name, folder, dialect, operation, framing, whole, streamed }
}

/// A refusal of each status that SDKs tell apart.
const REFUSALS: &[(Status, &str, &str)] = &[
    (Status::BadRequest, "content_filter", "The prompt was refused."),
    (Status::Unauthorized, "invalid_token", "The token is not valid."),
    (Status::Forbidden, "model_not_allowed", "This model is not allowed."),
    (Status::TooManyRequests, "rate_limited", "Too many tokens."),
    (Status::Unavailable, "unavailable", "Try again."),
];
const CUT: (Status, &str, &str) = (Status::BadRequest, "content_filter", "The answer was cut off.");

#[test]
fn the_table_of_sdks_is_what_they_do() {
    let mut text = String::from(HEAD);
    let answers = feed(&questions());
    let mut answers = answers.as_array().expect("a list").iter();
    for sdk in SDKS {
        let _ = write!(
            text,
            "\n## {} ({}), {}\n\n| answer | SDK |\n|---|---|\n",
            sdk.name,
            version(sdk),
            sdk.operation.word()
        );
        for (status, code, _) in REFUSALS {
            let said = told(answers.next().unwrap(), code);
            let _ = writeln!(text, "| {} `{code}` | {said} |", status.number());
        }
        let _ = writeln!(text, "| stream cut off: `{}` | {} |", CUT.1, told(answers.next().unwrap(), CUT.1));
    }
    text += &closed::section();
    text += &declined::section();
    text += &guarded::section();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sdks.md");
    if env::var_os("UPDATE").is_some() {
        fs::write(file, &text).unwrap();
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(found == text, "docs/sdks.md is old: UPDATE=1 cargo test -p portcullis --test sdks\n{text}");
}

const HEAD: &str = "\
# Refusals in SDKs

What a user of an official SDK sees when a filter refuses, or cuts an answer off while it streams. Asked of the SDKs
themselves (`cargo test -p portcullis --test sdks`; `UPDATE=1` writes this file). A code that a user can read is marked.
";

fn version(sdk: &Sdk) -> &str {
    sdk.folder.rsplit('-').next().unwrap_or_default()
}

fn questions() -> Value {
    let mut questions = Vec::new();
    let asked = Asked::One(RpcId::Text(ID.to_owned()));
    for sdk in SDKS {
        for (status, code, message) in REFUSALS {
            // A credential is judged before the body is read.
            let asked = if *status == Status::Unauthorized { &Asked::Unknown } else { &asked };
            let error = sdk.dialect.error_to(asked, *status, code, message);
            let mut headers = json!({"content-type": error.content_type});
            for (name, value) in &error.headers {
                headers[*name] = json!(value);
            }
            questions.push(question(sdk.name, sdk.whole, status.number(), &headers, &error.body));
        }
        let (begin, kind) = begin(sdk);
        let cut = Cut {
            dialect: sdk.dialect,
            operation: sdk.operation,
            framing: sdk.framing,
            has_elements: true,
            is_open: false,
            asked: &asked,
        };
        let body = [begin, cut.ending(CUT.0, CUT.1, CUT.2)].concat();
        questions.push(question(sdk.name, sdk.streamed, 200, &json!({"content-type": kind}), &body));
    }
    Value::Array(questions)
}

/// Stands for the `id` of the JSON-RPC request that an SDK sends.
const ID: &str = "the id of the request";

fn question(sdk: &str, call: &str, status: u16, headers: &Value, body: &[u8]) -> Value {
    json!({"sdk": sdk, "call": call, "status": status, "headers": headers, "body": {"base64": STANDARD.encode(body)}, "id": ID})
}

/// The first half of the stream in the fixture, up to the end of a frame that is not the last, and its type.
fn begin(sdk: &Sdk) -> (Vec<u8>, String) {
    let (_, kind, body) = recorded(sdk.folder, sdk.streamed);
    let end = match sdk.framing {
        Framing::EventStream => messages_end(&body),
        _ => half(&body, if sdk.framing == Framing::Sse { b"\n\n" } else { b"\n" }),
    };
    (body[..end].to_vec(), kind)
}

/// The path of a fixture, the type of its answer and the answer.
fn recorded(folder: &str, name: &str) -> (String, String, Vec<u8>) {
    let file = format!("{}/tests/fixtures/ai/{folder}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
    let fixture: Value = serde_json::from_str(&text).unwrap();
    let [path, kind] =
        [&fixture["path"], &fixture["response_headers"]["content-type"]].map(|text| text.as_str().unwrap());
    let body = match &fixture["response"] {
        Value::String(text) => text.clone().into_bytes(),
        encoded => STANDARD.decode(encoded["base64"].as_str().unwrap()).unwrap(),
    };
    (path.to_owned(), kind.to_owned(), body)
}

fn half(body: &[u8], end: &[u8]) -> usize {
    let ends: Vec<usize> = (1..=body.len()).filter(|at| body[..*at].ends_with(end)).collect();
    ends[(ends.len() - 1) / 2]
}

/// Behind three messages, each of which begins with its length.
fn messages_end(body: &[u8]) -> usize {
    (0..3).fold(0, |at, _| at + u32::from_be_bytes(body[at..at + 4].try_into().unwrap()) as usize)
}

/// What the SDK raised or handed on, and whether its user can read the code there.
fn told(answer: &Value, code: &str) -> String {
    let raised = &answer["raised"];
    let mark = if answer.to_string().contains(code) { ", code readable" } else { "" };
    if raised.is_null() {
        return format!("nothing raised{mark}");
    }
    let status = raised["status"].as_i64().map(|status| format!(" with status {status}")).unwrap_or_default();
    format!("`{}`{status}{mark}", raised["class"].as_str().unwrap_or_default())
}

fn feed(questions: &Value) -> Value {
    let mut child = python(&["tests/fixtures/sdks/feed.py"]).stderr(Stdio::piped()).spawn().expect("python3");
    child.stdin.take().unwrap().write_all(questions.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "feed.py: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Python with the SDKs, to be spoken to.
fn python(arguments: &[&str]) -> Command {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let status = plain_python(&["tests/fixtures/sdks/install.py"]).status();
        let status = status.expect("expected Python 3.11 or later (Debian: apt-get install python3 python3-pip)");
        assert!(status.success(), "install.py, see above");
    });
    let mut command = plain_python(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn plain_python(arguments: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
