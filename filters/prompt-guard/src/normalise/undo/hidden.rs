//! Text in characters that are never shown: tags, one for each character of ASCII, and variation selectors, one for each
//! byte. Models read both.

use crate::normalise::map::{Draft, Made};

/// So few selectors in a row are no message.
const SELECTORS: usize = 3;

/// The hidden text where it stands.
pub(super) fn undo(text: &str) -> Option<Made> {
    let mut draft = Draft::new(text);
    let mut run = Run::default();
    for (at, character) in text.char_indices() {
        if let Some(byte) = tag(character).or_else(|| selector(character)) {
            if run.bytes.is_empty() {
                run.start = at;
            }
            run.bytes.push(byte);
            run.end = at.saturating_add(character.len_utf8());
            run.has_tags |= tag(character).is_some();
        } else {
            run.write(&mut draft);
            run.is_behind_flag = character == '\u{1f3f4}';
        }
    }
    run.write(&mut draft);
    draft.undone()
}

#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    bytes: Vec<u8>,
    has_tags: bool,
    /// Scotland's flag is a black one with the tags `gbsct` and an end.
    is_behind_flag: bool,
}

impl Run {
    fn write(&mut self, draft: &mut Draft<'_>) {
        let is_flag = self.is_behind_flag && self.bytes.len() <= 8;
        let is_message = self.has_tags || self.bytes.len() >= SELECTORS;
        if is_message && !is_flag {
            draft.replace(&(self.start..self.end), &String::from_utf8_lossy(&self.bytes));
        }
        self.bytes.clear();
        self.has_tags = false;
        self.is_behind_flag = false;
    }
}

fn tag(character: char) -> Option<u8> {
    let code = u32::from(character).checked_sub(0xe0000)?;
    u8::try_from(code).ok().filter(|code| *code < 0x80)
}

fn selector(character: char) -> Option<u8> {
    let code = u32::from(character);
    let byte = match character {
        '\u{fe00}'..='\u{fe0f}' => code.checked_sub(0xfe00),
        '\u{e0100}'..='\u{e01ef}' => code.checked_sub(0xe0100).and_then(|byte| byte.checked_add(16)),
        _ => None,
    };
    byte.and_then(|byte| u8::try_from(byte).ok())
}
