//! JPEG (ITU T.81, annex B): segments from SOI to the frame header, SOF.

use super::{Fault, Format, Step, big};

/// Which header is in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// FF and a code.
    Marker,
    /// The code alone, behind more than one FF.
    Code,
    /// Behind it, the length of a segment, and what of it is needed.
    Length,
    /// A frame header: length, precision, height, width, components.
    Frame,
}

const WRONG: Fault = Fault::Header(Format::Jpeg);

/// The segment behind SOI, of whose beginning ten bytes have been read: marker, length, and more.
pub(super) fn start(window: &[u8]) -> Result<Step, Fault> {
    match window.get(3).copied().ok_or(Fault::Truncated)? {
        code if is_frame(code) => frame(window.get(4..).unwrap_or_default()),
        // SOI, marker and segment; of these, 12 bytes have been read. No first segment of use is shorter than eight.
        code if is_segment(code) => match u64::from(big(window, 4, 2)?).checked_sub(8) {
            Some(skip) => Ok(Step::Next(super::Place::Jpeg(Place::Marker), skip, 2)),
            None => Err(WRONG),
        },
        _ => Err(WRONG),
    }
}

pub(super) fn step(place: Place, window: &[u8]) -> Result<Step, Fault> {
    let next = |place, wanted| Ok(Step::Next(super::Place::Jpeg(place), 0, wanted));
    match place {
        Place::Marker | Place::Code => match window {
            // FF may stand before a code as often as it likes; each counts as a header.
            [0xff, 0xff] | [0xff] => next(Place::Code, 1),
            [0xff, code] | [code] if is_frame(*code) => next(Place::Frame, 8),
            [0xff, code] | [code] if is_segment(*code) => next(Place::Length, 2),
            _ => Err(WRONG),
        },
        Place::Length => match big(window, 0, 2)?.checked_sub(2) {
            Some(skip) => Ok(Step::Next(super::Place::Jpeg(Place::Marker), skip.into(), 2)),
            None => Err(WRONG),
        },
        Place::Frame => frame(window),
    }
}

fn frame(header: &[u8]) -> Result<Step, Fault> {
    let (length, precision, components) = (big(header, 0, 2)?, big(header, 2, 1)?, big(header, 7, 1)?);
    let is_sound = (2..=16).contains(&precision) && (1..=4).contains(&components);
    if !is_sound || length != components.saturating_mul(3).saturating_add(8) {
        return Err(WRONG);
    }
    Ok(Step::Size(big(header, 5, 2)?, big(header, 3, 2)?, None))
}

/// SOF0 to SOF15: all of C0 to CF but DHT, JPG and DAC.
fn is_frame(code: u8) -> bool {
    matches!(code, 0xc0..=0xcf) && !matches!(code, 0xc4 | 0xc8 | 0xcc)
}

/// Tables, applications, comments; not scans, restarts, or the end, which stand behind the frame header.
fn is_segment(code: u8) -> bool {
    matches!(code, 0xc4 | 0xcc | 0xdb | 0xdd | 0xe0..=0xef | 0xfe)
}
