//! Finds a member of a [`Shape`] by its name, in a few steps however many members there are: whoever writes a body
//! chooses how many names are looked up.
//!
//! All names, those of [`Shape::also`] with them, stand in one table, each at a place that its letters without their case
//! say, or at the next one that is free. Half of the places are free, so that the end of a search is near. The names are
//! ours, so nobody can choose some that crowd together.

use std::borrow::Cow;
use std::fmt;

use super::{Is, Shape};

type Member = (Cow<'static, str>, Is);

/// What a name is to a shape.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// One of its members.
    Member(Is),
    /// None of them, but a reader that ignores case could take it for one.
    Variant,
    /// Neither.
    Not,
}

/// The table; made once, when a shape is first asked.
pub(super) struct Index {
    /// A power of two of them.
    places: Vec<Option<Member>>,
    pub(super) has_role: bool,
}

impl Index {
    pub(super) fn of(shape: &Shape) -> Self {
        let mut members = Vec::new();
        gather(shape, &mut members);
        let has_role = members.iter().any(|(_, is)| matches!(is, Is::Role));
        let size = members.len().saturating_mul(2).next_power_of_two();
        let mut index = Self { places: vec![None; size], has_role };
        for member in members {
            index.put(member);
        }
        index
    }

    /// The first of a name is the one that counts.
    fn put(&mut self, member: Member) {
        let free = self.search(&member.0).find(|at| self.at(*at).is_none_or(|(known, _)| *known == member.0));
        if let Some(place) = free.and_then(|at| self.places.get_mut(at)) {
            place.get_or_insert(member);
        }
    }

    pub(super) fn find(&self, name: &str) -> Known {
        let mut found = Known::Not;
        for (known, is) in self.search(name).map_while(|at| self.at(at)) {
            if known == name {
                return Known::Member(*is);
            }
            if folds_to(name, known) {
                found = Known::Variant;
            }
        }
        found
    }

    fn at(&self, place: usize) -> Option<&Member> {
        self.places.get(place)?.as_ref()
    }

    /// Where a name may stand: every place, from its own on.
    fn search(&self, name: &str) -> impl Iterator<Item = usize> + use<> {
        let (first, last) = (hash(name), self.places.len().saturating_sub(1));
        (0..=last).map(move |step| first.wrapping_add(step) & last)
    }
}

/// Names are in nobody's interest here.
impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index({} places)", self.places.len())
    }
}

/// Its own members come first.
fn gather(shape: &Shape, members: &mut Vec<Member>) {
    for (name, is) in shape.members {
        members.push((Cow::Borrowed(name), *is));
        if shape.in_snake_case {
            members.push((Cow::Owned(snake_case(name)), *is));
        }
    }
    for other in shape.also {
        gather(other, members);
    }
}

/// `topP` as `top_p`; as it is if it is in snake case.
pub(super) fn snake_case(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            written.push('_');
        }
        written.push(letter.to_ascii_lowercase());
    }
    written
}

/// So many letters of a name say where it stands: the names that we know differ in fewer, nearly all of them.
const LETTERS: usize = 24;

/// The same for names that differ in case alone (FNV-1a).
fn hash(name: &str) -> usize {
    let letters = name.chars().take(LETTERS).map(fold);
    let hash = letters.fold(0x811c_9dc5_u32, |hash, letter| (hash ^ u32::from(letter)).wrapping_mul(0x0100_0193));
    usize::try_from(hash ^ (hash >> 15)).unwrap_or_default()
}

/// Whether a name is a known one but for case.
fn folds_to(name: &str, known: &str) -> bool {
    name.chars().map(fold).eq(known.chars().map(fold))
}

/// As Go's `encoding/json` folds case: it takes the long s and the Kelvin sign for letters of ASCII.
fn fold(letter: char) -> char {
    match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::endpoint::Endpoint;

    /// The longest search for a name in a table, found or not.
    fn longest(index: &Index) -> usize {
        // Twice, because a search goes on at the beginning.
        let twice: Vec<_> = index.places.iter().chain(&index.places).map(Option::is_some).collect();
        twice.split(|is_taken| !is_taken).map(<[bool]>::len).max().unwrap_or_default()
    }

    #[test]
    fn no_search_is_long() {
        for is in Endpoint::all().flat_map(|endpoint| [endpoint.request, endpoint.answer]) {
            let Some(shape) = is.shape() else { continue };
            let (index, mut members) = (Index::of(shape), Vec::new());
            gather(shape, &mut members);
            assert!(longest(&index) <= 16, "{}: {} of {}", shape.name, longest(&index), members.len());
        }
    }

    #[test]
    fn every_member_is_found_and_no_other() {
        for is in Endpoint::all().flat_map(|endpoint| [endpoint.request, endpoint.answer]) {
            let Some(shape) = is.shape() else { continue };
            let (index, mut members) = (Index::of(shape), Vec::new());
            gather(shape, &mut members);
            for (name, _) in members {
                assert!(matches!(index.find(&name), Known::Member(_)), "{name}");
                assert!(!matches!(index.find(&name.to_ascii_uppercase()), Known::Not), "{name}");
                assert!(matches!(index.find(&format!("{name}\u{e9}")), Known::Not), "{name}");
            }
        }
    }
}
