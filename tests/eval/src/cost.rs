//! What reading a text in every way costs, and folding what it says for the search of words: ordinary texts, and such as
//! were made to cost much. Time is that of the processor, where the system tells it: others may be at work.

use std::hint::black_box;
use std::time::Instant;

use prompt_guard::normalise::{Folded, Views, folded, views};

const MIB: usize = 1 << 20;

/// Prints nanoseconds a byte.
pub(crate) fn print(texts: &[&str]) {
    println!("# ns/byte, all views and the plain one folded; ordinary texts one by one, the others 1 MiB at once");
    let is_english = |text: &str| text.is_ascii() && !text.contains(['{', '<', ';', '`', '\\']);
    let is_code = |text: &str| text.is_ascii() && ["fn ", "def ", "func "].iter().any(|word| text.contains(word));
    let is_chinese = |text: &str| text.chars().filter(|c| *c > '\u{3000}').count().saturating_mul(6) > text.len();
    let english = only(texts, is_english);
    one_by_one("english", &english);
    one_by_one("code", &only(texts, is_code));
    one_by_one("ascii", &only(texts, str::is_ascii));
    one_by_one("not.ascii", &only(texts, |text| !text.is_ascii()));
    one_by_one("chinese", &only(texts, is_chinese));
    let english = english.join("\n\n");
    for (name, text) in pathological(&up_to(&english, MIB)) {
        report(name, &text);
    }
}

fn only<'t>(texts: &[&'t str], is_wanted: impl Fn(&str) -> bool) -> Vec<&'t str> {
    texts.iter().copied().filter(|text| is_wanted(text)).collect()
}

fn one_by_one(name: &str, texts: &[&str]) {
    let bytes = texts.iter().map(|text| text.len()).sum();
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = Clock::now();
        for text in texts {
            black_box(read(black_box(text)));
        }
        best = best.min(per_byte(start, bytes));
    }
    println!("cost.{name}: {best:.2} ({} texts, {bytes} bytes)", texts.len());
}

fn report(name: &str, text: &str) {
    let runs = (4 * MIB / text.len().max(1)).clamp(1, 8);
    let mut best = f64::MAX;
    for _ in 0..runs.max(3) {
        let start = Clock::now();
        black_box(read(black_box(text)));
        best = best.min(per_byte(start, text.len()));
    }
    let views = views(text);
    let vias: Vec<_> = views.decoded.iter().map(|view| view.via.word()).collect();
    println!("cost.{name}: {best:.2} ({} bytes; {})", text.len(), vias.join(" "));
}

fn read(text: &str) -> (Views<'_>, Folded) {
    let views = views(text);
    let folded = folded(&views.plain);
    (views, folded)
}

/// A moment, by the processor's time of this thread (Linux), or else by the clock.
#[derive(Clone, Copy)]
struct Clock(Instant, Option<u128>);

impl Clock {
    fn now() -> Self {
        // The kernel brings the count up to date when another thread may run.
        std::thread::yield_now();
        let count = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        Self(Instant::now(), count.and_then(|line| line.split(' ').next()?.parse().ok()))
    }

    /// Nanoseconds since then.
    fn elapsed(self) -> u128 {
        let now = Self::now();
        let busy = now.1.zip(self.1).map(|(now, then)| now.saturating_sub(then));
        busy.unwrap_or_else(|| now.0.duration_since(self.0).as_nanos())
    }
}

#[allow(clippy::cast_precision_loss)] // a figure to look at
fn per_byte(start: Clock, bytes: usize) -> f64 {
    start.elapsed() as f64 / bytes.max(1) as f64
}

fn up_to(text: &str, length: usize) -> String {
    text.get(..text.floor_char_boundary(length)).unwrap_or_default().to_owned()
}

fn pathological(english: &str) -> Vec<(&'static str, String)> {
    let fill = |unit: &str| unit.repeat(MIB / unit.len().max(1));
    let random = noise(MIB);
    let text = |map: &dyn Fn(char) -> char| english.chars().map(map).collect::<String>();
    let spelled: String = english.chars().take(MIB / 2).flat_map(|letter| [letter, ' ']).collect();
    let letters = |alphabet: &[u8]| {
        let pick = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied().map_or('a', char::from);
        random.iter().map(pick).collect::<String>()
    };
    vec![
        ("a-and-exclamation", fill("a!!!!!!!")),
        ("zalgo", fill(&format!("a{}", "\u{301}".repeat(1000)))),
        ("zalgo-two", fill("a\u{301}\u{317}")),
        ("fdfa", "\u{fdfa}".repeat(100_000)),
        ("letters-like-base64", fill("abcdEFGH12345678")),
        ("base64-of-random", letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")),
        ("random-lower", letters(b"abcdefghijklmnopqrstuvwxyz    ")),
        ("random-ascii", random.iter().map(|byte| char::from((byte & 0x7f).max(0x20))).collect()),
        ("random-symbols", letters(b".-/ '\"+\\%&=01x,;")),
        ("zero-width", fill("\u{200b}")),
        ("zero-width-split", fill("a\u{200b}b\u{200d}")),
        ("digits", fill("65 66 67 104 101 ")),
        ("bits", fill("01101001 ")),
        ("backslashes", fill("\\")),
        ("backslashed", fill("\\i\\g\\n\\o\\r\\e\\ ")),
        ("backslash-n", fill("\\n")),
        ("percent", fill("%61")),
        ("ampersands", fill("&#1")),
        ("equals", fill("=61")),
        ("spaced", spelled),
        ("dotted", fill("a.b.c.d ")),
        ("rot13", text(&|letter| rotated(letter, 13))),
        ("caesar-by-word", fill("gur pngf ner urer. wkh fdwv duh khuh. ")),
        ("reversed", english.chars().rev().collect()),
        ("leet", text(&|letter| "oieast".find(letter).and_then(|at| "013457".chars().nth(at)).unwrap_or(letter))),
        ("quotes-and-pluses", fill("'a' + 'b' + ")),
        ("quotes", fill("'\"")),
        ("morse", fill(".- -... -.-. / ")),
        ("dots", fill(". - ")),
        ("overrides", fill("\u{202e}ab")),
        ("override-open", format!("\u{202e}{}", fill("ab é"))),
        ("look-alikes", fill("іgnоrе аll ")),
        ("tags", fill("\u{e0061}")),
        ("selectors", fill("\u{e0151}")),
        ("upside-down", fill("ǝɹouƃᴉ ")),
        (
            "all-at-once",
            fill("%61 1gn0r3 1n57ruc710n5 'ig'+'nore' i g n o r e 69676e6f726520616c6c gur naq lbh. dna eht uoy.\n"),
        ),
    ]
}

fn rotated(letter: char, by: u8) -> char {
    let base = if letter.is_ascii_lowercase() { b'a' } else { b'A' };
    match u8::try_from(letter) {
        Ok(byte) if byte.is_ascii_alphabetic() => {
            char::from(byte.wrapping_sub(base).wrapping_add(by).wrapping_rem(26).wrapping_add(base))
        }
        _ => letter,
    }
}

/// The same bytes each time (a linear congruential generator).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes().first().copied().unwrap_or(0)
    };
    (0..length).map(|_| next()).collect()
}
