//! What the tests of all framings need, and the rules that hold for all of them.

use std::time::{Duration, Instant};

use super::*;

/// Each frame's name, data and whether it is an error; and how it ended.
pub(super) type Seen = (Vec<(Vec<u8>, Vec<u8>, bool)>, Result<(), Fault>);

/// Frames without names, none of them an error.
pub(super) fn seen(frames: &[&[u8]], end: Result<(), Fault>) -> Seen {
    (frames.iter().map(|data| (Vec::new(), data.to_vec(), false)).collect(), end)
}

/// What is read of a body that comes in these pieces; and that a fault is told again.
pub(super) fn read<'a>(framing: Framing, max: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let mut frames = Frames::new(framing, max);
    let mut found = Vec::new();
    let mut each = |frame: Frame<'_>| found.push((frame.event.to_vec(), frame.data.to_vec(), frame.is_error));
    let pushed = pieces.into_iter().try_for_each(|piece| frames.push(piece, &mut each));
    let end = pushed.and_then(|()| frames.finish(&mut each));
    if let Err(fault) = end {
        assert_eq!(frames.push(b"data: 1\n\n1\n[1]", &mut each), Err(fault));
        assert_eq!(frames.finish(&mut each), Err(fault));
    }
    (found, end)
}

/// What is read of a body, however it is cut: in two anywhere, in three anywhere if it is short, into single bytes,
/// and with empty pieces.
pub(super) fn cut_everywhere(framing: Framing, max: usize, body: &[u8]) -> Seen {
    let whole = read(framing, max, [body]);
    let same = |pieces: &[&[u8]]| {
        assert_eq!(read(framing, max, pieces.iter().copied()), whole, "{}", pieces.join(&b'|').escape_ascii());
    };
    for first in 0..=body.len() {
        let (left, right) = body.split_at(first);
        same(&[left, b"", right]);
        for second in 0..=if body.len() <= 100 { right.len() } else { 0 } {
            same(&[left, &right[..second], &right[second..]]);
        }
    }
    same(&body.chunks(1).collect::<Vec<_>>());
    whole
}

/// Numbers without a pattern, the same for the same seed.
pub(super) fn pieces(seed: u64, count: usize) -> impl Iterator<Item = usize> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    })
    .take(count)
}

/// A body of `count` frames of `size` bytes, in each framing.
fn bodies(count: usize, size: usize) -> Vec<(Framing, Vec<u8>)> {
    let json = format!("{{\"t\":\"{}\"}}", "x".repeat(size.saturating_sub(8)));
    let array = format!("[{}]", vec![json.as_str(); count].join(",\n"));
    vec![
        (Framing::Sse, format!("event: e\ndata: {json}\n\n").repeat(count).into_bytes()),
        (Framing::Ndjson, format!("{json}\n").repeat(count).into_bytes()),
        (Framing::JsonArray, array.into_bytes()),
        (Framing::EventStream, event_stream::encode(&[(":event-type", "e")], json.as_bytes()).repeat(count)),
    ]
}

#[test]
fn a_framing_is_known_by_its_media_type() {
    for (value, framing) in [
        ("text/event-stream", Some(Framing::Sse)),
        ("Text/Event-Stream ; Charset=\"UTF-8\"", Some(Framing::Sse)),
        ("text/event-stream;charset=utf8;x=1", Some(Framing::Sse)),
        ("text/event-stream;", Some(Framing::Sse)),
        ("text/event-stream; charset=utf-16", None),
        ("text/event-stream; charset=utf-8; charset=utf-7", None),
        ("text/event-stream, text/event-stream", None),
        ("text/event-streams", None),
        ("text/plain; text/event-stream", None),
        ("application/x-ndjson", Some(Framing::Ndjson)),
        ("application/jsonl", Some(Framing::Ndjson)),
        ("application/json-lines", Some(Framing::Ndjson)),
        ("application/stream+json", Some(Framing::Ndjson)),
        ("application/vnd.amazon.eventstream", Some(Framing::EventStream)),
        ("application/json", None),
        ("", None),
    ] {
        assert_eq!(Framing::of_content_type(value.as_bytes()), framing, "{value}");
    }
}

#[test]
fn a_frame_in_one_piece_is_not_copied() {
    for (framing, body) in bodies(3, 50) {
        let mut borrowed = 0;
        let mut frames = Frames::new(framing, 100);
        let mut each = |frame: Frame<'_>| borrowed += usize::from(body.as_ptr_range().contains(&frame.data.as_ptr()));
        frames.push(&body, &mut each).unwrap();
        assert_eq!(borrowed, 3, "{framing:?}");
    }
}

#[test]
fn one_frame_byte_by_byte_takes_linear_time() {
    // Read again from its beginning with each byte it would be 2^41 bytes.
    for (framing, body) in bodies(1, 1 << 21) {
        let begun = Instant::now();
        let (frames, end) = read(framing, 1 << 22, body.chunks(1));
        assert_eq!((frames.len(), end), (1, Ok(())), "{framing:?}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{framing:?}");
    }
}

#[test]
fn any_bytes_are_read_alike_however_they_are_cut() {
    let bytes = b"data: event:id\n\r\n\r{}[],\"\\ 1tx:\x00\x01\x10\xc2\x85\xe2\x80\xa8\xef\xbb\xbf";
    for framing in [Framing::Sse, Framing::Ndjson, Framing::JsonArray, Framing::EventStream] {
        for seed in 0..400 {
            let random: Vec<u8> = pieces(seed, 24).map(|pick| bytes[pick % bytes.len()]).collect();
            let body = if framing == Framing::JsonArray { [b"[", &random[..]].concat() } else { random };
            let _ = cut_everywhere(framing, 9, &body);
        }
    }
}

#[test]
fn any_byte_changed_is_read_alike_however_it_is_cut() {
    for (framing, body) in bodies(2, 20) {
        for (at, change) in pieces(7, 300).zip(pieces(8, 300)) {
            let mut changed = body.clone();
            changed[at % body.len()] ^= u8::try_from(change % 255).unwrap() + 1;
            let (_, whole) = read(framing, 40, [&changed[..]]);
            let (_, single) = read(framing, 40, changed.chunks(1));
            assert_eq!(whole, single, "{}", changed.escape_ascii());
        }
    }
}

#[test]
fn debug_shows_no_text() {
    let frame = Frame { event: b"", data: b"secret", is_error: true, is_text: false };
    assert_eq!(format!("{frame:?}"), "Frame(6 bytes, an error)");
    let mut frames = Frames::new(Framing::Sse, 9);
    frames.push(b"secret", &mut |_| {}).unwrap();
    assert!(!format!("{frames:?}").contains("secret"));
}
