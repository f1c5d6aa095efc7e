//! Images and links that carry something away: a client that shows an image asks for its address, and with the
//! address goes what the model was told to put into it.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::instruction;
use crate::detect::words::Words;

/// The longest address that is looked at.
const ADDRESS: usize = 2048;

/// Addresses in Markdown and HTML that are to be filled with data, or are.
#[derive(Default)]
pub(super) struct Links {
    spans: Vec<Range<usize>>,
    done: usize,
}

impl Links {
    /// What is to be searched for.
    pub(super) fn words() -> impl Iterator<Item = &'static str> {
        MARKS.iter().copied()
    }

    /// The word of that number ends there, and an address begins.
    pub(super) fn see(&mut self, text: &str, word: usize, mark: &Range<usize>) {
        let Some(rest) = text.get(mark.end..).filter(|_| mark.start >= self.done) else { return };
        let length = address_length(rest, word < MARKDOWN);
        self.done = mark.end.saturating_add(length);
        if rest.get(..length).is_some_and(carries) {
            self.spans.push(mark.end..self.done);
        }
    }

    pub(super) fn spans(self) -> Vec<Range<usize>> {
        self.spans
    }
}

/// An address of Markdown ends with its bracket or, if that never comes, with a blank; what stands for something may
/// have blanks of its own. One of HTML ends with its quote.
fn address_length(rest: &str, markdown: bool) -> usize {
    let mut depth = 0_usize;
    let mut ends = |byte: u8| match byte {
        b'\n' | b'"' | b'\'' | b'`' => true,
        b')' if markdown && depth == 0 => true,
        b'>' | b' ' if depth == 0 => true,
        b'{' | b'<' | b'[' | b'(' if markdown => {
            depth = depth.saturating_add(1);
            false
        }
        b'}' | b'>' | b']' | b')' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => false,
    };
    let longest = rest.floor_char_boundary(ADDRESS);
    rest.bytes().take(longest).position(&mut ends).unwrap_or(longest)
}

/// Whether something stands in the address, behind the host, that data are put in place of, or data themselves.
fn carries(address: &str) -> bool {
    let Some(path) = address.find('/').and_then(|host| address.get(host..)) else { return false };
    let query = path.split_once(['?', '=']).map(|(_, query)| query);
    placeholders(path).any(names_data)
        || (path.contains('(') && MAKES.any_in(path.as_bytes()))
        || query.is_some_and(|query| ASKED.any_in(query.as_bytes()) || values(query).any(is_text) || instructs(query))
}

/// What stands in brackets, the innermost, also in percent-encoded ones.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    let openings = path.match_indices(['{', '<', '[', '%']);
    openings.filter_map(|(at, mark)| {
        let code = path.get(at..at.saturating_add(3)).unwrap_or_default();
        let encoded = ["%3C", "%7B", "%5B"].iter().any(|mark| code.eq_ignore_ascii_case(mark));
        let length = if encoded { 3 } else { 1 };
        if mark == "%" && !encoded {
            return None;
        }
        let inner = path.get(at.saturating_add(length)..)?;
        let inner = inner.get(..inner.floor_char_boundary(64))?;
        let mut marks = inner.match_indices(['}', '>', ']', '%']);
        let (end, _) = marks.find(|(at, mark)| *mark != "%" || is_closing(inner, *at))?;
        inner.get(..end).filter(|inner| !inner.contains(['{', '<', '[']) && !inner.contains("%3C"))
    })
}

/// Whether a percent-encoded bracket closes there.
fn is_closing(text: &str, at: usize) -> bool {
    let code = text.get(at..at.saturating_add(3)).unwrap_or_default();
    ["%3E", "%7D", "%5D"].iter().any(|mark| code.eq_ignore_ascii_case(mark))
}

/// Whether a word of it means what was said, or what is secret.
fn names_data(placeholder: &str) -> bool {
    let placeholder = placeholder.replace("%20", " ");
    let mut words = placeholder.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| DATA.iter().any(|data| word.eq_ignore_ascii_case(data)))
}

fn values(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value))
}

/// Whether it is text in base64: read back, letters and blanks. Keys, hashes and signatures give no letters.
fn is_text(value: &str) -> bool {
    let value = value.trim_end_matches("%3D").trim_end_matches('=');
    if value.len() < 24 {
        return false;
    }
    let bytes = STANDARD_NO_PAD.decode(value).or_else(|_| URL_SAFE_NO_PAD.decode(value)).unwrap_or_default();
    let readable = bytes.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n'));
    readable && bytes.contains(&b' ')
}

/// Whether a parameter commands: `?prompt=ignore%20your%20rules`.
fn instructs(query: &str) -> bool {
    (query.contains("%20") || query.contains('+')) && instruction::is_one(&query.replace("%20", " ").replace('+', " "))
}

/// How many of [`MARKS`] are Markdown's.
const MARKDOWN: usize = 6;

const MARKS: &[&str] = &[
    "](http://",
    "](https://",
    // Definitions that stand below the text, as in EchoLeak (CVE-2025-32711).
    "]: http://",
    "]: https://",
    "]:http://",
    "]:https://",
    "src=\"http://",
    "src=\"https://",
    "src='http://",
    "src='https://",
    "src=http://",
    "src=https://",
    "href=\"http://",
    "href=\"https://",
    "href='http://",
    "href='https://",
];

/// What a placeholder for data is called.
const DATA: &[&str] = &[
    "data",
    "conversation",
    "history",
    "summary",
    "chat",
    "messages",
    "secret",
    "secrets",
    "password",
    "passwords",
    "prompt",
    "context",
    "email",
    "emails",
    "base64",
    "encoded",
    "credentials",
    "cookie",
    "cookies",
    "pii",
    "instructions",
    "transcript",
    "exfil",
    "stolen",
    "info",
    "information",
];

/// What a value says that is to be replaced: `summary_here`, `CHAT_HISTORY`.
static ASKED: Words = Words::new(&[
    "_here",
    "-here",
    "chat_history",
    "conversation_",
    "system_prompt",
    "summary_of",
    "user_data",
    "userdata",
    "urlencoded",
    "url_encoded",
    "base64_of",
    "base64-of",
    "secret_data",
    "stolen",
    "exfil",
    "document.cookie",
]);

/// What makes the value when the address is made.
static MAKES: Words = Words::new(&["btoa(", "base64(", "encodeURIComponent(", "urlencode(", "$("]);
