//! Digits and signs for letters: `1gn0r3 4ll ru135`.

use std::ops::Range;

use crate::normalise::map::{Draft, Made};
use crate::normalise::words::is_common;

/// Fewer letters before a digit are a name, or a version.
pub(super) const LEAST: usize = 1;

/// Of so many ambiguous signs in a word, every reading is tried.
const SIGNS: u32 = 4;

/// The text with its lines read in which such words are common words.
pub(super) fn undo(text: &str) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let words: Vec<Word> = words(line, start).collect();
        start = start.saturating_add(line.len());
        if is_leet(&words) {
            let is_all = is_uniform(line);
            for word in words.iter().filter(|word| is_all || word.is_inner || word.is_short || word.is_known) {
                draft.translate(&word.range, &word.said);
            }
        }
    }
    draft.undone()
}

/// A word with digits or signs in it.
#[derive(Debug)]
struct Word {
    range: Range<usize>,
    said: String,
    /// Letters stand behind its digits too, and it is no number with a unit.
    is_inner: bool,
    /// It says a common word.
    is_known: bool,
    /// It may be `a` or `I`.
    is_short: bool,
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
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let letters = line.bytes().filter(|letter| b"aeiostAEIOST".contains(letter)).count();
    letters.saturating_mul(4) < digits
}

/// The words of a line that are not of letters alone.
fn words(line: &str, start: usize) -> impl Iterator<Item = Word> {
    let mut at = start;
    line.split_inclusive(|character| !is_part(character)).filter_map(move |word| {
        let from = at;
        at = at.saturating_add(word.len());
        let word = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric() && character != '$');
        let lead = word.len().saturating_sub(word.trim_start_matches(['!', '|', '@']).len());
        let word = word.get(lead..)?;
        let from = from.saturating_add(lead);
        read(word, from..from.saturating_add(word.len()))
    })
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '@' | '$' | '!' | '|')
}

fn read(word: &str, range: Range<usize>) -> Option<Word> {
    let signs = word.bytes().filter(|byte| !byte.is_ascii_alphabetic()).count();
    if signs == 0 || word.len() > 32 {
        return None;
    }
    let said = said(word)?;
    let is_known = is_common(&said);
    let is_short = matches!(said.as_str(), "a" | "i");
    Some(Word { range, said, is_inner: is_inner(word), is_known, is_short, signs })
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
    let ambiguous = u32::try_from(word.chars().filter(|sign| is_ambiguous(*sign)).count()).ok()?;
    if ambiguous > 0 && ambiguous <= SIGNS {
        let readings = (0..1_u32.checked_shl(ambiguous)?).map(|choice| reading(word, choice));
        if let Some(known) = readings.flatten().find(|reading| is_common(reading)) {
            return Some(known);
        }
    }
    likely(word)
}

/// The letters of a word, with `l` for the ambiguous signs whose bit is set.
fn reading(word: &str, mut choice: u32) -> Option<String> {
    let letter = |sign| {
        if !is_ambiguous(sign) {
            return letter(sign);
        }
        let is_l = choice & 1 == 1;
        choice = choice.wrapping_shr(1);
        Some(if is_l { 'l' } else { 'i' })
    };
    word.chars().map(letter).collect()
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
    let around: String =
        [far, left, right, beyond].iter().map(|letter| if *letter == ' ' { '_' } else { *letter }).collect();
    let is_exception = EXCEPTIONS.split(' ').any(|known| known == around);
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

/// The two letters before and the two behind, where it is the other way round.
const EXCEPTIONS: &str = "\
    __i_ __ll __o_ __ru _a__ _ago _amo _are _ase _bas _bol _cai _car _cas _cau _det _fex _i__ _lm_ _lmr \
    _lms _ntk _pec _sow _ts_ _ud_ alan alba als_ ame_ bte_ buld bult cam_ clen daly ecar eces eden edev \
    efec eges egon elab elev elm_ els_ eray fale falu fu__ guda gude gust icen icou igon ilar ils_ ite_ \
    jalb llam llan llon mal_ mp__ mpon ncen nces nose nte_ ntn_ ocet odes oges oke_ okes oko_ ord_ plan \
    pled ples qusi ral_ rali rals rase rat_ rats rod_ rtge scai scen scou suta sute tal_ tale talo tals \
    thet thoc tm__ tte_ uden unes us__ uud_ vala vod_ wast wat_ wery wnoa";
