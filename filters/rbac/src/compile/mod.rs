//! From what was written to what it means: every check of a configuration that its types cannot make.

use portcullis::prelude::{ConfigError, Env};

use crate::config::Config;
use crate::policy::Policy;

/// A policy, and what its operator should know about it.
#[derive(Debug)]
pub struct Compiled {
    /// The policy.
    pub policy: Policy,
    /// A sentence for each rule that can never decide, and each that another makes needless.
    pub lint: Vec<String>,
    /// The claims that the policy looks at, as paths of member names: authn's `identity.claims` must list them.
    pub claims: Vec<Vec<String>>,
}

/// Compiles a configuration.
pub fn compile(_config: &Config, _env: &Env) -> Result<Compiled, ConfigError> {
    Ok(Compiled { policy: Policy::new(), lint: Vec::new(), claims: Vec::new() })
}
