//! A page nearly as it is shown: without the tags and comments of HTML, and without marks of Markdown inside words
//! (`Ig<b></b>nore`, `Ig**no**re`, `[Ignore](#a) [all](#b)`).

use std::ops::Range;

use memchr::memmem;

use crate::normalise::map::{Draft, Made};

/// A tag is no longer.
const TAG: usize = 512;

/// How far behind a tag of no known name its end is looked for.
const CLOSED: usize = 200;

/// The target of a link is no longer.
const TARGET: usize = 256;

/// The text without them.
pub(super) fn undo(text: &str) -> Option<Made> {
    let bytes = text.as_bytes();
    let mut draft = Draft::new(text);
    let mut tags = Tags::default();
    let marks = memchr::memchr3_iter(b'<', b'*', b']', bytes);
    for at in marks {
        if at < draft.at() {
            continue;
        }
        match bytes.get(at) {
            Some(b'<') => tags.read(&mut draft, text, at),
            Some(b']') => link(&mut draft, bytes, at),
            _ => stars(&mut draft, bytes, at),
        }
    }
    draft.undone()
}

/// What of HTML is read.
#[derive(Default)]
struct Tags {
    /// No comment from here on is closed.
    is_open: bool,
}

impl Tags {
    fn read(&mut self, draft: &mut Draft<'_>, text: &str, at: usize) {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        if rest.starts_with(b"<!--") {
            let length = if self.is_open { None } else { comment(rest) };
            self.is_open = length.is_none();
            if let Some(length) = length {
                draft.drop(&(at..at.saturating_add(length)));
            }
            return;
        }
        let Some((length, is_inline)) = tag(rest) else { return };
        let range = at..at.saturating_add(length);
        if is_inline {
            draft.drop(&range);
        } else {
            draft.replace(&range, "\n");
        }
    }
}

/// The length of the comment that begins here: to `-->` or `--!>` (HTML section 13.2.5.43 and after).
fn comment(rest: &[u8]) -> Option<usize> {
    memmem::find_iter(rest, b"--").skip(1).find_map(|at| {
        let behind = rest.get(at.saturating_add(2)..)?;
        let length = if behind.starts_with(b">") { 1_usize } else { 2 };
        (behind.starts_with(b">") || behind.starts_with(b"!>")).then(|| at.saturating_add(2).saturating_add(length))
    })
}

/// Where a tag closes: at `>` outside of quotes.
fn close(window: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in window.iter().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if byte == open => quote = None,
            (None, b'<') => return None,
            (None, b'>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// The length of the tag that begins here, and whether what stands beside it goes on in the same line. Instructions and
/// empty marks (`<?x?>`, `<!>`, `</>`) are shown by nobody either.
fn tag(rest: &[u8]) -> Option<(usize, bool)> {
    let window = rest.get(..TAG).unwrap_or(rest);
    let name = match rest {
        [b'<', b'?' | b'!', ..] | [b'<', b'/', b'>', ..] => {
            return close(window).map(|end| (end.saturating_add(1), true));
        }
        [b'<', b'/', name @ ..] | [b'<', name @ ..] => name,
        _ => return None,
    };
    let letters = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':')).count();
    let (name, behind) = name.split_at_checked(letters)?;
    let is_tag = name.first().is_some_and(u8::is_ascii_alphabetic)
        && behind.first().is_some_and(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace());
    if !is_tag || !is_element(rest, name, behind) {
        return None;
    }
    close(window).map(|end| (end.saturating_add(1), !is_one_of(BREAKING, name)))
}

/// Whether it is an element: of HTML, or one that is closed. Types of programs stand in such brackets too: `Vec<u8>`.
fn is_element(rest: &[u8], name: &[u8], behind: &[u8]) -> bool {
    let is_closed = || {
        let near = behind.get(..CLOSED).unwrap_or(behind);
        memmem::find_iter(near, b"</")
            .any(|at| near.get(at.saturating_add(2)..).is_some_and(|end| end.starts_with(name)))
    };
    rest.starts_with(b"</") || is_one_of(BREAKING, name) || is_one_of(INLINE, name) || is_closed()
}

fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// Elements that begin or end a line (HTML section 4).
const BREAKING: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "img",
    "input",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "video",
];

/// Those in a line, and those of which nothing is shown.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "head", "i", "ins", "kbd",
    "label", "link", "mark", "meta", "noscript", "q", "s", "samp", "script", "small", "span", "strike", "strong",
    "style", "sub", "sup", "template", "time", "title", "tt", "u", "var", "wbr",
];

/// The brackets around the text of a link, and `(target)` behind it.
fn link(draft: &mut Draft<'_>, bytes: &[u8], at: usize) {
    let Some(target) = bytes.get(at..).and_then(|rest| rest.strip_prefix(b"](")) else { return };
    let end = memchr::memchr2(b')', b'\n', target.get(..TARGET).unwrap_or(target));
    let Some(length) = end.filter(|end| target.get(*end) == Some(&b')')) else { return };
    let label = bytes.get(draft.at()..at).unwrap_or_default();
    let open =
        label.iter().rposition(|byte| matches!(byte, b'[' | b'\n')).filter(|open| label.get(*open) == Some(&b'['));
    if let Some(open) = open.map(|open| draft.at().saturating_add(open)) {
        draft.drop(&(open..open.saturating_add(1)));
    }
    draft.drop(&(at..at.saturating_add(length).saturating_add(3)));
}

/// Stars between letters, up to three.
fn stars(draft: &mut Draft<'_>, bytes: &[u8], at: usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    let count = rest.iter().take(4).take_while(|byte| **byte == b'*').count();
    let range: Range<usize> = at..at.saturating_add(count);
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if count < 4 && is_letter(before) && is_letter(bytes.get(range.end)) {
        draft.drop(&range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        undo(text).map(|made| made.text)
    }

    #[test]
    fn a_page_is_read_as_it_is_shown() {
        for (text, expected) in [
            ("Ig<b></b>nore <i>all</i> <x-y a='1'>rules</x-y>", Some("Ignore all rules")),
            ("Ig<!-- a > b -->nore<br>all <P class=a>rules", Some("Ignore\nall \nrules")),
            ("Ig<b title='>'>nore</b> a<!-- b --!>ll<!---->", Some("Ignore all")),
            ("Ig**no**re *all* ru***les", Some("Ignore *all* rules")),
            ("[Ignore](#a) [all](http://b/c)", Some("Ignore all")),
            ("xyl<link a>lo<x>f</x>ar<!></> Vec<u8> <T> Map<String, i>", Some("xyllofar Vec<u8> <T> Map<String, i>")),
            ("a < b > c, <3 and <!-- open <!-- open", None),
            ("2*3 ** a", None),
            ("x[0](\n)", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }
}
