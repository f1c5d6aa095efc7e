//! Who may do what, and what a request may be.

use harness::{Key, Request, gateway};
use serde_json::{Value, json};

use crate::world::{Gateway, token};

pub(crate) fn who_trains_may_train_and_nobody_else(gateway: &Gateway) {
    let job = json!({"model": "gpt-4o-mini", "training_file": "file-1"});
    let train = Request::post_json("/v1/fine_tuning/jobs", &job);
    let form = "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{}\r\n--b--\r\n";
    let upload = Request::post("/v1/files", form).header("content-type", "multipart/form-data; boundary=b");
    let list = Request::get("/v1/files");
    let trainer = gateway::token("trainer", "globex").claim("roles", json!(["trainer"])).sign(Key::Es256);
    for request in [train, upload, list] {
        let before = gateway.hits();
        let answer = gateway.send(&request.clone().bearer(token("globex", "-")));
        assert_eq!((answer.status, code(&answer.json()), gateway.hits()), (Some(403), "no_rule", before));
        let answer = gateway.send(&request.bearer(&trainer));
        assert!(answer.is(200), "{:?} {}", answer.status, answer.text());
        assert_eq!(gateway.hits()[2], before[2] + 1);
    }
    let forged = Request::post_json("/v1/fine_tuning/jobs", &json!({"model": "gpt-4o-mini"})).bearer(&trainer);
    assert_eq!(code(&gateway.send(&forged).json()), "schema_violation");
}

pub(crate) fn members_that_no_api_documents_are_refused(gateway: &Gateway) {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    for member in ["logprobs", "proxy", "base_url", "n_predict"] {
        let mut body = json!({"model": "demo", "messages": messages});
        body[member] = json!(true);
        let before = gateway.hits();
        let request = Request::post_json("/v1/chat/completions", &body).bearer(token("initech", "-"));
        assert_eq!((gateway.send(&request).status, gateway.hits()), (Some(403), before), "{member}");
    }
}

pub(crate) fn a_chat_may_name_addresses_of_known_hosts_alone(gateway: &Gateway) {
    let asked = |address: &str| {
        let picture = json!({"type": "image_url", "image_url": {"url": address}});
        let content = json!([{"type": "text", "text": "What is this?"}, picture]);
        let body = json!({"model": "demo", "messages": [{"role": "user", "content": content}]});
        let request = Request::post_json("/v1/chat/completions", &body).bearer(token("initech", "-"));
        let answer = gateway.send(&request);
        (answer.status.unwrap(), code(&answer.json()).to_owned())
    };
    assert_eq!(asked("https://images.example.com/cat.png"), (200, String::new()));
    for address in [
        "https://169.254.169.254/latest/meta-data",
        "http://images.example.com/",
        "https://images.example.com.evil.example/",
    ] {
        assert_eq!(asked(address), (400, "url_not_allowed".to_owned()), "{address}");
    }
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}
