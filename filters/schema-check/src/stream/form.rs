//! A form with files, part by part.

use std::rc::Rc;

use crate::body::form::{Boundary, Event, Form, Limits};
use crate::body::media::MediaType;
use crate::check::Check;
use crate::policy::{Content, Files, Reads};
use crate::refusal::{Denial, Reason};

use super::field::{Field, Value};
use super::file::File;

/// A form in the middle of being read.
pub(crate) struct FormBody {
    form: Form,
    parts: Parts,
}

/// What has been read of its parts.
struct Parts {
    content: Rc<Content>,
    files: Rc<Files>,
    read: Vec<Field>,
    open: Option<Part>,
    /// How many bytes of texts may still be kept.
    left: usize,
    failed: Option<Denial>,
}

/// A part in the middle of being read.
struct Part {
    field: Field,
    kind: PartKind,
}

enum PartKind {
    File(File),
    Text { bytes: Vec<u8>, is_json: bool },
}

/// What fields that are no files may have together: prompts and parameters, not uploads.
pub(super) const TEXT_BYTES: usize = 256 << 10;

impl FormBody {
    pub(super) fn new(boundary: &Boundary, content: Rc<Content>, files: Rc<Files>) -> Self {
        let parts = Parts { content, files, read: Vec::new(), open: None, left: TEXT_BYTES, failed: None };
        Self { form: Form::new(boundary, Limits::default()), parts }
    }

    pub(super) fn push(&mut self, check: Check<'_>, piece: &[u8]) -> Result<(), Denial> {
        let Self { form, parts } = self;
        let read = form.push(piece, &mut |event| parts.take(check, event));
        parts.settle()?;
        read.map_err(|error| Denial::told(Reason::Form, "", error))
    }

    pub(super) fn finish(&mut self, check: Check<'_>) -> Result<(), Denial> {
        let Self { form, parts } = self;
        let read = form.finish(&mut |event| parts.take(check, event));
        parts.settle()?;
        read.map_err(|error| Denial::told(Reason::Form, "", error))?;
        check.fields(&parts.content, &parts.read)
    }
}

impl Parts {
    fn take(&mut self, check: Check<'_>, event: Event<'_>) {
        if self.failed.is_some() {
            return;
        }
        let taken = match event {
            Event::PartStart { name, file_name, content_type, .. } => self.begin(name, file_name, content_type),
            Event::PartData(bytes) => self.data(bytes),
            Event::PartEnd => self.end(check),
            Event::End => Ok(()),
        };
        self.failed = taken.err();
    }

    fn settle(&mut self) -> Result<(), Denial> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn begin(&mut self, name: &str, file_name: Option<&str>, media: Option<&MediaType>) -> Result<(), Denial> {
        let field = Field::of(&self.content.kinds, name, Value::File);
        let types = self.content.parts.iter().find(|(known, _)| known == name).map(|(_, types)| types);
        let text = MediaType { kind: "text".into(), subtype: "plain".into(), parameters: Vec::new() };
        let found = media.unwrap_or(&text);
        if types.is_some_and(|types| !types.iter().any(|range| range.fits(found))) {
            return Err(Denial::says(
                Reason::Schema,
                &field.pointer,
                "content_type",
                "a part of a media type of the contract",
            ));
        }
        let essence = media.map(MediaType::essence).unwrap_or_default();
        let kind = if file_name.is_some() {
            PartKind::File(File::of(&essence, file_name, &self.files, &field.pointer)?)
        } else {
            PartKind::Text { bytes: Vec::new(), is_json: media.is_some_and(|media| Reads::of(media) == Reads::Json) }
        };
        self.open = Some(Part { field, kind });
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), Denial> {
        let Some(part) = &mut self.open else { return Ok(()) };
        match &mut part.kind {
            PartKind::File(file) => file.push(piece, &part.field.pointer),
            PartKind::Text { bytes, .. } => {
                self.left = self.left.checked_sub(piece.len()).ok_or(Reason::FileTooLarge)?;
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    fn end(&mut self, check: Check<'_>) -> Result<(), Denial> {
        let Some(Part { mut field, kind }) = self.open.take() else { return Ok(()) };
        match kind {
            PartKind::File(mut file) => file.finish(&field.pointer)?,
            PartKind::Text { bytes, is_json } => {
                let unread = |_| Denial::says(Reason::Form, &field.pointer, "text", "text in UTF-8");
                let text = String::from_utf8(bytes).map_err(unread)?;
                field.value = if is_json { Value::Json(text) } else { Value::Text(text) };
            }
        }
        check.field(&field)?;
        self.read.push(field);
        Ok(())
    }
}
