//! What a `content-type` says (RFC 9110 section 8.3).

/// The media type of a `content-type`, unless it says that the text is not UTF-8.
pub(crate) fn media_type(value: &[u8]) -> Option<&[u8]> {
    let mut parts = parts(value);
    let named = parts.next()?;
    parts.all(|part| charset(part).is_none_or(is_utf8)).then_some(named)
}

/// The types of JSON that AI APIs name in requests: A2A has its own (A2A 1.0 section 11.1).
const JSON: [&[u8]; 2] = [b"application/json", b"application/a2a+json"];

/// Whether a `content-type` says JSON in UTF-8 to every server, and nothing else to any. Parsers of forms look for their
/// type anywhere in the value, so no other `+json` passes and no parameter but `charset`.
pub fn is_json(value: &[u8]) -> bool {
    let mut parts = parts(value);
    let named = parts.next().unwrap_or_default();
    JSON.iter().any(|json| named.eq_ignore_ascii_case(json))
        && parts.all(|part| part.is_empty() || charset(part).is_some_and(is_utf8))
}

/// The type and its parameters.
fn parts(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii)
}

/// The value of a parameter that is `charset`.
fn charset(parameter: &[u8]) -> Option<&[u8]> {
    let mut halves = parameter.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
    let (name, value) = (halves.next()?, halves.next().unwrap_or_default());
    name.eq_ignore_ascii_case(b"charset").then_some(value)
}

/// UTF-8 or a part of it.
fn is_utf8(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    [&b"utf-8"[..], b"utf8", b"us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_what_every_server_takes_for_it() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json;", true),
            ("application/a2a+json", true),
            ("application/vnd.api+json", false),
            ("application/x-www-form-urlencoded+json", false),
            ("multipart/form-data+json; boundary=x", false),
            ("text/event-stream+json", false),
            ("application/json; x=urlencoded", false),
            ("application/json; boundary=multipart/form-data", false),
            ("application/json; charset", false),
            ("application/json; charset*=utf-16", false),
            ("application/json; charset=\"utf-8", false),
            ("application/json, text/plain", false),
            ("application/json; charset=utf-16", false),
            ("application/json; charset=utf-7", false),
            ("text/json", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=+json", false),
            ("json", false),
            ("", false),
        ] {
            assert_eq!(is_json(value.as_bytes()), expected, "{value}");
        }
    }
}
