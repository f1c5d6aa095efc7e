//! Models that a credential is limited to: they bind whatever rules say.

use portcullis::ai::vocabulary::Operation;

use super::decision::Reason;
use super::request::{Body, Head};

/// Whether a method has no body but by mistake: it looks something up, or takes it away.
pub(crate) fn is_lookup(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS")
}

/// Why the credential does not reach so far.
pub(super) fn refused(head: &Head<'_>, body: &Body<'_>) -> Option<Reason> {
    let allowed = head.known()?.models.as_deref()?;
    let of_body = body.asked().map(|asked| asked.models.as_slice()).unwrap_or_default();
    let mut named = head.models().chain(of_body.iter().map(String::as_str));
    if named.any(|name| !allowed.iter().any(|allowed| allowed == name)) {
        return Some(Reason::ModelNotAllowed);
    }
    let is_told = match body {
        Body::Unread => true,
        Body::None => false,
        Body::Read(_) => head.says_model(body),
    };
    (!is_told && uses_model(head)).then_some(Reason::ModelMissing)
}

/// Whether the body can still name a model that the credential does not reach.
pub(super) fn needs_body(head: &Head<'_>, body: &Body<'_>) -> bool {
    body.is_unread() && head.known().is_some_and(|identity| identity.models.is_some())
}

/// What is looked up or taken away of such an operation is not done with a model; a live conversation begins with `GET`.
fn uses_model(head: &Head<'_>) -> bool {
    let is_live = head.operation == Operation::Realtime || head.headers.first("upgrade").is_some();
    head.operation.names_a_model() && (is_live || !is_lookup(head.subject.method()))
}
