//! Rows that no table can say: traps on purpose, clients that leave, floods. In Envoy alone.

mod client_abort;
mod injected_trap;
mod query_of_death;

/// What came of a row.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Expectations that were not met.
    pub faults: Vec<String>,
    /// What was measured, for the line.
    pub notes: String,
}

impl Outcome {
    /// Notes a fault unless this holds.
    pub fn check(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }
}

/// A row that is shown by code.
pub struct Scene {
    /// The row.
    pub id: &'static str,
    /// How many variants it has.
    pub variants: usize,
    /// Where it runs.
    pub worlds: &'static str,
    /// Shows it.
    pub play: fn() -> Outcome,
}

/// All of them.
pub const SCENES: &[Scene] = &[
    Scene { id: "PF-002", variants: 14, worlds: "h1 h2", play: injected_trap::play },
    Scene { id: "PF-003", variants: 1, worlds: "h1", play: query_of_death::play },
    Scene { id: "PF-013", variants: 5, worlds: "h1", play: client_abort::play },
];

/// The scene of a row.
pub fn of(id: &str) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.id == id)
}

/// The length of a slow row: in full with `SLOW=1`, else a twentieth.
pub fn scaled(full: u32) -> u32 {
    if std::env::var_os("SLOW").is_some() { full } else { (full / 20).max(1) }
}
