//! A block of content, in a request or an answer.
//!
//! The members of a block mean the same in every kind that has them, so one table serves all. `content` is what a tool
//! answered, of the caller or of the provider: a search result, a page, the output of code, each a block again.

use super::{REFERENCE, TOOL};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};
use Provenance::{Document, Metadata, Reasoning, Role, ToolArguments, ToolDefinition, ToolResult};

pub(in crate::ai) static BLOCK: Shape = Shape::of(
    "content block",
    &[
        ("type", Is::Type),
        ("text", Is::Text(Role)),
        ("citations", Is::Object(&CITATIONS)),
        ("cache_control", Is::Object(&CACHE)),
        // An image or a document. Of a search result, `source` is an address, or whatever its caller calls it.
        ("source", Is::TextOr(Document, &SOURCE)),
        ("title", Is::Text(Document)),
        ("context", Is::Text(Document)),
        ("transformations", Is::Object(&TRANSFORMATIONS)),
        // What was thought.
        ("thinking", Is::Text(Reasoning)),
        ("signature", Is::Plain),
        ("data", REFERENCE),
        // A call.
        ("id", Is::Note(What::CallId)),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("input", Is::Text(ToolArguments)),
        ("caller", Is::Object(&CALLER)),
        ("server_name", Is::Plain),
        ("toolset_name", Is::Plain),
        // What it gave.
        ("tool_use_id", Is::Plain),
        ("content", Is::TextOr(ToolResult, &BLOCK)),
        ("is_error", Is::Plain),
        ("error_code", Is::Plain),
        ("error_message", Is::Text(ToolResult)),
        ("encrypted_content", REFERENCE),
        // A page that was found or fetched.
        ("url", Is::Text(Document)),
        ("page_age", Is::Text(Document)),
        ("retrieved_at", Is::Plain),
        // Code that ran, and files that it edited.
        ("stdout", Is::Text(ToolResult)),
        ("encrypted_stdout", REFERENCE),
        ("stderr", Is::Text(ToolResult)),
        ("return_code", Is::Plain),
        ("file_id", REFERENCE),
        ("file_type", Is::Plain),
        ("is_file_update", Is::Plain),
        ("lines", Is::Text(ToolResult)),
        ("num_lines", Is::Plain),
        ("start_line", Is::Plain),
        ("total_lines", Is::Plain),
        ("new_lines", Is::Plain),
        ("new_start", Is::Plain),
        ("old_lines", Is::Plain),
        ("old_start", Is::Plain),
        // A browser.
        ("tabs", Is::Text(ToolResult)),
        ("state_changes", Is::Text(ToolResult)),
        // Tools that were found, listed, added or taken away.
        ("tool_references", Is::Object(&BLOCK)),
        ("tool_name", Is::Text(ToolDefinition)),
        ("mcp_server_name", Is::Text(ToolDefinition)),
        ("tools", Is::Object(&TOOL)),
        ("tool", Is::Object(&CHANGED)),
        ("tool_changes", Is::Object(&BLOCK)),
        // What an adviser gave; where another model took over.
        ("stop_reason", Is::Plain),
        ("from", Is::Object(&TAKER)),
        ("to", Is::Object(&TAKER)),
        ("trigger", Is::Text(Metadata)),
    ],
);

static SOURCE: Shape = Shape::of(
    "source",
    &[
        ("type", Is::Type),
        ("media_type", Is::Plain),
        ("data", Is::Data),
        ("url", Is::Url),
        ("file_id", REFERENCE),
        ("content", Is::TextOr(Document, &BLOCK)),
    ],
);

/// Whether citations are wanted, or one that was made.
pub(super) static CITATIONS: Shape = Shape::of(
    "citation",
    &[
        ("enabled", Is::Plain),
        ("type", Is::Plain),
        ("cited_text", Is::Text(Document)),
        ("document_title", Is::Text(Document)),
        ("title", Is::Text(Document)),
        ("source", Is::Text(Document)),
        ("url", Is::Text(Document)),
        ("encrypted_index", REFERENCE),
        ("file_id", Is::Plain),
        ("document_index", Is::Plain),
        ("search_result_index", Is::Plain),
        ("start_char_index", Is::Plain),
        ("end_char_index", Is::Plain),
        ("start_page_number", Is::Plain),
        ("end_page_number", Is::Plain),
        ("start_block_index", Is::Plain),
        ("end_block_index", Is::Plain),
    ],
);

pub(super) static CACHE: Shape =
    Shape::of("cache_control", &[("type", Is::Plain), ("ttl", Is::Plain), ("scope", Is::Plain)]);
static TRANSFORMATIONS: Shape = Shape::of("transformations", &[("oversized_image", Is::Plain)]);
static CALLER: Shape = Shape::of("caller", &[("type", Is::Plain), ("tool_id", Is::Plain)]);
static TAKER: Shape = Shape::of("fallback model", &[("model", Is::Plain)]);
static CHANGED: Shape = Shape::of(
    "tool reference",
    &[
        ("type", Is::Plain),
        ("name", Is::NoteText(What::Tool, ToolDefinition)),
        ("server_name", Is::NoteText(What::Tool, ToolDefinition)),
        ("definition", Is::Object(&TOOL)),
    ],
);
