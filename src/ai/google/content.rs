//! What somebody says: parts, and a role, which is the user's if there is none.
//!
//! A part that is a thought is told as what its speaker says: whoever writes a request could call anything a thought.

use super::shape;
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, Unread, What};
use Provenance::{FileName, Metadata, Role, ToolArguments, ToolResult, User};

pub(super) static CONTENT: Shape =
    shape("content", &[("role", Is::Role), ("parts", Is::Object(&PART))]).message().spoken_by(User);

static PART: Shape = shape(
    "part",
    &[
        ("text", Is::Text(Role)),
        ("thought", Is::Plain),
        ("thoughtSignature", Is::Plain),
        ("inlineData", Is::Object(&BLOB)),
        ("fileData", Is::Object(&FILE)),
        ("functionCall", Is::Object(&CALL)),
        ("functionResponse", Is::From(ToolResult, &RESPONSE)),
        ("executableCode", Is::Object(&CODE)),
        ("codeExecutionResult", Is::Object(&OUTCOME)),
        ("toolCall", Is::Object(&CALL)),
        ("toolResponse", Is::From(ToolResult, &RESPONSE)),
        ("audioTranscription", Is::Text(Role)),
        ("speechMetadata", Is::Text(Role)),
        ("partMetadata", Is::Text(Metadata)),
        ("videoMetadata", Is::Object(&SPAN)),
        ("audioMetadata", Is::Object(&SPAN)),
        ("documentMetadata", Is::Object(&SPAN)),
        ("spreadsheetMetadata", Is::Object(&SPAN)),
        ("mediaResolution", Is::Or(&Is::Plain, &RESOLUTION)),
        ("mediaProcessing", Is::Plain),
    ],
);

static BLOB: Shape = shape(
    "inlineData",
    &[("mimeType", Is::Plain), ("data", Is::Unread(Unread::Binary)), ("displayName", Is::Text(FileName))],
);

static FILE: Shape =
    shape("fileData", &[("mimeType", Is::Plain), ("fileUri", Is::Url), ("displayName", Is::Text(FileName))]);

static CALL: Shape = shape(
    "functionCall",
    &[
        ("id", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("args", Is::Text(ToolArguments)),
        ("partialArgs", Is::Text(ToolArguments)),
        ("willContinue", Is::Plain),
        ("toolType", Is::Note(What::Call)),
    ],
);

static RESPONSE: Shape = shape(
    "functionResponse",
    &[
        ("id", Is::Plain),
        ("name", Is::NoteText(What::CallId, ToolResult)),
        ("response", Is::Text(ToolResult)),
        ("parts", Is::Object(&PART)),
        ("willContinue", Is::Plain),
        ("scheduling", Is::Plain),
        ("toolType", Is::Plain),
    ],
);

static CODE: Shape =
    shape("executableCode", &[("id", Is::Plain), ("language", Is::Plain), ("code", Is::Text(ToolArguments))]);

static OUTCOME: Shape =
    shape("codeExecutionResult", &[("id", Is::Plain), ("outcome", Is::Plain), ("output", Is::Text(ToolResult))]);

/// Which piece of a file is meant.
static SPAN: Shape = shape(
    "metadata",
    &[
        ("startOffset", Is::Plain),
        ("endOffset", Is::Plain),
        ("fps", Is::Plain),
        ("startPage", Is::Plain),
        ("endPage", Is::Plain),
        ("visibleCells", Is::Plain),
        ("sheetIndex", Is::Plain),
        ("contentLayers", Is::Plain),
    ],
);

static RESOLUTION: Shape = shape("mediaResolution", &[("level", Is::Plain), ("numTokens", Is::Plain)]);
