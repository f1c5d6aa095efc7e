//! Compares designs: each is trained again without each source in turn, and asked for what that source has. A source that
//! nothing was learnt of is what a stranger's attack is like; the set for development is not.

use std::collections::BTreeSet;
use std::time::Instant;

use prompt_guard::detect::injection::model::Model;
use prompt_guard::detect::injection::read::Reading;
use prompt_guard::detect::injection::score::Room;

use crate::lexicon::Concepts;
use crate::measure::{FALSE, Share, by_source, macro_mean, share, threshold};
use crate::model::{Design, train};
use crate::rows::{Origin, Row};
use crate::whole;
use crate::windows::Set;

/// At how many everyday texts above the threshold a source is measured: one number alone is much chance.
const MOST: [usize; 4] = [4, 8, 16, 32];

/// What designs are trained on and measured with.
pub struct Comparison<'t> {
    pub concepts: &'t Concepts,
    pub set: &'t Set,
    pub weights: &'t [f64],
    pub dev: &'t [Row],
    /// Whose sources are left out in turn.
    pub origin: Origin,
    /// Told what is done.
    pub told: &'t dyn Fn(&str),
}

impl Comparison<'_> {
    /// Prints a line for each design.
    pub fn print(&self) {
        println!(
            "| design | same | unseen | macro | left out, at 4, 8, 16, 32 | mean | KiB | ns a byte |\n|---|---|---|---|---|---|---|---|"
        );
        for design in Design::ALL {
            let model = self.model(design, &|_| true);
            let [same, unseen, mean] = self.found(&model);
            let (bytes, time) = (model.write().len() / 1024, self.time(&model));
            (self.told)(design.name);
            let means = self.left_out(design);
            let listed: Vec<String> = means.iter().map(|mean| format!("{mean:.3}")).collect();
            let (listed, of_all) = (listed.join(" "), means.iter().sum::<f64>() / 4.0);
            println!(
                "| {} | {same:.3} | {unseen:.3} | {mean:.3} | {listed} | {of_all:.3} | {bytes} | {time:.0} |",
                design.name
            );
        }
    }

    /// What is found in the set for development: of sources trained on, of others, and of these in the mean.
    fn found(&self, model: &Model) -> [f64; 3] {
        let scores = whole::scores(model, self.dev, &|_| true);
        let at = threshold(self.dev, &scores, FALSE);
        let is_unseen = |row: &Row| row.is_core() && row.is_of_unseen_source();
        let same = share(self.dev, &scores, at, |row| row.is_core() && !row.is_of_unseen_source());
        let unseen = share(self.dev, &scores, at, is_unseen);
        let sources = by_source(self.dev, &scores, at, is_unseen);
        [same.value(), unseen.value(), macro_mean(&sources)]
    }

    /// The nanoseconds that a byte of plain text takes here, of some everyday texts; reading it in words is among them.
    fn time(&self, model: &Model) -> f64 {
        let texts: Vec<&str> =
            self.dev.iter().filter(|row| row.is_everyday()).take(500).map(|row| &*row.text).collect();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let mut room = Room::default();
        let mut once = || {
            let since = Instant::now();
            for text in &texts {
                std::hint::black_box(model.worst(&Reading::of(text), &mut room));
            }
            since.elapsed().as_nanos() as f64 / bytes as f64
        };
        (0..5).map(|_| once()).fold(f64::MAX, f64::min)
    }

    /// The share of the attacks of a source that is found without that source, in the mean.
    fn left_out(&self, design: &Design) -> [f64; 4] {
        let is_of_origin = |row: &&Row| row.is_core() && row.origin == self.origin;
        let sources: BTreeSet<&str> = self.set.rows.iter().filter(is_of_origin).map(Row::hand).collect();
        let mut sums = [0.0; 4];
        for source in &sources {
            let found = self.without(design, source);
            (self.told)(&format!("{}, without {source}: {found:.3?}", design.name));
            sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
        }
        sums.map(|sum| sum / sources.len().max(1) as f64)
    }

    fn without(&self, design: &Design, source: &str) -> [f64; 4] {
        let (rows, dev, origin) = (&self.set.rows, self.dev, self.origin);
        let is_of_source = |row: usize| rows[row].origin == origin && rows[row].hand() == source;
        let model = self.model(design, &|row| !is_of_source(row));
        let everyday = whole::scores(&model, dev, &|row| dev[row].is_everyday());
        let own = whole::scores(&model, rows, &is_of_source);
        MOST.map(|most| {
            let at = threshold(dev, &everyday, most);
            let attacks = (0..rows.len()).filter(|row| is_of_source(*row) && rows[*row].is_core());
            Share::of(attacks.map(|row| own[row] > at)).value()
        })
    }

    fn model(&self, design: &Design, is_wanted: &(dyn Fn(usize) -> bool + Sync)) -> Model {
        train(self.set, self.weights, is_wanted, design).model(self.concepts, design.narrow)
    }
}
