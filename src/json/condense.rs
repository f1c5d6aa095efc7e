//! A document as it streams, with what is long in it cut: for whoever wants to know its short values and cannot hold it.
//!
//! Rules:
//! 1. of a string about the first 200 bytes stay, cut between two characters; names of members are strings, and shorter;
//! 2. of numbers between two commas, braces or quotes about the first 200 bytes stay, a list of them being one;
//! 3. everything else stays as it is, so that what was JSON is JSON. What was not may become it, so that nothing may be
//!    let pass by this.
//!
//! ```
//! use portcullis::json::condense::Condensed;
//!
//! let mut condensed = Condensed::new(1024);
//! condensed.push(br#"{"text": ""#);
//! condensed.push(&[b'a'; 5000]);
//! condensed.push(br#"", "usage": {"total_tokens": 7}}"#);
//! let (document, cut) = condensed.document().unwrap();
//! assert!(document.len() < 300 && document.ends_with(br#""usage": {"total_tokens": 7}}"#));
//! assert!(cut > 4700);
//! ```

/// How much stays of a string or of numbers.
const KEPT: usize = 200;

/// A document, and how much of it was cut.
#[derive(Debug)]
pub struct Condensed {
    kept: Vec<u8>,
    max: usize,
    is_over: bool,
    cut: u64,
    state: State,
    /// How much of the string or the numbers at hand was kept.
    length: usize,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Neither, or numbers.
    Plain,
    /// Numbers that are cut.
    PlainCut,
    /// A string.
    String,
    /// One that is cut.
    StringCut,
    /// What follows a backslash, in a string that is kept or cut.
    Escape { is_cut: bool },
}

impl Condensed {
    /// A document of which so many bytes are kept at most.
    pub fn new(max: usize) -> Self {
        Self { kept: Vec::new(), max, is_over: false, cut: 0, state: State::Plain, length: 0 }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            self.take(*byte);
        }
    }

    /// What was kept and how many bytes were not; `None` if more would have to be.
    pub fn document(&self) -> Option<(&[u8], u64)> {
        (!self.is_over).then_some((&self.kept, self.cut))
    }

    fn take(&mut self, byte: u8) {
        match self.state {
            State::Plain | State::PlainCut => self.take_plain(byte),
            State::String | State::StringCut => self.take_string(byte),
            State::Escape { is_cut: false } => {
                self.keep(byte);
                self.state = State::String;
            }
            State::Escape { is_cut: true } => {
                self.drop_one();
                self.state = State::StringCut;
            }
        }
    }

    fn take_plain(&mut self, byte: u8) {
        match byte {
            b'"' => self.begin(byte, State::String),
            b'{' | b'}' | b'[' | b']' | b':' => self.begin(byte, State::Plain),
            _ if self.state == State::PlainCut => self.drop_one(),
            // A digit goes on with what is open, whatever of a number that is.
            _ if self.length >= KEPT && byte.is_ascii_digit() => {
                self.keep(b'0');
                self.state = State::PlainCut;
            }
            _ => self.keep(byte),
        }
    }

    fn take_string(&mut self, byte: u8) {
        let is_cut = self.state == State::StringCut;
        match byte {
            b'"' => self.begin(byte, State::Plain),
            b'\\' => {
                if is_cut || self.may_cut() {
                    self.drop_one();
                    self.state = State::Escape { is_cut: true };
                } else {
                    self.keep(byte);
                    self.state = State::Escape { is_cut: false };
                }
            }
            _ if is_cut => self.drop_one(),
            _ if self.may_cut() && (byte.is_ascii() || byte >= 0xc0) && !self.is_in_code() => {
                self.drop_one();
                self.state = State::StringCut;
            }
            _ => self.keep(byte),
        }
    }

    /// Whether enough is kept, and what is does not end in the first half of a character of UTF-16.
    fn may_cut(&self) -> bool {
        let end = self.kept.last_chunk::<6>();
        let is_half = end.is_some_and(|end| {
            matches!(end, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _])
        });
        self.length >= KEPT && !is_half
    }

    /// Whether the digits of an escape are not complete.
    fn is_in_code(&self) -> bool {
        let end = self.kept.get(self.kept.len().saturating_sub(5)..).unwrap_or_default();
        end.windows(2).any(|pair| pair == b"\\u")
    }

    fn begin(&mut self, byte: u8, state: State) {
        self.keep(byte);
        (self.state, self.length) = (state, 0);
    }

    fn keep(&mut self, byte: u8) {
        if self.kept.len() >= self.max {
            self.is_over = true;
            return;
        }
        self.kept.push(byte);
        self.length = self.length.saturating_add(1);
    }

    fn drop_one(&mut self) {
        self.cut = self.cut.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};

    fn condensed(document: &str, size: usize) -> (String, u64) {
        let mut condensed = Condensed::new(1 << 20);
        document.as_bytes().chunks(size).for_each(|piece| condensed.push(piece));
        let (kept, cut) = condensed.document().unwrap();
        (String::from_utf8(kept.to_vec()).unwrap(), cut)
    }

    #[test]
    fn what_was_json_is_json_wherever_it_is_cut() {
        let units =
            ["a", "\u{e9}", "\u{4e2d}", "\u{1f600}", "\\u00e9", "\\ud83d\\ude00", "\\\\", "\\\"", "\\n", "x\\u4e2d"];
        for unit in units {
            for shift in 0..12 {
                let text = format!("{}{}", "y".repeat(shift), unit.repeat(400));
                let document = format!("{{\"k\": \"{text}\", \"usage\": {{\"n\": 7}}}}");
                let (kept, cut) = condensed(&document, 1);
                let value = parse(kept.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{error}: {kept}"));
                assert_eq!(value["usage"]["n"], 7, "{unit} {shift}");
                assert!(cut > 100 && kept.len() < 300, "{unit} {shift}: {}", kept.len());
                assert_eq!(condensed(&document, 13), (kept, cut));
            }
        }
    }

    #[test]
    fn a_list_of_numbers_is_cut_too() {
        for number in ["1", "-0.125", "1.5e-7", "12345678", "0"] {
            for shift in 0..9 {
                let list = format!("{}{number}", format!("{number}, ").repeat(500 + shift));
                let (kept, _) = condensed(&format!("{{\"data\": [{list}], \"n\": 7}}"), 64);
                let value = parse(kept.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{error}: {kept}"));
                assert_eq!(value["n"], 7);
                assert!(kept.len() < 260, "{}", kept.len());
            }
        }
    }

    #[test]
    fn what_is_short_stays_as_it_is() {
        let document = r#"{"a": "b\"c", "d": [1, 2.5, true, null], "e": {"f\\": {}}}"#;
        assert_eq!(condensed(document, 1), (document.to_owned(), 0));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut condensed = Condensed::new(100);
        condensed.push("{\"a\":".repeat(50).as_bytes());
        assert!(condensed.document().is_none() && condensed.kept.len() <= 100);
    }
}
