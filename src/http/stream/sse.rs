//! Server-sent events, as the WHATWG reads them, and no text that another client would read besides.
//!
//! Rules:
//! 1. LF, CR LF or CR alone ends a line; one byte-order mark may stand before the first;
//! 2. a line is a field: name, colon, at most one space, value. Lines without a colon are a name without a value,
//!    lines that begin with one a comment;
//! 3. an empty line ends an event. Its `data` lines, joined by LF, are the frame's data, the last `event` its name; an
//!    event without a `data` line is none;
//! 4. `id`, `retry`, comments and unknown fields carry nothing and are skipped, if no client could read more in them:
//!    - their name is of ASCII letters, digits, `-` and `_`, and does not begin like `data` in any case. Google's
//!      Python SDK reads a bare line of JSON; a reader that trims, or strips a byte-order mark from every piece, finds
//!      `data` where we found another name;
//!    - they, and `event`, hold no VT, FF, FS, GS, RS, U+0085, U+2028 or U+2029: behind these, a new line begins for
//!      readers that split like Python's `str.splitlines`;
//!    - no comment stands behind a CR alone in an event with data: a reader that splits at LF goes on in its data, and
//!      `{"text"`, CR, `: "hidden"}` is JSON;
//! 5. at the end of the body, an event without its empty line is handed over and told as [`Fault::Cut`]: the standard
//!    drops it, SDKs read it;
//! 6. `max_frame_bytes` is the length of a line as written, comments too, and that of an event's data and name.
//!
//! # Who splits where
//!
//! Read in the SDKs themselves, in 2026:
//!
//! | client | ends a line at | reads a cut last event |
//! |---|---|---|
//! | the standard; OpenAI for Python 1.20, Anthropic for Python 0.25, and later | LF, CR, CR LF | no |
//! | OpenAI for Python 1.16, Anthropic for Python 0.20, and earlier: lines by httpx | also rule 4's separators | no |
//! | OpenAI for Node 4.20 | also rule 4's separators | no |
//! | OpenAI for Node 7 | LF, CR, CR LF | yes |
//! | OpenAI for Go 3 | LF, CR LF | no |
//! | Google for Python 3; over aiohttp LF, CR LF. A line without `data: ` is raw JSON | LF, CR, CR LF | yes |
//! | Mistral for Python 3; drops a byte-order mark before any piece | LF, CR, CR LF | yes |
//!
//! U+0085, U+2028 and U+2029 may stand in a JSON string, and models write them: in `data` they are left alone. Whoever
//! splits there gets pieces of what is in the frame, and no other text: a string that begins in the middle of another
//! one holds, up to the next quotation mark, nothing but the JSON between two strings. For who
//! splits at LF alone, a CR is JSON's white space: where their data is whole, and not ours, ours is no JSON.
//!
//! Not answered here: a client that is no reader of events at all and takes every `data:` line for a frame.

use std::borrow::Cow;

use super::lines::Lines;
use super::{Border, Fault, Frame};

/// See the [module](self).
pub(super) struct Sse {
    lines: Lines,
    /// No line has been read.
    at_start: bool,
    /// The name of the event in hand.
    event: Vec<u8>,
    /// Its data, as far as it had to be kept: an event with one `data` line in one piece is never copied.
    data: Vec<u8>,
    has_kept: bool,
    /// The bytes of its `data` lines with an LF each: zero when there is none yet.
    data_bytes: usize,
    max: usize,
}

impl Sse {
    pub(super) fn new(max_frame_bytes: usize) -> Self {
        Self {
            lines: Lines::new(max_frame_bytes),
            at_start: true,
            event: Vec::new(),
            data: Vec::new(),
            has_kept: false,
            data_bytes: 0,
            max: max_frame_bytes,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        // The only `data` line of the event in hand, while it lies in `bytes`.
        let mut lone = None;
        while let Some(line) = self.lines.next(&mut bytes)? {
            let is_first = self.data_bytes == 0;
            match self.without_mark(line) {
                line if line.is_empty() => self.dispatch(lone.take(), each),
                Cow::Borrowed(line) if is_first => lone = self.field(line)?,
                line => {
                    if let Some(value) = self.field(&line)? {
                        self.keep(lone.take());
                        self.keep(Some(value));
                    }
                }
            }
            if self.data_bytes == 0 && self.event.is_empty() {
                self.lines.settle();
            }
        }
        self.keep(lone);
        Ok(())
    }

    /// Behind an event, and behind lines that are no part of one.
    pub(super) fn border(&self) -> Border {
        self.lines.border()
    }

    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        let last = self.lines.last();
        let is_cut = last.is_some() || self.data_bytes > 0;
        if let Some(line) = last {
            let line = self.without_mark(Cow::Owned(line));
            let value = self.field(&line)?;
            self.keep(value);
        }
        self.dispatch(None, each);
        if is_cut { Err(Fault::Cut) } else { Ok(()) }
    }

    /// The first line without its byte-order mark.
    fn without_mark<'a>(&mut self, line: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        if !std::mem::take(&mut self.at_start) {
            return line;
        }
        match line {
            Cow::Borrowed(line) => Cow::Borrowed(line.strip_prefix(MARK).unwrap_or(line)),
            Cow::Owned(line) => Cow::Owned(line.strip_prefix(MARK).map(<[u8]>::to_vec).unwrap_or(line)),
        }
    }

    /// Reads a line that is not empty; the value if it is a `data` line.
    fn field<'l>(&mut self, line: &'l [u8]) -> Result<Option<&'l [u8]>, Fault> {
        let (name, value) = super::split_once(line, b':');
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                self.data_bytes = self.data_bytes.saturating_add(value.len()).saturating_add(1);
                self.check_size()?;
                return Ok(Some(value));
            }
            _ if has_foreign_line_end(line) => return Err(Fault::Malformed(FOREIGN_LINE_END)),
            b"event" => {
                self.event.clear();
                self.event.extend_from_slice(value);
                self.check_size()?;
            }
            b"" if self.lines.is_behind_cr && self.data_bytes > 0 => return Err(Fault::Malformed(BEHIND_CR)),
            b"" => {}
            name if is_plain(name) => {}
            _ => return Err(Fault::Malformed(NO_FIELD)),
        }
        Ok(None)
    }

    fn check_size(&self) -> Result<(), Fault> {
        // The LF behind the last line is no part of the data.
        let size = self.data_bytes.saturating_sub(1).saturating_add(self.event.len());
        if size > self.max { Err(Fault::TooLarge) } else { Ok(()) }
    }

    fn keep(&mut self, value: Option<&[u8]>) {
        let Some(value) = value else { return };
        if std::mem::replace(&mut self.has_kept, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
    }

    fn dispatch(&mut self, lone: Option<&[u8]>, each: &mut dyn FnMut(Frame<'_>)) {
        if self.data_bytes > 0 {
            each(Frame { event: &self.event, data: lone.unwrap_or(&self.data), is_error: false, is_text: false });
        }
        self.event.clear();
        self.data.clear();
        self.has_kept = false;
        self.data_bytes = 0;
    }
}

fn is_plain(name: &[u8]) -> bool {
    let begins_like_data = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"data"));
    !begins_like_data && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a line holds what ends one for `str.splitlines`. A byte 85 counts wherever it stands: `requests` reads a
/// body without a charset as Latin-1.
fn has_foreign_line_end(line: &[u8]) -> bool {
    let is_end = |byte: &u8| matches!(byte, 0x0b | 0x0c | 0x1c..=0x1e | 0x85);
    line.iter().any(is_end) || line.windows(3).any(|three| matches!(three, b"\xe2\x80\xa8" | b"\xe2\x80\xa9"))
}

const MARK: &[u8] = b"\xef\xbb\xbf";
const FOREIGN_LINE_END: &str = "a separator, outside of data, that ends a line for some clients";
const BEHIND_CR: &str = "a comment behind a CR alone, which is data for some clients";
const NO_FIELD: &str = "a line that is no field of an event, which some clients read";

#[cfg(test)]
mod tests {
    use super::super::tests::{Seen, cut_everywhere, pieces, seen};
    use super::super::{Fault, Framing::Sse};
    use super::*;

    fn read(body: impl AsRef<[u8]>) -> Seen {
        cut_everywhere(Sse, 64, body.as_ref())
    }

    /// Frames with their names.
    fn events(frames: &[(&str, &str)], end: Result<(), Fault>) -> Seen {
        let frames = frames.iter().map(|(name, data)| (name.as_bytes().to_vec(), data.as_bytes().to_vec(), false));
        (frames.collect(), end)
    }

    fn data(frames: &[&str], end: Result<(), Fault>) -> Seen {
        let frames: Vec<&[u8]> = frames.iter().map(|data| data.as_bytes()).collect();
        seen(&frames, end)
    }

    #[test]
    fn events_are_those_of_the_standard() {
        for (body, frames) in [
            ("", &[][..]),
            ("\n\r\r\n", &[]),
            (": welcome\n\ndata: 1\n\n", &["1"][..]),
            ("data: 1\n\ndata: 2\n\n", &["1", "2"]),
            ("data: 1\r\n\r\ndata: 2\r\n\r\n", &["1", "2"]),
            ("data: 1\r\rdata: 2\r\r", &["1", "2"]),
            ("data: 1\r\n\rdata: 2\n\r", &["1", "2"]),
            ("data: 1\n: still here\ndata:2\r\ndata:  3\n\n", &["1\n2\n 3"]),
            ("data: YHOO\ndata: +2\ndata: 10\n\n", &["YHOO\n+2\n10"]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n",
                &["first event", "second event"],
            ),
            ("data\n\ndata\ndata\n\ndata:\n\n", &["", "\n", ""]),
            ("data:test\n\ndata: test\n\n", &["test", "test"]),
            ("data: a: b\n\n", &["a: b"]),
            ("id: 1\nretry: 10\n\n", &[]),
            ("data: 1\nx-unknown: 2\nunknown\n\n", &["1"]),
            ("\u{feff}data: 1\n\n", &["1"]),
            ("\u{feff}\ndata: 1\n\n", &["1"]),
            ("data: \u{feff}1\n\n", &["\u{feff}1"]),
            ("data: gr\u{fc}\u{df}e \u{1f600}\n\n", &["gr\u{fc}\u{df}e \u{1f600}"]),
        ] {
            assert_eq!(read(body), data(frames, Ok(())), "{body:?}");
        }
    }

    #[test]
    fn an_event_has_the_last_name_that_it_was_given() {
        for (body, frames) in [
            ("event: a\ndata: 1\n\n", &[("a", "1")][..]),
            ("data: 1\nevent:a\nevent: b\n\n", &[("b", "1")]),
            ("event: a\ndata: 1\n\ndata: 2\n\n", &[("a", "1"), ("", "2")]),
            ("event: a\n\ndata: 2\n\n", &[("", "2")]),
            ("event: a\nevent\ndata: 2\n\n", &[("", "2")]),
        ] {
            assert_eq!(read(body), events(frames, Ok(())), "{body:?}");
        }
    }

    #[test]
    fn an_event_without_its_empty_line_is_seen_and_told() {
        for (body, frames) in [
            ("data: 1\n\ndata: 2\n", &["1", "2"][..]),
            ("data: 1\n\ndata: 2", &["1", "2"]),
            ("data: 1\n\ndata: 2\r", &["1", "2"]),
            ("data: 1\ndata: 2\r\nid", &["1\n2"]),
            ("data: 1\n\ndat", &["1"]),
            ("data: 1\n\n: ping", &["1"]),
            ("\u{feff}data: 1", &["1"]),
        ] {
            assert_eq!(read(body), data(frames, Err(Fault::Cut)), "{body:?}");
        }
        assert_eq!(read("data: 1\n\nevent: a\n: ping\n"), data(&["1"], Ok(())));
    }

    #[test]
    fn separators_of_json_strings_stay_in_the_data() {
        let text = "{\"text\":\"one\u{2028}two\u{2029}three\u{85}four\"}";
        assert_eq!(read(format!("data: {text}\n\n")), data(&[text], Ok(())));
    }

    #[test]
    fn nothing_hides_behind_a_separator_that_only_some_clients_know() {
        for separator in ["\u{b}", "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{85}", "\u{2028}", "\u{2029}"] {
            for field in [": ping", "id: 1", "event: a", "retry: 1", "unknown"] {
                let body = format!("data: 1\n\n{field}{separator}data: 2{separator}{separator}\n\n");
                assert_eq!(read(&body), data(&["1"], Err(Fault::Malformed(FOREIGN_LINE_END))), "{body:?}");
            }
        }
        // U+0085 for a client that takes the body for Latin-1.
        assert_eq!(read(b": \xe2\x9c\x85data: 2\n\n"), data(&[], Err(Fault::Malformed(FOREIGN_LINE_END))));
    }

    #[test]
    fn a_line_that_another_client_reads_is_refused() {
        for line in [
            "{\"candidates\":[]}",
            "[",
            "\"text\"",
            "}",
            " data: 2",
            "data : 2",
            "Data: 2",
            "DATA: 2",
            "database: 2",
            "\tdata: 2",
            "\u{feff}data: 2",
            " ",
            "\0",
            "d\u{e4}ta: 2",
        ] {
            for behind in ["\ndata: 3\n\n", ""] {
                let body = format!("data: 1\n\n{line}{behind}");
                assert_eq!(read(&body), data(&["1"], Err(Fault::Malformed(NO_FIELD))), "{body:?}");
            }
        }
    }

    #[test]
    fn no_comment_hides_what_a_reader_of_lf_takes_for_data() {
        let hidden = "data: {\"text\"\r: \"hidden\", \"b\"\ndata: : 1}\n\n";
        assert_eq!(read(hidden), data(&[], Err(Fault::Malformed(BEHIND_CR))));
        assert_eq!(read("data: 1\r: \"hidden\"}"), data(&[], Err(Fault::Malformed(BEHIND_CR))));
        for body in [": a\r: b\rdata: 1\r\r", "data: 1\r\n: a\r\n\r\n", "data: 1\n: a\n\n", "data: 1\r\r: a\r\r"] {
            assert_eq!(read(body), data(&["1"], Ok(())), "{body:?}");
        }
    }

    #[test]
    fn what_is_counted_is_a_line_and_an_event() {
        let fits = "1".repeat(64 - "data: ".len());
        assert_eq!(read(format!("data: {fits}\r\n\r\n")), data(&[&fits], Ok(())));
        for body in [
            format!("data: {fits}1\n\n"),
            format!("data:  {fits}"),
            format!(": {fits}{fits}\n\n"),
            format!("data: {fits}\nevent: longest\n\n"),
            format!("event: longest\ndata: {fits}\n\n"),
            format!("data: {fits}\ndata: {fits}\n\n"),
            "data\n".repeat(66),
            "\n".repeat(9) + &"data\r\n".repeat(66),
        ] {
            assert_eq!(read(format!("data: 1\n\n{body}")), data(&["1"], Err(Fault::TooLarge)), "{body:?}");
        }
        // 64 line feeds; and what no event holds is not added up.
        assert_eq!(read("data\n".repeat(65) + "\n"), data(&[&"\n".repeat(64)], Ok(())));
        assert_eq!(read(":\n".repeat(99) + "data: 1\n" + &": ping\n".repeat(99) + "\n"), data(&["1"], Ok(())));
    }

    #[test]
    fn any_mixture_of_lines_is_read_like_the_standard_says() {
        let words = ["data", "data: a", "data:b", "event: c", "id: 1", ": x", "", "", "\n", "\r", "\r\n", "\n\n", "\n"];
        let mut accepted = 0;
        for seed in 0..2000 {
            let body: String = pieces(seed, 12).map(|pick| words[pick % words.len()]).collect();
            // Two words can have grown together to one that is refused.
            if let (frames, Ok(()) | Err(Fault::Cut)) = cut_everywhere(Sse, 1024, body.as_bytes()) {
                accepted += 1;
                assert_eq!(frames, by_the_standard(&body), "{body:?}");
            }
        }
        assert!(accepted > 500, "{accepted}");
    }

    /// The standard's algorithm on a whole body, as simple as it can be said; with rule 5's last event.
    fn by_the_standard(body: &str) -> Vec<(Vec<u8>, Vec<u8>, bool)> {
        let (mut frames, mut data, mut event) = (Vec::new(), String::new(), String::new());
        let body = body.replace("\r\n", "\n").replace('\r', "\n") + "\n\n";
        for line in body.split('\n') {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "data" => data.extend([value, "\n"]),
                "event" => event = value.to_owned(),
                "" if line.is_empty() => {
                    if let Some(data) = std::mem::take(&mut data).strip_suffix('\n') {
                        frames.push((std::mem::take(&mut event).into_bytes(), data.as_bytes().to_vec(), false));
                    }
                    event.clear();
                }
                _ => {}
            }
        }
        frames
    }
}
