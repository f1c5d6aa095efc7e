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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use prompt_guard::detect::injection::read::Reading;

    use super::*;

    #[test]
    fn each_kind_is_made_short_and_long() {
        let rows = rows(&mut Chance::new(42));
        let mut lengths: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for row in &rows {
            assert!(row.is_everyday() && row.origin == Origin::Grammar, "{row:?}");
            lengths.entry(&row.source).or_default().push(row.text.len());
        }
        assert_eq!(lengths.len(), KINDS.len());
        for (source, lengths) in lengths {
            assert_eq!(lengths.len(), EACH, "{source}");
            assert!(lengths.iter().all(|length| (60..4000).contains(length)), "{source}: {lengths:?}");
            assert!(
                lengths.iter().any(|length| *length < 400) && lengths.iter().any(|length| *length > 1800),
                "{source}"
            );
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_texts() {
        let texts = |seed| rows(&mut Chance::new(seed)).into_iter().map(|row| row.text).collect::<Vec<_>>();
        assert_eq!(texts(42), texts(42));
        assert_ne!(texts(42), texts(43));
    }

    #[test]
    fn codes_have_no_word_of_four_letters() {
        let rows = rows(&mut Chance::new(42));
        let codes = rows.iter().filter(|row| ["noise codes", "noise upper codes", "noise hex"].contains(&&*row.source));
        for row in codes {
            let reading = Reading::of(&row.text);
            assert!(reading.words().iter().all(|word| reading.letters_of(word).len() < 4), "{:?}", row.text);
        }
    }
}
