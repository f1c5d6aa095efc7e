//! A number as it is written. What it is worth is asked when somebody wants to know, and the answer is exact or says that
//! there is none.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use jsonschema::json::JsonNumber;
use portcullis::json;

use super::whole::{Whole, whole};

/// A number of a document.
#[derive(Debug, Clone, Copy)]
pub struct Number<'a> {
    raw: &'a str,
}

/// What a number is worth: whole where that is so, however it is written.
#[derive(Debug, Clone, Copy)]
enum Worth {
    Whole(i128),
    Real(f64),
}

impl<'a> Number<'a> {
    pub(super) fn of(number: json::Number<'a>) -> Self {
        Self { raw: number.raw() }
    }

    /// A number of a schema, as it is written there.
    pub(super) fn of_schema(raw: &'a str) -> Self {
        Self { raw }
    }

    /// Whether it is written as an integer that neither an `i64` nor a `u64` holds.
    pub(super) fn is_large_integer(self) -> bool {
        // Eighteen digits fit in both.
        self.raw.len() > 18 && self.is_written_as_integer() && self.as_u64().is_none() && self.as_i64().is_none()
    }

    /// The nearest `f64`, which the reader has found to be finite.
    fn real(self) -> f64 {
        self.raw.parse().unwrap_or_default()
    }

    /// `1`, `1.0` and `1e0` are one number. Past what an `i128` holds nothing is told apart that an `f64` does not tell
    /// apart.
    fn worth(self) -> Worth {
        match whole(self.raw) {
            Whole::Is(integer) => Worth::Whole(integer),
            Whole::Large | Whole::No => Worth::Real(self.real()),
        }
    }

    fn integer<T: TryFrom<i128>>(self) -> Option<T> {
        match whole(self.raw) {
            Whole::Is(integer) => T::try_from(integer).ok(),
            Whole::Large | Whole::No => None,
        }
    }

    /// Whether both are the same number.
    pub(super) fn equals(self, other: Self) -> bool {
        match (self.worth(), other.worth()) {
            (Worth::Whole(one), Worth::Whole(other)) => one == other,
            (Worth::Real(one), Worth::Real(other)) => one.total_cmp(&other) == Ordering::Equal,
            _ => false,
        }
    }

    /// Equal numbers feed the same.
    pub(super) fn feed(self, hasher: &mut impl Hasher) {
        match self.worth() {
            Worth::Whole(whole) => whole.hash(hasher),
            Worth::Real(real) => real.to_bits().hash(hasher),
        }
    }
}

impl JsonNumber for Number<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.integer()
    }

    fn as_i64(&self) -> Option<i64> {
        self.integer()
    }

    fn as_f64(&self) -> Option<f64> {
        Some(self.real())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.raw)
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let exact = self.as_u64().map(serde_json::Number::from).or_else(|| self.as_i64().map(serde_json::Number::from));
        Cow::Owned(exact.or_else(|| serde_json::Number::from_f64(self.real())).unwrap_or_else(|| 0.into()))
    }

    fn is_integer(&self) -> bool {
        whole(self.raw) != Whole::No
    }

    fn is_written_as_integer(&self) -> bool {
        !self.raw.contains(['.', 'e', 'E'])
    }
}
