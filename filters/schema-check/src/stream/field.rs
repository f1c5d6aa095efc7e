//! The fields of a form as the object that its schema means (OpenAPI 3.1, "Encoding Object"): texts become what their
//! schema says, and several of one name an array where one belongs.

use crate::policy::Kinds;
use crate::refusal::{Denial, Reason};

use super::says;

/// The JSON of pairs; the values of each are JSON already or a text.
pub(crate) fn of_pairs(kinds: &Kinds, pairs: &[(String, Value)]) -> Result<String, Denial> {
    let mut members: Vec<(&str, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        let name = own_name(kinds, name);
        let json = value.json(kinds, name);
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(json),
            None => members.push((name, vec![json])),
        }
    }
    let written = members.iter().map(|(name, values)| {
        let value = match values.as_slice() {
            _ if is_list(kinds, name) => format!("[{}]", values.join(",")),
            [value] => value.clone(),
            _ => return Err(says(Reason::Form, &pointer(kinds, name), "repeated", "one part of this name")),
        };
        Ok(format!("{}:{value}", serde_json::Value::from(*name)))
    });
    Ok(format!("{{{}}}", written.collect::<Result<Vec<_>, Denial>>()?.join(",")))
}

/// The value of a field.
pub(crate) enum Value {
    Text(String),
    /// JSON, read once and found sound.
    Json(String),
    /// What is no text: to a schema it is a string whose content nobody shows.
    File,
}

impl Value {
    fn json(&self, kinds: &Kinds, name: &str) -> String {
        match self {
            Self::Json(text) => text.clone(),
            Self::File => "\"\"".to_owned(),
            Self::Text(text) => {
                let any = Kinds::default();
                let kinds = kinds.member(name).unwrap_or(&any);
                let kinds = if kinds.is_array() { kinds.item() } else { kinds };
                kinds.values(text).into_iter().next().unwrap_or_else(|| "null".to_owned())
            }
        }
    }
}

fn is_list(kinds: &Kinds, name: &str) -> bool {
    kinds.member(name).is_some_and(Kinds::is_array)
}

/// `image[]` is an element of `image`, as clients of forms write it, where the contract has a list of that name.
fn own_name<'n>(kinds: &Kinds, name: &'n str) -> &'n str {
    let plain = name.strip_suffix("[]").filter(|plain| is_list(kinds, plain));
    plain.filter(|_| !kinds.names().any(|known| known == name)).unwrap_or(name)
}

/// A pointer in which a client's own name does not stand.
pub(super) fn pointer(kinds: &Kinds, name: &str) -> String {
    let is_known = kinds.names().any(|known| known == name);
    if is_known { format!("/{}", name.replace('~', "~0").replace('/', "~1")) } else { "/*".to_owned() }
}
