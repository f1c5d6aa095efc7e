//! Which characters are letters and digits, of any script.
//!
//! The tables of the standard library are searched for each character, and at length for some scripts: a text of nothing
//! but those would cost ten times what prose costs. Here a page of neighbours is looked up when one of them is first asked
//! for, and then known.

use std::sync::OnceLock;

/// Whether it is a letter.
pub(crate) fn is_alphabetic(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    page(c).map_or_else(|| c.is_alphabetic(), |page| page.letters & bit(c) != 0)
}

/// Whether it is a letter or a digit.
pub(crate) fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    page(c).map_or_else(|| c.is_alphanumeric(), |page| (page.letters | page.digits) & bit(c) != 0)
}

/// What is known of characters that stand beside one another: a bit each.
struct Page {
    letters: u64,
    digits: u64,
}

impl Page {
    const CHARACTERS: u32 = u64::BITS;

    // Cold, or else the compiler takes the tables of the standard library out of loops elsewhere: those were half as
    // slow again (measured on Ethiopic).
    #[cold]
    fn of(c: char) -> Self {
        let first = u32::from(c) & !(Self::CHARACTERS.wrapping_sub(1));
        let characters = || (first..first.saturating_add(Self::CHARACTERS)).filter_map(char::from_u32);
        let bits = |is: fn(char) -> bool| characters().filter(|c| is(*c)).fold(0, |bits, c| bits | bit(c));
        Self { letters: bits(char::is_alphabetic), digits: bits(char::is_numeric) }
    }
}

fn bit(c: char) -> u64 {
    1_u64.wrapping_shl(u32::from(c))
}

/// The page of a character; `None` behind the scripts that are written.
fn page(c: char) -> Option<&'static Page> {
    let at = usize::try_from(u32::from(c) / Page::CHARACTERS).ok()?;
    PAGES.get(at).map(|page| page.get_or_init(|| Page::of(c)))
}

/// Of the first two planes of Unicode: the others have rare Han, and controls.
type Pages = [OnceLock<Page>; 2048];

static PAGES: Pages = [const { OnceLock::new() }; 2048];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_what_the_standard_library_says() {
        for c in '\0'..=char::MAX {
            assert_eq!((is_alphabetic(c), is_alphanumeric(c)), (c.is_alphabetic(), c.is_alphanumeric()), "{c:?}");
        }
    }
}
