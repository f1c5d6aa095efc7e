//! What can be wrong with a document, told without repeating any of it.

use std::fmt;

/// Why a document was refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The first byte that is at fault, counted from 0; the length of the
    /// document if something is missing at its end.
    pub at: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It begins with a byte-order mark.
    ByteOrderMark,
    /// Bytes that are not UTF-8, or an escaped half of a surrogate pair.
    BadUnicode,
    /// There is nothing in it.
    Empty,
    /// The grammar wants something else here.
    Unexpected(Expected),
    /// It ends where the grammar wants more.
    Ended(Expected),
    /// A control character inside a string, not escaped.
    ControlCharacter,
    /// A backslash and something that is not an escape.
    BadEscape,
    /// More follows after its end.
    TrailingData,
    /// An object has two members of one name.
    DuplicateMember,
    /// A number too great for a finite `f64`.
    NumberOverflow,
    /// A number beyond 2^53 - 1, where [`exact_integers`] is set.
    ///
    /// [`exact_integers`]: super::Limits::exact_integers
    InexactInteger,
    /// More arrays and objects inside each other than the limit.
    TooDeep {
        /// [`Limits::depth`](super::Limits::depth)
        limit: u8,
    },
    /// More members in one object than the limit.
    TooManyMembers {
        /// [`Limits::members`](super::Limits::members)
        limit: usize,
    },
    /// More values than the limit.
    TooManyValues {
        /// [`Limits::values`](super::Limits::values)
        limit: usize,
    },
    /// A longer name than the limit.
    NameTooLong {
        /// [`Limits::name_bytes`](super::Limits::name_bytes)
        limit: usize,
    },
    /// A longer string than the limit.
    StringTooLong {
        /// [`Limits::string_bytes`](super::Limits::string_bytes)
        limit: usize,
    },
    /// A longer number than the limit.
    NumberTooLong {
        /// [`Limits::number_bytes`](super::Limits::number_bytes)
        limit: usize,
    },
    /// A tree that would take more memory than the limit.
    TreeTooLarge {
        /// [`Limits::tree_bytes`](super::Limits::tree_bytes)
        limit: usize,
    },
}

/// What the grammar wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any value.
    Value,
    /// A value, or the end of an array that is still empty.
    ElementOrEnd,
    /// A member's name.
    Name,
    /// A member's name, or the end of an object that is still empty.
    NameOrEnd,
    /// The colon after a name.
    Colon,
    /// After an element.
    CommaOrArrayEnd,
    /// After a member.
    CommaOrObjectEnd,
    /// The quote that ends a string.
    StringEnd,
    /// A digit of a number.
    Digit,
    /// The end of a number that begins with 0, or its fraction or exponent.
    NoLeadingZero,
}

impl Fault {
    /// The fault's stable name, for replies, metrics and logs.
    pub fn code(self) -> &'static str {
        match self {
            Fault::ByteOrderMark => "byte_order_mark",
            Fault::BadUnicode => "bad_unicode",
            Fault::Empty => "empty",
            Fault::Unexpected(_) => "unexpected",
            Fault::Ended(_) => "unexpected_end",
            Fault::ControlCharacter => "control_character",
            Fault::BadEscape => "bad_escape",
            Fault::TrailingData => "trailing_data",
            Fault::DuplicateMember => "duplicate_member",
            Fault::NumberOverflow => "number_overflow",
            Fault::InexactInteger => "inexact_integer",
            Fault::TooDeep { .. } => "too_deep",
            Fault::TooManyMembers { .. } => "too_many_members",
            Fault::TooManyValues { .. } => "too_many_values",
            Fault::NameTooLong { .. } => "name_too_long",
            Fault::StringTooLong { .. } => "string_too_long",
            Fault::NumberTooLong { .. } => "number_too_long",
            Fault::TreeTooLarge { .. } => "tree_too_large",
        }
    }

    pub(super) fn at(self, at: usize) -> Error {
        Error { at, fault: self }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::ByteOrderMark => f.write_str("expected no byte-order mark"),
            Fault::BadUnicode => f.write_str("expected valid UTF-8 and whole surrogate pairs"),
            Fault::Empty => f.write_str("expected a JSON document, found nothing"),
            Fault::Unexpected(expected) => write!(f, "expected {expected}"),
            Fault::Ended(expected) => write!(f, "expected {expected}, found the end of the document"),
            Fault::ControlCharacter => f.write_str("expected control characters in strings to be escaped"),
            Fault::BadEscape => {
                f.write_str(r#"expected one of " \ / b f n r t after a backslash, or u and four hexadecimal digits"#)
            }
            Fault::TrailingData => f.write_str("expected nothing after the document"),
            Fault::DuplicateMember => f.write_str("expected a name that this object does not have yet"),
            Fault::NumberOverflow => f.write_str("expected a number below 1.8e308 in magnitude"),
            Fault::InexactInteger => f.write_str("expected a number of at most 9007199254740991 in magnitude"),
            Fault::TooDeep { limit } => write!(f, "expected at most {limit} levels of arrays and objects"),
            Fault::TooManyMembers { limit } => write!(f, "expected at most {limit} members in an object"),
            Fault::TooManyValues { limit } => write!(f, "expected at most {limit} values"),
            Fault::NameTooLong { limit } => write!(f, "expected a member name of at most {limit} bytes"),
            Fault::StringTooLong { limit } => write!(f, "expected a string of at most {limit} bytes"),
            Fault::NumberTooLong { limit } => write!(f, "expected a number of at most {limit} bytes"),
            Fault::TreeTooLarge { limit } => {
                write!(f, "expected a document that takes at most {limit} bytes of memory")
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expected::Value => "a value",
            Expected::ElementOrEnd => "a value or the end of the array",
            Expected::Name => "a member name in double quotes",
            Expected::NameOrEnd => "a member name in double quotes or the end of the object",
            Expected::Colon => "a colon",
            Expected::CommaOrArrayEnd => "a comma or the end of the array",
            Expected::CommaOrObjectEnd => "a comma or the end of the object",
            Expected::StringEnd => "the end of the string",
            Expected::Digit => "a digit",
            Expected::NoLeadingZero => "no digit after a leading zero",
        })
    }
}
