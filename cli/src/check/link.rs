//! What a configuration means: compiled as a load compiles it, with what the others of its chain want to know.

use std::rc::Rc;

use authn::Authn;
use portcullis::adapter;
use portcullis::ai::dialects::Dialects;
use portcullis::ai::dialects::written::Mapping;
use portcullis::config::{self, ConfigError, Settings};
use portcullis::filter::{Env, Filter};
use prompt_guard::PromptGuard;
use prompt_guard::offline::Scanner;
use ratelimit_shared_data::RateLimit;
use ratelimit_shared_data::config::{Backend, KeyPart, Mode, OnContention, OnUnavailable, OnUnmatched};
use rbac::Rbac;
use schema_check::SchemaCheck;

use super::Kind;
use super::found::Found;
use super::variables;

/// What one filter of the chain means to the others.
pub(super) struct Link<'f> {
    pub(super) found: &'f Found,
    pub(super) kind: Kind,
    /// The name of the instance, if it is not the filter's.
    pub(super) name: Option<String>,
    pub(super) dialects: Vec<Mapping>,
    pub(super) policy: Part,
    pub(super) candidate: Option<Part>,
    /// Sentences of rules that can never decide and the like.
    pub(super) lint: Vec<String>,
}

/// What a policy, or a candidate, means to the others.
#[derive(Default)]
pub(super) struct Part {
    /// The claims that authn hands on, or that another looks at.
    pub(super) claims: Vec<Vec<String>>,
    /// Whether it looks at what authn alone knows.
    pub(super) asks_who: bool,
    /// Whether it looks at the caller's address.
    pub(super) asks_where: bool,
    /// Headers that it writes, and those of them that routes may follow.
    pub(super) writes: Vec<String>,
    pub(super) routes_by: Vec<String>,
}

/// A filter, as this command looks at it.
trait Looked: Filter {
    /// What a policy means to the others, and sentences of what loads and does not do what somebody meant.
    fn look(config: Self::Config, env: &Env) -> Result<(Part, Vec<String>), ConfigError>;
}

impl Found {
    /// Compiles it as a load does, and says what the filter would say in its log.
    pub(super) fn link(&self, kind: Kind) -> Result<Link<'_>, ConfigError> {
        match kind {
            Kind::Authn => self.linked::<Authn>(kind),
            Kind::Rbac => self.linked::<Rbac>(kind),
            Kind::RateLimit => self.linked::<RateLimit>(kind),
            Kind::SchemaCheck => self.linked::<SchemaCheck>(kind),
            Kind::PromptGuard => self.linked::<PromptGuard>(kind),
        }
    }

    fn linked<F: Looked>(&self, kind: Kind) -> Result<Link<'_>, ConfigError> {
        let (variables, text) = (variables::of(&self.host), self.text.as_bytes());
        adapter::compile::<F>(&variables, text)?;
        let (settings, config) = config::read::<F::Config>(text)?;
        let env = Env::new(F::NAME, variables).with_dialects(Rc::new(Dialects::compile(&settings.dialects)?));
        let (policy, mut lint) = F::look(config, &env)?;
        let candidate = settings.candidate::<F::Config>()?.map(|config| F::look(config, &env)).transpose()?;
        let candidate = candidate.map(|(part, own)| {
            lint.extend(own.iter().map(|sentence| format!("candidate: {sentence}")));
            part
        });
        let Settings { name, dialects, .. } = settings;
        Ok(Link { found: self, kind, name, dialects, policy, candidate, lint })
    }

    /// Whether headers must wait for a body. Of what does not load nobody knows.
    pub(super) fn awaits_bodies(&self, kind: Kind) -> bool {
        let of_limits = || {
            let (settings, config) =
                config::read::<ratelimit_shared_data::config::Config>(self.text.as_bytes()).ok()?;
            let candidate = settings.candidate::<ratelimit_shared_data::config::Config>().ok()?;
            let policies = candidate.iter().chain([&config]).map(ratelimit_shared_data::compile::compile);
            let limits = policies.flat_map(|compiled| compiled.map(|own| own.limits).unwrap_or_default());
            Some(limits.into_iter().any(|limit| limit.needs_body()))
        };
        match kind {
            Kind::Authn => false,
            Kind::RateLimit => of_limits().unwrap_or_default(),
            Kind::Rbac | Kind::SchemaCheck | Kind::PromptGuard => true,
        }
    }
}

impl Looked for Authn {
    fn look(config: authn::config::Config, _: &Env) -> Result<(Part, Vec<String>), ConfigError> {
        let authn::config::Identity { claims, headers, routes_by } = config.identity;
        let writes = headers.into_iter().map(|written| written.header).collect();
        Ok((Part { claims, writes, routes_by, ..Part::default() }, Vec::new()))
    }
}

impl Looked for Rbac {
    fn look(config: rbac::config::Config, env: &Env) -> Result<(Part, Vec<String>), ConfigError> {
        let compiled = rbac::compile::compile(&config, env)?;
        let asks_who = config.rules.iter().any(|rule| asks_who(&config, rule));
        let asks_where = config.rules.iter().any(|rule| rule.when.source.is_some());
        Ok((Part { claims: compiled.claims, asks_who, asks_where, ..Part::default() }, compiled.lint))
    }
}

impl Looked for RateLimit {
    fn look(config: ratelimit_shared_data::config::Config, _: &Env) -> Result<(Part, Vec<String>), ConfigError> {
        let of_identity = |part: &KeyPart| {
            matches!(part, KeyPart::Subject | KeyPart::Tenant | KeyPart::ApiKey | KeyPart::Role(_) | KeyPart::Claim(_))
        };
        let claims = ratelimit_shared_data::compile::compile(&config)?.claims;
        let asks_who = config.limits.iter().any(|limit| limit.tiers.is_some() || limit.key.iter().any(of_identity));
        let of_address = |part: &KeyPart| matches!(part, KeyPart::Source | KeyPart::SourceBlock(_));
        let asks_where = config.limits.iter().any(|limit| limit.key.iter().any(of_address));
        Ok((Part { claims, asks_who, asks_where, ..Part::default() }, lint_of_ratelimit(&config)))
    }
}

impl Looked for SchemaCheck {
    fn look(config: schema_check::config::Config, env: &Env) -> Result<(Part, Vec<String>), ConfigError> {
        Ok((Part::default(), schema_check::offline::lint(config, env)?))
    }
}

impl Looked for PromptGuard {
    fn look(config: prompt_guard::config::Config, _: &Env) -> Result<(Part, Vec<String>), ConfigError> {
        let scanner = Scanner::new(config)?;
        Ok((Part { asks_who: scanner.asks_who(), ..Part::default() }, scanner.lint()))
    }
}

impl Part {
    /// Whether it writes a header that no route may follow.
    pub(super) fn moves(&self, header: &str) -> bool {
        self.writes.iter().any(|own| own == header) && !self.routes_by.iter().any(|own| own == header)
    }

    pub(super) fn lacks(&self, claim: &[String]) -> bool {
        !self.claims.iter().any(|given| claim.starts_with(given))
    }
}

/// Whether a rule looks at what authn alone knows. Roles can be those of a client certificate.
fn asks_who(config: &rbac::config::Config, rule: &rbac::config::Rule) -> bool {
    let of_identity = |who: &rbac::config::Who| {
        let lists = [&who.subjects, &who.tenants, &who.issuers, &who.api_keys];
        let has_roles = who.roles_any.is_some() || who.roles_all.is_some();
        lists.iter().any(|list| list.is_some())
            || who.caller == Some(rbac::config::Caller::Authenticated)
            || has_roles && config.client_certificates.is_none()
    };
    rule.who.as_ref().is_some_and(of_identity) || rule.when.claims.is_some()
}

/// What opens what a limit is there to close.
fn lint_of_ratelimit(config: &ratelimit_shared_data::config::Config) -> Vec<String> {
    let of_contention = (config.on_contention == OnContention::Allow)
        .then(|| "on_contention: allow lets requests pass that no limit counts".to_owned());
    let of_backend = config.backend.iter().flat_map(lint_of_backend);
    let of_shadow = config.limits.iter().all(|limit| limit.mode == Mode::Shadow);
    let of_shadow = of_shadow.then(|| "limits: all are in shadow, and none refuses".to_owned());
    of_contention.into_iter().chain(of_backend).chain(of_shadow).collect()
}

fn lint_of_backend(Backend::Rls(rls): &Backend) -> impl Iterator<Item = String> + use<> {
    let of_silence = (rls.on_unavailable == OnUnavailable::Allow).then_some("on_unavailable");
    let of_unmatched = (rls.on_unmatched == OnUnmatched::Allow).then_some("on_unmatched");
    let places = of_silence.into_iter().chain(of_unmatched);
    places.map(|place| format!("backend.rls.{place}: allow lets requests pass that nobody counts"))
}
