//! The one place where a reason becomes a status, a code, a message, a challenge and a counter.

use portcullis::prelude::*;

use crate::metrics::denied;
use crate::policy::Reason;

/// What a reason becomes.
pub(crate) struct Refusal {
    status: Status,
    /// What the caller is told.
    code: &'static str,
    message: &'static str,
    challenge: Challenge,
    /// Counts it, and counts it where a rule only looks on.
    pub(crate) metric: Metric,
    pub(crate) shadow: Metric,
}

/// What a challenge says beside the reason.
pub(crate) struct Realm<'a> {
    pub(crate) name: &'a str,
    /// Where the metadata of the resource is (RFC 9728 section 5.1).
    pub(crate) metadata_url: Option<&'a str>,
}

/// The `www-authenticate` of a refusal (RFC 6750 section 3).
#[derive(Clone, Copy)]
enum Challenge {
    /// None: another credential would not help.
    No,
    /// What is wanted; nothing was shown that could be wrong (section 3.1).
    Bare,
    /// `error="invalid_request"`.
    InvalidRequest,
    /// `error="invalid_token"`.
    InvalidToken,
}

impl Refusal {
    pub(crate) fn reply(&self, realm: &Realm<'_>) -> Reply {
        let reply = match self.status {
            Status::Unavailable => Reply::unavailable(self.code),
            status => Reply::new(status, self.code, self.message),
        };
        match self.challenge(realm) {
            Some(challenge) => reply.header("www-authenticate", challenge),
            None => reply,
        }
    }

    fn challenge(&self, realm: &Realm<'_>) -> Option<String> {
        let error = match self.challenge {
            Challenge::No => return None,
            Challenge::Bare => String::new(),
            Challenge::InvalidRequest => self.error("invalid_request"),
            Challenge::InvalidToken => self.error("invalid_token"),
        };
        let metadata = realm.metadata_url.map(|url| format!(", resource_metadata=\"{url}\"")).unwrap_or_default();
        Some(format!("Bearer realm=\"{}\"{error}{metadata}", realm.name))
    }

    fn error(&self, error: &str) -> String {
        format!(", error=\"{error}\", error_description=\"{}\"", self.message)
    }
}

/// A refusal whose caller learns the reason by its name, or by another.
macro_rules! refusal {
    ($status:ident, $reason:literal, $challenge:ident, $message:literal) => {
        refusal!($status, $reason as $reason, $challenge, $message)
    };
    ($status:ident, $reason:literal as $code:literal, $challenge:ident, $message:literal) => {
        Refusal {
            status: Status::$status,
            code: $code,
            message: $message,
            challenge: Challenge::$challenge,
            metric: denied!("deny", $reason),
            shadow: denied!("shadow", $reason),
        }
    };
}

/// What a reason becomes. A key that is unknown, switched off or expired is one answer: whoever tries keys must not learn that one was right.
#[rustfmt::skip]
pub(crate) fn of(reason: Reason) -> Refusal {
    match reason {
        Reason::HostFailed => refusal!(Unavailable, "host_failed", No, ""),
        Reason::NoPath => refusal!(BadRequest, "no_path", No, "The request has no path."),
        Reason::AmbiguousRequest => refusal!(BadRequest, "ambiguous_request", No, "The path, host or method can be read in two ways."),
        Reason::NoRule => refusal!(Forbidden, "no_rule", No, "This request is not allowed."),
        Reason::NoCredential => refusal!(Unauthorized, "no_credential", Bare, "A credential is required."),
        Reason::AmbiguousCredentials => refusal!(BadRequest, "ambiguous_credentials", InvalidRequest, "More than one credential was sent."),
        Reason::MalformedCredential => refusal!(Unauthorized, "malformed_credential", InvalidToken, "The credential is malformed."),
        Reason::CredentialTooLarge => refusal!(Unauthorized, "credential_too_large", InvalidToken, "The credential is too large."),
        Reason::UnknownApiKey => refusal!(Unauthorized, "unknown_api_key", InvalidToken, "The API key is not valid."),
        Reason::ApiKeyDisabled => refusal!(Unauthorized, "api_key_disabled" as "unknown_api_key", InvalidToken, "The API key is not valid."),
        Reason::ApiKeyExpired => refusal!(Unauthorized, "api_key_expired" as "unknown_api_key", InvalidToken, "The API key is not valid."),
        Reason::MalformedToken => refusal!(Unauthorized, "malformed_token", InvalidToken, "The token is malformed."),
        Reason::UnsupportedToken => refusal!(Unauthorized, "unsupported_token", InvalidToken, "The token uses an extension that is not supported."),
        Reason::UnknownIssuer => refusal!(Unauthorized, "unknown_issuer", InvalidToken, "The token's issuer is not accepted here."),
        Reason::AlgNotAllowed => refusal!(Unauthorized, "alg_not_allowed", InvalidToken, "The token's algorithm is not accepted."),
        Reason::WrongType => refusal!(Unauthorized, "wrong_type", InvalidToken, "The token is of another type."),
        Reason::WrongAudience => refusal!(Unauthorized, "wrong_audience", InvalidToken, "The token is for another audience."),
        Reason::BadClaim => refusal!(Unauthorized, "bad_claim", InvalidToken, "A claim of the token is missing or malformed."),
        Reason::TokenExpired => refusal!(Unauthorized, "token_expired", InvalidToken, "The token has expired."),
        Reason::TokenNotYetValid => refusal!(Unauthorized, "token_not_yet_valid", InvalidToken, "The token is not valid yet."),
        Reason::TokenTooOld => refusal!(Unauthorized, "token_too_old", InvalidToken, "The token was issued too long ago."),
        Reason::ClaimMismatch => refusal!(Unauthorized, "claim_mismatch", InvalidToken, "A claim of the token is not what is required here."),
        Reason::IdentityTooLarge => refusal!(Unauthorized, "identity_too_large", InvalidToken, "The token says too much about its holder."),
        Reason::KeysUnavailable => refusal!(Unavailable, "keys_unavailable", No, ""),
        Reason::UnknownKey => refusal!(Unauthorized, "unknown_key", InvalidToken, "The token is signed with an unknown key."),
        Reason::BadSignature => refusal!(Unauthorized, "bad_signature", InvalidToken, "The token's signature is not valid."),
        Reason::CannotVerify => refusal!(Unavailable, "cannot_verify", No, ""),
        Reason::TooManyWaiting => refusal!(Unavailable, "too_many_waiting", No, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::METRICS;
    use std::collections::BTreeSet;

    const REALM: Realm<'_> = Realm { name: "x", metadata_url: None };

    #[test]
    fn every_reason_has_its_own_counters_and_no_counter_is_without_a_reason() {
        let named = |outcome, reason: &Reason| format!("requests_total.outcome.{outcome}.code.{}", reason.name());
        for reason in Reason::ALL {
            let refusal = of(*reason);
            assert_eq!(refusal.metric.name, named("deny", reason));
            assert_eq!(refusal.shadow.name, named("shadow", reason));
        }
        let counted = |reason: &Reason| [of(*reason).metric.name, of(*reason).shadow.name];
        let names = || METRICS.iter().map(|metric| metric.name);
        let defined = names().filter(|name| name.contains(".outcome.deny.") || name.contains(".outcome.shadow."));
        assert_eq!(defined.collect::<BTreeSet<_>>(), Reason::ALL.iter().flat_map(counted).collect());
        assert_eq!(names().collect::<BTreeSet<_>>().len(), METRICS.len());
    }

    #[test]
    fn a_challenge_names_the_metadata_of_its_resource() {
        let realm = Realm { name: "api", metadata_url: Some("https://api.example/.well-known/x") };
        let challenge = of(Reason::NoCredential).challenge(&realm).unwrap();
        assert_eq!(challenge, "Bearer realm=\"api\", resource_metadata=\"https://api.example/.well-known/x\"");
        let challenge = of(Reason::TokenExpired).challenge(&realm).unwrap();
        assert!(challenge.starts_with("Bearer realm=\"api\", error=\"invalid_token\", error_description="));
        assert!(challenge.ends_with(", resource_metadata=\"https://api.example/.well-known/x\""));
    }

    #[test]
    fn a_401_has_a_challenge_and_a_message_fits_into_it() {
        let fits = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        for reason in Reason::ALL {
            let refusal = of(*reason);
            assert!(refusal.status != Status::Unauthorized || refusal.challenge(&REALM).is_some(), "{reason:?}");
            assert!(refusal.message.bytes().all(fits), "RFC 6750 section 3: {reason:?}");
        }
    }

    /// A caller who tries keys must not learn that one was right once.
    #[test]
    fn unknown_disabled_and_expired_keys_are_answered_alike() {
        let reply = |reason| of(reason).reply(&REALM);
        assert_eq!(reply(Reason::UnknownApiKey), reply(Reason::ApiKeyDisabled));
        assert_eq!(reply(Reason::UnknownApiKey), reply(Reason::ApiKeyExpired));
    }
}
