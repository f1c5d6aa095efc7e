//! What a reader meets on its way through a document.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::Text;

/// One step through a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// The bytes of the token: a name or string with its quotes, a bracket
    /// alone. The span of a whole value is what [`Reader::skip_value`](super::Reader::skip_value) tells.
    pub span: Range<usize>,
    /// What stands there.
    pub token: Token<'a>,
}

/// What a reader meets. Names and strings are unescaped, and borrowed where
/// there was nothing to unescape.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// The name of a member; the next event begins its value.
    Key(Cow<'a, str>),
    /// A string that is a value.
    String(Cow<'a, str>),
    /// A number, as written.
    Number(Number<'a>),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
}

/// What a reader meets, as it is written: names and strings are unescaped by whoever wants to know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw<'a> {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// The name of a member; the next event begins its value.
    Key(Text<'a>),
    /// A string that is a value.
    String(Text<'a>),
    /// A number, as written.
    Number(Number<'a>),
    /// `true` or `false`
    Bool(bool),
    /// `null`
    Null,
}

/// A number as it was written; every conversion is a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    pub(super) raw: &'a str,
}

impl<'a> Number<'a> {
    /// The number as it stands in the document.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The number, if it is written as an integer (no fraction, no exponent)
    /// and an `i64` holds it.
    pub fn as_i64(&self) -> Option<i64> {
        self.raw.parse().ok()
    }

    /// The number, if it is written as an integer without a sign and a `u64`
    /// holds it.
    pub fn as_u64(&self) -> Option<u64> {
        self.raw.parse().ok()
    }

    /// The nearest `f64`; finite, because the reader refuses what is not.
    pub fn as_f64(&self) -> Option<f64> {
        self.raw.parse().ok()
    }
}
