//! GIF (87a and 89a, section 18): the logical screen, of whose size every frame is a part.

use super::{Fault, Step, little};

/// Signature and logical screen descriptor.
pub(super) const START: usize = 13;

pub(super) fn step(window: &[u8]) -> Result<Step, Fault> {
    Ok(Step::Size(little(window, 6, 2)?, little(window, 8, 2)?, None))
}
