//! A name and a password on the command line of curl.

use std::ops::Range;

use super::judge;
use super::sight::{Sight, is_quote};

/// How far behind `curl` its options may stand.
const REACH: usize = 2048;

/// The password in `curl -u name:password`; a name that seems drawn by lot if there is no password, as services that
/// take a key for a name have it.
pub(super) fn user(sight: &mut Sight<'_>, keyword: Range<usize>) -> Option<Range<usize>> {
    if sight.text.get(keyword.clone())?.eq_ignore_ascii_case(b"curl") {
        sight.curl = Some(keyword.end);
        return None;
    }
    let curl = sight.curl.filter(|curl| keyword.start.saturating_sub(*curl) <= REACH)?;
    let option = keyword.start > curl && sight.byte(keyword.start.checked_sub(1)?)?.is_ascii_whitespace();
    if !option {
        return None;
    }
    let word = word(sight.text, keyword.end);
    let colon = word.iter().position(|(_, byte)| *byte == b':')?;
    let (name, password) = word.split_at_checked(colon)?;
    let password = password.get(1..)?;
    let plain = |part: &[(usize, u8)]| part.iter().map(|(_, byte)| *byte).collect::<Vec<u8>>();
    if password.is_empty() {
        let bytes = plain(name);
        (bytes.len() >= 8 && judge::is_random(&bytes)).then(|| span(name))?
    } else {
        is_password(&plain(name), &plain(password)).then(|| span(password))?
    }
}

fn is_password(name: &[u8], password: &[u8]) -> bool {
    password.len() >= 3 && name != password && !judge::is_placeholder(password) && !judge::is_common(password)
}

fn span(part: &[(usize, u8)]) -> Option<Range<usize>> {
    Some(part.first()?.0..part.last()?.0.saturating_add(1))
}

/// The next word as a shell reads it: without its quotes, and where each of its bytes stands. An option ends before
/// blanks or `=`.
fn word(text: &[u8], at: usize) -> Vec<(usize, u8)> {
    let rest = text.iter().enumerate().skip(at).take(320);
    let mut quote = None;
    let mut word = Vec::new();
    for (at, byte) in rest.skip_while(|(_, byte)| matches!(byte, b' ' | b'\t' | b'=')) {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if is_quote(*byte) => quote = Some(*byte),
            None if byte.is_ascii_whitespace() => break,
            Some(_) if *byte == b'\n' => break,
            _ => word.push((at, *byte)),
        }
    }
    word
}
