//! What a fitted design finds, at a threshold that so many everyday texts of the set for development are above.

use std::collections::BTreeMap;

use crate::rows::Row;

/// How many everyday texts of the set for development may be flagged.
pub const FALSE: usize = 8;

/// How many documents and files of code among them, where these are what a model is given to read: the same share.
pub const FALSE_READ: usize = 3;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    pub found: usize,
    pub all: usize,
}

impl Share {
    pub fn of(texts: impl Iterator<Item = bool>) -> Self {
        texts.fold(Self::default(), |share, is_found| Self {
            found: share.found + usize::from(is_found),
            all: share.all + 1,
        })
    }

    pub fn value(self) -> f64 {
        self.found as f64 / self.all.max(1) as f64
    }

    /// Wilson's interval, 95 %.
    pub fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.96;
        let (share, all) = (self.value(), self.all.max(1) as f64);
        let middle = share + Z * Z / (2.0 * all);
        let around = Z * (share * (1.0 - share) / all + Z * Z / (4.0 * all * all)).sqrt();
        let whole = 1.0 + Z * Z / all;
        (((middle - around) / whole).max(0.0), ((middle + around) / whole).min(1.0))
    }
}

/// The score that so many everyday texts are above.
pub fn threshold(rows: &[Row], scores: &[f32], most: usize) -> f32 {
    threshold_of(rows, scores, most, |_| true)
}

/// The same of those that are wanted.
pub fn threshold_of(rows: &[Row], scores: &[f32], most: usize, is_wanted: impl Fn(&Row) -> bool) -> f32 {
    let everyday = rows.iter().zip(scores).filter(|(row, _)| row.is_everyday() && is_wanted(row));
    let mut scores: Vec<f32> = everyday.map(|(_, score)| *score).collect();
    scores.sort_by(|one, other| other.total_cmp(one));
    scores.get(most).copied().unwrap_or(f32::MAX)
}

/// The rows that are wanted, and which of them are above a threshold.
pub fn share(rows: &[Row], scores: &[f32], threshold: f32, is_wanted: impl Fn(&Row) -> bool) -> Share {
    Share::of(rows.iter().zip(scores).filter(|(row, _)| is_wanted(row)).map(|(_, score)| *score > threshold))
}

/// The same for each source.
pub fn by_source<'r>(
    rows: &'r [Row],
    scores: &[f32],
    threshold: f32,
    is_wanted: impl Fn(&Row) -> bool,
) -> BTreeMap<&'r str, Share> {
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for (row, score) in rows.iter().zip(scores).filter(|(row, _)| is_wanted(row)) {
        let share = shares.entry(&row.source).or_default();
        share.all += 1;
        share.found += usize::from(*score > threshold);
    }
    shares
}

/// The mean of sources with at least so many rows.
pub fn macro_mean(shares: &BTreeMap<&str, Share>, least: usize) -> f64 {
    let large: Vec<f64> = shares.values().filter(|share| share.all >= least).map(|share| share.value()).collect();
    large.iter().sum::<f64>() / large.len().max(1) as f64
}
