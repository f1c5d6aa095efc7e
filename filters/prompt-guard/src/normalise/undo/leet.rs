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
            let mut said = String::new();
            for word in words.iter().filter(|word| is_all || word.is_inner || word.is_known) {
                let written = text.get(word.range.clone()).unwrap_or_default();
                said.clear();
                say(written, word.choice, &mut said);
                draft.translate(&word.range, &said);
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
    /// How to read its ambiguous signs, if it says a common word.
    choice: Option<u32>,
    /// It does, or it says `a` or `I`.
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
    let choice = common(word);
    let is_known = matches!(word, "1" | "4") || choice.is_some();
    Some(Word { range, is_inner: is_inner(word), choice, is_known, signs })
}

fn is_inner(word: &str) -> bool {
    let unit = word.trim_start_matches(|sign: char| sign.is_ascii_digit());
    let is_number =
        unit.len() < word.len() && (unit.len() <= 1 || matches!(unit, "st" | "nd" | "rd" | "th" | "ms" | "px"));
    let stem = word.as_bytes().iter().rposition(u8::is_ascii_alphabetic).and_then(|last| word.as_bytes().get(..last));
    !is_number && stem.is_some_and(|stem| !stem.iter().all(u8::is_ascii_alphabetic))
}

/// Says a word with letters for its signs: by the choice that makes a common word of it, or else the likelier way.
fn say(word: &str, choice: Option<u32>, said: &mut String) {
    match choice {
        Some(choice) => said.extend(reading(word, choice).map(char::from)),
        None => likely(word.as_bytes(), said),
    }
}

/// How to read the ambiguous signs of a word, so that it is a common one.
fn common(word: &str) -> Option<u32> {
    let words = Words::common();
    let key = Key::of(word.bytes().map(|sign| letter(sign).to_ascii_lowercase()));
    if words.kind(key).is_some() {
        return Some(0);
    }
    let ambiguous = || word.bytes().enumerate().filter(|(_, sign)| is_ambiguous(*sign)).map(|(at, _)| at);
    let signs = ambiguous().count();
    if signs == 0 {
        return None;
    }
    // For each ambiguous sign, what makes `l` of its `i` in the key.
    let mut changes = [0_u64; 4];
    for (change, at) in changes.iter_mut().zip(ambiguous()) {
        let place = u32::try_from(at).unwrap_or(u32::MAX).saturating_mul(8);
        *change = u64::from(b'i' ^ b'l').checked_shl(place).unwrap_or(0);
    }
    let reading = |choice: u32| {
        let chosen = changes.iter().zip(0_u32..).filter(|(_, bit)| choice.wrapping_shr(*bit) & 1 == 1);
        Key(chosen.fold(key.0, |key, (change, _)| key ^ change))
    };
    let signs = u32::try_from(signs).unwrap_or(SIGNS).min(SIGNS);
    (1..1_u32.checked_shl(signs)?).find(|choice| words.kind(reading(*choice)).is_some())
}

/// The letters of a word, with `l` for the ambiguous signs whose bit is set.
fn reading(word: &str, mut choice: u32) -> impl Iterator<Item = u8> {
    word.bytes().map(move |sign| {
        if !is_ambiguous(sign) {
            return letter(sign);
        }
        let is_l = choice & 1 == 1;
        choice = choice.wrapping_shr(1);
        if is_l { b'l' } else { b'i' }
    })
}

/// The letters of a word, with `i` or `l` by the letters around.
fn likely(word: &[u8], said: &mut String) {
    let mut before = [b' ', b' '];
    let behind = |at: usize| word.get(at).map_or(b' ', |sign| letter(*sign).to_ascii_lowercase());
    for (at, sign) in word.iter().enumerate() {
        let around = || [behind(at.saturating_add(1)), behind(at.saturating_add(2))];
        let letter = if is_ambiguous(*sign) { between(before, around()) } else { letter(*sign) };
        said.push(letter.into());
        before = [before[1], letter.to_ascii_lowercase()];
    }
}

fn is_ambiguous(sign: u8) -> bool {
    matches!(sign, b'1' | b'!' | b'|')
}

/// The letter that a letter or a sign of a word stands for.
#[inline]
fn letter(sign: u8) -> u8 {
    match sign {
        b'0' => b'o',
        b'1' | b'!' | b'|' => b'i',
        b'2' => b'z',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'6' | b'9' => b'g',
        b'7' => b't',
        b'8' => b'b',
        letter => letter,
    }
}

/// `i` or `l`, whichever is more common between two letters and two others.
fn between(before: [u8; 2], behind: [u8; 2]) -> u8 {
    let [far, left] = before;
    let [right, beyond] = behind;
    let place = if left.is_ascii_lowercase() { usize::from(left.wrapping_sub(b'a')) } else { 26 };
    let letters = LETTERS_BEHIND_L.get(place).copied().unwrap_or_default();
    let byte = |letter: u8| if letter.is_ascii_lowercase() { letter } else { b'_' };
    let is_exception = EXCEPTIONS.binary_search(&[far, left, right, beyond].map(byte)).is_ok();
    if letters.as_bytes().contains(&right) == is_exception { b'i' } else { b'l' }
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
