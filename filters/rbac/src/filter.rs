//! What the policy's answer becomes: a request that goes on, or a refusal, told to the operator.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis::ai::dialects::Dialects;
use portcullis::ai::outline;
use portcullis::identity::Recent;
use portcullis::pattern::bare;
use portcullis::prelude::*;
use portcullis::reply::realm;
use serde::Serialize;

use crate::compile::{self, Compiled};
use crate::config::{Config, MethodOverride};
use crate::facts::{Facts, METHOD_HEADERS, METHOD_PARAMETERS};
use crate::inventory::Inventory;
use crate::metrics::{ALLOWED, METRICS, OPEN, OVERRIDES, SHADOW_ALLOW, SHADOW_DENY};
use crate::models;
use crate::policy::{Condition, Decision, Effect, Outcome, Policy, Rule, StepUp};
use crate::refusal::{self, Denial};
use crate::visit::Visit;

/// Headers that a list of models is asked for without: it must come whole, and as it is.
const NOT_FOR_LISTS: &[&str] = &["accept-encoding", "range", "if-range"];

/// One configuration of the filter.
#[allow(clippy::struct_excessive_bools)] // settings, each on or off whatever the others are
pub struct Rbac {
    pub(crate) policy: Policy,
    pub(crate) dialects: Rc<Dialects>,
    pub(crate) inventory: Inventory,
    pub(crate) identities: Recent,
    pub(crate) filters_lists: bool,
    method_override: MethodOverride,
    realm: String,
    pub(crate) tells_request: bool,
    writes_verdict: bool,
    lint: Vec<String>,
    is_open: bool,
    headers: Vec<String>,
    query: Vec<String>,
    looked_at: Vec<String>,
    has_ticked: Cell<bool>,
}

impl Filter for Rbac {
    const NAME: &'static str = "rbac";
    const HEADERS: &'static [&'static str] = NOT_FOR_LISTS;
    const STATE: &'static [&'static str] = &[outline::STATE];
    const METRICS: &'static [Metric] = METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let Compiled { policy, lint, .. } = compile::compile(&config, env)?;
        let overrides = if config.method_override == MethodOverride::Pass { &[][..] } else { METHOD_HEADERS };
        let strips = config.method_override == MethodOverride::Strip;
        Ok(Self {
            dialects: Rc::clone(env.dialects()),
            identities: Recent::default(),
            inventory: Inventory::new(env.instance(), config.inventory.entries),
            filters_lists: config.models.filter_lists,
            method_override: config.method_override,
            realm: realm(config.realm.as_deref().unwrap_or(env.instance()))?,
            tells_request: config.request_state,
            writes_verdict: config.verdict,
            is_open: policy.rules().iter().any(lets_everybody_pass),
            lint,
            looked_at: policy.rules().iter().flat_map(headers_of).collect::<BTreeSet<_>>().into_iter().collect(),
            policy,
            headers: overrides.iter().map(|&name| name.to_owned()).collect(),
            query: METHOD_PARAMETERS.iter().filter(|_| strips).map(|&name| name.to_owned()).collect(),
            has_ticked: Cell::new(false),
        })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit::new(Rc::clone(self))
    }

    fn operator_headers(&self) -> &[String] {
        &self.headers
    }

    fn operator_query(&self) -> &[String] {
        &self.query
    }

    fn read_headers(&self) -> &[String] {
        &self.looked_at
    }

    /// Once, after the configuration was read: what the operator should know.
    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if !self.has_ticked.replace(true) {
            self.lint.iter().for_each(|line| host.log(log::Level::Warn, line));
            if self.is_open {
                host.log(log::Level::Warn, "a rule without conditions lets everybody pass everywhere");
            }
            host.measure(OPEN, u64::from(self.is_open));
        }
        NextTick::Never
    }
}

fn lets_everybody_pass(rule: &Rule) -> bool {
    rule.effect == Effect::Allow && !rule.is_shadow && rule.step_up.is_none() && rule.conditions.is_empty()
}

/// The headers that a rule decides by. One in shadow refuses nobody, so not for its headers either.
fn headers_of(rule: &Rule) -> impl Iterator<Item = String> {
    let conditions = rule.conditions.iter().filter(|_| !rule.is_shadow);
    conditions.filter_map(|placed| match &placed.condition {
        Condition::Header(header) => Some(header.name.clone()),
        _ => None,
    })
}

impl Rbac {
    /// Whether a request is refused because its method could be taken for another.
    pub(crate) fn refuses_override(&self, facts: &Facts) -> bool {
        facts.has_override && self.method_override == MethodOverride::Refuse
    }

    /// Lets a request go on.
    pub(crate) fn grant(&self, host: &dyn Host, facts: &Facts, decision: &Decision<'_>) -> Result<(), HostError> {
        if facts.has_override && self.method_override == MethodOverride::Strip {
            strip(host, Side::Request, &facts.headers, METHOD_HEADERS)?;
            host.remove_query(METHOD_PARAMETERS)?;
            host.measure(OVERRIDES, 1);
        }
        if self.shows_list(facts) {
            strip(host, Side::Request, &facts.headers, NOT_FOR_LISTS)?;
        }
        // The verdict is written once, so it comes last: who is refused after all has another.
        self.note(host, &Verdict { outcome: "allow", ..Verdict::of(decision) })?;
        count_shadows(host, decision);
        host.measure(ALLOWED, 1);
        Ok(())
    }

    /// Says no, and why.
    pub(crate) fn refuse(&self, host: &dyn Host, denial: Denial, decision: Option<&Decision<'_>>) -> Flow {
        let refusal = refusal::of(denial);
        host.measure(refusal.metric, 1);
        let rule = decision.and_then(|decision| decision.rule).map(|rule| rule.name.as_str());
        let verdict = decision.map_or_else(Verdict::default, Verdict::of);
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, &Verdict { outcome: "deny", code: denial.name(), rule, ..verdict }).ok();
        if let Some(decision) = decision {
            count_shadows(host, decision);
        }
        host.log(log::Level::Debug, &format!("refused: {} {}", denial.name(), rule.unwrap_or_default()));
        Flow::Reply(refusal.reply(&self.realm, decision.and_then(step_up)))
    }

    /// Refuses an answer: the request's verdict was written when it was let go on.
    pub(crate) fn refuse_answer(&self, host: &dyn Host, denial: Denial) -> Flow {
        let refusal = refusal::of(denial);
        host.measure(refusal.metric, 1);
        host.log(log::Level::Warn, &format!("an answer was refused: {}", denial.name()));
        Flow::Reply(refusal.reply(&self.realm, None))
    }

    /// Whether the answer is a list of models that shows what the caller may use.
    pub(crate) fn shows_list(&self, facts: &Facts) -> bool {
        self.filters_lists && facts.endpoint.is_some_and(models::is_list)
    }

    /// Whether a model is looked up that a list would not show.
    pub(crate) fn hides(&self, facts: &Facts) -> bool {
        let head = facts.head();
        let Some(model) = head.path_model.filter(|_| self.filters_lists && models::is_lookup(&head)) else {
            return false;
        };
        !self.policy.usable(&head).has(bare(model))
    }

    fn note(&self, host: &dyn Host, verdict: &Verdict<'_>) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let state = serde_json::to_vec(verdict).map_err(|_| HostError::Malformed)?;
        host.set_verdict(&state)
    }
}

fn count_shadows(host: &dyn Host, decision: &Decision<'_>) {
    for (_, effect) in &decision.shadowed {
        host.measure(if *effect == Effect::Allow { SHADOW_ALLOW } else { SHADOW_DENY }, 1);
    }
}

/// Takes out those of these headers that are there.
pub(crate) fn strip(host: &dyn Host, side: Side, headers: &Headers, names: &[&str]) -> Result<(), HostError> {
    let mut present = names.iter().filter(|name| headers.first(name).is_some());
    present.try_for_each(|name| host.remove_header(side, name))
}

fn step_up<'p>(decision: &Decision<'p>) -> Option<&'p StepUp> {
    match decision.outcome {
        Outcome::StepUp(step_up) => Some(step_up),
        _ => None,
    }
}

/// What access logs read as `%FILTER_STATE(wasm.portcullis.rbac:PLAIN)%`. Nothing in it comes from a request.
#[derive(Default, Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    code: &'static str,
    mode: &'static str,
    /// The first rule in shadow that would have decided otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<&'a str>,
}

impl<'a> Verdict<'a> {
    fn of(decision: &Decision<'a>) -> Self {
        Self {
            outcome: "deny",
            rule: decision.rule.map(|rule| rule.name.as_str()),
            code: decision.reason.name(),
            mode: "enforce",
            shadow: decision.shadowed.first().map(|(rule, _)| rule.name.as_str()),
        }
    }
}
