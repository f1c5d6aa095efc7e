//! The addresses that a body names: bytes in a `data:` URL are what they are declared to be, and what somebody else would
//! fetch is on a list of hosts, or refused.

use crate::body::data_url::DataUrl;
use crate::policy::Files;
use crate::refusal::{Denial, Reason};
use crate::stream::File;
use crate::value::Tree;

/// Looks at every address of a document that stands at `pointer` of a body.
pub(crate) fn check(tree: &Tree<'_>, files: &Files, pointer: &str) -> Result<(), Denial> {
    let Some(urls) = &files.urls else { return Ok(()) };
    let found = tree.members(|name| urls.member(name).is_some());
    let named = found.filter_map(|(name, text)| Some((urls.member(name)?, text)));
    // The name is one that the operator listed, and the path to it would be the client's.
    named.into_iter().try_for_each(|(name, text)| one(files, &format!("{pointer}/…/{name}"), text))
}

/// Looks at a text of this name.
pub(crate) fn text(name: &str, text: &str, files: &Files, pointer: &str) -> Result<(), Denial> {
    let is_address = files.urls.as_ref().is_some_and(|urls| urls.member(name).is_some());
    if is_address { one(files, pointer, text) } else { Ok(()) }
}

fn one(files: &Files, pointer: &str, text: &str) -> Result<(), Denial> {
    let Some(urls) = &files.urls else { return Ok(()) };
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        return data(files, pointer, text);
    }
    let refused = |why: crate::body::remote::Refused| {
        Denial::says(Reason::Url, pointer, why.code(), "an address on the list of hosts, or a data URL")
    };
    urls.remote.check(text).map_err(refused)
}

fn data(files: &Files, pointer: &str, text: &str) -> Result<(), Denial> {
    let unread = |error| Denial::told(Reason::File, pointer, error);
    let url = DataUrl::read(text).map_err(unread)?;
    let mut file = File::of(&url.media.essence(), None, files, pointer)?;
    url.decode(&mut |bytes| file.push(bytes, pointer)).map_err(unread)??;
    file.finish(pointer)
}
