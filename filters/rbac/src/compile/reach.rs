//! Whether a rule says anything of requests that are done with a model: one that lets everybody see the list of models
//! makes none of them visible.

use portcullis::ai::endpoint::Endpoint;
use portcullis::select::When as Select;

use super::Written;
use crate::config::What;

/// Whether some documented request that a rule is about is done with a model. A path that no API documents is one if the
/// rule says so, by operations or models: to let everybody ask for `/healthz` makes no model visible.
pub(super) fn is_about_models(rule: &Written) -> bool {
    let operations = rule.what.operations.as_ref();
    let at_path: Vec<_> = Endpoint::all().filter(|endpoint| is_at(&rule.select, endpoint)).collect();
    if at_path.is_empty() {
        return operations.map_or(rule.what.models.is_some(), |words| {
            Endpoint::all().any(|endpoint| endpoint.operation.names_a_model() && has(words, endpoint.operation.word()))
        });
    }
    at_path.into_iter().any(|endpoint| endpoint.operation.names_a_model() && is_asked(&rule.what, endpoint))
}

fn is_asked(what: &What, endpoint: &Endpoint) -> bool {
    what.operations.as_ref().is_none_or(|words| has(words, endpoint.operation.word()))
        && what.dialects.as_ref().is_none_or(|words| has(words, endpoint.dialect.word()))
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|found| found == word)
}

fn is_at(select: &Select, endpoint: &Endpoint) -> bool {
    let methods = select.methods.as_ref();
    methods.is_none_or(|methods| endpoint.method == "*" || has(methods, endpoint.method))
        && select.paths.as_ref().is_none_or(|paths| paths.iter().any(|path| overlaps(path, endpoint.path)))
}

/// Whether some path is both a rule's and an endpoint's.
fn overlaps(template: &str, endpoint: &str) -> bool {
    let mut ours = template.split('/').skip(1);
    let mut theirs = endpoint.split('/').skip(1);
    loop {
        match (ours.next(), theirs.next()) {
            (Some("*"), _) | (_, Some("*")) | (None, None) => return true,
            (Some(our), Some(their)) if is_one_segment(our, their) => {}
            _ => return false,
        }
    }
}

fn is_one_segment(our: &str, their: &str) -> bool {
    let behind = their.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(_, behind)| behind);
    our.starts_with('{') || behind.map_or(our == their, |behind| our.ends_with(behind))
}
