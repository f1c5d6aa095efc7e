//! The schemas of a contract, compiled together: what two of them refer to is there once.
//!
//! One validator holds all of them, behind one object with a property for each. A document is held against one of them by
//! being put under its name ([`Tree::under`]). Compiled one by one, the 1,422 schemas of `OpenAI`'s document take 178 MB;
//! together they take a tenth of it.

mod draft;
mod expected;
mod fault;
mod relevant;
mod undeclared;
mod weight;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jsonschema::{PatternOptions, Registry, Validator};
use serde_json::{Map, Value, json};

use crate::value::{Node, Own, Steps, Tree};

pub use draft::{Draft, Formats};
pub use fault::Fault;
use fault::Place;
use relevant::Work;

/// What is wrong with a schema, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSchema {
    /// Where, as far as it is known: a JSON pointer.
    pub place: String,
    /// What was found there and what is wrong with it.
    pub problem: String,
}

/// What every schema of a contract has in common.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// Documents that schemas may refer to, by their URI: what nobody refers to is not looked at.
    pub library: &'a BTreeMap<String, Value>,
    /// What a document follows that does not say so by `$schema`.
    pub draft: Draft,
    /// What `format` does.
    pub formats: Formats,
    /// Who wrote them.
    pub author: Author,
}

/// Who wrote a schema: what it may cost follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The operator, who means well.
    Operator,
    /// A client, for a structured output. What it may ask is what the APIs take there; its words are not repeated.
    Client,
}

impl Author {
    /// How many bytes a pattern may take when it is compiled. `^[\p{L}\p{N}_]{1,64}$` takes half a MiB; one of 16 KiB has some
    /// five hundred states, and each of them may look at each character.
    fn pattern_bytes(self) -> usize {
        match self {
            Self::Operator => 1 << 20,
            Self::Client => 16 << 10,
        }
    }

    /// How many bytes a pattern may take while it is matched.
    fn matching_bytes(self) -> usize {
        self.pattern_bytes().max(64 << 10)
    }

    /// So many steps may be taken for a document of this size: as many as a schema of ten alternatives needs for every value
    /// that the size allows, and for a client's schema a quarter of that.
    fn steps(self, bytes: usize) -> Steps {
        let (for_each, beside) = match self {
            Self::Operator => (16, 100_000),
            Self::Client => (4, 20_000),
        };
        Steps(u32::try_from(bytes.saturating_mul(for_each).saturating_add(beside)).unwrap_or(u32::MAX))
    }
}

/// Compiled schemas.
#[derive(Debug)]
pub struct Schemas {
    validator: Validator<Own>,
    root: Root,
    /// Every name of a property that the schemas know: others are a client's words.
    names: BTreeSet<Box<str>>,
    author: Author,
}

/// What the validator is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    /// The document.
    Document,
    /// The object around it: the name of its member says which schema.
    Held,
}

/// What a document is to a schema.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it says.
    Valid,
    /// Not as it says: at least one fault, and whether there are more.
    Invalid(Vec<Fault>, bool),
    /// Nobody knows: it would have taken too many steps to find out.
    TooComplex,
}

/// A larger document is not looked through for all of its faults: the first is told.
const FEW_VALUES: usize = 4096;

/// Faults are looked for in as many steps. A fault takes some hundred bytes until it is told, and one in each of thirty
/// forms of each of a thousand values would be more than a VM should hold.
const STEPS_FOR_FAULTS: Steps = Steps(50_000);

/// Members to take out are looked for in as many: of a list of 10,000 elements each may have one.
const STEPS_FOR_NAMES: Steps = Steps(1_000_000);

impl Schemas {
    /// Compiles one schema, as it is.
    pub fn of_one(schema: &Value, common: &Common<'_>) -> Result<Self, BadSchema> {
        let registry = registry(schema, common)?;
        weight::look(&registry, common, BASE, [""].into_iter())?;
        let says_draft = schema.get("$schema").is_some();
        let options = options(common).with_retriever(common.library());
        let options = if says_draft { options } else { options.with_draft(common.draft.theirs()) };
        let validator = options.with_base_uri(BASE).build(schema).map_err(|fault| BadSchema::of(&fault))?;
        Ok(Self { validator, root: Root::Document, names: common.names(schema), author: common.author })
    }

    /// Compiles the schemas at these pointers into a document, each of which is then the name of one.
    pub fn of_document<'p>(
        document: &Value,
        pointers: impl IntoIterator<Item = &'p str>,
        common: &Common<'_>,
    ) -> Result<Self, BadSchema> {
        let registry = registry(document, common)?;
        let references: BTreeMap<&str, String> =
            pointers.into_iter().map(|pointer| (pointer, format!("{BASE}#{}", fragment(pointer)))).collect();
        weight::look(&registry, common, BASE, references.values().map(String::as_str))?;
        let named = |(pointer, reference): (&&str, &String)| ((*pointer).to_owned(), json!({"$ref": reference}));
        let properties: Map<String, Value> = references.iter().map(named).collect();
        let options = options(common).with_draft(jsonschema::Draft::Draft202012).with_registry(&registry);
        let validator = options.build(&json!({"properties": properties})).map_err(|fault| BadSchema::of(&fault))?;
        Ok(Self { validator, root: Root::Held, names: common.names(document), author: common.author })
    }

    /// Puts a document of this many bytes under one of the schemas, with the steps that it may take.
    pub fn put<'t>(&self, tree: &mut Tree<'t>, schema: &'t str, bytes: usize) {
        tree.under(schema, self.author.steps(bytes));
        if self.author == Author::Client {
            tree.charge_for_bytes();
        }
    }

    /// Holds a document against the schema it was put under, and tells at most so many faults.
    pub fn check(&self, tree: &Tree<'_>, most: usize) -> Verdict {
        let is_valid = self.validator.is_valid(self.root.of(tree));
        if tree.is_exhausted() {
            return Verdict::TooComplex;
        }
        if is_valid {
            return Verdict::Valid;
        }
        self.faults(tree, most)
    }

    /// Looks for all faults, else for the first; where that takes too long, the document is at fault.
    fn faults(&self, tree: &Tree<'_>, most: usize) -> Verdict {
        let held = self.root.of(tree);
        let all = || {
            let place = self.place(tree);
            self.validator.iter_errors(held).flat_map(|error| fault::told(&error, &place)).collect()
        };
        let first = || {
            let place = self.place(tree);
            self.validator.validate(held).err().iter().flat_map(|error| fault::told(error, &place)).collect()
        };
        let told = (tree.len() <= FEW_VALUES).then(|| looked_for(tree, all)).flatten();
        let told = told.or_else(|| looked_for(tree, first));
        let mut faults = told.unwrap_or_else(|| vec![Fault::of_all()]);
        faults.sort_by(|one, other| one.at.cmp(&other.at).then_with(|| one.pointer.cmp(&other.pointer)));
        faults.dedup();
        let has_more = faults.len() > most;
        faults.truncate(most);
        Verdict::Invalid(faults, has_more)
    }

    /// Where the names of members begin that the schema does not have; `None` if there are none, or nobody can say.
    pub fn undeclared(&self, tree: &Tree<'_>) -> Option<BTreeSet<usize>> {
        tree.refill(STEPS_FOR_NAMES);
        let mut look = undeclared::Look::new(tree, usize::from(self.root == Root::Held));
        self.validator.iter_errors(self.root.of(tree)).for_each(|error| look.take(&error));
        let names = look.names();
        (!tree.is_exhausted() && !names.is_empty()).then_some(names)
    }

    fn place<'a>(&'a self, tree: &'a Tree<'a>) -> Place<'a> {
        Place { tree, names: &self.names, around: usize::from(self.root == Root::Held), work: Work::default() }
    }
}

/// What was found, unless the steps ended before: then some of it is wrong, because nothing was seen any more.
fn looked_for(tree: &Tree<'_>, look: impl FnOnce() -> Vec<Fault>) -> Option<Vec<Fault>> {
    tree.refill(STEPS_FOR_FAULTS);
    let found = look();
    (!tree.is_exhausted() && !found.is_empty()).then_some(found)
}

impl Root {
    fn of<'a>(self, tree: &'a Tree<'a>) -> Node<'a> {
        match self {
            Self::Document => tree.document(),
            Self::Held => tree.held(),
        }
    }
}

/// The URI of a contract, to which relative references in it are relative.
const BASE: &str = "contract:///contract";

type Options<'a> = jsonschema::ValidationOptions<'a, Arc<dyn jsonschema::Retrieve>, Own>;

/// The documents that a schema refers to, and itself.
fn registry<'d>(document: &'d Value, common: &Common<'_>) -> Result<Registry<'d>, BadSchema> {
    let registry = Registry::new().draft(common.draft.theirs()).retriever(common.library()).add(BASE, document);
    registry.and_then(jsonschema::RegistryBuilder::prepare).map_err(|fault| BadSchema::of_registry(&fault))
}

fn options<'a>(common: &Common<'_>) -> Options<'a> {
    let limits = PatternOptions::regex()
        .size_limit(common.author.pattern_bytes())
        .dfa_size_limit(common.author.matching_bytes());
    let options = jsonschema::options_for::<Own>().with_pattern_options(limits);
    match common.formats {
        Formats::Check => options.should_validate_formats(true),
        Formats::Ignore => options.should_validate_formats(false),
        Formats::AsDeclared => options,
    }
}

/// A pointer as the fragment of a URI (RFC 6901 section 6): what may not stand there is escaped.
fn fragment(pointer: &str) -> String {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte);
    let byte = |byte: u8| if may_stand(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    pointer.bytes().map(byte).collect()
}

/// The names of properties anywhere in schemas. A name that stands there as something else does no harm: it is the
/// operator's.
fn names<'v>(schemas: impl Iterator<Item = &'v Value>) -> BTreeSet<Box<str>> {
    let mut names = BTreeSet::new();
    let mut open: Vec<&Value> = schemas.collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let properties = members.get("properties").and_then(Value::as_object);
                names.extend(properties.into_iter().flatten().map(|(name, _)| name.as_str().into()));
                open.extend(members.values());
            }
            Value::Array(elements) => open.extend(elements),
            _ => {}
        }
    }
    names
}

impl Common<'_> {
    fn names(&self, schema: &Value) -> BTreeSet<Box<str>> {
        match self.author {
            Author::Operator => names([schema].into_iter().chain(self.library.values())),
            Author::Client => BTreeSet::new(),
        }
    }

    fn library(&self) -> Library {
        Library(self.library.clone())
    }
}

/// Nothing is fetched: what a schema refers to is in the configuration.
struct Library(BTreeMap<String, Value>);

impl jsonschema::Retrieve for Library {
    fn retrieve(&self, uri: &jsonschema::Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let known = self.0.get(uri.as_str()).cloned();
        known.ok_or_else(|| {
            format!("nothing is fetched: expected {uri} among the resources of the configuration").into()
        })
    }
}

impl BadSchema {
    fn of(error: &jsonschema::ValidationError<'_>) -> Self {
        Self { place: error.instance_path().as_str().to_owned(), problem: error.to_string() }
    }

    fn of_registry(error: &jsonschema::ReferencingError) -> Self {
        Self { place: String::new(), problem: error.to_string() }
    }
}

impl std::fmt::Display for BadSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.place.is_empty() { "the schema" } else { &self.place };
        write!(f, "{place}: {}", self.problem)
    }
}

#[cfg(test)]
mod tests;
