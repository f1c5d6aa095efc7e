//! Trains the table of the detector `injection`.
//!
//! ```text
//! portcullis-training [table | check | designs]
//! ```
//!
//! `table` writes the table into the filter and says what it finds; `check` says whether the filter has that table;
//! `designs` compares designs, each trained again without
//! each source of the corpus in turn. Exit: 0, or 2 if nothing could be trained.

// A program for developers: nobody sends it anything.
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_precision_loss)]
#![allow(clippy::disallowed_methods, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use portcullis_training::corpus::Corpus;
use portcullis_training::examples;
use portcullis_training::lexicon::{self, Concepts};
use portcullis_training::measure::{FALSE, Share, by_source, macro_mean, share, threshold};
use portcullis_training::model::{Design, Fitted, train};
use portcullis_training::rows::{Origin, Row};
use portcullis_training::windows::Set;
use prompt_guard::detect::injection::model::{Model, Points};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None | Some("table") => Texts::read().and_then(|texts| write(&table(&texts))),
        Some("check") => Texts::read().and_then(|texts| compare(&table(&texts))),
        Some("designs") => Texts::read().map(|texts| designs(&texts)),
        Some(other) => Err(format!("{other}: expected table, check or designs")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("train: {fault}");
            ExitCode::from(2)
        }
    }
}

/// All that is trained on and measured with.
struct Texts {
    concepts: Concepts,
    train: Set,
    weights: Vec<f64>,
    dev: Set,
    since: Instant,
}

impl Texts {
    fn read() -> Result<Self, String> {
        let since = Instant::now();
        let corpus = Corpus::open()?;
        let concepts = lexicon::read(Path::new(FOLDER))?;
        let rows = examples::rows(&corpus, Path::new(FOLDER))?;
        let train = Set::read(rows, &concepts.lexicon);
        let weights = examples::weights(&train.rows);
        let dev = Set::read(corpus.rows("dev.jsonl")?, &concepts.lexicon);
        eprintln!(
            "{} concepts, {} stems, {} texts in {} windows; {} texts to measure with",
            concepts.names.len(),
            concepts.stems,
            train.rows.len(),
            train.windows.len(),
            dev.rows.len()
        );
        Ok(Self { concepts, train, weights, dev, since })
    }

    fn told(&self, what: &str) {
        eprintln!("{:>4} s: {what}", self.since.elapsed().as_secs());
    }
}

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/detect/injection/table.bin");

fn write(table: &[u8]) -> Result<bool, String> {
    std::fs::write(TABLE, table).map_err(|error| format!("{TABLE}: {error}"))?;
    println!("table.bin: {} bytes", table.len());
    Ok(true)
}

fn compare(table: &[u8]) -> Result<bool, String> {
    let known = std::fs::read(TABLE).map_err(|error| format!("{TABLE}: {error}"))?;
    let is_same = known == table;
    println!("table.bin: {}", if is_same { "the same" } else { "another one; `make train` writes it" });
    Ok(is_same)
}

/// The table in bytes; what it finds is told.
fn table(texts: &Texts) -> Vec<u8> {
    let fitted = train(&texts.train, &texts.weights, &|_| true, &Design::SHIPPED);
    let scores = fitted.rows(&texts.dev, &|_| true, Design::SHIPPED.narrow);
    texts.told("fitted");
    found(texts, &scores, FALSE);
    let point = |most: usize| (threshold(&texts.dev.rows, &scores, most) * 65536.0) as i32;
    let points = Points { flag: point(FALSE), block: point(0) };
    let (lexicon, names) = (texts.concepts.lexicon.clone(), texts.concepts.names.clone());
    let Fitted { linear, vocabulary, patterns, shares } = fitted;
    let narrow = (Design::SHIPPED.narrow * 65536.0) as i32;
    Model { lexicon, names, vocabulary, linear, patterns, shares, narrow, points: [points; 2] }.write()
}

/// What is found in the set for development.
fn found(texts: &Texts, scores: &[f32], most: usize) {
    let rows = &texts.dev.rows;
    let threshold = threshold(rows, scores, most);
    let print = |name: &str, share: Share| {
        let (low, high) = share.interval();
        println!("{name}: {}/{} = {:.3} ({low:.3} to {high:.3})", share.found, share.all, share.value());
    };
    let of = |is_wanted: &dyn Fn(&Row) -> bool| share(rows, scores, threshold, is_wanted);
    print("attacks.same", of(&|row| row.is_core() && !row.is_of_unseen_source()));
    print("attacks.unseen", of(&|row| row.is_core() && row.is_of_unseen_source()));
    let unseen = by_source(rows, scores, threshold, |row| row.is_core() && row.is_of_unseen_source());
    println!("attacks.unseen.macro: {:.3}", macro_mean(&unseen, 15));
    for (source, share) in &unseen {
        print(&format!("attacks.{source}"), *share);
    }
    print("attacks.contextual", of(&|row| row.is_attack() && !row.is_core()));
    print("flagged.everyday", of(&Row::is_everyday));
    examples_of(rows, scores, threshold);
    for tag in ["notinject", "over-refusal", "system-prompt", "quotes_attack"] {
        print(&format!("flagged.{tag}"), of(&|row| !row.is_attack() && row.has_tag(tag)));
    }
}

/// What the environment asks to see: `EXAMPLES=everyday` the harmless texts near the threshold, or else the attacks of a
/// source by a part of its name, that are below it.
fn examples_of(rows: &[Row], scores: &[f32], threshold: f32) {
    let Ok(wanted) = std::env::var("EXAMPLES") else { return };
    let is_wanted = |row: &Row, score: f32| match wanted.as_str() {
        "everyday" => row.is_everyday() && score > threshold - 0.3,
        source => row.is_core() && row.source.contains(source) && score <= threshold,
    };
    let mut listed: Vec<_> = rows.iter().zip(scores).filter(|(row, score)| is_wanted(row, **score)).collect();
    listed.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    for (row, score) in listed {
        let text: String = row.text.chars().take(400).collect();
        println!("  {:+.2} {}: {text:?}", score - threshold, row.source);
    }
}

/// At how many everyday texts above the threshold sources are measured: one number alone is much chance.
const MOST: [usize; 4] = [4, 8, 16, 32];

fn designs(texts: &Texts) -> bool {
    println!("| design | same | unseen | macro | a source left out | mean | a hand left out | mean |");
    println!("|---|---|---|---|---|---|---|---|");
    for design in Design::ALL {
        let fitted = train(&texts.train, &texts.weights, &|_| true, design);
        let scores = fitted.rows(&texts.dev, &|_| true, design.narrow);
        let at = threshold(&texts.dev.rows, &scores, FALSE);
        let same = share(&texts.dev.rows, &scores, at, |row| row.is_core() && !row.is_of_unseen_source());
        let unseen = share(&texts.dev.rows, &scores, at, |row| row.is_core() && row.is_of_unseen_source());
        let sources = by_source(&texts.dev.rows, &scores, at, |row| row.is_core() && row.is_of_unseen_source());
        texts.told(design.name);
        println!(
            "| {} | {:.3} | {:.3} | {:.3} | {} | {} |",
            design.name,
            same.value(),
            unseen.value(),
            macro_mean(&sources, 15),
            left_out(texts, design, Origin::Corpus),
            left_out(texts, design, Origin::Hand),
        );
    }
    true
}

/// The mean share of the attacks of a source of that origin that is found without that source.
fn left_out(texts: &Texts, design: &Design, origin: Origin) -> String {
    let rows = &texts.train.rows;
    let is_of_origin = |row: &&Row| row.is_core() && row.origin == origin;
    let hands: BTreeSet<&str> = rows.iter().filter(is_of_origin).map(Row::hand).collect();
    let mut sums = [0.0; 4];
    for hand in &hands {
        let is_of_hand = |row: usize| rows[row].origin == origin && rows[row].hand() == *hand;
        let fitted = train(&texts.train, &texts.weights, &|row| !is_of_hand(row), design);
        let dev = fitted.rows(&texts.dev, &|row| texts.dev.rows[row].is_everyday(), design.narrow);
        let own = fitted.rows(&texts.train, &is_of_hand, design.narrow);
        let mut listed = Vec::new();
        for (sum, most) in sums.iter_mut().zip(MOST) {
            let at = threshold(&texts.dev.rows, &dev, most);
            let attacks = (0..rows.len()).filter(|row| is_of_hand(*row) && rows[*row].is_core());
            let found = Share::of(attacks.map(|row| own[row] > at)).value();
            *sum += found;
            listed.push(format!("{found:.3}"));
        }
        texts.told(&format!("{}, without {hand}: {}", design.name, listed.join(" ")));
    }
    let means = sums.map(|sum| sum / hands.len().max(1) as f64);
    let listed: Vec<String> = means.iter().map(|mean| format!("{mean:.3}")).collect();
    format!("{} | {:.3}", listed.join(" "), means.iter().sum::<f64>() / 4.0)
}
