//! Long runs of certain bytes: most of a text is not looked at.

use std::ops::Range;

/// The next run of at least `least` bytes of a kind, at or behind `at`.
///
/// Looks at the end of where a run might be, and goes on behind the first byte that is in the way (Boyer and Moore).
pub(super) fn next(bytes: &[u8], at: usize, least: usize, is_of_kind: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    let mut start = at;
    loop {
        let window = bytes.get(start..start.saturating_add(least))?;
        match window.iter().rposition(|byte| !is_of_kind(*byte)) {
            Some(in_the_way) => start = start.saturating_add(in_the_way).saturating_add(1),
            None => break,
        }
    }
    let behind = start.saturating_add(least);
    let more = bytes.get(behind..).unwrap_or_default().iter().take_while(|byte| is_of_kind(**byte)).count();
    Some(start..behind.saturating_add(more))
}
