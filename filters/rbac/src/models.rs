//! Lists of models in answers, cut to what the caller may use.
//!
//! Rules:
//! 1. an element stays if every name that it has may be used; one whose name cannot be told goes;
//! 2. no byte of what stays is changed; a list from which nothing went is the same;
//! 3. `first_id` and `last_id` name what was listed: one that names something else becomes the first or the last that is
//!    left. If none is left there is no more to ask for (`has_more`);
//! 4. what is no list that an API documents is refused: it is not shown because nobody could read it.
//!
//! A page can therefore be short, or empty while a later one would not be.

use std::ops::Range;

use portcullis::ai::LIMITS;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::vocabulary::Operation;
use portcullis::json::{Error, Raw, Reader};
use portcullis::pattern::bare;
use portcullis::splice::{Edit, spliced};

use crate::policy::Head;

/// The answer is no list of models that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotReadable;

impl From<Error> for NotReadable {
    fn from(_: Error) -> Self {
        Self
    }
}

/// Whether an endpoint lists models. One model is decided on by its path, and is no list.
pub(crate) fn is_list(endpoint: &Endpoint) -> bool {
    let is_list = match endpoint.operation {
        Operation::Models => LISTS.iter().any(|end| endpoint.path.ends_with(end)),
        Operation::FineTune => endpoint.path.ends_with("/tunedModels"),
        _ => false,
    };
    is_list && endpoint.method == "GET"
}

/// Whether one model of such a list is looked up.
pub(crate) fn is_lookup(head: &Head<'_>) -> bool {
    head.operation == Operation::Models && matches!(head.subject.method(), "GET" | "HEAD")
}

/// How the paths of lists end.
const LISTS: &[&str] = &["/models", "/foundation-models", "/api/tags", "/api/ps"];

/// The members in which APIs list models, and those that name one there.
const MEMBERS: &[(&str, &[&str])] = &[
    ("data", &["id"]),                    // OpenAI, Anthropic
    ("models", &["name", "model", "id"]), // Google, Ollama, Cohere
    ("publisherModels", &["name"]),       // Vertex AI
    ("tunedModels", &["name"]),           // Google
    ("modelSummaries", &["modelId"]),     // Bedrock
];

/// The list without what may not be used; `None` if all of it may.
pub(crate) fn filtered(body: &[u8], may_use: &dyn Fn(&str) -> bool) -> Result<Option<Vec<u8>>, NotReadable> {
    let mut list =
        List { body, may_use, edits: Vec::new(), kept: Vec::new(), lists: 0, cursors: Vec::new(), more: None };
    list.read()?;
    Ok(list.written())
}

struct List<'a> {
    body: &'a [u8],
    may_use: &'a dyn Fn(&str) -> bool,
    edits: Vec<Edit>,
    /// The names of what stays, as strings in JSON.
    kept: Vec<Vec<u8>>,
    lists: usize,
    /// What `first_id` and `last_id` say, and where.
    cursors: Vec<(bool, Range<usize>, String)>,
    /// Where it is said that there is more.
    more: Option<Range<usize>>,
}

impl List<'_> {
    fn read(&mut self) -> Result<(), NotReadable> {
        let mut reader = Reader::new(self.body, LIMITS);
        if !matches!(reader.next_raw()?, Some(Raw::ObjectStart)) {
            return Err(NotReadable);
        }
        while let Some(Raw::Key(name)) = reader.next_raw()? {
            let name = name.unescaped();
            match MEMBERS.iter().find(|(member, _)| *member == name) {
                Some((_, names)) => self.elements(&mut reader, names)?,
                None => self.member(&mut reader, &name)?,
            }
        }
        reader.finish()?;
        if self.lists == 0 { Err(NotReadable) } else { Ok(()) }
    }

    fn member(&mut self, reader: &mut Reader<'_>, name: &str) -> Result<(), NotReadable> {
        let at = reader.skip_value()?.ok_or(NotReadable)?;
        match name {
            "first_id" | "last_id" => {
                if let Some(id) = string(self.body.get(at.clone()).unwrap_or_default()) {
                    self.cursors.push((name == "first_id", at, id));
                }
            }
            "has_more" => self.more = Some(at),
            _ => {}
        }
        Ok(())
    }

    fn elements(&mut self, reader: &mut Reader<'_>, names: &[&str]) -> Result<(), NotReadable> {
        match reader.next_raw()? {
            Some(Raw::ArrayStart) => {}
            Some(Raw::Null) => {
                self.lists = self.lists.saturating_add(1);
                return Ok(());
            }
            _ => return Err(NotReadable),
        }
        let start = reader.span().start;
        let (mut kept, mut has_cut) = (Vec::new(), false);
        while let Some(at) = reader.skip_value()? {
            let element = self.body.get(at).unwrap_or_default();
            match self.usable(element, names) {
                Some(name) => {
                    kept.push(element);
                    self.kept.push(name);
                }
                None => has_cut = true,
            }
        }
        reader.next_raw()?;
        self.lists = self.lists.saturating_add(1);
        if has_cut {
            let bytes = [b"[", kept.join(&b","[..]).as_slice(), b"]"].concat();
            self.edits.push(Edit { at: start..reader.span().end, bytes });
        }
        Ok(())
    }

    /// The name of an element that stays, as it is written.
    fn usable(&self, element: &[u8], members: &[&str]) -> Option<Vec<u8>> {
        let names = names(element, members)?;
        let is_usable = !names.is_empty() && names.iter().all(|(name, _)| (self.may_use)(bare(name)));
        names.into_iter().next().filter(|_| is_usable).map(|(_, written)| written)
    }

    fn written(mut self) -> Option<Vec<u8>> {
        self.fix_cursors();
        (!self.edits.is_empty()).then(|| spliced(self.body, self.edits))
    }

    /// Also of a page from which nothing was cut: a cursor may name a model that is on another.
    fn fix_cursors(&mut self) {
        for (is_first, at, id) in std::mem::take(&mut self.cursors) {
            if (self.may_use)(bare(&id)) {
                continue;
            }
            let name = if is_first { self.kept.first() } else { self.kept.last() };
            self.edits.push(Edit { at, bytes: name.cloned().unwrap_or_else(|| b"null".to_vec()) });
        }
        let has_edits = !self.edits.is_empty();
        if let Some(at) = self.more.take().filter(|_| self.kept.is_empty() && has_edits) {
            self.edits.push(Edit { at, bytes: b"false".to_vec() });
        }
    }
}

/// The names of an element and how they are written; `None` if one of them is no text.
fn names(element: &[u8], members: &[&str]) -> Option<Vec<(String, Vec<u8>)>> {
    if let Some(name) = string(element) {
        return Some(vec![(name, element.to_vec())]);
    }
    let mut reader = Reader::new(element, LIMITS);
    if !matches!(reader.next_raw().ok()??, Raw::ObjectStart) {
        return None;
    }
    let mut found = Vec::new();
    while let Raw::Key(member) = reader.next_raw().ok()?? {
        let is_name = members.contains(&&*member.unescaped());
        let value = element.get(reader.skip_value().ok()??).unwrap_or_default();
        if is_name {
            found.push((string(value)?, value.to_vec()));
        }
    }
    Some(found)
}

/// A value that is a string.
fn string(value: &[u8]) -> Option<String> {
    match Reader::new(value, LIMITS).next_raw() {
        Ok(Some(Raw::String(text))) => Some(text.unescaped().into_owned()),
        _ => None,
    }
}
