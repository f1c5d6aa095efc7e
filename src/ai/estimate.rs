//! About how many tokens a text has, for a limit that must be decided before the upstream has counted.
//!
//! A model's own vocabulary is megabytes and differs from model to model. This counts what vocabularies have in common: a
//! word is a token or two, three digits are one, a character of Chinese is one or more. Hundredths of a token each, fitted
//! to the larger of two counts (`cl100k` and `o200k`, of `OpenAI`) of 5,609 prompts, documents and programs.
//!
//! Its error on those, as the estimate less the count, by the count:
//!
//! | | `cl100k` | `o200k` |
//! |---|---|---|
//! | of all texts together | -3 % | +1 % |
//! | the median, either way | 10 % | 11 % |
//! | one text in twenty is below by | 48 % or more | 42 % or more |
//!
//! Prose, chat and code are within 12 %, taken together by kind (chat of `o200k`: 21 % above); Russian, of which those
//! texts have little, is up to 60 % above. What is far below is text in disguise: base64, ciphers, rare characters. Of one
//! short text of each:
//!
//! | | estimate | `cl100k` | `o200k` |
//! |---|---|---|---|
//! | base64 | 32 | 69 | 63 |
//! | hexadecimal digits | 48 | 43 | 43 |
//! | spaces and line ends | 8 | 9 | 9 |
//!
//! A gap is a token for each sixteen characters of one kind: some vocabularies have longer ones. A limit that must hold
//! counts what the upstream says it used; no text has more tokens than bytes.
//!
//! ```
//! use portcullis::ai::estimate::tokens;
//!
//! assert_eq!(tokens("How are you?"), 4);
//! assert_eq!(tokens(""), 0);
//! ```

/// A word of ASCII letters of up to [`SHORT`], in hundredths of a token.
const WORD: u16 = 90;
/// Each letter past that.
const LETTER: u16 = 26;
const SHORT: usize = 6;
/// Three digits, or what is left of them.
const DIGITS: u16 = 135;
/// The first of adjacent signs, and each further one.
const SIGN: u16 = 67;
const NEXT_SIGN: u16 = 17;
/// Line ends, or more than one space.
const GAP: u16 = 86;
/// Each further one so long: vocabularies have words for long gaps, and not for all.
const NEXT_GAP: u16 = 100;
const LONG_GAP: usize = 16;
/// A word of other alphabets, and each letter (two bytes of UTF-8).
const OTHER_WORD: u16 = 89;
const OTHER_LETTER: u16 = 77;
/// A character of three bytes: most of Asia.
const THREE_BYTES: u16 = 133;
/// A character of four: emoji, rare letters.
const FOUR_BYTES: u16 = 346;

/// About how many tokens.
pub fn tokens(text: &str) -> u64 {
    let mut counter = Counter::default();
    counter.push(text);
    counter.tokens()
}

/// About how many tokens a text has that comes in pieces: as many as if it came whole.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counter {
    hundredths: u64,
    state: u8,
}

impl Counter {
    /// Counts a piece.
    pub fn push(&mut self, text: &str) {
        let [first, second, third, fourth] = quarters(text.as_bytes());
        let mut lanes = [Lane { state: self.state, hundredths: 0 }, Lane::default(), Lane::default(), Lane::default()];
        let [one, two, three, four] = &mut lanes;
        for (((a, b), c), d) in first.iter().zip(second).zip(third).zip(fourth) {
            one.step(*a);
            two.step(*b);
            three.step(*c);
            four.step(*d);
        }
        let shortest = first.len().min(second.len()).min(third.len()).min(fourth.len());
        for (lane, bytes) in lanes.iter_mut().zip([first, second, third, fourth]) {
            bytes.iter().skip(shortest).for_each(|byte| lane.step(*byte));
        }
        let of_last = lanes.iter().zip([first, second, third, fourth]).rfind(|(_, bytes)| !bytes.is_empty());
        self.state = of_last.map_or(self.state, |(lane, _)| lane.state);
        self.hundredths = lanes.iter().fold(self.hundredths, |sum, lane| sum.saturating_add(lane.hundredths));
    }

    /// About how many tokens it has so far.
    pub fn tokens(&self) -> u64 {
        self.hundredths.div_ceil(100)
    }
}

// What each byte costs behind which others, as a table: a text is counted byte by byte, and nothing depends on a guess of
// what comes next.

/// The state behind a byte, and what the byte costs.
#[derive(Clone, Copy)]
struct Step {
    state: u8,
    cost: u16,
}

/// What bytes are counted together.
const LETTERS: u8 = 0;
const NUMBERS: u8 = 1;
const SIGNS: u8 = 2;
const SPACES: u8 = 3;
const LINE_ENDS: u8 = 4;
const OTHERS: u8 = 5;
const OF_THREE: u8 = 6;
const OF_FOUR: u8 = 7;
/// The bytes of a character behind its first: they cost nothing and change nothing.
const REST: u8 = 8;
const CLASSES: usize = 9;

/// The states of each class begin here; each has as many as there are lengths that cost otherwise. Zero is the beginning.
const FIRST: [u8; CLASSES] = [1, 8, 11, 13, 30, 47, 48, 49, 0];
const STATES: usize = 64;
const PLACES: usize = STATES * 16;

static CLASS: [u8; 256] = classes();
static STEPS: [Step; PLACES] = steps();

/// A stretch of a text that is counted while others are: a processor does four at a time in the time of one.
#[derive(Clone, Copy, Default)]
struct Lane {
    state: u8,
    hundredths: u64,
}

impl Lane {
    #[inline]
    fn step(&mut self, byte: u8) {
        let class = CLASS.get(usize::from(byte)).copied().unwrap_or(REST);
        let place = (usize::from(self.state & 63) << 4) | usize::from(class & 15);
        if let Some(step) = STEPS.get(place) {
            self.state = step.state;
            self.hundredths = self.hundredths.saturating_add(u64::from(step.cost));
        }
    }
}

/// Four stretches, cut where the kind of bytes changes: what stands before makes no difference there. A short text is all in
/// the first.
fn quarters(text: &[u8]) -> [&[u8]; 4] {
    const SHORT_TEXT: usize = 64;
    if text.len() < SHORT_TEXT {
        return [text, &[], &[], &[]];
    }
    let quarter = text.len() / 4;
    let (first, rest) = cut(text, quarter);
    let (second, rest) = cut(rest, quarter);
    let (third, fourth) = cut(rest, quarter);
    [first, second, third, fourth]
}

/// Cuts behind the next change of kind.
fn cut(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    let kind = |byte: &u8| CLASS.get(usize::from(*byte)).copied().unwrap_or(REST);
    let changes = |pair: &[u8]| match pair {
        // What a character of several bytes is behind its first does not say; one of three or four costs what it costs.
        [_, next] if kind(next) == REST => false,
        [_, next] if kind(next) >= OF_THREE => true,
        [last, next] if kind(last) == REST => kind(next) != OTHERS,
        [last, next] => kind(last) != kind(next),
        _ => false,
    };
    let tail = text.get(at.saturating_sub(1)..).unwrap_or_default();
    let same = tail.windows(2).take_while(|pair| !changes(pair)).count();
    text.split_at_checked(at.saturating_add(same)).unwrap_or((text, &[]))
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::cast_possible_truncation)] // by the compiler
const fn classes() -> [u8; 256] {
    let (mut classes, mut byte) = ([SIGNS; 256], 0);
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTERS,
            b'0'..=b'9' => NUMBERS,
            b'\n' => LINE_ENDS,
            b' ' | b'\t' | b'\r' => SPACES,
            0..=0x7f => SIGNS,
            0x80..=0xbf => REST,
            0xc0..=0xdf => OTHERS,
            0xe0..=0xef => OF_THREE,
            0xf0..=0xff => OF_FOUR,
        };
        byte += 1;
    }
    classes
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::cast_possible_truncation)] // by the compiler
const fn steps() -> [Step; PLACES] {
    let (mut steps, mut state) = ([Step { state: 0, cost: 0 }; PLACES], 0);
    while state < STATES {
        let mut class = 0;
        while class < CLASSES {
            steps[state * 16 + class] = next(state as u8, class as u8);
            class += 1;
        }
        state += 1;
    }
    steps
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::cast_possible_truncation)] // by the compiler
const fn next(state: u8, class: u8) -> Step {
    if class == REST {
        return Step { state, cost: 0 };
    }
    let first = FIRST[class as usize];
    let end = if class < OF_FOUR { FIRST[class as usize + 1] } else { first + 1 };
    // How many of its kind stand before it, as far as that makes a difference.
    let before = if state >= first && state < end { (state - first + 1) as usize } else { 0 };
    let (place, cost) = match class {
        LETTERS => (
            min(before, SHORT),
            if before == 0 {
                WORD
            } else if before < SHORT {
                0
            } else {
                LETTER
            },
        ),
        NUMBERS => (before % 3, if before % 3 == 0 { DIGITS } else { 0 }),
        SIGNS => (min(before, 1), if before == 0 { SIGN } else { NEXT_SIGN }),
        // Behind a long gap the next one is counted like the rest of the first.
        SPACES | LINE_ENDS => {
            let place = if before > LONG_GAP { 1 } else { before };
            let begins = (class == SPACES && before == 1) || (class == LINE_ENDS && before == 0);
            (
                place,
                if begins {
                    GAP
                } else if before == LONG_GAP {
                    NEXT_GAP
                } else {
                    0
                },
            )
        }
        OTHERS => (0, if before == 0 { OTHER_WORD + OTHER_LETTER } else { OTHER_LETTER }),
        OF_THREE => (0, THREE_BYTES),
        _ => (0, FOUR_BYTES),
    };
    Step { state: first + place as u8, cost }
}

const fn min(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Counted {
        kind: String,
        text: String,
        cl100k: u64,
        o200k: u64,
    }

    fn counted() -> Vec<Counted> {
        serde_json::from_str(include_str!("../../tests/fixtures/tokens/counts.json")).unwrap()
    }

    #[test]
    fn a_text_has_as_many_in_pieces() {
        for text in counted() {
            for size in [1, 7, 100] {
                let (mut counter, letters) = (Counter::default(), text.text.chars().collect::<Vec<_>>());
                letters.chunks(size).for_each(|piece| counter.push(&piece.iter().collect::<String>()));
                assert_eq!(counter.tokens(), tokens(&text.text), "{size}");
            }
        }
    }

    /// The published error is that of thousands of texts; a single one of an ordinary kind is within these.
    #[test]
    fn an_estimate_is_near_the_count() {
        for text in counted().iter().filter(|text| !["base64", "hex", "spaces"].contains(&text.kind.as_str())) {
            let (estimate, count) = (tokens(&text.text) as f64, text.cl100k.max(text.o200k) as f64);
            assert!((0.6..=1.7).contains(&(estimate / count)), "{}: {estimate} of {count}", text.kind);
        }
    }

    #[test]
    fn all_together_are_nearer() {
        let sum = |count: fn(&Counted) -> u64| counted().iter().map(count).sum::<u64>() as f64;
        let ratio = sum(|text| tokens(&text.text)) / sum(|text| text.cl100k.max(text.o200k));
        assert!((0.85..=1.15).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_long_gap_is_not_free() {
        for gap in [" ", "\t", "\r", "\n"] {
            assert_eq!(tokens(&gap.repeat(16)), 1, "{gap:?}");
            assert_eq!(tokens(&gap.repeat(17)), 2, "{gap:?}");
            assert_eq!(tokens(&gap.repeat(100_000)), 6_250, "{gap:?}");
        }
    }

    #[test]
    fn text_in_disguise_is_as_far_off_as_is_said() {
        let all = counted();
        for (kind, estimate, cl100k, o200k) in [("base64", 32, 69, 63), ("hex", 48, 43, 43), ("spaces", 8, 9, 9)] {
            let text = all.iter().find(|text| text.kind == kind).unwrap();
            assert_eq!((tokens(&text.text), text.cl100k, text.o200k), (estimate, cl100k, o200k), "{kind}");
        }
    }

    #[test]
    fn no_text_has_more_tokens_than_bytes() {
        for text in counted() {
            assert!(text.cl100k.max(text.o200k) <= text.text.len() as u64, "{}", text.kind);
        }
    }
}
