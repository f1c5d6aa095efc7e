//! openai/openai-openapi as a contract: `OpenAI`'s own document, whole, bundled and enforced.
//!
//! 1. `loads`: an Envoy reads a bundle of four operations, and one of all of them, within the aims for time and memory
//!    ([`loads`]).
//! 2. `requests`: what `OpenAI`'s own SDK sends passes ([`requests`]).
//! 3. `mutations`: the same requests, each changed in one place so that the document forbids it, are refused, and the
//!    refusal names the place ([`mutations`]).
//! 4. `committed`, `sdks`: the contracts that come with the filter ([`shipped`]).

#![allow(clippy::disallowed_methods, clippy::arithmetic_side_effects, reason = "it measures time, beside a proxy")]

mod contract;
mod loads;
mod mutations;
mod oracle;
mod requests;
mod shipped;

use std::fs;

use portcullis::json::{self, Limits};
use schema_check::openapi::bundle::{Selection, bundle};
use serde_json::Value;

use crate::suite::{Fault, Ground, Score, Suite};

pub(crate) const SUITE: Suite =
    Suite { name: "openai_contract", groups: &["openai_contract.requests", "openai_contract.sdks"], run };

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let file = ground.folder.join("openapi/openai.json");
    let text = fs::read(&file).map_err(|error| Fault::Surroundings(format!("{}: {error}", file.display())))?;
    let fault = |what: &dyn std::fmt::Display| Fault::Table(format!("{}: {what}", file.display()));
    let document = json::parse(&text, Limits::default()).map_err(|error| fault(&error))?;
    let bundled = |names: &[&str]| {
        let made = bundle(&document, &Selection::of(names.iter().copied()), &mut |_| Err("no other file".to_owned()));
        made.map(|made| made.document).map_err(|error| fault(&error))
    };
    let (some, all) = (bundled(SOME)?, bundled(&[])?);
    let mut scores = vec![shipped::committed(&document)?, shipped::judge(ground)?];
    let contract = contract::Contract::of(&all)?;
    let requests = requests::read(&all)?;
    scores.push(requests::judge(ground, &contract, &requests)?);
    scores.push(mutations::judge(&contract, &all, &requests)?);
    scores.push(loads::judge(&some, &all)?);
    Ok(scores)
}

/// What a gateway for chat serves.
const SOME: &[&str] = &["createChatCompletion", "createResponse", "createEmbedding", "createFile"];

/// A configuration of one rule, whose contract this bundle is.
fn configuration(bundle: &Value) -> String {
    serde_json::json!({"rules": [{"name": "openai", "openapi": bundle, "base_path": "/v1"}]}).to_string()
}
