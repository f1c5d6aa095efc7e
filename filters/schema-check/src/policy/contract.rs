//! The operations of a contract and their schemas.

use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::ai::dialects::{Dialects, Target};
use portcullis::ai::endpoint::Endpoint;
use portcullis::http::path::Canonical;

use super::operation::Operation;
use crate::openapi::template::Templates;
use crate::schema::Schemas;

/// A contract.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) operations: Operations,
    /// The schemas of requests.
    pub(crate) requests: Rc<Schemas>,
    /// Those of answers: the same, or others.
    pub(crate) answers: Rc<Schemas>,
}

/// What there is to do.
#[derive(Debug)]
pub(crate) enum Operations {
    /// One thing, whatever the method and path.
    Any(Rc<Operation>),
    /// What these paths and their methods say.
    Of(Templates<Vec<Rc<Operation>>>),
    /// What an AI API has at its paths.
    Api(Api),
}

/// Operations of an AI API, at the paths that it documents and those of the operator.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) dialects: Rc<Dialects>,
    /// By the endpoint of the tables that it is.
    pub(crate) operations: BTreeMap<*const Endpoint, Rc<Operation>>,
}

impl Api {
    fn find(&self, method: &str, path: &Canonical) -> Result<&Rc<Operation>, NoOperation> {
        match self.dialects.find(method, path).target {
            Target::Endpoint(endpoint) => self.operations.get(&std::ptr::from_ref(endpoint)).ok_or(NoOperation::Path),
            Target::OtherMethod(methods) if self.is_at(&methods, path) => Err(NoOperation::Method(methods.join(", "))),
            Target::OtherMethod(_) | Target::Unknown => Err(NoOperation::Path),
        }
    }

    /// Whether one of the operations is there by another method.
    fn is_at(&self, methods: &[&str], path: &Canonical) -> bool {
        methods.iter().any(|method| self.find(method, path).is_ok())
    }
}

/// What stands in the expressions of a path, by name.
type Captures<'c> = Vec<(&'c str, &'c str)>;

/// Why there is no such operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoOperation {
    /// No such path.
    Path,
    /// No such method; these are there.
    Method(String),
}

impl Contract {
    /// The operation of a method and path, with what stands in the path.
    pub(crate) fn find<'c>(
        &'c self,
        method: &str,
        path: &'c Canonical,
    ) -> Result<(Rc<Operation>, Captures<'c>), NoOperation> {
        match &self.operations {
            Operations::Any(operation) => Ok((Rc::clone(operation), Vec::new())),
            Operations::Api(api) => api.find(method, path).map(|operation| (Rc::clone(operation), Vec::new())),
            Operations::Of(templates) => {
                let (operations, captures) = templates.find(path).ok_or(NoOperation::Path)?;
                let named = operations.iter().find(|operation| operation.method == method);
                named
                    .map(|operation| (Rc::clone(operation), captures))
                    .ok_or_else(|| NoOperation::Method(allowed(operations)))
            }
        }
    }
}

/// The value of `allow` (RFC 9110 section 10.2.1).
fn allowed(operations: &[Rc<Operation>]) -> String {
    let mut methods: Vec<&str> = operations.iter().map(|operation| operation.method.as_str()).collect();
    methods.sort_unstable();
    methods.join(", ")
}
