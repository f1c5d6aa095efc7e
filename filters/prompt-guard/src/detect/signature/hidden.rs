//! What a page or document has but does not show: comments of HTML and Markdown, and elements styled away.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use super::instruction;

/// How long a tag and the content of a hidden element may be.
const TAG: usize = 512;
const CONTENT: usize = 4096;

/// The contents of all that is not shown, in order and apart, without blanks around: who scores a text looks at each by
/// itself, as a sentence for the model drowns in a page for readers.
pub fn comments(text: &str) -> Vec<Range<usize>> {
    let mut comments = Comments::default();
    for hit in SEARCH.iter().flat_map(|search| search.find_iter(text)) {
        comments.see(text, hit.pattern().as_usize(), &hit.range());
    }
    comments.spans
}

/// What is not shown.
#[derive(Default)]
pub(super) struct Comments {
    spans: Vec<Range<usize>>,
    done: usize,
}

impl Comments {
    /// What is to be searched for.
    pub(super) fn words() -> impl Iterator<Item = &'static str> {
        MARKS.iter().copied()
    }

    /// The word of that number stands there.
    pub(super) fn see(&mut self, text: &str, word: usize, mark: &Range<usize>) {
        if mark.start < self.done {
            return;
        }
        let content = match word {
            0 => html(text, mark),
            1..=3 => markdown(text, mark),
            _ => element(text, mark),
        };
        if let Some(content) = content {
            self.done = content.end;
            self.spans.extend(trimmed(text, content));
        }
    }

    /// Those that tell their reader what to do.
    pub(super) fn telling(self, text: &str) -> Vec<Range<usize>> {
        let tells = |span: &Range<usize>| text.get(span.clone()).is_some_and(instruction::is_one);
        self.spans.into_iter().filter(tells).collect()
    }
}

/// From `<!--` to `-->`, or to the end: a comment that is not closed hides the rest (HTML section 13.2.5.43).
fn html(text: &str, mark: &Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(mark.end..)?;
    let length = memmem::find(rest.as_bytes(), b"-->").unwrap_or(rest.len());
    Some(mark.end..mark.end.saturating_add(length))
}

/// `[//]: # (…)`: a link that nothing refers to, at the beginning of a line. Its title may be of several lines, but
/// none of them blank (`CommonMark` section 4.7).
fn markdown(text: &str, mark: &Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..mark.start)?;
    let label = before.get(before.floor_char_boundary(before.len().saturating_sub(64))..)?;
    let line = label.rfind('\n').map_or(label, |at| label.get(at.saturating_add(1)..).unwrap_or_default());
    let rest = text.get(mark.end..)?;
    let title = rest.trim_start_matches([' ', '\t']);
    let close = match title.chars().next()? {
        '(' => b")\n",
        '"' => b"\"\n",
        '\'' => b"'\n",
        _ => return None,
    };
    if !line.trim_start().starts_with('[') {
        return None;
    }
    let start = mark.end.saturating_add(rest.len().saturating_sub(title.len())).saturating_add(1);
    let window = text.get(start..text.floor_char_boundary(start.saturating_add(CONTENT)))?.as_bytes();
    let window = memmem::find(window, b"\n\n").and_then(|blank| window.get(..blank)).unwrap_or(window);
    let end = memmem::find(window, close).unwrap_or(window.len());
    let marks = window.get(..end).is_some_and(|content| content.last() == close.first());
    Some(start..start.saturating_add(end.saturating_sub(usize::from(marks))))
}

/// What stands in the element in whose tag the style is.
fn element(text: &str, mark: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let more = bytes.get(mark.end).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'.');
    let before = bytes.get(mark.start.saturating_sub(TAG)..mark.start)?;
    let open = memchr::memrchr2(b'<', b'>', before)?;
    let behind = bytes.get(mark.end..)?;
    let close = memchr::memchr2(b'<', b'>', behind.get(..TAG).unwrap_or(behind))?;
    if more || before.get(open) != Some(&b'<') || behind.get(close) != Some(&b'>') {
        return None;
    }
    let start = mark.end.saturating_add(close).saturating_add(1);
    let window = text.get(start..text.floor_char_boundary(start.saturating_add(CONTENT)))?;
    let length = memmem::find(window.as_bytes(), b"</").unwrap_or(window.len());
    Some(start..start.saturating_add(length))
}

fn trimmed(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let content = text.get(span.clone())?;
    let start = span.start.saturating_add(content.len().saturating_sub(content.trim_start().len()));
    let length = content.trim().len();
    (length > 0).then(|| start..start.saturating_add(length))
}

static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(MARKS).ok()
});

/// First the mark of HTML, then those of Markdown, then styles.
const MARKS: &[&str] = &[
    "<!--",
    "]: #",
    "]:#",
    "]: <>",
    "display:none",
    "display: none",
    "visibility:hidden",
    "visibility: hidden",
    "font-size:0",
    "font-size: 0",
    "font-size:1px",
    "font-size: 1px",
    "opacity:0",
    "opacity: 0",
    "color:white",
    "color: white",
    "color:#fff",
    "color: #fff",
    "color:#ffffff",
    "color: #ffffff",
    "color:transparent",
    "color: transparent",
];
