//! Schemas of clients that were compiled, by what was written.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::compile::{Format, compile};
use crate::refusal::Denial;

/// What is kept at most, by what it is estimated to take.
const MAX_BYTES: usize = 4 << 20;

/// So many are kept at most: each that comes is compared with all of them.
const MOST: usize = 64;

/// The latest that were compiled.
#[derive(Default)]
pub(crate) struct Formats {
    kept: RefCell<VecDeque<Kept>>,
}

/// What was written, and what came of it.
struct Kept {
    written: Box<[u8]>,
    format: Rc<Format>,
}

impl Formats {
    /// The schema at `pointer` of a request, compiled now or before.
    pub(super) fn get(&self, pointer: &str, written: &[u8]) -> Result<Rc<Format>, Denial> {
        let mut kept = self.kept.borrow_mut();
        if let Some(known) = kept.iter().find(|known| *known.written == *written) {
            return Ok(Rc::clone(&known.format));
        }
        let format = Rc::new(compile(pointer, written)?);
        kept.push_back(Kept { written: written.into(), format: Rc::clone(&format) });
        while kept.len() > MOST || kept.iter().map(|known| known.format.bytes).sum::<usize>() > MAX_BYTES {
            kept.pop_front();
        }
        Ok(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compiled_lately_is_kept() {
        let formats = Formats::default();
        let get = |written: &str| formats.get("", written.as_bytes()).unwrap();
        let first = get(r#"{"title":"0"}"#);
        assert!(Rc::ptr_eq(&first, &get(r#"{"title":"0"}"#)));
        (1..=MOST).for_each(|n| drop(get(&format!("{{\"title\":\"{n}\"}}"))));
        assert_eq!(formats.kept.borrow().len(), MOST);
        assert!(!Rc::ptr_eq(&first, &get(r#"{"title":"0"}"#)));
    }

    #[test]
    fn what_is_kept_is_bounded_by_what_it_takes() {
        let formats = Formats::default();
        let pattern = |n: usize| format!(r#""{n}":{{"pattern":"^[a-z]{{1,9}}$"}}"#);
        let patterns: Vec<String> = (0..16).map(pattern).collect();
        for n in 0..40 {
            let written = format!(r#"{{"title":"{n}","properties":{{{}}}}}"#, patterns.join(","));
            formats.get("", written.as_bytes()).unwrap();
        }
        assert_eq!(formats.kept.borrow().len(), 1);
    }
}
