//! Asking for the usage of a streamed answer where the client did not, and keeping what was asked for from the client.
//!
//! `OpenAI`'s chat and completions tell what a stream used only if `stream_options.include_usage` is set, in a last event
//! without choices. A client that did not ask for it may not know it.
//!
//! 1. `"include_usage": true` is put where the request has no other word for it; a request that says `true` stays as it is,
//!    and so does its answer.
//! 2. Of the answer each event is held until it is whole. Whoever has usage and no choices is left out, everything else
//!    passes byte by byte. What is longer than can be held passes, and nothing behind it is looked at.

use std::ops::Range;

use memchr::memchr2_iter;
use portcullis::ai::LIMITS;
use portcullis::ai::dialect::Dialect;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::Operation;
use portcullis::json::{Raw, Reader};
use portcullis::splice::{Edit, spliced};

/// The longest event that is held.
pub(crate) const MAX_EVENT: usize = 64 * 1024;

/// The body of a request that streams, asking for usage; `None` if it does, or has no word for it.
pub(crate) fn asking(endpoint: &Endpoint, body: &[u8]) -> Option<Vec<u8>> {
    let knows = matches!(endpoint.operation, Operation::Chat | Operation::Completion);
    if endpoint.dialect != Dialect::OpenAi || !knows {
        return None;
    }
    let edit = match options(body)? {
        Options::Missing { at, is_empty } => {
            edit(at..at, &member("stream_options", "{\"include_usage\":true}", is_empty))
        }
        Options::Null(at) => edit(at, "{\"include_usage\":true}"),
        Options::Without { at, is_empty } => edit(at..at, &member("include_usage", "true", is_empty)),
        Options::Otherwise(at) => edit(at, "true"),
        Options::Asked => return None,
    };
    Some(spliced(body, vec![edit]))
}

fn edit(at: Range<usize>, text: &str) -> Edit {
    Edit { at, bytes: text.as_bytes().to_vec() }
}

/// A member before others.
fn member(name: &str, value: &str, is_last: bool) -> String {
    let comma = if is_last { "" } else { "," };
    format!("\"{name}\":{value}{comma}")
}

/// What a request says of usage.
enum Options {
    /// Nothing: this is where its members begin.
    Missing { at: usize, is_empty: bool },
    /// `stream_options` is `null`.
    Null(Range<usize>),
    /// Nothing in `stream_options`, whose members begin here.
    Without { at: usize, is_empty: bool },
    /// Something that is not `true`.
    Otherwise(Range<usize>),
    /// It asks.
    Asked,
}

fn options(body: &[u8]) -> Option<Options> {
    let mut reader = Reader::new(body, LIMITS);
    let (first, is_empty) = match find(&mut reader, "stream_options")? {
        Found::Here => match reader.next_raw().ok()?? {
            Raw::Null => return Some(Options::Null(reader.span())),
            Raw::ObjectStart => return in_options(reader),
            _ => return None,
        },
        Found::Nowhere { first, is_empty } => (first, is_empty),
    };
    Some(Options::Missing { at: first, is_empty })
}

/// The reader has read the brace of `stream_options`.
fn in_options(mut reader: Reader<'_>) -> Option<Options> {
    match members(&mut reader, "include_usage")? {
        Found::Here => match reader.next_raw().ok()?? {
            Raw::Bool(true) => Some(Options::Asked),
            Raw::Bool(false) | Raw::Null => Some(Options::Otherwise(reader.span())),
            _ => None,
        },
        Found::Nowhere { first, is_empty } => Some(Options::Without { at: first, is_empty }),
    }
}

/// Whether an object has a member: then its value is next.
enum Found {
    Here,
    Nowhere { first: usize, is_empty: bool },
}

fn find(reader: &mut Reader<'_>, name: &str) -> Option<Found> {
    if matches!(reader.next_raw().ok()??, Raw::ObjectStart) { members(reader, name) } else { None }
}

fn members(reader: &mut Reader<'_>, name: &str) -> Option<Found> {
    let (first, mut is_empty) = (reader.span().end, true);
    while let Raw::Key(key) = reader.next_raw().ok()?? {
        is_empty = false;
        if key.unescaped() == name {
            return Some(Found::Here);
        }
        reader.skip_value().ok()?;
    }
    Some(Found::Nowhere { first, is_empty })
}

/// The events of an answer to a client who did not ask for usage.
#[derive(Debug, Default)]
pub(crate) struct Unasked {
    held: Vec<u8>,
    /// How much of what is held was looked through for the end of an event: no byte is looked at twice.
    looked: usize,
    is_over: bool,
}

impl Unasked {
    /// What of it passes after this piece.
    pub(crate) fn pass(&mut self, piece: &[u8], last: bool) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let (mut passed, mut from) = (Vec::new(), 0);
        while let Some(end) = self.end_of_event(from).filter(|_| !self.is_over) {
            let event = self.held.get(from..end).unwrap_or_default();
            if !is_usage_alone(event) {
                passed.extend_from_slice(event);
            }
            from = end;
        }
        self.held.drain(..from);
        self.looked = self.held.len();
        self.is_over |= self.held.len() > MAX_EVENT;
        if last || self.is_over {
            passed.append(&mut self.held);
            self.looked = 0;
        }
        passed
    }

    /// Where the event ends that begins here: behind a blank line.
    fn end_of_event(&mut self, from: usize) -> Option<usize> {
        let rest = self.held.get(self.looked..)?;
        let ends = memchr2_iter(b'\n', b'\r', rest).map(|at| self.looked.saturating_add(at).saturating_add(1));
        let is_blank = |end: &usize| self.held.get(from..*end).is_some_and(ends_blank);
        let end = ends.into_iter().find(is_blank);
        self.looked = end.unwrap_or(self.held.len());
        end
    }
}

/// Whether a line without anything ends these bytes.
fn ends_blank(bytes: &[u8]) -> bool {
    [&b"\n\n"[..], b"\r\n\r\n", b"\r\r"].iter().any(|end| bytes.ends_with(end))
}

/// Whether an event has usage, and nothing that a client would miss.
fn is_usage_alone(event: &[u8]) -> bool {
    let Some(data) = event.trim_ascii().strip_prefix(b"data:") else { return false };
    has(data, "usage", |raw| matches!(raw, Raw::ObjectStart)) && has_no_choices(data)
}

fn has(data: &[u8], name: &str, is_such: impl Fn(&Raw<'_>) -> bool) -> bool {
    let mut reader = Reader::new(data, LIMITS);
    matches!(find(&mut reader, name), Some(Found::Here))
        && reader.next_raw().is_ok_and(|raw| raw.is_some_and(|raw| is_such(&raw)))
}

fn has_no_choices(data: &[u8]) -> bool {
    let mut reader = Reader::new(data, LIMITS);
    let is_list = matches!(find(&mut reader, "choices"), Some(Found::Here))
        && matches!(reader.next_raw(), Ok(Some(Raw::ArrayStart)));
    is_list && matches!(reader.next_raw(), Ok(Some(Raw::ArrayEnd)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::http::path::Canonical;

    fn asked(path: &str, body: &str) -> Option<String> {
        let canonical = Canonical::read(path.as_bytes()).unwrap();
        let endpoint = Endpoint::find("POST", &canonical).unwrap().endpoint;
        asking(endpoint, body.as_bytes()).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn usage_is_asked_for_where_nobody_did() {
        const CHAT: &str = "/v1/chat/completions";
        for (path, body, expected) in [
            (CHAT, r#"{"stream":true}"#, Some(r#"{"stream_options":{"include_usage":true},"stream":true}"#)),
            (CHAT, r"{ }", Some(r#"{"stream_options":{"include_usage":true} }"#)),
            (CHAT, r#"{"stream_options":null}"#, Some(r#"{"stream_options":{"include_usage":true}}"#)),
            (CHAT, r#"{"stream_options":{}}"#, Some(r#"{"stream_options":{"include_usage":true}}"#)),
            (CHAT, r#"{"stream_options":{"x":1}}"#, Some(r#"{"stream_options":{"include_usage":true,"x":1}}"#)),
            (
                CHAT,
                r#"{"stream_options":{"include_usage":false}}"#,
                Some(r#"{"stream_options":{"include_usage":true}}"#),
            ),
            (CHAT, r#"{"stream_\u006fptions":{"include_usage":true}}"#, None),
            (CHAT, r#"{"stream_options":7}"#, None),
            (
                "/v1/completions",
                r#"{"a":{"stream_options":{}}}"#,
                Some(r#"{"stream_options":{"include_usage":true},"a":{"stream_options":{}}}"#),
            ),
            ("/v1/responses", "{}", None),
            ("/v1/messages", "{}", None),
        ] {
            assert_eq!(asked(path, body).as_deref(), expected, "{path} {body}");
        }
    }

    #[test]
    fn what_was_asked_for_is_kept_from_the_client_and_nothing_else() {
        let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}";
        let others = [
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}",
            "data: {\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":3}}",
            "data: {\"choices\":[],\"prompt_filter_results\":[]}",
            ": a comment",
            "data: [DONE]",
        ];
        for end in ["\n\n", "\r\n\r\n", "\r\r"] {
            let expected = others.map(|event| format!("{event}{end}")).concat();
            let sent = others.map(|event| format!("{usage}{end}{event}{end}")).concat();
            for size in [1, 2, 7, 50, sent.len()] {
                let mut unasked = Unasked::default();
                let mut passed: Vec<u8> =
                    sent.as_bytes().chunks(size).flat_map(|piece| unasked.pass(piece, false)).collect();
                passed.extend(unasked.pass(b"", true));
                assert_eq!(String::from_utf8(passed).unwrap(), expected, "{end:?} {size}");
            }
        }
    }

    /// What once took four seconds took one pass over it for each event.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test measures, the filter does not")]
    fn many_events_in_one_piece_cost_no_more_than_their_bytes() {
        let begin = std::time::Instant::now();
        for event in [":\n\n", "data: {}\n\n", "data: {}\r\n\r\n", "\r\r"] {
            let sent = event.repeat(1 << 20);
            assert_eq!(Unasked::default().pass(sent.as_bytes(), true).len(), sent.len(), "{event:?}");
        }
        assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    }

    #[test]
    fn what_ends_in_the_middle_passes_and_so_does_what_is_too_long() {
        let mut unasked = Unasked::default();
        assert_eq!(unasked.pass(b"data: {\"cho", false), b"");
        assert_eq!(unasked.pass(b"", true), b"data: {\"cho");
        let (mut unasked, long) = (Unasked::default(), vec![b'x'; MAX_EVENT + 1]);
        assert_eq!(unasked.pass(&long, false), long);
        assert_eq!(unasked.pass(b"y", false), b"y");
    }
}
