//! What must hold of any bytes, for the fuzzer to look for bytes of which it does not.
//!
//! What the bytes of an input mean is said where they are decoded ([`fuzz_input`]); of `framings` and `generic` below,
//! of `multipart`, `image` and `guard` where they stand.

mod bodies;
mod generic;
mod guard;

pub use bodies::{image, multipart};
use fuzz_input::{Input, Kind};
pub use guard::guard;
use portcullis::ai::LIMITS;
use portcullis::ai::answer::{Answer, read_whole};
use portcullis::ai::closing::Closing;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::generic::pointer::{Step, parse};
use portcullis::ai::read::{Reading, read};
use portcullis::http::path::Canonical;
use portcullis::http::stream::{Fault, Frames, Framing};

const MAX_FRAME: usize = 4096;
const FRAMINGS: [Framing; 4] = [Framing::Sse, Framing::Ndjson, Framing::JsonArray, Framing::EventStream];

/// A dialect's requests and answers.
pub fn dialect(word: &str, data: &[u8]) {
    bodies(&Endpoint::all().filter(|known| known.dialect.word() == word).collect::<Vec<_>>(), data);
}

fn bodies(endpoints: &[&'static Endpoint], data: &[u8]) {
    let Some(Input { endpoint, kind, cut, body }) = Input::decode(endpoints, data) else { return };
    match kind {
        Kind::Request => {
            if let Ok(reading) = read(body, endpoint.request, LIMITS) {
                check(body, &reading);
            }
        }
        Kind::Answer => {
            if let Ok((reading, _)) = read_whole(endpoint, body, LIMITS) {
                check(body, &reading);
            }
        }
        Kind::Stream(kind) => streamed(endpoint, kind, body, cut),
    }
}

/// Every span is in the body and holds what is said of it.
fn check(body: &[u8], reading: &Reading<'_>) {
    for text in &reading.texts {
        let written = body.get(text.span.clone()).expect("a span in the body");
        let raw = if text.text.is_number() { written } else { unquoted(written) };
        assert_eq!(raw, text.text.raw().as_bytes());
        assert!(text.text.unescaped().len() <= raw.len());
    }
    for (_, span) in &reading.unread {
        assert!(body.get(span.clone()).is_some_and(|bytes| !bytes.is_empty()));
    }
    for span in &reading.unknown {
        assert_eq!(body.get(span.start), Some(&b'"'));
    }
}

fn unquoted(written: &[u8]) -> &[u8] {
    let raw = written.strip_prefix(b"\"").and_then(|written| written.strip_suffix(b"\""));
    raw.expect("quotes around it")
}

type Heard = (Vec<String>, String);

fn streamed(endpoint: &'static Endpoint, kind: &str, body: &[u8], at: usize) {
    let whole = hear(endpoint, kind, &[body]);
    let (first, second) = body.split_at(at.min(body.len()));
    assert_eq!(whole, hear(endpoint, kind, &[first, second]));
    assert_eq!(whole, hear(endpoint, kind, &body.chunks(1).collect::<Vec<_>>()));
}

fn hear(endpoint: &'static Endpoint, kind: &str, pieces: &[&[u8]]) -> Option<Heard> {
    let mut answer = Answer::streamed(endpoint, kind.as_bytes(), MAX_FRAME).ok()?;
    let (mut texts, mut closing) = (Vec::new(), Closing::of(endpoint, answer.framing()));
    let mut each = |reading: &Reading<'_>| {
        if let Some(closing) = &mut closing {
            closing.hear(reading);
        }
        texts.extend(reading.texts.iter().map(|text| format!("{:?} {}", text.provenance, text.text.unescaped())));
    };
    let mut fault = Ok(());
    for piece in pieces {
        fault = fault.and_then(|()| answer.push(piece, &mut each));
    }
    fault = fault.and_then(|()| answer.finish(&mut each));
    let closed = closing.and_then(|closing| closing.events(answer.told()));
    let told = format!("{:?} {fault:?} {closed:?}", answer.told());
    Some((texts, told))
}

/// Any body in any framing.
pub fn framings(data: &[u8]) {
    let [which, at, body @ ..] = data else { return };
    let framing = FRAMINGS[usize::from(*which) % FRAMINGS.len()];
    let (first, second) = body.split_at(usize::from(*at).min(body.len()));
    let whole = frames(framing, &[body]);
    assert_eq!(whole, frames(framing, &[first, second]));
    assert_eq!(whole, frames(framing, &body.chunks(1).collect::<Vec<_>>()));
}

type Seen = (Vec<(Vec<u8>, Vec<u8>, bool)>, Result<(), Fault>);

fn frames(framing: Framing, pieces: &[&[u8]]) -> Seen {
    let (mut frames, mut seen) = (Frames::new(framing, MAX_FRAME), Vec::new());
    let mut each = |frame: portcullis::http::stream::Frame<'_>| {
        seen.push((frame.event.to_vec(), frame.data.to_vec(), frame.is_error));
    };
    let mut fault = Ok(());
    for piece in pieces {
        fault = fault.and_then(|()| frames.push(piece, &mut each));
    }
    fault = fault.and_then(|()| frames.finish(&mut each));
    (seen, fault)
}

/// Bodies that an operator described by pointers; if the first byte is 255, a pointer; if it is 254, a path.
pub fn generic(data: &[u8]) {
    match data {
        [255, text @ ..] => pointer(text),
        [254, path @ ..] => path_of(path),
        _ => bodies(&generic::endpoints(), data),
    }
}

/// What was read is written again in one way, which reads the same.
fn pointer(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(steps) = parse(text) else { return };
    let written = |step: &Step| match step {
        Step::Name(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        Step::Any => "/{}".to_owned(),
    };
    let again: String = steps.iter().map(written).collect();
    assert_eq!(again, text.split('/').filter(|step| *step != "*").collect::<Vec<_>>().join("/"));
    assert_eq!(parse(&again), Ok(steps));
}

/// A refusal has the dialect that the path is looked up in, unless only an endpoint knows it.
fn path_of(path: &[u8]) {
    let dialects = generic::dialects();
    let refused = dialects.of_path(path);
    let Ok(canonical) = Canonical::read(path) else { return };
    for method in ["GET", "POST", "PURGE"] {
        let asked = dialects.find(method, &canonical);
        assert!(asked.allow().is_none_or(|allow| asked.endpoint().is_none() && !allow.contains(method)));
        if canonical.segments().first().is_some_and(|segment| segment == "ml") {
            assert_eq!(asked.dialect, refused);
        }
    }
}
