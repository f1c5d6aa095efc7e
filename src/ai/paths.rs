//! Endpoints by their paths, found segment by segment: an API has hundreds, and a request is looked up while it waits.
//!
//! ```
//! use portcullis::ai::endpoint::Endpoint;
//! use portcullis::ai::paths::Paths;
//!
//! let paths: Paths = Endpoint::all().collect();
//! let found = paths.find(&["v1", "models", "small"]);
//! assert!(found.iter().any(|found| found.endpoint.method == "GET" && found.model == Some("small")));
//! ```

use super::endpoint::{Endpoint, Found};

/// Endpoints, and their order.
#[derive(Debug, Default)]
pub struct Paths {
    root: Node,
    count: usize,
}

/// What may follow on some segments.
#[derive(Debug, Default)]
struct Node {
    /// The endpoints whose path ends here.
    here: Vec<Numbered>,
    /// Those that take all that follows, and nothing too.
    below: Vec<Numbered>,
    /// Segments that are this word, in order of the words.
    words: Vec<(&'static str, Self)>,
    /// Segments that are anything but empty, and end so.
    captures: Vec<(Capture, Self)>,
}

/// An endpoint, and how many were told before it.
#[derive(Debug, Clone, Copy)]
struct Numbered(usize, &'static Endpoint);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Capture {
    is_model: bool,
    end: &'static str,
}

impl Capture {
    fn of(pattern: &'static str) -> Option<Self> {
        let (name, end) = pattern.strip_prefix('{')?.split_once('}')?;
        Some(Self { is_model: name == "model", end })
    }

    fn value<'p>(&self, segment: &'p str) -> Option<&'p str> {
        segment.strip_suffix(self.end).filter(|value| !value.is_empty())
    }
}

impl FromIterator<&'static Endpoint> for Paths {
    fn from_iter<T: IntoIterator<Item = &'static Endpoint>>(endpoints: T) -> Self {
        let mut paths = Self::default();
        for endpoint in endpoints {
            paths.add(endpoint);
        }
        paths
    }
}

impl Paths {
    fn add(&mut self, endpoint: &'static Endpoint) {
        let numbered = Numbered(self.count, endpoint);
        self.count = self.count.saturating_add(1);
        let mut node = &mut self.root;
        for pattern in endpoint.path.split('/').filter(|pattern| !pattern.is_empty()) {
            if pattern == "*" {
                node.below.push(numbered);
                return;
            }
            node = node.next(pattern);
        }
        node.here.push(numbered);
    }

    /// The endpoints at a path, whatever their methods, in the order in which they were told.
    pub fn find<'p>(&self, path: &[&'p str]) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        self.root.find(path, None, &mut found);
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, found)| found).collect()
    }
}

impl Node {
    /// The node of a segment; a new one if it is the first of its kind.
    fn next(&mut self, pattern: &'static str) -> &mut Self {
        match Capture::of(pattern) {
            Some(capture) => {
                let known = self.captures.iter().position(|(known, _)| *known == capture);
                let at = known.unwrap_or(self.captures.len());
                child(&mut self.captures, at, known.is_some(), capture)
            }
            None => match self.words.binary_search_by_key(&pattern, |(word, _)| word) {
                Ok(at) => child(&mut self.words, at, true, pattern),
                Err(at) => child(&mut self.words, at, false, pattern),
            },
        }
    }

    fn find<'p>(&self, path: &[&'p str], model: Option<&'p str>, found: &mut Vec<(usize, Found<'p>)>) {
        let tell = |Numbered(number, endpoint): &Numbered| (*number, Found { endpoint, model });
        found.extend(self.below.iter().map(tell));
        let Some((segment, rest)) = path.split_first() else {
            found.extend(self.here.iter().map(tell));
            return;
        };
        if let Ok(at) = self.words.binary_search_by_key(segment, |(word, _)| word)
            && let Some((_, node)) = self.words.get(at)
        {
            node.find(rest, model, found);
        }
        for (capture, node) in &self.captures {
            if let Some(value) = capture.value(segment) {
                node.find(rest, if capture.is_model { Some(value) } else { model }, found);
            }
        }
    }
}

/// The node at a place, which is made unless it is there.
fn child<K>(nodes: &mut Vec<(K, Node)>, at: usize, is_there: bool, key: K) -> &mut Node {
    if !is_there {
        nodes.insert(at, (key, Node::default()));
    }
    #[allow(clippy::indexing_slicing, reason = "it is there, or was put there")]
    &mut nodes[at].1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The obvious way: every endpoint is compared.
    fn compared<'p>(path: &[&'p str]) -> Vec<(&'static str, &'static str, Option<&'p str>)> {
        let at = |endpoint: &'static Endpoint| endpoint.at(path);
        Endpoint::all().filter_map(at).map(|found| (found.endpoint.method, found.endpoint.path, found.model)).collect()
    }

    #[test]
    fn what_is_found_is_what_comparing_finds() {
        let paths: Paths = Endpoint::all().collect();
        let mut tried = 0;
        for endpoint in Endpoint::all() {
            for filled in ["x", "gemini:generateContent", "models"] {
                let path = endpoint.path.replace("{model}", filled).replace("{}", filled).replace('*', "x/y");
                for cut in [path.as_str(), &format!("{path}/more"), path.rsplit_once('/').unwrap().0] {
                    let segments: Vec<&str> = cut.split('/').filter(|segment| !segment.is_empty()).collect();
                    let found = paths.find(&segments).into_iter();
                    let found: Vec<_> = found.map(|f| (f.endpoint.method, f.endpoint.path, f.model)).collect();
                    assert_eq!(found, compared(&segments), "{cut}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 1000, "{tried}");
    }
}
