//! Texts as the detector reads them: every view in pieces and windows, each with its features and units.

use std::ops::Range;

use prompt_guard::detect::injection::features::{Group, features};
use prompt_guard::detect::injection::lexicon::{Hash, Lexicon};
use prompt_guard::detect::injection::read::Reading;
use prompt_guard::detect::injection::units::{Units, Vocabulary};
use prompt_guard::detect::injection::whole::parts;
use prompt_guard::detect::injection::window::{pieces, windows};
use prompt_guard::normalise::{View, Views, views};

use crate::rows::Row;

/// Labelled texts, and all their windows.
#[derive(Default)]
pub struct Set {
    pub rows: Vec<Row>,
    pub windows: Vec<Window>,
    /// The units of each piece, without the vocabulary: numbers, where those of each unit end, and the hash of each.
    pub pieces: Vec<Units>,
}

/// A window of a text, or a piece of one.
pub struct Window {
    /// The place of the text.
    pub row: usize,
    /// It is a piece of a window that is judged too.
    pub is_narrow: bool,
    /// The features it has, in their order: each once, of letters once for each piece that has them.
    pub features: Vec<u32>,
    /// What a feature of letters counts: 1 over the root of how many there are.
    pub by_root: f32,
    /// Its pieces.
    pub pieces: Range<usize>,
}

impl Set {
    /// Reads texts; half of them in another thread.
    pub fn read(rows: Vec<Row>, lexicon: &Lexicon) -> Self {
        let middle = rows.len() / 2;
        let (one, other) = rows.split_at(middle);
        let mut set = std::thread::scope(|scope| {
            let one = scope.spawn(|| Self::of(one, 0, lexicon));
            let other = Self::of(other, middle, lexicon);
            one.join().expect("a thread that reads texts").and(other)
        });
        set.rows = rows;
        set
    }

    fn of(rows: &[Row], first: usize, lexicon: &Lexicon) -> Self {
        let mut set = Self::default();
        for (at, row) in rows.iter().enumerate() {
            let views = views(&row.text);
            for view in taught(row, &views) {
                for part in parts(view) {
                    set.add(view.text.get(part).unwrap_or_default(), first + at, lexicon);
                }
            }
        }
        set
    }

    fn and(mut self, other: Self) -> Self {
        let before = self.pieces.len();
        self.pieces.extend(other.pieces);
        self.windows.extend(
            other
                .windows
                .into_iter()
                .map(|window| Window { pieces: window.pieces.start + before..window.pieces.end + before, ..window }),
        );
        self
    }

    fn add(&mut self, text: &str, row: usize, lexicon: &Lexicon) {
        let reading = Reading::of(text);
        let ranges = pieces(&reading);
        let first = self.pieces.len();
        let (mut tokens, mut known) = (Vec::new(), Vec::new());
        for range in &ranges {
            let (mut list, mut units) = (Vec::new(), Units::default());
            lexicon.tokens(&reading, range.clone(), &mut tokens);
            features(&reading, range, &tokens, &mut |_, feature| list.push(feature as u32));
            list.sort_unstable();
            list.dedup();
            units.read(&reading, range, &tokens, &Vocabulary::default());
            known.push(list);
            self.pieces.push(units);
        }
        let mut window = |pieces: Range<usize>, is_narrow: bool| {
            let mut features = known[pieces.clone()].concat();
            features.sort_unstable();
            let concepts = features.partition_point(|feature| Group::of(*feature as usize) != Group::Letters);
            let letters = features.split_off(concepts);
            features.dedup();
            features.extend(&letters);
            let by_root = 1.0 / (letters.len().max(1) as f32).sqrt();
            let pieces = first + pieces.start..first + pieces.end;
            self.windows.push(Window { row, is_narrow, features, by_root, pieces });
        };
        let narrow = if ranges.len() > 1 { 0..ranges.len() } else { 0..0 };
        for pieces in windows(&reading, &ranges) {
            window(pieces, false);
        }
        for piece in narrow {
            window(piece..piece + 1, true);
        }
    }

    /// The row that a window is of.
    pub fn row(&self, window: &Window) -> &Row {
        &self.rows[window.row]
    }

    /// The units of a window, piece by piece.
    pub fn units(&self, window: &Window) -> &[Units] {
        &self.pieces[window.pieces.clone()]
    }
}

/// The views that are taught as what their text is. Of an attack that is encoded as a whole, what is encoded is the attack:
/// the letters of Base64 are none.
fn taught<'v, 't>(row: &Row, views: &'v Views<'t>) -> impl Iterator<Item = &'v View<'t>> {
    let is_encoded = row.is_attack() && views.decoded.iter().any(|view| view.stands_for_all);
    views.all().skip(usize::from(is_encoded))
}

/// How often each word occurs.
pub fn words<'u>(pieces: impl Iterator<Item = &'u Units>) -> Vec<(Hash, usize)> {
    let mut all: Vec<Hash> = pieces.flat_map(|units| units.bare().map(|(_, hash)| hash)).collect();
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
