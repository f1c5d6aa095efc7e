//! Which models a caller sees in lists.

use portcullis::ai::vocabulary::Operation;
use serde_json::{Value, json};

use super::world::{Request, compiled};
use crate::policy::Policy;

fn seen(policy: &Policy, request: &Request) -> Vec<&'static str> {
    let models = ["gpt-mini", "gpt-4", "gpt-4o", "claude"];
    request.with_head(|head| {
        let usable = policy.usable(head);
        models.into_iter().filter(|model| usable.has(model)).collect()
    })
}

fn list() -> Request {
    let request = Request::chat("");
    Request { method: "GET".into(), path: "/v1/models".into(), operation: Operation::Models, is_empty: true, ..request }
}

#[test]
fn a_list_shows_what_a_caller_may_use() {
    let everybody =
        json!({"name": "list", "effect": "allow", "who": {"caller": "anyone"}, "what": {"operations": ["models"]}});
    let by_path = json!({"name": "list", "effect": "allow", "who": {"caller": "anyone"}, "select": {"methods": ["GET"], "paths": ["/v1/models", "/v1/models/{model}"]}});
    let users = json!({"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["chat"], "models": ["gpt-*"]}});
    let posts = json!({"name": "posts", "effect": "allow", "who": {"roles_any": ["user"]}, "select": {"paths": ["/v1/chat/completions"]}, "what": {"models": ["claude"]}});
    let admins =
        json!({"name": "admins", "effect": "allow", "who": {"roles_any": ["admin"]}, "what": {"models": ["*"]}});
    let dear = json!({"name": "dear", "effect": "deny", "what": {"models": ["gpt-4*"]}});
    let dear_images = json!({"name": "dear", "effect": "deny", "select": {"paths": ["/v1/images/*"]}, "what": {"models": ["gpt-4*"]}});
    let no_users = json!({"name": "no", "effect": "deny", "who": {"roles_any": ["user"]}});
    let all = ["gpt-mini", "gpt-4", "gpt-4o"];
    for (combining, rules, expected) in [
        ("first_match", json!([everybody]), &[][..]),
        ("first_match", json!([by_path]), &[]),
        ("first_match", json!([everybody, users]), &all),
        ("first_match", json!([everybody, posts]), &["claude"]),
        ("first_match", json!([dear, users]), &["gpt-mini"]),
        ("first_match", json!([users, dear]), &all),
        ("deny_overrides", json!([users, dear]), &["gpt-mini"]),
        ("first_match", json!([dear_images, users]), &all),
        ("deny_overrides", json!([dear_images, users]), &all),
        ("first_match", json!([no_users, users]), &[]),
        ("first_match", json!([users, no_users, posts]), &all),
        ("deny_overrides", json!([users, no_users]), &[]),
        ("first_match", json!([admins]), &[]),
        ("first_match", json!([]), &[]),
    ] {
        let policy = compiled(&json!({"combining": combining, "rules": rules})).policy;
        assert_eq!(seen(&policy, &list()), expected, "{combining} {rules}");
    }
}

#[test]
fn an_api_key_shows_no_other_models() {
    let rules: Value = json!([{"name": "all", "effect": "allow", "who": {"caller": "anyone"}}]);
    let policy = compiled(&json!({"combining": "first_match", "rules": rules})).policy;
    let limited = list().identity(|identity| identity.models = Some(vec!["gpt-4".into(), "nothing".into()]));
    assert_eq!(seen(&policy, &limited), ["gpt-4"]);
    assert_eq!(seen(&policy, &list()).len(), 4);
}
