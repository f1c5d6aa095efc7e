//! What the policy's answer becomes: a request that goes on, as it came or written anew, or a refusal, told to the operator.

use std::cell::Cell;
use std::rc::Rc;

use portcullis::ai::dialects::Dialects;
use portcullis::identity::Recent;
use portcullis::prelude::*;

use crate::compile;
use crate::config::Config;
use crate::coverage::Coverage;
use crate::facts::Facts;
use crate::metrics::OPEN;
use crate::policy::{Finding, Policies, Policy};
use crate::refusal::{self, Denial, Reason};
use crate::verdict::{Verdict, risk, told};
use crate::visit::Visit;

pub use portcullis::risk::STATE as RISK;

/// One configuration of the filter.
pub struct PromptGuard {
    pub(crate) policies: Policies,
    dialects: Rc<Dialects>,
    identities: Recent,
    needs_route: bool,
    writes_verdict: bool,
    has_ticked: Cell<bool>,
}

impl Filter for PromptGuard {
    const NAME: &'static str = "prompt_guard";
    const STATE: &'static [&'static str] = &[RISK];
    const METRICS: &'static [Metric] = refusal::METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let writes_verdict = config.verdict;
        let policies = compile::compile(config, env)?;
        Ok(Self {
            needs_route: policies.list.iter().any(|policy| policy.matcher.needs().route),
            policies,
            dialects: Rc::clone(env.dialects()),
            identities: Recent::default(),
            writes_verdict,
            has_ticked: Cell::new(false),
        })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit::new(Rc::clone(self))
    }

    /// Once, after the configuration was read: what the operator should know.
    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if !self.has_ticked.replace(true) {
            host.measure(OPEN, u64::from(self.policies.is_open()));
        }
        NextTick::Never
    }
}

/// What is told of a request.
#[derive(Debug, Default)]
pub(crate) struct About<'a> {
    /// The place of the policy that is about it.
    pub(crate) policy: Option<usize>,
    pub(crate) findings: &'a [Finding],
    pub(crate) coverage: Option<&'a Coverage>,
}

impl PromptGuard {
    pub(crate) fn facts(&self, host: &dyn Host) -> Result<Facts, Denial> {
        Ok(Facts::read(host, &self.dialects, &self.identities, self.needs_route)?)
    }

    /// Lets a request go on, and says so.
    pub(crate) fn grant(&self, host: &dyn Host, about: &About<'_>, code: &'static str, counted: Metric) -> Flow {
        if self.note(host, about, "allow", code).is_err() {
            return self.refuse(host, about.policy, Reason::HostFailed.into());
        }
        host.measure(counted, 1);
        Flow::Continue
    }

    /// Says no before anything was looked for.
    pub(crate) fn refuse(&self, host: &dyn Host, policy: Option<usize>, denial: Denial) -> Flow {
        self.refuse_found(host, &About { policy, ..About::default() }, denial)
    }

    /// Says no because of what was found.
    pub(crate) fn refuse_found(&self, host: &dyn Host, about: &About<'_>, denial: Denial) -> Flow {
        host.measure(refusal::of(denial.reason).metric, 1);
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, about, "deny", denial.reason.name()).ok();
        let manner = self.policy(about).map(|policy| policy.refusal.clone()).unwrap_or_default();
        Flow::Reply(denial.reply(&manner, host.wall()))
    }

    fn policy(&self, about: &About<'_>) -> Option<&Policy> {
        self.policies.list.get(about.policy?)
    }

    fn note(
        &self,
        host: &dyn Host,
        about: &About<'_>,
        outcome: &'static str,
        code: &'static str,
    ) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let rules = self.policy(about).map(|policy| &policy.rules);
        let is_cut = about.coverage.is_some_and(|coverage| coverage.is_cut);
        let risk = self.policy(about).map_or(0.0, |policy| risk(policy, about.findings, is_cut));
        if risk > 0.0 {
            host.set_property(RISK, format!("{risk}").as_bytes())?;
        }
        let verdict = Verdict {
            outcome,
            code,
            policy: self.policy(about).map(|policy| policy.name.as_str()),
            risk,
            found: rules.map_or_else(Vec::new, |rules| told(rules, about.findings)),
            coverage: about.coverage,
        };
        host.set_verdict(&serde_json::to_vec(&verdict).map_err(|_| HostError::Malformed)?)
    }
}
