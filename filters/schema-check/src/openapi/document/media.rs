//! Content by media type, and headers: what bodies, answers and parts of forms share.

use super::super::Fault;
use super::super::check::Kind;
use super::super::pointer::child;
use super::follow::{At, Source};
use super::{Encoding, Header, Media, Style, Value};

/// The field `content`.
pub(super) fn content(source: &Source<'_>, at: &At<'_>) -> Result<Vec<Media>, Fault> {
    at.map("content").into_iter().map(|(range, pointer)| media(source, range, pointer)).collect()
}

fn media(source: &Source<'_>, range: &str, pointer: String) -> Result<Media, Fault> {
    let range = media_range(range)
        .ok_or_else(|| Fault::new(&pointer, "a media type such as application/json, or a range such as image/*"))?;
    let at = source.object(pointer, Kind::MediaType)?;
    let named = at.map("encoding").into_iter().map(|(name, pointer)| Ok((name.to_owned(), encoding(source, pointer)?)));
    Ok(Media {
        range,
        schema: at.place("schema"),
        item_schema: at.place("itemSchema"),
        encoding: named.collect::<Result<_, Fault>>()?,
        prefix_encoding: at
            .list("prefixEncoding")
            .into_iter()
            .map(|at| encoding(source, at))
            .collect::<Result<_, _>>()?,
        item_encoding: at.place("itemEncoding").map(|at| encoding(source, at)).transpose()?,
    })
}

/// `type/subtype`, `type/*` or `*/*`, with or without parameters, in lower case.
fn media_range(text: &str) -> Option<String> {
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let (kind, subtype) = essence.trim().split_once('/')?;
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let fits = (is_name(kind) && (is_name(subtype) || subtype == "*")) || (kind == "*" && subtype == "*");
    let parameters = if parameters.is_empty() { String::new() } else { format!(";{}", parameters.trim()) };
    fits.then(|| format!("{kind}/{subtype}{parameters}").to_ascii_lowercase())
}

fn encoding(source: &Source<'_>, pointer: String) -> Result<Encoding, Fault> {
    let at = source.object(pointer, Kind::Encoding)?;
    if let Some(nested) = ["encoding", "prefixEncoding", "itemEncoding"].iter().find_map(|name| at.place(name)) {
        return Err(Fault::new(nested, "no parts within parts: they cannot be enforced"));
    }
    let types = at.text("contentType").into_iter().flat_map(|types| types.split(','));
    let types = types.map(|range| media_range(range.trim()));
    let content_types = types.collect::<Option<_>>();
    // One of the three says that the value is written as in a query (Encoding Object, `style`).
    let is_styled = ["style", "explode", "allowReserved"].iter().any(|name| at.fields.contains_key(*name));
    let style = is_styled.then(|| at.text("style").and_then(Style::parse).unwrap_or(Style::Form));
    let mut headers = headers(source, &at)?;
    headers.retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
    Ok(Encoding {
        content_types: content_types
            .ok_or_else(|| Fault::new(at.child("contentType"), "media types, separated by commas"))?,
        headers,
        style,
        explode: at.flag("explode").unwrap_or(style.is_some_and(Style::explodes)),
        allow_reserved: at.flag("allowReserved").unwrap_or_default(),
    })
}

/// The field `headers`.
pub(super) fn headers(source: &Source<'_>, at: &At<'_>) -> Result<Vec<Header>, Fault> {
    let header = |(name, pointer): (&str, String)| {
        let at = source.object(pointer, Kind::Header)?;
        Ok(Header {
            name: name.to_owned(),
            required: at.flag("required").unwrap_or_default(),
            explode: at.flag("explode").unwrap_or_default(),
            value: value(source, &at)?,
        })
    };
    at.map("headers").into_iter().map(header).collect()
}

/// `schema`, or the one media type of `content`.
pub(super) fn value(source: &Source<'_>, at: &At<'_>) -> Result<Value, Fault> {
    if let Some(schema) = at.place("schema") {
        return Ok(Value::Schema(schema));
    }
    match content(source, at)?.into_iter().next() {
        Some(media) => Ok(Value::Content(media.range, media.schema)),
        None => Err(Fault::new(child(&at.pointer, "content"), "a media type")),
    }
}
