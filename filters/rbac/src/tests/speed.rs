//! How long decisions take, with 10 rules and with 1,000. Run by hand, in release:
//!
//! ```text
//! cargo test --release -p rbac speed -- --ignored --nocapture
//! ```

use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value, json};

use super::world::{Request, alice, compiled};
use crate::policy::{Body, Policy};

fn rule(number: usize) -> Value {
    let mut rule = json!({"name": format!("r{number}"), "effect": if number % 7 == 3 { "deny" } else { "allow" }});
    match number % 5 {
        0 => rule["who"] = json!({"roles_any": [format!("role-{number}")]}),
        1 => rule["select"] = json!({"methods": ["POST"], "paths": [format!("/v1/team-{number}/*")]}),
        2 => rule["who"] = json!({"tenants": [format!("tenant-{number}")], "roles_any": ["user"]}),
        3 => rule["what"] = json!({"operations": ["chat"], "models": [format!("model-{number}")]}),
        _ => rule["who"] = json!({"subjects": [format!("subject-{number}")]}),
    }
    rule
}

fn policy(count: usize) -> Policy {
    let mut rules: Vec<Value> = (0..count - 1).map(rule).collect();
    rules.push(
        json!({"name": "users", "effect": "allow", "who": {"roles_any": ["user"]}, "what": {"operations": ["chat"]}}),
    );
    compiled(&json!({"combining": "first_match", "rules": rules})).policy
}

#[allow(clippy::disallowed_methods)]
fn nanoseconds(policy: &Policy, request: &Request, body: &Body<'_>) -> u128 {
    const TIMES: u32 = 100_000;
    request.with_head(|head| {
        let best = (0..7).map(|_| {
            let start = Instant::now();
            for _ in 0..TIMES {
                black_box(policy.decide(black_box(head), black_box(body)));
            }
            start.elapsed().as_nanos() / u128::from(TIMES)
        });
        best.min().unwrap()
    })
}

#[test]
#[ignore = "a measurement"]
fn a_thousand_rules_cost_little_more_than_ten() {
    let request = Request { identity: Some(alice(&["user", "role-5"])), ..Request::chat("gpt-mini") };
    let request = request.identity(|identity| identity.tenant = Some("tenant-7".to_owned()));
    for count in [10, 100, 1000] {
        let policy = policy(count);
        let head = nanoseconds(&policy, &request, &Body::Unread);
        let whole = nanoseconds(&policy, &request, &request.body());
        println!("{count} rules: head {head} ns, with body {whole} ns");
    }
}
