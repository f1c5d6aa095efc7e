//! Texts as the detector reads them: every view in windows, each with its features and units.

use prompt_guard::detect::injection::features::{Group, features};
use prompt_guard::detect::injection::judged;
use prompt_guard::detect::injection::lexicon::{Hash, Lexicon};
use prompt_guard::detect::injection::read::Reading;
use prompt_guard::detect::injection::units::{Units, Vocabulary};
use prompt_guard::detect::injection::window::windows;
use prompt_guard::normalise::views;

use crate::rows::Row;

/// Labelled texts, and all their windows.
pub struct Set {
    pub rows: Vec<Row>,
    pub windows: Vec<Window>,
}

/// A window of a text.
pub struct Window {
    /// The place of the text.
    pub row: usize,
    /// The features it has, each once, in their order.
    pub features: Vec<u32>,
    /// What a feature of letters counts: 1 over the root of how many there are.
    pub by_root: f32,
    /// Its units without the vocabulary: numbers, where those of each unit end, and the hash of each.
    pub units: Units,
}

impl Set {
    /// Reads texts; half of them in another thread.
    pub fn read(rows: Vec<Row>, lexicon: &Lexicon) -> Self {
        let middle = rows.len() / 2;
        let (one, other) = rows.split_at(middle);
        let windows = std::thread::scope(|scope| {
            let one = scope.spawn(|| all(one, 0, lexicon));
            let other = all(other, middle, lexicon);
            let mut windows = one.join().expect("a thread that reads texts");
            windows.extend(other);
            windows
        });
        Self { rows, windows }
    }

    /// The row that a window is of.
    pub fn row(&self, window: &Window) -> &Row {
        &self.rows[window.row]
    }
}

fn all(rows: &[Row], first: usize, lexicon: &Lexicon) -> Vec<Window> {
    let of = |(at, row): (usize, &Row)| {
        let views = views(&row.text);
        judged(&views).flat_map(|view| of_text(&view.text, first + at, lexicon)).collect::<Vec<_>>()
    };
    rows.iter().enumerate().flat_map(of).collect()
}

fn of_text(text: &str, row: usize, lexicon: &Lexicon) -> Vec<Window> {
    let reading = Reading::of(text);
    let mut tokens = Vec::new();
    let window = |range: std::ops::Range<usize>| {
        let (mut list, mut units) = (Vec::new(), Units::default());
        lexicon.tokens(&reading, range.clone(), &mut tokens);
        features(&reading, &range, &tokens, &mut |_, feature| list.push(feature as u32));
        list.sort_unstable();
        list.dedup();
        let letters = list.iter().filter(|feature| Group::of(**feature as usize) == Group::Letters).count();
        units.read(&reading, &range, &tokens, &Vocabulary::default());
        Window { row, features: list, by_root: 1.0 / (letters.max(1) as f32).sqrt(), units }
    };
    windows(&reading).into_iter().map(window).collect()
}

/// How often each word occurs.
pub fn words<'w>(windows: impl Iterator<Item = &'w Window>) -> Vec<(Hash, usize)> {
    let mut all: Vec<Hash> = windows.flat_map(|window| window.units.bare().map(|(_, hash)| hash)).collect();
    all.sort_unstable();
    let mut counts: Vec<(Hash, usize)> = Vec::new();
    for hash in all {
        match counts.last_mut() {
            Some((last, count)) if *last == hash => *count += 1,
            _ => counts.push((hash, 1)),
        }
    }
    counts
}
