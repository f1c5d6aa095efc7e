//! What came, by kind, and what of it was wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use harness::{Ended, Response};
use serde_json::{Value, json};

use crate::kinds::{ADDRESS, KINDS, Kind, SECRET};
use crate::moment::Moment;

/// What is told of an answer that did not end as it should.
const CUT: &str = " cut";

/// All answers.
#[derive(Default)]
pub(crate) struct Tally {
    answered: AtomicU64,
    wrong: AtomicU64,
    kinds: Mutex<BTreeMap<&'static str, BTreeMap<String, u64>>>,
    /// The first of its sort.
    faults: Mutex<BTreeMap<(&'static str, String), String>>,
}

impl Tally {
    /// Notes an answer to a request that was sent in one moment and answered in another. While the configuration changes,
    /// old connections are closed when their time to drain is over, before an answer or inside of one.
    pub(crate) fn note(&self, kind: &Kind, answer: &Response, sent: &Moment, came: &Moment) {
        let told = told(answer);
        let may_be_cut = sent.variant.is_none() || came.variant.is_none();
        let is_of = |told: &str| [sent, came].iter().any(|moment| (kind.right)(moment).contains(&told));
        let is_right =
            is_of(&told) || (may_be_cut && (answer.status.is_none() || told.strip_suffix(CUT).is_some_and(is_of)));
        if !is_right {
            self.wrong.fetch_add(1, Ordering::SeqCst);
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults
                .entry((kind.name, told.clone()))
                .or_insert_with(|| format!("{}: {told}, expected {:?} ({came:?})", kind.name, (kind.right)(came)));
        }
        self.answered.fetch_add(1, Ordering::SeqCst);
        self.count(kind, told);
    }

    /// Notes a client that did not wait.
    pub(crate) fn left(&self, kind: &Kind) {
        self.answered.fetch_add(1, Ordering::SeqCst);
        self.count(kind, "left".to_owned());
    }

    fn count(&self, kind: &Kind, told: String) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        *kinds.entry(kind.name).or_default().entry(told).or_default() += 1;
    }

    /// How many requests of this kind were told so.
    pub(crate) fn of(&self, kind: &str, told: &str) -> u64 {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.get(kind).and_then(|counts| counts.get(told)).copied().unwrap_or_default()
    }

    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    pub(crate) fn wrong(&self) -> u64 {
        self.wrong.load(Ordering::SeqCst)
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn progress(&self, passed: Duration, of: Duration, resident: u64) -> String {
        let (answered, wrong) = (self.answered(), self.wrong());
        format!(
            "{:4.0} of {:.0} s: {answered} answered, {wrong} wrong, {:.1} MiB",
            passed.as_secs_f64(),
            of.as_secs_f64(),
            resident as f64 / f64::from(1 << 20)
        )
    }

    /// A line for each kind.
    pub(crate) fn table(&self) -> String {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = String::new();
        for kind in KINDS {
            let counts = kinds.get(kind.name).into_iter().flatten();
            let told: Vec<String> = counts.map(|(told, count)| format!("{told}: {count}")).collect();
            let _ = writeln!(table, "{:14}{}", kind.name, told.join(", "));
        }
        table
    }

    pub(crate) fn to_json(&self) -> Value {
        json!(*self.kinds.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An answer in a few words: `200`, `403 no_region`, `200 cut`.
pub(crate) fn told(answer: &Response) -> String {
    let Some(status) = answer.status else {
        let is_of_stream = matches!(answer.ended, Ended::Reset(Some(_)));
        return if is_of_stream { "reset" } else { "none" }.to_owned();
    };
    let mut told = status.to_string();
    if let Some(code) = answer.json()["error"]["code"].as_str() {
        let _ = write!(told, " {code}");
    }
    let body = answer.text();
    let is_stream = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
    if answer.ended != Ended::Complete || (is_stream && !body.contains("[DONE]")) {
        told.push_str(CUT);
    }
    if body.contains(ADDRESS) || body.contains(SECRET) {
        told.push_str(" leak");
    }
    told
}
