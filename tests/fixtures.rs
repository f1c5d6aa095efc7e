//! What the official SDKs send and what they make of answers, recorded by `make fixtures`, against what we read: no member
//! of a request is unknown to us, and of an answer we read the texts, the usage and the tool calls that the SDK did, however
//! a stream is cut.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::ai::LIMITS;
use portcullis::ai::answer::{Answer, Told, read_whole};
use portcullis::ai::closing::Closing;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::{Reading, read};
use portcullis::ai::vocabulary::{Measure, Operation, Provenance, Reads, What};
use portcullis::http::path::Canonical;
use portcullis::http::stream::Framing;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Fixture {
    method: String,
    path: String,
    request_headers: Value,
    request: Option<Value>,
    response_headers: Value,
    response: Option<Value>,
    #[serde(default)]
    understood: Value,
    #[serde(skip)]
    file: PathBuf,
}

fn fixtures() -> Vec<Fixture> {
    let mut found = Vec::new();
    gather(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ai")), &mut found);
    assert!(found.len() > 200, "{} fixtures", found.len());
    found
}

fn gather(folder: &Path, found: &mut Vec<Fixture>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let fixture: Fixture = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            found.push(Fixture { file: path, ..fixture });
        }
    }
}

fn bytes(value: Option<&Value>) -> Vec<u8> {
    match value {
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(Value::Object(encoded)) => STANDARD.decode(encoded["base64"].as_str().unwrap()).unwrap(),
        _ => Vec::new(),
    }
}

impl Fixture {
    fn name(&self) -> String {
        let parts: Vec<_> = self.file.iter().rev().take(3).map(|part| part.to_string_lossy()).collect();
        format!("{}/{}", parts[2], parts[0].trim_end_matches(".json"))
    }

    fn endpoint(&self) -> Option<&'static Endpoint> {
        let path = Canonical::read(self.path.as_bytes()).ok()?;
        Endpoint::find(&self.method, &path).map(|found| found.endpoint)
    }

    fn is_json(headers: &Value) -> bool {
        headers["content-type"].as_str().is_some_and(|kind| kind.starts_with("application/json"))
    }
}

/// What an answer says, in the words of `understood`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    text: String,
    /// What an MCP client hands to its model: what tools answer, what resources and prompts say.
    context: String,
    /// All of it, but for what the API says again and was heard before.
    once: String,
    arguments: Vec<(u32, u32, String)>,
    calls: Vec<String>,
    told: Told,
}

impl Heard {
    fn take(&mut self, reading: &Reading<'_>) {
        for text in &reading.texts {
            let [inner, outer] = text.index;
            let said = text.text.unescaped();
            if !(text.is_again && self.once.contains(&*said)) {
                self.once.push_str(&said);
            }
            match text.provenance {
                Provenance::Assistant => self.text.push_str(&said),
                Provenance::ToolResult | Provenance::Document | Provenance::User => self.context.push_str(&said),
                Provenance::ToolArguments => match self.arguments.last_mut() {
                    Some((a, b, last)) if (*a, *b) == (inner, outer) => last.push_str(&said),
                    _ => self.arguments.push((inner, outer, said.into_owned())),
                },
                _ => {}
            }
        }
        let calls = reading.notes.iter().filter(|note| note.what == What::Call);
        self.calls.extend(calls.map(|note| note.text.unescaped().into_owned()).filter(|name| !name.is_empty()));
    }

    fn of(endpoint: &'static Endpoint, kind: &str, pieces: &[&[u8]]) -> Result<Self, String> {
        let mut heard = Self::default();
        let Ok(mut answer) = Answer::streamed(endpoint, kind.as_bytes(), 1 << 20) else {
            let body = pieces.concat();
            let (reading, told) = read_whole(endpoint, &body, LIMITS).map_err(|fault| fault.to_string())?;
            heard.take(&reading);
            heard.told = told;
            return Ok(heard);
        };
        for piece in pieces {
            answer.push(piece, &mut |reading| heard.take(reading)).map_err(|fault| fault.to_string())?;
        }
        answer.finish(&mut |reading| heard.take(reading)).map_err(|fault| fault.to_string())?;
        heard.told = answer.told().clone();
        Ok(heard)
    }
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Paths that are of no dialect yet: their operation is `unknown`, which a policy that knows what it lets pass refuses.
const UNKNOWN: &[(&str, &str)] =
    &[("/model/arn%3A", "the path of an ARN has an escaped slash, which no two servers read alike")];

#[test]
fn every_path_that_is_unknown_is_one_that_an_sdk_asks_for() {
    let fixtures = fixtures();
    for (path, why) in UNKNOWN {
        let asks = |fixture: &&Fixture| fixture.path.starts_with(path) && fixture.endpoint().is_none();
        assert!(fixtures.iter().any(|fixture| asks(&fixture)), "{path} is known now: {why}");
    }
}

/// Endpoints whose operation is unknown, by the end of their paths: what they do depends on the model. A policy that lets
/// them pass says so, and for which models.
const DEPENDS: &[(&str, &str)] = &[
    (":predict", "texts to vectors, pictures, tables: what the model of the path takes"),
    (":rawPredict", "any body; Anthropic's and Mistral's have endpoints of their own"),
    (":streamRawPredict", "as :rawPredict"),
    (":serverStreamingPredict", "tensors, for models of one's own too"),
    ("/async-invoke", "videos and vectors, by the model in the body"),
];

#[test]
fn an_endpoint_without_an_operation_has_a_reason() {
    let unknown: Vec<_> =
        Endpoint::all().filter(|one| one.operation == Operation::Unknown).map(|one| one.path).collect();
    let faults: Vec<_> = unknown
        .iter()
        .filter(|path| !DEPENDS.iter().any(|(end, _)| path.ends_with(end)))
        .map(|path| (*path).to_owned())
        .collect();
    report(&faults);
    for (end, why) in DEPENDS {
        assert!(unknown.iter().any(|path| path.ends_with(end)), "{end} has an operation now: {why}");
    }
}

#[test]
fn every_request_of_an_sdk_has_an_endpoint() {
    let faults: Vec<_> = fixtures()
        .iter()
        .filter(|fixture| {
            fixture.endpoint().is_none() && !UNKNOWN.iter().any(|(path, _)| fixture.path.starts_with(path))
        })
        .map(|fixture| format!("{}: {} {}", fixture.name(), fixture.method, fixture.path))
        .collect();
    report(&faults);
}

#[test]
fn no_member_of_a_request_is_unknown() {
    let mut faults = Vec::new();
    for fixture in fixtures() {
        let Some(endpoint) = fixture.endpoint().filter(|endpoint| endpoint.reads == Reads::Whole) else { continue };
        let body = bytes(fixture.request.as_ref());
        if body.is_empty() || !Fixture::is_json(&fixture.request_headers) {
            continue;
        }
        match read(&body, endpoint.request, LIMITS) {
            Err(fault) => faults.push(format!("{}: {fault}", fixture.name())),
            Ok(reading) => faults.extend(reading.unknown.iter().map(|span| {
                format!("{}: {}", fixture.name(), String::from_utf8_lossy(body.get(span.clone()).unwrap()))
            })),
        }
    }
    report(&faults);
}

#[test]
fn a_request_wants_a_stream_if_its_answer_is_one() {
    let mut faults = Vec::new();
    for fixture in fixtures() {
        let (Some(endpoint), Some(kind)) = (fixture.endpoint(), fixture.response_headers["content-type"].as_str())
        else {
            continue;
        };
        let body = bytes(fixture.request.as_ref());
        let reading = Fixture::is_json(&fixture.request_headers)
            .then(|| read(&body, endpoint.request, LIMITS).unwrap_or_default());
        let wanted = endpoint.wants_stream(fixture.path.as_bytes(), reading.as_ref());
        let is_stream = Framing::of_content_type(kind.as_bytes()).is_some();
        let may_be_either = endpoint.operation == Operation::Mcp || endpoint.reads == Reads::Stream;
        if wanted.map_or(!may_be_either, |wanted| wanted != is_stream) {
            faults.push(format!("{}: {kind}, asked for {wanted:?}", fixture.name()));
        }
    }
    report(&faults);
}

#[test]
fn an_answer_says_what_the_sdk_understood() {
    let mut faults = Vec::new();
    for fixture in fixtures() {
        let Some((endpoint, kind, body)) = answer_of(&fixture) else { continue };
        match Heard::of(endpoint, &kind, &[&body]) {
            Err(fault) => faults.push(format!("{}: {fault}", fixture.name())),
            Ok(heard) => compare(&fixture, &heard, &mut faults),
        }
    }
    report(&faults);
}

fn answer_of(fixture: &Fixture) -> Option<(&'static Endpoint, String, Vec<u8>)> {
    let endpoint = fixture.endpoint()?;
    let kind = fixture.response_headers["content-type"].as_str()?.to_owned();
    let body = bytes(fixture.response.as_ref());
    let is_streamed = Answer::streamed(endpoint, kind.as_bytes(), 1).is_ok();
    let is_read = is_streamed || Fixture::is_json(&fixture.response_headers);
    (is_read && !body.is_empty() && !fixture.understood.is_null()).then_some((endpoint, kind, body))
}

fn compare(fixture: &Fixture, heard: &Heard, faults: &mut Vec<String>) {
    let understood = &fixture.understood;
    let usage = &heard.told.usage;
    let is_mcp = fixture.endpoint().is_some_and(|endpoint| endpoint.operation == Operation::Mcp);
    // Inputs and outputs as the API tells them: SDKs do not add what is told beside.
    for (name, ours) in [
        ("input", usage.number(Measure::InputTokens)),
        ("output", usage.number(Measure::OutputTokens)),
        ("cached", usage.cached()),
        ("reasoning", usage.reasoning()),
    ] {
        let theirs = understood["usage"][name].as_u64();
        if theirs.is_some() && ours != theirs {
            faults.push(format!("{}: {name}: read {ours:?}, the SDK {theirs:?}", fixture.name()));
        }
    }
    // Several answers are a line each there; boto3 hands on the bytes of a model's own answer.
    if let Some(text) = understood["text"].as_str().filter(|text| !text.starts_with('{'))
        && !text.split('\n').all(|line| heard.text.contains(line) || (is_mcp && heard.context.contains(line)))
    {
        faults.push(format!("{}: read {:?}, the SDK {text:?}", fixture.name(), heard.text));
    }
    for call in understood["tool_calls"].as_array().into_iter().flatten() {
        let name = call["name"].as_str().unwrap_or_default();
        if !heard.calls.iter().any(|ours| ours == name) {
            faults.push(format!("{}: the SDK saw a call of {name}, we of {:?}", fixture.name(), heard.calls));
        }
        let mut passed = Vec::new();
        strings(&call["arguments"], &mut passed);
        for text in passed.into_iter().filter(|text| !heard.once.contains(*text)) {
            faults.push(format!("{}: the SDK saw {text:?} passed to {name}, we did not", fixture.name()));
        }
    }
}

/// The names and strings in what a tool is passed, or all of it if it is a string.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name);
            strings(value, found);
        }),
        _ => {}
    }
}

/// What an SDK understood of a stream of Responses: its text, its refusal or what a tool is passed.
fn gist(fixture: &Fixture) -> &str {
    let understood = &fixture.understood;
    let passed = &understood["tool_calls"][0]["arguments"];
    [&understood["text"], &understood["refusal"], passed].into_iter().find_map(Value::as_str).unwrap_or_default()
}

#[test]
fn what_a_stream_says_again_is_marked_and_heard_by_who_gets_no_more() {
    let responses: Vec<_> =
        streams().into_iter().filter(|(_, endpoint, ..)| endpoint.operation == Operation::Responses).collect();
    assert!(responses.len() > 4, "{} streams", responses.len());
    for (fixture, endpoint, kind, body) in responses {
        let (gist, text) = (gist(&fixture), String::from_utf8(body).unwrap());
        let end: Vec<_> = text.split_inclusive("\n\n").filter(|event| !event.contains(".delta")).collect();
        assert!(end.len() > 2 && end.concat().len() < text.len(), "{}", fixture.name());
        for body in [text.clone(), end.concat()] {
            let heard = Heard::of(endpoint, &kind, &[body.as_bytes()]).unwrap();
            assert_eq!(heard.once.matches(gist).count(), 1, "{}: {}", fixture.name(), heard.once);
        }
        let word = gist.split(|c: char| !c.is_ascii_alphabetic()).max_by_key(|word| word.len()).unwrap();
        for data in end.iter().flat_map(|event| event.lines()).filter_map(|line| line.strip_prefix("data: {")) {
            let left = redacted(endpoint, &format!("{{{data}"));
            assert!(!left.contains(word), "{}: {word} in {left}", fixture.name());
        }
    }
}

/// What is left of a frame without the texts in it and what was not read.
fn redacted(endpoint: &Endpoint, frame: &str) -> String {
    let reading = read(frame.as_bytes(), endpoint.answer, LIMITS).unwrap();
    let told = reading.texts.iter().map(|text| &text.span).chain(reading.unread.iter().map(|(_, span)| span));
    let mut left = frame.as_bytes().to_vec();
    for span in told {
        left[span.clone()].fill(b'-');
    }
    String::from_utf8(left).unwrap()
}

/// Each answer that streams, with its endpoint and its type.
fn streams() -> Vec<(Fixture, &'static Endpoint, String, Vec<u8>)> {
    let answers = fixtures().into_iter().filter_map(|fixture| {
        let (endpoint, kind, body) = answer_of(&fixture)?;
        Answer::streamed(endpoint, kind.as_bytes(), 1).is_ok().then_some((fixture, endpoint, kind, body))
    });
    answers.collect()
}

#[test]
fn a_stream_says_the_same_wherever_it_is_cut() {
    let streams = streams();
    assert!(streams.len() > 20, "{} streams", streams.len());
    for (fixture, endpoint, kind, body) in streams {
        let whole = Heard::of(endpoint, &kind, &[&body]).unwrap();
        for cut in 0..=body.len() {
            let (first, second) = body.split_at(cut);
            assert_eq!(Heard::of(endpoint, &kind, &[first, second]).unwrap(), whole, "{} at {cut}", fixture.name());
        }
    }
}

#[test]
fn a_stream_is_closed_behind_each_of_its_frames() {
    let mut closed = 0;
    for (fixture, endpoint, kind, body) in streams() {
        let mut answer = Answer::streamed(endpoint, kind.as_bytes(), 1 << 20).unwrap();
        let Some(mut closing) = Closing::of(endpoint, answer.framing()) else { continue };
        let whole = Heard::of(endpoint, &kind, &[&body]).unwrap();
        for (at, byte) in body.iter().enumerate() {
            answer.push(&[*byte], &mut |reading| closing.hear(reading)).unwrap();
            let events = closing.events(answer.told()).filter(|_| answer.border().begun == 0);
            let Some(events) = events else { continue };
            let heard = Heard::of(endpoint, &kind, &[&body[..=at], &events]).unwrap();
            assert!(!heard.told.finish.is_empty() && !heard.told.is_error, "{} at {at}: {heard:?}", fixture.name());
            assert!(whole.once.starts_with(&heard.once), "{} at {at}: {heard:?}", fixture.name());
            closed += 1;
        }
    }
    assert!(closed > 200, "{closed}");
}

#[test]
fn a_list_in_pieces_says_the_same_wherever_it_is_cut_twice() {
    let path = Canonical::read(b"/v1beta/models/m:streamGenerateContent").unwrap();
    let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
    let body = br#"[{"candidates": [{"content": {"parts": [{"text": "a]"}]}}]},
 {"candidates": [{"content": {"parts": [{"text": "\u00e9"}]}, "finishReason": "STOP"}]}]"#;
    let whole = Heard::of(endpoint, "application/json", &[body]).unwrap();
    assert_eq!(whole.text, "a]\u{e9}");
    for (a, b) in (0..=body.len()).flat_map(|a| (a..=body.len()).map(move |b| (a, b))) {
        let pieces = [&body[..a], &body[a..b], &body[b..]];
        assert_eq!(Heard::of(endpoint, "application/json", &pieces).unwrap(), whole, "{a} and {b}");
    }
}

/// Streams of so many bytes are cut at every pair of positions: some of each framing.
const SHORT: usize = 460;

#[test]
fn a_short_stream_says_the_same_wherever_it_is_cut_twice() {
    let mut framings = Vec::new();
    for (fixture, endpoint, kind, body) in streams().into_iter().filter(|(.., body)| body.len() <= SHORT) {
        framings.extend(Framing::of_content_type(kind.as_bytes()));
        let whole = Heard::of(endpoint, &kind, &[&body]).unwrap();
        for (a, b) in (0..=body.len()).flat_map(|a| (a..=body.len()).map(move |b| (a, b))) {
            let pieces = [&body[..a], &body[a..b], &body[b..]];
            assert_eq!(Heard::of(endpoint, &kind, &pieces).unwrap(), whole, "{} at {a} and {b}", fixture.name());
        }
    }
    for framing in [Framing::Sse, Framing::Ndjson, Framing::EventStream] {
        assert!(framings.contains(&framing), "{framings:?}");
    }
}
