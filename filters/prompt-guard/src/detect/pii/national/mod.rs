//! The numbers by which states know people, by region. The source of each rule stands beside it.

mod americas;
mod asia;
mod commonwealth;
mod east;
mod iberia;
mod north;
mod west;

use super::rule::Rule;

/// All of them.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    let regions =
        [americas::RULES, asia::RULES, commonwealth::RULES, east::RULES, iberia::RULES, north::RULES, west::RULES];
    regions.into_iter().flatten()
}
