//! Each event of an answer by the contract.
//!
//! 1. `itemSchema` (OpenAPI 3.2, "Sequential Media Types") is what an element is: a line of JSON, or of a server-sent event
//!    the object of its `event` and `data`;
//! 2. `schema` on a stream is what the data of an event is, as the documents of AI APIs have it: `[DONE]` ends them and is
//!    no event.

use std::borrow::Cow;
use std::rc::Rc;

use portcullis::http::stream::{Frame, Frames, Framing};
use serde_json::Value;

use crate::policy::{Content, Reading, Rule};
use crate::refusal::{Denial, Reason};

use super::MAX_BYTES;

/// An answer, event by event.
pub(super) struct Events {
    frames: Frames,
    framing: Framing,
    content: Rc<Content>,
    /// How many there were.
    number: u64,
}

impl Events {
    pub(super) fn new(framing: Framing, content: Rc<Content>) -> Self {
        Self { frames: Frames::new(framing, MAX_BYTES), framing, content, number: 0 }
    }

    pub(super) fn push(&mut self, reading: &Reading, rule: &Rule, piece: &[u8], last: bool) -> Result<(), Denial> {
        let Self { frames, framing, content, number } = self;
        let mut failed = None;
        let mut each = |frame: Frame<'_>| {
            if failed.is_none() {
                failed = held(reading, rule, *framing, content, frame, *number).err();
            }
            *number = number.saturating_add(1);
        };
        let read = frames.push(piece, &mut each);
        let read = if last { read.and_then(|()| frames.finish(&mut each)) } else { read };
        failed.map_or(Ok(()), Err)?;
        read.map_err(|_| Reason::AnswerJson.into())
    }
}

fn held(
    reading: &Reading,
    rule: &Rule,
    framing: Framing,
    content: &Content,
    frame: Frame<'_>,
    number: u64,
) -> Result<(), Denial> {
    let (schema, document) = match &content.item_schema {
        Some(schema) if framing == Framing::Sse => (Some(schema), Cow::Owned(event(frame).into_bytes())),
        Some(schema) => (Some(schema), Cow::Borrowed(frame.data)),
        None if framing == Framing::Sse && frame.data == b"[DONE]" => return Ok(()),
        None => (content.schema.as_ref(), Cow::Borrowed(frame.data)),
    };
    let held = reading.hold(&rule.contract.answers, schema.map(String::as_str), &document);
    held.map(drop).map_err(|unfit| Denial::of_answer(unfit, &format!("/{number}")))
}

/// A server-sent event as an object, of what is told of it.
fn event(frame: Frame<'_>) -> String {
    let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
    let data = text(frame.data);
    if frame.event.is_empty() {
        format!(r#"{{"data":{data}}}"#)
    } else {
        format!(r#"{{"event":{},"data":{data}}}"#, text(frame.event))
    }
}
