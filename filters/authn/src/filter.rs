//! When the policy is asked, which values it is given, and what its answer becomes: with `verify`, all that knows the proxy.

use std::rc::Rc;

use portcullis::identity;
use portcullis::prelude::*;
use serde::Serialize;

use crate::compile::{self, Compiled};
use crate::config::Config;
use crate::policy::{Decision, Denial, Evidence, Now, Permit, Policy, Reason, Rule};
use crate::verify::is_good;

/// One configuration of the filter.
pub struct Authn {
    policy: Policy,
    realm: String,
    writes_verdict: bool,
    headers: Vec<String>,
    skipped: Vec<String>,
    is_open: bool,
}

impl Filter for Authn {
    const NAME: &'static str = "authn";
    const STATE: &'static [&'static str] = &[identity::STATE];
    const METRICS: &'static [Metric] = METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let Compiled { policy, skipped, is_open } = compile::compile(&config)?;
        let headers = policy.sources().headers().map(str::to_owned).collect();
        let realm = realm(config.realm.as_deref().unwrap_or(env.instance()))?;
        Ok(Self { policy, realm, writes_verdict: config.verdict, headers, skipped, is_open })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit(Rc::clone(self))
    }

    fn operator_headers(&self) -> &[String] {
        &self.headers
    }

    fn single_headers(&self) -> &[String] {
        &self.headers
    }

    /// Asked once, after the configuration was read: says what its operator should know.
    fn on_tick(&self, host: &dyn Host) -> NextTick {
        self.skipped.iter().for_each(|line| host.log(log::Level::Warn, line));
        if self.is_open {
            host.log(log::Level::Warn, "an anonymous rule lets everybody pass everywhere");
        }
        host.measure(KEYS_SKIPPED, u64::try_from(self.skipped.len()).unwrap_or(u64::MAX));
        host.measure(OPEN, u64::from(self.is_open));
        NextTick::Never
    }
}

/// A realm stands in a quoted string (RFC 9110 section 11.5), and nothing in it needs escaping.
fn realm(text: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(ConfigError::new("realm", text, "1 to 64 printable ASCII characters without '\"' and '\\'"))
}

/// One request.
pub struct Visit(Rc<Authn>);

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        self.0.judge(host)
    }
}

impl Authn {
    fn judge(&self, host: &dyn Host) -> Flow {
        let Ok(headers) = host.headers(Side::Request) else {
            return self.refuse(host, None, Reason::HostFailed.into());
        };
        let rule = match self.rule(host, &headers) {
            Ok(rule) => rule,
            Err(denial) => return self.refuse(host, None, denial),
        };
        let permit = self.permit(host, rule, &headers);
        match permit.and_then(|permit| self.grant(host, &permit)) {
            Ok(()) => Flow::Continue,
            Err(denial) => self.refuse(host, Some(&rule.name), denial),
        }
    }

    fn rule(&self, host: &dyn Host, headers: &Headers) -> Result<&Rule, Denial> {
        let route = if self.policy.needs().route { host.property(&["xds", "route_name"]) } else { Ok(None) };
        self.policy.rule(headers, route.map_err(|_| Reason::HostFailed)?.as_deref())
    }

    fn permit<'a>(&'a self, host: &dyn Host, rule: &'a Rule, headers: &'a Headers) -> Result<Permit<'a>, Denial> {
        match self.policy.decide(rule, headers, now(host))? {
            Decision::Allow(permit) => Ok(permit),
            Decision::Verify(unverified) => unverified.settle(|signature| is_good(host, signature)),
        }
    }

    /// Writes who is calling and takes the credential away. Whoever cannot be announced does not pass.
    fn grant(&self, host: &dyn Host, permit: &Permit<'_>) -> Result<(), Denial> {
        let written = permit.identity().map_or(Ok(()), |state| host.set_property(identity::STATE, state));
        let stripped = permit.strips().iter().try_for_each(|header| host.remove_header(Side::Request, header));
        let noted = self
            .note(host, &Verdict { outcome: "allow", rule: Some(permit.rule()), code: "ok", about: None, mode: MODE });
        written.and(stripped).and(noted).map_err(|_| Reason::HostFailed)?;
        if let Some(metric) = cache_metric(permit.evidence()) {
            host.measure(metric, 1);
        }
        host.measure(ALLOWED, 1);
        Ok(())
    }

    fn refuse(&self, host: &dyn Host, rule: Option<&str>, denial: Denial) -> Flow {
        let Denial { reason, about } = denial;
        let refusal = refusal(reason);
        host.measure(refusal.metric, 1);
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, &Verdict { outcome: "deny", rule, code: reason.name(), about, mode: MODE }).ok();
        host.log(log::Level::Debug, &format!("refused: {} {}", reason.name(), about.unwrap_or_default()));
        Flow::Reply(refusal.reply(&self.realm))
    }

    fn note(&self, host: &dyn Host, verdict: &Verdict<'_>) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let state = serde_json::to_vec(verdict).map_err(|_| HostError::Malformed)?;
        host.set_verdict(&state)
    }
}

/// Every rule is enforced.
const MODE: &str = "enforce";

/// The decision as access logs get it: names the operator chose and codes, never a byte of the request.
#[derive(Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'static str>,
    mode: &'static str,
}

fn now(host: &dyn Host) -> Now {
    Now { unix_seconds: host.wall().seconds(), monotonic_millis: host.monotonic().0 / 1_000_000 }
}

fn cache_metric(evidence: Evidence) -> Option<Metric> {
    match evidence {
        Evidence::Remembered => Some(CACHE_HIT),
        Evidence::Verified => Some(CACHE_MISS),
        Evidence::Anonymous | Evidence::ApiKey => None,
    }
}

/// What a reason becomes.
struct Refusal {
    status: Status,
    /// What the caller is told.
    code: &'static str,
    message: &'static str,
    challenge: Challenge,
    metric: Metric,
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
    fn reply(&self, realm: &str) -> Reply {
        let reply = match self.status {
            Status::Unavailable => Reply::unavailable(self.code),
            status => Reply::new(status, self.code, self.message),
        };
        match self.challenge(realm) {
            Some(challenge) => reply.header("www-authenticate", challenge),
            None => reply,
        }
    }

    fn challenge(&self, realm: &str) -> Option<String> {
        let error = match self.challenge {
            Challenge::No => return None,
            Challenge::Bare => return Some(format!("Bearer realm=\"{realm}\"")),
            Challenge::InvalidRequest => "invalid_request",
            Challenge::InvalidToken => "invalid_token",
        };
        Some(format!("Bearer realm=\"{realm}\", error=\"{error}\", error_description=\"{}\"", self.message))
    }
}

/// The counter of a reason.
macro_rules! denied {
    ($reason:literal) => {
        Metric::counter(concat!("requests_total.outcome.deny.code.", $reason))
    };
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
            metric: denied!($reason),
        }
    };
}

/// The one place where a reason becomes a status, a code, a message, a challenge and a counter.
///
/// A key that is unknown, switched off or expired is one answer: whoever tries keys must not learn that one was right.
#[rustfmt::skip]
fn refusal(reason: Reason) -> Refusal {
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
        Reason::IdentityTooLarge => refusal!(Unauthorized, "identity_too_large", InvalidToken, "The token says too much about its holder."),
        Reason::UnknownKey => refusal!(Unauthorized, "unknown_key", InvalidToken, "The token is signed with an unknown key."),
        Reason::BadSignature => refusal!(Unauthorized, "bad_signature", InvalidToken, "The token's signature is not valid."),
        Reason::CannotVerify => refusal!(Unavailable, "cannot_verify", No, ""),
    }
}

const ALLOWED: Metric = Metric::counter("requests_total.outcome.allow.code.ok");
const CACHE_HIT: Metric = Metric::counter("token_cache_total.result.hit");
const CACHE_MISS: Metric = Metric::counter("token_cache_total.result.miss");
const KEYS_SKIPPED: Metric = Metric::gauge("keys_skipped");
const OPEN: Metric = Metric::gauge("open");

const METRICS: &[Metric] = &[
    ALLOWED,
    CACHE_HIT,
    CACHE_MISS,
    KEYS_SKIPPED,
    OPEN,
    denied!("host_failed"),
    denied!("no_path"),
    denied!("ambiguous_request"),
    denied!("no_rule"),
    denied!("no_credential"),
    denied!("ambiguous_credentials"),
    denied!("malformed_credential"),
    denied!("credential_too_large"),
    denied!("unknown_api_key"),
    denied!("api_key_disabled"),
    denied!("api_key_expired"),
    denied!("malformed_token"),
    denied!("unsupported_token"),
    denied!("unknown_issuer"),
    denied!("alg_not_allowed"),
    denied!("wrong_type"),
    denied!("wrong_audience"),
    denied!("bad_claim"),
    denied!("token_expired"),
    denied!("token_not_yet_valid"),
    denied!("identity_too_large"),
    denied!("unknown_key"),
    denied!("bad_signature"),
    denied!("cannot_verify"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_its_own_counter_and_no_counter_is_without_a_reason() {
        let counted: BTreeSet<_> = Reason::ALL.iter().map(|reason| refusal(*reason).metric.name).collect();
        let named = Reason::ALL.iter().map(|reason| format!("requests_total.outcome.deny.code.{}", reason.name()));
        assert!(named.eq(Reason::ALL.iter().map(|reason| refusal(*reason).metric.name.to_owned())));
        let defined = METRICS.iter().map(|metric| metric.name).filter(|name| name.contains(".outcome.deny."));
        assert_eq!(defined.collect::<BTreeSet<_>>(), counted);
        assert_eq!(METRICS.iter().map(|metric| metric.name).collect::<BTreeSet<_>>().len(), METRICS.len());
    }

    #[test]
    fn a_401_has_a_challenge_and_a_message_fits_into_it() {
        let fits = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        for reason in Reason::ALL {
            let refusal = refusal(*reason);
            assert!(refusal.status != Status::Unauthorized || refusal.challenge("x").is_some(), "{reason:?}");
            assert!(refusal.message.bytes().all(fits), "RFC 6750 section 3: {reason:?}");
        }
    }

    /// A caller who tries keys must not learn that one was right once.
    #[test]
    fn unknown_disabled_and_expired_keys_are_answered_alike() {
        let reply = |reason| refusal(reason).reply("x");
        assert_eq!(reply(Reason::UnknownApiKey), reply(Reason::ApiKeyDisabled));
        assert_eq!(reply(Reason::UnknownApiKey), reply(Reason::ApiKeyExpired));
    }

    #[test]
    fn a_realm_needs_no_escaping() {
        for text in ["", "a\"b", "a\\b", "a\r\nx: y", "ä", &"a".repeat(65)] {
            assert!(realm(text).is_err(), "{text:?}");
        }
        assert!(realm("Example API (v1)").is_ok());
    }
}
