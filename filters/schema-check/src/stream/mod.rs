//! Bodies that are read while they pass: forms with files, JSON by lines, pictures, sounds, text. Flat in memory whatever
//! their size, and refused at the first fault: before the end, so that no server has the whole of what was refused.

mod field;
mod file;
mod form;
mod lines;

use std::rc::Rc;

use crate::body::text::Text;
use crate::check::Check;
use crate::policy::{Content, Files};
use crate::refusal::{Denial, Reason};

use form::FormBody;
use lines::LinesBody;

pub(crate) use crate::body::form::Boundary;
pub(crate) use field::{Field, Value, object};
pub(crate) use file::File;

/// A body in the middle of being read.
pub(crate) struct Stream {
    kind: Kind,
    is_required: bool,
    /// Whether nothing of it has come.
    is_empty: bool,
    left: u64,
}

/// What it is read as.
pub(crate) enum Kind {
    /// A form.
    Form(Box<FormBody>),
    /// JSON by lines.
    Lines(Box<LinesBody>),
    /// A picture, a sound, or bytes.
    File(Box<File>),
    /// Text.
    Text(Text),
}

impl Stream {
    /// At the beginning of a body, which must be there or may.
    pub(crate) fn new(kind: Kind, is_required: bool, files: &Files) -> Self {
        Self { kind, is_required, is_empty: true, left: files.max_bytes }
    }

    /// How many bytes of it are kept at most.
    pub(crate) fn window(&self) -> usize {
        match self.kind {
            Kind::Form(_) => form::TEXT_BYTES.saturating_add(64 << 10),
            Kind::Lines(_) => 1 << 20,
            Kind::File(_) | Kind::Text(_) => 1 << 10,
        }
    }

    /// The next piece; `last` comes once.
    pub(crate) fn push(&mut self, check: Check<'_>, piece: &[u8], last: bool) -> Result<(), Denial> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(Reason::FileTooLarge)?;
        self.is_empty &= piece.is_empty();
        match &mut self.kind {
            Kind::Form(form) => form.push(check, piece)?,
            Kind::Lines(lines) => lines.push(check, piece)?,
            Kind::File(file) => file.push(piece, "")?,
            Kind::Text(text) => text.push(piece).map_err(|error| Denial::told(Reason::Text, "", error))?,
        }
        match (last, self.is_empty && self.is_required) {
            (true, true) => Err(Reason::BodyMissing.into()),
            (true, false) if !self.is_empty => self.finish(check),
            _ => Ok(()),
        }
    }

    fn finish(&mut self, check: Check<'_>) -> Result<(), Denial> {
        match &mut self.kind {
            Kind::Form(form) => form.finish(check),
            Kind::Lines(lines) => lines.finish(check),
            Kind::File(file) => file.finish(""),
            Kind::Text(text) => text.finish().map(drop).map_err(|error| Denial::told(Reason::Text, "", error)),
        }
    }
}

impl Kind {
    /// A form of this boundary.
    pub(crate) fn form(boundary: &Boundary, content: Rc<Content>, files: Rc<Files>) -> Self {
        Self::Form(Box::new(FormBody::new(boundary, content, files)))
    }

    /// Lines of this schema.
    pub(crate) fn lines(content: Rc<Content>) -> Self {
        Self::Lines(Box::new(LinesBody::new(content)))
    }

    /// A file that is declared to be of this type.
    pub(crate) fn file(essence: &str, files: &Files) -> Result<Self, Denial> {
        File::of(essence, None, files, "").map(|file| Self::File(Box::new(file)))
    }

    /// Text of any length that passes.
    pub(crate) fn text() -> Self {
        Self::Text(Text::new(u64::MAX))
    }
}
