//! What is trained on, and how much each text counts.

use std::collections::BTreeMap;
use std::path::Path;

use crate::chance::Chance;
use crate::corpus::Corpus;
use crate::grammar::{self, Grammar};
use crate::lexicon::files;
use crate::rows::{Origin, Row, Written};
use crate::windows::{Set, Window};

/// How many texts each template makes.
const EACH: usize = 6;

/// What all attacks and all other texts of an origin count together, in those of the corpus.
const GRAMMAR: [f64; 2] = [0.5, 1.0];
const HAND: [f64; 2] = [1.0, 1.0];

/// All texts to train on: of the corpus but attacks that their text does not show, of the grammar, and written by hand.
pub fn rows(corpus: &Corpus, data: &Path) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = corpus.rows("train.jsonl")?;
    rows.retain(|row| !row.is_attack() || row.is_core());
    let around = around(&rows);
    // What is encoded is no attack for being encoded.
    let encoded: Vec<Row> = corpus.rows("encoded_train.jsonl")?;
    rows.extend(encoded.into_iter().filter(|row| !row.is_attack()).map(|row| Row { source: "encoded".into(), ..row }));
    let mut chance = Chance::new(42);
    let grammars = grammar::read(data)?;
    for grammar in &grammars {
        rows.extend(grammar.rows(EACH, &around, &mut chance));
    }
    let by_hand = by_hand(data)?;
    rows.extend(within(&by_hand, &grammars, &around, &mut chance));
    rows.extend(by_hand);
    Ok(rows)
}

/// Short texts once more, within others: what is said there is what it was.
fn within(rows: &[Row], grammars: &[Grammar], around: &[String], chance: &mut Chance) -> Vec<Row> {
    let hosts: Vec<&Grammar> = grammars.iter().filter(|grammar| grammar.has_hosts()).collect();
    let mut within = |row: &Row| {
        let text = chance.pick(&hosts).within(&row.text, around, chance);
        Row { text, ..row.clone() }
    };
    rows.iter().filter(|row| row.text.len() < 400).map(&mut within).collect()
}

/// Ordinary texts that others are put into.
fn around(rows: &[Row]) -> Vec<String> {
    let is_short = |row: &&Row| !row.is_attack() && (40..700).contains(&row.text.len());
    rows.iter().filter(is_short).map(|row| row.text.clone()).collect()
}

fn by_hand(data: &Path) -> Result<Vec<Row>, String> {
    let mut all = Vec::new();
    for path in files(&data.join("rows"))? {
        let hand = path.file_stem().unwrap_or_default().to_string_lossy();
        let rows: Vec<Written> = Corpus::file(&path)?;
        all.extend(rows.into_iter().map(|row| row.by(&hand)));
    }
    Ok(all)
}

/// What each row counts: those of a source together as the root of how many they are, and the origins as much as is said
/// above.
pub fn weights(rows: &[Row]) -> Vec<f64> {
    let mut counts: BTreeMap<(&str, bool), f64> = BTreeMap::new();
    for row in rows {
        *counts.entry((&row.source, row.is_attack())).or_default() += 1.0;
    }
    let own: Vec<f64> = rows.iter().map(|row| 1.0 / counts[&(row.source.as_str(), row.is_attack())].sqrt()).collect();
    let mut totals: BTreeMap<(Origin, bool), f64> = BTreeMap::new();
    for (row, weight) in rows.iter().zip(&own) {
        *totals.entry((row.origin, row.is_attack())).or_default() += weight;
    }
    let share = |row: &Row| {
        let share = match row.origin {
            Origin::Corpus => return 1.0,
            Origin::Grammar => GRAMMAR,
            Origin::Hand => HAND,
        };
        let total = |origin| totals.get(&(origin, row.is_attack())).copied().unwrap_or(1.0);
        share[usize::from(row.is_attack())] * total(Origin::Corpus) / total(row.origin)
    };
    rows.iter().zip(&own).map(|(row, weight)| weight * share(row)).collect()
}

/// What a piece of a harmless window counts, of what the window counts.
const NARROW: f64 = 0.18;

/// A window to train on.
pub struct Example<'s> {
    pub window: &'s Window,
    pub is_attack: bool,
    /// Around 1.
    pub weight: f64,
}

/// The windows of those rows that are wanted. Of an attack one window or piece is one: the one with the highest score,
/// where scores are known already; till then all windows are.
pub fn examples<'s>(
    set: &'s Set,
    weights: &[f64],
    is_wanted: &dyn Fn(usize) -> bool,
    score: Option<&dyn Fn(&Window) -> f32>,
) -> Vec<Example<'s>> {
    let mut examples: Vec<Example> = Vec::new();
    for windows in set.windows.chunk_by(|one, next| one.row == next.row) {
        let row = windows[0].row;
        if !is_wanted(row) {
            continue;
        }
        let is_attack = set.rows[row].is_attack();
        if let Some(score) = score.filter(|_| is_attack) {
            let best = windows.iter().max_by(|one, other| score(one).total_cmp(&score(other)));
            examples.extend(best.map(|window| Example { window, is_attack, weight: weights[row] }));
            continue;
        }
        let root = (windows.iter().filter(|window| !window.is_narrow).count().max(1) as f64).sqrt();
        for window in windows.iter().filter(|window| !(is_attack && window.is_narrow)) {
            let share = if window.is_narrow { NARROW } else { 1.0 };
            examples.push(Example { window, is_attack, weight: weights[row] / root * share });
        }
    }
    balance(&mut examples);
    examples
}

/// A third of all weight for attacks; 1 on average.
fn balance(examples: &mut [Example]) {
    let total = |is_attack: bool, examples: &[Example]| -> f64 {
        examples.iter().filter(|example| example.is_attack == is_attack).map(|example| example.weight).sum()
    };
    let (attacks, others) = (total(true, examples), total(false, examples));
    let count = examples.len() as f64;
    for example in examples {
        example.weight *= if example.is_attack { count / 3.0 / attacks } else { count * 2.0 / 3.0 / others };
    }
}
