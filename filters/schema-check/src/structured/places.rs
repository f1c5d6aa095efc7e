//! Where a request says what the answer must be, by API.

use portcullis::ai::dialect::Dialect;
use portcullis::json::{Error, Limits, Raw, Reader};

/// The names of the members that lead to a schema.
type Place = &'static [&'static str];

/// Where the requests of an API have a JSON Schema for the answer. Google's `responseSchema` is of another language and is
/// not read; nor is Bedrock's, a text in which JSON is written.
pub(super) fn of(dialect: Dialect) -> &'static [Place] {
    match dialect {
        Dialect::OpenAi => &[&["response_format", "json_schema", "schema"], &["text", "format", "schema"]],
        Dialect::Anthropic => &[&["output_config", "format", "schema"], &["output_format", "schema"]],
        Dialect::Google => &[
            &["generationConfig", "responseJsonSchema"],
            &["generationConfig", "response_json_schema"],
            &["generation_config", "responseJsonSchema"],
            &["generation_config", "response_json_schema"],
        ],
        Dialect::Cohere => &[&["response_format", "json_schema"], &["response_format", "schema"]],
        Dialect::Ollama => &[&["format"]],
        _ => &[],
    }
}

/// The schemas at these places, as they stand there, and a pointer to each.
pub(super) fn find<'b>(body: &'b [u8], limits: Limits, places: &[Place]) -> Result<Vec<(String, &'b [u8])>, Error> {
    let mut search = Search { reader: Reader::new(body, limits), body, found: Vec::new() };
    if matches!(search.reader.next_raw()?, Some(Raw::ObjectStart)) {
        search.members(places, 0)?;
    }
    Ok(search.found)
}

struct Search<'b> {
    reader: Reader<'b>,
    body: &'b [u8],
    found: Vec<(String, &'b [u8])>,
}

impl Search<'_> {
    /// Looks through the members of the object that has begun: so deep in each of the places.
    fn members(&mut self, places: &[Place], depth: usize) -> Result<(), Error> {
        while let Some(Raw::Key(name)) = self.reader.next_raw()? {
            let name = name.unescaped();
            let is_here = |place: &&Place| place.get(depth).is_some_and(|wanted| **wanted == name);
            let here: Vec<Place> = places.iter().filter(is_here).copied().collect();
            match here.iter().find(|place| place.len() == depth.saturating_add(1)) {
                Some(place) => self.schema(place)?,
                None if here.is_empty() => {
                    self.reader.skip_value()?;
                }
                None => self.inner(&here, depth.saturating_add(1))?,
            }
        }
        Ok(())
    }

    fn schema(&mut self, place: Place) -> Result<(), Error> {
        let value = self.reader.skip_value()?.and_then(|span| self.body.get(span));
        // A word there (`"json"`) asks for JSON of any kind.
        let schema = value.filter(|value| value.starts_with(b"{"));
        self.found.extend(schema.map(|schema| (format!("/{}", place.join("/")), schema)));
        Ok(())
    }

    fn inner(&mut self, places: &[Place], depth: usize) -> Result<(), Error> {
        match self.reader.next_raw()? {
            Some(Raw::ObjectStart) => self.members(places, depth),
            Some(Raw::ArrayStart) => self.reader.leave(),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(dialect: Dialect, body: &str) -> Vec<String> {
        let found = find(body.as_bytes(), Limits::default(), of(dialect)).unwrap();
        found.into_iter().map(|(_, schema)| String::from_utf8_lossy(schema).into_owned()).collect()
    }

    #[test]
    fn a_schema_is_found_where_its_api_has_it() {
        for (dialect, body, expected) in [
            (
                Dialect::OpenAi,
                r#"{"a":[1,{}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"a":1}}}}"#,
                &[r#"{"a":1}"#][..],
            ),
            (
                Dialect::OpenAi,
                r#"{"text": {"format": {"schema": {"a": [{}]}, "z": 1}, "y": 2}, "x": 3}"#,
                &[r#"{"a": [{}]}"#],
            ),
            (Dialect::OpenAi, r#"{"response_format":{"type":"json_object"}}"#, &[]),
            (Dialect::OpenAi, r#"{"response_format":[{"json_schema":{"schema":{}}}],"text":null}"#, &[]),
            (Dialect::OpenAi, r#"{"messages":[{"response_format":{"json_schema":{"schema":{}}}}]}"#, &[]),
            (Dialect::OpenAi, r"[]", &[]),
            (Dialect::Anthropic, r#"{"output_config":{"format":{"type":"json_schema","schema":{}}}}"#, &["{}"]),
            (Dialect::Google, r#"{"generationConfig":{"responseJsonSchema":{"b":1}}}"#, &[r#"{"b":1}"#]),
            (Dialect::Google, r#"{"generation_config":{"response_json_schema":{"b":1}}}"#, &[r#"{"b":1}"#]),
            (Dialect::Cohere, r#"{"response_format":{"type":"json_object","schema":{"c":1}}}"#, &[r#"{"c":1}"#]),
            (Dialect::Ollama, r#"{"format":"json"}"#, &[]),
            (Dialect::Ollama, r#"{"format":{"d":1}}"#, &[r#"{"d":1}"#]),
            (Dialect::Mcp, r#"{"format":{"d":1}}"#, &[]),
            (Dialect::Ollama, r#"{"Format":{"d":1}}"#, &[]),
        ] {
            assert_eq!(found(dialect, body), expected, "{body}");
        }
    }
}
