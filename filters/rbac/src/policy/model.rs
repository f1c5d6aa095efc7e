//! What binds whatever rules say: how many models a request names, and those that a credential is limited to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use portcullis::ai::vocabulary::Operation;

use super::decision::Reason;
use super::request::{Body, Head};

/// The most different models that a request names. A batch of thousands names one, or a few.
const MAX_MODELS: usize = 64;
/// The longest name of a model, in bytes: an ARN has fewer, and each pattern is compared with all of it.
const MAX_NAME: usize = 512;

/// Names, each once; of too many as many as show that.
pub(crate) fn distinct<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.len() <= MAX_MODELS && seen.insert(name.clone())).map(Cow::into_owned).collect()
}

/// Whether a method has no body but by mistake: it looks something up, or takes it away.
pub(crate) fn is_lookup(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS")
}

/// Why the request is refused, whatever rules say.
pub(super) fn refused(head: &Head<'_>, body: &Body<'_>) -> Option<Reason> {
    if named(head, body).count() > MAX_MODELS && named(head, body).collect::<BTreeSet<_>>().len() > MAX_MODELS {
        return Some(Reason::TooManyModels);
    }
    if named(head, body).any(|name| name.len() > MAX_NAME) {
        return Some(Reason::ModelNameTooLong);
    }
    let allowed = head.identity?.models.as_deref()?;
    if named(head, body).any(|name| !allowed.iter().any(|allowed| allowed == name)) {
        return Some(Reason::ModelNotAllowed);
    }
    let is_told = match body {
        Body::Unread => true,
        Body::None => false,
        Body::Read(_) => head.says_model(body),
    };
    (!is_told && uses_model(head, body)).then_some(Reason::ModelMissing)
}

/// The models that path, query and body name.
pub(super) fn named<'a>(head: &'a Head<'_>, body: &Body<'a>) -> impl Iterator<Item = &'a str> {
    let of_body = body.asked().map(|asked| asked.models.as_slice()).unwrap_or_default();
    head.models().chain(of_body.iter().map(String::as_str))
}

/// Whether the body can still name a model that the credential does not reach.
pub(super) fn needs_body(head: &Head<'_>, body: &Body<'_>) -> bool {
    body.is_unread() && head.identity.is_some_and(|identity| identity.models.is_some())
}

/// What is looked up or taken away is not done with a model, unless it has a body that nobody here reads: some server may.
/// A live conversation begins with `GET`.
fn uses_model(head: &Head<'_>, body: &Body<'_>) -> bool {
    let is_live = head.operation == Operation::Realtime || head.headers.first("upgrade").is_some();
    if is_lookup(head.subject.method()) && !is_live {
        return matches!(body, Body::None);
    }
    head.operation.names_a_model()
}
