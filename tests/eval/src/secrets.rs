//! How many secrets are found, how many false ones, and how fast.

use std::collections::BTreeMap;
use std::fmt;
use std::hint::black_box;

use prompt_guard::detect::Hit;
use prompt_guard::detect::secrets::Secrets;
use serde::Deserialize;

use crate::goal::Goal;
use crate::speed;
use portcullis_training::corpus::Corpus;

/// The share of true strings that is found, and of false ones.
const FOUND: Goal = Goal::at_least(0.90, 0.94, "86 of 90 on 2026-11-22");
const FALSE: Goal = Goal::at_most(0.05, 0.03, "4 of 193 on 2026-11-22");

/// Rules of the set whose false strings have the whole form of a key. They are keys that were published, and that the
/// set's authors let pass by name: nothing in them tells them from others.
const PUBLISHED: &[&str] = &["gcp-api-key"];

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
    rule: String,
}

#[derive(Deserialize)]
struct Benign {
    text: String,
    label: String,
    kind: String,
}

pub(crate) fn run(corpus: &Corpus) -> Result<bool, String> {
    let secrets = Secrets::all();
    let rows: Vec<Row> = corpus.rows("secrets_gitleaks.jsonl")?;
    let verbose = std::env::args().any(|arg| arg == "secrets");
    let (mut right, mut wrong, mut published) = (Tally::default(), Tally::default(), Tally::default());
    for row in &rows {
        let hits = secrets.find(&row.text);
        let (real, hit) = (row.label == "secret", !hits.is_empty());
        match (real, PUBLISHED.contains(&row.rule.as_str())) {
            (true, _) => right.count(hit),
            (false, true) => published.count(hit),
            (false, false) => wrong.count(hit),
        }
        if verbose && real != hit {
            let kinds: Vec<_> = hits.iter().map(|hit| hit.kind).collect();
            let start: String = row.text.chars().take(100).collect();
            eprintln!("{}: {} {kinds:?} {start:?}", row.rule, row.label);
        }
    }
    println!("| strings | hit | share |\n|---|---|---|");
    println!("| true | {right} |");
    println!("| false | {wrong} |");
    println!("| false, published keys | {published} |");
    let holds = FOUND.print("of true strings are found", right.share())
        & FALSE.print("of false strings are found", wrong.share());
    println!();
    benign(corpus, &secrets, verbose)?;
    speed(corpus, &secrets)?;
    Ok(holds)
}

/// What is found where nothing should be, by rule.
fn benign(corpus: &Corpus, secrets: &Secrets, verbose: bool) -> Result<(), String> {
    let rows: Vec<Benign> = corpus.rows("train.jsonl")?;
    println!("| train, benign | rows | with hits | hits by rule |\n|---|---|---|---|");
    for kind in ["code", "benign-doc", "benign-chat", "benign-hard"] {
        let rows: Vec<_> = rows.iter().filter(|row| row.label == "benign" && row.kind == kind).collect();
        let found: Vec<_> = rows.iter().map(|row| (row, secrets.find(&row.text))).collect();
        let with = found.iter().filter(|(_, hits)| !hits.is_empty()).count();
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for (row, hit) in found.iter().flat_map(|(row, hits)| hits.iter().map(move |hit| (row, hit))) {
            let seen = rules.entry(hit.kind).or_default();
            *seen = seen.saturating_add(1);
            if verbose {
                eprintln!("{kind}: {} {:?}", hit.kind, around(&row.text, hit));
            }
        }
        println!("| {kind} | {} | {with} | {rules:?} |", rows.len());
    }
    println!();
    Ok(())
}

/// The hit with what stands before it.
fn around(text: &str, hit: &Hit) -> String {
    let start = hit.span.start.saturating_sub(40);
    String::from_utf8_lossy(text.as_bytes().get(start..hit.span.end).unwrap_or_default()).into_owned()
}

fn speed(corpus: &Corpus, secrets: &Secrets) -> Result<(), String> {
    let rows: Vec<Benign> = corpus.rows("train.jsonl")?;
    let of = |kind: &str| rows.iter().filter(|row| row.kind == kind).map(|row| row.text.as_str()).collect::<String>();
    let mut texts = vec![("prose".to_owned(), of("benign-chat")), ("code".to_owned(), of("code"))];
    texts.extend(WORST.iter().map(|piece| (format!("{piece:?}"), speed::mebibyte_of(piece))));
    println!("| text | ns/byte |\n|---|---|");
    for (name, text) in texts {
        println!("| {name} | {:.2} |", speed::nanoseconds_per_byte(&text, |text| drop(black_box(secrets.find(text)))));
    }
    Ok(())
}

/// Texts made of what the search looks for.
const WORST: &[&str] = &[
    "password=",
    "password=\"",
    "secret: ",
    "eyJ",
    "eyJ.",
    " eyJhbGciOiJIUzI1NiJ9.eyJ",
    "-----BEGIN",
    "-----BEGIN RSA PRIVATE KEY-----",
    "sk-",
    " sk-",
    "sk_live_",
    "ghp_",
    "AKIA",
    "://",
    "://a:b",
    "://a:b@c ",
    "curl -u ",
    "curl -u a:b ",
    "Authorization: Basic ",
    "facebook",
    "twitter=",
    "twitter token ",
    "Q~",
    " xoxb-1234567890-",
    "s.",
    " SK",
    "AAAAAAAAAAAAAAAAAAAAAAAA",
    "/ABSK",
    "+eyJrIjoi",
    "AZDO",
    "=ATATT3",
    "=tfp_",
    "1234567890:AA",
    "8f14e45fceea167a5a36dedd4bea2543-us",
    "password: aB3$fG7!",
    "token='",
    "QmFzZTY0IG9mIG5vdGhpbmcgYXQgYWxs",
    "token token token ",
    "api_key_api_key_",
];

/// How many were missed and how many hit.
#[derive(Default, Clone, Copy)]
struct Tally {
    missed: u32,
    hit: u32,
}

impl Tally {
    fn count(&mut self, hit: bool) {
        let side = if hit { &mut self.hit } else { &mut self.missed };
        *side = side.saturating_add(1);
    }

    fn share(self) -> f64 {
        f64::from(self.hit) / f64::from(self.hit.saturating_add(self.missed).max(1))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} | {:.3}", self.hit, self.hit.saturating_add(self.missed), self.share())
    }
}
