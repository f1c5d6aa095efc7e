//! Addresses in JSON: data that is what it says, and hosts that may be asked.

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
