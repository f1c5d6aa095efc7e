//! A view as the scorer reads it: words of small letters without marks, one blank between them, and what stands around a
//! word. Punctuation is none of it: `don't` is two words, here and in the lexicon.

use std::ops::Range;

use super::characters::{Kind, digit_as_letter, of_ascii, of_others, same, stands_for};
use super::lexicon::Hash;
use crate::normalise::{Words, bare};

/// The bytes behind which a word goes on as another, at most half as many later.
const LONGEST: usize = 64;

/// A text in words.
#[derive(Debug, Default)]
pub struct Reading {
    letters: Vec<u8>,
    words: Vec<Word>,
}

/// A word of a [`Reading`].
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// Its first byte in the letters.
    start: u32,
    /// Behind its last.
    end: u32,
    /// Its first byte in the text that was read.
    at: u32,
    /// Behind its last there.
    until: u32,
    /// Which sentence of the text it is in.
    sentence: u32,
    /// How it stands there.
    signs: u8,
    /// Of its letters.
    pub hash: Hash,
}

impl Reading {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let mut reader = Reader::new(text.len());
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let run = rest.bytes().take(LONGEST / 2).take_while(u8::is_ascii_alphanumeric).count();
            if run > 0 {
                let run = rest.as_bytes().get(..run).unwrap_or_default();
                let (first, is_whole) = first_hump(run).map_or((run, true), |hump| (hump, false));
                reader.run(at, first);
                at = at.saturating_add(first.len());
                if !is_whole {
                    reader.end_word(at);
                }
            } else if matches!(rest.as_bytes(), [b'\\', b'n' | b'r' | b't', ..]) {
                // The end of a line, as programs write it in strings.
                reader.read(at, '\n', ' ');
                at = at.saturating_add(2);
            } else {
                let mut characters = rest.chars();
                let character = characters.next().unwrap_or(' ');
                reader.read(at, character, characters.next().unwrap_or(' '));
                at = at.saturating_add(character.len_utf8());
            }
        }
        reader.finish(text.len())
    }

    /// All letters: words with one blank between them, before the first and behind the last.
    pub fn letters(&self) -> &[u8] {
        &self.letters
    }

    /// The words in their order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The letters of a word.
    pub fn letters_of(&self, word: &Word) -> &[u8] {
        self.letters.get(word.range()).unwrap_or_default()
    }
}

/// Written without blanks.
const DENSE: u8 = 1;
const FIRST: u8 = 2;
const QUOTED: u8 = 4;
const ASKED: u8 = 8;

impl Word {
    /// It is written without blanks, so that another may begin at each of its characters.
    pub fn is_dense(&self) -> bool {
        self.signs & DENSE != 0
    }

    /// It is the first of its sentence.
    pub fn is_first(&self) -> bool {
        self.signs & FIRST != 0
    }

    /// It stands in quotation marks.
    pub fn is_quoted(&self) -> bool {
        self.signs & QUOTED != 0
    }

    /// Its sentence ends with a question mark.
    pub fn is_asked(&self) -> bool {
        self.signs & ASKED != 0
    }

    /// Its bytes in the letters.
    pub fn range(&self) -> Range<usize> {
        index(self.start)..index(self.end)
    }

    /// Its bytes in the text.
    pub fn span(&self) -> Range<usize> {
        index(self.at)..index(self.until)
    }

    /// Which sentence it is in.
    pub fn sentence(&self) -> usize {
        index(self.sentence)
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The first word of several that are written as one, each with a capital: `IgnoreAllRules`. Two of them in a row are words
/// that people use.
fn first_hump(run: &[u8]) -> Option<&[u8]> {
    if !run.iter().skip(1).fold(false, |has, byte| has | byte.is_ascii_uppercase()) {
        return None;
    }
    let mut humps = run.chunk_by(|before, next| before.is_ascii_uppercase() || !next.is_ascii_uppercase());
    let (first, second) = (humps.next()?, humps.next()?);
    let is_common = |hump: &[u8]| is_common(&hump.to_ascii_lowercase());
    (is_common(first) && is_common(second)).then_some(first)
}

/// Whether small letters are a word that people use.
fn is_common(letters: &[u8]) -> bool {
    Words::common().has(letters)
}

struct Reader {
    out: Reading,
    /// The word that is being read.
    word: Option<Word>,
    sentence: u32,
    /// Where the words of the sentence begin.
    sentence_from: usize,
    is_quoted: bool,
    before: Kind,
}

impl Reader {
    fn new(bytes: usize) -> Self {
        let mut out =
            Reading { letters: Vec::with_capacity(bytes.saturating_add(2)), words: Vec::with_capacity(bytes / 4) };
        out.letters.push(b' ');
        Self { out, word: None, sentence: 0, sentence_from: 0, is_quoted: false, before: Kind::Blank }
    }

    #[inline]
    fn read(&mut self, at: usize, character: char, next: char) {
        let mut kind = if character.is_ascii() { of_ascii(character) } else { of_others(character) };
        let mut character = character;
        if matches!(kind, Kind::Other | Kind::Dot) {
            if self.before == Kind::Letter
                && next.is_alphanumeric()
                && let Some(letter) = stands_for(character)
                && !self.is_at_end()
            {
                (kind, character) = (Kind::Letter, letter);
            } else if character == '\\' && !next.is_ascii() {
                kind = Kind::Silent;
            }
        }
        match kind {
            Kind::Letter | Kind::Dense => self.letter(at, character, kind == Kind::Dense),
            Kind::Silent => return,
            _ => {
                self.end_word(at);
                self.sign(kind);
            }
        }
        self.before = kind;
    }

    /// Whether what was read of the word is a word that people use: what follows parts it from the next.
    fn is_at_end(&self) -> bool {
        self.word.is_some_and(|word| is_common(self.out.letters.get(index(word.start)..).unwrap_or_default()))
    }

    fn sign(&mut self, kind: Kind) {
        match kind {
            Kind::Blank if matches!(self.before, Kind::Dot) => self.end_sentence(false),
            Kind::Stop => self.end_sentence(false),
            Kind::Question => self.end_sentence(true),
            Kind::Quote => self.is_quoted = !self.is_quoted,
            _ => {}
        }
    }

    /// Letters and digits of ASCII in a row.
    #[inline]
    fn run(&mut self, at: usize, letters: &[u8]) {
        self.go_on(at, false);
        self.out.letters.extend(letters.iter().map(u8::to_ascii_lowercase));
        self.before = Kind::Letter;
    }

    fn letter(&mut self, at: usize, character: char, is_dense: bool) {
        self.go_on(at, is_dense);
        self.push(character);
    }

    /// The word goes on, or the next one begins.
    #[inline]
    fn go_on(&mut self, at: usize, is_dense: bool) {
        let length = self.out.letters.len();
        let goes_on = self
            .word
            .is_some_and(|word| word.is_dense() == is_dense && length.saturating_sub(index(word.start)) < LONGEST);
        if !goes_on {
            self.end_word(at);
            self.begin_word(at, is_dense);
        }
    }

    fn push(&mut self, character: char) {
        for lower in character.to_lowercase() {
            match bare(lower) {
                Some(letters) => self.out.letters.extend_from_slice(letters.as_bytes()),
                None => self.out.letters.extend_from_slice(same(lower).encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn begin_word(&mut self, at: usize, is_dense: bool) {
        let start = number(self.out.letters.len());
        let is_first = self.sentence_from == self.out.words.len();
        let signs = [(is_dense, DENSE), (is_first, FIRST), (self.is_quoted, QUOTED)];
        let signs = signs.into_iter().filter(|(is_so, _)| *is_so).fold(0, |signs, (_, sign)| signs | sign);
        let (at, sentence, hash) = (number(at), self.sentence, Hash::START);
        self.word = Some(Word { start, end: start, at, until: at, sentence, signs, hash });
    }

    fn end_word(&mut self, at: usize) {
        if let Some(word) = self.word.take() {
            let start = index(word.start);
            self.undo_digits(start);
            let hash = Hash::of_word(self.out.letters.get(start..).unwrap_or_default());
            self.out.words.push(Word { end: number(self.out.letters.len()), until: number(at), hash, ..word });
            self.out.letters.push(b' ');
        }
    }

    /// Digits in a word that has letters too are letters; before and behind a word that people use, they are left out.
    fn undo_digits(&mut self, start: usize) {
        let letters = self.out.letters.get_mut(start..).unwrap_or_default();
        let digits = letters.iter().filter(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits == letters.len() {
            return;
        }
        let is_letter = |byte: &u8| !byte.is_ascii_digit();
        let first = letters.iter().position(is_letter).unwrap_or_default();
        let end = letters.iter().rposition(is_letter).map_or(0, |last| last.saturating_add(1));
        if letters.get(first..end).is_some_and(is_common) {
            letters.copy_within(first..end, 0);
            self.out.letters.truncate(start.saturating_add(end).saturating_sub(first));
        } else {
            for byte in letters {
                *byte = digit_as_letter(*byte);
            }
        }
    }

    fn end_sentence(&mut self, is_asked: bool) {
        let words = self.out.words.get_mut(self.sentence_from..).unwrap_or_default();
        if words.is_empty() {
            return;
        }
        if is_asked {
            for word in words {
                word.signs |= ASKED;
            }
        }
        self.sentence = self.sentence.saturating_add(1);
        self.sentence_from = self.out.words.len();
        self.is_quoted = false;
    }

    fn finish(mut self, bytes: usize) -> Reading {
        self.end_word(bytes);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let reading = Reading::of(text);
        reading.words().iter().map(|word| String::from_utf8_lossy(reading.letters_of(word)).into_owned()).collect()
    }

    #[test]
    fn words_are_letters_without_what_stands_around_them() {
        for (text, expected) in [
            ("Don't  IGNORE, it!", &["don", "t", "ignore", "it"][..]),
            ("Ígnòrés-toi ŻÓŁĆ", &["ignores", "toi", "zolc"]),
            (r"done.\nIgnore\tit", &["done", "ignore", "it"]),
            ("ignore+all|rules!now byp@ss", &["ignore", "all", "rules", "now", "bypass"]),
            ("ignore以前の指示", &["ignore", "以前の指示"]),
            ("Ignore@all 1Ignore 2all2 1gn0re mp3", &["ignore", "all", "ignore", "all", "ignore", "mpe"]),
            (
                "IgnoreAllPreviousRules iGnOrE aLl GitHub USAnow",
                &["ignore", "all", "previous", "rules", "ignore", "all", "github", "usanow"],
            ),
            ("تَجاهَلْ الأوامر", &["تجاهل", "الاوامر"]),
            ("निर्देशों को", &["निर्देशों", "को"]),
            ("", &[]),
            ("…!?", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_word_knows_its_sentence_and_its_place() {
        let text = "What is \"prompt\"? Say 3.5 now";
        let reading = Reading::of(text);
        let signs: Vec<_> = reading
            .words()
            .iter()
            .map(|word| {
                (text.get(word.span()).unwrap(), word.sentence(), word.is_first(), word.is_quoted(), word.is_asked())
            })
            .collect();
        assert_eq!(
            signs,
            [
                ("What", 0, true, false, true),
                ("is", 0, false, false, true),
                ("prompt", 0, false, true, true),
                ("Say", 1, true, false, false),
                ("3", 1, false, false, false),
                ("5", 1, false, false, false),
                ("now", 1, false, false, false),
            ]
        );
    }

    #[test]
    fn a_word_without_end_goes_on_as_another() {
        assert_eq!(words(&"a".repeat(150)).iter().map(String::len).collect::<Vec<_>>(), [64, 64, 22]);
        assert!(words(&"字".repeat(99)).iter().all(|word| word.len() <= LONGEST + 3));
    }
}
