//! Where a value stands in a document: a JSON Pointer (RFC 6901), with two steps for places that have no name.
//!
//! - `*` is every element of a list. A list is no step in our tables, so `/inputs/*` and `/inputs` are the same place: one
//!   value or many, which is what APIs take.
//! - `{}` is every member of an object that no other pointer names.
//!
//! A single element (`/choices/0`) is no place: the next would go unread. A member whose name is `*`, `{}`, `-` or a
//! number cannot be named; `{}` covers it.

/// A step into an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The member of this name.
    Name(String),
    /// Every member that has no name here.
    Any,
}

/// The longest pointer, in bytes.
pub const MAX_BYTES: usize = 256;
/// The most steps: documents may be deeper, descriptions need not.
pub const MAX_STEPS: usize = 32;

/// Reads a pointer; the error says what was expected.
///
/// ```
/// use portcullis::ai::generic::pointer::{Step, parse};
///
/// let named = |name: &str| Step::Name(name.to_owned());
/// assert_eq!(parse("/messages/*/a~1b"), Ok(vec![named("messages"), named("a/b")]));
/// assert_eq!(parse("/parameters/{}"), Ok(vec![named("parameters"), Step::Any]));
/// assert!(parse("messages").is_err());
/// ```
pub fn parse(text: &str) -> Result<Vec<Step>, &'static str> {
    if text.len() > MAX_BYTES {
        return Err("a JSON Pointer of at most 256 bytes");
    }
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let steps = text.strip_prefix('/').ok_or("a JSON Pointer such as /inputs, or nothing for the whole document")?;
    let steps: Vec<Step> = steps.split('/').filter(|step| *step != "*").map(step).collect::<Result<_, _>>()?;
    if steps.len() > MAX_STEPS { Err("a JSON Pointer of at most 32 steps") } else { Ok(steps) }
}

fn step(text: &str) -> Result<Step, &'static str> {
    let is_index = text == "-" || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    match text {
        "{}" => Ok(Step::Any),
        _ if is_index => Err("* for the elements of a list: all of them are read alike"),
        _ => name(text).map(Step::Name),
    }
}

/// `~1` is a slash and `~0` a tilde, and a tilde stands nowhere else.
fn name(text: &str) -> Result<String, &'static str> {
    let mut name = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        name.push(match (letter, if letter == '~' { letters.next() } else { None }) {
            ('~', Some('0')) => '~',
            ('~', Some('1')) => '/',
            ('~', _) => return Err("~0 for a tilde and ~1 for a slash (RFC 6901)"),
            _ => letter,
        });
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unescaped_once_and_lists_are_no_steps() {
        for (text, names) in [
            ("", &[][..]),
            ("/", &[""]),
            ("/a", &["a"]),
            ("/a/*", &["a"]),
            ("/*/a/*/*/b", &["a", "b"]),
            ("/a~1b/~0~1/~01", &["a/b", "~/", "~1"]),
            ("/a//b", &["a", "", "b"]),
            ("/gr\u{fc}n/%20", &["gr\u{fc}n", "%20"]),
            ("/a*/{b}", &["a*", "{b}"]),
        ] {
            let expected: Vec<Step> = names.iter().map(|name| Step::Name((*name).to_owned())).collect();
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        assert_eq!(parse("/{}/x"), Ok(vec![Step::Any, Step::Name("x".to_owned())]));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        let (long, deep) = ("/a".repeat(129), "/a".repeat(33));
        for text in ["a", "#/a", "/a~", "/a~2", "/~", "/a/0", "/a/-", "/17/a", &long, &deep] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
