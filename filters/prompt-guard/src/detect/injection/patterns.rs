//! Patterns of three units in a row: how strongly each is met at its best place in a window, weighed together.
//!
//! A convolution with a maximum over all places, as of Kim, "Convolutional Neural Networks for Sentence Classification"
//! (EMNLP 2014), whose first layer is a table: what is known of a unit are a few numbers, each of them a row that is added.

use super::units::Units;

/// How many patterns there are.
pub const PATTERNS: usize = 48;

/// How many units one spans.
pub const SPAN: usize = 3;

/// How many pairs of patterns and the like are weighed at most.
pub const MIXED: usize = 16;

/// What one row adds: to a pattern that ends with the unit, that has it in the middle, and that begins with it.
pub const ROW: usize = PATTERNS * SPAN;

/// Weights, whole numbers. A score is in 1/65,536.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// By what is known of a unit: [`ROW`] each.
    pub rows: Vec<i8>,
    /// What each pattern begins with: [`PATTERNS`].
    pub bias: Vec<i16>,
    /// What patterns weigh, and then what each mixture makes of them: [`PATTERNS`] for each row, at most [`LARGEST`].
    pub mixing: Vec<i16>,
    /// What 1 of each of those rows is, in 1/65,536.
    pub scale: Vec<i32>,
    /// What each mixture begins with.
    pub mixed_bias: Vec<i32>,
    /// What each mixture weighs, in 1/65,536.
    pub mixed: Vec<i32>,
    /// What every score begins with.
    pub start: i32,
}

/// The largest weight of a pattern.
pub const LARGEST: i16 = 2047;

/// The most that is made of a pattern that is met: so the sum of all stays within 32 bits.
const MOST: i16 = 8191;

const _: () = assert!(PATTERNS * LARGEST as usize * MOST as usize <= i32::MAX as usize);

/// How strongly each pattern is met where it is met best.
pub type Met = [i16; PATTERNS];

/// That of what has no units.
pub const NOWHERE: Met = [0; PATTERNS];

impl Patterns {
    /// The score of a window, by what is met in its pieces.
    pub fn score(&self, met: &Met) -> i64 {
        let met = met.map(|met| met.min(MOST));
        let made = |(row, scale): (&[i16], &i32)| {
            let sum: i32 =
                row.iter().zip(&met).map(|(weight, met)| i32::from(*weight).wrapping_mul((*met).into())).sum();
            i64::from(sum).wrapping_mul(i64::from(*scale)) >> 16
        };
        let mut rows = self.mixing.chunks_exact(PATTERNS).zip(&self.scale).map(made);
        let alone = rows.next().unwrap_or_default();
        let mixed = rows.zip(&self.mixed_bias).zip(&self.mixed).map(|((made, bias), weight)| {
            made.saturating_add(i64::from(*bias)).max(0).wrapping_mul(i64::from(*weight)) >> 16
        });
        i64::from(self.start).saturating_add(alone).saturating_add(mixed.sum())
    }

    /// What is met in a piece.
    pub fn met(&self, units: &Units) -> Met {
        let mut bias: Met = [0; PATTERNS];
        bias.iter_mut().zip(&self.bias).for_each(|(to, from)| *to = *from);
        let mut best = NOWHERE;
        // Of the patterns that began one before, with this one, and with the next one.
        // Before the first unit there is no place.
        let (mut before, mut here): (Met, Met) = ([i16::MIN / 2; PATTERNS], bias);
        for unit in units.iter() {
            let mut next = bias;
            for row in unit.iter().filter_map(|number| self.row(*number)) {
                let (last, rest) = row.split_at(PATTERNS);
                let (middle, first) = rest.split_at(PATTERNS);
                add(&mut before, last);
                add(&mut here, middle);
                add(&mut next, first);
            }
            join(&mut best, &before);
            (before, here) = (here, next);
        }
        if !units.is_empty() {
            join(&mut best, &before);
        }
        best
    }

    #[inline]
    fn row(&self, number: u16) -> Option<&[i8; ROW]> {
        let start = usize::from(number).wrapping_mul(ROW);
        self.rows.get(start..start.wrapping_add(ROW))?.try_into().ok()
    }
}

#[inline]
fn add(to: &mut Met, row: &[i8]) {
    for (to, more) in to.iter_mut().zip(row) {
        *to = to.saturating_add(i16::from(*more));
    }
}

/// What is met in two pieces: the better of both.
#[inline]
pub fn join(best: &mut Met, met: &Met) {
    for (best, met) in best.iter_mut().zip(met) {
        *best = (*best).max(*met);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first pattern is number 1 with number 2 right behind it; the second, number 3 anywhere.
    fn patterns() -> Patterns {
        let mut patterns = Patterns {
            rows: vec![0; 4 * ROW],
            bias: vec![0; PATTERNS],
            mixing: vec![0; (1 + MIXED) * PATTERNS],
            scale: vec![65536; 1 + MIXED],
            mixed_bias: vec![0; MIXED],
            mixed: vec![0; MIXED],
            start: -5,
        };
        patterns.rows[ROW + PATTERNS] = 10;
        patterns.rows[2 * ROW] = 10;
        patterns.rows[3 * ROW + PATTERNS + 1] = 7;
        patterns.bias[0] = -10;
        patterns.mixing[0] = 100;
        patterns.mixing[PATTERNS + 1] = 2;
        patterns.scale[1] = 32768;
        patterns.mixed[0] = 65536 * 3;
        patterns
    }

    fn score(units: &[&[u16]]) -> i64 {
        let mut row = Units::default();
        for unit in units {
            row.push(unit.iter().copied());
        }
        patterns().score(&patterns().met(&row))
    }

    #[test]
    fn a_pattern_counts_where_it_is_met_best() {
        let cases: [(Vec<&[u16]>, i64); 7] = [
            (vec![], -5),
            (vec![&[1], &[2]], 100 * 10 - 5),
            (vec![&[1], &[1], &[2], &[1]], 100 * 10 - 5),
            (vec![&[2], &[1]], -5),
            (vec![&[1], &[], &[2]], -5),
            (vec![&[3]], 7 * 3 - 5),
            (vec![&[0], &[3], &[3, 3]], 14 * 3 - 5),
        ];
        for (units, expected) in cases {
            assert_eq!(score(&units), expected, "{units:?}");
        }
    }
}
