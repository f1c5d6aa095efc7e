//! What the bytes of a fuzz target's input mean, for the targets and for the measurement that reads what they keep.
//!
//! ```text
//! | number of an endpoint 2 | what the body is 1 | where a stream is cut 1 | body |
//! ```
//!
//! An endpoint's number is made of its method and path, so that an input means the same when others come; a number that
//! none has is the next one's.

use portcullis::ai::endpoint::Endpoint;

/// An input.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which tables it is read by.
    pub endpoint: &'static Endpoint,
    /// What it is.
    pub kind: Kind,
    /// How many bytes come before a stream is cut.
    pub cut: usize,
    /// The bytes to read.
    pub body: &'a [u8],
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Request,
    /// A whole answer.
    Answer,
    /// A streamed answer, with its `content-type`.
    Stream(&'static str),
}

const KINDS: [Kind; 6] = [
    Kind::Request,
    Kind::Answer,
    Kind::Stream("text/event-stream"),
    Kind::Stream("application/x-ndjson"),
    Kind::Stream("application/json"),
    Kind::Stream("application/vnd.amazon.eventstream"),
];

impl<'a> Input<'a> {
    /// What these bytes mean for a target that has these endpoints; `None` if they are too few, or there is no endpoint.
    #[must_use]
    pub fn decode(endpoints: &[&'static Endpoint], bytes: &'a [u8]) -> Option<Self> {
        let [high, low, kind, cut, body @ ..] = bytes else { return None };
        let wanted = u16::from_be_bytes([*high, *low]);
        let endpoint = endpoints.iter().min_by_key(|endpoint| number(endpoint).wrapping_sub(wanted))?;
        let kind = *KINDS.get(usize::from(*kind) % KINDS.len())?;
        Some(Self { endpoint, kind, cut: usize::from(*cut), body })
    }
}

/// An endpoint's number: FNV-1a of its method and path, folded to two bytes (`number` in `fuzz/seeds.py`).
#[must_use]
pub fn number(endpoint: &Endpoint) -> u16 {
    let bytes = endpoint.method.bytes().chain([b' ']).chain(endpoint.path.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = hash.to_be_bytes();
    u16::from_be_bytes([a ^ c, b ^ d])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_endpoint_is_reached_and_stays_where_it_is() {
        let mut dialects = BTreeMap::<&str, Vec<&'static Endpoint>>::new();
        for endpoint in Endpoint::all() {
            dialects.entry(endpoint.dialect.word()).or_default().push(endpoint);
        }
        for (word, endpoints) in dialects {
            for endpoint in &endpoints {
                let [high, low] = number(endpoint).to_be_bytes();
                let bytes = [high, low, 8, 3, b'x'];
                let found = Input::decode(&endpoints, &bytes).unwrap();
                assert!(std::ptr::eq(found.endpoint, *endpoint), "{word} {} {}", endpoint.method, endpoint.path);
                assert_eq!((found.kind, found.cut, found.body), (Kind::Stream("text/event-stream"), 3, &b"x"[..]));
                let alone = Input::decode(&[endpoint], &[0, 0, 0, 0]).unwrap();
                assert!(std::ptr::eq(alone.endpoint, *endpoint));
            }
        }
        assert!(Input::decode(&[], &[0; 9]).is_none());
    }

    /// So that what `fuzz/seeds.py` writes is read here.
    #[test]
    fn a_number_is_the_same_in_python() {
        let chat = Endpoint::all().find(|endpoint| endpoint.path == "/v1/chat/completions").unwrap();
        assert_eq!((chat.method, number(chat)), ("POST", CHAT));
    }

    const CHAT: u16 = 0x9a55;
}
