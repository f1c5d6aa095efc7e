//! Harmless texts without a word in them: dumps, codes, formulas. Nothing is learnt of them; they are measured, because a model
//! that knows the short words of many languages sees words everywhere.

use crate::chance::Chance;
use crate::rows::{Origin, Row};

/// How many texts of each kind.
const EACH: usize = 30;

type Maker = fn(&mut Chance) -> String;

const KINDS: &[(&str, Maker)] = &[
    ("hex", |chance| format!("{:02x}", chance.below(256))),
    ("dump", |chance| {
        let words: Vec<String> = (0..8).map(|_| format!("{:04x}", chance.below(65_536))).collect();
        let shown: String = (0..16).map(|_| any(chance, b"................abcdeHELLO_/@H$")).collect();
        format!("{:08x}: {}  {shown}\n", chance.below(1 << 20) * 16, words.join(" "))
    }),
    ("codes", |chance| letters(chance, b"abcdefghijklmnopqrstuvwxyz", 2..4)),
    ("short", |chance| letters(chance, b"eeeaaiioouutnrslhdcmpfgbvkyw", 1..4)),
    ("upper codes", |chance| letters(chance, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2..4)),
    ("ascii", |chance| {
        let all: Vec<u8> = (33..127).collect();
        letters(chance, &all, 1..40)
    }),
    ("formula", |chance| {
        let name = |chance: &mut Chance| letters(chance, b"abcdefghijklmnxyzuvw", 1..3);
        let (to, one, two, last) = (name(chance), name(chance), name(chance), name(chance));
        format!("{to} = {one} {} {two} + {last}\n", any(chance, b"*/+-^%"))
    }),
    ("minified", |chance| {
        let name = |chance: &mut Chance| letters(chance, b"abcdefghijklmnopqrstuvwxyz", 1..3);
        let (one, two, three) = (name(chance), name(chance), name(chance));
        format!("{one}({two},{three}){{return {one}.{two}[{}]}};", chance.below(100))
    }),
    ("passwords", |chance| {
        letters(chance, b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%&-_", 8..20) + "\n"
    }),
];

/// All of them.
pub fn rows(chance: &mut Chance) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, make) in KINDS {
        for _ in 0..EACH {
            let bytes = 60 << chance.below(7);
            let mut text = String::new();
            while text.len() < bytes {
                text += &make(chance);
                if !text.ends_with('\n') {
                    text.push(' ');
                }
            }
            let (label, source) = ("benign".to_owned(), format!("noise {name}"));
            rows.push(Row { text, label, source, origin: Origin::Grammar, ..Row::default() });
        }
    }
    rows
}

fn any(chance: &mut Chance, of: &[u8]) -> char {
    char::from(*chance.pick(of))
}

fn letters(chance: &mut Chance, of: &[u8], count: std::ops::Range<usize>) -> String {
    let count = count.start + chance.below(count.len());
    (0..count).map(|_| any(chance, of)).collect()
}
