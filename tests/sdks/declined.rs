//! What the SDKs make of answers that decline: the request of each as it was recorded, answered by the kit, heard by the SDK.

use std::fmt::Write as _;
use std::fs;
use std::sync::LazyLock;

use portcullis::ai::LIMITS;
use portcullis::ai::declined::{Declined, Face};
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::read;
use portcullis::ai::rpc::{Asked, RpcId};
use portcullis::http::path::Canonical;
use serde_json::{Value, json};

use super::{ID, feed, question};

const TEXT: &str = "Ask the \"data office\".";
/// When.
const AT: u64 = 1_790_000_000;

/// A call of an SDK by its fixture.
struct Call {
    sdk: &'static str,
    folder: &'static str,
    name: &'static str,
    /// What the SDK gives its user for the end of such an answer.
    finish: &'static str,
    /// Whether it tells the text from one that a model said.
    is_apart: bool,
}

const fn call(folder: &'static str, sdk: &'static str, name: &'static str, finish: &'static str) -> Call {
    Call { sdk, folder, name, finish, is_apart: false }
}

const fn apart(folder: &'static str, name: &'static str, finish: &'static str) -> Call {
    Call { is_apart: true, ..call(folder, "openai", name, finish) }
}

const CALLS: &[Call] = &[
    apart("openai/openai-3.52.0", "chat", "stop"),
    apart("openai/openai-3.52.0", "chat-stream", "stop"),
    apart("openai/openai-3.52.0", "response", "completed"),
    apart("openai/openai-3.52.0", "response-stream", "completed"),
    call("openai/openai-3.52.0", "openai", "completion", "content_filter"),
    call("openai/openai-3.52.0", "openai", "completion-stream", "content_filter"),
    call("anthropic/anthropic-2.11.0", "anthropic", "message", "refusal"),
    call("anthropic/anthropic-2.11.0", "anthropic", "message-stream", "refusal"),
    call("google/google-genai-3.4.0", "google-genai", "generate", "SAFETY"),
    call("google/google-genai-3.4.0", "google-genai", "generate-stream", "SAFETY"),
    call("bedrock/boto3-1.44.5", "boto3", "converse", "guardrail_intervened"),
    call("bedrock/boto3-1.44.5", "boto3", "converse-stream", "guardrail_intervened"),
    call("cohere/cohere-7.3.1", "cohere", "chat", "COMPLETE"),
    call("cohere/cohere-7.3.1", "cohere", "chat-stream", "COMPLETE"),
    call("ollama/ollama-0.6.3", "ollama", "chat", "stop"),
    call("ollama/ollama-0.6.3", "ollama", "chat-stream", "stop"),
    call("mcp/mcp-2.3.0", "mcp", "tools-call", "error"),
];

static ANSWERS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let questions: Value = CALLS.iter().map(|call| call.question(&call.declined())).collect();
    feed(&questions).as_array().expect("a list").clone()
});

impl Call {
    fn declined(&self) -> Declined {
        let file = format!("{}/tests/fixtures/ai/{}/{}.json", env!("CARGO_MANIFEST_DIR"), self.folder, self.name);
        let fixture = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let fixture: Value = serde_json::from_str(&fixture).unwrap();
        let [path, body] = ["path", "request"].map(|member| fixture[member].as_str().unwrap());
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        let face = Face::of(endpoint, path.as_bytes(), &reading).unwrap_or_else(|| panic!("{file}: has no face"));
        face.declines(&Asked::One(RpcId::Text(ID.to_owned())), TEXT, AT).unwrap()
    }

    fn question(&self, declined: &Declined) -> Value {
        question(self.sdk, self.name, 200, &json!({"content-type": declined.content_type}), &declined.bytes)
    }

    /// What its user sees.
    fn seen(&self) -> String {
        let place = if self.is_apart { "the text as a refusal" } else { "the text" };
        format!("{place}, which ended with `{}`", self.finish)
    }
}

#[test]
fn an_answer_that_declines_is_heard_by_every_sdk() {
    for (call, answer) in CALLS.iter().zip(&*ANSWERS) {
        let name = format!("{} {}", call.sdk, call.name);
        let understood = &answer["understood"];
        assert_eq!((&answer["raised"], answer["asked"].as_u64()), (&Value::Null, Some(1)), "{name}: {answer}");
        let [heard, other] = if call.is_apart { ["refusal", "text"] } else { ["text", "refusal"] };
        assert_eq!(understood[heard], TEXT, "{name}: {answer}");
        assert!(understood[other].as_str().is_none_or(str::is_empty), "{name}: {answer}");
        assert_eq!(understood["finish"], call.finish, "{name}: {answer}");
        assert!(understood["error"].is_null(), "{name}: {answer}");
    }
}

const HEAD: &str = "
## Answers that decline

What users see of a refusal in the shape of an answer (`refusal: {as: answer}` of prompt-guard). No SDK raises anything.

| SDK | call | what its user sees |
|---|---|---|
";

/// The table of what users see.
pub(super) fn section() -> String {
    CALLS.iter().fold(HEAD.to_owned(), |mut text, call| {
        let _ = writeln!(text, "| {} | {} | {} |", call.sdk, call.name, call.seen());
        text
    })
}
