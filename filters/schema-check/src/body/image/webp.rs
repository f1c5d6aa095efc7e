//! WebP (RFC 9649): the RIFF header and the first chunk, which says the size in one of three ways.

use super::{Fault, Format, Step, little};

/// RIFF header, chunk header, ten bytes.
pub(super) const START: usize = 30;
const WRONG: Fault = Fault::Header(Format::Webp);

/// The length of the file: what the RIFF header says, and itself. It is even (section 2.3).
pub(super) fn whole(window: &[u8]) -> Result<u64, Fault> {
    let size = little(window, 4, 4)?;
    let is_sound = size % 2 == 0 && size >= 22 && little(window, 16, 4)? <= size.saturating_sub(12);
    if is_sound { Ok(u64::from(size).saturating_add(8)) } else { Err(WRONG) }
}

pub(super) fn step(window: &[u8]) -> Result<Step, Fault> {
    let data = window.get(20..).unwrap_or_default();
    let (width, height) = match (window.get(12..16), data) {
        // A key frame with its start code (RFC 6386 section 9.1); two bits of each side say how to scale it.
        (Some(b"VP8 "), [tag, _, _, 0x9d, 0x01, 0x2a, ..]) if tag & 1 == 0 => {
            (little(data, 6, 2)? & 0x3fff, little(data, 8, 2)? & 0x3fff)
        }
        (Some(b"VP8L"), [0x2f, ..]) => {
            let bits = little(data, 1, 4)?;
            if bits >> 29 != 0 {
                return Err(WRONG);
            }
            ((bits & 0x3fff).saturating_add(1), (bits >> 14 & 0x3fff).saturating_add(1))
        }
        (Some(b"VP8X"), _) if little(window, 16, 4)? == 10 => {
            (little(data, 4, 3)?.saturating_add(1), little(data, 7, 3)?.saturating_add(1))
        }
        _ => return Err(WRONG),
    };
    Ok(Step::Size(width, height, None))
}
