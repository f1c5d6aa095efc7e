//! Words spelled out: `i g n o r e`, `i.g.n.o.r.e`, `i-g-n-o-r-e`.

use std::ops::Range;

use crate::letters::{is_alphabetic, is_alphanumeric};
use crate::normalise::map::{Draft, Made};

/// Fewer letters are an abbreviation, or a list.
const LEAST: usize = 5;

/// So many letters with signs between them are a word that was spelled out.
const WORD: usize = 4;

/// The text with its words put together; `rows` is where letters stand alone.
pub(super) fn undo(text: &str, rows: &[Range<usize>]) -> Option<Made> {
    let tokens: Vec<Token<'_>> = tokens(text, rows);
    let mut draft = Draft::new(text);
    let signs = tokens.iter().map(Token::spelled).filter(|letters| *letters >= WORD).sum::<usize>() >= LEAST;
    let goes_on = |one: &Token<'_>, next: &Token<'_>| {
        let gap = text.get(one.range.end..next.range.start).unwrap_or_default();
        one.is_single() && next.is_single() && gap.bytes().all(is_blank)
    };
    for run in tokens.chunk_by(goes_on) {
        match run {
            [token] if signs && token.spelled() > 0 => write_word(&mut draft, token),
            _ if is_spelled(run) => write_run(&mut draft, run),
            _ => {}
        }
    }
    draft.undone()
}

/// What stands between two blanks.
#[derive(Debug)]
struct Token<'t> {
    text: &'t str,
    range: Range<usize>,
}

/// The tokens of each row, and of what it breaks off in.
fn tokens<'t>(text: &'t str, rows: &[Range<usize>]) -> Vec<Token<'t>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut behind = 0_usize;
    for row in rows.iter().filter(|row| row.end > row.start) {
        if row.start < behind {
            continue;
        }
        let before = bytes.get(behind..row.start).unwrap_or_default();
        let start = behind
            .saturating_add(before.iter().rposition(|byte| is_blank(*byte)).map_or(0, |blank| blank.saturating_add(1)));
        let rest = bytes.get(row.end..).unwrap_or_default();
        behind = row.end.saturating_add(rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len()));
        found.extend(split(text.get(start..behind).unwrap_or_default(), start));
    }
    found
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n')
}

fn split(text: &str, mut at: usize) -> impl Iterator<Item = Token<'_>> {
    let words = text.split([' ', '\n']).map(move |text| {
        let start = at;
        at = at.saturating_add(text.len()).saturating_add(1);
        Token { text, range: start..start.saturating_add(text.len()) }
    });
    words.filter(|token| !token.text.is_empty())
}

impl Token<'_> {
    fn is_single(&self) -> bool {
        let mut characters = self.text.chars();
        characters.next().is_some() && characters.next().is_none()
    }

    /// How many letters stand here, if there is the same sign between each and the next; else 0.
    fn spelled(&self) -> usize {
        let Some(sign) = self.text.chars().nth(1).filter(|sign| is_sign(*sign)) else { return 0 };
        let (mut letters, mut length) = (0_usize, 0_usize);
        for (at, character) in self.text.chars().enumerate() {
            if at % 2 == 1 && character != sign {
                return 0;
            }
            length = at.saturating_add(1);
            letters = letters.saturating_add(usize::from(at % 2 == 0 && is_alphabetic(character)));
        }
        let units = length.div_ceil(2);
        let is_word = length % 2 == 1 && letters > 0 && letters.saturating_mul(2) >= units;
        if is_word { letters } else { 0 }
    }
}

/// Others stand in formulas.
fn is_sign(sign: char) -> bool {
    !is_alphanumeric(sign) && !matches!(sign, '+' | '=' | ',' | '\'' | '"' | '(' | ')' | '<' | '>' | '\\')
}

fn write_word(draft: &mut Draft<'_>, token: &Token<'_>) {
    for (at, (offset, character)) in token.text.char_indices().enumerate() {
        let start = token.range.start.saturating_add(offset);
        let range = start..start.saturating_add(character.len_utf8());
        if at % 2 == 0 {
            draft.replace(&range, character.encode_utf8(&mut [0; 4]));
        } else {
            draft.copy_to(start);
            draft.skip_to(range.end);
        }
    }
}

fn is_spelled(run: &[Token<'_>]) -> bool {
    let letters = run.iter().filter(|token| token.text.chars().all(is_alphabetic)).count();
    letters >= LEAST && letters.saturating_mul(10) >= run.len().saturating_mul(7)
}

/// One blank stands between letters, more between words.
fn write_run(draft: &mut Draft<'_>, run: &[Token<'_>]) {
    let Some(first) = run.first() else { return };
    draft.copy_to(first.range.start);
    let mut end = first.range.start;
    for token in run {
        let gap = end..token.range.start;
        if gap.len() > 1 {
            draft.replace(&gap, " ");
        } else {
            draft.skip_to(gap.end);
        }
        draft.replace(&token.range, token.text);
        end = token.range.end;
    }
}
