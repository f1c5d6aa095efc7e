//! What a client sends: requests, notifications, and answers to what the server asked.

use super::{FILTER, ICON, RELATED, TASK};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};
use Provenance::{FileName, Metadata, Role, ToolArguments, User};

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

static PARAMS: Shape = Shape::of(
    "params",
    &[
        ("_meta", Is::Object(&META)),
        // tools/call, prompts/get.
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("arguments", Is::Text(ToolArguments)),
        ("inputResponses", Is::Object(&RESPONSES)),
        ("requestState", Is::Plain),
        ("task", Is::Object(&WANTED)),
        // resources/read, subscribe and unsubscribe; subscriptions/listen.
        ("uri", Is::NoteText(What::Resource, ToolArguments)),
        ("notifications", Is::Object(&FILTER)),
        // Lists.
        ("cursor", Is::Plain),
        // completion/complete.
        ("ref", Is::Object(&COMPLETED)),
        ("argument", Is::Object(&ARGUMENT)),
        ("context", Is::Object(&CONTEXT)),
        // initialize.
        ("protocolVersion", Is::Plain),
        ("capabilities", Is::Text(Metadata)),
        ("clientInfo", Is::Object(&SOFTWARE)),
        ("level", Is::Plain),
        // Notifications.
        ("requestId", Is::Plain),
        ("reason", Is::Text(Metadata)),
        ("progressToken", Is::Plain),
        ("progress", Is::Plain),
        ("total", Is::Plain),
        ("message", Is::Text(Metadata)),
    ],
)
// tasks/*, notifications/tasks/status.
.also(&[&TASK]);

static META: Shape = Shape::of(
    "_meta",
    &[
        ("progressToken", Is::Plain),
        ("io.modelcontextprotocol/protocolVersion", Is::Plain),
        ("io.modelcontextprotocol/clientInfo", Is::Object(&SOFTWARE)),
        ("io.modelcontextprotocol/clientCapabilities", Is::Text(Metadata)),
        ("io.modelcontextprotocol/logLevel", Is::Plain),
        ("io.modelcontextprotocol/subscriptionId", Is::Plain),
        ("io.modelcontextprotocol/related-task", Is::Object(&RELATED)),
    ],
)
.others(Is::Text(Metadata));

static SOFTWARE: Shape = Shape::of(
    "clientInfo",
    &[
        ("name", Is::Text(Metadata)),
        ("title", Is::Text(Metadata)),
        ("version", Is::Text(Metadata)),
        ("description", Is::Text(Metadata)),
        ("websiteUrl", Is::Text(Metadata)),
        ("icons", Is::Object(&ICON)),
    ],
);

/// How long the result of a task is to be kept.
static WANTED: Shape = Shape::of("task", &[("ttl", Is::Plain)]);

/// What an argument is completed for: as if it were called.
static COMPLETED: Shape = Shape::of(
    "ref",
    &[
        ("type", Is::Plain),
        ("name", Is::NoteText(What::Call, ToolArguments)),
        ("title", Is::Text(ToolArguments)),
        ("uri", Is::NoteText(What::Resource, ToolArguments)),
    ],
);
static ARGUMENT: Shape =
    Shape::of("argument", &[("name", Is::Text(ToolArguments)), ("value", Is::Text(ToolArguments))]);
static CONTEXT: Shape = Shape::of("context", &[("arguments", Is::Text(ToolArguments))]);

/// Answers that go with a request which the server would not do without.
static RESPONSES: Shape = Shape::of("inputResponses", &[]).others(Is::Object(&RESULT));

/// What a model said, what a person wrote into a form, where a person's files are.
///
/// `content` is a block of a model's message, or the fields of a form, which have what names the server likes. All of it
/// is text: were it read as a block, a field named `data` would not be.
static RESULT: Shape = Shape::of(
    "result",
    &[
        ("_meta", Is::Object(&META)),
        ("role", Is::Role),
        ("content", Is::Text(Role)),
        ("model", Is::Note(What::Model)),
        ("stopReason", Is::Note(What::Finish)),
        ("action", Is::Plain),
        ("roots", Is::Object(&ROOT)),
        ("task", Is::Object(&TASK)),
        ("tasks", Is::Object(&TASK)),
        ("nextCursor", Is::Plain),
        ("resultType", Is::Plain),
    ],
)
.also(&[&TASK])
.spoken_by(User);

static ROOT: Shape =
    Shape::of("root", &[("_meta", Is::Object(&META)), ("name", Is::Text(FileName)), ("uri", Is::Text(FileName))]);

static ERROR: Shape = Shape::of(
    "error",
    &[("code", Is::Plain), ("message", Is::NoteText(What::Error, Metadata)), ("data", Is::Text(Metadata))],
);
