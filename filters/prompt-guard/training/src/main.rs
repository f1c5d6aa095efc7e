//! Trains the table of the detector `injection`.
//!
//! ```text
//! portcullis-training [table | check | designs [source | hand]]
//! ```
//!
//! `table` writes the table into the filter and says what it finds; `check` says whether the filter has that table;
//! `designs` compares designs, each trained again without each source of the corpus in turn, or each hand that wrote.
//! Exit: 0, 1 if the filter has another table, or 2 if nothing could be trained.

// A program for developers: nobody sends it anything.
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_precision_loss)]
#![allow(clippy::disallowed_methods, clippy::indexing_slicing)]

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use portcullis_training::chance::Chance;
use portcullis_training::corpus::Corpus;
use portcullis_training::designs::Comparison;
use portcullis_training::examples;
use portcullis_training::lexicon::{self, Concepts};
use portcullis_training::measure::{FALSE, FALSE_READ, Share, by_source, macro_mean, share, threshold, threshold_of};
use portcullis_training::model::{Design, train};
use portcullis_training::noise;
use portcullis_training::rows::{Origin, Row};
use portcullis_training::whole;
use portcullis_training::windows::Set;
use prompt_guard::detect::injection::model::{ByHand, Points};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None | Some("table") => Texts::read().and_then(|texts| write(&table(&texts))),
        Some("check") => Texts::read().and_then(|texts| compare(&table(&texts))),
        Some("designs") => Texts::read().and_then(|texts| compare_designs(&texts)),
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
    dev: Vec<Row>,
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
        let dev: Vec<Row> = corpus.rows("dev.jsonl")?;
        eprintln!(
            "{} concepts, {} stems, {} texts in {} windows; {} texts to measure with",
            concepts.names.len(),
            concepts.stems,
            train.rows.len(),
            train.windows.len(),
            dev.len()
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

fn compare_designs(texts: &Texts) -> Result<bool, String> {
    let origin = match std::env::args().nth(2).as_deref() {
        None | Some("source") => Origin::Corpus,
        Some("hand") => Origin::Hand,
        Some(other) => return Err(format!("{other}: expected source or hand")),
    };
    let Texts { concepts, train: set, weights, dev, .. } = texts;
    let told = |what: &str| texts.told(what);
    Comparison { concepts, set, weights, dev, origin, told: &told }.print();
    Ok(true)
}

/// The table in bytes; what it finds is told.
fn table(texts: &Texts) -> Vec<u8> {
    let Texts { concepts, train: set, weights, dev: rows, .. } = texts;
    let mut model = train(set, weights, &|_| true, &Design::SHIPPED).model(concepts, Design::SHIPPED.narrow);
    texts.told("fitted");
    let scores = whole::scores(&model, rows, &|_| true);
    found(rows, &scores);
    let noise = noise::rows(&mut Chance::new(42));
    print(
        "flagged.without-words",
        share(&noise, &whole::scores(&model, &noise, &|_| true), threshold(rows, &scores, FALSE), |_| true),
    );
    let fixed = |score: f32| (score * 65536.0) as i32;
    let said = |most: usize| fixed(threshold(rows, &scores, most));
    let read = |most: usize| fixed(threshold_of(rows, &scores, most, Row::is_read));
    let said = Points { flag: said(FALSE), block: said(0) };
    let read = Points { flag: read(FALSE_READ), block: read(0) };
    model.points = ByHand { said, read };
    println!("points: {:?}", model.points);
    model.write()
}

/// What is found in the set for development.
fn found(rows: &[Row], scores: &[f32]) {
    let threshold = threshold(rows, scores, FALSE);
    let of = |is_wanted: &dyn Fn(&Row) -> bool| share(rows, scores, threshold, is_wanted);
    print("attacks.same", of(&|row| row.is_core() && !row.is_of_unseen_source()));
    print("attacks.unseen", of(&|row| row.is_core() && row.is_of_unseen_source()));
    let unseen = by_source(rows, scores, threshold, |row| row.is_core() && row.is_of_unseen_source());
    println!("attacks.unseen.macro: {:.3}", macro_mean(&unseen));
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

fn print(name: &str, share: Share) {
    let (low, high) = share.interval();
    println!("{name}: {}/{} = {:.3} ({low:.3} to {high:.3})", share.found, share.all, share.value());
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
