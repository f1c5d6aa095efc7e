//! What the detector itself says of a text, in the whole numbers that it will have: points are chosen by these.

use prompt_guard::detect::injection::model::Model;
use prompt_guard::detect::injection::read::Reading;
use prompt_guard::detect::injection::score::Room;
use prompt_guard::detect::injection::{judged, parts};
use prompt_guard::normalise::views;

/// The score of a text, in 1/65,536; the least there is if it has no words.
pub fn score(model: &Model, text: &str) -> i64 {
    let (views, mut room) = (views(text), Room::default());
    let of = |text: &str| model.worst(&Reading::of(text), &mut room).map(|worst| worst.score);
    let texts = judged(&views).flat_map(|view| parts(view).filter_map(|part| view.text.get(part)));
    texts.filter_map(of).max().unwrap_or(i64::MIN)
}
