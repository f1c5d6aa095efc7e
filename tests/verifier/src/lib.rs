//! A filter that says which signatures are good, so that other people's vectors can be put to authn's own code where it
//! runs: in a module, with a real Envoy to ask. Not for production: it tells everybody.
//!
//! A request's body is a JSON array of [`Question`]s. The answer's body has a character for each, in their order: `1` for
//! a signature that authn would accept on the proxy's word, `0` for one that it would refuse, `?` where the question
//! could not be read or the proxy could not say. What the proxy cannot say is never computed in the module instead.

mod question;

pub use question::Question;

use std::rc::Rc;

use authn::policy::Undecided;
use authn::verify;
use portcullis::json::{self, Limits};
use portcullis::prelude::*;

/// Nothing can be configured.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// The filter.
#[derive(Debug)]
pub struct Verifier;

impl Filter for Verifier {
    const NAME: &'static str = "verifier";
    type Config = Config;
    type Exchange = Visit;

    fn compile(_: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn exchange(self: &Rc<Self>) -> Visit {
        Visit
    }
}

/// One batch of questions.
#[derive(Debug)]
pub struct Visit;

impl Exchange for Visit {
    fn on_request(&mut self, _: &dyn Host) -> Flow {
        Flow::AwaitBody
    }

    fn on_request_body(&mut self, host: &dyn Host, body: &[u8]) -> Flow {
        Flow::Reply(match json::parse(body, limits()) {
            Ok(serde_json::Value::Array(questions)) => {
                let verdicts = questions.into_iter().map(|question| verdict(host, question)).collect::<String>();
                Reply::document("verdicts", "text/plain", verdicts.into_bytes())
            }
            _ => Reply::new(Status::BadRequest, "no_questions", "The body is not an array of questions."),
        })
    }
}

fn verdict(host: &dyn Host, question: serde_json::Value) -> char {
    let Ok(question) = serde_json::from_value::<Question>(question) else { return '?' };
    match question.is_accepted(|signature| verify::by_proxy(host, signature).map_err(|_| Undecided)) {
        Ok(true) => '1',
        Ok(false) => '0',
        Err(Undecided) => '?',
    }
}

/// Tokens and keys in great numbers.
fn limits() -> Limits {
    Limits { values: 1 << 16, tree_bytes: 32 << 20, ..Limits::default() }
}

portcullis::entry!(Verifier);

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis::host::fake::{Envoy, Request};
    use serde_json::{Value, json};

    fn ask(questions: &Value) -> (u16, String) {
        let envoy = Envoy::of_filter::<Verifier>("{}").unwrap();
        let answer = envoy.send(&Request::post("/", questions.to_string().as_bytes()));
        (answer.status, answer.text())
    }

    #[test]
    fn a_proxy_that_cannot_say_is_not_answered_for() {
        let jwk = json!({
            "kty": "EC", "crv": "P-256",
            "x": "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY", "y": "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw",
        });
        let token = format!("eyJhbGciOiJFUzI1NiJ9.Zm9v.{}", "AQ".repeat(43));
        let asked = |keys: &[&Value]| json!({"token": {"keys": {"keys": keys}, "are_secret": false, "token": token}});
        let questions = json!([asked(&[&jwk]), asked(&[]), {"is_it": "good"}, 1]);
        assert_eq!(ask(&questions), (200, "?0??".to_owned()));
    }

    #[test]
    fn a_body_that_is_no_batch_is_refused() {
        for body in [json!({}), json!("x"), json!(null)] {
            assert_eq!(ask(&body).0, 400);
        }
    }
}
