//! An API that nobody here knows, as its operator describes it: endpoints, and what stands where in their bodies, by
//! [`self::pointer`].
//!
//! Tables are `&'static` everywhere, and so these are: they are leaked when a path below theirs is looked for first. That
//! is about a hundred bytes for each pointer, for each load of a configuration and each VM, and nothing for a request. The
//! other way is a lifetime, or a count, on every endpoint and every answer that is read.

pub mod pointer;
mod tree;

use std::collections::BTreeMap;

use self::tree::Node;
use super::dialect::Dialect;
use super::dialects::written::{Described, Meaning};
use super::endpoint::Endpoint;
use super::vocabulary::{Operation, Reads};
use crate::config::ConfigError;
use crate::http::path::Template;

/// The most pointers of a body.
const MAX_POINTERS: usize = 256;

/// An endpoint that was found to be right.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) path: String,
    pub(super) method: String,
    operation: Operation,
    reads: Reads,
    request: Node,
    answer: Node,
}

impl Draft {
    /// Checks what was written.
    pub(super) fn of(written: &Described) -> Result<Self, ConfigError> {
        check_path(&written.path).map_err(|expected| ConfigError::new("path", &written.path, expected))?;
        Ok(Self {
            path: written.path.clone(),
            method: method(written)?,
            operation: operation(written.operation)?,
            reads: reads(written)?,
            request: body(&written.request, false).map_err(|error| error.within("request"))?,
            answer: body(&written.answer, true).map_err(|error| error.within("answer"))?,
        })
    }

    /// Whether it leaves nothing of its path to another with this method.
    pub(super) fn takes(&self, method: &str) -> bool {
        self.method == "*" || self.method == method
    }

    /// The endpoint, for good.
    pub(super) fn leak(self) -> &'static Endpoint {
        Box::leak(Box::new(Endpoint {
            dialect: Dialect::Generic,
            method: self.method.leak(),
            path: self.path.leak(),
            operation: self.operation,
            reads: self.reads,
            request: self.request.leak(),
            answer: self.answer.leak(),
        }))
    }
}

/// A path is a template whose captures may end in literal text.
fn check_path(path: &str) -> Result<(), &'static str> {
    let as_template = |segment: &str| match segment.split_once('}') {
        Some((name, rest)) if !rest.is_empty() => format!("{name}}}/x{rest}"),
        _ => segment.to_owned(),
    };
    let template = path.split('/').map(as_template).collect::<Vec<_>>().join("/");
    Template::parse(&template)?;
    if path.matches("{model}").count() > 1 { Err("one {model} in a path") } else { Ok(()) }
}

fn method(written: &Described) -> Result<String, ConfigError> {
    let method = written.method.as_deref().unwrap_or("POST");
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    if method == "*" || is_method {
        return Ok(method.to_owned());
    }
    Err(ConfigError::new("method", method, "a method in upper case such as POST, or *"))
}

/// Messages of a protocol are judged one by one, which needs the protocol's own tables.
fn operation(operation: Operation) -> Result<Operation, ConfigError> {
    match operation {
        Operation::Mcp | Operation::A2a => {
            let expected = "an operation that one request asks for; these have dialects of their own";
            Err(ConfigError::new("operation", operation.word(), expected))
        }
        _ => Ok(operation),
    }
}

fn reads(written: &Described) -> Result<Reads, ConfigError> {
    let has_no_body = matches!(written.method.as_deref(), Some("GET" | "HEAD"));
    let reads = written.reads.unwrap_or(if has_no_body { Reads::Head } else { Reads::Whole });
    if reads != Reads::Whole && !written.request.is_empty() {
        return Err(ConfigError::new("reads", reads.word(), "whole, where request has pointers"));
    }
    Ok(reads)
}

fn body(written: &BTreeMap<String, Meaning>, is_answer: bool) -> Result<Node, ConfigError> {
    if written.len() > MAX_POINTERS {
        return Err(ConfigError::new("", format!("{} pointers", written.len()), "at most 256"));
    }
    let mut places = Vec::new();
    let mut root = Node::default();
    for (text, meaning) in written {
        let fault = |expected| ConfigError::new(text, text, expected);
        let steps = pointer::parse(text).map_err(fault)?;
        if *meaning == Meaning::Again && !is_answer {
            return Err(ConfigError::new(text, meaning.word(), "another meaning: in a request nothing is passed over"));
        }
        root.put(&steps, *meaning).map_err(fault)?;
        places.push((text, steps, meaning));
    }
    let clash = places.iter().find(|(_, steps, _)| root.find(steps).is_some_and(|node| !node.is_sound()));
    match clash {
        None => Ok(root),
        Some((text, _, meaning)) => {
            let expected = "text, plain or url where a pointer goes on: nothing else can be a string or an object";
            Err(ConfigError::new(*text, meaning.word(), expected))
        }
    }
}

#[cfg(test)]
mod tests;
