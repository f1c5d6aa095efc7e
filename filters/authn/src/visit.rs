//! One request: decided at once, or after the one document that could change the answer.

use std::cell::Cell;
use std::rc::Rc;

use portcullis::host::Monotonic;
use portcullis::prelude::*;

use crate::filter::Authn;
use crate::policy::{Denial, DocumentId, Reason};

/// How long a request waits for a document in which it missed something.
const PATIENCE: Millis = Millis(2000);
/// How many requests of a worker may wait at once.
const MAX_WAITING: usize = 256;

/// The places for requests that wait.
#[derive(Debug, Default)]
pub(crate) struct Places {
    taken: Cell<usize>,
}

impl Places {
    fn take(&self) -> bool {
        let is_free = self.taken.get() < MAX_WAITING;
        if is_free {
            self.taken.set(self.taken.get().saturating_add(1));
        }
        is_free
    }

    fn give_back(&self) {
        self.taken.set(self.taken.get().saturating_sub(1));
    }
}

/// One request.
pub struct Visit {
    authn: Rc<Authn>,
    /// What it waits for, while it holds one of the places for those who wait.
    wait: Option<Wait>,
}

/// What a request waits for.
#[derive(Clone, Copy)]
struct Wait {
    document: DocumentId,
    /// How many fetches had ended when it was last decided on.
    attempts: u64,
    until: Monotonic,
}

impl Exchange for Visit {
    fn on_request(&mut self, host: &dyn Host) -> Flow {
        self.decide(host)
    }

    /// Time has passed or a document may have changed: whoever waits is decided on again, by what is there now.
    fn on_answer(&mut self, host: &dyn Host, _: Option<Call>, answer: &Answer) -> Flow {
        match (answer, self.wait) {
            (Answer::Woken, Some(wait)) if self.authn.documents().attempts(wait.document) == wait.attempts => {
                Flow::AwaitAnswer { deadline: wait.until.since(host.monotonic()) }
            }
            _ => self.decide(host),
        }
    }

    fn on_end(&mut self, _: &dyn Host, _: &End) {
        self.stop_waiting();
    }
}

impl Visit {
    pub(crate) fn new(authn: Rc<Authn>) -> Self {
        Self { authn, wait: None }
    }

    fn decide(&mut self, host: &dyn Host) -> Flow {
        let flow = self.judge(host);
        if !matches!(flow, Flow::AwaitAnswer { .. }) {
            self.stop_waiting();
        }
        flow
    }

    fn judge(&mut self, host: &dyn Host) -> Flow {
        let authn = Rc::clone(&self.authn);
        let Ok(headers) = host.headers(Side::Request) else {
            return authn.refuse(host, b"", None, Reason::HostFailed.into());
        };
        let path = headers.first(":path").unwrap_or_default();
        if let Some(reply) = authn.metadata(host, path, headers.first(":method")) {
            return Flow::Reply(reply);
        }
        let rule = match authn.rule(host, &headers) {
            Ok(rule) => rule,
            Err(denial) => return authn.refuse(host, path, None, denial),
        };
        match authn.permit(host, rule, &headers) {
            Ok(permit) => authn
                .grant(host, rule, &headers, &permit)
                .unwrap_or_else(|denial| authn.refuse(host, path, Some(rule), denial)),
            Err(denial) if rule.is_shadow => {
                // It is not held up, but keys that it misses are fetched, as they will be when the rule is enforced.
                if let Some(document) = denial.lacking {
                    authn.documents().ask(host, document).ok();
                }
                authn.look_on(host, rule, &headers, denial)
            }
            Err(denial) => {
                self.wait(host, denial).unwrap_or_else(|denial| authn.refuse(host, path, Some(rule), denial))
            }
        }
    }

    /// Waits for a document that may change the answer, if one is coming; else the denial stands.
    fn wait(&mut self, host: &dyn Host, denial: Denial) -> Result<Flow, Denial> {
        let document = denial.lacking.ok_or(denial)?;
        let now = host.monotonic();
        let until = self.wait.map_or_else(|| now.plus(PATIENCE), |wait| wait.until);
        let is_coming = self.authn.documents().ask(host, document).map_err(|_| Reason::HostFailed)?;
        if until <= now || !is_coming {
            return Err(denial);
        }
        self.take_place()?;
        self.wait = Some(Wait { document, attempts: self.authn.documents().attempts(document), until });
        Ok(Flow::AwaitAnswer { deadline: until.since(now) })
    }

    fn take_place(&self) -> Result<(), Denial> {
        let is_free = self.wait.is_some() || self.authn.places().take();
        if is_free { Ok(()) } else { Err(Reason::TooManyWaiting.into()) }
    }

    fn stop_waiting(&mut self) {
        if self.wait.take().is_some() {
            self.authn.places().give_back();
        }
    }
}
