//! A rule: conditions in an order, cheap ones first and those on the body last, and what follows when all hold.

pub use crate::config::Effect;

/// A rule.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What follows when it matches.
    pub effect: Effect,
    /// Whether it is only counted.
    pub is_shadow: bool,
    /// How fresh and strong a login must be.
    pub step_up: Option<StepUp>,
    /// What the body is cut to.
    pub clamp: Option<Clamp>,
}

/// What a body is cut to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clamp {
    /// Tokens of the answer.
    pub max_output_tokens: Option<u64>,
    /// Answers.
    pub choices: Option<u64>,
}

/// How fresh and strong a login must be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepUp {
    /// One of these authentication context classes; empty: any.
    pub acr: Vec<String>,
    /// All of these authentication methods.
    pub amr: Vec<String>,
    /// How many seconds ago the user may have logged in.
    pub max_age: Option<u64>,
}

impl Eq for Rule {}
