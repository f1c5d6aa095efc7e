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
    /// The name on the list that this is: `imageUrl`, `image-url` and `IMAGE_URL` are one, and readers in Go take `URL` for
    /// `url`.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|member| folded(member).eq(folded(name))).map(String::as_str)
    }
}

/// Without what parts words, and with case folded as Unicode does it: two letters beyond ASCII, U+017F and U+212A, fold into
/// it.
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).map(|letter| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    })
}

impl Files {
    /// The formats, for a sentence.
    pub(crate) fn formats(&self) -> String {
        self.formats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}
