//! json-schema-org/JSON-Schema-Test-Suite: which documents a schema allows, in five drafts. Put to schema-check's own
//! code, native and in a module.

#![allow(
    clippy::disallowed_methods,
    reason = "documents are put to our reader as they are written: `RawValue` has that"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::client::h1;
use harness::{Envoy, Listener, Request, WasmFilter};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use validator::{Question, Resources};

use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "json_schema_test_suite", groups: &[], run };

/// A draft's folder, and the word for it.
const DRAFTS: &[(&str, &str)] =
    &[("draft4", "4"), ("draft6", "6"), ("draft7", "7"), ("draft2019-09", "2019-09"), ("draft2020-12", "2020-12")];

/// Where the suite says that its remote documents are.
const REMOTES: &str = "http://localhost:1234/";

/// Few enough for a body of half a megabyte.
const BATCH: usize = 50;

/// The suite's entry in `expectations.yaml`: required, optional and format cases of each draft.
#[derive(Debug, Deserialize)]
struct Expectations {
    cases: BTreeMap<String, [usize; 3]>,
}

/// A schema and its cases, as the suite writes them.
#[derive(Debug, Deserialize)]
struct Group {
    description: String,
    schema: Box<RawValue>,
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
struct Test {
    description: String,
    data: Box<RawValue>,
    valid: bool,
}

/// A question, and what its cases are called and should be.
#[derive(Debug)]
struct Asked {
    question: Question,
    cases: Vec<(String, Verdict)>,
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let folder = ground.folder.join("json-schema-test-suite");
    let expected: Expectations = ground.expected("json_schema_test_suite")?;
    let resources = remotes(&folder.join("remotes"))?;
    let mut scores = Vec::new();
    let mut all = Vec::new();
    for (draft, word) in DRAFTS {
        let counts = expected.cases.get(*draft).ok_or_else(|| Fault::Table(format!("expected counts of {draft}")))?;
        let kinds = [("required", "", false), ("optional", "optional", false), ("format", "optional/format", true)];
        for ((kind, below, formats), count) in kinds.into_iter().zip(counts) {
            let asked = read(&folder.join("tests").join(draft).join(below), word, formats)?;
            scores.push(score(format!("{}.{draft}.{kind}", SUITE.name), *count, &asked, &mut |questions| {
                Ok(questions.iter().map(|question| question.answers(&resources)).collect())
            })?);
            all.extend(asked);
        }
    }
    let total = expected.cases.iter().filter(|(draft, _)| DRAFTS.iter().any(|(known, _)| known == draft));
    let total = total.flat_map(|(_, counts)| counts).sum();
    let mut module = Module::start(&resources)?;
    scores.push(score(format!("{}.module", SUITE.name), total, &all, &mut |questions| module.answers(questions))?);
    Ok(scores)
}

/// Who answers: a character for each document of each question.
type Answers<'a> = &'a mut dyn FnMut(&[&Question]) -> Result<Vec<Vec<char>>, Fault>;

/// Judges cases by whoever answers.
fn score(name: String, count: usize, asked: &[Asked], answers: Answers<'_>) -> Result<Score, Fault> {
    let mut must = Verdicts::new();
    let mut did = Verdicts::new();
    for batch in asked.chunks(BATCH) {
        let questions: Vec<&Question> = batch.iter().map(|asked| &asked.question).collect();
        for (asked, letters) in batch.iter().zip(answers(&questions)?) {
            for ((case, verdict), letter) in asked.cases.iter().zip(letters) {
                must.insert(case.clone(), *verdict);
                if letter != '?' {
                    did.insert(case.clone(), Verdict::of(letter == '1'));
                }
            }
        }
    }
    Ok(Score::of(name, count, &must, &did))
}

/// The questions in the files of a folder, not of those below it.
fn read(folder: &Path, draft: &str, formats: bool) -> Result<Vec<Asked>, Fault> {
    let mut asked = Vec::new();
    for file in files(folder)? {
        let text = text(&file)?;
        let groups: Vec<Group> =
            serde_json::from_str(&text).map_err(|error| Fault::Table(format!("{}: {error}", file.display())))?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        asked.extend(groups.iter().enumerate().map(|(nth, group)| asked_of(group, &stem, nth, draft, formats)));
    }
    Ok(asked)
}

fn asked_of(group: &Group, file: &str, nth: usize, draft: &str, formats: bool) -> Asked {
    let case = |(at, test): (usize, &Test)| {
        (format!("{draft}/{file}/{nth}/{at}: {}: {}", group.description, test.description), Verdict::of(test.valid))
    };
    Asked {
        question: Question {
            schema: group.schema.get().to_owned(),
            draft: draft.to_owned(),
            formats,
            documents: group.tests.iter().map(|test| test.data.get().to_owned()).collect(),
        },
        cases: group.tests.iter().enumerate().map(case).collect(),
    }
}

/// What schemas may refer to, by where the suite says that it is.
fn remotes(folder: &Path) -> Result<Resources, Fault> {
    let mut resources = Resources::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in entries(&below)? {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let name = entry.strip_prefix(folder).unwrap_or(&entry).to_string_lossy().into_owned();
            let value: Value = serde_json::from_str(&text(&entry)?)
                .map_err(|error| Fault::Table(format!("{}: {error}", entry.display())))?;
            resources.insert(format!("{REMOTES}{name}"), value);
        }
    }
    // Drafts that are not judged have remote documents too.
    resources.retain(|uri, _| !uri.contains("/draft3/") && !uri.contains("/v1/"));
    Ok(resources)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    Ok(entries(folder)?.into_iter().filter(|entry| entry.is_file()).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error| Fault::Surroundings(format!("{}: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(fault)?;
    paths.sort();
    Ok(paths)
}

fn text(file: &Path) -> Result<String, Fault> {
    fs::read_to_string(file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))
}

/// An Envoy with the module in it.
struct Module {
    envoy: Envoy,
}

impl Module {
    fn start(resources: &Resources) -> Result<Self, Fault> {
        let config = json!({"resources": resources});
        let listener = Listener::new().filter(WasmFilter::new("validator").configured(&config));
        let envoy = Envoy::builder(listener).start();
        Ok(Self { envoy: envoy.map_err(|error| Fault::Surroundings(format!("an Envoy for the schemas: {error}")))? })
    }

    fn answers(&mut self, questions: &[&Question]) -> Result<Vec<Vec<char>>, Fault> {
        let asked = serde_json::to_value(questions).map_err(|error| Fault::Table(error.to_string()))?;
        let mut client = h1::Connection::open(self.envoy.address());
        let answer = client.send(&Request::post_json("/", &asked));
        let count = questions.iter().map(|question| question.documents.len()).sum::<usize>();
        if !answer.is(200) || answer.body.len() != count {
            return Err(Fault::Surroundings(format!("the module: expected {count} verdicts, got {answer:?}")));
        }
        let mut letters = answer.body.iter().map(|byte| char::from(*byte));
        Ok(questions.iter().map(|question| letters.by_ref().take(question.documents.len()).collect()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> Group {
        serde_json::from_str(
            r#"{"description": "d", "schema": {"type": "integer"},
                "tests": [{"description": "one", "data": 1.0, "valid": true}, {"description": "two", "data": "1", "valid": true}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn documents_are_asked_about_as_they_are_written() {
        let asked = asked_of(&group(), "type", 0, "7", false);
        assert_eq!(asked.question.documents, ["1.0", "\"1\""]);
        assert_eq!(asked.cases[0].0, "7/type/0/0: d: one");
    }

    #[test]
    fn a_wrong_answer_and_none_are_both_wrong() {
        let asked = [asked_of(&group(), "type", 0, "7", false)];
        let native = |questions: &[&Question]| Ok(questions.iter().map(|q| q.answers(&Resources::new())).collect());
        let scored = score("s".to_owned(), 2, &asked, &mut { native }).unwrap();
        assert_eq!((scored.to_string(), scored.wrong.len()), ("s: 1/2".to_owned(), 1));
        let silent = |_: &[&Question]| Ok(vec![vec!['?', '1']]);
        assert_eq!(score("s".to_owned(), 2, &asked, &mut { silent }).unwrap().to_string(), "s: 1/2");
    }
}
