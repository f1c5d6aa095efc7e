//! Escapes of JSON in text: the arguments of a tool, its results.

/// Whether `\n`, `\r` or `\t` stands before, as in JSON that is a text of JSON: its letter is of no word.
pub(crate) fn is_behind_escape(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    matches!(before, [.., b'\\', b'n' | b'r' | b't'])
}
