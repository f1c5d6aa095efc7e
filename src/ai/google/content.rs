//! What somebody says: parts, and a role, which is the user's if there is none.
//!
//! A part that is a thought is told as what its speaker says: whoever writes a request could call anything a thought.

use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, Unread, What};
use Provenance::{FileName, Metadata, Role, ToolArguments, ToolResult, User};

pub(super) static CONTENT: Shape =
    Shape::of("content", &[("role", Is::Role), ("parts", Is::Object(&PART))]).message().spoken_by(User);

static PART: Shape = Shape::of(
    "part",
    &[
        ("text", Is::Text(Role)),
        ("thought", Is::Plain),
        ("thoughtSignature", Is::Plain),
        ("thought_signature", Is::Plain),
        ("inlineData", Is::Object(&BLOB)),
        ("inline_data", Is::Object(&BLOB)),
        ("fileData", Is::Object(&FILE)),
        ("file_data", Is::Object(&FILE)),
        ("functionCall", Is::Object(&CALL)),
        ("function_call", Is::Object(&CALL)),
        ("functionResponse", Is::From(ToolResult, &RESPONSE)),
        ("function_response", Is::From(ToolResult, &RESPONSE)),
        ("executableCode", Is::Object(&CODE)),
        ("executable_code", Is::Object(&CODE)),
        ("codeExecutionResult", Is::Object(&OUTCOME)),
        ("code_execution_result", Is::Object(&OUTCOME)),
        ("toolCall", Is::Object(&CALL)),
        ("tool_call", Is::Object(&CALL)),
        ("toolResponse", Is::From(ToolResult, &RESPONSE)),
        ("tool_response", Is::From(ToolResult, &RESPONSE)),
        ("audioTranscription", Is::Text(Role)),
        ("audio_transcription", Is::Text(Role)),
        ("speechMetadata", Is::Text(Role)),
        ("speech_metadata", Is::Text(Role)),
        ("partMetadata", Is::Text(Metadata)),
        ("part_metadata", Is::Text(Metadata)),
        ("videoMetadata", Is::Object(&SPAN)),
        ("video_metadata", Is::Object(&SPAN)),
        ("audioMetadata", Is::Object(&SPAN)),
        ("audio_metadata", Is::Object(&SPAN)),
        ("documentMetadata", Is::Object(&SPAN)),
        ("document_metadata", Is::Object(&SPAN)),
        ("spreadsheetMetadata", Is::Object(&SPAN)),
        ("spreadsheet_metadata", Is::Object(&SPAN)),
        ("mediaResolution", Is::Or(&Is::Plain, &RESOLUTION)),
        ("media_resolution", Is::Or(&Is::Plain, &RESOLUTION)),
        ("mediaProcessing", Is::Plain),
        ("media_processing", Is::Plain),
    ],
);

static BLOB: Shape = Shape::of(
    "inlineData",
    &[
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("data", Is::Unread(Unread::Binary)),
        ("displayName", Is::Text(FileName)),
        ("display_name", Is::Text(FileName)),
    ],
);

static FILE: Shape = Shape::of(
    "fileData",
    &[
        ("mimeType", Is::Plain),
        ("mime_type", Is::Plain),
        ("fileUri", Is::Url),
        ("file_uri", Is::Url),
        ("displayName", Is::Text(FileName)),
        ("display_name", Is::Text(FileName)),
    ],
);

static CALL: Shape = Shape::of(
    "functionCall",
    &[
        ("id", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("args", Is::Text(ToolArguments)),
        ("partialArgs", Is::Text(ToolArguments)),
        ("partial_args", Is::Text(ToolArguments)),
        ("willContinue", Is::Plain),
        ("will_continue", Is::Plain),
        ("toolType", Is::Note(What::Call)),
        ("tool_type", Is::Note(What::Call)),
    ],
);

static RESPONSE: Shape = Shape::of(
    "functionResponse",
    &[
        ("id", Is::Plain),
        ("name", Is::Text(ToolResult)),
        ("response", Is::Text(ToolResult)),
        ("parts", Is::Object(&PART)),
        ("willContinue", Is::Plain),
        ("will_continue", Is::Plain),
        ("scheduling", Is::Plain),
        ("toolType", Is::Plain),
        ("tool_type", Is::Plain),
    ],
);

static CODE: Shape =
    Shape::of("executableCode", &[("id", Is::Plain), ("language", Is::Plain), ("code", Is::Text(ToolArguments))]);

static OUTCOME: Shape =
    Shape::of("codeExecutionResult", &[("id", Is::Plain), ("outcome", Is::Plain), ("output", Is::Text(ToolResult))]);

/// Which piece of a file is meant.
static SPAN: Shape = Shape::of(
    "metadata",
    &[
        ("startOffset", Is::Plain),
        ("start_offset", Is::Plain),
        ("endOffset", Is::Plain),
        ("end_offset", Is::Plain),
        ("fps", Is::Plain),
        ("startPage", Is::Plain),
        ("start_page", Is::Plain),
        ("endPage", Is::Plain),
        ("end_page", Is::Plain),
        ("visibleCells", Is::Plain),
        ("visible_cells", Is::Plain),
        ("sheetIndex", Is::Plain),
        ("sheet_index", Is::Plain),
        ("contentLayers", Is::Plain),
        ("content_layers", Is::Plain),
    ],
);

static RESOLUTION: Shape =
    Shape::of("mediaResolution", &[("level", Is::Plain), ("numTokens", Is::Plain), ("num_tokens", Is::Plain)]);
