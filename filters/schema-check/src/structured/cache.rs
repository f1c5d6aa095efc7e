//! Schemas of clients that were compiled, by what was written.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::compile;
use crate::refusal::Denial;
use crate::schema::Schemas;

/// What is kept at most, by the length of what was written: compiled it takes some twenty times as much.
const MAX_BYTES: usize = 128 << 10;

/// The latest that were asked for.
#[derive(Default)]
pub(crate) struct Formats {
    kept: RefCell<VecDeque<Kept>>,
}

/// What was written, and what came of it.
type Kept = (Box<[u8]>, Rc<Schemas>);

impl Formats {
    /// The schema at `pointer` of a request, compiled now or before.
    pub(crate) fn get(&self, pointer: &str, written: &[u8]) -> Result<Rc<Schemas>, Denial> {
        let mut kept = self.kept.borrow_mut();
        if let Some(at) = kept.iter().position(|(known, _)| **known == *written) {
            let found = kept.remove(at);
            kept.extend(found);
        } else {
            let compiled = Rc::new(compile::compile(pointer, written)?);
            kept.push_back((written.into(), compiled));
            while bytes(&kept) > MAX_BYTES {
                kept.pop_front();
            }
        }
        kept.back().map(|(_, schemas)| Rc::clone(schemas)).ok_or_else(|| crate::refusal::Reason::HostFailed.into())
    }
}

fn bytes(kept: &VecDeque<Kept>) -> usize {
    kept.iter().map(|(written, _)| written.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_is_kept() {
        let formats = Formats::default();
        let large = |n: usize| format!("{{\"title\":\"{n}{}\"}}", "x".repeat(30_000));
        let first = formats.get("", large(0).as_bytes()).unwrap();
        assert!(Rc::ptr_eq(&first, &formats.get("", large(0).as_bytes()).unwrap()));
        for n in 1..=4 {
            formats.get("", large(n).as_bytes()).unwrap();
        }
        assert_eq!(formats.kept.borrow().len(), 4);
        assert!(!Rc::ptr_eq(&first, &formats.get("", large(0).as_bytes()).unwrap()));
    }
}
