//! AWS event stream messages, as Bedrock sends them: `application/vnd.amazon.eventstream`.
//!
//! ```text
//! | total length 4 | headers' length 4 | CRC-32 of these 4 | headers | payload | CRC-32 of all before 4 |
//! header: | length of name 1 | name | type 1 | value |
//! ```
//!
//! Rules:
//! 1. numbers are big-endian, and both checksums must be right. The first is checked before a length is believed;
//! 2. the headers are at most 128 KiB long, and fill their space exactly. Their names are not empty, their types the
//!    ten that are defined. A header that is read here is a string and stands once: which of two wins is not defined;
//! 3. `:message-type` says `exception` or `error`: then the frame is an error, and named by `:exception-type` or else
//!    `:error-code`. Any other frame is named by `:event-type`;
//! 4. the payload is the frame's data. The text of an error may stand in the header `:error-message`: it is a frame
//!    too ([`Frame::is_text`]), before that of the payload, which is none if it is empty. Other headers carry no text in Bedrock's streams;
//! 5. a body that ends inside of a message is [`Fault::Cut`];
//! 6. `max_frame_bytes` is the length of a message, headers and all, and asked before anything of it is kept.
//!
//! [`encode`] writes a message, for whoever ends a stream in Bedrock's name:
//!
//! ```
//! use portcullis::http::stream::{event_stream::encode, Frames, Framing};
//!
//! let headers = [(":message-type", "exception"), (":exception-type", "validationException")];
//! let message = encode(&headers, br#"{"message":"blocked"}"#);
//! let mut seen = Vec::new();
//! Frames::new(Framing::EventStream, 1024)
//!     .push(&message, &mut |frame| seen.push((frame.is_error, frame.event.to_vec(), frame.data.to_vec())))
//!     .unwrap();
//! assert_eq!(seen, [(true, b"validationException".to_vec(), br#"{"message":"blocked"}"#.to_vec())]);
//! ```

use std::borrow::Cow;

use super::{Border, Fault, Frame};

/// A message with these headers, as strings, and this payload. A header that the format cannot hold is left out: its
/// name is 1 to 255 bytes long, its value at most 32,767.
pub fn encode(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers = headers.iter().filter_map(|(name, value)| encode_header(name, value)).collect::<Vec<_>>().concat();
    let total = FRAME_BYTES.saturating_add(headers.len()).saturating_add(payload.len());
    let mut message = Vec::with_capacity(total);
    for length in [total, headers.len()] {
        message.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(&headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message
}

fn encode_header(name: &str, value: &str) -> Option<Vec<u8>> {
    let name_length = u8::try_from(name.len()).ok().filter(|length| *length > 0)?;
    let value_length = u16::try_from(i16::try_from(value.len()).ok()?).ok()?;
    let [high, low] = value_length.to_be_bytes();
    Some([&[name_length], name.as_bytes(), &[STRING, high, low], value.as_bytes()].concat())
}

/// See the [module](self).
pub(super) struct EventStream {
    /// The beginning of the message whose end has not come; never longer than `max`, or a prelude.
    carried: Vec<u8>,
    /// Its length, once its prelude has been read.
    total: Option<usize>,
    max: usize,
}

impl EventStream {
    pub(super) fn new(max_frame_bytes: usize) -> Self {
        Self { carried: Vec::new(), total: None, max: max_frame_bytes }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
        while let Some(message) = self.next(&mut bytes)? {
            hand_over(&message, each)?;
        }
        Ok(())
    }

    pub(super) fn finish(&self) -> Result<(), Fault> {
        if self.carried.is_empty() { Ok(()) } else { Err(Fault::Cut) }
    }

    pub(super) fn border(&self) -> Border {
        Border { begun: self.carried.len(), is_behind_cr: false }
    }

    /// The next message that ends in `rest`, and `rest` what is behind it. `None`: all of it was read.
    fn next<'a>(&mut self, rest: &mut &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        if self.total.is_none() {
            self.total = self.prelude(rest).map(|prelude| prelude.length(self.max)).transpose()?;
        }
        let wanted = self.total.map(|total| total.saturating_sub(self.carried.len()));
        let Some((piece, behind)) = wanted.and_then(|wanted| rest.split_at_checked(wanted)) else {
            self.carried.extend_from_slice(std::mem::take(rest));
            return Ok(None);
        };
        *rest = behind;
        self.total = None;
        if self.carried.is_empty() {
            return Ok(Some(Cow::Borrowed(piece)));
        }
        self.carried.extend_from_slice(piece);
        Ok(Some(Cow::Owned(std::mem::take(&mut self.carried))))
    }

    /// The first bytes of the message, if they are all there.
    fn prelude(&self, rest: &[u8]) -> Option<Prelude> {
        let mut bytes = self.carried.iter().chain(rest).copied();
        let mut next = || Some([bytes.next()?, bytes.next()?, bytes.next()?, bytes.next()?]);
        Some(Prelude { total: next()?, headers: next()?, crc: next()? })
    }
}

struct Prelude {
    total: [u8; 4],
    headers: [u8; 4],
    crc: [u8; 4],
}

impl Prelude {
    /// The message's length, if it can be believed and is not above `max`.
    fn length(&self, max: usize) -> Result<usize, Fault> {
        if crc32fast::hash([self.total, self.headers].as_flattened()).to_be_bytes() != self.crc {
            return Err(Fault::Malformed("a prelude with a wrong checksum"));
        }
        let (total, headers) = (size(self.total), size(self.headers));
        if headers > MAX_HEADERS_BYTES || total < headers.saturating_add(FRAME_BYTES) {
            return Err(Fault::Malformed("lengths that no message can have"));
        }
        if total > max { Err(Fault::TooLarge) } else { Ok(total) }
    }
}

/// Checks a whole message, and hands over what it carries.
fn hand_over(message: &[u8], each: &mut dyn FnMut(Frame<'_>)) -> Result<(), Fault> {
    let mut rest = message;
    let (content, crc) = message.split_last_chunk::<4>().ok_or(CUT_HEADER)?;
    if crc32fast::hash(content).to_be_bytes() != *crc {
        return Err(Fault::Malformed("a message with a wrong checksum"));
    }
    let prelude = take_array::<PRELUDE_BYTES>(&mut rest)?;
    let [_, _, _, _, a, b, c, d, ..] = prelude;
    let headers = Headers::read(take(&mut rest, size([a, b, c, d]))?)?;
    let payload = rest.split_last_chunk::<4>().ok_or(CUT_HEADER)?.0;

    let is_error = matches!(headers.message_type, Some(b"exception" | b"error"));
    let name = if is_error { headers.exception_type.or(headers.error_code) } else { headers.event_type };
    let frame = Frame { event: name.unwrap_or_default(), data: payload, is_error, is_text: false };
    if let Some(data) = headers.error_message {
        each(Frame { data, is_text: true, ..frame });
    }
    if headers.error_message.is_none() || !payload.is_empty() {
        each(frame);
    }
    Ok(())
}

/// The headers that are read; every other one is passed over.
#[derive(Default)]
struct Headers<'m> {
    message_type: Option<&'m [u8]>,
    event_type: Option<&'m [u8]>,
    exception_type: Option<&'m [u8]>,
    error_code: Option<&'m [u8]>,
    error_message: Option<&'m [u8]>,
}

impl<'m> Headers<'m> {
    fn read(mut rest: &'m [u8]) -> Result<Self, Fault> {
        let mut headers = Self::default();
        while !rest.is_empty() {
            let name = take_counted(&mut rest)?;
            let (kind, value) = take_value(&mut rest)?;
            let Some(header) = headers.named(name) else { continue };
            if kind != STRING {
                return Err(Fault::Malformed("a header that should be a string"));
            }
            if header.replace(value).is_some() {
                return Err(Fault::Malformed("the same header twice"));
            }
        }
        Ok(headers)
    }

    fn named(&mut self, name: &[u8]) -> Option<&mut Option<&'m [u8]>> {
        match name {
            b":message-type" => Some(&mut self.message_type),
            b":event-type" => Some(&mut self.event_type),
            b":exception-type" => Some(&mut self.exception_type),
            b":error-code" => Some(&mut self.error_code),
            b":error-message" => Some(&mut self.error_message),
            _ => None,
        }
    }
}

/// A name, which is not empty.
fn take_counted<'m>(rest: &mut &'m [u8]) -> Result<&'m [u8], Fault> {
    let [length] = take_array(rest)?;
    if length == 0 {
        return Err(Fault::Malformed("a header without a name"));
    }
    take(rest, usize::from(length))
}

/// A value's type and bytes.
fn take_value<'m>(rest: &mut &'m [u8]) -> Result<(u8, &'m [u8]), Fault> {
    let [kind] = take_array(rest)?;
    let length = match kind {
        TRUE | FALSE => 0,
        BYTE => 1,
        SHORT => 2,
        INTEGER => 4,
        LONG | TIMESTAMP => 8,
        BYTES | STRING => usize::from(u16::from_be_bytes(take_array(rest)?)),
        UUID => 16,
        _ => return Err(Fault::Malformed("a header of an unknown type")),
    };
    Ok((kind, take(rest, length)?))
}

fn take<'m>(rest: &mut &'m [u8], length: usize) -> Result<&'m [u8], Fault> {
    let (taken, behind) = rest.split_at_checked(length).ok_or(CUT_HEADER)?;
    *rest = behind;
    Ok(taken)
}

fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Fault> {
    let (taken, behind) = rest.split_first_chunk::<N>().ok_or(CUT_HEADER)?;
    *rest = behind;
    Ok(*taken)
}

/// A length of the prelude; where `usize` is too small for it, more than any limit.
fn size(length: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)
}

const CUT_HEADER: Fault = Fault::Malformed("headers that do not fill their space");
const PRELUDE_BYTES: usize = 12;
/// The prelude, and the checksum at the end.
const FRAME_BYTES: usize = PRELUDE_BYTES + 4;
const MAX_HEADERS_BYTES: usize = 128 * 1024;

const TRUE: u8 = 0;
const FALSE: u8 = 1;
const BYTE: u8 = 2;
const SHORT: u8 = 3;
const INTEGER: u8 = 4;
const LONG: u8 = 5;
const BYTES: u8 = 6;
const STRING: u8 = 7;
const TIMESTAMP: u8 = 8;
const UUID: u8 = 9;

#[cfg(test)]
mod tests {
    use super::super::tests::{Seen, cut_everywhere, pieces, read, seen};
    use super::super::{Fault, Framing};
    use super::*;

    /// Messages that AWS's own SDKs are tested with, checksums and all.
    const EMPTY: &[u8] = b"\0\0\0\x10\0\0\0\0\x05\xc2H\xeb}\x98\xc8\xff";
    const PAYLOAD: &[u8] = b"\0\0\0\x1d\0\0\0\0\xfdR\x8cZ{'foo':'bar'}\xc3e96";
    const STRING_HEADER: &[u8] = b"\0\0\0=\0\0\0 \x07\xfd\x83\x96\x0ccontent-type\x07\0\x10application/json\
        {'foo':'bar'}\x8d\x9c\x08\xb1";
    const EVERY_TYPE: &[u8] = b"\0\0\0\x62\0\0\0\x52\x03\xb5\xcb\x9c\x010\0\x011\x01\x012\x02\x02\x013\x03\0\x03\
        \x014\x04\0\0\0\x04\x015\x05\0\0\0\0\0\0\0\x05\x016\x06\0\x05bytes\x017\x07\0\x04utf8\
        \x018\x08\0\0\0\0\0\0\0\x08\x019\x090123456789abcdef\x63\x35\x36\x71";
    const ERROR: &[u8] = b"\0\0\0\x52\0\0\0\x42\xbf\x23\x63\x7e\x0d:message-type\x07\0\x05error\
        \x0b:error-code\x07\0\x04code\x0e:error-message\x07\0\x07message\x6b\x6c\xea\x3d";
    const WRONG_PRELUDE: Fault = Fault::Malformed("a prelude with a wrong checksum");
    const WRONG_MESSAGE: Fault = Fault::Malformed("a message with a wrong checksum");

    fn messages(body: &[u8]) -> Seen {
        cut_everywhere(Framing::EventStream, 200, body)
    }

    fn frame(event: &str, data: &str, is_error: bool) -> Seen {
        (vec![(event.into(), data.into(), is_error)], Ok(()))
    }

    /// A message with headers that [`encode`] would not write.
    #[allow(clippy::arithmetic_side_effects)]
    fn with_headers(headers: &[u8], payload: &[u8]) -> Vec<u8> {
        let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
        let total = FRAME_BYTES + headers.len() + payload.len();
        let prelude = [length(total), length(headers.len())].concat();
        let content = [&prelude, &crc32fast::hash(&prelude).to_be_bytes()[..], headers, payload].concat();
        [&content[..], &crc32fast::hash(&content).to_be_bytes()].concat()
    }

    #[test]
    fn messages_that_aws_tests_its_own_sdks_with_are_read() {
        for (message, expected) in [
            (EMPTY, frame("", "", false)),
            (PAYLOAD, frame("", "{'foo':'bar'}", false)),
            (STRING_HEADER, frame("", "{'foo':'bar'}", false)),
            (EVERY_TYPE, frame("", "", false)),
            (ERROR, frame("code", "message", true)),
        ] {
            assert_eq!(messages(message), expected, "{}", message.escape_ascii());
        }
        let all = [EMPTY, PAYLOAD, STRING_HEADER, EVERY_TYPE, ERROR].concat();
        assert_eq!(messages(&all).0.len(), 5);
        assert_eq!(messages(b""), seen(&[], Ok(())));
    }

    #[test]
    fn what_we_write_is_what_aws_writes() {
        assert_eq!(encode(&[], b""), EMPTY);
        assert_eq!(encode(&[], b"{'foo':'bar'}"), PAYLOAD);
        assert_eq!(encode(&[("content-type", "application/json")], b"{'foo':'bar'}"), STRING_HEADER);
        let headers = [(":message-type", "error"), (":error-code", "code"), (":error-message", "message")];
        assert_eq!(encode(&headers, b""), ERROR);
    }

    #[test]
    fn a_header_that_the_format_cannot_hold_is_left_out() {
        let long = |length: usize| "x".repeat(length);
        assert_eq!(encode(&[("", "a"), (&long(256), "a"), ("a", &long(32_768))], b""), EMPTY);
        assert_eq!(encode(&[(&long(255), &long(32_767))], b"").len(), 16 + 1 + 255 + 3 + 32_767);
    }

    #[test]
    fn a_message_is_named_by_what_it_is() {
        let message = |headers: &[(&str, &str)], payload: &str| messages(&encode(headers, payload.as_bytes()));
        let (event, exception, error) =
            ((":message-type", "event"), (":message-type", "exception"), (":message-type", "error"));
        assert_eq!(message(&[event, (":event-type", "chunk")], "1"), frame("chunk", "1", false));
        assert_eq!(message(&[(":event-type", "chunk")], "1"), frame("chunk", "1", false));
        assert_eq!(message(&[exception, (":exception-type", "throttled")], "1"), frame("throttled", "1", true));
        assert_eq!(message(&[exception, (":event-type", "chunk")], "1"), frame("", "1", true));
        assert_eq!(message(&[error], ""), frame("", "", true));
    }

    #[test]
    fn the_text_of_an_error_is_seen_in_its_header_and_in_its_payload() {
        let headers = [(":message-type", "error"), (":error-message", "one")];
        let both = (vec![(vec![], b"one".to_vec(), true), (vec![], b"two".to_vec(), true)], Ok(()));
        assert_eq!(messages(&encode(&headers, b"two")), both);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let body = [PAYLOAD, STRING_HEADER].concat();
        for at in 0..body.len() {
            for bit in 0..8 {
                let mut changed = body.clone();
                changed[at] ^= 1 << bit;
                let fault = match at {
                    0..12 | 29..41 => WRONG_PRELUDE,
                    _ => WRONG_MESSAGE,
                };
                let frames: &[&[u8]] = if at < PAYLOAD.len() { &[] } else { &[b"{'foo':'bar'}"] };
                assert_eq!(read(Framing::EventStream, 200, [&changed[..]]), seen(frames, Err(fault)), "{at} {bit}");
            }
        }
    }

    #[test]
    fn a_length_is_asked_before_anything_is_kept() {
        let prelude = |total: u32, headers: u32| {
            let lengths = [total.to_be_bytes(), headers.to_be_bytes()].concat();
            [&lengths[..], &crc32fast::hash(&lengths).to_be_bytes()].concat()
        };
        let impossible = Err(Fault::Malformed("lengths that no message can have"));
        for (total, headers, end) in [
            (200, 0, Err(Fault::Cut)),
            (200, 184, Err(Fault::Cut)),
            (201, 0, Err(Fault::TooLarge)),
            (u32::MAX, 0, Err(Fault::TooLarge)),
            (u32::MAX, 131_072, Err(Fault::TooLarge)),
            (u32::MAX, 131_073, impossible),
            (u32::MAX, u32::MAX, impossible),
            (200, 185, impossible),
            (15, 0, impossible),
            (0, 0, impossible),
        ] {
            assert_eq!(messages(&prelude(total, headers)), seen(&[], end), "{total} {headers}");
        }
        assert_eq!(cut_everywhere(Framing::EventStream, 28, PAYLOAD), seen(&[], Err(Fault::TooLarge)));
        assert_eq!(cut_everywhere(Framing::EventStream, 29, PAYLOAD), seen(&[b"{'foo':'bar'}"], Ok(())));
    }

    #[test]
    fn headers_that_clients_could_read_differently_are_refused() {
        for (headers, what) in [
            (&b"\0\x01"[..], "a header without a name"),
            (b"\x01a\x0a", "a header of an unknown type"),
            (b"\x01a\xff", "a header of an unknown type"),
            (b"\x02a", "headers that do not fill their space"),
            (b"\x01a", "headers that do not fill their space"),
            (b"\x01a\x02", "headers that do not fill their space"),
            (b"\x01a\x05\0\0\0\0\0\0\0", "headers that do not fill their space"),
            (b"\x01a\x07\0", "headers that do not fill their space"),
            (b"\x01a\x07\0\x02b", "headers that do not fill their space"),
            (b"\x01a\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "headers that do not fill their space"),
            (b"\x0b:event-type\x06\0\x05chunk", "a header that should be a string"),
            (b"\x0d:message-type\x00", "a header that should be a string"),
            (b"\x0b:event-type\x07\0\x01a\x0b:event-type\x07\0\x01a", "the same header twice"),
        ] {
            let fault = Err(Fault::Malformed(what));
            assert_eq!(messages(&with_headers(headers, b"{}")), seen(&[], fault), "{}", headers.escape_ascii());
        }
    }

    #[test]
    fn a_body_that_ends_inside_of_a_message_is_cut() {
        for end in 1..STRING_HEADER.len() {
            assert_eq!(messages(&STRING_HEADER[..end]), seen(&[], Err(Fault::Cut)), "{end}");
            let body = [PAYLOAD, &STRING_HEADER[..end]].concat();
            assert_eq!(read(Framing::EventStream, 200, [&body[..]]), seen(&[b"{'foo':'bar'}"], Err(Fault::Cut)));
        }
    }

    #[test]
    fn any_headers_are_read_without_harm() {
        for seed in 0..3000 {
            let headers: Vec<u8> = pieces(seed, 20).map(|pick| b"\0\x01\x02\x06\x07\x09\x0aab"[pick % 9]).collect();
            let message = with_headers(&headers, b"{}");
            let (frames, end) = read(Framing::EventStream, 200, [&message[..]]);
            assert_eq!(frames.len(), usize::from(end.is_ok()), "{}", message.escape_ascii());
        }
    }
}
