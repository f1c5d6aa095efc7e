//! The ensemble: a linear model and patterns from several beginnings, weighed so that none outvotes the others.

use prompt_guard::detect::injection::features::Group;
use prompt_guard::detect::injection::linear::{Linear, Seen};
use prompt_guard::detect::injection::patterns::Patterns;
use prompt_guard::detect::injection::units::Vocabulary;

use crate::examples::examples;
use crate::linear::{self, Regression};
use crate::patterns;
use crate::windows::{Set, Window};

/// Which models there are.
#[derive(Debug, Clone)]
pub struct Design {
    pub name: &'static str,
    pub linear: Option<linear::Settings>,
    /// How many times patterns are fitted.
    pub members: usize,
    pub patterns: patterns::Settings,
    /// What all patterns count together, of 1.
    pub share: f32,
}

/// A fitted ensemble, without its lexicon.
pub struct Fitted {
    pub linear: Linear,
    pub vocabulary: Vocabulary,
    pub patterns: Vec<Patterns>,
    /// What each counts, the linear one first, in 1/65,536.
    pub shares: Vec<i32>,
}

/// Fits a design to the rows that are wanted.
pub fn train(set: &Set, weights: &[f64], is_wanted: &(dyn Fn(usize) -> bool + Sync), design: &Design) -> Fitted {
    // Which window of a long attack is the attack, the linear model of all features says.
    let all = design.linear.unwrap_or(linear::Settings::ALL);
    let first = Regression::train(&examples(set, weights, is_wanted, None), &all);
    let chosen = examples(set, weights, is_wanted, Some(&|window: &Window| first.score(window)));
    let regression = Regression::train(&chosen, &all);
    let wanted = set.windows.iter().filter(|window| is_wanted(window.row));
    let vocabulary = patterns::vocabulary(wanted, design.patterns.words);
    let mut members = Vec::with_capacity(design.members);
    let seeds: Vec<u64> = (0..design.members as u64).map(|member| design.patterns.seed + member).collect();
    for pair in seeds.chunks(2) {
        members.extend(std::thread::scope(|scope| {
            let (chosen, vocabulary) = (&chosen, &vocabulary);
            let fit = |seed: &u64| {
                let settings = patterns::Settings { seed: *seed, ..design.patterns };
                scope.spawn(move || patterns::train(chosen, vocabulary, &settings))
            };
            let running: Vec<_> = pair.iter().map(fit).collect();
            running.into_iter().map(|member| member.join().expect("a thread that fits patterns")).collect::<Vec<_>>()
        }));
    }
    let mut fitted = Fitted { linear: regression.whole(), vocabulary, patterns: members, shares: Vec::new() };
    fitted.shares = fitted.balanced(set, is_wanted, design);
    fitted
}

impl Fitted {
    /// Each member's scores of ordinary windows deviate as much as those of the others.
    fn balanced(&self, set: &Set, is_wanted: &dyn Fn(usize) -> bool, design: &Design) -> Vec<i32> {
        let ordinary = set.windows.iter().filter(|window| is_wanted(window.row) && !set.row(window).is_attack());
        let mut seen = Seen::default();
        let scores: Vec<Vec<f64>> = ordinary.step_by(7).map(|window| self.scores(window, &mut seen)).collect();
        let members = self.patterns.len().max(1) as f64;
        let share = |member: usize| match (member, design.linear, self.patterns.is_empty()) {
            (0, None, _) => 0.0,
            (0, Some(_), false) => f64::from(1.0 - design.share),
            (0, Some(_), true) => 1.0,
            (_, None, _) => 1.0 / members,
            _ => f64::from(design.share) / members,
        };
        let deviation = |member: usize| {
            let values: Vec<f64> = scores.iter().map(|scores| scores[member]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
        };
        (0..=self.patterns.len()).map(|member| (share(member) / deviation(member) * 65536.0 * 65536.0) as i32).collect()
    }

    fn scores(&self, window: &Window, seen: &mut Seen) -> Vec<f64> {
        seen.start();
        for feature in &window.features {
            seen.see(&self.linear, Group::of(*feature as usize), *feature as usize);
        }
        let units = patterns::numbers(window, &self.vocabulary);
        let patterns = self.patterns.iter().map(|patterns| patterns.score(&units) as f64);
        std::iter::once(seen.score(&self.linear) as f64).chain(patterns).collect()
    }

    /// The score of each row: of its worst window, in deviations of ordinary ones.
    pub fn rows(&self, set: &Set) -> Vec<f32> {
        let of = |windows: &[Window]| {
            let mut seen = Seen::default();
            let mut scores = vec![f32::MIN; set.rows.len()];
            for window in windows {
                let members = self.scores(window, &mut seen);
                let score: f64 = members.iter().zip(&self.shares).map(|(one, share)| one * f64::from(*share)).sum();
                let score = (score / 65536.0 / 65536.0) as f32;
                scores[window.row] = scores[window.row].max(score);
            }
            scores
        };
        let (one, other) = set.windows.split_at(set.windows.len() / 2);
        std::thread::scope(|scope| {
            let one = scope.spawn(|| of(one));
            let other = of(other);
            let one = one.join().expect("a thread that scores windows");
            one.iter().zip(&other).map(|(one, other)| one.max(*other)).collect()
        })
    }
}

impl Design {
    /// What the filter has.
    pub const SHIPPED: Design = Design {
        name: "concepts, letters, and patterns",
        linear: Some(linear::Settings::ALL),
        members: 2,
        patterns: patterns::Settings::ALL,
        share: 0.5,
    };

    /// What was tried.
    pub const ALL: &[Design] = &[
        Design { name: "letters", linear: Some(linear::Settings::LETTERS), members: 0, ..Design::SHIPPED },
        Design { name: "pairs of concepts", linear: Some(linear::Settings::CONCEPTS), members: 0, ..Design::SHIPPED },
        Design { name: "concepts and letters", members: 0, ..Design::SHIPPED },
        Design { name: "patterns of units", linear: None, ..Design::SHIPPED },
        Design { name: "concepts, letters, and one row of patterns", members: 1, ..Design::SHIPPED },
        Design::SHIPPED,
        Design { name: "concepts, letters, and four rows of patterns", members: 4, ..Design::SHIPPED },
    ];
}
