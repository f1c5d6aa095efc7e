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

/// How many may be taken for an attack, which is told and refuses nothing: where 3 of 1,000 are (8 of 2,645 by choice of the
/// score), it is no more than 2 in 95 of 100 such sets.
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
        let before = told(world);
        let body = json!({"model": "m", "messages": messages(line)}).to_string();
        let request = Request::new("POST", "/v1/chat/completions").header("content-type", "application/json");
        let answer = world.send(&request.body(body.clone()));
        let code = String::from_utf8_lossy(&answer.body).into_owned();
        outcome.check(answer.is(200), || format!("{}: {:?} {code}: {line}", world.name(), answer.status));
        let came = world.upstream_last().is_some_and(|seen| seen.body == body.as_bytes());
        outcome.check(!answer.is(200) || came, || format!("{}: written anew: {line}", world.name()));
        // Envoy adds its counters up later than it answers.
        let now = told(world);
        let (is_personal, is_attack) = (now[0] > before[0], now[1] > before[1]);
        let has_address = has_address(line);
        outcome.check(world.name() != "fake" || is_personal == has_address, || format!("told {is_personal}: {line}"));
        wrong.extend(is_attack.then_some(line));
    }
    if world.name() == "fake" {
        outcome.notes = format!("{} told as an attack", wrong.len());
    }
    outcome.check(world.name() != "fake" || wrong.len() <= FALSE, || format!("taken for attacks: {wrong:?}"));
}

/// How often personal data were told, and attacks.
fn told(world: &dyn World) -> [u64; 2] {
    ["pii", "injection"].map(|detector| {
        let name =
            format!("portcullis_prompt_guard_findings_total.detector.{detector}.action.flag.instance.prompt_guard");
        world.counter(&name)
    })
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
