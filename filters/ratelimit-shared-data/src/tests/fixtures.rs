//! What official SDKs recorded of answers (`tests/fixtures/ai`): what is settled is what the provider told, whole or
//! streamed, however the answer is cut into pieces.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::ai::endpoint::Endpoint;
use portcullis::http::header::Headers;
use portcullis::http::path::Canonical;
use serde_json::Value;

use crate::heard::{Heard, Used};
use crate::policy::Use;

struct Fixture {
    file: PathBuf,
    endpoint: &'static Endpoint,
    headers: Headers,
    body: Vec<u8>,
    told: Value,
}

fn gather(folder: &Path, found: &mut Vec<Fixture>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, found);
        } else {
            found.extend(read(&path));
        }
    }
}

/// A recorded answer whose SDK told numbers of tokens.
fn read(file: &Path) -> Option<Fixture> {
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let canonical = Canonical::read(recorded["path"].as_str()?.as_bytes()).ok()?;
    let endpoint = Endpoint::find(recorded["method"].as_str()?, &canonical)?.endpoint;
    let told = recorded["understood"]["usage"].clone();
    told["input"].as_u64().or(told["output"].as_u64())?;
    let body = match &recorded["response"] {
        Value::String(text) => text.clone().into_bytes(),
        Value::Object(encoded) => STANDARD.decode(encoded["base64"].as_str().unwrap()).unwrap(),
        _ => return None,
    };
    let kind = recorded["response_headers"]["content-type"].as_str()?.as_bytes();
    let headers = [(&b":status"[..], &b"200"[..]), (b"content-type", kind)].into_iter().collect();
    Some(Fixture { file: file.to_owned(), endpoint, headers, body, told })
}

/// What is settled of an answer that comes in pieces of this size, if its upstream told it.
fn settled(fixture: &Fixture, size: usize) -> Option<Use> {
    let mut heard = Heard::of(Some(fixture.endpoint), &fixture.headers, false);
    fixture.body.chunks(size).for_each(|piece| heard.push(piece, false));
    heard.push(b"", true);
    match heard.used(1_000_000, true) {
        Used::Told(used) => Some(used),
        _ => None,
    }
}

#[test]
fn what_is_settled_is_what_the_provider_told_however_it_is_cut() {
    let mut fixtures = Vec::new();
    gather(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ai")), &mut fixtures);
    let mut dialects = std::collections::BTreeMap::<_, usize>::new();
    for fixture in &fixtures {
        let whole = settled(fixture, usize::MAX).unwrap_or_else(|| panic!("{}", fixture.file.display()));
        for (name, ours) in [("output", whole.output), ("cached", whole.cached), ("reasoning", whole.reasoning)] {
            // Some APIs tell what the model thought beside what it wrote: both were used.
            let theirs = fixture.told[name].as_u64().unwrap_or_default();
            let beside = if name == "output" { whole.reasoning } else { 0 };
            assert!(ours == theirs || ours == theirs + beside, "{} {name}: {ours} {theirs}", fixture.file.display());
        }
        let input = fixture.told["input"].as_u64().unwrap_or_default();
        let is_input = whole.input == input || (whole.input > input && whole.input - input >= whole.cached);
        assert!(is_input, "{}: {} {input}", fixture.file.display(), whole.input);
        assert!(whole.total >= whole.input + whole.output, "{}", fixture.file.display());
        for size in [1, 2, 7, 64, 1000] {
            assert_eq!(settled(fixture, size), Some(whole), "{} by {size}", fixture.file.display());
        }
        *dialects.entry(fixture.endpoint.dialect.word()).or_default() += 1;
    }
    println!("{dialects:?}");
    assert!(dialects.len() >= 6 && fixtures.len() >= 150, "{dialects:?}");
}
