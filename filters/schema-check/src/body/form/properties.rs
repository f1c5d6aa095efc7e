//! Forms out of a grammar, and mutations of them: whatever is accepted says the same when it is written again, cuts change
//! nothing, and nothing panics.

#![allow(clippy::arithmetic_side_effects)]

use super::tests::told;
use super::*;
use crate::body::tests::Numbers;

const BOUNDARY: &str = "--a-";
const HEADERS: [&str; 12] = [
    "Content-Disposition: form-data; name=\"a\"\r\n",
    "Content-Disposition: form-data; name=a; filename=\"b.png\"\r\n",
    "content-disposition:form-data;name=\"\u{fc}%22\"\r\n",
    "Content-Disposition: form-data; name=\"a\"; name=\"b\"\r\n",
    "Content-Type: image/png\r\n",
    "Content-Type: multipart/mixed; boundary=--a-\r\n",
    "Content-Length: 3\r\n",
    "X: y\r\n",
    " folded\r\n",
    "Content-Disposition: form-data; name=\"a\"\n",
    "Content-Transfer-Encoding: base64\r\n",
    "",
];
const WORDS: [&str; 14] =
    ["abc", "-", "--", "--a", "--a-", "----a-", "\r", "\n", "\r\n", "\r\n--", "\r\n----a", "\0", "\u{fc}", " "];

/// Mostly sound.
fn form(numbers: &mut Numbers) -> Vec<u8> {
    let mut body = String::new();
    for _ in 0..numbers.below(4) {
        body.extend(["--", BOUNDARY, "\r\n"]);
        body += HEADERS[numbers.below(3)];
        if numbers.below(3) == 0 {
            body += HEADERS[numbers.below(HEADERS.len())];
        }
        body += "\r\n";
        for _ in 0..numbers.below(5) {
            body += numbers.one(&WORDS);
        }
        body += "\r\n";
    }
    body.extend(["--", BOUNDARY, "--"]);
    body += numbers.one(&["", "\r\n", "\r\n", "\n"]);
    body.into_bytes()
}

fn mutated(mut body: Vec<u8>, numbers: &mut Numbers) -> Vec<u8> {
    for _ in 0..numbers.below(3) {
        let at = numbers.below(body.len() + 1);
        match numbers.below(3) {
            0 => body.insert(at, b"\r\n-a\";= \0\xff"[numbers.below(10)]),
            1 if at < body.len() => drop(body.remove(at)),
            _ => body.truncate(body.len() - numbers.below(2)),
        }
    }
    body
}

/// What was heard of a body, written again.
fn written(boundary: &Boundary, body: &[u8]) -> Option<Vec<u8>> {
    let (mut form, mut out) = (Form::new(boundary, Limits::default()), Vec::new());
    let mut each = |event: Event<'_>| match event {
        Event::PartStart { name, file_name, content_type, .. } => {
            let file = file_name.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            let media = content_type.map(|media| format!("Content-Type: {}\r\n", media.essence())).unwrap_or_default();
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n{media}\r\n");
            out.extend_from_slice(head.as_bytes());
        }
        Event::PartData(bytes) => out.extend_from_slice(bytes),
        Event::PartEnd => out.extend_from_slice(b"\r\n"),
        Event::End => out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes()),
    };
    form.push(body, &mut each).and_then(|()| form.finish(&mut each)).ok()?;
    Some(out)
}

#[test]
fn what_is_accepted_says_the_same_when_it_is_written_again() {
    let boundary = Boundary::of(format!("multipart/form-data; boundary={BOUNDARY}").as_bytes()).unwrap();
    let mut accepted = 0;
    for seed in 0..6000 {
        let mut numbers = Numbers::new(seed);
        let body = form(&mut numbers);
        let body = if seed % 2 == 0 { mutated(body, &mut numbers) } else { body };
        let whole = told(&boundary, Limits::default(), &[&body]);
        let (left, right) = body.split_at(numbers.below(body.len() + 1));
        assert_eq!(told(&boundary, Limits::default(), &[left, right]), whole, "{}", body.escape_ascii());
        assert_eq!(told(&boundary, Limits::default(), &body.chunks(1).collect::<Vec<_>>()), whole);
        if let Some(again) = written(&boundary, &body) {
            accepted += 1;
            assert_eq!(told(&boundary, Limits::default(), &[&again]), whole, "{}", body.escape_ascii());
        } else {
            assert!(whole.1.is_err());
        }
    }
    assert!((1000..5000).contains(&accepted), "{accepted}");
}
