//! A document with some bytes written anew, and no other byte changed.

use std::ops::Range;

/// Bytes to write instead of those at a place.
#[derive(Debug)]
pub struct Edit {
    /// Where they stand; an empty place is where something is added.
    pub at: Range<usize>,
    /// What is written there.
    pub bytes: Vec<u8>,
}

/// The document with these edits, which do not overlap.
pub fn spliced(document: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| edit.at.start);
    let added: usize = edits.iter().map(|edit| edit.bytes.len()).sum();
    let mut out = Vec::with_capacity(document.len().saturating_add(added));
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(document.get(from..edit.at.start).unwrap_or_default());
        out.extend_from_slice(&edit.bytes);
        from = edit.at.end;
    }
    out.extend_from_slice(document.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_anew_stays_as_it_is() {
        let edit = |at, text: &str| Edit { at, bytes: text.as_bytes().to_vec() };
        for (edits, expected) in [
            (vec![], "0123456789"),
            (vec![edit(8..10, "x"), edit(0..1, "")], "1234567x"),
            (vec![edit(3..3, "abc")], "012abc3456789"),
            (vec![edit(2..3, "a"), edit(3..4, "b")], "01ab456789"),
        ] {
            assert_eq!(spliced(b"0123456789", edits), expected.as_bytes());
        }
    }
}
