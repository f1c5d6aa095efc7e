//! What can be wrong with a form.

use std::fmt;

use crate::body::{error, media};

/// What is wrong with a form; see the [module](super) for the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The `content-type` of the body or a part is malformed.
    ContentType(media::Fault),
    /// The `content-type` is not `multipart/form-data`.
    NoForm,
    /// There is no boundary, one of other characters, or another parameter besides.
    Boundary,
    /// The body does not begin with the boundary.
    Preamble,
    /// Something else than a line end or two hyphens behind a boundary.
    BehindDelimiter,
    /// The boundary in the middle of data.
    BareDelimiter,
    /// Something behind the last boundary.
    Epilogue,
    /// The body ends before the last boundary.
    Cut,
    /// A CR or LF alone, in headers.
    LineEnd,
    /// A control character in headers.
    Control,
    /// A header that is continued on the next line.
    Folded,
    /// A line without a name, or with a blank before its colon.
    HeaderName,
    /// A header that parts do not have, `content-transfer-encoding` among them.
    Header,
    /// A header for the second time.
    DuplicateHeader,
    /// Headers without `content-disposition`.
    NoDisposition,
    /// A `content-disposition` that is not `form-data`.
    Disposition,
    /// Its parameters are malformed, or one is there twice, or it is `filename*`.
    Parameter(media::Fault),
    /// It has a parameter that is neither `name` nor `filename`.
    UnknownParameter,
    /// It has no name, or an empty one.
    NoName,
    /// A name is not UTF-8.
    Unicode,
    /// A name with a character that servers read differently.
    NameCharacter,
    /// A file name that is a path.
    Path,
    /// A field named `_charset_`.
    Charset,
    /// A part that says it is not UTF-8.
    PartCharset,
    /// A part that is a multipart or a message of its own.
    Nested,
    /// A `content-length` that is no number or not true.
    WrongLength,
    /// More parts than the limit.
    TooManyParts {
        /// [`Limits::parts`](super::Limits::parts)
        limit: usize,
    },
    /// Longer headers than the limit.
    HeadersTooLong {
        /// [`Limits::header_bytes`](super::Limits::header_bytes)
        limit: usize,
    },
    /// A longer name than the limit.
    NameTooLong {
        /// [`Limits::name_bytes`](super::Limits::name_bytes)
        limit: usize,
    },
}

impl error::Fault for Fault {
    fn code(self) -> &'static str {
        match self {
            Fault::ContentType(_) => "form_content_type",
            Fault::NoForm => "form_not_a_form",
            Fault::Boundary => "form_boundary",
            Fault::Preamble => "form_preamble",
            Fault::BehindDelimiter => "form_delimiter",
            Fault::BareDelimiter => "form_delimiter_in_data",
            Fault::Epilogue => "form_epilogue",
            Fault::Cut => "form_cut",
            Fault::LineEnd => "form_line_end",
            Fault::Control => "form_control_character",
            Fault::Folded => "form_folded_header",
            Fault::HeaderName => "form_header_name",
            Fault::Header => "form_header",
            Fault::DuplicateHeader => "form_duplicate_header",
            Fault::NoDisposition => "form_no_disposition",
            Fault::Disposition => "form_disposition",
            Fault::Parameter(_) => "form_parameter",
            Fault::UnknownParameter => "form_unknown_parameter",
            Fault::NoName => "form_no_name",
            Fault::Unicode => "form_bad_unicode",
            Fault::NameCharacter => "form_name_character",
            Fault::Path => "form_file_name_path",
            Fault::Charset => "form_charset_field",
            Fault::PartCharset => "form_part_charset",
            Fault::Nested => "form_nested",
            Fault::WrongLength => "form_content_length",
            Fault::TooManyParts { .. } => "form_too_many_parts",
            Fault::HeadersTooLong { .. } => "form_headers_too_long",
            Fault::NameTooLong { .. } => "form_name_too_long",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::ContentType(fault) | Fault::Parameter(fault) => return fault.fmt(f),
            Fault::TooManyParts { limit } => return write!(f, "expected at most {limit} parts"),
            Fault::HeadersTooLong { limit } => return write!(f, "expected headers of at most {limit} bytes in a part"),
            Fault::NameTooLong { limit } => return write!(f, "expected a name of at most {limit} bytes"),
            Fault::NoForm => "expected multipart/form-data",
            Fault::Boundary => "expected a boundary of 1 to 70 letters, digits and -_.+=, and no other parameter",
            Fault::Preamble => "expected the body to begin with two hyphens and the boundary",
            Fault::BehindDelimiter => "expected CR LF or two hyphens behind the boundary",
            Fault::BareDelimiter => "expected the boundary nowhere in data but behind CR LF",
            Fault::Epilogue => "expected nothing but CR LF behind the last boundary",
            Fault::Cut => "expected the last boundary, found the end of the body",
            Fault::LineEnd => "expected headers to end with CR LF",
            Fault::Control => "expected no control character in a header",
            Fault::Folded => "expected a header on one line",
            Fault::HeaderName => "expected a header name and right behind it a colon",
            Fault::Header => "expected no header but content-disposition, content-type and content-length",
            Fault::DuplicateHeader => "expected a header that the part does not have yet",
            Fault::NoDisposition => "expected a content-disposition",
            Fault::Disposition => "expected a content-disposition of form-data",
            Fault::UnknownParameter => "expected no parameter but name and filename",
            Fault::NoName => "expected a name",
            Fault::Unicode => "expected a name in UTF-8",
            Fault::NameCharacter => "expected a name without control characters, backslashes, semicolons and encodings",
            Fault::Path => "expected the name of a file without a path",
            Fault::Charset => "expected no field named _charset_",
            Fault::PartCharset => "expected a part in UTF-8",
            Fault::Nested => "expected a part that holds no parts or messages",
            Fault::WrongLength => "expected a content-length that is the length of the part",
        })
    }
}
