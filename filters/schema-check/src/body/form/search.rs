//! The end of a part's data: one pass, whatever the data looks like, and nothing kept of it. What may yet turn out to be
//! the delimiter is known without being kept, because it is a beginning of the delimiter.

/// Looks for CR LF, two hyphens and the boundary.
pub(super) struct Search {
    /// CR, LF, two hyphens, the boundary.
    line: Vec<u8>,
    /// For each beginning of the delimiter, the length of the longest shorter one that it ends with (Knuth, Morris,
    /// Pratt). The delimiter holds neither CR nor LF.
    borders: Vec<usize>,
    /// How much of CR LF stands before what `matched` counts.
    lead: usize,
    /// How many bytes of the delimiter have been read.
    matched: usize,
}

/// Why a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The piece did.
    Nothing,
    /// The delimiter behind CR LF.
    Delimiter,
    /// The delimiter elsewhere.
    Bare,
}

/// CR LF.
const LEAD: usize = 2;

impl Search {
    pub(super) fn new(boundary: &str) -> Self {
        let line = format!("\r\n--{boundary}").into_bytes();
        let borders = borders(line.get(LEAD..).unwrap_or_default());
        Self { line, borders, lead: 0, matched: 0 }
    }

    /// Two hyphens and the boundary.
    pub(super) fn delimiter(&self) -> &[u8] {
        self.line.get(LEAD..).unwrap_or_default()
    }

    /// Reads until a delimiter or the end; how many bytes were read. What is certainly data is handed over.
    pub(super) fn scan(&mut self, piece: &[u8], data: &mut dyn FnMut(&[u8])) -> (usize, Found) {
        let before = self.held();
        let mut read = 0;
        let mut found = Found::Nothing;
        while let (Found::Nothing, Some(rest)) = (found, piece.get(read..).filter(|rest| !rest.is_empty())) {
            if self.lead == 0 && self.matched == 0 {
                read = read.saturating_add(plain(rest));
            }
            let Some(byte) = piece.get(read) else { break };
            found = self.byte(*byte);
            read = read.saturating_add(1);
        }
        self.hand_over(before, piece.get(..read).unwrap_or_default(), data);
        if found != Found::Nothing {
            (self.lead, self.matched) = (0, 0);
        }
        (read, found)
    }

    /// Of what was held and then read, all but what is held now.
    fn hand_over(&self, before: (usize, usize), read: &[u8], data: &mut dyn FnMut(&[u8])) {
        let (from, to) = before;
        let (now_from, now_to) = self.held();
        let now = now_to.saturating_sub(now_from);
        let old = self.line.get(from..to).unwrap_or_default();
        let all = old.len().saturating_add(read.len());
        let done = all.saturating_sub(now);
        data(old.get(..done.min(old.len())).unwrap_or_default());
        data(read.get(..done.saturating_sub(old.len())).unwrap_or_default());
    }

    /// What may belong to a delimiter, as a range of `line`.
    fn held(&self) -> (usize, usize) {
        match (self.lead, self.matched) {
            (lead, 0) => (0, lead),
            (lead, matched) => (LEAD.saturating_sub(lead), LEAD.saturating_add(matched)),
        }
    }

    fn byte(&mut self, byte: u8) -> Found {
        while self.matched > 0 && self.delimiter().get(self.matched) != Some(&byte) {
            self.matched = self.borders.get(self.matched.saturating_sub(1)).copied().unwrap_or(0);
            // What it begins with now stands behind a byte of the delimiter.
            self.lead = 0;
        }
        if self.delimiter().get(self.matched) == Some(&byte) {
            self.lead = if self.lead == LEAD { LEAD } else { 0 };
            self.matched = self.matched.saturating_add(1);
        } else {
            self.lead = match (byte, self.lead) {
                (b'\r', _) => 1,
                (b'\n', 1) => LEAD,
                _ => 0,
            };
        }
        match (self.matched == self.borders.len(), self.lead) {
            (false, _) => Found::Nothing,
            (true, LEAD) => Found::Delimiter,
            (true, _) => Found::Bare,
        }
    }
}

/// How many bytes begin neither a line end nor a delimiter.
fn plain(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b'\r' | b'-')).unwrap_or(bytes.len())
}

fn borders(of: &[u8]) -> Vec<usize> {
    let mut borders: Vec<usize> = Vec::with_capacity(of.len());
    for byte in of {
        let mut length = borders.last().copied();
        while let Some(found) = length {
            if of.get(found) == Some(byte) {
                break;
            }
            length = found.checked_sub(1).and_then(|shorter| borders.get(shorter).copied());
        }
        borders.push(length.map_or(0, |length| length.saturating_add(1)));
    }
    borders
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use crate::body::tests::cut_everywhere;

    fn scan(boundary: &str, body: &str) -> (Vec<u8>, usize, Found) {
        cut_everywhere(body.as_bytes(), |pieces| {
            let (mut search, mut data, mut at) = (Search::new(boundary), Vec::new(), 0);
            for piece in pieces {
                let (read, found) = search.scan(piece, &mut |bytes| data.extend_from_slice(bytes));
                at += read;
                if found != Found::Nothing {
                    return (data, at, found);
                }
            }
            (data, at, Found::Nothing)
        })
    }

    #[test]
    fn data_ends_where_the_delimiter_begins_and_not_before() {
        for (boundary, body, data, read, found) in [
            ("b", "\r\n--b", "", 5, Found::Delimiter),
            ("b", "x\r\n--bc", "x", 6, Found::Delimiter),
            ("b", "\r\r\n\r\n\n--\r\n-\r\n--a\r\n--b", "\r\r\n\r\n\n--\r\n-\r\n--a", 21, Found::Delimiter),
            ("--b", "x\r\n-----b", "x\r\n-", 9, Found::Bare),
            ("--b", "x\r\n---\r\n----b", "x\r\n---", 13, Found::Delimiter),
            ("aab", "--aa--aaa\r\n--aab", "--aa--aaa", 16, Found::Delimiter),
            ("b", "x--b", "x", 4, Found::Bare),
            ("b", "x\n--b", "x\n", 5, Found::Bare),
            ("b", "x\r--b", "x\r", 5, Found::Bare),
            ("b", "--b", "", 3, Found::Bare),
            ("b", "x\r\n--", "x", 5, Found::Nothing),
            ("b", "", "", 0, Found::Nothing),
        ] {
            assert_eq!(scan(boundary, body), (data.as_bytes().to_vec(), read, found), "{boundary} {body:?}");
        }
    }

    #[test]
    fn borders_are_those_of_the_textbook() {
        assert_eq!(borders(b"--a--b---"), [0, 1, 0, 1, 2, 0, 1, 2, 2]);
    }
}
