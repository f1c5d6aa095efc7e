//! The addresses that a body names: bytes in a `data:` URL are what they are declared to be, and what somebody else would
//! fetch is on a list of hosts, or refused.

use crate::body::data_url::DataUrl;
use crate::body::media::MediaType;
use crate::policy::Files;
use crate::refusal::{Denial, Reason};
use crate::stream::{File, says, told};
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
        says(Reason::Url, pointer, why.code(), "an address on the list of hosts, or a data URL")
    };
    urls.remote.check(text).map_err(refused)
}

fn data(files: &Files, pointer: &str, text: &str) -> Result<(), Denial> {
    let mut url = DataUrl::new();
    let mut file: Option<Result<File, Denial>> = None;
    let mut failed: Option<Denial> = None;
    let mut each = |media: &MediaType, bytes: &[u8]| {
        let opened = file.get_or_insert_with(|| File::of(&media.essence(), None, files, pointer));
        if let (None, Ok(file)) = (&failed, opened) {
            failed = file.push(bytes, pointer).err();
        }
    };
    let read = url.push(text.as_bytes(), &mut each);
    failed.map_or(Ok(()), Err)?;
    read.map_err(|error| told(Reason::File, pointer, error))?;
    let whole = url.finish().map_err(|error| told(Reason::File, pointer, error))?;
    let file = file.unwrap_or_else(|| File::of(&whole.media.essence(), None, files, pointer));
    file.and_then(|mut file| file.finish(pointer))
}
