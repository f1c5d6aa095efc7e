//! What the policy's answer becomes: a request or an answer that goes on, or a refusal, told to the operator.

use std::cell::Cell;
use std::rc::Rc;

use portcullis::ai::details::Detail;
use portcullis::ai::endpoint::Endpoint;
use portcullis::prelude::*;
use portcullis::telemetry::shown;
use serde::Serialize;

use crate::compile;
use crate::config::{Config, Requests, Responses, StructuredOutputs, Unmatched};
use crate::metrics::{ANSWER_SHADOW, OPEN, SHADOW};
use crate::policy::{Operation, Policy, Rule};
use crate::refusal::{self, Denial, METRICS, Reason};
use crate::structured::Formats;
use crate::visit::Visit;

/// One configuration of the filter.
pub struct SchemaCheck {
    pub(crate) policy: Policy,
    writes_verdict: bool,
    /// Schemas of requests for structured outputs.
    pub(crate) formats: Formats,
    lint: Vec<String>,
    has_ticked: Cell<bool>,
}

impl Filter for SchemaCheck {
    const NAME: &'static str = "schema_check";
    /// Answers that are checked must come uncoded.
    const HEADERS: &'static [&'static str] = &["accept-encoding"];
    const METRICS: &'static [Metric] = METRICS;
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, env: &Env) -> Result<Self, ConfigError> {
        let writes_verdict = config.verdict;
        let compile::Compiled { policy, lint } = compile::compile(config, env)?;
        Ok(Self { policy, writes_verdict, formats: Formats::default(), lint, has_ticked: Cell::new(false) })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit::new(Rc::clone(self))
    }

    /// Once, after the configuration was read: what the operator should know.
    fn on_tick(&self, host: &dyn Host) -> NextTick {
        if !self.has_ticked.replace(true) {
            self.lint.iter().for_each(|line| host.log(log::Level::Warn, line));
            host.measure(OPEN, u64::from(self.is_open()));
        }
        NextTick::Never
    }
}

/// The place of an exchange in the policy.
#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) rule: Option<usize>,
    pub(crate) operation: Option<Rc<Operation>>,
    /// The endpoint of an AI API, where answers are looked at.
    pub(crate) endpoint: Option<&'static Endpoint>,
}

impl SchemaCheck {
    fn is_open(&self) -> bool {
        self.policy.unmatched == Unmatched::Pass
            || self.policy.rules.iter().any(|rule| rule.requests == Requests::Shadow)
    }

    /// Lets a request go on, and says so: with the first fault that was only noted, if there was one.
    pub(crate) fn grant(&self, host: &dyn Host, about: &About, noted: Option<Reason>, counted: Metric) -> Flow {
        let (code, mode) = noted.map_or(("allowed", "enforce"), |reason| (reason.name(), "shadow"));
        let verdict = Verdict { outcome: "allow", code, mode, ..self.verdict(about) };
        if self.note(host, &verdict).is_err() {
            return self.refuse(host, about, Reason::HostFailed.into());
        }
        if noted.is_none() {
            host.measure(counted, 1);
        }
        Flow::Continue
    }

    /// Whether a rule only looks on at this. What can be read in two ways is refused whatever it says.
    pub(crate) fn lets_pass(&self, about: &About, reason: Reason) -> bool {
        let Some(rule) = self.rule(about) else { return false };
        match reason {
            Reason::Ambiguous | Reason::Json | Reason::Form | Reason::HostFailed => false,
            Reason::Format | Reason::AnswerStructure => rule.structured_outputs == StructuredOutputs::Shadow,
            reason if refusal::is_of_answer(reason) => rule.responses == Responses::Shadow,
            _ => rule.requests == Requests::Shadow,
        }
    }

    /// Says no to a request.
    pub(crate) fn refuse(&self, host: &dyn Host, about: &About, denial: Denial) -> Flow {
        self.tell(host, about, &denial);
        let verdict = Verdict { outcome: "deny", code: denial.reason.name(), ..self.verdict(about) };
        // A verdict that could not be written changes nothing for a request that is refused anyway.
        self.note(host, &verdict).ok();
        host.measure(refusal::of(denial.reason).metric, 1);
        Flow::Reply(denial.reply())
    }

    /// Says no to an answer: the request's verdict was written when it was let go on. What is wrong with an answer is the
    /// operator's to know: the caller cannot mend it.
    pub(crate) fn refuse_answer(&self, host: &dyn Host, about: &About, denial: &Denial) -> Flow {
        self.tell(host, about, denial);
        host.measure(refusal::of(denial.reason).metric, 1);
        Flow::Reply(Denial::from(denial.reason).reply())
    }

    /// Tells what is wrong, and to whom it does not matter here.
    pub(crate) fn look_on(&self, host: &dyn Host, about: &About, denial: &Denial) {
        self.tell(host, about, denial);
        host.measure(if refusal::is_of_answer(denial.reason) { ANSWER_SHADOW } else { SHADOW }, 1);
    }

    /// A client's fault is for who looks for it, a server's for who runs it.
    fn tell(&self, host: &dyn Host, about: &About, denial: &Denial) {
        let is_of_answer = refusal::is_of_answer(denial.reason);
        let (level, what) =
            if is_of_answer { (log::Level::Warn, "an answer") } else { (log::Level::Debug, "a request") };
        let name = self.rule(about).map_or("the policy", |rule| rule.name.as_str());
        let line = format!("{what} is not as {name} says: {} {}", denial.reason.name(), places(denial));
        host.log(level, &line);
    }

    /// The rule that an exchange is under.
    pub(crate) fn rule(&self, about: &About) -> Option<&Rule> {
        self.policy.rules.get(about.rule?)
    }

    fn verdict<'a>(&'a self, about: &'a About) -> Verdict<'a> {
        Verdict {
            rule: self.rule(about).map(|rule| rule.name.as_str()),
            operation: about.operation.as_ref().map(|operation| operation.name.as_str()),
            ..Verdict::default()
        }
    }

    fn note(&self, host: &dyn Host, verdict: &Verdict<'_>) -> Result<(), HostError> {
        if !self.writes_verdict {
            return Ok(());
        }
        let state = serde_json::to_vec(verdict).map_err(|_| HostError::Malformed)?;
        host.set_verdict(&state)
    }
}

/// Where the faults are, for the operator: no value of the client's stands in it.
fn places(denial: &Denial) -> String {
    let place = |detail: &Detail| format!("{} {} {}", detail.place, shown(detail.pointer.as_bytes()), detail.keyword);
    denial.details.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// What access logs read as `%FILTER_STATE(wasm.portcullis.schema_check:PLAIN)%`. Nothing in it comes from a request.
#[derive(Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    /// The operation of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a str>,
    code: &'static str,
    mode: &'static str,
}

impl Default for Verdict<'_> {
    fn default() -> Self {
        Self { outcome: "deny", rule: None, operation: None, code: "", mode: "enforce" }
    }
}
