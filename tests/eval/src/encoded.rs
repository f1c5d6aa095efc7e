//! Whether what was encoded comes back, what happens to ordinary text, and what it costs.
//!
//! For each encoded text, three words in a row of the plain one are looked up in its folded views: as an operator's list
//! of denied phrases would.

use std::collections::BTreeMap;

use prompt_guard::normalise::{Via, View, Views, folded, views};
use serde::Deserialize;

use crate::cost;
use crate::goal::Goal;
use portcullis_training::corpus::Corpus;
use portcullis_training::measure::Share;

/// The share of encoded texts whose words are found again, of all transforms together, those that nobody undoes among
/// them.
const FOUND: Goal = Goal::at_least(0.90, 0.90, "0.913 on 2026-11-22");

/// The share of harmless texts of which something is decoded, but for those that are pages with tags.
const DECODED: Goal = Goal::at_most(0.01, 0.01, "34 of 11,624 on 2026-11-22");

#[derive(Deserialize)]
struct Encoded {
    text: String,
    transform: String,
    of: String,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    label: String,
}

pub(crate) fn run(corpus: &Corpus) -> Result<bool, String> {
    let mut holds = true;
    for set in ["encoded_train", "encoded_dev"] {
        holds &= recovered(&corpus.rows(&format!("{set}.jsonl"))?, set);
    }
    let mut benign: Vec<Text> = corpus.rows("train.jsonl")?;
    benign.extend(corpus.rows::<Text>("dev.jsonl")?);
    benign.retain(|text| text.label == "benign");
    holds &= ordinary(&benign);
    let texts: Vec<&str> = benign.iter().map(|row| row.text.as_str()).collect();
    cost::print(&texts);
    Ok(holds)
}

fn recovered(rows: &[Encoded], set: &str) -> bool {
    let plain = rows.iter().filter(|row| row.transform == "plain");
    let phrases: BTreeMap<&str, String> = plain.map(|row| (row.of.as_str(), phrase(&row.text))).collect();
    let mut table: BTreeMap<&str, Share> = BTreeMap::new();
    for row in rows {
        let Some(phrase) = phrases.get(row.of.as_str()).filter(|phrase| !phrase.is_empty()) else { continue };
        let views = views(&row.text);
        let is_found = all(&views).any(|view| folded(view).text.contains(phrase.as_str()));
        table.entry(&row.transform).or_default().count(is_found);
        if !is_found && wants_examples(&row.transform) {
            println!("  lost: {phrase:?} in {:?}", row.text);
            for view in &views.decoded {
                println!("    {}: {:?}", view.via.word(), view.text);
            }
        }
    }
    println!("# {set}");
    let mut all = Share::default();
    for (transform, Share { found, all: total }) in table {
        println!("encoded.{transform}: {found}/{total}");
        all = Share { found: all.found + found, all: all.all + total };
    }
    FOUND.print("of encoded texts are found again", all.value())
}

/// Whether the environment asks to see what is lost or made: `EXAMPLES=rot13`.
fn wants_examples(of: &str) -> bool {
    std::env::var("EXAMPLES").is_ok_and(|wanted| wanted == of)
}

fn all<'v>(views: &'v Views<'_>) -> impl Iterator<Item = &'v View<'v>> {
    std::iter::once(&views.plain).chain(views.decoded.iter())
}

/// The longest three words in a row of a text, with one blank between them, in lower case.
fn phrase(text: &str) -> String {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let triples = words.windows(3).filter(|triple| triple.iter().all(is_word));
    triples.map(|triple| triple.join(" ")).max_by_key(String::len).unwrap_or_default()
}

fn ordinary(benign: &[Text]) -> bool {
    let (mut ascii, mut changed, mut decoded) = (0_usize, 0_usize, Share::default());
    let mut by_via: BTreeMap<&str, usize> = BTreeMap::new();
    for row in benign {
        let views = views(&row.text);
        if row.text.is_ascii() {
            ascii = ascii.saturating_add(1);
            let is_changed = views.plain.text != row.text;
            changed = changed.saturating_add(usize::from(is_changed));
            if is_changed && wants_examples("changed") {
                println!("{:?}\n", row.text);
            }
        }
        // Most pages of HTML have tags, and lose nothing without them.
        decoded.count(views.decoded.iter().any(|view| view.via != Via::Markup));
        for view in &views.decoded {
            let count = by_via.entry(view.via.word()).or_default();
            *count = count.saturating_add(1);
            if wants_examples(&format!("benign-{}", view.via.word())) {
                let (was, is) = difference(&row.text, &view.text);
                println!("{was:?}\n-> {is:?}\n");
            }
        }
    }
    println!("# benign texts: {}", benign.len());
    println!("ascii.changed: {changed}/{ascii}");
    println!("with.decoded: {}/{}", decoded.found, decoded.all);
    for (via, count) in by_via {
        println!("decoded.{via}: {count}");
    }
    DECODED.print("of harmless texts something is decoded", decoded.value())
}

/// Where two texts begin to differ.
fn difference<'t>(one: &'t str, other: &'t str) -> (&'t str, &'t str) {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(20);
    let cut = |text: &'t str| {
        let start = text.floor_char_boundary(same);
        text.get(start..text.ceil_char_boundary(start.saturating_add(140))).unwrap_or_default()
    };
    (cut(one), cut(other))
}
