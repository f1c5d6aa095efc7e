//! What a body asks for, in the words of the policy.
//!
//! Rules:
//! 1. every model, resource and stored thing that is named counts, wherever it stands;
//! 2. caps and numbers of answers count as the kit says (`ai/caps.rs`);
//! 3. what an API does unless it is told not to counts where it is not told;
//! 4. what is offered as a tool counts, named or not.

use std::borrow::Cow;
use std::ops::Range;

use portcullis::ai::LIMITS;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::Reading;
use portcullis::ai::vocabulary::{Feature, Measure, Unread, What};
use portcullis::json::{Raw, Reader, Text as Written};

use crate::policy::{Asked, distinct};

/// What a body asks for that was read by the table of this endpoint.
pub(crate) fn asked(endpoint: &Endpoint, path: &[u8], body: &[u8], reading: &Reading<'_>) -> Asked {
    let noted = |what: What| reading.notes.iter().filter(move |note| note.what == what);
    let text = |text: Cow<'_, str>| text.into_owned();
    let offered = reading.features.iter().filter(|feature| **feature == Feature::Tools).count();
    let resources = noted(What::Resource).chain(noted(What::Reference)).map(|note| text(note.text.unescaped()));
    let unasked = endpoint.uses_unasked().filter(|feature| !reading.declined.contains(feature));
    let tools = offered.max(noted(What::Tool).count());
    Asked {
        models: distinct(
            reading.model.iter().copied().chain(noted(What::Model).map(|note| note.text)).map(Written::unescaped),
        ),
        resources: resources.chain(references(body, reading)).collect(),
        stream: endpoint.wants_stream(path, Some(reading)),
        max_output_tokens: endpoint.cap(reading),
        choices: reading.choices(),
        tools,
        has_media: reading.unread.iter().any(|(why, _)| *why != Unread::TokenIds),
        messages: reading.messages,
        features: reading.features.iter().copied().chain(unasked).collect(),
        has_unknown: !reading.unknown.is_empty(),
        top_logprobs: reading.largest(|measure, _| measure == Measure::TopLogprobs),
    }
}

/// What stored things are known by, as texts; one that is no text is the empty one, which no pattern but `*` fits.
fn references(body: &[u8], reading: &Reading<'_>) -> Vec<String> {
    let by_reference = reading.unread.iter().filter(|(why, _)| *why == Unread::ByReference);
    by_reference.flat_map(|(_, span)| strings(body, span)).collect()
}

fn strings(body: &[u8], span: &Range<usize>) -> Vec<String> {
    let mut reader = Reader::new(body.get(span.clone()).unwrap_or_default(), LIMITS);
    let mut found = Vec::new();
    while let Ok(Some(event)) = reader.next_raw() {
        if let Raw::String(text) = event {
            found.push(text.unescaped().into_owned());
        }
    }
    if found.is_empty() { vec![String::new()] } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::ai::read::read;
    use portcullis::http::path::Canonical;

    fn of(path: &str, body: &str) -> Asked {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        asked(endpoint, path.as_bytes(), body.as_bytes(), &reading)
    }

    const CHAT: &str = "/v1/chat/completions";

    #[test]
    fn a_tool_counts_whether_it_has_a_name_or_not() {
        for (path, body, tools) in [
            (CHAT, r#"{"tools": []}"#, 0),
            (CHAT, r#"{"tools": null}"#, 0),
            (CHAT, r#"{"tools": [{"type": "web_search"}, {"function": {"name": "f"}}]}"#, 2),
            (CHAT, r#"{"t\u006fols": [{"type": "web_search"}]}"#, 1),
            (CHAT, r#"{"web_search_options": {}}"#, 1),
            (CHAT, r#"{"functions": [{"name": "f"}]}"#, 1),
            (CHAT, r#"{"text": [[1]], "tools": [{}]}"#, 1),
            (CHAT, r#"{"text": "x", "tools": [{}]}"#, 1),
            (
                "/v1beta/models/g:generateContent",
                r#"{"tools": [{"functionDeclarations": [{"name": "f"}, {"name": "g"}]}]}"#,
                2,
            ),
            ("/model/m/converse", r#"{"toolConfig": {"tools": [{"toolSpec": {"name": "f"}}]}}"#, 1),
        ] {
            let asked = of(path, body);
            assert_eq!((asked.tools, asked.features.contains(&Feature::Tools)), (tools, tools > 0), "{path} {body}");
        }
    }

    #[test]
    fn what_an_api_does_unasked_counts() {
        for (path, body, stores) in [
            ("/v1/responses", "{}", true),
            ("/v1/responses", r#"{"store": null}"#, true),
            ("/v1/responses", r#"{"store": true}"#, true),
            ("/v1/responses", r#"{"store": false}"#, false),
            ("/v1beta/interactions", "{}", true),
            ("/v1beta/interactions", r#"{"store": false}"#, false),
            (CHAT, "{}", false),
            (CHAT, r#"{"store": true}"#, true),
        ] {
            assert_eq!(of(path, body).features.contains(&Feature::Store), stores, "{path} {body}");
        }
    }

    #[test]
    fn every_model_and_stored_thing_is_told() {
        for (path, body) in [
            ("/v1/messages", r#"{"model": "a", "fallbacks": [{"model": "b"}], "container": {"id": "c1"}}"#),
            ("/v1/messages", r#"{"model": "a", "fallbacks": ["b"]}"#),
            (CHAT, r#"{"model": "a", "models": ["b"]}"#),
            (CHAT, r#"{"model": "a", "fallbacks": ["b"]}"#),
            (CHAT, r#"{"model": "a", "fallbacks": [{"model": "b", "messages": []}]}"#),
            ("/v1/responses", r#"{"model": "a", "fallback_models": "b"}"#),
        ] {
            assert_eq!(of(path, body).models, ["a", "b"], "{path} {body}");
        }
        let file = r#"{"messages": [{"content": [{"type": "file", "file": {"file_id": "file-\u0031"}}]}]}"#;
        let asked = of(CHAT, file);
        assert_eq!((asked.resources, asked.has_media, asked.messages), (vec!["file-1".to_owned()], true, 1));
    }

    #[test]
    fn what_streams_and_what_forms_are_told() {
        for (path, body, streams) in [
            (CHAT, "{}", false),
            (CHAT, r#"{"stream": true}"#, true),
            ("/api/chat", "{}", true),
            ("/api/chat", r#"{"stream": false}"#, false),
            ("/v1beta/models/g:streamGenerateContent", "{}", true),
            ("/model/m/converse-stream", "{}", true),
        ] {
            assert_eq!(of(path, body).stream, Some(streams), "{path} {body}");
        }
        for (path, body) in [
            (CHAT, r#"{"response_format": {"type": "json_object"}}"#),
            ("/v1/responses", r#"{"text": {"format": {"type": "json_schema"}}}"#),
            ("/v1beta/models/g:generateContent", r#"{"generationConfig": {"responseSchema": {}}}"#),
        ] {
            assert!(of(path, body).features.contains(&Feature::ResponseFormat), "{path} {body}");
        }
    }
}
