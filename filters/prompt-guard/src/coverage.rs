//! What of a request was looked at, told for every request: what nobody looked at is never taken for clean.

use portcullis::ai::vocabulary::Unread;
use serde::Serialize;

use crate::gather::Texts;
use crate::policy::Inspection;

/// What of a request was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Coverage {
    /// What was done about the body.
    pub(crate) body: Looked,
    /// The dialect by whose tables it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dialect: Option<&'static str>,
    /// How many texts it has.
    pub(crate) texts: usize,
    /// Their bytes, unescaped.
    pub(crate) bytes: usize,
    /// The bytes of its other strings.
    pub(crate) other_bytes: usize,
    /// Bytes that a rule looked at, of both.
    pub(crate) inspected_bytes: usize,
    /// How many parts are no text, by why.
    #[serde(skip_serializing_if = "Parts::is_none")]
    pub(crate) unread: Parts,
    /// How many members no table knows.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) unknown_members: usize,
    /// Whether a text could have been decoded in more ways than were tried.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_cut: bool,
}

/// What was done about a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Looked {
    /// It was read by the tables of its dialect.
    Read,
    /// It was looked at as one text.
    Raw,
    /// There is none, or it has no text.
    #[default]
    NothingToInspect,
    /// Nobody looked.
    NotInspected,
}

/// How many parts of a body are no text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Parts {
    #[serde(skip_serializing_if = "is_zero")]
    token_ids: usize,
    #[serde(skip_serializing_if = "is_zero")]
    by_reference: usize,
    #[serde(skip_serializing_if = "is_zero")]
    binary: usize,
    #[serde(skip_serializing_if = "is_zero")]
    remote: usize,
}

impl Parts {
    fn of(texts: &Texts<'_>) -> Self {
        let count = |why: &[Unread]| texts.unread.iter().filter(|(found, _)| why.contains(found)).count();
        Self {
            token_ids: count(&[Unread::TokenIds, Unread::Tokens]),
            by_reference: count(&[Unread::ByReference]),
            binary: count(&[Unread::Binary]),
            remote: count(&[Unread::Remote]),
        }
    }

    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Coverage {
    /// Of a body that was read, and looked at.
    pub(crate) fn of(body: Looked, dialect: Option<&'static str>, texts: &Texts<'_>, inspection: &Inspection) -> Self {
        let says_something = texts.text_bytes > 0 || !texts.unread.is_empty();
        Self {
            body: if says_something { body } else { Looked::NothingToInspect },
            dialect,
            texts: texts.count,
            bytes: texts.text_bytes,
            other_bytes: texts.other_bytes,
            inspected_bytes: inspection.bytes,
            unread: Parts::of(texts),
            unknown_members: texts.unknown,
            is_cut: inspection.is_cut,
        }
    }

    /// Of a body that nobody looked at.
    pub(crate) fn none(dialect: &'static str) -> Self {
        Self { body: Looked::NotInspected, dialect: Some(dialect), ..Self::default() }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_zero(number: &usize) -> bool {
    *number == 0
}
