//! Addresses in JSON: data that is what it says, and hosts that may be asked.

use portcullis::host::fake::Request;
use serde_json::json;

use super::{code, envoy, of_schema, parsed, post};

#[test]
fn an_address_is_on_the_list_or_data_that_is_what_it_says() {
    let mut configuration = of_schema(json!(true));
    configuration["rules"][0]["files"] =
        json!({"max_side": 4, "urls": {"hosts": ["img.example.com", "*.cdn.example"]}});
    let envoy = envoy(&configuration);
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAAElEQVQ1rwYe";
    let large = "iVBORw0KGgoAAAANSUhEUgAAACAAAAADCAYAAADyQg1sAAAAAElEQVQ1rwYe";
    for (url, expected) in [
        ("https://img.example.com/cat.png", ""),
        ("https://a.cdn.example/cat.png", ""),
        ("https://evil.example/cat.png", "url_not_allowed"),
        ("http://img.example.com/cat.png", "url_not_allowed"),
        ("https://img.example.com@169.254.169.254/", "url_not_allowed"),
        ("http://169.254.169.254/latest/meta-data", "url_not_allowed"),
        ("https://[::1]/", "url_not_allowed"),
        ("https://2130706433/", "url_not_allowed"),
        ("file:///etc/passwd", "url_not_allowed"),
        ("gopher://img.example.com/", "url_not_allowed"),
        ("//img.example.com/cat.png", "url_not_allowed"),
        (&format!("data:image/png;base64,{png}"), ""),
        (&format!("data:image/jpeg;base64,{png}"), "invalid_file"),
        (&format!("DATA:image/png;base64,{png}"), "invalid_file"),
        (&format!("data:image/png;base64,{large}"), "invalid_file"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "invalid_file"),
        ("data:image/png;base64,****", "invalid_file"),
        ("data:image/png,raw", "invalid_file"),
        ("data:image/png;base64,", "invalid_file"),
    ] {
        let body = json!({"messages": [{"content": [{"type": "image_url", "image_url": {"url": url}}]}]});
        let answer = envoy.send(&post("/x", &body.to_string()));
        assert_eq!((answer.status == 200, code(&answer).as_str()), (expected.is_empty(), expected), "{url}");
        assert!(expected.is_empty() || parsed(&answer.body)["errors"][0]["pointer"] == "/…/url", "{}", answer.text());
    }
    // A text is a text.
    let body = json!({"content": "see https://evil.example and data:image/png;base64,x"});
    assert_eq!(envoy.send(&post("/x", &body.to_string())).status, 200);
}

/// Wherever an address can stand, in whatever case and however many: readers in Go take `URL` for `url`, and SDKs send lists.
#[test]
fn an_address_is_looked_at_wherever_it_stands() {
    let ok = json!({"200": {"description": "ok"}});
    let any = |media: &str| json!({"responses": ok, "requestBody": {"content": {media: {"schema": {}}}}});
    let mut configuration = super::of_document(json!({
        "/json": {"post": any("application/json")},
        "/lines": {"post": any("application/jsonl")},
        "/ndjson": {"post": any("application/ndjson")},
        "/form": {"post": any("multipart/form-data")},
        "/pairs": {"post": any("application/x-www-form-urlencoded")},
        "/silent": {"post": {"responses": ok, "requestBody": {"content": {"multipart/form-data": {}}}}},
    }));
    configuration["rules"][0]["files"] = json!({"urls": {"hosts": ["img.example.com"]}});
    let envoy = envoy(&configuration);
    let part = |headers: &str, data: &str| {
        format!("--b\r\ncontent-disposition: form-data; {headers}\r\n\r\n{data}\r\n--b--\r\n")
    };
    let form = "multipart/form-data; boundary=b";
    for host in ["img.example.com", "169.254.169.254"] {
        let url = format!("https://{host}/x");
        for (path, content_type, body) in [
            ("/json", "application/json", json!({"URL": url}).to_string()),
            ("/json", "application/json", json!({"Image_Url": url}).to_string()),
            ("/json", "application/json", json!({"url\u{17f}": [url]}).to_string()),
            ("/json", "application/json", json!({"imageUrl": url}).to_string()),
            ("/json", "application/json", json!({"file-uri": url}).to_string()),
            ("/ndjson", "application/ndjson", json!({"url": url}).to_string()),
            ("/json", "application/json", json!({"image_url": [url]}).to_string()),
            ("/json", "application/json", json!({"url": [["https://img.example.com/"], [url]]}).to_string()),
            ("/json", "application/json", json!([[{"x": [{"url": url}]}]]).to_string()),
            ("/lines", "application/jsonl", json!({"body": {"url": url}}).to_string()),
            ("/form", form, part("name=\"url\"", &url)),
            ("/form", form, part("name=\"url[]\"", &url)),
            ("/form", form, part("name=\"x\"\r\ncontent-type: application/json", &json!({"url": url}).to_string())),
            ("/silent", form, part("name=\"url\"", &url)),
            ("/pairs", "application/x-www-form-urlencoded", format!("url=https%3A%2F%2F{host}%2Fx")),
        ] {
            let sent = Request::post(path, body.as_bytes()).header("content-type", content_type);
            let answer = envoy.send(&sent);
            let expected = if host == "img.example.com" { "" } else { "url_not_allowed" };
            assert_eq!(code(&answer), expected, "{path} {body}");
        }
    }
    // What stands in an object of that name is no address of that name.
    let body = json!({"url": [{"detail": "low"}], "image_url": {"detail": "low"}});
    assert_eq!(envoy.send(&post("/json", &body.to_string())).status, 200);
}
