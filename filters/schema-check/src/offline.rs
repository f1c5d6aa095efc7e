//! For the command line: what the filter would say of a configuration, without a proxy.

use portcullis::prelude::{ConfigError, Env};

use crate::compile;
use crate::config::Config;

/// What the operator should know of a configuration that loads: what of its contracts is enforced otherwise than it is
/// written.
pub fn lint(config: Config, env: &Env) -> Result<Vec<String>, ConfigError> {
    compile::compile(config, env).map(|compiled| compiled.lint)
}
