//! What a byte costs.

use std::time::Instant;

/// The best of several passes over the text.
pub(crate) fn nanoseconds_per_byte(text: &str, work: impl Fn(&str)) -> f64 {
    let bytes = f64::from(u32::try_from(text.len().max(1)).unwrap_or(u32::MAX));
    let pass = || {
        let start = Instant::now();
        work(text);
        start.elapsed().as_secs_f64() * 1e9 / bytes
    };
    (0..5).map(|_| pass()).fold(f64::INFINITY, f64::min)
}

/// A text of nothing but that piece.
pub(crate) fn mebibyte_of(piece: &str) -> String {
    piece.repeat((1_usize << 20).checked_div(piece.len()).unwrap_or_default())
}
