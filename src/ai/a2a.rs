//! Agent2Agent over JSON-RPC and over its REST paths. Source: the specification (versions 0.3 and 1.0), and the types of its
//! Python SDK (1.3.0).
//!
//! A method stands in `method` (`message/send`, in version 1.0 `SendMessage`). What agents say of themselves is a
//! description: it comes from somebody else, and models read it.

use super::dialect::Dialect;
use super::endpoint::Endpoint;
use super::shape::{Is, Shape};
use super::vocabulary::{Operation, Provenance, Reads, Unread, What};
use Provenance::{Assistant, Description, FileName, Metadata, Role};

const fn json(path: &'static str, request: Is, answer: Is) -> Endpoint {
    let (dialect, method, operation, reads) = (Dialect::A2a, "POST", Operation::A2a, Reads::Whole);
    Endpoint { dialect, method, path, operation, reads, request, answer }
}

const fn card(path: &'static str) -> Endpoint {
    let (request, answer) = (Is::Text(Provenance::Unknown), Is::Text(Description));
    Endpoint { method: "GET", reads: Reads::Head, ..json(path, request, answer) }
}

pub(super) static ENDPOINTS: &[Endpoint] = &[
    json("/a2a", Is::Object(&REQUEST), Is::Object(&ANSWER)),
    json("/a2a/v1", Is::Object(&REQUEST), Is::Object(&ANSWER)),
    json("/a2a/v1/message:send", Is::Object(&PARAMS), Is::Object(&RESULT)),
    json("/a2a/v1/message:stream", Is::Object(&PARAMS), Is::Object(&RESULT)),
    card("/.well-known/agent-card.json"),
    card("/.well-known/agent.json"),
    card("/a2a/.well-known/agent-card.json"),
    card("/a2a/.well-known/agent.json"),
];

static REQUEST: Shape = Shape::of(
    "request",
    &[
        ("jsonrpc", Is::Plain),
        ("id", Is::Note(What::MessageId)),
        ("method", Is::Note(What::Method)),
        ("params", Is::Object(&PARAMS)),
    ],
)
.message();

static PARAMS: Shape = Shape::of(
    "params",
    &[
        ("message", Is::Object(&MESSAGE)),
        ("request", Is::Object(&MESSAGE)),
        ("configuration", Is::Text(Metadata)),
        ("metadata", Is::Text(Metadata)),
        ("id", Is::Unread(Unread::ByReference)),
        ("taskId", Is::Unread(Unread::ByReference)),
        ("contextId", Is::Unread(Unread::ByReference)),
        ("name", Is::Unread(Unread::ByReference)),
        ("tenant", Is::Plain),
        ("historyLength", Is::Plain),
        ("includeArtifacts", Is::Plain),
        ("status", Is::Plain),
        ("pageSize", Is::Plain),
        ("pageToken", Is::Plain),
        ("lastUpdatedAfter", Is::Plain),
        ("statusTimestampAfter", Is::Plain),
        ("pushNotificationConfig", Is::Text(Metadata)),
        ("pushNotificationConfigId", Is::Plain),
        ("config", Is::Text(Metadata)),
    ],
);

static MESSAGE: Shape = Shape::of(
    "message",
    &[
        ("role", Is::Role),
        ("kind", Is::Plain),
        ("parts", Is::Object(&PART)),
        ("content", Is::Object(&PART)),
        ("messageId", Is::Plain),
        ("contextId", Is::Unread(Unread::ByReference)),
        ("taskId", Is::Unread(Unread::ByReference)),
        ("referenceTaskIds", Is::Unread(Unread::ByReference)),
        ("extensions", Is::Plain),
        ("metadata", Is::Text(Metadata)),
    ],
);

static PART: Shape = Shape::of(
    "part",
    &[
        ("kind", Is::Plain),
        ("type", Is::Plain),
        ("text", Is::Text(Role)),
        ("data", Is::Text(Role)),
        ("file", Is::Object(&FILE)),
        ("raw", Is::Unread(Unread::Binary)),
        ("url", Is::Url),
        ("filename", Is::Text(FileName)),
        ("mediaType", Is::Plain),
        ("metadata", Is::Text(Metadata)),
    ],
);

static FILE: Shape = Shape::of(
    "file",
    &[
        ("name", Is::Text(FileName)),
        ("mimeType", Is::Plain),
        ("bytes", Is::Unread(Unread::Binary)),
        ("uri", Is::Url),
        ("fileWithBytes", Is::Unread(Unread::Binary)),
        ("fileWithUri", Is::Url),
        ("mediaType", Is::Plain),
    ],
);

static ANSWER: Shape = Shape::of(
    "response",
    &[
        ("jsonrpc", Is::Plain),
        ("id", Is::Note(What::MessageId)),
        ("result", Is::Object(&RESULT)),
        ("error", Is::Object(&ERROR)),
    ],
);

static ERROR: Shape = Shape::of(
    "error",
    &[
        ("code", Is::Plain),
        ("message", Is::NoteText(What::Error, Provenance::Unknown)),
        ("data", Is::Text(Provenance::Unknown)),
    ],
);

/// A message, a task, or what became of one: events of a stream say each by itself.
static RESULT: Shape = Shape::of(
    "result",
    &[
        ("task", Is::Object(&RESULT)),
        ("tasks", Is::Object(&RESULT)),
        ("message", Is::From(Assistant, &MESSAGE)),
        ("statusUpdate", Is::Object(&RESULT)),
        ("artifactUpdate", Is::Object(&RESULT)),
        ("artifact", Is::Object(&ARTIFACT)),
        ("artifacts", Is::Object(&ARTIFACT)),
        ("history", Is::Object(&MESSAGE)),
        ("status", Is::Object(&STATUS)),
        ("parts", Is::From(Assistant, &PART)),
        ("role", Is::Plain),
        ("kind", Is::Plain),
        ("id", Is::Plain),
        ("messageId", Is::Plain),
        ("taskId", Is::Plain),
        ("contextId", Is::Plain),
        ("append", Is::Plain),
        ("lastChunk", Is::Plain),
        ("final", Is::Plain),
        ("index", Is::Plain),
        ("metadata", Is::Text(Metadata)),
        ("extensions", Is::Plain),
        ("nextPageToken", Is::Plain),
        ("pageSize", Is::Plain),
        ("totalSize", Is::Plain),
    ],
)
.others(Is::Text(Description));

static STATUS: Shape = Shape::of(
    "status",
    &[("state", Is::Note(What::Finish)), ("message", Is::From(Assistant, &MESSAGE)), ("timestamp", Is::Plain)],
);

static ARTIFACT: Shape = Shape::of(
    "artifact",
    &[
        ("artifactId", Is::Plain),
        ("name", Is::Text(FileName)),
        ("description", Is::Text(Assistant)),
        ("parts", Is::From(Assistant, &PART)),
        ("metadata", Is::Text(Metadata)),
        ("extensions", Is::Plain),
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::{answer, expect_parts, notes, request, texts};
    use Provenance::User;

    #[test]
    fn every_part_of_a_message_is_read() {
        expect_parts(
            "/a2a",
            &[
                (r#"{"kind":"text","text":"hi"}"#, &[(User, "hi")], &[]),
                (r#"{"kind":"data","data":{"a":"b"}}"#, &[(User, "a"), (User, "b")], &[]),
                (
                    r#"{"kind":"file","file":{"name":"n","bytes":"AA","mimeType":"image/png"}}"#,
                    &[(FileName, "n")],
                    &[Unread::Binary],
                ),
                (r#"{"raw":"AA","filename":"n","mediaType":"x"}"#, &[(FileName, "n")], &[Unread::Binary]),
                (r#"{"url":"https://x/y"}"#, &[], &[Unread::Remote]),
            ],
            |part| {
                format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"message/send","params":{{"message":{{"parts":[{part}],"role":"user"}}}}}}"#
                )
            },
        );
    }

    #[test]
    fn a_request_says_its_method_and_number() {
        let reading =
            request("/a2a", r#"{"jsonrpc":"2.0","id":"7","method":"tasks/get","params":{"id":"t"}}"#).unwrap();
        assert_eq!(
            (notes(&reading, What::Method), notes(&reading, What::MessageId)),
            (vec!["tasks/get".to_owned()], vec!["7".to_owned()])
        );
    }

    #[test]
    fn what_an_agent_says_is_read() {
        let event = r#"{"jsonrpc":"2.0","id":1,"result":{"artifactUpdate":{"taskId":"t","artifact":{"artifactId":"a",
            "parts":[{"text":"done"}]},"lastChunk":true}}}"#;
        assert_eq!(texts(&answer("/a2a", event)), [(Assistant, "done".to_owned())]);
        let failed = answer("/a2a", r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no"}}"#);
        assert_eq!(notes(&failed, What::Error), ["no"]);
    }
}
