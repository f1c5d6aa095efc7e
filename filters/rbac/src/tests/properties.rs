//! What holds of every policy, tried on policies and requests that chance makes. A failure prints its seed.
//!
//! 20,000 requests by default; `FULL=1` in the environment makes it a million:
//!
//! ```text
//! FULL=1 cargo test --release -p rbac properties
//! ```

use super::slow::{self, Answer};
use super::world::{self, Chance, Request, compiled_of, configuration, read};
use crate::config::{Combining, Config, Effect};
use crate::policy::{Body, Outcome, Policy};

const REQUESTS_EACH: u64 = 20;

/// Every policy with its requests.
fn each(rules: usize, mut test: impl FnMut(&mut Chance, &Config, &[Request])) {
    let is_full = std::env::vars_os().any(|(name, _)| name == "FULL");
    let policies = if is_full { 50_000 } else { 1_000 };
    for seed in 1..=policies {
        let mut chance = Chance::of(seed);
        let config = read(&configuration(&mut chance, rules));
        let requests: Vec<Request> = (0..REQUESTS_EACH).map(|_| world::request(&mut chance)).collect();
        // Shown by the test harness if an assertion below fails.
        println!("seed {seed}");
        test(&mut chance, &config, &requests);
    }
}

fn answer(policy: &Policy, request: &Request) -> Answer {
    let decision = request.decided(policy);
    match decision.outcome {
        Outcome::Allow { clamp } => {
            Answer::Allow { clamp: clamp.map(|clamp| (clamp.max_output_tokens, clamp.choices)) }
        }
        Outcome::Deny => Answer::Deny,
        Outcome::StepUp(_) => Answer::StepUp(decision.rule.unwrap().name.clone()),
        Outcome::NeedsBody => panic!("there is no more to read"),
    }
}

fn kind(answer: &Answer) -> u8 {
    match answer {
        Answer::Deny => 0,
        Answer::StepUp(_) => 1,
        Answer::Allow { .. } => 2,
    }
}

#[test]
fn the_policy_agrees_with_a_slow_and_obvious_one() {
    let mut seen = [0_u64; 3];
    each(12, |_, config, requests| {
        let policy = compiled_of(config).policy;
        for request in requests {
            let expected = slow::evaluate(config, request);
            seen[usize::from(kind(&expected))] += 1;
            assert_eq!(answer(&policy, request), expected, "{config:#?}\n{request:#?}");
        }
    });
    let all: u64 = seen.iter().sum();
    println!("denied, stepped up, allowed: {seen:?}");
    assert!(seen.iter().all(|count| *count > all / 200), "{seen:?}");
}

#[test]
fn order_means_nothing_under_deny_overrides() {
    each(8, |chance, config, requests| {
        let config = Config { combining: Combining::DenyOverrides, ..config.clone() };
        let mut shuffled = config.clone();
        for at in (1..shuffled.rules.len()).rev() {
            shuffled.rules.swap(at, chance.below(at + 1));
        }
        let (one, other) = (compiled_of(&config).policy, compiled_of(&shuffled).policy);
        for request in requests {
            let (one, other) = (answer(&one, request), answer(&other, request));
            assert_eq!(kind(&one), kind(&other), "{config:#?}\n{request:#?}");
            if let (Answer::Allow { clamp: one }, Answer::Allow { clamp: other }) = (one, other) {
                assert_eq!(one, other);
            }
        }
    });
}

#[test]
fn a_further_allow_takes_no_permission() {
    each(8, |chance, config, requests| {
        let mut more = config.clone();
        let mut rule = world::rule(chance, "more");
        rule["effect"] = "allow".into();
        rule.as_object_mut().unwrap().retain(|name, _| name != "step_up" && name != "clamp");
        // What cannot stand beside an allow is not added.
        let Ok(rule) = serde_json::from_value(rule) else { return };
        more.rules.insert(chance.below(config.rules.len() + 1), rule);
        let (before, after) = (compiled_of(config).policy, compiled_of(&more).policy);
        for request in requests {
            let (before, after) = (answer(&before, request), answer(&after, request));
            if kind(&before) == 2 {
                assert_eq!(kind(&after), 2, "{more:#?}\n{request:#?}");
            }
        }
    });
}

/// A claim that nobody has is a condition that is always an error.
#[test]
fn an_error_in_a_condition_never_allows() {
    each(8, |chance, config, requests| {
        if config.rules.is_empty() {
            return;
        }
        let mut broken = config.clone();
        let at = chance.below(broken.rules.len());
        let mut rule = serde_json::json!({"claim": ["nobody", "has", "it"], "equals": true});
        if chance.once_in(2) {
            rule = serde_json::json!({"claim": ["nobody"], "contains": 1});
        }
        let claim = serde_json::from_value(rule).unwrap();
        let when = &mut broken.rules[at].when;
        // In the place of another condition, or beside all.
        match chance.below(4) {
            0 => when.source = None,
            1 => when.headers = None,
            2 => when.times = None,
            _ => {}
        }
        let takes_one_from_a_deny = broken.rules[at].effect == Effect::Deny;
        when_claims(&mut broken, at, claim);
        let (before, after) = (compiled_of(config).policy, compiled_of(&broken).policy);
        for request in requests {
            let by_broken = request.decided(&after).rule.map(|rule| rule.name.clone());
            let (before, after) = (answer(&before, request), answer(&after, request));
            // Under first_match a deny that is broken can only deny more, and an allow that is broken lets the request
            // fall to rules behind it: it is allowed then by those, never by the broken one.
            if kind(&after) == 2 {
                assert_ne!(by_broken.as_ref(), Some(&broken.rules[at].name), "{broken:#?}\n{request:#?}");
            }
            if takes_one_from_a_deny || config.combining == Combining::DenyOverrides {
                assert!(kind(&after) <= kind(&before), "{broken:#?}\n{request:#?}");
            }
        }
    });
}

fn when_claims(config: &mut Config, at: usize, claim: crate::config::Claim) {
    config.rules[at].when.claims.get_or_insert_default().push(claim);
}

#[test]
fn the_head_decides_nothing_that_the_body_could_change() {
    let mut early = 0_u64;
    each(8, |chance, config, requests| {
        let policy = compiled_of(config).policy;
        for request in requests {
            let at_once = request.decided(&policy);
            let first = request.with_head(|head| policy.decide(head, &Body::Unread));
            if first.outcome == Outcome::NeedsBody {
                continue;
            }
            early += 1;
            assert_eq!(first.outcome, at_once.outcome, "{config:#?}\n{request:#?}");
            // Nor could any other body.
            for _ in 0..5 {
                let other = world::request(chance);
                let changed = request.with_head(|head| policy.decide(head, &other.body()));
                assert_eq!(first.outcome, changed.outcome, "{config:#?}\n{request:#?}\n{:?}", other.body);
            }
        }
    });
    assert!(early > 1_000, "{early}");
}

#[test]
fn an_explanation_says_what_was_decided() {
    each(8, |_, config, requests| {
        let policy = compiled_of(config).policy;
        for request in requests {
            let decision = request.decided(&policy);
            let explained = request.with_head(|head| policy.explain(head, &request.body()));
            assert_eq!(explained.len(), config.rules.len());
            for one in &explained {
                let is_told = one.verdict == crate::policy::Verdict::Matches || one.place.is_some();
                assert!(is_told, "{one:?}");
            }
            if let Some(rule) = decision.rule {
                let found = explained.iter().find(|one| one.rule.name == rule.name).unwrap();
                assert_eq!(found.verdict, crate::policy::Verdict::Matches);
            }
        }
    });
}
