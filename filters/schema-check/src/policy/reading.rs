//! JSON held against a schema: one way for bodies, lines, forms and parameters, so that what is read strictly in one place
//! is not read otherwise in another.

use portcullis::ai::details::Detail;
use portcullis::json;

use crate::config::Integers;
use crate::schema::{Fault, Schemas, Verdict};
use crate::value::Tree;

/// How JSON is read, in every rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) limits: json::Limits,
    pub(crate) integers: Integers,
}

/// Why a text is not what it must be.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// It is no JSON that every server reads alike.
    Json(json::Error),
    /// An integer in it is larger than is taken.
    Integer(usize),
    /// It is not as the schema says.
    Schema(Vec<Fault>),
    /// It would take too long to find out.
    TooComplex,
}

/// Most faults that are told: with pointers as long as they may be, an answer stays below 4 KiB.
pub(crate) const MOST: usize = 5;

impl Reading {
    /// Reads a text, and holds it against a schema if there is one.
    pub(crate) fn hold<'t>(
        &self,
        schemas: &Schemas,
        schema: Option<&'t str>,
        text: &'t [u8],
    ) -> Result<Tree<'t>, Unfit> {
        let mut tree = Tree::read(text, self.limits).map_err(Unfit::Json)?;
        if let Some(at) = tree.large_integer().filter(|_| self.integers == Integers::Int64) {
            return Err(Unfit::Integer(at));
        }
        let Some(schema) = schema else { return Ok(tree) };
        schemas.put(&mut tree, schema, text.len());
        match schemas.check(&tree, MOST) {
            Verdict::Valid => Ok(tree),
            Verdict::TooComplex => Err(Unfit::TooComplex),
            Verdict::Invalid(faults, _) => Err(Unfit::Schema(faults)),
        }
    }
}

impl Unfit {
    /// What is told of it, at `pointer` of this place. Elsewhere than in a body, where values begin is where they do in the
    /// JSON that stands for them, and means nothing to who sent it.
    pub(crate) fn details(self, place: &'static str, pointer: &str) -> Vec<Detail> {
        let begins = |at: Option<usize>| at.filter(|_| place == "body");
        let one = |at, keyword: &str, expected: &str| {
            vec![Detail::new(place, pointer, keyword, expected).beginning(begins(at))]
        };
        match self {
            Self::Json(error) => one(Some(error.at), error.fault.code(), &error.fault.to_string()),
            Self::Integer(at) => one(Some(at), "integers", "integers from -2^63 to 2^64 - 1"),
            Self::TooComplex => one(None, "steps", "what takes no more work to check than its size allows"),
            Self::Schema(faults) => {
                let told = |Fault { pointer: inner, at, keyword, expected }| {
                    Detail::new(place, format!("{pointer}{inner}"), keyword, expected).beginning(begins(Some(at)))
                };
                faults.into_iter().map(told).collect()
            }
        }
    }
}
