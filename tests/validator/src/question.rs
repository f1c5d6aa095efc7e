//! What is asked: a schema, and the documents that are held against it.

use std::collections::BTreeMap;

use portcullis::json::{self, Limits};
use schema_check::schema::{Author, Common, Draft, Formats, Schemas, Verdict};
use schema_check::value::{Steps, Tree};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Documents by their URI.
pub type Resources = BTreeMap<String, Value>;

/// A schema and documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The schema, as it is written.
    pub schema: String,
    /// What it follows if it does not say so: `4`, `6`, `7`, `2019-09` or `2020-12`.
    pub draft: String,
    /// Whether `format` is checked whatever the schema says.
    pub formats: bool,
    /// The documents, as they are written.
    pub documents: Vec<String>,
}

/// No suite's document needs more.
const STEPS: Steps = Steps(10_000_000);

impl Question {
    /// A character for each document.
    pub fn answers(&self, resources: &Resources) -> Vec<char> {
        let schemas = self.schemas(resources);
        let answer = |document: &String| schemas.as_ref().map_or('?', |schemas| answer(schemas, document));
        self.documents.iter().map(answer).collect()
    }

    /// Why there would be no answer.
    pub fn fault(&self, resources: &Resources) -> Option<String> {
        self.schemas(resources).err()
    }

    fn schemas(&self, resources: &Resources) -> Result<Schemas, String> {
        let schema = json::parse(self.schema.as_bytes(), Limits::default()).map_err(|fault| fault.to_string())?;
        let draft = Draft::of_word(&self.draft).ok_or("expected a draft that is known")?;
        let formats = if self.formats { Formats::Check } else { Formats::AsDeclared };
        let common = Common { library: resources, draft, formats, author: Author::Operator };
        Schemas::of_one(&schema, &common).map_err(|fault| fault.to_string())
    }
}

fn answer(schemas: &Schemas, document: &str) -> char {
    let Ok(mut tree) = Tree::read(document.as_bytes(), Limits::default()) else { return '?' };
    tree.under("", STEPS);
    match schemas.check(&tree, 1) {
        Verdict::Valid => '1',
        Verdict::Invalid(..) => '0',
        Verdict::TooComplex => '?',
    }
}
