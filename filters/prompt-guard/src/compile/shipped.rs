//! What is looked for where an operator says nothing: shapes that only an attack has and secrets are refused, attacks in plain
//! words and personal data are told.

use std::collections::BTreeMap;

use crate::config::{Action, Detectors, Injection, Pii, Secrets, Shape, Signature};

pub(super) fn detectors() -> Detectors {
    Detectors {
        deny: Vec::new(),
        allow: Vec::new(),
        injection: vec![Injection { from: None, action: Action::Flag, provenances: None }],
        signature: vec![Signature { shapes: None, action: Action::Block, provenances: None }],
        pii: vec![Pii { kinds: None, own: BTreeMap::new(), at_least: 1, action: Action::Flag, provenances: None }],
        secrets: vec![Secrets { kinds: None, action: Action::Block, provenances: None }],
        shape: vec![Shape::default()],
        moderation: None,
    }
}
