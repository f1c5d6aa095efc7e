//! A schema of what our tables know of an API: objects with their members, and of each value the JSON types that it can
//! be. Nothing is required, and a list may stand where one may, as the tables read it.
//!
//! They say less than the API does (no bounds, no words of a list) and say it of every API that Portcullis reads.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::ai::shape::{Is, Shape};
use portcullis::ai::vocabulary::What;
use serde_json::{Map, Value, json};

use crate::config::UnknownMembers;

/// The schemas of objects, by number: `#/$defs/3`.
#[derive(Debug)]
pub(super) struct Derived {
    unknown: UnknownMembers,
    /// The number of each table.
    numbers: BTreeMap<*const Shape, usize>,
    schemas: BTreeMap<String, Value>,
}

impl Derived {
    pub(super) fn new(unknown: UnknownMembers) -> Self {
        Self { unknown, numbers: BTreeMap::new(), schemas: BTreeMap::new() }
    }

    /// A reference to the schema of a body.
    pub(super) fn body(&mut self, is: Is) -> Value {
        let mut open = Vec::new();
        let schema = self.of(is, &mut open);
        while let Some(shape) = open.pop() {
            self.object(shape, &mut open);
        }
        schema
    }

    /// What was referred to, for `$defs`.
    pub(super) fn into_schemas(mut self) -> Value {
        let types = ["string", "number", "boolean", "null", "array"];
        let plain = json!({"type": types, "items": {"$ref": "#/$defs/plain"}});
        self.schemas.insert("plain".to_owned(), plain);
        self.schemas.into_iter().collect::<Map<_, _>>().into()
    }

    fn of(&mut self, is: Is, open: &mut Vec<&'static Shape>) -> Value {
        match is {
            Is::Repeated(is) | Is::Using(_, is) => self.of(*is, open),
            Is::Object(shape) | Is::From(_, shape) | Is::BuiltIn(_, shape) => {
                let number = self.number(shape, open);
                json!({"$ref": format!("#/$defs/object-{number}")})
            }
            Is::TextOr(_, shape) | Is::Or(_, shape) => {
                let number = self.number(shape, open);
                json!({"$ref": format!("#/$defs/{number}")})
            }
            Is::Model | Is::StreamIf(_) | Is::Note(What::Method) => json!({"type": ["string", "null"]}),
            Is::Note(What::MessageId) => json!({"type": ["string", "integer", "null"]}),
            Is::Stream => json!({"type": ["boolean", "null"]}),
            Is::Number(_) | Is::Index => json!({"type": ["integer", "null"]}),
            Is::Decimal(_) => json!({"type": ["integer", "string", "null"]}),
            Is::Plain | Is::Role | Is::Type | Is::ToolType | Is::Note(_) | Is::UsesIf(..) | Is::Url => {
                json!({"$ref": "#/$defs/plain"})
            }
            Is::Text(_)
            | Is::TextOrTokens(_)
            | Is::NoteText(..)
            | Is::Data
            | Is::Uses(_)
            | Is::Unread(_)
            | Is::Again => json!(true),
        }
    }

    fn number(&mut self, shape: &'static Shape, open: &mut Vec<&'static Shape>) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(std::ptr::from_ref(shape)).or_insert_with(|| {
            open.push(shape);
            next
        })
    }

    fn object(&mut self, shape: &'static Shape, open: &mut Vec<&'static Shape>) {
        let number = self.number(shape, open);
        let mut properties = Map::new();
        self.members(shape, &mut properties, open, &mut BTreeSet::new());
        // Lists of such, at any depth.
        let mut schema = json!({"properties": properties, "items": {"$ref": format!("#/$defs/{number}")}});
        let others = match (shape.others, self.unknown) {
            (Some(is), _) => Some(self.of(is, open)),
            (None, UnknownMembers::Deny) => Some(json!(false)),
            (None, UnknownMembers::Pass) => None,
        };
        if let (Some(others), Some(schema)) = (others, schema.as_object_mut()) {
            schema.insert("additionalProperties".to_owned(), others);
        }
        self.schemas.insert(number.to_string(), schema);
        let name = format!("object-{number}");
        let this = json!({"$ref": format!("#/$defs/{name}")});
        let of = json!({"type": ["object", "array", "null"], "$ref": format!("#/$defs/{number}"), "items": this});
        self.schemas.insert(name, of);
    }

    /// Its own first, as they are read.
    fn members(
        &mut self,
        shape: &'static Shape,
        properties: &mut Map<String, Value>,
        open: &mut Vec<&'static Shape>,
        been: &mut BTreeSet<*const Shape>,
    ) {
        if !been.insert(std::ptr::from_ref(shape)) {
            return;
        }
        for (name, is) in shape.members {
            let names = [Some((*name).to_owned()), shape.in_one_spelling(name)];
            for name in names.into_iter().flatten() {
                if !properties.contains_key(&name) {
                    let schema = self.of(*is, open);
                    properties.insert(name, schema);
                }
            }
        }
        for other in shape.also {
            self.members(other, properties, open, been);
        }
    }
}
