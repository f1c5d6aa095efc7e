//! A weight for each feature that a window has, once however often it has it; letters weigh less the more there are.

use super::features::{FEATURES, Group};

/// Weights, whole numbers. A score is in 1/65,536.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linear {
    /// By feature.
    pub weights: Vec<i8>,
    /// What a weight of each kind of feature counts.
    pub scale: [i32; 8],
    /// What every score begins with.
    pub start: i32,
}

impl Default for Linear {
    fn default() -> Self {
        Self { weights: vec![0; FEATURES], scale: [0; 8], start: 0 }
    }
}

/// Which features a window has: room that is used again for the next one.
#[derive(Debug, Default)]
pub struct Seen {
    /// The turn in which each was seen last.
    turns: Vec<u8>,
    turn: u8,
    sums: [i32; 8],
    letters: u32,
}

impl Seen {
    /// Before a window.
    pub fn start(&mut self) {
        if self.turn == u8::MAX || self.turns.is_empty() {
            self.turns.clear();
            self.turns.resize(FEATURES, 0);
            self.turn = 0;
        }
        self.turn = self.turn.wrapping_add(1);
        self.sums = [0; 8];
        self.letters = 0;
    }

    /// A feature that the window has.
    #[inline]
    pub fn see(&mut self, linear: &Linear, group: Group, feature: usize) {
        let Some(turn) = self.turns.get_mut(feature) else { return };
        if std::mem::replace(turn, self.turn) == self.turn {
            return;
        }
        let weight = linear.weights.get(feature).copied().unwrap_or_default();
        if let Some(sum) = self.sums.get_mut(group.place()) {
            *sum = sum.wrapping_add(i32::from(weight));
        }
        self.letters = self.letters.wrapping_add(u32::from(group == Group::Letters));
    }

    /// The score of the window.
    pub fn score(&self, linear: &Linear) -> i64 {
        let of = |(place, (sum, scale)): (usize, (&i32, &i32))| {
            let score = i64::from(*sum).wrapping_mul(i64::from(*scale));
            if place == Group::Letters.place() { self.by_root(score) } else { score }
        };
        let sum: i64 = self.sums.iter().zip(&linear.scale).enumerate().map(of).sum();
        i64::from(linear.start).saturating_add(sum)
    }

    /// Over the square root of how many letters there are.
    fn by_root(&self, score: i64) -> i64 {
        let root = u64::from(self.letters.max(1)).wrapping_shl(16).isqrt();
        score.wrapping_mul(256).checked_div(i64::try_from(root).unwrap_or(i64::MAX)).unwrap_or_default()
    }
}
