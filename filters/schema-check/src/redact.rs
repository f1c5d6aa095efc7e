//! An answer without the members that its contract does not have, so that nothing undeclared leaks (OWASP API3:2023).

use std::borrow::Cow;
use std::collections::BTreeSet;

use portcullis::json::{Error, Limits, Raw, Reader};

use crate::policy::{Reading, Unfit};
use crate::schema::Schemas;
use crate::value::Tree;

/// Cutting a member can show which form of several was meant, and so another member that does not belong there.
const ROUNDS: usize = 4;

/// A body that is not as the schema says, without what is undeclared, if that makes it valid; `None` if it does not.
pub(crate) fn redacted(reading: &Reading, schemas: &Schemas, schema: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut left = Cow::Borrowed(body);
    for _ in 0..ROUNDS {
        let names = undeclared(reading, schemas, schema, &left)?;
        left = Cow::Owned(without(&left, &names, reading.limits).ok()?);
        match reading.hold(schemas, Some(schema), &left).map(drop) {
            Ok(()) => return Some(left.into_owned()),
            Err(Unfit::Schema(_)) => {}
            Err(_) => return None,
        }
    }
    None
}

fn undeclared(reading: &Reading, schemas: &Schemas, schema: &str, body: &[u8]) -> Option<BTreeSet<usize>> {
    let mut tree = Tree::read(body, reading.limits).ok()?;
    schemas.put(&mut tree, schema, body.len());
    schemas.undeclared(&tree)
}

/// A document without the members whose names begin at these bytes.
fn without(body: &[u8], names: &BTreeSet<usize>, limits: Limits) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(body, limits);
    let mut out = Vec::with_capacity(body.len());
    while let Some(token) = reader.next_raw()? {
        let span = reader.span();
        if matches!(token, Raw::Key(_)) && names.contains(&span.start) {
            reader.skip_value()?;
            continue;
        }
        if !matches!(token, Raw::ObjectEnd | Raw::ArrayEnd) && !matches!(out.last(), None | Some(b'{' | b'[' | b':')) {
            out.push(b',');
        }
        out.extend_from_slice(body.get(span).unwrap_or_default());
        if matches!(token, Raw::Key(_)) {
            out.push(b':');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_cut_by_where_their_names_begin() {
        let body = br#" {"a" : 1, "b": [{"c": "{:,["}, "x"], "d": {"e": 2}} "#;
        let at = |name: &[u8]| body.windows(name.len()).position(|window| window == name).unwrap();
        let cut = |names: &[&[u8]]| {
            let names = names.iter().map(|name| at(name)).collect();
            String::from_utf8(without(body, &names, Limits::default()).unwrap()).unwrap()
        };
        assert_eq!(cut(&[]), r#"{"a":1,"b":[{"c":"{:,["},"x"],"d":{"e":2}}"#);
        assert_eq!(cut(&[b"\"a\""]), r#"{"b":[{"c":"{:,["},"x"],"d":{"e":2}}"#);
        assert_eq!(cut(&[b"\"c\"", b"\"d\""]), r#"{"a":1,"b":[{},"x"]}"#);
        assert_eq!(cut(&[b"\"a\"", b"\"b\"", b"\"d\""]), "{}");
    }
}
