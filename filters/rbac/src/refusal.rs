//! The one place where a reason becomes a status, a code, a message, a challenge and a counter.

use portcullis::ai::read::Fault;
use portcullis::prelude::*;

use crate::policy::{Reason, StepUp};
use portcullis::denied;

/// Why a request or an answer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// The policy says so.
    Policy(Reason),
    /// Its method could be taken for another.
    MethodOverride,
    /// Its body is not what the API documents.
    Body(Fault),
    /// Its body is coded, and a rule wants to know what it says.
    ContentEncoding,
    /// Its body is said to be no JSON, and a rule wants to know what it says.
    ContentType,
    /// An answer should be a list of models, and nobody can say what it shows.
    ListNotReadable,
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self::Policy(reason)
    }
}

/// What a denial becomes.
pub(crate) struct Refusal {
    status: Status,
    /// What the caller is told.
    pub(crate) code: &'static str,
    message: &'static str,
    challenge: Challenge,
    /// Counts it.
    pub(crate) metric: Metric,
}

/// The `www-authenticate` of a refusal.
#[derive(Clone, Copy)]
enum Challenge {
    /// None: another credential would not help.
    No,
    /// What is wanted; nothing was shown that could be wrong (RFC 6750 section 3.1).
    Bare,
    /// A fresher or stronger login (RFC 9470 section 3).
    StepUp,
}

impl Refusal {
    pub(crate) fn reply(&self, realm: &str, step_up: Option<&StepUp>) -> Reply {
        let reply = match self.status {
            Status::Unavailable => Reply::unavailable(self.code),
            status => Reply::new(status, self.code, self.message),
        };
        match self.challenge {
            Challenge::No => reply,
            Challenge::Bare => reply.header("www-authenticate", format!("Bearer realm=\"{realm}\"")),
            Challenge::StepUp => reply.header("www-authenticate", self.step_up(realm, step_up)),
        }
    }

    fn step_up(&self, realm: &str, wanted: Option<&StepUp>) -> String {
        let mut challenge = format!(
            "Bearer realm=\"{realm}\", error=\"insufficient_user_authentication\", error_description=\"{}\"",
            self.message
        );
        let Some(wanted) = wanted else { return challenge };
        let acr: Vec<&str> = wanted.acr.iter().map(String::as_str).filter(|acr| is_scope_token(acr)).collect();
        if !acr.is_empty() {
            challenge = format!("{challenge}, acr_values=\"{}\"", acr.join(" "));
        }
        if let Some(max_age) = wanted.max_age {
            challenge = format!("{challenge}, max_age=\"{max_age}\"");
        }
        challenge
    }
}

/// Whether a word stands in a list of words between quotes, and ends neither.
fn is_scope_token(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// A refusal that is counted under its code, or under another name.
macro_rules! refusal {
    ($status:ident, $name:literal, $challenge:ident, $message:literal) => {
        refusal!($status, $name as $name, $challenge, $message)
    };
    ($status:ident, $name:literal as $code:expr, $challenge:ident, $message:literal) => {
        Refusal {
            status: Status::$status,
            code: $code,
            message: $message,
            challenge: Challenge::$challenge,
            metric: denied!($name),
        }
    };
}

/// What a denial becomes. A caller learns that a rule denies, and not which.
#[rustfmt::skip]
pub(crate) fn of(denial: Denial) -> Refusal {
    match denial {
        Denial::Policy(reason) => of_policy(reason),
        Denial::MethodOverride => refusal!(BadRequest, "method_override", No, "The method of this request can be taken for another."),
        Denial::Body(fault) => refusal!(BadRequest, "body_not_readable" as fault.code(), No, "The body is not what this API documents, or can be read in two ways."),
        Denial::ContentEncoding => refusal!(UnsupportedMediaType, "content_encoding", No, "A body in a content coding cannot be read here."),
        Denial::ContentType => refusal!(UnsupportedMediaType, "content_type", No, "The body must be JSON in UTF-8, and its content-type must say so: application/json."),
        Denial::ListNotReadable => refusal!(BadGateway, "list_not_readable", No, "The list of models could not be read."),
    }
}

#[rustfmt::skip]
fn of_policy(reason: Reason) -> Refusal {
    match reason {
        Reason::DeniedByRule => refusal!(Forbidden, "denied_by_rule", No, "This request is not allowed."),
        // An allowed request is not refused: whoever asks is answered like one that no rule is about.
        Reason::NoRule | Reason::Allowed => refusal!(Forbidden, "no_rule", No, "This request is not allowed."),
        Reason::ModelNotAllowed => refusal!(Forbidden, "model_not_allowed", No, "This model is not allowed."),
        Reason::ModelMissing => refusal!(Forbidden, "model_missing", No, "This request must name its model."),
        Reason::ModelNameTooLong => refusal!(BadRequest, "model_name_too_long", No, "The name of a model is too long."),
        Reason::TooManyModels => refusal!(BadRequest, "too_many_models", No, "The request names too many different models."),
        Reason::StepUpRequired => refusal!(Unauthorized, "step_up_required" as "insufficient_user_authentication", StepUp, "A fresher or stronger login is required."),
        Reason::CapRequired => refusal!(Forbidden, "cap_required", No, "This request must limit the tokens of its answer."),
        Reason::Unauthenticated => refusal!(Unauthorized, "unauthenticated", Bare, "A credential is required."),
        Reason::AmbiguousRequest => refusal!(BadRequest, "ambiguous_request", No, "The path, query, host or method is missing or can be read in two ways."),
        Reason::IdentityMalformed => refusal!(Unavailable, "identity_malformed", No, ""),
        Reason::HostFailed => refusal!(Unavailable, "host_failed", No, ""),
        Reason::RouteMoved => refusal!(BadGateway, "route_moved", No, "The request went another way than was decided on."),
        Reason::NeedsBody => refusal!(Unavailable, "needs_body", No, ""),
    }
}

impl Denial {
    /// The name of the reason, in verdicts and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Policy(reason) => reason.name(),
            other => of(other).code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::METRICS;
    use std::collections::BTreeSet;

    fn every() -> impl Iterator<Item = Denial> {
        let fault = Fault::CaseVariant { at: 0 };
        let others = [
            Denial::MethodOverride,
            Denial::Body(fault),
            Denial::ContentEncoding,
            Denial::ContentType,
            Denial::ListNotReadable,
        ];
        Reason::ALL.iter().copied().filter(|reason| *reason != Reason::Allowed).map(Denial::Policy).chain(others)
    }

    #[test]
    fn every_reason_has_its_own_counter_and_no_counter_is_without_a_reason() {
        let counted: BTreeSet<_> = every().map(|denial| of(denial).metric.name).collect();
        let names = || METRICS.iter().map(|metric| metric.name);
        let defined: BTreeSet<_> = names().filter(|name| name.contains(".outcome.deny.")).collect();
        assert_eq!((counted.len(), &counted), (every().count(), &defined));
        assert_eq!(names().collect::<BTreeSet<_>>().len(), METRICS.len());
        for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::Allowed) {
            let expected = format!("requests_total.outcome.deny.code.{}", reason.name());
            assert_eq!(of(Denial::Policy(*reason)).metric.name, expected);
        }
    }

    #[test]
    fn a_401_has_a_challenge_and_a_message_fits_into_it() {
        for denial in every() {
            let refusal = of(denial);
            let reply = refusal.reply("x", None);
            let has_challenge = reply.headers.iter().any(|(name, _)| *name == "www-authenticate");
            assert_eq!(has_challenge, refusal.status == Status::Unauthorized, "{denial:?}");
            let fits = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(refusal.message.bytes().all(fits), "RFC 6750 section 3: {denial:?}");
        }
    }

    #[test]
    fn a_step_up_says_what_is_wanted() {
        let wanted =
            StepUp { acr: vec!["gold".into(), "a\"b".into(), "silver".into()], amr: vec![], max_age: Some(900) };
        let reply = of(Denial::Policy(Reason::StepUpRequired)).reply("api", Some(&wanted));
        let challenge = "Bearer realm=\"api\", error=\"insufficient_user_authentication\", \
            error_description=\"A fresher or stronger login is required.\", acr_values=\"gold silver\", max_age=\"900\"";
        assert_eq!(reply.headers, [("www-authenticate", challenge.to_owned())]);
        assert_eq!(reply.code, "insufficient_user_authentication");
    }
}
