//! Whose texts something is looked for in.

use portcullis::ai::vocabulary::Provenance;

/// A set of provenances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope(u32);

impl Scope {
    /// Everybody's.
    pub(crate) const ALL: Self = Self(u32::MAX);

    /// Those of these.
    pub(crate) fn of(provenances: &[Provenance]) -> Self {
        Self(provenances.iter().fold(0, |bits, provenance| bits | bit(*provenance)))
    }

    /// Everybody's but those of these.
    pub(crate) fn but(provenances: &[Provenance]) -> Self {
        Self(!Self::of(provenances).0)
    }

    /// Whether these texts are among them.
    pub(crate) fn has(self, provenance: Provenance) -> bool {
        self.0 & bit(provenance) != 0
    }
}

fn bit(provenance: Provenance) -> u32 {
    1 << match provenance {
        Provenance::Role => 0,
        Provenance::System => 1,
        Provenance::Developer => 2,
        Provenance::User => 3,
        Provenance::Assistant => 4,
        Provenance::Reasoning => 5,
        Provenance::Refusal => 6,
        Provenance::ToolResult => 7,
        Provenance::ToolArguments => 8,
        Provenance::ToolDefinition => 9,
        Provenance::Document => 10,
        Provenance::FileName => 11,
        Provenance::Description => 12,
        Provenance::Metadata => 13,
        Provenance::Unknown => 14,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provenance_has_a_place_of_its_own() {
        for (at, one) in Provenance::ALL.iter().copied().enumerate() {
            let others = Scope::but(&[one]);
            for (other_at, other) in Provenance::ALL.iter().copied().enumerate() {
                assert_eq!(Scope::of(&[one]).has(other), at == other_at, "{one:?} {other:?}");
                assert_eq!(others.has(other), at != other_at, "{one:?} {other:?}");
            }
        }
    }
}
