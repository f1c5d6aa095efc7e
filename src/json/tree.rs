//! A whole document as a `serde_json::Value`, for libraries that want one.
//!
//! Built from the events of the reader, so that it means what everyone else
//! has read; without recursion, and without more memory than was allowed.

use std::mem::size_of;

use serde_json::{Map, Value};

use super::{Error, Event, Fault, Limits, Number, Reader, Token};

/// The document as a tree, if all of it is sound.
///
/// Numbers become `u64`, `i64` or the nearest `f64`, in this order; `-0` stays
/// a negative zero.
///
/// ```
/// use portcullis::json::{Limits, parse};
///
/// let value = parse(br#"{"n": [1, 2.5]}"#, Limits::default()).unwrap();
/// assert_eq!(value["n"][1], 2.5);
///
/// let refused = parse(br#"{"n": 1}{"n": 2}"#, Limits::default()).unwrap_err();
/// assert_eq!(refused.to_string(), "byte 8: expected nothing after the document");
/// ```
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, Error> {
    let mut reader = Reader::new(bytes, limits);
    let mut tree = Tree { root: None, open: Vec::new(), bytes: 0, limit: limits.tree_bytes };
    while let Some(event) = reader.next()? {
        let at = event.span.start;
        tree.add(event).map_err(|fault| fault.at(at))?;
    }
    tree.root.ok_or(Fault::Empty.at(bytes.len()))
}

/// A tree in the making.
struct Tree {
    root: Option<Value>,
    /// The branches that are not finished, outermost first.
    open: Vec<Branch>,
    /// What it takes so far, estimated from above.
    bytes: usize,
    limit: usize,
}

enum Branch {
    Array(Vec<Value>),
    /// The members so far, and the name that waits for its value.
    Object(Map<String, Value>, String),
}

impl Tree {
    fn add(&mut self, event: Event<'_>) -> Result<(), Fault> {
        // A text takes at most what it takes in the document.
        let text_bytes = allocated(event.span.len());
        match event.token {
            Token::ArrayStart => self.open.push(Branch::Array(Vec::new())),
            Token::ObjectStart => self.open.push(Branch::Object(Map::new(), String::new())),
            Token::ArrayEnd | Token::ObjectEnd => {
                let finished = match self.open.pop() {
                    Some(Branch::Array(elements)) => Value::Array(elements),
                    Some(Branch::Object(members, _)) => Value::Object(members),
                    None => Value::Null,
                };
                self.put(finished)?;
            }
            Token::Key(name) => {
                self.charge(text_bytes)?;
                if let Some(Branch::Object(_, waiting)) = self.open.last_mut() {
                    *waiting = name.into_owned();
                }
            }
            Token::String(text) => {
                self.charge(text_bytes)?;
                self.put(Value::String(text.into_owned()))?;
            }
            Token::Number(number) => self.put(to_value(number))?,
            Token::Bool(truth) => self.put(Value::Bool(truth))?,
            Token::Null => self.put(Value::Null)?,
        }
        Ok(())
    }

    /// Hangs a finished value into the innermost branch.
    fn put(&mut self, value: Value) -> Result<(), Fault> {
        self.charge(match self.open.last() {
            // A list begins with four slots, and has up to twice the room it
            // needs once it has grown.
            Some(Branch::Array(elements)) if elements.is_empty() => FIRST_SLOTS,
            Some(Branch::Array(_)) => TWO_SLOTS,
            // A node of the map has room for eleven members, however few it
            // holds. Behind the first each holds five: one node for four
            // members pays for the nodes above them, too.
            Some(Branch::Object(members, _)) if members.len().is_multiple_of(4) => NODE,
            Some(Branch::Object(..)) | None => 0,
        })?;
        match self.open.last_mut() {
            Some(Branch::Array(elements)) => elements.push(value),
            Some(Branch::Object(members, waiting)) => {
                members.insert(std::mem::take(waiting), value);
            }
            None => self.root = Some(value),
        }
        Ok(())
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limit {
            return Err(Fault::TreeTooLarge { limit: self.limit });
        }
        Ok(())
    }
}

fn to_value(number: Number<'_>) -> Value {
    if let Some(natural) = number.as_u64() {
        return Value::from(natural);
    }
    // `-0` is an i64 too, but not a negative one.
    if let Some(negative) = number.as_i64().filter(|n| *n < 0) {
        return Value::from(negative);
    }
    number.as_f64().map_or(Value::Null, Value::from)
}

/// What the allocator takes for so many bytes.
const fn allocated(bytes: usize) -> usize {
    bytes.saturating_add(HEADER)
}

const HEADER: usize = 2 * size_of::<usize>();
const SLOT: usize = size_of::<Value>();
const TWO_SLOTS: usize = 2 * SLOT;
const FIRST_SLOTS: usize = allocated(4 * SLOT);
const NODE: usize = allocated(11 * (size_of::<String>() + SLOT) + 14 * size_of::<usize>());
