//! Characters without a form of their own, in which text is carried unseen: tags (U+E0000 to U+E007F) stand for the
//! letters of ASCII, and a run of variation selectors for bytes.

use std::ops::Range;

/// How many selectors in a row are a message: written text has one behind a character.
const RUN: usize = 4;

/// Runs of tags that are no flag, and runs of selectors.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut done = 0;
    // The first bytes of all those characters in UTF-8.
    for at in memchr::memchr2_iter(0xEF, 0xF3, text.as_bytes()) {
        let Some(rest) = text.get(at..).filter(|_| at >= done) else { continue };
        let (tags, selectors) = (run(rest, is_tag), run(rest, is_selector));
        let flag = FLAGS.contains(&tags) && text.get(..at).is_some_and(|before| before.ends_with(FLAG));
        done = at.saturating_add(tags.len().max(selectors.len()));
        if (!tags.is_empty() && !flag) || selectors.chars().take(RUN).count() == RUN {
            spans.push(at..done);
        }
    }
    spans
}

/// Such characters with which the text begins.
fn run(text: &str, is_one: fn(char) -> bool) -> &str {
    let rest = text.trim_start_matches(is_one);
    text.strip_suffix(rest).unwrap_or_default()
}

fn is_tag(character: char) -> bool {
    ('\u{E0000}'..='\u{E007F}').contains(&character)
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// What the tags of a flag follow.
const FLAG: char = '\u{1F3F4}';

/// The flags that Unicode recommends (UTS #51, annex C), of England, Scotland and Wales: `gbeng`, `gbsct` and
/// `gbwls`, and the tag that ends them.
const FLAGS: [&str; 3] = [
    "\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
];
