//! Sets of small numbers, a bit each: of rules, of roles.

/// A set of numbers below a size that it was made for. What is larger is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

const WIDTH: usize = 64;

impl Bits {
    /// None of so many.
    pub(super) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(WIDTH)])
    }

    /// All of so many.
    pub(super) fn all(size: usize) -> Self {
        let mut bits = Self::none(size);
        (0..size).for_each(|number| bits.insert(number));
        bits
    }

    pub(super) fn insert(&mut self, number: usize) {
        if let (Some(word), Some(bit)) = (self.0.get_mut(number / WIDTH), bit(number)) {
            *word |= bit;
        }
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        let word = self.0.get(number / WIDTH).copied().unwrap_or_default();
        bit(number).is_some_and(|bit| word & bit != 0)
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// The numbers, smallest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(index, word)| {
            let first = index.saturating_mul(WIDTH);
            Ones(*word).map(move |bit| first.saturating_add(bit))
        })
    }
}

fn bit(number: usize) -> Option<u64> {
    1_u64.checked_shl(u32::try_from(number % WIDTH).ok()?)
}

struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let lowest = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        usize::try_from(lowest).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_in_and_nothing_else() {
        let mut bits = Bits::none(130);
        for number in [0, 63, 64, 129, 500] {
            bits.insert(number);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert!(bits.contains(129) && !bits.contains(1) && !bits.contains(500));
        assert_eq!(Bits::all(65).iter().count(), 65);
    }

    #[test]
    fn sets_are_cut_and_joined() {
        let of = |numbers: &[usize]| {
            let mut bits = Bits::none(100);
            for number in numbers {
                bits.insert(*number);
            }
            bits
        };
        let mut bits = of(&[1, 70, 99]);
        bits.keep(&of(&[70, 99, 2]));
        assert_eq!(bits, of(&[70, 99]));
        bits.add(&of(&[0]));
        assert_eq!(bits, of(&[0, 70, 99]));
    }
}
