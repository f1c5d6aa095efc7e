//! The filter with a bundle as its contract, natively: what becomes of a request, and which places are named.

use portcullis::host::fake::{Envoy, Request};
use portcullis::json::{self, Limits};
use schema_check::SchemaCheck;
use serde_json::Value;

use super::configuration;
use crate::suite::Fault;

/// A contract in force.
pub(super) struct Contract {
    pub(super) envoy: Envoy,
}

/// What became of a request.
#[derive(Debug)]
pub(super) enum Answer {
    Passed,
    /// The code of the refusal, and the pointers and keywords of its faults.
    Refused {
        code: String,
        faults: Vec<(String, String)>,
    },
}

impl Contract {
    pub(super) fn of(bundle: &Value) -> Result<Self, Fault> {
        let envoy = Envoy::of_filter::<SchemaCheck>(&configuration(bundle));
        Ok(Self { envoy: envoy.map_err(|error| Fault::Table(format!("openai.json: {error}")))? })
    }

    pub(super) fn ask(&self, method: &str, path: &str, content_type: Option<&str>, body: &[u8]) -> Answer {
        let mut request = if body.is_empty() { Request::get(path) } else { Request::post(path, body) };
        let turned = |(name, value)| if name == b":method" { (name, method.as_bytes()) } else { (name, value) };
        request.headers = request.headers.iter().map(turned).collect();
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = self.envoy.send(&request);
        if answer.status == 200 {
            return Answer::Passed;
        }
        let error = json::parse(&answer.body, Limits::default()).unwrap_or_default();
        let error = error.get("error").unwrap_or(&error);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let faults = error.get("errors").and_then(Value::as_array).into_iter().flatten();
        Answer::Refused {
            code: text(error, "code"),
            faults: faults.map(|fault| (text(fault, "pointer"), text(fault, "keyword"))).collect(),
        }
    }
}
