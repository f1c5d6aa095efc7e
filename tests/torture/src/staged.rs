//! Rows that no table can say: traps on purpose, clients that leave, floods, outages, time. In Envoy, but for what is
//! measured natively.

mod bad_answers;
mod benign;
mod classifier_outage;
mod client_abort;
mod cold_start;
mod constant_time;
mod fetching;
mod gateway;
mod gone_while_pending;
mod injected_trap;
mod limits;
mod query_of_death;
mod reload_soak;
mod services_down;
mod token_urls;
mod unknown_kids;

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
    Scene { id: "AUTHN-007", variants: token_urls::VARIANTS, worlds: "fake h1 h2", play: token_urls::play },
    Scene { id: "AUTHN-040", variants: bad_answers::VARIANTS, worlds: "h1", play: bad_answers::play },
    Scene { id: "AUTHN-041", variants: cold_start::VARIANTS, worlds: "h1", play: cold_start::play },
    Scene { id: "AUTHN-042", variants: 1, worlds: "h1", play: unknown_kids::play },
    Scene { id: "AUTHN-046", variants: constant_time::VARIANTS, worlds: "native", play: constant_time::play },
    Scene { id: "AUTHN-053", variants: 4, worlds: "h1 h2", play: gone_while_pending::play },
    Scene { id: "PG-001", variants: benign::VARIANTS, worlds: "fake h1 h2", play: benign::play },
    Scene { id: "PG-024", variants: classifier_outage::VARIANTS, worlds: "h1", play: classifier_outage::play },
    Scene { id: "RL-001", variants: limits::exactness::VARIANTS, worlds: "h1 h2", play: limits::exactness::play },
    Scene { id: "RL-002", variants: 1, worlds: "h1", play: limits::first_touch::play },
    Scene { id: "RL-010", variants: limits::borders::VARIANTS, worlds: "h1", play: limits::borders::play },
    Scene { id: "RL-011", variants: limits::clocks::VARIANTS, worlds: "fake", play: limits::clocks::play },
    Scene { id: "RL-013", variants: limits::usage::VARIANTS, worlds: "h1", play: limits::usage::play },
    Scene { id: "RL-014", variants: limits::aborts::VARIANTS, worlds: "h1", play: limits::aborts::play },
    Scene { id: "RL-016", variants: 1, worlds: "h1", play: limits::restart::play },
    Scene { id: "RL-018", variants: limits::corrupt::VARIANTS, worlds: "h1", play: limits::corrupt::play },
    Scene {
        id: "RL-019",
        variants: limits::saturation::VARIANTS,
        worlds: "native fake",
        play: limits::saturation::play,
    },
    Scene { id: "RL-020", variants: limits::brute_force::VARIANTS, worlds: "h1", play: limits::brute_force::play },
    Scene { id: "PF-002", variants: 14, worlds: "h1 h2", play: injected_trap::play },
    Scene { id: "PF-003", variants: 1, worlds: "h1", play: query_of_death::play },
    Scene { id: "PF-005", variants: 2, worlds: "h1", play: services_down::play },
    Scene { id: "PF-006", variants: 1, worlds: "h1", play: reload_soak::play },
    Scene { id: "PF-008", variants: 1, worlds: "h1", play: gateway::restarts::play },
    Scene { id: "PF-009", variants: 1, worlds: "h1", play: gateway::slowloris::play },
    Scene { id: "PF-010", variants: 1, worlds: "h1", play: gateway::body_bomb::play },
    Scene { id: "PF-012", variants: gateway::h2_abuse::VARIANTS, worlds: "h2", play: gateway::h2_abuse::play },
    Scene { id: "PF-013", variants: 5, worlds: "h1", play: client_abort::play },
];

/// The scene of a row.
pub fn of(id: &str) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.id == id)
}

/// The length of a slow row: in full with `SLOW=1`, else a twentieth.
pub fn scaled(full: u32) -> u32 {
    if is_in_full() { full } else { (full / 20).max(1) }
}

/// Whether slow rows run in full.
pub fn is_in_full() -> bool {
    std::env::var_os("SLOW").is_some()
}
