//! Bodies that nobody thought of.

use serde_json::{Map, Value, json};

use super::{LITERAL, envoy, outcome, post};

/// A small generator of numbers, the same in every run (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0.checked_rem(u64::try_from(below).unwrap()).unwrap()).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn text(&mut self) -> String {
        const WORDS: &[&str] = &[
            "zebra",
            "crossing",
            "dawn",
            "the",
            "river",
            "Größe",
            "你好",
            "😀",
            "a\\b",
            "\"quoted\"",
            "\n",
            "1.5",
            "",
            "<b>",
        ];
        (0..self.roll(9)).map(|_| self.one(WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn message(&mut self) -> Value {
        let role = self.one(&["system", "developer", "user", "assistant"]);
        let part = |text: String| json!({"type": "text", "text": text});
        match self.roll(3) {
            0 => json!({"role": role, "content": self.text()}),
            1 => json!({"role": role, "content": [part(self.text()), part(self.text())]}),
            _ => json!({"role": role, "content": self.text(), "x_note": {"a": [self.text(), 1, null, true]}}),
        }
    }

    fn body(&mut self) -> Value {
        let messages: Vec<Value> = (0..=self.roll(4)).map(|_| self.message()).collect();
        let mut body = json!({"model": "m", "messages": messages, "temperature": 0.5});
        if self.roll(2) == 0 {
            body["metadata"] = json!({"note": self.text()});
        }
        if self.roll(3) == 0 {
            body["x_more"] = json!([{"deep": [self.text()]}]);
        }
        body
    }
}

/// Puts the literal into the string of this number, between what it says; the roles and types are left alone, whose
/// words have a meaning of their own.
fn plant(value: &mut Value, number: &mut usize) {
    match value {
        Value::String(text) => {
            if *number == 0 {
                *text = format!("{text} {LITERAL}. {text}");
            }
            *number = number.wrapping_sub(1);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, number)),
        Value::Object(members) => {
            members
                .iter_mut()
                .filter(|(name, _)| *name != "role" && *name != "type")
                .for_each(|(_, value)| plant(value, number));
        }
        _ => {}
    }
}

fn strings(value: &Value) -> usize {
    let of = |members: &Map<String, Value>| {
        members.iter().filter(|(name, _)| *name != "role" && *name != "type").map(|(_, value)| strings(value)).sum()
    };
    match value {
        Value::String(_) => 1,
        Value::Array(items) => items.iter().map(strings).sum(),
        Value::Object(members) => of(members),
        _ => 0,
    }
}

#[test]
fn what_is_denied_is_found_in_any_string_and_nothing_else_is_touched() {
    let (envoy, mut dice) = (envoy(), Dice(0x9e37_79b9_7f4a_7c15));
    for round in 0..400 {
        let body = dice.body();
        let text = body.to_string();
        let passed = outcome(&envoy.send(&post("/v1/chat/completions", &[text.as_bytes()])));
        assert_eq!(passed, (200, text.clone().into_bytes()), "round {round}: {text}");
        let mut planted = body.clone();
        plant(&mut planted, &mut dice.roll(strings(&body)));
        let text = planted.to_string();
        let answer = envoy.send(&post("/v1/chat/completions", &[text.as_bytes()]));
        assert_eq!((answer.status, answer.upstream.is_some()), (400, false), "round {round}: {text}");
    }
}

#[test]
fn garbage_is_answered() {
    const GOOD: &[u8] = br#"{"messages":[{"role":"user","content":"a\u0041 zebra \ud83d\ude00"}],"x":[1.5e3,{}]}"#;
    let (envoy, mut dice) = (envoy(), Dice(77));
    for round in 0..3_000 {
        let mut body: Vec<u8> = if round % 2 == 0 {
            (0..dice.roll(99)).map(|_| u8::try_from(dice.roll(256)).unwrap()).collect()
        } else {
            GOOD.to_vec()
        };
        for _ in 0..dice.roll(5) {
            if let Some(byte) = (!body.is_empty()).then(|| dice.roll(body.len())).and_then(|at| body.get_mut(at)) {
                *byte = u8::try_from(dice.roll(256)).unwrap();
            }
        }
        let answer = envoy.send(&post("/v1/chat/completions", &[&body]));
        assert!(matches!(answer.status, 200 | 400), "{} for {:?}", answer.status, String::from_utf8_lossy(&body));
    }
}
