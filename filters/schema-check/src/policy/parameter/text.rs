//! Escapes of values in paths, queries and cookies.

use portcullis::http::escape;

/// Percent-decoded once; with `plus`, `+` is a blank, as in every form and in the queries that frameworks read. `None` if
/// an escape is broken, the text is not UTF-8, or a control character stands in it.
pub(crate) fn decoded(raw: &[u8], plus: bool) -> Option<String> {
    let mut text = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'%' => escape::byte(&mut bytes)?,
            b'+' if plus => b' ',
            _ => byte,
        });
    }
    String::from_utf8(text).ok().filter(|text| !text.contains(char::is_control))
}
