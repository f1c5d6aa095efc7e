//! What a service is asked, and how its answer is read. An answer that is not what its API documents says nothing: it is
//! neither a yes nor a no.

use portcullis::json::{Limits, parse};
use serde_json::{Value, json};

/// How a service is spoken to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Api {
    /// `POST /v1/moderations` of `OpenAI`: one result for each text.
    OpenAi {
        /// The model; the service's own if there is none.
        model: Option<String>,
    },
    /// A chat model that answers `safe` or `unsafe`, as Llama Guard does.
    Chat {
        /// The model.
        model: String,
    },
    /// Any JSON.
    Json(Template),
}

/// A request and where the judgement stands in its answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    /// The body, in which the string `$text` stands for the texts, with a line feed between them.
    pub(crate) request: Value,
    /// A JSON pointer to `true`, `false` or a number.
    pub(crate) verdict: String,
}

/// What a service says of texts, all together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Said {
    /// Whether one is at fault.
    pub(crate) is_flagged: bool,
    /// The highest score, from 0 to 1.
    pub(crate) score: f64,
}

/// What stands for the texts in a request of the operator's.
pub(crate) const TEXT: &str = "$text";

impl Api {
    /// The body that asks about texts.
    pub(super) fn body(&self, texts: &[String]) -> Vec<u8> {
        let joined = || texts.join("\n");
        let body = match self {
            Self::OpenAi { model: None } => json!({"input": texts}),
            Self::OpenAi { model: Some(model) } => json!({"model": model, "input": texts}),
            Self::Chat { model } => json!({
                "model": model, "messages": [{"role": "user", "content": joined()}],
                "temperature": 0, "max_tokens": 32, "stream": false
            }),
            Self::Json(template) => filled(&template.request, &joined()),
        };
        body.to_string().into_bytes()
    }

    /// What an answer says of so many texts.
    pub(super) fn read(&self, body: &[u8], texts: usize, threshold: Option<f64>) -> Option<Said> {
        let answer = parse(body, Limits::default()).ok()?;
        match self {
            Self::OpenAi { .. } => of_results(&answer, texts, threshold),
            Self::Chat { .. } => of_chat(&answer),
            Self::Json(template) => of_verdict(answer.pointer(&template.verdict)?, threshold),
        }
    }
}

fn filled(template: &Value, text: &str) -> Value {
    match template {
        Value::String(place) if place == TEXT => Value::from(text),
        Value::Array(list) => list.iter().map(|value| filled(value, text)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), filled(value, text))).collect(),
        other => other.clone(),
    }
}

/// An answer to another question has another number of results.
fn of_results(answer: &Value, texts: usize, threshold: Option<f64>) -> Option<Said> {
    let results = answer.get("results")?.as_array().filter(|results| results.len() == texts)?;
    let said: Vec<Said> = results.iter().map(|result| of_result(result, threshold)).collect::<Option<_>>()?;
    let score = said.iter().map(|said| said.score).fold(0.0, f64::max);
    Some(Said { is_flagged: said.iter().any(|said| said.is_flagged), score })
}

fn of_result(result: &Value, threshold: Option<f64>) -> Option<Said> {
    let flagged = result.get("flagged")?.as_bool()?;
    let scores = result.get("category_scores").and_then(Value::as_object);
    let scores = scores.into_iter().flat_map(|scores| scores.values()).filter_map(Value::as_f64);
    let score = scores.fold(0.0, f64::max);
    let is_flagged = threshold.map_or(flagged, |threshold| score >= threshold);
    Some(Said { is_flagged, score: if score > 0.0 { score } else { f64::from(u8::from(flagged)) } })
}

fn of_chat(answer: &Value) -> Option<Said> {
    let content = answer.pointer("/choices/0/message/content")?.as_str()?.trim_start();
    let word = content.split(|character: char| !character.is_ascii_alphabetic()).next()?;
    let word = word.to_ascii_lowercase();
    let (is_flagged, word) = word.strip_prefix("un").map_or((false, word.as_str()), |rest| (true, rest));
    (word == "safe").then_some(Said { is_flagged, score: f64::from(u8::from(is_flagged)) })
}

fn of_verdict(verdict: &Value, threshold: Option<f64>) -> Option<Said> {
    match verdict {
        Value::Bool(is_flagged) => Some(Said { is_flagged: *is_flagged, score: f64::from(u8::from(*is_flagged)) }),
        Value::Number(number) => {
            let score = number.as_f64()?;
            Some(Said { is_flagged: score >= threshold?, score: score.clamp(0.0, 1.0) })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(api: &Api, answer: &str, texts: usize, threshold: Option<f64>) -> Option<(bool, f64)> {
        api.read(answer.as_bytes(), texts, threshold).map(|said| (said.is_flagged, said.score))
    }

    #[test]
    fn moderations_have_a_result_for_each_text() {
        let api = Api::OpenAi { model: None };
        let texts = ["a".to_owned(), "b \"c\"".to_owned()];
        assert_eq!(api.body(&texts), br#"{"input":["a","b \"c\""]}"#);
        let safe = r#"{"flagged": false, "category_scores": {"hate": 0.2, "violence": 0.01}}"#;
        let unsafe_ = r#"{"flagged": true, "category_scores": {"hate": 0.9}}"#;
        for (answer, threshold, expected) in [
            (format!("{{\"results\": [{safe}, {safe}]}}"), None, Some((false, 0.2))),
            (format!("{{\"results\": [{safe}, {unsafe_}]}}"), None, Some((true, 0.9))),
            (format!("{{\"results\": [{safe}, {safe}]}}"), Some(0.1), Some((true, 0.2))),
            (format!("{{\"results\": [{safe}, {unsafe_}]}}"), Some(0.95), Some((false, 0.9))),
            (format!("{{\"results\": [{safe}]}}"), None, None),
            (format!("{{\"results\": [{safe}, {safe}, {safe}]}}"), None, None),
            ("{\"results\": [{}, {}]}".to_owned(), None, None),
            ("{\"results\": [{\"flagged\": \"no\"}, {}]}".to_owned(), None, None),
            ("{\"error\": {\"message\": \"overloaded\"}}".to_owned(), None, None),
            (format!("{{\"results\": [{safe}, {unsafe_}], \"results\": [{safe}, {safe}]}}"), None, None),
            ("<html>".to_owned(), None, None),
            (String::new(), None, None),
        ] {
            assert_eq!(said(&api, &answer, 2, threshold), expected, "{answer}");
        }
    }

    #[test]
    fn a_chat_model_says_safe_or_unsafe_or_nothing() {
        let api = Api::Chat { model: "guard".to_owned() };
        for (content, expected) in [
            ("safe", Some((false, 0.0))),
            ("\\n\\nunsafe\\nS1,S9", Some((true, 1.0))),
            ("Unsafe.", Some((true, 1.0))),
            ("safely said, this is Unsafe", None),
            ("I cannot tell.", None),
            ("", None),
        ] {
            let answer = format!(r#"{{"choices": [{{"message": {{"content": "{content}"}}}}]}}"#);
            assert_eq!(said(&api, &answer, 3, None), expected, "{content}");
        }
    }

    #[test]
    fn any_json_has_its_judgement_where_the_operator_says() {
        let request = json!({"q": [TEXT], "keep": "$texts", "n": 1});
        let api = Api::Json(Template { request, verdict: "/a/0".to_owned() });
        assert_eq!(api.body(&["x".to_owned(), "y".to_owned()]), br#"{"keep":"$texts","n":1,"q":["x\ny"]}"#);
        for (answer, threshold, expected) in [
            (r#"{"a": [true]}"#, None, Some((true, 1.0))),
            (r#"{"a": [false]}"#, Some(0.5), Some((false, 0.0))),
            (r#"{"a": [0.7]}"#, Some(0.5), Some((true, 0.7))),
            (r#"{"a": [0.3]}"#, Some(0.5), Some((false, 0.3))),
            (r#"{"a": [0.3]}"#, None, None),
            (r#"{"a": ["yes"]}"#, None, None),
            (r#"{"a": []}"#, None, None),
        ] {
            assert_eq!(said(&api, answer, 2, threshold), expected, "{answer}");
        }
    }
}
