//! What the detector itself says of texts, in the whole numbers that it will have: all that is measured, and the points, come
//! from these.

use prompt_guard::detect::injection::model::Model;
use prompt_guard::detect::injection::score::Room;
use prompt_guard::normalise::views;

use crate::rows::Row;

/// The score of each row that is wanted, in deviations of ordinary windows; of the others less than any.
pub fn scores(model: &Model, rows: &[Row], is_wanted: &(dyn Fn(usize) -> bool + Sync)) -> Vec<f32> {
    let of = |range: std::ops::Range<usize>| {
        let mut room = Room::default();
        let score = |at| if is_wanted(at) { score(model, &rows[at].text, &mut room) } else { f32::MIN };
        range.map(score).collect::<Vec<f32>>()
    };
    let middle = rows.len() / 2;
    std::thread::scope(|scope| {
        let one = scope.spawn(|| of(0..middle));
        let other = of(middle..rows.len());
        let one = one.join().expect("a thread that scores texts");
        [one, other].concat()
    })
}

fn score(model: &Model, text: &str, room: &mut Room) -> f32 {
    model.worst_of(&views(text), room).map_or(f32::MIN, |stretch| stretch.worst.score as f32 / 65536.0)
}
