//! E-mail addresses.
//!
//! What stands before the `@` is a dot-atom of RFC 5321 and RFC 6531 without what usually stands around an address
//! (`= / ? & { } |` and the backtick), what stands behind it a name with a top-level domain of letters. Not addresses
//! here: quoted local parts, names without a domain (`user@localhost`), hosts as numbers, the account of a version
//! control (`git@host:path`), what stands in a URL before its host (`https://user:word@host`: a secret, not a person),
//! and the pictures that are called `icon@2x.png`.

use std::ops::Range;

use super::boundary::{is_unspaced, joins};
use crate::letters::{is_alphabetic, is_alphanumeric};

/// RFC 5321 section 4.5.3.1.
const LOCAL_BYTES: usize = 64;
const DOMAIN_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// The address around the `@` that stands at `at`.
pub(super) fn find(text: &str, at: usize) -> Option<Range<usize>> {
    let start = local(text, at)?;
    let end = domain(text, at.saturating_add(1))?;
    let is_account = text.get(start..at).is_some_and(|local| matches!(local, "git" | "hg" | "svn"));
    (!is_account && !is_in_authority(text, start)).then_some(start..end)
}

/// Where the part before the `@` begins.
fn local(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let is_spaced = before.chars().next_back().filter(|last| is_atom(*last) && *last != '.')?.is_ascii();
    let mut start = at;
    for (place, c) in before.char_indices().rev() {
        // "请写信给bob@example.com" is a sentence and an address
        if !is_atom(c) || (is_spaced && is_unspaced(c)) {
            break;
        }
        if at.saturating_sub(place) > LOCAL_BYTES {
            return None;
        }
        start = place;
    }
    let run = text.get(start..at)?;
    // by pairs: a search for a string costs more to begin than most of these runs to read
    let dots = run.as_bytes().windows(2).rposition(|pair| pair == b"..");
    let behind_dots = dots.map_or(run, |dots| run.get(dots..).unwrap_or_default());
    let local = behind_dots.trim_start_matches(|c: char| !joins(c) && !is_unspaced(c) && c != '+');
    (!local.is_empty()).then(|| at.saturating_sub(local.len()))
}

/// RFC 5322 section 3.2.3 and RFC 6531 section 3.3, less the characters named above.
fn is_atom(c: char) -> bool {
    match c {
        '.' | '_' | '+' | '-' | '%' | '\'' | '~' | '!' | '#' | '$' | '*' | '^' => true,
        c => is_alphanumeric(c),
    }
}

/// Where the name behind the `@` ends.
fn domain(text: &str, start: usize) -> Option<usize> {
    let behind = text.get(start..)?;
    let mut end = start;
    for (place, c) in behind.char_indices() {
        if place > DOMAIN_BYTES {
            return None;
        }
        if !(is_alphanumeric(c) || matches!(c, '.' | '-')) || is_after_ascii_top(behind.get(..place), c) {
            break;
        }
        end = start.saturating_add(place).saturating_add(c.len_utf8());
    }
    let name = text.get(start..end)?.trim_end_matches(['.', '-']);
    is_domain(name).then(|| start.saturating_add(name.len()))
}

/// Whether a letter of a script without blanks follows a name in ASCII: a sentence goes on.
fn is_after_ascii_top(name: Option<&str>, c: char) -> bool {
    is_unspaced(c) && name.is_some_and(|name| name.is_ascii() && name.ends_with(|c: char| c.is_ascii_alphanumeric()))
}

fn is_domain(name: &str) -> bool {
    let Some((rest, top)) = name.rsplit_once('.') else { return false };
    let is_top = top.chars().count() > 1 && top.chars().all(is_alphabetic) || top.starts_with("xn--");
    let is_label = |label: &str| {
        !label.is_empty() && label.len() <= LABEL_BYTES && !label.starts_with('-') && !label.ends_with('-')
    };
    is_top && name.split('.').all(is_label) && !is_scaled_picture(rest, top)
}

/// `icon@2x.png`.
fn is_scaled_picture(rest: &str, top: &str) -> bool {
    let is_scale = matches!(rest.as_bytes(), [b'1'..=b'9', b'x' | b'X', ..]);
    is_scale && ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif"].contains(&top)
}

/// Whether `https://`, or a user and a colon behind it, stands before `start`. Looks back by no more than a local part.
fn is_in_authority(text: &str, start: usize) -> bool {
    let before = text.as_bytes().get(start.saturating_sub(LOCAL_BYTES)..start).unwrap_or_default();
    match before {
        [.., b':', b'/', b'/'] => true,
        [rest @ .., b':'] => {
            let user = rest.rsplit(|byte| *byte == b'/' || byte.is_ascii_whitespace()).next().unwrap_or_default();
            rest.get(..rest.len().saturating_sub(user.len())).is_some_and(|head| head.ends_with(b"://"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    fn found(text: &str) -> Option<&str> {
        find(text, text.find('@').unwrap()).and_then(|span| text.get(span))
    }

    #[test]
    fn addresses_are_found_whole() {
        for (text, address) in [
            ("write to bob.o'hara+x@mail.example.com.", "bob.o'hara+x@mail.example.com"),
            ("'bob@example.org'", "bob@example.org"),
            ("<mailto:bob_b@example.co.uk>", "bob_b@example.co.uk"),
            ("user=bob@example.org&x=1", "bob@example.org"),
            ("用户@例子.公司", "用户@例子.公司"),
            ("请写信给bob@example.com谢谢", "bob@example.com"),
            ("jürgen@müller.de", "jürgen@müller.de"),
            ("a@xn--bcher-kva.xn--p1ai", "a@xn--bcher-kva.xn--p1ai"),
            ("...bob@example.com", "bob@example.com"),
            ("bob@example.com:hunter2", "bob@example.com"),
        ] {
            assert_eq!(found(text), Some(address), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_an_address_is_left() {
        for text in [
            "root@localhost",
            "@decorator.name",
            "pkg@1.2.3",
            "icon@2x.png",
            "git@github.com:org/repo",
            "https://user:word@example.com/",
            "ssh://deploy@example.com",
            "a.@example.com",
            "bob@-example.com",
            "bob@example..com",
            "bob@10.0.0.1",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
