//! What a fitted design finds, at a threshold that so many everyday texts of the set for development are above.

use std::collections::BTreeMap;

use crate::rows::Row;

/// How many everyday texts of the set for development may be flagged.
pub const FALSE: usize = 8;

/// How many documents and files of code among them, where these are what a model is given to read: the same share.
pub const FALSE_READ: usize = 3;

/// How many rows a source has at least that says something by itself.
pub const LEAST: usize = 15;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    pub found: usize,
    pub all: usize,
}

impl Share {
    pub fn of(texts: impl Iterator<Item = bool>) -> Self {
        let mut share = Self::default();
        texts.for_each(|is_found| share.count(is_found));
        share
    }

    /// One more.
    pub fn count(&mut self, is_found: bool) {
        self.found += usize::from(is_found);
        self.all += 1;
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
        shares.entry(&row.source).or_default().count(*score > threshold);
    }
    shares
}

/// The mean of sources with at least [`LEAST`] rows.
pub fn macro_mean(shares: &BTreeMap<&str, Share>) -> f64 {
    let large: Vec<f64> = shares.values().filter(|share| share.all >= LEAST).map(|share| share.value()).collect();
    large.iter().sum::<f64>() / large.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, source: &str, kind: &str) -> Row {
        Row { label: label.to_owned(), source: source.to_owned(), kind: Some(kind.to_owned()), ..Row::default() }
    }

    /// Five harmless texts, one of which quotes an attack, and four attacks of two sources.
    fn dev() -> (Vec<Row>, Vec<f32>) {
        let quoting = Row { tags: Some(vec!["quotes_attack".to_owned()]), ..row("benign", "blog", "benign-doc") };
        let rows = [
            (row("benign", "chat", "benign-chat"), 0.1),
            (row("benign", "chat", "benign-chat"), 0.9),
            (row("benign", "docs", "benign-doc"), 0.3),
            (row("benign", "docs", "code"), 0.5),
            (quoting, 7.0),
            (row("attack", "one", "direct"), 0.4),
            (row("attack", "one", "direct"), 0.6),
            (row("attack", "other", "direct"), 0.95),
            (row("attack", "other", "direct"), 0.9),
        ];
        rows.into_iter().unzip()
    }

    #[test]
    fn as_many_everyday_texts_as_may_be_are_above_the_threshold() {
        let (rows, scores) = dev();
        for (most, at, found) in [(0, 0.9, 1), (1, 0.5, 3), (2, 0.3, 4)] {
            assert_eq!(threshold(&rows, &scores, most).to_bits(), f32::to_bits(at), "{most}");
            assert_eq!(share(&rows, &scores, at, Row::is_everyday).found, most, "{most}");
            assert_eq!(share(&rows, &scores, at, Row::is_attack), Share { found, all: 4 }, "{most}");
        }
        assert_eq!(threshold_of(&rows, &scores, 0, Row::is_read).to_bits(), 0.5_f32.to_bits());
        assert_eq!(threshold(&rows, &scores, 4).to_bits(), f32::MAX.to_bits(), "of fewer texts nothing is above any");
    }

    #[test]
    fn sources_count_alike_however_many_rows_they_have() {
        let (rows, scores) = dev();
        let shares = by_source(&rows, &scores, 0.5, Row::is_attack);
        assert_eq!(shares["one"], Share { found: 1, all: 2 });
        assert_eq!(shares["other"], Share { found: 2, all: 2 });
        let of = |found, all| Share { found, all };
        let shares = [("small", of(0, LEAST - 1)), ("all", of(LEAST, LEAST)), ("half", of(50, 100))].into();
        assert!((macro_mean(&shares) - 0.75).abs() < 1e-9, "{}", macro_mean(&shares));
        assert!(macro_mean(&BTreeMap::new()).abs() < 1e-9);
    }

    #[test]
    fn a_share_of_few_is_known_badly() {
        for (found, all, low, high) in [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (500, 1000, 0.469, 0.531)] {
            let (from, to) = Share { found, all }.interval();
            assert!((from - low).abs() < 0.001 && (to - high).abs() < 0.001, "{found} of {all}: {from} to {to}");
        }
    }
}
