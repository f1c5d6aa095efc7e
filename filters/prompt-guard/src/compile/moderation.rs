//! A service that judges texts.

use portcullis::ai::vocabulary::Provenance;
use portcullis::config::in_range;
use portcullis::host::Millis;
use portcullis::http::url::Url;
use portcullis::prelude::{ConfigError, Env};
use serde_json::Value;

use crate::config::{self, Action, Ask, OnUnavailable};
use crate::moderation::{Api, Limits, Moderation, TEXT, Template};
use crate::policy::{Detector, Finder, Rule};
use crate::scope::Scope;

use super::detectors::{rule, scope};

/// Who writes what a model acts on.
const ASKED: [Provenance; 4] = [Provenance::User, Provenance::ToolResult, Provenance::Document, Provenance::Unknown];

pub(super) fn compile(written: &config::Moderation, env: &Env) -> Result<Rule, ConfigError> {
    if written.action == Action::Mask {
        return Err(ConfigError::new("action", "mask", "block, flag or shadow: a service names no place to mask"));
    }
    let scope = scope(written.provenances.as_deref(), Scope::of(&ASKED))?;
    let finder = Finder::Moderation(Box::new(service(written, env)?));
    Ok(rule(Detector::Moderation, written.action, scope, finder))
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
    match (written.api, &written.model) {
        (config::Api::Openai | config::Api::Chat, _) if written.request.is_some() => {
            Err(ConfigError::new("request", "a body of its own", "it with api: json alone"))
        }
        (config::Api::Openai | config::Api::Chat, _) if written.verdict.is_some() => {
            Err(ConfigError::new("verdict", "a JSON pointer", "it with api: json alone"))
        }
        (config::Api::Openai, model) => Ok(Api::OpenAi { model: model.clone() }),
        (config::Api::Chat, Some(model)) => Ok(Api::Chat { model: model.clone() }),
        (config::Api::Chat, None) => Err(ConfigError::missing("model", "the chat model to ask")),
        (config::Api::Json, Some(model)) => Err(ConfigError::new("model", model, "the model in request")),
        (config::Api::Json, None) => template(written).map(Api::Json),
    }
}

fn template(written: &config::Moderation) -> Result<Template, ConfigError> {
    let body = format!("a body with the string {TEXT:?} in it");
    let request = match &written.request {
        None => return Err(ConfigError::missing("request", body)),
        Some(request) if !has_text(request) => return Err(ConfigError::new("request", request, body)),
        Some(request) => request.clone(),
    };
    let pointer = "a JSON pointer such as /result/flagged";
    let verdict = match &written.verdict {
        None => return Err(ConfigError::missing("verdict", pointer)),
        Some(verdict) if !verdict.starts_with('/') => return Err(ConfigError::new("verdict", verdict, pointer)),
        Some(verdict) => verdict.clone(),
    };
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
    match written.threshold {
        Some(threshold) if written.api == config::Api::Chat => {
            Err(ConfigError::new("threshold", threshold, "none: chat answers without a score"))
        }
        Some(threshold) => in_range("threshold", threshold, 0.0..=1.0).map(|()| Some(threshold)),
        None => Ok(None),
    }
}

fn limits(written: &config::Moderation) -> Result<Limits, ConfigError> {
    let config::Moderation { timeout, max_open, cache_entries, cache_age, .. } = *written;
    in_range("timeout", timeout, Millis(50)..=Millis(30_000))?;
    in_range("max_open", max_open, 1..=1_000)?;
    in_range("cache_entries", cache_entries, 0..=100_000)?;
    in_range("cache_age", cache_age, Millis(1_000)..=Millis(86_400_000))?;
    Ok(Limits { timeout, max_open, max_bytes: written.max_bytes.0, cache_entries, cache_age })
}
