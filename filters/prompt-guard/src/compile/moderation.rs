//! A service that judges texts.

use portcullis::ai::vocabulary::Provenance;
use portcullis::host::Millis;
use portcullis::http::url::Url;
use portcullis::prelude::{ConfigError, Env};
use serde_json::Value;

use crate::config::{self, Action, Ask, OnUnavailable};
use crate::moderation::{Api, Limits, Moderation, TEXT, Template};
use crate::policy::{Detector, Finder, Rule};
use crate::scope::Scope;

use super::detectors::scope;

/// Who writes what a model acts on.
const ASKED: [Provenance; 4] = [Provenance::User, Provenance::ToolResult, Provenance::Document, Provenance::Unknown];

pub(super) fn compile(written: &config::Moderation, env: &Env) -> Result<Rule, ConfigError> {
    if written.action == Action::Mask {
        return Err(ConfigError::new("action", "mask", "block, flag or shadow: a service names no place to mask"));
    }
    let scope = scope(written.provenances.as_deref(), Scope::of(&ASKED))?;
    let finder = Finder::Moderation(Box::new(service(written, env)?));
    Ok(Rule {
        name: Detector::Moderation.word().to_owned(),
        detector: Detector::Moderation,
        action: written.action,
        scope,
        at_least: 1,
        finder,
    })
}

fn service(written: &config::Moderation, env: &Env) -> Result<Moderation, ConfigError> {
    if written.cluster.is_empty() {
        return Err(ConfigError::new("cluster", "", "the name of an Envoy cluster"));
    }
    let url = Url::parse(&written.url).map_err(|expected| ConfigError::new("url", &written.url, expected))?;
    Ok(Moderation::new(
        written.cluster.clone(),
        url,
        api(written)?,
        written.token.as_ref().map(|token| bearer(token, env)).transpose()?,
        threshold(written)?,
        written.ask == Ask::Always,
        limits(written)?,
        written.on_unavailable == OnUnavailable::Allow,
    ))
}

fn bearer(token: &portcullis::config::Secret, env: &Env) -> Result<String, ConfigError> {
    let bytes = token.resolve(env).map_err(|error| error.within("token"))?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    let text = text.ok_or_else(|| ConfigError::new("token.env", &token.env, "a token of visible ASCII characters"))?;
    Ok(format!("Bearer {text}"))
}

fn api(written: &config::Moderation) -> Result<Api, ConfigError> {
    let has_template = written.request.is_some() || written.verdict.is_some();
    match (written.api, &written.model) {
        (config::Api::Openai | config::Api::Chat, _) if has_template => {
            Err(ConfigError::new("request", "a body of its own", "api: json"))
        }
        (config::Api::Openai, model) => Ok(Api::OpenAi { model: model.clone() }),
        (config::Api::Chat, Some(model)) => Ok(Api::Chat { model: model.clone() }),
        (config::Api::Chat, None) => Err(ConfigError::missing("model", "the chat model to ask")),
        (config::Api::Json, Some(model)) => Err(ConfigError::new("model", model, "the model in request")),
        (config::Api::Json, None) => template(written).map(Api::Json),
    }
}

fn template(written: &config::Moderation) -> Result<Template, ConfigError> {
    let request = written.request.clone().filter(has_text);
    let request =
        request.ok_or_else(|| ConfigError::missing("request", format!("a body with the string {TEXT:?} in it")))?;
    let verdict = written.verdict.clone().filter(|pointer| pointer.starts_with('/'));
    let verdict = verdict.ok_or_else(|| ConfigError::missing("verdict", "a JSON pointer such as /result/flagged"))?;
    Ok(Template { request, verdict })
}

fn has_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text == TEXT,
        Value::Array(list) => list.iter().any(has_text),
        Value::Object(members) => members.values().any(has_text),
        _ => false,
    }
}

fn threshold(written: &config::Moderation) -> Result<Option<f64>, ConfigError> {
    match written.threshold.filter(|threshold| !(0.0..=1.0).contains(threshold)) {
        Some(threshold) => Err(ConfigError::new("threshold", threshold, "0 to 1")),
        None => Ok(written.threshold),
    }
}

fn limits(written: &config::Moderation) -> Result<Limits, ConfigError> {
    let within = |place: &str, found: Millis, least: Millis, most: Millis| {
        let expected = format!("{least} to {most}");
        if (least..=most).contains(&found) { Ok(found) } else { Err(ConfigError::new(place, found, expected)) }
    };
    let count = |place: &str, found: usize, least: usize, most: usize| {
        let expected = format!("{least} to {most}");
        if (least..=most).contains(&found) { Ok(found) } else { Err(ConfigError::new(place, found, expected)) }
    };
    Ok(Limits {
        timeout: within("timeout", written.timeout, Millis(50), Millis(30_000))?,
        max_open: count("max_open", written.max_open, 1, 1_000)?,
        max_bytes: written.max_bytes.0,
        cache_entries: count("cache_entries", written.cache_entries, 0, 100_000)?,
        cache_age: within("cache_age", written.cache_age, Millis(1_000), Millis(86_400_000))?,
    })
}
