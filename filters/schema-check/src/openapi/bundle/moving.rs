//! Moves what is referred to into the components of the bundle: from the document and from other files alike, so that
//! what nobody refers to stays behind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::check::{Kind, walk_from};
use super::super::pointer::{child, of_reference, to_reference, unescaped};
use super::super::{Fault, Version};
use super::{Resolve, prune::prune};

/// A place in a file: path or URL (the document itself: empty), and pointer.
type Place = (String, String);

pub(super) struct Mover<'r> {
    document: &'r Value,
    version: Version,
    resolve: Resolve<'r>,
    files: BTreeMap<String, Value>,
    names: BTreeMap<(&'static str, Place), String>,
    open: Vec<Job>,
}

/// What is to be moved.
struct Job {
    kind: Kind,
    section: &'static str,
    name: String,
    file: String,
    value: Value,
}

/// A reference: where its object stands, and what it wants.
struct Site {
    pointer: String,
    kind: Kind,
    reference: String,
}

/// So many path items may refer to each other in a row.
const MAX_HOPS: usize = 32;

impl<'r> Mover<'r> {
    pub(super) fn new(document: &'r Value, version: Version, resolve: Resolve<'r>) -> Self {
        Self { document, version, resolve, files: BTreeMap::new(), names: BTreeMap::new(), open: Vec::new() }
    }

    /// A path item with the file that its references start from; one that is a reference is taken from there.
    pub(super) fn path_item(&mut self, at: &str, item: &Value) -> Result<(String, Value), Fault> {
        let (mut file, mut item) = (String::new(), item.clone());
        for _ in 0..MAX_HOPS {
            let Some(reference) = item.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
                return Ok((file, item));
            };
            let is_alone =
                |key: &String| ["$ref", "summary", "description"].contains(&key.as_str()) || key.starts_with("x-");
            if item.as_object().is_some_and(|fields| !fields.keys().all(is_alone)) {
                return Err(Fault::new(at, "no fields beside $ref: which of both counts is not defined"));
            }
            let place = place(at, &file, &reference)?;
            item = self.found(at, &place)?;
            file = place.0;
        }
        Err(Fault::new(child(at, "$ref"), "a reference that leads to a path item: this one leads in a circle"))
    }

    /// Makes every reference in a value lead to a component of the bundle, and leaves out what only describes.
    pub(super) fn localize(&mut self, at: &str, kind: Kind, file: &str, value: &mut Value) -> Result<(), Fault> {
        // First, so that examples, links and callbacks lead nowhere.
        prune(kind, self.version, value);
        let (sites, mappings) = self.sites(at, kind, file, value)?;
        for site in sites {
            let place = place(&format!("{at}{}", site.pointer), file, &site.reference)?;
            let name = self.moved(at, site.kind, place)?;
            let reference = to_reference(&child(&child("/components", section(site.kind)), &name));
            if let Some(fields) = value.pointer_mut(&site.pointer).and_then(Value::as_object_mut) {
                fields.insert("$ref".to_owned(), json!(reference));
            }
        }
        for (pointer, branches) in mappings {
            if let Some(discriminator) = value.pointer_mut(&pointer) {
                self.mapping(file, &branches, discriminator);
            }
        }
        Ok(())
    }

    /// All that is moved, by section.
    pub(super) fn components(mut self) -> Result<Value, Fault> {
        let mut sections: Map<String, Value> = Map::new();
        while let Some(mut job) = self.open.pop() {
            let at = child(&child("/components", job.section), &job.name);
            self.localize(&at, job.kind, &job.file, &mut job.value)?;
            let section = sections.entry(job.section).or_insert_with(|| json!({}));
            section.as_object_mut().map(|section| section.insert(job.name, job.value));
        }
        Ok(Value::Object(sections))
    }

    #[allow(clippy::type_complexity)]
    fn sites(
        &self,
        at: &str,
        kind: Kind,
        file: &str,
        value: &Value,
    ) -> Result<(Vec<Site>, Vec<(String, Vec<String>)>), Fault> {
        let (mut sites, mut mappings) = (Vec::new(), Vec::new());
        let read = walk_from("", kind, value, self.version, &mut |seen| {
            if let Some(reference) = seen.fields.get("$ref").and_then(Value::as_str)
                && (seen.is_reference || seen.kind == Kind::Schema)
            {
                let (pointer, reference) = (seen.pointer.to_owned(), reference.to_owned());
                sites.push(Site { pointer, kind: seen.kind, reference });
            }
            if seen.kind == Kind::Schema && seen.fields.contains_key("discriminator") {
                let lists = ["oneOf", "anyOf"].iter().filter_map(|key| seen.fields.get(*key)?.as_array()).flatten();
                let branches = lists.filter_map(|branch| branch.get("$ref")?.as_str()).map(str::to_owned).collect();
                mappings.push((child(seen.pointer, "discriminator"), branches));
            }
            Ok(())
        });
        match read {
            Ok(()) => Ok((sites, mappings)),
            Err(fault) if file.is_empty() => Err(Fault::new(format!("{at}{}", fault.pointer), fault.expected)),
            Err(fault) => Err(Fault::new(at, format!("{} (in {file}, {})", fault.expected, fault.pointer))),
        }
    }

    /// The names that branches have where they come from stay theirs; what names no branch says nothing.
    fn mapping(&self, file: &str, branches: &[String], discriminator: &mut Value) {
        let component = |place: &Place| self.names.get(&("schemas", place.clone())).cloned();
        let reference = |name: &str| json!(to_reference(&child("/components/schemas", name)));
        let bare = |name: &str| (String::new(), child("/components/schemas", name));
        let mut mapping = Map::new();
        for branch in branches {
            let Ok(place) = place("", file, branch) else { continue };
            let implicit = place.1.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'));
            if let (Some(implicit), Some(name)) = (implicit, component(&place))
                && implicit != name
            {
                mapping.insert(implicit.to_owned(), reference(&name));
            }
        }
        let written = discriminator.get("mapping").and_then(Value::as_object).cloned().unwrap_or_default();
        for (value, to) in written {
            let Some(to) = to.as_str() else { continue };
            let in_file = (file.to_owned(), child("/components/schemas", to));
            let by_reference = place("", file, to).ok();
            let found =
                [Some(in_file), Some(bare(to)), by_reference].into_iter().flatten().find_map(|place| component(&place));
            match found {
                Some(name) => mapping.insert(value, reference(&name)),
                // The dialect tells of it.
                None => mapping.insert(value, json!(to)),
            };
        }
        if let Some(fields) = discriminator.as_object_mut()
            && !mapping.is_empty()
        {
            fields.insert("mapping".to_owned(), Value::Object(mapping));
        }
    }

    /// The name of a component, which is moved if it has none yet.
    fn moved(&mut self, at: &str, kind: Kind, place: Place) -> Result<String, Fault> {
        let section = section(kind);
        if let Some(name) = self.names.get(&(section, place.clone())) {
            return Ok(name.clone());
        }
        let value = self.found(at, &place)?;
        let name = self.free_name(section, &place);
        self.names.insert((section, place.clone()), name.clone());
        self.open.push(Job { kind, section, name: name.clone(), file: place.0, value });
        Ok(name)
    }

    /// Its own name for a component of the document; for others one that none of those has.
    fn free_name(&self, section: &'static str, (file, pointer): &Place) -> String {
        let own = pointer.strip_prefix(&format!("/components/{section}/")).filter(|name| !name.contains('/'));
        if let Some(own) = own.filter(|_| file.is_empty()) {
            return unescaped(own);
        }
        let stem = file.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(stem);
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' };
        let mut name: String = unescaped(last).chars().map(plain).collect();
        let taken: BTreeSet<&str> =
            self.names.iter().filter(|((of, _), _)| *of == section).map(|(_, name)| name.as_str()).collect();
        let of_document = self.document.pointer(&format!("/components/{section}")).and_then(Value::as_object);
        while name.is_empty()
            || taken.contains(name.as_str())
            || of_document.is_some_and(|names| names.contains_key(&name))
        {
            name.push('_');
        }
        name
    }

    fn found(&mut self, at: &str, (file, pointer): &Place) -> Result<Value, Fault> {
        let missing = || Fault::new(at, format!("what {file}#{pointer} refers to"));
        if file.is_empty() {
            return self.document.pointer(pointer).cloned().ok_or_else(missing);
        }
        if !self.files.contains_key(file) {
            let read = (self.resolve)(file).map_err(|expected| Fault::new(at, expected))?;
            self.files.insert(file.clone(), read);
        }
        self.files.get(file).and_then(|read| read.pointer(pointer)).cloned().ok_or_else(missing)
    }
}

fn section(kind: Kind) -> &'static str {
    match kind {
        Kind::Parameter => "parameters",
        Kind::Header => "headers",
        Kind::RequestBody => "requestBodies",
        Kind::Response => "responses",
        Kind::MediaType => "mediaTypes",
        _ => "schemas",
    }
}

/// Where a reference leads from a file.
fn place(at: &str, file: &str, reference: &str) -> Result<Place, Fault> {
    let (to, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let pointer = of_reference(&format!("#{fragment}"));
    let expected = || Fault::new(child(at, "$ref"), format!("a JSON pointer behind #, found {reference}"));
    Ok((joined(file, to), pointer.ok_or_else(expected)?))
}

/// A relative path from where a file lies. A URL stays one, and so does what leads out of the folder: `resolve` answers.
fn joined(file: &str, to: &str) -> String {
    if to.is_empty() {
        return file.to_owned();
    }
    if to.contains("://") || to.starts_with('/') {
        return to.to_owned();
    }
    let folder = file.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default();
    if file.contains("://") {
        return format!("{folder}/{to}");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(to.split('/')).filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}
