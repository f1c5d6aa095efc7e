//! A weight for each feature: a piece has each once, however often it has it. A window has the concepts of its pieces, each
//! once, and all their letters, which weigh less the more there are.

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

/// What was seen in a piece.
#[derive(Debug, Default)]
pub struct Kept {
    /// Its features that have to do with concepts.
    concepts: Vec<(Group, usize)>,
    /// What its letters weigh together.
    sum: i32,
    /// How many there are.
    letters: u32,
}

impl Kept {
    /// Takes all out.
    pub fn clear(&mut self) {
        self.concepts.clear();
        (self.sum, self.letters) = (0, 0);
    }
}

/// Which features a piece or a window has: room that is used again for the next one.
#[derive(Debug, Default)]
pub struct Seen {
    /// The turn in which each was seen last.
    turns: Vec<u8>,
    turn: u8,
    sums: [i32; 8],
    letters: u32,
}

impl Seen {
    /// Before a piece or window.
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

    /// A feature that the piece has; whether it is a new one.
    #[inline]
    pub fn see(&mut self, linear: &Linear, group: Group, feature: usize) -> bool {
        let Some(turn) = self.turns.get_mut(feature) else { return false };
        if std::mem::replace(turn, self.turn) == self.turn {
            return false;
        }
        let weight = linear.weights.get(feature).copied().unwrap_or_default();
        if let Some(sum) = self.sums.get_mut(group.place()) {
            *sum = sum.wrapping_add(i32::from(weight));
        }
        self.letters = self.letters.wrapping_add(u32::from(group == Group::Letters));
        true
    }

    /// A feature that the piece has, which is kept for windows.
    #[inline]
    pub fn keep(&mut self, linear: &Linear, group: Group, feature: usize, kept: &mut Kept) {
        if self.see(linear, group, feature) && group != Group::Letters {
            kept.concepts.push((group, feature));
        }
    }

    /// What the letters of the piece weigh, which is kept for windows.
    pub fn keep_letters(&self, kept: &mut Kept) {
        kept.letters = self.letters;
        kept.sum = self.sums.get(Group::Letters.place()).copied().unwrap_or_default();
    }

    /// All letters of a window, as often as it has them: for training.
    pub fn see_letters(&mut self, linear: &Linear, features: impl Iterator<Item = usize>) {
        let mut kept = Kept::default();
        for feature in features {
            kept.letters = kept.letters.wrapping_add(1);
            kept.sum = kept.sum.wrapping_add(linear.weights.get(feature).copied().unwrap_or_default().into());
        }
        self.see_piece(linear, &kept);
    }

    /// A piece of the window.
    pub fn see_piece(&mut self, linear: &Linear, kept: &Kept) {
        for (group, feature) in &kept.concepts {
            self.see(linear, *group, *feature);
        }
        self.letters = self.letters.wrapping_add(kept.letters);
        if let Some(sum) = self.sums.get_mut(Group::Letters.place()) {
            *sum = sum.wrapping_add(kept.sum);
        }
    }

    /// The score of the piece or window.
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
