//! prompt-guard: what it reads out of a text leads back to that text, and a body is judged, masked and sent on alike
//! wherever it is cut.

use portcullis::ai::vocabulary::Provenance;
use portcullis::host::fake::{Answer, Envoy, Request};
use prompt_guard::PromptGuard;
use prompt_guard::normalise::{GROWTH, SPARE, VIEWS, folded, views};
use prompt_guard::offline::{Scan, Scanner};
use serde_json::{Value, json};

/// What stands around the name in a placeholder.
const OPEN: char = '⟦';
const CLOSE: char = '⟧';

/// Everything that can be masked is, and nothing is refused for what it says.
const MASKING: &str = r#"{"policies": [{
    "name": "masks",
    "detectors": {
        "deny": [{"name": "words", "literals": ["zebra crossing"], "expressions": ["case-\\d{4}"], "action": "mask"}],
        "signature": [{"action": "flag"}],
        "injection": [{"action": "flag"}],
        "pii": [{"action": "mask"}],
        "secrets": [{"action": "mask"}],
        "shape": [{"action": "flag"}]
    },
    "unread": {"undecoded": "pass"}
}]}"#;

/// The first byte says after which share of it the body is cut; the rest is a chat if it begins as one, else what its
/// user says.
pub fn guard(data: &[u8]) {
    let [cut, said @ ..] = data else { return };
    let cut = usize::from(*cut);
    match std::str::from_utf8(said) {
        Ok(text) if !text.starts_with('{') => heard(text, cut),
        _ => {
            defaults(|guard| guard.asked(said, cut));
            sent(said, cut);
        }
    }
}

fn heard(text: &str, cut: usize) {
    leads_back(text);
    defaults(|guard| has_places(&guard.scan(text), text));
    let masked = sent(&chat(text), cut);
    if let Some(Value::String(masked)) = masked.as_ref().and_then(|body| body.pointer("/messages/0/content")) {
        stays_masked(text, masked);
    }
}

/// What goes on of a body of which something is masked: JSON still.
fn sent(body: &[u8], cut: usize) -> Option<Value> {
    let masked = masking(|guard| guard.asked(body, cut))?;
    Some(serde_json::from_slice(&masked).expect("JSON"))
}

fn chat(text: &str) -> Vec<u8> {
    json!({"messages": [{"role": "user", "content": text}]}).to_string().into_bytes()
}

/// Views are as many and as long as is said, and every character of them stands for whole characters of the text.
fn leads_back(text: &str) {
    let views = views(text);
    assert!(views.decoded.len() <= VIEWS);
    let bytes: usize = views.decoded.iter().map(|view| view.text.len()).sum();
    assert!(bytes <= text.len() * GROWTH && bytes <= text.len() + SPARE);
    for view in std::iter::once(&views.plain).chain(&views.decoded) {
        characters(&view.text).for_each(|span| is_place(text, view.original(span)));
        let folded = folded(view);
        characters(&folded.text).for_each(|span| is_place(text, folded.original(span)));
    }
}

fn characters(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    text.char_indices().map(|(at, character)| at..at + character.len_utf8())
}

fn is_place(text: &str, span: std::ops::Range<usize>) {
    assert!(text.get(span.clone()).is_some_and(|place| !place.is_empty()), "{span:?} of {text:?}");
}

/// What is found stands in the text.
fn has_places(scan: &Scan, text: &str) {
    assert!((0.0..=1.0).contains(&scan.score));
    for found in &scan.detectors {
        let [start, end] = found.span;
        assert!(text.get(start..end).is_some(), "{found:?}");
    }
}

/// The filter on the fake host, and the same on the command line.
struct Guard {
    envoy: Envoy,
    scanner: Scanner,
}

impl Guard {
    fn new(configuration: &str) -> Self {
        let envoy = Envoy::of_filter::<PromptGuard>(configuration).expect("a good configuration");
        let config = serde_json::from_str(configuration).expect("a configuration");
        Self { envoy, scanner: Scanner::new(config).expect("a good configuration") }
    }

    fn scan(&self, text: &str) -> Scan {
        self.scanner.scan(None, text, Provenance::User).expect("a policy")
    }

    /// What goes on of a body, if it does: the same wherever it is cut.
    fn asked(&self, body: &[u8], cut: usize) -> Option<Vec<u8>> {
        let (first, second) = body.split_at(body.len() * cut / usize::from(u8::MAX));
        let whole = told(&self.send(&[body]));
        assert_eq!(told(&self.send(&[first, second])), whole);
        whole.1
    }

    fn send(&self, pieces: &[&[u8]]) -> Answer {
        let request = Request::post("/v1/chat/completions", b"").header("content-type", "application/json");
        self.envoy.send(&request.pieces(pieces))
    }
}

type Told = (u16, Option<Vec<u8>>, Option<Vec<u8>>);

/// The status, what went on, and the verdict.
fn told(answer: &Answer) -> Told {
    let verdict = answer.state.get("portcullis.prompt_guard").cloned();
    (answer.status, answer.upstream.as_ref().map(|sent| sent.body.clone()), verdict)
}

/// What stands instead of a value is no value.
fn stays_masked(text: &str, masked: &str) {
    if text.contains(OPEN) {
        return;
    }
    let scan = masking(|guard| guard.scan(masked));
    has_places(&scan, masked);
    for found in scan.detectors.iter().filter(|found| found.outcome == "mask") {
        let [start, end] = found.span;
        assert!(!is_mask(&masked[start..end]), "{found:?} in {masked:?} of {text:?}");
    }
}

/// Whether this is a placeholder, or a part of one.
fn is_mask(found: &str) -> bool {
    found.contains([OPEN, CLOSE]) && found.trim_start_matches(OPEN).trim_end_matches(CLOSE).bytes().all(is_label)
}

fn is_label(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')
}

fn defaults<T>(with: impl FnOnce(&Guard) -> T) -> T {
    thread_local!(static GUARD: Guard = Guard::new("{}"));
    GUARD.with(with)
}

fn masking<T>(with: impl FnOnce(&Guard) -> T) -> T {
    thread_local!(static GUARD: Guard = Guard::new(MASKING));
    GUARD.with(with)
}
