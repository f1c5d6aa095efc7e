//! PG-001: honest prompts pass as they came, with what prompt-guard looks for where an operator says nothing.
//!
//! They stand in `benign.txt`, one a line: what a user says, with `\n`, `\t` and `\\` for what they stand for, or all
//! messages as a list of JSON.

use std::collections::BTreeMap;
use std::thread;

use harness::cases::gateway::InEnvoy;
use harness::cases::{Gateway, Open, Setup, World};
use harness::client::Request;
use serde_json::{Value, json};

use super::Outcome;
use crate::{STACK_BYTES, fake_world};

const PROMPTS: &str = include_str!("../../benign.txt");

/// How many there are.
pub(super) const VARIANTS: usize = 251;

/// How many may be taken for an attack, which is told and refuses nothing: the README promises 3 of 1,000, and in 95 of 100
/// such sets it is no more than 2 then.
const FALSE: usize = 2;

pub(super) fn play() -> Outcome {
    thread::scope(|scope| {
        let player = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, play_all).expect("a thread");
        player.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn play_all() -> Outcome {
    let mut outcome = Outcome::default();
    outcome.check(PROMPTS.lines().count() == VARIANTS, || format!("not {VARIANTS} prompts"));
    match worlds() {
        Ok(worlds) => worlds.into_iter().for_each(|mut world| pass(world.as_mut(), &mut outcome)),
        Err(log) => outcome.faults.push(log),
    }
    outcome.notes = format!("{} flagged", PROMPTS.lines().filter(|line| has_address(line)).count());
    outcome
}

fn worlds() -> Result<Vec<Box<dyn World>>, String> {
    let setup = Setup {
        filters: vec![("prompt-guard".to_owned(), json!({}))],
        gateway: Gateway::default(),
        variables: BTreeMap::new(),
        documents: BTreeMap::new(),
        upstream: BTreeMap::new(),
    };
    let mut worlds = fake_world::open(&setup)?;
    worlds.extend(InEnvoy.open(&setup)?);
    Ok(worlds)
}

/// Every prompt is served, and reaches the upstream byte by byte.
fn pass(world: &mut dyn World, outcome: &mut Outcome) {
    let mut wrong = Vec::new();
    for line in PROMPTS.lines() {
        let before = flagged(world);
        let body = json!({"model": "m", "messages": messages(line)}).to_string();
        let request = Request::new("POST", "/v1/chat/completions").header("content-type", "application/json");
        let answer = world.send(&request.body(body.clone()));
        let code = String::from_utf8_lossy(&answer.body).into_owned();
        outcome.check(answer.is(200), || format!("{}: {:?} {code}: {line}", world.name(), answer.status));
        let came = world.upstream_last().is_some_and(|seen| seen.body == body.as_bytes());
        outcome.check(!answer.is(200) || came, || format!("{}: written anew: {line}", world.name()));
        // Envoy adds its counters up later than it answers.
        let (is_flagged, may_be) = (flagged(world) > before, has_address(line));
        outcome.check(world.name() != "fake" || is_flagged || !may_be, || format!("not flagged: {line}"));
        wrong.extend((is_flagged && !may_be).then_some(line));
    }
    outcome.check(world.name() != "fake" || wrong.len() <= FALSE, || format!("taken for attacks: {wrong:?}"));
}

/// How many prompts were told to have something in them that is only told.
fn flagged(world: &dyn World) -> u64 {
    world.counter("portcullis_prompt_guard_requests_total.outcome.allow.code.flagged.instance.prompt_guard")
}

/// Whether a prompt names somebody's e-mail address, which is flagged.
fn has_address(line: &str) -> bool {
    line.contains("@example.")
}

fn messages(line: &str) -> Value {
    match serde_json::from_str(line) {
        Ok(Value::Array(messages)) => Value::Array(messages),
        _ => json!([{"role": "user", "content": unescaped(line)}]),
    }
}

fn unescaped(line: &str) -> String {
    let (mut text, mut letters) = (String::new(), line.chars());
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}
