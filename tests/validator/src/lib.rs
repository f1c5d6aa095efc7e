//! A filter that says which documents a schema allows, so that other people's suites can be put to schema-check's own code
//! where it runs: in a module, in a real Envoy. Not for production: who calls it chooses the schemas.
//!
//! A request's body is a JSON array of [`Question`]s. The answer's body has a character for each document of each of them,
//! in their order: `1` for one that the schema allows, `0` for one that it does not, `?` where the question could not be
//! read, the schema not be compiled, or the document not be looked through.

mod question;

pub use question::{Question, Resources};

use std::rc::Rc;

use portcullis::json::{self, Limits};
use portcullis::prelude::*;

/// What every schema may refer to.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Documents by their URI.
    resources: Resources,
}

/// The filter.
#[derive(Debug)]
pub struct Validator {
    resources: Resources,
}

impl Filter for Validator {
    const NAME: &'static str = "validator";
    type Config = Config;
    type Exchange = Visit;

    fn compile(config: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self { resources: config.resources })
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit(Rc::clone(self))
    }
}

/// One batch of questions.
#[derive(Debug)]
pub struct Visit(Rc<Validator>);

impl Exchange for Visit {
    fn on_request(&mut self, _: &dyn Host) -> Flow {
        Flow::AwaitBody
    }

    fn on_request_body(&mut self, _: &dyn Host, body: &[u8]) -> Flow {
        Flow::Reply(match json::parse(body, Limits::default()) {
            Ok(serde_json::Value::Array(questions)) => {
                let answers = questions.into_iter().map(|question| self.answers(question)).collect::<String>();
                Reply::document("answers", "text/plain", answers.into_bytes())
            }
            _ => Reply::new(Status::BadRequest, "no_questions", "The body is not an array of questions."),
        })
    }
}

impl Visit {
    fn answers(&self, question: serde_json::Value) -> String {
        match serde_json::from_value::<Question>(question) {
            Ok(question) => question.answers(&self.0.resources).into_iter().collect(),
            Err(_) => "?".to_owned(),
        }
    }
}

portcullis::entry!(Validator);
