//! Lists of models in answers: what is cut, what stays, what is not shown at all.

use portcullis::host::fake::{Answer, Request};
use serde_json::{Value, json};

use super::filters::{as_caller, envoy, metric};
use super::world::{alice, first_match};
use crate::models::{NotReadable, filtered};

fn cut(body: &str) -> Result<String, NotReadable> {
    let may_use = |model: &str| ["a", "b"].contains(&model);
    filtered(body.as_bytes(), &may_use)
        .map(|cut| cut.map_or(body.to_owned(), |bytes| String::from_utf8(bytes).unwrap()))
}

#[test]
fn a_model_that_no_list_shows_is_not_looked_up_either() {
    let rules = json!([
        {"name": "lists", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["models"]}},
        {"name": "mini", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["chat"], "models": ["mini"]}},
    ]);
    let envoy = envoy(&first_match(rules));
    as_caller(&envoy, Some(&alice(&["user"])));
    let status = |path: &str| envoy.send(&Request::get(path)).status;
    assert_eq!((status("/v1/models/mini"), status("/v1/models/big")), (200, 403));
    assert_eq!((status("/v1beta/models/mini"), status("/v1beta/models/big")), (200, 403));
}

#[test]
fn a_list_of_any_api_is_cut_to_what_may_be_used() {
    for (body, expected) in [
        (r#"{"data": [ {"id":"a"} , {"id":"b"} ]}"#, r#"{"data": [ {"id":"a"} , {"id":"b"} ]}"#),
        (
            r#"{"object":"list","data":[{"id": "x"},{"id": "a" , "y":1}]}"#,
            r#"{"object":"list","data":[{"id": "a" , "y":1}]}"#,
        ),
        (r#"{"data":[{"id":"x"}]}"#, r#"{"data":[]}"#),
        (r#"{"data":[{"id":"\u0061"},{"id":"\u0078"}]}"#, r#"{"data":[{"id":"\u0061"}]}"#),
        (r#"{"data":[{"name":"a"},7,null,{"id":7},["a"],{"id":"a"}]}"#, r#"{"data":[{"id":"a"}]}"#),
        (
            r#"{"models":[{"name":"models/a"},{"name":"models/x"}],"nextPageToken":"t"}"#,
            r#"{"models":[{"name":"models/a"}],"nextPageToken":"t"}"#,
        ),
        (
            r#"{"models":[{"name":"a","model":"x"},{"name":"b","model":"b"}]}"#,
            r#"{"models":[{"name":"b","model":"b"}]}"#,
        ),
        (
            r#"{"publisherModels":[{"name":"publishers/g/models/x"},{"name":"publishers/g/models/a"}]}"#,
            r#"{"publisherModels":[{"name":"publishers/g/models/a"}]}"#,
        ),
        (r#"{"models":[{"name":"x"}],"data":[{"id":"x"},{"id":"a"}]}"#, r#"{"models":[],"data":[{"id":"a"}]}"#),
        (r#"{"modelSummaries":[{"modelId":"x"},{"modelId":"a"}]}"#, r#"{"modelSummaries":[{"modelId":"a"}]}"#),
        (r#"{"models":null}"#, r#"{"models":null}"#),
    ] {
        assert_eq!(cut(body), Ok(expected.to_owned()), "{body}");
    }
}

#[test]
fn a_page_does_not_name_what_it_hides() {
    for (body, expected) in [
        (
            r#"{"data":[{"id":"x"},{"id":"a"},{"id":"b"},{"id":"y"}],"first_id":"x","last_id":"y","has_more":true}"#,
            r#"{"data":[{"id":"a"},{"id":"b"}],"first_id":"a","last_id":"b","has_more":true}"#,
        ),
        (
            r#"{"first_id":"x","last_id":"x","has_more":true,"data":[{"id":"x"}]}"#,
            r#"{"first_id":null,"last_id":null,"has_more":false,"data":[]}"#,
        ),
        (r#"{"data":[],"first_id":null,"has_more":false}"#, r#"{"data":[],"first_id":null,"has_more":false}"#),
    ] {
        assert_eq!(cut(body), Ok(expected.to_owned()), "{body}");
    }
}

#[test]
fn what_is_no_list_is_not_shown() {
    for body in [
        "",
        "[]",
        "{}",
        "{\"data\":{}}",
        r#"{"data":"x"}"#,
        r#"{"data":[{"id":"a"}]"#,
        r#"{"data":[{"id":"a"}]} x"#,
        r#"{"data":[],"data":[{"id":"x"}]}"#,
        r#"{"data":[{"id":"a","id":"x"}]}"#,
        "\u{feff}{\"data\":[]}",
        "<html>x</html>",
    ] {
        assert_eq!(cut(body), Err(NotReadable), "{body}");
    }
}

const LIST: &str = r#"{"data":[{"id":"gpt-mini"},{"id":"gpt-5"}]}"#;

fn rules() -> Value {
    first_match(json!([
        {"name": "list", "effect": "allow", "who": {"caller": "anyone"}, "what": {"operations": ["models"]}},
        {"name": "mini", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["chat"], "models": ["gpt-mini"]}},
    ]))
}

fn asked(configuration: &Value, request: Request, headers: &[(&str, &str)], body: &str) -> Answer {
    let envoy = envoy(configuration);
    as_caller(&envoy, Some(&alice(&["user"])));
    let length = body.len().to_string();
    let all = [headers, &[("content-length", length.as_str())]].concat();
    let (half, rest) = body.as_bytes().split_at(body.len() / 2);
    let answer = envoy.send(&request.answered(&all, &[half, rest], None));
    let cut = answer.status == 200 && answer.body != body.as_bytes();
    assert_eq!(metric(&envoy, "lists_total.result.filtered"), u64::from(cut));
    answer
}

#[test]
fn a_caller_sees_what_it_may_use() {
    let get = Request::get("/v1/models").header("accept-encoding", "gzip").header("range", "bytes=0-9");
    let answer = asked(&rules(), get, &[(":status", "200"), ("etag", "\"1\"")], LIST);
    assert_eq!(answer.text(), r#"{"data":[{"id":"gpt-mini"}]}"#);
    assert_eq!(answer.headers.first("content-length"), Some(answer.body.len().to_string().as_bytes()));
    assert_eq!(answer.headers.first("etag"), None);
    let upstream = answer.upstream.unwrap();
    assert_eq!((upstream.headers.first("accept-encoding"), upstream.headers.first("range")), (None, None));

    let mut all = rules();
    all["models"] = json!({"filter_lists": false});
    assert_eq!(asked(&all, Request::get("/v1/models"), &[(":status", "200")], LIST).text(), LIST);
}

#[test]
fn an_answer_that_nobody_can_read_is_not_shown() {
    for (headers, body) in [
        (&[(":status", "200"), ("content-encoding", "gzip")][..], LIST),
        (&[(":status", "200")], "\u{1f}\u{8b}"),
        (&[(":status", "200")], ""),
        (&[(":status", "206")], LIST),
        (&[(":status", "203")], LIST),
    ] {
        let answer = asked(&rules(), Request::get("/v1/models"), headers, body);
        assert_eq!((answer.status, answer.details.as_str()), (502, "portcullis_rbac_list_not_readable"), "{headers:?}");
        assert!(!answer.text().contains("gpt-5"));
    }
    for status in ["304", "404", "500"] {
        let answer = asked(&rules(), Request::get("/v1/models"), &[(":status", status)], "{}");
        assert_eq!(answer.text(), "{}", "an error is no list");
    }
}

#[test]
fn one_model_is_no_list() {
    let answer = asked(&rules(), Request::get("/api/version"), &[(":status", "200")], r#"{"version":"1"}"#);
    assert_eq!(answer.status, 200);
}
