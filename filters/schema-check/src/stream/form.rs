//! A form with files, part by part.

use crate::body::form::{Boundary, Event, Form, Limits};
use crate::body::media::{MediaRange, MediaType};
use crate::check::holds;
use crate::policy::{Content, Files, Kinds, is_json};
use crate::refusal::{Denial, Reason};

use super::field::{self, Value, of_pairs};
use super::file::File;
use super::{Against, says, told};

/// A form in the middle of being read.
pub(crate) struct FormBody {
    form: Form,
    parts: Parts,
}

/// What has been read of its parts.
struct Parts {
    schema: Option<String>,
    kinds: Kinds,
    /// The media types that parts may have, by name.
    types: Vec<(String, Vec<MediaRange>)>,
    files: Files,
    read: Vec<(String, Value)>,
    open: Option<Part>,
    /// How many bytes of texts may still be kept.
    left: usize,
    failed: Option<Denial>,
}

/// A part in the middle of being read.
struct Part {
    name: String,
    pointer: String,
    kind: PartKind,
}

enum PartKind {
    File(File),
    Text { bytes: Vec<u8>, is_json: bool },
}

/// What fields that are no files may have together: prompts and parameters, not uploads.
pub(super) const TEXT_BYTES: usize = 256 << 10;

impl FormBody {
    pub(super) fn new(boundary: &Boundary, content: &Content, files: &Files) -> Self {
        let parts = Parts {
            schema: content.schema.clone(),
            kinds: content.kinds.clone(),
            types: content.parts.clone(),
            files: files.clone(),
            read: Vec::new(),
            open: None,
            left: TEXT_BYTES,
            failed: None,
        };
        Self { form: Form::new(boundary, Limits::default()), parts }
    }

    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Denial> {
        let Self { form, parts } = self;
        let read = form.push(piece, &mut |event| parts.take(event));
        parts.settle()?;
        read.map_err(|error| told(Reason::Form, "", error))
    }

    pub(super) fn finish(&mut self, against: Against<'_>) -> Result<(), Denial> {
        let Self { form, parts } = self;
        let read = form.finish(&mut |event| parts.take(event));
        parts.settle()?;
        read.map_err(|error| told(Reason::Form, "", error))?;
        let Some(schema) = &parts.schema else { return Ok(()) };
        let object = of_pairs(&parts.kinds, &parts.read)?;
        holds(against.policy, against.schemas, Some(schema), object.as_bytes()).map_err(unplaced)
    }
}

/// Offsets are those of the object that stands for the form, and mean nothing to who sent it.
fn unplaced(mut denial: Denial) -> Denial {
    denial.details.iter_mut().for_each(|detail| detail.at = None);
    denial
}

impl Parts {
    fn take(&mut self, event: Event<'_>) {
        if self.failed.is_some() {
            return;
        }
        let taken = match event {
            Event::PartStart { name, file_name, content_type, .. } => self.begin(name, file_name, content_type),
            Event::PartData(bytes) => self.data(bytes),
            Event::PartEnd => self.end(),
            Event::End => Ok(()),
        };
        self.failed = taken.err();
    }

    fn settle(&mut self) -> Result<(), Denial> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn begin(&mut self, name: &str, file_name: Option<&str>, media: Option<&MediaType>) -> Result<(), Denial> {
        let pointer = field::pointer(&self.kinds, name);
        let types = self.types.iter().find(|(known, _)| known == name).map(|(_, types)| types);
        let text = MediaType { kind: "text".into(), subtype: "plain".into(), parameters: Vec::new() };
        let found = media.unwrap_or(&text);
        if types.is_some_and(|types| !types.iter().any(|range| range.fits(found))) {
            return Err(says(Reason::Form, &pointer, "content_type", "a part of a media type of the contract"));
        }
        let essence = media.map(MediaType::essence).unwrap_or_default();
        let kind = if file_name.is_some() {
            PartKind::File(File::of(&essence, file_name, &self.files, &pointer)?)
        } else {
            PartKind::Text { bytes: Vec::new(), is_json: media.is_some_and(is_json) }
        };
        self.open = Some(Part { name: name.to_owned(), pointer, kind });
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), Denial> {
        let Some(part) = &mut self.open else { return Ok(()) };
        match &mut part.kind {
            PartKind::File(file) => file.push(piece, &part.pointer),
            PartKind::Text { bytes, .. } => {
                self.left = self.left.checked_sub(piece.len()).ok_or(Reason::FileTooLarge)?;
                bytes.extend_from_slice(piece);
                Ok(())
            }
        }
    }

    fn end(&mut self) -> Result<(), Denial> {
        let Some(Part { name, pointer, kind }) = self.open.take() else { return Ok(()) };
        let value = match kind {
            PartKind::File(mut file) => {
                file.finish(&pointer)?;
                Value::File
            }
            PartKind::Text { bytes, is_json } => {
                let unread = || says(Reason::Form, &pointer, "text", "text in UTF-8");
                let text = String::from_utf8(bytes).map_err(|_| unread())?;
                if is_json {
                    portcullis::json::parse(text.as_bytes(), portcullis::json::Limits::default())
                        .map_err(Denial::of_json)?;
                    Value::Json(text)
                } else {
                    Value::Text(text)
                }
            }
        };
        self.read.push((name, value));
        Ok(())
    }
}
