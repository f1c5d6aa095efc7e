//! Decisions: questions that a model answers about a conversation, by choosing. Source: the types of the Python SDK
//! (3.52.0).

use super::chat::CACHE;
use super::responses::{ITEM, PART, USAGE};
use crate::ai::shape::{Is, Shape};
use crate::ai::vocabulary::{Provenance, What};
use Provenance::{Assistant, Developer, Role, User};

pub(super) static REQUEST: Shape = Shape::of(
    "decisions",
    &[
        ("model", Is::Model),
        ("input", Is::Or(&Is::Text(User), &ASKED)),
        ("questions", Is::Object(&QUESTION)),
        ("prompt_cache_key", Is::Plain),
        ("prompt_cache_options", Is::Object(&CACHE)),
        ("safety_identifier", Is::Plain),
    ],
);

/// An item of Responses, in which a part can be an object too.
static ASKED: Shape =
    Shape::of("item", &[("role", Is::Role), ("content", Is::TextOr(Role, &SHOWN))]).also(&[&ITEM]).message();
static SHOWN: Shape = Shape::of("content part", &[("data", Is::Text(Role))]).also(&[&PART]);

static QUESTION: Shape = Shape::of(
    "question",
    &[
        ("type", Is::Plain),
        ("name", Is::Text(Developer)),
        ("instructions", Is::TextOr(Developer, &TOLD)),
        ("choices", Is::Object(&CHOICE)),
        ("levels", Is::Object(&CHOICE)),
    ],
);
static TOLD: Shape =
    Shape::of("content part", &[("text", Is::Text(Developer)), ("data", Is::Text(Developer))]).also(&[&PART]);
static CHOICE: Shape = Shape::of(
    "choice",
    &[("value", Is::Text(Developer)), ("label", Is::Text(Developer)), ("description", Is::Text(Developer))],
);

pub(super) static ANSWER: Shape = Shape::of(
    "decisions",
    &[
        ("model", Is::Model),
        ("answers", Is::Object(&DECIDED)),
        ("usage", Is::Object(&USAGE)),
        ("error", Is::Object(&super::ERROR)),
    ],
);

static DECIDED: Shape = Shape::of(
    "answer",
    &[
        ("type", Is::Note(What::Finish)),
        ("name", Is::Again),
        ("choice", Is::Text(Assistant)),
        ("score", Is::Again),
        ("probability", Is::Again),
        ("confidence", Is::Again),
        ("probabilities", Is::Again),
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::testing::{answer, expect_parts, found, request, texts};
    use crate::ai::vocabulary::{Operation, Unread};
    use Provenance::ToolResult;

    #[test]
    fn what_is_asked_and_what_about_is_read() {
        expect_parts(
            "/v1/decisions",
            &[
                (r#""input": "so""#, &[(User, "so")], &[]),
                (
                    r#""input": [{"role": "developer", "content": "judge"}, {"role": "user", "content": [
                        {"type": "input_text", "text": "so"}, {"type": "input_json", "data": [{"a": "b"}]},
                        {"type": "input_image", "image_url": "https://x/y"}]}]"#,
                    &[(Developer, "judge"), (User, "so"), (User, "a"), (User, "b")],
                    &[Unread::Remote],
                ),
                (
                    r#""input": [{"type": "function_call_output", "call_id": "c", "output": "42"}]"#,
                    &[(ToolResult, "42")],
                    &[],
                ),
                (
                    r#""questions": [{"type": "choice", "name": "n", "instructions": "which", "choices": [{"value": "a",
                        "description": "first"}, {"value": true}]}, {"type": "score", "instructions": [{"type":
                        "input_text", "text": "how"}], "levels": [{"label": "low"}]}]"#,
                    &[
                        (Developer, "n"),
                        (Developer, "which"),
                        (Developer, "a"),
                        (Developer, "first"),
                        (Developer, "how"),
                        (Developer, "low"),
                    ],
                    &[],
                ),
            ],
            |member| format!(r#"{{"model": "m", {member}}}"#),
        );
        assert_eq!(request("/v1/decisions", r#"{"model": "m"}"#).unwrap().model.unwrap().raw(), "m");
        assert_eq!(found("POST", "/v1/decisions"), Some((Operation::Moderation, None)));
        let decided = answer("/v1/decisions", r#"{"answers": [{"type": "choice", "choice": "a", "confidence": 1.0}]}"#);
        assert_eq!(texts(&decided), [(Assistant, "a".to_owned())]);
        assert_eq!(decided.unknown, []);
    }
}
