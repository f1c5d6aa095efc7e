//! What the SDKs make of streams that are closed as if the model had reached its limit: the first half of each as it was
//! recorded, closed by the kit, heard by the SDK; and the same when the connection breaks off behind it, as it does when
//! the server has more to say.

use std::fmt::Write as _;
use std::sync::LazyLock;

use portcullis::ai::answer::Answer;
use portcullis::ai::closing::Closing;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::Measure;
use portcullis::http::path::Canonical;
use serde_json::{Value, json};

use super::{feed, question, recorded, told};

/// A call of an SDK by its fixture.
struct Call {
    sdk: &'static str,
    folder: &'static str,
    name: &'static str,
    /// What the SDK gives its user for the end of such a stream.
    finish: &'static str,
}

const fn call(folder: &'static str, sdk: &'static str, name: &'static str, finish: &'static str) -> Call {
    Call { sdk, folder, name, finish }
}

const OPENAI: &str = "openai/openai-3.52.0";
const ANTHROPIC: &str = "anthropic/anthropic-2.11.0";
const GOOGLE: &str = "google/google-genai-3.4.0";
const BEDROCK: &str = "bedrock/boto3-1.44.5";
const COHERE: &str = "cohere/cohere-7.3.1";
const OLLAMA: &str = "ollama/ollama-0.6.3";

const CALLS: &[Call] = &[
    call(OPENAI, "openai", "chat-stream", "length"),
    call(OPENAI, "openai", "chat-stream-usage", "length"),
    call(OPENAI, "openai", "chat-tools-stream", "length"),
    call(OPENAI, "openai", "completion-stream", "length"),
    call(OPENAI, "openai", "response-stream", "max_output_tokens"),
    call(OPENAI, "openai", "response-reasoning-stream", "max_output_tokens"),
    call(OPENAI, "openai", "response-tools-stream", "max_output_tokens"),
    call(ANTHROPIC, "anthropic", "message-stream", "max_tokens"),
    call(ANTHROPIC, "anthropic", "message-stream-helper", "max_tokens"),
    call(ANTHROPIC, "anthropic", "message-thinking-stream", "max_tokens"),
    call(ANTHROPIC, "anthropic", "message-tools-stream", "max_tokens"),
    call("google/anthropic-2.11.0", "anthropic", "vertex-message-stream", "max_tokens"),
    call("bedrock/anthropic-2.11.0", "anthropic", "bedrock-message-stream", "max_tokens"),
    call(GOOGLE, "google-genai", "generate-stream", "MAX_TOKENS"),
    call(GOOGLE, "google-genai", "generate-thinking-stream", "MAX_TOKENS"),
    call(BEDROCK, "boto3", "converse-stream", "max_tokens"),
    call(BEDROCK, "boto3", "converse-tools-stream", "max_tokens"),
    call(COHERE, "cohere", "chat-stream", "MAX_TOKENS"),
    call(COHERE, "cohere", "chat-tools-stream", "MAX_TOKENS"),
    call(OLLAMA, "ollama", "chat-stream", "length"),
    call(OLLAMA, "ollama", "generate-stream", "length"),
];

/// What each SDK made of it, and of the same broken off.
static ANSWERS: LazyLock<Vec<[Value; 2]>> = LazyLock::new(|| {
    let questions: Value = CALLS.iter().flat_map(Call::questions).collect();
    let answers = feed(&questions);
    answers.as_array().expect("a list").chunks(2).map(|pair| [pair[0].clone(), pair[1].clone()]).collect()
});

impl Call {
    fn questions(&self) -> [Value; 2] {
        let (kind, body) = self.closed();
        let whole = question(self.sdk, self.name, 200, &json!({"content-type": kind}), &body);
        let mut broken = whole.clone();
        broken["cut"] = json!(true);
        [whole, broken]
    }

    /// The first half of its stream, to the byte, and what closes it.
    fn closed(&self) -> (String, Vec<u8>) {
        let (path, kind, body) = recorded(self.folder, self.name);
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let mut answer = Answer::streamed(endpoint, kind.as_bytes(), 1 << 20).unwrap();
        let mut closing = Closing::of(endpoint, answer.framing()).unwrap();
        let half = &body[..body.len() / 2];
        answer.push(half, &mut |reading| closing.hear(reading)).unwrap();
        let mut spent = answer.told().clone();
        spent.usage.take(&[(Measure::InputTokens, 3), (Measure::OutputTokens, 7)]);
        let events = closing.events(&spent).unwrap_or_else(|| panic!("{}: is not closed", self.name));
        (kind, answer.border().end(half, &events).unwrap())
    }
}

#[test]
fn a_stream_that_is_closed_ends_for_every_sdk() {
    for (call, [answer, _]) in CALLS.iter().zip(&*ANSWERS) {
        let name = format!("{} {}", call.sdk, call.name);
        let understood = &answer["understood"];
        assert_eq!((&answer["raised"], answer["asked"].as_u64()), (&Value::Null, Some(1)), "{name}: {answer}");
        assert_eq!(understood["finish"], call.finish, "{name}: {answer}");
        assert!(understood["error"].is_null(), "{name}: {answer}");
        let output = &understood["usage"]["output"];
        assert!(output.is_null() || *output == 7, "{name}: {answer}");
    }
}

#[test]
fn all_of_it_is_heard_before_the_connection_breaks_off() {
    for (call, [whole, broken]) in CALLS.iter().zip(&*ANSWERS) {
        assert_eq!(broken["pieces"], whole["pieces"], "{} {}: {broken}", call.sdk, call.name);
    }
}

const HEAD: &str = "
## Streams that are closed

What users see of a stream that is cut in its middle and closed as if the model had reached its limit. No SDK raises
anything. Where the server has more to say and the connection breaks off behind the last event, an SDK that reads on raises
then, behind an answer that its user has heard whole.

Helpers of `openai` take no answer that reached its limit, of the API's own neither: `chat.completions.stream` raises
`LengthFinishReasonError` at its end, and `get_final_response` of `responses.stream` a `RuntimeError`.

| SDK | call | it ended with | broken off behind it |
|---|---|---|---|
";

/// The table of what users see.
pub(super) fn section() -> String {
    CALLS.iter().zip(&*ANSWERS).fold(HEAD.to_owned(), |mut text, (call, [_, broken])| {
        let behind = if broken["understood"]["finish"] == call.finish { "" } else { ", the reason is not heard" };
        let raised = told(broken, "no code");
        let _ = writeln!(text, "| {} | {} | `{}` | {raised}{behind} |", call.sdk, call.name, call.finish);
        text
    })
}
