//! The one place where a reason becomes a status, a code, a message and a counter.

use std::rc::Rc;

use portcullis::ai::declined::{Declined, Face};
use portcullis::ai::details::Detail;
use portcullis::ai::read::Fault;
use portcullis::ai::rpc::Asked;
use portcullis::denied;
use portcullis::prelude::*;

use crate::metrics::{
    ALLOWED, ASKED, BYTES, FLAGGED, FOUND, MASKED, NOT_INSPECTED, NOTHING, OPEN, REMEMBERED, TEXTS, UNJUDGED, UNMASKED,
    UNMATCHED, UNREAD,
};
use crate::policy::Several;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) reason: Reason,
    /// What was found, in words that are not the client's.
    pub(crate) details: Vec<Detail>,
    pub(crate) caller: Caller,
}

/// Who reads a refusal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whom it answers, where the dialect is one of JSON-RPC.
    pub(crate) asked: Asked,
    /// How their API declines in the shape of an answer, if it has one and the policy wants it.
    pub(crate) face: Option<Face>,
}

/// How a policy refuses what was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manner {
    /// The operator's words.
    pub(crate) text: Option<Rc<str>>,
    /// Whether in the shape of an answer, where the API has one.
    pub(crate) is_answer: bool,
}

impl From<Several> for Reason {
    fn from(_: Several) -> Self {
        Self::SeveralPolicies
    }
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self { reason, details: Vec::new(), caller: Caller::default() }
    }
}

/// A body that is not what the API documents can be read in two ways, or not at all.
impl From<Fault> for Denial {
    fn from(fault: Fault) -> Self {
        let reason = match fault {
            Fault::Json(_) => Reason::Json,
            Fault::CaseVariant { .. } | Fault::WrongType { .. } => Reason::Body,
        };
        let at = match fault {
            Fault::Json(error) => error.at,
            Fault::CaseVariant { at } | Fault::WrongType { at, .. } => at,
        };
        let expected = fault.to_string();
        let expected = expected.split_once(": ").map_or(expected.as_str(), |(_, expected)| expected);
        let detail = Detail::new("body", "", fault.code(), expected).beginning(Some(at));
        Self { details: vec![detail], ..reason.into() }
    }
}

impl Denial {
    /// The same in answer to a body that was read.
    pub(crate) fn answering(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    /// What the caller reads. What was found is said in the manner of the policy; any other reason is an error for whoever
    /// wrote the application.
    pub(crate) fn reply(self, manner: &Manner, now: Wall) -> Reply {
        let refusal = of(self.reason);
        let is_found = self.reason == Reason::Found;
        if let Some(declined) = self.declined(manner, refusal.message, now).filter(|_| is_found) {
            return Reply::declining(self.reason.name(), declined);
        }
        let reply = match (refusal.status, &manner.text) {
            (Status::Unavailable, _) => Reply::unavailable(self.reason.name()),
            (status, Some(text)) if is_found => Reply::saying(status, self.reason.name(), Rc::clone(text)),
            (status, _) => Reply::new(status, self.reason.name(), refusal.message),
        };
        reply.about(self.details).answering(self.caller.asked)
    }

    fn declined(&self, manner: &Manner, message: &str, now: Wall) -> Option<Declined> {
        let text = manner.text.as_deref().unwrap_or(message);
        self.caller.face?.declines(&self.caller.asked, text, now.seconds())
    }
}

/// What a reason becomes.
pub(crate) struct Refusal {
    status: Status,
    message: &'static str,
    /// Counts it.
    pub(crate) metric: Metric,
}

/// One line for each reason gives its code, its reply and its counter.
macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident $name:literal $status:ident $message:literal;)*) => {
        portcullis::reasons! {
            /// Why a request is refused.
            pub enum Reason {
                $($(#[$doc])* $reason = $name,)*
            }
        }

        /// What a reason becomes.
        pub(crate) fn of(reason: Reason) -> Refusal {
            match reason {
                $(Reason::$reason => {
                    Refusal { status: Status::$status, message: $message, metric: denied!($name) }
                })*
            }
        }

        const DENIED: &[Metric] = &[$(denied!($name),)*];
    };
}

reasons! {
    /// Something was found that is refused.
    Found "content_filter" BadRequest "The content of this request is not allowed here.";
    /// Path, host, method or query can be read in two ways.
    Ambiguous "ambiguous_request" BadRequest "Path, host, method or query of this request can be read in two ways.";
    /// Who is calling cannot be read.
    IdentityMalformed "identity_malformed" Forbidden "Who is calling could not be read.";
    /// It names models that are under several policies.
    SeveralPolicies "several_policies" BadRequest "The models of this request are under different policies: ask them one by one.";
    /// No policy is about it.
    NoPolicy "no_policy" Forbidden "Requests of this kind are not allowed here.";
    /// A conversation in another protocol, which nobody here can read.
    Upgrade "upgrade_not_inspectable" Forbidden "A connection in another protocol cannot be inspected and is not allowed here.";
    /// A body at a path that no API documents.
    UnknownOperation "unknown_operation" NotFound "There is no such operation here.";
    /// A body that is said to be no JSON.
    ContentType "content_type" UnsupportedMediaType "The body must be JSON, and its content-type must say so.";
    /// The body is coded.
    ContentEncoding "content_encoding" UnsupportedMediaType "A body in a content coding cannot be inspected here.";
    /// The body is no JSON that everybody reads alike.
    Json "malformed_json" BadRequest "The body is not JSON that every server reads alike.";
    /// The body is not what its API documents.
    Body "malformed_body" BadRequest "The body is not as this API documents it.";
    /// The body is no text.
    NotText "malformed_text" BadRequest "The body is not UTF-8.";
    /// Tokens, which nobody here can read.
    TokenIds "token_ids" BadRequest "Tokens cannot be inspected and are not allowed here: send text.";
    /// Something stored elsewhere.
    ByReference "by_reference" BadRequest "What is stored elsewhere cannot be inspected and is not allowed here.";
    /// A picture, sound or file.
    Binary "binary" BadRequest "Pictures, sound and files cannot be inspected and are not allowed here.";
    /// An address.
    Remote "remote" BadRequest "What stands at an address cannot be inspected and is not allowed here.";
    /// A text that could be decoded in more ways than were tried.
    Undecoded "undecoded" BadRequest "A text of this request is encoded in more ways than can be inspected.";
    /// More was found than is kept.
    TooMuch "too_many_findings" BadRequest "More was found in this request than can be told.";
    /// Something is to be masked in a body that is signed.
    SignedBody "signed_body" BadRequest "Something in this body must be masked, and its signature does not allow it.";
    /// Something is to be masked where nothing can be written anew.
    Unwritable "unmaskable" BadRequest "Something in this body must be masked where that is not possible.";
    /// The service that judges texts did not answer, and the policy says that nothing passes unjudged.
    Unjudged "moderation_unavailable" Unavailable "";
    /// The proxy did not do what it was asked.
    HostFailed "host_failed" Unavailable "";
}

const COUNT: usize = OWN.len() + DENIED.len() + FOUND.len() + UNREAD.len();
const OWN: &[Metric] = &[
    ALLOWED,
    FLAGGED,
    MASKED,
    NOTHING,
    NOT_INSPECTED,
    UNMATCHED,
    UNMASKED,
    BYTES,
    TEXTS,
    OPEN,
    ASKED,
    REMEMBERED,
    UNJUDGED,
];
/// Every metric of the filter.
pub(crate) const METRICS: &[Metric] = &all();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // by the compiler, which tells
const fn all() -> [Metric; COUNT] {
    let mut all = [ALLOWED; COUNT];
    let lists: [&[Metric]; 4] = [OWN, DENIED, FOUND, UNREAD];
    let (mut at, mut list) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[at] = lists[list][index];
            (at, index) = (at + 1, index + 1);
        }
        list += 1;
    }
    all
}
