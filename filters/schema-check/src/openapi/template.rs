//! The paths of an OpenAPI document: which template a request's path is, and what stands in its expressions.
//!
//! 1. An expression is a part of a segment: `/files/{id}.json`, `/models/{model}:generate`. What it captures is never
//!    empty and holds no `/`.
//! 2. It is matched against decoded segments, so a template is compared as it is read: `%41` in a document is `A`.
//! 3. A trailing slash counts: `/files/` is another path than `/files`.
//! 4. Of several that match, the most concrete wins, segment by segment from the left: literal before mixed before a
//!    whole expression; of two mixed ones the one with more literal text.
//!
//! A match takes time that grows with the path alone: as in patterns, each literal is looked for once, as far left as it
//! can be (the last one at the end).

use std::cmp::Reverse;
use std::fmt::Write as _;

use portcullis::http::path::Canonical;

/// A compiled path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Segment>,
    trailing_slash: bool,
}

/// A segment: `first`, and then each expression with the literal behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    first: String,
    rest: Vec<(String, String)>,
}

/// How concrete a segment is: smaller is more.
type Rank = (u8, Reverse<usize>, usize);

impl Template {
    /// Compiles a key of `paths`; the error says what was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix('/').ok_or("a path that begins with /")?;
        let mut raw: Vec<&str> = rest.split('/').collect();
        let trailing_slash = raw.last().is_some_and(|last| last.is_empty());
        if trailing_slash {
            raw.pop();
        }
        let segments = raw.into_iter().map(Segment::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), segments, trailing_slash })
    }

    /// The same below a path that servers put before it.
    pub fn below(&self, base: &str) -> Result<Self, &'static str> {
        Self::parse(&format!("{}{}", base.trim_end_matches('/'), self.text))
    }

    /// What was compiled.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of its expressions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(|segment| &segment.rest).map(|(name, _)| name.as_str())
    }

    /// The values of the expressions, by name, if the path matches.
    pub fn captures<'a>(&'a self, path: &'a Canonical) -> Option<Vec<(&'a str, &'a str)>> {
        let segments = path.segments();
        if segments.len() != self.segments.len() || path.has_trailing_slash() != self.trailing_slash {
            return None;
        }
        let mut captures = Vec::new();
        for (segment, text) in self.segments.iter().zip(segments) {
            segment.capture(text, &mut captures)?;
        }
        Some(captures)
    }

    /// What the order of concreteness goes by: the smaller one is tried first.
    pub fn rank(&self) -> impl Ord + use<> {
        self.segments.iter().map(Segment::rank).collect::<Vec<_>>()
    }

    /// Whether two match the same paths: they are equal but for the names.
    pub fn is_ambiguous_with(&self, other: &Self) -> bool {
        let literals = |segment: &Segment| {
            let rest: Vec<String> = segment.rest.iter().map(|(_, literal)| literal.clone()).collect();
            (segment.first.clone(), rest)
        };
        self.trailing_slash == other.trailing_slash
            && self.segments.iter().map(literals).eq(other.segments.iter().map(literals))
    }
}

impl Segment {
    fn parse(raw: &str) -> Result<Self, &'static str> {
        let mut pieces = raw.split('{');
        let first = literal(pieces.next().unwrap_or_default())?;
        let expression = |piece: &str| {
            let (name, behind) = piece.split_once('}').ok_or("a closing } in the same segment for each {")?;
            if name.is_empty() { Err("a name between { and }") } else { Ok((name.to_owned(), literal(behind)?)) }
        };
        let rest: Vec<(String, String)> = pieces.map(expression).collect::<Result<_, _>>()?;
        let inner = rest.split_last().map(|(_, inner)| inner).unwrap_or_default();
        if inner.iter().any(|(_, behind)| behind.is_empty()) {
            return Err("a literal between two expressions: where one ends and the other begins is not known");
        }
        let is_path = !(rest.is_empty() && (first.is_empty() || first == "." || first == ".."));
        if is_path { Ok(Self { first, rest }) } else { Err("segments that are not empty, . or ..") }
    }

    fn rank(&self) -> Rank {
        let literal = self.rest.iter().map(|(_, literal)| literal.len()).fold(self.first.len(), usize::saturating_add);
        let class = match (self.rest.is_empty(), literal) {
            (true, _) => 0,
            (false, 0) => 2,
            (false, _) => 1,
        };
        (class, if class == 1 { Reverse(literal) } else { Reverse(0) }, self.rest.len())
    }

    fn capture<'a>(&'a self, text: &'a str, captures: &mut Vec<(&'a str, &'a str)>) -> Option<()> {
        let mut left = text.strip_prefix(self.first.as_str())?;
        let Some(((name, end), inner)) = self.rest.split_last() else {
            return left.is_empty().then_some(());
        };
        for (name, behind) in inner {
            let (value, rest) = split_behind_one(left, behind)?;
            captures.push((name, value));
            left = rest;
        }
        let value = left.strip_suffix(end.as_str()).filter(|value| !value.is_empty())?;
        captures.push((name, value));
        Some(())
    }
}

/// Splits at a literal that stands behind one character at least.
fn split_behind_one<'a>(text: &'a str, literal: &str) -> Option<(&'a str, &'a str)> {
    let first = text.chars().next()?.len_utf8();
    let at = text.get(first..)?.find(literal)?.checked_add(first)?;
    Some((text.get(..at)?, text.get(at..)?.strip_prefix(literal)?))
}

/// A literal as a decoded segment holds it.
fn literal(raw: &str) -> Result<String, &'static str> {
    if raw.is_empty() {
        return Ok(String::new());
    }
    if raw.contains(['}', '?', '#', '*']) {
        return Err("a path without its query, and without } ? # * in literals");
    }
    let visible: String =
        raw.chars().map(|letter| if letter.is_ascii() { letter.to_string() } else { escaped(letter) }).collect();
    // Dots are a dot segment only if nothing stands beside them.
    let padded = format!("/x{visible}");
    let path = Canonical::read(padded.as_bytes()).map_err(|_| "literals that every server reads the same way")?;
    let decoded = path.segments().first().and_then(|segment| segment.strip_prefix('x'));
    Ok(decoded.unwrap_or_default().to_owned())
}

fn escaped(letter: char) -> String {
    let mut bytes = [0; 4];
    let mut escaped = String::new();
    for byte in letter.encode_utf8(&mut bytes).bytes() {
        // Writing to a text does not fail.
        let _ = write!(escaped, "%{byte:02X}");
    }
    escaped
}

/// The templates of a document, the most concrete first, each with what it stands for.
#[derive(Debug)]
pub struct Templates<T> {
    sorted: Vec<(Template, T)>,
}

impl<T> Templates<T> {
    /// Sorts them; the error names two that match the same paths.
    pub fn new(mut templates: Vec<(Template, T)>) -> Result<Self, (String, String)> {
        for (index, (one, _)) in templates.iter().enumerate() {
            if let Some((other, _)) = templates.iter().take(index).find(|(other, _)| one.is_ambiguous_with(other)) {
                return Err((other.text.clone(), one.text.clone()));
            }
        }
        templates.sort_by_cached_key(|(template, _)| (template.rank(), template.text.clone()));
        Ok(Self { sorted: templates })
    }

    /// The most concrete one that matches, with the values of its expressions.
    pub fn find<'a>(&'a self, path: &'a Canonical) -> Option<(&'a T, Vec<(&'a str, &'a str)>)> {
        self.sorted.iter().find_map(|(template, value)| Some((value, template.captures(path)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(templates: &[&str], path: &str) -> Option<String> {
        let templates = templates.iter().map(|text| (Template::parse(text).unwrap(), (*text).to_owned())).collect();
        let templates = Templates::new(templates).unwrap();
        let path = Canonical::read(path.as_bytes()).unwrap();
        templates.find(&path).map(|(text, captures)| {
            let captures: Vec<_> = captures.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{text}{}", captures.concat())
        })
    }

    #[test]
    fn the_most_concrete_template_wins() {
        let templates = [
            "/pets/{id}",
            "/pets/mine",
            "/{kind}/mine",
            "/pets/{id}.json",
            "/pets/{id}/toys/{toy}",
            "/pets/",
            "/models/{model}:generate",
            "/models/{model}:{verb}",
            "/models/{model}",
            "/a%41/{x}-{y}",
            "/",
        ];
        for (path, expected) in [
            ("/pets/mine", Some("/pets/mine")),
            ("/pets/7", Some("/pets/{id} id=7")),
            ("/cats/mine", Some("/{kind}/mine kind=cats")),
            ("/pets/7.json", Some("/pets/{id}.json id=7")),
            ("/pets/.json", Some("/pets/{id} id=.json")),
            ("/pets/7/toys/ball%20x", Some("/pets/{id}/toys/{toy} id=7 toy=ball x")),
            ("/pets/", Some("/pets/")),
            ("/pets", None),
            ("/pets/7/", None),
            ("/models/a:generate", Some("/models/{model}:generate model=a")),
            ("/models/a:b:generate", Some("/models/{model}:generate model=a:b")),
            ("/models/a:stop", Some("/models/{model}:{verb} model=a verb=stop")),
            ("/models/:generate", Some("/models/{model} model=:generate")),
            ("/models/a:", Some("/models/{model} model=a:")),
            ("/aA/1-2-3", Some("/a%41/{x}-{y} x=1 y=2-3")),
            ("/aA/--", None),
            ("/aA/---", Some("/a%41/{x}-{y} x=- y=-")),
            ("/", Some("/")),
        ] {
            assert_eq!(found(&templates, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_template_that_is_read_in_two_ways_is_refused() {
        for bad in ["", "a", "/a//b", "/{a}{b}", "/{}", "/{a", "/a}", "/a?b=c", "/a#b", "/../a", "/a%2Fb", "/a;b", "/*"]
        {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn templates_that_differ_in_names_alone_are_ambiguous() {
        let both = |one: &str, other: &str| {
            Templates::new([one, other].map(|text| (Template::parse(text).unwrap(), ())).into()).is_err()
        };
        assert!(both("/a/{b}.x", "/a/{c}.x"));
        assert!(both("/a%41", "/aA"));
        assert!(!both("/{a}/b", "/a/{b}"));
        assert!(!both("/{a}", "/{a}/"));
    }

    #[test]
    fn the_hardest_path_is_read_once() {
        let template = Template::parse(&format!("/{}", "{a}a".repeat(64))).unwrap();
        let path = Canonical::read(format!("/{}b", "a".repeat(1 << 20)).as_bytes()).unwrap();
        assert_eq!(template.captures(&path), None);
    }
}
