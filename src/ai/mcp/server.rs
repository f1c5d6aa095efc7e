//! What a server sends: answers, and what it asks or tells unasked.

use super::{BYTES, FILTER, ICON, RELATED, TASK};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Measure, Provenance, What};
use Provenance::{Description, Document, Metadata, Role, System, ToolArguments, ToolResult};

pub(super) static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("jsonrpc", Is::Plain),
        ("id", Is::Note(What::MessageId)),
        ("method", Is::Note(What::Method)),
        ("params", Is::Object(&PARAMS)),
        ("result", Is::Object(&RESULT)),
        ("error", Is::Object(&ERROR)),
    ],
)
.message();

static RESULT: Shape = Shape::of(
    "result",
    &[
        ("_meta", Is::Object(&META)),
        ("resultType", Is::Plain),
        ("cacheScope", Is::Plain),
        ("ttlMs", Is::Plain),
        ("nextCursor", Is::Plain),
        // tools/call.
        ("content", Is::From(ToolResult, &BLOCK)),
        ("structuredContent", Is::Text(ToolResult)),
        ("isError", Is::Plain),
        ("inputRequests", Is::Object(&REQUESTS)),
        ("requestState", Is::Plain),
        // Lists.
        ("tools", Is::Object(&TOOL)),
        ("prompts", Is::Object(&PROMPT)),
        ("resources", Is::Object(&RESOURCE)),
        ("resourceTemplates", Is::Object(&RESOURCE)),
        // resources/read.
        ("contents", Is::From(Document, &CONTENTS)),
        // prompts/get.
        ("description", Is::Text(Description)),
        ("messages", Is::Object(&SAID)),
        ("completion", Is::Object(&COMPLETION)),
        // initialize, server/discover.
        ("protocolVersion", Is::Plain),
        ("supportedVersions", Is::Plain),
        ("capabilities", Is::Text(Metadata)),
        ("serverInfo", Is::Object(&SOFTWARE)),
        ("instructions", Is::Text(Description)),
        ("task", Is::Object(&TASK)),
        ("tasks", Is::Object(&TASK)),
    ],
)
// tasks/get, tasks/cancel.
.also(&[&TASK]);

static META: Shape = Shape::of(
    "_meta",
    &[
        ("progressToken", Is::Plain),
        ("io.modelcontextprotocol/serverInfo", Is::Object(&SOFTWARE)),
        ("io.modelcontextprotocol/subscriptionId", Is::Plain),
        ("io.modelcontextprotocol/related-task", Is::Object(&RELATED)),
        // What a model is told until the task is done.
        ("io.modelcontextprotocol/model-immediate-response", Is::Text(ToolResult)),
    ],
)
.others(Is::Text(Metadata));

static SOFTWARE: Shape = Shape::of(
    "serverInfo",
    &[
        ("name", Is::Text(Description)),
        ("title", Is::Text(Description)),
        ("version", Is::Text(Description)),
        ("description", Is::Text(Description)),
        ("websiteUrl", Is::Text(Description)),
        ("icons", Is::Object(&ICON)),
    ],
);

/// Part of what a tool answers, or of a message.
static BLOCK: Shape = Shape::of(
    "content",
    &[
        ("_meta", Is::Object(&META)),
        ("type", Is::Type),
        ("annotations", Is::Object(&ANNOTATIONS)),
        ("text", Is::Text(Role)),
        ("data", BYTES),
        ("mimeType", Is::Plain),
        ("resource", Is::From(Document, &CONTENTS)),
        // A link to a resource, a call of a tool.
        ("uri", Is::NoteText(What::Resource, Role)),
        ("name", Is::Text(Role)),
        ("title", Is::Text(Role)),
        ("description", Is::Text(Role)),
        ("size", Is::Plain),
        ("icons", Is::Object(&ICON)),
        ("id", Is::Plain),
        ("input", Is::Text(ToolArguments)),
        // What a tool answered before.
        ("toolUseId", Is::Plain),
        ("content", Is::From(ToolResult, &BLOCK)),
        ("structuredContent", Is::Text(ToolResult)),
        ("isError", Is::Plain),
    ],
);

static CONTENTS: Shape = Shape::of(
    "contents",
    &[
        ("_meta", Is::Object(&META)),
        ("uri", Is::NoteText(What::Resource, Document)),
        ("mimeType", Is::Plain),
        ("text", Is::Text(Document)),
        ("blob", BYTES),
    ],
);

/// For whom it is, and when it changed.
static ANNOTATIONS: Shape =
    Shape::of("annotations", &[("audience", Is::Plain), ("lastModified", Is::Plain), ("priority", Is::Plain)]);

static TOOL: Shape = Shape::of(
    "tool",
    &[
        ("_meta", Is::Object(&META)),
        ("name", Is::NoteText(What::Tool, Description)),
        ("title", Is::Text(Description)),
        ("description", Is::Text(Description)),
        ("inputSchema", Is::Text(Description)),
        ("outputSchema", Is::Text(Description)),
        ("annotations", Is::Object(&HINTS)),
        ("execution", Is::Object(&EXECUTION)),
        ("icons", Is::Object(&ICON)),
    ],
);
static HINTS: Shape = Shape::of(
    "annotations",
    &[
        ("title", Is::Text(Description)),
        ("readOnlyHint", Is::Plain),
        ("destructiveHint", Is::Plain),
        ("idempotentHint", Is::Plain),
        ("openWorldHint", Is::Plain),
    ],
);
static EXECUTION: Shape = Shape::of("execution", &[("taskSupport", Is::Plain)]);

static PROMPT: Shape = Shape::of(
    "prompt",
    &[
        ("_meta", Is::Object(&META)),
        ("name", Is::Text(Description)),
        ("title", Is::Text(Description)),
        ("description", Is::Text(Description)),
        ("arguments", Is::Object(&ARGUMENT)),
        ("icons", Is::Object(&ICON)),
    ],
);
static ARGUMENT: Shape = Shape::of(
    "argument",
    &[
        ("name", Is::Text(Description)),
        ("title", Is::Text(Description)),
        ("description", Is::Text(Description)),
        ("required", Is::Plain),
    ],
);

/// A resource, or a template of addresses of some.
static RESOURCE: Shape = Shape::of(
    "resource",
    &[
        ("_meta", Is::Object(&META)),
        ("uri", Is::NoteText(What::Resource, Description)),
        ("uriTemplate", Is::NoteText(What::Resource, Description)),
        ("name", Is::Text(Description)),
        ("title", Is::Text(Description)),
        ("description", Is::Text(Description)),
        ("mimeType", Is::Plain),
        ("size", Is::Plain),
        ("annotations", Is::Object(&ANNOTATIONS)),
        ("icons", Is::Object(&ICON)),
    ],
);

static COMPLETION: Shape =
    Shape::of("completion", &[("values", Is::Text(Description)), ("total", Is::Plain), ("hasMore", Is::Plain)]);

/// What a server wants before it goes on: requests as it sent them by themselves before 2026-07-28. Each is a message.
static REQUESTS: Shape = Shape::of("inputRequests", &[]).others(Is::Object(&REQUEST));
static REQUEST: Shape = Shape::of(
    "inputRequest",
    &[("id", Is::Plain), ("method", Is::Note(What::Method)), ("params", Is::Object(&PARAMS))],
)
.message();

/// What a server asks of a client and its model, and what it tells.
static PARAMS: Shape = Shape::of(
    "params",
    &[
        ("_meta", Is::Object(&META)),
        // sampling/createMessage.
        ("messages", Is::Object(&SAID)),
        ("systemPrompt", Is::Text(System)),
        ("modelPreferences", Is::Object(&PREFERENCES)),
        ("includeContext", Is::Plain),
        ("maxTokens", Is::Number(Measure::MaxOutputTokens)),
        ("temperature", Is::Plain),
        ("stopSequences", Is::Plain),
        ("metadata", Is::Text(Metadata)),
        ("tools", Is::Object(&TOOL)),
        ("toolChoice", Is::Object(&CHOICE)),
        ("task", Is::Object(&WANTED)),
        // elicitation/create.
        ("mode", Is::Plain),
        ("message", Is::Text(Description)),
        ("requestedSchema", Is::Text(Description)),
        ("url", Is::Text(Description)),
        ("elicitationId", Is::Plain),
        // Notifications.
        ("level", Is::Plain),
        ("logger", Is::Text(Description)),
        ("data", Is::Text(Description)),
        ("requestId", Is::Plain),
        ("reason", Is::Text(Description)),
        ("progressToken", Is::Plain),
        ("progress", Is::Plain),
        ("total", Is::Plain),
        ("uri", Is::NoteText(What::Resource, Description)),
        ("notifications", Is::Object(&FILTER)),
        ("cursor", Is::Plain),
    ],
)
.also(&[&TASK]);

static SAID: Shape =
    Shape::of("message", &[("_meta", Is::Object(&META)), ("role", Is::Role), ("content", Is::TextOr(Role, &BLOCK))]);

static PREFERENCES: Shape = Shape::of(
    "modelPreferences",
    &[
        ("hints", Is::Object(&HINT)),
        ("costPriority", Is::Plain),
        ("intelligencePriority", Is::Plain),
        ("speedPriority", Is::Plain),
    ],
);
static HINT: Shape = Shape::of("hint", &[("name", Is::Note(What::Model))]);
static CHOICE: Shape = Shape::of("toolChoice", &[("mode", Is::Plain)]);
static WANTED: Shape = Shape::of("task", &[("ttl", Is::Plain)]);

static ERROR: Shape = Shape::of(
    "error",
    &[("code", Is::Plain), ("message", Is::NoteText(What::Error, ToolResult)), ("data", Is::Text(ToolResult))],
);
