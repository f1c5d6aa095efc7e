//! Text that people read and machines compare.

/// Whether a character is not seen, or reorders what is seen: two texts that look alike may differ by it
/// (CVE-2021-42574). Controls, what Unicode lets be ignored (`Default_Ignorable_Code_Point`), line separators and the
/// marks of annotations.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_told_from_letters() {
        for unseen in
            "\0\t\r\n\u{7f}\u{85}\u{ad}\u{200b}\u{200d}\u{202e}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{e0041}".chars()
        {
            assert!(is_unseen(unseen), "{unseen:?}");
        }
        for seen in " aZ0-_é利用者ſＫ\u{301}".chars() {
            assert!(!is_unseen(seen), "{seen:?}");
        }
    }
}
