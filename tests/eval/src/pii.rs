//! How much personal data is found, how much is found that is none, and how fast.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use prompt_guard::detect::pii::{Kind, Pii};
use serde::Deserialize;

use crate::goal::Goal;
use portcullis_training::corpus::Corpus;

/// The corpus' word, ours, and the recall and precision.
const AIMS: [(&str, Kind, Goal, Goal); 6] = [
    ("EMAIL_ADDRESS", Kind::Email, CHECKED, PRECISE),
    ("CREDIT_CARD", Kind::Card, CHECKED, PRECISE),
    ("US_SSN", Kind::Ssn, CHECKED, PRECISE),
    ("IP_ADDRESS", Kind::Ip, CHECKED, PRECISE),
    ("IBAN_CODE", Kind::Iban, Goal::at_least(0.95, 0.98, ALL), PRECISE),
    ("PHONE_NUMBER", Kind::Phone, PHONE, PHONE),
];
const ALL: &str = "all on 2026-11-22";
const CHECKED: Goal = Goal::at_least(0.99, 0.98, ALL);
const PRECISE: Goal = Goal::at_least(0.97, 0.97, ALL);
/// One of the numbers to measure with is lost, one of what is found is none.
const PHONE: Goal = Goal::at_least(0.80, 0.93, "0.976, 41 of 42, on 2026-11-22");

/// The nanoseconds that a byte of a usual text costs, and of any text. Floors are twice what was measured: others may be at
/// work.
const USUAL: Goal = Goal::at_most(4.0, 4.0, "0.4 to 1.9 on 2026-11-22");
const WORST: Goal = Goal::at_most(20.0, 62.0, "at most 31 on 2026-11-22");

#[derive(Deserialize)]
struct Row {
    text: String,
    spans: Vec<Span>,
}

/// In characters.
#[derive(Deserialize)]
struct Span {
    start: usize,
    end: usize,
    r#type: String,
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "text")]
    body: String,
    label: String,
    kind: String,
}

/// Prints all figures; says whether their floors hold.
pub(crate) fn run(corpus: &Corpus) -> Result<bool, String> {
    let pii = Pii::new(Kind::ALL, Vec::new());
    let is_found = [of_file(&pii, corpus, "pii_train.jsonl")?, of_file(&pii, corpus, "pii_dev.jsonl")?];
    let texts: Vec<Text> = corpus.rows("train.jsonl")?;
    alarms(&pii, &texts);
    let is_fast = speed(&pii, &texts);
    Ok(is_found.iter().all(|holds| *holds) && is_fast)
}

/// What was found of a kind, and what not.
#[derive(Default)]
struct Count {
    annotated: usize,
    met: usize,
    hits: usize,
    true_hits: usize,
}

fn of_file(pii: &Pii, corpus: &Corpus, file: &str) -> Result<bool, String> {
    corpus.rows(file).map(|rows: Vec<Row>| found(pii, file, &rows))
}

fn found(pii: &Pii, file: &str, rows: &[Row]) -> bool {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let is_loud = std::env::var_os("PII_MISSES").is_some();
    for (number, row) in rows.iter().enumerate() {
        let hits = pii.find(&row.text);
        for (theirs, ours, _, _) in AIMS {
            let spans: Vec<_> =
                row.spans.iter().filter(|span| span.r#type == theirs).map(|span| bytes(&row.text, span)).collect();
            let hits: Vec<_> = hits.iter().filter(|hit| hit.kind == ours.word()).map(|hit| hit.span.clone()).collect();
            let count = counts.entry(theirs).or_default();
            let of = |some: &[Range<usize>], others: &[Range<usize>], what: &str| {
                let (met, missed): (Vec<_>, Vec<_>) =
                    some.iter().partition(|one| others.iter().any(|other| overlap(one, other)));
                for span in missed.iter().filter(|_| is_loud) {
                    println!("{file}:{} {theirs} {what}: {:?}", number.saturating_add(1), around(&row.text, span));
                }
                met.len()
            };
            count.annotated = count.annotated.saturating_add(spans.len());
            count.hits = count.hits.saturating_add(hits.len());
            count.met = count.met.saturating_add(of(&spans, &hits, "missed"));
            count.true_hits = count.true_hits.saturating_add(of(&hits, &spans, "not annotated"));
        }
    }
    println!("\n{file}\n{:<15}{:>10}{:>8}{:>11}", "kind", "annotated", "recall", "precision");
    AIMS.iter().fold(true, |all, (theirs, _, recall, precision)| {
        let Some(count) = counts.get(theirs) else { return false };
        let reached = (share(count.met, count.annotated), share(count.true_hits, count.hits));
        let standing = recall.judge(reached.0).max(precision.judge(reached.1));
        println!("{theirs:<15}{:>10}{:>8.3}{:>11.3}{}", count.annotated, reached.0, reached.1, standing.note());
        all & standing.holds()
    })
}

fn bytes(text: &str, span: &Span) -> Range<usize> {
    let at = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(at, _)| at);
    at(span.start)..at(span.end)
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn around<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let start = text.floor_char_boundary(span.start.saturating_sub(40));
    let end = text.ceil_char_boundary(span.end.saturating_add(20));
    text.get(start..end).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// In how many harmless texts something is found.
fn alarms(pii: &Pii, texts: &[Text]) {
    for kind in ["code", "benign-doc", "benign-chat"] {
        let texts: Vec<_> = texts.iter().filter(|text| text.label == "benign" && text.kind == kind).collect();
        let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
        for text in &texts {
            let hits = pii.find(&text.body);
            let mut kinds: Vec<_> = hits.iter().map(|hit| hit.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            for found in kinds {
                let count = by_kind.entry(found).or_default();
                *count = count.saturating_add(1);
            }
            if std::env::var_os("PII_ALARMS").is_some() {
                for hit in hits {
                    println!(
                        "{kind} {} {:?} in {:?}",
                        hit.kind,
                        text.body.get(hit.span.clone()),
                        around(&text.body, &hit.span)
                    );
                }
            }
        }
        println!("\nbenign {kind}: {} texts; with a hit of a kind: {by_kind:?}", texts.len());
    }
}

/// What a byte costs.
fn speed(pii: &Pii, texts: &[Text]) -> bool {
    const MIB: usize = 1 << 20;
    let of = |kind: &str| {
        let benign = texts.iter().filter(|text| text.label == "benign" && text.kind == kind && text.body.is_ascii());
        benign.take(1500).map(|text| text.body.as_str()).collect::<Vec<_>>().join("\n")
    };
    let repeated = |piece: &str| piece.repeat(MIB.div_ceil(piece.len()));
    let usual = ["benign-chat", "benign-doc", "code"].map(|kind| (kind, of(kind), &USUAL));
    let worst = [
        "1",
        "@",
        "1.1.1.1.1.",
        "a@a.",
        "a@a.de ",
        "::",
        "1:",
        "phone ",
        "phone 1 ",
        "1 1 1 1 ",
        "12 12 ",
        "01 01 ",
        "123 ",
        "1234 ",
        "1234-",
        "12345678 ",
        "123456789 ",
        "ssn sin tfn 123456789 ",
        "12345678901 ",
        "4111111111111111 ",
        "phone 123456789012 ",
        "GB82 ",
        "GB82WEST12345698765432 ",
        "+49 ",
        "(1",
        "1a:",
        "2a02:810d::1 ",
        "10.1.2.3 ",
        "born 1.1.1 ",
        "born 12 march 1985 ",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed ",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 ",
        "é1",
        "话1",
        "aaa 1 ",
        "AAA AAA 1",
        "a1",
    ];
    let worst = worst.map(|piece| (piece, repeated(piece), &WORST));
    println!("\n{:<45}{:>8}", "text", "ns/byte");
    usual.iter().chain(&worst).fold(true, |all, (name, text, most)| {
        let cost = cost(pii, text);
        let standing = most.judge(cost);
        println!("{name:<45}{cost:>8.2}{}", standing.note());
        all & standing.holds()
    })
}

/// Nanoseconds for a byte, the best of nine.
fn cost(pii: &Pii, text: &str) -> f64 {
    let once = || {
        let begin = Instant::now();
        black_box(pii.find(black_box(text)));
        begin.elapsed()
    };
    let best: Duration = (0..9).map(|_| once()).min().unwrap_or_default();
    let nanos = u32::try_from(best.as_nanos()).unwrap_or(u32::MAX);
    f64::from(nanos) / f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX))
}
