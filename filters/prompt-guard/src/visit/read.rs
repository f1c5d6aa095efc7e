//! What stands in a body, and which policy is about it.

use portcullis::ai::LIMITS;
use portcullis::ai::declined::Face;
use portcullis::ai::read::{Reading, read};
use portcullis::ai::rpc::Asked;
use portcullis::ai::vocabulary::What;

use crate::config::{Unmatched, Unrecognised};
use crate::coverage::Looked;
use crate::facts::{Facts, Plan};
use crate::gather::{Texts, gather, raw};
use crate::policy::Policies;
use crate::refusal::{Caller, Denial, Reason};

/// A body that was read.
pub(super) enum Body<'a> {
    /// Nobody looks at it: no policy is about the request, and that is allowed.
    Unmatched,
    /// Nobody can look at it, and the policy at this place lets it pass.
    Unseen(usize),
    /// Texts for the policy at this place to look at.
    Said(Said<'a>),
}

/// What a body says.
pub(super) struct Said<'a> {
    /// The place of the policy that is about it.
    pub(super) policy: usize,
    pub(super) texts: Texts<'a>,
    pub(super) looked: Looked,
    pub(super) caller: Caller,
}

/// Why a body is not looked at, and the place of the policy that says so, if one does.
pub(super) type Unread = (Option<usize>, Denial);

/// Reads a body that is not empty.
pub(super) fn body<'a>(policies: &Policies, facts: &mut Facts, body: &'a [u8]) -> Result<Body<'a>, Unread> {
    match facts.plan() {
        Plan::Read => by_table(policies, facts, body),
        Plan::Unreadable(reason) => by_nobody(policies, facts, body, reason),
        Plan::Upgrade => Err((None, Reason::Upgrade.into())),
    }
}

fn by_table<'a>(policies: &Policies, facts: &mut Facts, body: &'a [u8]) -> Result<Body<'a>, Unread> {
    let endpoint = facts.endpoint().ok_or_else(|| (None, Reason::UnknownOperation.into()))?;
    let reading = read(body, endpoint.request, LIMITS).map_err(|fault| (None, fault.into()))?;
    facts.naming(models(&reading));
    let mut caller = Caller { asked: Asked::by(body, &reading), face: None };
    let Some(policy) = place(policies, facts).map_err(|reason| unplaced(reason, &caller))? else {
        return unmatched(policies).map_err(|reason| unplaced(reason, &caller));
    };
    let texts = gather(body, &reading).map_err(|_| unplaced(Reason::Json, &caller))?;
    if policies.list.get(policy).is_some_and(|policy| policy.refusal.is_answer) {
        caller.face = Face::of(endpoint, facts.path(), &reading);
    }
    Ok(Body::Said(Said { policy, texts, looked: Looked::Read, caller }))
}

/// A body at a path that no API documents, or of another type than it has.
fn by_nobody<'a>(policies: &Policies, facts: &Facts, body: &'a [u8], reason: Reason) -> Result<Body<'a>, Unread> {
    let nobody = Caller::default();
    let Some(policy) = place(policies, facts).map_err(|reason| unplaced(reason, &nobody))? else {
        return unmatched(policies).map_err(|reason| unplaced(reason, &nobody));
    };
    let refused = |reason: Reason| (Some(policy), Denial::from(reason));
    match policies.list.get(policy).map(|policy| policy.unrecognised) {
        // The head did not say that there would be one.
        Some(Unrecognised::Allow) => Ok(Body::Unseen(policy)),
        Some(Unrecognised::ScanRaw) if !facts.is_encoded() => {
            let texts = raw(body).ok_or_else(|| refused(Reason::NotText))?;
            Ok(Body::Said(Said { policy, texts, looked: Looked::Raw, caller: nobody }))
        }
        _ => Err(refused(reason)),
    }
}

fn place(policies: &Policies, facts: &Facts) -> Result<Option<usize>, Reason> {
    let found = policies.find(&facts.asked())?;
    Ok(found.map(|(place, _)| place))
}

fn unmatched<'a>(policies: &Policies) -> Result<Body<'a>, Reason> {
    match policies.unmatched {
        Unmatched::Pass => Ok(Body::Unmatched),
        Unmatched::Deny => Err(Reason::NoPolicy),
    }
}

fn unplaced(reason: Reason, caller: &Caller) -> Unread {
    (None, Denial::from(reason).answering(caller.clone()))
}

/// Every model that a body names.
fn models(reading: &Reading<'_>) -> impl Iterator<Item = String> {
    let others = reading.notes.iter().filter(|note| note.what == What::Model).map(|note| note.text);
    reading.model.into_iter().chain(others).map(|model| model.unescaped().into_owned())
}
