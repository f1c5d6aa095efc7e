//! What files may be, and which addresses a body may name.

use crate::body::image::{Format, Limits};
use crate::body::remote::Remote;

/// Rules about files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The formats that pictures may have.
    pub(crate) formats: Vec<Format>,
    pub(crate) picture: Limits,
    pub(crate) max_picture_bytes: u64,
    pub(crate) max_file_bytes: u64,
    /// Of a whole body that is read while it passes.
    pub(crate) max_bytes: u64,
    /// Where addresses stand in JSON, and what they may be; `None`: they are not looked at.
    pub(crate) urls: Option<Urls>,
}

/// Which addresses a body may name.
#[derive(Debug, Clone)]
pub(crate) struct Urls {
    /// The names of the members that hold them.
    pub(crate) members: Vec<String>,
    pub(crate) remote: Remote,
}

impl Urls {
    /// The name on the list that this is, in any case: readers of Go take `URL` for `url`.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|member| member.eq_ignore_ascii_case(name)).map(String::as_str)
    }
}

impl Files {
    /// The formats, for a sentence.
    pub(crate) fn formats(&self) -> String {
        self.formats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}
