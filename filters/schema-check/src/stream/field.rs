//! The fields of a form as the object that its schema means (OpenAPI 3.1, "Encoding Object"): texts become what their
//! schema says, and several of one name an array where one belongs.

use crate::policy::Kinds;
use crate::refusal::{Denial, Reason};

/// A field of a form.
pub(crate) struct Field {
    name: String,
    /// Where it is in the object; a client's own name does not stand in it.
    pub(crate) pointer: String,
    pub(crate) value: Value,
}

/// The value of a field.
pub(crate) enum Value {
    Text(String),
    /// What is declared to be JSON.
    Json(String),
    /// What is no text: to a schema it is a string whose content nobody shows.
    File,
}

impl Field {
    /// A field of a form whose members are of these kinds.
    pub(crate) fn of(kinds: &Kinds, name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), pointer: pointer(kinds, name), value }
    }

    /// What servers call the value that is `a[b][]` or `a.b` to the form: `b`.
    pub(crate) fn last_name(&self) -> &str {
        let mut segments = self.name.rsplit(['[', ']', '.']);
        let is_name = |segment: &&str| segment.bytes().any(|byte| !byte.is_ascii_digit());
        segments.find(is_name).unwrap_or(&self.name)
    }

    fn json(&self, kinds: &Kinds, name: &str) -> String {
        match &self.value {
            Value::Json(text) => text.clone(),
            Value::File => "\"\"".to_owned(),
            Value::Text(text) => {
                let any = Kinds::default();
                let kinds = kinds.member(name).unwrap_or(&any);
                let kinds = if kinds.is_array() { kinds.item() } else { kinds };
                kinds.values(text).into_iter().next().unwrap_or_else(|| "null".to_owned())
            }
        }
    }
}

/// The JSON of all fields.
pub(crate) fn object(kinds: &Kinds, fields: &[Field]) -> Result<String, Denial> {
    let mut members: Vec<(&str, &Field, Vec<String>)> = Vec::new();
    for field in fields {
        let name = own_name(kinds, &field.name);
        let json = field.json(kinds, name);
        match members.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., values)) => values.push(json),
            None => members.push((name, field, vec![json])),
        }
    }
    let written = members.iter().map(|(name, first, values)| {
        let value = match values.as_slice() {
            _ if is_list(kinds, name) => format!("[{}]", values.join(",")),
            [value] => value.clone(),
            _ => return Err(Denial::says(Reason::Form, &first.pointer, "repeated", "one part of this name")),
        };
        Ok(format!("{}:{value}", serde_json::Value::from(*name)))
    });
    Ok(format!("{{{}}}", written.collect::<Result<Vec<_>, Denial>>()?.join(",")))
}

fn is_list(kinds: &Kinds, name: &str) -> bool {
    kinds.member(name).is_some_and(Kinds::is_array)
}

/// `image[]` is an element of `image`, as clients of forms write it, where the contract has a list of that name.
fn own_name<'n>(kinds: &Kinds, name: &'n str) -> &'n str {
    let plain = name.strip_suffix("[]").filter(|plain| is_list(kinds, plain));
    plain.filter(|_| !kinds.names().any(|known| known == name)).unwrap_or(name)
}

fn pointer(kinds: &Kinds, name: &str) -> String {
    let is_known = kinds.names().any(|known| known == name);
    if is_known { format!("/{}", name.replace('~', "~0").replace('/', "~1")) } else { "/*".to_owned() }
}
