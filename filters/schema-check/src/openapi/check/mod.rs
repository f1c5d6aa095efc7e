//! The strict reader: a document is what its specification says, or refused with the place and what was expected there.
//!
//! Unknown fields are refused unless they begin with `x-`: a misspelt `requried` would let everything pass. The tables
//! are in `table`, `walk` reads by them, and the sentences of the specification that no table holds are in `rules`
//! (of one object), `parameters` and `paths` (of several).

mod parameters;
mod paths;
mod rules;
mod schema;
mod table;
mod walk;

use serde_json::Value;

use super::{Fault, Version};
pub use schema::{Holds, holds};
pub use table::Kind;
pub use walk::{Look, Seen, walk, walk_from};

/// Reads a whole document.
pub fn check(document: &Value) -> Result<Version, Fault> {
    let version = Version::read(document)?;
    let mut ids = paths::Ids::default();
    walk(document, version, &mut |seen| {
        if seen.is_reference {
            return Ok(());
        }
        rules::look(seen, version)?;
        parameters::look(seen, document)?;
        ids.look(seen)
    })?;
    paths::look(document)?;
    Ok(version)
}

#[cfg(test)]
#[allow(clippy::too_many_lines)] // A table.
mod tests;
