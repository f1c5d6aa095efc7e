//! What a `content-type` says (RFC 9110 section 8.3).

/// The media type of a `content-type`, unless it says that the text is not UTF-8.
pub(crate) fn media_type(value: &[u8]) -> Option<&[u8]> {
    let mut parts = value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let named = parts.next()?;
    parts.all(is_utf8_if_charset).then_some(named)
}

/// Whether a `content-type` names JSON in UTF-8: `application/json`, or a type that ends in `+json` (RFC 6839). A body of
/// another type is read as something else by servers that believe it, though it may be JSON as well.
pub fn is_json(value: &[u8]) -> bool {
    let Some(named) = media_type(value) else { return false };
    let suffix = named.len().checked_sub(b"+json".len()).and_then(|at| named.get(at..));
    named.eq_ignore_ascii_case(b"application/json") || suffix.is_some_and(|end| end.eq_ignore_ascii_case(b"+json"))
}

/// `charset=`, if this parameter is one, says UTF-8 or a part of it.
fn is_utf8_if_charset(parameter: &[u8]) -> bool {
    let mut halves = parameter.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
    let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    !name.eq_ignore_ascii_case(b"charset")
        || [&b"utf-8"[..], b"utf8", b"us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
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
            ("application/vnd.api+json", true),
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
