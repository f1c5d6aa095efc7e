//! A JSON array in pieces: each element of the outermost array is a frame.
//!
//! Rules:
//! 1. the body is one array, with JSON's white space around it and nothing else: no byte-order mark before it, no data
//!    behind it;
//! 2. an element is a frame, from its first byte to its last. Between two of them stands one comma, and white space;
//! 3. where an element ends is decided by brackets and strings, byte by byte; whether it is JSON is for its reader, who
//!    gets every byte of it. Brackets that do not match end an element that no reader accepts;
//! 4. an element is at most 128 brackets deep, the array not counted;
//! 5. a body that ends before the array does is [`Fault::Cut`];
//! 6. `max_frame_bytes` is the length of an element.

use super::{Border, Fault, Frame};

/// See the [module](self).
pub(super) struct JsonArray {
    place: Place,
    /// The element in hand, in which `place` says what follows it.
    element: Option<Element>,
    /// As much of it as stood in earlier pieces; never longer than `max`.
    carried: Vec<u8>,
    /// How many bytes were read since the last element ended.
    begun: usize,
    max: usize,
}

/// What may come next, between elements.
#[derive(Clone, Copy)]
enum Place {
    /// The array.
    Start,
    /// An element or the end.
    First,
    /// A comma or the end.
    AfterElement,
    /// After a comma: an element.
    Next,
    /// Nothing.
    End,
}

/// How far an element has been read.
#[derive(Default)]
struct Element {
    /// A number or a literal: ends before the first byte that cannot be part of it.
    is_word: bool,
    /// How many brackets are open.
    depth: usize,
    in_string: bool,
    /// In a string, behind a backslash.
    is_escaped: bool,
}

impl JsonArray {
    pub(super) fn new(max_frame_bytes: usize) -> Self {
        Self { place: Place::Start, element: None, carried: Vec::new(), begun: 0, max: max_frame_bytes }
    }

    pub(super) fn push(&mut self, mut rest: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        while let Some((&byte, tail)) = rest.split_first() {
            let (left, was_inside) = (rest.len(), self.element.is_some());
            rest = match byte {
                _ if was_inside => self.read_element(rest, each)?,
                b' ' | b'\t' | b'\n' | b'\r' => tail,
                byte if self.begins_element(byte)? => rest,
                _ => tail,
            };
            let has_ended = was_inside && self.element.is_none();
            let read = left.saturating_sub(rest.len());
            self.begun = if has_ended { 0 } else { self.begun.saturating_add(read) };
        }
        Ok(())
    }

    /// Behind an element: what stands between two of them is begun.
    pub(super) fn border(&self) -> Border {
        Border { begun: self.begun, is_behind_cr: false }
    }

    pub(super) fn finish(&self) -> Result<(), Fault> {
        if matches!(self.place, Place::End) { Ok(()) } else { Err(Fault::Cut) }
    }

    /// Reads a byte between elements; whether it is the first of one.
    fn begins_element(&mut self, byte: u8) -> Result<bool, Fault> {
        self.place = match (self.place, byte) {
            (Place::Start, b'[') => Place::First,
            (Place::First | Place::AfterElement, b']') => Place::End,
            (Place::AfterElement, b',') => Place::Next,
            (Place::First | Place::Next, byte) => {
                self.element = Some(Element::beginning_with(byte)?);
                Place::AfterElement
            }
            (Place::Start, _) => return Err(Fault::Malformed("no array")),
            (Place::AfterElement, _) => return Err(Fault::Malformed("no comma and no end behind an element")),
            (Place::End, _) => return Err(Fault::Malformed("data behind the array")),
        };
        Ok(self.element.is_some())
    }

    /// Reads as much of the element as is here, and tells what is behind it.
    fn read_element<'a>(&mut self, rest: &'a [u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<&'a [u8], Fault> {
        let room = self.max.saturating_sub(self.carried.len());
        let end = self.element.as_mut().map_or(Ok(None), |element| element.read(rest, room))?;
        let Some((last, behind)) = end.and_then(|end| rest.split_at_checked(end)) else {
            self.carried.extend_from_slice(rest);
            return Ok(b"");
        };
        self.element = None;
        if self.carried.is_empty() {
            each(Frame { event: b"", data: last, is_error: false, is_text: false });
        } else {
            self.carried.extend_from_slice(last);
            each(Frame { event: b"", data: &self.carried, is_error: false, is_text: false });
            self.carried.clear();
        }
        Ok(behind)
    }
}

impl Element {
    fn beginning_with(byte: u8) -> Result<Self, Fault> {
        match byte {
            b'{' | b'[' | b'"' => Ok(Self::default()),
            byte if is_of_word(byte) => Ok(Self { is_word: true, ..Self::default() }),
            _ => Err(Fault::Malformed("no element where one was expected")),
        }
    }

    /// Reads on. Where it ends, if it ends here; it may have `room` more bytes.
    fn read(&mut self, rest: &[u8], room: usize) -> Result<Option<usize>, Fault> {
        let mut at = 0;
        while let Some(&byte) = rest.get(at) {
            if self.is_word && !is_of_word(byte) {
                return Ok(Some(at));
            }
            at = if self.in_string && !self.is_escaped { self.read_text(rest, at) } else { self.read_byte(byte, at)? };
            if at > room {
                return Err(Fault::TooLarge);
            }
            if self.is_over() {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// To behind the next quotation mark or backslash of a string.
    fn read_text(&mut self, rest: &[u8], at: usize) -> usize {
        let text = rest.get(at..).unwrap_or_default();
        let Some(length) = memchr::memchr2(b'"', b'\\', text) else { return rest.len() };
        match text.get(length) {
            Some(b'"') => self.in_string = false,
            _ => self.is_escaped = true,
        }
        at.saturating_add(length).saturating_add(1)
    }

    /// A byte that is escaped, or outside of strings.
    fn read_byte(&mut self, byte: u8, at: usize) -> Result<usize, Fault> {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'"' => self.in_string = true,
            b'{' | b'[' if self.depth == MAX_DEPTH => return Err(Fault::Malformed("an element that is too deep")),
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(at.saturating_add(1))
    }

    fn is_over(&self) -> bool {
        !self.is_word && !self.in_string && self.depth == 0
    }
}

/// Of a number, of `true`, `false` and `null`; whoever reads the element says of which.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// The depth that `json.rs` reads unless told otherwise.
const MAX_DEPTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::super::tests::{Seen, cut_everywhere, pieces, seen};
    use super::super::{Fault, Framing};
    use crate::json::{Limits, Reader, Token};

    fn read(body: &str) -> Seen {
        cut_everywhere(Framing::JsonArray, 64, body.as_bytes())
    }

    fn elements(frames: &[&str], end: Result<(), Fault>) -> Seen {
        let frames: Vec<&[u8]> = frames.iter().map(|data| data.as_bytes()).collect();
        seen(&frames, end)
    }

    fn malformed(what: &'static str) -> Result<(), Fault> {
        Err(Fault::Malformed(what))
    }

    #[test]
    fn each_element_is_a_frame() {
        for (body, frames) in [
            ("[]", &[][..]),
            (" \r\n\t[ \n ] \n", &[]),
            ("[{}]", &["{}"][..]),
            ("[{\"a\":1}\n,\r\n{\"a\":2}]\n", &["{\"a\":1}", "{\"a\":2}"]),
            ("[{\"a\":[{},[]]},[[]],[1,2]]", &["{\"a\":[{},[]]}", "[[]]", "[1,2]"]),
            ("[1,-2.5e+3 ,true,null\n]", &["1", "-2.5e+3", "true", "null"]),
            ("[\"\",\"a\\\"],\\\\\",\"]\"]", &["\"\"", "\"a\\\"],\\\\\"", "\"]\""]),
            ("[{\"a}\":\"]\\\\\"},{\"\\\"\":\"{[\"}]", &["{\"a}\":\"]\\\\\"}", "{\"\\\"\":\"{[\"}"]),
            ("[{ \"a\" : \"gr\u{fc}\u{df}e \u{1f600}\" } ]", &["{ \"a\" : \"gr\u{fc}\u{df}e \u{1f600}\" }"]),
        ] {
            assert_eq!(read(body), elements(frames, Ok(())), "{body}");
        }
    }

    #[test]
    fn nothing_between_elements_is_skipped() {
        for (body, frames, what) in [
            ("{}", &[][..], "no array"),
            ("\u{feff}[]", &[], "no array"),
            ("1", &[], "no array"),
            ("[,1]", &[], "no element where one was expected"),
            ("[1,]", &["1"][..], "no element where one was expected"),
            ("[1,,2]", &["1"], "no element where one was expected"),
            ("[}", &[], "no element where one was expected"),
            ("['1']", &[], "no element where one was expected"),
            ("[/* */1]", &[], "no element where one was expected"),
            ("[\u{a0}1]", &[], "no element where one was expected"),
            ("[1 2]", &["1"], "no comma and no end behind an element"),
            ("[1\"2\"]", &["1"], "no comma and no end behind an element"),
            ("[{}{}]", &["{}"], "no comma and no end behind an element"),
            ("[\"1\"2]", &["\"1\""], "no comma and no end behind an element"),
            ("[1}", &["1"], "no comma and no end behind an element"),
            ("[1][2]", &["1"], "data behind the array"),
            ("[]\n\0", &[], "data behind the array"),
        ] {
            assert_eq!(read(body), elements(frames, malformed(what)), "{body}");
        }
    }

    #[test]
    fn an_array_that_does_not_end_is_cut() {
        for (body, frames) in [
            ("", &[][..]),
            (" ", &[]),
            ("[", &[]),
            ("[1", &[]),
            ("[1,", &["1"][..]),
            ("[{}", &["{}"]),
            ("[{},{\"a\":\"}", &["{}"]),
        ] {
            assert_eq!(read(body), elements(frames, Err(Fault::Cut)), "{body}");
        }
    }

    #[test]
    fn brackets_that_do_not_match_are_left_to_the_reader_of_the_element() {
        assert_eq!(read("[{],1]"), elements(&["{]", "1"], Ok(())));
    }

    #[test]
    fn an_element_may_be_as_long_as_the_limit_and_no_longer() {
        let text = format!("\"{}\"", "x".repeat(62));
        assert_eq!(read(&format!("[{text} ]")), elements(&[&text], Ok(())));
        assert_eq!(read(&format!("[{}]", "1".repeat(64))), elements(&[&"1".repeat(64)], Ok(())));
        for element in [format!("\"x{}\"", "x".repeat(62)), "1".repeat(65), format!("{{{text}}}"), "[".repeat(200)] {
            assert_eq!(read(&format!("[1,{element}]")), elements(&["1"], Err(Fault::TooLarge)), "{element}");
        }
    }

    #[test]
    fn an_element_may_be_as_deep_as_json_is_read_and_no_deeper() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let read = |depth| cut_everywhere(Framing::JsonArray, 1024, format!("[{}]", nested(depth)).as_bytes());
        assert_eq!(read(128), elements(&[&nested(128)], Ok(())));
        assert_eq!(read(129), elements(&[], malformed("an element that is too deep")));
        assert!(Reader::new(nested(128).as_bytes(), Limits::default()).finish().is_ok());
    }

    #[test]
    fn an_array_that_json_accepts_has_the_elements_that_json_finds() {
        let words = ["{\"a\":", "}", "[", "]", ",", "\"]\\\"\"", "1", "\"}\\\\\",", "{},", ",", "{}", " ", "[1]"];
        let mut accepted = 0;
        for seed in 0..60_000 {
            let body: String = pieces(seed, 6).map(|pick| words[pick % words.len()]).collect();
            let body = format!("[{body}]");
            if let Some(found) = by_json(&body) {
                accepted += 1;
                assert_eq!(read(&body), elements(&found, Ok(())), "{body}");
            }
        }
        assert!(accepted > 100, "{accepted}");
    }

    fn by_json(body: &str) -> Option<Vec<&str>> {
        let mut reader = Reader::new(body.as_bytes(), Limits::default());
        assert!(matches!(reader.next().ok()??.token, Token::ArrayStart));
        let mut found = Vec::new();
        while let Some(span) = reader.skip_value().ok()? {
            found.push(body.get(span)?);
        }
        reader.finish().ok()?;
        Some(found)
    }
}
