//! OAI/OpenAPI-Specification: the documents that its own schemas are tested with, for 3.1 and 3.2. Its folder is a
//! document's label: `pass` or `fail`.

use std::fs;
use std::path::Path;

use schema_check::openapi;
use serde_json::Value;

use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "openapi_documents", groups: &[], run };

/// The labels, what they mean, and how many documents have them.
const LABELS: [(&str, Verdict, usize); 2] = [("pass", Verdict::Accept, 72), ("fail", Verdict::Refuse, 40)];

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    LABELS.iter().map(|label| judge(&ground.folder.join("openapi"), *label)).collect()
}

fn judge(folder: &Path, (label, must, count): (&str, Verdict, usize)) -> Result<Score, Fault> {
    let mut did = Verdicts::new();
    for version in ["v3.1", "v3.2"] {
        let folder = folder.join(version).join(label);
        let fault = |what: &dyn std::fmt::Display| Fault::Surroundings(format!("{}: {what}", folder.display()));
        for entry in fs::read_dir(&folder).map_err(|error| fault(&error))? {
            let entry = entry.map_err(|error| fault(&error))?;
            let text = fs::read_to_string(entry.path()).map_err(|error| fault(&error))?;
            let case = format!("{version}/{}", entry.file_name().to_string_lossy());
            did.insert(case, verdict(&text));
        }
    }
    let all: Verdicts = did.keys().map(|case| (case.clone(), must)).collect();
    Ok(Score::of(format!("{}.{label}", SUITE.name), count, &all, &did))
}

fn verdict(text: &str) -> Verdict {
    let document: Result<Value, _> = serde_norway::from_str(text);
    Verdict::of(document.is_ok_and(|document| openapi::check(&document).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_judged_by_what_it_says() {
        assert_eq!(verdict("{openapi: 3.1.0, info: {title: t, version: '1'}, paths: {}}"), Verdict::Accept);
        assert_eq!(verdict("{openapi: 3.1.0, info: {title: t, version: '1'}}"), Verdict::Refuse);
        assert_eq!(verdict("{"), Verdict::Refuse);
    }
}
