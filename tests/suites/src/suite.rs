//! What a suite is: cases with labels, judged and counted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::differences::Differences;

/// One suite of others.
#[derive(Debug)]
pub(crate) struct Suite {
    /// Its name: the first part of its scores' names, and its key in `expectations.yaml`.
    pub(crate) name: &'static str,
    /// The groups of cases for which `differences.yaml` may have a list.
    pub(crate) groups: &'static [&'static str],
    /// Judges its cases.
    pub(crate) run: fn(&Ground) -> Result<Vec<Score>, Fault>,
}

/// Where the suites lie, and what is known about them.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) folder: PathBuf,
    pub(crate) differences: Differences,
    expectations: BTreeMap<String, serde_norway::Value>,
}

/// What happens to a case.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Accept,
    Refuse,
}

impl Verdict {
    /// The verdict of who accepts or does not.
    pub(crate) fn of(is_accepted: bool) -> Verdict {
        if is_accepted { Verdict::Accept } else { Verdict::Refuse }
    }
}

/// A verdict for each case, by the case's name.
pub(crate) type Verdicts = BTreeMap<String, Verdict>;

/// How a set of cases was judged.
#[derive(Debug, Serialize)]
pub(crate) struct Score {
    pub(crate) name: String,
    pub(crate) right: usize,
    pub(crate) total: usize,
    /// What is not right, a line each.
    pub(crate) wrong: Vec<String>,
    /// What is not among the cases although the suite has it, and why: a line each.
    pub(crate) left_out: Vec<String>,
}

/// Why there is no score.
#[derive(Debug)]
pub(crate) enum Fault {
    /// A table does not fit its suite.
    Table(String),
    /// What is needed to judge is not there; says what was expected, and what to do.
    Surroundings(String),
}

impl Ground {
    pub(crate) fn open(folder: PathBuf, differences: Differences) -> Result<Ground, Fault> {
        let file = folder.join("expectations.yaml");
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
        let expectations =
            serde_norway::from_str(&text).map_err(|error| Fault::Table(format!("{}: {error}", file.display())))?;
        Ok(Ground { folder, differences, expectations })
    }

    /// What `expectations.yaml` says about a suite.
    pub(crate) fn expected<T: DeserializeOwned>(&self, suite: &str) -> Result<T, Fault> {
        let fault = |what: &dyn fmt::Display| Fault::Table(format!("expectations.yaml: {suite}: {what}"));
        let value = self.expectations.get(suite).ok_or_else(|| fault(&"expected an entry of this name"))?;
        serde_norway::from_value(value.clone()).map_err(|error| fault(&error))
    }
}

impl Score {
    /// Compares what must happen to `count` cases with what did.
    pub(crate) fn of(name: impl Into<String>, count: usize, must: &Verdicts, did: &Verdicts) -> Score {
        let mut wrong = Vec::new();
        if must.len() != count {
            wrong.push(format!("expected {count} cases, found {}", must.len()));
        }
        let mut right: usize = 0;
        for (case, must) in must {
            match did.get(case) {
                Some(did) if did == must => right = right.saturating_add(1),
                Some(did) => wrong.push(format!("{case}: expected {must}, got {did}")),
                None => wrong.push(format!("{case}: expected {must}, was not judged")),
            }
        }
        Score { name: name.into(), right, total: count.max(must.len()), wrong, left_out: Vec::new() }
    }

    /// Says what is not among the cases.
    pub(crate) fn leaving_out(mut self, what: impl IntoIterator<Item = String>) -> Score {
        self.left_out.extend(what);
        self
    }

    pub(crate) fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}/{}", self.name, self.right, self.total)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Accept => "accept",
            Verdict::Refuse => "refuse",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Fault::Table(what) | Fault::Surroundings(what)) = self;
        f.write_str(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(cases: &[(&str, Verdict)]) -> Verdicts {
        cases.iter().map(|&(case, verdict)| (case.to_owned(), verdict)).collect()
    }

    #[test]
    fn a_score_prints_as_name_right_total() {
        let must = verdicts(&[("a", Verdict::Accept), ("b", Verdict::Refuse)]);
        let score = Score::of("suite.group", 2, &must, &must);
        assert!(score.is_right());
        assert_eq!(score.to_string(), "suite.group: 2/2");
    }

    #[test]
    fn a_wrong_case_is_counted_and_named() {
        let must = verdicts(&[("a", Verdict::Accept), ("b", Verdict::Refuse), ("c", Verdict::Accept)]);
        let did = verdicts(&[("a", Verdict::Accept), ("b", Verdict::Accept)]);
        let score = Score::of("s", 3, &must, &did);
        assert_eq!((score.right, score.total), (1, 3));
        assert_eq!(score.wrong, ["b: expected refuse, got accept", "c: expected accept, was not judged"]);
    }

    #[test]
    fn too_few_or_too_many_cases_are_wrong() {
        let must = verdicts(&[("a", Verdict::Accept), ("b", Verdict::Refuse)]);
        for (count, printed) in [(3, "s: 2/3"), (1, "s: 2/2")] {
            let score = Score::of("s", count, &must, &must);
            assert!(!score.is_right());
            assert_eq!(score.to_string(), printed);
        }
    }
}
