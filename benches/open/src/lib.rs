//! A filter on the kit that lets everything pass and asks nothing: what the kit costs before any policy.

use std::rc::Rc;

use portcullis::prelude::*;

/// Nothing to configure.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

/// The filter.
pub struct Open;

impl Filter for Open {
    const NAME: &'static str = "open";
    type Config = Config;
    type Exchange = ();

    fn compile(Config {}: Config, _: &Env) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn exchange(self: &Rc<Self>) {}
}

portcullis::entry!(Open);
