//! Whether a body is what its contract says: its JSON against a schema, and the addresses in it against a list of hosts.

use crate::body::urlencoded::{Form, Limits, Pair};
use crate::policy::{Content, Files, Policy, Reading, Rule};
use crate::refusal::{Denial, Reason};
use crate::schema::Schemas;
use crate::stream::{Field, Value, object};
use crate::urls;

/// What the bodies of requests are held against.
#[derive(Clone, Copy)]
pub(crate) struct Check<'a> {
    reading: &'a Reading,
    schemas: &'a Schemas,
    files: &'a Files,
}

impl<'a> Check<'a> {
    /// As this rule says.
    pub(crate) fn of(policy: &'a Policy, rule: &'a Rule) -> Self {
        Self { reading: &policy.reading, schemas: &rule.contract.requests, files: &rule.files }
    }

    /// JSON, at `pointer` of the body.
    pub(crate) fn json(self, schema: Option<&str>, text: &[u8], pointer: &str) -> Result<(), Denial> {
        let held = self.reading.hold(self.schemas, schema, text);
        let tree = held.map_err(|unfit| Denial::of(unfit, pointer))?;
        urls::check(&tree, self.files, pointer)
    }

    /// A form without files.
    pub(crate) fn pairs(self, content: &Content, body: &[u8]) -> Result<(), Denial> {
        let mut form = Form::new(Limits::default());
        let mut fields = Vec::new();
        let mut each =
            |pair: Pair<'_>| fields.push(Field::of(&content.kinds, pair.name, Value::Text(pair.value.into())));
        let read = form.push(body, &mut each).and_then(|()| form.finish(&mut each));
        read.map_err(|error| Denial::told(Reason::Form, "", error))?;
        fields.iter().try_for_each(|field| self.field(field))?;
        self.fields(content, &fields)
    }

    /// A field of a form by itself: its JSON, and its addresses.
    pub(crate) fn field(self, field: &Field) -> Result<(), Denial> {
        match &field.value {
            Value::File => Ok(()),
            Value::Text(text) => urls::text(field.last_name(), text, self.files, &field.pointer),
            Value::Json(text) => {
                let held = self.reading.hold(self.schemas, None, text.as_bytes());
                let mut tree = held.map_err(|unfit| Denial::of(unfit, &field.pointer))?;
                tree.call(field.last_name());
                urls::check(&tree, self.files, &field.pointer)
            }
        }
    }

    /// All fields, as the object that they are to the schema.
    pub(crate) fn fields(self, content: &Content, fields: &[Field]) -> Result<(), Denial> {
        let Some(schema) = content.schema.as_deref() else { return Ok(()) };
        let object = object(&content.kinds, fields)?;
        let held = self.reading.hold(self.schemas, Some(schema), object.as_bytes());
        held.map(drop).map_err(|unfit| Denial::of(unfit, "").unplaced())
    }
}
