//! PNG (third edition, sections 5 and 11): the signature, IHDR, and chunks up to IDAT for a possible `acTL`.

use super::{Fault, Format, Step, big};

/// Which chunk is in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The signature and IHDR.
    Start,
    /// The length and type of a chunk.
    Chunk(Seen),
    /// `acTL`, whole.
    Animation(Seen),
}

/// What has been seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    width: u32,
    height: u32,
    frames: Option<u32>,
}

/// Signature, length, type, 13 bytes, CRC.
pub(super) const START: usize = 33;
/// Length and type.
const CHUNK: usize = 8;
const WRONG: Fault = Fault::Header(Format::Png);

pub(super) fn step(place: Place, window: &[u8]) -> Result<Step, Fault> {
    match place {
        Place::Start => start(window).map(|seen| next(seen, 0)),
        Place::Chunk(seen) => chunk(seen, window),
        Place::Animation(seen) => {
            let frames = big(window, CHUNK, 4)?;
            let is_sound = frames > 0 && is_checked(window.get(4..).unwrap_or_default());
            if is_sound { Ok(next(Seen { frames: Some(frames), ..seen }, 0)) } else { Err(WRONG) }
        }
    }
}

fn next(seen: Seen, skip: u64) -> Step {
    Step::Next(super::Place::Png(Place::Chunk(seen)), skip, CHUNK)
}

fn start(window: &[u8]) -> Result<Seen, Fault> {
    let header = window.get(8..).unwrap_or_default();
    let (width, height) = (big(header, 8, 4)?, big(header, 12, 4)?);
    let is_sound = header.starts_with(b"\0\0\0\x0dIHDR") && is_checked(header.get(4..).unwrap_or_default());
    let is_kind = match header.get(16..21) {
        Some([depth, colour, 0, 0, 0 | 1]) => match colour {
            0 => matches!(depth, 1 | 2 | 4 | 8 | 16),
            3 => matches!(depth, 1 | 2 | 4 | 8),
            2 | 4 | 6 => matches!(depth, 8 | 16),
            _ => false,
        },
        _ => false,
    };
    if is_sound && is_kind { Ok(Seen { width, height, frames: None }) } else { Err(WRONG) }
}

fn chunk(seen: Seen, window: &[u8]) -> Result<Step, Fault> {
    let length = big(window, 0, 4)?;
    match window.get(4..8) {
        Some(b"IDAT") => Ok(Step::Size(seen.width, seen.height, Some(seen.frames.unwrap_or(1)))),
        Some(b"IHDR" | b"IEND") => Err(WRONG),
        Some(b"acTL") if length != 8 || seen.frames.is_some() => Err(WRONG),
        Some(b"acTL") => Ok(Step::More(super::Place::Png(Place::Animation(seen)), 20)),
        Some(kind) if length <= 0x7fff_ffff && kind.iter().all(u8::is_ascii_alphabetic) => {
            Ok(next(seen, u64::from(length).saturating_add(4)))
        }
        _ => Err(WRONG),
    }
}

/// Whether a chunk from its type on ends with its checksum.
fn is_checked(chunk: &[u8]) -> bool {
    let (data, sum) = chunk.split_at_checked(chunk.len().saturating_sub(4)).unwrap_or_default();
    crc(data).to_be_bytes() == sum
}

/// Annex D, bit by bit: it is asked of 29 bytes.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    let bit = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), bit))
}
