//! Digits and signs for letters: `1gn0r3 4ll ru135`.

use std::ops::Range;

use crate::normalise::map::{Draft, Made};
use crate::normalise::words::{Key, Words};

/// Fewer letters before a digit are a name, or a version.
pub(super) const LEAST: usize = 1;

/// Of so many ambiguous signs in a word, every reading is tried.
const SIGNS: u32 = 4;

/// The text with its lines read in which such words are common words.
pub(super) fn undo(text: &str) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let at = start;
        start = start.saturating_add(line.len());
        if !line.bytes().any(|sign| sign.is_ascii_digit() || matches!(sign, b'@' | b'$')) {
            continue;
        }
        let words: Vec<Word> = words(line, at).collect();
        if is_leet(&words) {
            let is_all = is_uniform(line);
            for word in words.iter().filter(|word| is_all || word.is_inner || word.is_known) {
                let written = text.get(word.range.clone()).unwrap_or_default();
                if let Some(said) = said(written) {
                    draft.translate(&word.range, &said);
                }
            }
        }
    }
    draft.undone()
}

/// A word with digits or signs in it.
#[derive(Debug)]
struct Word {
    range: Range<usize>,
    /// Letters stand behind its digits too, and it is no number with a unit.
    is_inner: bool,
    /// It says a common word, `a` or `I`.
    is_known: bool,
    /// How many letters were something else.
    signs: usize,
}

/// Many of the words that mix letters and digits must say something; one alone must have been changed twice.
fn is_leet(words: &[Word]) -> bool {
    let mixed = words.iter().filter(|word| word.is_inner).count();
    let known = words.iter().filter(|word| word.is_inner && word.is_known).count();
    let twice = words.iter().any(|word| word.is_inner && word.is_known && word.signs >= 2);
    let is_some = known >= 2 || known == 1 && twice;
    is_some && known.saturating_mul(4) >= mixed
}

/// Whether digits stand for all letters that they could stand for.
fn is_uniform(line: &str) -> bool {
    let (mut digits, mut letters) = (0_usize, 0_usize);
    for byte in line.bytes() {
        let is_letter = matches!(byte | 0x20, b'a' | b'e' | b'i' | b'o' | b's' | b't');
        digits = digits.saturating_add(usize::from(byte.is_ascii_digit()));
        letters = letters.saturating_add(usize::from(is_letter));
    }
    letters.saturating_mul(4) < digits
}

/// The words of a line that are not of letters alone.
fn words(line: &str, start: usize) -> impl Iterator<Item = Word> {
    let mut at = 0_usize;
    let words = line.as_bytes().split(|byte| !is_part(*byte)).filter_map(move |word| {
        let from = at;
        at = from.saturating_add(word.len()).saturating_add(1);
        let is_mixed = !word.iter().all(u8::is_ascii_alphabetic);
        is_mixed.then(|| from..from.saturating_add(word.len()))
    });
    words.filter_map(move |range| {
        let word = line.get(range.clone())?;
        let word = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric() && character != '$');
        let lead = word.len().saturating_sub(word.trim_start_matches(['!', '|', '@']).len());
        let word = word.get(lead..)?;
        let from = start.saturating_add(range.start).saturating_add(lead);
        read(word, from..from.saturating_add(word.len()))
    })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'$' | b'!' | b'|')
}

fn read(word: &str, range: Range<usize>) -> Option<Word> {
    let signs = word.bytes().filter(|byte| !byte.is_ascii_alphabetic()).count();
    if signs == 0 || word.len() > 32 {
        return None;
    }
    let is_known = matches!(word, "1" | "4") || common(word).is_some();
    Some(Word { range, is_inner: is_inner(word), is_known, signs })
}

fn is_inner(word: &str) -> bool {
    let unit = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let is_number =
        unit.len() < word.len() && (unit.len() <= 1 || matches!(unit, "st" | "nd" | "rd" | "th" | "ms" | "px"));
    let stem = word.trim_end_matches(|sign: char| !sign.is_ascii_alphabetic());
    !is_number && stem.bytes().any(|byte| !byte.is_ascii_alphabetic())
}

/// A word with letters for its signs; of the readings of `1`, one that is a common word, or else the likelier one.
fn said(word: &str) -> Option<String> {
    match common(word) {
        Some(choice) => reading(word, choice).map(|letter| letter.map(char::from)).collect(),
        None => likely(word),
    }
}

/// How to read the ambiguous signs of a word, so that it is a common one.
fn common(word: &str) -> Option<u32> {
    let words = Words::common();
    let mut ambiguous = 0_u32;
    let mut key = [0; 8];
    // For each ambiguous sign, what makes `l` of its `i` in the key.
    let mut changes = [0_u64; 4];
    for (at, sign) in word.bytes().enumerate() {
        let letter = letter(sign.into()).and_then(|letter| u8::try_from(letter).ok()).unwrap_or(b'?');
        if let Some(place) = key.get_mut(at) {
            *place = letter.to_ascii_lowercase();
        }
        if is_ambiguous(sign.into()) {
            let mut change = [0; 8];
            change.iter_mut().skip(at).take(1).for_each(|place| *place = b'i' ^ b'l');
            changes.iter_mut().skip(count(ambiguous)).take(1).for_each(|place| *place = u64::from_le_bytes(change));
            ambiguous = ambiguous.saturating_add(1);
        }
    }
    let key = u64::from_le_bytes(key);
    let reading = |choice: u32| {
        let chosen = changes.iter().zip(0_u32..).filter(|(_, bit)| choice.wrapping_shr(*bit) & 1 == 1);
        Key(chosen.fold(key, |key, (change, _)| key ^ change))
    };
    (0..1_u32.checked_shl(ambiguous.min(SIGNS))?).find(|choice| words.kind(reading(*choice)).is_some())
}

fn count(signs: u32) -> usize {
    usize::try_from(signs).unwrap_or(usize::MAX)
}

/// The letters of a word, with `l` for the ambiguous signs whose bit is set.
fn reading(word: &str, mut choice: u32) -> impl Iterator<Item = Option<u8>> {
    word.chars().map(move |sign| {
        if !is_ambiguous(sign) {
            return letter(sign).and_then(|letter| u8::try_from(letter).ok());
        }
        let is_l = choice & 1 == 1;
        choice = choice.wrapping_shr(1);
        Some(if is_l { b'l' } else { b'i' })
    })
}

/// The letters of a word, with `i` or `l` by the letters around.
fn likely(word: &str) -> Option<String> {
    let letters: Vec<char> = word.chars().map(letter).collect::<Option<_>>()?;
    let mut said = String::new();
    let mut before = [' ', ' '];
    for (at, (sign, letter)) in word.chars().zip(&letters).enumerate() {
        let behind = |by| letters.get(at.saturating_add(by)).map_or(' ', char::to_ascii_lowercase);
        let letter = if is_ambiguous(sign) { between(before, [behind(1), behind(2)]) } else { *letter };
        said.push(letter);
        before = [before[1], letter.to_ascii_lowercase()];
    }
    Some(said)
}

fn is_ambiguous(sign: char) -> bool {
    matches!(sign, '1' | '!' | '|')
}

fn letter(sign: char) -> Option<char> {
    Some(match sign {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '2' => 'z',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        letter if letter.is_ascii_alphabetic() => letter,
        _ => return None,
    })
}

/// `i` or `l`, whichever is more common between two letters and two others.
fn between(before: [char; 2], behind: [char; 2]) -> char {
    let [far, left] = before;
    let [right, beyond] = behind;
    let place = match left {
        letter @ 'a'..='z' => u32::from(letter).saturating_sub(u32::from('a')),
        _ => 26,
    };
    let letters =
        usize::try_from(place).ok().and_then(|place| LETTERS_BEHIND_L.get(place)).copied().unwrap_or_default();
    let byte = |letter: char| u8::try_from(letter).ok().filter(u8::is_ascii_lowercase).unwrap_or(b'_');
    let is_exception = EXCEPTIONS.binary_search(&[far, left, right, beyond].map(byte)).is_ok();
    if letters.contains(right) == is_exception { 'i' } else { 'l' }
}

/// For each letter, and for the beginning of a word, the letters before which `l` is more common than `i` behind it,
/// measured on training text; a blank is the end of the word.
const LETTERS_BEHIND_L: [&str; 27] = [
    "abcefhiklopstuvwy ",
    "aeiouy",
    "eiouy",
    "eijly",
    "abcdefilmopsuy ",
    "aikouy",
    "aeioy",
    "iy",
    "abdehiklmostuvwy ",
    "iz",
    "aeijoy",
    "aeiouwy ",
    "eipy",
    "iy",
    "abdefhijklmopsuvwy ",
    "aeiouy",
    "ai ",
    "iry ",
    "aeiuy",
    "iy",
    "adefgiklnstxz",
    "",
    "eioy ",
    " ",
    "eilo ",
    "aei ",
    "abeilouyz",
];

/// The two letters before and the two behind, where it is the other way round; in order.
const EXCEPTIONS: [[u8; 4]; 114] = [
    *b"__i_", *b"__ll", *b"__o_", *b"__ru", *b"_a__", *b"_ago", *b"_amo", *b"_are", *b"_ase", *b"_bas", *b"_bol",
    *b"_cai", *b"_car", *b"_cas", *b"_cau", *b"_det", *b"_fex", *b"_i__", *b"_lm_", *b"_lmr", *b"_lms", *b"_ntk",
    *b"_pec", *b"_sow", *b"_ts_", *b"_ud_", *b"alan", *b"alba", *b"als_", *b"ame_", *b"bte_", *b"buld", *b"bult",
    *b"cam_", *b"clen", *b"daly", *b"ecar", *b"eces", *b"eden", *b"edev", *b"efec", *b"eges", *b"egon", *b"elab",
    *b"elev", *b"elm_", *b"els_", *b"eray", *b"fale", *b"falu", *b"fu__", *b"guda", *b"gude", *b"gust", *b"icen",
    *b"icou", *b"igon", *b"ilar", *b"ils_", *b"ite_", *b"jalb", *b"llam", *b"llan", *b"llon", *b"mal_", *b"mp__",
    *b"mpon", *b"ncen", *b"nces", *b"nose", *b"nte_", *b"ntn_", *b"ocet", *b"odes", *b"oges", *b"oke_", *b"okes",
    *b"oko_", *b"ord_", *b"plan", *b"pled", *b"ples", *b"qusi", *b"ral_", *b"rali", *b"rals", *b"rase", *b"rat_",
    *b"rats", *b"rod_", *b"rtge", *b"scai", *b"scen", *b"scou", *b"suta", *b"sute", *b"tal_", *b"tale", *b"talo",
    *b"tals", *b"thet", *b"thoc", *b"tm__", *b"tte_", *b"uden", *b"unes", *b"us__", *b"uud_", *b"vala", *b"vod_",
    *b"wast", *b"wat_", *b"wery", *b"wnoa",
];
