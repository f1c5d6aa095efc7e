//! What can be wrong with a picture.

use std::fmt;

use super::Format;
use crate::body::error;

/// What is wrong with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends before its size is known, or before the end that it announces.
    Truncated,
    /// It is of another format than was declared.
    Another {
        /// What was declared.
        declared: Format,
        /// What the bytes say.
        found: Format,
    },
    /// It is of no format that we know.
    Unknown {
        /// What was declared.
        declared: Format,
    },
    /// It is what was declared, of which nothing is read.
    NotRead {
        /// What was declared.
        declared: Format,
    },
    /// A header breaks the format.
    Header(Format),
    /// More headers before the size than are walked.
    TooManyHeaders,
    /// A side is zero.
    Empty,
    /// A longer side than the limit.
    SideTooLong {
        /// [`Limits::side`](super::Limits::side)
        limit: u32,
    },
    /// More pixels than the limit.
    TooManyPixels {
        /// [`Limits::pixels`](super::Limits::pixels)
        limit: u64,
    },
    /// More bytes than the picture says it has.
    Trailing,
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::Truncated => "image_truncated",
            Fault::Another { .. } => "image_another_format",
            Fault::Unknown { .. } => "image_unknown_format",
            Fault::NotRead { .. } => "image_format_not_read",
            Fault::Header(_) => "image_header",
            Fault::TooManyHeaders => "image_too_many_headers",
            Fault::Empty => "image_empty",
            Fault::SideTooLong { .. } => "image_side_too_long",
            Fault::TooManyPixels { .. } => "image_too_many_pixels",
            Fault::Trailing => "image_trailing_data",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Truncated => f.write_str("expected a whole picture"),
            Fault::Another { declared, found } => write!(f, "expected a picture of format {declared}, found {found}"),
            Fault::Unknown { declared } => write!(f, "expected a picture of format {declared}"),
            Fault::NotRead { declared } => write!(f, "expected PNG, JPEG, GIF or WebP, found {declared}"),
            Fault::Header(format) => write!(f, "expected a header of {format}"),
            Fault::TooManyHeaders => f.write_str("expected the size behind at most 1024 headers"),
            Fault::Empty => f.write_str("expected sides of at least one pixel"),
            Fault::SideTooLong { limit } => write!(f, "expected sides of at most {limit} pixels"),
            Fault::TooManyPixels { limit } => write!(f, "expected at most {limit} pixels"),
            Fault::Trailing => f.write_str("expected nothing behind the end of the picture"),
        }
    }
}
