//! What the tests of all readers need.

use std::fmt::Debug;

/// What is read of a body, however it is cut: in two anywhere, in three anywhere if it is short, into single bytes, and
/// with empty pieces.
pub(super) fn cut_everywhere<T: PartialEq + Debug>(body: &[u8], read: impl Fn(&[&[u8]]) -> T) -> T {
    let whole = read(&[body]);
    let same = |pieces: &[&[u8]]| {
        assert_eq!(read(pieces), whole, "{}", pieces.join(&b'|').escape_ascii());
    };
    for first in 0..=body.len() {
        let (left, right) = body.split_at(first);
        same(&[left, b"", right]);
        for second in 0..=if body.len() <= 60 { right.len() } else { 0 } {
            same(&[left, &right[..second], &right[second..]]);
        }
    }
    same(&body.chunks(1).collect::<Vec<_>>());
    whole
}

/// Numbers without a pattern, the same for the same seed.
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap().checked_rem(end).unwrap()
    }

    /// One of these.
    pub(super) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}
