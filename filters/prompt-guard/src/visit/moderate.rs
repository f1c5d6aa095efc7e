//! Asks a service about the texts of a request that nothing here refused.

use portcullis::ai::LIMITS;
use portcullis::ai::read::read;
use portcullis::host::Millis;
use portcullis::prelude::*;

use super::body::Judged;
use super::written::Written;
use super::{Pending, Visit};
use crate::config::Action;
use crate::facts::Facts;
use crate::filter::PromptGuard;
use crate::gather::{Texts, gather};
use crate::metrics::{self, ASKED, REMEMBERED, UNJUDGED};
use crate::moderation::{Asking, Moderation, Said, Unavailable};
use crate::normalise::{Via, views};
use crate::policy::{Finder, Finding, Rule};
use crate::refusal::{Denial, Reason};

/// How much longer than the call a request waits.
const MARGIN: Millis = Millis(1000);

/// What a service finds.
const FLAGGED: &str = "flagged_by_service";

impl Visit {
    /// Lets a request go on, or asks the service of its policy first.
    pub(super) fn moderate(
        &mut self,
        host: &dyn Host,
        filter: &PromptGuard,
        facts: &Facts,
        texts: &Texts<'_>,
        judged: Judged,
        written: Written,
    ) -> Flow {
        let Some((_, rule, service)) = filter.service(&judged) else {
            return self.settle(host, filter, &judged, written);
        };
        let asks = service.asks_always || filter.weighs(&judged);
        let said = match &written.body {
            _ if !asks => Ok(Vec::new()),
            None => Ok(to_judge(texts, rule)),
            Some(body) => as_written(facts, body, rule),
        };
        if said.as_ref().is_ok_and(Vec::is_empty) {
            return self.settle(host, filter, &judged, written);
        }
        match said.and_then(|said| service.ask(host, &said)) {
            Ok(Asking::Known(said)) => {
                host.measure(REMEMBERED, 1);
                self.conclude(host, filter, judged, written, Ok(said))
            }
            Ok(Asking::Open(question)) => {
                host.measure(ASKED, 1);
                let deadline = Millis(service.timeout.0.saturating_add(MARGIN.0));
                self.pending = Some(Box::new(Pending { judged, written, question }));
                Flow::AwaitAnswer { deadline }
            }
            Err(Unavailable) => self.conclude(host, filter, judged, written, Err(Unavailable)),
        }
    }

    /// What a service answered, or that it did not.
    pub(super) fn hear(&mut self, host: &dyn Host, filter: &PromptGuard, answer: &Answer) -> Flow {
        let Some(pending) = self.pending.take() else {
            return filter.refuse(host, None, Reason::HostFailed.into());
        };
        let Pending { judged, written, question } = *pending;
        let said = match filter.service(&judged) {
            Some((_, _, service)) => service.hear(host, &question, answer),
            None => Err(Unavailable),
        };
        drop(question);
        self.conclude(host, filter, judged, written, said)
    }

    fn conclude(
        &mut self,
        host: &dyn Host,
        filter: &PromptGuard,
        mut judged: Judged,
        written: Written,
        said: Result<Said, Unavailable>,
    ) -> Flow {
        let Some((at, rule, service)) = filter.service(&judged) else {
            return filter.refuse(host, None, Reason::NoPolicy.into());
        };
        match said {
            Ok(said) if said.is_flagged => {
                host.measure(metrics::found(rule.detector, rule.action), 1);
                judged.findings.push(Finding {
                    rule: at,
                    kind: FLAGGED,
                    piece: None,
                    span: 0..0,
                    via: Via::Plain,
                    reasons: Vec::new(),
                });
                if rule.action == Action::Block {
                    let denial = Denial { details: vec![rule.detail(FLAGGED)], ..Reason::Found.into() };
                    return filter.refuse_found(host, &judged.about(), judged.denied(denial));
                }
            }
            Ok(_) => {}
            Err(Unavailable) => {
                host.measure(UNJUDGED, 1);
                if !service.passes_unjudged {
                    return filter.refuse_found(host, &judged.about(), judged.denied(Reason::Unjudged));
                }
            }
        }
        self.settle(host, filter, &judged, written)
    }
}

impl PromptGuard {
    /// Whether something was found that is not only looked on.
    fn weighs(&self, judged: &Judged) -> bool {
        let rules = self.policies.list.get(judged.policy).map(|policy| &policy.rules);
        let action = |finding: &Finding| rules.and_then(|rules| rules.action(finding));
        judged.findings.iter().any(|finding| action(finding) > Some(Action::Shadow))
    }

    /// The service that judges texts of a request, by the place of its rule.
    fn service(&self, judged: &Judged) -> Option<(usize, &Rule, &Moderation)> {
        let rules = &self.policies.list.get(judged.policy)?.rules;
        rules.list.iter().enumerate().find_map(|(at, rule)| match &rule.finder {
            Finder::Moderation(service) => Some((at, rule, &**service)),
            _ => None,
        })
    }
}

/// The same of a body that was written anew: what was masked is nobody's to read, a service included.
fn as_written(facts: &Facts, body: &[u8], rule: &Rule) -> Result<Vec<String>, Unavailable> {
    let endpoint = facts.endpoint().ok_or(Unavailable)?;
    let reading = read(body, endpoint.request, LIMITS).map_err(|_| Unavailable)?;
    let texts = gather(body, &reading).map_err(|_| Unavailable)?;
    Ok(to_judge(&texts, rule))
}

/// The texts that a rule is about, as a reader would take them; behind one that is encoded what it says.
fn to_judge(texts: &Texts<'_>, rule: &Rule) -> Vec<String> {
    let pieces = texts.pieces.iter().filter(|piece| rule.scope.has(piece.provenance) && !piece.text.trim().is_empty());
    let read = |text: &str| {
        let views = views(text);
        let decoded = views.decoded.into_iter().find(|view| view.stands_for_all);
        let plain = views.plain.text.into_owned();
        std::iter::once(plain).chain(decoded.map(|view| view.text.into_owned())).collect::<Vec<_>>()
    };
    pieces.flat_map(|piece| read(&piece.text)).collect()
}
