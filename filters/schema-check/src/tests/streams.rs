//! Bodies that are read while they pass.

use portcullis::host::fake::{Envoy, Request};
use serde_json::{Value, json};

use super::{code, envoy, metric, of_document, parsed, verdict};

/// Two by three pixels, up to where the pixels would begin.
const PNG: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\x00\x03\x08\x06\x00\x00\x00\xb9\xea\xde\x81\x00\x00\x00\x00\x49\x44\x41\x54\x35\xaf\x06\x1e";
/// The same, 101 pixels wide.
const WIDE: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x65\x00\x00\x00\x03\x08\x06\x00\x00\x00\x8a\xd1\xc1\x88\x00\x00\x00\x00\x49\x44\x41\x54\x35\xaf\x06\x1e";

/// An upload, as the API for transcriptions and edits has it.
fn uploads() -> Value {
    let ok = json!({"200": {"description": "ok"}});
    let mut configuration = of_document(json!({
        "/edit": {"post": {"responses": ok, "requestBody": {"required": true, "content": {"multipart/form-data": {
            "schema": {"type": "object", "required": ["image", "prompt"], "additionalProperties": false, "properties": {
                "image": {"type": "array", "items": {"type": "string", "contentMediaType": "image/png"}},
                "prompt": {"type": "string", "maxLength": 5}, "n": {"type": "integer", "maximum": 3},
                "options": {"type": "object", "required": ["a"]},
            }},
            "encoding": {"image": {"contentType": "image/png, image/gif"}},
        }}}}},
        "/batch": {"post": {"responses": ok, "requestBody": {"content": {"application/jsonl": {"schema":
            {"type": "object", "required": ["id"]}}}}}},
        "/picture": {"post": {"responses": ok, "requestBody": {"required": true, "content": {"image/*": {}}}}},
        "/sound": {"post": {"responses": ok, "requestBody": {"content": {"audio/*": {}}}}},
        "/note": {"post": {"responses": ok, "requestBody": {"content": {"text/plain": {}}}}},
        "/form": {"post": {"responses": ok, "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema":
            {"type": "object", "properties": {"n": {"type": "integer"}, "t": {"type": "array", "items": {"type": "string"}}},
             "additionalProperties": false}}}}}},
    }));
    configuration["rules"][0]["files"] = json!({"max_side": 100, "max_file_bytes": "1KiB", "max_bytes": "64KiB"});
    configuration
}

fn form(parts: &[(&str, &[u8])]) -> Request {
    let mut body = Vec::new();
    for (headers, data) in parts {
        body.extend_from_slice(format!("--bound\r\ncontent-disposition: form-data; {headers}\r\n\r\n").as_bytes());
        body.extend_from_slice(data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--bound--\r\n");
    Request::post("/edit", &body).header("content-type", "multipart/form-data; boundary=bound")
}

fn sent(path: &str, content_type: &str, body: &[u8]) -> Request {
    Request::post(path, body).header("content-type", content_type)
}

/// What comes of a request, whole and cut into pieces of a few bytes.
fn outcome(envoy: &Envoy, request: &Request) -> (u16, String) {
    let answer = envoy.send(request);
    let body = request.body.concat();
    let pieces: Vec<&[u8]> = body.chunks(7).collect();
    let cut = envoy.send(&request.clone().pieces(&pieces));
    assert_eq!((answer.status, code(&answer)), (cut.status, code(&cut)), "{request:?}");
    let complete = answer.upstream.as_ref().is_some_and(|sent| sent.complete);
    assert_eq!(complete, answer.status == 200, "what is refused reaches nobody whole: {request:?}");
    (answer.status, code(&answer))
}

#[test]
fn a_form_is_what_its_contract_says_part_by_part() {
    let envoy = envoy(&uploads());
    let image = ("name=\"image\"; filename=\"a.png\"\r\ncontent-type: image/png", PNG);
    let prompt = ("name=\"prompt\"", &b"cat"[..]);
    for (parts, expected) in [
        (vec![image, prompt], ""),
        (vec![image, image, prompt, ("name=\"n\"", b"3")], ""),
        (vec![("name=\"image[]\"; filename=\"a.png\"\r\ncontent-type: image/png", PNG), prompt], ""),
        (vec![image, prompt, ("name=\"options\"\r\ncontent-type: application/json", b"{\"a\": 1}")], ""),
        (vec![image], "schema_violation"),
        (vec![image, ("name=\"prompt\"", b"a long one")], "schema_violation"),
        (vec![image, prompt, ("name=\"n\"", b"4")], "schema_violation"),
        (vec![image, prompt, ("name=\"n\"", b"1e0")], "schema_violation"),
        (vec![image, prompt, ("name=\"other\"", b"1")], "schema_violation"),
        (
            vec![image, prompt, ("name=\"options\"\r\ncontent-type: application/json", b"{\"a\": 1, \"a\": 2}")],
            "malformed_json",
        ),
        (
            vec![("name=\"image\"; filename=\"a.PNG\"\r\ncontent-type: application/octet-stream", b"<html>"), prompt],
            "schema_violation",
        ),
        (vec![image, prompt, prompt], "malformed_form"),
        (vec![image, ("name=\"prompt\"", b"\xff")], "malformed_form"),
        (vec![("name=\"image\"; filename=\"a.png\"\r\ncontent-type: image/gif", PNG), prompt], "invalid_file"),
        (
            vec![
                ("name=\"image\"; filename=\"a.png\"\r\ncontent-type: image/png", b"GIF89a\x01\0\x01\0\0\0\0"),
                prompt,
            ],
            "invalid_file",
        ),
        (vec![("name=\"image\"; filename=\"a.txt\"\r\ncontent-type: text/html", b"<p>"), prompt], "schema_violation"),
    ] {
        let (status, code) = outcome(&envoy, &form(&parts));
        assert_eq!((status, code.as_str()), (if expected.is_empty() { 200 } else { 400 }, expected), "{parts:?}");
    }
    let twice = Request::post("/edit", b"x").header("content-type", "multipart/form-data; boundary=a; boundary=b");
    assert_eq!(outcome(&envoy, &twice), (415, "content_type".to_owned()));
}

#[test]
fn a_picture_is_what_it_is_declared_to_be_and_no_larger_than_allowed() {
    let envoy = envoy(&uploads());
    for (content_type, body, status) in [
        ("image/png", PNG, 200),
        ("image/jpeg", PNG, 400),
        ("image/svg+xml", b"<svg/>", 400),
        ("image/png", &PNG[..20], 400),
        ("image/png", WIDE, 400),
        ("image/png", b"", 400),
    ] {
        assert_eq!(outcome(&envoy, &sent("/picture", content_type, body)).0, status, "{content_type}");
    }
    let html = b"<html>".repeat(60);
    assert_eq!(outcome(&envoy, &sent("/sound", "audio/mpeg", &html)).0, 400);
    assert_eq!(outcome(&envoy, &sent("/sound", "audio/wav", b"RIFF\x24\0\0\0WAVEfmt ")).0, 200);
}

#[test]
fn lines_are_held_against_the_schema_one_by_one() {
    let envoy = envoy(&uploads());
    let batch = |body: &str| sent("/batch", "application/jsonl", body.as_bytes());
    assert_eq!(outcome(&envoy, &batch("{\"id\": 1}\n{\"id\": 2}\n")).0, 200);
    let answer = envoy.send(&batch("{\"id\": 1}\n{\"id\": 2}\n{\"no\": 1}\n{}\n"));
    assert_eq!(parsed(&answer.body)["errors"][0]["pointer"], "/2");
    assert_eq!(outcome(&envoy, &batch("{\"id\": 1}\n\n{\"id\": 2}")).1, "malformed_json");
    assert_eq!(outcome(&envoy, &batch("{\"id\": 1}\n{\"id\": 2")).1, "malformed_json");
}

#[test]
fn text_is_utf8_without_control_characters() {
    let envoy = envoy(&uploads());
    assert_eq!(outcome(&envoy, &sent("/note", "text/plain", "gr\u{fc}n\n".as_bytes())).0, 200);
    assert_eq!(outcome(&envoy, &sent("/note", "text/plain", b"a\xff")).1, "malformed_text");
    assert_eq!(outcome(&envoy, &sent("/note", "text/plain", b"a\x1b[2J")).1, "malformed_text");
    assert_eq!(outcome(&envoy, &sent("/note", "text/plain; charset=utf-16", b"a")).1, "content_type");
}

#[test]
fn pairs_are_the_object_that_their_schema_means() {
    let envoy = envoy(&uploads());
    let pairs = |body: &str| sent("/form", "application/x-www-form-urlencoded", body.as_bytes());
    for (body, expected) in [
        ("n=1", ""),
        ("n=1&t=a+b&t=c", ""),
        ("n=x", "schema_violation"),
        ("n=1&n=2", "malformed_form"),
        ("other=1", "schema_violation"),
        ("n=%zz", "malformed_form"),
    ] {
        let answer = envoy.send(&pairs(body));
        assert_eq!((answer.status == 200, code(&answer).as_str()), (expected.is_empty(), expected), "{body}");
    }
}

#[test]
fn what_is_too_large_ends_where_it_is() {
    let envoy = envoy(&uploads());
    let sound = [&b"RIFF\x24\0\0\0WAVEfmt "[..], &[0; 2000]].concat();
    assert_eq!(outcome(&envoy, &sent("/sound", "audio/wav", &sound)), (413, "file_too_large".to_owned()));
    let text = "a".repeat(65 << 10);
    assert_eq!(outcome(&envoy, &sent("/note", "text/plain", text.as_bytes())), (413, "file_too_large".to_owned()));
}

#[test]
fn a_verdict_is_written_when_the_last_piece_was_read() {
    let envoy = envoy(&uploads());
    let answer = envoy.send(&sent("/note", "text/plain", b"x"));
    assert_eq!(
        (verdict(&answer)["outcome"].clone(), metric(&envoy, "requests_total.outcome.allow.code.allowed")),
        (json!("allow"), 1)
    );
    let answer = envoy.send(&sent("/note", "text/plain", b"\xff"));
    assert_eq!(
        (verdict(&answer)["code"].clone(), metric(&envoy, "requests_total.outcome.deny.code.malformed_text")),
        (json!("malformed_text"), 1)
    );
}

/// A length says nothing where there is none.
#[test]
fn a_stream_of_nothing_is_no_body() {
    let envoy = envoy(&uploads());
    let empty = |path: &str, content_type: &str| {
        let mut request = Request::get(path).header("content-type", content_type).pieces(&[b""]);
        request.headers =
            request.headers.iter().map(|(n, v)| if n == b":method" { (n, &b"POST"[..]) } else { (n, v) }).collect();
        envoy.send(&request)
    };
    for (path, content_type, expected) in [
        ("/edit", "multipart/form-data; boundary=bound", "body_missing"),
        ("/picture", "image/png", "body_missing"),
        ("/batch", "application/jsonl", ""),
        ("/sound", "audio/wav", ""),
        ("/note", "text/plain", ""),
    ] {
        assert_eq!(code(&empty(path, content_type)), expected, "{path}");
    }
}

/// Where the media type says nothing the end of the name does, and a document is no picture.
#[test]
fn a_file_is_what_its_name_says_where_its_type_says_nothing() {
    let document = json!({"/x": {"post": {"responses": {"200": {"description": "ok"}}, "requestBody": {"content": {"multipart/form-data": {}}}}}});
    let envoy = envoy(&of_document(document));
    let sent = |headers: &str, data: &[u8]| {
        let mut body = format!("--b\r\ncontent-disposition: form-data; name=\"a\"; {headers}\r\n\r\n").into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\r\n--b--\r\n");
        code(&envoy.send(&sent("/x", "multipart/form-data; boundary=b", &body)))
    };
    for (headers, data, expected) in [
        ("filename=\"a.png\"", PNG, ""),
        ("filename=\"a.PNG\"", b"<html>", "invalid_file"),
        ("filename=\"a.png\"\r\ncontent-type: application/octet-stream", b"<html>", "invalid_file"),
        ("filename=\"a.svg\"\r\ncontent-type: application/octet-stream", b"<svg/>", "invalid_file"),
        ("filename=\"a.pdf\"\r\ncontent-type: application/pdf", b"%PDF-1.7", ""),
        ("filename=\"a.pdf\"", b"%PDF-1.7", ""),
        ("filename=\"a.txt\"\r\ncontent-type: text/plain", b"<html>", ""),
    ] {
        assert_eq!(sent(headers, data), expected, "{headers}");
    }
}
