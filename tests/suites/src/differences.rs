//! The differences between a suite's labels and our verdicts that somebody owns.
//!
//! A table nobody checks becomes a place to hide failures in. So a difference must name a case that
//! exists, differ from its label, give a reason and an owner; anything else fails the run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::suite::{Fault, Verdict, Verdicts};

/// `differences.yaml`: lists by group.
#[derive(Debug)]
pub(crate) struct Differences(BTreeMap<String, Vec<Difference>>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// The suite's name for the case.
    case: String,
    /// What must happen to it, whatever its label says.
    must: Verdict,
    /// The reason.
    why: String,
    /// Whose decision it is.
    owner: String,
}

impl Differences {
    /// Reads the table; its groups must be among those of the suites.
    pub(crate) fn parse(yaml: &str, groups: &[&str]) -> Result<Differences, Fault> {
        let lists: BTreeMap<String, Vec<Difference>> =
            serde_norway::from_str(yaml).map_err(|error| fault(&error.to_string()))?;
        for (group, list) in &lists {
            if !groups.contains(&group.as_str()) {
                return Err(fault(&format!("{group}: expected one of {}", groups.join(", "))));
            }
            let mut seen = BTreeSet::new();
            for Difference { case, why, owner, .. } in list {
                if why.trim().is_empty() || owner.trim().is_empty() {
                    return Err(fault(&format!("{group}: {case}: expected a reason and an owner")));
                }
                if !seen.insert(case) {
                    return Err(fault(&format!("{group}: {case}: expected once")));
                }
            }
        }
        Ok(Differences(lists))
    }

    /// What must happen to the cases of a group, given their labels.
    pub(crate) fn applied(&self, group: &str, labels: &Verdicts) -> Result<Verdicts, Fault> {
        let mut must = labels.clone();
        for difference in self.0.get(group).into_iter().flatten() {
            let case = &difference.case;
            let Some(verdict) = must.get_mut(case) else {
                return Err(fault(&format!("{group}: {case}: expected a case that the suite has")));
            };
            if *verdict == difference.must {
                return Err(fault(&format!("{group}: {case}: expected a difference, but the label is {verdict}")));
            }
            *verdict = difference.must;
        }
        Ok(must)
    }
}

fn fault(what: &str) -> Fault {
    Fault::Table(format!("differences.yaml: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "s.default:\n  - {case: a.json, must: refuse, why: because, owner: us}\n";

    fn labels() -> Verdicts {
        [("a.json", Verdict::Accept), ("b.json", Verdict::Refuse)]
            .map(|(case, verdict)| (case.to_owned(), verdict))
            .into()
    }

    fn message(yaml: &str) -> String {
        let read = Differences::parse(yaml, &["s.default"]);
        read.and_then(|table| table.applied("s.default", &labels())).unwrap_err().to_string()
    }

    #[test]
    fn a_difference_turns_the_verdict_of_its_case_alone() {
        let table = Differences::parse(ONE, &["s.default"]).unwrap();
        let must = table.applied("s.default", &labels()).unwrap();
        assert!(must.values().all(|verdict| *verdict == Verdict::Refuse));
        assert_eq!(table.applied("s.other", &labels()).unwrap(), labels());
    }

    #[test]
    fn a_difference_that_means_nothing_is_an_error() {
        let cases = [
            ("a case the suite does not have", ONE.replace("a.json", "c.json"), "expected a case that the suite has"),
            (
                "the label says the same",
                ONE.replace("a.json", "b.json"),
                "expected a difference, but the label is refuse",
            ),
            ("twice", format!("{ONE}  - {{case: a.json, must: accept, why: w, owner: o}}\n"), "expected once"),
            ("no reason", ONE.replace("because", "' '"), "expected a reason and an owner"),
            ("no owner", ONE.replace("owner: us", "owner: ''"), "expected a reason and an owner"),
            ("a group no suite has", ONE.replace("s.default", "s.defualt"), "expected one of s.default"),
            ("a field that is not one", ONE.replace("owner", "since: 1, owner"), "unknown field"),
            ("a field that is missing", ONE.replace(", owner: us", ""), "missing field"),
            ("a verdict that is none", ONE.replace("must: refuse", "must: shrug"), "unknown variant"),
        ];
        for (what, yaml, expected) in cases {
            let got = message(&yaml);
            assert!(got.starts_with("differences.yaml: ") && got.contains(expected), "{what}: {got}");
        }
    }
}
