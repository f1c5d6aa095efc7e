//! A region's provider: it says again what it was told, resets connections when it is asked to, and notes what must never
//! have reached it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use harness::{Reply, Seen, Upstream};
use serde_json::{Value, json};

/// Which region a request is for, and that it must be refused: the clients say it in this header.
pub(crate) const MARK: &str = "x-soak";
/// What a refused request is marked with.
pub(crate) const REFUSED: &str = "refused";

/// One of them.
pub(crate) struct Provider {
    server: Upstream,
    wrong: Arc<AtomicU64>,
}

impl Provider {
    pub(crate) fn start(region: &'static str) -> Self {
        let (server, wrong) = (Upstream::h1(), Arc::new(AtomicU64::new(0)));
        let noted = Arc::clone(&wrong);
        server.forget().answer_all(move |seen| {
            let mark = seen.header(MARK);
            let is_right = mark.as_deref() == Some(region) && seen.header("authorization") == Some(credential(region));
            if !is_right {
                noted.fetch_add(1, Ordering::SeqCst);
            }
            answer(seen)
        });
        Self { server, wrong }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// How many requests came that were refused, or another region's, or with another credential than the region's.
    pub(crate) fn wrong(&self) -> u64 {
        self.wrong.load(Ordering::SeqCst)
    }
}

fn credential(region: &str) -> String {
    harness::gateway::credential(region)
}

fn answer(seen: &Seen) -> Reply {
    let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
    let said = body["messages"][0]["content"].as_str().unwrap_or_default();
    let used = if said.starts_with("Spend") { 2000 } else { 5 };
    if said.starts_with("Reset before") {
        return Reply::reset();
    }
    if said.starts_with("Reset inside") && body["stream"] != true {
        return Reply::ok().header("content-type", "application/json").chunk(r#"{"object":"chat.comp"#).then_reset();
    }
    if body["stream"] == true {
        return streamed(said, used);
    }
    match seen.path().as_str() {
        "/v1/models" => Reply::json(&json!({"object": "list", "data": [{"id": "demo", "object": "model"}]})),
        "/v1/embeddings" => Reply::json(&json!({"object": "list", "model": "text-embedding-3-small",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
            "usage": {"prompt_tokens": used, "total_tokens": used}})),
        _ => Reply::json(&json!({"id": "c", "object": "chat.completion", "created": 1, "model": "demo",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}],
            "usage": usage(used)})),
    }
}

fn usage(total: u64) -> Value {
    json!({"prompt_tokens": 3, "completion_tokens": total - 3, "total_tokens": total})
}

fn streamed(said: &str, used: u64) -> Reply {
    let event = |delta: Value, finish: Value| {
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "demo",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    };
    let reply = Reply::ok().header("content-type", "text/event-stream");
    let told = |reply: Reply, event: &Value| reply.chunk(format!("data: {event}\n\n"));
    let reply = told(reply, &event(json!({"role": "assistant", "content": ""}), Value::Null));
    let reply =
        said.split_inclusive(' ').fold(reply, |reply, word| told(reply, &event(json!({"content": word}), Value::Null)));
    if said.starts_with("Reset inside") {
        return reply.then_reset();
    }
    let reply = told(reply, &event(json!({}), json!("stop")));
    let last = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "demo", "choices": [],
        "usage": usage(used)});
    told(reply, &last).chunk("data: [DONE]\n\n")
}
