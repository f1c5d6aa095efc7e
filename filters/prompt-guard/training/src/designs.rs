//! Compares designs: each is trained again without each source in turn, and asked for what that source has. A source that
//! nothing was learnt of is what a stranger's attack is like; the set for development is not.

use std::collections::BTreeSet;

use crate::measure::{FALSE, Share, by_source, macro_mean, share, threshold};
use crate::model::{Design, train};
use crate::rows::{Origin, Row};
use crate::windows::Set;

/// At how many everyday texts above the threshold a source is measured: one number alone is much chance.
const MOST: [usize; 4] = [4, 8, 16, 32];

/// Prints a line for each design; sources of this origin are left out in turn.
pub fn print(train_set: &Set, weights: &[f64], dev: &Set, origin: Origin, told: &dyn Fn(&str)) {
    println!("| design | same | unseen | macro | left out, at 4, 8, 16, 32 | mean |\n|---|---|---|---|---|---|");
    let is_unseen = |row: &Row| row.is_core() && row.is_of_unseen_source();
    for design in Design::ALL {
        let scores = train(train_set, weights, &|_| true, design).rows(dev, &|_| true, design.narrow);
        let at = threshold(&dev.rows, &scores, FALSE);
        let same = share(&dev.rows, &scores, at, |row| row.is_core() && !row.is_of_unseen_source());
        let unseen = share(&dev.rows, &scores, at, is_unseen);
        let sources = by_source(&dev.rows, &scores, at, is_unseen);
        told(design.name);
        let means = LeftOut { train_set, weights, dev, origin, told }.means(design);
        let listed: Vec<String> = means.iter().map(|mean| format!("{mean:.3}")).collect();
        println!(
            "| {} | {:.3} | {:.3} | {:.3} | {} | {:.3} |",
            design.name,
            same.value(),
            unseen.value(),
            macro_mean(&sources, 15),
            listed.join(" "),
            means.iter().sum::<f64>() / 4.0
        );
    }
}

/// What is trained and measured with one source left out.
struct LeftOut<'t> {
    train_set: &'t Set,
    weights: &'t [f64],
    dev: &'t Set,
    origin: Origin,
    told: &'t dyn Fn(&str),
}

impl LeftOut<'_> {
    /// The share of the attacks of a source that is found without that source, in the mean.
    fn means(&self, design: &Design) -> [f64; 4] {
        let is_of_origin = |row: &&Row| row.is_core() && row.origin == self.origin;
        let sources: BTreeSet<&str> = self.train_set.rows.iter().filter(is_of_origin).map(Row::hand).collect();
        let mut sums = [0.0; 4];
        for source in &sources {
            let found = self.found(design, source);
            (self.told)(&format!("{}, without {source}: {found:.3?}", design.name));
            sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
        }
        sums.map(|sum| sum / sources.len().max(1) as f64)
    }

    fn found(&self, design: &Design, source: &str) -> [f64; 4] {
        let (rows, dev, origin) = (&self.train_set.rows, self.dev, self.origin);
        let is_of_source = |row: usize| rows[row].origin == origin && rows[row].hand() == source;
        let fitted = train(self.train_set, self.weights, &|row| !is_of_source(row), design);
        let everyday = fitted.rows(dev, &|row| dev.rows[row].is_everyday(), design.narrow);
        let own = fitted.rows(self.train_set, &is_of_source, design.narrow);
        MOST.map(|most| {
            let at = threshold(&dev.rows, &everyday, most);
            let attacks = (0..rows.len()).filter(|row| is_of_source(*row) && rows[*row].is_core());
            Share::of(attacks.map(|row| own[row] > at)).value()
        })
    }
}
