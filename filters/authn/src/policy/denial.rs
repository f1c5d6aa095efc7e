//! Why a request is refused: a reason with a stable name, and the part of the request it is about.

/// A refusal. Both halves are static, so that nothing a client sent can stand in a reply, a metric or a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// Which part is at fault, where the reason alone does not tell: a claim, a header parameter.
    pub about: Option<&'static str>,
    /// The document in which something was missed: a newer one could change the answer.
    pub lacking: Option<DocumentId>,
}

/// The number of a document that the policy depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentId(pub usize);

impl Reason {
    /// This reason, and the part that is at fault.
    pub const fn about(self, part: &'static str) -> Denial {
        Denial { reason: self, about: Some(part), lacking: None }
    }

    /// This reason, because of something that is not in this document.
    pub const fn lacking(self, document: Option<DocumentId>) -> Denial {
        Denial { reason: self, about: None, lacking: document }
    }
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self { reason, about: None, lacking: None }
    }
}

portcullis::reasons! {
    /// Why a request is refused. The names are stable: metrics, verdicts and dashboards depend on them.
    pub enum Reason {
        /// The proxy could not be asked, or did not take what was written.
        HostFailed = "host_failed",
        /// There is no `:path`: a CONNECT.
        NoPath = "no_path",
        /// Path, host or method can be read in two ways, and a rule looks at it.
        AmbiguousRequest = "ambiguous_request",
        /// No rule is about this request.
        NoRule = "no_rule",
        /// None of the configured sources holds a credential.
        NoCredential = "no_credential",
        /// Several sources hold one, or one source holds several.
        AmbiguousCredentials = "ambiguous_credentials",
        /// A source holds something that is not one credential in its form.
        MalformedCredential = "malformed_credential",
        /// It is longer than anything that could be accepted.
        CredentialTooLarge = "credential_too_large",
        /// An API key that no set of the rule has.
        UnknownApiKey = "unknown_api_key",
        /// An API key that the operator switched off.
        ApiKeyDisabled = "api_key_disabled",
        /// An API key past its `not_after`.
        ApiKeyExpired = "api_key_expired",
        /// Not a signed token in its one canonical spelling, with a sound JSON header and claims.
        MalformedToken = "malformed_token",
        /// A header parameter that changes what a token means, and that nobody here understands.
        UnsupportedToken = "unsupported_token",
        /// No provider of the rule issues as this `iss`.
        UnknownIssuer = "unknown_issuer",
        /// The algorithm is not one that the provider may use.
        AlgNotAllowed = "alg_not_allowed",
        /// `typ` is not what the provider's tokens bear.
        WrongType = "wrong_type",
        /// The token is for somebody else.
        WrongAudience = "wrong_audience",
        /// A claim is missing, of the wrong type, or not text that may travel on.
        BadClaim = "bad_claim",
        /// Past `exp`.
        TokenExpired = "token_expired",
        /// Before `nbf` or `iat`.
        TokenNotYetValid = "token_not_yet_valid",
        /// Issued longer ago than the provider allows.
        TokenTooOld = "token_too_old",
        /// A claim is not what the provider requires.
        ClaimMismatch = "claim_mismatch",
        /// What the token says about the caller is more than other filters read.
        IdentityTooLarge = "identity_too_large",
        /// The keys to check it with have not come, or are too old.
        KeysUnavailable = "keys_unavailable",
        /// The provider has no such key, or none that may sign with this algorithm.
        UnknownKey = "unknown_key",
        /// The signature is not one that the key made.
        BadSignature = "bad_signature",
        /// Nobody could say whether the signature is good.
        CannotVerify = "cannot_verify",
        /// As many requests wait for a document as may.
        TooManyWaiting = "too_many_waiting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_fit_into_a_metric() {
        let names: HashSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }
}
