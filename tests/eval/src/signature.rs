//! How often the structural shapes stand in attacks, and how often in honest text.

use std::collections::BTreeMap;
use std::hint::black_box;

use prompt_guard::detect::signature::{Reason, Signature};
use serde::Deserialize;

use crate::goal::Goal;
use crate::speed;
use portcullis_training::corpus::Corpus;

/// The share of honest texts that has a shape.
const FALSE: Goal = Goal::at_most(0.001, 0.001, "0 of 11,208 on 2026-11-22");

/// Tags of honest texts that quote attacks, look like one, or are written for models.
const APART: &[&str] = &["quotes_attack", "over-refusal", "system-prompt"];

/// How attacks are dressed that a shape gives away, and which.
const DRESSES: &[&str] =
    &["chatml", "llama-inst", "html-comment", "markdown-comment", "unicode-tags", "variation-selectors"];

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
    kind: String,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Dressed {
    text: String,
    label: String,
    transform: String,
}

/// How many texts, and how many with each reason, or with any.
#[derive(Default)]
struct Line {
    rows: u32,
    any: u32,
    by: BTreeMap<&'static str, u32>,
}

impl Line {
    fn count(&mut self, signature: &Signature, text: &str) -> bool {
        let mut kinds: Vec<_> = signature.find(text).into_iter().map(|hit| hit.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.rows = self.rows.saturating_add(1);
        self.any = self.any.saturating_add(u32::from(!kinds.is_empty()));
        for kind in &kinds {
            let count = self.by.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
        !kinds.is_empty()
    }

    fn share(&self) -> f64 {
        f64::from(self.any) / f64::from(self.rows.max(1))
    }

    fn print(&self, name: &str) {
        println!("| {name} | {} | {} | {:.4} | {:?} |", self.rows, self.any, self.share(), self.by);
    }
}

pub(crate) fn run(corpus: &Corpus) -> Result<bool, String> {
    let signature = Signature::new(Reason::ALL);
    let verbose = std::env::args().any(|arg| arg == "signature");
    let mut honest = Line::default();
    println!("| texts | rows | hit | share | by reason |\n|---|---|---|---|---|");
    for file in ["train", "dev"] {
        let rows: Vec<Row> = corpus.rows(&format!("{file}.jsonl"))?;
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for row in &rows {
            let apart = row.tags.iter().flatten().any(|tag| APART.contains(&tag.as_str()));
            let name = match (row.label.as_str(), apart) {
                ("attack", _) => format!("{file}, attack, {}", row.kind),
                (_, true) => format!("{file}, honest, apart"),
                _ => format!("{file}, honest, {}", row.kind),
            };
            let hit = lines.entry(name).or_default().count(&signature, &row.text);
            if row.label != "attack" && !apart {
                honest.count(&signature, &row.text);
                if verbose && hit {
                    show(&signature, &row.text);
                }
            }
        }
        for (name, line) in &lines {
            line.print(name);
        }
    }
    honest.print("all honest, but apart");
    for file in ["encoded_train", "encoded_dev"] {
        let rows: Vec<Dressed> = corpus.rows(&format!("{file}.jsonl"))?;
        for dress in DRESSES {
            for label in ["attack", "benign"] {
                let mut line = Line::default();
                for row in rows.iter().filter(|row| row.transform == *dress && row.label == label) {
                    line.count(&signature, &row.text);
                }
                line.print(&format!("{file}, {dress}, {label}"));
            }
        }
    }
    let holds = FALSE.print("of all honest, but apart, have a shape", honest.share());
    println!();
    speed(corpus, &signature)?;
    Ok(holds)
}

fn show(signature: &Signature, text: &str) {
    for hit in signature.find(text) {
        eprintln!("{}: {:?}", hit.kind, text.get(hit.span).unwrap_or_default().chars().take(200).collect::<String>());
    }
}

fn speed(corpus: &Corpus, signature: &Signature) -> Result<(), String> {
    let rows: Vec<Row> = corpus.rows("train.jsonl")?;
    let of = |kind: &str| rows.iter().filter(|row| row.kind == kind).map(|row| row.text.as_str()).collect::<String>();
    let mut texts = vec![("prose".to_owned(), of("benign-chat")), ("code".to_owned(), of("code"))];
    texts.extend(WORST.iter().map(|piece| (format!("{piece:?}"), speed::mebibyte_of(piece))));
    println!("| text | ns/byte |\n|---|---|");
    for (name, text) in texts {
        println!(
            "| {name} | {:.2} |",
            speed::nanoseconds_per_byte(&text, |text| drop(black_box(signature.find(text))))
        );
    }
    Ok(())
}

/// Texts made of what is looked for.
const WORST: &[&str] = &[
    "<!--",
    "<!-- -->",
    "<!-- you -->",
    "]: # (",
    "[//]: # (a\n",
    "<|im_start|>",
    "\n\nSystem:",
    "\n\nHuman:",
    "### System:",
    "[INST]",
    "](https://",
    "](https://a/[",
    "![x](https://a/?q=[data",
    "](https://a/%3C",
    "display:none",
    "<i style='opacity:0'>",
    "\u{E0041}",
    "\u{FE0F}",
    "。",
    "ignore you must ",
    "<",
    "[",
    "src=https://a/?a=QUFB&",
];
