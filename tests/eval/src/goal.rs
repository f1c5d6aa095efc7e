//! What is asked of a figure: an *aim*, which is where it should be, and a *floor*, which it must not fall behind.
//!
//! A missed aim is told and is no fault: it is what is still to be done. A figure behind its floor is one: what was better
//! is worse now, and the program says so by its exit. A floor stands a little behind what was measured, which stands beside
//! it with the day, so that chance alone passes; it may be better than the aim. Who makes a figure better moves its floor,
//! and who must make one worse does so too, and says why.

use std::fmt;

/// What is asked of a figure.
pub(crate) struct Goal {
    side: Side,
    aim: f64,
    floor: f64,
    /// What was measured when the floor was set, and when.
    was: &'static str,
}

/// On which side of a goal a figure is good.
enum Side {
    AtLeast,
    AtMost,
}

/// Where a figure stands: the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Reached,
    Missed,
    BehindFloor,
}

impl Goal {
    /// The more, the better.
    pub(crate) const fn at_least(aim: f64, floor: f64, was: &'static str) -> Self {
        Self { side: Side::AtLeast, aim, floor, was }
    }

    /// The less, the better.
    pub(crate) const fn at_most(aim: f64, floor: f64, was: &'static str) -> Self {
        Self { side: Side::AtMost, aim, floor, was }
    }

    /// Where a figure stands.
    pub(crate) fn judge(&self, figure: f64) -> Standing {
        let holds = |goal: f64| match self.side {
            Side::AtLeast => figure >= goal,
            Side::AtMost => figure <= goal,
        };
        match (holds(self.floor), holds(self.aim)) {
            (false, _) => Standing::BehindFloor,
            (true, false) => Standing::Missed,
            (true, true) => Standing::Reached,
        }
    }

    /// Prints where a figure stands, and says whether its floor holds.
    pub(crate) fn print(&self, what: &str, figure: f64) -> bool {
        let standing = self.judge(figure);
        println!("\n{standing}: {what}: {}; {self}", (figure * 1000.0).round() / 1000.0);
        standing.holds()
    }
}

impl Standing {
    /// Whether the floor holds.
    pub(crate) fn holds(self) -> bool {
        self != Self::BehindFloor
    }

    /// What is said at the end of a line of a table: nothing where all is well.
    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::Reached => "",
            Self::Missed => "  misses the aim",
            Self::BehindFloor => "  BEHIND THE FLOOR",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reached => "reached",
            Self::Missed => "MISSED",
            Self::BehindFloor => "BEHIND ITS FLOOR",
        })
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::AtLeast => "at least",
            Side::AtMost => "at most",
        };
        write!(f, "aim {side} {}, floor {} (was {})", self.aim, self.floor, self.was)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_may_miss_its_aim_and_not_its_floor() {
        let found = Goal::at_least(0.8, 0.7, "0.73 on a day");
        let flagged = Goal::at_most(0.01, 0.02, "0.015 on a day");
        let better = Goal::at_least(0.8, 0.9, "0.95 on a day");
        for (goal, figure, expected, holds) in [
            (&found, 0.8, Standing::Reached, true),
            (&found, 0.79, Standing::Missed, true),
            (&found, 0.7, Standing::Missed, true),
            (&found, 0.69, Standing::BehindFloor, false),
            (&flagged, 0.01, Standing::Reached, true),
            (&flagged, 0.02, Standing::Missed, true),
            (&flagged, 0.03, Standing::BehindFloor, false),
            (&better, 0.85, Standing::BehindFloor, false),
        ] {
            assert_eq!(goal.judge(figure), expected, "{figure}: {goal}");
            assert_eq!(goal.judge(figure).holds(), holds, "{figure}: {goal}");
        }
        assert_eq!(found.to_string(), "aim at least 0.8, floor 0.7 (was 0.73 on a day)");
    }
}
