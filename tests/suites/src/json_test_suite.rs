//! nst/JSONTestSuite: which documents a JSON parser accepts, and which it must not.
//!
//! The first letter of a case is its label: `y` accept, `n` refuse, `i` left open by the RFC, for
//! which the policy for a gateway in `expectations.yaml` says refuse, with named exceptions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use portcullis::json::{self, Duplicates, Limits};
use serde::Deserialize;

use crate::differences::Differences;
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "json_test_suite", groups: &[DEFAULT], run };

const DEFAULT: &str = "json_test_suite.default";
const DUPLICATES_ALLOW: &str = "json_test_suite.duplicates_allow";

/// The documents by file name.
type Cases = BTreeMap<String, Vec<u8>>;

/// The suite's entry in `expectations.yaml`.
#[derive(Debug, Deserialize)]
struct Expectations {
    cases: Counts,
    i_allowed_accepts: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Counts {
    y: usize,
    n: usize,
    i: usize,
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let cases = read(&ground.folder.join("json-test-suite/test_parsing"))?;
    judge(&cases, &ground.expected("json_test_suite")?, &ground.differences)
}

fn read(folder: &Path) -> Result<Cases, Fault> {
    let read = || {
        let mut cases = Cases::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            cases.insert(name, fs::read(entry.path())?);
        }
        Ok(cases)
    };
    read().map_err(|error: std::io::Error| Fault::Surroundings(format!("{}: {error}", folder.display())))
}

fn judge(cases: &Cases, expected: &Expectations, differences: &Differences) -> Result<Vec<Score>, Fault> {
    let labels = labels(cases)?;
    let must = differences.applied(DEFAULT, &labels)?;
    for (case, verdict) in of_class(&must, 'i') {
        if verdict == Verdict::Accept && !expected.i_allowed_accepts.contains(&case) {
            return Err(Fault::Table(format!(
                "differences.yaml: {DEFAULT}: {case}: expected one of i_allowed_accepts in expectations.yaml"
            )));
        }
    }
    let Counts { y, n, i } = expected.cases;
    let all = y.saturating_add(n).saturating_add(i);

    let did = verdicts(cases, Limits::default());
    let allowing = verdicts(cases, Limits { duplicates: Duplicates::Allow, ..Limits::default() });
    let class = |name: &str, class, count, must: &Verdicts, did| {
        Score::of(format!("{name}.{class}"), count, &of_class(must, class), did)
    };
    Ok(vec![
        Score::of(DEFAULT, all, &must, &did),
        class(DEFAULT, 'y', y, &must, &did),
        class(DEFAULT, 'n', n, &must, &did),
        class(DEFAULT, 'i', i, &must, &did),
        // With duplicates allowed nothing differs: the labels themselves.
        class(DUPLICATES_ALLOW, 'y', y, &labels, &allowing),
        class(DUPLICATES_ALLOW, 'n', n, &labels, &allowing),
    ])
}

fn labels(cases: &Cases) -> Result<Verdicts, Fault> {
    let label = |case: &String| match case.split_once('_') {
        Some(("y", _)) => Ok((case.clone(), Verdict::Accept)),
        Some(("n" | "i", _)) => Ok((case.clone(), Verdict::Refuse)),
        _ => Err(Fault::Table(format!("json_test_suite: {case}: expected y_, n_ or i_ before a case"))),
    };
    cases.keys().map(label).collect()
}

fn of_class(verdicts: &Verdicts, class: char) -> Verdicts {
    let of_class = verdicts.iter().filter(|(case, _)| case.starts_with(class));
    of_class.map(|(case, verdict)| (case.clone(), *verdict)).collect()
}

fn verdicts(cases: &Cases, limits: Limits) -> Verdicts {
    let verdict = |document: &[u8]| match json::parse(document, limits) {
        Ok(_) => Verdict::Accept,
        Err(_) => Verdict::Refuse,
    };
    cases.iter().map(|(case, document)| (case.clone(), verdict(document))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "json_test_suite.default: [{case: y_twice.json, must: refuse, why: w, owner: o}]";

    /// A suite of four cases, with one file added or replaced.
    fn judged(name: &str, document: &str, table: &str) -> Result<Vec<Score>, Fault> {
        let mut cases: Cases = [
            ("y_object.json", r#"{"a":1}"#),
            ("y_twice.json", r#"{"a":1,"a":1}"#),
            ("n_open.json", "["),
            ("i_overflow.json", "1e400"),
        ]
        .map(|(name, document)| (name.to_owned(), document.into()))
        .into();
        cases.insert(name.to_owned(), document.into());
        let expected = Expectations {
            cases: Counts { y: 2, n: 1, i: 1 },
            i_allowed_accepts: ["i_underflow.json".to_owned()].into(),
        };
        judge(&cases, &expected, &Differences::parse(table, SUITE.groups)?)
    }

    fn lines(scores: &[Score]) -> Vec<String> {
        scores.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_owned_difference_is_right() {
        let scores = judged("n_open.json", "[", TABLE).unwrap();
        assert!(scores.iter().all(Score::is_right));
        assert_eq!(
            lines(&scores),
            [
                "json_test_suite.default: 4/4",
                "json_test_suite.default.y: 2/2",
                "json_test_suite.default.n: 1/1",
                "json_test_suite.default.i: 1/1",
                "json_test_suite.duplicates_allow.y: 2/2",
                "json_test_suite.duplicates_allow.n: 1/1",
            ]
        );
    }

    #[test]
    fn a_difference_that_nobody_owns_is_wrong() {
        let scores = judged("n_open.json", "[", "{}").unwrap();
        assert_eq!(lines(&scores)[..2], ["json_test_suite.default: 3/4", "json_test_suite.default.y: 1/2"]);
        assert_eq!(scores[1].wrong, ["y_twice.json: expected accept, got refuse"]);
    }

    #[test]
    fn an_accepted_n_case_is_wrong_everywhere() {
        let scores = judged("n_open.json", "[]", TABLE).unwrap();
        let wrong: Vec<_> = scores.iter().filter(|score| !score.is_right()).map(|score| score.name.as_str()).collect();
        assert_eq!(
            wrong,
            ["json_test_suite.default", "json_test_suite.default.n", "json_test_suite.duplicates_allow.n"]
        );
    }

    #[test]
    fn a_file_too_many_is_wrong() {
        let scores = judged("y_more.json", "[]", TABLE).unwrap();
        assert_eq!(scores[1].wrong, ["expected 2 cases, found 3"]);
    }

    #[test]
    fn an_i_case_is_accepted_only_if_the_policy_allows_it() {
        let owned = |case: &str| format!("json_test_suite.default: [{{case: {case}, must: accept, why: w, owner: o}}]");
        let fault = judged("i_overflow.json", "1", &owned("i_overflow.json")).unwrap_err();
        assert!(fault.to_string().contains("i_allowed_accepts"), "{fault}");
        assert!(judged("i_underflow.json", "1e-400", &owned("i_underflow.json")).is_ok());
    }

    #[test]
    fn a_difference_of_an_unknown_case_is_an_error() {
        let fault = judged("n_open.json", "[", &TABLE.replace("y_twice", "y_thrice")).unwrap_err();
        assert!(fault.to_string().contains("y_thrice.json"), "{fault}");
    }

    #[test]
    fn a_case_without_a_label_is_an_error() {
        assert!(judged("object.json", "{}", TABLE).is_err());
    }
}
