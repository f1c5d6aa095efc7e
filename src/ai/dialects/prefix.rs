//! Where an API begins: whole segments, so that `/llm` is not the beginning of `/llmx`.

use crate::http::path::Template;

/// The beginning of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prefix(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// Any segment; of `{model}` it is the model.
    Capture {
        is_model: bool,
    },
}

/// What is below a prefix.
pub(super) struct Below<'a, 'p> {
    pub(super) rest: &'a [&'p str],
    pub(super) model: Option<&'p str>,
}

impl Prefix {
    /// Compiles what was written; the error says what was expected.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        Template::parse(text)?;
        if text.ends_with('*') {
            return Err("a prefix without *: it takes all that is below it");
        }
        if text.matches("{model}").count() > 1 {
            return Err("one {model} in a prefix");
        }
        let segment = |segment: &str| match segment.strip_prefix('{') {
            Some(name) => Segment::Capture { is_model: name == "model}" },
            None => Segment::Literal(segment.to_owned()),
        };
        Ok(Self(text.split('/').filter(|segment| !segment.is_empty()).map(segment).collect()))
    }

    /// The segments behind it, if a path begins with it.
    pub(super) fn below<'a, 'p>(&self, path: &'a [&'p str]) -> Option<Below<'a, 'p>> {
        let (begin, rest) = path.split_at_checked(self.0.len())?;
        let mut model = None;
        for (segment, found) in self.0.iter().zip(begin) {
            match segment {
                Segment::Literal(literal) if literal == found => {}
                Segment::Literal(_) => return None,
                Segment::Capture { is_model: true } => model = Some(*found),
                Segment::Capture { is_model: false } => {}
            }
        }
        Some(Below { rest, model })
    }

    /// Whether it takes every path that the other does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let is_as_wide = |(own, other): (&Segment, &Segment)| own == other || matches!(own, Segment::Capture { .. });
        self.0.len() <= other.0.len() && self.0.iter().zip(&other.0).all(is_as_wide)
    }

    pub(super) fn has_model(&self) -> bool {
        self.0.contains(&Segment::Capture { is_model: true })
    }

    /// The segments, if all are literal.
    pub(super) fn literals(&self) -> Option<Vec<String>> {
        let literal = |segment: &Segment| match segment {
            Segment::Literal(literal) => Some(literal.clone()),
            Segment::Capture { .. } => None,
        };
        self.0.iter().map(literal).collect()
    }

    /// Whether an endpoint's path can begin with these segments and then this.
    pub(super) fn can_begin(&self, added: &[String], path: &str) -> bool {
        let added = added.iter().map(|literal| Some(literal.as_str()));
        let own = self.0.iter().map(|segment| match segment {
            Segment::Literal(literal) => Some(literal.as_str()),
            Segment::Capture { .. } => None,
        });
        let mut patterns = path.split('/').filter(|pattern| !pattern.is_empty());
        for segment in added.chain(own) {
            match patterns.next() {
                None => return false,
                Some("*") => return true,
                Some(pattern) => {
                    let fits = |literal| pattern == literal || pattern.starts_with('{');
                    if !segment.is_none_or(fits) {
                        return false;
                    }
                }
            }
        }
        true
    }
}
