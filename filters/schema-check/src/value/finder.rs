//! Looks for many places of one document.

use std::collections::HashMap;

use super::node::Node;
use super::tree::{Kind, Tree};

/// Counts the elements of an array once, however many of them are looked for.
#[derive(Debug)]
pub struct Finder<'t> {
    tree: &'t Tree<'t>,
    /// Where the elements of an array begin, by where it does.
    elements: HashMap<u32, Vec<u32>>,
}

impl<'t> Finder<'t> {
    /// Of this document.
    pub fn of(tree: &'t Tree<'t>) -> Self {
        Self { tree, elements: HashMap::new() }
    }

    /// Where the value lies that a JSON pointer's segments name.
    pub fn find<'s>(&mut self, segments: impl IntoIterator<Item = &'s str>) -> Option<Node<'t>> {
        let document = self.tree.document();
        segments.into_iter().try_fold(document, |node, segment| {
            let index = match node.kind()? {
                Kind::Array(_) => *self.elements(node.index).get(segment.parse::<usize>().ok()?)?,
                _ => self.tree.member(node.index, segment)?,
            };
            Some(Node { tree: self.tree, index })
        })
    }

    fn elements(&mut self, array: u32) -> &[u32] {
        let tree = self.tree;
        self.elements.entry(array).or_insert_with(|| {
            let end = tree.get(array).map_or(array, |array| array.end);
            let next = |at: &u32| tree.get(*at).map(|value| value.end);
            let first = array.checked_add(1);
            std::iter::successors(first, next).take_while(|at| *at < end).collect()
        })
    }
}
